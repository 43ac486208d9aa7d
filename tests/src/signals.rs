//! What a program does when it is told to end.

use std::thread;

use tokio::signal::unix::{SignalKind, signal};

use crate::trouble::{Doing, Trouble};

/// Does something once this program gets SIGINT, SIGTERM or SIGHUP (its terminal was closed).
///
/// # Errors
/// [`Trouble`] if the system lets nobody listen.
pub fn on_end(then: impl FnOnce() + Send + 'static) -> Result<(), Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().doing("listening for signals")?;
    let [mut interrupt, mut terminate, mut hang_up] = {
        let _guard = runtime.enter();
        let listen = |kind| signal(kind).doing("listening for signals");
        [listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?, listen(SignalKind::hangup())?]
    };
    thread::spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hang_up.recv() => {}
            }
        });
        then();
    });
    Ok(())
}
