use proptest::prelude::*;
use tachiai_schemas::election::Body;
use tachiai_schemas::paper::{AddedSlot, RollChangeReason, RollChanged};
use tachiai_verify::testing::Play;

use super::*;

fn group(slot: u32) -> Group {
    let bands = AgeBand::ALL;
    let sex = [SexOfRoll::Male, SexOfRoll::Female, SexOfRoll::Unknown][slot as usize % 3];
    Group { district: (slot % 2) as u16, band: bands[slot as usize % bands.len()].0, sex }
}

/// The turnout of a played board up to a leaf.
fn played(play: &Play, size: usize) -> Table {
    let slots = play.board.roll_len();
    let groups = (0..slots).map(|slot| Group { district: play.board.district_of(Slot(slot)).unwrap(), ..group(slot) });
    let mut fold = Fold::new(&play.manifest, groups);
    for bytes in play.entries.iter().take(size) {
        fold.apply(&Entry::from_bytes(bytes).unwrap(), |slot| Some(group(slot.0)));
    }
    fold.table(play.manifest.districts.len())
}

#[test]
fn the_cells_add_up_to_the_participation_of_the_board() {
    for seed in 1..4 {
        let play = Play::whole_with_papers(seed);
        let table = played(&play, usize::MAX);
        let board = &play.board;
        assert_eq!(table.all().voted(), board.participation());
        assert_eq!(table.all().entitled, board.entitled());
        assert_eq!(table.all().online, board.counted_ballots());
        assert_eq!(sum(&table.districts()), table.all());
        assert_eq!(sum(&table.sexes), table.all());
        assert!(table.all().early > 0 && table.all().day > 0);
    }
}

#[test]
fn who_is_added_is_entitled_and_who_is_struck_is_not_but_what_they_did_stands() {
    let (mut play, places) = Play::with_places(5);
    play.ceremony();
    play.open();
    play.vote_all();
    let slots = play.board.roll_len();
    let changed = |change, slot, added| Body::RollChanged(RollChanged { change, slot, added, reason: RollChangeReason::Correction });
    let added = AddedSlot { district: 1, commitment: tachiai_schemas::Bytes([3; 32]) };
    play.push(changed(RollChangeKind::Added, Slot(slots), Some(added)));
    places.push_issue(&mut play, 0, 0, Slot(slots));
    play.push(changed(RollChangeKind::Struck, Slot(0), None));
    let table = played(&play, usize::MAX);
    assert_eq!((table.all().voted(), table.all().entitled), (play.board.participation(), play.board.entitled()));
    assert_eq!(table.all().entitled, u64::from(slots));
    play.push(changed(RollChangeKind::Restored, Slot(0), None));
    assert_eq!(played(&play, usize::MAX).all().entitled, play.board.entitled());
}

/// The turnout of a played board that is asked for at a time, with this hour over.
fn asked(play: &Play, at: Timestamp, hour: Timestamp) -> Turnout {
    let groups = (0..play.board.roll_len()).map(|slot| Group { district: play.board.district_of(Slot(slot)).unwrap(), ..group(slot) });
    let districts = play.manifest.districts.len();
    let mut run = Run::new(Fold::new(&play.manifest, groups), hour, districts);
    for (leaf, bytes) in (0..).zip(&play.entries) {
        let entry = Entry::from_bytes(bytes).unwrap();
        if entry.at <= at {
            run.apply(LeafIndex(leaf), &entry, |slot| Some(group(slot.0)));
        }
    }
    run.end(play.manifest.election, at, Vec::new())
}

#[test]
fn between_two_hours_the_total_goes_on_and_its_parts_stay_as_they_were_at_the_hour() {
    let (mut play, _) = Play::with_places(5);
    play.ceremony();
    play.open();
    play.vote_all();
    let times: Vec<Timestamp> = play.entries.iter().map(|bytes| Entry::from_bytes(bytes).unwrap().at).collect();
    let ballots = play.entries.iter().zip(&times).filter(|(bytes, _)| matches!(Entry::from_bytes(bytes).unwrap().body, Body::Ballot(_)));
    let first = *ballots.map(|(_, at)| at).next().unwrap();
    let (before, end) = (first.plus(-1), *times.last().unwrap());
    let (early, late) = (asked(&play, first, before), asked(&play, end, before));
    assert!(early.all.voted() < late.all.voted(), "{early:?} {late:?}");
    assert_eq!(early.parts, late.parts);
    assert_eq!((late.parts.at, late.parts.all.voted()), (before, 0));
    assert!(late.parts.size < late.size);
    // An hour later they are in.
    let after = asked(&play, end, end);
    assert_eq!((after.parts.all, after.parts.size), (after.all, after.size));
    // Each of its districts has fewer electors than are shown.
    assert!(after.parts.districts.iter().all(Option::is_none), "{after:?}");
}

#[test]
fn after_the_close_of_the_poll_the_parts_are_final_whatever_the_hour() {
    let play = Play::whole_with_papers(2);
    let closed = play.entries.iter().map(|bytes| Entry::from_bytes(bytes).unwrap()).find(|entry| matches!(entry.body, Body::PollClosed(_))).unwrap().at;
    let turnout = asked(&play, closed.plus(HOUR), play.manifest.opens);
    assert_eq!((turnout.parts.at, turnout.parts.all), (closed, turnout.all));
    assert_eq!(turnout.all.voted(), play.board.participation());
}

#[test]
fn an_hour_is_a_full_one_in_japan() {
    for (at, hour) in [("2027-01-31T02:59:59Z", "2027-01-31T02:00:00Z"), ("2027-01-31T02:00:00Z", "2027-01-31T02:00:00Z")] {
        assert_eq!(last_hour(at.parse().unwrap()).to_string(), hour);
    }
}

#[test]
fn an_age_is_full_at_the_end_of_the_day_before_the_birthday() {
    let polled = |text: &str| format!("{text}T11:00:00Z").parse().unwrap();
    for (birth, day, age) in [
        ("2008-11-23", "2026-11-22", 18),
        ("2008-11-24", "2026-11-22", 17),
        ("2008-11-22", "2026-11-22", 18),
        ("2008-02-29", "2026-02-28", 18),
        ("2008-02-29", "2026-02-27", 17),
        ("2008-03-01", "2026-02-28", 18),
        ("2009-01-01", "2026-12-31", 18),
        ("1946-11-23", "2026-11-22", 80),
    ] {
        assert_eq!(age_on(birth, polled(day)), Some(age), "{birth} on {day}");
    }
    assert_eq!(age_on("", polled("2026-11-22")), None);
    assert_eq!(age_on("2026-11-24", polled("2026-11-22")), None);
}

#[test]
fn an_unknown_day_of_birth_is_the_latest_possible_one_as_it_is_for_the_right_to_vote() {
    let polled = |text: &str| format!("{text}T11:00:00Z").parse().unwrap();
    for (birth, day, age) in [
        ("2008-00-00", "2026-11-22", 17),
        ("2008-00-00", "2026-12-30", 18),
        ("2008-11-00", "2026-11-28", 17),
        ("2008-11-00", "2026-11-29", 18),
        ("1946-00-00", "2026-01-01", 79),
    ] {
        assert_eq!(age_on(birth, polled(day)), Some(age), "{birth} on {day}");
        let reaches = tachiai_schemas::roll::qualification::reaches_18(birth.parse().unwrap());
        assert_eq!(age >= 18, reaches <= Day::of(polled(day)), "{birth} on {day}");
    }
}

fn table() -> impl Strategy<Value = Table> {
    (1_usize..6).prop_flat_map(|districts| {
        let cell = (0_u64..12, 0_u64..3).prop_map(|(entitled, online)| TurnoutCell { entitled, online: online.min(entitled), ..TurnoutCell::default() });
        let row = proptest::collection::vec(cell, districts);
        proptest::collection::vec(row, AgeBand::ALL.len()).prop_map(|cells| Table { cells, sexes: [TurnoutCell::default(); 3] })
    })
}

proptest! {
    #[test]
    fn no_small_cell_is_shown_and_none_is_given_away_by_a_total(table in table()) {
        let shown = table.shown();
        // The districts of a row and its total: from all but one of them the one follows.
        for (row, cells) in shown.iter().zip(&table.cells) {
            let line: Vec<&Option<TurnoutCell>> = row.districts.iter().chain([&row.all]).collect();
            prop_assert!(line.iter().filter_map(|cell| cell.as_ref()).all(|cell| !is_small(cell)));
            prop_assert!(row.all.is_none_or(|all| all == sum(cells)));
            prop_assert!(line.iter().filter(|cell| cell.is_none()).count() != 1);
        }
        // The bands of a district, and of all, whose totals are shown.
        let districts = table.cells[0].len();
        for column in 0..=districts {
            let cell = |row: &AgeRow| if column < districts { row.districts[column] } else { row.all };
            let hidden = shown.iter().filter(|row| cell(row).is_none()).count();
            let others = table.cells.iter().filter(|row| row.get(column).copied().unwrap_or_else(|| sum(*row)).entitled > 0).count();
            prop_assert!(hidden != 1 || others == 1);
        }
    }

    #[test]
    fn no_small_district_is_shown_and_none_is_given_away_by_the_total(table in table()) {
        let (shown, all) = (table.shown_districts(), table.districts());
        prop_assert!(shown.iter().flatten().all(|cell| !is_small(cell)));
        prop_assert!(shown.iter().zip(&all).all(|(shown, cell)| shown.is_none_or(|shown| shown == *cell)));
        let hidden = shown.iter().filter(|cell| cell.is_none()).count();
        prop_assert!(hidden != 1 || all.iter().filter(|cell| cell.entitled.max(cell.voted()) > 0).count() == 1);
    }

    #[test]
    fn a_table_without_small_cells_is_shown_whole(sizes in proptest::collection::vec(5_u64..100, 9)) {
        let cells = sizes.iter().map(|entitled| vec![TurnoutCell { entitled: *entitled, ..TurnoutCell::default() }]).collect();
        let table = Table { cells, sexes: [TurnoutCell::default(); 3] };
        prop_assert!(table.shown().iter().all(|row| row.all.is_some() && row.districts.iter().all(Option::is_some)));
    }
}
