//! The commission's work on an election: what is filled in and looked at, what is asked for before it is done, and what is said.

use tachiai_crypto::hash::Hash32;
use tachiai_schemas::election::{Contest, Manifest, Text};
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::roll::RollDifference;
use tachiai_schemas::roll::case::{RollFound, RollPreview};
use tachiai_schemas::roll::difference::{DistrictCounts, Field, FieldDifference, PersonDifference};
use tachiai_schemas::spec::ElectionSpec;
use tachiai_schemas::staff::{Act, Role, RollReport, RowProblem};
use tachiai_schemas::{Bytes, Lang, LeafIndex};

use super::samples;
use super::*;
use crate::console::action::Place;
use crate::console::work::deed::elections as deeds;
use crate::console::work::question::elections::{self as asked, KeyFile, RollFile};
use crate::console::work::{Deed, Done};

mod board;
mod counting;
mod roll;

pub(super) use roll::overview;

const SPEC: &str = include_str!("../../../../tests/data/spec.toml");

fn spec() -> ElectionSpec {
    ElectionSpec::from_toml(SPEC).unwrap()
}

fn manifest() -> Manifest {
    let ElectionSpec { title, authority, opens, online_closes, poll_closes, quorum, min_unit, crl, places, count_officers, districts, contests, .. } = spec();
    let contest = |contest: tachiai_schemas::spec::ContestSpec| {
        let tachiai_schemas::spec::ContestSpec { id, title, kind, seats, choose, options, districts: _ } = contest;
        Contest { id, title, kind, seats, choose, options, districts: None }
    };
    Manifest {
        election: samples::election(),
        origin: "vote.city.yabu.example/aaaaaaaaaaaaaaaaaaaaaaaaaa".to_owned(),
        title,
        authority,
        opens,
        online_closes,
        poll_closes,
        districts,
        contests: contests.into_iter().map(contest).collect(),
        uncontested: Vec::new(),
        min_unit,
        quorum,
        trustees: Vec::new(),
        board_key: Bytes([3; 32]),
        authority_recipients: Vec::new(),
        witnesses: tachiai_schemas::election::Witnesses::default(),
        places,
        count_officers,
        crl,
        card_anchors: Vec::new(),
    }
}

fn report(errors: Vec<RowProblem>) -> RollReport {
    let electors = if errors.is_empty() { 18_702 } else { 0 };
    RollReport { encoding: "shift_jis".to_owned(), rows: 18_743, electors, unqualified: 41, errors, warnings: Vec::new() }
}

fn problem(line: u64, column: &str, ja: &str, en: &str) -> RowProblem {
    RowProblem { line, column: Some(column.to_owned()), ja: ja.to_owned(), en: en.to_owned() }
}

fn roll_file(path: &std::path::Path) -> RollFile {
    if path.ends_with("broken.csv") {
        let errors = vec![
            problem(12, "生年月日", "「昭和70年」という日はありません。", "there is no such day: 昭和70年"),
            problem(4_031, "投票区", "投票区 99 はこの選挙にありません。", "this election has no district 99"),
        ];
        return RollFile {
            preview: RollPreview { report: report(errors), difference: None, replaces: None, districts: spec().districts },
            sha256: Hash32::sha256(b"b"),
        };
    }
    let people = vec![
        PersonDifference::Added { number: "0000200001".to_owned(), name: "新井　一".to_owned() },
        PersonDifference::Removed { number: "0000100044".to_owned(), name: "大屋　正".to_owned() },
        PersonDifference::Changed {
            number: "0000123456".to_owned(),
            name: "西村　花子".to_owned(),
            fields: vec![FieldDifference { field: Field::District, before: "0".to_owned(), after: "2".to_owned() }],
        },
    ];
    let districts = vec![DistrictCounts { district: 0, before: 7_011, after: 7_010 }, DistrictCounts { district: 2, before: 2_504, after: 2_506 }];
    let difference = RollDifference { added: 4, removed: 2, changed: 1, unchanged: 18_736, districts, people };
    let preview =
        RollPreview { report: report(Vec::new()), difference: Some(difference), replaces: Some(Hash32::sha256(b"old").into()), districts: spec().districts };
    RollFile { preview, sha256: Hash32::sha256(b"a") }
}

/// What an appliance may answer.
pub(super) fn answer(question: &asked::Question) -> asked::Answer {
    match question {
        asked::Question::RollFile(_, path) => asked::Answer::RollFile(Box::new(roll_file(path))),
        asked::Question::TrusteeFile(_) => asked::Answer::TrusteeFile(Box::new(KeyFile {
            name: "秋葉　一".to_owned(),
            fingerprint: "k3v7 q2xm 7aaf 2zqe".to_owned(),
            sha256: Hash32::sha256(b"card"),
        })),
        asked::Question::RollRow(_) => asked::Answer::RollRow("number,name\n0000200001,新井　一\n".to_owned()),
        asked::Question::SpecFile(_) => asked::Answer::SpecFile(Box::new(spec())),
        asked::Question::Board(_, from) => asked::Answer::Board((*from..(*from + 100).min(12_481)).map(board::leaf).collect()),
        asked::Question::Counting(_) => asked::Answer::Counting(Box::new(counting::counting(""))),
        asked::Question::RollPeople(..) => asked::Answer::RollPeople(Box::new(RollFound {
            people: vec![roll::judged("0000123456", "西村　花子", "ニシムラ　ハナコ"), roll::judged("0000123999", "西村　花枝", "ニシムラ　ハナエ")],
            more: 0,
            districts: spec().districts,
        })),
        asked::Question::Declarations(_, after) => asked::Answer::Declarations(Box::new(roll::declarations(*after))),
    }
}

fn with_keys(lang: Lang, phase: Phase, keys: &[Key]) -> State {
    let mut state = election(lang, phase, 0);
    typed(&mut state, phase, keys);
    state
}

fn typed(state: &mut State, phase: Phase, keys: &[Key]) -> Vec<Effect> {
    let mut all = Vec::new();
    for key in keys {
        let effects = state.update(Event::Key(*key));
        answer_all(state, effects.clone(), phase);
        all.extend(effects);
    }
    all
}

fn letters(text: &str) -> Vec<Key> {
    text.chars().map(Key::Char).collect()
}

fn deeds(effects: &[Effect]) -> Vec<&deeds::Deed> {
    effects
        .iter()
        .filter_map(|effect| {
            if let Effect::Do(_, deed) = effect
                && let Deed::Elections(deed) = &**deed
            {
                Some(deed)
            } else {
                None
            }
        })
        .collect()
}

/// The form of a new election, with the specification of a file in it.
fn loaded(lang: Lang) -> State {
    let mut state = connected(lang, samples::commission());
    press(&mut state, "3");
    typed(&mut state, Phase::Draft, &[Key::Char('n'), Key::Ctrl('o')]);
    state.update(Event::Paste("/media/stick/spec.toml".to_owned()));
    typed(&mut state, Phase::Draft, &[Key::Enter]);
    state
}

#[test]
fn a_new_election_is_filled_in_page_by_page() {
    picture("create-new", |lang| {
        let mut state = connected(lang, samples::commission());
        press(&mut state, "3n");
        state
    });
    picture("create-loaded", |lang| {
        let mut state = loaded(lang);
        typed(&mut state, Phase::Draft, &[Key::PageDown; 5]);
        state
    });
}

#[test]
fn what_is_wrong_stands_beside_its_line_and_its_page_is_marked() {
    let wrong = |lang| {
        let mut state = connected(lang, samples::commission());
        press(&mut state, "3n");
        state.update(Event::Key(Key::Ctrl('s')));
        state
    };
    picture("create-wrong", wrong);
    let text = seen(&wrong(Lang::En), (80, 24));
    assert!(text.contains("places have to be corrected") && text.contains("Type 1 to 200 characters"), "{text}");
}

#[test]
fn the_ballot_is_seen_as_voters_will_see_it_and_then_the_election_is_made() {
    let ballot = |lang| {
        let mut state = loaded(lang);
        state.update(Event::Key(Key::Ctrl('s')));
        state
    };
    picture("create-ballot", ballot);
    let mut state = ballot(Lang::Ja);
    state.update(Event::Key(Key::Tab));
    assert!(seen(&state, (80, 24)).contains("Asakura Makoto"), "the other language");
    state.update(Event::Key(Key::Enter));
    let read = |state: &mut State| {
        for _ in 0..4 {
            seen(state, (120, 40));
            state.update(Event::Key(Key::PageDown));
        }
        seen(state, (120, 40));
        state.update(Event::Key(Key::Char('y')))
    };
    let effects = read(&mut state);
    assert!(matches!(deeds(&effects)[..], [deeds::Deed::Create(made)] if **made == spec()), "{effects:?}");
    // Done, the form is left and the election is shown.
    let done = Done { then: Some(Place::Election(samples::election())), ..Done::window("作成しました".to_owned(), "created".to_owned()) };
    brought(&mut state, Brought::Done(1, Ok(Box::new(done))));
    let places: Vec<Place> = state.screens.iter().map(|screen| screen.place()).collect();
    assert_eq!(places, [Place::Home, Place::Elections, Place::Election(samples::election())]);
}

#[test]
fn what_is_filled_in_is_not_lost_by_esc_alone() {
    let mut state = connected(Lang::En, samples::commission());
    press(&mut state, "3n");
    state.update(Event::Key(Key::Esc));
    assert_eq!(state.screen().map(|screen| screen.place()), Some(Place::Elections), "nothing was filled in");
    press(&mut state, "nYabu");
    state.update(Event::Key(Key::Esc));
    assert!(seen(&state, (80, 24)).contains("Leave what you filled in?"));
    state.update(Event::Key(Key::Esc));
    assert!(seen(&state, (80, 24)).contains("Yabu"));
    state.update(Event::Key(Key::Esc));
    state.update(Event::Key(Key::Char('y')));
    assert_eq!(state.screen().map(|screen| screen.place()), Some(Place::Elections));
    picture("create-leave", |lang| {
        let mut state = connected(lang, samples::commission());
        press(&mut state, "3nYabu");
        state.update(Event::Key(Key::Esc));
        state
    });
}

fn file(lang: Lang, key: char, path: &str) -> State {
    let mut state = with_keys(lang, Phase::Draft, &[Key::Char(key)]);
    state.update(Event::Paste(path.to_owned()));
    typed(&mut state, Phase::Draft, &[Key::Enter]);
    state
}

#[test]
fn a_roll_is_looked_at_before_it_is_imported() {
    picture("roll-file", |lang| with_keys(lang, Phase::Draft, &[Key::Char('i')]));
    picture("roll-file-preview", |lang| file(lang, 'i', "/media/stick/roll.csv"));
    picture("roll-file-errors", |lang| file(lang, 'i', "/media/stick/broken.csv"));
    let mut state = file(Lang::En, 'i', "/media/stick/broken.csv");
    assert!(deeds(&typed(&mut state, Phase::Draft, &[Key::Enter])).is_empty() && state.popup.is_none());
    assert!(state.notice.as_ref().is_some_and(|(said, _)| said.contains("errors")), "{:?}", state.notice);
    let mut state = file(Lang::En, 'i', "/media/stick/roll.csv");
    typed(&mut state, Phase::Draft, &[Key::Enter]);
    seen(&state, (80, 24));
    let effects = typed(&mut state, Phase::Draft, &[Key::Char('y')]);
    assert!(matches!(deeds(&effects)[..], [deeds::Deed::ImportRoll(_, _, sha256, Some(_))] if *sha256 == Hash32::sha256(b"a")), "{effects:?}");
    // Another letter of the path is another file.
    let mut state = file(Lang::En, 'i', "/media/stick/roll.csv");
    press(&mut state, "x");
    assert!(!seen(&state, (80, 24)).contains("It can be read"));
}

#[test]
fn a_trustee_is_listed_once_the_fingerprint_was_compared() {
    picture("trustee-file", |lang| file(lang, 't', "/media/stick/card.json"));
    let mut state = file(Lang::Ja, 't', "/media/stick/card.json");
    typed(&mut state, Phase::Draft, &[Key::Enter]);
    assert!(seen(&state, (80, 24)).contains("k3v7 q2xm 7aaf 2zqe"));
    assert!(deeds(&typed(&mut state, Phase::Draft, &[Key::Char('y'), Key::Enter])).is_empty(), "nobody takes a trustee off the list again");
    state.update(Event::Key(Key::Backspace));
    let word: Vec<Key> = "compared".chars().map(Key::Char).chain([Key::Enter]).collect();
    let effects = typed(&mut state, Phase::Draft, &word);
    assert!(matches!(deeds(&effects)[..], [deeds::Deed::AddTrustee(..)]), "{effects:?}");
}

#[test]
fn a_missing_path_is_said_and_nothing_is_done() {
    for keys in [vec![Key::Char('i'), Key::Enter], vec![Key::Char('t'), Key::Enter]] {
        let mut state = with_keys(Lang::En, Phase::Draft, &[]);
        let effects = typed(&mut state, Phase::Draft, &keys);
        assert!(deeds(&effects).is_empty() && seen(&state, (80, 24)).contains("Type a path"));
    }
    let mut state = with_keys(Lang::En, Phase::Ceremony, &[Key::Char('y'), Key::Enter]);
    assert!(seen(&state, (80, 24)).contains("Type a path"));
    state.update(Event::Paste("/media/stick".to_owned()));
    let effects = typed(&mut state, Phase::Ceremony, &[Key::Enter]);
    assert!(matches!(deeds(&effects)[..], [deeds::Deed::Carry(..)]), "{effects:?}");
}

#[test]
fn the_ceremony_begins_when_its_word_is_typed() {
    picture("ceremony-sure", |lang| with_keys(lang, Phase::Draft, &[Key::Char('s')]));
    let mut state = with_keys(Lang::En, Phase::Draft, &[Key::Char('s')]);
    seen(&state, (80, 24));
    assert!(deeds(&typed(&mut state, Phase::Draft, &[Key::Enter])).is_empty());
    let effects = typed(&mut state, Phase::Draft, &[letters("start"), vec![Key::Enter]].concat());
    assert!(matches!(deeds(&effects)[..], [deeds::Deed::Ceremony(_)]), "{effects:?}");
}

#[test]
fn a_draft_says_which_key_does_what_is_missing() {
    picture("election-draft", |lang| {
        let mut state = election(lang, Phase::Draft, 0);
        let mut status = samples::election_status(Phase::Draft);
        (status.electors, status.trustees) = (0, Vec::new());
        let question = Question::Election(samples::election());
        brought(&mut state, Brought::Answer(1, question, Ok(Answer::Election(Box::new(status)))));
        state
    });
}

#[test]
fn the_forms_of_export_and_papers_say_what_they_need() {
    picture("election-published", |lang| with_keys(lang, Phase::Published, &[]));
    picture("export", |lang| with_keys(lang, Phase::Published, &[Key::Char('e')]));
}

#[test]
fn the_count_is_asked_for_though_not_every_trustee_came() {
    let mut state = election(Lang::En, Phase::Tallying, 0);
    let mut status = samples::election_status(Phase::Tallying);
    for (place, trustee) in status.trustees.iter_mut().enumerate() {
        trustee.received = vec!["commit".to_owned(), "deal".to_owned(), "confirm".to_owned()];
        trustee.received.extend((place < 3).then(|| "shares".to_owned()));
    }
    status.pending.clear();
    let question = Question::Election(samples::election());
    brought(&mut state, Brought::Answer(1, question, Ok(Answer::Election(Box::new(status)))));
    assert!(!seen(&state, (80, 24)).contains("not yet:"), "nobody is missing once enough trustees shared");
    press(&mut state, "n");
    seen(&state, (80, 24));
    let effects = typed(&mut state, Phase::Tallying, &[Key::Char('y')]);
    assert!(matches!(&effects[..], [Effect::Do(_, deed)] if **deed == Deed::Act(samples::election(), Act::Count)), "{effects:?}");
}

#[test]
fn an_act_is_asked_for_under_its_own_name() {
    let mut state = election(Lang::Ja, Phase::Open, 0);
    press(&mut state, "n");
    seen(&state, (80, 24));
    let effects = typed(&mut state, Phase::Open, &[Key::Char('y')]);
    assert!(matches!(&effects[..], [Effect::Do(_, deed)] if **deed == Deed::Act(samples::election(), Act::CloseOnline)), "{effects:?}");
}

#[test]
fn the_ceremony_is_not_offered_before_every_trustee_is_listed() {
    let mut state = election(Lang::En, Phase::Draft, 0);
    let mut status = samples::election_status(Phase::Draft);
    status.trustees.truncate(3);
    brought(&mut state, Brought::Answer(1, Question::Election(samples::election()), Ok(Answer::Election(Box::new(status)))));
    assert!(seen(&state, (80, 24)).contains("3 of 5 trustees are listed"));
    press(&mut state, "s");
    assert!(state.popup.is_none() && seen(&state, (80, 24)).contains("2 trustees are still missing"), "{}", seen(&state, (80, 24)));
}

#[test]
fn a_page_is_removed_only_after_it_was_asked_and_the_key_says_of_what_kind_another_one_is_put_in() {
    let mut state = connected(Lang::En, samples::commission());
    press(&mut state, "3n");
    assert!(seen(&state, (80, 24)).contains("Ctrl-N +district  Ctrl-D (remove)  Esc back"), "{}", seen(&state, (80, 24)));
    state.update(Event::Key(Key::PageDown));
    state.update(Event::Key(Key::Ctrl('n')));
    let has_second = |state: &State| seen(state, (120, 40)).contains("District 2");
    assert!(has_second(&state));
    state.update(Event::Key(Key::Ctrl('d')));
    assert!(seen(&state, (80, 24)).contains("Remove this page?"));
    state.update(Event::Key(Key::Esc));
    assert!(has_second(&state), "nothing was removed");
    state.update(Event::Key(Key::Ctrl('d')));
    state.update(Event::Key(Key::Char('y')));
    assert!(!has_second(&state));
    state.update(Event::Key(Key::Ctrl('z')));
    assert!(has_second(&state));
    // Of a contest all options go, and that is said.
    typed(&mut state, Phase::Draft, &[Key::PageDown]);
    assert!(seen(&state, (80, 24)).contains("+contest"), "{}", seen(&state, (80, 24)));
    state.update(Event::Key(Key::F(1)));
    assert!(matches!(state.popup, Some(Popup::Help(_))), "letters are text here, and help is under F1");
}
