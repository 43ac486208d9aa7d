//! Characters of the private use areas (外字): each system has shapes of its own for them, or none, so that a name with one can be neither shown elsewhere nor printed.

use std::collections::BTreeSet;

use serde_json::Value;
use tachiai_schemas::Lang;

/// Whether a character is for private use (Unicode, section 23.5).
const fn is_private(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}')
}

fn find<'a>(value: &'a Value, found: &mut BTreeSet<(&'a str, char)>) {
    match value {
        Value::String(text) => found.extend(text.chars().filter(|c| is_private(*c)).map(|c| (text.as_str(), c))),
        Value::Array(values) => values.iter().for_each(|value| find(value, found)),
        Value::Object(values) => values.values().for_each(|value| find(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What is said of the texts of a specification that hold such a character; `None` if none does.
#[must_use]
pub fn warning(lang: Lang, spec: &Value) -> Option<String> {
    let mut found = BTreeSet::new();
    find(spec, &mut found);
    let lines: Vec<String> = found.into_iter().map(|(text, c)| format!("  {text} (U+{:04X})", u32::from(c))).collect();
    let head = lang.pick(
        "注意: 外字（私用領域の文字）があります。ほかの端末では表示できず、帳票にも印刷できません。通用字体に置き換えることを検討してください:",
        "careful: these hold characters of the private use area, which other devices cannot show and papers cannot print. Consider the standard characters:",
    );
    (!lines.is_empty()).then(|| format!("{head}\n{}", lines.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_with_a_private_character_is_named_and_no_other() {
        let spec = serde_json::json!({ "places": [{ "name": { "ja": "\u{e000}田公民館", "en": "Hall" } }], "trustees": ["髙橋 﨑太郎", "𠮷田", "\u{f0001}城"], "n": 1 });
        let said = warning(Lang::Ja, &spec).unwrap();
        assert_eq!(said.lines().count(), 3, "{said}");
        assert!(said.contains("\u{e000}田公民館 (U+E000)") && said.contains("\u{f0001}城 (U+F0001)"), "{said}");
        assert_eq!(warning(Lang::En, &serde_json::json!({ "name": "髙橋 𠮷田 葛\u{e0100}城" })), None);
    }
}
