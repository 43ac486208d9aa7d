//! Papers are what an election commission prints, signs and keeps: 投票速報, 開票速報, 期日前投票日報, 投票録 and 開票録, as PDF/A.
//!
//! Each is a plain struct, and that struct is all it is made of: it names no entry of a board, so that whoever has the figures can fill it. [`record`] fills those that a
//! published record gives, from what the verifier computed anew. [`press`] sets a paper: figures come to it as texts, and a template beside it gives them their places.
//!
//! - [`frame`]: what stands on every page, whatever the paper tells of.
//! - [`turnout`], [`quick`], [`early`], [`poll`], [`count`]: the five papers.
//! - [`shelter`]: forms and lists of shelters, which name no election.
//! - [`era`], [`exact`]: days and amounts as they are written.
//!
//! A paper whose figures contradict each other is not printed. The same paper, language and fonts give the same bytes.

pub mod citizen;
pub mod count;
pub mod early;
pub mod era;
pub mod exact;
pub mod fonts;
pub mod frame;
mod history;
pub mod poll;
pub mod press;
pub mod quick;
pub mod record;
pub mod shelter;
pub mod turnout;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tachiai_schemas::{Lang, Say};

pub use count::CountRecord;
pub use early::EarlyVoting;
pub use frame::Frame;
pub use poll::PollRecord;
pub use quick::QuickReport;
pub use turnout::Turnout;

use exact::{Exact, separated};
use fonts::FontsError;

/// One paper, with everything that is printed on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "paper", rename_all = "kebab-case")]
pub enum Paper {
    /// 投票速報: how many have voted so far.
    Turnout(Turnout),
    /// 開票速報: the count so far, or its end.
    QuickReport(QuickReport),
    /// 期日前投票日報: a day of early voting.
    EarlyVoting(EarlyVoting),
    /// 投票録: what happened in a polling place.
    PollRecord(Box<PollRecord>),
    /// 開票録: what happened at the count.
    CountRecord(Box<CountRecord>),
}

impl Paper {
    /// The name of this kind of paper in both languages.
    #[must_use]
    pub const fn name(&self, lang: Lang) -> &'static str {
        let (ja, en) = match self {
            Self::Turnout(_) => ("投票速報", "Turnout report"),
            Self::QuickReport(_) => ("開票速報", "Quick report of the count"),
            Self::EarlyVoting(_) => ("期日前投票日報", "Daily report of early voting"),
            Self::PollRecord(_) => ("投票録", "Poll record"),
            Self::CountRecord(_) => ("開票録", "Count record"),
        };
        lang.pick(ja, en)
    }

    /// The name of its file, without an ending.
    #[must_use]
    pub const fn file_stem(&self) -> &'static str {
        match self {
            Self::Turnout(_) => "turnout-report",
            Self::QuickReport(_) => "quick-report",
            Self::EarlyVoting(_) => "early-voting",
            Self::PollRecord(_) => "poll-record",
            Self::CountRecord(_) => "count-record",
        }
    }

    /// What stands on every page.
    #[must_use]
    pub const fn frame(&self) -> &Frame {
        match self {
            Self::Turnout(paper) => &paper.frame,
            Self::QuickReport(paper) => &paper.frame,
            Self::EarlyVoting(paper) => &paper.frame,
            Self::PollRecord(paper) => &paper.frame,
            Self::CountRecord(paper) => &paper.frame,
        }
    }

    /// Everything that the template prints, as texts; figures that contradict each other are found here.
    fn sheet(&self, lang: Lang) -> Result<Value, PaperError> {
        let mut sheet = self.frame().sheet(lang);
        let body = match self {
            Self::Turnout(paper) => paper.body(lang)?,
            Self::QuickReport(paper) => paper.body(lang)?,
            Self::EarlyVoting(paper) => paper.body(lang)?,
            Self::PollRecord(paper) => paper.body(lang)?,
            Self::CountRecord(paper) => paper.body(lang)?,
        };
        sheet["title"] = self.name(lang).into();
        sheet["body"] = body;
        Ok(sheet)
    }
}

/// Why a paper is not printed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaperError {
    /// Two figures that must be equal, or one that must not be above the other, contradict each other.
    #[error("{what_en}: {left} and {right} contradict each other")]
    Contradiction {
        /// What the figures are, in Japanese.
        what_ja: String,
        /// The same in English.
        what_en: String,
        /// One figure.
        left: String,
        /// The other.
        right: String,
    },
    /// A sum is too large to be held.
    #[error("a sum is too large")]
    TooLarge,
    /// A text that is to be printed holds a character for which the fonts have no shape, or one that is not to be seen, such as a change of the direction of writing.
    #[error("no shape for {character:?} in {text:?}")]
    Character {
        /// The character.
        character: char,
        /// The text that holds it.
        text: String,
    },
    /// The fonts are not there.
    #[error(transparent)]
    Fonts(#[from] FontsError),
    /// The template could not be set: this program's own fault.
    #[error("the paper could not be set: {0}")]
    Press(String),
}

impl Say for PaperError {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Contradiction { what_ja, what_en: _, left, right }, Lang::Ja) => {
                format!("数が合いません（{what_ja}：{left} と {right}）。印刷していません。元の数字を確かめてください。")
            }
            (Self::Contradiction { what_ja: _, what_en, left, right }, Lang::En) => {
                format!("figures contradict each other ({what_en}: {left} and {right}). Nothing was printed: check where they come from.")
            }
            (Self::TooLarge, _) => {
                lang.pick("合計が大きすぎます。元の数字を確かめてください。", "a sum is too large: check where the figures come from.").to_owned()
            }
            (Self::Character { character, text }, Lang::Ja) => format!(
                "「{}」に、印刷できない文字 U+{:04X} があります。通用字体に置き換えるか、その文字を持つ版のフォント（{}）を入れてください。",
                visible(text),
                u32::from(*character),
                fonts::PACKAGE
            ),
            (Self::Character { character, text }, Lang::En) => format!(
                "\"{}\" holds U+{:04X}, which cannot be printed. Put the standard character in its place, or install a version of the fonts ({}) that has it.",
                visible(text),
                u32::from(*character),
                fonts::PACKAGE
            ),
            (Self::Fonts(error), _) => error.say(lang),
            (Self::Press(why), Lang::Ja) => format!("帳票を組めませんでした（プログラムの障害）: {why}"),
            (Self::Press(why), Lang::En) => format!("the paper could not be set; this program is at fault: {why}"),
        }
    }
}

/// A text for a message, without what would change the message itself.
fn visible(text: &str) -> String {
    text.chars().map(|c| if press::is_hidden(c) { '\u{fffd}' } else { c }).collect()
}

/// Demands that two amounts are equal.
fn same(what: (&str, &str), left: Exact, right: Exact) -> Result<(), PaperError> {
    if left == right { Ok(()) } else { Err(contradiction(what, left, right)) }
}

/// Demands that an amount is not above another.
fn within(what: (&str, &str), part: Exact, whole: Exact) -> Result<(), PaperError> {
    if part <= whole { Ok(()) } else { Err(contradiction(what, part, whole)) }
}

fn contradiction((ja, en): (&str, &str), left: Exact, right: Exact) -> PaperError {
    PaperError::Contradiction { what_ja: ja.to_owned(), what_en: en.to_owned(), left: left.votes(), right: right.votes() }
}

fn total(amounts: impl IntoIterator<Item = Exact>) -> Result<Exact, PaperError> {
    Exact::sum(amounts).ok_or(PaperError::TooLarge)
}

/// The sum of whole numbers.
fn added(numbers: impl IntoIterator<Item = u64>) -> Result<u64, PaperError> {
    numbers.into_iter().try_fold(0_u64, u64::checked_add).ok_or(PaperError::TooLarge)
}

fn number(number: u64) -> String {
    separated(u128::from(number))
}

/// A number that is not known is a dash.
fn number_or_dash(known: Option<u64>) -> String {
    known.map_or_else(|| "—".to_owned(), number)
}

/// A percentage, or a dash of nothing.
fn percent_or_dash(part: Exact, whole: Exact, rounding: exact::Rounding) -> String {
    exact::percent(part, whole, rounding).unwrap_or_else(|| "—".to_owned())
}
