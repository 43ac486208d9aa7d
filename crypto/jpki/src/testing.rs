//! A certification authority for software cards and tests: two CAs, one for each [`Purpose`], that issue certificates in
//! the shape of those on J-LIS test cards (O=JPKI-TEST and the policies of [`PolicySet::test`]) and revocation lists.
//!
//! Nothing here belongs in a product: whoever holds these keys can be everybody.
//!
//! [`PolicySet::test`]: crate::PolicySet::test

use der::{Encode, asn1::OctetString};
use ring::digest;
use thiserror::Error;
use x509_cert::{
    Version,
    crl::{CertificateList, RevokedCert, TbsCertList},
    ext::{
        Extension,
        pkix::{
            crl::{CrlDistributionPoints, IssuingDistributionPoint, dp::DistributionPoint},
            name::{DistributionPointName, GeneralName},
        },
    },
    name::Name,
    serial_number::SerialNumber,
    time::Time,
};

use crate::{
    anchor::{Anchor, TrustStore},
    attributes::FourAttributes,
    crl::Revocation,
    error::JpkiError,
    extensions,
    key::CardKey,
    policy::Purpose,
    serial::Serial,
    time::{UnixTime, Validity},
};

mod form;
mod names;
mod sign;
mod text;

pub use form::CertificateForm;
pub use sign::CaKey;
pub use text::{SignedText, TextAuthority, attributes_file, public_key, tlv};

/// Why the test CA could not do its work.
#[derive(Debug, Error)]
pub enum TestingError {
    /// A value does not fit into DER.
    #[error("cannot be encoded: {0}")]
    Encoding(#[from] der::Error),
    /// Not the PKCS#8 of an RSA-2048 or P-384 key.
    #[error("not the PKCS#8 of a supported key")]
    Key,
    /// The key could not sign.
    #[error("the key could not sign")]
    Signing,
    /// A public key or certificate of the CA that the verifier refuses.
    #[error(transparent)]
    Jpki(#[from] JpkiError),
}

/// Two certification authorities, as the service has them.
pub struct TestCa {
    authentication: Authority,
    signature: Authority,
}

/// One certification authority.
pub struct Authority {
    purpose: Purpose,
    key: CaKey,
    name: Name,
    serial: SerialNumber,
    key_identifier: OctetString,
    certificate: Vec<u8>,
}

/// To whom and for how long a certificate is issued.
#[derive(Clone, Debug)]
pub struct Holder {
    /// SubjectPublicKeyInfo of the card's key, in DER.
    pub spki_der: Vec<u8>,
    /// Serial number; must be new for each certificate of a CA, and not zero.
    pub serial: u64,
    /// Period of validity.
    pub validity: Validity,
    /// Where the holder lives.
    pub municipality: Municipality,
}

/// A municipality as certificates name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Municipality {
    /// Five digits (全国地方公共団体コード without its check digit).
    pub code: String,
    /// In Latin letters, such as `Hyogo-ken`.
    pub prefecture: String,
    /// In Latin letters, such as `Yabu-shi`.
    pub name: String,
}

impl Municipality {
    /// 養父市.
    pub fn yabu() -> Self {
        Self { code: "28222".to_owned(), prefecture: "Hyogo-ken".to_owned(), name: "Yabu-shi".to_owned() }
    }
}

/// What a revocation list says.
#[derive(Clone, Debug)]
pub struct RevocationList {
    /// From thisUpdate to nextUpdate.
    pub validity: Validity,
    /// Whose distribution point the list belongs to; `None`: a list of all certificates of the CA.
    pub municipality: Option<Municipality>,
    /// Which certificates are revoked, since when and how.
    pub revoked: Vec<(Serial, UnixTime, Revocation)>,
}

impl TestCa {
    /// Two CAs with these keys, their own certificates valid in this period.
    ///
    /// # Errors
    /// [`TestingError`].
    pub fn new(authentication: CaKey, signature: CaKey, validity: Validity) -> Result<Self, TestingError> {
        Ok(Self {
            authentication: Authority::new(Purpose::UserAuthentication, authentication, validity)?,
            signature: Authority::new(Purpose::DigitalSignature, signature, validity)?,
        })
    }

    /// Two CAs with the RSA keys that lie in the source tree for everybody to see.
    ///
    /// # Errors
    /// [`TestingError`].
    pub fn with_published_keys(validity: Validity) -> Result<Self, TestingError> {
        Self::new(
            CaKey::from_pkcs8(include_bytes!("../../../tests/data/jpki/keys/authentication-ca.pkcs8.der"))?,
            CaKey::from_pkcs8(include_bytes!("../../../tests/data/jpki/keys/signature-ca.pkcs8.der"))?,
            validity,
        )
    }

    /// The CA for `purpose`.
    pub fn authority(&self, purpose: Purpose) -> &Authority {
        match purpose {
            Purpose::UserAuthentication => &self.authentication,
            Purpose::DigitalSignature => &self.signature,
        }
    }

    /// A store that trusts both CAs.
    ///
    /// # Errors
    /// [`TestingError`].
    pub fn trust_store(&self) -> Result<TrustStore, TestingError> {
        Ok(TrustStore::new(vec![self.authentication.anchor()?, self.signature.anchor()?]))
    }

    /// Issues a certificate for user authentication (利用者証明用), in DER.
    ///
    /// # Errors
    /// [`TestingError`].
    pub fn authentication_certificate(&self, holder: &Holder) -> Result<Vec<u8>, TestingError> {
        self.authentication.sign(CertificateForm::authentication(&self.authentication, holder)?)
    }

    /// Issues a certificate for digital signatures (署名用) with the four attributes, in DER.
    ///
    /// # Errors
    /// [`TestingError`].
    pub fn signing_certificate(&self, holder: &Holder, attributes: &FourAttributes) -> Result<Vec<u8>, TestingError> {
        self.signature.sign(CertificateForm::signing(&self.signature, holder, attributes)?)
    }
}

impl Authority {
    /// A CA of its own. Its name depends on the purpose alone, as that of the real ones.
    ///
    /// # Errors
    /// [`TestingError`].
    pub fn new(purpose: Purpose, key: CaKey, validity: Validity) -> Result<Self, TestingError> {
        let form = CertificateForm::ca(purpose, &key, validity)?;
        let (name, serial) = (form.subject.clone(), form.serial.clone());
        let certificate = form.sign(&key)?;
        let key_identifier = key_identifier(&key.spki_der())?;
        Ok(Self { purpose, key, name, serial, key_identifier, certificate })
    }

    /// The CA certificate in DER, self-signed.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// The CA certificate as an anchor.
    ///
    /// # Errors
    /// [`TestingError::Jpki`] if the verifier refuses it.
    pub fn anchor(&self) -> Result<Anchor, TestingError> {
        Ok(Anchor::from_der(&self.certificate)?)
    }

    /// Signs a certificate, whatever it says.
    ///
    /// # Errors
    /// [`TestingError`].
    pub fn sign(&self, form: CertificateForm) -> Result<Vec<u8>, TestingError> {
        form.sign(&self.key)
    }

    /// Issues a revocation list in DER.
    ///
    /// # Errors
    /// [`TestingError`].
    pub fn revocation_list(&self, list: &RevocationList) -> Result<Vec<u8>, TestingError> {
        self.revocation_list_with(list, Vec::new())
    }

    /// Issues a revocation list in DER with more extensions than its own.
    ///
    /// # Errors
    /// [`TestingError`].
    pub fn revocation_list_with(&self, list: &RevocationList, more_extensions: Vec<Extension>) -> Result<Vec<u8>, TestingError> {
        let RevocationList { validity, municipality, revoked } = list;
        let mut extensions = vec![form::authority_key_identifier(self)?];
        if let Some(municipality) = municipality {
            let name = names::distribution_point(self.purpose, municipality)?;
            let point = IssuingDistributionPoint {
                distribution_point: Some(DistributionPointName::FullName(vec![GeneralName::DirectoryName(name)])),
                only_contains_user_certs: false,
                only_contains_ca_certs: false,
                only_some_reasons: None,
                indirect_crl: false,
                only_contains_attribute_certs: false,
            };
            extensions.push(form::critical(extensions::ISSUING_DISTRIBUTION_POINT, &point)?);
        }
        extensions.extend(more_extensions);
        let entries = revoked
            .iter()
            .map(|(serial, since, kind)| {
                let hold = match kind {
                    Revocation::Revoked => None,
                    // CRLReason certificateHold (RFC 5280 §5.3.1).
                    Revocation::Suspended => {
                        Some(vec![Extension { extn_id: extensions::REASON_CODE, critical: false, extn_value: OctetString::new([0x0a, 0x01, 0x06])? }])
                    }
                };
                Ok(RevokedCert { serial_number: SerialNumber::new(serial.as_bytes())?, revocation_date: x509_time(*since), crl_entry_extensions: hold })
            })
            .collect::<Result<Vec<_>, der::Error>>()?;
        let tbs_cert_list = TbsCertList {
            version: Version::V2,
            signature: self.key.algorithm(),
            issuer: self.name.clone(),
            this_update: x509_time(validity.not_before),
            next_update: Some(x509_time(validity.not_after)),
            // An empty list must be absent (RFC 5280 §5.1.2.6).
            revoked_certificates: (!entries.is_empty()).then_some(entries),
            crl_extensions: Some(extensions),
        };
        let signature = self.key.sign(&tbs_cert_list.to_der()?)?;
        let list = CertificateList::<x509_cert::certificate::Rfc5280> {
            tbs_cert_list,
            signature_algorithm: self.key.algorithm(),
            signature: der::asn1::BitString::from_bytes(&signature)?,
        };
        Ok(list.to_der()?)
    }
}

fn x509_time(time: UnixTime) -> Time {
    time.date_time().into()
}

/// SHA-1 of the key, a name and not a protection (RFC 5280 §4.2.1.2, method 1).
fn key_identifier(spki_der: &[u8]) -> Result<OctetString, TestingError> {
    let bytes = match CardKey::from_spki_der(spki_der) {
        Ok(CardKey::Rsa(key)) => key.pkcs1_der().to_vec(),
        Ok(CardKey::P384(key)) => key.point().to_vec(),
        // Keys that the verifier refuses are certified all the same, so that tests can see them refused.
        Err(_) => spki_der.to_vec(),
    };
    Ok(OctetString::new(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &bytes).as_ref())?)
}

fn distribution_points(name: Name) -> CrlDistributionPoints {
    CrlDistributionPoints(vec![DistributionPoint {
        distribution_point: Some(DistributionPointName::FullName(vec![GeneralName::DirectoryName(name)])),
        reasons: None,
        crl_issuer: None,
    }])
}
