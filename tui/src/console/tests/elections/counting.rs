//! Papers that two officials count apart, lots, and candidates who are out.

use tachiai_schemas::counting::{DroppedLot, LotView, LotWish, LotsView, OutNotice, PaperCountView, PaperLine};
use tachiai_schemas::paper::{Lot, OutReason, PaperCount};

use super::*;
use crate::console::work::question::elections::Counting;

pub(super) fn counting(state: &str) -> Counting {
    let count = PaperCount { opened: Hash32::sha256(b"opened").into(), contest: 0, thousandths: vec![57_333, 62_667, 0], valid: 120, blank: 3, invalid: 2 };
    let view = PaperCountView {
        contest: 0,
        id: "mayor".to_owned(),
        in_boxes: 125,
        rounds: u32::from(state == "differ"),
        entered_by: (state == "entered").then(|| "西村".to_owned()),
        differing: if state == "differ" { vec![PaperLine::Option(1), PaperLine::Blank] } else { Vec::new() },
        agreed: (state == "agreed").then_some(count),
        signed: if state == "agreed" { vec![0] } else { Vec::new() },
        recorded: None,
    };
    let outs = vec![OutNotice { contest: 0, option: 2, reason: OutReason::Died, leaf: LeafIndex(31) }];
    Counting { views: vec![view], manifest: manifest(), outs, lots: lots(state) }
}

/// A lot that the manager signed, one that was dropped, or none.
fn lots(state: &str) -> LotsView {
    let lot = Lot { opened: Hash32::sha256(b"opened").into(), contest: 0, tied: vec![0, 1], chosen: vec![1] };
    let wish = |by: &str, reason: &str| LotWish { by: by.to_owned(), reason: reason.to_owned() };
    let wishes = [wish("田中", "当選人を読み違えて入力した"), wish("西村", "田中さんの申出のとおり")];
    let dropped = DroppedLot { lot: lot.clone(), number: 96, wishes: wishes.clone() };
    let view =
        LotView { contest: 0, id: "mayor".to_owned(), lot, number: 91, entered_by: "西村".to_owned(), signed: vec![0], drop_asked: None, recorded: None };
    let only = |view| LotsView { lots: vec![view], dropped: Vec::new() };
    match state {
        "lot" => only(view),
        "lot-dropped" => only(LotView { drop_asked: Some(wishes[0].clone()), ..view }),
        "lot-recorded" => only(LotView { signed: vec![0, 1, 2], recorded: Some(LeafIndex(12_500)), ..view }),
        "lot-gone" => LotsView { lots: Vec::new(), dropped: vec![dropped] },
        "lot-again" => LotsView { lots: vec![LotView { number: 98, ..view }], dropped: vec![dropped] },
        _ => LotsView::default(),
    }
}

#[test]
fn what_another_official_enters_of_the_papers_is_asked_for_by_itself() {
    let question = Question::Elections(asked::Question::Counting(samples::election()));
    let before = samples::commission();
    let mut after = samples::commission();
    assert!(!question.follows(&before, &after));
    after.elections[0].inside.as_mut().unwrap().papers += 1;
    assert!(question.follows(&before, &after), "it stands in no board yet");
}

fn counted(lang: Lang, of: &str) -> State {
    counted_at(lang, Phase::Tallied, of)
}

fn counted_at(lang: Lang, phase: Phase, of: &str) -> State {
    let mut state = with_keys(lang, phase, &[Key::Char('p')]);
    let question = Question::Elections(asked::Question::Counting(samples::election()));
    brought(&mut state, Brought::Answer(1, question, Ok(Answer::Elections(asked::Answer::Counting(Box::new(counting(of)))))));
    state
}

#[test]
fn the_papers_of_each_contest_say_how_far_they_are_counted_and_what_comes_next() {
    picture("counting", |lang| counted(lang, ""));
    picture("counting-entered", |lang| counted(lang, "entered"));
    picture("counting-differ", |lang| counted(lang, "differ"));
    picture("counting-agreed", |lang| counted(lang, "agreed"));
}

#[test]
fn figures_are_checked_beside_their_lines_and_read_back_before_they_are_entered() {
    let open = |lang| {
        let mut state = counted(lang, "");
        press(&mut state, "e");
        state
    };
    picture("counting-enter", |lang| {
        let mut state = open(lang);
        press(&mut state, "57.3333");
        state.update(Event::Key(Key::Ctrl('s')));
        state
    });
    let mut state = open(Lang::En);
    // The third candidate is out, and has no line.
    for figure in ["57.333", "62.667", "120", "3", "2"] {
        typed(&mut state, Phase::Tallied, &[letters(figure), vec![Key::Enter]].concat());
    }
    let text = seen(&state, (80, 24));
    assert!(text.contains("Enter these figures?") && text.contains("57.333"), "{text}");
    let effects = typed(&mut state, Phase::Tallied, &[Key::Char('y')]);
    let [deeds::Deed::EnterPapers(_, figures)] = deeds(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!((figures.thousandths.as_slice(), figures.valid, figures.blank, figures.invalid), (&[57_333, 62_667, 0][..], 120, 3, 2));
}

#[test]
fn lines_whose_names_begin_alike_are_numbered_and_the_one_at_hand_is_read_to_its_end() {
    picture("counting-alike", |lang| {
        let mut state = with_keys(lang, Phase::Tallied, &[Key::Char('p')]);
        let mut counting = counting("");
        let names = [
            ("現在地での建て替えに賛成", "For rebuilding the town hall where it stands"),
            ("現在地での建て替えに反対", "Against rebuilding the town hall where it stands"),
        ];
        for (option, (ja, en)) in counting.manifest.contests[0].options.iter_mut().zip(names) {
            option.name = samples::text(ja, en);
        }
        let question = Question::Elections(asked::Question::Counting(samples::election()));
        brought(&mut state, Brought::Answer(1, question, Ok(Answer::Elections(asked::Answer::Counting(Box::new(counting))))));
        typed(&mut state, Phase::Tallied, &[Key::Char('e'), Key::Down]);
        state
    });
}

#[test]
fn an_officer_signs_what_was_shown_with_a_passphrase_that_nobody_sees() {
    let open = |lang| {
        let mut state = counted(lang, "agreed");
        press(&mut state, "s");
        state.update(Event::Paste("/media/stick/manager.key".to_owned()));
        typed(&mut state, Phase::Tallied, &[vec![Key::Enter], letters("three officers")].concat());
        state
    };
    picture("counting-sign", open);
    let mut state = open(Lang::En);
    assert!(!seen(&state, (80, 24)).contains("three officers"));
    typed(&mut state, Phase::Tallied, &[Key::Enter]);
    seen(&state, (80, 24));
    let effects = typed(&mut state, Phase::Tallied, &[Key::Char('y')]);
    assert!(matches!(deeds(&effects)[..], [deeds::Deed::SignPapers(_, count, _)] if count.valid == 120), "{effects:?}");
    assert!(!format!("{effects:?}").contains("three officers"));
}

#[test]
fn a_lot_gives_as_many_seats_as_are_tied_for() {
    let open = |lang| {
        let mut state = counted(lang, "");
        press(&mut state, "o");
        state
    };
    picture("counting-lot", open);
    let mut state = open(Lang::En);
    state.update(Event::Key(Key::Ctrl('s')));
    assert!(seen(&state, (80, 24)).contains("Choose whether"), "nobody is chosen before somebody chooses");
    typed(&mut state, Phase::Tallied, &[Key::Right, Key::Down, Key::Right]);
    state.update(Event::Key(Key::Ctrl('s')));
    assert!(seen(&state, (80, 24)).contains("Choose 1 who get a seat"));
    typed(&mut state, Phase::Tallied, &[Key::Down, Key::Right, Key::Enter]);
    state.update(Event::Paste("/media/stick/manager.key".to_owned()));
    typed(&mut state, Phase::Tallied, &[vec![Key::Enter], letters("x"), vec![Key::Enter]].concat());
    seen(&state, (80, 24));
    let effects = typed(&mut state, Phase::Tallied, &[Key::Char('y')]);
    assert!(matches!(deeds(&effects)[..], [deeds::Deed::Lot(_, drawn, _)] if (&drawn.tied[..], &drawn.chosen[..]) == (&[0, 1], &[1])), "{effects:?}");
}

#[test]
fn a_lot_that_others_signed_is_shown_with_who_signed_and_who_has_not_and_the_next_signs_that_one() {
    for state in ["lot", "lot-dropped", "lot-recorded", "lot-gone"] {
        picture(&format!("counting-drawn-{state}"), |lang| counted(lang, state));
    }
    let open = |lang| {
        let mut state = counted(lang, "lot");
        press(&mut state, "o");
        state
    };
    picture("counting-lot-sign", open);
    let mut state = open(Lang::En);
    state.update(Event::Paste("/media/stick/witness.key".to_owned()));
    typed(&mut state, Phase::Tallied, &[vec![Key::Enter], letters("x"), vec![Key::Enter]].concat());
    seen(&state, (80, 24));
    let effects = typed(&mut state, Phase::Tallied, &[Key::Char('y')]);
    assert!(matches!(deeds(&effects)[..], [deeds::Deed::Lot(_, drawn, _)] if (&drawn.tied[..], &drawn.chosen[..]) == (&[0, 1], &[1])), "{effects:?}");
}

#[test]
fn a_lot_is_dropped_with_a_reason() {
    let mut state = counted(Lang::En, "lot");
    typed(&mut state, Phase::Tallied, &[Key::Char('d'), Key::Enter]);
    assert!(seen(&state, (80, 24)).contains("Drop the lot"));
    typed(&mut state, Phase::Tallied, &[letters("wrong name"), vec![Key::Enter]].concat());
    seen(&state, (80, 24));
    let effects = typed(&mut state, Phase::Tallied, &[Key::Char('y')]);
    assert!(
        matches!(deeds(&effects)[..], [deeds::Deed::DropLot(_, dropped)] if (dropped.number, dropped.reason.as_str()) == (91, "wrong name")),
        "{effects:?}"
    );
}

#[test]
fn the_second_official_reads_why_the_first_one_drops_a_lot_before_dropping_it_too() {
    picture("counting-lot-drop", |lang| {
        let mut state = counted(lang, "lot-dropped");
        press(&mut state, "d");
        state
    });
    let mut state = counted(Lang::Ja, "lot-dropped");
    press(&mut state, "d");
    assert!(seen(&state, (80, 24)).contains("田中（理由: 当選人を読み違えて入力した）"));
}

#[test]
fn a_window_signs_and_drops_the_lot_that_it_shows_and_not_one_that_came_after_it() {
    let sign = [vec![Key::Enter], letters("x"), vec![Key::Enter]].concat();
    let with_window = |key: &str| {
        let mut state = counted(Lang::En, "lot");
        press(&mut state, key);
        // Two others drop it, and it is entered again, while the window is open.
        let question = Question::Elections(asked::Question::Counting(samples::election()));
        brought(&mut state, Brought::Answer(1, question, Ok(Answer::Elections(asked::Answer::Counting(Box::new(counting("lot-again")))))));
        state
    };
    let mut state = with_window("o");
    state.update(Event::Paste("/media/stick/witness.key".to_owned()));
    typed(&mut state, Phase::Tallied, &sign);
    seen(&state, (80, 24));
    let effects = typed(&mut state, Phase::Tallied, &[Key::Char('y')]);
    assert!(matches!(deeds(&effects)[..], [deeds::Deed::Lot(_, drawn, _)] if drawn.seen == 91), "{effects:?}");
    let mut state = with_window("d");
    typed(&mut state, Phase::Tallied, &[letters("wrong name"), vec![Key::Enter]].concat());
    seen(&state, (80, 24));
    let effects = typed(&mut state, Phase::Tallied, &[Key::Char('y')]);
    assert!(matches!(deeds(&effects)[..], [deeds::Deed::DropLot(_, dropped)] if dropped.number == 91), "{effects:?}");
}

#[test]
fn a_candidate_is_out_by_two_officials_and_a_typed_word() {
    picture("counting-out", |lang| {
        let mut state = counted_at(lang, Phase::Open, "");
        typed(&mut state, Phase::Open, &[Key::Down, Key::Char('x'), Key::Enter]);
        state
    });
    let mut state = counted_at(Lang::En, Phase::Open, "");
    press(&mut state, "x");
    assert!(state.popup.is_none(), "the line of a contest is no candidate");
    typed(&mut state, Phase::Open, &[Key::Down, Key::Char('x'), Key::Right, Key::Enter]);
    seen(&state, (80, 24));
    let effects = typed(&mut state, Phase::Open, &[letters("asakura"), vec![Key::Enter]].concat());
    assert!(matches!(deeds(&effects)[..], [deeds::Deed::Out(_, out)] if (out.option, out.reason) == (0, OutReason::Died)), "{effects:?}");
    let late = counted(Lang::En, "");
    let off = late.screen().unwrap().keys(&late.desk).into_iter().find(|key| key.key == Key::Char('x')).unwrap().off;
    assert_eq!(off.unwrap(), "this is recorded before the poll closes");
}

#[test]
fn whoever_entered_a_count_enters_no_second_one() {
    let mut state = counted(Lang::En, "entered");
    state.desk.status.as_mut().unwrap().viewer.name = counting("entered").views[0].entered_by.clone().unwrap();
    press(&mut state, "e");
    assert!(state.popup.is_none() && state.notice.as_ref().is_some_and(|(said, _)| said.contains("another official")), "{:?}", state.notice);
}
