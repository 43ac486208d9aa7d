//! The routes of shelters, on the staff port. The headquarters declare, admit, link and close; a reception hands in, looks up and enters people.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tachiai_schemas::receipt::ProvenEntry;
use tachiai_schemas::refusal::Problem;
use tachiai_schemas::roster::hand_in::{HandInAnswer, News, SignedHandIn};
use tachiai_schemas::roster::own::{OwnEntry, OwnEntryOf};
use tachiai_schemas::roster::{ChainId, EventId, ShelterState, TerminalId};
use tachiai_schemas::shelter::case::{AsideOpened, AsideRequest, CloseRequest, EraseRequest, Outstanding};
use tachiai_schemas::shelter::{
    AsideView, Duplicates, EventAsked, EventSpec, EventSummary, EventView, Inquiry, InquiryAnswer, LinkRequest, PeopleFound, PeopleSearch, PersonAct,
    PersonDone, PersonView, ShelterView, StatementMade, TerminalRequest, TerminalView, Way,
};
use tachiai_schemas::staff::{Matter, Pending, Role};
use tachiai_schemas::{HashBytes, InPlaceOf};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::people::Sight;
use super::{Shelters, decide, hand_in, offload};
use crate::acts::Requests;
use crate::http::limits;
use crate::http::{Holder, JsonBody, Official, PathOf, QueryOf};
use crate::refused::Refused;

/// The longest body in bytes where a person or a shelter is described.
const RECORD_BODY: usize = 128 << 10;

/// The events, and who asks for a second official.
#[derive(Clone)]
struct Desk {
    shelters: Arc<Shelters>,
    requests: Arc<dyn Requests>,
}

type App = State<Desk>;
type Answer<T> = Result<Json<T>, Refused>;

/// The routes of the public port, relative to the base.
pub fn routes_public(shelters: Arc<Shelters>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(own_entries)).with_state(shelters)
}

/// What stands in the rosters about the citizen who is logged in: the latest entry of each event with its opening, to be checked offline
#[utoipa::path(get, path = "/own-entries", tag = "shelter", security(("session" = [])), responses((status = 200, body = Vec<OwnEntryOf>), (status = "4XX", body = Problem)))]
async fn own_entries(State(shelters): State<Arc<Shelters>>, holder: Holder) -> Answer<Vec<OwnEntryOf>> {
    shelters.own_entries(holder.citizen).await.map(Json)
}

/// The routes, relative to the base.
pub fn routes_staff(shelters: Arc<Shelters>, requests: Arc<dyn Requests>) -> OpenApiRouter {
    let hand_ins = OpenApiRouter::new().routes(routes!(take_hand_in)).layer(limits::body(hand_in::BODY));
    let records = OpenApiRouter::new().routes(routes!(write_person)).routes(routes!(set_shelter)).layer(limits::body(RECORD_BODY));
    OpenApiRouter::new()
        .routes(routes!(list, declare))
        .routes(routes!(event))
        .routes(routes!(close))
        .routes(routes!(admit))
        .routes(routes!(ask_admission))
        .routes(routes!(revoke))
        .routes(routes!(pack))
        .routes(routes!(news))
        .routes(routes!(aside, ask_aside))
        .routes(routes!(open_aside))
        .routes(routes!(outstanding))
        .routes(routes!(proof))
        .routes(routes!(person))
        .routes(routes!(handle))
        .routes(routes!(search))
        .routes(routes!(conflicts))
        .routes(routes!(duplicates))
        .routes(routes!(ask_link))
        .routes(routes!(ask_erase))
        .routes(routes!(statements, state))
        .routes(routes!(statement_file))
        .routes(routes!(own_entry))
        .routes(routes!(inquire))
        .merge(hand_ins)
        .merge(records)
        .with_state(Desk { shelters, requests })
}

fn headquarters(official: &Official) -> Result<(), Refused> {
    official.require(&[Role::Headquarters])
}

fn shelter_staff(official: &Official) -> Result<(), Refused> {
    official.require(&[Role::Headquarters, Role::Reception])
}

/// Whom an official may look at.
///
/// # Errors
/// [`tachiai_schemas::Refusal::Forbidden`] if it is neither the headquarters nor a reception.
pub fn sight(official: &Official) -> Result<Sight, Refused> {
    shelter_staff(official)?;
    Ok(if official.role == Role::Headquarters { Sight::All } else { Sight::Open })
}

/// Every statement of an event.
#[utoipa::path(get, path = "/shelter/events/{event}/statements", tag = "shelter", params(("event" = EventId, Path)), security(("certificate" = [])), responses((status = 200, body = Vec<StatementMade>), (status = "4XX", body = Problem)))]
async fn statements(State(desk): App, official: Official, PathOf(id): PathOf<EventId>) -> Answer<Vec<StatementMade>> {
    shelter_staff(&official)?;
    let event = desk.shelters.get(id)?;
    offload(move || event.stated()).await.map(Json)
}

/// States the totals of now, with a proof and without a name.
#[utoipa::path(post, path = "/shelter/events/{event}/statements", tag = "shelter", params(("event" = EventId, Path)), security(("certificate" = [])), responses((status = 200, body = StatementMade), (status = "4XX", body = Problem)))]
async fn state(State(desk): App, official: Official, PathOf(id): PathOf<EventId>) -> Answer<StatementMade> {
    headquarters(&official)?;
    desk.shelters.get(id)?.state(&official.name).await.map(Json)
}

/// The file of a statement, which anybody can check with `tachiai-verify roster`.
#[utoipa::path(get, path = "/shelter/events/{event}/statements/{number}", tag = "shelter", params(("event" = EventId, Path), ("number" = u64, Path)), security(("certificate" = [])), responses((status = 200, content_type = "application/x-ndjson", body = Vec<u8>), (status = "4XX", body = Problem)))]
async fn statement_file(State(desk): App, official: Official, PathOf((id, number)): PathOf<(EventId, u64)>) -> Result<Response, Refused> {
    shelter_staff(&official)?;
    let event = desk.shelters.get(id)?;
    let file = offload(move || event.statement_file(number)).await?;
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], file).into_response())
}

/// The latest entry of a person with its opening, for the person to take along. Who asked for it is recorded.
#[utoipa::path(post, path = "/shelter/events/{event}/people/{chain}/own", tag = "shelter", params(("event" = EventId, Path), ("chain" = ChainId, Path)), security(("certificate" = [])), responses((status = 200, body = OwnEntry), (status = "4XX", body = Problem)))]
async fn own_entry(State(desk): App, official: Official, PathOf((id, chain)): PathOf<(EventId, ChainId)>) -> Answer<OwnEntry> {
    headquarters(&official)?;
    desk.shelters.get(id)?.own_entry(&official.name, chain).await.map(Json)
}

#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct From {
    /// The first leaf.
    from: u64,
    /// How many, at most 500.
    count: u64,
}

#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Came {
    /// How it came; over the network if absent.
    #[serde(default)]
    #[param(inline)]
    way: Way,
}

/// Every event.
#[utoipa::path(get, path = "/shelter/events", tag = "shelter", security(("certificate" = [])), responses((status = 200, body = Vec<EventSummary>), (status = 403, body = Problem)))]
async fn list(State(desk): App, official: Official) -> Answer<Vec<EventSummary>> {
    shelter_staff(&official)?;
    offload(move || desk.shelters.all().iter().map(|event| event.summary()).collect()).await.map(Json)
}

/// Declares an event. A disaster needs a second official, until whom the answer has status 202.
#[utoipa::path(post, path = "/shelter/events", tag = "shelter", security(("certificate" = [])), request_body = EventSpec, responses((status = 200, body = EventAsked), (status = 202, body = EventAsked), (status = "4XX", body = Problem)))]
async fn declare(State(desk): App, official: Official, JsonBody { value, .. }: JsonBody<EventSpec>) -> Result<Response, Refused> {
    headquarters(&official)?;
    if decide::needs_two(value.kind) {
        let pending = desk.requests.ask(official.name, Matter::DeclareEvent { spec: Box::new(value) }).await?;
        return Ok((StatusCode::ACCEPTED, Json(EventAsked::Waiting { pending: Box::new(pending) })).into_response());
    }
    let made = desk.shelters.declare(vec![official.name], value).await?;
    Ok(Json(EventAsked::Declared { event: made.event }).into_response())
}

/// One event with its shelters, terminals and totals.
#[utoipa::path(get, path = "/shelter/events/{event}", tag = "shelter", params(("event" = EventId, Path)), security(("certificate" = [])), responses((status = 200, body = EventView), (status = "4XX", body = Problem)))]
async fn event(State(desk): App, official: Official, PathOf(id): PathOf<EventId>) -> Answer<EventView> {
    let sight = sight(&official)?;
    let event = desk.shelters.get(id)?;
    offload(move || {
        let doubles = if sight == Sight::All { Some(event.doubles()?) } else { None };
        let asking = if sight == Sight::All { event.asking() } else { Vec::new() };
        Ok(EventView { doubles, asking, ..event.view()? })
    })
    .await
    .map(Json)
}

/// What is still out in an event.
#[utoipa::path(get, path = "/shelter/events/{event}/outstanding", tag = "shelter", params(("event" = EventId, Path)), security(("certificate" = [])), responses((status = 200, body = Outstanding), (status = "4XX", body = Problem)))]
async fn outstanding(State(desk): App, official: Official, PathOf(id): PathOf<EventId>) -> Answer<Outstanding> {
    headquarters(&official)?;
    let event = desk.shelters.get(id)?;
    offload(move || event.outstanding()).await.map(Json)
}

/// Asks that an event be closed: a second official decides. With something still out it needs a reason.
#[utoipa::path(post, path = "/shelter/events/{event}/close", tag = "shelter", params(("event" = EventId, Path)), security(("certificate" = [])), request_body = CloseRequest, responses((status = 202, body = Pending), (status = "4XX", body = Problem)))]
async fn close(
    State(desk): App,
    official: Official,
    PathOf(id): PathOf<EventId>,
    JsonBody { value, .. }: JsonBody<CloseRequest>,
) -> Result<(StatusCode, Json<Pending>), Refused> {
    headquarters(&official)?;
    let waiting = desk.requests.waiting().await?;
    let matter = desk.shelters.get(id)?.prepare_close(&official.name, value, &waiting.matters).await?;
    Ok((StatusCode::ACCEPTED, Json(desk.requests.ask(official.name, matter).await?)))
}

/// Admits a terminal.
#[utoipa::path(post, path = "/shelter/events/{event}/terminals", tag = "shelter", params(("event" = EventId, Path)), security(("certificate" = [])), request_body = TerminalRequest, responses((status = 200, body = TerminalView), (status = "4XX", body = Problem)))]
async fn admit(State(desk): App, official: Official, PathOf(id): PathOf<EventId>, JsonBody { value, .. }: JsonBody<TerminalRequest>) -> Answer<TerminalView> {
    headquarters(&official)?;
    desk.shelters.get(id)?.admit(&official.name, value).await.map(Json)
}

/// A terminal asks to be admitted: the headquarters see it, and admit it once its fingerprint was compared.
#[utoipa::path(post, path = "/shelter/events/{event}/terminals/asking", tag = "shelter", params(("event" = EventId, Path)), security(("certificate" = [])), request_body = TerminalRequest, responses((status = 204), (status = "4XX", body = Problem)))]
async fn ask_admission(
    State(desk): App,
    official: Official,
    PathOf(id): PathOf<EventId>,
    JsonBody { value, .. }: JsonBody<TerminalRequest>,
) -> Result<StatusCode, Refused> {
    shelter_staff(&official)?;
    desk.shelters.get(id)?.ask_admission(&official.name, value).map(|()| StatusCode::NO_CONTENT)
}

/// Revokes a terminal that was lost, stolen or copied.
#[utoipa::path(post, path = "/shelter/events/{event}/terminals/{terminal}/revoke", tag = "shelter", params(("event" = EventId, Path), ("terminal" = TerminalId, Path)), security(("certificate" = [])), responses((status = 200, body = TerminalView), (status = "4XX", body = Problem)))]
async fn revoke(State(desk): App, official: Official, PathOf((id, terminal)): PathOf<(EventId, TerminalId)>) -> Answer<TerminalView> {
    headquarters(&official)?;
    desk.shelters.get(id)?.revoke(&official.name, &terminal).await.map(Json)
}

/// What a terminal needs to go on without a link: an age file for its recipient.
#[utoipa::path(get, path = "/shelter/events/{event}/terminals/{terminal}/pack", tag = "shelter", params(("event" = EventId, Path), ("terminal" = TerminalId, Path)), security(("certificate" = [])), responses((status = 200, body = [u8], content_type = "application/octet-stream"), (status = "4XX", body = Problem)))]
async fn pack(State(desk): App, official: Official, PathOf((id, terminal)): PathOf<(EventId, TerminalId)>) -> Result<Response, Refused> {
    shelter_staff(&official)?;
    let sealed = desk.shelters.get(id)?.pack(&official.name, &terminal).await?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], sealed).into_response())
}

/// The entries that a terminal has not seen, with the openings that it may have, sealed to it.
#[utoipa::path(get, path = "/shelter/events/{event}/terminals/{terminal}/news", tag = "shelter", params(("event" = EventId, Path), ("terminal" = TerminalId, Path), From), security(("certificate" = [])), responses((status = 200, body = News), (status = "4XX", body = Problem)))]
async fn news(
    State(desk): App,
    official: Official,
    PathOf((id, terminal)): PathOf<(EventId, TerminalId)>,
    QueryOf(From { from, count }): QueryOf<From>,
) -> Answer<News> {
    shelter_staff(&official)?;
    desk.shelters.get(id)?.news(&terminal, from, count).await.map(Json)
}

/// Takes a hand-in of a terminal. Everything is durable before the answer; the same again changes nothing.
#[utoipa::path(post, path = "/shelter/events/{event}/hand-ins", tag = "shelter", params(("event" = EventId, Path), Came), security(("certificate" = [])), request_body = SignedHandIn, responses((status = 200, body = HandInAnswer), (status = "4XX", body = Problem)))]
async fn take_hand_in(
    State(desk): App,
    official: Official,
    PathOf(id): PathOf<EventId>,
    QueryOf(Came { way }): QueryOf<Came>,
    JsonBody { value, .. }: JsonBody<SignedHandIn>,
) -> Answer<HandInAnswer> {
    shelter_staff(&official)?;
    desk.shelters.get(id)?.hand_in(&official.name, way, value).await.map(Json)
}

/// The hand-ins of which something was set aside, and why.
#[utoipa::path(get, path = "/shelter/events/{event}/aside", tag = "shelter", params(("event" = EventId, Path)), security(("certificate" = [])), responses((status = 200, body = Vec<AsideView>), (status = "4XX", body = Problem)))]
async fn aside(State(desk): App, official: Official, PathOf(id): PathOf<EventId>) -> Answer<Vec<AsideView>> {
    headquarters(&official)?;
    let event = desk.shelters.get(id)?;
    offload(move || event.set_aside()).await.map(Json)
}

/// A hand-in with something set aside, opened. That it was looked at is recorded.
#[utoipa::path(get, path = "/shelter/events/{event}/aside/{file}", tag = "shelter", params(("event" = EventId, Path), ("file" = HashBytes, Path)), security(("certificate" = [])), responses((status = 200, body = AsideOpened), (status = "4XX", body = Problem)))]
async fn open_aside(State(desk): App, official: Official, PathOf((id, file)): PathOf<(EventId, HashBytes)>) -> Answer<AsideOpened> {
    headquarters(&official)?;
    desk.shelters.get(id)?.open_aside(&official.name, file).await.map(Json)
}

/// Asks that entries that were set aside be taken over or dropped: a second official decides.
#[utoipa::path(post, path = "/shelter/events/{event}/aside", tag = "shelter", params(("event" = EventId, Path)), security(("certificate" = [])), request_body = AsideRequest, responses((status = 202, body = Pending), (status = "4XX", body = Problem)))]
async fn ask_aside(
    State(desk): App,
    official: Official,
    PathOf(id): PathOf<EventId>,
    JsonBody { value, .. }: JsonBody<AsideRequest>,
) -> Result<(StatusCode, Json<Pending>), Refused> {
    headquarters(&official)?;
    let waiting = desk.requests.waiting().await?;
    let matter = desk.shelters.get(id)?.prepare_aside(&official.name, value, &waiting.matters).await?;
    Ok((StatusCode::ACCEPTED, Json(desk.requests.ask(official.name, matter).await?)))
}

/// An entry with the proof that it stands in the roster.
#[utoipa::path(get, path = "/shelter/events/{event}/entries/{leaf}", tag = "shelter", params(("event" = EventId, Path), ("leaf" = u64, Path)), security(("certificate" = [])), responses((status = 200, body = ProvenEntry), (status = "4XX", body = Problem)))]
async fn proof(State(desk): App, official: Official, PathOf((id, leaf)): PathOf<(EventId, u64)>) -> Answer<ProvenEntry> {
    official.require(&[Role::Headquarters, Role::Reception, Role::Auditor])?;
    desk.shelters.get(id)?.proof(leaf).map(Json)
}

/// Opens a shelter in an event, or says what has changed about one that stands as it did before.
#[utoipa::path(post, path = "/shelter/events/{event}/shelters", tag = "shelter", params(("event" = EventId, Path)), security(("certificate" = [])), request_body = InPlaceOf<ShelterState>, responses((status = 200, body = ShelterView), (status = "4XX", body = Problem)))]
async fn set_shelter(
    State(desk): App,
    official: Official,
    PathOf(id): PathOf<EventId>,
    JsonBody { value, .. }: JsonBody<InPlaceOf<ShelterState>>,
) -> Answer<ShelterView> {
    headquarters(&official)?;
    desk.shelters.get(id)?.set_shelter(&official.name, value).await.map(Json)
}

/// Enters what happens to a person, without a terminal.
#[utoipa::path(post, path = "/shelter/events/{event}/people", tag = "shelter", params(("event" = EventId, Path)), security(("certificate" = [])), request_body = PersonAct, responses((status = 200, body = PersonDone), (status = "4XX", body = Problem)))]
async fn write_person(State(desk): App, official: Official, PathOf(id): PathOf<EventId>, JsonBody { value, .. }: JsonBody<PersonAct>) -> Answer<PersonDone> {
    let sight = sight(&official)?;
    desk.shelters.get(id)?.write_person(&official.name, sight, value).await.map(Json)
}

/// The only handle that begins so. It tells nothing of anybody, and whoever holds a key of handles could ask it for whom they know: so it is the headquarters' alone.
#[utoipa::path(get, path = "/shelter/events/{event}/handles/{beginning}", tag = "shelter", params(("event" = EventId, Path), ("beginning" = String, Path)), security(("certificate" = [])), responses((status = 200, body = ChainId), (status = "4XX", body = Problem)))]
async fn handle(State(desk): App, official: Official, PathOf((id, beginning)): PathOf<(EventId, String)>) -> Answer<ChainId> {
    headquarters(&official)?;
    desk.shelters.get(id)?.handle_named(&beginning).map(Json)
}

/// A person with all entries. That it was looked at is recorded.
#[utoipa::path(get, path = "/shelter/events/{event}/people/{chain}", tag = "shelter", params(("event" = EventId, Path), ("chain" = ChainId, Path)), security(("certificate" = [])), responses((status = 200, body = PersonView), (status = "4XX", body = Problem)))]
async fn person(State(desk): App, official: Official, PathOf((id, chain)): PathOf<(EventId, ChainId)>) -> Answer<PersonView> {
    let sight = sight(&official)?;
    desk.shelters.get(id)?.person(&official.name, sight, chain).await.map(Json)
}

/// Looks people up by the beginning of a name; the headquarters also all of a shelter, by no name. Nobody under protection is found; who was shown is recorded.
#[utoipa::path(post, path = "/shelter/events/{event}/search", tag = "shelter", params(("event" = EventId, Path)), security(("certificate" = [])), request_body = PeopleSearch, responses((status = 200, body = PeopleFound), (status = "4XX", body = Problem)))]
async fn search(State(desk): App, official: Official, PathOf(id): PathOf<EventId>, JsonBody { value, .. }: JsonBody<PeopleSearch>) -> Answer<PeopleFound> {
    if value.name.trim().is_empty() {
        headquarters(&official)?
    } else {
        shelter_staff(&official)?
    }
    desk.shelters.get(id)?.search(&official.name, value).await.map(Json)
}

/// The people whose entries contradict each other; whoever writes an entry that follows all of them settles it.
#[utoipa::path(get, path = "/shelter/events/{event}/conflicts", tag = "shelter", params(("event" = EventId, Path)), security(("certificate" = [])), responses((status = 200, body = Vec<PersonView>), (status = "4XX", body = Problem)))]
async fn conflicts(State(desk): App, official: Official, PathOf(id): PathOf<EventId>) -> Answer<Vec<PersonView>> {
    headquarters(&official)?;
    desk.shelters.get(id)?.conflicts(&official.name).await.map(Json)
}

/// People of different handles who may be one.
#[utoipa::path(get, path = "/shelter/events/{event}/duplicates", tag = "shelter", params(("event" = EventId, Path)), security(("certificate" = [])), responses((status = 200, body = Vec<Duplicates>), (status = "4XX", body = Problem)))]
async fn duplicates(State(desk): App, official: Official, PathOf(id): PathOf<EventId>) -> Answer<Vec<Duplicates>> {
    headquarters(&official)?;
    desk.shelters.get(id)?.duplicates(&official.name).await.map(Json)
}

/// Asks that two handles be taken for one person, or for two again: a second official decides.
#[utoipa::path(post, path = "/shelter/events/{event}/links", tag = "shelter", params(("event" = EventId, Path)), security(("certificate" = [])), request_body = LinkRequest, responses((status = 202, body = Pending), (status = "4XX", body = Problem)))]
async fn ask_link(
    State(desk): App,
    official: Official,
    PathOf(id): PathOf<EventId>,
    JsonBody { value, .. }: JsonBody<LinkRequest>,
) -> Result<(StatusCode, Json<Pending>), Refused> {
    headquarters(&official)?;
    let waiting = desk.requests.waiting().await?;
    let matter = desk.shelters.get(id)?.prepare_link(&official.name, value, &waiting.matters).await?;
    Ok((StatusCode::ACCEPTED, Json(desk.requests.ask(official.name, matter).await?)))
}

/// Asks that somebody who left be erased: a second official decides.
#[utoipa::path(post, path = "/shelter/events/{event}/people/{chain}/erase", tag = "shelter", params(("event" = EventId, Path), ("chain" = ChainId, Path)), security(("certificate" = [])), request_body = EraseRequest, responses((status = 202, body = Pending), (status = "4XX", body = Problem)))]
async fn ask_erase(
    State(desk): App,
    official: Official,
    PathOf((id, chain)): PathOf<(EventId, ChainId)>,
    JsonBody { value, .. }: JsonBody<EraseRequest>,
) -> Result<(StatusCode, Json<Pending>), Refused> {
    headquarters(&official)?;
    let waiting = desk.requests.waiting().await?;
    let matter = desk.shelters.get(id)?.prepare_erase(&official.name, chain, value, &waiting.matters).await?;
    Ok((StatusCode::ACCEPTED, Json(desk.requests.ask(official.name, matter).await?)))
}

/// Answers a relative who asks after somebody: what the evacuee allowed, and nothing else.
#[utoipa::path(post, path = "/shelter/events/{event}/inquiries", tag = "shelter", params(("event" = EventId, Path)), security(("certificate" = [])), request_body = Inquiry, responses((status = 200, body = InquiryAnswer), (status = "4XX", body = Problem)))]
async fn inquire(State(desk): App, official: Official, PathOf(id): PathOf<EventId>, JsonBody { value, .. }: JsonBody<Inquiry>) -> Answer<InquiryAnswer> {
    shelter_staff(&official)?;
    desk.shelters.get(id)?.inquire(&official.name, value).await.map(Json)
}
