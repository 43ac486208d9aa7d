//! Shelters open: facilities of the list, and places that are on none.

use tachiai_schemas::roster::OpenState;
use tachiai_schemas::roster::shelter::Room;
use tachiai_schemas::{InPlaceOf, Lang};

use super::headquarters::{at, press, type_in};
use super::{brought, picture, samples, seen};
use crate::console::app::State;
use crate::console::event::{Event, Key};
use crate::console::i18n::both;
use crate::console::work::{Answer, Brought, Deed, Effect, Question, shelters};
use crate::failure::Failure;

#[test]
fn facilities_are_listed_and_one_is_opened() {
    picture("facilities", |lang| at(lang, "4\no"));
    picture("facilities-open", |lang| at(lang, "4\no\n"));
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
    let [Deed::Shelters(shelters::Deed::Open(_, asked))] = &deeds[..] else { panic!("{deeds:?}") };
    let shelter = &asked.now;
    assert_eq!((shelter.name.ja.as_str(), shelter.capacity, shelter.state), ("大屋市民センター", Some(80), OpenState::Open));
    assert_eq!(asked.before, None, "it was not open when the form was");
}

/// The headquarters at the facilities, of which the third one was opened before with other figures, and closed again.
fn reopening(lang: Lang) -> State {
    let mut state = at(lang, "4\no");
    let mut view = samples::event_view();
    let before = &mut view.shelters[0].state;
    before.shelter = "e2822200152113".parse().unwrap();
    (before.state, before.capacity) = (OpenState::Closed, Some(45));
    before.rooms = vec![Room { name: "図書室".to_owned(), capacity: Some(15), whom: String::new() }];
    brought(&mut state, Brought::Answer(1, Question::Event(samples::event_id()), Ok(Answer::Event(Box::new(view)))));
    type_in(&mut state, "大屋");
    press(&mut state, Key::Enter);
    state
}

#[test]
fn a_shelter_that_opens_again_is_filled_in_as_it_stands_and_keeps_its_rooms() {
    picture("facilities-again", reopening);
    let mut state = reopening(Lang::En);
    press(&mut state, Key::Ctrl('u'));
    type_in(&mut state, "80");
    // While the form is open a colleague changes it: that is not what this was filled in on.
    brought(&mut state, Brought::Answer(1, Question::Event(samples::event_id()), Ok(Answer::Event(Box::new(samples::event_view())))));
    let deeds = press(&mut state, Key::Enter);
    let [Deed::Shelters(shelters::Deed::Open(_, asked))] = &deeds[..] else { panic!("{deeds:?}") };
    let InPlaceOf { before, now } = asked.as_ref();
    assert_eq!(before.as_ref().map(|before| (before.state, before.capacity)), Some((OpenState::Closed, Some(45))));
    assert_eq!((now.state, now.capacity, now.rooms.len()), (OpenState::Open, Some(80), 1));
}

#[test]
fn a_shelter_that_a_colleague_changed_comes_back_with_the_form_as_it_was_filled_in() {
    let refused = |lang| {
        let mut state = reopening(lang);
        press(&mut state, Key::Ctrl('u'));
        type_in(&mut state, "80");
        seen(&state, (80, 24));
        let effects = state.update(Event::Key(Key::Enter));
        let [Effect::Do(number, _)] = effects[..] else { panic!("{effects:?}") };
        let [ja, en] = both(|words| words.with("open-overtaken", &[("what", format!("{}: 45 → 120", words.say("facilities-capacity")))]));
        brought(&mut state, Brought::Done(number, Err(Failure::refused(ja, en))));
        state
    };
    picture("facilities-refused", refused);
    let text = seen(&refused(Lang::En), (80, 24));
    assert!(text.contains("45 → 120") && text.contains("80"), "{text}");
}

#[test]
fn a_place_on_no_list_opens_once_it_is_named_and_confirmed() {
    let mut state = at(Lang::En, "4\no");
    type_in(&mut state, "寄合い処");
    press(&mut state, Key::F(3));
    assert!(seen(&state, (80, 24)).contains("寄合い処"), "what was looked for is its name: {}", seen(&state, (80, 24)));
    press(&mut state, Key::Ctrl('s'));
    let text = seen(&state, (80, 24));
    assert!(text.contains("Open this place?") && text.contains("on no list"), "{text}");
    let deeds = press(&mut state, Key::Char('y'));
    let [Deed::Shelters(shelters::Deed::Open(_, asked))] = &deeds[..] else { panic!("{deeds:?}") };
    let shelter = &asked.now;
    assert_eq!((shelter.name.ja.as_str(), shelter.state), ("寄合い処", OpenState::Open));
    assert!(shelter.shelter.as_str().starts_with("name-"), "{}", shelter.shelter);
}
