//! 避難所受付: who comes is found by a card, a citizen ID or the beginning of a name, shown, and entered. Letters are always text here, since a scanner types: what
//! can be done stands on function keys. It needs no link.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tachiai_schemas::Say;
use tachiai_schemas::roster::CardRule;

use self::check::Checking;
use self::setup::Setting;
use self::typed::Typing;
use super::{Screen, Then};
use crate::console::action::{Action, Place, Reception as Does, moved};
use crate::console::desk::{Counter, Desk};
use crate::console::event::Key;
use crate::console::keymap::Binding;
use crate::console::popups::Popup;
use crate::console::popups::confirm::Sure;
use crate::console::theme::Tone;
use crate::console::widgets::cut::{cut, lines, width};
use crate::console::widgets::field::Field;
use crate::console::widgets::form::Taken;
use crate::console::widgets::secret::Secret;
use crate::console::widgets::table::{self, Cell, Column, Width};
use crate::console::work::Deed;
use crate::console::work::reception::{Candidate, News, Now, Order};
use crate::shelter::desk::Here;
use crate::shelter::input;
use crate::shelter::key::Protection;

pub(super) use self::ask::{STATES, heads};

mod ask;
mod check;
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
    /// Who was found.
    Found(Vec<Candidate>, usize),
    /// Who would be entered.
    Check(Box<Checking>),
    /// Somebody who is registered here.
    Known(Box<Candidate>),
    /// Somebody is typed.
    Typed(Typing),
}

/// The order as something to be done.
pub(super) fn order(order: Order) -> Then {
    Then::Do(Box::new(Deed::Reception(order)))
}

/// Whether what was done last is to be taken back; what that is.
pub(super) fn back(now: &Now) -> Then {
    let Some([ja, en]) = &now.undo else { return Then::Stay };
    let text = [
        format!("{ja}\n\nこの登録を取り消しますか？ 記録は消えず、訂正の登録が1件加わります。"),
        format!("{en}\n\nTake this back? Nothing is removed: one more entry corrects it."),
    ];
    Then::Window(Box::new(Popup::sure(Sure { title: "desk-back-title", text, word: None, deed: Deed::Reception(Order::TakeBack) })))
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

    fn keys_of_the_line(desk: &Desk, now: &Now) -> Vec<Binding> {
        let key = |number, does, label| Binding::new(Key::F(number), Action::Reception(does), label);
        vec![
            Binding::new(Key::Enter, Action::Open, "key-search"),
            key(2, Does::Typed, "desk-key-typed"),
            key(3, Does::Present, "desk-key-present"),
            key(4, Does::Heads, "desk-key-heads"),
            key(8, Does::TakeBack, "desk-key-back").off(now.undo.is_none().then(|| desk.say("off-undo"))),
            Binding::new(Key::F(6), Action::Go(Place::RollCall), "screen-roll-call"),
            key(5, Does::State, "desk-key-state"),
            key(7, Does::Sync, "desk-key-sync"),
            key(9, Does::Stick, "desk-key-stick"),
            key(10, Does::Card, "desk-key-card").quiet(),
            Binding::new(Key::Tab, Action::Part, "desk-key-recent"),
            Binding::new(Key::F(1), Action::Help, "key-help"),
        ]
    }

    fn keys_of_the_stage(&self, desk: &Desk) -> Vec<Binding> {
        let help = Binding::new(Key::F(1), Action::Help, "key-help");
        if let Stage::Setup(setting) = &self.stage {
            let mut keys = setting.keys(desk);
            keys.push(help);
            return keys;
        }
        let Some(now) = now(desk) else {
            return vec![Binding::new(Key::Enter, Action::Open, "desk-key-open"), help];
        };
        let key = |number, does, label| Binding::new(Key::F(number), Action::Reception(does), label);
        match &self.stage {
            Stage::Locked | Stage::Setup(_) | Stage::Line => Self::keys_of_the_line(desk, now),
            Stage::Recent(_) => {
                let undo = now.undo.is_none().then(|| desk.say("off-undo"));
                vec![
                    key(8, Does::TakeBack, "desk-key-back").off(undo),
                    Binding::new(Key::Tab, Action::Part, "desk-key-line"),
                    Binding::new(Key::Up, Action::Up, "key-move").quiet(),
                    Binding::new(Key::Down, Action::Down, "key-move").quiet(),
                    help,
                ]
            }
            Stage::Found(found, _) => vec![
                Binding::new(Key::Enter, Action::Open, "desk-key-choose").off(found.is_empty().then(|| desk.say("off-nothing"))),
                key(2, Does::Typed, "desk-key-typed"),
                Binding::new(Key::Up, Action::Up, "key-move").quiet(),
                Binding::new(Key::Down, Action::Down, "key-move").quiet(),
                Binding::new(Key::PageUp, Action::PageUp, "key-move").quiet(),
                Binding::new(Key::PageDown, Action::PageDown, "key-move").quiet(),
                help,
            ],
            Stage::Check(checking) => {
                let mut keys =
                    vec![Binding::new(Key::Enter, Action::Submit, "desk-key-enter"), Binding::new(Key::Ctrl('s'), Action::Submit, "desk-key-enter").quiet()];
                if checking.is_typed() {
                    keys.push(key(2, Does::Relative, "desk-key-relative"));
                }
                keys.push(help);
                keys
            }
            Stage::Known(_) => vec![
                key(7, Does::Leave, "desk-key-leave"),
                key(3, Does::Move, "desk-key-move").off(now.others.is_empty().then(|| desk.say("desk-no-others"))),
                key(4, Does::Change, "desk-key-change"),
                key(2, Does::Typed, "desk-key-typed"),
                help,
            ],
            Stage::Typed(_) => vec![Binding::new(Key::Enter, Action::Open, "key-next-line"), Binding::new(Key::Ctrl('s'), Action::Submit, "key-submit"), help],
        }
    }
}

/// The key that hides everything, wherever one is at the reception.
pub(super) fn lock_key(desk: &Desk, now: &Now) -> Binding {
    let unprotected = (now.protection == Protection::Unprotected).then(|| desk.say("desk-unprotected"));
    Binding::new(Key::F(12), Action::Reception(Does::Lock), "desk-key-lock").quiet().off(unprotected)
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
        let mut keys = self.keys_of_the_stage(desk);
        if !matches!(self.stage, Stage::Setup(_)) {
            keys.extend(now(desk).map(|now| lock_key(desk, now)));
        }
        // Where there is no room for all of them, the way back is told of all the same.
        keys.insert(keys.len().min(1), Binding::new(Key::Esc, Action::Back, "key-back"));
        // One order after another: whoever does not see the answer yet would give it twice.
        let is_order = |binding: &&mut Binding| matches!(binding.action, Action::Open | Action::Submit | Action::Reception(_)) && binding.off.is_none();
        // What hides everything never waits.
        let waits = |binding: &&mut Binding| is_order(binding) && binding.action != Action::Reception(Does::Lock);
        keys.iter_mut().filter(waits).for_each(|binding| binding.off = desk.orders_wait());
        keys
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
            if !is_idle {
                self.next();
            }
            return !is_idle;
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
            Stage::Recent(_) | Stage::Found(..) | Stage::Known(_) => match key {
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
            Stage::Recent(_) | Stage::Found(..) | Stage::Known(_) => {}
        }
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        if let Stage::Setup(setting) = &mut self.stage {
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
                Stage::Found(found, chosen) => match (action, found.get(*chosen)) {
                    (Action::Open, Some(candidate)) => {
                        let whom = candidate.whom.clone();
                        self.ask(Order::Choose(whom))
                    }
                    _ => {
                        *chosen = moved(*chosen, found.len(), action);
                        Then::Stay
                    }
                },
                Stage::Check(checking) if action == Action::Submit => checking.submit(desk),
                Stage::Typed(typing) if matches!(action, Action::Submit | Action::Open) => {
                    let fields = typing.submit(desk);
                    fields.map_or(Then::Stay, |fields| self.ask(Order::Typed(fields)))
                }
                Stage::Locked | Stage::Setup(_) | Stage::Line | Stage::Known(_) | Stage::Check(_) | Stage::Typed(_) => Then::Stay,
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
                self.at(Stage::Known(candidate.clone()));
                Then::Stay
            }
            News::Done(..) => {
                if matches!(self.stage, Stage::Check(_) | Stage::Known(_)) {
                    self.next();
                }
                // Nobody comes back to what was done while it was locked.
                if matches!(self.before, Some(Stage::Check(_) | Stage::Known(_))) {
                    (self.before, self.field) = (None, Field::default());
                }
                Then::Stay
            }
            News::Card => {
                let is_free = match self.stage {
                    Stage::Line => self.field.raw().is_empty(),
                    Stage::Recent(_) | Stage::Found(..) | Stage::Known(_) => true,
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
            Stage::Known(candidate) => shown::known(desk, candidate, frame, body),
            Stage::Locked | Stage::Setup(_) | Stage::Line | Stage::Recent(_) | Stage::Found(..) => self.open(desk, now, frame, body),
        }
    }
}

impl Reception {
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
                let typing = Typing::next(desk, checking.typed.clone());
                self.at(Stage::Typed(typing));
                Then::Stay
            }
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
            (Does::Leave, Stage::Known(candidate)) => ask::leave(desk, candidate).map_or(Then::Stay, window),
            (Does::Move, Stage::Known(candidate)) => ask::transfer(desk, now, candidate).map_or(Then::Stay, window),
            (Does::Change, Stage::Known(candidate)) => ask::change(desk, now, candidate).map_or(Then::Stay, window),
            (Does::Relative | Does::Leave | Does::Move | Does::Change | Does::Mark | Does::SetupFile, _) => Then::Stay,
        }
    }

    /// Before it is open.
    fn closed(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        let cells = usize::from(area.width.min(100)).saturating_sub(6);
        let mut text: Vec<Line<'_>> = vec![Line::raw("")];
        let say = |text: &mut Vec<Line<'_>>, said: &str, tone: Tone| {
            text.extend(lines(said, cells).into_iter().map(|line| Line::styled(format!("  {line}"), look.style(tone))));
        };
        let mut cursor = None;
        match &desk.counter {
            Counter::Untouched | Counter::Opening | Counter::Unset | Counter::Open(_) => say(&mut text, &desk.say("desk-opening"), Tone::Strong),
            Counter::Locked(wrong) => {
                say(&mut text, &desk.say("desk-locked"), Tone::Strong);
                if let Some(wrong) = wrong {
                    say(&mut text, &wrong.say(desk.lang()), Tone::Bad);
                }
                text.push(Line::raw(""));
                let label = format!("  {}: ", desk.say("desk-passphrase"));
                let typed = self.secret.marks(cells.saturating_sub(width(&label)));
                cursor = Some((width(&label) + typed.len(), text.len()));
                text.push(Line::from(vec![Span::styled(label, look.style(Tone::Key)), Span::raw(typed)]));
            }
            Counter::Shut(failure) => {
                say(&mut text, &desk.say("desk-shut"), Tone::Bad);
                text.push(Line::raw(""));
                say(&mut text, &failure.say(desk.lang()), Tone::Plain);
                text.push(Line::raw(""));
                say(&mut text, &desk.say("desk-shut-what"), Tone::Plain);
            }
        }
        for (y, line) in (area.y..area.bottom()).zip(&text) {
            frame.buffer_mut().set_line(area.x, y, line, area.width);
        }
        if let Some((x, y)) = cursor {
            frame.set_cursor_position((area.x + u16::try_from(x).unwrap_or_default(), area.y + u16::try_from(y).unwrap_or_default()));
        }
    }

    /// The line, and under it who was found, or the last entries.
    fn open(&self, desk: &Desk, now: &Now, frame: &mut Frame<'_>, area: Rect) {
        if area.height < 2 {
            return;
        }
        let look = desk.look;
        let cells = usize::from(area.width).saturating_sub(4);
        let label = format!(" {}: ", desk.say("desk-line"));
        let start = width(&label);
        let (text, at) = self.field.seen(cells.saturating_sub(start));
        let line = Line::from(vec![Span::styled(label, look.style(Tone::Strong)), Span::raw(text)]);
        frame.buffer_mut().set_line(area.x, area.y, &line, area.width);
        if matches!(self.stage, Stage::Line) {
            frame.set_cursor_position((area.x + u16::try_from(start + at).unwrap_or_default(), area.y));
        }
        let hint = match (self.said, &now.card) {
            _ if desk.orders_wait().is_some() => desk.say("desk-looking"),
            (Some(said), _) => desk.say(said),
            (None, Some(CardRule::WithoutPin)) => desk.say("desk-line-hint-face"),
            (None, _) => desk.say("desk-line-hint"),
        };
        let hint = cut(&hint, cells, look.cut());
        frame.buffer_mut().set_line(area.x, area.y + 1, &Line::styled(format!(" {hint}"), look.style(Tone::Dim)), area.width);
        let below = Rect { y: area.y + 3, height: area.height.saturating_sub(3), ..area };
        match &self.stage {
            Stage::Found(found, _) if found.is_empty() => {
                for (y, line) in (below.y..below.bottom()).zip(lines(&desk.say("desk-nobody"), cells)) {
                    frame.buffer_mut().set_line(below.x, y, &Line::raw(format!("  {line}")), below.width);
                }
            }
            Stage::Found(found, chosen) => {
                let columns = [Column { head: desk.say("people-where"), width: Width::Cells(18) }, Column { head: desk.say("people-who"), width: Width::Rest }];
                table::draw(frame, below, desk, &columns, found.len(), Some(*chosen), |place| {
                    let Some(Candidate { place: [place_ja, place_en], line: [ja, en], here, .. }) = found.get(place) else { return Vec::new() };
                    let tone = if *here == Here::Present { Tone::Good } else { Tone::Plain };
                    vec![Cell { text: desk.lang().pick(place_ja, place_en).to_owned(), tone }, Cell::from(desk.lang().pick(ja, en).to_owned())]
                });
            }
            stage => {
                let chosen = if let Stage::Recent(chosen) = stage { Some(*chosen) } else { None };
                shown::recent(desk, now, chosen, frame, below);
            }
        }
    }
}
