//! What a person at a terminal is asked.

use std::io::{IsTerminal, Write};

use crate::cli::Global;
use crate::failure::{Exit, Failure};

/// Whether somebody sits at a terminal, who can be asked and waited for.
pub fn is_conversation(global: &Global) -> bool {
    !global.json && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks a question that is answered by yes or no.
///
/// # Errors
/// As [`ask`].
pub fn ask_yes(question: &str) -> Result<bool, Failure> {
    ask(question).map(|answer| matches!(answer.as_str(), "y" | "Y" | "yes" | "はい"))
}

/// Asks a question; gives the answer without spaces around it.
///
/// # Errors
/// [`Failure`] (64) where nobody can be asked.
pub fn ask(question: &str) -> Result<String, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new(
            Exit::Usage,
            "端末ではないため質問できません。--choice、--yes などの引数で指定してください。",
            "this is no terminal, so nothing can be asked. Use arguments such as --choice and --yes.",
        ));
    }
    // What is asked must be seen even when the output goes to a file.
    eprint!("{question}");
    let mut line = String::new();
    std::io::stderr().flush().and_then(|()| std::io::stdin().read_line(&mut line)).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?;
    Ok(line.trim().to_owned())
}
