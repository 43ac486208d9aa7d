//! What is hidden, what waits to be told until nobody types, and what is told again.

use tachiai_schemas::Lang;
use tachiai_schemas::staff::Role;

use super::*;
use crate::console::work::{Done, Tell};

fn hide(state: &mut State) {
    state.update(Event::Key(Key::F(12)));
}

#[test]
fn everything_is_hidden_by_one_key_and_shown_again_by_another_with_what_was_typed() {
    picture("hidden", |lang| {
        let mut state = connected(lang, samples::headquarters());
        hide(&mut state);
        state
    });
    let mut state = looked_for(Lang::En);
    let name = "西垣";
    assert!(seen(&state, (120, 40)).contains(name));
    hide(&mut state);
    let text = seen(&state, (120, 40));
    assert!(!text.contains(name) && text.contains("hidden"), "{text}");
    press(&mut state, "q1");
    state.update(Event::Paste("x".to_owned()));
    assert!(state.is_veiled(), "no other key shows it, or does anything");
    state.update(Event::Key(Key::Enter));
    assert!(seen(&state, (120, 40)).contains(name));
}

#[test]
fn a_window_is_hidden_as_well_and_keeps_what_was_typed() {
    let mut state = connected(Lang::En, samples::commission());
    press(&mut state, ":shou");
    hide(&mut state);
    assert!(!seen(&state, (80, 24)).contains("shou"));
    state.update(Event::Key(Key::Enter));
    assert!(seen(&state, (80, 24)).contains("shou"));
}

#[test]
fn what_names_people_is_hidden_once_nobody_touched_anything_for_ten_minutes_also_without_a_link() {
    let mut state = looked_for(Lang::En);
    brought(&mut state, Brought::Link(1, Link::Lost(Failure::new(Exit::NoConnection, "切断", "cut"), Some(4))));
    state.update(Event::Tick(now().plus(599)));
    assert!(!state.is_veiled());
    state.update(Event::Tick(now().plus(601)));
    assert!(state.is_veiled());
    let mut journal = connected(Lang::En, samples::empty(Role::Auditor));
    press(&mut journal, "5");
    journal.update(Event::Tick(now().plus(700)));
    assert!(!journal.is_veiled(), "it names no residents");
}

/// Something is being done, and whoever ordered it types on; it is done.
fn done_meanwhile(state: &mut State) {
    press(state, "ak3v7q2xm");
    seen(state, (80, 24));
    let effects = state.update(Event::Key(Key::Enter));
    let [Effect::Do(number, _)] = effects[..] else { panic!("{effects:?}") };
    press(state, "j");
    let done = Done { said: ["承認しました".to_owned(), "it is approved".to_owned()], tell: Tell::Window, then: None, undo: None };
    brought(state, Brought::Done(number, Ok(Box::new(done))));
}

#[test]
fn what_is_told_waits_until_nobody_types_and_says_that_it_waits() {
    let mut state = approvals(Lang::En, samples::commission(), samples::waiting());
    done_meanwhile(&mut state);
    assert!(state.popup.is_none() && seen(&state, (80, 24)).contains("until nobody types: 1"), "{}", seen(&state, (80, 24)));
    state.update(Event::Key(Key::Enter));
    assert_eq!(state.told.len(), 1, "an Enter for something else closes nothing unread");
    state.update(Event::Key(Key::Esc));
    state.update(Event::Tick(now().plus(2)));
    assert!(state.popup.is_none() || !seen(&state, (80, 24)).contains("it is approved"));
    state.update(Event::Tick(now().plus(3)));
    assert!(seen(&state, (80, 24)).contains("it is approved"), "{}", seen(&state, (80, 24)));
}

#[test]
fn what_was_told_is_read_again() {
    picture("told", |lang| {
        let mut state = approvals(lang, samples::commission(), samples::waiting());
        done_meanwhile(&mut state);
        state.update(Event::Tick(now().plus(3)));
        state.update(Event::Key(Key::Enter));
        state.update(Event::Key(Key::Ctrl('n')));
        state
    });
    let mut state = approvals(Lang::En, samples::commission(), samples::waiting());
    done_meanwhile(&mut state);
    state.update(Event::Key(Key::Ctrl('n')));
    assert!(seen(&state, (80, 24)).contains("it is approved"), "what waits is opened at once");
    let mut other = samples::commission();
    other.viewer.name = "somebody else".to_owned();
    brought(&mut state, Brought::Link(1, Link::Status(Box::new(other))));
    state.update(Event::Key(Key::Ctrl('n')));
    assert!(!seen(&state, (80, 24)).contains("it is approved"), "whoever sits here next reads nothing of it");
}

#[test]
fn something_about_this_machine_is_told_on_the_screen() {
    let mut state = connected(Lang::Ja, samples::commission());
    state.update(Event::Told(["スワップ", "swap"]));
    assert!(seen(&state, (80, 24)).contains("スワップ"));
}

#[test]
fn a_key_that_an_input_method_composed_says_that_it_is_on() {
    let mut state = connected(Lang::Ja, samples::commission());
    press(&mut state, "し");
    assert!(seen(&state, (80, 24)).contains("日本語入力がオンです"));
    press(&mut state, "？");
    assert!(matches!(state.popup, Some(Popup::Help(_))), "a full-width letter is the key that it looks like");
}

#[test]
fn a_window_stays_open_and_whole_when_the_terminal_gets_another_size() {
    let mut state = connected(Lang::En, samples::commission());
    press(&mut state, ":shou");
    let effects = state.update(Event::Resized);
    assert!(effects.is_empty() && matches!(state.popup, Some(Popup::Palette(_))));
    for size in [(120, 40), (80, 24), (40, 10)] {
        assert!(seen(&state, size).contains("shou"), "{}", seen(&state, size));
    }
}

#[test]
fn nothing_is_coloured_where_no_colour_is_asked_for() {
    let mut state = connected(Lang::En, samples::headquarters());
    press(&mut state, "?");
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    terminal.draw(|frame| draw(&state, frame)).unwrap();
    let colours = [ratatui::style::Color::Reset];
    let cells = terminal.backend().buffer().content();
    assert!(cells.iter().all(|cell| colours.contains(&cell.fg) && colours.contains(&cell.bg)));
}

#[test]
fn what_lies_below_a_window_stays_hidden_whatever_is_closed_over_it() {
    let mut state = approvals(Lang::En, samples::commission(), samples::waiting());
    press(&mut state, "ak3v7q2xm");
    seen(&state, (80, 24));
    state.update(Event::Key(Key::Enter));
    press(&mut state, ":shou");
    state.update(Event::Key(Key::Ctrl('c')));
    hide(&mut state);
    state.update(Event::Key(Key::Ctrl('c')));
    state.update(Event::Key(Key::Esc));
    assert!(state.is_veiled() && state.popup.is_none() && !seen(&state, (80, 24)).contains("shou"), "{}", seen(&state, (80, 24)));
    state.update(Event::Key(Key::Enter));
    state.update(Event::Key(Key::Esc));
    assert!(seen(&state, (80, 24)).contains("shou"), "{}", seen(&state, (80, 24)));
}

#[test]
fn a_y_of_a_scanner_leaves_nothing_and_confirms_nothing() {
    let mut state = approvals(Lang::En, samples::commission(), samples::waiting());
    press(&mut state, "ak3v7q2xm");
    seen(&state, (80, 24));
    state.update(Event::Key(Key::Enter));
    state.update(Event::Key(Key::Ctrl('c')));
    assert!(state.update(Event::Hurried(Key::Char('y'))).is_empty() && matches!(state.popup, Some(Popup::Leave(..))));
    assert!(seen(&state, (80, 24)).contains("from a scanner"), "{}", seen(&state, (80, 24)));
    assert!(matches!(state.update(Event::Key(Key::Char('y')))[..], [Effect::Leave]));
}

/// Something is being done, and everything is hidden before it is done; what comes of it leads to the elections.
fn done_while_hidden(state: &mut State, tell: Tell) {
    press(state, "ak3v7q2xm");
    seen(state, (80, 24));
    let effects = state.update(Event::Key(Key::Enter));
    let [Effect::Do(number, _)] = effects[..] else { panic!("{effects:?}") };
    hide(state);
    let done = Done { said: ["承認しました".to_owned(), "it is approved".to_owned()], tell, then: Some(Place::Elections), undo: None };
    brought(state, Brought::Done(number, Ok(Box::new(done))));
}

#[test]
fn what_comes_of_a_deed_while_everything_is_hidden_leads_nowhere_until_it_is_shown_again() {
    let place = |state: &State| state.screen().map(super::super::screens::Screen::place);
    for tell in [Tell::Window, Tell::Notice] {
        let mut state = approvals(Lang::En, samples::commission(), samples::waiting());
        done_while_hidden(&mut state, tell);
        state.update(Event::Tick(now().plus(60)));
        assert!(state.is_veiled() && state.popup.is_none() && place(&state) == Some(Place::Approvals));
        let text = seen(&state, (80, 24));
        assert!(text.contains(&state.desk.with("veil-told", &[("n", "1".to_owned())])) && !text.contains("it is approved"), "{text}");
        state.update(Event::Key(Key::Enter));
        state.update(Event::Tick(now().plus(63)));
        assert!(seen(&state, (80, 24)).contains("it is approved") && place(&state) == Some(Place::Elections), "{}", seen(&state, (80, 24)));
    }
}

#[test]
fn what_was_done_while_everything_is_hidden_holds_nobody_up_who_leaves() {
    let mut state = approvals(Lang::En, samples::commission(), samples::waiting());
    done_while_hidden(&mut state, Tell::Window);
    assert!(matches!(state.update(Event::Key(Key::Ctrl('c')))[..], [Effect::Leave]));
}

#[test]
fn what_was_hidden_stays_hidden_when_somebody_else_sits_here_who_sees_nothing_of_it() {
    let mut state = looked_for(Lang::En);
    let name = "西垣";
    press(&mut state, ":shou");
    hide(&mut state);
    let mut other = samples::headquarters();
    other.viewer.name = "somebody else".to_owned();
    brought(&mut state, Brought::Link(1, Link::Status(Box::new(other))));
    let text = seen(&state, (120, 40));
    assert!(state.is_veiled() && text.contains("somebody else") && !text.contains("Appliance"), "{text}");
    state.update(Event::Key(Key::Enter));
    let text = seen(&state, (120, 40));
    assert!(!state.is_veiled() && text.contains("Appliance") && !text.contains(name) && !text.contains("shou"), "{text}");
}

#[test]
fn what_was_hidden_stays_hidden_when_the_appliance_refuses_whoever_sits_here() {
    let mut state = looked_for(Lang::En);
    hide(&mut state);
    brought(&mut state, Brought::Link(1, Link::Lost(Failure::refused("外されました", "taken off the list"), None)));
    assert!(state.is_veiled() && !seen(&state, (120, 40)).contains("taken off the list"));
    state.update(Event::Key(Key::Enter));
    let text = seen(&state, (120, 40));
    assert!(text.contains("taken off the list") && !text.contains("西垣"), "{text}");
}
