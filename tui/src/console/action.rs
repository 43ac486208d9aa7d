//! What a key, or a line of the palette, does.

use tachiai_schemas::roster::{ChainId, EventId};
use tachiai_schemas::{CitizenId, ElectionId, HashBytes};

/// A screen, to be gone to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The connection.
    Connection,
    /// What is going on.
    Home,
    /// What waits for a second official.
    Approvals,
    /// The elections.
    Elections,
    /// One election.
    Election(ElectionId),
    /// The disasters and other events.
    Events,
    /// One event with its shelters.
    Event(EventId),
    /// Looking for people of an event.
    People(EventId),
    /// Somebody in an event.
    Person(EventId, ChainId),
    /// The contradictions of an event.
    Conflicts(EventId),
    /// The appliance's journal.
    Journal,
    /// Agencies, their grants, and what they were given.
    Sharing,
    /// A disclosure that is being asked for.
    Disclose,
    /// The emergency accesses.
    Alerts,
    /// Warnings and hazards that the city's data platform tells of.
    Warnings,
    /// Citizen IDs.
    Citizens,
    /// Whom a code of a citizen ID leads to.
    Citizen(CitizenId),
    /// Who received or read what of them.
    Access(CitizenId),
    /// The facilities that can be opened in an event.
    Facilities(EventId),
    /// The import of facilities, residents and the action-support list.
    Import,
    /// The close of an event.
    Close(EventId),
    /// The terminals of an event, and those that ask to be admitted.
    Terminals(EventId),
    /// Who of the action-support list has not arrived.
    Missing(EventId),
    /// Who may be registered twice.
    Duplicates(EventId),
    /// The statements of an event.
    Statements(EventId),
    /// The hand-ins of an event of which something was set aside.
    Asides(EventId),
    /// One of them, opened.
    Aside(EventId, HashBytes),
    /// The reception of this machine.
    Reception,
    /// Who answers a roll call there.
    RollCall,
    /// The desk of a polling place.
    Poll,
    /// A trustee's medium.
    Trustee,
    /// The making of an election.
    Create,
    /// The import of a roll.
    RollFile(ElectionId),
    /// The listing of a trustee.
    TrusteeFile(ElectionId),
    /// The practice of a roll: people, objections, changes.
    RollPractice(ElectionId),
    /// The declarations for early voting.
    Declarations(ElectionId),
    /// The count of papers, lots, candidates who are out.
    Counting(ElectionId),
    /// The public board.
    Board(ElectionId),
}

/// What the commission wants of an election.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// The trustees to begin the key ceremony.
    Ceremony,
    /// Files to be carried between the appliance and a stick.
    Carry,
    /// A witness's cosignature to be handed in.
    Cosign,
    /// The record to be exported.
    Export,
    /// The papers of the record to be printed.
    Print,
    /// What was counted to be entered.
    Enter,
    /// What was counted to be signed.
    Sign,
    /// A lot to be recorded.
    Lot,
    /// A lot that was entered wrongly to be dropped.
    DropLot,
    /// A candidate to be out.
    Out,
    /// Somebody to be looked for.
    Find,
    /// An objection to be received.
    Object,
    /// An objection to be decided.
    Decide,
    /// The roll to be changed.
    Correct,
    /// The entry at hand to be verified.
    CheckEntry,
    /// The whole board to be verified.
    CheckBoard,
    /// Another page like the one at hand.
    Add,
    /// The page at hand not to be there, which is asked first.
    Remove,
    /// The same, once it was asked.
    RemoveIt,
    /// What was removed last to be there again.
    PutBack,
    /// A file to be read.
    Load,
    /// The other language of what is seen.
    OtherText,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The line above.
    Up,
    /// The line below.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// The first line.
    First,
    /// The last line.
    Last,
    /// Open the line at hand.
    Open,
    /// Back to the screen before.
    Back,
    /// Leave the console.
    Quit,
    /// Help for the screen at hand.
    Help,
    /// The palette.
    Palette,
    /// The other language.
    Language,
    /// Other colours.
    Theme,
    /// Draw everything anew.
    Redraw,
    /// Hide everything.
    Hide,
    /// What was told.
    Told,
    /// Connect again now.
    Retry,
    /// Choose a profile.
    Profile,
    /// Ask again what is shown.
    Refresh,
    /// Approve what is at hand.
    Approve,
    /// Withdraw or decline what waits.
    Decline,
    /// Another part of the screen.
    Part,
    /// Another of what can be read here.
    Another,
    /// What was before.
    Older,
    /// What came after.
    Newer,
    /// Go to a screen.
    Go(Place),
    /// Choose this line.
    Choose(usize),
    /// Take back what was done last.
    Undo,
    /// Read what was filled in.
    Submit,
    /// Ask for the next step.
    Next,
    /// Complete what is typed.
    Complete,
    /// Add another one.
    Add,
    /// Change what is at hand.
    Change,
    /// End what is at hand.
    End,
    /// Give an agency what it may have.
    Give,
    /// Print what is at hand.
    Print,
    /// Who received or read what of whoever is at hand.
    History,
    /// A code was lost.
    Lose,
    /// Two IDs are of one person, or of two.
    Link,
    /// Erase somebody.
    Erase,
    /// Look on, further back.
    Further,
    /// Follow what comes.
    Follow,
    /// At a desk: look for somebody by name.
    ByName,
    /// At a desk: another manner of marking the papers.
    Manner,
    /// At a desk: leave out the papers of a contest, or not.
    LeaveOut,
    /// At a desk: hand in what was kept.
    HandIn,
    /// At a seat: open it, or another one.
    Sit,
    /// Make something new.
    New,
    /// At a desk: what the day stands at, to be closed.
    Day,
    /// At a desk: undo a hand-out.
    TakeBack,
    /// At a desk: set an envelope aside.
    Aside,
    /// At an absentee desk: papers are asked for.
    Request,
    /// At an absentee desk: papers came back.
    Receive,
    /// Something of the commission's work on an election.
    Election(Wish),
    /// Something at the reception.
    Reception(Reception),
    /// Something that headquarters do.
    Headquarters(Headquarters),
}

/// What headquarters do about an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Headquarters {
    /// Declare one.
    Declare,
    /// Open a place that is on no list.
    Unlisted,
    /// Close an event.
    Close,
    /// Say how a shelter stands.
    State,
    /// Settle a contradiction.
    Settle,
    /// Say whether two are one person.
    Link,
    /// State totals.
    Statement,
    /// Check a statement.
    Verify,
    /// Take over the good rows of a file alone, or not.
    GoodRows,
    /// Remove the facilities that are not in a file, or not.
    OthersGo,
    /// Admit the terminal at hand.
    Admit,
    /// Admit a terminal whose request is a file.
    AdmitFile,
    /// Revoke a terminal.
    Revoke,
    /// Write the file by which terminals are set up without a link.
    SetupFile,
    /// Mark what was set aside, or not.
    Mark,
    /// Mark all of it on which nobody has decided, or none.
    MarkAll,
    /// Take over what is marked.
    TakeOver,
    /// Leave what is marked aside for good.
    DropAside,
}

/// What is done at the reception.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reception {
    /// Type somebody who is on no list.
    Typed,
    /// Type one more of the family.
    Relative,
    /// What somebody answers to a questionnaire.
    Questionnaire,
    /// Who is here.
    Present,
    /// How many heads are here.
    Heads,
    /// How the shelter stands.
    State,
    /// By a stick.
    Stick,
    /// Hand in and learn now.
    Sync,
    /// Take back what was done last.
    TakeBack,
    /// Mark somebody.
    Mark,
    /// The card on the reader.
    Card,
    /// Headquarters' file for setting a terminal up.
    SetupFile,
    /// Nothing is to be seen until the passphrase is typed.
    Lock,
    /// What is filled in is given up, which is asked first.
    Drop,
    /// The same, once it was asked.
    DropIt,
}

/// How far a page goes.
const PAGE: usize = 10;

/// Where the choice among so many lines goes; it stays where the action is another one.
#[must_use]
pub fn moved(chosen: usize, count: usize, action: Action) -> usize {
    let last = count.saturating_sub(1);
    let to = match action {
        Action::Up => chosen.saturating_sub(1),
        Action::Down => chosen + 1,
        Action::PageUp => chosen.saturating_sub(PAGE),
        Action::PageDown => chosen + PAGE,
        Action::First => 0,
        Action::Last => last,
        Action::Choose(place) => place,
        _ => chosen,
    };
    to.min(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_stays_among_the_lines() {
        assert_eq!([moved(0, 3, Action::Up), moved(2, 3, Action::Down), moved(0, 30, Action::PageDown), moved(9, 3, Action::Open)], [0, 2, 10, 2]);
        assert_eq!([moved(0, 0, Action::Down), moved(5, 0, Action::Last)], [0, 0]);
    }
}
