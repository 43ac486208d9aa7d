//! People of different handles who are present and may be one, for the headquarters: it depends on whom the register protects.
//!
//! What people are compared by is taken while the roster is held, and compared outside of it. Of one name, everybody is compared with those who are next by birth or age,
//! and with the first of whom no age is known, [`NEIGHBOURS`] of each: of thousands whose name nobody could write down not every two are compared, and a group is told
//! with [`MAX_SHOWN`] of them and how many more there are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

use tachiai_crypto::hash::Hash32;
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::person::Birth;
use tachiai_schemas::roster::{ChainId, LinkVerdict};
use tachiai_schemas::shelter::likeness::Traits;
use tachiai_schemas::shelter::{Alike, Duplicates};

use super::kept::LookedBy;
use super::ledger::Published;
use super::register::protected::Protected;
use super::{Event, offload};
use crate::refused::Refused;

/// With how many others of one name somebody is compared on each side.
const NEIGHBOURS: usize = 64;

/// How many people of a group are shown.
const MAX_SHOWN: usize = 50;

/// Somebody who is present, as far as it is compared.
struct One {
    handles: Vec<ChainId>,
    traits: Traits,
    birth: Birth,
    is_hidden: bool,
}

/// Everybody who is present and whose entry opens.
#[derive(Default)]
struct Present {
    people: Vec<One>,
    by_key: BTreeMap<String, Vec<usize>>,
    by_resident: BTreeMap<usize, BTreeSet<usize>>,
}

impl Present {
    fn of(published: &Published, protected: &Protected, on: Day) -> Self {
        let mut present = Self::default();
        for group in published.roster.groups().into_iter().filter(tachiai_verify::roster::groups::Group::is_present) {
            let Some(person) = published.people.person(&group.latest.moment.hash) else { continue };
            let (place, traits) = (present.people.len(), Traits::of(person));
            for key in traits.keys() {
                present.by_key.entry(key.clone()).or_default().push(place);
            }
            if let Some(resident) = protected.perhaps(person, on) {
                present.by_resident.entry(resident).or_default().insert(place);
            }
            let is_hidden = published.people.is_hidden_by(&group, |person| protected.fits(person));
            present.people.push(One { birth: person.birth, traits, is_hidden, handles: group.handles });
        }
        present
    }

    /// Groups of those who may be one, by their places: the most alike first.
    fn alike(self, on: Day) -> (Vec<One>, Vec<(Alike, BTreeSet<usize>)>) {
        let Self { people, by_key, by_resident } = self;
        let mut found: BTreeMap<(Alike, String), BTreeSet<usize>> = BTreeMap::new();
        for (key, places) in by_key.into_iter().filter(|(_, places)| places.len() > 1) {
            each_pair(&people, &places, on, |one, other| {
                let (Some(a), Some(b)) = (people.get(one), people.get(other)) else { return };
                let Some(alike) = a.traits.alike(&b.traits, on) else { return };
                let alike = if a.is_hidden || b.is_hidden { Alike::Protected } else { alike };
                found.entry((alike, key.clone())).or_default().extend([one, other]);
            });
        }
        let of_register = by_resident.into_values().filter(|places| places.len() > 1).map(|places| (Alike::Protected, places));
        let mut seen: BTreeSet<BTreeSet<usize>> = BTreeSet::new();
        let groups = of_register.chain(found.into_iter().map(|((alike, _), places)| (alike, places)));
        let groups = groups.filter(|(_, places)| seen.insert(places.clone())).collect();
        (people, groups)
    }
}

/// Gives the pairs of one name that are compared. Each is beside those who are about as old, so that with few of a name it is every pair.
fn each_pair(people: &[One], places: &[usize], on: Day, mut pair: impl FnMut(usize, usize)) {
    let age = |place: &usize| {
        let birth = people.get(*place).map(|one| one.birth)?;
        let day = if let Birth::Day(day) = birth { Some(day) } else { None };
        Some((birth.years(on)?, day))
    };
    let (mut aged, ageless): (Vec<usize>, Vec<usize>) = places.iter().partition(|place| age(place).is_some());
    aged.sort_by_key(age);
    for side in [&aged, &ageless] {
        for (n, one) in side.iter().enumerate() {
            side.iter().skip(n + 1).take(NEIGHBOURS).for_each(|other| pair(*one, *other));
        }
    }
    for one in &ageless {
        aged.iter().take(NEIGHBOURS).for_each(|other| pair(*one, *other));
    }
    for one in aged.iter().skip(NEIGHBOURS) {
        ageless.iter().take(NEIGHBOURS).for_each(|other| pair(*one, *other));
    }
}

/// Whether officials have not found everybody of a group to be somebody else.
fn is_open(published: &Published, people: &[One], places: &BTreeSet<usize>) -> bool {
    let apart = |one: &One, other: &One| {
        one.handles
            .iter()
            .any(|one| other.handles.iter().any(|other| published.roster.link(*one, *other).is_some_and(|(_, verdict)| verdict == LinkVerdict::Apart)))
    };
    let people: Vec<&One> = places.iter().filter_map(|place| people.get(*place)).collect();
    people.iter().enumerate().any(|(n, one)| people.iter().skip(n + 1).any(|other| !apart(one, other)))
}

/// How many of some who are in groups may be others of them: whoever is in two groups makes one of them.
fn count(people: usize, groups: impl Iterator<Item = BTreeSet<usize>>) -> u64 {
    let mut above: Vec<usize> = (0..people).collect();
    let root = |above: &mut Vec<usize>, mut place: usize| {
        while let Some(up) = above.get(place).copied().filter(|up| *up != place) {
            // Half of the way is forgotten, so that it is short the next time.
            let over = above.get(up).copied().unwrap_or(up);
            if let Some(of) = above.get_mut(place) {
                *of = over;
            }
            place = over;
        }
        place
    };
    let mut joined = 0;
    for group in groups {
        let mut members = group.into_iter();
        let Some(first) = members.next() else { continue };
        for other in members {
            let (one, two) = (root(&mut above, first), root(&mut above, other));
            if one != two {
                joined += 1;
                if let Some(of) = above.get_mut(one.max(two)) {
                    *of = one.min(two);
                }
            }
        }
    }
    joined
}

/// What was counted, and of what.
pub(super) struct Counted {
    size: u64,
    erased: usize,
    protected: Arc<Protected>,
    root: Hash32,
    doubles: u64,
}

impl Event {
    /// People of different handles who are present and may be one: whoever is under protection first. Whom officials found to be two is left out.
    ///
    /// # Errors
    /// [`tachiai_schemas::Refusal::Fault`].
    pub async fn duplicates(self: &Arc<Self>, by: &str) -> Result<Vec<Duplicates>, Refused> {
        let this = Arc::clone(self);
        let found = offload(move || {
            let (on, protected) = (this.began()?, this.register.protected());
            // The roster is let go before anything is compared.
            let present = Present::of(&this.published(), &protected, on);
            let (people, groups) = present.alike(on);
            let published = this.published();
            let view = |place: &usize| {
                let handle = *people.get(*place)?.handles.first()?;
                published.roster.person(handle).map(|group| published.people.view(&group))
            };
            let shown = |(alike, places): (Alike, BTreeSet<usize>)| Duplicates {
                alike,
                people: places.iter().take(MAX_SHOWN).filter_map(view).collect(),
                more: places.len().saturating_sub(MAX_SHOWN) as u64,
            };
            Ok(groups.into_iter().filter(|(_, places)| is_open(&published, &people, places)).map(shown).collect::<Vec<_>>())
        })
        .await?;
        let handles: BTreeSet<ChainId> = found.iter().flat_map(|group| group.people.iter().flat_map(|view| view.handles.clone())).collect();
        self.looked(by, LookedBy::Duplicates, handles.into_iter().collect()).await?;
        Ok(found)
    }

    /// How many of those who count may be others who count. It is counted once for what the roster and the register say.
    ///
    /// # Errors
    /// [`tachiai_schemas::Refusal::NotFound`] before the event is declared.
    pub fn doubles(&self) -> Result<u64, Refused> {
        let (on, protected, erased) = (self.began()?, self.register.protected(), self.private.state().erased.len());
        // One counts, and whoever asks meanwhile waits for that.
        let mut counted = self.doubles.lock().unwrap_or_else(PoisonError::into_inner);
        let (size, root, present) = {
            let published = self.published();
            let (size, root) = (published.roster.len(), published.tree.root());
            let is_same = |of: &&Counted| of.size == size && of.root == root && of.erased == erased && Arc::ptr_eq(&of.protected, &protected);
            if let Some(known) = counted.as_ref().filter(is_same) {
                return Ok(known.doubles);
            }
            (size, root, Present::of(&published, &protected, on))
        };
        let (people, groups) = present.alike(on);
        let open: Vec<BTreeSet<usize>> = {
            let published = self.published();
            groups.into_iter().map(|(_, places)| places).filter(|places| is_open(&published, &people, places)).collect()
        };
        let doubles = count(people.len(), open.into_iter());
        *counted = Some(Counted { size, erased, protected, root, doubles });
        Ok(doubles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tachiai_schemas::roster::person::Identified;
    use tachiai_schemas::roster::{Person, Stay};

    fn on() -> Day {
        Day::read("2026-09-01").unwrap()
    }

    /// People of one name, by their births.
    fn of_one_name(births: impl Iterator<Item = Birth>) -> Present {
        let mut present = Present::default();
        for (place, birth) in births.enumerate() {
            let traits = Traits::of(&Person { name: "不明".to_owned(), birth, ..Person::unknown(Identified::Typed, Stay::Shelter) });
            traits.keys().for_each(|key| present.by_key.entry(key.clone()).or_default().push(place));
            present.people.push(One { handles: Vec::new(), traits, birth, is_hidden: false });
        }
        present
    }

    #[test]
    fn of_few_of_a_name_every_two_are_compared() {
        let births = ["1950-04-01", "1980-02-17", "1950-04-01"].map(|day| Birth::Day(Day::read(day).unwrap()));
        let present = of_one_name(births.into_iter().chain([Birth::Unknown, Birth::Years(45), Birth::Unknown]));
        let mut pairs = BTreeSet::new();
        each_pair(&present.people, &[0, 1, 2, 3, 4, 5], on(), |one, other| {
            pairs.insert((one.min(other), one.max(other)));
        });
        assert_eq!(pairs.len(), 15);
    }

    #[test]
    fn thousands_of_one_name_are_one_group_after_a_few_comparisons_of_each() {
        const MANY: usize = 5_000;
        let birth = |n: usize| if n.is_multiple_of(2) { Birth::Unknown } else { Birth::Years(u8::try_from(n % 90).unwrap()) };
        let present = of_one_name((0..MANY).map(birth));
        let mut compared = 0;
        each_pair(&present.people, &(0..MANY).collect::<Vec<_>>(), on(), |_, _| compared += 1);
        assert!(compared <= 2 * MANY * NEIGHBOURS, "{compared} comparisons");
        let (people, groups) = present.alike(on());
        assert!(groups.iter().any(|(alike, places)| *alike == Alike::Name && places.len() == MANY));
        assert_eq!(count(people.len(), groups.into_iter().map(|(_, places)| places)), MANY as u64 - 1);
    }

    #[test]
    fn whoever_is_in_two_groups_makes_one_of_them() {
        assert_eq!(count(7, [BTreeSet::from([0, 1]), [2, 3].into(), [1, 2].into(), [4, 5].into()].into_iter()), 4);
    }
}
