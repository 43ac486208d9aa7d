//! People at the headquarters: searched, shown, settled where records contradict each other, linked where they are of one person; and what relatives are told.

use clap::{ArgGroup, Args, Subcommand};
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::person::Birth;
use tachiai_schemas::roster::{ChainId, EventId, LinkVerdict, Person, ShelterId};
use tachiai_schemas::shelter::case::{EraseGround, EraseRequest};
use tachiai_schemas::shelter::merged::{Difference, FieldValue};
use tachiai_schemas::shelter::{
    Duplicates, Extent, Inquiry, InquiryAnswer, LinkRequest, PeopleFound, PeopleSearch, PersonDone, PersonView, QuestionnaireSeen, Resident, StepView,
};
use tachiai_schemas::staff::Pending;
use tachiai_schemas::{Lang, Say};

use super::settle::{field, settle, taken_back, write};
use super::{BASE, WhichEvent};
use crate::card::printable;
use crate::cli::Global;
use crate::client::Client;
use crate::commands::say;
use crate::commands::told::{BIRTH, NAME, WhoFd, Word};
use crate::failure::{Exit, Failure};

/// People.
#[derive(Subcommand, Debug)]
pub enum PersonCommand {
    /// Search by the beginning of a name; nobody under protection is found
    Search(Search),
    /// Show one person with all records
    #[command(after_help = "Example: tachiai shelter person show HANDLE")]
    Show {
        /// The handle, or its first letters
        handle: String,
        /// Which event
        #[command(flatten)]
        which: WhichEvent,
    },
    /// List the people whose records contradict each other
    #[command(after_help = "Example: tachiai shelter person conflicts")]
    Conflicts {
        /// Which event
        #[command(flatten)]
        which: WhichEvent,
    },
    /// Settle a conflict: one of the records is taken, with fields of the others where these are right; all of them stay in the history. A protection that any of
    /// them says goes on
    #[command(
        after_help = "The reason is asked for, or read from a file descriptor (reason=), and stays with the record. What is printed says how it is taken back.
Examples:
  tachiai shelter person settle HANDLE --keep ENTRY                  # both as `person show` prints them
  tachiai shelter person settle HANDLE --keep ENTRY --who-fd 3 3<<< 'reason=本人に電話で確認'
  tachiai shelter person settle HANDLE --keep ENTRY --field phone=OTHER --field needs=OTHER
  tachiai shelter person settle HANDLE --keep ENTRY --field protection=open         # takes a protection away, once it is made sure that there is none"
    )]
    Settle {
        /// The handle, or its first letters
        handle: String,
        /// The record that holds, by its hash or the beginning of it
        #[arg(long, value_name = "ENTRY")]
        keep: String,
        /// A field that differs, and the record in which it is right; may be repeated. Of the protection only `protection=open`
        #[arg(long = "field", value_name = "FIELD=ENTRY", value_parser = field)]
        fields: Vec<(String, String)>,
        /// Why
        #[command(flatten)]
        who: WhoFd,
        /// Which event
        #[command(flatten)]
        which: WhichEvent,
    },
    /// Take a settlement back: what counted before counts again, and both stay in the history. Refused once something else was entered of the person
    #[command(after_help = "Example: tachiai shelter person unsettle HANDLE --settled ENTRY --back ENTRY          # as `settle` prints it")]
    Unsettle {
        /// The handle, or its first letters
        handle: String,
        /// The record that settled it, by its hash or the beginning of it
        #[arg(long, value_name = "ENTRY")]
        settled: String,
        /// The record that counted before, by its hash or the beginning of it
        #[arg(long, value_name = "ENTRY")]
        back: String,
        /// Which event
        #[command(flatten)]
        which: WhichEvent,
    },
    /// Ask that somebody who left be erased: what the records say of the person is never opened again, every count and proof stays (exit code 3)
    Erase(Erase),
}

/// Whom to erase. The reason is asked for, or read from a file descriptor; it is erased with the person.
#[derive(Args, Debug)]
#[command(after_help = "Example: tachiai shelter person erase HANDLE --ground request --who-fd 3 3<<< 'reason=本人から書面で申出'
Who is present must have left, and what was set aside with an entry about the person must be settled. Terminals keep what they wrote until their folders are cleared.")]
pub struct Erase {
    /// The handle, or its first letters
    handle: String,
    /// On what ground: request (the person asks), retention (the period of keeping has ended) or mistake (made by mistake)
    #[arg(long, value_name = "CODE", value_parser = super::words::word::<EraseGround>)]
    ground: EraseGround,
    #[command(flatten)]
    who: WhoFd,
    #[command(flatten)]
    which: WhichEvent,
}

impl Erase {
    fn run(&self, global: &Global, client: &Client) -> Result<Exit, Failure> {
        let handle = self.which.handle(client, &self.handle)?;
        let path = self.which.path(client, &format!("/people/{handle}/erase"))?;
        let reason = self.who.tell(global, &[REASON], |_, _| true)?.need(REASON)?;
        super::event::waiting(global, client, client.act::<_, Pending>(&path, &EraseRequest { ground: self.ground, reason })?)
    }
}

/// Why somebody is to be erased.
const REASON: Word = Word::new("reason", "理由", "Reason");

/// Why a contradiction is settled so.
const SETTLED: Word = Word::new("reason", "そう決めた理由", "Why so");

/// The beginning of a name.
const BEGINNING: Word = Word::new("name", "氏名の始まり（かな・ローマ字・漢字）", "Beginning of the name (kana, romaji or as written)");
/// What shows that two handles are of one person, or not.
const EVIDENCE: Word = Word::new("evidence", "根拠", "Evidence");
/// The address of whom a relative asks after.
const ADDRESS: Word = Word::new("address", "住所（分かれば）", "Address (if known)");
/// The relative who asks.
const ASKER: Word = Word::new("asker", "照会者の氏名・住所・続柄", "Who asks: name, address, relation");

/// Whom to search. The name is asked for, or read from a file descriptor.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  tachiai shelter person search
  tachiai shelter person search --json --shelter e2822200152111 --who-fd 3 3<<< 'name=たなか'
The name may be in kana of either kind, in romaji, or as written.")]
pub struct Search {
    /// Only in this shelter
    #[arg(long, value_name = "ID")]
    shelter: Option<ShelterId>,
    /// How many at most
    #[arg(long, default_value_t = 20, value_name = "N")]
    limit: u16,
    #[command(flatten)]
    who: WhoFd,
    #[command(flatten)]
    which: WhichEvent,
}

impl PersonCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let l = global.lang();
        match self {
            Self::Search(Search { shelter, limit, who, which }) => {
                let name = who.tell(global, &[BEGINNING], |_, _| true)?.need(BEGINNING)?;
                let search = PeopleSearch { name, shelter: shelter.clone(), limit: *limit };
                let found: PeopleFound = client.post(&which.path(&client, "/search")?, None, &search)?;
                say(global, &serde_json::json!(found), || found_text(l, &found));
            }
            Self::Show { handle, which } => {
                let handle = which.handle(&client, handle)?;
                let view: PersonView = client.get(&which.path(&client, &format!("/people/{handle}"))?, None)?;
                say(global, &serde_json::json!(view), || view_text(l, &view));
            }
            Self::Conflicts { which } => {
                let views: Vec<PersonView> = client.get(&which.path(&client, "/conflicts")?, None)?;
                say(global, &serde_json::json!(views), || match views.is_empty() {
                    true => l.pick("食い違いはありません。", "No records contradict each other.").to_owned(),
                    false => views.iter().map(|view| view_text(l, view)).collect::<Vec<_>>().join("\n"),
                });
            }
            Self::Erase(erase) => return erase.run(global, &client),
            Self::Settle { handle, keep, fields, who, which } => {
                let event = which.find(&client)?;
                let view = shown(&client, event, which.handle(&client, handle)?)?;
                let act = settle(&view, keep, fields, &who.tell(global, &[SETTLED], |_, _| true)?.need(SETTLED)?)?;
                let (done, before) = (write(&client, event, &act)?, view.counts.entry);
                let told = serde_json::json!({ "chain": done.chain, "entry": done.entry, "leaf": done.leaf, "before": before });
                say(global, &told, || {
                    let PersonDone { chain, entry, leaf: _ } = &done;
                    let back = l.pick("取り消すには", "to take it back");
                    format!(
                        "{}: {entry}\n{back}: tachiai shelter person unsettle {chain} --settled {entry} --back {before}",
                        l.pick("記録しました", "recorded")
                    )
                });
            }
            Self::Unsettle { handle, settled, back, which } => {
                let event = which.find(&client)?;
                let view = shown(&client, event, which.handle(&client, handle)?)?;
                let done = write(&client, event, &taken_back(&view, settled, back)?)?;
                say(global, &serde_json::json!(done), || {
                    let said = l.pick("解消の前に数えていた記録に戻しました", "what counted before holds again");
                    format!("{said}: {}", done.entry)
                });
            }
        }
        Ok(Exit::Done)
    }
}

/// Somebody with all records.
fn shown(client: &Client, event: EventId, handle: ChainId) -> Result<PersonView, Failure> {
    client.get(&format!("{BASE}/events/{event}/people/{handle}"), None)
}

fn birth_text(l: Lang, birth: Birth) -> String {
    match birth {
        Birth::Day(day) => day.say(l),
        Birth::Years(years) => format!("{years}{}", l.pick("歳", " years")),
        Birth::Unknown => "-".to_owned(),
    }
}

pub(super) fn person_text(l: Lang, person: &Person) -> String {
    let Person { name, kana, birth, address, needs, triage, room, .. } = person;
    let needs = needs.iter().map(|need| need.say(l)).collect::<Vec<_>>().join("・");
    let triage = triage.map_or_else(String::new, |mark| format!("  {}: {}", l.pick("トリアージ", "triage"), mark.say(l)));
    let room = if room.is_empty() { String::new() } else { format!("  {}: {}", l.pick("部屋", "room"), printable(room)) };
    format!("{}  {}  {}  {}  {needs}{triage}{room}", printable(name), printable(kana), birth_text(l, *birth), printable(address))
}

fn step_text(l: Lang, step: &StepView) -> String {
    let StepView { chain: _, entry, time, entered: _, terminal, shelter, act, person } = step;
    let person = person.as_ref().map_or_else(|| l.pick("（開けません）", "(not to be opened)").to_owned(), |person| person_text(l, person));
    let entry: String = entry.to_string().chars().take(16).collect();
    format!("    {entry}  {}  {}  {shelter}  {terminal}  {person}", time.timestamp().in_japan(l), act.say(l))
}

pub(super) fn view_text(l: Lang, view: &PersonView) -> String {
    let PersonView { handles, heads, counts, conflict, differs, history, questionnaire } = view;
    let handles = handles.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let conflict = conflict.map_or_else(String::new, |kind| format!("  ⚠ {}: {}", l.pick("食い違い", "conflict"), kind.say(l)));
    let mut lines = vec![format!("{handles}{conflict}"), step_text(l, counts)];
    if heads.len() > 1 {
        lines.push(format!("  {}:", l.pick("最新の記録", "latest records")));
        lines.extend(heads.iter().map(|step| step_text(l, step)));
    }
    if !differs.is_empty() {
        lines.push(format!("  {}:", l.pick("食い違う項目", "fields that differ")));
        lines.extend(differs.iter().map(difference_text));
    }
    lines.extend(questionnaire.as_ref().map(|seen| format!("  {}: {}", l.pick("問診票", "questionnaire"), questionnaire_text(l, *seen))));
    if history.len() > 1 {
        lines.push(format!("  {}:", l.pick("すべての記録", "all records")));
        lines.extend(history.iter().map(|step| step_text(l, step)));
    }
    lines.join("\n")
}

/// What the latest records say in a field in which they differ, side by side.
fn difference_text(difference: &Difference) -> String {
    let value = |FieldValue { entry, value }: &FieldValue| {
        let entry: String = entry.to_string().chars().take(16).collect();
        format!("{} ({entry})", value.as_deref().map_or_else(|| "-".to_owned(), printable))
    };
    format!("    {}: {}", difference.field, difference.values.iter().map(value).collect::<Vec<_>>().join("  |  "))
}

/// How a person and a questionnaire go together, in words.
pub(crate) fn questionnaire_text(l: Lang, seen: QuestionnaireSeen) -> String {
    match seen {
        QuestionnaireSeen::Named { kept } => format!("{}  {}", kept.triage.say(l), l.pick("名簿に記録済み", "named by the roster")),
        QuestionnaireSeen::Linked { kept: _, worst } => format!("{}  {}", worst.say(l), l.pick("本人のものと確認済み", "of the same person")),
        QuestionnaireSeen::Suggested {} => l
            .pick(
                "同じ氏名・生年月日の住民が記入しています。本人なら tachiai shelter questionnaire link",
                "a resident of this name and birth date filled one in; if it is this person: tachiai shelter questionnaire link",
            )
            .to_owned(),
    }
}

fn resident_text(l: Lang, resident: &Resident) -> String {
    let Resident { number, name, kana, birth, address, district, .. } = resident;
    let birth = birth.map_or_else(|| "-".to_owned(), |day| day.say(l));
    format!("  {number}  {}  {}  {birth}  {}  {}", printable(name), printable(kana), printable(address), printable(district))
}

fn found_text(l: Lang, found: &PeopleFound) -> String {
    let PeopleFound { people, residents, extent } = found;
    if people.is_empty() && residents.is_empty() {
        return l.pick("見つかりません。", "Nobody is found.").to_owned();
    }
    let mut lines: Vec<String> = people.iter().map(|view| view_text(l, view)).collect();
    if !residents.is_empty() {
        lines.push(format!("{}:", l.pick("どの避難所にもいない住民", "residents who are in no shelter")));
        lines.extend(residents.iter().map(|resident| resident_text(l, resident)));
    }
    if *extent == Extent::More {
        lines.push(l.pick("… ほかにもいます。もう少し入力してください。", "… and more. Enter more of the name.").to_owned());
    }
    lines.join("\n")
}

/// People who may be one.
#[derive(Args, Debug)]
#[command(after_help = "Example: tachiai shelter duplicates")]
pub struct Duplicate {
    #[command(flatten)]
    which: WhichEvent,
}

impl Duplicate {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let l = global.lang();
        let groups: Vec<Duplicates> = client.get(&self.which.path(&client, "/duplicates")?, None)?;
        say(global, &serde_json::json!(groups), || {
            let group = |Duplicates { alike, people, more }: &Duplicates| {
                let mut lines: Vec<String> = people.iter().map(|view| view_text(l, view)).collect();
                if *more > 0 {
                    lines.push(l.pick(&format!("  ほか{more}人"), &format!("  and {more} more")).to_owned());
                }
                format!("{}:\n{}", alike.say(l), lines.join("\n"))
            };
            match groups.is_empty() {
                true => l.pick("重複と思われる方はいません。", "Nobody seems to be there twice.").to_owned(),
                false => groups.iter().map(group).collect::<Vec<_>>().join("\n"),
            }
        });
        Ok(Exit::Done)
    }
}

/// Two handles of one person. The evidence is asked for, or read from a file descriptor.
#[derive(Args, Debug)]
#[command(
    after_help = "Example: tachiai shelter link HANDLE OTHER --same --who-fd 3 3<<< 'evidence=運転免許証で同一人と確認'",
    group = ArgGroup::new("verdict").required(true).args(["same", "apart"])
)]
pub struct Link {
    /// The handle that is kept in sight, or its first letters
    handle: String,
    /// The other
    other: String,
    /// They are of one person
    #[arg(long)]
    same: bool,
    /// They are not, after it was thought
    #[arg(long)]
    apart: bool,
    #[command(flatten)]
    who: WhoFd,
    #[command(flatten)]
    which: WhichEvent,
}

impl Link {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let path = self.which.path(&client, "/links")?;
        let (chain, other) = (self.which.handle(&client, &self.handle)?, self.which.handle(&client, &self.other)?);
        let evidence = self.who.tell(global, &[EVIDENCE], |_, _| true)?.need(EVIDENCE)?;
        let verdict = if self.same { LinkVerdict::Same } else { LinkVerdict::Apart };
        let request = LinkRequest { chain, other, verdict, evidence };
        super::event::waiting(global, &client, client.act::<_, Pending>(&path, &request)?)
    }
}

/// What a relative is told. Everything is asked for, or read from a file descriptor.
#[derive(Args, Debug)]
#[command(after_help = "Example: tachiai shelter safety --who-fd 3 3<asked.txt    # lines: name=西村花子, birth=1950-04-01, asker=西村一郎、子、豊岡市
Name and birth date or address must be right. The answer is the same where nobody like that is here, where the person does not allow it, and under protection.")]
pub struct Safety {
    #[command(flatten)]
    who: WhoFd,
    #[command(flatten)]
    which: WhichEvent,
}

impl Safety {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let path = self.which.path(&client, "/inquiries")?;
        let given = self.who.tell(global, &[NAME, BIRTH, ADDRESS, ASKER], |_, _| true)?;
        // It was read already, so that it is a date.
        let birth = given.birth()?.and_then(|text| Day::read(&text).ok());
        let inquiry = Inquiry { name: given.need(NAME)?, birth, address: given.text(ADDRESS), asker: given.need(ASKER)? };
        let answer: InquiryAnswer = client.post(&path, None, &inquiry)?;
        say(global, &serde_json::json!(answer), || answer.say(global.lang()));
        Ok(Exit::Done)
    }
}
