//! A batch checks many ballots by one multiscalar multiplication (PROTOCOL §7.5).
//!
//! Each of the three equations of each contest, and each signature, is multiplied by its own random 128-bit weight, and the sum must be the identity: a
//! false equation survives with probability 2⁻¹²⁸, and errors made to cancel each other do not, since nobody knows the weights beforehand. If the sum is
//! not the identity the batch is bisected, down to single ballots, where [`Ballot::verify`] decides.

use std::collections::HashMap;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{IsIdentity, VartimeMultiscalarMul};
use rand_core::{CryptoRng, RngCore};

use crate::commitment::BallotGenerators;
use crate::election::ballot::{Ballot, Challenges, ProofError, Statement, signed_message};
use crate::group::{Element, G};
use crate::labels;
use crate::proof::zero_one::{Announcement, Commitments};
use crate::signature::{self, BadSignature, PublicKey, Signature};

/// A parsed ballot with what it is checked against.
#[derive(Clone, Copy)]
pub struct BatchItem<'a> {
    /// The ballot.
    pub ballot: &'a Ballot,
    /// The statement.
    pub statement: &'a Statement,
}

/// What [`verify_together`] finds, in the order of what it was given.
pub struct Verdicts {
    /// Of each ballot.
    pub ballots: Vec<Result<(), ProofError>>,
    /// Of each other signature.
    pub signatures: Vec<Result<(), BadSignature>>,
}

/// Checks ballots together and gives each one's verdict, in order. About 512 at a time are fastest.
///
/// `rng` draws the weights: it must be the verifier's own, from the operating system, and unknown to whoever made the ballots.
pub fn verify_batch(items: &[BatchItem<'_>], rng: &mut (impl RngCore + CryptoRng)) -> Vec<Result<(), ProofError>> {
    let mut verdicts: Vec<Result<(), ProofError>> = items.iter().map(|item| item.ballot.check_style(item.statement)).collect();
    let members: Vec<Member<'_>> = items
        .iter()
        .enumerate()
        .filter(|(index, _)| verdicts[*index].is_ok())
        .map(|(index, item)| Member { index, item: *item, challenges: item.ballot.challenges(item.statement) })
        .collect();
    bisect(&members, rng, &mut verdicts);
    verdicts
}

/// Checks ballots and other signatures together and gives each one's verdict, in order: those of [`verify_batch`] and [`signature::verify_batch`], at less
/// cost. All equations are in one sum, in which a key that made several of the signatures is multiplied once.
///
/// `rng` as for [`verify_batch`].
pub fn verify_together(ballots: &[BatchItem<'_>], signatures: &[signature::BatchItem<'_>], rng: &mut (impl RngCore + CryptoRng)) -> Verdicts {
    if !ballots.is_empty() && !signatures.is_empty() && all_hold_together(ballots, signatures, rng) {
        return Verdicts { ballots: vec![Ok(()); ballots.len()], signatures: vec![Ok(()); signatures.len()] };
    }
    Verdicts { ballots: verify_batch(ballots, rng), signatures: signature::verify_batch(signatures, rng) }
}

/// Checks the signatures alone, in one batch, and gives each one's verdict, in order. A signature costs a small part of the proofs and cannot be made by
/// anybody but the voter, so who takes ballots from strangers checks it first and the proofs of the rest with [`verify_batch`].
///
/// `rng` as for [`verify_batch`].
pub fn verify_signatures(items: &[BatchItem<'_>], rng: &mut (impl RngCore + CryptoRng)) -> Vec<Result<(), ProofError>> {
    let messages: Vec<Vec<u8>> = items.iter().map(|item| signed_message(item.statement, item.ballot.bytes())).collect();
    let signed: Vec<signature::BatchItem<'_>> = items
        .iter()
        .zip(&messages)
        .map(|(BatchItem { ballot, statement: _ }, message)| signature::BatchItem {
            key: ballot.voting_key(),
            purpose: labels::purpose::BALLOT,
            message,
            signature: ballot.signature(),
        })
        .collect();
    signature::verify_batch(&signed, rng).into_iter().map(|verdict| verdict.map_err(|BadSignature| ProofError::Signature)).collect()
}

struct Member<'a> {
    index: usize,
    item: BatchItem<'a>,
    challenges: Challenges,
}

fn bisect(members: &[Member<'_>], rng: &mut (impl RngCore + CryptoRng), verdicts: &mut [Result<(), ProofError>]) {
    match members {
        [] => {}
        [one] => verdicts[one.index] = one.item.ballot.check(one.item.statement),
        many if all_hold(many, rng) => {}
        many => {
            let (first, second) = many.split_at(many.len() / 2);
            bisect(first, rng, verdicts);
            bisect(second, rng, verdicts);
        }
    }
}

fn all_hold(members: &[Member<'_>], rng: &mut (impl RngCore + CryptoRng)) -> bool {
    let mut weights = Weights::new(rng);
    let mut sum = Sum::for_points(members.iter().map(|member| points_at_most(member.item.ballot)).sum());
    for member in members {
        sum.add(member.item, &member.challenges, &mut weights);
    }
    sum.vanishes()
}

fn all_hold_together(ballots: &[BatchItem<'_>], signatures: &[signature::BatchItem<'_>], rng: &mut (impl RngCore + CryptoRng)) -> bool {
    let mut weights = Weights::new(rng);
    let mut sum = Sum::for_points(ballots.iter().map(|item| points_at_most(item.ballot)).sum::<usize>() + 2 * signatures.len());
    for item in ballots {
        if item.ballot.check_style(item.statement).is_err() {
            return false;
        }
        sum.add(*item, &item.ballot.challenges(item.statement), &mut weights);
    }
    for signature::BatchItem { key, purpose, message, signature } in signatures {
        sum.add_signature(key, signature, &signature.challenge(purpose, message, key), weights.next());
    }
    sum.vanishes()
}

/// No fewer points than a ballot has.
fn points_at_most(ballot: &Ballot) -> usize {
    ballot.bytes().len() / 32
}

/// Weights of 128 bits, drawn many at once because a call of the operating system for each would cost more than the arithmetic.
pub(crate) struct Weights<'a, R> {
    rng: &'a mut R,
    drawn: [u8; 4096],
    used: usize,
}

impl<'a, R: RngCore + CryptoRng> Weights<'a, R> {
    pub(crate) const fn new(rng: &'a mut R) -> Self {
        Self { rng, drawn: [0; 4096], used: 4096 }
    }

    pub(crate) fn next(&mut self) -> Scalar {
        loop {
            if self.used == self.drawn.len() {
                self.rng.fill_bytes(&mut self.drawn);
                self.used = 0;
            }
            let weight = self.drawn[self.used..].iter().take(16).fold(0_u128, |weight, byte| weight << 8 | u128::from(*byte));
            self.used += 16;
            if weight != 0 {
                return Scalar::from(weight);
            }
        }
    }
}

/// The weighted sum of all equations, each brought to the form Σ … = 0. What the ballots share is gathered in one coefficient for each generator.
#[derive(Default)]
struct Sum<'a> {
    scalars: Vec<Scalar>,
    points: Vec<&'a RistrettoPoint>,
    base: Scalar,
    p: Scalar,
    g: Vec<Scalar>,
    q: Vec<Scalar>,
    joint_keys: Vec<(&'a Element, Scalar)>,
    /// Where the points of signatures' keys stand.
    keys: HashMap<&'a [u8; 32], usize>,
}

impl<'a> Sum<'a> {
    fn for_points(points: usize) -> Self {
        Self { scalars: Vec::with_capacity(points), points: Vec::with_capacity(points), ..Self::default() }
    }

    fn add<R: RngCore + CryptoRng>(&mut self, BatchItem { ballot, statement }: BatchItem<'a>, challenges: &Challenges, weights: &mut Weights<'_, R>) {
        let Challenges { y, x, signature } = challenges;
        let mut joint_key = Scalar::ZERO;
        for ((_, shape), contest) in ballot.style().contests().iter().zip(ballot.contests()) {
            let (first, second, third) = (weights.next(), weights.next(), weights.next());
            let Commitments { bits, masks } = &contest.proof.commitments;
            let Announcement { u, v } = &contest.proof.announcement;
            // The points with coefficients of 128 bits cost half.
            self.push(first * x, bits);
            self.push(first, masks);
            self.push(second, u);
            self.push(third, v);

            let k = shape.positions();
            if self.g.len() < k {
                self.g.resize(k, Scalar::ZERO);
                self.q.resize(k, Scalar::ZERO);
            }
            for ((f, g), q) in contest.proof.all_f(shape.selections(), x).zip(&mut self.g).zip(&mut self.q) {
                let weighted = first * f;
                *g -= weighted;
                *q -= weighted * (x - f);
            }
            let (mut of_a, mut of_b) = (second * x, third * x);
            for ciphertext in contest.ciphertexts.sent() {
                self.push(of_a, ciphertext.a());
                self.push(of_b, ciphertext.b());
                of_a *= y;
                of_b *= y;
            }
            let responses = &contest.proof.responses;
            // Σ yⁱ f_i by Horner's rule.
            let value = responses.f.iter().rev().fold(Scalar::ZERO, |value, f| value * y + f);
            self.p -= first * responses.z;
            self.base -= second * responses.w + third * value;
            joint_key -= third * responses.w;
        }
        self.add_signature(ballot.voting_key(), ballot.signature(), signature, weights.next());
        self.add_joint_key(&statement.joint_key, joint_key);
    }

    fn add_signature(&mut self, key: &'a PublicKey, Signature { nonce, response }: &'a Signature, challenge: &Scalar, weight: Scalar) {
        self.push(weight, nonce);
        self.base -= weight * response;
        let scalar = weight * challenge;
        // A voting key signs its registration and then ballots.
        if let Some(known) = self.keys.get(key.as_bytes()).and_then(|place| self.scalars.get_mut(*place)) {
            *known += scalar;
        } else {
            self.keys.insert(key.as_bytes(), self.scalars.len());
            self.push(scalar, key.element());
        }
    }

    fn push(&mut self, scalar: Scalar, element: &'a Element) {
        self.scalars.push(scalar);
        self.points.push(element.point());
    }

    /// Ballots of one election share their joint key; the list has one item then.
    fn add_joint_key(&mut self, joint_key: &'a Element, scalar: Scalar) {
        match self.joint_keys.iter_mut().find(|(known, _)| *known == joint_key) {
            Some((_, sum)) => *sum += scalar,
            None => self.joint_keys.push((joint_key, scalar)),
        }
    }

    fn vanishes(self) -> bool {
        let Self { mut scalars, mut points, base, p, g, q, joint_keys, keys: _ } = self;
        let generators = BallotGenerators::get();
        scalars.extend([base, p]);
        points.extend([&G, generators.p()]);
        points.extend(generators.g().iter().take(g.len()));
        scalars.extend(g);
        points.extend(generators.q().iter().take(q.len()));
        scalars.extend(q);
        for (joint_key, scalar) in joint_keys {
            scalars.push(scalar);
            points.push(joint_key.point());
        }
        RistrettoPoint::vartime_multiscalar_mul(scalars, points).is_identity()
    }
}
