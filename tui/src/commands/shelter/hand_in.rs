//! Hand-ins that come on a stick.

use std::path::PathBuf;

use clap::Args;
use tachiai_schemas::Lang;
use tachiai_schemas::roster::hand_in::{Copied, HandInAnswer, SignedHandIn};

use super::BASE;
use super::aside::aside_text;
use crate::cli::Global;
use crate::commands::say;
use crate::failure::{Exit, Failure};

/// The files of a stick, in any order; handing one in twice changes nothing.
#[derive(Args, Debug)]
#[command(after_help = "Example: tachiai shelter hand-in /media/stick/gym-1-*.json")]
pub struct HandInCommand {
    /// The files
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

impl HandInCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let mut exit = Exit::Done;
        for path in &self.files {
            let bytes = std::fs::read(path).map_err(|e| Failure::file(path, &e))?;
            let file: SignedHandIn = serde_json::from_slice(&bytes).map_err(|e| {
                Failure::incomplete(
                    format!("{} は引き渡しファイルとして読めません（途中で切れたか、壊れています: {e}）。端末で作り直してください。", path.display()),
                    format!("{} cannot be read as a hand-in (cut off or damaged: {e}). Write it again on the terminal.", path.display()),
                )
            })?;
            let answer: HandInAnswer = client.post(&format!("{BASE}/events/{}/hand-ins?way=stick", file.body.event), None, &file)?;
            if !answer.aside.is_empty() {
                exit = Exit::Refused;
            }
            say(global, &serde_json::json!({ "file": path, "answer": answer }), || {
                format!("{}  {}  {}", path.display(), file.body.terminal, answer_text(global.lang(), &answer))
            });
        }
        Ok(exit)
    }
}

fn answer_text(l: Lang, answer: &HandInAnswer) -> String {
    let HandInAnswer { taken, known, aside, now: _, size: _, copied, checkpoint: _ } = answer;
    let copied = match copied {
        Copied::No => "",
        Copied::Twice => l.pick("  ⚠ 同じ名前で2台が書いています", "  ! two write under this name"),
    };
    let mut lines =
        vec![format!("{}: {taken}  {}: {known}  {}: {}{copied}", l.pick("新規", "new"), l.pick("受取済み", "known"), l.pick("保留", "set aside"), aside.len())];
    lines.extend(aside.iter().map(|aside| aside_text(l, aside)));
    lines.join("\n")
}
