//! How the reception stands, in lines.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tachiai_schemas::roster::OpenState;
use tachiai_schemas::{Lang, Say, Timestamp};

use crate::commands::reception::setup::Admission;
use crate::console::desk::Desk;
use crate::console::i18n::grouped;
use crate::console::screens::home::{state, title};
use crate::console::theme::Tone;
use crate::console::widgets::cut::{cut, lines, padded, width};
use crate::console::widgets::table::{self, Cell, Column, Width};
use crate::console::work::reception::{Fate, Line as Link, List, Now, Revoked, Unadmitted};

/// The lines in which somebody is told of in whole.
const WHOLE: usize = 3;

/// A moment of the reception.
fn moment(millis: u64) -> Timestamp {
    i64::try_from(millis / 1000).ok().and_then(|seconds| Timestamp::from_unix(seconds).ok()).unwrap_or(Timestamp::LAST)
}

/// The last entries.
pub fn recent(desk: &Desk, now: &Now, chosen: Option<usize>, frame: &mut Frame<'_>, area: Rect) {
    if area.height == 0 {
        return;
    }
    if now.recent.is_empty() {
        frame.buffer_mut().set_line(area.x, area.y, &Line::styled(format!("  {}", desk.say("desk-recent-none")), desk.look.style(Tone::Dim)), area.width);
        return;
    }
    let columns = [
        Column { head: desk.say("desk-recent-time"), width: Width::Cells(6) },
        Column { head: desk.say("desk-recent"), width: Width::Rest },
        Column { head: desk.say("desk-recent-fate"), width: Width::Cells(12) },
    ];
    table::draw(frame, area, desk, &columns, now.recent.len(), chosen, |place| {
        let Some(one) = now.recent.get(place) else { return Vec::new() };
        let [ja, en] = &one.said;
        let (fate, tone) = match one.fate {
            Fate::Waiting => ("desk-fate-waiting", Tone::Warn),
            Fate::Taken => ("desk-fate-taken", Tone::Good),
            Fate::Aside => ("desk-fate-aside", Tone::Bad),
        };
        // `YYYY-MM-DD HH:MM JST` by its definition.
        let time = moment(one.time).in_japan(Lang::En).get(11..16).unwrap_or_default().to_owned();
        vec![time.into(), Cell::from(desk.lang().pick(ja, en).to_owned()), Cell { text: desk.say(fate), tone }]
    });
}

/// At the bottom, all of what the table above has no room for, of the line that is chosen; gives what is left for the table.
pub fn whole(desk: &Desk, said: &str, frame: &mut Frame<'_>, area: Rect) -> Rect {
    let cells = usize::from(area.width).saturating_sub(4);
    let text: Vec<String> = said.lines().flat_map(|line| lines(line, cells)).take(WHOLE).collect();
    let rows = u16::try_from(WHOLE + 1).unwrap_or(u16::MAX);
    if area.height < rows * 2 {
        return area;
    }
    let table = Rect { height: area.height - rows, ..area };
    for (y, line) in (table.bottom() + 1..area.bottom()).zip(&text) {
        frame.buffer_mut().set_line(area.x, y, &Line::styled(format!("  {line}"), desk.look.style(Tone::Strong)), area.width);
    }
    table
}

/// How the list of residents, which is not here yet, comes.
fn list_comes(desk: &Desk, now: &Now) -> String {
    match now.list {
        List::Here => String::new(),
        List::Comes(done, Some(of)) if of > 0 => desk.with("desk-list-percent", &[("n", (done.min(of) * 100 / of).to_string())]),
        List::Comes(done, _) if done > 0 => desk.with("desk-list-bytes", &[("n", grouped(done >> 10))]),
        List::Comes(..) => desk.say("desk-list-asked"),
        List::Not if now.line == Link::Down => desk.say("desk-list-cut"),
        List::Not => desk.say("desk-list-soon"),
    }
}

/// Where one is and how it stands, in a few lines.
pub fn head(desk: &Desk, now: &Now, cells: usize) -> Vec<Line<'static>> {
    let look = desk.look;
    let [shelter_ja, shelter_en] = &now.shelter;
    let name = now.title.as_ref().map_or_else(|| desk.say("desk-no-event"), |text| title(desk, text));
    let tone = match now.state {
        Some(OpenState::Open) => Tone::Good,
        Some(OpenState::Crowded) => Tone::Warn,
        Some(OpenState::Full) => Tone::Bad,
        None if now.unadmitted.is_some() => Tone::Warn,
        Some(OpenState::Closed) | None => Tone::Dim,
    };
    let mark = match (&now.unadmitted, now.state) {
        // Before it is admitted nothing is known of the shelter.
        (Some(_), _) => desk.say("desk-unadmitted-mark"),
        (None, Some(how)) => state(desk, how),
        (None, None) => desk.say("desk-not-open"),
    };
    let place = format!(" {}  {}  ", desk.lang().pick(shelter_ja, shelter_en), desk.with("desk-terminal", &[("name", now.terminal.clone())]));
    let room = cells.saturating_sub(width(&place) + width(&mark) + 6);
    let mut text = vec![Line::from(vec![
        Span::styled(place, look.style(Tone::Strong)),
        Span::styled(format!("[{mark}]"), look.style(tone)),
        Span::raw("  "),
        Span::raw(cut(&name, room, look.cut())),
    ])];
    let mut figures = desk.with("desk-present", &[("n", grouped(now.totals.present))]);
    if let Some(capacity) = now.capacity {
        figures = format!("{figures}  {}", desk.with("desk-capacity", &[("n", grouped(u64::from(capacity)))]));
    }
    if let Some(heads) = now.totals.heads {
        figures = format!("{figures}  {}", desk.with("desk-heads", &[("n", grouped(u64::from(heads)))]));
    }
    if now.conflicts > 0 {
        figures = format!("{figures}  {}", desk.with("desk-conflicts", &[("n", now.conflicts.to_string())]));
    }
    text.push(Line::raw(format!(" {}", cut(&figures, cells, look.cut()))));
    let waits = now.oldest.map(|oldest| desk.with("desk-waiting", &[("n", now.waiting.to_string()), ("age", desk.age(moment(oldest)))]));
    let (said, tone) = match (now.line, waits) {
        // Of a terminal that is not admitted nothing is taken yet, so that it is not said to be.
        (Link::Up, None) if now.unadmitted.is_some() => (desk.say("desk-link-up"), Tone::Warn),
        (Link::Up, None) => (desk.say("desk-link"), Tone::Good),
        (Link::Up, Some(waits)) => (format!("{}  {waits}", desk.say("desk-link-up")), Tone::Warn),
        (Link::Down, None) => (format!("{}  {}", desk.say("desk-offline"), desk.say("desk-none-wait")), Tone::Warn),
        (Link::Down, Some(waits)) => (format!("{}  {waits}", desk.say("desk-offline")), Tone::Warn),
    };
    text.push(Line::styled(padded(&format!(" {said}"), cells, look.cut()), look.style(tone)));
    let mut more = |said: &str, tone: Tone| text.extend(lines(said, cells).into_iter().take(3).map(|line| Line::styled(format!(" {line}"), look.style(tone))));
    if now.line == Link::Down {
        more(&desk.say("desk-offline-what"), Tone::Plain);
    }
    if now.revoked == Revoked::Yes {
        more(crate::commands::reception::setup::revoked_text(desk.lang()), Tone::Bad);
    } else if now.aside > 0 {
        more(&desk.with("desk-aside", &[("n", now.aside.to_string())]), Tone::Bad);
    }
    if let Some(failure) = now.trouble.as_ref().filter(|_| now.line == Link::Up) {
        more(&failure.say(desk.lang()), Tone::Bad);
    }
    if let Some(Unadmitted { fingerprint, asked, request }) = &now.unadmitted {
        let key = if *asked == Some(Admission::Asked) { "desk-unadmitted-asked" } else { "desk-unadmitted" };
        more(&desk.with(key, &[("path", request.display().to_string())]), Tone::Warn);
        more(&desk.with("terminals-fingerprint", &[("print", fingerprint.clone())]), Tone::Strong);
    } else if now.list != List::Here {
        more(&format!("{}{}", list_comes(desk, now), desk.say("desk-list-until")), Tone::Warn);
    }
    text.push(Line::raw(""));
    text
}
