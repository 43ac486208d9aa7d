//! A failure is what ends a command: an exit code, what happened, and what to do.

use std::fmt;
use std::process::ExitCode;

use tachiai_schemas::refusal::SignedRefusal;
use tachiai_schemas::system::in_words;
use tachiai_schemas::{Lang, Refusal, Say};

/// The exit codes of every program of Tachiai.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Refused by policy, or refuted by a verifier.
    Refused = 1,
    /// Incomplete or unreadable input.
    Incomplete = 2,
    /// Waiting for a second official.
    Waiting = 3,
    /// No connection.
    NoConnection = 4,
    /// Card or PIN.
    Card = 5,
    /// Wrong use of the command line.
    Usage = 64,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What ends a command before it is done.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What happened, and what to do, in Japanese.
    pub ja: String,
    /// The same in English.
    pub en: String,
    /// The stable code of a refusal of the server, for scripts.
    pub code: Option<Refusal>,
    /// The refusal as the board signed it, for exactly the request that was sent; its signature is not checked yet.
    pub signed: Option<Box<SignedRefusal>>,
    /// Whether something was sent and no answer came, so that nobody knows whether it was done.
    pub lost: bool,
}

impl Failure {
    /// Makes a failure from its two texts.
    pub fn new(exit: Exit, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { exit, ja: ja.into(), en: en.into(), code: None, signed: None, lost: false }
    }

    /// Adds what else the person must know.
    #[must_use]
    pub fn and(mut self, ja: impl fmt::Display, en: impl fmt::Display) -> Self {
        self.ja = format!("{}\n{ja}", self.ja);
        self.en = format!("{}\n{en}", self.en);
        self
    }

    /// A failure to read or use what the person gave.
    pub fn incomplete(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(Exit::Incomplete, ja, en)
    }

    /// A refusal: something was checked and does not hold.
    pub fn refused(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(Exit::Refused, ja, en)
    }

    /// A file that cannot be read or written.
    pub fn file(path: &std::path::Path, error: &dyn fmt::Display) -> Self {
        let [ja, en] = in_words(&error);
        Self::incomplete(
            format!("ファイル {} を扱えません: {ja}。場所と権限を確かめてください。", path.display()),
            format!("cannot use the file {}: {en}. Check its place and permissions.", path.display()),
        )
    }

    /// A file that can be read, but is not what it should be.
    pub fn content(path: &std::path::Path, error: &dyn fmt::Display) -> Self {
        let error = error.to_string();
        let error = error.trim_end().trim_end_matches('.');
        Self::incomplete(
            format!("ファイル {} の内容に誤りがあります: {error}。その箇所を直すか、ファイルを取り直してください。", path.display()),
            format!("the file {} is not what it should be: {error}. Correct that place, or get the file again.", path.display()),
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

impl From<crate::card::CardError> for Failure {
    fn from(error: crate::card::CardError) -> Self {
        Self::new(Exit::Card, error.say(Lang::Ja), error.say(Lang::En))
    }
}

impl From<crate::card::TransportError> for Failure {
    fn from(error: crate::card::TransportError) -> Self {
        crate::card::CardError::Transport(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_of_a_file_is_said_in_words() {
        let missing = std::fs::File::open("/nowhere/roll.csv").unwrap_err();
        let failure = Failure::file(std::path::Path::new("/nowhere/roll.csv"), &missing);
        assert!(failure.ja.contains("/nowhere/roll.csv を扱えません: ありません。"), "{}", failure.ja);
        assert!(failure.en.contains("No such file or directory. Check"), "{}", failure.en);
    }
}
