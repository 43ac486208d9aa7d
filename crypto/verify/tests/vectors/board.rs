//! A whole small election, entry by entry, and what may not come next at each of its leaves.

use serde_json::{Value, json};
use tachiai_crypto::ceremony::TrusteeIndex;
use tachiai_crypto::election::ballot::cast;
use tachiai_crypto::election::challenge::sign_challenge;
use tachiai_crypto::election::tally::counted_digest;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{Tree, leaf_hash};
use tachiai_crypto::signature::SecretKey;
use tachiai_schemas::election::{
    BallotEntry, Body, Challenged, Choice, CloseReason, Closed, ContestResult, Published, Registration, ResultEntry, SignedTallyStatement, TallyResult,
    TreeHead,
};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::trustee::{Commit, Complaint, ComplaintReason, Confirm, Deal, SharesFile, TallySignature};
use tachiai_schemas::{Blob, Bytes, Counter, LeafIndex, Slot, Timestamp, canonical};
use tachiai_verify::obligation::discharge;
use tachiai_verify::tally::{Count, Shares, Sums};
use tachiai_verify::testing::{Play, Voter, contest};
use tachiai_verify::{Board, Lookup, Violation};

use super::{Read, hex, list, number, raw, text};

fn index(trustee: u8) -> TrusteeIndex {
    TrusteeIndex::new(trustee).unwrap()
}

/// The steps of the election, an entry each but for the confirmations and the end.
const STEPS: [fn(&mut Play); 22] = [
    |play| commit(play, 1),
    |play| commit(play, 2),
    |play| deal(play, 1),
    |play| deal(play, 2),
    Play::confirm_all,
    Play::open,
    |play| {
        play.register(Slot(0));
    },
    |play| {
        play.vote(Slot(0));
    },
    |play| {
        play.register(Slot(1));
    },
    |play| {
        play.vote(Slot(1));
    },
    |play| {
        play.vote(Slot(1));
    },
    |play| {
        play.register(Slot(0));
    },
    |play| {
        let challenged = play.challenged(Slot(1));
        play.push(Body::Challenged(challenged));
    },
    |play| {
        play.vote(Slot(1));
    },
    |play| {
        play.vote(Slot(2));
    },
    |play| {
        play.push_at(play.manifest.online_closes, Body::OnlineClosed(Closed { reason: CloseReason::Scheduled }));
    },
    |play| {
        play.push_at(play.manifest.poll_closes, Body::PollClosed(Closed { reason: CloseReason::Scheduled }));
    },
    Play::state,
    |play| shares(play, 1),
    |play| shares(play, 2),
    |play| {
        let file = play.result_file();
        play.push_result(file);
    },
    |play| {
        let result = play.board.result().unwrap().0;
        play.push(Body::Published(Published { result }));
    },
];

// Places in STEPS: what stands before the step of that name.
const COMMIT: usize = 0;
const DEAL: usize = 2;
const CONFIRM: usize = 4;
const OPEN: usize = 5;
const REGISTER: usize = 6;
const VOTE: usize = 7;
const REGISTER_AGAIN: usize = 11;
const CHALLENGE: usize = 12;
const CLOSE: usize = 15;
const STATE: usize = 17;
const SHARES: usize = 18;
const RESULT: usize = 20;
const PUBLISH: usize = 21;

fn commit(play: &mut Play, trustee: u8) {
    let commit = play.sign(index(trustee), play.commit(index(trustee)));
    play.push(Body::Commit(commit));
}

fn deal(play: &mut Play, trustee: u8) {
    let deal = play.deal(index(trustee));
    let deal = play.sign(index(trustee), deal);
    play.push(Body::Deal(deal));
}

fn shares(play: &mut Play, trustee: u8) {
    let file = play.share_file(index(trustee));
    play.push_shares(index(trustee), file);
}

/// The election as it stands before a step.
fn before(step: usize) -> Play {
    let contests = vec![contest("mayor", 3, Choice::Exactly(1))];
    let mut play = Play::with(240, (2, 2), contests, 1, 3, |_| {});
    STEPS[..step].iter().for_each(|step| step(&mut play));
    play
}

/// Folds the first entries of the file and gives the board with its tree; every rule and proof of them holds.
pub(super) fn folded(entries: &[Value], roll: &[u8], count: usize) -> (Board, Tree) {
    let (mut board, mut tree) = (Board::new(Lookup::ByHash), Tree::new());
    for entry in &entries[..count] {
        let bytes = text(entry).as_bytes();
        assert_eq!(next(&mut board, &tree, roll, bytes), Ok(()));
        let entry = Entry::from_bytes(bytes).unwrap();
        board.apply(LeafIndex(tree.len()), leaf_hash(bytes), &entry);
        tree.push(leaf_hash(bytes));
    }
    (board, tree)
}

/// Whether these bytes may come next.
pub(super) fn next(board: &mut Board, tree: &Tree, roll: &[u8], bytes: &[u8]) -> Result<(), String> {
    let entry = Entry::from_bytes(bytes).map_err(|_| "R101".to_owned())?;
    if matches!(entry.body, Body::Opened(_)) && board.roll_len() == 0 {
        board.attach_roll(roll).map_err(|violation| violation.rule.to_string())?;
    }
    let owed = board.check(LeafIndex(tree.len()), leaf_hash(bytes), &entry, tree).map_err(|violation| violation.rule.to_string())?;
    discharge(&[owed], &mut rand_core::OsRng).remove(0).map_err(|violation| violation.rule.to_string())
}

pub fn make() -> Value {
    let whole = before(STEPS.len());
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

    // The ceremony.
    let play = before(COMMIT);
    let honest = play.commit(index(1));
    let signed = |play: &Play, by: u8, body: Commit| Body::Commit(play.sign(index(by), body));
    add("a commit", "valid", &play, None, signed(&play, 1, honest.clone()));
    add("a commit signed by another trustee", "R201", &play, None, signed(&play, 2, honest.clone()));
    add("a commit of another run", "R201", &play, None, signed(&play, 1, Commit { run: 2, ..honest.clone() }));
    add("a commit of another manifest", "R201", &play, None, signed(&play, 1, Commit { manifest: Hash32::ZERO.into(), ..honest.clone() }));
    add("a commit of nobody", "R201", &play, None, signed(&play, 1, Commit { trustee: index(3), ..honest }));
    add("a second manifest", "R103", &play, None, Body::Manifest(Box::new(play.manifest.clone())));
    add("an entry of before the manifest", "R104", &play, Some(play.now.plus(-1)), signed(&play, 1, play.commit(index(1))));
    let mut early = before(COMMIT + 1);
    let of_second = early.commit(index(2));
    add("a commit by who committed", "R201", &early, None, signed(&early, 1, early.commit(index(1))));
    early.push(signed(&early, 2, of_second));
    let of_first = early.deal(index(1));
    let early = before(COMMIT + 1);
    add("a deal before all commits", "R201", &early, None, Body::Deal(early.sign(index(1), of_first.clone())));
    let play = before(DEAL);
    let dealt = |body: Deal| Body::Deal(play.sign(index(1), body));
    add("a deal", "valid", &play, None, dealt(of_first.clone()));
    let mut other = of_first.clone();
    other.commitments.reverse();
    add("commitments that the commit does not hash", "R202", &play, None, dealt(other));
    let mut other = of_first.clone();
    other.possession.0[33] ^= 1;
    add("a possession proof that does not hold", "R203", &play, None, dealt(other));
    let mut other = of_first.clone();
    other.shares.clear();
    add("no share hashes", "R204", &play, None, dealt(other));
    let play = before(CONFIRM);
    let honest = play.confirm(index(1));
    let confirmed = |body: Confirm| Body::Confirm(play.sign(index(1), body));
    add("a confirmation", "valid", &play, None, confirmed(honest.clone()));
    add("a confirmed joint key that is another", "R205", &play, None, confirmed(Confirm { joint_key: honest.share_keys[0], ..honest.clone() }));
    add("a confirmed ceremony hash that is another", "R205", &play, None, confirmed(Confirm { ceremony: Hash32::ZERO.into(), ..honest.clone() }));
    let mut other = honest.clone();
    other.share_keys.swap(0, 1);
    add("confirmed share keys exchanged", "R205", &play, None, confirmed(other));
    let complaint =
        |against: u8| Complaint { manifest: honest.manifest, run: 1, trustee: index(1), against: index(against), reason: ComplaintReason::ShareWrong };
    add("a complaint", "valid", &play, None, Body::Complaint(play.sign(index(1), complaint(2))));
    add("a complaint about oneself", "R201", &play, None, Body::Complaint(play.sign(index(1), complaint(1))));
    add("a complaint about nobody", "R201", &play, None, Body::Complaint(play.sign(index(1), complaint(3))));
    let mut opening = before(OPEN);
    let opened = opening.opened();
    add("an opening before the confirmations", "R206", &play, None, Body::Opened(Box::new(opened.clone())));
    add("a confirmation by who confirmed", "R201", &opening, None, Body::Confirm(opening.sign(index(1), honest)));
    add("an opening", "valid", &opening, None, Body::Opened(Box::new(opened.clone())));
    let mut other = opened.clone();
    other.joint_key = other.share_keys[0];
    add("an opening with another joint key", "R206", &opening, None, Body::Opened(Box::new(other)));
    let mut other = opened.clone();
    other.run = 2;
    add("an opening of another run", "R206", &opening, None, Body::Opened(Box::new(other)));
    let mut other = opened.clone();
    other.manifest = Hash32::ZERO.into();
    add("an opening of another manifest", "R301", &opening, None, Body::Opened(Box::new(other)));
    let mut other = opened.clone();
    other.roll.slots += 1;
    add("an opening with another number of slots", "R301", &opening, None, Body::Opened(Box::new(other)));
    let mut other = opened;
    other.roll.root = Hash32::ZERO.into();
    add("an opening with another roll", "R301", &opening, None, Body::Opened(Box::new(other.clone())));

    // Registrations.
    let mut play = before(REGISTER);
    add("a second opening", "R105", &play, None, Body::Opened(Box::new(other)));
    let (honest, key) = play.registration(Slot(0));
    let mut changed = |name: &str, expected: &str, change: &dyn Fn(&mut Registration)| {
        let mut play = before(REGISTER);
        let mut registration = honest.clone();
        change(&mut registration);
        let registration = play.possess(registration, &key);
        add(name, expected, &play, None, Body::Registration(Box::new(registration)));
    };
    changed("a registration", "valid", &|_| ());
    changed("a registration of no slot", "R401", &|registration| registration.slot = Slot(3));
    changed("a registration with another commitment", "R401", &|registration| registration.slot_commitment = Hash32::ZERO.into());
    changed("a registration of another origin", "R401", &|registration| registration.origin.push('x'));
    changed("a first registration with number 1", "R402", &|registration| registration.seq = 1);
    changed("a first registration with a previous one", "R402", &|registration| registration.previous = Some(Hash32::ZERO.into()));
    changed("a checkpoint of another root", "R405", &|registration| registration.checkpoint.root = Hash32::ZERO.into());
    changed("a checkpoint of a size to come", "R405", &|registration| registration.checkpoint.size += 1);
    let size = before(REGISTER).board.opened().unwrap().leaf().0;
    let root = before(REGISTER).tree.root_at(size).unwrap();
    changed("a checkpoint of before the opening", "R405", &|registration| registration.checkpoint = TreeHead { size, root: root.into() });
    let play = before(REGISTER);
    let plain = |registration: Registration| Body::Registration(Box::new(registration));
    let mut other = honest.clone();
    other.possession.0[33] ^= 1;
    add("a possession that does not hold", "R404", &play, None, plain(other));
    add("the identity as voting key", "R403", &play, None, plain(Registration { voting_key: Bytes([0; 32]), ..honest.clone() }));
    add("a voting key that is no point", "R403", &play, None, plain(Registration { voting_key: Bytes([0xff; 32]), ..honest.clone() }));
    add("a registration before voting opens", "R406", &play, Some(play.manifest.opens.plus(-1)), plain(honest.clone()));
    add("a registration after voting closes", "R406", &play, Some(play.manifest.online_closes.plus(1)), plain(honest));
    let mut play = before(REGISTER_AGAIN);
    let key = play.voters.remove(&Slot(0)).unwrap().key;
    let known = play.registration_of(Slot(2), &key);
    add("a key registered before", "R403", &play, None, plain(known));
    let (mut other, key) = play.registration(Slot(0));
    other.previous = Some(Hash32::ZERO.into());
    let other = play.possess(other, &key);
    add("a later registration with another previous one", "R402", &play, None, plain(other));

    // Ballots.
    let ballot = |bytes: &[u8]| Body::Ballot(BallotEntry { ballot: Blob(bytes.to_vec()) });
    let mut play = before(VOTE);
    let honest = play.ballot(Slot(0)).0.bytes().to_vec();
    let play = before(VOTE);
    add("a ballot", "valid", &play, None, ballot(&honest));
    add("a ballot after voting closes", "R507", &play, Some(play.manifest.online_closes.plus(1)), ballot(&honest));
    let edit = |at: usize, byte: u8| {
        let mut changed = honest.clone();
        changed[at] ^= byte;
        changed
    };
    add("a ballot of version 0", "R501", &play, None, ballot(&edit(0, 1)));
    add("a ballot with a byte too many", "R501", &play, None, ballot(&[honest.clone(), vec![0]].concat()));
    add("an empty ballot", "R501", &play, None, ballot(&[]));
    add("a ballot of a slot without registration", "R502", &play, None, ballot(&edit(4, 1)));
    add("a ballot of another registration", "R502", &play, None, ballot(&edit(12, 1)));
    add("a ballot under another key", "R502", &play, None, ballot(&edit(20, 1)));
    add("a ballot with a negative point", "R501", &play, None, ballot(&edit(49, 1)));
    add("a ballot with another counter", "R504", &play, None, ballot(&edit(16, 1)));
    add("a ballot with another rho", "R504", &play, None, ballot(&edit(49 + 128, 1)));
    let end = honest.len();
    add("a ballot with another signature", "R505", &play, None, ballot(&edit(end - 32, 1)));
    let mut play = before(CHALLENGE - 1);
    let first = match Entry::from_bytes(&play.entries[play.board.slot(Slot(1)).unwrap().ballot().unwrap().leaf.0 as usize]).unwrap().body {
        Body::Ballot(ballot) => ballot.ballot.0,
        _ => panic!("no ballot"),
    };
    add("a ballot recorded again", "R503", &play, None, ballot(&first));
    play.voters.get_mut(&Slot(1)).unwrap().counter = 1;
    let again = play.ballot(Slot(1)).0.bytes().to_vec();
    add("a counter that stands still", "R503", &play, None, ballot(&again));
    let mut copied = play.ballot(Slot(1)).0.bytes().to_vec();
    copied[49..81].copy_from_slice(&first[49..81]);
    add("the first A of an earlier ballot", "R506", &play, None, ballot(&copied));
    let mut play = before(CHALLENGE);
    let (statement, registration) = (play.board.statement_for(Slot(0)).unwrap(), play.board.slot(Slot(0)).unwrap().registration());
    let old = SecretKey::generate(&mut play.rng);
    let stranger = cast(&[vec![0]], &statement, Slot(0), registration, Counter(0), &old, &mut play.rng).unwrap().0.bytes().to_vec();
    add("a ballot under a key that was never registered", "R502", &play, None, ballot(&stranger));
    play.voters.insert(Slot(0), Voter { key: old, counter: 0 });

    // Challenges.
    let mut play = before(CHALLENGE);
    let honest = play.challenged(Slot(1));
    let play = before(CHALLENGE);
    add("a challenge", "valid", &play, None, Body::Challenged(honest.clone()));
    let challenged = |change: &dyn Fn(&mut Challenged)| {
        let mut other = honest.clone();
        change(&mut other);
        Body::Challenged(other)
    };
    add("a challenge of another leaf", "R508", &play, None, challenged(&|other| other.leaf.0 -= 1));
    add("a challenge of another hash", "R508", &play, None, challenged(&|other| other.ballot = Hash32::ZERO.into()));
    add("a challenge of another slot", "R508", &play, None, challenged(&|other| other.slot = Slot(2)));
    add("a challenge that is not signed", "R508", &play, None, challenged(&|other| other.signature = Bytes([0; 64])));
    add("a challenge after voting closes", "R508", &play, Some(play.manifest.online_closes.plus(1)), Body::Challenged(honest.clone()));
    let context = *play.board.context().unwrap();
    let forged = sign_challenge(&context, Slot(1), honest.ballot.hash(), honest.leaf, &play.voters[&Slot(0)].key, &mut super::rng(241));
    add("a challenge signed by another key", "R508", &play, None, challenged(&|other| other.signature = Bytes(forged.to_bytes())));
    let play = before(CHALLENGE + 1);
    add("a challenge of a challenged ballot", "R508", &play, None, Body::Challenged(honest));

    // The closes.
    let play = before(CLOSE);
    let close = |reason| Closed { reason };
    let due = play.manifest.online_closes;
    add("a close in time", "valid", &play, Some(due), Body::OnlineClosed(close(CloseReason::Scheduled)));
    add("an early close of a mock election", "valid", &play, None, Body::OnlineClosed(close(CloseReason::Early)));
    add("a scheduled close before its time", "R109", &play, None, Body::OnlineClosed(close(CloseReason::Scheduled)));
    add("an early close in time", "R109", &play, Some(due), Body::OnlineClosed(close(CloseReason::Early)));
    add("the poll closed first", "R105", &play, Some(play.manifest.poll_closes), Body::PollClosed(close(CloseReason::Scheduled)));
    let play = before(CLOSE + 1);
    add("online voting closed twice", "R105", &play, None, Body::OnlineClosed(close(CloseReason::Scheduled)));
    add("a ballot after the close", "R507", &play, None, ballot(&first));

    // The count.
    let play = before(STATE);
    let honest = play.statement();
    let stated = |signed: SignedTallyStatement| Body::TallyStatement(Box::new(signed));
    add("a statement", "valid", &play, None, stated(honest.clone()));
    add("a statement without signatures", "R601", &play, None, stated(SignedTallyStatement { signatures: vec![], ..honest.clone() }));
    let signatures = |change: &dyn Fn(&mut Vec<TallySignature>)| {
        let mut other = honest.clone();
        change(&mut other.signatures);
        stated(other)
    };
    add("a signature too few", "R601", &play, None, signatures(&|all| all.truncate(1)));
    add("one signature twice", "R601", &play, None, signatures(&|all| all[1] = all[0].clone()));
    add("signatures in another order", "R601", &play, None, signatures(&|all| all.reverse()));
    add("one trustee's signature under another's number", "R601", &play, None, signatures(&|all| all[1].signature = all[0].signature));
    add("a signature by nobody", "R601", &play, None, signatures(&|all| all[1].trustee = index(3)));
    let resigned = |change: &dyn Fn(&mut tachiai_schemas::election::TallyStatement)| {
        let mut statement = honest.statement.clone();
        change(&mut statement);
        stated(play.sign_statement(statement))
    };
    add("a signed statement of another board", "R601", &play, None, resigned(&|statement| statement.board.size -= 1));
    add("a signed statement of another root", "R601", &play, None, resigned(&|statement| statement.board.root = Hash32::ZERO.into()));
    add("a signed statement of another origin", "R601", &play, None, resigned(&|statement| statement.origin.push('x')));
    add("a signed statement of another number", "R601", &play, None, resigned(&|statement| statement.counted += 1));
    add("a signed statement of a superseded ballot", "R601", &play, None, {
        let digest = counted_digest([(Slot(0), LeafIndex(8)), (Slot(1), LeafIndex(10)), (Slot(2), LeafIndex(17))]);
        resigned(&move |statement| statement.digest = digest.into())
    });
    add("a signed statement of another partition", "R601", &play, None, resigned(&|statement| statement.contests[0].units[0].ballots -= 1));
    add("a signed statement without its contests", "R601", &play, None, resigned(&|statement| statement.contests.clear()));
    let play = before(SHARES);
    add("a second statement", "R601", &play, None, stated(honest));
    let (_, statement) = play.board.declared_statement().unwrap();
    let body = SharesFile { statement: statement.into(), trustee: index(1), file: Hash32::sha256(b"shares").into() };
    let shared = |by: u8, body: SharesFile| Body::Shares(play.sign(index(by), body));
    add("shares", "valid", &play, None, shared(1, body.clone()));
    add("shares signed by another trustee", "R602", &play, None, shared(2, body.clone()));
    add("shares for another statement", "R602", &play, None, shared(1, SharesFile { statement: Hash32::ZERO.into(), ..body.clone() }));
    add("shares of nobody", "R602", &play, None, shared(1, SharesFile { trustee: index(3), ..body.clone() }));
    let result = ResultEntry { statement: statement.into(), file: Hash32::sha256(b"result").into() };
    add("a result without shares", "R603", &play, None, Body::Result(result.clone()));
    let play = before(SHARES + 1);
    add("shares by who sent shares", "R602", &play, None, Body::Shares(play.sign(index(1), body)));
    add("a result with too few shares", "R603", &play, None, Body::Result(result.clone()));
    let play = before(RESULT);
    add("a result", "valid", &play, None, Body::Result(result.clone()));
    add("a result of another statement", "R605", &play, None, Body::Result(ResultEntry { statement: Hash32::ZERO.into(), ..result.clone() }));
    add("a publication before the result", "R105", &play, None, Body::Published(Published { result: LeafIndex(0) }));
    let play = before(PUBLISH);
    let leaf = play.board.result().unwrap().0;
    add("a publication", "valid", &play, None, Body::Published(Published { result: leaf }));
    add("a publication of another leaf", "R605", &play, None, Body::Published(Published { result: LeafIndex(leaf.0 - 1) }));
    add("a second result", "R105", &play, None, Body::Result(result.clone()));
    let play = before(STEPS.len());
    add("anything after the publication", "R605", &play, None, Body::Result(result));

    json!({
        "about": "PROTOCOL sections 3 to 9: every entry of a whole election with two trustees, one contest and three slots, its attachments, the root and the checkpoint. Each case is an entry in the place of what comes after the first `after` entries, with the rule that it breaks at that leaf.",
        "entries": entries,
        "attachments": whole.attachments.iter().map(|(name, bytes)| (name.to_string(), hex(bytes).into())).collect::<serde_json::Map<String, Value>>(),
        "roll": hex(&roll),
        "root": hex(whole.tree.root()),
        "checkpoint": whole.checkpoint().as_str(),
        "fingerprint": whole.board.fingerprint().unwrap().to_string(),
        "cases": cases,
        "results": results(&whole),
    })
}

/// What the shares of a board make of an attachment `result`.
fn check_result(board: &Board, sums: &Sums, attachment: impl Fn(Hash32) -> Vec<u8>, result: &[u8]) -> Result<(), String> {
    let count = Count::new(board, sums).unwrap();
    let shares: Vec<_> = board
        .shares()
        .map(|(trustee, state)| match count.check_shares(trustee, &attachment(state.file)) {
            Ok(Shares::Valid(shares)) => (trustee, shares),
            _ => panic!("the shares of trustee {trustee}"),
        })
        .collect();
    count.check_result(&shares, result).map(|_| ()).map_err(|violation| violation.rule.to_string())
}

/// Attachments `result` in the place of the one of the whole election, with the rules that they break.
fn results(play: &Play) -> Vec<Value> {
    let honest: TallyResult = canonical::from_bytes(&play.result_file()).unwrap();
    let mut cases = Vec::new();
    let mut add = |name: &str, expected: &str, json: Vec<u8>| {
        let found = check_result(&play.board, &play.sums(), |name| play.attachments[&name].clone(), &json).map_or_else(|rule| rule, |()| "valid".to_owned());
        assert_eq!(found, expected, "{name}");
        cases.push(json!({ "name": name, "result": String::from_utf8(json).unwrap(), "verdict": expected }));
    };
    let edited = |change: &dyn Fn(&mut ContestResult)| {
        let mut result = honest.clone();
        change(&mut result.contests[0]);
        canonical::to_bytes(&result).unwrap()
    };
    let from = honest.contests[0].units[0].iter().position(|total| *total > 0).unwrap();
    let to = (from + 1) % 3;
    add("the result", "valid", edited(&|_| ()));
    add(
        "one vote less here and one more there",
        "R603",
        edited(&|contest| {
            for totals in [&mut contest.units[0], &mut contest.totals] {
                (totals[from], totals[to]) = (totals[from] - 1, totals[to] + 1);
            }
        }),
    );
    add(
        "one vote more, and one ballot",
        "R603",
        edited(&|contest| {
            (contest.units[0][0], contest.totals[0], contest.ballots) = (contest.units[0][0] + 1, contest.totals[0] + 1, contest.ballots + 1);
        }),
    );
    add("a total of all ones", "R603", edited(&|contest| contest.units[0][0] = u64::MAX));
    add("totals of the contest that are not its units'", "R604", edited(&|contest| contest.totals[0] += 1));
    add("another number of ballots", "R604", edited(&|contest| contest.ballots += 1));
    add("a column too few", "R605", edited(&|contest| contest.units[0].truncate(2)));
    add("a column too many", "R605", edited(&|contest| contest.units[0].push(0)));
    add("a unit too many", "R605", edited(&|contest| contest.units.push(vec![0; 3])));
    add("no unit", "R605", edited(&|contest| contest.units.clear()));
    add("another contest", "R605", edited(&|contest| contest.contest = 1));
    add("no contest", "R605", br#"{"contests":[]}"#.to_vec());
    add("white space", "R605", [edited(&|_| ()), b" ".to_vec()].concat());
    cases
}

pub fn read(file: &Value, read: &mut Read) {
    let (entries, roll) = (list(&file["entries"]), raw(&file["roll"]));
    let (board, tree) = folded(entries, &roll, entries.len());
    read.holds(hex(tree.root()) == text(&file["root"]), "root");
    read.holds(board.fingerprint().unwrap().to_string() == text(&file["fingerprint"]), "fingerprint");
    let signed = tachiai_crypto::journal::SignedCheckpoint::parse_and_verify(text(&file["checkpoint"]), board.origin().unwrap(), &board.board_key().unwrap());
    read.holds(signed.unwrap().checkpoint().root == tree.root(), "checkpoint");
    for case in list(&file["cases"]) {
        let (mut board, tree) = folded(entries, &roll, number(&case["after"]) as usize);
        let found = next(&mut board, &tree, &roll, text(&case["entry"]).as_bytes());
        read.case(case, &found);
    }
    // The shares give the totals.
    let attachment = |name: Hash32| raw(&file["attachments"][name.to_string()]);
    let sums = Sums::of_board(&board, |leaf| Ok::<_, Violation>(Entry::from_bytes(text(&entries[leaf.0 as usize]).as_bytes()).unwrap())).unwrap();
    let result = board.result().unwrap().1;
    read.holds(check_result(&board, &sums, attachment, &attachment(result.file.hash())).is_ok(), "the totals");
    for case in list(&file["results"]) {
        read.case(case, &check_result(&board, &sums, attachment, text(&case["result"]).as_bytes()));
    }
}
