//! A terminal and the appliance: what is here alone is handed in, what is new there is learned. Both can be cut off anywhere and repeated without harm.

use std::collections::BTreeMap;

use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::Checkpoint;
use tachiai_schemas::roster::hand_in::{Aside, Copied, HandIn, HandInAnswer, MAX_ENTRIES, News, Openings, SetAside, SignedHandIn};
use tachiai_schemas::roster::opening::Opening;
use tachiai_schemas::roster::{self, Body, Hlc, SignedEntry};
use tachiai_schemas::{Blob, HashBytes};
use zeroize::Zeroizing;

use super::key::seal_to;
use super::record::{Answered, Leaf, Learned, PutAside, Record};
use super::state::{Own, Reception};
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
}

/// What an answer to a hand-in leads to.
#[derive(Debug)]
pub(super) enum Heard {
    /// What was set aside for its time was dated anew, and is handed in again.
    Again,
    /// All of it was answered, and this is the signed state of the journal.
    Settled(Checkpoint),
}

/// A reason why news were not taken.
fn altered(ja: &str, en: impl std::fmt::Display) -> Failure {
    Failure::refused(
        format!("届いた記録が災害対策本部の署名と合いません（{ja}）。取り込んでいません。災害対策本部に知らせてください。"),
        format!("what came does not fit what the appliance signed ({en}). Nothing was taken from it. Tell headquarters."),
    )
}

impl Reception {
    /// The paths of this terminal's event on the staff port.
    fn path(&self, rest: &str) -> String {
        format!("/api/v1/shelter/events/{}/{rest}", self.about.event)
    }

    /// A hand-in of some entries.
    ///
    /// # Errors
    /// [`Failure`]: the event is not known yet.
    pub fn hand_in_of(&self, own: &[&Own]) -> Result<SignedHandIn, Failure> {
        let openings: Openings = own.iter().map(|own| own.opening.clone()).collect();
        let plain = Zeroizing::new(serde_json::to_vec(&openings).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?);
        self.key.sign(HandIn {
            event: self.about.event,
            terminal: self.about.terminal.clone(),
            now: Hlc::at_millis(self.now()),
            entries: own.iter().map(|own| Blob(own.bytes.clone())).collect(),
            openings: seal_to(&self.declared()?.recipient, &plain)?,
        })
    }

    /// Hands in and learns.
    ///
    /// # Errors
    /// [`Failure`]: no connection (4), a refusal, or news that are not what the appliance signed. What was done until then stays.
    pub fn sync(&mut self, client: &Client) -> Result<Synced, Failure> {
        let mut synced = Synced::default();
        if self.roster().declared().is_none() {
            self.learn_all(client, None, &mut synced)?;
        }
        let checkpoint = self.hand_in_all(client, &mut synced)?;
        match self.learn_all(client, checkpoint.as_ref(), &mut synced) {
            // A revoked terminal learns nothing more, but what it handed in was answered.
            Err(failure) if self.is_revoked() && failure.exit == Exit::Refused => Ok(synced),
            Err(failure) => Err(failure),
            Ok(()) => Ok(synced),
        }
    }

    fn hand_in_all(&mut self, client: &Client, synced: &mut Synced) -> Result<Option<Checkpoint>, Failure> {
        let (mut rounds, mut checkpoint) = (0, None);
        loop {
            let chunk: Vec<&Own> = self.waiting().take(MAX_ENTRIES).collect();
            if chunk.is_empty() {
                return Ok(checkpoint);
            }
            let hashes: Vec<Hash32> = chunk.iter().map(|own| own.hash).collect();
            let file = self.hand_in_of(&chunk)?;
            let answer: HandInAnswer = client.post(&self.path("hand-ins"), None, &file)?;
            match self.heed(&hashes, answer, rounds, synced)? {
                Heard::Again => rounds += 1,
                Heard::Settled(signed) => checkpoint = Some(signed),
            }
        }
    }

    /// Takes the answer to a hand-in of these entries, after so many rounds with another clock. Nothing is marked by an answer that the appliance of this event did not
    /// sign, or that speaks of entries that were not handed in.
    pub(super) fn heed(&mut self, hashes: &[Hash32], answer: HandInAnswer, rounds: u32, synced: &mut Synced) -> Result<Heard, Failure> {
        let checkpoint = self.checkpoint(&answer.checkpoint)?;
        if let Some(SetAside { index, .. }) = answer.aside.iter().find(|aside| aside.index as usize >= hashes.len()) {
            return Err(altered("保留の番号", format!("entry {index} of {} is set aside", hashes.len())));
        }
        self.hear_clock(answer.now.millis())?;
        let by_clock = answer.aside.iter().any(|aside| aside.reason == Aside::Clock);
        if by_clock && rounds < CLOCK_ROUNDS {
            // What the clock did not concern is settled first; the rest is dated anew and handed in again.
            let (clock, other): (Vec<SetAside>, Vec<SetAside>) = answer.aside.into_iter().partition(|aside| aside.reason == Aside::Clock);
            let again: Vec<Hash32> = clock.iter().filter_map(|aside| hashes.get(aside.index as usize).copied()).collect();
            self.answered(hashes, &again, other, answer.copied, synced)?;
            synced.redated += self.redate()?;
            return Ok(Heard::Again);
        }
        self.answered(hashes, &[], answer.aside, answer.copied, synced)?;
        Ok(Heard::Settled(checkpoint))
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
        self.record(vec![Record::Answered(Answered { taken, aside, copied })])
    }

    fn learn_all(&mut self, client: &Client, checkpoint: Option<&Checkpoint>, synced: &mut Synced) -> Result<(), Failure> {
        loop {
            let from = self.cursor();
            let path = self.path(&format!("terminals/{}/news?from={from}&count={MAX_ENTRIES}", self.about.terminal));
            let news: News = client.get(&path, None)?;
            let (size, now) = (news.size, news.now);
            let learned = self.learn(&[news], checkpoint)?;
            self.hear_clock(now.millis())?;
            synced.learned += learned;
            if learned == 0 || self.cursor() >= size {
                return Ok(());
            }
        }
    }

    /// Takes news, if they are what the appliance signed; gives how many leaves are new. With a checkpoint within them they must give its root.
    ///
    /// # Errors
    /// [`Failure`]: they are altered, or not the next; nothing was taken.
    pub fn learn(&mut self, news: &[News], checkpoint: Option<&Checkpoint>) -> Result<u64, Failure> {
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
                return Err(altered("開示情報の数", "the number of openings"));
            }
            for ((leaf, entry), opening) in (news.from..).zip(&news.entries).zip(openings) {
                let next = from + leaves.len() as u64;
                if leaf < next {
                    continue;
                }
                if leaf > next {
                    return Err(altered("番号の抜け", format!("leaf {next} is missing")));
                }
                let Blob(bytes) = entry;
                let (hash, entry) = (roster::leaf_hash(bytes), roster::from_bytes(bytes).map_err(|e| altered("項目の形", e))?);
                scratch.check(&entry).map_err(|broken| altered("項目の規則", broken))?;
                scratch.apply(hash, &entry);
                hashes.push(hash);
                leaves.push(if own.contains_key(&hash) {
                    Leaf::Own { hash: hash.into() }
                } else {
                    let opening = self.checked(&scratch, &entry, opening)?;
                    Leaf::Other { entry: Blob(bytes.clone()), opening }
                });
            }
        }
        if let Some(Checkpoint { size, root, .. }) = checkpoint
            && let Some(until) = size.checked_sub(from).and_then(|until| usize::try_from(until).ok())
            && let Some(until) = hashes.get(..until)
            && self.root_with(until).1 != *root
        {
            return Err(altered("チェックポイントのルート", "the root of the checkpoint"));
        }
        let learned = leaves.len() as u64;
        if learned > 0 {
            self.record(vec![Record::Learned(Learned { from, leaves })])?;
        }
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

    /// Fetches the pack anew.
    ///
    /// # Errors
    /// [`Failure`]; the one before stays.
    pub fn fetch_pack(&mut self, client: &Client) -> Result<(), Failure> {
        let sealed = client.get_bytes(&self.path(&format!("terminals/{}/pack", self.about.terminal)))?;
        self.keep_pack(sealed)
    }
}
