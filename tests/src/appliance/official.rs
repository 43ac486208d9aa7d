//! A member of staff at their own terminal: a profile, and the console's commands.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde::de::DeserializeOwned;
use tachiai_schemas::Lang;
use tachiai_schemas::staff::{Done, Pending, Role};

use super::programs::{Outcome, describe};
use super::{Appliance, Programs, tell};
use crate::trouble::{Doing, Trouble};

/// A member of staff.
#[derive(Debug, Clone)]
pub struct Official {
    programs: Programs,
    profile: PathBuf,
}

impl Official {
    pub(super) fn add(appliance: &Appliance, name: &str, role: Role) -> Result<Official, Trouble> {
        let folder = appliance.folder().join("staff").join(name);
        fs::create_dir_all(&folder).map_err(|error| Trouble::file(&folder, error))?;
        let mut command = appliance.programs().command("tachiaid")?;
        command.args(["staff", "add", name, "--role", role.name()]);
        command.arg("--config").arg(appliance.config()).arg("--out").arg(&folder);
        Outcome::of(command)?.ok()?;
        Ok(Official { programs: appliance.programs().clone(), profile: folder.join("profile.toml") })
    }

    /// The profile's file.
    pub fn profile(&self) -> &Path {
        &self.profile
    }

    /// Runs a command of the console with this profile; words about a person are told through a descriptor ([`tell`]).
    ///
    /// # Errors
    /// [`Trouble`] if it cannot be started; its exit code is the caller's to judge.
    pub fn tachiai(&self, arguments: &[&str]) -> Result<Outcome, Trouble> {
        self.tachiai_in(Lang::En, arguments)
    }

    /// The same in a language.
    ///
    /// # Errors
    /// As [`Self::tachiai`].
    pub fn tachiai_in(&self, lang: Lang, arguments: &[&str]) -> Result<Outcome, Trouble> {
        let mut command = self.programs.command("tachiai")?;
        command.arg("--profile").arg(&self.profile).args(["--lang", lang.pick("ja", "en")]);
        let _told = tell(&mut command, arguments)?;
        Outcome::of(command)
    }

    /// Runs a command that must be done, and takes its answer as JSON.
    ///
    /// # Errors
    /// [`Trouble`] unless it ends with exit code 0 and an answer of this type.
    pub fn ask<T: DeserializeOwned>(&self, arguments: &[&str]) -> Result<T, Trouble> {
        self.tachiai(&[&["--json"], arguments].concat())?.ok()?.json()
    }

    /// Asks for an act that needs a second official, whom it then has approve it.
    ///
    /// # Errors
    /// [`Trouble`] if either is refused.
    pub fn act(&self, arguments: &[&str], second: &Official) -> Result<Done, Trouble> {
        let pending: Pending = self.tachiai(&[&["--json"], arguments].concat())?.expect(3)?.json()?;
        second.ask(&["approve", &pending.id, "--yes"])
    }

    /// Runs a command of the console with this profile that reads a secret from its standard input (`--…-fd 0`).
    ///
    /// # Errors
    /// [`Trouble`] if it cannot be started.
    pub fn tachiai_with_secret(&self, secret: &str, arguments: &[&str]) -> Result<Outcome, Trouble> {
        let mut command = self.programs.command("tachiai")?;
        command.arg("--profile").arg(&self.profile).args(["--lang", "en"]).args(arguments);
        with_secret(command, secret)
    }
}

/// Runs a command that reads a secret from its standard input.
///
/// # Errors
/// [`Trouble`] if it cannot be started.
pub fn with_secret(mut command: Command, secret: &str) -> Result<Outcome, Trouble> {
    let text = describe(&command);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().doing(&text)?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that fails before it reads the secret says so itself.
        let _ = stdin.write_all(secret.as_bytes());
    }
    let Output { status, stdout, stderr } = child.wait_with_output().doing(&text)?;
    let [stdout, stderr] = [stdout, stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ok(Outcome { command: text, code: status.code(), stdout, stderr })
}
