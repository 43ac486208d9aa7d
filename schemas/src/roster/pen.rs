//! A pen writes the entries of one terminal: it numbers them, gives them their moments, commits, proves and signs.

use rand_core::{CryptoRng, RngCore};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::BoardSecretKey;
use tachiai_crypto::roster::entry::{Committed, Opening as Commitment};
use tachiai_crypto::roster::fields::Place;

use super::opening::{Opening, OpeningError, root, salted};
use super::report::{HealthCounts, Note, ReportContent, ReportError, SealedAnswers};
use super::{
    Act, Body, ChainId, Entry, EventId, Hlc, HlcClock, LAST_NUMBER, Link, LinkVerdict, Person, PersonEntry, Report, ReportEntry, ShelterId, SignedEntry,
    TerminalId, VERSION,
};
use crate::canonical::CanonicalError;
use crate::roll::Day;
use crate::trustee::{Signed, SignedKind};
use crate::{Blob, Bytes, HashBytes};

/// Where a terminal stands in its own writing: all that it must not lose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The number of the next entry.
    pub number: u64,
    /// The leaf hash of the last.
    pub before: Option<Hash32>,
}

impl Position {
    /// Nothing was written yet.
    pub const START: Self = Self { number: 0, before: None };
}

/// An entry that was written, not stored yet.
pub struct Written {
    /// The bytes for the journal.
    pub bytes: Vec<u8>,
    /// Their leaf hash.
    pub hash: Hash32,
    /// The entry.
    pub entry: SignedEntry,
    /// The opening, if the entry has one.
    pub opening: Option<Opening>,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum PenError {
    /// The fields cannot be salted.
    #[error(transparent)]
    Fields(#[from] OpeningError),
    /// The entry cannot be written.
    #[error(transparent)]
    Form(#[from] CanonicalError),
    /// The report is none.
    #[error(transparent)]
    Report(#[from] ReportError),
}

/// What is written of a person.
pub struct Stroke<'a> {
    /// The handle.
    pub chain: ChainId,
    /// The entries that it follows with their numbers in their chains: those that the writer sees as the person's latest.
    pub after: &'a [(Hash32, u64)],
    /// The shelter.
    pub shelter: ShelterId,
    /// What happens.
    pub act: Act,
    /// All that is known of the person.
    pub person: &'a Person,
    /// When it happened, where that is not now.
    pub time: Option<Hlc>,
}

/// Writes for one terminal in one event.
pub struct Pen<'a> {
    event: EventId,
    terminal: TerminalId,
    key: &'a BoardSecretKey,
    began: Day,
    position: Position,
    clock: HlcClock,
    happened: Option<Hlc>,
}

impl<'a> Pen<'a> {
    /// Takes up a terminal's writing. `latest` is the latest moment that the terminal has seen, in its own entries or others'; `began` the day of the event in Japan.
    #[must_use]
    pub const fn new(event: EventId, terminal: TerminalId, key: &'a BoardSecretKey, began: Day, position: Position, latest: Hlc) -> Self {
        Self { event, terminal, key, began, position, clock: HlcClock::new(latest), happened: None }
    }

    /// Where it stands now.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.position
    }

    /// The next entry without fields, or report, happened then, and not when it is written.
    pub const fn happened(&mut self, time: Hlc) {
        self.happened = Some(time);
    }

    /// Writes an entry without fields; `millis` is what the terminal's clock shows.
    ///
    /// # Errors
    /// [`PenError`], never for the types of this crate.
    pub fn write(&mut self, body: Body, millis: u64) -> Result<Written, PenError> {
        let (time, entered) = self.moments(millis);
        self.sign(body, time, entered, None)
    }

    /// Writes an entry about a person.
    ///
    /// # Errors
    /// [`PenError`], never for a [`Person`].
    pub fn person(&mut self, stroke: &Stroke<'_>, millis: u64, rng: &mut (impl RngCore + CryptoRng)) -> Result<Written, PenError> {
        let Stroke { chain, after, shelter, act, person, time } = stroke;
        let entered = self.clock.tick(millis);
        let time = time.map_or(entered, |time| time.min(entered));
        let mut hashes: Vec<HashBytes> = after.iter().map(|(hash, _)| HashBytes::from(*hash)).collect();
        hashes.sort_unstable();
        hashes.dedup();
        // One that claims the last number is followed all the same, at that number: `after` tells them apart.
        let seq = after.iter().map(|(_, seq)| seq.saturating_add(1).min(LAST_NUMBER)).max().unwrap_or(0);
        let fields = salted(person, rng)?;
        let root = root(&Place { event: self.event, chain: *chain, seq }, &fields);
        let entry = PersonEntry { chain: *chain, seq, after: hashes, shelter: shelter.clone(), act: *act, fields: root.into(), proof: None };
        if !act.is_present() {
            return self.sign(Body::Person(entry), time, entered, Some(Opening { blinding: None, fields }));
        }
        let commitment = Commitment::new(&person.standing(self.began), rng);
        let unproved = self.entry(Body::Person(entry.clone()), time, entered);
        // A person's entry always has a statement.
        let proof = unproved.statement().map(|statement| Blob(Committed::prove(&statement, &commitment, rng).to_bytes()));
        let opening = Opening { blinding: Some(Bytes(commitment.blinding().to_bytes())), fields };
        self.sign(Body::Person(PersonEntry { proof, ..entry }), time, entered, Some(opening))
    }

    /// Writes that two handles are of one person, or are not, with the grounds, which are sealed.
    ///
    /// # Errors
    /// [`PenError`] if the grounds are no JSON object.
    pub fn link(
        &mut self,
        pair: (ChainId, ChainId),
        verdict: LinkVerdict,
        grounds: &impl serde::Serialize,
        millis: u64,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Written, PenError> {
        let entered = self.clock.tick(millis);
        let fields = salted(grounds, rng)?;
        let root = root(&Place { event: self.event, chain: pair.0, seq: self.position.number }, &fields);
        let link = Link { chain: pair.0, other: pair.1, verdict, fields: root.into() };
        self.sign(Body::Link(link), entered, entered, Some(Opening { blinding: None, fields }))
    }

    /// Writes a report; what of it may name people is sealed.
    ///
    /// # Errors
    /// [`PenError::Report`] if it is none.
    pub fn report(&mut self, shelter: ShelterId, content: ReportContent, millis: u64, rng: &mut (impl RngCore + CryptoRng)) -> Result<Written, PenError> {
        content.check()?;
        let handle = ChainId::generate(rng);
        let report = match content {
            ReportContent::Headcount { persons, how } => Report::Headcount { persons, how },
            ReportContent::Supply { item, unit, stock, needed } => Report::Supply { item, unit, stock, needed },
            ReportContent::Assessment { grades } => Report::Assessment { grades },
            ReportContent::Handover { text } => {
                return self.sealed(shelter, handle, &Note { text }, |fields| Report::Handover { handle, fields }, millis, rng);
            }
            ReportContent::Health { day, counts } => {
                return self.sealed(shelter, handle, &HealthCounts { counts }, |fields| Report::Health { day, handle, fields }, millis, rng);
            }
        };
        self.write(Body::Report(ReportEntry { shelter, report }), millis)
    }

    /// Writes what somebody answered to a questionnaire.
    ///
    /// # Errors
    /// [`PenError`], never for this type.
    pub fn answers(
        &mut self,
        shelter: ShelterId,
        handle: ChainId,
        answers: &SealedAnswers,
        millis: u64,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Written, PenError> {
        self.sealed(shelter, handle, answers, |fields| Report::Questionnaire { handle, fields }, millis, rng)
    }

    /// Writes a report again that was written at a wrong time: what is sealed in it stays, under fresh salts.
    ///
    /// # Errors
    /// [`PenError::Fields`] where something is sealed in it and the opening is missing or another's.
    pub fn report_again(
        &mut self,
        entry: &ReportEntry,
        opening: Option<&Opening>,
        millis: u64,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Written, PenError> {
        let ReportEntry { shelter, report } = entry.clone();
        let Some((handle, _)) = report.sealed() else { return self.write(Body::Report(ReportEntry { shelter, report }), millis) };
        let content: serde_json::Value = opening.ok_or(OpeningError::Fields)?.read()?;
        let again = |fields| match report {
            Report::Handover { handle, fields: _ } => Report::Handover { handle, fields },
            Report::Health { day, handle, fields: _ } => Report::Health { day, handle, fields },
            Report::Questionnaire { handle, fields: _ } => Report::Questionnaire { handle, fields },
            plain @ (Report::Headcount { .. } | Report::Supply { .. } | Report::Assessment { .. }) => plain,
        };
        self.sealed(shelter, handle, &content, again, millis, rng)
    }

    fn sealed(
        &mut self,
        shelter: ShelterId,
        handle: ChainId,
        content: &impl serde::Serialize,
        report: impl FnOnce(HashBytes) -> Report,
        millis: u64,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Written, PenError> {
        let (time, entered) = self.moments(millis);
        let fields = salted(content, rng)?;
        let root = root(&Place { event: self.event, chain: handle, seq: self.position.number }, &fields);
        let body = Body::Report(ReportEntry { shelter, report: report(root.into()) });
        self.sign(body, time, entered, Some(Opening { blinding: None, fields }))
    }

    /// When the next entry happened, and when it is entered.
    fn moments(&mut self, millis: u64) -> (Hlc, Hlc) {
        let entered = self.clock.tick(millis);
        (self.happened.take().map_or(entered, |time| time.min(entered)), entered)
    }

    fn entry(&self, body: Body, time: Hlc, entered: Hlc) -> Entry {
        let Position { number, before } = self.position;
        Entry { v: VERSION, event: self.event, terminal: self.terminal.clone(), number, before: before.map(HashBytes::from), time, entered, body }
    }

    fn sign(&mut self, body: Body, time: Hlc, entered: Hlc, opening: Option<Opening>) -> Result<Written, PenError> {
        let body = self.entry(body, time, entered);
        let signature = Bytes(self.key.sign_hash(&body.signed_hash()?));
        let entry = Signed { body, signature };
        let bytes = super::to_bytes(&entry)?;
        let hash = super::leaf_hash(&bytes);
        self.position = Position { number: self.position.number.saturating_add(1), before: Some(hash) };
        Ok(Written { bytes, hash, entry, opening })
    }
}
