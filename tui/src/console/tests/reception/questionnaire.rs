//! A questionnaire at the desk: answered by the keyboard alone, without a link, and never for the wrong person.

use tachiai_schemas::Lang;
use tachiai_schemas::roster::person::Triage;
use tachiai_schemas::roster::{ChainId, Person};

use super::super::{picture, seen};
use super::{Bench, unlisted};
use crate::console::desk::Counter as Desk;
use crate::console::event::Key;
use crate::console::work::Effect;
use crate::console::work::reception::Order;

impl Bench {
    /// Somebody is entered, and what they answer is asked for.
    fn asked(lang: Lang) -> Self {
        let mut bench = Self::open(lang);
        bench.enter("yabu ha");
        bench.type_in("yabu ha");
        bench.keys(&[Key::Enter, Key::Enter, Key::F(11)]);
        bench
    }

    /// What is seen where there is room for all of a form.
    fn whole(&self) -> String {
        seen(&self.state, (120, 60))
    }

    /// What the roster says of everybody who is here.
    fn here(&mut self) -> Vec<(ChainId, Person)> {
        self.counter.inner().present().into_iter().filter_map(|view| Some((view.counts.chain, view.counts.person?))).collect()
    }
}

#[test]
fn whoever_is_here_answers_without_a_link_and_what_follows_is_said_once_it_is_kept() {
    let mut bench = Bench::asked(Lang::Ja);
    let text = bench.text();
    assert!(text.contains("養父　花子（ヤブ　ハナコ）") && text.contains("避難所 問診票") && text.contains("看護師・保健師が読みます"), "{text}");
    bench.type_in("３９．４");
    // The question of help in daily life needs an answer, and is the one at hand then.
    bench.keys(&[Key::Ctrl('s'), Key::Right, Key::Ctrl('s')]);
    let text = bench.text();
    assert!(text.contains("すぐに係の人に知らせてください") && text.contains("養父　花子"), "{text}");
    let (_, person) = bench.here().remove(0);
    assert_eq!((person.questionnaire.is_some(), person.triage, bench.counter.inner().waiting().count()), (true, Some(Triage::Red), 3));
    bench.keys(&[Key::Enter]);
    let text = bench.text();
    assert!(text.contains("次の方:\n") && text.contains("問診票の回答") && text.contains("未送信 3件"), "{text}");
}

#[test]
fn an_answer_that_is_refused_says_why_beside_it_and_the_others_stay() {
    let mut bench = Bench::asked(Lang::En);
    bench.type_in("99");
    bench.keys(&[Key::Down, Key::Char(' '), Key::End, Key::Char(' ')]);
    bench.keys(&[Key::Ctrl('s')]);
    let text = bench.whole();
    for said in ["a number from 33.0 to 43.0", "99", "Both \"none of these\" and another answer", "[x] Cough", "This question needs an answer"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert_eq!(bench.counter.inner().own().len(), 1, "nothing was kept");
    // One after another is put right; what was right is still there.
    bench.keys(&[Key::Ctrl('u')]);
    bench.type_in("36.5");
    bench.keys(&[Key::Down, Key::Char(' '), Key::Ctrl('s')]);
    let text = bench.whole();
    assert!(text.contains("36.5") && text.contains("[x] Cough") && !text.contains("Both \"none"), "{text}");
    bench.keys(&[Key::Right, Key::Ctrl('s')]);
    assert!(bench.text().contains("let a nurse at the shelter see you"), "{}", bench.text());
    assert_eq!(bench.here().remove(0).1.triage, Some(Triage::Yellow));
}

#[test]
fn no_answer_at_all_is_none() {
    let mut bench = Bench::open(Lang::En);
    bench.enter("yabu ha");
    let Desk::Open(now) = &mut bench.state.desk.counter else { panic!("it is not open") };
    now.questionnaires[0].questions.retain(|question| question.id.as_str() != "care");
    bench.keys(&[Key::F(11), Key::Ctrl('s')]);
    assert!(bench.text().contains("Nothing is answered yet"), "{}", bench.text());
    assert_eq!(bench.counter.inner().own().len(), 1);
}

#[test]
fn answers_are_not_dropped_without_a_question() {
    let mut bench = Bench::asked(Lang::En);
    bench.keys(&[Key::Esc]);
    assert!(bench.state.popup.is_none() && bench.text().contains("is registered here"), "nothing was filled in: {}", bench.text());
    bench.keys(&[Key::F(11)]);
    bench.type_in("36.5");
    bench.keys(&[Key::Esc]);
    assert!(bench.text().contains("Give up what you filled in") || bench.text().contains("filled in"), "{}", bench.text());
    bench.keys(&[Key::Esc]);
    assert!(bench.text().contains("36.5"), "whoever stays has it all: {}", bench.text());
    bench.keys(&[Key::Esc, Key::Char('y')]);
    assert!(bench.state.popup.is_none() && bench.counter.inner().own().len() == 1, "{}", bench.text());
}

#[test]
fn without_a_questionnaire_the_key_is_off_and_says_how_one_comes() {
    let mut bench = unlisted(Lang::En);
    bench.keys(&[Key::F(2)]);
    bench.type_in("Maria");
    bench.keys(&[Key::Ctrl('s'), Key::Enter, Key::F(11)]);
    let text = bench.text();
    assert!(text.contains("this terminal has no questionnaire") && bench.state.popup.is_none(), "{text}");
    bench.keys(&[Key::F(3), Key::Enter, Key::End, Key::Down, Key::Down, Key::Down, Key::Down, Key::Enter]);
    assert!(bench.text().contains("F7 fetches it") && bench.present() == 1, "{}", bench.text());
}

#[test]
fn right_after_somebody_was_entered_it_is_theirs_and_of_a_family_it_is_asked_whose() {
    let mut bench = Bench::open(Lang::En);
    bench.keys(&[Key::F(11)]);
    assert!(bench.text().contains("open somebody who is registered here") && bench.state.popup.is_none(), "{}", bench.text());
    bench.type_in("yabu ha");
    bench.keys(&[Key::Enter, Key::Enter, Key::Char(' '), Key::Enter]);
    assert_eq!(bench.present(), 2);
    bench.keys(&[Key::F(11), Key::Ctrl('s')]);
    assert!(bench.text().contains("Choose who answers."), "nobody answers for another: {}", bench.text());
    bench.keys(&[Key::Right, Key::Right, Key::Ctrl('s')]);
    assert!(bench.text().contains("養父　一郎"), "{}", bench.text());
    bench.type_in("36.5");
    bench.keys(&[Key::Ctrl('s'), Key::Right, Key::Ctrl('s')]);
    let answered: Vec<String> = bench.here().into_iter().filter(|(_, person)| person.questionnaire.is_some()).map(|(_, person)| person.name).collect();
    assert_eq!(answered, ["養父　一郎"]);
    // Somebody who was found, and is not opened, is not meant.
    bench.keys(&[Key::Enter, Key::F(3), Key::F(11)]);
    assert!(bench.text().contains("open somebody who is registered here") && bench.state.popup.is_none(), "{}", bench.text());
}

#[test]
fn of_several_questionnaires_one_is_chosen_first() {
    let mut bench = Bench::open(Lang::En);
    bench.enter("yabu ha");
    let Desk::Open(now) = &mut bench.state.desk.counter else { panic!("it is not open") };
    let mut second = now.questionnaires[0].clone();
    (second.id, second.title.en) = ("shelter-feet".parse().unwrap(), "Questions about feet".to_owned());
    second.questions.retain(|question| question.id.as_str() == "distress");
    now.questionnaires.push(second);
    bench.keys(&[Key::F(11), Key::Right]);
    assert!(bench.text().contains("< Questions about feet >"), "{}", bench.text());
    bench.keys(&[Key::Ctrl('s'), Key::Right]);
    let effects = bench.waiting(Key::Ctrl('s'));
    let [Effect::Reception(Some(_), Order::Fill(_, answers))] = &effects[..] else { panic!("{effects:?} {}", bench.text()) };
    assert_eq!((answers.questionnaire.as_str(), answers.answers.len()), ("shelter-feet", 1));
    // The terminal has no such questions by now: nothing is kept, and what was filled in is there.
    bench.follow(effects);
    assert!(bench.text().contains("is another one by now") && bench.text().contains("< yes >"), "{}", bench.text());
    assert_eq!(bench.counter.inner().own().len(), 1);
}

#[test]
fn an_arrival_is_taken_back_after_the_questionnaire_too_and_what_was_answered_stays() {
    let mut bench = Bench::open(Lang::Ja);
    bench.enter("yabu ha");
    bench.type_in("yabu ha");
    // A room is noted, and then she answers.
    bench.keys(&[Key::Enter, Key::Enter, Key::Down, Key::Enter]);
    bench.type_in("2年1組");
    bench.keys(&[Key::Ctrl('s')]);
    bench.type_in("yabu ha");
    bench.keys(&[Key::Enter, Key::Enter, Key::F(11)]);
    bench.type_in("39.4");
    bench.keys(&[Key::Ctrl('s'), Key::Right, Key::Ctrl('s'), Key::Enter]);
    assert!(bench.back().contains("養父　花子"));
    let (_, person) = bench.here().remove(0);
    assert_eq!((person.room.as_str(), person.questionnaire.is_some(), person.triage), ("", true, Some(Triage::Red)));
    assert!(bench.back().contains("入所: 養父　花子"));
    assert!(bench.present() == 0 && bench.text().contains("取り消しました"), "{}", bench.text());
}

#[test]
fn a_questionnaire_is_seen_as_it_is_worked() {
    picture("questionnaire", |lang| Bench::asked(lang).state);
    picture("questionnaire-refused", |lang| {
        let mut bench = Bench::asked(lang);
        bench.type_in("99");
        bench.keys(&[Key::Down, Key::Char(' '), Key::Ctrl('s')]);
        bench.state
    });
    picture("questionnaire-kept", |lang| {
        let mut bench = Bench::asked(lang);
        bench.type_in("39.4");
        bench.keys(&[Key::Ctrl('s'), Key::Right, Key::Ctrl('s')]);
        bench.state
    });
    picture("questionnaire-who", |lang| {
        let mut bench = Bench::open(lang);
        bench.type_in("yabu ha");
        bench.keys(&[Key::Enter, Key::Enter, Key::Char(' '), Key::Enter, Key::F(11)]);
        bench.state.notice = None;
        bench.state
    });
}
