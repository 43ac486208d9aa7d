//! The views of a board in the store: what became of each ballot, and each slot's registration and ballot.
//!
//! They are derived from the entries alone, and rebuilt from them whenever the store has lost some.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tachiai_crypto::election::ballot::BallotHeader;
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::labels;
use tachiai_schemas::election::Body;
use tachiai_schemas::entry::Entry;
use tachiai_schemas::receipt::BallotStatus;
use tachiai_schemas::{LeafIndex, Refusal, Slot};

use super::state::BoardState;
use crate::journal::JournalId;
use crate::refused::Refused;
use crate::store::{Batch, Key, Kind, Store, StoreError};

/// What the store holds of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlotView {
    /// The leaf of the current registration.
    pub registration: LeafIndex,
    /// Its number.
    pub seq: u32,
    /// The leaf of the current ballot.
    pub ballot: Option<LeafIndex>,
}

/// Writes and reads the views of one board.
pub struct Views {
    store: Arc<dyn Store>,
    journal: JournalId,
    /// Up to where the store is.
    high_water: u64,
    /// The leaf of the next entry that is noted.
    next: u64,
    batch: Option<Batch>,
}

impl Views {
    /// The views of a journal that is durable at least up to where the store is: the caller compares the marks.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(store: Arc<dyn Store>, journal: JournalId) -> Result<Self, StoreError> {
        let high_water = store.high_water(&journal)?;
        Ok(Self { store, journal, high_water, next: 0, batch: None })
    }

    /// Notes what an entry changes; `before` is the board before it.
    pub fn note(&mut self, before: &BoardState, entry: &Entry) {
        let leaf = self.next;
        self.next += 1;
        if leaf < self.high_water {
            return;
        }
        let batch = self.batch.get_or_insert_with(|| Batch::new(self.journal.clone(), leaf..leaf));
        batch.entries.end = leaf + 1;
        let leaf = LeafIndex(leaf);
        for (key, value) in changes(before, leaf, entry) {
            batch.put(key, value);
        }
    }

    /// Writes what was noted. What cannot be written is kept and tried again with what comes next.
    pub fn write(&mut self) {
        if let Some(batch) = self.batch.take() {
            match self.store.apply(&batch) {
                Ok(()) => self.high_water = batch.entries.end,
                Err(error) => {
                    tracing::error!(%error, "the views cannot be written; they lag behind until they can");
                    self.batch = Some(batch);
                }
            }
        }
    }
}

/// What became of a ballot, from the views.
///
/// # Errors
/// [`Refusal::NotFound`]; [`Refusal::Fault`] if the views lag behind the board.
pub fn ballot_status(store: &dyn Store, journal: &JournalId, size: u64, hash: Hash32) -> Result<BallotStatus, Refused> {
    let fault = |error: StoreError| Refused::fault("reading a view", error);
    // A view that lags may call a ballot counted that was superseded or challenged since.
    if store.high_water(journal).map_err(fault)? < size {
        return Err(Refused::fault("reading a view", "the views lag behind the board"));
    }
    match store.get(journal, &ballot_key(hash)).map_err(fault)? {
        Some(value) => serde_json::from_slice(&value).map_err(|error| Refused::fault("reading a view", error)),
        None => Err(Refusal::NotFound.into()),
    }
}

fn ballot_key(hash: Hash32) -> Key {
    Kind::BALLOT.key(hash.to_bytes())
}

fn changes(before: &BoardState, leaf: LeafIndex, entry: &Entry) -> Vec<(Key, Vec<u8>)> {
    let mut changes = Vec::new();
    match &entry.body {
        Body::Registration(registration) => {
            let ballot = before.board.slot(registration.slot).and_then(|state| state.ballot()).map(|ballot| ballot.leaf);
            put_slot(&mut changes, registration.slot, SlotView { registration: leaf, seq: registration.seq, ballot });
        }
        Body::Ballot(ballot) => {
            let Ok(header) = BallotHeader::peek(&ballot.ballot.0) else { return changes };
            let hash = tagged(labels::hash::BALLOT, &[&ballot.ballot.0]);
            put(&mut changes, ballot_key(hash), &BallotStatus::Counted { leaf });
            let Some(state) = before.board.slot(header.slot) else { return changes };
            if let Some(old) = state.ballot() {
                put(&mut changes, ballot_key(old.hash), &BallotStatus::Superseded { leaf: old.leaf, by: leaf });
            }
            put_slot(&mut changes, header.slot, SlotView { registration: state.registration(), seq: state.seq(), ballot: Some(leaf) });
        }
        Body::Challenged(challenged) => {
            put(&mut changes, ballot_key(challenged.ballot.hash()), &BallotStatus::Challenged { leaf: challenged.leaf, by: leaf });
            if let Some(state) = before.board.slot(challenged.slot) {
                put_slot(&mut changes, challenged.slot, SlotView { registration: state.registration(), seq: state.seq(), ballot: None });
            }
        }
        Body::PaperIssued(issued) => {
            let slot = issued.body.slot;
            if let Some(state) = before.board.slot(slot) {
                if let Some(old) = state.ballot() {
                    put(&mut changes, ballot_key(old.hash), &BallotStatus::Overridden { leaf: old.leaf, by: leaf });
                }
                put_slot(&mut changes, slot, SlotView { registration: state.registration(), seq: state.seq(), ballot: None });
            }
        }
        Body::Manifest(_)
        | Body::Commit(_)
        | Body::Deal(_)
        | Body::Confirm(_)
        | Body::Complaint(_)
        | Body::Opened(_)
        | Body::PaperUndone(_)
        | Body::DayClosed(_)
        | Body::RollChanged(_)
        | Body::CandidateOut(_)
        | Body::PaperCount(_)
        | Body::Lot(_)
        | Body::OnlineClosed(_)
        | Body::PollClosed(_)
        | Body::TallyStatement(_)
        | Body::Shares(_)
        | Body::Result(_)
        | Body::Published(_) => {}
    }
    changes
}

fn put_slot(changes: &mut Vec<(Key, Vec<u8>)>, slot: Slot, view: SlotView) {
    put(changes, Kind::SLOT.number(slot.0.into()), &view);
}

fn put(changes: &mut Vec<(Key, Vec<u8>)>, key: Key, value: &impl Serialize) {
    match serde_json::to_vec(value) {
        Ok(value) => changes.push((key, value)),
        Err(error) => tracing::error!(%error, "a view cannot be written"),
    }
}
