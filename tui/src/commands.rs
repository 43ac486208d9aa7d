//! The commands, one file for each person who types them; `ask` is what all of them ask.

pub mod access;
pub mod agency;
pub mod approve;
mod ask;
pub mod board;
pub(crate) mod by_name;
pub mod card;
pub mod citizen;
pub mod columns;
pub mod count;
pub mod counter;
pub mod declare;
pub mod decline;
pub mod disclose;
pub mod election;
pub mod envelopes;
pub mod given;
pub mod journal;
pub mod papers;
pub mod poll;
mod print;
pub mod private_use;
pub mod questionnaire;
pub mod receipt;
pub mod reception;
pub mod rehearse;
mod reports;
pub mod roll;
pub mod roster;
pub mod shell;
pub mod shelter;
pub mod status;
pub(crate) mod told;
pub mod trustee;
pub mod turnout;
pub mod vote;

use crate::cli::Global;

/// Prints an answer: to a program as JSON, to a person as text.
fn say(global: &Global, json: &serde_json::Value, text: impl FnOnce() -> String) {
    if global.json {
        outln!("{json}");
    } else {
        let text = text();
        // An empty line would leave it open whether anything was looked for.
        outln!("{}", if text.is_empty() { global.pick("該当はありません。", "There is nothing.") } else { &text });
    }
}
