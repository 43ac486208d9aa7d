//! How the desk of a polling place stands, as its screen is told.

use tachiai_schemas::desk::{DayView, DeskElector};
use tachiai_schemas::election::{Authority, Text};
use tachiai_schemas::evidence::NameReason;
use tachiai_schemas::paper::{LinkPolicy, PlaceKind, Session};
use tachiai_schemas::{ElectionId, LeafIndex, Timestamp};

use super::order::Order;
use crate::card::Tries;
use crate::failure::Failure;
use crate::poll::queue::Fate;

/// How the desk stands.
#[derive(Clone, Default)]
pub struct Seen {
    /// The desk, once it is open.
    pub desk: Option<Listed>,
    /// What is wrong with the reader.
    pub reader: Option<Failure>,
    /// What is kept here and not known to be on the board.
    pub kept: Kept,
    /// Who stands here; a number that is another one for each.
    pub turn: u64,
    /// How far it is.
    pub stand: Stand,
}

/// A desk that is open.
#[derive(Clone)]
pub struct Listed {
    /// The election.
    pub election: ElectionId,
    /// The title of the election.
    pub title: Text,
    /// By what authority it is held.
    pub authority: Authority,
    /// The name of the place.
    pub name: Text,
    /// Its kind.
    pub kind: PlaceKind,
    /// Its hours now, if it is open.
    pub hours: Option<Session>,
    /// What it does while the link is cut.
    pub offline: LinkPolicy,
}

/// What is kept at the desk.
#[derive(Clone, Default)]
pub struct Kept {
    /// Hand-outs of which it is not known whether they were recorded.
    pub unanswered: usize,
    /// The envelopes of provisional papers, with what became of each.
    pub envelopes: Vec<(String, Fate)>,
}

impl Kept {
    /// How many envelopes are still to be entered.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.envelopes.iter().filter(|(_, fate)| *fate == Fate::Kept).count()
    }
}

/// How far it is with who stands here.
#[derive(Clone, Default)]
pub enum Stand {
    /// Nobody stands here.
    #[default]
    Nobody,
    /// The card is read, and its holder looked up.
    Reading,
    /// The card shows nothing before its PIN.
    Locked(Option<Failure>),
    /// Somebody who is on the roll.
    Here(Box<Here>),
    /// Nobody that papers can be handed to: why.
    Refused(Failure),
    /// The link is cut: what that means here.
    Cut(Failure),
    /// A second official is awaited, who approves this.
    Waits(Box<Waits>),
    /// The papers are to be handed over.
    Handed(Box<Handed>),
    /// Whether the hand-out was recorded is not known.
    Unknown(Failure),
    /// A provisional paper was handed out, in the envelope of this number.
    Envelope(String),
    /// What the day of a session stands at, with the titles of its contests.
    Day(Box<(u16, DayView, Vec<Text>)>),
}

/// Somebody who is on the roll.
#[derive(Clone)]
pub struct Here {
    /// Who.
    pub elector: DeskElector,
    /// How they are known.
    pub by: By,
    /// Why no papers are handed out.
    pub barred: Option<Failure>,
    /// Whether a declaration has to be filled in here.
    pub declares: bool,
    /// What went wrong when papers were to be handed out.
    pub wrong: Option<Failure>,
}

/// How somebody is known.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// By the card, whose PIN has so many tries left.
    Card(Tries),
    /// By the card, whose PIN was checked.
    Checked,
    /// By name, for this reason.
    Name(NameReason),
}

/// What a second official is asked for.
#[derive(Clone)]
pub struct Waits {
    /// The ID.
    pub id: String,
    /// What is asked again once it is approved.
    pub again: Order,
    /// Who it is about, if that is known.
    pub here: Option<Box<Here>>,
}

/// What was handed out.
#[derive(Clone)]
pub struct Handed {
    /// To whom; not any more once the card is gone.
    pub elector: Option<DeskElector>,
    /// The contests of the papers.
    pub titles: Vec<Text>,
    /// The leaf.
    pub leaf: LeafIndex,
    /// When.
    pub at: Timestamp,
    /// Whether a ballot cast online counts no more.
    pub replaced: bool,
}
