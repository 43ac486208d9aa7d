//! Citizen IDs (養父市民ID) at a counter: issue, show, print as a card, replace a lost one, and by what a service knows somebody.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;
use tachiai_schemas::id::IdError;
use tachiai_schemas::identity::case::{CitizenEraseRequest, CitizenLinkRequest};
use tachiai_schemas::identity::citizen::{Alias, Before, BoundCard, CitizenIssued, CitizenPerson, CitizenView, LostCode, ServicePseudonym};
use tachiai_schemas::roster::LinkVerdict;
use tachiai_schemas::shelter::case::EraseGround;
use tachiai_schemas::staff::Pending;
use tachiai_schemas::{CitizenId, Lang};

use crate::card::printable;
use crate::cli::Global;
use crate::client::{Answer, Client};
use crate::commands::counter::sex_of_digit;
use crate::commands::say;
use crate::commands::shelter::event::waiting;
use crate::commands::told::{BIRTH, NAME, WhoFd, Word};
use crate::failure::{Exit, Failure};

const PATH: &str = "/api/v1/citizens";

/// The address.
const ADDRESS: Word = Word::new("address", "住所", "Address");
/// The sex.
const SEX: Word = Word::new("sex", "性別（1 男、2 女、3 不明）", "Sex (1 male, 2 female, 3 unknown)");

/// Citizen IDs (養父市民ID).
#[derive(Subcommand, Debug)]
pub enum Citizen {
    /// Issue an ID to somebody, with or without a card: whoever has one keeps it, and a card that is bound later goes to the same ID
    #[command(after_help = "Examples:
  tachiai citizen issue                       # name, birth date, sex and address are asked for, as the resident register writes them
  tachiai citizen issue --json --who-fd 3 3<person.txt    # lines: name=西村　花子, birth=1950-04-01, sex=2, address=兵庫県養父市…")]
    Issue {
        /// Who it is
        #[command(flatten)]
        who: WhoFd,
    },
    /// Show whose code it is, with bound cards and lost codes; that it was looked at is recorded
    #[command(after_help = "Example: tachiai citizen show uht4kuhtxxcd…")]
    Show {
        /// The code
        #[arg(value_parser = code)]
        code: CitizenId,
    },
    /// Print the code as a card with a QR code (PDF/A), without a name unless --named
    Card(Card),
    /// Record that a code was lost: it stops working at once, and another takes its place; the person stays the same
    #[command(after_help = "Example: tachiai citizen lost uht4kuhtxxcd…")]
    Lost {
        /// The code that was lost
        #[arg(value_parser = code)]
        code: CitizenId,
    },
    /// Ask that two IDs be of one person, or of two after all: the first goes on, and the other becomes an alias of it (exit code 3: a colleague approves)
    Link(Link),
    /// Ask that somebody be erased: what is known of the person is never opened again, every proof and count stays (exit code 3: a colleague approves)
    Erase(Erase),
    /// By what a service knows somebody: another service has another pseudonym, and nobody finds one from the other
    #[command(after_help = "Example: tachiai citizen pseudonym uht4kuhtxxcd… --service library")]
    Pseudonym {
        /// The code
        #[arg(value_parser = code)]
        code: CitizenId,
        /// The service: small letters, digits, hyphens
        #[arg(long, value_name = "NAME")]
        service: String,
    },
}

/// Two IDs. Evidence and reason are asked for, or read from a file descriptor.
#[derive(Args, Debug)]
#[command(after_help = "Example: tachiai citizen link CODE OTHER --same --who-fd 3 3<<< $'evidence=戸籍の附票\\nreason=改姓後に別の市民IDが発行されていた'
Undone in the same way: --apart. Cards, codes and entries stay under the ID that they were made with.")]
#[command(group(clap::ArgGroup::new("verdict").required(true).args(["same", "apart"])))]
pub struct Link {
    /// A code of the ID that goes on
    #[arg(value_parser = code)]
    citizen: CitizenId,
    /// A code of the other
    #[arg(value_parser = code)]
    other: CitizenId,
    /// They are of one person
    #[arg(long)]
    same: bool,
    /// They are of two people after all
    #[arg(long)]
    apart: bool,
    #[command(flatten)]
    who: WhoFd,
}

/// Whom to erase. The reason is asked for, or read from a file descriptor; it is erased with the person.
#[derive(Args, Debug)]
#[command(after_help = "Example: tachiai citizen erase CODE --ground request --who-fd 3 3<<< 'reason=本人から書面で申出'
Cards and codes stop working. What events keep of the person is erased there: tachiai shelter person erase")]
pub struct Erase {
    /// A code of the person
    #[arg(value_parser = code)]
    code: CitizenId,
    /// On what ground: request, retention or mistake
    #[arg(long, value_name = "CODE", value_parser = super::shelter::words::word::<EraseGround>)]
    ground: EraseGround,
    #[command(flatten)]
    who: WhoFd,
}

/// What shows that two IDs are of one person, or of two.
const EVIDENCE: Word = Word::new("evidence", "根拠", "Evidence");
/// Why.
const REASON: Word = Word::new("reason", "理由", "Reason");

/// A card to print.
#[derive(Args, Debug)]
#[command(after_help = "Example: tachiai citizen card uht4kuhtxxcd… --pdf card.pdf --named")]
pub struct Card {
    /// The code
    #[arg(value_parser = code)]
    code: CitizenId,
    /// The file; one that is there already is not overwritten
    #[arg(long, value_name = "FILE")]
    pdf: PathBuf,
    /// Print the name on it
    #[arg(long)]
    named: bool,
    /// Language of the card: ja or en [default: ja]
    #[arg(long, value_name = "ja|en", default_value = "ja", hide_default_value = true)]
    text: Lang,
}

/// A code as it is typed or read from the card: in either case, with or without the spaces between its groups.
///
/// # Errors
/// What is wrong with it.
pub fn code(text: &str) -> Result<CitizenId, IdError> {
    let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    text.to_ascii_lowercase().parse()
}

impl Citizen {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let (client, l) = (global.staff()?, global.lang());
        match self {
            Self::Issue { who } => {
                let told = who.tell(global, &[NAME, BIRTH, SEX, ADDRESS], |_, _| true)?;
                let birth_date = told.birth()?.map_or_else(|| told.need(BIRTH), Ok)?;
                let person = CitizenPerson { name: told.need(NAME)?, birth_date, sex: told.need(SEX)?, address: told.need(ADDRESS)? };
                let issued = issue(&client, &person)?;
                say(global, &json!(issued), || issued_text(l, &issued));
            }
            Self::Show { code } => {
                let view = show(&client, *code)?;
                say(global, &json!(view), || view_text(l, &view));
            }
            Self::Card(card) => return card.run(global),
            Self::Lost { code } => {
                let issued = lose(&client, *code)?;
                say(global, &json!(issued), || issued_text(l, &issued));
            }
            Self::Link(Link { citizen, other, same, apart: _, who }) => {
                let told = who.tell(global, &[EVIDENCE, REASON], |_, _| true)?;
                let verdict = if *same { LinkVerdict::Same } else { LinkVerdict::Apart };
                let request = CitizenLinkRequest { citizen: *citizen, other: *other, verdict, evidence: told.need(EVIDENCE)?, reason: told.need(REASON)? };
                return waiting(global, &client, link(&client, &request)?);
            }
            Self::Erase(Erase { code, ground, who }) => {
                let reason = who.tell(global, &[REASON], |_, _| true)?.need(REASON)?;
                return waiting(global, &client, erase(&client, *code, &CitizenEraseRequest { ground: *ground, reason })?);
            }
            Self::Pseudonym { code, service } => {
                let found: ServicePseudonym = client.get(&format!("{PATH}/{code}/pseudonyms/{service}"), None)?;
                let alias =
                    |alias: &String| format!("\n{}: {alias}", l.pick("別名（これからは上のものを使います）", "alias (the service goes on with the one above)"));
                say(global, &json!(found), || found.pseudonym.clone() + &found.aliases.iter().map(alias).collect::<String>());
            }
        }
        Ok(Exit::Done)
    }
}

/// Issues an ID to somebody.
///
/// # Errors
/// [`Failure`].
pub fn issue(client: &Client, person: &CitizenPerson) -> Result<CitizenIssued, Failure> {
    client.post(PATH, None, person)
}

/// What is known of whom a code leads to; that it was looked at is recorded.
///
/// # Errors
/// [`Failure`].
pub fn show(client: &Client, code: CitizenId) -> Result<CitizenView, Failure> {
    client.get(&format!("{PATH}/{code}"), None)
}

/// Records that a code was lost.
///
/// # Errors
/// [`Failure`].
pub fn lose(client: &Client, code: CitizenId) -> Result<CitizenIssued, Failure> {
    client.post(&format!("{PATH}/{code}/lost"), None, &json!({}))
}

/// Asks that two IDs be of one person, or of two after all.
///
/// # Errors
/// [`Failure`].
pub fn link(client: &Client, request: &CitizenLinkRequest) -> Result<Answer<Pending>, Failure> {
    client.act(&format!("{PATH}/links"), request)
}

/// Asks that somebody be erased.
///
/// # Errors
/// [`Failure`].
pub fn erase(client: &Client, code: CitizenId, request: &CitizenEraseRequest) -> Result<Answer<Pending>, Failure> {
    client.act(&format!("{PATH}/{code}/erase"), request)
}

/// What was issued.
pub(crate) fn issued_text(l: Lang, issued: &CitizenIssued) -> String {
    let CitizenIssued { citizen: _, code, before } = issued;
    let before = match before {
        Before::New => l.pick("発行しました", "issued"),
        Before::Known => l.pick("この方の今のコード", "the code that the person has now"),
    };
    format!("{before}: {code}")
}

/// What is known of somebody, in lines.
pub(crate) fn view_text(l: Lang, view: &CitizenView) -> String {
    let CitizenView { citizen, code, person, cards, lost, aliases } = view;
    let CitizenPerson { name, birth_date, sex, address } = person;
    let mut lines = vec![
        (l.pick("市民ID", "citizen ID"), citizen.to_string()),
        (l.pick("今のコード", "code now"), code.to_string()),
        (l.pick("氏名", "name"), printable(name)),
        (l.pick("生年月日", "birth date"), printable(birth_date)),
        (l.pick("性別", "sex"), sex_of_digit(l, sex).to_owned()),
        (l.pick("住所", "address"), printable(address)),
    ];
    lines.extend(cards.iter().map(|BoundCard { at }| (l.pick("カードの登録", "card bound"), at.in_japan(l))));
    lines
        .extend(lost.iter().map(|LostCode { code, at, by }| (l.pick("失効したコード", "lost code"), format!("{code}  {}  {}", at.in_japan(l), printable(by)))));
    lines.extend(aliases.iter().map(|Alias { citizen, code, person, at, by }| {
        let (name, [one, two]) = (printable(&person.name), by.each_ref().map(|by| printable(by)));
        (l.pick("別名の市民ID", "alias"), format!("{citizen}  {code}  {name}  {}  {}  {one}  {two}", printable(&person.address), at.in_japan(l)))
    }));
    lines.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n")
}

impl Card {
    fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let Self { code, pdf, named, text } = self;
        let code = print(&global.staff()?, &ToPrint { code: *code, pdf: pdf.clone(), named: *named, text: *text })?;
        say(global, &json!({ "file": pdf, "code": code }), || pdf.display().to_string());
        Ok(Exit::Done)
    }
}

/// A card that is to be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToPrint {
    /// The code.
    pub code: CitizenId,
    /// The file, which is new.
    pub pdf: PathBuf,
    /// Whether the name stands on it.
    pub named: bool,
    /// The language of the card.
    pub text: Lang,
}

/// Says that this program prints no cards.
///
/// # Errors
/// That.
#[cfg(not(feature = "pdf"))]
pub fn print(_client: &Client, card: &ToPrint) -> Result<CitizenId, Failure> {
    let ToPrint { code: _, pdf: _, named: _, text: _ } = card;
    Err(crate::commands::print::no_papers())
}

/// Asks whose code it is, so that no card is printed with one that says nothing, and prints it; gives the code that stands on it.
///
/// # Errors
/// [`Failure`].
#[cfg(feature = "pdf")]
pub fn print(client: &Client, card: &ToPrint) -> Result<CitizenId, Failure> {
    use crate::commands::print::{now, print_card};
    use crate::papers::citizen::CitizenCard;
    let ToPrint { code, pdf, named, text } = card;
    let view = show(client, *code)?;
    let card = CitizenCard { code: view.code, name: named.then(|| view.person.name.clone()), made: now() };
    print_card(pdf, &card, *text)?;
    Ok(view.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_taken_as_people_type_it_and_a_slip_is_found() {
        let id = CitizenId([7; 16]);
        let text = id.to_string();
        let grouped = text.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).to_uppercase()).collect::<Vec<_>>().join(" ");
        assert_eq!(code(&grouped), Ok(id));
        let mut swapped: Vec<char> = text.chars().collect();
        swapped[3] = if swapped[3] == 'a' { 'b' } else { 'a' };
        assert!(code(&swapped.iter().collect::<String>()).is_err());
    }
}
