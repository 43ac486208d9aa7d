//! Casting turns a vote into a ballot, in a time that does not depend on the vote.

use std::marker::PhantomData;
use std::sync::Arc;

use curve25519_dalek::scalar::Scalar;
use rand_core::{CryptoRng, RngCore};
use subtle::{ConstantTimeEq, ConstantTimeLess};
use zeroize::Zeroizing;

use super::{
    Ballot, BallotHeader, Contest, Statement, Verified, bind_announcements, bind_ciphertexts, bind_commitments, length, signed_message, start,
    write_ciphertexts,
};
use crate::election::context::{Choose, ContestShape, Counter, LeafIndex, Slot};
use crate::election::opening::Opening;
use crate::elgamal::{Ciphertexts, SecretBit};
use crate::hash::tagged;
use crate::labels;
use crate::proof::zero_one::{Announced, Announcement, Commitments, Committed, Proof, Responses};
use crate::signature::SecretKey;
use crate::transcript::Transcript;

/// Why a vote cannot be cast.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CastError {
    /// The lists are not one for each contest of the style.
    #[error("{found} selections where the style has {expected} contests")]
    Contests {
        /// The contests of the style.
        expected: usize,
        /// The lists given.
        found: usize,
    },
    /// The options chosen in a contest are too many or too few, repeated, or not options of it.
    #[error("the options chosen in contest {0} are not a valid vote")]
    Selections(u16),
}

/// Casts a vote: encrypts it, proves it and signs it (PROTOCOL §7).
///
/// `selections` holds for each contest of the style the chosen named options, numbered from 0, in any order; a contest of *up to m* takes fewer, and
/// blanks fill the rest. The time taken depends on the style, and on how many options were chosen only as far as reading a list does, never on which.
/// The state [`Verified`] holds by construction. The opening is secret until the ballot is challenged.
///
/// # Errors
/// [`CastError`]: the selections are not a vote of this style.
pub fn cast(
    selections: &[Vec<usize>],
    statement: &Statement,
    slot: Slot,
    registration: LeafIndex,
    counter: Counter,
    key: &SecretKey,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<(Ballot<Verified>, Opening), CastError> {
    let style = &statement.style;
    if selections.len() != style.contests().len() {
        return Err(CastError::Contests { expected: style.contests().len(), found: selections.len() });
    }
    let mut bits = Vec::with_capacity(selections.len());
    for ((index, shape), chosen) in style.contests().iter().zip(selections) {
        bits.push(positions(shape, chosen).ok_or(CastError::Selections(*index))?);
    }
    let secret = witness(key, &bits);

    let voting_key = key.public();
    let header = BallotHeader { slot, registration, counter, voting_key: *voting_key.as_bytes() };
    let mut transcript = start(&header, statement);
    let secrets = draw(&transcript, &secret, &bits, rng);
    let ciphertexts: Vec<Ciphertexts> = secrets.iter().map(|contest| Ciphertexts::encrypt(contest, &statement.joint_key)).collect();
    bind_ciphertexts(&mut transcript, ciphertexts.iter());
    let proofs = prove(&mut transcript, &secret, &secrets, statement, rng);

    let contests: Vec<Contest> = ciphertexts.into_iter().zip(proofs).map(|(ciphertexts, proof)| Contest { ciphertexts, proof }).collect();
    let mut bytes = Vec::with_capacity(length(style));
    write(&mut bytes, &header, &contests);
    // The message is formed from a whole ballot, so the place of the signature is made first.
    bytes.resize(length(style), 0);
    let signature = key.sign_as(&voting_key, labels::purpose::BALLOT, &signed_message(statement, &bytes), rng);
    bytes.truncate(length(style) - 64);
    bytes.extend_from_slice(&signature.to_bytes());

    let hash = tagged(labels::hash::BALLOT, &[&bytes]);
    let ballot = Ballot { bytes, hash, header, voting_key, style: Arc::clone(style), contests, signature, state: PhantomData };
    Ok((ballot, Opening::new(secrets)))
}

/// The bits of a contest, blanks last, without branching on or indexing by what was chosen; `None` if that is not a vote.
fn positions(shape: &ContestShape, chosen: &[usize]) -> Option<Zeroizing<Vec<u8>>> {
    let most = usize::from(shape.selections());
    if chosen.len() > most || (matches!(shape.choose(), Choose::Exactly(_)) && chosen.len() != most) {
        return None;
    }
    // An option that does not exist fills the list, so that its length does not set the number of comparisons.
    let padded = chosen.iter().map(|option| *option as u64).chain(std::iter::repeat(u64::MAX));
    let padded: Zeroizing<Vec<u64>> = Zeroizing::new(padded.take(most).collect());
    let mut bits = Zeroizing::new(Vec::with_capacity(shape.positions()));
    for option in 0..shape.named() as u64 {
        bits.push(padded.iter().fold(0, |bit, one| bit | one.ct_eq(&option).unwrap_u8()));
    }
    // Repetitions and unknown options leave fewer bits set than were chosen. A vote that fails is not cast, so this much may show.
    if bits.iter().map(|bit| usize::from(*bit)).sum::<usize>() != chosen.len() {
        return None;
    }
    let missing = (most - chosen.len()) as u64;
    bits.extend((0..shape.blanks() as u64).map(|blank| blank.ct_lt(&missing).unwrap_u8()));
    Some(bits)
}

/// What keys the randomness of a ballot besides chance: the voting key and the vote. With chance alone broken, two votes under one counter still get
/// different randomness.
fn witness(key: &SecretKey, bits: &[Zeroizing<Vec<u8>>]) -> Zeroizing<Vec<u8>> {
    let mut secret = Zeroizing::new(Vec::with_capacity(32 + bits.iter().map(|bits| bits.len()).sum::<usize>()));
    secret.extend_from_slice(key.expose().as_bytes());
    bits.iter().for_each(|bits| secret.extend_from_slice(bits));
    secret
}

/// Draws the randomness of all positions. To draw r_k and take the sum as ρ is to draw ρ and take the rest as r_k.
fn draw(transcript: &Transcript, secret: &[u8], bits: &[Zeroizing<Vec<u8>>], rng: &mut (impl RngCore + CryptoRng)) -> Vec<Vec<SecretBit>> {
    let mut rng = transcript.witness_rng(secret, rng);
    let mut contest = |bits: &Zeroizing<Vec<u8>>| bits.iter().map(|bit| SecretBit { bit: *bit, randomness: Scalar::random(&mut rng) }).collect();
    bits.iter().map(&mut contest).collect()
}

/// Proves all contests under the same two challenges.
fn prove(transcript: &mut Transcript, secret: &[u8], secrets: &[Vec<SecretBit>], statement: &Statement, rng: &mut (impl RngCore + CryptoRng)) -> Vec<Proof> {
    let mut rng = transcript.witness_rng(secret, rng);
    let committed: Vec<Committed<'_>> = secrets.iter().map(|contest| Committed::new(contest, &mut rng)).collect();
    bind_commitments(transcript, committed.iter().map(Committed::commitments));
    let y = transcript.challenge("y");
    let announced: Vec<Announced<'_>> = committed.into_iter().map(|contest| contest.announce(&y, &statement.joint_key)).collect();
    bind_announcements(transcript, announced.iter().map(Announced::announcement));
    let x = transcript.challenge("x");
    announced.into_iter().map(|contest| contest.respond(&x)).collect()
}

/// Writes a ballot up to its signature (PROTOCOL §7.2).
pub(super) fn write(out: &mut Vec<u8>, header: &BallotHeader, contests: &[Contest]) {
    header.write(out);
    for Contest { ciphertexts, proof: _ } in contests {
        write_ciphertexts(out, ciphertexts);
    }
    for Contest { ciphertexts: _, proof: Proof { commitments, announcement, responses: _ } } in contests {
        let (Commitments { bits, masks }, Announcement { u, v }) = (commitments, announcement);
        [bits, masks, u, v].into_iter().for_each(|element| out.extend_from_slice(element.as_bytes()));
    }
    for Contest { ciphertexts: _, proof: Proof { commitments: _, announcement: _, responses: Responses { f, z, w } } } in contests {
        f.iter().chain([z, w]).for_each(|scalar| out.extend_from_slice(scalar.as_bytes()));
    }
}
