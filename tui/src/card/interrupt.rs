//! What happens to a card when the process is told to end: it is switched off first.
//!
//! A checked PIN outlives the process that gave it: the service resets the card of a client that died, and a real card
//! stays verified over that. Nothing can be done about SIGKILL.

use std::{fs::File, sync::Once, thread};

use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM},
    iterator::Signals,
    low_level::emulate_default_handler,
};

use super::transport::leave_all;

/// From now on a signal that ends this process switches off every card that it holds, puts the terminal right (a prompt for
/// a PIN may have switched off its echo), and then ends it as the signal does.
pub(crate) fn guard() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let Ok(mut signals) = Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM]) else { return };
        let terminal = File::options().read(true).write(true).open("/dev/tty").ok().and_then(|tty| Some((tcgetattr(&tty).ok()?, tty)));
        let wait = move || {
            let Some(signal) = signals.forever().next() else { return };
            leave_all();
            if let Some((settings, tty)) = terminal {
                // A terminal that is gone needs no care.
                let _ = tcsetattr(&tty, OptionalActions::Now, &settings);
            }
            let _ = emulate_default_handler(signal);
        };
        // A system without one more thread has none for the card either.
        let _ = thread::Builder::new().name("signals".to_owned()).spawn(wait);
    });
}
