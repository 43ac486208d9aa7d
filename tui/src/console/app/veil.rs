//! Hiding: nothing of the screens and windows is seen until somebody shows them again. What was typed stays, except secrets. It keeps eyes away, and no hands: whoever
//! leaves the machine locks it.

use super::{State, UNTOUCHED};
use crate::console::action::Action;
use crate::console::event::Key;
use crate::console::keymap::Binding;
use crate::console::popups::Popup;
use crate::console::work::{Done, Effect};
use crate::failure::Failure;

/// What lies below while everything is hidden.
#[derive(Default)]
pub(super) struct Veil {
    /// The window that was open.
    pub(super) window: Option<Popup>,
    /// The one below it.
    below: Option<Popup>,
    /// What came of deeds meanwhile: it leads nobody anywhere and opens nothing until it is shown what lies below.
    came: Vec<(u64, Result<Box<Done>, Failure>)>,
}

impl Veil {
    /// Every window that lies below, the upper one first; none is left.
    pub(super) fn windows(&mut self) -> [Option<Popup>; 2] {
        [self.window.take(), self.below.take()]
    }

    /// Keeps what came of a deed.
    pub(super) fn keep(&mut self, number: u64, result: Result<Box<Done>, Failure>) {
        self.came.push((number, result));
    }

    /// Whether it is known here what came of a deed.
    pub(super) fn knows(&self, number: u64) -> bool {
        self.came.iter().any(|(of, _)| *of == number)
    }
}

impl State {
    /// Whether the screens are hidden.
    #[must_use]
    pub const fn is_veiled(&self) -> bool {
        self.veil.is_some()
    }

    /// How much is told once what is hidden is shown again, or nobody types any more.
    #[must_use]
    pub fn untold(&self) -> usize {
        let came = self.veil.iter().flat_map(|veil| &veil.came).filter(|(number, _)| self.desk.doing.contains_key(number));
        self.told.len() + came.count()
    }

    /// Hides everything. A window with a secret in it is closed for good.
    pub(super) fn hide_all(&mut self) -> Vec<Effect> {
        if self.veil.is_none() {
            self.notice = None;
            let [window, below] = [&mut self.popup, &mut self.below].map(|window| window.take().filter(|popup| !popup.holds_secret()));
            self.veil = Some(Veil { window, below, came: Vec::new() });
        }
        vec![Effect::Redraw]
    }

    /// Shows everything again.
    fn show_all(&mut self) -> Vec<Effect> {
        let mut effects = vec![Effect::Redraw];
        if let Some(Veil { window, below, came }) = self.veil.take() {
            (self.popup, self.below) = (window, below);
            if self.popup.is_none() {
                self.popup = self.below.take();
            }
            effects.extend(self.refresh_window());
            effects.extend(came.into_iter().flat_map(|(number, result)| self.came(number, result)));
        }
        effects
    }

    /// Hides what names people once nobody has touched anything for a while.
    pub(super) fn hide_what_is_left_alone(&mut self) -> Vec<Effect> {
        let is_alone = self.desk.now.unix() - self.touched.unix() >= UNTOUCHED;
        let names_people = self.popup.is_some() || self.screen().is_some_and(|screen| screen.names_people(&self.desk));
        // A reception under a passphrase is locked instead.
        let is_locked = self.is_at_the_reception() && self.is_left_alone();
        if is_alone && names_people && !is_locked && !self.is_veiled() { self.hide_all() } else { Vec::new() }
    }

    /// Hides by key over a window too: as the screen below does it, where it has a way of its own.
    pub(super) fn hide_by_key(&mut self) -> Vec<Effect> {
        let own = self.screen().map(|screen| screen.keys(&self.desk)).unwrap_or_default();
        match own.into_iter().find(|binding| binding.key == Key::F(12) && binding.off.is_none()) {
            Some(Binding { action, .. }) => self.act(action),
            None => self.hide_all(),
        }
    }

    /// The keys while everything is hidden.
    pub(super) fn veiled_keys() -> Vec<Binding> {
        vec![Binding::new(Key::Enter, Action::Hide, "key-show-again"), Binding::new(Key::Ctrl('c'), Action::Quit, "key-quit")]
    }

    /// Takes a key while everything is hidden.
    pub(super) fn veiled_key(&mut self, key: Key) -> Vec<Effect> {
        if key == Key::Enter { self.show_all() } else { Vec::new() }
    }
}
