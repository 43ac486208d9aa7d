use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::Value;

use super::super::shared::testing::{markers, people};
use super::super::shared::{FIELDS, Permitted};
use super::*;
use crate::roster::disclosure::Basis;

const GOLDEN: &str = include_str!("../../../tests/data/people.fhir.json");

fn written(permitted: Permitted) -> Value {
    serde_json::from_slice(&bundle(&people(permitted)).unwrap()).unwrap()
}

/// The resources of a bundle, each with its URL.
fn resources(bundle: &Value) -> Vec<(&str, &Value)> {
    bundle["entry"].as_array().unwrap().iter().map(|entry| (entry["fullUrl"].as_str().unwrap(), &entry["resource"])).collect()
}

fn of_type<'a>(bundle: &'a Value, kind: &str) -> Vec<&'a Value> {
    resources(bundle).into_iter().map(|(_, resource)| resource).filter(|resource| resource["resourceType"] == kind).collect()
}

/// Every value below one, each with the key under which it stands.
fn walk<'a>(value: &'a Value, key: &'a str, visit: &mut dyn FnMut(&'a str, &'a Value)) {
    visit(key, value);
    match value {
        Value::Object(object) => object.iter().for_each(|(key, value)| walk(value, key, visit)),
        Value::Array(array) => array.iter().for_each(|value| walk(value, key, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What R4 asks of every bundle, and JP Core of its patients and their stays.
fn check(bundle: &Value) {
    assert_eq!((&bundle["resourceType"], &bundle["type"]), (&"Bundle".into(), &"collection".into()));
    let resources = resources(bundle);
    let urls: BTreeMap<&str, &str> = resources.iter().map(|(url, resource)| (*url, resource["resourceType"].as_str().unwrap())).collect();
    // bdl-7: a URL stands once.
    assert_eq!(urls.len(), resources.len());
    for (url, resource) in &resources {
        assert_eq!(*url, format!("urn:uuid:{}", resource["id"].as_str().unwrap()));
    }
    walk(bundle, "", &mut |key, value| match value {
        // ele-1: an element has a value or children.
        Value::Null => panic!("{key} is null"),
        Value::String(text) => assert!(!text.is_empty() && text.trim() == text, "{key}: {text:?}"),
        Value::Array(array) => assert!(!array.is_empty(), "{key}"),
        Value::Object(object) => assert!(!object.is_empty(), "{key}"),
        Value::Bool(_) | Value::Number(_) => {}
    });
    walk(bundle, "", &mut |key, value| {
        if let Some(reference) = value["reference"].as_str() {
            let kind = urls.get(reference).unwrap_or_else(|| panic!("{reference} is not in the bundle"));
            match key {
                "subject" | "patient" | "what" => assert_eq!(*kind, "Patient"),
                "location" => assert_eq!(*kind, "Location"),
                "encounter" => assert_eq!(*kind, "Encounter"),
                other => panic!("a reference under {other}"),
            }
        }
    });
    for patient in of_type(bundle, "Patient") {
        assert_eq!(patient["meta"]["profile"][0], "http://jpfhir.jp/fhir/core/StructureDefinition/JP_Patient");
        let identifiers = patient["identifier"].as_array().unwrap();
        assert!(identifiers.iter().all(|identifier| identifier["value"].is_string() && identifier["system"].is_string()));
        for name in patient["name"].as_array().into_iter().flatten() {
            let representations: Vec<&Value> = name["extension"].as_array().unwrap().iter().collect();
            assert_eq!(representations.len(), 1);
            assert_eq!(representations[0]["url"], "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation");
            assert!(["IDE", "SYL", "ABC"].contains(&representations[0]["valueCode"].as_str().unwrap()));
            let text = name["text"].as_str().unwrap();
            assert!(!text.contains('\u{3000}') && !text.contains("  "), "{text}");
            if let Some(family) = name["family"].as_str() {
                assert_eq!(text, format!("{family} {}", name["given"][0].as_str().unwrap()));
            }
        }
        if let Some(birth) = patient["birthDate"].as_str() {
            assert!([4, 7, 10].contains(&birth.len()) && !birth.ends_with("-00"), "{birth}");
        }
    }
    for encounter in of_type(bundle, "Encounter") {
        assert_eq!(encounter["meta"]["profile"][0], "http://jpfhir.jp/fhir/core/StructureDefinition/JP_Encounter");
        assert_eq!(encounter["status"], "in-progress");
        assert!(["FLD", "HH"].contains(&encounter["class"]["code"].as_str().unwrap()));
        assert!(encounter["subject"].is_object());
    }
    for location in of_type(bundle, "Location") {
        assert_eq!(location["meta"]["profile"][0], "http://jpfhir.jp/fhir/core/StructureDefinition/JP_Location");
    }
    for consent in of_type(bundle, "Consent") {
        // ppc-1: a policy or a rule.
        assert!(consent["policyRule"].is_object() && consent["scope"].is_object() && consent["category"].is_array());
    }
    let audits = of_type(bundle, "AuditEvent");
    assert_eq!(audits.len(), 1);
    assert!(audits[0]["agent"].as_array().unwrap().iter().any(|agent| agent["requestor"] == true));
    assert_eq!(audits[0]["entity"].as_array().map_or(0, Vec::len), of_type(bundle, "Patient").len());
}

#[test]
fn the_bundle_of_every_field_is_the_one_that_is_kept() {
    let value = written(Permitted::all());
    check(&value);
    let text = serde_json::to_string_pretty(&value).unwrap() + "\n";
    assert_eq!(text, GOLDEN);
}

#[test]
fn a_number_stays_the_decimal_that_it_was() {
    let text = String::from_utf8(bundle(&people(Permitted::all())).unwrap()).unwrap();
    assert!(text.contains("\"longitude\":134.76543,\"latitude\":35.40500"), "{text}");
    assert!(text.contains("\"valueDecimal\":37.5"));
}

#[test]
fn answers_have_the_words_of_their_questions_and_also_stand_without_them() {
    let mut people = people(Permitted::new(["questionnaire"]).unwrap());
    let with: Value = serde_json::from_slice(&bundle(&people).unwrap()).unwrap();
    let sheet = of_type(&with, "QuestionnaireResponse")[0];
    assert_eq!(sheet["questionnaire"], "https://yabu.example/questionnaire/flood|2");
    assert_eq!(sheet["item"][1]["answer"][0]["valueCoding"]["display"], "心臓");
    people.questionnaires.clear();
    let without: Value = serde_json::from_slice(&bundle(&people).unwrap()).unwrap();
    check(&without);
    assert!(of_type(&without, "QuestionnaireResponse")[0]["item"][1]["answer"][0]["valueCoding"]["display"].is_null());
}

#[test]
fn there_is_a_consent_only_where_it_is_the_basis() {
    for basis in [Basis::Consent, Basis::ActionSupport, Basis::AffectedLedger, Basis::VitalEmergency] {
        let mut people = people(Permitted::new(["name"]).unwrap());
        people.receiver.basis = basis;
        let value: Value = serde_json::from_slice(&bundle(&people).unwrap()).unwrap();
        check(&value);
        assert_eq!(of_type(&value, "Consent").len(), if basis == Basis::Consent { 2 } else { 0 });
        assert_eq!(of_type(&value, "AuditEvent")[0]["purposeOfEvent"][0]["coding"][0]["code"], key(basis));
    }
}

#[test]
fn a_name_in_more_or_fewer_than_two_parts_is_not_split() {
    let mut people = people(Permitted::new(["name"]).unwrap());
    let one = people.people()[0].clone();
    for name in ["グエン　ヴァン　アン", "太郎"] {
        let person = crate::roster::Person { name: name.to_owned(), ..super::super::shared::testing::marked() };
        people.give(tachiai_crypto::roster::ChainId([name.len().try_into().unwrap(); 16]), &person, one.shelter.clone(), one.since, None);
    }
    let value: Value = serde_json::from_slice(&bundle(&people).unwrap()).unwrap();
    check(&value);
    let names: Vec<&Value> = of_type(&value, "Patient").into_iter().skip(2).map(|patient| &patient["name"][0]).collect();
    assert_eq!((&names[0]["text"], &names[1]["text"]), (&"グエン ヴァン アン".into(), &"太郎".into()));
    assert!(names.iter().all(|name| name["family"].is_null()));
}

proptest! {
    #[test]
    fn no_field_that_is_not_permitted_stands_in_a_bundle(fields in subsequence(FIELDS.to_vec(), 0..=FIELDS.len()), note: bool) {
        let permitted = Permitted::new(fields.iter().copied().chain(note.then_some("note"))).unwrap();
        let bytes = bundle(&people(permitted.clone())).unwrap();
        let text = std::str::from_utf8(&bytes).unwrap();
        for (field, marker) in markers() {
            prop_assert_eq!(text.contains(marker), permitted.has(field), "{}", field);
        }
        let value: Value = serde_json::from_slice(&bytes).unwrap();
        check(&value);
        // What has keys instead of words.
        for (field, code) in [("stay", "home"), ("damage", "above-floor"), ("identified", "card-pin"), ("disclosure", "place"), ("protection", "protected"), ("triage", "red"), ("needs", "care")] {
            prop_assert_eq!(text.contains(&format!("\"code\":\"{code}\"")), permitted.has(field), "{}", field);
        }
        prop_assert_eq!(of_type(&value, "Patient")[0].get("gender").is_some(), permitted.has("sex"));
        prop_assert_eq!(of_type(&value, "Encounter")[0]["class"]["code"] == "HH", permitted.has("stay"));
    }
}

#[test]
fn the_resources_of_one_bundle_have_ids_of_their_own() {
    let value = written(Permitted::all());
    let ids: BTreeSet<&str> = resources(&value).into_iter().map(|(url, _)| url).collect();
    assert_eq!(ids.len(), resources(&value).len());
}
