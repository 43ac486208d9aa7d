//! Tells the city's data platform which shelters are open and how full they are: looks at the events now and then, and puts what changed into the outbox.
//!
//! Disasters and drills alone are told, a drill as such. People are counted and nothing else: those who are registered as staying in the shelter, and those of whom
//! nobody can say any more how they stay.

use std::collections::HashMap;

use tachiai_crypto::roster::{EventId, Stay};
use tachiai_schemas::roster::{EventKind, OpenState, ShelterState};
use tachiai_schemas::sharing::ngsi::{Headcount, ShelterEntity};

use crate::outbox::Outbox;
use crate::shelter::{Event, Shelters};

/// Where the platform takes entities, after the base of its interface: each is made or updated.
pub const PATH: &str = "/entityOperations/upsert?options=update";

/// What the platform was told last.
#[derive(Default)]
pub struct Told {
    sizes: HashMap<EventId, u64>,
    shelters: HashMap<String, (ShelterState, Headcount)>,
}

impl Told {
    /// Puts into the outbox what changed since. What cannot be put in is tried the next time.
    pub fn tell(&mut self, shelters: &Shelters, outbox: &Outbox) {
        for event in shelters.all() {
            let size = event.published().roster.len();
            if self.sizes.get(&event.id) == Some(&size) {
                continue;
            }
            let mut all = true;
            for (entity, told) in entities(&event) {
                let id = entity.id.clone();
                if self.shelters.get(&id) == Some(&told) {
                    continue;
                }
                let put = serde_json::to_vec(&[&entity]).map_err(|error| error.to_string());
                match put.and_then(|body| outbox.put(Some(&id), &body).map_err(|error| error.to_string())) {
                    Ok(_) => drop(self.shelters.insert(id, told)),
                    Err(error) => {
                        tracing::error!(%error, "the data platform is not told of a shelter yet");
                        all = false;
                    }
                }
            }
            if all {
                self.sizes.insert(event.id, size);
            }
        }
    }
}

/// The shelters of an event as they are now, each with what is told of it.
fn entities(event: &Event) -> Vec<(ShelterEntity, (ShelterState, Headcount))> {
    let published = event.published();
    let Some(declared) = published.roster.declared() else { return Vec::new() };
    match declared.kind {
        EventKind::Disaster | EventKind::Drill => {}
        EventKind::OpenSchool | EventKind::Lecture | EventKind::RollCall => return Vec::new(),
    }
    let totals = published.people.totals(&published.roster);
    let is_over = published.roster.closed().is_some();
    let now = event.now();
    let entity = |state: &ShelterState| {
        let state = ShelterState { state: if is_over { OpenState::Closed } else { state.state }, ..state.clone() };
        let there = totals.get(&state.shelter).map_or(0, |totals| totals.stays[Stay::Shelter as usize] + totals.erased);
        let heads = Headcount::of(there, declared.min_group);
        (ShelterEntity::new(event.id, declared, &state, heads, now), (state, heads))
    };
    published.roster.shelters().map(entity).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::outbox::Target;
    use crate::outbox::backoff::Backoff;
    use crate::shelter::testing::{Hall, chain, person, shelter};
    use tachiai_schemas::roster::Act;

    /// Where nobody listens: what is put in waits.
    fn nowhere() -> Target {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        Target { url: format!("http://{free}{PATH}"), ca: None, token: None, tenant: None, media_type: "application/ld+json", timeout: Duration::from_secs(1) }
    }

    /// The entities that wait, by the shelter's name.
    fn waiting(dir: &std::path::Path) -> HashMap<String, serde_json::Value> {
        let files = std::fs::read_dir(dir).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
        files
            .map(|text| {
                let entity: serde_json::Value = serde_json::from_str(text.split_once('\n').unwrap().1).unwrap();
                (entity[0]["alternateName"]["value"].as_str().unwrap().to_owned(), entity[0].clone())
            })
            .collect()
    }

    #[tokio::test]
    async fn shelters_are_told_of_after_each_change_once_and_without_persons() {
        let hall = Hall::new().await;
        let dir = hall.dir.path().join("outbox");
        let outbox =
            Outbox::open(&dir, &nowhere(), Backoff { first: Duration::from_secs(3600), most: Duration::from_secs(3600) }, Arc::clone(&hall.clock) as _);
        let (outbox, mut told) = (outbox.unwrap(), Told::default());
        told.tell(&hall.shelters, &outbox);
        let first = waiting(&dir);
        assert_eq!(first.len(), 2);
        assert_eq!((&first["gym hall"]["occupancy"]["value"], &first["gym hall"]["eventKind"]["value"]), (&0.into(), &"drill".into()));
        // While one is on its way it is not replaced: until nobody was found to listen.
        while outbox.view().failures == 0 {
            tokio::task::yield_now().await;
        }
        told.tell(&hall.shelters, &outbox);
        assert_eq!(outbox.view().waiting, 2);
        hall.event.stands(ShelterState { state: OpenState::Full, ..shelter("school") }).await.unwrap();
        let mut terminal = hall.terminal("t1", "gym").await;
        let (mut written, now) = (Vec::new(), hall.millis());
        for n in 1..=9 {
            written.push(terminal.act(chain(n), Act::In, &person("印西　太郎"), now));
        }
        hall.take(terminal.hand_in(&hall, &written, now)).await.unwrap();
        told.tell(&hall.shelters, &outbox);
        let few = waiting(&dir);
        assert_eq!(few["school hall"]["status"]["value"], "full");
        assert!(few["gym hall"].get("occupancy").is_none());
        assert_eq!(few["gym hall"]["occupancyBelow"]["value"], 10);
        let tenth = terminal.act(chain(10), Act::In, &person("印西　花子"), now);
        hall.take(terminal.hand_in(&hall, &[tenth], now)).await.unwrap();
        told.tell(&hall.shelters, &outbox);
        let many = waiting(&dir);
        assert_eq!((outbox.view().waiting, &many["gym hall"]["occupancy"]["value"]), (2, &10.into()));
        assert!(many.values().chain(few.values()).all(|entity| !entity.to_string().contains("印西")));
    }
}
