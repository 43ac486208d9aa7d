//! The second official: looks at what is asked, and signs it with the key of the own client certificate.

use clap::Args;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use serde_json::{Value, json};
use tachiai_schemas::identity::CounterPerson;
use tachiai_schemas::staff::{Act, Approval, Matter, Pending, Settled, Shown};
use tachiai_schemas::{Blob, HashBytes, Lang, Timestamp};

use crate::card::printable;
use crate::cli::Global;
use crate::client::Client;
use crate::commands::ask::ask_yes;
use crate::commands::decline::{declined, declined_text};
use crate::commands::say;
use crate::commands::{by_name, count, counter, election, roll};
use crate::failure::{Exit, Failure};
use crate::profile::Profile;

mod citizens;
pub mod matter;
#[cfg(test)]
pub mod matters;
mod names;
pub mod settled;
mod shelter;
#[cfg(test)]
mod tests;
mod words;

pub use names::{Names, with_id};

/// Approve what another official asked for: an act of an election, or an enrolment at a counter.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  tachiai approve k3v7q2xm
  tachiai --json approve k3v7q2xm --preview                  # the whole text, the value and its hash
  tachiai --json approve k3v7q2xm --yes --expect HASH        # signs that and nothing else")]
pub struct Approve {
    /// The ID that the first official's command printed
    id: String,
    /// Do not ask for confirmation; whom an enrolment is about is shown nevertheless
    #[arg(long)]
    yes: bool,
    /// Only show what would be signed: the text, the value to compare and its hash
    #[arg(long, conflicts_with_all = ["yes", "expect"])]
    preview: bool,
    /// Sign only if what would be signed has this hash, as --preview and `approvals` tell it
    #[arg(long, value_name = "HASH")]
    expect: Option<String>,
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
        if self.preview {
            let names = Names::of(&client, [&wanted.pending.matter]);
            say(global, &whole(global.lang(), wanted, &names), || whole_text(global.lang(), wanted, &names));
            return Ok(Exit::Done);
        }
        // Nothing is shown to be decided on that would not be signed.
        let message = shown(wanted)?;
        if self.expect.as_ref().is_some_and(|expect| *expect != message.hash().to_string()) {
            return Err(Failure::refused(
                "署名する値のハッシュが --expect と違います。署名していません。--preview で内容を確かめ直してください。",
                "what would be signed has another hash than --expect. Nothing was signed. Look at it again with --preview.",
            ));
        }
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
            settled => say(global, &settled::value(settled), || settled::text(global.lang(), &client, settled)),
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
    let names = Names::of(&client, waiting.iter().map(|shown| &shown.pending.matter));
    // An auditor asks for nothing, and is told of nobody's.
    let declined = declined(&client).unwrap_or_default();
    let lang = global.lang();
    say(global, &json!({ "pending": waiting.iter().map(|shown| whole(lang, shown, &names)).collect::<Vec<_>>(), "declined": declined }), || {
        let nothing = waiting.is_empty().then(|| lang.pick("承認待ちはありません。", "Nothing waits for approval.").to_owned());
        let waits = waiting.iter().map(|Shown { pending, .. }| format!("{}\n  {}", describe(lang, pending, &names), value_text(lang, pending)));
        nothing.into_iter().chain(waits).chain(declined.iter().map(|declined| declined_text(lang, declined))).collect::<Vec<_>>().join("\n")
    });
    Ok(Exit::Done)
}

/// What waits, for a program: everything that the appliance shows of it, the text and the value that both officials read, the hash of what is signed, and why nothing
/// would be, if so. Pure.
fn whole(lang: Lang, shown: &Shown, names: &Names) -> Value {
    let mut whole = json!(shown);
    let pending = whole.get_mut("pending").map(Value::take).unwrap_or_default();
    let [_, value] = compared(lang, &shown.pending.message);
    let refused = self::shown(shown).err().map(|failure| lang.pick(&failure.ja, &failure.en).to_owned());
    let told = json!({ "text": text(lang, shown, names), "value": value, "hash": shown.pending.message.hash().to_string(), "refused": refused });
    if let (Some(whole), Value::Object(pending), Value::Object(told)) = (whole.as_object_mut(), pending, told) {
        whole.remove("pending");
        whole.extend(pending);
        whole.extend(told);
    }
    whole
}

/// The text and the value that both officials read.
fn whole_text(lang: Lang, shown: &Shown, names: &Names) -> String {
    format!("{}\n{}", text(lang, shown, names), value_text(lang, &shown.pending))
}

/// What waits: its ID and what it is in a line, who asked and when, and all that is decided on.
#[must_use]
pub fn describe(lang: Lang, pending: &Pending, names: &Names) -> String {
    let Pending { id, matter, requested_by, requested_at, message: _ } = pending;
    let asked = format!("  {}: {}  {}", lang.pick("申請", "asked for by"), printable(requested_by), requested_at.in_japan(lang));
    let early = early(matter, *requested_at, names).map(|at| format!("\n  {}", election::not_yet(lang, at, *requested_at))).unwrap_or_default();
    format!("{id}  {}\n{asked}{early}", matter::text(lang, matter, names))
}

/// What waits, in a line.
#[must_use]
pub fn line(lang: Lang, pending: &Pending, names: &Names) -> String {
    let Pending { id, matter, requested_by, requested_at, message: _ } = pending;
    format!("{id}  {}  {}  {}", matter::head(lang, matter, names), printable(requested_by), requested_at.in_japan(lang))
}

/// When an act was announced for that would be done before.
fn early(matter: &Matter, now: Timestamp, names: &Names) -> Option<Timestamp> {
    let Matter::Election { election, act, roll: _ } = matter else { return None };
    let manifest = names.manifest(*election)?;
    election::announced(*act, manifest.online_closes, manifest.poll_closes).filter(|at| now < *at)
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
pub(crate) fn text(lang: Lang, shown: &Shown, names: &Names) -> String {
    let Shown { pending, person, elector, roll, link, case: reasoned, search, citizens: cases } = shown;
    let parts = [
        person.as_ref().map(|person| person_text(lang, person)),
        elector.as_ref().map(|elector| by_name::person_text(lang, elector)),
        roll.as_ref().map(|case| roll::case_text(lang, case)),
        link.as_ref().map(|link| shelter::link_text(lang, link, names)),
        reasoned.as_ref().map(|shown| shelter::case_text(lang, shown, names)),
        search.as_ref().map(|search| by_name::search_text(lang, search)),
        cases.as_ref().map(|shown| citizens::case_text(lang, shown)),
        published_text(lang, &pending.matter, names),
    ];
    std::iter::once(describe(lang, pending, names)).chain(parts.into_iter().flatten()).collect::<Vec<_>>().join("\n")
}

/// Who is elected and with how many votes, where that is to be published.
fn published_text(lang: Lang, matter: &Matter, names: &Names) -> Option<String> {
    let Matter::Election { election, act: Act::Publish, roll: _ } = matter else { return None };
    names.outcome(*election).map(|outcome| count::outcome_text(lang, outcome))
}

/// The value that is signed, as two officials read it to each other before the second one approves: what it is called, and the first half of it in groups of four.
#[must_use]
pub fn compared(lang: Lang, message: &HashBytes) -> [String; 2] {
    let hex: Vec<char> = message.hash().to_string().chars().take(32).collect();
    let fours = hex.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ");
    [lang.pick("照合する値", "Value to compare").to_owned(), fours]
}

/// The value under its name, in a line.
#[must_use]
pub fn value_text(lang: Lang, pending: &Pending) -> String {
    let [label, value] = compared(lang, &pending.message);
    format!("{label}: {value}")
}

/// Shows what is asked for; to a program on the other channel, since its answer is JSON alone.
fn show(global: &Global, shown: &Shown, client: &Client) {
    let names = Names::of(client, [&shown.pending.matter]);
    let text = whole_text(global.lang(), shown, &names);
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
