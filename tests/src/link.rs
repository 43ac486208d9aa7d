//! The line between a console and the appliance, which can be cut: then the console runs in a network of its own with nobody in it.

use std::process::{Command, Stdio};

use crate::appliance::Programs;
use crate::trouble::Trouble;

/// Whether a console reaches the appliance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// It does.
    Up,
    /// It is in a network of its own, with nobody in it.
    Cut,
}

impl Link {
    /// The console `tachiai`, not started, with or without a network.
    ///
    /// # Errors
    /// [`Trouble`] if there is no such program.
    pub fn console(self, programs: &Programs) -> Result<Command, Trouble> {
        let console = programs.command("tachiai")?;
        match self {
            Self::Up => Ok(console),
            Self::Cut => {
                let mut alone = Command::new("unshare");
                if !rustix::process::geteuid().is_root() {
                    alone.args(["--user", "--map-root-user"]);
                }
                alone.arg("--net").arg(console.get_program()).stdin(Stdio::null());
                for (name, value) in console.get_envs() {
                    match value {
                        Some(value) => alone.env(name, value),
                        None => alone.env_remove(name),
                    };
                }
                Ok(alone)
            }
        }
    }
}
