//! Why somebody is enrolled at a counter: a closed list.

use crate::lang::Lang;

/// Why a person has no usable certificate for digital signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FallbackReason {
    /// The person is under 15: none is issued then.
    UnderFifteen,
    /// None was issued.
    NotIssued,
    /// It has expired, or was revoked when name or address changed.
    Expired,
    /// Its password is blocked or forgotten.
    PasswordBlocked,
}

impl FallbackReason {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::UnderFifteen, Self::NotIssued, Self::Expired, Self::PasswordBlocked];

    /// The word in statements, journals and commands.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnderFifteen => "under-15",
            Self::NotIssued => "not-issued",
            Self::Expired => "expired",
            Self::PasswordBlocked => "password-blocked",
        }
    }

    /// The reason of this word; `None` for any other text.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }

    /// The reason in words for people.
    pub const fn say(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::UnderFifteen, Lang::Ja) => "15歳未満のため、署名用電子証明書が発行されない",
            (Self::UnderFifteen, Lang::En) => "under 15, so no signing certificate is issued",
            (Self::NotIssued, Lang::Ja) => "署名用電子証明書の発行を受けていない",
            (Self::NotIssued, Lang::En) => "no signing certificate was issued",
            (Self::Expired, Lang::Ja) => "署名用電子証明書の有効期限が切れたか、失効している",
            (Self::Expired, Lang::En) => "the signing certificate has expired or was revoked",
            (Self::PasswordBlocked, Lang::Ja) => "署名用パスワードがロックされているか、分からない",
            (Self::PasswordBlocked, Lang::En) => "the signing password is blocked or forgotten",
        }
    }
}
