//! A software My Number Card behind a Unix socket.

use std::{
    fs,
    io::{self, ErrorKind},
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use clap::Parser;
use tachiai_tests::card::{Fault, Slot, SoftwareCard, serve};

/// A software My Number Card behind a Unix socket, for tests and demonstrations.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The card to serve; its try counters are kept in this file.
    #[arg(long, value_name = "FILE")]
    card: PathBuf,
    /// Where to listen.
    #[arg(long, value_name = "PATH")]
    socket: PathBuf,
    /// Misbehave: remove-after:N, hang-after:N, break-after:N (N commands), locked, first-6f00, foreign.
    #[arg(long)]
    fault: Vec<Fault>,
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Nothing can be done about a closed terminal.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 64 } else { 0 });
        }
    };
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tachiai-vcard: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(
    Arguments {
        card,
        socket,
        fault,
    }: Arguments,
) -> anyhow::Result<()> {
    let engine = SoftwareCard::open(&card)?;
    let slot = Slot::new(card.display().to_string(), engine);
    let mut slot = fault.into_iter().fold(slot, Slot::with_fault);
    let listener = listen(&socket).with_context(|| format!("listening at {}", socket.display()))?;
    println!("{} at {}", card.display(), socket.display());
    match serve(&listener, &mut slot)? {}
}

/// Binds the socket, over one that a process left behind when it was killed.
fn listen(path: &Path) -> io::Result<UnixListener> {
    match UnixListener::bind(path) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            if UnixStream::connect(path).is_ok() {
                return Err(error);
            }
            fs::remove_file(path)?;
            UnixListener::bind(path)
        }
        result => result,
    }
}
