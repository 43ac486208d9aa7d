//! The rosters of the shelters, as the room that shares asks them.

use std::collections::BTreeSet;
use std::sync::Arc;

use tachiai_schemas::roster::disclosure::Asked;
use tachiai_schemas::roster::{ChainId, EventId, Person};
use tachiai_schemas::sharing::preview::PersonShown;
use tachiai_schemas::shelter::overview::QuestionnaireOf;
use tachiai_schemas::{CitizenId, Refusal};
use zeroize::Zeroizing;

use super::citizens::OfIdentity;
use crate::refused::{Answering, Refused};
use crate::sharing::{Candidate, Given, Listed, May, Rosters, Told};
use crate::shelter::people::Sight;
use crate::shelter::register::Register;
use crate::shelter::{Codes, Shelters};

/// The events of the appliance.
pub struct OfShelters {
    /// Them.
    pub shelters: Arc<Shelters>,
    /// Whose codes of citizen IDs are.
    pub citizens: OfIdentity,
}

/// Whether somebody is on the action-support list.
fn listed(register: &Register, person: &Person) -> Listed {
    let residents = register.residents();
    let resident = person.resident.as_deref().and_then(|number| residents.by_number(number));
    if resident.is_some_and(|resident| resident.support.is_some()) { Listed::Yes } else { Listed::No }
}

/// The citizen of somebody, if more than words says who it is, under the ID by which the code was given out.
fn citizen_of(register: &Register, citizens: &OfIdentity, person: &Person) -> Option<CitizenId> {
    register.citizen_known(person).and_then(|code| citizens.whose(code))
}

impl Rosters for OfShelters {
    fn disclose(&self, event: EventId, asked: Asked, may: May) -> Answering<'_, Given> {
        Box::pin(async move {
            let event = self.shelters.get(event)?;
            let (register, citizens) = (Arc::clone(self.shelters.register()), self.citizens.clone());
            let decide = move |chain: ChainId, person: &Person| {
                may(&Candidate { chain, citizen: citizen_of(&register, &citizens, person), person, listed: listed(&register, person) })
            };
            let made = event.disclose(asked, decide).await?;
            let citizen = |person: &Person| citizen_of(self.shelters.register(), &self.citizens, person);
            let people = made.people.iter().map(|(chain, person)| Told { handle: Some((event.id, *chain)), citizen: citizen(person) }).collect();
            let shown = PersonShown::of(&made.disclosure.people, &made.shared)
                .ok_or_else(|| Refused::fault("disclosing people", "somebody who is disclosed is in no other form"))?;
            Ok(Given { file: Zeroizing::new(made.file), people, shown, withheld: made.disclosure.terms.withheld, shared: made.shared })
        })
    }

    fn questionnaire(&self, event: EventId, chain: ChainId, by: String) -> Answering<'_, QuestionnaireOf> {
        Box::pin(async move { self.shelters.get(event)?.questionnaire_of(&by, Sight::All, chain).await })
    }

    fn told(&self, event: EventId, chain: ChainId) -> Result<Told, Refused> {
        let event = self.shelters.get(event)?;
        let published = event.published();
        let group = published.roster.person(chain).ok_or(Refusal::NotFound)?;
        let person = published.people.person(&group.latest.moment.hash).ok_or(Refusal::NotFound)?;
        Ok(Told { handle: Some((event.id, group.chain)), citizen: citizen_of(self.shelters.register(), &self.citizens, person) })
    }

    fn told_of_questionnaire(&self, event: EventId, chain: ChainId) -> Result<Told, Refused> {
        let Told { handle, citizen } = self.shelters.get(event)?.told_of_questionnaire(Sight::All, chain)?;
        Ok(Told { handle, citizen: citizen.and_then(|code| self.citizens.whose(code)) })
    }

    fn under_way(&self) -> Vec<EventId> {
        self.shelters.all().iter().filter(|event| event.is_open().is_ok()).map(|event| event.id).collect()
    }

    fn handles(&self, citizens: &[CitizenId]) -> Vec<(EventId, ChainId)> {
        let codes: BTreeSet<CitizenId> = citizens.iter().flat_map(|citizen| self.citizens.of(*citizen)).collect();
        let numbers = self.shelters.register().numbers_of(&codes);
        let mut handles = Vec::new();
        for event in self.shelters.all() {
            let published = event.published();
            for group in published.maybe(&codes, &numbers) {
                let person = published.people.person(&group.latest.moment.hash);
                let citizen = person.and_then(|person| citizen_of(self.shelters.register(), &self.citizens, person));
                if citizen.is_some_and(|citizen| citizens.contains(&citizen)) {
                    handles.extend(group.handles.iter().map(|chain| (event.id, *chain)));
                }
            }
        }
        handles
    }
}
