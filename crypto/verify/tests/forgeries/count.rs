//! R601 to R605.

use tachiai_crypto::ceremony::TrusteeIndex;
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::election::{Body, Published, ResultEntry, SignedTallyStatement, TallyResult, TallyStatement};
use tachiai_schemas::trustee::{SharesFile, TallySignature};
use tachiai_schemas::{Bytes, LeafIndex, Slot, canonical};
use tachiai_verify::Rule;
use tachiai_verify::testing::Play;

use super::{broken, open};

fn index(trustee: u8) -> TrusteeIndex {
    TrusteeIndex::new(trustee).unwrap()
}

/// An election whose poll is closed: two units in each contest.
fn closed() -> Play {
    let mut play = open(50);
    play.vote_all();
    play.close();
    play
}

/// With a statement and the shares of the first two trustees.
fn shared() -> Play {
    let mut play = closed();
    play.state();
    for trustee in [index(1), index(2)] {
        let file = play.share_file(trustee);
        play.push_shares(trustee, file);
    }
    play
}

/// A statement that is changed and signed by enough trustees all the same.
fn stated(rule: Rule, change: impl FnOnce(&mut TallyStatement)) {
    let mut play = closed();
    let mut statement = play.board.tally_statement(&play.tree).unwrap();
    change(&mut statement);
    let signed = play.sign_statement(statement);
    let leaf = play.push(Body::TallyStatement(Box::new(signed)));
    broken(&play, rule, leaf);
}

#[test]
fn forged_30_a_statement_that_the_record_does_not_give() {
    stated(Rule::R601, |statement| statement.origin = "elsewhere".to_owned());
    stated(Rule::R601, |statement| statement.board.size -= 1);
    stated(Rule::R601, |statement| statement.board.root = Hash32::ZERO.into());
    stated(Rule::R601, |statement| statement.poll_closed.0 -= 1);
    stated(Rule::R601, |statement| statement.counted -= 1);
    stated(Rule::R601, |statement| statement.digest = Hash32::ZERO.into());
}

#[test]
fn forged_30_a_partition_that_cannot_be_recomputed() {
    stated(Rule::R601, |statement| statement.contests[0].units.reverse());
    stated(Rule::R601, |statement| {
        let last = statement.contests[0].units.pop().unwrap();
        statement.contests[0].units[0].districts.extend(last.districts);
        statement.contests[0].units[0].ballots += last.ballots;
    });
    stated(Rule::R601, |statement| (statement.contests[0].units[0].ballots, statement.contests[0].units[1].ballots) = (3, 5));
    stated(Rule::R601, |statement| drop(statement.contests.pop()));
}

#[test]
fn forged_23_a_superseded_or_challenged_ballot_counted() {
    // The digest is over the slots' first ballots, whether they count or not.
    let play = closed();
    let mut first = std::collections::BTreeMap::new();
    for (leaf, bytes) in (0..).zip(&play.entries) {
        if let Body::Ballot(ballot) = tachiai_schemas::entry::Entry::from_bytes(bytes).unwrap().body {
            let slot = tachiai_crypto::election::ballot::BallotHeader::peek(&ballot.ballot.0).unwrap().slot;
            first.entry(slot).or_insert(LeafIndex(leaf));
        }
    }
    let digest = tachiai_crypto::election::tally::counted_digest(first);
    stated(Rule::R601, |statement| statement.digest = digest.into());
}

#[test]
fn forged_30_a_statement_with_too_few_repeated_or_exchanged_signatures() {
    let forgeries: [fn(&mut SignedTallyStatement, &Play); 4] = [
        |signed, _| signed.signatures.truncate(2),
        |signed, _| signed.signatures[2] = signed.signatures[1].clone(),
        |signed, _| signed.signatures.reverse(),
        |signed, _| signed.signatures[0].signature = signed.signatures[1].signature,
    ];
    for forge in forgeries {
        let mut play = closed();
        let mut signed = play.statement();
        assert_eq!(signed.signatures.len(), 3);
        forge(&mut signed, &play);
        let leaf = play.push(Body::TallyStatement(Box::new(signed)));
        broken(&play, Rule::R601, leaf);
    }
}

#[test]
fn forged_30_a_second_statement() {
    let mut play = shared();
    let statement = play.statement();
    let leaf = play.push(Body::TallyStatement(Box::new(statement)));
    broken(&play, Rule::R601, leaf);
}

#[test]
fn a_statement_before_the_close_is_out_of_order() {
    let mut play = open(51);
    let statement = closed().statement();
    let leaf = play.push(Body::TallyStatement(Box::new(statement)));
    broken(&play, Rule::R105, leaf);
}

/// Shares of trustee 1 whose entry is changed before it is signed by `signer`.
fn shares_as(rule: Rule, signer: TrusteeIndex, change: impl FnOnce(&mut SharesFile)) {
    let mut play = closed();
    play.state();
    let file = play.share_file(index(1));
    let file = play.attach(file);
    let mut body = SharesFile { statement: play.board.declared_statement().unwrap().1.into(), trustee: index(1), file: file.into() };
    change(&mut body);
    let shares = play.sign(signer, body);
    let leaf = play.push(Body::Shares(shares));
    broken(&play, rule, leaf);
}

#[test]
fn forged_29_shares_signed_by_another_trustee_or_for_another_statement() {
    shares_as(Rule::R602, index(2), |_| {});
    shares_as(Rule::R602, index(1), |body| body.trustee = index(4));
    shares_as(Rule::R602, index(1), |body| body.statement = Hash32::ZERO.into());
}

#[test]
fn forged_29_shares_of_one_trustee_twice() {
    let mut play = closed();
    play.state();
    let (first, second) = (play.share_file(index(1)), play.share_file(index(1)));
    play.push_shares(index(1), first);
    let leaf = play.push_shares(index(1), second);
    broken(&play, Rule::R602, leaf);
}

#[test]
fn forged_05_a_share_file_of_other_columns() {
    let forgeries: [fn(&mut Vec<u8>); 6] = [
        |file| file.truncate(file.len() - 96),
        |file| file.extend_from_within(..96),
        |file| file.push(0),
        |file| file.clear(),
        |file| file[..32].fill(0),
        |file| file[32..64].fill(255),
    ];
    for (index_of, forge) in forgeries.into_iter().enumerate() {
        println!("forgery {index_of}");
        let mut play = closed();
        play.state();
        let mut file = play.share_file(index(1));
        forge(&mut file);
        let leaf = play.push_shares(index(1), file);
        // A longer file is refused by its listed length, before it is read.
        let folder = tempfile::tempdir().unwrap();
        play.write(folder.path());
        let found = super::violation(folder.path());
        assert!([Rule::R602, Rule::R106].contains(&found.rule) && found.leaf == Some(leaf), "{found}");
    }
}

#[test]
fn an_invalid_share_file_is_discarded_while_enough_are_valid() {
    let mut play = closed();
    play.state();
    for trustee in [index(1), index(2), index(3)] {
        let mut file = play.share_file(trustee);
        if trustee == index(1) {
            // Two columns change places: each proof is of another column.
            let (first, second) = file.split_at_mut(96);
            first.swap_with_slice(&mut second[..96]);
        }
        play.push_shares(trustee, file);
    }
    play.finish();
    let folder = tempfile::tempdir().unwrap();
    play.write(folder.path());
    let verified = tachiai_verify::verify_record(folder.path(), &tachiai_verify::Options::default()).unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(verified.verdict.trustees.discarded, [index(1)]);
    assert_eq!(verified.verdict.trustees.shares, [index(2), index(3)]);
}

#[test]
fn forged_29_too_few_valid_share_files() {
    let honest = shared().result_file();
    let mut play = closed();
    play.state();
    for trustee in [index(1), index(2)] {
        let mut file = play.share_file(trustee);
        if trustee == index(2) {
            // The response of the last proof.
            let at = file.len() - 32;
            file[at] ^= 1;
        }
        play.push_shares(trustee, file);
    }
    let leaf = play.push_result(honest);
    broken(&play, Rule::R603, leaf);
}

#[test]
fn forged_29_one_share_file() {
    let honest = shared().result_file();
    let mut play = closed();
    play.state();
    let file = play.share_file(index(1));
    play.push_shares(index(1), file);
    let leaf = play.push_result(honest);
    broken(&play, Rule::R603, leaf);
}

#[test]
fn forged_02_the_shares_of_another_trustee_for_ones_own() {
    let mut play = closed();
    play.state();
    let file = play.share_file(index(1));
    play.push_shares(index(1), file.clone());
    play.push_shares(index(2), file);
    let honest = shared().result_file();
    let leaf = play.push_result(honest);
    broken(&play, Rule::R603, leaf);
}

/// A result that is changed and published.
fn result_as(rule: Rule, change: impl FnOnce(&mut TallyResult)) {
    let mut play = shared();
    let mut result: TallyResult = canonical::from_bytes(&play.result_file()).unwrap();
    change(&mut result);
    let leaf = play.push_result(canonical::to_bytes(&result).unwrap());
    play.push(Body::Published(Published { result: leaf }));
    broken(&play, rule, leaf);
}

#[test]
fn forged_28_one_more_here_and_one_less_there() {
    result_as(Rule::R603, |result| {
        let contest = &mut result.contests[0];
        let from = contest.units[0].iter().position(|total| *total > 0).unwrap();
        let to = (from + 1) % contest.units[0].len();
        (contest.units[0][from], contest.units[0][to]) = (contest.units[0][from] - 1, contest.units[0][to] + 1);
        (contest.totals[from], contest.totals[to]) = (contest.totals[from] - 1, contest.totals[to] + 1);
    });
}

#[test]
fn forged_28_contest_totals_that_are_not_the_sums_of_their_units() {
    result_as(Rule::R604, |result| result.contests[0].totals[0] += 1);
    result_as(Rule::R604, |result| result.contests[1].ballots += 1);
    result_as(Rule::R604, |result| result.contests[0].totals.truncate(1));
}

#[test]
fn forged_05_a_result_of_other_contests_units_or_columns() {
    result_as(Rule::R605, |result| drop(result.contests.pop()));
    result_as(Rule::R605, |result| result.contests.reverse());
    result_as(Rule::R605, |result| drop(result.contests[0].units.pop()));
    result_as(Rule::R605, |result| result.contests[0].units[0].push(0));
}

#[test]
fn forged_13_a_result_in_loose_json() {
    let mut play = shared();
    let mut file = play.result_file();
    file.push(b'\n');
    let leaf = play.push_result(file);
    broken(&play, Rule::R605, leaf);
}

#[test]
fn a_result_names_the_statement() {
    let mut play = shared();
    let file = play.result_file();
    let file = play.attach(file).into();
    let leaf = play.push(Body::Result(ResultEntry { statement: Hash32::ZERO.into(), file }));
    broken(&play, Rule::R605, leaf);
}

#[test]
fn a_publication_names_the_result() {
    let mut play = shared();
    let file = play.result_file();
    let result = play.push_result(file);
    let leaf = play.push(Body::Published(Published { result: LeafIndex(result.0 - 1) }));
    broken(&play, Rule::R605, leaf);
}

#[test]
fn forged_25_an_entry_after_published() {
    let mut play = Play::whole(52);
    let leaf = play.vote(Slot(0));
    broken(&play, Rule::R605, leaf);
}

#[test]
fn forged_03_a_statement_signed_by_somebody_else() {
    let forgeries: [fn(&mut SignedTallyStatement, &mut Play); 3] = [
        // Who is no trustee, under a trustee's number and under a number of their own.
        |signed, play| {
            let json = canonical::to_bytes(&signed.statement).unwrap();
            let stranger = tachiai_crypto::journal::BoardSecretKey::generate(&mut play.rng);
            signed.signatures[2].signature = Bytes(stranger.sign_bytes("file/tally-statement", &json));
        },
        |signed, play| {
            let json = canonical::to_bytes(&signed.statement).unwrap();
            let stranger = tachiai_crypto::journal::BoardSecretKey::generate(&mut play.rng);
            signed.signatures[2] = TallySignature { trustee: index(4), signature: Bytes(stranger.sign_bytes("file/tally-statement", &json)) };
        },
        // The trustee itself, but another kind of file.
        |signed, play| {
            let json = canonical::to_bytes(&signed.statement).unwrap();
            signed.signatures[2].signature = Bytes(play.trustee(index(3)).signing.sign_bytes("file/trustee-confirm", &json));
        },
    ];
    for forge in forgeries {
        let mut play = closed();
        let mut signed = play.statement();
        forge(&mut signed, &mut play);
        let leaf = play.push(Body::TallyStatement(Box::new(signed)));
        broken(&play, Rule::R601, leaf);
    }
}

#[test]
fn forged_08_statement_signatures_of_another_election() {
    // The same trustees signed another election's statement of the same shape.
    let mut play = closed();
    let mut signed = play.statement();
    let mut other = signed.statement.clone();
    other.origin.push('x');
    signed.signatures = play.sign_statement(other).signatures;
    let leaf = play.push(Body::TallyStatement(Box::new(signed)));
    broken(&play, Rule::R601, leaf);
}

#[test]
fn forged_23_a_superseded_ballot_counted_in_the_place_of_the_last() {
    // Statement, shares and result, all consistent, for the first ballot of slot 1: as if it had not voted again.
    let mut once = open(50);
    for slot in (0..8).map(Slot) {
        once.vote(slot);
    }
    let mut play = open(50);
    for slot in (0..8).map(Slot) {
        play.vote(slot);
    }
    play.vote(Slot(1));
    play.close();
    let mut statement = play.board.tally_statement(&play.tree).unwrap();
    statement.digest = tachiai_crypto::election::tally::counted_digest(once.board.counted()).into();
    let signed = play.sign_statement(statement);
    let leaf = play.push(Body::TallyStatement(Box::new(signed)));
    broken(&play, Rule::R601, leaf);
}

#[test]
fn forged_28_totals_of_another_number_of_ballots() {
    // One vote more in a unit and its contest, and one ballot more in what the contest says.
    result_as(Rule::R603, |result| {
        let contest = &mut result.contests[0];
        contest.units[0][0] += 1;
        contest.totals[0] += 1;
        contest.ballots += 1;
    });
}

#[test]
fn forged_10_a_statement_without_signatures() {
    let mut play = closed();
    let mut signed = play.statement();
    signed.signatures.clear();
    let leaf = play.push(Body::TallyStatement(Box::new(signed)));
    broken(&play, Rule::R601, leaf);
}
