//! What is signed is what is shown, and what is shown is the same for both officials.

use tachiai_schemas::desk::{AttendedSearch, Search};
use tachiai_schemas::identity::{Before, FallbackReason};
use tachiai_schemas::paper::{RollChangeKind, RollChangeReason};
use tachiai_schemas::roll::RollCase;
use tachiai_schemas::staff::Act;
use tachiai_schemas::{Bytes, CitizenId};

use super::*;

fn pending(matter: Matter) -> Pending {
    let requested_at = "2026-11-22T09:00:00Z".parse().unwrap();
    let mut pending = Pending { id: "k3v7q2xm".into(), matter, requested_by: "sato".into(), requested_at, message: Bytes([0; 32]) };
    pending.message = pending.message_hash().into();
    pending
}

#[test]
fn only_the_message_of_the_act_that_is_shown_is_signed() {
    let election = "aaaaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap();
    let close = Shown::from(pending(Matter::Election { election, act: Act::CloseOnline, roll: None }));
    assert_eq!(shown(&close).unwrap(), close.pending.message);
    let open = Pending { matter: Matter::Election { election, act: Act::Open, roll: None }, ..close.pending.clone() };
    assert_ne!(open.message_hash(), close.pending.message_hash());
    assert_eq!(shown(&Shown::from(open)).unwrap_err().exit, Exit::Refused);
}

#[test]
fn a_program_is_given_the_text_the_value_and_the_hash_of_what_would_be_signed() {
    let person = CounterPerson {
        salt: Bytes([1; 32]),
        name: "養父　花子".into(),
        birth_date: "1980-02-17".into(),
        sex: "2".into(),
        address: "兵庫県養父市".into(),
        reason: FallbackReason::Expired,
        card_key: Bytes([2; 32]),
        before: None,
        other_cards: Vec::new(),
    };
    let matter = Matter::EnrolCounter { citizen: CitizenId([3; 16]), reason: FallbackReason::Expired, commitment: person.commitment().into() };
    let asked = Shown { person: Some(person), ..Shown::from(pending(matter)) };
    let told = whole(Lang::En, &asked, &Names::default());
    let [_, value] = compared(Lang::En, &asked.pending.message);
    assert_eq!(
        [&told["id"], &told["person"]["name"], &told["value"], &told["refused"]],
        [&json!("k3v7q2xm"), &json!("養父　花子"), &json!(value), &Value::Null]
    );
    assert_eq!(told["hash"], json!(asked.pending.message_hash().to_string()));
    assert_eq!(told["text"], json!(text(Lang::En, &asked, &Names::default())));
    // What is shown to nobody of this role is signed by nobody of it, and said to be so.
    let unshown = whole(Lang::En, &Shown { person: None, ..asked }, &Names::default());
    assert!(unshown["refused"].as_str().is_some_and(|why| why.contains("not shown")), "{unshown}");
}

#[test]
fn an_enrolment_is_signed_only_if_the_person_shown_is_the_one_committed_to() {
    let person = CounterPerson {
        salt: Bytes([1; 32]),
        name: "養父　花子".into(),
        birth_date: "1980-02-17".into(),
        sex: "2".into(),
        address: "兵庫県養父市".into(),
        reason: FallbackReason::Expired,
        card_key: Bytes([2; 32]),
        before: None,
        other_cards: Vec::new(),
    };
    let matter = |reason| Matter::EnrolCounter { citizen: CitizenId([3; 16]), reason, commitment: person.commitment().into() };
    let honest = Shown { person: Some(person.clone()), ..Shown::from(pending(matter(FallbackReason::Expired))) };
    assert_eq!(shown(&honest).unwrap(), honest.pending.message);
    let renamed = CounterPerson { name: "朝来　太郎".into(), ..person.clone() };
    let another_key = CounterPerson { card_key: Bytes([4; 32]), ..person.clone() };
    let with_another = CounterPerson { other_cards: vec![Bytes([5; 32])], ..person.clone() };
    let before = Before { name: "朝来　花子".into(), address: "兵庫県養父市".into() };
    let renamed_since = CounterPerson { before: Some(before), ..person.clone() };
    for other in [Some(renamed), Some(another_key), Some(with_another), Some(renamed_since), None] {
        assert_eq!(shown(&Shown { person: other, ..honest.clone() }).unwrap_err().exit, Exit::Refused);
    }
    let another_reason = Shown { pending: pending(matter(FallbackReason::UnderFifteen)), ..honest };
    assert_eq!(shown(&another_reason).unwrap_err().exit, Exit::Refused);
}

#[test]
fn a_look_up_is_signed_only_if_the_search_shown_is_the_one_committed_to() {
    let of =
        |name: &str| AttendedSearch { salt: Bytes([1; 32]), search: Search { name: Some(name.into()), birth: Some("1980-02-17".into()), ..Search::default() } };
    let election = "aaaaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap();
    let matter = Matter::AttendedLook { election, commitment: of("養父 花子").commitment().into() };
    let with = |search: Option<AttendedSearch>| Shown { search: search.map(Box::new), ..Shown::from(pending(matter.clone())) };
    let honest = with(Some(of("養父 花子")));
    assert_eq!(shown(&honest).unwrap(), honest.pending.message);
    for other in [with(Some(of("朝来 太郎"))), with(None)] {
        assert_eq!(shown(&other).unwrap_err().exit, Exit::Refused);
    }
}

#[test]
fn a_change_of_the_roll_is_signed_only_if_the_case_shown_is_the_one_committed_to() {
    let case = RollCase {
        salt: Bytes([1; 32]),
        change: Some(RollChangeKind::Struck),
        reason: RollChangeReason::Death,
        note: "死亡届".into(),
        objection: None,
        slot: Some(tachiai_schemas::Slot(4)),
        before: None,
        after: None,
    };
    let election = "aaaaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap();
    let matter =
        |change: Option<RollChangeKind>| Matter::RollChange { election, change, reason: RollChangeReason::Death, commitment: case.commitment().into() };
    let with = |case: Option<RollCase>, change| Shown { roll: case.map(Box::new), ..Shown::from(pending(matter(change))) };
    let struck = Some(RollChangeKind::Struck);
    let honest = with(Some(case.clone()), struck);
    assert_eq!(shown(&honest).unwrap(), honest.pending.message);
    let another = RollCase { slot: Some(tachiai_schemas::Slot(5)), ..case.clone() };
    for wrong in [with(None, struck), with(Some(another), struck), with(Some(case.clone()), Some(RollChangeKind::Restored)), with(Some(case.clone()), None)] {
        assert_eq!(shown(&wrong).unwrap_err().exit, Exit::Refused);
    }
}
