//! What is asked for the commission's work on an election.

use std::path::{Path, PathBuf};

use tachiai_crypto::hash::Hash32;
use tachiai_schemas::ElectionId;
use tachiai_schemas::counting::{LotsView, OutNotice, PaperCountView};
use tachiai_schemas::declaration::DeclarationList;
use tachiai_schemas::election::Manifest;
use tachiai_schemas::roll::case::{RollFound, RollPreview, RollSearch};
use tachiai_schemas::spec::ElectionSpec;
use tachiai_schemas::status::Status;
use tachiai_schemas::trustee::TrusteeCard;

use super::Desk;
use crate::client::read_list;
use crate::commands::count;
use crate::commands::election::{declarations_after, read_trustee_card};
use crate::commands::roll;
use crate::commands::trustee::key_fingerprint;
use crate::failure::Failure;
use crate::voter::{self, Leaf};

/// So many entries of a board are shown on a page.
pub const BOARD_PAGE: u64 = 100;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// What a file would change of a roll.
    RollFile(ElectionId, PathBuf),
    /// Whose key is in a trustee's file.
    TrusteeFile(PathBuf),
    /// The election that a file describes.
    SpecFile(PathBuf),
    /// The row in a file by which somebody is added to a roll.
    RollRow(PathBuf),
    /// Entries of a board from this one on.
    Board(ElectionId, u64),
    /// How far the papers are counted.
    Counting(ElectionId),
    /// Who of a roll has this number, or a name like this.
    RollPeople(ElectionId, String),
    /// The declarations for early voting, after the one that an earlier answer named.
    Declarations(ElectionId, Option<u64>),
}

/// What was answered.
#[derive(Clone)]
pub enum Answer {
    /// What a file would change of a roll.
    RollFile(Box<RollFile>),
    /// Whose key is in a trustee's file.
    TrusteeFile(Box<KeyFile>),
    /// The election that a file describes.
    SpecFile(Box<ElectionSpec>),
    /// A row as the resident system writes it, with its header.
    RollRow(String),
    /// Entries of a board.
    Board(Vec<Leaf>),
    /// How far the papers are counted.
    Counting(Box<Counting>),
    /// Who was found.
    RollPeople(Box<RollFound>),
    /// The declarations for early voting.
    Declarations(Box<DeclarationList>),
}

/// What a file would change of a roll.
#[derive(Clone)]
pub struct RollFile {
    /// The changes.
    pub preview: RollPreview,
    /// What was read; nothing else is imported.
    pub sha256: Hash32,
}

/// A trustee's file.
#[derive(Clone)]
pub struct KeyFile {
    /// The trustee's name.
    pub name: String,
    /// What is compared aloud.
    pub fingerprint: String,
    /// What was read; nothing else is handed in.
    pub sha256: Hash32,
}

/// How far the papers are counted.
#[derive(Clone)]
pub struct Counting {
    /// The contests of which papers are counted.
    pub views: Vec<PaperCountView>,
    /// The election.
    pub manifest: Manifest,
    /// The candidates who are out.
    pub outs: Vec<OutNotice>,
    /// The lots that are being signed, those on the board, and those that were dropped.
    pub lots: LotsView,
}

impl Question {
    /// Whether what changed may change the answer.
    #[must_use]
    pub fn follows(&self, before: &Status, now: &Status) -> bool {
        match self {
            Self::Board(id, _) | Self::Counting(id) => {
                // What one official entered stands in no board yet.
                let of = |status: &Status| {
                    let found = status.elections.iter().find(|election| election.summary.election == *id);
                    found.map(|election| (election.summary.size, election.inside.as_ref().map(|inside| inside.papers)))
                };
                of(before) != of(now)
            }
            Self::RollFile(..) | Self::TrusteeFile(_) | Self::SpecFile(_) | Self::RollRow(_) | Self::RollPeople(..) | Self::Declarations(..) => false,
        }
    }

    /// Whether the appliance records who asked it.
    #[must_use]
    pub const fn is_recorded(&self) -> bool {
        matches!(self, Self::RollPeople(..) | Self::Declarations(..))
    }
}

/// The bytes of a file with their hash.
///
/// # Errors
/// [`Failure`] that names it.
pub fn bytes_of(path: &Path) -> Result<(Vec<u8>, Hash32), Failure> {
    let bytes = read_list(path)?;
    let sha256 = Hash32::sha256(&bytes);
    Ok((bytes, sha256))
}

/// Asks it.
///
/// # Errors
/// [`Failure`].
pub(super) fn ask(desk: &Desk, question: &Question) -> Result<Answer, Failure> {
    let client = &desk.client;
    match question {
        Question::RollFile(id, path) => {
            let (bytes, sha256) = bytes_of(path)?;
            let preview = roll::preview_of(client, &format!("/api/v1/elections/{id}/roll"), &bytes)?;
            Ok(Answer::RollFile(Box::new(RollFile { preview, sha256 })))
        }
        Question::TrusteeFile(path) => {
            let (_, sha256) = bytes_of(path)?;
            let TrusteeCard { name, signing_key, recipient: _ } = read_trustee_card(path)?;
            Ok(Answer::TrusteeFile(Box::new(KeyFile { name, fingerprint: key_fingerprint(&signing_key.0), sha256 })))
        }
        Question::RollRow(path) => {
            // A pipe, or what else is no file, would be waited for.
            if !path.is_file() {
                return Err(Failure::refused(
                    "その場所にファイルがありません。場所を確かめて入力し直してください。",
                    "there is no file there. Check the path and type it again.",
                ));
            }
            roll::read_row(path).map(Answer::RollRow)
        }
        Question::SpecFile(path) => {
            let text = std::fs::read_to_string(path).map_err(|e| Failure::file(path, &e))?;
            ElectionSpec::from_toml(&text).map(|spec| Answer::SpecFile(Box::new(spec))).map_err(|e| Failure::content(path, &e))
        }
        Question::Board(id, from) => voter::leaves(client, *id, *from, BOARD_PAGE).map(Answer::Board),
        Question::Counting(id) => {
            let manifest = voter::manifest(client, *id)?;
            let (views, outs, lots) = (count::counts(client, *id)?, count::outs(client, *id)?, count::lots(client, *id)?);
            Ok(Answer::Counting(Box::new(Counting { views, manifest, outs, lots })))
        }
        Question::RollPeople(id, text) => {
            let found = roll::find_of(client, &format!("/api/v1/elections/{id}/roll"), &search_of(text))?;
            Ok(Answer::RollPeople(Box::new(found)))
        }
        Question::Declarations(id, after) => declarations_after(client, *id, *after).map(|list| Answer::Declarations(Box::new(list))),
    }
}

/// What somebody typed to look for: a number, a name in kana, or a name.
fn search_of(text: &str) -> RollSearch {
    let none = RollSearch::default();
    let text = text.trim().to_owned();
    let is_kana = |c: char| matches!(c, 'ぁ'..='ん' | 'ァ'..='ヶ' | 'ー' | ' ' | '　');
    if text.chars().all(|c| c.is_ascii_digit()) {
        RollSearch { number: Some(text), ..none }
    } else if text.chars().all(is_kana) {
        RollSearch { kana: Some(text), ..none }
    } else {
        RollSearch { name: Some(text), ..none }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_looked_for_is_known_by_what_was_typed() {
        let of = |text: &str| {
            let RollSearch { number, name, kana, birth: _ } = search_of(text);
            [number.is_some(), name.is_some(), kana.is_some()]
        };
        assert_eq!(of("1042"), [true, false, false]);
        assert_eq!(of("西村 花子"), [false, true, false]);
        assert_eq!([of("ニシムラ"), of("にしむら　はな")], [[false, false, true]; 2]);
    }
}
