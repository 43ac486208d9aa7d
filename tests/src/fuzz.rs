//! Spoilt bytes for every reader of foreign bytes.
//!
//! Each [`Target`] has a corpus of well-formed inputs. A [`Spoiler`] changes them by a seed, and two things must never
//! happen: a panic, and that a reader accepts bytes which it would write differently itself (two forms of one thing are
//! a way to make two hashes of it). Readers that check proofs may also accept nothing but what was signed, and say the same
//! of many proofs together as of each alone.
//!
//! | file | holds |
//! |---|---|
//! | `targets.rs` | [`Target`]: the readers and what must hold of each |
//! | `bodies.rs` | what crosses HTTP as JSON |
//! | `proofs.rs` | what is proved and signed, alone and in batches |
//! | `cards.rs` | what comes from a card |
//! | `witnesses.rs` | what witnesses, feeders and policies are given |
//! | `evidence.rs` | the evidence for the authority |
//! | `records.rs` | whole records as one file |
//! | `collect.rs` | [`collect`]: the corpora made anew |
//! | `spoiler.rs` | [`Spoiler`]: how bytes are spoilt |

use std::fmt;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use crate::trouble::{Doing, Trouble};

mod bodies;
mod cards;
mod collect;
mod evidence;
mod proofs;
mod records;
mod spoiler;
mod targets;
mod witnesses;

pub use collect::collect;
pub use spoiler::Spoiler;
pub use targets::{Target, targets};

/// What a reader did with an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Took it, and would write it the same.
    Accepted,
    /// Refused it.
    Refused,
}

/// An input that shows a fault.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The reader.
    pub target: &'static str,
    /// The input.
    pub input: Vec<u8>,
    /// What happened.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { target, input, what } = self;
        write!(f, "{target}: {what} ({} bytes)", input.len())
    }
}

/// Shows one input to a reader.
///
/// # Errors
/// The [`Finding`], if it panics or accepts what it would write differently.
pub fn try_one(target: &Target, input: &[u8]) -> Result<Verdict, Finding> {
    let finding = |what| Finding { target: target.name, input: input.to_vec(), what };
    match catch_unwind(AssertUnwindSafe(|| (target.read)(input))) {
        Ok(Ok(verdict)) => Ok(verdict),
        Ok(Err(what)) => Err(finding(what)),
        Err(panic) => {
            let message = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without words");
            Err(finding(format!("panicked: {message}")))
        }
    }
}

/// The folder with all corpora.
pub fn corpora() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/corpora")
}

/// The committed inputs of a reader, by name.
///
/// # Errors
/// [`Trouble`] if there is none.
pub fn corpus(name: &str) -> Result<Vec<Vec<u8>>, Trouble> {
    let folder = corpora().join(name);
    let mut paths: Vec<_> = fs::read_dir(&folder).map_err(|error| Trouble::file(&folder, error))?.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let inputs = paths.iter().map(|path| fs::read(path).map_err(|error| Trouble::file(path, error))).collect::<Result<Vec<_>, _>>()?;
    inputs.first().doing(format!("{} is empty", folder.display()))?;
    Ok(inputs)
}
