//! Decryption shares, their proofs, and their combination.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use tachiai_crypto::ceremony::TrusteeIndex;
use tachiai_crypto::election::context::Context;
use tachiai_crypto::election::tally::{TallyError, check_total, combine_shares, discrete_log};
use tachiai_crypto::group::{DecodeError, Element, G};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::proof::equality::{Column, DecryptionShare, ShareContext, ShareError};
use tachiai_crypto::transcript::Transcript;

use crate::setup::{Ceremony, index, rng};

/// A column whose total is `v`.
pub fn column(ceremony: &Ceremony, v: u64, rng: &mut ChaCha20Rng) -> Column {
    let r = Scalar::random(rng);
    Column {
        contest: 1,
        unit: 2,
        column: 3,
        sum_a: Element::new(RistrettoPoint::mul_base(&r)),
        sum_b: Element::new(ceremony.result.joint_key.point() * r + RistrettoPoint::mul_base(&Scalar::from(v))),
    }
}

pub fn context(ceremony: &Ceremony, trustee: TrusteeIndex) -> ShareContext {
    ShareContext {
        context: Context::from_hash(Hash32::sha256(b"context")),
        statement: Hash32::sha256(b"statement"),
        trustee,
        share_key: *ceremony.result.share_key(trustee).unwrap(),
    }
}

pub fn share(ceremony: &Ceremony, trustee: u8, column: &Column, rng: &mut ChaCha20Rng) -> (TrusteeIndex, DecryptionShare) {
    let context = context(ceremony, index(trustee));
    let share = DecryptionShare::prove(&ceremony.keys[usize::from(trustee) - 1], &context, column, rng).unwrap();
    share.verify(&context, column).unwrap();
    (index(trustee), share)
}

/// Every subset of 1…n with t members.
fn subsets(n: u8, t: u8) -> Vec<Vec<u8>> {
    (0u32..1 << n).filter(|bits| bits.count_ones() == u32::from(t)).map(|bits| (1..=n).filter(|i| bits & (1 << (i - 1)) != 0).collect()).collect()
}

#[test]
fn any_t_shares_give_the_total_and_fewer_are_refused() {
    let mut rng = rng(40);
    for (n, t) in [(3, 2), (5, 3), (9, 5)] {
        let ceremony = Ceremony::run(n, t, &mut rng);
        let column = column(&ceremony, 1234, &mut rng);
        let all: Vec<_> = (1..=n).map(|i| share(&ceremony, i, &column, &mut rng)).collect();
        let pick = |subset: &[u8]| subset.iter().map(|i| all[usize::from(*i) - 1]).collect::<Vec<_>>();
        for subset in subsets(n, t) {
            let total = combine_shares(ceremony.quorum, &column, &pick(&subset)).unwrap();
            assert_eq!(discrete_log(&total, 2000), Some(1234), "{subset:?} of {n}");
        }
        for subset in subsets(n, t - 1) {
            let error = TallyError::TooFewShares { needed: t, found: subset.len() };
            assert_eq!(combine_shares(ceremony.quorum, &column, &pick(&subset)), Err(error));
        }
        assert_eq!(combine_shares(ceremony.quorum, &column, &all), combine_shares(ceremony.quorum, &column, &all[..usize::from(t)]));
    }
}

#[test]
fn the_order_of_shares_does_not_matter() {
    let mut rng = rng(41);
    let ceremony = Ceremony::run(5, 3, &mut rng);
    let column = column(&ceremony, 77, &mut rng);
    let mut shares: Vec<_> = [4, 1, 5, 2].iter().map(|i| share(&ceremony, *i, &column, &mut rng)).collect();
    let total = combine_shares(ceremony.quorum, &column, &shares);
    shares.reverse();
    assert_eq!(combine_shares(ceremony.quorum, &column, &shares), total);
    assert_eq!(check_total(&total.unwrap(), 77), Ok(()));
}

#[test]
fn one_share_used_twice_is_refused() {
    let mut rng = rng(42);
    let ceremony = Ceremony::run(3, 2, &mut rng);
    let column = column(&ceremony, 5, &mut rng);
    let (first, second) = (share(&ceremony, 3, &column, &mut rng), share(&ceremony, 3, &column, &mut rng));
    assert_eq!(combine_shares(ceremony.quorum, &column, &[first, first]), Err(TallyError::ShareTwice(index(3))));
    assert_eq!(combine_shares(ceremony.quorum, &column, &[first, share(&ceremony, 1, &column, &mut rng), second]), Err(TallyError::ShareTwice(index(3))));
}

#[test]
fn a_share_under_an_index_that_is_no_trustees_is_refused() {
    let mut rng = rng(43);
    let ceremony = Ceremony::run(3, 2, &mut rng);
    let column = column(&ceremony, 5, &mut rng);
    let (first, (_, second)) = (share(&ceremony, 1, &column, &mut rng), share(&ceremony, 2, &column, &mut rng));
    assert_eq!(combine_shares(ceremony.quorum, &column, &[first, (index(4), second)]), Err(TallyError::Stranger(index(4))));
}

#[test]
fn a_column_with_identity_a_takes_no_shares_and_is_read_directly() {
    let mut rng = rng(44);
    let ceremony = Ceremony::run(3, 2, &mut rng);
    let ordinary = column(&ceremony, 5, &mut rng);
    let (who, share) = share(&ceremony, 1, &ordinary, &mut rng);
    let open = Column { sum_a: Element::new(RistrettoPoint::identity()), sum_b: Element::new(RistrettoPoint::mul_base(&Scalar::from(9u64))), ..ordinary };
    let context = context(&ceremony, who);
    assert!(!open.needs_shares());
    assert_eq!(DecryptionShare::prove(&ceremony.keys[0], &context, &open, &mut rng), Err(ShareError::NothingToDecrypt));
    assert_eq!(share.verify(&context, &open), Err(ShareError::NothingToDecrypt));
    assert_eq!(combine_shares(ceremony.quorum, &open, &[(who, share)]), Err(TallyError::NeedlessShares));
    assert_eq!(discrete_log(&combine_shares(ceremony.quorum, &open, &[]).unwrap(), 10), Some(9));
}

#[test]
fn a_proof_holds_for_its_context_and_column_only() {
    let mut rng = rng(45);
    let ceremony = Ceremony::run(3, 2, &mut rng);
    let column = column(&ceremony, 5, &mut rng);
    let (who, share) = share(&ceremony, 1, &column, &mut rng);
    let context = context(&ceremony, who);
    assert_eq!(share.verify(&context, &column), Ok(()));

    let other = Element::new(RistrettoPoint::random(&mut rng));
    let columns = [
        ("another A", Column { sum_a: other, ..column }),
        ("another B", Column { sum_b: other, ..column }),
        ("another contest", Column { contest: 0, ..column }),
        ("another unit", Column { unit: 0, ..column }),
        ("another column", Column { column: 0, ..column }),
        ("unit and column exchanged", Column { unit: 3, column: 2, ..column }),
    ];
    for (what, column) in columns {
        assert_eq!(share.verify(&context, &column), Err(ShareError::Refuted(who)), "{what}");
    }
    let contexts = [
        ("another election", ShareContext { context: Context::from_hash(Hash32::ZERO), ..context }),
        ("another statement", ShareContext { statement: Hash32::ZERO, ..context }),
        ("another trustee", ShareContext { trustee: index(2), ..context }),
        ("another share key", ShareContext { share_key: ceremony.result.share_keys[1], ..context }),
    ];
    for (what, context) in contexts {
        assert_eq!(share.verify(&context, &column), Err(ShareError::Refuted(context.trustee)), "{what}");
    }
}

#[test]
fn a_proof_with_another_share_is_refused() {
    let mut rng = rng(46);
    let ceremony = Ceremony::run(3, 2, &mut rng);
    let column = column(&ceremony, 5, &mut rng);
    let (who, share) = share(&ceremony, 1, &column, &mut rng);
    // A share shifted by G would move the total by a Lagrange factor.
    let mut bytes = share.to_bytes();
    bytes[..32].copy_from_slice((share.element().point() + G).compress().as_bytes());
    assert_eq!(DecryptionShare::decode(&bytes).unwrap().verify(&context(&ceremony, who), &column), Err(ShareError::Refuted(who)));
}

#[test]
fn a_share_chosen_after_its_challenge_is_refused() {
    // A trustee who knows its key makes announcements, takes a challenge that does not bind D, and solves for a D of its liking. Were D not in the
    // transcript, this would verify.
    let mut rng = rng(47);
    let ceremony = Ceremony::run(3, 2, &mut rng);
    let column = column(&ceremony, 5, &mut rng);
    let context = context(&ceremony, index(1));
    let key = Scalar::from_canonical_bytes(*ceremony.keys[0].to_bytes()).unwrap();
    let forge = |honest_d: Option<RistrettoPoint>| {
        let (k, announcement_a) = (Scalar::from(11u64), column.sum_a.point() * Scalar::from(if honest_d.is_some() { 11u64 } else { 12 }));
        let mut transcript = Transcript::new("decryption/v1");
        transcript.append("context", context.context.as_bytes());
        transcript.append("statement", context.statement.as_bytes());
        transcript.append_u64("trustee", 1);
        transcript.append("share-key", context.share_key.as_bytes());
        for (name, value) in [("contest", column.contest), ("unit", column.unit), ("column", column.column)] {
            transcript.append_u64(name, value.into());
        }
        transcript.append("sum-a", column.sum_a.as_bytes());
        transcript.append("sum-b", column.sum_b.as_bytes());
        if let Some(d) = honest_d {
            transcript.append("share", d.compress().as_bytes());
        }
        transcript.append("announcement-g", RistrettoPoint::mul_base(&k).compress().as_bytes());
        transcript.append("announcement-a", announcement_a.compress().as_bytes());
        let c = transcript.challenge("c");
        let s = k + c * key;
        let d = (column.sum_a.point() * s - announcement_a) * c.invert();
        let bytes = [d.compress().to_bytes(), c.to_bytes(), s.to_bytes()].concat();
        DecryptionShare::decode(bytes[..].try_into().unwrap()).unwrap().verify(&context, &column)
    };
    assert_eq!(forge(Some(column.sum_a.point() * key)), Ok(()), "the transcript of this test is not the protocol's");
    assert_eq!(forge(None), Err(ShareError::Refuted(index(1))));
}

#[test]
fn an_identity_share_and_an_all_zero_proof_are_refused() {
    assert_eq!(DecryptionShare::decode(&[0; 96]), Err(DecodeError::Identity));
    let mut rng = rng(48);
    let ceremony = Ceremony::run(3, 2, &mut rng);
    let column = column(&ceremony, 5, &mut rng);
    let (who, share) = share(&ceremony, 1, &column, &mut rng);
    let mut zero_scalars = [0; 96];
    zero_scalars[..32].copy_from_slice(share.element().as_bytes());
    assert_eq!(DecryptionShare::decode(&zero_scalars).unwrap().verify(&context(&ceremony, who), &column), Err(ShareError::Refuted(who)));
}

#[test]
fn an_identity_share_key_is_refused() {
    let mut rng = rng(49);
    let ceremony = Ceremony::run(3, 2, &mut rng);
    let column = column(&ceremony, 5, &mut rng);
    let (who, share) = share(&ceremony, 1, &column, &mut rng);
    let context = ShareContext { share_key: Element::new(RistrettoPoint::identity()), ..context(&ceremony, who) };
    assert_eq!(share.verify(&context, &column), Err(ShareError::IdentityShareKey(who)));
}

#[test]
fn non_canonical_encodings_of_a_share_are_refused() {
    let mut rng = rng(50);
    let ceremony = Ceremony::run(3, 2, &mut rng);
    let column = column(&ceremony, 5, &mut rng);
    let bytes = share(&ceremony, 1, &column, &mut rng).1.to_bytes();
    // ℓ added to a scalar, a point of odd sign, a field element above p.
    let order: Vec<u8> = {
        let mut order = (-Scalar::ONE).to_bytes();
        order[0] += 1;
        order.to_vec()
    };
    for (from, error) in [(32, DecodeError::Scalar), (64, DecodeError::Scalar)] {
        let mut other = bytes;
        let mut carry = 0;
        for (byte, add) in other[from..from + 32].iter_mut().zip(&order) {
            let sum = u16::from(*byte) + u16::from(*add) + carry;
            *byte = sum.to_le_bytes()[0];
            carry = sum >> 8;
        }
        assert_eq!(DecryptionShare::decode(&other), Err(error));
    }
    let mut odd = bytes;
    odd[0] ^= 1;
    let mut large = bytes;
    large[..32].fill(0xff);
    for other in [odd, large] {
        assert_eq!(DecryptionShare::decode(&other), Err(DecodeError::Point));
    }
}

#[test]
fn a_key_is_used_for_its_own_trustee_and_election_only() {
    let mut rng = rng(51);
    let ceremony = Ceremony::run(3, 2, &mut rng);
    let column = column(&ceremony, 5, &mut rng);
    let own = context(&ceremony, index(1));
    for context in [context(&ceremony, index(2)), ShareContext { share_key: ceremony.result.share_keys[1], ..own }, ShareContext { trustee: index(2), ..own }] {
        assert_eq!(DecryptionShare::prove(&ceremony.keys[0], &context, &column, &mut rng), Err(ShareError::OtherKey(context.trustee)));
    }
}

#[test]
fn two_proofs_of_one_share_have_two_nonces_and_one_share() {
    let mut rng = rng(52);
    let ceremony = Ceremony::run(3, 2, &mut rng);
    let column = column(&ceremony, 5, &mut rng);
    let (first, second) = (share(&ceremony, 1, &column, &mut rng).1, share(&ceremony, 1, &column, &mut rng).1);
    assert_eq!(first.element(), second.element());
    assert_ne!(first.to_bytes()[32..], second.to_bytes()[32..]);
}

#[test]
fn a_source_of_randomness_that_repeats_gives_no_nonce_twice_over_two_columns() {
    let mut source = rng(53);
    let ceremony = Ceremony::run(3, 2, &mut source);
    let (first, second) = (column(&ceremony, 5, &mut source), column(&ceremony, 6, &mut source));
    // The same state for both proofs: were the nonces equal, kG would be, and the two responses would give the key away.
    let announcement = |column: &Column| {
        let bytes = share(&ceremony, 1, column, &mut rng(54)).1.to_bytes();
        let scalar = |from: usize| Scalar::from_canonical_bytes(bytes[from..from + 32].try_into().unwrap()).unwrap();
        RistrettoPoint::mul_base(&scalar(64)) - ceremony.result.share_keys[0].point() * scalar(32)
    };
    assert_ne!(announcement(&first), announcement(&second));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn shares_give_the_same_total_as_direct_decryption(seed in any::<u8>(), v in 0u64..100_000, quorum in prop::sample::select(vec![(2u8, 2u8), (3, 2), (4, 3), (5, 3), (9, 5)]), skip in any::<u8>()) {
        let mut rng = rng(seed);
        let (n, t) = quorum;
        let ceremony = Ceremony::run(n, t, &mut rng);
        let column = column(&ceremony, v, &mut rng);
        let secret: Scalar = ceremony.polynomials.iter().map(|polynomial| Scalar::from_canonical_bytes(polynomial.to_bytes()[..32].try_into().unwrap()).unwrap()).sum();
        let direct = Element::new(column.sum_b.point() - column.sum_a.point() * secret);
        let shares: Vec<_> = (0..t).map(|i| share(&ceremony, (skip % n + i) % n + 1, &column, &mut rng)).collect();
        let combined = combine_shares(ceremony.quorum, &column, &shares).unwrap();
        prop_assert_eq!(combined, direct);
        prop_assert_eq!(check_total(&combined, v), Ok(()));
        prop_assert_eq!(discrete_log(&combined, 100_000), Some(v));
    }

    #[test]
    fn a_share_survives_its_bytes_and_no_flipped_bit_verifies(seed in any::<u8>(), bit in 0usize..768) {
        let mut rng = rng(seed);
        let ceremony = Ceremony::run(2, 2, &mut rng);
        let column = column(&ceremony, 3, &mut rng);
        let (who, share) = share(&ceremony, 2, &column, &mut rng);
        let mut bytes = share.to_bytes();
        prop_assert_eq!(DecryptionShare::decode(&bytes), Ok(share));
        bytes[bit / 8] ^= 1 << (bit % 8);
        let verified = DecryptionShare::decode(&bytes).is_ok_and(|share| share.verify(&context(&ceremony, who), &column).is_ok());
        prop_assert!(!verified);
    }
}
