use tachiai_crypto::journal::WitnessSecretKey;

use super::*;
use crate::election::CrlRequirement;
use crate::spec::{ContestSpec, WitnessesSpec};

fn text(text: &str) -> Text {
    Text { ja: text.to_owned(), en: text.to_owned() }
}

fn spec() -> ElectionSpec {
    let time = |day: u32| format!("2026-11-{day:02}T00:00:00Z").parse().unwrap();
    let option = |id: &str| ContestOption { id: id.to_owned(), name: text(id) };
    ElectionSpec {
        title: text("市長選挙"),
        authority: Authority::Ordinance,
        opens: time(1),
        online_closes: time(7),
        poll_closes: time(8),
        quorum: 3,
        trustees: 5,
        min_unit: 10,
        crl: CrlRequirement::Required,
        authority_recipients: vec!["age1qqq".to_owned()],
        witnesses: WitnessesSpec { quorum: 1, keys: vec![witness("w.example/1", 1), witness("w.example/2", 2)] },
        places: vec![],
        count_officers: vec![],
        districts: vec![District { id: "01".to_owned(), name: text("第一") }, District { id: "02".to_owned(), name: text("第二") }],
        contests: vec![ContestSpec {
            id: "mayor".to_owned(),
            title: text("市長"),
            kind: ContestKind::Mayor,
            seats: 1,
            choose: Choice::Exactly(1),
            options: vec![option("a"), option("b")],
            districts: None,
        }],
    }
}

fn witness(name: &str, seed: u8) -> String {
    WitnessSecretKey::from_seed(Origin::new(name).unwrap(), &[seed; 32]).public().unwrap().to_string()
}

/// The paths that are wrong in a specification.
fn wrong(change: impl FnOnce(&mut ElectionSpec)) -> Vec<String> {
    let mut spec = spec();
    change(&mut spec);
    spec.validate().err().unwrap_or_default().into_iter().map(|error| error.path).collect()
}

#[test]
fn a_sensible_specification_is_valid() {
    assert_eq!(spec().validate(), Ok(()));
}

#[test]
fn every_problem_is_said_at_once_with_its_path() {
    let paths = wrong(|spec| {
        spec.quorum = 2;
        spec.districts[1].id = "01".to_owned();
        spec.contests[0].options[0].id = "A!".to_owned();
        spec.contests[0].title.en = String::new();
    });
    assert_eq!(paths, ["quorum", "districts[1].id", "contests[0].title.en", "contests[0].options[0].id"]);
}

#[test]
fn each_field_has_its_limits() {
    type Change = fn(&mut ElectionSpec);
    let changes: [(Change, &str); 33] = [
        (|spec| spec.title.ja = " ".to_owned(), "title.ja"),
        (|spec| spec.title.ja = "字".repeat(201), "title.ja"),
        (|spec| spec.title.ja = "一\n二".to_owned(), "title.ja"),
        (|spec| spec.online_closes = spec.opens, "online_closes"),
        (|spec| spec.poll_closes = spec.opens, "poll_closes"),
        (|spec| (spec.trustees, spec.quorum) = (1, 1), "trustees"),
        (|spec| (spec.trustees, spec.quorum) = (10, 6), "trustees"),
        (|spec| spec.quorum = 6, "quorum"),
        (|spec| spec.min_unit = 9, "min_unit"),
        (|spec| spec.authority_recipients.clear(), "authority_recipients"),
        (|spec| spec.authority_recipients = vec!["ssh-ed25519".to_owned()], "authority_recipients[0]"),
        (|spec| spec.authority_recipients = vec!["age1q".to_owned(); 2], "authority_recipients[1]"),
        (|spec| spec.witnesses.quorum = 0, "witnesses.quorum"),
        (|spec| spec.witnesses.quorum = 3, "witnesses.quorum"),
        (|spec| spec.witnesses.keys.clear(), "witnesses.quorum"),
        (|spec| spec.witnesses.keys[1] = "w.example/2".to_owned(), "witnesses.keys[1]"),
        (|spec| spec.witnesses.keys[1] = witness("w.example/1", 2), "witnesses.keys[1].name"),
        (|spec| spec.witnesses.keys[1] = witness("w.example/2", 1), "witnesses.keys[1].key"),
        (|spec| spec.witnesses.keys = (0..17).map(|n| witness(&format!("w.example/{n}"), n)).collect(), "witnesses.keys"),
        (|spec| spec.districts.clear(), "districts"),
        (|spec| spec.districts[0].id.clear(), "districts[0].id"),
        (|spec| spec.districts[0].id = "x".repeat(33), "districts[0].id"),
        (|spec| spec.contests.clear(), "contests"),
        (|spec| spec.contests.push(spec.contests[0].clone()), "contests[1].id"),
        (
            |spec| {
                let option = ContestOption { id: "c".to_owned(), ..spec.contests[0].options[0].clone() };
                spec.contests[0].options.push(option);
                spec.contests[0].seats = 2;
            },
            "contests[0].seats",
        ),
        // As many candidates as seats: no poll, and nothing is left to be voted on.
        (|spec| (spec.contests[0].kind, spec.contests[0].seats) = (ContestKind::Council, 2), "contests"),
        (|spec| (spec.contests[0].kind, spec.contests[0].seats) = (ContestKind::Referendum, 1), "contests[0].seats"),
        (|spec| spec.contests[0].choose = Choice::UpTo(0), "contests[0].choose"),
        (|spec| spec.contests[0].choose = Choice::Exactly(3), "contests[0].choose"),
        (|spec| spec.contests[0].options.truncate(1), "contests"),
        (|spec| spec.contests[0].options[1].id = "a".to_owned(), "contests[0].options[1].id"),
        (|spec| spec.contests[0].districts = Some(vec!["03".to_owned(), "01".to_owned(), "02".to_owned()]), "contests[0].districts[0]"),
        (|spec| spec.contests[0].districts = Some(vec!["01".to_owned()]), "districts[1]"),
    ];
    for (index, (change, path)) in changes.into_iter().enumerate() {
        assert_eq!(wrong(change), [path], "change {index}");
    }
}

#[test]
fn only_a_mock_election_has_small_units() {
    assert!(wrong(|spec| (spec.authority, spec.min_unit) = (Authority::Mock, 1)).is_empty());
    assert_eq!(wrong(|spec| (spec.authority, spec.min_unit) = (Authority::Mock, 0)), ["min_unit"]);
}

#[test]
fn ballots_that_would_not_fit_an_entry_are_refused() {
    let many = |contests: usize| {
        move |spec: &mut ElectionSpec| {
            let options: Vec<ContestOption> = (0..128).map(|n| ContestOption { id: format!("o{n}"), name: text("o") }).collect();
            let contest = ContestSpec { choose: Choice::UpTo(128), options, ..spec.contests[0].clone() };
            spec.contests = (0..contests).map(|n| ContestSpec { id: format!("c{n}"), ..contest.clone() }).collect();
        }
    };
    // A contest of 256 positions takes 24,704 bytes.
    assert!(wrong(many(1)).is_empty());
    assert_eq!(wrong(many(2)), ["districts[0]", "districts[1]"]);
}

/// One contest more, of a council with two seats for these candidates.
fn council(spec: &mut ElectionSpec, candidates: &[&str]) {
    let options = candidates.iter().map(|id| ContestOption { id: (*id).to_owned(), name: text(id) }).collect();
    let contest = ContestSpec { id: "council".to_owned(), title: text("市議"), kind: ContestKind::Council, seats: 2, options, ..spec.contests[0].clone() };
    spec.contests.push(contest);
}

#[test]
fn a_contest_with_no_more_candidates_than_seats_needs_neither_two_options_nor_few_seats() {
    for candidates in [&["x", "y"][..], &["x"], &[]] {
        assert!(wrong(|spec| council(spec, candidates)).is_empty(), "{candidates:?}");
    }
    let path = |change: fn(&mut ElectionSpec)| {
        wrong(|spec| {
            council(spec, &["x", "y"]);
            change(spec);
        })
    };
    assert_eq!(path(|spec| spec.contests[1].id = "mayor".to_owned()), ["contests[1].id"]);
    assert_eq!(path(|spec| spec.contests[1].options[1].id = "x".to_owned()), ["contests[1].options[1].id"]);
    assert_eq!(path(|spec| spec.contests[1].title.ja.clear()), ["contests[1].title.ja"]);
}

fn key(seed: u8) -> Bytes<32> {
    Bytes(tachiai_crypto::journal::BoardSecretKey::from_seed(&[seed; 32]).public().to_bytes())
}

/// A manager and two witnesses with keys from this seed on.
fn officers(seed: u8) -> Vec<Officer> {
    let officer = |(role, number): (OfficerRole, u8)| Officer { name: format!("officer {number}"), role, key: key(seed + number) };
    [(OfficerRole::Manager, 0), (OfficerRole::Witness, 1), (OfficerRole::Witness, 2)].map(officer).into()
}

/// Two places with two sessions each.
fn places(spec: &mut ElectionSpec) {
    let middle = spec.online_closes;
    let sessions = vec![Session { opens: spec.opens, closes: middle }, Session { opens: middle.plus(1), closes: spec.poll_closes }];
    let place = |(id, seed): (&str, u8)| Place {
        id: id.to_owned(),
        name: text(id),
        kind: crate::paper::PlaceKind::Early,
        key: key(seed),
        officers: officers(seed + 1),
        sessions: sessions.clone(),
        offline: crate::paper::LinkPolicy::Stop,
    };
    spec.places = [("hall", 50), ("school", 60)].map(place).into();
    spec.count_officers = officers(70);
}

#[test]
fn places_and_officers_have_their_limits() {
    type Change = fn(&mut ElectionSpec);
    assert!(wrong(places).is_empty());
    // The same people may serve everywhere.
    assert!(
        wrong(|spec| {
            places(spec);
            spec.places[1].officers = spec.places[0].officers.clone();
            spec.count_officers = spec.places[0].officers.clone();
        })
        .is_empty()
    );
    let changes: [(Change, &str); 18] = [
        (|spec| spec.places[1].id = "hall".to_owned(), "places[1].id"),
        (|spec| spec.places[0].name.en.clear(), "places[0].name.en"),
        (|spec| spec.places[1].key = spec.places[0].key, "places[1].key"),
        (|spec| spec.places[0].key = Bytes([0; 32]), "places[0].key"),
        (|spec| spec.places[0].officers[1].key = spec.places[1].key, "places"),
        (|spec| spec.count_officers[0].key = spec.places[0].key, "places"),
        (|spec| spec.places[0].officers[2].key = spec.places[0].officers[0].key, "places[0].officers[2].key"),
        (|spec| spec.places[0].officers[0].name.clear(), "places[0].officers[0].name"),
        (|spec| spec.places[0].officers[0].role = OfficerRole::Witness, "places[0].officers"),
        (|spec| spec.places[0].officers[1].role = OfficerRole::Manager, "places[0].officers"),
        (|spec| spec.places[0].officers.truncate(1), "places[0].officers"),
        (|spec| spec.places[0].officers.extend((0..9).map(|n| Officer { key: key(90 + n), ..spec.count_officers[1].clone() })), "places[0].officers"),
        (|spec| spec.count_officers.truncate(1), "count_officers"),
        (|spec| spec.places[0].sessions.clear(), "places[0].sessions"),
        (|spec| spec.places[0].sessions[0].opens = spec.opens.plus(-1), "places[0].sessions[0]"),
        (|spec| spec.places[0].sessions[1].closes = spec.poll_closes.plus(1), "places[0].sessions[1]"),
        (|spec| spec.places[0].sessions[1].opens = spec.online_closes, "places[0].sessions[1]"),
        (|spec| spec.places[0].sessions[0].closes = spec.opens, "places[0].sessions[0].closes"),
    ];
    for (index, (change, path)) in changes.into_iter().enumerate() {
        let found = wrong(|spec| {
            places(spec);
            change(spec);
        });
        assert_eq!(found, [path], "change {index}");
    }
}
