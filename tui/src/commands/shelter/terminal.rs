//! The terminals of receptions: who asks to be admitted, with the fingerprint that two people compare; admitted, revoked, and set up without a link.
//!
//! A name proves nothing: whoever has a reception's certificate can ask under any. So of those that ask over the network the one is admitted whose fingerprint was said.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use tachiai_schemas::roster::hand_in::Copied;
use tachiai_schemas::roster::{EventId, OpenState, TerminalId};
use tachiai_schemas::shelter::{EventView, SetupFile, SetupShelter, TerminalAsking, TerminalRequest, TerminalView};
use tachiai_schemas::{Lang, Say};

use super::{BASE, WhichEvent};
use crate::card::printable;
use crate::cli::Global;
use crate::client::Client;
use crate::commands::ask::{ask, is_conversation};
use crate::commands::reception::args::read_short;
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
    let bytes = read_short(file)?;
    serde_json::from_slice(&bytes).map_err(|_| {
        Failure::refused(
            format!("{} は端末の登録申請（request.json）ではありません。端末の受付の画面に書き出し先が出ています。", file.display()),
            format!("{} is no request of a terminal (request.json). The terminal's reception screen says where that lies.", file.display()),
        )
    })
}

/// What a terminal is set up by: the event, and the shelters of it that are not closed.
#[must_use]
pub fn setup_of(view: EventView) -> SetupFile {
    let standing = view.shelters.into_iter().map(|view| view.state).filter(|state| state.state != OpenState::Closed);
    let shelters = standing.map(|state| SetupShelter { shelter: state.shelter, name: state.name }).collect();
    SetupFile { event: view.summary.event, title: view.summary.declared.title, shelters }
}

/// Writes what a terminal is set up by where there is no link; into a folder under a name of its own.
///
/// # Errors
/// [`Failure`]: it is there already, or cannot be written.
pub fn write_setup_file(client: &Client, event: EventId, path: &Path) -> Result<PathBuf, Failure> {
    let file = setup_of(client.get(&format!("{BASE}/events/{event}"), None)?);
    let out = if path.is_dir() { path.join("tachiai-setup.json") } else { path.to_owned() };
    Draft::begin(Some(&out))?.finish_json(&out, &file)?;
    Ok(out)
}

/// Terminals.
#[derive(Subcommand, Debug)]
pub enum Terminal {
    /// Admit a terminal, whose key was made on it, once the fingerprint was compared with who sits at it
    #[command(after_help = "Examples:
  tachiai shelter terminal admit --asking gym-1 # one that asked over the network; asks for the fingerprint
  tachiai shelter terminal admit --asking gym-1 --fingerprint 'xxxx xxxx xxxx xxxx'
  tachiai shelter terminal admit gym-1.json     # one whose request was carried here
  tachiai shelter terminal admit gym-1.json --preview")]
    Admit {
        /// The terminal's request, JSON
        #[arg(required_unless_present = "asking")]
        file: Option<PathBuf>,
        /// The name of a terminal that asks over the network
        #[arg(long, value_name = "NAME", conflicts_with = "file")]
        asking: Option<TerminalId>,
        /// Its fingerprint, as whoever sits at it read it out
        #[arg(long, value_name = "FINGERPRINT")]
        fingerprint: Option<String>,
        /// Only show which terminal asks by the file, with the fingerprint to compare, and admit nothing
        #[arg(long, requires = "file", conflicts_with_all = ["asking", "fingerprint"])]
        preview: bool,
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
        if let Self::Admit { file: Some(file), preview: true, .. } = self {
            let request = read_request(file)?;
            say(global, &preview(&request), || request_text(global.lang(), &request));
            return Ok(Exit::Done);
        }
        let client = global.staff()?;
        let one = |view: TerminalView| {
            say(global, &serde_json::json!(view), || terminal_text(global.lang(), &view));
            Ok(Exit::Done)
        };
        match self {
            Self::Admit { file: Some(file), asking: _, fingerprint, preview: _, which } => {
                let request = read_request(file)?;
                if fingerprint.as_ref().is_some_and(|heard| !is_heard(&request, heard)) {
                    return Err(other_fingerprint(&request.terminal));
                }
                one(admit(&client, which.named().unwrap_or(request.event), &request)?)
            }
            Self::Admit { file: None, asking, fingerprint, preview: _, which } => {
                let view: EventView = client.get(&which.path(&client, "")?, None)?;
                let those: Vec<TerminalAsking> = view.asking.into_iter().filter(|one| Some(&one.request.terminal) == asking.as_ref()).collect();
                let Some(TerminalAsking { request: TerminalRequest { terminal: name, .. }, .. }) = those.first() else {
                    return Err(Failure::refused("その名前で登録を申請している端末はありません。", "no terminal of that name asks to be admitted."));
                };
                let heard = match fingerprint {
                    Some(heard) => heard.clone(),
                    None => hear(global, &those)?,
                };
                match those.iter().find(|asks| is_heard(&asks.request, &heard)) {
                    Some(asks) => one(admit(&client, view.summary.event, &asks.request)?),
                    None => Err(other_fingerprint(name)),
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

/// A request that was carried here, for a program.
fn preview(request: &TerminalRequest) -> serde_json::Value {
    serde_json::json!({ "request": request, "fingerprint": request.fingerprint() })
}

/// A request that was carried here, with what is compared before it is admitted.
fn request_text(l: Lang, request: &TerminalRequest) -> String {
    let TerminalRequest { terminal, key: _, recipient: _, shelter, event } = request;
    let print = request.fingerprint();
    match l {
        Lang::Ja => format!("  {terminal}  {shelter}  災害・行事: {event}\n  指紋（端末の前にいる方と声に出して照合してください）: {print}"),
        Lang::En => format!("  {terminal}  {shelter}  event: {event}\n  fingerprint (compare it aloud with whoever sits at the terminal): {print}"),
    }
}

/// Whether a fingerprint was heard as that of a request; spaces and capitals say nothing.
fn is_heard(request: &TerminalRequest, heard: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_lowercase()).collect::<String>();
    plain(&request.fingerprint()) == plain(heard)
}

/// Has the fingerprint typed as it was heard. Those that ask are shown with theirs.
fn hear(global: &Global, those: &[TerminalAsking]) -> Result<String, Failure> {
    if !is_conversation(global) {
        return Err(Failure::new(
            Exit::Usage,
            "端末の前にいる方に指紋を読み上げてもらい、--fingerprint で指定してください。指紋は、その端末の受付の画面に出ています。",
            "have whoever sits at the terminal read its fingerprint out, and give it with --fingerprint. It stands on the reception's screen there.",
        ));
    }
    for asks in those {
        outln!("{}", asking_text(global.lang(), asks));
    }
    ask(global.pick(
        "端末の前にいる方に電話などで指紋を読み上げてもらい、聞いたとおりに入力してください: ",
        "Have whoever sits at the terminal read its fingerprint out, by telephone for one, and type it as you hear it: ",
    ))
}

fn other_fingerprint(name: &TerminalId) -> Failure {
    Failure::refused(
        format!(
            "端末 {name} の申請の指紋は、入力された指紋と違います。登録していません。読み上げた方ともう一度照合してください。それでも違うときは、別の機械がその名前で申請しています。"
        ),
        format!(
            "what asks as {name} has another fingerprint. It was not admitted. Compare it once more with whoever read it out; if it is still another, another machine asks under that name."
        ),
    )
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

#[cfg(test)]
mod tests {
    use tachiai_schemas::Bytes;

    use super::*;

    fn request() -> TerminalRequest {
        TerminalRequest {
            terminal: "gym-1".parse().unwrap(),
            key: Bytes([1; 32]),
            recipient: "age1".to_owned(),
            shelter: "gym".parse().unwrap(),
            event: EventId([1; 16]),
        }
    }

    #[test]
    fn a_file_that_was_carried_here_is_not_read_without_an_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("request.json");
        let json = serde_json::to_string(&request()).unwrap();
        std::fs::write(&path, &json).unwrap();
        assert!(read_request(&path).unwrap() == request());
        std::fs::write(&path, " ".repeat(4 << 20) + &json).unwrap();
        assert_eq!(read_request(&path).unwrap_err().exit, Exit::Refused);
    }

    #[test]
    fn whoever_looks_at_a_request_is_given_the_fingerprint_that_admits_it() {
        let (request, told) = (request(), preview(&request()));
        assert_eq!((&told["request"]["terminal"], &told["request"]["shelter"]), (&serde_json::json!("gym-1"), &serde_json::json!("gym")));
        assert!(is_heard(&request, told["fingerprint"].as_str().unwrap()));
        assert!([Lang::Ja, Lang::En].iter().all(|lang| request_text(*lang, &request).contains(&request.fingerprint())));
    }

    #[test]
    fn a_fingerprint_is_known_however_it_is_typed_and_another_recipient_has_another() {
        let request = request();
        let print = request.fingerprint();
        for heard in [print.clone(), print.to_uppercase(), print.replace(' ', ""), print.replace(' ', "-")] {
            assert!(is_heard(&request, &heard), "{heard}");
        }
        let other = TerminalRequest { recipient: "age1other".to_owned(), ..request };
        for heard in [print.as_str(), &print[..14], "", " "] {
            assert!(!is_heard(&other, heard), "{heard}");
        }
    }
}
