//! Somebody's record: what it says of health is shown to whoever asks for it, and to nobody else.

use tachiai_schemas::Lang;

use super::super::{Phase, answer_all, picture, seen};
use super::{at, press, type_in};
use crate::console::app::State;
use crate::console::event::{Event, Key};
use crate::console::work::{Effect, Question, shelters};

/// Somebody of an event was looked for and opened.
fn somebody(lang: Lang) -> State {
    let mut state = at(lang, "4\n/");
    type_in(&mut state, "西村");
    press(&mut state, Key::Enter);
    press(&mut state, Key::Enter);
    state
}

#[test]
fn what_somebody_answered_is_asked_for_by_a_key_alone_and_read_in_words() {
    let mut state = somebody(Lang::En);
    let text = seen(&state, (80, 60));
    assert!(text.contains("questionnaire: yellow") && text.contains("Press Enter to read the answers") && !text.contains("37.8"), "{text}");
    let effects = state.update(Event::Key(Key::Enter));
    assert!(matches!(&effects[..], [Effect::Ask(Question::Shelters(shelters::Question::Questionnaire(..)))]), "a look is recorded once: {effects:?}");
    answer_all(&mut state, effects, Phase::Open);
    let text = seen(&state, (80, 60));
    for said in ["What is your temperature now?: 37.8", "Cough or sore throat, Rash", "let a nurse at the shelter see you"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    picture("person-answers", |lang| {
        let mut state = somebody(lang);
        press(&mut state, Key::Enter);
        state
    });
}
