//! The routes of identity on the public port.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use rand_core::OsRng;
use tachiai_schemas::identity::{CardStatement, Enrolled, Enrolment, Nonce, Session};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Identity;
use crate::http::session::Token;
use crate::http::{JsonBody, RawBody, Refused};

/// The routes, relative to the base.
#[must_use]
pub fn routes(identity: Arc<Identity>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(nonce)).routes(routes!(enrol)).routes(routes!(login, logout)).with_state(identity)
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
