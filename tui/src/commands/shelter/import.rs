//! Imports: a file is shown with what it would change, and applied when somebody says so.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use tachiai_schemas::columns::{self, Column};
use tachiai_schemas::election::Text;
use tachiai_schemas::shelter::facility::{self, Facility, Use};
use tachiai_schemas::shelter::import::{
    ImportAnswer, ImportChange, ImportDifference, ImportField, ImportFirst, ImportKind, ImportOthers, ImportRows, Imported, Standing,
};
use tachiai_schemas::shelter::table::ImportReport;
use tachiai_schemas::shelter::{figures, residents, support};
use tachiai_schemas::{Lang, Say};

use super::BASE;
use super::words::word;
use crate::card::printable;
use crate::cli::Global;
use crate::client::{Client, read_list};
use crate::commands::ask::{ask, ask_yes, is_conversation};
use crate::commands::columns::problems_text;
use crate::commands::say;
use crate::failure::{Exit, Failure};

/// What is imported.
#[derive(Subcommand, Debug)]
pub enum Import {
    /// Shelters and emergency sites: GeoJSON of the Geospatial Information Authority, or a municipality's CSV
    #[command(after_help = "Examples:
  tachiai shelter import facilities yabu-evacuation.geojson            # show, and ask
  tachiai shelter import facilities yabu-emergency.geojson --yes
Lists of shelters and of emergency sites are two files: what is not in a file stays, unless --others-go is given.
A CSV needs the column 施設・場所名 (名称, 施設名). It may have 共通ID (ID, 施設ID), 名称_カナ, 名称_英字, 所在地_連結表記 (住所, 所在地), 建物名等(方書), 電話番号, 緯度, 経度, 想定収容人数, 地区, 対象となる町会・自治会, \
備考. --example prints one.")]
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
A CSV needs the columns 宛名番号, 氏名, 生年月日, 住所. It may have 氏名カナ, 代替文字氏名, 性別, 行政区, 世帯番号, 続柄, 市民ID, 支援措置. --example prints one.
The file is the whole register: whoever is not in it goes. Where more than a tenth would go, or any at all with --good-rows, --yes alone is not enough: --removes N says how many.")]
    Residents {
        /// How
        #[command(flatten)]
        how: How,
    },
    /// The action-support list (避難行動要支援者名簿): CSV, UTF-8 or Shift_JIS
    #[command(after_help = "Example: tachiai shelter import support support.csv
A CSV needs the column 宛名番号, or 氏名 and 生年月日. It may have 住所, 行政区, 区分, 支援を要する理由, 電話番号, 支援者. --example prints one.
The file is the whole list: whoever is not in it goes.")]
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
    #[arg(required_unless_present = "example")]
    file: Option<PathBuf>,
    /// Print a file with the columns and two rows, and import nothing
    #[arg(long, conflicts_with_all = ["file", "preview", "yes"])]
    example: bool,
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

    /// The columns of a file.
    #[must_use]
    pub const fn columns(self) -> &'static [Column] {
        match self.kind {
            ImportKind::Facilities => &facility::COLUMNS,
            ImportKind::Residents => &residents::COLUMNS,
            ImportKind::SupportList => &support::COLUMNS,
        }
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
        let (Some(file), false) = (&how.file, how.example) else {
            outln!("{}", columns::example(source.columns()).trim_end());
            return Ok(Exit::Done);
        };
        let client = global.staff()?;
        let bytes = read_list(file)?;
        let shown = source.show(&client, &bytes)?;
        if let Some([ja, en]) = source.hinders(&shown) {
            say(global, &serde_json::json!(shown), || report_text(global.lang(), &shown.report));
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

/// What an import would change, or changed: what was found in the file, how many change, and the first of them.
#[must_use]
pub fn answer_text(l: Lang, answer: &ImportAnswer) -> String {
    let mut lines = vec![answer.kind.say(l), report_text(l, &answer.report)];
    // What would go if nothing were there says nothing of a file that was not read.
    if answer.report.taken > 0 {
        lines.push(figures_text(l, answer));
        lines.extend(first_lines(l, &answer.difference));
    }
    lines.join("\n")
}

/// How many change.
#[must_use]
pub fn figures_text(l: Lang, answer: &ImportAnswer) -> String {
    let ImportAnswer { kind: _, mode: _, report: _, file: _, replaces: _, difference, strangers, occupancy } = answer;
    let ImportDifference { added, changed, removed, same, first: _ } = difference;
    let mut lines = Vec::new();
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
    if *strangers > 0 {
        lines.push(format!("{}: {strangers}", l.pick("住民に見つからない、または特定できない方", "not in the register of residents, or not told apart there")));
    }
    if !occupancy.is_empty() {
        let persons: u64 = occupancy.iter().filter_map(|row| row.persons).map(u64::from).sum();
        lines.push(format!("{}: {persons} ({})", l.pick("ファイルに書かれた避難者数", "people whom the file counts"), occupancy.len()));
    }
    lines.join("\n")
}

/// The first of those that change, go or are new, one a line.
fn first_lines(l: Lang, difference: &ImportDifference) -> Vec<String> {
    let ImportDifference { added, changed, removed, same: _, first } = difference;
    let ImportFirst { added: new, changed: other, removed: gone } = first;
    let mut lines = Vec::new();
    lines.extend(other.iter().map(|change| format!("  ~ {}", change_text(l, change))));
    for (mark, first) in [('-', gone), ('+', new)] {
        lines.extend(first.iter().map(|of| format!("  {mark} {}", printable(of))));
    }
    let rest = (added + changed + removed).saturating_sub((new.len() + other.len() + gone.len()) as u64);
    if rest > 0 {
        lines.push(format!("  … {}: {rest}", l.pick("ほか", "and more")));
    }
    lines
}

/// What changes of one of them: each field with its values before and after.
fn change_text(l: Lang, ImportChange { of, fields }: &ImportChange) -> String {
    let said = |text: &Text| printable(l.pick(&text.ja, &text.en));
    let fields = fields.iter().map(|ImportField { field, before, after }| format!("{} 「{}」→「{}」", said(field), said(before), said(after)));
    format!("{}: {}", printable(of), fields.collect::<Vec<_>>().join("、"))
}

/// What was found in a file.
#[must_use]
pub fn report_text(l: Lang, report: &ImportReport) -> String {
    let ImportReport { encoding, rows, taken, errors, warnings, more } = report;
    let mut lines =
        vec![format!("{}: {encoding}  {}: {rows}  {}: {taken}", l.pick("文字コード", "encoding"), l.pick("行", "rows"), l.pick("取り込める行", "good rows"))];
    lines.extend(problems_text(l, errors, warnings));
    if *more > 0 {
        lines.push(format!("… {}: {more}", l.pick("ほか", "and more")));
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
