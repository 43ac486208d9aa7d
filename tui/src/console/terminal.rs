//! The terminal: taken over at the start, and given back as it was whatever happens: at the end, after a panic, a signal, or a lost line.

use std::fs::File;
use std::io::{self, Stdout, Write, stderr, stdout};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::Show;
use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{execute, queue};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use rustix::io::ioctl_fionbio;
use rustix::termios::{QueueSelector, tcflush};
use signal_hook::consts::SIGTSTP;
use signal_hook::low_level;
use tachiai_schemas::Lang;

use crate::card::leave_all;
use crate::failure::Exit;

/// Whether the terminal is taken over now.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Whose the mouse is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mouse {
    /// The terminal's, to mark and copy text.
    Left,
    /// The console's, to click.
    Taken,
}

/// The terminal while the console has it.
pub struct Taken {
    /// To draw on.
    pub terminal: Terminal<CrosstermBackend<Stdout>>,
    mouse: Mouse,
}

impl Taken {
    /// Takes the terminal over; what a panic is said to be is said in this language.
    ///
    /// # Errors
    /// What the system says.
    pub fn over(mouse: Mouse, lang: Lang) -> io::Result<Self> {
        give_back_after_a_panic(lang);
        take(mouse).and_then(|()| Terminal::new(CrosstermBackend::new(stdout()))).map(|terminal| Self { terminal, mouse }).inspect_err(|_| give_back())
    }

    /// Gives the terminal back and stops this process, as a shell asks for it, until somebody lets it go on.
    ///
    /// # Errors
    /// What the system says.
    pub fn pause(&mut self) -> io::Result<()> {
        give_back();
        low_level::emulate_default_handler(SIGTSTP)?;
        self.again()
    }

    /// Takes the terminal over again after this process stood still: whoever had it meanwhile left it as they like it.
    ///
    /// # Errors
    /// What the system says.
    pub fn again(&mut self) -> io::Result<()> {
        let _ = disable_raw_mode();
        take(self.mouse)
    }
}

fn take(mouse: Mouse) -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste)?;
    if mouse == Mouse::Taken { execute!(stdout(), EnableMouseCapture) } else { Ok(()) }
}

impl Drop for Taken {
    fn drop(&mut self) {
        give_back();
    }
}

/// Gives the terminal back, once. A line that is gone cannot be told, and nobody sees it.
fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = stdout();
    let _ = queue!(out, DisableMouseCapture, DisableBracketedPaste, LeaveAlternateScreen, Show);
    let _ = out.flush();
    let _ = disable_raw_mode();
}

/// Gives the terminal back without waiting for anything: not for a line that takes nothing any more, nor for whoever hangs while they write to it.
pub fn give_back_at_once() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let _ = disable_raw_mode();
    // Standard output may be held by who hangs.
    let Ok(mut line) = File::options().write(true).open("/dev/tty") else { return };
    // What the line did not take yet is dropped, and what is left of a sequence is called off (CAN).
    let _ = tcflush(&line, QueueSelector::OFlush);
    let mut bytes = vec![0x18];
    let _ = queue!(bytes, DisableMouseCapture, DisableBracketedPaste, LeaveAlternateScreen, Show);
    let _ = ioctl_fionbio(&line, true).map(|()| line.write(&bytes));
}

/// After a panic of any thread the terminal is given back, what happened is said in plain words, and the program ends: what it would go on with is not known any
/// more. Where it happened is said for whoever repairs it; what the panic itself says may name people, and nobody at a desk understands it.
fn give_back_after_a_panic(lang: Lang) {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if !TAKEN.load(Ordering::SeqCst) {
            return before(panic);
        }
        give_back();
        let _ = writeln!(stderr(), "{}", fallen(lang, panic.location().map(ToString::to_string)));
        // A checked PIN outlives the program, unless its card is switched off.
        leave_all();
        std::process::exit(Exit::Incomplete as i32);
    }));
}

/// What is said after a panic.
fn fallen(lang: Lang, place: Option<String>) -> String {
    let said = lang.pick(
        "思いがけない誤りが起きたため、画面を閉じました。\n装置に届いた記録は残っています。操作の途中だったときは、tachiai をもう一度開き、済んでいるかどうかを確かめてからやり直してください。\n\
         繰り返し起きるときは、次の行を装置の管理者に伝えてください。",
        "The console was closed because of an error that nobody expected.\nWhat had reached the appliance is kept. If you were in the middle of something, open tachiai again and see \
         whether it was done before you do it again.\nIf this happens again, give the next line to whoever looks after the appliance.",
    );
    format!("{said}\n  tachiai {}  {}", env!("CARGO_PKG_VERSION"), place.unwrap_or_default())
}
