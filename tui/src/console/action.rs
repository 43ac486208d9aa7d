//! What a key, or a line of the palette, does.

use tachiai_schemas::ElectionId;
use tachiai_schemas::roster::{ChainId, EventId};

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
    /// The facilities that can be opened in an event.
    Facilities(EventId),
    /// Who of the action-support list has not arrived.
    Missing(EventId),
    /// Who may be registered twice.
    Duplicates(EventId),
    /// The statements of an event.
    Statements(EventId),
    /// The reception of this machine.
    Reception,
    /// Who answers a roll call there.
    RollCall,
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
    /// Connect again now.
    Retry,
    /// Choose a profile.
    Profile,
    /// Ask again what is shown.
    Refresh,
    /// Approve what is at hand.
    Approve,
    /// Another part of the screen.
    Part,
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
}

/// What is done at the reception.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reception {
    /// Type somebody who is on no list.
    Typed,
    /// Type one more of the family.
    Relative,
    /// Who is here.
    Present,
    /// Somebody leaves.
    Leave,
    /// Somebody is taken to another shelter.
    Move,
    /// Something about somebody changes.
    Change,
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
