//! What every request passes on its way in and out: a request ID, a time limit, a net for panics, and headers.
//!
//! The log gets method, route pattern, status, duration and the network that the request came from, cut to /24 or /48:
//! no names, no tokens, no identifiers of citizens, and not the path itself, which may hold any of them.

use std::any::Any;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use axum::body::HttpBody;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use rand_core::{OsRng, RngCore};
use tachiai_schemas::Refusal;
use tracing::Instrument;

use super::limits::{self, PeerAddress};
use crate::refused::Refused;

/// The header that names a request in the answer and in the log.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// How long a request may take in all, the reading of its body included.
pub const TIME_LIMIT: Duration = Duration::from_secs(60);

/// Names the request, logs it, and sets the headers of every answer.
pub async fn trace(request: Request, next: Next) -> Response {
    let mut id = [0; 8];
    OsRng.fill_bytes(&mut id);
    let id = HEXLOWER.encode(&id);
    let network = request.extensions().get::<PeerAddress>().map_or_else(String::new, |PeerAddress(address)| truncated(*address));
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "-".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!("request", id, method = %request.method(), route, network);
    let began = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let code = response.extensions().get::<Refused>().map(|refused| refused.refusal.code());
    span.in_scope(|| tracing::info!(status = response.status().as_u16(), code, milliseconds, "answered"));
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
    response
}

/// Takes a short body off the wire before anything else looks at the request: an answer that is given before the body has come, by a handler that
/// needs none or by a refusal, would end the connection behind the client's back.
pub async fn take_body(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    if body.size_hint().exact().is_none_or(|length| length > limits::BODY as u64) {
        return next.run(Request::from_parts(parts, body)).await;
    }
    match axum::body::to_bytes(body, limits::BODY).await {
        Ok(bytes) => next.run(Request::from_parts(parts, bytes.into())).await,
        Err(_) => Refused::about(Refusal::BadRequest, "the body ended too early").into_response(),
    }
}

/// Ends requests that take longer than [`TIME_LIMIT`].
pub async fn limit_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(TIME_LIMIT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Refused::about(Refusal::Busy, "the request took too long").into_response(),
    }
}

/// Lets whoever changes something come to the end of it. An act has more than one step, and a client that goes away, or a time limit that is over, must not
/// leave half of it; what only reads is dropped with its connection.
pub async fn bring_to_the_end(request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    match tokio::spawn(next.run(request).in_current_span()).await {
        Ok(response) => response,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => panicked(panic),
            Err(error) => Refused::fault("handling a request", error).into_response(),
        },
    }
}

/// Answers for a handler that panicked. The message goes to the log: it may hold what no client should see.
pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let message = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without words");
    Refused::fault("handling a request", message).into_response()
}

/// An address as the log may keep it: the /24 of IPv4, the /48 of IPv6.
fn truncated(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_sees_networks_and_not_machines() {
        assert_eq!(truncated("203.0.113.7".parse().unwrap()), "203.0.113.0/24");
        assert_eq!(truncated("2001:db8:7:8:9::1".parse().unwrap()), "2001:db8:7::/48");
    }
}
