//! The trustees of a simulated election: each a medium in a folder of their own, worked by processes of their own.
//!
//! Between them only files pass, on a stick that goes round or through the appliance.

use std::fs;
use std::path::{Path, PathBuf};

use crate::appliance::{Official, Outcome, Programs, with_secret};
use crate::trouble::Trouble;

/// What opens the medium of a simulated trustee.
pub const PASSPHRASE: &str = "yon-nin-no-tachiai-nin";

/// How a trustee's files travel.
#[derive(Debug, Clone)]
pub enum Way {
    /// On the stick in this folder.
    Stick(PathBuf),
    /// Through the staff port, with the trustee's own certificate.
    Server(Official),
}

/// One trustee (開票立会人).
#[derive(Debug, Clone)]
pub struct Trustee {
    programs: Programs,
    folder: PathBuf,
    way: Way,
}

impl Trustee {
    /// A new trustee with new keys on a medium in `folder`.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn new(programs: &Programs, folder: &Path, name: &str, way: Way) -> Result<Trustee, Trouble> {
        fs::create_dir_all(folder).map_err(|error| Trouble::file(folder, error))?;
        let trustee = Trustee { programs: programs.clone(), folder: folder.to_owned(), way };
        trustee.run(&["new", "--name", name], Travel::No)?.ok()?;
        Ok(trustee)
    }

    /// The file for the commission.
    pub fn card(&self) -> PathBuf {
        self.folder.join("card.json")
    }

    /// The folder of the trustee's medium.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether the trustee's files go by stick.
    pub fn by_stick(&self) -> bool {
        matches!(self.way, Way::Stick(_))
    }

    /// Does one step: `commit`, `deal`, `confirm`, `state` or `decrypt`.
    ///
    /// # Errors
    /// [`Trouble`] if it cannot be started; its exit code is the caller's to judge.
    pub fn step(&self, step: &str) -> Result<Outcome, Trouble> {
        self.run(&[step], Travel::Yes)
    }

    /// A step as the trustee types it.
    pub fn typed(&self, step: &str) -> String {
        let folder = self.folder.display();
        match &self.way {
            Way::Stick(stick) => format!("tachiai trustee {step} --dir {folder} --stick {}", stick.display()),
            Way::Server(official) => format!("tachiai --profile {} trustee {step} --dir {folder} --server", official.profile().display()),
        }
    }

    fn run(&self, arguments: &[&str], travel: Travel) -> Result<Outcome, Trouble> {
        let mut command = self.programs.command("tachiai")?;
        // Not the folder of whoever started the simulation: a trustee has only their own.
        command.current_dir(&self.folder).args(["--lang", "en"]);
        match (&self.way, travel) {
            (Way::Server(official), Travel::Yes) => command.arg("--profile").arg(official.profile()),
            _ => &mut command,
        };
        command.arg("trustee").args(arguments).arg("--dir").arg(&self.folder).args(["--passphrase-fd", "0"]);
        match (&self.way, travel) {
            (_, Travel::No) => &mut command,
            (Way::Stick(stick), Travel::Yes) => command.arg("--stick").arg(stick),
            (Way::Server(_), Travel::Yes) => command.arg("--server"),
        };
        with_secret(command, PASSPHRASE)
    }
}

#[derive(Clone, Copy)]
enum Travel {
    No,
    Yes,
}
