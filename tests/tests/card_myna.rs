//! A judge from outside: the crate `myna-card`, which reads real My Number Cards, reads the software card; and our reader
//! reads the files that `myna-card` keeps of a real card, a J-LIS test card.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use myna_card::{
    Pin, Transmit,
    ap::jpki::{JpkiAp, SignatureScheme},
    ap::surface::SurfaceAp,
    ap::text::TextAp,
    card::Retries,
    certificate::Certificate,
    data::{ImageFormat, RsaPublicKey, verification_code_b},
};
use secrecy::SecretString;
use tachiai::card::{Card, CardError, LastTry, Sex, Transport, TransportError};
use tachiai_tests::card::{Authorities, Content, Exchange, KeyPool, Order, Slot, SoftwareCard};
use tachiai_tests::desk::{hanako, set_validity};

/// A card that only holds files, as they were read from a real one, and opens them all for the PIN 1234.
struct Recorded {
    application: Option<&'static str>,
    file: Vec<u8>,
    verified: bool,
}

impl Recorded {
    fn content(&self, file: u16) -> Option<Vec<u8>> {
        let name = match (self.application?, file) {
            ("jpki", 0x0006) => return Some([b"JPKIAPICCTOKEN2".as_slice(), &[b' '; 145]].concat()),
            ("jpki", 0x000A) => "jpki-auth-cert.der".to_owned(),
            ("jpki", 0x000B) => "jpki-auth-ca-cert.der".to_owned(),
            ("text", 0x0011) => return Some(Vec::new()),
            ("text", file) => format!("text-{file:04X}.bin"),
            _ => return None,
        };
        std::fs::read(data(&name)).ok()
    }
}

fn data(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/jpki/jlis-test-card").join(name)
}

impl Transport for Recorded {
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, TransportError> {
        let done = vec![0x90, 0x00];
        let not_found = vec![0x6A, 0x82];
        Ok(match apdu {
            [0x00, 0xA4, 0x04, 0x0C, _, aid @ ..] => {
                self.application = match aid {
                    [0xD3, 0x92, 0xF0, ..] => Some("jpki"),
                    [0xD3, 0x92, 0x10, .., 0x04, 0x08] => Some("text"),
                    _ => None,
                };
                if self.application.is_some() { done } else { not_found }
            }
            [0x00, 0xA4, 0x02, 0x0C, 0x02, high, low] => match self.content(u16::from_be_bytes([*high, *low])) {
                Some(content) => {
                    self.file = content;
                    done
                }
                None => not_found,
            },
            [0x00, 0x20, 0x00, 0x80] => vec![0x63, 0xC3],
            [0x00, 0x20, 0x00, 0x80, _, pin @ ..] if pin == b"1234" => {
                self.verified = true;
                done
            }
            [0x00, 0xB0, ..] if self.application == Some("text") && !self.verified => vec![0x69, 0x82],
            [0x00, 0xB0, high, low, length] => {
                let rest = self.file.get(usize::from(u16::from_be_bytes([*high, *low]))..).unwrap_or_default();
                let wanted = if *length == 0 { 256 } else { usize::from(*length) };
                [rest.get(..wanted).unwrap_or(rest), &done].concat()
            }
            _ => vec![0x6D, 0x00],
        })
    }

    fn power(&mut self, _: tachiai::card::Power) -> Result<(), TransportError> {
        Ok(())
    }

    fn name(&self) -> &str {
        "recorded"
    }
}

/// The software card behind the link of `myna-card`.
struct Link(Slot);

impl Transmit for Link {
    fn transmit(&mut self, command: &[u8]) -> myna_card::Result<Vec<u8>> {
        match self.0.exchange(command) {
            Exchange::Answer(answer) => Ok(answer),
            Exchange::Removed | Exchange::Hung => Ok(Vec::new()),
        }
    }
}

fn order(number: usize) -> Order {
    Order::usual(number, hanako(), set_validity())
}

fn content() -> Content {
    order(0).issue(&Authorities::with_published_keys(set_validity()).unwrap(), &KeyPool::shared()).unwrap()
}

fn card(content: &Content) -> myna_card::Card<Link> {
    myna_card::Card::new(Link(Slot::new("link", SoftwareCard::new(content.clone()))))
}

#[test]
fn myna_card_reads_the_token_its_certificates_and_its_pins() {
    let content = content();
    let mut card = card(&content);
    let mut jpki = JpkiAp::select(&mut card).unwrap();
    assert!(jpki.read_token_type().unwrap().is_physical_card());
    let there = jpki.read_certificate_availability().unwrap();
    assert!(there.has_auth_certificate() && there.has_sign_certificate());
    assert_eq!(jpki.read_auth_certificate_der().unwrap(), content.authentication.certificate);
    assert_eq!(jpki.read_auth_ca_certificate_der().unwrap(), content.authentication.ca);
    assert!(jpki.read_sign_certificate_der().is_err());
    assert_eq!(jpki.sign_pin_retries().unwrap(), Retries::Remaining(5));
    jpki.verify_sign_pin(&Pin::new("YABU2026").unwrap()).unwrap();
    let signing = content.signing.as_ref().unwrap();
    assert_eq!(jpki.read_sign_certificate_der().unwrap(), signing.certificate);
    let (leaf, ca) = (jpki.read_sign_certificate().unwrap(), jpki.read_sign_ca_certificate().unwrap());
    leaf.verify_signature(&ca).unwrap();
    assert!(leaf.verify_signature(&Certificate::parse(&content.authentication.ca).unwrap()).is_err());
}

#[test]
fn myna_card_verifies_what_the_card_signs_in_every_scheme() {
    let content = content();
    let mut card = card(&content);
    let mut jpki = JpkiAp::select(&mut card).unwrap();
    let key = jpki.read_auth_certificate().unwrap().public_key().unwrap();
    assert!(jpki.sign_with_auth_key(SignatureScheme::Sha256DigestInfo, b"message").is_err());
    jpki.verify_auth_pin(&Pin::numeric("1234").unwrap()).unwrap();
    let hash = myna_card::data::sha256(b"message");
    let schemes: [(_, &[u8]); 6] = [
        (SignatureScheme::Verbatim, b"message"),
        (SignatureScheme::Sha256Bare, b"message"),
        (SignatureScheme::PreHashedDigestInfo, &hash),
        (SignatureScheme::Sha256DigestInfo, b"message"),
        (SignatureScheme::PreHashedPss, &hash),
        (SignatureScheme::Sha256Pss, b"message"),
    ];
    for (scheme, data) in schemes {
        let signature = jpki.sign_with_auth_key(scheme, data).unwrap();
        scheme.verify(&key, data, &signature).unwrap();
        assert!(scheme.verify(&key, &[0; 32], &signature).is_err(), "{scheme:?}");
    }
}

#[test]
fn myna_card_reads_the_four_attributes() {
    let content = content();
    let mut card = card(&content);
    let mut text = TextAp::select(&mut card).unwrap();
    assert!(text.read_attributes().is_err());
    text.verify_pin(&Pin::numeric("5678").unwrap()).unwrap();
    let read = text.read_attributes().unwrap();
    assert_eq!((read.name, read.address), (content.text.name.clone(), content.text.address.clone()));
    assert_eq!((read.birth_date.to_string().as_str(), read.sex), ("1980-02-17", myna_card::data::Sex::Female));
    assert_eq!(text.read_my_number().unwrap().as_str(), content.text.my_number);
}

#[test]
fn myna_card_verifies_the_signed_text_and_that_its_card_is_there() {
    let content = content();
    let authorities = Authorities::with_published_keys(set_validity()).unwrap();
    let mut card = card(&content);
    let mut text = TextAp::select(&mut card).unwrap();
    // The root: its identifier, and its key as cards show keys.
    let root = RsaPublicKey::parse(&authorities.face.text().anchor_bytes().unwrap()[16..]).unwrap();
    let certificate = text.read_certificate().unwrap();
    certificate.verify_with(&root).unwrap();
    assert_eq!((certificate.issuer_key_id.number(), certificate.subject_key_id.number()), ("6000033", "2822221"));
    assert!(text.read_integrity_record().is_err());
    text.verify_code_b(&Pin::numeric(&content.text.code_b.value).unwrap()).unwrap();
    let record = text.read_integrity_record().unwrap();
    record.verify(&certificate.public_key).unwrap();
    let attributes = text.read_ef(0x0002).unwrap();
    assert!(record.matches_attributes_file(&attributes).unwrap());
    // The number B opens no My Number, and A opens no attributes.
    assert!(text.read_my_number().is_err());
    let own = text.read_signed_public_key().unwrap();
    own.verify(&certificate.public_key).unwrap();
    let signature = text.sign(b"challenge").unwrap();
    own.public_key.verify_pkcs1_sha256(b"challenge", &signature).unwrap();
    assert!(own.public_key.verify_pkcs1_sha256(b"another", &signature).is_err());
    assert_eq!(text.read_ap_basic_data().unwrap().public_key_id.number(), "6000034");
    assert_eq!(text.retries(0x0012).unwrap(), Retries::Blocked);

    let mut card = self::card(&content);
    let mut text = TextAp::select(&mut card).unwrap();
    assert_eq!(text.retries(0x0014).unwrap(), Retries::Remaining(10));
    text.verify_code_a(&Pin::numeric(&content.text.my_number).unwrap()).unwrap();
    assert!(text.read_attributes().is_err());
    assert_eq!(text.read_my_number().unwrap().as_str(), content.text.my_number);
    assert!(record.matches_my_number_file(&text.read_my_number_file().unwrap()));
}

#[test]
fn myna_card_verifies_the_face_and_opens_it_with_what_is_printed_on_it() {
    let content = content();
    let authorities = Authorities::with_published_keys(set_validity()).unwrap();
    let mut card = card(&content);
    let mut face = SurfaceAp::select(&mut card).unwrap();
    let certificate = face.read_certificate().unwrap();
    certificate.verify_with(&RsaPublicKey::parse(&authorities.face.face_root().unwrap()).unwrap()).unwrap();
    assert_eq!(face.read_ap_basic_data().unwrap().municipality_code, "28222");

    let number = |text: &str| Pin::numeric(text).unwrap();
    // 1980-02-17 is in the 55th year of 昭和; the tenth birthday after 2026-04-01 is in 2036.
    assert!(face.verify_birth_date(&number("550218")).is_err());
    face.verify_birth_date(&number("550217")).unwrap();
    let age = face.read_age_record().unwrap();
    age.verify(&certificate.public_key).unwrap();
    assert_eq!(age.birth_date.to_string(), "1980-02-17");
    assert!(face.read_card_face().is_err() && face.read_my_number_image().is_err());

    let code_b = verification_code_b(age.birth_date, 2036, &content.codes.b.value.as_bytes()[10..]).unwrap();
    face.verify_code_b(&code_b).unwrap();
    let printed = face.read_card_face().unwrap();
    printed.verify(&certificate.public_key).unwrap();
    assert_eq!((printed.expiry.to_string().as_str(), printed.sex), ("2036-02-17", myna_card::data::Sex::Female));
    assert_eq!((printed.photo.format, printed.name_image.format), (ImageFormat::Jpeg2000, ImageFormat::Png));
    assert!(face.read_my_number_image().is_err());

    face.verify_code_a(&number(&content.text.my_number)).unwrap();
    let image = face.read_my_number_image().unwrap();
    image.verify(&certificate.public_key).unwrap();
    assert_eq!((&image.public_key, &printed.public_key), (&age.public_key, &age.public_key));
    let signature = face.sign(b"challenge").unwrap();
    age.public_key.verify_pkcs1_sha256(b"challenge", &signature).unwrap();
    for (picture, width) in [(&image.image, 72), (&printed.security_code_image, 24), (&printed.name_image, 216), (&printed.address_image, 216)] {
        let mut reader = png::Decoder::new(std::io::Cursor::new(&picture.data)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let shown = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((shown.width, shown.height, shown.bit_depth), (width, 12, png::BitDepth::One));
        assert!(pixels.iter().any(|byte| *byte != 0xFF), "nothing is drawn");
        reader.finish().unwrap();
    }
}

#[test]
fn a_my_number_is_invented_with_the_check_digit_that_belongs_to_it() {
    let pool = KeyPool::shared();
    let authorities = Authorities::with_published_keys(set_validity()).unwrap();
    let numbers: Vec<String> = (0..8).map(|number| order(number).issue(&authorities, &pool).unwrap().text.my_number).collect();
    for number in &numbers {
        assert_eq!(number.len(), 12);
        let digits: Vec<u32> = number.chars().map(|digit| digit.to_digit(10).unwrap()).collect();
        // 番号法施行規則5条: P_n counts from the last digit before the check digit, Q_n is n + 1 up to 6 and n - 5 from 7 on.
        let sum: u32 = (1..=11u32).map(|n| digits[11 - n as usize] * if n <= 6 { n + 1 } else { n - 5 }).sum();
        let check = if sum % 11 <= 1 { 0 } else { 11 - sum % 11 };
        assert_eq!(digits[11], check, "{number}");
    }
    let different: std::collections::BTreeSet<_> = numbers.iter().collect();
    assert_eq!(different.len(), numbers.len());
}

#[test]
fn our_reader_reads_the_files_of_a_real_test_card() {
    let mut card = Card::open(Recorded { application: None, file: Vec::new(), verified: false }).unwrap();
    let certificate = card.authentication_certificate().unwrap();
    assert_eq!(*certificate, *std::fs::read(data("jpki-auth-cert.der")).unwrap());
    assert_eq!(*card.authentication_ca().unwrap(), *std::fs::read(data("jpki-auth-ca-cert.der")).unwrap());
    let pin = |digits: &str| tachiai::card::Pin::new(&SecretString::from(digits)).unwrap();
    assert!(matches!(card.attributes(&pin("0000"), LastTry::Keep), Err(CardError::Refused { .. })));
    let read = card.attributes(&pin("1234"), LastTry::Keep).unwrap();
    assert_eq!((read.name.as_str(), read.address.as_str()), ("黒桐　幹也", "東京都清瀬市観布子南１２－７－２０２"));
    assert_eq!((read.birth.as_str(), read.sex), ("19800217", Sex::Male));
    // myna-card, which this card was read with, says the same.
    let theirs = myna_card::ap::text::Attributes::parse(&std::fs::read(data("text-0002.bin")).unwrap()).unwrap();
    assert_eq!((theirs.name, theirs.address), (read.name, read.address));
}
