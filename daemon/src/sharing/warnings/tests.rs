use std::path::Path;

use serde_json::{Value, json};
use tachiai_schemas::roll::Day;

use super::*;
use crate::clock::SetClock;
use crate::sharing::testing::{self, InMemory};

/// Every how many seconds it is asked.
const EVERY: u32 = 300;

/// A platform that tells this, page after page, or why it does not.
struct City(Mutex<Result<Vec<Vec<u8>>, String>>);

impl Platform for City {
    fn steps(&self, _: &str, _: Day) -> Result<Vec<Vec<u8>>, String> {
        Ok(Vec::new())
    }

    fn warnings(&self, page: &mut dyn FnMut(Vec<u8>) -> Result<(), String>) -> Result<(), String> {
        let pages = self.0.lock().unwrap().clone()?;
        pages.into_iter().try_for_each(page)
    }
}

struct Place {
    dir: tempfile::TempDir,
    clock: Arc<SetClock>,
    book: Arc<InMemory>,
    city: Arc<City>,
    sharing: Arc<Sharing>,
}

impl Place {
    fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (clock, book) = (Arc::new(SetClock::new("2026-11-26T03:00:00Z".parse().unwrap())), Arc::new(InMemory::default()));
        let city = Arc::new(City(Mutex::new(Ok(vec![b"[]".to_vec()]))));
        let sharing = room(dir.path(), &clock, &book, &city);
        Self { dir, clock, book, city, sharing }
    }

    /// The appliance starts again.
    fn again(self) -> Self {
        let Self { dir, clock, book, city, sharing } = self;
        drop(sharing);
        let sharing = room(dir.path(), &clock, &book, &city);
        Self { dir, clock, book, city, sharing }
    }

    fn tells(&self, entities: &[Value]) {
        *self.city.0.lock().unwrap() = Ok(vec![serde_json::to_vec(entities).unwrap()]);
    }

    fn says(&self, what: Result<&str, &str>) {
        *self.city.0.lock().unwrap() = what.map(|page| vec![page.as_bytes().to_vec()]).map_err(str::to_owned);
    }

    async fn ask(&self) -> Warnings {
        self.sharing.fetch_warnings().await.unwrap()
    }

    fn entries(&self) -> u64 {
        *self.book.seq.lock().unwrap()
    }

    fn at(&self) -> Timestamp {
        self.sharing.now()
    }
}

fn room(dir: &Path, clock: &Arc<SetClock>, book: &Arc<InMemory>, city: &Arc<City>) -> Arc<Sharing> {
    testing::open(dir, clock, book, Arc::clone(city) as Arc<dyn Platform>, 0, EVERY)
}

fn alert(number: usize, severity: &str) -> Value {
    let property = |value: &str| json!({ "type": "Property", "value": value });
    json!({
        "id": format!("urn:ngsi-ld:Alert:{number:03}"), "type": "Alert", "category": property("weather"), "severity": property(severity),
        "dateIssued": property("2026-11-26T02:00:00Z"), "validTo": property("2026-11-27T02:00:00Z"), "description": property("大雨"),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_never_silently_old_and_stays_across_a_restart() {
    let place = Place::open();
    place.tells(&[alert(1, "high")]);
    let first = place.ask().await;
    assert_eq!((first.all, first.heard, first.silent), (1, Some(place.at()), None));
    let heard = place.at();
    place.clock.advance(300);
    for (failure, what) in [(Err("status 500"), "status 500"), (Ok("<html>"), "not an array of entities: line 1, column 1")] {
        place.says(failure);
        let warnings = place.ask().await;
        assert_eq!((warnings.all, warnings.silent), (1, Some(Silent { since: heard, what: what.to_owned() })));
    }
    assert_eq!(place.entries(), 2, "the silence is one entry");
    // After a start it is known before anybody asks, and by whom the first attempt fails again.
    let place = place.again();
    let warnings = place.sharing.warnings().unwrap();
    assert_eq!((warnings.all, warnings.heard, warnings.silent.map(|silent| silent.since)), (1, None, Some(heard)));
    assert_eq!(place.ask().await.silent.map(|silent| silent.since), Some(heard));
    place.tells(&[alert(1, "high")]);
    let warnings = place.ask().await;
    assert_eq!((warnings.all, warnings.heard, warnings.silent, place.entries()), (1, Some(place.at()), None, 3));
    // An appliance that does not get round to asking says so as well.
    let heard = place.at();
    place.clock.advance(i64::from(EVERY) * 3 + 61);
    assert_eq!(place.sharing.warnings().unwrap().silent.map(|silent| silent.since), Some(heard));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_says_nothing_of_what_is_wrong_in_it_that_could_steer_a_terminal() {
    let place = Place::open();
    place.says(Err(&format!("\u{1b}[2J{}", "x".repeat(9_999))));
    let what = place.ask().await.silent.unwrap().what;
    assert!(what.chars().count() == WHY + 1 && !what.chars().any(char::is_control), "{what}");
    place.says(Err("no \u{202e}route\u{2066}"));
    assert_eq!(place.ask().await.silent.unwrap().what, "no route");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_has_a_few_of_many_and_what_is_urgent_and_new_among_them() {
    let place = Place::open();
    let mut many: Vec<Value> = (0..50).map(|number| alert(number, "critical")).collect();
    place.tells(&many);
    place.ask().await;
    place.clock.advance(60);
    many.push(alert(700, "high"));
    many.push(json!({ "id": "urn:ngsi-ld:StepCount:1", "type": "StepCount" }));
    place.tells(&many);
    let whole = place.ask().await;
    assert_eq!((whole.known.len(), whole.left_out), (51, 1));
    let few = place.sharing.first_warnings().unwrap();
    assert_eq!((few.known.len(), few.all), (WARNINGS, 51));
    assert_eq!(few.known.last().unwrap().warning.id, "urn:ngsi-ld:Alert:700", "the most severe first");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_platform_told_last_is_shown_even_where_a_day_has_no_room_for_its_record() {
    let place = Place::open();
    let many = |round: usize| (0..190).map(|n| alert(round * 1_000 + n, "high")).collect::<Vec<_>>();
    let mut round = 0;
    let full = loop {
        place.tells(&many(round));
        let warnings = place.ask().await;
        if warnings.unrecorded > 0 {
            break warnings;
        }
        round += 1;
    };
    assert!(full.silent.is_none() && full.heard.is_some());
    let mut last = vec![alert(999_999, "critical")];
    last.extend(many(round + 1));
    place.clock.advance(300);
    place.tells(&last);
    let warnings = place.ask().await;
    assert_eq!((warnings.all, warnings.known[0].warning.id.as_str(), warnings.known[0].told), (191, "urn:ngsi-ld:Alert:999999", place.at()));
    assert!(warnings.unrecorded > 0 && warnings.silent.is_none(), "it is not old");
    assert_eq!(place.sharing.first_warnings().unwrap().known[0].warning.id, "urn:ngsi-ld:Alert:999999");
    place.tells(&[]);
    assert_eq!(place.ask().await.all, 0, "what is told no more is shown no more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_ends_with_the_page_that_comes_when_the_appliance_stops_and_is_no_silence() {
    let place = Place::open();
    place.tells(&[alert(1, "high")]);
    place.sharing.stop();
    let warnings = place.ask().await;
    assert_eq!((warnings.all, warnings.silent, place.entries()), (0, None, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_that_is_not_asked_for_warnings_is_said_to_be_none() {
    let dir = tempfile::tempdir().unwrap();
    let place = Place::open();
    let off = testing::open(dir.path(), &place.clock, &place.book, place.city.clone(), 0, 0);
    assert_eq!(off.fetch_warnings().await.unwrap_err().refusal, Refusal::NoPlatform);
    assert_eq!((off.warnings().unwrap_err().refusal, off.first_warnings()), (Refusal::NoPlatform, None));
}
