//! A sum of commitments is opened at some flags and stays closed at the others (PROTOCOL §18.1). Statements, the rest of a disclosure and each disclosed person
//! are such sums.
//!
//! The sum of the blindings never leaves the prover: between two sums it would open the entry by which they differ. What is shown of it is that it is known.

use bulletproofs::{BulletproofGens, PedersenGens, RangeProof};
use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{Identity, IsIdentity, MultiscalarMul, VartimeMultiscalarMul};
use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::entry::Opening;
use super::{FLAGS, Flag, RosterGenerators};
use crate::group::{DecodeError, Element, decode_scalar};
use crate::hash::Hash32;
use crate::labels;
use crate::proof::batch::Weights;
use crate::transcript::Transcript;

/// Some of the flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u32", try_from = "u32")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = u32, maximum = 33_554_431))]
pub struct FlagSet(u32);

/// The bits are not those of flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a bit beyond the {FLAGS} flags is set")]
pub struct UnknownFlag;

impl From<FlagSet> for u32 {
    fn from(set: FlagSet) -> Self {
        set.0
    }
}

impl TryFrom<u32> for FlagSet {
    type Error = UnknownFlag;

    fn try_from(bits: u32) -> Result<Self, UnknownFlag> {
        if bits < 1 << FLAGS { Ok(Self(bits)) } else { Err(UnknownFlag) }
    }
}

impl FromIterator<Flag> for FlagSet {
    fn from_iter<T: IntoIterator<Item = Flag>>(flags: T) -> Self {
        flags.into_iter().fold(Self::NONE, Self::with)
    }
}

impl FlagSet {
    /// No flag.
    pub const NONE: Self = Self(0);
    /// Every flag.
    pub const ALL: Self = Self((1 << FLAGS) - 1);

    /// These and one more.
    #[must_use]
    pub const fn with(self, flag: Flag) -> Self {
        Self(self.0 | 1 << flag.index())
    }

    /// These without one.
    #[must_use]
    pub const fn without(self, flag: Flag) -> Self {
        Self(self.0 & !(1 << flag.index()))
    }

    /// Whether a flag is among them.
    #[must_use]
    pub const fn contains(self, flag: Flag) -> bool {
        self.has(flag.index())
    }

    /// How many there are.
    #[must_use]
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The flags, ascending.
    pub fn iter(self) -> impl Iterator<Item = Flag> {
        Flag::all().filter(move |flag| self.contains(*flag))
    }

    const fn has(self, index: usize) -> bool {
        self.0 >> index & 1 == 1
    }

    /// The indices of the flags that are not among them, ascending.
    fn others(self) -> impl Iterator<Item = usize> {
        (0..FLAGS).filter(move |index| !self.has(*index))
    }
}

/// A sum of commitments with what opens it: the prover's secret.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Sum {
    #[zeroize(skip)]
    point: RistrettoPoint,
    totals: [u64; FLAGS],
    blinding: Scalar,
}

impl Default for Sum {
    fn default() -> Self {
        Self { point: RistrettoPoint::identity(), totals: [0; FLAGS], blinding: Scalar::ZERO }
    }
}

impl std::fmt::Debug for Sum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<SECRET>")
    }
}

impl Sum {
    /// Adds a commitment with its opening, which was found to open it.
    pub fn add(&mut self, commitment: &Element, opening: &Opening) {
        self.point += commitment.point();
        self.blinding += opening.blinding();
        for (total, flag) in self.totals.iter_mut().zip(opening.flags()) {
            *total += u64::from(*flag);
        }
    }

    /// The totals.
    #[must_use]
    pub const fn totals(&self) -> &[u64; FLAGS] {
        &self.totals
    }

    /// The sum of the commitments.
    #[must_use]
    pub fn element(&self) -> Element {
        Element::new(self.point)
    }
}

/// The sum of commitments.
#[must_use]
pub fn sum<'a>(commitments: impl IntoIterator<Item = &'a Element>) -> Element {
    Element::new(commitments.into_iter().map(Element::point).sum())
}

/// That one total that is not shown is at most so much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cap {
    /// Which.
    pub flag: Flag,
    /// At most this.
    pub at_most: u16,
}

/// What is claimed of a sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The hash of all that the proof belongs to.
    pub context: Hash32,
    /// Which totals are shown.
    pub shown: FlagSet,
    /// The totals; those that are not shown are 0 here.
    pub totals: [u64; FLAGS],
    /// What is shown to be at most so much.
    pub cap: Option<Cap>,
}

/// The proof that a sum opens so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// R = Σ ρ_i g_i + ρP over the flags that are not shown.
    mask: Element,
    /// s_i = ρ_i + cT_i, ascending.
    hidden: Vec<Scalar>,
    /// s = ρ + cB.
    blinding: Scalar,
    bound: Option<Bound>,
}

/// The link to a commitment that a range proof is about.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Bound {
    /// V = T_k G + γ B̃.
    value: Element,
    /// R_V = ρ_k G + ρ_γ B̃.
    mask: Element,
    /// s_γ = ρ_γ + cγ.
    blinding: Scalar,
    /// That the cap less T_k is in 0…2¹⁶−1.
    range: Vec<u8>,
}

/// Why a sum does not open so, or cannot be proved to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShownError {
    /// A point or scalar is not in its canonical form.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// sP + Σ s_i g_i = R + c(S − Σ T_i g_i) does not hold.
    #[error("the equation of the sum does not hold")]
    Sum,
    /// The commitment of the range proof is not to the same total.
    #[error("the commitment under the limit is not to the total of the sum")]
    Link,
    /// The range proof does not hold.
    #[error("the proof of the limit does not hold")]
    Range,
    /// The total is above the limit, or is shown, so that it needs none.
    #[error("the total is above the limit, or is shown anyway")]
    Limit,
}

/// Bits of a range.
const BITS: usize = 16;

/// The length of a range proof of one value of 16 bits.
const RANGE: usize = 32 * (2 * 4 + 9);

fn range_generators() -> &'static (BulletproofGens, PedersenGens) {
    static SET: std::sync::OnceLock<(BulletproofGens, PedersenGens)> = std::sync::OnceLock::new();
    SET.get_or_init(|| (BulletproofGens::new(BITS, 1), PedersenGens::default()))
}

impl Claim {
    /// Opens a sum as claimed: fills in the totals that are shown.
    #[must_use]
    pub fn of(context: Hash32, sum: &Sum, shown: FlagSet, cap: Option<Cap>) -> Self {
        let totals = std::array::from_fn(|index| if shown.has(index) { sum.totals.get(index).copied().unwrap_or(0) } else { 0 });
        Self { context, shown, totals, cap }
    }

    fn start(&self, sum: &Element) -> Transcript {
        let Self { context, shown, totals, cap } = self;
        let mut transcript = Transcript::new(labels::transcript::ROSTER_SHOWN);
        transcript.append("context", context.as_bytes());
        transcript.append("S", sum.as_bytes());
        transcript.append_u64("shown", u64::from(shown.0));
        for (index, total) in totals.iter().enumerate() {
            if shown.has(index) {
                transcript.append_u64("T", *total);
            }
        }
        if let Some(Cap { flag, at_most }) = cap {
            transcript.append_u64("flag", flag.index() as u64);
            transcript.append_u64("cap", u64::from(*at_most));
        }
        transcript
    }

    /// The totals that are not shown, of which there are this many, take the responses; the flag under a limit is one of them.
    fn hidden_at(&self, flag: Flag) -> Option<usize> {
        self.shown.others().position(|index| index == flag.index())
    }

    /// Proves that a sum opens as claimed, in a time that does not depend on what is not shown.
    ///
    /// # Errors
    /// [`ShownError::Limit`] when the total is above the limit; [`ShownError::Range`], never.
    pub fn prove(&self, sum: &Sum, rng: &mut (impl RngCore + CryptoRng)) -> Result<Shown, ShownError> {
        let generators = RosterGenerators::get();
        let mut transcript = self.start(&sum.element());
        let mut secret = sum.blinding.to_bytes().to_vec();
        secret.extend(sum.totals.iter().flat_map(|total| total.to_be_bytes()));
        let mut masks = transcript.witness_rng(&secret, rng);
        secret.zeroize();
        let hidden: Vec<usize> = self.shown.others().collect();
        let mut rho: Vec<Scalar> = hidden.iter().map(|_| Scalar::random(&mut masks)).collect();
        let mut rho_p = Scalar::random(&mut masks);
        let points: Vec<&RistrettoPoint> = hidden.iter().filter_map(|index| generators.g().get(*index)).chain([generators.p()]).collect();
        let mask = Element::new(RistrettoPoint::multiscalar_mul(rho.iter().chain([&rho_p]), points));
        let mut link = match self.cap {
            None => None,
            Some(Cap { flag, at_most }) => {
                let at = self.hidden_at(flag).ok_or(ShownError::Limit)?;
                let total = sum.totals.get(flag.index()).copied().unwrap_or(0);
                let room = u64::from(at_most).checked_sub(total).ok_or(ShownError::Limit)?;
                let (gamma, rho_gamma) = (Scalar::random(&mut masks), Scalar::random(&mut masks));
                let (_, pedersen) = range_generators();
                let commit = |value: Scalar, blinding: Scalar| Element::new(pedersen.commit(value, blinding));
                let rho_k = rho.get(at).copied().unwrap_or_default();
                let value = commit(Scalar::from(total), gamma);
                Some((value, commit(rho_k, rho_gamma), gamma, rho_gamma, room))
            }
        };
        let c = finish(&mut transcript, &mask, link.as_ref().map(|(value, mask, ..)| (value, mask)));
        let responses: Vec<Scalar> = hidden.iter().zip(&rho).map(|(index, rho)| rho + c * Scalar::from(sum.totals.get(*index).copied().unwrap_or(0))).collect();
        let blinding = rho_p + c * sum.blinding;
        let bound = match &mut link {
            None => None,
            Some((value, mask, gamma, rho_gamma, room)) => {
                let (bulletproof, pedersen) = range_generators();
                let proved = RangeProof::prove_single_with_rng(bulletproof, pedersen, transcript.merlin(), *room, &-*gamma, BITS, &mut masks);
                let (range, _) = proved.map_err(|_| ShownError::Range)?;
                let bound = Bound { value: *value, mask: *mask, blinding: *rho_gamma + c * *gamma, range: range.to_bytes() };
                gamma.zeroize();
                rho_gamma.zeroize();
                room.zeroize();
                Some(bound)
            }
        };
        rho.zeroize();
        rho_p.zeroize();
        Ok(Shown { mask, hidden: responses, blinding, bound })
    }

    /// Checks that a sum opens as claimed.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn verify(&self, sum: &Element, proof: &Shown) -> Result<(), ShownError> {
        let generators = RosterGenerators::get();
        let Shown { mask, hidden, blinding: _, bound } = proof;
        let mut transcript = self.start(sum);
        let c = finish(&mut transcript, mask, bound.as_ref().map(|bound| (&bound.value, &bound.mask)));
        let shared = self.shared(&c, proof).ok_or(ShownError::Sum)?;
        let scalars = shared.into_iter().chain([-Scalar::ONE, -c]);
        let points = generators.g().iter().chain([generators.p(), mask.point(), sum.point()]);
        if !RistrettoPoint::vartime_multiscalar_mul(scalars, points).is_identity() {
            return Err(ShownError::Sum);
        }
        match (self.cap, bound) {
            (None, None) => Ok(()),
            (None, Some(_)) | (Some(_), None) => Err(ShownError::Link),
            (Some(cap), Some(bound)) => {
                let response = self.hidden_at(cap.flag).and_then(|at| hidden.get(at)).ok_or(ShownError::Limit)?;
                bound.verify(cap, response, &c, &mut transcript)
            }
        }
    }
}

impl Claim {
    /// The coefficients of g_0…g_24 and P in Σ s_i g_i + sP + cΣ T_i g_i; `None` where there is not one response for each total that is not shown.
    fn shared(&self, c: &Scalar, proof: &Shown) -> Option<[Scalar; FLAGS + 1]> {
        let mut hidden = proof.hidden.iter();
        let mut shared = [Scalar::ZERO; FLAGS + 1];
        for ((index, total), scalar) in self.totals.iter().enumerate().zip(&mut shared) {
            *scalar = if self.shown.has(index) { c * Scalar::from(*total) } else { *hidden.next()? };
        }
        shared[FLAGS] = proof.blinding;
        hidden.next().is_none().then_some(shared)
    }
}

/// Checks that many sums open as claimed, all without a limit by one multiscalar multiplication with independent random weights of 128 bits. Gives each one's
/// verdict, in order: that of [`Claim::verify`], which decides where the sum is not the identity, and wherever there is a limit.
///
/// `rng` draws the weights: it must be the verifier's own and unknown to whoever made the proofs.
pub fn verify_batch(items: &[(&Claim, &Element, &Shown)], rng: &mut (impl RngCore + CryptoRng)) -> Vec<Result<(), ShownError>> {
    let is_plain = |(claim, _, proof): &(&Claim, &Element, &Shown)| claim.cap.is_none() && proof.bound.is_none();
    let plain: Vec<(&Claim, &Element, &Shown)> = items.iter().copied().filter(|item| is_plain(item)).collect();
    let hold = all_hold(&plain, rng).is_some_and(|hold| hold);
    items.iter().map(|item| if hold && is_plain(item) { Ok(()) } else { item.0.verify(item.1, item.2) }).collect()
}

fn all_hold(items: &[(&Claim, &Element, &Shown)], rng: &mut (impl RngCore + CryptoRng)) -> Option<bool> {
    let generators = RosterGenerators::get();
    let mut weights = Weights::new(rng);
    let mut shared = [Scalar::ZERO; FLAGS + 1];
    let room = 2 * items.len() + FLAGS + 1;
    let (mut scalars, mut points) = (Vec::with_capacity(room), Vec::<&RistrettoPoint>::with_capacity(room));
    for (claim, sum, proof) in items {
        let c = finish(&mut claim.start(sum), &proof.mask, None);
        let weight = weights.next();
        for (shared, own) in shared.iter_mut().zip(claim.shared(&c, proof)?) {
            *shared += weight * own;
        }
        scalars.extend([-weight, -weight * c]);
        points.extend([proof.mask.point(), sum.point()]);
    }
    scalars.extend(shared);
    points.extend(generators.g().iter().chain([generators.p()]));
    Some(RistrettoPoint::vartime_multiscalar_mul(scalars, points).is_identity())
}

impl Bound {
    fn verify(&self, cap: Cap, response: &Scalar, c: &Scalar, transcript: &mut Transcript) -> Result<(), ShownError> {
        let (bulletproof, pedersen) = range_generators();
        let Self { value, mask, blinding, range } = self;
        let linked = pedersen.commit(*response, *blinding) == mask.point() + c * value.point();
        if !linked {
            return Err(ShownError::Link);
        }
        let room = (Scalar::from(cap.at_most) * pedersen.B - value.point()).compress();
        let range = RangeProof::from_bytes(range).map_err(|_| ShownError::Range)?;
        // Its weights keep several equations apart within the one proof; they are drawn anew for each.
        range.verify_single_with_rng(bulletproof, pedersen, transcript.merlin(), &room, BITS, &mut rand_core::OsRng).map_err(|_| ShownError::Range)
    }
}

fn finish(transcript: &mut Transcript, mask: &Element, bound: Option<(&Element, &Element)>) -> Scalar {
    transcript.append("R", mask.as_bytes());
    if let Some((value, mask)) = bound {
        transcript.append("V", value.as_bytes());
        transcript.append("R_V", mask.as_bytes());
    }
    transcript.challenge("c")
}

impl Shown {
    /// The length in bytes of the proof of a claim.
    #[must_use]
    pub const fn len_of(shown: FlagSet, capped: bool) -> usize {
        32 * (1 + FLAGS - shown.len() + 1) + if capped { 3 * 32 + RANGE } else { 0 }
    }

    /// Writes R ‖ s_i ‖ s, and V ‖ R_V ‖ s_γ ‖ range proof where there is a limit.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { mask, hidden, blinding, bound } = self;
        let mut bytes = mask.as_bytes().to_vec();
        bytes.extend(hidden.iter().chain([blinding]).flat_map(Scalar::to_bytes));
        if let Some(Bound { value, mask, blinding, range }) = bound {
            bytes.extend([value.as_bytes(), mask.as_bytes(), blinding.as_bytes()].into_iter().flatten());
            bytes.extend(range);
        }
        bytes
    }

    /// Reads the proof of a claim.
    ///
    /// # Errors
    /// [`DecodeError`] for another length or a non-canonical point or scalar.
    pub fn decode(claim: &Claim, bytes: &[u8]) -> Result<Self, DecodeError> {
        let expected = Self::len_of(claim.shown, claim.cap.is_some());
        if bytes.len() != expected {
            return Err(DecodeError::Length { expected, found: bytes.len() });
        }
        let (plain, capped) = bytes.split_at(Self::len_of(claim.shown, false));
        let (plain, _) = plain.as_chunks::<32>();
        let (first, rest) = plain.split_first().ok_or(DecodeError::Point)?;
        let (last, hidden) = rest.split_last().ok_or(DecodeError::Scalar)?;
        let bound = match capped.as_chunks::<32>().0 {
            [value, mask, blinding, ..] => {
                let range = capped.get(3 * 32..).unwrap_or_default();
                Some(Bound {
                    value: Element::decode(value)?,
                    mask: Element::decode(mask)?,
                    blinding: decode_scalar(blinding)?,
                    range: canonical_range(range)?.to_vec(),
                })
            }
            _ => None,
        };
        let hidden = hidden.iter().map(decode_scalar).collect::<Result<_, _>>()?;
        Ok(Self { mask: Element::decode(first)?, hidden, blinding: decode_scalar(last)?, bound })
    }
}

/// A range proof has four points, three scalars, eight points and two scalars; none may be written in a second way.
fn canonical_range(bytes: &[u8]) -> Result<&[u8], DecodeError> {
    for (index, part) in bytes.as_chunks::<32>().0.iter().enumerate() {
        match index {
            0..=3 | 7..=14 => CompressedRistretto(*part).decompress().map(drop).ok_or(DecodeError::Point)?,
            _ => decode_scalar(part).map(drop)?,
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
