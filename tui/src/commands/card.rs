//! The card itself: which one is meant, what is on it, and binding it to its holder.

use std::fs;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use age::secrecy::SecretString;
use clap::{Args, Subcommand};
use rustls_pki_types::CertificateDer;
use serde_json::{Value, json};
use tachiai_jpki::{CardKey, StatementPurpose, UnixTime, UnverifiedCertificate};
use tachiai_schemas::identity::{Enrolled, card_fingerprint};
use tachiai_schemas::{Bytes, Lang};
use x509_cert::der::Decode;

use crate::card::{
    Attributes, Card, CardError, Generation, HeldPin, Holds, Issue, LastTry, Object, Password, Pin, PinName, Reader, Sex, SocketTransport, Transport,
    TransportError, Tries, Watched, choose_reader, connect_reader, interrupt, minute, printable, readers, wait_for_card,
};
use crate::cli::Global;
use crate::client::Client;
use crate::commands::counter::{EnrolCounter, Fallbacks, print_enrolled};
use crate::commands::vote::{Line, ask, ask_yes};
use crate::failure::{Exit, Failure};
use crate::{secret_input, voter};

/// Certificates can be renewed from three months before their end.
const RENEWAL: u64 = 90 * 86_400;

/// Commands about cards.
#[derive(Subcommand, Debug)]
pub enum CardCommand {
    /// Show what is on a card: its kind, certificates and how often each PIN may still be typed; nothing personal
    Info(Info),
    /// List the card readers and what is in them
    Readers(Readers),
    /// Bind a card to its holder, with the signing password and the 4-digit PIN
    Enrol(Enrol),
    /// Enrol somebody without a usable signing certificate, at a counter; a second official approves (by the commission)
    EnrolCounter(EnrolCounter),
    /// List the cards that were bound at a counter (by the commission, or an auditor)
    Fallbacks(Fallbacks),
}

impl CardCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        match self {
            Self::Info(command) => command.run(global),
            Self::Readers(command) => command.run(global),
            Self::Enrol(command) => command.run(global),
            Self::EnrolCounter(command) => command.run(global),
            Self::Fallbacks(command) => command.run(global),
        }
    }
}

/// Which card is meant. Without any of these: the one in the only reader that holds a card.
#[derive(Args, Debug)]
pub struct CardChoice {
    /// The card reader, by its name or a part that only its name has; `tachiai card readers` lists them
    #[arg(long, value_name = "NAME", conflicts_with = "card")]
    reader: Option<String>,
    /// A software card: the Unix socket of its process
    #[arg(long, value_name = "SOCKET")]
    card: Option<PathBuf>,
    /// A generation of cards beside today's, described in TOML; may be given more than once
    #[arg(long, value_name = "FILE")]
    card_generation: Vec<PathBuf>,
    #[command(flatten)]
    timeout: ReaderTimeout,
    /// How many seconds to wait at a terminal for a card to be put on the reader; scripts never wait
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    card_wait: u64,
}

/// When a reader is given up.
#[derive(Args, Debug)]
pub struct ReaderTimeout {
    /// After how many seconds without an answer a card or reader is given up
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=600))]
    reader_timeout: u64,
}

impl ReaderTimeout {
    const fn patience(&self) -> Duration {
        Duration::from_secs(self.reader_timeout)
    }
}

impl CardChoice {
    /// Opens the card that is meant; at a terminal it is waited for, and asked which of several.
    ///
    /// # Errors
    /// [`Failure`] of the card or its reader.
    pub fn open(&self, global: &Global) -> Result<Card<Watched>, Failure> {
        interrupt::guard();
        let generations = self.generations()?;
        let patience = self.timeout.patience();
        let transport = match &self.card {
            Some(socket) => Watched::new(SocketTransport::connect(socket, patience)?, patience)?,
            None => connect_reader(&self.find(global)?, patience)?,
        };
        Ok(Card::open_among(transport, &generations)?)
    }

    /// The generations of cards that are known: today's, and those of the files.
    fn generations(&self) -> Result<Vec<Generation>, Failure> {
        let read = |path: &PathBuf| {
            let told =
                fs::read_to_string(path).map_err(|error| error.to_string()).and_then(|text| Generation::from_toml(&text).map_err(|error| error.to_string()));
            told.map_err(|cause| {
                let path = path.display();
                Failure::new(
                    Exit::Incomplete,
                    format!("カードの世代のファイル {path} を読めません: {cause}"),
                    format!("cannot read the card generation {path}: {cause}"),
                )
            })
        };
        [Ok(Generation::today())].into_iter().chain(self.card_generation.iter().map(read)).collect()
    }

    fn find(&self, global: &Global) -> Result<String, Failure> {
        let patience = self.timeout.patience();
        let wanted = self.reader.as_deref();
        let mut found = asked_readers(global, patience)?;
        let empty = match choose_reader(&found, wanted) {
            Ok(reader) if reader.is_empty() => Some(vec![reader.name.clone()]),
            Err(TransportError::NoCard { readers }) => Some(readers),
            _ => None,
        };
        if let Some(empty) = empty {
            if !is_conversation(global) || self.card_wait == 0 {
                return Err(TransportError::NoCard { readers: empty }.into());
            }
            eprintln!("{}", global.pick("カードをリーダーに置いてください…", "Put the card on the reader …"));
            wait_for_card(wanted, Duration::from_secs(self.card_wait), patience)?;
            found = asked_readers(global, patience)?;
        }
        match choose_reader(&found, wanted) {
            Ok(reader) => Ok(reader.name.clone()),
            Err(TransportError::ReaderNotNamed { holding }) if is_conversation(global) => ask_reader(global, &holding),
            Err(error) => Err(error.into()),
        }
    }
}

/// The readers; whoever waits long for the service is told what is waited for.
fn asked_readers(global: &Global, patience: Duration) -> Result<Vec<Reader>, TransportError> {
    let slow = || {
        eprintln!(
            "{}",
            match global.lang() {
                Lang::Ja => format!("カードリーダーのサービス（pcscd）の応答を待っています（最長{}秒）…", patience.as_secs()),
                Lang::En => format!("Waiting for the card reader service (pcscd) to answer, up to {} seconds …", patience.as_secs()),
            }
        );
    };
    readers(patience, slow)
}

/// Says what the card will sign, and for whom, before its holder types anything that lets it.
pub(super) fn announce(global: &Global, origin: &str, purposes: &[StatementPurpose]) {
    let (lang, parted) = match global.lang() {
        Lang::Ja => (tachiai_jpki::Lang::Ja, "、"),
        Lang::En => (tachiai_jpki::Lang::En, "; "),
    };
    let purposes = purposes.iter().map(|purpose| purpose.say(lang)).collect::<Vec<_>>().join(parted);
    eprintln!(
        "{}\n  {}{purposes}\n  {}{}",
        global.pick(
            "暗証番号を入力すると、カードは次のことに署名します。心当たりがなければ、入力せずに中止してください。",
            "After your PIN the card signs this. If it is not what you want, stop without typing it."
        ),
        global.pick("用途：", "Purpose: "),
        global.pick("相手先：", "Site: "),
        printable(origin)
    );
}

/// Says that the card works now: nothing else is heard until it and the server are done.
pub(super) fn say_signing(global: &Global) {
    eprintln!(
        "{}",
        global.pick("カードで署名しています。終わるまでカードをリーダーに置いたままにしてください…", "Signing with the card; leave it on the reader …")
    );
}

/// Whether somebody sits at a terminal, who can be asked and waited for.
fn is_conversation(global: &Global) -> bool {
    !global.json && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

fn ask_reader(global: &Global, holding: &[String]) -> Result<String, Failure> {
    eprintln!("{}", global.pick("カードのあるリーダーが複数あります:", "Several readers hold a card:"));
    for (number, name) in (1..).zip(holding) {
        eprintln!("  {number}. {}", printable(name));
    }
    loop {
        let answer = ask(global.pick("どれを使いますか？ 番号: ", "Which one? Number: "))?;
        if answer.is_empty() {
            return Err(TransportError::ReaderNotNamed { holding: holding.to_vec() }.into());
        }
        if let Some(name) = answer.parse::<usize>().ok().and_then(|number| holding.get(number.checked_sub(1)?)) {
            return Ok(name.clone());
        }
    }
}

/// Leaves a card that has done its work. That it cannot be switched off stops nothing, but the holder hears of it.
pub fn leave<T: Transport>(global: &Global, card: Card<T>) {
    match card.close() {
        // It was taken away already.
        Ok(()) | Err(CardError::Transport(TransportError::Removed | TransportError::ReaderGone { .. })) => {}
        Err(error) => eprintln!(
            "{}: {}",
            global.pick("注意", "note"),
            match global.lang() {
                Lang::Ja => format!("カードの電源を切れませんでした。カードをリーダーから離してください。（{}）", error.say(Lang::Ja)),
                Lang::En => format!("the card could not be switched off. Take it off the reader. ({})", error.say(Lang::En)),
            }
        ),
    }
}

/// Reads a PIN and has the card check it. At a terminal it is asked for again as long as tries are left, but for the last one,
/// which is spent only if `last` says so; from a file descriptor it is read once.
///
/// # Errors
/// [`Failure`] of the card, which is not asked for a PIN that is blocked or kept.
pub fn verified<T: Transport, R>(
    global: &Global,
    fd: Option<i32>,
    name: PinName,
    last: LastTry,
    card: &mut Card<T>,
    mut check: impl FnMut(&mut Card<T>, &SecretString, LastTry) -> Result<R, CardError>,
) -> Result<R, Failure> {
    let held = card.pin(name);
    let said = held.say(global.lang());
    loop {
        let tries = card.tries(name)?;
        match (tries, last) {
            (Tries::Blocked, _) => return Err(CardError::Blocked(held.name).into()),
            (Tries::Left(..=1), LastTry::Keep) => return Err(CardError::LastTryKept(held.name).into()),
            _ => {}
        }
        let prompt = match tries {
            Tries::Left(left) if fd.is_none() => format!("{said}{}{left}{}", global.pick("［あと", " [tries left: "), global.pick("回］", "]")),
            _ => said.clone(),
        };
        let typed = secret_input::read(fd, &prompt)?;
        match check(card, &typed, last) {
            Ok(result) => return Ok(result),
            Err(error @ (CardError::WrongPin { .. } | CardError::PinShape | CardError::PasswordShape | CardError::PinRule { .. }))
                if fd.is_none() && !is_empty(&typed) =>
            {
                eprintln!("{}", error.say(global.lang()));
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn is_empty(typed: &SecretString) -> bool {
    use age::secrecy::ExposeSecret;
    typed.expose_secret().is_empty()
}

/// The time of this machine.
pub(super) fn now() -> UnixTime {
    UnixTime::from_secs(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}

/// Says that a certificate's time is over before anybody types a PIN for it; the server judges by its own clock.
///
/// # Errors
/// [`CardError::Expired`].
fn not_expired(certificate: &[u8], object: Object) -> Result<(), CardError> {
    // What cannot be read is judged where it is used.
    match UnverifiedCertificate::from_der(certificate) {
        Ok(read) if read.validity.not_after < now() => Err(CardError::Expired { object, end: read.validity.not_after }),
        _ => Ok(()),
    }
}

/// The authentication certificate, if it can be read without a PIN, and valid still; a phone shows it only after the PIN.
///
/// # Errors
/// [`CardError::Expired`], or what the card says.
pub fn certificate_before_pin<T: Transport>(card: &mut Card<T>) -> Result<Option<CertificateDer<'static>>, CardError> {
    match card.authentication_certificate() {
        Ok(certificate) => not_expired(&certificate, Object::AuthenticationCertificate).map(|()| Some(certificate)),
        Err(CardError::PinNeeded(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// List the card readers.
#[derive(Args, Debug)]
pub struct Readers {
    #[command(flatten)]
    timeout: ReaderTimeout,
}

impl Readers {
    fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let readers = asked_readers(global, self.timeout.patience())?;
        if global.json {
            let list: Vec<Value> = readers.iter().map(|Reader { name, holds }| json!({ "name": name, "holds": holds_code(*holds) })).collect();
            outln!("{}", json!({ "readers": list }));
            return Ok(Exit::Done);
        }
        if readers.is_empty() {
            return Err(TransportError::NoReaders.into());
        }
        for Reader { name, holds } in &readers {
            outln!("{}: {}", printable(name), holds_text(global, *holds));
        }
        Ok(Exit::Done)
    }
}

const fn holds_code(holds: Holds) -> &'static str {
    match holds {
        Holds::Nothing => "nothing",
        Holds::Card => "card",
        Holds::CardInUse => "card-in-use",
        Holds::Mute => "mute",
    }
}

fn holds_text(global: &Global, holds: Holds) -> &'static str {
    let (ja, en) = match holds {
        Holds::Nothing => ("カードなし", "no card"),
        Holds::Card => ("カードあり", "a card"),
        Holds::CardInUse => ("カードあり（ほかのプログラムが使用中）", "a card, in use by another program"),
        Holds::Mute => ("応答しないカード", "something that does not answer as a card"),
    };
    global.lang().pick(ja, en)
}

/// Show what is on a card. No server, profile or PIN is needed, and nothing is proved by it: only a signature proves a card.
///
/// Example: `tachiai card info`
#[derive(Args, Debug)]
pub struct Info {
    #[command(flatten)]
    choice: CardChoice,
    /// Show name, address, birth date and sex too, after the 4-digit PIN of the card's text
    #[arg(long)]
    four_attributes: bool,
    /// Read that PIN from this file descriptor instead of the terminal
    #[arg(long, value_name = "N", requires = "four_attributes")]
    pin_fd: Option<i32>,
    /// Show the validity of the digital signature certificate too, after its password; nothing else of it is shown
    #[arg(long)]
    signing_certificate: bool,
    /// Read that password from this file descriptor instead of the terminal
    #[arg(long, value_name = "N", requires = "signing_certificate")]
    password_fd: Option<i32>,
    /// Spend the last try of a PIN or password if need be
    #[arg(long)]
    last_try: bool,
}

/// A certificate as far as it may be shown: who it belongs to stays on the card.
enum Shown {
    Missing,
    /// There, or perhaps there, and not readable without this.
    Behind(Issue, HeldPin),
    Read(Certificate),
}

struct Certificate {
    /// Of its key, as officials at a counter compare it.
    fingerprint: String,
    serial: String,
    issuer: String,
    key: String,
    not_before: UnixTime,
    not_after: UnixTime,
}

/// Where in its time a certificate stands.
#[derive(Clone, Copy)]
enum Age {
    NotYet,
    Valid,
    EndsSoon,
    Expired,
}

impl Certificate {
    fn read(der: &[u8], object: Object) -> Result<Self, CardError> {
        let malformed = |()| CardError::Malformed(object);
        let UnverifiedCertificate { serial, validity, key, spki_sha256, attributes: _ } = UnverifiedCertificate::from_der(der).map_err(|_| malformed(()))?;
        let parsed = x509_cert::Certificate::from_der(der).map_err(|_| malformed(()))?;
        let key = match key {
            CardKey::Rsa(key) => format!("RSA {}", key.bits()),
            CardKey::P384(_) => "ECDSA P-384".to_owned(),
        };
        let issuer = printable(&parsed.tbs_certificate().issuer().to_string());
        let fingerprint = card_fingerprint(&Bytes(*spki_sha256.as_bytes())).to_string();
        Ok(Self { fingerprint, serial: serial.to_string(), issuer, key, not_before: validity.not_before, not_after: validity.not_after })
    }

    fn age(&self, now: UnixTime) -> Age {
        if now < self.not_before {
            Age::NotYet
        } else if now > self.not_after {
            Age::Expired
        } else if now.as_secs() + RENEWAL > self.not_after.as_secs() {
            Age::EndsSoon
        } else {
            Age::Valid
        }
    }
}

impl Age {
    const fn code(self) -> &'static str {
        match self {
            Self::NotYet => "not-yet-valid",
            Self::Valid => "valid",
            Self::EndsSoon => "ends-soon",
            Self::Expired => "expired",
        }
    }

    const fn say(self, lang: Lang) -> &'static str {
        match self {
            Self::NotYet => lang.pick("まだ有効期間前", "not valid yet"),
            Self::Valid => lang.pick("有効期間内", "valid"),
            Self::EndsSoon => {
                lang.pick("まもなく期限切れ（市区町村の窓口で更新できます）", "ends soon; the office of the city where you are registered can renew it")
            }
            Self::Expired => {
                lang.pick("期限切れ（市区町村の窓口で更新してください）", "expired; have it renewed at the office of the city where you are registered")
            }
        }
    }
}

impl Info {
    fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let last = if self.last_try { LastTry::Spend } else { LastTry::Keep };
        let mut card = self.choice.open(global)?;
        let authentication = match card.authentication_certificate() {
            Ok(der) => Shown::Read(Certificate::read(&der, Object::AuthenticationCertificate)?),
            Err(CardError::Absent(_)) => Shown::Missing,
            Err(CardError::PinNeeded(pin)) => Shown::Behind(Issue::Unknown, card.pin(pin)),
            Err(error) => return Err(error.into()),
        };
        let signing = match card.signing_issue()? {
            Issue::NotIssued => Shown::Missing,
            issue if !self.signing_certificate => Shown::Behind(issue, card.pin(PinName::Signing)),
            _ => {
                verify_password(global, self.password_fd, last, &mut card)?;
                Shown::Read(Certificate::read(&card.signing_certificate()?, Object::SigningCertificate)?)
            }
        };
        let mut tries: Vec<(HeldPin, _)> = Vec::new();
        for pin in [PinName::Authentication, PinName::Signing, PinName::Text] {
            let held = card.pin(pin);
            // One PIN may open two things.
            if tries.iter().all(|(listed, _)| listed.name != held.name) {
                tries.push((held, tries_of(&mut card, pin)?));
            }
        }
        let attributes = match self.four_attributes {
            true => Some(verified(global, self.pin_fd, PinName::Text, last, &mut card, |card, typed, last| {
                card.attributes(&Pin::by(card.generation().rule(PinName::Text), typed)?, last)
            })?),
            false => None,
        };
        let (kind, label, reader, generation) = (card.kind(), card.label(), card.reader().to_owned(), card.generation().clone());
        leave(global, card);
        let now = now();
        if global.json {
            let tries: serde_json::Map<_, _> = tries.iter().map(|(pin, tries)| (pin_code(pin.name).to_owned(), tries_code(*tries))).collect();
            let certificates = json!({ "authentication": certificate_json(&authentication, now), "signing": certificate_json(&signing, now) });
            let mut all = json!({
                "reader": reader, "kind": kind_code(kind), "label": label, "generation": generation.name, "certificates": certificates, "tries": tries,
            });
            if let (Some(Attributes { name, address, birth, sex }), Some(all)) = (&attributes, all.as_object_mut()) {
                all.insert("attributes".to_owned(), json!({ "name": name, "address": address, "birth": day(birth, Lang::En), "sex": sex_code(*sex) }));
            }
            outln!("{all}");
            return Ok(Exit::Done);
        }
        outln!("{}: {}", global.pick("リーダー", "reader"), printable(&reader));
        if let Some(label) = label {
            outln!("{}: {} ({label})", global.pick("種別", "kind"), kind.say(global.lang()));
        }
        if generation != Generation::today() {
            outln!("{}: {}", global.pick("カードの世代", "card generation"), printable(&generation.name));
        }
        if let Shown::Read(certificate) = &authentication {
            outln!("{}: {}", global.pick("カードの指紋", "card fingerprint"), certificate.fingerprint);
        }
        print_certificate(global, Object::AuthenticationCertificate, &authentication, now);
        print_certificate(global, Object::SigningCertificate, &signing, now);
        outln!("{}", global.pick("暗証番号の残り回数", "tries left"));
        for (pin, tries) in tries {
            outln!("  {}: {}", pin.say(global.lang()), tries_text(global, tries));
        }
        if let Some(Attributes { name, address, birth, sex }) = attributes {
            outln!("{}", global.pick("券面の4情報", "printed attributes"));
            outln!("  {}: {name}", global.pick("氏名", "name"));
            outln!("  {}: {address}", global.pick("住所", "address"));
            outln!("  {}: {}", global.pick("生年月日", "birth date"), day(&birth, global.lang()));
            outln!("  {}: {}", global.pick("性別", "sex"), sex_text(global, sex));
        }
        Ok(Exit::Done)
    }
}

fn verify_password<T: Transport>(global: &Global, fd: Option<i32>, last: LastTry, card: &mut Card<T>) -> Result<Password, Failure> {
    verified(global, fd, PinName::Signing, last, card, check_password)
}

fn check_password<T: Transport>(card: &mut Card<T>, typed: &SecretString, last: LastTry) -> Result<Password, CardError> {
    let password = Password::by(card.generation().rule(PinName::Signing), typed)?;
    card.verify_password(&password, last).map(|()| password)
}

pub(super) fn check_pin<T: Transport>(card: &mut Card<T>, typed: &SecretString, last: LastTry) -> Result<Pin, CardError> {
    let pin = Pin::by(card.generation().rule(PinName::Authentication), typed)?;
    card.verify_pin(&pin, last).map(|()| pin)
}

/// How many tries are left, or none if the card has no such PIN: a phone may lack the card's text.
fn tries_of<T: Transport>(card: &mut Card<T>, pin: PinName) -> Result<Option<Tries>, CardError> {
    match card.tries(pin) {
        Ok(tries) => Ok(Some(tries)),
        Err(CardError::Absent(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

const fn pin_code(pin: PinName) -> &'static str {
    match pin {
        PinName::Authentication => "authentication",
        PinName::Signing => "signing",
        PinName::Text => "text",
    }
}

const fn kind_code(kind: crate::card::Kind) -> &'static str {
    match kind {
        crate::card::Kind::Card => "card",
        crate::card::Kind::Android => "android",
        crate::card::Kind::IPhone => "iphone",
    }
}

fn tries_code(tries: Option<Tries>) -> Value {
    match tries {
        None => Value::Null,
        Some(Tries::Left(left)) => json!(left),
        Some(Tries::Unlimited) => json!("unlimited"),
        Some(Tries::Verified) => json!("verified"),
        Some(Tries::Blocked) => json!("blocked"),
    }
}

fn tries_text(global: &Global, tries: Option<Tries>) -> String {
    let fixed = |ja: &str, en: &str| global.pick(ja, en).to_owned();
    match tries {
        None => fixed("このカードにはありません", "this card has none"),
        Some(Tries::Left(1)) => fixed("あと1回（もう一度間違えるとロックされます）", "1; one more mistake blocks it"),
        Some(Tries::Left(left)) => match global.lang() {
            Lang::Ja => format!("あと{left}回"),
            Lang::En => left.to_string(),
        },
        Some(Tries::Unlimited) => fixed("制限なし", "unlimited"),
        Some(Tries::Verified) => fixed("いま確認済み（残り回数は最大）", "all; it was just verified"),
        Some(Tries::Blocked) => {
            fixed("ロックされています（市区町村の窓口で再設定できます）", "blocked; the office of the city where you are registered can reset it")
        }
    }
}

const fn sex_code(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "male",
        Sex::Female => "female",
        Sex::Unknown => "unknown",
        Sex::NotApplicable => "not-applicable",
    }
}

pub(super) fn sex_text(global: &Global, sex: Sex) -> &'static str {
    let (ja, en) = match sex {
        Sex::Male => ("男", "male"),
        Sex::Female => ("女", "female"),
        Sex::Unknown => ("不明", "unknown"),
        Sex::NotApplicable => ("適用不能", "not applicable"),
    };
    global.lang().pick(ja, en)
}

/// A day of eight digits, in which zeros stand for what the register does not know.
fn day(digits: &str, lang: Lang) -> String {
    let (Some(year), Some(month), Some(day)) = (digits.get(..4), digits.get(4..6), digits.get(6..)) else { return digits.to_owned() };
    match lang {
        Lang::Ja => format!("{year}年{month}月{day}日"),
        Lang::En => format!("{year}-{month}-{day}"),
    }
}

fn certificate_json(shown: &Shown, now: UnixTime) -> Value {
    match shown {
        Shown::Missing => json!({ "there": "no" }),
        Shown::Behind(issue, pin) => {
            let there = if *issue == Issue::Issued { "yes" } else { "unknown" };
            json!({ "there": there, "needs": pin_code(pin.name) })
        }
        Shown::Read(certificate) => {
            let Certificate { fingerprint: _, serial, issuer, key, not_before, not_after } = certificate;
            json!({
                "there": "yes", "serial": serial, "issuer": issuer, "key": key,
                "not_before": not_before.to_string(), "not_after": not_after.to_string(), "validity": certificate.age(now).code(),
            })
        }
    }
}

fn print_certificate(global: &Global, object: Object, shown: &Shown, now: UnixTime) {
    let lang = global.lang();
    let name = object.say(lang);
    match shown {
        Shown::Missing => outln!("{name}: {}", global.pick("ありません", "none")),
        Shown::Behind(issue, pin) => {
            let there = match issue {
                Issue::Issued => global.pick("あります", "there"),
                Issue::NotIssued | Issue::Unknown => global.pick("未確認", "not known"),
            };
            outln!("{name}: {there}{}{}{}", global.pick("（中身を読むには", " (reading it takes the "), pin.say(lang), global.pick("が必要です）", ")"));
        }
        Shown::Read(certificate) => {
            let Certificate { fingerprint: _, serial, issuer, key, not_before, not_after } = certificate;
            outln!("{name}: {}", certificate.age(now).say(lang));
            outln!("  {}: {}{}{}", global.pick("有効期間", "validity"), minute(*not_before, lang), global.pick("から", " to "), minute(*not_after, lang));
            outln!("  {}: {serial}", global.pick("シリアル番号", "serial number"));
            outln!("  {}: {issuer}", global.pick("発行者", "issuer"));
            outln!("  {}: {key}", global.pick("鍵", "key"));
        }
    }
}

/// Bind a card to its holder with the signing password and the 4-digit PIN, once.
///
/// Example: `tachiai card enrol --server https://vote.example.jp:8443 --ca ca.pem`
#[derive(Args, Debug)]
pub struct Enrol {
    #[command(flatten)]
    line: Line,
    /// Read the signing password from this file descriptor instead of the terminal
    #[arg(long, value_name = "N")]
    password_fd: Option<i32>,
    /// Read the 4-digit PIN from this file descriptor instead of the terminal; the same one as for the password has both, a line each
    #[arg(long, value_name = "N")]
    pin_fd: Option<i32>,
}

impl Enrol {
    fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = self.line.client(global.lang())?;
        let mut card = self.line.open_card(global)?;
        let enrolled = self.enrol(global, &client, &mut card).map_err(|failure| match failure.exit {
            Exit::Card if failure.code.is_none() => failure.and("登録していません。", "Nothing was enrolled."),
            _ => failure,
        })?;
        leave(global, card);
        print_enrolled(global, &enrolled);
        Ok(Exit::Done)
    }

    fn enrol<T: Transport>(&self, global: &Global, client: &Client, card: &mut Card<T>) -> Result<Enrolled, Failure> {
        let last = self.line.last();
        if card.signing_issue()? == Issue::NotIssued {
            return Err(CardError::Absent(Object::SigningCertificate).into());
        }
        let certificate = certificate_before_pin(card)?;
        announce(global, client.host(), &[StatementPurpose::Enrol]);
        let (password, pin) = match self.password_fd {
            Some(fd) if self.pin_fd == Some(fd) => {
                let [password, pin] = secret_input::read_lines(fd)?;
                // Both have the right shape before either is shown to the card.
                let generation = card.generation();
                let checked = (Password::by(generation.rule(PinName::Signing), &password)?, Pin::by(generation.rule(PinName::Authentication), &pin)?);
                card.verify_password(&checked.0, last)?;
                signing_not_expired(card)?;
                card.verify_pin(&checked.1, last)?;
                checked
            }
            _ => {
                let password = verify_password(global, self.password_fd, last, card)?;
                let signing = signing_not_expired(card)?;
                if self.password_fd.is_none() && is_conversation(global) {
                    confirm_holder(global, &signing)?;
                }
                (password, verified(global, self.pin_fd, PinName::Authentication, last, card, check_pin)?)
            }
        };
        let certificate = certificate.map_or_else(|| card.authentication_certificate(), Ok)?;
        say_signing(global);
        let (enrolled, person) = voter::enrol(client, card, &password, &pin, last)?;
        self.line.remember(&format!("{}.person", voter::card_name(&certificate)), &person.hash().to_string())?;
        Ok(enrolled)
    }
}

fn signing_not_expired<T: Transport>(card: &mut Card<T>) -> Result<CertificateDer<'static>, CardError> {
    let certificate = card.signing_certificate()?;
    not_expired(&certificate, Object::SigningCertificate).map(|()| certificate)
}

/// Shows in whose name the card signs, and asks whether it shall.
fn confirm_holder(global: &Global, certificate: &[u8]) -> Result<(), Failure> {
    let person = voter::person_of(certificate)?;
    eprintln!("{}: {}", global.pick("署名する方の氏名", "the card signs in the name of"), printable(&person.name));
    if ask_yes(global.pick("この方の名前で署名して登録しますか？ [y/N] ", "Sign and enrol in this name? [y/N] "))? {
        return Ok(());
    }
    Err(Failure::refused("登録していません。", "nothing was enrolled."))
}
