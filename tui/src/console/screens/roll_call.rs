//! 点呼: who of those who are registered here, or of the list of residents, answers, and who is missing by district.

use std::collections::BTreeMap;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::reception::{map, now, order, whole};
use super::{Screen, Then};
use crate::card::printable;
use crate::console::action::{Action, Place, Reception as Does, moved};
use crate::console::desk::{Counter, Desk};
use crate::console::event::Key;
use crate::console::i18n::grouped;
use crate::console::keymap::{Binding, moves};
use crate::console::theme::Tone;
use crate::console::widgets::cut::{cut, lines};
use crate::console::widgets::form::Mark;
use crate::console::widgets::table::{self, Cell, Column, Width};
use crate::console::work::reception::{Answered, Called, News, Order, RollCall as Calls, Whom};
use crate::shelter::key::Protection;

/// What stands before what is known of somebody on the action-support list.
const SUPPORT: char = '◆';

/// The cells of a district.
const DISTRICT: usize = 12;

/// The cells of what is known beside, where the screen has more than so many.
const BESIDE: usize = 30;
const WIDE: usize = 110;

/// The screen.
#[derive(Default)]
pub struct RollCall {
    calls: Option<Calls>,
    list: List,
    chosen: usize,
}

/// Which list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum List {
    /// Who is registered here: each is marked who answers.
    #[default]
    Present,
    /// The list of residents: each is entered who answers.
    Expected,
    /// Who is missing, by district.
    Missing,
}

impl List {
    const ALL: [(Self, &'static str); 3] = [(Self::Present, "roll-call-present"), (Self::Expected, "roll-call-expected"), (Self::Missing, "roll-call-missing")];

    const fn next(self) -> Self {
        match self {
            Self::Present => Self::Expected,
            Self::Expected => Self::Missing,
            Self::Missing => Self::Present,
        }
    }
}

/// So many answered of so many, by district.
fn by_district(called: &[Called]) -> BTreeMap<&str, (u64, u64)> {
    let mut districts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for one in called {
        let (answered, all) = districts.entry(&one.district).or_default();
        *answered += u64::from(one.answer == Answered::Yes);
        *all += 1;
    }
    districts
}

impl RollCall {
    fn called(&self) -> &[Called] {
        let calls = self.calls.as_ref();
        match self.list {
            List::Present => calls.map_or(&[], |calls| &calls.present),
            List::Expected => calls.map_or(&[], |calls| &calls.expected),
            List::Missing => &[],
        }
    }

    /// Those of the present who did not answer, in the order of their districts.
    fn missing(&self) -> Vec<&Called> {
        let present = self.calls.as_ref().map_or(&[][..], |calls| &calls.present);
        present.iter().filter(|called| called.answer == Answered::No).collect()
    }

    fn rows(&self) -> usize {
        if self.list == List::Missing { self.missing().len() } else { self.called().len() }
    }
}

impl Screen for RollCall {
    fn place(&self) -> Place {
        Place::RollCall
    }

    fn names_people(&self, desk: &Desk) -> bool {
        matches!(&desk.counter, Counter::Open(now) if now.protection != Protection::Passphrase)
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-roll-call")
    }

    fn order(&self, desk: &Desk) -> Option<Order> {
        // Who calls the roll is recorded: coming back to it is no second look.
        now(desk).filter(|_| self.calls.is_none()).map(|_| Order::RollCall)
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let mut keys = moves();
        keys.retain(|binding| !matches!(binding.key, Key::Char(_)));
        let off = self.called().get(self.chosen).is_none().then(|| desk.say("off-nothing"));
        let label = if self.list == List::Expected { "desk-key-arrive" } else { "desk-key-answer" };
        keys.push(Binding::new(Key::Char(' '), Action::Reception(Does::Mark), label).off(off));
        // Where there is no room for all of them, the way back is told of all the same.
        keys.push(Binding::new(Key::Esc, Action::Back, "key-back"));
        keys.push(Binding::new(Key::Tab, Action::Part, "key-part"));
        let here = [4, 6, 8, 12];
        let keys_of_the_map = now(desk).map(|now| map(desk, now, &here, Some("desk-off-roll-call"))).unwrap_or_default();
        keys.extend(keys_of_the_map.into_iter().map(|binding| match binding.key {
            Key::F(6) => binding.quiet().off(Some(desk.say("desk-off-here"))),
            Key::F(4 | 8) if binding.off.is_none() => binding.off(desk.orders_wait()),
            _ => binding,
        }));
        keys.push(Binding::new(Key::F(1), Action::Help, "key-help"));
        keys
    }

    /// A scanner may lie there, and types letters and digits: none of them leads anywhere.
    fn is_typing(&self) -> bool {
        true
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        match action {
            Action::Reception(Does::Lock) => order(Order::Lock),
            Action::Reception(Does::Mark) => {
                let Some(called) = self.called().get(self.chosen) else { return Then::Stay };
                let then = match (&called.whom, called.answer) {
                    (Whom::Person(chain), _) => order(Order::Call(*chain)),
                    (Whom::Resident(number), Answered::No) => order(Order::Arrive(number.clone())),
                    (Whom::Resident(_), Answered::Yes) => Then::Stay,
                };
                self.chosen = moved(self.chosen, self.rows(), Action::Down);
                then
            }
            Action::Reception(Does::Heads) => now(desk).map_or(Then::Stay, |now| Then::Window(Box::new(super::reception::heads(desk, now)))),
            Action::Reception(Does::TakeBack) => now(desk).map_or(Then::Stay, super::reception::back),
            Action::Part => {
                (self.list, self.chosen) = (self.list.next(), 0);
                Then::Stay
            }
            action => {
                self.chosen = moved(self.chosen, self.rows(), action);
                Then::Stay
            }
        }
    }

    fn heard(&mut self, _desk: &Desk, news: &News) -> Then {
        if let News::RollCall(calls) = news {
            self.calls = Some(calls.as_ref().clone());
            self.chosen = self.chosen.min(self.rows().saturating_sub(1));
        }
        Then::Stay
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        let cells = usize::from(area.width).saturating_sub(4);
        if self.calls.is_none() || now(desk).is_none() {
            let text = desk.say(if now(desk).is_some() { "desk-looking" } else { "roll-call-shut" });
            for (y, line) in (area.y + 1..area.bottom()).zip(lines(&text, cells)) {
                frame.buffer_mut().set_line(area.x, y, &Line::raw(format!("  {line}")), area.width);
            }
            return;
        }
        if area.height < 4 {
            return;
        }
        let mut spans = vec![Span::raw(" ")];
        for (list, key) in List::ALL {
            let is_here = list == self.list;
            let text = if is_here { format!("[{}]", desk.say(key)) } else { format!(" {} ", desk.say(key)) };
            spans.push(Span::styled(text, look.style(if is_here { Tone::Strong } else { Tone::Dim })));
            spans.push(Span::raw(" "));
        }
        frame.buffer_mut().set_line(area.x, area.y, &Line::from(spans), area.width);
        let present = self.calls.as_ref().map_or(&[][..], |calls| &calls.present);
        let of = if self.list == List::Expected { self.called() } else { present };
        let answered = of.iter().filter(|called| called.answer == Answered::Yes).count() as u64;
        let all = of.len() as u64;
        let key = if self.list == List::Expected { "roll-call-count-expected" } else { "roll-call-count" };
        let figures = desk.with(key, &[("answered", grouped(answered)), ("all", grouped(all)), ("missing", grouped(all - answered))]);
        frame.buffer_mut().set_line(area.x, area.y + 1, &Line::styled(format!(" {figures}"), look.style(Tone::Strong)), area.width);
        let nobody = || desk.say("roll-call-no-district");
        let districts = by_district(of)
            .into_iter()
            .filter(|(_, (answered, all))| answered < all)
            .map(|(district, (answered, all))| format!("{} {}", if district.is_empty() { nobody() } else { printable(district) }, all - answered));
        let said = desk.with("roll-call-districts", &[("districts", districts.collect::<Vec<_>>().join("  "))]);
        frame.buffer_mut().set_line(area.x, area.y + 2, &Line::raw(format!(" {}", cut(&said, cells, look.cut()))), area.width);
        let below = Rect { y: area.y + 4, height: area.height.saturating_sub(4), ..area };
        let missing = self.missing();
        let count = self.rows();
        if count == 0 {
            let key = match self.list {
                List::Present => "roll-call-none",
                List::Expected => "desk-no-residents",
                List::Missing => "roll-call-complete",
            };
            for (y, line) in (below.y..below.bottom()).zip(lines(&desk.say(key), cells)) {
                frame.buffer_mut().set_line(below.x, y, &Line::raw(format!("  {line}")), below.width);
            }
            return;
        }
        let at = |place: usize| if self.list == List::Missing { missing.get(place).copied() } else { self.called().get(place) };
        // A name that is called stands there in whole: what else is known of the one at hand is told below.
        let mut columns = vec![
            Column { head: String::new(), width: Width::Cells(3) },
            Column { head: desk.say("people-who"), width: Width::Rest },
            Column { head: desk.say("event-district"), width: Width::Cells(DISTRICT) },
        ];
        if usize::from(area.width) > WIDE {
            columns.push(Column { head: desk.say("roll-call-beside"), width: Width::Cells(BESIDE) });
        }
        let chosen = self.chosen.min(count - 1);
        let all = at(chosen).map(|Called { name, district, beside: [ja, en], .. }| {
            let parts = [printable(name), printable(district), printable(desk.lang().pick(ja, en))];
            parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ")
        });
        let table = whole(desk, &all.unwrap_or_default(), frame, below);
        table::draw(frame, table, desk, &columns, count, Some(chosen), |place| {
            let Some(Called { whom: _, district, name, beside: [ja, en], answer }) = at(place) else { return Vec::new() };
            let is_here = *answer == Answered::Yes;
            let tone = if is_here { Tone::Good } else { Tone::Plain };
            let beside = desk.lang().pick(ja, en);
            // Who needs support is seen also where there is no room for the rest.
            let support = if beside.starts_with(SUPPORT) { format!("{SUPPORT} ") } else { String::new() };
            vec![
                Cell { text: Mark::of(is_here).sign().to_owned(), tone },
                format!("{support}{}", printable(name)).into(),
                printable(district).into(),
                printable(beside).into(),
            ]
        });
    }
}
