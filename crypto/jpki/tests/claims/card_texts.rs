//! The signed text of a J-LIS test card, and forged ones.

use proptest::prelude::*;
use rsa::{BigUint, RsaPrivateKey, pkcs8::DecodePrivateKey, traits::PrivateKeyParts, traits::PublicKeyParts};
use tachiai_jpki::{
    CardText, FourAttributes, Hash32, Lang, Sex, TextAnchor, TextAnchors, TextError, TextFiles,
    card_text::{KeyId, TextFile},
    error::{Attribute, Weakness},
    testing::{CaKey, SignedText, TextAuthority, attributes_file, public_key, tlv},
    verify_presence, verify_text,
};

use super::support::{data, person};

const ATTRIBUTES: &[u8] = data!("jlis-test-card/text-0002.bin");
const DIGESTS: &[u8] = data!("jlis-test-card/text-0003.bin");
const CERTIFICATE: &[u8] = data!("jlis-test-card/text-0004.bin");
const SIGNED_KEY: &[u8] = data!("jlis-test-card/text-0007.bin");
const ROOT: &[u8] = data!("jlis-test-card/text-root-6000033.bin");
const PRODUCTION_ROOT: &[u8] = data!("jlis-roots/text-root-5000033.bin");
/// The certificate of the same card's other application, which another root signs.
const OF_THE_SURFACE: &[u8] = data!("jlis-test-card/surface-0004.bin");

const MY_NUMBER_FILE: &[u8] = b"\xFF\x10\x0C000000000000\xFF\xFF";

fn anchors(roots: &[&[u8]]) -> TextAnchors {
    TextAnchors::new(roots.iter().map(|bytes| TextAnchor::from_bytes(bytes).unwrap()).collect())
}

fn real() -> TextFiles<'static> {
    TextFiles { attributes: ATTRIBUTES, digests: DIGESTS, certificate: CERTIFICATE }
}

fn authority() -> TextAuthority {
    TextAuthority::with_published_keys().unwrap()
}

fn ours() -> TextAnchors {
    TextAnchors::new(vec![authority().anchor().unwrap()])
}

fn verify(text: &SignedText) -> Result<CardText, TextError> {
    let SignedText { attributes, digests, certificate } = text;
    verify_text(&TextFiles { attributes, digests, certificate }, &ours())
}

fn text() -> SignedText {
    authority().sign(&person(), MY_NUMBER_FILE).unwrap()
}

/// A text with these fields, signed as it stands.
fn of_fields(fields: &[(u16, &str)]) -> Result<CardText, TextError> {
    of_file(attributes_file(fields))
}

fn of_file(attributes: Vec<u8>) -> Result<CardText, TextError> {
    let digests = authority().digests(MY_NUMBER_FILE, &attributes).unwrap();
    verify(&SignedText { attributes, digests, ..text() })
}

const FIELDS: [(u16, &str); 4] = [(0xDF22, "但馬　花子"), (0xDF23, "兵庫県養父市"), (0xDF24, "19880630"), (0xDF25, "2")];

#[test]
fn the_text_of_a_test_card_names_its_holder() {
    let text = verify_text(&real(), &anchors(&[ROOT])).unwrap();
    let FourAttributes { name, address, birth_date, sex, .. } = text.attributes();
    assert_eq!(name, "黒桐　幹也");
    assert_eq!(address, "東京都清瀬市観布子南１２－７－２０２");
    assert_eq!(birth_date.digits(), "319800217");
    assert_eq!(*sex, Sex::Male);
    assert_eq!(text.issuer().to_string(), "6000033[08][05]001[00][00][00][00]");
    assert_eq!(text.signer().to_string(), "1322131[08][05]000[00][00][00][00]");
}

#[test]
fn text_and_signing_certificate_of_one_card_name_one_person() {
    let certificate = tachiai_jpki::UnverifiedCertificate::from_der(data!("jlis-test-card/jpki-sign-cert.der")).unwrap();
    let text = verify_text(&real(), &anchors(&[ROOT])).unwrap();
    assert_eq!(text.attributes(), &certificate.attributes.unwrap());
}

#[test]
fn an_issuer_that_is_not_trusted_is_unknown() {
    let issuer = KeyId::from_bytes(*b"6000033\x08\x05001\0\0\0\0");
    for roots in [&[][..], &[PRODUCTION_ROOT]] {
        assert_eq!(verify_text(&real(), &anchors(roots)).unwrap_err(), TextError::UnknownIssuer { issuer });
    }
    // Another root of the same name did not sign it; beside the right one it does no harm.
    assert_eq!(verify_text(&real(), &ours()).unwrap_err(), TextError::BadCertificate { issuer });
    let both = TextAnchors::new(vec![authority().anchor().unwrap(), TextAnchor::from_bytes(ROOT).unwrap()]);
    assert!(verify_text(&real(), &both).is_ok());
}

#[test]
fn the_whole_identifier_of_an_issuer_counts() {
    for place in [0, 6, 7, 9, 12, 15] {
        let mut root = ROOT.to_vec();
        root[place] ^= 1;
        assert!(matches!(verify_text(&real(), &anchors(&[&root])), Err(TextError::UnknownIssuer { .. })), "byte {place}");
        // A certificate that claims another issuer is not signed as it stands.
        let mut certificate = CERTIFICATE.to_vec();
        certificate[11 + place - 1] ^= 1;
        let files = TextFiles { certificate: &certificate, ..real() };
        assert!(verify_text(&files, &anchors(&[ROOT, &root])).is_err(), "byte {place}");
    }
}

#[test]
fn the_certificate_of_the_cards_other_application_does_not_serve() {
    let files = TextFiles { certificate: OF_THE_SURFACE, ..real() };
    assert!(matches!(verify_text(&files, &anchors(&[ROOT])), Err(TextError::UnknownIssuer { .. })));
}

#[test]
fn a_root_has_a_fingerprint_and_is_read_strictly() {
    let anchor = TextAnchor::from_bytes(ROOT).unwrap();
    assert_eq!(anchor.fingerprint(), Hash32::of(ROOT));
    assert_ne!(anchor.id(), TextAnchor::from_bytes(PRODUCTION_ROOT).unwrap().id());
    for end in 0..ROOT.len() {
        assert!(TextAnchor::from_bytes(&ROOT[..end]).is_err(), "{end}");
    }
    assert_eq!(TextAnchor::from_bytes(&[ROOT, &[0]].concat()).unwrap_err(), TextError::Malformed(TextFile::Anchor));
}

#[test]
fn no_flipped_bit_of_the_files_is_accepted() {
    let roots = anchors(&[ROOT]);
    for (file, bytes) in [("attributes", ATTRIBUTES), ("digests", DIGESTS), ("certificate", CERTIFICATE)] {
        for index in 0..bytes.len() {
            let mut forged = bytes.to_vec();
            forged[index] ^= 1 << (index % 8);
            let files = match file {
                "attributes" => TextFiles { attributes: &forged, ..real() },
                "digests" => TextFiles { digests: &forged, ..real() },
                _ => TextFiles { certificate: &forged, ..real() },
            };
            assert!(verify_text(&files, &roots).is_err(), "byte {index} of the {file} can be changed");
        }
    }
}

#[test]
fn cut_and_extended_files_are_malformed() {
    let roots = anchors(&[ROOT]);
    for end in 0..DIGESTS.len() {
        assert!(verify_text(&TextFiles { digests: &DIGESTS[..end], ..real() }, &roots).is_err(), "{end}");
    }
    for end in 0..CERTIFICATE.len() {
        assert!(verify_text(&TextFiles { certificate: &CERTIFICATE[..end], ..real() }, &roots).is_err(), "{end}");
    }
    let longer = |bytes: &[u8]| [bytes, &[0xFF]].concat();
    let (attributes, digests, certificate) = (longer(ATTRIBUTES), longer(DIGESTS), longer(CERTIFICATE));
    for (files, file) in [
        (TextFiles { attributes: &attributes, ..real() }, TextFile::Attributes),
        (TextFiles { digests: &digests, ..real() }, TextFile::Digests),
        (TextFiles { certificate: &certificate, ..real() }, TextFile::Certificate),
    ] {
        assert_eq!(verify_text(&files, &roots).unwrap_err(), TextError::Malformed(file));
    }
}

#[test]
fn the_test_authority_signs_texts_in_the_shape_of_a_test_card() {
    let kuroki = verify_text(&real(), &anchors(&[ROOT])).unwrap();
    let SignedText { attributes, digests, certificate } = authority().sign(kuroki.attributes(), MY_NUMBER_FILE).unwrap();
    assert_eq!(attributes, ATTRIBUTES);
    // The digest of the attributes, with its tag and length, behind that of the My Number.
    assert_eq!(digests[40..75], DIGESTS[40..75]);
    assert_eq!((digests.len(), certificate.len()), (DIGESTS.len(), CERTIFICATE.len()));
    assert_eq!(certificate[..26], CERTIFICATE[..26]);
    let key = authority().signed_key(data!("keys/text-card.spki.der")).unwrap();
    assert_eq!((key.len(), &key[..10]), (SIGNED_KEY.len(), &SIGNED_KEY[..10]));
    assert_eq!(verify(&text()).unwrap().attributes(), &person());
}

#[test]
fn the_attributes_of_another_card_are_not_those_that_were_signed() {
    let other = authority().sign(&FourAttributes { name: "朝来　太郎".to_owned(), ..person() }, MY_NUMBER_FILE).unwrap();
    assert_eq!(verify(&SignedText { attributes: other.attributes.clone(), ..text() }).unwrap_err(), TextError::WrongDigest);
    assert_eq!(verify(&SignedText { digests: other.digests.clone(), ..text() }).unwrap_err(), TextError::WrongDigest);
    // The certificate is the municipality's, so it is the same for both.
    assert!(verify(&SignedText { certificate: other.certificate, ..text() }).is_ok());
}

#[test]
fn fields_that_changed_places_or_are_missing_twice_or_foreign_are_refused() {
    let [name, address, birth, sex] = FIELDS;
    assert!(of_fields(&FIELDS).is_ok());
    for fields in [
        &[address, name, birth, sex][..],
        &[name, address, birth],
        &[name, name, address, birth, sex],
        &[name, address, birth, sex, sex],
        &[name, address, birth, sex, (0xDF26, "")],
    ] {
        assert_eq!(of_fields(fields).unwrap_err(), TextError::Malformed(TextFile::Attributes), "{fields:?}");
    }
}

#[test]
fn attributes_in_forms_that_no_card_has_are_refused() {
    let [name, address, birth, sex] = FIELDS;
    for (fields, attribute) in [
        ([(0xDF22, ""), address, birth, sex], Attribute::Name),
        ([(0xDF22, "但馬\u{1b}[2J"), address, birth, sex], Attribute::Name),
        ([name, (0xDF23, ""), birth, sex], Attribute::Address),
        ([name, address, (0xDF24, "1988-6-3"), sex], Attribute::BirthDate),
        ([name, address, (0xDF24, "319880630"), sex], Attribute::BirthDate),
        ([name, address, birth, (0xDF25, "3")], Attribute::Sex),
        ([name, address, birth, (0xDF25, "")], Attribute::Sex),
    ] {
        assert_eq!(of_fields(&fields).unwrap_err(), TextError::BadAttribute(attribute), "{fields:?}");
    }
    for (digit, sex) in [("0", Sex::Unknown), ("9", Sex::Unknown), ("1", Sex::Male), ("2", Sex::Female)] {
        assert_eq!(of_fields(&[name, address, birth, (0xDF25, digit)]).unwrap().attributes().sex, sex);
    }
}

#[test]
fn offsets_that_point_elsewhere_are_refused_though_nobody_signed_them() {
    let mut file = attributes_file(&FIELDS);
    let place = 3 + 3 + 1;
    file[place] ^= 1;
    assert_eq!(of_file(file).unwrap_err(), TextError::Malformed(TextFile::Attributes));
}

#[test]
fn a_weak_key_certifies_nothing() {
    let real = text();
    // The body of the municipality's certificate, with one key in place of another.
    let subject = KeyId::from_bytes(*b"2822221\x08\x05000\0\0\0\0");
    let issuer = authority().anchor().unwrap().id();
    let with = |key: &[u8]| {
        let certificate = authority().certificate_of(&issuer, &subject, key).unwrap();
        verify(&SignedText { certificate, ..real.clone() }).unwrap_err()
    };
    let modulus = [0xC1; 256];
    let key = |exponent: &[u8], modulus: &[u8]| [tlv(0x90, exponent), tlv(0x91, modulus)].concat();
    assert_eq!(with(&key(&[3], &modulus)), TextError::WeakKey(Weakness::RsaExponent));
    assert_eq!(with(&key(&[1, 0, 1], &modulus[..128])), TextError::WeakKey(Weakness::RsaBits(1024)));
    assert_eq!(with(&key(&[1, 0, 1], &[0xC0; 256])), TextError::WeakKey(Weakness::RsaEvenModulus));
    assert_eq!(with(&key(&[], &modulus)), TextError::Malformed(TextFile::Certificate));
    assert_eq!(with(&tlv(0x90, &[1, 0, 1])), TextError::Malformed(TextFile::Certificate));
    // A strong key of somebody else did not sign the digests.
    let other = public_key(data!("keys/holder.spki.der")).unwrap();
    assert_eq!(with(&other), TextError::BadSignature);
    // Neither may a root be weak.
    let root = [issuer.as_bytes(), key(&[3], &modulus).as_slice()].concat();
    assert_eq!(TextAnchor::from_bytes(&root).unwrap_err(), TextError::WeakKey(Weakness::RsaExponent));
}

/// Applies the municipality's private key to any block, and puts the result in the place of the signature.
fn with_block(block: &[u8]) -> Result<CardText, TextError> {
    let key = RsaPrivateKey::from_pkcs8_der(data!("keys/text-signer.pkcs8.der")).unwrap();
    let signature = BigUint::from_bytes_be(block).modpow(key.d(), key.n()).to_bytes_be();
    with_signature(&[vec![0; 256 - signature.len()], signature].concat())
}

fn with_signature(signature: &[u8]) -> Result<CardText, TextError> {
    let whole = text();
    let record = &whole.digests[5..75];
    let digests = tlv(0xFF30, &[record, &tlv(0xDF33, signature)].concat());
    verify(&SignedText { digests, ..whole })
}

#[test]
fn padding_is_compared_byte_for_byte() {
    const DIGEST_INFO: &[u8] = &[0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];
    let digest = Hash32::of(&text().digests[5..75]);
    let info = [DIGEST_INFO, digest.as_bytes()].concat();
    let block = |padding: usize, payload: &[u8]| {
        let mut block = [&[0, 1][..], &vec![0xFF; padding], &[0], payload].concat();
        block.resize(256, 0);
        block
    };
    assert!(with_block(&block(202, &info)).is_ok());
    for lax in [block(8, &info), block(201, &info), block(253 - 32, digest.as_bytes()), block(202 + 2, &info[2..])] {
        assert_eq!(with_block(&lax).unwrap_err(), TextError::BadSignature);
    }
    let mut other_type = block(202, &info);
    other_type[1] = 2;
    assert_eq!(with_block(&other_type).unwrap_err(), TextError::BadSignature);
}

#[test]
fn a_cut_or_empty_signature_is_none() {
    let whole = text().digests;
    let signature = &whole[whole.len() - 256..];
    assert!(with_signature(signature).is_ok());
    for other in [&signature[..255], &signature[1..], &[signature, &[0]].concat(), &[0; 256], &[]] {
        assert_eq!(with_signature(other).unwrap_err(), TextError::BadSignature);
    }
}

#[test]
fn the_cards_own_key_answers_a_challenge_and_no_other_one_does() {
    let key = CaKey::from_pkcs8(data!("keys/text-card.pkcs8.der")).unwrap();
    let record = authority().signed_key(&key.spki_der()).unwrap();
    let certificate = authority().certificate().unwrap();
    let answer = key.sign(b"challenge").unwrap();
    let check = |record: &[u8], message: &[u8], answer: &[u8]| verify_presence(&certificate, record, &ours(), message, answer);
    assert!(check(&record, b"challenge", &answer).is_ok());
    assert_eq!(check(&record, b"another", &answer), Err(TextError::NotPresent));
    let other = CaKey::from_pkcs8(data!("keys/holder.pkcs8.der")).unwrap();
    assert_eq!(check(&record, b"challenge", &other.sign(b"challenge").unwrap()), Err(TextError::NotPresent));
    // Another key in the place of the signed one.
    let own = tlv(0xDF51, &public_key(&other.spki_der()).unwrap());
    let forged = tlv(0xFF50, &[own, record[record.len() - 261..].to_vec()].concat());
    assert_eq!(check(&forged, b"challenge", &other.sign(b"challenge").unwrap()), Err(TextError::BadSignature));
}

#[test]
fn the_signed_key_of_a_test_card_is_one_of_its_municipality() {
    // Nobody has the private key of that card: the record is good, and an answer of anybody else is not.
    let verdict = verify_presence(CERTIFICATE, SIGNED_KEY, &anchors(&[ROOT]), b"challenge", &[0; 256]);
    assert_eq!(verdict, Err(TextError::NotPresent));
    let mut forged = SIGNED_KEY.to_vec();
    forged[100] ^= 1;
    assert_eq!(verify_presence(CERTIFICATE, &forged, &anchors(&[ROOT]), b"challenge", &[0; 256]), Err(TextError::BadSignature));
}

#[test]
fn every_refusal_of_a_text_says_what_happened_and_what_to_do() {
    let issuer = KeyId::from_bytes(*b"6000033\x08\x05001\0\0\0\0");
    for error in [
        TextError::Malformed(TextFile::Digests),
        TextError::Malformed(TextFile::Anchor),
        TextError::UnknownIssuer { issuer },
        TextError::BadCertificate { issuer },
        TextError::WeakKey(Weakness::RsaExponent),
        TextError::BadSignature,
        TextError::WrongDigest,
        TextError::BadAttribute(Attribute::Name),
        TextError::NotPresent,
    ] {
        let (ja, en) = (error.say(Lang::Ja), error.say(Lang::En));
        assert!(ja.ends_with('。') && ja.matches('。').count() >= 2, "{ja}");
        assert!(en.ends_with('.') && en.is_ascii(), "{en}");
        assert!(!error.to_string().ends_with('.'));
    }
}

#[test]
fn debug_output_shows_nothing_of_a_text() {
    let shown = format!("{:?}", verify(&text()).unwrap());
    assert!(shown.contains("withheld") && !shown.contains("花子"), "{shown}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn arbitrary_bytes_are_no_text(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let roots = anchors(&[ROOT]);
        let (attributes, digests, certificate) = (&bytes, &bytes, &bytes);
        for files in [TextFiles { attributes, ..real() }, TextFiles { digests, ..real() }, TextFiles { certificate, ..real() }] {
            prop_assert!(verify_text(&files, &roots).is_err());
        }
        prop_assert!(TextAnchor::from_bytes(&bytes).is_err());
    }
}
