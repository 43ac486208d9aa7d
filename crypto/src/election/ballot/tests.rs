use curve25519_dalek::ristretto::RistrettoPoint;
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::*;
use crate::election::context::{Choose, ContestShape};
use crate::proof::batch::{BatchItem, verify_batch};
use crate::signature::SecretKey;

mod forged;
mod form;
mod vectors;

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

fn statement(contests: &[(u16, u16, Choose)]) -> Statement {
    let shapes = contests.iter().map(|(index, named, choose)| (*index, ContestShape::new(*named, *choose).unwrap()));
    Statement {
        context: Context::from_hash(Hash32::sha256(b"context")),
        joint_key: Element::new(RistrettoPoint::mul_base(&Scalar::from(4711_u64))),
        registration: Hash32::sha256(b"registration"),
        style: Arc::new(BallotStyle::new(shapes.collect()).unwrap()),
    }
}

/// One contest of five options, and one of up to three of four.
fn two_contests() -> Statement {
    statement(&[(0, 5, Choose::Exactly(1)), (3, 4, Choose::UpTo(3))])
}

/// A valid ballot of [`two_contests`], cast by `key(voter)`.
fn ballot(voter: u64) -> Ballot {
    let statement = two_contests();
    let (cast, _) = cast(&[vec![2], vec![3, 0]], &statement, Slot(1), LeafIndex(20), Counter(3), &key(voter), &mut rng(voter)).unwrap();
    Ballot::parse(cast.bytes(), &statement.style).unwrap()
}

fn key(voter: u64) -> SecretKey {
    SecretKey::generate(&mut rng(1000 + voter))
}

/// The verdict of the single check, which must be that of a batch, among good ballots, as well.
fn verdict(ballot: &Ballot, statement: &Statement) -> Result<(), ProofError> {
    let single = ballot.check(statement);
    let (own, good) = (two_contests(), [self::ballot(1), self::ballot(2)]);
    let items = [BatchItem { ballot: &good[0], statement: &own }, BatchItem { ballot, statement }, BatchItem { ballot: &good[1], statement: &own }];
    assert_eq!(verify_batch(&items, &mut rng(9)), [Ok(()), single, Ok(())]);
    single
}

fn verdict_of(bytes: &[u8], statement: &Statement) -> Result<(), ProofError> {
    verdict(&Ballot::parse(bytes, &statement.style).unwrap(), statement)
}

fn failed(contest: u16, equation: Equation) -> Result<(), ProofError> {
    Err(ProofError::Equation { contest, equation })
}

/// A contest with a vote in it.
fn contest_and_vote() -> impl Strategy<Value = (u16, Choose, Vec<usize>)> {
    (2_u16..=20)
        .prop_flat_map(|named| (Just(named), 1..=named, any::<bool>(), Just((0..usize::from(named)).collect::<Vec<_>>()).prop_shuffle(), any::<u16>()))
        .prop_map(|(named, number, exactly, mut options, fewer)| {
            if exactly {
                options.truncate(number.into());
                return (named, Choose::Exactly(number), options);
            }
            options.truncate(usize::from(fewer % (number + 1)));
            (named, Choose::UpTo(number), options)
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_vote_of_every_style_verifies_and_opens_to_itself(votes in proptest::collection::vec(contest_and_vote(), 1..4), seed: u64) {
        let contests: Vec<_> = votes.iter().zip(0..).map(|((named, choose, _), index)| (index, *named, *choose)).collect();
        let statement = statement(&contests);
        let selections: Vec<Vec<usize>> = votes.into_iter().map(|(_, _, chosen)| chosen).collect();
        let (cast, opening) = cast(&selections, &statement, Slot(7), LeafIndex(8), Counter(9), &key(0), &mut rng(seed)).unwrap();
        prop_assert_eq!(cast.bytes().len(), statement.style.ballot_len());
        let parsed = Ballot::parse(cast.bytes(), &statement.style).unwrap();
        prop_assert_eq!(parsed.hash(), cast.hash());
        prop_assert_eq!(verdict(&parsed, &statement), Ok(()));
        let sorted: Vec<Vec<usize>> = selections.into_iter().map(|mut chosen| { chosen.sort_unstable(); chosen }).collect();
        prop_assert_eq!(opening.check(&cast, &statement.joint_key), Ok(sorted));
    }

    #[test]
    fn a_flipped_bit_anywhere_is_refused_by_parser_or_both_verifiers(bit in 0..8 * 1521_usize) {
        let (statement, mut bytes) = (two_contests(), ballot(0).bytes().to_vec());
        prop_assert_eq!(bytes.len(), 1521);
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Ok(parsed) = Ballot::parse(&bytes, &statement.style) {
            prop_assert!(verdict(&parsed, &statement).is_err());
        }
    }

    #[test]
    fn a_batch_names_exactly_the_bad_ballots(bad in proptest::collection::vec(any::<bool>(), 0..24)) {
        let statement = two_contests();
        let ballots: Vec<Ballot> = bad.iter().zip(0..).map(|(bad, voter)| {
            let mut ballot = ballot(voter % 4);
            ballot.contests[1].proof.responses.w += Scalar::from(u8::from(*bad));
            ballot
        }).collect();
        let items: Vec<_> = ballots.iter().map(|ballot| BatchItem { ballot, statement: &statement }).collect();
        let expected: Vec<_> = bad.iter().map(|bad| if *bad { failed(3, Equation::Randomness) } else { Ok(()) }).collect();
        prop_assert_eq!(verify_batch(&items, &mut rng(5)), expected);
    }
}

#[test]
fn a_ballot_of_five_options_has_721_bytes() {
    assert_eq!(statement(&[(0, 5, Choose::Exactly(1))]).style.ballot_len(), 721);
}

#[test]
fn a_style_knows_where_the_first_as_are() {
    let ballot = ballot(0);
    let found: Vec<_> = two_contests().style.first_as().map(|(contest, at)| (contest, ballot.bytes()[at..at + 32].to_vec())).collect();
    let expected: Vec<_> = [0, 3].into_iter().zip(ballot.ciphertexts().map(|contest| contest.sent()[0].a().as_bytes().to_vec())).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_contest_of_two_options_sends_one_ciphertext() {
    let statement = statement(&[(0, 2, Choose::Exactly(1))]);
    for option in [0, 1] {
        let (cast, opening) = cast(&[vec![option]], &statement, Slot(0), LeafIndex(0), Counter(0), &key(0), &mut rng(0)).unwrap();
        assert_eq!(cast.ciphertexts().map(|contest| contest.sent().len()).collect::<Vec<_>>(), [1]);
        assert_eq!(verdict_of(cast.bytes(), &statement), Ok(()));
        assert_eq!(opening.check(&cast, &statement.joint_key), Ok(vec![vec![option]]));
    }
}

#[test]
fn a_contest_of_all_positions_verifies() {
    let statement = statement(&[(0, 128, Choose::UpTo(128))]);
    let (cast, _) = cast(&[vec![127, 1]], &statement, Slot(0), LeafIndex(0), Counter(0), &key(0), &mut rng(0)).unwrap();
    assert_eq!(verdict_of(cast.bytes(), &statement), Ok(()));
}

#[test]
fn a_batch_of_two_elections_verifies() {
    let (first, mut second) = (two_contests(), two_contests());
    second.context = Context::from_hash(Hash32::sha256(b"second"));
    second.joint_key = Element::new(RistrettoPoint::mul_base(&Scalar::from(4712_u64)));
    let (cast, _) = cast(&[vec![2], vec![]], &second, Slot(1), LeafIndex(20), Counter(3), &key(0), &mut rng(0)).unwrap();
    assert_eq!(verdict_of(cast.bytes(), &second), Ok(()));
    assert!(verdict_of(cast.bytes(), &first).is_err());
}

#[test]
fn selections_that_are_no_vote_are_refused() {
    let statement = two_contests();
    for (selections, error) in [
        (vec![vec![1]], CastError::Contests { expected: 2, found: 1 }),
        (vec![vec![], vec![]], CastError::Selections(0)),
        (vec![vec![1, 2], vec![]], CastError::Selections(0)),
        (vec![vec![5], vec![]], CastError::Selections(0)),
        (vec![vec![usize::MAX], vec![]], CastError::Selections(0)),
        (vec![vec![0], vec![1, 1]], CastError::Selections(3)),
        (vec![vec![0], vec![4]], CastError::Selections(3)),
        (vec![vec![0], vec![0, 1, 2, 3]], CastError::Selections(3)),
    ] {
        let result = cast(&selections, &statement, Slot(1), LeafIndex(2), Counter(3), &key(0), &mut rng(0));
        assert_eq!(result.map(|_| ()), Err(error), "{selections:?}");
    }
}

#[test]
fn two_votes_share_no_randomness_even_when_chance_repeats_itself() {
    let statement = two_contests();
    let a_of = |vote: usize| {
        let (cast, _) = cast(&[vec![vote], vec![]], &statement, Slot(1), LeafIndex(2), Counter(3), &key(0), &mut rng(0)).unwrap();
        cast.ciphertexts().flat_map(Ciphertexts::sent).map(|ciphertext| *ciphertext.a().as_bytes()).collect::<Vec<_>>()
    };
    let (first, second) = (a_of(0), a_of(1));
    assert!(first.iter().all(|a| !second.contains(a)));
    assert_eq!(first, a_of(0));
}

#[test]
fn the_header_is_read_without_the_style() {
    let ballot = ballot(0);
    let header = BallotHeader::peek(ballot.bytes()).unwrap();
    assert_eq!((header.slot, header.registration, header.counter), (Slot(1), LeafIndex(20), Counter(3)));
    assert_eq!(header.voting_key, *key(0).public().as_bytes());
    assert_eq!(BallotHeader::peek(&ballot.bytes()[..BallotHeader::LEN - 1]), Err(BallotError::Length { expected: 49, found: 48 }));
    assert_eq!(BallotHeader::peek(&[2; 49]), Err(BallotError::Version(2)));
}
