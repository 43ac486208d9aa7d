//! What is given of people, in words: the fields as they are called, and each value by what it means.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::agency::FIELDS;
use super::preview::{FieldShown, PersonShown};
use crate::lang::{printable, with_id};
use crate::roster::person::{Birth, Damage, Household, Sex, Triage};
use crate::roster::{Need, ShelterId, Stay};
use crate::{Lang, Say};

/// What a field of a person is called; one that is not known here by its key.
#[must_use]
pub fn field_name(lang: Lang, field: &str) -> String {
    let (ja, en) = match field {
        "address" => ("住所", "address"),
        "allergies" => ("アレルギー", "allergies"),
        "birth" => ("生年月日", "birth"),
        "damage" => ("住家被害", "damage"),
        "destination" => ("行き先", "destination"),
        "district" => ("行政区", "district"),
        "household" => ("世帯", "household"),
        "kana" => ("カナ", "kana"),
        "language" => ("言語", "language"),
        "medication" => ("服薬", "medication"),
        "name" => ("氏名", "name"),
        "name_jis" => ("氏名のJIS表記", "name in JIS"),
        "needs" => ("配慮", "needs"),
        "needs_note" => ("配慮の内容", "notes on needs"),
        "note" => ("備考", "note"),
        "pets" => ("ペット", "pets"),
        "phone" => ("電話", "phone"),
        "room" => ("部屋", "room"),
        "sex" => ("性別", "sex"),
        "stay" => ("滞在", "stay"),
        "triage" => ("緊急度", "urgency"),
        "wish" => ("希望", "wish"),
        other => return printable(other),
    };
    lang.pick(ja, en).to_owned()
}

/// The field that is meant by its key or by what it is called in either language.
#[must_use]
pub fn field_called(text: &str) -> Option<&'static str> {
    let text = text.trim().to_lowercase();
    FIELDS.iter().find(|field| **field == text || [Lang::Ja, Lang::En].iter().any(|lang| field_name(*lang, field).to_lowercase() == text)).copied()
}

/// A value as it leaves, in words: a code by what it means, and all other text as it stands in the file.
#[must_use]
pub fn value_text(lang: Lang, FieldShown { name, value }: &FieldShown) -> String {
    let Ok(value) = serde_json::from_str::<Value>(value) else { return printable(value) };
    plain(lang, name, &value)
}

fn plain(lang: Lang, name: &str, value: &Value) -> String {
    if let Some(said) = said(lang, name, value) {
        return said;
    }
    match value {
        Value::String(text) => printable(text),
        Value::Array(values) => values.iter().map(|value| plain(lang, name, value)).collect::<Vec<_>>().join(lang.pick("、", ", ")),
        Value::Object(parts) => parts.iter().map(|(key, value)| format!("{}={}", printable(key), plain(lang, "", value))).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// What a value of a field means that is none of somebody's own words.
fn said(lang: Lang, name: &str, value: &Value) -> Option<String> {
    fn of<T: DeserializeOwned + Say>(lang: Lang, value: &Value) -> Option<String> {
        T::deserialize(value).ok().map(|value| value.say(lang)).filter(|said| !said.is_empty())
    }
    match name {
        "needs" => of::<Need>(lang, value),
        "sex" => of::<Sex>(lang, value).or_else(|| Sex::deserialize(value).ok().map(|_| lang.pick("不明", "not said").to_owned())),
        "stay" => of::<Stay>(lang, value),
        "damage" => of::<Damage>(lang, value),
        "triage" => of::<Triage>(lang, value),
        "birth" => Birth::deserialize(value).ok().map(|birth| birth_text(lang, birth)),
        "household" => Household::deserialize(value).ok().map(|Household { id, relation }| with_id(lang, &relation.say(lang), &id.to_string())),
        _ => None,
    }
}

/// A birth with the year as it leaves, and without what is not known.
fn birth_text(lang: Lang, birth: Birth) -> String {
    match (birth, lang) {
        (Birth::Day(day), Lang::Ja) => {
            let text = day.to_string();
            let mut parts = text.split('-').map(|part| part.trim_start_matches('0'));
            let [year, month, day] = std::array::from_fn(|_| parts.next().unwrap_or_default());
            match (month, day) {
                ("", _) => format!("{year}年（月日不詳）"),
                (month, "") => format!("{year}年{month}月（日不詳）"),
                (month, day) => format!("{year}年{month}月{day}日"),
            }
        }
        (Birth::Day(day), Lang::En) => day.to_string(),
        (Birth::Years(years), Lang::Ja) => format!("{years}歳（申し出）"),
        (Birth::Years(years), Lang::En) => format!("{years} years old, by word"),
        (Birth::Unknown, _) => lang.pick("不明", "unknown").to_owned(),
    }
}

/// Somebody as it leaves, a line for each field; `called` is what a shelter is called.
#[must_use]
pub fn person_lines(lang: Lang, number: usize, person: &PersonShown, called: &dyn Fn(&ShelterId) -> String) -> Vec<String> {
    let PersonShown { chain, shelter, since, set, fields } = person;
    let shelter = with_id(lang, &called(shelter), &shelter.to_string());
    let fields = fields.iter().map(|field| format!("   {}: {}", field_name(lang, &field.name), value_text(lang, field)));
    let flags = set.iter().map(|flag| flag.say(lang)).collect::<Vec<_>>().join(lang.pick("、", ", "));
    let flags = (!flags.is_empty()).then(|| format!("   {}: {flags}", lang.pick("開示される区分", "Flags that are opened")));
    let place = [format!("   {}: {shelter}", lang.pick("避難所", "Shelter")), format!("   {}: {}", lang.pick("記録日時", "Recorded"), since.in_japan(lang))];
    std::iter::once(format!("{number}. {}: {chain}", lang.pick("識別子", "Handle"))).chain(place).chain(fields).chain(flags).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_that_may_be_given_has_a_name_and_is_found_by_it() {
        for field in FIELDS {
            assert_ne!(field_name(Lang::Ja, field), *field);
            for lang in [Lang::Ja, Lang::En] {
                assert_eq!(field_called(&field_name(lang, field)), Some(*field));
            }
        }
        assert_eq!(field_called("citizen"), None);
    }

    #[test]
    fn a_person_is_shown_with_the_shelter_and_the_time_that_leave_with_everybody() {
        let person = PersonShown {
            chain: crate::roster::ChainId([1; 16]),
            shelter: "gym".parse().unwrap(),
            since: "2026-11-26T02:00:00Z".parse().unwrap(),
            set: tachiai_crypto::roster::shown::FlagSet::default(),
            fields: vec![],
        };
        let text = person_lines(Lang::En, 1, &person, &|_| "School gym".to_owned()).join("\n");
        assert!(text.contains("Shelter: School gym (gym)") && text.contains("2026-11-26 11:00"), "{text}");
    }

    #[test]
    fn a_value_is_shown_as_it_leaves_and_a_code_by_what_it_means() {
        let shown = |name: &str, value: &str| value_text(Lang::Ja, &FieldShown { name: name.to_owned(), value: value.to_owned() });
        assert_eq!(shown("name", "\"西村　花子\""), "西村　花子");
        assert_eq!(shown("needs", r#"["care","food"]"#), "要介護・要支援、食物アレルギー");
        assert_eq!(shown("birth", r#"{"day":"1985-04-01"}"#), "1985年4月1日");
        assert_eq!([shown("birth", r#"{"years":5}"#), shown("birth", "\"unknown\"")], ["5歳（申し出）", "不明"]);
        assert_eq!([shown("sex", "\"unknown\""), shown("damage", "\"above-floor\"")], ["不明", "床上浸水"]);
        assert!(!shown("note", "\"a\\u001b[2J\"").contains('\u{1b}'));
    }

    #[test]
    fn every_field_that_leaves_is_in_the_preview_under_its_name_and_none_as_a_code() {
        let values = serde_json::json!({
            "address": "養父市広谷", "allergies": ["卵"], "birth": { "day": "1950-04-01" }, "damage": "half", "destination": "長女の家", "district": "広谷",
            "household": { "id": "aaaaaaaaaaaaaaaaaaaaaaaaaa", "relation": "head" }, "kana": "ニシムラ", "language": "英語", "medication": "血圧の薬",
            "name": "西村", "name_jis": "西邨", "needs": ["care"], "needs_note": "車椅子", "note": "補聴器", "pets": "犬1", "phone": "079", "room": "図書室",
            "sex": "female", "stay": "vehicle", "triage": "yellow", "wish": "親類の家",
        });
        let fields = FIELDS.iter().map(|name| FieldShown { name: (*name).to_owned(), value: values[name].to_string() }).collect();
        let (chain, set) = (crate::roster::ChainId([1; 16]), tachiai_crypto::roster::shown::FlagSet::default());
        let person = PersonShown { chain, shelter: "gym".parse().unwrap(), since: "2026-11-26T02:00:00Z".parse().unwrap(), set, fields };
        let text = person_lines(Lang::Ja, 1, &person, &|_| "高柳体育館".to_owned()).join("\n");
        for field in &person.fields {
            assert!(text.contains(&format!("   {}: {}", field_name(Lang::Ja, &field.name), value_text(Lang::Ja, field))), "{}: {text}", field.name);
        }
        for code in ["half", "head", "care", "female", "vehicle", "yellow", "day="] {
            assert!(!text.contains(code), "{code}: {text}");
        }
        assert!(text.contains("高柳体育館") && text.contains(&chain.to_string()), "{text}");
    }
}
