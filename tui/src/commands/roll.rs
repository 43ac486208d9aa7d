//! The roll (選挙人名簿): import with a preview, who may not vote and why, corrections, objections, changes after the opening. By the commission.

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use clap::{ArgGroup, Args, Subcommand};
use tachiai_schemas::election::District;
use tachiai_schemas::paper::{RollChangeKind, RollChangeReason};
use tachiai_schemas::roll::case::{
    ChangeView, Complaint, Decision, Judged, Objection, ObjectionView, RollFound, RollOrder, RollOverview, RollPreview, RollRequest, RollSearch, Ruling, Struck,
};
use tachiai_schemas::roll::difference::{DistrictCounts, Field, FieldDifference, PersonDifference, WITHHELD};
use tachiai_schemas::roll::{Listed, Protection, RollCase, RollDifference, RollDone, Standing};
use tachiai_schemas::staff::{Pending, RollReport, Shown};
use tachiai_schemas::{Lang, Say};

use crate::card::printable;
use crate::cli::{Global, WhichElection};
use crate::client::{Answer, Client};
use crate::commands::approve;
use crate::commands::ask::ask_yes;
use crate::commands::counter::sex_of_digit;
use crate::commands::say;
use crate::commands::told::{BIRTH, KANA, NAME, NUMBER, Told, WhoFd, Word};
use crate::draft::Draft;
use crate::failure::{Exit, Failure};

/// Import the roll (選挙人名簿): whole or not at all.
///
/// Where a roll is here already, what would change is shown first: who is added, who is gone, which fields differ.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  tachiai election import-roll roll.csv --preview
  tachiai election import-roll roll.csv --yes")]
pub struct ImportRoll {
    /// The CSV file, UTF-8 or Shift_JIS
    roll: PathBuf,
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
        let client = global.staff()?;
        let base = format!("/api/v1/elections/{}/roll", self.which.find(&client)?);
        let bytes = std::fs::read(&self.roll).map_err(|e| Failure::file(&self.roll, &e))?;
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
pub(super) fn failed(global: &Global, report: &RollReport) -> Result<Exit, Failure> {
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
    for (mark, problems) in [(l.pick("誤り", "error"), errors), (l.pick("注意", "note"), warnings)] {
        for p in problems {
            let column = p.column.as_deref().map(|c| format!(" {c}")).unwrap_or_default();
            text += &format!("\n{mark} {}{}{column}: {}", l.pick("行", "line "), p.line, l.pick(&p.ja, &p.en));
        }
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

fn person_difference(l: Lang, person: &PersonDifference, districts: &[District]) -> String {
    match person {
        PersonDifference::Added { number, name } => format!("+ {number} {}", printable(name)),
        PersonDifference::Removed { number, name } => format!("- {number} {}", printable(name)),
        PersonDifference::Changed { number, name, fields } => {
            let fields = fields.iter().map(|FieldDifference { field, before, after }| {
                let value = |text: &str| match (field, text.parse()) {
                    (Field::District, Ok(index)) => district_name(l, districts, index),
                    _ => printable(text),
                };
                format!("{} 「{}」→「{}」", field.title(l), value(before), value(after))
            });
            format!("~ {number} {}: {}", printable(name), fields.collect::<Vec<_>>().join("、"))
        }
    }
}

fn district_name(l: Lang, districts: &[District], index: u16) -> String {
    districts.get(usize::from(index)).map_or_else(|| index.to_string(), |district| format!("{} {}", district.id, l.pick(&district.name.ja, &district.name.en)))
}

/// The roll: who may vote and who may not, corrections, objections.
#[derive(Subcommand, Debug)]
pub enum RollCommand {
    /// Show how many electors there are, who may not vote and why, the objections and the changes
    #[command(after_help = "Example: tachiai election roll list --election ID")]
    List(Only),
    /// Look for people; whoever is under protection is found by the number alone
    Find(Find),
    /// Show one person of the roll, and whether that person may vote
    #[command(after_help = "It asks for the number (宛名番号), or reads number= from --who-fd.

Example: tachiai election roll show")]
    Show(Whom),
    /// Correct, add, strike or restore somebody
    Correct(Correct),
    /// Receive an objection (異議の申出)
    Object(Object),
    /// Record the commission's decision on an objection
    Decide(Decide),
    /// Write the roll as CSV with every correction, for the authority's audit
    #[command(after_help = "Example: tachiai election roll export roll-as-opened.csv --election ID")]
    Export {
        /// The new file
        file: PathBuf,
        /// Which election
        #[command(flatten)]
        which: WhichElection,
    },
}

/// Only which election.
#[derive(Args, Debug)]
pub struct Only {
    #[command(flatten)]
    which: WhichElection,
}

/// Whom it is about, and which election.
#[derive(Args, Debug)]
pub struct Whom {
    #[command(flatten)]
    who: WhoFd,
    #[command(flatten)]
    which: WhichElection,
}

/// Whom to look for; everything that is given has to agree.
///
/// It asks for the number (宛名番号), or else a part of the name or of the name in kana, and for the birth date, written in any of the ways of the roll.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  tachiai election roll find
  tachiai election roll find --who-fd 3 3<who.txt    # number=, name=, kana=, birth=, one a line")]
pub struct Find {
    #[command(flatten)]
    whom: Whom,
}

/// One change of the roll.
///
/// Before the opening an address, kana and what changes nobody's right to vote are corrected at once. For name, birth date, sex, district and protection, and
/// where somebody is added, struck or restored, and so after the opening always, a second official has to approve it (exit code 3). After the opening an elector
/// who is added votes on paper; whom the roll that was opened bars is added only where an objection was upheld (--objection).
///
/// It asks for the person's number (宛名番号), for what the field is to be, as a file would say it (empty for nothing), and why, in words, which is kept sealed.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:
  tachiai election roll correct --field name --reason correction
  tachiai election roll correct --strike --reason death --who-fd 3 3<case.txt    # number=, value=, note=, one a line
  tachiai election roll correct --add newcomer.csv --reason objection --objection 1",
    group = ArgGroup::new("what").required(true).args(["field", "add", "strike", "restore"])
)]
pub struct Correct {
    /// Which field to correct
    #[arg(long, value_parser = words(Field::ALL))]
    field: Option<String>,
    /// Add the person of this CSV: the header and one row
    #[arg(long, value_name = "ROW.csv")]
    add: Option<PathBuf>,
    /// Strike the person
    #[arg(long)]
    strike: bool,
    /// Restore a person who was struck after the opening
    #[arg(long)]
    restore: bool,
    /// Why
    #[arg(long, value_parser = words(RollChangeReason::ALL))]
    reason: String,
    /// The number of the objection that this grants; it must be upheld
    #[arg(long, value_name = "N")]
    objection: Option<u32>,
    #[command(flatten)]
    whom: Whom,
}

/// An objection to the roll (Public Offices Election Act, article 24): it is to be decided within three days.
///
/// It asks who objects, about whom (a number, or a name with what else is known), and for the grounds.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  tachiai election roll object --says wrong-data
  tachiai election roll object --says left-out --who-fd 3 3<objection.txt    # by=, about=, grounds=, one a line")]
pub struct Object {
    /// What it says of the roll
    #[arg(long, value_parser = words(Complaint::ALL))]
    says: String,
    #[command(flatten)]
    whom: Whom,
}

/// The commission's decision on an objection. An objection that is upheld is granted by `roll correct --objection N`.
#[derive(Args, Debug)]
#[command(
    after_help = "It asks why, or reads because= from --who-fd.

Example: tachiai election roll decide 1 --uphold",
    group = ArgGroup::new("ruling").required(true).args(["uphold", "dismiss"])
)]
pub struct Decide {
    /// The objection's number
    objection: u32,
    /// It is right
    #[arg(long)]
    uphold: bool,
    /// It is not
    #[arg(long)]
    dismiss: bool,
    #[command(flatten)]
    whom: Whom,
}

/// What a field is to be.
const VALUE: Word = Word::new("value", "新しい内容（空欄も可）", "What it is to be (may be empty)");
/// Why, in words.
const NOTE: Word = Word::new("note", "理由の説明", "Why, in words");
/// Who objects.
const BY: Word = Word::new("by", "申出人", "Who objects");
/// About whom.
const ABOUT: Word = Word::new("about", "誰について（宛名番号、または氏名など）", "About whom (a number, or a name with what else is known)");
/// The grounds.
const GROUNDS: Word = Word::new("grounds", "申出の理由", "The grounds");
/// Why it is decided so.
const BECAUSE: Word = Word::new("because", "決定の理由", "Why");

/// Every word is asked for.
const fn each(_: &Told, _: Word) -> bool {
    true
}

fn words<T>(all: &[(T, &'static str)]) -> PossibleValuesParser {
    PossibleValuesParser::new(all.iter().map(|(_, word)| *word).collect::<Vec<_>>())
}

/// The value that a word stands for; the parser lets no other word through.
fn value_of<T: Copy>(all: &[(T, &'static str)], word: &str) -> Result<T, Failure> {
    let unknown = || Failure::new(Exit::Usage, format!("{word} は使えません。"), format!("{word} is none of the possible values."));
    all.iter().find(|(_, name)| *name == word).map(|(value, _)| *value).ok_or_else(unknown)
}

impl RollCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let l = global.lang();
        match self {
            Self::List(Only { which }) => {
                let (client, base) = roll(global, which)?;
                let overview: RollOverview = client.get(&base, None)?;
                say(global, &serde_json::json!(overview), || overview_text(l, &overview));
                Ok(Exit::Done)
            }
            Self::Find(Find { whom: Whom { who, which } }) => {
                let told = who.tell(global, &[NUMBER, NAME, KANA, BIRTH], |told, word| match word.key() {
                    "number" => true,
                    "kana" => told.lacks(NUMBER) && told.lacks(NAME),
                    _ => told.lacks(NUMBER),
                })?;
                let search = RollSearch { number: told.text(NUMBER), name: told.text(NAME), kana: told.text(KANA), birth: told.birth()? };
                find(global, which, &search)
            }
            Self::Show(Whom { who, which }) => {
                let number = who.tell(global, &[NUMBER], each)?.need(NUMBER)?;
                find(global, which, &RollSearch { number: Some(number), ..RollSearch::default() })
            }
            Self::Correct(correct) => correct.run(global),
            Self::Object(Object { says, whom: Whom { who, which } }) => {
                let complaint = value_of(Complaint::ALL, says)?;
                let told = who.tell(global, &[BY, ABOUT, GROUNDS], each)?;
                let objection = Objection { objector: told.need(BY)?, about: told.need(ABOUT)?, complaint, grounds: told.need(GROUNDS)? };
                let (client, base) = roll(global, which)?;
                let view = object_of(&client, &base, &objection)?;
                say(global, &serde_json::json!(view), || objection_text(l, &view));
                Ok(Exit::Done)
            }
            Self::Decide(Decide { objection, uphold, dismiss: _, whom: Whom { who, which } }) => {
                let reason = who.tell(global, &[BECAUSE], each)?.need(BECAUSE)?;
                let (client, base) = roll(global, which)?;
                let decision = Decision { ruling: if *uphold { Ruling::Upheld } else { Ruling::Dismissed }, reason };
                let view = decide_of(&client, &base, *objection, &decision)?;
                say(global, &serde_json::json!(view), || objection_text(l, &view));
                Ok(Exit::Done)
            }
            Self::Export { file, which } => {
                let (client, base) = roll(global, which)?;
                let draft = Draft::begin(Some(file))?;
                let path = draft.finish("", &client.get_bytes(&format!("{base}.csv"))?)?;
                say(global, &serde_json::json!({ "file": path }), || format!("{}: {}", l.pick("名簿を書き出しました", "roll written"), path.display()));
                Ok(Exit::Done)
            }
        }
    }
}

fn roll(global: &Global, which: &WhichElection) -> Result<(Client, String), Failure> {
    let client = global.staff()?;
    let base = format!("/api/v1/elections/{}/roll", which.find(&client)?);
    Ok((client, base))
}

fn find(global: &Global, which: &WhichElection, search: &RollSearch) -> Result<Exit, Failure> {
    let (client, base) = roll(global, which)?;
    let found = find_of(&client, &base, search)?;
    if found.people.is_empty() {
        return Err(Failure::refused("該当する方は名簿にいません。", "nobody on the roll is like that."));
    }
    say(global, &serde_json::json!(found), || found_text(global.lang(), &found));
    Ok(Exit::Done)
}

impl Correct {
    fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let Self { field, add, strike, restore: _, reason, objection, whom: Whom { who, which } } = self;
        let told = who.tell(global, &[NUMBER, VALUE, NOTE], |_, word| match word.key() {
            "number" => add.is_none(),
            "value" => field.is_some(),
            _ => true,
        })?;
        let order = match (field, add) {
            (Some(field), _) => {
                RollOrder::Correct { number: told.need(NUMBER)?, field: value_of(Field::ALL, field)?, value: told.text(VALUE).unwrap_or_default() }
            }
            (None, Some(path)) => RollOrder::Add { csv: read_row(path)? },
            (None, None) if *strike => RollOrder::Strike { number: told.need(NUMBER)? },
            (None, None) => RollOrder::Restore { number: told.need(NUMBER)? },
        };
        let request = RollRequest { order, reason: value_of(RollChangeReason::ALL, reason)?, note: told.need(NOTE)?, objection: *objection };
        let (client, base) = roll(global, which)?;
        match change_of(&client, &base, &request)? {
            Changed::Done(view) => {
                say(global, &serde_json::json!(view), || change_text(global.lang(), &view));
                Ok(Exit::Done)
            }
            Changed::Waits(shown) => {
                let Shown { pending: Pending { id, .. }, person: _, elector: _, roll, link: _, case: _, search: _, citizens: _ } = &*shown;
                say(global, &serde_json::json!(shown.pending), || {
                    let case = roll.as_ref().map_or_else(String::new, |case| case_text(global.lang(), case));
                    format!(
                        "{case}{}\n{}: tachiai approve {id}",
                        global.pick("別の職員の承認を待っています", "waiting for another official's approval"),
                        global.pick("承認する職員のコマンド", "the other official runs"),
                    )
                });
                Ok(Exit::Waiting)
            }
        }
    }
}

/// What became of a change that was asked for.
pub enum Changed {
    /// It is made.
    Done(Box<ChangeView>),
    /// It waits for a second official.
    Waits(Box<Shown>),
}

/// Asks for a change of the roll.
///
/// # Errors
/// [`Failure`].
pub fn change_of(client: &Client, base: &str, request: &RollRequest) -> Result<Changed, Failure> {
    match client.act::<_, ChangeView>(&format!("{base}/changes"), request)? {
        Answer::Done(view) => Ok(Changed::Done(Box::new(view))),
        Answer::Accepted(body) => {
            let shown: Shown = serde_json::from_slice(&body).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?;
            // The colleague would not sign anything else either.
            approve::shown(&shown)?;
            Ok(Changed::Waits(Box::new(shown)))
        }
    }
}

/// Receives an objection.
///
/// # Errors
/// [`Failure`].
pub fn object_of(client: &Client, base: &str, objection: &Objection) -> Result<ObjectionView, Failure> {
    client.post(&format!("{base}/objections"), None, objection)
}

/// Records a decision on an objection.
///
/// # Errors
/// [`Failure`].
pub fn decide_of(client: &Client, base: &str, number: u32, decision: &Decision) -> Result<ObjectionView, Failure> {
    client.post(&format!("{base}/objections/{number}/decision"), None, decision)
}

/// Looks for people of the roll.
///
/// # Errors
/// [`Failure`].
pub fn find_of(client: &Client, base: &str, search: &RollSearch) -> Result<RollFound, Failure> {
    client.post(&format!("{base}/search"), None, search)
}

/// A row of CSV as the resident system writes it, in either encoding; `-` reads standard input.
///
/// # Errors
/// [`Failure`] that names the file.
pub fn read_row(path: &Path) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes).map_err(|e| Failure::file(path, &e))?;
    } else {
        bytes = std::fs::read(path).map_err(|e| Failure::file(path, &e))?;
    }
    Ok(tachiai_schemas::roll::text_of(&bytes))
}

/// What a change comes to.
pub fn change_name(l: Lang, change: Option<RollChangeKind>) -> &'static str {
    match change {
        Some(RollChangeKind::Added) => l.pick("名簿への追加", "addition to the roll"),
        Some(RollChangeKind::Struck) => l.pick("名簿からの抹消", "removal from the roll"),
        Some(RollChangeKind::Restored) => l.pick("名簿への回復", "restoration to the roll"),
        None => l.pick("記載の訂正", "correction of a field"),
    }
}

/// Why the roll changes.
pub fn reason_name(l: Lang, reason: RollChangeReason) -> &'static str {
    match reason {
        RollChangeReason::Objection => l.pick("異議の申出・判決", "objection or judgement"),
        RollChangeReason::Correction => l.pick("脱漏・誤載の補正", "correction"),
        RollChangeReason::Death => l.pick("死亡", "death"),
        RollChangeReason::Disqualified => l.pick("失権・停止", "right lost or suspended"),
        RollChangeReason::Moved => l.pick("転出", "moved away"),
    }
}

/// A case as officials see it before they decide, a line each.
#[must_use]
pub fn case_text(l: Lang, case: &RollCase) -> String {
    let RollCase { salt: _, change, reason, note, objection, slot, before, after } = case;
    let mut text = format!("  {}: {}\n", l.pick("内容", "what"), change_name(l, *change));
    text += &format!("  {}: {}  {}\n", l.pick("理由", "why"), reason_name(l, *reason), printable(note));
    if let Some(number) = objection {
        text += &format!("  {}: {number}\n", l.pick("異議の申出", "objection"));
    }
    if let Some(slot) = slot {
        text += &format!("  {}: {slot}\n", l.pick("投票者枠", "slot"));
    }
    for (title, person) in [(l.pick("いまの名簿", "on the roll now"), before), (l.pick("変更後", "after"), after)] {
        text += &match person {
            Some(person) => format!("  {title}:\n{}", person_text(l, person, None)),
            None => format!("  {title}: {}\n", l.pick("なし", "nobody")),
        };
    }
    text
}

fn person_text(l: Lang, person: &Listed, districts: Option<&[District]>) -> String {
    let Listed { elector, standing } = person;
    let Standing { since, nationality: _, suspended, left, protection } = standing;
    let district = match districts {
        Some(districts) => district_name(l, districts, elector.district),
        None => format!("{} {}", l.pick("番目", "number"), u32::from(elector.district) + 1),
    };
    let mut fields = vec![
        (l.pick("宛名番号", "number"), elector.number.clone()),
        (l.pick("氏名", "name"), elector.name.clone()),
        (l.pick("氏名カナ", "kana"), elector.kana.clone()),
        (l.pick("生年月日", "birth date"), elector.birth.clone()),
        (l.pick("性別", "sex"), sex_of_digit(l, &elector.sex).to_owned()),
        // Nobody is shown an address that is kept from others, not even who decides on the change.
        (l.pick("住所", "address"), if *protection == Protection::Protected { WITHHELD.to_owned() } else { elector.address.clone() }),
        (l.pick("投票区", "district"), district),
    ];
    fields.extend(since.map(|day| (Field::Since.title(l), day.to_string())));
    fields.extend(suspended.clone().map(|why| (Field::Suspended.title(l), why)));
    fields.extend(left.map(|day| (Field::Left.title(l), day.to_string())));
    if *protection == Protection::Protected {
        fields.push((Field::Protection.title(l), l.pick("あり", "yes").to_owned()));
    }
    fields.iter().map(|(title, value)| format!("    {title}: {}\n", printable(value))).collect()
}

/// Prints what an approved change brought about.
pub fn print_done(global: &Global, done: &RollDone) {
    let RollDone { election: _, change, slot, electors } = done;
    say(global, &serde_json::json!(done), || {
        let slot = slot.map_or_else(String::new, |slot| format!("  {}: {slot}", global.pick("投票者枠", "slot")));
        format!("{}: {}{slot}  {}: {electors}", global.pick("完了", "done"), change_name(global.lang(), *change), global.pick("選挙人", "electors"))
    });
}

/// A person of the roll and whether that person may vote, in words; in short where the districts are not given.
#[must_use]
pub fn judged_text(l: Lang, judged: &Judged, districts: Option<&[District]>) -> String {
    let Judged { person, bars, slot, struck } = judged;
    let mut text = match districts {
        Some(_) => person_text(l, person, districts),
        None => format!("  {} {}\n", person.elector.number, printable(&person.elector.name)),
    };
    if let Some(slot) = slot {
        text += &format!("    {}: {slot}\n", l.pick("投票者枠", "slot"));
    }
    if *struck == Struck::Yes {
        text += &format!("    {}\n", l.pick("名簿から抹消されています", "struck from the roll"));
    }
    for bar in bars {
        text += &format!("    {}: {}\n", l.pick("投票できない理由", "may not vote"), printable(&bar.say(l)));
    }
    if bars.is_empty() && *struck == Struck::No {
        text += &format!("    {}\n", l.pick("投票の日に選挙権があります", "may vote on the polling date"));
    }
    text
}

/// Who was found, in words.
#[must_use]
pub fn found_text(l: Lang, found: &RollFound) -> String {
    let RollFound { people, more, districts } = found;
    let mut text = people.iter().map(|judged| judged_text(l, judged, Some(districts))).collect::<Vec<_>>().join("\n");
    if *more > 0 {
        text += &format!("\n… {}: {more}", l.pick("ほか。条件を足してください", "and more: say more of whom you look for"));
    }
    text.trim_end().to_owned()
}

fn overview_text(l: Lang, overview: &RollOverview) -> String {
    let RollOverview { electors, unqualified, barred, declarations, objections, changes } = overview;
    let mut text = format!(
        "{}: {electors}  {}: {unqualified}  {}: {declarations}\n",
        l.pick("選挙人", "electors"),
        l.pick("投票の日に資格のない方", "not qualified on the polling date"),
        l.pick("提出中の期日前投票宣誓書", "declarations for early voting on file")
    );
    barred.iter().for_each(|judged| text += &judged_text(l, judged, None));
    let rest = unqualified.saturating_sub(barred.len() as u64);
    if rest > 0 {
        text += &format!("  … {}: {rest}\n", l.pick("ほか", "and more"));
    }
    objections.iter().for_each(|view| text += &format!("{}\n", objection_text(l, view)));
    changes.iter().for_each(|view| text += &format!("{}\n", change_text(l, view)));
    text.trim_end().to_owned()
}

/// An objection and where it stands, in words.
#[must_use]
pub fn objection_text(l: Lang, view: &ObjectionView) -> String {
    let ObjectionView { number, objection, received, received_by, due, decided } = view;
    let Objection { objector, about, complaint, grounds } = objection;
    let says = match complaint {
        Complaint::LeftOut => l.pick("脱漏", "left out"),
        Complaint::WronglyListed => l.pick("誤載", "wrongly listed"),
        Complaint::WrongData => l.pick("誤記", "wrong data"),
    };
    let state = match decided {
        None => format!("{} ({}: {})", l.pick("受理", "received"), l.pick("決定の期限", "to be decided until"), due.in_japan(l)),
        Some(decided) => {
            let ruling = match decided.decision.ruling {
                Ruling::Upheld => l.pick("正当", "upheld"),
                Ruling::Dismissed => l.pick("正当でない", "dismissed"),
            };
            format!("{ruling}: {}  {}  {}", printable(&decided.decision.reason), decided.at.in_japan(l), printable(&decided.by))
        }
    };
    format!(
        "{} {number}  {}  {}  {}\n  {says}: {}  {}\n  {state}",
        l.pick("異議の申出", "objection"),
        received.in_japan(l),
        printable(received_by),
        printable(objector),
        printable(about),
        printable(grounds)
    )
}

/// A change that was made, in words.
#[must_use]
pub fn change_text(l: Lang, view: &ChangeView) -> String {
    let ChangeView { at, by, change, reason, note, objection, slot, number, difference } = view;
    let what = change_name(l, *change);
    let objection = objection.map_or_else(String::new, |number| format!("  {} {number}", l.pick("異議の申出", "objection")));
    let slot = slot.map_or_else(String::new, |slot| format!("  {} {slot}", l.pick("投票者枠", "slot")));
    let difference = difference.as_ref().map_or_else(String::new, |difference| format!("\n  {}", person_difference(l, difference, &[])));
    format!("{}  {what}  {number}{slot}{objection}  {}  {}  {}{difference}", at.in_japan(l), reason_name(l, *reason), printable(note), by.join(", "))
}
