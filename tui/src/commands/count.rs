//! The count at the console: papers, candidates who are out, lots, and the result.

use std::path::{Path, PathBuf};

use age::secrecy::SecretString;
use clap::{Args, Subcommand};
use serde::Deserialize;
use tachiai_crypto::election::context::Fingerprint;
use tachiai_schemas::counting::{
    ContestOutcome, LotSigned, OptionOutcome, OutNotice, OutcomeView, PaperCountSigned, PaperCountView, PaperFigures, PaperLine, Recorded, Signing,
};
use tachiai_schemas::election::{Contest, Manifest};
use tachiai_schemas::paper::{CandidateOut, Lot, OfficerSignature, OutReason, PaperCount};
use tachiai_schemas::staff::{OutCandidate, Pending};
use tachiai_schemas::trustee::SignedKind;
use tachiai_schemas::{ElectionId, Lang};

use crate::cli::{Global, WhichElection};
use crate::client::{Answer, Client};
use crate::commands::approve::confirmed;
use crate::commands::say;
use crate::failure::{Exit, Failure};
use crate::poll::officer::OfficerKey;
use crate::secret_input;
use crate::voter::{self, Pinned};

/// The most keys of officers that one command signs with.
const KEYS: usize = 8;

/// The papers of the polling places, counted by two officials apart.
#[derive(Subcommand, Debug)]
pub enum PaperCountCommand {
    /// Enter what you counted of the papers of one contest; another official enters the same, apart
    #[command(after_help = ENTER_EXAMPLE)]
    Enter(Enter),
    /// Show how far the papers of every contest are counted
    Show {
        /// Which election
        #[command(flatten)]
        which: WhichElection,
    },
    /// Sign what two officials agreed on, as manager (開票管理者) or witness (開票立会人) of the count
    #[command(after_help = "Example: tachiai election paper-count sign --contest mayor --key manager.key --key witness-1.key --key witness-2.key")]
    Sign(Sign),
}

const ENTER_EXAMPLE: &str = "\
Examples:
  tachiai election paper-count enter count.toml
  tachiai election paper-count enter --contest mayor --vote asakura=57.333 --vote fujinashi=62.667 --valid 120 --blank 3 --invalid 2
The file has the same:
  contest = \"mayor\"
  valid = 120
  blank = 3
  invalid = 2
  votes = { asakura = \"57.333\", fujinashi = \"62.667\" }
Votes for a name that several candidates share are split (按分) and have up to three digits after the point. Exit code 3: the other official's count
is awaited. Exit code 1: the two counts differ in the lines that are shown; both count and enter again.";

/// What one official counted.
#[derive(Args, Debug)]
pub struct Enter {
    /// The file with the figures, TOML
    #[arg(value_name = "FILE", conflicts_with_all = ["contest", "votes", "valid", "blank", "invalid"], required_unless_present = "contest")]
    file: Option<PathBuf>,
    /// The contest
    #[arg(long, value_name = "ID")]
    contest: Option<String>,
    /// OPTION=VOTES, once for each candidate who is not out
    #[arg(long = "vote", value_name = "OPTION=VOTES")]
    votes: Vec<String>,
    /// Papers that name a candidate
    #[arg(long, value_name = "N", requires = "contest")]
    valid: Option<u64>,
    /// Blank papers
    #[arg(long, value_name = "N", requires = "contest")]
    blank: Option<u64>,
    /// Other invalid papers
    #[arg(long, value_name = "N", requires = "contest")]
    invalid: Option<u64>,
    /// Which election
    #[command(flatten)]
    which: WhichElection,
}

/// The keys of officers who sign.
#[derive(Args, Debug)]
pub struct Keys {
    /// The file of an officer's key, once for each who signs here; others may sign later, elsewhere
    #[arg(long = "key", value_name = "FILE", required = true)]
    keys: Vec<PathBuf>,
    /// Read the passphrases of the keys from this file descriptor, a line each, in the order of the keys
    #[arg(long, value_name = "N")]
    passphrase_fd: Option<i32>,
    /// The fingerprint in the public notice; without it the election is taken from the server on trust
    #[arg(long, value_name = "FINGERPRINT")]
    manifest: Option<Fingerprint>,
    /// Do not ask whether what is signed is right
    #[arg(long)]
    yes: bool,
}

/// Signs a count of papers.
#[derive(Args, Debug)]
pub struct Sign {
    /// The contest
    #[arg(long, value_name = "ID")]
    contest: String,
    #[command(flatten)]
    keys: Keys,
    /// Which election
    #[command(flatten)]
    which: WhichElection,
}

/// A candidate who is out.
#[derive(Args, Debug)]
#[command(
    after_help = "Example: tachiai election candidate-out --contest mayor --option myoken --reason withdrawn\nVotes for that candidate are invalid from then on (Public Offices Election Act, article 68), those cast before included; who cast one may vote again\nwhile online voting goes on."
)]
pub struct Out {
    /// The contest
    #[arg(long, value_name = "ID")]
    contest: String,
    /// The candidate
    #[arg(long, value_name = "ID")]
    option: String,
    /// Why: withdrawn (辞退), died (死亡) or disqualified (被選挙権なし・却下)
    #[arg(long, value_name = "REASON", value_parser = reason)]
    reason: OutReason,
    /// Which election
    #[command(flatten)]
    which: WhichElection,
}

fn reason(text: &str) -> Result<OutReason, String> {
    let known = OutReason::ALL.iter().map(|(_, word)| *word).collect::<Vec<_>>().join(", ");
    OutReason::ALL.iter().find(|(_, word)| *word == text).map(|(reason, _)| *reason).ok_or_else(|| format!("use one of {known}"))
}

/// A lot that was drawn.
#[derive(Args, Debug)]
#[command(
    after_help = "Example: tachiai election lot --contest council --chosen sato --key manager.key --key witness-1.key --key witness-2.key\nThe lot is drawn on the table, by the manager before the witnesses (Public Offices Election Act, article 95 (2)); this records it. Exit code 3: more\nofficers have to sign."
)]
pub struct DrawnLot {
    /// The contest
    #[arg(long, value_name = "ID")]
    contest: String,
    /// Who got a seat by the lot, separated by commas
    #[arg(long, value_name = "ID[,ID…]", value_delimiter = ',', required = true)]
    chosen: Vec<String>,
    #[command(flatten)]
    keys: Keys,
    /// Which election
    #[command(flatten)]
    which: WhichElection,
}

impl PaperCountCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        match self {
            Self::Enter(enter) => enter.run(global),
            Self::Show { which } => {
                let client = global.staff()?;
                let id = which.find(&client)?;
                let views: Vec<PaperCountView> = client.get(&format!("/api/v1/elections/{id}/paper-counts"), None)?;
                let manifest = voter::manifest(&client, id)?;
                say(global, &serde_json::json!(views), || {
                    if views.is_empty() {
                        return global.pick("数える投票用紙はありません。", "There are no papers to count.").to_owned();
                    }
                    views.iter().map(|view| view_text(global.lang(), view, &manifest)).collect::<Vec<_>>().join("\n")
                });
                Ok(Exit::Done)
            }
            Self::Sign(sign) => sign.run(global),
        }
    }
}

/// The figures as the file has them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FiguresFile {
    contest: String,
    valid: u64,
    blank: u64,
    invalid: u64,
    votes: std::collections::BTreeMap<String, Number>,
}

/// A number of votes: a text with up to three digits after the point, or a whole number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Whole(u64),
    Text(String),
}

/// What somebody counted, by the identifiers of contest and options.
struct Given {
    contest: String,
    /// In thousandths.
    votes: Vec<(String, u64)>,
    /// Valid, blank and otherwise invalid papers.
    papers: [u64; 3],
}

fn usage(ja: impl Into<String>, en: impl Into<String>) -> Failure {
    Failure::new(Exit::Usage, ja, en)
}

impl Enter {
    fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let Given { contest, votes, papers: [valid, blank, invalid] } = self.given()?;
        let client = global.staff()?;
        let id = self.which.find(&client)?;
        let manifest = voter::manifest(&client, id)?;
        let (index, contest) = contest_of(&manifest, &contest)?;
        let outs: Vec<OutNotice> = client.get(&format!("/api/v1/elections/{id}/candidates-out"), None)?;
        let out = |option: usize| outs.iter().any(|out| out.contest == index && usize::from(out.option) == option);
        let figures = PaperFigures { contest: index, thousandths: by_option(contest, &votes, out)?, valid, blank, invalid };
        let view: PaperCountView = client.post(&format!("/api/v1/elections/{id}/paper-counts"), None, &figures)?;
        say(global, &serde_json::json!(view), || view_text(global.lang(), &view, &manifest));
        Ok(match (&view.agreed, &view.entered_by) {
            (Some(_), _) => Exit::Done,
            (None, Some(_)) => Exit::Waiting,
            (None, None) => Exit::Refused,
        })
    }

    /// What the file or the options say.
    fn given(&self) -> Result<Given, Failure> {
        if let Some(path) = &self.file {
            let text = std::fs::read_to_string(path).map_err(|e| Failure::file(path, &e))?;
            let FiguresFile { contest, valid, blank, invalid, votes } = toml::from_str(&text).map_err(|e| Failure::file(path, &e))?;
            let number = |number: Number| match number {
                Number::Whole(votes) => thousandths(&votes.to_string()),
                Number::Text(text) => thousandths(&text),
            };
            let votes = votes.into_iter().map(|(option, votes)| Ok((option, number(votes)?))).collect::<Result<_, Failure>>()?;
            return Ok(Given { contest, votes, papers: [valid, blank, invalid] });
        }
        let missing = |argument: &str| usage(format!("{argument} を指定してください。"), format!("{argument} is missing."));
        let contest = self.contest.clone().ok_or_else(|| missing("--contest"))?;
        let votes = self.votes.iter().map(|vote| {
            let (option, votes) = vote
                .split_once('=')
                .ok_or_else(|| usage(format!("--vote は OPTION=VOTES の形です: {vote}"), format!("--vote has the form OPTION=VOTES: {vote}")))?;
            Ok((option.to_owned(), thousandths(votes)?))
        });
        let votes = votes.collect::<Result<_, Failure>>()?;
        let [valid, blank, invalid] = [(self.valid, "--valid"), (self.blank, "--blank"), (self.invalid, "--invalid")];
        let number = |(number, name): (Option<u64>, &str)| number.ok_or_else(|| missing(name));
        Ok(Given { contest, votes, papers: [number(valid)?, number(blank)?, number(invalid)?] })
    }
}

/// Votes with at most three digits after the point, in thousandths.
///
/// # Errors
/// [`Failure`] (64) for any other text.
fn thousandths(text: &str) -> Result<u64, Failure> {
    let wrong = || usage(format!("票数は 57 または 57.333 の形です: {text}"), format!("votes are written 57 or 57.333: {text}"));
    let (whole, after) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole, 12) || !digits(after, 3) {
        return Err(wrong());
    }
    let whole: u64 = whole.parse().map_err(|_| wrong())?;
    let after: u64 = format!("{after:0<3}").parse().map_err(|_| wrong())?;
    Ok(whole * 1_000 + after)
}

/// The votes in ballot order: one number for each candidate who is not out.
fn by_option(contest: &Contest, votes: &[(String, u64)], out: impl Fn(usize) -> bool) -> Result<Vec<u64>, Failure> {
    let mut found = vec![None; contest.options.len()];
    for (option, votes) in votes {
        let place = option_of(contest, option)?;
        match found.get_mut(usize::from(place)) {
            Some(Some(_)) => return Err(usage(format!("「{option}」が2回あります。"), format!("\"{option}\" is given twice."))),
            Some(place) => *place = Some(*votes),
            None => {}
        }
    }
    let missing: Vec<&str> =
        contest.options.iter().enumerate().filter(|(place, _)| found[*place].is_none() && !out(*place)).map(|(_, option)| option.id.as_str()).collect();
    if missing.is_empty() {
        return Ok(found.into_iter().map(Option::unwrap_or_default).collect());
    }
    let missing = missing.join(", ");
    Err(usage(format!("票数のない候補者があります（0票は 0 と書きます）: {missing}"), format!("no votes are given for: {missing} (write 0 for none)")))
}

/// A contest of the manifest by its identifier.
///
/// # Errors
/// [`Failure`] (64) that names those there are.
pub fn contest_of<'a>(manifest: &'a Manifest, id: &str) -> Result<(u16, &'a Contest), Failure> {
    (0..=u16::MAX).zip(&manifest.contests).find(|(_, contest)| contest.id == id).ok_or_else(|| {
        let all = manifest.contests.iter().map(|contest| contest.id.as_str()).collect::<Vec<_>>().join(", ");
        usage(format!("「{id}」という投票はありません。次のいずれかです: {all}"), format!("there is no contest \"{id}\"; there are: {all}"))
    })
}

fn option_of(contest: &Contest, id: &str) -> Result<u16, Failure> {
    (0..=u16::MAX).zip(&contest.options).find(|(_, option)| option.id == id).map(|(place, _)| place).ok_or_else(|| {
        let all = contest.options.iter().map(|option| option.id.as_str()).collect::<Vec<_>>().join(", ");
        usage(format!("「{id}」という候補者はいません。次のいずれかです: {all}"), format!("there is no candidate \"{id}\"; there are: {all}"))
    })
}

fn view_text(lang: Lang, view: &PaperCountView, manifest: &Manifest) -> String {
    let contest = manifest.contests.get(usize::from(view.contest));
    let title = contest.map_or(view.id.as_str(), |contest| lang.pick(&contest.title.ja, &contest.title.en));
    let state = match (&view.recorded, &view.agreed, &view.entered_by) {
        (Some(leaf), _, _) => format!("{} {leaf}", lang.pick("確定し、掲示板に記録済みです。受付番号", "final, and on the board at leaf")),
        (None, Some(count), _) => {
            let names: Vec<&str> = view.signed.iter().filter_map(|place| manifest.count_officers.get(usize::from(*place))).map(|o| o.name.as_str()).collect();
            format!(
                "{}\n{}{}: {}",
                lang.pick(
                    "2人の集計が一致しました。開票管理者と開票立会人が署名してください（paper-count sign）。",
                    "two officials agree; the officers of the count sign it now (paper-count sign)."
                ),
                contest.map(|contest| count_text(lang, contest, count)).unwrap_or_default(),
                lang.pick("  署名済み", "  signed by"),
                if names.is_empty() { "-".to_owned() } else { names.join("、") }
            )
        }
        (None, None, Some(by)) => format!(
            "{by}: {}",
            lang.pick("集計を入力済み。もう1人の職員が別に数えて入力してください。", "entered a count; another official counts apart and enters it.")
        ),
        (None, None, None) if view.rounds > 0 => format!(
            "{}: {}\n{}",
            lang.pick("2人の集計が次の行で異なります", "the two counts differ in"),
            view.differing.iter().map(|line| line_text(lang, contest, *line)).collect::<Vec<_>>().join("、"),
            lang.pick("数え直して、2人とももう一度入力してください。", "Count again, and both enter it again.")
        ),
        (None, None, None) => lang.pick("まだ入力されていません。", "nothing is entered yet.").to_owned(),
    };
    format!("{title}  {} {}\n  {state}", lang.pick("投票箱の用紙", "papers in the boxes:"), view.in_boxes)
}

fn line_text(lang: Lang, contest: Option<&Contest>, line: PaperLine) -> String {
    match line {
        PaperLine::Option(place) => contest
            .and_then(|contest| contest.options.get(usize::from(place)))
            .map_or_else(|| place.to_string(), |option| lang.pick(&option.name.ja, &option.name.en).to_owned()),
        PaperLine::Valid => lang.pick("有効", "valid").to_owned(),
        PaperLine::Blank => lang.pick("白票", "blank").to_owned(),
        PaperLine::Invalid => lang.pick("その他の無効", "invalid").to_owned(),
    }
}

fn count_text(lang: Lang, contest: &Contest, count: &PaperCount) -> String {
    let votes = contest.options.iter().zip(&count.thousandths);
    let mut text: String =
        votes.map(|(option, votes)| format!("    {:>6}.{:03}  {}\n", votes / 1_000, votes % 1_000, lang.pick(&option.name.ja, &option.name.en))).collect();
    text += &format!(
        "    {} {}  {} {}  {} {}\n",
        lang.pick("有効", "valid"),
        count.valid,
        lang.pick("白票", "blank"),
        count.blank,
        lang.pick("その他の無効", "invalid"),
        count.invalid
    );
    text
}

impl Keys {
    /// Opens the keys and signs a body with each.
    fn sign<T: SignedKind>(&self, global: &Global, pinned: &Pinned, body: &T) -> Result<Vec<OfficerSignature>, Failure> {
        if self.keys.len() > KEYS {
            return Err(usage(format!("--key は {KEYS} 個までです。"), format!("at most {KEYS} keys sign at once.")));
        }
        let given: Option<[SecretString; KEYS]> = self.passphrase_fd.map(secret_input::read_lines).transpose()?;
        let mut signatures = Vec::new();
        for (place, path) in self.keys.iter().enumerate() {
            let passphrase = match given.as_ref().and_then(|given| given.get(place)) {
                Some(passphrase) => passphrase.clone(),
                None => secret_input::read(None, &prompt(global, path))?,
            };
            signatures.push(OfficerKey::open(path, &passphrase)?.sign(&pinned.manifest.count_officers, body)?);
        }
        Ok(signatures)
    }

    fn pinned(&self, client: &Client, id: ElectionId) -> Result<std::sync::Arc<Pinned>, Failure> {
        Pinned::fetch(client, id, self.manifest.as_ref(), None)
    }

    /// Shows what is signed and asks for a yes.
    fn agreed(&self, global: &Global, what: &str) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        eprintln!("{what}");
        if confirmed(global.pick("この内容に署名しますか？ [y/N] ", "Sign this? [y/N] "))? {
            return Ok(());
        }
        Err(Failure::refused("署名しませんでした。", "nothing was signed."))
    }
}

fn prompt(global: &Global, path: &Path) -> String {
    format!("{} {}", path.display(), global.pick("のパスフレーズ", "passphrase"))
}

fn foreign() -> Failure {
    Failure::refused(
        "サーバーが署名を求めている内容は、この選挙のものではありません。署名していません。選挙管理委員会に知らせてください。",
        "what the server asks to be signed is not of this election. Nothing was signed. Tell the election commission.",
    )
}

impl Sign {
    fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let id = self.which.find(&client)?;
        let pinned = self.keys.pinned(&client, id)?;
        let (index, contest) = contest_of(&pinned.manifest, &self.contest)?;
        let views: Vec<PaperCountView> = client.get(&format!("/api/v1/elections/{id}/paper-counts"), None)?;
        let agreed = views.into_iter().find(|view| view.contest == index).and_then(|view| view.agreed);
        let count = agreed.ok_or_else(|| {
            Failure::refused(
                "2人の職員の集計がまだ一致していません（tachiai election paper-count show）。",
                "two officials have not agreed on a count yet (tachiai election paper-count show).",
            )
        })?;
        if count.opened.hash() != pinned.opened_hash() || count.contest != index {
            return Err(foreign());
        }
        self.keys.agreed(global, &format!("{}\n{}", global.pick(&contest.title.ja, &contest.title.en), count_text(global.lang(), contest, &count)))?;
        let signatures = self.keys.sign(global, &pinned, &count)?;
        let signing: Signing = client.post(&format!("/api/v1/elections/{id}/paper-counts/signatures"), None, &PaperCountSigned { body: count, signatures })?;
        Ok(print_signing(global, &signing))
    }
}

fn print_signing(global: &Global, signing: &Signing) -> Exit {
    say(global, &serde_json::json!(signing), || match signing.recorded {
        Some(leaf) => format!("{} {leaf}", global.pick("署名が揃い、掲示板に記録しました。受付番号", "enough have signed; on the board at leaf")),
        None => format!(
            "{}: {}",
            global.pick("署名を受け付けました。さらに必要な署名", "signatures taken; still to sign"),
            match global.lang() {
                Lang::Ja => format!(
                    "{}立会人 {} 名（未署名: {}）",
                    if signing.manager_needed { "管理者と" } else { "" },
                    signing.witnesses_needed,
                    signing.missing.join("、")
                ),
                Lang::En => format!(
                    "{}{} witnesses (not yet: {})",
                    if signing.manager_needed { "the manager and " } else { "" },
                    signing.witnesses_needed,
                    signing.missing.join(", ")
                ),
            }
        ),
    });
    if signing.recorded.is_some() { Exit::Done } else { Exit::Waiting }
}

impl Out {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let id = self.which.find(&client)?;
        let manifest = voter::manifest(&client, id)?;
        let (index, contest) = contest_of(&manifest, &self.contest)?;
        let out = CandidateOut { contest: index, option: option_of(contest, &self.option)?, reason: self.reason };
        match client.act::<_, Recorded>(&format!("/api/v1/elections/{id}/candidates-out"), &out)? {
            Answer::Done(recorded) => print_recorded(global, &recorded),
            Answer::Accepted(body) => {
                let pending: Pending = serde_json::from_slice(&body).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?;
                say(global, &serde_json::json!(pending), || {
                    format!(
                        "{}\n{}\n{}: tachiai approve {}",
                        out_text(global.lang(), &manifest, &out),
                        global.pick("別の職員の承認を待っています。", "Another official's approval is awaited."),
                        global.pick("承認する職員のコマンド", "the other official runs"),
                        pending.id
                    )
                });
                return Ok(Exit::Waiting);
            }
        }
        Ok(Exit::Done)
    }
}

/// Says that a candidate is out.
pub fn print_recorded(global: &Global, recorded: &Recorded) {
    say(global, &serde_json::json!(recorded), || {
        format!(
            "{} {}",
            global.pick("候補者でなくなったことを掲示板に記録しました。受付番号", "that the candidate is out is on the board at leaf"),
            recorded.leaf
        )
    });
}

/// Who would be out and why, with the names of the manifest.
#[must_use]
pub fn out_text(lang: Lang, manifest: &Manifest, out: &CandidateOut) -> String {
    let contest = manifest.contests.get(usize::from(out.contest));
    let option = contest.and_then(|contest| contest.options.get(usize::from(out.option)));
    match (contest, option) {
        (Some(contest), Some(option)) => {
            format!("{}: {}  {}", lang.pick(&contest.title.ja, &contest.title.en), lang.pick(&option.name.ja, &option.name.en), reason_text(lang, out.reason))
        }
        _ => format!("contest {} option {}  {}", out.contest, out.option, reason_text(lang, out.reason)),
    }
}

/// Why a candidate is out, in words.
#[must_use]
pub const fn reason_text(lang: Lang, reason: OutReason) -> &'static str {
    match reason {
        OutReason::Withdrawn => lang.pick("辞退", "withdrawn"),
        OutReason::Died => lang.pick("死亡", "died"),
        OutReason::Disqualified => lang.pick("被選挙権なし・届出却下", "disqualified"),
    }
}

/// One line of a status about a candidate who is out.
#[must_use]
pub fn out_line(lang: Lang, out: &OutCandidate) -> String {
    format!(
        "{}: {}  {}  {}  ({} {})",
        lang.pick("候補者でなくなった方", "out"),
        lang.pick(&out.contest.ja, &out.contest.en),
        lang.pick(&out.name.ja, &out.name.en),
        reason_text(lang, out.notice.reason),
        lang.pick("受付番号", "leaf"),
        out.notice.leaf
    )
}

impl DrawnLot {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let id = self.which.find(&client)?;
        let pinned = self.keys.pinned(&client, id)?;
        let (index, contest) = contest_of(&pinned.manifest, &self.contest)?;
        let outcome: OutcomeView = client.get(&format!("/api/v1/elections/{id}/outcome"), None)?;
        let tie = outcome.contests.into_iter().find(|outcome| outcome.contest == Some(index)).and_then(|outcome| outcome.tie);
        let tie = tie.filter(|tie| !tie.decided).ok_or_else(|| {
            Failure::refused("この投票にくじは必要ありません（tachiai election result）。", "no lot is needed for this contest (tachiai election result).")
        })?;
        let mut chosen = self.chosen.iter().map(|option| option_of(contest, option)).collect::<Result<Vec<_>, _>>()?;
        chosen.sort_unstable();
        chosen.dedup();
        let names = |options: &[u16]| {
            let named = options.iter().filter_map(|option| contest.options.get(usize::from(*option)));
            named.map(|option| global.pick(&option.name.ja, &option.name.en)).collect::<Vec<_>>().join("、")
        };
        self.keys.agreed(
            global,
            &format!(
                "{}\n{}: {}\n{} {}: {}",
                global.pick(&contest.title.ja, &contest.title.en),
                global.pick("得票数が同じ候補者", "tied"),
                names(&tie.options),
                global.pick("くじによる当選人 議席", "chosen by lot for seats:"),
                tie.seats,
                names(&chosen)
            ),
        )?;
        let lot = Lot { opened: pinned.opened_hash().into(), contest: index, tied: tie.options, chosen };
        let signatures = self.keys.sign(global, &pinned, &lot)?;
        let signing: Signing = client.post(&format!("/api/v1/elections/{id}/lots"), None, &LotSigned { body: lot, signatures })?;
        Ok(print_signing(global, &signing))
    }
}

/// Prints what became of every contest.
///
/// # Errors
/// [`Failure`].
pub fn result(global: &Global, which: &WhichElection) -> Result<Exit, Failure> {
    let client = global.staff()?;
    let id = which.find(&client)?;
    let outcome: OutcomeView = client.get(&format!("/api/v1/elections/{id}/outcome"), None)?;
    say(global, &serde_json::json!(outcome), || outcome_text(global.lang(), &outcome));
    Ok(Exit::Done)
}

/// The outcome in words.
#[must_use]
pub fn outcome_text(lang: Lang, outcome: &OutcomeView) -> String {
    let mut text = outcome.contests.iter().map(|contest| contest_text(lang, contest)).collect::<Vec<_>>().join("\n\n");
    if !outcome.published {
        text += &format!("\n\n{}", lang.pick("この結果はまだ公表されていません。", "This result is not published yet."));
    }
    text
}

fn contest_text(lang: Lang, contest: &ContestOutcome) -> String {
    let mut lines = vec![lang.pick(&contest.title.ja, &contest.title.en).to_owned()];
    if contest.without_poll {
        lines.push(format!(
            "  {}",
            lang.pick(
                "無投票: 候補者が定数を超えないため投票は行われず、全員が当選します（公職選挙法第100条）。",
                "No poll: there are no more candidates than seats, and all of them are elected (Public Offices Election Act, article 100)."
            )
        ));
    }
    if contest.papers_missing {
        lines.push(format!(
            "  {}",
            lang.pick("投票用紙がまだ集計されていません。以下は途中の数です。", "The papers are not counted yet; what follows is not final.")
        ));
    }
    lines.extend(contest.options.iter().map(|option| option_text(lang, contest, option)));
    if !contest.without_poll {
        lines.push(format!(
            "  {} {}  {} {}  {} {}{}",
            lang.pick("有効", "valid"),
            contest.valid,
            lang.pick("白票", "blank"),
            contest.blank,
            lang.pick("その他の無効", "invalid"),
            contest.invalid,
            if contest.nobodys == "0" {
                String::new()
            } else {
                format!("  {} {}", lang.pick("按分切捨て", "nobody's (cut in splitting)"), contest.nobodys)
            } + &if contest.out == "0" {
                String::new()
            } else {
                format!("  {} {}", lang.pick("候補者でない者への票", "for who is out"), contest.out)
            }
        ));
    }
    if let (Some(minimum), Some(forfeiture)) = (&contest.minimum, &contest.forfeiture) {
        lines.push(format!("  {} {minimum}  {} {forfeiture}", lang.pick("法定得票数", "legal minimum"), lang.pick("供託物没収点", "deposit kept from")));
    }
    if let Some(seats) = &contest.seats {
        lines.push(format!(
            "  {} {}  {} {}  {} {}  {} {}",
            lang.pick("定数", "seats"),
            seats.to_fill,
            lang.pick("当選", "filled"),
            seats.filled,
            lang.pick("くじ待ち", "wait for a lot"),
            seats.open,
            lang.pick("欠員", "empty"),
            seats.empty
        ));
    }
    if let Some(tie) = contest.tie.as_ref().filter(|tie| !tie.decided) {
        let names = tie.options.iter().filter_map(|option| contest.options.get(usize::from(*option))).map(|o| lang.pick(&o.name.ja, &o.name.en));
        lines.push(format!(
            "  {}: {}  {} {}",
            lang.pick("得票数が同じため、くじが必要です", "a lot is needed between"),
            names.collect::<Vec<_>>().join("、"),
            lang.pick("議席", "for seats:"),
            tie.seats
        ));
    }
    for unit in &contest.units {
        let names = unit.districts.iter().map(|name| lang.pick(&name.ja, &name.en)).collect::<Vec<_>>().join("・");
        let votes = unit.votes.iter().map(u64::to_string).collect::<Vec<_>>().join(" ");
        lines.push(format!("  [{names}] {} {}: {votes}  {} {}", lang.pick("オンライン", "online"), unit.ballots, lang.pick("白票", "blank"), unit.blank));
    }
    lines.join("\n")
}

fn option_text(lang: Lang, contest: &ContestOutcome, option: &OptionOutcome) -> String {
    let name = lang.pick(&option.name.ja, &option.name.en);
    let standing = lang.pick(&option.standing_text.ja, &option.standing_text.en);
    if contest.without_poll {
        return format!("  {name}  {standing}");
    }
    let rank = option.rank.map_or_else(|| "-".to_owned(), |rank| rank.to_string());
    let deposit = if option.deposit_forfeited { lang.pick("  供託物没収", "  deposit forfeited") } else { "" };
    format!(
        "  {rank:>3} {:>9}  ({} {}, {} {})  {name}  {standing}{deposit}",
        option.votes,
        lang.pick("オンライン", "online"),
        option.online,
        lang.pick("用紙", "paper"),
        option.paper
    )
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::election::{Choice, ContestKind, ContestOption, Text};

    use super::*;

    fn contest() -> Contest {
        let text = |text: &str| Text { ja: text.to_owned(), en: text.to_owned() };
        let options = ["a", "b", "c"].map(|id| ContestOption { id: id.to_owned(), name: text(id) }).to_vec();
        Contest { id: "mayor".to_owned(), title: text("Mayor"), kind: ContestKind::Mayor, seats: 1, choose: Choice::UpTo(1), options, districts: None }
    }

    #[test]
    fn votes_have_at_most_three_digits_after_the_point() {
        for (text, number) in [("0", 0), ("57", 57_000), ("57.3", 57_300), ("57.333", 57_333), ("0.001", 1)] {
            assert_eq!(thousandths(text).unwrap(), number, "{text}");
        }
        for text in ["", ".5", "5.", "57.3333", "-1", "1e3", "５７", "1,000", " 1", "9999999999999"] {
            assert_eq!(thousandths(text).unwrap_err().exit, Exit::Usage, "{text}");
        }
    }

    #[test]
    fn every_candidate_who_is_not_out_has_votes_exactly_once() {
        let votes = |list: &[(&str, u64)]| list.iter().map(|(id, votes)| ((*id).to_owned(), *votes)).collect::<Vec<_>>();
        let all = votes(&[("a", 1), ("b", 2), ("c", 3)]);
        assert_eq!(by_option(&contest(), &all, |_| false).unwrap(), [1, 2, 3]);
        assert_eq!(by_option(&contest(), &all[..2], |option| option == 2).unwrap(), [1, 2, 0]);
        let missing = by_option(&contest(), &all[1..], |_| false).unwrap_err();
        assert!(missing.exit == Exit::Usage && missing.en.contains(": a"), "{missing}");
        for wrong in [votes(&[("a", 1), ("a", 1), ("b", 2), ("c", 3)]), votes(&[("a", 1), ("b", 2), ("d", 3)])] {
            assert_eq!(by_option(&contest(), &wrong, |_| false).unwrap_err().exit, Exit::Usage);
        }
    }
}
