//! A declaration (期日前投票宣誓書) is what an elector says, on oath, before voting ahead of the day: for which of the Act's reasons a vote at the polling
//! place will not be possible on the day itself.
//!
//! Sources: Public Offices Election Act (公職選挙法) article 48-2 (1), items 1 to 6 (the reasons); its Enforcement Order (公職選挙法施行令) article 49-8 (the reason
//! that is expected to apply on the day, and the oath that this is true).

use serde::{Deserialize, Serialize};

use crate::election::Text;
use crate::{Bytes, Lang, LeafIndex, Say, Timestamp};

/// Why an elector cannot come on the day: the item of article 48-2 (1) of the Act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum EarlyReason {
    /// Item 1: work, official duty or another engagement that the ministry's ordinance names (職務・業務・冠婚葬祭等).
    Duty,
    /// Item 2: travelling or staying outside the polling district on other business or because of an accident (用務・事故).
    Away,
    /// Item 3: hardly able to walk for illness, injury, pregnancy, age, disability or childbirth, or detained (疾病・収容等).
    Unable,
    /// Item 4: living or staying on an island or in another place that is hard to reach (交通至難の地).
    Remote,
    /// Item 5: living outside the municipality (市町村の区域外に居住).
    Elsewhere,
    /// Item 6: a disaster or bad weather keeps the elector from the polling place (天災・悪天候).
    Weather,
}

/// The number names no item of article 48-2 (1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no item of article 48-2 (1): use 1 to 6")]
pub struct NoReason(pub u8);

impl EarlyReason {
    /// Every reason, in the order of the items.
    pub const ALL: [Self; 6] = [Self::Duty, Self::Away, Self::Unable, Self::Remote, Self::Elsewhere, Self::Weather];

    /// The number of the item, 1 to 6.
    #[must_use]
    pub const fn item(self) -> u8 {
        match self {
            Self::Duty => 1,
            Self::Away => 2,
            Self::Unable => 3,
            Self::Remote => 4,
            Self::Elsewhere => 5,
            Self::Weather => 6,
        }
    }
}

impl From<EarlyReason> for u8 {
    fn from(reason: EarlyReason) -> Self {
        reason.item()
    }
}

impl TryFrom<u8> for EarlyReason {
    type Error = NoReason;

    fn try_from(item: u8) -> Result<Self, NoReason> {
        Self::ALL.into_iter().find(|reason| reason.item() == item).ok_or(NoReason(item))
    }
}

impl Say for EarlyReason {
    fn say(&self, lang: Lang) -> String {
        let (ja, en) = match self {
            Self::Duty => ("仕事・公務、冠婚葬祭などに従事する", "work, official duty, a ceremony or the like"),
            Self::Away => (
                "用務または事故のため、投票区の外に旅行または滞在する",
                "travelling or staying outside the polling district on business or because of an accident",
            ),
            Self::Unable => (
                "疾病・負傷・妊娠・老衰・身体の障害・出産のため歩行が困難である、または施設に収容されている",
                "hardly able to walk for illness, injury, pregnancy, age, disability or childbirth, or detained",
            ),
            Self::Remote => ("交通至難の島などに居住または滞在している", "living or staying on an island or in a place that is hard to reach"),
            Self::Elsewhere => ("住所を移し、この市町村の区域の外に居住している", "living outside this municipality"),
            Self::Weather => ("天災または悪天候により投票所に行くことが困難である", "a disaster or bad weather makes it hard to reach the polling place"),
        };
        lang.pick(ja, en).to_owned()
    }
}

/// The oath: what the elector is shown and confirms, in the words of article 49-8 of the Enforcement Order.
#[must_use]
pub const fn oath(lang: Lang) -> &'static str {
    lang.pick(
        "私は、選挙の当日、上記の事由に該当する見込みです。この申立てが真正であることを誓います。",
        "I expect the reason above to apply to me on the day of the election. I swear that what I say is true.",
    )
}

/// Whether this is the text of the oath, in either language.
#[must_use]
pub fn is_oath(text: &str) -> bool {
    [Lang::Ja, Lang::En].iter().any(|lang| oath(*lang) == text)
}

/// What an elector who is logged in sends. Everything else of the declaration stands on the roll.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeclarationRequest {
    /// The number of the reason, 1 to 6.
    pub reason: u8,
    /// The birth date that the elector states, `YYYY-MM-DD`.
    pub birth: String,
    /// The text of the oath that was confirmed, in either language.
    pub oath: String,
}

/// A declaration as it is kept, sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// The reason.
    pub reason: EarlyReason,
    /// The polling date, `YYYY-MM-DD` in Japan.
    pub polling: String,
    /// The name, as on the roll.
    pub name: String,
    /// The birth date, as on the roll and as stated.
    pub birth: String,
    /// The address, as on the roll.
    pub address: String,
    /// The text of the oath.
    pub oath: String,
    /// SHA-256 of the public key of the card that the elector logged in with.
    pub card: Bytes<32>,
    /// When it was filed.
    pub filed: Timestamp,
}

impl std::fmt::Debug for Declaration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Declaration(<withheld>)")
    }
}

/// What became of a declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DeclarationState {
    /// It is on file: the desk of an early polling place shows it.
    Filed,
    /// The elector took it back.
    Withdrawn,
    /// A paper was handed out on it; it is the elector's no more.
    Used {
        /// The leaf of the hand-out.
        handout: LeafIndex,
    },
}

/// A declaration as its elector sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeclarationView {
    /// The number of the reason.
    pub reason: EarlyReason,
    /// The polling date, `YYYY-MM-DD` in Japan.
    pub polling: String,
    /// When it was filed.
    pub filed: Timestamp,
    /// What became of it.
    pub state: DeclarationState,
}

/// Who filed a declaration.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeclaredBy {
    /// The number on the roll.
    pub number: String,
    /// The name; withheld of who is under protection (支援措置).
    pub name: String,
    /// The birth date; withheld likewise.
    pub birth: String,
}

impl std::fmt::Debug for DeclaredBy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeclaredBy(<withheld>)")
    }
}

/// The paper that was handed out on a declaration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeclarationUse {
    /// The leaf of the hand-out.
    pub leaf: LeafIndex,
    /// When it was recorded.
    pub at: Timestamp,
    /// At which place.
    pub place: Text,
}

/// A declaration in the list of an election's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeclarationListed {
    /// Who filed it.
    pub by: DeclaredBy,
    /// The number of the reason.
    pub reason: EarlyReason,
    /// The polling date on which it is to apply, `YYYY-MM-DD` in Japan.
    pub polling: String,
    /// When it was filed.
    pub filed: Timestamp,
    /// Whether a paper was handed out on it.
    pub handed_out: bool,
    /// That paper; withheld of who is under protection, since it says where they were and when.
    pub used: Option<DeclarationUse>,
}

/// How many declarations that stand were filed on a day for a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeclarationsOnDay {
    /// The day, `YYYY-MM-DD` in Japan.
    pub day: String,
    /// The number of the reason.
    pub reason: EarlyReason,
    /// How many.
    pub filed: u64,
}

/// The declarations of an election, in the order in which they were filed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeclarationList {
    /// How many stand: one that was replaced is none, nor one that was taken back.
    pub all: u64,
    /// On how many of them a paper was handed out.
    pub used: u64,
    /// How many were taken back.
    pub withdrawn: u64,
    /// Some of them; to an auditor none, since whoever audits the evidence too would learn why somebody cannot come.
    pub listed: Vec<DeclarationListed>,
    /// To an auditor instead, how many there are by day and reason.
    pub counted: Vec<DeclarationsOnDay>,
    /// After what the next ones are asked for; nothing once these are the last.
    pub next: Option<u64>,
}

#[cfg(feature = "openapi")]
mod schema {
    use super::EarlyReason;
    use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::Type};

    impl utoipa::PartialSchema for EarlyReason {
        fn schema() -> RefOr<Schema> {
            let items = EarlyReason::ALL.map(EarlyReason::item);
            ObjectBuilder::new().schema_type(Type::Integer).enum_values(Some(items)).description(Some("The item of article 48-2 (1) of the Act")).into()
        }
    }

    impl utoipa::ToSchema for EarlyReason {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reasons_are_the_six_items_and_no_other_number_is_one() {
        for (item, reason) in (1..=6).zip(EarlyReason::ALL) {
            assert_eq!(EarlyReason::try_from(item), Ok(reason));
            assert_eq!(serde_json::to_string(&reason).unwrap(), item.to_string());
            assert_ne!(reason.say(Lang::Ja), reason.say(Lang::En));
        }
        for none in [0, 7, 255] {
            assert_eq!(EarlyReason::try_from(none), Err(NoReason(none)));
            assert!(serde_json::from_str::<EarlyReason>(&none.to_string()).is_err());
        }
    }

    #[test]
    fn only_the_whole_oath_is_an_oath() {
        assert!(is_oath(oath(Lang::Ja)) && is_oath(oath(Lang::En)));
        for text in ["", "はい", "yes", &oath(Lang::Ja)[..30], &format!("{} ", oath(Lang::En))] {
            assert!(!is_oath(text), "{text}");
        }
    }

    #[test]
    fn a_declaration_prints_nobody() {
        let declaration = Declaration {
            reason: EarlyReason::Duty,
            polling: "2027-01-31".to_owned(),
            name: "養父　太郎".to_owned(),
            birth: "1980-04-01".to_owned(),
            address: "養父市".to_owned(),
            oath: oath(Lang::Ja).to_owned(),
            card: Bytes([1; 32]),
            filed: Timestamp::from_unix(1_800_000_000).unwrap(),
        };
        assert_eq!(format!("{declaration:?}"), "Declaration(<withheld>)");
    }
}
