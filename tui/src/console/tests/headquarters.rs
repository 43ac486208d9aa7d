//! What headquarters do about an event: each key with what it asks for, and what is to be done then.

use tachiai_schemas::Lang;
use tachiai_schemas::roster::{EventKind, OpenState};
use tachiai_schemas::shelter::TerminalAsking;
use tachiai_schemas::shelter::import::{ImportKind, ImportRows};
use tachiai_schemas::staff::Role;

use super::{Phase, answer_all, brought, connected, picture, samples, seen};
use crate::commands::shelter::terminal::setup_of;
use crate::console::app::State;
use crate::console::event::{Event, Key};
use crate::console::popups::Popup;
use crate::console::work::question::path::Found;
use crate::console::work::{Answer, Brought, Deed, Done, Effect, Question, shelters};
use crate::failure::Failure;

mod person;

pub(super) fn at(lang: Lang, keys: &str) -> State {
    let mut state = connected(lang, samples::headquarters());
    for c in keys.chars() {
        press(&mut state, if c == '\n' { Key::Enter } else { Key::Char(c) });
    }
    state
}

/// Presses a key; gives what is to be done, with every answer taken.
pub(super) fn press(state: &mut State, key: Key) -> Vec<Deed> {
    // What somebody decides on was in sight.
    seen(state, (80, 24));
    let effects = state.update(Event::Key(key));
    let deeds = effects.iter().filter_map(|effect| if let Effect::Do(_, deed) = effect { Some(deed.as_ref().clone()) } else { None }).collect();
    answer_all(state, effects, Phase::Open);
    deeds
}

pub(super) fn type_in(state: &mut State, text: &str) {
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
fn an_event_with_something_still_out_is_closed_only_for_a_reason() {
    let mut state = at(Lang::En, "4\nx");
    let text = seen(&state, (80, 24));
    assert!(text.contains("gym-2") && text.contains("people present: 214"), "{text}");
    press(&mut state, Key::Enter);
    press(&mut state, Key::Ctrl('s'));
    assert!(seen(&state, (80, 24)).contains("Type the reason"));
    type_in(&mut state, "swept away");
    press(&mut state, Key::Ctrl('s'));
    let text = seen(&state, (80, 24));
    assert!(text.contains("A close cannot be") && text.contains("swept away"), "{text}");
    press(&mut state, Key::PageDown);
    seen(&state, (80, 24));
    let deeds = press(&mut state, Key::Char('y'));
    assert!(matches!(&deeds[..], [Deed::Shelters(shelters::Deed::Close(_, request))] if request.anyway.as_deref() == Some("swept away")), "{deeds:?}");
}

#[test]
fn the_state_of_a_shelter_is_set_and_can_be_taken_back() {
    let mut state = at(Lang::En, "4\ns");
    press(&mut state, Key::End);
    assert!(press(&mut state, Key::Enter).is_empty(), "people are there");
    assert!(seen(&state, (80, 24)).contains("people are present at"), "{}", seen(&state, (80, 24)));
    let deeds = press(&mut state, Key::Char('y'));
    let [Deed::Shelters(shelters::Deed::Set(_, shelters::Set { shelter: _, from, to }))] = &deeds[..] else { panic!("{deeds:?}") };
    assert_eq!(*to, OpenState::Closed);
    assert_ne!(*from, OpenState::Closed);
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

/// The headquarters at this screen of the event, where what is said of people is longer than the room for it.
fn at_long(lang: Lang, key: char) -> State {
    let mut state = at(lang, &format!("4\n{key}"));
    let mut view = samples::contradicted();
    for step in &mut view.heads {
        let person = step.person.as_mut().unwrap();
        person.note = "申し送り。".repeat(60);
    }
    view.differs = tachiai_schemas::shelter::merged::differences(&view.heads);
    view.differs.extend(view.differs.clone().into_iter().cycle().take(20));
    view.counts = view.heads[1].clone();
    let (question, answer) = match key {
        'c' => (Question::Conflicts(view_event()), Answer::Conflicts(vec![view])),
        _ => {
            let pair = tachiai_schemas::shelter::Duplicates { alike: tachiai_schemas::shelter::Alike::NameAndBirth, people: vec![view.clone(), view], more: 0 };
            (Question::Shelters(shelters::Question::Duplicates(view_event())), Answer::Shelters(shelters::Answer::Duplicates(vec![pair])))
        }
    };
    brought(&mut state, Brought::Answer(1, question, Ok(answer)));
    state
}

fn view_event() -> tachiai_schemas::roster::EventId {
    samples::event_id()
}

#[test]
fn nothing_is_decided_on_people_before_all_of_it_was_in_sight() {
    for (key, decides) in [('c', 's'), ('d', 'd')] {
        picture(&format!("unread-{key}"), |lang| at_long(lang, key));
        let mut state = at_long(Lang::En, key);
        press(&mut state, Key::Char(decides));
        assert!(state.popup.is_none() && state.notice.as_ref().is_some_and(|(said, _)| said.contains("show all of it first")), "{:?}", state.notice);
        assert!(seen(&state, (80, 24)).contains("more lines below"));
        for _ in 0..20 {
            press(&mut state, Key::PageDown);
        }
        press(&mut state, Key::Char(decides));
        assert!(state.popup.is_some(), "{}", seen(&state, (80, 24)));
    }
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
fn a_statement_is_checked_and_made_for_a_file_of_which_nothing_is_asked_before_it_is_written() {
    let mut state = at(Lang::En, "4\nt");
    let deeds = press(&mut state, Key::Char('v'));
    assert!(matches!(deeds[..], [Deed::Shelters(shelters::Deed::Verify(_, 1))]), "the latest stands first: {deeds:?}");
    press(&mut state, Key::Char('n'));
    type_in(&mut state, "/");
    assert!(press(&mut state, Key::Enter).is_empty(), "it cannot be taken back, and is asked first");
    assert!(seen(&state, (80, 24)).contains("It cannot be taken back"), "{}", seen(&state, (80, 24)));
    let deeds = press(&mut state, Key::Char('y'));
    assert!(matches!(&deeds[..], [Deed::Shelters(shelters::Deed::Statement(_, None, path))] if path.as_os_str() == "/"), "{deeds:?}");
    assert!(crate::draft::Draft::begin(Some(std::path::Path::new("/"))).is_err(), "nothing that is there is written over");
}

#[test]
fn a_register_that_is_not_whole_is_imported_only_by_who_types_how_many_go() {
    let mut state = at(Lang::En, "4f");
    press(&mut state, Key::F(4));
    press(&mut state, Key::Enter);
    assert!(seen(&state, (80, 24)).contains("Type a path"), "{}", seen(&state, (80, 24)));
    type_in(&mut state, "/media/usb/residents.csv");
    press(&mut state, Key::Enter);
    let text = seen(&state, (80, 24));
    assert!(text.contains("18000 of the 20003"), "{text}");
    press(&mut state, Key::Enter);
    for _ in 0..4 {
        seen(&state, (80, 24));
        press(&mut state, Key::PageDown);
    }
    assert!(press(&mut state, Key::Enter).is_empty(), "Enter alone imports nothing: {}", seen(&state, (80, 24)));
    type_in(&mut state, "18000");
    let deeds = press(&mut state, Key::Enter);
    let [Deed::Shelters(shelters::Deed::Import(source, path, shown, removes))] = &deeds[..] else { panic!("{deeds:?}") };
    assert_eq!(
        (source.kind, path.to_str().unwrap(), shown.difference.removed, *removes),
        (ImportKind::Residents, "/media/usb/residents.csv", 18_000, Some(18_000))
    );
}

#[test]
fn after_an_import_its_screen_stays_with_what_was_taken_over_and_what_comes_next() {
    let mut state = at(Lang::En, "I");
    type_in(&mut state, "/media/usb/facilities.geojson");
    press(&mut state, Key::Enter);
    press(&mut state, Key::Enter);
    assert!(seen(&state, (80, 24)).contains("Import this?"));
    let effects = state.update(Event::Key(Key::Char('y')));
    let number = effects.iter().find_map(|effect| if let Effect::Do(number, _) = effect { Some(*number) } else { None }).unwrap();
    let done = Done::window("取り込みました。".to_owned(), "Imported.".to_owned());
    brought(&mut state, Brought::Done(number, Ok(Box::new(done))));
    let text = seen(&state, (80, 24));
    assert!(state.popup.is_none() && text.contains("Imported.") && text.contains("Next: change to the residents by F4"), "{text}");
}

#[test]
fn a_file_that_is_being_read_is_let_go_by_esc_and_its_answer_is_not_taken() {
    let mut state = at(Lang::En, "I");
    type_in(&mut state, "/media/usb/residents.csv");
    let effects = state.update(Event::Key(Key::Enter));
    let look = effects.into_iter().find_map(|effect| if let Effect::Ask(question @ Question::Path(_)) = effect { Some(question) } else { None }).unwrap();
    assert!(seen(&state, (80, 24)).contains("stop reading"), "{}", seen(&state, (80, 24)));
    press(&mut state, Key::Esc);
    let effects = brought(&mut state, Brought::Answer(1, look, Ok(Answer::Path(Found::File))));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Ask(Question::Shelters(shelters::Question::Import(..))))));
    assert!(seen(&state, (80, 24)).contains("/media/usb/residents.csv"), "{}", seen(&state, (80, 24)));
}

#[test]
fn a_folder_is_shown_as_what_is_in_it_and_tab_completes_a_name() {
    let mut state = at(Lang::En, "I");
    type_in(&mut state, "/media/usb/res");
    press(&mut state, Key::Tab);
    let text = seen(&state, (80, 24));
    assert!(text.contains("/media/usb/residents-202") && text.contains("residents-2026.csv") && !text.contains("facilities.geojson"), "{text}");
    press(&mut state, Key::Ctrl('u'));
    type_in(&mut state, "/media/usb/");
    press(&mut state, Key::Enter);
    assert!(seen(&state, (80, 24)).contains("facilities.geojson"), "{}", seen(&state, (80, 24)));
}

#[test]
fn help_is_under_f1_where_letters_are_text() {
    let mut state = at(Lang::En, "I");
    assert!(seen(&state, (80, 24)).lines().last().unwrap().contains("F1"), "{}", seen(&state, (80, 24)));
    press(&mut state, Key::Char('?'));
    assert!(state.popup.is_none());
    press(&mut state, Key::F(1));
    assert!(matches!(state.popup, Some(Popup::Help(_))));
}

#[test]
fn a_file_with_bad_rows_is_imported_without_them_only_where_that_is_marked() {
    let mut state = at(Lang::En, "4f");
    press(&mut state, Key::F(4));
    press(&mut state, Key::F(4));
    type_in(&mut state, "support.csv");
    press(&mut state, Key::Enter);
    press(&mut state, Key::Enter);
    assert!(state.popup.is_none() && seen(&state, (80, 24)).contains("1 mistakes"), "{}", seen(&state, (80, 24)));
    press(&mut state, Key::F(2));
    press(&mut state, Key::Enter);
    assert!(seen(&state, (80, 24)).contains("Import this?"), "{}", seen(&state, (80, 24)));
    let deeds = press(&mut state, Key::Char('y'));
    assert!(matches!(&deeds[..], [Deed::Shelters(shelters::Deed::Import(source, ..))] if source.rows == ImportRows::Good), "{deeds:?}");
}

#[test]
fn a_terminal_is_admitted_once_its_fingerprint_is_shown_to_be_compared() {
    let mut state = at(Lang::En, "4\ne");
    let print = samples::shelters::asking().remove(0).request.fingerprint();
    assert!(seen(&state, (80, 24)).contains(&print));
    press(&mut state, Key::Enter);
    let text = seen(&state, (80, 24));
    assert!(text.contains("school-2") && text.contains(&print) && text.contains("reception-2"), "{text}");
    let deeds = press(&mut state, Key::Char('y'));
    assert!(matches!(&deeds[..], [Deed::Shelters(shelters::Deed::Admit(request))] if request.terminal.as_str() == "school-2"), "{deeds:?}");
}

#[test]
fn the_request_of_a_terminal_without_a_link_is_read_from_a_file_and_admitted_like_another() {
    let mut state = at(Lang::En, "4\nef");
    type_in(&mut state, "/media/usb/request.json");
    press(&mut state, Key::Enter);
    assert!(seen(&state, (80, 24)).contains("carried here"), "{}", seen(&state, (80, 24)));
    press(&mut state, Key::Enter);
    seen(&state, (80, 24));
    let deeds = press(&mut state, Key::Char('y'));
    assert!(matches!(&deeds[..], [Deed::Shelters(shelters::Deed::Admit(request))] if request.terminal.as_str() == "temple-1"), "{deeds:?}");
}

#[test]
fn the_terminal_at_hand_stays_at_hand_where_another_asks_before_it() {
    let mut state = at(Lang::En, "4\ne");
    let mut view = samples::event_view();
    let rival = TerminalAsking { request: samples::shelters::request("aaa", "school", 9), ..samples::shelters::asking().remove(0) };
    view.asking.insert(0, rival);
    let question = Question::Event(view.summary.event);
    brought(&mut state, Brought::Answer(1, question, Ok(Answer::Event(Box::new(view)))));
    let text = seen(&state, (80, 24));
    assert!(text.contains("aaa") && text.contains(&samples::shelters::asking().remove(0).request.fingerprint()), "{text}");
    press(&mut state, Key::Enter);
    seen(&state, (80, 24));
    let deeds = press(&mut state, Key::Char('y'));
    assert!(matches!(&deeds[..], [Deed::Shelters(shelters::Deed::Admit(request))] if request.terminal.as_str() == "school-2"), "{deeds:?}");
}

#[test]
fn no_terminal_is_set_up_for_a_shelter_that_is_closed() {
    let mut view = samples::event_view();
    view.shelters[0].state.state = OpenState::Closed;
    let (closed, all) = (view.shelters[0].state.shelter.clone(), view.shelters.len());
    let file = setup_of(view);
    assert!(file.shelters.len() == all - 1 && file.shelters.iter().all(|one| one.shelter != closed));
}

#[test]
fn a_terminal_is_revoked_by_who_types_its_name() {
    let mut state = at(Lang::En, "4\ne");
    press(&mut state, Key::Char('x'));
    assert!(state.popup.is_none(), "one that asks is not admitted yet");
    press(&mut state, Key::Down);
    press(&mut state, Key::Char('x'));
    seen(&state, (80, 24));
    assert!(press(&mut state, Key::Enter).is_empty());
    type_in(&mut state, "gym-1");
    let deeds = press(&mut state, Key::Enter);
    assert!(matches!(&deeds[..], [Deed::Shelters(shelters::Deed::Revoke(_, terminal))] if terminal.as_str() == "gym-1"), "{deeds:?}");
}

/// A declaration that was sent, and refused by the appliance.
fn refused(lang: Lang) -> State {
    let mut state = at(lang, "4n");
    press(&mut state, Key::Down);
    type_in(&mut state, "令和8年台風第15号");
    press(&mut state, Key::Ctrl('s'));
    seen(&state, (80, 24));
    let effects = state.update(Event::Key(Key::Char('y')));
    let [Effect::Do(number, _)] = effects[..] else { panic!("{effects:?}") };
    let failure = Failure::refused("同じ名称の災害・行事がすでに開いています。", "an event of that title is open already.");
    brought(&mut state, Brought::Done(number, Err(failure)));
    state
}

#[test]
fn a_form_that_was_refused_comes_back_as_it_was_filled_in_with_the_reason() {
    let mut state = refused(Lang::En);
    let text = seen(&state, (80, 24));
    assert!(text.contains("令和8年台風第15号") && text.contains("open already"), "{text}");
    press(&mut state, Key::Down);
    type_in(&mut state, "の2");
    press(&mut state, Key::Ctrl('s'));
    seen(&state, (80, 24));
    let deeds = press(&mut state, Key::Char('y'));
    assert!(matches!(&deeds[..], [Deed::Shelters(shelters::Deed::Declare(spec))] if spec.title.ja.starts_with("令和8年台風第15号")), "{deeds:?}");
}

#[test]
fn whoever_turns_back_from_the_question_after_a_form_finds_it_filled_in() {
    let mut state = at(Lang::En, "4n");
    press(&mut state, Key::Down);
    type_in(&mut state, "総合防災訓練");
    press(&mut state, Key::Ctrl('s'));
    press(&mut state, Key::Esc);
    assert!(seen(&state, (80, 24)).contains("総合防災訓練"));
    press(&mut state, Key::Esc);
    press(&mut state, Key::Char('y'));
    assert!(state.popup.is_none(), "the form itself is closed for good");
}

#[test]
fn enter_at_a_shelter_leads_to_its_people() {
    let mut state = at(Lang::En, "4\n\n");
    assert!(seen(&state, (120, 40)).lines().next().is_some_and(|head| head.contains("Yoka Gymnasium")), "{}", seen(&state, (120, 40)));
    press(&mut state, Key::Char('/'));
    type_in(&mut state, "nishi");
    let effects = state.update(Event::Key(Key::Enter));
    let asks = |effect: &Effect| matches!(effect, Effect::Ask(Question::People(_, _, Some(shelter))) if shelter.as_str() == "gym");
    assert!(effects.iter().any(asks), "{effects:?}");
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
    picture("missing", |lang| at(lang, "4\nm"));
    picture("duplicates", |lang| at(lang, "4\nd"));
    picture("duplicates-decide", |lang| at(lang, "4\ndd"));
    picture("statements", |lang| at(lang, "4\nt"));
    picture("close", |lang| at(lang, "4\nx"));
    picture("settle", |lang| at(lang, "4\ncs"));
    picture("declare-refused", refused);
    picture("terminals", |lang| at(lang, "4\ne"));
    picture("terminals-admit", |lang| at(lang, "4\ne\n"));
    picture("terminals-setup", |lang| at(lang, "4\new"));
    picture("people-of", |lang| at(lang, "4\n\n"));
    let import = |lang, tabs: usize, path: &str| {
        let mut state = at(lang, "4f");
        for _ in 0..tabs {
            press(&mut state, Key::F(4));
        }
        type_in(&mut state, path);
        if !path.is_empty() {
            press(&mut state, Key::Enter);
        }
        state
    };
    picture("import-empty", |lang| import(lang, 0, ""));
    picture("import-facilities", |lang| import(lang, 0, "/media/usb/yabu-evacuation.geojson"));
    picture("import-residents", |lang| import(lang, 1, "/media/usb/住民/とても長い名前のフォルダ/residents-all-2026-11-26.csv"));
    picture("import-support", |lang| import(lang, 2, "support.csv"));
    picture("import-folder", |lang| import(lang, 0, "/media/usb/"));
    picture("import-sure", |lang| {
        let mut state = import(lang, 1, "residents.csv");
        press(&mut state, Key::Enter);
        state
    });
}

#[test]
fn without_an_action_support_list_nobody_is_said_to_have_arrived() {
    let mut state = at(Lang::Ja, "4\nm");
    let question = state.desk.answers.keys().find(|question| matches!(question, Question::Shelters(shelters::Question::Missing(_)))).cloned().unwrap();
    let nobody = tachiai_schemas::shelter::overview::Missing { districts: Vec::new(), unopened: 0 };
    let answer = Answer::Shelters(shelters::Answer::Missing(Box::new(nobody)));
    brought(&mut state, Brought::Answer(1, question, Ok(answer)));
    let text = seen(&state, (80, 24));
    assert!(text.contains("要支援者 —") && text.contains("名簿を取り込んでいません") && !text.contains("0人"), "{text}");
}

#[test]
fn the_longest_name_of_a_terminal_stands_in_whole() {
    let mut state = at(Lang::Ja, "4\ne");
    let name = "hirotani-shogakko-taiikukan-7k3q";
    for kept in state.desk.answers.values_mut() {
        if let Some((Answer::Event(view), _)) = &mut kept.answer {
            view.asking.iter_mut().for_each(|asking| asking.request.terminal = name.parse().unwrap());
        }
    }
    let text = seen(&state, (80, 24));
    assert!(text.contains(name) && text.contains("養父小学校"), "{text}");
}
