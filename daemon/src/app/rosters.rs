//! The rosters of the shelters, as the room that shares asks them.

use std::sync::Arc;

use tachiai_schemas::roster::disclosure::Asked;
use tachiai_schemas::roster::{ChainId, EventId, Person};
use tachiai_schemas::shelter::overview::QuestionnaireOf;
use tachiai_schemas::{CitizenId, Refusal};
use zeroize::Zeroizing;

use crate::refused::{Answering, Refused};
use crate::sharing::{Candidate, Given, Listed, May, Rosters, Told};
use crate::shelter::Shelters;
use crate::shelter::people::Sight;
use crate::shelter::register::Register;

/// The events of the appliance.
pub struct OfShelters(pub Arc<Shelters>);

/// The citizen of somebody, from the entry or from the register of residents, and whether the person is on the action-support list.
fn registered(register: &Register, person: &Person) -> (Option<CitizenId>, Listed) {
    let residents = register.residents();
    let resident = person.resident.as_deref().and_then(|number| residents.by_number(number));
    let listed = if resident.is_some_and(|resident| resident.support.is_some()) { Listed::Yes } else { Listed::No };
    (person.citizen.or_else(|| resident?.citizen), listed)
}

impl Rosters for OfShelters {
    fn disclose(&self, event: EventId, asked: Asked, may: May) -> Answering<'_, Given> {
        Box::pin(async move {
            let event = self.0.get(event)?;
            let register = Arc::clone(self.0.register());
            let decide = move |chain: ChainId, person: &Person| {
                let (citizen, listed) = registered(&register, person);
                may(&Candidate { chain, citizen, person, listed })
            };
            let made = event.disclose(asked, decide).await?;
            let register = self.0.register();
            let people = made.people.iter().map(|(chain, person)| Told { chain: *chain, citizen: registered(register, person).0 }).collect();
            Ok(Given { file: Zeroizing::new(made.file), people, withheld: made.disclosure.terms.withheld })
        })
    }

    fn questionnaire(&self, event: EventId, chain: ChainId, by: String) -> Answering<'_, QuestionnaireOf> {
        Box::pin(async move { self.0.get(event)?.questionnaire_of(&by, Sight::All, chain).await })
    }

    fn told(&self, event: EventId, chain: ChainId) -> Result<Told, Refused> {
        let event = self.0.get(event)?;
        let published = event.published();
        let group = published.roster.person(chain).ok_or(Refusal::NotFound)?;
        let person = published.people.person(&group.latest.moment.hash).ok_or(Refusal::NotFound)?;
        Ok(Told { chain: group.chain, citizen: registered(self.0.register(), person).0 })
    }

    fn handles(&self, citizen: CitizenId) -> Vec<(EventId, ChainId)> {
        let register = self.0.register();
        let mut handles = Vec::new();
        for event in self.0.all() {
            let published = event.published();
            for group in published.roster.groups() {
                let person = published.people.person(&group.latest.moment.hash);
                if person.is_some_and(|person| registered(register, person).0 == Some(citizen)) {
                    handles.extend(group.handles.iter().map(|chain| (event.id, *chain)));
                }
            }
        }
        handles
    }
}
