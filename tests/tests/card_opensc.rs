//! Judges from outside: what OpenSC, through a real pcscd, and OpenSSL say of a software card.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;
use std::process::Command;

use rsa::sha2::{Digest, Sha256};
use tachiai_tests::appliance::{Outcome, Programs};
use tachiai_tests::card::{Authorities, Content, KeyPool, Order};
use tachiai_tests::desk::{hanako, set_validity};
use tachiai_tests::pcscd::{Inserted, Pcscd};

/// 2026-11-15T03:00:00Z, when the certificates are valid.
const AT: &str = "1794711600";

const MESSAGE: &[u8] = "養父市長選挙".as_bytes();

/// A card of Hanako's in the first of two readers.
struct Desk {
    pcscd: Pcscd,
    inserted: Option<Inserted>,
    content: Content,
    folder: tempfile::TempDir,
}

fn content() -> Content {
    let validity = set_validity();
    Order::usual(0, hanako(), validity).issue(&Authorities::with_published_keys(validity).unwrap(), &KeyPool::shared()).unwrap()
}

impl Desk {
    fn new() -> Desk {
        let mut desk = Desk {
            pcscd: Pcscd::start(2).unwrap_or_else(|trouble| panic!("{trouble}")),
            inserted: None,
            content: content(),
            folder: tempfile::tempdir().unwrap(),
        };
        desk.content.write(&desk.file("card.json")).unwrap();
        desk.insert(&[]);
        desk
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn insert(&mut self, arguments: &[&str]) {
        let card = self.file("card.json");
        let inserted = self.pcscd.insert(&Programs::beside_this().unwrap(), 0, &card, arguments);
        self.inserted = Some(inserted.unwrap_or_else(|trouble| panic!("{trouble}")));
    }

    /// Runs a program of OpenSC at this desk.
    fn run(&self, program: &str, arguments: &[&str]) -> Outcome {
        let mut command = Command::new(program);
        self.pcscd.used_by(command.args(arguments).current_dir(self.folder.path()).env("LC_ALL", "C.UTF-8"));
        Outcome::of(command).unwrap_or_else(|trouble| panic!("{trouble}"))
    }

    /// Takes the card out and puts it in again, misbehaving.
    fn insert_again(&mut self, arguments: &[&str]) {
        let card = self.inserted.take().unwrap();
        self.pcscd.remove(0, card).unwrap_or_else(|trouble| panic!("{trouble}"));
        self.insert(arguments);
    }

    /// Has `pkcs15-crypt` sign the message with this key, into `signature`.
    fn sign(&self, key: &str, pin: &str) -> Outcome {
        std::fs::write(self.file("hash"), Sha256::digest(MESSAGE)).unwrap();
        std::fs::write(self.file("message"), MESSAGE).unwrap();
        self.run("pkcs15-crypt", &["--sign", "--key", key, "--pin", pin, "--sha-256", "--pkcs1", "--input", "hash", "--output", "signature"])
    }

    /// What OpenSSL says of `signature` by the key of the certificate in this file.
    fn openssl_verifies(&self, certificate: &str) -> Outcome {
        let key = self.says("openssl", &["x509", "-in", certificate, "-noout", "-pubkey"]);
        std::fs::write(self.file("key.pem"), key).unwrap();
        self.run("openssl", &["dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "message"])
    }

    /// The tries that `pkcs15-tool -D` shows, of the authentication PIN and of the signing password.
    fn tries(&self) -> Vec<u8> {
        let said = self.says("pkcs15-tool", &["-D"]);
        said.lines().filter_map(|line| line.trim().strip_prefix("Tries left     : ")).map(|left| left.parse().unwrap()).collect()
    }

    #[track_caller]
    fn says(&self, program: &str, arguments: &[&str]) -> String {
        let Outcome { stdout, stderr, .. } = self.run(program, arguments).ok().unwrap_or_else(|trouble| panic!("{trouble}"));
        stdout + &stderr
    }
}

#[test]
fn opensc_knows_the_card_by_its_name_through_a_real_pcscd() {
    let desk = Desk::new();
    let said = desk.says("opensc-tool", &["-n"]);
    assert!(said.lines().any(|line| line == "jpki"), "{said}");
    let listed = desk.says("opensc-tool", &["-l"]);
    for (reader, card) in desk.pcscd.readers().iter().zip(["Yes", "No"]) {
        assert!(listed.lines().any(|line| line.contains(&reader.name) && line.contains(card)), "{listed}");
    }
}

#[test]
fn a_card_that_leaves_is_gone_and_one_that_comes_back_is_there() {
    let mut desk = Desk::new();
    let card = desk.inserted.take().unwrap();
    desk.pcscd.remove(0, card).unwrap_or_else(|trouble| panic!("{trouble}"));
    let empty = desk.run("opensc-tool", &["-n", "-r", "0"]);
    assert!(empty.stderr.contains("Card not present"), "{}{}", empty.stdout, empty.stderr);
    desk.insert(&[]);
    desk.says("opensc-tool", &["-n"]);
}

#[test]
fn a_card_stays_in_its_reader_when_pcscd_is_killed_and_started_again() {
    let mut desk = Desk::new();
    let before = desk.pcscd.readers().to_vec();
    desk.pcscd.kill().unwrap();
    let gone = desk.run("opensc-tool", &["-n"]);
    assert_ne!(gone.code, Some(0), "{}{}", gone.stdout, gone.stderr);
    desk.pcscd.restart().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert_eq!(desk.pcscd.readers(), before);
    desk.pcscd.wait_for_card(0).unwrap_or_else(|trouble| panic!("{trouble}"));
    desk.says("opensc-tool", &["-n"]);
}

#[test]
fn a_card_pulled_in_the_middle_leaves_its_reader_empty_and_its_process_ends() {
    let mut desk = Desk::new();
    let card = desk.inserted.take().unwrap();
    desk.pcscd.remove(0, card).unwrap_or_else(|trouble| panic!("{trouble}"));
    desk.insert(&["--fault", "remove-after:8"]);
    let removed = desk.run("pkcs15-tool", &["-D", "-r", "0"]);
    assert_ne!(removed.code, Some(0), "{}{}", removed.stdout, removed.stderr);
    let card = desk.inserted.take().unwrap();
    desk.pcscd.wait_for_removal(0, card).unwrap_or_else(|trouble| panic!("{trouble}"));
    let empty = desk.run("opensc-tool", &["-n", "-r", "0"]);
    assert!(empty.stderr.contains("Card not present"), "{}{}", empty.stdout, empty.stderr);
}

#[test]
fn opensc_finds_the_two_pins_the_two_keys_and_the_four_certificates() {
    let desk = Desk::new();
    let said = desk.says("pkcs15-tool", &["-D"]);
    assert!(said.contains("PKCS#15 Card [JPKI]"), "{said}");
    let found = |what: &str| said.lines().filter(|line| line.starts_with(what)).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(found("PIN "), ["PIN [User Authentication PIN]", "PIN [Digital Signature PIN]"]);
    assert_eq!(found("Private RSA Key "), ["Private RSA Key [User Authentication Key]", "Private RSA Key [Digital Signature Key]"]);
    assert_eq!(found("X.509 Certificate ").len(), 4);
    assert!(said.contains("ModLength      : 2048"), "{said}");
    assert_eq!(desk.tries(), [3, 5]);
}

#[test]
fn opensc_reads_the_certificates_that_were_issued_and_openssl_chains_them() {
    let desk = Desk::new();
    let signing = desk.content.signing.clone().unwrap();
    let authentication = &desk.content.authentication;
    let with_password = ["--verify-pin", "--auth-id", "2", "--pin", "YABU2026"];
    // Without its password the certificate with name and address is not shown.
    let refused = desk.run("pkcs15-tool", &["--read-certificate", "2", "--output", "unseen.pem"]);
    let unseen = std::fs::read(desk.file("unseen.pem")).unwrap_or_default();
    assert!(unseen.is_empty(), "{}{}", refused.stdout, refused.stderr);
    let files = [
        ("1", &[][..], &authentication.certificate),
        ("2", &with_password[..], &signing.certificate),
        ("3", &[][..], &authentication.ca),
        ("4", &[][..], &signing.ca),
    ];
    for (id, arguments, issued) in files {
        let file = format!("{id}.pem");
        desk.says("pkcs15-tool", &[&["--read-certificate", id, "--output", &file], arguments].concat());
        desk.says("openssl", &["x509", "-in", &file, "-outform", "der", "-out", "read.der"]);
        assert_eq!(&std::fs::read(desk.file("read.der")).unwrap(), issued, "certificate {id}");
    }
    for (leaf, ca, other) in [("1.pem", "3.pem", "4.pem"), ("2.pem", "4.pem", "3.pem")] {
        let verified = desk.says("openssl", &["verify", "-no-CApath", "-attime", AT, "-CAfile", ca, leaf]);
        assert!(verified.contains(&format!("{leaf}: OK")), "{verified}");
        assert_ne!(desk.run("openssl", &["verify", "-no-CApath", "-attime", AT, "-CAfile", other, leaf]).code, Some(0));
    }
}

#[test]
fn openssl_verifies_what_opensc_had_the_card_sign() {
    let desk = Desk::new();
    let signing = ["--read-certificate", "2", "--output", "2.pem", "--verify-pin", "--auth-id", "2", "--pin", "YABU2026"];
    desk.says("pkcs15-tool", &["--read-certificate", "1", "--output", "1.pem"]);
    desk.says("pkcs15-tool", &signing);
    for (key, pin, certificate, other) in [("1", "1234", "1.pem", "2.pem"), ("2", "YABU2026", "2.pem", "1.pem")] {
        desk.sign(key, pin).ok().unwrap_or_else(|trouble| panic!("{trouble}"));
        let verified = desk.openssl_verifies(certificate);
        assert!(verified.stdout.contains("Verified OK"), "{}{}", verified.stdout, verified.stderr);
        assert_ne!(desk.openssl_verifies(other).code, Some(0));
    }
}

#[test]
fn a_wrong_pin_given_to_opensc_costs_one_try_and_signs_nothing() {
    let desk = Desk::new();
    assert_ne!(desk.sign("1", "9999").code, Some(0));
    assert!(!desk.file("signature").exists());
    assert_eq!(desk.tries(), [2, 5]);
    desk.sign("1", "1234").ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert_eq!(desk.tries(), [3, 5]);
}

#[test]
fn openssl_refuses_the_signatures_of_a_card_with_other_keys_than_its_certificates_name() {
    let mut desk = Desk::new();
    desk.says("pkcs15-tool", &["--read-certificate", "1", "--output", "1.pem"]);
    desk.insert_again(&["--fault", "wrong-key"]);
    desk.sign("1", "1234").ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    let refused = desk.openssl_verifies("1.pem").expect(1).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(refused.stdout.contains("Verification failure") || refused.stderr.contains("Verification failure"), "{}{}", refused.stdout, refused.stderr);
}
