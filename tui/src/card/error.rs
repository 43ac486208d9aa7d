//! What can go wrong with a card, and what the person in front of it can do.

use std::fmt;

use super::{PinName, TransportError, apdu::Status, date::minute, generation::PinRule};
use tachiai_jpki::UnixTime;
use tachiai_schemas::lang::printable;
use tachiai_schemas::{Lang, Say};

/// What is left to a holder without a signing certificate.
const COUNTER_JA: &str = "オンラインでの登録はできません。カードを持って市の窓口へお越しください。職員2名が確認して登録します（tachiai card enrol-counter）。";
const COUNTER_EN: &str = "Without it the card cannot be enrolled from here. Take it to the city's counter, where two clerks can enrol it \
    (`tachiai card enrol-counter`).";

/// Why the card did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// Reader or connection.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The card has no JPKI application: a transit card, a bank card, a driving licence.
    #[error("this is not a My Number Card ({0})")]
    NotMyNumberCard(Status),
    /// The JPKI application calls itself by a name that is not known.
    #[error("the card calls itself `{0}`, which is no kind known here")]
    UnknownKind(String),
    /// Not four digits; the card was not asked.
    #[error("a PIN is four digits")]
    PinShape,
    /// Not 6 to 16 letters and digits; the card was not asked.
    #[error("the password is 6 to 16 letters and digits")]
    PasswordShape,
    /// Not as the card's generation has this PIN; the card was not asked.
    #[error("the {pin} has {} to {} characters", rule.least, rule.most)]
    PinRule {
        /// Which PIN.
        pin: PinName,
        /// What it looks like.
        rule: PinRule,
    },
    /// The card compared and said no.
    #[error("wrong {pin}, tries left: {left}")]
    WrongPin {
        /// Which PIN.
        pin: PinName,
        /// Tries left, at least 1.
        left: u8,
    },
    /// One try is left, and the caller did not say that it may be spent; the card was not asked.
    #[error("one try is left for the {0}, and it was not spent")]
    LastTryKept(PinName),
    /// No try is left.
    #[error("the {0} is blocked")]
    Blocked(PinName),
    /// The card wants this PIN first.
    #[error("the card wants the {0} first")]
    PinNeeded(PinName),
    /// A certificate on the card is valid no longer.
    #[error("the {object} expired at {end}")]
    Expired {
        /// Which certificate.
        object: Object,
        /// Its last valid second.
        end: UnixTime,
    },
    /// The card does not hold this.
    #[error("the card holds no {0}")]
    Absent(Object),
    /// Cards of this generation have no signature of what is printed on them, so no counter can believe it.
    #[error("the text of cards of this generation is not signed")]
    TextUnsigned,
    /// The card refused with a status word that has no better meaning here.
    #[error("the card refused {doing}: {status}")]
    Refused {
        /// What was asked of it.
        doing: Object,
        /// What it answered.
        status: Status,
    },
    /// The card handed over something that is not what it should be.
    #[error("the card's {0} cannot be understood")]
    Malformed(Object),
}

/// What the card holds or makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object {
    /// The application itself.
    Application,
    /// EF 0006, what kind of token this is.
    TokenInfo,
    /// A PIN's try counter.
    Pin(PinName),
    /// 利用者証明用電子証明書.
    AuthenticationCertificate,
    /// Its issuer.
    AuthenticationCa,
    /// 署名用電子証明書.
    SigningCertificate,
    /// Its issuer.
    SigningCa,
    /// A signature.
    Signature,
    /// Name, address, date of birth, sex.
    Attributes,
}

impl Object {
    /// The thing's name for people.
    pub fn say(self, lang: Lang) -> &'static str {
        match (lang, self) {
            (Lang::Ja, Object::Application) => "アプリケーション",
            (Lang::En, Object::Application) => "application",
            (Lang::Ja, Object::TokenInfo) => "カード種別情報",
            (Lang::En, Object::TokenInfo) => "token information",
            (lang, Object::Pin(pin)) => pin.say(lang),
            (Lang::Ja, Object::AuthenticationCertificate) => "利用者証明用電子証明書",
            (Lang::En, Object::AuthenticationCertificate) => "user authentication certificate",
            (Lang::Ja, Object::AuthenticationCa) => "利用者証明用認証局の証明書",
            (Lang::En, Object::AuthenticationCa) => "certificate of the authentication CA",
            (Lang::Ja, Object::SigningCertificate) => "署名用電子証明書",
            (Lang::En, Object::SigningCertificate) => "digital signature certificate",
            (Lang::Ja, Object::SigningCa) => "署名用認証局の証明書",
            (Lang::En, Object::SigningCa) => "certificate of the signature CA",
            (Lang::Ja, Object::Signature) => "署名",
            (Lang::En, Object::Signature) => "signature",
            (Lang::Ja, Object::Attributes) => "券面事項（氏名・住所・生年月日・性別）",
            (Lang::En, Object::Attributes) => "printed attributes",
        }
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.say(Lang::En))
    }
}

impl CardError {
    /// What happened and what to do, for the person at the reader.
    pub fn say(&self, lang: Lang) -> String {
        match lang {
            Lang::Ja => self.ja(),
            Lang::En => self.en(),
        }
    }

    fn ja(&self) -> String {
        match self {
            CardError::Transport(error) => transport_ja(error),
            CardError::NotMyNumberCard(_) => "マイナンバーカードではありません。マイナンバーカードを置き直してください。".to_owned(),
            CardError::UnknownKind(label) => {
                format!("カードの種別「{label}」には対応していません。マイナンバーカードを使ってください。")
            }
            CardError::PinShape => "暗証番号は数字4桁です。もう一度入力してください（残り回数は減っていません）。".to_owned(),
            CardError::PasswordShape => "署名用パスワードは英数字6文字から16文字です。\
                もう一度入力してください（残り回数は減っていません）。"
                .to_owned(),
            CardError::PinRule { pin, rule } => {
                format!("このカードの{}は{}です。もう一度入力してください（残り回数は減っていません）。", pin.say(Lang::Ja), rule.say(Lang::Ja))
            }
            CardError::WrongPin { pin, left } => {
                format!("{}が違います。あと{left}回間違えるとロックされます。", pin.say(Lang::Ja))
            }
            CardError::LastTryKept(pin) => format!(
                "{}は、あと1回間違えるとロックされるため、送りませんでした。\
                確かな場合だけ、--last-try を付けてもう一度実行してください。",
                pin.say(Lang::Ja)
            ),
            CardError::Blocked(pin) => format!(
                "{}がロックされています。{}",
                pin.say(Lang::Ja),
                match pin {
                    PinName::Authentication | PinName::Text | PinName::Face => "住民票のある市区町村の窓口で、カードを持参して再設定してください。",
                    PinName::Signing => {
                        "住民票のある市区町村の窓口、またはコンビニエンスストアで再設定してください。\
                        再設定しない場合は、市の窓口で職員2名が確認して登録することもできます（tachiai card enrol-counter）。"
                    }
                }
            ),
            CardError::PinNeeded(pin) => format!("{}の入力が必要です。", pin.say(Lang::Ja)),
            CardError::Absent(Object::SigningCertificate | Object::Pin(PinName::Signing)) => {
                format!("このカードには署名用電子証明書がありません（15歳未満の方、または発行を受けていない方）。{COUNTER_JA}")
            }
            CardError::Expired { object: Object::SigningCertificate, end } => {
                format!("署名用電子証明書の有効期限（{}）が切れています。住民票のある市区町村の窓口で更新できます。{COUNTER_JA}", minute(*end, Lang::Ja))
            }
            CardError::Expired { object, end } => {
                format!("{}の有効期限（{}）が切れています。住民票のある市区町村の窓口で更新してください。", object.say(Lang::Ja), minute(*end, Lang::Ja))
            }
            CardError::Absent(object) => format!("このカードには{}がありません。住民票のある市区町村の窓口で発行の手続きができます。", object.say(Lang::Ja)),
            CardError::TextUnsigned => "この世代のカードの券面事項には署名がないため、窓口での登録には使えません。\
                署名用電子証明書とそのパスワードで登録してください（tachiai card enrol）。"
                .to_owned(),
            CardError::Refused { doing, status } => format!(
                "カードが{}の要求を受け付けませんでした（{status}）。\
                カードを置き直し、同じ表示が続くときは係員にこの番号を伝えてください。",
                doing.say(Lang::Ja)
            ),
            CardError::Malformed(object) => {
                format!("カードの{}を読み取れません。カードを置き直し、同じ表示が続くときは係員に申し出てください。", object.say(Lang::Ja))
            }
        }
    }

    fn en(&self) -> String {
        match self {
            CardError::Transport(error) => transport_en(error),
            CardError::NotMyNumberCard(_) => "This is not a My Number Card. Put a My Number Card on the reader.".to_owned(),
            CardError::UnknownKind(label) => {
                format!("Cards of the kind “{label}” are not supported. Use a My Number Card.")
            }
            CardError::PinShape => "The PIN is four digits. Type it again; no try was spent.".to_owned(),
            CardError::PasswordShape => "The password is 6 to 16 letters and digits. Type it again; no try was spent.".to_owned(),
            CardError::PinRule { pin, rule } => {
                format!("This card's {} has {}. Type it again; no try was spent.", pin.say(Lang::En), rule.say(Lang::En))
            }
            CardError::WrongPin { pin, left } => {
                format!("Wrong {}. Tries left before it is blocked: {left}.", pin.say(Lang::En))
            }
            CardError::LastTryKept(pin) => format!(
                "One more mistake blocks the {}, so it was not sent. If you are sure of it, run the command \
                again with --last-try.",
                pin.say(Lang::En)
            ),
            CardError::Blocked(pin) => format!(
                "The {} is blocked. {}",
                pin.say(Lang::En),
                match pin {
                    PinName::Authentication | PinName::Text | PinName::Face => {
                        "Take the card to the office of the city where you are registered to have it reset."
                    }
                    PinName::Signing => {
                        "Have it reset at the office of the city where you are registered, or at a convenience store. Without it, two \
                        clerks at the city's counter can enrol the card (`tachiai card enrol-counter`)."
                    }
                }
            ),
            CardError::PinNeeded(pin) => format!("Type the {} first.", pin.say(Lang::En)),
            CardError::Absent(Object::SigningCertificate | Object::Pin(PinName::Signing)) => {
                format!("This card holds no digital signature certificate (its holder is under 15, or has not asked for one). {COUNTER_EN}")
            }
            CardError::Expired { object: Object::SigningCertificate, end } => format!(
                "The digital signature certificate expired at {}. The office of the city where you are registered can renew it. {COUNTER_EN}",
                minute(*end, Lang::En)
            ),
            CardError::Expired { object, end } => format!(
                "The {} expired at {}. Have it renewed at the office of the city where you are registered.",
                object.say(Lang::En),
                minute(*end, Lang::En)
            ),
            CardError::Absent(object) => format!("This card holds no {}. The office of the city where you are registered can issue it.", object.say(Lang::En)),
            CardError::TextUnsigned => "What is printed on cards of this generation is not signed on them, so such a card cannot be enrolled at a \
                counter. Enrol it with its digital signature certificate and its password (`tachiai card enrol`)."
                .to_owned(),
            CardError::Refused { doing, status } => format!(
                "The card refused the request for its {} ({status}). Put the card down again; if this returns, tell \
                the staff this number.",
                doing.say(Lang::En)
            ),
            CardError::Malformed(object) => {
                format!("The card's {} cannot be read. Put the card down again; if this returns, tell the staff.", object.say(Lang::En))
            }
        }
    }
}

impl Say for CardError {
    fn say(&self, lang: Lang) -> String {
        CardError::say(self, lang)
    }
}

fn transport_ja(error: &TransportError) -> String {
    use TransportError as E;
    match error {
        E::NoProcess { name, cause } => format!("カードのプロセス「{name}」につながりません（{cause}）。--card の指定を確かめてください。"),
        E::ServiceMissing => "カードリーダーのサービス（pcscd）が入っていません。\
            管理者が「apt-get install pcscd libccid」でインストールしてから、もう一度実行してください。"
            .to_owned(),
        E::ServiceDown => "カードリーダーのサービス（pcscd）が動いていません。\
            管理者が「systemctl start pcscd.socket」で起動してから、もう一度実行してください。"
            .to_owned(),
        E::ServiceStopped => "途中でカードリーダーのサービス（pcscd）が止まりました。\
            管理者が「systemctl restart pcscd」で起動してから、もう一度実行してください。"
            .to_owned(),
        E::ServiceRestarted => "途中でカードリーダーのサービス（pcscd）が再起動されました。カードを置いたまま、もう一度実行してください。".to_owned(),
        E::ServiceHung { waited } => format!(
            "カードリーダーのサービス（pcscd）が{}秒たっても応答しません。\
            管理者が「systemctl restart pcscd」で再起動してから、もう一度実行してください。",
            waited.as_secs_f32()
        ),
        E::Forbidden => "この利用者は、カードリーダーのサービス（pcscd）の使用を許可されていません。\
            端末の画面でログインして使うか、管理者に polkit の設定（org.debian.pcsc-lite）を依頼してください。"
            .to_owned(),
        E::NoReaders => "カードリーダーがつながっていません。カードリーダーをつないでください。\
            つないでいるときは、その機種のドライバー（多くの機種は libccid）が入っているか確かめてください。"
            .to_owned(),
        E::ReaderNotFound { wanted, present } => format!("カードリーダー「{wanted}」はありません。つながっているのは次のとおりです。{}", lines(present)),
        E::ReaderUnclear { wanted, matching } => {
            format!("「{wanted}」に当てはまるカードリーダーが複数あります。--reader でどれか1つの名前を指定してください。{}", lines(matching))
        }
        E::ReaderNotNamed { holding } => format!("カードのあるリーダーが複数あります。--reader でどれか1つの名前を指定してください。{}", lines(holding)),
        E::ReaderGone { name } => format!("カードリーダー「{name}」が外れました。つなぎ直し、カードを置いて、もう一度実行してください。"),
        E::NoCard { readers } => format!("カードがありません。カードをリーダーに置いてください。{}", lines(readers)),
        E::NoCardCame { waited } => format!("{}秒待ちましたが、カードが置かれませんでした。カードを用意して、もう一度実行してください。", waited.as_secs_f32()),
        E::Mute(_) => "リーダーにあるものがカードとして応答しません。カードの向きと裏表を確かめ、ほかのカードや財布と重ねずに置き直してください。".to_owned(),
        E::InUse => "ほかのプログラムがカードを使っています。それを終了してから、やり直してください。".to_owned(),
        E::Removed => "途中でカードが離れました。カードを置き直し、終わるまで動かさずに、初めからやり直してください。".to_owned(),
        E::Hung { waited } => {
            format!("カードが{}秒たっても応答しません。カードを置き直し、続くときはリーダーをつなぎ直してください。", waited.as_secs_f32())
        }
        E::Broken(_) | E::Failed(_) => {
            format!("カードリーダーの異常です（{error}）。リーダーをつなぎ直し、カードを置き直してください。")
        }
    }
}

fn transport_en(error: &TransportError) -> String {
    use TransportError as E;
    match error {
        E::NoProcess { name, cause } => format!("The card process “{name}” cannot be reached ({cause}). Check what --card says."),
        E::ServiceMissing => "The card reader service (pcscd) is not installed. \
            Have the administrator run `apt-get install pcscd libccid`, then run this command again."
            .to_owned(),
        E::ServiceDown => "The card reader service (pcscd) is not running. \
            Have the administrator run `systemctl start pcscd.socket`, then run this command again."
            .to_owned(),
        E::ServiceStopped => "The card reader service (pcscd) stopped in the middle. \
            Have the administrator run `systemctl restart pcscd`, then run this command again."
            .to_owned(),
        E::ServiceRestarted => "The card reader service (pcscd) was restarted in the middle. Leave the card and run this command again.".to_owned(),
        E::ServiceHung { waited } => format!(
            "The card reader service (pcscd) has not answered for {} seconds. \
            Have the administrator run `systemctl restart pcscd`, then run this command again.",
            waited.as_secs_f32()
        ),
        E::Forbidden => "The card reader service (pcscd) does not let this user in. \
            Log in at the machine's own screen, or have the administrator allow it in polkit (org.debian.pcsc-lite)."
            .to_owned(),
        E::NoReaders => "No card reader is connected. Connect one; if one is connected, check that its driver is installed \
            (libccid for most models)."
            .to_owned(),
        E::ReaderNotFound { wanted, present } => format!("There is no card reader “{wanted}”. These are connected.{}", lines(present)),
        E::ReaderUnclear { wanted, matching } => format!("“{wanted}” fits several card readers. Name one of them with --reader.{}", lines(matching)),
        E::ReaderNotNamed { holding } => format!("Several readers hold a card. Name one of them with --reader.{}", lines(holding)),
        E::ReaderGone { name } => format!("The card reader “{name}” was unplugged. Connect it, put the card on it, and run this command again."),
        E::NoCard { readers } => format!("There is no card. Put the card on the reader.{}", lines(readers)),
        E::NoCardCame { waited } => format!("No card was put on the reader within {} seconds. Have it ready and run this command again.", waited.as_secs_f32()),
        E::Mute(_) => "What lies in the reader does not answer as a card. Check which way round it is, and put it down alone, \
            without a purse or other cards."
            .to_owned(),
        E::InUse => "Another program is using the card. Close it and try again.".to_owned(),
        E::Removed => "The card was taken away. Put it back, leave it until the end, and start again.".to_owned(),
        E::Hung { waited } => {
            format!("The card has not answered for {} seconds. Put it down again; if this returns, reconnect the reader.", waited.as_secs_f32())
        }
        E::Broken(_) | E::Failed(_) => {
            format!("The card reader is at fault ({error}). Reconnect it and put the card down again.")
        }
    }
}

/// Names of readers, one a line; they come from devices and go to a terminal.
fn lines(names: &[String]) -> String {
    names.iter().fold(String::new(), |all, name| format!("{all}\n  {}", printable(name)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::*;
    use crate::card::generation::Characters;

    #[test]
    fn every_error_is_said_in_both_languages() {
        let waited = Duration::from_secs(10);
        let mut errors = vec![
            CardError::NotMyNumberCard(Status::NotFound),
            CardError::UnknownKind("OTHER".to_owned()),
            CardError::PinShape,
            CardError::PasswordShape,
            CardError::PinRule { pin: PinName::Signing, rule: PinRule { least: 8, most: 16, characters: Characters::CapitalsAndDigits } },
            CardError::PinRule { pin: PinName::Authentication, rule: PinRule { least: 6, most: 6, characters: Characters::Digits } },
            CardError::Refused { doing: Object::Signature, status: Status::Other(0x1234) },
            CardError::Malformed(Object::Attributes),
            CardError::Absent(Object::SigningCertificate),
            CardError::Absent(Object::AuthenticationCertificate),
            CardError::TextUnsigned,
            CardError::Expired { object: Object::SigningCertificate, end: UnixTime::from_secs(0) },
            CardError::Expired { object: Object::AuthenticationCertificate, end: UnixTime::from_secs(0) },
        ];
        for pin in [PinName::Authentication, PinName::Signing, PinName::Text, PinName::Face] {
            errors.extend([CardError::WrongPin { pin, left: 2 }, CardError::LastTryKept(pin), CardError::Blocked(pin), CardError::PinNeeded(pin)]);
        }
        for error in [
            TransportError::NoProcess { name: "card".to_owned(), cause: "gone".to_owned() },
            TransportError::ServiceMissing,
            TransportError::ServiceDown,
            TransportError::ServiceStopped,
            TransportError::ServiceRestarted,
            TransportError::ServiceHung { waited },
            TransportError::Forbidden,
            TransportError::NoReaders,
            TransportError::ReaderNotFound { wanted: "a".to_owned(), present: vec!["b".to_owned()] },
            TransportError::ReaderUnclear { wanted: "a".to_owned(), matching: vec!["ab".to_owned(), "ac".to_owned()] },
            TransportError::ReaderNotNamed { holding: vec!["a".to_owned(), "b".to_owned()] },
            TransportError::ReaderGone { name: "a".to_owned() },
            TransportError::NoCard { readers: vec!["a".to_owned()] },
            TransportError::NoCardCame { waited },
            TransportError::Mute("unresponsive".to_owned()),
            TransportError::InUse,
            TransportError::Removed,
            TransportError::Hung { waited },
            TransportError::Broken(1),
            TransportError::Failed("fault".to_owned()),
        ] {
            errors.push(error.into());
        }
        let mut said = BTreeSet::new();
        for error in errors {
            let (ja, en) = (error.say(Lang::Ja), error.say(Lang::En));
            assert!(said.insert(ja.clone()) && said.insert(en.clone()) || matches!(error, CardError::Transport(_)), "said before: {en}");
            // The names of readers follow, one a line.
            let sentence = |text: &str| text.lines().next().unwrap().to_owned();
            let (ja, en) = (sentence(&ja), sentence(&en));
            assert!(ja.ends_with('。') && ja.chars().any(|c| ('\u{3040}'..='\u{30FF}').contains(&c)), "{ja}");
            assert!(en.ends_with('.') && !en.chars().any(|c| c >= '\u{3000}'), "{en}");
        }
    }

    #[test]
    fn whoever_has_no_signing_password_is_sent_to_the_counter() {
        let absent = CardError::Absent(Object::Pin(PinName::Signing));
        for lang in [Lang::Ja, Lang::En] {
            let said = absent.say(lang);
            assert!(said.contains("tachiai card enrol-counter"), "{said}");
            let unsigned = CardError::TextUnsigned.say(lang);
            assert!(unsigned.contains("tachiai card enrol") && !unsigned.contains("enrol-counter"), "{unsigned}");
        }
    }

    #[test]
    fn a_hung_card_says_how_long_it_was_waited_for() {
        let hung = CardError::from(TransportError::Hung { waited: Duration::from_secs(10) });
        assert!(hung.say(Lang::Ja).contains("10秒"));
        assert!(hung.say(Lang::En).contains("10 seconds"));
    }
}
