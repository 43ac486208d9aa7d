//! The public board: any entry of it is reached and verified, and all of it.

use tachiai_schemas::election::{Body, CloseReason, Closed};
use tachiai_schemas::entry::Entry;

use super::*;
use crate::voter::Leaf;

pub(super) fn leaf(index: u64) -> Leaf {
    let reason = CloseReason::Early;
    let body = if index.is_multiple_of(3) { Body::PollClosed(Closed { reason }) } else { Body::OnlineClosed(Closed { reason }) };
    Leaf { index: LeafIndex(index), entry: Entry { at: now().plus(-60), body }, hash: Hash32::sha256(&index.to_be_bytes()) }
}

#[test]
fn the_board_is_listed_and_any_entry_is_verified() {
    let open = |lang| with_keys(lang, Phase::Open, &[Key::Char('b')]);
    picture("board", open);
    let mut state = open(Lang::En);
    let effects = typed(&mut state, Phase::Open, &[Key::Char('v')]);
    assert!(matches!(deeds(&effects)[..], [deeds::Deed::CheckEntry(_, LeafIndex(12_480), _)]), "{effects:?}");
    let effects = typed(&mut state, Phase::Open, &letters("o"));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Ask(Question::Elections(asked::Question::Board(_, 12_300))))), "{effects:?}");
    let mut state = open(Lang::Ja);
    let done = Done::window("掲示板の 12480 番は、署名された掲示板に含まれています。".to_owned(), String::new());
    typed(&mut state, Phase::Open, &[Key::Char('v')]);
    brought(&mut state, Brought::Done(1, Ok(Box::new(done))));
    assert!(seen(&state, (80, 24)).contains("含まれています"));
}

#[test]
fn all_of_the_board_is_verified_with_the_fingerprint_of_the_notice_or_plainly_without() {
    let open = |lang| with_keys(lang, Phase::Open, &[Key::Char('b'), Key::Char('V')]);
    picture("board-check", open);
    let effects = typed(&mut open(Lang::En), Phase::Open, &[Key::Enter]);
    assert!(matches!(deeds(&effects)[..], [deeds::Deed::CheckBoard(_, None)]), "{effects:?}");
    let mut state = open(Lang::En);
    typed(&mut state, Phase::Open, &[letters("abcd"), vec![Key::Enter]].concat());
    assert!(state.popup.is_some() && seen(&state, (80, 24)).contains("abcd-efgh-ijkl-mnop-qrst"), "{}", seen(&state, (80, 24)));
    let mut state = open(Lang::En);
    let effects = typed(&mut state, Phase::Open, &[letters("abcd-efgh-ijkl-mnop-qrst"), vec![Key::Enter]].concat());
    assert!(matches!(deeds(&effects)[..], [deeds::Deed::CheckBoard(_, Some(_))]), "{effects:?}");
}

#[test]
fn any_entry_of_the_board_is_reached_by_its_number() {
    let open = |lang| with_keys(lang, Phase::Open, &[Key::Char('b'), Key::Char('g')]);
    picture("board-go", open);
    let mut state = open(Lang::En);
    typed(&mut state, Phase::Open, &[letters("12481"), vec![Key::Enter]].concat());
    assert!(seen(&state, (80, 24)).contains("type a number from 0 to 12,480"), "{}", seen(&state, (80, 24)));
    typed(&mut state, Phase::Open, &[vec![Key::Ctrl('u')], letters("42"), vec![Key::Enter]].concat());
    let effects = typed(&mut state, Phase::Open, &[Key::Char('v')]);
    assert!(matches!(deeds(&effects)[..], [deeds::Deed::CheckEntry(_, LeafIndex(42), _)]), "{effects:?}");
}

#[test]
fn the_entry_that_is_looked_at_is_the_one_that_is_verified_while_the_board_grows() {
    let mut state = with_keys(Lang::En, Phase::Open, &[Key::Char('b')]);
    let question = Question::Elections(asked::Question::Board(samples::election(), 12_400));
    let mut status = samples::commission();
    status.elections[0].summary.size += 3;
    brought(&mut state, Brought::Link(1, Link::Status(Box::new(status))));
    let grown = asked::Answer::Board((12_400..12_484).map(leaf).collect());
    brought(&mut state, Brought::Answer(1, question, Ok(Answer::Elections(grown))));
    let effects = typed(&mut state, Phase::Open, &[Key::Char('v')]);
    let listed = leaf(12_480).hash;
    assert!(matches!(deeds(&effects)[..], [deeds::Deed::CheckEntry(_, LeafIndex(12_480), seen)] if *seen == listed), "{effects:?}");
}

#[test]
fn the_board_is_open_to_whoever_sees_elections() {
    for role in [Role::Auditor, Role::Trustee, Role::Poll] {
        let status = Status { elections: samples::commission().elections, ..samples::empty(role) };
        let mut state = connected(Lang::En, status);
        let effects = press(&mut state, "3b");
        assert!(effects.iter().any(|effect| matches!(effect, Effect::Ask(Question::Elections(asked::Question::Board(..))))), "{role:?} {effects:?}");
        press(&mut state, "n");
    }
}
