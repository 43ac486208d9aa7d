//! What is known of a person at a shelter: the fields of the roster (避難者名簿). It never leaves a terminal or the appliance in clear.

use serde::{Deserialize, Serialize};
use tachiai_crypto::roster::{AgeBand, ChainId, Need, Standing, Stay};

use crate::roll::{Day, Protection};
use crate::{CitizenId, HashBytes};

/// How a person was identified at the reception.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Identified {
    /// By the card with its PIN.
    CardPin,
    /// By the card without a PIN.
    Card,
    /// By what a card says whose signature nobody could check: no more than a word.
    CardUnchecked,
    /// By the code of the citizen ID.
    CitizenId,
    /// By the list of residents.
    List,
    /// By word alone.
    Typed,
    /// By a paper form.
    Paper,
}

impl Identified {
    /// Whether nothing but a word says who the person is.
    #[must_use]
    pub const fn is_word(self) -> bool {
        match self {
            Self::CardUnchecked | Self::Typed | Self::Paper => true,
            Self::CardPin | Self::Card | Self::CitizenId | Self::List => false,
        }
    }
}

/// Sex, as registers write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Sex {
    /// Male.
    Male,
    /// Female.
    Female,
    /// Not said.
    #[default]
    Unknown,
}

/// What of a birth is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Birth {
    /// The date; month and day may be unknown.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    Day(Day),
    /// Only how many years old the person says to be (0 to 130).
    Years(u8),
    /// Nothing.
    #[default]
    Unknown,
}

impl Birth {
    /// The oldest that a stated age may be.
    pub const OLDEST: u8 = 130;

    /// Completed years on a day, as far as they are known: with month or day unknown, those of the latest day that it can be. An age is reached on the day before
    /// the birthday (年齢計算ニ関スル法律).
    #[must_use]
    pub fn years(self, on: Day) -> Option<u16> {
        match self {
            Self::Years(years) => Some(u16::from(years)),
            Self::Unknown => None,
            Self::Day(day) => day.years_on(on),
        }
    }

    /// The age band on a day.
    #[must_use]
    pub fn band(self, on: Day) -> AgeBand {
        self.years(on).map_or(AgeBand::Unknown, AgeBand::of_years)
    }
}

/// Who may learn that a person is here (安否公開).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Disclosure {
    /// Nobody.
    #[default]
    Nobody,
    /// Relatives who give name and birth date or address: that the person is safe.
    Safe,
    /// Relatives, as above: that the person is safe and in which shelter.
    Place,
}

/// The place in the household.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Relation {
    /// Head (世帯主).
    Head,
    /// Member.
    #[default]
    Member,
}

/// A household (世帯): those who came together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Household {
    /// A random handle of the household.
    pub id: ChainId,
    /// The place in it.
    pub relation: Relation,
}

/// Damage to the home (住家被害).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Damage {
    /// None.
    None,
    /// In part (一部損壊).
    Part,
    /// Half (半壊).
    Half,
    /// Whole (全壊).
    Whole,
    /// Flooded above the floor (床上浸水).
    AboveFloor,
    /// Flooded below the floor (床下浸水).
    BelowFloor,
}

/// The urgency that the questionnaire or staff gave (トリアージ).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Triage {
    /// Nothing to do.
    Green,
    /// To be seen by a nurse.
    Yellow,
    /// To be seen at once.
    Red,
}

/// A person at a shelter. Every key of the JSON object is one field of the roster's tree; what is absent has no field.
///
/// There is no `Debug`: a roster must not reach a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Person {
    /// The name as written, 外字 included; empty where only a head was counted.
    pub name: String,
    /// The name with 外字 replaced by JIS characters, where that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_jis: Option<String>,
    /// The name in full-width katakana, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kana: String,
    /// The birth.
    #[serde(default)]
    pub birth: Birth,
    /// The sex.
    #[serde(default)]
    pub sex: Sex,
    /// The address, as written.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// The telephone number, as written.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
    /// The district of the municipality, as its register names it; empty for people from elsewhere.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub district: String,
    /// The neighbourhood association (自治会).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub association: String,
    /// The household.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub household: Option<Household>,
    /// The resident system's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resident: Option<String>,
    /// The citizen ID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub citizen: Option<CitizenId>,
    /// How the person was identified.
    pub identified: Identified,
    /// Where the person stays.
    pub stay: Stay,
    /// Special needs, ascending, each at most once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Need>,
    /// What the needs are, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub needs_note: String,
    /// Foods that make the person ill, by their usual names (卵, 乳, 小麦, …), sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allergies: Vec<String>,
    /// Medication.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub medication: String,
    /// Pets: what and how many.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pets: String,
    /// Languages that the person needs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub language: String,
    /// Qualifications that may help: nurse, interpreter, ….
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub qualifications: String,
    /// Damage to the home.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub damage: Option<Damage>,
    /// Where the person would like to stay.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub wish: String,
    /// The room in the shelter.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub room: String,
    /// Who may learn that the person is here.
    #[serde(default)]
    pub disclosure: Disclosure,
    /// Whether the address is kept from others (支援措置): such a person appears in no search.
    #[serde(default)]
    pub protection: Protection,
    /// Where the person goes, on leaving.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub destination: String,
    /// The questionnaire that was filled in, by its hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub questionnaire: Option<HashBytes>,
    /// Urgency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub triage: Option<Triage>,
    /// Anything else.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl Person {
    /// Somebody of whom nothing is known but how they came.
    #[must_use]
    pub fn unknown(identified: Identified, stay: Stay) -> Self {
        Self {
            name: String::new(),
            name_jis: None,
            kana: String::new(),
            birth: Birth::default(),
            sex: Sex::default(),
            address: String::new(),
            phone: String::new(),
            district: String::new(),
            association: String::new(),
            household: None,
            resident: None,
            citizen: None,
            identified,
            stay,
            needs: Vec::new(),
            needs_note: String::new(),
            allergies: Vec::new(),
            medication: String::new(),
            pets: String::new(),
            language: String::new(),
            qualifications: String::new(),
            damage: None,
            wish: String::new(),
            room: String::new(),
            disclosure: Disclosure::default(),
            protection: Protection::default(),
            destination: String::new(),
            questionnaire: None,
            triage: None,
            note: String::new(),
        }
    }

    /// What totals are made of; `began` is the day of the event in Japan.
    #[must_use]
    pub fn standing(&self, began: Day) -> Standing {
        // A need that is written twice counts once, as it does in the commitment.
        let mut needs = self.needs.clone();
        needs.sort_unstable();
        needs.dedup();
        Standing { age: self.birth.band(began), stay: self.stay, needs }
    }
}
