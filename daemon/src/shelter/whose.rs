//! By which handles somebody is found: an index of the codes of citizen IDs and the numbers of residents that entries name. It says who may be meant; who is, is decided by
//! the latest entry of the person.

use std::collections::{BTreeMap, BTreeSet};

use tachiai_schemas::CitizenId;
use tachiai_schemas::roster::{ChainId, Person};
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
    /// Everybody of whom some entry names one of these codes or the number of one of these residents.
    #[must_use]
    pub fn maybe<'a>(&'a self, codes: &BTreeSet<CitizenId>, numbers: &BTreeSet<String>) -> Vec<Group<'a>> {
        let numbers = numbers.iter().filter_map(|number| self.whose.numbers.get(number));
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

#[cfg(test)]
mod tests {
    use tachiai_schemas::roster::Act;
    use tachiai_schemas::shelter::PersonAct;

    use super::*;
    use crate::shelter::people::Sight;
    use crate::shelter::testing::{Hall, person};

    #[tokio::test(flavor = "multi_thread")]
    async fn somebody_is_found_by_a_code_or_a_number_that_any_entry_names_until_they_are_erased() {
        let hall = Hall::new().await;
        let (code, nobodys) = (CitizenId([3; 16]), CitizenId([5; 16]));
        let mut chains = Vec::new();
        let coded = Person { citizen: Some(code), ..person("養父　花子") };
        let listed = Person { resident: Some("4711".to_owned()), ..person("朝来　太郎") };
        for person in [coded, listed, person("印西　一")] {
            let act = PersonAct { chain: None, after: vec![], shelter: "gym".parse().unwrap(), act: Act::In, time: None, person };
            chains.push(hall.event.write_person("西村", Sight::All, act).await.unwrap().chain);
        }
        let found = |codes: &[CitizenId], numbers: &[&str]| -> Vec<ChainId> {
            let published = hall.event.published();
            let numbers = numbers.iter().map(|number| (*number).to_owned()).collect();
            published.maybe(&codes.iter().copied().collect(), &numbers).iter().flat_map(|group| group.handles.clone()).collect()
        };
        assert_eq!((found(&[code], &[]), found(&[], &["4711"]), found(&[nobodys], &["4712"])), (vec![chains[0]], vec![chains[1]], vec![]));
        assert_eq!(found(&[code, nobodys], &["4711"]).len(), 2);
        hall.event.shared.forget(&chains[..1]);
        assert_eq!((found(&[code], &[]), found(&[], &["4711"])), (vec![], vec![chains[1]]));
    }
}
