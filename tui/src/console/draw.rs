//! A frame: the bar at the top, the screen at hand, a notice, the keys at the bottom, and a window over it. It is a function of the state alone.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tachiai_schemas::Say;

use super::action::Action;
use super::app::State;
use super::desk::{Desk, Link};
use super::event::Key;
use super::keymap::{Binding, Told};
use super::theme::Tone;
use super::widgets::cut::{cut, lines, width};
use super::widgets::hits::Hit;
use super::work::Question;
use crate::card::printable;

/// The least cells for where one is.
const TRAIL: usize = 22;

/// Draws everything.
pub fn draw(state: &State, frame: &mut Frame<'_>) {
    let desk = &state.desk;
    let area = frame.area();
    desk.hits.clear();
    frame.buffer_mut().set_style(area, desk.look.ground());
    if area.height < 4 || area.width < 20 {
        let text = cut(&desk.say("too-small"), usize::from(area.width), desk.look.cut());
        frame.buffer_mut().set_line(area.x, area.y, &Line::raw(text), area.width);
        return;
    }
    head(state, frame, Rect { height: 1, ..area });
    let body = Rect { y: area.y + 1, height: area.height - 3, ..area };
    let questions = state.screen().map(|screen| screen.questions(desk)).unwrap_or_default();
    if state.is_veiled() {
        veil(state, frame, body);
    } else if let Some(screen) = state.screen() {
        let body = outdated(desk, &questions, frame, body);
        screen.draw(desk, frame, body);
    }
    let looked = questions.iter().filter_map(|question| desk.looked(question)).min();
    // Where the key means something of the screen itself, it is not told of.
    let opens = || state.bindings().iter().find(|binding| binding.key == Key::Ctrl('n')).is_none_or(|binding| binding.action == Action::Told);
    let key = || if opens() { "told-waits" } else { "told-waits-typing" };
    let waits = (state.popup.is_none() && !state.told.is_empty()).then(|| desk.with(key(), &[("n", state.told.len().to_string())]));
    let notice = match (&state.notice, waits, looked) {
        // What is said at the bottom may name people as well.
        _ if state.is_veiled() => None,
        (Some((text, _)), ..) => Some((text.clone(), Tone::Warn)),
        (None, Some(waits), _) => Some((waits, Tone::Warn)),
        (None, None, Some(at)) => Some((desk.with("looked", &[("age", desk.age(at))]), Tone::Dim)),
        (None, None, None) => None,
    };
    if let Some((text, tone)) = notice {
        let text = cut(&text, usize::from(area.width).saturating_sub(2), desk.look.cut());
        frame.buffer_mut().set_line(area.x, area.bottom() - 2, &Line::styled(format!(" {text}"), desk.look.style(tone)), area.width);
    }
    if let Some(popup) = &state.popup {
        popup.draw(desk, frame);
    }
    // After the window, whose keys depend on what of it is in sight.
    foot(desk, &state.keys(), frame, Rect { y: area.bottom() - 1, height: 1, ..area });
    // Whoever wrote a text, no sign is drawn that this terminal cannot show.
    for cell in &mut frame.buffer_mut().content {
        if let Some(sign) = desk.look.sign(cell.symbol()) {
            cell.set_symbol(sign);
        }
    }
}

/// What stands there while everything is hidden.
fn veil(state: &State, frame: &mut Frame<'_>, area: Rect) {
    let desk = &state.desk;
    let mut said = vec![(desk.say("veil-title"), Tone::Strong), (desk.say("veil-text"), Tone::Plain)];
    if state.untold() > 0 {
        said.push((desk.with("veil-told", &[("n", state.untold().to_string())]), Tone::Warn));
    }
    let text = said.into_iter().flat_map(|(said, tone)| {
        let lines = lines(&said, usize::from(area.width).saturating_sub(4));
        lines.into_iter().map(move |line| Line::styled(format!("  {line}"), desk.look.style(tone))).chain([Line::raw("")])
    });
    for (y, line) in (area.y + area.height / 3..area.bottom()).zip(text) {
        frame.buffer_mut().set_line(area.x, y, &line, area.width);
    }
}

/// Says why what is shown is no newer; gives what is left for it.
fn outdated(desk: &Desk, questions: &[Question], frame: &mut Frame<'_>, area: Rect) -> Rect {
    let Some((failure, at)) = questions.iter().find_map(|question| desk.outdated(question)) else { return area };
    let said = desk.with("outdated", &[("age", desk.age(at)), ("why", failure.say(desk.lang()))]);
    let mut y = area.y;
    for line in lines(&said, usize::from(area.width).saturating_sub(4)).into_iter().take(usize::from(area.height / 3)) {
        frame.buffer_mut().set_line(area.x, y, &Line::styled(format!("  {line}"), desk.look.style(Tone::Bad)), area.width);
        y += 1;
    }
    Rect { y, height: area.bottom() - y, ..area }
}

/// Where one is, who one is, and how old what is shown is.
fn head(state: &State, frame: &mut Frame<'_>, area: Rect) {
    let desk = &state.desk;
    let who = match &desk.status {
        Some(status) => format!("{}  {}", desk.role_name(status.viewer.role), printable(&status.viewer.name)),
        None => desk.say("head-nobody"),
    };
    let age = desk.heard.map(|heard| ("age", desk.age(heard)));
    let link = match (&desk.link, age) {
        (Link::Live, Some(age)) if desk.heard.is_some_and(|heard| desk.now.unix() - heard.unix() > 7) => desk.with("head-age", &[age]),
        (Link::Live, _) => desk.say("head-live"),
        (Link::Lost(..) | Link::Trying(_), Some(age)) => desk.with("head-lost", &[age]),
        (Link::Lost(..), None) => desk.say("connection-wrong"),
        (Link::Trying(_), None) => desk.say("head-connecting"),
    };
    let asking = if let Some((done, of)) = desk.doing.values().filter_map(|doing| doing.progress).next_back() {
        // What is still to be written or answered after the last part has no measure.
        let percent = ("percent", (done * 100 / of.max(1)).to_string());
        format!("  {}", if done < of { desk.with("head-doing", &[percent]) } else { desk.say("head-finishing") })
    } else if desk.is_asking() {
        format!("  {}", desk.say("head-pending"))
    } else {
        String::new()
    };
    // How old what is shown is stands there in whole, whoever sits here and wherever.
    let link = cut(&format!("  {link}{asking} "), usize::from(area.width), desk.look.cut());
    let room = usize::from(area.width).saturating_sub(width(&link));
    let who = cut(&who, room.saturating_sub(TRAIL), desk.look.cut());
    let right = format!("{who}{link}");
    let left = trail(state, room.saturating_sub(width(&who) + 1));
    let gap = usize::from(area.width).saturating_sub(width(&left) + width(&right));
    frame.buffer_mut().set_line(area.x, area.y, &Line::raw(format!("{left}{}{right}", " ".repeat(gap))), area.width);
    frame.buffer_mut().set_style(area, desk.look.style(Tone::Head));
}

/// The way to the screen at hand. Where there is no room for all of it, its beginning is left out: where one is stands at its end.
fn trail(state: &State, room: usize) -> String {
    let desk = &state.desk;
    // A title may name somebody.
    let titles: Vec<String> = if state.is_veiled() { vec![desk.say("veil-head")] } else { state.screens.iter().map(|screen| screen.title(desk)).collect() };
    let app = desk.say("app");
    let from = |skip: usize| {
        let mark = if skip == 0 { String::new() } else { format!("{} > ", desk.look.cut()) };
        format!(" {app}  {mark}{}", titles.iter().skip(skip).map(String::as_str).collect::<Vec<_>>().join(" > "))
    };
    let fitting = (0..titles.len()).map(from).find(|trail| width(trail) <= room);
    fitting.unwrap_or_else(|| cut(&from(titles.len().saturating_sub(1)), room, desk.look.cut()))
}

/// The keys, as many as there is room for; those that do nothing now are dim, and say why when they are pressed. Where not all of them are seen, the last one says
/// that the help has more.
fn foot(desk: &Desk, keys: &[Binding], frame: &mut Frame<'_>, area: Rect) {
    let look = desk.look;
    let told: Vec<Said<'_>> = keys.iter().filter(|binding| binding.told == Told::Footer).map(|binding| Said::of(desk, binding)).collect();
    let cells = usize::from(area.width).saturating_sub(1);
    let is_whole = told.iter().map(Said::cells).sum::<usize>() <= cells;
    let help = told.iter().find(|said| said.binding.action == Action::Help).filter(|_| !is_whole);
    let more = help.map(|help| Said { label: format!(" {}", desk.say("key-more")), mark: format!("{} ", look.cut()), ..Said::of(desk, help.binding) });
    let room = cells.saturating_sub(more.as_ref().map_or(0, Said::cells));
    let mut used = 0;
    let mut fitting: Vec<&Said<'_>> = Vec::new();
    // The way back has its room before what stands before it.
    let is_back = |said: &&Said<'_>| said.binding.action == Action::Back;
    let mut kept: usize = told.iter().filter(is_back).map(Said::cells).sum();
    for said in told.iter().filter(|said| help.is_none() || said.binding.action != Action::Help) {
        if is_back(&said) {
            kept = kept.saturating_sub(said.cells());
        }
        if used + said.cells() + kept <= room {
            used += said.cells();
            fitting.push(said);
        }
    }
    let mut spans = vec![Span::raw(" ")];
    let mut x = area.x + 1;
    for said in fitting.into_iter().chain(&more) {
        let wide = u16::try_from(said.cells()).unwrap_or_default();
        desk.hits.add(Rect { x, width: wide, ..area }, Hit::Key(said.binding.key));
        x += wide;
        let [key, label] = if said.binding.off.is_some() { [Tone::Dim, Tone::Dim] } else { [Tone::Key, Tone::Plain] };
        spans.push(Span::raw(said.mark.clone()));
        spans.push(Span::styled(said.binding.key.shown(), look.style(key)));
        spans.push(Span::styled(said.label.clone(), look.style(label)));
    }
    frame.buffer_mut().set_line(area.x, area.y, &Line::from(spans), area.width);
}

/// A key as it stands at the bottom.
struct Said<'a> {
    binding: &'a Binding,
    /// What stands before it.
    mark: String,
    label: String,
}

impl<'a> Said<'a> {
    fn of(desk: &Desk, binding: &'a Binding) -> Self {
        let label = desk.say(binding.label);
        let label = if binding.off.is_some() { format!(" ({label})  ") } else { format!(" {label}  ") };
        Self { binding, mark: String::new(), label }
    }

    fn cells(&self) -> usize {
        width(&self.mark) + width(&self.binding.key.shown()) + width(&self.label)
    }
}
