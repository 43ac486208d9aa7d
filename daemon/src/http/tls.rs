//! TLS of the two ports: on the public one the server alone shows a certificate, on the staff port both sides do.
//!
//! The cryptography provider is ring, chosen explicitly. Client certificates are of the appliance's own certification
//! authority *and* on the staff list: revoking someone means taking the key off the list.

use std::sync::{Arc, PoisonError, RwLock};

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{ClientHello, NoServerSessionStorage, ParsedCertificate, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, RootCertStore, ServerConfig, SignatureScheme};
use tachiai_crypto::hash::Hash32;

use super::official::Officials;

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// rustls refuses certificate, key or configuration.
    #[error("the server certificate or its key cannot be used: {0}")]
    Rustls(#[from] rustls::Error),
    /// The certification authority cannot be a root.
    #[error("the certification authority of client certificates cannot be used: {0}")]
    Verifier(#[from] rustls::server::VerifierBuilderError),
}

/// The provider of all TLS of this program.
#[must_use]
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// The server's certificate, which can be exchanged while connections go on.
#[derive(Debug)]
pub struct ServerCertificate(RwLock<Arc<CertifiedKey>>);

impl ServerCertificate {
    /// Takes a chain, the leaf first, and the leaf's key.
    ///
    /// # Errors
    /// [`TlsError::Rustls`] if they do not belong together.
    pub fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Self, TlsError> {
        Ok(Self(RwLock::new(certified(chain, key)?)))
    }

    /// Shows this one from the next handshake on.
    ///
    /// # Errors
    /// As [`Self::new`]; then the old one stays.
    pub fn replace(&self, chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<(), TlsError> {
        let new = certified(chain, key)?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }
}

fn certified(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Arc<CertifiedKey>, TlsError> {
    Ok(Arc::new(CertifiedKey::from_der(chain, key, &provider())?))
}

impl ResolvesServerCert for ServerCertificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

/// The public port: TLS 1.3 and 1.2, no client certificate.
///
/// # Errors
/// [`TlsError`].
pub fn public(certificate: Arc<ServerCertificate>) -> Result<ServerConfig, TlsError> {
    let config = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?.with_no_client_auth();
    Ok(finish(config.with_cert_resolver(certificate)))
}

/// The staff port: the client must show a certificate of `authority` whose key is on the staff list.
///
/// # Errors
/// [`TlsError`].
pub fn staff(certificate: Arc<ServerCertificate>, authority: CertificateDer<'static>, officials: Arc<dyn Officials>) -> Result<ServerConfig, TlsError> {
    let mut roots = RootCertStore::empty();
    roots.add(authority)?;
    let chain = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider()).build()?;
    let verifier = Arc::new(ListedClients { chain, officials });
    let config = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?.with_client_cert_verifier(verifier);
    let mut config = finish(config.with_cert_resolver(certificate));
    // A resumed session would not ask the staff list.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

fn finish(mut config: ServerConfig) -> ServerConfig {
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config
}

/// SHA-256 of the SubjectPublicKeyInfo of a certificate in DER; nothing if it is none.
#[must_use]
pub fn key_of(certificate: &CertificateDer<'_>) -> Option<Hash32> {
    let parsed = ParsedCertificate::try_from(certificate).ok()?;
    Some(Hash32::sha256(&parsed.subject_public_key_info()))
}

/// Verifies the chain, then asks the staff list.
struct ListedClients {
    chain: Arc<dyn ClientCertVerifier>,
    officials: Arc<dyn Officials>,
}

impl std::fmt::Debug for ListedClients {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ListedClients")
    }
}

impl ClientCertVerifier for ListedClients {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.chain.root_hint_subjects()
    }

    fn verify_client_cert(&self, leaf: &CertificateDer<'_>, intermediates: &[CertificateDer<'_>], now: UnixTime) -> Result<ClientCertVerified, rustls::Error> {
        let verified = self.chain.verify_client_cert(leaf, intermediates, now)?;
        match key_of(leaf).and_then(|key| self.officials.official(&key)) {
            Some(_) => Ok(verified),
            None => Err(CertificateError::Revoked.into()),
        }
    }

    fn verify_tls12_signature(&self, message: &[u8], cert: &CertificateDer<'_>, dss: &DigitallySignedStruct) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(&self, message: &[u8], cert: &CertificateDer<'_>, dss: &DigitallySignedStruct) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}
