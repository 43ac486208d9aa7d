//! Persons, entries and totals in words, for a terminal's screen.

use serde_json::{Value, json};
use tachiai_schemas::roll::{Day, Protection};
use tachiai_schemas::roster::hand_in::Aside;
use tachiai_schemas::roster::person::{Birth, Damage, Disclosure, Identified, Relation, Sex, Triage};
use tachiai_schemas::roster::{Act, Need, OpenState, Person, Stay};
use tachiai_schemas::shelter::{ConflictKind, PersonView, Resident, StepView};
use tachiai_schemas::{Lang, Timestamp};

use super::desk::Here;
use crate::card::printable;

/// The name of an act.
#[must_use]
pub const fn act(lang: Lang, act: Act) -> &'static str {
    match act {
        Act::In => lang.pick("入所", "arrived"),
        Act::Moved => lang.pick("移動", "moved here"),
        Act::Edit => lang.pick("変更", "changed"),
        Act::Out => lang.pick("退所", "left"),
    }
}

/// The name of a need.
#[must_use]
pub const fn need(lang: Lang, need: Need) -> &'static str {
    match need {
        Need::Care => lang.pick("要介護・要支援", "care"),
        Need::Disability => lang.pick("障害", "disability"),
        Need::Medical => lang.pick("医療的ケア・難病", "medical"),
        Need::Pregnant => lang.pick("妊産婦", "pregnant"),
        Need::Foreign => lang.pick("外国人・要通訳", "another language"),
        Need::Food => lang.pick("食物アレルギー", "food"),
        Need::Support => lang.pick("避難行動要支援者", "action-support list"),
    }
}

/// The name of a stay.
#[must_use]
pub const fn stay(lang: Lang, stay: Stay) -> &'static str {
    match stay {
        Stay::Shelter => lang.pick("避難所", "in the shelter"),
        Stay::Home => lang.pick("在宅", "at home"),
        Stay::Vehicle => lang.pick("車中泊", "in a vehicle"),
    }
}

/// The name of a shelter's state.
#[must_use]
pub const fn state(lang: Lang, state: OpenState) -> &'static str {
    match state {
        OpenState::Open => lang.pick("開設", "open"),
        OpenState::Crowded => lang.pick("混雑", "crowded"),
        OpenState::Full => lang.pick("満員", "full"),
        OpenState::Closed => lang.pick("閉鎖", "closed"),
    }
}

/// How a person was identified.
#[must_use]
pub const fn identified(lang: Lang, by: Identified) -> &'static str {
    match by {
        Identified::CardPin => lang.pick("カード（暗証番号）", "card with PIN"),
        Identified::Card => lang.pick("カード（暗証番号なし）", "card without PIN"),
        Identified::CitizenId => lang.pick("市民ID", "citizen ID"),
        Identified::List => lang.pick("住民の一覧", "list of residents"),
        Identified::Typed => lang.pick("申し出", "by word"),
        Identified::Paper => lang.pick("受付票（紙）", "paper form"),
    }
}

/// A sex; nothing where it is unknown.
#[must_use]
pub const fn sex(lang: Lang, sex: Sex) -> &'static str {
    match sex {
        Sex::Male => lang.pick("男", "male"),
        Sex::Female => lang.pick("女", "female"),
        Sex::Unknown => "",
    }
}

const fn damage(lang: Lang, damage: Damage) -> &'static str {
    match damage {
        Damage::None => lang.pick("被害なし", "no damage"),
        Damage::Part => lang.pick("一部損壊", "in part"),
        Damage::Half => lang.pick("半壊", "half"),
        Damage::Whole => lang.pick("全壊", "whole"),
        Damage::AboveFloor => lang.pick("床上浸水", "flooded above the floor"),
        Damage::BelowFloor => lang.pick("床下浸水", "flooded below the floor"),
    }
}

const fn disclosure(lang: Lang, disclosure: Disclosure) -> &'static str {
    match disclosure {
        Disclosure::Nobody => lang.pick("公開しない", "to nobody"),
        Disclosure::Safe => lang.pick("無事であることのみ", "that they are safe"),
        Disclosure::Place => lang.pick("避難先も公開", "where they are"),
    }
}

const fn triage(lang: Lang, triage: Triage) -> &'static str {
    match triage {
        Triage::Green => lang.pick("緑", "green"),
        Triage::Yellow => lang.pick("黄（看護師へ）", "yellow (see a nurse)"),
        Triage::Red => lang.pick("赤（すぐに対応）", "red (at once)"),
    }
}

/// A birth with the age on a day.
#[must_use]
pub fn birth(lang: Lang, birth: Birth, on: Day) -> String {
    let years = birth.years(on).map(|years| match lang {
        Lang::Ja => format!("{years}歳"),
        Lang::En => format!("{years} y"),
    });
    match (birth, years) {
        (Birth::Day(day), Some(years)) => format!("{day}（{years}）"),
        (Birth::Day(day), None) => day.to_string(),
        (Birth::Years(_), Some(years)) => match lang {
            Lang::Ja => format!("約{years}"),
            Lang::En => format!("about {years}"),
        },
        (Birth::Years(_) | Birth::Unknown, _) => lang.pick("生年月日不明", "birth unknown").to_owned(),
    }
}

/// A moment as a clock on the wall shows it.
#[must_use]
pub fn moment(lang: Lang, millis: u64) -> String {
    i64::try_from(millis / 1000).ok().and_then(|seconds| Timestamp::from_unix(seconds).ok()).map_or_else(String::new, |time| time.in_japan(lang))
}

/// A name with its reading.
#[must_use]
pub fn name(lang: Lang, person: &Person) -> String {
    match (person.name.as_str(), person.kana.as_str()) {
        ("", _) => lang.pick("（氏名なし）", "(no name)").to_owned(),
        (name, "") => printable(name),
        (name, kana) => format!("{}（{}）", printable(name), printable(kana)),
    }
}

/// One line of a person.
#[must_use]
pub fn line(lang: Lang, person: &Person, on: Day) -> String {
    let mut parts = vec![name(lang, person), birth(lang, person.birth, on), sex(lang, person.sex).to_owned(), printable(&person.address)];
    if person.stay != Stay::Shelter {
        parts.push(stay(lang, person.stay).to_owned());
    }
    parts.extend(person.needs.iter().map(|one| format!("◆{}", need(lang, *one))));
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
        room,
        disclosure: may_learn,
        protection,
        destination,
        questionnaire: _,
        triage: urgency,
        note,
    } = person;
    let relation = household.map(|household| match household.relation {
        Relation::Head => lang.pick("世帯主", "head"),
        Relation::Member => lang.pick("世帯員", "member"),
    });
    let fields = [
        (lang.pick("JIS表記", "JIS form"), name_jis.clone().unwrap_or_default()),
        (lang.pick("電話", "phone"), phone.clone()),
        (lang.pick("行政区", "district"), district.clone()),
        (lang.pick("自治会", "association"), association.clone()),
        (lang.pick("世帯", "household"), relation.unwrap_or_default().to_owned()),
        (lang.pick("宛名番号", "number"), resident.clone().unwrap_or_default()),
        (lang.pick("本人確認", "identified"), identified(lang, *by).to_owned()),
        (lang.pick("配慮の内容", "needs"), needs_note.clone()),
        (lang.pick("アレルギー", "allergies"), allergies.join(lang.pick("、", ", "))),
        (lang.pick("服薬", "medication"), medication.clone()),
        (lang.pick("ペット", "pets"), pets.clone()),
        (lang.pick("言語", "language"), language.clone()),
        (lang.pick("資格", "qualifications"), qualifications.clone()),
        (lang.pick("住家被害", "home"), home.map(|home| damage(lang, home)).unwrap_or_default().to_owned()),
        (lang.pick("希望", "wish"), wish.clone()),
        (lang.pick("部屋", "room"), room.clone()),
        (lang.pick("安否の公開", "may be told"), disclosure(lang, *may_learn).to_owned()),
        (lang.pick("支援措置", "protection"), if *protection == Protection::Protected { lang.pick("あり", "yes").to_owned() } else { String::new() }),
        (lang.pick("行き先", "destination"), destination.clone()),
        (lang.pick("緊急度", "urgency"), urgency.map(|urgency| triage(lang, urgency)).unwrap_or_default().to_owned()),
        (lang.pick("備考", "note"), note.clone()),
    ];
    let rest = fields.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("\n  {name}: {}", printable(value))).collect::<String>();
    line(lang, person, on) + &rest
}

/// An entry in one line.
#[must_use]
pub fn step(lang: Lang, step: &StepView, on: Day) -> String {
    let StepView { chain: _, entry, time, entered, terminal, shelter, act: what, person } = step;
    let late = if entered.millis().saturating_sub(time.millis()) > 60_000 {
        format!("（{} {}）", lang.pick("入力", "entered"), moment(lang, entered.millis()))
    } else {
        String::new()
    };
    let person = person
        .as_ref()
        .map_or_else(|| lang.pick("（内容はこの端末にはありません）", "(what it says is not known here)").to_owned(), |person| line(lang, person, on));
    format!("{}{late}  {}  {shelter}  {terminal}  {person}\n    {}: {entry}", moment(lang, time.millis()), act(lang, *what), lang.pick("登録", "entry"))
}

/// A person of a list in one line.
#[must_use]
pub fn view_line(lang: Lang, view: &PersonView, on: Day) -> String {
    let StepView { chain, time, shelter, act: what, person, .. } = &view.counts;
    let person = person
        .as_ref()
        .map_or_else(|| lang.pick("（内容はこの端末にはありません）", "(what it says is not known here)").to_owned(), |person| line(lang, person, on));
    let conflict = view.conflict.map(|kind| format!("  ⚠ {}", conflict(lang, kind))).unwrap_or_default();
    format!("{person}  {shelter}  {}  {}{conflict}\n    {chain}", act(lang, *what), moment(lang, time.millis()))
}

/// A resident in one line.
#[must_use]
pub fn resident(lang: Lang, resident: &Resident, on: Day) -> String {
    let Resident { number, name, kana, birth: day, address, support, .. } = resident;
    let day = birth(lang, day.map_or(Birth::Unknown, Birth::Day), on);
    let support = support.as_ref().map(|_| format!("  ◆{}", need(lang, Need::Support))).unwrap_or_default();
    format!("{}（{}）  {day}  {}{support}  {}: {number}", printable(name), printable(kana), printable(address), lang.pick("宛名番号", "number"))
}

/// How entries contradict each other.
#[must_use]
pub const fn conflict(lang: Lang, kind: ConflictKind) -> &'static str {
    match kind {
        ConflictKind::TwoPlaces => lang.pick("2か所で在所", "present in two places"),
        ConflictKind::PresentAndGone => lang.pick("在所と退所の両方", "present and gone"),
        ConflictKind::Edited => lang.pick("両方で変更", "changed on both sides"),
    }
}

/// Why an entry was set aside.
#[must_use]
pub const fn aside(lang: Lang, reason: Aside) -> &'static str {
    match reason {
        Aside::Rule => lang.pick("記録の規則に合わない", "it breaks a rule"),
        Aside::Revoked => lang.pick("この端末は失効している", "this terminal was revoked"),
        Aside::Clock => lang.pick("時計がずれている", "the clock is wrong"),
        Aside::Opening => lang.pick("内容が合わない", "its content does not fit"),
        Aside::Closed => lang.pick("終了している", "the event is closed"),
    }
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

/// A person for a program.
#[must_use]
pub fn person_json(person: &Person) -> Value {
    json!(person)
}
