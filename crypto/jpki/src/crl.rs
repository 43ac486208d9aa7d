//! A certificate revocation list: the certificates of one authority, or of one of its distribution points, that are no
//! longer valid (RFC 5280 §5). The service has a distribution point for each municipality.

use std::{collections::BTreeMap, sync::Arc};

use der::{Decode, Enumerated};
use x509_cert::{
    Version,
    crl::{CertificateList, RevokedCert},
    ext::pkix::{
        crl::IssuingDistributionPoint,
        name::{DistributionPointName, GeneralName},
    },
};

use crate::{
    anchor::{Anchor, TrustStore},
    error::{JpkiError, Malformed, UnsupportedCrl},
    extensions::{Extensions, ISSUING_DISTRIBUTION_POINT, REASON_CODE},
    hash::Hash32,
    serial::Serial,
    signed::Signed,
    time::{UnixTime, Validity},
};

/// Whether a certificate is accepted without a fresh revocation list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CrlPolicy {
    /// No fresh list, no acceptance.
    Required,
    /// A list that is missing or stale is no obstacle; a certificate that a known list revokes is still refused.
    NotRequired,
}

/// What a list says about a certificate that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Revocation {
    /// For good.
    Revoked,
    /// Until further notice, as after the report of a lost card (reason certificateHold).
    Suspended,
}

/// A revocation list whose signature by an anchor was verified.
#[derive(Clone, Debug)]
pub struct Crl {
    signer: Hash32,
    validity: Validity,
    /// `None`: all certificates of the signer.
    scope: Option<Vec<GeneralName>>,
    revoked: BTreeMap<Serial, (UnixTime, Revocation)>,
}

impl Crl {
    /// Reads a list in DER and checks that an anchor in `store` signed it.
    ///
    /// # Errors
    /// [`JpkiError::Malformed`], [`JpkiError::UnknownCrlIssuer`], [`JpkiError::UnsupportedCrl`] for delta and indirect
    /// lists and lists of some reasons only, [`JpkiError::UnknownCriticalExtension`], [`JpkiError::NotACa`].
    pub fn from_der(der: &[u8], store: &TrustStore) -> Result<Self, JpkiError> {
        const MALFORMED: JpkiError = JpkiError::Malformed(Malformed::Crl);
        let signed = Signed::parse(der, Malformed::Crl)?;
        let list = CertificateList::<x509_cert::certificate::Rfc5280>::from_der(der).map_err(|_| MALFORMED)?;
        let tbs = list.tbs_cert_list;
        signed.check_inner_algorithm(&tbs.signature)?;
        let signer = store.signer_of_crl(&signed, &tbs.issuer)?;
        if tbs.version != Version::V2 {
            return Err(JpkiError::WrongVersion);
        }
        let extensions = Extensions::read(tbs.crl_extensions.as_ref(), &[ISSUING_DISTRIBUTION_POINT])?;
        let scope = match extensions.get::<IssuingDistributionPoint>(ISSUING_DISTRIBUTION_POINT)? {
            None => None,
            Some((_, point)) => scope(point)?,
        };
        // RFC 5280 §5.1.2.5 demands nextUpdate; without it freshness has no meaning.
        let next_update = tbs.next_update.ok_or(MALFORMED)?;
        let mut revoked = BTreeMap::new();
        for entry in tbs.revoked_certificates.unwrap_or_default() {
            let serial = Serial::from_x509(&entry.serial_number).ok_or(MALFORMED)?;
            let (since, kind) = revocation(&entry)?;
            let known = revoked.entry(serial).or_insert((since, kind));
            if since < known.0 {
                *known = (since, kind);
            }
        }
        Ok(Self { signer: signer.spki_sha256(), validity: Validity { not_before: tbs.this_update.into(), not_after: next_update.into() }, scope, revoked })
    }

    /// From thisUpdate to nextUpdate: the period in which the list is fresh.
    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// SHA-256 of the SubjectPublicKeyInfo of the anchor that signed the list.
    pub fn signer(&self) -> Hash32 {
        self.signer
    }

    /// How many certificates the list revokes.
    pub fn len(&self) -> usize {
        self.revoked.len()
    }

    /// Whether the list revokes nothing.
    pub fn is_empty(&self) -> bool {
        self.revoked.is_empty()
    }

    /// Since when the list revokes `serial`, and how.
    pub fn revocation(&self, serial: &Serial) -> Option<(UnixTime, Revocation)> {
        self.revoked.get(serial).copied()
    }

    fn covers(&self, anchor: &Anchor, distribution_points: &[GeneralName]) -> bool {
        self.signer == anchor.spki_sha256() && self.scope.as_ref().is_none_or(|scope| scope.iter().any(|name| distribution_points.contains(name)))
    }

    fn check(&self, serial: &Serial, at: UnixTime) -> Result<(), JpkiError> {
        match self.revocation(serial) {
            Some((since, kind)) if since <= at => Err(JpkiError::Revoked { serial: serial.clone(), since, kind }),
            _ => Ok(()),
        }
    }
}

/// The revocation lists at hand, of any authority, place and age.
#[derive(Clone, Debug, Default)]
pub struct CrlSet {
    crls: Vec<Arc<Crl>>,
}

impl CrlSet {
    /// The set of these lists.
    pub fn new(crls: Vec<Crl>) -> Self {
        Self { crls: crls.into_iter().map(Arc::new).collect() }
    }

    /// Adds a list, which other sets may hold too.
    pub fn insert(&mut self, crl: impl Into<Arc<Crl>>) {
        self.crls.push(crl.into());
    }

    /// The lists, in the order given.
    pub fn crls(&self) -> &[Arc<Crl>] {
        &self.crls
    }

    /// Refuses a certificate that was revoked at `at`.
    ///
    /// The list that counts is the newest one issued until `at`, since a suspension can end. A list issued later counts
    /// too where it dates a revocation at or before `at`.
    pub(crate) fn check(
        &self,
        anchor: &Anchor,
        distribution_points: &[GeneralName],
        serial: &Serial,
        policy: CrlPolicy,
        at: UnixTime,
    ) -> Result<(), JpkiError> {
        let covering = || self.crls.iter().filter(|crl| crl.covers(anchor, distribution_points));
        for later in covering().filter(|crl| crl.validity.not_before > at) {
            later.check(serial, at)?;
        }
        let newest = covering().filter(|crl| crl.validity.not_before <= at).max_by_key(|crl| crl.validity.not_before);
        if let Some(crl) = newest {
            crl.check(serial, at)?;
        }
        match (policy, newest) {
            (CrlPolicy::NotRequired, _) => Ok(()),
            (CrlPolicy::Required, Some(crl)) if at <= crl.validity.not_after => Ok(()),
            (CrlPolicy::Required, Some(crl)) => Err(JpkiError::StaleCrl { next_update: crl.validity.not_after, at }),
            (CrlPolicy::Required, None) => match covering().map(|crl| crl.validity.not_before).min() {
                Some(this_update) => Err(JpkiError::CrlNotYetValid { this_update, at }),
                None => Err(JpkiError::NoCrl { issuer: anchor.fingerprint() }),
            },
        }
    }
}

fn scope(point: IssuingDistributionPoint) -> Result<Option<Vec<GeneralName>>, JpkiError> {
    let IssuingDistributionPoint {
        distribution_point,
        // Nothing but holders' certificates is looked up here.
        only_contains_user_certs: _,
        only_contains_ca_certs,
        only_some_reasons,
        indirect_crl,
        only_contains_attribute_certs,
    } = point;
    if indirect_crl {
        return Err(JpkiError::UnsupportedCrl(UnsupportedCrl::Indirect));
    }
    if only_some_reasons.is_some() {
        return Err(JpkiError::UnsupportedCrl(UnsupportedCrl::SomeReasons));
    }
    if only_contains_ca_certs || only_contains_attribute_certs {
        return Err(JpkiError::UnsupportedCrl(UnsupportedCrl::NotHolders));
    }
    match distribution_point {
        None => Ok(None),
        Some(DistributionPointName::FullName(names)) => Ok(Some(names)),
        Some(DistributionPointName::NameRelativeToCRLIssuer(_)) => Err(JpkiError::UnsupportedCrl(UnsupportedCrl::RelativeName)),
    }
}

/// `CRLReason` of RFC 5280 §5.3.1.
#[derive(Clone, Copy, PartialEq, Eq, Enumerated)]
#[repr(u8)]
enum Reason {
    Unspecified = 0,
    KeyCompromise = 1,
    CaCompromise = 2,
    AffiliationChanged = 3,
    Superseded = 4,
    CessationOfOperation = 5,
    CertificateHold = 6,
    RemoveFromCrl = 8,
    PrivilegeWithdrawn = 9,
    AaCompromise = 10,
}

fn revocation(entry: &RevokedCert) -> Result<(UnixTime, Revocation), JpkiError> {
    let RevokedCert { serial_number: _, revocation_date, crl_entry_extensions } = entry;
    let extensions = Extensions::read(crl_entry_extensions.as_ref(), &[REASON_CODE])?;
    let kind = match extensions.get::<Reason>(REASON_CODE)? {
        Some((_, Reason::CertificateHold)) => Revocation::Suspended,
        // Only a delta list takes entries back (RFC 5280 §5.3.1).
        Some((_, Reason::RemoveFromCrl)) => {
            return Err(JpkiError::UnsupportedCrl(UnsupportedCrl::Delta));
        }
        _ => Revocation::Revoked,
    };
    Ok(((*revocation_date).into(), kind))
}
