//! Who got what of the rosters: a resident's own list and consent, and emergency access (緊急閲覧).

use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use tachiai_schemas::election::Text;
use tachiai_schemas::roster::ChainId;
use tachiai_schemas::roster::own::OwnEntryOf;
use tachiai_schemas::sharing::access::{Access, AccessError, AccessHistory, AccessList, AccessRecord, By, OwnAccess};
use tachiai_schemas::sharing::agency::AgencyKind;
use tachiai_schemas::sharing::alert::{Alert, AlertId, AlertRequest, Whom};
use tachiai_schemas::sharing::steps::{DaySteps, OwnSteps, Round, Said, StepsConsent};
use tachiai_schemas::sharing::{Consent, ConsentOnFile};
use tachiai_schemas::shelter::overview::QuestionnaireOf;
use tachiai_schemas::{CitizenId, Lang, Say, Timestamp};

use super::agency::{BASE, ascending, lines};
use super::approve::with_id;
use super::given::{field_name, listed};
use super::questionnaire::{ByCard, filled_text};
use super::shelter::WhichEvent;
use super::told::{WhoFd, Word};
use crate::card::printable;
use crate::cli::Global;
use crate::client::Client;
use crate::commands::say;
use crate::failure::{Exit, Failure};

/// Who got what.
#[derive(Subcommand, Debug)]
pub enum AccessCommand {
    /// List who received or read what of you, after a card login, and check that the list is complete
    List(List),
    /// Write what stands in the rosters about you to files, after a card login, to be checked with `tachiai-verify own`; with the list of who got what
    Own(Own),
    /// Say to which agencies you consent, after a card login; it holds at once
    Consent(OwnConsent),
    /// Record what somebody at a desk consents to
    DeskConsent(DeskConsent),
    /// Ask to read a person's questionnaire in an emergency: the headquarters see it at once (by an agency)
    Alert(Ask),
    /// Read it, within a quarter of an hour (by the agency that asked)
    Read(Read),
    /// List every emergency access, with the handle of the person, whom `shelter person show` shows (by the headquarters)
    Alerts,
    /// Show which step counts of yours are kept, after a card login; or consent to having them from the city's data platform, or withdraw
    Steps(Steps),
    /// Ask the city's data platform now for the step counts of everybody who consents; it is asked every hour without this (by the headquarters)
    FetchSteps,
    /// Show who received or read what of a citizen, the latest first; that it was looked at is recorded (by the headquarters or the commission)
    Of(Of),
}

/// Show which step counts of yours are kept.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  tachiai access steps --server https://vote.example.jp:8443 --ca ca.pem
  tachiai access steps --server https://vote.example.jp:8443 --ca ca.pem --consent
  tachiai access steps --server https://vote.example.jp:8443 --ca ca.pem --withdraw
With --withdraw what is kept is deleted. The platform knows you by a pseudonym, which an application for health is told.")]
pub struct Steps {
    #[command(flatten)]
    by_card: ByCard,
    /// Have them from the platform, from today on
    #[arg(long, conflicts_with = "withdraw")]
    consent: bool,
    /// Not any more; what is kept is deleted
    #[arg(long)]
    withdraw: bool,
}

impl Steps {
    fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let l = global.lang();
        let Self { by_card, consent, withdraw } = self;
        let said = match (consent, withdraw) {
            (true, _) => Some(Said::Given),
            (false, true) => Some(Said::Withdrawn),
            (false, false) => None,
        };
        let client = by_card.client(l)?;
        let own: OwnSteps = by_card.enter(global, &client, |respondent| match said {
            Some(said) => respondent.consent_to_steps(&StepsConsent { said }),
            None => respondent.steps(),
        })?;
        say(global, &serde_json::json!(own), || steps_text(l, &own));
        Ok(Exit::Done)
    }
}

fn steps_text(l: Lang, OwnSteps { since, pseudonym, days }: &OwnSteps) -> String {
    let held = match since {
        Some(since) => format!("{}: {}", l.pick("歩数の受入れに同意", "consent to step counts since"), since.in_japan(l)),
        None => l.pick("歩数の受入れに同意していません。何も保存されません。", "there is no consent to step counts, and none are kept.").to_owned(),
    };
    let unit = l.pick("歩", "steps");
    let days = days.iter().map(|DaySteps { day, steps }| format!("\n{}  {steps} {unit}", day.say(l))).collect::<String>();
    format!("{held}\n{}: {pseudonym}{days}", l.pick("基盤での識別子", "known to the platform as"))
}

fn round_text(l: Lang, round: &Round) -> String {
    let Round { people, changed, dropped, failed, error } = round;
    let told = match l {
        Lang::Ja => format!("同意している方 {people} 人、新しい歩数のある方 {changed} 人、同意の範囲外で捨てたもの {dropped} 件。"),
        Lang::En => format!("{people} people consent; something new of {changed}; {dropped} entities that no consent covers were dropped."),
    };
    let untold = error.as_ref().map(|error| match l {
        Lang::Ja => format!("\n{failed} 人分は基盤から受け取れませんでした（{}）。次の回にもう一度尋ねます。", printable(error)),
        Lang::En => format!("\nof {failed} people the platform did not tell ({}). They are asked for again the next time.", printable(error)),
    });
    told + &untold.unwrap_or_default()
}

/// List who received or read what of you.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  tachiai access list --server https://vote.example.jp:8443 --ca ca.pem --keep access.json
  tachiai access list --server https://vote.example.jp:8443 --ca ca.pem --since access.json
The appliance hands out the whole log, in which people are pseudonyms; this program finds yours in it. With --since it also checks that nothing was taken out.")]
pub struct List {
    #[command(flatten)]
    by_card: ByCard,
    /// A list that was kept before: the log must go on from it
    #[arg(long, value_name = "FILE")]
    since: Option<PathBuf>,
    /// Keep the list in this new file
    #[arg(long, value_name = "FILE")]
    keep: Option<PathBuf>,
}

/// Write what stands in the rosters about you to files.
#[derive(Args, Debug)]
#[command(after_help = "Example: tachiai access own --server https://vote.example.jp:8443 --ca ca.pem --out my-entries
Each file is one entry with its opening: tachiai-verify own my-entries/EVENT-1.json --expect FINGERPRINT. access.json is the list, as `access list --keep` keeps it.")]
pub struct Own {
    #[command(flatten)]
    by_card: ByCard,
    /// The folder to write to; one that is there already is not touched
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Own {
    fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let l = global.lang();
        let Self { by_card, out } = self;
        let client = by_card.client(l)?;
        let (entries, list, held) =
            by_card.enter(global, &client, |respondent| Ok((respondent.own_entries()?, respondent.access()?, respondent.consented()?)))?;
        std::fs::DirBuilder::new().mode(0o700).create(out).map_err(|e| Failure::file(out, &e))?;
        let mut files = Vec::new();
        for (number, OwnEntryOf { event, title, entry }) in (1..).zip(&entries) {
            let path = out.join(format!("{event}-{number}.json"));
            write_new(&path, entry)?;
            files.push((path, title));
        }
        write_new(&out.join("access.json"), &list)?;
        list.check().map_err(|error| incomplete(&error))?;
        let paths: Vec<&PathBuf> = files.iter().map(|(path, _)| path).collect();
        let json = serde_json::json!({ "entries": paths, "own": list.own, "log": list.leaves.len(), "consent": held });
        say(global, &json, || {
            let none = l.pick("名簿に記録はありません。", "nothing stands in the rosters about you.").to_owned();
            let line = |(path, title): &(PathBuf, &Text)| format!("{}  {}", printable(l.pick(&title.ja, &title.en)), path.display());
            let entries = if files.is_empty() { none } else { lines(&files, line) };
            format!("{entries}\n{}", list_text(l, &list, &held))
        });
        Ok(Exit::Done)
    }
}

/// Writes a value into a new file, as JSON.
fn write_new(path: &Path, value: &impl serde::Serialize) -> Result<(), Failure> {
    let bytes = serde_json::to_vec(value).map_err(|e| Failure::file(path, &e))?;
    std::fs::File::create_new(path).and_then(|mut file| file.write_all(&bytes)).map_err(|e| Failure::file(path, &e))
}

/// Which agencies.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct Kinds {
    /// A kind of agency: fire, medical, welfare or prefecture; again for more
    #[arg(long)]
    kind: Vec<AgencyKind>,
    /// None any more
    #[arg(long)]
    withdraw: bool,
}

impl Kinds {
    fn consent(&self) -> Consent {
        Consent { kinds: ascending(&self.kind) }
    }
}

/// Say to which agencies you consent.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  tachiai access consent --server https://vote.example.jp:8443 --ca ca.pem --kind medical --kind fire
  tachiai access consent --server https://vote.example.jp:8443 --ca ca.pem --withdraw")]
pub struct OwnConsent {
    #[command(flatten)]
    by_card: ByCard,
    #[command(flatten)]
    kinds: Kinds,
}

/// Record what somebody at a desk consents to.
#[derive(Args, Debug)]
#[command(after_help = "Example: tachiai access desk-consent HANDLE --kind medical")]
pub struct DeskConsent {
    /// The person, by the handle
    #[arg(allow_hyphen_values = true)]
    handle: ChainId,
    #[command(flatten)]
    kinds: Kinds,
    #[command(flatten)]
    which: WhichEvent,
}

/// Ask to read a person's questionnaire in an emergency.
#[derive(Args, Debug)]
#[command(after_help = "Example: tachiai access alert --handle HANDLE --event ID
The reason is asked for, or read with --who-fd as because=…")]
pub struct Ask {
    /// The person, by the handle
    #[arg(long, value_name = "HANDLE", allow_hyphen_values = true, required_unless_present = "citizen", conflicts_with = "citizen")]
    handle: Option<ChainId>,
    /// The person, by the code of the citizen ID
    #[arg(long, value_name = "CODE")]
    citizen: Option<CitizenId>,
    #[command(flatten)]
    which: WhichEvent,
    #[command(flatten)]
    who: WhoFd,
}

/// Read it.
#[derive(Args, Debug)]
#[command(after_help = "Example: tachiai access read ALERT")]
pub struct Read {
    /// The alert
    #[arg(allow_hyphen_values = true)]
    alert: AlertId,
}

/// Of whom.
#[derive(Args, Debug)]
#[command(after_help = "Example: tachiai access of uht4kuhtxxcd…
Headquarters sees all of it; the commission what offices looked up outside of events, and nothing of agencies.")]
pub struct Of {
    /// The code of the citizen ID
    #[arg(value_parser = super::citizen::code)]
    code: CitizenId,
    /// Those before this number, as the page before said
    #[arg(long, value_name = "N")]
    before: Option<u64>,
}

/// Every emergency access, the latest first.
///
/// # Errors
/// [`Failure`].
pub fn alerts(client: &Client) -> Result<Vec<Alert>, Failure> {
    client.get(&format!("{BASE}/alerts"), None)
}

/// A page of who received or read what of a citizen.
///
/// # Errors
/// [`Failure`].
pub fn history(client: &Client, code: CitizenId, before: Option<u64>) -> Result<AccessHistory, Failure> {
    let before = before.map(|before| format!("?before={before}")).unwrap_or_default();
    client.get(&format!("{BASE}/citizens/{code}/access{before}"), None)
}

/// Why it has to be read.
const BECAUSE: Word = Word::new("because", "理由", "Reason");

impl AccessCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let l = global.lang();
        match self {
            Self::List(list) => return list.run(global),
            Self::Own(own) => return own.run(global),
            Self::Consent(OwnConsent { by_card, kinds }) => {
                let client = by_card.client(l)?;
                let held: ConsentOnFile = by_card.enter(global, &client, |respondent| respondent.consent(&kinds.consent()))?;
                say(global, &serde_json::json!(held), || consent_text(l, &held));
            }
            Self::DeskConsent(DeskConsent { handle, kinds, which }) => {
                let client = global.staff()?;
                let path = format!("{BASE}/events/{}/people/{handle}/consent", which.find(&client)?);
                let held: ConsentOnFile = client.post(&path, None, &kinds.consent())?;
                say(global, &serde_json::json!(held), || consent_text(l, &held));
            }
            Self::Alert(Ask { handle, citizen, which, who }) => {
                let whom = match (handle, citizen) {
                    (Some(chain), _) => Whom::Handle { chain: *chain },
                    (None, Some(citizen)) => Whom::Citizen { citizen: *citizen },
                    (None, None) => {
                        return Err(Failure::new(Exit::Usage, "--handle か --citizen で指定してください。", "name somebody with --handle or --citizen."));
                    }
                };
                let told = who.tell(global, &[BECAUSE], |_, _| true)?;
                let client = global.staff()?;
                let asked = AlertRequest { event: which.find_to_share(&client)?, whom, reason: told.need(BECAUSE)? };
                let alert: Alert = client.post(&format!("{BASE}/alerts"), None, &asked)?;
                let next = l.pick("災害対策本部に通知されました。内容は15分以内に:", "the headquarters know of it. Read it within 15 minutes:");
                say(global, &serde_json::json!(alert), || format!("{next} tachiai access read {}", alert.id));
            }
            Self::Read(Read { alert }) => {
                let client = global.staff()?;
                let found: QuestionnaireOf = client.post(&format!("{BASE}/alerts/{alert}/questionnaire"), None, &serde_json::json!({}))?;
                say(global, &serde_json::json!(found), || filled_text(l, None, &found.filled));
            }
            Self::Steps(steps) => return steps.run(global),
            Self::FetchSteps => {
                let round: Round = global.staff()?.post(&format!("{BASE}/steps/rounds"), None, &serde_json::json!({}))?;
                say(global, &serde_json::json!(round), || round_text(l, &round));
                return Ok(if round.failed == 0 { Exit::Done } else { Exit::NoConnection });
            }
            Self::Alerts => {
                let alerts = alerts(&global.staff()?)?;
                say(global, &serde_json::json!(alerts), || lines(&alerts, |alert| alert_text(l, alert)));
            }
            Self::Of(Of { code, before }) => {
                let page = history(&global.staff()?, *code, *before)?;
                say(global, &serde_json::json!(page), || page_text(l, &page));
            }
        }
        Ok(Exit::Done)
    }
}

impl List {
    fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let l = global.lang();
        let Self { by_card, since, keep } = self;
        let earlier: Option<AccessList> = since.as_deref().map(kept).transpose()?;
        let client = by_card.client(l)?;
        let (list, held) = by_card.enter(global, &client, |respondent| Ok((respondent.access()?, respondent.consented()?)))?;
        // It is kept first: a list that does not hold is evidence.
        if let Some(path) = keep {
            write_new(path, &list)?;
        }
        list.check().map_err(|error| incomplete(&error))?;
        if let Some(earlier) = &earlier {
            list.follows(earlier).map_err(|error| incomplete(&error))?;
        }
        let json = serde_json::json!({ "own": list.own, "log": list.leaves.len(), "checkpoint": list.checkpoint, "consent": held });
        say(global, &json, || list_text(l, &list, &held));
        Ok(Exit::Done)
    }
}

fn kept(path: &Path) -> Result<AccessList, Failure> {
    let bytes = std::fs::read(path).map_err(|e| Failure::file(path, &e))?;
    serde_json::from_slice(&bytes).map_err(|e| Failure::content(path, &e))
}

fn incomplete(error: &AccessError) -> Failure {
    Failure::refused(
        format!("開示記録が完全であることを確かめられません: {error}。--keep で保存し、監査人に見せてください。"),
        format!("the list does not hold: {error}. Keep it with --keep and show it to an auditor."),
    )
}

fn list_text(l: Lang, list: &AccessList, held: &ConsentOnFile) -> String {
    let own = if list.own.is_empty() {
        l.pick("まだ誰にも渡されていません。", "nobody got anything yet.").to_owned()
    } else {
        lines(&list.own, |own| own_text(l, own))
    };
    let log = list.leaves.len();
    let whole = match l {
        Lang::Ja => format!("署名された記録の全{log}件と照合しました。この一覧に漏れはありません。"),
        Lang::En => format!("held against all {log} entries of the signed log: nothing is left out."),
    };
    format!("{own}\n{whole}\n{}", consent_text(l, held))
}

fn page_text(l: Lang, AccessHistory { citizen: _, all, records, before }: &AccessHistory) -> String {
    let next = before.map(|before| format!("\n{} --before {before}", l.pick("続き:", "go on with"))).unwrap_or_default();
    let all = format!("{}: {all}", l.pick("全件数", "in all"));
    format!("{all}\n{}{next}", lines(records, |AccessRecord { leaf: _, at, access }| access_text(l, *at, access)))
}

fn own_text(l: Lang, OwnAccess { leaf: _, at, access, salt: _ }: &OwnAccess) -> String {
    access_text(l, *at, access)
}

fn access_text(l: Lang, at: Timestamp, access: &Access) -> String {
    let (time, how) = (at.in_japan(l), access.how.say(l));
    let who = match &access.by {
        By::Agency { agency, kind, purpose, basis } => {
            format!("{}  {how}  {}  {}", with_id(l, &kind.say(l), agency.as_str()), printable(purpose), basis.say(l))
        }
        By::Office { role } => format!("{}  {how}", role.say(l)),
        By::Platform {} => format!("{}  {how}", l.pick("市のデータ連携基盤から", "from the city's data platform")),
    };
    let fields = access.fields.iter().map(|field| field_name(l, field)).collect::<Vec<_>>().join(l.pick("、", ", "));
    format!("{time}  {who}  {fields}").trim_end().to_owned()
}

fn consent_text(l: Lang, ConsentOnFile { kinds, at: _ }: &ConsentOnFile) -> String {
    let kinds = if kinds.is_empty() { l.pick("なし", "none").to_owned() } else { listed(l, kinds) };
    format!("{}: {kinds}", l.pick("同意している提供先", "consent"))
}

fn alert_text(l: Lang, Alert { id, at, agency, event: _, chain, reason, read, nothing }: &Alert) -> String {
    let times = l.pick("閲覧", "read");
    let nothing = match nothing.len() {
        0 => String::new(),
        times => format!("  {}: {times}", l.pick("問診票がなく読めなかった回数", "nothing to read")),
    };
    format!("{}  {agency}  {chain}  {}  {times}: {}{nothing}  {id}", at.in_japan(l), printable(reason), read.len())
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::roster::disclosure::Basis;
    use tachiai_schemas::sharing::access::How;

    use super::*;

    #[test]
    fn who_got_what_is_told_in_words_and_in_no_codes() {
        let by = By::Agency { agency: "yabu-fire".parse().unwrap(), kind: AgencyKind::Fire, purpose: "搬送".to_owned(), basis: Basis::AffectedLedger };
        let access = Access { how: How::Disclosure, by, event: None, fields: ["birth", "name", "needs"].map(str::to_owned).to_vec() };
        let text = access_text(Lang::Ja, "2026-11-26T02:00:00Z".parse().unwrap(), &access);
        assert!(text.ends_with("消防（yabu-fire）  提供  搬送  被災者台帳（災害対策基本法90条の4）  生年月日、氏名、配慮"), "{text}");
        let held = ConsentOnFile { kinds: vec![AgencyKind::Fire, AgencyKind::Medical], at: None };
        assert_eq!(consent_text(Lang::Ja, &held), "同意している提供先: 消防、医療機関");
    }

    #[test]
    fn an_alert_with_nothing_to_read_says_so() {
        let at = "2026-11-26T02:00:00Z".parse().unwrap();
        let (agency, chain, reason) = ("yabu-fire".parse().unwrap(), ChainId([2; 16]), "服薬を確かめる".to_owned());
        let alert = Alert {
            id: tachiai_schemas::Bytes([1; 16]),
            at,
            agency,
            event: tachiai_schemas::roster::EventId([7; 16]),
            chain,
            reason,
            read: vec![],
            nothing: vec![at],
        };
        assert!(alert_text(Lang::Ja, &alert).contains("閲覧: 0  問診票がなく読めなかった回数: 1"));
        assert!(!alert_text(Lang::Ja, &Alert { nothing: vec![], ..alert }).contains("問診票"));
    }
}
