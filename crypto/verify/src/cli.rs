//! Command line: what is asked, and the exit code.
//!
//! 0 everything holds · 1 refuted · 2 incomplete or unreadable · 64 wrong usage.

mod access;
mod eligibility;
mod outcome;
mod page;
mod report;
mod roster;
mod witness;

use std::ffi::OsString;
use std::fs::File;
use std::io::{IsTerminal, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Args, CommandFactory, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde::de::DeserializeOwned;
use tachiai_crypto::election::context::Fingerprint;
use tachiai_schemas::receipt::{OpeningFile, Phase, ReceiptFile};
use tachiai_schemas::{Lang, Timestamp, cli};
use tachiai_verify::receipt::{Finding, check_opening, check_receipt, find};
use tachiai_verify::{Audit, Extent, Failure, Incomplete, Lookup, Options, audit_record, verify_record};

use page::Page;
use report::Report;

const EXAMPLES: &str = "\
Examples:
  tachiai-verify record/ --expect k7qd-3m2a-xw5e-ph4t-6zcj
      Verify a record; the fingerprint stands in the public notice.
  tachiai-verify record.tar --expect k7qd-3m2a-xw5e-ph4t-6zcj --report report.html
      The record as one file, with a report for people.
  tachiai-verify record.tar --resume state
      Go on after an interruption.
  tachiai-verify record/ --json
      The same for programs.
  tachiai-verify ballot receipt.json opening.json --expect k7qd-3m2a-xw5e-ph4t-6zcj
      On a second device: what does the challenged ballot hold?
  tachiai-verify receipt receipt.json record/
      Was my ballot counted?
  tachiai-verify record/ --policy my-policy.txt --cosignatures fetched.txt
      Did the witnesses whom I believe cosign it?
  tachiai-verify fork fork.json --expect k7qd-3m2a-xw5e-ph4t-6zcj
      Does this file show that the election's key signed two boards? Without --expect: some key, which is incomplete (2).
  tachiai-verify eligibility record/ evidence/ roll.csv --identity authority.txt --expect k7qd-3m2a-xw5e-ph4t-6zcj \\
    --card-anchor SHA-256 --text-anchor SHA-256
      The commission's audit: is every slot an elector, and did their cards register?
  tachiai-verify roster 0003.statement --since 0002.statement --expect k7qd-3m2a-xw5e-ph4t-6zcj
      The totals of a disaster's shelters, with the notice's fingerprint.
  tachiai-verify disclosure fire.disclosure
      People that an agency got: is each one's entry genuine, and was nobody with the need left out?
  tachiai-verify own my-entry.json
      What the reception wrote about me.
  tachiai-verify access access.json --since earlier.json
      Who received or saw what of me: is nothing left out, and nothing taken out since?

Exit codes: 0 holds, 1 refuted, 2 incomplete or unreadable, 64 wrong usage";

/// Verify the record of an election, a receipt or a challenged ballot, without a network
#[derive(Parser)]
#[command(name = "tachiai-verify", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// The record: a folder or one file (record.tar)
    #[arg(required = true, value_name = "RECORD")]
    record: Option<PathBuf>,
    /// Worker threads; all cores if not given
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Accept a record that ends before the result is published
    #[arg(long)]
    partial: bool,
    /// Go on from this file after an interruption; it is written now and then, and removed at the end
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
    /// Folder for temporary files, some 300 bytes for each elector
    #[arg(long, value_name = "DIR")]
    scratch: Option<PathBuf>,
    /// Write a report in both languages, for people: what was checked, what it rests on, what it does not show
    #[arg(long, value_name = "FILE.html")]
    report: Option<PathBuf>,
    /// Demand the cosignatures of this policy (C2SP tlog-policy)
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Cosignatures that were fetched from witnesses, for the policy
    #[arg(long, value_name = "FILE", requires = "policy")]
    cosignatures: Vec<PathBuf>,
    #[command(flatten)]
    common: Common,
}

#[derive(Subcommand)]
enum Command {
    /// Check what a challenged ballot holds
    Ballot {
        /// The receipt
        receipt: PathBuf,
        /// The opening
        opening: PathBuf,
        #[command(flatten)]
        common: Common,
    },
    /// Audit roll and sealed evidence with the authority's key
    Eligibility(Box<eligibility::Arguments>),
    /// Check a receipt against the record
    Receipt {
        /// The receipt
        receipt: PathBuf,
        /// Folder of the record
        record: PathBuf,
        /// Worker threads; all cores if not given
        #[arg(long, value_name = "N")]
        jobs: Option<NonZeroUsize>,
        /// Also take a record from before the publication, where the answer is only of so far
        #[arg(long)]
        partial: bool,
        /// Where to write the evidence, should receipt and record be of two boards
        #[arg(long, value_name = "FILE")]
        evidence: Option<PathBuf>,
        #[command(flatten)]
        common: Common,
    },
    /// Check the totals that were stated of a disaster's shelters
    Roster {
        /// The statement
        file: PathBuf,
        /// An earlier one: it must be of the same roster, and registered
        #[arg(long, value_name = "EARLIER")]
        since: Option<PathBuf>,
        #[command(flatten)]
        common: Common,
    },
    /// Check a disclosure: entries, fields, and that no one else has the need
    Disclosure {
        /// The disclosure, opened with the agency's key
        file: PathBuf,
        /// Also show the people and every field that is given of them, if it holds
        #[arg(long)]
        people: bool,
        #[command(flatten)]
        common: Common,
    },
    /// Show and check the own entry that an evacuee took along
    Own {
        /// The own entry
        file: PathBuf,
        #[command(flatten)]
        common: Common,
    },
    /// Check a kept list of who received or saw what of its holder
    Access {
        /// The list, as `tachiai access list --keep` kept it
        file: PathBuf,
        /// A list that was kept before: the log must go on from it
        #[arg(long, value_name = "EARLIER")]
        since: Option<PathBuf>,
        // No notice has a fingerprint of the log.
        #[command(flatten)]
        said: Said,
    },
    /// Check evidence that an election's key signed two boards; it is the election's only with --expect
    Fork {
        /// The evidence
        file: PathBuf,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Args)]
struct Common {
    /// The fingerprint of the public notice
    #[arg(long, value_name = "FINGERPRINT")]
    expect: Option<Fingerprint>,
    #[command(flatten)]
    said: Said,
}

/// How the verdict is said.
#[derive(Args)]
struct Said {
    /// Output for programs
    #[arg(long)]
    json: bool,
    /// Language: ja or en (日本語: --lang ja) [default: the locale's]
    #[arg(long, value_name = "LANG")]
    lang: Option<Lang>,
}

impl Common {
    fn report(&self) -> Report {
        self.said.report()
    }
}

impl Said {
    fn report(&self) -> Report {
        Report { lang: self.lang.unwrap_or_else(cli::locale), json: self.json }
    }
}

/// The help in Japanese.
const JA: &str = include_str!("cli/ja.ftl");

/// Runs the program.
pub(crate) fn run() -> ExitCode {
    let cli = match cli::read(JA, &common_last(std::env::args_os().collect())) {
        Ok(cli) => cli,
        Err(told) => {
            match told.for_a_program() {
                Some(error) => {
                    // Nothing can be done about a closed terminal.
                    let _ = writeln!(std::io::stdout(), "{}", serde_json::json!({ "error": error, "exit": 64 }));
                }
                None => told.print(),
            }
            return ExitCode::from(if told.failed { 64 } else { 0 });
        }
    };
    let (report, outcome) = match cli {
        Cli { command: Some(Command::Ballot { receipt, opening, common }), .. } => (common.report(), ballot(&receipt, &opening, &common)),
        Cli { command: Some(Command::Receipt { receipt, record, jobs, partial, evidence, common }), .. } => {
            (common.report(), of_receipt(&receipt, &record, jobs, extent(partial), evidence.as_deref(), &common))
        }
        Cli { command: Some(Command::Fork { file, common }), .. } => (common.report(), witness::fork(&file, &common)),
        Cli { command: Some(Command::Roster { file, since, common }), .. } => (common.report(), roster::statement(&file, since.as_deref(), &common)),
        Cli { command: Some(Command::Disclosure { file, people, common }), .. } => {
            let naming = if people { roster::Naming::Everybody } else { roster::Naming::Nobody };
            (common.report(), roster::disclosure(&file, naming, &common))
        }
        Cli { command: Some(Command::Own { file, common }), .. } => (common.report(), roster::own(&file, &common)),
        Cli { command: Some(Command::Access { file, since, said }), .. } => (said.report(), access::list(&file, since.as_deref(), said.report())),
        Cli { command: None, record, jobs, partial, resume, scratch, report, policy, cosignatures, common } => {
            let audit = Audit { scratch: scratch.as_deref(), resume: resume.as_deref(), step: None };
            let policy = policy.as_deref().map(|policy| (policy, cosignatures.as_slice()));
            (common.report(), record_of(&record.unwrap_or_default(), jobs, extent(partial), &audit, report.as_deref(), policy, &common))
        }
        Cli { command: Some(Command::Eligibility(arguments)), .. } => (arguments.report(), arguments.run()),
    };
    let (text, code) = match outcome {
        Ok(Outcome { text, code }) => (text, code),
        Err(failure) => report.failure(&failure),
    };
    let _ = writeln!(std::io::stdout().lock(), "{}", text.trim_end());
    ExitCode::from(code)
}

/// Options of every command that stand before a subcommand, behind it: `--lang ja roster FILE` is `roster --lang ja FILE`.
fn common_last(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let cli = Cli::command();
    let is_subcommand = |word: &OsString| word.to_str().is_some_and(|word| cli.get_subcommands().any(|one| one.get_name() == word));
    let mut at = 1;
    while let Some(word) = arguments.get(at).and_then(|word| word.to_str()) {
        at += match word {
            "--lang" | "--expect" => 2,
            "--json" => 1,
            _ if word.starts_with("--lang=") || word.starts_with("--expect=") => 1,
            _ => break,
        };
    }
    if at > 1 && arguments.get(at).is_some_and(is_subcommand) {
        let subcommand = arguments.remove(at);
        arguments.insert(1, subcommand);
    }
    arguments
}

const fn extent(partial: bool) -> Extent {
    if partial { Extent::Partial } else { Extent::Published }
}

/// What is said when this program fails itself.
pub(crate) fn fault() -> ExitCode {
    let _ = writeln!(
        std::io::stderr().lock(),
        "tachiai-verify failed; this says nothing about the record. 検証プログラムの障害です。記録の正否とは関係ありません。"
    );
    ExitCode::from(2)
}

struct Outcome {
    text: String,
    code: u8,
}

/// A policy file, and files of cosignatures for it.
type PolicyFiles<'a> = Option<(&'a Path, &'a [PathBuf])>;

fn record_of(
    root: &Path,
    jobs: Option<NonZeroUsize>,
    extent: Extent,
    audit: &Audit<'_>,
    report: Option<&Path>,
    policy: PolicyFiles<'_>,
    common: &Common,
) -> Result<Outcome, Failure> {
    let bar = Bar::new(common.said.json);
    let progress = |done, all| bar.show(done, all);
    let options = Options { expect: common.expect, jobs, extent, lookup: Lookup::None, progress: Some(&progress) };
    // A report that could not be written is said before an hour's work.
    let file = report.map(|path| File::create(path).map_err(|error| unwritable(path, error))).transpose()?;
    let audited = audit_record(root, &options, audit);
    bar.0.finish_and_clear();
    let verdict = audited.and_then(|mut audited| {
        if let Some((policy, fetched)) = policy {
            witness::judge(&mut audited, policy, fetched)?;
        }
        Ok(audited.verdict)
    });
    if let (Some(mut file), Some(path)) = (file, report) {
        let page = Page {
            lang: common.report().lang,
            outcome: verdict.as_ref(),
            record: root.display().to_string(),
            at: now(),
            expected: common.expect.map(|fingerprint| fingerprint.to_string()),
            options: options_of(extent, policy),
        };
        file.write_all(page.html().as_bytes()).and_then(|()| file.sync_all()).map_err(|error| unwritable(path, error))?;
    }
    Ok(Outcome { text: common.report().verdict(&verdict?), code: 0 })
}

fn unwritable(path: &Path, error: std::io::Error) -> Incomplete {
    Incomplete::Unwritable { path: path.display().to_string(), error }
}

/// The options that change what is asked of a record, for whoever asks again.
fn options_of(extent: Extent, policy: PolicyFiles<'_>) -> String {
    let mut options = if extent == Extent::Partial { " --partial".to_owned() } else { String::new() };
    if let Some((policy, fetched)) = policy {
        options += &format!(" --policy {}", policy.display());
        fetched.iter().for_each(|file| options += &format!(" --cosignatures {}", file.display()));
    }
    options
}

/// This computer's time, for the report alone: no rule depends on it.
fn now() -> Option<Timestamp> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Timestamp::from_unix(i64::try_from(since.as_secs()).ok()?).ok()
}

fn ballot(receipt: &Path, opening: &Path, common: &Common) -> Result<Outcome, Failure> {
    let file: ReceiptFile = read(receipt, "a receipt")?;
    let opening: OpeningFile = read(opening, "an opening")?;
    let checked = check_receipt(&file, common.expect.as_ref())?;
    let contests = check_opening(&checked, &opening)?;
    Ok(Outcome { text: common.report().opening(&checked, &contests), code: 0 })
}

fn of_receipt(receipt: &Path, record: &Path, jobs: Option<NonZeroUsize>, extent: Extent, evidence: Option<&Path>, common: &Common) -> Result<Outcome, Failure> {
    let file: ReceiptFile = read(receipt, "a receipt")?;
    let checked = check_receipt(&file, common.expect.as_ref())?;
    let bar = Bar::new(common.said.json);
    let progress = |done, all| bar.show(done, all);
    let options = Options { expect: common.expect, jobs, extent: Extent::Partial, lookup: Lookup::ByHash, progress: Some(&progress) };
    let verified = verify_record(record, &options);
    bar.0.finish_and_clear();
    let verified = verified?;
    let finding = find(&checked, &verified)?;
    // An older record, honestly signed, knows nothing of what came after it. That two boards were signed is evidence at any time.
    if extent == Extent::Published && verified.verdict.phase != Phase::Published && !matches!(finding, Finding::Fork { .. }) {
        return Err(Incomplete::NotPublished(verified.verdict.phase).into());
    }
    if extent == Extent::Published && !matches!(finding, Finding::Fork { .. }) {
        verified.witnessed.complete(verified.checkpoint.checkpoint().size)?;
    }
    if let (Finding::Fork { .. }, Some(path)) = (&finding, evidence)
        && !witness::write_evidence(path, &checked, &verified)?
    {
        common.report().no_evidence();
    }
    let (text, code) = common.report().finding(&checked, &finding, &verified.verdict);
    Ok(Outcome { text, code })
}

/// The longest receipt or opening that is read, in bytes.
const MAX_FILE: u64 = 16 << 20;

fn read<T: DeserializeOwned>(path: &Path, what: &'static str) -> Result<T, Failure> {
    read_to(MAX_FILE, path, what)
}

fn read_to<T: DeserializeOwned>(most: u64, path: &Path, what: &'static str) -> Result<T, Failure> {
    use std::io::Read;
    let shown = || path.display().to_string();
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| Incomplete::Unreadable { path: shown(), error })?;
    file.take(most).read_to_end(&mut bytes).map_err(|error| Incomplete::Unreadable { path: shown(), error })?;
    // These files are kept by people and their programs, so white space is no fault; unknown and repeated keys are.
    serde_json::from_slice(&bytes).map_err(|error| Incomplete::NotA { path: shown(), what, reason: error.to_string() }.into())
}

/// A progress bar, on a terminal only.
struct Bar(ProgressBar);

impl Bar {
    fn new(json: bool) -> Self {
        if json || !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} {elapsed} (-{eta})") {
            bar.set_style(style);
        }
        Self(bar)
    }

    fn show(&self, done: u64, all: u64) {
        self.0.set_length(all);
        self.0.set_position(done);
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
    fn common_options_may_stand_before_a_subcommand_and_a_record_stays_where_it_is() {
        let of = |line: &str| common_last(line.split(' ').map(OsString::from).collect()).join(&OsString::from(" "));
        assert_eq!(of("v --lang ja roster f"), "v roster --lang ja f");
        assert_eq!(of("v --json --expect=a --lang en own f --json"), "v own --json --expect=a --lang en f --json");
        for line in ["v --lang ja record/", "v record/ --lang ja", "v roster f --lang ja", "v --jobs 2 roster", "v --lang", "v"] {
            assert_eq!(of(line), line);
        }
        assert!(Cli::try_parse_from(common_last(["v", "--lang", "ja", "roster", "f"].map(OsString::from).to_vec())).is_ok());
    }
}
