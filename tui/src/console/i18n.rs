//! What the console says: Fluent messages, Japanese first. Both languages hold the same keys with the same variables, which a test keeps so.
//!
//! A message may have a `read` attribute in Japanese: its reading in kana, by which the palette finds it, and after that, with `、` between them, other words by which
//! somebody may look for it.

use fluent::{FluentArgs, FluentBundle, FluentResource};
use tachiai_schemas::Lang;

const JA: &str = include_str!("i18n/ja.ftl");
const EN: &str = include_str!("i18n/en.ftl");

/// The messages of both languages, and which one is spoken.
pub struct Words {
    lang: Lang,
    ja: FluentBundle<FluentResource>,
    en: FluentBundle<FluentResource>,
}

impl Words {
    /// Speaks a language.
    #[must_use]
    pub fn new(lang: Lang) -> Self {
        Self { lang, ja: bundle("ja", JA), en: bundle("en", EN) }
    }

    /// The language that is spoken.
    #[must_use]
    pub const fn lang(&self) -> Lang {
        self.lang
    }

    /// Speaks the other language from now on.
    pub fn switch(&mut self) {
        self.lang = match self.lang {
            Lang::Ja => Lang::En,
            Lang::En => Lang::Ja,
        };
    }

    /// A message.
    #[must_use]
    pub fn say(&self, key: &str) -> String {
        self.with(key, &[])
    }

    /// A message with what belongs into it.
    #[must_use]
    pub fn with(&self, key: &str, values: &[(&str, String)]) -> String {
        let bundle = match self.lang {
            Lang::Ja => &self.ja,
            Lang::En => &self.en,
        };
        // A key that is nowhere is shown as it is, and a test looks for it.
        said(bundle, key, None, values).unwrap_or_else(|| key.to_owned())
    }

    /// Everything by which somebody may look for a message: both languages, the reading, and other words.
    #[must_use]
    pub fn names(&self, key: &str) -> Vec<String> {
        let read = said(&self.ja, key, Some("read"), &[]);
        let read = read.iter().flat_map(|read| read.split('、')).map(str::to_owned);
        [said(&self.ja, key, None, &[]), said(&self.en, key, None, &[])].into_iter().flatten().chain(read).collect()
    }
}

thread_local! {
    static BOTH: [Words; 2] = [Lang::Ja, Lang::En].map(Words::new);
}

/// Something said in both languages: what is told later is told in the one that is spoken then.
#[must_use]
pub fn both(say: impl Fn(&Words) -> String) -> [String; 2] {
    BOTH.with(|words| words.each_ref().map(say))
}

fn said(bundle: &FluentBundle<FluentResource>, key: &str, attribute: Option<&str>, values: &[(&str, String)]) -> Option<String> {
    let message = bundle.get_message(key)?;
    let pattern = match attribute {
        Some(name) => message.get_attribute(name)?.value(),
        None => message.value()?,
    };
    let mut arguments = FluentArgs::new();
    for (name, value) in values {
        arguments.set(*name, value.as_str());
    }
    Some(bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned())
}

fn bundle(name: &str, text: &str) -> FluentBundle<FluentResource> {
    let language: unic_langid::LanguageIdentifier = name.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new(vec![language]);
    // The marks of direction that would stand around every value take cells on some terminals.
    bundle.set_use_isolating(false);
    // What of a file cannot be read is left out here; a test reads both whole.
    let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(resource, _)| resource);
    bundle.add_resource_overriding(resource);
    bundle
}

/// A number with its thousands apart.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use super::*;

    /// The messages of a file with the variables in each.
    fn messages(text: &str) -> BTreeMap<String, BTreeSet<String>> {
        FluentResource::try_new(text.to_owned()).unwrap_or_else(|(_, errors)| panic!("{errors:?}"));
        let mut found = BTreeMap::<String, BTreeSet<String>>::new();
        let mut current = String::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((key, _)) = line.split_once(" =")
                && !line.starts_with(' ')
            {
                current = key.to_owned();
                assert!(!found.contains_key(&current), "{current} is there twice");
            }
            let variables = found.entry(current.clone()).or_default();
            variables.extend(line.match_indices("{ $").map(|(at, _)| line[at + 3..].split(' ').next().unwrap().to_owned()));
        }
        found.remove("");
        found
    }

    /// Every string literal of the console's code, its tests left out.
    fn literals() -> BTreeSet<String> {
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/console")];
        let mut found = BTreeSet::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                match entry.path() {
                    path if path.file_stem().is_some_and(|name| name == "tests") => {}
                    path if path.is_dir() => folders.push(path),
                    path if path.extension().is_some_and(|e| e == "rs") => {
                        let text = std::fs::read_to_string(path).unwrap();
                        found.extend(text.split('"').map(str::to_owned));
                    }
                    _ => {}
                }
            }
        }
        found
    }

    #[test]
    fn both_languages_have_the_same_messages_with_the_same_variables() {
        assert_eq!(messages(JA), messages(EN));
    }

    #[test]
    fn every_message_is_said_somewhere() {
        let literals = literals();
        let unused: Vec<String> = messages(JA).into_keys().filter(|key| !literals.contains(key)).collect();
        assert!(unused.is_empty(), "{unused:?}");
    }

    #[test]
    fn every_message_that_is_said_is_there() {
        let known = messages(JA);
        let kinds: BTreeSet<&str> = known.keys().filter_map(|key| key.split('-').next()).collect();
        let is_key = |text: &String| {
            text.contains('-')
                && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                && kinds.contains(text.split('-').next().unwrap())
        };
        let missing: Vec<String> = literals().into_iter().filter(is_key).filter(|key| !known.contains_key(key)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn numbers_have_their_thousands_apart() {
        assert_eq!([0, 999, 1_000, 18_700, 1_234_567].map(grouped), ["0", "999", "1,000", "18,700", "1,234,567"]);
    }
}
