//! A card process behind a Unix socket: how a simulated card is reached without a reader.
//!
//! The framing is that of vpcd, the virtual reader of the vsmartcard project: each message is a two-byte big-endian
//! length and that many bytes. A message of one byte is a control (0 power off, 1 power on, 2 reset, 4 tell the ATR),
//! any other is a command APDU. Commands and control 4 are answered by one message; the other controls are not. An
//! answer of no bytes says that the card is gone.

use std::{
    io::{self, ErrorKind, Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    time::{Duration, Instant},
};

use zeroize::Zeroizing;

use super::{Power, Transport, TransportError};

const POWER_OFF: u8 = 0;
const POWER_ON: u8 = 1;
const RESET: u8 = 2;

/// A connection to one card process.
pub struct SocketTransport {
    name: String,
    stream: UnixStream,
    patience: Duration,
    /// Set once the stream cannot be trusted to stand between two messages.
    lost: Option<TransportError>,
}

impl SocketTransport {
    /// Connects to the process that listens at `path`; each answer is waited for at most `patience`.
    ///
    /// # Errors
    /// [`TransportError::NoProcess`] if nobody listens there.
    pub fn connect(path: &Path, patience: Duration) -> Result<SocketTransport, TransportError> {
        let name = path.display().to_string();
        match UnixStream::connect(path) {
            Ok(stream) => Ok(SocketTransport { name, stream, patience, lost: None }),
            Err(cause) => Err(TransportError::NoProcess { name, cause: cause.to_string() }),
        }
    }

    fn exchange(&mut self, message: &[u8]) -> Result<Vec<u8>, TransportError> {
        if let Some(error) = &self.lost {
            return Err(error.clone());
        }
        let answer = self.send(message).and_then(|()| self.receive());
        let result = match answer {
            Ok(answer) if answer.is_empty() => Err(TransportError::Removed),
            Ok(answer) => return Ok(answer),
            Err(error) => Err(self.understand(&error)),
        };
        self.lost = result.as_ref().err().cloned();
        result
    }

    fn send(&mut self, message: &[u8]) -> io::Result<()> {
        let length = u16::try_from(message.len()).map_err(|_| ErrorKind::InvalidInput)?;
        let mut frame = Zeroizing::new(Vec::with_capacity(2 + message.len()));
        frame.extend_from_slice(&length.to_be_bytes());
        frame.extend_from_slice(message);
        self.stream.set_write_timeout(Some(self.patience))?;
        self.stream.write_all(&frame)
    }

    fn receive(&mut self) -> io::Result<Vec<u8>> {
        // One deadline for the whole answer: a card that drips bytes is hung too.
        let deadline = Instant::now() + self.patience;
        let mut length = [0; 2];
        self.fill(&mut length, deadline)?;
        let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
        self.fill(&mut answer, deadline)?;
        Ok(answer)
    }

    fn fill(&mut self, mut rest: &mut [u8], deadline: Instant) -> io::Result<()> {
        while !rest.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ErrorKind::TimedOut.into());
            }
            self.stream.set_read_timeout(Some(left))?;
            match self.stream.read(rest) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => rest = rest.get_mut(count..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn understand(&self, error: &io::Error) -> TransportError {
        match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => TransportError::Hung { waited: self.patience },
            // The process ended: for the person at the reader the card is gone.
            ErrorKind::UnexpectedEof | ErrorKind::BrokenPipe | ErrorKind::ConnectionReset => TransportError::Removed,
            _ => TransportError::Failed(error.to_string()),
        }
    }
}

impl Transport for SocketTransport {
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, TransportError> {
        if apdu.len() < 4 {
            return Err(TransportError::Failed("a command has at least four bytes".to_owned()));
        }
        match self.exchange(apdu)? {
            answer if answer.len() < 2 => Err(TransportError::Broken(answer.len())),
            answer => Ok(answer),
        }
    }

    fn power(&mut self, power: Power) -> Result<(), TransportError> {
        if let Some(error) = &self.lost {
            return Err(error.clone());
        }
        let control = match power {
            Power::Off => POWER_OFF,
            Power::On => POWER_ON,
            Power::Reset => RESET,
        };
        self.send(&[control]).map_err(|error| {
            let error = self.understand(&error);
            self.lost = Some(error.clone());
            error
        })
    }

    fn name(&self) -> &str {
        &self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (SocketTransport, UnixStream) {
        let (stream, card) = UnixStream::pair().unwrap();
        let patience = Duration::from_millis(200);
        (SocketTransport { name: "pair".to_owned(), stream, patience, lost: None }, card)
    }

    #[test]
    fn controls_and_commands_are_framed_by_their_length() {
        let (mut transport, mut card) = pair();
        card.write_all(&[0, 2, 0x90, 0x00]).unwrap();
        transport.power(Power::On).unwrap();
        assert_eq!(transport.transmit(&[0, 0xA4, 0, 0]).unwrap(), [0x90, 0x00]);
        transport.power(Power::Off).unwrap();
        drop(transport);
        let mut sent = Vec::new();
        card.read_to_end(&mut sent).unwrap();
        assert_eq!(sent, [0, 1, 1, 0, 4, 0, 0xA4, 0, 0, 0, 1, 0]);
    }

    #[test]
    fn an_empty_answer_and_an_ended_process_are_a_removed_card() {
        let (mut transport, mut card) = pair();
        card.write_all(&[0, 0]).unwrap();
        assert_eq!(transport.transmit(&[0; 4]), Err(TransportError::Removed));
        let (mut transport, card) = pair();
        drop(card);
        assert_eq!(transport.transmit(&[0; 4]), Err(TransportError::Removed));
    }

    #[test]
    fn a_late_answer_is_never_taken_for_the_next_one() {
        let (mut transport, mut card) = pair();
        card.write_all(&[0, 5, 1]).unwrap();
        let hung = Err(TransportError::Hung { waited: Duration::from_millis(200) });
        assert_eq!(transport.transmit(&[0; 4]), hung);
        card.write_all(&[2, 3, 0x90, 0x00, 0, 2, 0x69, 0x82]).unwrap();
        assert_eq!(transport.transmit(&[0; 4]), hung);
    }

    #[test]
    fn an_answer_without_a_status_word_is_broken() {
        let (mut transport, mut card) = pair();
        card.write_all(&[0, 1, 0x90]).unwrap();
        assert_eq!(transport.transmit(&[0; 4]), Err(TransportError::Broken(1)));
    }

    #[test]
    fn nobody_listening_is_no_card_process() {
        let folder = std::env::temp_dir().join("tachiai-no-such-folder");
        let result = SocketTransport::connect(&folder.join("socket"), Duration::from_secs(1));
        assert!(matches!(result, Err(TransportError::NoProcess { .. })));
    }
}
