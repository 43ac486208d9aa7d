//! From ballots to totals: sums by district, units, columns, shares, logarithms.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use subtle::Choice;
use tachiai_crypto::election::context::{Choose, ContestShape};
use tachiai_crypto::election::tally::{Accumulator, TallyError, Unit, check_sum, check_total, combine_shares, discrete_log};
use tachiai_crypto::elgamal::{Ciphertext, Ciphertexts};
use tachiai_crypto::group::Element;
use tachiai_crypto::proof::equality::Column;

use crate::decryption::share;
use crate::setup::{Ceremony, rng};

/// One contest of three options of which exactly one is chosen, and one of two options of which up to two are.
pub fn shapes() -> Vec<ContestShape> {
    vec![ContestShape::new(3, Choose::Exactly(1)).unwrap(), ContestShape::new(2, Choose::UpTo(2)).unwrap()]
}

/// Every position with its randomness.
fn encrypt_all(ceremony: &Ceremony, bits: &[u8], rng: &mut ChaCha20Rng) -> (Vec<Ciphertext>, Vec<Scalar>) {
    let randomness: Vec<Scalar> = bits.iter().map(|_| Scalar::random(rng)).collect();
    let encrypt = |(bit, randomness): (&u8, &Scalar)| Ciphertext::encrypt(Choice::from(*bit), randomness, &ceremony.result.joint_key);
    (bits.iter().zip(&randomness).map(encrypt).collect(), randomness)
}

/// What a ballot sends.
pub fn encrypt(ceremony: &Ceremony, bits: &[u8], rng: &mut ChaCha20Rng) -> Ciphertexts {
    let (mut ciphertexts, randomness) = encrypt_all(ceremony, bits, rng);
    ciphertexts.pop();
    Ciphertexts::new(ciphertexts, randomness.iter().sum())
}

/// The total of a column by the shares of trustees 1 to t.
fn open(ceremony: &Ceremony, column: &Column, rng: &mut ChaCha20Rng) -> Element {
    let shares: Vec<_> = if column.needs_shares() { (1..=ceremony.quorum.threshold()).map(|i| share(ceremony, i, column, rng)).collect() } else { Vec::new() };
    combine_shares(ceremony.quorum, column, &shares).unwrap()
}

#[test]
fn totals_are_those_of_the_ballots_and_add_up() {
    let mut rng = rng(60);
    let ceremony = Ceremony::run(3, 2, &mut rng);
    let mut accumulator = Accumulator::new(shapes());
    // District, the one of three chosen, and the positions of the second contest: two options, two blanks.
    let ballots = [(0, 0, [1, 0, 1, 0]), (0, 2, [0, 0, 1, 1]), (1, 2, [1, 1, 0, 0]), (2, 2, [0, 1, 1, 0]), (2, 1, [1, 0, 1, 0])];
    for (district, chosen, second) in ballots {
        let mut first = [0; 3];
        first[chosen] = 1;
        accumulator.add(0, district, &encrypt(&ceremony, &first, &mut rng)).unwrap();
        accumulator.add(1, district, &encrypt(&ceremony, &second, &mut rng)).unwrap();
    }
    let units = accumulator.units(0, 2, &[0, 1, 2]);
    assert_eq!(units, [Unit { districts: vec![0], ballots: 2 }, Unit { districts: vec![1, 2], ballots: 3 }]);
    let mut totals = Vec::new();
    for contest in [0, 1] {
        let columns = accumulator.columns(contest, &units, &ceremony.result.joint_key).unwrap();
        assert_eq!(columns.len(), 6);
        totals.push(columns.iter().map(|column| discrete_log(&open(&ceremony, column, &mut rng), 10).unwrap()).collect::<Vec<_>>());
    }
    assert_eq!(totals[0], [1, 0, 1, 0, 1, 2]);
    assert_eq!(totals[1], [1, 0, 3, 2, 2, 2]);
    for (unit, (first, second)) in units.iter().zip(totals[0].chunks(3).zip(totals[1].chunks(3))) {
        assert_eq!(check_sum(&shapes()[0], unit, first), Ok(()));
        assert_eq!(check_sum(&shapes()[1], unit, second), Ok(()));
    }
}

#[test]
fn a_last_ciphertext_of_the_identity_is_counted_without_shares() {
    let mut rng = rng(67);
    let ceremony = Ceremony::run(2, 2, &mut rng);
    let mut accumulator = Accumulator::new(shapes());
    // The voter takes 0 as the randomness of the third option, and votes for it.
    let (mut ciphertexts, randomness) = encrypt_all(&ceremony, &[0, 0, 1], &mut rng);
    ciphertexts.pop();
    accumulator.add(0, 0, &Ciphertexts::new(ciphertexts, randomness[0] + randomness[1])).unwrap();
    let columns = accumulator.columns(0, &accumulator.units(0, 1, &[0]), &ceremony.result.joint_key).unwrap();
    assert_eq!(columns.iter().map(Column::needs_shares).collect::<Vec<_>>(), [true, true, false]);
    let totals: Vec<_> = columns.iter().map(|column| discrete_log(&open(&ceremony, column, &mut rng), 10).unwrap()).collect();
    assert_eq!(totals, [0, 0, 1]);
}

#[test]
fn columns_carry_their_place() {
    let mut accumulator = Accumulator::new(shapes());
    let ceremony = Ceremony::run(2, 2, &mut rng(61));
    for district in [4, 7] {
        accumulator.add(1, district, &encrypt(&ceremony, &[1, 0, 1, 0], &mut rng(62))).unwrap();
    }
    let units = accumulator.units(1, 1, &[4, 7]);
    let places: Vec<_> =
        accumulator.columns(1, &units, &ceremony.result.joint_key).unwrap().iter().map(|column| (column.contest, column.unit, column.column)).collect();
    assert_eq!(places, [(1, 0, 0), (1, 0, 1), (1, 0, 2), (1, 1, 0), (1, 1, 1), (1, 1, 2)]);
}

#[test]
fn one_more_here_and_one_less_there_is_refused() {
    let mut rng = rng(63);
    let ceremony = Ceremony::run(3, 2, &mut rng);
    let mut accumulator = Accumulator::new(shapes());
    for chosen in [[1, 0, 0], [0, 1, 0], [0, 1, 0]] {
        accumulator.add(0, 0, &encrypt(&ceremony, &chosen, &mut rng)).unwrap();
    }
    let units = accumulator.units(0, 1, &[0]);
    let opened: Vec<_> = accumulator.columns(0, &units, &ceremony.result.joint_key).unwrap().iter().map(|column| open(&ceremony, column, &mut rng)).collect();
    let check = |totals: &[u64]| opened.iter().zip(totals).try_for_each(|(element, total)| check_total(element, *total));
    assert_eq!(check(&[1, 2, 0]), Ok(()));
    // The sum still adds up, so only the logarithms tell.
    assert_eq!(check_sum(&shapes()[0], &units[0], &[2, 1, 0]), Ok(()));
    assert_eq!(check(&[2, 1, 0]), Err(TallyError::WrongTotal(2)));
    assert_eq!(check_sum(&shapes()[0], &units[0], &[2, 2, 0]), Err(TallyError::WrongSum { expected: 3, found: 4 }));
    assert_eq!(check_sum(&shapes()[0], &units[0], &[u64::MAX, u64::MAX, 5]), Err(TallyError::WrongSum { expected: 3, found: 2 * u128::from(u64::MAX) + 5 }));
}

#[test]
fn totals_that_are_not_one_a_column_are_refused() {
    let unit = Unit { districts: vec![0], ballots: 3 };
    assert_eq!(check_sum(&shapes()[0], &unit, &[3, 0]), Err(TallyError::Columns { expected: 3, found: 2 }));
    assert_eq!(check_sum(&shapes()[1], &unit, &[3, 1, 1, 1]), Err(TallyError::Columns { expected: 3, found: 4 }));
}

#[test]
fn a_unit_without_ballots_opens_to_zeros_without_shares() {
    let ceremony = Ceremony::run(2, 2, &mut rng(64));
    let accumulator = Accumulator::new(shapes());
    let units = accumulator.units(1, 10, &[0, 1]);
    let columns = accumulator.columns(1, &units, &ceremony.result.joint_key).unwrap();
    assert_eq!(columns.len(), 3);
    for column in columns {
        assert!(!column.needs_shares());
        assert_eq!(check_total(&combine_shares(ceremony.quorum, &column, &[]).unwrap(), 0), Ok(()));
    }
}

#[test]
fn a_ballot_of_another_shape_adds_nothing() {
    let mut rng = rng(65);
    let ceremony = Ceremony::run(2, 2, &mut rng);
    let mut accumulator = Accumulator::new(shapes());
    for positions in [0, 2, 4] {
        let ciphertexts = encrypt(&ceremony, &vec![0; positions], &mut rng);
        assert_eq!(accumulator.add(0, 0, &ciphertexts), Err(TallyError::Ciphertexts { contest: 0, expected: 2, found: ciphertexts.sent().len() }));
    }
    assert_eq!(accumulator.add(2, 0, &encrypt(&ceremony, &[1, 0], &mut rng)), Err(TallyError::UnknownContest(2)));
    assert_eq!(accumulator.ballots(0, 0), 0);
}

#[test]
fn units_that_are_not_the_partition_of_the_ballots_are_refused() {
    let mut rng = rng(66);
    let ceremony = Ceremony::run(2, 2, &mut rng);
    let mut accumulator = Accumulator::new(shapes());
    for district in [0, 0, 1, 2] {
        accumulator.add(0, district, &encrypt(&ceremony, &[1, 0, 0], &mut rng)).unwrap();
    }
    let unit = |districts: &[u16], ballots| Unit { districts: districts.to_vec(), ballots };
    assert!(accumulator.columns(0, &[unit(&[0], 2), unit(&[1, 2], 2)], &ceremony.result.joint_key).is_ok());
    for units in [
        vec![unit(&[0], 2), unit(&[1], 1)],
        vec![unit(&[0], 2), unit(&[0], 2)],
        vec![unit(&[0], 2), unit(&[1, 1], 2)],
        vec![unit(&[0, 1, 2], 4), unit(&[], 0)],
        vec![],
    ] {
        assert_eq!(accumulator.columns(0, &units, &ceremony.result.joint_key).unwrap_err(), TallyError::NotAPartition(0));
    }
    let shifted = [unit(&[0], 3), unit(&[1, 2], 1)];
    assert_eq!(accumulator.columns(0, &shifted, &ceremony.result.joint_key).unwrap_err(), TallyError::UnitBallots { contest: 0, unit: 0 });
    assert_eq!(accumulator.columns(2, &[], &ceremony.result.joint_key).unwrap_err(), TallyError::UnknownContest(2));
}

#[test]
fn sums_of_other_contests_do_not_merge() {
    let mut accumulator = Accumulator::new(shapes());
    assert_eq!(accumulator.merge(Accumulator::new(shapes()[..1].to_vec())), Err(TallyError::OtherContests));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn columns_are_the_sums_of_all_ciphertexts_the_last_included(
        ballots in prop::collection::vec((0u16..3, prop::sample::subsequence(vec![0usize, 1, 2, 3], 2)), 1..20),
        seed in any::<u8>(),
    ) {
        let mut rng = rng(seed);
        let ceremony = Ceremony::run(2, 2, &mut rng);
        let mut accumulator = Accumulator::new(shapes());
        let mut sums = vec![[RistrettoPoint::identity(); 2]; 3];
        for (district, chosen) in ballots {
            let mut bits = [0; 4];
            chosen.into_iter().for_each(|position| bits[position] = 1);
            let (mut ciphertexts, randomness) = encrypt_all(&ceremony, &bits, &mut rng);
            // Two options, then two blanks that share a column.
            for (ciphertext, column) in ciphertexts.iter().zip([0, 1, 2, 2]) {
                sums[column][0] += ciphertext.a().point();
                sums[column][1] += ciphertext.b().point();
            }
            ciphertexts.pop();
            accumulator.add(1, district, &Ciphertexts::new(ciphertexts, randomness.iter().sum())).unwrap();
        }
        let units = accumulator.units(1, 100, &[0, 1, 2]);
        let columns = accumulator.columns(1, &units, &ceremony.result.joint_key).unwrap();
        let expected: Vec<_> = sums.into_iter().map(|[a, b]| (Element::new(a), Element::new(b))).collect();
        prop_assert_eq!(columns.iter().map(|column| (column.sum_a, column.sum_b)).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn sums_do_not_depend_on_the_division_among_threads(ballots in prop::collection::vec((0u16..4, 0usize..3, 0usize..3), 1..30), seed in any::<u8>()) {
        let mut rng = rng(seed);
        let ceremony = Ceremony::run(2, 2, &mut rng);
        let mut whole = Accumulator::new(shapes());
        let mut parts = vec![Accumulator::new(shapes()); 3];
        for (district, chosen, part) in ballots {
            let mut bits = [0; 3];
            bits[chosen] = 1;
            let ciphertexts = encrypt(&ceremony, &bits, &mut rng);
            whole.add(0, district, &ciphertexts).unwrap();
            parts[part].add(0, district, &ciphertexts).unwrap();
        }
        let mut merged = Accumulator::new(shapes());
        for part in parts {
            merged.merge(part).unwrap();
        }
        let units = whole.units(0, 5, &[0, 1, 2, 3]);
        prop_assert_eq!(&merged.units(0, 5, &[0, 1, 2, 3]), &units);
        prop_assert_eq!(merged.columns(0, &units, &ceremony.result.joint_key), whole.columns(0, &units, &ceremony.result.joint_key));
    }
}
