//! Who acts when two officials agree: each matter goes to the room that it is of.

use std::sync::Arc;

use tachiai_schemas::Timestamp;
use tachiai_schemas::staff::{Matter, Settled};

use crate::acts::{About, Acts};
use crate::election::Elections;
use crate::identity::Identity;
use crate::refused::{Answering, Refused};
use crate::sharing::Sharing;
use crate::shelter::Shelters;

/// The rooms.
pub struct Both {
    /// Acts of elections.
    pub elections: Arc<Elections>,
    /// Enrolments at a counter, and citizen IDs.
    pub identity: Arc<Identity>,
    /// Events and links of their people.
    pub shelters: Arc<Shelters>,
    /// Grants.
    pub sharing: Arc<Sharing>,
}

impl Acts for Both {
    fn filled_in(&self, matter: Matter) -> Result<Matter, Refused> {
        match matter {
            Matter::Election { election, act, roll: _ } => Ok(Matter::Election { election, act, roll: self.elections.get(election)?.to_open(act) }),
            Matter::CandidateOut { .. }
            | Matter::EnrolCounter { .. }
            | Matter::RollChange { .. }
            | Matter::AttendedLook { .. }
            | Matter::PapersByName { .. }
            | Matter::DeclareEvent { .. }
            | Matter::CloseEvent { .. }
            | Matter::SettleAside { .. }
            | Matter::LinkPeople { .. }
            | Matter::ErasePerson { .. }
            | Matter::Grant { .. }
            | Matter::LinkCitizens { .. }
            | Matter::EraseCitizen { .. } => Ok(matter),
        }
    }

    fn ready(&self, matter: &Matter) -> Result<(), Refused> {
        match matter {
            Matter::Election { election, act, roll } => self.elections.ready(*election, *act, *roll),
            Matter::CandidateOut { election, out } => self.elections.get(*election)?.ready_out(out),
            Matter::EnrolCounter { citizen: _, reason: _, commitment } => self.identity.ready_at_counter(commitment),
            Matter::RollChange { election, change: _, reason: _, commitment } => self.elections.ready_to_change(*election, commitment),
            Matter::AttendedLook { election, commitment } => self.elections.ready_to_look(*election, commitment),
            Matter::PapersByName { .. } => self.elections.ready_by_name(matter),
            Matter::DeclareEvent { spec } => self.shelters.ready_to_declare(spec),
            Matter::CloseEvent { event, commitment } => self.shelters.get(*event)?.ready_to_close(commitment.as_ref()),
            Matter::SettleAside { event, file: _, verdict: _, commitment } => self.shelters.get(*event)?.ready_to_settle(commitment),
            Matter::LinkPeople { event, chain: _, other: _, verdict: _, commitment } => self.shelters.get(*event)?.ready_to_link(commitment),
            Matter::ErasePerson { event, chain: _, ground: _, commitment } => self.shelters.get(*event)?.ready_to_erase(commitment),
            Matter::Grant { grant } => self.sharing.ready_to_grant(grant),
            Matter::LinkCitizens { citizen: _, other: _, verdict: _, commitment } | Matter::EraseCitizen { citizen: _, ground: _, commitment } => {
                self.identity.ready_to_settle(commitment)
            }
        }
    }

    fn about(&self, matter: &Matter) -> Option<About> {
        match matter {
            // It may have been bound a moment ago; whatever else is wrong is in the log, and hides no other request.
            Matter::EnrolCounter { citizen: _, reason: _, commitment } => self.identity.person_at_counter(commitment).ok().map(About::Person),
            Matter::RollChange { election, change: _, reason: _, commitment } => {
                self.elections.roll_case(*election, commitment).ok().map(|case| About::Roll(Box::new(case)))
            }
            Matter::AttendedLook { election, commitment } => {
                self.elections.get(*election).ok()?.attended_search(commitment).ok().map(|search| About::Search(Box::new(search)))
            }
            Matter::PapersByName { election, papers, slot_commitment: _, reason: _ } => {
                self.elections.get(*election).ok()?.paper_person(papers).ok().map(About::Elector)
            }
            Matter::LinkPeople { event, chain: _, other: _, verdict: _, commitment } => {
                self.shelters.get(*event).ok()?.shown_link(commitment).ok().map(|link| About::Link(Box::new(link)))
            }
            Matter::CloseEvent { event, commitment: Some(commitment) } | Matter::SettleAside { event, file: _, verdict: _, commitment } => {
                self.shelters.get(*event).ok()?.shown_case(commitment).ok().map(|case| About::Case(Box::new(case)))
            }
            Matter::ErasePerson { event, chain: _, ground: _, commitment } => {
                self.shelters.get(*event).ok()?.shown_erase(commitment).ok().map(|case| About::Case(Box::new(case)))
            }
            Matter::LinkCitizens { citizen: _, other: _, verdict: _, commitment } | Matter::EraseCitizen { citizen: _, ground: _, commitment } => {
                self.identity.shown_case(commitment).ok().map(|case| About::Citizens(Box::new(case)))
            }
            Matter::Election { .. }
            | Matter::CandidateOut { .. }
            | Matter::DeclareEvent { .. }
            | Matter::CloseEvent { event: _, commitment: None }
            | Matter::Grant { .. } => None,
        }
    }

    fn is_shown(&self, by: String, matter: Matter) -> Answering<'_, ()> {
        Box::pin(async move {
            match matter {
                Matter::LinkCitizens { citizen: _, other: _, verdict: _, commitment } | Matter::EraseCitizen { citizen: _, ground: _, commitment } => {
                    self.identity.case_looked(&by, commitment).await
                }
                Matter::Election { .. }
                | Matter::CandidateOut { .. }
                | Matter::EnrolCounter { .. }
                | Matter::RollChange { .. }
                | Matter::AttendedLook { .. }
                | Matter::PapersByName { .. }
                | Matter::DeclareEvent { .. }
                | Matter::CloseEvent { .. }
                | Matter::SettleAside { .. }
                | Matter::LinkPeople { .. }
                | Matter::ErasePerson { .. }
                | Matter::Grant { .. } => Ok(()),
            }
        })
    }

    fn perform(&self, matter: Matter, by: [String; 2], at: Timestamp) -> Answering<'_, Settled> {
        Box::pin(async move {
            match matter {
                Matter::Election { election, act, roll } => self.elections.perform(election, act, roll).await.map(Settled::Election),
                Matter::CandidateOut { election, out } => self.elections.get(election)?.take_out(out).await.map(Settled::CandidateOut),
                Matter::EnrolCounter { citizen: _, reason: _, commitment } => {
                    self.identity.bind_at_counter(commitment, by, at).await.map(Settled::EnrolCounter)
                }
                Matter::RollChange { election, change: _, reason: _, commitment } => {
                    self.elections.change_roll(election, &commitment, by).await.map(Settled::RollChange)
                }
                Matter::AttendedLook { election, commitment } => self.elections.get(election)?.approve_look(&commitment, by).await.map(Settled::AttendedLook),
                Matter::PapersByName { election, papers, slot_commitment, reason } => {
                    let prepared = self.elections.get(election)?.prepare_by_name(&papers, reason, &slot_commitment, by).await?;
                    Ok(Settled::PapersByName(Box::new(prepared)))
                }
                Matter::DeclareEvent { spec } => self.shelters.declare(by.into(), *spec).await.map(Settled::DeclareEvent),
                Matter::CloseEvent { event, commitment: _ } => self.shelters.get(event)?.close(by).await.map(Settled::CloseEvent),
                Matter::SettleAside { event, file: _, verdict: _, commitment } => {
                    self.shelters.get(event)?.settle_aside(&commitment, by).await.map(Settled::SettleAside)
                }
                Matter::LinkPeople { event, chain: _, other: _, verdict: _, commitment } => {
                    self.shelters.get(event)?.link(&commitment, by).await.map(Settled::LinkPeople)
                }
                Matter::ErasePerson { event, chain: _, ground: _, commitment } => {
                    self.shelters.get(event)?.erase(&commitment, by).await.map(Settled::ErasePerson)
                }
                Matter::Grant { grant } => self.sharing.grant(by, *grant).await.map(|made| Settled::Grant(Box::new(made))),
                Matter::LinkCitizens { citizen: _, other: _, verdict: _, commitment } => self.identity.link(commitment, by).await.map(Settled::LinkCitizens),
                Matter::EraseCitizen { citizen: _, ground: _, commitment } => self.identity.erase(commitment, by).await.map(Settled::EraseCitizen),
            }
        })
    }
}
