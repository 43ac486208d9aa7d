//! What is on a card, as far as it may be shown.

use clap::Args;
use serde_json::{Value, json};
use tachiai_jpki::{CardKey, UnixTime, UnverifiedCertificate};
use tachiai_schemas::identity::card_fingerprint;
use tachiai_schemas::{Bytes, Lang};
use x509_cert::der::Decode;

use super::choice::CardChoice;
use super::holder::{leave, now, verified, verify_password};
use crate::card::{Attributes, Card, CardError, Generation, HeldPin, Issue, Kind, LastTry, Object, Pin, PinName, Sex, Transport, Tries, minute, printable};
use crate::cli::Global;
use crate::failure::{Exit, Failure};

/// Certificates can be renewed from three months before their end.
const RENEWAL: u64 = 90 * 86_400;

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
    pub(super) fn run(&self, global: &Global) -> Result<Exit, Failure> {
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
        PinName::Face => "face",
    }
}

const fn kind_code(kind: Kind) -> &'static str {
    match kind {
        Kind::Card => "card",
        Kind::Android => "android",
        Kind::IPhone => "iphone",
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

/// Sex in words, as a card tells it.
pub fn sex_text(global: &Global, sex: Sex) -> &'static str {
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
