//! R601 to R605.

use tachiai_crypto::ceremony::TrusteeIndex;
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::election::{Body, Published, ResultEntry, SignedTallyStatement, TallyResult, TallyStatement};
use tachiai_schemas::trustee::SharesFile;
use tachiai_schemas::{LeafIndex, Slot, canonical};
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
fn stated(change: impl FnOnce(&mut TallyStatement)) {
    let mut play = closed();
    let mut statement = play.board.tally_statement(&play.tree).unwrap();
    change(&mut statement);
    let signed = play.sign_statement(statement);
    let leaf = play.push(Body::TallyStatement(Box::new(signed)));
    broken(&play, Rule::R601, leaf);
}

#[test]
fn a_statement_is_what_the_record_gives() {
    stated(|statement| statement.origin = "elsewhere".to_owned());
    stated(|statement| statement.board.size -= 1);
    stated(|statement| statement.board.root = Hash32::ZERO.into());
    stated(|statement| statement.poll_closed.0 -= 1);
    stated(|statement| statement.counted -= 1);
    stated(|statement| statement.digest = Hash32::ZERO.into());
}

#[test]
fn a_partition_that_cannot_be_recomputed_is_refused() {
    stated(|statement| statement.contests[0].units.reverse());
    stated(|statement| {
        let last = statement.contests[0].units.pop().unwrap();
        statement.contests[0].units[0].districts.extend(last.districts);
        statement.contests[0].units[0].ballots += last.ballots;
    });
    stated(|statement| (statement.contests[0].units[0].ballots, statement.contests[0].units[1].ballots) = (3, 5));
    stated(|statement| drop(statement.contests.pop()));
}

#[test]
fn a_superseded_or_challenged_ballot_does_not_count() {
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
    stated(|statement| statement.digest = digest.into());
}

#[test]
fn a_statement_needs_enough_signatures_of_distinct_trustees() {
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
fn a_second_statement_is_refused() {
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
fn shares_as(signer: TrusteeIndex, change: impl FnOnce(&mut SharesFile)) {
    let mut play = closed();
    play.state();
    let file = play.share_file(index(1));
    let file = play.attach(file);
    let mut body = SharesFile { statement: play.board.declared_statement().unwrap().1.into(), trustee: index(1), file: file.into() };
    change(&mut body);
    let shares = play.sign(signer, body);
    let leaf = play.push(Body::Shares(shares));
    broken(&play, Rule::R602, leaf);
}

#[test]
fn shares_are_signed_by_their_trustee_for_this_statement() {
    shares_as(index(2), |_| {});
    shares_as(index(1), |body| body.trustee = index(4));
    shares_as(index(1), |body| body.statement = Hash32::ZERO.into());
}

#[test]
fn a_trustee_sends_shares_once() {
    let mut play = closed();
    play.state();
    let (first, second) = (play.share_file(index(1)), play.share_file(index(1)));
    play.push_shares(index(1), first);
    let leaf = play.push_shares(index(1), second);
    broken(&play, Rule::R602, leaf);
}

#[test]
fn a_share_file_has_exactly_the_columns_in_canonical_form() {
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
fn too_few_valid_share_files_give_no_result() {
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
fn one_share_file_gives_no_result() {
    let honest = shared().result_file();
    let mut play = closed();
    play.state();
    let file = play.share_file(index(1));
    play.push_shares(index(1), file);
    let leaf = play.push_result(honest);
    broken(&play, Rule::R603, leaf);
}

#[test]
fn the_shares_of_another_trustee_do_not_stand_for_ones_own() {
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
fn one_more_here_and_one_less_there_is_refused() {
    result_as(Rule::R603, |result| {
        let contest = &mut result.contests[0];
        let from = contest.units[0].iter().position(|total| *total > 0).unwrap();
        let to = (from + 1) % contest.units[0].len();
        (contest.units[0][from], contest.units[0][to]) = (contest.units[0][from] - 1, contest.units[0][to] + 1);
        (contest.totals[from], contest.totals[to]) = (contest.totals[from] - 1, contest.totals[to] + 1);
    });
}

#[test]
fn contest_totals_are_the_sums_of_their_units() {
    result_as(Rule::R604, |result| result.contests[0].totals[0] += 1);
    result_as(Rule::R604, |result| result.contests[1].ballots += 1);
    result_as(Rule::R604, |result| result.contests[0].totals.truncate(1));
}

#[test]
fn a_result_has_every_contest_unit_and_column() {
    result_as(Rule::R605, |result| drop(result.contests.pop()));
    result_as(Rule::R605, |result| result.contests.reverse());
    result_as(Rule::R605, |result| drop(result.contests[0].units.pop()));
    result_as(Rule::R605, |result| result.contests[0].units[0].push(0));
}

#[test]
fn a_result_in_loose_json_is_refused() {
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
fn nothing_follows_the_publication() {
    let mut play = Play::whole(52);
    let leaf = play.vote(Slot(0));
    broken(&play, Rule::R605, leaf);
}
