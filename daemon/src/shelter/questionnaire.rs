//! Questionnaires (問診票): defined by the headquarters, filled in at home after a card login or at a desk, sealed under a key of the person, and named by the
//! roster by their hash.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand_core::{OsRng, RngCore};
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::labels;
use tachiai_schemas::roll::Protection;
use tachiai_schemas::roster::opening::Opening;
use tachiai_schemas::roster::pen::Stroke;
use tachiai_schemas::roster::person::{Birth, Triage};
use tachiai_schemas::roster::report::SealedAnswers;
use tachiai_schemas::roster::{Act, ChainId, Person, Report};
use tachiai_schemas::sharing::access::How;
use tachiai_schemas::shelter::overview::{QuestionnaireOf, Urgent};
use tachiai_schemas::shelter::questionnaire::{Answers, Definition, Filled, FilledBy, Kept, Name};
use tachiai_schemas::shelter::reading::key;
use tachiai_schemas::shelter::{PersonDone, PersonView, QuestionnaireSeen, Resident};
use tachiai_schemas::{Blob, Bytes, CitizenId, HashBytes, Refusal, Timestamp};
use zeroize::Zeroizing;

use super::event::ClassifyOnly;
use super::kept::LookedBy;
use super::ledger::Seen;
use super::people::Sight;
use super::register::Register;
use super::register::log::{Log, OnFile, Whose};
use super::{Event, offload};
use crate::http::Holder;
use crate::looks::Told;
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
        Ok(Whose::Citizen { person: HashBytes::from(tagged(labels::hash::QUESTIONNAIRE_CITIZEN, &[&key, &citizen.0])) })
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

    /// What somebody filled in last, of one questionnaire or of each; nothing of what was filled in until the person was erased.
    fn filled(&self, whose: Whose, subject: Subject, questionnaire: Option<&Name>, erased: Option<Timestamp>) -> Result<Vec<(HashBytes, Filled)>, Refused> {
        let latest: Vec<OnFile> = {
            let state = self.journal.state();
            let own = state.filled.iter().filter(|((other, name), _)| *other == whose && questionnaire.is_none_or(|wanted| wanted == name));
            own.map(|(_, on_file)| *on_file).filter(|on_file| erased.is_none_or(|erased| on_file.at > erased)).collect()
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
        let found = self.filled(self.whose(holder.citizen)?, holder.citizen.into(), Some(name), None)?;
        found.into_iter().next().map(|(_, filled)| filled).ok_or_else(|| Refusal::NotFound.into())
    }
}

impl Event {
    /// Keeps answers that staff filled in for somebody in the roster.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], also for whom this official may not see; [`Refusal::QuestionnaireInvalid`].
    pub async fn fill_at_desk(self: &Arc<Self>, by: &str, sight: Sight, chain: ChainId, answers: Answers) -> Result<Kept, Refused> {
        let _sealing = self.sealing.read().await;
        self.latest_of(sight, chain)?;
        self.is_not_being_erased(&chain)?;
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

    /// The same for an official of the municipality; the person is told of it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn read_questionnaire(self: &Arc<Self>, by: &str, sight: Sight, chain: ChainId) -> Result<QuestionnaireOf, Refused> {
        let told = self.told_of_questionnaire(sight, chain)?;
        self.services.looks.looked(by, How::Questionnaire, Some(self.id), vec![told]).await?;
        self.questionnaire_of(by, sight, chain).await
    }

    /// Who is told when somebody's questionnaire is read: also a citizen of whom nothing but words says to be this person, if it is what the citizen filled in.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn told_of_questionnaire(&self, sight: Sight, chain: ChainId) -> Result<Told, Refused> {
        let Found { shown, worst: _, person } = self.find_questionnaire(sight, chain)?;
        let citizen = match shown.filled.by {
            FilledBy::Person => self.register.citizen_of(&person),
            FilledBy::Desk => self.register.citizen_known(&person),
        };
        let handle = self.published().roster.person(chain).map_or(chain, |group| group.chain);
        Ok(Told { handle: Some((self.id, handle)), citizen })
    }

    fn find_questionnaire(&self, sight: Sight, chain: ChainId) -> Result<Found, Refused> {
        let (handles, person) = self.latest_of(sight, chain)?;
        let Answered { kept, filled, worst } = self.filled_by(&handles, self.register.citizen_of(&person))?.ok_or(Refusal::NotFound)?;
        Ok(Found { shown: QuestionnaireOf { chain, filled, kept }, worst, person })
    }

    /// What was filled in last for these handles at a desk, or by a citizen at home, and the worst urgency of the latest answers to each questionnaire.
    fn filled_by(&self, handles: &[ChainId], citizen: Option<CitizenId>) -> Result<Option<Answered>, Refused> {
        let mut found = Vec::new();
        for handle in handles {
            found.extend(self.register.filled(Whose::Handle { event: self.id, chain: *handle }, (*handle).into(), None, self.erased_at(handle))?);
        }
        found.extend(self.answered_at_terminals(handles)?);
        for citizen in citizen.map(|code| self.services.codes.ids(code)).unwrap_or_default() {
            found.extend(self.register.filled(self.register.whose(citizen)?, citizen.into(), None, None)?);
        }
        let worst = worst(found.iter().map(|(_, filled)| filled));
        let last = found.into_iter().max_by_key(|(_, filled)| filled.at);
        let of = |((hash, filled), worst): ((HashBytes, Filled), Triage)| Answered { kept: Kept { hash, at: filled.at, triage: filled.triage }, filled, worst };
        Ok(last.zip(worst).map(of))
    }

    /// How somebody and a questionnaire go together, without any act: of the same citizen whom a card or the register identified. Of somebody who was typed it is
    /// only said that there may be one.
    ///
    /// # Errors
    /// [`Refusal::Fault`].
    pub(super) fn questionnaire_seen(&self, view: &PersonView) -> Result<Option<QuestionnaireSeen>, Refused> {
        let Some(person) = &view.counts.person else { return Ok(None) };
        // Where the roster names a questionnaire, staff found it to be of this person.
        let identified = if is_identified(person) || person.questionnaire.is_some() { self.register.citizen_of(person) } else { None };
        if let Some(Answered { kept, filled: _, worst }) = self.filled_by(&view.handles, identified)? {
            let is_named = person.questionnaire == Some(kept.hash);
            return Ok(Some(if is_named { QuestionnaireSeen::Named { kept } } else { QuestionnaireSeen::Linked { kept, worst } }));
        }
        Ok(self.is_suggested(person)?.then_some(QuestionnaireSeen::Suggested {}))
    }

    /// Whether somebody filled one in whom nothing but words says to be this person: the citizen that was typed, or a resident alike.
    fn is_suggested(&self, person: &Person) -> Result<bool, Refused> {
        if person.questionnaire.is_some() || is_identified(person) {
            return Ok(false);
        }
        match self.register.citizen_of(person) {
            Some(citizen) => Ok(self.filled_by(&[], Some(citizen))?.is_some()),
            None => Ok(self.alike_who_filled(person)?.is_some()),
        }
    }

    /// The one resident, not under protection, of the name and birth date of somebody who was typed, if such a resident filled a questionnaire in.
    fn alike_who_filled(&self, person: &Person) -> Result<Option<Alike>, Refused> {
        let (Birth::Day(birth), false) = (person.birth, is_identified(person)) else { return Ok(None) };
        let wanted = [Some(&person.name), person.name_jis.as_ref()].map(|name| name.map(|name| key(name)).filter(|name| !name.is_empty()));
        let is_alike = |resident: &&Resident| {
            let names = [Some(&resident.name), resident.name_jis.as_ref()];
            resident.birth == Some(birth) && names.into_iter().flatten().any(|name| wanted.iter().flatten().any(|wanted| *wanted == key(name)))
        };
        let register = self.register.residents();
        let (found, _) = register.search(&person.name, MAX_ALIKE);
        let mut alike = found.into_iter().filter(|resident| resident.protection == Protection::Open).filter(is_alike);
        // Of two nobody knows which is meant.
        let (Some(resident), None) = (alike.next(), alike.next()) else { return Ok(None) };
        let found = self.filled_by(&[], self.register.citizen_of_resident(resident))?;
        Ok(found.map(|Answered { kept, filled: _, worst }| Alike { number: resident.number.clone(), hash: kept.hash, worst }))
    }

    /// Everybody who counts and has an urgency, by the roster or by a questionnaire of the same citizen, the worst first, for the headquarters. Who was shown is
    /// recorded. Nobody under protection is named: of them only the handle, the place and the urgency are told.
    ///
    /// # Errors
    /// [`Refusal::Fault`].
    pub async fn by_urgency(self: &Arc<Self>, by: &str) -> Result<Vec<Urgent>, Refused> {
        let this = Arc::clone(self);
        let urgent = offload(move || this.find_urgent()).await?;
        self.looked(by, LookedBy::Urgency, urgent.iter().flat_map(|urgent| urgent.person.handles.clone()).collect()).await?;
        Ok(urgent)
    }

    fn find_urgent(&self) -> Result<Vec<Urgent>, Refused> {
        let views: Vec<(bool, PersonView)> = {
            let published = self.published();
            let groups = published.roster.groups().into_iter().filter(|group| group.is_present());
            groups.map(|group| (self.is_hidden(&published, &group), published.people.view(&group))).collect()
        };
        let mut urgent = Vec::new();
        for (is_hidden, mut person) in views {
            let stated = person.counts.person.as_ref().and_then(|person| person.triage);
            person.questionnaire = self.questionnaire_seen(&person)?;
            let found = match person.questionnaire {
                Some(QuestionnaireSeen::Linked { kept: _, worst }) => Some(worst),
                Some(QuestionnaireSeen::Named { kept: _ } | QuestionnaireSeen::Suggested {}) | None => None,
            };
            let is_suggested = person.questionnaire == Some(QuestionnaireSeen::Suggested {});
            if let Some(triage) = stated.max(found).or(is_suggested.then_some(Triage::Green)) {
                let person = if is_hidden { person.without_names() } else { person };
                urgent.push(Urgent { triage, person });
            }
        }
        urgent.sort_by_key(|urgent| std::cmp::Reverse(urgent.triage));
        Ok(urgent)
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

    /// What staff take for the questionnaire of somebody who was typed: the record says from here on which resident it is.
    fn take_suggested(&self, sight: Sight, chain: ChainId) -> Result<(HashBytes, Triage, Arc<Person>), Refused> {
        let (_, person) = self.latest_of(sight, chain)?;
        let Alike { number, hash, worst } = self.alike_who_filled(&person)?.ok_or(Refusal::NotFound)?;
        Ok((hash, worst, Arc::new(Person { resident: Some(number), ..Person::clone(&person) })))
    }

    /// Has the roster name what somebody filled in last, with the worst urgency of the latest answers to each questionnaire. An urgency that stands is never
    /// lowered by it: staff may have set it, and they alone lower it. Where the roster names it already, nothing is written.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if nothing was filled in; [`Refusal::PersonChanged`] if the person left, or is in conflict.
    pub async fn link_questionnaire(self: &Arc<Self>, by: &str, sight: Sight, chain: ChainId) -> Result<PersonDone, Refused> {
        let (hash, worst, person) = match self.find_questionnaire(sight, chain) {
            Ok(Found { shown: QuestionnaireOf { kept: Kept { hash, .. }, .. }, worst, person }) => (hash, worst, person),
            Err(refused) if refused.refusal == Refusal::NotFound => self.take_suggested(sight, chain)?,
            Err(refused) => return Err(refused),
        };
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
        let seen = Seen::Person { chain, heads: heads.iter().map(|(hash, _)| *hash).collect() };
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

/// The most residents among whom somebody of one name is looked for.
const MAX_ALIKE: usize = 100;

/// Whether more than words says who somebody is.
pub(super) const fn is_identified(person: &Person) -> bool {
    !person.identified.is_word()
}

/// A resident who filled a questionnaire in.
struct Alike {
    number: String,
    hash: HashBytes,
    worst: Triage,
}

/// What somebody filled in last, and the worst urgency of the latest answers to each questionnaire.
struct Answered {
    kept: Kept,
    filled: Filled,
    worst: Triage,
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
