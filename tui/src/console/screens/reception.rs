//! 避難所受付: who comes is found by a card, a citizen ID or the beginning of a name, shown, and entered. Letters are always text here, since a scanner types: what
//! can be done stands on function keys. It needs no link.

use ratatui::Frame;
use ratatui::layout::Rect;

use self::check::Checking;
use self::setup::Setting;
use self::typed::Typing;
use super::{Screen, Then};
use crate::console::action::{Action, Place, Reception as Does, moved};
use crate::console::desk::{Counter, Desk};
use crate::console::event::Key;
use crate::console::keymap::Binding;
use crate::console::popups::confirm::Sure;
use crate::console::popups::{Leaving, Popup};
use crate::console::widgets::field::Field;
use crate::console::widgets::form::Taken;
use crate::console::widgets::paper::Reading;
use crate::console::widgets::secret::Secret;
use crate::console::work::Deed;
use crate::console::work::reception::{Among, Candidate, Found, News, Now, Order};
use crate::shelter::input;
use crate::shelter::key::Protection;

pub(super) use self::ask::{STATES, heads};
pub(super) use self::keys::map;
pub(super) use self::shown::whole;

mod ask;
mod check;
mod keys;
mod known;
mod line;
mod questionnaire;
mod setup;
mod shown;
mod typed;

/// The screen.
#[derive(Default)]
pub struct Reception {
    /// The line for whoever comes next.
    field: Field,
    /// The passphrase of the shift, while it is typed.
    secret: Secret,
    stage: Stage,
    /// What was at hand when it was locked.
    before: Option<Stage>,
    /// What is said under the line.
    said: Option<&'static str>,
    /// Whether somebody is asked for, and the screen stands as it did then: an answer that comes later is of no account.
    asks: bool,
}

/// What is at hand.
#[derive(Default)]
enum Stage {
    /// It is not open, or not yet: whatever is typed is taken for the passphrase of the shift.
    #[default]
    Locked,
    /// This machine is no terminal yet.
    Setup(Setting),
    /// The line.
    Line,
    /// The last entries.
    Recent(usize),
    /// Who was found, and which of them is chosen.
    Found(Found, usize),
    /// Who would be entered.
    Check(Box<Checking>),
    /// Somebody who is registered here, which of the things that can be done is chosen, and how far what is known is read.
    Known(Box<Candidate>, usize, Reading),
    /// Somebody is typed.
    Typed(Typing),
}

/// What is asked before something that was filled in is lost.
const DROPPING: Leaving = Leaving { title: "desk-drop-title", text: "desk-drop-text", leave: "key-drop", stay: "key-stay" };

/// The order as something to be done.
pub(super) fn order(order: Order) -> Then {
    Then::Do(Box::new(Deed::Reception(order)))
}

/// Whether it is meant. What a scanner ends with means nothing here.
fn sure(title: &'static str, text: [String; 2], order: Order) -> Popup {
    Popup::sure(Sure { title, text, word: None, deed: Deed::Reception(order) })
}

/// Whether what was done last is to be taken back; what that is.
pub(super) fn back(now: &Now) -> Then {
    let Some([ja, en]) = &now.undo else { return Then::Stay };
    let text = [format!("{ja}\n\nこの登録を取り消しますか？"), format!("{en}\n\nTake this back?")];
    Then::Window(Box::new(sure("desk-back-title", text, Order::TakeBack)))
}

/// The open reception.
pub(super) fn now(desk: &Desk) -> Option<&Now> {
    match &desk.counter {
        Counter::Open(now) => Some(now),
        Counter::Untouched | Counter::Opening | Counter::Unset | Counter::Locked(_) | Counter::Shut(_) => None,
    }
}

impl Reception {
    fn at(&mut self, stage: Stage) {
        (self.stage, self.said, self.asks) = (stage, None, false);
    }

    /// Whether something is filled in that Esc would lose.
    fn is_filled(&self) -> bool {
        match &self.stage {
            Stage::Setup(setting) => setting.is_filled(),
            Stage::Typed(typing) => typing.is_filled(),
            Stage::Check(checking) => checking.is_filled(),
            Stage::Locked | Stage::Line | Stage::Recent(_) | Stage::Found(..) | Stage::Known(..) => false,
        }
    }

    /// Nothing is at hand but the passphrase. Whoever was in the middle of something goes on with it afterwards, and an answer on its way is of no account.
    fn lock(&mut self) {
        if matches!(self.stage, Stage::Locked) {
            return;
        }
        let before = std::mem::take(&mut self.stage);
        self.before = Some(before).filter(|before| !matches!(before, Stage::Setup(_)));
        (self.secret, self.said, self.asks) = (Secret::default(), None, false);
    }

    /// It is open: what was at hand before it was locked is so again.
    fn unlock(&mut self) {
        if matches!(self.stage, Stage::Locked) {
            (self.secret, self.stage) = (Secret::default(), self.before.take().unwrap_or(Stage::Line));
        }
    }

    /// Back to the line, as it is for whoever comes next.
    fn next(&mut self) {
        self.field = Field::default();
        self.at(Stage::Line);
    }

    /// Asks who that is; the answer changes what is at hand.
    fn ask(&mut self, asked: Order) -> Then {
        self.asks = true;
        order(asked)
    }

    /// Reads the line: a citizen ID, or the beginning of a name.
    fn read_line(&mut self) -> Then {
        let text = self.field.read();
        if text.is_empty() {
            self.said = Some("desk-line-empty");
            return Then::Stay;
        }
        self.said = Some("desk-looking");
        if input::citizen(&text).is_ok() {
            self.field = Field::default();
            return self.ask(Order::Citizen(text));
        }
        self.ask(Order::Search(text))
    }
}

impl Screen for Reception {
    fn place(&self) -> Place {
        Place::Reception
    }

    fn names_people(&self, desk: &Desk) -> bool {
        // Under a passphrase it is locked instead.
        matches!(&desk.counter, Counter::Open(now) if now.protection != Protection::Passphrase)
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-reception")
    }

    fn order(&self, desk: &Desk) -> Option<Order> {
        (!matches!(desk.counter, Counter::Opening | Counter::Open(_))).then_some(Order::Open(None))
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        self.keys_at_hand(desk)
    }

    fn is_typing(&self) -> bool {
        true
    }

    fn typed(&mut self, key: Key) -> bool {
        if matches!(key, Key::Ctrl('c' | 'l') | Key::F(_)) {
            return false;
        }
        if let Stage::Setup(setting) = &mut self.stage {
            return setting.typed(key);
        }
        if key == Key::Esc {
            let is_idle = matches!(self.stage, Stage::Locked) || (matches!(self.stage, Stage::Line) && self.field.raw().is_empty());
            // Where something would be lost by it, that is asked first.
            if is_idle || self.is_filled() {
                return false;
            }
            self.next();
            return true;
        }
        match &mut self.stage {
            Stage::Locked => self.secret.key(key),
            Stage::Setup(_) => false,
            Stage::Line => {
                let is_text = self.field.key(key);
                if is_text {
                    (self.said, self.asks) = (None, false);
                }
                is_text
            }
            Stage::Recent(_) | Stage::Found(..) | Stage::Known(..) => match key {
                // Whoever types, or scans, means the next person.
                Key::Char(_) => {
                    self.next();
                    self.field.key(key)
                }
                _ => false,
            },
            Stage::Check(checking) => checking.typed(key),
            Stage::Typed(typing) => typing.form.key(key) == Taken::Yes,
        }
    }

    fn paste(&mut self, text: &str) {
        match &mut self.stage {
            Stage::Locked => self.secret.paste(text),
            Stage::Setup(setting) => setting.paste(text),
            Stage::Line => {
                self.field.paste(text);
                (self.said, self.asks) = (None, false);
            }
            Stage::Check(checking) => checking.paste(text),
            Stage::Typed(typing) => typing.form.paste(text),
            Stage::Recent(_) | Stage::Found(..) | Stage::Known(..) => {}
        }
    }

    fn is_unsaved(&self) -> bool {
        self.is_filled()
    }

    fn leaving(&self) -> Leaving {
        DROPPING
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        if let Stage::Setup(setting) = &mut self.stage {
            if action == Action::Reception(Does::Drop) {
                return Then::Window(Box::new(Popup::Leave(Action::Reception(Does::DropIt), DROPPING)));
            }
            return setting.act(desk, action);
        }
        let Some(now) = now(desk) else {
            let secret = std::mem::take(&mut self.secret);
            return match desk.counter {
                Counter::Locked(_) => order(Order::Open(Some(secret.typed()))),
                Counter::Shut(_) => order(Order::Open(None)),
                Counter::Untouched | Counter::Opening | Counter::Unset | Counter::Open(_) => Then::Stay,
            };
        };
        match action {
            Action::Reception(does) => self.does(desk, now, does),
            Action::Part => {
                self.at(if matches!(self.stage, Stage::Line) { Stage::Recent(0) } else { Stage::Line });
                Then::Stay
            }
            action => match &mut self.stage {
                Stage::Line if action == Action::Open => self.read_line(),
                Stage::Recent(chosen) => {
                    *chosen = moved(*chosen, now.recent.len(), action);
                    Then::Stay
                }
                Stage::Found(Found { people: found, .. }, chosen) => match (action, found.get(*chosen)) {
                    (Action::Open, Some(candidate)) => {
                        let whom = candidate.whom.clone();
                        self.ask(Order::Choose(whom))
                    }
                    _ => {
                        *chosen = moved(*chosen, found.len(), action);
                        Then::Stay
                    }
                },
                Stage::Known(candidate, chosen, reading) => {
                    if action != Action::Open {
                        if !reading.turns(action) {
                            *chosen = moved(*chosen, known::CAN.len(), action);
                        }
                        return Then::Stay;
                    }
                    match known::done(desk, now, candidate, *chosen) {
                        Some(popup) => Then::Window(Box::new(popup)),
                        None => {
                            self.next();
                            Then::Stay
                        }
                    }
                }
                Stage::Check(checking) if action == Action::Submit => checking.submit(desk),
                Stage::Typed(typing) if matches!(action, Action::Submit | Action::Open) => {
                    let fields = typing.submit(desk);
                    fields.map_or(Then::Stay, |fields| self.ask(Order::Typed(fields)))
                }
                Stage::Locked | Stage::Setup(_) | Stage::Line | Stage::Check(_) | Stage::Typed(_) => Then::Stay,
            },
        }
    }

    fn refreshed(&mut self, desk: &Desk) {
        match desk.counter {
            Counter::Open(_) => self.unlock(),
            Counter::Locked(_) => self.lock(),
            Counter::Untouched | Counter::Opening | Counter::Unset | Counter::Shut(_) => {}
        }
    }

    fn heard(&mut self, desk: &Desk, news: &News) -> Then {
        match news {
            // Whoever looks at what was found still, and at nothing else, is shown who is found now.
            News::Found(found) if found.again.is_some() => {
                let is_same = found.again == Some(self.field.read()) && matches!(&self.stage, Stage::Found(Found { among: Among::Roster, .. }, _));
                if is_same {
                    self.at(Stage::Found(found.clone(), 0));
                }
                Then::Stay
            }
            News::Found(_) | News::Check(_) | News::Known(_) if !self.asks => Then::Stay,
            News::Found(found) => {
                self.at(Stage::Found(found.clone(), 0));
                Then::Stay
            }
            News::Check(check) => {
                let typed = if let Stage::Typed(typing) = &self.stage { typing.read.clone() } else { Vec::new() };
                if let Some(now) = now(desk) {
                    self.at(Stage::Check(Box::new(Checking::of(desk, now, check.as_ref().clone(), typed))));
                }
                Then::Stay
            }
            News::Known(candidate) => {
                self.at(Stage::Known(candidate.clone(), 0, Reading::default()));
                Then::Stay
            }
            News::Done(..) => {
                if matches!(self.stage, Stage::Check(_) | Stage::Known(..)) {
                    self.next();
                }
                // Nobody comes back to what was done while it was locked.
                if matches!(self.before, Some(Stage::Check(_) | Stage::Known(..))) {
                    (self.before, self.field) = (None, Field::default());
                }
                Then::Stay
            }
            News::Card => {
                let is_free = match self.stage {
                    Stage::Line => self.field.raw().is_empty(),
                    Stage::Recent(_) | Stage::Found(..) | Stage::Known(..) => true,
                    Stage::Locked | Stage::Setup(_) | Stage::Check(_) | Stage::Typed(_) => false,
                };
                match now(desk) {
                    Some(now) if is_free && desk.orders_wait().is_none() => self.does(desk, now, Does::Card),
                    _ => Then::Stay,
                }
            }
            News::Failed(_) => {
                self.said = None;
                Then::Stay
            }
            News::Locked(wrong) => {
                if wrong.is_some() {
                    self.secret = Secret::default();
                }
                self.lock();
                Then::Stay
            }
            News::Shut(_) => {
                (self.secret, self.before) = (Secret::default(), None);
                self.at(Stage::Locked);
                Then::Stay
            }
            News::Unset => {
                self.at(Stage::Setup(Setting::default()));
                Then::Stay
            }
            News::Places(file) => {
                if let Stage::Setup(setting) = &mut self.stage {
                    setting.read(file.as_ref().clone());
                }
                Then::Stay
            }
            News::Now(_) => {
                if matches!(self.stage, Stage::Setup(_)) {
                    self.at(Stage::Line);
                }
                self.unlock();
                Then::Stay
            }
            News::RollCall(_) | News::Told(_) => Then::Stay,
        }
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let cells = usize::from(area.width).saturating_sub(4);
        if let Stage::Setup(setting) = &self.stage {
            return setting.draw(desk, frame, area);
        }
        let Some(now) = now(desk) else { return self.closed(desk, frame, area) };
        let head = shown::head(desk, now, cells);
        let mut y = area.y;
        for line in head.iter().take(usize::from(area.height)) {
            frame.buffer_mut().set_line(area.x, y, line, area.width);
            y += 1;
        }
        let body = Rect { y, height: area.bottom().saturating_sub(y), ..area };
        match &self.stage {
            Stage::Check(checking) => checking.draw(desk, frame, body),
            Stage::Typed(typing) => typing.draw(desk, frame, body),
            Stage::Known(candidate, chosen, reading) => known::draw(desk, now, candidate, *chosen, reading, frame, body),
            Stage::Locked | Stage::Setup(_) | Stage::Line | Stage::Recent(_) | Stage::Found(..) => self.open(desk, now, frame, body),
        }
    }
}

impl Reception {
    /// Who can answer a questionnaire: whoever is shown, and at the line who was entered last.
    fn who(&self, now: &Now) -> Vec<questionnaire::Who> {
        match &self.stage {
            Stage::Known(candidate, ..) => known::who(candidate),
            Stage::Line => now.received.clone(),
            Stage::Locked | Stage::Setup(_) | Stage::Recent(_) | Stage::Found(..) | Stage::Check(_) | Stage::Typed(_) => Vec::new(),
        }
    }

    fn does(&mut self, desk: &Desk, now: &Now, does: Does) -> Then {
        let window = |popup: Popup| Then::Window(Box::new(popup));
        match (does, &self.stage) {
            (Does::Typed, stage) => {
                let name = match stage {
                    Stage::Line | Stage::Found(..) => self.field.read(),
                    _ => String::new(),
                };
                self.at(Stage::Typed(Typing::first(desk, &name)));
                Then::Stay
            }
            (Does::Relative, Stage::Check(checking)) => {
                let typing = Typing::next(desk, checking.kept());
                self.at(Stage::Typed(typing));
                Then::Stay
            }
            (Does::Questionnaire, _) => questionnaire::ask(desk, now, &self.who(now)).map_or(Then::Stay, window),
            (Does::Present, _) => self.ask(Order::Present),
            (Does::TakeBack, _) => back(now),
            (Does::Sync, _) => order(Order::Sync),
            (Does::Lock, _) => order(Order::Lock),
            (Does::Heads, _) => window(heads(desk, now)),
            (Does::State, _) => window(ask::state(desk, now)),
            (Does::Stick, _) => window(ask::stick(desk, now)),
            (Does::Card, _) => {
                self.asks = true;
                window(ask::pin(desk, now))
            }
            (Does::Drop, _) => window(Popup::Leave(Action::Reception(Does::DropIt), DROPPING)),
            (Does::DropIt, _) => {
                self.next();
                Then::Stay
            }
            (Does::Relative | Does::Mark | Does::SetupFile, _) => Then::Stay,
        }
    }
}
