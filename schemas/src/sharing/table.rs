//! People of a disclosure as a table (CSV), for offices that take no other form: the roster of a shelter (避難所名簿), and what a ledger of the affected (被災者台帳)
//! takes over from it.
//!
//! The columns of the ledger are those that the law names (災害対策基本法 90 の 3 第 1 項): 氏名, 生年月日, 性別, 住所 (or 居所), 住家の被害, and under the names that the
//! Cabinet Office gives them in its examples of data items (被災者台帳作成にかかるデータ項目の例示), with フリガナ. Those of the roster, which has no law of its own, follow
//! under the words that the screens use. A table has the columns of the permitted fields alone. **Not** verified: that the national system for the affected
//! (被災者支援システム) reads this layout as it is; no published order of columns was found, so columns are told by their titles. 援護の実施の状況 is not in a roster and
//! has no column.
//!
//! UTF-8 with a byte order mark and CR LF, as the spreadsheets of offices open it. A cell that such a program would take for a formula begins with an apostrophe.

use crate::roll::Day;
use crate::roster::Person;
use crate::roster::person::Birth;

use super::shared::{Permitted, SharedPeople, SharedPerson};

pub mod words;

/// The media type of a table.
pub const MEDIA_TYPE: &str = "text/csv; charset=utf-8";

/// The table cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the table cannot be written: {0}")]
pub struct TableError(#[from] csv::Error);

/// A column: the field that it shows, its title, and its cell.
struct Column {
    /// The field that must be permitted; none for what every disclosure says.
    field: Option<&'static str>,
    title: &'static str,
    cell: fn(&SharedPerson, Day) -> String,
}

const fn column(field: &'static str, title: &'static str, cell: fn(&SharedPerson, Day) -> String) -> Column {
    Column { field: Some(field), title, cell }
}

const fn always(title: &'static str, cell: fn(&SharedPerson, Day) -> String) -> Column {
    Column { field: None, title, cell }
}

/// Every column, in order.
const COLUMNS: [Column; 36] = [
    always("整理番号", |shared, _| shared.chain.to_string()),
    column("name", "氏名", |shared, _| shared.person().name.clone()),
    column("name_jis", "氏名(代替文字)", |shared, _| shared.person().name_jis.clone().unwrap_or_default()),
    column("kana", "フリガナ", |shared, _| shared.person().kana.clone()),
    column("birth", "生年月日", |shared, _| birth(shared.person())),
    column("birth", "年齢", |shared, began| shared.person().birth.years(began).map(|years| years.to_string()).unwrap_or_default()),
    column("sex", "性別", |shared, _| words::sex(shared.person().sex).to_owned()),
    column("address", "住所", |shared, _| shared.person().address.clone()),
    column("phone", "電話番号", |shared, _| shared.person().phone.clone()),
    column("damage", "住家の被害", |shared, _| shared.person().damage.map(words::damage).unwrap_or_default().to_owned()),
    column("household", "世帯番号", |shared, _| shared.person().household.map(|household| household.id.to_string()).unwrap_or_default()),
    column("household", "世帯主との関係", |shared, _| {
        shared.person().household.map(|household| words::relation(household.relation)).unwrap_or_default().to_owned()
    }),
    column("resident", "住民番号", |shared, _| shared.person().resident.clone().unwrap_or_default()),
    column("citizen", "市民ID", |shared, _| shared.person().citizen.map(|citizen| citizen.to_string()).unwrap_or_default()),
    column("district", "地区", |shared, _| shared.person().district.clone()),
    column("association", "自治会", |shared, _| shared.person().association.clone()),
    always("避難所ID", |shared, _| shared.shelter.shelter.to_string()),
    always("避難所名", |shared, _| shared.shelter.name.ja.clone()),
    always("避難所の住所", |shared, _| shared.shelter.address.clone()),
    always("記録日時", |shared, _| shared.since.timestamp().to_string()),
    column("stay", "滞在区分", |shared, _| words::stay(shared.person().stay).to_owned()),
    column("room", "部屋", |shared, _| shared.person().room.clone()),
    column("needs", "要配慮事項", |shared, _| shared.person().needs.iter().map(|need| words::need(*need)).collect::<Vec<_>>().join("、")),
    column("needs_note", "要配慮の内容", |shared, _| shared.person().needs_note.clone()),
    column("allergies", "アレルギー", |shared, _| shared.person().allergies.join("、")),
    column("medication", "服薬", |shared, _| shared.person().medication.clone()),
    column("language", "使用言語", |shared, _| shared.person().language.clone()),
    column("pets", "ペット", |shared, _| shared.person().pets.clone()),
    column("qualifications", "資格・技能", |shared, _| shared.person().qualifications.clone()),
    column("wish", "希望する避難先", |shared, _| shared.person().wish.clone()),
    column("destination", "退所先", |shared, _| shared.person().destination.clone()),
    column("disclosure", "安否情報の公開", |shared, _| words::disclosure(shared.person().disclosure).to_owned()),
    column("protection", "支援措置", |shared, _| words::protection(shared.person().protection).to_owned()),
    column("identified", "本人確認の方法", |shared, _| words::identified(shared.person().identified).to_owned()),
    column("triage", "緊急度", |shared, _| shared.person().triage.map(words::triage).unwrap_or_default().to_owned()),
    column("note", "備考", |shared, _| shared.person().note.clone()),
];

/// The table, of the permitted fields alone. Answers to questionnaires have no place in it.
///
/// # Errors
/// [`TableError`], never in memory.
pub fn csv(people: &SharedPeople) -> Result<Vec<u8>, TableError> {
    let shown = |permitted: &Permitted, column: &Column| column.field.is_none_or(|field| permitted.has(field));
    let columns: Vec<&Column> = COLUMNS.iter().filter(|column| shown(people.permitted(), column)).collect();
    let began = Day::of(people.declared.began);
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(columns.iter().map(|column| column.title))?;
    for person in people.people() {
        writer.write_record(columns.iter().map(|column| harmless((column.cell)(person, began))))?;
    }
    writer.into_inner().map_err(|error| TableError(error.into_error().into()))
}

fn birth(person: &Person) -> String {
    match person.birth {
        Birth::Day(day) => day.to_string(),
        Birth::Years(_) | Birth::Unknown => String::new(),
    }
}

/// A cell that no spreadsheet takes for a formula. A telephone number may begin with a plus sign.
fn harmless(cell: String) -> String {
    let is_number = cell.chars().all(|c| c.is_ascii_digit() || "+-() ".contains(c));
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number;
    if is_formula { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests;
