//! Takes the terminal over as the console does, and panics: in the thread that draws, or in another one while that waits. The program itself has no way to be made to.
#![allow(clippy::panic, reason = "that is what it is for")]

use std::sync::mpsc;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use ratatui::text::Line;
use tachiai::console::terminal::{Mouse, Taken};
use tachiai_schemas::Lang;

/// Where it panics.
#[derive(Clone, Copy, ValueEnum)]
enum Thread {
    /// In the thread that draws.
    Drawing,
    /// In another one.
    Working,
}

#[derive(Parser)]
struct Panics {
    thread: Thread,
    #[arg(long)]
    lang: Lang,
}

fn main() -> anyhow::Result<()> {
    let Panics { thread, lang } = Panics::parse();
    let mut taken = Taken::over(Mouse::Taken, lang).context("the terminal cannot be taken over")?;
    taken.terminal.draw(|frame| frame.render_widget(Line::raw("taken over"), frame.area()))?;
    // Until somebody presses Enter, so that it is seen that the terminal was taken over.
    let panics = || -> String {
        let mut line = [0];
        let _ = std::io::Read::read(&mut std::io::stdin(), &mut line);
        panic!("西垣 幸子: a panic may name people")
    };
    match thread {
        Thread::Drawing => anyhow::bail!("it went on: {}", panics()),
        Thread::Working => {
            let (went_on, waits) = mpsc::channel();
            std::thread::spawn(move || went_on.send(panics()));
            anyhow::bail!("it went on: {:?}", waits.recv())
        }
    }
}
