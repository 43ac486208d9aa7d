//! A console at work: from a key to its frame with many rows in a list, and from the appliance's first answer to the first frame.
//!
//! The terminal itself is not in it: what is measured is all that the console does between what comes in and what goes out to the terminal, by this thread's time on
//! a processor. The frame goes to a terminal of `ratatui`'s that keeps it, which compares it with the one before as a real one does.

use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tachiai::console::app::{Beginning, State};
use tachiai::console::draw::draw;
use tachiai::console::event::{Event, Key};
use tachiai::console::theme::{Look, Signs, Theme};
use tachiai::console::work::{Answer, Brought, Effect, Link, PAGE, Question};
use tachiai_schemas::journal::{JournalLine, JournalPage};
use tachiai_schemas::staff::Role;
use tachiai_schemas::status::{Status, Viewer};
use tachiai_schemas::{Lang, Timestamp};

use super::report::{Report, Unit, percentile, timed};
use crate::trouble::{Doing, Trouble};

/// The rows of the list.
const ROWS: u64 = 20_000;

/// Keys that are pressed.
const KEYS: usize = 2_000;

/// Consoles that are opened.
const OPENED: usize = 50;

/// A large terminal.
const SIZE: (u16, u16) = (200, 60);

/// Measures it; no appliance is started.
///
/// # Errors
/// [`Trouble`].
pub fn measure_console(report: &mut Report) -> Result<(), Trouble> {
    let doing = "measuring a console";
    let now: Timestamp = "2026-11-26T03:41:03Z".parse().doing(doing)?;
    let mut opened = Vec::with_capacity(OPENED);
    for _ in 0..OPENED {
        let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).doing(doing)?;
        let mut state = begun(now);
        let status = status(now);
        opened.push(timed(|| {
            bring(&mut state, Brought::Link(1, Link::Status(status)));
            terminal.draw(|frame| draw(&state, frame)).map(drop)
        }));
    }
    opened.sort_unstable();
    report.time("console_first_frame_p99_ms", percentile(&opened, 99), Unit::Milliseconds);

    let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).doing(doing)?;
    let mut state = begun(now);
    bring(&mut state, Brought::Link(1, Link::Status(status(now))));
    state.update(Event::Key(Key::Char('5')));
    bring(&mut state, Brought::Answer(1, Question::Journal(None), Ok(Answer::Journal(Box::new(page(ROWS, now))))));
    terminal.draw(|frame| draw(&state, frame)).doing(doing)?;
    let keys = [Key::Up, Key::Up, Key::PageUp, Key::Up, Key::Home, Key::Down, Key::PageDown, Key::End];
    let mut times = pressed(&mut state, &mut terminal, keys.iter().copied().cycle().take(KEYS));
    times.sort_unstable();
    report.time("console_key_to_frame_20k_p50_ms", percentile(&times, 50), Unit::Milliseconds);
    report.time("console_key_to_frame_20k_p99_ms", percentile(&times, 99), Unit::Milliseconds);

    // As one types, all entries of a page are held against what was typed.
    bring(&mut state, Brought::Answer(1, Question::Journal(None), Ok(Answer::Journal(Box::new(page(PAGE, now))))));
    state.update(Event::Key(Key::Char('/')));
    let words = "approved 足立 k3v7".chars().map(Key::Char).chain(std::iter::repeat_n(Key::Backspace, 16));
    let mut times = pressed(&mut state, &mut terminal, words.cycle().take(KEYS / 20));
    times.sort_unstable();
    report.time("console_search_page_p99_ms", percentile(&times, 99), Unit::Milliseconds);
    Ok(())
}

/// The times from each key to its frame.
fn pressed(state: &mut State, terminal: &mut Terminal<TestBackend>, keys: impl Iterator<Item = Key>) -> Vec<Duration> {
    keys.map(|key| {
        timed(|| {
            state.update(Event::Key(key));
            terminal.draw(|frame| draw(state, frame)).map(drop)
        })
    })
    .collect()
}

fn begun(now: Timestamp) -> State {
    let look = Look { theme: Theme::Normal, signs: Signs::Lines };
    State::begin(Beginning { lang: Lang::Ja, look, profile: None, now }).0
}

fn bring(state: &mut State, brought: Brought) -> Vec<Effect> {
    state.update(Event::Brought(Box::new(brought)))
}

fn status(at: Timestamp) -> Box<Status> {
    let viewer = Viewer { name: "監査".to_owned(), role: Role::Auditor };
    Box::new(Status { at, viewer, elections: Vec::new(), events: None, waiting: Some(Vec::new()), alerts: Some(Vec::new()), warnings: None, appliance: None })
}

fn page(rows: u64, now: Timestamp) -> JournalPage {
    JournalPage { size: rows, entries: (0..rows).map(|seq| line(seq, now)).collect() }
}

fn line(seq: u64, now: Timestamp) -> JournalLine {
    let (kind, by) = if seq.is_multiple_of(2) { ("act-requested", "西村") } else { ("act-approved", "足立") };
    let said = vec![format!("id=k3v7q2xm-{seq}"), "kind=election".to_owned(), "act=close-online".to_owned()];
    JournalLine { seq, at: now.plus(i64::try_from(seq).unwrap_or_default()), kind: kind.to_owned(), by: vec![by.to_owned()], said }
}
