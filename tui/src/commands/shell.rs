//! What a shell and `man` know of the commands: made of the same definition that reads the command line.

use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_complete::Shell;
use tachiai_schemas::Lang;

use crate::cli::Global;
use crate::failure::{Exit, Failure};

/// Completions for a shell, on standard output.
///
/// Example: `tachiai completions bash > ~/.local/share/bash-completion/completions/tachiai`
#[derive(Args, Debug)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// Runs the command.
    ///
    /// # Errors
    /// None.
    pub fn run(&self, mut program: Command) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut program, "tachiai", &mut script);
        outln!("{}", String::from_utf8_lossy(&script).trim_end());
        Ok(Exit::Done)
    }
}

/// Manual pages, one for each command.
///
/// Example: `tachiai man ~/.local/share/man/man1`
#[derive(Args, Debug)]
pub struct Man {
    /// The folder to write them into; it has to be there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl Man {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`] if the folder cannot be written into.
    pub fn run(&self, global: &Global, program: Command) -> Result<Exit, Failure> {
        let mut program = program.disable_help_subcommand(true);
        program.build();
        write(&program, &self.folder, global.lang()).map_err(|e| Failure::file(&self.folder, &e))?;
        let folder = self.folder.display().to_string();
        super::say(global, &serde_json::json!({ "folder": folder }), || {
            global.pick(&format!("{folder} に書き出しました。"), &format!("Written to {folder}.")).to_owned()
        });
        Ok(Exit::Done)
    }
}

/// The headings of a manual page that are not those of the help.
const HEADINGS: [(&str, &str); 6] =
    [("NAME", "名前"), ("SYNOPSIS", "書式"), ("DESCRIPTION", "説明"), ("OPTIONS", "オプション"), ("EXTRA", "補足"), ("VERSION", "版")];

/// Writes the pages of a command and of all below it.
fn write(command: &Command, folder: &Path, lang: Lang) -> io::Result<()> {
    command.get_subcommands().filter(|below| !below.is_hide_set()).try_for_each(|below| write(below, folder, lang))?;
    let page = clap_mangen::Man::new(command.clone());
    let mut text = Vec::new();
    page.render(&mut text)?;
    let mut text = String::from_utf8_lossy(&text).into_owned();
    if lang == Lang::Ja {
        for (en, ja) in HEADINGS {
            text = text.replace(&format!(".SH {en}\n"), &format!(".SH {ja}\n"));
        }
    }
    std::fs::write(folder.join(page.get_filename()), text)
}
