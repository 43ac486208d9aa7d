//! A small election with papers, entry by entry: hand-outs, an undo, changes of the roll, day-closes, a count and a lot, and what may not come in their places.

use serde_json::{Value, json};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::election::{Body, Choice, CloseReason, Closed, Published, TallyResult};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::paper::{
    AddedSlot, Attested, CandidateOut, DayClose, Identified, Lot, Manner, OutReason, PaperCount, PaperIssue, PaperUndo, RollChangeKind, RollChangeReason,
    RollChanged,
};
use tachiai_schemas::{LeafIndex, Slot, Timestamp, canonical};
use tachiai_verify::elected::outcomes;
use tachiai_verify::testing::{Places, Play, contest};
use tachiai_verify::{Board, Rule};

use super::board::{folded, next};
use super::{Read, hex, list, number, raw, text};

type Step = fn(&mut Play, &Places);

/// The steps of the election.
const STEPS: [(&str, Step); 20] = [
    ("ceremony", |play, _| play.ceremony()),
    ("open", |play, _| play.open()),
    ("vote", |play, _| {
        play.vote(Slot(0));
        play.vote(Slot(1));
    }),
    ("hand-out", |play, places| {
        places.push_issue(play, 0, 0, Slot(0));
    }),
    ("undo", |play, places| {
        let undo = places.attest_by(places.undo(play, Slot(0)), &[0, 1]);
        play.push(Body::PaperUndone(undo));
    }),
    ("again", |play, places| {
        places.push_issue(play, 1, 0, Slot(0));
    }),
    ("add", |play, _| {
        play.push(Body::RollChanged(added(4, 0)));
    }),
    ("by name", |play, places| {
        let issue = PaperIssue { identified: Identified::Name, manner: Manner::Proxy, ..places.issue(play, 0, 0, Slot(4)) };
        play.push(Body::PaperIssued(Box::new(places.sign(issue))));
    }),
    ("strike", |play, _| {
        play.push(Body::RollChanged(changed(RollChangeKind::Struck, 3)));
    }),
    ("out", |play, _| {
        play.push(Body::CandidateOut(CandidateOut { contest: 0, option: 2, reason: OutReason::Withdrawn }));
    }),
    ("online-closed", |play, _| {
        play.push_at(play.manifest.online_closes, Body::OnlineClosed(Closed { reason: CloseReason::Scheduled }));
    }),
    ("first day-close", |play, places| {
        let close = places.attest(places.close(play, 0, 0));
        play.push(Body::DayClosed(close));
    }),
    ("second day-close", |play, places| {
        let close = places.attest(places.close(play, 1, 0));
        play.push(Body::DayClosed(close));
    }),
    ("poll-closed", |play, _| {
        play.push_at(play.manifest.poll_closes, Body::PollClosed(Closed { reason: CloseReason::Scheduled }));
    }),
    ("statement", |play, _| play.state()),
    ("shares", |play, _| {
        for trustee in play.indices() {
            let file = play.share_file(trustee);
            play.push_shares(trustee, file);
        }
    }),
    ("paper-count", |play, places| {
        let count = places.attest(counted(play));
        play.push(Body::PaperCount(count));
    }),
    ("result", |play, _| {
        let file = play.result_file();
        play.push_result(file);
    }),
    ("lot", |play, places| {
        let lot = places.attest(places.lot(play, 0, &[0, 1], &[1]));
        play.push(Body::Lot(lot));
    }),
    ("published", |play, places| {
        places.publish(play);
    }),
];

/// One paper for option 0 and a blank one: with the one ballot for option 1 two are tied.
fn counted(play: &Play) -> PaperCount {
    let opened = play.board.opened().unwrap().leaf_hash().into();
    PaperCount { opened, contest: 0, thousandths: vec![1_000, 0, 0], valid: 1, blank: 1, invalid: 0 }
}

fn changed(change: RollChangeKind, slot: u32) -> RollChanged {
    RollChanged { change, slot: Slot(slot), added: None, reason: RollChangeReason::Correction }
}

fn added(slot: u32, district: u16) -> RollChanged {
    let added = Some(AddedSlot { district, commitment: Hash32::sha256(b"who").into() });
    RollChanged { added, ..changed(RollChangeKind::Added, slot) }
}

/// The election as it stands before a step; after all of them for the empty name.
fn before(name: &str) -> (Play, Places) {
    let places = Places::default();
    let mut play = Play::with(242, (2, 2), vec![contest("mayor", 3, Choice::Exactly(1))], 1, 4, |manifest| places.add(manifest));
    let steps = STEPS.iter().position(|(step, _)| *step == name).unwrap_or(STEPS.len());
    STEPS[..steps].iter().for_each(|(_, step)| step(&mut play, &places));
    (play, places)
}

/// What the whole board says of participation, days and votes.
fn figures(board: &Board, result: &[u8]) -> Value {
    let opened = board.opened().unwrap().leaf_hash();
    let days = board.days().iter().enumerate().flat_map(|(place, days)| days.iter().enumerate().map(move |(session, day)| (place as u16, session as u16, day)));
    let days: Vec<Value> = days.map(|(place, session, day)| serde_json::to_value(day.close(opened, place, session, &Default::default())).unwrap()).collect();
    let result: TallyResult = canonical::from_bytes(result).unwrap();
    let contests: Vec<Value> = outcomes(board, &result.contests, None)
        .unwrap()
        .into_iter()
        .map(|outcome| {
            let votes: Vec<String> = outcome.options.iter().map(|placing| placing.votes.to_string()).collect();
            let elected: Vec<u16> = outcome.elected().map(|option| option.0).collect();
            let needed = outcome.thresholds.as_ref().map(|needed| needed.election.to_string());
            json!({ "votes": votes, "valid": outcome.totals.valid, "needed": needed, "elected": elected })
        })
        .collect();
    json!({
        "entitled": board.entitled(),
        "online": board.counted_ballots(),
        "paper": board.paper_electors(),
        "participation": board.participation(),
        "days": days,
        "contests": contests,
    })
}

/// Whether a lot is the one that the votes of the whole election ask for.
fn check_lot(play: &Play, tied: &[u16], chosen: &[u16], places: &Places) -> Result<(), String> {
    let mut board = folded_of(play, play.entries.len());
    let (_, entry) = play.board.result().unwrap();
    let result: TallyResult = canonical::from_bytes(&play.attachments[&entry.file.hash()]).unwrap();
    let lot = Entry { at: play.now.plus(1), body: Body::Lot(places.attest(places.lot(play, 0, tied, chosen))) };
    board.apply(LeafIndex(play.tree.len()), Hash32::ZERO, &lot);
    outcomes(&board, &result.contests, None).map(drop).map_err(|violation| violation.rule.to_string())
}

fn folded_of(play: &Play, count: usize) -> Board {
    let entries: Vec<Value> = play.entries.iter().map(|bytes| std::str::from_utf8(bytes).unwrap().into()).collect();
    folded(&entries, &play.roll.to_bytes(), count).0
}

pub fn make() -> Value {
    let (whole, _) = before("");
    let entries: Vec<Value> = whole.entries.iter().map(|bytes| std::str::from_utf8(bytes).unwrap().into()).collect();
    let roll = whole.roll.to_bytes();
    let mut cases = Vec::new();
    let mut add = |name: &str, expected: &str, play: &Play, at: Option<Timestamp>, body: Body| {
        let entry = Entry { at: at.unwrap_or_else(|| play.now.plus(1)), body };
        let json = String::from_utf8(entry.to_bytes().unwrap()).unwrap();
        let (mut board, tree) = folded(&entries, &roll, play.entries.len());
        let found = next(&mut board, &tree, &roll, json.as_bytes()).map_or_else(|rule| rule, |()| "valid".to_owned());
        assert_eq!(found, expected, "{name}");
        cases.push(json!({ "name": name, "after": play.entries.len(), "entry": json, "verdict": expected }));
    };

    let (play, places) = before("open");
    add("a change of the roll before the opening", "R806", &play, None, Body::RollChanged(changed(RollChangeKind::Struck, 0)));

    // Hand-outs.
    let (play, _) = before("hand-out");
    let honest = places.issue(&play, 0, 0, Slot(0));
    let issue = |change: &dyn Fn(&mut PaperIssue)| {
        let mut issue = honest.clone();
        change(&mut issue);
        Body::PaperIssued(Box::new(places.sign(issue)))
    };
    add("a hand-out", "valid", &play, None, issue(&|_| ()));
    add("a hand-out of one of the elector's papers to nobody's slot", "R802", &play, None, issue(&|issue| issue.slot = Slot(4)));
    add("a hand-out signed by the other place", "R801", &play, None, {
        let signature = places.sign(PaperIssue { place: 1, ..honest.clone() }).signature;
        Body::PaperIssued(Box::new(tachiai_schemas::trustee::Signed { body: honest.clone(), signature }))
    });
    add("a hand-out of another election", "R801", &play, None, issue(&|issue| issue.opened = Hash32::ZERO.into()));
    add("a hand-out at no place", "R801", &play, None, issue(&|issue| issue.place = 2));
    add("a hand-out at no session", "R801", &play, None, issue(&|issue| issue.session = 2));
    add("a hand-out before its session", "R801", &play, None, issue(&|issue| issue.session = 1));
    add("a hand-out that was recorded before it was made", "R801", &play, None, issue(&|issue| issue.issued_at = play.now.plus(2)));
    add("a hand-out of no paper", "R802", &play, None, issue(&|issue| issue.contests.clear()));
    add("a hand-out of one paper twice", "R802", &play, None, issue(&|issue| issue.contests = vec![0, 0]));
    add("a hand-out of a paper of no contest", "R802", &play, None, issue(&|issue| issue.contests = vec![0, 1]));

    // While slot 0 holds a paper.
    let (mut play, _) = before("undo");
    let ballot = Body::Ballot(tachiai_schemas::election::BallotEntry { ballot: tachiai_schemas::Blob(play.ballot(Slot(0)).0.bytes().to_vec()) });
    let registration = play.registration(Slot(0)).0;
    add("a ballot of a slot that holds a paper", "R807", &play, None, ballot);
    add("a registration of a slot that holds a paper", "R807", &play, None, Body::Registration(Box::new(registration)));
    add("a second paper, at another place", "R802", &play, None, Body::PaperIssued(Box::new(places.sign(places.issue(&play, 1, 0, Slot(0))))));
    let honest = places.undo(&play, Slot(0));
    let undo = |officers: &[u8], body: PaperUndo| Body::PaperUndone(places.attest_by(body, officers));
    add("an undo", "valid", &play, None, undo(&[0, 2], honest.clone()));
    add("an undo without a witness", "R804", &play, None, undo(&[0], honest.clone()));
    add("an undo without the manager", "R804", &play, None, undo(&[1, 2], honest.clone()));
    add("an undo with signatures in another order", "R804", &play, None, undo(&[1, 0], honest.clone()));
    add("an undo of another leaf", "R804", &play, None, undo(&[0, 1], PaperUndo { leaf: LeafIndex(0), ..honest.clone() }));
    add("an undo of another slot", "R804", &play, None, undo(&[0, 1], PaperUndo { slot: Slot(1), ..honest.clone() }));
    let (play, _) = before("again");
    add("an undo of what is undone", "R804", &play, None, undo(&[0, 1], honest));

    // The roll and the candidates.
    let (play, _) = before("add");
    add("an elector who is added", "valid", &play, None, Body::RollChanged(added(4, 0)));
    add("an elector who is added under another number", "R811", &play, None, Body::RollChanged(added(5, 0)));
    add("an elector who is added to no district", "R811", &play, None, Body::RollChanged(added(4, 1)));
    add("a slot that is struck and added", "R811", &play, None, Body::RollChanged(RollChanged { change: RollChangeKind::Struck, ..added(3, 0) }));
    add("a slot restored that was not struck", "R811", &play, None, Body::RollChanged(changed(RollChangeKind::Restored, 3)));
    let (play, _) = before("out");
    add("a slot that is struck twice", "R811", &play, None, Body::RollChanged(changed(RollChangeKind::Struck, 3)));
    add("a paper to a slot that was struck", "R802", &play, None, Body::PaperIssued(Box::new(places.sign(places.issue(&play, 0, 0, Slot(3))))));
    let out = |contest, option| Body::CandidateOut(CandidateOut { contest, option, reason: OutReason::Died });
    add("a candidate who is out", "valid", &play, None, out(0, 1));
    add("no candidate who is out", "R812", &play, None, out(0, 3));
    let (play, _) = before("online-closed");
    add("a candidate who is out twice", "R812", &play, None, out(0, 2));

    // The days.
    let (play, _) = before("first day-close");
    let honest = places.close(&play, 0, 0);
    let close = |officers: &[u8], change: &dyn Fn(&mut DayClose)| {
        let mut body = honest.clone();
        change(&mut body);
        Body::DayClosed(places.attest_by(body, officers))
    };
    add("a day-close", "valid", &play, None, close(&[0, 1, 2], &|_| ()));
    add("a day-close with a paper taken home", "valid", &play, None, close(&[0, 1, 2], &|close| (close.papers[0].taken_home, close.papers[0].in_box) = (1, 0)));
    add("a day-close with one witness", "R805", &play, None, close(&[0, 1], &|_| ()));
    add("a day-close without the manager", "R805", &play, None, close(&[1, 2], &|_| ()));
    add("a day-close with an elector too many", "R805", &play, None, close(&[0, 1, 2], &|close| close.electors += 1));
    add("a day-close with a paper too many in the box", "R805", &play, None, close(&[0, 1, 2], &|close| close.papers[0].in_box += 1));
    add("a day-close with another digest", "R805", &play, None, close(&[0, 1, 2], &|close| close.digest = Hash32::ZERO.into()));
    add("a day-close of another day", "R805", &play, None, close(&[0, 1, 2], &|close| close.session = 1));
    add("the poll closed on open days", "R806", &play, Some(play.manifest.poll_closes), Body::PollClosed(Closed { reason: CloseReason::Scheduled }));
    let again = close(&[0, 1, 2], &|_| ());
    let (play, _) = before("second day-close");
    add("a second close of a day", "R803", &play, None, again);
    let late = PaperIssue { issued_at: play.manifest.online_closes, ..places.issue(&play, 0, 0, Slot(2)) };
    add("a hand-out after the day-close", "R803", &play, None, Body::PaperIssued(Box::new(places.sign(late))));
    add("an undo after the day-close", "R803", &play, None, Body::PaperUndone(places.attest(places.undo(&play, Slot(4)))));

    // The count.
    let (play, _) = before("poll-closed");
    add("a count before the poll closed", "R105", &play, None, Body::PaperCount(places.attest(counted(&play))));
    let (play, _) = before("paper-count");
    add("a change of the roll after the poll closed", "R806", &play, None, Body::RollChanged(changed(RollChangeKind::Restored, 3)));
    let count = |officers: &[u8], change: &dyn Fn(&mut PaperCount)| {
        let mut body = counted(&play);
        change(&mut body);
        Body::PaperCount(places.attest_by(body, officers))
    };
    add("a count", "valid", &play, None, count(&[0, 1, 2], &|_| ()));
    add("a count of a shared name, cut after the third place", "valid", &play, None, count(&[0, 1, 2], &|count| count.thousandths = vec![333, 666, 0]));
    add("a count with one witness", "R808", &play, None, count(&[0, 1], &|_| ()));
    add("a count of more papers than in the boxes", "R808", &play, None, count(&[0, 1, 2], &|count| count.blank = 2));
    add("a count of fewer papers than in the boxes", "R808", &play, None, count(&[0, 1, 2], &|count| count.blank = 0));
    add("a count with more votes than papers", "R808", &play, None, count(&[0, 1, 2], &|count| count.thousandths = vec![1_000, 1, 0]));
    add("a count with votes for who is out", "R808", &play, None, count(&[0, 1, 2], &|count| count.thousandths = vec![0, 0, 1_000]));
    add("a count of no contest", "R808", &play, None, count(&[0, 1, 2], &|count| count.contest = 1));
    add("a lot before the result", "R105", &play, None, Body::Lot(places.attest(places.lot(&play, 0, &[0, 1], &[0]))));
    let again = count(&[0, 1, 2], &|_| ());
    let (play, _) = before("result");
    add("a second count", "R808", &play, None, again);
    let (play, _) = before("lot");
    let lot = |officers: &[u8], change: &dyn Fn(&mut Lot)| {
        let mut body = places.lot(&play, 0, &[0, 1], &[1]);
        change(&mut body);
        Body::Lot(places.attest_by(body, officers))
    };
    add("a lot", "valid", &play, None, lot(&[0, 1, 2], &|_| ()));
    add("a lot with one witness", "R809", &play, None, lot(&[0, 2], &|_| ()));
    add("a lot that gives nobody a seat", "R809", &play, None, lot(&[0, 1, 2], &|lot| lot.chosen.clear()));
    add("a lot that gives all a seat", "R809", &play, None, lot(&[0, 1, 2], &|lot| lot.chosen = vec![0, 1]));
    add("a lot that gives a seat to somebody else", "R809", &play, None, lot(&[0, 1, 2], &|lot| lot.chosen = vec![2]));
    let (play, _) = before("published");
    add("a second lot", "R809", &play, None, {
        let Attested { body, signatures } = places.attest(places.lot(&play, 0, &[0, 1], &[0]));
        Body::Lot(Attested { body, signatures })
    });
    // Published without the count.
    let (mut uncounted, _) = before("paper-count");
    let file = uncounted.result_file();
    let result = uncounted.push_result(file);
    assert_eq!(uncounted.check(Body::Published(Published { result })).unwrap_err().rule, Rule::R810);

    let (play, _) = before("lot");
    let mut lots = Vec::new();
    for (name, expected, tied, chosen) in [
        ("the lot", "valid", &[0, 1][..], &[1][..]),
        ("the lot with the other outcome", "valid", &[0, 1], &[0]),
        ("a lot among others", "R809", &[1, 2], &[1]),
        ("a lot among more", "R809", &[0, 1, 2], &[0]),
        ("a lot for more seats", "R809", &[0, 1, 2], &[0, 1]),
    ] {
        let found = check_lot(&play, tied, chosen, &places).map_or_else(|rule| rule, |()| "valid".to_owned());
        assert_eq!(found, expected, "{name}");
        lots.push(json!({ "name": name, "tied": tied, "chosen": chosen, "verdict": expected }));
    }
    let result = whole.result_file();
    json!({
        "about": "PROTOCOL section 16: every entry of a whole election with two places, one contest and four slots, and its attachment `result`. Each case is an entry in the place of what comes after the first `after` entries, with the rule that it breaks at that leaf. `figures` is what the whole gives: who took part, the day-close that each day's entries give, the votes and who is elected. Each of `lots` is a lot in the place of the one of the election.",
        "entries": entries,
        "roll": hex(&roll),
        "result": String::from_utf8(result.clone()).unwrap(),
        "root": hex(whole.tree.root()),
        "cases": cases,
        "figures": figures(&whole.board, &result),
        "lots": lots,
    })
}

pub fn read(file: &Value, read: &mut Read) {
    let (entries, roll) = (list(&file["entries"]), raw(&file["roll"]));
    let (board, tree) = folded(entries, &roll, entries.len());
    read.holds(hex(tree.root()) == text(&file["root"]), "root");
    for case in list(&file["cases"]) {
        let (mut board, tree) = folded(entries, &roll, number(&case["after"]) as usize);
        let found = next(&mut board, &tree, &roll, text(&case["entry"]).as_bytes());
        read.case(case, &found);
    }
    let result = text(&file["result"]).as_bytes();
    read.holds(figures(&board, result) == file["figures"], "figures");
    let totals: TallyResult = canonical::from_bytes(result).unwrap();
    // The board as it stands before its lot, with another.
    let place = entries.iter().position(|entry| matches!(Entry::from_bytes(text(entry).as_bytes()).unwrap().body, Body::Lot(_))).unwrap();
    let numbers = |value: &Value| list(value).iter().map(|value| number(value) as u16).collect::<Vec<u16>>();
    for case in list(&file["lots"]) {
        let (board, _) = folded(entries, &roll, place);
        let opened = board.opened().unwrap().leaf_hash().into();
        let lot = Lot { opened, contest: 0, tied: numbers(&case["tied"]), chosen: numbers(&case["chosen"]) };
        let found = tachiai_verify::elected::outcome_of(&board, &totals.contests[0], Some(&lot)).map(drop).map_err(|violation| violation.rule.to_string());
        read.case(case, &found);
    }
}
