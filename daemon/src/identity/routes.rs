//! The routes of identity on the public port, and those for officials on the staff port.

use std::sync::Arc;

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use rand_core::OsRng;
use tachiai_schemas::identity::case::{CitizenEraseRequest, CitizenLinkRequest};
use tachiai_schemas::identity::citizen::{CitizenIssued, CitizenPerson, CitizenView, ServicePseudonym};
use tachiai_schemas::identity::{CardStatement, CounterEnrolment, Enrolled, Enrolment, ListedFallback, Nonce, Session};
use tachiai_schemas::staff::{Pending, Role, Shown};
use tachiai_schemas::{CitizenId, Lang, Refusal};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Identity, page};
use crate::acts::Requests;
use crate::http::problem::accepted;
use crate::http::session::Token;
use crate::http::{JsonBody, Official, PathOf, PeerCertificate, RawBody, Refused};

/// The routes, relative to the base.
#[must_use]
pub fn routes(identity: Arc<Identity>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(nonce)).routes(routes!(enrol)).routes(routes!(login, logout)).with_state(identity)
}

/// What the routes for officials need.
#[derive(Clone)]
struct Counter {
    identity: Arc<Identity>,
    requests: Arc<dyn Requests>,
}

/// The routes for officials, relative to the base; `requests` finds the second official.
#[must_use]
pub fn routes_staff(identity: Arc<Identity>, requests: Arc<dyn Requests>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(counter, fallbacks))
        .routes(routes!(issue))
        .routes(routes!(show))
        .routes(routes!(lose))
        .routes(routes!(link))
        .routes(routes!(erase))
        .routes(routes!(pseudonym))
        .with_state(Counter { identity, requests })
}

/// Ask that a card be bound to a person without a signing certificate: by the card's text and two officials
#[utoipa::path(post, path = "/enrolments/counter", tag = "identity", request_body = CounterEnrolment, security(("certificate" = [])),
    responses((status = 202, body = Shown)))]
async fn counter(State(counter): State<Counter>, official: Official, body: JsonBody<CounterEnrolment>) -> Result<(StatusCode, Json<Shown>), Refused> {
    // Who is bound decides who can vote, so it is the election commission's to answer for.
    official.require(&[Role::Commission])?;
    let (matter, person) = counter.identity.read_at_counter(body.value).await?;
    let pending = counter.requests.ask(official.name, matter).await?;
    Ok((StatusCode::ACCEPTED, Json(Shown { person: Some(person), ..Shown::from(pending) })))
}

/// Every card that was bound at a counter
#[utoipa::path(get, path = "/enrolments/counter", tag = "identity", security(("certificate" = [])), responses(
    (status = 200, body = Vec<ListedFallback>)))]
async fn fallbacks(State(counter): State<Counter>, official: Official) -> Result<Json<Vec<ListedFallback>>, Refused> {
    official.require(&[Role::Commission, Role::Auditor])?;
    Ok(Json(counter.identity.fallbacks()))
}

/// Who answers for citizens' IDs.
fn citizens_desk(official: &Official) -> Result<(), Refused> {
    official.require(&[Role::Commission, Role::Headquarters])
}

/// Issue an ID to somebody, with or without a card; whoever has one keeps it
#[utoipa::path(post, path = "/citizens", tag = "identity", request_body = CitizenPerson, security(("certificate" = [])), responses(
    (status = 200, body = CitizenIssued)))]
async fn issue(State(counter): State<Counter>, official: Official, body: JsonBody<CitizenPerson>) -> Result<Json<CitizenIssued>, Refused> {
    citizens_desk(&official)?;
    counter.identity.issue(&official.name, body.value).await.map(Json)
}

/// What is known of the person to whom a code leads. That it was looked at is recorded
#[utoipa::path(get, path = "/citizens/{code}", tag = "identity", params(("code" = CitizenId, Path)), security(("certificate" = [])), responses(
    (status = 200, body = CitizenView)))]
async fn show(State(counter): State<Counter>, official: Official, PathOf(code): PathOf<CitizenId>) -> Result<Json<CitizenView>, Refused> {
    citizens_desk(&official)?;
    counter.identity.show(&official.name, code).await.map(Json)
}

/// Record that a code was lost: it says nothing any more, and another takes its place
#[utoipa::path(post, path = "/citizens/{code}/lost", tag = "identity", params(("code" = CitizenId, Path)), security(("certificate" = [])), responses(
    (status = 200, body = CitizenIssued)))]
async fn lose(State(counter): State<Counter>, official: Official, PathOf(code): PathOf<CitizenId>, _read: RawBody) -> Result<Json<CitizenIssued>, Refused> {
    citizens_desk(&official)?;
    counter.identity.lose(&official.name, code).await.map(Json)
}

/// Ask whether two IDs are of one person, or of two after all; a second official decides
#[utoipa::path(post, path = "/citizens/links", tag = "identity", request_body = CitizenLinkRequest, security(("certificate" = [])), responses(
    (status = 202, body = Pending)))]
async fn link(State(counter): State<Counter>, official: Official, body: JsonBody<CitizenLinkRequest>) -> Result<(StatusCode, Json<Pending>), Refused> {
    citizens_desk(&official)?;
    let waiting = counter.requests.waiting().await?;
    let matter = counter.identity.prepare_link(&official.name, body.value, &waiting.matters).await?;
    Ok((StatusCode::ACCEPTED, Json(counter.requests.ask(official.name, matter).await?)))
}

/// Ask that the person to whom a code leads be erased; a second official decides
#[utoipa::path(post, path = "/citizens/{code}/erase", tag = "identity", params(("code" = CitizenId, Path)), request_body = CitizenEraseRequest,
    security(("certificate" = [])), responses((status = 202, body = Pending)))]
async fn erase(
    State(counter): State<Counter>,
    official: Official,
    PathOf(code): PathOf<CitizenId>,
    body: JsonBody<CitizenEraseRequest>,
) -> Result<(StatusCode, Json<Pending>), Refused> {
    citizens_desk(&official)?;
    let waiting = counter.requests.waiting().await?;
    let matter = counter.identity.prepare_erase(&official.name, code, body.value, &waiting.matters).await?;
    Ok((StatusCode::ACCEPTED, Json(counter.requests.ask(official.name, matter).await?)))
}

/// By what a service knows the person to whom a code leads. That it was looked up is recorded
#[utoipa::path(get, path = "/citizens/{code}/pseudonyms/{service}", tag = "identity", params(("code" = CitizenId, Path), ("service" = String, Path)),
    security(("certificate" = [])), responses((status = 200, body = ServicePseudonym)))]
async fn pseudonym(
    State(counter): State<Counter>,
    official: Official,
    PathOf((code, service)): PathOf<(CitizenId, String)>,
) -> Result<Json<ServicePseudonym>, Refused> {
    citizens_desk(&official)?;
    counter.identity.pseudonym(&official.name, code, &service).await.map(Json)
}

/// The routes of the card port, relative to the base.
#[must_use]
pub fn routes_card(identity: Arc<Identity>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(login_shown)).with_state(identity)
}

/// The page of the card port.
pub fn pages_card(identity: Arc<Identity>) -> Router {
    Router::new().route("/", get(welcome).post(session)).with_state(identity)
}

/// Log in with the card's certificate that the TLS connection shows; only on the card port
#[utoipa::path(post, path = "/sessions/card", tag = "identity", security(("card" = [])), responses((status = 201, body = Session)))]
async fn login_shown(
    State(identity): State<Arc<Identity>>,
    _: SameOrigin,
    shown: PeerCertificate,
    _read: RawBody,
) -> Result<(StatusCode, Json<Session>), Refused> {
    Ok((StatusCode::CREATED, Json(identity.login_shown(&shown)?)))
}

async fn welcome(State(identity): State<Arc<Identity>>, headers: HeaderMap, shown: Result<PeerCertificate, Refused>) -> Response {
    let lang = accepted(&headers);
    html(lang, shown.and_then(|shown| identity.recognise(&shown)).map(|_| page::welcome(lang)))
}

async fn session(
    State(identity): State<Arc<Identity>>,
    headers: HeaderMap,
    same: Result<SameOrigin, Refused>,
    shown: Result<PeerCertificate, Refused>,
    _read: RawBody,
) -> Response {
    let lang = accepted(&headers);
    let session = same.and(shown).and_then(|shown| identity.login_shown(&shown));
    html(lang, session.map(|session| page::session(lang, &session)))
}

fn html(lang: Lang, page: Result<String, Refused>) -> Response {
    let (status, page) = match page {
        Ok(page) => (StatusCode::OK, page),
        Err(refused) => (StatusCode::from_u16(refused.refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), page::refused(lang, &refused)),
    };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"),
        // Under the stricter usual policy a browser would not say that the form is from here.
        (header::REFERRER_POLICY, "same-origin"),
        (header::CONTENT_LANGUAGE, lang.pick("ja", "en")),
    ];
    (status, headers, Html(page)).into_response()
}

/// The request does not come from a page of another site: a browser, which shows the certificate to everybody who has it ask
/// here, says where a form or script is from.
struct SameOrigin;

impl<S: Send + Sync> FromRequestParts<S> for SameOrigin {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refused> {
        let (origin, host) = (parts.headers.get(header::ORIGIN), parts.headers.get(header::HOST));
        let own = |origin: &HeaderValue| {
            let (origin, host) = (origin.to_str().ok()?, host?.to_str().ok()?);
            origin.strip_prefix("https://").filter(|origin| origin.eq_ignore_ascii_case(host)).map(|_| ())
        };
        match origin {
            Some(origin) if own(origin).is_none() => Err(Refused::about(Refusal::WrongOrigin, "a page of another site asked for this")),
            _ => Ok(Self),
        }
    }
}

/// A number for a card's next statement
#[utoipa::path(post, path = "/nonces", tag = "identity", responses((status = 201, body = Nonce)))]
async fn nonce(State(identity): State<Arc<Identity>>, _read: RawBody) -> (StatusCode, Json<Nonce>) {
    // A body that nobody reads would end the connection after the answer, just when the client sends its next request.
    (StatusCode::CREATED, Json(identity.nonces.issue(&mut OsRng, identity.clock.now())))
}

/// Bind a card to its holder
#[utoipa::path(post, path = "/enrolments", tag = "identity", request_body = Enrolment, responses(
    (status = 201, body = Enrolled)))]
async fn enrol(State(identity): State<Arc<Identity>>, body: JsonBody<Enrolment>) -> Result<(StatusCode, Json<Enrolled>), Refused> {
    Ok((StatusCode::CREATED, Json(identity.enrol(body.value).await?)))
}

/// Log in with a card
#[utoipa::path(post, path = "/sessions", tag = "identity", request_body = CardStatement, responses(
    (status = 201, body = Session)))]
async fn login(State(identity): State<Arc<Identity>>, body: JsonBody<CardStatement>) -> Result<(StatusCode, Json<Session>), Refused> {
    Ok((StatusCode::CREATED, Json(identity.login(&body.value)?)))
}

/// End the session
#[utoipa::path(delete, path = "/sessions", tag = "identity", security(("session" = [])), responses(
    (status = 204)))]
async fn logout(State(identity): State<Arc<Identity>>, Token(token): Token) -> StatusCode {
    identity.sessions.end(&token);
    StatusCode::NO_CONTENT
}
