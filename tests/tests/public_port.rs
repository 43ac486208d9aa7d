//! What the public port says to requests that no program of ours sends: always a problem with the right code, and nothing happens.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::json;
use tachiai_schemas::receipt::ElectionSummary;
use tachiai_tests::appliance::Appliance;
use tachiai_tests::card::Content;
use tachiai_tests::hand::Hand;
use tachiai_tests::story::{Scene, Setting, Story};
use tachiai_tests::wire::{Reply, Wire};

const JSON: (&str, &str) = ("content-type", "application/json");

/// An appliance without an election.
fn empty() -> (Scene, Wire) {
    let mut scene = Scene::set(Setting::of(1));
    scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    let wire = Wire::public(&scene.appliance);
    (scene, wire)
}

fn says(wire: &Wire, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Reply {
    wire.send(method, path, headers, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
}

#[test]
fn every_refusal_of_the_public_port_is_a_problem_with_its_code() {
    let (scene, wire) = empty();
    paths_and_methods(&wire);
    bodies(&wire);
    content_types(&wire, scene.card(0));
    languages(&wire);
    staff_routes_are_not_here(&wire, &scene.appliance);
}

fn paths_and_methods(wire: &Wire) {
    for path in
        ["/", "/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v2/elections", "/api/v1/elections/../../healthz", "/%00", "/api/v1/elections/%2e%2e/record"]
    {
        let reply = says(wire, "GET", path, &[], None);
        assert!(matches!(reply.status, 400 | 404), "{path}: {}", reply.status);
        reply.refused(if reply.status == 404 { "not-found" } else { "bad-request" });
    }
    let unknown = "/api/v1/elections/0123456789abcdef0123456789abcdef";
    for rest in
        ["/entries/-1", "/entries/x", "/entries?from=0", "/entries?from=0&count=257", "/entries?from=0&count=1&more=1", "/consistency", "/ballots/short"]
    {
        let reply = says(wire, "GET", &format!("{unknown}{rest}"), &[], None);
        assert!(matches!(reply.status, 400 | 404), "{rest}: {}", reply.status);
        reply.refused(if reply.status == 404 { "not-found" } else { "bad-request" });
    }
    for (method, path) in
        [("DELETE", "/api/v1/elections"), ("PUT", "/api/v1/nonces"), ("GET", "/api/v1/nonces"), ("POST", "/healthz"), ("BREW", "/api/v1/enrolments")]
    {
        let reply = says(wire, method, path, &[], None);
        reply.refused("method-not-allowed");
        assert!(reply.header("allow").is_some(), "{method} {path}: {:?}", reply.headers);
    }
}

fn bodies(wire: &Wire) {
    for body in [
        &b""[..],
        b"{",
        b"null",
        b"[]",
        b"\xff\xfe",
        br#"{"statement":"","signature":"","certificate":""}trailing"#,
        br#"{"statement":"","signature":"","certificate":"","more":1}"#,
        br#"{"statement":"","statement":"","signature":"","certificate":""}"#,
        br#"{"statement":"=","signature":"","certificate":""}"#,
        br#"{"statement":"AB","signature":"","certificate":""}"#,
        br#"{"statement":7,"signature":"","certificate":""}"#,
        br#"{"statement":"","signature":""}"#,
    ] {
        let problem = says(wire, "POST", "/api/v1/sessions", &[JSON], Some(body)).refused("bad-request");
        assert!(problem.detail.is_some(), "{}", String::from_utf8_lossy(body));
    }
    let deep = [&b"["[..]; 9_000].concat();
    says(wire, "POST", "/api/v1/sessions", &[JSON], Some(&deep)).refused("bad-request");
    let large = serde_json::to_vec(&json!({ "statement": "A".repeat(20_000), "signature": "", "certificate": "" })).unwrap();
    says(wire, "POST", "/api/v1/sessions", &[JSON], Some(&large)).refused("too-large");
}

/// What a page of another site can have a browser send without asking is no JSON to the appliance, even if it reads like it.
fn content_types(wire: &Wire, card: Content) {
    let good = serde_json::to_vec(&Hand::with(card).enrolment(wire)).unwrap();
    for kind in [Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("multipart/form-data; boundary=x"), None] {
        let headers: Vec<_> = kind.map(|kind| ("content-type", kind)).into_iter().collect();
        says(wire, "POST", "/api/v1/enrolments", &headers, Some(&good)).refused("bad-request");
    }
    let reply = says(wire, "POST", "/api/v1/enrolments", &[("content-type", "application/json; charset=utf-8")], Some(&good));
    reply.json::<serde_json::Value>();
}

fn languages(wire: &Wire) {
    let title = |accept: &str| says(wire, "GET", "/nothing", &[("accept-language", accept)], None).refused("not-found").title;
    let (ja, en) = (title("ja"), title("en-GB,ja;q=0.5"));
    assert!(ja.chars().any(|c| ('ぁ'..='ん').contains(&c)), "{ja}");
    assert!(en.is_ascii(), "{en}");
}

fn staff_routes_are_not_here(wire: &Wire, appliance: &Appliance) {
    assert_ne!(appliance.url(), appliance.staff_url());
    for (method, path) in [("POST", "/api/v1/elections"), ("GET", "/api/v1/approvals"), ("POST", "/api/v1/approvals/abcdefgh")] {
        let reply = says(wire, method, path, &[JSON], (method == "POST").then_some(b"{}"));
        assert!(matches!(reply.status, 404 | 405), "{method} {path}: {}", reply.status);
        reply.refused(if reply.status == 404 { "not-found" } else { "method-not-allowed" });
    }
}

#[test]
fn requests_about_an_election_are_bounded_and_told_exactly() {
    let story = Story::new(2);
    let wire = Wire::public(&story.scene.appliance);
    let summary: ElectionSummary = wire.get(&story.path(""), None).json();
    let size = summary.size;
    for rest in [
        format!("/entries/{size}"),
        "/entries/18446744073709551615".to_owned(),
        "/tile/0/999".to_owned(),
        "/tile/../checkpoint".to_owned(),
        format!("/ballots/{}", "A".repeat(43)),
    ] {
        wire.get(&story.path(&rest), None).refused("not-found");
    }
    for rest in ["/entries/x", "/ballots/AA"] {
        let reply = wire.get(&story.path(rest), None);
        reply.refused(if reply.status == 404 { "not-found" } else { "bad-request" });
    }
    for rest in ["/entries?from=0&count=257".to_owned(), format!("/consistency?from={}", size + 1)] {
        wire.get(&story.path(&rest), None).refused("bad-request");
    }
    for path in ["/record/../../../../vault/master", "/record/%2e%2e/%2e%2e/tachiaid.toml", "/record/attachments/..%2f..%2fx", "/record/tachiaid.toml"] {
        let reply = wire.get(&story.path(path), None);
        assert!(matches!(reply.status, 400 | 404), "{path}: {} {}", reply.status, reply.text());
    }
    // A ballot may be longer than other requests, but not by much.
    let long = json!({ "ballot": "A".repeat(40_000) });
    wire.post(&story.path("/ballots"), None, &long).refused("ballot-malformed");
    let longer = json!({ "ballot": "A".repeat(80_000) });
    wire.post(&story.path("/ballots"), None, &longer).refused("too-large");
    for body in [&b"{}"[..], br#"{"ballot":"AA","more":1}"#, br#"{"ballot":"AB"}"#, br#"{"ballot":"A="}"#, b"ballot"] {
        wire.post_bytes(&story.path("/ballots"), None, body).refused("bad-request");
    }
    for (method, path) in [("GET", "/slot"), ("POST", "/registrations")] {
        for bearer in [None, Some("Bearer "), Some("Bearer AAAA"), Some("Basic AAAA"), Some("Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")] {
            let headers: Vec<_> = bearer.map(|bearer| ("authorization", bearer)).into_iter().chain([JSON]).collect();
            let reply = says(&wire, method, &story.path(path), &headers, (method == "POST").then_some(b"{}"));
            reply.refused("login-required");
            assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
        }
    }
    let after: ElectionSummary = wire.get(&story.path(""), None).json();
    assert_eq!(after.size, size);
}
