//! What is going on, by role, once and live.

use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use hyper::body::Incoming;
use tachiai_schemas::staff::Role;
use tachiai_schemas::status::{Log, Status, Viewer};
use tachiaid::app::control::Request;

use crate::appliance::Appliance;

/// The next event of a stream, as its kind and data; nothing at its end.
async fn next(stream: &mut Incoming) -> Option<(String, String)> {
    let mut text = String::new();
    while !text.ends_with("\n\n") {
        let frame = tokio::time::timeout(Duration::from_secs(20), stream.frame()).await.expect("nothing came");
        text += std::str::from_utf8(&frame?.ok()?.into_data().ok()?).unwrap();
    }
    let (kind, data) = text.trim_end().split_once('\n').unwrap();
    Some((kind.strip_prefix("event: ").unwrap().to_owned(), data.strip_prefix("data: ").unwrap().to_owned()))
}

/// The next one that is a status.
async fn changed(stream: &mut Incoming) -> Option<Status> {
    loop {
        match next(stream).await? {
            (kind, data) if kind == "status" => return Some(serde_json::from_str(&data).unwrap()),
            (kind, _) => assert_eq!(kind, "same"),
        }
    }
}

fn drill() -> serde_json::Value {
    serde_json::json!({
        "kind": "drill", "title": { "ja": "総合防災訓練", "en": "Drill" }, "municipality": "282227", "began": "2026-11-20T00:00:00Z", "card": "without-pin",
        "min_group": 10
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_sees_what_concerns_it() {
    let appliance = Appliance::start().await;
    // events, waiting, alerts, appliance
    for (role, seen) in [
        (Role::Commission, [false, true, false, true]),
        (Role::Auditor, [false, true, true, true]),
        (Role::Trustee, [false; 4]),
        (Role::Poll, [false, true, false, false]),
        (Role::Reception, [true, false, false, false]),
        (Role::Headquarters, [true; 4]),
        (Role::Agency, [false; 4]),
    ] {
        let credentials = appliance.hire(role.name(), role).await;
        let status: Status = appliance.staff_client(&credentials).await.unwrap().get("/api/v1/status").await.json();
        let Status { at: _, viewer, elections, events, waiting, alerts, warnings, appliance } = status;
        assert_eq!(viewer, Viewer { name: role.name().to_owned(), role });
        assert!(elections.is_empty() && warnings.is_none(), "no data platform is asked");
        assert_eq!([events.is_some(), waiting.is_some(), alerts.is_some(), appliance.is_some()], seen, "{role}");
        if let Some(appliance) = appliance {
            assert!(appliance.broken.is_empty() && appliance.disk.is_some(), "{appliance:?}");
            assert!(appliance.journals.iter().any(|journal| journal.name == "appliance" && journal.bytes > 0), "{appliance:?}");
        }
    }
    let mut public = appliance.client().await;
    for path in ["/api/v1/status", "/api/v1/status/stream"] {
        assert_eq!(public.get(path).await.problem(), "not-found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_is_told_to_whoever_follows_and_silence_is_told_too() {
    let appliance = Appliance::start().await;
    let credentials = appliance.hire("本部", Role::Headquarters).await;
    let mut stream = appliance.staff_client(&credentials).await.unwrap().follow("/api/v1/status/stream").await;
    let first = changed(&mut stream).await.unwrap();
    assert_eq!(first.events, Some(Vec::new()));
    let (kind, data) = next(&mut stream).await.unwrap();
    assert_eq!((kind.as_str(), data), ("same", first.at.to_string()));
    let mut client = appliance.staff_client(&credentials).await.unwrap();
    assert_eq!(client.post("/api/v1/shelter/events", &drill()).await.status, 200);
    let began = Instant::now();
    let events = changed(&mut stream).await.unwrap().events.unwrap();
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    assert_eq!(events.iter().map(|event| event.summary.declared.title.ja.as_str()).collect::<Vec<_>>(), ["総合防災訓練"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_told_when_the_checkpoint_of_an_event_was_signed_and_over_how_much() {
    let appliance = Appliance::start().await;
    let credentials = appliance.hire("本部", Role::Headquarters).await;
    let mut client = appliance.staff_client(&credentials).await.unwrap();
    let status: Status = client.get("/api/v1/status").await.json();
    assert_eq!(status.appliance.unwrap().checkpoints, []);
    assert_eq!(client.post("/api/v1/shelter/events", &drill()).await.status, 200);
    let Status { at, events, appliance: now, .. } = client.get("/api/v1/status").await.json();
    let event = events.unwrap().remove(0).summary.event;
    let [checkpoint] = &now.unwrap().checkpoints[..] else { panic!("the event alone is there") };
    let signed = checkpoint.signed.unwrap();
    assert!(status.at <= signed && signed <= at, "{checkpoint:?}");
    assert_eq!((checkpoint.log, checkpoint.size, checkpoint.waiting), (Log::Event { event }, 1, 0));
    // To whom the appliance is no business, this is none.
    let credentials = appliance.hire("受付", Role::Reception).await;
    let status: Status = appliance.staff_client(&credentials).await.unwrap().get("/api/v1/status").await.json();
    assert!(status.appliance.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_when_its_reader_is_taken_off_the_list_and_holds_no_stop_up() {
    let appliance = Appliance::start().await;
    let [leaves, stays] = [appliance.hire("甲", Role::Commission).await, appliance.hire("乙", Role::Commission).await];
    let mut left = appliance.staff_client(&leaves).await.unwrap().follow("/api/v1/status/stream").await;
    let mut stayed = appliance.staff_client(&stays).await.unwrap().follow("/api/v1/status/stream").await;
    assert!(changed(&mut left).await.is_some() && changed(&mut stayed).await.is_some());
    appliance.control(Request::Revoke { name: "甲".to_owned() }).await;
    assert!(changed(&mut left).await.is_none());
    let began = Instant::now();
    let _kept = appliance.stop().await;
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert!(changed(&mut stayed).await.is_none());
}
