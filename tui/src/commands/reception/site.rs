//! `reception headcount`, `state`, `handover`: what the shelter says of itself.

use clap::Args;
use serde_json::json;
use tachiai_schemas::Say;
use tachiai_schemas::roster::report::HowCounted;
use tachiai_schemas::roster::{Hlc, OpenState};
use tachiai_schemas::shelter::Totals;

use super::args::{Input, note};
use crate::card::printable;
use crate::cli::Global;
use crate::commands::ask::ask;
use crate::commands::say;
use crate::failure::{Exit, Failure};
use crate::shelter::said;
use crate::shelter::state::Reception;

/// The longest note, in characters.
const LONGEST: usize = 4000;

/// Counts heads.
#[derive(Args, Debug)]
pub struct Headcount {
    /// How many people are here, named or not
    persons: u32,
    /// About so many
    #[arg(long)]
    about: bool,
}

/// Says how the shelter stands.
#[derive(Args, Debug)]
pub struct State {
    /// open, crowded, full or closed
    #[arg(value_parser = open_state)]
    state: OpenState,
}

/// Notes for the next shift.
#[derive(Args, Debug)]
pub struct Handover {
    /// List the notes instead of leaving one
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    input: Input,
}

/// Reads how a shelter stands.
///
/// # Errors
/// What the words are.
pub fn open_state(text: &str) -> Result<OpenState, String> {
    match text {
        "open" | "開設" => Ok(OpenState::Open),
        "crowded" | "混雑" => Ok(OpenState::Crowded),
        "full" | "満員" => Ok(OpenState::Full),
        "closed" | "閉鎖" => Ok(OpenState::Closed),
        _ => Err("use one of open, crowded, full, closed".to_owned()),
    }
}

impl Headcount {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global, reception: &mut Reception) -> Result<Exit, Failure> {
        let how = if self.about { HowCounted::About } else { HowCounted::Counted };
        let time = count(global, reception, self.persons, how)?;
        say(global, &json!({ "persons": self.persons, "how": how, "time": time }), || {
            let about = if self.about { global.pick("約", "about ") } else { "" };
            format!("✓ {}: {about}{}", global.pick("人数を報告しました", "heads reported"), self.persons)
        });
        Ok(Exit::Done)
    }
}

/// Reports heads; fewer than are registered as being in the shelter are a question for somebody.
///
/// # Errors
/// [`Failure`].
pub fn count(global: &Global, reception: &mut Reception, persons: u32, how: HowCounted) -> Result<Hlc, Failure> {
    let time = reception.headcount(persons, how)?;
    if let Some((ja, en)) = fewer(reception, persons) {
        note(global, &ja, &en);
    }
    Ok(time)
}

/// What is said where fewer heads were counted than are registered as being in the shelter.
#[must_use]
pub fn fewer(reception: &Reception, persons: u32) -> Option<(String, String)> {
    let registered = reception.people().totals(reception.roster()).remove(reception.shelter()).map_or(0, |Totals { stays: [inside, ..], .. }| inside);
    (u64::from(persons) < registered).then(|| {
        (
            format!("登録では{registered}人が避難所内にいます。退所の登録が漏れていないか、数え漏れがないか確かめてください。"),
            format!("{registered} people are registered as being in the shelter. See whether somebody left unregistered, or was not counted."),
        )
    })
}

impl State {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global, reception: &mut Reception) -> Result<Exit, Failure> {
        let time = reception.set_state(self.state)?;
        let shelter = reception.shelter().clone();
        say(global, &json!({ "shelter": shelter, "state": self.state, "time": time }), || {
            format!("✓ {}: {}", reception.shelter_name(global.lang(), &shelter), self.state.say(global.lang()))
        });
        Ok(Exit::Done)
    }
}

impl Handover {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global, reception: &mut Reception) -> Result<Exit, Failure> {
        if self.list {
            list(global, reception);
            return Ok(Exit::Done);
        }
        let text = match self.input.text()? {
            Some(text) => text.trim().to_owned(),
            None => ask(global.pick("引継ぎ: ", "Note: "))?,
        };
        leave_note(global, reception, &text)
    }
}

/// Lists the notes of this shelter.
pub fn list(global: &Global, reception: &Reception) {
    let notes = reception.notes();
    if global.json {
        let notes: Vec<_> = notes.iter().map(|note| json!({ "time": note.time, "text": note.note.text })).collect();
        outln!("{}", json!({ "notes": notes }));
        return;
    }
    for note in &notes {
        let text = note.note.text.lines().map(printable).collect::<Vec<_>>().join("\n    ");
        outln!("{}\n    {text}", said::moment(global.lang(), note.time.millis()));
    }
    if notes.is_empty() {
        outln!("{}", global.pick("引継ぎはありません。", "no notes."));
    }
}

/// Leaves a note.
///
/// # Errors
/// [`Failure`].
pub fn leave_note(global: &Global, reception: &mut Reception, text: &str) -> Result<Exit, Failure> {
    if text.is_empty() || text.chars().count() > LONGEST || text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(Failure::new(
            Exit::Usage,
            format!("引継ぎは1から{LONGEST}文字で、制御文字なしで書いてください。"),
            format!("a note has 1 to {LONGEST} characters, none of them a control character."),
        ));
    }
    let time = reception.hand_over(text)?;
    say(global, &json!({ "time": time }), || format!("✓ {}", global.pick("引継ぎを残しました。", "The note is left.")));
    Ok(Exit::Done)
}
