//! What is told of a roster: statements with their proofs, and the own entry that an evacuee takes along.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;
use tachiai_crypto::election::context::Fingerprint;
use tachiai_schemas::roster::EventId;
use tachiai_schemas::roster::own::OwnEntry;
use tachiai_schemas::shelter::StatementMade;
use tachiai_schemas::{Lang, roster};
use tachiai_verify::roster::statement::{StatementVerdict, ToldScope, verify};

use super::say;
use super::shelter::WhichEvent;
use crate::card::printable;
use crate::cli::Global;
use crate::client::Client;
use crate::draft::Draft;
use crate::failure::{Exit, Failure};

/// Rosters: totals with a proof, and what an evacuee takes along.
#[derive(Subcommand, Debug)]
pub enum Roster {
    /// State the totals of now with a proof and without a name; or fetch a statement that was made
    Statement(Statement),
    /// List the statements that were made
    Statements(Statements),
    /// Check a statement that was made, as auditors do
    Check(Check),
    /// Write the latest entry of a person to a file, for the person to take along and check
    Own(Own),
}

impl Roster {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        match self {
            Self::Statement(command) => command.run(global),
            Self::Statements(command) => command.run(global),
            Self::Check(command) => command.run(global),
            Self::Own(command) => command.run(global),
        }
    }
}

/// A statement.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  tachiai roster statement --out 0003.statement
  tachiai roster statement --number 2 --out 0002.statement
  tachiai-verify roster 0003.statement --since 0002.statement --expect FINGERPRINT
Totals of few people are not told, nor what follows from others. Where too few changed since the last statement, none is made: that one stands.
The file needs nothing else to be checked. It has every entry of the roster, without names: who sees it sees how many come and go where and when.")]
pub struct Statement {
    /// The file; one that is there already is not overwritten
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Fetch this one instead of making one
    #[arg(long, value_name = "N")]
    number: Option<u64>,
    #[command(flatten)]
    which: WhichEvent,
}

impl Statement {
    fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let event = self.which.find(&client)?;
        let Taken { number, size, fingerprint, out } = take(&client, event, self.number, &self.out)?;
        let lang = global.lang();
        say(global, &json!({ "number": number, "file": out, "bytes": size, "fingerprint": fingerprint.to_string() }), || match lang {
            Lang::Ja => format!(
                "第{number}号の集計: {}（{size} バイト）\n災害・行事の指紋: {fingerprint}\n検証: tachiai-verify roster {0} --expect {fingerprint}",
                out.display()
            ),
            Lang::En => format!(
                "statement {number}: {} ({size} bytes)\nfingerprint of the event: {fingerprint}\nto check it: tachiai-verify roster {0} --expect {fingerprint}",
                out.display()
            ),
        });
        Ok(Exit::Done)
    }
}

/// A statement that was written to a file.
pub struct Taken {
    /// Its number.
    pub number: u64,
    /// The bytes of the file.
    pub size: usize,
    /// The fingerprint of the event.
    pub fingerprint: Fingerprint,
    /// The file.
    pub out: PathBuf,
}

/// Makes a statement, or takes one that was made, and writes it to a file that is not there yet.
///
/// # Errors
/// [`Failure`].
pub fn take(client: &Client, event: EventId, number: Option<u64>, out: &Path) -> Result<Taken, Failure> {
    let path = format!("/api/v1/shelter/events/{event}/statements");
    let draft = Draft::begin(Some(out))?;
    let number = match number {
        Some(number) => number,
        None => client.post::<_, StatementMade>(&path, None, &json!({}))?.number,
    };
    let bytes = client.get_bytes(&format!("{path}/{number}"))?;
    let fingerprint = fingerprint(&bytes, out)?;
    Ok(Taken { number, size: bytes.len(), fingerprint, out: draft.finish(out, &bytes)? })
}

/// That of leaf 0, the second line of the file.
fn fingerprint(file: &[u8], path: &Path) -> Result<Fingerprint, Failure> {
    let first = file.split(|byte| *byte == b'\n').nth(1).ok_or_else(|| Failure::file(path, &"the answer is no statement"))?;
    Ok(Fingerprint::of(&roster::leaf_hash(first)))
}

/// The statements.
#[derive(Args, Debug)]
#[command(after_help = "Example: tachiai roster statements")]
pub struct Statements {
    #[command(flatten)]
    which: WhichEvent,
}

impl Statements {
    fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let made: Vec<StatementMade> = client.get(&self.which.path(&client, "/statements")?, None)?;
        let lang = global.lang();
        say(global, &json!(made), || {
            if made.is_empty() {
                return lang.pick("まだ集計は公表されていません。", "Nothing was stated yet.").to_owned();
            }
            let line = |made: &StatementMade| match lang {
                Lang::Ja => format!(
                    "第{}号  {}  名簿の項目 {} 件まで、避難所 {} か所",
                    made.number,
                    made.at.timestamp().in_japan(lang),
                    made.size,
                    made.scopes.len() - 1
                ),
                Lang::En => format!("{}  {}  about {} entries, {} shelters", made.number, made.at.timestamp().in_japan(lang), made.size, made.scopes.len() - 1),
            };
            made.iter().map(line).collect::<Vec<_>>().join("\n")
        });
        Ok(Exit::Done)
    }
}

/// The check of a statement.
#[derive(Args, Debug)]
#[command(after_help = "Example: tachiai roster check 2
The file is checked as tachiai-verify roster checks it. Whoever trusts no machine of the city takes it by `roster statement --number 2 --out FILE`, and checks it elsewhere.")]
pub struct Check {
    /// The number of the statement (see `tachiai roster statements`)
    number: u64,
    #[command(flatten)]
    which: WhichEvent,
}

impl Check {
    fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let verdict = check(&client, self.which.find(&client)?, self.number)?;
        say(global, &json!(verdict), || verdict_text(global.lang(), &verdict));
        Ok(Exit::Done)
    }
}

/// Fetches a statement, and checks it by the auditor's library.
///
/// # Errors
/// [`Failure`]: 1 if it does not hold.
pub fn check(client: &Client, event: EventId, number: u64) -> Result<StatementVerdict, Failure> {
    let bytes = client.get_bytes(&format!("/api/v1/shelter/events/{event}/statements/{number}"))?;
    verify(Cursor::new(bytes), &number.to_string(), None, None).map_err(|error| {
        Failure::refused(
            format!("第{number}号の集計は検証に合格しません: {error}。公表せず、装置の管理者と監査に知らせてください。"),
            format!("statement {number} does not hold: {error}. Do not publish it; tell the administrator and the auditors."),
        )
    })
}

/// What the verifier found.
#[must_use]
pub fn verdict_text(lang: Lang, verdict: &StatementVerdict) -> String {
    let StatementVerdict { number, size, made, fingerprint, scopes, .. } = verdict;
    let scope = |ToldScope { shelter, name, persons, .. }: &ToldScope| {
        let name = match (shelter, name) {
            (None, _) => lang.pick("全体", "all shelters").to_owned(),
            (Some(_), Some(name)) => printable(lang.pick(&name.ja, &name.en)),
            (Some(id), None) => id.to_string(),
        };
        format!("  {name}  {persons}{}", lang.pick("人", ""))
    };
    let (made, list) = (made.timestamp().in_japan(lang), scopes.iter().map(scope).collect::<Vec<_>>().join("\n"));
    match lang {
        Lang::Ja => format!(
            "第{number}号は正しい集計です。公表された人数は、{made} までの名簿（項目 {size} 件）の在所者ちょうどの和です。\n{list}\n災害・行事の指紋: {fingerprint}\n公告の指紋と見比べてください。"
        ),
        Lang::En => format!(
            "Statement {number} holds: the totals are the sums over exactly those who count in the roster of {made} ({size} entries).\n{list}\nFingerprint of the event: {fingerprint}\nCompare it with the notice."
        ),
    }
}

/// An own entry.
#[derive(Args, Debug)]
#[command(after_help = "Example: tachiai roster own HANDLE --out my-entry.json
The person checks it with: tachiai-verify own my-entry.json. That it was taken is recorded.")]
pub struct Own {
    /// The person's handle (see `tachiai shelter person search`)
    handle: String,
    /// The file; one that is there already is not overwritten
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    which: WhichEvent,
}

impl Own {
    fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let draft = Draft::begin(Some(&self.out))?;
        let handle = self.which.handle(&client, &self.handle)?;
        let path = self.which.path(&client, &format!("/people/{handle}/own"))?;
        let own: OwnEntry = client.post(&path, None, &json!({}))?;
        let out = draft.finish_json(&self.out, &own)?;
        say(global, &json!({ "file": out, "leaf": own.leaf }), || match global.lang() {
            Lang::Ja => format!("{} に書きました。本人に渡してください。検証: tachiai-verify own {0}", out.display()),
            Lang::En => format!("written to {}: give it to the person. To check it: tachiai-verify own {0}", out.display()),
        });
        Ok(Exit::Done)
    }
}
