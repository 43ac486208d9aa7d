//! What the entries about sharing say together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::roster::EventId;
use tachiai_schemas::sharing::Name;
use tachiai_schemas::sharing::access::{Access, AccessLeaf};
use tachiai_schemas::sharing::agency::{Agency, AgencyKind, Grant, GrantMade};
use tachiai_schemas::sharing::alert::AlertId;
use tachiai_schemas::sharing::disclosed::{Disclosed, DisclosedAt, RequestId};
use tachiai_schemas::sharing::steps::Said;
use tachiai_schemas::sharing::warning::{Silent, Warning};
use tachiai_schemas::{Blob, Bytes, CitizenId, HashBytes, Timestamp, canonical};

use super::warnings::known::Known;

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Event {
    /// An agency was entered; it takes the place of the one of the same name.
    AgencySet {
        /// By whom.
        by: String,
        /// The agency.
        agency: Agency,
    },
    /// A grant was made.
    Granted {
        /// The official who asked for it, and the one who approved.
        by: [String; 2],
        /// The grant.
        grant: Grant,
    },
    /// A grant was withdrawn.
    GrantWithdrawn {
        /// By whom.
        by: String,
        /// The grant.
        grant: Name,
    },
    /// An official was shown what a disclosure would give; who the people are stands in the access log.
    Previewed {
        /// By whom.
        by: String,
        /// The grant.
        grant: Name,
        /// The event.
        event: EventId,
        /// How many people were shown.
        people: u64,
    },
    /// An official looked at who received or read what of a citizen.
    HistoryRead {
        /// By whom.
        by: String,
        /// The citizen.
        citizen: CitizenId,
    },
    /// A disclosure was made; its bundle lies in a file.
    Disclosed(Disclosed),
    /// Something of people went to an agency.
    Accessed {
        /// The leaf of the access log.
        leaf: AccessLeaf,
        /// What it was.
        access: Access,
        /// What opens the leaf's commitment to it.
        salt: Bytes<32>,
    },
    /// An agency says why it has to read somebody's questionnaire at once.
    Alerted {
        /// The alert.
        alert: AlertId,
        /// The agency.
        agency: Name,
        /// The event.
        event: EventId,
        /// Whom and why, sealed.
        sealed: Blob,
    },
    /// It reads the questionnaire.
    AlertRead {
        /// The alert.
        alert: AlertId,
    },
    /// It was to read the questionnaire, and there is none.
    AlertFoundNothing {
        /// The alert.
        alert: AlertId,
    },
    /// A person says who may have what the roster says.
    Consented {
        /// Who, by a keyed hash.
        person: HashBytes,
        /// The kinds of agencies.
        kinds: Vec<AgencyKind>,
        /// By which official, where it was at a desk.
        by: Option<String>,
    },
    /// A citizen says whether step counts may come in.
    StepsConsented {
        /// Who, by a keyed hash.
        person: HashBytes,
        /// What was said.
        said: Said,
    },
    /// Step counts came in; they lie sealed in a file, in the place of those before.
    StepsTaken {
        /// Whose, by a keyed hash.
        person: HashBytes,
        /// SHA-256 of the file.
        file: HashBytes,
    },
    /// The city's data platform tells of a warning, or tells something else of it than before.
    WarningTold {
        /// The warning.
        warning: Box<Warning>,
    },
    /// It tells of a warning no more, before the warning is over.
    WarningGone {
        /// Its URN.
        id: String,
    },
    /// It tells nothing any more.
    WarningsSilent(Silent),
    /// It tells again.
    WarningsHeard {},
}

/// A consent to step counts that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepsStanding {
    /// The entry of the consent.
    pub seq: u64,
    /// Since when.
    pub since: Timestamp,
    /// The file of what came, by its hash.
    pub file: Option<HashBytes>,
}

/// An alert as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// When.
    pub at: Timestamp,
    /// The agency.
    pub agency: Name,
    /// The event.
    pub event: EventId,
    /// Whom and why, sealed.
    pub sealed: Blob,
    /// When it was read.
    pub read: Vec<Timestamp>,
    /// When it was to be read, and there was none.
    pub nothing: Vec<Timestamp>,
}

/// A leaf of the access log.
#[derive(Debug, PartialEq, Eq)]
pub struct Leaf {
    /// As it is hashed.
    pub bytes: Vec<u8>,
    /// What it says.
    pub leaf: AccessLeaf,
    /// What it was.
    pub access: Access,
    /// What opens the commitment.
    pub salt: Bytes<32>,
}

/// A consent as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consented {
    /// The entry: the later one holds.
    pub seq: u64,
    /// Since when.
    pub at: Timestamp,
    /// The kinds of agencies.
    pub kinds: Vec<AgencyKind>,
}

/// The state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// Agencies.
    pub agencies: BTreeMap<Name, Agency>,
    /// Grants.
    pub grants: BTreeMap<Name, GrantMade>,
    /// Disclosures.
    pub disclosed: BTreeMap<RequestId, DisclosedAt>,
    /// The access log.
    pub leaves: Vec<Arc<Leaf>>,
    /// Alerts.
    pub alerts: BTreeMap<AlertId, Standing>,
    /// Consents, by keyed hashes of people.
    pub consents: BTreeMap<HashBytes, Consented>,
    /// Consents to step counts, by keyed hashes of people.
    pub steps: BTreeMap<HashBytes, StepsStanding>,
    /// Warnings of others.
    pub warnings: Known,
}

impl State {
    /// The files of step counts that there are to be.
    #[must_use]
    pub fn steps_files(&self) -> BTreeSet<Hash32> {
        self.steps.values().filter_map(|standing| Some(standing.file?.hash())).collect()
    }

    /// Adds an entry.
    pub fn apply(&mut self, seq: u64, at: Timestamp, event: &Event) {
        match event {
            Event::AgencySet { by: _, agency } => {
                self.agencies.insert(agency.name.clone(), agency.clone());
            }
            Event::Granted { by, grant } => {
                self.grants.insert(grant.name.clone(), GrantMade { grant: grant.clone(), by: by.clone(), at, withdrawn: None });
            }
            Event::GrantWithdrawn { by: _, grant } => {
                if let Some(made) = self.grants.get_mut(grant) {
                    made.withdrawn.get_or_insert(at);
                }
            }
            Event::Previewed { by: _, grant: _, event: _, people: _ } | Event::HistoryRead { by: _, citizen: _ } => {}
            Event::Disclosed(disclosed) => {
                self.disclosed.insert(disclosed.request, DisclosedAt { at, disclosed: disclosed.clone() });
            }
            Event::Accessed { leaf, access, salt } => {
                // What was read from the journal has the accepted form, so the leaf has one too.
                let bytes = canonical::to_bytes(leaf).unwrap_or_default();
                self.leaves.push(Arc::new(Leaf { bytes, leaf: leaf.clone(), access: access.clone(), salt: *salt }));
            }
            Event::Alerted { alert, agency, event, sealed } => {
                self.alerts
                    .insert(*alert, Standing { at, agency: agency.clone(), event: *event, sealed: sealed.clone(), read: Vec::new(), nothing: Vec::new() });
            }
            Event::AlertRead { alert } => {
                if let Some(standing) = self.alerts.get_mut(alert) {
                    standing.read.push(at);
                }
            }
            Event::AlertFoundNothing { alert } => {
                if let Some(standing) = self.alerts.get_mut(alert) {
                    standing.nothing.push(at);
                }
            }
            Event::Consented { person, kinds, by: _ } => {
                self.consents.insert(*person, Consented { seq, at, kinds: kinds.clone() });
            }
            Event::StepsConsented { person, said: Said::Given } => {
                self.steps.entry(*person).or_insert(StepsStanding { seq, since: at, file: None });
            }
            Event::StepsConsented { person, said: Said::Withdrawn } => {
                self.steps.remove(person);
            }
            Event::StepsTaken { person, file } => {
                if let Some(standing) = self.steps.get_mut(person) {
                    standing.file = Some(*file);
                }
            }
            Event::WarningTold { warning } => self.warnings.told(at, warning),
            Event::WarningGone { id } => self.warnings.gone(at, id),
            Event::WarningsSilent(silent) => self.warnings.fell_silent(at, silent),
            Event::WarningsHeard {} => self.warnings.heard(at),
        }
    }
}
