//! Every screen in both languages and two sizes, as somebody sees it; and what events change.

use std::fmt::Write as _;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::staff::Role;
use tachiai_schemas::status::Status;
use tachiai_schemas::{Lang, Timestamp};

use super::action::Place;
use super::app::{Beginning, State};
use super::desk;
use super::draw::draw;
use super::event::{Event, Key};
use super::i18n::Words;
use super::popups::Popup;
use super::theme::{Look, Signs, Theme};
use super::widgets::cut::width;
use super::work::question::path::Found;
use super::work::{Answer, Brought, Deed, Effect, Link, Question, Waiting};
use crate::failure::{Exit, Failure};

mod asides;
mod at_hand;
pub mod commands;
mod deeds;
mod elections;
mod facilities;
mod headquarters;
mod hiding;
mod home;
mod places;
mod reception;
pub(crate) mod samples;
mod seats;
mod sharing;
mod warnings;

/// The sizes of the pictures.
const SIZES: [(u16, u16); 2] = [(80, 24), (120, 40)];

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn now() -> Timestamp {
    at("2026-11-26T03:41:03Z")
}

/// A console that has just been opened.
pub(super) fn opened(lang: Lang) -> State {
    State::begin(Beginning { lang, look: Look { theme: Theme::Mono, signs: Signs::Lines }, profile: Some("taro/profile.toml".into()), now: now() }).0
}

fn brought(state: &mut State, brought: Brought) -> Vec<Effect> {
    state.update(Event::Brought(Box::new(brought)))
}

/// One that is connected and shows this.
fn connected(lang: Lang, status: Status) -> State {
    let mut state = opened(lang);
    brought(&mut state, Brought::Link(1, Link::Trying("vote.city.yabu.example:9443".to_owned())));
    brought(&mut state, Brought::Link(1, Link::Status(Box::new(status))));
    state
}

fn press(state: &mut State, keys: &str) -> Vec<Effect> {
    keys.chars().flat_map(|c| state.update(Event::Key(Key::Char(c)))).collect()
}

/// The screen as text.
fn seen(state: &State, (columns, rows): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal.draw(|frame| draw(state, frame)).unwrap();
    let buffer = terminal.backend().buffer();
    let mut text = String::new();
    for y in 0..rows {
        let mut line = String::new();
        let mut x = 0;
        while x < columns {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            // A wide character covers the cell after it.
            x += u16::try_from(width(symbol).max(1)).unwrap();
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// Compares the screen with the kept pictures, in both languages and all sizes.
fn picture(name: &str, state: impl Fn(Lang) -> State) {
    for (lang, suffix) in [(Lang::Ja, "ja"), (Lang::En, "en")] {
        let state = state(lang);
        for binding in state.bindings() {
            assert!(state.desk.words.names(binding.label).len() > 2, "{} has no reading by which the palette finds it", binding.label);
        }
        for (columns, rows) in SIZES {
            let text = seen(&state, (columns, rows));
            for line in text.lines() {
                assert!(width(line) <= usize::from(columns), "{line}");
            }
            insta::assert_snapshot!(format!("{name}-{suffix}-{columns}x{rows}"), text);
        }
        in_ascii(state);
    }
}

/// Where ASCII alone is asked for, no sign is drawn that is neither that nor a letter of a language.
fn in_ascii(mut state: State) {
    state.desk.look.signs = Signs::Ascii;
    let text = seen(&state, (80, 24));
    // Letters, and the marks that stand between Japanese ones.
    let is_known = |c: char| c.is_ascii() || c.is_alphanumeric() || matches!(c, '\u{3000}'..='\u{303f}' | '\u{30a0}'..='\u{30ff}' | '\u{ff00}'..='\u{ff65}');
    let others: String = text.chars().filter(|c| !is_known(*c)).collect();
    assert_eq!(others, "", "{text}");
}

#[test]
fn the_connection_says_what_is_wrong_and_what_to_do() {
    picture("connection", |lang| {
        let mut state = opened(lang);
        let failure = Failure::new(
            Exit::NoConnection,
            "サーバー https://vote.city.yabu.example:9443 に接続できません: connection refused。URL・認証局ファイル・ネットワークを確かめてください。",
            "no connection to https://vote.city.yabu.example:9443: connection refused. Check the URL, the authority's file and the network.",
        );
        brought(&mut state, Brought::Link(1, Link::Lost(failure, Some(4))));
        state
    });
}

/// What the commission sees first, with what waits in words.
fn home(lang: Lang) -> State {
    let mut state = connected(lang, samples::commission());
    brought(&mut state, Brought::Answer(1, Question::Approvals, Ok(Answer::Approvals(samples::waiting()))));
    state
}

#[test]
fn home_shows_the_commission_its_elections() {
    picture("home-commission", home);
}

#[test]
fn a_connection_is_tried_or_there_is_nothing_to_be_tried() {
    picture("connection-trying", |lang| {
        let mut state = opened(lang);
        brought(&mut state, Brought::Link(1, Link::Trying("vote.city.yabu.example:9443".to_owned())));
        state
    });
    picture("connection-none", |lang| {
        let mut state = opened(lang);
        let failure = Failure::new(Exit::Usage, "プロファイル taro/profile.toml がありません。", "there is no profile taro/profile.toml.");
        brought(&mut state, Brought::Link(1, Link::Lost(failure, None)));
        state
    });
}

#[test]
fn what_went_wrong_and_what_is_still_going_on_is_said() {
    let approving = |lang| {
        let mut state = approvals(lang, samples::commission(), samples::waiting());
        press(&mut state, "ak3v7q2xm");
        seen(&state, (80, 24));
        let effects = state.update(Event::Key(Key::Enter));
        let [Effect::Do(number, _)] = effects[..] else { panic!("{effects:?}") };
        (state, number)
    };
    picture("leave-console", |lang| {
        let (mut state, _) = approving(lang);
        press(&mut state, "q");
        state
    });
    picture("failure", |lang| {
        let (mut state, number) = approving(lang);
        brought(&mut state, Brought::Done(number, Err(Failure::refused("もう承認されています。", "it was approved already."))));
        state
    });
    picture("outdated", |lang| {
        let mut state = approvals(lang, samples::commission(), samples::waiting());
        press(&mut state, "r");
        state.update(Event::Tick(now().plus(9)));
        let lost = Failure::new(Exit::NoConnection, "サーバーに接続できません: connection refused。", "no connection to the server: connection refused.");
        brought(&mut state, Brought::Answer(1, Question::Approvals, Err(lost)));
        state
    });
    for (lang, suffix) in [(Lang::Ja, "ja"), (Lang::En, "en")] {
        insta::assert_snapshot!(format!("too-small-{suffix}-40x3"), seen(&connected(lang, samples::commission()), (40, 3)));
    }
}

#[test]
fn home_shows_the_headquarters_its_shelters() {
    picture("home-headquarters", |lang| connected(lang, samples::headquarters()));
}

#[test]
fn home_of_a_new_appliance_is_empty_and_says_so() {
    picture("home-empty", |lang| connected(lang, samples::empty(Role::Commission)));
}

#[test]
fn long_names_are_cut_by_cells_and_push_nothing_away() {
    picture("home-long", |lang| connected(lang, samples::long()));
}

#[test]
fn what_waits_is_shown_with_what_is_signed() {
    picture("approvals", |lang| {
        let mut state = connected(lang, samples::commission());
        press(&mut state, "2");
        brought(&mut state, Brought::Answer(1, Question::Approvals, Ok(Answer::Approvals(samples::waiting()))));
        state
    });
}

#[test]
fn nothing_that_waits_is_said() {
    picture("approvals-empty", |lang| {
        let mut state = connected(lang, samples::empty(Role::Commission));
        press(&mut state, "2");
        brought(&mut state, Brought::Answer(1, Question::Approvals, Ok(Answer::Approvals(Vec::new()))));
        state
    });
}

#[test]
fn home_says_what_waits_in_words() {
    let text = seen(&home(Lang::En), (80, 24));
    assert!(text.contains("close online voting: Mayor of Yabu City"), "{text}");
}

#[test]
fn what_is_at_hand_at_home_stays_at_hand_when_something_comes_above_it() {
    let mut status = samples::commission();
    status.waiting = Some(Vec::new());
    let mut state = connected(Lang::En, status);
    assert!(seen(&state, (80, 24)).contains("> [MOCK/voting]"), "{}", seen(&state, (80, 24)));
    brought(&mut state, Brought::Link(1, Link::Status(Box::new(samples::commission()))));
    assert!(seen(&state, (80, 24)).contains("> [MOCK/voting]"), "{}", seen(&state, (80, 24)));
    state.update(Event::Key(Key::Enter));
    assert_eq!(state.screens.last().map(|screen| screen.place()), Some(Place::Election(samples::election())));
}

#[test]
fn how_old_what_is_shown_is_stands_there_whatever_the_official_is_called() {
    for lang in [Lang::Ja, Lang::En] {
        let mut status = samples::long();
        status.viewer.name = status.viewer.name.repeat(3);
        let mut state = connected(lang, status);
        state.update(Event::Tick(now().plus(16)));
        let text = seen(&state, (80, 24));
        let age = state.desk.with("head-lost", &[("age", state.desk.age(now()))]);
        assert!(text.lines().next().is_some_and(|head| head.contains(&age)), "{text}");
    }
}

#[test]
fn a_status_between_two_keys_moves_no_shelter_under_the_cursor() {
    let mut state = shelters(Lang::En, &EVENT);
    let at_hand = |state: &State| seen(state, (80, 24)).lines().find(|line| line.starts_with("> ")).map(|line| line.chars().take(30).collect::<String>());
    let before = at_hand(&state);
    let mut view = samples::event_view();
    view.shelters.reverse();
    for (n, shelter) in (1..).zip(&mut view.shelters) {
        shelter.totals.stays[0] = 1_000 - n * 7;
    }
    // One that comes before all others.
    let mut first = view.shelters[0].clone();
    (first.state.shelter, first.state.district) = ("aaa".parse().unwrap(), " ".to_owned());
    view.shelters.push(first);
    let question = Question::Event(samples::event_id());
    brought(&mut state, Brought::Answer(1, question, Ok(Answer::Event(Box::new(view)))));
    assert!(
        before.is_some() && before.as_ref().map(|line| &line[..20]) == at_hand(&state).as_ref().map(|line| &line[..20]),
        "{before:?} {:?}",
        at_hand(&state)
    );
}

#[test]
fn the_elections_are_listed() {
    picture("elections", |lang| {
        let mut state = connected(lang, samples::commission());
        press(&mut state, "3");
        state
    });
}

/// An election's screen with every answer that it asks for, after so many turns to the next part.
fn election(lang: Lang, phase: Phase, parts: usize) -> State {
    let mut state = connected(lang, samples::commission());
    let mut effects = press(&mut state, "3");
    effects.extend(state.update(Event::Key(Key::Enter)));
    answer_all(&mut state, effects, phase);
    for _ in 0..parts {
        let effects = state.update(Event::Key(Key::Tab));
        answer_all(&mut state, effects, phase);
    }
    state
}

fn answer_all(state: &mut State, mut effects: Vec<Effect>, phase: Phase) {
    while let Some(effect) = effects.pop() {
        let Effect::Ask(question) = effect else { continue };
        let answer = match &question {
            Question::Election(_) => Answer::Election(Box::new(samples::election_status(phase))),
            Question::Turnout(_, hour) => Answer::Turnout(Box::new(samples::turnout(hour.unwrap_or_else(now)))),
            Question::Outcome(_) => Answer::Outcome(Box::new(samples::outcome())),
            Question::Roll(_) => Answer::Roll(Box::new(samples::roll())),
            Question::Approvals => Answer::Approvals(samples::waiting()),
            Question::Declined => Answer::Declined(Vec::new()),
            Question::Acts(_, from) => Answer::Journal(Box::new(samples::journal(*from))),
            Question::Event(_) => Answer::Event(Box::new(samples::event_view())),
            Question::People(..) => Answer::People(Box::new(samples::people())),
            Question::Person(..) => Answer::Person(Box::new(samples::contradicted())),
            Question::Conflicts(_) => Answer::Conflicts(vec![samples::contradicted()]),
            Question::Elections(question) => Answer::Elections(elections::answer(question)),
            Question::Journal(from) => Answer::Journal(Box::new(samples::journal(*from))),
            Question::Sharing(question) => Answer::Sharing(samples::sharing::answer(question)),
            Question::Shelters(question) => Answer::Shelters(samples::shelters::answer(question)),
            Question::Path(path) => Answer::Path(samples::found(path)),
        };
        effects.extend(brought(state, Brought::Answer(1, question, Ok(answer))));
    }
}

#[test]
fn an_election_is_steps_with_what_is_missing_for_the_next() {
    picture("election-steps", |lang| election(lang, Phase::Open, 0));
    picture("election-tallied", |lang| election(lang, Phase::Tallied, 0));
}

#[test]
fn an_election_tells_of_each_trustee_and_witness() {
    picture("election-trustees", |lang| election(lang, Phase::Tallying, 1));
}

#[test]
fn an_election_tells_of_its_roll_its_turnout_and_its_result() {
    picture("election-roll", |lang| election(lang, Phase::Open, 2));
    picture("election-turnout", |lang| election(lang, Phase::Open, 3));
    picture("election-result", |lang| election(lang, Phase::Tallied, 4));
}

/// The headquarters after these keys, with every answer.
fn shelters(lang: Lang, keys: &[Key]) -> State {
    let mut state = connected(lang, samples::headquarters());
    for key in keys {
        let effects = state.update(Event::Key(*key));
        answer_all(&mut state, effects, Phase::Open);
    }
    state
}

const EVENT: [Key; 2] = [Key::Char('4'), Key::Enter];

fn looked_for(lang: Lang) -> State {
    let typed = ['/', 'n', 'i', 's', 'h', 'i'].map(Key::Char);
    shelters(lang, &[&EVENT[..], &typed, &[Key::Enter]].concat())
}

#[test]
fn events_and_their_shelters_are_shown_by_district_with_how_full_they_are() {
    picture("events", |lang| shelters(lang, &EVENT[..1]));
    picture("event", |lang| shelters(lang, &EVENT));
}

#[test]
fn people_are_looked_for_and_opened() {
    picture("people-typing", |lang| shelters(lang, &[&EVENT[..], &[Key::Char('/')]].concat()));
    picture("people", looked_for);
    picture("person", |lang| {
        let mut state = looked_for(lang);
        let effects = state.update(Event::Key(Key::Enter));
        answer_all(&mut state, effects, Phase::Open);
        state
    });
}

#[test]
fn contradictions_stand_side_by_side() {
    picture("conflicts", |lang| shelters(lang, &[&EVENT[..], &[Key::Char('c')]].concat()));
}

#[test]
fn whom_somebody_looked_at_is_asked_once_and_forgotten_on_leaving() {
    let mut state = looked_for(Lang::En);
    let effects = state.update(Event::Key(Key::Enter));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Ask(Question::Person(..)))), "{effects:?}");
    answer_all(&mut state, effects, Phase::Open);
    let effects = state.update(Event::Key(Key::Esc));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Ask(Question::People(..)))), "{effects:?}");
    assert!(!state.desk.answers.keys().any(|question| matches!(question, Question::Person(..))));
    let effects = brought(&mut state, Brought::Link(1, Link::Status(Box::new(samples::empty(Role::Headquarters)))));
    assert!(effects.is_empty(), "{effects:?}");
    state.update(Event::Key(Key::Esc));
    assert!(!state.desk.answers.keys().any(|question| matches!(question, Question::People(..))));
}

#[test]
fn letters_are_text_where_somebody_types_a_name() {
    let mut state = shelters(Lang::Ja, &[&EVENT[..], &[Key::Char('/')]].concat());
    press(&mut state, "q:?");
    assert!(state.popup.is_none() && seen(&state, (80, 24)).contains("q:?"));
    state.update(Event::Paste("にしむら".to_owned()));
    assert!(seen(&state, (80, 24)).contains("q:?にしむら"));
}

#[test]
fn the_journal_is_followed_and_searched() {
    let open = |lang: Lang| {
        let mut state = connected(lang, samples::empty(Role::Auditor));
        let effects = press(&mut state, "5");
        answer_all(&mut state, effects, Phase::Open);
        state
    };
    picture("journal", open);
    picture("journal-entry", |lang| {
        let mut state = open(lang);
        state.update(Event::Key(Key::Up));
        state.update(Event::Key(Key::Up));
        state.update(Event::Key(Key::Enter));
        state
    });
    picture("journal-search", |lang| {
        let mut state = open(lang);
        press(&mut state, "/approved 足立");
        state
    });
    let mut state = open(Lang::En);
    let effects = press(&mut state, "o");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Ask(Question::Journal(Some(200))))), "{effects:?}");
}

#[test]
fn the_turnout_of_an_hour_that_is_over_is_asked_once() {
    let mut state = election(Lang::En, Phase::Open, 3);
    let mut status = samples::commission();
    status.elections[0].summary.size += 1;
    let effects = brought(&mut state, Brought::Link(1, Link::Status(Box::new(status))));
    let asked: Vec<&Question> = effects.iter().filter_map(|effect| if let Effect::Ask(question) = effect { Some(question) } else { None }).collect();
    assert!(asked.iter().any(|question| matches!(question, Question::Turnout(_, None))), "{asked:?}");
    assert!(asked.iter().all(|question| !matches!(question, Question::Turnout(_, Some(_)))), "{asked:?}");
    // The next hour is a new question.
    state.update(Event::Tick(now().plus(3_600)));
    let effects = state.update(Event::Key(Key::Char('r')));
    let hours = effects.iter().filter(|effect| matches!(effect, Effect::Ask(Question::Turnout(_, Some(_))))).count();
    assert_eq!(hours, 1, "{effects:?}");
}

#[test]
fn an_hour_whose_turnout_could_not_be_had_is_said_and_each_district_has_hours_back_to_the_opening() {
    let failed = |lang| {
        let mut state = election(lang, Phase::Open, 3);
        let hour = state.desk.answers.keys().find(|question| matches!(question, Question::Turnout(_, Some(_)))).cloned().unwrap();
        let failure = Failure::new(Exit::NoConnection, "応答がありません。", "there is no answer.");
        state.desk.answers.insert(hour, desk::Kept { failure: Some(failure), ..desk::Kept::default() });
        state.update(Event::Key(Key::Down));
        state
    };
    picture("election-turnout-failed", failed);
    let mut state = failed(Lang::En);
    let text = seen(&state, (80, 24));
    assert!(text.contains("Yoka 1 by hour") && text.contains("failed") && text.contains("(r asks again): there is no"), "{text}");
    let older = at("2026-11-25T19:00:00Z");
    let effects = press(&mut state, "o");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Ask(Question::Turnout(_, Some(hour))) if *hour == older)), "{effects:?}");
}

#[test]
fn help_tells_every_key_and_why_one_does_nothing() {
    picture("help", |lang| {
        let mut state = connected(lang, samples::headquarters());
        press(&mut state, "?");
        state
    });
}

#[test]
fn the_palette_finds_by_reading() {
    picture("palette", |lang| {
        let mut state = connected(lang, samples::commission());
        press(&mut state, ":shou");
        state
    });
}

#[test]
fn the_palette_finds_everyday_words() {
    let of = |status: &Status, words: &[(&str, &str)]| {
        for (word, leads) in words {
            let mut state = connected(Lang::Ja, status.clone());
            press(&mut state, &format!(":{word}"));
            let text = seen(&state, (80, 24));
            let found = text.lines().find(|line| line.contains("> ")).unwrap_or_else(|| panic!("{word}\n{text}"));
            assert!(text.contains(leads), "{word}: {found}\n{text}");
        }
    };
    let election = [
        ("締切", "選挙の状況"),
        ("開票", "用紙の計数・くじ"),
        ("公表", "選挙の状況"),
        ("印刷", "選挙の状況"),
        ("投票所", "投票所の受付"),
        ("名簿", "名簿の運用"),
    ];
    of(&samples::commission(), &election);
    of(&samples::headquarters(), &[("受付", "避難所受付"), ("名簿", "避難者を探す"), ("公表", "集計の公表")]);
}

#[test]
fn the_palette_finds_what_lies_below_an_event_by_its_title_in_either_language_and_says_why_a_line_does_nothing() {
    let mut state = connected(Lang::Ja, samples::headquarters());
    let title = samples::headquarters().events.unwrap().remove(0).summary.declared.title;
    press(&mut state, ":");
    state.update(Event::Paste(title.en));
    let text = seen(&state, (120, 40));
    assert!(text.contains("食い違い") && text.contains("重複の確認") && text.contains(&title.ja), "{text}");
    let mut state = connected(Lang::Ja, samples::headquarters());
    press(&mut state, ":kinkyuu");
    state.update(Event::Key(Key::Enter));
    assert_eq!(state.screen().map(|screen| screen.place()), Some(Place::Alerts));
    let mut state = connected(Lang::Ja, samples::headquarters());
    press(&mut state, ":kansa");
    state.update(Event::Key(Key::Enter));
    assert!(matches!(state.popup, Some(Popup::Palette(_))) && state.notice.is_some(), "{}", seen(&state, (80, 24)));
}

#[test]
fn an_approval_is_typed() {
    picture("confirm", |lang| {
        let mut state = connected(lang, samples::commission());
        press(&mut state, "2");
        brought(&mut state, Brought::Answer(1, Question::Approvals, Ok(Answer::Approvals(samples::waiting()))));
        press(&mut state, "ak3v7");
        state
    });
}

#[test]
fn a_wrong_or_missing_word_of_an_approval_is_said_and_approves_nothing() {
    let mut state = connected(Lang::En, samples::commission());
    press(&mut state, "2");
    brought(&mut state, Brought::Answer(1, Question::Approvals, Ok(Answer::Approvals(samples::waiting()))));
    press(&mut state, "a");
    seen(&state, (80, 24));
    assert!(state.update(Event::Key(Key::Enter)).is_empty());
    assert!(seen(&state, (80, 24)).contains("Type k3v7q2xm before you press Enter."));
    press(&mut state, "k3v7q2xn");
    assert!(!seen(&state, (80, 24)).contains("before you press Enter"), "whoever types is told nothing old");
    assert!(state.update(Event::Key(Key::Enter)).is_empty());
    assert!(seen(&state, (80, 24)).contains("What you typed is not k3v7q2xm."));
    state.update(Event::Key(Key::Backspace));
    press(&mut state, "m");
    assert!(matches!(&state.update(Event::Key(Key::Enter))[..], [Effect::Do(_, deed)] if matches!(**deed, Deed::Approve(_))));
}

#[test]
fn who_asks_and_who_approves_see_one_value_under_one_name() {
    let waiting = samples::waiting();
    for lang in [Lang::Ja, Lang::En] {
        let mut state = connected(lang, samples::commission());
        press(&mut state, "2");
        brought(&mut state, Brought::Answer(1, Question::Approvals, Ok(Answer::Approvals(samples::waiting()))));
        let [label, value] = crate::commands::approve::compared(lang, &waiting[0].shown.pending.message);
        assert!(seen(&state, (80, 24)).contains(&format!("{label}: {value}")));
        // What the notice is compared by has one name, too.
        assert_eq!(Words::new(lang).say("election-fingerprint"), crate::commands::election::fingerprint_label(lang));
    }
}

#[test]
fn the_console_is_drawn_in_ascii_where_that_is_asked_for() {
    let mut state = connected(Lang::En, samples::headquarters());
    state.desk.look.signs = Signs::Ascii;
    press(&mut state, "?");
    let text = seen(&state, (80, 24));
    let lines: String = text.chars().filter(|c| ('\u{2500}'..='\u{259f}').contains(c)).collect();
    assert_eq!(lines, "", "{text}");
}

#[test]
fn nobody_approves_what_they_asked_for_or_what_is_not_shown() {
    let mut state = connected(Lang::En, samples::commission());
    press(&mut state, "2");
    brought(&mut state, Brought::Answer(1, Question::Approvals, Ok(Answer::Approvals(samples::waiting()))));
    // The second one is the official's own, the third is other than what would be signed.
    for why in ["nobody approves", "something else than what it shows"] {
        press(&mut state, "ja");
        assert!(state.popup.is_none());
        assert!(state.notice.as_ref().is_some_and(|(said, _)| said.contains(why)), "{:?}", state.notice);
    }
    press(&mut state, "kk");
    press(&mut state, "ak3v7q2x");
    seen(&state, (80, 24));
    assert!(state.update(Event::Key(Key::Enter)).is_empty(), "the ID is not whole");
    press(&mut state, "m");
    let effects = state.update(Event::Key(Key::Enter));
    assert!(matches!(&effects[..], [Effect::Do(_, deed)] if matches!(&**deed, Deed::Approve(shown) if shown.pending.id == "k3v7q2xm")), "{effects:?}");
}

#[test]
fn a_key_of_another_role_says_why_it_does_nothing() {
    let mut state = connected(Lang::En, samples::empty(Role::Reception));
    press(&mut state, "2");
    assert!(state.notice.as_ref().is_some_and(|(said, _)| said.contains("shelter reception")), "{:?}", state.notice);
    state.update(Event::Tick(now().plus(60)));
    assert!(state.notice.is_none());
}

#[test]
fn full_width_letters_of_an_input_method_are_commands_too() {
    let mut state = connected(Lang::Ja, samples::commission());
    press(&mut state, "？");
    assert!(seen(&state, (80, 24)).contains("ヘルプ — ホーム"));
}

#[test]
fn what_is_shown_says_how_old_it_is_once_the_link_is_lost_and_silence_is_a_lost_link() {
    let mut state = connected(Lang::En, samples::commission());
    assert!(seen(&state, (80, 24)).contains("up to date"));
    state.update(Event::Tick(now().plus(10)));
    assert!(seen(&state, (80, 24)).contains("as of 10 s ago"));
    let effects = state.update(Event::Tick(now().plus(16)));
    assert!(matches!(effects[..], [Effect::Connect(_)]), "{effects:?}");
    // What the old attempt still brings is of no account.
    brought(&mut state, Brought::Link(1, Link::Same(now().plus(17))));
    assert!(seen(&state, (80, 24)).contains("no connection; as of 16 s ago"));
    brought(&mut state, Brought::Link(2, Link::Lost(Failure::new(Exit::NoConnection, "x", "x"), Some(2))));
    assert!(seen(&state, (80, 24)).contains("Mayor"), "what was known stays in sight");
    brought(&mut state, Brought::Link(2, Link::Status(Box::new(samples::commission()))));
    assert!(seen(&state, (80, 24)).contains("up to date"));
}

#[test]
fn whoever_is_taken_off_the_list_sees_nothing_more() {
    let mut state = connected(Lang::En, samples::commission());
    press(&mut state, "2");
    brought(&mut state, Brought::Answer(1, Question::Approvals, Ok(Answer::Approvals(samples::waiting()))));
    brought(&mut state, Brought::Link(1, Link::Lost(Failure::refused("権限がありません", "forbidden"), Some(2))));
    let text = seen(&state, (80, 24));
    assert!(text.contains("No connection") && text.contains("forbidden") && !text.contains("k3v7q2xm") && !text.contains("Mayor"), "{text}");
}

#[test]
fn a_change_asks_again_what_is_in_sight_and_once() {
    let mut state = connected(Lang::En, samples::commission());
    press(&mut state, "2");
    assert!(state.desk.answers.get(&Question::Approvals).is_some_and(|kept| kept.asked.is_some()), "it is asked since home showed it");
    let changed = |state: &mut State, waiting: usize| {
        let mut status = samples::commission();
        status.waiting.as_mut().unwrap().truncate(waiting);
        brought(state, Brought::Link(1, Link::Status(Box::new(status))))
    };
    assert!(changed(&mut state, 1).is_empty(), "it is asked already");
    // What comes now may have been said before the change.
    let effects = brought(&mut state, Brought::Answer(1, Question::Approvals, Ok(Answer::Approvals(samples::waiting()))));
    assert!(matches!(effects[..], [Effect::Ask(Question::Approvals)]), "{effects:?}");
    assert!(brought(&mut state, Brought::Answer(1, Question::Approvals, Ok(Answer::Approvals(Vec::new())))).is_empty());
    assert!(changed(&mut state, 1).is_empty(), "nothing else waits than before");
    assert!(matches!(changed(&mut state, 0)[..], [Effect::Ask(Question::Approvals)]));
    press(&mut state, "1");
    assert!(state.desk.answers.is_empty(), "what nobody shows is forgotten: nothing waits");
    // Its answer comes late, and is of no account.
    brought(&mut state, Brought::Answer(1, Question::Approvals, Ok(Answer::Approvals(samples::waiting()))));
    assert!(state.desk.answers.is_empty());
}

/// The official looks at what waits, of which this is the first.
fn approvals(lang: Lang, status: Status, waiting: Vec<Waiting>) -> State {
    let mut state = connected(lang, status);
    press(&mut state, "2");
    brought(&mut state, Brought::Answer(1, Question::Approvals, Ok(Answer::Approvals(waiting))));
    state
}

/// Both windows in which something long is read.
fn long_picture(name: &str, status: &Status, waiting: &Waiting) {
    for (lang, suffix) in [(Lang::Ja, "ja"), (Lang::En, "en")] {
        let mut state = approvals(lang, status.clone(), vec![waiting.clone()]);
        for (columns, rows) in SIZES {
            insta::assert_snapshot!(format!("{name}-approvals-{suffix}-{columns}x{rows}"), seen(&state, (columns, rows)));
        }
        press(&mut state, "a");
        insta::assert_snapshot!(format!("{name}-confirm-{suffix}-120x40"), seen(&state, (120, 40)));
        insta::assert_snapshot!(format!("{name}-confirm-{suffix}-80x24"), seen(&state, (80, 24)));
        for _ in 0..9 {
            state.update(Event::Key(Key::PageDown));
            seen(&state, (80, 24));
        }
        insta::assert_snapshot!(format!("{name}-confirm-end-{suffix}-80x24"), seen(&state, (80, 24)));
    }
}

#[test]
fn a_long_change_of_the_roll_and_a_long_link_are_read_to_their_ends_with_the_value_in_sight() {
    long_picture("long-roll-change", &samples::commission(), &samples::long_change());
    long_picture("long-link", &samples::headquarters(), &samples::long_link());
}

#[test]
fn nothing_is_approved_before_its_end_was_in_sight() {
    let mut state = approvals(Lang::En, samples::commission(), vec![samples::long_change()]);
    press(&mut state, "ak3v7q2xm");
    assert!(seen(&state, (80, 24)).contains("Enter or PgDn reads on"));
    assert!(state.update(Event::Key(Key::Enter)).is_empty(), "the end was not seen, so that it reads on");
    // What was scrolled past without being drawn was not seen either.
    for _ in 0..50 {
        state.update(Event::Key(Key::Down));
    }
    seen(&state, (80, 5));
    assert!(state.update(Event::Key(Key::Enter)).is_empty(), "there is no room to read in");
    for _ in 0..50 {
        state.update(Event::Key(Key::Up));
    }
    for _ in 0..50 {
        let text = seen(&state, (80, 24));
        assert!(text.contains("Value to compare: "), "{text}");
        state.update(Event::Key(Key::Down));
    }
    let effects = state.update(Event::Key(Key::Enter));
    assert!(matches!(&effects[..], [Effect::Do(_, deed)] if matches!(&**deed, Deed::Approve(shown) if shown.pending.id == "k3v7q2xm")), "{effects:?}");
}

#[test]
fn what_came_of_an_approval_waits_until_nobody_types_and_nothing_is_sent_twice() {
    let mut state = approvals(Lang::En, samples::commission(), samples::waiting());
    press(&mut state, "ak3v7q2xm");
    seen(&state, (80, 24));
    let effects = state.update(Event::Key(Key::Enter));
    let [Effect::Do(number, _)] = effects[..] else { panic!("{effects:?}") };
    assert!(seen(&state, (80, 24)).contains("is being sent"));
    assert!(press(&mut state, "a").is_empty() && state.popup.is_none(), "it is sent already");
    press(&mut state, ":ho");
    brought(&mut state, Brought::Done(number, Err(Failure::refused("もう承認されています", "already approved"))));
    assert!(matches!(state.popup, Some(Popup::Palette(_))));
    press(&mut state, "m");
    state.update(Event::Key(Key::Esc));
    assert!(state.popup.is_none(), "nobody closes it unread by a key that was meant for the window before");
    state.update(Event::Tick(now().plus(3)));
    assert!(seen(&state, (80, 24)).contains("already approved"));
    press(&mut state, "q");
    assert!(matches!(state.popup, Some(Popup::Message(_))), "a letter closes nothing");
    state.update(Event::Key(Key::Enter));
    assert!(state.popup.is_none() && state.desk.doing.is_empty());
}

#[test]
fn another_profile_is_shown_nothing_that_the_one_before_was_shown() {
    let mut state = approvals(Lang::En, samples::commission(), samples::waiting());
    press(&mut state, "r0p");
    state.update(Event::Key(Key::Ctrl('u')));
    state.update(Event::Paste("/nowhere/profile.toml".to_owned()));
    let looked = |state: &mut State, found| {
        let effects = state.update(Event::Key(Key::Enter));
        let [Effect::Ask(question)] = &effects[..] else { panic!("{effects:?}") };
        brought(state, Brought::Answer(1, question.clone(), found))
    };
    let missing = Failure::refused("ありません", "there is no such file");
    assert!(looked(&mut state, Err(missing)).is_empty() && state.desk.status.is_some(), "a mistyped path throws no connection away");
    let text = seen(&state, (80, 24));
    assert!(text.contains("there is no such file") && text.contains("The connection stays as it is"), "{text}");
    state.update(Event::Key(Key::Ctrl('u')));
    state.update(Event::Paste("/other/profile.toml".to_owned()));
    let effects = looked(&mut state, Ok(Answer::Path(Found::File)));
    assert!(matches!(effects[..], [Effect::Connect(Some(_))]), "{effects:?}");
    let text = seen(&state, (80, 24));
    assert!(!text.contains("commission") && !text.contains("k3v7q2xm") && state.desk.status.is_none() && state.desk.answers.is_empty(), "{text}");
    brought(&mut state, Brought::Link(2, Link::Status(Box::new(samples::headquarters()))));
    press(&mut state, "2");
    // What the one before asked is answered late, and is dropped.
    brought(&mut state, Brought::Answer(1, Question::Approvals, Ok(Answer::Approvals(samples::waiting()))));
    assert!(state.desk.answer(&Question::Approvals).is_none());
    brought(&mut state, Brought::Answer(2, Question::Approvals, Ok(Answer::Approvals(Vec::new()))));
    assert!(state.desk.answer(&Question::Approvals).is_some());
}

#[test]
fn a_role_that_may_not_approve_is_told_so_and_not_of_tampering() {
    let mut state = approvals(Lang::En, samples::empty(Role::Auditor), vec![samples::unshown()]);
    let text = seen(&state, (80, 24));
    assert!(text.contains("is not shown to the role") && !text.contains("something else"), "{text}");
    press(&mut state, "a");
    assert!(state.popup.is_none() && state.notice.as_ref().is_some_and(|(said, _)| said.contains("auditor")), "{:?}", state.notice);
}

#[test]
fn who_is_looked_for_again_is_asked_anew_and_the_age_of_the_answer_is_shown() {
    let mut state = looked_for(Lang::En);
    state.update(Event::Tick(now().plus(40)));
    assert!(seen(&state, (80, 24)).contains("asked 40 s ago"));
    let is_search = |effects: &[Effect]| matches!(effects, [Effect::Ask(Question::People(_, name, None))] if name == "nishi");
    assert!(is_search(&press(&mut state, "r")), "the list is asked again");
    assert!(press(&mut state, "r").is_empty(), "once");
    answer_all(&mut state, vec![Effect::Ask(Question::People(samples::event_id(), "nishi".to_owned(), None))], Phase::Open);
    press(&mut state, "/");
    let effects = state.update(Event::Key(Key::Enter));
    assert!(is_search(&effects), "{effects:?}");
    assert!(seen(&state, (80, 24)).contains("Asking"), "what was found before is no answer to it");
    answer_all(&mut state, effects, Phase::Open);
    let effects = state.update(Event::Key(Key::Enter));
    answer_all(&mut state, effects, Phase::Open);
    let effects = press(&mut state, "r");
    assert!(matches!(effects[..], [Effect::Ask(Question::Person(..))]), "{effects:?}");
}

#[test]
fn what_failed_is_asked_anew_when_the_link_is_back_and_the_old_answer_stays_in_sight() {
    let mut state = approvals(Lang::En, samples::commission(), samples::waiting());
    let lost = || Failure::new(Exit::NoConnection, "切れました", "it broke");
    press(&mut state, "r");
    state.update(Event::Tick(now().plus(9)));
    brought(&mut state, Brought::Answer(1, Question::Approvals, Err(lost())));
    let text = seen(&state, (80, 24));
    assert!(text.contains("This is of 9 s ago; nothing newer comes: it broke") && text.contains("k3v7q2xm"), "{text}");
    brought(&mut state, Brought::Link(1, Link::Lost(lost(), Some(1))));
    let effects = brought(&mut state, Brought::Link(1, Link::Status(Box::new(samples::commission()))));
    assert!(matches!(effects[..], [Effect::Ask(Question::Approvals)]), "{effects:?}");
    brought(&mut state, Brought::Answer(1, Question::Approvals, Ok(Answer::Approvals(Vec::new()))));
    assert!(!seen(&state, (80, 24)).contains("it broke"));
}

#[test]
fn a_small_terminal_breaks_nothing() {
    for lang in [Lang::Ja, Lang::En] {
        let mut state = connected(lang, samples::long());
        for keys in ["", "?", ":", "2"] {
            press(&mut state, keys);
            for (columns, rows) in [(1, 1), (2, 40), (40, 2), (20, 4), (33, 9), (200, 60)] {
                seen(&state, (columns, rows));
            }
            state.update(Event::Key(Key::Esc));
        }
    }
}

#[test]
fn a_screen_with_no_room_says_so_and_ctrl_c_leaves_from_a_window_too() {
    let mut state = connected(Lang::Ja, samples::commission());
    assert!(seen(&state, (80, 3)).starts_with("画面が小さすぎます"));
    press(&mut state, ":");
    assert!(matches!(state.update(Event::Key(Key::Ctrl('c')))[..], [Effect::Leave]));
}

#[test]
fn the_readmes_show_the_home_screen_as_it_is() {
    for (lang, readme) in [(Lang::En, include_str!("../../../README.md")), (Lang::Ja, include_str!("../../../README.ja.md"))] {
        let screen = seen(&home(lang), (80, 24));
        assert!(readme.contains(&format!("```text\n{}\n```", screen.trim_end())), "{screen}");
    }
}
