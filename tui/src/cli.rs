//! The command line of `tachiai`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand};
use tachiai_schemas::{ElectionId, Lang, Say, cli};

use crate::client::Client;
use crate::commands;
use crate::console::{self, Appearance};
use crate::failure::{Exit, Failure};
use crate::profile::Profile;
use crate::protect;

/// 立会 Tachiai: the console for officials, trustees and voters.
#[derive(Parser, Debug)]
#[command(name = "tachiai", version, about, long_about = None, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(flatten)]
    appearance: Appearance,
    /// Opens the console without one.
    #[command(subcommand)]
    command: Option<Command>,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 refused, 2 incomplete or unreadable, 3 waiting for a second official, 4 no connection, 5 card or PIN, 64 usage";

/// Options of every command.
#[derive(Args, Debug)]
pub struct Global {
    /// The official's profile [default: ~/.config/tachiai/profile.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub profile: Option<PathBuf>,
    /// Language of messages: ja or en [default: the locale's]
    #[arg(long, global = true, value_name = "ja|en")]
    lang: Option<Lang>,
    /// Answer in JSON, one object
    #[arg(long, global = true)]
    pub json: bool,
}

impl Global {
    /// The language for people.
    #[must_use]
    pub fn lang(&self) -> Lang {
        self.lang.unwrap_or_else(cli::locale)
    }

    /// A client with the official's profile.
    ///
    /// # Errors
    /// [`Failure`] when there is no usable profile.
    pub fn staff(&self) -> Result<Client, Failure> {
        Profile::read(self.profile.as_deref())?.client(self.lang())
    }

    /// Chooses the text of the language.
    #[must_use]
    pub fn pick<'a>(&self, ja: &'a str, en: &'a str) -> &'a str {
        self.lang().pick(ja, en)
    }
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Elections: create, roll, ceremony, open, close, count, publish (by the commission)
    #[command(subcommand)]
    Election(commands::election::Election),
    /// Approve an act that another official asked for
    Approve(commands::approve::Approve),
    /// Withdraw what you asked for, or decline what another official asked for
    Decline(commands::decline::DeclineCommand),
    /// List the acts that wait for a second official
    Approvals,
    /// Tell what is going on, as the console's first screen does
    Status(commands::status::Now),
    /// Read the appliance's journal: search it, and follow it (by auditors)
    Journal(commands::journal::Journal),
    /// Trustees: keys, ceremony, tally statement, decryption
    #[command(subcommand)]
    Trustee(commands::trustee::Trustee),
    /// Cards: what is on one, which readers there are, binding one to its holder
    #[command(subcommand)]
    Card(commands::card::CardCommand),
    /// Polling places: check-in, papers, day-close, absentee voting
    #[command(subcommand)]
    Poll(commands::poll::Poll),
    /// Shelters: register who arrives and leaves, with a link or without one for days
    Reception(commands::reception::Reception),
    /// Vote with a card
    Vote(commands::vote::Vote),
    /// Vote and open the ballot instead of counting it, to check the device
    Challenge(commands::vote::Challenge),
    /// File the declaration for early voting (期日前投票宣誓書) with a card
    Declare(commands::declare::Declare),
    /// Questionnaires (問診票), filled in at home with a card
    #[command(subcommand)]
    Questionnaire(commands::questionnaire::Questionnaire),
    /// Shelters (避難所): imports, events, people, reports (by the headquarters)
    #[command(subcommand)]
    Shelter(commands::shelter::Shelter),
    /// Agencies (消防, 医療機関, 福祉, 県): enter them, grant, withdraw, fetch what is theirs
    #[command(subcommand)]
    Agency(commands::agency::AgencyCommand),
    /// Give an agency people of a roster, as a grant allows, in a file encrypted to it
    Disclose(commands::disclose::Disclose),
    /// Who got what of the rosters: the own list, consent, emergency access (緊急閲覧)
    #[command(subcommand)]
    Access(commands::access::AccessCommand),
    /// Citizen IDs (養父市民ID): issue, show, print as a card, replace a lost one
    #[command(subcommand)]
    Citizen(commands::citizen::Citizen),
    /// Rosters: totals with a proof, and what an evacuee takes along
    #[command(subcommand)]
    Roster(commands::roster::Roster),
    /// Receipts
    #[command(subcommand)]
    Receipt(commands::receipt::ReceiptCommand),
    /// Completions for a shell
    Completions(commands::shell::Completions),
    /// Manual pages
    Man(commands::shell::Man),
}

/// The commands, for tests that look for one.
#[cfg(test)]
pub fn command() -> clap::Command {
    Cli::command()
}

/// The help in Japanese.
const JA: &str = include_str!("cli/ja.ftl");

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let line: Vec<_> = std::env::args_os().collect();
    let cli: Cli = match cli::read(JA, &line) {
        Ok(cli) => cli,
        Err(told) => {
            match told.for_a_program() {
                Some(error) => outln!("{}", serde_json::json!({ "error": error, "exit": Exit::Usage as u8, "code": null })),
                None => told.print(),
            }
            return if told.failed { Exit::Usage.into() } else { Exit::Done.into() };
        }
    };
    let lang = cli.global.lang();
    let json = cli.global.json;
    protect::begin(lang);
    match run(cli) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            if json {
                outln!("{}", serde_json::json!({ "error": failure.say(lang), "exit": failure.exit as u8, "code": failure.code }));
            } else {
                eprintln!("{}: {}", lang.pick("エラー", "error"), failure.say(lang));
            }
            failure.exit.into()
        }
    }
}

fn run(cli: Cli) -> Result<Exit, Failure> {
    let Cli { global, appearance, command } = cli;
    let Some(command) = command else { return without_command(&global, appearance) };
    match command {
        Command::Election(command) => command.run(&global),
        Command::Approve(command) => command.run(&global),
        Command::Decline(command) => command.run(&global),
        Command::Approvals => commands::approve::list(&global),
        Command::Status(command) => command.run(&global),
        Command::Journal(command) => command.run(&global),
        Command::Trustee(command) => command.run(&global),
        Command::Card(command) => command.run(&global),
        Command::Poll(command) => command.run(&global),
        Command::Reception(command) => command.run(&global),
        Command::Vote(command) => command.run(&global),
        Command::Challenge(command) => command.run(&global),
        Command::Declare(command) => command.run(&global),
        Command::Questionnaire(command) => command.run(&global),
        Command::Citizen(command) => command.run(&global),
        Command::Shelter(command) => command.run(&global),
        Command::Agency(command) => command.run(&global),
        Command::Disclose(command) => command.run(&global),
        Command::Access(command) => command.run(&global),
        Command::Roster(command) => command.run(&global),
        Command::Receipt(command) => command.run(&global),
        Command::Completions(command) => command.run(cli::whole(Cli::command(), JA, global.lang())),
        Command::Man(command) => command.run(&global, cli::spoken(Cli::command(), JA, global.lang())),
    }
}

/// Opens the console; where nobody sits at a terminal, it is said what can be typed.
fn without_command(global: &Global, appearance: Appearance) -> Result<Exit, Failure> {
    if console::can_open() && !global.json {
        return console::run(global, appearance);
    }
    if global.json {
        return Err(Failure::new(Exit::Usage, "コマンドを指定してください（tachiai --help）。", "name a command (see tachiai --help)."));
    }
    eprintln!("{}", cli::help(Cli::command(), JA, global.lang()));
    Ok(Exit::Usage)
}

/// Which election a command is about.
#[derive(Args, Debug)]
pub struct WhichElection {
    /// The election [default: the only one that is not published]
    #[arg(long, value_name = "ID")]
    pub election: Option<ElectionId>,
}

impl WhichElection {
    /// The named election, or the only one that is not published.
    ///
    /// # Errors
    /// [`Failure`] when none is named and there is not exactly one.
    pub fn find(&self, client: &Client) -> Result<ElectionId, Failure> {
        use tachiai_schemas::receipt::{ElectionSummary, Phase};
        if let Some(id) = self.election {
            return Ok(id);
        }
        let list: Vec<ElectionSummary> = client.get("/api/v1/elections", None)?;
        let mut live = list.iter().filter(|e| e.phase != Phase::Published);
        match (live.next(), live.next()) {
            (Some(one), None) => Ok(one.election),
            (None, _) => Err(Failure::new(
                Exit::Usage,
                "進行中の選挙がありません。--election で指定してください。",
                "no election is under way. Name one with --election.",
            )),
            (Some(_), Some(_)) => Err(Failure::new(
                Exit::Usage,
                "進行中の選挙が複数あります。--election で指定してください（tachiai election list）。",
                "several elections are under way. Name one with --election (see `tachiai election list`).",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_is_whole_in_japanese() {
        let gaps = cli::gaps(&Cli::command(), JA);
        assert!(gaps.is_empty(), "{}", gaps.join("\n"));
    }

    #[test]
    fn the_help_of_every_import_names_the_columns_that_are_read() {
        use tachiai_schemas::roll;
        use tachiai_schemas::shelter::{facility, residents, support};

        let command = Cli::command();
        let commands: [(&[&str], Vec<_>); 4] = [
            (&["election", "import-roll"], roll::columns()),
            (&["shelter", "import", "facilities"], facility::COLUMNS.into()),
            (&["shelter", "import", "residents"], residents::COLUMNS.into()),
            (&["shelter", "import", "support"], support::COLUMNS.into()),
        ];
        for (path, columns) in commands {
            let english = path.iter().fold(&command, |above, name| above.find_subcommand(name).unwrap()).get_after_help().unwrap().to_string();
            let japanese: String =
                JA.split(&format!("\n{} =", path.join("-"))).nth(1).unwrap().lines().skip(1).take_while(|line| line.starts_with(' ')).collect();
            for column in columns {
                assert!(english.contains(column.title()) && japanese.contains(column.title()), "{path:?}: {}", column.title());
            }
        }
    }

    fn parses(arguments: &[&str]) -> bool {
        let line = ["--server", "https://h:1", "--ca", "ca.pem", "--manifest", "aaaa-aaaa-aaaa-aaaa-aaaa"];
        Cli::try_parse_from(["tachiai"].iter().chain(arguments).chain(&line)).is_ok()
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    fn every_command(command: &clap::Command, path: &str, check: &impl Fn(&str, &clap::Command)) {
        let path = format!("{path} {}", command.get_name());
        check(&path, command);
        command.get_subcommands().for_each(|command| every_command(command, &path, check));
    }

    #[test]
    fn nothing_that_officials_say_of_a_person_is_an_argument_since_every_process_can_read_those() {
        let told = ["number", "name", "kana", "birth", "value", "note", "by", "about", "grounds", "because", "address"];
        every_command(&Cli::command(), "", &|path, command| {
            // Officers stand in the manifest with their names.
            let concerned = [" tachiai poll", " tachiai election roll", " tachiai declare"].iter().any(|room| path.starts_with(room));
            if concerned && path != " tachiai poll officer new" {
                let found: Vec<_> = command.get_arguments().map(|argument| argument.get_id().as_str()).filter(|id| told.contains(id)).collect();
                assert!(found.is_empty(), "{path}: {found:?}");
            }
        });
    }

    #[test]
    fn a_kept_ballot_is_challenged_without_a_card_or_an_election_and_nothing_is_cast_without_an_election() {
        let election = ["--election", "aaaaaaaaaaaaaaaaaaaaaaaaaa"];
        assert!(parses(&["challenge", "--kept", "kept.age"]));
        assert!(!parses(&["challenge"]));
        for card in [["--card", "card"], ["--reader", "reader"]] {
            assert!(!parses(&[&["challenge", "--kept", "kept.age"], &card[..]].concat()));
            for command in ["vote", "challenge"] {
                assert!(parses(&[&[command], &card[..], &election[..]].concat()));
                assert!(!parses(&[&[command], &card[..]].concat()));
            }
        }
    }

    #[test]
    fn a_card_is_in_a_reader_or_behind_a_socket_and_not_both() {
        let election = ["--election", "aaaaaaaaaaaaaaaaaaaaaaaaaa"];
        for command in ["vote", "challenge"] {
            assert!(parses(&[&[command], &election[..]].concat()));
            assert!(!parses(&[&[command, "--card", "card", "--reader", "reader"], &election[..]].concat()));
        }
    }

    #[test]
    fn a_declaration_names_one_reason_of_the_six_or_is_withdrawn_or_shown() {
        let parses = |arguments: &[&str]| {
            let line = ["tachiai", "declare", "--server", "https://h:1", "--ca", "ca.pem", "--election", "aaaaaaaaaaaaaaaaaaaaaaaaaa"];
            Cli::try_parse_from(line.iter().chain(arguments)).is_ok()
        };
        for good in [&["--reason", "1"][..], &["--reason", "6", "--oath", "--who-fd", "3"], &["--withdraw"], &["--show"]] {
            assert!(parses(good), "{good:?}");
        }
        for bad in [
            &[][..],
            &["--reason", "0"],
            &["--reason", "7"],
            &["--reason", "work"],
            &["--reason", "1", "--reason", "2"],
            &["--reason", "1", "--withdraw"],
            &["--withdraw", "--show"],
            &["--withdraw", "--oath"],
        ] {
            assert!(!parses(bad), "{bad:?}");
        }
    }
}
