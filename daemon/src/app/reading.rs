//! The appliance's journal, read by auditors: in parts, and without what is sealed or names a resident.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::Value;
use tachiai_schemas::Refusal;
use tachiai_schemas::journal::{JournalLine, JournalPage};
use tachiai_schemas::refusal::Problem;
use tachiai_schemas::staff::Role;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::appliance::Entry;
use crate::http::{Official, QueryOf};
use crate::journal::JournalReader;
use crate::refused::Refused;

/// The most entries of one answer.
const MOST: u64 = 500;

/// The names of what is told of an entry. Whatever has another name stays in the journal: it is sealed, a key, or a number that stands for a resident.
const TOLD: [&str; 21] = [
    "id",
    "name",
    "role",
    "kind",
    "act",
    "election",
    "event",
    "title",
    "ja",
    "agency",
    "grant",
    "purpose",
    "basis",
    "reason",
    "verdict",
    "refusal",
    "version",
    "what",
    "severity",
    "area",
    "description",
];

/// The routes of the staff port.
pub fn routes_staff(journal: JournalReader) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(page)).with_state(journal)
}

#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Part {
    /// The first entry; the last ones if absent.
    from: Option<u64>,
    /// How many, at most 500.
    count: u64,
}

/// A part of the appliance's journal, for auditors
#[utoipa::path(get, path = "/journal", tag = "staff", params(Part), security(("certificate" = [])), responses((status = 200, body = JournalPage), (status = "4XX", body = Problem)))]
async fn page(State(journal): State<JournalReader>, official: Official, QueryOf(Part { from, count }): QueryOf<Part>) -> Result<Json<JournalPage>, Refused> {
    official.require(&[Role::Auditor])?;
    if !(1..=MOST).contains(&count) {
        return Err(Refused::about(Refusal::BadRequest, format!("count: 1 to {MOST}")));
    }
    let doing = "reading the appliance's journal";
    let read = move || {
        let size = journal.len();
        let from = from.unwrap_or_else(|| size.saturating_sub(count)).min(size);
        let until = from.saturating_add(count).min(size);
        let entries = (from..until).map(|seq| {
            let bytes = journal.read(seq).map_err(|error| Refused::fault(doing, error))?;
            Entry::from_bytes(&bytes).map(|entry| line(seq, &entry)).map_err(|error| Refused::fault(doing, error))
        });
        Ok(JournalPage { size, entries: entries.collect::<Result<_, Refused>>()? })
    };
    tokio::task::spawn_blocking(read).await.map_err(|error| Refused::fault(doing, error))?.map(Json)
}

/// What is told of an entry.
fn line(seq: u64, entry: &Entry) -> JournalLine {
    let value = serde_json::to_value(&entry.event).unwrap_or_default();
    let body = value.get("body").cloned().unwrap_or_default();
    let by = match body.get("by") {
        Some(Value::String(name)) => vec![name.clone()],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect(),
        _ => Vec::new(),
    };
    let mut said = Vec::new();
    tell(&body, &mut said);
    JournalLine { seq, at: entry.at, kind: value.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned(), by, said }
}

fn tell(value: &Value, said: &mut Vec<String>) {
    for (name, value) in value.as_object().into_iter().flatten() {
        match value {
            Value::Object(_) => tell(value, said),
            Value::String(text) if TOLD.contains(&name.as_str()) => said.push(format!("{name}={text}")),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::staff::{Act, Matter};
    use tachiai_schemas::{Blob, Bytes, CitizenId};

    use super::super::appliance::Event;
    use super::*;
    use crate::{identity, staff};

    fn told(event: Event) -> String {
        let bytes = serde_json::to_vec(&serde_json::json!({ "v": 1, "at": "2026-11-26T00:00:00Z" })).unwrap();
        let mut value: Value = serde_json::from_slice(&bytes).unwrap();
        value.as_object_mut().unwrap().extend(serde_json::to_value(&event).unwrap().as_object().unwrap().clone());
        serde_json::to_string(&line(7, &serde_json::from_value(value).unwrap())).unwrap()
    }

    #[test]
    fn who_asked_for_what_is_told_and_no_key_and_no_resident() {
        let election = "aaaaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap();
        let matter = Matter::Election { election, act: Act::CloseOnline, roll: None };
        let text = told(Event::Staff(staff::Event::ActRequested { id: "k3v7q2xm".to_owned(), matter, by: "西村".to_owned() }));
        for part in ["act-requested", "西村", "k3v7q2xm", "close-online", "aaaaaaaaaaaaaaaaaaaaaaaaaa"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let key = Bytes([7; 32]);
        let text = told(Event::Staff(staff::Event::StaffRevoked { name: "足立".to_owned(), key }));
        assert!(text.contains("足立") && !text.contains(&key.to_string()), "{text}");
        let citizen = CitizenId([9; 16]);
        let text = told(Event::Identity(identity::Event::CitizenRegistered { citizen, sealed: Blob(vec![1, 2, 3]) }));
        assert!(text.contains("citizen-registered") && !text.contains(&citizen.to_string()) && !text.contains("sealed"), "{text}");
    }
}
