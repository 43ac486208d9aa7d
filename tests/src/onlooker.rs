//! An onlooker with the witness's program and a state folder: one who follows boards and cosigns them.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::appliance::{Appliance, Outcome, Process, Programs};
use crate::trouble::{Doing, Trouble};

/// The onlooker.
pub struct Onlooker {
    programs: Programs,
    /// The state folder.
    pub state: PathBuf,
    /// The public key, as it stands in a specification.
    pub key: String,
}

impl Onlooker {
    /// Makes a key of this name in a new folder.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn new(programs: &Programs, name: &str, state: &Path) -> Result<Onlooker, Trouble> {
        let mut command = programs.command("tachiai-witness")?;
        command.args(["init", "--json", "--name", name, "--state"]).arg(state);
        let made: Value = Outcome::of(command)?.ok()?.json()?;
        let key = made.get("key").and_then(Value::as_str).doing("the key of a witness")?.to_owned();
        Ok(Onlooker { programs: programs.clone(), state: state.to_owned(), key })
    }

    /// A command of the witness's program, with the state.
    ///
    /// # Errors
    /// [`Trouble`] if the program was not built.
    pub fn command(&self, command: &str) -> Result<Command, Trouble> {
        let mut process = self.programs.command("tachiai-witness")?;
        process.args([command, "--lang", "en", "--state"]).arg(&self.state);
        Ok(process)
    }

    /// Pins the board of an election at its appliance.
    ///
    /// # Errors
    /// [`Trouble`] if it cannot be started.
    pub fn watch(&self, appliance: &Appliance, election: &str, expect: Option<&str>) -> Result<Outcome, Trouble> {
        let mut command = self.command("watch")?;
        command.args(["--board", &appliance.url(), "--election", election, "--ca"]).arg(appliance.ca());
        command.args(expect.iter().flat_map(|expect| ["--expect", expect]));
        Outcome::of(command)
    }

    /// Looks once at every pinned board.
    ///
    /// # Errors
    /// [`Trouble`] if it cannot be started.
    pub fn look(&self) -> Result<Outcome, Trouble> {
        let mut command = self.command("follow")?;
        command.arg("--once");
        Outcome::of(command)
    }

    /// Cosigns what is on a stick.
    ///
    /// # Errors
    /// [`Trouble`] if it cannot be started.
    pub fn stick(&self, medium: &Path) -> Result<Outcome, Trouble> {
        let mut command = self.command("stick")?;
        command.arg(medium);
        Outcome::of(command)
    }

    /// Waits to be asked, at a port of this machine; gives the process and its address.
    ///
    /// # Errors
    /// [`Trouble`] if it does not come to listen.
    pub fn serve(&self, wrap: impl FnOnce(Command) -> Command) -> Result<(Process, String), Trouble> {
        let mut command = self.command("serve")?;
        command.args(["--listen", "127.0.0.1:0"]);
        let log = self.state.with_extension("log");
        let mut process = Process::start(wrap(command), &log)?;
        let address = |process: &Process| process.said().lines().find_map(|line| line.strip_prefix("listening at ").map(str::to_owned));
        process.wait_until(std::time::Duration::from_secs(20), |process| address(process).is_some())?;
        let url = address(&process).doing("the address of a witness")?;
        Ok((process, url))
    }

    /// The evidence of forks that lies in the state.
    pub fn evidence(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for folder in std::fs::read_dir(self.state.join("logs")).into_iter().flatten().flatten() {
            for file in std::fs::read_dir(folder.path()).into_iter().flatten().flatten() {
                if file.file_name().to_string_lossy().starts_with("fork-") {
                    found.push(file.path());
                }
            }
        }
        found.sort();
        found
    }
}
