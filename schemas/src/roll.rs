//! The electoral roll (選挙人名簿) as the resident system exports it: a CSV that is taken over whole or not at all.
//!
//! | column | holds |
//! |---|---|
//! | `宛名番号` | the resident system's number of the person; it stays in the sealed roll |
//! | `氏名` | the name |
//! | `氏名カナ` | the name in kana; may be empty |
//! | `生年月日` | `1980-04-01`, `1980/4/1`, `19800401`, `昭和55年4月1日` or `S55.4.1` |
//! | `性別` | `男` or `1`, `女` or `2`, `不明` or `3` |
//! | `住所` | the address |
//! | `投票区` | the district's identifier or its Japanese name |
//!
//! The order of the columns is free, others are ignored and said; lines before the header may begin with `#`. UTF-8 (with or without a byte order mark) and
//! Shift_JIS as Japanese Windows writes it are read.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::Timestamp;
use crate::election::District;
use crate::staff::{RollReport, RowProblem};
use encoding_rs::{Encoding, SHIFT_JIS, UTF_8};
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

mod date;

use date::birth_date;

/// The longest field in characters.
const MAX_FIELD: usize = 200;

/// The most problems of one kind that a report lists; a wrong column would else give one for each row.
const MAX_PROBLEMS: usize = 1_000;

/// The columns that a roll must have.
const COLUMNS: [&str; 7] = ["宛名番号", "氏名", "氏名カナ", "生年月日", "性別", "住所", "投票区"];

/// One person of the roll, in the form that commitments are made over (PROTOCOL §5.1).
///
/// There is no `Debug`: a roll must not reach a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize)]
#[serde(deny_unknown_fields)]
pub struct Elector {
    /// The resident system's number of the person.
    pub number: String,
    /// The name; runs of spaces are one U+3000.
    pub name: String,
    /// The name in kana, or empty.
    pub kana: String,
    /// The birth date, `YYYY-MM-DD`.
    pub birth: String,
    /// `1` male, `2` female, `3` unknown.
    pub sex: String,
    /// The address; runs of spaces are one U+3000.
    pub address: String,
    /// The index of the polling district in the specification.
    pub district: u16,
}

/// What an import gives: the report, and the roll if the report has no error.
pub struct Import {
    /// What was found.
    pub report: RollReport,
    /// The electors in the order of the file; `None` if there is any error.
    pub electors: Option<Vec<Elector>>,
    /// In which line of the file each of them stands.
    pub lines: Vec<u64>,
}

/// Reads a roll. `held` is the time of the vote: nobody on the roll is born after it.
#[must_use]
pub fn import(csv: &[u8], districts: &[District], held: Timestamp) -> Import {
    let decoded = decode(csv);
    let mut found = Found { errors: Vec::new(), warnings: Vec::new() };
    let (rows, electors, lines) = read(&decoded, districts, held, &mut found);
    found.errors.sort_by_key(|problem| problem.line);
    found.warnings.sort_by_key(|problem| problem.line);
    let good = found.errors.is_empty();
    let report = RollReport {
        encoding: decoded.name.to_owned(),
        rows,
        electors: if good { electors.len() as u64 } else { 0 },
        errors: found.errors,
        warnings: found.warnings,
    };
    Import { report, electors: good.then_some(electors), lines }
}

struct Decoded {
    name: &'static str,
    text: String,
}

/// Bytes that are valid UTF-8 are UTF-8: a Shift_JIS text of any length is not.
fn decode(bytes: &[u8]) -> Decoded {
    let (encoding, bytes): (&'static Encoding, &[u8]) = match Encoding::for_bom(bytes) {
        Some((found, length)) if found == UTF_8 => (UTF_8, bytes.get(length..).unwrap_or_default()),
        _ if std::str::from_utf8(bytes).is_ok() => (UTF_8, bytes),
        _ => (SHIFT_JIS, bytes),
    };
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    Decoded { name: if encoding == UTF_8 { "utf-8" } else { "shift_jis" }, text: text.into_owned() }
}

struct Found {
    errors: Vec<RowProblem>,
    warnings: Vec<RowProblem>,
}

fn push(list: &mut Vec<RowProblem>, line: u64, column: Option<&str>, ja: String, en: String) {
    if list.len() < MAX_PROBLEMS {
        list.push(RowProblem { line, column: column.map(ToOwned::to_owned), ja, en });
    }
}

impl Found {
    fn error(&mut self, line: u64, column: Option<&str>, ja: impl Into<String>, en: impl Into<String>) {
        push(&mut self.errors, line, column, ja.into(), en.into());
    }

    fn warn(&mut self, line: u64, column: Option<&str>, ja: impl Into<String>, en: impl Into<String>) {
        push(&mut self.warnings, line, column, ja.into(), en.into());
    }
}

/// Lines that begin with `#` before the header are for people; after it none is, so that no row is lost.
fn skip_comments(mut text: &str) -> (u64, &str) {
    let mut lines = 0;
    while text.starts_with('#') {
        text = text.split_once('\n').map_or("", |(_, rest)| rest);
        lines += 1;
    }
    (lines, text)
}

/// Where each of [`COLUMNS`] stands.
struct Layout([usize; COLUMNS.len()]);

fn read(decoded: &Decoded, districts: &[District], held: Timestamp, found: &mut Found) -> (u64, Vec<Elector>, Vec<u64>) {
    let (comments, text) = skip_comments(&decoded.text);
    // The reader counts a line at its line feed, which for CR LF is after the row has begun.
    let text = text.replace("\r\n", "\n");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    match reader.read_record(&mut record) {
        Ok(true) => {}
        _ => {
            found.error(1, None, "ファイルが空です。", "the file is empty");
            return (0, Vec::new(), Vec::new());
        }
    }
    let width = record.len();
    let Some(layout) = layout(&record, found) else { return (0, Vec::new(), Vec::new()) };

    let names = Districts::new(districts);
    let today = date::of(held);
    let (mut rows, mut electors, mut lines) = (0u64, Vec::new(), Vec::new());
    let mut numbers: HashMap<String, u64> = HashMap::new();
    let mut persons: HashMap<[String; 4], u64> = HashMap::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                let line = comments + error.position().map_or(1, csv::Position::line);
                found.error(line, None, "CSVとして読み取れません。", "this is not readable as CSV");
                break;
            }
        }
        rows += 1;
        let line = comments + record.position().map_or(1, csv::Position::line);
        if record.len() != width {
            let n = record.len();
            found.error(line, None, format!("列の数が{n}です。見出しは{width}列です。"), format!("{n} fields where the header has {width}"));
            continue;
        }
        let row = Row { line, record: &record, layout: &layout };
        let Some(elector) = row.elector(&names, today, found) else { continue };
        match numbers.entry(elector.number.clone()) {
            Entry::Vacant(place) => {
                place.insert(line);
            }
            Entry::Occupied(first) => {
                let first = first.get();
                found.error(line, Some("宛名番号"), format!("{first}行目と同じ宛名番号です。"), format!("the number stands in line {first} already"));
                continue;
            }
        }
        let person = [elector.name.clone(), elector.birth.clone(), elector.sex.clone(), elector.address.clone()];
        match persons.entry(person) {
            Entry::Vacant(place) => {
                place.insert(line);
            }
            Entry::Occupied(first) => {
                let first = first.get();
                found.error(
                    line,
                    None,
                    format!("{first}行目と同じ方です(氏名・生年月日・性別・住所が一致)。"),
                    format!("the same person stands in line {first} (name, birth date, sex and address are equal)"),
                );
                continue;
            }
        }
        electors.push(elector);
        lines.push(line);
    }
    if rows == 0 {
        found.error(1, None, "名簿に1人も載っていません。", "nobody is on the roll");
    }
    if electors.len() > u32::MAX as usize {
        found.error(1, None, "人数が多すぎます。", "more electors than slots can be numbered");
    }
    (rows, electors, lines)
}

fn layout(header: &csv::StringRecord, found: &mut Found) -> Option<Layout> {
    let titles: Vec<&str> = header.iter().map(str::trim).collect();
    let mut places = [0; COLUMNS.len()];
    let mut whole = true;
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        let mut at = titles.iter().enumerate().filter(|(_, title)| **title == column).map(|(index, _)| index);
        match (at.next(), at.next()) {
            (Some(index), None) => *place = index,
            (Some(_), Some(_)) => {
                whole = false;
                found.error(1, Some(column), "見出しが2度あります。", "the header names this column twice");
            }
            (None, _) => {
                whole = false;
                found.error(
                    1,
                    Some(column),
                    "見出しにこの列がありません。文字コードはUTF-8またはShift_JISにしてください。",
                    "the header lacks this column; the file must be UTF-8 or Shift_JIS",
                );
            }
        }
    }
    for title in titles.iter().filter(|title| !COLUMNS.contains(title)) {
        found.warn(1, Some(title), "この列は使いません。", "this column is ignored");
    }
    whole.then_some(Layout(places))
}

struct Districts<'a>(HashMap<&'a str, u16>);

impl<'a> Districts<'a> {
    fn new(districts: &'a [District]) -> Self {
        let mut names = HashMap::new();
        // An identifier wins over another district's name.
        for key in [|d: &'a District| d.name.ja.as_str(), |d: &'a District| d.id.as_str()] {
            for (index, district) in (0u16..).zip(districts) {
                names.insert(key(district), index);
            }
        }
        Self(names)
    }
}

struct Row<'a> {
    line: u64,
    record: &'a csv::StringRecord,
    layout: &'a Layout,
}

impl Row<'_> {
    /// Reads every field, so that all that is wrong with a row is said at once.
    fn elector(&self, districts: &Districts<'_>, today: (u16, u8, u8), found: &mut Found) -> Option<Elector> {
        let [number, name, kana, birth, sex, address, district] = self.fields();
        let number = self.text(0, number, Need::Required, found);
        let name = self.text(1, name, Need::Required, found);
        let kana = self.text(2, kana, Need::Optional, found);
        let birth = self.text(3, birth, Need::Required, found).and_then(|text| self.birth(&text, today, found));
        let sex = self.text(4, sex, Need::Required, found).and_then(|text| self.sex(&text, found));
        let address = self.text(5, address, Need::Required, found);
        let district = self.text(6, district, Need::Required, found).and_then(|text| self.district(&text, districts, found));
        Some(Elector { number: number?, name: name?, kana: kana?, birth: birth?, sex: sex?, address: address?, district: district? })
    }

    fn fields(&self) -> [&str; COLUMNS.len()] {
        self.layout.0.map(|index| self.record.get(index).unwrap_or_default())
    }

    fn text(&self, column: usize, raw: &str, need: Need, found: &mut Found) -> Option<String> {
        let column = COLUMNS.get(column).copied();
        let text = one_space(raw);
        if text.is_empty() && need == Need::Required {
            found.error(self.line, column, "空です。", "this field is empty");
            return None;
        }
        if text.chars().count() > MAX_FIELD {
            found.error(self.line, column, format!("{MAX_FIELD}文字を超えています。"), format!("longer than {MAX_FIELD} characters"));
            return None;
        }
        if text.chars().any(char::is_control) {
            found.error(self.line, column, "制御文字が含まれています。", "this field holds a control character");
            return None;
        }
        self.look_at_characters(column, &text, found);
        Some(text)
    }

    fn look_at_characters(&self, column: Option<&str>, text: &str, found: &mut Found) {
        for character in text.chars().filter(|c| !c.is_ascii()) {
            let code = format!("U+{:04X}", u32::from(character));
            match kind_of(character) {
                Character::Jis => {}
                Character::Undecodable => found.warn(
                    self.line,
                    column,
                    "読み取れないバイトがあり、〓の代わりにU+FFFDになりました。",
                    "bytes that are no character of the encoding became U+FFFD",
                ),
                Character::PrivateUse => found.warn(
                    self.line,
                    column,
                    format!("外字({code})が含まれています。カードの文字と一致しません。"),
                    format!("a private-use character ({code}): it will not be equal to the card's"),
                ),
                Character::Selector => {
                    found.warn(self.line, column, format!("異体字セレクタ({code})が含まれています。"), format!("a variation selector ({code})"))
                }
                Character::Outside => found.warn(
                    self.line,
                    column,
                    format!("JIS第1・第2水準の外の文字「{character}」({code})です。カードの代替文字を確かめてください。"),
                    format!("\u{201c}{character}\u{201d} ({code}) is outside JIS level 1 and 2: compare it with the card's substitute"),
                ),
            }
        }
    }

    fn birth(&self, text: &str, today: (u16, u8, u8), found: &mut Found) -> Option<String> {
        match birth_date(text) {
            Some(date) if date > today => {
                found.error(self.line, Some("生年月日"), "投票の日より後です。", "the date is after the vote");
                None
            }
            Some((year, month, day)) => Some(format!("{year:04}-{month:02}-{day:02}")),
            None => {
                found.error(self.line, Some("生年月日"), "ありえない日付か、読めない書き方です。", "not a date that exists, or not readable");
                None
            }
        }
    }

    fn sex(&self, text: &str, found: &mut Found) -> Option<String> {
        let code = match text {
            "男" | "1" | "１" => "1",
            "女" | "2" | "２" => "2",
            "不明" | "3" | "３" => "3",
            _ => {
                found.error(self.line, Some("性別"), "男・女・不明、または1・2・3にしてください。", "use 男, 女, 不明 or 1, 2, 3");
                return None;
            }
        };
        Some(code.to_owned())
    }

    fn district(&self, text: &str, districts: &Districts<'_>, found: &mut Found) -> Option<u16> {
        let index = districts.0.get(text).copied();
        if index.is_none() {
            found.error(
                self.line,
                Some("投票区"),
                format!("投票区「{text}」は選挙の設定にありません。"),
                format!("the election has no district \u{201c}{text}\u{201d}"),
            );
        }
        index
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Required,
    Optional,
}

/// Trims, and makes one U+3000 of every run of spaces (PROTOCOL §5.1).
fn one_space(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for word in raw.split([' ', '\u{3000}', '\u{a0}', '\t']).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push('\u{3000}');
        }
        out.push_str(word);
    }
    out
}

enum Character {
    Jis,
    Undecodable,
    PrivateUse,
    Selector,
    Outside,
}

fn kind_of(character: char) -> Character {
    match character {
        '\u{fffd}' => Character::Undecodable,
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' => Character::PrivateUse,
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => Character::Selector,
        _ => {
            let mut buffer = [0; 4];
            let (_, _, unmappable) = SHIFT_JIS.encode(character.encode_utf8(&mut buffer));
            if unmappable { Character::Outside } else { Character::Jis }
        }
    }
}

#[cfg(test)]
mod tests;
