//! The real elections of Setagaya in 2011 are held again, encrypted, and come out as they did.
//!
//! The mayor's votes are taken at a tenth, with exactly one of five to be chosen. Ballots of 82 candidates cost twenty times as much, so the council's votes
//! are taken at a two-hundredth, with at most one to be chosen and some blank votes. Whole votes only: what a candidate got is divided and rounded down.
//! Each election is held by a 3-of-5 ceremony, written as a record, and verified from its files alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::thread;

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use tachiai_crypto::election::ballot::cast;
use tachiai_crypto::election::context::Fingerprint;
use tachiai_schemas::election::Choice;
use tachiai_schemas::{Counter, Slot};
use tachiai_verify::testing::{Play, contest};
use tachiai_verify::verify::Trust;
use tachiai_verify::{Options, Verdict, verify_record};

/// What a candidate got, and whether that was enough.
struct Candidate {
    votes: u64,
    elected: bool,
}

/// The published result, at one vote for `scale` votes.
fn published(file: &str, scale: u64) -> Vec<Candidate> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/elections").join(file);
    let rows = csv::Reader::from_path(path).unwrap().into_deserialize::<(usize, bool, String)>();
    let candidate = |(place, row): (usize, Result<(usize, bool, String), csv::Error>)| {
        let (number, elected, votes) = row.unwrap();
        assert_eq!(number, place + 1);
        let whole = votes.split('.').next().unwrap().parse::<u64>().unwrap();
        Candidate { votes: whole / scale, elected }
    };
    rows.enumerate().map(candidate).collect()
}

/// Holds an election in which so many vote for each candidate, and so many for nobody, and verifies its record.
fn hold(choose: Choice, votes: &[u64], blanks: u64) -> Verdict {
    const DISTRICTS: u16 = 4;
    // Neighbours in the list of votes get slots far apart, so that each candidate has votes in each district.
    let chosen = votes.iter().enumerate().flat_map(|(option, votes)| std::iter::repeat_n(vec![option], *votes as usize));
    let chosen: Vec<Vec<usize>> = chosen.chain(std::iter::repeat_n(vec![], blanks as usize)).collect();
    let slots = chosen.len() as u32;
    let mut play = Play::with(82, (5, 3), vec![contest("setagaya", votes.len(), choose)], DISTRICTS, slots, |_| {});
    play.ceremony();
    play.open();
    for slot in (0..slots).map(Slot) {
        play.register(slot);
    }
    for ballot in encrypt(&play, &chosen) {
        play.push_ballot(&ballot);
    }
    play.close();
    play.count();
    let folder = tempfile::tempdir().unwrap();
    play.write(folder.path());
    let expect: Fingerprint = play.board.fingerprint().unwrap();
    let verified = verify_record(folder.path(), &Options { expect: Some(expect), ..Options::default() });
    verified.unwrap_or_else(|failure| panic!("{failure}")).verdict
}

/// Encrypts one ballot for each slot, on all cores.
fn encrypt(play: &Play, chosen: &[Vec<usize>]) -> Vec<Vec<u8>> {
    let cores = thread::available_parallelism().unwrap().get();
    let share = chosen.len().div_ceil(cores);
    thread::scope(|scope| {
        let workers: Vec<_> = chosen
            .chunks(share)
            .enumerate()
            .map(|(worker, chosen)| {
                scope.spawn(move || {
                    let mut rng = ChaCha20Rng::seed_from_u64(worker as u64);
                    let first = worker * share;
                    let encrypt = |(place, options): (usize, &Vec<usize>)| {
                        let slot = Slot((first + place) as u32);
                        let statement = play.board.statement_for(slot).unwrap();
                        let registration = play.board.slot(slot).unwrap().registration();
                        let (ballot, _) =
                            cast(std::slice::from_ref(options), &statement, slot, registration, Counter(0), &play.voters[&slot].key, &mut rng).unwrap();
                        ballot.bytes().to_vec()
                    };
                    chosen.iter().enumerate().map(encrypt).collect::<Vec<_>>()
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    })
}

/// The totals are the published votes, and whoever was elected stands before whoever was not, in the published order.
fn assert_comes_out(verdict: &Verdict, candidates: &[Candidate], blanks: Option<u64>) {
    assert_eq!(verdict.trust, Trust::Fingerprint);
    assert_eq!((verdict.trustees.all, verdict.trustees.quorum, verdict.trustees.shares.len()), (5, 3, 3));
    let [contest] = verdict.result.as_deref().unwrap() else { panic!("one contest") };
    let totals: Vec<u64> = contest.options.iter().map(|option| option.total).collect();
    assert_eq!(totals, candidates.iter().map(|candidate| candidate.votes).collect::<Vec<_>>());
    assert_eq!(contest.blanks, blanks);
    assert_eq!(contest.ballots, totals.iter().sum::<u64>() + blanks.unwrap_or(0));
    let seats = candidates.iter().filter(|candidate| candidate.elected).count();
    let mut order: Vec<usize> = (0..totals.len()).collect();
    // Equal at this scale: the published order decides, for the sort is stable.
    order.sort_by_key(|option| std::cmp::Reverse(totals[*option]));
    assert_eq!(order[..seats], (0..seats).collect::<Vec<_>>());
    assert!(totals[order[seats - 1]] > totals[order[seats]], "the last seat would be a matter of chance");
}

#[test]
fn heavy_the_mayor_of_setagaya_is_elected_again_at_a_tenth() {
    let candidates = published("setagaya-2011-mayor.csv", 10);
    let votes: Vec<u64> = candidates.iter().map(|candidate| candidate.votes).collect();
    assert_eq!(votes.iter().sum::<u64>(), 27_355);
    assert_comes_out(&hold(Choice::Exactly(1), &votes, 0), &candidates, None);
}

#[test]
fn heavy_the_council_of_setagaya_is_elected_again_at_a_two_hundredth() {
    let candidates = published("setagaya-2011-council.csv", 200);
    let votes: Vec<u64> = candidates.iter().map(|candidate| candidate.votes).collect();
    assert_eq!((candidates.len(), candidates.iter().filter(|candidate| candidate.elected).count()), (82, 50));
    assert_comes_out(&hold(Choice::UpTo(1), &votes, 25), &candidates, Some(25));
}
