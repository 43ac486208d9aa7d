//! A failure is what ends a command: an exit code, what happened, and what to do, in both languages.

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

use tachiai_schemas::{Lang, Say};

/// The exit codes, as of every program of Tachiai.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Something was checked and does not hold; nothing was signed.
    Refused = 1,
    /// Incomplete or unreadable input, or a disk that takes nothing.
    Incomplete = 2,
    /// No connection.
    NoConnection = 4,
    /// Wrong use of the command line.
    Usage = 64,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What ends a command before it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    ja: String,
    en: String,
}

impl Failure {
    /// Makes a failure from its two texts.
    pub fn new(exit: Exit, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { exit, ja: ja.into(), en: en.into() }
    }

    /// Something does not hold.
    pub fn refused(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(Exit::Refused, ja, en)
    }

    /// A file that cannot be read or written.
    pub fn file(path: &Path, error: impl fmt::Display) -> Self {
        Self::new(
            Exit::Incomplete,
            format!("{} を扱えません: {error}。場所・権限・ディスクの空きを確かめてください。", path.display()),
            format!("cannot use {}: {error}. Check its place, its permissions and the space on the disk.", path.display()),
        )
    }
}

impl Say for Failure {
    fn say(&self, lang: Lang) -> String {
        lang.pick(&self.ja, &self.en).to_owned()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

impl std::error::Error for Failure {}
