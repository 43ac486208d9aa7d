//! TLS of the card port: a browser shows the authentication certificate of a My Number Card, and the card signs the handshake
//! after its PIN.
//!
//! TLS 1.2 only: the drivers by which browsers use the card (OpenSC) pad RSA signatures by PKCS#1 v1.5, which TLS 1.3 does
//! not take. webpki refuses the card's certificates for their critical policies, so the verdict is our own, and it comes
//! in two steps. The handshake checks the one thing that only it can: that the peer holds the key of the certificate.
//! Whether the certificate is one that counts is asked for every request ([`CardVerifier::certificate`]), so that a person
//! reads why not, where the handshake could only break off. Nothing on this port is given to anybody before that.
//!
//! No session is resumed, and each connection serves one request: a ticket or an idle connection would outlive the card.
//!
//! [`CardVerifier::certificate`]: crate::cards::CardVerifier::certificate

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::NoServerSessionStorage;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, PeerMisbehaved, ServerConfig, SignatureScheme};
use tachiai_jpki::{CardKey, unverified_key};
use tachiai_schemas::Refusal;

use super::tls::{ServerCertificate, TlsError, provider};
use crate::refused::Refused;

/// The certificate that the peer of this connection showed, whose key signed the handshake; nothing else is known of it.
#[derive(Debug, Clone)]
pub struct PeerCertificate(pub Arc<[u8]>);

/// The TLS of the card port. `hints` are the names of the authorities, in DER, whose certificates the browser is to offer.
///
/// # Errors
/// [`TlsError`].
pub fn tls(certificate: Arc<ServerCertificate>, hints: Vec<Vec<u8>>) -> Result<ServerConfig, TlsError> {
    let verifier = Arc::new(Holders { hints: hints.into_iter().map(DistinguishedName::from).collect() });
    let config = ServerConfig::builder_with_provider(provider()).with_protocol_versions(&[&rustls::version::TLS12])?.with_client_cert_verifier(verifier);
    let mut config = config.with_cert_resolver(certificate);
    // One request a connection leaves nothing for HTTP/2 to do; the port does not take it unasked either.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    Ok(config)
}

/// Ends the connection after each answer.
pub async fn one_request(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

impl<S: Send + Sync> FromRequestParts<S> for PeerCertificate {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refused> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Refusal::CardNotShown.into())
    }
}

/// Checks that the peer holds the key of its certificate.
#[derive(Debug)]
struct Holders {
    hints: Vec<DistinguishedName>,
}

impl ClientCertVerifier for Holders {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn verify_client_cert(&self, leaf: &CertificateDer<'_>, _: &[CertificateDer<'_>], _: UnixTime) -> Result<ClientCertVerified, rustls::Error> {
        // Without a key of a kind that cards have there is nothing to check the signature with.
        unverified_key(leaf).map(|_| ClientCertVerified::assertion()).map_err(|_| CertificateError::BadEncoding.into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let key = unverified_key(leaf).map_err(|_| CertificateError::BadEncoding)?;
        if signed.scheme != scheme_of(&key) {
            return Err(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme.into());
        }
        if key.verifies(message, signed.signature()) { Ok(HandshakeSignatureValid::assertion()) } else { Err(CertificateError::BadSignature.into()) }
    }

    fn verify_tls13_signature(&self, _: &[u8], _: &CertificateDer<'_>, _: &DigitallySignedStruct) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("TLS 1.3 is not spoken on this port".to_owned()))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::RSA_PKCS1_SHA256, SignatureScheme::ECDSA_NISTP384_SHA384]
    }
}

/// The scheme in which a card of this key signs.
fn scheme_of(key: &CardKey) -> SignatureScheme {
    match key {
        CardKey::Rsa(_) => SignatureScheme::RSA_PKCS1_SHA256,
        CardKey::P384(_) => SignatureScheme::ECDSA_NISTP384_SHA384,
    }
}
