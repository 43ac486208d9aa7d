//! Somebody who is registered here, and what can be done: in words, since a function key means the same here as at the line.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::ask;
use crate::console::desk::Desk;
use crate::console::popups::Popup;
use crate::console::theme::Tone;
use crate::console::widgets::cut::{cut, lines};
use crate::console::work::reception::{Candidate, Now};

/// What can be done, in the order in which it is shown. Whoever presses Enter once too often comes to the next person.
pub const CAN: [Can; 4] = [Can::Next, Can::Change, Can::Leave, Can::Move];

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
}

impl Can {
    const fn label(self) -> &'static str {
        match self {
            Self::Next => "desk-known-next",
            Self::Change => "desk-key-change",
            Self::Leave => "desk-key-leave",
            Self::Move => "desk-key-move",
        }
    }

    fn off(self, desk: &Desk, now: &Now) -> Option<String> {
        (self == Self::Move && now.others.is_empty()).then(|| desk.say("desk-no-others"))
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
    }
}

/// Draws both; what can be done stays in sight however much is known.
pub fn draw(desk: &Desk, now: &Now, candidate: &Candidate, chosen: usize, frame: &mut Frame<'_>, area: Rect) {
    let look = desk.look;
    let cells = usize::from(area.width).saturating_sub(4);
    let [ja, en] = &candidate.all;
    let known: Vec<String> = desk.lang().pick(ja, en).lines().flat_map(|line| lines(line, cells)).collect();
    let rows = usize::from(area.height).saturating_sub(CAN.len() + 4).max(1);
    let mut text = vec![Line::styled(format!("  {}", desk.say("desk-known")), look.style(Tone::Good)), Line::raw("")];
    text.extend(known.iter().take(if known.len() > rows { rows.saturating_sub(1) } else { rows }).map(|line| Line::raw(format!("  {line}"))));
    if known.len() > rows {
        let more = desk.with("desk-known-more", &[("n", (known.len() + 1 - rows).to_string())]);
        text.push(Line::styled(format!("  {more}"), look.style(Tone::Dim)));
    }
    text.push(Line::raw(""));
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
    for (y, line) in (area.y..area.bottom()).zip(&text) {
        frame.buffer_mut().set_line(area.x, y, line, area.width);
    }
}
