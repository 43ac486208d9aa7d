//! Warnings and hazards of others come from the city's data platform, which fails on purpose: what was told stays and is said to be old, across a restart, and no failure is
//! more than that; what changes is in the journal, and what stays is not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::LazyLock;

use serde_json::{Value, json};
use tachiai_schemas::journal::JournalPage;
use tachiai_schemas::sharing::warning::{Severity, Warnings};
use tachiai_schemas::staff::Role;
use tachiai_schemas::status::Status;
use tachiai_schemas::{Lang, Refusal, Timestamp};
use tachiai_tests::appliance::{Official, Programs};
use tachiai_tests::platform::{Mood, Platform};
use tachiai_tests::reception::client;
use tachiai_tests::story::{Scene, Setting, now, until};

#[path = "console/screen.rs"]
#[allow(dead_code, reason = "not every story does everything that can be done before a terminal")]
mod screen;

use screen::Screen;

fn property(value: impl Into<Value>) -> Value {
    json!({ "type": "Property", "value": value.into() })
}

/// When the story began: what is told again is the same, however long it took until then.
static BEGUN: LazyLock<Timestamp> = LazyLock::new(now);

fn alert(id: &str, category: &str, what: &str, severity: &str) -> Value {
    json!({
        "id": format!("urn:ngsi-ld:Alert:{id}"), "type": "Alert", "category": property(category), "subCategory": property(what), "severity": property(severity),
        "dateIssued": property(json!({ "@type": "DateTime", "@value": BEGUN.plus(-600).to_string() })), "validTo": property(BEGUN.plus(7_200).to_string()),
        "description": property("大雨警報\u{1b}[2J（土砂災害）\n厳重に警戒してください。"), "source": property("神戸地方気象台"),
        "address": property(json!({ "areaServed": "養父市" })),
    })
}

fn read(official: &Official, arguments: &[&str], code: i32) -> Warnings {
    let outcome = official.tachiai(&[&["--json", "shelter", "warnings"], arguments].concat()).and_then(|outcome| outcome.expect(code));
    outcome.and_then(|outcome| outcome.json()).unwrap_or_else(|trouble| panic!("{trouble}"))
}

/// The kinds of the entries about warnings, in their order.
fn entries(auditor: &Official) -> Vec<String> {
    let page: JournalPage = client(auditor).get("/api/v1/journal?count=500", None).unwrap_or_else(|failure| panic!("{failure}"));
    page.entries.into_iter().map(|line| line.kind).filter(|kind| kind.starts_with("warning")).collect()
}

#[test]
fn warnings_come_from_a_failing_platform_are_never_silently_old_and_are_there_after_a_restart() {
    let mut scene = Scene::set(Setting::of(2));
    let staff = |name: &str, role| scene.appliance.staff(name, role).unwrap_or_else(|trouble| panic!("{trouble}"));
    let [headquarters, reception, auditor, commission] =
        [("hq", Role::Headquarters), ("gym", Role::Reception), ("audit", Role::Auditor), ("comm", Role::Commission)].map(|(name, role)| staff(name, role));
    let platform = Platform::start().unwrap();
    scene.appliance.configure(|table| drop(table.insert("broker".to_owned(), platform.section(300).into()))).unwrap_or_else(|trouble| panic!("{trouble}"));
    let rain = |severity: &str| alert("rain", "weather", "rainfall", severity);
    let road = || alert("road", "traffic", "roadClosed", "medium");
    let odd = || json!({ "id": "urn:ngsi-ld:StepCount:1", "type": "StepCount" });
    platform.tells(vec![road(), rain("high"), alert("jam", "traffic", "trafficJam", "low"), odd()]);
    scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));

    // The appliance asks by itself. Headquarters and receptions read it, and others do not.
    until("the first warnings", || read(&headquarters, &[], 0).all == 2);
    let told = read(&reception, &[], 0);
    let first = &told.known[0].warning;
    assert_eq!((first.id.as_str(), first.severity, first.area.as_str()), ("urn:ngsi-ld:Alert:rain", Some(Severity::High), "養父市"));
    assert_eq!((first.description.as_str(), first.source.as_str()), ("大雨警報 [2J（土砂災害） 厳重に警戒してください。", "神戸地方気象台"));
    assert_eq!((told.left_out, told.silent.is_none(), told.heard.is_some()), (1, true, true));
    assert!(
        platform.asked()[0].starts_with("GET /ngsi-ld/v1/entities?type=Alert&q=category%3D%3D%22naturalDisaster%22,%22weather%22"),
        "{:?}",
        platform.asked()
    );
    client(&commission).get::<Warnings>("/api/v1/sharing/warnings", None).unwrap_err();
    let seen = |official: &Official| client(official).get::<Status>("/api/v1/status", None).unwrap_or_else(|failure| panic!("{failure}")).warnings;
    assert_eq!((seen(&headquarters), seen(&reception), seen(&commission), seen(&auditor)), (Some(told.clone()), Some(told.clone()), None, None));
    let refused = client(&reception).post::<Value, Warnings>("/api/v1/sharing/warnings/rounds", None, &json!({})).unwrap_err();
    assert_eq!(refused.code, Some(Refusal::Forbidden));
    let text =
        headquarters.tachiai_in(Lang::Ja, &["shelter", "warnings"]).and_then(|outcome| outcome.ok()).unwrap_or_else(|trouble| panic!("{trouble}")).stdout;
    assert!(["[高] 大雨", "神戸地方気象台", "発表", "避難指示などは人が決めます", "出ていないもの: 1件"].iter().all(|part| text.contains(part)), "{text}");

    // Whatever the platform does, what it told last stays, and it is said since when it is old: the silence is one entry.
    let heard = read(&headquarters, &["--fetch"], 0).heard.unwrap();
    let moods = [Mood::Says(500), Mood::HangsUp, Mood::Babbles, Mood::ShowsAPage, Mood::BreaksOff, Mood::Floods, Mood::Says(401), Mood::Says(200)];
    platform.goes_through(&moods);
    for mood in moods {
        let old = read(&headquarters, &["--fetch"], 4);
        let silent = old.silent.unwrap_or_else(|| panic!("{mood:?}"));
        assert_eq!((old.all, silent.since), (2, heard), "{mood:?}: {}", silent.what);
    }
    platform.tells((0..150).map(|number| alert(&number.to_string(), "weather", "rainfall", "critical")).collect());
    let many = read(&headquarters, &["--fetch"], 4);
    assert!(many.all == 2 && many.silent.is_some_and(|silent| silent.what.contains("150 entities")), "a platform that gives no pages is not believed");

    // Nothing of it is lost in a restart, nor that it is old.
    platform.stays(Some(Mood::Says(503)));
    scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
    scene.appliance.tachiaid(&["check"]).and_then(|outcome| outcome.ok()).unwrap_or_else(|trouble| panic!("{trouble}"));
    scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    let after = read(&headquarters, &[], 0);
    assert_eq!((after.known, after.heard, after.silent.map(|silent| silent.since)), (told.known, None, Some(heard)));
    assert_eq!(entries(&auditor), ["warning-told", "warning-told", "warnings-silent"]);

    // It tells again, and something else; the headquarters are told at once what is urgent. What stays is no entry.
    let program = Programs::beside_this().unwrap().path("tachiai").unwrap();
    let mut console = Screen::open(&program, &["--profile", headquarters.profile().to_str().unwrap(), "--lang", "ja"], (120, 40), &scene.folder);
    console.until("から更新できていません");
    platform.stays(None);
    platform.tells(vec![rain("high"), alert("river", "naturalDisaster", "floodRisk", "critical")]);
    until("it to be told anew", || headquarters.tachiai(&["--json", "shelter", "warnings", "--fetch"]).is_ok_and(|outcome| outcome.ok().is_ok()));
    console.until("新しい防災情報");
    // The window comes once nobody types.
    let text = console.until("避難指示などは人が決めます");
    assert!(text.contains("[重大] 洪水のおそれ"), "{text}");
    console.press("\r");
    console.press("W");
    console.until("データ連携基盤へ確認");
    for _ in 0..3 {
        assert_eq!(read(&headquarters, &["--fetch"], 0).all, 2);
    }
    assert_eq!(entries(&auditor), ["warning-told", "warning-told", "warnings-silent", "warnings-heard", "warning-told", "warning-gone"]);
    console.press("q");
    console.end();
}
