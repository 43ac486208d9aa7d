//! Forged proofs of ballots and of registrations: each works against a verifier with one gap, which is tested first, and is refused by this one.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use rand_core::{CryptoRng, OsRng, RngCore};
use tachiai_crypto::election::ballot::{BallotHeader, Statement, cast};
use tachiai_crypto::group::G;
use tachiai_crypto::journal::leaf_hash;
use tachiai_crypto::labels::purpose;
use tachiai_crypto::signature::SecretKey;
use tachiai_crypto::transcript::Transcript;
use tachiai_schemas::election::{BallotEntry, Body, Choice, Registration};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::{Blob, Bytes, Counter, LeafIndex, Slot};
use tachiai_verify::obligation::{Obligation, discharge};
use tachiai_verify::testing::{Play, contest};
use tachiai_verify::{Rule, Violation};

use super::forger::{Contest, Draft, Generators, HEADER, LeftOut, Vote, encoded, scalar};
use super::{broken, end, open};

/// An open election in which slot 0 has voted and slot 1 is registered.
fn play() -> Play {
    let mut play = open(80);
    play.vote(Slot(0));
    play.register(Slot(1));
    play
}

fn statement(play: &Play) -> Statement {
    play.board.statement_for(Slot(1)).unwrap()
}

/// The header of the next ballot of slot 1.
fn header(play: &Play) -> [u8; HEADER] {
    let voter = &play.voters[&Slot(1)];
    let registration = play.board.slot(Slot(1)).unwrap().registration();
    let mut out = vec![1];
    out.extend(1_u32.to_be_bytes());
    out.extend(registration.0.to_be_bytes());
    out.extend(voter.counter.to_be_bytes());
    out.extend(voter.key.public().as_bytes());
    out.try_into().unwrap()
}

/// The bytes of a draft, signed properly by the voter of a slot.
fn signed(play: &mut Play, slot: Slot, draft: &Draft) -> Vec<u8> {
    let mut bytes = draft.write();
    super::ballot::sign(play, slot, &mut bytes);
    bytes
}

/// Records a draft of slot 1, signed properly, and asserts that its proofs are refused.
fn refused(mut play: Play, draft: &Draft, rule: Rule) {
    let bytes = signed(&mut play, Slot(1), draft);
    let leaf = play.push_ballot(&bytes);
    broken(&play, rule, leaf);
}

/// A proper ballot of slot 1, in parts.
fn honest(play: &mut Play) -> Draft {
    let (ballot, _) = play.ballot(Slot(1));
    Draft::read(ballot.bytes(), &statement(play))
}

/// A vote in both contests, which have five positions, one and two of them chosen.
fn votes(first: &[i64]) -> Vec<Vote> {
    vec![Vote::of(first), Vote::of(&[0, 1, 0, 1, 0])]
}

fn protocol() -> Generators {
    Generators::of_the_protocol()
}

#[test]
fn the_forger_who_does_not_forge_is_accepted() {
    let mut play = play();
    let (statement, header) = (statement(&play), header(&play));
    let draft = Draft::prove(header, &votes(&[0, 0, 1, 0, 0]), &statement, &protocol(), (LeftOut::Nothing, Scalar::ZERO), &mut play.rng);
    assert!(draft.holds(&statement, &protocol(), draft.challenges(&statement, LeftOut::Nothing)));
    let bytes = signed(&mut play, Slot(1), &draft);
    play.push_ballot(&bytes);
    let folder = tempfile::tempdir().unwrap();
    end(play).write(folder.path());
    super::verdict(folder.path()).unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn forged_01_ballot_proofs_of_fifty_votes_under_weak_challenges() {
    let fifty = |committed: &[i64]| vec![Vote { committed: committed.to_vec(), encrypted: vec![50, 0, 0, 0, -49] }, Vote::of(&[0, 1, 0, 1, 0])];
    let forgeries = [
        // Ac, which answers for the bits, is chosen after y and x.
        (LeftOut::Commitments, votes(&[50, 0, 0, 0, -49]), Scalar::ZERO),
        // U and V', which answer for the ciphertexts, are chosen after x.
        (LeftOut::Announcements, fifty(&[1, 0, 0, 0, 0]), Scalar::ZERO),
        // The statement itself, the first ciphertext, is chosen after x: it holds a great number that spoils the count.
        (LeftOut::Ciphertexts, votes(&[1, 0, 0, 0, 0]), Scalar::from(9_u64)),
    ];
    for (left_out, votes, shift) in forgeries {
        let mut play = play();
        let (statement, header) = (statement(&play), header(&play));
        let draft = Draft::prove(header, &votes, &statement, &protocol(), (left_out, shift), &mut play.rng);
        let weak = draft.challenges(&statement, left_out);
        assert!(draft.holds(&statement, &protocol(), weak), "{left_out:?}: a verifier with this gap is deceived");
        refused(play, &draft, Rule::R504);
    }
}

#[test]
fn forged_01_a_ballot_proof_with_challenges_chosen_first() {
    let mut play = play();
    let statement = statement(&play);
    let h = *statement.joint_key.point();
    let mut draft = honest(&mut play);
    // A vote of fifty, simulated: challenges and responses first, then the points that satisfy the equations.
    let mut random = || Scalar::random(&mut play.rng);
    let (y, x) = (random(), random());
    for (contest, shape) in draft.contests.iter_mut().zip(statement.style.shapes()) {
        contest.b[0] += G * scalar(49);
        (contest.z, contest.w, contest.bits) = (random(), random(), G * random());
        contest.f.iter_mut().for_each(|f| *f = random());
        let set = protocol();
        let f = contest.all_f(shape.selections(), x);
        let opened: RistrettoPoint = f.iter().zip(set.g.iter().zip(&set.q)).map(|(f, (g, q))| g * f + q * (f * (x - f))).sum();
        contest.masks = opened + set.p * contest.z - contest.bits * x;
        (contest.u, contest.v) = (G * contest.w, h * contest.w);
        let mut power = Scalar::ONE;
        for (f, (a, b)) in contest.f.iter().zip(contest.a.iter().zip(&contest.b)) {
            contest.u -= a * (x * power);
            contest.v += G * (power * f) - b * (x * power);
            power *= y;
        }
    }
    assert!(draft.holds(&statement, &protocol(), (y, x)), "the simulation is right");
    refused(play, &draft, Rule::R504);
}

/// The challenge of a Schnorr signature (§2.1) over a transcript that leaves key or nonce out.
fn weak_challenge(purpose: &'static str, message: &[u8], key: Option<&RistrettoPoint>, nonce: Option<&RistrettoPoint>) -> Scalar {
    let mut transcript = Transcript::new("signature/v1");
    transcript.append("purpose", purpose.as_bytes());
    transcript.append("message", message);
    for (name, point) in [("key", key), ("nonce", nonce)] {
        if let Some(point) = point {
            transcript.append(name, point.compress().as_bytes());
        }
    }
    transcript.challenge("c")
}

/// A signature under a key whose secret nobody knows, from a challenge without the nonce.
fn without_nonce(purpose: &'static str, message: &[u8], key: &RistrettoPoint, rng: &mut impl RngCore) -> [u8; 64] {
    let mut bytes = [0; 64];
    rng.fill_bytes(&mut bytes);
    let (c, s) = (weak_challenge(purpose, message, Some(key), None), Scalar::from_bytes_mod_order_wide(&bytes));
    let nonce = G * s - key * c;
    assert_eq!(G * s, nonce + key * c, "the equation holds for this challenge");
    [encoded(nonce), s.to_bytes()].concat().try_into().unwrap()
}

#[test]
fn forged_01_signatures_whose_nonce_is_chosen_after_the_challenge() {
    // A ballot of slot 1 by somebody without its key, honest but for the signature.
    let mut play = play();
    let statement = statement(&play);
    let mut bytes = honest(&mut play).write();
    let split = bytes.len() - 64;
    let message = [statement.context.as_bytes(), statement.registration.as_bytes().as_slice(), &bytes[..split]].concat();
    let key = *play.voters[&Slot(1)].key.public().element().point();
    let signature = without_nonce(purpose::BALLOT, &message, &key, &mut play.rng);
    bytes[split..].copy_from_slice(&signature);
    let leaf = play.push_ballot(&bytes);
    broken(&end(play), Rule::R505, leaf);

    // A challenge of somebody else's ballot.
    let mut play = self::play();
    let mut challenged = play.challenged(Slot(0));
    let message = tachiai_crypto::election::challenge::challenge_message(play.board.context().unwrap(), Slot(0), challenged.ballot.hash(), challenged.leaf);
    let key = *play.voters[&Slot(0)].key.public().element().point();
    challenged.signature = Bytes(without_nonce(purpose::CHALLENGE, message.as_bytes(), &key, &mut play.rng));
    let leaf = play.push(Body::Challenged(challenged));
    broken(&end(play), Rule::R508, leaf);
}

#[test]
fn forged_01_a_voting_key_chosen_after_the_challenge() {
    // R and s first, then V = (sG − R)/c: possession of a key that nobody has, if the challenge did not bind V.
    let mut play = play();
    let (mut registration, _) = play.registration(Slot(2));
    let (nonce, s) = (G * Scalar::from(5_u64), Scalar::from(6_u64));
    let c = weak_challenge(purpose::REGISTRATION, b"a text without the key", None, Some(&nonce));
    let chosen = (G * s - nonce) * c.invert();
    assert_eq!(G * s, nonce + chosen * c, "the equation holds for this challenge");
    registration.voting_key = Bytes(encoded(chosen));
    registration.possession = Bytes([encoded(nonce), s.to_bytes()].concat().try_into().unwrap());
    let leaf = play.push(Body::Registration(Box::new(registration)));
    broken(&end(play), Rule::R404, leaf);
}

#[test]
fn forged_06_ciphertexts_of_another_in_other_places() {
    // R506 sees first A's only, so the copyist puts the other's ciphertexts elsewhere; without their randomness there is no proof.
    let theirs = |play: &Play| Draft::read(&super::ballot::first_ballot(play), &statement(play));
    let forgeries: [fn(&mut Draft, &Draft); 3] = [
        |own, theirs| {
            (own.contests[0].a[1], own.contests[0].b[1]) = (theirs.contests[0].a[0], theirs.contests[0].b[0]);
        },
        |own, theirs| {
            own.contests[0] = theirs.contests[0].clone();
            own.contests[0].a.rotate_left(1);
            own.contests[0].b.rotate_left(1);
        },
        |own, theirs| {
            for (own, theirs) in own.contests.iter_mut().zip(&theirs.contests) {
                own.a[1..].clone_from_slice(&theirs.a[1..]);
                own.b[1..].clone_from_slice(&theirs.b[1..]);
            }
        },
    ];
    for forge in forgeries {
        let mut play = play();
        let mut draft = honest(&mut play);
        forge(&mut draft, &theirs(&play));
        refused(play, &draft, Rule::R504);
    }
}

#[test]
fn forged_06_a_whole_ballot_resealed_under_another_slot_and_key() {
    // Every A moved by the same known amount, so that no A is repeated, and U, V' and w follow: all equations hold under the old challenges. Only the
    // challenges, which name slot, key and ciphertexts, tell.
    let play = play();
    let (statement, h) = (statement(&play), *statement(&play).joint_key.point());
    let theirs = Draft::read(&super::ballot::first_ballot(&play), &play.board.statement_for(Slot(0)).unwrap());
    let old = theirs.challenges(&play.board.statement_for(Slot(0)).unwrap(), LeftOut::Nothing);
    let mut draft = Draft { header: header(&play), ..theirs };
    re_randomise(&mut draft, &h, old);
    assert!(draft.holds(&statement, &protocol(), old), "the equations hold under the copied challenges");
    refused(play, &draft, Rule::R504);
}

/// Adds to every ciphertext an encryption of zero, and to w what it takes for the equations to hold under the old challenges.
fn re_randomise(draft: &mut Draft, h: &RistrettoPoint, (y, x): (Scalar, Scalar)) {
    for Contest { a, b, rho, w, .. } in &mut draft.contests {
        let mut power = Scalar::ONE;
        for (more, (a, b)) in (3_u64..).map(Scalar::from).zip(a.iter_mut().zip(b)) {
            (*a, *b) = (*a + G * more, *b + h * more);
            *rho += more;
            *w += x * power * more;
            power *= y;
        }
    }
}

#[test]
fn forged_07_re_randomised_ciphertexts_with_the_proof_carried_along() {
    let mut play = play();
    let (statement, h) = (statement(&play), *statement(&play).joint_key.point());
    let mut draft = honest(&mut play);
    let old = draft.challenges(&statement, LeftOut::Nothing);
    re_randomise(&mut draft, &h, old);
    assert!(draft.holds(&statement, &protocol(), old), "the equations hold under the old challenges");
    refused(play, &draft, Rule::R504);
}

#[test]
fn forged_08_contests_exchanged_within_a_ballot() {
    // Both have five positions. The proofs hold one by one, each in the other's place.
    let mut play = play();
    let mut draft = honest(&mut play);
    draft.contests.swap(0, 1);
    refused(play, &draft, Rule::R504);
}

/// Two districts, each with a contest of its own; the ballots have one length.
fn two_styles() -> Play {
    let held = |id: &str, district: u16| tachiai_schemas::election::Contest { districts: Some(vec![district]), ..contest(id, 5, Choice::Exactly(1)) };
    let mut play = Play::with(81, (3, 2), vec![held("a", 0), held("b", 1)], 2, 8, |_| {});
    play.ceremony();
    play.open();
    play
}

#[test]
fn forged_08_a_ballot_of_another_style_of_one_length() {
    let mut play = two_styles();
    play.register(Slot(0));
    play.register(Slot(1));
    // Slot 1 of the second district proves a ballot of the first district's style; all else is its own.
    let own = play.board.statement_for(Slot(1)).unwrap();
    let other = Statement { style: play.board.statement_for(Slot(0)).unwrap().style, ..own.clone() };
    assert_eq!(own.style.ballot_len(), other.style.ballot_len());
    let registration = play.board.slot(Slot(1)).unwrap().registration();
    let (ballot, _) = cast(&[vec![2]], &other, Slot(1), registration, Counter(0), &play.voters[&Slot(1)].key, &mut play.rng).unwrap();
    let leaf = play.push_ballot(ballot.bytes());
    broken(&end(play), Rule::R504, leaf);
}

#[test]
fn forged_08_a_registration_signed_for_another_election() {
    // The same key, slot, number and checkpoint; only manifest and opening of the text are another election's.
    let mut other = open(82);
    let mut play = play();
    let (registration, key) = play.registration(Slot(2));
    let signed = other.possess(registration.clone(), &key);
    let leaf = play.push(Body::Registration(Box::new(Registration { possession: signed.possession, ..registration })));
    broken(&end(play), Rule::R404, leaf);
}

#[test]
fn forged_08_a_challenge_signed_for_another_election() {
    let other = open(82);
    let mut play = play();
    let mut challenged = play.challenged(Slot(0));
    let context = other.board.context().unwrap();
    let key = &play.voters[&Slot(0)].key;
    let signature = tachiai_crypto::election::challenge::sign_challenge(context, Slot(0), challenged.ballot.hash(), challenged.leaf, key, &mut play.rng);
    challenged.signature = Bytes(signature.to_bytes());
    let leaf = play.push(Body::Challenged(challenged));
    broken(&end(play), Rule::R508, leaf);
}

/// A signature by a key with nonce zero: R is the identity and s = c·v, which satisfies the equation and gives the key away.
fn with_nonce_zero(key: &SecretKey, purpose: &'static str, message: &[u8]) -> [u8; 64] {
    let (nonce, public) = (RistrettoPoint::default(), *key.public().element().point());
    let c = weak_challenge(purpose, message, Some(&public), Some(&nonce));
    let s = c * key.expose();
    assert_eq!(G * s, nonce + public * c, "the equation holds");
    [encoded(nonce), s.to_bytes()].concat().try_into().unwrap()
}

#[test]
fn forged_09_the_identity_as_the_nonce_of_a_signature() {
    let mut play = play();
    let statement = statement(&play);
    let mut bytes = honest(&mut play).write();
    let split = bytes.len() - 64;
    let message = [statement.context.as_bytes(), statement.registration.as_bytes().as_slice(), &bytes[..split]].concat();
    let signature = with_nonce_zero(&play.voters[&Slot(1)].key, purpose::BALLOT, &message);
    bytes[split..].copy_from_slice(&signature);
    let leaf = play.push_ballot(&bytes);
    broken(&play, Rule::R501, leaf);

    let mut play = self::play();
    let mut challenged = play.challenged(Slot(0));
    let message = tachiai_crypto::election::challenge::challenge_message(play.board.context().unwrap(), Slot(0), challenged.ballot.hash(), challenged.leaf);
    challenged.signature = Bytes(with_nonce_zero(&play.voters[&Slot(0)].key, purpose::CHALLENGE, message.as_bytes()));
    let leaf = play.push(Body::Challenged(challenged));
    broken(&end(play), Rule::R508, leaf);
}

#[test]
fn forged_09_a_ciphertext_of_nothing_but_a_vote() {
    // (0, 50 G): no randomness, so nothing to prove but the value.
    let mut play = play();
    let (statement, header) = (statement(&play), header(&play));
    let mut draft = Draft::prove(header, &votes(&[1, 0, 0, 0, 0]), &statement, &protocol(), (LeftOut::Nothing, Scalar::ZERO), &mut play.rng);
    (draft.contests[0].a[0], draft.contests[0].b[0]) = (RistrettoPoint::default(), G * scalar(50));
    refused(play, &draft, Rule::R501);
}

#[test]
fn forged_11_a_proof_over_generators_with_known_logarithms() {
    // All generators are multiples of P, so that Bc and Ac open to anything: −1 and 2 are "bits".
    let mut play = play();
    let (statement, header) = (statement(&play), header(&play));
    let p = protocol().p;
    let logarithm = |place: usize| Scalar::from(3 + 7 * place as u64);
    let own =
        Generators { message: G, p, g: (0..256).map(|place| p * logarithm(place)).collect(), q: (0..256).map(|place| p * logarithm(place + 256)).collect() };
    let mut draft = Draft::prove(header, &votes(&[2, -1, 0, 0, 0]), &statement, &own, (LeftOut::Nothing, Scalar::ZERO), &mut play.rng);
    let (y, x) = draft.challenges(&statement, LeftOut::Nothing);
    assert!(!draft.holds(&statement, &own, (y, x)), "two and minus one are no bits");
    // What equation (1) lacks is a known multiple of P, for it consists of nothing else: the second binding term, for each position b(1 − b) x².
    let lacking: Scalar = [2, -1, 0, 0, 0].into_iter().enumerate().map(|(place, value)| scalar(value * (1 - value)) * x * x * logarithm(place + 256)).sum();
    draft.contests[0].z -= lacking;
    assert!(draft.holds(&statement, &own, (y, x)), "a verifier with these generators is deceived");
    refused(play, &draft, Rule::R504);
}

#[test]
fn forged_11_a_vote_that_weighs_fifty_by_its_own_base() {
    let mut play = play();
    let (statement, header) = (statement(&play), header(&play));
    let own = Generators { message: G * scalar(50), ..protocol() };
    let draft = Draft::prove(header, &votes(&[1, 0, 0, 0, 0]), &statement, &own, (LeftOut::Nothing, Scalar::ZERO), &mut play.rng);
    assert!(draft.holds(&statement, &own, draft.challenges(&statement, LeftOut::Nothing)), "a verifier with this base is deceived");
    refused(play, &draft, Rule::R504);
}

#[test]
fn forged_11_a_ballot_under_a_joint_key_of_ones_own() {
    let mut play = play();
    let (honest, header) = (statement(&play), header(&play));
    let own = Statement { joint_key: tachiai_crypto::group::Element::new(G * Scalar::from(7_u64)), ..honest };
    let draft = Draft::prove(header, &votes(&[1, 0, 0, 0, 0]), &own, &protocol(), (LeftOut::Nothing, Scalar::ZERO), &mut play.rng);
    assert!(draft.holds(&own, &protocol(), draft.challenges(&own, LeftOut::Nothing)));
    refused(play, &draft, Rule::R504);
}

#[test]
fn forged_11_one_more_choice_than_the_contest_allows() {
    // Proved for s = 2 where the manifest says one.
    let mut play = play();
    let header = header(&play);
    let honest = statement(&play);
    let shape = |choose| tachiai_crypto::election::context::ContestShape::new(5, choose).unwrap();
    let contests = honest.style.contests().to_vec();
    let two = shape(tachiai_crypto::election::context::Choose::Exactly(2));
    let style = tachiai_crypto::election::context::BallotStyle::new(vec![(0, two), contests[1]]).unwrap();
    let own = Statement { style: std::sync::Arc::new(style), ..honest };
    let draft = Draft::prove(header, &votes(&[1, 1, 0, 0, 0]), &own, &protocol(), (LeftOut::Nothing, Scalar::ZERO), &mut play.rng);
    assert!(draft.holds(&own, &protocol(), draft.challenges(&own, LeftOut::Nothing)));
    refused(play, &draft, Rule::R504);
}

/// Chance without chance: every weight of a batch is the same.
struct Constant;

impl RngCore for Constant {
    fn next_u32(&mut self) -> u32 {
        1
    }

    fn next_u64(&mut self) -> u64 {
        1
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        out.fill(1);
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), rand_core::Error> {
        out.fill(1);
        Ok(())
    }
}

impl CryptoRng for Constant {}

/// What an entry would still owe if it came next.
fn owed(play: &Play, body: Body) -> Obligation {
    let entry = Entry { at: play.now.plus(1), body };
    let bytes = entry.to_bytes().unwrap();
    play.board.check(LeafIndex(play.tree.len()), leaf_hash(&bytes), &entry, &play.tree).unwrap()
}

fn rules(verdicts: Vec<Result<(), Violation>>) -> Vec<Option<Rule>> {
    verdicts.into_iter().map(|verdict| verdict.err().map(|violation| violation.rule)).collect()
}

/// Changes two proper ballots of slots 1 and 2, signs them again, and asserts that a batch with equal weights would take both and this verifier takes neither.
fn cancelling(rule: Rule, change: impl Fn(&mut [Draft; 2]), spoil: impl Fn(&mut [Vec<u8>; 2])) {
    let mut play = play();
    play.register(Slot(2));
    let slots = [Slot(1), Slot(2)];
    let mut drafts = slots.map(|slot| {
        let (ballot, _) = play.ballot(slot);
        Draft::read(ballot.bytes(), &play.board.statement_for(slot).unwrap())
    });
    change(&mut drafts);
    let [first, second] = &drafts;
    let mut ballots = [signed(&mut play, slots[0], first), signed(&mut play, slots[1], second)];
    spoil(&mut ballots);
    let owed = ballots.each_ref().map(|bytes| owed(&play, Body::Ballot(BallotEntry { ballot: Blob(bytes.clone()) })));
    assert_eq!(rules(discharge(&owed, &mut Constant)), [None, None], "equal weights are deceived");
    assert_eq!(rules(discharge(&owed, &mut OsRng)), [Some(rule), Some(rule)]);
    let leaf = play.push_ballot(&ballots[0]);
    play.push_ballot(&ballots[1]);
    broken(&end(play), rule, leaf);
}

/// Adds to the scalar that starts at a place of a ballot.
fn add(bytes: &mut [u8], at: usize, more: Scalar) {
    let old = Scalar::from_canonical_bytes(bytes[at..at + 32].try_into().unwrap()).unwrap();
    bytes[at..at + 32].copy_from_slice((old + more).as_bytes());
}

#[test]
fn forged_14_errors_of_two_ballots_that_cancel_under_equal_weights() {
    let error = Scalar::from(3_u64);
    let both = |rule: Rule, change: fn(&mut Contest, Scalar)| {
        let change = |drafts: &mut [Draft; 2]| {
            change(&mut drafts[0].contests[0], error);
            change(&mut drafts[1].contests[0], -error);
        };
        cancelling(rule, change, |_| ());
    };
    both(Rule::R504, |contest, error| contest.z += error);
    both(Rule::R504, |contest, error| contest.w += error);
    // The signatures' s, after signing.
    cancelling(
        Rule::R505,
        |_| (),
        |ballots| {
            let at = ballots[0].len() - 32;
            add(&mut ballots[0], at, Scalar::from(3_u64));
            add(&mut ballots[1], at, -Scalar::from(3_u64));
        },
    );
}

#[test]
fn forged_14_errors_of_two_contests_that_cancel_under_one_weight_a_ballot() {
    let within = |drafts: &mut [Draft; 2]| {
        for draft in drafts {
            draft.contests[0].z += Scalar::ONE;
            draft.contests[1].z -= Scalar::ONE;
        }
    };
    cancelling(Rule::R504, within, |_| ());
}

#[test]
fn forged_14_a_possession_and_a_ballots_signature_that_cancel_under_equal_weights() {
    let mut play = play();
    let (mut registration, _) = play.registration(Slot(2));
    let (ballot, _) = play.ballot(Slot(1));
    let mut ballot = ballot.bytes().to_vec();
    let at = ballot.len() - 32;
    add(&mut registration.possession.0, 32, Scalar::ONE);
    add(&mut ballot, at, -Scalar::ONE);
    let owed = [owed(&play, Body::Registration(Box::new(registration.clone()))), owed(&play, Body::Ballot(BallotEntry { ballot: Blob(ballot.clone()) }))];
    assert_eq!(rules(discharge(&owed, &mut Constant)), [None, None], "equal weights are deceived");
    assert_eq!(rules(discharge(&owed, &mut OsRng)), [Some(Rule::R404), Some(Rule::R505)]);
    let leaf = play.push(Body::Registration(Box::new(registration)));
    play.push_ballot(&ballot);
    broken(&end(play), Rule::R404, leaf);
}

#[test]
fn forged_14_possessions_of_two_registrations_that_cancel_under_equal_weights() {
    let mut play = play();
    let mut registrations = [Slot(2), Slot(3)].map(|slot| play.registration(slot).0);
    add(&mut registrations[0].possession.0, 32, Scalar::ONE);
    add(&mut registrations[1].possession.0, 32, -Scalar::ONE);
    let owed = registrations.each_ref().map(|registration| owed(&play, Body::Registration(Box::new(registration.clone()))));
    assert_eq!(rules(discharge(&owed, &mut Constant)), [None, None], "equal weights are deceived");
    assert_eq!(rules(discharge(&owed, &mut OsRng)), [Some(Rule::R404), Some(Rule::R404)]);
    let [first, second] = registrations;
    let leaf = play.push(Body::Registration(Box::new(first)));
    play.push(Body::Registration(Box::new(second)));
    broken(&end(play), Rule::R404, leaf);
}

#[test]
fn forged_27_the_same_first_half_in_two_contests_of_a_ballot() {
    let mut play = play();
    let mut draft = honest(&mut play);
    draft.contests[1].a[2] = draft.contests[0].a[3];
    refused(play, &draft, Rule::R501);
}

#[test]
fn forged_27_the_randomness_of_an_earlier_ballot_with_a_new_proof() {
    // The voter's own device repeats its randomness for the first option: properly proved and signed, and the difference of both votes is open to all.
    let mut play = play();
    let (statement, header) = (statement(&play), header(&play));
    let chance = play.rng.clone();
    let draft = Draft::prove(header, &votes(&[1, 0, 0, 0, 0]), &statement, &protocol(), (LeftOut::Nothing, Scalar::ZERO), &mut play.rng);
    let bytes = signed(&mut play, Slot(1), &draft);
    play.push_ballot(&bytes);
    play.voters.get_mut(&Slot(1)).unwrap().counter = 1;
    let header = self::header(&play);
    let again = Draft::prove(header, &votes(&[0, 1, 0, 0, 0]), &statement, &protocol(), (LeftOut::Nothing, Scalar::ZERO), &mut chance.clone());
    assert_eq!(draft.contests[0].a, again.contests[0].a);
    assert!(again.holds(&statement, &protocol(), again.challenges(&statement, LeftOut::Nothing)));
    assert_eq!(BallotHeader::peek(&again.write()).unwrap().counter, Counter(1));
    let bytes = signed(&mut play, Slot(1), &again);
    let leaf = play.push_ballot(&bytes);
    broken(&end(play), Rule::R506, leaf);
}

#[test]
fn forged_21_a_ballot_recorded_again_under_a_later_registration() {
    let mut play = play();
    let bytes = super::ballot::first_ballot(&play);
    play.register(Slot(0));
    let leaf = play.push_ballot(&bytes);
    broken(&end(play), Rule::R502, leaf);
}
