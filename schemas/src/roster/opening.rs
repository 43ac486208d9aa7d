//! The opening of an entry: what its commitment and its root stand for. It travels sealed, and lies sealed in the private journal.

use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::roster::entry::Opening as Commitment;
use tachiai_crypto::roster::fields::{self, Place};
use tachiai_crypto::roster::{ChainId, EventId, Standing};
use zeroize::Zeroize;

use super::{Body, Entry, Link, Person, PersonEntry};
use crate::Bytes;
use crate::roll::Day;

/// A field with its salt.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SaltedField {
    /// The name.
    pub name: String,
    /// The salt.
    pub salt: Bytes<32>,
    /// The value, as JSON text.
    pub value: String,
}

/// The opening of an entry.
///
/// There is no `Debug`: a roster must not reach a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Opening {
    /// β of the commitment; none where the entry has none.
    pub blinding: Option<Bytes<32>>,
    /// The fields, ascending by name.
    pub fields: Vec<SaltedField>,
}

impl Drop for Opening {
    fn drop(&mut self) {
        let Self { blinding, fields } = self;
        if let Some(blinding) = blinding {
            blinding.0.zeroize();
        }
        for SaltedField { name: _, salt, value } in fields {
            salt.0.zeroize();
            value.zeroize();
        }
    }
}

/// Why an opening is not that of an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpeningError {
    /// The fields do not give the root.
    #[error("the fields are not those of the entry")]
    Fields,
    /// The fields are not ascending by name.
    #[error("the fields are not in the order of their names")]
    Order,
    /// The blinding does not open the commitment to what the fields say.
    #[error("the commitment does not open to what the fields say")]
    Commitment,
    /// There is a blinding without a commitment, or the other way round.
    #[error("blinding and commitment do not go together")]
    Blinding,
    /// The fields are not those of a person.
    #[error("the fields are not those of a person: {0}")]
    Person(String),
}

/// The fields of any JSON object, each with a fresh salt.
///
/// # Errors
/// [`OpeningError::Person`] if the value is no object.
pub fn salted(value: &impl Serialize, rng: &mut (impl RngCore + CryptoRng)) -> Result<Vec<SaltedField>, OpeningError> {
    let wrong = |error: serde_json::Error| OpeningError::Person(error.to_string());
    let serde_json::Value::Object(object) = serde_json::to_value(value).map_err(wrong)? else { return Err(OpeningError::Person("no object".to_owned())) };
    let mut salted = Vec::with_capacity(object.len());
    for (name, value) in object {
        salted.push(SaltedField { name, salt: Bytes(fields::salt(rng)), value: serde_json::to_string(&value).map_err(wrong)? });
    }
    salted.sort_by(|one, two| one.name.cmp(&two.name));
    Ok(salted)
}

/// The root over fields.
#[must_use]
pub fn root(place: &Place, fields: &[SaltedField]) -> Hash32 {
    let fields = fields.iter().map(|SaltedField { name, salt, value }| fields::Field { name, salt: &salt.0, value: value.as_bytes() });
    fields::tree(place, fields).root()
}

/// Where the fields of an entry stand; `None` for entries without fields.
#[must_use]
pub fn place(entry: &Entry) -> Option<(Place, Hash32)> {
    let at = |event: EventId, chain: ChainId, seq: u64, root: crate::HashBytes| Some((Place { event, chain, seq }, root.hash()));
    match &entry.body {
        Body::Person(PersonEntry { chain, seq, fields, after: _, shelter: _, act: _, proof: _ }) => at(entry.event, *chain, *seq, *fields),
        Body::Link(Link { chain, fields, other: _, verdict: _ }) => at(entry.event, *chain, entry.number, *fields),
        Body::Report(report) => report.report.sealed().and_then(|(handle, root)| at(entry.event, handle, entry.number, root)),
        Body::Declared(_) | Body::Terminal(_) | Body::Shelter(_) | Body::Stated(_) | Body::Closed {} => None,
    }
}

impl Opening {
    /// The fields as a value of the type that was salted.
    ///
    /// # Errors
    /// [`OpeningError::Person`].
    pub fn read<T: for<'a> Deserialize<'a>>(&self) -> Result<T, OpeningError> {
        let wrong = |error: serde_json::Error| OpeningError::Person(format!("{:?}", error.classify()));
        let mut object = serde_json::Map::new();
        for SaltedField { name, salt: _, value } in &self.fields {
            object.insert(name.clone(), serde_json::from_str(value).map_err(wrong)?);
        }
        serde_json::from_value(serde_json::Value::Object(object)).map_err(wrong)
    }

    /// The person of an entry, if this is its opening: the fields give its root, and its commitment opens to what they say. `began` is the day of the event.
    ///
    /// # Errors
    /// [`OpeningError`].
    pub fn person(&self, entry: &Entry, began: Day) -> Result<Person, OpeningError> {
        self.check_fields(entry)?;
        let Body::Person(PersonEntry { proof, .. }) = &entry.body else { return Err(OpeningError::Fields) };
        let person: Person = self.read()?;
        match (proof, &self.blinding) {
            (None, None) => {}
            (Some(proof), Some(blinding)) => {
                let standing = person.standing(began);
                if !opens(proof.0.as_slice(), &standing, &blinding.0) {
                    return Err(OpeningError::Commitment);
                }
            }
            (None, Some(_)) | (Some(_), None) => return Err(OpeningError::Blinding),
        }
        Ok(person)
    }

    /// What opens the commitment of the entry; `None` where it has none. `began` is the day of the event.
    ///
    /// # Errors
    /// [`OpeningError`].
    pub fn commitment(&self, began: Day) -> Result<Option<Commitment>, OpeningError> {
        let Some(blinding) = &self.blinding else { return Ok(None) };
        let person: Person = self.read()?;
        Commitment::from_parts(&person.standing(began), &blinding.0).map(Some).map_err(|_| OpeningError::Commitment)
    }

    /// Whether the fields are those of an entry.
    ///
    /// # Errors
    /// [`OpeningError::Fields`], [`OpeningError::Order`].
    pub fn check_fields(&self, entry: &Entry) -> Result<(), OpeningError> {
        let (place, expected) = place(entry).ok_or(OpeningError::Fields)?;
        if !self.fields.is_sorted_by(|one, two| one.name < two.name) {
            return Err(OpeningError::Order);
        }
        if root(&place, &self.fields) == expected { Ok(()) } else { Err(OpeningError::Fields) }
    }
}

/// Whether the commitment at the head of a proof opens to a standing.
fn opens(proof: &[u8], standing: &Standing, blinding: &[u8; 32]) -> bool {
    let commitment = proof.first_chunk::<32>().and_then(|bytes| tachiai_crypto::group::Element::decode(bytes).ok());
    let opening = Commitment::from_parts(standing, blinding).ok();
    matches!((commitment, opening), (Some(commitment), Some(opening)) if opening.opens(&commitment))
}
