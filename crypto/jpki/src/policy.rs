//! The two purposes of holders' certificates and the policy identifiers that name them.

pub use der::asn1::ObjectIdentifier as Oid;

/// What a holder's certificate is for. A card carries one certificate of each purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// 利用者証明用: the holder logs in. The certificate says nothing about the person.
    UserAuthentication,
    /// 署名用: the holder signs a document. The certificate carries name, address, birth date and sex.
    DigitalSignature,
}

/// Which certificate policies are accepted for which purpose.
///
/// Phones have certificates of their own under other policies; add them with [`PolicySet::allow`] once the authority
/// decides that a phone serves as a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicySet {
    authentication: Vec<Oid>,
    signature: Vec<Oid>,
}

impl PolicySet {
    /// Nothing is accepted.
    pub const fn none() -> Self {
        Self { authentication: Vec::new(), signature: Vec::new() }
    }

    /// Certificates of Individual Number Cards.
    pub fn production() -> Self {
        Self { authentication: vec![Oid::new_unwrap("1.2.392.200149.8.5.1.3.30")], signature: vec![Oid::new_unwrap("1.2.392.200149.8.5.1.1.20")] }
    }

    /// Certificates of test cards. Must never be accepted together with [`PolicySet::production`].
    pub fn test() -> Self {
        Self { authentication: vec![Oid::new_unwrap("1.2.392.200149.8.5.1.0.30")], signature: vec![Oid::new_unwrap("1.2.392.200149.8.5.1.0.20")] }
    }

    /// Accepts one more policy for `purpose`.
    #[must_use]
    pub fn allow(mut self, purpose: Purpose, policy: Oid) -> Self {
        match purpose {
            Purpose::UserAuthentication => self.authentication.push(policy),
            Purpose::DigitalSignature => self.signature.push(policy),
        }
        self
    }

    /// The policies accepted for `purpose`.
    pub fn accepted(&self, purpose: Purpose) -> &[Oid] {
        match purpose {
            Purpose::UserAuthentication => &self.authentication,
            Purpose::DigitalSignature => &self.signature,
        }
    }
}
