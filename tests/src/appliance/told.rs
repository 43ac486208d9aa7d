//! What the console is told of a person goes through a file descriptor, since every process of the machine can read its arguments.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Write;
use std::os::fd::{AsRawFd, OwnedFd};
use std::process::Command;

use rustix::fs::{MemfdFlags, memfd_create};

use crate::trouble::{Doing, Trouble};

/// The keys of words about a person.
const KEYS: [&str; 11] = ["number", "name", "kana", "birth", "value", "note", "by", "about", "grounds", "because", "reason"];

/// Keeps open what a command reads from. A command that was started has it, too.
pub struct Told {
    _lines: Option<OwnedFd>,
}

/// Adds arguments to a command of the console. Those that say something of a person, as `name=養父 花子`, are no arguments: they become the lines of
/// `--who-fd`. What this gives is to be kept until the command was started.
///
/// # Errors
/// [`Trouble`] if there is no memory to write the lines to.
pub fn tell(command: &mut Command, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<Told, Trouble> {
    let mut lines = String::new();
    for argument in arguments {
        let word = argument.as_ref().to_str().filter(|text| text.split_once('=').is_some_and(|(key, _)| KEYS.contains(&key)));
        match word {
            Some(word) => lines += &format!("{word}\n"),
            None => drop(command.arg(argument)),
        }
    }
    if lines.is_empty() {
        return Ok(Told { _lines: None });
    }
    let file = memfd_create("who", MemfdFlags::empty()).doing("making a file in memory")?;
    let mut file = File::from(file);
    file.write_all(lines.as_bytes()).doing("writing to memory")?;
    let lines = OwnedFd::from(file);
    command.args(["--who-fd", &lines.as_raw_fd().to_string()]);
    Ok(Told { _lines: Some(lines) })
}
