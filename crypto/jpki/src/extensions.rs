//! The extensions of a certificate or a revocation list: each at most once, and none that is critical and unknown.

use der::Decode;
use x509_cert::ext::Extension;

use crate::{
    error::{JpkiError, Malformed},
    policy::Oid,
};

pub(crate) const SUBJECT_KEY_IDENTIFIER: Oid = Oid::new_unwrap("2.5.29.14");
pub(crate) const KEY_USAGE: Oid = Oid::new_unwrap("2.5.29.15");
pub(crate) const SUBJECT_ALTERNATIVE_NAME: Oid = Oid::new_unwrap("2.5.29.17");
pub(crate) const BASIC_CONSTRAINTS: Oid = Oid::new_unwrap("2.5.29.19");
pub(crate) const REASON_CODE: Oid = Oid::new_unwrap("2.5.29.21");
pub(crate) const ISSUING_DISTRIBUTION_POINT: Oid = Oid::new_unwrap("2.5.29.28");
pub(crate) const CRL_DISTRIBUTION_POINTS: Oid = Oid::new_unwrap("2.5.29.31");
pub(crate) const CERTIFICATE_POLICIES: Oid = Oid::new_unwrap("2.5.29.32");
pub(crate) const AUTHORITY_KEY_IDENTIFIER: Oid = Oid::new_unwrap("2.5.29.35");
pub(crate) const EXTENDED_KEY_USAGE: Oid = Oid::new_unwrap("2.5.29.37");

/// Whether whoever does not understand an extension must refuse what carries it (RFC 5280 §4.2).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Criticality {
    Critical,
    Optional,
}

#[derive(Clone, Copy)]
pub(crate) struct Extensions<'a>(&'a [Extension]);

impl<'a> Extensions<'a> {
    /// `understood` are the extensions whose meaning the caller goes on to honour.
    pub(crate) fn read(list: Option<&'a Vec<Extension>>, understood: &[Oid]) -> Result<Self, JpkiError> {
        let list = list.map(Vec::as_slice).unwrap_or_default();
        for (index, extension) in list.iter().enumerate() {
            let oid = extension.extn_id;
            if list.iter().take(index).any(|earlier| earlier.extn_id == oid) {
                return Err(JpkiError::DuplicateExtension { oid });
            }
            if extension.critical && !understood.contains(&oid) {
                return Err(JpkiError::UnknownCriticalExtension { oid });
            }
        }
        Ok(Self(list))
    }

    pub(crate) fn get<T: Decode<'a>>(&self, oid: Oid) -> Result<Option<(Criticality, T)>, JpkiError> {
        let Some(extension) = self.0.iter().find(|extension| extension.extn_id == oid) else {
            return Ok(None);
        };
        let value = T::from_der(extension.extn_value.as_bytes()).map_err(|_| JpkiError::Malformed(Malformed::Extension(oid)))?;
        let criticality = if extension.critical { Criticality::Critical } else { Criticality::Optional };
        Ok(Some((criticality, value)))
    }
}
