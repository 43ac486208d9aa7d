//! Who counts: the handles of one person together, the latest entry of each, and where entries contradict each other.

use std::collections::{BTreeMap, BTreeSet};

use tachiai_crypto::hash::Hash32;
use tachiai_schemas::roster::{Act, ChainId, LinkVerdict, ShelterId};

use super::{Roster, Step};

/// One person: a handle, or several that were found to be of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group<'a> {
    /// The handles, ascending; the first names the group.
    pub handles: Vec<ChainId>,
    /// The latest entry: it counts.
    pub latest: &'a Step,
    /// The handle of the latest entry.
    pub chain: ChainId,
    /// The entries that no other of the same person follows, by their moments; more than one is a conflict.
    pub heads: Vec<(ChainId, &'a Step)>,
}

/// How entries of one person contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conflict {
    /// Present in two places.
    TwoPlaces,
    /// Present by one entry, gone by another.
    PresentAndGone,
    /// Edited on both sides.
    Edited,
}

impl Group<'_> {
    /// Whether the person counts.
    #[must_use]
    pub fn is_present(&self) -> bool {
        self.latest.act.is_present()
    }

    /// The conflict, if there is one.
    #[must_use]
    pub fn conflict(&self) -> Option<Conflict> {
        if self.heads.len() < 2 {
            return None;
        }
        let present: BTreeSet<&ShelterId> = self.heads.iter().filter(|(_, step)| step.act.is_present()).map(|(_, step)| &step.shelter).collect();
        let gone = self.heads.iter().any(|(_, step)| step.act == Act::Out);
        Some(match (present.len(), gone) {
            (2.., _) => Conflict::TwoPlaces,
            (1, true) => Conflict::PresentAndGone,
            (0 | 1, _) => Conflict::Edited,
        })
    }
}

impl Roster {
    /// Every person, by the least handle. The result depends on the set of entries alone.
    #[must_use]
    pub fn groups(&self) -> Vec<Group<'_>> {
        let mut members: BTreeMap<ChainId, Vec<ChainId>> = BTreeMap::new();
        for handle in self.handles() {
            members.entry(self.named(*handle)).or_default().push(*handle);
        }
        members.into_values().filter_map(|handles| self.group(handles)).collect()
    }

    /// The person of a handle.
    #[must_use]
    pub fn person(&self, handle: ChainId) -> Option<Group<'_>> {
        let handles: Vec<ChainId> = self.linked(handle).into_iter().filter(|handle| self.chains.contains_key(handle)).collect();
        self.group(handles)
    }

    /// The latest entry of each person who counts, with its handle.
    pub fn live(&self) -> impl Iterator<Item = (ChainId, &Step)> {
        self.groups().into_iter().filter(Group::is_present).map(|group| (group.chain, group.latest)).collect::<Vec<_>>().into_iter()
    }

    fn group(&self, handles: Vec<ChainId>) -> Option<Group<'_>> {
        // An entry that another stands in for is here only where it was written, and counts no more.
        let stands = |step: &&Step| !self.stand_ins.contains_key(&step.moment.hash);
        let steps: BTreeMap<_, _> =
            handles.iter().flat_map(|handle| self.steps(handle).filter(stands).map(move |step| (&step.moment, (*handle, step)))).collect();
        let (_, (chain, latest)) = steps.last_key_value().map(|(moment, step)| (moment, *step))?;
        // Only entries of the same person count: what a stranger's entry names hides nothing here, and a link that is undone leaves everybody with a head.
        let followed: BTreeSet<&Hash32> = steps.values().flat_map(|(_, step)| &step.after).map(|hash| self.stand_ins.get(hash).unwrap_or(hash)).collect();
        let heads = steps.values().filter(|(_, step)| !followed.contains(&step.moment.hash)).copied().collect();
        Some(Group { handles, latest, chain, heads })
    }

    /// The least handle of the same person.
    fn named(&self, handle: ChainId) -> ChainId {
        // Most handles are linked with none.
        if self.links.is_empty() { handle } else { self.linked(handle).first().copied().unwrap_or(handle) }
    }

    /// The handles of one person, this one among them.
    fn linked(&self, handle: ChainId) -> BTreeSet<ChainId> {
        let (mut found, mut next) = (BTreeSet::from([handle]), vec![handle]);
        while let Some(handle) = next.pop() {
            for ((one, two), (_, verdict)) in &self.links {
                let other = match (*one == handle, *two == handle) {
                    (true, _) => *two,
                    (_, true) => *one,
                    (false, false) => continue,
                };
                if *verdict == LinkVerdict::Same && found.insert(other) {
                    next.push(other);
                }
            }
        }
        found
    }
}
