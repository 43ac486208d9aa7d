//! The terminals of receptions: who asks to be admitted, with the fingerprint that two people compare; admitted, revoked, and set up without a link.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use tachiai_schemas::roster::hand_in::Copied;
use tachiai_schemas::roster::{EventId, TerminalId};
use tachiai_schemas::shelter::{EventView, SetupFile, SetupShelter, TerminalAsking, TerminalRequest, TerminalView};
use tachiai_schemas::{Lang, Say};

use super::{BASE, WhichEvent};
use crate::card::printable;
use crate::cli::Global;
use crate::client::Client;
use crate::commands::say;
use crate::draft::Draft;
use crate::failure::{Exit, Failure};

/// Admits a terminal whose fingerprint was compared.
///
/// # Errors
/// [`Failure`].
pub fn admit(client: &Client, event: EventId, request: &TerminalRequest) -> Result<TerminalView, Failure> {
    client.post(&format!("{BASE}/events/{event}/terminals"), None, request)
}

/// Revokes a terminal.
///
/// # Errors
/// [`Failure`].
pub fn revoke(client: &Client, event: EventId, terminal: &TerminalId) -> Result<TerminalView, Failure> {
    client.post(&format!("{BASE}/events/{event}/terminals/{terminal}/revoke"), None, &serde_json::json!({}))
}

/// A terminal's request, as it wrote it.
///
/// # Errors
/// [`Failure`]: it cannot be read, or is none.
pub fn read_request(file: &Path) -> Result<TerminalRequest, Failure> {
    let bytes = std::fs::read(file).map_err(|e| Failure::file(file, &e))?;
    serde_json::from_slice(&bytes).map_err(|_| {
        Failure::refused(
            format!("{} は端末の登録申請（request.json）ではありません。端末の受付の画面に書き出し先が出ています。", file.display()),
            format!("{} is no request of a terminal (request.json). The terminal's reception screen says where that lies.", file.display()),
        )
    })
}

/// Writes what a terminal is set up by where there is no link; into a folder under a name of its own.
///
/// # Errors
/// [`Failure`]: it is there already, or cannot be written.
pub fn write_setup_file(client: &Client, event: EventId, path: &Path) -> Result<PathBuf, Failure> {
    let view: EventView = client.get(&format!("{BASE}/events/{event}"), None)?;
    let shelters = view.shelters.into_iter().map(|view| SetupShelter { shelter: view.state.shelter, name: view.state.name }).collect();
    let file = SetupFile { event, title: view.summary.declared.title, shelters };
    let out = if path.is_dir() { path.join("tachiai-setup.json") } else { path.to_owned() };
    Draft::begin(Some(&out))?.finish_json(&out, &file)?;
    Ok(out)
}

/// Terminals.
#[derive(Subcommand, Debug)]
pub enum Terminal {
    /// Admit a terminal, whose key was made on it, once the fingerprint was compared with who sits at it
    #[command(after_help = "Examples:
  tachiai shelter terminal list                 # who asks to be admitted, with the fingerprint
  tachiai shelter terminal admit --asking gym-1 # one that asked over the network
  tachiai shelter terminal admit gym-1.json     # one whose request was carried here")]
    Admit {
        /// The terminal's request, JSON
        #[arg(required_unless_present = "asking")]
        file: Option<PathBuf>,
        /// The name of a terminal that asks over the network
        #[arg(long, value_name = "NAME", conflicts_with = "file")]
        asking: Option<TerminalId>,
        /// Which event
        #[command(flatten)]
        which: WhichEvent,
    },
    /// Write the file by which terminals are set up without a link: the event and its shelters
    #[command(after_help = "Example: tachiai shelter terminal setup-file /media/usb")]
    SetupFile {
        /// Where it is written: a file, or a folder
        out: PathBuf,
        /// Which event
        #[command(flatten)]
        which: WhichEvent,
    },
    /// Revoke a terminal that was lost, stolen or copied
    #[command(after_help = "Example: tachiai shelter terminal revoke gym-1")]
    Revoke {
        /// Its name
        terminal: TerminalId,
        /// Which event
        #[command(flatten)]
        which: WhichEvent,
    },
    /// List the terminals
    #[command(after_help = "Example: tachiai shelter terminal list --json")]
    List {
        /// Which event
        #[command(flatten)]
        which: WhichEvent,
    },
}

impl Terminal {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let one = |view: TerminalView| {
            say(global, &serde_json::json!(view), || terminal_text(global.lang(), &view));
            Ok(Exit::Done)
        };
        match self {
            Self::Admit { file: Some(file), asking: _, which } => {
                let request = read_request(file)?;
                one(admit(&client, which.named().unwrap_or(request.event), &request)?)
            }
            Self::Admit { file: None, asking, which } => {
                let view: EventView = client.get(&which.path(&client, "")?, None)?;
                let mut those = view.asking.into_iter().filter(|one| Some(&one.request.terminal) == asking.as_ref());
                match (those.next(), those.next()) {
                    (Some(asks), None) => one(admit(&client, view.summary.event, &asks.request)?),
                    (None, _) => Err(Failure::refused("その名前で登録を申請している端末はありません。", "no terminal of that name asks to be admitted.")),
                    (Some(_), Some(_)) => Err(Failure::refused(
                        "同じ名前で申請している端末が2台以上あります。request.json を受け取り、指紋を照合して登録してください。",
                        "several terminals ask under that name. Take the request.json of the right one, compare its fingerprint, and admit that.",
                    )),
                }
            }
            Self::SetupFile { out, which } => {
                let out = write_setup_file(&client, which.find(&client)?, out)?;
                say(global, &serde_json::json!({ "out": out }), || out.display().to_string());
                Ok(Exit::Done)
            }
            Self::Revoke { terminal, which } => one(revoke(&client, which.find(&client)?, terminal)?),
            Self::List { which } => {
                let view: EventView = client.get(&which.path(&client, "")?, None)?;
                say(global, &serde_json::json!({ "terminals": view.terminals, "asking": view.asking }), || {
                    let terminals = view.terminals.iter().map(|terminal| terminal_text(global.lang(), terminal));
                    terminals.chain(view.asking.iter().map(|one| asking_text(global.lang(), one))).collect::<Vec<_>>().join("\n")
                });
                Ok(Exit::Done)
            }
        }
    }
}

pub(super) const fn copied_text(l: Lang, copied: Copied) -> &'static str {
    match copied {
        Copied::No => "",
        Copied::Twice => l.pick("  ⚠ 同じ名前で2台が書いています", "  ! two write under this name"),
    }
}

pub(super) fn terminal_text(l: Lang, terminal: &TerminalView) -> String {
    let TerminalView { terminal, shelter, status, entries, missing, latest, copied } = terminal;
    let latest = latest.map_or_else(|| "-".to_owned(), |at| at.timestamp().in_japan(l));
    let copied = copied_text(l, *copied);
    let lacks = if *missing > 0 { format!("  {}: {missing}", l.pick("未着", "not here yet")) } else { String::new() };
    format!("  {terminal}  {shelter}  {}  {}: {entries}{lacks}  {latest}{copied}", status.say(l), l.pick("記録", "entries"))
}

pub(super) fn asking_text(l: Lang, TerminalAsking { request, by, since }: &TerminalAsking) -> String {
    let (name, shelter, since) = (&request.terminal, &request.shelter, since.in_japan(l));
    let print = request.fingerprint();
    match l {
        Lang::Ja => format!("  {name}  {shelter}  登録待ち（{}さん、{since}）  指紋: {print}", printable(by)),
        Lang::En => format!("  {name}  {shelter}  asks to be admitted ({}, {since})  fingerprint: {print}", printable(by)),
    }
}
