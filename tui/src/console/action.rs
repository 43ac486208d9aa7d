//! What a key, or a line of the palette, does.

use tachiai_schemas::roster::{ChainId, EventId};
use tachiai_schemas::{CitizenId, ElectionId};

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
    /// Citizen IDs.
    Citizens,
    /// Whom a code of a citizen ID leads to.
    Citizen(CitizenId),
    /// Who received or read what of them.
    Access(CitizenId),
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
