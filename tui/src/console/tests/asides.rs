//! What was set aside of hand-ins: listed with why, opened by whoever means to, and decided on by two officials.

use tachiai_schemas::Lang;
use tachiai_schemas::shelter::case::{AsideStanding, AsideVerdict};
use tachiai_schemas::status::Status;

use super::headquarters::{at, press, type_in};
use super::{brought, picture, samples, seen};
use crate::console::action::Place;
use crate::console::app::State;
use crate::console::event::{Event, Key};
use crate::console::work::{Answer, Brought, Deed, Effect, Question, shelters};

fn opened(lang: Lang) -> State {
    at(lang, "4\nh\n")
}

fn marked(lang: Lang) -> State {
    let mut state = opened(lang);
    for key in [Key::Char(' '), Key::Down, Key::Char(' ')] {
        press(&mut state, key);
    }
    state
}

fn off(state: &State, key: Key) -> Option<String> {
    state.keys().into_iter().find(|binding| binding.key == key).unwrap().off
}

/// What was asked for after a key and a reason.
fn asked(state: &mut State, key: char) -> Vec<Deed> {
    press(state, Key::Char(key));
    type_in(state, "the stick was found");
    press(state, Key::Enter);
    for _ in 0..4 {
        press(state, Key::PageDown);
    }
    press(state, Key::Char('y'))
}

#[test]
fn the_hand_ins_are_listed_with_why_and_one_is_opened_knowingly() {
    picture("asides", |lang| at(lang, "4\nh"));
    picture("aside-opened", opened);
    picture("aside-marked", marked);
    picture("aside-take", |lang| {
        let mut state = marked(lang);
        press(&mut state, Key::Char('t'));
        state
    });
    picture("aside-sure", |lang| {
        let mut state = marked(lang);
        press(&mut state, Key::Char('d'));
        type_in(&mut state, "訓練の入力");
        press(&mut state, Key::Enter);
        state
    });
    let text = seen(&at(Lang::En, "4\nh"), (80, 24));
    assert!(text.contains("that you opened it is recorded"), "{text}");
}

#[test]
fn the_list_comes_by_itself_and_names_are_asked_for_by_people_alone() {
    let (event, file) = (samples::event_id(), samples::shelters::aside_file());
    assert!(!Question::Shelters(shelters::Question::Asides(event)).is_recorded());
    assert!(Question::Shelters(shelters::Question::Aside(event, file)).is_recorded());
    let before = samples::headquarters();
    let after = Status { waiting: None, ..before.clone() };
    assert!(before.waiting.is_some() && Question::Shelters(shelters::Question::Asides(event)).follows(&before, &after), "something was decided");
    assert!(!Question::Shelters(shelters::Question::Aside(event, file)).follows(&before, &after));
    let mut state = at(Lang::En, "4\nh");
    let effects = state.update(Event::Key(Key::Enter));
    let asks = |effect: &Effect| matches!(effect, Effect::Ask(Question::Shelters(shelters::Question::Aside(_, of))) if *of == file);
    assert!(effects.iter().any(asks), "the one with something undecided stands first: {effects:?}");
}

#[test]
fn the_entries_that_are_marked_are_asked_for_as_they_were_shown_with_the_reason() {
    let content = samples::shelters::aside().content(&[0, 2]).unwrap();
    for (key, verdict) in [('t', AsideVerdict::Take), ('d', AsideVerdict::Drop)] {
        let mut state = marked(Lang::En);
        let deeds = asked(&mut state, key);
        let [Deed::Shelters(shelters::Deed::Aside(_, request))] = &deeds[..] else { panic!("{deeds:?}") };
        assert_eq!((request.verdict, &request.entries[..], request.content.hash()), (verdict, &[0, 2][..], content));
        assert_eq!((request.file, request.reason.as_str()), (samples::shelters::aside_file(), "the stick was found"));
    }
}

#[test]
fn nothing_is_decided_on_that_is_not_marked_and_what_is_decided_is_not_marked() {
    let mut state = opened(Lang::En);
    for key in ['t', 'd'] {
        assert_eq!(off(&state, Key::Char(key)).unwrap(), "first mark the entries with Space");
    }
    press(&mut state, Key::Down);
    assert_eq!(off(&state, Key::Char(' ')).unwrap(), "this entry is decided");
    press(&mut state, Key::Char('t'));
    assert!(state.popup.is_none());
}

#[test]
fn what_cannot_be_read_is_dropped_and_not_taken_over() {
    let mut state = opened(Lang::En);
    press(&mut state, Key::Char('a'));
    assert!(off(&state, Key::Char('t')).unwrap().starts_with("entry 3, which is marked, cannot be taken over"));
    let deeds = asked(&mut state, 'd');
    assert!(matches!(&deeds[..], [Deed::Shelters(shelters::Deed::Aside(_, request))] if request.entries == [0, 2, 3]), "{deeds:?}");
    let mut state = opened(Lang::En);
    press(&mut state, Key::Char('a'));
    press(&mut state, Key::Char('a'));
    assert!(off(&state, Key::Char('d')).is_some(), "all were marked, and so none is");
}

#[test]
fn a_reason_is_needed() {
    let mut state = marked(Lang::En);
    press(&mut state, Key::Char('t'));
    press(&mut state, Key::Enter);
    assert!(seen(&state, (80, 24)).contains("Type a reason of 1 to 500"), "{}", seen(&state, (80, 24)));
}

#[test]
fn an_entry_on_which_others_decided_meanwhile_is_marked_no_more() {
    let mut state = marked(Lang::En);
    let mut now = samples::shelters::aside();
    now.entries[0].standing = AsideStanding::Dropped {};
    let question = Question::Shelters(shelters::Question::Aside(samples::event_id(), samples::shelters::aside_file()));
    brought(&mut state, Brought::Answer(1, question, Ok(Answer::Shelters(shelters::Answer::Aside(Box::new(now))))));
    let deeds = asked(&mut state, 't');
    assert!(matches!(&deeds[..], [Deed::Shelters(shelters::Deed::Aside(_, request))] if request.entries == [2]), "{deeds:?}");
}

#[test]
fn where_nothing_is_set_aside_the_key_says_so_and_the_palette_leads_there_still() {
    let mut state = at(Lang::En, "4\n");
    let mut view = samples::event_view();
    view.aside = 0;
    brought(&mut state, Brought::Answer(1, Question::Event(samples::event_id()), Ok(Answer::Event(Box::new(view)))));
    assert_eq!(off(&state, Key::Char('h')).unwrap(), "nothing was set aside");
    for key in [Key::Char(':'), Key::Char('ほ'), Key::Char('り'), Key::Char('ゅ'), Key::Char('う')] {
        press(&mut state, key);
    }
    let text = seen(&state, (80, 24));
    assert!(text.contains("On hold"), "{text}");
    press(&mut state, Key::Down);
    press(&mut state, Key::Enter);
    assert_eq!(state.screen().map(|screen| screen.place()), Some(Place::Asides(samples::event_id())));
}
