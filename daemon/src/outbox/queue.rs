//! The messages that wait, each a file: `DIR/<number, 20 digits>`, whose first line is a head in JSON, and whose rest is the body.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use rand_core::CryptoRngCore;
use serde::{Deserialize, Serialize};
use tachiai_schemas::{Bytes, Timestamp};

use crate::journal::{JournalError, durable};

/// What tells a message from every other, however often it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(Bytes<16>);

impl Key {
    /// A new one.
    pub fn random(rng: &mut impl CryptoRngCore) -> Self {
        let mut bytes = [0; 16];
        rng.fill_bytes(&mut bytes);
        Self(Bytes(bytes))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0.0))
    }
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its place in the order.
    pub seq: u64,
    /// Its key.
    pub key: Key,
    /// What is sent.
    pub body: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    key: Key,
    subject: Option<String>,
    at: Timestamp,
}

/// What is known of a message without reading it again.
struct Waiting {
    subject: Option<String>,
    at: Timestamp,
}

/// The messages in a folder.
pub struct Queue {
    dir: PathBuf,
    waiting: BTreeMap<u64, Waiting>,
    next: u64,
    /// The one that is being sent: it is not replaced any more.
    sending: Option<u64>,
    refused: u64,
}

impl Queue {
    /// Opens the folder, or makes it. A file that is no message is set aside and said.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn open(dir: &Path) -> Result<Self, JournalError> {
        durable::create_dir(dir)?;
        let refused = numbers(&dir.join(REFUSED))?;
        let numbers = numbers(dir)?;
        let next = numbers.iter().chain(&refused).max().map_or(0, |last| last + 1);
        let mut queue = Self { dir: dir.to_owned(), waiting: BTreeMap::new(), next, sending: None, refused: refused.len() as u64 };
        for seq in numbers {
            match parse(&queue.read(seq)?) {
                Some((Head { key: _, subject, at }, _)) => drop(queue.waiting.insert(seq, Waiting { subject, at })),
                None => {
                    tracing::error!(file = %queue.path(seq).display(), "this is no message; it is set aside");
                    queue.set_aside(seq)?;
                }
            }
        }
        Ok(queue)
    }

    /// Puts a message at the end, and takes out what it replaces. It is durable when this returns.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn put(&mut self, key: Key, subject: Option<&str>, at: Timestamp, body: &[u8]) -> Result<Key, JournalError> {
        let subject = subject.map(str::to_owned);
        let head = Head { key, subject: subject.clone(), at };
        let path = self.path(self.next);
        let mut bytes = serde_json::to_vec(&head).map_err(|error| JournalError::io("write", &path)(error.into()))?;
        bytes.push(b'\n');
        bytes.extend_from_slice(body);
        durable::replace(&path, &bytes)?;
        durable::sync_dir(&self.dir)?;
        let replaced = |(seq, waiting): (&u64, &Waiting)| (waiting.subject == subject && Some(*seq) != self.sending).then_some(*seq);
        let replaced: Vec<u64> = if subject.is_some() { self.waiting.iter().filter_map(replaced).collect() } else { Vec::new() };
        self.waiting.insert(self.next, Waiting { subject, at });
        self.next += 1;
        for seq in replaced {
            self.done(seq)?;
        }
        Ok(key)
    }

    /// The message that is next, which is being sent from here on.
    pub fn begin(&mut self) -> Option<Result<Message, JournalError>> {
        let (&seq, _) = self.waiting.first_key_value()?;
        self.sending = Some(seq);
        let spoilt = || JournalError::io("read", &self.path(seq))(std::io::ErrorKind::InvalidData.into());
        let message = self.read(seq).and_then(|bytes| {
            let (Head { key, .. }, body) = parse(&bytes).ok_or_else(spoilt)?;
            Ok(Message { seq, key, body: body.to_vec() })
        });
        Some(message)
    }

    /// Nothing is being sent any more.
    pub const fn rest(&mut self) {
        self.sending = None;
    }

    /// Takes a message out.
    ///
    /// # Errors
    /// [`JournalError`]; it waits again then.
    pub fn done(&mut self, seq: u64) -> Result<(), JournalError> {
        let path = self.path(seq);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(JournalError::io("remove", &path)(error)),
            _ => {
                self.waiting.remove(&seq);
                // If the removal is lost with the power, the message goes out once more, with the same key.
                durable::sync_dir(&self.dir)
            }
        }
    }

    /// Takes a message out and keeps its file in `refused/`.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn set_aside(&mut self, seq: u64) -> Result<(), JournalError> {
        let (path, aside) = (self.path(seq), self.dir.join(REFUSED));
        durable::create_dir(&aside)?;
        fs::rename(&path, aside.join(name(seq))).map_err(JournalError::io("move", &path))?;
        self.waiting.remove(&seq);
        self.refused += 1;
        durable::sync_dir(&aside)?;
        durable::sync_dir(&self.dir)
    }

    /// How many wait.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.waiting.len() as u64
    }

    /// Since when the oldest waits.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        self.waiting.first_key_value().map(|(_, waiting)| waiting.at)
    }

    /// How many were set aside.
    #[must_use]
    pub const fn refused(&self) -> u64 {
        self.refused
    }

    fn read(&self, seq: u64) -> Result<Vec<u8>, JournalError> {
        let path = self.path(seq);
        fs::read(&path).map_err(JournalError::io("read", &path))
    }

    fn path(&self, seq: u64) -> PathBuf {
        self.dir.join(name(seq))
    }
}

/// The folder of what was set aside.
const REFUSED: &str = "refused";

fn name(seq: u64) -> String {
    format!("{seq:020}")
}

/// The numbers of the messages in a folder, ascending; nothing where there is none. What was being written when the process ended has another name.
fn numbers(dir: &Path) -> Result<Vec<u64>, JournalError> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(JournalError::io("list", dir))?,
    };
    let mut numbers = Vec::new();
    for entry in entries {
        let entry = entry.map_err(JournalError::io("list", dir))?;
        let named = entry.file_name().into_string().unwrap_or_default();
        if named.len() == 20 {
            numbers.extend(named.parse::<u64>());
        }
    }
    numbers.sort_unstable();
    Ok(numbers)
}

fn parse(bytes: &[u8]) -> Option<(Head, &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (head, body) = (bytes.get(..end)?, bytes.get(end + 1..)?);
    Some((serde_json::from_slice(head).ok()?, body))
}
