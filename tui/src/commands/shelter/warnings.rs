//! Warnings and hazards (防災情報) that others tell of, through the city's data platform.

use clap::Args;
use tachiai_schemas::sharing::warning::{Silent, Warning, WarningKnown, Warnings};
use tachiai_schemas::{Lang, Timestamp};

use crate::card::printable;
use crate::cli::Global;
use crate::client::Client;
use crate::commands::say;
use crate::failure::{Exit, Failure};

const PATH: &str = "/api/v1/sharing/warnings";

/// Show warnings and hazards.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  tachiai shelter warnings
  tachiai shelter warnings --fetch
Public information of others, for reference: people decide on orders to evacuate, and nothing begins by itself because of it. The appliance asks the platform every few minutes. If it cannot be asked with --fetch, the exit code is 4, and what was known stays.")]
pub struct WarningsCommand {
    /// Ask the platform now (by the headquarters)
    #[arg(long)]
    fetch: bool,
}

/// What is known of them.
///
/// # Errors
/// [`Failure`].
pub fn known(client: &Client) -> Result<Warnings, Failure> {
    client.get(PATH, None)
}

impl WarningsCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let warnings = if self.fetch { client.post(&format!("{PATH}/rounds"), None, &serde_json::json!({}))? } else { known(&client)? };
        say(global, &serde_json::json!(warnings), || text(global.lang(), &warnings));
        Ok(if self.fetch && warnings.silent.is_some() { Exit::NoConnection } else { Exit::Done })
    }
}

fn text(l: Lang, warnings: &Warnings) -> String {
    let Warnings { heard, silent, left_out, unrecorded, all: _, known } = warnings;
    let mut lines: Vec<String> = known.iter().map(|known| known_text(l, known)).collect();
    if lines.is_empty() {
        lines.push(l.pick("いま出ている情報はありません。", "No warning is in force.").to_owned());
    }
    if *left_out > 0 {
        lines.push(match l {
            Lang::Ja => format!("⚠ 読み取れないか多すぎるため、ここに出ていないもの: {left_out}件。発表元で確かめてください。"),
            Lang::En => format!("! not shown, since they cannot be read or are too many: {left_out}. Look at the source."),
        });
    }
    if *unrecorded > 0 {
        lines.push(match l {
            Lang::Ja => format!("⚠ 変化が多すぎるため、装置の記録に残せていない変化: {unrecorded}件。一覧はデータ連携基盤の最新の答えです。"),
            Lang::En => format!("! changes not in the journal, since there were too many: {unrecorded}. The list is the platform's last answer."),
        });
    }
    lines.push(match (silent, heard, l) {
        (Some(Silent { since, what }), _, Lang::Ja) => {
            format!("⚠ {}から更新できていません。この一覧は古いおそれがあります（{}）。", since.in_japan(l), printable(what))
        }
        (Some(Silent { since, what }), _, Lang::En) => format!("! not renewed since {}: this list may be old ({}).", since.in_japan(l), printable(what)),
        (None, Some(heard), _) => format!("{}: {}", l.pick("データ連携基盤への確認", "Checked with the data platform"), heard.in_japan(l)),
        (None, None, _) => l
            .pick(
                "⚠ 装置の起動後、まだデータ連携基盤の答えがありません。一覧は起動前の記録です。",
                "! the data platform has not answered since the appliance started: the list is as recorded before.",
            )
            .to_owned(),
    });
    lines.push(
        l.pick(
            "ほかの機関が公開した参考情報です。避難指示などは人が決めます。",
            "Public information of others, for reference. People decide on orders to evacuate.",
        )
        .to_owned(),
    );
    lines.join("\n")
}

fn known_text(l: Lang, known: &WarningKnown) -> String {
    let warning = &known.warning;
    let Warning { issued, from, until, description, area, source, .. } = warning;
    let source = if source.is_empty() { l.pick("発表元の記載なし", "no source given").to_owned() } else { printable(source) };
    let time = |at: &Option<Timestamp>| at.map_or_else(|| "-".to_owned(), |at| at.in_japan(l));
    format!(
        "[{}] {}  {}  {source} {} {}\n  {}\n  {}: {} ～ {}",
        warning.degree(l),
        printable(&warning.of_what(l)),
        printable(area),
        issued.in_japan(l),
        l.pick("発表", "issued"),
        printable(description),
        l.pick("期間", "valid"),
        time(from),
        time(until)
    )
}
