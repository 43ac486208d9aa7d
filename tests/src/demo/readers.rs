//! Where the cards of the first voters lie: in readers of a PC/SC service, as at a real desk, or, where there is no such service, in processes behind sockets.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use super::Screen;
use super::hands::BY_HAND;
use crate::appliance::{Process, Programs};
use crate::pcscd::{Inserted, Pcscd, Reader};
use crate::trouble::{Doing, Trouble};

/// How long a card process may take until it listens.
const START: Duration = Duration::from_secs(20);

/// A place for a card for each of the first voters, and one at the desk of the polling place.
pub enum Readers {
    /// Virtual readers of a pcscd of the demonstration's own. One that runs on this machine is neither used nor touched.
    Service(Pcscd),
    /// A socket for each card.
    Sockets {
        /// Where they lie. A socket's path may have 107 bytes, so this is not in the build folder, which may be deep.
        folder: TempDir,
        /// Why there is no service.
        why: String,
    },
}

/// A card in its place. Dropping it takes the card out.
pub enum Held {
    /// In a reader.
    Inserted(Inserted),
    /// Behind a socket.
    Served(Process),
}

impl Readers {
    /// A service if there can be one, else sockets.
    ///
    /// # Errors
    /// [`Trouble`] if there can be neither.
    pub fn set_up() -> Result<Readers, Trouble> {
        Readers::service().or_else(|trouble| Readers::sockets(trouble.to_string()))
    }

    /// A service with a reader for each of the first voters, and one at the desk of the polling place.
    ///
    /// # Errors
    /// [`Trouble`] if it is not installed or does not start.
    pub fn service() -> Result<Readers, Trouble> {
        Pcscd::start(BY_HAND + 1).map(Readers::Service)
    }

    /// Sockets, and why.
    ///
    /// # Errors
    /// [`Trouble`] if there is no place for them.
    pub fn sockets(why: String) -> Result<Readers, Trouble> {
        Ok(Readers::Sockets { folder: tempfile::tempdir().doing("a folder for sockets")?, why })
    }

    /// Says plainly what the cards go by.
    pub fn say(&self, screen: &Screen) {
        match self {
            Readers::Service(_) => screen.say(screen.pick(
                "最初の3人のカードは、専用に起動した pcscd の仮想カードリーダーを通ります。",
                "the first three voters' cards go through virtual readers of a pcscd started for this",
            )),
            Readers::Sockets { folder: _, why } => {
                screen.say(screen.pick(
                    "pcscd を使えないため、最初の3人のカードはリーダーの代わりにソケットを通ります。理由:",
                    "pcscd cannot be used, so the first three voters' cards go through sockets instead of readers. Why:",
                ));
                why.lines().for_each(|line| screen.say(format!("  {line}")));
            }
        }
    }

    /// The virtual reader of voter `number`, if there is a service.
    pub fn reader(&self, number: usize) -> Option<&Reader> {
        match self {
            Readers::Service(pcscd) => pcscd.readers().get(number),
            Readers::Sockets { .. } => None,
        }
    }

    /// The options by which the console finds the card of voter `number`.
    ///
    /// # Errors
    /// [`Trouble`] if there is no such place.
    pub fn options(&self, number: usize) -> Result<[String; 2], Trouble> {
        Ok(match self {
            Readers::Service(pcscd) => ["--reader".to_owned(), pcscd.reader(number)?.name.clone()],
            Readers::Sockets { folder, .. } => ["--card".to_owned(), socket(folder, number).display().to_string()],
        })
    }

    /// Has a command find the service.
    pub fn used_by(&self, command: &mut Command) {
        if let Readers::Service(pcscd) = self {
            pcscd.used_by(command);
        }
    }

    /// Puts the card of this file into the place of voter `number`.
    ///
    /// # Errors
    /// [`Trouble`] if it is not seen there.
    pub fn insert(&self, programs: &Programs, number: usize, card: &Path, log: &Path) -> Result<Held, Trouble> {
        match self {
            Readers::Service(pcscd) => pcscd.insert(programs, number, card, &[]).map(Held::Inserted),
            Readers::Sockets { folder, .. } => {
                let socket = socket(folder, number);
                let mut command = programs.command("tachiai-vcard")?;
                command.arg("--card").arg(card).arg("--socket").arg(&socket);
                let mut process = Process::start(command, log)?;
                process.wait_until(START, |_| socket.exists())?;
                Ok(Held::Served(process))
            }
        }
    }
}

fn socket(folder: &TempDir, number: usize) -> PathBuf {
    folder.path().join(format!("card-{number}"))
}
