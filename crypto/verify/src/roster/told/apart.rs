//! What the difference of two statements tells (PROTOCOL §18.3): a sum of told totals, each with a sign, is about those people who are on one side of it and not on the other.
//!
//! People are the edges of a graph whose nodes are what the two statements tell: a shelter that is told, what the event leaves besides those, and outside. Whatever follows
//! from both is about a set of nodes without outside, and about the people who lead out of it; so no cut may be of few. The least cut of a connected part is found as
//! Stoer and Wagner do (J. ACM 44(4), 1997).

use std::collections::{BTreeMap, BTreeSet};

use tachiai_crypto::roster::Flag;
use tachiai_crypto::roster::shown::FlagSet;
use tachiai_schemas::roster::ShelterId;

use super::groups;
use super::together::{Close, Said};
use crate::roster::live::{Changes, Flow};

/// A part of a group of flags, and the rest of it: who tells the one tells the other.
type Part = [Vec<Flag>; 2];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    Then,
    Now,
}

/// What a statement tells of a shelter where somebody counts, or of the event.
struct Scope<'a> {
    moment: Moment,
    shelter: Option<&'a ShelterId>,
    shown: FlagSet,
}

/// A scope that is told, by its place; that of the event is what it leaves besides shelters that are told. None is outside.
type Node = Option<usize>;

/// Where somebody counts at one moment: the scopes of the shelter and of the event, as far as there are any.
type End = [Node; 2];

/// People who are at the same two ends.
#[derive(Debug)]
struct People {
    ends: [End; 2],
    flow: Flow,
    /// Whether the shelters are two.
    moved: bool,
}

/// Where somebody stands if these scopes tell a part.
fn node(tells: &[bool], end: End) -> Node {
    end.into_iter().flatten().find(|place| tells.get(*place).copied().unwrap_or(false))
}

/// All that two statements tell, and everybody who counts at one of the moments.
struct Graph<'a> {
    scopes: Vec<Scope<'a>>,
    people: Vec<People>,
    /// Entries that are nobody's edge.
    doubled: Vec<(End, u64)>,
}

/// Whether nothing that follows from two statements is about fewer than `least` people.
pub(super) fn check(now: &Said<'_>, then: &Said<'_>, changes: &Changes, least: u64) -> Result<(), Close> {
    let graph = Graph::of(now, then, changes);
    let mut seen = BTreeSet::new();
    for part in groups().iter().flat_map(|group| parts(group)) {
        let tells: Vec<bool> = graph.scopes.iter().map(|scope| part.iter().any(|flags| flags.iter().all(|flag| scope.shown.contains(*flag)))).collect();
        // Most parts are told by the same scopes.
        if seen.contains(&tells) {
            continue;
        }
        let few = graph.few(&tells, least);
        seen.insert(tells);
        if let Some(few) = few {
            let scopes = few.into_iter().flatten().filter_map(|place| graph.scopes.get(place)).filter(|scope| scope.moment == Moment::Now);
            let cells = scopes.flat_map(|scope| {
                let flags = part.iter().flatten().filter(|flag| scope.shown.contains(**flag));
                flags.map(|flag| (scope.shelter.cloned(), *flag))
            });
            let flag = part.iter().flatten().next().map_or(0, |flag| flag.index());
            return Err(Close {
                number: then.number,
                cells: cells.collect(),
                detail: format!("what follows from total {flag} of both is about too few people"),
            });
        }
    }
    Ok(())
}

/// Each part of a group, neither empty nor all of it, with the others of the group; once.
fn parts(group: &[Flag]) -> Vec<Part> {
    // The last flag is always among the others.
    let masks = 1u32..1 << group.len().saturating_sub(1);
    let split = |mask: u32| {
        let (part, others): (Vec<_>, Vec<_>) = group.iter().enumerate().partition(|(place, _)| mask >> place & 1 == 1);
        [part, others].map(|flags| flags.into_iter().map(|(_, flag)| *flag).collect())
    };
    masks.map(split).collect()
}

impl<'a> Graph<'a> {
    fn of(now: &'a Said<'_>, then: &'a Said<'_>, changes: &Changes) -> Self {
        let both = [(Moment::Then, then), (Moment::Now, now)];
        let scope = |moment: Moment, said: &Said<'_>, shelter: Option<&'a ShelterId>| {
            said.told.get(&shelter.cloned()).map(|told| Scope { moment, shelter, shown: told.shown })
        };
        let of_shelters = both.iter().flat_map(|(moment, said)| said.live.shelters().filter_map(|shelter| scope(*moment, said, Some(shelter))));
        let scopes: Vec<Scope<'a>> = of_shelters.chain(both.iter().filter_map(|(moment, said)| scope(*moment, said, None))).collect();
        let places: BTreeMap<_, usize> = scopes.iter().enumerate().map(|(place, scope)| ((scope.moment, scope.shelter), place)).collect();
        let end = |moment: Moment, shelter: Option<&ShelterId>| -> End { [shelter, None].map(|of| shelter.and_then(|_| places.get(&(moment, of)).copied())) };
        let people = changes.flows.iter().map(|((was, is), flow)| People {
            ends: [end(Moment::Then, was.as_ref()), end(Moment::Now, is.as_ref())],
            flow: *flow,
            moved: was.is_some() && is.is_some() && was != is,
        });
        let people = people.collect();
        let [of_now, of_then] = &changes.doubled;
        let doubled = [(Moment::Now, of_now), (Moment::Then, of_then)];
        let doubled = doubled.into_iter().flat_map(|(moment, doubled)| doubled.iter().map(move |(shelter, entries)| (moment, shelter, *entries)));
        let doubled = doubled.map(|(moment, shelter, entries)| (end(moment, Some(shelter)), entries)).collect();
        Self { scopes, people, doubled }
    }

    /// A set of nodes, without outside, about which too few people tell.
    fn few(&self, tells: &[bool], least: u64) -> Option<Vec<Node>> {
        let mut edges: BTreeMap<(Node, Node), u64> = BTreeMap::new();
        // Of each node: how many entries are others, and how many people moved.
        let mut touched: BTreeMap<Node, [u64; 2]> = BTreeMap::new();
        let mut touch = |node: Node, changed: u64, moved: u64| {
            let [of_changed, of_moved] = touched.entry(node).or_default();
            *of_changed += changed;
            *of_moved += moved;
        };
        for People { ends, flow, moved } in &self.people {
            let [one, other] = ends.map(|end| node(tells, end));
            touch(one, flow.changed, if *moved { flow.people } else { 0 });
            touch(other, flow.changed, 0);
            if one != other {
                *edges.entry((one.min(other), one.max(other))).or_default() += flow.people;
            }
        }
        self.doubled.iter().for_each(|(end, entries)| touch(node(tells, *end), *entries, 0));
        let mut left: BTreeSet<Node> = touched.keys().copied().collect();
        while let Some(first) = left.first().copied() {
            let part = connected(first, &edges);
            left.retain(|node| !part.contains(node));
            if let Some(cut) = least_cut(&part, &edges).filter(|(people, _)| *people < least) {
                let side = if cut.1.contains(&None) { part.iter().copied().filter(|node| !cut.1.contains(node)).collect() } else { cut.1 };
                return Some(side);
            }
            let [changed, moved] = part.iter().filter_map(|node| touched.get(node)).fold([0, 0], |[a, b], [c, d]| [a + c, b + d]);
            if !part.contains(&None) && changed > 0 && moved < least {
                return Some(part.into_iter().collect());
            }
        }
        None
    }
}

fn connected(first: Node, edges: &BTreeMap<(Node, Node), u64>) -> BTreeSet<Node> {
    let (mut part, mut next) = (BTreeSet::from([first]), vec![first]);
    while let Some(node) = next.pop() {
        for (one, other) in edges.keys() {
            let there = if *one == node { *other } else { *one };
            if (*one == node || *other == node) && part.insert(there) {
                next.push(there);
            }
        }
    }
    part
}

/// The least cut of a connected part of two nodes or more, with one of its sides.
fn least_cut(part: &BTreeSet<Node>, edges: &BTreeMap<(Node, Node), u64>) -> Option<(u64, Vec<Node>)> {
    // Nodes that were made one stand together.
    let mut groups: Vec<Vec<Node>> = part.iter().map(|node| vec![*node]).collect();
    let people = |one: &[Node], other: &[Node]| -> u64 {
        let pairs = one.iter().flat_map(|a| other.iter().map(move |b| ((*a).min(*b), (*a).max(*b))));
        pairs.filter_map(|pair| edges.get(&pair)).sum()
    };
    let mut least: Option<(u64, Vec<Node>)> = None;
    while groups.len() > 1 {
        // The most tightly bound one comes next; the last one is cut off by what binds it.
        let mut bound: Vec<u64> = vec![0; groups.len()];
        let mut order: Vec<usize> = Vec::new();
        while order.len() < groups.len() {
            let next = (0..groups.len()).filter(|place| !order.contains(place)).max_by_key(|place| bound.get(*place).copied())?;
            order.push(next);
            for (place, other) in groups.iter().enumerate().filter(|(place, _)| !order.contains(place)) {
                if let (Some(one), Some(bound)) = (groups.get(next), bound.get_mut(place)) {
                    *bound += people(one, other);
                }
            }
        }
        let (last, before) = (order.pop()?, order.pop()?);
        let cut = bound.get(last).copied()?;
        if least.as_ref().is_none_or(|(known, _)| cut < *known) {
            least = Some((cut, groups.get(last)?.clone()));
        }
        let taken = groups.get(last)?.clone();
        groups.get_mut(before)?.extend(taken);
        groups.remove(last);
    }
    least
}

#[cfg(test)]
mod tests;
