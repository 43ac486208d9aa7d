//! What headquarters may be answered.

use serde_json::json;
use tachiai_schemas::Bytes;
use tachiai_schemas::roll::{Day, Protection};
use tachiai_schemas::roster::Hlc;
use tachiai_schemas::shelter::import::Standing;
use tachiai_schemas::shelter::overview::{Missing, MissingOfDistrict, MissingPerson};
use tachiai_schemas::shelter::{Alike, Duplicates, StatementMade, Support};

use super::{at, contradicted, event_id};
use crate::console::work::shelters::{Answer, Question};

/// An answer to any of them.
pub fn answer(question: Question) -> Answer {
    match question {
        Question::Facilities => Answer::Facilities(Box::new(standing())),
        Question::Duplicates(_) => Answer::Duplicates(vec![Duplicates { alike: Alike::NameAndBirth, people: vec![contradicted(), contradicted()], more: 0 }]),
        Question::Missing(_) => Answer::Missing(Box::new(missing())),
        Question::Statements(_) => Answer::Statements(vec![statement(0, "2026-11-25T12:00:00Z", 320), statement(1, "2026-11-25T21:00:00Z", 1_204)]),
    }
}

fn standing() -> Standing {
    let place = |id: &str, name: &str, kana: &str, district: &str, capacity: Option<u32>| {
        json!({
            "id": id, "name": name, "kana": kana, "address": format!("養父市{district}1-1"), "district": district, "position": null,
            "capacity": capacity.map(|inside| json!({ "inside": inside })), "hazards": [], "uses": [],
        })
    };
    let facilities = [
        place("e2822200152111", "八鹿小学校", "ヨウカショウガッコウ", "八鹿", Some(420)),
        place("e2822200152112", "養父市立とても長い名前の交流センター兼公民館", "コウリュウセンター", "養父", Some(60)),
        place("e2822200152113", "大屋市民センター", "オオヤシミンセンター", "大屋", None),
    ];
    serde_json::from_value(json!({ "facilities": facilities, "imports": [] })).unwrap()
}

fn missing() -> Missing {
    let person = |name: &str, birth: &str, reason: &str, protection| {
        let is_open = protection == Protection::Open;
        MissingPerson {
            number: "10021".to_owned(),
            name: if is_open { name.to_owned() } else { String::new() },
            kana: String::new(),
            birth: is_open.then(|| Day::read(birth).unwrap()),
            address: if is_open { "養父市大屋町加保7".to_owned() } else { String::new() },
            support: Support { needs: Vec::new(), reason: reason.to_owned(), phone: "079-000-0000".to_owned(), helper: "加保自治会".to_owned() },
            protection,
        }
    };
    let of = |district: &str, listed, missing| MissingOfDistrict { district: district.to_owned(), listed, arrived: 5, missing };
    Missing {
        districts: vec![
            of("八鹿", 5, Vec::new()),
            of("大屋", 7, vec![person("西垣 次郎", "1941-05-03", "歩行困難", Protection::Open), person("", "", "人工呼吸器", Protection::Protected)]),
        ],
        unopened: 1,
    }
}

fn statement(number: u64, time: &str, size: u64) -> StatementMade {
    StatementMade { event: event_id(), number, size, leaf: size, at: Hlc::at(at(time)), statement: Bytes([7; 32]), scopes: Vec::new() }
}
