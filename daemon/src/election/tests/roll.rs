//! The roll before and after the opening, in an appliance without a network.

use tachiai_schemas::evidence::SlotOpening;
use tachiai_schemas::paper::{RollChangeKind, RollChangeReason};
use tachiai_schemas::roll::case::{Complaint, Decision, Objection, RollOrder, RollRequest, RollSearch, Ruling, Struck};
use tachiai_schemas::roll::difference::Field;
use tachiai_schemas::roll::{Bar, RollCase};
use tachiai_schemas::staff::{Matter, RollToOpen};
use tachiai_schemas::{HashBytes, LeafIndex, Slot};

use super::*;
use crate::election::private::{LookedBy, PrivateEntry};
use crate::election::roll::Ordered;
use crate::refused::Refused;

const HEADER: &str = "宛名番号,氏名,氏名カナ,生年月日,性別,住所,投票区,住民となった年月日,国籍,停止,転出年月日,支援措置\n";

/// Six people, two of whom may vote on the 31st of January 2027; the second is under protection.
const MIXED: &str = "1,養父　一,ヤブ　ハジメ,1980-04-01,1,養父市1,1,2000-01-01,日本,,,\n\
                     2,養父　二,,1980-04-02,1,養父市2,1,2000-01-01,日本,,,あり\n\
                     3,養父　三,,2009-02-02,1,養父市3,1,2009-02-02,日本,,,\n\
                     4,養父　四,,1980-04-04,1,養父市4,1,2026-11-01,日本,,,\n\
                     5,養父　五,,1980-04-05,1,養父市5,2,2000-01-01,アメリカ,,,\n\
                     6,養父　六,,1980-04-06,1,養父市6,2,2000-01-01,日本,公職選挙法第252条,2027-01-10,\n";

fn officials() -> [String; 2] {
    ["西村".to_owned(), "田中".to_owned()]
}

fn request(order: RollOrder) -> RollRequest {
    RollRequest { order, reason: RollChangeReason::Correction, note: "届出による".to_owned(), objection: None }
}

fn correct(number: &str, field: Field, value: &str) -> RollRequest {
    request(RollOrder::Correct { number: number.to_owned(), field, value: value.to_owned() })
}

fn strike(number: &str) -> RollRequest {
    request(RollOrder::Strike { number: number.to_owned() })
}

fn restore(number: &str) -> RollRequest {
    request(RollOrder::Restore { number: number.to_owned() })
}

fn add(row: &str) -> RollRequest {
    request(RollOrder::Add { csv: format!("宛名番号,氏名,氏名カナ,生年月日,性別,住所,投票区\n{row}\n") })
}

/// A request that two officials are to decide on.
async fn ask(city: &City, request: RollRequest) -> Result<(HashBytes, RollCase), Refused> {
    match city.live().order_change("西村", request).await? {
        Ordered::Asked(Matter::RollChange { commitment, .. }, case) => Ok((commitment, *case)),
        Ordered::Asked(..) | Ordered::Done(_) => panic!("one official was enough"),
    }
}

async fn done(city: &City, request: RollRequest) -> Result<tachiai_schemas::roll::RollDone, Refused> {
    let (commitment, _) = ask(city, request).await?;
    city.live().ready_to_change(&commitment)?;
    city.live().change_roll(&commitment, officials()).await
}

fn find(city: &City, number: &str) -> Vec<tachiai_schemas::roll::case::Judged> {
    city.live().find_on_roll(&RollSearch { number: Some(number.to_owned()), ..RollSearch::default() }).unwrap().people
}

fn refusal<T>(result: Result<T, Refused>) -> Refusal {
    result.map(drop).unwrap_err().refusal
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_vote_on_the_polling_date_gets_no_slot_and_the_overview_says_why() {
    let mut city = City::ceremony(3).await;
    let live = city.live();
    let report = live.import_roll("official", format!("{HEADER}{MIXED}").into_bytes()).await.unwrap();
    assert_eq!((report.rows, report.electors, report.unqualified), (6, 2, 4), "{:?}", report.errors);
    let lines: Vec<u64> = report.warnings.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [4, 5, 6, 7]);
    city.make_key().await;
    city.perform(Act::Open).await.unwrap();
    assert_eq!(live.board().state.board.opened().unwrap().entry().roll.districts, [2, 0]);

    let overview = live.roll_overview().unwrap();
    assert_eq!((overview.electors, overview.unqualified), (2, 4));
    let why: Vec<(&str, usize)> = overview.barred.iter().map(|judged| (judged.person.elector.number.as_str(), judged.bars.len())).collect();
    assert_eq!(why, [("3", 1), ("4", 1), ("5", 1), ("6", 2)]);
    let three = find(&city, "3").remove(0);
    assert!(three.slot.is_none() && matches!(&three.bars[..], [Bar::Underage { reaches, .. }] if reaches.to_string() == "2027-02-01"));
    assert!(find(&city, "1").remove(0).slot.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_under_protection_is_found_by_the_number_alone_and_without_the_address() {
    let city = City::ceremony(3).await;
    let live = city.live();
    live.import_roll("official", format!("{HEADER}{MIXED}").into_bytes()).await.unwrap();
    let by = |name: &str| live.find_on_roll(&RollSearch { name: Some(name.to_owned()), ..RollSearch::default() }).unwrap();
    let numbers: Vec<String> = by("養父").people.into_iter().map(|judged| judged.person.elector.number).collect();
    assert_eq!(numbers, ["1", "3", "4", "5", "6"]);
    assert_eq!(by("養 父一").people.len(), 1);
    let kana = live.find_on_roll(&RollSearch { kana: Some("ハジメ".to_owned()), birth: Some("S55.4.1".to_owned()), ..RollSearch::default() }).unwrap();
    assert_eq!(kana.people.len(), 1);
    let protected = find(&city, "2").remove(0).person.elector;
    assert_eq!((protected.name.as_str(), protected.address.as_str()), ("養父　二", "(支援措置)"));
    assert_eq!(refusal(live.find_on_roll(&RollSearch::default())), Refusal::BadRequest);
    assert_eq!(refusal(live.find_on_roll(&RollSearch { birth: Some("昨日".to_owned()), ..RollSearch::default() })), Refusal::BadRequest);
}

/// Who looked at the roll, how, and the slots that were shown.
fn traces(city: &City) -> Vec<(String, Option<LookedBy>, Vec<Slot>)> {
    let live = city.live();
    let entries = live.private_reader.iter_from(0).map(|bytes| PrivateEntry::from_bytes(&bytes.unwrap()).unwrap().body);
    let trace = |body| match body {
        PrivateBody::LookedUp { by, how, slots } => Some((by, Some(how), slots)),
        PrivateBody::RollExported { by } => Some((by, None, Vec::new())),
        _ => None,
    };
    entries.filter_map(trace).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_searches_the_roll_reads_it_at_a_glance_or_takes_it_away_leaves_a_durable_trace() {
    let mut city = City::ceremony(3).await;
    let live = city.live();
    live.import_roll("official", format!("{HEADER}{MIXED}").into_bytes()).await.unwrap();
    let family = || RollSearch { name: Some("養父".to_owned()), ..RollSearch::default() };
    let nobody = RollSearch { number: Some("77".to_owned()), ..RollSearch::default() };
    assert_eq!(live.search_roll("西村", family()).await.unwrap().people.len(), 5);
    assert_eq!(live.search_roll("西村", nobody).await.unwrap().people.len(), 0);
    assert_eq!(refusal(live.search_roll("西村", RollSearch::default()).await), Refusal::BadRequest);
    assert!(live.export_roll("田中").await.unwrap().starts_with("宛名番号".as_bytes()));
    city.make_key().await;
    city.perform(Act::Open).await.unwrap();
    live.search_roll("田中", family()).await.unwrap();
    let slot = find(&city, "1").remove(0).slot.unwrap();
    assert_eq!(live.read_overview("西村").await.unwrap(), live.roll_overview().unwrap());
    drop(live);
    city.restart(Arc::new(MemoryStore::new())).await;
    let by_search = |by: &str, without_slot, slots: &[Slot]| (by.to_owned(), Some(LookedBy::RollSearch { without_slot }), slots.to_vec());
    let glance = ("西村".to_owned(), Some(LookedBy::RollOverview { without_slot: 4, objections: 0 }), Vec::new());
    let searched = [by_search("西村", 5, &[]), by_search("西村", 0, &[]), ("田中".to_owned(), None, Vec::new()), by_search("田中", 4, &[slot]), glance];
    assert_eq!(traces(&city), searched);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_imports_nothing_and_an_import_replaces_only_the_roll_that_was_shown() {
    let city = City::draft(3).await;
    let live = city.live();
    let preview = live.preview_roll(roll_csv(5)).await.unwrap();
    let difference = preview.difference.unwrap();
    assert_eq!((difference.added, difference.removed, difference.changed, difference.unchanged), (2, 0, 0, 3));
    assert_eq!(live.electors(), 3);
    let shown = preview.replaces.unwrap().hash();
    let Ordered::Done(view) = live.order_change("西村", correct("0", Field::Address, "養父市新町")).await.unwrap() else { panic!("two officials") };
    assert_eq!((view.change, view.by.as_slice()), (None, &["西村".to_owned()][..]));
    assert_eq!(refusal(live.replace_roll("西村", roll_csv(5), Some(shown)).await), Refusal::ChangedSince);
    // The next preview shows what the import takes back.
    let preview = live.preview_roll(roll_csv(5)).await.unwrap();
    assert_eq!(preview.difference.unwrap().changed, 1);
    live.replace_roll("西村", roll_csv(5), preview.replaces.map(|replaces| replaces.hash())).await.unwrap();
    assert_eq!((live.electors(), find(&city, "0").remove(0).person.elector.name.as_str()), (5, "氏名　0"));
    assert!(live.preview_roll(b"x\n".to_vec()).await.unwrap().difference.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_before_the_opening_is_in_the_slots_and_spoils_an_approval_of_what_was_before() {
    let mut city = City::ceremony(3).await;
    let live = city.live();
    city.make_key().await;
    let before: Option<RollToOpen> = live.to_open(Act::Open);
    let now = time("2027-01-20T00:00:00Z");
    live.ready(Act::Open, before, now).unwrap();
    assert!(matches!(live.order_change("西村", correct("1", Field::Address, "養父市新町1")).await.unwrap(), Ordered::Done(_)));
    assert_eq!(refusal(live.ready(Act::Open, before, now)), Refusal::ChangedSince);
    let removed = done(&city, strike("2")).await.unwrap();
    assert_eq!((removed.change, removed.slot, removed.electors), (Some(RollChangeKind::Struck), None, 2));
    let added = done(&city, add("9,髙橋　﨑子,,1990-01-01,女,養父市9,2")).await.unwrap();
    assert_eq!((added.change, added.electors), (Some(RollChangeKind::Added), 3));

    // Everything is there after a restart, and the same approval again changes nothing.
    city.restart(Arc::new(MemoryStore::new())).await;
    let live = city.live();
    assert_eq!((live.electors(), live.roll_overview().unwrap().changes.len()), (3, 3));
    city.perform(Act::Open).await.unwrap();
    assert_eq!(live.board().state.board.opened().unwrap().entry().roll.slots, 3);
    let names: Vec<String> = ["1", "2", "9"].iter().flat_map(|number| find(&city, number)).map(|judged| judged.person.elector.address).collect();
    assert_eq!(names, ["養父市新町1", "養父市9"]);
    let csv = String::from_utf8(live.roll_csv().unwrap()).unwrap();
    assert!(csv.contains("髙橋　﨑子") && csv.contains("養父市新町1") && !csv.contains("\r\n2,"), "{csv}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_official_alone_makes_nobody_of_the_roll_somebody_else_and_lifts_no_protection() {
    let mut city = City::ceremony(3).await;
    let live = city.live();
    live.import_roll("official", format!("{HEADER}{MIXED}").into_bytes()).await.unwrap();
    let (name, case) = ask(&city, correct("1", Field::Name, "替玉　太郎")).await.unwrap();
    assert_eq!((case.change, find(&city, "1").remove(0).person.elector.name.as_str()), (None, "養父　一"));
    let (lifted, _) = ask(&city, correct("2", Field::Protection, "なし")).await.unwrap();
    assert_eq!(find(&city, "2").remove(0).person.elector.address, "(支援措置)");
    for field in [(Field::Birth, "1980-04-03"), (Field::Sex, "2"), (Field::District, "2")] {
        ask(&city, correct("1", field.0, field.1)).await.unwrap();
    }
    // With a second official it is done, once, and the list says by whom.
    for commitment in [&name, &name, &lifted] {
        live.ready_to_change(commitment).unwrap();
        let done = live.change_roll(commitment, officials()).await.unwrap();
        assert_eq!((done.change, done.slot, done.electors), (None, None, 2));
    }
    assert_eq!(find(&city, "1").remove(0).person.elector.name, "替玉　太郎");
    assert_eq!(find(&city, "2").remove(0).person.elector.address, "養父市2");
    let changes = live.roll_overview().unwrap().changes;
    assert_eq!(changes.iter().map(|change| (change.change, change.by.len())).collect::<Vec<_>>(), [(None, 2), (None, 2)]);
    // One that still waits at the opening comes to nothing.
    let (late, _) = ask(&city, correct("1", Field::Name, "養父　一")).await.unwrap();
    city.make_key().await;
    city.perform(Act::Open).await.unwrap();
    assert_eq!(refusal(live.change_roll(&late, officials()).await), Refusal::ChangedSince);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_not_done_on_a_roll_that_was_changed_since() {
    let city = City::ceremony(3).await;
    let live = city.live();
    let (commitment, _) = ask(&city, strike("2")).await.unwrap();
    live.order_change("西村", correct("2", Field::Kana, "シメイ")).await.unwrap();
    assert_eq!(refusal(live.change_roll(&commitment, officials()).await), Refusal::ChangedSince);
    assert_eq!(refusal(live.change_roll(&Bytes([9; 32]), officials()).await), Refusal::NotFound);
    assert_eq!(live.electors(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_opening_the_roll_grows_and_shrinks_on_the_board_and_a_restart_finds_it_so() {
    let mut city = City::open(4).await;
    city.register(0).await;
    city.vote(0, Some(1)).await;
    let live = city.live();
    let newcomer = "髙橋　﨑子,,1990-01-01,女,養父市9,2";
    let added = done(&city, add(&format!("9,{newcomer}"))).await.unwrap();
    assert_eq!((added.change, added.slot, added.electors), (Some(RollChangeKind::Added), Some(Slot(4)), 5));
    let struck_slot = live.slots().unwrap().find(&city.voters[1].holder.person).unwrap();
    let struck = done(&city, strike("1")).await.unwrap();
    assert_eq!((struck.slot, struck.electors), (Some(struck_slot), 4));
    // Whoever is on the roll, and be it as struck, is not added again.
    assert_eq!(refusal(ask(&city, add(&format!("9,{newcomer}"))).await), Refusal::RollChange);
    assert_eq!(refusal(ask(&city, add(&format!("10,{newcomer}"))).await), Refusal::RollChange);
    assert_eq!(refusal(ask(&city, add("1,誰か,,1990-01-01,女,養父市9,2")).await), Refusal::RollChange);
    assert_eq!(refusal(ask(&city, strike("1")).await), Refusal::RollChange);
    assert_eq!(refusal(ask(&city, restore("2")).await), Refusal::RollChange);
    assert_eq!(refusal(ask(&city, strike("77")).await), Refusal::NotFound);
    assert_eq!(refusal(live.order_change("西村", correct("2", Field::Name, "別人")).await), Refusal::WrongPhase);

    // The voter who was struck does not get in; the one who was added votes on paper.
    let key = tachiai_crypto::signature::SecretKey::generate(&mut rand_core::OsRng);
    let registration = city.registration(&city.voters[1], &key, |_| {});
    assert_eq!(refusal(live.register(&city.voters[1].holder, registration, Hash32::ZERO).await), Refusal::Struck);
    let person = Person { name: "髙橋 﨑子".to_owned(), birth: "1990-01-01".parse().unwrap(), sex: "2".parse().unwrap(), address: "養父市9".to_owned() };
    let holder = crate::http::Holder { person: person.hash(), ..city.voters[1].holder };
    assert_eq!(refusal(live.slot_of(&holder)), Refusal::PaperOnly);

    let before: Vec<_> = ["0", "1", "9"].iter().flat_map(|number| find(&city, number)).collect();
    assert_eq!(before.iter().map(|judged| judged.struck).collect::<Vec<_>>(), [Struck::No, Struck::Yes, Struck::No]);
    let openings = decrypt(&live.sealed_slots(0).unwrap(), &city.authority);
    let openings: Vec<SlotOpening> =
        openings.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(|line| canonical::from_bytes(line).unwrap()).collect();
    assert_eq!((openings.len(), openings[4].slot, openings[4].elector.name.as_str()), (5, Slot(4), "髙橋　﨑子"));

    city.restart(Arc::new(MemoryStore::new())).await;
    let live = city.live();
    let after: Vec<_> = ["0", "1", "9"].iter().flat_map(|number| find(&city, number)).collect();
    assert!(before == after);
    assert_eq!((live.electors(), live.slots().unwrap().len()), (4, 5));
    let back = done(&city, restore("1")).await.unwrap();
    assert_eq!((back.change, back.slot, back.electors), (Some(RollChangeKind::Restored), Some(struck_slot), 5));
    city.register(1).await;
    let changes = live.roll_overview().unwrap().changes;
    let kinds: Vec<_> = changes.iter().map(|change| (change.change, change.by.len())).collect();
    assert_eq!(kinds, [RollChangeKind::Added, RollChangeKind::Struck, RollChangeKind::Restored].map(|kind| (Some(kind), 2)));
    // No name stands in clear in either journal.
    for journal in [city.id.to_string(), format!("{}-private", city.id)] {
        let log = Journal::open(&city.dir.path().join("journal"), &JournalId::new(&journal).unwrap(), Options::default());
        let Ok((log, _)) = log else { continue };
        assert!(log.reader().iter_from(0).all(|bytes| !String::from_utf8_lossy(&bytes.unwrap()).contains('髙')), "{journal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_barred_on_the_roll_is_not_added_after_the_opening_whenever_it_was_asked_for() {
    let mut city = City::ceremony(3).await;
    city.live().import_roll("official", format!("{HEADER}{MIXED}").into_bytes()).await.unwrap();
    // Asked for before the opening, approved after it.
    let (early, _) = ask(&city, correct("5", Field::Nationality, "日本")).await.unwrap();
    city.make_key().await;
    city.perform(Act::Open).await.unwrap();
    let live = city.live();
    // The row leaves out what bars the fifth and the sixth.
    let fifth = ask(&city, add("5,養父　五,,1980-04-05,1,養父市5,2")).await.map(drop).unwrap_err();
    assert!(fifth.refusal == Refusal::RollChange && format!("{fifth:?}").contains("Japanese"), "{fifth:?}");
    let sixth = ask(&city, add("66,養父　六,,1980-04-06,1,養父市6,2")).await.map(drop).unwrap_err();
    assert!(sixth.refusal == Refusal::RollChange && format!("{sixth:?}").contains("252"), "{sixth:?}");
    assert_eq!(refusal(live.change_roll(&early, officials()).await), Refusal::RollChange);
    assert_eq!(live.electors(), 2);
    assert_eq!(done(&city, add("7,養父　七,,1980-04-07,1,養父市7,2")).await.unwrap().electors, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_approval_again_after_an_interruption_adds_one_slot() {
    let mut city = City::open(3).await;
    let (commitment, case) = ask(&city, add("9,髙橋　﨑子,,1990-01-01,女,養父市9,2")).await.unwrap();
    // The power fails after the private entry and before the board's.
    let noted = PrivateBody::RollChanged {
        by: officials().to_vec(),
        case: commitment,
        change: RollChangeKind::Added,
        slot: Slot(3),
        from: LeafIndex(city.live().board().state.tree.len()),
        commitment: Some(Bytes([5; 32])),
        sealed: None,
    };
    city.live().note(noted).await.unwrap();
    city.restart(Arc::new(MemoryStore::new())).await;
    assert!(city.live().roll_case(&commitment).unwrap() == case);
    for _ in 0..2 {
        let done = city.live().change_roll(&commitment, officials()).await.unwrap();
        assert_eq!((done.slot, done.electors), (Some(Slot(3)), 4));
    }
    assert_eq!(city.kinds()["roll-changed"], 1);
    city.restart(Arc::new(MemoryStore::new())).await;
    assert_eq!(city.live().slots().unwrap().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_objection_is_received_decided_once_and_granted_only_if_it_is_upheld() {
    let mut city = City::ceremony(3).await;
    let live = city.live();
    let objection = |about: &str| Objection {
        objector: "養父　花子".to_owned(),
        about: about.to_owned(),
        complaint: Complaint::LeftOut,
        grounds: "住民票があるのに載っていない".to_owned(),
    };
    let first = live.receive_objection("西村", objection("髙橋　﨑子")).await.unwrap();
    assert_eq!((first.number, first.due, first.decided), (1, first.received.plus(3 * 86_400), None));
    assert_eq!(live.receive_objection("西村", objection("誰か")).await.unwrap().number, 2);
    assert_eq!(refusal(live.receive_objection("西村", objection(" ")).await), Refusal::BadRequest);
    let granting =
        |number| RollRequest { reason: RollChangeReason::Objection, objection: Some(number), ..add("9,髙橋　﨑子,,1990-01-01,女,養父市9,2") };
    assert_eq!(refusal(ask(&city, granting(1)).await), Refusal::Incomplete);
    let decision = |ruling| Decision { ruling, reason: "住民票を確認した".to_owned() };
    let decided = live.decide_objection("田中", 1, decision(Ruling::Upheld)).await.unwrap().decided.unwrap();
    assert_eq!((decided.decision.ruling, decided.by.as_str()), (Ruling::Upheld, "田中"));
    live.decide_objection("田中", 1, decision(Ruling::Upheld)).await.unwrap();
    assert_eq!(refusal(live.decide_objection("田中", 1, decision(Ruling::Dismissed)).await), Refusal::ChangedSince);
    assert_eq!(refusal(live.decide_objection("田中", 3, decision(Ruling::Dismissed)).await), Refusal::NotFound);
    live.decide_objection("田中", 2, decision(Ruling::Dismissed)).await.unwrap();
    assert_eq!(refusal(ask(&city, granting(2)).await), Refusal::Incomplete);
    assert_eq!(done(&city, granting(1)).await.unwrap().electors, 4);

    city.restart(Arc::new(MemoryStore::new())).await;
    let overview = city.live().roll_overview().unwrap();
    let states: Vec<_> = overview.objections.iter().map(|view| view.decided.as_ref().map(|decided| decided.decision.ruling)).collect();
    assert_eq!(states, [Some(Ruling::Upheld), Some(Ruling::Dismissed)]);
    assert_eq!(overview.changes[0].objection, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_barred_wrongly_is_added_after_the_opening_if_an_objection_is_upheld() {
    let mut city = City::ceremony(3).await;
    city.live().import_roll("official", format!("{HEADER}{MIXED}").into_bytes()).await.unwrap();
    city.make_key().await;
    city.perform(Act::Open).await.unwrap();
    let live = city.live();
    let row = "5,養父　五,,1980-04-05,1,養父市5,2";
    assert_eq!(refusal(ask(&city, add(row)).await), Refusal::RollChange);
    let grounds = "帰化の記録がある".to_owned();
    let objection = Objection { objector: "養父　五".to_owned(), about: "5".to_owned(), complaint: Complaint::LeftOut, grounds };
    live.receive_objection("西村", objection).await.unwrap();
    let granting = || RollRequest { reason: RollChangeReason::Objection, objection: Some(1), ..add(row) };
    assert_eq!(refusal(ask(&city, granting()).await), Refusal::Incomplete);
    let decision = Decision { ruling: Ruling::Upheld, reason: "戸籍を確認した".to_owned() };
    live.decide_objection("田中", 1, decision).await.unwrap();
    // The two see how the roll bars the person; what the row itself says still has to qualify.
    let underage = RollRequest { reason: RollChangeReason::Objection, objection: Some(1), ..add("3,養父　三,,2015-02-02,1,養父市3,1") };
    assert_eq!(refusal(ask(&city, underage).await), Refusal::RollChange);
    let (_, case) = ask(&city, granting()).await.unwrap();
    assert!(case.before.as_ref().is_some_and(|before| before.elector.number == "5") && case.needs_two());
    let done = done(&city, granting()).await.unwrap();
    assert_eq!((done.change, done.slot, done.electors), (Some(RollChangeKind::Added), Some(Slot(2)), 3));
    drop(live);
    city.restart(Arc::new(MemoryStore::new())).await;
    let [five] = find(&city, "5").try_into().map_err(|_| "one").unwrap();
    assert!(five.slot == Some(Slot(2)) && five.bars.is_empty());
    let overview = city.live().roll_overview().unwrap();
    assert_eq!((overview.electors, overview.unqualified, overview.barred.len()), (3, 3, 3));
    assert_eq!((overview.changes[0].objection, overview.changes[0].by.len()), (Some(1), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_with_changes_of_the_roll_verifies_and_none_comes_after_the_poll() {
    let mut city = City::open(6).await;
    for voter in 0..4 {
        city.register(voter).await;
        city.vote(voter, Some(voter % 2)).await;
    }
    done(&city, add("9,髙橋　﨑子,,1990-01-01,女,養父市9,2")).await.unwrap();
    done(&city, strike("5")).await.unwrap();
    // A ballot that was cast before stands.
    done(&city, strike("3")).await.unwrap();
    city.clock.set(time(CLOSES));
    city.perform(Act::CloseOnline).await.unwrap();
    done(&city, restore("5")).await.unwrap();
    city.clock.set(time(POLL_CLOSES));
    city.perform(Act::ClosePoll).await.unwrap();
    assert_eq!(refusal(ask(&city, strike("4")).await), Refusal::WrongPhase);
    city.release().await;
    city.perform(Act::Count).await.unwrap();
    city.perform(Act::Publish).await.unwrap();
    let board = city.live();
    let published = board.board();
    let changes = published.state.board.roll_changes();
    assert_eq!((changes.added, changes.struck, changes.restored, published.state.board.entitled()), (1, 2, 1, 6));
}
