//! The trustees of a simulated election: each a medium in a folder of their own, worked by processes of their own.
//!
//! Between them only files pass, on a stick that goes round or through the appliance.

use std::fs;
use std::path::{Path, PathBuf};

use tachiai_schemas::ElectionId;

use crate::appliance::{Official, Outcome, Programs, with_secret};
use crate::trouble::{Doing, Trouble};

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

/// What a trustee does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// Commits.
    Commit,
    /// Deals.
    Deal,
    /// Confirms. The simulated trustees trust the list that they are shown, as people must not.
    Confirm,
    /// Looks where things stand.
    State,
    /// Signs the tally statement or releases shares, in the election with this fingerprint.
    Decrypt(&'a str),
}

impl Step<'_> {
    fn arguments(&self) -> Vec<&str> {
        match self {
            Self::Commit => vec!["commit"],
            Self::Deal => vec!["deal"],
            Self::Confirm => vec!["confirm", "--compared"],
            Self::State => vec!["state"],
            Self::Decrypt(expect) => vec!["decrypt", "--expect", expect],
        }
    }
}

/// One trustee (開票立会人) in one election.
#[derive(Debug, Clone)]
pub struct Trustee {
    programs: Programs,
    folder: PathBuf,
    card: PathBuf,
    way: Way,
    election: Option<ElectionId>,
}

impl Trustee {
    /// A new trustee with new keys on a medium in `folder`.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn new(programs: &Programs, folder: &Path, name: &str, way: Way) -> Result<Trustee, Trouble> {
        fs::create_dir_all(folder).map_err(|error| Trouble::file(folder, error))?;
        let trustee = Trustee { programs: programs.clone(), folder: folder.to_owned(), card: folder.join("card.json"), way, election: None };
        trustee.on_medium(&["new", "--name", name])?.ok()?;
        Ok(trustee)
    }

    /// The same person with the same medium, as a trustee of another election, whose stick is another one.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn again(&self, stick: &Path) -> Result<Trustee, Trouble> {
        let card = self.folder.join("another-card.json");
        self.on_medium(&["card", "--out", card.to_str().doing("a path that is not UTF-8")?])?.ok()?;
        let way = match &self.way {
            Way::Stick(_) => Way::Stick(stick.to_owned()),
            Way::Server(official) => Way::Server(official.clone()),
        };
        Ok(Trustee { card, way, election: None, ..self.clone() })
    }

    /// Over the network, several elections may be under way.
    pub(crate) fn serves(&mut self, election: ElectionId) {
        self.election = Some(election);
    }

    /// The file for the commission.
    pub fn card(&self) -> PathBuf {
        self.card.clone()
    }

    /// The folder of the trustee's medium.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether the trustee's files go by stick.
    pub fn by_stick(&self) -> bool {
        matches!(self.way, Way::Stick(_))
    }

    /// Does one step.
    ///
    /// # Errors
    /// [`Trouble`] if it cannot be started; its exit code is the caller's to judge.
    pub fn step(&self, step: Step<'_>) -> Result<Outcome, Trouble> {
        self.does(&step.arguments())
    }

    /// Does a step by its command and options, but for the ones that say where the files are.
    ///
    /// # Errors
    /// [`Trouble`] if it cannot be started; its exit code is the caller's to judge.
    pub fn does(&self, arguments: &[&str]) -> Result<Outcome, Trouble> {
        self.run(arguments, Travel::Yes)
    }

    /// Runs a command that needs the medium only.
    ///
    /// # Errors
    /// [`Trouble`] if it cannot be started; its exit code is the caller's to judge.
    pub fn on_medium(&self, arguments: &[&str]) -> Result<Outcome, Trouble> {
        self.run(arguments, Travel::No)
    }

    /// A step as the trustee types it.
    pub fn typed(&self, step: Step<'_>) -> String {
        let (folder, step) = (self.folder.display(), step.arguments().join(" "));
        let election = self.election.map(|election| format!(" --election {election}")).unwrap_or_default();
        match &self.way {
            Way::Stick(stick) => format!("tachiai trustee {step} --dir {folder} --stick {}", stick.display()),
            Way::Server(official) => format!("tachiai --profile {} trustee {step} --dir {folder} --server{election}", official.profile().display()),
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
            (_, Travel::No) => {}
            (Way::Stick(stick), Travel::Yes) => {
                command.arg("--stick").arg(stick);
            }
            (Way::Server(_), Travel::Yes) => {
                command.arg("--server");
                if let Some(election) = self.election {
                    command.arg("--election").arg(election.to_string());
                }
            }
        }
        with_secret(command, PASSPHRASE)
    }
}

#[derive(Clone, Copy)]
enum Travel {
    No,
    Yes,
}
