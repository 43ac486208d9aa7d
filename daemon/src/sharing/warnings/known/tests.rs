use tachiai_schemas::sharing::warning::{Hazard, Severity};

use super::*;
use crate::sharing::State;

fn at(seconds: i64) -> Timestamp {
    "2026-11-26T03:00:00Z".parse::<Timestamp>().unwrap().plus(seconds)
}

fn warning(id: &str, severity: Severity) -> Warning {
    Warning {
        id: id.to_owned(),
        hazard: Hazard::Weather,
        what: "rainfall".to_owned(),
        severity: Some(severity),
        issued: at(0),
        from: None,
        until: Some(at(3_600)),
        description: "大雨警報".to_owned(),
        area: "養父市".to_owned(),
        source: "神戸地方気象台".to_owned(),
    }
}

fn told(warnings: &[Warning]) -> BTreeMap<String, Warning> {
    warnings.iter().map(|warning| (warning.id.clone(), warning.clone())).collect()
}

fn changes(state: &State, now: Timestamp, warnings: &[Warning]) -> Changes {
    state.warnings.changes(now, &Answer::of(told(warnings), now, &[]).known)
}

/// Takes an answer in as the room does; gives its entries.
fn take(state: &mut State, now: Timestamp, warnings: &[Warning]) -> Vec<Event> {
    let Changes { events, .. } = changes(state, now, warnings);
    for event in &events {
        state.apply(0, now, event);
    }
    events
}

fn ids(state: &State, now: Timestamp) -> Vec<&str> {
    state.warnings.counting(now).into_iter().map(|known| known.warning.id.as_str()).collect()
}

#[test]
fn what_is_new_changed_or_gone_is_an_entry_each_and_what_stays_is_none() {
    let mut state = State::default();
    let (rain, wind) = (warning("rain", Severity::High), warning("wind", Severity::Medium));
    assert_eq!(take(&mut state, at(0), &[wind.clone(), rain.clone()]).len(), 2);
    assert_eq!(ids(&state, at(0)), ["rain", "wind"]);
    for minute in 1..10 {
        assert_eq!(take(&mut state, at(minute * 60), &[rain.clone(), wind.clone()]), []);
    }
    let worse = Warning { severity: Some(Severity::Critical), ..wind.clone() };
    assert_eq!(take(&mut state, at(700), &[rain, worse.clone()]), [Event::WarningTold { warning: Box::new(worse.clone()) }]);
    let known = state.warnings.counting(at(700))[0].clone();
    assert_eq!((known.warning.id.as_str(), known.first, known.told), ("wind", at(0), at(700)));
    assert_eq!(take(&mut state, at(800), &[worse]), [Event::WarningGone { id: "rain".to_owned() }]);
    assert_eq!(ids(&state, at(800)), ["wind"]);
}

#[test]
fn what_is_over_counts_no_more_without_an_entry_and_is_forgotten_with_the_next_one() {
    let mut state = State::default();
    take(&mut state, at(0), &[warning("rain", Severity::High)]);
    assert_eq!((ids(&state, at(3_599)), ids(&state, at(3_600))), (vec!["rain"], vec![]));
    assert_eq!(take(&mut state, at(3_600), &[warning("rain", Severity::High)]), [], "a platform that keeps what is over tells nothing new");
    let longer = Warning { until: Some(at(9_000)), ..warning("rain", Severity::High) };
    assert_eq!(take(&mut state, at(4_000), std::slice::from_ref(&longer)).len(), 1);
    let known = state.warnings.counting(at(4_000))[0].clone();
    assert_eq!((known.warning, known.first), (longer, at(4_000)));
}

#[test]
fn of_more_than_are_kept_the_most_severe_stay_and_the_others_are_counted() {
    let mut state = State::default();
    let mut many: Vec<Warning> = (0..300).map(|n| warning(&format!("low-{n:03}"), Severity::Low)).collect();
    many.push(warning("critical", Severity::Critical));
    assert_eq!(Answer::of(told(&many), at(0), &[]).left_out, 101);
    assert_eq!((changes(&state, at(0), &many).events.len(), changes(&state, at(0), &many).unrecorded), (MOST, 0));
    take(&mut state, at(0), &many);
    assert_eq!(ids(&state, at(0))[0], "critical");
    assert_eq!(take(&mut state, at(60), &many), []);
}

#[test]
fn what_is_shown_keeps_since_when_it_is_known_and_since_when_it_says_this() {
    let rain = warning("rain", Severity::High);
    let first = Answer::of(told(std::slice::from_ref(&rain)), at(0), &[]).known;
    let same = Answer::of(told(std::slice::from_ref(&rain)), at(60), &first).known;
    assert_eq!(same, first);
    let worse = Warning { severity: Some(Severity::Critical), until: None, ..rain };
    let known = Answer::of(told(std::slice::from_ref(&worse)), at(120), &same).known;
    assert_eq!((known[0].first, known[0].told), (at(0), at(120)));
    let odd = Warning { issued: at(3 * DAY), ..worse };
    assert_eq!(Answer::of(told(&[odd]), at(180), &known), Answer { known: Vec::new(), left_out: 1 });
}

/// What entries take of the journal, in bytes.
fn taken(events: &[Event]) -> usize {
    events.iter().map(|event| serde_json::to_vec(event).unwrap().len()).sum()
}

#[test]
fn a_platform_that_tells_something_else_each_time_cannot_fill_the_journal() {
    let mut state = State::default();
    let (mut bytes, mut unrecorded) = (0, 0);
    for round in 0..500 {
        let now = at(round * 160);
        let long = |n: i64| Warning { description: format!("{round}{}", "大".repeat(490)), until: None, ..warning(&format!("{n}"), Severity::Critical) };
        let all: Vec<Warning> = (0..100).map(long).collect();
        unrecorded = changes(&state, now, &all).unrecorded;
        bytes += taken(&take(&mut state, now, &all));
    }
    assert!((DAILY / 2..=DAILY).contains(&bytes), "{bytes}");
    assert_eq!(unrecorded, 100);
    // A day later there is room again.
    let other = Warning { until: Some(at(3 * DAY)), ..warning("wind", Severity::Low) };
    assert!(take(&mut state, at(2 * DAY), &[other]).iter().any(|event| matches!(event, Event::WarningTold { .. })));
}

#[test]
fn a_flood_that_is_told_anew_every_ten_minutes_is_recorded_whole_and_what_is_urgent_has_room_after_anything_else() {
    let mut state = State::default();
    let named = |round: i64, severity| -> Vec<Warning> {
        let one = |n: i64| Warning { until: Some(at(2 * DAY)), ..warning(&format!("urn:ngsi-ld:Alert:jma-{round}-{n}"), severity) };
        (0..50).map(one).collect()
    };
    for round in 0..144 {
        let all = named(round, Severity::High);
        assert_eq!(changes(&state, at(round * 600), &all).unrecorded, 0, "{round}");
        take(&mut state, at(round * 600), &all);
    }
    // What is not urgent uses up what is for it.
    let mut round = 144;
    while changes(&state, at(DAY - 1), &named(round, Severity::Low)).unrecorded == 0 {
        take(&mut state, at(DAY - 1), &named(round, Severity::Low));
        round += 1;
    }
    take(&mut state, at(DAY - 1), &named(round, Severity::Low));
    let mut all = named(round + 1, Severity::Low);
    all.push(Warning { until: None, ..warning("critical", Severity::Critical) });
    let events = take(&mut state, at(DAY - 1), &all);
    assert!(matches!(events.first(), Some(Event::WarningTold { warning }) if warning.id == "critical"));
    assert!(events.len() <= 2, "of the rest, at most what still fits");
    let silent = Silent { since: at(0), what: "status 500".to_owned() };
    assert!(state.warnings.silence(at(DAY - 1), &silent).is_some());
}

#[test]
fn a_silence_is_an_entry_once_and_so_is_its_end() {
    let mut state = State::default();
    take(&mut state, at(0), &[warning("rain", Severity::High)]);
    let silent = Silent { since: at(0), what: "status 500".to_owned() };
    let event = state.warnings.silence(at(300), &silent).unwrap();
    state.apply(0, at(300), &event);
    assert_eq!((state.warnings.silent(), state.warnings.silence(at(600), &silent)), (Some(&silent), None));
    assert_eq!(ids(&state, at(600)), ["rain"], "what was told last stays, and it is said that it is old");
    assert_eq!(take(&mut state, at(900), &[warning("rain", Severity::High)]), [Event::WarningsHeard {}]);
    assert_eq!(state.warnings.silent(), None);
    assert_eq!(take(&mut state, at(960), &[warning("rain", Severity::High)]), []);
}
