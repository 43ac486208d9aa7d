//! A look-up with a second official: who is under protection (支援措置) is found at a desk by card, or by two who agree to look.
//!
//! Whether such a person is on the roll is told to nobody before that: what one official searches for alone has the same answer for who is protected and for
//! who is not there. What was searched for is sealed in the private journal, and the second official sees it. An approval is good for the official who asked,
//! for exactly that search, for an hour.

use std::sync::Arc;

use rand_core::{OsRng, RngCore};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::desk::{AttendedSearch, LookApproved, Looked, MOST_FOUND, Search};
use tachiai_schemas::roll::Protection;
use tachiai_schemas::staff::Matter;
use tachiai_schemas::{Bytes, ElectionId, HashBytes, Refusal, Slot, Timestamp};

use super::found::Wanted;
use super::prepare::GOOD_FOR;
use crate::election::Elections;
use crate::election::acts::offload;
use crate::election::live::{Live, private_name};
use crate::election::private::{LookedBy, PrivateBody};
use crate::refused::Refused;
use crate::vault::Aad;

/// A look-up that two officials were asked to agree on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttendedLook {
    /// The entry that holds what is searched for.
    pub seq: u64,
    /// Who asks.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// When the second official agreed.
    pub approved: Option<Timestamp>,
}

/// What came of a look-up with a second official.
pub enum Looking {
    /// Two agreed: this is who was found.
    Found(Looked),
    /// A second official is needed for this.
    Ask(Matter),
}

fn aad(live: &Live) -> Aad {
    Aad::new(&[&private_name(live.id), "attended-search"])
}

const fn is_good(since: Timestamp, now: Timestamp) -> bool {
    now.unix() <= since.unix() + GOOD_FOR
}

impl Live {
    /// Looks somebody up with a second official, also who is under protection. Until the second official agreed, what was asked for is given back, and it is
    /// the same for the same search.
    ///
    /// # Errors
    /// [`Refusal::NotOpenYet`]; [`Refusal::BadRequest`] for a search that names neither a number nor a whole name with the birth date.
    pub async fn look_attended(self: &Arc<Self>, by: &str, search: &Search) -> Result<Looking, Refused> {
        // Two windows of a desk ask for one thing.
        let _turn = self.acts.lock().await;
        self.slots()?;
        let wanted = Wanted::new(search)?;
        if !wanted.is_certain() {
            return Err(Refused::said(
                Refusal::BadRequest,
                "2人で確かめるときは、名簿番号か、氏名の全部と生年月日を入力します",
                "with a second official a search names a number, or the whole name with the birth date",
            ));
        }
        let now = self.services.clock.now();
        let asked = self.asked(by, now)?.into_iter().find(|(_, _, known)| known.search == *search);
        let commitment = match asked {
            Some((_, AttendedLook { approved: Some(_), .. }, _)) => return self.found_attended(by, wanted, now).await.map(Looking::Found),
            Some((commitment, _, _)) => commitment.into(),
            None => {
                let mut salt = [0; 32];
                OsRng.fill_bytes(&mut salt);
                let made = AttendedSearch { salt: Bytes(salt), search: search.clone() };
                let commitment: HashBytes = made.commitment().into();
                let sealed = self.seal_inline(&aad(self), &made)?;
                self.note(PrivateBody::AttendedLookAsked { by: by.to_owned(), commitment, sealed }).await?;
                commitment
            }
        };
        Ok(Looking::Ask(Matter::AttendedLook { election: self.id, commitment }))
    }

    async fn found_attended(self: &Arc<Self>, by: &str, wanted: Wanted, now: Timestamp) -> Result<Looked, Refused> {
        let (book, wanted) = (self.slots()?, wanted.attended());
        let (slots, more) = offload(move || Ok(wanted.among(book.records(), MOST_FOUND))).await?;
        self.show(by, LookedBy::Attended, slots, more, now).await
    }

    /// What this official asked for and may still be agreed on, or was agreed on and is still good.
    fn asked(&self, by: &str, now: Timestamp) -> Result<Vec<(Hash32, AttendedLook, AttendedSearch)>, Refused> {
        let own = |look: &AttendedLook| look.by == by && is_good(look.approved.unwrap_or(look.at), now);
        let looks: Vec<(Hash32, AttendedLook)> =
            self.private().attended.iter().filter(|(_, look)| own(look)).map(|(commitment, look)| (*commitment, look.clone())).collect();
        let opened = |(commitment, look): (Hash32, AttendedLook)| {
            let search = self.attended_search_at(look.seq)?;
            Ok((commitment, look, search))
        };
        looks.into_iter().map(opened).collect()
    }

    fn attended_search_at(&self, seq: u64) -> Result<AttendedSearch, Refused> {
        match self.private_entry(seq)?.body {
            PrivateBody::AttendedLookAsked { by: _, commitment: _, sealed } => self.open_inline(&aad(self), &sealed),
            _ => Err(Refused::fault("reading a search", format!("entry {seq} is another"))),
        }
    }

    fn attended(&self, commitment: &HashBytes) -> Result<AttendedLook, Refused> {
        self.private().attended.get(&commitment.hash()).cloned().ok_or_else(|| Refusal::NotFound.into())
    }

    /// What is searched for, for the official who is to agree.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Fault`].
    pub fn attended_search(&self, commitment: &HashBytes) -> Result<AttendedSearch, Refused> {
        self.attended_search_at(self.attended(commitment)?.seq)
    }

    /// Whether a second official can still agree to look. What was agreed on stays so.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::ChangedSince`] an hour after it was asked for.
    pub fn ready_to_look(&self, commitment: &HashBytes) -> Result<(), Refused> {
        let AttendedLook { seq: _, by: _, at, approved } = self.attended(commitment)?;
        if approved.is_some() || is_good(at, self.services.clock.now()) { Ok(()) } else { Err(Refusal::ChangedSince.into()) }
    }

    /// A second official agreed to look. The same again changes nothing.
    ///
    /// # Errors
    /// As [`Self::ready_to_look`].
    pub async fn approve_look(&self, commitment: &HashBytes, by: [String; 2]) -> Result<LookApproved, Refused> {
        let _turn = self.acts.lock().await;
        self.ready_to_look(commitment)?;
        if self.attended(commitment)?.approved.is_none() {
            self.note(PrivateBody::AttendedLookApproved { by: by.to_vec(), commitment: *commitment }).await?;
        }
        Ok(LookApproved { election: self.id })
    }

    /// Whether this official may name a slot without a card: its elector is not under protection, or a second official agreed to look for that person.
    /// Without this, slots could be tried one after the other.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Protected`].
    pub(super) fn may_name(&self, by: &str, slot: Slot) -> Result<(), Refused> {
        let record = self.elector_of(slot)?;
        if record.protection == Protection::Open {
            return Ok(());
        }
        for (_, look, AttendedSearch { salt: _, search }) in self.asked(by, self.services.clock.now())? {
            if look.approved.is_some() && Wanted::new(&search)?.attended().fits(&record) {
                return Ok(());
            }
        }
        Err(Refusal::Protected.into())
    }
}

impl Elections {
    /// [`Live::ready_to_look`] of an election.
    ///
    /// # Errors
    /// As there.
    pub fn ready_to_look(&self, election: ElectionId, commitment: &HashBytes) -> Result<(), Refused> {
        self.get(election)?.ready_to_look(commitment)
    }
}
