//! Terminals that write a roster in memory.

use std::collections::BTreeMap;

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::BoardSecretKey;
use tachiai_schemas::election::Text;
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::pen::{Pen, Position, Stroke, Written};
use tachiai_schemas::roster::person::Identified;
use tachiai_schemas::roster::{
    APPLIANCE, Act, Body, CardRule, ChainId, Declared, EventId, EventKind, Hlc, Person, Stay, TerminalId, TerminalState, TerminalStatus,
};
use tachiai_schemas::{Bytes, Timestamp};

use crate::roster::{Broken, Roster, discharge};

/// When the event begins, in seconds since 1970.
const BEGAN: i64 = 1_788_000_000;

/// When the event begins, in milliseconds.
pub const BEGIN: u64 = 1_788_000_000_000;

/// The event.
#[must_use]
pub const fn event() -> EventId {
    EventId([7; 16])
}

/// Its day.
#[must_use]
pub fn began() -> Day {
    Day::of(Timestamp::from_unix(BEGAN).unwrap())
}

/// A terminal with what it has seen.
pub struct Hand {
    /// Its name.
    pub name: TerminalId,
    /// Its key.
    pub key: BoardSecretKey,
    position: Position,
    latest: Hlc,
    seen: BTreeMap<ChainId, Vec<(Hash32, u64)>>,
}

impl Hand {
    /// A terminal whose key is of this seed.
    #[must_use]
    pub fn new(name: &str, seed: u8) -> Self {
        Self {
            name: name.parse().unwrap(),
            key: BoardSecretKey::from_seed(&[seed; 32]),
            position: Position::START,
            latest: Hlc::at_millis(0),
            seen: BTreeMap::new(),
        }
    }

    /// Writes an entry.
    pub fn write(&mut self, f: impl FnOnce(&mut Pen<'_>) -> Written) -> Written {
        let mut pen = Pen::new(event(), self.name.clone(), &self.key, began(), self.position, self.latest);
        let written = f(&mut pen);
        self.position = pen.position();
        self.latest = self.latest.max(written.entry.body.entered);
        written
    }

    /// Writes what happens to a person of whom little is known, after what it has seen of them.
    pub fn act(&mut self, chain: ChainId, shelter: &str, act: Act, millis: u64, rng: &mut ChaCha20Rng) -> Written {
        let person = Person { name: format!("{chain}"), ..Person::unknown(Identified::Typed, Stay::Shelter) };
        self.tell(chain, shelter, act, &person, millis, rng)
    }

    /// Writes what happens to a person, after what it has seen of them.
    pub fn tell(&mut self, chain: ChainId, shelter: &str, act: Act, person: &Person, millis: u64, rng: &mut ChaCha20Rng) -> Written {
        let after = self.seen.get(&chain).cloned().unwrap_or_default();
        let written = self.write(|pen| {
            let stroke = Stroke { chain, after: &after, shelter: shelter.parse().unwrap(), act, person, time: None };
            pen.person(&stroke, millis, rng).unwrap()
        });
        let Body::Person(entry) = &written.entry.body.body else { unreachable!() };
        self.seen.insert(chain, vec![(written.hash, entry.seq)]);
        written
    }

    /// Learns of an entry of another terminal, as when the link is back.
    pub fn see(&mut self, written: &Written) {
        self.latest = self.latest.max(written.entry.body.entered);
        if let Body::Person(entry) = &written.entry.body.body {
            let heads = self.seen.entry(entry.chain).or_default();
            heads.retain(|(hash, _)| !entry.after.iter().any(|after| after.hash() == *hash));
            heads.push((written.hash, entry.seq));
        }
    }
}

/// A declared event with its terminals: the roster, the appliance, and the entries so far.
#[must_use]
pub fn start(terminals: &[&Hand]) -> (Roster, Hand, Vec<Written>) {
    let mut appliance = Hand::new(APPLIANCE, 255);
    let declared = Declared {
        kind: EventKind::Drill,
        title: Text { ja: "大雨".to_owned(), en: "heavy rain".to_owned() },
        municipality: "282227".to_owned(),
        began: Timestamp::from_unix(BEGAN).unwrap(),
        card: CardRule::WithoutPin,
        origin: "yabu.example/x".to_owned(),
        key: Bytes(appliance.key.public().to_bytes()),
        recipient: "age1".to_owned(),
        min_group: 10,
    };
    let at = BEGIN;
    let mut written = vec![appliance.write(|pen| pen.write(Body::Declared(Box::new(declared)), at).unwrap())];
    for terminal in terminals {
        let state = TerminalState {
            terminal: terminal.name.clone(),
            key: Bytes(terminal.key.public().to_bytes()),
            recipient: "age1".to_owned(),
            shelter: "gym".parse().unwrap(),
            status: TerminalStatus::Admitted,
        };
        written.push(appliance.write(|pen| pen.write(Body::Terminal(state), at).unwrap()));
    }
    let mut roster = Roster::new();
    for written in &written {
        take(&mut roster, written).unwrap();
    }
    (roster, appliance, written)
}

/// Checks an entry and adds it.
///
/// # Errors
/// The rule that it breaks.
pub fn take(roster: &mut Roster, written: &Written) -> Result<(), Broken> {
    let owed = roster.check(&written.entry)?;
    discharge(&[owed], &mut ChaCha20Rng::from_seed([1; 32])).into_iter().collect::<Result<(), _>>()?;
    roster.apply(written.hash, &written.entry);
    Ok(())
}

/// A handle.
#[must_use]
pub const fn chain(n: u8) -> ChainId {
    ChainId([n; 16])
}
