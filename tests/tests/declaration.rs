//! An elector files the declaration for early voting at home, with the card; what is wrong is refused by name, in both languages.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use tachiai_crypto::journal::BoardSecretKey;
use tachiai_schemas::Bytes;
use tachiai_schemas::declaration::{DeclarationState, DeclarationView, EarlyReason, oath};
use tachiai_schemas::election::Text;
use tachiai_schemas::paper::{LinkPolicy, Officer, OfficerRole, Place, PlaceKind, Session};
use tachiai_schemas::{Lang, Refusal};
use tachiai_tests::appliance::Outcome;
use tachiai_tests::hand::Hand;
use tachiai_tests::seat::Seat;
use tachiai_tests::story::{Setting, Story, now};
use tachiai_tests::wire::Wire;

fn key(seed: u8) -> Bytes<32> {
    Bytes(BoardSecretKey::from_seed(&[seed; 32]).public().to_bytes())
}

fn officers(seed: u8) -> Vec<Officer> {
    let roles = [("管理者", OfficerRole::Manager), ("立会人一", OfficerRole::Witness), ("立会人二", OfficerRole::Witness)];
    roles.iter().zip(seed..).map(|((name, role), seed)| Officer { name: (*name).to_owned(), role: *role, key: key(seed) }).collect()
}

/// A story with an early polling place, open for so many seconds.
fn with_early_place(seconds: i64) -> Story {
    let plan = move |plan: &mut tachiai_tests::city::Plan| {
        let closes = plan.opens.plus(3600 + seconds);
        plan.places = vec![Place {
            id: "city-hall".to_owned(),
            name: Text { ja: "市役所".to_owned(), en: "City hall".to_owned() },
            kind: PlaceKind::Early,
            key: key(60),
            officers: officers(70),
            sessions: vec![Session { opens: plan.opens, closes }],
            offline: LinkPolicy::Stop,
        }];
        plan.count_officers = officers(80);
    };
    Story::begin(Setting { plan: Box::new(plan), ..Setting::of(3) })
}

fn declare(story: &Story, seat: &Seat, lang: &str, more: &[&str]) -> Outcome {
    let election = story.election().to_string();
    seat.run(&["--lang", lang, "--json"], "declare", "1234", &[&["--election", &election, "--pin-fd", "0"], more].concat())
}

#[track_caller]
fn view(outcome: Outcome) -> DeclarationView {
    outcome.ok().unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap_or_else(|trouble| panic!("{trouble}"))
}

#[test]
fn a_declaration_is_filed_replaced_shown_and_withdrawn_with_the_card() {
    let mut story = with_early_place(3600);
    let seat = Seat::of(&story.scene, 0);
    let birth = format!("birth={}", story.scene.electors[0].birth);
    // A card that is bound to nobody logs in nowhere.
    let unknown = declare(&story, &seat, "en", &["--reason", "1", &birth, "--oath"]);
    assert!(unknown.code == Some(1) && unknown.stdout.contains("not-enrolled"), "{unknown:?}");
    seat.enrol().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    let none = declare(&story, &seat, "en", &["--show"]);
    assert!(none.code == Some(1) && none.stdout.contains("no declaration is on file"), "{none:?}");

    let filed = view(declare(&story, &seat, "ja", &["--reason", "1", &birth, "--oath"]));
    assert_eq!((filed.reason, filed.state), (EarlyReason::Duty, DeclarationState::Filed));
    let replaced = view(declare(&story, &seat, "en", &["--reason", "6", &birth.replace('-', "/"), "--oath"]));
    assert_eq!(replaced.reason, EarlyReason::Weather);
    assert_eq!(view(declare(&story, &seat, "en", &["--show"])), replaced);
    // The commission reads whose it is; the reason is of the newest, and no paper was handed out yet.
    let commission = &story.holding.staff().first;
    let list: serde_json::Value = commission.tachiai(&["--json", "election", "declarations"]).unwrap().ok().unwrap().json().unwrap();
    let [one] = list["declarations"].as_array().unwrap().as_slice() else { panic!("{list}") };
    let fields = [&list["all"], &list["used"], &list["withdrawn"], &one["reason"], &one["used"], &one["by"]["name"]];
    assert_eq!(fields.map(ToString::to_string), ["1", "0", "0", "6", "null", &serde_json::json!(story.scene.electors[0].name).to_string()], "{list}");
    let said = commission.tachiai(&["election", "declarations"]).unwrap().ok().unwrap().stdout;
    assert!(said.contains("1 declarations for early voting") && said.contains("no paper was handed out yet") && said.contains("bad weather"), "{said}");
    // It is not the vote: that is cast as before.
    seat.vote(&story, "mayor=m1", "receipt.json");

    story.scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
    story.scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert_eq!(view(declare(&story, &seat, "en", &["--show"])), replaced);
    let withdrawn = view(declare(&story, &seat, "en", &["--withdraw"]));
    assert_eq!(withdrawn.state, DeclarationState::Withdrawn);
    let said = seat.run(&["--lang", "ja"], "declare", "1234", &["--election", &story.election().to_string(), "--pin-fd", "0", "--show"]);
    assert!(said.code == Some(0) && said.stdout.contains("取り下げました") && said.stdout.contains("天災"), "{said:?}");
}

#[test]
fn what_is_wrong_with_a_declaration_is_said_before_or_by_the_server_and_nothing_is_kept() {
    let story = with_early_place(3600);
    let seat = Seat::of(&story.scene, 0);
    seat.enrol().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    let birth = format!("birth={}", story.scene.electors[0].birth);
    // Before the card is asked for anything.
    for wrong in [
        &["--reason", "0", &birth, "--oath"][..],
        &["--reason", "7", &birth, "--oath"],
        &["--reason", "1", "--reason", "2", &birth, "--oath"],
        &["--reason", "1", "birth=1980-02-30", "--oath"],
        &["--reason", "1", "birth=昨日", "--oath"],
        // Nobody can be asked for the oath or the birth date here.
        &["--reason", "1", &birth],
        &["--reason", "1", "--oath"],
        &["--withdraw", "--reason", "1"],
        &[&birth[..]],
    ] {
        assert_eq!(declare(&story, &seat, "en", wrong).code, Some(64), "{wrong:?}");
    }
    for (lang, says) in [("ja", "生年月日が選挙人名簿と違います"), ("en", "birth date is not the one on the roll")] {
        let outcome = declare(&story, &seat, lang, &["--reason", "1", "birth=1900-01-01", "--oath"]);
        assert!(outcome.code == Some(1) && outcome.stdout.contains(says), "{outcome:?}");
    }
    let wrong_pin = seat.run(&["--lang", "en"], "declare", "9999", &["--election", &story.election().to_string(), "--pin-fd", "0", "--show"]);
    assert_eq!(wrong_pin.code, Some(5), "{wrong_pin:?}");

    // A program that asks for something else than the console ever would.
    let wire = Wire::public(&story.scene.appliance);
    let mut hand = Hand::with(story.scene.card(1));
    hand.enrol(&wire).json::<serde_json::Value>();
    hand.log_in(&wire).json::<serde_json::Value>();
    let birth = story.scene.electors[1].birth.to_string();
    let path = story.path("/declaration");
    let ask = |body: serde_json::Value, token: Option<&str>| wire.post(&path, token, &body);
    let body = |reason: u8, birth: &str, oath: &str| serde_json::json!({ "reason": reason, "birth": birth, "oath": oath });
    let sworn = oath(Lang::Ja);
    ask(body(1, &birth, sworn), None).refused(Refusal::LoginRequired.code());
    for (body, refusal) in [
        (body(0, &birth, sworn), Refusal::DeclarationReason),
        (body(9, &birth, sworn), Refusal::DeclarationReason),
        (body(1, &birth, ""), Refusal::OathMissing),
        (body(1, &birth, "誓います"), Refusal::OathMissing),
        (body(1, "2001-01-01", sworn), Refusal::DeclarationDiffers),
        (serde_json::json!({ "reason": [1, 2], "birth": birth, "oath": sworn }), Refusal::BadRequest),
        (serde_json::json!({ "reason": 1, "reasons": 2, "birth": birth, "oath": sworn }), Refusal::BadRequest),
    ] {
        ask(body, hand.token()).refused(refusal.code());
    }
    wire.get(&path, hand.token()).refused(Refusal::NotFound.code());
    wire.post(&story.path("/declaration/withdrawal"), hand.token(), &serde_json::json!({})).refused(Refusal::NotFound.code());
}

#[test]
fn once_early_voting_is_over_or_where_there_is_none_nothing_is_filed() {
    for story in [with_early_place(1), Story::new(2)] {
        let seat = Seat::of(&story.scene, 0);
        seat.enrol().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
        let over = story.pinned.manifest.places.iter().flat_map(|place| &place.sessions).map(|session| session.closes).max();
        while over.is_some_and(|over| now() <= over) {
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
        let birth = format!("birth={}", story.scene.electors[0].birth);
        let outcome = declare(&story, &seat, "en", &["--reason", "1", &birth, "--oath"]);
        assert!(outcome.code == Some(1) && outcome.stdout.contains(Refusal::DeclarationLate.code()), "{outcome:?}");
    }
}
