//! People at the headquarters: entered without a terminal, looked up, and the lists of what is to be settled.
//!
//! Whoever looks is recorded with the handles of everybody who was shown. Nobody under protection is found by a search.

use std::collections::BTreeSet;
use std::sync::Arc;

use rand_core::OsRng;
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::roll::Protection;
use tachiai_schemas::roster::pen::Stroke;
use tachiai_schemas::roster::person::Identified;
use tachiai_schemas::roster::{Act, Body, ChainId, Person, ShelterState};
use tachiai_schemas::sharing::access::How;
use tachiai_schemas::shelter::reading::key;
use tachiai_schemas::shelter::{Extent, PeopleFound, PeopleSearch, PersonAct, PersonDone, PersonView, Resident, ShelterView};
use tachiai_schemas::{HashBytes, InPlaceOf, Refusal};
use tachiai_verify::roster::groups::Group;

use super::kept::{Kept, LookedBy};
use super::ledger::{Published, Seen};
use super::{Event, decide, offload, rooms};
use crate::looks::Told;
use crate::refused::Refused;

/// The fewest letters that name a handle.
const FEWEST: usize = 4;

/// The most people of one answer.
const MAX_FOUND: u16 = 100;

/// Whom somebody may look at by handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Everybody: the headquarters.
    All,
    /// Nobody under protection: a reception.
    Open,
}

impl Event {
    /// Opens a shelter, or says what has changed about one.
    ///
    /// # Errors
    /// [`Refusal::ShelterInvalid`], [`Refusal::EventClosed`], [`Refusal::Overtaken`] if it stands otherwise than before.
    pub async fn set_shelter(self: &Arc<Self>, by: &str, set: InPlaceOf<ShelterState>) -> Result<ShelterView, Refused> {
        let InPlaceOf { before, now: state } = set;
        decide::check_shelter(&state)?;
        self.is_open()?;
        let id = state.shelter.clone();
        let known = self.published().roster.shelter(&id) == Some(&state);
        if !known {
            let (seen, body) = (Seen::Shelter(id.clone(), before.map(Box::new)), Body::Shelter(Box::new(state.clone())));
            self.write(vec![by.to_owned()], self.began()?, Some(seen), move |pen, millis| pen.write(body, millis)).await?;
        }
        let published = self.published();
        let totals = published.people.totals(&published.roster).remove(&id).unwrap_or_default();
        let state = published.roster.shelter(&id).cloned().unwrap_or(state);
        let rooms = rooms::rooms(&published).remove(&id);
        Ok(ShelterView { state, totals, rooms })
    }

    /// Has the appliance write an entry about a person. Whoever is kept from a reception stays so, whatever the reception writes: the headquarters alone take a
    /// protection away.
    ///
    /// # Errors
    /// [`Refusal::PersonChanged`] if others are the latest entries than those that were on the screen; [`Refusal::ShelterInvalid`],
    /// [`Refusal::EventClosed`].
    pub async fn write_person(self: &Arc<Self>, by: &str, sight: Sight, act: PersonAct) -> Result<PersonDone, Refused> {
        let PersonAct { chain, after, shelter, act, time, person } = act;
        decide::check_time(time, self.now())?;
        let is_by_code = act == Act::In && person.identified == Identified::CitizenId;
        if is_by_code && person.citizen.is_some_and(|code| self.services.codes.is_refused(code)) {
            return Err(Refusal::CitizenCodeLost.into());
        }
        let chain = chain.unwrap_or_else(|| self.handle_for(&person));
        let after: BTreeSet<Hash32> = after.iter().map(|hash| hash.hash()).collect();
        let (heads, is_known, is_hidden) = {
            let published = self.published();
            let group = published.roster.person(chain);
            let heads: Vec<(Hash32, u64)> = group.iter().flat_map(|group| group.heads.iter().map(|(_, step)| (step.moment.hash, step.seq))).collect();
            let is_hidden = group.is_some_and(|group| self.is_hidden(&published, &group));
            (heads, published.roster.shelter(&shelter).is_some(), is_hidden)
        };
        if heads.iter().map(|(hash, _)| *hash).collect::<BTreeSet<_>>() != after {
            return Err(Refusal::PersonChanged.into());
        }
        decide::check_person(act, heads.is_empty(), &person)?;
        let protection = match (sight, is_hidden) {
            (Sight::Open, true) => Protection::Protected,
            (Sight::Open, false) | (Sight::All, _) => person.protection,
        };
        let person = Person { protection, ..person };
        if !is_known {
            return Err(Refused::about(Refusal::ShelterInvalid, "shelter: not opened in this event"));
        }
        let began = self.began()?;
        let seen = Seen::Person { chain, heads: after.into_iter().collect() };
        let draw = move |pen: &mut tachiai_schemas::roster::pen::Pen<'_>, millis| {
            pen.person(&Stroke { chain, after: &heads, shelter, act, person: &person, time }, millis, &mut OsRng)
        };
        let (_, entry, leaf) = self.write(vec![by.to_owned()], began, Some(seen), draw).await?;
        Ok(PersonDone { chain, entry: HashBytes::from(entry), leaf })
    }

    /// The handle of somebody new: one that other terminals come to as well, where anything is known by which they can.
    fn handle_for(&self, person: &Person) -> ChainId {
        match (&person.resident, person.citizen) {
            (Some(number), _) => self.handle_of_resident(number),
            // A code that was typed is a word, and leads to nobody.
            (None, Some(code)) if !person.identified.is_word() => {
                self.register.number_of(code).map_or_else(|| self.handle_of_citizen(&code), |number| self.handle_of_resident(&number))
            }
            (None, _) => ChainId::generate(&mut OsRng),
        }
    }

    /// The only handle that begins so.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if none does; [`Refusal::ShelterInvalid`] for fewer than four letters, or if several do.
    pub fn handle_named(&self, beginning: &str) -> Result<ChainId, Refused> {
        let several = || Refused::about(Refusal::ShelterInvalid, "handle: give more letters of it");
        if beginning.len() < FEWEST {
            return Err(several());
        }
        let published = self.published();
        let mut fitting = published.roster.handles().filter(|handle| handle.to_string().starts_with(beginning));
        match (fitting.next(), fitting.next()) {
            (Some(one), None) => Ok(*one),
            (None, _) => Err(Refusal::NotFound.into()),
            (Some(_), Some(_)) => Err(several()),
        }
    }

    /// A person with all entries.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], also for whom this official may not see.
    pub async fn person(&self, by: &str, sight: Sight, chain: ChainId) -> Result<PersonView, Refused> {
        let mut view = {
            let published = self.published();
            let group = published.roster.person(chain).ok_or(Refusal::NotFound)?;
            if sight == Sight::Open && self.is_hidden(&published, &group) {
                return Err(Refusal::NotFound.into());
            }
            published.people.history(&published.roster, &group)
        };
        view.questionnaire = self.questionnaire_seen(&view)?;
        self.looked_at(by, LookedBy::Handle, view.handles.clone(), How::Record, vec![self.told(&view)]).await?;
        Ok(view)
    }

    /// Looks people up by the beginning of a name: those of the roster first, then residents who are in no shelter.
    ///
    /// # Errors
    /// [`Refusal::ShelterInvalid`].
    pub async fn search(self: &Arc<Self>, by: &str, search: PeopleSearch) -> Result<PeopleFound, Refused> {
        let PeopleSearch { name, shelter, limit } = search;
        if (key(&name).is_empty() && shelter.is_none()) || !(1..=MAX_FOUND).contains(&limit) {
            return Err(Refused::about(Refusal::ShelterInvalid, format!("name, limit: at least one character or a shelter, 1 to {MAX_FOUND} people")));
        }
        let this = Arc::clone(self);
        let found = offload(move || {
            let limit = usize::from(limit);
            let (published, protected) = (this.published(), this.register.protected());
            let is_hidden = |group: &Group<'_>| published.people.is_hidden_by(group, |person| protected.fits(person));
            let (people, mut extent) = published.people.search_but(&published.roster, &name, shelter.as_ref(), limit, is_hidden);
            if shelter.is_some() {
                return Ok(PeopleFound { people, residents: Vec::new(), extent });
            }
            let register = this.register.residents();
            // Those of them who are here were found above, or are not to be found.
            let (matching, more) = register.search(&name, 2 * limit);
            let mut residents: Vec<Resident> = matching.into_iter().filter(|resident| this.is_nowhere(&published, resident)).cloned().collect();
            if more == Extent::More || people.len() + residents.len() > limit {
                extent = Extent::More;
                residents.truncate(limit.saturating_sub(people.len()));
            }
            Ok(PeopleFound { people, residents, extent })
        })
        .await?;
        let shown = found.people.iter().flat_map(|person| person.handles.clone());
        let handles = shown.chain(found.residents.iter().map(|resident| self.handle_of_resident(&resident.number))).collect();
        let residents = found.residents.iter().filter_map(|resident| Some(Told { handle: None, citizen: Some(self.register.citizen_of_resident(resident)?) }));
        let told = found.people.iter().map(|view| self.told(view)).chain(residents).collect();
        self.looked_at(by, LookedBy::Search, handles, How::Search, told).await?;
        Ok(found)
    }

    /// Whether somebody is kept from those who search: by what the entries say, or because the register protects a resident whom they fit.
    pub(super) fn is_hidden(&self, published: &Published, group: &Group<'_>) -> bool {
        let protected = self.register.protected();
        published.people.is_hidden_by(group, |person| protected.fits(person))
    }

    /// Whether a resident is in no shelter. Of those who are under protection it is not told.
    fn is_nowhere(&self, published: &Published, resident: &Resident) -> bool {
        let mut handles = vec![self.handle_of_resident(&resident.number)];
        handles.extend(
            self.register.citizen_of_resident(resident).map(|code| self.codes_of(code)).unwrap_or_default().iter().map(|code| self.handle_of_citizen(code)),
        );
        handles.into_iter().filter_map(|handle| published.roster.person(handle)).all(|group| !group.is_present() && !self.is_hidden(published, &group))
    }

    /// The people whose entries contradict each other, for the headquarters.
    ///
    /// # Errors
    /// [`Refusal::Fault`].
    pub async fn conflicts(&self, by: &str) -> Result<Vec<PersonView>, Refused> {
        let views: Vec<PersonView> = {
            let published = self.published();
            published.roster.groups().iter().filter(|group| group.conflict().is_some()).map(|group| published.people.view(group)).collect()
        };
        self.looked(by, LookedBy::Conflicts, views.iter().flat_map(|view| view.handles.clone()).collect()).await?;
        Ok(views)
    }

    /// Who somebody is, for those who are told that they were looked at.
    fn told(&self, view: &PersonView) -> Told {
        let citizen = view.counts.person.as_ref().and_then(|person| self.register.citizen_known(person));
        Told { handle: Some((self.id, view.counts.chain)), citizen }
    }

    /// As [`Event::looked`], where the people themselves are told of it.
    pub(super) async fn looked_at(&self, by: &str, looked: LookedBy, handles: Vec<ChainId>, how: How, people: Vec<Told>) -> Result<(), Refused> {
        tokio::try_join!(self.looked(by, looked, handles), self.services.looks.looked(by, how, Some(self.id), people)).map(drop)
    }

    /// Records who was looked at. Nothing is shown before this is durable.
    pub(super) async fn looked(&self, by: &str, how: LookedBy, handles: Vec<ChainId>) -> Result<(), Refused> {
        // Many handles take several entries.
        let mut notes: Vec<Kept> = handles.chunks(1_000).map(|handles| Kept::LookedUp { by: by.to_owned(), how, handles: handles.to_vec() }).collect();
        if notes.is_empty() {
            notes.push(Kept::LookedUp { by: by.to_owned(), how, handles });
        }
        self.private.note(notes).await
    }
}
