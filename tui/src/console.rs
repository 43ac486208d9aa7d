//! The officials' console: `tachiai` without a subcommand.
//!
//! An event comes in ([`event`]), the state takes it ([`app`]), what is to be done goes to the workers ([`work`]), and the screen is drawn of the state alone
//! ([`draw`]). Nothing waits for the appliance, and nothing but [`work`] speaks to it.
//!
//! | file | is |
//! |---|---|
//! | [`terminal`] | the terminal, taken over and given back |
//! | [`event`], [`action`], [`keymap`] | what comes, what a key does, and the keys of a screen as data |
//! | [`app`] | the state, and what an event changes in it |
//! | [`work`] | requests and seats, on threads of their own |
//! | [`lifecycle`] | the steps of an election and what is missing for them |
//! | [`screens`], [`popups`], [`widgets`] | what is seen |
//! | [`i18n`], [`theme`], [`fuzzy`] | words, colours and signs, finding a line by some letters |

use std::io::{self, IsTerminal};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::Args;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;
use tachiai_schemas::Timestamp;
use tachiai_schemas::system::in_words;

use self::app::{Beginning, State};
use self::event::{Event, Key};
use self::terminal::{Mouse, Taken};
use self::theme::{Look, Signs, Theme};
use self::work::{Effect, Work};
use crate::card::leave_all;
use crate::cli::Global;
use crate::failure::{Exit, Failure};
use crate::{protect, scratch};

pub mod action;
pub mod app;
pub mod desk;
pub mod draw;
pub mod event;
pub mod fuzzy;
pub mod i18n;
pub mod keymap;
pub mod lifecycle;
pub mod popups;
pub mod screens;
pub mod terminal;
pub mod theme;
pub mod widgets;
pub mod work;

#[cfg(test)]
pub(crate) mod tests;

/// How the console looks.
#[derive(Args, Debug, Clone, Copy)]
pub struct Appearance {
    /// The console's colours [default: normal, or mono where NO_COLOR is set]
    #[arg(long, value_enum)]
    theme: Option<Theme>,
    /// Draw the console with ASCII lines and bars
    #[arg(long)]
    ascii: bool,
    /// Let the console be clicked at; the terminal no longer marks text then
    #[arg(long)]
    mouse: bool,
}

impl Appearance {
    fn look(self) -> Look {
        let Self { theme, ascii, mouse: _ } = self;
        let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Look { theme: theme.unwrap_or(if is_plain { Theme::Mono } else { Theme::Normal }), signs: if ascii { Signs::Ascii } else { Signs::Lines } }
    }
}

/// Whether a person sits here who can see and type.
#[must_use]
pub fn can_open() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Opens the console until it is left.
///
/// # Errors
/// [`Failure`] if the terminal cannot be used.
pub fn run(global: &Global, appearance: Appearance) -> Result<Exit, Failure> {
    let broken = |e: io::Error| {
        let [ja, en] = in_words(&e);
        Failure::incomplete(
            format!("端末を使えません: {ja}。別の端末で開いてください。"),
            format!("the terminal cannot be used: {en}. Open the console in another one."),
        )
    };
    let (events, arrives) = mpsc::channel();
    let mut signals = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT]).map_err(broken)?;
    let mut taken = Taken::over(if appearance.mouse { Mouse::Taken } else { Mouse::Left }, global.lang()).map_err(broken)?;
    let ends = events.clone();
    thread::spawn(move || {
        let mut is_asked = false;
        for signal in signals.forever() {
            match signal {
                SIGTSTP => drop(ends.send(Event::Pause)),
                SIGCONT => drop(ends.send(Event::Resumed)),
                _ if is_asked => {
                    // Whoever asks twice waits for nothing more.
                    terminal::give_back_at_once();
                    leave_all();
                    scratch::leave_none();
                    std::process::exit(Exit::Incomplete as i32);
                }
                _ => {
                    is_asked = true;
                    let _ = ends.send(Event::End);
                }
            }
        }
    });
    let inputs = events.clone();
    thread::spawn(move || read(&inputs));
    let tells = events.clone();
    protect::tell_by(move |said| drop(tells.send(Event::Told(said))));
    let mut work = Work::new(events, global.lang());
    let beginning = Beginning { lang: global.lang(), look: appearance.look(), profile: global.profile.clone(), now: now() };
    let (state, effects) = State::begin(beginning);
    let left = go(&mut taken, &arrives, &mut work, state, effects);
    drop(taken);
    // A checked PIN outlives the program, unless its card is switched off.
    leave_all();
    scratch::leave_none();
    left.map_err(broken)?;
    Ok(Exit::Done)
}

/// No hand types two keys within this; a scanner types a code with shorter pauses.
const AT_ONCE: Duration = Duration::from_millis(25);

/// Brings what is typed, until the terminal is gone.
fn read(events: &Sender<Event>) {
    loop {
        match crossterm::event::read() {
            Ok(input) => {
                let Some(event) = Event::of(input) else { continue };
                let event = match event {
                    // Behind every letter of a code there is another, or the Enter at its end.
                    Event::Key(key) if key.as_command() == Key::Char('y') && crossterm::event::poll(AT_ONCE).unwrap_or_default() => Event::Hurried(key),
                    event => event,
                };
                if events.send(event).is_err() {
                    return;
                }
            }
            Err(_) => {
                let _ = events.send(Event::End);
                return;
            }
        }
    }
}

/// Draws, waits, takes what came, until the console is left. It is drawn when something came, and each second for the ages.
fn go(taken: &mut Taken, arrives: &Receiver<Event>, work: &mut Work, mut state: State, mut effects: Vec<Effect>) -> io::Result<()> {
    let mut next = Instant::now() + Duration::from_secs(1);
    loop {
        for effect in effects.drain(..) {
            match effect {
                Effect::Leave => return Ok(()),
                // Another screen, or other words: what a terminal made of wide characters before is of no account. Clearing by itself would ask the terminal where
                // its cursor is, and wait for the answer.
                Effect::Redraw => {
                    let area = taken.terminal.size()?.into();
                    taken.terminal.resize(area)?;
                }
                other => work.begin(other),
            }
        }
        taken.terminal.draw(|frame| draw::draw(&state, frame))?;
        let first = match arrives.recv_timeout(next.saturating_duration_since(Instant::now())) {
            Ok(event) => event,
            Err(RecvTimeoutError::Timeout) => {
                next = Instant::now() + Duration::from_secs(1);
                // A terminal that was closed without a signal is found here.
                rustix::termios::tcgetattr(io::stdin())?;
                Event::Tick(now())
            }
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        };
        // What came together is drawn once.
        for event in std::iter::once(first).chain(arrives.try_iter()) {
            match event {
                Event::Pause => taken.pause()?,
                Event::Resumed => taken.again()?,
                _ => {}
            }
            effects.extend(state.update(event));
        }
    }
}

/// The terminal's clock.
fn now() -> Timestamp {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_unix(seconds).ok()).unwrap_or(Timestamp::LAST)
}
