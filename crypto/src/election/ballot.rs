//! A ballot is a sealed vote of one slot: ciphertexts for every contest of its style, a proof that they hold a valid vote, and a signature of the slot's
//! voting key (PROTOCOL §7).
//!
//! [`Ballot::parse`] decides form: length, canonical encodings, no identity and no repetition among the A's that it sends (R501). [`Ballot::verify`] decides proofs and
//! signature (R504, R505) against a [`Statement`], and is the single check that batches fall back to. [`cast`] makes ballots.

use std::marker::PhantomData;
use std::sync::Arc;

use curve25519_dalek::scalar::Scalar;

use crate::election::context::{BallotStyle, ContestShape, Context, Counter, LeafIndex, Slot};
use crate::elgamal::{Ciphertext, Ciphertexts};
use crate::group::{DecodeError, Element, decode_scalar};
use crate::hash::{Hash32, tagged};
use crate::labels;
use crate::proof::zero_one::{Announcement, Commitments, Equation, Proof, Responses};
use crate::signature::{PublicKey, Signature};
use crate::transcript::Transcript;

mod cast;

pub use cast::{CastError, cast};

/// The version byte of a ballot.
const VERSION: u8 = 1;

/// The state of a ballot whose form is right and whose proofs are not checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unverified {}

/// The state of a ballot whose proofs and signature hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verified {}

/// What a ballot says before its ciphertexts: enough to find its slot, style and registration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BallotHeader {
    /// The slot that votes.
    pub slot: Slot,
    /// The leaf of the slot's registration.
    pub registration: LeafIndex,
    /// The number of the ballot under its registration.
    pub counter: Counter,
    /// The encoding of the voting key, not decoded.
    pub voting_key: [u8; 32],
}

impl BallotHeader {
    /// version ‖ slot ‖ registration leaf ‖ counter ‖ V.
    pub const LEN: usize = 1 + 4 + 8 + 4 + 32;

    /// Reads the header of a ballot and nothing after it.
    ///
    /// # Errors
    /// [`BallotError::Length`], [`BallotError::Version`].
    pub fn peek(bytes: &[u8]) -> Result<Self, BallotError> {
        let mut reader = Reader::new(bytes);
        let header = reader.header().ok_or(BallotError::Length { expected: Self::LEN, found: bytes.len() })?;
        let (version, header) = header;
        if version == VERSION { Ok(header) } else { Err(BallotError::Version(version)) }
    }

    fn write(&self, out: &mut Vec<u8>) {
        let Self { slot, registration, counter, voting_key } = self;
        out.push(VERSION);
        out.extend_from_slice(&slot.0.to_be_bytes());
        out.extend_from_slice(&registration.0.to_be_bytes());
        out.extend_from_slice(&counter.0.to_be_bytes());
        out.extend_from_slice(voting_key);
    }
}

/// Why bytes are not a ballot of a style (R501).
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BallotError {
    /// The length is not that of the style.
    #[error("a ballot of {found} bytes where the style has {expected}")]
    Length {
        /// What the style needs.
        expected: usize,
        /// What is there.
        found: usize,
    },
    /// The first byte is not a known version.
    #[error("ballot version {0} is not known")]
    Version(u8),
    /// A point or scalar is not in its one form, or is the identity where that is refused.
    #[error("byte {at} of the ballot: {cause}")]
    Decode {
        /// Where the point or scalar starts.
        at: usize,
        /// What is wrong with it.
        cause: DecodeError,
    },
    /// The same A stands twice in the ballot, so that the difference of two bits is open to all.
    #[error("two ciphertexts of the ballot have the same A")]
    RepeatedA,
}

/// Why a parsed ballot is not valid (R504, R505). A contest is named by its index in the manifest.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ProofError {
    /// The ballot was parsed for another style than that of the statement.
    #[error("the ballot was read for another style")]
    Style,
    /// An equation of the proof does not hold.
    #[error("contest {contest}: {equation} does not hold")]
    Equation {
        /// The contest.
        contest: u16,
        /// The first equation that fails.
        equation: Equation,
    },
    /// The signature does not hold.
    #[error("the signature of the voting key does not hold")]
    Signature,
}

/// What a ballot is checked against. The caller takes it from the board, never from the ballot.
#[derive(Clone, Debug)]
pub struct Statement {
    /// CTX of the election.
    pub context: Context,
    /// H, the trustees' joint key.
    pub joint_key: Element,
    /// The leaf hash of the registration that the ballot names.
    pub registration: Hash32,
    /// The style of the slot's district.
    pub style: Arc<BallotStyle>,
}

/// A contest of a ballot: its ciphertexts and their proof.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Contest {
    pub(crate) ciphertexts: Ciphertexts,
    pub(crate) proof: Proof,
}

/// A ballot whose form is right; whether its proofs and signature hold is said by the state.
#[derive(Clone, Debug)]
pub struct Ballot<State = Unverified> {
    bytes: Vec<u8>,
    hash: Hash32,
    header: BallotHeader,
    voting_key: PublicKey,
    style: Arc<BallotStyle>,
    contests: Vec<Contest>,
    signature: Signature,
    state: PhantomData<State>,
}

/// The challenges of a ballot: those of its proofs, and that of its signature.
pub(crate) struct Challenges {
    pub(crate) y: Scalar,
    pub(crate) x: Scalar,
    pub(crate) signature: Scalar,
}

impl Ballot<Unverified> {
    /// Parses the bytes of a ballot of the given style.
    ///
    /// # Errors
    /// [`BallotError`]: the bytes break R501.
    pub fn parse(bytes: &[u8], style: &Arc<BallotStyle>) -> Result<Self, BallotError> {
        Self::parse_with_key(bytes, style, |_| None)
    }

    /// As [`Self::parse`], for who may have decoded the voting key before: a key that `known` finds for its bytes is not decoded again.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_with_key(bytes: &[u8], style: &Arc<BallotStyle>, known: impl FnOnce(&[u8; 32]) -> Option<PublicKey>) -> Result<Self, BallotError> {
        let expected = length(style);
        let wrong_length = BallotError::Length { expected, found: bytes.len() };
        if bytes.len() != expected {
            return Err(wrong_length);
        }
        let mut reader = Reader::new(bytes);
        let (version, header) = reader.header().ok_or(wrong_length)?;
        if version != VERSION {
            return Err(BallotError::Version(version));
        }
        let decode = |at, cause| BallotError::Decode { at, cause };
        let voting_key = match known(&header.voting_key).filter(|known| *known.as_bytes() == header.voting_key) {
            Some(known) => known,
            None => PublicKey::decode(&header.voting_key).map_err(|cause| decode(BallotHeader::LEN - 32, cause))?,
        };

        let mut ciphertexts = Vec::with_capacity(style.contests().len());
        for shape in style.shapes() {
            let mut sent = Vec::with_capacity(shape.sent());
            for _ in 0..shape.sent() {
                let at = reader.at;
                let a = reader.element()?;
                if a.is_identity() {
                    return Err(decode(at, DecodeError::Identity));
                }
                sent.push(Ciphertext::new(a, reader.element()?));
            }
            ciphertexts.push(Ciphertexts::new(sent, reader.scalar()?));
        }
        distinct(&ciphertexts)?;
        let mut points = Vec::with_capacity(ciphertexts.len());
        for _ in style.shapes() {
            let commitments = Commitments { bits: reader.element()?, masks: reader.element()? };
            points.push((commitments, Announcement { u: reader.element()?, v: reader.element()? }));
        }
        let mut contests = Vec::with_capacity(points.len());
        for ((shape, (commitments, announcement)), ciphertexts) in style.shapes().zip(points).zip(ciphertexts) {
            let mut f = Vec::with_capacity(shape.sent());
            for _ in 0..shape.sent() {
                f.push(reader.scalar()?);
            }
            let responses = Responses { f, z: reader.scalar()?, w: reader.scalar()? };
            contests.push(Contest { ciphertexts, proof: Proof { commitments, announcement, responses } });
        }
        let at = reader.at;
        let signature = Signature::decode(&reader.take().ok_or(wrong_length)?).map_err(|cause| decode(at, cause))?;
        let hash = tagged(labels::hash::BALLOT, &[bytes]);
        Ok(Self { bytes: bytes.to_vec(), hash, header, voting_key, style: Arc::clone(style), contests, signature, state: PhantomData })
    }

    /// Checks all proofs and the signature; this is the check that decides (PROTOCOL §7.3, §7.4).
    ///
    /// # Errors
    /// The first [`ProofError`], contests before the signature.
    pub fn verify(self, statement: &Statement) -> Result<Ballot<Verified>, ProofError> {
        self.check(statement)?;
        let Self { bytes, hash, header, voting_key, style, contests, signature, state: _ } = self;
        Ok(Ballot { bytes, hash, header, voting_key, style, contests, signature, state: PhantomData })
    }

    /// [`Self::verify`] for a ballot that is kept as it is.
    pub(crate) fn check(&self, statement: &Statement) -> Result<(), ProofError> {
        self.check_style(statement)?;
        let Challenges { y, x, signature: _ } = self.challenges(statement);
        for ((index, shape), contest) in self.style.contests().iter().zip(&self.contests) {
            let verdict = contest.proof.verify(contest.ciphertexts.sent(), shape.selections(), &statement.joint_key, &y, &x);
            verdict.map_err(|equation| ProofError::Equation { contest: *index, equation })?;
        }
        let message = signed_message(statement, &self.bytes);
        self.voting_key.verify(labels::purpose::BALLOT, &message, &self.signature).map_err(|_| ProofError::Signature)
    }

    pub(crate) fn check_style(&self, statement: &Statement) -> Result<(), ProofError> {
        let same = Arc::ptr_eq(&self.style, &statement.style) || self.style == statement.style;
        if same { Ok(()) } else { Err(ProofError::Style) }
    }

    pub(crate) fn challenges(&self, statement: &Statement) -> Challenges {
        let mut transcript = start(&self.header, statement);
        bind_ciphertexts(&mut transcript, self.ciphertexts());
        bind_commitments(&mut transcript, self.contests.iter().map(|contest| &contest.proof.commitments));
        let y = transcript.challenge("y");
        bind_announcements(&mut transcript, self.contests.iter().map(|contest| &contest.proof.announcement));
        let x = transcript.challenge("x");
        let signature = self.signature.challenge(labels::purpose::BALLOT, &signed_message(statement, &self.bytes), &self.voting_key);
        Challenges { y, x, signature }
    }
}

impl<State> Ballot<State> {
    /// The ballot hash: H(`ballot`; all bytes).
    #[must_use]
    pub const fn hash(&self) -> Hash32 {
        self.hash
    }

    /// The bytes, as they stand on the board.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The slot that votes.
    #[must_use]
    pub const fn slot(&self) -> Slot {
        self.header.slot
    }

    /// The leaf of the registration under which it votes.
    #[must_use]
    pub const fn registration(&self) -> LeafIndex {
        self.header.registration
    }

    /// The number of the ballot under its registration.
    #[must_use]
    pub const fn counter(&self) -> Counter {
        self.header.counter
    }

    /// The voting key that signed it.
    #[must_use]
    pub const fn voting_key(&self) -> &PublicKey {
        &self.voting_key
    }

    /// The style that it was parsed for.
    #[must_use]
    pub const fn style(&self) -> &Arc<BallotStyle> {
        &self.style
    }

    /// The ciphertexts of each contest of the style, in order; in each, blanks are last.
    pub fn ciphertexts(&self) -> impl Iterator<Item = &Ciphertexts> {
        self.contests.iter().map(|contest| &contest.ciphertexts)
    }

    pub(crate) fn contests(&self) -> &[Contest] {
        &self.contests
    }

    pub(crate) const fn signature(&self) -> &Signature {
        &self.signature
    }
}

/// The length of every ballot of a style.
pub(crate) fn length(style: &BallotStyle) -> usize {
    // Ciphertexts with ρ, then Bc, Ac, U, V', then the responses f with z and w.
    let contest = |shape: &ContestShape| ciphertexts_len(shape) + 4 * 32 + (shape.sent() + 2) * 32;
    BallotHeader::LEN + style.shapes().map(contest).sum::<usize>() + Signature::LEN
}

/// The length of A_1 ‖ B_1 ‖ … ‖ A_{k−1} ‖ B_{k−1} ‖ ρ.
const fn ciphertexts_len(shape: &ContestShape) -> usize {
    shape.sent() * Ciphertext::LEN + 32
}

/// For each contest its index, and where its first A starts in every ballot of the style.
pub(crate) fn first_as(style: &BallotStyle) -> impl Iterator<Item = (u16, usize)> {
    style.contests().iter().scan(BallotHeader::LEN, |next, (index, shape)| {
        let at = *next;
        *next += ciphertexts_len(shape);
        Some((*index, at))
    })
}

/// The transcript of a ballot up to its style.
fn start(header: &BallotHeader, statement: &Statement) -> Transcript {
    let BallotHeader { slot, registration: leaf, counter, voting_key } = header;
    // H is bound by the context.
    let Statement { context, joint_key: _, registration, style } = statement;
    let mut transcript = Transcript::new(labels::transcript::BALLOT);
    transcript.append("context", context.as_bytes());
    transcript.append_u64("slot", slot.0.into());
    transcript.append_u64("registration-leaf", leaf.0);
    transcript.append("registration", registration.as_bytes());
    transcript.append("voting-key", voting_key);
    transcript.append_u64("counter", counter.0.into());
    transcript.append("style", &style.to_bytes());
    transcript
}

fn bind_ciphertexts<'a>(transcript: &mut Transcript, contests: impl Iterator<Item = &'a Ciphertexts>) {
    let mut bytes = Vec::with_capacity(1024);
    contests.for_each(|contest| write_ciphertexts(&mut bytes, contest));
    transcript.append("ciphertexts", &bytes);
}

/// A_1 ‖ B_1 ‖ … ‖ A_{k−1} ‖ B_{k−1} ‖ ρ, as in the bytes of a ballot so in its transcript.
fn write_ciphertexts(out: &mut Vec<u8>, contest: &Ciphertexts) {
    let Ciphertexts { sent, rho } = contest;
    sent.iter().for_each(|ciphertext| out.extend_from_slice(&ciphertext.to_bytes()));
    out.extend_from_slice(rho.as_bytes());
}

fn bind_commitments<'a>(transcript: &mut Transcript, contests: impl Iterator<Item = &'a Commitments>) {
    let mut bytes = Vec::new();
    for Commitments { bits, masks } in contests {
        bytes.extend_from_slice(bits.as_bytes());
        bytes.extend_from_slice(masks.as_bytes());
    }
    transcript.append("commitments", &bytes);
}

fn bind_announcements<'a>(transcript: &mut Transcript, contests: impl Iterator<Item = &'a Announcement>) {
    let mut bytes = Vec::new();
    for Announcement { u, v } in contests {
        bytes.extend_from_slice(u.as_bytes());
        bytes.extend_from_slice(v.as_bytes());
    }
    transcript.append("announcements", &bytes);
}

/// CTX ‖ registration leaf hash ‖ ballot bytes without the signature (PROTOCOL §7.4). `bytes` is a whole ballot.
pub(crate) fn signed_message(statement: &Statement, bytes: &[u8]) -> Vec<u8> {
    let unsigned = &bytes[..bytes.len().saturating_sub(Signature::LEN)];
    [statement.context.as_bytes(), statement.registration.as_bytes().as_slice(), unsigned].concat()
}

/// Checks that no A is sent twice in the ballot.
fn distinct(contests: &[Ciphertexts]) -> Result<(), BallotError> {
    let mut seen: Vec<&[u8; 32]> = contests.iter().flat_map(Ciphertexts::sent).map(|ciphertext| ciphertext.a().as_bytes()).collect();
    seen.sort_unstable();
    if seen.windows(2).any(|pair| pair[0] == pair[1]) { Err(BallotError::RepeatedA) } else { Ok(()) }
}

/// Reads a ballot whose length was checked.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let taken = *self.bytes.get(self.at..)?.first_chunk()?;
        self.at += N;
        Some(taken)
    }

    fn header(&mut self) -> Option<(u8, BallotHeader)> {
        let [version] = self.take()?;
        let slot = Slot(u32::from_be_bytes(self.take()?));
        let registration = LeafIndex(u64::from_be_bytes(self.take()?));
        let counter = Counter(u32::from_be_bytes(self.take()?));
        Some((version, BallotHeader { slot, registration, counter, voting_key: self.take()? }))
    }

    fn taken<const N: usize>(&mut self) -> Result<(usize, [u8; N]), BallotError> {
        let at = self.at;
        let bytes = self.take().ok_or(BallotError::Length { expected: at + N, found: self.bytes.len() })?;
        Ok((at, bytes))
    }

    fn element(&mut self) -> Result<Element, BallotError> {
        let (at, bytes) = self.taken()?;
        Element::decode(&bytes).map_err(|cause| BallotError::Decode { at, cause })
    }

    fn scalar(&mut self) -> Result<Scalar, BallotError> {
        let (at, bytes) = self.taken()?;
        decode_scalar(&bytes).map_err(|cause| BallotError::Decode { at, cause })
    }
}

#[cfg(test)]
mod tests;
