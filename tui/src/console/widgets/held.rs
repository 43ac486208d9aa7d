//! The line at hand of a list that changes while somebody looks at it: it is known by what stands there, so that a key never means another one.

use crate::console::action::{Action, moved};

/// The line at hand.
#[derive(Debug, Clone)]
pub struct Held<K> {
    /// What stands there, once there was something.
    what: Option<K>,
    /// Where it stood last.
    place: usize,
}

impl<K> Held<K> {
    /// The first line of a list.
    #[must_use]
    pub const fn first() -> Self {
        Self { what: None, place: 0 }
    }

    /// What is known to stand somewhere in a list that is not here yet.
    #[must_use]
    pub const fn on(what: K) -> Self {
        Self { what: Some(what), place: 0 }
    }

    /// What stands at hand, as far as there is something.
    #[must_use]
    pub const fn what(&self) -> Option<&K> {
        self.what.as_ref()
    }
}

impl<K> Default for Held<K> {
    fn default() -> Self {
        Self::first()
    }
}

impl<K: PartialEq + Clone> Held<K> {
    /// Where the line at hand stands among these. Where it is gone, the one that came into its place is at hand.
    #[must_use]
    pub fn place(&self, among: &[K]) -> usize {
        let known = self.what.as_ref().and_then(|what| among.iter().position(|one| one == what));
        known.unwrap_or(self.place).min(among.len().saturating_sub(1))
    }

    /// Holds what stands at hand among these: others may have come or gone. Nothing at all says nothing, as a list that is being asked for. Says whether something else is
    /// at hand by it.
    pub fn settle(&mut self, among: &[K]) -> bool {
        self.hold(among, self.place(among))
    }

    /// Goes on from the line at hand; says whether something else is at hand by it.
    pub fn go(&mut self, among: &[K], action: Action) -> bool {
        self.hold(among, moved(self.place(among), among.len(), action))
    }

    fn hold(&mut self, among: &[K], place: usize) -> bool {
        let Some(what) = among.get(place) else { return false };
        let is_another = self.what.as_ref() != Some(what);
        (self.what, self.place) = (Some(what.clone()), place);
        is_another
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_at_hand_stays_at_hand_where_others_come_or_go() {
        let mut held = Held::first();
        held.settle(&['b', 'c']);
        assert_eq!(held.place(&['a', 'b', 'c']), 1);
        held.go(&['a', 'b', 'c'], Action::Down);
        held.settle(&['c', 'b', 'a']);
        assert_eq!((held.what(), held.place(&['c', 'b', 'a'])), (Some(&'c'), 0));
    }

    #[test]
    fn where_it_is_gone_what_came_into_its_place_is_at_hand_and_no_list_takes_nothing_away() {
        let mut held = Held::first();
        held.go(&[1, 2, 3], Action::Last);
        held.settle(&[]);
        assert_eq!(held.place(&[3, 1, 2]), 0);
        held.settle(&[1, 2]);
        assert_eq!((held.what(), held.place(&[1, 2])), (Some(&2), 1));
    }
}
