//! Bodies, paths and queries, read strictly: what cannot be read is a problem and never reaches a room.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::Refusal;

use crate::refused::Refused;

/// A body of JSON, with the hash of its bytes for a signed refusal.
#[derive(Debug, Clone)]
pub struct JsonBody<T> {
    /// What it says.
    pub value: T,
    /// SHA-256 of the body as it was sent.
    pub sha256: Hash32,
}

/// A body of any bytes.
#[derive(Debug, Clone)]
pub struct RawBody(pub Bytes);

/// The parameters in the path.
#[derive(Debug, Clone, Copy)]
pub struct PathOf<T>(pub T);

/// The parameters after the question mark.
#[derive(Debug, Clone, Copy)]
pub struct QueryOf<T>(pub T);

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        Bytes::from_request(request, state).await.map(Self).map_err(|rejection: BytesRejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Refusal::TooLarge.into(),
            _ => Refusal::BadRequest.into(),
        })
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        // What a page of another site can have a browser send without asking first is refused, even if it reads like JSON.
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).and_then(|kind| kind.split(';').next());
        if !kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")) {
            return Err(Refused::about(Refusal::BadRequest, "content-type: application/json belongs here"));
        }
        let RawBody(bytes) = RawBody::from_request(request, state).await?;
        // The parser's message holds field names and positions, and for a wrong type the value that the client sent.
        let value = serde_json::from_slice(&bytes).map_err(|error| Refused::about(Refusal::BadRequest, error))?;
        Ok(Self { value, sha256: Hash32::sha256(&bytes) })
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for PathOf<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(Self(value)),
            Err(rejection) => Err(Refused::about(Refusal::BadRequest, rejection.body_text())),
        }
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for QueryOf<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(Refused::about(Refusal::BadRequest, rejection.body_text())),
        }
    }
}
