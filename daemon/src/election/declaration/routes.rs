//! The routes of declarations: on the public port with the session of the elector's card, on the staff port the list of them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use tachiai_schemas::ElectionId;
use tachiai_schemas::declaration::{DeclarationList, DeclarationRequest, DeclarationView};
use tachiai_schemas::refusal::Problem;
use tachiai_schemas::staff::Role;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Naming;
use crate::election::Elections;
use crate::http::{Holder, JsonBody, Official, PathOf, QueryOf, RawBody};
use crate::refused::Refused;

type App = State<Arc<Elections>>;
type Answer<T> = Result<Json<T>, Refused>;

/// The routes.
pub fn routes_public(elections: Arc<Elections>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(own, file)).routes(routes!(withdraw)).with_state(elections)
}

/// The routes of the staff port.
pub fn routes_staff() -> OpenApiRouter<Arc<Elections>> {
    OpenApiRouter::new().routes(routes!(list))
}

#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct After {
    /// What the answer before named as `next`.
    after: Option<u64>,
}

/// The declarations for early voting: to the commission with who filed them, which the private journal keeps as a look, to an auditor only how many by day and reason.
#[utoipa::path(get, path = "/elections/{id}/declarations", tag = "commission", params(("id" = ElectionId, Path), After), security(("certificate" = [])), responses((status = 200, body = DeclarationList), (status = "4XX", body = Problem)))]
async fn list(State(elections): App, official: Official, PathOf(id): PathOf<ElectionId>, QueryOf(After { after }): QueryOf<After>) -> Answer<DeclarationList> {
    official.require(&[Role::Commission, Role::Auditor])?;
    let naming = if official.role == Role::Commission { Naming::Named } else { Naming::Unnamed };
    elections.get(id)?.list_declarations(&official.name, naming, after).await.map(Json)
}

/// The declaration for early voting of the citizen who is logged in.
#[utoipa::path(get, path = "/elections/{id}/declaration", tag = "vote", params(("id" = ElectionId, Path)), security(("session" = [])), responses((status = 200, body = DeclarationView), (status = "4XX", body = Problem)))]
async fn own(State(elections): App, PathOf(id): PathOf<ElectionId>, holder: Holder) -> Answer<DeclarationView> {
    elections.get(id)?.own_declaration(&holder).map(Json)
}

/// Files a declaration for early voting (期日前投票宣誓書). Filing again replaces it until a paper was handed out on it.
#[utoipa::path(post, path = "/elections/{id}/declaration", tag = "vote", params(("id" = ElectionId, Path)), security(("session" = [])), request_body = DeclarationRequest, responses((status = 200, body = DeclarationView), (status = "4XX", body = Problem)))]
async fn file(
    State(elections): App,
    PathOf(id): PathOf<ElectionId>,
    holder: Holder,
    JsonBody { value, .. }: JsonBody<DeclarationRequest>,
) -> Answer<DeclarationView> {
    elections.get(id)?.file_declaration(&holder, &value).await.map(Json)
}

/// Takes a declaration back that was not used.
#[utoipa::path(post, path = "/elections/{id}/declaration/withdrawal", tag = "vote", params(("id" = ElectionId, Path)), security(("session" = [])), responses((status = 200, body = DeclarationView), (status = "4XX", body = Problem)))]
async fn withdraw(State(elections): App, PathOf(id): PathOf<ElectionId>, holder: Holder, _read: RawBody) -> Answer<DeclarationView> {
    elections.get(id)?.withdraw_declaration(&holder).await.map(Json)
}
