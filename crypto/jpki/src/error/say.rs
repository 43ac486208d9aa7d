//! What happened and what to do, for the person at the counter or at home.

use crate::{crl::Revocation, error::JpkiError, lang::Lang, time::UnixTime};

impl JpkiError {
    /// What happened and what to do, in whole sentences for people.
    pub fn say(&self, lang: Lang) -> String {
        let (happened, remedy) = match lang {
            Lang::Ja => (self.happened_ja(), self.remedy_ja()),
            Lang::En => (self.happened_en(), self.remedy_en()),
        };
        match lang {
            Lang::Ja => format!("{happened}{remedy}"),
            Lang::En => format!("{happened} {remedy}"),
        }
    }

    /// What to do, in Japanese.
    pub fn remedy_ja(&self) -> &'static str {
        match self.remedy() {
            Remedy::RenewCertificate => "住民票のある市区町村の窓口で電子証明書の更新または発行の手続きをしてください。",
            Remedy::CallAboutLostCard => "カードが見つかった場合は、市区町村の窓口で一時停止の解除を届け出てください。",
            Remedy::WaitOrCheckClock => "パソコンと装置の日付と時刻を確かめてから、もう一度お試しください。",
            Remedy::UseAnotherCertificate => "用途に合った電子証明書が入ったマイナンバーカードを使ってください。",
            Remedy::RetryThenCounter => "カードを置き直してもう一度お試しください。続く場合は窓口の係員にお知らせください。",
            Remedy::OperatorLoadsCrl => "担当者は最新の失効リストを取り込んでください。それまでは窓口での手続きをご案内ください。",
            Remedy::OperatorChecksAnchors => {
                "担当者は装置に登録した認証局証明書を、地方公共団体情報システム機構の公表するフィンガープリントと照合してください。"
            }
        }
    }

    /// What to do, in English.
    pub fn remedy_en(&self) -> &'static str {
        match self.remedy() {
            Remedy::RenewCertificate => "Please have the certificate renewed at the counter of your municipality.",
            Remedy::CallAboutLostCard => "If the card was found again, ask the counter of your municipality to end the suspension.",
            Remedy::WaitOrCheckClock => "Check date and time of this computer and of the appliance, then retry.",
            Remedy::UseAnotherCertificate => "Please use an Individual Number Card that holds a certificate for this purpose.",
            Remedy::RetryThenCounter => "Place the card again and retry; if it happens again, tell the staff.",
            Remedy::OperatorLoadsCrl => "The operator must load the current revocation list; until then, serve people at the counter.",
            Remedy::OperatorChecksAnchors => "The operator must compare the CA certificates of the appliance with the fingerprints that J-LIS publishes.",
        }
    }

    fn remedy(&self) -> Remedy {
        match self {
            Self::Expired { .. } | Self::Revoked { kind: Revocation::Revoked, .. } | Self::WeakKey(_) => Remedy::RenewCertificate,
            Self::Revoked { kind: Revocation::Suspended, .. } => Remedy::CallAboutLostCard,
            Self::NotYetValid { .. } | Self::CrlNotYetValid { .. } => Remedy::WaitOrCheckClock,
            Self::CaInsteadOfHolder
            | Self::WrongKeyUsage { .. }
            | Self::WrongExtendedKeyUsage { .. }
            | Self::MissingPolicy
            | Self::PolicyNotCritical
            | Self::WrongPolicy { .. }
            | Self::UnsupportedAlgorithm { .. }
            | Self::UnknownCriticalExtension { .. } => Remedy::UseAnotherCertificate,
            Self::Malformed(_)
            | Self::WrongVersion
            | Self::AlgorithmsDisagree
            | Self::BadSignature
            | Self::DuplicateExtension { .. }
            | Self::NoAttributes
            | Self::BadAttribute(_)
            | Self::BadMessageSignature => Remedy::RetryThenCounter,
            Self::NoCrl { .. } | Self::StaleCrl { .. } | Self::UnknownCrlIssuer { .. } | Self::UnsupportedCrl(_) => Remedy::OperatorLoadsCrl,
            Self::UnknownIssuer { .. } | Self::AnchorNotValid { .. } | Self::NotACa(_) => Remedy::OperatorChecksAnchors,
        }
    }

    fn happened_ja(&self) -> String {
        match self {
            Self::Malformed(_) | Self::WrongVersion | Self::DuplicateExtension { .. } => "電子証明書または失効リストを読み取れませんでした。".to_owned(),
            Self::UnsupportedAlgorithm { oid } => {
                format!("対応していない方式の電子証明書です（{oid}）。")
            }
            Self::AlgorithmsDisagree | Self::BadSignature => "電子証明書の署名が正しくありません。改ざんされたおそれがあります。".to_owned(),
            Self::UnknownIssuer { issuer } => {
                format!("信頼する認証局が発行した電子証明書ではありません（名乗っている発行者：{issuer}）。")
            }
            Self::AnchorNotValid { fingerprint, at, .. } => {
                format!("{}の時点で、認証局証明書 {fingerprint} は有効期間外です。", ja(*at))
            }
            Self::NotACa(_) => "認証局の証明書として使えないものが登録されています。".to_owned(),
            Self::CaInsteadOfHolder => "本人の電子証明書ではなく、認証局の証明書です。".to_owned(),
            Self::NotYetValid { not_before, .. } => {
                format!("電子証明書の有効期間はまだ始まっていません（開始：{}）。", ja(*not_before))
            }
            Self::Expired { not_after, .. } => {
                format!("電子証明書の有効期間は{}に終わりました。", ja(*not_after))
            }
            Self::UnknownCriticalExtension { oid } => {
                format!("電子証明書に、解釈できない重要な項目があります（{oid}）。")
            }
            Self::WrongKeyUsage { .. } | Self::WrongExtendedKeyUsage { .. } => "電子証明書の鍵の用途が、この手続きに合いません。".to_owned(),
            Self::MissingPolicy | Self::PolicyNotCritical | Self::WrongPolicy { .. } => "この手続きに使える種類の電子証明書ではありません。".to_owned(),
            Self::WeakKey(_) => "電子証明書の鍵の強さが足りません。".to_owned(),
            Self::Revoked { since, kind: Revocation::Revoked, .. } => {
                format!("電子証明書は{}に失効しています。", ja(*since))
            }
            Self::Revoked { since, kind: Revocation::Suspended, .. } => {
                format!("電子証明書は{}から一時停止されています。", ja(*since))
            }
            Self::NoCrl { .. } => "この電子証明書の失効を確かめるリストがありません。".to_owned(),
            Self::StaleCrl { next_update, .. } => {
                format!("失効リストが古くなっています（更新期限：{}）。", ja(*next_update))
            }
            Self::CrlNotYetValid { this_update, .. } => {
                format!("失効リストの発行日時（{}）が、確かめる時刻より後です。", ja(*this_update))
            }
            Self::UnknownCrlIssuer { issuer } => {
                format!("信頼する認証局が発行した失効リストではありません（名乗っている発行者：{issuer}）。")
            }
            Self::UnsupportedCrl(_) => "対応していない形式の失効リストです。".to_owned(),
            Self::NoAttributes | Self::BadAttribute(_) => "署名用電子証明書から、氏名・住所・生年月日・性別を読み取れませんでした。".to_owned(),
            Self::BadMessageSignature => "カードの署名が、署名した内容と合いません。".to_owned(),
        }
    }

    fn happened_en(&self) -> String {
        match self {
            Self::Malformed(_) | Self::WrongVersion | Self::DuplicateExtension { .. } => "The certificate or revocation list could not be read.".to_owned(),
            Self::UnsupportedAlgorithm { oid } => {
                format!("The certificate uses a method that is not supported ({oid}).")
            }
            Self::AlgorithmsDisagree | Self::BadSignature => "The signature of the certificate is not valid; it may have been altered.".to_owned(),
            Self::UnknownIssuer { issuer } => {
                format!("No trusted authority issued the certificate (it names {issuer}).")
            }
            Self::AnchorNotValid { fingerprint, at, .. } => {
                format!("At {at} the CA certificate {fingerprint} is not valid.")
            }
            Self::NotACa(_) => "A CA certificate of the appliance cannot serve as one.".to_owned(),
            Self::CaInsteadOfHolder => "The certificate belongs to an authority, not to a holder.".to_owned(),
            Self::NotYetValid { not_before, .. } => {
                format!("The certificate is valid only from {not_before}.")
            }
            Self::Expired { not_after, .. } => {
                format!("The certificate expired after {not_after}.")
            }
            Self::UnknownCriticalExtension { oid } => {
                format!("The certificate has an important part that is not understood ({oid}).")
            }
            Self::WrongKeyUsage { .. } | Self::WrongExtendedKeyUsage { .. } => "The key of the certificate is meant for another use.".to_owned(),
            Self::MissingPolicy | Self::PolicyNotCritical | Self::WrongPolicy { .. } => "This is not the kind of certificate that is needed here.".to_owned(),
            Self::WeakKey(_) => "The key of the certificate is too weak.".to_owned(),
            Self::Revoked { since, kind: Revocation::Revoked, .. } => {
                format!("The certificate was revoked at {since}.")
            }
            Self::Revoked { since, kind: Revocation::Suspended, .. } => {
                format!("The certificate is suspended since {since}.")
            }
            Self::NoCrl { .. } => "There is no revocation list for this certificate.".to_owned(),
            Self::StaleCrl { next_update, .. } => {
                format!("The revocation list is stale: a new one was due at {next_update}.")
            }
            Self::CrlNotYetValid { this_update, .. } => {
                format!("The revocation list was issued later ({this_update}) than the time to check.")
            }
            Self::UnknownCrlIssuer { issuer } => {
                format!("No trusted authority signed the revocation list (it names {issuer}).")
            }
            Self::UnsupportedCrl(_) => "The revocation list has a form that is not supported.".to_owned(),
            Self::NoAttributes | Self::BadAttribute(_) => "Name, address, birth date and sex could not be read from the signing certificate.".to_owned(),
            Self::BadMessageSignature => "The card's signature does not fit what was to be signed.".to_owned(),
        }
    }
}

enum Remedy {
    RenewCertificate,
    CallAboutLostCard,
    WaitOrCheckClock,
    UseAnotherCertificate,
    RetryThenCounter,
    OperatorLoadsCrl,
    OperatorChecksAnchors,
}

/// A time as people in Japan read it: Japan Standard Time, nine hours ahead of UTC.
fn ja(time: UnixTime) -> String {
    let local = UnixTime::from_secs(time.as_secs() + 9 * 3600).date_time();
    format!("{}年{}月{}日{}時{:02}分", local.year(), local.month(), local.day(), local.hour(), local.minutes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_reads_japan_standard_time() {
        let error = JpkiError::Expired {
            not_after: UnixTime::from_rfc3339("2030-02-17T14:59:59Z").unwrap(),
            at: UnixTime::from_rfc3339("2030-02-17T15:00:00Z").unwrap(),
        };
        assert_eq!(
            error.say(Lang::Ja),
            "電子証明書の有効期間は2030年2月17日23時59分に終わりました。住民票のある市区町村の窓口で電子証明書の更新または発行の手続きをしてください。"
        );
        assert_eq!(
            error.say(Lang::En),
            "The certificate expired after 2030-02-17T14:59:59Z. Please have the certificate renewed at the counter of your municipality."
        );
    }
}
