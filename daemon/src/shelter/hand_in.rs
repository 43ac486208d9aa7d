//! A hand-in of a terminal: what is new in it stands in the roster before it is answered, and what cannot be taken is kept aside, whole.
//!
//! The order: the terminal's signature over the whole; each entry against the rules; its opening against it; its proof. Then the openings are sealed under the
//! keys of their people and made durable, then the entries. The same hand-in again changes nothing.

use std::collections::BTreeSet;
use std::io::Read;
use std::iter;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;

use rand_core::OsRng;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{BoardKey, MAX_ENTRY_LEN};
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::hand_in::{Aside, Copied, HandIn, HandInAnswer, MAX_ENTRIES, Openings, SetAside, SignedHandIn};
use tachiai_schemas::roster::opening::{self, Opening};
use tachiai_schemas::roster::report::{HealthCounts, Note};
use tachiai_schemas::roster::{self, Body, Entry, Hlc, Person, Report, ReportEntry, ShelterId, TerminalId, TerminalStatus};
use tachiai_schemas::shelter::Way;
use tachiai_schemas::trustee::SignedKind;
use tachiai_schemas::{Blob, HashBytes, Refusal, canonical};
use tachiai_verify::roster::{Owed, discharge};
use tachiai_verify::rule::Rule;
use zeroize::Zeroizing;

use super::event::{check_opening, to_json};
use super::kept::{Kept, KeptState};
use super::ledger::{Candidate, Fate};
use super::{Event, decide, offload, terminals};
use crate::refused::Refused;

/// The longest body of a hand-in in bytes: 500 entries of 1.8 KB with openings of 3 KB each are about 4 MB in base64url, and some openings are longer.
pub const BODY: usize = 12 << 20;

/// From so many entries on a hand-in waits for others of its size, so that a single arrival does not wait for them.
const LARGE: usize = 16;

/// How many reasons stand in one entry of the private journal.
const REASONS: usize = 50;

/// The longest words of a reason, in characters.
const DETAIL: usize = 120;

/// What became of an entry before it came to the committer.
enum Looked {
    /// It is here already.
    Known,
    /// It is good.
    Good(Box<Good>),
    /// It is set aside.
    Aside(Aside, String),
}

/// A good entry with its opening.
struct Good {
    candidate: Candidate,
    opening: Option<Opening>,
}

/// A hand-in with what became of each entry.
struct Inspected {
    terminal: TerminalId,
    looked: Vec<Looked>,
    file: Vec<u8>,
}

impl Event {
    /// Takes a hand-in.
    ///
    /// # Errors
    /// [`Refusal::HandIn`] if it is not as its terminal signed it, [`Refusal::TerminalRefused`] if the terminal was never admitted,
    /// [`Refusal::ReadOnly`], [`Refusal::Busy`].
    pub async fn hand_in(self: &Arc<Self>, by: &str, way: Way, file: SignedHandIn) -> Result<HandInAnswer, Refused> {
        let lane = if file.body.entries.len() >= LARGE { Some(self.services.lane.acquire().await.map_err(|_| Refused::from(Refusal::Busy))?) } else { None };
        let this = Arc::clone(self);
        let Inspected { terminal, looked, file } = offload(move || this.inspect(way, file)).await?;
        let (mut aside, mut known) = (Vec::new(), 0);
        let (mut goods, mut indices) = (Vec::new(), Vec::new());
        for (index, looked) in (0_u32..).zip(looked) {
            match looked {
                Looked::Known => known += 1,
                Looked::Good(good) => {
                    goods.push(*good);
                    indices.push(index);
                }
                Looked::Aside(reason, detail) => aside.push(SetAside { index, reason, detail: detail.chars().take(DETAIL).collect() }),
            }
        }
        let mut taken = 0;
        if !goods.is_empty() {
            let _sealing = self.sealing.read().await;
            let this = Arc::clone(self);
            let (candidates, openings) = offload(move || this.seal_all(goods)).await?;
            self.private.note(openings).await?;
            let answer = self.take(candidates).await?;
            for (index, fate) in indices.into_iter().zip(answer.fates) {
                match fate {
                    Fate::New(_) => taken += 1,
                    Fate::Known(_) => known += 1,
                    Fate::Aside(reason) => aside.push(SetAside { index, reason, detail: String::new() }),
                }
            }
        }
        drop(lane);
        aside.sort_by_key(|aside| aside.index);
        self.keep_aside(by, way, &terminal, file, &aside).await?;
        let published = self.published();
        let checkpoint = published.checkpoint.as_ref().map(|checkpoint| checkpoint.as_str().to_owned()).unwrap_or_default();
        let copied = published.roster.terminals().get(&terminal).map_or(Copied::No, terminals::copied);
        Ok(HandInAnswer { taken, known, aside, now: self.now(), size: published.roster.len(), copied, checkpoint })
    }

    /// Looks at a hand-in without changing anything.
    fn inspect(&self, way: Way, file: SignedHandIn) -> Result<Inspected, Refused> {
        let HandIn { event, terminal, now, entries, openings } = &file.body;
        if *event != self.id {
            return Err(Refused::about(Refusal::HandIn, "event"));
        }
        if entries.len() > MAX_ENTRIES {
            return Err(Refused::about(Refusal::HandIn, format!("entries: at most {MAX_ENTRIES}")));
        }
        let (state, is_closed) = {
            let published = self.published();
            let state = published.roster.terminals().get(terminal).map(|terminal| terminal.state.clone());
            (state.ok_or(Refusal::TerminalRefused)?, published.roster.closed().is_some())
        };
        let signed = file.body.signed_hash().map_err(|error| Refused::about(Refusal::HandIn, error))?;
        let key = BoardKey::from_bytes(&state.key.0).map_err(|error| Refused::fault("reading a terminal's key", error))?;
        key.verify_hash(&signed, &file.signature.0).map_err(|_| Refused::about(Refusal::HandIn, "signature"))?;
        let clock = self.now();
        let whole = if state.status == TerminalStatus::Revoked {
            Some((Aside::Revoked, "the terminal was revoked".to_owned()))
        } else if is_closed {
            Some((Aside::Closed, "the event is closed".to_owned()))
        } else if way == Way::Network && decide::is_off(clock, *now) {
            Some((Aside::Clock, format!("the terminal's clock shows {now}")))
        } else {
            None
        };
        let looked = match whole {
            Some((reason, detail)) => {
                let of = |Blob(bytes): &Blob| {
                    let hash = roster::leaf_hash(bytes);
                    let known = self.published().roster.leaf(&hash).is_some() || self.is_taken_over(&hash);
                    if known { Looked::Known } else { Looked::Aside(reason, detail.clone()) }
                };
                entries.iter().map(of).collect()
            }
            None => self.look_at_all(entries, self.open_openings(openings, entries.len()), clock)?,
        };
        let terminal = terminal.clone();
        let file = canonical::to_bytes(&file).map_err(|error| Refused::fault("keeping a hand-in", error))?;
        Ok(Inspected { terminal, looked, file })
    }

    /// The openings of a hand-in, one for each entry; none where the file does not open.
    pub(super) fn open_openings(&self, Blob(sealed): &Blob, entries: usize) -> Vec<Option<Opening>> {
        let opened: Option<Openings> = self.unseal(sealed);
        opened.filter(|openings| openings.len() == entries).unwrap_or_else(|| iter::repeat_with(|| None).take(entries).collect())
    }

    /// What was sealed to the event's recipient, as JSON; none where it does not open.
    pub(super) fn unseal<T: serde::de::DeserializeOwned>(&self, sealed: &[u8]) -> Option<T> {
        let decryptor = age::Decryptor::new_buffered(sealed).ok()?;
        let mut reader = decryptor.decrypt(iter::once(&self.keys.open as &dyn age::Identity)).ok()?;
        let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len()));
        reader.read_to_end(&mut plain).ok()?;
        serde_json::from_slice(&plain).ok()
    }

    /// Looks at the entries on all cores.
    fn look_at_all(&self, entries: &[Blob], openings: Vec<Option<Opening>>, clock: Hlc) -> Result<Vec<Looked>, Refused> {
        let began = self.began()?;
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let part = entries.len().div_ceil(cores).max(LARGE);
        let mut openings = openings.into_iter();
        let parts: Vec<(&[Blob], Vec<Option<Opening>>)> =
            entries.chunks(part).map(|entries| (entries, openings.by_ref().take(entries.len()).collect())).collect();
        let mut parts = parts.into_iter();
        let Some((mine, mine_opened)) = parts.next() else { return Ok(Vec::new()) };
        thread::scope(|scope| {
            let others: Vec<_> = parts.map(|(entries, openings)| scope.spawn(move || self.look_at_some(entries, openings, clock, began))).collect();
            let mut looked = self.look_at_some(mine, mine_opened, clock, began);
            for other in others {
                looked.extend(other.join().map_err(|_| Refused::fault("checking a hand-in", "a thread panicked"))?);
            }
            Ok(looked)
        })
    }

    fn look_at_some(&self, entries: &[Blob], openings: Vec<Option<Opening>>, clock: Hlc, began: Day) -> Vec<Looked> {
        let (mut looked, mut owed) = (Vec::with_capacity(entries.len()), Vec::with_capacity(entries.len()));
        for (Blob(bytes), opening) in entries.iter().zip(openings) {
            let (one, owes) = self.look_at(bytes, opening, clock, began);
            looked.push(one);
            owed.push(owes);
        }
        for (one, verdict) in looked.iter_mut().zip(discharge(&owed, &mut OsRng)) {
            if let Err(broken) = verdict {
                *one = Looked::Aside(Aside::Rule, broken.to_string());
            }
        }
        looked
    }

    /// Looks at one entry; what it owes besides is its proof.
    fn look_at(&self, bytes: &[u8], opening: Option<Opening>, clock: Hlc, began: Day) -> (Looked, Owed) {
        let aside = |reason, detail: &str| (Looked::Aside(reason, detail.to_owned()), None);
        let hash = roster::leaf_hash(bytes);
        // The lock is taken anew for each entry, so that nobody waits for all of them.
        if self.published().roster.leaf(&hash).is_some() || self.is_taken_over(&hash) {
            return (Looked::Known, None);
        }
        if bytes.len() > MAX_ENTRY_LEN {
            return aside(Aside::Rule, "longer than an entry may be");
        }
        let entry = match roster::from_bytes(bytes) {
            Ok(entry) => entry,
            Err(error) => return aside(Aside::Rule, &error.to_string()),
        };
        let owed = match self.published().roster.check(&entry) {
            Ok(owed) => owed,
            Err(broken) => {
                let reason = if broken.rule == Rule::R903 && self.is_revoked(&entry.body.terminal) { Aside::Revoked } else { Aside::Rule };
                return aside(reason, &broken.to_string());
            }
        };
        if entry.body.terminal.as_str() == roster::APPLIANCE {
            return aside(Aside::Rule, "the appliance's own entries come from nowhere else");
        }
        if self.published().roster.has_dated_otherwise(&hash, &entry.body) {
            return aside(Aside::Clock, &format!("entry {} of {} says the same with another time", entry.body.number, entry.body.terminal));
        }
        if decide::is_future(clock, entry.body.entered) {
            return aside(Aside::Clock, &format!("entered at {}", entry.body.entered));
        }
        if let Some(detail) = self.misplaced(&entry.body) {
            return aside(Aside::Rule, detail);
        }
        let person = match (opening::place(&entry.body), &opening) {
            (None, _) => None,
            (Some(_), None) => return aside(Aside::Opening, "the opening is missing"),
            (Some(_), Some(opening)) => {
                if to_json(opening).is_none_or(|plain| plain.len() > decide::MAX_OPENING) {
                    return aside(Aside::Opening, "the opening is too long");
                }
                match check_opening(&entry, opening, began) {
                    Ok(person) => person.map(Arc::new),
                    Err(reason) => return aside(reason, "the opening is not the entry's"),
                }
            }
        };
        if let Some(detail) = person.as_deref().and_then(|person| unfit(&entry.body, person)) {
            return aside(Aside::Rule, &detail);
        }
        if let (Body::Report(ReportEntry { shelter: _, report }), Some(opening)) = (&entry.body.body, &opening)
            && let Some(detail) = self.unread(report, opening)
        {
            return aside(Aside::Opening, detail);
        }
        let opening = opening.filter(|_| opening::place(&entry.body).is_some());
        (Looked::Good(Box::new(Good { candidate: Candidate { bytes: bytes.to_vec(), hash, entry, person, in_place_of: None }, opening })), owed)
    }

    /// What is wrong with the shelter of a terminal's entry: it speaks for its own shelter alone, and moves people to any that is opened.
    fn misplaced(&self, entry: &Entry) -> Option<&'static str> {
        let published = self.published();
        let roster = &published.roster;
        let is_own = |shelter: &ShelterId| roster.terminals().get(&entry.terminal).is_some_and(|terminal| terminal.state.shelter == *shelter);
        let (is_right, otherwise) = match &entry.body {
            Body::Shelter(state) => (is_own(&state.shelter), "shelter: not the terminal's own"),
            Body::Report(ReportEntry { shelter, report: _ }) => (is_own(shelter), "shelter: not the terminal's own"),
            Body::Person(person) => (roster.shelter(&person.shelter).is_some(), "shelter: not opened in this event"),
            Body::Declared(_) | Body::Terminal(_) | Body::Link(_) | Body::Stated(_) | Body::Closed {} => (true, ""),
        };
        (!is_right).then_some(otherwise)
    }

    /// What of a sealed report does not read as its kind.
    fn unread(&self, report: &Report, opening: &Opening) -> Option<&'static str> {
        let (reads, otherwise) = match report {
            Report::Handover { handle: _, fields: _ } => {
                (opening.read::<Note>().is_ok_and(|note| note.check().is_ok()), "what is sealed does not read as a note")
            }
            Report::Health { day: _, handle: _, fields: _ } => {
                (opening.read::<HealthCounts>().is_ok_and(|counts| counts.check().is_ok()), "what is sealed does not read as counts of treatments")
            }
            Report::Questionnaire { handle: _, fields: _ } => (self.answered(opening).is_some(), "the answers to the questionnaire do not open"),
            Report::Headcount { .. } | Report::Supply { .. } | Report::Assessment { .. } => (true, ""),
        };
        (!reads).then_some(otherwise)
    }

    fn is_revoked(&self, terminal: &TerminalId) -> bool {
        self.published().roster.terminals().get(terminal).is_some_and(|terminal| terminal.state.status == TerminalStatus::Revoked)
    }

    /// Seals the openings of good entries, each under the key of its handle.
    fn seal_all(&self, goods: Vec<Good>) -> Result<(Vec<Candidate>, Vec<Kept>), Refused> {
        self.make_keys(goods.iter().filter(|good| good.opening.is_some()).filter_map(|good| Some(opening::place(&good.candidate.entry.body)?.0.chain)))?;
        let (mut candidates, mut kept) = (Vec::with_capacity(goods.len()), Vec::with_capacity(goods.len()));
        let mut sealed: BTreeSet<Hash32> = BTreeSet::new();
        for Good { candidate, opening } in goods {
            if let (Some(opening), Some((place, _))) = (&opening, opening::place(&candidate.entry.body))
                && sealed.insert(candidate.hash)
            {
                kept.push(self.seal(candidate.hash, place.chain, opening)?);
            }
            candidates.push(candidate);
        }
        Ok((candidates, kept))
    }

    /// Keeps a hand-in whole of which something was set aside.
    async fn keep_aside(self: &Arc<Self>, by: &str, way: Way, terminal: &TerminalId, file: Vec<u8>, aside: &[SetAside]) -> Result<(), Refused> {
        let is_known = |kept: &KeptState, file: &Hash32| kept.aside.contains_key(file) || kept.erased_files.contains(file);
        if aside.is_empty() || is_known(&self.private.state(), &Hash32::sha256(&file)) {
            return Ok(());
        }
        tracing::warn!(event = %self.id, %terminal, entries = aside.len(), reason = ?aside.first().map(|aside| aside.reason), "entries of a hand-in were set aside");
        let this = Arc::clone(self);
        let hash = offload(move || this.set_aside.put(&file).map_err(|error| Refused::fault("keeping a hand-in", error))).await?;
        let of = |aside: &[SetAside]| Kept::SetAside { by: by.to_owned(), way, terminal: terminal.clone(), file: HashBytes::from(hash), aside: aside.to_vec() };
        self.private.note(aside.chunks(REASONS).map(of).collect()).await
    }
}

/// What of a person cannot be written, whoever writes it.
fn unfit(entry: &Entry, person: &Person) -> Option<String> {
    let Body::Person(written) = &entry.body else { return None };
    let refused = decide::check_person(written.act, written.seq == 0, person).err()?;
    Some(refused.detail.unwrap_or_else(|| refused.refusal.to_string()))
}
