//! The commands of `tachiaid`. What happened and what to do is said in Japanese or English; exit codes are those of every
//! program of the appliance.
//!
//! | code | means |
//! |---|---|
//! | 0 | done |
//! | 1 | refused by policy, or refuted by a check |
//! | 2 | incomplete or unreadable |
//! | 4 | no connection to the daemon |
//! | 64 | usage |

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use tachiai_schemas::staff::Role;
use tachiai_schemas::{Lang, Say, cli};

use crate::config::{Config, LogFormat, Problem};

mod commands;
mod failure;

pub use failure::{Exit, Failure};

/// The daemon of a Tachiai appliance: verifiable online elections.
#[derive(Parser, Debug)]
#[command(name = "tachiaid", version, about, after_help = EXAMPLES, arg_required_else_help = true)]
pub struct Cli {
    /// Language of messages [default: the locale's]
    #[arg(long, global = true, value_name = "ja|en")]
    lang: Option<Lang>,
    /// Write results as JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  tachiaid init --data /srv/tachiai --host vote.city.example.jp --card-anchor authca03.der --card-anchor signca03.der
  tachiaid check-config --config /srv/tachiai/tachiaid.toml
  tachiaid run --config /srv/tachiai/tachiaid.toml
  tachiaid staff add 選管太郎 --role commission --out ./taro --config /srv/tachiai/tachiaid.toml

Exit codes: 0 done, 1 refused or refuted, 2 incomplete or unreadable, 4 no connection, 64 usage.";

#[derive(Subcommand, Debug)]
enum Command {
    /// Make a new appliance in an empty folder
    ///
    /// Makes vault, master key, certification authority, server certificate and configuration.
    #[command(after_help = "Example:\n  tachiaid init --data /srv/tachiai --host vote.city.example.jp --host 192.0.2.10 --card-anchor authca03.der")]
    Init(Init),
    /// Serve until stopped by SIGTERM or SIGINT; SIGHUP reads card lists and certificates again
    #[command(after_help = "Example:\n  tachiaid run --config /srv/tachiai/tachiaid.toml")]
    Run(WithConfig),
    /// Read every journal to its end and compare the views with them; the daemon must be stopped
    #[command(after_help = "Example:\n  tachiaid check --config /srv/tachiai/tachiaid.toml")]
    Check(WithConfig),
    /// Move the views aside and build new ones from the journals; the daemon must be stopped
    #[command(after_help = "Example:\n  tachiaid rebuild --config /srv/tachiai/tachiaid.toml")]
    Rebuild(WithConfig),
    /// Say that a backup was made: officials see on their first screen how long ago that was
    #[command(after_help = "Example, as the last step of a backup:\n  tachiaid backed-up --config /srv/tachiai/tachiaid.toml")]
    BackedUp(WithConfig),
    /// Name every problem in the configuration
    #[command(after_help = "Example:\n  tachiaid check-config --config /srv/tachiai/tachiaid.toml")]
    CheckConfig(WithConfig),
    /// Who may use the staff port; works while the daemon runs and while it is stopped
    #[command(subcommand, after_help = STAFF_EXAMPLES)]
    Staff(StaffCommand),
}

const STAFF_EXAMPLES: &str = "\
Examples:
  tachiaid staff add 選管太郎 --role commission --out ./taro --config /srv/tachiai/tachiaid.toml
  tachiaid staff list --config /srv/tachiai/tachiaid.toml
  tachiaid staff revoke 選管太郎 --config /srv/tachiai/tachiaid.toml

Roles: commission, poll, reception, headquarters, trustee, auditor, agency.";

#[derive(Args, Debug)]
struct WithConfig {
    /// The configuration
    #[arg(long, value_name = "FILE", env = "TACHIAID_CONFIG")]
    config: PathBuf,
}

#[derive(Args, Debug)]
struct Init {
    /// The data folder: not there yet, or empty
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// A name or address under which clients reach the appliance; the first is its origin
    #[arg(long, value_name = "NAME", required = true, num_args = 1..)]
    host: Vec<String>,
    /// Certificate of a certification authority of cards, DER or PEM
    #[arg(long, value_name = "FILE", num_args = 1..)]
    card_anchor: Vec<PathBuf>,
    /// Key that certifies those which sign cards' texts, for enrolment at a counter
    #[arg(long, value_name = "FILE", num_args = 1..)]
    card_text_anchor: Vec<PathBuf>,
    /// Revocation list of cards, DER or PEM
    #[arg(long, value_name = "FILE", num_args = 1..)]
    card_crl: Vec<PathBuf>,
    /// Whether a fresh revocation list is needed before a card is accepted
    #[arg(long, value_name = "required|not-required", default_value = "required", value_parser = commands::crl)]
    crl: tachiai_schemas::election::CrlRequirement,
    /// Whose cards are accepted
    #[arg(long, value_name = "production|test", default_value = "production", value_parser = commands::policy)]
    card_policy: crate::cards::CardPolicy,
    /// Where the new master key is to be [default: master.key in the data folder]
    #[arg(long, value_name = "FILE")]
    master_key: Option<PathBuf>,
    /// Where public journals are laid out as files [default: mirror in the data folder]
    #[arg(long, value_name = "DIR")]
    mirror: Option<PathBuf>,
    /// Address of the public port
    #[arg(long, value_name = "ADDRESS", default_value = "0.0.0.0:8443")]
    listen_public: SocketAddr,
    /// Address of the staff port
    #[arg(long, value_name = "ADDRESS", default_value = "0.0.0.0:9443")]
    listen_staff: SocketAddr,
}

#[derive(Subcommand, Debug)]
enum StaffCommand {
    /// Issue a client certificate, and put its key on the staff list
    #[command(after_help = "Example:\n  tachiaid staff add 選管太郎 --role commission --out ./taro --config /srv/tachiai/tachiaid.toml")]
    Add {
        /// The name, which approvals and the journal show
        name: String,
        /// The role: commission, poll, reception, headquarters, trustee, auditor or agency
        #[arg(long)]
        role: Role,
        /// The folder for certificate, key, authority and profile.toml; made if it is not there
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Where the console reaches the staff port [default: https:// the first host and the configured port]
        #[arg(long, value_name = "URL")]
        server: Option<String>,
        #[command(flatten)]
        with: WithConfig,
    },
    /// Show the staff list
    List {
        #[command(flatten)]
        with: WithConfig,
    },
    /// Take someone off the staff list; the certificate is worth nothing from then on
    Revoke {
        /// The name
        name: String,
        #[command(flatten)]
        with: WithConfig,
    },
}

/// The help in Japanese.
const JA: &str = include_str!("cli/ja.ftl");

/// Reads the command line, runs the command, says what went wrong.
#[must_use]
pub fn main() -> ExitCode {
    let line: Vec<_> = std::env::args_os().collect();
    let cli: Cli = match cli::read(JA, &line) {
        Ok(cli) => cli,
        Err(told) => {
            told.print();
            return if told.failed { Exit::Usage.into() } else { Exit::Done.into() };
        }
    };
    let lang = cli.lang.unwrap_or_else(cli::locale);
    match cli.run(lang) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "tachiaid: {}", failure.say(lang));
            failure.exit.into()
        }
    }
}

/// How results are shown.
#[derive(Debug, Clone, Copy)]
struct Output {
    lang: Lang,
    json: bool,
}

impl Cli {
    fn run(self, lang: Lang) -> Result<Exit, Failure> {
        let output = Output { lang, json: self.json };
        match self.command {
            Command::Init(init) => commands::init(output, init),
            Command::Run(with) => commands::run(output, with.read()?),
            Command::Check(with) => commands::check(output, with.read()?),
            Command::Rebuild(with) => commands::rebuild(output, with.read()?),
            Command::BackedUp(with) => commands::backed_up(output, &with.read()?),
            Command::CheckConfig(with) => commands::check_config(output, &with.config),
            Command::Staff(command) => commands::staff(output, command),
        }
    }
}

impl WithConfig {
    fn read(&self) -> Result<Config, Failure> {
        Config::read(&self.config).map_err(|problems| {
            let all = |lang| problems.iter().map(|problem| format!("\n  {}", Problem::say(problem, lang))).collect::<String>();
            let path = self.config.display();
            Failure::new(
                Exit::Incomplete,
                format!("設定 {path} に誤りがあります。直してからもう一度実行してください。{}", all(Lang::Ja)),
                format!("the configuration {path} has problems; correct them and try again.{}", all(Lang::En)),
            )
        })
    }
}

/// Sends the log to standard error.
fn log(config: &Config) {
    let filter = config.log.filter.parse::<tracing_subscriber::EnvFilter>().unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    // A second subscriber in one process is refused, and the first one does as well.
    let _ = match config.log.format {
        LogFormat::Text => builder.with_ansi(false).try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_help_is_whole_in_japanese() {
        let gaps = cli::gaps(&Cli::command(), JA);
        assert!(gaps.is_empty(), "{}", gaps.join("\n"));
    }
}
