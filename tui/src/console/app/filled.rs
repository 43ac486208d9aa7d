//! What was filled in and is not done yet. Where it is refused it comes back as it was, with the reason; whoever turns back from the question after it, too.

use std::collections::BTreeMap;

use tachiai_schemas::Say;

use crate::console::desk::Desk;
use crate::console::popups::Popup;
use crate::console::popups::ask::Ask;
use crate::failure::Failure;

/// Forms on their way, without their secrets: nothing that is secret is kept longer than it is needed.
#[derive(Default)]
pub(super) struct Filled {
    /// The form after which the window at hand asks whether it is meant.
    below: Option<Box<Ask>>,
    /// Those of which something is being done, by its number.
    doing: BTreeMap<u64, Box<Ask>>,
}

impl Filled {
    /// Another window takes the place of this one.
    pub(super) fn follow(&mut self, window: Option<Popup>) {
        self.below = match window {
            Some(Popup::Ask(ask)) => ask.without_secrets().map(Box::new),
            _ => None,
        };
    }

    /// What comes back where this window is closed.
    pub(super) fn back(&mut self, window: Option<Popup>) -> Option<Popup> {
        match window {
            Some(Popup::Confirm(_)) => self.below.take().map(Popup::Ask),
            _ => None,
        }
    }

    /// Under this number something is done of what this window said.
    pub(super) fn begun(&mut self, number: u64, window: Option<Popup>) {
        let ask = match window {
            Some(Popup::Ask(ask)) => ask.without_secrets().map(Box::new),
            Some(Popup::Confirm(_)) => self.below.take(),
            _ => None,
        };
        self.doing.extend(ask.map(|ask| (number, ask)));
    }

    /// Nothing of it is needed any more.
    pub(super) fn done(&mut self, number: u64) {
        self.doing.remove(&number);
    }

    /// It was refused: how that is said, with what was filled in if anything was.
    pub(super) fn refused(&mut self, desk: &Desk, number: Option<u64>, failure: &Failure) -> Popup {
        // What was sent and not answered may have been done: nothing is filled in again before somebody has looked.
        if failure.lost {
            number.and_then(|number| self.doing.remove(&number));
            return Popup::message("unknown-title", format!("{}\n\n{}", desk.say("unknown-text"), failure.say(desk.lang())));
        }
        let said = failure.say(desk.lang());
        match number.and_then(|number| self.doing.remove(&number)) {
            Some(ask) => Popup::Ask(Box::new(ask.refused(said))),
            None => Popup::message("failed-title", said),
        }
    }

    /// Of what is done no more, nothing comes back.
    pub(super) fn retain(&mut self, is_done: impl Fn(u64) -> bool) {
        self.doing.retain(|number, _| is_done(*number));
        self.below = None;
    }
}
