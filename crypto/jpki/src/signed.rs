//! The envelope that certificates and revocation lists share: what is signed, how, and the signature.

use der::{Decode, Reader, SliceReader, asn1::BitStringRef};
use x509_cert::AlgorithmIdentifier;

use crate::{
    error::{JpkiError, Malformed},
    key::{CardKey, SignatureAlgorithm},
};

/// `SIGNED{…}` of RFC 5280 §4.1 and §5.1: the signature covers the bytes as they came, never a re-encoding of them.
pub(crate) struct Signed<'a> {
    tbs: &'a [u8],
    identifier: AlgorithmIdentifier,
    algorithm: SignatureAlgorithm,
    signature: &'a [u8],
}

impl<'a> Signed<'a> {
    pub(crate) fn parse(der: &'a [u8], what: Malformed) -> Result<Self, JpkiError> {
        let parts = || -> der::Result<_> {
            let mut reader = SliceReader::new(der)?;
            let parts = reader.sequence(|reader| {
                let tbs = reader.tlv_bytes()?;
                let identifier = AlgorithmIdentifier::decode(reader)?;
                let signature = BitStringRef::decode(reader)?;
                Ok::<_, der::Error>((tbs, identifier, signature))
            })?;
            reader.finish()?;
            Ok(parts)
        };
        let (tbs, identifier, signature) = parts().map_err(|_| JpkiError::Malformed(what))?;
        let signature = signature.as_bytes().ok_or(JpkiError::Malformed(what))?;
        let algorithm = SignatureAlgorithm::from_identifier(&identifier)?;
        Ok(Self { tbs, identifier, algorithm, signature })
    }

    /// The algorithm is named twice, inside and outside what is signed, and both must agree (RFC 5280 §4.1.1.2).
    pub(crate) fn check_inner_algorithm(&self, inner: &AlgorithmIdentifier) -> Result<(), JpkiError> {
        if *inner == self.identifier { Ok(()) } else { Err(JpkiError::AlgorithmsDisagree) }
    }

    pub(crate) fn verifies_under(&self, key: &CardKey) -> bool {
        key.algorithm() == self.algorithm && key.verifies(self.tbs, self.signature)
    }
}
