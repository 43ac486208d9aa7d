//! The connection to the committer: what happens inside the one thread that appends to the journal of an event, and what readers see afterwards.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{BoardSecretKey, Checkpoint, MAX_ENTRY_LEN, Origin, SignedCheckpoint, Tree};
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::hand_in::Aside;
use tachiai_schemas::roster::opening;
use tachiai_schemas::roster::pen::Position;
use tachiai_schemas::roster::{APPLIANCE, Body, ChainId, Person, ShelterId, ShelterState, SignedEntry, TerminalStatus};
use tachiai_schemas::{Refusal, Timestamp};
use tachiai_verify::roster::people::People;
use tachiai_verify::roster::{Moment, Roster};

use super::curve::Counts;
use super::mark::Mark;
use super::whose::Whose;
use crate::clock::Clock;
use crate::journal::{Appended, Handled, Ledger};
use crate::refused::Refused;

/// What readers see of an event: only what is durable.
pub struct Published {
    /// Who is where.
    pub roster: Roster,
    /// The people, as far as their openings are here.
    pub people: People,
    /// Whom the entries name, by which somebody is found.
    pub whose: Whose,
    /// The tree over the entries.
    pub tree: Tree,
    /// The signed checkpoint over all of it; none before the event is declared.
    pub checkpoint: Option<Arc<SignedCheckpoint>>,
    /// When it was signed.
    pub signed: Option<Timestamp>,
    /// Where the appliance stands in its own writing.
    pub own: Position,
    /// Every count of heads.
    pub counts: Counts,
}

impl Published {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        // Before an event is declared nobody has an age on its day.
        Self {
            roster: Roster::new(),
            people: People::new(Day::of(BEFORE)),
            whose: Whose::default(),
            tree: Tree::new(),
            checkpoint: None,
            signed: None,
            own: Position::START,
            counts: Counts::default(),
        }
    }

    fn apply(&mut self, candidate: &Candidate) {
        let Candidate { bytes: _, hash, entry, person, in_place_of: _ } = candidate;
        if let Body::Declared(declared) = &entry.body.body {
            self.people = People::new(Day::of(declared.began));
        }
        if entry.body.terminal.as_str() == APPLIANCE {
            self.own = Position { number: entry.body.number.saturating_add(1), before: Some(*hash) };
        }
        let moment = Moment { time: entry.body.time, terminal: entry.body.terminal.clone(), hash: *hash };
        self.counts.apply(moment, entry);
        candidate.enter(&mut self.roster);
        self.tree.push(*hash);
        if let Some(person) = person {
            self.people.open(*hash, Arc::clone(person));
            if let Some((place, _)) = opening::place(&entry.body) {
                self.whose.apply(place.chain, person);
            }
        }
    }

    fn sign(&mut self, key: &BoardSecretKey, now: Timestamp) {
        let Some(origin) = self.roster.declared().and_then(|declared| Origin::new(&declared.origin).ok()) else { return };
        self.checkpoint = Some(Arc::new(key.sign(&Checkpoint { origin, size: self.tree.len(), root: self.tree.root() })));
        self.signed = Some(now);
    }
}

impl Default for Published {
    fn default() -> Self {
        Self::new()
    }
}

/// A time before every event.
const BEFORE: Timestamp = match Timestamp::from_unix(0) {
    Ok(start) => start,
    Err(_) => unreachable!(),
};

/// What committer and readers share.
#[derive(Default)]
pub struct Shared(RwLock<Published>);

impl Shared {
    /// The event, for as long as the guard is held; not over an `await`.
    pub fn read(&self) -> RwLockReadGuard<'_, Published> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what the entries of these handles say of their person.
    pub fn forget(&self, handles: &[ChainId]) {
        let mut published = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let Published { roster, people, whose, .. } = &mut *published;
        handles.iter().flat_map(|handle| roster.steps(handle)).for_each(|step| people.forget(&step.moment.hash));
        whose.forget(handles);
    }
}

/// An entry that may be appended: its opening is sealed and durable.
pub struct Candidate {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Their leaf hash.
    pub hash: Hash32,
    /// What they say.
    pub entry: SignedEntry,
    /// The person, where the entry is about one and its opening is here.
    pub person: Option<Arc<Person>>,
    /// The leaf hash of an entry that was set aside and in whose place this one is written.
    pub in_place_of: Option<Hash32>,
}

impl Candidate {
    fn enter(&self, roster: &mut Roster) {
        roster.apply(self.hash, &self.entry);
        // What stands in the journal counts, as for everybody who reads it.
        if let Some(absent) = self.in_place_of.filter(|absent| roster.leaf(absent).is_none()) {
            roster.stand_in(absent, self.hash);
        }
    }
}

/// What somebody saw who writes, so that nothing is written over what came since.
pub enum Seen {
    /// The entries of a person that were the latest.
    Person {
        /// A handle of the person.
        chain: ChainId,
        /// The leaf hashes.
        heads: Vec<Hash32>,
    },
    /// How a shelter stood; none that was not opened yet.
    Shelter(ShelterId, Option<Box<ShelterState>>),
}

/// What is asked of the committer.
pub enum Command {
    /// Takes entries of terminals of which signature, rules, opening and proof were checked before.
    Take(Vec<Candidate>),
    /// Takes an entry of the appliance itself; only as long as what it is about is as it was seen.
    Write(Box<Candidate>, Option<Seen>),
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is new, at this leaf.
    New(u64),
    /// It was there.
    Known(u64),
    /// It was set aside after all.
    Aside(Aside),
}

/// What became of the entries of a command, once everything is durable.
#[derive(Debug, Clone)]
pub struct Taken {
    /// One for each.
    pub fates: Vec<Fate>,
    /// The checkpoint over all of it.
    pub checkpoint: Option<Arc<SignedCheckpoint>>,
}

/// An event inside its committer.
pub struct RosterLedger {
    /// With everything decided, durable or not yet.
    ahead: Roster,
    pending: Vec<Candidate>,
    shared: Arc<Shared>,
    key: BoardSecretKey,
    mark: Mark,
    clock: Arc<dyn Clock>,
}

impl RosterLedger {
    /// An event without entries.
    #[must_use]
    pub fn new(shared: Arc<Shared>, key: BoardSecretKey, mark: Mark, clock: Arc<dyn Clock>) -> Self {
        Self { ahead: Roster::new(), pending: Vec::new(), shared, key, mark, clock }
    }

    /// Takes over an entry that is durable already, in order. Its proof was checked when it came.
    ///
    /// # Errors
    /// What is wrong: the journal holds what the rules forbid.
    pub fn replay(&mut self, candidate: Candidate) -> Result<(), String> {
        self.ahead.check(&candidate.entry).map_err(|broken| broken.to_string())?;
        candidate.enter(&mut self.ahead);
        self.pending.push(candidate);
        if self.pending.len() >= 1024 {
            self.publish();
        }
        Ok(())
    }

    /// Ends the replay: the event is signed and published.
    pub fn replayed(&mut self) {
        self.publish();
    }

    fn publish(&mut self) {
        let mut published = self.shared.0.write().unwrap_or_else(PoisonError::into_inner);
        for candidate in self.pending.drain(..) {
            published.apply(&candidate);
        }
        published.sign(&self.key, self.clock.now());
    }

    /// Signature, rules and proof depend on the terminal's key alone, which stays; so only what may have changed since they were checked is looked at again.
    fn fate(&self, candidate: &Candidate) -> Fate {
        // What was taken over meanwhile stands here as the appliance's.
        if let Some(leaf) = self.ahead.leaf(&candidate.hash).or_else(|| self.ahead.stood_in(&candidate.hash)) {
            return Fate::Known(leaf);
        }
        if self.ahead.closed().is_some() {
            return Fate::Aside(Aside::Closed);
        }
        if self.ahead.has_dated_otherwise(&candidate.hash, &candidate.entry.body) {
            return Fate::Aside(Aside::Clock);
        }
        match self.ahead.terminals().get(&candidate.entry.body.terminal).map(|terminal| terminal.state.status) {
            Some(TerminalStatus::Admitted) => Fate::New(self.ahead.len()),
            Some(TerminalStatus::Revoked) => Fate::Aside(Aside::Revoked),
            None => Fate::Aside(Aside::Rule),
        }
    }

    fn take(&mut self, candidates: Vec<Candidate>) -> (Vec<Vec<u8>>, Vec<Fate>) {
        let (mut entries, mut fates) = (Vec::new(), Vec::with_capacity(candidates.len()));
        for candidate in candidates {
            let fate = self.fate(&candidate);
            fates.push(fate);
            if let Fate::New(_) = fate {
                entries.push(candidate.bytes.clone());
                candidate.enter(&mut self.ahead);
                self.pending.push(candidate);
            }
        }
        (entries, fates)
    }

    fn write(&mut self, candidate: Candidate, seen: Option<Seen>) -> Result<(Vec<u8>, Fate), Refused> {
        // What came late is taken over by two officials, and two find whom it is about.
        let is_late = candidate.in_place_of.is_some() || matches!(candidate.entry.body.body, Body::Link(_));
        if self.ahead.closed().is_some() && !is_late {
            return Err(Refusal::EventClosed.into());
        }
        match seen {
            Some(Seen::Person { chain, heads }) => {
                let now: std::collections::BTreeSet<Hash32> =
                    self.ahead.person(chain).iter().flat_map(|group| group.heads.iter().map(|(_, step)| step.moment.hash)).collect();
                if now != heads.into_iter().collect() {
                    return Err(Refusal::PersonChanged.into());
                }
            }
            Some(Seen::Shelter(id, state)) if self.ahead.shelter(&id) != state.as_deref() => return Err(Refusal::Overtaken.into()),
            Some(Seen::Shelter(..)) | None => {}
        }
        if candidate.bytes.len() > MAX_ENTRY_LEN {
            return Err(Refusal::TooLarge.into());
        }
        self.ahead.check(&candidate.entry).map_err(|broken| Refused::about(Refusal::BadRequest, broken))?;
        let fate = Fate::New(self.ahead.len());
        candidate.enter(&mut self.ahead);
        let bytes = candidate.bytes.clone();
        self.pending.push(candidate);
        Ok((bytes, fate))
    }
}

impl Ledger for RosterLedger {
    type Command = Command;
    type Reply = Result<Taken, Refused>;

    fn handle(&mut self, command: Command, _next_seq: u64) -> Handled<Self::Reply> {
        match command {
            Command::Take(candidates) => {
                let (entries, fates) = self.take(candidates);
                Handled { entries, reply: Ok(Taken { fates, checkpoint: None }) }
            }
            Command::Write(candidate, seen) => match self.write(*candidate, seen) {
                Ok((bytes, fate)) => Handled { entries: vec![bytes], reply: Ok(Taken { fates: vec![fate], checkpoint: None }) },
                Err(refused) => Handled { entries: Vec::new(), reply: Err(refused) },
            },
        }
    }

    fn committed(&mut self, batch: &[Appended], replies: &mut [Self::Reply]) {
        if let (Some(first), Some(last)) = (batch.first(), batch.last()) {
            self.mark.advance(first.seq..last.seq + 1);
            self.publish();
        }
        let checkpoint = self.shared.read().checkpoint.clone();
        for taken in replies.iter_mut().flatten() {
            taken.checkpoint.clone_from(&checkpoint);
        }
    }
}
