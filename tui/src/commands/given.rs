//! What is given of people, in words: the fields as they are called, and a preview of everything that would leave.

use serde::Serialize;
use serde_json::Value;
use tachiai_schemas::roster::disclosure::Withheld;
use tachiai_schemas::sharing::preview::Preview;
use tachiai_schemas::sharing::words::person_lines;
use tachiai_schemas::{Lang, Say};

use super::approve::{Names, with_id};
use crate::card::printable;

pub use tachiai_schemas::sharing::words::{field_called, field_name};

/// How many are withheld, by grounds; of nobody it is said too.
#[must_use]
pub fn withheld_text(lang: Lang, withheld: &[Withheld]) -> String {
    if withheld.is_empty() {
        return lang.pick("なし", "none").to_owned();
    }
    let one = |Withheld { ground, persons }: &Withheld| match lang {
        Lang::Ja => format!("{} {persons}人", ground.say(lang)),
        Lang::En => format!("{persons} {}", ground.say(lang)),
    };
    withheld.iter().map(one).collect::<Vec<_>>().join(lang.pick("、", ", "))
}

/// Words of some kind, in a line.
pub fn listed<T: Say>(lang: Lang, all: &[T]) -> String {
    all.iter().map(|one| one.say(lang)).collect::<Vec<_>>().join(lang.pick("、", ", "))
}

/// Names of some kind, in a line.
pub fn names<T: std::fmt::Display>(lang: Lang, all: &[T], none: [&str; 2]) -> String {
    if all.is_empty() {
        return lang.pick(none[0], none[1]).to_owned();
    }
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(lang.pick("、", ", "))
}

/// Everything that would leave: to whom, on what grounds, and each person with each field.
#[must_use]
pub fn preview_text(lang: Lang, preview: &Preview, called: &Names) -> String {
    let Preview { agency, kind, recipient, grant, purpose, basis, event, shelters, of, fields, format, people, withheld } = preview;
    let fields = fields.iter().map(|field| field_name(lang, field)).collect::<Vec<_>>().join(lang.pick("、", ", "));
    let proof = lang.pick("証明付きファイル", "file with its proof");
    let form = format.map_or_else(|| proof.to_owned(), |format| format!("{proof} + {}", format.say(lang)));
    let of = if people.is_empty() && withheld.is_empty() { with_id(lang, &of.say(lang), lang.pick("該当なし", "nobody")) } else { of.say(lang) };
    let head = [
        (lang.pick("提供先", "To"), with_id(lang, agency.as_str(), &kind.say(lang))),
        (lang.pick("暗号化の宛先", "Encrypted to"), printable(recipient)),
        (lang.pick("提供許可", "Grant"), grant.to_string()),
        (lang.pick("目的", "Purpose"), printable(purpose)),
        (lang.pick("法的根拠", "Legal basis"), basis.say(lang)),
        (lang.pick("災害・行事", "Event"), called.event_with_id(lang, *event)),
        (lang.pick("避難所", "Shelters"), called.shelters_with_ids(lang, *event, shelters)),
        (lang.pick("対象", "Who"), of),
        (lang.pick("項目", "Fields"), fields),
        (lang.pick("様式", "Form"), form),
        (lang.pick("対象外", "Withheld"), withheld_text(lang, withheld)),
        (lang.pick("渡る人数", "People who are given"), people.len().to_string()),
    ];
    let head = head.iter().map(|(name, value)| format!("{name}: {value}"));
    let people = (1_usize..).zip(people).flat_map(|(number, person)| person_lines(lang, number, person, &|shelter| called.shelter_name(lang, *event, shelter)));
    head.chain(people).collect::<Vec<_>>().join("\n")
}

/// A value as JSON, for a program.
pub(super) fn with_seen(preview: &Preview, seen: &impl Serialize) -> Value {
    serde_json::json!({ "preview": preview, "seen": seen })
}
