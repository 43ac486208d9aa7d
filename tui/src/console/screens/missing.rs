//! 避難行動要支援者: who of the action-support list has not arrived, by district. That it was looked at is recorded.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tachiai_schemas::Say;
use tachiai_schemas::roll::Protection;
use tachiai_schemas::roster::EventId;
use tachiai_schemas::shelter::overview::{Missing as Seen, MissingOfDistrict, MissingPerson};

use super::{Screen, Then};
use crate::card::printable;
use crate::console::action::{Action, Place};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::i18n::grouped;
use crate::console::keymap::{Binding, moves};
use crate::console::theme::Tone;
use crate::console::widgets::bar::bar;
use crate::console::widgets::cut::{lines, padded};
use crate::console::widgets::paper::Reading;
use crate::console::work::{Answer, Question, shelters};
use crate::shelter::said::bracketed;

/// The screen.
pub struct Missing {
    event: EventId,
    reading: Reading,
}

impl Missing {
    /// Of an event.
    #[must_use]
    pub fn of(event: EventId) -> Self {
        Self { event, reading: Reading::default() }
    }

    const fn question(&self) -> Question {
        Question::Shelters(shelters::Question::Missing(self.event))
    }

    fn text(&self, desk: &Desk, cells: usize) -> Vec<Line<'static>> {
        let look = desk.look;
        let question = self.question();
        let plain = |said: &str, tone: Tone| lines(said, cells).into_iter().map(|line| Line::styled(format!("  {line}"), look.style(tone))).collect();
        match (desk.failure(&question), desk.answer(&question)) {
            (Some(failure), _) => plain(&failure.say(desk.lang()), Tone::Bad),
            (None, Some(Answer::Shelters(shelters::Answer::Missing(seen)))) => body(desk, seen, cells),
            (None, _) => plain(&desk.say("people-asking"), Tone::Dim),
        }
    }
}

fn body(desk: &Desk, Seen { districts, unopened }: &Seen, cells: usize) -> Vec<Line<'static>> {
    let look = desk.look;
    let mut text = Vec::new();
    if districts.is_empty() {
        // Nobody on a list is something else than no list.
        let said = lines(&desk.say("missing-no-list"), cells).into_iter().map(|line| Line::styled(format!("  {line}"), look.style(Tone::Warn)));
        text.extend(said);
        return text;
    }
    let sum = |of: fn(&MissingOfDistrict) -> u64| districts.iter().map(of).sum::<u64>();
    let (listed, arrived) = (sum(|of| of.listed), sum(|of| of.arrived));
    let missing = sum(|of| of.missing.len() as u64);
    let values = [("listed", grouped(listed)), ("arrived", grouped(arrived)), ("missing", grouped(missing))];
    text.push(Line::styled(format!("  {}", desk.with("missing-all", &values)), look.style(Tone::Strong)));
    if *unopened > 0 {
        let said = desk.with("missing-unopened", &[("n", grouped(*unopened))]);
        text.extend(lines(&said, cells).into_iter().map(|line| Line::styled(format!("  {line}"), look.style(Tone::Warn))));
    }
    // Where most are missing comes first.
    let mut order: Vec<&MissingOfDistrict> = districts.iter().collect();
    order.sort_by_key(|of| std::cmp::Reverse(of.missing.len()));
    for MissingOfDistrict { district, listed, arrived, missing } in order {
        let name = if district.is_empty() { desk.say("roll-call-no-district") } else { printable(district) };
        let figures = desk.with("missing-district", &[("arrived", grouped(*arrived)), ("listed", grouped(*listed)), ("missing", missing.len().to_string())]);
        text.push(Line::raw(""));
        text.push(Line::from(vec![
            Span::raw("  "),
            Span::styled(padded(&name, 14, look.cut()), look.style(Tone::Strong)),
            Span::raw(format!("{}  ", bar(look, *arrived, *listed, 10))),
            Span::styled(figures, look.style(if missing.is_empty() { Tone::Good } else { Tone::Warn })),
        ]));
        for person in missing {
            text.extend(lines(&line(desk, person), cells.saturating_sub(4)).into_iter().map(|line| Line::raw(format!("    {line}"))));
        }
    }
    text
}

fn line(desk: &Desk, person: &MissingPerson) -> String {
    let MissingPerson { number: _, name, kana, birth, address, support, protection } = person;
    let mut parts = match protection {
        Protection::Open => {
            let kana = if kana.is_empty() { String::new() } else { bracketed(desk.lang(), &printable(kana)) };
            vec![format!("{}{kana}", printable(name)), birth.map(|day| day.say(desk.lang())).unwrap_or_default(), printable(address)]
        }
        Protection::Protected => vec![desk.say("missing-protected")],
    };
    parts.push(support.needs.iter().map(|need| need.say(desk.lang())).collect::<Vec<_>>().join("・"));
    parts.push(printable(&support.reason));
    parts.push(printable(&support.phone));
    if !support.helper.is_empty() {
        parts.push(desk.with("missing-helper", &[("name", printable(&support.helper))]));
    }
    parts.retain(|part| !part.is_empty());
    parts.join("  ")
}

impl Screen for Missing {
    fn place(&self) -> Place {
        Place::Missing(self.event)
    }

    fn names_people(&self, _desk: &Desk) -> bool {
        true
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-missing")
    }

    fn questions(&self, _desk: &Desk) -> Vec<Question> {
        vec![self.question()]
    }

    fn keys(&self, _desk: &Desk) -> Vec<Binding> {
        let mut keys = moves();
        keys.push(Binding::new(Key::Char('r'), Action::Refresh, "key-refresh"));
        keys
    }

    fn act(&mut self, _desk: &Desk, action: Action) -> Then {
        self.reading.go(action);
        Then::Stay
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let text = self.text(desk, usize::from(area.width).saturating_sub(4));
        self.reading.draw(desk, frame, area, &text);
    }
}
