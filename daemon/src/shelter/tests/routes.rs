//! Who may do what on the staff port.

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::Refusal;
use tachiai_schemas::roll::Protection;
use tachiai_schemas::roster::report::ReportContent;
use tachiai_schemas::roster::{Act, EventKind, LinkVerdict, Person};
use tachiai_schemas::shelter::overview::{ReportRequest, ReportView};
use tachiai_schemas::shelter::{EventAsked, LinkRequest, PersonAct, PersonDone};
use tachiai_schemas::staff::{Matter, Pending, Role};
use tower::ServiceExt;

use super::super::people::Sight;
use super::super::testing::{Hall, chain, person, shelter, spec};
use crate::acts::{Requests, Waiting};
use crate::clock::SystemClock;
use crate::http::limits::{Rate, Rates};
use crate::http::official::PeerKey;
use crate::http::router::{self, Condition, Health, Routes, Surroundings};
use crate::http::{Official, Officials, Sessions};
use crate::refused::Answering;

const ROLES: [Role; 7] = [Role::Headquarters, Role::Reception, Role::Commission, Role::Poll, Role::Trustee, Role::Auditor, Role::Agency];

fn key(role: Role) -> Hash32 {
    Hash32::sha256(role.name().as_bytes())
}

struct List;

impl Officials for List {
    fn official(&self, of: &Hash32) -> Option<Official> {
        ROLES.into_iter().find(|role| key(*role) == *of).map(|role| Official { name: role.name().to_owned(), role, key: *of })
    }
}

impl Health for List {
    fn condition(&self) -> Condition {
        Condition::default()
    }
}

/// A second official who never comes.
struct Nobody;

impl Requests for Nobody {
    fn ask(&self, by: String, matter: Matter) -> Answering<'_, Pending> {
        Box::pin(async move {
            let mut pending = Pending {
                id: "aaaaaaaa".to_owned(),
                matter,
                requested_by: by,
                requested_at: super::super::testing::time(super::super::testing::NOW),
                message: Hash32::ZERO.into(),
            };
            pending.message = pending.message_hash().into();
            Ok(pending)
        })
    }

    fn waiting(&self) -> Answering<'_, Waiting> {
        Box::pin(async { Ok(Waiting::default()) })
    }
}

fn port(hall: &Hall) -> axum::Router {
    let rate = Rate { per_second: NonZeroU32::MAX, burst: NonZeroU32::MAX };
    let around = Surroundings {
        sessions: Arc::new(Sessions::new(Arc::new(SystemClock), 1)),
        officials: Arc::new(List),
        rates: Arc::new(Rates::new(rate, rate, rate)),
        health: Arc::new(List),
    };
    let staff = super::super::routes::routes_staff(Arc::clone(&hall.shelters), Arc::new(Nobody))
        .merge(super::super::questionnaire::routes::routes_staff(Arc::clone(&hall.shelters)))
        .merge(super::super::reports::routes::routes_staff(Arc::clone(&hall.shelters)));
    router::assemble(Routes { staff, ..Routes::default() }, &around).staff
}

async fn ask(port: &axum::Router, role: Role, method: &str, path: &str, body: Vec<u8>) -> (StatusCode, Vec<u8>) {
    let request = Request::builder().method(method).uri(format!("/api/v1/shelter/{path}")).header("content-type", "application/json");
    let mut request = request.body(Body::from(body)).unwrap();
    request.extensions_mut().insert(PeerKey(key(role)));
    let response = port.clone().oneshot(request).await.unwrap();
    let status = response.status();
    (status, axum::body::to_bytes(response.into_body(), 1 << 24).await.unwrap().to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_role_is_refused_on_every_route() {
    let hall = Hall::new().await;
    let (id, port) = (hall.event.id, port(&hall));
    let gym = hall.terminal("gym-1", "gym").await;
    let json = |value: serde_json::Value| serde_json::to_vec(&value).unwrap();
    let headquarters = [Role::Headquarters].as_slice();
    let both = [Role::Headquarters, Role::Reception].as_slice();
    let proof = [Role::Headquarters, Role::Reception, Role::Auditor].as_slice();
    let link = LinkRequest { chain: chain(1), other: chain(2), verdict: LinkVerdict::Same, evidence: "x".to_owned() };
    let asked = serde_json::json!({ "name": "甲", "address": "養父市", "asker": "乙" });
    let entry = PersonAct { chain: None, after: vec![], shelter: "gym".parse().unwrap(), act: Act::In, time: None, person: person("甲") };
    let file = tachiai_schemas::Bytes([0; 32]);
    let aside = serde_json::json!({ "file": file, "entries": [0], "content": file, "verdict": "drop", "reason": "x" });
    let routes = [
        ("GET", "events".to_owned(), Vec::new(), both),
        ("POST", "events".to_owned(), json(serde_json::to_value(spec(EventKind::Lecture)).unwrap()), headquarters),
        ("GET", format!("events/{id}"), Vec::new(), both),
        ("POST", format!("events/{id}/close"), b"{}".to_vec(), headquarters),
        ("GET", format!("events/{id}/outstanding"), Vec::new(), headquarters),
        ("POST", format!("events/{id}/terminals"), json(serde_json::to_value(gym.request()).unwrap()), headquarters),
        ("GET", format!("events/{id}/terminals/gym-1/pack"), Vec::new(), both),
        ("GET", format!("events/{id}/terminals/gym-1/news?from=0&count=10"), Vec::new(), both),
        ("POST", format!("events/{id}/hand-ins"), json(serde_json::to_value(gym.hand_in(&hall, &[], hall.millis())).unwrap()), both),
        ("GET", format!("events/{id}/aside"), Vec::new(), headquarters),
        ("GET", format!("events/{id}/aside/{file}"), Vec::new(), headquarters),
        ("POST", format!("events/{id}/aside"), json(aside), headquarters),
        ("GET", format!("events/{id}/entries/0"), Vec::new(), proof),
        ("POST", format!("events/{id}/shelters"), json(serde_json::json!({ "before": null, "now": shelter("hall") })), headquarters),
        ("POST", format!("events/{id}/people"), json(serde_json::to_value(&entry).unwrap()), both),
        ("GET", format!("events/{id}/people/{}", chain(1)), Vec::new(), both),
        ("POST", format!("events/{id}/search"), json(serde_json::json!({ "name": "甲", "shelter": null, "limit": 10 })), both),
        ("POST", format!("events/{id}/search"), json(serde_json::json!({ "name": "", "shelter": "gym", "limit": 10 })), headquarters),
        ("GET", format!("events/{id}/conflicts"), Vec::new(), headquarters),
        ("GET", format!("events/{id}/duplicates"), Vec::new(), headquarters),
        ("POST", format!("events/{id}/links"), json(serde_json::to_value(&link).unwrap()), headquarters),
        ("POST", format!("events/{id}/inquiries"), json(asked), both),
        ("GET", format!("events/{id}/urgency"), Vec::new(), headquarters),
        ("GET", format!("events/{id}/people/{}/questionnaire", chain(1)), Vec::new(), both),
        ("GET", format!("events/{id}/reports"), Vec::new(), both),
        ("GET", format!("events/{id}/missing"), Vec::new(), headquarters),
        ("GET", format!("events/{id}/shelters/gym/people"), Vec::new(), headquarters),
        ("POST", format!("events/{id}/terminals/gym-1/revoke"), Vec::new(), headquarters),
    ];
    for (method, path, body, allowed) in routes {
        for role in ROLES {
            let (status, _) = ask(&port, role, method, &path, body.clone()).await;
            assert_eq!(status == StatusCode::FORBIDDEN, !allowed.contains(&role), "{method} {path} as {role}: {status}");
            assert!(status.as_u16() < 500, "{method} {path} as {role}: {status}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disaster_waits_for_a_second_official_and_a_lecture_does_not() {
    let hall = Hall::new().await;
    let port = port(&hall);
    let declare = async |kind| {
        let (status, body) = ask(&port, Role::Headquarters, "POST", "events", serde_json::to_vec(&spec(kind)).unwrap()).await;
        (status, serde_json::from_slice::<EventAsked>(&body).unwrap())
    };
    assert!(matches!(declare(EventKind::Disaster).await, (StatusCode::ACCEPTED, EventAsked::Waiting { .. })));
    assert_eq!(hall.shelters.all().len(), 1);
    assert!(matches!(declare(EventKind::Lecture).await, (StatusCode::OK, EventAsked::Declared { .. })));
    assert_eq!(hall.shelters.all().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_hand_in_passes_the_port_and_a_longer_body_does_not() {
    let hall = Hall::new().await;
    let (id, port) = (hall.event.id, port(&hall));
    let mut gym = hall.terminal("gym-1", "gym").await;
    let written: Vec<_> = (1..=30).map(|n| gym.act(chain(n), Act::In, &person("西村　花子"), hall.millis())).collect();
    let body = serde_json::to_vec(&gym.hand_in(&hall, &written, hall.millis())).unwrap();
    assert!(body.len() > crate::http::limits::BODY);
    let (status, answer) = ask(&port, Role::Reception, "POST", &format!("events/{id}/hand-ins?way=network"), body).await;
    assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&answer));
    let (status, _) = ask(&port, Role::Reception, "POST", &format!("events/{id}/hand-ins"), vec![b' '; super::super::hand_in::BODY + 1]).await;
    assert_eq!(status.as_u16(), Refusal::TooLarge.status());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_notes_of_handovers_are_opened_to_the_headquarters_alone() {
    let hall = Hall::new().await;
    let (id, port) = (hall.event.id, port(&hall));
    let content = ReportContent::Handover { text: "2階の方に8時の薬".to_owned() };
    hall.event.write_report("西村", ReportRequest { shelter: "gym".parse().unwrap(), content, time: None }).await.unwrap();
    for (role, told) in [(Role::Headquarters, true), (Role::Reception, false)] {
        let (status, body) = ask(&port, role, "GET", &format!("events/{id}/reports"), Vec::new()).await;
        let reports: Vec<ReportView> = serde_json::from_slice(&body).unwrap();
        assert_eq!((status, reports.len(), String::from_utf8_lossy(&body).contains("8時の薬")), (StatusCode::OK, 1, told), "{role}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reception_lowers_no_protection_over_the_port_and_the_headquarters_do() {
    let hall = Hall::new().await;
    let (id, port) = (hall.event.id, port(&hall));
    let write = async |role, after: &[tachiai_schemas::HashBytes], protection| {
        let person = Person { protection, ..person("西村　隠子") };
        let act = if after.is_empty() { Act::In } else { Act::Edit };
        let entry = PersonAct { chain: Some(chain(1)), after: after.to_vec(), shelter: "gym".parse().unwrap(), act, time: None, person };
        let (status, body) = ask(&port, role, "POST", &format!("events/{id}/people"), serde_json::to_vec(&entry).unwrap()).await;
        assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&body));
        let done: PersonDone = serde_json::from_slice(&body).unwrap();
        (done.entry, hall.event.person("西村", Sight::All, chain(1)).await.unwrap().counts.person.unwrap().protection)
    };
    let (first, _) = write(Role::Reception, &[], Protection::Protected).await;
    let (second, kept) = write(Role::Reception, &[first], Protection::Open).await;
    let (_, lowered) = write(Role::Headquarters, &[second], Protection::Open).await;
    assert_eq!((kept, lowered), (Protection::Protected, Protection::Open));
}
