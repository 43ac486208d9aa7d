//! What is said of a roll: people, what changes, objections.

use tachiai_schemas::election::District;
use tachiai_schemas::paper::{RollChangeKind, RollChangeReason};
use tachiai_schemas::roll::case::{ChangeView, Complaint, Judged, Objection, ObjectionView, RollFound, RollOverview, Ruling, Struck};
use tachiai_schemas::roll::difference::{Field, FieldDifference, PersonDifference, WITHHELD};
use tachiai_schemas::roll::{Listed, Protection, RollCase, RollDone, Standing};
use tachiai_schemas::{Lang, Say};

use crate::card::printable;
use crate::commands::counter::sex_of_digit;

/// What a change comes to.
pub fn change_name(l: Lang, change: Option<RollChangeKind>) -> &'static str {
    match change {
        Some(RollChangeKind::Added) => l.pick("名簿への追加", "addition to the roll"),
        Some(RollChangeKind::Struck) => l.pick("名簿からの抹消", "removal from the roll"),
        Some(RollChangeKind::Restored) => l.pick("名簿への回復", "restoration to the roll"),
        None => l.pick("記載の訂正", "correction of a field"),
    }
}

/// Why the roll changes.
pub fn reason_name(l: Lang, reason: RollChangeReason) -> &'static str {
    match reason {
        RollChangeReason::Objection => l.pick("異議の申出・判決", "objection or judgement"),
        RollChangeReason::Correction => l.pick("脱漏・誤載の補正", "correction"),
        RollChangeReason::Death => l.pick("死亡", "death"),
        RollChangeReason::Disqualified => l.pick("失権・停止", "right lost or suspended"),
        RollChangeReason::Moved => l.pick("転出", "moved away"),
    }
}

/// A case as officials see it before they decide, a line each.
#[must_use]
pub fn case_text(l: Lang, case: &RollCase) -> String {
    let RollCase { salt: _, change, reason, note, objection, slot, before, after } = case;
    let mut text = format!("  {}: {}\n", l.pick("内容", "what"), change_name(l, *change));
    text += &format!("  {}: {}  {}\n", l.pick("理由", "why"), reason_name(l, *reason), printable(note));
    if let Some(number) = objection {
        text += &format!("  {}: {number}\n", l.pick("異議の申出", "objection"));
    }
    if let Some(slot) = slot {
        text += &format!("  {}: {slot}\n", l.pick("投票者枠", "slot"));
    }
    for (title, person) in [(l.pick("いまの名簿", "on the roll now"), before), (l.pick("変更後", "after"), after)] {
        text += &match person {
            Some(person) => format!("  {title}:\n{}", person_text(l, person, None)),
            None => format!("  {title}: {}\n", l.pick("なし", "nobody")),
        };
    }
    text
}

fn person_text(l: Lang, person: &Listed, districts: Option<&[District]>) -> String {
    let Listed { elector, standing } = person;
    let Standing { since, nationality: _, suspended, left, protection } = standing;
    let district = match districts {
        Some(districts) => district_name(l, districts, elector.district),
        None => format!("{} {}", l.pick("番目", "number"), u32::from(elector.district) + 1),
    };
    let mut fields = vec![
        (l.pick("宛名番号", "number"), elector.number.clone()),
        (l.pick("氏名", "name"), elector.name.clone()),
        (l.pick("氏名カナ", "kana"), elector.kana.clone()),
        (l.pick("生年月日", "birth date"), elector.birth.clone()),
        (l.pick("性別", "sex"), sex_of_digit(l, &elector.sex).to_owned()),
        // Nobody is shown an address that is kept from others, not even who decides on the change.
        (l.pick("住所", "address"), if *protection == Protection::Protected { WITHHELD.to_owned() } else { elector.address.clone() }),
        (l.pick("投票区", "district"), district),
    ];
    fields.extend(since.map(|day| (Field::Since.title(l), day.to_string())));
    fields.extend(suspended.clone().map(|why| (Field::Suspended.title(l), why)));
    fields.extend(left.map(|day| (Field::Left.title(l), day.to_string())));
    if *protection == Protection::Protected {
        fields.push((Field::Protection.title(l), l.pick("あり", "yes").to_owned()));
    }
    fields.iter().map(|(title, value)| format!("    {title}: {}\n", printable(value))).collect()
}

/// What an approved change brought about, in words.
#[must_use]
pub fn done_text(l: Lang, done: &RollDone) -> String {
    let RollDone { election: _, change, slot, electors } = done;
    let slot = slot.map_or_else(String::new, |slot| format!("  {}: {slot}", l.pick("投票者枠", "slot")));
    format!("{}: {}{slot}  {}: {electors}", l.pick("完了", "done"), change_name(l, *change), l.pick("選挙人", "electors"))
}

/// A person of the roll and whether that person may vote, in words; in short where the districts are not given.
#[must_use]
pub fn judged_text(l: Lang, judged: &Judged, districts: Option<&[District]>) -> String {
    let Judged { person, bars, slot, struck } = judged;
    let mut text = match districts {
        Some(_) => person_text(l, person, districts),
        None => format!("  {} {}\n", person.elector.number, printable(&person.elector.name)),
    };
    if let Some(slot) = slot {
        text += &format!("    {}: {slot}\n", l.pick("投票者枠", "slot"));
    }
    if *struck == Struck::Yes {
        text += &format!("    {}\n", l.pick("名簿から抹消されています", "struck from the roll"));
    }
    for bar in bars {
        text += &format!("    {}: {}\n", l.pick("投票できない理由", "may not vote"), printable(&bar.say(l)));
    }
    if bars.is_empty() && *struck == Struck::No {
        text += &format!("    {}\n", l.pick("投票の日に選挙権があります", "may vote on the polling date"));
    }
    text
}

/// Who was found, in words.
#[must_use]
pub fn found_text(l: Lang, found: &RollFound) -> String {
    let RollFound { people, more, districts } = found;
    let mut text = people.iter().map(|judged| judged_text(l, judged, Some(districts))).collect::<Vec<_>>().join("\n");
    if *more > 0 {
        text += &format!("\n… {}: {more}", l.pick("ほか。条件を足してください", "and more: say more of whom you look for"));
    }
    text.trim_end().to_owned()
}

pub(super) fn overview_text(l: Lang, overview: &RollOverview) -> String {
    let RollOverview { electors, unqualified, barred, declarations, objections, changes } = overview;
    let mut text = format!(
        "{}: {electors}  {}: {unqualified}  {}: {declarations}\n",
        l.pick("選挙人", "electors"),
        l.pick("投票の日に資格のない方", "not qualified on the polling date"),
        l.pick("提出中の期日前投票宣誓書", "declarations for early voting on file")
    );
    barred.iter().for_each(|judged| text += &judged_text(l, judged, None));
    let rest = unqualified.saturating_sub(barred.len() as u64);
    if rest > 0 {
        text += &format!("  … {}: {rest}\n", l.pick("ほか", "and more"));
    }
    objections.iter().for_each(|view| text += &format!("{}\n", objection_text(l, view)));
    changes.iter().for_each(|view| text += &format!("{}\n", change_text(l, view)));
    text.trim_end().to_owned()
}

/// An objection and where it stands, in words.
#[must_use]
pub fn objection_text(l: Lang, view: &ObjectionView) -> String {
    let ObjectionView { number, objection, received, received_by, due, decided } = view;
    let Objection { objector, about, complaint, grounds } = objection;
    let says = match complaint {
        Complaint::LeftOut => l.pick("脱漏", "left out"),
        Complaint::WronglyListed => l.pick("誤載", "wrongly listed"),
        Complaint::WrongData => l.pick("誤記", "wrong data"),
    };
    let state = match decided {
        None => format!("{} ({}: {})", l.pick("受理", "received"), l.pick("決定の期限", "to be decided until"), due.in_japan(l)),
        Some(decided) => {
            let ruling = match decided.decision.ruling {
                Ruling::Upheld => l.pick("正当", "upheld"),
                Ruling::Dismissed => l.pick("正当でない", "dismissed"),
            };
            format!("{ruling}: {}  {}  {}", printable(&decided.decision.reason), decided.at.in_japan(l), printable(&decided.by))
        }
    };
    format!(
        "{} {number}  {}  {}  {}\n  {says}: {}  {}\n  {state}",
        l.pick("異議の申出", "objection"),
        received.in_japan(l),
        printable(received_by),
        printable(objector),
        printable(about),
        printable(grounds)
    )
}

/// A change that was made, in words.
#[must_use]
pub fn change_text(l: Lang, view: &ChangeView) -> String {
    let ChangeView { at, by, change, reason, note, objection, slot, number, difference } = view;
    let what = change_name(l, *change);
    let objection = objection.map_or_else(String::new, |number| format!("  {} {number}", l.pick("異議の申出", "objection")));
    let slot = slot.map_or_else(String::new, |slot| format!("  {} {slot}", l.pick("投票者枠", "slot")));
    let difference = difference.as_ref().map_or_else(String::new, |difference| format!("\n  {}", person_difference(l, difference, &[])));
    format!("{}  {what}  {number}{slot}{objection}  {}  {}  {}{difference}", at.in_japan(l), reason_name(l, *reason), printable(note), by.join(", "))
}

pub(super) fn district_name(l: Lang, districts: &[District], index: u16) -> String {
    districts.get(usize::from(index)).map_or_else(|| index.to_string(), |district| format!("{} {}", district.id, l.pick(&district.name.ja, &district.name.en)))
}

pub(super) fn person_difference(l: Lang, person: &PersonDifference, districts: &[District]) -> String {
    match person {
        PersonDifference::Added { number, name } => format!("+ {number} {}", printable(name)),
        PersonDifference::Removed { number, name } => format!("- {number} {}", printable(name)),
        PersonDifference::Changed { number, name, fields } => {
            let fields = fields.iter().map(|FieldDifference { field, before, after }| {
                let value = |text: &str| match (field, text.parse()) {
                    (Field::District, Ok(index)) => district_name(l, districts, index),
                    _ => printable(text),
                };
                format!("{} 「{}」→「{}」", field.title(l), value(before), value(after))
            });
            format!("~ {number} {}: {}", printable(name), fields.collect::<Vec<_>>().join("、"))
        }
    }
}
