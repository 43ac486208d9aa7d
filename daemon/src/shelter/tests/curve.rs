//! Who was in which shelter of Nanao City after the Noto earthquake, reported to an appliance as it was published.

use std::collections::BTreeMap;
use std::num::NonZeroU16;
use std::path::Path;

use tachiai_schemas::roster::report::HowCounted;
use tachiai_schemas::roster::report::ReportContent;
use tachiai_schemas::roster::{Act, Hlc, OpenState, ShelterId, ShelterState};
use tachiai_schemas::shelter::PersonAct;
use tachiai_schemas::shelter::facility::{self, Facilities};
use tachiai_schemas::shelter::overview::{CurvePoint, ReportRequest};
use tachiai_schemas::{Refusal, Timestamp};

use super::super::people::Sight;
use super::super::testing::{Hall, person, shelter, spec, time};

/// The published snapshots, by their times: each shelter with its heads.
fn snapshots() -> BTreeMap<Timestamp, Vec<(ShelterState, u32)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/shelter/nanao");
    let read = |entry: std::fs::DirEntry| {
        let Facilities { report: _, facilities, occupancy } = facility::read(&std::fs::read(entry.path()).unwrap());
        let time = occupancy[0].time.unwrap();
        let heads: BTreeMap<_, _> = occupancy.iter().map(|row| (row.facility.clone(), row.persons.unwrap())).collect();
        (time, facilities.iter().map(|place| (place.open(), heads[&place.id])).collect())
    };
    std::fs::read_dir(folder).unwrap().map(|entry| read(entry.unwrap())).collect()
}

fn every(minutes: u16) -> NonZeroU16 {
    NonZeroU16::new(minutes).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_occupancies_of_nanao_come_out_of_the_appliance_as_they_were_published() {
    let snapshots = snapshots();
    assert_eq!(snapshots.len(), 24);
    let hall = Hall::new().await;
    let first = *snapshots.keys().next().unwrap();
    hall.clock.set(first);
    let noto = tachiai_schemas::shelter::EventSpec { began: time("2024-01-01T07:10:00Z"), ..spec(tachiai_schemas::roster::EventKind::Disaster) };
    let made = hall.shelters.declare(vec!["西村".to_owned(), "田中".to_owned()], noto).await.unwrap();
    let event = hall.shelters.get(made.event).unwrap();
    let mut open: BTreeMap<ShelterId, ShelterState> = BTreeMap::new();
    for (time, rows) in &snapshots {
        hall.clock.set(*time);
        let now: BTreeMap<ShelterId, ShelterState> = rows.iter().map(|(state, _)| (state.shelter.clone(), state.clone())).collect();
        // Whoever is not in the table any more is closed.
        for state in open.values().filter(|state| !now.contains_key(&state.shelter)) {
            event.stands(ShelterState { state: OpenState::Closed, ..state.clone() }).await.unwrap();
        }
        for (state, heads) in rows {
            event.stands(state.clone()).await.unwrap();
            let content = ReportContent::Headcount { persons: *heads, how: HowCounted::About };
            let report = ReportRequest { shelter: state.shelter.clone(), content, time: Some(Hlc::at(*time)) };
            assert_eq!(event.write_report("西村", report).await.unwrap().time, Hlc::at(*time));
        }
        let sum: u32 = rows.iter().map(|(_, heads)| heads).sum();
        assert_eq!(event.view().unwrap().totals.heads, Some(sum), "{time}");
        open = now;
    }
    let published: Vec<_> = snapshots.values().map(|rows| (rows.iter().map(|(_, heads)| u64::from(*heads)).sum::<u64>(), rows.len())).collect();
    let told = |curve: &[CurvePoint]| curve.iter().map(|point| (point.heads, point.counted as usize)).collect::<Vec<_>>();
    let curve = event.curve(every(60), None);
    assert_eq!(told(&curve), published);
    assert_eq!(curve.iter().map(|point| point.time.timestamp()).collect::<Vec<_>>(), snapshots.keys().copied().collect::<Vec<_>>());
    assert_eq!(curve.iter().map(|point| point.heads).max(), Some(1_933));
    // One shelter alone, and the same after a restart.
    let sannoh: ShelterId = "cc0000000518".parse().unwrap();
    let alone = event.curve(every(60), Some(&sannoh));
    let heads = |rows: &Vec<(ShelterState, u32)>| rows.iter().find(|(state, _)| state.shelter == sannoh).map(|(_, heads)| u64::from(*heads));
    assert_eq!(
        alone.iter().map(|point| point.heads).filter(|heads| *heads > 0).collect::<Vec<_>>(),
        snapshots.values().filter_map(heads).filter(|heads| *heads > 0).collect::<Vec<_>>()
    );
    let store = std::sync::Arc::clone(&hall.store);
    drop(event);
    let hall = hall.restarted(store).await.unwrap();
    let event = hall.shelters.get(made.event).unwrap();
    assert_eq!(told(&event.curve(every(60), None)), published);
    assert_eq!(event.problems(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn late_reports_count_at_their_own_time_and_people_when_they_came_and_left() {
    let hall = Hall::new().await;
    let heads = async |persons, at: &str| {
        let content = ReportContent::Headcount { persons, how: HowCounted::About };
        hall.event.write_report("西村", ReportRequest { shelter: "gym".parse().unwrap(), content, time: Some(Hlc::at(time(at))) }).await.unwrap();
    };
    heads(50, "2026-09-01T10:00:00Z").await;
    heads(20, "2026-09-01T08:00:00Z").await;
    assert_eq!(hall.event.view().unwrap().totals.heads, Some(50), "the older report came later, and does not hold");
    let at = |text: &str| Some(Hlc::at(time(text)));
    let arrival = PersonAct {
        chain: None,
        after: vec![],
        shelter: "school".parse().unwrap(),
        act: Act::In,
        time: at("2026-09-01T09:00:00Z"),
        person: person("西村　花子"),
    };
    let done = hall.event.write_person("西村", Sight::All, arrival.clone()).await.unwrap();
    let left = PersonAct { chain: Some(done.chain), after: vec![done.entry], act: Act::Out, time: at("2026-09-01T11:30:00Z"), ..arrival };
    hall.event.write_person("西村", Sight::All, left).await.unwrap();
    let seen = |curve: Vec<CurvePoint>| curve.into_iter().map(|point| (point.present, point.heads)).collect::<Vec<_>>();
    assert_eq!(seen(hall.event.curve(every(60), None)), [(0, 20), (1, 20), (1, 50), (0, 50)]);
    assert_eq!(seen(hall.event.curve(every(1440), None)), [(0, 50)]);
    assert_eq!(seen(hall.event.curve(every(60), Some(&"school".parse().unwrap()))), [(1, 0), (0, 0)]);
    // What is said of the future is refused.
    let content = ReportContent::Headcount { persons: 9, how: HowCounted::About };
    let future = ReportRequest { shelter: "gym".parse().unwrap(), content, time: Some(Hlc::at(time("2026-09-03T08:00:00Z"))) };
    assert_eq!(hall.event.write_report("西村", future).await.map(drop).unwrap_err().refusal, Refusal::ShelterInvalid);
    hall.event.stands(ShelterState { state: OpenState::Closed, ..shelter("gym") }).await.unwrap();
    assert_eq!((hall.event.curve(every(1440), None).last().unwrap().heads, hall.event.view().unwrap().totals.heads), (0, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_count_from_before_a_shelter_closed_holds_when_it_opens_again() {
    let hall = Hall::new().await;
    let heads = async |persons, at: &str| {
        let content = ReportContent::Headcount { persons, how: HowCounted::About };
        hall.event.write_report("西村", ReportRequest { shelter: "gym".parse().unwrap(), content, time: Some(Hlc::at(time(at))) }).await.unwrap();
    };
    let state = async |state, at: &str| {
        hall.clock.set(time(at));
        hall.event.stands(ShelterState { state, ..shelter("gym") }).await.unwrap();
    };
    let told = || (hall.event.view().unwrap().totals.heads.map(u64::from), hall.event.curve(every(60), None).last().unwrap().heads);
    heads(50, "2026-09-01T11:10:00Z").await;
    assert_eq!(told(), (Some(50), 50));
    state(OpenState::Closed, "2026-09-01T13:00:00Z").await;
    assert_eq!(told(), (None, 0));
    state(OpenState::Open, "2026-09-01T14:00:00Z").await;
    assert_eq!(told(), (None, 0));
    // A count from before the closing that comes late revives nothing either; a new one holds.
    heads(40, "2026-09-01T11:30:00Z").await;
    assert_eq!(told(), (None, 0));
    hall.clock.set(time("2026-09-01T15:00:00Z"));
    heads(12, "2026-09-01T14:30:00Z").await;
    assert_eq!(told(), (Some(12), 12));
    let store = std::sync::Arc::clone(&hall.store);
    let hall = hall.restarted(store).await.unwrap();
    assert_eq!(hall.event.view().unwrap().totals.heads, Some(12));
}
