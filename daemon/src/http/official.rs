//! An official is a member of staff, known by the key of the client certificate of the TLS connection. The staff list
//! is asked again for every request, so whoever is revoked loses access at once.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::Refusal;
use tachiai_schemas::staff::Role;

use crate::refused::Refused;

/// Who a request on the staff port comes from. As an extractor it answers [`Refusal::Forbidden`] to everyone else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Official {
    /// The name in the staff list.
    pub name: String,
    /// The role.
    pub role: Role,
    /// SHA-256 of the SubjectPublicKeyInfo of the client certificate.
    pub key: Hash32,
}

impl Official {
    /// Whether the role is one of these.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`].
    pub fn require(&self, roles: &[Role]) -> Result<(), Refused> {
        if roles.contains(&self.role) { Ok(()) } else { Err(Refusal::Forbidden.into()) }
    }
}

/// The staff list, as the TLS handshake and every request ask it.
pub trait Officials: Send + Sync {
    /// Who holds this key today; nobody if the key is unknown or revoked.
    fn official(&self, key: &Hash32) -> Option<Official>;
}

/// The key of the client certificate of this connection: SHA-256 of its SubjectPublicKeyInfo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerKey(pub Hash32);

impl<S: Send + Sync> FromRequestParts<S> for Official {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refused> {
        let official = parts.extensions.get::<PeerKey>().and_then(|PeerKey(key)| parts.extensions.get::<Arc<dyn Officials>>()?.official(key));
        official.ok_or_else(|| Refusal::Forbidden.into())
    }
}
