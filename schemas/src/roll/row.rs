//! The header and the rows of a roll, each field by the rules of its column.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use encoding_rs::SHIFT_JIS;

use super::text::Decoded;
use super::{COLUMNS, Day, Elector, Found, Listed, MAX_FIELD, Nationality, OPTIONAL, Protection, Standing, is_none, one_space};
use crate::election::District;
use crate::rows::Rows;
use crate::{Lang, Say};

/// Where each of [`COLUMNS`] and of [`OPTIONAL`] stands, the latter with its name in this header.
struct Layout {
    needed: [usize; COLUMNS.len()],
    optional: [Option<(usize, &'static str)>; OPTIONAL.len()],
}

pub(super) fn read(decoded: &Decoded, districts: &[District], today: Day, found: &mut Found) -> (u64, Vec<Listed>, Vec<u64>) {
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
