//! A terminal and the appliance: what is here alone is handed in, what is new there is learned. Both can be cut off anywhere and repeated without harm.

use std::cell::RefCell;
use std::collections::BTreeMap;

use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{BoardKey, Checkpoint};
use tachiai_schemas::roster::hand_in::{Aside, Copied, HandIn, HandInAnswer, MAX_ENTRIES, News, Openings, SetAside, SignedHandIn, StandIn};
use tachiai_schemas::roster::opening::Opening;
use tachiai_schemas::roster::{self, APPLIANCE, Body, Hlc, SignedEntry};
use tachiai_schemas::shelter::Way;
use tachiai_schemas::{Blob, HashBytes};
use zeroize::Zeroizing;

use super::clock::TOLERATED;
use super::key::seal_to;
use super::line::Line;
use super::record::{About, Answered, Freed, Leaf, Learned, PutAside, Record, Rewound};
use super::state::{Anchors, Asked, Carried, Copies, Own, Reception};
use crate::client::Client;
use crate::failure::{Exit, Failure};

/// How often a hand-in is repeated with another clock.
const CLOCK_ROUNDS: u32 = 2;

/// What came of a synchronisation.
#[derive(Debug, Default, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Synced {
    /// Entries that were handed in.
    pub handed_in: usize,
    /// Those that were set aside.
    pub aside: Vec<PutAside>,
    /// Entries that were dated anew.
    pub redated: usize,
    /// Leaves that were learned.
    pub learned: u64,
    /// What the appliance had lost, if it was restored from a backup.
    pub restored: Option<Restored>,
    /// Whether the keys for cards' texts are others than in the pack.
    pub anchors: Anchors,
}

/// What an appliance that was restored from a backup had lost of what this terminal knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Restored {
    /// Leaves of its journal.
    pub lost: u64,
    /// Entries of other terminals that this one brought back.
    pub carried: usize,
}

/// What an answer to a hand-in leads to.
#[derive(Debug)]
pub(super) enum Heard {
    /// The clock was wrong: what was set aside for its time was dated anew, and is handed in again.
    Again,
    /// What lay on a stick was set aside for its time: from now on it may be dated anew.
    Freed,
    /// It is of a journal that the appliance has no longer, as a stick told meanwhile: nothing was marked, and everything is handed in again.
    Overtaken,
    /// All of it was answered, and this is the signed state of the journal.
    Settled(Checkpoint),
}

/// Why news were not taken.
#[derive(Debug)]
pub(super) enum Untaken {
    /// With what is known here they do not give the root that the appliance signed.
    Root,
    /// With what is known here they break a rule.
    Rule(Failure),
    /// They were asked for before a stick told that the appliance was restored: they do not fit what is known here since.
    Overtaken,
    /// Anything else.
    Failed(Failure),
}

impl From<Failure> for Untaken {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Untaken> for Failure {
    fn from(untaken: Untaken) -> Self {
        match untaken {
            Untaken::Root => altered("チェックポイントのルート", "the root of the checkpoint"),
            Untaken::Rule(failure) | Untaken::Failed(failure) => failure,
            Untaken::Overtaken => Failure::incomplete(
                "送受信の間に媒体の回答を読み込んだため、途中でやめました。登録はこの端末に残っています。もう一度、送受信してください。",
                "an answer on a stick was read meanwhile, and this was given up. What was entered is on this terminal. Hand in and learn once more.",
            ),
        }
    }
}

/// A reason why news were not taken.
fn altered(ja: &str, en: impl std::fmt::Display) -> Failure {
    Failure::refused(
        format!("届いた記録が災害対策本部の署名と合いません（{ja}）。取り込んでいません。災害対策本部に知らせてください。"),
        format!("what came does not fit what the appliance signed ({en}). Nothing was taken from it. Tell headquarters."),
    )
}

impl Reception {
    /// A hand-in of some entries.
    ///
    /// # Errors
    /// [`Failure`]: the event is not known yet.
    pub fn hand_in_of(&self, own: &[&Own]) -> Result<SignedHandIn, Failure> {
        self.signed(own.iter().map(|own| (own.bytes.as_slice(), own.opening.as_ref())))
    }

    /// A hand-in of entries of other terminals.
    pub(super) fn hand_in_for(&self, carried: &[&Carried]) -> Result<SignedHandIn, Failure> {
        self.signed(carried.iter().map(|carried| (carried.bytes.as_slice(), carried.opening.as_ref())))
    }

    fn signed<'a>(&self, parts: impl Iterator<Item = (&'a [u8], Option<&'a Opening>)>) -> Result<SignedHandIn, Failure> {
        let (entries, openings): (Vec<Blob>, Openings) = parts.map(|(bytes, opening)| (Blob(bytes.to_vec()), opening.cloned())).unzip();
        let plain = Zeroizing::new(serde_json::to_vec(&openings).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?);
        self.key.sign(HandIn {
            event: self.about.event,
            terminal: self.about.terminal.clone(),
            now: Hlc::at_millis(self.now()),
            entries,
            openings: seal_to(&self.declared()?.recipient, &plain)?,
        })
    }

    /// Hands in and learns, as [`sync`] does where nobody else needs the terminal meanwhile.
    ///
    /// # Errors
    /// As [`sync`].
    pub fn sync(&mut self, line: &impl Line) -> Result<Synced, Failure> {
        sync(&RefCell::new(self), line)
    }

    /// Fetches the pack anew.
    ///
    /// # Errors
    /// [`Failure`]; the one before stays.
    pub fn fetch_pack(&mut self, client: &Client) -> Result<(), Failure> {
        fetch_pack(&RefCell::new(self), client, &mut |_, _| {})
    }

    /// Takes back what was learned beyond what it has in common with a journal of which the leaves from `from` on are given, if that is the journal which the appliance
    /// signed, and is another than the one that is known. What this terminal wrote waits to be handed in again.
    pub(super) fn rewind(&mut self, from: u64, leaves: &[Hash32], checkpoint: &Checkpoint, now: u64) -> Result<Option<Restored>, Failure> {
        let Checkpoint { origin: _, size, root } = checkpoint;
        let is_whole = from.checked_add(leaves.len() as u64) == Some(*size);
        let kept = from.saturating_add(self.common(from, leaves));
        // The first leaf is the declaration, which is what the event is.
        if !is_whole || self.root_of(from, leaves) != Some(*root) || kept == 0 || kept == self.cursor() {
            return Ok(None);
        }
        let lost = self.cursor() - kept;
        self.record(vec![Record::Rewound(Rewound { kept, size: *size, root: HashBytes::from(*root), now })])?;
        Ok(Some(Restored { lost, carried: 0 }))
    }

    /// Takes the answer to a hand-in of these entries, with what stood here when it was sent, after so many rounds with another clock. Nothing is marked by an answer
    /// that the appliance of this event did not sign, that speaks of entries that were not handed in, or that a stick overtook: by that the appliance was restored, and
    /// may have lost what it says to have taken.
    pub(super) fn heed(&mut self, asked: &Asked, hashes: &[Hash32], answer: HandInAnswer, rounds: u32, synced: &mut Synced) -> Result<Heard, Failure> {
        let checkpoint = self.checkpoint(&answer.checkpoint)?;
        if let Some(SetAside { index, .. }) = answer.aside.iter().find(|aside| aside.index as usize >= hashes.len()) {
            return Err(altered("保留の番号", format!("entry {index} of {} is set aside", hashes.len())));
        }
        if self.is_overtaken(asked) {
            return Ok(Heard::Overtaken);
        }
        let was_right = self.now().abs_diff(answer.now.millis()) <= TOLERATED;
        self.hear_answer(&asked.stamp, answer.now.millis())?;
        let by_clock = answer.aside.iter().any(|aside| aside.reason == Aside::Clock);
        if by_clock && rounds < CLOCK_ROUNDS {
            // What the clock did not concern is settled first; the rest is dated anew and handed in again.
            let (clock, other): (Vec<SetAside>, Vec<SetAside>) = answer.aside.into_iter().partition(|aside| aside.reason == Aside::Clock);
            let again: Vec<Hash32> = clock.iter().filter_map(|aside| hashes.get(aside.index as usize).copied()).collect();
            self.answered(hashes, &again, other, answer.copied, synced)?;
            // With the right clock it is known of each entry that it is its own time for which it was not taken.
            let freed = was_right && self.free(|own| again.contains(&own.hash))?;
            synced.redated += self.redate()?;
            return Ok(if freed { Heard::Freed } else { Heard::Again });
        }
        self.answered(hashes, &[], answer.aside, answer.copied, synced)?;
        Ok(Heard::Settled(checkpoint))
    }

    /// Lets what lies on a stick be dated anew, as far as the appliance did not take it for its time. Gives whether there is any.
    pub(super) fn free(&mut self, untaken: impl Fn(&Own) -> bool) -> Result<bool, Failure> {
        let entries: Vec<HashBytes> = self.waiting().filter(|own| own.copies == Copies::Stick && untaken(own)).map(|own| HashBytes::from(own.hash)).collect();
        let found = !entries.is_empty();
        if found {
            self.record(vec![Record::Freed(Freed { entries })])?;
        }
        Ok(found)
    }

    /// Notes what became of a hand-in; `again` are those that are handed in once more.
    fn answered(&mut self, hashes: &[Hash32], again: &[Hash32], aside: Vec<SetAside>, copied: Copied, synced: &mut Synced) -> Result<(), Failure> {
        let put = |SetAside { index, reason, detail }: SetAside| {
            let entry = HashBytes::from(*hashes.get(index as usize)?);
            Some(PutAside { entry, reason, detail })
        };
        let aside: Vec<PutAside> = aside.into_iter().filter_map(put).collect();
        let is_taken = |hash: &&Hash32| !again.contains(hash) && !aside.iter().any(|aside| aside.entry.hash() == **hash);
        let taken: Vec<HashBytes> = hashes.iter().filter(is_taken).map(|hash| HashBytes::from(*hash)).collect();
        synced.handed_in += taken.len() + aside.len();
        synced.aside.extend(aside.iter().cloned());
        if hashes.is_empty() && (copied == Copied::No || copied == self.copied()) {
            return Ok(());
        }
        self.record(vec![Record::Answered(Answered { taken, aside, copied })])
    }

    /// Takes news, if they are what the appliance signed; gives how many leaves are new. With a checkpoint within them they must give its root.
    ///
    /// # Errors
    /// [`Failure`]: they are altered, or not the next; nothing was taken.
    pub fn learn(&mut self, news: &[News], checkpoint: Option<&Checkpoint>) -> Result<u64, Failure> {
        Ok(self.take_news(news, checkpoint)?)
    }

    pub(super) fn take_news(&mut self, news: &[News], checkpoint: Option<&Checkpoint>) -> Result<u64, Untaken> {
        let from = self.cursor();
        let own: BTreeMap<Hash32, ()> = self.own().iter().map(|own| (own.hash, ())).collect();
        let mut scratch = self.roster().clone();
        let (mut leaves, mut hashes): (Vec<Leaf>, Vec<Hash32>) = (Vec::new(), Vec::new());
        for news in news {
            let openings: Openings = if news.entries.is_empty() {
                Vec::new()
            } else {
                let plain = self.key.unseal(&news.openings)?;
                serde_json::from_slice(&plain).map_err(|e| altered("開示情報", format!("openings: {:?}", e.classify())))?
            };
            if openings.len() != news.entries.len() {
                return Err(altered("開示情報の数", "the number of openings").into());
            }
            let absent: BTreeMap<Hash32, HashBytes> = news.stand_ins.iter().map(|StandIn { entry, absent }| (entry.hash(), *absent)).collect();
            for ((leaf, entry), opening) in (news.from..).zip(&news.entries).zip(openings) {
                let next = from + leaves.len() as u64;
                if leaf < next {
                    continue;
                }
                if leaf > next {
                    return Err(altered("番号の抜け", format!("leaf {next} is missing")).into());
                }
                let Blob(bytes) = entry;
                let (hash, entry) = (roster::leaf_hash(bytes), roster::from_bytes(bytes).map_err(|e| altered("項目の形", e))?);
                scratch.check(&entry).map_err(|broken| Untaken::Rule(altered("項目の規則", broken)))?;
                scratch.apply(hash, &entry);
                hashes.push(hash);
                leaves.push(if own.contains_key(&hash) {
                    Leaf::Own { hash: hash.into() }
                } else {
                    let opening = self.checked(&scratch, &entry, opening)?;
                    // The journal does not say this, so nothing that stands in it is put out of sight by it.
                    let stands_in = |absent: &&HashBytes| entry.body.terminal.as_str() == APPLIANCE && !self.is_leaf(&absent.hash());
                    let in_place_of = absent.get(&hash).filter(stands_in).copied();
                    Leaf::Other { entry: Blob(bytes.clone()), opening, in_place_of }
                });
            }
        }
        // What is said beside the entries stands under no checkpoint: the appliance signs it for this terminal.
        let key = scratch.declared().and_then(|declared| BoardKey::from_bytes(&declared.key.0).ok());
        for news in news {
            let is_signed = key.is_some_and(|key| news.verify(self.about.event, &self.about.terminal, &key).is_ok());
            if !is_signed {
                return Err(altered("署名", "the signature of the news").into());
            }
        }
        if let Some(Checkpoint { size, root, .. }) = checkpoint {
            let more = size.checked_sub(from).map_or(Some(0), |more| usize::try_from(more).ok());
            if let Some(more) = more.and_then(|more| hashes.get(..more))
                && self.root_of(from.min(*size), more) != Some(*root)
            {
                return Err(Untaken::Root);
            }
        }
        let learned = leaves.len() as u64;
        if learned > 0 {
            self.record(vec![Record::Learned(Learned { from, leaves })])?;
        }
        news.iter().try_for_each(|news| self.hear_refused(&news.refused))?;
        Ok(learned)
    }

    /// An opening that came with an entry, if it is the entry's.
    fn checked(&self, roster: &tachiai_verify::roster::Roster, entry: &SignedEntry, opening: Option<Opening>) -> Result<Option<Opening>, Failure> {
        let Some(opening) = opening else { return Ok(None) };
        let began = roster.declared().map(|declared| tachiai_schemas::roll::Day::of(declared.began));
        let held = match (&entry.body.body, began) {
            (Body::Person(_), Some(began)) => opening.person(&entry.body, began).map(drop),
            _ => opening.check_fields(&entry.body),
        };
        held.map(|()| Some(opening)).map_err(|e| altered("登録の内容", e))
    }
}

/// A terminal that is at hand for a moment at a time: while the appliance is asked, somebody else may use it.
pub trait Held {
    /// Does something with it.
    ///
    /// # Errors
    /// What that gives, or that the terminal is at hand no more.
    fn with<T, E>(&self, does: impl FnOnce(&mut Reception) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Failure> + Send + 'static;

    /// Reads something of it.
    ///
    /// # Errors
    /// The terminal is at hand no more.
    fn read<T: Send + 'static>(&self, reads: impl FnOnce(&Reception) -> T + Send + 'static) -> Result<T, Failure> {
        self.with(|reception| Ok(reads(reception)))
    }
}

impl Held for RefCell<&mut Reception> {
    fn with<T, E>(&self, does: impl FnOnce(&mut Reception) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Failure> + Send + 'static,
    {
        does(&mut self.borrow_mut())
    }
}

/// Hands in and learns. If the appliance was restored from a backup, everything is handed in again first, also what other terminals wrote as far as it is here.
///
/// The terminal is held while something is taken or made, never while the appliance is asked: what is entered meanwhile is handed in with the next part. Only one of
/// these runs at a time.
///
/// # Errors
/// [`Failure`]: no connection (4), a refusal, or news that are not what the appliance signed. What was done until then stays.
pub fn sync(held: &impl Held, line: &impl Line) -> Result<Synced, Failure> {
    let mut synced = Synced::default();
    if held.read(|reception| reception.roster().declared().is_none())? {
        learn_all(held, line, None, &mut synced)?;
    }
    match exchange(held, line, &mut synced) {
        // A revoked terminal learns nothing more, but what it handed in was answered.
        Err(failure) if failure.exit == Exit::Refused && held.read(Reception::is_revoked)? => Ok(synced),
        Err(failure) => Err(failure),
        Ok(()) => Ok(synced),
    }
}

/// Fetches the pack anew; `each` gets how many bytes of it are here, and of how many.
///
/// # Errors
/// [`Failure`]; the one before stays.
pub fn fetch_pack(held: &impl Held, client: &Client, each: &mut dyn FnMut(u64, Option<u64>)) -> Result<(), Failure> {
    let About { event, terminal, .. } = held.read(|reception| reception.about.clone())?;
    let sealed = client.get_long(&format!("/api/v1/shelter/events/{event}/terminals/{terminal}/pack"), each)?;
    held.with(|reception| reception.keep_pack(sealed))
}

/// Hands in and learns; from the beginning again where a stick told meanwhile that the appliance was restored.
fn exchange(held: &impl Held, line: &impl Line, synced: &mut Synced) -> Result<(), Failure> {
    loop {
        match exchange_once(held, line, synced) {
            Err(Untaken::Overtaken) => {}
            done => return Ok(done?),
        }
    }
}

fn exchange_once(held: &impl Held, line: &impl Line, synced: &mut Synced) -> Result<(), Untaken> {
    let (checkpoint, known, asked) = hand_in_all(held, line, synced)?;
    let is_shorter = checkpoint.size < known;
    let learned = if is_shorter { Err(Untaken::Root) } else { learn_all(held, line, Some((&checkpoint, &asked)), synced) };
    match learned {
        // News are held against what is known here, and that may be of another journal.
        Err(untaken @ (Untaken::Root | Untaken::Rule(_))) => {
            let other = leaves_of(held, line, &checkpoint)?;
            let rewound = held.with(move |reception| {
                if reception.is_overtaken(&asked) {
                    return Err(Untaken::Overtaken);
                }
                Ok(reception.rewind(0, &other, &checkpoint, reception.now())?)
            })?;
            let Some(restored) = rewound else { return Err(untaken) };
            let carried = carry_all(held, line)?;
            synced.restored = Some(Restored { carried, ..restored });
            let (checkpoint, _, asked) = hand_in_all(held, line, synced)?;
            learn_all(held, line, Some((&checkpoint, &asked)), synced)
        }
        other => other,
    }
}

/// The leaves of a signed journal as the appliance has it now.
fn leaves_of(held: &impl Held, line: &impl Line, checkpoint: &Checkpoint) -> Result<Vec<Hash32>, Failure> {
    let About { event, terminal, .. } = held.read(|reception| reception.about.clone())?;
    let mut leaves: Vec<Hash32> = Vec::new();
    while let Some(rest) = checkpoint.size.checked_sub(leaves.len() as u64).filter(|rest| *rest > 0) {
        let news = line.news(event, &terminal, leaves.len() as u64, rest.min(MAX_ENTRIES as u64))?;
        if news.entries.is_empty() {
            break;
        }
        leaves.extend(news.entries.iter().map(|Blob(bytes)| roster::leaf_hash(bytes)));
    }
    Ok(leaves)
}

/// Brings back what other terminals wrote; gives how many entries the appliance has again.
fn carry_all(held: &impl Held, line: &impl Line) -> Result<usize, Untaken> {
    let mut brought = 0;
    loop {
        let part = held.with(|reception| {
            let (hashes, chunk): (Vec<Hash32>, Vec<&Carried>) = reception.carried().take(MAX_ENTRIES).unzip();
            if chunk.is_empty() { Ok::<_, Failure>(None) } else { Ok(Some((hashes, reception.hand_in_for(&chunk)?, reception.asking()))) }
        })?;
        let Some((hashes, file, asked)) = part else { return Ok(brought) };
        let answer = line.hand_in(&file, Way::Network)?;
        brought += hashes.len() - answer.aside.len().min(hashes.len());
        // What is set aside of it is its own terminal's to bring.
        held.with(move |reception| {
            reception.checkpoint(&answer.checkpoint)?;
            if reception.is_overtaken(&asked) {
                return Err(Untaken::Overtaken);
            }
            Ok(reception.answered(&hashes, &[], answer.aside, answer.copied, &mut Synced::default())?)
        })?;
    }
}

/// Hands in until nothing waits; gives what the appliance signed then, and how many leaves were known when it was asked, with what else stood here: what a stick brought
/// meanwhile is newer.
fn hand_in_all(held: &impl Held, line: &impl Line, synced: &mut Synced) -> Result<(Checkpoint, u64, Asked), Failure> {
    let mut rounds = 0;
    loop {
        let (hashes, file, asked, known) = held.with(|reception| {
            // What lies on a stick goes first, as it is: the stick may bring it too.
            let on_stick: Vec<&Own> = reception.waiting().filter(|own| own.copies == Copies::Stick).take(MAX_ENTRIES).collect();
            let chunk = if on_stick.is_empty() { reception.waiting().take(MAX_ENTRIES).collect() } else { on_stick };
            let hashes: Vec<Hash32> = chunk.iter().map(|own| own.hash).collect();
            // Where nothing waits the answer still tells the signed state of the journal.
            Ok::<_, Failure>((hashes, reception.hand_in_of(&chunk)?, reception.asking(), reception.cursor()))
        })?;
        let answer = line.hand_in(&file, Way::Network)?;
        let mut so_far = std::mem::take(synced);
        let sent = asked.clone();
        let (heard, is_done, so_far) = held.with(move |reception| {
            let heard = reception.heed(&sent, &hashes, answer, rounds, &mut so_far)?;
            Ok::<_, Failure>((heard, reception.waiting().next().is_none(), so_far))
        })?;
        *synced = so_far;
        match heard {
            Heard::Again => rounds += 1,
            Heard::Settled(checkpoint) if is_done => return Ok((checkpoint, known, asked)),
            Heard::Freed | Heard::Overtaken | Heard::Settled(_) => {}
        }
    }
}

/// Learns everything that is new; with a checkpoint, and what stood here when that was asked for, it must give its root.
fn learn_all(held: &impl Held, line: &impl Line, checkpoint: Option<(&Checkpoint, &Asked)>, synced: &mut Synced) -> Result<(), Untaken> {
    let About { event, terminal, .. } = held.read(|reception| reception.about.clone())?;
    loop {
        let (asked, from) = held.read(|reception| (reception.asking(), reception.cursor()))?;
        let news = line.news(event, &terminal, from, MAX_ENTRIES as u64)?;
        let (size, now, anchors) = (news.size, news.now, news.anchors);
        let (checkpoint, since) = checkpoint.map_or_else(|| (None, asked.clone()), |(checkpoint, since)| (Some(checkpoint.clone()), since.clone()));
        let (learned, known, anchors) = held.with(move |reception| {
            // What is known here was taken back since: these are not the next leaves after it, and the checkpoint is of the journal before.
            if reception.is_overtaken(&since) || reception.is_overtaken(&asked) {
                return Err(Untaken::Overtaken);
            }
            let learned = reception.take_news(&[news], checkpoint.as_ref())?;
            let anchors = reception.heard_anchors(anchors);
            reception.hear_answer(&asked.stamp, now.millis())?;
            Ok((learned, reception.cursor(), anchors))
        })?;
        synced.anchors = anchors;
        synced.learned += learned;
        // Of what a stick brought meanwhile nothing is new, and there may be more behind it.
        if known >= size || (learned == 0 && known == from) {
            return Ok(());
        }
    }
}
