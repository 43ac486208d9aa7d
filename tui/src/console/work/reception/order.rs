//! What is ordered at the reception, and what its thread says to it.

use std::fmt;
use std::path::PathBuf;

use tachiai_schemas::roster::report::HowCounted;
use tachiai_schemas::roster::{ChainId, OpenState, ShelterId};
use tachiai_schemas::shelter::SetupFile;
use tachiai_schemas::shelter::questionnaire::Answers;

use super::seen::Now;
use super::told::{Candidate, Check, Found, NewTerminal, RollCall, Stand, Whom};
use crate::console::widgets::secret::Typed;
use crate::console::work::Tell;
use crate::failure::Failure;
use crate::shelter::input::Fields;

/// Whether the appliance is reached, as the console knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// It is.
    Up,
    /// It is not.
    Down,
}

/// What is to be done.
///
/// Its `Debug` says nothing: it names people.
#[derive(Clone, PartialEq, Eq)]
pub enum Order {
    /// Open the folder; with the passphrase of the shift, if one was typed.
    Open(Option<Typed>),
    /// Read by which events and shelters a terminal can be set up, from the file that headquarters wrote.
    ReadSetup(PathBuf),
    /// Make this machine a terminal.
    SetUp(Box<NewTerminal>),
    /// Show nothing more until the passphrase of the shift is typed. What waits is handed in all the same.
    Lock,
    /// The line came or went.
    Line(Line),
    /// Find who has a name that begins like this.
    Search(String),
    /// Somebody with a citizen ID, as a scanner types it.
    Citizen(String),
    /// The holder of the card on the reader, opened by this.
    Card(Typed),
    /// Somebody of what was found.
    Choose(Whom),
    /// People whose word is all that is known, the head of the family first.
    Typed(Vec<Fields>),
    /// Enter them.
    Enter(Vec<Stand>),
    /// A resident answers at a roll call and is entered, if nothing speaks against it.
    Arrive(String),
    /// Who is here.
    Present,
    /// These leave for a destination, all or none.
    Leave(Vec<ChainId>, String),
    /// These are taken to another shelter, all or none.
    Move(Vec<ChainId>, ShelterId),
    /// Something about somebody changes.
    Change(ChainId, Fields),
    /// Keep what somebody answers to a questionnaire.
    Fill(ChainId, Box<Answers>),
    /// How many heads are here.
    Heads(u32, HowCounted),
    /// How the shelter stands.
    State(OpenState),
    /// Take back what was done last.
    TakeBack,
    /// Hand in and learn now.
    Sync,
    /// Write what is here alone to a file.
    Export(PathBuf),
    /// Read the answer that came back on a stick.
    Confirm(PathBuf),
    /// Who is expected, and who answers.
    RollCall,
    /// Somebody answers, or does not after all.
    Call(ChainId),
}

impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Order(..)")
    }
}

/// An order with its number, if its answer is waited for.
pub(in crate::console::work) type Numbered = (Option<u64>, Order);

/// What came of it.
pub enum News {
    /// The keys lie under a passphrase, and this was wrong with the one before.
    Locked(Option<Failure>),
    /// This machine is no terminal yet.
    Unset,
    /// Where a terminal can stand, as headquarters wrote it.
    Places(Box<SetupFile>),
    /// The folder cannot be opened.
    Shut(Failure),
    /// How everything stands.
    Now(Box<Now>),
    /// Who fits.
    Found(Found),
    /// Who would be entered.
    Check(Box<Check>),
    /// Somebody who is registered here, with all that is known.
    Known(Box<Candidate>),
    /// Something was done: in Japanese and English, and how it is said.
    Done([String; 2], Tell),
    /// Something that came with what was learned, whatever is at hand: in Japanese and English.
    Told([String; 2]),
    /// It was refused, or failed.
    Failed(Failure),
    /// A card was laid on the reader.
    Card,
    /// Who is expected, and who answers.
    RollCall(Box<RollCall>),
}
