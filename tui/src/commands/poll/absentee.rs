//! Absentee voting (不在者投票) at the absentee desk: who asked, to whom papers were sent, and what came back.

use clap::{Args, Subcommand};
use serde_json::json;
use tachiai_schemas::Lang;
use tachiai_schemas::desk::{AbsenteeKind, AbsenteeListed, AbsenteeReceived, AbsenteeRequest, AbsenteeStands, DeskElector, Reception};
use tachiai_schemas::evidence::NameReason;
use tachiai_schemas::paper::{Identified, Manner, PlaceKind};

use super::args::{DeskArgs, Found, Who, print_elector};
use crate::card::printable;
use crate::cli::Global;
use crate::failure::{Exit, Failure};
use crate::poll::check_in::{send, session};
use crate::poll::desk::{ByName, Desk};

/// Commands of the absentee desk.
#[derive(Subcommand, Debug)]
pub enum Absentee {
    /// Note that somebody asked for papers (請求)
    ///
    /// Example: `tachiai poll absentee request --desk absentee.key --kind away`
    Request {
        #[command(flatten)]
        desk: DeskArgs,
        #[command(flatten)]
        who: Who,
        /// How they vote: away, institution, mail or not-yet-eighteen
        #[arg(long, value_name = "KIND", value_parser = kind)]
        kind: AbsenteeKind,
    },
    /// Send the papers (交付): a hand-out by name, which a second official approves; then run it again
    ///
    /// Example: `tachiai poll absentee send --desk absentee.key`
    Send {
        #[command(flatten)]
        desk: DeskArgs,
        #[command(flatten)]
        who: Who,
    },
    /// Note that papers came back (受理), or were rejected (不受理)
    ///
    /// Example: `tachiai poll absentee receive --desk absentee.key`
    Receive {
        #[command(flatten)]
        desk: DeskArgs,
        #[command(flatten)]
        who: Who,
        /// They are not in order or came too late, and do not go into the box
        #[arg(long)]
        rejected: bool,
    },
    /// List everybody who asked (不在者投票処理簿)
    ///
    /// Example: `tachiai poll absentee list --desk absentee.key`
    List(List),
}

/// Lists.
#[derive(Args, Debug)]
pub struct List {
    #[command(flatten)]
    desk: DeskArgs,
}

fn kind(text: &str) -> Result<AbsenteeKind, String> {
    let found = AbsenteeKind::ALL.iter().find(|(_, name)| *name == text).map(|(kind, _)| *kind);
    found.ok_or_else(|| format!("use one of {}", AbsenteeKind::ALL.iter().map(|(_, name)| *name).collect::<Vec<_>>().join(", ")))
}

/// How somebody votes as an absentee, in words.
pub(crate) fn kind_text(lang: Lang, kind: AbsenteeKind) -> &'static str {
    match kind {
        AbsenteeKind::Away => lang.pick("滞在地", "away"),
        AbsenteeKind::Institution => lang.pick("指定施設", "institution"),
        AbsenteeKind::Mail => lang.pick("郵便等", "mail"),
        AbsenteeKind::NotYetEighteen => lang.pick("18歳未満", "not yet 18"),
    }
}

fn absentee_desk(desk: &Desk) -> Result<(), Failure> {
    if desk.listed()?.kind == PlaceKind::Absentee {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Usage,
        "この端末は不在者投票の窓口のものではありません。--desk を確かめてください。",
        "this is not a desk for absentee voting. Check --desk.",
    ))
}

fn path(desk: &Desk, rest: &str) -> String {
    format!("/api/v1/elections/{}/absentee{rest}", desk.known.election)
}

/// Notes that somebody asked for papers.
///
/// # Errors
/// [`Failure`].
pub(crate) fn requested(desk: &Desk, elector: &DeskElector, kind: AbsenteeKind) -> Result<AbsenteeStands, Failure> {
    absentee_desk(desk)?;
    desk.client.post(&path(desk, ""), None, &AbsenteeRequest { slot: elector.slot, kind })
}

/// Notes that somebody's papers came back.
///
/// # Errors
/// [`Failure`]: 1 when none were sent.
pub(crate) fn received(desk: &Desk, elector: &DeskElector, reception: Reception) -> Result<AbsenteeStands, Failure> {
    absentee_desk(desk)?;
    let Some(paper) = &elector.paper else {
        return Err(Failure::refused("この方に送った用紙の記録がありません。", "no papers were sent to this elector."));
    };
    let received = AbsenteeReceived { slot: elector.slot, leaf: paper.leaf, reception };
    desk.client.post(&path(desk, "/received"), None, &received)
}

impl Absentee {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        match self {
            Self::Request { desk, who, kind } => {
                let desk = desk.open(global)?;
                absentee_desk(&desk)?;
                let Found::One(elector, _) = who.find(global, &desk)? else { return Ok(Exit::Waiting) };
                let stands = requested(&desk, &elector, *kind)?;
                said(global, &stands, "請求を記録しました。", "the request was noted.");
                Ok(Exit::Done)
            }
            Self::Send { desk: args, who } => {
                let desk = args.open(global)?;
                absentee_desk(&desk)?;
                let Found::One(elector, looked) = who.find(global, &desk)? else { return Ok(Exit::Waiting) };
                if !global.json {
                    print_elector(global, &elector);
                }
                let contests = elector.contests.iter().map(|contest| contest.index).collect();
                let papers = desk.papers(&elector, session(&desk, looked.now)?, contests, Manner::Own);
                match desk.prepare_by_name(&papers, NameReason::ByPost)? {
                    ByName::Waiting(pending) => {
                        if global.json {
                            outln!("{}", json!(pending));
                        } else {
                            outln!(
                                "{}: tachiai approve {}",
                                global.pick("まだ交付していません。承認する職員のコマンド", "Nothing was sent yet. The other official runs"),
                                pending.id
                            );
                        }
                        Ok(Exit::Waiting)
                    }
                    ByName::Ready(prepared) => {
                        let issue = desk.sign(&prepared, &papers, Identified::Name, prepared.issue.issued_at)?;
                        let receipt = send(&desk, &args.queue(&desk)?, &issue)?;
                        if global.json {
                            outln!("{}", json!({ "leaf": receipt.leaf, "at": receipt.at, "slot": elector.slot, "replaced": false, "identified": "name" }));
                        } else {
                            outln!("{}: {}", global.pick("用紙を送ってください。受付番号", "send the papers. Leaf"), receipt.leaf);
                        }
                        Ok(Exit::Done)
                    }
                }
            }
            Self::Receive { desk, who, rejected } => {
                let desk = desk.open(global)?;
                absentee_desk(&desk)?;
                let Found::One(elector, _) = who.find(global, &desk)? else { return Ok(Exit::Waiting) };
                let stands = received(&desk, &elector, if *rejected { Reception::Rejected } else { Reception::Accepted })?;
                said(global, &stands, "受け取りを記録しました。", "the reception was noted.");
                Ok(Exit::Done)
            }
            Self::List(List { desk }) => {
                let desk = desk.open(global)?;
                let list: Vec<AbsenteeListed> = desk.client.get(&path(&desk, ""), None)?;
                if global.json {
                    outln!("{}", json!({ "absentee": list }));
                    return Ok(Exit::Done);
                }
                if list.is_empty() {
                    outln!("{}", global.pick("請求はありません。", "Nobody asked for papers."));
                }
                let lang = global.lang();
                for AbsenteeListed { slot: _, number, name, stands: AbsenteeStands { kind, requested, received }, sent } in &list {
                    let sent = sent.map_or_else(String::new, |leaf| format!("  {} {leaf}", lang.pick("交付", "sent")));
                    let received = received.map_or_else(String::new, |(_, at, reception)| {
                        let word = match reception {
                            Reception::Accepted => lang.pick("受理", "accepted"),
                            Reception::Rejected => lang.pick("不受理", "rejected"),
                        };
                        format!("  {word} {}", at.in_japan(lang))
                    });
                    outln!(
                        "{number}  {}  {}  {} {}{sent}{received}",
                        printable(name),
                        kind_text(lang, *kind),
                        lang.pick("請求", "asked"),
                        requested.in_japan(lang)
                    );
                }
                Ok(Exit::Done)
            }
        }
    }
}

fn said(global: &Global, stands: &AbsenteeStands, ja: &str, en: &str) {
    if global.json { outln!("{}", json!(stands)) } else { outln!("{}", global.pick(ja, en)) }
}
