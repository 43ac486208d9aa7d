//! Every matter, for tests: the text of it is the same for both officials, in words, and says all that is signed.

use tachiai_crypto::roster::Need;
use tachiai_schemas::desk::Papers;
use tachiai_schemas::election::Text;
use tachiai_schemas::evidence::NameReason;
use tachiai_schemas::identity::FallbackReason;
use tachiai_schemas::paper::{CandidateOut, Manner, OutReason, RollChangeKind, RollChangeReason};
use tachiai_schemas::roster::disclosure::{Basis, Selection};
use tachiai_schemas::roster::{CardRule, ChainId, EventId, EventKind, LinkVerdict};
use tachiai_schemas::sharing::agency::{AgencyKind, Format, Grant};
use tachiai_schemas::shelter::EventSpec;
use tachiai_schemas::shelter::case::{AsideVerdict, EraseGround};
use tachiai_schemas::staff::{Act, Matter, RollToOpen};
use tachiai_schemas::{Bytes, CitizenId, ElectionId, Lang, Slot, Timestamp};

use super::matter::text;
use super::{Names, describe};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn election(letter: char) -> ElectionId {
    std::iter::repeat_n(letter, 26).collect::<String>().parse().unwrap()
}

fn elections() -> Vec<Vec<Matter>> {
    let of = |act, roll| Matter::Election { election: election('a'), act, roll };
    let roll = RollToOpen { manifest: Bytes([1; 32]), import: Bytes([2; 32]), electors: 18_700 };
    let opened = |roll| of(Act::Open, Some(roll));
    let out = CandidateOut { contest: 0, option: 3, reason: OutReason::Died };
    let candidate = |out| Matter::CandidateOut { election: election('a'), out };
    let change = |change, reason| Matter::RollChange { election: election('a'), change, reason, commitment: Bytes([3; 32]) };
    let papers = Papers { place: 1, session: 2, slot: Slot(40), contests: vec![0, 1], manner: Manner::Own };
    let handed = |papers: Papers, slot, reason| Matter::PapersByName { election: election('a'), papers, slot_commitment: Bytes([slot; 32]), reason };
    vec![
        vec![
            opened(roll),
            opened(RollToOpen { manifest: Bytes([9; 32]), ..roll }),
            opened(RollToOpen { import: Bytes([9; 32]), ..roll }),
            opened(RollToOpen { electors: 18_701, ..roll }),
            of(Act::Open, None),
            of(Act::CloseOnline, None),
            of(Act::ClosePoll, None),
            of(Act::Count, None),
            of(Act::Publish, None),
            Matter::Election { election: election('q'), act: Act::Open, roll: Some(roll) },
        ],
        vec![
            candidate(out),
            candidate(CandidateOut { contest: 1, ..out }),
            candidate(CandidateOut { option: 2, ..out }),
            candidate(CandidateOut { reason: OutReason::Withdrawn, ..out }),
        ],
        vec![
            change(Some(RollChangeKind::Struck), RollChangeReason::Death),
            change(Some(RollChangeKind::Added), RollChangeReason::Death),
            change(Some(RollChangeKind::Restored), RollChangeReason::Death),
            change(None, RollChangeReason::Death),
            change(Some(RollChangeKind::Struck), RollChangeReason::Moved),
        ],
        vec![
            Matter::AttendedLook { election: election('a'), commitment: Bytes([3; 32]) },
            Matter::AttendedLook { election: election('q'), commitment: Bytes([3; 32]) },
        ],
        vec![
            handed(papers.clone(), 1, NameReason::NoCard),
            handed(Papers { place: 0, ..papers.clone() }, 1, NameReason::NoCard),
            handed(Papers { session: 0, ..papers.clone() }, 1, NameReason::NoCard),
            handed(Papers { slot: Slot(41), ..papers.clone() }, 1, NameReason::NoCard),
            handed(Papers { contests: vec![1], ..papers.clone() }, 1, NameReason::NoCard),
            handed(Papers { manner: Manner::Proxy, ..papers.clone() }, 1, NameReason::NoCard),
            handed(papers.clone(), 2, NameReason::NoCard),
            handed(papers, 1, NameReason::PinBlocked),
        ],
    ]
}

fn shelters() -> Vec<Vec<Matter>> {
    let (event, chain, other) = (EventId([1; 16]), ChainId([2; 16]), ChainId([3; 16]));
    let title = Text { ja: "台風第18号".to_owned(), en: "Typhoon 18".to_owned() };
    let spec = EventSpec {
        kind: EventKind::Disaster,
        title: title.clone(),
        municipality: "282227".to_owned(),
        began: at("2026-11-26T01:00:00Z"),
        card: CardRule::WithoutPin,
        min_group: 10,
    };
    let declared = |spec: EventSpec| Matter::DeclareEvent { spec: Box::new(spec) };
    let aside = |event, file, verdict| Matter::SettleAside { event, file: Bytes([file; 32]), verdict, commitment: Bytes([3; 32]) };
    let link = |chain, other, verdict| Matter::LinkPeople { event, chain, other, verdict, commitment: Bytes([3; 32]) };
    let erase = |chain, ground| Matter::ErasePerson { event, chain, ground, commitment: Bytes([3; 32]) };
    let elsewhere = EventId([9; 16]);
    vec![
        vec![
            declared(spec.clone()),
            declared(EventSpec { kind: EventKind::Drill, ..spec.clone() }),
            declared(EventSpec { title: Text { en: "Typhoon 19".to_owned(), ..title.clone() }, ..spec.clone() }),
            declared(EventSpec { title: Text { ja: "台風第19号".to_owned(), ..title }, ..spec.clone() }),
            declared(EventSpec { municipality: "282235".to_owned(), ..spec.clone() }),
            declared(EventSpec { began: at("2026-11-26T02:00:00Z"), ..spec.clone() }),
            declared(EventSpec { card: CardRule::Pin, ..spec.clone() }),
            declared(EventSpec { min_group: 11, ..spec }),
        ],
        vec![Matter::CloseEvent { event, commitment: None }, Matter::CloseEvent { event: elsewhere, commitment: None }],
        vec![
            aside(event, 1, AsideVerdict::Take),
            aside(elsewhere, 1, AsideVerdict::Take),
            aside(event, 2, AsideVerdict::Take),
            aside(event, 1, AsideVerdict::Drop),
        ],
        vec![
            link(chain, other, LinkVerdict::Same),
            link(other, chain, LinkVerdict::Same),
            link(chain, ChainId([4; 16]), LinkVerdict::Same),
            link(chain, other, LinkVerdict::Apart),
        ],
        vec![erase(chain, EraseGround::Request), erase(other, EraseGround::Request), erase(chain, EraseGround::Mistake)],
    ]
}

fn grants() -> Vec<Matter> {
    let grant = Grant {
        name: "shobo-kaigo".parse().unwrap(),
        agency: "yabu-shobo".parse().unwrap(),
        kind: AgencyKind::Fire,
        recipient: "age1ql3z7hjy".to_owned(),
        purpose: "救急搬送の準備".to_owned(),
        basis: Basis::AffectedLedger,
        event: Some(EventId([1; 16])),
        shelters: vec!["takayanagi".parse().unwrap()],
        of: vec![Selection::Need { need: Need::Care }],
        fields: vec!["birth".to_owned(), "name".to_owned()],
        formats: vec![Format::Csv],
        from: at("2026-11-26T01:00:00Z"),
        until: at("2026-12-01T01:00:00Z"),
    };
    let others = [
        Grant { name: "shobo-iryo".parse().unwrap(), ..grant.clone() },
        Grant { agency: "asago-shobo".parse().unwrap(), ..grant.clone() },
        Grant { kind: AgencyKind::Medical, ..grant.clone() },
        Grant { recipient: "age1zzzz".to_owned(), ..grant.clone() },
        Grant { purpose: "食事".to_owned(), ..grant.clone() },
        Grant { basis: Basis::Consent, ..grant.clone() },
        Grant { event: None, ..grant.clone() },
        Grant { shelters: vec![], ..grant.clone() },
        Grant { of: vec![Selection::Everybody {}], ..grant.clone() },
        Grant { fields: vec!["name".to_owned()], ..grant.clone() },
        Grant { formats: vec![], ..grant.clone() },
        Grant { from: at("2026-11-26T02:00:00Z"), ..grant.clone() },
        Grant { until: at("2026-12-02T01:00:00Z"), ..grant.clone() },
    ];
    std::iter::once(grant).chain(others).map(|grant| Matter::Grant { grant: Box::new(grant) }).collect()
}

fn citizens() -> Vec<Vec<Matter>> {
    let (citizen, other) = (CitizenId([1; 16]), CitizenId([2; 16]));
    let enrol = |citizen, reason| Matter::EnrolCounter { citizen, reason, commitment: Bytes([3; 32]) };
    let link = |citizen, other, verdict| Matter::LinkCitizens { citizen, other, verdict, commitment: Bytes([3; 32]) };
    let erase = |citizen, ground| Matter::EraseCitizen { citizen, ground, commitment: Bytes([3; 32]) };
    vec![
        vec![enrol(citizen, FallbackReason::Expired), enrol(other, FallbackReason::Expired), enrol(citizen, FallbackReason::NotIssued)],
        vec![link(citizen, other, LinkVerdict::Same), link(other, citizen, LinkVerdict::Same), link(citizen, other, LinkVerdict::Apart)],
        vec![erase(citizen, EraseGround::Retention), erase(other, EraseGround::Retention), erase(citizen, EraseGround::Request)],
    ]
}

/// One of each kind, and behind it others, each of which differs from it in one of its fields.
pub fn every() -> Vec<Vec<Matter>> {
    [elections(), shelters(), vec![grants()], citizens()].concat()
}

/// The codes in a matter: whatever stands for a value of an enum, or for the name of a field.
fn codes(value: &serde_json::Value, key: &str, codes: &mut Vec<String>) {
    const CODED: [&str; 13] = ["kind", "act", "change", "reason", "verdict", "ground", "basis", "need", "card", "manner", "fields", "formats", "of"];
    match value {
        serde_json::Value::String(code) if CODED.contains(&key) => codes.push(code.clone()),
        serde_json::Value::Array(all) => all.iter().for_each(|value| self::codes(value, key, codes)),
        serde_json::Value::Object(parts) => parts.iter().for_each(|(key, value)| self::codes(value, key, codes)),
        _ => {}
    }
}

#[test]
fn every_kind_of_matter_is_here() {
    let kinds: std::collections::BTreeSet<String> =
        every().iter().flatten().map(|matter| serde_json::to_value(matter).unwrap()["kind"].as_str().unwrap().to_owned()).collect();
    // Nobody adds a kind without a text: `text` names them all; this names how many there are.
    assert_eq!(kinds.len(), 14, "{kinds:?}");
}

#[test]
fn everything_that_is_signed_is_said() {
    for matters in every() {
        for lang in [Lang::Ja, Lang::En] {
            let texts: Vec<String> = matters.iter().map(|matter| text(lang, matter, &Names::default())).collect();
            for (other, said) in matters.iter().zip(&texts).skip(1) {
                assert_ne!(*said, texts[0], "{other:?}");
            }
        }
    }
}

#[test]
fn nothing_is_said_in_codes() {
    for matter in every().concat() {
        let mut found = Vec::new();
        codes(&serde_json::to_value(&matter).unwrap(), "", &mut found);
        for lang in [Lang::Ja, Lang::En] {
            // The files beside a disclosure are called by their names.
            let said = text(lang, &matter, &Names::default()).replace("people.csv", "");
            let words: Vec<&str> = said.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_')).collect();
            for code in &found {
                let is_word = lang == Lang::En && !code.contains(['-', '_']);
                assert!(is_word || !words.contains(&code.as_str()), "{code}: {said}");
            }
        }
    }
}

#[test]
fn whether_it_can_be_taken_back_is_said_of_each() {
    for matter in every().concat() {
        assert!(text(Lang::Ja, &matter, &Names::default()).contains("  取消し: ") && text(Lang::En, &matter, &Names::default()).contains("  taking it back: "));
    }
}

#[test]
fn the_list_says_the_same_as_the_window() {
    for matter in every().concat() {
        let pending = tachiai_schemas::staff::Pending {
            id: "k3v7q2xm".to_owned(),
            matter,
            requested_by: "足立".to_owned(),
            requested_at: at("2026-11-26T01:00:00Z"),
            message: Bytes([0; 32]),
        };
        for lang in [Lang::Ja, Lang::En] {
            let said = text(lang, &pending.matter, &Names::default());
            assert!(describe(lang, &pending, &Names::default()).contains(&said), "{said}");
        }
    }
}
