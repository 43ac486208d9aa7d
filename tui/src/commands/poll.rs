//! The commands of a polling place: keys, check-in, undo, day-close, absentee voting, and what was handed out while the link was cut.
//!
//! | file | holds |
//! |---|---|
//! | `args.rs` | the options that say which desk, elector and officers are meant |
//! | `check_in.rs` | `poll check-in`, and what a desk does while the link is cut |
//! | `close.rs` | `poll undo`, `poll day-close`, `poll status` |
//! | `absentee.rs` | `poll absentee …` |
//! | `hand_in.rs` | `poll hand-in` |
//! | `set_aside.rs` | `poll set-aside` |

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;
use tachiai_schemas::paper::OfficerRole;

use crate::cli::Global;
use crate::failure::{Exit, Failure};
use crate::poll::key::DeskKey;
use crate::poll::officer::OfficerKey;
use crate::secret_input;

pub(crate) mod absentee;
mod args;
mod check_in;
pub(crate) mod close;
pub(crate) mod hand_in;
pub(crate) mod set_aside;

/// Commands of a polling place (by an official with the role `poll`, or of the commission).
#[derive(Subcommand, Debug)]
pub enum Poll {
    /// Make the key of the desks of a polling place, and print its public half for SPEC
    ///
    /// Example: `tachiai poll key --out desk.key`
    Key {
        /// Where to write the key, which its owner alone may read; nothing may be there yet
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Officers of a place or of the count: their keys
    #[command(subcommand)]
    Officer(Officer),
    /// Check an elector in and hand the papers out: card, PIN, entry on the board; or by name with a second official
    ///
    /// The first time a desk names the fingerprint of the public notice (`--manifest`); then it knows the election, also without a connection. Who comes without
    /// a card is asked for, or read from `--who-fd`, and is never an argument: number=, name=, kana=, birth=, one a line.
    ///
    /// Examples:
    ///   tachiai poll check-in --desk desk.key --manifest abcd-efgh-…
    ///   tachiai poll check-in --desk desk.key --by-name no-card
    ///   tachiai poll check-in --desk desk.key --by-name no-card --yes --who-fd 3 3<who.txt    # lines: name=養父 花子, birth=1980-02-17
    ///   tachiai poll check-in --desk desk.key --manner proxy
    #[command(verbatim_doc_comment)]
    CheckIn(check_in::CheckIn),
    /// Undo a hand-out whose papers all came back unused; the manager and a witness sign
    ///
    /// Example: `tachiai poll undo --desk desk.key --reason declined --officer manager.age --officer witness1.age`
    Undo(close::Undo),
    /// Close the day: count what is in the box and what was taken home; the manager and two witnesses sign
    ///
    /// Example: `tachiai poll day-close --desk desk.key --in-box mayor=118 --taken-home mayor=1 --officer manager.age --officer witness1.age --officer witness2.age`
    DayClose(close::Close),
    /// Show what the day stands at
    ///
    /// Example: `tachiai poll status --desk desk.key`
    Status(close::Status),
    /// Absentee voting: request, send, receive, list
    #[command(subcommand)]
    Absentee(absentee::Absentee),
    /// After the link was cut: learn what became of hand-outs under way, and enter the provisional papers
    ///
    /// Those that cannot be entered are listed with the reason: their envelopes are rejected at the count. A second official approves each one that can; then run it
    /// again.
    ///
    /// Example: `tachiai poll hand-in --desk desk.key`
    HandIn(hand_in::HandIn),
    /// Set aside an envelope whose hand-out the board keeps refusing, so that the day can be closed; the manager and a witness sign
    ///
    /// The paper does not go into the box and is rejected at the count. It asks why, or reads reason= from `--who-fd`; the appliance keeps that sealed, with whose
    /// envelope it is (`election envelopes`).
    ///
    /// Example: `tachiai poll set-aside --desk desk.key --envelope K7Q2M-3 --officer manager.age --officer witness1.age`
    SetAside(set_aside::SetAside),
}

/// Commands about officers.
#[derive(Subcommand, Debug)]
pub enum Officer {
    /// Make the key of a manager or witness, under a passphrase (12 characters or five words), and print its public half for SPEC
    ///
    /// Example: `tachiai poll officer new --name '投票 一郎' --role manager --out manager.age`
    New {
        /// The name, as it shall stand in the manifest
        #[arg(long)]
        name: String,
        /// The office, manager or witness; without it the lines for both are printed
        #[arg(long, value_name = "ROLE", value_parser = role)]
        role: Option<OfficerRole>,
        /// Where to write the key; nothing may be there yet
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Read the passphrase from this file descriptor instead of the terminal
        #[arg(long, value_name = "N")]
        passphrase_fd: Option<i32>,
    },
}

fn role(text: &str) -> Result<OfficerRole, String> {
    match text {
        "manager" => Ok(OfficerRole::Manager),
        "witness" => Ok(OfficerRole::Witness),
        _ => Err("use one of manager, witness".to_owned()),
    }
}

impl Poll {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        match self {
            Self::Key { out } => {
                let key = DeskKey::create(out)?;
                if global.json {
                    outln!("{}", json!({ "key": key.public(), "file": out }));
                } else {
                    outln!("{}: {}", global.pick("端末の鍵を作りました", "the desk's key was made"), out.display());
                    outln!(
                        "{}:\n  key = \"{}\"",
                        global.pick("SPEC.toml の [[places]] に書く公開鍵", "the public key for [[places]] in SPEC.toml"),
                        key.public()
                    );
                }
                Ok(Exit::Done)
            }
            Self::Officer(Officer::New { name, role, out, passphrase_fd }) => {
                let prompt = global.pick("管理者・立会人の鍵のパスフレーズ", "passphrase of the officer's key");
                let passphrase = secret_input::read_new_passphrase(*passphrase_fd, global, prompt)?;
                let key = OfficerKey::create(out, name, &passphrase)?;
                if global.json {
                    outln!("{}", json!({ "name": name, "role": role, "key": key.public(), "file": out }));
                } else {
                    outln!("{}: {}", global.pick("鍵を作りました", "the key was made"), out.display());
                    let asked = [(OfficerRole::Manager, "manager", ("管理者", "manager")), (OfficerRole::Witness, "witness", ("立会人", "witness"))];
                    let asked: Vec<_> = asked.into_iter().filter(|(of, _, _)| role.is_none_or(|role| role == *of)).collect();
                    outln!("{}", global.pick("SPEC.toml の officers に書く行", "the line for officers in SPEC.toml"));
                    for (_, word, (ja, en)) in &asked {
                        if asked.len() > 1 {
                            outln!("{}:", global.pick(&format!("  {ja}なら"), &format!("  for a {en}")));
                        }
                        outln!("  {{ name = \"{name}\", role = \"{word}\", key = \"{}\" }},", key.public());
                    }
                }
                Ok(Exit::Done)
            }
            Self::CheckIn(command) => command.run(global),
            Self::Undo(command) => command.run(global),
            Self::DayClose(command) => command.run(global),
            Self::Status(command) => command.run(global),
            Self::Absentee(command) => command.run(global),
            Self::HandIn(command) => command.run(global),
            Self::SetAside(command) => command.run(global),
        }
    }
}
