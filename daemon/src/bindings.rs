//! How a card was bound to its holder: the port between the room of identity, which knows, and the room of elections, whose
//! evidence for the authority must show it.

use tachiai_crypto::hash::Hash32;
use tachiai_schemas::Timestamp;
use tachiai_schemas::evidence;
use tachiai_schemas::identity::Fallback;

use crate::refused::Refused;

/// What bound a card to a person.
#[derive(Debug, Clone)]
pub struct Binding {
    /// The request that was accepted: signatures that an auditor can check again.
    pub evidence: evidence::Binding,
    /// When.
    pub bound: Timestamp,
    /// If that was at a counter: why, by whom, when.
    pub fallback: Option<Fallback>,
}

/// Where bindings are found.
pub trait Bindings: Send + Sync {
    /// What bound the card with this authentication key, which is the SHA-256 of its SubjectPublicKeyInfo, to this person.
    ///
    /// # Errors
    /// [`Refusal::NotEnrolled`], also where the person has changed since the card was bound; [`Refusal::Fault`].
    ///
    /// [`Refusal::NotEnrolled`]: tachiai_schemas::Refusal::NotEnrolled
    /// [`Refusal::Fault`]: tachiai_schemas::Refusal::Fault
    fn binding(&self, card_key: &Hash32, person: &Hash32) -> Result<Binding, Refused>;

    /// The person to whom the card with this authentication key is bound.
    ///
    /// # Errors
    /// As [`Self::binding`].
    fn holder(&self, card_key: &Hash32) -> Result<Hash32, Refused>;
}

/// No card is bound: for commands that read an appliance's folder and serve nobody.
pub struct NoBindings;

impl Bindings for NoBindings {
    fn binding(&self, _card_key: &Hash32, _person: &Hash32) -> Result<Binding, Refused> {
        Err(tachiai_schemas::Refusal::NotEnrolled.into())
    }

    fn holder(&self, _card_key: &Hash32) -> Result<Hash32, Refused> {
        Err(tachiai_schemas::Refusal::NotEnrolled.into())
    }
}
