//! Warnings and hazards of others, on the home screen, in a window, in an event and on the screen of their own.

use tachiai_schemas::sharing::warning::{Severity, Silent, Warning, WarningKnown, Warnings};
use tachiai_schemas::status::Status;

use super::*;
use crate::console::work::sharing_question;

fn with(warnings: Warnings) -> Status {
    Status { warnings: Some(warnings), ..samples::headquarters() }
}

fn none() -> Warnings {
    Warnings { all: 0, known: Vec::new(), ..samples::warned(Vec::new()) }
}

/// A platform that tells nothing since noon.
fn silent(warnings: Warnings) -> Warnings {
    let silent = Silent { since: at("2026-11-26T03:00:00Z"), what: "status 500".to_owned() };
    Warnings { heard: None, silent: Some(silent), ..warnings }
}

/// One whose every text is as long as it may be.
fn long() -> WarningKnown {
    let mut known = samples::warned(Vec::new()).known.remove(0);
    let text = |text: &str, most: usize| text.chars().cycle().take(most).chain(['…']).collect::<String>();
    let Warning { description, area, source, id, .. } = &mut known.warning;
    *description = text("大雨特別警報（土砂災害・浸水害）。命の危険が迫っているため直ちに身の安全を確保しなければならない状況です。", 500);
    *area = text("養父市（旧八鹿町・旧養父町・旧大屋町・旧関宮町の全域）及びその周辺", 120);
    *source = text("気象庁大阪管区気象台神戸地方気象台予報課", 120);
    *id = format!("urn:ngsi-ld:Alert:{}", "x".repeat(180));
    known
}

/// The screen of warnings with this answer.
fn screen(lang: Lang, told: Warnings) -> State {
    let mut state = connected(lang, with(told.clone()));
    press(&mut state, "W");
    let question = Question::Sharing(sharing_question::Question::Warnings);
    brought(&mut state, Brought::Answer(1, question, Ok(Answer::Sharing(sharing_question::Answer::Warnings(Box::new(told))))));
    state
}

#[test]
fn home_shows_the_most_severe_warnings_and_how_fresh_they_are() {
    picture("home-warned", |lang| connected(lang, with(samples::warned(vec![long()]))));
    picture("home-warned-old", |lang| connected(lang, with(silent(none()))));
    let mut fresh = none();
    fresh.heard = None;
    assert!(seen(&connected(Lang::En, with(fresh)), (80, 24)).contains("has not answered since the appliance started"));
    assert!(!seen(&connected(Lang::En, samples::headquarters()), (120, 40)).contains("open data"), "where no platform is asked there is nothing to be seen");
}

#[test]
fn warnings_are_listed_with_who_says_so_and_when_and_that_people_decide() {
    picture("warnings", |lang| {
        let mut state = screen(lang, samples::warned(Vec::new()));
        press(&mut state, "jjj");
        state
    });
    picture("warnings-long", |lang| screen(lang, Warnings { left_out: 3, unrecorded: 12, ..silent(samples::warned(vec![long()])) }));
    picture("warnings-whole", |lang| {
        let mut state = screen(lang, samples::warned(vec![long()]));
        state.update(Event::Key(Key::Enter));
        state
    });
    picture("warnings-none", |lang| screen(lang, none()));
    picture("warnings-not-asked", |lang| {
        let mut state = connected(lang, samples::headquarters());
        press(&mut state, "W");
        let failure = Failure {
            code: Some(tachiai_schemas::Refusal::NoPlatform),
            ..Failure::refused(
                tachiai_schemas::Say::say(&tachiai_schemas::Refusal::NoPlatform, Lang::Ja),
                tachiai_schemas::Say::say(&tachiai_schemas::Refusal::NoPlatform, Lang::En),
            )
        };
        brought(&mut state, Brought::Answer(1, Question::Sharing(sharing_question::Question::Warnings), Err(failure)));
        state
    });
}

#[test]
fn what_is_over_is_said_to_be_over_while_the_appliance_is_away() {
    picture("warnings-over", |lang| {
        let mut state = screen(lang, samples::warned(Vec::new()));
        brought(&mut state, Brought::Link(1, Link::Lost(Failure::new(Exit::NoConnection, "サーバーに接続できません。", "no connection."), Some(4))));
        state.update(Event::Tick(at("2026-11-26T15:00:00Z")));
        state
    });
}

#[test]
fn a_change_of_the_warnings_is_asked_for_while_they_are_in_sight() {
    let mut state = screen(Lang::En, samples::warned(Vec::new()));
    let asks =
        |effects: Vec<Effect>| effects.iter().filter(|effect| matches!(effect, Effect::Ask(Question::Sharing(sharing_question::Question::Warnings)))).count();
    assert_eq!(asks(brought(&mut state, Brought::Link(1, Link::Status(Box::new(with(samples::warned(Vec::new()))))))), 0);
    assert_eq!(asks(brought(&mut state, Brought::Link(1, Link::Status(Box::new(with(silent(none()))))))), 1);
}

/// The status after five minutes, with these in front of the others.
fn later(first: Vec<WarningKnown>) -> Status {
    let mut status = with(samples::warned(first));
    status.at = status.at.plus(300);
    status
}

fn new() -> WarningKnown {
    WarningKnown { told: now().plus(300), ..long() }
}

/// One more, of this URN, severity and text.
fn another(number: u8, severity: Severity, text: &str) -> WarningKnown {
    let mut known = new();
    (known.warning.id, known.warning.severity, known.warning.description) = (format!("urn:ngsi-ld:Alert:new-{number}"), Some(severity), text.to_owned());
    known
}

fn comes(state: &mut State, status: Status) {
    brought(state, Brought::Link(1, Link::Status(Box::new(status))));
}

#[test]
fn an_urgent_warning_is_told_to_headquarters_once_whatever_is_in_sight() {
    picture("warning-told", |lang| {
        let mut state = connected(lang, with(samples::warned(Vec::new())));
        press(&mut state, "4");
        comes(&mut state, later(vec![new()]));
        state.update(Event::Tick(now().plus(3)));
        state
    });
    let mut state = connected(Lang::En, with(samples::warned(Vec::new())));
    let mut tell = |status: Status| {
        state.update(Event::Tick(state.desk.now.plus(3)));
        comes(&mut state, status);
        let is_told = state.popup.is_some();
        state.update(Event::Key(Key::Enter));
        is_told
    };
    assert!(!tell(later(Vec::new())), "what stood there when somebody came is no news");
    let mild = WarningKnown { warning: Warning { severity: None, ..new().warning }, ..new() };
    assert!(!tell(later(vec![mild])));
    assert!(tell(later(vec![new()])), "it became urgent");
    assert!(!tell(later(vec![new()])));
    // One that stood behind others comes into sight when they go.
    let old = WarningKnown { told: now().plus(-9_000), ..new() };
    let hidden = WarningKnown { warning: Warning { id: "urn:ngsi-ld:Alert:hidden".to_owned(), ..old.warning.clone() }, ..old };
    assert!(!tell(later(vec![hidden])));
    let mut reception = connected(Lang::En, Status { warnings: Some(none()), ..samples::empty(Role::Reception) });
    reception.update(Event::Tick(now().plus(3)));
    comes(&mut reception, Status { warnings: Some(samples::warned(vec![new()])), at: now().plus(300), ..samples::empty(Role::Reception) });
    assert!(reception.popup.is_none() && seen(&reception, (80, 24)).contains("open data"), "a reception sees it on its home screen");
}

#[test]
fn the_window_of_warnings_waits_until_nobody_types_and_is_one_for_all_that_came_meanwhile() {
    let mut state = connected(Lang::En, with(samples::warned(Vec::new())));
    let mut came = Vec::new();
    for number in 1..=8 {
        state.update(Event::Tick(now().plus(i64::from(number) * 2)));
        state.update(Event::Key(Key::Down));
        came.push(another(number, if number == 8 { Severity::Critical } else { Severity::High }, &format!("text {number}.")));
        comes(&mut state, later(came.clone()));
        assert!(state.popup.is_none());
    }
    assert!(seen(&state, (120, 40)).contains("New warning (open data): [critical]"), "it is said in a line at once");
    state.update(Event::Tick(now().plus(18)));
    assert!(state.popup.is_none());
    state.update(Event::Tick(now().plus(19)));
    let text = seen(&state, (120, 40));
    assert!(text.contains("text 8.") && text.find("text 8.") < text.find("text 1.") && text.contains("3 more"), "{text}");
    state.update(Event::Key(Key::Enter));
    state.update(Event::Tick(now().plus(60)));
    assert!(state.popup.is_none() && state.told.is_empty());
}

#[test]
fn what_was_told_before_is_told_again_in_a_line_alone_unless_it_is_more_severe() {
    let mut state = connected(Lang::En, with(none()));
    let mut tell = |status: Status| {
        state.update(Event::Tick(state.desk.now.plus(3)));
        comes(&mut state, status);
        let is_told = (state.popup.take().is_some(), seen(&state, (120, 40)).contains("Told again"));
        state.update(Event::Key(Key::Down));
        is_told
    };
    let high = |number| another(number, Severity::High, "rain");
    assert_eq!(tell(later(vec![high(1)])), (true, false));
    // It is issued anew.
    assert_eq!(tell(later(vec![high(2)])), (false, true));
    // It falls and rises.
    assert_eq!(tell(later(vec![another(1, Severity::Medium, "rain")])), (false, false));
    assert_eq!(tell(later(vec![another(1, Severity::High, "more rain")])), (false, true));
    assert_eq!(tell(later(vec![another(1, Severity::Critical, "rain")])), (true, false));
    // Who sits here half a day later may be somebody else.
    state.update(Event::Tick(now().plus(13 * 3600)));
    brought(&mut state, Brought::Link(2, Link::Status(Box::new(later(vec![high(4)])))));
    assert!(state.popup.is_some());
}

#[test]
fn an_event_shows_the_most_severe_warning_above_its_shelters() {
    let event = |lang: Lang, told: Warnings| {
        let mut state = connected(lang, with(told));
        for key in [Key::Char('4'), Key::Enter] {
            let effects = state.update(Event::Key(key));
            answer_all(&mut state, effects, Phase::Open);
        }
        state
    };
    picture("event-warned", |lang| event(lang, samples::warned(Vec::new())));
    picture("event-warned-old", |lang| event(lang, silent(samples::warned(Vec::new()))));
    assert!(seen(&event(Lang::En, none()), (80, 24)).contains("No warning is in force"));
}
