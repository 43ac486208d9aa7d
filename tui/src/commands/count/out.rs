//! A candidate who is out: withdrew, died, or may not be elected.

use clap::Args;
use tachiai_schemas::counting::Recorded;
use tachiai_schemas::election::Manifest;
use tachiai_schemas::paper::{CandidateOut, OutReason};
use tachiai_schemas::staff::{OutCandidate, Pending};
use tachiai_schemas::{ElectionId, Lang};

use super::{contest_of, option_of};
use crate::cli::{Global, WhichElection};
use crate::client::{Answer, Client};
use crate::commands::say;
use crate::failure::{Exit, Failure};
use crate::voter;

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
        match out_of(&client, id, &out)? {
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

/// Asks for a candidate to be said to be out.
///
/// # Errors
/// [`Failure`].
pub fn out_of(client: &Client, id: ElectionId, out: &CandidateOut) -> Result<Answer<Recorded>, Failure> {
    client.act(&format!("/api/v1/elections/{id}/candidates-out"), out)
}

/// Says that a candidate is out.
pub fn print_recorded(global: &Global, recorded: &Recorded) {
    say(global, &serde_json::json!(recorded), || recorded_text(global.lang(), recorded));
}

/// That a candidate is out, in words.
#[must_use]
pub fn recorded_text(lang: Lang, recorded: &Recorded) -> String {
    let said = lang.pick("候補者でなくなったことを掲示板に記録しました。受付番号", "that the candidate is out is on the board at leaf");
    format!("{said} {}", recorded.leaf)
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
