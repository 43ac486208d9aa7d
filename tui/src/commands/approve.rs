//! The second official: looks at what is asked, and signs it with the key of the own client certificate.

use clap::Args;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use tachiai_schemas::identity::CounterPerson;
use tachiai_schemas::staff::{Act, Approval, Matter, Pending, RollToOpen, Settled, Shown};
use tachiai_schemas::{Blob, HashBytes, Lang};

use crate::card::printable;
use crate::cli::Global;
use crate::client::Client;
use crate::commands::ask::ask_yes;
use crate::commands::card::enrol::print_enrolled;
use crate::commands::decline::{declined, declined_text};
use crate::commands::{agency, by_name, count, counter, election, roll};
use crate::failure::{Exit, Failure};
use crate::profile::Profile;
use crate::voter;

mod citizens;
mod shelter;
mod words;

/// Approve what another official asked for: an act of an election, or an enrolment at a counter.
///
/// Example: `tachiai approve k3v7q2xm`
#[derive(Args, Debug)]
pub struct Approve {
    /// The ID that the first official's command printed
    id: String,
    /// Do not ask for confirmation; whom an enrolment is about is shown nevertheless
    #[arg(long)]
    yes: bool,
}

impl Approve {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let profile = Profile::read(global.profile.as_deref())?;
        let client = profile.client(global.lang())?;
        let waiting: Vec<Shown> = client.get("/api/v1/approvals", None)?;
        let Some(wanted) = waiting.iter().find(|shown| shown.pending.id == self.id) else {
            return Err(Failure::refused(
                format!("承認待ちの {} はありません（期限切れ、または処理済みです）。", self.id),
                format!("nothing waits under the ID {} (it is done or has expired).", self.id),
            ));
        };
        // Nothing is shown to be decided on that would not be signed.
        let message = shown(wanted)?;
        if !self.yes
            || wanted.person.is_some()
            || wanted.elector.is_some()
            || wanted.roll.is_some()
            || wanted.link.is_some()
            || wanted.case.is_some()
            || wanted.search.is_some()
            || wanted.citizens.is_some()
        {
            show(global, wanted, &client);
        }
        if !self.yes && !confirmed(global.pick("承認しますか？ [y/N] ", "Approve? [y/N] "))? {
            return Err(Failure::refused("承認しませんでした。", "not approved."));
        }
        let signature = sign(&profile, message.0.as_slice())?;
        let settled: Settled = client.post(&format!("/api/v1/approvals/{}", wanted.pending.id), None, &Approval { message, signature })?;
        match &settled {
            Settled::Election(done) => election::print_done(global, done),
            Settled::CandidateOut(recorded) => count::print_recorded(global, recorded),
            Settled::EnrolCounter(enrolled) => print_enrolled(global, enrolled),
            Settled::AttendedLook(approved) => by_name::print_look_approved(global, *approved),
            Settled::PapersByName(prepared) => by_name::print_prepared(global, prepared),
            Settled::RollChange(done) => roll::print_done(global, done),
            Settled::DeclareEvent(made) => shelter::print_declared(global, &client, made),
            Settled::CloseEvent(ended) => shelter::print_closed(global, ended),
            Settled::SettleAside(done) => shelter::print_settled(global, done),
            Settled::LinkPeople(done) => shelter::print_linked(global, done),
            Settled::ErasePerson(done) => shelter::print_erased(global, done),
            Settled::Grant(made) => agency::print_granted(global, made),
            Settled::LinkCitizens(done) => citizens::print_linked(global, done),
            Settled::EraseCitizen(done) => citizens::print_erased(global, done),
        }
        Ok(Exit::Done)
    }
}

/// Lists what waits.
///
/// # Errors
/// [`Failure`].
pub fn list(global: &Global) -> Result<Exit, Failure> {
    let client = global.staff()?;
    let waiting: Vec<Shown> = client.get("/api/v1/approvals", None)?;
    if global.json {
        outln!("{}", serde_json::json!({ "pending": waiting.iter().map(|shown| &shown.pending).collect::<Vec<_>>() }));
        return Ok(Exit::Done);
    }
    if waiting.is_empty() {
        outln!("{}", global.pick("承認待ちはありません。", "Nothing waits for approval."));
    }
    for shown in &waiting {
        outln!("{}", describe(global.lang(), &shown.pending, Some(&client)));
    }
    // An auditor asks for nothing, and is told of nobody's.
    for declined in declined(&client).unwrap_or_default() {
        outln!("{}", declined_text(global.lang(), &declined));
    }
    Ok(Exit::Done)
}

/// What waits, in a line; with a client to ask, candidates have their names.
#[must_use]
pub fn describe(lang: Lang, pending: &Pending, client: Option<&Client>) -> String {
    let Pending { id, matter, requested_by, requested_at, message: _ } = pending;
    let what = match matter {
        Matter::Election { election, act, roll } => {
            let roll = roll.as_ref().map_or_else(String::new, |roll| roll_text(lang, roll));
            let manifest = client.and_then(|client| voter::manifest(client, *election).ok());
            let title = manifest.as_ref().map_or_else(String::new, |manifest| format!("  {}", printable(lang.pick(&manifest.title.ja, &manifest.title.en))));
            let early = manifest.and_then(|manifest| election::announced(*act, manifest.online_closes, manifest.poll_closes)).filter(|at| *requested_at < *at);
            let early = early.map_or_else(String::new, |at| format!("\n  {}", election::not_yet(lang, at, *requested_at)));
            format!("{}{title}  {election}{roll}{early}", election::act_name(lang, *act))
        }
        Matter::CandidateOut { election, out } => {
            let manifest = client.and_then(|client| voter::manifest(client, *election).ok());
            let (contest, option) = (out.contest, out.option);
            let who = manifest.map_or_else(|| format!("contest {contest} option {option}"), |manifest| count::out_text(lang, &manifest, out));
            format!("{}  {election}  {who}", lang.pick("候補者でなくなったことの記録", "a candidate is out"))
        }
        Matter::EnrolCounter { citizen: _, reason, commitment: _ } => {
            format!("{}  {}", lang.pick("窓口での利用登録", "enrolment at a counter"), counter::reason_text(lang, *reason))
        }
        Matter::AttendedLook { election, commitment: _ } => {
            format!("{}  {election}", lang.pick("2人で行う名簿の確認（支援措置）", "a look-up by two officials (protection)"))
        }
        Matter::PapersByName { election, papers, slot_commitment: _, reason } => by_name::matter_text(lang, *election, papers, *reason),
        Matter::RollChange { election, change, reason, commitment: _ } => {
            format!("{}  {election}  {}", roll::change_name(lang, *change), roll::reason_name(lang, *reason))
        }
        Matter::DeclareEvent { .. } | Matter::CloseEvent { .. } | Matter::SettleAside { .. } | Matter::LinkPeople { .. } | Matter::ErasePerson { .. } => {
            shelter::matter_text(lang, matter)
        }
        Matter::Grant { grant } => agency::matter_text(lang, grant),
        Matter::LinkCitizens { .. } | Matter::EraseCitizen { .. } => citizens::matter_text(lang, matter),
    };
    format!("{id}  {what}  {requested_by}  {}", requested_at.in_japan(lang))
}

/// What would be opened: the officials compare it with what `election status` and the import said.
fn roll_text(lang: Lang, roll: &RollToOpen) -> String {
    let RollToOpen { manifest, import, electors } = roll;
    let short = |hash: &HashBytes| hash.hash().to_string().chars().take(16).collect::<String>();
    format!(
        "  {}: {electors}  {}: {}  {}: {}",
        lang.pick("有権者数", "electors"),
        lang.pick("取り込み", "import"),
        short(import),
        lang.pick("選挙の定義", "manifest"),
        short(manifest)
    )
}

/// The message of exactly what is shown. A server that asks for the signature of something else is refused.
pub(crate) fn shown(shown: &Shown) -> Result<HashBytes, Failure> {
    let Shown { pending, person, elector, roll, link, case, search, citizens: cases } = shown;
    if let Matter::PapersByName { election, papers, slot_commitment, reason: _ } = &pending.matter {
        by_name::is_shown(*election, papers, slot_commitment, elector.as_ref())?;
    }
    if matches!(
        (&pending.matter, person, roll, search),
        (Matter::EnrolCounter { .. }, None, _, _) | (Matter::RollChange { .. }, _, None, _) | (Matter::AttendedLook { .. }, _, _, None)
    ) {
        return Err(Failure::refused(
            "誰についての申請かが、この証明書の役割には表示されません。選挙管理委員会の職員が承認してください。",
            "whom this is about is not shown to the role of this certificate. An official of the election commission must approve it.",
        ));
    }
    if matches!((&pending.matter, cases), (Matter::LinkCitizens { .. } | Matter::EraseCitizen { .. }, None)) {
        return Err(Failure::refused(
            "誰についての申請かが、この証明書の役割には表示されません。災害対策本部か選挙管理委員会の職員が承認してください。",
            "whom this is about is not shown to the role of this certificate. An official of the headquarters or the election commission must approve it.",
        ));
    }
    if matches!(
        (&pending.matter, link, case),
        (Matter::LinkPeople { .. }, None, _)
            | (Matter::SettleAside { .. } | Matter::ErasePerson { .. } | Matter::CloseEvent { event: _, commitment: Some(_) }, _, None)
    ) {
        return Err(Failure::refused(
            "誰についての申請かが、この証明書の役割には表示されません。災害対策本部の職員が承認してください。",
            "whom this is about is not shown to the role of this certificate. An official of the headquarters must approve it.",
        ));
    }
    let same = pending.message.hash() == pending.message_hash()
        && shelter::is_shown(&pending.matter, link.as_deref())
        && shelter::is_case_shown(&pending.matter, case.as_deref())
        && citizens::is_shown(&pending.matter, cases.as_deref());
    let whom = match (&pending.matter, person, roll, search) {
        (Matter::Election { .. } | Matter::CandidateOut { .. } | Matter::PapersByName { .. }, None, None, None) => true,
        (
            Matter::DeclareEvent { .. } | Matter::CloseEvent { .. } | Matter::SettleAside { .. } | Matter::LinkPeople { .. } | Matter::ErasePerson { .. },
            None,
            None,
            None,
        )
        | (Matter::Grant { .. } | Matter::LinkCitizens { .. } | Matter::EraseCitizen { .. }, None, None, None) => true,
        (Matter::AttendedLook { election: _, commitment }, None, None, Some(search)) => search.commitment() == commitment.hash(),
        (Matter::EnrolCounter { citizen: _, reason, commitment }, Some(person), None, None) => {
            person.reason == *reason && person.commitment() == commitment.hash()
        }
        (Matter::RollChange { election: _, change, reason, commitment }, None, Some(case), None) => {
            (case.change, case.reason) == (*change, *reason) && case.commitment() == commitment.hash()
        }
        (
            Matter::Election { .. }
            | Matter::CandidateOut { .. }
            | Matter::PapersByName { .. }
            | Matter::EnrolCounter { .. }
            | Matter::RollChange { .. }
            | Matter::AttendedLook { .. }
            | Matter::DeclareEvent { .. }
            | Matter::CloseEvent { .. }
            | Matter::SettleAside { .. }
            | Matter::LinkPeople { .. }
            | Matter::ErasePerson { .. }
            | Matter::Grant { .. }
            | Matter::LinkCitizens { .. }
            | Matter::EraseCitizen { .. },
            _,
            _,
            _,
        ) => false,
    };
    if same && whom {
        return Ok(pending.message);
    }
    Err(Failure::refused(
        "サーバーが求める署名は、表示された内容のものではありません。署名していません。選挙管理委員会に知らせてください。",
        "the server asks for the signature of something else than what it shows. Nothing was signed. Tell the election commission.",
    ))
}

fn person_text(lang: Lang, person: &CounterPerson) -> String {
    let CounterPerson { salt: _, name, birth_date, sex, address, reason, card_key: _, before: _, other_cards: _ } = person;
    let lines = [
        (lang.pick("氏名", "name"), name.as_str()),
        (lang.pick("生年月日", "birth date"), birth_date),
        (lang.pick("性別", "sex"), counter::sex_of_digit(lang, sex)),
        (lang.pick("住所", "address"), address),
        (lang.pick("窓口で行う理由", "why at a counter"), counter::reason_text(lang, *reason)),
    ];
    let lines = lines.iter().map(|(name, value)| format!("  {name}: {}\n", printable(value))).collect::<String>();
    let duty = lang.pick(
        "この方がカードの持ち主であることと理由を、自分で確かめてください。カードを自分でリーダーに置き、tachiai card info の「カードの指紋」が上と同じときにだけ承認してください。",
        "Make sure yourself that this person is the card's holder, and of the reason. Put the card into a reader yourself, and approve only if the card fingerprint \
         that tachiai card info shows is the one above.",
    );
    format!("{lines}{}{duty}", counter::card_text(lang, person))
}

/// Everything that an official decides on, in words.
pub(crate) fn text(lang: Lang, shown: &Shown, client: Option<&Client>) -> String {
    let Shown { pending, person, elector, roll, link, case: reasoned, search, citizens: cases } = shown;
    let parts = [
        person.as_ref().map(|person| person_text(lang, person)),
        elector.as_ref().map(|elector| by_name::person_text(lang, elector)),
        roll.as_ref().map(|case| roll::case_text(lang, case)),
        link.as_ref().map(|link| shelter::link_text(lang, link)),
        reasoned.as_ref().map(|shown| shelter::case_text(lang, shown)),
        search.as_ref().map(|search| by_name::search_text(lang, search)),
        cases.as_ref().map(|shown| citizens::case_text(lang, shown)),
        client.and_then(|client| published_text(lang, &pending.matter, client)),
    ];
    std::iter::once(describe(lang, pending, client)).chain(parts.into_iter().flatten()).collect::<Vec<_>>().join("\n")
}

/// Who is elected and with how many votes, where that is to be published.
fn published_text(lang: Lang, matter: &Matter, client: &Client) -> Option<String> {
    let Matter::Election { election, act: Act::Publish, roll: _ } = matter else { return None };
    count::outcome_of(client, *election).ok().map(|outcome| count::outcome_text(lang, &outcome))
}

/// The value that is signed, as two officials read it to each other before the second one approves: what it is called, and the first half of it in groups of four.
#[must_use]
pub fn compared(lang: Lang, message: &HashBytes) -> [String; 2] {
    let hex: Vec<char> = message.hash().to_string().chars().take(32).collect();
    let fours = hex.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ");
    [lang.pick("照合する値", "Value to compare").to_owned(), fours]
}

/// Shows what is asked for; to a program on the other channel, since its answer is JSON alone.
fn show(global: &Global, shown: &Shown, client: &Client) {
    let [label, value] = compared(global.lang(), &shown.pending.message);
    let text = format!("{}\n{label}: {value}", text(global.lang(), shown, Some(client)));
    if global.json { eprintln!("{text}") } else { outln!("{text}") }
}

/// Asks an official, who may have answered with `--yes` already; nobody else can be asked.
pub(super) fn confirmed(question: &str) -> Result<bool, Failure> {
    use std::io::IsTerminal;
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new(
            Exit::Usage,
            "端末ではないため確認できません。--yes を付けてください。",
            "this is no terminal, so nobody can be asked. Add --yes.",
        ));
    }
    ask_yes(question)
}

/// Signs a message with the key of the own client certificate.
///
/// # Errors
/// [`Failure`] if it is no such key.
pub(crate) fn sign(profile: &Profile, message: &[u8]) -> Result<Blob, Failure> {
    let bad = || {
        Failure::incomplete(
            format!("職員の鍵 {} で署名できません（ECDSA P-256 の PKCS#8 が必要です）。", profile.key.display()),
            format!("cannot sign with the key {} (a PKCS#8 key of ECDSA P-256 is needed).", profile.key.display()),
        )
    };
    let key = PrivatePkcs8KeyDer::from_pem_file(&profile.key).map_err(|_| bad())?;
    let random = SystemRandom::new();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key.secret_pkcs8_der(), &random).map_err(|_| bad())?;
    let signature = pair.sign(&random, message).map_err(|_| bad())?;
    Ok(Blob(signature.as_ref().to_vec()))
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::desk::{AttendedSearch, Search};
    use tachiai_schemas::identity::{Before, FallbackReason};
    use tachiai_schemas::paper::{RollChangeKind, RollChangeReason};
    use tachiai_schemas::roll::RollCase;
    use tachiai_schemas::staff::Act;
    use tachiai_schemas::{Bytes, CitizenId};

    use super::*;

    fn pending(matter: Matter) -> Pending {
        let requested_at = "2026-11-22T09:00:00Z".parse().unwrap();
        let mut pending = Pending { id: "k3v7q2xm".into(), matter, requested_by: "sato".into(), requested_at, message: Bytes([0; 32]) };
        pending.message = pending.message_hash().into();
        pending
    }

    #[test]
    fn only_the_message_of_the_act_that_is_shown_is_signed() {
        let election = "aaaaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap();
        let close = Shown {
            pending: pending(Matter::Election { election, act: Act::CloseOnline, roll: None }),
            person: None,
            elector: None,
            roll: None,
            link: None,
            case: None,
            search: None,
            citizens: None,
        };
        assert_eq!(shown(&close).unwrap(), close.pending.message);
        let open = Pending { matter: Matter::Election { election, act: Act::Open, roll: None }, ..close.pending.clone() };
        assert_ne!(open.message_hash(), close.pending.message_hash());
        assert_eq!(shown(&Shown::from(open)).unwrap_err().exit, Exit::Refused);
    }

    #[test]
    fn an_enrolment_is_signed_only_if_the_person_shown_is_the_one_committed_to() {
        let person = CounterPerson {
            salt: Bytes([1; 32]),
            name: "養父　花子".into(),
            birth_date: "1980-02-17".into(),
            sex: "2".into(),
            address: "兵庫県養父市".into(),
            reason: FallbackReason::Expired,
            card_key: Bytes([2; 32]),
            before: None,
            other_cards: Vec::new(),
        };
        let matter = |reason| Matter::EnrolCounter { citizen: CitizenId([3; 16]), reason, commitment: person.commitment().into() };
        let honest = Shown {
            pending: pending(matter(FallbackReason::Expired)),
            person: Some(person.clone()),
            elector: None,
            roll: None,
            link: None,
            case: None,
            search: None,
            citizens: None,
        };
        assert_eq!(shown(&honest).unwrap(), honest.pending.message);
        let renamed = CounterPerson { name: "朝来　太郎".into(), ..person.clone() };
        let another_key = CounterPerson { card_key: Bytes([4; 32]), ..person.clone() };
        let with_another = CounterPerson { other_cards: vec![Bytes([5; 32])], ..person.clone() };
        let before = Before { name: "朝来　花子".into(), address: "兵庫県養父市".into() };
        let renamed_since = CounterPerson { before: Some(before), ..person.clone() };
        for other in [Some(renamed), Some(another_key), Some(with_another), Some(renamed_since), None] {
            assert_eq!(shown(&Shown { person: other, ..honest.clone() }).unwrap_err().exit, Exit::Refused);
        }
        let another_reason = Shown { pending: pending(matter(FallbackReason::UnderFifteen)), ..honest };
        assert_eq!(shown(&another_reason).unwrap_err().exit, Exit::Refused);
    }

    #[test]
    fn a_look_up_is_signed_only_if_the_search_shown_is_the_one_committed_to() {
        let of = |name: &str| AttendedSearch {
            salt: Bytes([1; 32]),
            search: Search { name: Some(name.into()), birth: Some("1980-02-17".into()), ..Search::default() },
        };
        let election = "aaaaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap();
        let matter = Matter::AttendedLook { election, commitment: of("養父 花子").commitment().into() };
        let with = |search: Option<AttendedSearch>| Shown {
            pending: pending(matter.clone()),
            person: None,
            elector: None,
            roll: None,
            search: search.map(Box::new),
            citizens: None,
            link: None,
            case: None,
        };
        let honest = with(Some(of("養父 花子")));
        assert_eq!(shown(&honest).unwrap(), honest.pending.message);
        for other in [with(Some(of("朝来 太郎"))), with(None)] {
            assert_eq!(shown(&other).unwrap_err().exit, Exit::Refused);
        }
    }

    #[test]
    fn a_change_of_the_roll_is_signed_only_if_the_case_shown_is_the_one_committed_to() {
        let case = RollCase {
            salt: Bytes([1; 32]),
            change: Some(RollChangeKind::Struck),
            reason: RollChangeReason::Death,
            note: "死亡届".into(),
            objection: None,
            slot: Some(tachiai_schemas::Slot(4)),
            before: None,
            after: None,
        };
        let election = "aaaaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap();
        let matter =
            |change: Option<RollChangeKind>| Matter::RollChange { election, change, reason: RollChangeReason::Death, commitment: case.commitment().into() };
        let with = |case: Option<RollCase>, change| Shown {
            pending: pending(matter(change)),
            person: None,
            elector: None,
            roll: case.map(Box::new),
            link: None,
            case: None,
            search: None,
            citizens: None,
        };
        let struck = Some(RollChangeKind::Struck);
        let honest = with(Some(case.clone()), struck);
        assert_eq!(shown(&honest).unwrap(), honest.pending.message);
        let another = RollCase { slot: Some(tachiai_schemas::Slot(5)), ..case.clone() };
        for wrong in [with(None, struck), with(Some(another), struck), with(Some(case.clone()), Some(RollChangeKind::Restored)), with(Some(case.clone()), None)]
        {
            assert_eq!(shown(&wrong).unwrap_err().exit, Exit::Refused);
        }
    }
}
