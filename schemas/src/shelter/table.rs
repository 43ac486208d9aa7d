//! A table as offices hand it on: a CSV in UTF-8 or Shift_JIS, or the properties of the features of a GeoJSON file. Every cell has a place that can be named.

use std::collections::BTreeSet;

use csv::StringRecord;
use serde::{Deserialize, Serialize};

use crate::roll::{Damage, Decoded, Found, decode, one_space};
use crate::rows::Rows;
use crate::staff::RowProblem;

/// The longest field in characters.
const MAX_FIELD: usize = 500;

/// What was found in a file that is imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportReport {
    /// `utf-8`, `shift_jis`, or `utf-16` or `binary`, which are not read.
    pub encoding: String,
    /// Rows after the header, or features.
    pub rows: u64,
    /// How many of them can be taken over.
    pub taken: u64,
    /// Rows that cannot be taken over, and why. A feature's number stands for the line.
    pub errors: Vec<RowProblem>,
    /// What a person should look at: cells that were not understood, characters outside JIS (外字) and the like.
    pub warnings: Vec<RowProblem>,
    /// How many more problems there are than are listed.
    pub more: u64,
}

/// Rows with their lines under one header.
pub(crate) struct Table {
    pub(crate) encoding: &'static str,
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<(u64, StringRecord)>,
}

/// A column of a table: where it is and how it is called there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) index: usize,
    pub(crate) name: String,
}

/// What goes wrong while a table is read, with the numbers of problems that are not listed, and which columns something is made of.
pub(crate) struct Problems {
    found: Found,
    all: u64,
    used: BTreeSet<usize>,
}

impl Problems {
    pub(crate) const fn new() -> Self {
        Self { found: Found { errors: Vec::new(), warnings: Vec::new() }, all: 0, used: BTreeSet::new() }
    }

    pub(crate) fn error(&mut self, line: u64, column: Option<&str>, ja: impl Into<String>, en: impl Into<String>) {
        self.all += 1;
        self.found.error(line, column, ja, en);
    }

    pub(crate) fn warn(&mut self, line: u64, column: Option<&str>, ja: impl Into<String>, en: impl Into<String>) {
        self.all += 1;
        self.found.warn(line, column, ja, en);
    }

    /// Says a cell that was not understood; only for cells that tell nothing of a person.
    pub(crate) fn unread(&mut self, line: u64, column: &Column, text: &str) {
        let shown: String = text.chars().take(80).collect();
        self.warn(line, Some(&column.name), format!("読めないところがあります:「{shown}」"), format!("not understood: \u{201c}{shown}\u{201d}"));
    }

    /// Says characters that nobody can read elsewhere; others of a name that tells nothing of a person stay as they are.
    pub(crate) fn unreadable(&mut self, line: u64, column: &Column, text: &str) {
        if text.chars().any(|c| c == '\u{fffd}' || matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..)) {
            self.unread(line, column, text);
        }
    }

    pub(crate) fn report(self, encoding: &str, rows: u64, taken: u64) -> ImportReport {
        let Self { found: Found { mut errors, mut warnings }, all, used: _ } = self;
        errors.sort_by_key(|problem| problem.line);
        warnings.sort_by_key(|problem| problem.line);
        let more = all.saturating_sub((errors.len() + warnings.len()) as u64);
        ImportReport { encoding: encoding.to_owned(), rows, taken, errors, warnings, more }
    }
}

impl Table {
    /// Reads a file: GeoJSON if it is a JSON object, else CSV.
    pub(crate) fn read(bytes: &[u8], problems: &mut Problems) -> Self {
        let Decoded { name, text, damage } = decode(bytes);
        if let Some(damage) = damage {
            let [ja, en] = damage.said();
            problems.error(damage.line(), None, ja, en);
            if matches!(damage, Damage::NoText) {
                return Self { encoding: name, header: Vec::new(), rows: Vec::new() };
            }
        }
        if text.trim_start().starts_with('{') { Self::geojson(name, &text, problems) } else { Self::csv(name, &text, problems) }
    }

    fn csv(encoding: &'static str, text: &str, problems: &mut Problems) -> Self {
        let (mut header, mut rows) = (Vec::new(), Vec::new());
        for row in Rows::of(text) {
            let (line, record) = match row {
                Ok(row) => row,
                Err(line) => {
                    problems.error(line, None, "CSVとして読み取れません。", "this is not readable as CSV");
                    break;
                }
            };
            if header.is_empty() {
                header = record.iter().map(|title| title.trim().to_owned()).collect();
                continue;
            }
            if record.len() != header.len() {
                let (n, width) = (record.len(), header.len());
                problems.error(line, None, format!("列の数が{n}です。見出しは{width}列です。"), format!("{n} fields where the header has {width}"));
            }
            rows.push((line, record));
        }
        if header.is_empty() {
            problems.error(1, None, "ファイルが空です。", "the file is empty");
        }
        Self { encoding, header, rows }
    }

    /// The properties of the features, and their points as the columns 緯度 and 経度.
    fn geojson(encoding: &'static str, text: &str, problems: &mut Problems) -> Self {
        let mut table = Self { encoding, header: vec!["緯度".to_owned(), "経度".to_owned()], rows: Vec::new() };
        let value: serde_json::Value = match serde_json::from_str(text) {
            Ok(value) => value,
            Err(error) => {
                problems.error(error.line() as u64, None, "JSONとして読み取れません。", "this is not readable as JSON");
                return table;
            }
        };
        let Some(features) = value.get("features").and_then(serde_json::Value::as_array) else {
            problems.error(1, None, "GeoJSONの地物の集まり(FeatureCollection)ではありません。", "this is no GeoJSON feature collection");
            return table;
        };
        let mut cells: Vec<(u64, Vec<String>)> = Vec::with_capacity(features.len());
        for (number, feature) in (1_u64..).zip(features) {
            let mut row = vec![String::new(); table.header.len()];
            match point(feature) {
                Some((longitude, latitude)) => {
                    row[0] = latitude;
                    row[1] = longitude;
                }
                None => problems.warn(number, Some("geometry"), "点ではないため、位置は使いません。", "no point, so the position is not used"),
            }
            match feature.get("properties").and_then(serde_json::Value::as_object) {
                Some(properties) => {
                    for (name, value) in properties {
                        let index = table.header.iter().position(|title| title == name).unwrap_or_else(|| {
                            table.header.push(name.clone());
                            table.header.len() - 1
                        });
                        row.resize(table.header.len().max(row.len()), String::new());
                        row[index] = text_of(value);
                    }
                }
                None => problems.error(number, Some("properties"), "属性がありません。", "the feature has no properties"),
            }
            cells.push((number, row));
        }
        for (number, mut row) in cells {
            row.resize(table.header.len(), String::new());
            table.rows.push((number, StringRecord::from(row)));
        }
        table
    }

    /// The column with the first of these names that the header has; said, if it has one of them twice.
    pub(crate) fn column(&self, names: &[&str], problems: &mut Problems) -> Option<Column> {
        for name in names {
            let mut at = self.header.iter().enumerate().filter(|(_, title)| title.as_str() == *name);
            let Some((index, title)) = at.next() else { continue };
            if at.next().is_some() {
                problems.error(1, Some(name), "見出しが2度あります。", "the header names this column twice");
            }
            problems.used.insert(index);
            return Some(Column { index, name: title.clone() });
        }
        None
    }

    /// The first column whose title fits.
    pub(crate) fn column_by(&self, fits: impl Fn(&str) -> bool, problems: &mut Problems) -> Option<Column> {
        let (index, title) = self.header.iter().enumerate().find(|(_, title)| fits(title))?;
        problems.used.insert(index);
        Some(Column { index, name: title.clone() })
    }

    /// Says the columns that nobody asked for, if they hold anything.
    pub(crate) fn say_unused(&self, problems: &mut Problems) {
        for (index, title) in self.header.iter().enumerate() {
            let holds = || self.rows.iter().filter(|(_, row)| row.get(index).is_some_and(|cell| !cell.trim().is_empty())).count();
            if problems.used.contains(&index) {
                continue;
            }
            match holds() {
                0 => {}
                cells => problems.warn(
                    1,
                    Some(title),
                    format!("この列は使いません({cells}行に記載)。"),
                    format!("this column is ignored ({cells} rows hold something)"),
                ),
            }
        }
    }

    /// Whether a row has the fields of the header; else it was said.
    pub(crate) fn is_whole(&self, row: &StringRecord) -> bool {
        row.len() == self.header.len()
    }
}

/// The trimmed text of a cell, with one U+3000 for every run of spaces; empty where there is no such column or nothing in it, or, said, if no field may hold it.
pub(crate) fn cell(line: u64, row: &StringRecord, column: Option<&Column>, problems: &mut Problems) -> String {
    let Some(Column { index, name }) = column else { return String::new() };
    let raw = row.get(*index).unwrap_or_default();
    if raw.is_empty() {
        return String::new();
    }
    let text = one_space(&raw.replace(['\r', '\n'], " "));
    if text.chars().count() > MAX_FIELD {
        problems.error(line, Some(name), format!("{MAX_FIELD}文字を超えています。"), format!("longer than {MAX_FIELD} characters"));
        return String::new();
    }
    if text.chars().any(char::is_control) {
        problems.error(line, Some(name), "制御文字が含まれています。", "this field holds a control character");
        return String::new();
    }
    text
}

fn point(feature: &serde_json::Value) -> Option<(String, String)> {
    let geometry = feature.get("geometry")?;
    if geometry.get("type")?.as_str()? != "Point" {
        return None;
    }
    let mut numbers = geometry.get("coordinates")?.as_array()?.iter().map(|number| number.is_number().then(|| number.to_string()));
    Some((numbers.next()??, numbers.next()??))
}

fn text_of(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
