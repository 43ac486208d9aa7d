//! Every kind of entry has one accepted form.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use tachiai_schemas::Blob;
use tachiai_schemas::election::{BallotEntry, Body};
use tachiai_schemas::entry::{BallotText, Entry, EntryError, KINDS, MAX_ENTRY};

const B32: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const B64: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A body of each kind, `#` for 32 and `@` for 64 bytes.
const BODIES: &[(&str, &str)] = &[
    (
        "manifest",
        r##"{"election":"aaaaaaaaaaaaaaaaaaaaaaaaaa","origin":"h/aaaaaaaaaaaaaaaaaaaaaaaaaa","title":{"ja":"市\"長\\","en":"\u0001\n"},"authority":"special-zone","opens":"2026-11-01T00:00:00Z","online_closes":"2026-11-02T00:00:00Z","poll_closes":"2026-11-03T00:00:00Z","districts":[{"id":"d","name":{"ja":"一","en":"One"}}],"contests":[{"id":"c","title":{"ja":"長","en":"Mayor"},"kind":"mayor","seats":1,"choose":{"up-to":1},"options":[{"id":"o","name":{"ja":"甲","en":"A"}}],"districts":null},{"id":"e","title":{"ja":"議","en":"Council"},"kind":"council","seats":2,"choose":{"exactly":1},"options":[],"districts":[0,1]}],"uncontested":[{"id":"u","title":{"ja":"補","en":"By-election"},"kind":"council","seats":1,"options":[{"id":"o","name":{"ja":"乙","en":"B"}}]}],"min_unit":10,"quorum":2,"trustees":[{"name":"T","signing_key":"#","recipient":"age1x"}],"board_key":"#","authority_recipients":["age1y"],"witnesses":{"quorum":1,"keys":[{"name":"w/1","key":"#"}]},"places":[{"id":"p","name":{"ja":"所","en":"P"},"kind":"absentee","key":"#","officers":[{"name":"M","role":"manager","key":"#"}],"sessions":[{"opens":"2026-11-01T00:00:00Z","closes":"2026-11-02T00:00:00Z"}],"offline":"provisional"}],"count_officers":[{"name":"W","role":"witness","key":"#"}],"crl":"not-required","card_anchors":["#"]}"##,
    ),
    ("trustee-commit", r##"{"body":{"manifest":"#","run":1,"trustee":1,"commitment":"#"},"signature":"@"}"##),
    (
        "trustee-deal",
        r##"{"body":{"manifest":"#","run":1,"trustee":2,"commitments":["#","#"],"possession":"@","shares":[{"to":1,"sha256":"#"}]},"signature":"@"}"##,
    ),
    ("trustee-confirm", r##"{"body":{"manifest":"#","run":4294967295,"trustee":9,"joint_key":"#","share_keys":["#"],"ceremony":"#"},"signature":"@"}"##),
    ("trustee-complaint", r##"{"body":{"manifest":"#","run":1,"trustee":1,"against":2,"reason":"share-wrong"},"signature":"@"}"##),
    ("opened", r##"{"manifest":"#","run":1,"joint_key":"#","share_keys":[],"ceremony":"#","roll":{"root":"#","slots":3,"districts":[1,2],"file":"#"}}"##),
    (
        "registration",
        r##"{"slot":7,"slot_commitment":"#","voting_key":"#","seq":0,"previous":null,"checkpoint":{"size":18446744073709551615,"root":"#"},"nonce":"#","origin":"h","possession":"@","evidence":"#"}"##,
    ),
    ("ballot", r##"{"ballot":"AQAAAAdhYmM"}"##),
    ("challenged", r##"{"slot":7,"ballot":"#","leaf":9,"signature":"@"}"##),
    (
        "paper-issued",
        r##"{"body":{"opened":"#","place":0,"session":65535,"slot":7,"contests":[0,3],"manner":"provisional","identified":"name","issued_at":"2026-11-01T00:00:00Z","evidence":"#"},"signature":"@"}"##,
    ),
    (
        "paper-undone",
        r##"{"body":{"opened":"#","slot":7,"leaf":9,"reason":"spoiled"},"signatures":[{"officer":0,"signature":"@"},{"officer":255,"signature":"@"}]}"##,
    ),
    (
        "day-closed",
        r##"{"body":{"opened":"#","place":1,"session":0,"papers":[{"contest":0,"issued":4294967295,"returned":1,"taken_home":0,"in_box":2}],"electors":3,"with_card":2,"replaced":1,"digest":"#"},"signatures":[]}"##,
    ),
    ("roll-changed", r##"{"change":"added","slot":8,"added":{"district":1,"commitment":"#"},"reason":"correction"}"##),
    ("candidate-out", r##"{"contest":0,"option":2,"reason":"withdrawn"}"##),
    ("online-closed", r##"{"reason":"scheduled"}"##),
    ("poll-closed", r##"{"reason":"early"}"##),
    (
        "tally-statement",
        r##"{"statement":{"origin":"h","board":{"size":9,"root":"#"},"poll_closed":8,"counted":2,"digest":"#","contests":[{"contest":0,"units":[{"districts":[0,1],"ballots":2}]}]},"signatures":[{"trustee":1,"signature":"@"}]}"##,
    ),
    ("decryption-shares", r##"{"body":{"statement":"#","trustee":1,"file":"#"},"signature":"@"}"##),
    (
        "paper-count",
        r##"{"body":{"opened":"#","contest":0,"thousandths":[18446744073709551615,0],"valid":3,"blank":2,"invalid":1},"signatures":[{"officer":1,"signature":"@"}]}"##,
    ),
    ("result", r##"{"statement":"#","file":"#"}"##),
    ("lot", r##"{"body":{"opened":"#","contest":0,"tied":[0,1,2],"chosen":[2]},"signatures":[{"officer":0,"signature":"@"}]}"##),
    ("published", r##"{"result":12}"##),
];

fn entry(kind: &str, body: &str) -> String {
    let body = body.replace('#', B32).replace('@', B64);
    format!(r#"{{"v":1,"kind":"{kind}","at":"2026-11-01T00:00:00Z","body":{body}}}"#)
}

fn entries() -> Vec<String> {
    BODIES.iter().map(|(kind, body)| entry(kind, body)).collect()
}

fn accepted(text: &str) -> bool {
    Entry::from_bytes(text.as_bytes()).is_ok()
}

#[test]
fn every_kind_survives_its_text() {
    assert_eq!(BODIES.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), KINDS);
    for text in entries() {
        let parsed = Entry::from_bytes(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(String::from_utf8(parsed.to_bytes().unwrap()).unwrap(), text);
    }
}

#[test]
fn white_space_is_refused_wherever_json_allows_it() {
    for text in entries() {
        // Not within strings, where it is a character of the value.
        let mut in_string = false;
        let mut escaped = false;
        for (at, byte) in text.bytes().enumerate() {
            if !in_string {
                assert!(!accepted(&format!("{} {}", &text[..at], &text[at..])), "{at} of {text}");
            }
            match byte {
                b'"' if !escaped => in_string = !in_string,
                _ => {}
            }
            escaped = byte == b'\\' && !escaped;
        }
        assert!(!accepted(&format!("{text}\n")));
    }
}

#[test]
fn unknown_and_repeated_keys_are_refused_in_every_object() {
    for text in entries() {
        for (at, _) in text.match_indices('{') {
            let rest = &text[at + 1..];
            let first = &rest[..rest.find(':').unwrap()];
            assert!(!accepted(&format!("{}\"x\":1,{rest}", &text[..=at])), "{text}");
            // The first key with the value null, before the true one.
            assert!(!accepted(&format!("{}{first}:null,{rest}", &text[..=at])), "{text}");
        }
    }
}

#[test]
fn keys_in_another_order_or_missing_are_refused() {
    for text in [
        r#"{"kind":"published","v":1,"at":"2026-11-01T00:00:00Z","body":{"result":12}}"#,
        r#"{"v":1,"at":"2026-11-01T00:00:00Z","kind":"published","body":{"result":12}}"#,
        r#"{"v":1,"kind":"published","body":{"result":12}}"#,
        r#"{"v":1,"kind":"published","at":"2026-11-01T00:00:00Z","body":{}}"#,
        r#"{"v":1,"kind":"published","at":"2026-11-01T00:00:00Z"}"#,
    ] {
        assert!(!accepted(text), "{text}");
    }
    let registration = entries()[6].replace(r#""previous":null,"#, "");
    assert!(!accepted(&registration));
}

#[test]
fn numbers_have_one_spelling() {
    for number in ["012", "12.0", "1.2e1", "-12", "+12", "\"12\"", "12e0", "18446744073709551616"] {
        assert!(!accepted(&entry("published", &format!(r#"{{"result":{number}}}"#))), "{number}");
    }
}

#[test]
fn strings_have_the_shortest_escapes() {
    let text = &entries()[0];
    for (raw, loose) in [("長", "\\u9577"), ("age1x", "\\u0061ge1x"), ("\\n", "\\u000a"), ("h/a", "h\\/a"), ("\\u0001", "\u{1}")] {
        assert!(text.contains(raw), "{raw}");
        assert!(!accepted(&text.replacen(raw, loose, 1)), "{loose}");
    }
}

#[test]
fn times_and_bytes_have_one_spelling() {
    for time in ["2026-11-01T00:00:00.0Z", "2026-11-01T00:00:00+00:00", "2026-11-01t00:00:00Z", "2026-11-01 00:00:00Z", "2026-11-01T09:00:00+09:00"] {
        for text in [entries()[7].clone(), entries()[14].clone()] {
            assert!(!accepted(&text.replacen("2026-11-01T00:00:00Z", time, 1)), "{time}");
        }
    }
    // Trailing bits, padding, the other alphabet, a character too many.
    for bytes in ["AQAAAAdhYmN", "AQAAAAdhYmM=", "AQAAAAdhYm+", "AQAAAAdhYmMA=", "AQAAAAdhYm", "AQAAAAdhYmMAA A"] {
        assert!(!accepted(&entry("ballot", &format!(r#"{{"ballot":"{bytes}"}}"#))), "{bytes}");
    }
}

#[test]
fn other_versions_and_kinds_are_refused_by_name() {
    let text = &entries()[BODIES.len() - 1];
    assert!(matches!(Entry::from_bytes(text.replacen("\"v\":1", "\"v\":2", 1).as_bytes()), Err(EntryError::Version(2))));
    assert!(matches!(Entry::from_bytes(text.replacen("published", "ended", 1).as_bytes()), Err(EntryError::Kind(kind)) if kind == "ended"));
}

#[test]
fn an_entry_that_no_bundle_can_hold_is_refused() {
    let ballot = |bytes: usize| entry("ballot", &format!(r#"{{"ballot":"{}"}}"#, "A".repeat(bytes / 3 * 4)));
    let fits = ballot(49_080);
    assert!(fits.len() <= MAX_ENTRY && accepted(&fits));
    assert!(matches!(Entry::from_bytes(ballot(49_200).as_bytes()), Err(EntryError::TooLong(_))));
}

#[test]
fn the_slot_of_a_ballot_is_read_without_parsing_it() {
    let text = &entries()[7];
    assert_eq!(BallotText::split(text.as_bytes()).and_then(|ballot| ballot.first()), Some([1, 0, 0, 0, 7, b'a']));
    assert_eq!(BallotText::split(entries()[8].as_bytes()), None);
}

proptest! {
    #[test]
    fn what_is_accepted_is_written_back_byte_for_byte(kind in 0..BODIES.len(), place: prop::sample::Index, byte: u8, insert: bool) {
        let mut bytes = entries()[kind].clone().into_bytes();
        let place = place.index(bytes.len());
        if insert { bytes.insert(place, byte) } else { bytes[place] = byte }
        if let Ok(entry) = Entry::from_bytes(&bytes) {
            prop_assert_eq!(entry.to_bytes().unwrap(), bytes);
        }
    }

    #[test]
    fn hostile_bytes_do_no_harm(bytes: Vec<u8>) {
        let _ = Entry::from_bytes(&bytes);
        let _ = BallotText::split(&bytes).and_then(|ballot| ballot.first());
        let _ = BallotText::split(&bytes).and_then(|ballot| ballot.prefix(bytes.len()));
    }

    #[test]
    fn the_start_of_a_ballot_is_read_without_the_rest(ballot in prop::collection::vec(any::<u8>(), 1..200), length in 0_usize..250) {
        let body = Body::Ballot(BallotEntry { ballot: Blob(ballot.clone()) });
        let bytes = Entry { at: "2026-07-01T00:00:00Z".parse().unwrap(), body }.to_bytes().unwrap();
        let start = BallotText::split(&bytes).and_then(|text| text.prefix(length)).unwrap();
        prop_assert_eq!(start.as_slice(), &ballot[..length.min(ballot.len())]);
    }
}
