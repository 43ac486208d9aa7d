//! What the Japanese of a program's help lacks, has too much of, or names wrongly.

use std::collections::{BTreeMap, BTreeSet};

use clap::{Arg, Command};
use fluent::FluentResource;

use super::words::{Words, beyond, examples, name};

/// Every gap between the definition of a command line and its Japanese, for a program's test to be empty: a command, argument, value or example without
/// a text, a text that belongs to nothing, a text that stands for two different English ones, an option or program that the English does not name.
#[must_use]
pub fn gaps(command: &Command, ja: &str) -> Vec<String> {
    let mut gaps = Gaps { words: Words::new(ja), used: BTreeSet::new(), stands_for: BTreeMap::new(), found: Vec::new() };
    if let Err((_, errors)) = FluentResource::try_new(ja.to_owned()) {
        gaps.found.push(format!("the file cannot be read whole: {errors:?}"));
    }
    gaps.command(command, &[]);
    let known = texts(ja);
    gaps.found.extend(known.iter().filter(|text| !gaps.used.contains(*text)).map(|text| format!("{text} belongs to nothing")));
    gaps.found
}

/// The names of all texts of a file: `message` and `message.attribute`.
fn texts(ja: &str) -> Vec<String> {
    let mut message = "";
    let name = |line: &'_ str| line.split_once(" =").map(|(name, _)| name.to_owned());
    let mut texts = Vec::new();
    for line in ja.lines() {
        if let Some(attribute) = line.strip_prefix("    .") {
            texts.extend(name(attribute).map(|attribute| format!("{message}.{attribute}")));
        } else if !line.starts_with([' ', '#']) && line.contains(" =") {
            message = line.split(' ').next().unwrap_or_default();
            texts.push(message.to_owned());
        }
    }
    texts
}

struct Gaps {
    words: Words,
    used: BTreeSet<String>,
    stands_for: BTreeMap<String, String>,
    found: Vec<String>,
}

impl Gaps {
    fn command(&mut self, command: &Command, above: &[String]) {
        let path: Vec<String> = above.iter().cloned().chain([command.get_name().to_owned()]).collect();
        let at = name(&path);
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        match self.words.about(&path) {
            Some(text) => self.compare(&at, &text, &about),
            None => self.found.push(format!("{at} has no text")),
        }
        self.used.insert(at);
        let long = command.get_long_about().map(ToString::to_string).unwrap_or_default();
        self.prose(&path, "more", beyond(&long));
        self.prose(&path, "after-help", &command.get_after_help().map(ToString::to_string).unwrap_or_default());
        for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
            self.argument(arg, &path);
        }
        for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
            self.command(below, &path);
        }
    }

    /// A text with examples: it is needed where the English has more than these, and then has to have all of them.
    fn prose(&mut self, path: &[String], attribute: &str, english: &str) {
        let at = format!("{}.{attribute}", name(path));
        let (typed, rest) = examples(english);
        let Some(text) = self.words.own(path, attribute, &typed) else {
            if !rest.is_empty() {
                self.found.push(format!("{at} has no text: {rest}"));
            }
            return;
        };
        for example in typed.iter().filter(|example| !text.contains(*example)) {
            self.found.push(format!("{at} leaves out {example}"));
        }
        if text.contains("{$") {
            self.found.push(format!("{at} has an example that there is not: {text}"));
        }
        self.compare(&at, &text, english);
        self.used.insert(at);
    }

    fn argument(&mut self, arg: &Arg, path: &[String]) {
        let id = arg.get_id().as_str();
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        self.text(path, id, &help, true);
        let long = arg.get_long_help().map(ToString::to_string).unwrap_or_default();
        let more = beyond(&long);
        self.text(path, &format!("{id}-more"), more, !more.is_empty());
        for value in arg.get_possible_values().iter().filter(|value| !value.is_hide_set()) {
            let help = value.get_help().map(ToString::to_string);
            // A value of which the English says nothing may have a text.
            self.text(path, &format!("{id}-{}", value.get_name()), help.as_deref().unwrap_or(value.get_name()), help.is_some());
        }
    }

    fn text(&mut self, path: &[String], id: &str, english: &str, is_needed: bool) {
        let Some((message, text)) = self.words.argument(path, id) else {
            if is_needed {
                self.found.push(format!("{} has no text for {id}: {english}", name(path)));
            }
            return;
        };
        let at = format!("{message}.{id}");
        self.compare(&at, &text, english);
        let first = self.stands_for.entry(at.clone()).or_insert_with(|| english.to_owned());
        if first != english {
            let other = first.clone();
            self.found.push(format!("{at} stands for two: {other:?} and at {} {english:?}", name(path)));
        }
        self.used.insert(at);
    }

    /// Options, and programs with their commands, have to be those of the English.
    fn compare(&mut self, at: &str, japanese: &str, english: &str) {
        let is_name = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        for word in japanese.split(|c: char| !is_name(c)).filter(|word| word.starts_with("--") && word.len() > 2 || word.starts_with("tachiai")) {
            if !english.split(|c: char| !is_name(c)).any(|there| there == word) {
                self.found.push(format!("{at} names {word}, which the English does not: {english}"));
            }
        }
    }
}
