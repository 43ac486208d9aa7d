//! The screens of agencies and of citizens.

use tachiai_schemas::Lang;
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::roster::disclosure::Selection;
use tachiai_schemas::staff::Role;

use super::*;
use crate::console::work::Deed;
use crate::console::work::sharing_deed::Deed as Done;
use crate::console::work::sharing_question::{self, Asked};

/// The headquarters among the agencies, after these keys, with every answer.
fn sharing(lang: Lang, keys: &[Key]) -> State {
    let mut state = connected(lang, samples::headquarters());
    for key in [&[Key::Char('7')][..], keys].concat() {
        push(&mut state, key);
    }
    state
}

/// A key, and the answers to what is asked then.
fn push(state: &mut State, key: Key) -> Vec<Effect> {
    let effects = state.update(Event::Key(key));
    answer_all(state, effects.clone(), Phase::Open);
    effects
}

/// A text into the line at hand, and on to the next one.
fn fill(state: &mut State, text: &str) {
    state.update(Event::Paste(text.to_owned()));
    state.update(Event::Key(Key::Tab));
}

#[test]
fn agencies_grants_and_disclosures_are_listed_with_what_is_chosen_below() {
    picture("sharing-agencies", |lang| sharing(lang, &[Key::Down]));
    picture("sharing-grants", |lang| sharing(lang, &[Key::Tab]));
    picture("sharing-disclosures", |lang| sharing(lang, &[Key::Tab, Key::Tab]));
    picture("sharing-empty", |lang| {
        let mut state = connected(lang, samples::headquarters());
        press(&mut state, "7");
        for question in [sharing_question::Question::Agencies, sharing_question::Question::Grants] {
            let answer = match &question {
                sharing_question::Question::Agencies => sharing_question::Answer::Agencies(Vec::new()),
                _ => sharing_question::Answer::Grants(Vec::new()),
            };
            brought(&mut state, Brought::Answer(1, Question::Sharing(question), Ok(Answer::Sharing(answer))));
        }
        state
    });
}

/// The form of a grant, filled in.
fn granting(lang: Lang) -> State {
    let mut state = sharing(lang, &[Key::Tab, Key::Char('n')]);
    fill(&mut state, "fire-food");
    fill(&mut state, "");
    fill(&mut state, "食事の準備");
    fill(&mut state, "");
    fill(&mut state, "");
    fill(&mut state, "");
    fill(&mut state, "食物アレルギー care");
    fill(&mut state, "氏名 needs");
    fill(&mut state, "");
    fill(&mut state, "");
    state.update(Event::Paste("2026-12-08 17:00".to_owned()));
    state
}

#[test]
fn a_grant_is_asked_for_in_a_form_and_read_before_it_is_sent() {
    picture("sharing-grant-form", granting);
    picture("sharing-grant-wrong", |lang| {
        let mut state = sharing(lang, &[Key::Tab, Key::Char('n')]);
        state.update(Event::Key(Key::Ctrl('s')));
        state
    });
    picture("sharing-grant-sure", |lang| {
        let mut state = granting(lang);
        state.update(Event::Key(Key::Ctrl('s')));
        state
    });
    let mut state = granting(Lang::En);
    state.update(Event::Key(Key::Ctrl('s')));
    seen(&state, (120, 40));
    let effects = state.update(Event::Key(Key::Char('y')));
    let [Effect::Do(_, deed)] = &effects[..] else { panic!("{effects:?}") };
    let Deed::Sharing(Done::Grant(grant)) = &**deed else { panic!("{deed:?}") };
    assert_eq!((grant.of.len(), &grant.fields[..], grant.until), (2, &["name".to_owned(), "needs".to_owned()][..], at("2026-12-08T08:00:00Z")));
    assert_eq!(grant.recipient, samples::sharing::agencies()[0].recipient);
}

/// The form of a grant for a shelter that is found by what is typed.
fn sheltered(lang: Lang, typed: &str) -> State {
    let mut state = sharing(lang, &[Key::Tab, Key::Char('n')]);
    for text in ["fire-gym", "", "食事の準備", ""] {
        fill(&mut state, text);
    }
    state.update(Event::Key(Key::Right));
    state.update(Event::Key(Key::Tab));
    state.update(Event::Paste(typed.to_owned()));
    state
}

#[test]
fn the_shelters_of_a_grant_are_chosen_by_their_names() {
    picture("sharing-grant-shelters", |lang| sheltered(lang, ""));
    picture("sharing-grant-found", |lang| sheltered(lang, "体育館"));
    let mut state = sheltered(Lang::Ja, "体育館");
    for key in [Key::Char(' '), Key::Tab] {
        state.update(Event::Key(key));
    }
    fill(&mut state, "care");
    fill(&mut state, "name");
    for _ in 0..2 {
        state.update(Event::Key(Key::Tab));
    }
    state.update(Event::Paste("2026-12-08 17:00".to_owned()));
    state.update(Event::Key(Key::Ctrl('s')));
    assert!(seen(&state, (120, 40)).contains("避難所: 八鹿体育館（gym）"), "{}", seen(&state, (120, 40)));
    let effects = state.update(Event::Key(Key::Char('y')));
    let [Effect::Do(_, deed)] = &effects[..] else { panic!("{effects:?}") };
    let Deed::Sharing(Done::Grant(grant)) = &**deed else { panic!("{deed:?}") };
    assert_eq!(grant.shelters, ["gym".parse().unwrap()]);
}

#[test]
fn shelters_of_another_event_than_the_chosen_one_are_said_to_be_so() {
    let mut state = sheltered(Lang::Ja, "体育館");
    for key in [Key::Char(' '), Key::BackTab, Key::Left, Key::Ctrl('s')] {
        state.update(Event::Key(key));
    }
    assert!(seen(&state, (120, 40)).contains("選んだ避難所は、上で選んだ"), "{}", seen(&state, (120, 40)));
}

#[test]
fn a_long_question_is_read_on_by_any_key_that_might_mean_it_and_meant_by_y_alone() {
    let small = (80, 14);
    let mut state = granting(Lang::En);
    state.update(Event::Key(Key::Ctrl('s')));
    assert!(!seen(&state, small).contains("It holds once"));
    for key in [Key::Char(' '), Key::Char('y')] {
        seen(&state, small);
        assert!(state.update(Event::Key(key)).is_empty(), "its end was not in sight");
    }
    assert!(seen(&state, small).contains("It holds once"), "{}", seen(&state, small));
    for key in [Key::Enter, Key::Char(' ')] {
        assert!(state.update(Event::Key(key)).is_empty() && state.popup.is_some(), "nothing is meant by it");
    }
    assert!(matches!(&state.update(Event::Key(Key::Char('y')))[..], [Effect::Do(..)]));
}

/// A disclosure, asked for and shown.
fn shown(lang: Lang) -> State {
    let mut state = sharing(lang, &[Key::Tab, Key::Char('d')]);
    // The last line is the file.
    for _ in 0..6 {
        state.update(Event::Key(Key::Tab));
    }
    state.update(Event::Paste("/nowhere/fire.age".to_owned()));
    push(&mut state, Key::Ctrl('s'));
    state
}

#[test]
fn what_would_leave_is_shown_whole_and_exactly_that_is_asked_for() {
    picture("sharing-disclose-form", |lang| sharing(lang, &[Key::Tab, Key::Char('d')]));
    picture("sharing-preview", shown);
    picture("sharing-give", |lang| {
        let mut state = shown(lang);
        push(&mut state, Key::Enter);
        state
    });
    let mut state = shown(Lang::En);
    push(&mut state, Key::Enter);
    seen(&state, (80, 24));
    assert!(state.update(Event::Key(Key::Enter)).is_empty(), "nothing leaves before the name of the grant is typed");
    press(&mut state, "fire-care");
    let effects = state.update(Event::Key(Key::Enter));
    let [Effect::Do(_, deed)] = &effects[..] else { panic!("{effects:?}") };
    let Deed::Sharing(Done::Disclose(request, out)) = &**deed else { panic!("{deed:?}") };
    assert_eq!((request.seen, out.display().to_string()), (Some(samples::sharing::preview().seen().unwrap()), "/nowhere/fire.age".to_owned()));
    assert!(matches!(request.of, Selection::Need { .. }));
}

#[test]
fn what_would_leave_is_asked_by_people_alone_and_once() {
    let mut state = shown(Lang::En);
    let is_preview = |effect: &Effect| matches!(effect, Effect::Ask(Question::Sharing(sharing_question::Question::Preview(Asked(_)))));
    let mut status = samples::headquarters();
    status.alerts = None;
    let effects = brought(&mut state, Brought::Link(1, Link::Status(Box::new(status))));
    assert!(!effects.iter().any(is_preview), "{effects:?}");
    assert_eq!(push(&mut state, Key::Char('r')).iter().filter(|effect| is_preview(effect)).count(), 1);
    // Back in the form, nothing that was shown stays behind it.
    push(&mut state, Key::Char('e'));
    push(&mut state, Key::Esc);
    assert!(state.popup.is_some(), "what was filled in is not lost unasked");
    push(&mut state, Key::Char('y'));
    assert!(!state.desk.answers.keys().any(|question| matches!(question, Question::Sharing(sharing_question::Question::Preview(_)))));
}

#[test]
fn an_emergency_access_is_told_whatever_is_in_sight_as_soon_as_nobody_types() {
    let before = {
        let mut status = samples::headquarters();
        status.alerts = Some(Vec::new());
        status
    };
    picture("sharing-alert-told", |lang| {
        let mut state = connected(lang, before.clone());
        brought(&mut state, Brought::Link(1, Link::Status(Box::new(samples::headquarters()))));
        state
    });
    let mut state = connected(Lang::En, before);
    press(&mut state, ":al");
    brought(&mut state, Brought::Link(1, Link::Status(Box::new(samples::headquarters()))));
    assert!(matches!(state.popup, Some(Popup::Palette(_))), "nobody's typing goes into another window");
    state.update(Event::Key(Key::Esc));
    state.update(Event::Tick(now().plus(3)));
    assert!(seen(&state, (80, 24)).contains("An emergency access"));
    state.update(Event::Key(Key::Enter));
    // It is told once.
    brought(&mut state, Brought::Link(1, Link::Status(Box::new(samples::headquarters()))));
    assert!(state.popup.is_none());
    picture("sharing-alerts", |lang| sharing(lang, &[Key::Char('b')]));
}

/// The headquarters with a citizen, after these keys.
fn citizen(lang: Lang, keys: &[Key]) -> State {
    let mut state = connected(lang, samples::headquarters());
    press(&mut state, "i/");
    state.update(Event::Paste(samples::sharing::code().to_string()));
    push(&mut state, Key::Enter);
    for key in keys {
        push(&mut state, *key);
    }
    state
}

#[test]
fn a_citizen_is_looked_up_by_the_code_and_what_is_not_one_is_said() {
    picture("citizens", |lang| {
        let mut state = connected(lang, samples::headquarters());
        press(&mut state, "i");
        state
    });
    picture("citizens-wrong", |lang| {
        let mut state = connected(lang, samples::headquarters());
        press(&mut state, "i/uht4");
        push(&mut state, Key::Enter);
        state
    });
    picture("citizen", |lang| citizen(lang, &[]));
}

#[test]
fn whoever_is_to_be_erased_is_named_and_a_word_is_typed() {
    picture("citizen-erase", |lang| {
        let mut state = citizen(lang, &[Key::Char('d'), Key::Tab]);
        state.update(Event::Paste("本人から書面で申出".to_owned()));
        push(&mut state, Key::Ctrl('s'));
        state
    });
    let mut state = citizen(Lang::En, &[Key::Char('x')]);
    seen(&state, (80, 24));
    assert!(state.update(Event::Key(Key::Enter)).is_empty());
    let word: String = samples::sharing::code().to_string().chars().take(4).collect();
    press(&mut state, &word);
    let effects = state.update(Event::Key(Key::Enter));
    let lost = Deed::Sharing(Done::Lose(samples::sharing::code()));
    assert!(matches!(&effects[..], [Effect::Do(_, deed)] if **deed == lost), "{effects:?}");
}

#[test]
fn forms_about_citizens_ask_for_what_the_command_asks() {
    picture("citizen-issue", |lang| {
        let mut state = connected(lang, samples::headquarters());
        press(&mut state, "in");
        state
    });
    picture("citizen-link", |lang| citizen(lang, &[Key::Char('m')]));
    picture("citizen-print", |lang| citizen(lang, &[Key::Char('p')]));
}

#[test]
fn who_knew_of_somebody_is_shown_page_by_page_and_each_page_is_asked_once() {
    picture("access", |lang| citizen(lang, &[Key::Char('h')]));
    let mut state = citizen(Lang::En, &[Key::Char('h')]);
    let asked = |effects: &[Effect]| effects.iter().filter(|effect| matches!(effect, Effect::Ask(_))).count();
    assert_eq!(asked(&push(&mut state, Key::Char('o'))), 1);
    assert!(seen(&state, (80, 24)).contains("2026-10-01"));
    assert_eq!(asked(&push(&mut state, Key::Char('w'))), 0, "a page that is here is no second look");
    assert!(seen(&state, (80, 24)).contains("yabu-fire"));
}

#[test]
fn auditors_see_agencies_and_change_nothing_and_the_commission_sees_citizens() {
    let mut state = connected(Lang::En, samples::empty(Role::Auditor));
    push(&mut state, Key::Char('7'));
    press(&mut state, "n");
    assert!(state.popup.is_none() && state.notice.as_ref().is_some_and(|(said, _)| said.contains("auditor")), "{:?}", state.notice);
    let mut state = connected(Lang::En, samples::empty(Role::Commission));
    press(&mut state, "7");
    assert!(state.notice.is_some());
    press(&mut state, "i");
    assert!(seen(&state, (80, 24)).contains("Citizen IDs"));
}

#[test]
fn the_journal_is_looked_through_backwards_until_something_is_found() {
    let open = |lang: Lang, words: &str| {
        let mut state = connected(lang, samples::empty(Role::Auditor));
        push(&mut state, Key::Char('5'));
        press(&mut state, "/");
        state.update(Event::Paste(words.to_owned()));
        push(&mut state, Key::Enter);
        state
    };
    let asked = |effects: &[Effect]| -> Vec<Option<u64>> {
        effects.iter().filter_map(|effect| if let Effect::Ask(Question::Journal(from)) = effect { Some(*from) } else { None }).collect()
    };
    // The fifth entry of all, two pages before the last one.
    let mut state = open(Lang::En, "03:00:05Z");
    let effects = press(&mut state, "N");
    assert_eq!(asked(&effects), [Some(200)]);
    assert!(seen(&state, (120, 40)).contains("asking"));
    let page = Answer::Journal(Box::new(samples::journal(Some(200))));
    let effects = brought(&mut state, Brought::Answer(1, Question::Journal(Some(200)), Ok(page)));
    assert_eq!(asked(&effects), [Some(0)], "nothing is found there, so it goes on");
    assert!(seen(&state, (120, 40)).contains("looking before no. 200"));
    answer_all(&mut state, effects, Phase::Open);
    let text = seen(&state, (120, 40));
    assert!(text.contains("2026-11-26 12:00") && text.contains("1 among nos. 0"), "{text}");
    press(&mut state, "N");
    assert!(state.notice.is_some(), "there is nothing before");
    // Back to the end, which is followed from then on.
    assert_eq!(asked(&push(&mut state, Key::Char('f'))), [None]);
    assert!(seen(&state, (120, 40)).contains("following the end"));
    let mut state = open(Lang::En, "");
    assert!(press(&mut state, "N").is_empty() && state.notice.is_some());
}

#[test]
fn a_request_that_names_citizens_is_read_by_people_alone() {
    let mut state = connected(Lang::En, samples::commission());
    press(&mut state, "2");
    brought(&mut state, Brought::Answer(1, Question::Approvals, Ok(Answer::Approvals(samples::waiting()))));
    let mut status = samples::commission();
    let mut erase = status.waiting.as_ref().unwrap()[0].clone();
    (erase.id, erase.reading) = ("h5j7k9m2".to_owned(), tachiai_schemas::status::Reading::Recorded);
    status.waiting.as_mut().unwrap().push(erase);
    assert!(brought(&mut state, Brought::Link(1, Link::Status(Box::new(status.clone())))).is_empty());
    assert!(seen(&state, (80, 24)).contains("A request that names people waits"));
    // Nor is it asked for when the link was lost meanwhile.
    brought(&mut state, Brought::Link(1, Link::Lost(Failure::new(Exit::NoConnection, "x", "x"), Some(1))));
    assert!(brought(&mut state, Brought::Link(1, Link::Status(Box::new(status)))).is_empty());
    assert!(matches!(press(&mut state, "r")[..], [Effect::Ask(Question::Approvals)]));
}
