//! The import of a roll, after what would change was shown.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::Args;
use tachiai_schemas::Lang;
use tachiai_schemas::columns;
use tachiai_schemas::election::District;
use tachiai_schemas::roll::case::RollPreview;
use tachiai_schemas::roll::difference::DistrictCounts;
use tachiai_schemas::roll::{self, RollDifference};
use tachiai_schemas::staff::RollReport;

use super::said::{district_name, person_difference};
use crate::cli::{Global, WhichElection};
use crate::client::{Client, read_list};
use crate::commands::ask::ask_yes;
use crate::commands::columns::problems_text;
use crate::commands::say;
use crate::failure::{Exit, Failure};

/// Import the roll (選挙人名簿): whole or not at all.
///
/// Where a roll is here already, what would change is shown first: who is added, who is gone, which fields differ.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  tachiai election import-roll roll.csv --preview
  tachiai election import-roll roll.csv --yes
A CSV needs the columns 宛名番号, 氏名, 氏名カナ, 生年月日, 性別, 住所, 投票区. It may have 住民となった年月日 (登録年月日), 国籍 (日本国民), 停止, 転出年月日, 支援措置. --example prints one.")]
pub struct ImportRoll {
    /// The CSV file, UTF-8 or Shift_JIS
    #[arg(required_unless_present = "example")]
    roll: Option<PathBuf>,
    /// Print a file with the columns and two rows, and import nothing
    #[arg(long, conflicts_with_all = ["roll", "preview", "yes"])]
    example: bool,
    /// Only show what would change
    #[arg(long, conflicts_with = "yes")]
    preview: bool,
    /// Do not ask whether the changes are right
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    which: WhichElection,
}

impl ImportRoll {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let (Some(roll), false) = (&self.roll, self.example) else {
            outln!("{}", columns::example(&roll::columns()).trim_end());
            return Ok(Exit::Done);
        };
        let client = global.staff()?;
        let base = format!("/api/v1/elections/{}/roll", self.which.find(&client)?);
        let bytes = read_list(roll)?;
        if self.yes {
            return import(global, &client, &base, &bytes);
        }
        let preview = preview_of(&client, &base, &bytes)?;
        if !preview.report.errors.is_empty() {
            return failed(global, &preview.report);
        }
        if self.preview {
            say(global, &serde_json::json!(preview), || preview_text(global.lang(), &preview));
            return Ok(Exit::Done);
        }
        let Some(replaces) = preview.replaces else { return import(global, &client, &base, &bytes) };
        if global.json || !std::io::stdin().is_terminal() {
            return Err(Failure::new(
                Exit::Usage,
                "名簿はすでにあります。--preview で違いを確かめてから --yes を付けてください。",
                "there is a roll already. See what changes with --preview, then add --yes.",
            ));
        }
        outln!("{}", preview_text(global.lang(), &preview));
        if !ask_yes(global.pick("この名簿に入れ替えますか？ [y/N] ", "Put this roll in the place of the other? [y/N] "))? {
            return Err(Failure::refused("取り込みませんでした。", "nothing was imported."));
        }
        import(global, &client, &format!("{base}?replaces={replaces}"), &bytes)
    }
}

/// What a file would change of the roll at a path of the API.
///
/// # Errors
/// [`Failure`].
pub fn preview_of(client: &Client, base: &str, bytes: &[u8]) -> Result<RollPreview, Failure> {
    client.post_bytes(&format!("{base}/preview"), "text/csv", bytes).map_err(|refused| match refused {
        Ok(_) => Failure::incomplete("サーバーの応答を読み取れません。", "the server's answer cannot be read."),
        Err(failure) => failure,
    })
}

/// Imports a roll: whole, or not at all and with a report of what is wrong.
///
/// # Errors
/// The report, or [`Failure`].
pub fn import_of(client: &Client, path: &str, bytes: &[u8]) -> Result<RollReport, Result<RollReport, Failure>> {
    client.post_bytes(path, "text/csv", bytes)
}

fn import(global: &Global, client: &Client, path: &str, bytes: &[u8]) -> Result<Exit, Failure> {
    match import_of(client, path, bytes) {
        Ok(report) => {
            say(global, &serde_json::json!(report), || report_text(global.lang(), &report));
            Ok(Exit::Done)
        }
        Err(Ok(report)) => failed(global, &report),
        Err(Err(failure)) => Err(failure),
    }
}

/// Says what is wrong with a roll of which nothing was imported.
pub(in crate::commands) fn failed(global: &Global, report: &RollReport) -> Result<Exit, Failure> {
    say(global, &serde_json::json!(report), || report_text(global.lang(), report));
    Err(nothing_imported(report))
}

/// Says that nothing of a roll with errors was imported.
#[must_use]
pub fn nothing_imported(report: &RollReport) -> Failure {
    Failure::refused(
        format!("名簿に {} 件の誤りがあります。何も取り込まれていません。直してからもう一度取り込んでください。", report.errors.len()),
        format!("the roll has {} errors. Nothing was imported. Correct them and import again.", report.errors.len()),
    )
}

/// What an import found, in words.
#[must_use]
pub fn report_text(l: Lang, report: &RollReport) -> String {
    let RollReport { encoding, rows, electors, unqualified, errors, warnings } = report;
    let mut text = format!(
        "{}: {encoding}  {}: {rows}  {}: {electors}  {}: {unqualified}",
        l.pick("文字コード", "encoding"),
        l.pick("行", "rows"),
        l.pick("選挙人", "electors"),
        l.pick("投票の日に資格のない方", "not qualified on the polling date")
    );
    for line in problems_text(l, errors, warnings) {
        text += &format!("\n{line}");
    }
    text
}

/// What an import would change, in words.
#[must_use]
pub fn preview_text(l: Lang, preview: &RollPreview) -> String {
    let RollPreview { report, difference, replaces: _, districts } = preview;
    let mut text = report_text(l, report);
    if let Some(difference) = difference {
        text += &format!("\n{}", difference_text(l, difference, districts));
    }
    text
}

fn difference_text(l: Lang, difference: &RollDifference, districts: &[District]) -> String {
    let RollDifference { added, removed, changed, unchanged, districts: counts, people } = difference;
    let mut lines = vec![format!(
        "{}: {added}  {}: {removed}  {}: {changed}  {}: {unchanged}",
        l.pick("追加", "added"),
        l.pick("削除", "removed"),
        l.pick("変更", "changed"),
        l.pick("変更なし", "unchanged")
    )];
    for DistrictCounts { district, before, after } in counts.iter().filter(|counts| counts.before != counts.after) {
        lines.push(format!("  {}: {before} → {after}", district_name(l, districts, *district)));
    }
    lines.extend(people.iter().map(|person| format!("  {}", person_difference(l, person, districts))));
    let rest = (added + removed + changed).saturating_sub(people.len() as u64);
    if rest > 0 {
        lines.push(format!("  … {}: {rest}", l.pick("ほか", "and more")));
    }
    lines.join("\n")
}
