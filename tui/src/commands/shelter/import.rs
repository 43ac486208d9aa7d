//! Imports: a file is shown with what it would change, and applied when somebody says so.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use tachiai_schemas::shelter::facility::{Facility, Use};
use tachiai_schemas::shelter::figures;
use tachiai_schemas::shelter::import::{ImportAnswer, ImportDifference, ImportFirst, ImportKind, ImportOthers, ImportRows, Imported, Standing};
use tachiai_schemas::shelter::table::ImportReport;
use tachiai_schemas::{Lang, Say};

use super::BASE;
use super::words::word;
use crate::card::printable;
use crate::cli::Global;
use crate::client::{Client, read_list};
use crate::commands::ask::{ask, ask_yes, is_conversation};
use crate::commands::say;
use crate::failure::{Exit, Failure};

/// The most problems that are shown.
const MAX_SHOWN: usize = 200;

/// What is imported.
#[derive(Subcommand, Debug)]
pub enum Import {
    /// Shelters and emergency sites: GeoJSON of the Geospatial Information Authority, or a municipality's CSV
    #[command(after_help = "Examples:
  tachiai shelter import facilities yabu-evacuation.geojson            # show, and ask
  tachiai shelter import facilities yabu-emergency.geojson --yes
Lists of shelters and of emergency sites are two files: what is not in a file stays, unless --others-go is given.")]
    Facilities {
        /// How
        #[command(flatten)]
        how: How,
        /// Facilities that are not in the file go
        #[arg(long)]
        others_go: bool,
    },
    /// The register of residents: CSV, UTF-8 or Shift_JIS
    #[command(after_help = "Example: tachiai shelter import residents residents.csv --good-rows
The file is the whole register: whoever is not in it goes. Where more than a tenth would go, or any at all with --good-rows, --yes alone is not enough: --removes N says how many.")]
    Residents {
        /// How
        #[command(flatten)]
        how: How,
    },
    /// The action-support list (避難行動要支援者名簿): CSV, UTF-8 or Shift_JIS
    #[command(after_help = "Example: tachiai shelter import support support.csv")]
    Support {
        /// How
        #[command(flatten)]
        how: How,
    },
}

/// How a file is imported.
#[derive(Args, Debug)]
pub struct How {
    /// The file
    file: PathBuf,
    /// Only show what would change
    #[arg(long, conflicts_with = "yes")]
    preview: bool,
    /// Do not ask whether the changes are right
    #[arg(long)]
    yes: bool,
    /// Import the good rows alone where some cannot be taken over
    #[arg(long)]
    good_rows: bool,
    /// So many of what is there go, as it was shown, and neither more nor less: needed with --yes where they are more than a tenth, and where any go with --good-rows
    #[arg(long, value_name = "N")]
    removes: Option<u64>,
}

/// What is imported, and what happens to rows that cannot be taken over and to facilities that are not in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// What.
    pub kind: ImportKind,
    /// The rows.
    pub rows: ImportRows,
    /// The facilities.
    pub others: ImportOthers,
}

impl Source {
    fn path(self) -> String {
        let Self { kind, rows, others } = self;
        let what = match kind {
            ImportKind::Facilities => "facilities",
            ImportKind::Residents => "residents",
            ImportKind::SupportList => "support-list",
        };
        let rows = match rows {
            ImportRows::All => "all",
            ImportRows::Good => "good",
        };
        let others = match others {
            ImportOthers::Stay => "",
            ImportOthers::Go => "&others=go",
        };
        format!("{BASE}/{what}?rows={rows}{others}")
    }

    /// What a file would change.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn show(self, client: &Client, bytes: &[u8]) -> Result<ImportAnswer, Failure> {
        post(client, &format!("{}&mode=show", self.path()), bytes)
    }

    /// Applies a file as it was shown: where another import came in between, or so many go that it was not said how many, nothing changes.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn apply(self, client: &Client, bytes: &[u8], shown: &ImportAnswer, removes: Option<u64>) -> Result<ImportAnswer, Failure> {
        let replaces = shown.replaces.map_or_else(String::new, |hash| format!("&replaces={hash}"));
        let removes = removes.map_or_else(String::new, |removes| format!("&removes={removes}"));
        post(client, &format!("{}&mode=apply{replaces}{removes}", self.path()), bytes)
    }

    /// Why a file cannot be applied as it was shown.
    #[must_use]
    pub fn hinders(self, shown: &ImportAnswer) -> Option<[String; 2]> {
        let (bad, taken) = (shown.report.errors.len(), shown.report.taken);
        (taken == 0 || (bad > 0 && self.rows == ImportRows::All)).then(|| {
            [
                format!("誤りが {bad} 件あります（取り込める行: {taken}）。何も取り込まれていません。"),
                format!("{bad} mistakes; {taken} rows are good. Nothing was imported."),
            ]
        })
    }
}

impl Import {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let (how, kind, others) = match self {
            Self::Facilities { how, others_go } => (how, ImportKind::Facilities, if *others_go { ImportOthers::Go } else { ImportOthers::Stay }),
            Self::Residents { how } => (how, ImportKind::Residents, ImportOthers::Stay),
            Self::Support { how } => (how, ImportKind::SupportList, ImportOthers::Stay),
        };
        let source = Source { kind, rows: if how.good_rows { ImportRows::Good } else { ImportRows::All }, others };
        let client = global.staff()?;
        let bytes = read_list(&how.file)?;
        let shown = source.show(&client, &bytes)?;
        if let Some([ja, en]) = source.hinders(&shown) {
            say(global, &serde_json::json!(shown), || answer_text(global.lang(), &shown));
            return Err(Failure::refused(ja, en)
                .and("直すか、--good-rows で取り込める行だけを取り込んでください。", "Correct them, or import the good rows alone with --good-rows."));
        }
        if how.preview {
            say(global, &serde_json::json!(shown), || answer_text(global.lang(), &shown));
            return Ok(Exit::Done);
        }
        let removes = how.agreed(global, source.rows, &shown)?;
        let done = source.apply(&client, &bytes, &shown, removes)?;
        say(global, &serde_json::json!(done), || answer_text(global.lang(), &done));
        Ok(Exit::Done)
    }
}

impl How {
    /// Whether the changes are right; gives how many may go.
    fn agreed(&self, global: &Global, rows: ImportRows, shown: &ImportAnswer) -> Result<Option<u64>, Failure> {
        let removed = shown.difference.removed;
        let is_meant = shown.difference.is_agreed(rows, self.removes);
        if self.yes || (self.removes.is_some() && !is_meant) {
            if !is_meant {
                return Err(Failure::refused(
                    format!(
                        "{}何も取り込まれていません。削除してよければ --removes {removed} を付けてください。",
                        loses_text(Lang::Ja, rows, &shown.difference)
                    ),
                    format!("{}Nothing was imported. If they are to go, add --removes {removed}.", loses_text(Lang::En, rows, &shown.difference)),
                ));
            }
            return Ok(self.removes);
        }
        if !is_conversation(global) {
            return Err(Failure::new(
                Exit::Usage,
                "--preview で内容を確かめてから --yes を付けてください。",
                "see what changes with --preview, then add --yes.",
            ));
        }
        outln!("{}", answer_text(global.lang(), shown));
        if !is_meant {
            if !shown.difference.loses_many() {
                outln!("{}", loses_text(global.lang(), rows, &shown.difference));
            }
            let typed = ask(global.pick("削除してよければ、削除される件数を入力してください: ", "If they are to go, type how many go: "))?;
            let typed = figures::count(&typed).map(u64::from);
            return if typed == Some(removed) { Ok(typed) } else { Err(Failure::refused("取り込みませんでした。", "nothing was imported.")) };
        }
        if ask_yes(global.pick("取り込みますか？ [y/N] ", "Import this? [y/N] "))? {
            Ok(self.removes)
        } else {
            Err(Failure::refused("取り込みませんでした。", "nothing was imported."))
        }
    }
}

fn post(client: &Client, path: &str, bytes: &[u8]) -> Result<ImportAnswer, Failure> {
    client.post_bytes(path, "application/octet-stream", bytes).map_err(|refused| match refused {
        Ok(_) => Failure::incomplete("サーバーの応答を読み取れません。", "the server's answer cannot be read."),
        Err(failure) => failure,
    })
}

/// How many of what is there would go.
fn loses_text(l: Lang, rows: ImportRows, difference: &ImportDifference) -> String {
    let ImportDifference { removed, changed, same, .. } = difference;
    let of = removed + changed + same;
    match (rows, l) {
        (ImportRows::All, Lang::Ja) => format!("⚠ 登録済みの {of} 件のうち {removed} 件がファイルになく、削除されます。全件のファイルか確かめてください。"),
        (ImportRows::All, Lang::En) => format!("! {removed} of the {of} that are there are not in the file and would be removed. See whether it is whole. "),
        (ImportRows::Good, Lang::Ja) => {
            format!("⚠ 登録済みの {of} 件のうち {removed} 件が、ファイルにないか誤りのある行にあり、削除されます。")
        }
        (ImportRows::Good, Lang::En) => {
            format!("! {removed} of the {of} that are there are not in the file, or in a row with a mistake, and would be removed. ")
        }
    }
}

/// What an import would change, or changed.
#[must_use]
pub fn answer_text(l: Lang, answer: &ImportAnswer) -> String {
    let ImportAnswer { kind, mode: _, report, file: _, replaces: _, difference, strangers, occupancy } = answer;
    let ImportDifference { added, changed, removed, same, first } = difference;
    let ImportFirst { added: new, changed: other, removed: gone } = first;
    let mut lines = vec![kind.say(l), report_text(l, report)];
    lines.push(format!(
        "{}: {added}  {}: {changed}  {}: {removed}  {}: {same}",
        l.pick("追加", "added"),
        l.pick("変更", "changed"),
        l.pick("削除", "removed"),
        l.pick("変更なし", "unchanged")
    ));
    if difference.loses_many() {
        lines.push(loses_text(l, ImportRows::All, difference));
    }
    for (word, all, first) in [(l.pick("追加", "added"), added, new), (l.pick("変更", "changed"), changed, other), (l.pick("削除", "removed"), removed, gone)]
    {
        if !first.is_empty() {
            let more = if *all > first.len() as u64 { " …" } else { "" };
            lines.push(format!("  {word}: {}{more}", printable(&first.join(", "))));
        }
    }
    if *strangers > 0 {
        lines.push(format!("{}: {strangers}", l.pick("住民に見つからない、または特定できない方", "not in the register of residents, or not told apart there")));
    }
    if !occupancy.is_empty() {
        let persons: u64 = occupancy.iter().filter_map(|row| row.persons).map(u64::from).sum();
        lines.push(format!("{}: {persons} ({})", l.pick("ファイルに書かれた避難者数", "people whom the file counts"), occupancy.len()));
    }
    lines.join("\n")
}

fn report_text(l: Lang, report: &ImportReport) -> String {
    let ImportReport { encoding, rows, taken, errors, warnings, more } = report;
    let mut lines =
        vec![format!("{}: {encoding}  {}: {rows}  {}: {taken}", l.pick("文字コード", "encoding"), l.pick("行", "rows"), l.pick("取り込める行", "good rows"))];
    for (mark, problems) in [(l.pick("誤り", "error"), errors), (l.pick("注意", "note"), warnings)] {
        for problem in problems.iter().take(MAX_SHOWN) {
            let column = problem.column.as_deref().map(|column| format!(" {column}")).unwrap_or_default();
            lines.push(format!("{mark} {}{}{column}: {}", l.pick("行", "line "), problem.line, printable(l.pick(&problem.ja, &problem.en))));
        }
    }
    let hidden = more + [errors, warnings].iter().map(|list| list.len().saturating_sub(MAX_SHOWN) as u64).sum::<u64>();
    if hidden > 0 {
        lines.push(format!("… {}: {hidden}", l.pick("ほか", "and more")));
    }
    lines.join("\n")
}

/// The facilities that can be opened.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  tachiai shelter facilities\n  tachiai shelter facilities --use shelter --json")]
pub struct List {
    /// Only those designated so: shelter or site
    #[arg(long = "use", value_name = "shelter|site", value_parser = word::<Use>)]
    of: Option<Use>,
}

impl List {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let mut standing: Standing = global.staff()?.get(&format!("{BASE}/facilities"), None)?;
        standing.facilities.retain(|place| self.of.is_none_or(|of| place.uses.contains(&of)));
        say(global, &serde_json::json!(standing), || {
            let l = global.lang();
            let imports = standing.imports.iter().map(|import| imported_text(l, import));
            standing.facilities.iter().map(|place| facility_text(l, place)).chain(imports).collect::<Vec<_>>().join("\n")
        });
        Ok(Exit::Done)
    }
}

fn facility_text(l: Lang, place: &Facility) -> String {
    let capacity = place.capacity.as_ref().and_then(|capacity| capacity.inside).map_or_else(|| "-".to_owned(), |inside| inside.to_string());
    let list = |words: Vec<String>| words.join("・");
    let (uses, hazards) = (place.uses.iter().map(|of| of.say(l)).collect(), place.hazards.iter().map(|hazard| hazard.say(l)).collect());
    format!(
        "{}  {}  {}  {}: {capacity}  {} {}",
        place.id,
        printable(&place.name),
        printable(&place.address),
        l.pick("定員", "takes"),
        list(uses),
        list(hazards)
    )
}

fn imported_text(l: Lang, import: &Imported) -> String {
    let Imported { kind, at, by, file: _, count } = import;
    format!("{} {}: {count}  {by}  {}", l.pick("取り込み", "import"), kind.say(l), at.in_japan(l))
}
