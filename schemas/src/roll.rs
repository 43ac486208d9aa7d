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

use crate::columns::{Column, Needed};
use crate::election::District;
use crate::staff::{RollReport, RowProblem};
use crate::{Lang, Say, Timestamp};
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

pub mod case;
mod date;
pub mod difference;
pub mod qualification;
mod row;
mod text;

pub use case::{RollCase, RollDone, RollOrder, RollRequest};
pub use date::{Day, DayError};
pub use difference::{Field, RollDifference, difference};
pub use qualification::{Bar, Nationality, Protection, Qualification, Standing, qualify};
pub(crate) use text::{Damage, Decoded, decode, skip_comments};

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
        None => row::read(&decoded, districts, polling, &mut found),
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

#[cfg(test)]
mod tests;
