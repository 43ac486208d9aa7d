//! The commission's work on an election: what is filled in and looked at, what is asked for before it is done, and what is said.

use tachiai_crypto::hash::Hash32;
use tachiai_schemas::counting::{DroppedLot, LotView, LotWish, LotsView, OutNotice, PaperCountView, PaperLine};
use tachiai_schemas::declaration::{DeclarationList, DeclarationListed, DeclarationUse, DeclarationsOnDay, DeclaredBy, EarlyReason};
use tachiai_schemas::election::{Body, CloseReason, Closed, Contest, Manifest, Text};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::paper::{Lot, OutReason, PaperCount};
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::roll::case::{Complaint, Decision, DecisionView, Judged, Objection, ObjectionView, RollFound, RollOverview, RollPreview, Ruling, Struck};
use tachiai_schemas::roll::difference::{DistrictCounts, Field, FieldDifference, PersonDifference};
use tachiai_schemas::roll::{Elector, Listed, RollDifference, Standing};
use tachiai_schemas::spec::ElectionSpec;
use tachiai_schemas::staff::{Act, Role, RollReport, RowProblem};
use tachiai_schemas::{Bytes, Lang, LeafIndex};

use super::samples;
use super::*;
use crate::console::action::Place;
use crate::console::work::deed::elections as deeds;
use crate::console::work::question::elections::{self as asked, Counting, KeyFile, RollFile};
use crate::console::work::{Deed, Done};
use crate::voter::Leaf;

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

fn leaf(index: u64) -> Leaf {
    let reason = CloseReason::Early;
    let body = if index.is_multiple_of(3) { Body::PollClosed(Closed { reason }) } else { Body::OnlineClosed(Closed { reason }) };
    Leaf { index: LeafIndex(index), entry: Entry { at: now().plus(-60), body }, hash: Hash32::sha256(&index.to_be_bytes()) }
}

fn counting(state: &str) -> Counting {
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
    let view = LotView { contest: 0, id: "mayor".to_owned(), lot, number: 91, entered_by: "西村".to_owned(), signed: vec![0], drop_asked: None, recorded: None };
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

fn judged(number: &str, name: &str, kana: &str) -> Judged {
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

/// What an appliance may answer.
pub(super) fn answer(question: &asked::Question) -> asked::Answer {
    match question {
        asked::Question::RollFile(_, path) => asked::Answer::RollFile(Box::new(roll_file(path))),
        asked::Question::TrusteeFile(_) => asked::Answer::TrusteeFile(Box::new(KeyFile {
            name: "秋葉　一".to_owned(),
            fingerprint: "k3v7 q2xm 7aaf 2zqe".to_owned(),
            sha256: Hash32::sha256(b"card"),
        })),
        asked::Question::SpecFile(_) => asked::Answer::SpecFile(Box::new(spec())),
        asked::Question::Board(_, from) => asked::Answer::Board((*from..(*from + 100).min(12_481)).map(leaf).collect()),
        asked::Question::Counting(_) => asked::Answer::Counting(Box::new(counting(""))),
        asked::Question::RollPeople(..) => asked::Answer::RollPeople(Box::new(RollFound {
            people: vec![judged("0000123456", "西村　花子", "ニシムラ　ハナコ"), judged("0000123999", "西村　花枝", "ニシムラ　ハナエ")],
            more: 0,
            districts: spec().districts,
        })),
        asked::Question::Declarations(_, after) => asked::Answer::Declarations(Box::new(declarations(*after))),
    }
}

/// What an appliance may say of declarations: of more than an answer holds, the next page.
fn declarations(after: Option<u64>) -> DeclarationList {
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
fn what_another_official_enters_of_the_papers_is_asked_for_by_itself() {
    let question = Question::Elections(asked::Question::Counting(samples::election()));
    let before = samples::commission();
    let mut after = samples::commission();
    assert!(!question.follows(&before, &after));
    after.elections[0].inside.as_mut().unwrap().papers += 1;
    assert!(question.follows(&before, &after), "it stands in no board yet");
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
fn a_trustee_is_listed_once_the_fingerprint_was_shown() {
    picture("trustee-file", |lang| file(lang, 't', "/media/stick/card.json"));
    let mut state = file(Lang::Ja, 't', "/media/stick/card.json");
    typed(&mut state, Phase::Draft, &[Key::Enter]);
    assert!(seen(&state, (80, 24)).contains("k3v7 q2xm 7aaf 2zqe"));
    let effects = typed(&mut state, Phase::Draft, &[Key::Char('y')]);
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
    assert!(matches!(deeds(&effects)[..], [deeds::Deed::DropLot(_, dropped)] if (dropped.number, dropped.reason.as_str()) == (91, "wrong name")), "{effects:?}");
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
fn the_board_is_listed_and_any_entry_is_verified() {
    let open = |lang| with_keys(lang, Phase::Open, &[Key::Char('b')]);
    picture("board", open);
    let mut state = open(Lang::En);
    let effects = typed(&mut state, Phase::Open, &[Key::Char('v')]);
    assert!(matches!(deeds(&effects)[..], [deeds::Deed::CheckEntry(_, LeafIndex(12_480))]), "{effects:?}");
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
    assert!(matches!(deeds(&effects)[..], [deeds::Deed::CheckEntry(_, LeafIndex(42))]), "{effects:?}");
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
    assert!(matches!(deeds(&effects)[..], [deeds::Deed::CheckEntry(_, LeafIndex(12_480))]), "{effects:?}");
}

#[test]
fn whoever_entered_a_count_enters_no_second_one() {
    let mut state = counted(Lang::En, "entered");
    state.desk.status.as_mut().unwrap().viewer.name = counting("entered").views[0].entered_by.clone().unwrap();
    press(&mut state, "e");
    assert!(state.popup.is_none() && state.notice.as_ref().is_some_and(|(said, _)| said.contains("another official")), "{:?}", state.notice);
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

fn practice(lang: Lang) -> State {
    let mut state = with_keys(lang, Phase::Draft, &[Key::Char('m')]);
    brought(&mut state, Brought::Answer(1, Question::Roll(samples::election()), Ok(Answer::Roll(Box::new(overview())))));
    state
}

/// How the practice of a roll may stand.
pub(super) fn overview() -> RollOverview {
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
