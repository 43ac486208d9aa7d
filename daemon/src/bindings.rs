//! How a card was bound to its holder: the port between the room of identity, which knows, and the room of elections, whose
//! evidence for the authority must show it.

use serde_json::value::RawValue;
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::identity::Fallback;

use crate::refused::Refused;

/// What bound a card to a person.
#[derive(Debug, Clone)]
pub struct Binding {
    /// The request that was accepted, an [`Enrolment`] or a [`CounterEnrolment`]: signatures that an auditor can check again.
    ///
    /// [`Enrolment`]: tachiai_schemas::identity::Enrolment
    /// [`CounterEnrolment`]: tachiai_schemas::identity::CounterEnrolment
    pub evidence: Box<RawValue>,
    /// If that was at a counter: why, by whom, when.
    pub fallback: Option<Fallback>,
}

/// Where bindings are found.
pub trait Bindings: Send + Sync {
    /// What bound the card with this authentication key, which is the SHA-256 of its SubjectPublicKeyInfo.
    ///
    /// # Errors
    /// [`Refusal::NotEnrolled`], [`Refusal::Fault`].
    ///
    /// [`Refusal::NotEnrolled`]: tachiai_schemas::Refusal::NotEnrolled
    /// [`Refusal::Fault`]: tachiai_schemas::Refusal::Fault
    fn binding(&self, card_key: &Hash32) -> Result<Binding, Refused>;
}

/// No card is bound: for commands that read an appliance's folder and serve nobody.
pub struct NoBindings;

impl Bindings for NoBindings {
    fn binding(&self, _card_key: &Hash32) -> Result<Binding, Refused> {
        Err(tachiai_schemas::Refusal::NotEnrolled.into())
    }
}
