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

/// Takes an answer in as the room does; gives its entries.
fn take(state: &mut State, now: Timestamp, warnings: &[Warning]) -> Vec<Event> {
    let Changes { events, .. } = state.warnings.changes(now, told(warnings));
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
    let changes = state.warnings.changes(at(0), told(&many));
    assert_eq!((changes.events.len(), changes.left_out, changes.room), (MOST, 101, Room::Enough));
    take(&mut state, at(0), &many);
    assert_eq!(ids(&state, at(0))[0], "critical");
    assert_eq!(take(&mut state, at(60), &many), []);
}

#[test]
fn a_platform_that_tells_something_else_each_time_cannot_fill_the_journal() {
    let mut state = State::default();
    let mut entries = 0;
    for round in 0..2_000 {
        let now = at(round * 60 % 80_000);
        let other = Warning { description: round.to_string(), until: None, ..warning("rain", Severity::Critical) };
        entries += take(&mut state, now, &[other]).len();
    }
    assert_eq!(entries, DAILY);
    let other = Warning { until: Some(at(3 * DAY)), ..warning("wind", Severity::Low) };
    assert_eq!(state.warnings.changes(at(80_000), told(std::slice::from_ref(&other))).room, Room::UsedUp);
    assert_eq!(state.warnings.silence(at(80_000), &Silent { since: at(0), what: "status 500".to_owned() }), None);
    // A day later there is room again.
    assert!(take(&mut state, at(2 * DAY), &[other]).iter().any(|event| matches!(event, Event::WarningTold { .. })));
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
