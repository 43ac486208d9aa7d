//! A transport carries command APDUs to one card and brings its answers back.

use std::{
    sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender},
    thread,
    time::Duration,
};

use zeroize::Zeroizing;

/// What to do with the card's power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// Power up; no effect on a card that is powered.
    On,
    /// Power off: every PIN that was checked counts as not checked.
    Off,
    /// Warm reset. A checked PIN may survive it, so it is no way to leave a card.
    Reset,
}

/// A way to one card.
///
/// An answer is returned whole, with its two status bytes at the end, and is never shorter than those two bytes:
/// an implementation turns a shorter one into an error. It does not retry, and it interprets no status word.
pub trait Transport: Send {
    /// Sends one command and waits for its answer.
    ///
    /// # Errors
    /// [`TransportError`] if there is no answer; after an error other than [`TransportError::InUse`] the transport
    /// may stay unusable.
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, TransportError>;

    /// Switches or resets the card's power.
    ///
    /// # Errors
    /// [`TransportError`] if the reader cannot.
    fn power(&mut self, power: Power) -> Result<(), TransportError>;

    /// The reader's name, for people.
    fn name(&self) -> &str;
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, TransportError> {
        (**self).transmit(apdu)
    }

    fn power(&mut self, power: Power) -> Result<(), TransportError> {
        (**self).power(power)
    }

    fn name(&self) -> &str {
        (**self).name()
    }
}

impl<T: Transport + ?Sized> Transport for &mut T {
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, TransportError> {
        (**self).transmit(apdu)
    }

    fn power(&mut self, power: Power) -> Result<(), TransportError> {
        (**self).power(power)
    }

    fn name(&self) -> &str {
        (**self).name()
    }
}

/// Why a command got no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// There is no such reader, or the process that serves the card does not listen.
    #[error("no card reader at {name}: {cause}")]
    NoReader {
        /// Reader or socket that was looked for.
        name: String,
        /// What the system said.
        cause: String,
    },
    /// The reader is empty.
    #[error("no card in the reader")]
    NoCard,
    /// Another program holds the card.
    #[error("the card is in use by another program")]
    InUse,
    /// The card was taken away in the middle.
    #[error("the card was removed")]
    Removed,
    /// No answer came in time; the transport is given up.
    #[error("the card did not answer within {} seconds", waited.as_secs_f32())]
    Hung {
        /// How long was waited.
        waited: Duration,
    },
    /// The answer was shorter than its status word: it had this many bytes.
    #[error("the reader handed over a broken answer of {0} bytes")]
    Broken(usize),
    /// The reader or the system failed otherwise.
    #[error("the card reader failed: {0}")]
    Failed(String),
}

/// A transport whose calls run in a thread of their own, which is given up when the card hangs.
///
/// A hung card blocks a PC/SC call for good. The blocked thread cannot be stopped; it is left behind with the inner
/// transport, and this transport answers [`TransportError::Hung`] from then on.
pub struct Watched {
    name: String,
    patience: Duration,
    link: Option<Link>,
}

struct Link {
    requests: SyncSender<Request>,
    answers: Receiver<Result<Vec<u8>, TransportError>>,
}

enum Request {
    Transmit(Zeroizing<Vec<u8>>),
    Power(Power),
}

impl Watched {
    /// Moves `inner` into a thread of its own; each call is waited for at most `patience`.
    ///
    /// # Errors
    /// [`TransportError::Failed`] if the system gives no thread.
    pub fn new(inner: impl Transport + 'static, patience: Duration) -> Result<Watched, TransportError> {
        let name = inner.name().to_owned();
        let (requests, inbox) = mpsc::sync_channel::<Request>(1);
        let (outbox, answers) = mpsc::sync_channel(1);
        let mut inner = inner;
        thread::Builder::new()
            .name("card".to_owned())
            .spawn(move || {
                for request in inbox {
                    let answer = match request {
                        Request::Transmit(apdu) => inner.transmit(&apdu),
                        Request::Power(power) => inner.power(power).map(|()| Vec::new()),
                    };
                    if outbox.send(answer).is_err() {
                        return;
                    }
                }
            })
            .map_err(|cause| TransportError::Failed(cause.to_string()))?;
        Ok(Watched { name, patience, link: Some(Link { requests, answers }) })
    }

    fn ask(&mut self, request: Request) -> Result<Vec<u8>, TransportError> {
        let hung = TransportError::Hung { waited: self.patience };
        let Some(link) = &self.link else {
            return Err(hung);
        };
        let answer = match link.requests.send(request) {
            Ok(()) => link.answers.recv_timeout(self.patience),
            Err(_) => Err(RecvTimeoutError::Disconnected),
        };
        match answer {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => {
                // A late answer must never be taken for the answer to a later command.
                self.link = None;
                Err(hung)
            }
            Err(RecvTimeoutError::Disconnected) => Err(TransportError::Failed("the card thread ended".to_owned())),
        }
    }
}

impl Transport for Watched {
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, TransportError> {
        self.ask(Request::Transmit(Zeroizing::new(apdu.to_vec())))
    }

    fn power(&mut self, power: Power) -> Result<(), TransportError> {
        self.ask(Request::Power(power)).map(drop)
    }

    fn name(&self) -> &str {
        &self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers power requests and never a command.
    struct Stuck;

    impl Transport for Stuck {
        fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, TransportError> {
            loop {
                thread::park();
            }
        }

        fn power(&mut self, _: Power) -> Result<(), TransportError> {
            Ok(())
        }

        fn name(&self) -> &str {
            "stuck"
        }
    }

    #[test]
    fn a_hung_reader_is_given_up_and_stays_given_up() {
        let waited = Duration::from_millis(50);
        let mut watched = Watched::new(Stuck, waited).unwrap();
        assert_eq!(watched.power(Power::On), Ok(()));
        assert_eq!(watched.transmit(&[0, 0, 0, 0]), Err(TransportError::Hung { waited }));
        assert_eq!(watched.power(Power::Off), Err(TransportError::Hung { waited }));
    }
}
