//! Ballots of right form that a dishonest voter, copyist or replayer would make.

use super::*;
use crate::commitment::BallotGenerators;
use crate::group::G;
use crate::proof::zero_one::{Announcement, Commitments, Responses};

/// A dishonest prover: it follows the protocol with whatever values, and may encrypt others than it commits to.
pub(super) struct Forger {
    pub(super) committed: Vec<Scalar>,
    pub(super) encrypted: Vec<Scalar>,
    /// Multiples of G that are added to Ac, U and V', each before the challenge that follows it.
    pub(super) shifts: [i8; 3],
    pub(super) rho: Rho,
}

/// What the forger sends as ρ.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rho {
    /// The sum of all randomness.
    Sum,
    /// The sum of the randomness of what is sent, so that the last A is the identity.
    SumOfSent,
    Number(u64),
}

impl Forger {
    pub(super) fn of(values: &[i64]) -> Self {
        let scalars: Vec<Scalar> =
            values.iter().map(|value| if *value < 0 { -Scalar::from(value.unsigned_abs()) } else { Scalar::from(value.unsigned_abs()) }).collect();
        Self { committed: scalars.clone(), encrypted: scalars, shifts: [0; 3], rho: Rho::Sum }
    }

    /// The bytes of a signed ballot of one contest.
    pub(super) fn cast(&self, statement: &Statement) -> Vec<u8> {
        let (generators, mut rng) = (BallotGenerators::get(), rng(77));
        let mut scalar = || Scalar::random(&mut rng);
        let k = self.committed.len();
        let r: Vec<Scalar> = (0..k).map(|_| scalar()).collect();
        let mut a: Vec<Scalar> = (1..k).map(|_| scalar()).collect();
        a.push(-a.iter().sum::<Scalar>());
        let (alpha, beta, e) = (scalar(), scalar(), scalar());
        let h = statement.joint_key.point();

        let mut sent: Vec<_> = r.iter().zip(&self.encrypted).map(|(r, b)| Ciphertext::new(Element::new(G * r), Element::new(h * r + G * b))).collect();
        sent.pop();
        let rho = match self.rho {
            Rho::Sum => r.iter().sum(),
            Rho::SumOfSent => r[..k - 1].iter().sum(),
            Rho::Number(number) => Scalar::from(number),
        };
        let ciphertexts = Ciphertexts::new(sent, rho);
        let sum = |scalars: &dyn Fn(usize) -> (Scalar, Scalar), blinding: Scalar| {
            (0..k).fold(generators.p() * blinding, |sum, i| sum + generators.g()[i] * scalars(i).0 + generators.q()[i] * scalars(i).1)
        };
        let bits = sum(&|i| (self.committed[i], a[i] * (Scalar::ONE - self.committed[i] - self.committed[i])), beta);
        let [masks_shift, u_shift, v_shift] = self.shifts.map(|shift| {
            let size = G * Scalar::from(shift.unsigned_abs());
            if shift < 0 { -size } else { size }
        });
        let masks = masks_shift + sum(&|i| (a[i], -(a[i] * a[i])), alpha);
        let commitments = Commitments { bits: Element::new(bits), masks: Element::new(masks) };

        let header = header(&key(0));
        let mut transcript = start(&header, statement);
        bind_ciphertexts(&mut transcript, [&ciphertexts].into_iter());
        bind_commitments(&mut transcript, [&commitments].into_iter());
        let y = transcript.challenge("y");
        let powers: Vec<Scalar> = std::iter::successors(Some(Scalar::ONE), |power| Some(power * y)).take(k - 1).collect();
        let weighted = |values: &[Scalar]| powers.iter().zip(values).map(|(power, value)| power * value).sum::<Scalar>();
        let announcement = Announcement { u: Element::new(u_shift + G * e), v: Element::new(v_shift + h * e + G * weighted(&a)) };
        bind_announcements(&mut transcript, [&announcement].into_iter());
        let x = transcript.challenge("x");
        let f = (0..k - 1).map(|i| self.committed[i] * x + a[i]).collect();
        let responses = Responses { f, z: beta * x + alpha, w: x * weighted(&r) + e };
        let contest = Contest { ciphertexts, proof: Proof { commitments, announcement, responses } };
        signed(&header, &[contest], statement, &key(0))
    }
}

fn header(key: &SecretKey) -> BallotHeader {
    BallotHeader { slot: Slot(1), registration: LeafIndex(20), counter: Counter(3), voting_key: *key.public().as_bytes() }
}

fn signed(header: &BallotHeader, contests: &[Contest], statement: &Statement, key: &SecretKey) -> Vec<u8> {
    let mut bytes = Vec::new();
    cast::write(&mut bytes, header, contests);
    let message = [statement.context.as_bytes(), statement.registration.as_bytes().as_slice(), &bytes].concat();
    bytes.extend_from_slice(&key.sign(labels::purpose::BALLOT, &message, &mut rng(88)).to_bytes());
    bytes
}

pub(super) fn one_of_five() -> Statement {
    statement(&[(4, 5, Choose::Exactly(1))])
}

#[test]
fn the_forger_that_does_not_forge_is_accepted() {
    assert_eq!(verdict_of(&Forger::of(&[0, 0, 1, 0, 0]).cast(&one_of_five()), &one_of_five()), Ok(()));
}

#[test]
fn values_that_are_not_bits_are_refused() {
    for values in [[2, 0, 0, 0, 0], [2, -1, 0, 0, 0], [1, -1, 1, 0, 0], [0, 0, 0, 1, -1], [-7, 8, 0, 0, 0], [1_000_000, 0, 0, 0, -999_999]] {
        assert_eq!(verdict_of(&Forger::of(&values).cast(&one_of_five()), &one_of_five()), failed(4, Equation::Bits), "{values:?}");
    }
}

#[test]
fn bits_that_do_not_add_up_are_refused() {
    for values in [[0, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 0, 0, 0, 1], [1, 1, 1, 1, 1]] {
        assert_eq!(verdict_of(&Forger::of(&values).cast(&one_of_five()), &one_of_five()), failed(4, Equation::Bits), "{values:?}");
    }
}

#[test]
fn ciphertexts_of_other_values_than_the_committed_are_refused() {
    for values in [[0, 1, 0, 0, 0], [2, -1, 0, 0, 0], [50, 0, 0, 0, 0]] {
        let forger = Forger { encrypted: Forger::of(&values).encrypted, ..Forger::of(&[1, 0, 0, 0, 0]) };
        assert_eq!(verdict_of(&forger.cast(&one_of_five()), &one_of_five()), failed(4, Equation::Ciphertexts), "{values:?}");
    }
}

#[test]
fn a_proof_made_for_challenges_that_were_chosen_first_is_refused() {
    assert_eq!(verdict_of(&simulated(), &one_of_five()), failed(4, Equation::Bits));
}

/// A ballot of fifty votes whose proof was made for challenges that were chosen first.
pub(super) fn simulated() -> Vec<u8> {
    let statement = one_of_five();
    let generators = BallotGenerators::get();
    let mut rng = rng(5);
    let (h, forged) = (statement.joint_key.point(), Forger::of(&[50, 0, 0, 0, 0]).cast(&statement));
    let ciphertexts = Ballot::parse(&forged, &statement.style).unwrap().contests[0].ciphertexts.clone();

    // Simulation: challenges and responses first, then the points that satisfy the equations for a vote of fifty.
    let mut scalar = || Scalar::random(&mut rng);
    let (x, y, z, w) = (scalar(), scalar(), scalar(), scalar());
    let f: Vec<Scalar> = (0..4).map(|_| scalar()).collect();
    let bits = G * scalar();
    let mut all_f = f.clone();
    all_f.push(x - f.iter().sum::<Scalar>());
    let mut masks = generators.p() * z - bits * x;
    let (mut u, mut v, mut power) = (G * w, h * w, Scalar::ONE);
    for (i, f) in all_f.iter().enumerate() {
        masks += generators.g()[i] * f + generators.q()[i] * (f * (x - f));
    }
    for (f, ciphertext) in f.iter().zip(ciphertexts.sent()) {
        u -= ciphertext.a().point() * (x * power);
        v += G * (power * f) - ciphertext.b().point() * (x * power);
        power *= y;
    }
    let proof = Proof {
        commitments: Commitments { bits: Element::new(bits), masks: Element::new(masks) },
        announcement: Announcement { u: Element::new(u), v: Element::new(v) },
        responses: Responses { f, z, w },
    };
    assert_eq!(proof.verify(ciphertexts.sent(), 1, &statement.joint_key, &y, &x), Ok(()), "the simulation is right");
    signed(&header(&key(0)), &[Contest { ciphertexts, proof }], &statement, &key(0))
}

/// The ballot with its parts changed, signed anew by the voter.
pub(super) fn changed(change: impl FnOnce(&mut BallotHeader, &mut Vec<Contest>)) -> Vec<u8> {
    let Ballot { mut header, mut contests, .. } = ballot(0);
    change(&mut header, &mut contests);
    signed(&header, &contests, &two_contests(), &key(0))
}

#[test]
fn an_unchanged_ballot_signed_anew_is_accepted() {
    assert_eq!(verdict_of(&changed(|_, _| ()), &two_contests()), Ok(()));
}

#[test]
fn re_randomised_ciphertexts_with_the_old_proof_are_refused() {
    let (statement, more) = (two_contests(), Scalar::from(99_u64));
    let bytes = changed(|_, contests| {
        let old = contests[0].ciphertexts.sent[0];
        let (a, b) = (old.a().point() + G * more, old.b().point() + statement.joint_key.point() * more);
        contests[0].ciphertexts.sent[0] = Ciphertext::new(Element::new(a), Element::new(b));
    });
    assert!(verdict_of(&bytes, &statement).is_err());
}

#[test]
fn swapped_options_are_refused() {
    assert!(verdict_of(&changed(|_, contests| contests[0].ciphertexts.sent.swap(0, 2)), &two_contests()).is_err());
}

#[test]
fn an_altered_rho_is_refused() {
    for (contest, change) in [(0, Scalar::ONE), (1, -Scalar::ONE)] {
        let bytes = changed(|_, contests| contests[contest].ciphertexts.rho += change);
        assert_eq!(verdict_of(&bytes, &two_contests()), failed(0, Equation::Bits), "contest {contest} of the style");
    }
}

#[test]
fn an_altered_rho_under_the_old_signature_is_refused() {
    let (statement, mut bytes) = (two_contests(), ballot(0).bytes().to_vec());
    let rho = BallotHeader::LEN + 64 * 4;
    bytes[rho] ^= 1;
    assert_eq!(verdict_of(&bytes, &statement), failed(0, Equation::Bits));
}

#[test]
fn a_rho_of_zero_after_the_proof_is_refused() {
    let bytes = changed(|_, contests| contests[1].ciphertexts.rho = Scalar::ZERO);
    assert_eq!(verdict_of(&bytes, &two_contests()), failed(0, Equation::Bits));
}

#[test]
fn rhos_swapped_between_contests_are_refused() {
    let bytes = changed(|_, contests| {
        let [first, second] = contests.as_mut_slice() else { panic!("two contests") };
        std::mem::swap(&mut first.ciphertexts.rho, &mut second.ciphertexts.rho);
    });
    assert_eq!(verdict_of(&bytes, &two_contests()), failed(0, Equation::Bits));
}

#[test]
fn a_rho_of_another_ballot_is_refused() {
    for contest in [0, 1] {
        let bytes = changed(|_, contests| contests[contest].ciphertexts.rho = ballot(5).contests[contest].ciphertexts.rho);
        assert_eq!(verdict_of(&bytes, &two_contests()), failed(0, Equation::Bits));
    }
}

#[test]
fn changes_of_rho_that_cancel_between_ballots_or_contests_are_found() {
    let shifted = |of: u64, shifts: [Scalar; 2]| {
        let mut ballot = ballot(of);
        ballot.contests.iter_mut().zip(shifts).for_each(|(contest, shift)| contest.ciphertexts.rho += shift);
        ballot
    };
    let (statement, one, none) = (two_contests(), Scalar::ONE, Scalar::ZERO);
    let ballots = [shifted(0, [one, none]), ballot(1), shifted(2, [-one, none]), shifted(3, [one, -one])];
    let items = ballots.each_ref().map(|ballot| BatchItem { ballot, statement: &statement });
    let bad = failed(0, Equation::Bits);
    assert_eq!(verify_batch(&items, &mut rng(3)), [bad, Ok(()), bad, bad]);
}

/// Whatever ρ a voter binds before the proof, the last ciphertext completes the vote: there is nothing to lie with.
#[test]
fn any_rho_that_the_proof_binds_is_accepted() {
    for rho in [Rho::SumOfSent, Rho::Number(0), Rho::Number(7)] {
        let forger = Forger { rho, ..Forger::of(&[0, 1, 0, 0, 0]) };
        assert_eq!(verdict_of(&forger.cast(&one_of_five()), &one_of_five()), Ok(()), "{rho:?}");
    }
}

#[test]
fn an_all_zero_proof_is_refused() {
    let zero = Element::decode(&[0; 32]).unwrap();
    let bytes = changed(|_, contests| {
        for Contest { ciphertexts, proof } in contests {
            *proof = Proof {
                commitments: Commitments { bits: zero, masks: zero },
                announcement: Announcement { u: zero, v: zero },
                responses: Responses { f: vec![Scalar::ZERO; ciphertexts.sent.len()], z: Scalar::ZERO, w: Scalar::ZERO },
            };
        }
    });
    assert_eq!(verdict_of(&bytes, &two_contests()), failed(0, Equation::Bits));
}

#[test]
fn a_ballot_copied_to_another_slot_leaf_or_counter_is_refused() {
    for change in
        [(|header| header.slot = Slot(2)) as fn(&mut BallotHeader), |header| header.registration = LeafIndex(21), |header| header.counter = Counter(4)]
    {
        assert_eq!(verdict_of(&changed(|header, _| change(header)), &two_contests()), failed(0, Equation::Bits));
    }
}

#[test]
fn a_ballot_copied_under_another_key_is_refused() {
    let Ballot { contests, .. } = ballot(0);
    let bytes = signed(&header(&key(7)), &contests, &two_contests(), &key(7));
    assert_eq!(verdict_of(&bytes, &two_contests()), failed(0, Equation::Bits));
}

#[test]
fn a_contest_copied_from_another_ballot_is_refused() {
    let bytes = changed(|_, contests| contests[1] = ballot(5).contests[1].clone());
    assert!(verdict_of(&bytes, &two_contests()).is_err());
}

#[test]
fn a_signature_by_another_key_is_refused() {
    let Ballot { header, contests, .. } = ballot(0);
    let bytes = signed(&header, &contests, &two_contests(), &key(7));
    assert_eq!(verdict_of(&bytes, &two_contests()), Err(ProofError::Signature));
}

#[test]
fn a_signature_of_another_ballot_is_refused() {
    let (mut bytes, other) = (ballot(0).bytes().to_vec(), changed(|header, _| header.counter = Counter(4)));
    let at = bytes.len() - 64;
    bytes[at..].copy_from_slice(&other[at..]);
    assert_eq!(verdict_of(&bytes, &two_contests()), Err(ProofError::Signature));
}

#[test]
fn a_replay_in_another_context_registration_or_under_another_joint_key_is_refused() {
    let other = Hash32::sha256(b"other");
    let statements = [
        Statement { context: Context::from_hash(other), ..two_contests() },
        Statement { registration: other, ..two_contests() },
        Statement { joint_key: Element::new(G), ..two_contests() },
    ];
    for statement in statements {
        assert!(verdict(&ballot(0), &statement).is_err(), "{statement:?}");
    }
}

#[test]
fn a_replay_in_another_contest_or_style_of_the_same_length_is_refused() {
    for contests in [
        [(1, 5, Choose::Exactly(1)), (3, 4, Choose::UpTo(3))],
        [(0, 5, Choose::Exactly(2)), (3, 4, Choose::UpTo(3))],
        [(0, 5, Choose::Exactly(1)), (3, 5, Choose::UpTo(2))],
        [(0, 5, Choose::Exactly(1)), (3, 7, Choose::Exactly(3))],
    ] {
        let statement = statement(&contests);
        let verdict = verdict_of(ballot(0).bytes(), &statement);
        // A contest of 7 positions, 3 of them chosen, is the same statement to the proof, whichever of them are blanks: the manifest, which the context
        // binds, says which.
        let same = statement.style.to_bytes() == two_contests().style.to_bytes();
        assert_eq!(verdict.is_ok(), same, "{contests:?}");
        assert_eq!(super::verdict(&ballot(0), &statement), Err(ProofError::Style));
    }
}

#[test]
fn errors_that_cancel_under_equal_weights_are_both_found() {
    let statement = two_contests();
    let error = Scalar::from(3_u64);
    let both_are_found = |change: fn(&mut Ballot, Scalar), expected: Result<(), ProofError>| {
        let (mut first, mut second, good) = (ballot(0), ballot(1), ballot(2));
        change(&mut first, error);
        change(&mut second, -error);
        let items = [&first, &good, &second].map(|ballot| BatchItem { ballot, statement: &statement });
        assert_eq!(verify_batch(&items, &mut rng(3)), [expected, Ok(()), expected]);
    };
    both_are_found(|ballot, error| ballot.contests[0].proof.responses.z += error, failed(0, Equation::Bits));
    both_are_found(|ballot, error| ballot.contests[1].proof.responses.w += error, failed(3, Equation::Randomness));
    both_are_found(|ballot, error| ballot.signature.response += error, Err(ProofError::Signature));
}

#[test]
fn errors_of_two_equations_that_cancel_under_one_weight_are_found() {
    for (shifts, equation) in
        [([5, -5, 0], Equation::Bits), ([5, 0, -5], Equation::Bits), ([0, 5, -5], Equation::Randomness), ([0, 0, 5], Equation::Ciphertexts)]
    {
        let forger = Forger { shifts, ..Forger::of(&[0, 1, 0, 0, 0]) };
        let statement = one_of_five();
        let ballot = Ballot::parse(&forger.cast(&statement), &statement.style).unwrap();
        let good = self::ballot(1);
        let items = [BatchItem { ballot: &ballot, statement: &statement }, BatchItem { ballot: &good, statement: &two_contests() }];
        assert_eq!(verify_batch(&items, &mut rng(3)), [failed(4, equation), Ok(())], "{shifts:?}");
    }
}

#[test]
fn errors_of_two_contests_that_cancel_under_one_weight_a_ballot_are_found() {
    let (statement, good) = (two_contests(), ballot(1));
    let mut bad = ballot(0);
    bad.contests[0].proof.responses.z += Scalar::ONE;
    bad.contests[1].proof.responses.z -= Scalar::ONE;
    let items = [&bad, &good].map(|ballot| BatchItem { ballot, statement: &statement });
    assert_eq!(verify_batch(&items, &mut rng(3)), [failed(0, Equation::Bits), Ok(())]);
}
