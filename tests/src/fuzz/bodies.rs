//! What crosses HTTP as JSON, in both directions. It may stand in many forms, but what is read says the same when it is written again.

use serde::Serialize;
use serde::de::DeserializeOwned;
use tachiai_schemas::election::{Body, TreeHead};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::identity::{CardStatement, CounterEnrolment, CounterPerson, Enrolment, FallbackReason, Nonce, Session, TextFiles};
use tachiai_schemas::receipt::{CastRequest, Consistency, CurrentRegistration, ElectionSummary, Entries, Phase, ReceiptFile, RegistrationRequest, SlotView};
use tachiai_schemas::refusal::{Problem, SignedRefusal};
use tachiai_schemas::spec::ElectionSpec;
use tachiai_schemas::staff::{Act, Approval, Matter, Pending, RollToOpen, Shown};
use tachiai_schemas::{Blob, Bytes, CitizenId, Lang, LeafIndex, Slot, Timestamp, canonical};

use super::{Target, Verdict, corpus};
use crate::trouble::{Doing, Trouble};

/// Every body, read as routes and clients read it.
pub(super) fn all() -> Result<Vec<Target>, Trouble> {
    let entries = corpus("entry")?.iter().map(|bytes| Entry::from_bytes(bytes)).collect::<Result<Vec<_>, _>>().doing("the corpus's entries")?;
    let of_kind = |kind: &str| entries.iter().find(|entry| entry.kind() == kind).map(|entry| entry.body.clone()).doing("an entry of the corpus");
    let Body::Manifest(manifest) = of_kind("manifest")? else { return Err(missing()) };
    let Body::Registration(registration) = of_kind("registration")? else { return Err(missing()) };
    let Body::Challenged(challenged) = of_kind("challenged")? else { return Err(missing()) };
    let receipt: ReceiptFile = canonical::from_bytes(corpus("receipt")?.first().doing("a receipt of the corpus")?).doing("a receipt of the corpus")?;
    let spec = String::from_utf8(corpus("spec")?.first().doing("a specification of the corpus")?.clone()).doing("a specification of the corpus")?;
    let spec = ElectionSpec::from_toml(&spec).doing("a specification of the corpus")?;
    let card = CardStatement {
        statement: Blob(b"20:tachiai/v1/statement,5:login,".to_vec()),
        signature: Blob(vec![7; 256]),
        certificate: Blob(corpus("certificate")?.first().doing("a certificate of the corpus")?.clone()),
    };
    let (hash, at) = (Bytes([7; 32]), manifest.opens);
    let refusal = SignedRefusal { election: manifest.election, request: hash, code: "counter".to_owned(), at, signature: Bytes([7; 64]) };
    let person = CounterPerson {
        salt: hash,
        name: "藪\u{3000}花子".to_owned(),
        birth_date: "1980-01-02".to_owned(),
        sex: "2".to_owned(),
        address: "兵庫県養父市".to_owned(),
        reason: FallbackReason::Expired,
        card_key: hash,
        before: None,
        other_cards: vec![hash],
    };
    let pending = Pending {
        id: "abcdefgh".to_owned(),
        matter: Matter::Election { election: manifest.election, act: Act::Open, roll: Some(RollToOpen { manifest: hash, import: hash, electors: 40 }) },
        requested_by: "yamada".to_owned(),
        requested_at: at,
        message: hash,
    };
    Ok(vec![
        body("request-registration", &RegistrationRequest { card: card.clone(), possession: Bytes([7; 64]) })?,
        body("request-ballot", &CastRequest { ballot: Blob(corpus("ballot")?.first().doing("a ballot of the corpus")?.clone()) })?,
        body("request-challenge", &challenged)?,
        body("request-enrolment", &Enrolment { card: card.clone(), authentication: card.certificate.clone(), possession: card.signature.clone() })?,
        body(
            "request-counter",
            &CounterEnrolment {
                card: card.clone(),
                text: TextFiles { attributes: Blob(vec![7; 80]), digests: Blob(vec![7; 90]), certificate: Blob(vec![7; 100]) },
            },
        )?,
        body("request-login", &card)?,
        body("request-election", &spec)?,
        body("request-approval", &Approval { message: hash, signature: Blob(vec![7; 70]) })?,
        body("reply-nonce", &Nonce { nonce: hash, expires: at })?,
        body("reply-session", &Session { token: hash, citizen: CitizenId([7; 16]), expires: at })?,
        body(
            "reply-election",
            &ElectionSummary {
                election: manifest.election,
                title: manifest.title.clone(),
                authority: manifest.authority,
                phase: Phase::Open,
                opens: at,
                online_closes: manifest.online_closes,
                poll_closes: manifest.poll_closes,
                opened: Some(LeafIndex(9)),
                size: 116,
            },
        )?,
        body("reply-entries", &Entries { from: LeafIndex(3), entries: vec![Blob(vec![7; 40]), Blob(vec![])] })?,
        body("reply-proven", receipt.entries.first().doing("an entry of the receipt")?)?,
        body("reply-consistency", &Consistency { from: 3, hashes: vec![hash; 3], checkpoint: "note".to_owned() })?,
        body("reply-receipt", &receipt.receipt)?,
        body(
            "reply-slot",
            &SlotView {
                slot: Slot(3),
                district: 0,
                salt: hash,
                name: person.name.clone(),
                birth: person.birth_date.clone(),
                sex: person.sex.clone(),
                address: person.address.clone(),
                commitment: registration.slot_commitment,
                hashes: vec![hash; 2],
                registration: Some(CurrentRegistration { leaf: LeafIndex(9), leaf_hash: hash, seq: 0, voting_key: registration.voting_key }),
            },
        )?,
        body("reply-pending", &Shown { pending, person: Some(person), elector: None, roll: None, link: None, case: None, search: None, citizens: None })?,
        body("reply-refusal", &refusal)?,
        body(
            "reply-problem",
            &Problem {
                kind: "urn:tachiai:problem:counter".to_owned(),
                title: "T".to_owned(),
                status: 409,
                code: "counter".to_owned(),
                detail: Some("d".to_owned()),
                signed: Some(refusal),
            },
        )?,
        body("tree-head", &TreeHead { size: 116, root: hash })?,
        times(at),
    ])
}

fn missing() -> Trouble {
    Trouble::new("the corpora", "an entry is missing")
}

fn body<T: Serialize + DeserializeOwned + PartialEq>(name: &'static str, example: &T) -> Result<Target, Trouble> {
    let read = |bytes: &[u8]| {
        let Ok(value) = serde_json::from_slice::<T>(bytes) else { return Ok(Verdict::Refused) };
        let again = serde_json::to_vec(&value).map_err(|error| format!("read, but cannot be written: {error}"))?;
        match serde_json::from_slice::<T>(&again) {
            Ok(same) if same == value => Ok(Verdict::Accepted),
            _ => Err("read, but says something else when written again".to_owned()),
        }
    };
    Ok(Target { name, corpus: vec![serde_json::to_vec(example).doing(name)?], read: Box::new(read) })
}

/// Times, which programs also tell as those of Japan.
fn times(at: Timestamp) -> Target {
    let corpus = [at.to_string(), "1970-01-01T00:00:00Z".to_owned(), "9999-12-30T22:00:00Z".to_owned(), "9999-12-31T23:59:59Z".to_owned()];
    let read = |bytes: &[u8]| {
        let parsed: Option<(&str, Timestamp)> = std::str::from_utf8(bytes).ok().and_then(|text| Some((text, text.parse().ok()?)));
        let Some((text, time)) = parsed else { return Ok(Verdict::Refused) };
        let told = [Lang::Ja, Lang::En].map(|lang| time.in_japan(lang));
        if time.to_string() == text && told.iter().all(|told| !told.is_empty()) { Ok(Verdict::Accepted) } else { Err("a time of two forms".to_owned()) }
    };
    Target { name: "time", corpus: corpus.map(String::into_bytes).to_vec(), read: Box::new(read) }
}
