//! People at the desk, as the reception tells the screen of them.

use tachiai_schemas::HashBytes;
use tachiai_schemas::roster::{ChainId, EventId, Person, ShelterId, TerminalId};

use crate::console::widgets::secret::Typed;
use crate::shelter::desk::Here;
use crate::shelter::place::Place;

/// Who is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// Somebody of the roster.
    Person(ChainId),
    /// A resident, by number.
    Resident(String),
}

/// Somebody who was found, or is registered.
#[derive(Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub whom: Whom,
    /// Where, in Japanese and English.
    pub place: [String; 2],
    /// One line of who it is.
    pub line: [String; 2],
    /// All that is known.
    pub all: [String; 2],
    /// Whether the roster has the person.
    pub here: Here,
    /// What the roster says, of somebody who is registered.
    pub person: Option<Person>,
    /// Who of the household is here as well, with their names in Japanese and English, where somebody is shown in whole.
    pub household: Vec<(ChainId, [String; 2])>,
}

/// Who fits.
#[derive(Clone)]
pub struct Found {
    /// Them.
    pub people: Vec<Candidate>,
    /// Among whom they were looked for.
    pub among: Among,
    /// What was looked for, where that was done once more by itself.
    pub again: Option<String>,
}

/// Among whom somebody is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Among {
    /// The roster, and the list of residents where that matters.
    All,
    /// The roster alone: the list is not here yet.
    Roster,
}

/// Somebody who would be entered.
#[derive(Clone, PartialEq, Eq)]
pub struct Stand {
    /// The handle.
    pub chain: ChainId,
    /// What would be entered.
    pub person: Person,
    /// Whether the roster has the person.
    pub here: Here,
    /// The last entry of the person when that was looked up.
    pub last: Option<HashBytes>,
}

/// People who would be entered; the first one stands at the desk, and the others are of the household.
#[derive(Clone)]
pub struct Check {
    /// Them.
    pub people: Vec<Stand>,
    /// All that is known of the first, in Japanese and English.
    pub all: [String; 2],
    /// What makes somebody look twice, in Japanese and English.
    pub warnings: Vec<[String; 2]>,
    /// What has to be known beside.
    pub notes: Vec<[String; 2]>,
    /// Whether the others are known to have come.
    pub came: Came,
}

/// Whether those of the household came along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// They were typed because they stand there.
    All,
    /// They are of the list of residents: somebody has to say who came.
    Unknown,
}

/// Somebody at a roll call.
#[derive(Clone, PartialEq, Eq)]
pub struct Called {
    /// Who.
    pub whom: Whom,
    /// The district; empty where nobody said.
    pub district: String,
    /// The name with its reading.
    pub name: String,
    /// What helps to find the person, in Japanese and English: the room, the address.
    pub beside: [String; 2],
    /// Whether the person answered.
    pub answer: Answered,
}

/// Whether somebody answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// Yes, or is registered.
    Yes,
    /// Not yet.
    No,
}

/// A roll call.
#[derive(Clone, Default)]
pub struct RollCall {
    /// Those who are registered here, without those who are in no list.
    pub present: Vec<Called>,
    /// Those of the list of residents.
    pub expected: Vec<Called>,
}

/// A terminal that this machine is to be.
#[derive(Clone, PartialEq, Eq)]
pub struct NewTerminal {
    /// The event.
    pub event: EventId,
    /// Where it stands.
    pub shelter: ShelterId,
    /// What both are called.
    pub place: Place,
    /// What it is called, before its ending.
    pub terminal: TerminalId,
    /// The passphrase of the shift; none for a drill without one.
    pub passphrase: Option<Typed>,
}
