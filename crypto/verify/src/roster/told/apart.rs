//! What the difference of two statements tells (PROTOCOL §18.3): a sum of told totals, each with a sign, is about those people who are on one side of it and not on the other.
//!
//! People are the edges of a graph whose nodes are what the two statements tell: a shelter that is told, what the event leaves besides those, and outside. Whatever follows
//! from both is about a set of nodes without outside, and about the people who lead out of it; so no cut may be of few. The least cut of a connected part is found as
//! Stoer and Wagner do (J. ACM 44(4), 1997).

use std::collections::{BTreeMap, BTreeSet};

use tachiai_crypto::roster::Flag;
use tachiai_schemas::roster::ShelterId;

use super::groups;
use super::together::{Close, Said};
use crate::roster::live::Changes;

/// A part of a group of flags, and the rest of it: who tells the one tells the other.
type Part = [Vec<Flag>; 2];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    Then,
    Now,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Node<'a> {
    Outside,
    /// A shelter that is told.
    Shelter(Moment, &'a ShelterId),
    /// What is told of the event, less those shelters.
    Rest(Moment),
}

/// Who tells a part.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Tells<'a>(BTreeSet<Node<'a>>);

impl<'a> Tells<'a> {
    fn node(&self, moment: Moment, shelter: Option<&'a ShelterId>) -> Node<'a> {
        let Some(shelter) = shelter else { return Node::Outside };
        [Node::Shelter(moment, shelter), Node::Rest(moment)].into_iter().find(|node| self.0.contains(node)).unwrap_or(Node::Outside)
    }
}

/// Whether nothing that follows from two statements is about fewer than `least` people.
pub(super) fn check(now: &Said<'_>, then: &Said<'_>, changes: &Changes, least: u64) -> Result<(), Close> {
    let mut seen = BTreeSet::new();
    for part in groups().iter().flat_map(|group| parts(group)) {
        let tells = |said: &Said<'_>, shelter: Option<&ShelterId>| part.iter().any(|flags| flags.iter().all(|flag| said.tells(shelter, *flag)));
        let mut nodes = BTreeSet::new();
        for (moment, said) in [(Moment::Then, then), (Moment::Now, now)] {
            nodes.extend(said.live.shelters().filter(|shelter| tells(said, Some(shelter))).map(|shelter| Node::Shelter(moment, shelter)));
            nodes.extend(tells(said, None).then_some(Node::Rest(moment)));
        }
        let told = Tells(nodes);
        // Most parts are told by the same scopes.
        if seen.contains(&told) {
            continue;
        }
        let few = few(&told, changes, least);
        seen.insert(told);
        if let Some(few) = few {
            let cells = few.iter().flat_map(|node| {
                let shelter = match node {
                    Node::Shelter(Moment::Now, shelter) => Some(Some((*shelter).clone())),
                    Node::Rest(Moment::Now) => Some(None),
                    Node::Outside | Node::Shelter(Moment::Then, _) | Node::Rest(Moment::Then) => None,
                };
                let flags = part.iter().flatten().filter(|flag| shelter.as_ref().is_some_and(|shelter| now.tells(shelter.as_ref(), **flag)));
                flags.map(|flag| (shelter.clone().flatten(), *flag)).collect::<Vec<_>>()
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

/// A set of nodes, without outside, about which too few people tell.
fn few<'a>(told: &Tells<'a>, changes: &'a Changes, least: u64) -> Option<Vec<Node<'a>>> {
    let mut edges: BTreeMap<(Node<'a>, Node<'a>), u64> = BTreeMap::new();
    // Of each node: how many entries are others, and how many people moved.
    let mut touched: BTreeMap<Node<'a>, [u64; 2]> = BTreeMap::new();
    let mut touch = |node: Node<'a>, changed: u64, moved: u64| {
        let [of_changed, of_moved] = touched.entry(node).or_default();
        *of_changed += changed;
        *of_moved += moved;
    };
    for ((then, now), flow) in &changes.flows {
        let (one, other) = (told.node(Moment::Then, then.as_ref()), told.node(Moment::Now, now.as_ref()));
        let moved = if then.is_some() && now.is_some() && then != now { flow.people } else { 0 };
        touch(one, flow.changed, moved);
        touch(other, flow.changed, 0);
        if one != other {
            *edges.entry((one.min(other), one.max(other))).or_default() += flow.people;
        }
    }
    for (moment, doubled) in [(Moment::Now, &changes.doubled[0]), (Moment::Then, &changes.doubled[1])] {
        doubled.iter().for_each(|(shelter, entries)| touch(told.node(moment, Some(shelter)), *entries, 0));
    }
    let mut left: BTreeSet<Node<'a>> = touched.keys().copied().collect();
    while let Some(first) = left.first().copied() {
        let part = connected(first, &edges);
        left.retain(|node| !part.contains(node));
        if let Some(cut) = least_cut(&part, &edges).filter(|(people, _)| *people < least) {
            let side = if cut.1.contains(&Node::Outside) { part.iter().copied().filter(|node| !cut.1.contains(node)).collect() } else { cut.1 };
            return Some(side);
        }
        let [changed, moved] = part.iter().filter_map(|node| touched.get(node)).fold([0, 0], |[a, b], [c, d]| [a + c, b + d]);
        if !part.contains(&Node::Outside) && changed > 0 && moved < least {
            return Some(part.into_iter().collect());
        }
    }
    None
}

fn connected<'a>(first: Node<'a>, edges: &BTreeMap<(Node<'a>, Node<'a>), u64>) -> BTreeSet<Node<'a>> {
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
fn least_cut<'a>(part: &BTreeSet<Node<'a>>, edges: &BTreeMap<(Node<'a>, Node<'a>), u64>) -> Option<(u64, Vec<Node<'a>>)> {
    // Nodes that were made one stand together.
    let mut groups: Vec<Vec<Node<'a>>> = part.iter().map(|node| vec![*node]).collect();
    let people = |one: &[Node<'a>], other: &[Node<'a>]| -> u64 {
        let pairs = one.iter().flat_map(|a| other.iter().map(move |b| ((*a).min(*b), (*a).max(*b))));
        pairs.filter_map(|pair| edges.get(&pair)).sum()
    };
    let mut least: Option<(u64, Vec<Node<'a>>)> = None;
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
