//! Who would be entered: shown once more, with where they stay, what they need and who of the household came along. Enter enters them; no letter does anything, since a
//! scanner types letters.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::Say;
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::{Need, Person, Stay};

use super::{order, sure};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::popups::Popup;
use crate::console::screens::Then;
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::form::{Entry, Form, Mark, Problem, Taken};
use crate::console::work::reception::{Came, Check, Now, Order, RoomNow, Stand};
use crate::failure::Failure;
use crate::shelter::input::Fields;
use crate::shelter::said;

/// The needs that are asked for at the desk; that somebody is on the action-support list is known or not.
const NEEDS: [Need; 6] = [Need::Care, Need::Disability, Need::Medical, Need::Pregnant, Need::Foreign, Need::Food];

/// Where somebody stays.
pub(super) const STAYS: [Stay; 3] = [Stay::Shelter, Stay::Home, Stay::Vehicle];

/// People who would be entered.
pub struct Checking {
    check: Check,
    form: Form,
    /// The form as it was at first.
    before: Form,
    /// From which place on the form asks for the needs and the allergies of the others, two lines for each.
    others: usize,
    /// The rooms that the form shows.
    rooms: Vec<RoomNow>,
    /// What was typed of them.
    typed: Vec<Fields>,
    /// How many letters came that belong nowhere: somebody scans the next person already.
    stray: usize,
}

/// A list with commas, as it is typed.
pub(super) fn list(items: &[String]) -> String {
    items.join("、")
}

/// The needs with their marks.
pub(super) fn needs(desk: &Desk, of: &[Need]) -> Vec<(String, Mark)> {
    NEEDS.iter().map(|need| (need.say(desk.lang()), Mark::of(of.contains(need)))).collect()
}

/// The needs that are marked, with the one that is not asked for.
pub(super) fn marked(marks: &[Mark], before: &[Need]) -> Vec<Need> {
    let mut needs: Vec<Need> = NEEDS.iter().zip(marks).filter(|(_, mark)| **mark == Mark::On).map(|(need, _)| *need).collect();
    needs.extend(before.iter().filter(|need| **need == Need::Support));
    needs.sort_unstable();
    needs.dedup();
    needs
}

/// The needs that are marked, in the words of a record.
pub(super) fn words(marks: &[Mark]) -> Vec<&'static str> {
    let words = ["care", "disability", "medical", "pregnant", "foreign", "food"];
    words.into_iter().zip(marks).filter(|(_, mark)| **mark == Mark::On).map(|(word, _)| word).collect()
}

/// The line of the form for the room: one of those that there are, or any.
pub(super) fn room(desk: &Desk, now: &Now, room: &str) -> Entry {
    if now.rooms.is_empty() {
        return Entry::filled("desk-room", room);
    }
    let mut names = vec![desk.say("desk-room-open")];
    names.extend(now.rooms.iter().map(|room| {
        let capacity = room.capacity.map_or_else(String::new, |capacity| format!("/{capacity}"));
        let is_full = room.capacity.is_some_and(|capacity| room.present >= u64::from(capacity));
        let full = if is_full { format!("  {}", desk.say("desk-room-full")) } else { String::new() };
        format!("{}  {}{capacity}{full}", crate::card::printable(&room.name), room.present)
    }));
    let chosen = now.rooms.iter().position(|known| known.name == room).map_or(0, |place| place + 1);
    Entry::choice("desk-room", names, chosen)
}

/// The room that a form says.
pub(super) fn room_of(rooms: &[RoomNow], form: &Form) -> String {
    if rooms.is_empty() {
        return form.text("desk-room");
    }
    form.chosen("desk-room").checked_sub(1).and_then(|place| rooms.get(place)).map(|room| room.name.clone()).unwrap_or_default()
}

impl Checking {
    /// Of what the reception says.
    pub fn of(desk: &Desk, now: &Now, check: Check, typed: Vec<Fields>) -> Self {
        let lang = desk.lang();
        let unknown = Person::unknown(tachiai_schemas::roster::person::Identified::Typed, Stay::Shelter);
        let first = check.people.first().map_or(&unknown, |stand| &stand.person);
        let stays = STAYS.map(|stay| stay.say(lang)).into();
        let stay = STAYS.iter().position(|stay| *stay == first.stay).unwrap_or(0);
        let mut entries = Vec::new();
        if check.people.len() > 1 {
            let came = Mark::of(check.came == Came::All);
            let today = Day::of(desk.now);
            let name = |stand: &Stand| (format!("{}  {}", said::name(lang, &stand.person), said::age(lang, stand.person.birth, today)), came);
            entries.push(Entry::marks("desk-came", check.people.iter().skip(1).map(name).collect()).hint("desk-came-hint"));
        }
        entries.push(Entry::marks("desk-needs", needs(desk, &first.needs)).hint("desk-needs-hint"));
        entries.push(Entry::filled("desk-allergies", &list(&first.allergies)));
        entries.push(Entry::choice("desk-stay", stays, stay));
        entries.push(room(desk, now, &first.room));
        entries.push(Entry::filled("desk-note", &first.note));
        let others = entries.len();
        for Stand { person, .. } in check.people.iter().skip(1) {
            let named = |label: &str| format!("{}: {}", desk.say(label), said::name(lang, person));
            entries.push(Entry::marks("desk-needs", needs(desk, &person.needs)).named(named("desk-needs")).hint("desk-needs-hint"));
            entries.push(Entry::filled("desk-allergies", &list(&person.allergies)).named(named("desk-allergies")));
        }
        let form = Form::new(entries);
        Self { check, before: form.clone(), form, others, rooms: now.rooms.clone(), typed, stray: 0 }
    }

    /// Whether their word is all that is known.
    #[must_use]
    pub const fn is_typed(&self) -> bool {
        !self.typed.is_empty()
    }

    /// Whether something would be lost without them.
    #[must_use]
    pub fn is_filled(&self) -> bool {
        self.is_typed() || !self.form.says_the_same(&self.before)
    }

    /// Takes a key; what enters them is never one of the form's here.
    pub fn typed(&mut self, key: Key) -> bool {
        if matches!(key, Key::Enter | Key::Ctrl('s' | 'n')) {
            return false;
        }
        let is_taken = self.form.key(key) == Taken::Yes;
        match key {
            Key::Char(_) if !is_taken => self.stray += 1,
            _ => self.stray = 0,
        }
        true
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, text: &str) {
        self.form.paste(text);
    }

    /// Enters them, unless somebody has to look twice.
    pub fn submit(&mut self, desk: &Desk) -> Then {
        if std::mem::take(&mut self.stray) > 0 {
            return Then::Window(Box::new(Popup::message("failed-title", desk.say("desk-stray"))));
        }
        let people = match self.people(desk) {
            Ok(people) => people,
            Err(problem) => {
                self.form.refuse(vec![problem]);
                return Then::Stay;
            }
        };
        if self.check.warnings.is_empty() {
            return order(Order::Enter(people));
        }
        let join = |place: usize| self.check.warnings.iter().filter_map(|warning| warning.get(place)).cloned().collect::<Vec<_>>().join("\n\n");
        let text = [
            format!("{}\n\nそれでも登録しますか？ 登録しない場合は Esc で戻ってください。", join(0)),
            format!("{}\n\nEnter it nevertheless? If not, go back with Esc.", join(1)),
        ];
        Then::Window(Box::new(sure("desk-twice", text, Order::Enter(people))))
    }

    /// What was typed of them, with the needs and allergies that the form says since: one more of the family is typed, and nothing of the others is lost.
    pub fn kept(&self) -> Vec<Fields> {
        if self.typed.len() != self.check.people.len() {
            return self.typed.clone();
        }
        let with = |(place, fields): (usize, &Fields)| {
            let mut fields = fields.clone();
            for (key, value) in [("needs", words(&self.needs(place)).join(",")), ("allergies", self.allergies(place))] {
                fields.take(key);
                if !value.is_empty() {
                    fields.push(key, &value);
                }
            }
            fields
        };
        self.typed.iter().enumerate().map(with).collect()
    }

    /// What the form says of the needs of one of them.
    fn needs(&self, place: usize) -> Vec<Mark> {
        place.checked_sub(1).map_or_else(|| self.form.marked("desk-needs"), |before| self.form.marked_at(self.others + 2 * before))
    }

    /// What the form says of the allergies of one of them.
    fn allergies(&self, place: usize) -> String {
        place.checked_sub(1).map_or_else(|| self.form.text("desk-allergies"), |before| self.form.text_at(self.others + 2 * before + 1))
    }

    /// Them, as the form says.
    fn people(&self, desk: &Desk) -> Result<Vec<Stand>, Problem> {
        let form = &self.form;
        let (stay, room) = (STAYS.get(form.chosen("desk-stay")).copied().unwrap_or(Stay::Shelter), room_of(&self.rooms, form));
        let came = form.marked("desk-came");
        let mut people = Vec::new();
        for (place, stand) in self.check.people.iter().enumerate() {
            let mut person = stand.person.clone();
            let mut texts = vec![("desk-allergies", "allergies", self.allergies(place))];
            match place.checked_sub(1) {
                None => texts.push(("desk-note", "note", form.text("desk-note"))),
                Some(before) if came.get(before) == Some(&Mark::On) => {}
                Some(_) => continue,
            }
            person.needs = marked(&self.needs(place), &person.needs);
            for (label, key, text) in texts {
                let mut fields = Fields::default();
                fields.push(key, &text);
                let wrong = |failure: Failure| Problem { label, said: format!("{}: {}", said::name(desk.lang(), &stand.person), failure.say(desk.lang())) };
                fields.apply(&mut person, Day::of(desk.now)).map_err(wrong)?;
            }
            people.push(Stand { person, ..stand.clone() });
        }
        for stand in &mut people {
            (stand.person.stay, stand.person.room) = (stay, if stay == Stay::Shelter { room.clone() } else { String::new() });
        }
        Ok(people)
    }

    /// Draws it.
    pub fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        let cells = usize::from(area.width).saturating_sub(4);
        let mut text: Vec<Line<'static>> = Vec::new();
        let mut say = |said: &str, tone: Tone, most: usize| {
            text.extend(said.lines().flat_map(|line| lines(line, cells)).take(most).map(|line| Line::styled(format!("  {line}"), look.style(tone))));
        };
        say(&desk.say(if desk.orders_wait().is_some() { "desk-working" } else { "desk-check" }), Tone::Strong, 1);
        let [ja, en] = &self.check.all;
        // What the form shows is not said twice.
        let room = usize::from(area.height).saturating_sub(self.form.rows(desk, cells) + self.check.warnings.len() * 2 + self.check.notes.len() * 2 + 3);
        say(desk.lang().pick(ja, en), Tone::Plain, room.clamp(2, 6));
        for [ja, en] in &self.check.notes {
            say(desk.lang().pick(ja, en), Tone::Warn, 2);
        }
        for [ja, en] in &self.check.warnings {
            say(desk.lang().pick(ja, en), Tone::Bad, 2);
        }
        let rows = u16::try_from(text.len()).unwrap_or(u16::MAX);
        for (y, line) in (area.y..area.bottom()).zip(&text) {
            frame.buffer_mut().set_line(area.x, y, line, area.width);
        }
        let below = Rect { x: area.x + 2, y: area.y + rows + 1, width: area.width.saturating_sub(4), height: area.height.saturating_sub(rows + 1) };
        self.form.draw(desk, frame, below);
    }
}
