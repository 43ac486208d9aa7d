//! The routes of questionnaires: on the public port for everybody and for whoever is logged in, on the staff port for desks.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use tachiai_schemas::refusal::Problem;
use tachiai_schemas::roster::{ChainId, EventId};
use tachiai_schemas::shelter::PersonDone;
use tachiai_schemas::shelter::overview::{QuestionnaireOf, Urgent};
use tachiai_schemas::shelter::questionnaire::{Answers, Definition, Filled, Kept, Name};
use tachiai_schemas::staff::Role;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::{Holder, JsonBody, Official, PathOf, RawBody, limits};
use crate::refused::Refused;
use crate::shelter::register::Register;
use crate::shelter::routes::sight;
use crate::shelter::{Shelters, offload};

/// The longest answers in bytes.
const ANSWERS_BODY: usize = 64 << 10;

type App = State<Arc<Register>>;
type Desk = State<Arc<Shelters>>;
type Answer<T> = Result<Json<T>, Refused>;

/// The routes of the public port.
pub fn routes_public(register: Arc<Register>) -> OpenApiRouter {
    let answers = OpenApiRouter::new().routes(routes!(own, fill)).layer(limits::body(ANSWERS_BODY));
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(one)).merge(answers).with_state(register)
}

/// The routes of the staff port.
pub fn routes_staff(shelters: Arc<Shelters>) -> OpenApiRouter {
    let answers = OpenApiRouter::new().routes(routes!(of_person, fill_at_desk)).layer(limits::body(ANSWERS_BODY));
    OpenApiRouter::new().routes(routes!(link)).routes(routes!(urgency)).merge(answers).with_state(shelters)
}

/// Every questionnaire, in its newest version.
#[utoipa::path(get, path = "/questionnaires", tag = "shelter", responses((status = 200, body = Vec<Definition>)))]
async fn list(State(register): App) -> Json<Vec<Definition>> {
    Json(register.definitions().to_vec())
}

/// One questionnaire.
#[utoipa::path(get, path = "/questionnaires/{questionnaire}", tag = "shelter", params(("questionnaire" = Name, Path)), responses((status = 200, body = Definition), (status = 404, body = Problem)))]
async fn one(State(register): App, PathOf(name): PathOf<Name>) -> Answer<Definition> {
    register.definition(&name).map(Json)
}

/// What the citizen who is logged in filled in last.
#[utoipa::path(get, path = "/questionnaires/{questionnaire}/answers", tag = "shelter", params(("questionnaire" = Name, Path)), security(("session" = [])), responses((status = 200, body = Filled), (status = "4XX", body = Problem)))]
async fn own(State(register): App, PathOf(name): PathOf<Name>, holder: Holder) -> Answer<Filled> {
    offload(move || register.own(&holder, &name)).await.map(Json)
}

/// Keeps the answers of the citizen who is logged in, sealed; they take the place of those before.
#[utoipa::path(post, path = "/questionnaires/{questionnaire}/answers", tag = "shelter", params(("questionnaire" = Name, Path)), security(("session" = [])), request_body = Answers, responses((status = 200, body = Kept), (status = "4XX", body = Problem)))]
async fn fill(State(register): App, PathOf(name): PathOf<Name>, holder: Holder, JsonBody { value, .. }: JsonBody<Answers>) -> Answer<Kept> {
    register.fill_own(&holder, &name, value).await.map(Json)
}

/// What somebody in the roster filled in last, at a desk or at home. That it was read is recorded, and the person is told.
#[utoipa::path(get, path = "/shelter/events/{event}/people/{chain}/questionnaire", tag = "shelter", params(("event" = EventId, Path), ("chain" = ChainId, Path)), security(("certificate" = [])), responses((status = 200, body = QuestionnaireOf), (status = "4XX", body = Problem)))]
async fn of_person(State(shelters): Desk, official: Official, PathOf((event, chain)): PathOf<(EventId, ChainId)>) -> Answer<QuestionnaireOf> {
    let sight = sight(&official)?;
    shelters.get(event)?.read_questionnaire(&official.name, sight, chain).await.map(Json)
}

/// Keeps answers that staff fill in for somebody in the roster, sealed.
#[utoipa::path(post, path = "/shelter/events/{event}/people/{chain}/questionnaire", tag = "shelter", params(("event" = EventId, Path), ("chain" = ChainId, Path)), security(("certificate" = [])), request_body = Answers, responses((status = 200, body = Kept), (status = "4XX", body = Problem)))]
async fn fill_at_desk(
    State(shelters): Desk,
    official: Official,
    PathOf((event, chain)): PathOf<(EventId, ChainId)>,
    JsonBody { value, .. }: JsonBody<Answers>,
) -> Answer<Kept> {
    let sight = sight(&official)?;
    shelters.get(event)?.fill_at_desk(&official.name, sight, chain, value).await.map(Json)
}

/// Who has an urgency, the worst first, over all shelters: for the headquarters. Who was shown is recorded; of people under protection no more than the handle is told.
#[utoipa::path(get, path = "/shelter/events/{event}/urgency", tag = "shelter", params(("event" = EventId, Path)), security(("certificate" = [])), responses((status = 200, body = Vec<Urgent>), (status = "4XX", body = Problem)))]
async fn urgency(State(shelters): Desk, official: Official, PathOf(event): PathOf<EventId>) -> Answer<Vec<Urgent>> {
    official.require(&[Role::Headquarters])?;
    shelters.get(event)?.by_urgency(&official.name).await.map(Json)
}

/// Has the roster name what somebody filled in last, with its urgency.
#[utoipa::path(post, path = "/shelter/events/{event}/people/{chain}/questionnaire/link", tag = "shelter", params(("event" = EventId, Path), ("chain" = ChainId, Path)), security(("certificate" = [])), responses((status = 200, body = PersonDone), (status = "4XX", body = Problem)))]
async fn link(State(shelters): Desk, official: Official, PathOf((event, chain)): PathOf<(EventId, ChainId)>, _read: RawBody) -> Answer<PersonDone> {
    let sight = sight(&official)?;
    shelters.get(event)?.link_questionnaire(&official.name, sight, chain).await.map(Json)
}
