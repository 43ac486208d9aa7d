//! What the standing private journal says: which imports were applied, and which questionnaires were filled in. It names nobody: what is imported lies sealed in
//! files, and a questionnaire is sealed under a key of its person, who stands here as a keyed hash.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::roster::{ChainId, EventId};
use tachiai_schemas::shelter::import::{ImportKind, Imported};
use tachiai_schemas::shelter::questionnaire::Name;
use tachiai_schemas::{Blob, HashBytes, Timestamp};

use crate::shelter::private::Fold;

/// Of whom a questionnaire is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Whose {
    /// Of a citizen, by a keyed hash of the citizen ID.
    Citizen {
        /// The hash.
        person: HashBytes,
    },
    /// Of somebody in a roster, by handle.
    Handle {
        /// The event.
        event: EventId,
        /// The handle.
        chain: ChainId,
    },
}

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Log {
    /// An import was applied; it takes the place of the one before.
    Imported {
        /// What.
        what: ImportKind,
        /// By whom.
        by: String,
        /// SHA-256 of the file as it was sent.
        file: HashBytes,
        /// The sealed payload.
        payload: HashBytes,
        /// How many there are since.
        count: u64,
        /// How many rows were left out.
        left_out: u64,
    },
    /// A questionnaire was defined, or a new version of it.
    Defined {
        /// By whom.
        by: String,
        /// Its name.
        questionnaire: Name,
        /// The version.
        version: u32,
        /// The sealed payload.
        payload: HashBytes,
    },
    /// A questionnaire was filled in; it takes the place of the one before of the same person.
    Filled {
        /// Of whom.
        whose: Whose,
        /// The questionnaire.
        questionnaire: Name,
        /// The hash by which rosters name it.
        hash: HashBytes,
        /// By which official, where it was at a desk.
        by: Option<String>,
        /// What was filled in, sealed.
        sealed: Blob,
    },
    /// Somebody read what a person had filled in.
    Read {
        /// Who.
        by: String,
        /// The hash.
        hash: HashBytes,
    },
}

/// An import as the fold remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// What is told of it.
    pub said: Imported,
    /// The sealed payload.
    pub payload: Hash32,
}

/// A questionnaire that was filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnFile {
    /// The entry that holds it.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// How often this person has filled it in.
    pub times: u32,
}

/// The fold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogState {
    /// The last import of each kind.
    pub imports: BTreeMap<ImportKind, Import>,
    /// The payload of the newest version of each questionnaire.
    pub definitions: BTreeMap<Name, Hash32>,
    /// The last of each person and questionnaire.
    pub filled: BTreeMap<(Whose, Name), OnFile>,
}

impl Fold for LogState {
    type Body = Log;

    fn apply(&mut self, seq: u64, at: Timestamp, body: &Log) {
        match body {
            Log::Imported { what, by, file, payload, count, left_out: _ } => {
                let said = Imported { kind: *what, at, by: by.clone(), file: *file, count: *count };
                self.imports.insert(*what, Import { said, payload: payload.hash() });
            }
            Log::Defined { by: _, questionnaire, version: _, payload } => {
                self.definitions.insert(questionnaire.clone(), payload.hash());
            }
            Log::Filled { whose, questionnaire, hash: _, by: _, sealed: _ } => {
                let place = (*whose, questionnaire.clone());
                let times = self.filled.get(&place).map_or(0, |before| before.times).saturating_add(1);
                self.filled.insert(place, OnFile { seq, at, times });
            }
            // Nothing is decided by who read.
            Log::Read { by: _, hash: _ } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_a_person_and_questionnaire_stays() {
        let mut state = LogState::default();
        let (whose, name): (Whose, Name) = (Whose::Citizen { person: HashBytes::from(Hash32::sha256(&[1])) }, "medical".parse().unwrap());
        let filled =
            |hash| Log::Filled { whose, questionnaire: name.clone(), hash: HashBytes::from(Hash32::sha256(&[hash])), by: None, sealed: Blob(Vec::new()) };
        let at = Timestamp::from_unix(5).unwrap();
        state.apply(3, at, &filled(1));
        state.apply(7, at, &filled(2));
        assert_eq!(state.filled.get(&(whose, name)), Some(&OnFile { seq: 7, at, times: 2 }));
    }
}
