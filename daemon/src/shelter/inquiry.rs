//! A relative asks after somebody (安否照会), and is told what the evacuee allowed, and nothing else.
//!
//! Nobody like that, nobody who may be told of, and somebody under protection are one answer, in the same words. That somebody asked is recorded.

use std::sync::Arc;

use rand_core::OsRng;
use tachiai_schemas::Blob;
use tachiai_schemas::roster::person::{Birth, Disclosure};
use tachiai_schemas::roster::{ChainId, Person};
use tachiai_schemas::shelter::reading::key;
use tachiai_schemas::shelter::{Inquiry, InquiryAnswer};
use tachiai_verify::roster::Step;
use tachiai_verify::roster::groups::Group;

use super::kept::Kept;
use super::ledger::Published;
use super::register::protected::Protected;
use super::{Event, decide, offload};
use crate::refused::Refused;
use crate::vault::Aad;

/// How far an evacuee allowed to tell, from the least.
fn allowed(disclosure: Disclosure) -> u8 {
    match disclosure {
        Disclosure::Nobody => 0,
        Disclosure::Safe => 1,
        Disclosure::Place => 2,
    }
}

/// Whether a record is of the one who is asked after.
fn is_meant(inquiry: &Inquiry, person: &Person) -> bool {
    let name = key(&inquiry.name);
    let named = [Some(&person.name), Some(&person.kana), person.name_jis.as_ref()].into_iter().flatten().any(|own| !own.is_empty() && key(own) == name);
    let born = inquiry.birth.is_some_and(|birth| birth.is_known() && person.birth == Birth::Day(birth));
    let lives = inquiry.address.as_deref().map(key).is_some_and(|address| !address.is_empty() && key(&person.address) == address);
    // What is given must be right, all of it.
    let right = (inquiry.birth.is_none() || born) && (inquiry.address.is_none() || lives);
    named && right && (born || lives)
}

/// What may be told of a person: the least that any of the latest entries allows.
fn told(published: &Published, protected: &Protected, group: &Group<'_>) -> Disclosure {
    if published.people.is_hidden_by(group, |person| protected.fits(person)) {
        return Disclosure::Nobody;
    }
    let latest = group.heads.iter().map(|(_, step)| *step).chain([group.latest]);
    let of = |step: &Step| published.people.person(&step.moment.hash).map_or(Disclosure::Nobody, |person| person.disclosure);
    latest.map(of).min_by_key(|disclosure| allowed(*disclosure)).unwrap_or_default()
}

fn answer(published: &Published, protected: &Protected, inquiry: &Inquiry) -> (InquiryAnswer, Option<ChainId>) {
    let meant = |group: &Group<'_>| published.people.person(&group.latest.moment.hash).is_some_and(|person| is_meant(inquiry, person));
    let groups: Vec<Group<'_>> = published.roster.groups().into_iter().filter(meant).collect();
    // Where two records fit, nobody knows which is meant, so the one that allows the least decides.
    let Some((group, disclosure)) = groups.iter().map(|group| (group, told(published, protected, group))).min_by_key(|(_, disclosure)| allowed(*disclosure))
    else {
        return (InquiryAnswer::Nothing, None);
    };
    match disclosure {
        Disclosure::Nobody => (InquiryAnswer::Nothing, None),
        Disclosure::Safe => (InquiryAnswer::Safe, Some(group.chain)),
        Disclosure::Place => {
            let shelter = published.roster.shelter(&group.latest.shelter).filter(|_| group.is_present() && groups.len() == 1 && group.heads.len() == 1);
            let place = shelter.map(|state| InquiryAnswer::Place { shelter: state.shelter.clone(), name: state.name.clone(), address: state.address.clone() });
            (place.unwrap_or(InquiryAnswer::Safe), Some(group.chain))
        }
    }
}

impl Event {
    /// Answers a relative.
    ///
    /// # Errors
    /// [`tachiai_schemas::Refusal::ShelterInvalid`].
    pub async fn inquire(self: &Arc<Self>, by: &str, inquiry: Inquiry) -> Result<InquiryAnswer, Refused> {
        decide::check_inquiry(&inquiry)?;
        let (this, by) = (Arc::clone(self), by.to_owned());
        let (answer, note) = offload(move || {
            let (answer, told) = answer(&this.published(), &this.register.protected(), &inquiry);
            let (name, aad) = (format!("asked-{}", this.id), Aad::new(&["roster", &this.id.to_string(), "asker"]));
            let sealed = this.services.vault.seal(&name, &aad, inquiry.asker.as_bytes(), &mut OsRng);
            let asker = Blob(sealed.map_err(|error| Refused::fault("sealing who asked", error))?);
            Ok((answer, Kept::Inquired { by, told, asker }))
        })
        .await?;
        self.private.note(vec![note]).await?;
        Ok(answer)
    }
}
