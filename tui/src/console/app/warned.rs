//! What is urgent among the warnings of others, told to headquarters whatever is in sight: in one window, once nobody types, and each but once.

use std::collections::VecDeque;

use tachiai_schemas::Timestamp;
use tachiai_schemas::sharing::warning::{Severity, Warning, WarningKnown};
use tachiai_schemas::staff::Role;
use tachiai_schemas::status::Status;

use super::{NOTICE, State};
use crate::card::printable;
use crate::console::desk::Desk;
use crate::console::popups::Popup;
use crate::console::screens::warnings;
use crate::console::widgets::cut::cut;

/// A warning may have been recorded so many seconds before a status that does not show it yet.
const SAME: i64 = 30;

/// So many cells of a warning's text are told in a window; the screen has all of it.
const TEXT: usize = 240;

/// So many warnings are told in one window; how many more there are is said.
const MOST: usize = 5;

/// For so many seconds what says the same as one before is not told in a window again: after that, others sit here.
const AGAIN: i64 = 12 * 3600;

/// So much is remembered of what was told.
const REMEMBERED: usize = 1_000;

/// What waits to be told, and what was.
#[derive(Default)]
pub(super) struct Warned {
    /// What waits, the most severe first.
    waiting: Vec<WarningKnown>,
    /// How many more do.
    more: usize,
    /// What was told or waits, by its URN and by what it says, how severe it was and when.
    told: VecDeque<([String; 2], Option<Severity>, Timestamp)>,
}

impl Warned {
    /// Whether something of this URN, or that says this, was told as no less severe.
    fn knows(&self, warning: &Warning, now: Timestamp) -> bool {
        let names = names(warning);
        let is_same = |known: &[String; 2]| known.iter().zip(&names).any(|(known, name)| known == name);
        self.told.iter().any(|(known, severity, at)| at.plus(AGAIN) > now && *severity >= warning.severity && is_same(known))
    }

    /// Takes one in, to be told in the next window.
    fn wait(&mut self, known: &WarningKnown, now: Timestamp) {
        self.told.push_back((names(&known.warning), known.warning.severity, now));
        self.told.drain(..self.told.len().saturating_sub(REMEMBERED));
        self.waiting.retain(|other| other.warning.id != known.warning.id);
        self.waiting.push(known.clone());
        self.waiting.sort_by_cached_key(WarningKnown::rank);
        self.more += self.waiting.len().saturating_sub(MOST);
        self.waiting.truncate(MOST);
    }

    /// What waits is told no more: nothing of the appliance is shown.
    pub(super) fn forget_what_waits(&mut self) {
        let waits = |id: &String| self.waiting.iter().any(|known| known.warning.id == *id);
        self.told.retain(|([id, _], ..)| !waits(id));
        (self.waiting, self.more) = (Vec::new(), 0);
    }

    /// The window for what waits, which then does no more.
    fn window(&mut self, desk: &Desk) -> Option<Popup> {
        let (waiting, more) = (std::mem::take(&mut self.waiting), std::mem::take(&mut self.more));
        let text = |warning: &Warning| format!("{}\n{}", warnings::line(desk, warning), cut(&printable(&warning.description), TEXT, desk.look.cut()));
        let mut texts: Vec<String> = waiting.iter().map(|known| text(&known.warning)).collect();
        if texts.is_empty() {
            return None;
        }
        texts.extend((more > 0).then(|| desk.with("warning-more", &[("n", more.to_string())])));
        texts.push(desk.say("warning-told"));
        Some(Popup::message("warning-title", texts.join("\n\n")))
    }
}

/// By what one is known again: its URN, and what it says, of what and where and by whom.
fn names(warning: &Warning) -> [String; 2] {
    let Warning { id, what, area, source, description, .. } = warning;
    [id.clone(), [what, area, source, description].map(String::as_str).join("\n")]
}

impl State {
    /// What is urgent is said to headquarters once: in a window; what was told before under another URN, or comes and goes, in a line.
    pub(super) fn tell_of_warnings(&mut self, before: &Status, now: &Status) {
        if now.viewer.role != Role::Headquarters {
            return;
        }
        let was =
            |new: &Warning| before.warnings.iter().flat_map(|told| &told.known).any(|old| old.warning.id == new.id && old.warning.severity >= new.severity);
        // One that stood behind others is not new when they go.
        let is_new = |known: &&WarningKnown| known.warning.is_urgent() && known.told.plus(SAME) >= before.at && !was(&known.warning);
        let mut line = None;
        for known in now.warnings.iter().flat_map(|told| &told.known).filter(is_new) {
            let is_again = self.warned.knows(&known.warning, self.desk.now);
            if !is_again {
                self.warned.wait(known, self.desk.now);
            }
            // Of several, the most severe, and what is new before what is not.
            if line.is_none_or(|(was_again, _)| was_again && !is_again) {
                line = Some((is_again, known));
            }
        }
        let is_told = self.tell_when_nobody_types();
        if let Some((is_again, known)) = line.filter(|(is_again, _)| *is_again || !is_told) {
            let said = ("said", warnings::line(&self.desk, &known.warning));
            self.notice = Some((self.desk.with(if is_again { "warning-again" } else { "warning-comes" }, &[said]), self.desk.now.plus(NOTICE)));
        }
    }

    /// Opens a window for what waits, where none is open and nobody types: what is urgent first, and also while everything is hidden, since it names nobody. Whether
    /// it told of warnings.
    pub(super) fn tell_when_nobody_types(&mut self) -> bool {
        if self.popup.is_some() || !self.is_quiet() {
            return false;
        }
        self.popup = self.warned.window(&self.desk);
        if let Some(window) = &self.popup {
            self.heard.keep(self.desk.now, window);
            return true;
        }
        if !self.is_veiled() {
            self.popup = self.told.pop_front();
        }
        false
    }
}
