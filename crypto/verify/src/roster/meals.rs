//! Meals by shelter (食数): what the people who count there may eat, as far as their entries are opened.

use std::collections::BTreeMap;

use tachiai_schemas::roster::{AgeBand, Need, ShelterId};
use tachiai_schemas::shelter::overview::{Meals, MealsWithout};

use super::Roster;
use super::people::People;

impl People {
    /// The meals of each shelter that is open or has people. Of whom nothing is opened here is to be asked.
    #[must_use]
    pub fn meals(&self, roster: &Roster) -> Vec<Meals> {
        let totals = self.totals(roster);
        let mut meals: BTreeMap<&ShelterId, (Meals, BTreeMap<Vec<String>, u64>)> = BTreeMap::new();
        for (shelter, totals) in &totals {
            let heads = totals.heads.filter(|heads| u64::from(*heads) > totals.present);
            let of = Meals { shelter: shelter.clone(), persons: totals.present, infants: 0, plain: 0, without: Vec::new(), to_ask: 0, heads };
            meals.insert(shelter, (of, BTreeMap::new()));
        }
        for (_, step) in roster.live() {
            let Some((meals, without)) = meals.get_mut(&step.shelter) else { continue };
            let Some(person) = self.person(&step.moment.hash) else {
                meals.to_ask += 1;
                continue;
            };
            let is_infant = person.birth.band(self.began()) == AgeBand::Infant;
            let is_said = !person.allergies.is_empty();
            match (is_infant, is_said) {
                (true, _) => meals.infants += 1,
                (false, true) => *without.entry(person.allergies.clone()).or_default() += 1,
                (false, false) if person.needs.contains(&Need::Food) => meals.to_ask += 1,
                (false, false) => meals.plain += 1,
            }
        }
        let listed = |without: BTreeMap<Vec<String>, u64>| without.into_iter().map(|(without, meals)| MealsWithout { without, meals }).collect();
        meals.into_values().map(|(of, without)| Meals { without: listed(without), ..of }).collect()
    }
}
