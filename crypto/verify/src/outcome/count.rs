//! What was counted in one contest: the votes for each option, on paper and online, and those that name none.

use serde::{Deserialize, Serialize};
use tachiai_schemas::Lang;
use tachiai_schemas::validate::MAX_OPTIONS;

use super::{Rules, Votes, Wrong};

/// An option by its place in ballot order, 0 first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct OptionIndex(pub u16);

/// The count of one contest, as the chairman of the count (選挙長) has it before deciding who is elected.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Count {
    /// The options, in ballot order.
    pub options: Vec<Counted>,
    /// Valid votes on paper that are nobody's: what was cut off in splitting votes between candidates of one name (按分の際切り捨てた票), and votes for a
    /// shared name whose bearers have no votes to split by (いずれの候補者にも属さない票). They are part of the valid votes.
    pub nobodys: Votes,
    /// Blank votes (白票), on paper and online. In an election they are invalid votes; they are only counted apart.
    pub blank: u64,
    /// Otherwise invalid votes on paper (art. 68 (1)), those for options that are [`Out`] left aside.
    pub invalid: u64,
}

/// The votes for one option.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counted {
    /// Votes cast online.
    pub online: u64,
    /// Votes on paper, with the share of those for a name it has in common with others.
    pub paper: Votes,
    /// Why it is no longer standing, if it is not.
    pub out: Option<Out>,
}

impl Counted {
    /// All votes, online and on paper.
    #[must_use]
    pub fn votes(&self) -> Votes {
        Votes::from(self.online) + self.paper.clone()
    }
}

/// Why somebody is no candidate at the end of the poll. Votes for them are invalid (art. 68 (1) ii and v), whenever they were cast.
///
/// Who dies or loses the right to be elected only after the poll is not out: the votes count, and what follows is the law's on the loss of an election that
/// was won (art. 97, 99, 109 ii).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Out {
    /// The candidate withdrew, or is held to have (辞退・届出の取下げ: art. 86-4 (10), 91).
    Withdrawn,
    /// The candidate died (死亡).
    Died,
    /// The candidate may not be elected, or the filing was rejected for it (被選挙権の喪失・届出の却下: art. 86-4 (9), 87 to 88).
    Disqualified,
}

impl Out {
    /// The words for papers and screens.
    #[must_use]
    pub const fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::Withdrawn => lang.pick("辞退", "withdrawn"),
            Self::Died => lang.pick("死亡", "died"),
            Self::Disqualified => lang.pick("被選挙権なし・届出却下", "disqualified"),
        }
    }
}

/// The votes by kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Valid votes, V: those for options that are standing, and those that are valid but nobody's.
    pub valid: Votes,
    /// Votes for options that are out.
    pub out: Votes,
    /// Blank votes.
    pub blank: u64,
    /// Otherwise invalid votes.
    pub otherwise_invalid: u64,
}

impl Totals {
    /// Invalid votes (無効投票): blank, for options that are out, and otherwise invalid.
    #[must_use]
    pub fn invalid(&self) -> Votes {
        let Self { valid: _, out, blank, otherwise_invalid } = self;
        out.clone() + Votes::from(*blank) + Votes::from(*otherwise_invalid)
    }

    /// All votes (投票総数). Every vote is a whole one in the box, so if this is not [whole](Votes::is_whole), parts that were cut off are missing from
    /// [`Count::nobodys`].
    #[must_use]
    pub fn all(&self) -> Votes {
        self.valid.clone() + self.invalid()
    }
}

impl Count {
    /// The options with their indices.
    ///
    /// # Errors
    /// [`Wrong::Options`] for more than a contest has, [`Wrong::OutOfReferendum`] for an option of a referendum that is out.
    pub(super) fn indexed(&self, rules: Rules) -> Result<Vec<(OptionIndex, &Counted)>, Wrong> {
        if self.options.len() > MAX_OPTIONS {
            return Err(Wrong::Options(self.options.len()));
        }
        let options: Vec<_> = (0..).map(OptionIndex).zip(&self.options).collect();
        match options.iter().find(|(_, counted)| rules == Rules::Referendum && counted.out.is_some()) {
            Some((option, _)) => Err(Wrong::OutOfReferendum(*option)),
            None => Ok(options),
        }
    }

    /// The votes by kind.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let Self { options, nobodys, blank, invalid } = self;
        let mut totals = Totals { valid: nobodys.clone(), out: Votes::none(), blank: *blank, otherwise_invalid: *invalid };
        for option in options {
            let kind = if option.out.is_some() { &mut totals.out } else { &mut totals.valid };
            *kind += &option.votes();
        }
        totals
    }
}
