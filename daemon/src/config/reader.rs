//! Reads a table of TOML key by key, so that one wrong value does not hide the next.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::RangeInclusive;

use super::{Problem, Value};

/// A table, its path, and where problems go.
pub(super) struct Section<'a> {
    path: String,
    table: toml::Table,
    known: BTreeSet<String>,
    problems: &'a mut Vec<Problem>,
}

impl<'a> Section<'a> {
    pub(super) fn new(path: &str, table: toml::Table, problems: &'a mut Vec<Problem>) -> Self {
        Self { path: path.to_owned(), table, known: BTreeSet::new(), problems }
    }

    /// The value of a key, if it is there and right.
    pub(super) fn take<T: Value>(&mut self, key: &str) -> Option<T> {
        self.known.insert(key.to_owned());
        match self.table.remove(key)?.try_into() {
            Ok(value) => Some(value),
            Err(error) => {
                let what = error.to_string();
                let what = what.trim();
                self.problem(key, &format!("値が正しくありません: {what}"), &format!("the value is wrong: {what}"));
                None
            }
        }
    }

    /// The value of a key, or else the default.
    pub(super) fn or<T: Value>(&mut self, key: &str, default: T) -> T {
        self.take(key).unwrap_or(default)
    }

    /// The value of a key that must be there.
    pub(super) fn need<T: Value>(&mut self, key: &str, ja: &str, en: &str) -> Option<T> {
        if !self.table.contains_key(key) {
            self.known.insert(key.to_owned());
            self.problem(key, &format!("必要です: {ja}"), &format!("is missing: {en}"));
            return None;
        }
        self.take(key)
    }

    /// A whole number within a range, or else the default.
    pub(super) fn number<T: Value + PartialOrd + Display + Copy>(&mut self, key: &str, default: T, range: RangeInclusive<T>) -> T {
        let value = self.or(key, default);
        if range.contains(&value) {
            return value;
        }
        let (least, most) = range.into_inner();
        self.problem(key, &format!("{least} から {most} までの数です"), &format!("a number from {least} to {most} belongs here"));
        default
    }

    /// A table within; an empty one if it is not there.
    pub(super) fn section<'b>(&'b mut self, key: &str) -> Section<'b> {
        self.known.insert(key.to_owned());
        let path = self.at(key);
        let table = match self.table.remove(key) {
            None => toml::Table::new(),
            Some(toml::Value::Table(table)) => table,
            Some(_) => {
                self.problem(key, "表（[…]）が必要です", "a table belongs here");
                toml::Table::new()
            }
        };
        Section::new(&path, table, self.problems)
    }

    /// Says that something is wrong with a key.
    pub(super) fn problem(&mut self, key: &str, ja: &str, en: &str) {
        let path = self.at(key);
        self.problems.push(Problem { path, ja: ja.to_owned(), en: en.to_owned() });
    }

    /// Says which keys nobody asked for.
    pub(super) fn finish(mut self) {
        let known = self.known.iter().cloned().collect::<Vec<_>>().join(", ");
        for key in std::mem::take(&mut self.table).keys() {
            self.problem(key, &format!("この名前の項目はありません。使えるもの: {known}"), &format!("there is no such key; known are {known}"));
        }
    }

    fn at(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}
