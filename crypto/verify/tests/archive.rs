//! A record as one file says what the folder says, and nothing can be put into it or left out of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::Command;

use tachiai_verify::testing::Play;
use tachiai_verify::{Audit, Failure, Incomplete, Options, Rule, Verdict, audit_record};

fn audit(path: &Path) -> Result<Verdict, Failure> {
    audit_record(path, &Options::default(), &Audit::default()).map(|audited| audited.verdict)
}

fn whole() -> (tempfile::TempDir, PathBuf, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let play = Play::whole(7);
    play.write(&folder.path().join("record"));
    let archive = folder.path().join("record.tar");
    play.write_archive(&archive);
    let bytes = std::fs::read(&archive).unwrap();
    (folder, archive, bytes)
}

#[test]
fn an_archive_has_the_verdict_of_its_folder() {
    let (folder, archive, _) = whole();
    assert_eq!(audit(&archive).unwrap(), audit(&folder.path().join("record")).unwrap());
}

#[test]
fn the_usual_tar_program_unpacks_an_archive_to_the_folder() {
    let (folder, archive, _) = whole();
    let unpacked = folder.path().join("unpacked");
    std::fs::create_dir(&unpacked).unwrap();
    assert!(Command::new("tar").arg("xf").arg(&archive).arg("-C").arg(&unpacked).status().unwrap().success());
    assert_eq!(audit(&unpacked).unwrap(), audit(&archive).unwrap());
}

#[test]
fn an_archive_that_ends_early_is_incomplete_wherever_it_ends() {
    let (_folder, archive, bytes) = whole();
    for end in (0..bytes.len()).step_by(512).chain([1, 511, bytes.len() - 1]) {
        std::fs::write(&archive, &bytes[..end]).unwrap();
        let failure = audit(&archive).unwrap_err();
        assert!(matches!(failure, Failure::Incomplete(Incomplete::Truncated { .. })), "{end}: {failure}");
    }
}

#[test]
fn a_flipped_bit_anywhere_in_an_archive_is_found() {
    let (_folder, archive, bytes) = whole();
    for at in (0..bytes.len()).step_by(101) {
        let mut spoilt = bytes.clone();
        spoilt[at] ^= 1 << (at % 8);
        std::fs::write(&archive, &spoilt).unwrap();
        assert!(audit(&archive).is_err(), "byte {at}");
    }
}

#[test]
fn what_stands_in_headers_between_files_and_behind_the_end_is_the_one_accepted_form() {
    let (_folder, archive, bytes) = whole();
    let owner = 108;
    let time = 136;
    let padding = bytes.len() - 1025;
    assert_eq!(bytes[padding], 0);
    for (what, spoilt) in [
        ("another owner", with(&bytes, owner, b'1')),
        ("another time", with(&bytes, time, b'1')),
        ("something between files", with(&bytes, padding, 1)),
        ("something behind the end", [bytes.as_slice(), b"x"].concat()),
        ("a second archive behind the end", [bytes.as_slice(), &bytes].concat()),
    ] {
        std::fs::write(&archive, &spoilt).unwrap();
        let Err(Failure::Refuted(violation)) = audit(&archive) else { panic!("{what} was not refuted") };
        assert_eq!(violation.rule, Rule::R107, "{what}: {violation}");
    }
}

fn with(bytes: &[u8], at: usize, byte: u8) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] = byte;
    bytes
}

#[test]
fn an_archive_that_declares_a_file_longer_than_any_disk_is_refused_without_making_room() {
    let (_folder, archive, bytes) = whole();
    let mut header = tar::Header::from_byte_slice(&bytes[..512]).clone();
    header.set_size(u64::from(u32::MAX) + 1);
    header.set_cksum();
    std::fs::write(&archive, [header.as_bytes().as_slice(), &bytes[512..]].concat()).unwrap();
    assert!(matches!(audit(&archive), Err(Failure::Refuted(violation)) if violation.rule == Rule::R107));
}

#[test]
fn another_kind_of_file_and_an_archive_that_was_packed_otherwise_say_nothing_about_the_record() {
    let (folder, archive, bytes) = whole();
    let unpacked = folder.path().join("record");
    let packed = folder.path().join("packed.tar");
    assert!(Command::new("tar").arg("cf").arg(&packed).arg("-C").arg(&unpacked).arg(".").status().unwrap().success());
    for other in [vec![b'x'; bytes.len()], std::fs::read(packed).unwrap()] {
        std::fs::write(&archive, other).unwrap();
        assert!(matches!(audit(&archive), Err(Failure::Incomplete(Incomplete::NotA { .. }))));
    }
}
