//! What a program does when it is told to end.

use std::thread;

use tokio::signal::unix::{SignalKind, signal};

use crate::trouble::{Doing, Trouble};

/// Does something once this program gets SIGINT or SIGTERM.
///
/// # Errors
/// [`Trouble`] if the system lets nobody listen.
pub fn on_end(then: impl FnOnce() + Send + 'static) -> Result<(), Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().doing("listening for signals")?;
    let (mut interrupt, mut terminate) = {
        let _guard = runtime.enter();
        (signal(SignalKind::interrupt()).doing("listening for signals")?, signal(SignalKind::terminate()).doing("listening for signals")?)
    };
    thread::spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        });
        then();
    });
    Ok(())
}
