//! A slot behind a Unix socket, in the framing of vpcd that [`tachiai::card::SocketTransport`] speaks.

use std::{
    convert::Infallible,
    io::{self, ErrorKind, Read, Write},
    os::unix::net::{UnixListener, UnixStream},
};

use tachiai::card::Power;

use super::{Exchange, Slot};

/// Serves the slot to one connection after the other. Between connections the card keeps its power and what was
/// verified, as a card does that lies in a reader.
///
/// # Errors
/// When the listener fails; a connection that fails only ends.
pub fn serve(listener: &UnixListener, slot: &mut Slot) -> io::Result<Infallible> {
    loop {
        let (stream, _) = listener.accept()?;
        if let Err(error) = serve_connection(stream, slot) {
            eprintln!("connection ended: {error}");
        }
    }
}

fn serve_connection(mut stream: UnixStream, slot: &mut Slot) -> io::Result<()> {
    while let Some(message) = read_message(&mut stream)? {
        match message.as_slice() {
            [0] => slot.switch(Power::Off),
            [1] => slot.switch(Power::On),
            [2] => slot.switch(Power::Reset),
            [4] => write_message(&mut stream, slot.atr())?,
            apdu => match slot.exchange(apdu) {
                Exchange::Answer(answer) => write_message(&mut stream, &answer)?,
                Exchange::Removed => write_message(&mut stream, &[])?,
                Exchange::Hung => {
                    // Silent until the other side gives up.
                    io::copy(&mut stream, &mut io::sink())?;
                    return Ok(());
                }
            },
        }
    }
    Ok(())
}

/// The next message, or none at the end of the connection.
fn read_message(stream: &mut UnixStream) -> io::Result<Option<Vec<u8>>> {
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

fn write_message(stream: &mut UnixStream, message: &[u8]) -> io::Result<()> {
    let length = u16::try_from(message.len()).map_err(|_| ErrorKind::InvalidInput)?;
    let mut frame = length.to_be_bytes().to_vec();
    frame.extend_from_slice(message);
    stream.write_all(&frame)
}
