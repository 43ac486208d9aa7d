//! The seats that work on the terminal itself, and the mouse.

use tachiai_schemas::desk::Bar;
use tachiai_schemas::evidence::NameReason;
use tachiai_schemas::paper::{Manner, UndoReason};
use tachiai_schemas::{LeafIndex, Refusal};

use super::*;
use crate::console::action::Place;
use crate::console::work::seat::poll::{self, Act, Source, Stand, Window};
use crate::console::work::seat::trustee::{self, Step};
use crate::console::work::seat::{News, Order, Seat};
use crate::console::work::{Deed, Done};
use crate::poll::check_in::{At, hints};
use crate::trustee::ceremony::Next;
use crate::trustee::stick::What;

mod sitting;

/// The column and row at which something is written first.
fn place_of(text: &str, what: &str) -> (u16, u16) {
    let (row, line) = text.lines().enumerate().find(|(_, line)| line.contains(what)).unwrap_or_else(|| panic!("{what}:\n{text}"));
    let before = line.split(what).next().unwrap_or_default();
    (u16::try_from(width(before)).unwrap(), u16::try_from(row).unwrap())
}

fn click(state: &mut State, (column, row): (u16, u16)) -> Vec<Effect> {
    // What lies where is known once it is drawn.
    seen(state, (80, 24));
    state.update(Event::Click(column, row))
}

#[test]
fn a_click_chooses_a_line_and_a_second_one_opens_it() {
    let mut state = connected(Lang::En, samples::commission());
    press(&mut state, "3");
    let second = place_of(&seen(&state, (80, 24)), "By-election");
    assert!(click(&mut state, second).is_empty(), "a click opens nothing");
    let titles = state.screens.len();
    click(&mut state, second);
    assert_eq!(state.screens.len(), titles + 1, "{}", seen(&state, (80, 24)));
}

#[test]
fn a_click_in_the_footer_is_its_key_and_one_beside_everything_is_nothing() {
    let mut state = connected(Lang::En, samples::commission());
    let help = place_of(&seen(&state, (80, 24)), "? help");
    click(&mut state, help);
    assert!(matches!(state.popup, Some(Popup::Help(_))));
    let close = place_of(&seen(&state, (80, 24)), "Esc close");
    click(&mut state, close);
    assert!(state.popup.is_none());
    assert!(click(&mut state, (40, 1)).is_empty() && state.popup.is_none() && state.screens.len() == 1);
}

#[test]
fn under_a_window_nothing_is_clicked_at() {
    let mut state = connected(Lang::En, samples::commission());
    press(&mut state, "3?");
    for row in 1..22 {
        click(&mut state, (2, row));
    }
    assert!(matches!(state.popup, Some(Popup::Help(_))) && state.screens.len() == 2);
}

/// Somebody at the desk of a polling place, which stands like this.
fn at_desk(lang: Lang, seen: Box<poll::Seen>) -> State {
    let mut state = connected(lang, samples::empty(Role::Poll));
    press(&mut state, "8");
    filled(&mut state, &["/desk.key", "", "", "/card"]);
    brought(&mut state, Brought::Seat(1, News::Poll(seen)));
    brought(&mut state, Brought::Done(1, Ok(Box::new(Done::seen()))));
    state
}

/// Fills the lines of a form, and has it read.
fn filled(state: &mut State, lines: &[&str]) -> Vec<Effect> {
    let mut effects = Vec::new();
    for line in lines {
        press(state, line);
        effects = state.update(Event::Key(Key::Enter));
    }
    effects
}

fn order(effect: &Effect) -> Option<&poll::Order> {
    let Effect::Do(_, deed) = effect else { return None };
    match &**deed {
        Deed::Seat(Order::Poll(order)) => Some(order),
        _ => None,
    }
}

fn orders(effects: &[Effect]) -> Vec<&poll::Order> {
    effects.iter().filter_map(order).collect()
}

#[test]
fn a_desk_is_opened_with_its_key_and_says_what_is_missing() {
    picture("poll-sit", |lang| {
        let mut state = connected(lang, samples::empty(Role::Poll));
        press(&mut state, "8");
        filled(&mut state, &["", "", "x", ""]);
        state
    });
    let mut state = connected(Lang::En, samples::empty(Role::Poll));
    press(&mut state, "8");
    let effects = filled(&mut state, &["/desk.key", "", "", "/card"]);
    assert!(
        matches!(&orders(&effects)[..], [poll::Order::Sit { key, source: Source::Socket(socket), manifest: None, .. }]
            if key.as_os_str() == "/desk.key" && socket.as_os_str() == "/card"),
        "{effects:?}"
    );
}

#[test]
fn the_decision_stands_in_large_letters() {
    picture("poll-nobody", |lang| at_desk(lang, sitting::keeping(1, Stand::Nobody)));
    picture("poll-may", |lang| at_desk(lang, sitting::desk(1, sitting::here(sitting::hanako(), 3))));
    picture("poll-voted", |lang| {
        let elector = sitting::elector("養父　花子", "兵庫県養父市八鹿町八鹿1675", vec![Bar::HoldsPaper { leaf: LeafIndex(88) }]);
        at_desk(lang, sitting::desk(1, sitting::here(elector, 3)))
    });
    picture("poll-not-on-roll", |lang| {
        let mut failure = Failure::refused("名簿に該当する方がいません。", "nobody on the roll fits.");
        failure.code = Some(Refusal::NotOnRoll);
        at_desk(lang, sitting::desk(1, Stand::Refused(hints(failure, At::Screen))))
    });
    picture("poll-handed", |lang| at_desk(lang, sitting::desk(1, sitting::handed())));
    picture("poll-cut", |lang| at_desk(lang, sitting::keeping(1, Stand::Cut(sitting::cut()))));
    picture("poll-envelope", |lang| at_desk(lang, sitting::keeping(1, Stand::Envelope("K7Q2M-3".to_owned()))));
    picture("poll-long", |lang| {
        let address = "兵庫県養父市八鹿町とても長い名前の通り一丁目二十三番地の四十五　長い名前の集合住宅弐号館参百壱号室（方書きの長い方）";
        let elector = sitting::elector("寿限無寿限無五劫の擦り切れ海砂利水魚の水行末雲来末風来末　花子", address, Vec::new());
        at_desk(lang, sitting::desk(1, sitting::here(elector, 1)))
    });
}

#[test]
fn the_contest_at_hand_and_what_was_handed_out_stay_in_sight_however_many_contests_there_are() {
    let many = |lang| {
        let mut elector = sitting::hanako();
        let contest = elector.contests[1].clone();
        elector.contests = (0..20).map(|index| tachiai_schemas::desk::DeskContest { index, id: format!("c{index}"), ..contest.clone() }).collect();
        elector.paper = Some(sitting::paper());
        at_desk(lang, sitting::desk(1, sitting::here(elector, 3)))
    };
    picture("poll-many", many);
    let mut state = many(Lang::Ja);
    for _ in 0..20 {
        let text = seen(&state, (80, 24));
        assert!(text.contains("> [渡す]") && text.contains("交付した投票所") && text.contains("宣誓書") && text.contains("ほかに"), "{text}");
        state.update(Event::Key(Key::Down));
    }
    press(&mut state, " ");
    assert!(seen(&state, (80, 24)).contains("> [渡さない]"), "{}", seen(&state, (80, 24)));
}

#[test]
fn a_desk_says_how_it_stands_whatever_happens() {
    let failure = || Failure::refused("この投票区の投票所ではありません。", "this is no polling place of that district.");
    picture("poll-refused", |lang| at_desk(lang, sitting::desk(1, Stand::Refused(failure()))));
    picture("poll-unknown", |lang| at_desk(lang, sitting::keeping(1, Stand::Unknown(sitting::cut()))));
    picture("poll-waits", |lang| {
        let waits = poll::Waits { id: "k3v7q2xm".to_owned(), again: poll::Order::HandIn, here: None };
        at_desk(lang, sitting::desk(1, Stand::Waits(Box::new(waits))))
    });
    picture("poll-reader", |lang| {
        let wrong = Failure::new(Exit::Card, "カードリーダーが見つかりません。つなぎ直してください。", "no card reader is found. Connect it again.");
        at_desk(lang, Box::new(poll::Seen { reader: Some(wrong), ..*sitting::desk(1, Stand::Nobody) }))
    });
    picture("poll-undo", |lang| {
        let mut elector = sitting::hanako();
        elector.paper = Some(sitting::paper());
        let mut state = at_desk(lang, sitting::desk(1, sitting::here(elector, 3)));
        press(&mut state, "x");
        state
    });
    picture("poll-aside", |lang| {
        let mut state = at_desk(lang, sitting::keeping(1, Stand::Nobody));
        press(&mut state, "a");
        state
    });
    picture("poll-absentee", |lang| {
        let mut desk = sitting::desk(1, sitting::here(sitting::hanako(), 3));
        if let Some(listed) = &mut desk.desk {
            listed.kind = tachiai_schemas::paper::PlaceKind::Absentee;
        }
        at_desk(lang, desk)
    });
}

#[test]
fn the_elector_types_the_pin_and_nobody_sees_it() {
    let typing = |lang| {
        let mut state = at_desk(lang, sitting::desk(1, sitting::here(sitting::hanako(), 3)));
        state.update(Event::Key(Key::Enter));
        press(&mut state, "1234");
        state
    };
    picture("poll-pin", typing);
    let mut state = typing(Lang::En);
    let effects = state.update(Event::Key(Key::Enter));
    assert!(!format!("{effects:?}").contains("1234"), "{effects:?}");
    let given = orders(&effects);
    assert!(matches!(given[..], [poll::Order::HandOut { turn: 1, pin: Some(_), manner: Manner::Own, contests }] if contests[..] == [0, 1]), "{effects:?}");
    assert!(seen(&state, (80, 24)).contains("Voted online"), "who it is stays in sight while it is recorded");
    assert!(state.update(Event::Key(Key::Enter)).is_empty(), "it is being recorded");
}

/// Papers are being handed out to somebody.
fn sending() -> State {
    let mut state = at_desk(Lang::En, sitting::desk(1, sitting::here(sitting::hanako(), 3)));
    state.update(Event::Key(Key::Enter));
    press(&mut state, "1234");
    state.update(Event::Key(Key::Enter));
    state
}

#[test]
fn while_papers_are_handed_out_no_key_takes_what_comes_of_it_away() {
    for key in ["n", "z", "f", "h", "o"] {
        let mut state = sending();
        assert!(press(&mut state, key).is_empty() && state.popup.is_none(), "{key}");
        assert!(state.notice.as_ref().is_some_and(|(said, _)| said.contains("not answered yet")), "{key}: {:?}", state.notice);
    }
    let mut state = sending();
    let effects = state.update(Event::Key(Key::Esc));
    assert!(effects.is_empty() && state.popup.is_none() && state.notice.is_some(), "{effects:?}");
    assert!(press(&mut state, ":").is_empty());
    press(&mut state, "home");
    assert!(state.update(Event::Key(Key::Enter)).is_empty() && state.desk.poll.is_some(), "nor does another screen");
    assert!(state.update(Event::Key(Key::Ctrl('c'))).is_empty() && state.popup.is_some(), "it is asked first");
    assert!(matches!(state.update(Event::Key(Key::Ctrl('c')))[..], [Effect::Leave]), "whoever asks twice is let go");
}

#[test]
fn a_desk_stays_open_when_the_link_is_refused_and_still_says_what_came_of_a_hand_out() {
    let mut state = sending();
    let refused = Failure::new(Exit::Refused, "期限切れです。", "the certificate has expired.");
    brought(&mut state, Brought::Link(1, Link::Lost(refused, Some(4))));
    assert!(state.desk.status.is_none() && state.screen().unwrap().place() == Place::Poll);
    brought(&mut state, Brought::Seat(1, News::Poll(sitting::desk(2, sitting::handed()))));
    assert!(seen(&state, (80, 24)).contains("Hand over"), "{}", seen(&state, (80, 24)));
}

#[test]
fn what_is_typed_at_an_open_desk_leads_nowhere() {
    let mut state = at_desk(Lang::En, sitting::desk(1, sitting::here(sitting::hanako(), 3)));
    state.update(Event::Key(Key::Enter));
    press(&mut state, "12");
    brought(&mut state, Brought::Seat(1, News::Poll(sitting::desk(2, Stand::Nobody))));
    let effects = press(&mut state, "1234567890qiLT");
    assert!(effects.is_empty() && state.popup.is_none() && state.screen().unwrap().place() == Place::Poll, "{effects:?}");
    let effects = state.update(Event::Key(Key::Esc));
    assert!(effects.is_empty() && seen(&state, (80, 24)).contains("Leave the desk?"), "{effects:?}");
    press(&mut state, "1");
    state.update(Event::Key(Key::Esc));
    assert!(state.popup.is_none() && state.desk.poll.is_some());
    press(&mut state, "?");
    assert!(matches!(state.popup, Some(Popup::Help(_))));
}

#[test]
fn a_desk_that_is_being_filled_in_is_not_replaced_by_who_comes_to_the_one_before() {
    let mut state = at_desk(Lang::En, sitting::desk(1, Stand::Nobody));
    press(&mut state, "o/other");
    brought(&mut state, Brought::Seat(1, News::Poll(sitting::desk(2, sitting::here(sitting::hanako(), 3)))));
    assert!(press(&mut state, "hzn").is_empty() && seen(&state, (80, 24)).contains("/otherhzn"), "{}", seen(&state, (80, 24)));
    state.update(Event::Key(Key::Esc));
    assert!(state.popup.is_none() && seen(&state, (80, 24)).contains("花子"), "Esc goes back to the desk");
}

#[test]
fn a_card_that_is_taken_away_takes_the_person_and_the_pin_with_it() {
    let mut state = at_desk(Lang::En, sitting::desk(1, sitting::here(sitting::hanako(), 3)));
    state.update(Event::Key(Key::Enter));
    press(&mut state, "12");
    brought(&mut state, Brought::Seat(1, News::Poll(sitting::desk(2, Stand::Nobody))));
    let text = seen(&state, (80, 24));
    assert!(!text.contains("花子") && !text.contains("**") && text.contains("Have the card put on the reader"), "{text}");
    brought(&mut state, Brought::Seat(1, News::Poll(sitting::desk(3, sitting::here(sitting::hanako(), 3)))));
    let effects = state.update(Event::Key(Key::Enter));
    assert!(effects.is_empty(), "the next one begins anew: {effects:?}");
}

#[test]
fn nobody_is_handed_papers_who_may_not_vote_or_would_lose_the_last_try() {
    let barred = sitting::elector("a", "b", vec![Bar::Struck { leaf: LeafIndex(3) }]);
    for (stand, why) in [(sitting::here(barred, 3), "struck"), (sitting::here(sitting::hanako(), 1), "one try left")] {
        let mut state = at_desk(Lang::En, sitting::desk(1, stand));
        assert!(state.update(Event::Key(Key::Enter)).is_empty());
        assert!(state.notice.as_ref().is_some_and(|(said, _)| said.contains(why)), "{:?}", state.notice);
    }
}

#[test]
fn papers_are_marked_and_left_out_as_the_official_says() {
    let mut state = at_desk(Lang::En, sitting::desk(1, sitting::here(sitting::hanako(), 3)));
    press(&mut state, "mj ");
    let text = seen(&state, (80, 24));
    assert!(text.contains("[not] City Council") && text.contains("by proxy") && text.contains("votes no more"), "{text}");
    state.update(Event::Key(Key::Enter));
    press(&mut state, "1234");
    let effects = state.update(Event::Key(Key::Enter));
    let given = orders(&effects);
    assert!(matches!(given[..], [poll::Order::HandOut { manner: Manner::Proxy, contests, .. }] if contests[..] == [0]), "{effects:?}");
}

#[test]
fn somebody_without_a_card_is_looked_for_by_name_and_no_order_names_them() {
    let open = |lang| {
        let mut state = at_desk(lang, sitting::desk(1, Stand::Nobody));
        press(&mut state, "f");
        state
    };
    picture("poll-by-name", open);
    let mut state = open(Lang::En);
    let effects = filled(&mut state, &["", "", "花子", "", "S55.2.17", ""]);
    let given = orders(&effects);
    let [poll::Order::Find { turn: 1, whom, attended: false, reason: NameReason::NoCard }] = &given[..] else { panic!("{effects:?}") };
    assert_eq!((whom.0.name.as_deref(), whom.0.birth.as_deref()), (Some("花子"), Some("1980-02-17")));
    assert!(!format!("{effects:?}").contains("花子"));
}

#[test]
fn while_the_link_is_cut_an_envelope_is_asked_for_and_what_is_not_known_comes_first() {
    let mut state = at_desk(Lang::En, sitting::keeping(1, Stand::Cut(sitting::cut())));
    state.update(Event::Key(Key::Enter));
    let effects = filled(&mut state, &["花子", "1980-02-17"]);
    assert!(matches!(orders(&effects)[..], [poll::Order::Envelope(_)]), "{effects:?}");
    let mut state = at_desk(Lang::En, sitting::keeping(1, Stand::Unknown(sitting::cut())));
    press(&mut state, "f");
    assert!(state.popup.is_none());
    assert!(matches!(orders(&press(&mut state, "h"))[..], [poll::Order::HandIn]));
}

/// Reads what is asked to its end and types the word.
fn confirmed(state: &mut State, word: &str) -> Vec<Effect> {
    seen(state, (80, 24));
    press(state, word);
    state.update(Event::Key(Key::Enter))
}

#[test]
fn a_day_is_closed_with_what_was_counted_and_who_signs() {
    picture("poll-day", |lang| at_desk(lang, sitting::desk(1, sitting::day())));
    let closing = |lang| {
        let mut state = at_desk(lang, sitting::desk(1, sitting::day()));
        state.update(Event::Key(Key::Enter));
        state
    };
    picture("poll-close", closing);
    let mut state = closing(Lang::En);
    let effects = filled(&mut state, &["11", "", "x", "", "/m.age", "kanri", "/w.age", "tachi", "", ""]);
    assert!(effects.is_empty() && seen(&state, (80, 24)).contains("A number is needed"), "{effects:?}");
    state.update(Event::Key(Key::Ctrl('u')));
    press(&mut state, "9");
    assert!(state.update(Event::Key(Key::Ctrl('s'))).is_empty(), "it is read before it is signed");
    let text = seen(&state, (80, 24));
    assert!(text.contains("1: 11 in the box, 0 taken home") && text.contains("/m.age") && !text.contains("kanri"), "{text}");
    assert!(state.update(Event::Key(Key::Enter)).is_empty(), "the word is not typed");
    press(&mut state, "2026-11-26");
    let effects = state.update(Event::Key(Key::Enter));
    let given = orders(&effects);
    let [poll::Order::Sign(Act::Close { session: 0, counted, .. }, officers)] = &given[..] else { panic!("{effects:?}") };
    assert_eq!(counted.iter().map(|(contest, counted)| (*contest, *counted)).collect::<Vec<_>>(), [(0, [11, 0]), (1, [9, 0])]);
    assert!(officers.len() == 2 && !format!("{effects:?}").contains("kanri"));
}

#[test]
fn who_holds_papers_of_this_place_can_have_them_undone_and_an_envelope_is_set_aside_for_a_reason() {
    let mut elector = sitting::elector("a", "b", vec![Bar::HoldsPaper { leaf: LeafIndex(88) }]);
    let hands = |elector| at_desk(Lang::En, sitting::desk(1, sitting::here(elector, 3)));
    press(&mut hands(elector.clone()), "x");
    elector.paper = Some(sitting::paper());
    let mut state = hands(elector);
    press(&mut state, "x");
    state.update(Event::Key(Key::Right));
    let text = seen(&state, (80, 24));
    assert!(text.contains("0000001675") && text.contains("a (ヤブ"), "the window says whom it is about: {text}");
    assert!(filled(&mut state, &["", "/m.age", "kanri", "/w.age", "tachi"]).is_empty());
    let effects = confirmed(&mut state, "0000001675");
    assert!(
        matches!(&orders(&effects)[..], [poll::Order::Sign(Act::Undo { turn: 1, reason: UndoReason::Declined }, officers)] if officers.len() == 2),
        "{effects:?}"
    );
    let mut state = at_desk(Lang::En, sitting::keeping(1, Stand::Nobody));
    press(&mut state, "a");
    assert!(filled(&mut state, &["", "花子 moved away", "/m.age", "kanri", "/w.age", "tachi"]).is_empty());
    let effects = confirmed(&mut state, "K7Q2M-2");
    assert!(!format!("{effects:?}").contains("花子"));
    assert!(matches!(&orders(&effects)[..], [poll::Order::Sign(Act::Aside { envelope, .. }, _)] if envelope == "K7Q2M-2"), "{effects:?}");
}

#[test]
fn a_seat_that_is_left_is_let_go_of_and_brings_nothing_more() {
    let mut state = at_desk(Lang::En, sitting::desk(1, sitting::here(sitting::hanako(), 3)));
    state.update(Event::Key(Key::Esc));
    let effects = state.update(Event::Key(Key::Char('y')));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Rise(Seat::Poll))), "{effects:?}");
    brought(&mut state, Brought::Seat(1, News::Poll(sitting::desk(2, sitting::here(sitting::hanako(), 3)))));
    assert!(state.desk.poll.is_none());
    press(&mut state, "8");
    brought(&mut state, Brought::Seat(1, News::Poll(sitting::desk(2, sitting::here(sitting::hanako(), 3)))));
    assert!(state.desk.poll.is_none(), "the seat before is none of this one");
}

#[test]
fn a_desk_is_open_to_officials_of_polling_places_also_before_there_is_a_link() {
    let mut state = connected(Lang::En, samples::headquarters());
    press(&mut state, "8");
    assert!(state.notice.as_ref().is_some_and(|(said, _)| said.contains("headquarters")), "{:?}", state.notice);
    let mut state = opened(Lang::En);
    press(&mut state, "c");
    assert!(seen(&state, (80, 24)).contains("Desk's key"));
}

/// A trustee at the own medium, which stands like this.
fn at_medium(lang: Lang, seen: Box<trustee::Seen>) -> State {
    let mut state = opened(lang);
    press(&mut state, "t");
    filled(&mut state, &["/media/mine", "/media/stick", "yon-nin-no-tachiai-nin"]);
    brought(&mut state, Brought::Seat(1, News::Trustee(seen)));
    brought(&mut state, Brought::Done(1, Ok(Box::new(Done::seen()))));
    state
}

fn trustee_orders(effects: &[Effect]) -> Vec<trustee::Order> {
    let of = |effect: &Effect| match effect {
        Effect::Do(_, deed) => match &**deed {
            Deed::Seat(Order::Trustee(order)) => Some(order.clone()),
            _ => None,
        },
        _ => None,
    };
    effects.iter().filter_map(of).collect()
}

#[test]
fn a_trustee_sees_which_step_is_at_hand_and_what_is_on_the_stick() {
    picture("trustee-open", |lang| {
        let mut state = opened(lang);
        press(&mut state, "t");
        filled(&mut state, &["/media/mine", "", ""]);
        state
    });
    picture("trustee-new", |lang| {
        let mut state = opened(lang);
        press(&mut state, "t");
        state.update(Event::Key(Key::Ctrl('n')));
        filled(&mut state, &["/media/mine", "", "立会　一郎", "secret one", "secret"]);
        state
    });
    picture("trustee-alone", |lang| at_medium(lang, sitting::trustee()));
    picture("trustee-deal", |lang| at_medium(lang, sitting::with_stick(Step::Ceremony(Next::Deal))));
    picture("trustee-sign", |lang| at_medium(lang, sitting::with_stick(Step::Sign)));
    picture("trustee-compare", |lang| {
        let mut state = at_medium(lang, sitting::with_stick(Step::Ceremony(Next::Confirm)));
        state.update(Event::Key(Key::Enter));
        state
    });
}

#[test]
fn a_passphrase_is_neither_seen_nor_kept_and_a_wrong_repetition_makes_no_keys() {
    let mut state = opened(Lang::En);
    press(&mut state, "t");
    press(&mut state, "/media/mine");
    let effects = filled(&mut state, &["", "", "yon-nin-no"]);
    assert!(matches!(&trustee_orders(&effects)[..], [trustee::Order::Open { stick: None, .. }]) && !format!("{effects:?}").contains("yon"), "{effects:?}");
    assert!(!seen(&state, (80, 24)).contains("yon"));
    let mut state = opened(Lang::En);
    press(&mut state, "t");
    state.update(Event::Key(Key::Ctrl('n')));
    let effects = filled(&mut state, &["/media/mine", "", "Ichiro", "one two three four five", "another"]);
    assert!(effects.is_empty() && seen(&state, (80, 24)).contains("The two passphrases differ"), "{effects:?}");
}

#[test]
fn nothing_is_confirmed_before_the_keys_were_compared_and_nothing_is_signed_without_the_notice() {
    let mut state = at_medium(Lang::En, sitting::with_stick(Step::Ceremony(Next::Confirm)));
    state.update(Event::Key(Key::Enter));
    assert!(seen(&state, (80, 24)).contains("aaaa bbbb cccc dddd"));
    assert!(state.update(Event::Key(Key::Enter)).is_empty(), "the word is not typed");
    press(&mut state, "compared");
    let effects = state.update(Event::Key(Key::Enter));
    assert!(matches!(&trustee_orders(&effects)[..], [trustee::Order::Step(Next::Confirm)]), "{effects:?}");
    let mut state = at_medium(Lang::En, sitting::with_stick(Step::Sign));
    state.update(Event::Key(Key::Enter));
    assert!(filled(&mut state, &["no fingerprint"]).is_empty() && seen(&state, (80, 24)).contains("This is no fingerprint"));
}

#[test]
fn a_trustee_is_not_sent_away_because_there_is_no_profile() {
    let mut state = at_medium(Lang::En, sitting::with_stick(Step::Ceremony(Next::Commit)));
    brought(&mut state, Brought::Link(1, Link::Lost(Failure::new(Exit::Usage, "なし", "no profile"), None)));
    assert!(seen(&state, (80, 24)).contains("k3v7 q2xm b2c4 d6e8"));
    let effects = state.update(Event::Key(Key::Enter));
    assert!(matches!(&trustee_orders(&effects)[..], [trustee::Order::Step(Next::Commit)]), "{effects:?}");
    brought(&mut state, Brought::Done(2, Ok(Box::new(Done::seen()))));
    let effects = press(&mut state, "r");
    assert!(matches!(&trustee_orders(&effects)[..], [trustee::Order::Look(path)] if path.as_os_str() == "/media/stick"), "{effects:?}");
    state.update(Event::Key(Key::Esc));
    assert!(state.desk.trustee.is_some(), "the stick is being looked at");
    brought(&mut state, Brought::Done(3, Ok(Box::new(Done::seen()))));
    let effects = state.update(Event::Key(Key::Esc));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Rise(Seat::Trustee))) && state.desk.trustee.is_none(), "{effects:?}");
}

#[test]
fn the_desk_knows_while_officers_fill_in_a_window() {
    let windows = |effects: &[Effect]| -> Vec<Window> {
        effects.iter().filter_map(|effect| if let Effect::Window(window) = effect { Some(*window) } else { None }).collect()
    };
    let mut state = at_desk(Lang::En, sitting::desk(1, Stand::Nobody));
    assert_eq!(windows(&press(&mut state, "f")), [Window::Open]);
    assert!(windows(&press(&mut state, "Nishi")).is_empty());
    assert_eq!(windows(&state.update(Event::Key(Key::Esc))), [Window::Shut]);
    // Help is nobody's work.
    assert!(windows(&press(&mut state, "?")).is_empty());
}

#[test]
fn a_trustee_is_asked_before_leaving_with_what_is_not_carried_and_begins_with_the_same_folders_again() {
    let written = || {
        let mut seen = sitting::with_stick(Step::Ceremony(Next::WaitForCommits));
        seen.written = Some((What::Commit, "/media/stick/files/1-commit.json".to_owned()));
        seen
    };
    picture("trustee-leave", |lang| {
        let mut state = at_medium(lang, written());
        state.update(Event::Key(Key::Esc));
        state
    });
    let mut state = at_medium(Lang::En, written());
    state.update(Event::Key(Key::Esc));
    state.update(Event::Key(Key::Esc));
    assert_eq!(state.screen().map(|screen| screen.place()), Some(Place::Trustee), "whoever stays stays");
    // The stick was carried, and nothing is left to be asked.
    brought(&mut state, Brought::Seat(1, News::Trustee(sitting::with_stick(Step::Ceremony(Next::Deal)))));
    state.update(Event::Key(Key::Esc));
    assert_ne!(state.screen().map(|screen| screen.place()), Some(Place::Trustee));
    press(&mut state, "9");
    assert!(seen(&state, (80, 24)).contains("/media/mine"), "{}", seen(&state, (80, 24)));
}

#[test]
fn that_something_is_not_answered_yet_is_said_no_longer_than_it_is_so() {
    let mut state = at_medium(Lang::En, sitting::with_stick(Step::Ceremony(Next::Deal)));
    press(&mut state, "r");
    press(&mut state, "r");
    assert!(seen(&state, (80, 24)).contains("not answered yet"));
    let number = *state.desk.doing.keys().next().unwrap();
    brought(&mut state, Brought::Done(number, Ok(Box::new(Done::seen()))));
    assert!(!seen(&state, (80, 24)).contains("not answered yet"));
}
