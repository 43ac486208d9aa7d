//! The register of residents (住民) as the resident system exports it, so that a reception finds people by the beginning of their name.
//!
//! | column, of which the first that is there is taken | holds |
//! |---|---|
//! | `宛名番号` | the resident system's number of the person; needed |
//! | `氏名` | the name; needed |
//! | `氏名カナ`, `カナ氏名` | the name in kana of either width; may be empty |
//! | `代替文字氏名`, `氏名代替` | the name in JIS characters; made of the name if it is missing |
//! | `生年月日` | the birth date, an unknown month or day as 00 or 不詳; needed, may be empty or 不詳 |
//! | `性別` | `男`・`1`, `女`・`2`, anything else is unknown |
//! | `住所` | the address; needed, may be empty |
//! | `行政区`, `地区`, `自治会` | the district |
//! | `世帯番号` | the number of the household |
//! | `続柄` | `世帯主` for the head |
//! | `市民ID` | the citizen ID |
//! | `支援措置` | whether the address is kept from others: `あり`・`1`, empty or `なし` |
//!
//! A row that cannot be taken over is said by its line; whether the others are taken over then is decided by who imports.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use csv::StringRecord;
use unicode_normalization::UnicodeNormalization;

use super::Resident;
use super::figures::narrow;
use super::jis::substituted;
use super::table::{Column, ImportReport, Problems, Table, cell};
use crate::columns::{self, Column as Told};
use crate::roll::{Day, DayError, Protection, is_none};
use crate::roster::person::{Relation, Sex};
use crate::{CitizenId, Lang, Say};

const NUMBER: Told = Told::needed(&["宛名番号"], ["1001", "1002"]);
const NAME: Told = Told::needed(&["氏名"], ["養父　太郎", "養父　花子"]);
const KANA: Told = Told::may(&["氏名カナ", "カナ氏名"], ["ヤブ　タロウ", "ヤブ　ハナコ"]);
const JIS: Told = Told::may(&["代替文字氏名", "氏名代替"], ["", ""]);
const BIRTH: Told = Told::needed(&["生年月日"], ["1950-04-01", "昭和27年11月3日"]);
const SEX: Told = Told::may(&["性別"], ["男", "女"]);
const ADDRESS: Told = Told::needed(&["住所"], ["養父市八鹿町八鹿1001", "養父市八鹿町八鹿1001"]);
const DISTRICT: Told = Told::may(&["行政区", "地区", "自治会"], ["八鹿", "八鹿"]);
const HOUSEHOLD: Told = Told::may(&["世帯番号"], ["501", "501"]);
const RELATION: Told = Told::may(&["続柄"], ["世帯主", "妻"]);
const CITIZEN: Told = Told::may(&["市民ID"], ["", ""]);
const PROTECTION: Told = Told::may(&["支援措置"], ["", ""]);

/// The columns of a file of residents.
pub const COLUMNS: [columns::Column; 12] = [NUMBER, NAME, KANA, JIS, BIRTH, SEX, ADDRESS, DISTRICT, HOUSEHOLD, RELATION, CITIZEN, PROTECTION];

/// What a file of residents holds.
pub struct Register {
    /// What was found.
    pub report: ImportReport,
    /// Who can be taken over, in the order of the file.
    pub residents: Vec<Resident>,
}

/// Reads a register. `today` is the day in Japan: nobody is born after it.
#[must_use]
pub fn read(bytes: &[u8], today: Day) -> Register {
    let mut problems = Problems::new();
    let table = Table::read(bytes, &mut problems);
    let rows = table.rows.len() as u64;
    let mut residents = Vec::with_capacity(table.rows.len());
    if let Some(columns) = Columns::of(&table, &mut problems) {
        let mut seen = Seen::default();
        for (line, row) in table.rows.iter().filter(|(_, row)| table.is_whole(row)) {
            if let Some(resident) = columns.resident(*line, row, today, &mut problems)
                && seen.is_new(*line, &resident, &mut problems)
            {
                residents.push(resident);
            }
        }
        if rows == 0 {
            problems.error(1, None, "1人も載っていません。", "nobody is in the file");
        }
    }
    let report = problems.report(table.encoding, rows, residents.len() as u64);
    Register { report, residents }
}

/// Reads a birth date of which month and day, or all, may be unknown.
///
/// # Errors
/// [`DayError`].
pub fn birth(text: &str) -> Result<Option<Day>, DayError> {
    let text = narrow(text);
    let plain = text.replace("不詳", "").replace("不明", "");
    if plain.chars().all(|c| matches!(c, '0' | '9' | '-' | '/' | '.' | '年' | '月' | '日')) && !plain.contains(|c: char| matches!(c, '1'..='8')) {
        // Empty, or nothing but zeros or nines, as systems write that nothing is known.
        return Ok(None);
    }
    // 昭和5年不詳, 昭和5年不詳月不詳日, 昭和5年不詳月日, 昭和5年4月不詳日, 昭和5年4月.
    let text = text.replace("不明", "不詳").replace("不詳月日", "不詳月不詳日").replace("月不詳", "月不詳日").replace("日日", "日");
    let text = match text.strip_suffix("年不詳") {
        Some(year) => format!("{year}年0月0日"),
        None => text.replace("不詳月", "0月").replace("不詳日", "0日"),
    };
    let text = if text.ends_with('月') { format!("{text}0日") } else { text };
    Day::read(&text).map(Some)
}

/// Katakana of full width, as registers of residents hold it, of kana of either kind and width.
#[must_use]
pub fn full_kana(text: &str) -> String {
    let katakana = |c: char| match c {
        // The two rows lie 0x60 apart.
        'ぁ'..='ゖ' => char::from_u32(u32::from(c) + 0x60).unwrap_or(c),
        // Compatibility forms know no space but the narrow one.
        ' ' => '\u{3000}',
        _ => c,
    };
    text.nfkc().map(katakana).collect()
}

#[derive(Default)]
struct Seen {
    numbers: HashMap<String, u64>,
    citizens: HashMap<CitizenId, u64>,
    persons: HashMap<(String, Option<Day>, String), u64>,
    heads: HashMap<String, u64>,
}

impl Seen {
    fn is_new(&mut self, line: u64, resident: &Resident, problems: &mut Problems) -> bool {
        match self.numbers.entry(resident.number.clone()) {
            Entry::Vacant(place) => {
                place.insert(line);
            }
            Entry::Occupied(first) => {
                let first = first.get();
                problems.error(line, Some("宛名番号"), format!("{first}行目と同じ宛名番号です。"), format!("the number stands in line {first} already"));
                return false;
            }
        }
        if let Some(citizen) = resident.citizen
            && let Some(first) = self.citizens.insert(citizen, line)
        {
            problems.error(line, Some("市民ID"), format!("{first}行目と同じ市民IDです。"), format!("the citizen ID stands in line {first} already"));
            return false;
        }
        let person = (resident.name.clone(), resident.birth, resident.address.clone());
        if let Some(first) = self.persons.insert(person, line) {
            problems.warn(
                line,
                None,
                format!("{first}行目と氏名・生年月日・住所が同じです。二重登録でないか確かめてください。"),
                format!("name, birth date and address are those of line {first}: see whether it is one person"),
            );
        }
        if resident.relation == Relation::Head
            && !resident.household.is_empty()
            && let Some(first) = self.heads.insert(resident.household.clone(), line)
        {
            problems.warn(
                line,
                Some("続柄"),
                format!("{first}行目と同じ世帯に、世帯主が2人います。"),
                format!("the household of line {first} has a second head here"),
            );
        }
        true
    }
}

struct Columns {
    number: Column,
    name: Column,
    birth: Column,
    address: Column,
    sex: Option<Column>,
    kana: Option<Column>,
    jis: Option<Column>,
    district: Option<Column>,
    household: Option<Column>,
    relation: Option<Column>,
    citizen: Option<Column>,
    protection: Option<Column>,
}

impl Columns {
    fn of(table: &Table, problems: &mut Problems) -> Option<Self> {
        if table.header.is_empty() {
            return None;
        }
        let needed = [NUMBER, NAME, BIRTH, ADDRESS].map(|told| {
            let column = table.column(told.names, problems);
            if column.is_none() {
                problems.error(
                    1,
                    Some(told.title()),
                    "見出しにこの列がありません。文字コードはUTF-8またはShift_JISにしてください。",
                    "the header lacks this column; the file must be UTF-8 or Shift_JIS",
                );
            }
            column
        });
        let [sex, kana, jis, district, household, relation, citizen, protection] =
            [SEX, KANA, JIS, DISTRICT, HOUSEHOLD, RELATION, CITIZEN, PROTECTION].map(|told| table.column(told.names, problems));
        table.say_unused(problems);
        let [Some(number), Some(name), Some(birth), Some(address)] = needed else { return None };
        Some(Self { number, name, birth, address, sex, kana, jis, district, household, relation, citizen, protection })
    }

    /// Reads every field, so that all that is wrong with a row is said at once.
    fn resident(&self, line: u64, row: &StringRecord, today: Day, problems: &mut Problems) -> Option<Resident> {
        let Self { number, name, birth, address, sex, kana, jis, district, household, relation, citizen, protection } = self;
        let number = required(line, row, number, problems);
        let text = required(line, row, name, problems);
        let birth = day(line, row, birth, today, problems);
        let address = cell(line, row, Some(address), problems);
        let citizen = self::citizen(line, row, citizen.as_ref(), problems);
        let mut optional = |column: &Option<Column>| cell(line, row, column.as_ref(), problems);
        let (kana, given, district) = (full_kana(&optional(kana)), optional(jis), optional(district));
        let (household, relation, protection) = (optional(household), optional(relation), optional(protection));
        let sex = sex_of(&optional(sex));
        let (number, text, birth, citizen) = (number?, text?, birth?, citizen?);
        let name_jis = if given.is_empty() { substituted(&text) } else { (given != text).then_some(given) };
        if let Some(jis) = &name_jis {
            substitutes(line, name, &text, jis, problems);
        }
        let relation = if matches!(narrow(&relation).as_str(), "世帯主" | "主" | "02") { Relation::Head } else { Relation::Member };
        let protection = if protection.is_empty() || is_none(&protection) { Protection::Open } else { Protection::Protected };
        Some(Resident { number, name: text, name_jis, kana, birth, sex, address, district, household, relation, citizen, protection, support: None })
    }
}

/// `男`・`1`, `女`・`2`; anything else is unknown.
pub(crate) fn sex_of(text: &str) -> Sex {
    match narrow(text).as_str() {
        "男" | "男性" | "1" => Sex::Male,
        "女" | "女性" | "2" => Sex::Female,
        _ => Sex::Unknown,
    }
}

fn required(line: u64, row: &StringRecord, column: &Column, problems: &mut Problems) -> Option<String> {
    let text = cell(line, row, Some(column), problems);
    if text.is_empty() {
        problems.error(line, Some(&column.name), "空です。", "this field is empty");
        return None;
    }
    Some(text)
}

/// A birth date that may be unknown; `None` if it was said to be wrong.
pub(crate) fn day(line: u64, row: &StringRecord, column: &Column, today: Day, problems: &mut Problems) -> Option<Option<Day>> {
    let text = cell(line, row, Some(column), problems);
    match birth(&text) {
        Ok(Some(day)) if day.earliest() > today => {
            problems.error(line, Some(&column.name), "生まれた日が今日より後です。", "the birth lies after today");
            None
        }
        Ok(day) => {
            if day.is_none_or(|day| !day.is_known()) {
                problems.warn(line, Some(&column.name), "生年月日に不詳のところがあります。", "not all of the birth date is known");
            }
            Some(day)
        }
        Err(error) => {
            problems.error(line, Some(&column.name), error.say(Lang::Ja), error.say(Lang::En));
            None
        }
    }
}

fn citizen(line: u64, row: &StringRecord, column: Option<&Column>, problems: &mut Problems) -> Option<Option<CitizenId>> {
    let text = cell(line, row, column, problems);
    if text.is_empty() {
        return Some(None);
    }
    let citizen = narrow(&text).to_ascii_lowercase().parse();
    if let Err(error) = &citizen {
        problems.error(line, column.map(|column| column.name.as_str()), "市民IDの形または検査文字が正しくありません。", format!("{error}"));
    }
    citizen.ok().map(Some)
}

/// Says the characters of a name that are substituted, without the name.
fn substitutes(line: u64, column: &Column, name: &str, jis: &str, problems: &mut Problems) {
    let from: Vec<String> = name.chars().filter(|c| !jis.contains(*c)).map(|c| format!("U+{:04X}", u32::from(c))).collect();
    let from = from.join(" ");
    if jis.contains(super::jis::GETA) {
        problems.warn(
            line,
            Some(&column.name),
            format!("代替文字のない外字があり、検索では〓になります({from})。"),
            format!("characters without a substitute stand as 〓 in searches ({from})"),
        );
    } else {
        problems.warn(
            line,
            Some(&column.name),
            format!("JIS第1・第2水準の外の文字({from})は残し、検索は代替文字でもできます。"),
            format!("characters outside JIS level 1 and 2 ({from}) are kept, and found by their substitutes, too"),
        );
    }
}

#[cfg(test)]
mod tests;
