//! What is asked, and when again.

use super::State;
use crate::console::desk::Since;
use crate::console::popups::Popup;
use crate::console::work::{Effect, Question};

impl State {
    /// What is asked when a screen comes into sight. What belongs to none of the open screens is forgotten: it may name people.
    pub(super) fn arrived(&mut self) -> Vec<Effect> {
        self.refresh();
        self.forget_unseen();
        let questions = self.in_sight();
        // Who looks at people is recorded: coming back to them is no second look.
        let asked = questions.into_iter().filter(|question| self.desk.is_free(question) || !self.desk.answers.contains_key(question));
        let asked = asked.collect();
        let mut effects = vec![Effect::Redraw];
        effects.extend(self.ask(asked));
        if let Some(order) = self.screen().and_then(|screen| screen.order(&self.desk)) {
            effects.extend(self.order(order));
        }
        effects
    }

    pub(super) fn forget_unseen(&mut self) {
        let windows = [self.popup.as_ref(), self.veil.as_ref().and_then(|veil| veil.window.as_ref())];
        let windows = windows.into_iter().flatten().flat_map(Popup::questions);
        let open: Vec<Question> = self.screens.iter().flat_map(|screen| screen.questions(&self.desk)).chain(windows).collect();
        self.desk.answers.retain(|question, _| open.contains(question));
    }

    /// What the screen in sight asks.
    pub(super) fn in_sight(&self) -> Vec<Question> {
        self.screens.last().map(|screen| screen.questions(&self.desk)).unwrap_or_default()
    }

    /// Asks what the window at hand has to know: anew, since it is about files that somebody may have put there meanwhile.
    pub(super) fn ask_for_window(&mut self) -> Vec<Effect> {
        let questions = self.popup.as_ref().map(Popup::questions).unwrap_or_default();
        self.desk.answers.retain(|question, kept| kept.asked.is_some() || !questions.contains(question));
        self.ask(questions)
    }

    /// Has the window at hand see what was answered. What it needs no longer is looked at anew the next time.
    pub(super) fn refresh_window(&mut self) -> Vec<Effect> {
        let Some(popup) = &mut self.popup else { return Vec::new() };
        let asked = popup.questions();
        let turn = popup.refreshed(&self.desk);
        let effects = self.turn(turn);
        let needed = self.popup.as_ref().map(Popup::questions).unwrap_or_default();
        self.desk.answers.retain(|question, _| needed.contains(question) || !asked.contains(question));
        effects
    }

    /// Asks again what the screen in sight shows, except what is asked already.
    pub(super) fn ask_again(&mut self) -> Vec<Effect> {
        let questions = self.in_sight();
        self.ask(questions)
    }

    /// Asks what the screen in sight shows as if it had never been answered, except what is asked already.
    pub(super) fn ask_anew(&mut self) -> Vec<Effect> {
        self.forget_unseen();
        let questions = self.in_sight();
        self.desk.answers.retain(|question, kept| kept.asked.is_some() || !questions.contains(question));
        self.ask(questions)
    }

    /// Asks what may have another answer now. What is asked already may be answered as it was before, so it is asked once more then.
    pub(super) fn ask_changed(&mut self, questions: Vec<Question>) -> Vec<Effect> {
        for question in &questions {
            if let Some(kept) = self.desk.answers.get_mut(question).filter(|kept| kept.asked.is_some()) {
                kept.since = Since::Changed;
            }
        }
        self.ask(questions)
    }

    /// Asks what the screen in sight shows and what was not asked yet.
    pub(super) fn ask_new(&mut self) -> Vec<Effect> {
        let questions = self.in_sight();
        let new = questions.into_iter().filter(|question| !self.desk.answers.contains_key(question));
        self.ask(new.collect())
    }

    pub(super) fn ask(&mut self, questions: Vec<Question>) -> Vec<Effect> {
        let mut effects = Vec::new();
        for question in questions {
            let kept = self.desk.answers.entry(question.clone()).or_default();
            let is_settled = question.lasts() && kept.answer.is_some();
            if kept.asked.is_none() && !is_settled {
                kept.asked = Some(self.desk.now);
                effects.push(Effect::Ask(question));
            }
        }
        effects
    }
}
