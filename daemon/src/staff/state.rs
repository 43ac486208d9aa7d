//! The staff list and the acts that wait: the fold of this room's entries.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::staff::{Declined, Matter, Pending, Role};
use tachiai_schemas::{Blob, Bytes, HashBytes, Refusal, Timestamp};

/// A request that nobody approved for so many seconds is forgotten.
pub const PATIENCE: i64 = 24 * 60 * 60;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Event {
    /// Someone is on the staff list from now on.
    StaffAdded {
        /// The name.
        name: String,
        /// The role.
        role: Role,
        /// SHA-256 of the SubjectPublicKeyInfo of the client certificate.
        key: HashBytes,
        /// The public key, an uncompressed point of P-256, for approvals.
        point: Bytes<65>,
    },
    /// Someone is no longer on the staff list.
    StaffRevoked {
        /// The name.
        name: String,
        /// The key that counts no longer.
        key: HashBytes,
    },
    /// An official asked for an act.
    ActRequested {
        /// The ID of the request.
        id: String,
        /// What for.
        matter: Matter,
        /// Who asked.
        by: String,
    },
    /// A second official approved.
    ActApproved {
        /// The ID of the request.
        id: String,
        /// Who approved.
        by: String,
        /// The key of their certificate.
        key: HashBytes,
        /// The signature of the request's message.
        signature: Blob,
    },
    /// Whoever asked withdrew the request.
    ActWithdrawn {
        /// The ID of the request.
        id: String,
        /// Who.
        by: String,
    },
    /// Another official declined it.
    ActDeclined {
        /// The ID of the request.
        id: String,
        /// Who.
        by: String,
        /// Why.
        reason: String,
    },
    /// The act was done, or could not be.
    ActFinished {
        /// The ID of the request.
        id: String,
        /// Why it was not done.
        refusal: Option<Refusal>,
    },
}

/// Someone on the staff list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The role.
    pub role: Role,
    /// SHA-256 of the SubjectPublicKeyInfo of the client certificate.
    pub key: HashBytes,
    /// The public key, an uncompressed point of P-256.
    pub point: Bytes<65>,
    /// Since when.
    pub since: Timestamp,
}

/// An act that is not finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// As the second official sees it.
    pub pending: Pending,
    /// Who approved, once someone did.
    pub approved_by: Option<String>,
}

/// All of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    pub(super) members: BTreeMap<String, Member>,
    pub(super) names: BTreeMap<Hash32, String>,
    pub(super) acts: BTreeMap<String, Open>,
    /// What was declined or withdrawn, as long as a request may wait.
    pub(super) declined: Vec<Declined>,
}

impl State {
    /// Adds an entry. Entries of the journal are facts: nothing is refused here.
    pub fn apply(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::StaffAdded { name, role, key, point } => {
                self.names.insert(key.hash(), name.clone());
                self.members.insert(name.clone(), Member { role: *role, key: *key, point: *point, since: at });
            }
            Event::StaffRevoked { name, key } => {
                self.members.remove(name);
                self.names.remove(&key.hash());
            }
            Event::ActRequested { id, matter, by } => {
                let mut pending = Pending { id: id.clone(), matter: matter.clone(), requested_by: by.clone(), requested_at: at, message: Hash32::ZERO.into() };
                pending.message = pending.message_hash().into();
                self.acts.insert(id.clone(), Open { pending, approved_by: None });
            }
            Event::ActApproved { id, by, key: _, signature: _ } => {
                if let Some(open) = self.acts.get_mut(id) {
                    open.approved_by = Some(by.clone());
                }
            }
            Event::ActWithdrawn { id, by } => self.decline(at, id, by, None),
            Event::ActDeclined { id, by, reason } => self.decline(at, id, by, Some(reason.clone())),
            Event::ActFinished { id, refusal: _ } => {
                self.acts.remove(id);
            }
        }
    }

    fn decline(&mut self, at: Timestamp, id: &str, by: &str, reason: Option<String>) {
        self.declined.retain(|declined| at.unix() <= declined.at.unix() + PATIENCE);
        if let Some(Open { pending, approved_by: _ }) = self.acts.remove(id) {
            self.declined.push(Declined { pending, by: by.to_owned(), at, reason });
        }
    }

    /// What this official asked for and was declined or withdrawn within a day.
    #[must_use]
    pub fn declined_of(&self, name: &str, now: Timestamp) -> Vec<Declined> {
        let is_told = |declined: &&Declined| declined.pending.requested_by == name && now.unix() <= declined.at.unix() + PATIENCE;
        self.declined.iter().filter(is_told).cloned().collect()
    }

    /// Everyone on the list, by name.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Member)> {
        self.members.iter().map(|(name, member)| (name.as_str(), member))
    }

    /// Someone on the list.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.get(name)
    }

    /// Who holds a key.
    #[must_use]
    pub fn member_by_key(&self, key: &Hash32) -> Option<(&str, &Member)> {
        let name = self.names.get(key)?;
        Some((name, self.members.get(name)?))
    }

    /// Whether someone who took part in a matter at this time still may: on the list since then, in a role that may.
    #[must_use]
    pub fn still_may(&self, name: &str, matter: &Matter, then: Timestamp) -> bool {
        self.member(name).is_some_and(|member| matter.is_for(member.role) && member.since <= then)
    }

    /// Whether both officials of an approved act still stand behind it: it is not older than a request may become, and neither was revoked since.
    #[must_use]
    pub fn still_stands(&self, id: &str, now: Timestamp) -> bool {
        let stands = |Open { pending, approved_by }: &Open| {
            let stands = |name: &str| self.member(name).is_some_and(|member| pending.matter.is_for(member.role));
            fresh(pending, now) && stands(&pending.requested_by) && approved_by.as_deref().is_some_and(stands)
        };
        self.acts.get(id).is_some_and(stands)
    }

    /// Whether a request waits for its approval: nobody approved it, it is not too old, and who asked still may ask.
    #[must_use]
    pub fn waits(&self, open: &Open, now: Timestamp) -> bool {
        let Open { pending, approved_by } = open;
        approved_by.is_none() && fresh(pending, now) && self.still_may(&pending.requested_by, &pending.matter, pending.requested_at)
    }

    /// What a request is about.
    #[must_use]
    pub fn matter(&self, id: &str) -> Option<Matter> {
        self.acts.get(id).map(|open| open.pending.matter.clone())
    }

    /// The requests that wait for an approval, the oldest first.
    #[must_use]
    pub fn pending(&self, now: Timestamp) -> Vec<Pending> {
        let mut pending: Vec<_> = self.acts.values().filter(|open| self.waits(open, now)).map(|open| open.pending.clone()).collect();
        pending.sort_by(|a, b| (a.requested_at, &a.id).cmp(&(b.requested_at, &b.id)));
        pending
    }

    /// The acts that two officials agreed on and that are not finished.
    #[must_use]
    pub fn approved(&self) -> Vec<(String, Matter, [String; 2])> {
        let both = |open: &Open| Some([open.pending.requested_by.clone(), open.approved_by.clone()?]);
        self.acts.iter().filter_map(|(id, open)| Some((id.clone(), open.pending.matter.clone(), both(open)?))).collect()
    }
}

/// Whether a request is not older than one may become.
fn fresh(pending: &Pending, now: Timestamp) -> bool {
    now.unix() <= pending.requested_at.unix() + PATIENCE
}
