//! The roster of an event: what its entries say together, whatever the order in which they came (PROTOCOL §17).
//!
//! [`Roster::check`] holds an entry against the rules, [`Roster::apply`] adds it, and neither opens what is sealed. Who counts ([`Roster::live`]), what is in
//! conflict and which shelters are open depend on the set of entries alone: terminals hand in late, twice and in any order.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::BoardKey;
use tachiai_crypto::journal::together::SignedHash;
use tachiai_crypto::roster::entry::{Committed, ProofError, Statement, verify_batch};
use tachiai_schemas::roster::{
    APPLIANCE, Act, Body, ChainId, Declared, Entry, EventId, GROUPS, Hlc, Link, LinkVerdict, OpenState, PersonEntry, Report, ReportEntry, ShelterId,
    ShelterState, SignedEntry, Stated, TerminalId, TerminalState, TerminalStatus,
};
use tachiai_schemas::trustee::SignedKind;

use crate::rule::Rule;

mod alone;
pub mod disclosure;
pub mod file;
pub mod groups;
pub mod live;
#[cfg(feature = "people")]
mod meals;
pub mod own;
#[cfg(feature = "people")]
pub mod people;
pub mod statement;
pub mod told;

pub use alone::MAX_AFTER;

/// The most statements of an event.
pub const MAX_STATEMENTS: u64 = 4_096;

/// A rule that an entry breaks, in words for an official.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", rule.code())]
pub struct Broken {
    /// The rule.
    pub rule: Rule,
    /// How.
    pub detail: String,
}

fn broken(rule: Rule, detail: impl Into<String>) -> Broken {
    Broken { rule, detail: detail.into() }
}

/// What decides between entries about the same thing: the later holds; of two at one moment, that of the greater terminal, then the greater hash.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// When it happened.
    pub time: Hlc,
    /// Who wrote it.
    pub terminal: TerminalId,
    /// The leaf hash.
    pub hash: Hash32,
}

/// An entry of a person's chain, as the roster remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The leaf.
    pub leaf: u64,
    /// When, by whom, which.
    pub moment: Moment,
    /// When it was entered.
    pub entered: Hlc,
    /// The number in the chain.
    pub seq: u64,
    /// What it follows.
    pub after: Vec<Hash32>,
    /// The shelter.
    pub shelter: ShelterId,
    /// What happened.
    pub act: Act,
    /// The commitment, where there is one.
    pub commitment: Option<[u8; 32]>,
}

/// A terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terminal {
    /// As last admitted or revoked.
    pub state: TerminalState,
    /// Its key.
    key: BoardKey,
    /// Its entries, by their numbers; more than one at a number means that two write under one name.
    pub numbers: BTreeMap<u64, BTreeSet<Hash32>>,
    /// The latest moment that it entered.
    pub latest: Option<Hlc>,
}

/// The latest of its kind.
type Latest<T> = (Moment, T);

/// What identifies a report: its kind, and the item where there is one.
type ReportKey = (ShelterId, String);

/// What the entries of an event say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roster {
    event: Option<EventId>,
    declared: Option<Declared>,
    appliance: Option<BoardKey>,
    terminals: BTreeMap<TerminalId, Terminal>,
    known: BTreeMap<Hash32, u64>,
    chains: BTreeMap<ChainId, BTreeMap<Moment, Step>>,
    links: BTreeMap<(ChainId, ChainId), Latest<LinkVerdict>>,
    shelters: BTreeMap<ShelterId, Latest<ShelterState>>,
    /// When each shelter was closed last.
    closings: BTreeMap<ShelterId, Moment>,
    reports: BTreeMap<ReportKey, Latest<Report>>,
    stated: Vec<(u64, Stated)>,
    stand_ins: BTreeMap<Hash32, Hash32>,
    ended: Option<Ended>,
    latest: Option<Hlc>,
}

/// The close of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Ended {
    /// When.
    pub at: Hlc,
    /// How many entries follow it: what came late, and two officials had the appliance write.
    pub after: u64,
}

/// What an entry still owes after [`Roster::check`]: that its proof holds.
pub type Owed = Option<Box<(Statement, Committed)>>;

impl Roster {
    /// A roster without entries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Holds an entry against everything but its proof, which is owed. `hash` is the leaf hash of its bytes.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn check(&self, entry: &SignedEntry) -> Result<Owed, Broken> {
        let (signed, by_appliance) = self.check_author(entry)?;
        check_signature(&signed, entry)?;
        self.check_body(entry, by_appliance)
    }

    /// As [`Roster::check`], with the signature owed as well, for whoever checks many together. An entry that breaks another rule owes none: where its signature is
    /// not its terminal's, that is what is said.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn check_unsigned(&self, entry: &SignedEntry) -> Result<(SignedHash, Owed), Broken> {
        let (signed, by_appliance) = self.check_author(entry)?;
        match self.check_body(entry, by_appliance) {
            Ok(owed) => Ok((signed, owed)),
            Err(broken) => check_signature(&signed, entry).and(Err(broken)),
        }
    }

    /// Whose signature an entry must bear, and whether that is the appliance's.
    fn check_author(&self, entry: &SignedEntry) -> Result<(SignedHash, bool), Broken> {
        let body = &entry.body;
        let by_appliance = body.terminal.as_str() == APPLIANCE;
        // What comes late officials have the appliance write, and find whom it is about.
        let is_late = by_appliance && matches!(body.body, Body::Person(_) | Body::Report(_) | Body::Shelter(_) | Body::Link(_));
        if self.ended.is_some() && !is_late {
            return Err(broken(Rule::R902, "the event is closed"));
        }
        alone::numbers(body)?;
        let key = match (&body.body, &self.appliance) {
            (Body::Declared(declared), None) if by_appliance => {
                BoardKey::from_bytes(&declared.key.0).map_err(|error| broken(Rule::R902, format!("the appliance's key: {error}")))?
            }
            (Body::Declared(_), _) => return Err(broken(Rule::R902, "the event is declared once, first, by the appliance")),
            (_, None) => return Err(broken(Rule::R902, "the event is not declared yet")),
            (_, Some(key)) if by_appliance => *key,
            (_, Some(_)) => match self.terminals.get(&body.terminal) {
                None => return Err(broken(Rule::R903, format!("terminal {} was not admitted", body.terminal))),
                Some(terminal) if terminal.state.status == TerminalStatus::Revoked => {
                    return Err(broken(Rule::R903, format!("terminal {} was revoked", body.terminal)));
                }
                Some(terminal) => terminal.key,
            },
        };
        if self.event.is_some_and(|event| event != body.event) {
            return Err(broken(Rule::R901, "it is of another event"));
        }
        let hash = body.signed_hash().map_err(|error| broken(Rule::R901, error.to_string()))?;
        Ok((SignedHash { key, hash, signature: entry.signature.0 }, by_appliance))
    }

    fn check_body(&self, entry: &SignedEntry, by_appliance: bool) -> Result<Owed, Broken> {
        let body = &entry.body;
        if (body.number == 0) != body.before.is_none() {
            return Err(broken(Rule::R904, "only the first entry of a terminal has none before it"));
        }
        match &body.body {
            Body::Terminal(state) => self.check_terminal(state, by_appliance),
            Body::Link(Link { chain, other, verdict: _, fields: _ }) => match (by_appliance, chain == other) {
                (true, false) => Ok(None),
                (false, _) => Err(broken(Rule::R902, "only the appliance links handles")),
                (true, true) => Err(broken(Rule::R905, "a handle is linked with itself")),
            },
            Body::Closed {} if !by_appliance => Err(broken(Rule::R902, "only the appliance closes an event")),
            Body::Stated(_) if !by_appliance => Err(broken(Rule::R902, "only the appliance states totals")),
            Body::Stated(stated) => self.check_stated(stated),
            Body::Report(ReportEntry { shelter: _, report }) => report.check().map(|()| None).map_err(|error| broken(Rule::R901, error.to_string())),
            Body::Declared(declared) if !GROUPS.contains(&declared.min_group) => {
                Err(broken(Rule::R902, format!("the least group is {}, which must be {} to {}", declared.min_group, GROUPS.start(), GROUPS.end())))
            }
            Body::Declared(_) | Body::Closed {} | Body::Shelter(_) => Ok(None),
            Body::Person(person) => alone::person(person, body.statement()),
        }
    }

    fn check_terminal(&self, state: &TerminalState, by_appliance: bool) -> Result<Owed, Broken> {
        if !by_appliance {
            return Err(broken(Rule::R902, "only the appliance admits and revokes terminals"));
        }
        if state.terminal.as_str() == APPLIANCE {
            return Err(broken(Rule::R903, "the appliance is no terminal"));
        }
        BoardKey::from_bytes(&state.key.0).map_err(|error| broken(Rule::R903, format!("the terminal's key: {error}")))?;
        match (self.terminals.get(&state.terminal), state.status) {
            (None, TerminalStatus::Admitted) => Ok(None),
            (None, TerminalStatus::Revoked) => Err(broken(Rule::R903, "a terminal that was not admitted cannot be revoked")),
            (Some(known), _) if known.state.key != state.key => Err(broken(Rule::R903, "a terminal keeps its key; admit a new one under a new name")),
            (Some(known), TerminalStatus::Admitted) if known.state.status == TerminalStatus::Revoked => {
                Err(broken(Rule::R903, "a revoked terminal does not come back; admit a new one under a new name"))
            }
            (Some(_), _) => Ok(None),
        }
    }

    fn check_stated(&self, stated: &Stated) -> Result<Owed, Broken> {
        let Stated { number, size, statement: _, scopes } = stated;
        if *number >= MAX_STATEMENTS {
            return Err(broken(Rule::R911, format!("an event has at most {MAX_STATEMENTS} statements")));
        }
        if *number != self.stated.len() as u64 {
            return Err(broken(Rule::R911, format!("it registers statement {number} where {} is the next", self.stated.len())));
        }
        if *size > self.len() || self.stated.last().is_some_and(|(_, before)| before.size > *size) {
            return Err(broken(
                Rule::R911,
                format!("statement {number} is about {size} entries, which are more than there are or fewer than of the one before"),
            ));
        }
        if !scopes.is_sorted_by(|one, two| one.shelter < two.shelter) {
            return Err(broken(Rule::R911, "the scopes of a statement are in the order of their shelters, each once"));
        }
        if scopes.iter().any(|scope| scope.totals.len() != scope.shown.len()) {
            return Err(broken(Rule::R911, "a scope of a statement has one total for each that it tells"));
        }
        Ok(None)
    }

    /// Adds an entry that was checked, at the next leaf. One that is known already changes nothing.
    pub fn apply(&mut self, hash: Hash32, entry: &SignedEntry) {
        let leaf = self.known.len() as u64;
        if self.known.contains_key(&hash) {
            return;
        }
        self.known.insert(hash, leaf);
        // It is here after all, so that nothing stands in for it.
        self.stand_ins.remove(&hash);
        let Entry { v: _, event, terminal, number, before: _, time, entered, body } = &entry.body;
        self.latest = self.latest.max(Some(*entered));
        if let Some(ended) = &mut self.ended {
            ended.after += 1;
        }
        let moment = Moment { time: *time, terminal: terminal.clone(), hash };
        if let Some(terminal) = self.terminals.get_mut(terminal) {
            terminal.numbers.entry(*number).or_default().insert(hash);
            terminal.latest = terminal.latest.max(Some(*entered));
        }
        match body {
            Body::Declared(declared) => {
                self.event = Some(*event);
                self.appliance = BoardKey::from_bytes(&declared.key.0).ok();
                self.declared = Some(Declared::clone(declared));
            }
            Body::Terminal(state) => {
                if let Some(known) = self.terminals.get_mut(&state.terminal) {
                    known.state = state.clone();
                } else if let Ok(key) = BoardKey::from_bytes(&state.key.0) {
                    self.terminals.insert(state.terminal.clone(), Terminal { state: state.clone(), key, numbers: BTreeMap::new(), latest: None });
                }
            }
            Body::Shelter(state) => {
                if state.state == OpenState::Closed {
                    let last = self.closings.entry(state.shelter.clone()).or_insert_with(|| moment.clone());
                    *last = last.clone().max(moment.clone());
                }
                keep(&mut self.shelters, state.shelter.clone(), moment, ShelterState::clone(state));
            }
            Body::Report(ReportEntry { shelter, report }) => keep(&mut self.reports, (shelter.clone(), report.key()), moment, report.clone()),
            Body::Link(Link { chain, other, verdict, fields: _ }) => keep(&mut self.links, pair(*chain, *other), moment, *verdict),
            Body::Person(PersonEntry { chain, seq, after, shelter, act, fields: _, proof }) => {
                let commitment = proof.as_ref().and_then(|proof| proof.0.first_chunk().copied());
                let after: Vec<Hash32> = after.iter().map(|hash| hash.hash()).collect();
                let step = Step { leaf, moment: moment.clone(), entered: *entered, seq: *seq, after, shelter: shelter.clone(), act: *act, commitment };
                self.chains.entry(*chain).or_default().insert(moment, step);
            }
            Body::Stated(stated) => self.stated.push((leaf, stated.clone())),
            Body::Closed {} => self.ended = Some(Ended { at: *time, after: 0 }),
        }
    }

    /// Says that an entry was written in the place of one that stands in no journal: whoever follows that one follows this. Who counts does not depend on it, and only
    /// whoever took something over, or was told so, knows it. Where the absent one was written it counts no more.
    pub fn stand_in(&mut self, absent: Hash32, entry: Hash32) {
        self.stand_ins.insert(absent, entry);
    }

    /// The leaf of the entry that was written in the place of one, if one was.
    #[must_use]
    pub fn stood_in(&self, absent: &Hash32) -> Option<u64> {
        self.stand_ins.get(absent).and_then(|entry| self.leaf(entry))
    }

    /// The event.
    #[must_use]
    pub const fn event(&self) -> Option<EventId> {
        self.event
    }

    /// What the event is, once it is declared.
    #[must_use]
    pub const fn declared(&self) -> Option<&Declared> {
        self.declared.as_ref()
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.known.len() as u64
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// The leaf of an entry, if it is here.
    #[must_use]
    pub fn leaf(&self, hash: &Hash32) -> Option<u64> {
        self.known.get(hash).copied()
    }

    /// Whether an entry of the same terminal and number says the same of the same person under another hash: it was dated anew, and the two are one.
    #[must_use]
    pub fn has_dated_otherwise(&self, hash: &Hash32, entry: &Entry) -> bool {
        let Body::Person(person) = &entry.body else { return false };
        let numbered = self.terminals.get(&entry.terminal).and_then(|terminal| terminal.numbers.get(&entry.number));
        let is_same = |step: &Step| (step.act, &step.shelter) == (person.act, &person.shelter);
        numbered.is_some_and(|hashes| !hashes.contains(hash) && self.steps(&person.chain).any(|step| hashes.contains(&step.moment.hash) && is_same(step)))
    }

    /// The terminals.
    #[must_use]
    pub const fn terminals(&self) -> &BTreeMap<TerminalId, Terminal> {
        &self.terminals
    }

    /// The shelters, as last said.
    pub fn shelters(&self) -> impl Iterator<Item = &ShelterState> {
        self.shelters.values().map(|(_, state)| state)
    }

    /// A shelter, as last said.
    #[must_use]
    pub fn shelter(&self, id: &ShelterId) -> Option<&ShelterState> {
        self.shelters.get(id).map(|(_, state)| state)
    }

    /// When a shelter was closed last, whether or not it opened again.
    #[must_use]
    pub fn closing(&self, id: &ShelterId) -> Option<&Moment> {
        self.closings.get(id)
    }

    /// The latest reports of each kind, with their moments.
    pub fn reports(&self) -> impl Iterator<Item = (&ShelterId, &Moment, &Report)> {
        self.reports.iter().map(|((shelter, _), (moment, report))| (shelter, moment, report))
    }

    /// The entries of a handle, in the order of their moments.
    pub fn steps(&self, chain: &ChainId) -> impl DoubleEndedIterator<Item = &Step> {
        self.chains.get(chain).into_iter().flat_map(BTreeMap::values)
    }

    /// What holds about two handles, with its moment.
    #[must_use]
    pub fn link(&self, one: ChainId, other: ChainId) -> Option<(&Moment, LinkVerdict)> {
        self.links.get(&pair(one, other)).map(|(moment, verdict)| (moment, *verdict))
    }

    /// Every handle.
    pub fn handles(&self) -> impl Iterator<Item = &ChainId> {
        self.chains.keys()
    }

    /// The statements that were registered, with the leaves of their entries, by their numbers.
    #[must_use]
    pub fn stated(&self) -> &[(u64, Stated)] {
        &self.stated
    }

    /// When the event was closed.
    #[must_use]
    pub fn closed(&self) -> Option<Hlc> {
        self.ended.map(|ended| ended.at)
    }

    /// The close of the event, with how many entries follow it.
    #[must_use]
    pub const fn ended(&self) -> Option<Ended> {
        self.ended
    }

    /// The latest moment at which anything was entered.
    #[must_use]
    pub const fn latest(&self) -> Option<Hlc> {
        self.latest
    }
}

impl Terminal {
    /// Whether two write under its name.
    #[must_use]
    pub fn is_copied(&self) -> bool {
        self.numbers.values().any(|hashes| hashes.len() > 1)
    }

    /// The numbers below the greatest at which nothing has come yet, as ranges: a terminal may claim any number.
    pub fn gaps(&self) -> impl Iterator<Item = Range<u64>> {
        let starts = std::iter::once(0).chain(self.numbers.keys().map(|number| number.saturating_add(1)));
        starts.zip(self.numbers.keys()).map(|(start, end)| start..*end).filter(|gap| !gap.is_empty())
    }

    /// How many numbers below the greatest there are at which nothing has come yet.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.gaps().map(|gap| gap.end - gap.start).sum()
    }
}

/// Checks what entries owe, in one batch.
///
/// # Errors
/// For each entry, that R906 does not hold. `rng` as for the batch of the proofs.
pub fn discharge(owed: &[Owed], rng: &mut (impl rand_core::RngCore + rand_core::CryptoRng)) -> Vec<Result<(), Broken>> {
    let items: Vec<(&Statement, &Committed)> = owed.iter().flatten().map(|owed| (&owed.0, &owed.1)).collect();
    let mut verdicts = verify_batch(&items, rng).into_iter();
    let of = |verdict: Option<Result<(), ProofError>>| verdict.unwrap_or(Ok(())).map_err(|error| broken(Rule::R906, error.to_string()));
    owed.iter().map(|owed| if owed.is_some() { of(verdicts.next()) } else { Ok(()) }).collect()
}

/// Checks the signature of an entry alone.
///
/// # Errors
/// R903.
fn check_signature(signed: &SignedHash, entry: &SignedEntry) -> Result<(), Broken> {
    signed.verify().map_err(|_| not_signed(&entry.body.terminal))
}

fn not_signed(terminal: &TerminalId) -> Broken {
    broken(Rule::R903, format!("the signature is not that of terminal {terminal}"))
}

fn keep<K: Ord, T>(map: &mut BTreeMap<K, Latest<T>>, key: K, moment: Moment, value: T) {
    match map.get(&key).map_or(Ordering::Less, |(known, _)| known.cmp(&moment)) {
        Ordering::Less => {
            map.insert(key, (moment, value));
        }
        Ordering::Equal | Ordering::Greater => {}
    }
}

fn pair(one: ChainId, two: ChainId) -> (ChainId, ChainId) {
    (one.min(two), one.max(two))
}

#[cfg(test)]
mod tests;
