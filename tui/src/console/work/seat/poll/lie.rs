//! What lies on the reader: a thread looks, and tells when that is another than before. A service that hangs holds up nobody but this thread.

use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use super::Input;
use crate::card::{Card, Generation, SocketTransport, TransportError, Watched, choose_reader, connect_reader, readers};
use crate::failure::Failure;

/// How often it is looked.
pub const GLANCE: Duration = Duration::from_millis(400);

/// After how long a reader is given up.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where cards come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A reader, by its name or a part of it; none is the only one that holds a card.
    Reader(Option<String>),
    /// A software card: the socket of its process.
    Socket(PathBuf),
}

/// Somebody who looks, as long as this is there.
pub struct Watch {
    source: Source,
    /// Whether the card is held here. A software card has one holder at a time, and is not asked meanwhile.
    held: Arc<AtomicBool>,
}

impl Watch {
    /// Begins to look, and tells `own`.
    pub fn begin(source: Source, own: Sender<Input>) -> Self {
        let held = Arc::new(AtomicBool::new(false));
        let (watched, seen) = (source.clone(), Arc::downgrade(&held));
        thread::spawn(move || look(&watched, &seen, &own));
        Self { source, held }
    }

    /// Notes whether the card is held here.
    pub fn held(&self, is_held: bool) {
        self.held.store(is_held, Ordering::SeqCst);
    }

    /// Whether the card is a process behind a socket.
    pub const fn is_socket(&self) -> bool {
        matches!(self.source, Source::Socket(_))
    }

    /// The way to the card in the reader of this name.
    ///
    /// # Errors
    /// [`Failure`] (5).
    pub fn card(&self, reader: &str) -> Result<Card<Watched>, Failure> {
        let transport = match &self.source {
            Source::Reader(_) => connect_reader(reader, PATIENCE)?,
            Source::Socket(socket) => Watched::new(SocketTransport::connect(socket, PATIENCE)?, PATIENCE)?,
        };
        Ok(Card::open_among(transport, &[Generation::today()])?)
    }
}

fn look(source: &Source, watch: &Weak<AtomicBool>, own: &Sender<Input>) {
    let mut before: Option<Result<Option<String>, TransportError>> = None;
    while let Some(held) = watch.upgrade() {
        let lies = match source {
            Source::Socket(_) if held.load(Ordering::SeqCst) => None,
            source => Some(glance(source)),
        };
        drop(held);
        // Whoever held the card knows what became of it, and is told anew afterwards.
        if lies != before {
            if let Some(lies) = &lies
                && own.send(Input::Lies(lies.clone().map_err(Failure::from))).is_err()
            {
                return;
            }
            before = lies;
        }
        thread::sleep(GLANCE);
    }
}

/// The reader in which a card lies now.
fn glance(source: &Source) -> Result<Option<String>, TransportError> {
    match source {
        Source::Socket(socket) => Ok(UnixStream::connect(socket).is_ok().then(|| socket.display().to_string())),
        Source::Reader(wanted) => match choose_reader(&readers(PATIENCE, || ())?, wanted.as_deref()) {
            Ok(reader) => Ok((!reader.is_empty()).then(|| reader.name.clone())),
            Err(TransportError::NoCard { .. }) => Ok(None),
            Err(error) => Err(error),
        },
    }
}
