//! The command line of `tachiai-witness`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use serde_json::json;
use tachiai_crypto::election::context::Fingerprint;
use tachiai_crypto::journal::cosignature::parse_log_key;
use tachiai_schemas::{ElectionId, Lang, Say, cli};

use crate::failure::{Exit, Failure};
use crate::feed::{Feed, feed};
use crate::follow::{Place, follow, stick, watch};
use crate::say::Voice;
use crate::serve::{Tls, serve};
use crate::state::{Log, State};

const EXAMPLES: &str = "\
Examples:
  tachiai-witness init --name kansa.example.jp/tachiai --state ~/witness
      Makes the key and prints it, for the commission's SPEC.toml.
  tachiai-witness watch --state ~/witness --board https://vote.city.example.jp:8443 --ca ca.pem --election ID --expect FINGERPRINT
      Pins a board.
  tachiai-witness follow --state ~/witness
      Follows every pinned board and hands its cosignatures in.
  tachiai-witness stick --state ~/witness /media/stick
      The same from a stick of `tachiai election carry`.
  tachiai-witness serve --state ~/witness --listen 0.0.0.0:8450 --tls-cert cert.pem --tls-key key.pem
      Waits to be asked (C2SP tlog-witness).
  tachiai-witness feed --board https://vote.city.example.jp:8443 --ca ca.pem --election ID --witness https://w.example.org
      Takes a board's checkpoint to such witnesses, and their lines back.

The state must never go back to an earlier copy: a key whose state is lost is retired.

Exit codes: 0 done, 1 refused, or a fork, 2 unreadable, or the disk, 4 no connection, 64 usage";

/// A witness of boards and other transparency logs: cosigns what extends what it has seen, and nothing else.
#[derive(Parser, Debug)]
#[command(name = "tachiai-witness", version, after_help = EXAMPLES, disable_help_subcommand = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args, Debug)]
struct Global {
    /// Language of messages: ja or en [default: the locale's]
    #[arg(long, global = true, value_name = "ja|en")]
    lang: Option<Lang>,
    /// One JSON object a line
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Args, Debug)]
struct InState {
    /// The folder with key and memory; it must never go back to an earlier copy
    #[arg(long, value_name = "DIR")]
    state: PathBuf,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Make the key, once
    Init {
        /// The name of the key, a host and path without https://, such as kansa.example.jp/tachiai
        #[arg(long)]
        name: String,
        #[command(flatten)]
        state: InState,
    },
    /// Print the public key (name+id+base64), for SPEC.toml and policies
    Key {
        #[command(flatten)]
        state: InState,
    },
    /// Pin a board or another log, from here on to be cosigned
    #[command(group(clap::ArgGroup::new("what").required(true).args(["board", "stick", "log"])))]
    Watch {
        #[command(flatten)]
        state: InState,
        /// The appliance, https://host:port
        #[arg(long, value_name = "URL", requires = "election")]
        board: Option<String>,
        /// The election
        #[arg(long, value_name = "ID", requires = "board")]
        election: Option<ElectionId>,
        /// The appliance's certificate authority, PEM [default: this machine's authorities]
        #[arg(long, value_name = "PEM", requires = "board")]
        ca: Option<PathBuf>,
        /// Instead: a stick with the record so far
        #[arg(long, value_name = "MEDIUM")]
        stick: Option<PathBuf>,
        /// Instead: any C2SP log, by its key (origin+id+base64), for `serve`
        #[arg(long, value_name = "VKEY")]
        log: Option<String>,
        /// The fingerprint of the public notice; without it the first sight is taken on trust
        #[arg(long, value_name = "FINGERPRINT", conflicts_with = "log")]
        expect: Option<Fingerprint>,
    },
    /// Follow the pinned boards and hand cosignatures in
    Follow {
        #[command(flatten)]
        state: InState,
        /// Look once and end
        #[arg(long)]
        once: bool,
        /// Seconds between two looks
        #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = clap::value_parser!(u64).range(1..=86_400))]
        interval: u64,
    },
    /// Cosign the record so far on a stick
    Stick {
        #[command(flatten)]
        state: InState,
        /// The stick's folder, as `tachiai election carry` writes it
        medium: PathBuf,
    },
    /// Answer whoever brings a checkpoint of a pinned log (C2SP tlog-witness)
    Serve {
        #[command(flatten)]
        state: InState,
        /// Address and port
        #[arg(long, value_name = "ADDR")]
        listen: SocketAddr,
        /// Certificate chain, PEM; without it plain HTTP is spoken, for a proxy in front
        #[arg(long, value_name = "PEM", requires = "tls_key")]
        tls_cert: Option<PathBuf>,
        /// The certificate's key, PEM
        #[arg(long, value_name = "PEM", requires = "tls_cert")]
        tls_key: Option<PathBuf>,
    },
    /// Take a board's checkpoint to witnesses that wait to be asked, and their cosignatures back
    Feed {
        /// The appliance, https://host:port
        #[arg(long, value_name = "URL")]
        board: String,
        /// The election
        #[arg(long, value_name = "ID")]
        election: ElectionId,
        /// Trusted certificate authorities, PEM [default: this machine's authorities]
        #[arg(long, value_name = "PEM")]
        ca: Option<PathBuf>,
        /// The submission prefix of a witness; may be given several times
        #[arg(long, value_name = "URL", required = true)]
        witness: Vec<String>,
        /// Go on, with so many seconds between two rounds
        #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
        interval: Option<u64>,
    },
}

/// The help in Japanese.
const JA: &str = include_str!("cli/ja.ftl");

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let line: Vec<_> = std::env::args_os().collect();
    let Cli { global, command } = match cli::read(JA, &line) {
        Ok(cli) => cli,
        Err(told) => {
            match told.for_a_program() {
                Some(error) => Voice { lang: Lang::En, json: true }.say(&json!({ "error": error, "exit": Exit::Usage as u8 }), "", ""),
                None => told.print(),
            }
            return if told.failed { Exit::Usage.into() } else { Exit::Done.into() };
        }
    };
    let voice = Voice { lang: global.lang.unwrap_or_else(cli::locale), json: global.json };
    match run(voice, command) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            if voice.json {
                voice.say(&json!({ "error": failure.say(voice.lang), "exit": failure.exit as u8 }), "", "");
            } else {
                eprintln!("{}: {}", voice.lang.pick("エラー", "error"), failure.say(voice.lang));
            }
            failure.exit.into()
        }
    }
}

fn run(voice: Voice, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Init { name, state } => {
            let state = State::init(&state.state, &name)?;
            told(voice, &state)
        }
        Command::Key { state } => told(voice, &State::open(&state.state)?),
        Command::Watch { state, board, election, ca, stick, log, expect } => {
            let state = State::open(&state.state)?;
            match (&board, election, &stick, &log) {
                (Some(url), Some(election), ..) => watch(&state, voice, &Place::Server { url, election, ca: ca.as_deref() }, expect.as_ref()),
                (_, _, Some(medium), _) => watch(&state, voice, &Place::Stick(medium), expect.as_ref()),
                (_, _, _, Some(key)) => watch_log(&state, voice, key),
                _ => Err(Failure::new(Exit::Usage, "--board・--stick・--log のどれかが要ります。", "one of --board, --stick and --log is needed.")),
            }
        }
        Command::Follow { state, once, interval } => follow(&State::open(&state.state)?, voice, once, Duration::from_secs(interval)),
        Command::Stick { state, medium } => stick(&State::open(&state.state)?, voice, &medium),
        Command::Serve { state, listen, tls_cert, tls_key } => {
            let tls = tls_cert.as_deref().zip(tls_key.as_deref()).map(|(certificate, key)| Tls { certificate, key });
            serve(Arc::new(State::open(&state.state)?), voice, listen, tls.as_ref())
        }
        Command::Feed { board, election, ca, witness, interval } => {
            let what = Feed { board: &board, election, ca: ca.as_deref(), witnesses: &witness };
            feed(voice, &what, interval.map(Duration::from_secs))
        }
    }
}

fn told(voice: Voice, state: &State) -> Result<Exit, Failure> {
    let key = state.key().to_string();
    voice.say(&json!({ "key": key }), &key, &key);
    Ok(Exit::Done)
}

fn watch_log(state: &State, voice: Voice, key: &str) -> Result<Exit, Failure> {
    let (origin, key) =
        parse_log_key(key).map_err(|error| Failure::new(Exit::Usage, format!("ログの鍵ではありません: {error}"), format!("not the key of a log: {error}")))?;
    state.watch(&Log::new(&origin, &key, None))?;
    let value = json!({ "event": "watching", "origin": origin.as_str() });
    voice.say(&value, format!("監視を始めました: {origin}"), format!("watching {origin}"));
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_help_is_whole_in_japanese() {
        let gaps = cli::gaps(&Cli::command(), JA);
        assert!(gaps.is_empty(), "{}", gaps.join("\n"));
    }

    #[test]
    fn a_board_a_stick_or_a_log_is_watched_and_only_one() {
        let parses = |arguments: &[&str]| Cli::try_parse_from(["tachiai-witness", "watch", "--state", "s"].iter().chain(arguments)).is_ok();
        let election = ["--election", "aaaaaaaaaaaaaaaaaaaaaaaaaa"];
        assert!(parses(&[&["--board", "https://h"], &election[..]].concat()));
        assert!(parses(&["--stick", "m"]));
        assert!(parses(&["--log", "k"]));
        assert!(!parses(&[]) && !parses(&["--board", "https://h"]) && !parses(&election) && !parses(&["--stick", "m", "--log", "k"]));
    }
}
