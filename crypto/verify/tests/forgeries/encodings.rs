//! Encodings that nothing has, the identity where it has no meaning, and lengths without end: in every field, by every entry point.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;
use sha2::{Digest, Sha512};
use tachiai_crypto::ceremony::{Polynomial, TrusteeIndex};
use tachiai_crypto::hash::tagged;
use tachiai_crypto::journal::{BoardSecretKey, Checkpoint, Origin};
use tachiai_schemas::election::{Body, Choice, SignedTallyStatement};
use tachiai_schemas::trustee::{Confirm, Deal, Signed, TallySignature};
use tachiai_schemas::{Blob, Bytes, LeafIndex, Slot, canonical};
use tachiai_verify::Rule;
use tachiai_verify::receipt::{OPENING_FORMAT, check_opening, check_receipt};
use tachiai_verify::testing::{Places, Play, contest};

use super::forger::{group_order, no_points, no_scalars, plus_order};
use super::{broken, open};

fn index(trustee: u8) -> TrusteeIndex {
    TrusteeIndex::new(trustee).unwrap()
}

/// Where points start in a ballot of the played election, and where scalars do.
fn fields() -> (Vec<usize>, Vec<usize>) {
    let (mut points, mut scalars) = (vec![17], Vec::new());
    let mut at = 49;
    for _ in 0..2 {
        points.extend((0..8).map(|half| at + 32 * half));
        scalars.push(at + 256);
        at += 288;
    }
    points.extend((0..8).map(|point| at + 32 * point));
    at += 256;
    scalars.extend((0..12).map(|scalar| at + 32 * scalar));
    at += 384;
    points.push(at);
    scalars.push(at + 32);
    assert_eq!(at + 64, 49 + 32 * (points.len() + scalars.len()) - 32);
    (points, scalars)
}

#[test]
fn forged_04_a_ballot_with_a_field_that_is_no_point_or_scalar() {
    let mut play = open(90);
    play.register(Slot(1));
    let (ballot, _) = play.ballot(Slot(1));
    let (points, scalars) = fields();
    assert_eq!(ballot.bytes().len(), 49 - 32 + 32 * (points.len() + scalars.len()));
    let mut forged = |at: usize, bytes: [u8; 32], name: &str| {
        let mut changed = ballot.bytes().to_vec();
        changed[at..at + 32].copy_from_slice(&bytes);
        if at != changed.len() - 64 && at != changed.len() - 32 {
            super::ballot::sign(&mut play, Slot(1), &mut changed);
        }
        let body = Body::Ballot(tachiai_schemas::election::BallotEntry { ballot: Blob(changed) });
        let found = play.check(body).expect_err(name);
        // Another key than the registered one is found before it is decoded.
        let rule = if at == 17 { Rule::R502 } else { Rule::R501 };
        assert_eq!((found.rule, found.leaf), (rule, Some(LeafIndex(play.tree.len()))), "{name} at byte {at}: {found}");
    };
    for at in points {
        no_points().into_iter().for_each(|(name, bytes)| forged(at, bytes, name));
    }
    for at in scalars {
        no_scalars(&ballot.bytes()[at..at + 32]).into_iter().for_each(|(name, bytes)| forged(at, bytes, name));
    }
    // One of them through a whole record.
    let mut changed = ballot.bytes().to_vec();
    let order = plus_order(&changed[305..337]);
    changed[305..337].copy_from_slice(&order);
    super::ballot::sign(&mut play, Slot(1), &mut changed);
    let leaf = play.push_ballot(&changed);
    broken(&play, Rule::R501, leaf);
}

#[test]
fn forged_04_a_registered_key_that_is_no_point() {
    let mut play = open(90);
    let (registration, _) = play.registration(Slot(1));
    for (name, bytes) in no_points() {
        let found = play.check(Body::Registration(Box::new(tachiai_schemas::election::Registration { voting_key: Bytes(bytes), ..registration.clone() })));
        assert_eq!(found.expect_err(name).rule, Rule::R403, "{name}");
    }
    let voting_key = Bytes(no_points()[0].1);
    let leaf = play.push(Body::Registration(Box::new(tachiai_schemas::election::Registration { voting_key, ..registration })));
    broken(&play, Rule::R403, leaf);
}

/// The spoilt forms of a Schnorr signature: R is no point or the identity, s is no scalar.
fn spoilt(signature: [u8; 64]) -> Vec<(&'static str, [u8; 64])> {
    let with = |at: usize, bytes: [u8; 32]| {
        let mut changed = signature;
        changed[at..at + 32].copy_from_slice(&bytes);
        changed
    };
    let nonces = no_points().into_iter().chain([("the identity", [0; 32])]).map(|(name, bytes)| (name, with(0, bytes)));
    nonces.chain(no_scalars(&signature[32..]).into_iter().map(|(name, bytes)| (name, with(32, bytes)))).collect()
}

#[test]
fn forged_04_possessions_challenges_and_deals_with_spoilt_signatures() {
    let mut play = open(90);
    let (registration, _) = play.registration(Slot(1));
    for (name, possession) in spoilt(registration.possession.0) {
        let body = Body::Registration(Box::new(tachiai_schemas::election::Registration { possession: Bytes(possession), ..registration.clone() }));
        assert_eq!(play.check(body).expect_err(name).rule, Rule::R404, "{name}");
    }
    play.vote(Slot(0));
    let challenged = play.challenged(Slot(0));
    for (name, signature) in spoilt(challenged.signature.0) {
        let body = Body::Challenged(tachiai_schemas::election::Challenged { signature: Bytes(signature), ..challenged.clone() });
        assert_eq!(play.check(body).expect_err(name).rule, Rule::R508, "{name}");
    }
    let mut play = Play::new(90);
    for trustee in play.indices() {
        let commit = play.sign(trustee, play.commit(trustee));
        play.push(Body::Commit(commit));
    }
    let deal = play.deal(index(1));
    for (name, possession) in spoilt(deal.possession.0) {
        let deal = play.sign(index(1), Deal { possession: Bytes(possession), ..deal.clone() });
        assert_eq!(play.check(Body::Deal(deal)).expect_err(name).rule, Rule::R203, "{name}");
    }
    let (_, possession) = spoilt(deal.possession.0).pop().unwrap();
    let deal = play.sign(index(1), Deal { possession: Bytes(possession), ..deal });
    let leaf = play.push(Body::Deal(deal));
    broken(&play, Rule::R203, leaf);
}

/// A play in which the first trustee committed to these encodings, and its deal of them.
fn dealt(encodings: impl Fn(&[[u8; 32]]) -> Vec<[u8; 32]>) -> (Play, Body) {
    let mut play = Play::new(90);
    let ceremony = play.board.ceremony_id().unwrap();
    let chosen = encodings(&play.trustee(index(1)).polynomial.commitments().encodings());
    for trustee in play.indices() {
        let mut commit = play.commit(trustee);
        if trustee == index(1) {
            // §4.1, over whatever bytes.
            let parts = [ceremony.manifest.as_bytes().as_slice(), &ceremony.run.to_be_bytes(), &[1], chosen.as_flattened()];
            commit.commitment = tagged("trustee-commit", &parts).into();
        }
        let commit = play.sign(trustee, commit);
        play.push(Body::Commit(commit));
    }
    let mut deal = play.deal(index(1));
    deal.commitments = chosen.into_iter().map(Bytes).collect();
    let deal = play.sign(index(1), deal);
    (play, Body::Deal(deal))
}

#[test]
fn an_unchanged_deal_under_a_hash_made_by_hand_is_accepted() {
    let (play, body) = dealt(<[_]>::to_vec);
    assert!(play.check(body).is_ok());
}

#[test]
fn forged_04_commitments_of_a_trustee_that_are_no_points() {
    for place in 0..2 {
        for (name, bytes) in no_points() {
            let (play, body) = dealt(|honest| {
                let mut chosen = honest.to_vec();
                chosen[place] = bytes;
                chosen
            });
            assert_eq!(play.check(body).expect_err(name).rule, Rule::R202, "{name}");
        }
    }
    let (mut play, body) = dealt(|honest| vec![no_points()[0].1, honest[1]]);
    let leaf = play.push(body);
    broken(&play, Rule::R202, leaf);
}

#[test]
fn forged_09_the_identity_as_constant_term() {
    let (mut play, body) = dealt(|honest| vec![[0; 32], honest[1]]);
    let leaf = play.push(body);
    broken(&play, Rule::R202, leaf);
}

#[test]
fn forged_04_confirmed_and_opened_keys_that_are_no_points() {
    let mut play = Play::new(90);
    play.deal_all();
    let honest = play.confirm(index(1));
    for (name, bytes) in no_points().into_iter().chain([("the identity", [0; 32])]) {
        let mut others = honest.clone();
        others.share_keys[1] = Bytes(bytes);
        for confirm in [Confirm { joint_key: Bytes(bytes), ..honest.clone() }, others] {
            let confirm = play.sign(index(1), confirm);
            assert_eq!(play.check(Body::Confirm(confirm)).expect_err(name).rule, Rule::R205, "{name}");
        }
    }
    play.confirm_all();
    let opened = play.opened();
    for (name, bytes) in no_points() {
        let mut body = opened.clone();
        body.joint_key = Bytes(bytes);
        let found = play.check(Body::Opened(Box::new(body))).expect_err(name);
        assert_eq!(found.rule, Rule::R206, "{name}");
    }
    let mut body = opened;
    body.share_keys[2] = Bytes(no_points()[0].1);
    let leaf = play.push(Body::Opened(Box::new(body)));
    broken(&play, Rule::R206, leaf);
}

#[test]
fn forged_09_the_identity_as_a_share_key() {
    // The last trustee knows the others' polynomials and takes a constant term with which X_1 = Σ f_i(1) G is the identity. H is another point.
    let mut play = Play::new(91);
    let quorum = play.board.quorum().unwrap();
    let coefficients = |play: &Play, trustee: usize| {
        let bytes = play.trustees[trustee].polynomial.to_bytes();
        bytes.as_chunks::<32>().0.iter().map(|bytes| Scalar::from_canonical_bytes(*bytes).unwrap()).collect::<Vec<_>>()
    };
    let at_one: Scalar = [coefficients(&play, 0), coefficients(&play, 1)].concat().iter().sum::<Scalar>() + coefficients(&play, 2)[1];
    let bytes = [(-at_one).to_bytes(), coefficients(&play, 2)[1].to_bytes()].concat();
    play.trustees[2].polynomial = Polynomial::from_bytes(&bytes, quorum).unwrap();
    for trustee in play.indices() {
        let commit = play.sign(trustee, play.commit(trustee));
        play.push(Body::Commit(commit));
    }
    let mut leaf = LeafIndex(0);
    for trustee in play.indices() {
        let deal = play.deal(trustee);
        let deal = play.sign(trustee, deal);
        leaf = LeafIndex(play.tree.len());
        play.push(Body::Deal(deal));
    }
    broken(&play, Rule::R205, leaf);
}

#[test]
fn forged_09_the_identity_as_a_voting_key() {
    // Signed, too: with v = 0 every s = r signs.
    let mut play = open(90);
    let (mut registration, _) = play.registration(Slot(1));
    let r = Scalar::from(5_u64);
    registration.voting_key = Bytes([0; 32]);
    registration.possession = Bytes([RistrettoPoint::mul_base(&r).compress().to_bytes(), r.to_bytes()].concat().try_into().unwrap());
    let leaf = play.push(Body::Registration(Box::new(registration)));
    broken(&play, Rule::R403, leaf);
}

#[test]
fn forged_04_randomness_of_an_opening_that_is_no_scalar() {
    let mut play = open(90);
    play.register(Slot(0));
    let (ballot, opening) = play.ballot(Slot(0));
    let leaf = play.push_ballot(ballot.bytes());
    let checked = check_receipt(&play.receipt(leaf, None), None).unwrap_or_else(|violation| panic!("{violation}"));
    let honest = opening.to_bytes().to_vec();
    for at in (1..honest.len()).step_by(33) {
        for (name, bytes) in no_scalars(&honest[at..at + 32]) {
            let mut changed = honest.clone();
            changed[at..at + 32].copy_from_slice(&bytes);
            let file = tachiai_schemas::receipt::OpeningFile { format: OPENING_FORMAT.to_owned(), ballot: ballot.hash().into(), opening: Blob(changed) };
            match check_opening(&checked, &file) {
                Err(violation) => assert_eq!(violation.rule, Rule::R509, "{name} at byte {at}"),
                Ok(_) => panic!("{name} at byte {at}: the forged opening holds"),
            }
        }
    }
}

/// The signature of an Ed25519 key, made by hand with torsion added to R: a verifier that multiplies by the cofactor takes it.
fn with_torsion(key: &BoardSecretKey, message: &[u8], torsion: EdwardsPoint) -> [u8; 64] {
    with_nonce(key, message, Scalar::from(4711_u64), torsion)
}

fn with_nonce(key: &BoardSecretKey, message: &[u8], r: Scalar, torsion: EdwardsPoint) -> [u8; 64] {
    let expanded = Sha512::digest(*key.to_seed());
    let mut clamped = [0; 32];
    clamped.copy_from_slice(&expanded[..32]);
    let secret = Scalar::from_bytes_mod_order(curve25519_dalek::scalar::clamp_integer(clamped));
    let public = ED25519_BASEPOINT_POINT * secret;
    assert_eq!(public.compress().to_bytes(), key.public().to_bytes());
    let nonce = ED25519_BASEPOINT_POINT * r + torsion;
    let hash = Sha512::new().chain_update(nonce.compress().as_bytes()).chain_update(public.compress().as_bytes()).chain_update(message).finalize();
    let challenge = Scalar::from_bytes_mod_order_wide(&hash.into());
    let s = r + challenge * secret;
    let missing = ED25519_BASEPOINT_POINT * s - public * challenge - nonce;
    assert_eq!(missing.mul_by_cofactor(), EdwardsPoint::identity(), "a verifier with cofactor is deceived");
    [nonce.compress().to_bytes(), s.to_bytes()].concat().try_into().unwrap()
}

/// The spoilt forms of an honest Ed25519 signature by a key over a message.
fn loose(key: &BoardSecretKey, message: &[u8], honest: [u8; 64]) -> Vec<(&'static str, [u8; 64])> {
    assert_eq!(with_torsion(key, message, EdwardsPoint::identity()).len(), 64);
    let mut forms: Vec<_> = EIGHT_TORSION[1..].iter().map(|torsion| ("torsion in R", with_torsion(key, message, *torsion))).collect();
    let mut malleable = honest;
    malleable[32..].copy_from_slice(&plus_order(&honest[32..]));
    forms.push(("s plus the order", malleable));
    let mut order = honest;
    order[32..].copy_from_slice(&group_order());
    forms.push(("s is the order", order));
    // With r = 0 the equation holds as it is, without cofactor.
    forms.push(("R is the identity, with s to match", with_nonce(key, message, Scalar::ZERO, EdwardsPoint::identity())));
    for small in EIGHT_TORSION {
        let mut forged = honest;
        forged[..32].copy_from_slice(small.compress().as_bytes());
        forms.push(("R of small order", forged));
    }
    let mut loose = honest;
    loose[..32].copy_from_slice(&[0xff; 32]);
    forms.push(("R is not reduced", loose));
    forms.push(("nothing but zeros", [0; 64]));
    forms
}

#[test]
fn forged_04_trustees_signatures_that_only_a_loose_verifier_takes() {
    let mut play = Play::new(90);
    let commit = play.commit(index(1));
    let message = tagged("file/trustee-commit", &[&canonical::to_bytes(&commit).unwrap()]);
    let honest = play.sign(index(1), commit.clone());
    let by_hand = with_torsion(&play.trustee(index(1)).signing, message.as_bytes(), EdwardsPoint::identity());
    let mut signed = honest.clone();
    signed.signature = Bytes(by_hand);
    assert!(play.check(Body::Commit(signed.clone())).is_ok(), "without torsion the signature by hand is as good as any");
    let forms = loose(&play.trustee(index(1)).signing, message.as_bytes(), honest.signature.0);
    for (name, signature) in &forms {
        signed.signature = Bytes(*signature);
        assert_eq!(play.check(Body::Commit(signed.clone())).expect_err(name).rule, Rule::R201, "{name}");
    }
    signed.signature = Bytes(forms[0].1);
    let leaf = play.push(Body::Commit(signed));
    broken(&play, Rule::R201, leaf);

    let mut play = open(90);
    play.vote_all();
    play.close();
    let honest = play.statement();
    let message = tagged("file/tally-statement", &[&canonical::to_bytes(&honest.statement).unwrap()]);
    for (name, signature) in loose(&play.trustee(index(1)).signing, message.as_bytes(), honest.signatures[0].signature.0) {
        let mut signatures = honest.signatures.clone();
        signatures[0] = TallySignature { trustee: index(1), signature: Bytes(signature) };
        let signed = SignedTallyStatement { statement: honest.statement.clone(), signatures };
        assert_eq!(play.check(Body::TallyStatement(Box::new(signed))).expect_err(name).rule, Rule::R601, "{name}");
    }
}

#[test]
fn forged_04_signatures_of_places_and_officers_that_only_a_loose_verifier_takes() {
    let (mut play, places) = Play::with_places(90);
    play.ceremony();
    play.open();
    let honest = places.sign(places.issue(&play, 0, 0, Slot(0)));
    let message = tagged("file/paper-issued", &[&canonical::to_bytes(&honest.body).unwrap()]);
    let forms = loose(&places.desks[0], message.as_bytes(), honest.signature.0);
    for (name, signature) in &forms {
        let signed = Signed { signature: Bytes(*signature), body: honest.body.clone() };
        assert_eq!(play.check(Body::PaperIssued(Box::new(signed))).expect_err(name).rule, Rule::R801, "{name}");
    }
    assert!(play.check(Body::PaperIssued(Box::new(honest.clone()))).is_ok());
    play.push(Body::PaperIssued(Box::new(honest)));
    let honest = places.attest(places.undo(&play, Slot(0)));
    let message = tagged("file/paper-undone", &[&canonical::to_bytes(&honest.body).unwrap()]);
    for (name, signature) in loose(&places.officers[1], message.as_bytes(), honest.signatures[1].signature.0) {
        let mut attested = honest.clone();
        attested.signatures[1].signature = Bytes(signature);
        assert_eq!(play.check(Body::PaperUndone(attested)).expect_err(name).rule, Rule::R804, "{name}");
    }
    let mut attested = honest;
    attested.signatures[1].signature.0[..32].copy_from_slice(&[0xff; 32]);
    let leaf = play.push(Body::PaperUndone(attested));
    broken(&play, Rule::R804, leaf);
}

#[test]
fn forged_12_papers_and_figures_of_four_thousand_million_and_more() {
    let whole = Play::whole_with_papers(95);
    let refused = |kind: &str, from: &str, to: &str, rule: Rule| {
        let is = |bytes: &&Vec<u8>| tachiai_schemas::entry::Entry::from_bytes(bytes).unwrap().kind() == kind;
        let leaf = whole.entries.iter().position(|bytes| is(&bytes)).unwrap();
        let text = String::from_utf8(whole.entries[leaf].clone()).unwrap();
        assert!(text.contains(from), "{text}");
        let mut play = Play::whole_with_papers(95);
        play.entries[leaf] = text.replacen(from, to, 1).into_bytes();
        broken(&play, rule, LeafIndex(leaf as u64));
    };
    refused("paper-issued", "\"place\":0", "\"place\":65536", Rule::R101);
    refused("paper-issued", "\"slot\":0", "\"slot\":4294967296", Rule::R101);
    refused("paper-issued", "\"slot\":0", "\"slot\":4294967295", Rule::R801);
    refused("paper-issued", "\"contests\":[0,1]", "\"contests\":[0,18446744073709551616]", Rule::R101);
    // Longer than an entry may be.
    refused("paper-issued", "\"contests\":[0,1]", &format!("\"contests\":[{}1]", "0,".repeat(20_000)), Rule::R801);
    refused("paper-undone", "\"leaf\":", "\"leaf\":1844674407370955161", Rule::R101);
    refused("day-closed", "\"issued\":", "\"issued\":4294967296", Rule::R101);
    refused("day-closed", "\"electors\":1", "\"electors\":4294967295", Rule::R805);
    refused("paper-count", "\"valid\":2", "\"valid\":18446744073709551615", Rule::R808);
    refused("paper-count", "\"thousandths\":[2000", "\"thousandths\":[18446744073709551616", Rule::R101);
}

#[test]
fn forged_04_checkpoints_with_signatures_that_only_a_loose_verifier_takes() {
    let play = Play::whole(92);
    let origin = Origin::new(&play.manifest.origin).unwrap();
    let checkpoint = Checkpoint { origin, size: play.tree.len(), root: play.tree.root() };
    let note = play.checkpoint().as_str().to_owned();
    let (text, line) = note.split_once("\n\n").unwrap();
    let text = format!("{text}\n");
    assert_eq!(text, checkpoint.to_note_text());
    let (start, signature) = line.trim_end().rsplit_once(' ').unwrap();
    let raw = data_encoding::BASE64.decode(signature.as_bytes()).unwrap();
    let honest: [u8; 64] = raw[4..].try_into().unwrap();
    let folder = tempfile::tempdir().unwrap();
    play.write(folder.path());
    for (name, signature) in loose(&play.board_key, text.as_bytes(), honest) {
        let signature = data_encoding::BASE64.encode(&[&raw[..4], &signature].concat());
        super::files::replace(folder.path(), "checkpoint", format!("{text}\n{start} {signature}\n").as_bytes());
        let found = super::violation(folder.path());
        assert_eq!((found.rule, found.leaf), (Rule::R102, None), "{name}");
    }
}

#[test]
fn forged_04_ed25519_keys_of_small_order_or_in_loose_form() {
    let loose = |at: usize| {
        // y = 1 + p, and the sign bit of x = 0: the two loose forms that decoders of Ed25519 let through.
        let mut bytes = [[0xff; 32], [0; 32]][at];
        (bytes[0], bytes[31]) = [(0xee, 0x7f), (1, 0x80)][at];
        bytes
    };
    assert!(CompressedEdwardsY(loose(0)).decompress().is_some(), "the curve's decoder takes it");
    // y + p of points of large order, whose only fault is the form.
    let not_reduced = (2..19_u8).map(|y| {
        let mut bytes = [0xff; 32];
        (bytes[0], bytes[31]) = (0xed + y, 0x7f);
        bytes
    });
    let not_reduced: Vec<[u8; 32]> = not_reduced.filter(|bytes| CompressedEdwardsY(*bytes).decompress().is_some_and(|point| !point.is_small_order())).collect();
    assert!(not_reduced.len() > 4);
    let keys = EIGHT_TORSION.iter().map(|point| point.compress().to_bytes()).chain([loose(0), loose(1)]).chain(not_reduced);
    for key in keys {
        let contests = || vec![contest("c", 2, Choice::Exactly(1))];
        broken(&Play::with(93, (3, 2), contests(), 1, 4, |manifest| manifest.board_key = Bytes(key)), Rule::R108, LeafIndex(0));
        broken(&Play::with(93, (3, 2), contests(), 1, 4, |manifest| manifest.trustees[1].signing_key = Bytes(key)), Rule::R108, LeafIndex(0));
        let of_places: [fn(&mut tachiai_schemas::election::Manifest, [u8; 32]); 3] = [
            |manifest, key| manifest.places[1].key = Bytes(key),
            |manifest, key| manifest.places[0].officers[2].key = Bytes(key),
            |manifest, key| manifest.count_officers[0].key = Bytes(key),
        ];
        for change in of_places {
            let changed = |manifest: &mut _| {
                Places::default().add(manifest);
                change(manifest, key);
            };
            broken(&Play::with(93, (3, 2), contests(), 1, 4, changed), Rule::R108, LeafIndex(0));
        }
    }
}

#[test]
fn forged_05_a_proper_ballot_with_one_option_more_or_less() {
    // Proved and signed for a contest of four or six options, with everything else as it should be.
    for options in [4, 6] {
        let mut play = open(90);
        play.register(Slot(1));
        let honest = play.board.statement_for(Slot(1)).unwrap();
        let shape = tachiai_crypto::election::context::ContestShape::new(options, tachiai_crypto::election::context::Choose::Exactly(1)).unwrap();
        let style = tachiai_crypto::election::context::BallotStyle::new(vec![(0, shape), honest.style.contests()[1]]).unwrap();
        let own = tachiai_crypto::election::ballot::Statement { style: std::sync::Arc::new(style), ..honest };
        let registration = play.board.slot(Slot(1)).unwrap().registration();
        let selections = [vec![usize::from(options) - 1], vec![0]];
        let key = &play.voters[&Slot(1)].key;
        let (ballot, _) =
            tachiai_crypto::election::ballot::cast(&selections, &own, Slot(1), registration, tachiai_schemas::Counter(0), key, &mut play.rng).unwrap();
        let leaf = play.push_ballot(ballot.bytes());
        broken(&play, Rule::R501, leaf);
    }
}

#[test]
fn forged_05_a_roll_with_trailing_bytes_or_half_a_slot() {
    let forgeries: [fn(&mut Vec<u8>); 3] = [|roll| roll.push(0), |roll| roll.truncate(roll.len() - 1), |roll| roll.extend([0; 34])];
    for (place, forge) in forgeries.into_iter().enumerate() {
        let mut play = Play::new(90);
        play.ceremony();
        let mut opened = play.opened();
        let mut roll = play.roll.to_bytes();
        forge(&mut roll);
        play.attachments.clear();
        opened.roll.file = play.attach(roll).into();
        let leaf = play.push(Body::Opened(Box::new(opened)));
        // A longer file is refused by its listed length, before it is read.
        broken(&play, if place == 1 { Rule::R301 } else { Rule::R106 }, leaf);
    }
}

#[test]
fn forged_12_numbers_of_four_thousand_million_and_more() {
    // The text of an entry with another number in one place; nothing of that size may be made room for.
    let changed = |play: &Play, leaf: u64, from: &str, to: &str| {
        let text = String::from_utf8(play.entries[leaf as usize].clone()).unwrap();
        assert!(text.contains(from), "{text}");
        text.replacen(from, to, 1).into_bytes()
    };
    let refused = |play: &mut Play, leaf: u64, from: &str, to: &str, rule: Rule| {
        play.entries[leaf as usize] = changed(play, leaf, from, to);
        broken(play, rule, LeafIndex(leaf));
    };
    let opened = open(90).board.opened().unwrap().leaf().0;
    // More than the type holds.
    for number in ["4294967296", "18446744073709551616", "340282366920938463463374607431768211456", "1e400"] {
        refused(&mut open(90), opened, "\"slots\":8", &format!("\"slots\":{number}"), Rule::R101);
        refused(&mut open(90), 1, "\"run\":1", &format!("\"run\":{number}"), Rule::R101);
    }
    refused(&mut open(90), 1, "\"run\":1", "\"run\":4294967295", Rule::R201);
    refused(&mut open(90), opened, "\"slots\":8", "\"slots\":4294967295", Rule::R301);
    refused(&mut open(90), opened, "\"districts\":[4,4]", "\"districts\":[4,4294967295]", Rule::R301);
    refused(&mut open(90), 0, "\"min_unit\":2", "\"min_unit\":4294967296", Rule::R101);
    refused(&mut open(90), 0, "\"quorum\":2", "\"quorum\":255", Rule::R108);
    let mut play = open(90);
    let leaf = play.register(Slot(0)).0;
    refused(&mut play, leaf, "\"seq\":0", "\"seq\":4294967295", Rule::R402);
    let mut play = open(90);
    let leaf = play.register(Slot(0)).0;
    let size = format!("\"size\":{leaf}");
    refused(&mut play, leaf, &size, "\"size\":18446744073709551615", Rule::R405);
    let mut play = Play::whole(94);
    let (last, leaf) = (play.entries.len() as u64 - 1, play.board.tally_leaf().unwrap().0);
    refused(&mut play, last, &format!("\"result\":{}", last - 1), "\"result\":18446744073709551615", Rule::R605);
    let mut play = Play::whole(94);
    refused(&mut play, leaf, "\"counted\":8", "\"counted\":18446744073709551615", Rule::R601);
}

#[test]
fn forged_12_a_bundle_whose_lengths_go_beyond_its_end() {
    let play = Play::whole(94);
    let folder = tempfile::tempdir().unwrap();
    play.write(folder.path());
    let path = super::files::paths(folder.path()).into_iter().find(|path| path.starts_with("tile/entries/")).unwrap();
    let honest = std::fs::read(folder.path().join(&path)).unwrap();
    let last = honest.len() - 2 - play.entries.last().unwrap().len();
    for at in [0, last] {
        let mut bytes = honest.clone();
        bytes[at..at + 2].fill(0xff);
        super::files::replace(folder.path(), &path, &bytes);
        assert_eq!(super::violation(folder.path()).rule, Rule::R107);
    }
}

#[test]
fn forged_12_an_index_of_four_thousand_million_leaves_or_bytes() {
    for number in [1_u64 << 32, u64::MAX] {
        let play = Play::whole(94);
        let folder = tempfile::tempdir().unwrap();
        play.write(folder.path());
        super::files::change_index(folder.path(), |index| index.size = number);
        assert_eq!(super::violation(folder.path()).rule, Rule::R107);
    }
    let play = Play::whole(94);
    let folder = tempfile::tempdir().unwrap();
    play.write(folder.path());
    for path in super::files::paths(folder.path()) {
        play.write(folder.path());
        super::files::change_index(folder.path(), |index| index.files.iter_mut().find(|file| file.path == path).unwrap().bytes = 1 << 32);
        let rule = if path.starts_with("attachments/") { Rule::R106 } else { Rule::R107 };
        assert_eq!(super::violation(folder.path()).rule, rule, "{path}");
    }
}

/// A closed election with a statement and enough shares.
fn shared() -> Play {
    let mut play = open(94);
    play.vote_all();
    play.close();
    play.state();
    for trustee in [index(1), index(2)] {
        let file = play.share_file(trustee);
        play.push_shares(trustee, file);
    }
    play
}

#[test]
fn forged_12_a_result_with_totals_beyond_all_ballots() {
    for (number, rule) in [("18446744073709551615", Rule::R603), ("18446744073709551616", Rule::R605)] {
        let mut play = shared();
        let mut text = String::from_utf8(play.result_file()).unwrap();
        let first = text.find("\"units\":[[").unwrap() + 10;
        let end = first + text[first..].find([',', ']']).unwrap();
        text.replace_range(first..end, number);
        let leaf = play.push_result(text.into_bytes());
        broken(&play, rule, leaf);
    }
}
