//! People at the headquarters: searched, shown, settled where records contradict each other, linked where they are of one person; and what relatives are told.

use clap::{ArgGroup, Args, Subcommand};
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::person::Birth;
use tachiai_schemas::roster::{Act, ChainId, LinkVerdict, Person, ShelterId};
use tachiai_schemas::shelter::{
    Duplicates, Extent, Inquiry, InquiryAnswer, LinkRequest, PeopleFound, PeopleSearch, PersonAct, PersonDone, PersonView, Resident, StepView,
};
use tachiai_schemas::staff::Pending;
use tachiai_schemas::{HashBytes, Lang, Say};

use super::words::said;
use super::{WhichEvent, told, value};
use crate::card::printable;
use crate::cli::Global;
use crate::client::Client;
use crate::commands::say;
use crate::failure::{Exit, Failure};

/// People.
#[derive(Subcommand, Debug)]
pub enum PersonCommand {
    /// Search by the beginning of a name; nobody under protection is found
    Search(Search),
    /// Show one person with all records
    #[command(after_help = "Example: tachiai shelter person show HANDLE")]
    Show {
        /// The handle
        handle: ChainId,
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
    /// Settle a conflict: one of the records is taken, and the others stay in the history
    #[command(after_help = "Example: tachiai shelter person settle HANDLE --keep ENTRY   # both as `person show` prints them")]
    Settle {
        /// The handle
        handle: ChainId,
        /// The record that holds, by its hash or the beginning of it
        #[arg(long, value_name = "ENTRY")]
        keep: String,
        /// Which event
        #[command(flatten)]
        which: WhichEvent,
    },
}

/// Whom to search. The name is asked for, or read from standard input.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  tachiai shelter person search
  echo 'name=たなか' | tachiai shelter person search --json --shelter e2822200152111
The name may be in kana of either kind, in romaji, or as written.")]
pub struct Search {
    /// Only in this shelter
    #[arg(long, value_name = "ID")]
    shelter: Option<ShelterId>,
    /// How many at most
    #[arg(long, default_value_t = 20, value_name = "N")]
    limit: u16,
    #[command(flatten)]
    which: WhichEvent,
}

fn missing(key: &str) -> Failure {
    Failure::new(Exit::Usage, format!("「{key}=…」を標準入力で与えてください。"), format!("give {key}=… on standard input."))
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
            Self::Search(Search { shelter, limit, which }) => {
                let given = told(global, &[("name", "氏名の始まり（かな・ローマ字・漢字）", "beginning of the name (kana, romaji or as written)")])?;
                let name = value(&given, "name").ok_or_else(|| missing("name"))?;
                let search = PeopleSearch { name, shelter: shelter.clone(), limit: *limit };
                let found: PeopleFound = client.post(&which.path(&client, "/search")?, None, &search)?;
                say(global, &serde_json::json!(found), || found_text(l, &found));
            }
            Self::Show { handle, which } => {
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
            Self::Settle { handle, keep, which } => {
                let done = settle(&client, which, *handle, keep)?;
                say(global, &serde_json::json!(done), || format!("{}: {}", l.pick("記録しました", "recorded"), done.entry));
            }
        }
        Ok(Exit::Done)
    }
}

/// Writes the record that holds once more, after all that contradict each other.
fn settle(client: &Client, which: &WhichEvent, handle: ChainId, keep: &str) -> Result<PersonDone, Failure> {
    let base = which.path(client, "/people")?;
    let view: PersonView = client.get(&format!("{base}/{handle}"), None)?;
    let mut named = view.heads.iter().filter(|step| step.entry.to_string().starts_with(keep));
    let (Some(step), None) = (named.next(), named.next()) else {
        return Err(Failure::refused("その記録は、この方の最新の記録の一つではありません。", "that is not one of this person's latest records."));
    };
    let Some(person) = step.person.clone() else {
        return Err(Failure::refused("その記録の内容は開けません。", "what that record says cannot be opened."));
    };
    let after: Vec<HashBytes> = view.heads.iter().map(|step| step.entry).collect();
    // An arrival that holds is not a second arrival.
    let act = if step.act == Act::Out { Act::Out } else { Act::Edit };
    let act = PersonAct { chain: Some(step.chain), after, shelter: step.shelter.clone(), act, time: None, person };
    client.post(&base, None, &act)
}

fn birth_text(l: Lang, birth: Birth) -> String {
    match birth {
        Birth::Day(day) => day.to_string(),
        Birth::Years(years) => format!("{years}{}", l.pick("歳", " years")),
        Birth::Unknown => "-".to_owned(),
    }
}

fn person_text(l: Lang, person: &Person) -> String {
    let Person { name, kana, birth, address, needs, triage, .. } = person;
    let needs = needs.iter().map(|need| said(l, need)).collect::<Vec<_>>().join("・");
    let triage = triage.map_or_else(String::new, |mark| format!("  {}: {}", l.pick("トリアージ", "triage"), said(l, &mark)));
    format!("{}  {}  {}  {}  {needs}{triage}", printable(name), printable(kana), birth_text(l, *birth), printable(address))
}

fn step_text(l: Lang, step: &StepView) -> String {
    let StepView { chain: _, entry, time, entered: _, terminal, shelter, act, person } = step;
    let person = person.as_ref().map_or_else(|| l.pick("（開けません）", "(not to be opened)").to_owned(), |person| person_text(l, person));
    let entry: String = entry.to_string().chars().take(16).collect();
    format!("    {entry}  {}  {}  {shelter}  {terminal}  {person}", time.timestamp().in_japan(l), said(l, act))
}

pub(super) fn view_text(l: Lang, view: &PersonView) -> String {
    let PersonView { handles, heads, counts, conflict, history } = view;
    let handles = handles.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let conflict = conflict.map_or_else(String::new, |kind| format!("  ⚠ {}: {}", l.pick("食い違い", "conflict"), said(l, &kind)));
    let mut lines = vec![format!("{handles}{conflict}"), step_text(l, counts)];
    if heads.len() > 1 {
        lines.push(format!("  {}:", l.pick("最新の記録", "latest records")));
        lines.extend(heads.iter().map(|step| step_text(l, step)));
    }
    if history.len() > 1 {
        lines.push(format!("  {}:", l.pick("すべての記録", "all records")));
        lines.extend(history.iter().map(|step| step_text(l, step)));
    }
    lines.join("\n")
}

fn resident_text(resident: &Resident) -> String {
    let Resident { number, name, kana, birth, address, district, .. } = resident;
    let birth = birth.map_or_else(|| "-".to_owned(), |day| day.to_string());
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
        lines.extend(residents.iter().map(resident_text));
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
            let group = |group: &Duplicates| {
                format!("{}:\n{}", said(l, &group.alike), group.people.iter().map(|view| view_text(l, view)).collect::<Vec<_>>().join("\n"))
            };
            match groups.is_empty() {
                true => l.pick("重複と思われる方はいません。", "Nobody seems to be there twice.").to_owned(),
                false => groups.iter().map(group).collect::<Vec<_>>().join("\n"),
            }
        });
        Ok(Exit::Done)
    }
}

/// Two handles of one person. The evidence is asked for, or read from standard input.
#[derive(Args, Debug)]
#[command(
    after_help = "Example: echo 'evidence=運転免許証で同一人と確認' | tachiai shelter link HANDLE OTHER --same",
    group = ArgGroup::new("verdict").required(true).args(["same", "apart"])
)]
pub struct Link {
    /// The handle that is kept in sight
    handle: ChainId,
    /// The other
    other: ChainId,
    /// They are of one person
    #[arg(long)]
    same: bool,
    /// They are not, after it was thought
    #[arg(long)]
    apart: bool,
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
        let given = told(global, &[("evidence", "根拠", "evidence")])?;
        let evidence = value(&given, "evidence").ok_or_else(|| missing("evidence"))?;
        let verdict = if self.same { LinkVerdict::Same } else { LinkVerdict::Apart };
        let request = LinkRequest { chain: self.handle, other: self.other, verdict, evidence };
        super::event::waiting(global, client.act::<_, Pending>(&path, &request)?)
    }
}

/// What a relative is told. Everything is asked for, or read from standard input.
#[derive(Args, Debug)]
#[command(after_help = "Example: printf 'name=西村花子\\nbirth=1950-04-01\\nasker=西村一郎、子、豊岡市\\n' | tachiai shelter safety
Name and birth date or address must be right. The answer is the same where nobody like that is here, where the person does not allow it, and under protection.")]
pub struct Safety {
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
        let keys = [
            ("name", "尋ねる方の氏名", "whose safety is asked: name"),
            ("birth", "生年月日（分かれば）", "birth date (if known)"),
            ("address", "住所（分かれば）", "address (if known)"),
            ("asker", "照会者の氏名・住所・続柄", "who asks: name, address, relation"),
        ];
        let given = told(global, &keys)?;
        let wrong = |text: &str| Failure::new(Exit::Usage, format!("生年月日を読み取れません: {text}"), format!("the birth date cannot be read: {text}"));
        let birth = value(&given, "birth").map(|text| Day::read(&text).map_err(|_| wrong(&text))).transpose()?;
        let inquiry = Inquiry {
            name: value(&given, "name").ok_or_else(|| missing("name"))?,
            birth,
            address: value(&given, "address"),
            asker: value(&given, "asker").ok_or_else(|| missing("asker"))?,
        };
        let answer: InquiryAnswer = client.post(&path, None, &inquiry)?;
        say(global, &serde_json::json!(answer), || answer.say(global.lang()));
        Ok(Exit::Done)
    }
}
