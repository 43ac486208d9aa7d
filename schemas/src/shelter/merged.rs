//! One record of a person whose latest entries say different things, as after two handles were found to be of one person: what differs stands side by side, and
//! whoever settles it says for each field which entry is right.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::StepView;
use crate::HashBytes;
use crate::roll::Protection;
use crate::roster::Person;

/// What one entry says in a field.
///
/// There is no `Debug`: a roster must not reach a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldValue {
    /// The leaf hash of the entry.
    pub entry: HashBytes,
    /// What it says: a text as it is, anything else as JSON; none where it says nothing.
    pub value: Option<String>,
}

/// A field in which the latest entries of a person differ.
///
/// There is no `Debug`: a roster must not reach a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Difference {
    /// The field, as the record names it.
    pub field: String,
    /// What each of the entries says that can be opened, in their order.
    pub values: Vec<FieldValue>,
}

/// The fields of a record.
fn fields(person: &Person) -> Map<String, Value> {
    match serde_json::to_value(person) {
        Ok(Value::Object(fields)) => fields,
        // A person is an object.
        Ok(_) | Err(_) => Map::new(),
    }
}

fn said(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

/// The fields in which entries differ, as far as they can be opened, by their names.
#[must_use]
pub fn differences(heads: &[StepView]) -> Vec<Difference> {
    let opened: Vec<(HashBytes, Map<String, Value>)> = heads.iter().filter_map(|step| Some((step.entry, fields(step.person.as_ref()?)))).collect();
    let names: BTreeSet<&String> = opened.iter().flat_map(|(_, fields)| fields.keys()).collect();
    let of = |name: &String| {
        let values: Vec<FieldValue> = opened.iter().map(|(entry, fields)| FieldValue { entry: *entry, value: fields.get(name).map(said) }).collect();
        let differ = values.windows(2).any(|two| matches!(two, [one, other] if one.value != other.value));
        differ.then(|| Difference { field: name.clone(), values })
    };
    names.into_iter().filter_map(of).collect()
}

/// What becomes of a protection when a conflict is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protecting {
    /// Whoever is under protection by any of the entries stays so.
    Kept,
    /// The headquarters take it away, and say so.
    TakenAway,
}

/// The record of `keep`, with these fields as other entries have them, and a protection that any of them says. `None` if one of the entries is none of these or cannot be opened, or a field is none in
/// which they differ.
#[must_use]
pub fn settled(heads: &[StepView], keep: HashBytes, choose: &[(String, HashBytes)], protecting: Protecting) -> Option<Person> {
    let of = |entry: HashBytes| heads.iter().find(|step| step.entry == entry)?.person.as_ref().map(fields);
    let differ = differences(heads);
    let mut record = of(keep)?;
    for (field, entry) in choose {
        if !differ.iter().any(|difference| difference.field == *field) {
            return None;
        }
        match of(*entry)?.remove(field) {
            Some(value) => record.insert(field.clone(), value),
            None => record.remove(field),
        };
    }
    let person: Person = serde_json::from_value(Value::Object(record)).ok()?;
    let is_protected = heads.iter().filter_map(|step| step.person.as_ref()).any(|person| person.protection == Protection::Protected);
    let protection = match (protecting, is_protected) {
        (Protecting::Kept, true) => Protection::Protected,
        (Protecting::Kept, false) => person.protection,
        (Protecting::TakenAway, _) => Protection::Open,
    };
    Some(Person { protection, ..person })
}

#[cfg(test)]
mod tests {
    use tachiai_crypto::roster::{ChainId, Need, Stay};

    use super::*;
    use crate::Bytes;
    use crate::roster::person::Identified;
    use crate::roster::{Act, Hlc};

    fn head(n: u8, person: Option<Person>) -> StepView {
        StepView {
            chain: ChainId([n; 16]),
            entry: Bytes([n; 32]),
            time: Hlc::at_millis(0),
            entered: Hlc::at_millis(0),
            terminal: "gym-1".parse().unwrap(),
            shelter: "gym".parse().unwrap(),
            act: Act::In,
            person,
        }
    }

    fn two() -> Vec<StepView> {
        let of = |name: &str, phone: &str| Person { name: name.to_owned(), phone: phone.to_owned(), ..Person::unknown(Identified::Typed, Stay::Shelter) };
        let careful = Person { needs: vec![Need::Care], ..of("西村　花子", "") };
        vec![head(1, Some(of("西村　花子", "079-662-0000"))), head(2, Some(careful)), head(3, None)]
    }

    #[test]
    fn what_differs_stands_side_by_side_and_the_rest_does_not() {
        let differ = differences(&two());
        let seen: Vec<_> = differ.iter().map(|of| (of.field.as_str(), of.values.iter().map(|value| value.value.as_deref()).collect::<Vec<_>>())).collect();
        assert_eq!(seen, [("needs", vec![None, Some("[\"care\"]")]), ("phone", vec![Some("079-662-0000"), None])]);
        assert!(differences(&two()[1..]).is_empty(), "one alone");
    }

    #[test]
    fn one_record_is_made_of_fields_of_both() {
        let heads = two();
        let both = settled(&heads, Bytes([1; 32]), &[("needs".to_owned(), Bytes([2; 32]))], Protecting::Kept).unwrap();
        assert_eq!((both.phone.as_str(), both.needs.clone()), ("079-662-0000", vec![Need::Care]));
        let neither = settled(&heads, Bytes([1; 32]), &[("phone".to_owned(), Bytes([2; 32]))], Protecting::Kept).unwrap();
        assert!(neither.phone.is_empty() && neither.needs.is_empty());
        let none = |keep: u8, field: &str, entry: u8| settled(&heads, Bytes([keep; 32]), &[(field.to_owned(), Bytes([entry; 32]))], Protecting::Kept).is_none();
        assert!(none(1, "name", 2) && none(1, "phone", 3) && none(3, "phone", 1) && none(9, "phone", 1));
    }

    #[test]
    fn a_protection_that_any_entry_says_stays_unless_it_is_taken_away_in_so_many_words() {
        let mut heads = two();
        heads[1].person.as_mut().unwrap().protection = Protection::Protected;
        let settled = |keep: u8, choose: &[(String, HashBytes)], protecting| settled(&heads, Bytes([keep; 32]), choose, protecting).unwrap().protection;
        let of_open = [("protection".to_owned(), Bytes([1; 32]))];
        for keep in [1, 2] {
            assert_eq!(settled(keep, &[], Protecting::Kept), Protection::Protected);
            assert_eq!(settled(keep, &of_open, Protecting::Kept), Protection::Protected, "the entry of one who did not know says nothing");
            assert_eq!(settled(keep, &[], Protecting::TakenAway), Protection::Open);
        }
    }
}
