//! The programs of the project, as they lie beside the one that runs.

use std::ffi::OsStr;
use std::fmt::Display;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};

use serde::de::DeserializeOwned;

use crate::trouble::{Doing, Trouble};

/// The folder with the programs.
#[derive(Debug, Clone)]
pub struct Programs(PathBuf);

impl Programs {
    /// Those built together with the running program or test.
    ///
    /// # Errors
    /// [`Trouble`] if the running program cannot tell where it lies.
    pub fn beside_this() -> Result<Programs, Trouble> {
        let this = std::env::current_exe().doing("finding the running program")?;
        let folder = this.parent().unwrap_or(Path::new("."));
        // Tests lie one folder deeper than the programs.
        let folder = if folder.file_name() == Some(OsStr::new("deps")) { folder.parent().unwrap_or(folder) } else { folder };
        Ok(Programs(folder.to_owned()))
    }

    /// The path of one program.
    ///
    /// # Errors
    /// [`Trouble`] if it was not built.
    pub fn path(&self, name: &str) -> Result<PathBuf, Trouble> {
        let path = self.0.join(name);
        if path.is_file() {
            return Ok(path);
        }
        let release = if self.0.ends_with("release") { " --release" } else { "" };
        Err(Trouble::file(&path, "this program is not there").hint(format!("build all of them first: cargo build{release} --workspace --bins")))
    }

    /// A command that runs one program in English, without the reader's own settings.
    ///
    /// # Errors
    /// As [`Programs::path`].
    pub fn command(&self, name: &str) -> Result<Command, Trouble> {
        let mut command = Command::new(self.path(name)?);
        command.stdin(Stdio::null()).env("LC_ALL", "C.UTF-8").env_remove("XDG_CONFIG_HOME").env_remove("RUST_LOG");
        Ok(command)
    }

    /// Runs one program to its end.
    ///
    /// # Errors
    /// [`Trouble`] if it cannot be started; its exit code is the caller's to judge.
    pub fn run(&self, name: &str, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<Outcome, Trouble> {
        let mut command = self.command(name)?;
        command.args(arguments);
        Outcome::of(command)
    }
}

/// How a program ended and what it said.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The command, for messages.
    pub command: String,
    /// The exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Outcome {
    /// Runs a command to its end.
    ///
    /// # Errors
    /// [`Trouble`] if it cannot be started.
    pub fn of(mut command: Command) -> Result<Outcome, Trouble> {
        let text = describe(&command);
        let Output { status, stdout, stderr } = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().doing(&text)?;
        let [stdout, stderr] = [stdout, stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Ok(Outcome { command: text, code: status.code(), stdout, stderr })
    }

    /// Goes on only if the program ended with this code (see the contract of exit codes).
    ///
    /// # Errors
    /// [`Trouble`] with all that it said.
    pub fn expect(self, code: i32) -> Result<Outcome, Trouble> {
        if self.code == Some(code) { Ok(self) } else { Err(self.trouble(format!("exit code {code} was expected"))) }
    }

    /// Goes on only if the program did what it was asked.
    ///
    /// # Errors
    /// As [`Outcome::expect`].
    pub fn ok(self) -> Result<Outcome, Trouble> {
        self.expect(0)
    }

    /// What it wrote to standard output, as JSON.
    ///
    /// # Errors
    /// [`Trouble`] if that is something else.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Trouble> {
        serde_json::from_str(self.stdout.trim()).map_err(|error| self.trouble(format!("its answer is not the expected JSON: {error}")))
    }

    fn trouble(&self, what: impl Display) -> Trouble {
        let Outcome { command, code, stdout, stderr } = self;
        let ended = code.map_or("ended by a signal".to_owned(), |code| format!("exit code {code}"));
        Trouble::new(command, format!("{what}, but: {ended}\n{}{}", indented(stdout), indented(stderr)))
    }
}

/// The command as one would type it, by the program's name alone.
pub(super) fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    command.get_args().fold(program, |text, argument| text + " " + &argument.to_string_lossy())
}

/// How a process ended, for people.
pub(super) fn ended(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "no exit code".to_owned(),
    }
}

pub(super) fn indented(text: &str) -> String {
    text.lines().fold(String::new(), |all, line| all + "    " + line + "\n")
}
