//! Every answer that is not a success is an RFC 9457 problem with a stable code, titled in the client's language.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tachiai_schemas::refusal::Problem;
use tachiai_schemas::{Lang, Refusal, Say};

use crate::refused::Refused;

/// The media type of RFC 9457.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// The language that `Accept-Language` ranks highest among Japanese and English; Japanese where it names neither.
#[must_use]
pub fn accepted(headers: &HeaderMap) -> Lang {
    let mut best = (Lang::Ja, 0);
    for value in headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok()) {
        for range in value.split(',') {
            let (tag, rest) = range.split_once(';').unwrap_or((range, ""));
            let lang = match tag.trim().split('-').next().map(str::to_ascii_lowercase).as_deref() {
                Some("ja") => Lang::Ja,
                Some("en") => Lang::En,
                _ => continue,
            };
            let weight = rest.trim().strip_prefix("q=").map_or(Some(1000), thousandths).unwrap_or(0);
            if weight > best.1 {
                best = (lang, weight);
            }
        }
    }
    best.0
}

/// A weight of RFC 9110 §12.4.2 in thousandths.
fn thousandths(weight: &str) -> Option<u32> {
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    let digits = fraction.len();
    if digits > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let fraction = if fraction.is_empty() { 0 } else { fraction.parse::<u32>().ok()? * [1000, 100, 10, 1][digits] };
    match whole {
        "0" => Some(fraction),
        "1" if fraction == 0 => Some(1000),
        _ => None,
    }
}

/// The problem that a client reads.
#[must_use]
pub fn problem(refused: &Refused, lang: Lang) -> Problem {
    let Refused { refusal, detail: _, ja: _, signed } = refused;
    Problem {
        kind: format!("urn:tachiai:problem:{}", refusal.code()),
        title: refusal.say(lang),
        status: refusal.status(),
        code: refusal.code().to_owned(),
        detail: refused.detail_in(lang).map(ToOwned::to_owned),
        signed: signed.as_deref().cloned(),
    }
}

fn respond(refused: &Refused, lang: Lang) -> Response {
    let status = StatusCode::from_u16(refused.refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_vec(&problem(refused, lang)).unwrap_or_default();
    let language = HeaderValue::from_static(lang.pick("ja", "en"));
    let mut response = (status, [(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON)), (header::CONTENT_LANGUAGE, language)], body).into_response();
    match refused.refusal {
        Refusal::Busy | Refusal::RateLimited => {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("3"));
        }
        Refusal::LoginRequired => {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        _ => {}
    }
    response.extensions_mut().insert(refused.clone());
    response
}

impl IntoResponse for Refused {
    /// The problem in Japanese; [`translate`] says it again in the client's language.
    fn into_response(self) -> Response {
        respond(&self, Lang::Ja)
    }
}

/// Gives every problem its language, and makes a problem of every bare error that the framework answered by itself.
pub async fn translate(request: Request, next: Next) -> Response {
    let lang = accepted(request.headers());
    let response = next.run(request).await;
    if let Some(refused) = response.extensions().get::<Refused>() {
        return respond(refused, lang);
    }
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || says_something(&response) {
        return response;
    }
    let refusal = match status {
        StatusCode::NOT_FOUND => Refusal::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Refusal::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::TooLarge,
        StatusCode::TOO_MANY_REQUESTS => Refusal::RateLimited,
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => Refusal::Busy,
        status if status.is_client_error() => Refusal::BadRequest,
        _ => Refusal::Fault,
    };
    let mut problem = respond(&refusal.into(), lang);
    if let Some(allow) = response.headers().get(header::ALLOW) {
        problem.headers_mut().insert(header::ALLOW, allow.clone());
    }
    problem
}

/// Whether a room wrote the body on purpose, such as the report on a roll with errors.
fn says_something(response: &Response<Body>) -> bool {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/") || kind.starts_with("text/html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(accept: &str) -> Lang {
        accepted(&HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, accept.parse().unwrap())]))
    }

    #[test]
    fn the_language_with_the_greatest_weight_is_chosen() {
        assert_eq!(language("en"), Lang::En);
        assert_eq!(language("en-GB,ja;q=0.9"), Lang::En);
        assert_eq!(language("ja;q=0.5, en;q=0.51"), Lang::En);
        assert_eq!(language("fr, en;q=0.1"), Lang::En);
        assert_eq!(language("JA-jp, en"), Lang::Ja);
    }

    #[test]
    fn japanese_is_spoken_where_neither_language_is_asked_for() {
        for accept in ["", "fr", "*", "en;q=0", "en;q=7", "en;q=0.1234"] {
            assert_eq!(language(accept), Lang::Ja, "{accept}");
        }
    }
}
