//! Step counts from the city's platform: an array of entities `StepCount` in the normalized form, each of one person and one day.
//!
//! Whether a person's consent covers them is asked of who takes them in, for each, before anything of it is kept. What is not covered is dropped and counted.

use serde::Deserialize;

use super::{Property, Related, Relationship, Valued};
use crate::roll::Day;

/// The most entities of one delivery.
const MAX_ENTITIES: usize = 100_000;

/// The most steps that somebody walks in a day; more is a broken sensor.
const MAX_STEPS: u32 = 200_000;

/// The steps of a person on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps {
    /// The person, by the pseudonym that the platform knows: the last part of its URN.
    pub pseudonym: String,
    /// The day.
    pub day: Day,
    /// How many.
    pub steps: u32,
}

/// Whether a person's consent covers what came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// It does.
    Covered,
    /// It does not, or nobody has this pseudonym.
    NotCovered,
}

/// What was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// What consent covers.
    pub steps: Vec<Steps>,
    /// How many entities were dropped, because no consent covers them.
    pub dropped: usize,
}

/// What came is not what belongs there; nothing of it is taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepsError {
    /// Not JSON of this form. The message of the parser may quote a person's data, so only its place is told.
    #[error("not an array of StepCount entities: line {line}, column {column}")]
    Form {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
    /// Too many.
    #[error("at most {MAX_ENTITIES} entities may come at once, not {0}")]
    TooMany(usize),
    /// The URN of a person is none.
    #[error("entity {0}: refCitizen must be urn:ngsi-ld:Citizen: and a pseudonym of letters and digits")]
    Citizen(usize),
    /// More steps than anybody walks.
    #[error("entity {0}: at most {MAX_STEPS} steps belong here")]
    Steps(usize),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entity {
    #[serde(rename = "type")]
    _kind: StepCount,
    ref_citizen: Related,
    date_observed: Valued<Day>,
    steps: Valued<u32>,
}

#[derive(Deserialize)]
enum StepCount {
    StepCount,
}

/// Takes step counts in; `covers` says of each pseudonym whether there is a consent for that day. Attributes that are not known are left alone.
///
/// # Errors
/// [`StepsError`] for the first thing that is wrong; nothing is taken then.
pub fn take(bytes: &[u8], covers: impl Fn(&str, Day) -> Coverage) -> Result<Taken, StepsError> {
    let entities: Vec<Entity> = serde_json::from_slice(bytes).map_err(|error| StepsError::Form { line: error.line(), column: error.column() })?;
    if entities.len() > MAX_ENTITIES {
        return Err(StepsError::TooMany(entities.len()));
    }
    let mut all = Vec::with_capacity(entities.len());
    for (place, entity) in entities.into_iter().enumerate() {
        let Entity { _kind: StepCount::StepCount, ref_citizen, date_observed, steps } = entity;
        let Related { kind: Relationship::Relationship, object } = ref_citizen;
        let is_pseudonym = |text: &&str| (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let pseudonym = object.strip_prefix("urn:ngsi-ld:Citizen:").filter(is_pseudonym).ok_or(StepsError::Citizen(place))?.to_owned();
        let Valued { kind: Property::Property, value: day, observed_at: _ } = date_observed;
        let Valued { kind: Property::Property, value: steps, observed_at: _ } = steps;
        if steps > MAX_STEPS {
            return Err(StepsError::Steps(place));
        }
        all.push(Steps { pseudonym, day, steps });
    }
    let came = all.len();
    all.retain(|steps| covers(&steps.pseudonym, steps.day) == Coverage::Covered);
    Ok(Taken { dropped: came - all.len(), steps: all })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entity(citizen: &str, day: &str, steps: &str) -> String {
        format!(
            r#"{{"id":"urn:ngsi-ld:StepCount:{citizen}-{day}","type":"StepCount",
                "refCitizen":{{"type":"Relationship","object":"urn:ngsi-ld:Citizen:{citizen}"}},
                "dateObserved":{{"type":"Property","value":"{day}"}},
                "steps":{{"type":"Property","value":{steps},"observedAt":"2026-10-01T15:00:00Z","unitCode":"C62"}},
                "@context":"https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.7.jsonld"}}"#
        )
    }

    fn all(_: &str, _: Day) -> Coverage {
        Coverage::Covered
    }

    #[test]
    fn steps_are_taken_where_consent_covers_them_and_dropped_elsewhere() {
        let delivery = format!("[{},{},{}]", entity("aa", "2026-10-01", "8000"), entity("bb", "2026-10-01", "100"), entity("aa", "2026-09-30", "7000"));
        let from: Day = "2026-10-01".parse().unwrap();
        let taken = take(delivery.as_bytes(), |who, day| if who == "aa" && day >= from { Coverage::Covered } else { Coverage::NotCovered }).unwrap();
        assert_eq!(taken, Taken { steps: vec![Steps { pseudonym: "aa".to_owned(), day: from, steps: 8000 }], dropped: 2 });
    }

    #[test]
    fn nothing_is_taken_of_a_delivery_with_something_wrong_in_it() {
        let with = |bad: String| take(format!("[{},{bad}]", entity("aa", "2026-10-01", "1")).as_bytes(), all);
        assert!(matches!(with(entity("bb", "2026-02-30", "1")), Err(StepsError::Form { .. })));
        assert!(matches!(with(entity("bb", "2026-10-01", "-1")), Err(StepsError::Form { .. })));
        assert!(matches!(with(entity("bb", "2026-10-01", "8000.5")), Err(StepsError::Form { .. })));
        assert_eq!(with(entity("bb", "2026-10-01", "200001")), Err(StepsError::Steps(1)));
        assert_eq!(with(entity("b/b", "2026-10-01", "1")), Err(StepsError::Citizen(1)));
        assert_eq!(with(entity("", "2026-10-01", "1")), Err(StepsError::Citizen(1)));
        let of_type = |kind: &str| with(entity("bb", "2026-10-01", "1").replace("\"StepCount\"", &format!("\"{kind}\"")));
        assert!(matches!(of_type("HeartRate"), Err(StepsError::Form { .. })) && of_type("StepCount").is_ok());
    }

    #[test]
    fn what_is_wrong_is_told_without_what_it_says() {
        let error = take(entity("secretperson", "2026-10-01", "\"secretvalue\"").as_bytes(), all).unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
