//! The roll (選挙人名簿): import with a preview, who may not vote and why, corrections, objections, changes after the opening. By the commission.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use clap::{ArgGroup, Args, Subcommand};
use tachiai_schemas::paper::RollChangeReason;
use tachiai_schemas::roll::case::{
    ChangeView, Complaint, Decision, Objection, ObjectionView, RollFound, RollOrder, RollOverview, RollRequest, RollSearch, Ruling,
};
use tachiai_schemas::roll::difference::Field;
use tachiai_schemas::staff::{Pending, Shown};

use crate::cli::{Global, WhichElection};
use crate::client::{Answer, Client};
use crate::commands::told::{BIRTH, KANA, NAME, NUMBER, Told, WhoFd, Word};
use crate::commands::{approve, say};
use crate::draft::Draft;
use crate::failure::{Exit, Failure};

mod import;
mod said;

pub(in crate::commands) use import::failed;
pub use import::{ImportRoll, import_of, nothing_imported, preview_of, preview_text, report_text};
pub use said::{case_text, change_name, change_text, done_text, found_text, judged_text, objection_text, reason_name};

use said::overview_text;

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
