//! The bit-vector proof: the k ciphertexts of a contest hold bits, and exactly s of them are one (PROTOCOL §7.3).
//!
//! One commitment Bc to all bits and one Ac to their masks replace a disjunction for each bit. Three challenges x give b_i(1−b_i) = 0 and Σ b_i = s by the
//! binding of the commitment; k − 1 challenges y give, by Vandermonde, that each ciphertext that is sent holds the committed bit. The last ciphertext is what
//! makes the sum an encryption of s, so it holds the last bit without being proved or sent. The method is that of Bootle, Cerulli,
//! Chaidos, Ghadafi, Groth and Petit (ESORICS 2015) and Groth and Kohlweiss (Eurocrypt 2015); its use for ballots is that of Devillez, Pereira and Peters
//! (ESORICS 2022).
//!
//! The prover is a chain of states, each consumed by the next: `Committed`, `Announced`, then the [`Proof`].

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{Identity, IsIdentity, MultiscalarMul, VartimeMultiscalarMul};
use rand_core::{CryptoRng, RngCore};
use subtle::{Choice, ConditionallySelectable};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::commitment::BallotGenerators;
use crate::elgamal::{Ciphertext, SecretBit};
use crate::group::{Element, G};

/// Bc ‖ Ac, sent before the challenge y.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Commitments {
    /// Bc = Σ b_i g_i + Σ a_i(1−2b_i) q_i + βP.
    pub bits: Element,
    /// Ac = Σ a_i g_i − Σ a_i² q_i + αP.
    pub masks: Element,
}

/// U ‖ V', sent between the challenges y and x.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Announcement {
    /// U = eG.
    pub u: Element,
    /// V' = eH + (Σ yⁱ a_i) G, over all positions but the last.
    pub v: Element,
}

/// f_1 ‖ … ‖ f_{k−1} ‖ z ‖ w, sent after the challenge x. The last f follows from the others and is not sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Responses {
    /// f_i = b_i x + a_i, for all positions but the last.
    pub f: Vec<Scalar>,
    /// z = βx + α.
    pub z: Scalar,
    /// w = x Σ yⁱ r_i + e, over all positions but the last.
    pub w: Scalar,
}

/// The proof of one contest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proof {
    /// Sent first.
    pub commitments: Commitments,
    /// Sent second.
    pub announcement: Announcement,
    /// Sent last.
    pub responses: Responses,
}

/// An equation of the verifier.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Equation {
    /// x Bc + Ac = Σ f_i g_i + Σ f_i(x − f_i) q_i + z P: the committed values are bits that add up to s.
    #[error("equation (1), of the committed bits")]
    Bits,
    /// x Σ yⁱ A_i + U = w G: the prover knows the randomness.
    #[error("equation (2), of the first halves of the ciphertexts")]
    Randomness,
    /// x Σ yⁱ B_i + V' = w H + (Σ yⁱ f_i) G: the ciphertexts hold the committed bits.
    #[error("equation (3), of the second halves of the ciphertexts")]
    Ciphertexts,
}

#[derive(Zeroize, ZeroizeOnDrop)]
struct Masks {
    a: Vec<Scalar>,
    alpha: Scalar,
    beta: Scalar,
    e: Scalar,
}

/// The prover after its commitments.
pub(crate) struct Committed<'a> {
    secrets: &'a [SecretBit],
    masks: Masks,
    commitments: Commitments,
}

/// The prover after its announcement.
pub(crate) struct Announced<'a> {
    committed: Committed<'a>,
    weighted_randomness: Scalar,
    announcement: Announcement,
}

impl<'a> Committed<'a> {
    /// Draws the masks and commits to bits and masks, in a time that does not depend on the bits.
    pub(crate) fn new(secrets: &'a [SecretBit], rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let generators = BallotGenerators::get();
        let k = secrets.len();
        // With room for all, since a vector that moves leaves its secrets behind.
        let mut a = Vec::with_capacity(k);
        a.extend(secrets.iter().skip(1).map(|_| Scalar::random(rng)));
        a.push(-a.iter().sum::<Scalar>());
        let masks = Masks { a, alpha: Scalar::random(rng), beta: Scalar::random(rng), e: Scalar::random(rng) };

        let mut bits = RistrettoPoint::identity();
        for (secret, g) in secrets.iter().zip(generators.g()) {
            bits += RistrettoPoint::conditional_select(&RistrettoPoint::identity(), g, Choice::from(secret.bit));
        }
        let mut scalars: Vec<Scalar> = Vec::with_capacity(2 * k + 1);
        // a_i(1 − 2b_i) is a_i or −a_i.
        scalars.extend(secrets.iter().zip(&masks.a).map(|(secret, a)| Scalar::conditional_select(a, &-a, Choice::from(secret.bit))));
        scalars.push(masks.beta);
        bits += RistrettoPoint::multiscalar_mul(&scalars, generators.q()[..k].iter().chain([generators.p()]));
        scalars.zeroize();
        scalars.extend(&masks.a);
        scalars.extend(masks.a.iter().map(|a| -(a * a)));
        scalars.push(masks.alpha);
        let mask = RistrettoPoint::multiscalar_mul(&scalars, generators.g()[..k].iter().chain(&generators.q()[..k]).chain([generators.p()]));
        scalars.zeroize();
        Self { secrets, masks, commitments: Commitments { bits: Element::new(bits), masks: Element::new(mask) } }
    }

    /// What goes into the transcript before the challenge y.
    pub(crate) const fn commitments(&self) -> &Commitments {
        &self.commitments
    }

    /// Answers the challenge y.
    pub(crate) fn announce(self, y: &Scalar, joint_key: &Element) -> Announced<'a> {
        let sent = self.secrets.len().saturating_sub(1);
        let (mut power, mut masks, mut weighted_randomness) = (Scalar::ONE, Scalar::ZERO, Scalar::ZERO);
        for (secret, a) in self.secrets.iter().zip(&self.masks.a).take(sent) {
            masks += power * a;
            weighted_randomness += power * secret.randomness;
            power *= y;
        }
        let e = &self.masks.e;
        let v = joint_key.point() * e + RistrettoPoint::mul_base(&masks);
        masks.zeroize();
        let announcement = Announcement { u: Element::new(RistrettoPoint::mul_base(e)), v: Element::new(v) };
        Announced { committed: self, weighted_randomness, announcement }
    }
}

impl Announced<'_> {
    /// What goes into the transcript before the challenge x.
    pub(crate) const fn announcement(&self) -> &Announcement {
        &self.announcement
    }

    /// Answers the challenge x.
    pub(crate) fn respond(mut self, x: &Scalar) -> Proof {
        let Committed { secrets, masks, commitments } = &self.committed;
        let sent = secrets.len().saturating_sub(1);
        let f = secrets.iter().zip(&masks.a).take(sent).map(|(secret, a)| Scalar::from(secret.bit) * x + a).collect();
        let responses = Responses { f, z: masks.beta * x + masks.alpha, w: x * self.weighted_randomness + masks.e };
        let proof = Proof { commitments: *commitments, announcement: self.announcement, responses };
        self.weighted_randomness.zeroize();
        proof
    }
}

impl Proof {
    /// All k responses f, the last one from Σ f_i = s·x.
    pub(crate) fn all_f(&self, selections: u16, x: &Scalar) -> impl Iterator<Item = Scalar> + Clone {
        let Responses { f, z: _, w: _ } = &self.responses;
        let last = Scalar::from(selections) * x - f.iter().sum::<Scalar>();
        f.iter().copied().chain([last])
    }

    /// Checks the three equations of one contest with the challenges of its ballot, in order. The ciphertexts are those that are sent.
    ///
    /// # Errors
    /// The first equation that does not hold.
    pub fn verify(&self, ciphertexts: &[Ciphertext], selections: u16, joint_key: &Element, y: &Scalar, x: &Scalar) -> Result<(), Equation> {
        let generators = BallotGenerators::get();
        let Self { commitments, announcement, responses } = self;
        let f = self.all_f(selections, x);
        let k = ciphertexts.len() + 1;
        if responses.f.len() != ciphertexts.len() || k > generators.g().len() {
            return Err(Equation::Bits);
        }

        let scalars = [*x, Scalar::ONE, -responses.z].into_iter().chain(f.clone().map(|f| -f)).chain(f.map(|f| f * (f - x)));
        let points = [commitments.bits.point(), commitments.masks.point(), generators.p()];
        let points = points.into_iter().chain(&generators.g()[..k]).chain(&generators.q()[..k]);
        holds(scalars, points, Equation::Bits)?;

        let weights: Vec<Scalar> = powers(*y).take(ciphertexts.len()).map(|power| power * x).collect();
        let points = ciphertexts.iter().map(|c| c.a().point()).chain([announcement.u.point(), &G]);
        holds(weights.iter().copied().chain([Scalar::ONE, -responses.w]), points, Equation::Randomness)?;

        let value: Scalar = powers(*y).zip(&responses.f).map(|(power, f)| power * f).sum();
        let points = ciphertexts.iter().map(|c| c.b().point()).chain([announcement.v.point(), joint_key.point(), &G]);
        holds(weights.iter().copied().chain([Scalar::ONE, -responses.w, -value]), points, Equation::Ciphertexts)
    }
}

/// 1, y, y², ….
fn powers(y: Scalar) -> impl Iterator<Item = Scalar> {
    std::iter::successors(Some(Scalar::ONE), move |power| Some(power * y))
}

fn holds<'a>(scalars: impl Iterator<Item = Scalar>, points: impl Iterator<Item = &'a RistrettoPoint>, equation: Equation) -> Result<(), Equation> {
    let (scalars, points): (Vec<_>, Vec<_>) = (scalars.collect(), points.collect());
    if RistrettoPoint::vartime_multiscalar_mul(scalars, points).is_identity() { Ok(()) } else { Err(equation) }
}
