//! Why a certificate, a list or a signature was not accepted. The words for people are in [`JpkiError::say`].

use thiserror::Error;

use crate::{
    crl::Revocation,
    hash::Hash32,
    policy::{Oid, Purpose},
    serial::Serial,
    time::{UnixTime, Validity},
};

mod say;

/// Why something was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum JpkiError {
    /// The bytes are not what they should be.
    #[error("malformed {0}")]
    Malformed(Malformed),
    /// Not an X.509 certificate of version 3 or a list of version 2.
    #[error("wrong version of the certificate or revocation list")]
    WrongVersion,
    /// An algorithm or curve that is not in use by the service.
    #[error("unsupported algorithm {oid}")]
    UnsupportedAlgorithm {
        /// Algorithm or curve.
        oid: Oid,
    },
    /// The signature algorithm is named twice and differently.
    #[error("the signature algorithm inside differs from the one outside")]
    AlgorithmsDisagree,
    /// No trusted authority signed the certificate, whatever name it bears.
    #[error("no trusted authority issued this: {issuer}")]
    UnknownIssuer {
        /// The name that the certificate claims.
        issuer: String,
    },
    /// The certificate names a trusted key, and its signature does not verify under it.
    #[error("the signature of the certificate is not valid")]
    BadSignature,
    /// The authority's own certificate is not valid at this time.
    #[error("the CA certificate {fingerprint} is not valid at {at}: {} to {}", validity.not_before, validity.not_after)]
    AnchorNotValid {
        /// The anchor.
        fingerprint: Hash32,
        /// Its validity.
        validity: Validity,
        /// The time asked about.
        at: UnixTime,
    },
    /// A certificate that was to be trusted may not certify.
    #[error("not the certificate of a certification authority: {0}")]
    NotACa(NotACa),
    /// The certificate of an authority where a holder's was expected.
    #[error("the certificate belongs to an authority, not to a holder")]
    CaInsteadOfHolder,
    /// The validity has not begun.
    #[error("not valid before {not_before}, and it is {at}")]
    NotYetValid {
        /// First valid second.
        not_before: UnixTime,
        /// The time asked about.
        at: UnixTime,
    },
    /// The validity has ended.
    #[error("expired after {not_after}, and it is {at}")]
    Expired {
        /// Last valid second.
        not_after: UnixTime,
        /// The time asked about.
        at: UnixTime,
    },
    /// An extension occurs twice.
    #[error("duplicate extension {oid}")]
    DuplicateExtension {
        /// The extension.
        oid: Oid,
    },
    /// An extension must be understood and is not.
    #[error("unknown critical extension {oid}")]
    UnknownCriticalExtension {
        /// The extension.
        oid: Oid,
    },
    /// keyUsage is missing, not critical or not that of the purpose.
    #[error("the key usage is not that of {purpose:?}")]
    WrongKeyUsage {
        /// The purpose asked for.
        purpose: Purpose,
    },
    /// extendedKeyUsage is not that of the purpose.
    #[error("the extended key usage is not that of {purpose:?}")]
    WrongExtendedKeyUsage {
        /// The purpose asked for.
        purpose: Purpose,
    },
    /// There is no certificatePolicies extension.
    #[error("the certificate names no policy")]
    MissingPolicy,
    /// certificatePolicies is not critical.
    #[error("the certificate policies are not critical")]
    PolicyNotCritical,
    /// Issued for another purpose, for test cards, or for phones.
    #[error("no accepted policy among {found:?}")]
    WrongPolicy {
        /// The policies of the certificate.
        found: Vec<Oid>,
    },
    /// The key is too weak to prove anything.
    #[error("weak key: {0}")]
    WeakKey(Weakness),
    /// The authority revoked or suspended the certificate.
    #[error("{kind:?} since {since}: serial {serial}")]
    Revoked {
        /// Serial number of the certificate.
        serial: Serial,
        /// Since when.
        since: UnixTime,
        /// For good or until further notice.
        kind: Revocation,
    },
    /// A revocation list is required and there is none for this certificate.
    #[error("no revocation list of the authority {issuer} covers this certificate")]
    NoCrl {
        /// Fingerprint of the anchor.
        issuer: Hash32,
    },
    /// A fresh revocation list is required and the newest one is stale.
    #[error("the revocation list was to be replaced by {next_update}, and it is {at}")]
    StaleCrl {
        /// When the next list was due.
        next_update: UnixTime,
        /// The time asked about.
        at: UnixTime,
    },
    /// All revocation lists at hand were issued later than the time asked about.
    #[error("the revocation list was issued at {this_update}, and it is {at}")]
    CrlNotYetValid {
        /// When the oldest list was issued.
        this_update: UnixTime,
        /// The time asked about.
        at: UnixTime,
    },
    /// No trusted authority signed the revocation list.
    #[error("no trusted authority signed this revocation list: {issuer}")]
    UnknownCrlIssuer {
        /// The name that the list claims.
        issuer: String,
    },
    /// A form of revocation list from which no verdict follows.
    #[error("unsupported revocation list: {0}")]
    UnsupportedCrl(UnsupportedCrl),
    /// A signing certificate carries none of the four attributes.
    #[error("the certificate carries no attributes of its holder")]
    NoAttributes,
    /// A signing certificate lacks one of the four attributes, or has it twice or in another form.
    #[error("the attribute {0:?} of the holder is missing or malformed")]
    BadAttribute(Attribute),
    /// The holder's card did not sign this message.
    #[error("the signature is not one of this message by this card")]
    BadMessageSignature,
}

/// What could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Malformed {
    /// A certificate.
    #[error("certificate")]
    Certificate,
    /// A revocation list.
    #[error("revocation list")]
    Crl,
    /// A public key.
    #[error("public key")]
    PublicKey,
    /// An extension.
    #[error("extension {0}")]
    Extension(Oid),
}

/// Why a certificate is not one of a certification authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NotACa {
    /// No critical basicConstraints with cA.
    #[error("no critical basicConstraints with cA")]
    BasicConstraints,
    /// No critical keyUsage with keyCertSign.
    #[error("no critical keyUsage with keyCertSign")]
    KeyCertSign,
    /// No keyUsage cRLSign.
    #[error("no keyUsage cRLSign")]
    CrlSign,
}

/// What is weak about a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Weakness {
    /// Bits of the RSA modulus: not within 2048 to 8192.
    #[error("an RSA modulus of {0} bits")]
    RsaBits(usize),
    /// An RSA exponent other than 65537.
    #[error("an RSA exponent other than 65537")]
    RsaExponent,
    /// An even RSA modulus.
    #[error("an even RSA modulus")]
    RsaEvenModulus,
}

/// Forms of revocation lists from which no verdict follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UnsupportedCrl {
    /// Changes to another list.
    #[error("a delta list")]
    Delta,
    /// A list on behalf of other authorities.
    #[error("an indirect list")]
    Indirect,
    /// A list of some reasons only.
    #[error("a list of some reasons only")]
    SomeReasons,
    /// A list of other certificates than holders'.
    #[error("a list of other certificates than holders'")]
    NotHolders,
    /// A distribution point named relative to the issuer.
    #[error("a distribution point with a relative name")]
    RelativeName,
}

/// One of the four attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// 氏名.
    Name,
    /// 住所.
    Address,
    /// 生年月日.
    BirthDate,
    /// 性別.
    Sex,
}

/// At whose side the cause lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Blame {
    /// A sound certificate or list that the rules do not accept.
    Refused,
    /// The peer sent something broken or forged.
    Malformed,
    /// This side lacks a revocation list or a CA certificate, or its clock is wrong.
    Fault,
}

impl JpkiError {
    /// At whose side the cause lies.
    pub fn blame(&self) -> Blame {
        match self {
            Self::Malformed(_)
            | Self::WrongVersion
            | Self::AlgorithmsDisagree
            | Self::BadSignature
            | Self::DuplicateExtension { .. }
            | Self::NoAttributes
            | Self::BadAttribute(_)
            | Self::BadMessageSignature => Blame::Malformed,
            Self::AnchorNotValid { .. }
            | Self::NotACa(_)
            | Self::NoCrl { .. }
            | Self::StaleCrl { .. }
            | Self::CrlNotYetValid { .. }
            | Self::UnknownCrlIssuer { .. }
            | Self::UnsupportedCrl(_) => Blame::Fault,
            Self::UnsupportedAlgorithm { .. }
            | Self::UnknownIssuer { .. }
            | Self::CaInsteadOfHolder
            | Self::NotYetValid { .. }
            | Self::Expired { .. }
            | Self::UnknownCriticalExtension { .. }
            | Self::WrongKeyUsage { .. }
            | Self::WrongExtendedKeyUsage { .. }
            | Self::MissingPolicy
            | Self::PolicyNotCritical
            | Self::WrongPolicy { .. }
            | Self::WeakKey(_)
            | Self::Revoked { .. } => Blame::Refused,
        }
    }
}
