//! The routes of declarations on the public port: each with the session of the elector's card.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use tachiai_schemas::ElectionId;
use tachiai_schemas::declaration::{DeclarationRequest, DeclarationView};
use tachiai_schemas::refusal::Problem;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::election::Elections;
use crate::http::{Holder, JsonBody, PathOf, RawBody};
use crate::refused::Refused;

type App = State<Arc<Elections>>;
type Answer<T> = Result<Json<T>, Refused>;

/// The routes.
pub fn routes_public(elections: Arc<Elections>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(own, file)).routes(routes!(withdraw)).with_state(elections)
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
