//! What was entered last on this terminal is taken back: the record forgets nothing, so one more entry corrects it.

use clap::Args;
use serde_json::json;
use tachiai_schemas::HashBytes;

use crate::cli::Global;
use crate::commands::approve::confirmed;
use crate::commands::say;
use crate::failure::{Exit, Failure};
use crate::shelter::record::How;
use crate::shelter::state::Reception;
use crate::shelter::undo::Undo;

/// Whether it is asked for before.
#[derive(Args, Debug)]
pub struct TakeBack {
    /// Do not ask whether this is to be taken back
    #[arg(long)]
    yes: bool,
    /// Only show what would be taken back
    #[arg(long, conflicts_with = "yes")]
    preview: bool,
}

impl TakeBack {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`]: 1 if there is nothing, or something else was entered of the person since.
    pub fn run(&self, global: &Global, reception: &mut Reception) -> Result<Exit, Failure> {
        let undo = Undo::of_last(reception)?;
        // Whoever looks is noted before anybody is shown.
        reception.looked(How::Show, undo.entries().map(|(chain, _)| chain).collect(), 0)?;
        let [ja, en] = &undo.said;
        let (what, entries) = (global.pick(ja, en), undo.entries().map(|(_, entry)| entry).collect::<Vec<HashBytes>>());
        if self.preview {
            say(global, &json!({ "last": what, "entries": entries }), || what.to_owned());
            return Ok(Exit::Done);
        }
        if !self.yes {
            let asked = global.pick("取り消しますか？ [y/N] ", "Take it back? [y/N] ");
            let [ja, en] = undo.leaves();
            if !confirmed(&format!("{what}\n{}\n{asked}", global.pick(ja, en)))? {
                return Err(Failure::refused("取り消していません。", "nothing was taken back."));
            }
        }
        let ([ja, en], _) = undo.take_back(reception)?;
        let said = global.pick(&ja, &en);
        say(global, &json!({ "said": said, "entries": entries, "waiting": reception.waiting().count() }), || said.to_owned());
        Ok(Exit::Done)
    }
}
