//! Signatures that must not be accepted: forgeries that have fooled verifiers with lax padding.

use ring::digest;
use rsa::{
    BigUint, RsaPrivateKey, RsaPublicKey,
    pkcs8::{DecodePrivateKey, DecodePublicKey},
    traits::{PrivateKeyParts, PublicKeyParts},
};
use tachiai_jpki::{HolderCertificate, JpkiError, Purpose, testing::CaKey, verify_signature};

use super::support::{altered, altered_signing, data, verify};

const MESSAGE: &[u8] = b"a statement";
/// DigestInfo of SHA-256 up to the digest (RFC 8017 §9.2, note 1).
const DIGEST_INFO: &[u8] = &[0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];
const LENGTH: usize = 256;

fn holder() -> HolderCertificate {
    verify(&altered(|_| ()), Purpose::UserAuthentication).unwrap()
}

fn sha256(message: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, message).as_ref().to_vec()
}

fn digest_info(message: &[u8]) -> Vec<u8> {
    [DIGEST_INFO, &sha256(message)].concat()
}

/// 00 01 FF … FF 00 `payload`, then zeros to the full length.
fn block(padding: usize, payload: &[u8]) -> Vec<u8> {
    let mut block = vec![0, 1];
    block.extend(std::iter::repeat_n(0xff, padding));
    block.push(0);
    block.extend_from_slice(payload);
    assert!(block.len() <= LENGTH);
    block.resize(LENGTH, 0);
    block
}

/// The whole block filled as it has to be.
fn right_block(payload: &[u8]) -> Vec<u8> {
    block(LENGTH - 3 - payload.len(), payload)
}

/// Applies the holder's private key to any block.
fn raw_sign(block: &[u8]) -> Vec<u8> {
    let key = RsaPrivateKey::from_pkcs8_der(data!("keys/holder.pkcs8.der")).unwrap();
    let signature = BigUint::from_bytes_be(block).modpow(key.d(), key.n());
    to_length(&signature)
}

fn to_length(number: &BigUint) -> Vec<u8> {
    let bytes = number.to_bytes_be();
    [vec![0; LENGTH - bytes.len()], bytes].concat()
}

fn accepted(signature: &[u8]) -> bool {
    verify_signature(&holder(), MESSAGE, signature).is_ok()
}

#[test]
fn the_holders_signature_is_accepted() {
    let signature = CaKey::from_pkcs8(data!("keys/holder.pkcs8.der")).unwrap().sign(MESSAGE).unwrap();
    assert!(accepted(&signature));
    // The forgeries below differ from it only in the block that they sign.
    assert_eq!(raw_sign(&right_block(&digest_info(MESSAGE))), signature);
}

#[test]
fn a_signature_of_another_message_is_refused() {
    let signature = CaKey::from_pkcs8(data!("keys/holder.pkcs8.der")).unwrap().sign(b"another").unwrap();
    assert_eq!(verify_signature(&holder(), MESSAGE, &signature), Err(JpkiError::BadMessageSignature));
}

#[test]
fn a_signature_by_another_card_is_refused() {
    let signature = CaKey::from_pkcs8(data!("keys/other-holder.pkcs8.der")).unwrap().sign(MESSAGE).unwrap();
    assert!(!accepted(&signature));
}

#[test]
fn the_signing_key_signs_too() {
    let holder = verify(&altered_signing(|_| ()), Purpose::DigitalSignature).unwrap();
    let signature = CaKey::from_pkcs8(data!("keys/holder.pkcs8.der")).unwrap().sign(MESSAGE).unwrap();
    assert!(verify_signature(&holder, MESSAGE, &signature).is_ok());
}

#[test]
fn garbage_after_the_digest_is_refused() {
    for padding in [8, 100, LENGTH - 3 - 51 - 1] {
        assert!(!accepted(&raw_sign(&block(padding, &digest_info(MESSAGE)))), "{padding} bytes of padding");
    }
}

#[test]
fn garbage_inside_the_digest_info_is_refused() {
    // The parameters of the algorithm as a string with free content, lengths adjusted (the 2006 forgery, hidden).
    let free = 32;
    let mut payload = vec![0x30, 0x31 + free, 0x30, 0x0d + free];
    payload.extend_from_slice(&DIGEST_INFO[4..15]);
    payload.extend_from_slice(&[0x04, free]);
    payload.extend(std::iter::repeat_n(0xaa, usize::from(free)));
    payload.extend_from_slice(&[0x04, 0x20]);
    payload.extend_from_slice(&sha256(MESSAGE));
    assert!(!accepted(&raw_sign(&right_block(&payload))));
}

#[test]
fn absent_parameters_are_refused() {
    let mut payload = vec![0x30, 0x2f, 0x30, 0x0b];
    payload.extend_from_slice(&DIGEST_INFO[4..15]);
    payload.extend_from_slice(&[0x04, 0x20]);
    payload.extend_from_slice(&sha256(MESSAGE));
    assert!(!accepted(&raw_sign(&right_block(&payload))));
}

#[test]
fn a_length_in_long_form_is_refused() {
    let mut payload = vec![0x30, 0x81, 0x31];
    payload.extend_from_slice(&digest_info(MESSAGE)[2..]);
    assert!(!accepted(&raw_sign(&right_block(&payload))));
}

#[test]
fn a_bare_digest_is_refused() {
    assert!(!accepted(&raw_sign(&right_block(&sha256(MESSAGE)))));
}

#[test]
fn a_digest_with_sha1_is_refused() {
    let sha1 = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, MESSAGE);
    let mut payload = vec![0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];
    payload.extend_from_slice(sha1.as_ref());
    assert!(!accepted(&raw_sign(&right_block(&payload))));
}

#[test]
fn other_padding_bytes_are_refused() {
    let right = right_block(&digest_info(MESSAGE));
    for (index, value) in [(0, 1), (1, 0), (1, 2), (2, 0xfe), (100, 0), (LENGTH - 53, 0xfe), (LENGTH - 52, 1)] {
        let mut block = right.clone();
        block[index] = value;
        assert!(!accepted(&raw_sign(&block)), "byte {index} as {value}");
    }
}

#[test]
fn a_signature_of_another_length_is_refused() {
    let signature = raw_sign(&right_block(&digest_info(MESSAGE)));
    assert!(!accepted(&[&[0], signature.as_slice()].concat()));
    assert!(!accepted(&[signature.as_slice(), &[0]].concat()));
    assert!(!accepted(&signature[1..]));
    assert!(!accepted(&[]));
}

#[test]
fn a_signature_not_below_the_modulus_is_refused() {
    let key = RsaPrivateKey::from_pkcs8_der(data!("keys/holder.pkcs8.der")).unwrap();
    let signature = BigUint::from_bytes_be(&raw_sign(&right_block(&digest_info(MESSAGE))));
    let congruent = (signature + key.n()).to_bytes_be();
    assert!(!accepted(&congruent));
    assert!(!accepted(&to_length(key.n())));
    assert!(!accepted(&vec![0; LENGTH]));
    assert!(!accepted(&to_length(&BigUint::from(1u8))));
}

#[test]
fn a_forgery_by_cube_root_finds_no_key_to_verify_under() {
    // Without any private key: the cube root of a block with garbage at its end is a signature under e = 3 for a
    // verifier that does not look at the garbage.
    let key = RsaPublicKey::from_public_key_der(data!("keys/holder-e3.spki.der")).unwrap();
    let mut target = block(8, &digest_info(MESSAGE));
    let free = 2 + 8 + 1 + 51;
    target[free..].fill(0xff);
    let root = BigUint::from_bytes_be(&target).cbrt();
    let cube = to_length(&root.modpow(&BigUint::from(3u8), key.n()));
    assert_eq!(cube[..free], target[..free], "the forgery is one");

    let certificate = altered(|form| form.spki_der = data!("keys/holder-e3.spki.der").to_vec());
    assert_eq!(verify(&certificate, Purpose::UserAuthentication).unwrap_err(), JpkiError::WeakKey(tachiai_jpki::error::Weakness::RsaExponent));
    assert!(!accepted(&to_length(&root)));
}
