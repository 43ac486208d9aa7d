//! Handing in by a stick: files with what is here alone go out, and an answer with the event's journal may come back.
//!
//! A file is one hand-in as it goes over the network. An answer is believed only as far as the appliance signed it: an entry counts as taken when it stands among the
//! leaves that give the root of the signed checkpoint, whatever the answer says beside.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tachiai_schemas::canonical;
use tachiai_schemas::roster::hand_in::{HandInAnswer, MAX_ENTRIES, News};

use super::state::{Own, Reception};
use crate::draft::replace;
use crate::failure::Failure;

/// The longest answer that is read, in bytes.
const LONGEST: u64 = 256 << 20;

/// What comes back on a stick.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// What the appliance answered to the last of the files.
    pub answer: HandInAnswer,
    /// The event's journal from some leaf on, with the openings that this terminal may have.
    #[serde(default)]
    pub news: Vec<News>,
}

/// What an export wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
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
    /// How many entries the answer says were set aside.
    pub aside: usize,
}

/// Which entries go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that are here alone.
    Waiting,
    /// All of this terminal whose openings are here still.
    All,
}

impl Reception {
    /// Writes hand-ins: `path`, and with many entries `path.2`, `path.3`, …; what stood there is replaced. Synced once it returns.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn export(&self, path: &Path, which: Which) -> Result<Exported, Failure> {
        let own: Vec<&Own> = match which {
            Which::Waiting => self.waiting().collect(),
            Which::All => self.own().iter().filter(|own| own.opening.is_some() || tachiai_schemas::roster::opening::place(&own.entry.body).is_none()).collect(),
        };
        let mut files = Vec::new();
        for (number, chunk) in (1..).zip(own.chunks(MAX_ENTRIES)) {
            let file = if number == 1 { path.to_owned() } else { PathBuf::from(format!("{}.{number}", path.display())) };
            let bytes = canonical::to_bytes(&self.hand_in_of(chunk)?).map_err(|e| Failure::file(&file, &e))?;
            replace(&file, &bytes)?;
            files.push(file);
        }
        Ok(Exported { files, entries: own.len() })
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
        let Reply { answer, news } = reply.map_err(|e| failed(&format!("no answer of the appliance ({:?})", e.classify())))?;
        // Without the event nothing could be checked; its first leaf is the appliance's word on the line.
        let checkpoint = self.checkpoint(&answer.checkpoint)?;
        let before = self.waiting().count();
        let brings = news.last().map_or(0, |news| news.from + news.entries.len() as u64);
        // Leaves behind the signed size would be nobody's word.
        if brings > checkpoint.size || (brings > self.cursor() && brings != checkpoint.size) {
            return Err(Failure::refused(
                "回答ファイルの記録が署名されたチェックポイントと合いません。取り込んでいません。もう一度作ってもらってください。",
                "the answer's journal does not fit its signed checkpoint. Nothing was taken from it. Have it made again.",
            ));
        }
        let learned = self.learn(&news, Some(&checkpoint))?;
        Ok(Confirmed { taken: before - self.waiting().count(), learned, size: checkpoint.size, aside: answer.aside.len() })
    }
}
