//! What a program says of its own command line, in the language of whoever types it: the help of every command, and what is wrong with a line.
//!
//! The definition that reads the command line holds the English. A Fluent file beside it holds the Japanese: a message for each command, named by its
//! path (`election-create`), with an attribute for each argument. Only where something is to be said is the definition put into Japanese, and the line
//! read by it once more.

mod gaps;
mod japanese;
mod lines;
mod usage;
mod words;

use std::ffi::OsString;
use std::io::{IsTerminal, Write};

use clap::builder::StyledStr;
use clap::error::ErrorKind;
use clap::{Command, Parser};

pub use gaps::gaps;

use crate::Lang;

/// Reads a command line, of which the first word is the program.
///
/// # Errors
/// [`Told`]: the help that was asked for, or what is wrong.
pub fn read<P: Parser>(ja: &str, line: &[OsString]) -> Result<P, Told> {
    P::try_parse_from(line).map_err(|error| Told::of(&error, P::command(), ja, line))
}

/// The definition of a program in a language.
#[must_use]
pub fn spoken(command: Command, ja: &str, lang: Lang) -> Command {
    match lang {
        Lang::Ja => japanese::put(command, ja, None),
        Lang::En => command,
    }
}

/// The same with everything that clap adds to it.
#[must_use]
pub fn whole(command: Command, ja: &str, lang: Lang) -> Command {
    let mut command = spoken(command, ja, lang);
    command.build();
    if lang == Lang::Ja {
        japanese::name_help(&mut command);
    }
    command
}

/// The help of a program, as nobody's command line asked for it.
#[must_use]
pub fn help(command: Command, ja: &str, lang: Lang) -> String {
    match lang {
        Lang::Ja => named(&japanese::for_screen(command, ja).render_help()).to_string(),
        Lang::En => command.clone().render_help().to_string(),
    }
}

/// The language that the environment asks for: `LC_ALL`, else `LC_MESSAGES`, else `LANG`.
#[must_use]
pub fn locale() -> Lang {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    set.map_or(Lang::En, |locale| Lang::of_locale(&locale))
}

/// The language that a line asks for, as far as can be told of one that could not be read.
fn asked(line: &[OsString]) -> Option<Lang> {
    let words: Vec<&str> = line.iter().map(|word| word.to_str().unwrap_or_default()).take_while(|word| *word != "--").collect();
    let after = words.windows(2).filter_map(|pair| if let ["--lang", lang] = pair { Some(*lang) } else { None });
    let joined = words.iter().filter_map(|word| word.strip_prefix("--lang="));
    after.chain(joined).find_map(|lang| lang.parse().ok())
}

/// What is told instead of running a command.
#[derive(Debug)]
pub struct Told {
    text: StyledStr,
    /// Whether the line was wrong, and not help or the version asked for.
    pub failed: bool,
    is_json: bool,
}

impl Told {
    fn of(error: &clap::Error, command: Command, ja: &str, line: &[OsString]) -> Self {
        let text = match asked(line).unwrap_or_else(locale) {
            Lang::En => error.render(),
            Lang::Ja => in_japanese(error, japanese::for_screen(command, ja), line),
        };
        let is_json = line.iter().take_while(|word| *word != "--").any(|word| word == "--json");
        Self { text, failed: error.use_stderr(), is_json }
    }

    /// What is wrong, where a program reads the answer.
    #[must_use]
    pub fn for_a_program(&self) -> Option<String> {
        (self.failed && self.is_json).then(|| self.text.to_string().trim_end().to_owned())
    }

    /// Prints it: help to standard output, what is wrong to standard error.
    pub fn print(&self) {
        // A closed pipe is no reason to fail on top of it.
        let _ = if self.failed { shown(&self.text, &mut std::io::stderr().lock()) } else { shown(&self.text, &mut std::io::stdout().lock()) };
    }
}

/// What is wrong with the line, or the help that it asks for, as the definition in Japanese tells it.
fn in_japanese(error: &clap::Error, mut command: Command, line: &[OsString]) -> StyledStr {
    match command.try_get_matches_from_mut(line) {
        Err(again) if matches!(again.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand) => named(&again.render()),
        Err(again) if again.kind() != ErrorKind::DisplayVersion => usage::told(&again, &command, line),
        Err(again) => again.render(),
        // It was the type, not the definition, that the line does not fit.
        Ok(_) => usage::told(error, &command, line),
    }
}

/// The one word of a usage line that the definition has no name for.
fn named(text: &StyledStr) -> StyledStr {
    StyledStr::from(text.ansi().to_string().replace("[OPTIONS]", "[オプション]"))
}

fn shown(text: &StyledStr, out: &mut (impl Write + IsTerminal)) -> std::io::Result<()> {
    let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let text = if is_plain || !out.is_terminal() { text.to_string() } else { text.ansi().to_string() };
    writeln!(out, "{}", text.trim_end())
}

#[cfg(test)]
mod tests;
