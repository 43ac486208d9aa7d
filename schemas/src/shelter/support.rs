//! The action-support list (避難行動要支援者名簿, Disaster Countermeasures Basic Act 49-10): who cannot flee alone, why, and who helps.
//!
//! | column, of which the first that is there is taken | holds |
//! |---|---|
//! | `宛名番号` | the resident system's number |
//! | `氏名`, `生年月日` | by which a resident is found where there is no number |
//! | `住所`, `行政区` or `地区` | for who is not in the register |
//! | `支援を要する理由`, `避難支援等を必要とする事由`, `事由` | the reason in words |
//! | `区分` | the kind of need |
//! | `電話番号`, `電話` | the telephone number |
//! | `支援者`, `避難支援等関係者` | who helps |

use std::collections::HashMap;

use csv::StringRecord;
use serde::{Deserialize, Serialize};

use super::reading::key;
use super::residents::day;
use super::table::{Column, ImportReport, Problems, Table, cell};
use super::{Resident, Support};
use crate::columns::{self, Column as Told, Needed};
use crate::roll::Day;
use crate::roster::Need;

/// Somebody on the list. It lies sealed.
///
/// There is no `Debug`: the list must not reach a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Listed {
    /// The line in the file.
    pub line: u64,
    /// The resident system's number; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub number: String,
    /// The name; may be empty where there is a number.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The birth date, if it is known.
    pub birth: Option<Day>,
    /// The address; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// The district; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub district: String,
    /// Why, and who helps.
    pub support: Support,
}

/// What a list holds.
pub struct List {
    /// What was found.
    pub report: ImportReport,
    /// Who can be taken over, in the order of the file.
    pub listed: Vec<Listed>,
}

/// What becomes of a list when it meets the register.
pub struct Met {
    /// By the place of the resident in the register: the support.
    pub residents: HashMap<usize, Support>,
    /// Who is not in the register, or is not told apart there by name and birth date.
    pub strangers: Vec<Listed>,
}

const NUMBER: Told = Told { names: &["宛名番号"], need: Needed::OneWay, example: ["1001", ""] };
const NAME: Told = Told { names: &["氏名"], need: Needed::OneWay, example: ["養父　太郎", "養父　花子"] };
const BIRTH: Told = Told { names: &["生年月日"], need: Needed::OneWay, example: ["1950-04-01", "昭和27年11月3日"] };
const ADDRESS: Told = Told::may(&["住所"], ["養父市八鹿町八鹿1001", "養父市八鹿町八鹿1001"]);
const DISTRICT: Told = Told::may(&["行政区", "地区", "自治会"], ["八鹿", "八鹿"]);
const KIND: Told = Told::may(&["区分"], ["要介護3", "身体障害1級"]);
const REASON: Told = Told::may(&["支援を要する理由", "避難支援等を必要とする事由", "事由"], ["歩行が困難", "車いす"]);
const PHONE: Told = Told::may(&["電話番号", "電話"], ["079-000-0001", "079-000-0001"]);
const HELPER: Told = Told::may(&["支援者", "避難支援等関係者"], ["八鹿区長", "民生委員"]);

/// The columns of a list: the number, or name and birth date, are needed.
pub const COLUMNS: [columns::Column; 9] = [NUMBER, NAME, BIRTH, ADDRESS, DISTRICT, KIND, REASON, PHONE, HELPER];

/// Words of a kind or reason, and the need that they mean.
const WORDS: [(&str, Need); 22] = [
    ("介護", Need::Care),
    ("要支援", Need::Care),
    ("認知症", Need::Care),
    ("寝たきり", Need::Care),
    ("障害", Need::Disability),
    ("障がい", Need::Disability),
    ("身体", Need::Disability),
    ("知的", Need::Disability),
    ("療育", Need::Disability),
    ("精神", Need::Disability),
    ("視覚", Need::Disability),
    ("聴覚", Need::Disability),
    ("難病", Need::Medical),
    ("医療", Need::Medical),
    ("人工呼吸", Need::Medical),
    ("透析", Need::Medical),
    ("酸素", Need::Medical),
    ("妊", Need::Pregnant),
    ("産婦", Need::Pregnant),
    ("外国", Need::Foreign),
    ("通訳", Need::Foreign),
    ("アレルギー", Need::Food),
];

/// The needs that words say; everybody on the list needs support.
#[must_use]
pub fn needs(words: &str) -> Vec<Need> {
    // 要支援者 is what the list is about; 要支援1 and 2 are levels of care.
    let words = words.replace("要支援者", "");
    let mut needs: Vec<Need> = WORDS.iter().filter(|(word, _)| words.contains(word)).map(|(_, need)| *need).collect();
    needs.push(Need::Support);
    needs.sort_unstable();
    needs.dedup();
    needs
}

/// Reads a list. `today` is the day in Japan.
#[must_use]
pub fn read(bytes: &[u8], today: Day) -> List {
    let mut problems = Problems::new();
    let table = Table::read(bytes, &mut problems);
    let mut listed = Vec::with_capacity(table.rows.len());
    if let Some(columns) = Columns::of(&table, &mut problems) {
        let mut numbers: HashMap<String, u64> = HashMap::new();
        for (line, row) in table.rows.iter().filter(|(_, row)| table.is_whole(row)) {
            let Some(person) = columns.listed(*line, row, today, &mut problems) else { continue };
            if !person.number.is_empty()
                && let Some(first) = numbers.insert(person.number.clone(), *line)
            {
                problems.error(*line, Some("宛名番号"), format!("{first}行目と同じ宛名番号です。"), format!("the number stands in line {first} already"));
                continue;
            }
            listed.push(person);
        }
    }
    let report = problems.report(table.encoding, table.rows.len() as u64, listed.len() as u64);
    List { report, listed }
}

/// Finds who is on the list in the register: by number, or by name (as written, or by JIS substitutes, without spaces) and birth date where that is one
/// resident alone.
#[must_use]
pub fn meet(residents: &[Resident], listed: &[Listed]) -> Met {
    let numbers: HashMap<&str, usize> = residents.iter().enumerate().rev().map(|(place, resident)| (resident.number.as_str(), place)).collect();
    let mut names: HashMap<(String, Day), Vec<usize>> = HashMap::new();
    if listed.iter().any(|person| person.number.is_empty()) {
        for (place, resident) in residents.iter().enumerate() {
            let Some(birth) = resident.birth else { continue };
            for name in [Some(&resident.name), resident.name_jis.as_ref()].into_iter().flatten() {
                let places = names.entry((key(name), birth)).or_default();
                if !places.contains(&place) {
                    places.push(place);
                }
            }
        }
    }
    let mut met = Met { residents: HashMap::new(), strangers: Vec::new() };
    for person in listed {
        let by_name = || match names.get(&(key(&person.name), person.birth?)).map(Vec::as_slice) {
            Some([place]) => Some(*place),
            _ => None,
        };
        let place = if person.number.is_empty() { by_name() } else { numbers.get(person.number.as_str()).copied() };
        match place {
            Some(place) => {
                met.residents.insert(place, person.support.clone());
            }
            None => met.strangers.push(person.clone()),
        }
    }
    met
}

struct Columns {
    number: Option<Column>,
    name: Option<Column>,
    birth: Option<Column>,
    address: Option<Column>,
    district: Option<Column>,
    reason: Option<Column>,
    kind: Option<Column>,
    phone: Option<Column>,
    helper: Option<Column>,
}

impl Columns {
    fn of(table: &Table, problems: &mut Problems) -> Option<Self> {
        if table.header.is_empty() {
            return None;
        }
        let [number, name, birth, address, district, kind, reason, phone, helper] = COLUMNS.map(|told| table.column(told.names, problems));
        table.say_unused(problems);
        if number.is_none() && (name.is_none() || birth.is_none()) {
            problems.error(
                1,
                Some("宛名番号"),
                "見出しに宛名番号も、氏名と生年月日もありません。文字コードはUTF-8またはShift_JISにしてください。",
                "the header has neither 宛名番号 nor 氏名 and 生年月日; the file must be UTF-8 or Shift_JIS",
            );
            return None;
        }
        Some(Self { number, name, birth, address, district, reason, kind, phone, helper })
    }

    fn listed(&self, line: u64, row: &StringRecord, today: Day, problems: &mut Problems) -> Option<Listed> {
        let Self { number, name, birth, address, district, reason, kind, phone, helper } = self;
        let birth_text = cell(line, row, birth.as_ref(), problems);
        let birth = match birth {
            Some(column) if !birth_text.is_empty() => day(line, row, column, today, problems)?,
            _ => None,
        };
        let mut text = |column: &Option<Column>| cell(line, row, column.as_ref(), problems);
        let (number, name, address, district) = (text(number), text(name), text(address), text(district));
        let (reason, kind, phone, helper) = (text(reason), text(kind), text(phone), text(helper));
        if number.is_empty() && (name.is_empty() || birth.is_none()) {
            problems.error(
                line,
                Some("宛名番号"),
                "宛名番号がなく、氏名と生年月日でも特定できません。",
                "there is no number, and name and birth date do not tell who it is",
            );
            return None;
        }
        let words = [kind.as_str(), reason.as_str()].into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join("／");
        let needs = needs(&words);
        if needs == [Need::Support] && !words.is_empty() {
            problems.warn(
                line,
                self.kind.as_ref().or(self.reason.as_ref()).map(|column| column.name.as_str()),
                "要配慮の区分に当たる語がないため、支援を要することだけを記録します。",
                "no word says which need it is, so that support is needed is all that is counted",
            );
        }
        Some(Listed { line, number, name, birth, address, district, support: Support { needs, reason: words, phone, helper } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shelter::residents;

    fn today() -> Day {
        "2026-11-26".parse().unwrap()
    }

    fn register() -> Vec<Resident> {
        let csv = "宛名番号,氏名,生年月日,住所\n1,髙橋　一,1940-01-01,養父市1\n2,田中　花子,1941-02-02,養父市2\n3,田中　花子,1941-02-02,養父市3\n";
        residents::read(csv.as_bytes(), today()).residents
    }

    #[test]
    fn the_commented_examples_meet() {
        let residents = residents::read(include_bytes!("../../../tests/data/shelter/residents.csv"), today()).residents;
        let List { report, listed } = read(include_bytes!("../../../tests/data/shelter/support.csv"), today());
        assert_eq!(report.errors, []);
        let met = meet(&residents, &listed);
        assert_eq!((met.residents.len(), met.strangers.len()), (listed.len() - 1, 1));
    }

    #[test]
    fn the_example_has_every_column_that_is_read_and_no_mistake() {
        let List { report, listed } = read(columns::example(&COLUMNS).as_bytes(), today());
        assert_eq!((report.errors.as_slice(), report.warnings.as_slice(), listed.len()), (&[][..], &[][..], 2));
    }

    #[test]
    fn residents_are_found_by_number_or_by_name_and_birth_and_nobody_is_guessed() {
        let csv = "宛名番号,氏名,生年月日,区分,支援を要する理由,電話番号,支援者\n\
                   2,,,要介護3,ひとり暮らし,079-1,区長\n\
                   ,高橋一,昭和15年1月1日,身体障害,人工透析,,\n\
                   ,田中　花子,1941-02-02,難病,,,\n\
                   9,田中　三郎,1950-01-01,妊産婦,,,\n";
        let List { report, listed } = read(csv.as_bytes(), today());
        assert_eq!((report.errors.as_slice(), listed.len()), (&[][..], 4));
        let met = meet(&register(), &listed);
        assert_eq!(met.residents[&1].needs, [Need::Care, Need::Support]);
        assert_eq!((met.residents[&1].reason.as_str(), met.residents[&1].helper.as_str()), ("要介護3／ひとり暮らし", "区長"));
        assert_eq!(met.residents[&0].needs, [Need::Disability, Need::Medical, Need::Support]);
        assert_eq!(met.strangers.iter().map(|person| person.line).collect::<Vec<_>>(), [4, 5]);
    }

    #[test]
    fn rows_that_name_nobody_are_said() {
        let csv = "宛名番号,氏名,生年月日,区分\n,田中,,難病\n1,,,難病\n1,,,難病\n,田中,2027-01-01,難病\n5,,,高齢独居\n";
        let List { report, listed } = read(csv.as_bytes(), today());
        let lines: Vec<u64> = report.errors.iter().map(|problem| problem.line).collect();
        assert_eq!((lines.as_slice(), listed.len()), (&[2, 4, 5][..], 2));
        assert_eq!(report.warnings.iter().map(|problem| problem.line).collect::<Vec<_>>(), [6]);
        assert_eq!(read("住所\n養父市\n".as_bytes(), today()).report.errors.len(), 1);
    }
}
