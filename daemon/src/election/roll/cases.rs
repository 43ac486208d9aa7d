//! What a change of the roll comes to, and whether it can be made: pure decisions on the draft roll before the opening and on the slot book after it.

use tachiai_schemas::election::District;
use tachiai_schemas::paper::{RollChangeKind, RollChangeReason};
use tachiai_schemas::roll::case::RollOrder;
use tachiai_schemas::roll::{self, Day, Elector, Listed, RollCase};
use tachiai_schemas::staff::RowProblem;
use tachiai_schemas::{Bytes, Lang, Refusal, Say, Slot, Timestamp};
use tachiai_verify::board::Board;

use crate::election::slots::{SlotBook, person_hash};
use crate::refused::Refused;

/// What a decision needs to know of the election.
pub struct Ground<'a> {
    /// The districts.
    pub districts: &'a [District],
    /// The close of the poll.
    pub held: Timestamp,
    /// Random.
    pub salt: [u8; 32],
}

/// Why a change is asked for.
pub struct Grounds {
    /// Why.
    pub reason: RollChangeReason,
    /// Why, in words.
    pub note: String,
    /// The objection that it grants.
    pub objection: Option<u32>,
}

impl Ground<'_> {
    fn polling(&self) -> Day {
        Day::of(self.held)
    }

    /// The one person of a CSV.
    fn one(&self, csv: &str) -> Result<Listed, Refused> {
        let import = roll::import(csv.as_bytes(), self.districts, self.held);
        let mut people = import.listed.into_iter();
        match (people.next(), people.next()) {
            (Some(person), None) => Ok(person),
            (Some(_), Some(_)) => Err(Refused::said(Refusal::BadRequest, "一度に一人です", "one person at a time")),
            (None, _) => Err(invalid(&import.report.errors)),
        }
    }

    fn case(&self, grounds: Grounds, change: Option<RollChangeKind>, before: Option<Listed>, after: Option<Listed>, slot: Option<Slot>) -> RollCase {
        let Grounds { reason, note, objection } = grounds;
        RollCase { salt: Bytes(self.salt), change, reason, note, objection, slot, before, after }
    }

    /// Only who may vote is added.
    fn qualified(&self, person: &Listed) -> Result<(), Refused> {
        let bars = person.qualify(self.polling()).bars;
        if bars.is_empty() { Ok(()) } else { Err(unfit(bars.iter().map(|bar| bar.say(Lang::En)).collect::<Vec<_>>().join("; "))) }
    }
}

fn invalid(errors: &[RowProblem]) -> Refused {
    let all = errors.iter().map(|problem| format!("{}: {}", problem.column.as_deref().unwrap_or("the row"), problem.en));
    Refused::about(Refusal::RollInvalid, all.collect::<Vec<_>>().join("; "))
}

fn unfit(why: impl std::fmt::Display) -> Refused {
    Refused::about(Refusal::RollChange, why)
}

fn missing(number: &str) -> Refused {
    Refused::said(Refusal::NotFound, format!("名簿番号 {number} の方は名簿にいません"), format!("nobody on the roll has the number {number}"))
}

fn same_person(one: &Elector, other: &Elector) -> bool {
    (&one.name, &one.birth, &one.sex, &one.address) == (&other.name, &other.birth, &other.sex, &other.address)
}

/// Nobody else is the same person.
fn alone(draft: &[Listed], person: &Elector) -> Result<(), Refused> {
    match draft.iter().find(|other| other.elector.number != person.number && same_person(&other.elector, person)) {
        Some(other) => Err(unfit(format!("the same person stands under the number {}", other.elector.number))),
        None => Ok(()),
    }
}

/// What an order comes to before the opening.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::RollInvalid`], [`Refusal::RollChange`], [`Refusal::WrongPhase`].
pub fn before_opening(ground: &Ground<'_>, draft: &[Listed], order: &RollOrder, grounds: Grounds) -> Result<RollCase, Refused> {
    let find = |number: &str| draft.iter().find(|person| person.elector.number == number).cloned().ok_or_else(|| missing(number));
    match order {
        RollOrder::Correct { number, field, value } => {
            let before = find(number)?;
            let after = roll::corrected(&before, *field, value, ground.districts, ground.held).map_err(|errors| invalid(&errors))?;
            if after == before {
                return Err(unfit("it says that already"));
            }
            alone(draft, &after.elector)?;
            let qualified = |person: &Listed| person.qualify(ground.polling()).is_qualified();
            let change = match (qualified(&before), qualified(&after)) {
                (true, false) => Some(RollChangeKind::Struck),
                (false, true) => Some(RollChangeKind::Added),
                (true, true) | (false, false) => None,
            };
            Ok(ground.case(grounds, change, Some(before), Some(after), None))
        }
        RollOrder::Add { csv } => {
            let person = ground.one(csv)?;
            if find(&person.elector.number).is_ok() {
                return Err(unfit(format!("the number {} is on the roll; correct it there", person.elector.number)));
            }
            alone(draft, &person.elector)?;
            ground.qualified(&person)?;
            Ok(ground.case(grounds, Some(RollChangeKind::Added), None, Some(person), None))
        }
        RollOrder::Strike { number } => Ok(ground.case(grounds, Some(RollChangeKind::Struck), Some(find(number)?), None, None)),
        RollOrder::Restore { .. } => Err(Refused::said(Refusal::WrongPhase, "投票の開始前は、登録（追加）で行います", "before the opening a person is added")),
    }
}

/// What an order comes to after the opening.
///
/// # Errors
/// As [`before_opening`].
pub fn after_opening(ground: &Ground<'_>, draft: &[Listed], book: &SlotBook, board: &Board, order: &RollOrder, grounds: Grounds) -> Result<RollCase, Refused> {
    let find = |number: &str| {
        let slot = book.by_number(number).ok_or_else(|| missing(number))?;
        let record = book.record(slot).ok_or_else(|| missing(number))?;
        Ok::<_, Refused>((slot, record.listed()))
    };
    let struck = |slot| board.desk(slot).struck.is_some();
    match order {
        RollOrder::Correct { .. } => Err(Refused::said(
            Refusal::WrongPhase,
            "名簿は確定し、掲示板に記録されています。訂正はできません。登録・抹消・抹消の取消しで行います",
            "the roll is committed on the board: add, strike or restore",
        )),
        RollOrder::Add { csv } => {
            let person = ground.one(csv)?;
            may_add(book, &person.elector)?;
            ground.qualified(&person)?;
            // The officials see how the roll that was opened bars whom an upheld objection brings onto it.
            let before = match barred(draft, &person.elector, ground.held) {
                Some((listed, _)) if grounds.objection.is_some() => Some(listed.clone()),
                Some((_, refused)) => return Err(refused),
                None => None,
            };
            Ok(ground.case(grounds, Some(RollChangeKind::Added), before, Some(person), None))
        }
        RollOrder::Strike { number } => {
            let (slot, person) = find(number)?;
            if struck(slot) {
                return Err(unfit(format!("slot {slot} was struck already")));
            }
            Ok(ground.case(grounds, Some(RollChangeKind::Struck), Some(person), None, Some(slot)))
        }
        RollOrder::Restore { number } => {
            let (slot, person) = find(number)?;
            if !struck(slot) {
                return Err(unfit(format!("slot {slot} was not struck")));
            }
            Ok(ground.case(grounds, Some(RollChangeKind::Restored), None, Some(person), Some(slot)))
        }
    }
}

/// Whether somebody has no slot yet.
///
/// # Errors
/// [`Refusal::RollChange`].
pub fn may_add(book: &SlotBook, elector: &Elector) -> Result<(), Refused> {
    let person = person_hash(elector).map_err(unfit)?;
    match book.by_number(&elector.number).or_else(|| book.find(&person)) {
        Some(slot) => Err(unfit(format!("this person has slot {slot}; who was struck is restored"))),
        None => Ok(()),
    }
}

/// How the roll that was opened says of somebody, by number or as a person, that they may not vote, with the refusal. `draft` is that roll, `held` the close of
/// the poll. What officials ask for of themselves says nothing against it: the reason stands until the next roll. An objection that was upheld does, for it says
/// that the roll is wrong (Act article 24 (2): the commission corrects the roll at once).
#[must_use]
pub fn barred<'a>(draft: &'a [Listed], elector: &Elector, held: Timestamp) -> Option<(&'a Listed, Refused)> {
    let concerned = draft.iter().filter(|listed| listed.elector.number == elector.number || same_person(&listed.elector, elector));
    concerned.into_iter().find_map(|listed| {
        let bars = listed.qualify(Day::of(held)).bars;
        if bars.is_empty() {
            return None;
        }
        let why = bars.iter().map(|bar| bar.say(Lang::En)).collect::<Vec<_>>().join("; ");
        let said = format!("this person stands on the roll under the number {} and may not vote: {why}", listed.elector.number);
        Some((listed, unfit(format!("{said}; only an objection that was upheld says otherwise"))))
    })
}

/// Whether the draft still is what a case was made on.
#[must_use]
pub fn still_stands(draft: &[Listed], case: &RollCase) -> bool {
    let Some(number) = case.person().map(|person| person.elector.number.as_str()) else { return false };
    draft.iter().find(|person| person.elector.number == number) == case.before.as_ref()
        && case.after.as_ref().is_none_or(|after| alone(draft, &after.elector).is_ok())
}

/// Puts a case into the draft roll.
pub fn apply(draft: &mut Vec<Listed>, case: RollCase) {
    let Some(number) = case.person().map(|person| person.elector.number.clone()) else { return };
    let place = draft.iter().position(|person| person.elector.number == number);
    match (place.and_then(|place| draft.get_mut(place).map(|person| (place, person))), case.after) {
        (Some((_, person)), Some(after)) => *person = after,
        (Some((place, _)), None) => drop(draft.remove(place)),
        (None, Some(after)) => draft.push(after),
        (None, None) => {}
    }
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::election::Text;
    use tachiai_schemas::roll::difference::Field;

    use super::*;

    fn districts() -> Vec<District> {
        let district = |id: &str, ja: &str, en: &str| District { id: id.to_owned(), name: Text { ja: ja.to_owned(), en: en.to_owned() } };
        vec![district("1", "八鹿", "Yoka"), district("2", "養父", "Yabu")]
    }

    fn draft() -> Vec<Listed> {
        let csv = "宛名番号,氏名,氏名カナ,生年月日,性別,住所,投票区,停止\n\
                   10,養父　太郎,,1958-03-14,男,養父市1,1,\n11,但馬　一郎,,1990-11-05,男,養父市2,1,刑の執行中\n12,朝来　花子,,1991-04-01,女,養父市3,1,\n";
        roll::import(csv.as_bytes(), &districts(), held()).listed
    }

    fn held() -> Timestamp {
        "2027-01-31T11:00:00Z".parse().unwrap()
    }

    fn decide(order: RollOrder) -> Result<RollCase, Refused> {
        let districts = districts();
        let ground = Ground { districts: &districts, held: held(), salt: [1; 32] };
        before_opening(&ground, &draft(), &order, Grounds { reason: RollChangeReason::Correction, note: "誤記".to_owned(), objection: None })
    }

    fn correct(number: &str, field: Field, value: &str) -> Result<RollCase, Refused> {
        decide(RollOrder::Correct { number: number.to_owned(), field, value: value.to_owned() })
    }

    fn add(row: &str) -> Result<RollCase, Refused> {
        decide(RollOrder::Add { csv: format!("宛名番号,氏名,氏名カナ,生年月日,性別,住所,投票区\n{row}\n") })
    }

    fn refusal(result: Result<RollCase, Refused>) -> Refusal {
        match result {
            Ok(case) => panic!("it was taken: {:?}", case.change),
            Err(refused) => refused.refusal,
        }
    }

    #[test]
    fn a_correction_needs_two_officials_unless_it_is_of_an_address_kana_or_what_bars_nobody() {
        let name = correct("10", Field::Name, "養父　髙郎").unwrap();
        assert_eq!(name.change, None);
        for (field, value) in [(Field::Name, "別　人"), (Field::Birth, "1958-03-15"), (Field::Sex, "女"), (Field::District, "2"), (Field::Protection, "あり")]
        {
            let case = correct("10", field, value).unwrap();
            assert!(case.needs_two() && case.change.is_none(), "{field:?}");
        }
        for (field, value) in [(Field::Kana, "ヤブ　タロウ"), (Field::Address, "養父市5"), (Field::Left, "2027-02-10"), (Field::Since, "2000-01-01")] {
            assert!(!correct("10", field, value).unwrap().needs_two(), "{field:?}");
        }
        for case in
            [correct("10", Field::Left, "2027-01-10"), decide(RollOrder::Strike { number: "12".to_owned() }), add("13,養父　次郎,,1960-01-01,男,養父市9,1")]
        {
            assert!(case.unwrap().needs_two());
        }
        assert_eq!(name.after.unwrap().elector.name, "養父　髙郎");
        assert_eq!(correct("10", Field::Left, "2027-01-10").unwrap().change, Some(RollChangeKind::Struck));
        assert_eq!(correct("10", Field::Left, "2027-02-10").unwrap().change, None);
        assert_eq!(correct("11", Field::Suspended, "").unwrap().change, Some(RollChangeKind::Added));
        assert_eq!(decide(RollOrder::Strike { number: "12".to_owned() }).unwrap().change, Some(RollChangeKind::Struck));
        assert_eq!(add("13,養父　次郎,,1960-01-01,男,養父市9,1").unwrap().change, Some(RollChangeKind::Added));
    }

    #[test]
    fn what_no_file_may_say_is_refused() {
        assert_eq!(refusal(correct("10", Field::Birth, "1980-02-30")), Refusal::RollInvalid);
        assert_eq!(refusal(correct("10", Field::District, "99")), Refusal::RollInvalid);
        assert_eq!(refusal(correct("10", Field::Name, "")), Refusal::RollInvalid);
        assert_eq!(refusal(correct("10", Field::Name, "養父 太郎")), Refusal::RollChange);
        assert_eq!(refusal(correct("99", Field::Name, "養父 太郎")), Refusal::NotFound);
        assert_eq!(refusal(decide(RollOrder::Strike { number: "99".to_owned() })), Refusal::NotFound);
        assert_eq!(refusal(decide(RollOrder::Restore { number: "10".to_owned() })), Refusal::WrongPhase);
        assert_eq!(refusal(add("10,養父　次郎,,1960-01-01,男,養父市9,1")), Refusal::RollChange);
        assert_eq!(refusal(add("13,養父 太郎,,S33.3.14,1,養父市1,1")), Refusal::RollChange);
        assert_eq!(refusal(add("13,養父　若葉,,2015-01-01,女,養父市9,1")), Refusal::RollChange);
        assert_eq!(refusal(add("13,養父　一,,1960-01-01,男,養父市8,1\n14,養父　二,,1960-01-01,男,養父市9,1")), Refusal::BadRequest);
    }

    #[test]
    fn who_may_not_vote_by_the_roll_is_not_added_under_the_same_number_nor_as_the_same_person() {
        let mut person = draft()[1].elector.clone();
        let roll = draft();
        let (_, refused) = barred(&roll, &person, held()).unwrap();
        assert!(refused.refusal == Refusal::RollChange && format!("{refused:?}").contains("刑の執行中"), "{refused:?}");
        person.number = "99".to_owned();
        let (listed, refused) = barred(&roll, &person, held()).unwrap();
        assert_eq!((listed.elector.number.as_str(), refused.refusal), ("11", Refusal::RollChange));
        person.name = "別　人".to_owned();
        assert!(barred(&roll, &person, held()).is_none() && barred(&roll, &roll[0].elector, held()).is_none());
    }

    #[test]
    fn a_value_with_commas_and_quotes_stays_one_field() {
        let case = correct("10", Field::Address, "養父市1番地,\"別棟\"").unwrap();
        assert_eq!(case.after.unwrap().elector.address, "養父市1番地,\"別棟\"");
    }

    #[test]
    fn a_case_is_put_into_the_draft_that_it_was_made_on_and_into_no_other() {
        let mut roll = draft();
        let case = correct("10", Field::Name, "養父　髙郎").unwrap();
        assert!(still_stands(&roll, &case));
        apply(&mut roll, case.clone());
        assert_eq!(roll[0].elector.name, "養父　髙郎");
        assert!(!still_stands(&roll, &case));
        let strike = decide(RollOrder::Strike { number: "12".to_owned() }).unwrap();
        apply(&mut roll, strike.clone());
        assert_eq!(roll.len(), 2);
        assert!(!still_stands(&roll, &strike));
        let newcomer = add("12,朝来　花子,,1991-04-01,女,養父市3,1").map(drop);
        assert_eq!(newcomer.unwrap_err().refusal, Refusal::RollChange);
        assert!(still_stands(&roll, &RollCase { before: None, after: strike.before.clone(), ..strike }));
    }
}
