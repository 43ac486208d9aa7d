//! Handing in by a stick: files with what is here alone go out, and an answer with the event's journal may come back.
//!
//! A file is one hand-in as it goes over the network. An answer is believed only as far as the appliance signed it: an entry counts as taken when it stands among the
//! leaves that give the root of the signed checkpoint, whatever the answer says beside.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::roster::hand_in::{Aside, HandIn, HandInAnswer, MAX_ENTRIES, News, SetAside, SignedHandIn};
use tachiai_schemas::shelter::Way;
use tachiai_schemas::{Blob, HashBytes, canonical, roster};

use super::clock::TOLERATED;
use super::line::Line;
use super::record::{Exported, Record};
use super::state::{Carried, Own, Reception};
use super::sync::{Restored, Untaken};
use crate::draft::replace;
use crate::failure::{Exit, Failure};

/// The longest answer that is read, in bytes.
const LONGEST: u64 = 256 << 20;

/// What comes back on a stick.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// What the appliance answered to the last of the files, with what it set aside of all of them.
    pub answer: HandInAnswer,
    /// The event's journal from some leaf on, with the openings that this terminal may have.
    #[serde(default)]
    pub news: Vec<News>,
}

/// What an export wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// The files.
    pub files: Vec<PathBuf>,
    /// How many entries are in them.
    pub entries: usize,
}

/// What an answer told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// Entries of this terminal that are in the event's journal for sure, of those that waited.
    pub taken: usize,
    /// Leaves that were learned.
    pub learned: u64,
    /// The size of the signed journal.
    pub size: u64,
    /// Why entries were set aside, as the answer says.
    pub aside: Vec<Aside>,
    /// What the appliance had lost, if it was restored from a backup.
    pub restored: Option<Restored>,
}

/// What was handed in of a stick.
pub struct Delivered {
    /// Entries that are new in the event's journal.
    pub taken: u32,
    /// Entries that were there.
    pub known: u32,
    /// What goes back on the stick.
    pub reply: Reply,
}

/// Which entries go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that are here alone.
    Waiting,
    /// All of this terminal, also those that arrived.
    All,
}

impl Reception {
    /// Writes hand-ins: `path`, and with many entries `path.2`, `path.3`, …; what stood there is replaced. Synced once it returns. What was written is noted first, so that
    /// no clock changes it while the stick may bring it.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn export(&mut self, path: &Path, which: Which) -> Result<Brought, Failure> {
        let entries: Vec<HashBytes> = self.waiting().map(|own| HashBytes::from(own.hash)).collect();
        if !entries.is_empty() {
            self.record(vec![Record::Exported(Exported { entries })])?;
        }
        let own: Vec<&Own> = match which {
            Which::Waiting => self.waiting().collect(),
            Which::All => self.own().iter().collect(),
        };
        let carried: Vec<&Carried> = self.carried().map(|(_, carried)| carried).collect();
        let hand_ins = own.chunks(MAX_ENTRIES).map(|chunk| self.hand_in_of(chunk)).chain(carried.chunks(MAX_ENTRIES).map(|chunk| self.hand_in_for(chunk)));
        let mut files = Vec::new();
        for (number, hand_in) in (1..).zip(hand_ins) {
            let file = if number == 1 { path.to_owned() } else { PathBuf::from(format!("{}.{number}", path.display())) };
            let bytes = canonical::to_bytes(&hand_in?).map_err(|e| Failure::file(&file, &e))?;
            replace(&file, &bytes)?;
            files.push(file);
        }
        Ok(Brought { files, entries: own.len() + carried.len() })
    }

    /// Reads the answer of a stick.
    ///
    /// # Errors
    /// [`Failure`]: it is damaged or altered, and nothing was taken from it.
    pub fn confirm(&mut self, path: &Path) -> Result<Confirmed, Failure> {
        let failed = |e: &dyn std::fmt::Display| Failure::file(path, e);
        if fs::metadata(path).map_err(|e| failed(&e))?.len() > LONGEST {
            return Err(failed(&"the file is too long"));
        }
        let bytes = fs::read(path).map_err(|e| failed(&e))?;
        let reply = serde_json::from_slice::<Reply>(&bytes).or_else(|_| serde_json::from_slice(&bytes).map(|answer| Reply { answer, news: Vec::new() }));
        let Reply { answer, news } = reply.map_err(|_| {
            Failure::incomplete(
                format!(
                    "{} は装置の答えとして読めません（別のファイルか、途中で切れています）。tachiai reception carry をもう一度行ってください。何も変わっていません。",
                    path.display()
                ),
                format!("{} is no answer of the appliance: another file, or cut off. Run `carry` again. Nothing has changed.", path.display()),
            )
        })?;
        // Without the event nothing could be checked; its first leaf is the appliance's word on the line.
        let checkpoint = self.checkpoint(&answer.checkpoint)?;
        let before = self.waiting().count();
        let brings = news.last().map_or(0, |news| news.from.saturating_add(news.entries.len() as u64));
        // Leaves behind the signed size would be nobody's word.
        if brings > checkpoint.size || (brings > self.cursor() && brings != checkpoint.size) {
            return Err(Failure::refused(
                "回答ファイルの記録が署名されたチェックポイントと合いません。取り込んでいません。もう一度作ってもらってください。",
                "the answer's journal does not fit its signed checkpoint. Nothing was taken from it. Have it made again.",
            ));
        }
        let now = answer.now.millis();
        let (learned, restored) = match self.take_news(&news, Some(&checkpoint)) {
            Err(Untaken::Root | Untaken::Rule(_)) if self.rewound().is_some_and(|since| now <= since) => return Err(outdated()),
            Err(untaken @ (Untaken::Root | Untaken::Rule(_))) => {
                let from = news.first().map_or(0, |news| news.from);
                let leaves: Vec<Hash32> = news.iter().flat_map(|news| &news.entries).map(|Blob(bytes)| roster::leaf_hash(bytes)).collect();
                let Some(restored) = self.rewind(from, &leaves, &checkpoint, now)? else {
                    return Err(Failure::from(untaken).and(
                        "災害対策本部がバックアップから戻された場合は、tachiai reception carry を --from なしで実行し、その回答をもう一度読み込んでください。",
                        "If the appliance was restored from a backup, run `tachiai reception carry` without --from, and read its answer again.",
                    ));
                };
                (self.learn(&news, Some(&checkpoint))?, Some(restored))
            }
            taken => (taken?, None),
        };
        // What lies in the appliance's future is not taken from any stick today, whatever the answer says of it.
        self.free(|own| own.entry.body.entered.millis() > now.saturating_add(TOLERATED))?;
        let aside = answer.aside.into_iter().map(|SetAside { reason, .. }| reason).collect();
        Ok(Confirmed { taken: before.saturating_sub(self.waiting().count()), learned, size: checkpoint.size, aside, restored })
    }
}

fn outdated() -> Failure {
    Failure::refused(
        "この回答は、災害対策本部がバックアップから戻される前のものです。取り込んでいません。もう一度 tachiai reception export から行ってください。",
        "this answer is from before the appliance was restored from a backup. Nothing was taken from it. Begin again with `tachiai reception export`.",
    )
}

/// Hands in the files of a stick, all of one terminal, and fetches what goes back to it: its news from a leaf on, and for a revoked terminal, which is told none, why.
///
/// # Errors
/// [`Failure`]: a refusal of a whole file, or no connection (4). What was handed in before that stays.
pub fn deliver(line: &impl Line, files: &[SignedHandIn], from: u64) -> Result<Option<Delivered>, Failure> {
    let (mut taken, mut known, mut aside, mut last) = (0, 0, Vec::new(), None);
    for file in files {
        let answer = line.hand_in(file, Way::Stick)?;
        (taken, known) = (taken + answer.taken, known + answer.known);
        aside.extend(answer.aside.iter().cloned());
        last = Some((&file.body, answer));
    }
    let Some((body, answer)) = last else { return Ok(None) };
    let is_revoked = aside.iter().any(|aside| aside.reason == Aside::Revoked);
    let news = match news_until(line, body, from, answer.size) {
        Err(failure) if is_revoked && failure.exit == Exit::Refused => Vec::new(),
        news => news?,
    };
    Ok(Some(Delivered { taken, known, reply: Reply { answer: HandInAnswer { aside, ..answer }, news } }))
}

/// News up to a size: no more than was signed, for a leaf behind the checkpoint would be nobody's word.
fn news_until(line: &impl Line, body: &HandIn, mut from: u64, size: u64) -> Result<Vec<News>, Failure> {
    let mut news = Vec::new();
    while from < size {
        let part = line.news(body.event, &body.terminal, from, (size - from).min(MAX_ENTRIES as u64))?;
        if part.entries.is_empty() {
            break;
        }
        from += part.entries.len() as u64;
        news.push(part);
    }
    Ok(news)
}
