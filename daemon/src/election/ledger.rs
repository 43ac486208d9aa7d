//! The connection to the committer: what happens inside the one thread that appends to a board, and what readers see
//! afterwards.

use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard};

use rand_core::OsRng;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{BoardSecretKey, Checkpoint, InclusionProof, SignedCheckpoint};
use tachiai_schemas::election::Body;
use tachiai_schemas::entry::Entry;
use tachiai_schemas::{LeafIndex, Refusal, Timestamp};
use tachiai_verify::board::Lookup;
use tachiai_verify::obligation::{Obligation, discharge};

use super::decide::{Append, Command, Decision, decide, refusal_of};
use super::private::{PrivateEntry, PrivateState};
use super::state::BoardState;
use super::views::Views;
use crate::clock::Clock;
use crate::journal::{Appended, CommitError, Handled, Ledger, MirrorUpdater};
use crate::refused::Refused;

/// What readers see of a board: only what is durable.
pub struct Published {
    /// The board.
    pub state: BoardState,
    /// The signed checkpoint over all of it; none before the manifest.
    pub checkpoint: Option<Arc<SignedCheckpoint>>,
    /// When it was signed.
    pub signed: Option<Timestamp>,
}

/// What committer and readers share.
pub struct Shared {
    published: RwLock<Published>,
    /// The board's secret key, once the ceremony was started.
    pub key: OnceLock<BoardSecretKey>,
    /// The mirror, once there is a key.
    pub mirror: OnceLock<MirrorUpdater>,
}

impl Shared {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        let published = Published { state: BoardState::new(Lookup::None), checkpoint: None, signed: None };
        Self { published: RwLock::new(published), key: OnceLock::new(), mirror: OnceLock::new() }
    }

    /// The board, for as long as the guard is held; not over an `await`.
    pub fn read(&self) -> RwLockReadGuard<'_, Published> {
        // Nothing panics between two changes of a board; a verifier's check would find it if it did.
        self.published.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn publish(&self, change: impl FnOnce(&mut Published)) {
        change(&mut self.published.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Signs a checkpoint over all of the readers' board.
    fn sign(&self, published: &mut Published, now: Timestamp) {
        let (Some(key), Some(origin)) = (self.key.get(), published.state.board.origin()) else { return };
        let tree = &published.state.tree;
        let checkpoint = Checkpoint { origin: origin.clone(), size: tree.len(), root: tree.root() };
        published.checkpoint = Some(Arc::new(key.sign(&checkpoint)));
        published.signed = Some(now);
    }
}

impl Default for Shared {
    fn default() -> Self {
        Self::new()
    }
}

/// Where an entry stands.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// Its leaf.
    pub leaf: LeafIndex,
    /// The hash of its leaf.
    pub leaf_hash: Hash32,
    /// When it was accepted; `None` if that was before this command.
    pub at: Option<Timestamp>,
    /// The proof that the checkpoint includes it.
    pub proof: Option<(InclusionProof, Arc<SignedCheckpoint>)>,
}

/// An entry that was decided and is not durable yet.
struct Pending {
    leaf_hash: Hash32,
    entry: Entry,
    roll: Option<Vec<u8>>,
}

/// A board inside its committer.
pub struct BoardLedger {
    ahead: BoardState,
    pending: Vec<Pending>,
    shared: Arc<Shared>,
    views: Views,
    clock: Arc<dyn Clock>,
}

impl BoardLedger {
    /// A board without entries.
    #[must_use]
    pub fn new(shared: Arc<Shared>, views: Views, clock: Arc<dyn Clock>) -> Self {
        Self { ahead: BoardState::new(Lookup::ByHash), pending: Vec::new(), shared, views, clock }
    }

    /// Takes over an entry that is durable already, in order; `roll` finds the attachment of `opened`.
    ///
    /// # Errors
    /// What is wrong: the journal holds what the rules forbid, or the roll is missing.
    pub fn replay(&mut self, bytes: &[u8], roll: impl FnOnce(Hash32) -> Result<Vec<u8>, Refused>) -> Result<(), Refused> {
        let fault = |violation| Refused::fault("replaying a board", violation);
        let entry = Entry::from_bytes(bytes).map_err(|error| Refused::fault("replaying a board", error))?;
        let leaf_hash = tachiai_crypto::journal::leaf_hash(bytes);
        let roll = match &entry.body {
            Body::Opened(opened) => Some(roll(opened.roll.file.hash())?),
            _ => None,
        };
        if let Some(roll) = &roll {
            self.ahead.board.attach_roll(roll).map_err(fault)?;
        }
        self.ahead.board.check(self.ahead.next_leaf(), leaf_hash, &entry, &self.ahead.tree).map_err(fault)?;
        self.ahead.apply(leaf_hash, &entry);
        self.pending.push(Pending { leaf_hash, entry, roll });
        if self.pending.len() >= 1024 {
            self.publish_pending();
        }
        Ok(())
    }

    /// Ends the replay: the board is signed and published.
    pub fn replayed(&mut self) {
        self.publish_pending();
    }

    fn record(&mut self, command: Command) -> Result<(Accepted, Vec<u8>), Refused> {
        if let Command::Open(_, roll) = &command {
            self.ahead.board.attach_roll(roll).map_err(|violation| refusal_of(&violation))?;
        }
        match decide(&self.ahead, self.clock.now(), &command)? {
            Decision::Already(leaf) => {
                let leaf_hash = self.ahead.tree.leaf(leaf.0).ok_or(Refusal::Fault)?;
                Ok((Accepted { leaf, leaf_hash, at: None, proof: None }, Vec::new()))
            }
            Decision::Append(append) => {
                let Append { entry, bytes, leaf_hash, owes } = *append;
                if !matches!(owes, Obligation::Nothing) {
                    let verdicts = discharge(&[owes], &mut OsRng);
                    verdicts.into_iter().collect::<Result<(), _>>().map_err(|violation| refusal_of(&violation))?;
                }
                let accepted = Accepted { leaf: self.ahead.next_leaf(), leaf_hash, at: Some(entry.at), proof: None };
                self.ahead.apply(leaf_hash, &entry);
                let roll = match command {
                    Command::Open(_, roll) => Some(roll),
                    Command::Record(_) | Command::Cast(_) | Command::CloseOnline | Command::ClosePoll | Command::Publish => None,
                };
                self.pending.push(Pending { leaf_hash, entry, roll });
                Ok((accepted, bytes))
            }
        }
    }

    fn publish_pending(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        self.shared.publish(|published| {
            for Pending { leaf_hash, entry, roll } in pending {
                if let Some(Err(violation)) = roll.map(|roll| published.state.board.attach_roll(&roll)) {
                    tracing::error!(%violation, "a roll that was checked cannot be attached");
                }
                self.views.note(&published.state, &entry);
                published.state.apply(leaf_hash, &entry);
            }
            // Before the readers' board moves on, so that they never find the views behind it.
            self.views.write();
            self.shared.sign(published, self.clock.now());
        });
        if let (Some(mirror), Some(checkpoint)) = (self.shared.mirror.get(), self.shared.read().checkpoint.as_ref()) {
            mirror.update(SignedCheckpoint::clone(checkpoint));
        }
    }
}

impl Ledger for BoardLedger {
    type Command = Command;
    type Reply = Result<Accepted, Refused>;

    fn handle(&mut self, command: Command, _next_seq: u64) -> Handled<Self::Reply> {
        match self.record(command) {
            Ok((accepted, bytes)) => Handled { entries: if bytes.is_empty() { Vec::new() } else { vec![bytes] }, reply: Ok(accepted) },
            Err(refused) => Handled { entries: Vec::new(), reply: Err(refused) },
        }
    }

    fn committed(&mut self, batch: &[Appended], replies: &mut [Self::Reply]) {
        if !batch.is_empty() {
            self.publish_pending();
        }
        let Some(checkpoint) = self.shared.read().checkpoint.clone() else { return };
        for accepted in replies.iter_mut().flatten() {
            // The board ahead is the durable one again: every entry of it was in this batch or an earlier one.
            accepted.proof = self.ahead.tree.inclusion(accepted.leaf.0, checkpoint.checkpoint().size).ok().map(|proof| (proof, Arc::clone(&checkpoint)));
        }
    }
}

/// A private journal inside its committer: whatever comes was decided before.
pub struct PrivateLedger {
    pending: Vec<(u64, PrivateEntry)>,
    state: Arc<RwLock<PrivateState>>,
}

impl PrivateLedger {
    /// On top of a state that was replayed.
    #[must_use]
    pub const fn new(state: Arc<RwLock<PrivateState>>) -> Self {
        Self { pending: Vec::new(), state }
    }
}

impl Ledger for PrivateLedger {
    type Command = PrivateEntry;
    type Reply = Result<(), Refused>;

    fn handle(&mut self, entry: PrivateEntry, next_seq: u64) -> Handled<Self::Reply> {
        match entry.to_bytes() {
            Ok(bytes) => {
                self.pending.push((next_seq, entry));
                Handled { entries: vec![bytes], reply: Ok(()) }
            }
            Err(error) => Handled { entries: Vec::new(), reply: Err(Refused::fault("writing a private entry", error)) },
        }
    }

    fn committed(&mut self, _batch: &[Appended], _replies: &mut [Self::Reply]) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        for (seq, entry) in self.pending.drain(..) {
            state.apply(seq, &entry);
        }
    }
}

/// What a client is told when the committer did not get to a decision.
#[must_use]
pub fn uncommitted(error: &CommitError) -> Refused {
    match error {
        CommitError::Busy | CommitError::Stopped => Refusal::Busy.into(),
        CommitError::ReadOnly(_) | CommitError::Fault(_) => {
            tracing::error!(%error, "nothing can be recorded");
            Refusal::ReadOnly.into()
        }
    }
}
