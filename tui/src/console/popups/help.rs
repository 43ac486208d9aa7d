//! Help: what the screen at hand is for, every key of it, and why one does nothing now.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use super::Turn;
use crate::console::app::State;
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::keymap::Binding;
use crate::console::screens::about;
use crate::console::theme::Tone;
use crate::console::widgets::cut::{cut, lines, padded};
use crate::console::widgets::paper::Reading;
use crate::console::widgets::popup;

/// The help.
pub struct Help {
    screen: String,
    about: Option<&'static str>,
    keys: Vec<Binding>,
    reading: Reading,
}

impl Help {
    /// For the screen at hand.
    #[must_use]
    pub fn of(state: &State) -> Self {
        let screen = state.screen();
        Self {
            screen: screen.map(|screen| screen.title(&state.desk)).unwrap_or_default(),
            about: screen.map(|screen| about(screen.place())),
            keys: state.keys(),
            reading: Reading::default(),
        }
    }

    /// Takes a key.
    pub fn key(&mut self, key: Key) -> Turn {
        let Some(action) = Reading::action(key) else { return Turn::Close };
        self.reading.go(action);
        Turn::Stay
    }

    /// Draws it.
    pub fn draw(&self, desk: &Desk, frame: &mut Frame<'_>) {
        let look = desk.look;
        let cells = usize::from(frame.area().width.min(72)).saturating_sub(4);
        // Keys that do the same stand in one line.
        let mut rows: Vec<(String, String, Option<String>)> = Vec::new();
        for binding in &self.keys {
            let label = desk.say(binding.label);
            match rows.iter_mut().find(|(_, known, _)| *known == label) {
                Some((keys, _, _)) => *keys = format!("{keys} {}", binding.key.shown()),
                None => rows.push((binding.key.shown(), label, binding.off.clone())),
            }
        }
        let mut text: Vec<Line<'static>> = self.about.iter().flat_map(|about| lines(&desk.say(about), cells)).map(Line::raw).collect();
        text.push(Line::default());
        text.push(Line::styled(desk.say("help-screen"), look.style(Tone::Strong)));
        for (keys, label, off) in rows {
            let keys = padded(&cut(&keys, 16, look.cut()), 18, look.cut());
            text.push(Line::from(vec![Span::styled(keys, look.style(Tone::Key)), Span::raw(label)]));
            if let Some(why) = off {
                let why = desk.with("help-off", &[("why", why)]);
                text.extend(
                    lines(&why, cells.saturating_sub(18)).into_iter().map(|line| Line::styled(format!("{}{line}", " ".repeat(18)), look.style(Tone::Dim))),
                );
            }
        }
        let rule = lines(&desk.say("help-confirm"), cells);
        text.push(Line::default());
        text.extend(rule.into_iter().map(|line| Line::styled(line, look.style(Tone::Dim))));
        let rows = u16::try_from(text.len()).unwrap_or(u16::MAX).saturating_add(2);
        let inner = popup::open(frame, look, &desk.with("help-title", &[("screen", self.screen.clone())]), 72, rows.min(frame.area().height.saturating_sub(2)));
        self.reading.draw(desk, frame, inner, &text);
    }
}
