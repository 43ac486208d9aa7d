//! What is forgotten when somebody else may sit here, or the appliance says nothing more.

use std::collections::BTreeMap;

use super::State;
use super::told::Heard;
use super::warned::Warned;
use crate::console::action::Place;
use crate::console::desk::Doing;
use crate::console::screens::{self, Screen};
use crate::console::work::Deed;
use crate::console::work::seat::Seat;

impl State {
    /// Nothing of what was shown stays: whoever sits here now may be somebody else.
    pub(super) fn forget_everything(&mut self) {
        self.forget_answers();
        self.warned = Warned::default();
        self.heard = Heard::default();
        self.veiled.clear();
        let trustee = self.screens.pop().filter(|screen| screen.place() == Place::Trustee);
        if trustee.is_none() {
            self.close_windows();
        }
        self.screens = std::iter::once(screens::at(Place::Connection)).chain(trustee).collect();
    }

    /// Nothing of what the appliance said stays. A reception goes on: it is of this machine, under the passphrase of the shift.
    pub(super) fn forget_the_appliance(&mut self) {
        let stays = |screen: &dyn Screen| matches!(screen.place(), Place::Reception | Place::RollCall | Place::Trustee) || screen.is_unsaved();
        let in_sight = self.screen().is_some_and(stays);
        let seated: BTreeMap<u64, Doing> =
            self.desk.doing.iter().filter(|(_, doing)| matches!(doing.deed, Deed::Seat(_))).map(|(n, doing)| (*n, doing.clone())).collect();
        self.forget_answers();
        // What is done at a seat that is not left is still told there.
        self.desk.doing.extend(seated);
        self.heard = Heard::default();
        if !in_sight {
            self.close_windows();
        }
        self.screens.retain(|screen| stays(screen.as_ref()));
        self.screens.insert(0, screens::at(Place::Connection));
        if !in_sight && self.screens.len() > 1 {
            // What is kept lies below: first it is said why nothing else is to be seen.
            self.screens.remove(0);
            self.screens.push(screens::at(Place::Connection));
        }
    }

    /// No window stays, nor what waits to be told in one. What was hidden stays hidden: who did so may be away, and whoever shows it again sees what is theirs.
    fn close_windows(&mut self) {
        (self.popup, self.below) = (None, None);
        if let Some(veil) = &mut self.veil {
            drop(veil.windows());
        }
        self.told.clear();
    }

    pub(super) fn forget_answers(&mut self) {
        // A trustee's medium and the reception are of no profile: whoever sits there needs none.
        let is_own = |deed: &Deed| matches!(deed, Deed::Reception(_)) || matches!(deed, Deed::Seat(order) if order.seat() == Seat::Trustee);
        self.desk.doing.retain(|_, doing| is_own(&doing.deed));
        self.filled.retain(|number| self.desk.doing.contains_key(&number));
        self.warned.forget_what_waits();
        self.desk.undo = None;
        self.desk.status = None;
        self.desk.answers.clear();
    }
}
