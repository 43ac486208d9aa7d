//! The records of this room in the store: key -> member of staff, ID -> open act.

use std::collections::BTreeMap;

use serde::Serialize;
use tachiai_schemas::Timestamp;

use super::state::{Event, Member, State};
use crate::store::{Batch, Key, Kind};

/// What an entry changes; `before` is the state without it.
pub fn change(before: &State, at: Timestamp, event: &Event, batch: &mut Batch) {
    let mut after = before.clone();
    after.apply(at, event);
    let (before, after) = (all(before), all(&after));
    for key in before.keys().filter(|key| !after.contains_key(key)) {
        batch.remove(key.clone());
    }
    for (key, value) in after {
        if before.get(&key) != Some(&value) {
            batch.put(key, value);
        }
    }
}

/// Every record that there should be. The staff of a city and its open acts are few.
#[must_use]
pub fn all(state: &State) -> BTreeMap<Key, Vec<u8>> {
    #[derive(Serialize)]
    struct Named<'a> {
        name: &'a str,
        member: &'a Member,
    }
    // What was declined is read from the journal alone.
    let State { members, names: _, acts, declined: _ } = state;
    let members = members.iter().map(|(name, member)| (Kind::OFFICIAL.key(member.key.0), json(&Named { name, member })));
    let acts = acts.iter().map(|(id, open)| (Kind::ACT.key(id.as_bytes()), json(open)));
    members.chain(acts).collect()
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}
