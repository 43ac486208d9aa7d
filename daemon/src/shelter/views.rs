//! What staff see of events: the list, and one with its shelters, terminals and totals.

use tachiai_crypto::election::context::Fingerprint;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::leaf_hash;
use tachiai_schemas::receipt::ProvenEntry;
use tachiai_schemas::roster::OpenState;
use tachiai_schemas::shelter::{AsideView, EventSummary, EventView, ShelterView};
use tachiai_schemas::{Blob, HashBytes, LeafIndex, Refusal};
use tachiai_verify::roster::people::sum;

use super::ledger::Published;
use super::{Event, rooms, terminals};
use crate::refused::Refused;

impl Event {
    /// The event in the list.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] before it is declared.
    pub fn summary(&self) -> Result<EventSummary, Refused> {
        self.summary_of(&self.published())
    }

    fn summary_of(&self, published: &Published) -> Result<EventSummary, Refused> {
        let roster = &published.roster;
        let (mut present, mut conflicts) = (0, 0);
        for group in roster.groups() {
            present += u64::from(group.is_present());
            conflicts += u64::from(group.conflict().is_some());
        }
        let open = roster.shelters().filter(|shelter| shelter.state != OpenState::Closed).count();
        Ok(EventSummary {
            event: self.id,
            declared: roster.declared().cloned().ok_or(Refusal::NotFound)?,
            closed: roster.closed(),
            open_shelters: u32::try_from(open).unwrap_or(u32::MAX),
            present,
            conflicts,
        })
    }

    /// The event with its shelters.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] before it is declared.
    pub fn view(&self) -> Result<EventView, Refused> {
        let aside = self.set_aside()?.iter().filter(|view| view.open > 0).count() as u64;
        let published = self.published();
        let (totals, rooms) = (published.people.totals(&published.roster), rooms::rooms(&published));
        let of = |shelter: &tachiai_schemas::roster::ShelterState| ShelterView {
            state: shelter.clone(),
            totals: totals.get(&shelter.shelter).cloned().unwrap_or_default(),
            rooms: rooms.get(&shelter.shelter).cloned(),
        };
        Ok(EventView {
            summary: self.summary_of(&published)?,
            shelters: published.roster.shelters().map(of).collect(),
            terminals: published.roster.terminals().values().map(terminals::view).collect(),
            totals: sum(totals.values()),
            aside,
            asking: Vec::new(),
            doubles: None,
            fingerprint: Fingerprint::of(&leaf_hash(&self.entry_bytes(0)?)).to_string(),
            checkpoint: published.checkpoint.as_ref().map(|checkpoint| checkpoint.as_str().to_owned()).unwrap_or_default(),
        })
    }

    /// The hand-ins of which something was set aside.
    ///
    /// # Errors
    /// [`Refusal::Fault`].
    pub fn set_aside(&self) -> Result<Vec<AsideView>, Refused> {
        let kept: Vec<Hash32> = self.private.state().aside.keys().copied().collect();
        let mut views = kept.iter().map(|file| self.aside_view(file)).collect::<Result<Vec<_>, _>>()?;
        views.sort_by_key(|view| view.at);
        Ok(views)
    }

    /// An entry with the proof that it stands in the roster.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn proof(&self, leaf: u64) -> Result<ProvenEntry, Refused> {
        let entry = self.entry_bytes(leaf)?;
        let published = self.published();
        let checkpoint = published.checkpoint.as_ref().ok_or(Refusal::NotFound)?;
        let proof = published.tree.inclusion(leaf, checkpoint.checkpoint().size).map_err(|_| Refused::from(Refusal::NotFound))?;
        let hashes = proof.into_hashes().into_iter().map(HashBytes::from).collect();
        Ok(ProvenEntry { index: LeafIndex(leaf), entry: Blob(entry), hashes, checkpoint: checkpoint.as_str().to_owned() })
    }
}
