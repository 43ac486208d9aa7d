//! The routes: agencies, grants, disclosures and alerts on the staff port, the own access list and consent on the public port.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use tachiai_schemas::refusal::Problem;
use tachiai_schemas::roster::{ChainId, EventId, Need};
use tachiai_schemas::sharing::access::{AccessHistory, AccessPage};
use tachiai_schemas::sharing::agency::{Agency, Grant, GrantMade};
use tachiai_schemas::sharing::alert::{Alert, AlertId, AlertRequest};
use tachiai_schemas::sharing::disclosed::{DisclosedAt, DisclosureRequest, RequestId};
use tachiai_schemas::sharing::preview::Preview;
use tachiai_schemas::sharing::steps::{OwnSteps, Round, StepsConsent};
use tachiai_schemas::sharing::warning::Warnings;
use tachiai_schemas::sharing::{Consent, ConsentOnFile, Name, fhir};
use tachiai_schemas::shelter::overview::QuestionnaireOf;
use tachiai_schemas::staff::{Matter, Pending, Role};
use tachiai_schemas::{CitizenId, InPlaceOf};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::decide::Asker;
use super::disclose::Pull;
use super::{Sharing, offload};
use crate::acts::Requests;
use crate::http::{Holder, JsonBody, Official, PathOf, QueryOf, RawBody};
use crate::refused::Refused;

/// What the routes for staff need.
#[derive(Clone)]
struct Desk {
    sharing: Arc<Sharing>,
    requests: Arc<dyn Requests>,
}

type App = State<Arc<Sharing>>;
type Staff = State<Desk>;
type Answer<T> = Result<Json<T>, Refused>;

/// The routes of the public port.
pub fn routes_public(sharing: Arc<Sharing>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(own_access)).routes(routes!(own_consent, give_consent)).routes(routes!(own_steps, consent_to_steps)).with_state(sharing)
}

/// The routes of the staff port; `requests` finds the second official.
pub fn routes_staff(sharing: Arc<Sharing>, requests: Arc<dyn Requests>) -> OpenApiRouter {
    let grants = OpenApiRouter::new().routes(routes!(grants, grant)).with_state(Desk { sharing: Arc::clone(&sharing), requests });
    OpenApiRouter::new()
        .routes(routes!(agencies, set_agency))
        .routes(routes!(pull))
        .routes(routes!(event))
        .routes(routes!(withdraw))
        .routes(routes!(disclosures, disclose))
        .routes(routes!(preview))
        .routes(routes!(history))
        .routes(routes!(bundle))
        .routes(routes!(alerts, alert))
        .routes(routes!(read_alert))
        .routes(routes!(consent_at_desk))
        .routes(routes!(fetch_steps))
        .routes(routes!(warnings))
        .routes(routes!(fetch_warnings))
        .with_state(sharing)
        .merge(grants)
}

fn asker(official: &Official) -> Result<Asker, Refused> {
    official.require(&[Role::Headquarters, Role::Auditor, Role::Agency])?;
    let name = official.name.clone();
    Ok(if official.role == Role::Agency { Asker::Agency { name } } else { Asker::Headquarters { name } })
}

/// From which leaf of the log on.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FromLeaf {
    /// The first leaf; 0 if absent.
    #[serde(default)]
    from: u64,
}

/// Who received or read what of the citizen who is logged in, with the access log from a leaf on: a page of it, and none behind the last leaf
#[utoipa::path(get, path = "/access", tag = "sharing", params(FromLeaf), security(("session" = [])), responses((status = 200, body = AccessPage), (status = "4XX", body = Problem)))]
async fn own_access(State(sharing): App, holder: Holder, QueryOf(FromLeaf { from }): QueryOf<FromLeaf>) -> Answer<AccessPage> {
    sharing.access_of(holder.citizen, from).await.map(Json)
}

/// To which kinds of agencies the citizen who is logged in consented
#[utoipa::path(get, path = "/consent", tag = "sharing", security(("session" = [])), responses((status = 200, body = ConsentOnFile), (status = "4XX", body = Problem)))]
async fn own_consent(State(sharing): App, holder: Holder) -> Answer<ConsentOnFile> {
    sharing.consent_of(holder.citizen).map(Json)
}

/// Consent, or withdraw; it takes the place of what was said before, and holds at once
#[utoipa::path(post, path = "/consent", tag = "sharing", security(("session" = [])), request_body = Consent, responses((status = 200, body = ConsentOnFile), (status = "4XX", body = Problem)))]
async fn give_consent(State(sharing): App, holder: Holder, JsonBody { value, .. }: JsonBody<Consent>) -> Answer<ConsentOnFile> {
    sharing.consent(holder.citizen, value).await.map(Json)
}

/// What is kept of the step counts of the citizen who is logged in, and by what the city's data platform knows them
#[utoipa::path(get, path = "/steps", tag = "sharing", security(("session" = [])), responses((status = 200, body = OwnSteps), (status = "4XX", body = Problem)))]
async fn own_steps(State(sharing): App, holder: Holder) -> Answer<OwnSteps> {
    sharing.steps_of(holder.citizen).await.map(Json)
}

/// Consent to having step counts from the city's data platform, or withdraw: then what is kept is deleted
#[utoipa::path(post, path = "/steps", tag = "sharing", security(("session" = [])), request_body = StepsConsent, responses((status = 200, body = OwnSteps), (status = "4XX", body = Problem)))]
async fn consent_to_steps(State(sharing): App, holder: Holder, JsonBody { value, .. }: JsonBody<StepsConsent>) -> Answer<OwnSteps> {
    sharing.consent_to_steps(holder.citizen, value).await.map(Json)
}

/// Ask the city's data platform now for the step counts of everybody who consents; it is asked every hour without this
#[utoipa::path(post, path = "/sharing/steps/rounds", tag = "sharing", security(("certificate" = [])), responses((status = 200, body = Round), (status = "4XX", body = Problem)))]
async fn fetch_steps(State(sharing): App, official: Official, _read: RawBody) -> Answer<Round> {
    official.require(&[Role::Headquarters])?;
    sharing.fetch_steps().await.map(Json)
}

/// The warnings and hazards that the city's data platform tells of, in force or soon to be, the most severe first; and since when the list is old, where it is
#[utoipa::path(get, path = "/sharing/warnings", tag = "sharing", security(("certificate" = [])), responses((status = 200, body = Warnings), (status = "4XX", body = Problem)))]
async fn warnings(State(sharing): App, official: Official) -> Answer<Warnings> {
    official.require(&[Role::Headquarters, Role::Reception])?;
    sharing.warnings().map(Json)
}

/// Ask the city's data platform now for warnings and hazards; it is asked every few minutes without this. That it does not tell stands in the answer
#[utoipa::path(post, path = "/sharing/warnings/rounds", tag = "sharing", security(("certificate" = [])), responses((status = 200, body = Warnings), (status = "4XX", body = Problem)))]
async fn fetch_warnings(State(sharing): App, official: Official, _read: RawBody) -> Answer<Warnings> {
    official.require(&[Role::Headquarters])?;
    sharing.fetch_warnings().await.map(Json)
}

/// Every agency
#[utoipa::path(get, path = "/sharing/agencies", tag = "sharing", security(("certificate" = [])), responses((status = 200, body = Vec<Agency>), (status = "4XX", body = Problem)))]
async fn agencies(State(sharing): App, official: Official) -> Answer<Vec<Agency>> {
    official.require(&[Role::Headquarters, Role::Auditor])?;
    Ok(Json(sharing.agencies()))
}

/// Enter an agency, in the place of the one of the same name that was seen
#[utoipa::path(post, path = "/sharing/agencies", tag = "sharing", security(("certificate" = [])), request_body = InPlaceOf<Agency>, responses((status = 200, body = Agency), (status = "4XX", body = Problem)))]
async fn set_agency(State(sharing): App, official: Official, JsonBody { value, .. }: JsonBody<InPlaceOf<Agency>>) -> Answer<Agency> {
    official.require(&[Role::Headquarters])?;
    sharing.set_agency(&official.name, value).await.map(Json)
}

/// Every grant; to an agency its own
#[utoipa::path(get, path = "/sharing/grants", tag = "sharing", security(("certificate" = [])), responses((status = 200, body = Vec<GrantMade>), (status = "4XX", body = Problem)))]
async fn grants(State(desk): Staff, official: Official) -> Answer<Vec<GrantMade>> {
    Ok(Json(desk.sharing.grants(&asker(&official)?)))
}

/// Ask for a grant; a second official decides
#[utoipa::path(post, path = "/sharing/grants", tag = "sharing", security(("certificate" = [])), request_body = Grant, responses((status = 202, body = Pending), (status = "4XX", body = Problem)))]
async fn grant(State(desk): Staff, official: Official, JsonBody { value, .. }: JsonBody<Grant>) -> Result<(StatusCode, Json<Pending>), Refused> {
    official.require(&[Role::Headquarters])?;
    desk.sharing.ready_to_grant(&value)?;
    let pending = desk.requests.ask(official.name, Matter::Grant { grant: Box::new(value) }).await?;
    Ok((StatusCode::ACCEPTED, Json(pending)))
}

/// Whom to pull: everybody, everybody with a need, or one person.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Whom {
    /// The event, where the grant names none and several are under way.
    event: Option<EventId>,
    /// Everybody with this need.
    need: Option<Need>,
    /// This person, by the handle.
    person: Option<ChainId>,
}

/// Pull the people of a grant of now as a FHIR bundle, by the agency itself; the proof is the bundle that `Link` names
#[utoipa::path(get, path = "/sharing/grants/{grant}/fhir", tag = "sharing", params(("grant" = Name, Path), Whom), security(("certificate" = [])), responses((status = 200, content_type = "application/fhir+json", body = Vec<u8>), (status = "4XX", body = Problem)))]
async fn pull(
    State(sharing): App,
    official: Official,
    PathOf(grant): PathOf<Name>,
    QueryOf(Whom { event, need, person }): QueryOf<Whom>,
) -> Result<Response, Refused> {
    official.require(&[Role::Agency])?;
    let (made, bundle) = sharing.pull(&asker(&official)?, grant, Pull { event, need, person }).await?;
    let proof = format!("</api/v1/sharing/disclosures/{}/bundle>; rel=\"describedby\"", made.disclosed.request);
    Ok(([(header::CONTENT_TYPE, fhir::MEDIA_TYPE.to_owned()), (header::LINK, proof)], bundle.to_vec()).into_response())
}

/// The only event that is under way, for whoever asks for people without naming one
#[utoipa::path(get, path = "/sharing/event", tag = "sharing", security(("certificate" = [])), responses((status = 200, body = EventId), (status = "4XX", body = Problem)))]
async fn event(State(sharing): App, official: Official) -> Answer<EventId> {
    official.require(&[Role::Headquarters, Role::Agency])?;
    sharing.only_event().map(Json)
}

/// Withdraw a grant
#[utoipa::path(post, path = "/sharing/grants/{grant}/withdraw", tag = "sharing", params(("grant" = Name, Path)), security(("certificate" = [])), responses((status = 200, body = GrantMade), (status = "4XX", body = Problem)))]
async fn withdraw(State(sharing): App, official: Official, PathOf(grant): PathOf<Name>, _read: RawBody) -> Answer<GrantMade> {
    official.require(&[Role::Headquarters])?;
    sharing.withdraw(&official.name, grant).await.map(Json)
}

/// Every disclosure; to an agency its own
#[utoipa::path(get, path = "/sharing/disclosures", tag = "sharing", security(("certificate" = [])), responses((status = 200, body = Vec<DisclosedAt>), (status = "4XX", body = Problem)))]
async fn disclosures(State(sharing): App, official: Official) -> Answer<Vec<DisclosedAt>> {
    Ok(Json(sharing.disclosures(&asker(&official)?)))
}

/// Make a disclosure of now, as a grant allows; the same request again gets what was made before
#[utoipa::path(post, path = "/sharing/disclosures", tag = "sharing", security(("certificate" = [])), request_body = DisclosureRequest, responses((status = 200, body = DisclosedAt), (status = "4XX", body = Problem)))]
async fn disclose(State(sharing): App, official: Official, JsonBody { value, .. }: JsonBody<DisclosureRequest>) -> Answer<DisclosedAt> {
    official.require(&[Role::Headquarters, Role::Agency])?;
    sharing.disclose(&asker(&official)?, value).await.map(Json)
}

/// What a disclosure would give now, with every person and field; that the people were looked at is recorded
#[utoipa::path(post, path = "/sharing/disclosures/preview", tag = "sharing", security(("certificate" = [])), request_body = DisclosureRequest, responses((status = 200, body = Preview), (status = "4XX", body = Problem)))]
async fn preview(State(sharing): App, official: Official, JsonBody { value, .. }: JsonBody<DisclosureRequest>) -> Answer<Preview> {
    official.require(&[Role::Headquarters])?;
    sharing.preview(&asker(&official)?, official.role, value).await.map(Json)
}

/// Where the records go on.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Page {
    /// Those before this leaf of the log; none is the latest.
    before: Option<u64>,
}

/// Who received or read what of a citizen, the latest first; that it was looked at is recorded. The commission is told of what offices looked up outside of events alone
#[utoipa::path(get, path = "/sharing/citizens/{code}/access", tag = "sharing", params(("code" = CitizenId, Path), Page), security(("certificate" = [])), responses((status = 200, body = AccessHistory), (status = "4XX", body = Problem)))]
async fn history(State(sharing): App, official: Official, PathOf(code): PathOf<CitizenId>, QueryOf(Page { before }): QueryOf<Page>) -> Answer<AccessHistory> {
    official.require(&[Role::Headquarters, Role::Commission])?;
    sharing.history(&official.name, official.role, code, before).await.map(Json)
}

/// The bundle of a disclosure, encrypted with age to its agency
#[utoipa::path(get, path = "/sharing/disclosures/{request}/bundle", tag = "sharing", params(("request" = RequestId, Path)), security(("certificate" = [])), responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>), (status = "4XX", body = Problem)))]
async fn bundle(State(sharing): App, official: Official, PathOf(request): PathOf<RequestId>) -> Result<Response, Refused> {
    official.require(&[Role::Headquarters, Role::Agency])?;
    let who = asker(&official)?;
    let bytes = offload(move || sharing.bundle(&who, request)).await?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response())
}

/// Every emergency access, the latest first
#[utoipa::path(get, path = "/sharing/alerts", tag = "sharing", security(("certificate" = [])), responses((status = 200, body = Vec<Alert>), (status = "4XX", body = Problem)))]
async fn alerts(State(sharing): App, official: Official) -> Answer<Vec<Alert>> {
    official.require(&[Role::Headquarters, Role::Auditor])?;
    offload(move || sharing.alerts(None)).await.map(Json)
}

/// Say why somebody's questionnaire has to be read at once; the headquarters see it
#[utoipa::path(post, path = "/sharing/alerts", tag = "sharing", security(("certificate" = [])), request_body = AlertRequest, responses((status = 200, body = Alert), (status = "4XX", body = Problem)))]
async fn alert(State(sharing): App, official: Official, JsonBody { value, .. }: JsonBody<AlertRequest>) -> Answer<Alert> {
    official.require(&[Role::Agency])?;
    sharing.alert(&official.name, value).await.map(Json)
}

/// Read the questionnaire, within a quarter of an hour
#[utoipa::path(post, path = "/sharing/alerts/{alert}/questionnaire", tag = "sharing", params(("alert" = AlertId, Path)), security(("certificate" = [])), responses((status = 200, body = QuestionnaireOf), (status = "4XX", body = Problem)))]
async fn read_alert(State(sharing): App, official: Official, PathOf(alert): PathOf<AlertId>, _read: RawBody) -> Answer<QuestionnaireOf> {
    official.require(&[Role::Agency])?;
    sharing.read_alert(&official.name, alert).await.map(Json)
}

/// What somebody in the roster says at a desk of agencies
#[utoipa::path(post, path = "/sharing/events/{event}/people/{chain}/consent", tag = "sharing", params(("event" = EventId, Path), ("chain" = ChainId, Path)), security(("certificate" = [])), request_body = Consent, responses((status = 200, body = ConsentOnFile), (status = "4XX", body = Problem)))]
async fn consent_at_desk(
    State(sharing): App,
    official: Official,
    PathOf((event, chain)): PathOf<(EventId, ChainId)>,
    JsonBody { value, .. }: JsonBody<Consent>,
) -> Answer<ConsentOnFile> {
    official.require(&[Role::Headquarters, Role::Reception])?;
    sharing.consent_at_desk(&official.name, event, chain, value).await.map(Json)
}
