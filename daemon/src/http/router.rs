//! The routes of all rooms behind the ports, and the OpenAPI document that describes them.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use serde_json::{Value, json};
use tachiai_schemas::health::Ailment;
use tachiai_schemas::{Lang, Refusal, Say};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;

use super::limits::{self, Rates};
use super::official::{Officials, PeerKey};
use super::session::Sessions;
use super::{card, layers, problem};
use crate::refused::Refused;

/// Where the routes of all rooms begin.
pub const BASE: &str = "/api/v1";

/// What the layers need.
#[derive(Clone)]
pub struct Surroundings {
    /// For the extractor [`super::Holder`].
    pub sessions: Arc<Sessions>,
    /// For the extractor [`super::Official`].
    pub officials: Arc<dyn Officials>,
    /// The rates of the public port.
    pub rates: Arc<Rates>,
    /// For `/healthz`.
    pub health: Arc<dyn Health>,
}

/// How the appliance is, for whoever watches it. Lines without details: the port is open to everybody, the log is not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition {
    /// Why it is not in order.
    pub broken: Vec<Ailment>,
    /// What somebody should look at while it serves.
    pub warnings: Vec<Ailment>,
}

/// Knows how the appliance is.
pub trait Health: Send + Sync {
    /// How it is now.
    fn condition(&self) -> Condition;
}

/// The routes of all rooms, relative to [`BASE`], and the pages.
#[derive(Default)]
pub struct Routes {
    /// For everybody.
    pub public: OpenApiRouter,
    /// For staff alone.
    pub staff: OpenApiRouter,
    /// For browsers that show a card's certificate.
    pub card: OpenApiRouter,
    /// What such a browser shows; not below [`BASE`].
    pub card_pages: Router,
}

/// What the ports answer.
pub struct Ports {
    /// For everybody.
    pub public: Router,
    /// For staff: everything that the public port answers, and the staff's own routes.
    pub staff: Router,
    /// For browsers that show a card's certificate: the page and the route to a session, and nothing else.
    pub card: Router,
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Tachiai", description = "Verifiable online elections: the public port and the staff port. Errors are application/problem+json (RFC 9457) with a stable code."),
    servers((url = "https://localhost:8443", description = "public port"), (url = "https://localhost:9443", description = "staff port, mutual TLS"),
        (url = "https://localhost:8444", description = "card port, if it is open: TLS 1.2 with the authentication certificate of a My Number Card")),
    components(schemas(tachiai_schemas::refusal::Problem))
)]
struct Document;

/// Puts the routes of all rooms behind the layers.
#[must_use]
pub fn assemble(routes: Routes, around: &Surroundings) -> Ports {
    let Routes { public, staff, card, card_pages } = routes;
    let (public, mut document) = OpenApiRouter::with_openapi(Document::openapi()).nest(BASE, public).split_for_parts();
    let (staff, staff_document) = OpenApiRouter::default().nest(BASE, staff).split_for_parts();
    document.merge(staff_document);
    let (card, card_document) = OpenApiRouter::default().nest(BASE, card).split_for_parts();
    document.merge(card_document);
    let document = describe(document);
    let common = Router::new()
        .route("/healthz", get(health))
        .route("/api/v1/openapi.json", get(openapi))
        .layer(Extension(Arc::new(document)))
        .layer(Extension(around.health.clone()));
    let public = public.merge(common);
    let staff = public.clone().merge(staff).layer(from_fn_with_state(around.officials.clone(), require_listed));
    let public = public.layer(from_fn_with_state(around.rates.clone(), limits::count));
    let card = card.merge(card_pages).layer(from_fn_with_state(around.rates.clone(), limits::count));
    let card = finish(card, around).layer(from_fn(card::one_request));
    Ports { public: finish(public, around), staff: finish(staff, around), card }
}

/// The layers of every request; the last one is met first.
fn finish(router: Router, around: &Surroundings) -> Router {
    router
        .fallback(async || Refused::from(Refusal::NotFound))
        .method_not_allowed_fallback(async || Refused::from(Refusal::MethodNotAllowed))
        .layer(Extension(around.sessions.clone()))
        .layer(Extension(around.officials.clone()))
        .layer(DefaultBodyLimit::max(limits::BODY))
        .layer(from_fn(layers::bring_to_the_end))
        .layer(from_fn(layers::take_body))
        .layer(from_fn(layers::limit_time))
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(from_fn(problem::translate))
        .layer(from_fn(layers::trace))
}

/// Nobody who is no longer on the staff list gets anything from the staff port, not even what is public.
async fn require_listed(State(officials): State<Arc<dyn Officials>>, request: Request, next: Next) -> Response {
    match request.extensions().get::<PeerKey>().and_then(|PeerKey(key)| officials.official(key)) {
        Some(_) => next.run(request).await,
        None => Refused::from(Refusal::Forbidden).into_response(),
    }
}

/// 200 and `ok` if all is in order, with warnings below; 503 and the reasons, as JSON, if not.
async fn health(Extension(health): Extension<Arc<dyn Health>>) -> Response {
    // Looking at a disk may take its time.
    let asked = tokio::task::spawn_blocking(move || health.condition()).await;
    let Condition { broken, warnings } = asked.unwrap_or_else(|_| Condition { broken: vec![Ailment::Unknown {}], warnings: Vec::new() });
    let said = |lines: &[Ailment]| lines.iter().map(|line| line.say(Lang::En)).collect::<Vec<_>>();
    let (broken, warnings) = (said(&broken), said(&warnings));
    if broken.is_empty() {
        let warnings: String = warnings.iter().map(|line| format!("warning: {line}\n")).collect();
        return format!("ok\n{warnings}").into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, axum::Json(json!({ "broken": broken, "warnings": warnings }))).into_response()
}

async fn openapi(Extension(document): Extension<Arc<String>>) -> Response {
    ([("content-type", "application/json")], document.as_str().to_owned()).into_response()
}

/// The document as JSON of OpenAPI 3.1.
fn describe(mut document: utoipa::openapi::OpenApi) -> String {
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("session", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    components.add_security_scheme(
        "certificate",
        SecurityScheme::MutualTls { description: Some("client certificate of a member of staff".to_owned()), deprecated: None, extensions: None },
    );
    components.add_security_scheme(
        "card",
        SecurityScheme::MutualTls { description: Some("authentication certificate of a My Number Card".to_owned()), deprecated: None, extensions: None },
    );
    // A wildcard is `{*path}` to the router and `{path}` to OpenAPI.
    document.paths.paths = std::mem::take(&mut document.paths.paths).into_iter().map(|(path, item)| (path.replace("{*", "{"), item)).collect();
    let mut document = serde_json::to_value(&document).unwrap_or_default();
    for item in document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flat_map(|paths| paths.values_mut()) {
        for operation in item.as_object_mut().into_iter().flat_map(|item| item.values_mut()) {
            if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
                // Every error of every route is a problem, so no route has to say it.
                responses.entry("default").or_insert_with(any_problem);
            }
        }
    }
    document.to_string()
}

fn any_problem() -> Value {
    json!({
        "description": "a problem with a stable code (RFC 9457)",
        "content": { problem::PROBLEM_JSON: { "schema": { "$ref": "#/components/schemas/Problem" } } }
    })
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use axum::body::Body;
    use tower::ServiceExt;

    use super::*;
    use crate::clock::SystemClock;
    use crate::http::limits::Rate;
    use crate::http::official::Official;

    struct Nobody;

    impl Officials for Nobody {
        fn official(&self, _key: &tachiai_crypto::hash::Hash32) -> Option<Official> {
            None
        }
    }

    fn around() -> Surroundings {
        let rate = Rate { per_second: NonZeroU32::MAX, burst: NonZeroU32::MAX };
        Surroundings {
            sessions: Arc::new(Sessions::new(Arc::new(SystemClock), 1)),
            officials: Arc::new(Nobody),
            rates: Arc::new(Rates::new(rate, rate, rate)),
            health: Arc::new(Is(Condition::default())),
        }
    }

    struct Is(Condition);

    impl Health for Is {
        fn condition(&self) -> Condition {
            self.0.clone()
        }
    }

    #[tokio::test]
    async fn health_says_what_is_broken_with_503_and_a_warning_with_200() {
        let is = |broken: &[Ailment], warnings: &[Ailment]| {
            let health = Arc::new(Is(Condition { broken: broken.to_vec(), warnings: warnings.to_vec() }));
            assemble(Routes::default(), &Surroundings { health, ..around() }).public
        };
        let (unknown, refused) = ([Ailment::Unknown {}], [Ailment::PlatformRefused { messages: 2 }]);
        let warning = "the data platform refused 2 messages";
        assert_eq!(ask(is(&[], &refused), "/healthz").await, (200, format!("ok\nwarning: {warning}\n")));
        let said = format!(r#"{{"broken":["the condition cannot be told"],"warnings":["{warning}"]}}"#);
        assert_eq!(ask(is(&unknown, &refused), "/healthz").await, (503, said));
    }

    async fn ask(router: Router, path: &str) -> (u16, String) {
        let response = router.oneshot(Request::builder().uri(path).body(Body::empty()).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_panic_is_a_fault_that_tells_the_client_nothing() {
        async fn broken() {
            panic!("the secret is 42");
        }
        let router = Router::new().route("/broken", get(broken));
        let (status, body) = ask(finish(router, &around()), "/broken").await;
        assert_eq!(status, 500);
        assert!(body.contains("urn:tachiai:problem:fault"), "{body}");
        assert!(!body.contains("42"), "{body}");
    }

    #[tokio::test]
    async fn an_act_is_finished_although_the_client_has_gone_away() {
        let (begun, done) = (Arc::new(tokio::sync::Notify::new()), Arc::new(tokio::sync::Notify::new()));
        let act = {
            let (begun, done) = (begun.clone(), done.clone());
            async move || {
                begun.notify_one();
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                done.notify_one();
            }
        };
        let router = finish(Router::new().route("/act", axum::routing::post(act)), &around());
        let client = tokio::spawn(router.oneshot(Request::builder().method("POST").uri("/act").body(Body::empty()).unwrap()));
        begun.notified().await;
        // Dropping the answer's future is what a server does when the connection ends.
        client.abort();
        assert!(client.await.unwrap_err().is_cancelled());
        tokio::time::timeout(std::time::Duration::from_secs(5), done.notified()).await.expect("the act stopped half-way");
    }

    #[tokio::test]
    async fn a_panic_while_something_is_changed_is_a_fault_that_tells_the_client_nothing() {
        async fn broken() {
            panic!("the secret is 42");
        }
        let router = finish(Router::new().route("/broken", axum::routing::post(broken)), &around());
        let response = router.oneshot(Request::builder().method("POST").uri("/broken").body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), 500);
        let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("42"));
    }

    #[tokio::test]
    async fn a_report_that_a_room_answers_with_an_error_status_is_left_alone() {
        async fn report() -> Response {
            (StatusCode::UNPROCESSABLE_ENTITY, axum::Json(json!({ "rows": 3 }))).into_response()
        }
        let router = Router::new().route("/report", get(report));
        assert_eq!(ask(finish(router, &around()), "/report").await, (422, r#"{"rows":3}"#.to_owned()));
    }

    #[tokio::test]
    async fn the_staff_port_answers_nothing_without_a_key_on_the_list() {
        let ports = assemble(Routes::default(), &around());
        assert_eq!(ask(ports.public, "/healthz").await, (200, "ok\n".to_owned()));
        assert_eq!(ask(ports.staff, "/healthz").await.0, 403);
    }
}
