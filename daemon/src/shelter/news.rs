//! What a terminal has not seen: the entries of the roster from a leaf on, with those openings that it may have.
//!
//! With the last of them come the codes of citizen IDs that lead to nobody any more, as hashes that tell nothing to whoever does not have the code, and a hash of the keys
//! for cards' texts, by which a terminal knows that its pack has others. All of it is signed by the event's key for this terminal, so that nobody changes it on a stick.
//!
//! A terminal may have the openings of its own shelter, and of people whose latest entry is there; of people under protection only as long as they are there.

use std::collections::BTreeMap;
use std::sync::Arc;

use tachiai_crypto::hash::Hash32;
use tachiai_schemas::identity::case::refused;
use tachiai_schemas::roster::hand_in::{MAX_ENTRIES, News, Openings, StandIn};
use tachiai_schemas::roster::opening::Opening;
use tachiai_schemas::roster::{self, Body, Report, ReportEntry, ShelterId, SignedEntry, TerminalId};
use tachiai_schemas::{Blob, Bytes};
use tachiai_schemas::{Refusal, roll::Protection, shelter};

use super::ledger::Published;
use super::register::protected::Protected;
use super::terminals::seal_to;
use super::{Event, offload};
use crate::journal::JournalError;
use crate::refused::Refused;

impl Event {
    /// The entries from a leaf on, at most 500, with the openings that a terminal may have, sealed to it.
    ///
    /// # Errors
    /// [`Refusal::TerminalRefused`].
    pub async fn news(self: &Arc<Self>, terminal: &TerminalId, from: u64, count: u64) -> Result<News, Refused> {
        let state = self.admitted(terminal)?;
        let (this, terminal) = (Arc::clone(self), terminal.clone());
        offload(move || {
            let size = this.published().roster.len();
            let end = from.saturating_add(count.min(MAX_ENTRIES as u64)).min(size);
            let (mut entries, mut openings): (Vec<Blob>, Openings) = (Vec::new(), Vec::new());
            let absent: BTreeMap<Hash32, Hash32> = this.private.state().taken_over.iter().map(|(absent, entry)| (*entry, *absent)).collect();
            let mut stand_ins = Vec::new();
            for leaf in from..end {
                let bytes = this.entry_bytes(leaf)?;
                let entry = roster::from_bytes(&bytes).map_err(|error| Refused::fault("reading a roster", error))?;
                let hash = roster::leaf_hash(&bytes);
                stand_ins.extend(absent.get(&hash).map(|absent| StandIn { entry: hash.into(), absent: (*absent).into() }));
                openings.push(this.opening_for(&state.shelter, &entry, &bytes)?);
                entries.push(Blob(bytes));
            }
            let openings = Blob(seal_to(&state.recipient, &openings)?);
            let (codes, anchors) = if end == size {
                let keys: Vec<Blob> = (this.services.text_anchors)().into_iter().map(Blob).collect();
                (this.services.codes.refused(), Some(shelter::anchors(&keys)))
            } else {
                (Vec::new(), None)
            };
            let refused = codes.into_iter().map(refused).collect();
            let news = News { from, entries, openings, size, now: this.now(), stand_ins, refused, anchors, signature: Bytes([0; 64]) };
            news.sign(this.id, &terminal, &this.keys.sign).map_err(|error| Refused::fault("signing what a terminal has not seen", error))
        })
        .await
    }

    /// The bytes of an entry of the roster.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Fault`].
    pub fn entry_bytes(&self, leaf: u64) -> Result<Vec<u8>, Refused> {
        self.reader.read(leaf).map_err(|error| match error {
            JournalError::NoSuchEntry { .. } => Refusal::NotFound.into(),
            other => Refused::fault("reading a roster", other),
        })
    }

    fn opening_for(&self, shelter: &ShelterId, entry: &SignedEntry, bytes: &[u8]) -> Result<Option<Opening>, Refused> {
        let may = match &entry.body.body {
            Body::Person(person) => may_have(&self.published(), &self.register.protected(), shelter, person),
            // What people answered to questionnaires the appliance alone opens, and no terminal needs.
            Body::Report(ReportEntry { shelter: _, report: Report::Questionnaire { handle: _, fields: _ } }) => false,
            Body::Report(ReportEntry { shelter: of, report }) => of == shelter && report.sealed().is_some(),
            // The grounds of a link are the headquarters'.
            Body::Link(_) | Body::Declared(_) | Body::Terminal(_) | Body::Shelter(_) | Body::Stated(_) | Body::Closed {} => false,
        };
        if may { self.opening(&roster::leaf_hash(bytes)) } else { Ok(None) }
    }
}

fn may_have(published: &Published, protected: &Protected, shelter: &ShelterId, entry: &roster::PersonEntry) -> bool {
    let Some(group) = published.roster.person(entry.chain) else { return false };
    let is_here = group.latest.shelter == *shelter;
    if is_here {
        return true;
    }
    // Nobody is told of people under protection elsewhere, not even by an entry from before they were.
    let open = |hash| published.people.person(hash).is_some_and(|person| person.protection == Protection::Open && !protected.fits(person));
    entry.shelter == *shelter && open(&group.latest.moment.hash) && group.heads.iter().all(|(_, step)| open(&step.moment.hash))
}
