//! What officials did in an election, as an auditor reads it: the acts that the appliance's own journal does not have, from the private journal and the board.
//! Of electors, and of what one official counted before the other, nothing is told.

use tachiai_schemas::election::{Manifest, Text};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::journal::{JournalLine, JournalPage};
use tachiai_schemas::{LeafIndex, Refusal};

use super::live::Live;
use super::private::{PrivateBody, PrivateEntry};
use crate::refused::Refused;

/// What is told of an act: its kind, by whom, and what else, as `name=value`.
struct Told {
    kind: &'static str,
    by: Vec<String>,
    said: Vec<String>,
}

impl PrivateBody {
    /// Whether it is an act of an official that an auditor is told of.
    #[must_use]
    pub const fn is_act(&self) -> bool {
        matches!(
            self,
            Self::Created { .. }
                | Self::TrusteeAdded { .. }
                | Self::RollImported { .. }
                | Self::RollCorrected { .. }
                | Self::RollChanged { .. }
                | Self::ObjectionReceived { .. }
                | Self::ObjectionDecided { .. }
                | Self::BoardKey { .. }
                | Self::RollExported { .. }
                | Self::TallySigned { .. }
                | Self::PaperCounted { .. }
                | Self::LotEntered { .. }
                | Self::LotDropAsked { .. }
                | Self::OfficerSigned { .. }
        )
    }
}

fn value(of: impl serde::Serialize) -> String {
    serde_json::to_value(of).ok().and_then(|value| value.as_str().map(ToOwned::to_owned)).unwrap_or_default()
}

fn said(name: &str, value: impl std::fmt::Display) -> String {
    format!("{name}={value}")
}

/// The title of a contest.
fn contest(manifest: Option<&Manifest>, index: u16) -> String {
    manifest.and_then(|manifest| manifest.contests.get(usize::from(index))).map_or_else(|| index.to_string(), |contest| contest.title.ja.clone())
}

fn chosen(manifest: Option<&Manifest>, index: u16, options: &[u16]) -> String {
    let listed = manifest.and_then(|manifest| manifest.contests.get(usize::from(index)));
    let names = options.iter().filter_map(|option| listed?.options.get(usize::from(*option))).map(|option| option.name.ja.as_str());
    names.collect::<Vec<_>>().join("、")
}

fn told(manifest: Option<&Manifest>, body: PrivateBody) -> Option<Told> {
    let by_one = |by: String| vec![by];
    Some(match body {
        PrivateBody::Created { by, spec } => Told { kind: "election-created", by: by_one(by), said: vec![said("title", &spec.title.ja)] },
        PrivateBody::TrusteeAdded { by, trustee } => Told { kind: "trustee-added", by: by_one(by), said: vec![said("trustee", trustee.name)] },
        PrivateBody::RollImported { by, payload: _, electors, unqualified } => {
            Told { kind: "roll-imported", by: by_one(by), said: vec![said("electors", electors), said("unqualified", unqualified)] }
        }
        PrivateBody::RollCorrected { by, electors, unqualified, case: _, sealed: _ } => {
            Told { kind: "roll-corrected", by, said: vec![said("electors", electors), said("unqualified", unqualified)] }
        }
        PrivateBody::RollChanged { by, change, .. } => Told { kind: "roll-changed", by, said: vec![said("change", value(change))] },
        PrivateBody::ObjectionReceived { by, sealed: _ } => Told { kind: "objection-received", by: by_one(by), said: Vec::new() },
        PrivateBody::ObjectionDecided { by, number, ruling, sealed: _ } => {
            Told { kind: "objection-decided", by: by_one(by), said: vec![said("number", number), said("ruling", value(ruling))] }
        }
        PrivateBody::BoardKey { by, key: _ } => Told { kind: "ceremony-begun", by: by_one(by), said: Vec::new() },
        PrivateBody::RollExported { by } => Told { kind: "roll-exported", by: by_one(by), said: Vec::new() },
        PrivateBody::TallySigned { statement: _, signature } => {
            let place = usize::from(u8::from(signature.trustee)).checked_sub(1);
            let name = place.and_then(|place| manifest?.trustees.get(place)).map(|trustee| trustee.name.clone()).unwrap_or_default();
            Told { kind: "tally-signed", by: by_one(name), said: Vec::new() }
        }
        PrivateBody::PaperCounted { by, figures } => {
            Told { kind: "paper-counted", by: by_one(by), said: vec![said("contest", contest(manifest, figures.contest))] }
        }
        PrivateBody::LotEntered { by, lot } => Told {
            kind: "lot-entered",
            by: by_one(by),
            said: vec![said("contest", contest(manifest, lot.contest)), said("chosen", chosen(manifest, lot.contest, &lot.chosen))],
        },
        PrivateBody::LotDropAsked { by, contest: index, reason } => {
            Told { kind: "lot-drop-asked", by: by_one(by), said: vec![said("contest", contest(manifest, index)), said("reason", reason)] }
        }
        PrivateBody::OfficerSigned { body: _, signature } => {
            let name = manifest.and_then(|manifest| manifest.count_officers.get(usize::from(signature.officer))).map(|officer| officer.name.clone());
            Told { kind: "officer-signed", by: name.into_iter().collect(), said: Vec::new() }
        }
        _ => return None,
    })
}

impl Live {
    /// The acts of officials in their order of time: from a place on, or the last ones.
    ///
    /// # Errors
    /// [`Refusal::Fault`] for a journal that cannot be read.
    pub fn acts_page(&self, from: Option<u64>, count: u64) -> Result<JournalPage, Refused> {
        let fault = |error: &dyn std::fmt::Display| Refused::fault("reading an election's journal", error);
        let manifest = self.board().state.board.manifest().cloned();
        let acts = self.private().acts.clone();
        let mut lines = Vec::new();
        for seq in acts {
            let bytes = self.private_reader.read(seq).map_err(|error| fault(&error))?;
            let entry = PrivateEntry::from_bytes(&bytes).map_err(|error| fault(&error))?;
            let at = entry.at;
            if let Some(Told { kind, by, said }) = told(manifest.as_ref(), entry.body) {
                lines.push(JournalLine { seq: 0, at, kind: kind.to_owned(), by, said });
            }
        }
        for (leaf, kind, said) in self.closed_and_counted(manifest.as_ref()) {
            let entry = Entry::from_bytes(&self.entry_bytes(leaf)?).map_err(|error| fault(&error))?;
            lines.push(JournalLine { seq: 0, at: entry.at, kind: kind.to_owned(), by: Vec::new(), said });
        }
        lines.sort_by_key(|line| line.at);
        (0..).zip(&mut lines).for_each(|(seq, line)| line.seq = seq);
        let size = lines.len() as u64;
        let from = from.unwrap_or_else(|| size.saturating_sub(count)).min(size);
        let entries = lines.into_iter().skip(usize::try_from(from).unwrap_or(usize::MAX)).take(usize::try_from(count).unwrap_or(usize::MAX)).collect();
        Ok(JournalPage { size, entries })
    }

    /// What officers signed and the board has: closes of days, counts and lots.
    fn closed_and_counted(&self, manifest: Option<&Manifest>) -> Vec<(LeafIndex, &'static str, Vec<String>)> {
        let published = self.board();
        let board = &published.state.board;
        let places = manifest.map(|manifest| manifest.places.as_slice()).unwrap_or_default();
        let days = places.iter().zip(board.days()).flat_map(|(place, days)| {
            let Text { ja, en: _ } = &place.name;
            days.iter().filter_map(move |day| day.closed().map(|(leaf, _)| (*leaf, "day-closed", vec![said("place", ja), said("leaf", *leaf)])))
        });
        let contests = || (0..=u16::MAX).zip(manifest.map(|manifest| manifest.contests.as_slice()).unwrap_or_default());
        let line = |leaf: LeafIndex, kind, index| (leaf, kind, vec![said("contest", contest(manifest, index)), said("leaf", leaf)]);
        let counts = contests().filter_map(|(index, _)| board.paper_count(index).map(|(leaf, _)| line(leaf, "paper-count-recorded", index)));
        let lots = contests().filter_map(|(index, _)| board.lot(index).map(|(leaf, _)| line(leaf, "lot-recorded", index)));
        days.chain(counts).chain(lots).collect()
    }
}

/// At most so many lines are given at once.
pub const MOST: u64 = 500;

/// Whether so many may be asked for.
///
/// # Errors
/// [`Refusal::BadRequest`].
pub fn check_count(count: u64) -> Result<(), Refused> {
    if (1..=MOST).contains(&count) {
        return Ok(());
    }
    Err(Refused::said(Refusal::BadRequest, format!("count は1〜{MOST}です"), format!("count: 1 to {MOST}")))
}
