//! Persons as they are typed, or written by a script: `key=value` a line, persons parted by an empty line, or JSON. Never an argument of a command, for those show in
//! the list of processes.

use serde_json::Value;
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::person::{Identified, Relation};
use tachiai_schemas::roster::{Person, Stay};
use tachiai_schemas::{Lang, Timestamp};

use self::born::{age, birth, one_of};
use self::substitutes::jis_of;
use self::words::{DAMAGES, DISCLOSURES, PROTECTIONS, RELATIONS, SEXES, STAYS, TRIAGES, list, needs, word};
use crate::failure::{Exit, Failure};

mod born;
mod substitutes;
mod words;

/// The longest value, in characters.
const LONGEST: usize = 500;

/// The most persons of one input.
pub const MOST: usize = 500;

/// What is said of one person: keys and values, in the order in which they stand.
///
/// There is no `Debug`: it names people.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

fn usage(ja: impl Into<String>, en: impl Into<String>) -> Failure {
    Failure::new(Exit::Usage, ja, en)
}

/// Reads persons.
///
/// # Errors
/// [`Failure`] (64) with the number of the line.
pub fn read(text: &str) -> Result<Vec<Fields>, Failure> {
    let text = text.trim_start_matches('\u{FEFF}');
    let persons = match text.trim_start().chars().next() {
        Some('{' | '[') => read_json(text)?,
        _ => read_lines(text)?,
    };
    if persons.len() > MOST {
        return Err(usage(format!("一度に入力できるのは{MOST}人までです。"), format!("at most {MOST} persons go in at once.")));
    }
    Ok(persons)
}

fn read_lines(text: &str) -> Result<Vec<Fields>, Failure> {
    let mut persons = vec![Fields::default()];
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.starts_with('#') {
            continue;
        }
        if line.is_empty() {
            persons.push(Fields::default());
            continue;
        }
        let (key, value) = line
            .split_once(['=', '＝'])
            .ok_or_else(|| usage(format!("{number}行目: 「項目=値」の形で書いてください。"), format!("line {number}: write key=value.")))?;
        if let Some(fields) = persons.last_mut() {
            fields.0.push((key.trim().to_owned(), value.trim().to_owned()));
        }
    }
    persons.retain(|fields| !fields.0.is_empty());
    Ok(persons)
}

fn read_json(text: &str) -> Result<Vec<Fields>, Failure> {
    let shape = || {
        usage(
            "JSONを読めません。1人につき一つのオブジェクトに、文字・数字・文字の並びだけを書いてください。",
            "the JSON cannot be read: an object of texts, numbers and lists of texts for each person",
        )
    };
    // The error of the parser tells where, and not what stands there.
    let value: Value = serde_json::from_str(text).map_err(|e| {
        let line = e.line();
        usage(format!("JSONを読めません（{line}行目）。"), format!("the JSON cannot be read: {:?}, line {line}", e.classify()))
    })?;
    let persons = match value {
        Value::Array(persons) => persons,
        one => vec![one],
    };
    persons.into_iter().map(|person| of_json(person).ok_or_else(shape)).collect()
}

fn of_json(person: Value) -> Option<Fields> {
    let Value::Object(object) = person else { return None };
    let text = |value: Value| match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Null => Some(String::new()),
        _ => None,
    };
    let fields = object.into_iter().map(|(key, value)| {
        let value = match value {
            Value::Array(items) => items.into_iter().map(text).collect::<Option<Vec<_>>>()?.join(","),
            one => text(one)?,
        };
        Some((key, value))
    });
    fields.collect::<Option<Vec<_>>>().map(Fields)
}

/// What an input says beside the person.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Beside {
    /// The place in the household.
    pub relation: Option<Relation>,
    /// When it happened, in milliseconds since 1970: on a paper form.
    pub at: Option<u64>,
    /// What happened, as a paper form says it.
    pub act: Option<String>,
}

impl Fields {
    /// One more.
    pub fn push(&mut self, key: &str, value: &str) {
        self.0.push((key.to_owned(), value.trim().to_owned()));
    }

    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes a key out and gives its value.
    pub fn take(&mut self, key: &str) -> Option<String> {
        let at = self.0.iter().position(|(name, _)| name == key)?;
        Some(self.0.remove(at).1)
    }

    /// Changes a person accordingly. A key without a value empties the field. `today` is the day on which it is entered.
    ///
    /// # Errors
    /// [`Failure`] (64): an unknown key, or a value that cannot be; it names the key.
    pub fn apply(&self, person: &mut Person, today: Day) -> Result<Beside, Failure> {
        let mut beside = Beside::default();
        let (mut born, mut aged) = (None, None);
        for (word, value) in &self.0 {
            let (key, _) = field(word).ok_or_else(unknown)?;
            let value = clean(key, value)?;
            set(person, &mut beside, key, &value, today)?;
            match key {
                "birth" => born = Some(person.birth),
                "age" => aged = Some(person.birth),
                _ => {}
            }
        }
        if let (Some(born), Some(aged)) = (born, aged) {
            person.birth = one_of(born, aged, today)?;
        }
        person.name_jis = jis_of(&person.name).filter(|jis| *jis != person.name).or_else(|| person.name_jis.take().filter(|jis| *jis != person.name));
        Ok(beside)
    }
}

/// A new person.
///
/// # Errors
/// As [`Fields::apply`].
pub fn person(fields: &Fields, identified: Identified, today: Day) -> Result<(Person, Beside), Failure> {
    let mut person = Person::unknown(identified, Stay::Shelter);
    let beside = fields.apply(&mut person, today)?;
    Ok((person, beside))
}

fn clean(key: &str, value: &str) -> Result<String, Failure> {
    if value.chars().any(char::is_control) || value.chars().count() > LONGEST {
        return Err(wrong(
            key,
            &format!("{LONGEST}文字以内の、制御文字のない1行で書いてください。"),
            &format!("write one line of at most {LONGEST} characters without control characters."),
        ));
    }
    Ok(value.to_owned())
}

/// The fields of persons: the key, what it is called in Japanese, by which it is known too, and other such words.
const FIELDS: &[(&str, &str, &[&str])] = &[
    ("name", "氏名", &[]),
    ("name_jis", "JIS表記", &[]),
    ("kana", "カナ", &["かな"]),
    ("birth", "生年月日", &[]),
    ("age", "年齢", &[]),
    ("sex", "性別", &[]),
    ("address", "住所", &[]),
    ("phone", "電話", &[]),
    ("district", "行政区", &["地区"]),
    ("association", "自治会", &[]),
    ("resident", "宛名番号", &[]),
    ("citizen", "市民ID", &[]),
    ("stay", "滞在", &[]),
    ("needs", "要配慮", &["配慮"]),
    ("needs_note", "配慮内容", &[]),
    ("allergies", "アレルギー", &[]),
    ("medication", "服薬", &[]),
    ("pets", "ペット", &[]),
    ("language", "言語", &[]),
    ("qualifications", "資格", &[]),
    ("damage", "住家被害", &[]),
    ("wish", "希望", &[]),
    ("room", "部屋", &[]),
    ("disclosure", "安否公開", &[]),
    ("protection", "支援措置", &[]),
    ("destination", "行き先", &[]),
    ("triage", "トリアージ", &[]),
    ("note", "備考", &[]),
    ("relation", "続柄", &[]),
    ("at", "日時", &[]),
    ("act", "区分", &[]),
];

/// A field, by its key or a word for it.
fn field(word: &str) -> Option<(&'static str, &'static str)> {
    FIELDS.iter().find(|(key, ja, others)| *key == word || *ja == word || others.contains(&word)).map(|(key, ja, _)| (*key, *ja))
}

/// What a field is called in Japanese; nothing of what is none.
#[must_use]
pub fn called(key: &str) -> &'static str {
    field(key).map_or("この項目", |(_, ja)| ja)
}

/// What is wrong with a field.
fn wrong(key: &str, ja: &str, en: &str) -> Failure {
    usage(format!("{}: {ja}", called(key)), format!("{key}: {en}"))
}

fn set(person: &mut Person, beside: &mut Beside, key: &str, value: &str, today: Day) -> Result<(), Failure> {
    let owned = || value.to_owned();
    let filled = !value.is_empty();
    match key {
        "name" => person.name = names(value),
        "name_jis" => person.name_jis = filled.then(|| names(value)),
        "kana" => person.kana = kana(value),
        "birth" => person.birth = birth(key, value, today)?,
        "age" => person.birth = age(key, value)?,
        "sex" => person.sex = word(key, value, SEXES)?,
        "address" => person.address = owned(),
        "phone" => person.phone = owned(),
        "district" => person.district = owned(),
        "association" => person.association = owned(),
        "resident" => person.resident = filled.then(owned),
        "citizen" => person.citizen = if filled { Some(citizen(value)?) } else { None },
        "stay" => person.stay = word(key, value, STAYS)?,
        "needs" => person.needs = needs(key, value)?,
        "needs_note" => person.needs_note = owned(),
        "allergies" => person.allergies = list(value),
        "medication" => person.medication = owned(),
        "pets" => person.pets = owned(),
        "language" => person.language = owned(),
        "qualifications" => person.qualifications = owned(),
        "damage" => person.damage = if filled { Some(word(key, value, DAMAGES)?) } else { None },
        "wish" => person.wish = owned(),
        "room" => person.room = owned(),
        "disclosure" => person.disclosure = word(key, value, DISCLOSURES)?,
        "protection" => person.protection = word(key, value, PROTECTIONS)?,
        "destination" => person.destination = owned(),
        "triage" => person.triage = if filled { Some(word(key, value, TRIAGES)?) } else { None },
        "note" => person.note = owned(),
        "relation" => beside.relation = Some(word(key, value, RELATIONS)?),
        "at" => beside.at = Some(moment(value)?),
        "act" => beside.act = Some(owned()),
        _ => return Err(unknown()),
    }
    Ok(())
}

/// The key itself may be a name that slipped in, and is not said.
fn unknown() -> Failure {
    usage("知らない項目があります。項目は tachiai reception in --help にあります。", "there is an unknown key. `tachiai reception in --help` lists the keys.")
}

/// Family and given name are parted by one U+3000 between kanji or kana, by one space between Latin letters.
fn names(value: &str) -> String {
    let between = if value.chars().any(|c| c.is_ascii_alphabetic()) { " " } else { "\u{3000}" };
    value.split_whitespace().collect::<Vec<_>>().join(between)
}

/// A reading in full-width katakana; what is in other letters stays as it is.
#[must_use]
pub fn kana(value: &str) -> String {
    let words = value.split_whitespace().map(|word| {
        let key = tachiai_schemas::shelter::reading::key(word);
        if key.chars().all(|c| matches!(c, 'ァ'..='ヺ' | 'ー')) { key } else { word.to_owned() }
    });
    words.collect::<Vec<_>>().join("\u{3000}")
}

/// A citizen ID as it is typed, or as a scanner types its code: in either case of letters, with spaces or hyphens.
///
/// # Errors
/// [`Failure`] (64).
pub fn citizen(value: &str) -> Result<tachiai_schemas::CitizenId, Failure> {
    let narrow: String = tachiai_schemas::shelter::reading::key(value);
    narrow.parse().map_err(|_| {
        usage("市民IDを読めません。もう一度読み取るか、27文字を入力してください。", "this is no citizen ID. Scan it again, or type its 27 characters.")
    })
}

/// A moment on a paper form, in Japan: `2026-09-01 21:30`.
///
/// # Errors
/// [`Failure`] (64).
pub fn moment(value: &str) -> Result<u64, Failure> {
    let wrong = || usage("日時は 2026-09-01 21:30 のように書いてください。", "write the time like 2026-09-01 21:30.");
    let (day, time) = value.split_once([' ', 'T', '\u{3000}']).ok_or_else(wrong)?;
    let day = Day::read(day).ok().filter(|day| day.is_known()).ok_or_else(wrong)?;
    let (hour, minute) = time.trim().split_once(':').ok_or_else(wrong)?;
    let number = |text: &str, end: u8| text.parse::<u8>().ok().filter(|number| text.len() <= 2 && *number < end).ok_or_else(wrong);
    let (hour, minute) = (number(hour, 24)?, number(minute, 60)?);
    let local: Timestamp = format!("{day}T{hour:02}:{minute:02}:00Z").parse().map_err(|_| wrong())?;
    u64::try_from(local.plus(-tachiai_schemas::time::JAPAN).unix()).map(|seconds| seconds * 1000).map_err(|_| wrong())
}

/// The keys of persons, for help.
pub fn keys(lang: Lang) -> &'static str {
    lang.pick(
        "name kana birth age sex address phone district association stay needs needs_note allergies medication pets language qualifications damage wish room disclosure protection destination triage note relation citizen resident（日本語の項目名も使えます: 氏名 カナ 生年月日 年齢 性別 住所 電話 …）",
        "name kana birth age sex address phone district association stay needs needs_note allergies medication pets language qualifications damage wish room disclosure protection destination triage note relation citizen resident",
    )
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::roster::Need;
    use tachiai_schemas::roster::person::Birth;

    use super::*;

    fn today() -> Day {
        Day::read("2026-09-01").unwrap()
    }

    fn one(text: &str) -> Result<Person, Failure> {
        person(&read(text)?.remove(0), Identified::Typed, today()).map(|(person, _)| person)
    }

    #[test]
    fn persons_are_read_from_lines_and_from_json_alike() {
        let lines = read("name=養父 花子\nbirth=S55.2.17\nneeds=介護、food\n\nname = Maria  Cruz\nage=３１歳\n").unwrap();
        let json = read(r#"[{"name":"養父 花子","birth":"1980-02-17","needs":["care","food"]},{"name":"Maria Cruz","age":31}]"#).unwrap();
        for (lines, json) in lines.iter().zip(&json) {
            assert!(person(lines, Identified::Typed, today()).unwrap().0 == person(json, Identified::Typed, today()).unwrap().0);
        }
        let hanako = person(&lines[0], Identified::Typed, today()).unwrap().0;
        assert_eq!((hanako.name.as_str(), &hanako.needs[..]), ("養父\u{3000}花子", &[Need::Care, Need::Food][..]));
        assert_eq!(person(&lines[1], Identified::Typed, today()).unwrap().0.birth, Birth::Years(31));
    }

    #[test]
    fn a_place_in_the_household_is_said_as_registers_and_people_say_it() {
        let relation =
            |word: &str| person(&read(&format!("relation={word}")).unwrap().remove(0), Identified::Typed, today()).map(|(_, beside)| beside.relation);
        for word in ["妻", "長男", "子の妻", "wife", "member", "同居人"] {
            assert_eq!(relation(word).unwrap(), Some(Relation::Member), "{word}");
        }
        assert_eq!((relation("世帯主").unwrap(), relation("代表").unwrap()), (Some(Relation::Head), Some(Relation::Head)));
        // Whoever a form is about is no head for it, nor is whoever a family register (戸籍) names first.
        for word in ["x", "本人", "筆頭者"] {
            assert!(relation(word).is_err(), "{word}");
        }
    }

    #[test]
    fn births_of_every_era_are_read_and_unknown_ones_kept() {
        for (text, day) in [("明治45年7月1日", "1912-07-01"), ("M45.7.1", "1912-07-01"), ("1980-04-00", "1980-04-00"), ("1980-00-00", "1980-00-00")] {
            assert_eq!(one(&format!("birth={text}")).unwrap().birth, Birth::Day(Day::read(day).unwrap()), "{text}");
        }
        assert_eq!(one("birth=不明").unwrap().birth, Birth::Unknown);
    }

    #[test]
    fn ages_and_births_that_cannot_be_are_refused_by_their_key() {
        for wrong in [
            "age=-3",
            "age=−3",
            "age=131",
            "age=ー５",
            "age=x",
            "birth=2027-01-01",
            "birth=1980-02-30",
            "birth=明治5年1月1日",
            "sex=x",
            "needs=none",
            "stay=boat",
        ] {
            let failure = one(wrong).map(drop).unwrap_err();
            assert!(failure.exit == Exit::Usage && failure.en.starts_with(wrong.split('=').next().unwrap()), "{wrong}: {failure}");
        }
    }

    #[test]
    fn no_japanese_message_names_a_field_or_a_choice_by_its_key() {
        let long = "x".repeat(LONGEST + 1);
        let word = |text: &str| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').map(str::to_owned).collect::<Vec<_>>();
        for (key, ja, _) in FIELDS {
            for value in [long.as_str(), "zz", "-1", "3000-01-01", "1800-01-01"] {
                let Err(failure) = one(&format!("{key}={value}")) else { continue };
                let words = word(&failure.ja);
                let is_key = |word: &String| FIELDS.iter().any(|(key, ..)| key == word);
                let is_choice = |word: &String| word.len() > 2 && word.chars().all(|c| c.is_ascii_lowercase());
                assert!(!words.iter().any(|word| is_key(word) || is_choice(word)), "{key}={value}: {}", failure.ja);
                assert!(failure.ja.starts_with(&format!("{ja}: ")) || failure.ja.contains(ja), "{}", failure.ja);
            }
        }
    }

    #[test]
    fn an_age_that_is_not_that_of_the_birth_is_refused_in_either_order() {
        for wrong in ["birth=1980-02-17\nage=-3", "birth=1980-02-17\nage=45", "age=47\nbirth=1980-02-17", "birth=1980-00-00\nage=40"] {
            let failure = one(wrong).map(drop).unwrap_err();
            assert!(failure.exit == Exit::Usage && failure.ja.starts_with("年齢: "), "{wrong}: {failure}");
        }
        for same in ["birth=1980-02-17\nage=46", "age=46歳\nbirth=1980-02-17"] {
            assert_eq!(one(same).unwrap().birth, Birth::Day(Day::read("1980-02-17").unwrap()), "{same}");
        }
        assert_eq!(one("birth=不明\nage=46").unwrap().birth, Birth::Years(46));
        assert_eq!(one("age=46\nbirth=不明").unwrap().birth, Birth::Years(46));
    }

    #[test]
    fn characters_that_jis_does_not_have_stay_and_get_their_substitutes() {
        let person = one("name=髙橋 﨑子").unwrap();
        assert_eq!((person.name.as_str(), person.name_jis.as_deref()), ("髙橋\u{3000}﨑子", Some("高橋\u{3000}崎子")));
        assert_eq!(one("name=\u{E001}野 一").unwrap().name_jis.as_deref(), Some("〓野\u{3000}一"));
        assert_eq!(one("name=高橋 崎子").unwrap().name_jis, None);
    }

    #[test]
    fn a_reading_becomes_full_width_katakana() {
        for text in ["やぶ はなこ", "ﾔﾌﾞ ﾊﾅｺ", "ヤブ　ハナコ"] {
            assert_eq!(one(&format!("kana={text}")).unwrap().kana, "ヤブ\u{3000}ハナコ");
        }
    }

    #[test]
    fn nothing_that_steers_a_terminal_and_no_unknown_key_gets_in_and_no_message_repeats_what_was_typed() {
        for wrong in ["note=a\u{1b}[2J", "hanako=1", "養父花子", "{\"name\": {\"x\": 1}}", "{\"name\": \"養父"] {
            let failure = one(wrong).map(drop).unwrap_err();
            assert!(failure.exit == Exit::Usage && !failure.ja.contains("養父") && !failure.en.contains("hanako"), "{failure}");
        }
        assert!(one(&format!("note={}", "あ".repeat(501))).is_err());
    }

    #[test]
    fn the_time_on_a_form_is_that_of_japan() {
        assert_eq!(moment("2026-09-01 21:30").unwrap(), 1_788_265_800_000);
        for wrong in ["2026-09-01", "2026-09-00 21:30", "2026-09-01 24:00", "21:30", "2026-09-01 1:60"] {
            assert!(moment(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_citizen_id_is_read_as_a_scanner_types_it() {
        let id = tachiai_schemas::CitizenId([7; 16]);
        let text = id.to_string();
        for typed in [text.clone(), text.to_uppercase(), format!(" {} ", text), format!("{}-{}", &text[..9], &text[9..])] {
            assert_eq!(citizen(&typed).unwrap(), id);
        }
        assert!(citizen("7").is_err());
    }
}
