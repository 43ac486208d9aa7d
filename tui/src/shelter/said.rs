//! Persons, entries and totals in words, for a terminal's screen.

use tachiai_schemas::roll::{Day, Protection};
use tachiai_schemas::roster::person::Birth;
use tachiai_schemas::roster::{Act, Need, Person, Stay};
use tachiai_schemas::shelter::{PersonView, Resident, StepView};
use tachiai_schemas::{Lang, Say, Timestamp};

use super::desk::Here;
use super::state::Reception;
use super::undo::MISTAKE;
use crate::card::printable;

/// A birth with the age on a day.
#[must_use]
pub fn birth(lang: Lang, birth: Birth, on: Day) -> String {
    let years = birth.years(on).map(|years| match lang {
        Lang::Ja => format!("{years}歳"),
        Lang::En => format!("{years} y"),
    });
    match (birth, years) {
        (Birth::Day(day), Some(years)) => format!("{}{}", day.say(lang), bracketed(lang, &years)),
        (Birth::Day(day), None) => day.say(lang),
        (Birth::Years(_), Some(years)) => match lang {
            Lang::Ja => format!("約{years}"),
            Lang::En => format!("about {years}"),
        },
        (Birth::Years(_) | Birth::Unknown, _) => lang.pick("生年月日不明", "birth unknown").to_owned(),
    }
}

/// The age on a day.
#[must_use]
pub fn age(lang: Lang, birth: Birth, on: Day) -> String {
    match (birth.years(on), birth, lang) {
        (Some(years), Birth::Years(_), Lang::Ja) => format!("約{years}歳"),
        (Some(years), Birth::Years(_), Lang::En) => format!("about {years} y"),
        (Some(years), _, Lang::Ja) => format!("{years}歳"),
        (Some(years), _, Lang::En) => format!("{years} y"),
        (None, ..) => lang.pick("年齢不明", "age unknown").to_owned(),
    }
}

/// Something in brackets behind something else, as the language has them.
#[must_use]
pub fn bracketed(lang: Lang, text: &str) -> String {
    match lang {
        Lang::Ja => format!("（{text}）"),
        Lang::En => format!(" ({text})"),
    }
}

/// A moment as a clock on the wall shows it.
#[must_use]
pub fn moment(lang: Lang, millis: u64) -> String {
    i64::try_from(millis / 1000).ok().and_then(|seconds| Timestamp::from_unix(seconds).ok()).map_or_else(String::new, |time| time.in_japan(lang))
}

/// What happened. Whoever was received by mistake did not leave, though the record has no other word for it.
#[must_use]
pub fn act(lang: Lang, act: Act, person: Option<&Person>) -> String {
    if act == Act::Out && person.is_some_and(|person| person.destination == MISTAKE) {
        return lang.pick("退所（受付の取消し）", "left (reception taken back)").to_owned();
    }
    act.say(lang)
}

/// A name with its reading.
#[must_use]
pub fn name(lang: Lang, person: &Person) -> String {
    match (person.name.as_str(), person.kana.as_str()) {
        ("", _) => lang.pick("（氏名なし）", "(no name)").to_owned(),
        (name, "") => printable(name),
        (name, kana) => format!("{}{}", printable(name), bracketed(lang, &printable(kana))),
    }
}

/// One line of a person.
#[must_use]
pub fn line(lang: Lang, person: &Person, on: Day) -> String {
    let mut parts = vec![name(lang, person), birth(lang, person.birth, on), person.sex.say(lang), printable(&person.address)];
    if person.stay != Stay::Shelter {
        parts.push(person.stay.say(lang));
    }
    if !person.room.is_empty() {
        parts.push(format!("{}: {}", lang.pick("部屋", "room"), printable(&person.room)));
    }
    parts.extend(person.needs.iter().map(|one| format!("◆{}", one.say(lang))));
    parts.retain(|part| !part.is_empty());
    parts.join("  ")
}

/// All that is known of a person.
#[must_use]
pub fn lines(lang: Lang, person: &Person, on: Day) -> String {
    let Person {
        name: _,
        name_jis,
        kana: _,
        birth: _,
        sex: _,
        address: _,
        phone,
        district,
        association,
        household,
        resident,
        citizen: _,
        identified: by,
        stay: _,
        needs: _,
        needs_note,
        allergies,
        medication,
        pets,
        language,
        qualifications,
        damage: home,
        wish,
        room: _,
        disclosure: may_learn,
        protection,
        destination,
        questionnaire: _,
        triage: urgency,
        note,
    } = person;
    let fields = [
        (lang.pick("JIS表記", "JIS form"), name_jis.clone().unwrap_or_default()),
        (lang.pick("電話", "phone"), phone.clone()),
        (lang.pick("行政区", "district"), district.clone()),
        (lang.pick("自治会", "association"), association.clone()),
        (lang.pick("世帯", "household"), household.map(|household| household.relation.say(lang)).unwrap_or_default()),
        (lang.pick("宛名番号", "number"), resident.clone().unwrap_or_default()),
        (lang.pick("本人確認", "identified"), by.say(lang)),
        (lang.pick("配慮の内容", "needs"), needs_note.clone()),
        (lang.pick("アレルギー", "allergies"), allergies.join(lang.pick("、", ", "))),
        (lang.pick("服薬", "medication"), medication.clone()),
        (lang.pick("ペット", "pets"), pets.clone()),
        (lang.pick("言語", "language"), language.clone()),
        (lang.pick("資格", "qualifications"), qualifications.clone()),
        (lang.pick("住家被害", "home"), home.map(|home| home.say(lang)).unwrap_or_default()),
        (lang.pick("希望", "wish"), wish.clone()),
        (lang.pick("安否の公開", "may be told"), may_learn.say(lang)),
        (lang.pick("支援措置", "protection"), if *protection == Protection::Protected { lang.pick("あり", "yes").to_owned() } else { String::new() }),
        (lang.pick("行き先", "destination"), destination.clone()),
        (lang.pick("緊急度", "urgency"), urgency.map(|urgency| urgency.say(lang)).unwrap_or_default()),
        (lang.pick("備考", "note"), note.clone()),
    ];
    let rest = fields.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("\n  {name}: {}", printable(value))).collect::<String>();
    line(lang, person, on) + &rest
}

/// An entry in one line, as a terminal shows it.
#[must_use]
pub fn step(reception: &Reception, lang: Lang, step: &StepView) -> String {
    step_at(lang, step, reception.today(), &reception.shelter_name(lang, &step.shelter))
}

/// An entry in one line, with what its shelter is called.
#[must_use]
pub fn step_at(lang: Lang, step: &StepView, on: Day, shelter_name: &str) -> String {
    let StepView { chain: _, entry, time, entered, terminal, shelter: _, act: happened, person } = step;
    let what = act(lang, *happened, person.as_ref());
    let late = if entered.millis().saturating_sub(time.millis()) > 60_000 {
        bracketed(lang, &format!("{} {}", lang.pick("入力", "entered"), moment(lang, entered.millis())))
    } else {
        String::new()
    };
    let person = person
        .as_ref()
        .map_or_else(|| lang.pick("（内容はこの端末にはありません）", "(what it says is not known here)").to_owned(), |person| line(lang, person, on));
    format!("{}{late}  {what}  {shelter_name}  {terminal}  {person}\n    {}: {entry}", moment(lang, time.millis()), lang.pick("登録", "entry"))
}

/// A person of a list in one line.
#[must_use]
pub fn view_line(reception: &Reception, lang: Lang, view: &PersonView) -> String {
    let (on, shelter_name) = (reception.today(), reception.shelter_name(lang, &view.counts.shelter));
    let StepView { chain, time, act: happened, person, .. } = &view.counts;
    let what = act(lang, *happened, person.as_ref());
    let person = person
        .as_ref()
        .map_or_else(|| lang.pick("（内容はこの端末にはありません）", "(what it says is not known here)").to_owned(), |person| line(lang, person, on));
    let conflict = view.conflict.map(|kind| format!("  ⚠ {}", kind.say(lang))).unwrap_or_default();
    format!("{person}  {shelter_name}  {what}  {}{conflict}\n    {chain}", moment(lang, time.millis()))
}

/// A resident in one line.
#[must_use]
pub fn resident(lang: Lang, resident: &Resident, on: Day) -> String {
    let Resident { number, name, kana, birth: day, address, support, .. } = resident;
    let day = birth(lang, day.map_or(Birth::Unknown, Birth::Day), on);
    let support = support.as_ref().map(|_| format!("  ◆{}", Need::Support.say(lang))).unwrap_or_default();
    let kana = bracketed(lang, &printable(kana));
    format!("{}{kana}  {day}  {}{support}  {}: {number}", printable(name), printable(address), lang.pick("宛名番号", "number"))
}

/// Whether somebody is here, for a program.
#[must_use]
pub const fn here_code(here: Here) -> &'static str {
    match here {
        Here::New | Here::Hidden => "new",
        Here::Present => "present",
        Here::Elsewhere => "elsewhere",
        Here::Left => "left",
    }
}
