//! Statements: made by the appliance, checked by anybody (PROTOCOL §18.2, §18.3).

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;

use rand_core::{CryptoRng, OsRng, RngCore};
use serde::Serialize;
use tachiai_crypto::election::context::Fingerprint;
use tachiai_crypto::group::{DecodeError, Element};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::roster::entry::Opening;
use tachiai_crypto::roster::shown::{Claim, FlagSet, Shown, ShownError, Sum, verify_batch};
use tachiai_crypto::roster::{EventId, FLAGS, Flag, Stay};
use tachiai_schemas::roster::statement::{Capped, Scope, Stated, Statement, StatementHead, VERSION, gather, spread};
use tachiai_schemas::roster::{Declared, Hlc, ShelterId};
use tachiai_schemas::trustee::SignedKind;
use tachiai_schemas::{Blob, HashBytes};

use super::Ended;
use super::file::{Entries, Lines};
use super::live::{ByShelter, Live};
use super::told::{self, Close, Flags, Row, Said, Together, Told};
use crate::failure::Failure;
use crate::rule::{Breaks, Rule, Violation, require};

/// Where a statement stands among others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The event.
    pub event: EventId,
    /// The number of the statement.
    pub number: u64,
    /// The number of entries.
    pub size: u64,
    /// The root over them.
    pub root: Hash32,
    /// The moment.
    pub made: Hlc,
    /// The least group.
    pub least: u16,
}

/// An earlier statement, with who counted then.
pub struct Earlier<'a> {
    /// What it told.
    pub stated: &'a Stated,
    /// Who counted.
    pub live: Live,
}

/// Why nothing can be stated now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    /// Too few people count in the whole event.
    #[error("{persons} people count; totals are told of {least} or more")]
    Few {
        /// How many count.
        persons: u64,
        /// The least group.
        least: u16,
    },
    /// Too few came or left since an earlier statement.
    #[error("{people} people came or left since statement {number}; another one takes {least}")]
    Still {
        /// Which.
        number: u64,
        /// How many came or left.
        people: u64,
        /// The least group.
        least: u16,
    },
    /// Whatever would be told gives away what is about too few, by itself or with earlier statements.
    #[error("whatever would be told is about fewer than {least} people somewhere: {detail}")]
    Close {
        /// The earlier statement with which it does; none where there is no earlier one.
        number: Option<u64>,
        /// The least group.
        least: u16,
        /// What was tried last.
        detail: String,
    },
    /// The opening of an entry of somebody who counts is not there.
    #[error("the opening of leaf {leaf} is missing")]
    Closed {
        /// The leaf.
        leaf: u64,
    },
    /// A commitment is none.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// A proof cannot be made.
    #[error(transparent)]
    Proof(#[from] ShownError),
}

/// Makes a statement about those who count. `opening` gives the opening of an entry; `cap` the limit of people in the building for a scope, told where their total is
/// not.
///
/// # Errors
/// [`NotNow`].
pub fn make<'a>(
    place: &Place,
    live: &Live,
    earlier: &[Earlier<'_>],
    opening: impl Fn(&Hash32) -> Option<&'a Opening>,
    cap: impl Fn(Option<&ShelterId>) -> Option<u16>,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<Statement, NotNow> {
    let Place { event, number, size, root, made, least } = *place;
    if live.len() < u64::from(least) {
        return Err(NotNow::Few { persons: live.len(), least });
    }
    let mut sums: BTreeMap<Option<&ShelterId>, Sum> = BTreeMap::new();
    for (leaf, present) in live.iter() {
        let opening = opening(&present.hash).ok_or(NotNow::Closed { leaf })?;
        let commitment = Element::decode(&present.commitment)?;
        for scope in [None, Some(&present.shelter)] {
            sums.entry(scope).or_default().add(&commitment, opening);
        }
    }
    let live = live.by_shelter();
    let rows: Vec<Row> = sums
        .iter()
        .map(|(shelter, sum)| Row {
            shelter: shelter.cloned(),
            persons: live.at(*shelter).len(),
            shown: FlagSet::NONE,
            totals: *sum.totals(),
            known: [None; FLAGS],
        })
        .collect();
    let told = choose(rows.clone(), &live, earlier, place)?;
    let mut statement = Statement { v: VERSION, event, number, size, root: root.into(), made, scopes: Vec::new() };
    for (row, sum) in rows.iter().zip(sums.values()) {
        let Some(shown) = told.get(&row.shelter).copied() else { continue };
        let in_building = Flag::Stay(Stay::Shelter);
        let limit = cap(row.shelter.as_ref()).filter(|most| !shown.contains(in_building) && *most >= least);
        let limit = limit.filter(|most| sum.totals().get(in_building.index()).is_some_and(|total| *total <= u64::from(*most)));
        let cap = limit.map(|at_most| Capped { flag: u8::try_from(in_building.index()).unwrap_or(u8::MAX), at_most });
        let live = HashBytes::from(live.at(row.shelter.as_ref()).digest());
        let mut scope =
            Scope { shelter: row.shelter.clone(), persons: row.persons, live, shown, totals: gather(shown, sum.totals()), cap, proof: Blob(Vec::new()) };
        // The claim has one total for each flag, by construction.
        let Ok(claim) = statement.claim(&scope) else { continue };
        scope.proof = Blob(claim.prove(sum, rng)?.to_bytes());
        statement.scopes.push(scope);
    }
    Ok(statement)
}

/// What may be told: as much as can be found that leaks nothing, by itself and with all earlier statements. A shelter where too little changed is left out.
fn choose(mut rows: Vec<Row>, live: &ByShelter<'_>, earlier: &[Earlier<'_>], place: &Place) -> Result<Flags, NotNow> {
    let least = u64::from(place.least);
    let lives: Vec<ByShelter<'_>> = earlier.iter().map(|earlier| earlier.live.by_shelter()).collect();
    let said = earlier.iter().zip(&lives).filter_map(|(earlier, live)| Said::of(earlier.stated, live)).collect();
    let together = Together::new(place.number, live, said, least);
    let mut fixed: Flags = BTreeMap::new();
    let mut out: BTreeSet<Option<ShelterId>> = BTreeSet::new();
    for row in &rows {
        for (then, changes) in together.earlier() {
            let Some(told) = then.told.get(&row.shelter) else { continue };
            let difference = changes.at(row.shelter.as_ref());
            if difference.is_none() {
                fixed.insert(row.shelter.clone(), told.shown);
            } else if difference.people < least {
                if row.shelter.is_none() {
                    return Err(NotNow::Still { number: then.number, people: difference.people, least: place.least });
                }
                out.insert(row.shelter.clone());
            }
        }
    }
    for shelter in out {
        fixed.insert(shelter, FlagSet::NONE);
    }
    together.enter_known(&mut rows);
    let last = earlier.last().map(|earlier| earlier.stated.number);
    let no_way = || NotNow::Close { number: last, least: place.least, detail: "there is no way to leave totals out".to_owned() };
    // What gives others away, with what was told before, is not told, one total after the other.
    let mut never: Flags = BTreeMap::new();
    loop {
        let shown = told::choose(&rows, least, &fixed, &never).ok_or_else(no_way)?;
        let told = rows.iter().zip(&shown).filter(|(_, shown)| !shown.is_empty());
        let told = told.map(|(row, shown)| (row.shelter.clone(), Told { shown: *shown, totals: row.totals }));
        let Err(Close { number, cells, detail }) = together.check(told.collect()) else {
            return Ok(rows.iter().zip(shown).filter(|(_, shown)| !shown.is_empty()).map(|(row, shown)| (row.shelter.clone(), shown)).collect());
        };
        let before = never.clone();
        for (shelter, flag) in &cells {
            let never = never.entry(shelter.clone()).or_insert(FlagSet::NONE);
            *never = match flag {
                // The one follows from the other.
                Flag::Need(need) | Flag::WithoutNeed(need) => never.with(Flag::Need(*need)).with(Flag::WithoutNeed(*need)),
                flag => never.with(*flag),
            };
        }
        // What was told before of a shelter where nothing changed is told again or, with that, not at all.
        let is_told = |shelter: &Option<ShelterId>| shelter.is_some() && fixed.get(shelter).is_some_and(|shown| !shown.is_empty());
        let left_out: Vec<Option<ShelterId>> = cells.iter().map(|(shelter, _)| shelter.clone()).filter(is_told).collect();
        if never == before && left_out.is_empty() {
            return Err(NotNow::Close { number: last.map(|_| number), least: place.least, detail });
        }
        fixed.extend(left_out.into_iter().map(|shelter| (shelter, FlagSet::NONE)));
    }
}

/// What a statement that holds says.
#[derive(Debug, Clone, Serialize)]
pub struct StatementVerdict {
    /// Always `holds`.
    pub verdict: &'static str,
    /// The event.
    pub event: EventId,
    /// The fingerprint of the event, and whether it was compared.
    pub fingerprint: String,
    /// Whether that is the fingerprint of the notice.
    pub compared: bool,
    /// What the event is.
    pub declared: Declared,
    /// The number of the statement.
    pub number: u64,
    /// The entries that it is about.
    pub size: u64,
    /// When it was made.
    pub made: Hlc,
    /// The leaf that registers it.
    pub registered: u64,
    /// The totals.
    pub scopes: Vec<ToldScope>,
    /// Whether an earlier statement was compared.
    pub since: Option<u64>,
    /// The close of the event, if the file goes so far.
    pub ended: Option<Ended>,
}

/// The totals of one scope.
#[derive(Debug, Clone, Serialize)]
pub struct ToldScope {
    /// The shelter; none is the whole event.
    pub shelter: Option<ShelterId>,
    /// Its name.
    pub name: Option<tachiai_schemas::election::Text>,
    /// How many people count.
    pub persons: u64,
    /// Each flag but the first with its total, `null` where it is not told.
    pub totals: Vec<(usize, Option<u64>)>,
    /// The proven limit of people in the building.
    pub cap: Option<Capped>,
}

/// Checks the file of a statement; with `since` also that of an earlier one, which this one must know of.
///
/// # Errors
/// [`Failure`].
pub fn verify(from: impl BufRead, path: &str, since: Option<(&mut dyn BufRead, &str)>, expect: Option<&Fingerprint>) -> Result<StatementVerdict, Failure> {
    let what = "a statement";
    let file: Lines<StatementHead> = Lines::read(from, path, what)?;
    let before: Option<Lines<StatementHead>> = since.map(|(from, path)| Lines::read(from, path, what)).transpose()?;
    let compared = match &before {
        None => None,
        Some(before) => {
            let entries = check(before, &[], expect)?.0;
            Some((entries.checkpoint.size, entries.checkpoint.root, before.head.statement.body.signed_hash().breaks(Rule::R918)?))
        }
    };
    let also: Vec<u64> = compared.iter().map(|(size, ..)| *size).collect();
    let (entries, registered) = check(&file, &also, expect)?;
    let statement = &file.head.statement.body;
    if let Some((size, root, hash)) = compared {
        require_since(&entries, statement.number, size, root, hash)?;
    }
    let name = |shelter: &Option<ShelterId>| shelter.as_ref().and_then(|id| entries.roster.shelter(id)).map(|state| state.name.clone());
    let scopes = statement.scopes.iter().map(|scope| ToldScope {
        shelter: scope.shelter.clone(),
        name: name(&scope.shelter),
        persons: scope.persons,
        totals: (0..FLAGS).zip(Flag::all()).skip(1).map(|(index, flag)| (index, total(scope, flag))).collect(),
        cap: scope.cap,
    });
    Ok(StatementVerdict {
        verdict: "holds",
        event: statement.event,
        fingerprint: entries.fingerprint.to_string(),
        compared: expect.is_some(),
        declared: entries.declared.clone(),
        number: statement.number,
        size: statement.size,
        made: statement.made,
        registered,
        scopes: scopes.collect(),
        since: before.map(|before| before.head.statement.body.number),
        ended: entries.roster.ended(),
    })
}

fn total(scope: &Scope, flag: Flag) -> Option<u64> {
    scope.shown.iter().zip(&scope.totals).find(|(shown, _)| *shown == flag).map(|(_, total)| *total)
}

/// What a later statement must know of an earlier one.
fn require_since(entries: &Entries, number: u64, size: u64, root: Hash32, hash: Hash32) -> Result<(), Violation> {
    let own = entries.checkpoint.size;
    require!(size <= own, R918, "the file of --since is the later statement ({size} entries, this one has {own}): give the newer file first");
    let same = entries.root(size) == Some(root);
    require!(same, R918, "the entries of the earlier statement are not the first {size} of this one: two rosters were signed");
    let registered = entries.roster.stated().iter().any(|(_, stated)| stated.statement.hash() == hash && stated.number < number);
    require!(registered, R918, "the earlier statement is not registered before this one");
    Ok(())
}

/// Checks a file by itself; gives its entries, and the leaf that registers the statement.
fn check(file: &Lines<StatementHead>, also: &[u64], expect: Option<&Fingerprint>) -> Result<(Entries, u64), Violation> {
    let StatementHead { statement: signed, checkpoint } = &file.head;
    let statement = &signed.body;
    require!(statement.v == VERSION, R912, "version {} is unknown, this program knows {VERSION}", statement.v);
    let entries = Entries::check(&file.entries, checkpoint, statement.size, also, expect)?;
    let live = entries.signed(signed, statement.event, statement.size, statement.root.hash())?;
    let stated = statement.stated().breaks(Rule::R912)?;
    let registered = entries.roster.stated().iter().find(|(_, of)| *of == stated).map(|(leaf, _)| *leaf);
    let Some(registered) = registered else { return Err(Violation::of_record(Rule::R912, "no entry registers this statement")) };
    check_scopes(&entries, statement, live)?;
    Ok((entries, registered))
}

fn check_scopes(entries: &Entries, statement: &Statement, live: &Live) -> Result<(), Violation> {
    let least = u64::from(entries.declared.min_group);
    let scopes = &statement.scopes;
    require!(scopes.first().is_some_and(|scope| scope.shelter.is_none()), R913, "the whole event is not the first scope");
    require!(scopes.is_sorted_by(|one, two| one.shelter < two.shelter), R913, "the shelters are not in order, each once");
    let live = live.by_shelter();
    let mut rows: BTreeMap<Option<ShelterId>, Row> = BTreeMap::new();
    for shelter in std::iter::once(None).chain(live.shelters().map(Some)) {
        let row = Row { shelter: shelter.cloned(), persons: live.at(shelter).len(), shown: FlagSet::NONE, totals: [0; FLAGS], known: [None; FLAGS] };
        rows.insert(shelter.cloned(), row);
    }
    for scope in scopes {
        let name = scope.shelter.as_ref().map_or("the event", ShelterId::as_str);
        let there = live.at(scope.shelter.as_ref());
        require!(scope.persons == there.len(), R913, "{} people count at {name}, it says {}", there.len(), scope.persons);
        require!(scope.live.hash() == there.digest(), R913, "those who count at {name} are not those that it is about");
        let told = spread(scope.shown, &scope.totals).filter(|told| told.first() == Some(&scope.persons) && scope.shown.contains(Flag::Present));
        let Some(totals) = told else { return Err(Violation::of_record(Rule::R914, format!("the totals of {name} are not those that it tells"))) };
        require!(totals.iter().all(|total| *total <= scope.persons), R914, "a total of {name} is more than all");
        let row = Row { shelter: scope.shelter.clone(), persons: scope.persons, shown: scope.shown, totals, known: [None; FLAGS] };
        rows.insert(scope.shelter.clone(), row);
        require!(scope.persons >= least, R914, "{} people at {name} are fewer than {least}", scope.persons);
        if let Some(Capped { flag: _, at_most }) = scope.cap {
            require!(u64::from(at_most) >= least, R914, "the limit at {name} is below {least}");
        }
    }
    told::check(&rows.values().cloned().collect::<Vec<_>>(), least).breaks(Rule::R914)?;
    check_proofs(entries, statement, &live)?;
    let told = rows.into_values().filter(|row| !row.shown.is_empty()).map(|row| (row.shelter, Told { shown: row.shown, totals: row.totals }));
    let told = told.collect();
    let mut lives = Vec::new();
    for (_, stated) in entries.roster.stated().iter().filter(|(_, stated)| stated.number < statement.number) {
        let Some(then) = entries.live(stated.size) else { return Err(Violation::of_record(Rule::R917, "an earlier statement is about more entries")) };
        lives.push((stated, then.by_shelter()));
    }
    let earlier = lives.iter().filter_map(|(stated, live)| Said::of(stated, live)).collect();
    let together = Together::new(statement.number, &live, earlier, least);
    together.check(told).map_err(|close| Violation::of_record(Rule::R917, format!("too close to statement {}: {close}", close.number)))
}

fn check_proofs(entries: &Entries, statement: &Statement, live: &ByShelter<'_>) -> Result<(), Violation> {
    let mut proved: Vec<(Claim, Element, Shown)> = Vec::with_capacity(statement.scopes.len());
    for scope in &statement.scopes {
        let sum = entries.sum(live.at(scope.shelter.as_ref())).ok_or_else(|| Violation::of_record(Rule::R915, "somebody who counts has no commitment"))?;
        let claim = statement.claim(scope).breaks(Rule::R915)?;
        let proof = Shown::decode(&claim, &scope.proof.0).breaks(Rule::R915)?;
        proved.push((claim, sum, proof));
    }
    let items: Vec<(&Claim, &Element, &Shown)> = proved.iter().map(|(claim, sum, proof)| (claim, sum, proof)).collect();
    for (scope, verdict) in statement.scopes.iter().zip(verify_batch(&items, &mut OsRng)) {
        verdict.map_err(|error| {
            let rule = match error {
                ShownError::Decode(_) | ShownError::Sum => Rule::R915,
                ShownError::Link | ShownError::Range | ShownError::Limit => Rule::R916,
            };
            Violation::of_record(rule, format!("{} of {}", error, scope.shelter.as_ref().map_or("the event", ShelterId::as_str)))
        })?;
    }
    Ok(())
}
