//! Somebody who is registered here, and what can be done: in words, since a function key means the same here as at the line.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tachiai_schemas::Lang;

use super::questionnaire::Who;
use super::{ask, questionnaire};
use crate::console::desk::Desk;
use crate::console::popups::Popup;
use crate::console::theme::Tone;
use crate::console::widgets::cut::{cut, lines};
use crate::console::widgets::paper::Reading;
use crate::console::work::reception::{Candidate, Now, Whom};
use crate::shelter::said;

/// What can be done, in the order in which it is shown. Whoever presses Enter once too often comes to the next person.
pub const CAN: [Can; 5] = [Can::Next, Can::Change, Can::Leave, Can::Move, Can::Answer];

/// Something that can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Can {
    /// Nothing: the next person.
    Next,
    /// Something about the person changes.
    Change,
    /// The person leaves.
    Leave,
    /// The person is taken to another shelter.
    Move,
    /// The person answers a questionnaire.
    Answer,
}

impl Can {
    const fn label(self) -> &'static str {
        match self {
            Self::Next => "desk-known-next",
            Self::Change => "desk-key-change",
            Self::Leave => "desk-key-leave",
            Self::Move => "desk-key-move",
            Self::Answer => "desk-key-form",
        }
    }

    fn off(self, desk: &Desk, now: &Now) -> Option<String> {
        match self {
            Self::Move => now.others.is_empty().then(|| desk.say("desk-no-others")),
            Self::Answer => questionnaire::off(desk, now),
            Self::Next | Self::Change | Self::Leave => None,
        }
    }
}

/// The window in which the chosen thing is done; none where nothing is.
pub fn done(desk: &Desk, now: &Now, candidate: &Candidate, chosen: usize) -> Option<Popup> {
    let can = CAN.get(chosen).copied().unwrap_or(Can::Next);
    if let Some(why) = can.off(desk, now) {
        return Some(Popup::message("failed-title", why));
    }
    match can {
        Can::Next => None,
        Can::Change => ask::change(desk, now, candidate),
        Can::Leave => ask::leave(desk, now, candidate),
        Can::Move => ask::transfer(desk, now, candidate),
        Can::Answer => questionnaire::ask(desk, now, &who(candidate)),
    }
}

/// The person, as somebody who can answer a questionnaire: nobody of whom nothing can be read here.
pub fn who(candidate: &Candidate) -> Vec<Who> {
    match (&candidate.whom, &candidate.person) {
        (Whom::Person(chain), Some(person)) => vec![(*chain, [Lang::Ja, Lang::En].map(|lang| said::name(lang, person)))],
        _ => Vec::new(),
    }
}

/// Draws both; what can be done stays in sight however much is known, and all of that is read by pages.
pub fn draw(desk: &Desk, now: &Now, candidate: &Candidate, chosen: usize, reading: &Reading, frame: &mut Frame<'_>, area: Rect) {
    let look = desk.look;
    let cells = usize::from(area.width).saturating_sub(4);
    let [ja, en] = &candidate.all;
    let all: Vec<Line<'static>> = desk.lang().pick(ja, en).lines().flat_map(|line| lines(line, cells)).map(|line| Line::raw(format!("  {line}"))).collect();
    // Besides it stand the line above it, what can be done, and what is left free between them.
    let room = area.height.saturating_sub(u16::try_from(CAN.len() + 3).unwrap_or(u16::MAX));
    let rows = u16::try_from(all.len()).unwrap_or(u16::MAX).min(room).max(1);
    let known = Line::styled(format!("  {}", desk.say("desk-known")), look.style(Tone::Good));
    frame.buffer_mut().set_line(area.x, area.y, &known, area.width);
    let read = Rect { y: area.y.saturating_add(2).min(area.bottom()), height: rows, ..area }.intersection(area);
    reading.draw(desk, frame, read, &all);
    let mut text = vec![Line::raw("")];
    for (place, can) in CAN.into_iter().enumerate() {
        let is_here = place == chosen;
        let why = can.off(desk, now);
        let tone = match (is_here, &why) {
            (true, _) => Tone::Strong,
            (false, Some(_)) => Tone::Dim,
            (false, None) => Tone::Plain,
        };
        let why = why.map(|why| format!("（{why}）")).unwrap_or_default();
        let said = cut(&format!("{}{why}", desk.say(can.label())), cells, look.cut());
        text.push(Line::from(vec![Span::raw(if is_here { "  > " } else { "    " }), Span::styled(said, look.style(tone))]));
    }
    for (y, line) in (read.bottom()..area.bottom()).zip(&text) {
        frame.buffer_mut().set_line(area.x, y, line, area.width);
    }
}
