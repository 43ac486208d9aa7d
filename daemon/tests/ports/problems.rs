//! Whatever goes wrong, the client reads a problem with a stable code in its own language.

use hyper::Method;
use tachiai_schemas::refusal::Problem;
use tachiaid::http::limits::{self, Rate};

use crate::appliance::{Appliance, folder};

const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test(flavor = "multi_thread")]
async fn every_error_is_a_problem() {
    let appliance = Appliance::start().await;
    let mut client = appliance.client().await;
    let long = "x".repeat(limits::BODY + 1);
    let cases = [
        (Method::GET, "/", "", "not-found"),
        (Method::GET, "/api/v1/nothing", "", "not-found"),
        (Method::PUT, "/api/v1/nonces", "", "method-not-allowed"),
        (Method::POST, "/healthz", "", "method-not-allowed"),
        (Method::POST, "/api/v1/sessions", "", "bad-request"),
        (Method::POST, "/api/v1/sessions", "{", "bad-request"),
        (Method::POST, "/api/v1/sessions", r#"{"statement":"","signature":"","certificate":"","more":1}"#, "bad-request"),
        (Method::POST, "/api/v1/sessions", r#"{"statement":"*","signature":"","certificate":""}"#, "bad-request"),
        (Method::POST, "/api/v1/sessions", long.as_str(), "too-large"),
        (Method::DELETE, "/api/v1/sessions", "", "login-required"),
        (Method::GET, "/api/v1/elections/not-an-id", "", "bad-request"),
        (Method::GET, "/api/v1/elections/aaaaaaaaaaaaaaaaaaaaaaaaaa", "", "not-found"),
    ];
    for (method, path, body, code) in cases {
        let answered = client.send(method.clone(), path, &[JSON], body.to_owned()).await.unwrap();
        assert_eq!(answered.problem(), code, "{method} {path}");
        assert!(answered.headers.contains_key("x-request-id"), "{method} {path}");
        assert_eq!(answered.headers["x-content-type-options"], "nosniff");
        // A body that was not read to its end takes the connection with it.
        if code == "too-large" {
            client = appliance.client().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_hides_its_length_is_stopped_at_the_limit() {
    let appliance = Appliance::start().await;
    let mut client = appliance.client().await;
    let long = "x".repeat(limits::BODY + 1);
    let answered = client.send(Method::POST, "/api/v1/enrolments", &[JSON, ("transfer-encoding", "chunked")], long).await;
    // The answer may come after the connection was closed under a client that still sends.
    if let Ok(answered) = answered {
        assert_eq!(answered.problem(), "too-large");
    }
    assert_eq!(appliance.client().await.get("/healthz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_chooses_the_language() {
    let appliance = Appliance::start().await;
    let mut client = appliance.client().await;
    for (accept, title, language) in [
        ("en", "Not found. Check the ID.", "en"),
        ("ja", "見つかりません。IDを確かめてください。", "ja"),
        ("fr", "見つかりません。IDを確かめてください。", "ja"),
    ] {
        let answered = client.send(Method::GET, "/nothing", &[("accept-language", accept)], "").await.unwrap();
        assert_eq!(answered.json::<Problem>().title, title);
        assert_eq!(answered.headers["content-language"], language);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_too_often_is_told_to_wait() {
    let clock = std::sync::Arc::new(tachiaid::clock::SetClock::new(tachiaid::clock::Clock::now(&tachiaid::clock::SystemClock)));
    let (folder, cards) = folder(&clock);
    let few = std::num::NonZeroU32::new(3).unwrap();
    let slow = Rate { per_second: std::num::NonZeroU32::MIN, burst: few };
    let appliance = Appliance::serve(folder, cards, clock, |config| config.limits.local = slow).await;
    let mut client = appliance.client().await;
    let mut limited = None;
    for _ in 0..few.get() * 2 {
        let answered = client.get("/healthz").await;
        if answered.status != 200 {
            limited = Some(answered);
            break;
        }
    }
    let limited = limited.unwrap();
    assert_eq!(limited.problem(), "rate-limited");
    assert!(limited.headers.contains_key("retry-after"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_describes_every_route_it_answers() {
    let appliance = Appliance::start().await;
    let mut client = appliance.client().await;
    let document: serde_json::Value = client.get("/api/v1/openapi.json").await.json();
    assert_eq!(document["openapi"].as_str().map(|version| &version[..3]), Some("3.1"));
    let paths = document["paths"].as_object().unwrap();
    for path in ["/api/v1/nonces", "/api/v1/enrolments", "/api/v1/sessions", "/api/v1/approvals", "/api/v1/approvals/{id}", "/api/v1/elections/{id}/acts"] {
        assert!(paths.contains_key(path), "{path}");
    }
    assert!(paths.keys().all(|path| !path.contains('*')));
    assert_eq!(lines(paths), include_str!("../../routes.txt"), "what the console asks is held against routes.txt: write it anew");
    for (path, item) in paths {
        for (method, operation) in item.as_object().unwrap() {
            let default = &operation["responses"]["default"]["content"]["application/problem+json"];
            assert!(default.is_object(), "{method} {path} does not say that its errors are problems");
        }
    }
}

/// Each method and path with the names of what can be said behind `?`, one a line.
fn lines(paths: &serde_json::Map<String, serde_json::Value>) -> String {
    let mut lines = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let mut names: Vec<&str> = parameters.filter(|one| one["in"] == "query").map(|one| one["name"].as_str().unwrap()).collect();
            names.sort_unstable();
            let query = if names.is_empty() { String::new() } else { format!("?{}", names.join("&")) };
            lines.push(format!("{} {path}{query}\n", method.to_uppercase()));
        }
    }
    lines.sort_unstable();
    lines.concat()
}
