//! `schemas/json` holds the JSON Schema of every kind of board entry and every file: a change of a type shows there, and nowhere else first.
//!
//! `TACHIAI_BLESS=1 cargo test -p tachiai-schemas --features openapi` writes the folder anew.
#![cfg(feature = "openapi")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::de::{self, DeserializeOwned};
use serde_json::{Value, json};
use tachiai_schemas::paper::{self, Attested};
use tachiai_schemas::trustee::{Commit, Complaint, Confirm, Deal, EncryptedShare, ShareHash, SharesFile, Signed, TallySignature, TrusteeCard, TrusteeFile};
use tachiai_schemas::{election, entry, evidence, fork, receipt, record, refusal, spec};
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

/// A person writes this file, as TOML: keys come in any order and may be left out.
const SPEC: &str = "SPEC.toml";

/// Every type that another may refer to, by name. A generic type does not name its parameter's definition, so those stand here by hand.
fn definitions() -> BTreeMap<String, Value> {
    let mut parts: Vec<(String, RefOr<Schema>)> = Vec::new();
    add::<Commit>(&mut parts);
    add::<Deal>(&mut parts);
    add::<Confirm>(&mut parts);
    add::<Complaint>(&mut parts);
    add::<SharesFile>(&mut parts);
    add::<TrusteeCard>(&mut parts);
    add::<TrusteeFile>(&mut parts);
    add::<election::Manifest>(&mut parts);
    add::<election::Opened>(&mut parts);
    add::<election::Registration>(&mut parts);
    add::<election::BallotEntry>(&mut parts);
    add::<election::Challenged>(&mut parts);
    add::<election::Closed>(&mut parts);
    add::<election::SignedTallyStatement>(&mut parts);
    add::<election::ResultEntry>(&mut parts);
    add::<election::TallyResult>(&mut parts);
    add::<election::Published>(&mut parts);
    add::<paper::PaperIssue>(&mut parts);
    add::<paper::PaperUndo>(&mut parts);
    add::<paper::DayClose>(&mut parts);
    add::<paper::RollChanged>(&mut parts);
    add::<paper::CandidateOut>(&mut parts);
    add::<paper::PaperCount>(&mut parts);
    add::<paper::Lot>(&mut parts);
    add::<paper::OfficerSignature>(&mut parts);
    add::<spec::ElectionSpec>(&mut parts);
    add::<record::RecordIndex>(&mut parts);
    add::<receipt::ReceiptFile>(&mut parts);
    add::<receipt::OpeningFile>(&mut parts);
    add::<refusal::SignedRefusal>(&mut parts);
    add::<evidence::EvidenceIndex>(&mut parts);
    add::<evidence::CardsTrusted>(&mut parts);
    add::<fork::ForkEvidence>(&mut parts);
    parts.into_iter().map(|(name, schema)| (name, serde_json::to_value(schema).unwrap())).collect()
}

fn add<T: ToSchema>(parts: &mut Vec<(String, RefOr<Schema>)>) {
    parts.push((T::name().into_owned(), T::schema()));
    T::schemas(parts);
}

/// The keys of every object of the one accepted form, in order. A schema does not know them: its properties have no order, and it takes what may be
/// `null` for what may be absent.
fn orders() -> BTreeMap<String, &'static [&'static str]> {
    macro_rules! orders {
        ($($type:ty),* $(,)?) => { BTreeMap::from([$((<$type as ToSchema>::name().into_owned(), keys::<$type>())),*]) };
    }
    orders![
        Commit,
        Deal,
        ShareHash,
        Confirm,
        Complaint,
        SharesFile,
        TrusteeCard,
        TallySignature,
        EncryptedShare,
        election::Text,
        election::Manifest,
        election::Contest,
        election::ContestOption,
        election::District,
        election::TrusteeEntry,
        election::Witnesses,
        election::WitnessEntry,
        election::Opened,
        election::RollCommitment,
        election::Registration,
        election::TreeHead,
        election::BallotEntry,
        election::Challenged,
        election::Closed,
        election::SignedTallyStatement,
        election::TallyStatement,
        election::ContestUnits,
        election::Unit,
        election::ResultEntry,
        election::TallyResult,
        election::ContestResult,
        election::Published,
        paper::Place,
        paper::Officer,
        paper::Session,
        paper::Uncontested,
        paper::PaperIssue,
        paper::PaperUndo,
        paper::DayClose,
        paper::DayPapers,
        paper::RollChanged,
        paper::AddedSlot,
        paper::CandidateOut,
        paper::PaperCount,
        paper::Lot,
        paper::OfficerSignature,
        record::RecordIndex,
        record::RecordFile,
        receipt::ReceiptFile,
        receipt::Receipt,
        receipt::ProvenEntry,
        receipt::OpeningFile,
        refusal::SignedRefusal,
        evidence::EvidenceIndex,
        evidence::CardsTrusted,
        evidence::ListsInForce,
        fork::ForkEvidence,
        fork::OtherPrefix,
    ]
}

/// The keys of a struct, in the order in which it is written.
fn keys<T: DeserializeOwned>() -> &'static [&'static str] {
    T::deserialize(Keys).err().and_then(|Found(keys)| keys).unwrap()
}

/// A deserializer that learns which keys a struct asks for, and stops.
struct Keys;

#[derive(Debug)]
struct Found(Option<&'static [&'static str]>);

impl std::fmt::Display for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Found {}

impl de::Error for Found {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self(None)
    }
}

impl<'de> de::Deserializer<'de> for Keys {
    type Error = Found;

    fn deserialize_any<V: de::Visitor<'de>>(self, _: V) -> Result<V::Value, Found> {
        Err(Found(None))
    }

    fn deserialize_struct<V: de::Visitor<'de>>(self, _: &'static str, keys: &'static [&'static str], _: V) -> Result<V::Value, Found> {
        Err(Found(Some(keys)))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq tuple tuple_struct
        map enum identifier ignored_any
    }
}

/// Requires every key of an object, in order.
fn require(schema: &mut Value, keys: &[&str]) {
    let properties: BTreeSet<&String> = schema["properties"].as_object().unwrap().keys().collect();
    assert_eq!(properties.len(), keys.len());
    assert!(keys.iter().all(|key| properties.contains(&(*key).to_owned())));
    schema["required"] = json!(keys);
}

/// The schema of a type with those that it refers to, in JSON Schema 2020-12.
fn schema_of<T: ToSchema + DeserializeOwned>(title: &str) -> Value {
    let (definitions, orders) = (definitions(), orders());
    let mut root = serde_json::to_value(T::schema()).unwrap();
    if title != SPEC && root.get("properties").is_some() {
        require(&mut root, keys::<T>());
    }
    let mut used = BTreeSet::new();
    refer(&mut root, &mut used);
    // Only what can be reached stays, so that a file shows what its kind is made of.
    let mut kept: BTreeMap<String, Value> = BTreeMap::new();
    while let Some(name) = used.iter().find(|name| !kept.contains_key(*name)).cloned() {
        let mut definition = definitions.get(&name).unwrap_or_else(|| panic!("{title} refers to {name}, which is not defined")).clone();
        refer(&mut definition, &mut used);
        // References name a generic type together with its parameter.
        let order = orders
            .get(&name)
            .copied()
            .or_else(|| name.starts_with("Signed_").then(keys::<Signed<Commit>>))
            .or_else(|| name.starts_with("Attested_").then(keys::<Attested<paper::Lot>>));
        match order {
            Some(keys) => require(&mut definition, keys),
            None => assert!(title == SPEC || definition.get("properties").is_none(), "the keys of {name} have no order"),
        }
        kept.insert(name, definition);
    }
    let object = root.as_object_mut().unwrap();
    object.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    object.insert("title".to_owned(), json!(title));
    if !kept.is_empty() {
        object.insert("$defs".to_owned(), json!(kept));
    }
    root
}

/// Points references at `$defs` and notes their names.
fn refer(value: &mut Value, used: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get_mut("$ref")
                && let Some(name) = reference.strip_prefix("#/components/schemas/")
            {
                used.insert(name.to_owned());
                *reference = format!("#/$defs/{name}");
            }
            object.values_mut().for_each(|value| refer(value, used));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| refer(value, used)),
        _ => {}
    }
}

/// The schema of an entry: its frame with the body's schema.
fn entry_of<Body: ToSchema + DeserializeOwned>(kind: &str) -> Value {
    let mut body = schema_of::<Body>(kind);
    let object = body.as_object_mut().unwrap();
    object.remove("$schema");
    object.remove("title");
    let definitions = object.remove("$defs");
    let mut entry = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("board entry {kind}"),
        "type": "object",
        "required": ["v", "kind", "at", "body"],
        "additionalProperties": false,
        "properties": {
            "v": { "const": 1 },
            "kind": { "const": kind },
            "at": serde_json::to_value(<tachiai_schemas::Timestamp as utoipa::PartialSchema>::schema()).unwrap(),
            "body": body,
        },
    });
    if let Some(definitions) = definitions {
        entry.as_object_mut().unwrap().insert("$defs".to_owned(), definitions);
    }
    entry
}

fn all() -> BTreeMap<&'static str, Value> {
    let entries = [
        ("manifest", entry_of::<election::Manifest>("manifest")),
        ("trustee-commit", entry_of::<Signed<Commit>>("trustee-commit")),
        ("trustee-deal", entry_of::<Signed<Deal>>("trustee-deal")),
        ("trustee-confirm", entry_of::<Signed<Confirm>>("trustee-confirm")),
        ("trustee-complaint", entry_of::<Signed<Complaint>>("trustee-complaint")),
        ("opened", entry_of::<election::Opened>("opened")),
        ("registration", entry_of::<election::Registration>("registration")),
        ("ballot", entry_of::<election::BallotEntry>("ballot")),
        ("challenged", entry_of::<election::Challenged>("challenged")),
        ("paper-issued", entry_of::<Signed<paper::PaperIssue>>("paper-issued")),
        ("paper-undone", entry_of::<Attested<paper::PaperUndo>>("paper-undone")),
        ("day-closed", entry_of::<Attested<paper::DayClose>>("day-closed")),
        ("roll-changed", entry_of::<paper::RollChanged>("roll-changed")),
        ("candidate-out", entry_of::<paper::CandidateOut>("candidate-out")),
        ("online-closed", entry_of::<election::Closed>("online-closed")),
        ("poll-closed", entry_of::<election::Closed>("poll-closed")),
        ("tally-statement", entry_of::<election::SignedTallyStatement>("tally-statement")),
        ("decryption-shares", entry_of::<Signed<SharesFile>>("decryption-shares")),
        ("paper-count", entry_of::<Attested<paper::PaperCount>>("paper-count")),
        ("lot", entry_of::<Attested<paper::Lot>>("lot")),
        ("result", entry_of::<election::ResultEntry>("result")),
        ("published", entry_of::<election::Published>("published")),
    ];
    let kinds: BTreeSet<&str> = entries.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, entry::KINDS.iter().copied().collect(), "every kind has a schema");
    let files = [
        ("file-election-spec", schema_of::<spec::ElectionSpec>(SPEC)),
        ("file-record", schema_of::<record::RecordIndex>("record.json")),
        ("file-tally-result", schema_of::<election::TallyResult>("attachment result")),
        ("file-trustee", schema_of::<TrusteeFile>("trustee file")),
        ("file-receipt", schema_of::<receipt::ReceiptFile>("receipt file")),
        ("file-opening", schema_of::<receipt::OpeningFile>("opening of a challenged ballot")),
        ("file-fork", schema_of::<fork::ForkEvidence>("evidence of a fork")),
        ("file-evidence", schema_of::<evidence::EvidenceIndex>("evidence.json")),
        ("file-evidence-cards", schema_of::<evidence::CardsTrusted>("cards.json of the evidence")),
        ("file-signed-refusal", schema_of::<refusal::SignedRefusal>("signed refusal")),
    ];
    entries.into_iter().chain(files).collect()
}

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/json"))
}

#[test]
fn the_schemas_on_disk_are_those_of_the_types() {
    let bless = std::env::var_os("TACHIAI_BLESS").is_some();
    let mut expected = BTreeSet::new();
    for (name, schema) in all() {
        let path = folder().join(format!("{name}.json"));
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if bless {
            std::fs::write(&path, &text).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(found == text, "{name}.json is not what the types give; TACHIAI_BLESS=1 writes it anew");
        expected.insert(path);
    }
    for file in std::fs::read_dir(folder()).unwrap() {
        let path = file.unwrap().path();
        assert!(expected.contains(&path), "{} belongs to no type", path.display());
    }
}
