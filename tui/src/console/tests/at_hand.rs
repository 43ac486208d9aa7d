//! What a key means is what was at hand: nothing slides under it, and it is the same on the screen that it leads to.

use super::*;
use crate::console::tests::samples::closed;

fn at_hand(state: &State) -> String {
    let text = seen(state, (80, 24));
    text.lines().find(|line| line.starts_with("> ")).unwrap_or_default().chars().take(10).collect::<String>().trim().to_owned()
}

/// The list as it is when a colleague approved the first one.
fn without_the_first(state: &mut State) {
    brought(state, Brought::Answer(1, Question::Approvals, Ok(Answer::Approvals(samples::waiting().split_off(1)))));
}

#[test]
fn another_request_does_not_slide_under_the_cursor_when_a_colleague_approves_the_one_above() {
    let mut state = approvals(Lang::En, samples::commission(), samples::waiting());
    state.update(Event::Key(Key::Down));
    assert_eq!(at_hand(&state), "> b2c4d6e8");
    without_the_first(&mut state);
    assert_eq!(at_hand(&state), "> b2c4d6e8");
}

#[test]
fn where_the_request_that_was_read_is_gone_the_next_is_read_from_its_beginning() {
    let others = samples::waiting().split_off(1);
    let mut state = approvals(Lang::En, samples::commission(), std::iter::once(samples::long_change()).chain(others.clone()).collect());
    state.update(Event::Key(Key::PageDown));
    brought(&mut state, Brought::Answer(1, Question::Approvals, Ok(Answer::Approvals(others.clone()))));
    let fresh = approvals(Lang::En, samples::commission(), others);
    assert_eq!(seen(&state, (80, 24)), seen(&fresh, (80, 24)));
}

#[test]
fn the_request_that_is_opened_at_home_is_at_hand_among_the_others() {
    let mut state = home(Lang::En);
    while !at_hand(&state).contains("b2c4d6e8") {
        let before = at_hand(&state);
        state.update(Event::Key(Key::Down));
        assert_ne!(at_hand(&state), before, "it is not at home");
    }
    state.update(Event::Key(Key::Enter));
    assert_eq!(state.screens.last().map(|screen| screen.place()), Some(Place::Approvals));
    assert_eq!(at_hand(&state), "> b2c4d6e8");
}

#[test]
fn a_closed_event_is_listed_below_those_that_are_open_and_can_be_looked_at() {
    let mut state = shelters(Lang::En, &EVENT[..1]);
    let text = seen(&state, (80, 24));
    assert!(text.contains("closed"), "{text}");
    for _ in 0..9 {
        state.update(Event::Key(Key::Down));
    }
    let effects = state.update(Event::Key(Key::Enter));
    let id = closed().event;
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Ask(Question::Event(of)) if *of == id)), "{effects:?}");
}

#[test]
fn the_people_of_the_shelter_at_hand_are_listed_at_once() {
    let mut state = shelters(Lang::En, &EVENT);
    let effects = state.update(Event::Key(Key::Enter));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Ask(Question::People(_, name, Some(_))) if name.is_empty())), "{effects:?}");
    answer_all(&mut state, effects, Phase::Open);
    assert!(!seen(&state, (80, 24)).contains("Type the beginning of the name"), "{}", seen(&state, (80, 24)));
}
