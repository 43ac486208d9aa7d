//! The routes of polling desks, on the staff port. Whoever looks, hands out or closes is of a polling place or of the commission.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tachiai_schemas::desk::envelope::{AsideListed, SetAside};
use tachiai_schemas::desk::{AbsenteeListed, AbsenteeReceived, AbsenteeRequest, AbsenteeStands, DayView, LookFor, Looked, Prepare, Prepared, Search};
use tachiai_schemas::paper::{Attested, DayClose, PaperIssue, PaperUndo};
use tachiai_schemas::receipt::Receipt;
use tachiai_schemas::refusal::Problem;
use tachiai_schemas::staff::{Pending, Role};
use tachiai_schemas::trustee::Signed;
use tachiai_schemas::{ElectionId, HashBytes};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::attended::Looking;
use super::prepare::Preparing;
use crate::acts::Requests;
use crate::election::Elections;
use crate::http::{JsonBody, Official, PathOf};
use crate::refused::Refused;

/// The elections, and who asks for a second official.
#[derive(Clone)]
struct Desks {
    elections: Arc<Elections>,
    requests: Arc<dyn Requests>,
}

type App = State<Desks>;
type Answer<T> = Result<Json<T>, Refused>;

/// The routes, relative to the base.
pub fn routes_staff(elections: Arc<Elections>, requests: Arc<dyn Requests>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(look))
        .routes(routes!(attended))
        .routes(routes!(prepare))
        .routes(routes!(hand_out))
        .routes(routes!(recorded))
        .routes(routes!(undo))
        .routes(routes!(day))
        .routes(routes!(close_day))
        .routes(routes!(envelopes, set_aside))
        .routes(routes!(absentee, request_absentee))
        .routes(routes!(receive_absentee))
        .with_state(Desks { elections, requests })
}

fn at_desk(official: &Official) -> Result<(), Refused> {
    official.require(&[Role::Poll, Role::Commission])
}

/// Looks somebody up, by card or by search; every look-up is noted.
#[utoipa::path(post, path = "/elections/{id}/desk/look", tag = "poll", params(("id" = ElectionId, Path)), security(("certificate" = [])), request_body = LookFor, responses((status = 200, body = Looked), (status = "4XX", body = Problem)))]
async fn look(State(desks): App, official: Official, PathOf(id): PathOf<ElectionId>, JsonBody { value, .. }: JsonBody<LookFor>) -> Answer<Looked> {
    at_desk(&official)?;
    desks.elections.get(id)?.look(&official.name, &value).await.map(Json)
}

/// Looks somebody up whom two officials know, also who is under protection; until the second one agreed, the answer has status 202.
#[utoipa::path(post, path = "/elections/{id}/desk/attended", tag = "poll", params(("id" = ElectionId, Path)), security(("certificate" = [])), request_body = Search, responses((status = 200, body = Looked), (status = 202, body = Pending), (status = "4XX", body = Problem)))]
async fn attended(
    State(desks): App,
    official: Official,
    PathOf(id): PathOf<ElectionId>,
    JsonBody { value, .. }: JsonBody<Search>,
) -> Result<Response, Refused> {
    at_desk(&official)?;
    match desks.elections.get(id)?.look_attended(&official.name, &value).await? {
        Looking::Found(looked) => Ok(Json(looked).into_response()),
        Looking::Ask(matter) => Ok((StatusCode::ACCEPTED, Json(desks.requests.ask(official.name, matter).await?)).into_response()),
    }
}

/// Prepares a hand-out: by card at once; by name with a second official, until whom the answer has status 202.
#[utoipa::path(post, path = "/elections/{id}/papers/prepare", tag = "poll", params(("id" = ElectionId, Path)), security(("certificate" = [])), request_body = Prepare, responses((status = 200, body = Prepared), (status = 202, body = Pending), (status = "4XX", body = Problem)))]
async fn prepare(
    State(desks): App,
    official: Official,
    PathOf(id): PathOf<ElectionId>,
    JsonBody { value, .. }: JsonBody<Prepare>,
) -> Result<Response, Refused> {
    at_desk(&official)?;
    match desks.elections.get(id)?.prepare(&official.name, value).await? {
        Preparing::Ready(prepared) => Ok(Json(prepared).into_response()),
        Preparing::Ask(matter) => Ok((StatusCode::ACCEPTED, Json(desks.requests.ask(official.name, matter).await?)).into_response()),
    }
}

/// Records a hand-out. The same again gets the receipt of the same leaf.
#[utoipa::path(post, path = "/elections/{id}/papers", tag = "poll", params(("id" = ElectionId, Path)), security(("certificate" = [])), request_body = Signed<PaperIssue>, responses((status = 200, body = Receipt), (status = "4XX", body = Problem)))]
async fn hand_out(
    State(desks): App,
    official: Official,
    PathOf(id): PathOf<ElectionId>,
    JsonBody { value, .. }: JsonBody<Signed<PaperIssue>>,
) -> Answer<Receipt> {
    at_desk(&official)?;
    desks.elections.get(id)?.hand_out(value).await.map(Json)
}

/// The receipt of the hand-out with this evidence, by its hash, for a desk that does not know whether it was recorded.
#[utoipa::path(get, path = "/elections/{id}/papers/{evidence}", tag = "poll", params(("id" = ElectionId, Path), ("evidence" = HashBytes, Path)), security(("certificate" = [])), responses((status = 200, body = Receipt), (status = 404, body = Problem)))]
async fn recorded(State(desks): App, official: Official, PathOf((id, evidence)): PathOf<(ElectionId, HashBytes)>) -> Answer<Receipt> {
    at_desk(&official)?;
    desks.elections.get(id)?.hand_out_with(&evidence).map(Json)
}

/// Undoes a hand-out, signed by the manager and a witness of its place.
#[utoipa::path(post, path = "/elections/{id}/papers/undo", tag = "poll", params(("id" = ElectionId, Path)), security(("certificate" = [])), request_body = Attested<PaperUndo>, responses((status = 200, body = Receipt), (status = "4XX", body = Problem)))]
async fn undo(State(desks): App, official: Official, PathOf(id): PathOf<ElectionId>, JsonBody { value, .. }: JsonBody<Attested<PaperUndo>>) -> Answer<Receipt> {
    at_desk(&official)?;
    desks.elections.get(id)?.undo_paper(value).await.map(Json)
}

/// What a day of a place stands at, with a draft of its close.
#[utoipa::path(get, path = "/elections/{id}/places/{place}/sessions/{session}", tag = "poll", params(("id" = ElectionId, Path), ("place" = u16, Path), ("session" = u16, Path)), security(("certificate" = [])), responses((status = 200, body = DayView), (status = "4XX", body = Problem)))]
async fn day(State(desks): App, official: Official, PathOf((id, place, session)): PathOf<(ElectionId, u16, u16)>) -> Answer<DayView> {
    official.require(&[Role::Poll, Role::Commission, Role::Auditor])?;
    desks.elections.get(id)?.day_view(place, session).map(Json)
}

/// Closes a day of a place, signed by its manager and two witnesses.
#[utoipa::path(post, path = "/elections/{id}/day-close", tag = "poll", params(("id" = ElectionId, Path)), security(("certificate" = [])), request_body = Attested<DayClose>, responses((status = 200, body = Receipt), (status = "4XX", body = Problem)))]
async fn close_day(
    State(desks): App,
    official: Official,
    PathOf(id): PathOf<ElectionId>,
    JsonBody { value, .. }: JsonBody<Attested<DayClose>>,
) -> Answer<Receipt> {
    at_desk(&official)?;
    desks.elections.get(id)?.close_day(value).await.map(Json)
}

/// Keeps that an envelope was set aside, signed by the manager and a witness of its place. The same again changes nothing.
#[utoipa::path(post, path = "/elections/{id}/envelopes", tag = "poll", params(("id" = ElectionId, Path)), security(("certificate" = [])), request_body = SetAside, responses((status = 204), (status = "4XX", body = Problem)))]
async fn set_aside(
    State(desks): App,
    official: Official,
    PathOf(id): PathOf<ElectionId>,
    JsonBody { value, .. }: JsonBody<SetAside>,
) -> Result<StatusCode, Refused> {
    at_desk(&official)?;
    desks.elections.get(id)?.set_aside(&official.name, value).await.map(|()| StatusCode::NO_CONTENT)
}

/// The envelopes that were set aside: whose they are, why, and who signed. The private journal keeps who read it.
#[utoipa::path(get, path = "/elections/{id}/envelopes", tag = "poll", params(("id" = ElectionId, Path)), security(("certificate" = [])), responses((status = 200, body = Vec<AsideListed>), (status = "4XX", body = Problem)))]
async fn envelopes(State(desks): App, official: Official, PathOf(id): PathOf<ElectionId>) -> Answer<Vec<AsideListed>> {
    official.require(&[Role::Commission])?;
    desks.elections.get(id)?.list_aside(&official.name).await.map(Json)
}

/// Everybody who asked for absentee papers.
#[utoipa::path(get, path = "/elections/{id}/absentee", tag = "poll", params(("id" = ElectionId, Path)), security(("certificate" = [])), responses((status = 200, body = Vec<AbsenteeListed>), (status = "4XX", body = Problem)))]
async fn absentee(State(desks): App, official: Official, PathOf(id): PathOf<ElectionId>) -> Answer<Vec<AbsenteeListed>> {
    at_desk(&official)?;
    desks.elections.get(id)?.list_absentee(&official.name).await.map(Json)
}

/// Notes that somebody asked for absentee papers.
#[utoipa::path(post, path = "/elections/{id}/absentee", tag = "poll", params(("id" = ElectionId, Path)), security(("certificate" = [])), request_body = AbsenteeRequest, responses((status = 200, body = AbsenteeStands), (status = "4XX", body = Problem)))]
async fn request_absentee(
    State(desks): App,
    official: Official,
    PathOf(id): PathOf<ElectionId>,
    JsonBody { value, .. }: JsonBody<AbsenteeRequest>,
) -> Answer<AbsenteeStands> {
    at_desk(&official)?;
    desks.elections.get(id)?.request_absentee(&official.name, value).await.map(Json)
}

/// Notes that absentee papers came back.
#[utoipa::path(post, path = "/elections/{id}/absentee/received", tag = "poll", params(("id" = ElectionId, Path)), security(("certificate" = [])), request_body = AbsenteeReceived, responses((status = 200, body = AbsenteeStands), (status = "4XX", body = Problem)))]
async fn receive_absentee(
    State(desks): App,
    official: Official,
    PathOf(id): PathOf<ElectionId>,
    JsonBody { value, .. }: JsonBody<AbsenteeReceived>,
) -> Answer<AbsenteeStands> {
    at_desk(&official)?;
    desks.elections.get(id)?.receive_absentee(&official.name, value).await.map(Json)
}
