//! The close of an event, and what is still out before it.

use clap::Args;
use tachiai_schemas::roster::{EventId, ShelterId};
use tachiai_schemas::shelter::case::{CloseRequest, Outstanding, Silence, TerminalOut};
use tachiai_schemas::staff::Pending;
use tachiai_schemas::{Lang, Say};

use super::event::print_pending;
use super::terminal::copied_text;
use super::{BASE, WhichEvent};
use crate::cli::Global;
use crate::client::{Answer, Client};
use crate::commands::ask::ask_yes;
use crate::commands::told::{WhoFd, Word};
use crate::commands::{approve, say};
use crate::failure::{Exit, Failure};

/// Why an event is closed with something still out.
const REASON: Word = Word::new("reason", "理由", "Reason");

/// The close of an event.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  tachiai shelter event close
  tachiai shelter event close --json --preview
  tachiai shelter event close --anyway --yes --who-fd 3 3<<< 'reason=gym-2は流失'
What is still out is named: people who are present, shelters that are not closed, terminals with gaps in their numbers, that fell silent or were copied, what was set \
aside, unsettled conflicts. Then --anyway and a reason are needed; the second official is shown the same and the reason.
What comes after it (a terminal that was out, paper forms from before it) is set aside, and two officials take it over: tachiai shelter aside.")]
pub struct Close {
    #[command(flatten)]
    which: WhichEvent,
    /// Only name what is still out, and ask for nothing
    #[arg(long, conflicts_with_all = ["anyway", "yes"])]
    preview: bool,
    /// Although something is still out; the reason is asked for
    #[arg(long)]
    anyway: bool,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    who: WhoFd,
}

impl Close {
    pub(super) fn run(&self, global: &Global, client: &Client) -> Result<Exit, Failure> {
        let Self { which, preview, anyway, yes, who } = self;
        let event = which.find(client)?;
        let outstanding: Outstanding = client.get(&format!("{BASE}/events/{event}/outstanding"), None)?;
        let names = approve::Names::of_events(client, [event]);
        let called = |shelter: &ShelterId| names.shelter_name(global.lang(), event, shelter);
        if *preview {
            say(global, &serde_json::json!({ "outstanding": outstanding }), || match outstanding.is_none() {
                true => global.pick("残っているものはありません。", "Nothing is out.").to_owned(),
                false => outstanding_text(global.lang(), &outstanding, &called),
            });
            return Ok(Exit::Done);
        }
        let dealt_with = "tachiai shelter terminal revoke / aside list / person conflicts";
        let out = format!("{}\n  ({dealt_with})", outstanding_text(global.lang(), &outstanding, &called));
        if !outstanding.is_none() {
            if global.json { eprintln!("{out}") } else { outln!("{out}") }
        }
        let anyway = match (outstanding.is_none(), anyway) {
            (true, _) => None,
            (false, true) => Some(who.tell(global, &[REASON], |_, _| true)?.need(REASON)?),
            (false, false) if global.json => {
                outln!("{}", still_out(global.lang(), &outstanding));
                return Ok(Exit::Refused);
            }
            (false, false) => return Err(undecided()),
        };
        let question = global.pick(
            "終了すると、以後に届いたものは保留になり、2人の承認で引き継いだものだけが記録されます。同じ方の2つの記録をまとめることはできます。退所は、終了前の日時（at=）の受付票として端末で入力し、引き継ぎます。食い違いの解消と避難所の開設はできなくなります。申請しますか？ [y/N] ",
            "Once closed, what comes is set aside, and only what two officials take over is recorded. Two records can still be found to be of one person. Who left is entered at a terminal as a form of before the close (at=) and taken over. No conflict can be settled and no shelter opened any more. Ask for it? [y/N] ",
        );
        if !yes && !ask_yes(question)? {
            return Err(Failure::refused("申請しませんでした。", "nothing was asked for."));
        }
        print_pending(global, client, &close(client, event, &CloseRequest { anyway })?);
        Ok(Exit::Waiting)
    }
}

fn undecided() -> Failure {
    Failure::refused(
        "まだ届いていないもの、決まっていないものがあります。処理するか、--anyway で理由を添えてください。",
        "something is still out or undecided. Deal with it, or give a reason with --anyway.",
    )
}

/// The refusal for a program, with what is still out: one object, as every answer is.
fn still_out(lang: Lang, outstanding: &Outstanding) -> serde_json::Value {
    let Failure { exit, code, .. } = undecided();
    serde_json::json!({ "error": undecided().say(lang), "exit": exit as u8, "code": code, "outstanding": outstanding })
}

/// Asks that an event be closed.
///
/// # Errors
/// [`Failure`].
pub fn close(client: &Client, event: EventId, request: &CloseRequest) -> Result<Pending, Failure> {
    match client.act(&format!("{BASE}/events/{event}/close"), request)? {
        Answer::Done(pending) => Ok(pending),
        Answer::Accepted(body) => serde_json::from_slice(&body).map_err(|e| Failure::incomplete(e.to_string(), e.to_string())),
    }
}

/// What is still out, with the shelters as they are called.
pub fn outstanding_text(l: Lang, outstanding: &Outstanding, called: &dyn Fn(&ShelterId) -> String) -> String {
    let Outstanding { terminals, asides, conflicts, present, shelters } = outstanding;
    let terminal = |out: &TerminalOut| {
        let TerminalOut { terminal, shelter, missing, latest, silence, copied } = out;
        let latest = latest.map_or_else(
            || l.pick("何も届いていません", "nothing came from it").to_owned(),
            |at| format!("{}: {}", l.pick("最後の記録", "wrote last"), at.timestamp().in_japan(l)),
        );
        let gaps = if *missing > 0 { format!("  {}: {missing}", l.pick("未着の記録", "entries not here")) } else { String::new() };
        let silent = match silence {
            Silence::No => "",
            Silence::Silent => l.pick("  回収したら失効させてください", "  revoke it once it is brought back"),
        };
        format!("  {terminal}  {}{gaps}  {latest}{silent}{}", called(shelter), copied_text(l, *copied))
    };
    let mut lines: Vec<String> = terminals.iter().map(terminal).collect();
    if *present > 0 {
        lines.push(format!("  {}: {present}", l.pick("在所者", "people present")));
    }
    if !shelters.is_empty() {
        let shelters = shelters.iter().map(called).collect::<Vec<_>>().join(l.pick("、", ", "));
        lines.push(format!("  {}: {shelters}", l.pick("閉鎖していない避難所", "shelters not closed")));
    }
    if *asides > 0 {
        lines.push(format!("  {}: {asides}", l.pick("未処理の保留", "set aside, undecided")));
    }
    if *conflicts > 0 {
        lines.push(format!("  {}: {conflicts}", l.pick("食い違い", "conflicts")));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_may_not_close_an_event_is_told_what_is_still_out_in_one_answer() {
        let outstanding = Outstanding { terminals: Vec::new(), asides: 1, conflicts: 2, present: 214, shelters: vec!["gym".parse().unwrap()] };
        let told = still_out(Lang::En, &outstanding);
        assert!(told["error"].as_str().is_some_and(|said| said.contains("--anyway")), "{told}");
        assert_eq!((&told["exit"], &told["outstanding"]), (&serde_json::json!(1), &serde_json::json!(outstanding)));
    }
}
