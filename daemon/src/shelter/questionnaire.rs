//! Questionnaires (問診票): defined by the headquarters, filled in at home after a card login or at a desk, sealed under a key of the person, and named by the
//! roster by their hash.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand_core::{OsRng, RngCore};
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_schemas::roster::opening::Opening;
use tachiai_schemas::roster::pen::Stroke;
use tachiai_schemas::roster::person::Triage;
use tachiai_schemas::roster::report::SealedAnswers;
use tachiai_schemas::roster::{Act, ChainId, Person, Report};
use tachiai_schemas::shelter::PersonDone;
use tachiai_schemas::shelter::overview::QuestionnaireOf;
use tachiai_schemas::shelter::questionnaire::{Answers, Definition, Filled, FilledBy, Kept, Name};
use tachiai_schemas::{Blob, Bytes, CitizenId, HashBytes, Refusal, Timestamp};
use zeroize::Zeroizing;

use super::event::ClassifyOnly;
use super::ledger::Seen;
use super::people::Sight;
use super::register::Register;
use super::register::log::{Log, OnFile, Whose};
use super::{Event, offload};
use crate::http::Holder;
use crate::refused::Refused;
use crate::vault::{Aad, Subject};

pub mod routes;

/// How often somebody may fill in one questionnaire: nobody's health changes so often, and nobody fills the disk with answers.
const MAX_TIMES: u32 = 50;

/// The secret of the keyed hashes of people.
const PSEUDONYMS: &str = "shelters-pseudonyms";

impl Register {
    /// Defines a questionnaire, or a new version of it. The same again changes nothing.
    ///
    /// # Errors
    /// [`Refusal::QuestionnaireInvalid`] if it is none, or no later version than the one that stands.
    pub async fn define(self: &Arc<Self>, by: &str, toml: &[u8]) -> Result<Definition, Refused> {
        let invalid = |what: String| Refused::about(Refusal::QuestionnaireInvalid, what);
        let text = std::str::from_utf8(toml).map_err(|error| invalid(error.to_string()))?;
        let definition = Definition::from_toml(text).map_err(|error| invalid(error.to_string()))?;
        let _turn = self.turn().await;
        let standing = self.definitions();
        match standing.iter().find(|other| other.id == definition.id) {
            Some(other) if *other == definition => return Ok(definition),
            Some(other) if other.version >= definition.version => {
                return Err(invalid(format!("version: {} stands already, so that a change needs a later one", other.version)));
            }
            _ => {}
        }
        let (this, sealed) = (Arc::clone(self), definition.clone());
        let payload = offload(move || this.seal(&sealed)).await?;
        self.note(Log::Defined { by: by.to_owned(), questionnaire: definition.id.clone(), version: definition.version, payload }).await?;
        self.put_definition(definition.clone());
        Ok(definition)
    }

    /// A questionnaire.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn definition(&self, name: &Name) -> Result<Definition, Refused> {
        self.definitions().iter().find(|definition| definition.id == *name).cloned().ok_or_else(|| Refusal::NotFound.into())
    }

    /// Who a citizen is in the standing journal.
    fn whose(&self, citizen: CitizenId) -> Result<Whose, Refused> {
        let doing = "finding whose questionnaire it is";
        let vault = &self.services.vault;
        let key = match vault.get_secret(PSEUDONYMS).map_err(|error| Refused::fault(doing, error))? {
            Some(key) => key,
            None => {
                let mut key = Zeroizing::new([0; 32]);
                OsRng.fill_bytes(key.as_mut_slice());
                vault.put_secret(PSEUDONYMS, key.as_slice(), &mut OsRng).map_err(|error| Refused::fault(doing, error))?;
                Zeroizing::new(key.to_vec())
            }
        };
        Ok(Whose::Citizen { person: HashBytes::from(tagged("questionnaire-citizen", &[&key, &citizen.0])) })
    }

    /// Keeps answers, sealed under a key of their person.
    async fn fill(self: &Arc<Self>, whose: Whose, subject: Subject, by: Option<String>, answers: Answers) -> Result<Kept, Refused> {
        let definition = self.definition(&answers.questionnaire)?;
        let (triage, because) = definition.judge(&answers).map_err(|error| Refused::about(Refusal::QuestionnaireInvalid, error))?;
        if self.on_file(whose, &definition.id).is_some_and(|before| before.times >= MAX_TIMES) {
            return Err(Refused::about(Refusal::RateLimited, format!("{MAX_TIMES} times; tell the desk of the shelter")));
        }
        let mut salt = [0; 32];
        OsRng.fill_bytes(&mut salt);
        let at = self.services.clock.now();
        let who = if by.is_some() { FilledBy::Desk } else { FilledBy::Person };
        let filled = Filled { salt: Bytes(salt), at, by: who, answers, triage, because };
        let doing = "sealing a questionnaire";
        let hash = filled.hash().map_err(|error| Refused::fault(doing, error))?;
        let this = Arc::clone(self);
        let sealed = offload(move || {
            let plain = Zeroizing::new(serde_json::to_vec(&filled).map_err(|error| Refused::fault(doing, error.classify_only()))?);
            let vault = &this.services.vault;
            vault.create_keys(&[subject], &mut OsRng).map_err(|error| Refused::fault(doing, error))?;
            vault.seal_for(subject, &aad(&hash), &plain, &mut OsRng).map(Blob).map_err(|error| Refused::fault(doing, error))
        })
        .await?;
        self.note(Log::Filled { whose, questionnaire: definition.id, hash, by, sealed }).await?;
        Ok(Kept { hash, at, triage })
    }

    fn on_file(&self, whose: Whose, questionnaire: &Name) -> Option<OnFile> {
        self.journal.state().filled.get(&(whose, questionnaire.clone())).copied()
    }

    /// What somebody filled in last, of one questionnaire or of each.
    fn filled(&self, whose: Whose, subject: Subject, questionnaire: Option<&Name>) -> Result<Vec<(HashBytes, Filled)>, Refused> {
        let latest: Vec<OnFile> = {
            let state = self.journal.state();
            let own = state.filled.iter().filter(|((other, name), _)| *other == whose && questionnaire.is_none_or(|wanted| wanted == name));
            own.map(|(_, on_file)| *on_file).collect()
        };
        let opened = latest.into_iter().map(|on_file| self.open_filled(subject, on_file));
        opened.filter_map(Result::transpose).collect()
    }

    /// Answers that are on file; none where the key of their person was erased.
    fn open_filled(&self, subject: Subject, on_file: OnFile) -> Result<Option<(HashBytes, Filled)>, Refused> {
        let doing = "opening a questionnaire";
        let OnFile { seq, at: _, times: _ } = on_file;
        let (_, Log::Filled { whose: _, questionnaire: _, hash, by: _, sealed }) = self.journal.entry(seq)? else {
            return Err(Refused::fault(doing, "the standing journal has something else there"));
        };
        let plain = match self.services.vault.open_for(subject, &aad(&hash), &sealed.0) {
            Ok(plain) => plain,
            Err(crate::vault::VaultError::NoCitizen) => return Ok(None),
            Err(error) => return Err(Refused::fault(doing, error)),
        };
        serde_json::from_slice(&plain).map(|filled| Some((hash, filled))).map_err(|error| Refused::fault(doing, error.classify_only()))
    }

    /// Keeps the answers of the citizen who is logged in; they take the place of those before.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a questionnaire that there is not, [`Refusal::QuestionnaireInvalid`].
    pub async fn fill_own(self: &Arc<Self>, holder: &Holder, name: &Name, answers: Answers) -> Result<Kept, Refused> {
        if answers.questionnaire != *name {
            return Err(Refused::about(Refusal::QuestionnaireInvalid, "questionnaire: not the one of the path"));
        }
        let whose = self.whose(holder.citizen)?;
        self.fill(whose, holder.citizen.into(), None, answers).await
    }

    /// What the citizen who is logged in filled in last.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn own(&self, holder: &Holder, name: &Name) -> Result<Filled, Refused> {
        let found = self.filled(self.whose(holder.citizen)?, holder.citizen.into(), Some(name))?;
        found.into_iter().next().map(|(_, filled)| filled).ok_or_else(|| Refusal::NotFound.into())
    }
}

impl Event {
    /// Keeps answers that staff filled in for somebody in the roster.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], also for whom this official may not see; [`Refusal::QuestionnaireInvalid`].
    pub async fn fill_at_desk(self: &Arc<Self>, by: &str, sight: Sight, chain: ChainId, answers: Answers) -> Result<Kept, Refused> {
        self.latest_of(sight, chain)?;
        self.register.fill(Whose::Handle { event: self.id, chain }, chain.into(), Some(by.to_owned()), answers).await
    }

    /// What somebody in the roster filled in last, at a desk or at home.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn questionnaire_of(self: &Arc<Self>, by: &str, sight: Sight, chain: ChainId) -> Result<QuestionnaireOf, Refused> {
        let Found { shown, worst: _, person: _ } = self.find_questionnaire(sight, chain)?;
        self.register.note(Log::Read { by: by.to_owned(), hash: shown.kept.hash }).await?;
        Ok(shown)
    }

    fn find_questionnaire(&self, sight: Sight, chain: ChainId) -> Result<Found, Refused> {
        let (handles, person) = self.latest_of(sight, chain)?;
        let mut found = Vec::new();
        for handle in &handles {
            found.extend(self.register.filled(Whose::Handle { event: self.id, chain: *handle }, (*handle).into(), None)?);
        }
        found.extend(self.answered_at_terminals(&handles)?);
        if let Some(citizen) = self.citizen_of(&person) {
            found.extend(self.register.filled(self.register.whose(citizen)?, citizen.into(), None)?);
        }
        let worst = worst(found.iter().map(|(_, filled)| filled)).ok_or(Refusal::NotFound)?;
        let (hash, filled) = found.into_iter().max_by_key(|(_, filled)| filled.at).ok_or(Refusal::NotFound)?;
        let kept = Kept { hash, at: filled.at, triage: filled.triage };
        Ok(Found { shown: QuestionnaireOf { chain, filled, kept }, worst, person })
    }

    /// What was answered by these handles at terminals, and handed in.
    fn answered_at_terminals(&self, handles: &[ChainId]) -> Result<Vec<(HashBytes, Filled)>, Refused> {
        let entries: Vec<Hash32> = {
            let published = self.published();
            let of = |report: &Report| matches!(report, Report::Questionnaire { handle, fields: _ } if handles.contains(handle));
            published.roster.reports().filter(|(_, _, report)| of(report)).map(|(_, moment, _)| moment.hash).collect()
        };
        let mut found = Vec::with_capacity(entries.len());
        for entry in entries {
            let Some(filled) = self.opening(&entry)?.and_then(|opening| self.answered(&opening)) else { continue };
            found.push((filled.hash().map_err(|error| Refused::fault("reading a questionnaire", error))?, filled));
        }
        Ok(found)
    }

    /// What a terminal sealed of somebody's answers; none where it does not open.
    pub(super) fn answered(&self, opening: &Opening) -> Option<Filled> {
        let SealedAnswers { sealed } = opening.read().ok()?;
        self.unseal(&sealed.0)
    }

    /// The citizen ID of somebody, from the entry or from the register of residents.
    fn citizen_of(&self, person: &Person) -> Option<CitizenId> {
        let number = person.resident.as_deref();
        person.citizen.or_else(|| number.and_then(|number| self.register.residents().by_number(number)?.citizen))
    }

    /// The handles of somebody, and what the entry that counts says.
    fn latest_of(&self, sight: Sight, chain: ChainId) -> Result<(Vec<ChainId>, Arc<Person>), Refused> {
        let published = self.published();
        let group = published.roster.person(chain).ok_or(Refusal::NotFound)?;
        if sight == Sight::Open && self.is_hidden(&published, &group) {
            return Err(Refusal::NotFound.into());
        }
        let person = published.people.person(&group.latest.moment.hash).ok_or(Refusal::NotFound)?;
        Ok((group.handles.clone(), Arc::clone(person)))
    }

    /// Has the roster name what somebody filled in last, with the worst urgency of the latest answers to each questionnaire. An urgency that stands is never
    /// lowered by it: staff may have set it, and they alone lower it. Where the roster names it already, nothing is written.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if nothing was filled in; [`Refusal::PersonChanged`] if the person left, or is in conflict.
    pub async fn link_questionnaire(self: &Arc<Self>, by: &str, sight: Sight, chain: ChainId) -> Result<PersonDone, Refused> {
        let Found { shown: QuestionnaireOf { kept: Kept { hash, .. }, .. }, worst, person } = self.find_questionnaire(sight, chain)?;
        let (heads, chain, shelter, leaf) = {
            let published = self.published();
            let group = published.roster.person(chain).ok_or(Refusal::NotFound)?;
            if !group.is_present() || group.heads.len() != 1 {
                return Err(Refusal::PersonChanged.into());
            }
            let heads: Vec<_> = group.heads.iter().map(|(_, step)| (step.moment.hash, step.seq)).collect();
            (heads, group.chain, group.latest.shelter.clone(), group.latest.leaf)
        };
        if person.questionnaire == Some(hash) {
            let entry = heads.first().map(|(hash, _)| HashBytes::from(*hash)).ok_or(Refusal::NotFound)?;
            return Ok(PersonDone { chain, entry, leaf });
        }
        let seen = Seen { chain, heads: heads.iter().map(|(hash, _)| *hash).collect() };
        let person = Person { questionnaire: Some(hash), triage: person.triage.max(Some(worst)), ..Person::clone(&person) };
        let began = self.began()?;
        let (_, entry, leaf) = self
            .write(vec![by.to_owned()], began, Some(seen), move |pen, millis| {
                pen.person(&Stroke { chain, after: &heads, shelter, act: Act::Edit, person: &person, time: None }, millis, &mut OsRng)
            })
            .await?;
        Ok(PersonDone { chain, entry: HashBytes::from(entry), leaf })
    }
}

/// What was found of somebody's questionnaires.
struct Found {
    /// What was filled in last.
    shown: QuestionnaireOf,
    /// The worst urgency of the latest answers to each questionnaire.
    worst: Triage,
    /// What the entry that counts says.
    person: Arc<Person>,
}

/// The worst urgency of the latest answers to each questionnaire, wherever they were filled in.
fn worst<'a>(filled: impl Iterator<Item = &'a Filled>) -> Option<Triage> {
    let mut latest: BTreeMap<&Name, (Timestamp, Triage)> = BTreeMap::new();
    for filled in filled {
        let one = (filled.at, filled.triage);
        // Of two in one second the worse holds.
        latest.entry(&filled.answers.questionnaire).and_modify(|known| *known = one.max(*known)).or_insert(one);
    }
    latest.into_values().map(|(_, triage)| triage).max()
}

/// Where a sealed questionnaire belongs.
fn aad(hash: &HashBytes) -> Aad {
    Aad::new(&["shelters", "questionnaire", &hash.hash().to_string()])
}

#[cfg(test)]
mod tests;
