//! Which totals may be told without telling about few people (PROTOCOL §18.3): no total under the least group, none that follows from what is told, and nothing by
//! the difference of two statements.
//!
//! The totals stand in a table: a row for the whole event and one for each shelter where somebody counts, a column for each flag. The cells of a row within one
//! group of flags add up to the people of the row; the cells of a column over the shelters add up to the cell of the event. Cells that are not told are the edges
//! of a graph between rows and columns; such a cell follows from what is told exactly if its edge is a bridge (Gusfield, "A graph theoretic approach to
//! statistical data security", SIAM J. Comput. 17(3), 1988).

use std::collections::BTreeMap;

use tachiai_crypto::roster::shown::FlagSet;
use tachiai_crypto::roster::{AgeBand, FLAGS, Flag, Need, Stay};
use tachiai_schemas::roster::ShelterId;

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The shelter; none is the whole event.
    pub shelter: Option<ShelterId>,
    /// How many people count there, which everybody can see.
    pub persons: u64,
    /// Which totals are told.
    pub shown: FlagSet,
    /// The totals; only those that are told are looked at when a table is checked.
    pub totals: [u64; FLAGS],
    /// Of totals that are not told: the most that they can be, where another statement told them and too few people came or left in between.
    pub known: [Option<u64>; FLAGS],
}

/// What would be told about few people.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Leak {
    /// A total is small, or says the same of everybody.
    Cell { row: usize, flag: Flag },
    /// What the told cells of a group leave of the row is small.
    RowRest { row: usize, group: usize },
    /// What the told cells of shelters leave of the event's is small.
    ColumnRest { flag: Flag },
    /// A cell that is not told follows from those that are.
    Follows { row: usize, group: usize, flag: Flag },
}

/// The groups of flags: each person has exactly one of each.
fn groups() -> Vec<Vec<Flag>> {
    let ages = AgeBand::ALL.map(Flag::Age).to_vec();
    let stays = Stay::ALL.map(Flag::Stay).to_vec();
    let needs = Need::ALL.map(|need| vec![Flag::Need(need), Flag::WithoutNeed(need)]);
    [ages, stays].into_iter().chain(needs).collect()
}

/// The flags of the same group, this one among them.
fn group_of(flag: Flag) -> Vec<Flag> {
    groups().into_iter().find(|group| group.contains(&flag)).unwrap_or_default()
}

impl Row {
    fn total(&self, flag: Flag) -> u64 {
        self.totals.get(flag.index()).copied().unwrap_or(0)
    }

    /// The total, where it is told or nobody is there.
    fn told(&self, flag: Flag) -> Option<u64> {
        match (self.persons, self.shown.contains(flag)) {
            (0, _) => Some(0),
            (_, true) => Some(self.total(flag)),
            (_, false) => None,
        }
    }

    /// The total, where it is told, or the most that it can be, where another statement gives it away but for few people.
    fn at_most(&self, flag: Flag) -> Option<u64> {
        self.told(flag).or_else(|| self.known.get(flag.index()).copied().flatten())
    }

    /// Whether a total may be told by itself.
    fn is_large(&self, flag: Flag, least: u64) -> bool {
        let large = |total: u64| total == 0 || total >= least;
        match flag {
            // That everybody has a need is told of each of them.
            Flag::Need(_) => large(self.total(flag)) && large(self.persons.saturating_sub(self.total(flag))) && self.total(flag) < self.persons,
            Flag::WithoutNeed(_) => large(self.total(flag)) && large(self.persons.saturating_sub(self.total(flag))) && self.total(flag) > 0,
            Flag::Present | Flag::Age(_) | Flag::Stay(_) => large(self.total(flag)),
        }
    }
}

/// Flags by scope.
pub type Flags = BTreeMap<Option<ShelterId>, FlagSet>;

/// Whether a table tells nothing about fewer than `least` people. The first row is the whole event; there is a row for each shelter where somebody counts.
///
/// # Errors
/// What it would tell, in words.
pub fn check(rows: &[Row], least: u64) -> Result<(), String> {
    leak(rows, least).map_or(Ok(()), |leak| Err(leak.say(rows)))
}

fn leak(rows: &[Row], least: u64) -> Option<Leak> {
    let groups = groups();
    for (index, row) in rows.iter().enumerate() {
        if let Some(flag) = row.shown.iter().find(|flag| !row.is_large(*flag, least)) {
            return Some(Leak::Cell { row: index, flag });
        }
        for (number, group) in groups.iter().enumerate() {
            let told: Vec<u64> = group.iter().filter_map(|flag| row.told(*flag)).collect();
            let rest = row.persons.saturating_sub(told.iter().sum());
            if !told.is_empty() && told.len() < group.len() && rest < least {
                return Some(Leak::RowRest { row: index, group: number });
            }
        }
    }
    let (event, shelters) = rows.split_first()?;
    for flag in Flag::all().skip(1) {
        let Some(total) = event.told(flag) else { continue };
        // By itself, and with what other statements give away.
        for seen in [Row::told, Row::at_most] {
            let told: Vec<u64> = shelters.iter().filter_map(|row| seen(row, flag)).collect();
            if told.len() < shelters.len() && total.saturating_sub(told.iter().sum()) < least {
                return Some(Leak::ColumnRest { flag });
            }
        }
    }
    groups.iter().enumerate().find_map(|(number, group)| follows(rows, group).map(|(row, flag)| Leak::Follows { row, group: number, flag }))
}

/// A cell of a group that is not told and yet follows. With what other statements told it follows but for few people, which is said of shelters alone: of the event,
/// such a cell is as large as those that it follows from.
fn follows(rows: &[Row], group: &[Flag]) -> Option<(usize, Flag)> {
    let exact = bridges(rows, group, |row, flag| row.told(flag).is_none());
    let nearly = || bridges(rows, group, |row, flag| row.at_most(flag).is_none()).into_iter().find(|(row, _)| *row > 0);
    exact.into_iter().next().or_else(nearly)
}

/// The cells of a group that follow where these are hidden: an edge that is a bridge of the graph whose nodes are rows and flags.
fn bridges(rows: &[Row], group: &[Flag], is_hidden: impl Fn(&Row, Flag) -> bool) -> Vec<(usize, Flag)> {
    let hidden: Vec<(usize, Flag)> =
        rows.iter().enumerate().flat_map(|(row, of)| group.iter().filter(|flag| is_hidden(of, **flag)).map(move |flag| (row, *flag))).collect();
    let mut graph = Graph::default();
    for (edge, (row, flag)) in hidden.iter().enumerate() {
        for (one, other) in [(Node::Row(*row), Node::Flag(flag.index())), (Node::Flag(flag.index()), Node::Row(*row))] {
            graph.edges.entry(one).or_default().push((other, edge));
        }
    }
    let nodes: Vec<Node> = graph.edges.keys().copied().collect();
    for node in nodes.into_iter().filter(|node| matches!(node, Node::Row(_))) {
        graph.visit(node, None);
    }
    graph.bridges.into_iter().filter_map(|edge| hidden.get(edge).copied()).collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Row(usize),
    Flag(usize),
}

/// Finds the bridges by one search in depth (Tarjan, "A note on finding the bridges of a graph", Inf. Process. Lett. 2, 1974).
#[derive(Default)]
struct Graph {
    edges: BTreeMap<Node, Vec<(Node, usize)>>,
    order: BTreeMap<Node, usize>,
    bridges: Vec<usize>,
}

impl Graph {
    /// Visits a node over an edge; gives the earliest node that is reached from there without this edge.
    fn visit(&mut self, node: Node, over: Option<usize>) -> usize {
        if let Some(order) = self.order.get(&node) {
            return *order;
        }
        let order = self.order.len();
        self.order.insert(node, order);
        let mut earliest = order;
        for (other, edge) in self.edges.get(&node).cloned().unwrap_or_default() {
            if Some(edge) != over {
                earliest = earliest.min(self.visit(other, Some(edge)));
            }
        }
        self.bridges.extend(over.filter(|_| earliest == order));
        earliest
    }
}

impl Leak {
    fn say(&self, rows: &[Row]) -> String {
        let name =
            |row: usize| rows.get(row).and_then(|row| row.shelter.as_ref()).map_or_else(|| "the event".to_owned(), |shelter| format!("shelter {shelter}"));
        match self {
            Self::Cell { row, flag } => format!("total {} of {} is about too few people", flag.index(), name(*row)),
            Self::RowRest { row, group } => format!("the totals of group {group} of {} leave too few people", name(*row)),
            Self::ColumnRest { flag } => format!("total {} of the event less those of shelters leaves too few people", flag.index()),
            Self::Follows { row, group: _, flag } => format!("total {} of {} is not told and follows from those that are", flag.index(), name(*row)),
        }
    }
}

/// Chooses what may be told of a table of true totals, as much as it finds: cells are left out one after the other until nothing leaks. Rows in `fixed` tell what they
/// told before, since nothing changed there; none in `never` is told. `None` if there is no way with them.
#[must_use]
pub fn choose(rows: &[Row], least: u64, fixed: &Flags, never: &Flags) -> Option<Vec<FlagSet>> {
    let mut rows = rows.to_vec();
    let is_fixed: Vec<bool> = rows.iter().map(|row| fixed.contains_key(&row.shelter)).collect();
    for row in &mut rows {
        row.shown = match fixed.get(&row.shelter) {
            Some(shown) => *shown,
            None if row.persons < least => FlagSet::NONE,
            None => {
                let never = never.get(&row.shelter).copied().unwrap_or(FlagSet::NONE);
                Flag::all().filter(|flag| row.is_large(*flag, least) && !never.contains(*flag)).collect()
            }
        };
    }
    while let Some(leak) = leak(&rows, least) {
        let group = match leak {
            Leak::Cell { flag, .. } | Leak::ColumnRest { flag } | Leak::Follows { flag, .. } => group_of(flag),
            Leak::RowRest { group, .. } => groups().into_iter().nth(group)?,
        };
        // The least cell that helps goes: in the same row, else in the same column, else anywhere in the group.
        let (row, column) = match leak {
            Leak::Cell { row, flag } => (Some(row), Some(flag)),
            Leak::RowRest { row, .. } => (Some(row), None),
            Leak::ColumnRest { flag } => (None, Some(flag)),
            Leak::Follows { row, flag, .. } => (Some(row), Some(flag)),
        };
        let mut cells: Vec<(usize, Flag)> = Vec::new();
        for (index, of) in rows.iter().enumerate().filter(|(index, of)| of.persons > 0 && !is_fixed.get(*index).copied().unwrap_or(true)) {
            cells.extend(group.iter().filter(|flag| of.shown.contains(**flag)).map(|flag| (index, *flag)));
        }
        let rank = |(index, flag): &(usize, Flag)| {
            let near = match leak {
                Leak::Cell { row, flag: of } => *index == row && *flag == of,
                _ => Some(*index) == row || Some(*flag) == column,
            };
            let total = rows.get(*index).map_or(0, |row| row.total(*flag));
            // A zero that is left out hides little.
            (!near, total == 0, total)
        };
        let (index, flag) = cells.iter().min_by_key(|cell| rank(cell)).copied()?;
        let of = rows.get_mut(index)?;
        of.shown = match flag {
            Flag::Need(need) | Flag::WithoutNeed(need) => of.shown.without(Flag::Need(need)).without(Flag::WithoutNeed(need)),
            flag => of.shown.without(flag),
        };
    }
    Some(rows.into_iter().map(|row| row.shown).collect())
}

pub use self::together::{Close, Said, Together, Told};

mod apart;
mod together;

#[cfg(test)]
mod tests;
