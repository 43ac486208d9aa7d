//! The key ceremony and what it refuses.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;
use proptest::prelude::*;
use tachiai_crypto::ceremony::{
    CeremonyError, CeremonyId, Commitments, DealPublic, DecryptionKey, Polynomial, Quorum, SharePlaintext, combine, derive, trustee_list_hash, verify_deal,
};
use tachiai_crypto::group::Element;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::labels;
use tachiai_crypto::signature::SecretKey;

use crate::setup::{Ceremony, ceremony_id, deal, index, rng};

/// The error of a result whose value is a secret and therefore has no `Debug`.
fn refusal<T>(result: Result<T, CeremonyError>) -> CeremonyError {
    match result {
        Ok(_) => panic!("accepted"),
        Err(error) => error,
    }
}

fn verify(id: &CeremonyId, quorum: Quorum, deal: &DealPublic) -> Result<(), CeremonyError> {
    verify_deal(id, quorum, deal.index, deal.commit, &deal.commitments, &deal.possession)
}

fn decode(points: &[RistrettoPoint], quorum: Quorum) -> Result<Commitments, CeremonyError> {
    Commitments::decode(&points.iter().map(|point| point.compress().to_bytes()).collect::<Vec<_>>(), quorum)
}

#[test]
fn every_trustee_ends_with_the_secret_of_its_derived_share_key() {
    for (n, t) in [(2, 2), (3, 2), (5, 3), (9, 5), (9, 9)] {
        let ceremony = Ceremony::run(n, t, &mut rng(1));
        for (key, share_key) in ceremony.keys.iter().zip(&ceremony.result.share_keys) {
            assert_eq!(key.share_key(), *share_key, "{t} of {n}");
        }
    }
}

#[test]
fn the_order_in_which_deals_come_does_not_matter() {
    let mut ceremony = Ceremony::run(5, 3, &mut rng(2));
    ceremony.deals.reverse();
    assert_eq!(derive(&ceremony.id, ceremony.quorum, &ceremony.deals), Ok(ceremony.result));
}

#[test]
fn the_ceremony_hash_binds_manifest_run_list_commits_possessions_and_share_hashes() {
    let ceremony = Ceremony::run(3, 2, &mut rng(3));
    let mut other = ceremony.deals.clone();
    other[1].share_hashes[1].1 = Hash32::ZERO;
    assert_ne!(derive(&ceremony.id, ceremony.quorum, &other).unwrap().hash, ceremony.result.hash);

    // A second possession proof by the same trustee is as valid as the first, and still another ceremony.
    let mut other = ceremony.deals.clone();
    other[0].possession = ceremony.polynomials[0].possession(&ceremony.id, index(1), &mut rng(4));
    assert_ne!(derive(&ceremony.id, ceremony.quorum, &other).unwrap().hash, ceremony.result.hash);

    let list = trustee_list_hash([(&[9; 32], "age1other")]);
    for id in
        [CeremonyId { run: 2, ..ceremony.id }, CeremonyId { manifest: Hash32::sha256(b"another"), ..ceremony.id }, CeremonyId { trustees: list, ..ceremony.id }]
    {
        let deals: Vec<_> =
            ceremony.quorum.indices().zip(&ceremony.polynomials).map(|(i, polynomial)| deal(&id, ceremony.quorum, i, polynomial, &mut rng(3))).collect();
        let result = derive(&id, ceremony.quorum, &deals).unwrap();
        assert_eq!(result.joint_key, ceremony.result.joint_key);
        assert_ne!(result.hash, ceremony.result.hash);
    }
}

#[test]
fn a_rogue_key_without_possession_is_refused() {
    // Trustee 3 chooses C_0 so that the joint key is one whose secret it knows alone, and signs with that secret.
    let mut rng = rng(5);
    let ceremony = Ceremony::run(3, 2, &mut rng);
    let known = SecretKey::generate(&mut rng);
    let others: RistrettoPoint = ceremony.deals[..2].iter().map(|deal| deal.commitments.elements()[0].point()).sum();
    let rogue = known.public().element().point() - others;
    let commitments = decode(&[rogue, RistrettoPoint::mul_base(&Scalar::from(5u64))], ceremony.quorum).unwrap();
    let mut deals = ceremony.deals.clone();
    deals[2].commit = commitments.commit(&ceremony.id, index(3));
    deals[2].commitments = commitments;
    assert_eq!(derive(&ceremony.id, ceremony.quorum, &deals), Err(CeremonyError::Possession(index(3))));
    deals[2].possession = known.sign(labels::purpose::TRUSTEE_POSSESSION, ceremony.id.manifest.as_bytes(), &mut rng);
    assert_eq!(derive(&ceremony.id, ceremony.quorum, &deals), Err(CeremonyError::Possession(index(3))));
}

#[test]
fn commitments_copied_from_another_trustee_are_refused() {
    let ceremony = Ceremony::run(3, 2, &mut rng(6));
    let mut deals = ceremony.deals.clone();
    deals[1].commitments = deals[0].commitments.clone();
    deals[1].possession = deals[0].possession;
    deals[1].commit = deals[0].commit;
    assert_eq!(derive(&ceremony.id, ceremony.quorum, &deals), Err(CeremonyError::NotCommitted(index(2))));
    // Even bound anew by the copier, whose commit would have had to come before the reveal, the proof is another index's.
    deals[1].commit = deals[1].commitments.commit(&ceremony.id, index(2));
    assert_eq!(derive(&ceremony.id, ceremony.quorum, &deals), Err(CeremonyError::Possession(index(2))));
}

#[test]
fn a_possession_proof_of_another_index_run_list_or_manifest_is_refused() {
    let mut rng = rng(7);
    let quorum = Quorum::new(3, 2).unwrap();
    let id = ceremony_id(quorum);
    let polynomial = Polynomial::generate(quorum, &mut rng);
    let mut own = deal(&id, quorum, index(1), &polynomial, &mut rng);
    assert_eq!(verify(&id, quorum, &own), Ok(()));
    let foreign = [
        (CeremonyId { ..id }, index(2)),
        (CeremonyId { run: 2, ..id }, index(1)),
        (CeremonyId { trustees: Hash32::ZERO, ..id }, index(1)),
        (CeremonyId { manifest: Hash32::ZERO, ..id }, index(1)),
    ];
    for (id_of_proof, index_of_proof) in foreign {
        own.possession = polynomial.possession(&id_of_proof, index_of_proof, &mut rng);
        assert_eq!(verify(&id, quorum, &own), Err(CeremonyError::Possession(index(1))));
    }
}

#[test]
fn a_signature_for_another_purpose_is_no_possession_proof() {
    let mut rng = rng(8);
    let quorum = Quorum::new(2, 2).unwrap();
    let id = ceremony_id(quorum);
    let polynomial = Polynomial::generate(quorum, &mut rng);
    let mut own = deal(&id, quorum, index(1), &polynomial, &mut rng);
    let constant = SecretKey::from_scalar(Scalar::from_canonical_bytes(polynomial.to_bytes()[..32].try_into().unwrap()).unwrap()).unwrap();
    let encodings = own.commitments.encodings();
    let parts: [&[u8]; 5] = [id.manifest.as_ref(), &1u32.to_be_bytes(), &[1], id.trustees.as_ref(), encodings.as_flattened()];
    let message = tachiai_crypto::hash::tagged("possession", &parts);
    own.possession = constant.sign(labels::purpose::TRUSTEE_POSSESSION, message.as_bytes(), &mut rng);
    assert_eq!(verify(&id, quorum, &own), Ok(()));
    own.possession = constant.sign(labels::purpose::REGISTRATION, message.as_bytes(), &mut rng);
    assert_eq!(verify(&id, quorum, &own), Err(CeremonyError::Possession(index(1))));
}

#[test]
fn a_polynomial_that_does_not_match_its_hash_is_refused() {
    let mut rng = rng(9);
    let ceremony = Ceremony::run(3, 2, &mut rng);
    let second_thought = Polynomial::generate(ceremony.quorum, &mut rng);
    let mut deals = ceremony.deals.clone();
    deals[0] = DealPublic { commit: deals[0].commit, ..deal(&ceremony.id, ceremony.quorum, index(1), &second_thought, &mut rng) };
    assert_eq!(derive(&ceremony.id, ceremony.quorum, &deals), Err(CeremonyError::NotCommitted(index(1))));
}

#[test]
fn a_commit_of_another_index_run_or_manifest_is_refused() {
    let mut rng = rng(10);
    let quorum = Quorum::new(3, 2).unwrap();
    let id = ceremony_id(quorum);
    let polynomial = Polynomial::generate(quorum, &mut rng);
    let own = deal(&id, quorum, index(1), &polynomial, &mut rng);
    for commit in [
        polynomial.commit(&id, index(2)),
        polynomial.commit(&CeremonyId { run: 2, ..id }, index(1)),
        polynomial.commit(&CeremonyId { manifest: Hash32::ZERO, ..id }, index(1)),
    ] {
        assert_eq!(verify(&id, quorum, &DealPublic { commit, ..own.clone() }), Err(CeremonyError::NotCommitted(index(1))));
    }
}

#[test]
fn other_than_exactly_t_commitments_are_refused() {
    let mut rng = rng(11);
    let quorum = Quorum::new(5, 3).unwrap();
    let id = ceremony_id(quorum);
    for (n, t) in [(3, 2), (5, 4), (5, 5)] {
        let other = Quorum::new(n, t).unwrap();
        let polynomial = Polynomial::generate(other, &mut rng);
        let error = CeremonyError::CommitmentCount { expected: 3, found: usize::from(t) };
        assert_eq!(Commitments::decode(&polynomial.commitments().encodings(), quorum), Err(error.clone()));
        // Nor when they come as decoded commitments with a valid proof.
        assert_eq!(verify(&id, quorum, &deal(&id, other, index(1), &polynomial, &mut rng)), Err(error));
    }
    assert_eq!(Commitments::decode(&[], quorum), Err(CeremonyError::CommitmentCount { expected: 3, found: 0 }));
}

#[test]
fn an_identity_constant_term_is_refused() {
    let quorum = Quorum::new(3, 2).unwrap();
    assert_eq!(decode(&[RistrettoPoint::identity(), RistrettoPoint::mul_base(&Scalar::ONE)], quorum), Err(CeremonyError::IdentityConstant));
    assert!(decode(&[RistrettoPoint::mul_base(&Scalar::ONE), RistrettoPoint::identity()], quorum).is_ok());
}

#[test]
fn a_commitment_that_is_no_point_is_refused_with_its_position() {
    let quorum = Quorum::new(3, 2).unwrap();
    let point = RistrettoPoint::mul_base(&Scalar::ONE).compress().to_bytes();
    let mut negative = point;
    negative[0] ^= 1;
    for bad in [negative, [0xff; 32]] {
        assert!(matches!(Commitments::decode(&[point, bad], quorum), Err(CeremonyError::Commitment { position: 1, .. })));
    }
}

#[test]
fn a_trustee_above_the_number_of_trustees_is_refused() {
    let mut rng = rng(12);
    let quorum = Quorum::new(3, 2).unwrap();
    let id = ceremony_id(quorum);
    let polynomial = Polynomial::generate(quorum, &mut rng);
    let stranger = deal(&id, quorum, index(4), &polynomial, &mut rng);
    let error = CeremonyError::Stranger { index: index(4), trustees: 3 };
    assert_eq!(verify(&id, quorum, &stranger), Err(error.clone()));
    assert_eq!(derive(&id, quorum, &[stranger]), Err(error));
}

#[test]
fn share_hashes_missing_doubled_out_of_order_or_for_oneself_are_refused() {
    let ceremony = Ceremony::run(3, 2, &mut rng(13));
    let hash = Hash32::ZERO;
    for hashes in
        [vec![], vec![(1, hash)], vec![(3, hash), (1, hash)], vec![(1, hash), (1, hash)], vec![(1, hash), (2, hash), (3, hash)], vec![(1, hash), (4, hash)]]
    {
        let mut deals = ceremony.deals.clone();
        deals[1].share_hashes = hashes.into_iter().map(|(to, hash)| (index(to), hash)).collect();
        assert_eq!(derive(&ceremony.id, ceremony.quorum, &deals), Err(CeremonyError::ShareHashes(index(2))));
    }
}

#[test]
fn a_missing_deal_is_named() {
    let mut ceremony = Ceremony::run(5, 3, &mut rng(14));
    ceremony.deals.remove(3);
    assert_eq!(derive(&ceremony.id, ceremony.quorum, &ceremony.deals), Err(CeremonyError::DealMissing(index(4))));
    assert_eq!(derive(&ceremony.id, ceremony.quorum, &[]), Err(CeremonyError::DealMissing(index(1))));
}

#[test]
fn a_duplicate_index_is_refused() {
    let mut ceremony = Ceremony::run(3, 2, &mut rng(15));
    ceremony.deals.push(ceremony.deals[1].clone());
    assert_eq!(derive(&ceremony.id, ceremony.quorum, &ceremony.deals), Err(CeremonyError::DealtTwice(index(2))));
    ceremony.deals.remove(2);
    assert_eq!(derive(&ceremony.id, ceremony.quorum, &ceremony.deals), Err(CeremonyError::DealtTwice(index(2))));
}

#[test]
fn constant_terms_that_cancel_give_no_joint_key() {
    // Two trustees in collusion, each with a valid possession proof.
    let mut rng = rng(16);
    let quorum = Quorum::new(2, 2).unwrap();
    let id = ceremony_id(quorum);
    let first = Polynomial::generate(quorum, &mut rng);
    let mut bytes = first.to_bytes();
    let constant: Scalar = Scalar::from_canonical_bytes(bytes[..32].try_into().unwrap()).unwrap();
    bytes[..32].copy_from_slice((-constant).as_bytes());
    let second = Polynomial::from_bytes(&bytes, quorum).unwrap();
    let deals = [deal(&id, quorum, index(1), &first, &mut rng), deal(&id, quorum, index(2), &second, &mut rng)];
    assert_eq!(derive(&id, quorum, &deals), Err(CeremonyError::IdentityJointKey));
}

#[test]
fn shares_that_cancel_give_no_share_key() {
    let mut rng = rng(17);
    let quorum = Quorum::new(2, 2).unwrap();
    let id = ceremony_id(quorum);
    // f_1(z) + f_2(z) = 2 − z, whose value for trustee 2 is zero.
    let polynomial = |constant: Scalar, slope: Scalar| Polynomial::from_bytes(&[constant.to_bytes(), slope.to_bytes()].concat(), quorum).unwrap();
    let (first, second) = (polynomial(Scalar::from(3u64), Scalar::from(4u64)), polynomial(-Scalar::ONE, -Scalar::from(5u64)));
    let deals = [deal(&id, quorum, index(1), &first, &mut rng), deal(&id, quorum, index(2), &second, &mut rng)];
    assert_eq!(derive(&id, quorum, &deals), Err(CeremonyError::IdentityShareKey(index(2))));
}

#[test]
fn a_declared_result_other_than_the_derived_is_refused() {
    let ceremony = Ceremony::run(3, 2, &mut rng(18));
    let result = &ceremony.result;
    let joint_key = *result.joint_key.as_bytes();
    let keys: Vec<[u8; 32]> = result.share_keys.iter().map(|key| *key.as_bytes()).collect();
    assert_eq!(result.check_declared(&joint_key, &keys, result.hash), Ok(()));
    assert_eq!(result.check_declared(&keys[0], &keys, result.hash), Err(CeremonyError::JointKeyDiffers));
    assert_eq!(result.check_declared(&joint_key, &keys[..2], result.hash), Err(CeremonyError::ShareKeyCount { expected: 3, found: 2 }));
    let mut other = keys.clone();
    other[1] = joint_key;
    assert_eq!(result.check_declared(&joint_key, &other, result.hash), Err(CeremonyError::ShareKeyDiffers(index(2))));
    other.swap(1, 2);
    other[1] = keys[2];
    assert_eq!(result.check_declared(&joint_key, &other, result.hash), Err(CeremonyError::ShareKeyDiffers(index(2))));
    assert_eq!(result.check_declared(&joint_key, &keys, Hash32::ZERO), Err(CeremonyError::CeremonyHashDiffers));
}

#[test]
fn a_share_is_the_seventy_bytes_of_the_protocol() {
    let ceremony = Ceremony::run(3, 2, &mut rng(19));
    let id = CeremonyId { run: 0x0102_0304, ..ceremony.id };
    let share = ceremony.polynomials[0].share_for(&id, index(1), index(3));
    let bytes = share.as_bytes();
    assert_eq!(bytes[..22], *b"tachiai-share/1\0\x01\x02\x03\x04\x01\x03");
    assert_eq!(bytes[22..38], id.manifest.as_bytes()[..16]);
    let coefficients = ceremony.polynomials[0].to_bytes();
    let coefficient = |l: usize| Scalar::from_canonical_bytes(coefficients[32 * l..32 * l + 32].try_into().unwrap()).unwrap();
    assert_eq!(bytes[38..], (coefficient(0) + Scalar::from(3u64) * coefficient(1)).to_bytes());
    assert_eq!(bytes.len(), 70);
}

#[test]
fn a_share_for_another_recipient_sender_run_or_ceremony_is_refused() {
    let ceremony = Ceremony::run(3, 2, &mut rng(20));
    let (id, commitments) = (&ceremony.id, &ceremony.deals[0].commitments);
    let share = ceremony.polynomials[0].share_for(id, index(1), index(2));
    assert!(share.check(id, index(1), index(2), commitments).is_ok());
    assert_eq!(refusal(share.check(id, index(1), index(3), commitments)), CeremonyError::ShareRecipient { expected: index(3), found: 2 });
    assert_eq!(refusal(share.check(id, index(3), index(2), commitments)), CeremonyError::ShareSender { expected: index(3), found: 1 });
    let next_run = CeremonyId { run: 2, ..*id };
    assert_eq!(refusal(share.check(&next_run, index(1), index(2), commitments)), CeremonyError::ShareRun { expected: 2, found: 1 });
    let another = CeremonyId { manifest: Hash32::ZERO, ..*id };
    assert_eq!(refusal(share.check(&another, index(1), index(2), commitments)), CeremonyError::ShareManifest);
}

#[test]
fn a_share_of_another_length_or_version_is_refused() {
    let ceremony = Ceremony::run(2, 2, &mut rng(21));
    let share = ceremony.polynomials[0].share_for(&ceremony.id, index(1), index(2));
    let bytes = share.as_bytes();
    for length in [0, 16, 69] {
        assert_eq!(refusal(SharePlaintext::parse(&bytes[..length])), CeremonyError::ShareLength { found: length });
    }
    assert_eq!(refusal(SharePlaintext::parse(&[&bytes[..], b"\0"].concat())), CeremonyError::ShareLength { found: 71 });
    for position in 0..16 {
        let mut other = *bytes;
        other[position] ^= 1;
        assert_eq!(refusal(SharePlaintext::parse(&other)), CeremonyError::ShareVersion);
    }
}

#[test]
fn an_altered_share_fails_feldmans_equation() {
    let ceremony = Ceremony::run(3, 2, &mut rng(22));
    let (id, commitments) = (&ceremony.id, &ceremony.deals[0].commitments);
    let share = ceremony.polynomials[0].share_for(id, index(1), index(2));
    let mut altered = *share.as_bytes();
    altered[38] ^= 1;
    assert_eq!(refusal(SharePlaintext::parse(&altered).unwrap().check(id, index(1), index(2), commitments)), CeremonyError::ShareContradicts(index(1)));
    // The point of the same polynomial for somebody else.
    let elsewhere = ceremony.polynomials[0].share_for(id, index(1), index(3));
    altered = *share.as_bytes();
    altered[38..].copy_from_slice(&elsewhere.as_bytes()[38..]);
    assert_eq!(refusal(SharePlaintext::parse(&altered).unwrap().check(id, index(1), index(2), commitments)), CeremonyError::ShareContradicts(index(1)));
    altered[38..].fill(0xff);
    assert_eq!(refusal(SharePlaintext::parse(&altered).unwrap().check(id, index(1), index(2), commitments)), CeremonyError::ShareValue);
}

#[test]
fn shares_missing_doubled_or_for_another_trustee_make_no_key() {
    let ceremony = Ceremony::run(3, 2, &mut rng(23));
    let share = |from: u8, to: u8| {
        let position = usize::from(from) - 1;
        let plaintext = ceremony.polynomials[position].share_for(&ceremony.id, index(from), index(to));
        plaintext.check(&ceremony.id, index(from), index(to), &ceremony.deals[position].commitments).unwrap()
    };
    let result = &ceremony.result;
    assert!(combine(result, index(1), &[share(1, 1), share(2, 1), share(3, 1)]).is_ok());
    assert_eq!(refusal(combine(result, index(1), &[share(1, 1), share(3, 1)])), CeremonyError::ShareMissing(index(2)));
    assert_eq!(refusal(combine(result, index(1), &[share(1, 1), share(3, 1), share(3, 1)])), CeremonyError::ShareTwice(index(3)));
    assert_eq!(refusal(combine(result, index(1), &[share(1, 1), share(2, 1), share(3, 2)])), CeremonyError::ShareRecipient { expected: index(1), found: 2 });
    assert_eq!(refusal(combine(result, index(4), &[])), CeremonyError::Stranger { index: index(4), trustees: 3 });
}

#[test]
fn shares_of_another_ceremony_do_not_add_up() {
    let (first, second) = (Ceremony::run(2, 2, &mut rng(24)), Ceremony::run(2, 2, &mut rng(25)));
    let shares = [first.polynomials[0].own_share(index(1)), {
        let plaintext = second.polynomials[1].share_for(&second.id, index(2), index(1));
        plaintext.check(&second.id, index(2), index(1), &second.deals[1].commitments).unwrap()
    }];
    assert_eq!(refusal(combine(&first.result, index(1), &shares)), CeremonyError::KeyDiffers(index(1)));
}

#[test]
fn a_stored_polynomial_comes_back_and_a_damaged_one_does_not() {
    let quorum = Quorum::new(5, 3).unwrap();
    let polynomial = Polynomial::generate(quorum, &mut rng(26));
    let bytes = polynomial.to_bytes();
    assert_eq!(bytes.len(), 96);
    let restored = Polynomial::from_bytes(&bytes, quorum).unwrap();
    assert_eq!(restored.commitments(), polynomial.commitments());
    let id = ceremony_id(quorum);
    assert_eq!(restored.share_for(&id, index(1), index(4)).as_bytes(), polynomial.share_for(&id, index(1), index(4)).as_bytes());

    let too_long = [&bytes[..], &[0; 32]].concat();
    let no_scalar = [&bytes[..64], &[0xff; 32]].concat();
    let zero_constant = [&[0; 32], &bytes[32..]].concat();
    for damaged in [&bytes[..95], &bytes[..64], &[], &too_long, &no_scalar, &zero_constant] {
        assert_eq!(refusal(Polynomial::from_bytes(damaged, quorum)), CeremonyError::StoredSecret);
    }
}

#[test]
fn a_stored_decryption_key_comes_back_for_its_share_key_only() {
    let ceremony = Ceremony::run(2, 2, &mut rng(27));
    let bytes = ceremony.keys[0].to_bytes();
    let keys = &ceremony.result.share_keys;
    assert_eq!(DecryptionKey::from_bytes(index(1), &bytes, &keys[0]).unwrap().share_key(), keys[0]);
    assert_eq!(refusal(DecryptionKey::from_bytes(index(1), &bytes, &keys[1])), CeremonyError::KeyDiffers(index(1)));
    assert_eq!(refusal(DecryptionKey::from_bytes(index(1), &[0xff; 32], &keys[0])), CeremonyError::StoredSecret);
    assert_eq!(refusal(DecryptionKey::from_bytes(index(1), &[0; 32], &Element::new(RistrettoPoint::identity()))), CeremonyError::StoredSecret);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn flipping_any_bit_of_a_share_is_noticed(bit in 0usize..560) {
        let ceremony = Ceremony::run(2, 2, &mut rng(28));
        let mut bytes = *ceremony.polynomials[0].share_for(&ceremony.id, index(1), index(2)).as_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let checked = SharePlaintext::parse(&bytes).and_then(|share| share.check(&ceremony.id, index(1), index(2), &ceremony.deals[0].commitments));
        prop_assert!(checked.is_err());
    }

    #[test]
    fn the_joint_secret_is_the_sum_of_the_constant_terms(seed in any::<u8>()) {
        let ceremony = Ceremony::run(3, 2, &mut rng(seed));
        let secret: Scalar = ceremony.polynomials.iter().map(|polynomial| Scalar::from_canonical_bytes(polynomial.to_bytes()[..32].try_into().unwrap()).unwrap()).sum();
        prop_assert_eq!(Element::new(RistrettoPoint::mul_base(&secret)), ceremony.result.joint_key);
    }
}
