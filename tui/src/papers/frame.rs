//! What stands on every page of every paper: which election, by which authority, from which state of which board.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tachiai_schemas::election::{Authority, Text};
use tachiai_schemas::{HashBytes, Lang, Timestamp};

use super::era;
use crate::commands::vote::authority_notice;

/// What every page says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frame {
    /// The election's title.
    pub election: Text,
    /// The legal authority. A mock election's papers have `模擬 MOCK` across every page.
    pub authority: Authority,
    /// Who issues the paper, such as 養父市選挙管理委員会; left out where nobody has said it.
    pub issuer: Option<Text>,
    /// The state of the board from which the figures come.
    pub board: BoardMark,
    /// When the paper was made, as it says itself. It is handed in, so that the same paper can be made again: whoever prints from a record takes the time of its
    /// last entry, not a clock's.
    pub made: Timestamp,
}

/// Which state of which board a paper is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoardMark {
    /// The board's origin, `<host>/<election id>`.
    pub origin: String,
    /// How many entries.
    pub size: u64,
    /// The root over them.
    pub root: HashBytes,
    /// The election's fingerprint, as the public notice prints it.
    pub fingerprint: String,
    /// Whether it was held against the notice.
    pub compared: Compared,
}

/// Whether the fingerprint of the board was held against the one of the public notice (公告).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compared {
    /// It was given and is the board's.
    Notice,
    /// None was given: the board is taken on trust.
    Not,
}

impl Frame {
    /// Everything of the frame as texts for the template.
    pub(super) fn sheet(&self, lang: Lang) -> Value {
        let Self { election, authority, issuer, board, made } = self;
        let BoardMark { origin, size, root, fingerprint, compared } = board;
        let compared = match compared {
            Compared::Notice => lang.pick("公告の指紋と照合済み", "compared with the public notice"),
            Compared::Not => lang.pick("公告の指紋とは未照合", "not compared with the public notice"),
        };
        json!({
            "lang": lang.pick("ja", "en"),
            "election": chosen(lang, election),
            "authority": authority_notice(lang, *authority),
            "mock": *authority == Authority::Mock,
            // Elsewhere the articles of the Public Offices Election Act are followed, but do not apply of themselves.
            "by_analogy": matches!(authority, Authority::Mock | Authority::Ordinance),
            "issuer": issuer.as_ref().map(|issuer| chosen(lang, issuer)),
            "made": era::written(*made, lang),
            "board": {
                "origin": origin,
                "size": super::number(*size),
                "root": root.hash().to_string(),
                "fingerprint": fingerprint,
                "compared": compared,
            },
        })
    }
}

/// The text of the language.
pub(super) fn chosen(lang: Lang, text: &Text) -> &str {
    lang.pick(&text.ja, &text.en)
}
