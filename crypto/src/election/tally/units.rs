//! A unit is a group of neighbouring districts whose ballots are counted together, so that no total speaks of fewer than a minimum (PROTOCOL §8.1).

/// Districts that are counted together in one contest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// The district indices in manifest order, never none.
    pub districts: Vec<u16>,
    /// The counted ballots in them.
    pub ballots: u64,
}

/// Divides the districts of a contest, given in manifest order with their counted ballots, into units (PROTOCOL §8.1): a unit is finished as soon as
/// it has `min_unit` ballots, and a remainder joins the last finished unit.
#[must_use]
pub fn units(min_unit: u32, districts: &[(u16, u64)]) -> Vec<Unit> {
    let mut finished: Vec<Unit> = Vec::new();
    let mut running = Unit { districts: Vec::new(), ballots: 0 };
    for (district, ballots) in districts {
        running.add(std::iter::once(*district), *ballots);
        if running.ballots >= u64::from(min_unit) {
            finished.push(std::mem::replace(&mut running, Unit { districts: Vec::new(), ballots: 0 }));
        }
    }
    if !running.districts.is_empty() {
        match finished.last_mut() {
            Some(last) => last.add(running.districts, running.ballots),
            None => finished.push(running),
        }
    }
    finished
}

impl Unit {
    fn add(&mut self, districts: impl IntoIterator<Item = u16>, ballots: u64) {
        self.districts.extend(districts);
        // Each ballot has a leaf of its own and leaves are numbered in 64 bits, so the sum of true counts never saturates.
        self.ballots = self.ballots.saturating_add(ballots);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unit(districts: &[u16], ballots: u64) -> Unit {
        Unit { districts: districts.to_vec(), ballots }
    }

    #[test]
    fn small_districts_merge_forwards_and_a_remainder_backwards() {
        let districts = [(0, 12), (1, 4), (2, 5), (3, 1), (4, 30), (5, 3), (6, 0)];
        assert_eq!(units(10, &districts), [unit(&[0], 12), unit(&[1, 2, 3], 10), unit(&[4, 5, 6], 33)]);
    }

    #[test]
    fn districts_below_the_minimum_together_are_the_only_unit() {
        assert_eq!(units(10, &[(3, 2), (8, 0), (9, 7)]), [unit(&[3, 8, 9], 9)]);
        assert_eq!(units(10, &[(3, 0)]), [unit(&[3], 0)]);
    }

    #[test]
    fn no_district_gives_no_unit() {
        assert_eq!(units(10, &[]), []);
    }

    #[test]
    fn without_a_minimum_every_district_is_a_unit() {
        assert_eq!(units(0, &[(1, 0), (2, 5)]), [unit(&[1], 0), unit(&[2], 5)]);
    }

    proptest! {
        #[test]
        fn units_hold_every_district_once_in_order_with_its_ballots(min in 0u32..40, counts in prop::collection::vec(0u64..30, 0..60)) {
            let districts: Vec<(u16, u64)> = (0u16..).map(|i| i * 3).zip(counts).collect();
            let units = units(min, &districts);
            let held: Vec<u16> = units.iter().flat_map(|unit| unit.districts.iter().copied()).collect();
            prop_assert_eq!(held, districts.iter().map(|(district, _)| *district).collect::<Vec<_>>());
            for unit in &units {
                let ballots: u64 = districts.iter().filter(|(district, _)| unit.districts.contains(district)).map(|(_, ballots)| ballots).sum();
                prop_assert_eq!(unit.ballots, ballots);
            }
        }

        #[test]
        fn no_unit_is_below_the_minimum_when_the_whole_is_not(min in 1u32..40, counts in prop::collection::vec(0u64..30, 1..60)) {
            let total: u64 = counts.iter().sum();
            let districts: Vec<(u16, u64)> = (0u16..).zip(counts).collect();
            let units = units(min, &districts);
            if total >= u64::from(min) {
                prop_assert!(units.iter().all(|unit| unit.ballots >= u64::from(min)));
            } else {
                prop_assert_eq!(units.len(), 1);
            }
        }

        #[test]
        fn no_unit_but_the_last_holds_more_districts_than_it_needs(min in 1u32..40, counts in prop::collection::vec(0u64..30, 1..60)) {
            let districts: Vec<(u16, u64)> = (0u16..).zip(counts.iter().copied()).collect();
            let units = units(min, &districts);
            for unit in &units[..units.len() - 1] {
                let last = usize::from(*unit.districts.last().unwrap());
                prop_assert!(unit.ballots - counts[last] < u64::from(min));
            }
        }
    }
}
