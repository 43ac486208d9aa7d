//! What a demonstration shows while it runs: bars on a terminal, lines elsewhere, a table at the end.

use std::io::{IsTerminal, stderr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use tachiai_schemas::Lang;

use crate::trouble::Trouble;

/// Columns that the name of a phase takes.
const NAME: usize = 34;

/// Where the phases are shown, and what they took.
pub struct Screen {
    lang: Lang,
    terminal: bool,
    started: Instant,
    phases: Vec<(String, usize, Duration)>,
}

/// How far a phase is.
pub struct Progress {
    bar: ProgressBar,
    done: AtomicUsize,
    total: usize,
    lines: bool,
}

impl Screen {
    /// Shows on standard error, as a terminal if it is one.
    pub fn new(lang: Lang) -> Screen {
        Screen { lang, terminal: stderr().is_terminal(), started: Instant::now(), phases: Vec::new() }
    }

    /// The language.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// The text in the language of the screen.
    pub fn pick<'a>(&self, ja: &'a str, en: &'a str) -> &'a str {
        self.lang.pick(ja, en)
    }

    /// Says something to people.
    pub fn say(&self, text: impl std::fmt::Display) {
        eprintln!("{text}");
    }

    /// Does one phase of so many pieces of work.
    ///
    /// # Errors
    /// What the work says, with the phase's name.
    pub fn phase<T>(&mut self, ja: &str, en: &str, total: usize, work: impl FnOnce(&Progress) -> Result<T, Trouble>) -> Result<T, Trouble> {
        let name = self.lang.pick(ja, en).to_owned();
        let bar = if self.terminal { bar(total) } else { ProgressBar::hidden() };
        bar.set_message(padded(&name));
        let lines = !self.terminal && total >= 1000;
        let progress = Progress { bar, done: AtomicUsize::new(0), total, lines };
        let start = Instant::now();
        let result = work(&progress).map_err(|trouble| Trouble::new(&name, trouble))?;
        let took = start.elapsed();
        progress.bar.finish_and_clear();
        self.say(row(&name, total, took));
        self.phases.push((name, total, took));
        Ok(result)
    }

    /// The table of all phases.
    pub fn table(&self) -> String {
        let head = format!("{}{:>9}{:>11}", padded(self.pick("段階", "phase")), self.pick("件数", "count"), self.pick("時間", "time"));
        let total = row(self.pick("合計", "total"), 0, self.started.elapsed());
        let rows = self.phases.iter().map(|(name, count, took)| row(name, *count, *took));
        std::iter::once(head).chain(rows).chain([total]).collect::<Vec<_>>().join("\n")
    }
}

impl Progress {
    /// One more piece is done.
    pub fn step(&self) {
        self.bar.inc(1);
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        // A tenth at a time: enough to see that it goes on, little enough for a log.
        if self.lines && done.is_multiple_of((self.total / 10).max(1)) && done < self.total {
            eprintln!("  … {done} / {}", self.total);
        }
    }
}

fn bar(total: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg}{bar:30} {pos}/{len} {eta}").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(total as u64).with_style(style)
}

fn row(name: &str, count: usize, took: Duration) -> String {
    let count = if count == 0 { String::new() } else { count.to_string() };
    format!("{}{count:>9}{:>9.1} s", padded(name), took.as_secs_f64())
}

/// The text with spaces up to the width of a column; a Japanese character takes two cells.
fn padded(text: &str) -> String {
    let cells: usize = text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    text.to_owned() + &" ".repeat(NAME.saturating_sub(cells))
}
