//! The papers of the polling places: two officials count them apart, and the officers of the count sign what both have.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Deserialize;
use tachiai_schemas::counting::{OutNotice, PaperCountSigned, PaperCountView, PaperFigures, PaperLine, Signing};
use tachiai_schemas::election::{Contest, Manifest};
use tachiai_schemas::paper::{OfficerSignature, PaperCount};
use tachiai_schemas::{ElectionId, Lang};

use super::keys::{Keys, only_once, print_signing, signed_text};
use super::{contest_of, option_of, usage};
use crate::cli::{Global, WhichElection};
use crate::client::Client;
use crate::commands::say;
use crate::failure::{Exit, Failure};
use crate::voter::{self, Pinned};

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
                let views = counts(&client, id)?;
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

impl Enter {
    fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let Given { contest, votes, papers: [valid, blank, invalid] } = self.given()?;
        let client = global.staff()?;
        let id = self.which.find(&client)?;
        let manifest = voter::manifest(&client, id)?;
        let (index, contest) = contest_of(&manifest, &contest)?;
        let outs = outs(&client, id)?;
        let out = |option: usize| outs.iter().any(|out| out.contest == index && usize::from(out.option) == option);
        let figures = PaperFigures { contest: index, thousandths: by_option(contest, &votes, out)?, valid, blank, invalid };
        let view = enter_of(&client, id, &figures)?;
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
            let FiguresFile { contest, valid, blank, invalid, votes } = toml::from_str(&text).map_err(|e| Failure::content(path, &e))?;
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

/// How far the papers of every contest are counted.
///
/// # Errors
/// [`Failure`].
pub fn counts(client: &Client, id: ElectionId) -> Result<Vec<PaperCountView>, Failure> {
    client.get(&format!("/api/v1/elections/{id}/paper-counts"), None)
}

/// The candidates who are out.
///
/// # Errors
/// [`Failure`].
pub fn outs(client: &Client, id: ElectionId) -> Result<Vec<OutNotice>, Failure> {
    client.get(&format!("/api/v1/elections/{id}/candidates-out"), None)
}

/// Enters what one official counted.
///
/// # Errors
/// [`Failure`].
pub fn enter_of(client: &Client, id: ElectionId, figures: &PaperFigures) -> Result<PaperCountView, Failure> {
    client.post(&format!("/api/v1/elections/{id}/paper-counts"), None, figures)
}

/// Votes with at most three digits after the point, in thousandths.
///
/// # Errors
/// [`Failure`] (64) for any other text.
pub fn thousandths(text: &str) -> Result<u64, Failure> {
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

/// How far the papers of a contest are counted, in words.
#[must_use]
pub fn view_text(lang: Lang, view: &PaperCountView, manifest: &Manifest) -> String {
    let contest = manifest.contests.get(usize::from(view.contest));
    let title = contest.map_or(view.id.as_str(), |contest| lang.pick(&contest.title.ja, &contest.title.en));
    let state = match (&view.recorded, &view.agreed, &view.entered_by) {
        (Some(leaf), _, _) => format!("{} {leaf}", lang.pick("確定し、掲示板に記録済みです。受付番号", "final, and on the board at leaf")),
        (None, Some(count), _) => {
            format!(
                "{}\n{}{}",
                lang.pick(
                    "2人の集計が一致しました。開票管理者と開票立会人が署名してください（画面では s、コマンドでは paper-count sign）。",
                    "two officials agree; the officers of the count sign it now (s on the screen, paper-count sign as a command)."
                ),
                contest.map(|contest| count_text(lang, contest, count)).unwrap_or_default(),
                signed_text(lang, &manifest.count_officers, &view.signed).lines().map(|line| format!("  {line}\n")).collect::<String>().trim_end()
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

/// The figures on which two officials agreed, a line each.
#[must_use]
pub fn count_text(lang: Lang, contest: &Contest, count: &PaperCount) -> String {
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

/// What two officials agreed on of the papers of a contest; it is of the election that was checked.
///
/// # Errors
/// [`Failure`] if they have not yet, or if it is of another election.
pub fn agreed(client: &Client, pinned: &Pinned, contest: u16) -> Result<PaperCount, Failure> {
    let agreed = counts(client, pinned.election)?.into_iter().find(|view| view.contest == contest).and_then(|view| view.agreed);
    let count = agreed.ok_or_else(|| {
        Failure::refused(
            "2人の職員の集計がまだ一致していません（tachiai election paper-count show）。",
            "two officials have not agreed on a count yet (tachiai election paper-count show).",
        )
    })?;
    if count.opened.hash() != pinned.opened_hash() || count.contest != contest {
        return Err(foreign());
    }
    Ok(count)
}

/// Hands in officers' signatures of a count.
///
/// # Errors
/// [`Failure`].
pub fn hand_in(client: &Client, id: ElectionId, count: PaperCount, signatures: Vec<OfficerSignature>) -> Result<Signing, Failure> {
    client.post(&format!("/api/v1/elections/{id}/paper-counts/signatures"), None, &PaperCountSigned { body: count, signatures })
}

/// The officers who signed a count that is not on the board yet.
///
/// # Errors
/// [`Failure`].
pub fn signed(client: &Client, id: ElectionId, count: &PaperCount) -> Result<Vec<u8>, Failure> {
    let known = counts(client, id)?.into_iter().find(|view| view.agreed.as_ref() == Some(count) && view.recorded.is_none());
    Ok(known.map(|view| view.signed).unwrap_or_default())
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
        let count = agreed(&client, &pinned, index)?;
        self.keys.agreed(global, &format!("{}\n{}", global.pick(&contest.title.ja, &contest.title.en), count_text(global.lang(), contest, &count)))?;
        let signatures = self.keys.sign(global, &pinned, &count)?;
        only_once(&pinned.manifest.count_officers, &signed(&client, id, &count)?, &signatures)?;
        let signing = hand_in(&client, id, count, signatures)?;
        Ok(print_signing(global, &signing))
    }
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
