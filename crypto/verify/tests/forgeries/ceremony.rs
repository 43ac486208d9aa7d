//! R201 to R206, R301.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use tachiai_crypto::ceremony::{Commitments, Polynomial, TrusteeIndex};
use tachiai_crypto::election::roll::{Roll, RollSlot};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::election::{Body, Opened};
use tachiai_schemas::trustee::{Commit, Complaint, ComplaintReason, Confirm, Deal, ShareHash};
use tachiai_schemas::{Bytes, LeafIndex};
use tachiai_verify::Rule;
use tachiai_verify::testing::Play;

use super::{broken, next};

fn index(trustee: u8) -> TrusteeIndex {
    TrusteeIndex::new(trustee).unwrap()
}

/// An election before its ceremony.
fn play() -> Play {
    Play::new(20)
}

/// All trustees committed honestly.
fn committed() -> Play {
    let mut play = play();
    commit_as(&mut play, |_| {});
    play
}

/// All trustees commit, the commits changed as told.
fn commit_as(play: &mut Play, change: impl Fn(&mut Commit)) {
    for trustee in play.indices() {
        let mut commit = play.commit(trustee);
        change(&mut commit);
        let commit = play.sign(trustee, commit);
        play.push(Body::Commit(commit));
    }
}

/// Deals in order until one is changed; gives its leaf.
fn deal_as(play: &mut Play, changed: TrusteeIndex, change: impl FnOnce(&mut Deal)) -> LeafIndex {
    for trustee in play.indices().into_iter().take_while(|trustee| *trustee != changed) {
        let deal = play.deal(trustee);
        let deal = play.sign(trustee, deal);
        play.push(Body::Deal(deal));
    }
    let mut deal = play.deal(changed);
    change(&mut deal);
    let deal = play.sign(changed, deal);
    let leaf = next(play);
    play.push(Body::Deal(deal));
    leaf
}

#[test]
fn forged_03_a_commit_signed_by_another_trustee() {
    let mut play = play();
    let commit = play.sign(index(2), play.commit(index(1)));
    let leaf = play.push(Body::Commit(commit));
    broken(&play, Rule::R201, leaf);
}

#[test]
fn forged_17_an_index_that_the_manifest_does_not_list() {
    let mut play = play();
    let commit = Commit { trustee: index(4), ..play.commit(index(1)) };
    let commit = play.sign(index(1), commit);
    let leaf = play.push(Body::Commit(commit));
    broken(&play, Rule::R201, leaf);
}

#[test]
fn forged_17_an_index_that_commits_twice() {
    let mut play = play();
    let commit = play.sign(index(1), play.commit(index(1)));
    play.push(Body::Commit(commit.clone()));
    let leaf = play.push(Body::Commit(commit));
    broken(&play, Rule::R201, leaf);
}

#[test]
fn forged_08_a_commit_of_another_manifest_or_run() {
    for change in [|commit: &mut Commit| commit.manifest = Hash32::ZERO.into(), |commit: &mut Commit| commit.run = 2] {
        let mut play = play();
        commit_as(&mut play, change);
        broken(&play, Rule::R201, LeafIndex(1));
    }
}

#[test]
fn nobody_deals_before_all_commits() {
    let mut play = play();
    let commit = play.sign(index(1), play.commit(index(1)));
    play.push(Body::Commit(commit));
    let leaf = deal_as(&mut play, index(1), |_| {});
    broken(&play, Rule::R201, leaf);
}

#[test]
fn nobody_confirms_before_all_deals() {
    let mut play = committed();
    deal_as(&mut play, index(2), |_| {});
    let manifest = play.board.manifest_hash().unwrap().into();
    let confirm = Confirm { manifest, run: 1, trustee: index(1), joint_key: Bytes([0; 32]), share_keys: vec![], ceremony: Hash32::ZERO.into() };
    let confirm = play.sign(index(1), confirm);
    let leaf = play.push(Body::Confirm(confirm));
    broken(&play, Rule::R201, leaf);
}

fn complaint(play: &Play, trustee: TrusteeIndex, against: TrusteeIndex) -> Body {
    let complaint = Complaint {
        manifest: play.board.manifest_hash().unwrap().into(),
        run: play.board.run().number(),
        trustee,
        against,
        reason: ComplaintReason::ShareWrong,
    };
    Body::Complaint(play.sign(trustee, complaint))
}

#[test]
fn nothing_of_a_run_follows_its_complaint() {
    let mut play = play();
    play.deal_all();
    let confirm = play.sign(index(1), play.confirm(index(1)));
    let body = complaint(&play, index(2), index(3));
    play.push(body);
    let leaf = play.push(Body::Confirm(confirm));
    broken(&play, Rule::R201, leaf);
}

#[test]
fn a_new_run_after_a_complaint_holds() {
    let mut play = play();
    play.deal_all();
    let body = complaint(&play, index(2), index(3));
    play.push(body);
    let quorum = play.board.quorum().unwrap();
    for trustee in &mut play.trustees {
        trustee.polynomial = Polynomial::generate(quorum, &mut play.rng);
    }
    play.ceremony();
    play.open();
    play.vote_all();
    let folder = tempfile::tempdir().unwrap();
    super::end(play).write(folder.path());
    assert!(super::verdict(folder.path()).is_ok());
}

#[test]
fn nobody_complains_about_themselves() {
    let mut play = play();
    play.deal_all();
    let body = complaint(&play, index(2), index(2));
    let leaf = play.push(body);
    broken(&play, Rule::R201, leaf);
}

#[test]
fn nobody_complains_before_all_deals_or_after_confirming() {
    let mut play = committed();
    deal_as(&mut play, index(2), |_| {});
    let body = complaint(&play, index(1), index(2));
    let leaf = play.push(body);
    broken(&play, Rule::R201, leaf);

    let mut play = self::play();
    play.deal_all();
    let confirm = play.sign(index(1), play.confirm(index(1)));
    play.push(Body::Confirm(confirm));
    let body = complaint(&play, index(1), index(2));
    let leaf = play.push(body);
    broken(&play, Rule::R201, leaf);
}

#[test]
fn forged_16_one_commitment_too_many_or_too_few() {
    for change in [|deal: &mut Deal| deal.commitments.truncate(1), |deal: &mut Deal| deal.commitments.push(deal.commitments[0])] {
        let mut play = committed();
        let leaf = deal_as(&mut play, index(2), change);
        broken(&play, Rule::R202, leaf);
    }
}

#[test]
fn forged_16_a_polynomial_that_does_not_match_its_hash() {
    let mut play = committed();
    let quorum = play.board.quorum().unwrap();
    play.trustees[1].polynomial = Polynomial::generate(quorum, &mut play.rng);
    let leaf = deal_as(&mut play, index(2), |_| {});
    broken(&play, Rule::R202, leaf);
}

/// A deal of the last trustee with these commitments, to which it committed properly.
fn rogue(commitments: impl Fn(&Play) -> Vec<[u8; 32]>, change: impl FnOnce(&mut Deal, &mut Play)) -> (Play, LeafIndex) {
    let mut play = play();
    let chosen = commitments(&play);
    let ceremony = play.board.ceremony_id().unwrap();
    let commit = Commitments::decode(&chosen, play.board.quorum().unwrap()).unwrap().commit(&ceremony, index(3));
    commit_as(&mut play, |entry| {
        if entry.trustee == index(3) {
            entry.commitment = commit.into();
        }
    });
    deal_as(&mut play, index(2), |_| {});
    let mut deal = play.deal(index(3));
    deal.commitments = chosen.into_iter().map(Bytes).collect();
    change(&mut deal, &mut play);
    let deal = play.sign(index(3), deal);
    let leaf = play.push(Body::Deal(deal));
    (play, leaf)
}

/// C_30 = K − C_10 − C_20 would make the joint key K.
fn making_the_joint_key(play: &Play) -> Vec<[u8; 32]> {
    let constant = |trustee: usize| *play.trustees[trustee].polynomial.commitments().elements()[0].point();
    let own = play.trustees[2].polynomial.commitments().encodings();
    let key: RistrettoPoint = RistrettoPoint::mul_base(&Scalar::from(7_u64)) - constant(0) - constant(1);
    vec![key.compress().to_bytes(), own[1]]
}

#[test]
fn forged_15_a_rogue_key_without_possession() {
    let (play, leaf) = rogue(making_the_joint_key, |_, _| {});
    broken(&play, Rule::R203, leaf);
}

#[test]
fn forged_15_a_possession_proof_of_another_index() {
    let mut play = committed();
    let ceremony = play.board.ceremony_id().unwrap();
    let proof = play.trustees[1].polynomial.possession(&ceremony, index(3), &mut play.rng);
    let leaf = deal_as(&mut play, index(2), |deal| deal.possession = Bytes(proof.to_bytes()));
    broken(&play, Rule::R203, leaf);
}

#[test]
fn forged_18_share_hashes_that_are_missing_or_for_nobody() {
    let forgeries: [fn(&mut Deal); 4] = [
        |deal| deal.shares.truncate(1),
        |deal| deal.shares.reverse(),
        |deal| deal.shares[0].to = deal.trustee,
        |deal| deal.shares.push(ShareHash { to: index(4), sha256: Hash32::ZERO.into() }),
    ];
    for change in forgeries {
        let mut play = committed();
        let leaf = deal_as(&mut play, index(2), change);
        broken(&play, Rule::R204, leaf);
    }
}

#[test]
fn forged_09_the_identity_as_joint_key() {
    let mut play = play();
    let quorum = play.board.quorum().unwrap();
    let scalars = |trustee: usize| {
        let bytes = play.trustees[trustee].polynomial.to_bytes();
        Scalar::from_canonical_bytes(bytes[..32].try_into().unwrap()).unwrap()
    };
    let constant = -(scalars(0) + scalars(1));
    let mut bytes = play.trustees[2].polynomial.to_bytes().to_vec();
    bytes[..32].copy_from_slice(constant.as_bytes());
    play.trustees[2].polynomial = Polynomial::from_bytes(&bytes, quorum).unwrap();
    commit_as(&mut play, |_| {});
    let leaf = deal_as(&mut play, index(3), |_| {});
    broken(&play, Rule::R205, leaf);
}

#[test]
fn forged_17_confirmed_keys_that_are_not_the_derived() {
    let forgeries: [fn(&mut Confirm); 5] = [
        |confirm| confirm.joint_key = confirm.share_keys[0],
        |confirm| confirm.share_keys.swap(0, 1),
        |confirm| confirm.share_keys.truncate(2),
        |confirm| confirm.share_keys.push(confirm.joint_key),
        |confirm| confirm.ceremony = Hash32::ZERO.into(),
    ];
    for change in forgeries {
        let mut play = play();
        play.deal_all();
        let mut confirm = play.confirm(index(1));
        change(&mut confirm);
        let confirm = play.sign(index(1), confirm);
        let leaf = play.push(Body::Confirm(confirm));
        broken(&play, Rule::R205, leaf);
    }
}

#[test]
fn forged_18_a_missing_confirmation() {
    let mut play = play();
    play.deal_all();
    for trustee in [index(1), index(2)] {
        let confirm = play.sign(trustee, play.confirm(trustee));
        play.push(Body::Confirm(confirm));
    }
    let leaf = next(&play);
    play.open();
    broken(&play, Rule::R206, leaf);
}

/// The election opens with an entry that is changed.
fn opened_as(change: impl FnOnce(&mut Opened)) -> (Play, LeafIndex) {
    let mut play = play();
    play.ceremony();
    let mut opened = play.opened();
    change(&mut opened);
    let leaf = play.push(Body::Opened(Box::new(opened)));
    (play, leaf)
}

#[test]
fn forged_17_opened_keys_that_are_not_the_derived() {
    let forgeries: [fn(&mut Opened); 4] = [
        |opened| opened.joint_key = opened.share_keys[0],
        |opened| opened.share_keys.swap(0, 1),
        |opened| opened.ceremony = Hash32::ZERO.into(),
        |opened| opened.run = 2,
    ];
    for change in forgeries {
        let (play, leaf) = opened_as(change);
        broken(&play, Rule::R206, leaf);
    }
}

#[test]
fn an_opening_commits_to_the_attached_roll() {
    let forgeries: [fn(&mut Opened); 5] = [
        |opened| opened.manifest = Hash32::ZERO.into(),
        |opened| opened.roll.root = Hash32::ZERO.into(),
        |opened| opened.roll.districts.swap(0, 1),
        |opened| opened.roll.districts.push(0),
        |opened| opened.roll.slots += 1,
    ];
    for (index, change) in forgeries.into_iter().enumerate() {
        println!("forgery {index}");
        let mut play = Play::with(21, (3, 2), vec![tachiai_verify::testing::contest("c", 2, tachiai_schemas::election::Choice::Exactly(1))], 2, 7, |_| {});
        play.ceremony();
        let mut opened = play.opened();
        change(&mut opened);
        let leaf = play.push(Body::Opened(Box::new(opened)));
        broken(&play, Rule::R301, leaf);
    }
}

#[test]
fn a_slot_is_in_a_district_of_the_manifest() {
    let mut play = play();
    play.ceremony();
    let mut opened = play.opened();
    play.attachments.clear();
    let roll = Roll::new(vec![RollSlot { district: 2, commitment: Hash32::ZERO }]).unwrap();
    opened.roll.file = play.attach(roll.to_bytes()).into();
    (opened.roll.root, opened.roll.slots, opened.roll.districts) = (roll.root().into(), 1, vec![0, 1]);
    let leaf = play.push(Body::Opened(Box::new(opened)));
    broken(&play, Rule::R301, leaf);
}

#[test]
fn forged_19_a_trustee_list_swapped_under_a_finished_ceremony() {
    // Another manifest, with all else kept: every trustee entry names the old one.
    let mut play = play();
    play.ceremony();
    let other = Play::with(22, (3, 2), play.manifest.contests.clone(), 2, 8, |manifest| {
        manifest.election = play.manifest.election;
        manifest.origin.clone_from(&play.manifest.origin);
        manifest.board_key = play.manifest.board_key;
    });
    play.entries[0] = other.entries[0].clone();
    broken(&play, Rule::R201, LeafIndex(1));
}

#[test]
fn forged_08_a_possession_proof_of_another_election_or_run() {
    // The same polynomial, index and trustees; the proof is of another manifest, run or list.
    let changes: [fn(&mut tachiai_crypto::ceremony::CeremonyId); 3] =
        [|id| id.manifest = Hash32::sha256(b"other"), |id| id.run = 2, |id| id.trustees = Hash32::sha256(b"other")];
    for change in changes {
        let mut play = committed();
        let mut ceremony = play.board.ceremony_id().unwrap();
        change(&mut ceremony);
        let proof = play.trustees[1].polynomial.possession(&ceremony, index(2), &mut play.rng);
        let leaf = deal_as(&mut play, index(2), |deal| deal.possession = Bytes(proof.to_bytes()));
        broken(&play, Rule::R203, leaf);
    }
}

#[test]
fn forged_01_a_possession_proof_whose_nonce_is_chosen_after_the_challenge() {
    // A rogue key K − C_10 − C_20, of which nobody knows the logarithm, with R = sG − cC for a challenge that does not bind R.
    let (play, leaf) = rogue(making_the_joint_key, |deal, _| {
        let key = curve25519_dalek::ristretto::CompressedRistretto(deal.commitments[0].0).decompress().unwrap();
        let (c, s) = (Scalar::from(11_u64), Scalar::from(13_u64));
        let nonce = RistrettoPoint::mul_base(&s) - key * c;
        deal.possession = Bytes([nonce.compress().to_bytes(), s.to_bytes()].concat().try_into().unwrap());
    });
    broken(&play, Rule::R203, leaf);
}

#[test]
fn forged_10_an_empty_possession_proof() {
    let mut play = committed();
    let leaf = deal_as(&mut play, index(2), |deal| deal.possession = Bytes([0; 64]));
    broken(&play, Rule::R203, leaf);
}

#[test]
fn forged_15_a_key_copied_from_another_trustee_with_its_proof() {
    // The last trustee waits for the first one's deal and sends the same commitments and proof; its commit is made to match.
    let first = play().trustees[0].polynomial.commitments().encodings();
    let (play, leaf) = rogue(
        |_| first.clone(),
        |deal, play| {
            let ceremony = play.board.ceremony_id().unwrap();
            deal.possession = Bytes(play.trustees[0].polynomial.possession(&ceremony, index(1), &mut play.rng).to_bytes());
        },
    );
    broken(&play, Rule::R203, leaf);
}

#[test]
fn forged_17_the_index_zero() {
    let mut play = play();
    let commit = play.sign(index(1), play.commit(index(1)));
    let leaf = play.push(Body::Commit(commit));
    let place = leaf.0 as usize;
    play.entries[place] = String::from_utf8(play.entries[place].clone()).unwrap().replace("\"trustee\":1", "\"trustee\":0").into_bytes();
    broken(&play, Rule::R101, leaf);
}

#[test]
fn forged_17_an_index_that_deals_or_confirms_twice() {
    let mut play = committed();
    deal_as(&mut play, index(1), |_| {});
    let deal = play.deal(index(1));
    let deal = play.sign(index(1), deal);
    let leaf = play.push(Body::Deal(deal));
    broken(&play, Rule::R201, leaf);

    let mut play = self::play();
    play.deal_all();
    let confirm = play.sign(index(1), play.confirm(index(1)));
    play.push(Body::Confirm(confirm.clone()));
    let leaf = play.push(Body::Confirm(confirm));
    broken(&play, Rule::R201, leaf);
}

#[test]
fn forged_17_share_keys_shifted_so_that_the_sum_is_right() {
    // X_1 + G and X_2 − G: whatever only adds them up sees nothing.
    let mut play = play();
    play.deal_all();
    let mut confirm = play.confirm(index(1));
    for (place, sign) in [(0, Scalar::ONE), (1, -Scalar::ONE)] {
        let old = curve25519_dalek::ristretto::CompressedRistretto(confirm.share_keys[place].0).decompress().unwrap();
        confirm.share_keys[place] = Bytes((old + RistrettoPoint::mul_base(&sign)).compress().to_bytes());
    }
    let confirm = play.sign(index(1), confirm);
    let leaf = play.push(Body::Confirm(confirm));
    broken(&play, Rule::R205, leaf);
}

#[test]
fn forged_18_a_deal_or_confirmation_that_nobody_signed() {
    let mut play = committed();
    let deal = play.deal(index(1));
    let mut deal = play.sign(index(1), deal);
    deal.signature = Bytes([0; 64]);
    let leaf = play.push(Body::Deal(deal));
    broken(&play, Rule::R201, leaf);

    let mut play = self::play();
    play.deal_all();
    let mut confirm = play.sign(index(1), play.confirm(index(1)));
    confirm.signature = Bytes([0; 64]);
    let leaf = play.push(Body::Confirm(confirm));
    broken(&play, Rule::R201, leaf);
}

#[test]
fn forged_18_a_share_hash_changed_after_signing() {
    let mut play = committed();
    let deal = play.deal(index(1));
    let mut deal = play.sign(index(1), deal);
    deal.body.shares[0].sha256 = Hash32::ZERO.into();
    let leaf = play.push(Body::Deal(deal));
    broken(&play, Rule::R201, leaf);
}

/// The election of [`play`] with another signing key of the third trustee, whom the operator replaces; everything else is the same.
fn replaced() -> Play {
    let mut other = Play::with(20, (3, 2), play().manifest.contests.clone(), 2, 8, |manifest| {
        manifest.trustees[2].signing_key = Bytes(tachiai_crypto::journal::BoardSecretKey::from_seed(&[9; 32]).public().to_bytes());
    });
    other.trustees[2].signing = tachiai_crypto::journal::BoardSecretKey::from_seed(&[9; 32]);
    other
}

#[test]
fn forged_19_a_trustee_replaced_and_the_honest_ones_files_kept() {
    // The two honest trustees' own files, which name the manifest that they saw.
    let honest = committed();
    let mut forged = replaced();
    assert_ne!(forged.entries[0], honest.entries[0]);
    for place in [1, 2] {
        let entry = tachiai_schemas::entry::Entry::from_bytes(&honest.entries[place]).unwrap();
        forged.push(entry.body);
    }
    broken(&forged, Rule::R201, LeafIndex(1));
}

#[test]
fn forged_19_a_trustee_replaced_and_the_honest_ones_proofs_kept() {
    // Even with the honest trustees' signing keys in hand the operator lacks their constant terms: their possession proofs name manifest and list.
    let mut honest = committed();
    let deal = honest.deal(index(1));
    let mut forged = replaced();
    forged.trustees.iter_mut().zip(honest.trustees).take(2).for_each(|(forged, honest)| forged.polynomial = honest.polynomial);
    commit_as(&mut forged, |_| {});
    let leaf = deal_as(&mut forged, index(1), |made| made.possession = deal.possession);
    broken(&forged, Rule::R203, leaf);
}

#[test]
fn forged_19_trustees_of_the_operators_own_with_everything_made_anew() {
    // Nothing in the record is wrong. Only the fingerprint of the public notice tells.
    let mut honest = super::open(20);
    honest.vote_all();
    let mut forged = replaced();
    forged.ceremony();
    forged.open();
    forged.vote_all();
    let folder = tempfile::tempdir().unwrap();
    super::end(forged).write(folder.path());
    assert!(super::verdict(folder.path()).is_ok());
    let options = tachiai_verify::Options { expect: honest.board.fingerprint(), ..tachiai_verify::Options::default() };
    match tachiai_verify::verify_record(folder.path(), &options) {
        Err(tachiai_verify::Failure::Refuted(violation)) => assert_eq!((violation.rule, violation.leaf), (Rule::R302, None)),
        _ => panic!("the forged record holds"),
    }
}
