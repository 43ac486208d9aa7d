//! The commitment of an entry to the flags of a person who is present, and the proof that they are well formed: bits, exactly one age band and one stay
//! (PROTOCOL §17.4).
//!
//! C = Σ b_i g_i + βP is what statements add up later, so it holds nothing else, and the proof has two equations: one opens C, the other makes each b_i a bit.
//! (Merged into one, as ballots have it, a flag of −7 can be forged: there the second vector is in the commitment itself.) A linear relation between the flags is
//! one between their masks, and then between the responses; those that follow are not sent.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{Identity, IsIdentity, MultiscalarMul, VartimeMultiscalarMul};
use rand_core::{CryptoRng, RngCore};
use subtle::{Choice, ConditionallySelectable};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{AgeBand, ChainId, EventId, FLAGS, Flag, Need, RosterGenerators, SENT, Standing, Stay};
use crate::group::{DecodeError, Element, decode_scalar};
use crate::hash::{Hash32, tagged};
use crate::labels;
use crate::proof::batch::Weights;
use crate::transcript::Transcript;

/// What an entry's proof is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The event.
    pub event: EventId,
    /// The person's chain.
    pub chain: ChainId,
    /// The number of the entry in the chain, from 0.
    pub seq: u64,
    /// The leaf hashes of the entries that this one follows, in the order of the entry.
    pub after: Vec<Hash32>,
    /// The shelter, by its ID.
    pub shelter: String,
    /// What happened, by its name in the entry.
    pub act: &'static str,
    /// When it happened, as the entry writes it.
    pub time: String,
    /// The terminal, by its ID.
    pub terminal: String,
    /// The root over the fields.
    pub fields: Hash32,
}

impl Statement {
    /// H(`roster-statement-of-entry`; event, chain, seq (u64), the hashes in `after` concatenated, shelter, act, time, terminal, fields).
    #[must_use]
    pub fn hash(&self) -> Hash32 {
        let Self { event, chain, seq, after, shelter, act, time, terminal, fields } = self;
        let after: Vec<u8> = after.iter().flat_map(|hash| *hash.as_bytes()).collect();
        let parts: [&[u8]; 9] =
            [&event.0, &chain.0, &seq.to_be_bytes(), &after, shelter.as_bytes(), act.as_bytes(), time.as_bytes(), terminal.as_bytes(), fields.as_bytes()];
        tagged(labels::hash::ROSTER_STATEMENT, &parts)
    }
}

/// What opens a commitment: the flags, and the blinding β.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Opening {
    flags: [u8; FLAGS],
    blinding: Scalar,
}

impl Opening {
    /// Draws a blinding for a standing.
    #[must_use]
    pub fn new(standing: &Standing, rng: &mut (impl RngCore + CryptoRng)) -> Self {
        Self { flags: standing.flags(), blinding: Scalar::random(rng) }
    }

    /// Takes a blinding that was drawn before.
    ///
    /// # Errors
    /// [`DecodeError::Scalar`].
    pub fn from_parts(standing: &Standing, blinding: &[u8; 32]) -> Result<Self, DecodeError> {
        Ok(Self { flags: standing.flags(), blinding: decode_scalar(blinding)? })
    }

    /// The flags.
    #[must_use]
    pub const fn flags(&self) -> &[u8; FLAGS] {
        &self.flags
    }

    /// β.
    #[must_use]
    pub const fn blinding(&self) -> &Scalar {
        &self.blinding
    }

    /// C, in a time that does not depend on the flags.
    fn commit(&self) -> RistrettoPoint {
        let generators = RosterGenerators::get();
        let mut sum = RistrettoPoint::multiscalar_mul([&self.blinding], [generators.p()]);
        for (flag, g) in self.flags.iter().zip(generators.g()) {
            sum += RistrettoPoint::conditional_select(&RistrettoPoint::identity(), g, Choice::from(*flag));
        }
        sum
    }

    /// Whether a commitment opens so.
    #[must_use]
    pub fn opens(&self, commitment: &Element) -> bool {
        Element::new(self.commit()) == *commitment
    }
}

impl std::fmt::Debug for Opening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<SECRET>")
    }
}

/// C with its proof.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Committed {
    /// C = Σ b_i g_i + βP.
    pub commitment: Element,
    /// A_C = Σ a_i g_i + α_C P.
    pub mask: Element,
    /// D = Σ a_i(1−2b_i) q_i + δP.
    pub cross: Element,
    /// A_D = −Σ a_i² q_i + α_D P.
    pub square: Element,
    /// f_i = b_i x + a_i of the flags that are sent: all ages but the last, all stays but the last, needs.
    f: [Scalar; SENT],
    /// z_C = βx + α_C.
    z_c: Scalar,
    /// z_D = δx + α_D.
    z_d: Scalar,
}

/// Why bytes do not prove an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// A point or scalar is not in its canonical form.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// xC + A_C = Σ f_i g_i + z_C P does not hold.
    #[error("the equation of the commitment does not hold")]
    Commitment,
    /// xD + A_D = Σ f_i(x − f_i) q_i + z_D P does not hold.
    #[error("the equation of the bits does not hold")]
    Bits,
}

/// All values that are linear in the sent ones, by the relations of §17.3: `one` stands for the flag that is always 1, the last age and the last stay are what the
/// others leave of it, and present without a need what the need leaves.
fn complete(sent: &[Scalar; SENT], one: &Scalar) -> [Scalar; FLAGS] {
    let mut all = [Scalar::ZERO; FLAGS];
    all[Flag::Present.index()] = *one;
    for (index, value) in sent_indices().zip(sent) {
        all[index] = *value;
    }
    all[Flag::Age(AgeBand::Unknown).index()] = one - sent[..6].iter().sum::<Scalar>();
    all[Flag::Stay(Stay::Vehicle).index()] = one - sent[6] - sent[7];
    for need in Need::ALL {
        all[Flag::WithoutNeed(need).index()] = one - all[Flag::Need(need).index()];
    }
    all
}

impl Committed {
    /// The length in bytes.
    pub const LEN: usize = 4 * 32 + SENT * 32 + 2 * 32;

    /// Commits to the flags of an opening and proves them, in a time that does not depend on them.
    pub fn prove(statement: &Statement, opening: &Opening, rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let generators = RosterGenerators::get();
        let commitment = Element::new(opening.commit());
        let mut transcript = start(statement, &commitment);
        let mut secret = [0; 32 + FLAGS];
        secret[..32].copy_from_slice(opening.blinding.as_bytes());
        secret[32..].copy_from_slice(&opening.flags);
        let mut masks = transcript.witness_rng(&secret, rng);
        secret.zeroize();
        let mut sent: [Scalar; SENT] = std::array::from_fn(|_| Scalar::random(&mut masks));
        // The flag that is always 1 has no mask.
        let mut a = complete(&sent, &Scalar::ZERO);
        sent.zeroize();
        let (mut alpha_c, mut alpha_d, mut delta) = (Scalar::random(&mut masks), Scalar::random(&mut masks), Scalar::random(&mut masks));

        let mut scalars: Vec<Scalar> = Vec::with_capacity(FLAGS + 1);
        scalars.extend(a.iter().chain([&alpha_c]));
        let mask = Element::new(RistrettoPoint::multiscalar_mul(&scalars, generators.g().iter().chain([generators.p()])));
        scalars.zeroize();
        // a_i(1 − 2b_i) is a_i or −a_i.
        scalars.extend(opening.flags.iter().zip(&a).map(|(flag, a)| Scalar::conditional_select(a, &-a, Choice::from(*flag))));
        scalars.push(delta);
        let cross = Element::new(RistrettoPoint::multiscalar_mul(&scalars, generators.q().iter().chain([generators.p()])));
        scalars.zeroize();
        scalars.extend(a.iter().map(|a| -(a * a)));
        scalars.push(alpha_d);
        let square = Element::new(RistrettoPoint::multiscalar_mul(&scalars, generators.q().iter().chain([generators.p()])));
        scalars.zeroize();

        let x = finish(&mut transcript, &mask, &cross, &square);
        let mut f = [Scalar::ZERO; SENT];
        for (f, index) in f.iter_mut().zip(sent_indices()) {
            *f = Scalar::from(opening.flags[index]) * x + a[index];
        }
        let proof = Self { commitment, mask, cross, square, f, z_c: opening.blinding * x + alpha_c, z_d: delta * x + alpha_d };
        a.zeroize();
        alpha_c.zeroize();
        alpha_d.zeroize();
        delta.zeroize();
        proof
    }

    /// Reads C ‖ A_C ‖ D ‖ A_D ‖ f ‖ z_C ‖ z_D.
    ///
    /// # Errors
    /// [`DecodeError`] for another length or a non-canonical point or scalar.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() != Self::LEN {
            return Err(DecodeError::Length { expected: Self::LEN, found: bytes.len() });
        }
        let part = |index: usize| {
            let mut part = [0; 32];
            part.copy_from_slice(&bytes[32 * index..][..32]);
            part
        };
        let mut f = [Scalar::ZERO; SENT];
        for (index, f) in f.iter_mut().enumerate() {
            *f = decode_scalar(&part(4 + index))?;
        }
        Ok(Self {
            commitment: Element::decode(&part(0))?,
            mask: Element::decode(&part(1))?,
            cross: Element::decode(&part(2))?,
            square: Element::decode(&part(3))?,
            f,
            z_c: decode_scalar(&part(4 + SENT))?,
            z_d: decode_scalar(&part(5 + SENT))?,
        })
    }

    /// Writes C ‖ A_C ‖ D ‖ A_D ‖ f ‖ z_C ‖ z_D.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { commitment, mask, cross, square, f, z_c, z_d } = self;
        let points = [commitment, mask, cross, square].into_iter().map(|point| point.as_bytes());
        points.chain(f.iter().chain([z_c, z_d]).map(Scalar::as_bytes)).flatten().copied().collect()
    }

    fn challenge(&self, statement: &Statement) -> Scalar {
        finish(&mut start(statement, &self.commitment), &self.mask, &self.cross, &self.square)
    }

    /// Checks the two equations, one after the other.
    ///
    /// # Errors
    /// The first equation that does not hold.
    pub fn verify(&self, statement: &Statement) -> Result<(), ProofError> {
        let generators = RosterGenerators::get();
        let x = self.challenge(statement);
        let f = complete(&self.f, &x);
        let scalars = [x, Scalar::ONE, -self.z_c].into_iter().chain(f.iter().map(|f| -f));
        let points = [self.commitment.point(), self.mask.point(), generators.p()].into_iter().chain(generators.g());
        if !RistrettoPoint::vartime_multiscalar_mul(scalars, points).is_identity() {
            return Err(ProofError::Commitment);
        }
        let scalars = [x, Scalar::ONE, -self.z_d].into_iter().chain(f.iter().map(|f| f * (f - x)));
        let points = [self.cross.point(), self.square.point(), generators.p()].into_iter().chain(generators.q());
        if RistrettoPoint::vartime_multiscalar_mul(scalars, points).is_identity() { Ok(()) } else { Err(ProofError::Bits) }
    }
}

/// Checks many entries by one multiscalar multiplication with independent random weights of 128 bits for each equation; where the sum is not the identity, it is
/// bisected down to [`Committed::verify`]. Gives each one's verdict, in order.
///
/// `rng` draws the weights: it must be the verifier's own and unknown to whoever made the entries.
pub fn verify_batch(items: &[(&Statement, &Committed)], rng: &mut (impl RngCore + CryptoRng)) -> Vec<Result<(), ProofError>> {
    let mut verdicts = vec![Ok(()); items.len()];
    bisect(items, rng, &mut verdicts);
    verdicts
}

fn bisect(items: &[(&Statement, &Committed)], rng: &mut (impl RngCore + CryptoRng), verdicts: &mut [Result<(), ProofError>]) {
    match (items, verdicts) {
        ([(statement, one)], [verdict]) => *verdict = one.verify(statement),
        (many, _) if many.is_empty() || all_hold(many, rng) => {}
        (many, verdicts) => {
            let half = many.len() / 2;
            let (first, second) = verdicts.split_at_mut(half);
            bisect(&many[..half], rng, first);
            bisect(&many[half..], rng, second);
        }
    }
}

fn all_hold(items: &[(&Statement, &Committed)], rng: &mut (impl RngCore + CryptoRng)) -> bool {
    let generators = RosterGenerators::get();
    let mut weights = Weights::new(rng);
    let (mut p, mut g, mut q) = (Scalar::ZERO, [Scalar::ZERO; FLAGS], [Scalar::ZERO; FLAGS]);
    let room = 4 * items.len() + 2 * FLAGS + 1;
    let (mut scalars, mut points) = (Vec::with_capacity(room), Vec::<&RistrettoPoint>::with_capacity(room));
    for (statement, entry) in items {
        let x = entry.challenge(statement);
        let (first, second) = (weights.next(), weights.next());
        let Committed { commitment, mask, cross, square, f, z_c, z_d } = entry;
        scalars.extend([first * x, first, second * x, second]);
        points.extend([commitment, mask, cross, square].map(Element::point));
        p -= first * z_c + second * z_d;
        for ((f, g), q) in complete(f, &x).iter().zip(&mut g).zip(&mut q) {
            *g -= first * f;
            *q += second * f * (f - x);
        }
    }
    scalars.extend(g.into_iter().chain(q).chain([p]));
    points.extend(generators.g().iter().chain(generators.q()).chain([generators.p()]));
    RistrettoPoint::vartime_multiscalar_mul(scalars, points).is_identity()
}

/// The indices of the flags whose responses are sent, in their order.
fn sent_indices() -> impl Iterator<Item = usize> {
    let ages = AgeBand::ALL.map(Flag::Age).into_iter().take(6);
    let stays = [Stay::Shelter, Stay::Home].map(Flag::Stay);
    ages.chain(stays).chain(Need::ALL.map(Flag::Need)).map(Flag::index)
}

fn start(statement: &Statement, commitment: &Element) -> Transcript {
    let mut transcript = Transcript::new(labels::transcript::ROSTER_ENTRY);
    transcript.append("statement", statement.hash().as_bytes());
    transcript.append("C", commitment.as_bytes());
    transcript
}

fn finish(transcript: &mut Transcript, mask: &Element, cross: &Element, square: &Element) -> Scalar {
    transcript.append("A_C", mask.as_bytes());
    transcript.append("D", cross.as_bytes());
    transcript.append("A_D", square.as_bytes());
    transcript.challenge("x")
}

#[cfg(test)]
mod tests;
