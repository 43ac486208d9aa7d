//! Citizen IDs (養父市民ID) at a counter: issue, show, print as a card, replace a lost one, and by what a service knows somebody.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;
use tachiai_schemas::identity::citizen::{Before, BoundCard, CitizenIssued, CitizenPerson, CitizenView, LostCode, ServicePseudonym};
use tachiai_schemas::{CitizenId, Lang};

use crate::card::printable;
use crate::cli::Global;
use crate::commands::counter::sex_of_digit;
use crate::commands::say;
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
fn code(text: &str) -> Result<CitizenId, String> {
    let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    text.to_ascii_lowercase().parse().map_err(|error: tachiai_schemas::id::IdError| error.to_string())
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
                let issued: CitizenIssued = client.post(PATH, None, &person)?;
                say(global, &json!(issued), || issued_text(l, &issued));
            }
            Self::Show { code } => {
                let view: CitizenView = client.get(&format!("{PATH}/{code}"), None)?;
                say(global, &json!(view), || view_text(l, &view));
            }
            Self::Card(card) => return card.run(global),
            Self::Lost { code } => {
                let issued: CitizenIssued = client.post(&format!("{PATH}/{code}/lost"), None, &json!({}))?;
                say(global, &json!(issued), || issued_text(l, &issued));
            }
            Self::Pseudonym { code, service } => {
                let found: ServicePseudonym = client.get(&format!("{PATH}/{code}/pseudonyms/{service}"), None)?;
                say(global, &json!(found), || found.pseudonym.clone());
            }
        }
        Ok(Exit::Done)
    }
}

fn issued_text(l: Lang, issued: &CitizenIssued) -> String {
    let CitizenIssued { citizen: _, code, before } = issued;
    let before = match before {
        Before::New => l.pick("発行しました", "issued"),
        Before::Known => l.pick("この方の今のコード", "the code that the person has now"),
    };
    format!("{before}: {code}")
}

fn view_text(l: Lang, view: &CitizenView) -> String {
    let CitizenView { citizen, code, person, cards, lost } = view;
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
    lines.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n")
}

#[cfg(not(feature = "pdf"))]
impl Card {
    fn run(&self, _global: &Global) -> Result<Exit, Failure> {
        let Self { code: _, pdf: _, named: _, text: _ } = self;
        Err(crate::commands::print::no_papers())
    }
}

#[cfg(feature = "pdf")]
impl Card {
    /// Asks whose code it is, so that no card is printed with one that says nothing, and prints it.
    fn run(&self, global: &Global) -> Result<Exit, Failure> {
        use crate::commands::print::{now, print_card};
        use crate::papers::citizen::CitizenCard;
        let Self { code, pdf, named, text } = self;
        let view: CitizenView = global.staff()?.get(&format!("{PATH}/{code}"), None)?;
        let card = CitizenCard { code: view.code, name: named.then(|| view.person.name.clone()), made: now() };
        print_card(pdf, &card, *text)?;
        say(global, &json!({ "file": pdf, "code": view.code }), || pdf.display().to_string());
        Ok(Exit::Done)
    }
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
