//! `schemas/json` holds the JSON Schema of every kind of board entry and every file: a change of a type shows there, and nowhere else first.
//!
//! `TACHIAI_BLESS=1 cargo test -p tachiai-schemas --features openapi` writes the folder anew.
#![cfg(feature = "openapi")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Map, Value, json};
use tachiai_schemas::trustee::{Commit, Complaint, Confirm, Deal, SharesFile, Signed, TrusteeFile};
use tachiai_schemas::{election, entry, receipt, record, refusal, spec};
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

/// The schema of a type with those that it refers to, in JSON Schema 2020-12.
fn schema_of<T: ToSchema>(title: &str) -> Value {
    let mut parts: Vec<(String, RefOr<Schema>)> = Vec::new();
    T::schemas(&mut parts);
    let mut root = serde_json::to_value(T::schema()).unwrap();
    let definitions: BTreeMap<String, Value> = parts.into_iter().map(|(name, schema)| (name, serde_json::to_value(schema).unwrap())).collect();
    let mut used = BTreeSet::new();
    refer(&mut root, &mut used);
    // Only what can be reached stays, so that a file shows what its kind is made of.
    let mut kept = Map::new();
    while let Some(name) = used.iter().find(|name| !kept.contains_key(*name)).cloned() {
        let mut definition = definitions[&name].clone();
        refer(&mut definition, &mut used);
        kept.insert(name, definition);
    }
    let object = root.as_object_mut().unwrap();
    object.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    object.insert("title".to_owned(), json!(title));
    if !kept.is_empty() {
        kept.sort_keys();
        object.insert("$defs".to_owned(), Value::Object(kept));
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
fn entry_of<Body: ToSchema>(kind: &str) -> Value {
    let mut body = schema_of::<Body>("");
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
        ("online-closed", entry_of::<election::Closed>("online-closed")),
        ("poll-closed", entry_of::<election::Closed>("poll-closed")),
        ("tally-statement", entry_of::<election::SignedTallyStatement>("tally-statement")),
        ("decryption-shares", entry_of::<Signed<SharesFile>>("decryption-shares")),
        ("result", entry_of::<election::ResultEntry>("result")),
        ("published", entry_of::<election::Published>("published")),
    ];
    let kinds: BTreeSet<&str> = entries.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, entry::KINDS.iter().copied().collect(), "every kind has a schema");
    let files = [
        ("file-election-spec", schema_of::<spec::ElectionSpec>("SPEC.toml")),
        ("file-record", schema_of::<record::RecordIndex>("record.json")),
        ("file-tally-result", schema_of::<election::TallyResult>("attachment result")),
        ("file-trustee", schema_of::<TrusteeFile>("trustee file")),
        ("file-receipt", schema_of::<receipt::ReceiptFile>("receipt file")),
        ("file-opening", schema_of::<receipt::OpeningFile>("opening of a challenged ballot")),
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
