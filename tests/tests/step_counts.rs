//! Step counts are asked for at the city's data platform, which fails on purpose: under the resident's consent alone, until it is withdrawn or the citizen is erased, and of no
//! day that is not over. What comes in when a day is over is tested in the daemon, with a clock that can be set.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tachiai_schemas::identity::Enrolled;
use tachiai_schemas::roll::Day;
use tachiai_schemas::sharing::steps::{OwnSteps, Round};
use tachiai_schemas::staff::{Pending, Role};
use tachiai_tests::appliance::Outcome;
use tachiai_tests::platform::{Mood, Platform};
use tachiai_tests::seat::Seat;
use tachiai_tests::story::{Scene, Setting, now};

fn entity(pseudonym: &str, day: Day, steps: u32) -> Value {
    json!({
        "id": format!("urn:ngsi-ld:StepCount:{pseudonym}-{day}"), "type": "StepCount",
        "refCitizen": { "type": "Relationship", "object": format!("urn:ngsi-ld:Citizen:{pseudonym}") },
        "dateObserved": { "type": "Property", "value": day }, "steps": { "type": "Property", "value": steps },
    })
}

#[track_caller]
fn ok<T: DeserializeOwned>(outcome: Outcome) -> T {
    outcome.ok().unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap_or_else(|trouble| panic!("{trouble}"))
}

#[test]
fn step_counts_are_asked_for_under_the_residents_consent_alone_and_nothing_before_the_day_is_over() {
    let mut scene = Scene::set(Setting::of(2));
    let headquarters = scene.appliance.staff("nishimura", Role::Headquarters).unwrap_or_else(|trouble| panic!("{trouble}"));
    let second = scene.appliance.staff("uegaki", Role::Commission).unwrap_or_else(|trouble| panic!("{trouble}"));
    let platform = Platform::start().unwrap();
    scene.appliance.configure(|table| drop(table.insert("broker".to_owned(), platform.section(0).into()))).unwrap_or_else(|trouble| panic!("{trouble}"));
    scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    let [seat, other] = [0, 1].map(|elector| Seat::of(&scene, elector));
    let enrolled: Vec<Enrolled> =
        [&seat, &other].map(|seat| ok(seat.run(&["--json"], "card enrol", "YABU2026\n1234", &["--password-fd", "0", "--pin-fd", "0"]))).into();
    let steps = |seat: &Seat, more: &[&str]| -> OwnSteps { ok(seat.run(&["--json"], "access steps", "1234", &[&["--pin-fd", "0"], more].concat())) };
    let fetch = || headquarters.tachiai(&["--json", "access", "fetch-steps"]).unwrap();

    // Nobody consents, so nobody is asked for; each of the two is known by another pseudonym.
    let (own, foreign) = (steps(&seat, &[]), steps(&other, &[]));
    assert_eq!((own.since, own.days.len(), own.pseudonym == foreign.pseudonym), (None, 0, false));
    let (today, yesterday, tomorrow) = (Day::of(now()), Day::of(now().plus(-24 * 3600)), Day::of(now().plus(24 * 3600)));
    let told = |pseudonym: &str| vec![entity(pseudonym, today, 8642), entity(pseudonym, yesterday, 7531), entity(pseudonym, tomorrow, 9753)];
    platform.tells([told(&own.pseudonym), told(&foreign.pseudonym)].concat());
    assert_eq!((ok::<Round>(fetch()), platform.asked().len()), (Round::default(), 0));

    // With a consent this person is asked for and nobody else, again after each failure; what is told beyond the consent is dropped.
    assert!(steps(&seat, &["--consent"]).since.is_some());
    platform.goes_through(&[Mood::Says(500), Mood::HangsUp, Mood::Babbles, Mood::BreaksOff, Mood::Says(429)]);
    for _ in 0..5 {
        let round: Round = fetch().expect(4).unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap();
        assert!((round.people, round.failed, round.changed) == (1, 1, 0) && round.error.is_some(), "{round:?}");
        assert!(steps(&seat, &[]).days.is_empty());
    }
    // The day of the consent is not over yet, so its count would be another one an hour later; the other days and the other person no consent covers.
    let nothing = Round { people: 1, dropped: 6, ..Round::default() };
    assert_eq!((ok::<Round>(fetch()), ok::<Round>(fetch())), (nothing.clone(), nothing.clone()));
    assert!(platform.asked().iter().all(|asked| asked.contains(&own.pseudonym) && !asked.contains(&foreign.pseudonym)), "{:?}", platform.asked());
    assert_eq!((steps(&seat, &[]).days, steps(&other, &[]).days), (vec![], vec![]));

    // So nothing stands on the access list; and the consent is there after a restart.
    let listed = |seat: &Seat| {
        let list: Value = ok(seat.run(&["--json"], "access list", "1234", &["--pin-fd", "0"]));
        let own = list["own"].as_array().unwrap().iter();
        own.filter(|own| own["access"]["how"] == "step-counts" && own["access"]["by"]["of"] == "platform").count()
    };
    assert_eq!((listed(&seat), listed(&other)), (0, 0));
    scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
    scene.appliance.tachiaid(&["check"]).and_then(|outcome| outcome.ok()).unwrap_or_else(|trouble| panic!("{trouble}"));
    scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert_eq!(ok::<Round>(fetch()), nothing);

    // Withdrawn: nothing is asked for.
    assert_eq!(steps(&seat, &["--withdraw"]).since, None);
    let asked = platform.asked().len();
    assert_eq!((ok::<Round>(fetch()), platform.asked().len()), (Round::default(), asked));

    // Consented to again, and then the citizen is erased: nobody is asked for any more, and the platform's pseudonym leads to nobody.
    steps(&seat, &["--consent"]);
    assert_eq!(ok::<Round>(fetch()).people, 1);
    let citizen = enrolled[0].citizen.to_string();
    let erase = ["--json", "citizen", "erase", &citizen, "--ground", "request", "--who-fd", "0"];
    let pending: Pending = headquarters.tachiai_with_secret("reason=本人から申出\n", &erase).unwrap().expect(3).unwrap().json().unwrap();
    ok::<Value>(second.tachiai(&["--json", "approve", &pending.id, "--yes"]).unwrap());
    let asked = platform.asked().len();
    assert_eq!((ok::<Round>(fetch()), platform.asked().len()), (Round::default(), asked));
    let again: Enrolled = ok(seat.run(&["--json"], "card enrol", "YABU2026\n1234", &["--password-fd", "0", "--pin-fd", "0"]));
    let fresh = steps(&seat, &[]);
    assert_eq!((fresh.days.len(), fresh.since, again.citizen == enrolled[0].citizen, fresh.pseudonym == own.pseudonym), (0, None, false, false));
}
