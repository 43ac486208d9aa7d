//! Bytes that are not a ballot.

use super::*;
use crate::group::G;

const HEADER: usize = BallotHeader::LEN;
/// Positions of the two contests: 5, and 4 with 3 blanks.
const POSITIONS: [usize; 2] = [5, 7];

/// The length of a ballot of [`two_contests`].
const LENGTH: usize = 1521;
/// Where ρ of each contest starts, after its ciphertexts but the last.
const RHOS: [usize; 2] = [HEADER + 64 * 4, HEADER + 64 * 10 + 32];
/// Where Bc, Ac, U, V' start.
const PROOFS: usize = HEADER + 64 * 10 + 32 * 2;

/// Where points start in a ballot of [`two_contests`], and whether the identity is refused there.
fn points() -> Vec<(usize, bool)> {
    let sent = (0..4).map(|position| HEADER + 64 * position).chain((0..6).map(|position| RHOS[0] + 32 + 64 * position));
    let ciphertexts = sent.flat_map(|at| [(at, true), (at + 32, false)]);
    let proofs = (0..8).map(|point| (PROOFS + 32 * point, false));
    [(17, true)].into_iter().chain(ciphertexts).chain(proofs).chain([(LENGTH - 64, true)]).collect()
}

/// Where scalars start.
fn scalars() -> Vec<usize> {
    let start = PROOFS + 32 * 8;
    let count = POSITIONS.iter().map(|k| k + 1).sum::<usize>();
    RHOS.into_iter().chain((0..count).map(|scalar| start + 32 * scalar)).chain([LENGTH - 32]).collect()
}

fn with(at: usize, replacement: &[u8]) -> Result<Ballot, BallotError> {
    let mut bytes = ballot(0).bytes().to_vec();
    bytes[at..at + replacement.len()].copy_from_slice(replacement);
    Ballot::parse(&bytes, &two_contests().style)
}

fn cause(at: usize, replacement: &[u8]) -> Option<DecodeError> {
    match with(at, replacement) {
        Err(BallotError::Decode { at: found, cause }) if found == at || (at == LENGTH - 32 && found == LENGTH - 64) => Some(cause),
        _ => None,
    }
}

/// 2^255 − 19 + `add` as bytes.
fn field_order_plus(add: u8) -> [u8; 32] {
    let mut bytes = [0xff; 32];
    (bytes[0], bytes[31]) = (0xed + add, 0x7f);
    bytes
}

#[test]
fn the_offsets_of_this_test_cover_the_ballot() {
    let fields = points().len() + scalars().len();
    assert_eq!(HEADER - 32 + 32 * fields, ballot(0).bytes().len());
}

#[test]
fn a_negative_point_is_refused_in_every_place() {
    for (at, _) in points() {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(&ballot(0).bytes()[at..at + 32]);
        // p − x has the other sign and stands for the other representative.
        let (mut borrow, order) = (0_i16, field_order_plus(0));
        for (byte, order) in bytes.iter_mut().zip(order) {
            let difference = i16::from(order) - i16::from(*byte) - borrow;
            borrow = i16::from(difference < 0);
            *byte = difference.rem_euclid(256) as u8;
        }
        assert_eq!(cause(at, &bytes), Some(DecodeError::Point), "byte {at}");
    }
}

#[test]
fn a_non_canonical_point_is_refused_in_every_place() {
    let mut high_bit = G.compress().to_bytes();
    high_bit[31] |= 0x80;
    for (at, _) in points() {
        for hostile in [field_order_plus(0), field_order_plus(1), field_order_plus(2), [0xff; 32], high_bit] {
            assert_eq!(cause(at, &hostile), Some(DecodeError::Point), "byte {at}");
        }
    }
}

#[test]
fn a_non_square_is_refused_in_every_place() {
    // Encodings of RFC 9496, appendix A.3, that belong to no point: non-square, negative xy, s = −1.
    let hostile = [
        "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
        "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];
    for (at, _) in points() {
        for hostile in hostile {
            let bytes = data_encoding::HEXLOWER.decode(hostile.as_bytes()).unwrap();
            assert_eq!(cause(at, &bytes), Some(DecodeError::Point), "byte {at}: {hostile}");
        }
    }
}

#[test]
fn the_identity_is_refused_as_key_a_and_nonce() {
    for (at, refused) in points() {
        assert_eq!(cause(at, &[0; 32]), refused.then_some(DecodeError::Identity), "byte {at}");
    }
}

#[test]
fn the_identity_elsewhere_is_refused_by_the_verifier() {
    for (at, refused) in points() {
        if !refused {
            assert!(verdict(&with(at, &[0; 32]).unwrap(), &two_contests()).is_err(), "byte {at}");
        }
    }
}

#[test]
fn a_ciphertext_of_nothing_but_the_vote_is_refused() {
    let hostile = [[0; 32], G.compress().to_bytes()].concat();
    assert_eq!(cause(HEADER, &hostile), Some(DecodeError::Identity));
}

#[test]
fn a_scalar_not_below_the_order_is_refused_in_every_place() {
    let mut order = (-Scalar::ONE).to_bytes();
    order[0] += 1;
    for at in scalars() {
        // The second is the scalar itself plus the order, which counts the same.
        let mut plus_order = [0; 32];
        let mut carry = 0;
        for (index, byte) in plus_order.iter_mut().enumerate() {
            carry += u16::from(ballot(0).bytes()[at + index]) + u16::from(order[index]);
            *byte = carry as u8;
            carry >>= 8;
        }
        for hostile in [order, plus_order, [0xff; 32]] {
            assert_eq!(cause(at, &hostile), Some(DecodeError::Scalar), "byte {at}");
        }
    }
}

#[test]
fn the_same_a_twice_is_refused() {
    let bytes = ballot(0).bytes().to_vec();
    for other in [HEADER + 64, RHOS[1] - 64] {
        let first: [u8; 32] = bytes[HEADER..HEADER + 32].try_into().unwrap();
        assert_eq!(with(other, &first).map(|_| ()), Err(BallotError::RepeatedA));
    }
}

#[test]
fn every_truncation_and_a_trailing_byte_is_refused() {
    let (style, bytes) = (two_contests().style, ballot(0).bytes().to_vec());
    for found in 0..bytes.len() {
        assert_eq!(Ballot::parse(&bytes[..found], &style).map(|_| ()), Err(BallotError::Length { expected: LENGTH, found }));
    }
    assert_eq!(Ballot::parse(&[bytes, vec![0]].concat(), &style).map(|_| ()), Err(BallotError::Length { expected: LENGTH, found: LENGTH + 1 }));
}

#[test]
fn an_option_more_or_less_is_refused() {
    let bytes = ballot(0).bytes().to_vec();
    for named in [4, 6] {
        let style = statement(&[(0, named, Choose::Exactly(1)), (3, 4, Choose::UpTo(3))]).style;
        assert!(matches!(Ballot::parse(&bytes, &style), Err(BallotError::Length { .. })));
    }
}

#[test]
fn another_version_is_refused() {
    for version in [0, 2, 255] {
        assert_eq!(with(0, &[version]).map(|_| ()), Err(BallotError::Version(version)));
    }
}
