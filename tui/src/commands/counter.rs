//! Enrolment at a counter, for whoever has no usable signing certificate: an official reads the card, its holder types two
//! PINs, and a second official approves.

use clap::Args;
use serde_json::json;
use tachiai_crypto::election::roll;
use tachiai_jpki::{Statement, UnverifiedCertificate, Word};
use tachiai_schemas::identity::{
    Before, CardStatement, CounterEnrolment, CounterPerson, Fallback, FallbackReason, ListedFallback, Nonce, Standing, TextFiles, card_fingerprint,
};
use tachiai_schemas::staff::Shown;
use tachiai_schemas::{Blob, Lang};

use crate::card::{Attributes, Card, CardError, Issue, Key, LastTry, Pin, PinName, SignedText, Transport, Tries, printable};
use crate::cli::Global;
use crate::client::{Answer, Client};
use crate::commands::approve;
use crate::commands::ask::ask_yes;
use crate::commands::card::choice::CardChoice;
use crate::commands::card::holder::{certificate_before_pin, check_pin, jpki, leave, nobody_enrolled, verified};
use crate::commands::card::info::sex_text;
use crate::failure::{Exit, Failure};
use crate::secret_input;

const PATH: &str = "/api/v1/enrolments/counter";

/// Bind a card to its holder without a signing certificate: by the card's text, which J-LIS signed, and two officials. The holder
/// types the PIN of the card's text and that of the authentication certificate.
///
/// Example: `tachiai card enrol-counter --reason password-blocked`
#[derive(Args, Debug)]
pub struct EnrolCounter {
    /// Why at a counter: under-15, not-issued, expired or password-blocked
    #[arg(long, value_name = "CODE")]
    reason: FallbackReason,
    #[command(flatten)]
    choice: CardChoice,
    /// Read the 4-digit PIN of the card's text from this file descriptor instead of the terminal
    #[arg(long, value_name = "N")]
    text_pin_fd: Option<i32>,
    /// Read the 4-digit PIN of the authentication certificate from this file descriptor instead of the terminal; the same one as for the
    /// card's text has both, a line each
    #[arg(long, value_name = "N")]
    pin_fd: Option<i32>,
    /// Spend the last try of a PIN if need be
    #[arg(long)]
    last_try: bool,
    /// Do not ask whether the person is the one on the card
    #[arg(long)]
    yes: bool,
}

impl EnrolCounter {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`]; then nothing waits.
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let mut card = self.choice.open(global).map_err(nobody_enrolled)?;
        let request = self.read(global, &client, &mut card).map_err(nobody_enrolled)?;
        leave(global, card);
        let body = match client.act::<_, Shown>(PATH, &request)? {
            Answer::Accepted(body) => body,
            Answer::Done(_) => return Err(Failure::incomplete("サーバーの応答を読み取れません。", "the server's answer cannot be read.")),
        };
        let shown: Shown = serde_json::from_slice(&body).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?;
        // The colleague would not sign anything else either.
        approve::shown(&shown)?;
        let Shown { pending, person, elector: _, roll: _, link: _, case: _, search: _, citizens: _ } = &shown;
        if global.json {
            outln!("{}", json!(pending));
        } else {
            outln!("{}", global.pick("読み取りました。別の職員の承認を待っています。", "The card was read. Another official must approve."));
            print!("{}", person.as_ref().map_or_else(String::new, |person| card_text(global.lang(), person)));
            outln!("{}: tachiai approve {}", global.pick("承認する職員のコマンド", "the other official runs"), pending.id);
        }
        Ok(Exit::Waiting)
    }

    fn read<T: Transport>(&self, global: &Global, client: &Client, card: &mut Card<T>) -> Result<CounterEnrolment, Failure> {
        let last = if self.last_try { LastTry::Spend } else { LastTry::Keep };
        let mut certificate = certificate_before_pin(card)?;
        if let Some(doubt) = doubt(card, self.reason)? {
            doubt.settled(global)?;
        }
        let (text, typed) = match self.text_pin_fd {
            Some(fd) if self.pin_fd == Some(fd) => {
                let [text_pin, pin] = secret_input::read_lines(fd)?;
                // Both have the right shape before either is shown to the card.
                let generation = card.generation();
                let (text_pin, pin) = (Pin::by(generation.rule(PinName::Text), &text_pin)?, Pin::by(generation.rule(PinName::Authentication), &pin)?);
                (card.signed_text(&text_pin, last)?, Some(pin))
            }
            _ => {
                let read = |card: &mut Card<T>, typed: &_, last| {
                    let pin = Pin::by(card.generation().rule(PinName::Text), typed)?;
                    card.signed_text(&pin, last)
                };
                (verified(global, self.text_pin_fd, PinName::Text, last, card, read)?, None)
            }
        };
        let SignedText { attributes, attributes_file, digests, certificate: text_certificate } = text;
        if !self.yes && !is_the_person(global, &attributes, self.reason)? {
            return Err(Failure::refused("登録していません。", "nothing was enrolled."));
        }
        let nonce: Nonce = client.post("/api/v1/nonces", None, &json!({}))?;
        let word = |text: &str| Word::new(text).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()));
        let person = tachiai_jpki::Hash32::from_bytes(hash_of_text(&attributes).to_bytes());
        let (origin, nonce, reason) = (word(client.host())?, word(&nonce.nonce.to_string())?, reason_of(self.reason)?);
        // A phone shows its certificate after the PIN, which its holder then types without having seen what it is for.
        let statement = |certificate: &[u8]| {
            let auth_key = UnverifiedCertificate::from_der(certificate).map_err(|e| Failure::new(Exit::Card, e.remedy_ja(), e.remedy_en()))?.spki_sha256;
            Ok::<_, Failure>(Statement::EnrolCounter { origin: origin.clone(), nonce: nonce.clone(), person, auth_key, reason })
        };
        if let (Some(certificate), false) = (&certificate, global.json) {
            outln!(
                "{}",
                global.pick(
                    "カードの持ち主の方へ：暗証番号を入力すると、カードは次の内容に署名します。",
                    "To the card's holder: after your PIN the card signs this:"
                )
            );
            outln!("{}", statement(certificate)?.text(jpki(global.lang())));
        }
        match typed {
            Some(pin) => card.verify_pin(&pin, last)?,
            None => verified(global, self.pin_fd, PinName::Authentication, last, card, check_pin).map(drop)?,
        }
        let certificate = certificate.take().map_or_else(|| card.authentication_certificate(), Ok)?;
        let statement = statement(&certificate)?.to_bytes();
        let signature = card.sign(Key::Authentication, &statement)?;
        Ok(CounterEnrolment {
            card: CardStatement { statement: Blob(statement), signature: Blob(signature), certificate: Blob(certificate.to_vec()) },
            text: TextFiles { attributes: Blob(attributes_file), digests: Blob(digests), certificate: Blob(text_certificate) },
        })
    }
}

/// What a card says against a reason, as far as it says it without a PIN.
#[derive(Debug, PartialEq, Eq)]
enum Doubt {
    Issued,
    NotIssued,
    TriesLeft(Option<u8>),
}

fn doubt<T: Transport>(card: &mut Card<T>, reason: FallbackReason) -> Result<Option<Doubt>, CardError> {
    let issue = card.signing_issue()?;
    match (reason, issue) {
        (FallbackReason::UnderFifteen | FallbackReason::NotIssued, Issue::Issued) => Ok(Some(Doubt::Issued)),
        (FallbackReason::Expired | FallbackReason::PasswordBlocked, Issue::NotIssued) => Ok(Some(Doubt::NotIssued)),
        (FallbackReason::PasswordBlocked, Issue::Issued | Issue::Unknown) => match card.tries(PinName::Signing) {
            Ok(Tries::Left(left)) => Ok(Some(Doubt::TriesLeft(Some(left)))),
            Ok(Tries::Unlimited | Tries::Verified) => Ok(Some(Doubt::TriesLeft(None))),
            Ok(Tries::Blocked) | Err(CardError::Absent(_)) => Ok(None),
            Err(error) => Err(error),
        },
        (FallbackReason::UnderFifteen | FallbackReason::NotIssued, Issue::NotIssued | Issue::Unknown) | (FallbackReason::Expired, _) => Ok(None),
    }
}

impl Doubt {
    /// Asks the official, whom `--yes` has not told of it; a script is refused.
    fn settled(&self, global: &Global) -> Result<(), Failure> {
        use std::io::IsTerminal;
        let (ja, en) = (self.say(Lang::Ja), self.say(Lang::En));
        if global.json || !std::io::stdin().is_terminal() {
            let refused = Failure::refused(ja, en);
            return Err(refused.and(
                "登録していません。理由を選び直すか、端末で実行して確認に答えてください。",
                "Nothing was enrolled. Choose another reason, or run this at a terminal, where you are asked.",
            ));
        }
        outln!("{}", global.pick(&ja, &en));
        if ask_yes(global.pick("それでもこの理由で続けますか？ [y/N] ", "Go on with this reason nevertheless? [y/N] "))? {
            return Ok(());
        }
        Err(Failure::refused("登録していません。", "nothing was enrolled."))
    }

    fn say(&self, lang: Lang) -> String {
        let fixed = |ja: &str, en: &str| lang.pick(ja, en).to_owned();
        match self {
            Self::Issued => fixed(
                "このカードには署名用電子証明書が発行されています。選んだ理由と合いません。",
                "A signing certificate was issued on this card, which contradicts the reason.",
            ),
            Self::NotIssued => fixed(
                "このカードには署名用電子証明書が発行されていません。選んだ理由と合いません（not-issued ではありませんか）。",
                "No signing certificate was issued on this card, which contradicts the reason (is it not-issued?).",
            ),
            Self::TriesLeft(left) => {
                let left = left.map_or_else(String::new, |left| match lang {
                    Lang::Ja => format!("（あと{left}回）"),
                    Lang::En => format!(" (tries left: {left})"),
                });
                match lang {
                    Lang::Ja => format!("署名用パスワードはロックされていません{left}。パスワードを覚えている方は、ご自分で登録できます。"),
                    Lang::En => format!("The signing password is not blocked{left}. Whoever remembers it can enrol without a counter."),
                }
            }
        }
    }
}

/// Of which card it is, and what was known of its holder before: what both officials see, a line each.
#[must_use]
pub fn card_text(lang: Lang, person: &CounterPerson) -> String {
    let CounterPerson { salt: _, name: _, birth_date: _, sex: _, address: _, reason: _, card_key, before, other_cards } = person;
    let mut lines = vec![(lang.pick("カードの指紋", "card fingerprint"), card_fingerprint(card_key).to_string())];
    if let Some(Before { name, address }) = before {
        lines.push((lang.pick("これまでの登録の氏名", "enrolled so far under the name"), printable(name)));
        lines.push((lang.pick("これまでの登録の住所", "enrolled so far with the address"), printable(address)));
    }
    let already = lang.pick("すでに別のカードで登録済み", "already enrolled with another card");
    lines.extend(other_cards.iter().map(|card| (already, card_fingerprint(card).to_string())));
    lines.iter().map(|(name, value)| format!("  {name}: {value}\n")).collect()
}

/// The person hash of a card's text. Of whom the date of birth is unknown has one too, and is enrolled here.
fn hash_of_text(attributes: &Attributes) -> tachiai_crypto::hash::Hash32 {
    let Attributes { name, address, birth, sex } = attributes;
    roll::hash_of_card(name, birth, (*sex).into(), address)
}

/// List the cards that were bound at a counter: citizen, reason, both officials, when, and whether it still counts.
#[derive(Args, Debug)]
pub struct Fallbacks {}

impl Fallbacks {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let list: Vec<ListedFallback> = global.staff()?.get(PATH, None)?;
        if global.json {
            outln!("{}", json!({ "fallbacks": list }));
            return Ok(Exit::Done);
        }
        if list.is_empty() {
            outln!("{}", global.pick("窓口で登録したカードはありません。", "No card was bound at a counter."));
        }
        for ListedFallback { citizen, fallback: Fallback { reason, by, at }, standing } in &list {
            let standing = match standing {
                Standing::Current => "",
                Standing::Replaced => global.pick("  （その後、登録し直されています）", "  (bound anew since)"),
            };
            outln!("{citizen}  {at}  {}  {}{standing}", by.join(global.pick("・", ", ")), reason_text(global.lang(), *reason));
        }
        Ok(Exit::Done)
    }
}

/// A reason in words.
#[must_use]
pub fn reason_text(lang: Lang, reason: FallbackReason) -> &'static str {
    tachiai_jpki::FallbackReason::from_word(reason.name()).map_or("", |reason| reason.say(jpki(lang)))
}

/// The digit of a certificate in words; the digit itself if it is another.
#[must_use]
pub fn sex_of_digit(lang: Lang, digit: &str) -> &str {
    match digit {
        "1" => lang.pick("男", "male"),
        "2" => lang.pick("女", "female"),
        "3" => lang.pick("不明", "unknown"),
        other => other,
    }
}

fn reason_of(reason: FallbackReason) -> Result<tachiai_jpki::FallbackReason, Failure> {
    let unknown = || Failure::incomplete(format!("理由が正しくありません: {reason}"), format!("no such reason: {reason}"));
    tachiai_jpki::FallbackReason::from_word(reason.name()).ok_or_else(unknown)
}

fn is_the_person(global: &Global, attributes: &Attributes, reason: FallbackReason) -> Result<bool, Failure> {
    let Attributes { name, address, birth, sex } = attributes;
    for (title, value) in [
        (global.pick("氏名", "name"), printable(name)),
        (global.pick("住所", "address"), printable(address)),
        (global.pick("生年月日", "birth date"), printable(birth)),
        (global.pick("性別", "sex"), sex_text(global, *sex).to_owned()),
        (global.pick("窓口で行う理由", "why at a counter"), reason_text(global.lang(), reason).to_owned()),
    ] {
        outln!("  {title}: {value}");
    }
    approve::confirmed(global.pick(
        "カードの写真と見比べましたか？この方のカードとして登録しますか？ [y/N] ",
        "Did you compare the photograph? Enrol this person with this card? [y/N] ",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_words_in_both_languages() {
        for (reason, name) in FallbackReason::ALL {
            assert!(!reason_text(Lang::Ja, *reason).is_empty() && !reason_text(Lang::En, *reason).is_empty(), "{name}");
            assert_eq!(reason_of(*reason).unwrap().as_str(), *name);
        }
    }
}
