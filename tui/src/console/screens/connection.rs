//! 接続: with whom the console speaks, what is wrong with that, and what to do.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::Say;

use super::{Screen, Then};
use crate::console::action::{Action, Place};
use crate::console::desk::{Desk, Link};
use crate::console::event::Key;
use crate::console::keymap::Binding;
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::profile::Profile;

/// The screen.
pub struct Connection;

impl Screen for Connection {
    fn place(&self) -> Place {
        Place::Connection
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-connection")
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let is_lost = matches!(desk.link, Link::Lost(..));
        vec![
            Binding::new(Key::Char('r'), Action::Retry, "key-retry").off((!is_lost).then(|| desk.say("off-busy"))),
            Binding::new(Key::Char('p'), Action::Profile, "key-profile"),
            Binding::new(Key::Char('6'), Action::Go(Place::Reception), "screen-reception").off(desk.why_not(Place::Reception)),
            Binding::new(Key::Char('t'), Action::Go(Place::Trustee), "key-trustee"),
            Binding::new(Key::Char('c'), Action::Go(Place::Poll), "key-poll").quiet(),
        ]
    }

    fn act(&mut self, _desk: &Desk, _action: Action) -> Then {
        Then::Stay
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        let cells = usize::from(area.width.min(100)).saturating_sub(6);
        let mut text: Vec<Line<'_>> = vec![Line::raw("")];
        let say = |text: &mut Vec<Line<'_>>, said: &str, tone: Tone| {
            text.extend(lines(said, cells).into_iter().map(|line| Line::styled(format!("  {line}"), look.style(tone))));
        };
        match &desk.link {
            Link::Trying(None) => say(&mut text, &desk.say("connection-none"), Tone::Strong),
            Link::Trying(Some(server)) => say(&mut text, &desk.with("connection-trying", &[("server", server.clone())]), Tone::Strong),
            Link::Live => say(&mut text, &format!("{}  {}", desk.server.clone().unwrap_or_default(), desk.say("head-live")), Tone::Good),
            Link::Lost(failure, again) => {
                say(&mut text, &desk.say("connection-wrong"), Tone::Bad);
                text.push(Line::raw(""));
                say(&mut text, &failure.say(desk.lang()), Tone::Plain);
                if let Some(again) = again {
                    text.push(Line::raw(""));
                    let left = again.unix().saturating_sub(desk.now.unix()).max(0);
                    say(&mut text, &desk.with("connection-next", &[("n", left.to_string())]), Tone::Plain);
                }
                text.push(Line::raw(""));
                say(&mut text, &desk.say("connection-what"), Tone::Strong);
                for step in
                    ["connection-step-retry", "connection-step-profile", "connection-step-admin", "connection-step-reception", "connection-step-trustee"]
                {
                    say(&mut text, &desk.say(step), Tone::Plain);
                }
            }
        }
        text.push(Line::raw(""));
        let path = desk.profile.clone().or_else(Profile::default_path).unwrap_or_default();
        say(&mut text, &desk.with("connection-profile", &[("path", path.display().to_string())]), Tone::Dim);
        for (y, line) in (area.y..area.bottom()).zip(&text) {
            frame.buffer_mut().set_line(area.x, y, line, area.width);
        }
    }
}
