//! Statements have one spelling, and no two of them share it.

use proptest::prelude::*;
use tachiai_jpki::{FallbackReason, Hash32, Lang, Statement, StatementError, UnixTime, Word, statement::LABEL};

use super::support::time;

fn word(text: &str) -> Word {
    Word::new(text).unwrap()
}

fn login() -> Statement {
    Statement::Login { origin: word("https://vote.city.yabu.lg.jp"), nonce: word("q83vEjRWeJA"), issued: time("2027-04-01T00:00:00Z") }
}

fn register_key(previous: Option<Hash32>) -> Statement {
    Statement::RegisterKey {
        origin: word("https://vote.city.yabu.lg.jp"),
        nonce: word("n"),
        election: word("yabu-2027"),
        manifest: Hash32::of(b"manifest"),
        opened: Hash32::of(b"opened"),
        slot: 0,
        slot_commitment: Hash32::of(b"slot"),
        voting_key: Hash32::of(b"key"),
        seq: 1,
        previous,
        checkpoint_size: 18_446_744_073_709_551_615,
        checkpoint_root: Hash32::of(b"root"),
    }
}

fn enrol() -> Statement {
    Statement::Enrol { origin: word("https://vote.city.yabu.lg.jp"), nonce: word("n"), person: Hash32::of(b"person"), auth_key: Hash32::of(b"key") }
}

fn enrol_counter(reason: FallbackReason) -> Statement {
    let (person, auth_key) = (Hash32::of(b"person"), Hash32::of(b"key"));
    Statement::EnrolCounter { origin: word("https://vote.city.yabu.lg.jp"), nonce: word("n"), person, auth_key, reason }
}

fn paper_issue(contests: &[u16]) -> Statement {
    Statement::PaperIssue {
        origin: word("vote.city.yabu.lg.jp/yabu-2027"),
        nonce: word("n"),
        election: word("yabu-2027"),
        opened: Hash32::of(b"opened"),
        place: word("city-hall"),
        session: 12,
        slot: 7,
        slot_commitment: Hash32::of(b"slot"),
        contests: contests.to_vec(),
    }
}

#[test]
fn taking_papers_is_encoded_as_specified() {
    let hash = |text: &[u8]| Hash32::of(text).to_hex();
    assert_eq!(
        String::from_utf8(paper_issue(&[0, 12]).to_bytes()).unwrap(),
        format!(
            "20:tachiai/v1/statement,11:paper-issue,6:origin,30:vote.city.yabu.lg.jp/yabu-2027,5:nonce,1:n,8:election,9:yabu-2027,\
             6:opened,64:{},5:place,9:city-hall,7:session,2:12,4:slot,1:7,15:slot_commitment,64:{},8:contests,4:0,12,",
            hash(b"opened"),
            hash(b"slot"),
        )
    );
}

#[test]
fn contests_have_one_spelling() {
    let text = String::from_utf8(paper_issue(&[0, 12]).to_bytes()).unwrap();
    for other in ["0:", "1:,", "5:0,12,", "4:,0,1", "5:00,12", "5:0, 12", "7:0,65536", "3:all"] {
        assert_eq!(Statement::parse(text.replace("4:0,12", other).as_bytes()), Err(StatementError::BadValue("contests")), "{other}");
    }
}

#[test]
fn an_enrolment_at_a_counter_is_encoded_as_specified() {
    let hash = |text: &[u8]| Hash32::of(text).to_hex();
    assert_eq!(
        String::from_utf8(enrol_counter(FallbackReason::UnderFifteen).to_bytes()).unwrap(),
        format!(
            "20:tachiai/v1/statement,13:enrol-counter,6:origin,28:https://vote.city.yabu.lg.jp,5:nonce,1:n,6:person,64:{},\
             8:auth_key,64:{},6:reason,8:under-15,",
            hash(b"person"),
            hash(b"key")
        )
    );
}

#[test]
fn a_reason_is_one_of_the_list_and_is_said_in_both_languages() {
    for reason in FallbackReason::ALL {
        assert_eq!(FallbackReason::from_word(reason.as_str()), Some(reason));
        assert!(reason.say(Lang::En).is_ascii() && !reason.say(Lang::Ja).is_ascii());
        let text = String::from_utf8(enrol_counter(reason).to_bytes()).unwrap();
        let word = reason.as_str();
        let other = text.replace(&format!("{}:{word}", word.len()), "5:other");
        assert_eq!(Statement::parse(other.as_bytes()), Err(StatementError::BadValue("reason")));
    }
    // The text of one purpose never serves another.
    let as_enrol = String::from_utf8(enrol_counter(FallbackReason::Expired).to_bytes()).unwrap().replace("13:enrol-counter", "5:enrol");
    assert_eq!(Statement::parse(as_enrol.as_bytes()), Err(StatementError::TrailingBytes));
}

#[test]
fn a_login_is_encoded_as_specified() {
    assert_eq!(
        String::from_utf8(login().to_bytes()).unwrap(),
        "20:tachiai/v1/statement,5:login,6:origin,28:https://vote.city.yabu.lg.jp,5:nonce,11:q83vEjRWeJA,\
         6:issued,20:2027-04-01T00:00:00Z,"
    );
}

#[test]
fn an_enrolment_is_encoded_as_specified() {
    let hash = |text: &[u8]| Hash32::of(text).to_hex();
    assert_eq!(
        String::from_utf8(enrol().to_bytes()).unwrap(),
        format!(
            "20:tachiai/v1/statement,5:enrol,6:origin,28:https://vote.city.yabu.lg.jp,5:nonce,1:n,6:person,64:{},\
             8:auth_key,64:{},",
            hash(b"person"),
            hash(b"key")
        )
    );
}

#[test]
fn a_registration_is_encoded_as_specified() {
    let hash = |text: &[u8]| Hash32::of(text).to_hex();
    assert_eq!(
        String::from_utf8(register_key(None).to_bytes()).unwrap(),
        format!(
            "20:tachiai/v1/statement,12:register-key,6:origin,28:https://vote.city.yabu.lg.jp,5:nonce,1:n,\
             8:election,9:yabu-2027,8:manifest,64:{},6:opened,64:{},4:slot,1:0,15:slot_commitment,64:{},\
             10:voting_key,64:{},3:seq,1:1,8:previous,4:none,15:checkpoint_size,20:18446744073709551615,\
             15:checkpoint_root,64:{},",
            hash(b"manifest"),
            hash(b"opened"),
            hash(b"slot"),
            hash(b"key"),
            hash(b"root")
        )
    );
}

/// The encoding of a login with one piece replaced.
fn hostile(from: &str, to: &str) -> Result<Statement, StatementError> {
    let text = String::from_utf8(login().to_bytes()).unwrap();
    assert!(text.contains(from), "{from}");
    Statement::parse(text.replacen(from, to, 1).as_bytes())
}

#[test]
fn an_unknown_purpose_is_refused() {
    assert_eq!(hostile("5:login", "5:admin"), Err(StatementError::UnknownPurpose));
    assert_eq!(hostile("5:login", "5:Login"), Err(StatementError::UnknownPurpose));
}

#[test]
fn another_label_is_refused() {
    assert_eq!(hostile(LABEL, "tachiai/v2/statement"), Err(StatementError::NotAStatement));
    assert_eq!(Statement::parse(b""), Err(StatementError::NotAStatement));
}

#[test]
fn trailing_bytes_are_refused() {
    assert_eq!(hostile("00Z,", "00Z,\n"), Err(StatementError::TrailingBytes));
    assert_eq!(hostile("00Z,", "00Z,0:,"), Err(StatementError::TrailingBytes));
}

#[test]
fn a_length_with_a_leading_zero_is_refused() {
    assert_eq!(hostile("6:origin", "06:origin"), Err(StatementError::FieldExpected("origin")));
    assert_eq!(hostile("20:2027", "020:2027"), Err(StatementError::BadValue("issued")));
    assert_eq!(hostile("20:tachiai", "020:tachiai"), Err(StatementError::NotAStatement));
}

#[test]
fn fields_out_of_order_or_missing_are_refused() {
    assert_eq!(hostile("6:origin,", "5:nonce,"), Err(StatementError::FieldExpected("origin")));
    assert_eq!(hostile("5:nonce,11:q83vEjRWeJA,", ""), Err(StatementError::FieldExpected("nonce")));
    assert_eq!(hostile("6:issued,20:2027-04-01T00:00:00Z,", ""), Err(StatementError::FieldExpected("issued")));
}

#[test]
fn a_field_of_another_purpose_is_refused() {
    let login = String::from_utf8(login().to_bytes()).unwrap();
    assert_eq!(Statement::parse(login.replace("5:login", "5:enrol").as_bytes()), Err(StatementError::FieldExpected("person")));
}

#[test]
fn another_spelling_of_a_time_is_refused() {
    assert_eq!(hostile("20:2027-04-01T00:00:00Z", "20:2027-04-01t00:00:00z"), Err(StatementError::BadValue("issued")));
    assert_eq!(hostile("20:2027-04-01T00:00:00Z", "25:2027-04-01T09:00:00+09:00"), Err(StatementError::BadValue("issued")));
}

#[test]
fn a_number_with_a_leading_zero_is_refused() {
    let text = String::from_utf8(register_key(None).to_bytes()).unwrap();
    for (from, to) in [("4:slot,1:0,", "4:slot,2:00,"), ("4:slot,1:0,", "4:slot,0:,"), ("4:slot,1:0,", "4:slot,2:+1,")] {
        assert_eq!(Statement::parse(text.replace(from, to).as_bytes()), Err(StatementError::BadValue("slot")));
    }
    let overflow = text.replace("20:18446744073709551615", "20:18446744073709551616");
    assert_eq!(Statement::parse(overflow.as_bytes()), Err(StatementError::BadValue("checkpoint_size")));
}

#[test]
fn a_hash_has_64_lower_case_digits() {
    let statement = register_key(Some(Hash32::of(b"leaf")));
    let text = String::from_utf8(statement.to_bytes()).unwrap();
    assert_eq!(Statement::parse(text.as_bytes()), Ok(statement));
    let hex = Hash32::of(b"leaf").to_hex();
    for (from, to) in [
        (hex.clone(), hex.to_uppercase()),
        (format!("64:{hex}"), format!("62:{}", &hex[2..])),
        (format!("64:{hex}"), "4:None".to_owned()),
        (format!("64:{hex}"), "0:".to_owned()),
    ] {
        assert_eq!(Statement::parse(text.replace(&from, &to).as_bytes()), Err(StatementError::BadValue("previous")));
    }
}

#[test]
fn a_word_is_printable_ascii() {
    assert!(Word::new("https://vote.city.yabu.lg.jp:8443").is_ok());
    assert!(Word::new("a".repeat(255)).is_ok());
    for text in ["", "a b", "a\n", "a\u{0}", "養父", "a\u{202e}b", "a\u{7f}", &"a".repeat(256)] {
        assert!(Word::new(text).is_err(), "{text:?}");
    }
}

#[test]
fn the_holder_sees_each_value_that_is_signed() {
    let purposes =
        [login(), enrol(), enrol_counter(FallbackReason::Expired), register_key(None), register_key(Some(Hash32::of(b"leaf"))), paper_issue(&[0, 1])];
    for statement in purposes {
        for lang in [Lang::Ja, Lang::En] {
            let text = statement.text(lang);
            for (name, value) in statement.fields() {
                assert!(value == "none" || text.contains(&value), "{name} is not shown in {lang:?}");
            }
        }
    }
}

#[test]
fn no_statement_is_a_tls_handshake() {
    // The same key signs TLS handshakes, which start with 64 spaces (RFC 8446 §4.4.3).
    for statement in [login(), enrol(), enrol_counter(FallbackReason::NotIssued), register_key(None), paper_issue(&[0])] {
        assert!(statement.to_bytes().starts_with(b"20:tachiai/v1/statement,"));
    }
}

fn any_word() -> impl Strategy<Value = Word> {
    // Words that look like netstrings are the ones that could confuse.
    prop_oneof!["[!-~]{1,40}", "[0-9:,]{1,12}", Just("5:nonce,1:x,".to_owned())].prop_map(|text| word(&text))
}

fn any_hash() -> impl Strategy<Value = Hash32> {
    any::<[u8; 32]>().prop_map(Hash32::from_bytes)
}

fn any_statement() -> impl Strategy<Value = Statement> {
    prop_oneof![
        (any_word(), any_word(), 0..=UnixTime::MAX.as_secs()).prop_map(|(origin, nonce, issued)| Statement::Login {
            origin,
            nonce,
            issued: UnixTime::from_secs(issued)
        }),
        (any_word(), any_word(), any_hash(), any_hash()).prop_map(|(origin, nonce, person, auth_key)| { Statement::Enrol { origin, nonce, person, auth_key } }),
        (any_word(), any_word(), any_hash(), any_hash(), prop::sample::select(FallbackReason::ALL.to_vec()))
            .prop_map(|(origin, nonce, person, auth_key, reason)| Statement::EnrolCounter { origin, nonce, person, auth_key, reason }),
        (
            (any_word(), any_word(), any_word(), any_hash(), any_hash(), any::<u64>()),
            (any_hash(), any_hash(), any::<u64>(), proptest::option::of(any_hash()), any::<u64>(), any_hash()),
        )
            .prop_map(
                |((origin, nonce, election, manifest, opened, slot), (slot_commitment, voting_key, seq, previous, checkpoint_size, checkpoint_root))| {
                    Statement::RegisterKey {
                        origin,
                        nonce,
                        election,
                        manifest,
                        opened,
                        slot,
                        slot_commitment,
                        voting_key,
                        seq,
                        previous,
                        checkpoint_size,
                        checkpoint_root,
                    }
                }
            ),
        (
            (any_word(), any_word(), any_word(), any_hash(), any_word()),
            (any::<u64>(), any::<u64>(), any_hash(), proptest::collection::vec(any::<u16>(), 1..4)),
        )
            .prop_map(|((origin, nonce, election, opened, place), (session, slot, slot_commitment, contests))| Statement::PaperIssue {
                origin,
                nonce,
                election,
                opened,
                place,
                session,
                slot,
                slot_commitment,
                contests
            }),
    ]
}

proptest! {
    #[test]
    fn a_statement_survives_its_encoding(statement in any_statement()) {
        prop_assert_eq!(Statement::parse(&statement.to_bytes()), Ok(statement));
    }

    #[test]
    fn no_two_statements_encode_alike(one in any_statement(), other in any_statement()) {
        prop_assert_eq!(one == other, one.to_bytes() == other.to_bytes());
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Statement::parse(&bytes);
    }

    #[test]
    fn whatever_is_parsed_is_its_only_spelling(
        statement in any_statement(), place in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let mut bytes = statement.to_bytes();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        if let Ok(parsed) = Statement::parse(&bytes) {
            prop_assert_eq!(parsed.to_bytes(), bytes);
        }
    }

    #[test]
    fn a_truncated_statement_is_refused(statement in any_statement(), place in any::<prop::sample::Index>()) {
        let bytes = statement.to_bytes();
        prop_assert!(Statement::parse(&bytes[..place.index(bytes.len())]).is_err());
    }
}
