//! Warnings from the city's platform: an array of entities `Alert` of the Smart Data Models in the normalized form.
//!
//! One that cannot be read hides no other one: it is left out and counted. What is asked for is told of here alone ([`QUERY`]); whatever else comes is no matter of the appliance.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::Property;
use crate::Timestamp;
use crate::sharing::warning::{Hazard, Severity, Warning};

/// The type of the entities.
pub const TYPE: &str = "Alert";

/// Which of them are asked for, as in a URL: `category=="naturalDisaster","weather"|subCategory=="roadClosed","hazardOnRoad"`.
pub const QUERY: &str = "category%3D%3D%22naturalDisaster%22,%22weather%22%7CsubCategory%3D%3D%22roadClosed%22,%22hazardOnRoad%22";

/// The longest URN, in bytes.
const ID: usize = 200;

/// The longest word of the data model, in bytes.
const WORD: usize = 40;

/// The most characters of a description.
const DESCRIPTION: usize = 500;

/// The most characters of an area, and of a source.
const LINE: usize = 120;

/// What came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// The warnings, by their URNs.
    pub warnings: BTreeMap<String, Warning>,
    /// How many entities could not be read.
    pub unread: u32,
}

/// What came is no array of anything; where that is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an array of entities: line {line}, column {column}")]
pub struct NoArray {
    line: usize,
    column: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entity {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    category: Said<String>,
    sub_category: Option<Said<String>>,
    severity: Option<Value>,
    date_issued: Said<Moment>,
    valid_from: Option<Said<Moment>>,
    valid_to: Option<Said<Moment>>,
    description: Option<Said<String>>,
    alert_source: Option<Value>,
    source: Option<Value>,
    address: Option<Value>,
    area_served: Option<Value>,
}

/// An attribute with a value; what else brokers say of it is of no account.
#[derive(Deserialize)]
struct Said<T> {
    #[serde(rename = "type")]
    _kind: Property,
    value: T,
}

/// A time, as brokers give it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Moment {
    Text(String),
    Typed {
        #[serde(rename = "@value")]
        value: String,
    },
}

impl Moment {
    /// To the second; with an offset from UTC, since without one nobody knows which time is meant.
    fn read(&self) -> Option<Timestamp> {
        let (Self::Text(text) | Self::Typed { value: text }) = self;
        Timestamp::from_unix(text.parse::<jiff::Timestamp>().ok()?.as_second()).ok()
    }
}

/// Takes a page of warnings in, beside those that came before.
///
/// # Errors
/// [`NoArray`].
pub fn take(page: &[u8], told: &mut Told) -> Result<(), NoArray> {
    let entities: Vec<Box<RawValue>> = serde_json::from_slice(page).map_err(|error| NoArray { line: error.line(), column: error.column() })?;
    for entity in entities {
        match serde_json::from_str(entity.get()).ok().and_then(read) {
            None => told.unread = told.unread.saturating_add(1),
            Some(None) => {}
            // Of two with one URN, what was issued last.
            Some(Some(warning)) if told.warnings.get(&warning.id).is_some_and(|other| other.issued >= warning.issued) => {}
            Some(Some(warning)) => drop(told.warnings.insert(warning.id.clone(), warning)),
        }
    }
    Ok(())
}

/// What an entity says: nothing if it cannot be read, and `None` within if it is about something else.
fn read(entity: Entity) -> Option<Option<Warning>> {
    let Entity { id, kind, category, sub_category, severity, date_issued, valid_from, valid_to, description, alert_source, source, address, area_served } =
        entity;
    let is_urn = (1..=ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    if kind != TYPE || !is_urn {
        return None;
    }
    let what = sub_category.map(|sub| sub.value).unwrap_or_default();
    let hazard = match (category.value.as_str(), what.as_str()) {
        ("naturalDisaster", _) => Hazard::NaturalDisaster,
        ("weather", _) => Hazard::Weather,
        ("traffic", "roadClosed" | "hazardOnRoad") => Hazard::Traffic,
        _ => return Some(None),
    };
    let is_word = what.len() <= WORD && what.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_".contains(&byte));
    let time = |at: Option<Said<Moment>>| at.map_or(Some(None), |at| at.value.read().map(Some));
    let (issued, from, until) = (date_issued.value.read()?, time(valid_from)?, time(valid_to)?);
    if from.zip(until).is_some_and(|(from, until)| until < from) {
        return None;
    }
    let area = [area_served.as_ref(), address.as_ref()].into_iter().flatten().map(place).find(|area| !area.is_empty());
    let source = [source, alert_source].iter().flatten().map(|source| clean(text(source), LINE)).find(|source| !source.is_empty());
    Some(Some(Warning {
        id,
        hazard,
        what: if is_word { what } else { String::new() },
        severity: severity.as_ref().and_then(|severity| degree(text(severity))),
        issued,
        from,
        until,
        description: description.map(|description| clean(&description.value, DESCRIPTION)).unwrap_or_default(),
        area: area.unwrap_or_default(),
        source: source.unwrap_or_default(),
    }))
}

fn degree(word: &str) -> Option<Severity> {
    Some(match word {
        "informational" => Severity::Informational,
        "low" => Severity::Low,
        "medium" => Severity::Medium,
        "high" => Severity::High,
        "critical" => Severity::Critical,
        _ => return None,
    })
}

/// The text of an attribute, or the URN to which it leads; nothing where it is another thing.
fn text(attribute: &Value) -> &str {
    ["value", "object"].iter().find_map(|key| attribute.get(key)?.as_str()).unwrap_or_default()
}

/// A place in words: the area that is served, or the parts of an address from the large to the small.
fn place(attribute: &Value) -> String {
    let part = |key: &str| attribute.get("value")?.get(key)?.as_str();
    let parts = || ["addressRegion", "addressLocality", "district", "streetAddress"].iter().filter_map(|key| part(key)).collect::<Vec<_>>().join(" ");
    clean(&part("areaServed").map_or_else(|| Some(text(attribute)).filter(|text| !text.is_empty()).map_or_else(parts, str::to_owned), str::to_owned), LINE)
}

/// A text of others in one line: without what steers a terminal or turns its letters round, and cut where it is too long.
#[must_use]
pub fn clean(text: &str, most: usize) -> String {
    let turns = |c: &char| matches!(c, '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}');
    let steady = text.chars().filter(|c| !turns(c)).map(|c| if c.is_control() || c.is_whitespace() { ' ' } else { c });
    let mut kept = String::new();
    let mut count = 0;
    for c in steady {
        if c == ' ' && (kept.is_empty() || kept.ends_with(' ')) {
            continue;
        }
        if count == most {
            return kept.trim_end().to_owned() + "…";
        }
        kept.push(c);
        count += 1;
    }
    kept.truncate(kept.trim_end().len());
    kept
}

#[cfg(test)]
pub(crate) mod testing {
    use crate::sharing::warning::{Hazard, Severity, Warning};

    /// A warning of heavy rain.
    pub(crate) fn warning(id: &str) -> Warning {
        Warning {
            id: id.to_owned(),
            hazard: Hazard::Weather,
            what: "rainfall".to_owned(),
            severity: Some(Severity::High),
            issued: "2026-11-26T03:00:00Z".parse().unwrap(),
            from: None,
            until: Some("2026-11-26T15:00:00Z".parse().unwrap()),
            description: "大雨警報（土砂災害）".to_owned(),
            area: "養父市".to_owned(),
            source: "神戸地方気象台".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::testing::warning;
    use super::*;

    fn property(value: impl Into<Value>) -> Value {
        json!({ "type": "Property", "value": value.into() })
    }

    fn entity(id: &str) -> Value {
        json!({
            "id": id, "type": "Alert", "category": property("weather"), "subCategory": property("rainfall"), "severity": property("high"),
            "dateIssued": property(json!({ "@type": "DateTime", "@value": "2026-11-26T12:00:00.000+09:00" })),
            "validTo": { "type": "Property", "value": "2026-11-26T15:00:00Z", "observedAt": "2026-11-26T03:00:00.000Z" }, "description": property("大雨警報（土砂災害）"),
            "alertSource": property("https://platform.example/users/8"), "source": property("神戸地方気象台"),
            "address": property(json!({ "addressRegion": "兵庫県", "addressLocality": "養父市", "areaServed": "養父市" })),
            "location": { "type": "GeoProperty", "value": { "type": "Point", "coordinates": [134.8, 35.4] } },
            "@context": "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.7.jsonld",
        })
    }

    fn with(key: &str, value: Value) -> Value {
        let mut entity = entity("urn:ngsi-ld:Alert:b");
        entity.as_object_mut().unwrap().insert(key.to_owned(), value);
        entity
    }

    fn told(entities: &[Value]) -> Told {
        let mut told = Told::default();
        take(&serde_json::to_vec(entities).unwrap(), &mut told).unwrap();
        told
    }

    /// What is read of one that differs from the usual one in this.
    fn read_with(key: &str, value: Value) -> Option<Warning> {
        told(&[with(key, value)]).warnings.into_values().next()
    }

    #[test]
    fn an_alert_is_read_with_times_in_both_forms() {
        let id = "urn:ngsi-ld:Alert:a";
        assert_eq!(told(&[entity(id)]), Told { warnings: [(id.to_owned(), warning(id))].into(), unread: 0 });
    }

    #[test]
    fn one_that_cannot_be_read_is_counted_and_hides_no_other() {
        let id = "urn:ngsi-ld:Alert:a";
        for bad in [
            with("type", json!("StepCount")),
            with("type", json!(["Alert"])),
            with("id", json!("urn a")),
            with("id", json!("urn:\u{1b}[2J")),
            with("id", json!("u".repeat(201))),
            with("id", json!(7)),
            with("category", json!("weather")),
            with("category", json!({ "type": "LanguageProperty", "languageMap": {} })),
            with("dateIssued", Value::Null),
            with("dateIssued", property("2026-11-26")),
            with("dateIssued", property("2026-11-26T12:00:00")),
            with("dateIssued", property("1969-12-31T00:00:00Z")),
            with("dateIssued", property(20_261_126)),
            with("validTo", property("soon")),
            with("validFrom", property("2026-11-26T15:00:01Z")),
            with("description", property(json!(["a"]))),
            json!("Alert"),
            Value::Null,
        ] {
            let told = told(&[bad.clone(), entity(id)]);
            assert_eq!((told.unread, told.warnings.into_keys().collect::<Vec<_>>()), (1, vec![id.to_owned()]), "{bad}");
        }
    }

    #[test]
    fn what_is_no_array_is_no_list_of_warnings() {
        for text in ["", "<html><body>Bad Gateway</body></html>", "{}", "[{}", "null", "[1]x"] {
            assert!(take(text.as_bytes(), &mut Told::default()).is_err(), "{text}");
        }
        let deep = "[".repeat(100_000);
        assert!(take(deep.as_bytes(), &mut Told::default()).is_err());
        let error = take(b"[{\"secret\":}]", &mut Told::default()).unwrap_err();
        assert_eq!(error.to_string(), "not an array of entities: line 1, column 12");
    }

    #[test]
    fn matters_of_others_are_neither_taken_nor_counted() {
        let jam = {
            let mut jam = with("category", property("traffic"));
            jam["subCategory"] = property("trafficJam");
            jam
        };
        for other in [with("category", property("health")), with("category", property("Weather")), jam] {
            assert_eq!(told(std::slice::from_ref(&other)), Told::default(), "{other}");
        }
        let mut closed = with("category", property("traffic"));
        closed["subCategory"] = property("roadClosed");
        assert_eq!(told(&[closed]).warnings.into_values().map(|warning| warning.hazard).collect::<Vec<_>>(), [Hazard::Traffic]);
    }

    #[test]
    fn a_text_cannot_steer_a_terminal_nor_turn_round_and_is_cut_where_it_is_too_long() {
        let said = |text: &str| read_with("description", property(text)).unwrap().description;
        assert_eq!(said("  a\u{1b}[2J\r\n\r\n\tb\u{7}\u{9b}c  "), "a [2J b c");
        assert_eq!(said("解除\u{202e}ではない\u{2066}\u{200b}"), "解除ではない");
        assert_eq!(said("\u{0}\n"), "");
        assert_eq!(said(&"雨".repeat(500)), "雨".repeat(500));
        assert_eq!(said(&"雨".repeat(100_000)), "雨".repeat(500) + "…");
        assert_eq!(read_with("source", property("x".repeat(9_999))).unwrap().source.chars().count(), LINE + 1);
    }

    #[test]
    fn how_severe_it_is_stays_open_where_the_word_is_none_of_the_model() {
        for word in [property("extreme"), property(5), json!("high"), Value::Null] {
            assert_eq!(read_with("severity", word).unwrap().severity, None);
        }
        assert_eq!(read_with("severity", property("critical")).unwrap().severity, Some(Severity::Critical));
        assert_eq!(read_with("subCategory", property("rain fall\u{1b}")).unwrap().what, "");
    }

    #[test]
    fn where_and_who_are_taken_from_wherever_they_stand() {
        let area = |address: Value| read_with("address", address).unwrap().area;
        assert_eq!(area(property("但馬南部")), "但馬南部");
        assert_eq!(area(property(json!({ "addressRegion": "兵庫県", "addressLocality": "養父市", "streetAddress": "八鹿町" }))), "兵庫県 養父市 八鹿町");
        assert_eq!(area(property(json!([1]))), "");
        let mut bare = with("source", Value::Null);
        bare["alertSource"] = json!({ "type": "Relationship", "object": "urn:ngsi-ld:Device:river-7" });
        assert_eq!(told(&[bare]).warnings["urn:ngsi-ld:Alert:b"].source, "urn:ngsi-ld:Device:river-7");
    }

    #[test]
    fn of_two_with_one_urn_what_was_issued_last_holds() {
        let later = with("dateIssued", property("2026-11-26T03:00:01Z"));
        let mut told = Told::default();
        for page in [&later, &with("x", json!(1))] {
            take(&serde_json::to_vec(&[page]).unwrap(), &mut told).unwrap();
        }
        assert_eq!(told.warnings["urn:ngsi-ld:Alert:b"].issued.to_string(), "2026-11-26T03:00:01Z");
    }

    proptest! {
        #[test]
        fn no_text_of_others_has_a_control_character_or_is_longer_than_it_may_be(text in "\\PC*|.*|[\u{0}-\u{2ff}\u{2000}-\u{20ff}]*", most in 1_usize..60) {
            let clean = clean(&text, most);
            prop_assert!(clean.chars().count() <= most + 1 && !clean.chars().any(char::is_control) && clean.trim() == clean);
        }

        #[test]
        fn no_bytes_whatever_are_more_than_unread(bytes: Vec<u8>) {
            let _ = take(&bytes, &mut Told::default());
        }
    }
}
