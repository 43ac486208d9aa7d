//! Agencies (消防, 医療機関, 福祉, 県): entered by the headquarters, granted what they may have, and their own way to fetch it.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use tachiai_schemas::roster::disclosure::{Basis, Selection};
use tachiai_schemas::roster::{ChainId, EventId, Need, ShelterId};
use tachiai_schemas::sharing::Name;
use tachiai_schemas::sharing::agency::{Agency, AgencyKind, Format, Grant, GrantMade};
use tachiai_schemas::sharing::disclosed::{DisclosedAt, RequestId};
use tachiai_schemas::staff::Pending;
use tachiai_schemas::{InPlaceOf, Lang, Say, Timestamp};

use super::shelter::event::waiting;
use super::shelter::words::{word, written};
use crate::card::printable;
use crate::cli::Global;
use crate::client::{Answer, Client};
use crate::commands::approve::Names;
use crate::commands::approve::matter::grant_rows;
use crate::commands::given::withheld_text;
use crate::commands::say;
use crate::draft::Draft;
use crate::failure::{Exit, Failure};
use crate::poll::desk::local_time;

/// The base of every path.
pub(super) const BASE: &str = "/api/v1/sharing";

/// Agencies.
#[derive(Subcommand, Debug)]
pub enum AgencyCommand {
    /// Enter an agency, in the place of the one of the same name
    Set(Set),
    /// List agencies
    List,
    /// Ask that an agency be granted what it may be given (exit code 3: a colleague approves)
    Grant(Box<Make>),
    /// List grants; an agency sees its own
    Grants,
    /// Withdraw a grant: nothing is given on it any more
    Withdraw(Withdraw),
    /// List disclosures; an agency sees its own
    Disclosures,
    /// Fetch the bundle of a disclosure, encrypted to its agency
    Fetch(Fetch),
    /// Pull the people of a grant of now as a FHIR bundle, by the agency with its own certificate; it is recorded as a disclosure
    Pull(Pull),
}

/// Enter an agency.
#[derive(Args, Debug)]
#[command(after_help = "Example: tachiai agency set fire --kind fire --recipient age1… --contact '養父市消防本部 079-000-0119'
Its certificate is made on the appliance: tachiaid staff add fire --role agency")]
pub struct Set {
    /// Its name, as in the staff list
    agency: Name,
    /// What it is: fire, medical, welfare or prefecture
    #[arg(long)]
    kind: AgencyKind,
    /// The age recipient that everything is encrypted to
    #[arg(long, value_name = "AGE1…")]
    recipient: String,
    /// Whom to call there
    #[arg(long)]
    contact: String,
}

/// Grant an agency what it may be given.
#[derive(Args, Debug)]
#[command(after_help = "Example:
  tachiai agency grant fire-care --agency fire --purpose 救急搬送の準備 --basis affected-ledger --need care --need medical \\
    --field name --field birth --field needs --format fhir --until 2026-12-01T00:00:00Z
The legal bases: consent (個人情報保護法69条2項1号), action-support (災害対策基本法49条の11第3項), affected-ledger (90条の4), vital-emergency (69条2項4号)")]
pub struct Make {
    /// The name of the grant
    grant: Name,
    /// The agency
    #[arg(long)]
    agency: Name,
    /// The one purpose
    #[arg(long)]
    purpose: String,
    /// The legal basis
    #[arg(long, value_parser = word::<Basis>)]
    basis: Basis,
    /// The event [default: every one]
    #[arg(long, value_name = "ID")]
    event: Option<EventId>,
    /// A shelter of the event, again for more [default: all]
    #[arg(long, value_name = "ID")]
    shelter: Vec<ShelterId>,
    /// A need that may be asked for, again for more
    #[arg(long, value_parser = word::<Need>)]
    need: Vec<Need>,
    /// Everybody may be asked for
    #[arg(long)]
    everybody: bool,
    /// Single persons may be asked for
    #[arg(long)]
    persons: bool,
    /// A field that may be given, again for more
    #[arg(long, required = true)]
    field: Vec<String>,
    /// A form in which people may be given beside the proof: fhir (to a fire service or a hospital) or csv; again for more [default: the proof alone]
    #[arg(long)]
    format: Vec<Format>,
    /// From when on [default: now]
    #[arg(long, value_name = "TIME")]
    from: Option<Timestamp>,
    /// Up to when
    #[arg(long, value_name = "TIME")]
    until: Timestamp,
}

/// Withdraw a grant.
#[derive(Args, Debug)]
#[command(after_help = "Example: tachiai agency withdraw fire-care")]
pub struct Withdraw {
    /// The grant
    grant: Name,
}

/// Fetch the bundle of a disclosure.
#[derive(Args, Debug)]
#[command(after_help = "Example:
  tachiai agency fetch REQUEST --out people.age && age --decrypt -i key.txt -o people.disclosure people.age && tachiai-verify disclosure --people people.disclosure")]
pub struct Fetch {
    /// The disclosure, by the ID of its request
    #[arg(allow_hyphen_values = true)]
    request: RequestId,
    /// Where to write it
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Pull the people of a grant.
#[derive(Args, Debug)]
#[command(after_help = "Example: tachiai agency pull hospital-care --need care --out people.json
Any client with the agency's certificate gets the same:
  curl --cert agency.pem --key agency.key --cacert ca.pem 'https://HOST:9443/api/v1/sharing/grants/hospital-care/fhir?need=care'")]
pub struct Pull {
    /// The grant
    grant: Name,
    /// Everybody with this need [default: everybody]
    #[arg(long, value_parser = word::<Need>, conflicts_with = "person")]
    need: Option<Need>,
    /// This person, by the handle
    #[arg(long, value_name = "HANDLE", allow_hyphen_values = true)]
    person: Option<ChainId>,
    /// The event [default: that of the grant, or the only one that is not closed]
    #[arg(long, value_name = "ID")]
    event: Option<EventId>,
    /// Where to write it
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Pull {
    fn run(&self, client: &Client) -> Result<usize, Failure> {
        let Self { grant, need, person, event, out } = self;
        let draft = Draft::begin(Some(out))?;
        let need = need.map(|need| format!("need={}", written(&need)));
        let asked = [need, person.map(|person| format!("person={person}")), event.map(|event| format!("event={event}"))];
        let asked = asked.into_iter().flatten().collect::<Vec<_>>().join("&");
        let bundle = client.get_bytes(&format!("{BASE}/grants/{grant}/fhir?{asked}"))?;
        draft.finish(out, &bundle)?;
        Ok(bundle.len())
    }
}

impl AgencyCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let l = global.lang();
        match self {
            Self::Set(Set { agency, kind, recipient, contact }) => {
                let agency = Agency { name: agency.clone(), kind: *kind, recipient: recipient.clone(), contact: contact.clone() };
                let before = agencies(&client)?.into_iter().find(|known| known.name == agency.name);
                let agency = set(&client, &InPlaceOf { before, now: agency })?;
                say(global, &serde_json::json!(agency), || agency_text(l, &agency));
            }
            Self::List => {
                let agencies = agencies(&client)?;
                say(global, &serde_json::json!(agencies), || lines(&agencies, |agency| agency_text(l, agency)));
            }
            Self::Grant(make) => {
                return waiting(global, &client, ask_for(&client, &make.grant(&client)?)?);
            }
            Self::Grants => {
                let grants = grants(&client)?;
                say(global, &serde_json::json!(grants), || {
                    let names = names_of(&client, &grants);
                    lines(&grants, |made| grant_text(l, made, &names))
                });
            }
            Self::Withdraw(Withdraw { grant }) => {
                let made = withdraw(&client, grant)?;
                say(global, &serde_json::json!(made), || grant_text(l, &made, &names_of(&client, [&made])));
            }
            Self::Disclosures => {
                let made = disclosures(&client)?;
                say(global, &serde_json::json!(made), || lines(&made, |made| disclosed_text(l, made)));
            }
            Self::Pull(pull) => {
                let bytes = pull.run(&client)?;
                say(global, &serde_json::json!({ "grant": pull.grant, "bytes": bytes, "out": pull.out }), || written_text(l, &pull.out, bytes as u64));
            }
            Self::Fetch(Fetch { request, out }) => {
                let bytes = fetch(&client, *request, out)?;
                say(global, &serde_json::json!({ "request": request, "bytes": bytes, "out": out }), || written_text(l, out, bytes));
            }
        }
        Ok(Exit::Done)
    }
}

impl Make {
    fn grant(&self, client: &Client) -> Result<Grant, Failure> {
        let Self { grant, agency, purpose, basis, event, shelter, need, everybody, persons, field, format, from, until } = self;
        let agencies = agencies(client)?;
        let Some(Agency { name: agency, kind, recipient, contact: _ }) = agencies.into_iter().find(|known| known.name == *agency) else {
            return Err(Failure::refused(
                format!("機関 {agency} は登録されていません（tachiai agency list）。"),
                format!("there is no agency {agency} (see `tachiai agency list`)."),
            ));
        };
        let of = need.iter().map(|need| Selection::Need { need: *need });
        let of = of.chain(everybody.then_some(Selection::Everybody {})).chain(persons.then_some(Selection::Persons {}));
        Ok(Grant {
            name: grant.clone(),
            agency,
            kind,
            recipient,
            purpose: purpose.clone(),
            basis: *basis,
            event: *event,
            shelters: ascending(shelter),
            of: of.collect(),
            fields: ascending(field),
            formats: ascending(format),
            from: from.map_or_else(local_time, Ok)?,
            until: *until,
        })
    }
}

/// Enters an agency, in the place of what was seen.
///
/// # Errors
/// [`Failure`], also if it is entered otherwise by now.
pub fn set(client: &Client, agency: &InPlaceOf<Agency>) -> Result<Agency, Failure> {
    client.post(&format!("{BASE}/agencies"), None, agency)
}

/// Every agency.
///
/// # Errors
/// [`Failure`].
pub fn agencies(client: &Client) -> Result<Vec<Agency>, Failure> {
    client.get(&format!("{BASE}/agencies"), None)
}

/// Asks for a grant; a second official decides.
///
/// # Errors
/// [`Failure`].
pub fn ask_for(client: &Client, grant: &Grant) -> Result<Answer<Pending>, Failure> {
    client.act(&format!("{BASE}/grants"), grant)
}

/// Every grant that whoever asks may see.
///
/// # Errors
/// [`Failure`].
pub fn grants(client: &Client) -> Result<Vec<GrantMade>, Failure> {
    client.get(&format!("{BASE}/grants"), None)
}

/// Ends a grant.
///
/// # Errors
/// [`Failure`].
pub fn withdraw(client: &Client, grant: &Name) -> Result<GrantMade, Failure> {
    client.post(&format!("{BASE}/grants/{grant}/withdraw"), None, &serde_json::json!({}))
}

/// Every disclosure that whoever asks may see, by their times.
///
/// # Errors
/// [`Failure`].
pub fn disclosures(client: &Client) -> Result<Vec<DisclosedAt>, Failure> {
    client.get(&format!("{BASE}/disclosures"), None)
}

/// In order, each once.
pub(crate) fn ascending<T: Ord + Clone>(some: &[T]) -> Vec<T> {
    some.iter().cloned().collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

/// Writes a bundle into a new file; how long it is.
fn fetch(client: &Client, request: RequestId, out: &Path) -> Result<u64, Failure> {
    let draft = Draft::begin(Some(out))?;
    let bundle = client.get_bytes(&format!("{BASE}/disclosures/{request}/bundle"))?;
    draft.finish(out, &bundle)?;
    Ok(bundle.len() as u64)
}

fn written_text(l: Lang, out: &Path, bytes: u64) -> String {
    format!("{}: {bytes} {}", out.display(), l.pick("バイト", "bytes"))
}

pub(super) fn lines<T>(all: &[T], text: impl FnMut(&T) -> String) -> String {
    all.iter().map(text).collect::<Vec<_>>().join("\n")
}

fn agency_text(l: Lang, Agency { name, kind, recipient, contact }: &Agency) -> String {
    format!("{name}  {}  {}  {}", kind.say(l), printable(contact), printable(recipient))
}

/// A grant as it stands.
#[must_use]
pub fn grant_text(l: Lang, GrantMade { grant, by: [one, two], at, withdrawn }: &GrantMade, names: &Names) -> String {
    let over = withdrawn.map(|at| (l.pick("取下げ", "withdrawn"), at.in_japan(l)));
    let by = (l.pick("申請・承認", "asked for and approved by"), format!("{}・{}  {}", printable(one), printable(two), at.in_japan(l)));
    let rows = grant_rows(l, grant, names).into_iter().chain([by]).chain(over);
    let rows = rows.map(|(name, value)| format!("  {name}: {value}")).collect::<Vec<_>>().join("\n");
    format!("{} → {}\n{rows}", grant.name, grant.agency)
}

/// The names for grants.
#[must_use]
pub fn names_of<'a>(client: &Client, grants: impl IntoIterator<Item = &'a GrantMade>) -> Names {
    Names::of_events(client, grants.into_iter().filter_map(|made| made.grant.event))
}

pub(super) fn disclosed_text(l: Lang, DisclosedAt { at, disclosed }: &DisclosedAt) -> String {
    let withheld =
        if disclosed.withheld.is_empty() { String::new() } else { format!("  {}: {}", l.pick("対象外", "withheld"), withheld_text(l, &disclosed.withheld)) };
    let (people, time) = (l.pick("人", " people"), at.in_japan(l));
    let (purpose, basis) = (printable(&disclosed.purpose), disclosed.basis.say(l));
    let form = disclosed.form.as_ref().map(|form| format!("  + {}", form.format.say(l))).unwrap_or_default();
    format!("{}  {time}  {} → {}  {purpose}  {basis}  {}{people}{form}{withheld}", disclosed.request, disclosed.grant, disclosed.agency, disclosed.people)
}
