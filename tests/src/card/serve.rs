//! A slot behind a stream, in the framing of vpcd: each message has its length before it in two bytes; one byte is a
//! control (0 off, 1 on, 2 reset, 4 asks for the answer to reset), all else a command.
//!
//! Behind a Unix socket the card waits for [`tachiai::card::SocketTransport`]. A reader of vpcd is the other way
//! around: it listens, and the card that connects lies in it until the connection ends.

use std::{
    convert::Infallible,
    io::{self, ErrorKind, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    os::unix::net::UnixListener,
    thread,
    time::{Duration, Instant},
};

use tachiai::card::Power;

use super::{Exchange, Slot};

/// How often a reader is looked for that is not there, as while pcscd restarts.
const AGAIN: Duration = Duration::from_millis(100);

/// Serves the slot to one connection after the other. Between connections the card keeps its power and what was
/// verified, as a card does that lies in a reader.
///
/// # Errors
/// When the listener fails; a connection that fails only ends.
pub fn serve(listener: &UnixListener, slot: &mut Slot) -> io::Result<Infallible> {
    loop {
        let (mut stream, _) = listener.accept()?;
        loop {
            match next(&mut stream, slot) {
                // Whoever asks again is told again that there is no card.
                Ok(Next::Asked) => {}
                Ok(Next::Removed) => {
                    if let Err(error) = write_message(&mut stream, &[]) {
                        eprintln!("connection ended: {error}");
                        break;
                    }
                }
                Ok(Next::Ended) => break,
                Err(error) => {
                    eprintln!("connection ended: {error}");
                    break;
                }
            }
        }
    }
}

/// Puts the slot's card into the reader of vpcd that listens at `address`, and back into it whenever pcscd was
/// restarted. Returns when the card was removed: only a fault does that.
///
/// `inserted` is called for each time that the reader took the card, which is when it asks the card something: a reader that holds another card lets a
/// second one connect, and then says nothing to it.
///
/// # Errors
/// When the address is none; when nothing listens there for `patience`, unless a card lay in that reader before, since pcscd may be restarting then; and
/// when the reader asks nothing for as long.
pub fn insert(address: &(impl ToSocketAddrs + ?Sized), slot: &mut Slot, patience: Duration, mut inserted: impl FnMut()) -> io::Result<()> {
    let addresses: Vec<_> = address.to_socket_addrs()?.collect();
    let (begun, mut was_in) = (Instant::now(), false);
    loop {
        let stream = match TcpStream::connect(addresses.as_slice()) {
            Ok(stream) => stream,
            Err(error) if !was_in && begun.elapsed() >= patience => return Err(error),
            Err(_) => {
                thread::sleep(AGAIN);
                continue;
            }
        };
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(patience))?;
        let (mut stream, mut is_in) = (Quick(stream), false);
        loop {
            let dealt = next(&mut stream, slot);
            if !is_in && matches!(dealt, Ok(Next::Asked | Next::Removed)) {
                stream.0.set_read_timeout(None)?;
                (is_in, was_in) = (true, true);
                inserted();
            }
            match dealt {
                Ok(Next::Asked) => {}
                // The connection is closed, which is how a card leaves a reader of vpcd.
                Ok(Next::Removed) => return Ok(()),
                Err(error) if !is_in && matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return Err(io::Error::new(ErrorKind::AddrInUse, "the reader there holds another card already, or what listens there is no reader"));
                }
                Ok(Next::Ended) | Err(_) => break,
            }
        }
        // A reader that is gone gives no power.
        slot.switch(Power::Off);
        thread::sleep(AGAIN);
    }
}

/// A TCP stream that acknowledges at once: otherwise each command takes 40 ms.
struct Quick(TcpStream);

impl Read for Quick {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // The system forgets it after some packets.
        rustix::net::sockopt::set_tcp_quickack(&self.0, true)?;
        self.0.read(buffer)
    }
}

impl Write for Quick {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

enum Next {
    /// A message was dealt with.
    Asked,
    /// The card is gone, and its answer is missing.
    Removed,
    /// The other side has left.
    Ended,
}

/// Deals with one message.
fn next(stream: &mut (impl Read + Write), slot: &mut Slot) -> io::Result<Next> {
    let Some(message) = read_message(stream)? else {
        return Ok(Next::Ended);
    };
    match message.as_slice() {
        [0] => slot.switch(Power::Off),
        [1] => slot.switch(Power::On),
        [2] => slot.switch(Power::Reset),
        [4] => write_message(stream, slot.atr())?,
        apdu => match slot.exchange(apdu) {
            Exchange::Answer(answer) => write_message(stream, &answer)?,
            Exchange::Removed => return Ok(Next::Removed),
            Exchange::Hung => {
                // Silent until the other side gives up.
                io::copy(stream, &mut io::sink())?;
                return Ok(Next::Ended);
            }
        },
    }
    Ok(Next::Asked)
}

/// The next message, or none at the end of the connection.
fn read_message(stream: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 2];
    match stream.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    }
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut message)?;
    Ok(Some(message))
}

fn write_message(stream: &mut impl Write, message: &[u8]) -> io::Result<()> {
    let length = u16::try_from(message.len()).map_err(|_| ErrorKind::InvalidInput)?;
    let mut frame = length.to_be_bytes().to_vec();
    frame.extend_from_slice(message);
    stream.write_all(&frame)
}
