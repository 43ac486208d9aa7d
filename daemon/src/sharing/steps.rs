//! Step counts (歩数): the one way in from the city's data platform for something about a person. The appliance asks for those who consented and for nobody else, from the day of
//! the consent on; what the platform tells beyond that is dropped.
//!
//! They lie in a file of each person, sealed under the citizen's key, in `steps/` of the data folder; the journal has the hash of the file and the person as a keyed hash.
//! With the withdrawal the file is deleted, and nothing is asked for any more; with the citizen the key is destroyed, so that the file opens to nobody and the name in the
//! journal leads to nobody. That something came stands in the access log, with the same entries, before it is kept.
//!
//! **Order**: the new file is durable, then the entry that names it, then the old file is removed. A file that no entry names is removed at the next start.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Arc;

use rand_core::OsRng;
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::roll::Day;
use tachiai_schemas::sharing::access::{Access, By, How};
use tachiai_schemas::sharing::ngsi::steps::{self, Coverage, Taken};
use tachiai_schemas::sharing::steps::{DaySteps, FIELD, OwnSteps, Round, SERVICE, Said, StepsConsent};
use tachiai_schemas::{CitizenId, HashBytes, Refusal};
use zeroize::Zeroizing;

use super::{Event, Sharing, Told, offload};
use crate::blobs::{BlobError, Blobs};
use crate::refused::Refused;
use crate::vault::Aad;

/// What the names of people in entries about steps are made for.
const PERSON: &str = "steps-person";

/// The most days that are kept of somebody; the oldest go.
const DAYS: usize = 400;

/// The most people of one record.
const PEOPLE: usize = 200;

/// What a fault is said to have happened at.
const DOING: &str = "keeping step counts";

/// Somebody who consents.
struct Consenting {
    citizen: CitizenId,
    /// Under which the person stands in the entries.
    person: HashBytes,
    /// From which day on.
    from: Day,
    pseudonyms: Vec<String>,
}

/// What somebody's file is to say.
struct News {
    citizen: CitizenId,
    person: HashBytes,
    days: BTreeMap<Day, u32>,
}

impl Sharing {
    /// What is kept of a resident, for the resident.
    ///
    /// # Errors
    /// [`Refusal::Fault`].
    pub async fn steps_of(self: &Arc<Self>, citizen: CitizenId) -> Result<OwnSteps, Refused> {
        let this = Arc::clone(self);
        offload(move || {
            let pseudonyms = this.services.pseudonyms.of(citizen, SERVICE)?;
            let pseudonym = pseudonyms.into_iter().next().ok_or(Refusal::NotFound)?;
            let mut days = BTreeMap::new();
            let mut since = None;
            for (id, person) in this.names_of_steps(citizen)? {
                since = since.max(this.state().steps.get(&person).map(|standing| standing.since));
                days.extend(this.kept_steps(id, &person)?);
            }
            Ok(OwnSteps { since, pseudonym, days: days.into_iter().map(|(day, steps)| DaySteps { day, steps }).collect() })
        })
        .await
    }

    /// A resident consents, or withdraws: then what is kept is deleted.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for whom there is no key.
    pub async fn consent_to_steps(self: &Arc<Self>, citizen: CitizenId, StepsConsent { said }: StepsConsent) -> Result<OwnSteps, Refused> {
        {
            let _turn = self.turn.lock().await;
            let names = self.names_of_steps(citizen)?;
            let stands = |person: &HashBytes| self.state().steps.contains_key(person);
            let events: Vec<Event> = match said {
                Said::Given if names.iter().any(|(_, person)| stands(person)) => Vec::new(),
                Said::Given => {
                    let (_, person) = names.first().ok_or(Refusal::NotFound)?;
                    vec![Event::StepsConsented { person: *person, said }]
                }
                Said::Withdrawn => {
                    names.iter().filter(|(_, person)| stands(person)).map(|(_, person)| Event::StepsConsented { person: *person, said }).collect()
                }
            };
            if !events.is_empty() {
                self.record(events).await?;
                self.tidy_steps().map_err(|error| Refused::fault("deleting step counts", error))?;
            }
        }
        self.steps_of(citizen).await
    }

    /// Asks the platform for the steps of everybody who consents, and keeps what is new.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] without a platform; [`Refusal::Fault`]. That the platform does not tell is no error: it stands in the answer.
    pub async fn fetch_steps(self: &Arc<Self>) -> Result<Round, Refused> {
        let platform = self.services.platform.clone().ok_or_else(|| Refused::about(Refusal::NotFound, "no data platform is configured"))?;
        let today = Day::of(self.now());
        let this = Arc::clone(self);
        let (mut round, news) = offload(move || {
            let mut round = Round::default();
            let mut news = Vec::new();
            for Consenting { citizen, person, from, pseudonyms } in this.consenting()? {
                round.people += 1;
                let mut days = this.kept_steps(citizen, &person)?;
                let before = days.clone();
                for pseudonym in &pseudonyms {
                    let covers = |of: &str, day: Day| if of == pseudonym && (from..=today).contains(&day) { Coverage::Covered } else { Coverage::NotCovered };
                    let told = platform
                        .steps(pseudonym, from)
                        .and_then(|pages| pages.iter().map(|page| steps::take(page, covers).map_err(|error| error.to_string())).collect());
                    let told: Vec<Taken> = match told {
                        Ok(told) => told,
                        Err(what) => {
                            tracing::warn!(%what, "the data platform did not tell step counts");
                            (round.failed, round.error) = (round.failed + 1, Some(what));
                            continue;
                        }
                    };
                    for Taken { steps, dropped } in told {
                        round.dropped += dropped as u64;
                        days.extend(steps.into_iter().map(|steps| (steps.day, steps.steps)));
                    }
                }
                while days.len() > DAYS {
                    days.pop_first();
                }
                if days != before {
                    news.push(News { citizen, person, days });
                }
            }
            Ok((round, news))
        })
        .await?;
        let mut news = news.into_iter().peekable();
        while news.peek().is_some() {
            round.changed += self.keep_steps(news.by_ref().take(PEOPLE).collect()).await?;
        }
        Ok(round)
    }

    /// Keeps what is new of people, as far as their consent still stands.
    async fn keep_steps(self: &Arc<Self>, news: Vec<News>) -> Result<u64, Refused> {
        let _turn = self.turn.lock().await;
        let this = Arc::clone(self);
        let (events, count) = offload(move || {
            let (mut events, mut people) = (Vec::new(), Vec::new());
            for News { citizen, person, days } in news {
                if !this.state().steps.contains_key(&person) {
                    continue;
                }
                let kept: Vec<DaySteps> = days.into_iter().map(|(day, steps)| DaySteps { day, steps }).collect();
                let plain = Zeroizing::new(serde_json::to_vec(&kept).map_err(|error| Refused::fault(DOING, error))?);
                // Who was erased meanwhile has no key, and nothing of them is kept.
                let Ok(sealed) = this.services.vault.seal_for(citizen, &aad(&person), &plain, &mut OsRng) else { continue };
                let file = this.steps.put(&sealed).map_err(|error| Refused::fault(DOING, error))?;
                events.push(Event::StepsTaken { person, file: file.into() });
                people.push(Told { handle: None, citizen: Some(citizen) });
            }
            let access = Access { how: How::StepCounts, by: By::Platform {}, event: None, fields: vec![FIELD.to_owned()] };
            events.extend(this.accessed(&access, &people)?);
            Ok((events, people.len() as u64))
        })
        .await?;
        if count > 0 {
            self.record(events).await?;
            self.tidy_steps().map_err(|error| Refused::fault("deleting step counts", error))?;
        }
        Ok(count)
    }

    /// Everybody who consents, by the ID under which they did.
    fn consenting(&self) -> Result<Vec<Consenting>, Refused> {
        let standing = self.state().steps.clone();
        let mut found = Vec::new();
        if standing.is_empty() {
            return Ok(found);
        }
        for citizen in self.services.citizens.all() {
            let Some(person) = self.person_secret(citizen, PERSON)? else { continue };
            if let Some(standing) = standing.get(&person) {
                let pseudonyms = self.services.pseudonyms.of(citizen, SERVICE)?;
                found.push(Consenting { citizen, person, from: Day::of(standing.since), pseudonyms });
            }
        }
        Ok(found)
    }

    /// Under which IDs somebody may stand, and how.
    fn names_of_steps(&self, citizen: CitizenId) -> Result<Vec<(CitizenId, HashBytes)>, Refused> {
        let ids = self.services.citizens.ids(citizen).into_iter();
        ids.filter_map(|id| self.person_secret(id, PERSON).transpose().map(|name| name.map(|name| (id, name)))).collect()
    }

    fn kept_steps(&self, citizen: CitizenId, person: &HashBytes) -> Result<BTreeMap<Day, u32>, Refused> {
        let Some(file) = self.state().steps.get(person).and_then(|standing| standing.file) else { return Ok(BTreeMap::new()) };
        let doing = "reading step counts";
        let sealed = self.steps.get(file.hash()).map_err(|error| Refused::fault(doing, error))?;
        let plain = self.services.vault.open_for(citizen, &aad(person), &sealed).map_err(|error| Refused::fault(doing, error))?;
        let days: Vec<DaySteps> = serde_json::from_slice(&plain).map_err(|error| Refused::fault(doing, format!("{:?}", error.classify())))?;
        Ok(days.into_iter().map(|DaySteps { day, steps }| (day, steps)).collect())
    }

    /// Removes the files that no entry names any more.
    fn tidy_steps(&self) -> Result<(), BlobError> {
        tidy(&self.steps, &self.state().steps_files())
    }
}

/// Removes every file but these.
pub(super) fn tidy(files: &Blobs, named: &BTreeSet<Hash32>) -> Result<(), BlobError> {
    for hash in files.list()?.into_iter().filter(|hash| !named.contains(hash)) {
        let path = files.path(hash);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => return Err(BlobError::Read { path, source }),
            _ => {}
        }
    }
    Ok(())
}

fn aad(person: &HashBytes) -> Aad {
    Aad::new(&["sharing", "steps", &person.to_string()])
}
