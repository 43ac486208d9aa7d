//! What statements tell together (PROTOCOL §18.3, over time): neither the difference of two of them nor a total that one tells and another leaves out is about few people.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use tachiai_crypto::roster::shown::FlagSet;
use tachiai_crypto::roster::{FLAGS, Flag};
use tachiai_schemas::roster::ShelterId;
use tachiai_schemas::roster::statement::{Stated, spread};

use super::{Leak, Row, apart, group_of, groups, leak};
use crate::roster::live::{ByShelter, Changes, Difference};

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

/// A total of a shelter that one statement tells and another does not.
struct News<'a> {
    shelter: &'a ShelterId,
    told: &'a Told,
    flags: FlagSet,
    /// Of the other's people from its own.
    difference: Difference,
}

impl<'a> Said<'a> {
    /// A registered statement, with who counted; `None` if there is not one total for each that it tells (R911).
    #[must_use]
    pub fn of(stated: &Stated, live: &'a ByShelter<'a>) -> Option<Self> {
        let scopes = stated.scopes.iter();
        let told = scopes.map(|scope| Some((scope.shelter.clone(), Told { shown: scope.shown, totals: spread(scope.shown, &scope.totals)? })));
        Some(Self { number: stated.number, live, told: told.collect::<Option<_>>()? })
    }

    pub(super) fn tells(&self, shelter: Option<&ShelterId>, flag: Flag) -> bool {
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

    /// What another statement tells of this one's shelters that this one does not, where fewer than `least` people came or left in between; `difference` is that of this
    /// one's people from the other's.
    fn news<'b>(&'b self, other: &'b Said<'_>, difference: impl Fn(&ShelterId) -> Difference, least: u64) -> Vec<News<'b>> {
        let news = self.live.shelters().filter_map(|shelter| {
            let told = other.told.get(&Some(shelter.clone()))?;
            let flags: FlagSet = told.shown.iter().skip(1).filter(|flag| !self.tells(Some(shelter), *flag)).collect();
            let difference = difference(shelter);
            (!flags.is_empty() && difference.strangers < least).then_some(News { shelter, told, flags, difference })
        });
        news.collect()
    }
}

/// Enters into the rows of a table what another statement gives away of them.
fn enter(rows: &mut [Row], news: &[News<'_>]) {
    for News { shelter, told, flags, difference } in news {
        let Some(row) = rows.iter_mut().find(|row| row.shelter.as_ref() == Some(*shelter)) else { continue };
        for flag in flags.iter() {
            let at_most = told.totals.get(flag.index()).copied().unwrap_or(0).saturating_add(difference.gained).min(row.persons);
            if let Some(known) = row.known.get_mut(flag.index()) {
                *known = Some(known.map_or(at_most, |known| known.min(at_most)));
            }
        }
    }
}

/// What is told now beside what earlier statements told.
pub struct Together<'a> {
    number: u64,
    live: &'a ByShelter<'a>,
    earlier: Vec<Said<'a>>,
    /// How those who count now differ from those who counted then.
    changes: Vec<Changes>,
    /// The same between earlier ones, as far as it was asked for.
    between: RefCell<BTreeMap<(usize, usize), Rc<Changes>>>,
    least: u64,
}

impl<'a> Together<'a> {
    /// With those who count now.
    #[must_use]
    pub fn new(number: u64, live: &'a ByShelter<'a>, earlier: Vec<Said<'a>>, least: u64) -> Self {
        let changes = earlier.iter().map(|then| live.changes(then.live)).collect();
        Self { number, live, earlier, changes, between: RefCell::default(), least }
    }

    /// Each earlier statement, with how those who count now differ from those who counted then.
    pub fn earlier(&self) -> impl Iterator<Item = (&Said<'a>, &Changes)> {
        self.earlier.iter().zip(&self.changes)
    }

    /// Enters into the rows of those who count now what earlier statements give away of them.
    pub fn enter_known(&self, rows: &mut [Row]) {
        let nothing = Said { number: self.number, live: self.live, told: BTreeMap::new() };
        self.enter_earlier(rows, &nothing);
    }

    fn enter_earlier(&self, rows: &mut [Row], now: &Said<'_>) {
        for (then, changes) in self.earlier() {
            enter(rows, &now.news(then, |shelter| changes.at(Some(shelter)), self.least));
        }
    }

    fn between(&self, one: usize, two: usize) -> Rc<Changes> {
        let made = || match (self.earlier.get(one), self.earlier.get(two)) {
            (Some(one), Some(two)) => Rc::new(one.live.changes(two.live)),
            _ => Rc::default(),
        };
        Rc::clone(self.between.borrow_mut().entry((one, two)).or_insert_with(made))
    }

    /// Whether what is told now and what earlier statements told keeps apart: by differences, in what is told now with what they gave away, and in what each of them
    /// told with what is given away now.
    ///
    /// # Errors
    /// [`Close`].
    pub fn check(&self, told: BTreeMap<Option<ShelterId>, Told>) -> Result<(), Close> {
        let now = Said { number: self.number, live: self.live, told };
        for (then, changes) in self.earlier() {
            check_change(&now, then, changes, self.least)?;
        }
        let mut rows = now.rows();
        self.enter_earlier(&mut rows, &now);
        if let Some(leak) = leak(&rows, self.least) {
            let number = self.earlier.last().map_or(0, |then| then.number);
            return Err(Close { number, cells: Vec::new(), detail: format!("with what was told before, {}", leak.say(&rows)) });
        }
        for (place, (then, changes)) in self.earlier().enumerate() {
            let news = then.news(&now, |shelter| changes.at(Some(shelter)).reversed(), self.least);
            if news.is_empty() {
                continue;
            }
            let mut rows = then.rows();
            enter(&mut rows, &news);
            for (other, said) in self.earlier.iter().enumerate().filter(|(other, _)| *other != place) {
                let changes = self.between(place, other);
                enter(&mut rows, &then.news(said, |shelter| changes.at(Some(shelter)), self.least));
            }
            let Some(leak) = leak(&rows, self.least) else { continue };
            let group = match leak {
                Leak::Cell { flag, .. } | Leak::ColumnRest { flag } | Leak::Follows { flag, .. } => group_of(flag),
                Leak::RowRest { group, .. } => groups().into_iter().nth(group).unwrap_or_default(),
            };
            let cell = |News { shelter, flags, .. }: &News<'_>| {
                let told = group.iter().filter(|flag| flags.contains(**flag));
                told.map(|flag| (Some((*shelter).clone()), *flag)).collect::<Vec<_>>()
            };
            return Err(Close {
                number: then.number,
                cells: news.iter().flat_map(cell).collect(),
                detail: format!("with what is told now, {} there", leak.say(&rows)),
            });
        }
        Ok(())
    }
}

/// Whether what is told now and what an earlier statement told are about the same people, or differ by at least `least` of them, of each scope that both tell and of
/// whatever follows from both.
fn check_change(now: &Said<'_>, then: &Said<'_>, changes: &Changes, least: u64) -> Result<(), Close> {
    let number = then.number;
    for (shelter, told) in &now.told {
        let Some(before) = then.told.get(shelter) else { continue };
        let difference = changes.at(shelter.as_ref());
        let name = shelter.as_ref().map_or("the event", ShelterId::as_str);
        if !difference.is_none() && difference.people < least {
            return Err(Close { number, cells: Vec::new(), detail: format!("too few people came, left or moved at {name}") });
        }
        if difference.is_none() && told.shown != before.shown {
            return Err(Close { number, cells: Vec::new(), detail: format!("nothing changed at {name}, and other totals are told") });
        }
    }
    apart::check(now, then, changes, least)
}
