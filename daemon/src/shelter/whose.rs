//! By which handles somebody is found: an index of the codes of citizen IDs and the numbers of residents that entries name. It says who may be meant; who is, is decided by
//! the latest entry of the person.

use std::collections::{BTreeMap, BTreeSet};

use tachiai_schemas::CitizenId;
use tachiai_schemas::roster::{ChainId, Person};
use tachiai_schemas::shelter::index::Residents;
use tachiai_verify::roster::groups::Group;

use super::ledger::Published;

/// The handles of entries, by whom they name. There is no `Debug`: it must not reach a log.
#[derive(Default)]
pub struct Whose {
    codes: BTreeMap<CitizenId, BTreeSet<ChainId>>,
    numbers: BTreeMap<String, BTreeSet<ChainId>>,
}

impl Whose {
    /// Takes over whom an entry of a handle names.
    pub fn apply(&mut self, chain: ChainId, person: &Person) {
        if let Some(code) = person.citizen {
            self.codes.entry(code).or_default().insert(chain);
        }
        if let Some(number) = &person.resident {
            self.numbers.entry(number.clone()).or_default().insert(chain);
        }
    }

    /// Forgets whom entries of these handles named.
    pub fn forget(&mut self, handles: &[ChainId]) {
        let is_left = |chains: &mut BTreeSet<ChainId>| {
            chains.retain(|chain| !handles.contains(chain));
            !chains.is_empty()
        };
        self.codes.retain(|_, chains| is_left(chains));
        self.numbers.retain(|_, chains| is_left(chains));
    }
}

impl Published {
    /// Everybody of whom some entry names one of these codes, or a resident who has one by the register.
    #[must_use]
    pub fn maybe<'a>(&'a self, codes: &BTreeSet<CitizenId>, residents: &Residents) -> Vec<Group<'a>> {
        let numbers = codes.iter().flat_map(|code| residents.by_citizen(*code)).filter_map(|resident| self.whose.numbers.get(&resident.number));
        let chains: BTreeSet<ChainId> = codes.iter().filter_map(|code| self.whose.codes.get(code)).chain(numbers).flatten().copied().collect();
        let mut groups: Vec<Group<'a>> = Vec::new();
        for chain in chains {
            if groups.iter().all(|group| !group.handles.contains(&chain)) {
                groups.extend(self.roster.person(chain));
            }
        }
        groups
    }
}
