//! What is done from a screen: confirmed, done once, told, and taken back.

use tachiai_schemas::Lang;
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::staff::{Act, Matter, Shown};

use super::*;
use crate::commands::approve::{self, Names, compared, matters};
use crate::console::action::Action;
use crate::console::work::deed::waits_text;
use crate::console::work::{Deed, Done, Tell, Waiting};

fn deeds(effects: &[Effect]) -> Vec<(u64, Deed)> {
    effects.iter().filter_map(|effect| if let Effect::Do(number, deed) = effect { Some((*number, (**deed).clone())) } else { None }).collect()
}

/// An open mock election whose next step was asked for and confirmed; what is to be done.
fn asked_for(state: &mut State) -> (u64, Deed) {
    press(state, "n");
    assert!(state.popup.is_some(), "{}", seen(state, (80, 24)));
    seen(state, (80, 24));
    let effects = state.update(Event::Key(Key::Char('y')));
    let [(number, deed)] = &deeds(&effects)[..] else { panic!("{effects:?}") };
    (*number, deed.clone())
}

#[test]
fn the_next_step_is_read_before_it_is_asked_for() {
    picture("election-next", |lang| {
        let mut state = election(lang, Phase::Open, 0);
        press(&mut state, "n");
        state
    });
    let (_, deed) = asked_for(&mut election(Lang::En, Phase::Open, 0));
    assert!(matches!(deed, Deed::Act(_, Act::CloseOnline)), "{deed:?}");
}

#[test]
fn a_step_of_which_something_is_missing_says_what() {
    let mut state = election(Lang::En, Phase::Draft, 0);
    press(&mut state, "n");
    assert!(state.popup.is_none());
    assert!(state.notice.as_ref().is_some_and(|(said, _)| said.starts_with("first: ")), "{:?}", state.notice);
}

#[test]
fn the_same_is_not_done_twice_at_once() {
    let mut state = election(Lang::En, Phase::Open, 0);
    let (number, _) = asked_for(&mut state);
    press(&mut state, "n");
    seen(&state, (80, 24));
    assert!(deeds(&state.update(Event::Key(Key::Char('y')))).is_empty());
    brought(&mut state, Brought::Done(number, Ok(Box::new(Done::window("済".to_owned(), "it is done".to_owned())))));
    state.update(Event::Tick(now().plus(3)));
    assert!(seen(&state, (80, 24)).contains("it is done"));
    assert!(state.desk.doing.is_empty());
}

#[test]
fn what_was_done_is_taken_back_once() {
    let mut state = election(Lang::En, Phase::Open, 0);
    let (number, deed) = asked_for(&mut state);
    let done = Done { said: ["済".to_owned(), "noted".to_owned()], tell: Tell::Notice, then: None, undo: Some(deed.clone()) };
    brought(&mut state, Brought::Done(number, Ok(Box::new(done))));
    assert!(state.keys().iter().any(|binding| binding.action == Action::Undo && binding.off.is_none()));
    assert!(press(&mut state, "u").is_empty(), "it is asked first");
    assert!(seen(&state, (80, 24)).contains("noted"), "and said what is taken back");
    let effects = state.update(Event::Key(Key::Char('y')));
    assert!(matches!(&deeds(&effects)[..], [(_, back)] if *back == deed), "{effects:?}");
    assert!(press(&mut state, "u").is_empty());
    assert!(state.notice.is_some(), "it is said why there is nothing to take back");
}

#[test]
fn how_far_it_is_stands_at_the_top_and_a_refusal_in_a_window() {
    let mut state = election(Lang::En, Phase::Open, 0);
    let (number, _) = asked_for(&mut state);
    brought(&mut state, Brought::Progress(number, 30, 120));
    assert!(seen(&state, (80, 24)).lines().next().is_some_and(|head| head.contains("working 25 %")));
    let refused = Failure::new(Exit::Refused, "拒否されました。", "it was refused.");
    brought(&mut state, Brought::Done(number, Err(refused)));
    assert!(seen(&state, (80, 24)).contains("it was refused."));
}

#[test]
fn what_somebody_else_began_is_told_to_nobody_after_another_profile_was_chosen() {
    let mut state = election(Lang::En, Phase::Open, 0);
    let (number, _) = asked_for(&mut state);
    let refused = Failure::new(Exit::Refused, "拒否されました。", "the certificate was revoked.");
    brought(&mut state, Brought::Link(1, Link::Lost(refused, None)));
    brought(&mut state, Brought::Done(number, Ok(Box::new(Done::window("済".to_owned(), "it is done".to_owned())))));
    assert!(!seen(&state, (80, 24)).contains("it is done"));
}

#[test]
fn whoever_went_on_to_something_else_is_not_led_away_from_it() {
    let mut state = election(Lang::En, Phase::Open, 0);
    let (number, _) = asked_for(&mut state);
    press(&mut state, "3");
    let before = state.screen().map(|screen| screen.place());
    let then = Some(Place::Home);
    brought(&mut state, Brought::Done(number, Ok(Box::new(Done { then, ..Done::notice("済".to_owned(), "it is noted".to_owned()) }))));
    assert_eq!(state.screen().map(|screen| screen.place()), before);
    assert!(seen(&state, (80, 24)).contains("it is noted"));
}

#[test]
fn what_somebody_approved_is_not_told_to_whoever_sits_here_next_under_the_same_profile() {
    let mut state = approvals(Lang::En, samples::commission(), samples::waiting());
    press(&mut state, "ak3v7q2xm");
    seen(&state, (80, 24));
    let effects = state.update(Event::Key(Key::Enter));
    let [(number, _)] = &deeds(&effects)[..] else { panic!("{effects:?}") };
    let mut other = samples::commission();
    other.viewer.name = "somebody else".to_owned();
    brought(&mut state, Brought::Link(1, Link::Status(Box::new(other))));
    assert!(state.desk.doing.is_empty() && state.desk.undo.is_none());
    brought(&mut state, Brought::Done(*number, Ok(Box::new(Done::window("済".to_owned(), "it is approved".to_owned())))));
    assert!(state.popup.is_none(), "{}", seen(&state, (80, 24)));
}

#[test]
fn the_console_is_not_left_while_something_is_being_done_without_asking() {
    let mut state = election(Lang::En, Phase::Open, 0);
    asked_for(&mut state);
    assert!(press(&mut state, "q").is_empty() && seen(&state, (80, 24)).contains("Leave the console?"));
    assert!(matches!(state.update(Event::Key(Key::Char('y')))[..], [Effect::Leave]));
}

#[test]
fn a_key_that_does_nothing_now_stands_before_none_that_leads_elsewhere() {
    let mut state = election(Lang::En, Phase::Open, 0);
    press(&mut state, "i");
    assert_eq!(state.screen().map(|screen| screen.place()), Some(Place::Citizens));
}

#[test]
fn a_long_message_is_read_to_its_end() {
    let mut state = election(Lang::En, Phase::Open, 0);
    let (number, _) = asked_for(&mut state);
    let lines: String = (1..60).map(|n| format!("shelter {n}\n")).collect();
    brought(&mut state, Brought::Done(number, Ok(Box::new(Done::window(String::new(), format!("{lines}Compare this with the notice."))))));
    assert!(seen(&state, (80, 24)).contains("more lines"));
    for _ in 0..4 {
        state.update(Event::Key(Key::PageDown));
        seen(&state, (80, 24));
    }
    assert!(seen(&state, (80, 24)).contains("Compare this with the notice."));
    state.update(Event::Key(Key::Enter));
    assert!(state.popup.is_none());
}

#[test]
fn who_waits_is_not_looked_at_again_because_something_was_done() {
    let mut status = samples::commission();
    for waiting in status.waiting.iter_mut().flatten() {
        waiting.reading = tachiai_schemas::status::Reading::Recorded;
    }
    let mut state = approvals(Lang::En, status, samples::waiting());
    press(&mut state, "ak3v7q2xm");
    seen(&state, (80, 24));
    let effects = state.update(Event::Key(Key::Enter));
    let [(number, _)] = &deeds(&effects)[..] else { panic!("{effects:?}") };
    let effects = brought(&mut state, Brought::Done(*number, Ok(Box::new(Done::window("済".to_owned(), "it is approved".to_owned())))));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Ask(Question::Approvals))), "{effects:?}");
    state.update(Event::Key(Key::Enter));
    assert!(!seen(&state, (80, 24)).contains("k3v7q2xm"), "what was approved waits no more");
    press(&mut state, "3");
    let effects = state.update(Event::Key(Key::Esc));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Ask(Question::Approvals))), "coming back is no second look: {effects:?}");
}

#[test]
fn who_asks_and_who_approves_read_the_same_text_and_value_of_every_matter() {
    for matter in matters::every().concat() {
        let shown = Shown::from(samples::asked(matter));
        let names = Names::default();
        let approved = Waiting::of(shown.clone(), &names).text;
        for (lang, approved) in [Lang::Ja, Lang::En].into_iter().zip(approved) {
            let asked = waits_text(lang, &shown, &names);
            assert!(asked.contains(&approved), "{asked}");
            let [_, value] = compared(lang, &shown.pending.message);
            assert!(asked.contains(&value), "{asked}");
        }
    }
}

#[test]
fn what_waits_for_a_second_official_is_not_said_to_be_done() {
    for (lang, title) in [(Lang::Ja, "申請しました（承認待ち）"), (Lang::En, "Asked for; it waits for approval")] {
        let mut state = election(lang, Phase::Open, 0);
        let (number, _) = asked_for(&mut state);
        let done = Done { tell: Tell::Asked, ..Done::window("内容".to_owned(), "what it is".to_owned()) };
        brought(&mut state, Brought::Done(number, Ok(Box::new(done))));
        let text = seen(&state, (80, 24));
        assert!(text.contains(title) && !text.contains("完了しました"), "{text}");
    }
}

#[test]
fn a_shelter_of_a_grant_is_called_by_its_name_where_that_is_known() {
    let grants = matters::every().into_iter().flatten();
    let Some(Matter::Grant { grant }) = grants.into_iter().find(|matter| matches!(matter, Matter::Grant { .. })) else { panic!("a grant") };
    let mut view = samples::event_view();
    view.shelters[0].state.shelter = grant.shelters[0].clone();
    let mut names = Names::default();
    names.event(grant.event.unwrap(), &view.summary.declared.title, &view.shelters);
    let said = approve::matter::text(Lang::Ja, &Matter::Grant { grant }, &names);
    assert!(said.contains(&view.shelters[0].state.name.ja) && said.contains(&view.summary.declared.title.ja), "{said}");
}

/// A form in which something is typed, closed by these keys.
fn dropped(lang: Lang, keys: &[Key]) -> State {
    let mut state = connected(lang, samples::headquarters());
    press(&mut state, "4n");
    state.update(Event::Key(Key::Tab));
    state.update(Event::Paste("台風第18号".to_owned()));
    for key in keys {
        state.update(Event::Key(*key));
    }
    state
}

#[test]
fn what_was_filled_in_is_not_lost_unasked_and_stays_as_it_was() {
    picture("form-dropped", |lang| dropped(lang, &[Key::Esc]));
    let back = dropped(Lang::Ja, &[Key::Esc, Key::Esc]);
    assert_eq!(seen(&back, (80, 24)), seen(&dropped(Lang::Ja, &[]), (80, 24)));
    assert!(dropped(Lang::Ja, &[Key::Esc, Key::Enter]).popup.is_some(), "no key of the form drops it");
    assert!(dropped(Lang::Ja, &[Key::Esc, Key::Char('ｙ')]).popup.is_none());
}

#[test]
fn a_form_in_which_nothing_was_typed_is_closed_at_once() {
    let mut state = connected(Lang::Ja, samples::headquarters());
    press(&mut state, "4n");
    state.update(Event::Key(Key::Tab));
    state.update(Event::Key(Key::Esc));
    assert!(state.popup.is_none());
}
