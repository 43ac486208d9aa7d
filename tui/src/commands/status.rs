//! What is going on, as the console's first screen tells it.

use std::ops::ControlFlow;
use std::time::Duration;

use clap::Args;
use tachiai_schemas::status::{CheckpointNow, Late, Status};
use tachiai_schemas::{Lang, Say, Timestamp};

use crate::card::printable;
use crate::cli::Global;
use crate::commands::election::phase_name;
use crate::commands::say;
use crate::failure::{Exit, Failure};

/// A stream is ended by the appliance before it is so old.
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// Tell what is going on.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  tachiai status
  tachiai --json status --follow     # a line whenever something changes")]
pub struct Now {
    /// Go on whenever something changes, until it is ended
    #[arg(long)]
    follow: bool,
}

impl Now {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let tell = |status: &Status| say(global, &serde_json::json!(status), || text(global.lang(), status));
        if !self.follow {
            tell(&client.get("/api/v1/status", None)?);
            return Ok(Exit::Done);
        }
        loop {
            let mut wrong = None;
            client.follow("/api/v1/status/stream", LONGEST, |kind, data| match (kind, serde_json::from_str(data)) {
                ("status", Ok(status)) => {
                    tell(&status);
                    ControlFlow::Continue(())
                }
                ("status", Err(error)) => {
                    wrong = Some(Failure::incomplete(error.to_string(), error.to_string()));
                    ControlFlow::Break(())
                }
                _ => ControlFlow::Continue(()),
            })?;
            if let Some(failure) = wrong {
                return Err(failure);
            }
        }
    }
}

/// In words.
fn text(lang: Lang, status: &Status) -> String {
    let Status { at, viewer, elections, events, waiting, alerts, warnings, appliance } = status;
    let mut lines = vec![format!("{}  {}  {}", at.in_japan(lang), printable(&viewer.name), viewer.role)];
    for ailment in appliance.iter().flat_map(|appliance| &appliance.broken) {
        lines.push(format!("{}: {}", lang.pick("装置の異常", "not in order"), printable(&ailment.say(lang))));
    }
    for ailment in appliance.iter().flat_map(|appliance| &appliance.warnings) {
        lines.push(format!("{}: {}", lang.pick("装置の注意", "to be looked at"), printable(&ailment.say(lang))));
    }
    lines.extend(appliance.iter().flat_map(|appliance| &appliance.checkpoints).map(|checkpoint| signed(lang, checkpoint, *at)));
    for alert in alerts.iter().flatten() {
        lines.push(format!("{}: {}  {}", lang.pick("緊急閲覧", "emergency access"), alert.agency, printable(&alert.reason)));
    }
    for known in warnings.iter().flat_map(|warnings| &warnings.known) {
        lines.push(format!("{}: {}  {}", lang.pick("防災情報", "warning"), printable(&known.warning.what), printable(&known.warning.area)));
    }
    for waiting in waiting.iter().flatten() {
        let by = printable(&waiting.requested_by);
        lines.push(format!("{}: {}  {by}  {}", lang.pick("承認待ち", "waits for approval"), waiting.id, waiting.requested_at.in_japan(lang)));
    }
    for election in elections {
        let summary = &election.summary;
        let title = printable(lang.pick(&summary.title.ja, &summary.title.en));
        lines.push(format!("{}  {title}  {}", summary.election, phase_name(lang, summary.phase)));
        lines.extend(election.inside.as_ref().map(|inside| format!("  {}", printable(lang.pick(&inside.next.ja, &inside.next.en)))));
    }
    for event in events.iter().flatten() {
        let declared = &event.summary.declared;
        let people = lang.pick("避難者", "people");
        lines.push(format!("{}  {}  {people}: {}", event.summary.event, printable(lang.pick(&declared.title.ja, &declared.title.en)), event.summary.present));
    }
    lines.join("\n")
}

/// How far a log is signed, and what to do where that is late.
fn signed(lang: Lang, checkpoint: &CheckpointNow, at: Timestamp) -> String {
    let CheckpointNow { log, signed, size, waiting, cosigned, quorum, witnessed: _ } = checkpoint;
    let when = signed.map_or_else(|| lang.pick("まだありません", "never").to_owned(), |at| at.in_japan(lang));
    let mut said = match lang {
        Lang::Ja => format!("電子署名: {}  {size}件まで  最後の署名 {when}  未署名 {waiting}件", log.say(lang)),
        Lang::En => format!("signed: {}  up to {size} entries  last {when}  not yet {waiting}", log.say(lang)),
    };
    if *quorum > 0 {
        said += &format!("  {} {cosigned}/{quorum}", lang.pick("証人の連署", "cosigned by witnesses"));
    }
    match checkpoint.late(at) {
        Some(Late::Unsigned) => said += lang.pick("  装置のサービスを再起動してください", "  restart the appliance's service"),
        Some(Late::Unwitnessed) => {
            said += lang.pick("  証人の団体に、連署のプログラムが動いているか確かめてもらってください", "  ask the witnesses whether their programs run");
        }
        None => {}
    }
    said
}
