//! How home says how far the logs are signed, and how a profile is chosen.

use tachiai_schemas::Lang;
use tachiai_schemas::staff::Role;
use tachiai_schemas::status::{ApplianceNow, CheckpointNow, Log};

use super::*;

/// What the commission sees where the logs are signed so far.
fn signed(lang: Lang, checkpoints: Vec<CheckpointNow>) -> State {
    let status = samples::commission();
    let appliance = status.appliance.map(|appliance| ApplianceNow { checkpoints, ..appliance });
    connected(lang, Status { appliance, waiting: Some(Vec::new()), ..status })
}

#[test]
fn the_log_that_is_late_is_named_with_what_to_do_and_the_others_are_not() {
    picture("home-late", |lang| {
        let board = CheckpointNow {
            cosigned: 1,
            quorum: 2,
            witnessed: Some(now().plus(-7_300)),
            ..samples::checkpoint(Log::Election { election: samples::election() }, 12_481)
        };
        let roster = CheckpointNow { waiting: 3, ..samples::checkpoint(Log::Event { event: samples::event_id() }, 1_530) };
        signed(lang, vec![board, roster, samples::checkpoint(Log::Access {}, 214)])
    });
}

#[test]
fn the_access_log_that_waits_for_whoever_asks_for_it_is_nothing_late() {
    let access = CheckpointNow { waiting: 12, ..samples::checkpoint(Log::Access {}, 202) };
    let text = seen(&signed(Lang::En, vec![samples::checkpoint(Log::Event { event: samples::event_id() }, 9), access]), (120, 40));
    assert!(text.contains("logs signed: all 1") && text.contains("12 more are") && !text.contains("Restart"), "{text}");
    let never = CheckpointNow { signed: None, size: 0, waiting: 12, ..samples::checkpoint(Log::Access {}, 0) };
    let text = seen(&signed(Lang::En, vec![never]), (120, 40));
    assert!(text.contains("12 are signed when") && !text.contains("logs signed"), "{text}");
}

/// Before the question for a profile, with a path typed.
fn choosing(path: &str) -> State {
    let mut state = connected(Lang::En, samples::empty(Role::Commission));
    press(&mut state, "0p");
    state.update(Event::Key(Key::Ctrl('u')));
    state.update(Event::Paste(path.to_owned()));
    state
}

/// Takes a key in a window that asks for what lies under a path, and answers it so.
fn looks(state: &mut State, key: Key, found: Result<Found, Failure>) -> Vec<Effect> {
    let effects = state.update(Event::Key(key));
    let [Effect::Ask(question @ Question::Path(_))] = &effects[..] else { panic!("{effects:?}") };
    brought(state, Brought::Answer(1, question.clone(), found.map(Answer::Path)))
}

#[test]
fn the_folder_that_was_handed_over_is_as_good_as_the_profile_in_it() {
    let names = |names: &[&str]| Ok(Found::Folder(names.iter().map(|name| (*name).to_owned()).collect()));
    let mut state = choosing("/mnt/usb/taro");
    let effects = looks(&mut state, Key::Enter, names(&["ca.pem", "profile.toml"]));
    assert!(matches!(&effects[..], [Effect::Connect(Some(path))] if path.ends_with("taro/profile.toml")), "{effects:?}");
    let mut state = choosing("/mnt/usb");
    assert!(looks(&mut state, Key::Enter, names(&["taro/"])).is_empty());
    let text = seen(&state, (80, 24));
    assert!(text.contains("There is no profile.toml in this folder") && text.contains("taro/"), "{text}");
}

#[test]
fn the_path_of_a_profile_is_completed_and_completing_it_connects_nobody() {
    picture("profile", |lang| {
        let mut state = choosing("/mnt/usb/t");
        if state.desk.lang() != lang {
            state.desk.words.switch();
        }
        looks(&mut state, Key::Tab, Ok(Found::Folder(["tanaka/", "taro/", "voters.csv"].map(str::to_owned).into())));
        state
    });
    let mut state = choosing("/mnt/usb/taro/pro");
    assert!(looks(&mut state, Key::Tab, Ok(Found::Folder(vec!["profile.toml".to_owned()]))).is_empty());
    assert!(seen(&state, (80, 24)).contains("> /mnt/usb/taro/profile.toml"), "{}", seen(&state, (80, 24)));
    let effects = looks(&mut state, Key::Enter, Ok(Found::File));
    assert!(matches!(&effects[..], [Effect::Connect(Some(path))] if path.ends_with("profile.toml")), "{effects:?}");
}
