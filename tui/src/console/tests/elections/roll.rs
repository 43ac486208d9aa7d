//! The practice of a roll: objections, corrections, and declarations for early voting.

use tachiai_schemas::declaration::{DeclarationList, DeclarationListed, DeclarationUse, DeclarationsOnDay, DeclaredBy, EarlyReason};
use tachiai_schemas::roll::case::{Complaint, Decision, DecisionView, Judged, Objection, ObjectionView, RollOverview, Ruling, Struck};
use tachiai_schemas::roll::{Elector, Listed, Standing};

use super::*;

pub(super) fn judged(number: &str, name: &str, kana: &str) -> Judged {
    let elector = Elector {
        number: number.to_owned(),
        name: name.to_owned(),
        kana: kana.to_owned(),
        birth: "1944-05-06".to_owned(),
        sex: "2".to_owned(),
        address: "兵庫県養父市八鹿町八鹿1675番地".to_owned(),
        district: 0,
    };
    Judged { person: Listed { elector, standing: Standing::default() }, bars: Vec::new(), slot: None, struck: Struck::No }
}

fn objection(number: u32, decided: bool) -> ObjectionView {
    let objection = Objection {
        objector: "足立　次郎".to_owned(),
        about: "0000123456".to_owned(),
        complaint: Complaint::WrongData,
        grounds: "住所が転居前のままである".to_owned(),
    };
    let decision = Decision { ruling: Ruling::Upheld, reason: "転居届を確かめた".to_owned() };
    ObjectionView {
        number,
        objection,
        received: now().plus(-7_200),
        received_by: "西村".to_owned(),
        due: now().plus(3 * 86_400 - 7_200),
        decided: decided.then(|| DecisionView { decision, at: now().plus(-60), by: "田中".to_owned() }),
    }
}

/// What an appliance may say of declarations: of more than an answer holds, the next page.
pub(super) fn declarations(after: Option<u64>) -> DeclarationList {
    let listed = |number: u64| DeclarationListed {
        by: DeclaredBy { number: format!("{:010}", 123_456 + number), name: "西村　花子".to_owned(), birth: "1944-05-06".to_owned() },
        reason: EarlyReason::ALL[usize::try_from(number % 6).unwrap()],
        polling: "2027-01-31".to_owned(),
        filed: now().plus(i64::try_from(number).unwrap() * 60 - 86_400),
        handed_out: number % 3 == 1,
        used: (number % 3 == 1).then(|| DeclarationUse {
            leaf: LeafIndex(40 + number),
            at: now().plus(-60),
            place: Text { ja: "養父市役所".to_owned(), en: "Yabu City Hall".to_owned() },
        }),
    };
    let (from, next) = after.map_or((0, Some(499)), |after| (after + 1, None));
    DeclarationList { all: 512, used: 171, withdrawn: 3, listed: (from..from + 12).map(listed).collect(), counted: Vec::new(), next }
}

fn practice(lang: Lang) -> State {
    let mut state = with_keys(lang, Phase::Draft, &[Key::Char('m')]);
    brought(&mut state, Brought::Answer(1, Question::Roll(samples::election()), Ok(Answer::Roll(Box::new(overview())))));
    state
}

/// How the practice of a roll may stand.
pub(in crate::console::tests) fn overview() -> RollOverview {
    RollOverview {
        electors: 18_700,
        unqualified: 1,
        barred: vec![judged("0000300001", "若杉　緑", "ワカスギ　ミドリ")],
        declarations: 312,
        objections: vec![objection(1, true), objection(2, false)],
        changes: Vec::new(),
    }
}

#[test]
fn objections_are_received_and_decided() {
    picture("practice", practice);
    picture("practice-decide", |lang| {
        let mut state = practice(lang);
        press(&mut state, "jd");
        state
    });
    let mut state = practice(Lang::En);
    press(&mut state, "d");
    assert!(state.popup.is_none(), "the first one is decided");
    press(&mut state, "jd");
    typed(&mut state, Phase::Draft, &[vec![Key::Enter], letters("moved"), vec![Key::Enter]].concat());
    seen(&state, (80, 24));
    let effects = typed(&mut state, Phase::Draft, &[letters("2"), vec![Key::Enter]].concat());
    assert!(matches!(deeds(&effects)[..], [deeds::Deed::Decide(_, 2, decision)] if decision.ruling == Ruling::Upheld), "{effects:?}");
}

#[test]
fn people_of_the_roll_are_looked_for_and_corrected() {
    picture("practice-found", |lang| {
        let mut state = practice(lang);
        typed(&mut state, Phase::Draft, &[letters("/西村"), vec![Key::Enter]].concat());
        state
    });
    picture("practice-correct", |lang| {
        let mut state = practice(lang);
        press(&mut state, "c");
        state.update(Event::Key(Key::Ctrl('s')));
        state
    });
}

#[test]
fn declarations_are_listed_for_whoever_asks_and_not_asked_for_again_by_themselves() {
    let open = |lang| with_keys(lang, Phase::Open, &[Key::Char('d')]);
    picture("declarations", open);
    let mut state = open(Lang::En);
    press(&mut state, "j");
    assert!(seen(&state, (80, 24)).contains("a paper was handed out at Yabu City Hall"));
    let asks = |effects: &[Effect], of: Option<u64>| {
        effects.iter().any(|effect| matches!(effect, Effect::Ask(Question::Elections(asked::Question::Declarations(_, after))) if *after == of))
    };
    let effects = typed(&mut state, Phase::Open, &[Key::Char('w')]);
    assert!(asks(&effects, Some(499)), "{effects:?}");
    assert!(typed(&mut state, Phase::Open, &[Key::Char('w')]).is_empty(), "there are no more");
    // What is recorded as a look is not asked because something changed.
    let mut status = samples::commission();
    status.elections.iter_mut().for_each(|election| election.summary.size += 1);
    let effects = brought(&mut state, Brought::Link(1, Link::Status(Box::new(status))));
    assert!(!asks(&effects, Some(499)) && !asks(&effects, None), "{effects:?}");
    let mut draft = with_keys(Lang::En, Phase::Draft, &[Key::Char('d')]);
    assert_eq!(draft.screen().map(|screen| screen.place()), Some(Place::Election(samples::election())), "nothing is filed before the opening");
    assert!(press(&mut draft, "d").is_empty());
}

#[test]
fn an_auditor_sees_how_many_declarations_were_filed_on_which_day_for_which_reason_and_of_nobody_more() {
    let mut state = with_keys(Lang::En, Phase::Open, &[Key::Char('d')]);
    let counted = vec![DeclarationsOnDay { day: "2027-01-24".to_owned(), reason: EarlyReason::Weather, filed: 512 }];
    let list = DeclarationList { listed: Vec::new(), counted, next: None, ..declarations(None) };
    let answer = Answer::Elections(asked::Answer::Declarations(Box::new(list)));
    brought(&mut state, Brought::Answer(1, Question::Elections(asked::Question::Declarations(samples::election(), None)), Ok(answer)));
    let text = seen(&state, (80, 24));
    assert!(text.contains("2027-01-24") && text.contains("512") && text.contains("bad weather") && !text.contains("西村　花子"), "{text}");
}

#[test]
fn the_row_of_somebody_who_is_added_is_read_away_from_the_keys_and_shown_before_it_is_sent() {
    let mut state = connected(Lang::En, samples::commission());
    let place = Place::RollPractice(samples::election());
    state.screens.push(crate::console::screens::at(place));
    press(&mut state, "c");
    // What: somebody is added.
    state.update(Event::Key(Key::Left));
    for text in ["", "", "/mnt/row.csv", "", "moved here"] {
        state.update(Event::Paste(text.to_owned()));
        state.update(Event::Key(Key::Tab));
    }
    let effects = state.update(Event::Key(Key::Ctrl('s')));
    let [Effect::Ask(question @ Question::Elections(asked::Question::RollRow(_)))] = &effects[..] else { panic!("{effects:?}\n{}", seen(&state, (80, 24))) };
    assert!(matches!(state.popup, Some(Popup::Ask(_))) && seen(&state, (80, 24)).contains("Reading"), "{}", seen(&state, (80, 24)));
    brought(&mut state, Brought::Answer(1, question.clone(), Err(Failure::refused("ありません", "there is no file there"))));
    assert!(seen(&state, (80, 40)).contains("there is no file there"), "{}", seen(&state, (80, 40)));
    let effects = state.update(Event::Key(Key::Ctrl('s')));
    let [Effect::Ask(question)] = &effects[..] else { panic!("{effects:?}") };
    let Question::Elections(of) = question else { panic!("{question:?}") };
    brought(&mut state, Brought::Answer(1, question.clone(), Ok(Answer::Elections(answer(of)))));
    let text = seen(&state, (80, 40));
    assert!(matches!(state.popup, Some(Popup::Confirm(_))) && text.contains("0000200001,新井　一"), "{text}");
    // Another look at the file is taken where it is asked for again.
    state.update(Event::Key(Key::Esc));
    let effects = state.update(Event::Key(Key::Ctrl('s')));
    assert!(matches!(&effects[..], [Effect::Ask(again)] if again == question), "{effects:?}");
}
