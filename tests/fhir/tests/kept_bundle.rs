//! The kept bundle (`schemas/tests/data/people.fhir.json`) is FHIR R4: a library that takes nothing unknown reads every element of it, and loses none.

use fhirbolt::serde::{DeserializationConfig, DeserializationMode};

const KEPT: &str = include_str!("../../../schemas/tests/data/people.fhir.json");

fn strict() -> DeserializationConfig {
    DeserializationConfig { mode: DeserializationMode::Strict }
}

#[test]
fn the_kept_bundle_is_read_strictly_and_written_again_with_every_line_of_it() {
    let resource: fhirbolt::model::r4::Resource = fhirbolt::json::from_str(KEPT, Some(strict())).unwrap();
    let again = fhirbolt::json::to_string_pretty(&resource, None).unwrap();
    let lines = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(|line| line.trim().trim_end_matches(',').to_owned()).collect();
        lines.sort();
        lines
    };
    assert_eq!(lines(&again), lines(KEPT));
}

/// The same of the bundle that a grant gave: the test of sharing leaves it below the target folder, and `make fhir` names it if it is there.
#[test]
#[ignore = "needs TACHIAI_GRANTED, the path of a bundle that a grant gave"]
fn the_bundle_that_a_grant_gave_is_read_strictly_and_written_again_with_everything_in_it() {
    let given = std::fs::read_to_string(std::env::var("TACHIAI_GRANTED").unwrap()).unwrap();
    let resource: fhirbolt::model::r4::Resource = fhirbolt::json::from_str(&given, Some(strict())).unwrap();
    let again: serde_json::Value = serde_json::from_str(&fhirbolt::json::to_string(&resource, None).unwrap()).unwrap();
    assert_eq!(again, serde_json::from_str::<serde_json::Value>(&given).unwrap());
}

#[test]
fn an_element_that_r4_does_not_know_or_misses_is_refused() {
    for (from, to) in [("\"gender\"", "\"sex\""), ("\"class\": {", "\"klass\": {"), ("\"recorded\"", "\"implicitRules\"")] {
        let spoilt = KEPT.replace(from, to);
        assert_ne!(spoilt, KEPT);
        assert!(fhirbolt::json::from_str::<fhirbolt::model::r4::Resource>(&spoilt, Some(strict())).is_err(), "{to}");
    }
}
