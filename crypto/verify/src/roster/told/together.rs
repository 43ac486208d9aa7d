//! What statements tell together (PROTOCOL §18.3, over time): neither the difference of two of them nor a total that one tells and another leaves out is about few people.

use std::collections::{BTreeMap, BTreeSet};

use tachiai_crypto::roster::shown::FlagSet;
use tachiai_crypto::roster::{FLAGS, Flag};
use tachiai_schemas::roster::ShelterId;
use tachiai_schemas::roster::statement::{Stated, spread};

use super::{Leak, Row, group_of, groups, leak};
use crate::roster::live::{ByShelter, Change};

/// What a statement tells of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// Which totals.
    pub shown: FlagSet,
    /// The totals; only those that are told mean anything.
    pub totals: [u64; FLAGS],
}

/// A statement, as others are held against it.
#[derive(Debug, Clone)]
pub struct Said<'a> {
    /// Its number.
    pub number: u64,
    /// Who counted.
    pub live: &'a ByShelter<'a>,
    /// What it tells, by scope.
    pub told: BTreeMap<Option<ShelterId>, Told>,
}

/// Statements are too close.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Close {
    /// The earlier statement.
    pub number: u64,
    /// The totals of the later one that give it away; none where it is a scope as a whole.
    pub cells: Vec<(Option<ShelterId>, Flag)>,
    /// In words.
    pub detail: String,
}

impl<'a> Said<'a> {
    /// A registered statement, with who counted; `None` if there is not one total for each that it tells (R911).
    #[must_use]
    pub fn of(stated: &Stated, live: &'a ByShelter<'a>) -> Option<Self> {
        let scope = |scope: &tachiai_schemas::roster::statement::StatedScope| {
            Some((scope.shelter.clone(), Told { shown: scope.shown, totals: spread(scope.shown, &scope.totals)? }))
        };
        Some(Self { number: stated.number, live, told: stated.scopes.iter().map(scope).collect::<Option<_>>()? })
    }

    fn tells(&self, shelter: Option<&ShelterId>, flag: Flag) -> bool {
        self.told.get(&shelter.cloned()).is_some_and(|told| told.shown.contains(flag))
    }

    /// Its table.
    fn rows(&self) -> Vec<Row> {
        let scopes = std::iter::once(None).chain(self.live.shelters().map(Some));
        let row = |shelter: Option<&ShelterId>| {
            let Told { shown, totals } = self.told.get(&shelter.cloned()).copied().unwrap_or(Told { shown: FlagSet::NONE, totals: [0; FLAGS] });
            Row { shelter: shelter.cloned(), persons: self.live.at(shelter).len(), shown, totals, known: [None; FLAGS] }
        };
        scopes.map(row).collect()
    }

    /// What another statement tells of this one's shelters that this one does not: the flags, and by how much their totals can have grown, where fewer than `least` people
    /// came or left in between.
    fn news<'b>(&'b self, other: &'b Self, least: u64) -> impl Iterator<Item = (&'b ShelterId, &'b Told, FlagSet, u64)> {
        self.live.shelters().filter_map(move |shelter| {
            let told = other.told.get(&Some(shelter.clone()))?;
            let flags: FlagSet = told.shown.iter().skip(1).filter(|flag| !self.tells(Some(shelter), *flag)).collect();
            if flags.is_empty() {
                return None;
            }
            let (own, others) = (self.live.at(Some(shelter)), other.live.at(Some(shelter)));
            if own.change(others).is_of(least) {
                return None;
            }
            let grown = own.iter().filter(|(leaf, _)| others.get(*leaf).is_none()).count() as u64;
            Some((shelter, told, flags, grown))
        })
    }

    /// The table with what the others give away.
    fn with<'b>(&self, others: impl Iterator<Item = &'b Self>, least: u64) -> Vec<Row>
    where
        'a: 'b,
    {
        let mut rows = self.rows();
        for other in others {
            known_from(&mut rows, self, other, least);
        }
        rows
    }
}

/// Enters into the rows of a statement what another one gives away of them.
pub fn known_from(rows: &mut [Row], own: &Said<'_>, other: &Said<'_>, least: u64) {
    for (shelter, told, flags, grown) in own.news(other, least) {
        let Some(row) = rows.iter_mut().find(|row| row.shelter.as_ref() == Some(shelter)) else { continue };
        for flag in flags.iter() {
            let most = told.totals.get(flag.index()).copied().unwrap_or(0).saturating_add(grown).min(row.persons);
            if let Some(known) = row.known.get_mut(flag.index()) {
                *known = Some(known.map_or(most, |known| known.min(most)));
            }
        }
    }
}

/// Whether what is told now and what earlier statements told keeps apart: by differences, in what is told now with what they gave away, and in what each of them told
/// with what is given away now.
///
/// # Errors
/// [`Close`].
pub fn check_together(now: &Said<'_>, earlier: &[Said<'_>], least: u64) -> Result<(), Close> {
    for then in earlier {
        check_change(now, then, least)?;
    }
    let last = earlier.last().map_or(0, |then| then.number);
    let rows = now.with(earlier.iter(), least);
    if let Some(leak) = leak(&rows, least) {
        return Err(Close { number: last, cells: Vec::new(), detail: format!("with what was told before, {}", leak.say(&rows)) });
    }
    for then in earlier {
        let news: Vec<(&ShelterId, FlagSet)> = then.news(now, least).map(|(shelter, _, flags, _)| (shelter, flags)).collect();
        if news.is_empty() {
            continue;
        }
        let others = earlier.iter().filter(|other| other.number != then.number);
        let rows = then.with(others.chain([now]), least);
        let Some(leak) = leak(&rows, least) else { continue };
        let group = match leak {
            Leak::Cell { flag, .. } | Leak::ColumnRest { flag } | Leak::Follows { flag, .. } => group_of(flag),
            Leak::RowRest { group, .. } => groups().into_iter().nth(group).unwrap_or_default(),
        };
        let cells = news.iter().flat_map(|(shelter, flags)| group.iter().filter(|flag| flags.contains(**flag)).map(|flag| (Some((*shelter).clone()), *flag)));
        return Err(Close { number: then.number, cells: cells.collect(), detail: format!("with what is told now, {} there", leak.say(&rows)) });
    }
    Ok(())
}

/// Whether what is told now and what an earlier statement told are about the same people, or differ by at least `least` of them: for the event, for each shelter that
/// both tell of, and for each total of the event that both tell, of the people in those shelters of which not both do.
fn check_change(now: &Said<'_>, then: &Said<'_>, least: u64) -> Result<(), Close> {
    let number = then.number;
    for (shelter, told) in &now.told {
        let Some(before) = then.told.get(shelter) else { continue };
        let change = now.live.at(shelter.as_ref()).change(then.live.at(shelter.as_ref()));
        let name = shelter.as_ref().map_or("the event", ShelterId::as_str);
        if !change.is_far(least) {
            return Err(Close { number, cells: Vec::new(), detail: format!("too few people came, left or moved at {name}") });
        }
        if change == Change::None && told.shown != before.shown {
            return Err(Close { number, cells: Vec::new(), detail: format!("nothing changed at {name}, and other totals are told") });
        }
    }
    let mut seen: BTreeMap<BTreeSet<&ShelterId>, bool> = BTreeMap::new();
    for flag in Flag::all().skip(1) {
        if !now.tells(None, flag) || !then.tells(None, flag) {
            continue;
        }
        // The two totals of the event less those of shelters that both tell differ by the people of the other shelters.
        let others: BTreeSet<&ShelterId> =
            now.live.shelters().chain(then.live.shelters()).filter(|shelter| !(now.tells(Some(shelter), flag) && then.tells(Some(shelter), flag))).collect();
        let far = *seen.entry(others).or_insert_with_key(|others| {
            let [now, then] = [now.live, then.live].map(|live| live.at(None).only(|_, present| others.contains(&present.shelter)));
            now.change(&then).is_far(least)
        });
        if !far {
            let detail = format!("too few people came, left or moved among those whose total {} follows from the event's", flag.index());
            return Err(Close { number, cells: vec![(None, flag)], detail });
        }
    }
    Ok(())
}
