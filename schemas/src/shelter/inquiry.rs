//! Relatives ask after somebody (安否照会), and what they are told.

use serde::{Deserialize, Serialize};

use crate::election::Text;
use crate::roll::Day;
use crate::roster::ShelterId;
use crate::{Lang, Say};

/// A relative asks after somebody (安否照会): `POST events/{event}/inquiries`. Name and birth date or address must be given and be right.
///
/// There is no `Debug`: it names people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Inquiry {
    /// The name or its reading, whole.
    pub name: String,
    /// The birth date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth: Option<Day>,
    /// The address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Who asks: name, address and relation (Disaster Countermeasures Basic Act, Enforcement Regulations 8-3), as shown at the counter (1 to 500 characters).
    pub asker: String,
}

/// What a relative is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum InquiryAnswer {
    /// Nothing can be told: nobody like that is here, or may be told of. Which of them is not said.
    Nothing,
    /// Safe.
    Safe,
    /// Safe, and here.
    Place {
        /// The shelter.
        shelter: ShelterId,
        /// Its name.
        name: Text,
        /// Its address.
        address: String,
    },
}

impl Say for InquiryAnswer {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Nothing, Lang::Ja) => "お知らせできる情報はありません。".to_owned(),
            (Self::Nothing, Lang::En) => "There is nothing that can be told.".to_owned(),
            (Self::Safe, Lang::Ja) => "ご無事です。".to_owned(),
            (Self::Safe, Lang::En) => "Safe.".to_owned(),
            (Self::Place { shelter: _, name, address }, Lang::Ja) => format!("ご無事です。{}（{address}）におられます。", name.ja),
            (Self::Place { shelter: _, name, address }, Lang::En) => format!("Safe, at {} ({address}).", name.en),
        }
    }
}
