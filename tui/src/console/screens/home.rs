//! ホーム: what is going on now, live.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tachiai_schemas::election::{Authority, Text};
use tachiai_schemas::health::Ailment;
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::roster::{EventId, EventKind, OpenState, ShelterId};
use tachiai_schemas::sharing::alert::AlertId;
use tachiai_schemas::sharing::warning::Warnings;
use tachiai_schemas::staff::{NextDeed, Role};
use tachiai_schemas::status::{ApplianceNow, ElectionNow, EventNow, Reading, ShelterNow, Status, WaitingNow};
use tachiai_schemas::{ElectionId, Lang, Say, Timestamp};

use super::alerts::Alerts;
use super::approvals::Approvals;
use super::{Screen, Then, warnings};
use crate::card::printable;
use crate::commands::shelter::called::called;
use crate::console::action::{Action, Place};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::i18n::grouped;
use crate::console::keymap::{Binding, moves};
use crate::console::theme::Tone;
use crate::console::widgets::bar::bar;
use crate::console::widgets::cut::{cut, flow, lines, padded, width};
use crate::console::widgets::held::Held;
use crate::console::widgets::paper::{self, Block};
use crate::console::work::{Answer, Question};

mod appliance;

/// From so many cells on there are two columns.
const WIDE: u16 = 110;

/// So many shelters of an event are shown; the fullest first.
const SHELTERS: usize = 6;

/// So many warnings are shown; the most severe first.
const WARNINGS: usize = 4;

/// The most cells of who asks for something.
const ASKER: usize = 24;

/// The screen.
#[derive(Default)]
pub struct Home {
    /// What is at hand, whatever comes above it.
    held: Held<Which>,
}

/// What some lines are about.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Which {
    Broken(Ailment),
    Alert(AlertId),
    Warnings,
    Waiting(String),
    Election(ElectionId),
    Event(EventId),
    Appliance,
}

/// Lines that belong together.
struct Item {
    /// What they are about; nothing for a heading, which is never at hand.
    which: Option<Which>,
    /// Where they lead, if they lead anywhere.
    to: Option<Place>,
    lines: Vec<Line<'static>>,
}

/// In which column something stands where there are two.
#[derive(PartialEq, Eq, Clone, Copy)]
enum Side {
    Left,
    Right,
}

impl Screen for Home {
    fn place(&self) -> Place {
        Place::Home
    }

    fn names_people(&self, _desk: &Desk) -> bool {
        true
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-home")
    }

    fn questions(&self, desk: &Desk) -> Vec<Question> {
        // What waits is told in words, where nobody is recorded for reading it.
        let waits = desk.status.as_ref().is_some_and(|status| status.waiting.iter().flatten().next().is_some());
        let may = waits && desk.why_not(Place::Approvals).is_none() && desk.is_free(&Question::Approvals);
        may.then_some(Question::Approvals).into_iter().collect()
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let nothing = self.to(desk).is_none().then(|| desk.say("off-nothing"));
        let mut keys = moves();
        keys.push(Binding::new(Key::Enter, Action::Open, "key-open").off(nothing));
        keys.push(Binding::new(Key::Char('a'), Action::Go(Place::Approvals), "screen-approvals").off(desk.why_not(Place::Approvals)));
        keys
    }

    fn refreshed(&mut self, desk: &Desk) {
        self.held.settle(&among(desk));
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        match (action, self.to(desk)) {
            (Action::Open, Some(place)) => self.open(desk, place),
            (action, _) => {
                self.held.go(&among(desk), action);
                Then::Stay
            }
        }
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let is_wide = area.width >= WIDE;
        let columns = if is_wide { [area.width / 2, area.width - area.width / 2] } else { [area.width, 0] };
        let cells = usize::from(columns[0]).saturating_sub(2);
        let items = items(desk, cells);
        let at_hand = self.held.place(&among(desk));
        let chosen = items.iter().enumerate().filter(|(_, (_, item))| item.which.is_some()).map(|(place, _)| place).nth(at_hand);
        let blocks = |side: Option<Side>| -> (Vec<Block>, Option<usize>) {
            let mine = items.iter().enumerate().filter(|(_, (of, _))| side.is_none_or(|side| side == *of));
            let mut at = None;
            let blocks = mine.enumerate().map(|(here, (place, (_, item)))| {
                if Some(place) == chosen {
                    at = Some(here);
                }
                Block { lines: item.lines.clone() }
            });
            (blocks.collect(), at)
        };
        if is_wide {
            let left = Rect { width: columns[0].saturating_sub(1), ..area };
            let right = Rect { x: area.x + columns[0], width: columns[1], ..area };
            for (side, area) in [(Side::Left, left), (Side::Right, right)] {
                let (blocks, at) = blocks(Some(side));
                paper::draw(desk, frame, area, &blocks, at);
            }
        } else {
            let (blocks, at) = blocks(None);
            paper::draw(desk, frame, area, &blocks, at);
        }
    }
}

/// The screens that the palette knows besides those with a key of their own.
#[must_use]
pub fn places(desk: &Desk) -> Vec<(Option<&Text>, &'static str, Place)> {
    let elections = desk.status.iter().flat_map(|status| &status.elections).filter(|election| election.inside.is_some());
    let elections = elections.flat_map(|election| {
        let id = election.summary.election;
        let places = [
            ("screen-election", Place::Election(id)),
            ("screen-practice", Place::RollPractice(id)),
            ("screen-counting", Place::Counting(id)),
            ("screen-board", Place::Board(id)),
            ("screen-declarations", Place::Declarations(id)),
        ];
        places.map(|(label, place)| (Some(&election.summary.title), label, place))
    });
    let events = desk.status.iter().filter_map(|status| status.events.as_ref()).flatten();
    let events = events.flat_map(|event| {
        let id = event.summary.event;
        let places = [
            ("screen-event", Place::Event(id)),
            ("screen-people", Place::People(id)),
            ("screen-missing", Place::Missing(id)),
            ("screen-conflicts", Place::Conflicts(id)),
            ("screen-duplicates", Place::Duplicates(id)),
            ("screen-facilities", Place::Facilities(id)),
            ("screen-terminals", Place::Terminals(id)),
            ("screen-statements", Place::Statements(id)),
            ("screen-asides", Place::Asides(id)),
        ];
        places.map(|(label, place)| (Some(&event.summary.declared.title), label, place))
    });
    let alerts = std::iter::once((None, "screen-alerts", Place::Alerts));
    alerts.chain(elections).chain(events).filter(|(_, _, place)| desk.why_not(*place).is_none()).collect()
}

impl Home {
    /// Where what is at hand leads.
    /// What is at hand here is at hand there, too.
    fn open(&self, desk: &Desk, place: Place) -> Then {
        if desk.why_not(place).is_some() {
            return Then::Go(place);
        }
        let mut among = among(desk);
        let at_hand = self.held.place(&among);
        match (at_hand < among.len()).then(|| among.swap_remove(at_hand)) {
            Some(Which::Waiting(id)) => Then::Screen(Box::new(Approvals::on(id))),
            Some(Which::Alert(id)) => Then::Screen(Box::new(Alerts::on(id))),
            _ => Then::Go(place),
        }
    }

    fn to(&self, desk: &Desk) -> Option<Place> {
        let items = items(desk, 80);
        let at_hand = self.held.place(&among(desk));
        items.into_iter().filter(|(_, item)| item.which.is_some()).nth(at_hand)?.1.to
    }
}

/// Everything that can be at hand, in its order.
fn among(desk: &Desk) -> Vec<Which> {
    items(desk, 80).into_iter().filter_map(|(_, item)| item.which).collect()
}

/// Everything that is shown, in its order, in lines of so many cells.
fn items(desk: &Desk, cells: usize) -> Vec<(Side, Item)> {
    let Some(status) = &desk.status else { return Vec::new() };
    let Status { at, viewer: _, elections, events, waiting, alerts, warnings, appliance } = status;
    let mut items: Vec<(Side, Item)> = Vec::new();
    let look = desk.look;
    let head = |key: &str, tone: Tone| Item { which: None, to: None, lines: vec![Line::styled(rule(desk, &desk.say(key), cells), look.style(tone))] };
    let none = |key: &str| Item { which: None, to: None, lines: vec![Line::styled(format!("  {}", desk.say(key)), look.style(Tone::Dim))] };
    if let Some(ApplianceNow { broken, .. }) = appliance.as_ref().filter(|appliance| !appliance.broken.is_empty()) {
        items.push((Side::Left, head("home-broken", Tone::Bad)));
        for line in broken {
            let text = lines(&printable(&line.say(desk.lang())), cells.saturating_sub(4))
                .into_iter()
                .map(|line| Line::styled(format!("  {line}"), look.style(Tone::Bad)));
            items.push((Side::Left, Item { which: Some(Which::Broken(line.clone())), to: None, lines: text.collect() }));
        }
    }
    if let Some(alerts) = alerts.as_ref().filter(|alerts| !alerts.is_empty()) {
        items.push((Side::Left, head("home-alerts", Tone::Bad)));
        for alert in alerts {
            let time = ("time", alert.at.in_japan(desk.lang()));
            let said = desk.with("home-alert", &[time, ("agency", alert.agency.to_string()), ("reason", printable(&alert.reason))]);
            let read = desk.with("home-alert-read", &[("n", alert.read.len().to_string())]);
            let text = lines(&format!("{said}  {read}"), cells.saturating_sub(2)).into_iter().map(|line| Line::raw(format!("  {line}")));
            items.push((Side::Left, Item { which: Some(Which::Alert(alert.id)), to: Some(Place::Alerts), lines: text.collect() }));
        }
    }
    if let Some(warnings) = warnings {
        let tone = if warnings.known.iter().any(|known| known.warning.is_urgent()) { Tone::Bad } else { Tone::Strong };
        items.push((Side::Left, head("screen-warnings", tone)));
        items.push((Side::Left, warnings_item(desk, warnings, cells)));
    }
    if let Some(waiting) = waiting {
        items.push((Side::Left, head("home-waiting", if waiting.is_empty() { Tone::Strong } else { Tone::Warn })));
        if waiting.is_empty() {
            items.push((Side::Left, none("home-waiting-none")));
        }
        items.extend(waiting.iter().map(|waiting| (Side::Left, waiting_item(desk, waiting, cells))));
    }
    items.push((Side::Left, head("home-elections", Tone::Strong)));
    if elections.is_empty() {
        items.push((Side::Left, none("home-elections-none")));
    }
    items.extend(elections.iter().map(|election| (Side::Left, election_item(desk, election, cells))));
    if let Some(events) = events {
        items.push((Side::Right, head("home-events", Tone::Strong)));
        if events.is_empty() {
            items.push((Side::Right, none("home-events-none")));
        }
        items.extend(events.iter().map(|event| (Side::Right, event_item(desk, event, cells))));
    }
    if let Some(appliance) = appliance {
        items.push((Side::Right, head("home-appliance", Tone::Strong)));
        items.push((Side::Right, Item { which: Some(Which::Appliance), to: None, lines: appliance::lines_of(desk, appliance, *at, cells) }));
    }
    items
}

/// A heading with a line after it.
fn rule(desk: &Desk, text: &str, cells: usize) -> String {
    let rule = desk.look.rule();
    let text = format!("{rule}{rule} {text} ");
    let left = cells.saturating_sub(width(&text));
    text + &rule.repeat(left)
}

/// The time of a day in Japan.
pub(super) fn clock(at: Timestamp) -> String {
    // `YYYY-MM-DD HH:MM JST` by its definition.
    let text = at.in_japan(Lang::En);
    text.get(11..16).unwrap_or_default().to_owned()
}

/// A title in the language that is spoken; in the other one where it has none in this.
pub(in crate::console) fn title(desk: &Desk, text: &Text) -> String {
    let [one, other] = match desk.lang() {
        Lang::Ja => [&text.ja, &text.en],
        Lang::En => [&text.en, &text.ja],
    };
    printable(if one.is_empty() { other } else { one })
}

/// The name of a phase.
pub(super) fn phase(desk: &Desk, phase: Phase) -> String {
    desk.say(match phase {
        Phase::Draft => "phase-draft",
        Phase::Ceremony => "phase-ceremony",
        Phase::Open => "phase-open",
        Phase::OnlineClosed => "phase-online-closed",
        Phase::PollClosed => "phase-poll-closed",
        Phase::Tallying => "phase-tallying",
        Phase::Tallied => "phase-tallied",
        Phase::Published => "phase-published",
    })
}

/// The name of an authority.
pub(super) fn authority(desk: &Desk, authority: Authority) -> String {
    desk.say(match authority {
        Authority::Statutory => "authority-statutory",
        Authority::Ordinance => "authority-ordinance",
        Authority::Mock => "authority-mock",
        Authority::SpecialZone => "authority-special-zone",
    })
}

/// The name of a shelter, as far as it is open and known here, told apart from others of the same name.
pub(super) fn shelter_name(desk: &Desk, event: EventId, shelter: &ShelterId) -> String {
    let events = desk.status.iter().filter_map(|status| status.events.as_ref()).flatten();
    called(desk.lang(), shelter, events.filter(|now| now.summary.event == event).flat_map(|now| &now.shelters))
}

/// The name of a kind of events.
pub(super) fn kind(desk: &Desk, kind: EventKind) -> String {
    desk.say(match kind {
        EventKind::Disaster => "kind-disaster",
        EventKind::Drill => "kind-drill",
        EventKind::OpenSchool => "kind-open-school",
        EventKind::Lecture => "kind-lecture",
        EventKind::RollCall => "kind-roll-call",
    })
}

/// The name of a shelter's state.
pub(super) fn state(desk: &Desk, state: OpenState) -> String {
    desk.say(match state {
        OpenState::Open => "state-open",
        OpenState::Crowded => "state-crowded",
        OpenState::Full => "state-full",
        OpenState::Closed => "state-closed",
    })
}

/// The election or the event that something is about.
fn about(desk: &Desk, waiting: &WaitingNow) -> Option<String> {
    let status = desk.status.as_ref()?;
    let election = status.elections.iter().map(|now| &now.summary).find(|summary| Some(summary.election) == waiting.election);
    let event = || status.events.iter().flatten().map(|now| &now.summary).find(|summary| Some(summary.event) == waiting.event);
    election.map(|summary| title(desk, &summary.title)).or_else(|| Some(title(desk, &event()?.declared.title)))
}

/// What waits: what it is, who asks, and since when.
fn waiting_item(desk: &Desk, waiting: &WaitingNow, cells: usize) -> Item {
    let WaitingNow { id, requested_by, requested_at, election: _, event: _, reading } = waiting;
    let look = desk.look;
    // Since when it waits is seen, whatever the official is called.
    let by = cut(&printable(requested_by), ASKER, look.cut());
    let known = match desk.answer(&Question::Approvals) {
        Some(Answer::Approvals(known)) => known.iter().find(|known| known.shown.pending.id == *id),
        _ => None,
    };
    let what = known.map(|known| {
        let [ja, en] = &known.text;
        let line = desk.lang().pick(ja, en).lines().next().map(printable).unwrap_or_default();
        // Its ID, its matter, and then what stands here anyhow.
        let matter = match line.strip_prefix(id.as_str()) {
            Some(rest) => rest.trim_start().split("  ").next().unwrap_or_default().to_owned(),
            None => line,
        };
        match about(desk, waiting).filter(|title| !matter.contains(title.as_str())) {
            Some(title) => format!("{matter}: {title}"),
            None => matter,
        }
    });
    let what = what.or_else(|| (*reading == Reading::Recorded).then(|| desk.say("home-waiting-recorded")));
    let values = [("id", id.clone()), ("by", by), ("age", desk.age_there(*requested_at))];
    let mut said = desk.with("home-waiting-line", &values);
    if desk.status.as_ref().is_some_and(|status| status.viewer.name == *requested_by) {
        said = format!("{said}  {}", desk.say("home-waiting-yours"));
    }
    let cut = |indent: usize, said: &str| format!("{}{}", " ".repeat(indent), cut(said, cells.saturating_sub(indent), look.cut()));
    let mut text = vec![Line::raw(cut(2, &said))];
    text.extend(what.map(|what| Line::styled(cut(4, &what), look.style(Tone::Strong))));
    Item { which: Some(Which::Waiting(id.clone())), to: Some(Place::Approvals), lines: text }
}

/// The first warnings, and how fresh the list is.
fn warnings_item(desk: &Desk, warnings: &Warnings, cells: usize) -> Item {
    let look = desk.look;
    let room = cells.saturating_sub(2);
    let known = warnings.known.iter().take(WARNINGS).map(|known| &known.warning);
    let mut text: Vec<Line<'static>> = known
        .map(|warning| Line::styled(format!("  {}", cut(&warnings::line(desk, warning), room, look.cut())), look.style(warnings::weight(warning))))
        .collect();
    if text.is_empty() {
        text.push(Line::raw(format!("  {}", desk.say("warning-none"))));
    }
    if let Some(more) = usize::try_from(warnings.all).ok().and_then(|all| all.checked_sub(WARNINGS)).filter(|more| *more > 0) {
        text.push(Line::styled(format!("  {}", desk.with("warning-more", &[("n", more.to_string())])), look.style(Tone::Dim)));
    }
    let (fresh, tone) = warnings::fresh(desk, warnings);
    text.extend(lines(&fresh, room).into_iter().map(|line| Line::styled(format!("  {line}"), look.style(tone))));
    Item { which: Some(Which::Warnings), to: Some(Place::Warnings), lines: text }
}

fn election_item(desk: &Desk, election: &ElectionNow, cells: usize) -> Item {
    let ElectionNow { summary, inside } = election;
    let look = desk.look;
    let mark = format!("[{}/{}] ", authority(desk, summary.authority), phase(desk, summary.phase));
    let room = cells.saturating_sub(2 + width(&mark));
    let mut text = vec![Line::from(vec![
        Span::raw("  "),
        Span::styled(mark, look.style(Tone::Key)),
        Span::styled(cut(&title(desk, &summary.title), room, look.cut()), look.style(Tone::Strong)),
    ])];
    if let Some(inside) = inside {
        if summary.phase >= Phase::Open {
            let said = desk.with("home-turnout", &[("counted", grouped(inside.counted)), ("electors", grouped(inside.electors))]);
            text.push(Line::raw(format!("    {}", cut(&said, cells.saturating_sub(4), look.cut()))));
        }
        let next = desk.with("home-next", &[("next", printable(desk.lang().pick(&inside.next.ja, &inside.next.en)))]);
        let whose = inside.next_deed.map(|deed| format!("{}{}", desk.lang().pick("", " "), desk.say(where_done(deed)))).unwrap_or_default();
        text.extend(lines(&format!("{next}{whose}"), cells.saturating_sub(6)).into_iter().map(|line| Line::raw(format!("    {line}"))));
    }
    let place = if inside.is_some() { Place::Election(summary.election) } else { Place::Elections };
    Item { which: Some(Which::Election(summary.election)), to: Some(place), lines: text }
}

/// The screen and the key by which something is done.
const fn where_done(deed: NextDeed) -> &'static str {
    match deed {
        NextDeed::Approve => "next-approve",
        NextDeed::ListTrustees => "next-list-trustees",
        NextDeed::ImportRoll => "next-import-roll",
        NextDeed::StartCeremony => "next-start-ceremony",
        NextDeed::Open | NextDeed::CloseOnline | NextDeed::ClosePoll | NextDeed::Count => "next-step",
        NextDeed::CountPapers => "next-count-papers",
        NextDeed::Publish => "next-publish",
    }
}

fn event_item(desk: &Desk, event: &EventNow, cells: usize) -> Item {
    let EventNow { summary, shelters, asking } = event;
    let look = desk.look;
    let mark = format!("[{}] ", kind(desk, summary.declared.kind));
    let room = cells.saturating_sub(2 + width(&mark));
    let mut text = vec![Line::from(vec![
        Span::raw("  "),
        Span::styled(mark, look.style(Tone::Key)),
        Span::styled(cut(&title(desk, &summary.declared.title), room, look.cut()), look.style(Tone::Strong)),
    ])];
    let said = desk.with("home-event", &[("present", grouped(summary.present)), ("shelters", summary.open_shelters.to_string())]);
    let mut troubles = Vec::new();
    if summary.conflicts > 0 {
        troubles.push(desk.with("home-conflicts", &[("n", grouped(summary.conflicts))]));
    }
    if *asking > 0 && desk.role() == Some(Role::Headquarters) {
        troubles.push(desk.with("event-asking", &[("n", asking.to_string())]));
    }
    text.extend(lines(&said, cells.saturating_sub(6)).into_iter().map(|line| Line::raw(format!("    {line}"))));
    text.extend(flow(&troubles, cells.saturating_sub(6)).into_iter().map(|line| Line::styled(format!("    {line}"), look.style(Tone::Warn))));
    let mut fullest: Vec<&ShelterNow> = shelters.iter().collect();
    // By how full they are, without a fraction: a/b > c/d is ad > cb.
    fullest.sort_by(|one, other| {
        let [one_of, other_of] = [one, other].map(|shelter| u64::from(shelter.capacity.unwrap_or(u32::MAX)).max(1));
        (other.staying * one_of).cmp(&(one.staying * other_of)).then_with(|| one.shelter.cmp(&other.shelter))
    });
    text.extend(fullest.iter().take(SHELTERS).map(|shelter| shelter_line(desk, shelter, cells)));
    if let Some(more) = fullest.len().checked_sub(SHELTERS).filter(|more| *more > 0) {
        text.push(Line::styled(format!("    {}", desk.with("home-more", &[("n", more.to_string())])), look.style(Tone::Dim)));
    }
    Item { which: Some(Which::Event(summary.event)), to: Some(Place::Event(summary.event)), lines: text }
}

/// A shelter with a bar of how full it is, and how its staff say it is.
fn shelter_line(desk: &Desk, shelter: &ShelterNow, cells: usize) -> Line<'static> {
    let ShelterNow { shelter: _, name, district: _, state: how, capacity, staying, heads } = shelter;
    let look = desk.look;
    let names = cells.saturating_sub(46).clamp(12, 30);
    let [filled, figures] = match capacity {
        Some(capacity) => [
            bar(look, *staying, u64::from(*capacity), 10),
            desk.with("home-shelter", &[("staying", grouped(*staying)), ("capacity", grouped(u64::from(*capacity)))]),
        ],
        None => [" ".repeat(10), desk.with("home-shelter-unknown", &[("staying", grouped(*staying))])],
    };
    let tone = match how {
        OpenState::Open => Tone::Good,
        OpenState::Crowded => Tone::Warn,
        OpenState::Full => Tone::Bad,
        OpenState::Closed => Tone::Dim,
    };
    let mut spans = vec![
        Span::raw("    "),
        Span::raw(padded(&title(desk, name), names, look.cut())),
        Span::raw(" "),
        Span::styled(padded(&state(desk, *how), 8, ""), look.style(tone)),
        Span::raw(format!("{filled} {figures}")),
    ];
    if let Some(heads) = heads {
        spans.push(Span::raw(format!("  {}", desk.with("home-shelter-heads", &[("heads", grouped(u64::from(*heads)))]))));
    }
    Line::from(spans)
}
