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
//! These may be there, too; they decide who may vote on the polling date ([`qualification`]), and whoever may not gets no slot:
//!
//! | column | holds |
//! |---|---|
//! | `住民となった年月日` or `登録年月日` | since when in the register of this municipality |
//! | `国籍` or `日本国民` | the nationality; or whether Japanese: `はい`・`1`, `いいえ`・`0` |
//! | `停止` | why the right is lost or suspended; empty or `なし` if it is not |
//! | `転出年月日` | when the person moved away, or will |
//! | `支援措置` | whether the address is kept from others: `あり`・`1`, empty or `なし` |
//!
//! The order of the columns is free, others are ignored and said; lines before the header may begin with `#`. UTF-8 (with or without a byte order mark) and
//! Shift_JIS as Japanese Windows writes it are read.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::columns::{Column, Needed};
use crate::election::District;
use crate::rows::Rows;
use crate::staff::{RollReport, RowProblem};
use crate::{Lang, Say, Timestamp};
use encoding_rs::{Encoding, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE};
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

pub mod case;
mod date;
pub mod difference;
pub mod qualification;

pub use case::{RollCase, RollDone, RollOrder, RollRequest};
pub use date::{Day, DayError};
pub use difference::{Field, RollDifference, difference};
pub use qualification::{Bar, Nationality, Protection, Qualification, Standing, qualify};

/// The longest field in characters.
const MAX_FIELD: usize = 200;

/// The most problems of one kind that a report lists; a wrong column would else give one for each row.
const MAX_PROBLEMS: usize = 1_000;

/// The columns that a roll must have.
const COLUMNS: [&str; 7] = ["宛名番号", "氏名", "氏名カナ", "生年月日", "性別", "住所", "投票区"];

/// The columns that a roll may have: each with its names, of which a header has one.
const OPTIONAL: [&[&str]; 5] = [&["住民となった年月日", "登録年月日"], &["国籍", "日本国民"], &["停止"], &["転出年月日"], &["支援措置"]];

/// What stands in the columns of two rows of an example.
const EXAMPLES: [[&str; COLUMNS.len() + OPTIONAL.len()]; 2] = [
    ["1001", "養父　太郎", "ヤブ　タロウ", "1950-04-01", "男", "養父市八鹿町八鹿1001", "1", "1975-06-01", "日本", "", "", ""],
    ["1002", "養父　花子", "ヤブ　ハナコ", "昭和27年11月3日", "女", "養父市八鹿町八鹿1001", "1", "1975-06-01", "日本", "", "", ""],
];

/// The names of [`COLUMNS`], each alone.
const NAMES: [&[&str]; COLUMNS.len()] = [&[COLUMNS[0]], &[COLUMNS[1]], &[COLUMNS[2]], &[COLUMNS[3]], &[COLUMNS[4]], &[COLUMNS[5]], &[COLUMNS[6]]];

/// The columns of a roll.
#[must_use]
pub fn columns() -> Vec<Column> {
    let needs = NAMES.map(|names| (names, Needed::Yes)).into_iter().chain(OPTIONAL.map(|names| (names, Needed::No)));
    let [one, two] = EXAMPLES;
    needs.zip(one.into_iter().zip(two)).map(|((names, need), (one, two))| Column { names, need, example: [one, two] }).collect()
}

/// One person of the roll, in the form that commitments are made over (PROTOCOL §5.1).
///
/// There is no `Debug`: a roll must not reach a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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

/// One person as the roll lists it until the opening: who it is, and what decides whether that person may vote.
///
/// There is no `Debug`: a roll must not reach a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Listed {
    /// Who.
    pub elector: Elector,
    /// What the resident system says besides.
    pub standing: Standing,
}

impl Listed {
    /// Whether this person may vote on the polling date. A birth date that is none, which no import takes over, bars nobody here: it has no commitment.
    #[must_use]
    pub fn qualify(&self, polling: Day) -> Qualification {
        let birth = self.elector.birth.parse().unwrap_or(polling);
        qualify(birth, &self.standing, polling)
    }
}

/// What an import gives: the report, and the roll if the report has no error.
pub struct Import {
    /// What was found.
    pub report: RollReport,
    /// The electors who may vote on the polling date, in the order of the file; `None` if there is any error.
    pub electors: Option<Vec<Elector>>,
    /// In which line of the file each of them stands.
    pub lines: Vec<u64>,
    /// Everybody in the file, in its order; empty if there is any error.
    pub listed: Vec<Listed>,
}

/// Reads a roll. `held` is the time of the vote: nobody on the roll is born after it, and who may not vote on that day in Japan is listed without being
/// an elector.
#[must_use]
pub fn import(csv: &[u8], districts: &[District], held: Timestamp) -> Import {
    let decoded = decode(csv);
    let mut found = Found { errors: Vec::new(), warnings: Vec::new() };
    let polling = Day::of(held);
    let (rows, listed, all) = match &decoded.damage {
        None => read(&decoded, districts, polling, &mut found),
        Some(damage) => {
            let [ja, en] = damage.said();
            found.error(damage.line(), None, ja, en);
            (0, Vec::new(), Vec::new())
        }
    };
    let (mut electors, mut lines) = (Vec::with_capacity(listed.len()), Vec::with_capacity(listed.len()));
    for (person, line) in listed.iter().zip(all) {
        let verdict = person.qualify(polling);
        if verdict.is_qualified() {
            electors.push(person.elector.clone());
            lines.push(line);
        } else {
            found.unqualified(line, &verdict.bars);
        }
    }
    found.errors.sort_by_key(|problem| problem.line);
    found.warnings.sort_by_key(|problem| problem.line);
    let good = found.errors.is_empty();
    let report = RollReport {
        encoding: decoded.name.to_owned(),
        rows,
        electors: if good { electors.len() as u64 } else { 0 },
        unqualified: if good { (listed.len() - electors.len()) as u64 } else { 0 },
        errors: found.errors,
        warnings: found.warnings,
    };
    Import { report, electors: good.then_some(electors), lines, listed: if good { listed } else { Vec::new() } }
}

/// Writes a roll as CSV in UTF-8 that [`import`] reads back as the same roll.
#[must_use]
pub fn to_csv(people: &[Listed], districts: &[District]) -> String {
    let mut out = "宛名番号,氏名,氏名カナ,生年月日,性別,住所,投票区,住民となった年月日,国籍,停止,転出年月日,支援措置\r\n".to_owned();
    for person in people {
        for (place, field) in row(person, districts).iter().enumerate() {
            if place > 0 {
                out.push(',');
            }
            if field.contains([',', '"', '\n', '\r']) {
                out.push('"');
                out.push_str(&field.replace('"', "\"\""));
                out.push('"');
            } else {
                out.push_str(field);
            }
        }
        out.push_str("\r\n");
    }
    out
}

/// The fields of one person, in the order of the columns that [`to_csv`] writes.
fn row(person: &Listed, districts: &[District]) -> [String; 12] {
    let Listed { elector, standing } = person;
    let Elector { number, name, kana, birth, sex, address, district } = elector.clone();
    let Standing { since, nationality, suspended, left, protection } = standing;
    let day = |day: &Option<Day>| day.map_or_else(String::new, |day| day.to_string());
    let district = districts.get(usize::from(district)).map_or_else(String::new, |district| district.id.clone());
    let nationality = match nationality {
        Nationality::NotSaid => "",
        Nationality::Japanese => "日本",
        Nationality::Other => "日本以外",
    };
    let protection = match protection {
        Protection::Open => "",
        Protection::Protected => "あり",
    };
    let suspended = suspended.clone().unwrap_or_default();
    [number, name, kana, birth, sex, address, district, day(since), nationality.to_owned(), suspended, day(left), protection.to_owned()]
}

/// Puts a value into one field of a person, by the rules of a file.
///
/// # Errors
/// What is wrong with the value.
pub fn corrected(person: &Listed, field: Field, value: &str, districts: &[District], held: Timestamp) -> Result<Listed, Vec<RowProblem>> {
    let header = to_csv(&[], districts);
    let mut fields = row(person, districts);
    if let Some(place) = fields.get_mut(column_of(field)) {
        value.clone_into(place);
    }
    let line = fields.iter().map(|field| format!("\"{}\"", field.replace('"', "\"\""))).collect::<Vec<_>>().join(",");
    let import = import(format!("{header}{line}\r\n").as_bytes(), districts, held);
    import.listed.into_iter().next().ok_or(import.report.errors)
}

/// Where [`row`] has a field.
const fn column_of(field: Field) -> usize {
    match field {
        Field::Name => 1,
        Field::Kana => 2,
        Field::Birth => 3,
        Field::Sex => 4,
        Field::Address => 5,
        Field::District => 6,
        Field::Since => 7,
        Field::Nationality => 8,
        Field::Suspended => 9,
        Field::Left => 10,
        Field::Protection => 11,
    }
}

/// The text of a file in either encoding, as [`import`] reads it.
#[must_use]
pub fn text_of(bytes: &[u8]) -> String {
    decode(bytes).text
}

/// The text of a file with the name of its encoding.
pub(crate) struct Decoded {
    pub(crate) name: &'static str,
    pub(crate) text: String,
    /// Why it is not read.
    pub(crate) damage: Option<Damage>,
}

/// Why the text of a file is not read.
pub(crate) enum Damage {
    /// It is UTF-8 up to here.
    Cut {
        /// The first byte that is part of no character, from 0.
        at: usize,
        /// The line in which it stands.
        line: u64,
    },
    /// It is UTF-16, which spreadsheets call "Unicode text".
    Utf16,
    /// It is no text: a workbook, a PDF, a picture.
    NoText,
}

impl Damage {
    /// The line in which it is found.
    pub(crate) const fn line(&self) -> u64 {
        match self {
            Self::Cut { line, .. } => *line,
            Self::Utf16 | Self::NoText => 1,
        }
    }

    /// In words, Japanese and English.
    pub(crate) fn said(&self) -> [String; 2] {
        match self {
            Self::Cut { at, .. } => [
                format!("UTF-8のファイルですが、{at}バイト目から文字として読み取れません。途中で切れているか、壊れています。もう一度書き出してください。"),
                format!("this is UTF-8, but no character at byte {at}: the file is cut off or damaged. Export it again"),
            ],
            Self::NoText => [
                "CSVなどの文字のファイルではありません（Excelのブック、PDF、画像など）。Excelで開き、「名前を付けて保存」でファイルの種類を「CSV UTF-8（コンマ区切り）」にして保存したものを指定してください。".to_owned(),
                "this is no text such as CSV, but a workbook, a PDF, a picture or the like. Open it in Excel, and by “Save As” with the type “CSV UTF-8 (Comma delimited)” make the file that you name here".to_owned(),
            ],
            Self::Utf16 => [
                "文字コードがUTF-16です。UTF-8で保存し直してください。Excelでは「名前を付けて保存」でファイルの種類を「CSV UTF-8（コンマ区切り）」に、メモ帳では文字コードを「UTF-8」にします。".to_owned(),
                "this is UTF-16. Save it as UTF-8: in Excel by “Save As” with the type “CSV UTF-8 (Comma delimited)”, in Notepad with the encoding “UTF-8”".to_owned(),
            ],
        }
    }
}

/// Bytes that are valid UTF-8 are UTF-8: a Shift_JIS text of any length is not. Nor is a text Shift_JIS that begins with a byte order mark, or with columns of
/// a roll in UTF-8: where such a one cannot be read on, it is damaged.
pub(crate) fn decode(bytes: &[u8]) -> Decoded {
    if is_no_text(bytes) {
        return Decoded { name: "binary", text: String::new(), damage: Some(Damage::NoText) };
    }
    if let Some(encoding) = utf_16(bytes) {
        return Decoded { name: "utf-16", text: encoding.decode(bytes).0.into_owned(), damage: Some(Damage::Utf16) };
    }
    let marked = matches!(Encoding::for_bom(bytes), Some((found, _)) if found == UTF_8);
    let damage = std::str::from_utf8(bytes).err().filter(|error| marked || names_columns(bytes.get(..error.valid_up_to()).unwrap_or_default()));
    let damage = damage.map(|error| {
        let at = error.valid_up_to();
        Damage::Cut { at, line: 1 + bytes.iter().take(at).filter(|byte| **byte == b'\n').count() as u64 }
    });
    let encoding: &'static Encoding = if damage.is_some() || std::str::from_utf8(bytes).is_ok() { UTF_8 } else { SHIFT_JIS };
    let (text, _) = if encoding == UTF_8 { encoding.decode_with_bom_removal(bytes) } else { encoding.decode_without_bom_handling(bytes) };
    Decoded { name: if encoding == UTF_8 { "utf-8" } else { "shift_jis" }, text: text.into_owned(), damage }
}

/// How files begin that offices have beside their CSV, and that are no text.
const NO_TEXTS: [&[u8]; 8] = [b"PK\x03\x04", b"%PDF-", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"SQLite format 3\0"];

/// Whether a file is no text: by how it begins, or because zeros stand in it that no encoding of a text has.
fn is_no_text(bytes: &[u8]) -> bool {
    let is_marked = matches!(Encoding::for_bom(bytes), Some((found, _)) if found != UTF_8);
    let is_garbled = |encoding: &'static Encoding| {
        let (text, _) = encoding.decode_without_bom_handling(bytes.get(..4096).unwrap_or(bytes));
        text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\r' | '\n'))
    };
    NO_TEXTS.iter().any(|begins| bytes.starts_with(begins)) || (!is_marked && utf_16(bytes).is_some_and(is_garbled))
}

/// Which UTF-16 a text is, by its byte order mark or by the zeros that stand beside every comma and line feed: no other text has any.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let marked = Encoding::for_bom(bytes).map(|(found, _)| found).filter(|found| *found != UTF_8);
    let zero = || bytes.iter().take(4096).position(|byte| *byte == 0).map(|at| if at % 2 == 0 { UTF_16BE } else { UTF_16LE });
    marked.or_else(zero)
}

/// Whether a text in UTF-8 has two columns of a roll's header in its lines.
fn names_columns(text: &[u8]) -> bool {
    let text = std::str::from_utf8(text).unwrap_or_default();
    COLUMNS.iter().filter(|column| text.contains(**column)).count() >= 2
}

/// What is wrong with a file, and what a person should look at.
pub(crate) struct Found {
    pub(crate) errors: Vec<RowProblem>,
    pub(crate) warnings: Vec<RowProblem>,
}

fn push(list: &mut Vec<RowProblem>, line: u64, column: Option<&str>, ja: String, en: String) {
    if list.len() < MAX_PROBLEMS {
        list.push(RowProblem { line, column: column.map(ToOwned::to_owned), ja, en });
    }
}

impl Found {
    pub(crate) fn error(&mut self, line: u64, column: Option<&str>, ja: impl Into<String>, en: impl Into<String>) {
        push(&mut self.errors, line, column, ja.into(), en.into());
    }

    pub(crate) fn warn(&mut self, line: u64, column: Option<&str>, ja: impl Into<String>, en: impl Into<String>) {
        push(&mut self.warnings, line, column, ja.into(), en.into());
    }

    fn unqualified(&mut self, line: u64, bars: &[Bar]) {
        let all = |lang: Lang, between: &str| bars.iter().map(|bar| bar.say(lang)).collect::<Vec<_>>().join(between);
        self.warn(
            line,
            None,
            format!("投票の日に選挙権がなく、投票できません: {}", all(Lang::Ja, "／")),
            format!("not qualified on the polling date: {}", all(Lang::En, "; ")),
        );
    }
}

/// Lines that begin with `#` before the header are for people; after it none is, so that no row is lost.
pub(crate) fn skip_comments(mut text: &str) -> (u64, &str) {
    let mut lines = 0;
    while text.starts_with('#') {
        text = text.split_once('\n').map_or("", |(_, rest)| rest);
        lines += 1;
    }
    (lines, text)
}

/// Where each of [`COLUMNS`] and of [`OPTIONAL`] stands, the latter with its name in this header.
struct Layout {
    needed: [usize; COLUMNS.len()],
    optional: [Option<(usize, &'static str)>; OPTIONAL.len()],
}

fn read(decoded: &Decoded, districts: &[District], today: Day, found: &mut Found) -> (u64, Vec<Listed>, Vec<u64>) {
    let mut rows_of = Rows::of(&decoded.text);
    let Some(Ok((_, header))) = rows_of.next() else {
        found.error(1, None, "ファイルが空です。", "the file is empty");
        return (0, Vec::new(), Vec::new());
    };
    let width = header.len();
    let Some(layout) = layout(&header, found) else { return (0, Vec::new(), Vec::new()) };

    let names = Districts::new(districts);
    let (mut rows, mut electors, mut lines) = (0u64, Vec::new(), Vec::new());
    let mut numbers: HashMap<String, u64> = HashMap::new();
    let mut persons: HashMap<[String; 4], u64> = HashMap::new();
    for row in rows_of {
        let (line, record) = match row {
            Ok(row) => row,
            Err(line) => {
                found.error(line, None, "CSVとして読み取れません。", "this is not readable as CSV");
                break;
            }
        };
        rows += 1;
        if record.len() != width {
            let n = record.len();
            found.error(line, None, format!("列の数が{n}です。見出しは{width}列です。"), format!("{n} fields where the header has {width}"));
            continue;
        }
        let row = Row { line, record: &record, layout: &layout };
        let (elector, standing) = (row.elector(&names, today, found), row.standing(found));
        let (Some(elector), Some(standing)) = (elector, standing) else { continue };
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
        electors.push(Listed { elector, standing });
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
    let mut optional = [None; OPTIONAL.len()];
    for (place, names) in optional.iter_mut().zip(OPTIONAL) {
        for (index, title) in titles.iter().enumerate() {
            let Some(name) = names.iter().find(|name| *name == title) else { continue };
            if place.replace((index, *name)).is_some() {
                whole = false;
                found.error(1, Some(name), "同じ内容の見出しが2度あります。", "the header has two columns for the same thing");
            }
        }
    }
    for title in titles.iter().filter(|title| !COLUMNS.contains(title) && !OPTIONAL.iter().any(|names| names.contains(title))) {
        found.warn(1, Some(title), "この列は使いません。", "this column is ignored");
    }
    whole.then_some(Layout { needed: places, optional })
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
    fn elector(&self, districts: &Districts<'_>, today: Day, found: &mut Found) -> Option<Elector> {
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

    /// Reads what decides on the right to vote.
    fn standing(&self, found: &mut Found) -> Option<Standing> {
        let Layout { needed: _, optional: [since, nationality, suspended, left, protection] } = self.layout;
        let (since, left) = (self.day(*since, found), self.day(*left, found));
        let nationality = self.nationality(*nationality, found);
        let suspended = self.optional(*suspended, found).map(|text| text.filter(|text| !is_none(text)));
        let protected = self.optional(*protection, found);
        let protection = protected.map(|text| if text.is_some_and(|text| !is_none(&text)) { Protection::Protected } else { Protection::Open });
        Some(Standing { since: since?, nationality: nationality?, suspended: suspended?, left: left?, protection: protection? })
    }

    /// The text of an optional column, if there is one; `None` for a text that no field may hold.
    fn optional(&self, column: Option<(usize, &'static str)>, found: &mut Found) -> Option<Option<String>> {
        let Some((index, name)) = column else { return Some(None) };
        let text = self.text_of(Some(name), self.record.get(index).unwrap_or_default(), Need::Optional, found)?;
        Some(Some(text).filter(|text| !text.is_empty()))
    }

    fn day(&self, column: Option<(usize, &'static str)>, found: &mut Found) -> Option<Option<Day>> {
        let Some(text) = self.optional(column, found)? else { return Some(None) };
        let day = Day::read(&text);
        if let Err(error) = &day {
            found.error(self.line, column.map(|(_, name)| name), error.say(Lang::Ja), error.say(Lang::En));
        }
        day.ok().map(Some)
    }

    fn nationality(&self, column: Option<(usize, &'static str)>, found: &mut Found) -> Option<Nationality> {
        let Some(text) = self.optional(column, found)? else { return Some(Nationality::NotSaid) };
        let name = column.map(|(_, name)| name);
        match (name, text.as_str()) {
            (Some("国籍"), "日本" | "日本国" | "日本国籍" | "JPN") => Some(Nationality::Japanese),
            (Some("国籍"), _) => Some(Nationality::Other),
            (_, "はい" | "該当" | "1" | "１" | "○") => Some(Nationality::Japanese),
            (_, "いいえ" | "非該当" | "0" | "０" | "×") => Some(Nationality::Other),
            _ => {
                found.error(self.line, name, "はい・いいえ、または1・0にしてください。", "use はい or いいえ, 1 or 0");
                None
            }
        }
    }

    fn fields(&self) -> [&str; COLUMNS.len()] {
        self.layout.needed.map(|index| self.record.get(index).unwrap_or_default())
    }

    fn text(&self, column: usize, raw: &str, need: Need, found: &mut Found) -> Option<String> {
        self.text_of(COLUMNS.get(column).copied(), raw, need, found)
    }

    fn text_of(&self, column: Option<&'static str>, raw: &str, need: Need, found: &mut Found) -> Option<String> {
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

    fn birth(&self, text: &str, today: Day, found: &mut Found) -> Option<String> {
        match Day::read(text) {
            Ok(date) if date > today => {
                found.error(self.line, Some("生年月日"), "投票の日より後です。", "the date is after the vote");
                None
            }
            Ok(date) => Some(date.to_string()),
            Err(error) => {
                found.error(self.line, Some("生年月日"), error.say(Lang::Ja), error.say(Lang::En));
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

/// Whether the text of a flag says that it is not set.
pub(crate) fn is_none(text: &str) -> bool {
    matches!(text, "なし" | "無" | "無し" | "0" | "０" | "-" | "－" | "いいえ" | "非該当")
}

/// Trims, and makes one U+3000 of every run of spaces (PROTOCOL §5.1).
pub(crate) fn one_space(raw: &str) -> String {
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
