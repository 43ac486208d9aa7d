use proptest::prelude::*;

use super::*;

fn totals(ages: &[u64], stays: &[u64], care: u64) -> [u64; FLAGS] {
    let persons: u64 = ages.iter().sum();
    let mut totals = [0; FLAGS];
    totals[0] = persons;
    totals[1..=7].copy_from_slice(ages);
    totals[8..=10].copy_from_slice(stays);
    for need in Need::ALL {
        totals[Flag::Need(need).index()] = 0;
        totals[Flag::WithoutNeed(need).index()] = persons;
    }
    totals[Flag::Need(Need::Care).index()] = care;
    totals[Flag::WithoutNeed(Need::Care).index()] = persons - care;
    totals
}

fn row(shelter: Option<&str>, totals: [u64; FLAGS]) -> Row {
    Row { shelter: shelter.map(|id| id.parse().unwrap()), persons: totals[0], shown: FlagSet::ALL, totals, known: [None; FLAGS] }
}

/// The event's row before those of its shelters.
fn table(shelters: &[[u64; FLAGS]]) -> Vec<Row> {
    let sum = std::array::from_fn(|index| shelters.iter().map(|totals| totals[index]).sum());
    let shelters = (0..).zip(shelters).map(|(number, totals)| row(Some(&format!("s{number}")), *totals));
    std::iter::once(row(None, sum)).chain(shelters).collect()
}

fn chosen(mut rows: Vec<Row>, least: u64) -> Vec<Row> {
    let shown = choose(&rows, least, &BTreeMap::new(), &BTreeMap::new()).unwrap();
    rows.iter_mut().zip(shown).for_each(|(row, shown)| row.shown = shown);
    rows
}

#[test]
fn totals_of_many_are_all_told() {
    let rows = table(&[totals(&[0, 10, 10, 40, 20, 20, 0], &[100, 0, 0], 20), totals(&[0, 0, 10, 30, 10, 10, 0], &[60, 0, 0], 10)]);
    assert_eq!(check(&rows, 10), Ok(()));
    assert!(chosen(rows, 10).iter().all(|row| row.shown == FlagSet::ALL));
}

#[test]
fn a_small_total_is_not_told_nor_what_it_follows_from() {
    let rows = table(&[totals(&[0, 3, 17, 40, 20, 20, 0], &[100, 0, 0], 20), totals(&[0, 12, 18, 30, 10, 10, 0], &[80, 0, 0], 10)]);
    let infants = Flag::Age(AgeBand::Preschool);
    let refused = |change: &dyn Fn(&mut Vec<Row>)| {
        let mut rows = rows.clone();
        change(&mut rows);
        check(&rows, 10).unwrap_err()
    };
    assert!(refused(&|_| ()).contains("too few people"));
    // Left out alone it is what the others of its row leave.
    assert!(refused(&|rows| rows[1].shown = FlagSet::ALL.without(infants)).contains("leave too few"));
    // With another of its row, it is what the event's total and the other shelter leave.
    let two = FlagSet::ALL.without(infants).without(Flag::Age(AgeBand::School));
    assert!(refused(&|rows| rows[1].shown = two).contains("leaves too few"));
    // With the event's as well it is what the row and the column leave together.
    assert!(
        refused(&|rows| {
            rows[0].shown = FlagSet::ALL.without(infants);
            rows[1].shown = two;
        })
        .contains("follows")
    );
    let rows = chosen(rows, 10);
    assert_eq!(check(&rows, 10), Ok(()));
    assert!(!rows[1].shown.contains(infants));
    assert!(rows[1].shown.contains(Flag::Age(AgeBand::Adult)), "more is hidden than needed");
    assert!(rows[2].shown.contains(Flag::Need(Need::Care)));
}

#[test]
fn that_everybody_has_a_need_is_not_told() {
    let rows = table(&[totals(&[0, 0, 0, 30, 0, 0, 0], &[30, 0, 0], 30), totals(&[0, 0, 0, 40, 0, 0, 0], &[40, 0, 0], 10)]);
    assert!(check(&rows, 10).is_err());
    let rows = chosen(rows, 10);
    assert!(!rows[1].shown.contains(Flag::Need(Need::Care)) && !rows[1].shown.contains(Flag::WithoutNeed(Need::Care)));
    assert_eq!(check(&rows, 10), Ok(()));
}

#[test]
fn a_shelter_with_few_people_follows_from_nothing() {
    let rows = table(&[totals(&[0, 0, 0, 3, 0, 0, 0], &[3, 0, 0], 1), totals(&[0, 0, 20, 40, 0, 20, 0], &[80, 0, 0], 20)]);
    let rows = chosen(rows, 10);
    assert!(rows[1].shown.is_empty());
    // The event's adults less the other shelter's would be the three.
    let adults = Flag::Age(AgeBand::Adult);
    assert!(!(rows[0].shown.contains(adults) && rows[2].shown.contains(adults)));
    assert_eq!(check(&rows, 10), Ok(()));
}

#[test]
fn what_was_told_of_an_unchanged_shelter_is_told_again_or_nothing_is() {
    let rows = table(&[totals(&[0, 3, 17, 40, 20, 20, 0], &[100, 0, 0], 20), totals(&[0, 12, 18, 30, 10, 10, 0], &[80, 0, 0], 10)]);
    let shown = FlagSet::ALL.without(Flag::Age(AgeBand::Preschool)).without(Flag::Age(AgeBand::School));
    let fixed = BTreeMap::from([(rows[1].shelter.clone(), shown)]);
    let told = choose(&rows, 10, &fixed, &BTreeMap::new()).unwrap();
    assert_eq!(told[1], shown);
    let mut rows = rows;
    rows.iter_mut().zip(told).for_each(|(row, shown)| row.shown = shown);
    assert_eq!(check(&rows, 10), Ok(()));
    // Two rows that were told so cannot be told together with a total that gives the small one away.
    let all = BTreeMap::from([(None, FlagSet::ALL), (rows[1].shelter.clone(), shown), (rows[2].shelter.clone(), FlagSet::ALL)]);
    assert_eq!(choose(&rows, 10, &all, &BTreeMap::new()), None);
}

/// Whether a cell that is not told has one value in every table that agrees with what is told: by linear algebra over a prime field.
fn determined(rows: &[Row], group: &[Flag]) -> bool {
    determined_cells(rows, group, |row, flag| row.told(flag).is_none()).next().is_some()
}

/// The cells of those that are hidden that have one value in every such table.
fn determined_cells(rows: &[Row], group: &[Flag], is_hidden: impl Fn(&Row, Flag) -> bool) -> impl Iterator<Item = (usize, Flag)> {
    const PRIME: u128 = (1 << 61) - 1;
    let cells: Vec<(usize, Flag)> =
        (0..rows.len()).flat_map(|row| group.iter().map(move |flag| (row, *flag))).filter(|(row, flag)| is_hidden(&rows[*row], *flag)).collect();
    let at = |row: usize, flag: Flag| cells.iter().position(|cell| *cell == (row, flag));
    let mut equations: Vec<Vec<u128>> = Vec::new();
    for row in 0..rows.len() {
        let mut equation = vec![0; cells.len()];
        group.iter().filter_map(|flag| at(row, *flag)).for_each(|cell| equation[cell] = 1);
        equations.push(equation);
    }
    for flag in group {
        let mut equation = vec![0; cells.len()];
        (0..rows.len()).filter_map(|row| at(row, *flag).map(|cell| (row, cell))).for_each(|(row, cell)| equation[cell] = if row == 0 { PRIME - 1 } else { 1 });
        equations.push(equation);
    }
    let invert = |value: u128| {
        (0..61).fold((1, value), |(result, base), bit| (if (PRIME - 2) >> bit & 1 == 1 { result * base % PRIME } else { result }, base * base % PRIME)).0
    };
    let mut reduced: Vec<Vec<u128>> = Vec::new();
    for column in 0..cells.len() {
        let Some(pivot) = equations.iter().position(|equation| equation[column] != 0) else { continue };
        let mut row = equations.swap_remove(pivot);
        let inverse = invert(row[column]);
        row.iter_mut().for_each(|value| *value = *value * inverse % PRIME);
        for other in equations.iter_mut().chain(&mut reduced) {
            let factor = other[column];
            other.iter_mut().zip(&row).for_each(|(value, by)| *value = (*value + PRIME - factor * by % PRIME) % PRIME);
        }
        reduced.push(row);
    }
    let alone = reduced.into_iter().filter(|row| row.iter().filter(|value| **value != 0).count() == 1);
    alone.filter_map(move |row| row.iter().position(|value| *value != 0).and_then(|cell| cells.get(cell).copied())).collect::<Vec<_>>().into_iter()
}

fn tables() -> impl Strategy<Value = Vec<Row>> {
    let ages = proptest::collection::vec(prop_oneof![Just(0), 1u64..9, 10u64..60], 7);
    proptest::collection::vec((ages, 0u64..100, 0u64..100), 1..6).prop_map(|shelters| {
        let of = |(ages, home, care): (Vec<u64>, u64, u64)| {
            let persons: u64 = ages.iter().sum();
            let home = home.min(persons);
            totals(&ages, &[persons - home, home, 0], care.min(persons))
        };
        table(&shelters.into_iter().map(of).collect::<Vec<_>>())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_chosen_is_allowed_and_nothing_hidden_follows_by_linear_algebra(rows in tables()) {
        prop_assume!(rows[0].persons >= 10);
        let rows = chosen(rows, 10);
        prop_assert_eq!(check(&rows, 10), Ok(()));
        for group in groups() {
            prop_assert!(!determined(&rows, &group));
        }
    }

    #[test]
    fn with_what_is_known_from_elsewhere_no_total_of_a_shelter_follows_and_no_small_rest_is_left(rows in tables(), known in proptest::collection::vec(0u32..1 << FLAGS, 6)) {
        prop_assume!(rows[0].persons >= 10);
        let mut rows = rows;
        let mut fixed = BTreeMap::new();
        for (row, bits) in rows.iter_mut().zip(known).skip(1) {
            let flags = FlagSet::try_from(bits).unwrap();
            let large: Vec<Flag> = flags.iter().skip(1).filter(|flag| row.is_large(*flag, 10)).collect();
            for flag in large {
                row.known[flag.index()] = Some(row.totals[flag.index()]);
                fixed.insert(row.shelter.clone(), FlagSet::NONE);
            }
        }
        let Some(shown) = choose(&rows, 10, &fixed, &BTreeMap::new()) else { return Ok(()) };
        rows.iter_mut().zip(shown).for_each(|(row, shown)| row.shown = shown);
        for group in groups() {
            let hidden = |row: &Row, flag| row.at_most(flag).is_none();
            prop_assert!(!determined_cells(&rows, &group, hidden).any(|(row, _)| row > 0));
            for flag in group.iter().filter(|flag| rows[0].told(**flag).is_some()) {
                let left: Vec<u64> = rows[1..].iter().filter(|row| hidden(row, *flag)).map(|row| row.totals[flag.index()]).collect();
                prop_assert!(left.is_empty() || left.iter().sum::<u64>() >= 10);
            }
        }
    }

    #[test]
    fn a_bridge_is_a_cell_that_follows(rows in tables(), hidden in proptest::collection::vec(0u32..1 << FLAGS, 6)) {
        let mut rows = rows;
        for (row, bits) in rows.iter_mut().zip(hidden) {
            row.shown = FlagSet::try_from(bits).unwrap();
        }
        for group in groups() {
            prop_assert_eq!(follows(&rows, &group).is_some(), determined(&rows, &group));
        }
    }
}
