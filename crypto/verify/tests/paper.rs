//! Elections in which some electors vote on paper hold, and the board knows who took part and how.
#![allow(clippy::unwrap_used, reason = "a failing test panics")]

use tachiai_schemas::election::{Body, Choice, ContestKind};
use tachiai_schemas::paper::{AddedSlot, CandidateOut, OutReason, RollChangeKind, RollChangeReason, RollChanged, Uncontested};
use tachiai_schemas::receipt::{BallotStatus, Phase};
use tachiai_schemas::{HashBytes, Slot};
use tachiai_verify::outcome::{Manner, Standing};
use tachiai_verify::rule::Rule;
use tachiai_verify::testing::{Places, Play, contest};
use tachiai_verify::verify::{Audit, Options, audit_record, verify_record};
use tachiai_verify::{Failure, Incomplete};

fn open(seed: u8) -> (Play, Places) {
    let (mut play, places) = Play::with_places(seed);
    play.ceremony();
    play.open();
    (play, places)
}

/// The rule that an entry breaks, if it breaks one.
fn broken(play: &Play, body: Body) -> Option<Rule> {
    play.check(body).err().map(|violation| violation.rule)
}

#[test]
fn a_record_with_papers_holds_whether_the_board_is_kept_or_not() {
    let play = Play::whole_with_papers(1);
    let folder = tempfile::tempdir().unwrap();
    play.write(folder.path());
    let kept = verify_record(folder.path(), &Options::default()).unwrap();
    let audited = audit_record(folder.path(), &Options::default(), &Audit::default()).unwrap();
    assert_eq!(kept.verdict, audited.verdict);
    assert_eq!(kept.board.phase(), Phase::Published);
    assert_eq!((kept.board.counted_ballots(), kept.board.paper_electors(), kept.board.participation()), (6, 2, 8));
}

#[test]
fn a_hand_out_takes_the_online_ballot_out_of_the_count_and_an_undo_does_not_bring_it_back() {
    let (mut play, places) = open(2);
    let ballot = play.vote(Slot(0));
    let hash = play.board.slot(Slot(0)).unwrap().ballot().unwrap().hash;
    assert_eq!(play.board.counted_ballots(), 1);
    let issue = places.push_issue(&mut play, 0, 0, Slot(0));
    assert_eq!((play.board.counted_ballots(), play.board.paper_electors()), (0, 1));
    assert_eq!(play.board.ballot_status(hash), Some(BallotStatus::Overridden { leaf: ballot, by: issue }));
    let undo = places.attest(places.undo(&play, Slot(0)));
    assert_eq!(broken(&play, Body::PaperUndone(undo.clone())), None);
    play.push(Body::PaperUndone(undo));
    assert_eq!((play.board.counted_ballots(), play.board.participation()), (0, 0));
    // The elector may vote online anew, which takes the place of the paper.
    play.vote(Slot(0));
    assert_eq!((play.board.counted_ballots(), play.board.participation()), (1, 1));
}

#[test]
fn who_was_added_after_the_opening_votes_on_paper_only() {
    let (mut play, places) = open(3);
    let added = RollChanged {
        change: RollChangeKind::Added,
        slot: Slot(8),
        added: Some(AddedSlot { district: 1, commitment: HashBytes::from(tachiai_crypto::hash::Hash32::sha256(b"who")) }),
        reason: RollChangeReason::Correction,
    };
    assert_eq!(broken(&play, Body::RollChanged(RollChanged { slot: Slot(9), ..added.clone() })), Some(Rule::R811));
    assert_eq!(broken(&play, Body::RollChanged(added.clone())), None);
    play.push(Body::RollChanged(added));
    assert_eq!(play.board.entitled(), 9);
    let (registration, _) = play.registration(Slot(8));
    assert_eq!(broken(&play, Body::Registration(Box::new(registration))), Some(Rule::R401));
    let issue = places.sign(places.issue(&play, 0, 0, Slot(8)));
    assert_eq!(broken(&play, Body::PaperIssued(Box::new(issue))), None);
    places.push_issue(&mut play, 0, 0, Slot(8));
    assert_eq!(play.board.participation(), 1);
}

#[test]
fn who_was_struck_gets_nothing_more_and_what_was_cast_stands() {
    let (mut play, places) = open(4);
    play.vote(Slot(2));
    let struck = RollChanged { change: RollChangeKind::Struck, slot: Slot(2), added: None, reason: RollChangeReason::Death };
    play.push(Body::RollChanged(struck.clone()));
    assert_eq!(broken(&play, Body::RollChanged(struck.clone())), Some(Rule::R811));
    assert_eq!((play.board.counted_ballots(), play.board.entitled()), (1, 7));
    let (again, _) = play.ballot(Slot(2));
    let ballot = tachiai_schemas::election::BallotEntry { ballot: tachiai_schemas::Blob(again.bytes().to_vec()) };
    assert_eq!(broken(&play, Body::Ballot(ballot)), Some(Rule::R807));
    let issue = places.sign(places.issue(&play, 0, 0, Slot(2)));
    assert_eq!(broken(&play, Body::PaperIssued(Box::new(issue))), Some(Rule::R802));
    play.push(Body::RollChanged(RollChanged { change: RollChangeKind::Restored, ..struck }));
    let issue = places.sign(places.issue(&play, 0, 0, Slot(2)));
    assert_eq!(broken(&play, Body::PaperIssued(Box::new(issue))), None);
}

#[test]
fn a_contest_with_no_more_candidates_than_seats_is_not_opened() {
    let (mut play, places) = open(5);
    play.vote_all();
    for option in 1..5 {
        let out = CandidateOut { contest: 0, option, reason: OutReason::Withdrawn };
        assert_eq!(broken(&play, Body::CandidateOut(out)), None);
        play.push(Body::CandidateOut(out));
        assert_eq!(broken(&play, Body::CandidateOut(out)), Some(Rule::R812));
    }
    places.close_all(&mut play);
    let statement = play.board.tally_statement(&play.tree).unwrap();
    assert!(statement.contests[0].units.is_empty() && !statement.contests[1].units.is_empty());
    places.count(&mut play);
    let folder = tempfile::tempdir().unwrap();
    play.write(folder.path());
    let result = verify_record(folder.path(), &Options::default()).unwrap().verdict.result.unwrap();
    assert_eq!((result[0].ballots, result[0].units), (0, 0));
    assert_eq!(result[1].ballots, 8);
}

/// What the program prints, and its exit code.
fn program(arguments: &[&str]) -> (String, i32) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_tachiai-verify")).args(arguments).env("LC_ALL", "C").output().unwrap();
    (String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap(), output.status.code().unwrap())
}

/// One seat for options 0 and 1 with equal votes: counted up to the result.
fn tied(seed: u8) -> (Play, Places) {
    let (mut play, places) = open(seed);
    play.vote(Slot(5));
    places.push_issue(&mut play, 0, 0, Slot(1));
    places.close_all(&mut play);
    for contest in [0, 1] {
        let option = if contest == 0 { 1 } else { 2 };
        let count = places.attest(places.paper_count(&play, contest, option));
        play.push(Body::PaperCount(count));
    }
    places.tally(&mut play);
    (play, places)
}

#[test]
fn a_verdict_says_who_took_part_where_and_who_is_elected() {
    let folder = tempfile::tempdir().unwrap();
    Play::whole_with_papers(6).write(folder.path());
    let record = folder.path().to_str().unwrap();
    let (said, code) = program(&[record, "--json"]);
    assert_eq!(code, 0, "{said}");
    let verdict: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(verdict["participation"], serde_json::json!({ "entitled": 8, "online": 6, "paper": 2, "total": 8 }));
    let session = &verdict["places"][0]["sessions"][0];
    assert_eq!((&session["handouts"], &session["electors"], &session["replaced"]), (&2.into(), &1.into(), &2.into()), "{session}");
    assert!(session["closed"].is_u64() && verdict["places"][1]["sessions"][1]["closed"].is_null());
    let mayor = &verdict["result"][0];
    let of = |key: &str| mayor["options"].as_array().unwrap().iter().map(|option| option[key].clone()).collect::<Vec<_>>();
    // Online by slots 1, 2, 3, 5, 6 and 7, on paper by 0 and 4.
    assert_eq!((of("total"), of("paper")), (vec![1.into(), 2.into(), 2.into(), 1.into(), 0.into()], ["2", "0", "0", "0", "0"].map(Into::into).to_vec()));
    assert_eq!((&of("votes")[0], &of("standing")[0], &of("standing")[1]), (&"3".into(), &"elected".into(), &"not-elected".into()));
    assert_eq!((&mayor["thresholds"]["election"], &mayor["papers"]["valid"], &mayor["totals"]["valid"]), (&"2".into(), &2.into(), &"8".into()));
    let (english, _) = program(&[record]);
    for part in [
        "8 electors took part (6 online + 2 on paper, nobody twice) of 8",
        "early voting, city-hall",
        "3  mayor 1 (1 online + 2 on paper): elected",
        "needed for a seat 2",
    ] {
        assert!(english.contains(part), "{part}: {english}");
    }
    let (japanese, _) = program(&[record, "--lang", "ja"]);
    for part in ["投票者 8 名（オンライン 6 名＋投票用紙 2 名", "期日前投票所 city-hall", "法定得票数 2", "… 当選"] {
        assert!(japanese.contains(part), "{part}: {japanese}");
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let page = elsewhere.path().join("report.html");
    let (said, code) = program(&[record, "--report", page.to_str().unwrap()]);
    assert_eq!(code, 0, "{said}");
    let html = std::fs::read_to_string(&page).unwrap();
    for part in [
        "R801–R807",
        "Who took part",
        "投票者数",
        "city-hall",
        "That the papers were read and counted right",
        "投票用紙の記載が正しく読まれ",
        "elected",
        "R808–R810",
    ] {
        assert!(html.contains(part), "{part}");
    }
}

#[test]
fn a_count_that_stops_at_a_tie_is_incomplete_and_names_the_tied_and_the_seats() {
    let folder = tempfile::tempdir().unwrap();
    let (mut play, places) = tied(7);
    play.write(folder.path());
    let failure = verify_record(folder.path(), &Options::default()).map(drop).unwrap_err();
    assert!(matches!(failure, Failure::Incomplete(Incomplete::Tied(_))), "{failure}");
    let said = failure.to_string();
    assert!(said.contains("contest mayor: mayor 1, mayor 2 have equal votes") && said.contains("1 seats"), "{said}");
    // As far as it goes it holds, and nobody of the tied is elected.
    let partial = Options { extent: tachiai_verify::Extent::Partial, ..Options::default() };
    let mayor = verify_record(folder.path(), &partial).unwrap().verdict.result.unwrap().remove(0);
    let tie = mayor.tie.unwrap();
    assert_eq!((tie.options, tie.seats, tie.lot), (vec!["o1".to_owned(), "o2".to_owned()], 1, None));
    assert!(mayor.options.iter().all(|option| !option.standing.is_elected()));
    let lot = places.attest(places.lot(&play, 0, &[0, 1], &[1]));
    let leaf = play.push(Body::Lot(lot));
    places.publish(&mut play);
    let folder = tempfile::tempdir().unwrap();
    play.write(folder.path());
    let mayor = verify_record(folder.path(), &Options::default()).unwrap().verdict.result.unwrap().remove(0);
    assert_eq!((mayor.options[1].standing, mayor.options[0].standing, mayor.tie.unwrap().lot), (Standing::ElectedByLot, Standing::LostLot, Some(leaf)));
    let (said, code) = program(&[folder.path().to_str().unwrap()]);
    assert!(code == 0 && said.contains("A lot gave the 1 seats that were left"), "{said}");
}

#[test]
fn a_record_with_a_wrong_paper_is_refuted_and_not_called_right() {
    let (mut play, places) = open(8);
    places.push_issue(&mut play, 0, 0, Slot(0));
    let leaf = places.push_issue(&mut play, 1, 0, Slot(0));
    let folder = tempfile::tempdir().unwrap();
    play.write(folder.path());
    let (said, code) = program(&[folder.path().to_str().unwrap(), "--partial"]);
    assert!(code == 1 && said.contains(&format!("leaf {leaf}, rule R802")) && said.contains("this does not hold."), "{said}");
    assert!(!said.contains("the record holds"), "{said}");
}

#[test]
fn contests_without_a_poll_are_said_with_who_is_elected() {
    let places = Places::default();
    let contests = vec![contest("council", 3, Choice::UpTo(2))];
    let mut play = Play::with(9, (3, 2), contests, 2, 8, |manifest| {
        places.add(manifest);
        let options = contest("mayor", 1, Choice::Exactly(1)).options;
        let title = manifest.title.clone();
        manifest.uncontested = vec![Uncontested { id: "mayor".to_owned(), title, kind: ContestKind::Mayor, seats: 1, options }];
    });
    play.ceremony();
    play.open();
    play.vote_all();
    for option in 1..3 {
        play.push(Body::CandidateOut(CandidateOut { contest: 0, option, reason: OutReason::Died }));
    }
    places.close_all(&mut play);
    places.count(&mut play);
    let folder = tempfile::tempdir().unwrap();
    play.write(folder.path());
    let verdict = verify_record(folder.path(), &Options::default()).unwrap().verdict;
    assert_eq!((verdict.uncontested[0].id.as_str(), verdict.uncontested[0].elected.len(), verdict.candidates_out.len()), ("mayor", 1, 2));
    let council = &verdict.result.as_ref().unwrap()[0];
    assert_eq!((council.manner, council.options[0].standing, council.options.len()), (Manner::Uncontested, Standing::Elected, 3));
    let (said, _) = program(&[folder.path().to_str().unwrap()]);
    assert!(said.contains("council (without a poll)") && said.contains("elected without a poll:  mayor 1") && said.contains("out: council 2 (died"), "{said}");
}

#[test]
fn an_election_without_anybody_to_sign_a_lot_is_published_with_its_tie_open() {
    let folder = tempfile::tempdir().unwrap();
    // Of the eight votes of this one three options have two each.
    Play::whole(1).write(folder.path());
    let mayor = verify_record(folder.path(), &Options::default()).unwrap().verdict.result.unwrap().remove(0);
    assert_eq!(mayor.tie.map(|tie| (tie.options.len(), tie.seats)), Some((3, 1)));
}
