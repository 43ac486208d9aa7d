//! What headquarters do about an event: each key with what it asks for, and what is to be done then.

use tachiai_schemas::Lang;
use tachiai_schemas::roster::EventKind;
use tachiai_schemas::roster::OpenState;
use tachiai_schemas::staff::Role;

use super::{Phase, answer_all, connected, picture, samples, seen};
use crate::console::app::State;
use crate::console::event::{Event, Key};
use crate::console::work::{Deed, Effect, shelters};

fn at(lang: Lang, keys: &str) -> State {
    let mut state = connected(lang, samples::headquarters());
    for c in keys.chars() {
        press(&mut state, if c == '\n' { Key::Enter } else { Key::Char(c) });
    }
    state
}

/// Presses a key; gives what is to be done, with every answer taken.
fn press(state: &mut State, key: Key) -> Vec<Deed> {
    let effects = state.update(Event::Key(key));
    let deeds = effects.iter().filter_map(|effect| if let Effect::Do(_, deed) = effect { Some(deed.as_ref().clone()) } else { None }).collect();
    answer_all(state, effects, Phase::Open);
    deeds
}

fn type_in(state: &mut State, text: &str) {
    for c in text.chars() {
        press(state, Key::Char(c));
    }
}

#[test]
fn an_event_is_declared_once_the_form_is_whole_and_its_text_was_read() {
    let mut state = at(Lang::En, "4n");
    press(&mut state, Key::Ctrl('s'));
    assert!(seen(&state, (80, 24)).contains("Type the title"), "nothing is asked for without a title");
    type_in(&mut state, "令和8年台風第15号");
    press(&mut state, Key::Ctrl('s'));
    let text = seen(&state, (80, 24));
    assert!(text.contains("A disaster opens when a second official approves it"), "{text}");
    let deeds = press(&mut state, Key::Char('y'));
    let [Deed::Shelters(shelters::Deed::Declare(spec))] = &deeds[..] else { panic!("{deeds:?}") };
    assert_eq!((spec.kind, spec.title.en.as_str(), spec.municipality.as_str(), spec.min_group), (EventKind::Disaster, "令和8年台風第15号", "282227", 10));
}

#[test]
fn a_facility_is_found_by_letters_and_opens_with_as_many_places_as_were_said() {
    let mut state = at(Lang::En, "4\no");
    type_in(&mut state, "ohya");
    assert!(seen(&state, (80, 24)).contains("No facility fits"));
    for _ in 0..4 {
        press(&mut state, Key::Backspace);
    }
    type_in(&mut state, "大屋");
    press(&mut state, Key::Enter);
    type_in(&mut state, "many");
    press(&mut state, Key::Enter);
    assert!(seen(&state, (80, 24)).contains("in digits"));
    press(&mut state, Key::Ctrl('u'));
    type_in(&mut state, "８０");
    let deeds = press(&mut state, Key::Enter);
    let [Deed::Shelters(shelters::Deed::Set(_, shelter, Some(OpenState::Closed)))] = &deeds[..] else { panic!("{deeds:?}") };
    assert_eq!((shelter.name.ja.as_str(), shelter.capacity, shelter.state), ("大屋市民センター", Some(80), OpenState::Open));
}

#[test]
fn the_state_of_a_shelter_is_set_and_can_be_taken_back() {
    let mut state = at(Lang::En, "4\ns");
    press(&mut state, Key::End);
    let deeds = press(&mut state, Key::Enter);
    let [Deed::Shelters(shelters::Deed::Set(_, shelter, Some(before)))] = &deeds[..] else { panic!("{deeds:?}") };
    assert_eq!(shelter.state, OpenState::Closed);
    assert_ne!(*before, OpenState::Closed);
}

#[test]
fn a_contradiction_is_settled_with_a_reason_and_fields_of_either_record() {
    let mut state = at(Lang::En, "4\ncs");
    press(&mut state, Key::Ctrl('s'));
    assert!(seen(&state, (80, 24)).contains("Type how it was found out"));
    type_in(&mut state, "asked her");
    // The first record holds, with the address of the second.
    press(&mut state, Key::Down);
    press(&mut state, Key::Left);
    press(&mut state, Key::Down);
    press(&mut state, Key::End);
    press(&mut state, Key::Ctrl('s'));
    let text = seen(&state, (80, 24));
    assert!(text.contains("Record 1 holds") && text.contains("asked her"), "{text}");
    assert!(text.contains("of record 2"), "what is taken of another record is read too: {text}");
    assert!(press(&mut state, Key::Enter).is_empty(), "the Enter of the form confirms nothing");
    let deeds = press(&mut state, Key::Char('y'));
    let [Deed::Shelters(shelters::Deed::Settle(_, settle))] = &deeds[..] else { panic!("{deeds:?}") };
    assert_eq!(settle.keep, settle.view.heads[0].entry);
    assert_eq!(settle.fields, [("address".to_owned(), settle.view.heads[1].entry)]);
}

#[test]
fn whether_two_are_one_person_is_asked_for_on_evidence() {
    let mut state = at(Lang::En, "4\ndd");
    press(&mut state, Key::Ctrl('s'));
    assert!(seen(&state, (80, 24)).contains("Type what shows it"));
    type_in(&mut state, "driving licence");
    press(&mut state, Key::Ctrl('s'));
    assert!(seen(&state, (80, 24)).contains("counted once"));
    let deeds = press(&mut state, Key::Char('y'));
    assert!(matches!(&deeds[..], [Deed::Shelters(shelters::Deed::Link(_, request))] if request.evidence == "driving licence"), "{deeds:?}");
}

#[test]
fn a_statement_is_checked_and_never_written_over_a_file() {
    let mut state = at(Lang::En, "4\nt");
    let deeds = press(&mut state, Key::Char('v'));
    assert!(matches!(deeds[..], [Deed::Shelters(shelters::Deed::Verify(_, 1))]), "the latest stands first: {deeds:?}");
    press(&mut state, Key::Char('n'));
    type_in(&mut state, "/");
    press(&mut state, Key::Enter);
    assert!(seen(&state, (80, 24)).contains("it is not overwritten"));
}

#[test]
fn what_headquarters_do_is_nothing_for_a_reception() {
    let mut state = connected(Lang::En, samples::empty(Role::Reception));
    press(&mut state, Key::Char('4'));
    press(&mut state, Key::Char('n'));
    assert!(state.popup.is_none() && state.notice.as_ref().is_some_and(|(said, _)| said.contains("shelter reception")), "{:?}", state.notice);
}

#[test]
fn headquarters_see_each_screen_of_an_event() {
    picture("declare", |lang| at(lang, "4n"));
    picture("facilities", |lang| at(lang, "4\no"));
    picture("facilities-open", |lang| at(lang, "4\no\n"));
    picture("missing", |lang| at(lang, "4\nm"));
    picture("duplicates", |lang| at(lang, "4\nd"));
    picture("duplicates-decide", |lang| at(lang, "4\ndd"));
    picture("statements", |lang| at(lang, "4\nt"));
    picture("settle", |lang| at(lang, "4\ncs"));
}
