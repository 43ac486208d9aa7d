//! The routes of the roll on the staff port: the commission's alone. A search goes in a body, so that no name stands in an address.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tachiai_schemas::refusal::Problem;
use tachiai_schemas::roll::case::{ChangeView, Decision, Objection, ObjectionView, RollFound, RollOverview, RollPreview, RollRequest, RollSearch};
use tachiai_schemas::staff::{Role, RollReport, Shown};
use tachiai_schemas::{ElectionId, HashBytes};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Ordered;
use crate::acts::Requests;
use crate::election::Elections;
use crate::http::limits;
use crate::http::{JsonBody, Official, PathOf, QueryOf, RawBody};
use crate::refused::Refused;

/// What the routes need.
#[derive(Clone)]
struct Room {
    elections: Arc<Elections>,
    requests: Arc<dyn Requests>,
}

type App = State<Room>;
type Answer<T> = Result<Json<T>, Refused>;

/// The routes; `requests` finds the second official.
pub fn routes_staff(elections: Arc<Elections>, requests: Arc<dyn Requests>) -> OpenApiRouter {
    let files = OpenApiRouter::new().routes(routes!(overview, import)).routes(routes!(preview)).layer(limits::body(limits::ROLL_BODY));
    OpenApiRouter::new()
        .routes(routes!(find))
        .routes(routes!(change))
        .routes(routes!(object))
        .routes(routes!(decide))
        .routes(routes!(csv))
        .merge(files)
        .with_state(Room { elections, requests })
}

fn commission(official: &Official) -> Result<(), Refused> {
    official.require(&[Role::Commission])
}

#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Replaces {
    /// What the preview named: the import replaces no other roll.
    replaces: Option<HashBytes>,
}

/// The roll at a glance: how many electors, who may not vote and why, objections and changes. The private journal keeps who looked and whom the answer showed.
#[utoipa::path(get, path = "/elections/{id}/roll", tag = "roll", params(("id" = ElectionId, Path)), security(("certificate" = [])), responses((status = 200, body = RollOverview), (status = "4XX", body = Problem)))]
async fn overview(State(room): App, official: Official, PathOf(id): PathOf<ElectionId>) -> Answer<RollOverview> {
    commission(&official)?;
    room.elections.get(id)?.read_overview(&official.name).await.map(Json)
}

/// Imports the roll: CSV in UTF-8 or Shift_JIS. With errors the report comes with status 422 and nothing is imported.
#[utoipa::path(post, path = "/elections/{id}/roll", tag = "roll", params(("id" = ElectionId, Path), Replaces), security(("certificate" = [])), request_body(content = String, content_type = "text/csv"), responses((status = 200, body = RollReport), (status = 422, body = RollReport), (status = "4XX", body = Problem)))]
async fn import(
    State(room): App,
    official: Official,
    PathOf(id): PathOf<ElectionId>,
    QueryOf(Replaces { replaces }): QueryOf<Replaces>,
    RawBody(csv): RawBody,
) -> Result<Response, Refused> {
    commission(&official)?;
    let report = room.elections.get(id)?.replace_roll(&official.name, csv.to_vec(), replaces.map(|replaces| replaces.hash())).await?;
    let status = if report.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, Json(report)).into_response())
}

/// What an import would change of the roll that is here; nothing is imported.
#[utoipa::path(post, path = "/elections/{id}/roll/preview", tag = "roll", params(("id" = ElectionId, Path)), security(("certificate" = [])), request_body(content = String, content_type = "text/csv"), responses((status = 200, body = RollPreview), (status = "4XX", body = Problem)))]
async fn preview(State(room): App, official: Official, PathOf(id): PathOf<ElectionId>, RawBody(csv): RawBody) -> Answer<RollPreview> {
    commission(&official)?;
    room.elections.get(id)?.preview_roll(csv.to_vec()).await.map(Json)
}

/// Looks for people on the roll. The private journal keeps who looked and whom the answer showed.
#[utoipa::path(post, path = "/elections/{id}/roll/search", tag = "roll", params(("id" = ElectionId, Path)), security(("certificate" = [])), request_body = RollSearch, responses((status = 200, body = RollFound), (status = "4XX", body = Problem)))]
async fn find(State(room): App, official: Official, PathOf(id): PathOf<ElectionId>, JsonBody { value, .. }: JsonBody<RollSearch>) -> Answer<RollFound> {
    commission(&official)?;
    room.elections.get(id)?.search_roll(&official.name, value).await.map(Json)
}

/// Changes the roll. Address, kana and what changes nobody's right to vote are corrected at once; where somebody is added, struck or restored, and for name,
/// birth, sex, district and protection, another official has to approve it (status 202).
#[utoipa::path(post, path = "/elections/{id}/roll/changes", tag = "roll", params(("id" = ElectionId, Path)), security(("certificate" = [])), request_body = RollRequest, responses((status = 200, body = ChangeView), (status = 202, body = Shown), (status = "4XX", body = Problem)))]
async fn change(
    State(room): App,
    official: Official,
    PathOf(id): PathOf<ElectionId>,
    JsonBody { value, .. }: JsonBody<RollRequest>,
) -> Result<Response, Refused> {
    commission(&official)?;
    match room.elections.get(id)?.order_change(&official.name, value).await? {
        Ordered::Done(view) => Ok(Json(view).into_response()),
        Ordered::Asked(matter, case) => {
            let pending = room.requests.ask(official.name, matter).await?;
            Ok((StatusCode::ACCEPTED, Json(Shown { roll: Some(case), ..Shown::from(pending) })).into_response())
        }
    }
}

/// Receives an objection to the roll (Act article 24).
#[utoipa::path(post, path = "/elections/{id}/roll/objections", tag = "roll", params(("id" = ElectionId, Path)), security(("certificate" = [])), request_body = Objection, responses((status = 200, body = ObjectionView), (status = "4XX", body = Problem)))]
async fn object(State(room): App, official: Official, PathOf(id): PathOf<ElectionId>, JsonBody { value, .. }: JsonBody<Objection>) -> Answer<ObjectionView> {
    commission(&official)?;
    room.elections.get(id)?.receive_objection(&official.name, value).await.map(Json)
}

/// Records the commission's decision on an objection. The same again changes nothing.
#[utoipa::path(post, path = "/elections/{id}/roll/objections/{number}/decision", tag = "roll", params(("id" = ElectionId, Path), ("number" = u32, Path)), security(("certificate" = [])), request_body = Decision, responses((status = 200, body = ObjectionView), (status = "4XX", body = Problem)))]
async fn decide(
    State(room): App,
    official: Official,
    PathOf((id, number)): PathOf<(ElectionId, u32)>,
    JsonBody { value, .. }: JsonBody<Decision>,
) -> Answer<ObjectionView> {
    commission(&official)?;
    room.elections.get(id)?.decide_objection(&official.name, number, value).await.map(Json)
}

/// The roll as CSV, with every correction before the opening. The private journal keeps who took it away.
#[utoipa::path(get, path = "/elections/{id}/roll.csv", tag = "roll", params(("id" = ElectionId, Path)), security(("certificate" = [])), responses((status = 200, body = String, content_type = "text/csv"), (status = "4XX", body = Problem)))]
async fn csv(State(room): App, official: Official, PathOf(id): PathOf<ElectionId>) -> Result<Response, Refused> {
    commission(&official)?;
    let text = room.elections.get(id)?.export_roll(&official.name).await?;
    tracing::info!(election = %id, by = official.name, "the roll is taken away");
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], text).into_response())
}
