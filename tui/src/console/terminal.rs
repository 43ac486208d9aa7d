//! The terminal: taken over at the start, and given back as it was whatever happens: at the end, after a panic, a signal, or a lost line.

use std::fs::File;
use std::io::{self, Stdout, Write, stdout};
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
    /// Takes the terminal over.
    ///
    /// # Errors
    /// What the system says.
    pub fn over(mouse: Mouse) -> io::Result<Self> {
        give_back_after_a_panic();
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

/// After a panic of any thread the terminal is given back before its message is printed, and the program ends: what it would go on with is not known any more.
fn give_back_after_a_panic() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let was_taken = TAKEN.load(Ordering::SeqCst);
        give_back();
        before(panic);
        if was_taken {
            std::process::exit(crate::failure::Exit::Incomplete as i32);
        }
    }));
}
