//! Step counts (歩数): the one way in from the city's data platform for something about a person. The appliance asks for those who consented and for nobody else, from the day of
//! the consent on, and for whole days alone; what the platform tells beyond that is dropped.
//!
//! They lie in a file of each person, sealed under the citizen's key, in `steps/` of the data folder; the journal has the hash of the file and the person as a keyed hash.
//! With the withdrawal the file is deleted, and nothing is asked for any more; with the citizen the key is destroyed, so that the file opens to nobody and the name in the
//! journal leads to nobody. That something came stands in the access log, with the same entries, before it is kept.
//!
//! **Order**: the new file is durable, then the entry that names it, then the old file is removed. A file that no entry names is removed at the next start.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Arc;

use rand_core::{OsRng, RngCore};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::labels;
use tachiai_schemas::roll::Day;
use tachiai_schemas::sharing::access::{Access, By, How};
use tachiai_schemas::sharing::ngsi::steps::{self, Coverage, Taken};
use tachiai_schemas::sharing::steps::{DaySteps, FIELD, OwnSteps, Round, SERVICE, Said, StepsConsent};
use tachiai_schemas::{CitizenId, HashBytes, Refusal};
use zeroize::Zeroizing;

use super::{Event, Platform, Sharing, Told, offload};
use crate::blobs::{BlobError, Blobs};
use crate::refused::Refused;
use crate::vault::Aad;

/// The most days that are kept of somebody; the oldest go.
const DAYS: usize = 400;

/// Of how many people something is new before it is kept.
const PEOPLE: usize = 50;

/// How many days before the last kept one are asked for again.
const ANEW: u32 = 7;

/// After how many people in a row of whom the platform did not tell a round ends: the others are asked for in the next.
const IN_A_ROW: u32 = 5;

/// What is said of somebody whose file is lost or damaged.
const UNREADABLE: &str = "what is kept of somebody cannot be read; the log of the appliance says why";

/// What a fault is said to have happened at.
const DOING: &str = "keeping step counts";

/// Somebody who consents.
struct Consenting {
    citizen: CitizenId,
    /// Under which the person stands in the entries.
    person: HashBytes,
    /// The entry of the consent.
    consent: u64,
    /// From which day on.
    from: Day,
}

/// What somebody's file is to say.
struct News {
    citizen: CitizenId,
    person: HashBytes,
    /// The entry of the consent under which it came.
    consent: u64,
    days: BTreeMap<Day, u32>,
}

/// What came of asking for somebody.
struct Asked {
    /// How many entities no consent covers.
    dropped: u64,
    found: Option<News>,
    trouble: Option<Trouble>,
}

/// Why nothing came, or not everything.
enum Trouble {
    /// The platform did not tell.
    Platform(String),
    /// Something here.
    Own(String),
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
            }
            // Also where nothing stands any more: the file may have stayed the last time.
            if said == Said::Withdrawn {
                self.tidy_steps().map_err(|error| Refused::fault("deleting step counts", error))?;
            }
        }
        self.steps_of(citizen).await
    }

    /// Asks the platform for the steps of everybody who consents, and keeps what is new: whole days alone, so that the access log gets at most a record for each day.
    ///
    /// # Errors
    /// [`Refusal::NoPlatform`]; [`Refusal::Busy`] while another round is under way; [`Refusal::Fault`]. That the platform does not tell is no error: it
    /// stands in the answer.
    pub async fn fetch_steps(self: &Arc<Self>) -> Result<Round, Refused> {
        let platform = self.services.platform.clone().ok_or(Refusal::NoPlatform)?;
        let _round = self.round.try_lock().map_err(|_| Refused::about(Refusal::Busy, "a round of step counts is under way; it may take long"))?;
        let today = Day::of(self.now());
        let this = Arc::clone(self);
        let consenting = offload(move || this.consenting()).await?;
        let mut round = Round { people: consenting.len() as u64, ..Round::default() };
        let mut left = round.people;
        let mut failures = 0;
        let mut news = Vec::new();
        for one in consenting {
            if self.is_stopping() || failures == IN_A_ROW {
                round.failed += left;
                round.error.get_or_insert_with(|| "the appliance is being stopped".to_owned());
                break;
            }
            left -= 1;
            let (this, platform) = (Arc::clone(self), Arc::clone(&platform));
            let Asked { dropped, found, trouble } = offload(move || Ok(this.ask_for(platform.as_ref(), one, today))).await?;
            round.dropped += dropped;
            news.extend(found);
            failures = if matches!(trouble, Some(Trouble::Platform(_))) { failures + 1 } else { 0 };
            if let Some(Trouble::Platform(what) | Trouble::Own(what)) = trouble {
                tracing::warn!(%what, "step counts of somebody were not taken in");
                (round.failed, round.error) = (round.failed + 1, Some(what));
            }
            if news.len() >= PEOPLE {
                round.changed += self.keep_steps(std::mem::take(&mut news)).await?;
            }
        }
        round.changed += self.keep_steps(news).await?;
        Ok(round)
    }

    /// Asks the platform for the steps of one person.
    fn ask_for(&self, platform: &dyn Platform, Consenting { citizen, person, consent, from }: Consenting, today: Day) -> Asked {
        let pseudonyms = self.services.pseudonyms.of(citizen, SERVICE);
        let (pseudonyms, before) = match pseudonyms.and_then(|pseudonyms| Ok((pseudonyms, self.kept_steps(citizen, &person)?))) {
            Ok(both) => both,
            // Erased a moment ago.
            Err(Refused { refusal: Refusal::NotFound, .. }) => return Asked { dropped: 0, found: None, trouble: None },
            Err(_) => return Asked { dropped: 0, found: None, trouble: Some(Trouble::Own(UNREADABLE.to_owned())) },
        };
        // What the platform corrects of the last days is found as well.
        let since = before.keys().next_back().map_or(from, |last| (0..ANEW).fold(*last, |day, _| day.before()).max(from));
        let (mut days, mut dropped, mut trouble) = (before.clone(), 0, None);
        for pseudonym in &pseudonyms {
            let covers = |of: &str, day: Day| if of == pseudonym && (from..today).contains(&day) { Coverage::Covered } else { Coverage::NotCovered };
            let told = platform
                .steps(pseudonym, since)
                .and_then(|pages| pages.iter().map(|page| steps::take(page, covers).map_err(|error| error.to_string())).collect::<Result<Vec<Taken>, _>>());
            match told {
                Err(what) => trouble = Some(Trouble::Platform(what)),
                Ok(told) => {
                    for taken in told {
                        dropped += taken.dropped as u64;
                        days.extend(taken.steps.into_iter().map(|steps| (steps.day, steps.steps)));
                    }
                }
            }
        }
        while days.len() > DAYS {
            days.pop_first();
        }
        let found = (days != before).then_some(News { citizen, person, consent, days });
        Asked { dropped, found, trouble }
    }

    /// Keeps what is new of people, as far as their consent still stands.
    async fn keep_steps(self: &Arc<Self>, news: Vec<News>) -> Result<u64, Refused> {
        let _turn = self.turn.lock().await;
        let this = Arc::clone(self);
        let (events, count) = offload(move || {
            let (mut events, mut people) = (Vec::new(), Vec::new());
            for News { citizen, person, consent, days } in news {
                // Withdrawn meanwhile, and perhaps consented to anew: what was kept before is not to come back.
                if this.state().steps.get(&person).is_none_or(|standing| standing.seq != consent) {
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
            let Some(person) = self.person_secret(citizen, labels::hash::STEPS_PERSON)? else { continue };
            if let Some(standing) = standing.get(&person) {
                found.push(Consenting { citizen, person, consent: standing.seq, from: Day::of(standing.since) });
            }
        }
        // No round begins where the one before did: of whom the platform never tells they do not keep it from the others.
        if let Some(first) = usize::try_from(OsRng.next_u32()).unwrap_or_default().checked_rem(found.len()) {
            found.rotate_left(first);
        }
        Ok(found)
    }

    /// Under which IDs somebody may stand, and how.
    fn names_of_steps(&self, citizen: CitizenId) -> Result<Vec<(CitizenId, HashBytes)>, Refused> {
        let ids = self.services.citizens.ids(citizen).into_iter();
        ids.filter_map(|id| self.person_secret(id, labels::hash::STEPS_PERSON).transpose().map(|name| name.map(|name| (id, name)))).collect()
    }

    fn kept_steps(&self, citizen: CitizenId, person: &HashBytes) -> Result<BTreeMap<Day, u32>, Refused> {
        let doing = "reading step counts";
        let named = || self.state().steps.get(person).and_then(|standing| standing.file);
        let mut file = named();
        let sealed = loop {
            let Some(hash) = file else { return Ok(BTreeMap::new()) };
            match self.steps.get(hash.hash()) {
                Ok(sealed) => break sealed,
                // It may be replaced or deleted in this moment: then another one is named, or none.
                Err(error) => {
                    let now = named();
                    if now == file {
                        return Err(Refused::fault(doing, error));
                    }
                    file = now;
                }
            }
        };
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

#[cfg(test)]
mod tests;
