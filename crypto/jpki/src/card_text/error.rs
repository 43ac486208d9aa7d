//! Why a card's text was not accepted, in words for people too.

use thiserror::Error;

use super::KeyId;
use crate::{
    error::{Attribute, Weakness},
    lang::Lang,
};

/// Why a card's text was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TextError {
    /// The bytes are not what they should be.
    #[error("malformed {0} of the card's text")]
    Malformed(TextFile),
    /// The certificate names a key that is not trusted.
    #[error("no trusted key for card texts is called {issuer}")]
    UnknownIssuer {
        /// The name in the certificate.
        issuer: KeyId,
    },
    /// The certificate names a trusted key, and its signature does not verify under it.
    #[error("the certificate of the card's text is not signed by {issuer}")]
    BadCertificate {
        /// The name in the certificate.
        issuer: KeyId,
    },
    /// A key that proves nothing.
    #[error("a weak key in the card's text: {0}")]
    WeakKey(Weakness),
    /// The certified key did not sign the record.
    #[error("the signature in the card's text is not valid")]
    BadSignature,
    /// The attributes are others than those that were signed.
    #[error("the attributes are not those that were signed")]
    WrongDigest,
    /// An attribute in a form that the card's text does not have.
    #[error("the attribute {0:?} in the card's text is malformed")]
    BadAttribute(Attribute),
    /// The application's own key did not sign what was asked of it.
    #[error("the card's text application did not sign the challenge")]
    NotPresent,
}

/// A file of the application, or one about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TextFile {
    /// EF 0002.
    #[error("attributes")]
    Attributes,
    /// EF 0003.
    #[error("digests")]
    Digests,
    /// EF 0004.
    #[error("certificate")]
    Certificate,
    /// EF 0007.
    #[error("signed key")]
    SignedKey,
    /// A trusted key.
    #[error("trusted key")]
    Anchor,
}

impl TextError {
    /// What happened and what to do, in whole sentences for the people at the counter.
    pub fn say(&self, lang: Lang) -> String {
        match lang {
            Lang::Ja => format!("{}{}", self.happened_ja(), self.remedy().0),
            Lang::En => format!("{} {}", self.happened_en(), self.remedy().1),
        }
    }

    fn happened_ja(&self) -> String {
        match self {
            Self::Malformed(TextFile::Anchor) => "券面事項の検証用の鍵ファイルを読み取れません。".to_owned(),
            Self::Malformed(_) | Self::BadAttribute(_) => "カードの券面事項（氏名・住所・生年月日・性別）を読み取れませんでした。".to_owned(),
            Self::UnknownIssuer { issuer } => format!("券面事項の署名が、信頼する鍵のものではありません（名乗っている鍵：{issuer}）。"),
            Self::BadCertificate { .. } | Self::BadSignature | Self::WrongDigest => {
                "券面事項の署名が正しくありません。改ざんされたおそれがあります。".to_owned()
            }
            Self::WeakKey(_) => "券面事項の署名の鍵の強さが足りません。".to_owned(),
            Self::NotPresent => "読み取り機にあるカードの応答が正しくありません。".to_owned(),
        }
    }

    fn happened_en(&self) -> String {
        match self {
            Self::Malformed(TextFile::Anchor) => "The file of a trusted key for card texts cannot be read.".to_owned(),
            Self::Malformed(_) | Self::BadAttribute(_) => "Name, address, birth date and sex could not be read from the card's text.".to_owned(),
            Self::UnknownIssuer { issuer } => format!("The card's text is not signed under a trusted key (it names {issuer})."),
            Self::BadCertificate { .. } | Self::BadSignature | Self::WrongDigest => {
                "The signature in the card's text is not valid; it may have been altered.".to_owned()
            }
            Self::WeakKey(_) => "A key in the card's text is too weak.".to_owned(),
            Self::NotPresent => "The card in the reader did not answer the challenge rightly.".to_owned(),
        }
    }

    fn remedy(&self) -> (&'static str, &'static str) {
        match self {
            Self::UnknownIssuer { .. } | Self::Malformed(TextFile::Anchor) => {
                ("担当者は装置に登録した券面事項の検証用の鍵を確かめてください。", "The operator must check the keys for card texts that the appliance trusts.")
            }
            Self::WeakKey(_) => ("この手続きには使えません。", "It cannot be used here."),
            Self::Malformed(_) | Self::BadAttribute(_) | Self::BadCertificate { .. } | Self::BadSignature | Self::WrongDigest | Self::NotPresent => (
                "カードを置き直して読み取り直してください。続く場合は、このカードで登録しないでください。",
                "Place the card again and read it again; if it happens again, do not enrol with this card.",
            ),
        }
    }
}
