use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc;

use serde_json::json;

use super::*;
use crate::clock::SetClock;
use crate::sharing::testing::{self, InMemory, citizen};

const NOON: &str = "2026-11-26T03:00:00Z";

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// A request that the platform holds until it is let go.
struct Held {
    came: mpsc::Sender<()>,
    go: mpsc::Receiver<()>,
}

/// What the platform has of everybody, and how it was asked.
#[derive(Default)]
struct Has {
    days: BTreeMap<Day, u32>,
    fails: bool,
    asked: Vec<(String, Day)>,
    held: Option<Held>,
}

#[derive(Default)]
struct City(Mutex<Has>);

impl Platform for City {
    fn steps(&self, pseudonym: &str, from: Day) -> Result<Vec<Vec<u8>>, String> {
        let (days, fails, held) = {
            let mut own = self.0.lock().unwrap();
            own.asked.push((pseudonym.to_owned(), from));
            (own.days.clone(), own.fails, own.held.take())
        };
        if let Some(Held { came, go }) = held {
            came.send(()).unwrap();
            go.recv().unwrap();
        }
        if fails {
            return Err("status 500".to_owned());
        }
        let entity = |(day, steps): (&Day, &u32)| {
            json!({
                "id": format!("urn:ngsi-ld:StepCount:{pseudonym}-{day}"), "type": "StepCount",
                "refCitizen": { "type": "Relationship", "object": format!("urn:ngsi-ld:Citizen:{pseudonym}") },
                "dateObserved": { "type": "Property", "value": day }, "steps": { "type": "Property", "value": steps },
            })
        };
        Ok(vec![serde_json::to_vec(&days.iter().map(entity).collect::<Vec<_>>()).unwrap()])
    }

    fn warnings(&self, _: &mut dyn FnMut(Vec<u8>) -> Result<(), String>) -> Result<(), String> {
        Ok(())
    }
}

struct Place {
    dir: tempfile::TempDir,
    clock: Arc<SetClock>,
    book: Arc<InMemory>,
    city: Arc<City>,
    sharing: Arc<Sharing>,
}

fn open(dir: &Path, clock: &Arc<SetClock>, book: &Arc<InMemory>, city: &Arc<City>, people: u8) -> Arc<Sharing> {
    testing::open(dir, clock, book, Arc::clone(city) as Arc<dyn Platform>, people, 0)
}

impl Place {
    /// Everybody consents at noon.
    async fn of(people: u8) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (clock, book, city) = (Arc::new(SetClock::new(NOON.parse().unwrap())), Arc::new(InMemory::default()), Arc::new(City::default()));
        let sharing = open(dir.path(), &clock, &book, &city, people);
        let place = Self { dir, clock, book, city, sharing };
        for number in 1..=people {
            place.says(number, Said::Given).await.unwrap();
        }
        place
    }

    async fn says(&self, number: u8, said: Said) -> Result<OwnSteps, Refused> {
        self.sharing.consent_to_steps(citizen(number), StepsConsent { said }).await
    }

    fn tells(&self, days: &[(&str, u32)]) {
        self.city.0.lock().unwrap().days = days.iter().map(|(text, steps)| (day(text), *steps)).collect();
    }

    async fn days(&self, number: u8) -> Vec<(Day, u32)> {
        let own = self.sharing.steps_of(citizen(number)).await.unwrap();
        own.days.into_iter().map(|DaySteps { day, steps }| (day, steps)).collect()
    }

    fn asked(&self) -> Vec<(String, Day)> {
        std::mem::take(&mut self.city.0.lock().unwrap().asked)
    }

    fn leaves(&self) -> usize {
        self.book.state.read().unwrap().leaves.len()
    }

    fn files(&self) -> Vec<std::path::PathBuf> {
        fs::read_dir(self.dir.path().join("steps")).unwrap().map(|file| file.unwrap().path()).collect()
    }

    /// The platform holds the next request: told when it has come, and lets it go.
    fn hold(&self) -> (mpsc::Receiver<()>, mpsc::Sender<()>) {
        let ((came, has_come), (let_go, go)) = (mpsc::channel(), mpsc::channel());
        self.city.0.lock().unwrap().held = Some(Held { came, go });
        (has_come, let_go)
    }
}

const DAY: i64 = 24 * 3600;

#[tokio::test(flavor = "multi_thread")]
async fn whole_days_since_the_consent_come_in_sealed_and_with_one_record_and_go_with_it() {
    let place = Place::of(1).await;
    place.tells(&[("2026-11-25", 7531), ("2026-11-26", 100)]);
    // The day is not over: an hour later its count would be another one.
    let round = place.sharing.fetch_steps().await.unwrap();
    assert_eq!((round.changed, round.dropped, place.leaves()), (0, 2, 0));
    place.clock.advance(DAY);
    for later in [200, 300] {
        place.tells(&[("2026-11-25", 7531), ("2026-11-26", 8642), ("2026-11-27", later)]);
        place.sharing.fetch_steps().await.unwrap();
        place.clock.advance(3600);
    }
    let kept = vec![(day("2026-11-26"), 8642)];
    assert_eq!((place.days(1).await, place.leaves()), (kept.clone(), 1));
    let file = fs::read(&place.files()[0]).unwrap();
    assert!(place.files().len() == 1 && !file.windows(4).any(|window| window == b"8642"));
    let Place { dir, clock, book, city, sharing } = place;
    drop(sharing);
    let sharing = open(dir.path(), &clock, &book, &city, 1);
    let place = Place { dir, clock, book, city, sharing };
    assert_eq!(place.days(1).await, kept);
    let own = place.says(1, Said::Withdrawn).await.unwrap();
    assert_eq!((own.since, own.days.len(), place.files().len()), (None, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_days_are_asked_for_and_not_everything_since_the_consent() {
    let place = Place::of(1).await;
    place.clock.advance(20 * DAY);
    place.tells(&[("2026-12-10", 5000)]);
    place.sharing.fetch_steps().await.unwrap();
    place.tells(&[("2026-12-10", 5500)]);
    place.sharing.fetch_steps().await.unwrap();
    assert_eq!(place.asked().into_iter().map(|(_, from)| from).collect::<Vec<_>>(), [day("2026-11-26"), day("2026-12-03")]);
    assert_eq!(place.days(1).await, [(day("2026-12-10"), 5500)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_does_not_come_back_with_a_new_consent_while_the_platform_is_asked() {
    let place = Place::of(1).await;
    place.clock.advance(DAY);
    place.tells(&[("2026-11-26", 8642)]);
    place.sharing.fetch_steps().await.unwrap();
    place.clock.advance(5 * DAY);
    place.tells(&[("2026-11-27", 7000)]);
    let (has_come, let_go) = place.hold();
    let sharing = Arc::clone(&place.sharing);
    let round = tokio::spawn(async move { sharing.fetch_steps().await });
    has_come.recv().unwrap();
    place.says(1, Said::Withdrawn).await.unwrap();
    place.says(1, Said::Given).await.unwrap();
    let_go.send(()).unwrap();
    assert_eq!(round.await.unwrap().unwrap().changed, 0);
    assert_eq!((place.days(1).await, place.files().len()), (vec![], 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_one_round_at_a_time() {
    let place = Place::of(1).await;
    let (has_come, let_go) = place.hold();
    let sharing = Arc::clone(&place.sharing);
    let round = tokio::spawn(async move { sharing.fetch_steps().await });
    has_come.recv().unwrap();
    assert_eq!(place.sharing.fetch_steps().await.unwrap_err().refusal, Refusal::Busy);
    let_go.send(()).unwrap();
    assert_eq!((round.await.unwrap().unwrap().failed, place.asked().len()), (0, 1));
    assert_eq!(place.sharing.fetch_steps().await.unwrap().failed, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_ends_after_failures_in_a_row_and_counts_those_who_were_not_asked_for() {
    let place = Place::of(9).await;
    place.city.0.lock().unwrap().fails = true;
    let round = place.sharing.fetch_steps().await.unwrap();
    assert_eq!((round.people, round.failed, round.error.as_deref(), place.asked().len()), (9, 9, Some("status 500"), 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_ends_with_the_person_who_is_asked_for_when_the_appliance_is_stopped_and_keeps_what_came() {
    let place = Place::of(3).await;
    place.clock.advance(DAY);
    place.tells(&[("2026-11-26", 8642)]);
    let (has_come, let_go) = place.hold();
    let sharing = Arc::clone(&place.sharing);
    let round = tokio::spawn(async move { sharing.fetch_steps().await });
    has_come.recv().unwrap();
    place.sharing.stop();
    let_go.send(()).unwrap();
    let round = round.await.unwrap().unwrap();
    assert_eq!((round.changed, round.failed, place.asked().len()), (1, 2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_file_is_damaged_does_not_keep_the_round_from_the_others() {
    let place = Place::of(2).await;
    place.clock.advance(DAY);
    place.tells(&[("2026-11-26", 8642)]);
    assert_eq!(place.sharing.fetch_steps().await.unwrap().changed, 2);
    fs::write(&place.files()[0], b"damaged").unwrap();
    place.clock.advance(DAY);
    place.tells(&[("2026-11-26", 8642), ("2026-11-27", 9000)]);
    let round = place.sharing.fetch_steps().await.unwrap();
    assert_eq!((round.people, round.changed, round.failed, round.error.as_deref()), (2, 1, 1, Some(UNREADABLE)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_that_could_not_delete_is_no_success_and_the_next_one_deletes() {
    let place = Place::of(1).await;
    place.clock.advance(DAY);
    place.tells(&[("2026-11-26", 8642)]);
    place.sharing.fetch_steps().await.unwrap();
    // What cannot be removed as a file: no withdrawal deletes it.
    let (kept, stands) = (place.files()[0].clone(), place.dir.path().join("steps").join("a".repeat(64)));
    let bytes = fs::read(&kept).unwrap();
    fs::create_dir(&stands).unwrap();
    assert_eq!(place.says(1, Said::Withdrawn).await.unwrap_err().refusal, Refusal::Fault);
    fs::write(&kept, bytes).unwrap();
    fs::remove_dir(&stands).unwrap();
    place.says(1, Said::Withdrawn).await.unwrap();
    assert_eq!(place.files().len(), 0);
}
