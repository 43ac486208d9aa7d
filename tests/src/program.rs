//! What the programs of this crate have in common: a command line, something to perform, and what is said if it fails.

use std::process::ExitCode;

use clap::Parser;

use crate::trouble::Trouble;

/// Reads the command line of the program `name` and performs what it asks for.
pub fn main<Arguments: Parser>(name: &str, perform: impl FnOnce(&Arguments) -> Result<(), Trouble>) -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Nothing can be done about a closed terminal.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 64 } else { 0 });
        }
    };
    match perform(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("{name}: {trouble}");
            ExitCode::from(2)
        }
    }
}
