//! The appliance's own certification authority: it certifies the server to its clients and the staff to the server.
//!
//! Keys are ECDSA P-256. The authority's key and the server's key lie in the vault; the certificates lie in `DIR/tls/`
//! for everyone to read. A role stands in the certificate as organizational unit, but what counts is the staff list.

use std::fs;
use std::path::{Path, PathBuf};

use rand_core::{CryptoRng, RngCore};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
    PublicKeyData, date_time_ymd,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::staff::Role;
use tachiai_schemas::{Bytes, Timestamp};
use zeroize::Zeroizing;

use crate::http::tls;
use crate::vault::{self, Vault, VaultError};

const DAY: i64 = 24 * 60 * 60;

/// How long the authority's certificate is good.
pub const AUTHORITY_LIFETIME: i64 = 10 * 365 * DAY;

/// How long the server's certificate is good; the daemon makes a new one when less than a third is left.
pub const SERVER_LIFETIME: i64 = 90 * DAY;

/// How long a certificate of a member of staff is good.
pub const STAFF_LIFETIME: i64 = 397 * DAY;

/// Certificates are good from an hour before they were made, for clients whose clocks are slow.
const BEFORE: i64 = 60 * 60;

const AUTHORITY_KEY: &str = "authority-key";
const SERVER_KEY: &str = "server-key";

/// Why a certificate cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub enum PkiError {
    /// The library refuses.
    #[error("cannot make a certificate: {0}")]
    Rcgen(#[from] rcgen::Error),
    /// The vault fails.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A file cannot be read or is not what it should be.
    #[error("{} cannot be used: {what}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The vault holds no key of the authority.
    #[error("the vault holds no {0}: it was not made by tachiaid init, or restored in part")]
    NoKey(&'static str),
}

/// The authority, with its key.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    pem: String,
    dir: PathBuf,
}

/// A certificate that was issued, with the key that was made for it.
pub struct Issued {
    /// The certificate, PEM.
    pub certificate: String,
    /// Its key, PKCS#8 PEM.
    pub key: Zeroizing<String>,
    /// SHA-256 of its SubjectPublicKeyInfo.
    pub spki: Hash32,
    /// The public key: an uncompressed point of P-256.
    pub point: Bytes<65>,
}

impl Authority {
    /// Makes the authority and the server's first certificate, for a new appliance in the folder `dir`.
    ///
    /// # Errors
    /// [`PkiError`].
    pub fn create(dir: &Path, vault: &Vault, hosts: &[String], at: Timestamp, rng: &mut (impl RngCore + CryptoRng)) -> Result<Self, PkiError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = params("Tachiai appliance CA", hosts.first().map_or("", String::as_str), at, AUTHORITY_LIFETIME);
        // It certifies leaves only.
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key)?;
        vault.put_secret(AUTHORITY_KEY, &Zeroizing::new(key.serialize_der()), rng)?;
        vault::private_dir(&dir.join("tls"))?;
        public_file(&dir.join("tls/ca.pem"), certificate.pem().as_bytes())?;
        let authority = Self::open(dir, vault)?;
        authority.renew_server(vault, hosts, at, rng)?;
        Ok(authority)
    }

    /// Opens the authority of the appliance in the folder `dir`.
    ///
    /// # Errors
    /// [`PkiError`].
    pub fn open(dir: &Path, vault: &Vault) -> Result<Self, PkiError> {
        let path = dir.join("tls/ca.pem");
        let file = |what: String| PkiError::File { path: path.clone(), what };
        let pem = fs::read_to_string(&path).map_err(|error| file(error.to_string()))?;
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|error| file(error.to_string()))?;
        let key = vault.get_secret(AUTHORITY_KEY)?.ok_or(PkiError::NoKey(AUTHORITY_KEY))?;
        let key = KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(key.as_slice()), &PKCS_ECDSA_P256_SHA256)?;
        if tls::key_of(&certificate) != Some(Hash32::sha256(&key.subject_public_key_info())) {
            return Err(file("it is not the certificate of the key in the vault".to_owned()));
        }
        let issuer = Issuer::from_ca_cert_der(&certificate, key)?;
        Ok(Self { issuer, certificate, pem, dir: dir.to_owned() })
    }

    /// The authority's certificate.
    #[must_use]
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// The authority's certificate in PEM.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Makes a new key and certificate for the server, good under all these names.
    ///
    /// # Errors
    /// [`PkiError`].
    pub fn renew_server(&self, vault: &Vault, hosts: &[String], at: Timestamp, rng: &mut (impl RngCore + CryptoRng)) -> Result<(), PkiError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = params(hosts.first().map_or("", String::as_str), "server", at, SERVER_LIFETIME);
        params.subject_alt_names = CertificateParams::new(hosts)?.subject_alt_names;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = params.signed_by(&key, &self.issuer)?;
        vault.put_secret(SERVER_KEY, &Zeroizing::new(key.serialize_der()), rng)?;
        // The names and the end stand beside it, so that the next start knows whether it still fits.
        let about = format!("{}\n{}\n", at.plus(SERVER_LIFETIME), hosts.join(" "));
        public_file(&self.dir.join("tls/server.pem"), format!("{}{}", certificate.pem(), self.pem).as_bytes())?;
        public_file(&self.dir.join("tls/server.txt"), about.as_bytes())
    }

    /// Whether the server's certificate should be made anew: it ends soon, or was made for other names.
    #[must_use]
    pub fn server_is_due(&self, hosts: &[String], at: Timestamp) -> bool {
        let Ok(about) = fs::read_to_string(self.dir.join("tls/server.txt")) else {
            return true;
        };
        let mut lines = about.lines();
        let end = lines.next().and_then(|end| end.parse::<Timestamp>().ok());
        let named = lines.next().unwrap_or_default();
        named != hosts.join(" ") || end.is_none_or(|end| at.plus(SERVER_LIFETIME / 3) > end)
    }

    /// The server's chain and key.
    ///
    /// # Errors
    /// [`PkiError`].
    pub fn server(&self, vault: &Vault) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), PkiError> {
        let chain = chain(&self.dir.join("tls/server.pem"))?;
        let key = vault.get_secret(SERVER_KEY)?.ok_or(PkiError::NoKey(SERVER_KEY))?;
        Ok((chain, PrivatePkcs8KeyDer::from(key.to_vec()).into()))
    }

    /// Makes a key and a client certificate for a member of staff.
    ///
    /// # Errors
    /// [`PkiError::Rcgen`].
    pub fn issue(&self, name: &str, role: Role, at: Timestamp) -> Result<Issued, PkiError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = params(name, role.name(), at, STAFF_LIFETIME);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = params.signed_by(&key, &self.issuer)?;
        let mut point = [0; 65];
        // A point of P-256 has 65 bytes; the key was made for that curve two lines ago.
        point.copy_from_slice(key.public_key_raw().get(..65).ok_or(rcgen::Error::CouldNotParseKeyPair)?);
        Ok(Issued {
            certificate: certificate.pem(),
            key: Zeroizing::new(key.serialize_pem()),
            spki: Hash32::sha256(&key.subject_public_key_info()),
            point: Bytes(point),
        })
    }
}

/// The certificates in a file of PEM.
///
/// # Errors
/// [`PkiError::File`] if it cannot be read or holds none.
pub fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, PkiError> {
    let file = |what: String| PkiError::File { path: path.to_owned(), what };
    let chain: Vec<_> =
        CertificateDer::pem_file_iter(path).map_err(|error| file(error.to_string()))?.collect::<Result<_, _>>().map_err(|error| file(error.to_string()))?;
    if chain.is_empty() { Err(file("it holds no certificate".to_owned())) } else { Ok(chain) }
}

/// The private key in a file of PEM.
///
/// # Errors
/// [`PkiError::File`].
pub fn key(path: &Path) -> Result<PrivateKeyDer<'static>, PkiError> {
    PrivateKeyDer::from_pem_file(path).map_err(|error| PkiError::File { path: path.to_owned(), what: error.to_string() })
}

fn params(name: &str, unit: &str, at: Timestamp, lifetime: i64) -> CertificateParams {
    let mut params = CertificateParams::default();
    let mut subject = DistinguishedName::new();
    subject.push(DnType::OrganizationName, "Tachiai");
    if !unit.is_empty() {
        subject.push(DnType::OrganizationalUnitName, unit);
    }
    subject.push(DnType::CommonName, name);
    params.distinguished_name = subject;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    let time = |at: Timestamp| date_time_ymd(1970, 1, 1) + std::time::Duration::from_secs(u64::try_from(at.unix()).unwrap_or(0));
    params.not_before = time(at.plus(-BEFORE));
    params.not_after = time(at.plus(lifetime));
    params
}

/// Writes a file that everybody may read.
fn public_file(path: &Path, bytes: &[u8]) -> Result<(), PkiError> {
    use std::os::unix::fs::PermissionsExt;
    vault::write(path, bytes)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).map_err(VaultError::io("set the mode of", path))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use rand_core::OsRng;

    use super::*;
    use crate::vault::MasterKey;

    fn at() -> Timestamp {
        Timestamp::from_unix(1_800_000_000).unwrap()
    }

    fn hosts() -> Vec<String> {
        vec!["vote.example.jp".to_owned(), "127.0.0.1".to_owned()]
    }

    fn appliance(dir: &Path) -> (Vault, Authority) {
        let vault = Vault::create(&dir.join("vault"), MasterKey::from_bytes([1; 32]), &mut OsRng).unwrap();
        let authority = Authority::create(dir, &vault, &hosts(), at(), &mut OsRng).unwrap();
        (vault, authority)
    }

    #[test]
    fn the_issued_key_is_the_one_in_the_certificate() {
        let dir = tempfile::tempdir().unwrap();
        let (_, authority) = appliance(dir.path());
        let issued = authority.issue("選挙管理 太郎", Role::Commission, at()).unwrap();
        let certificate = CertificateDer::from_pem_slice(issued.certificate.as_bytes()).unwrap();
        assert_eq!(tls::key_of(&certificate), Some(issued.spki));
    }

    #[test]
    fn the_servers_certificate_is_made_anew_in_time_and_for_other_names() {
        let dir = tempfile::tempdir().unwrap();
        let (vault, authority) = appliance(dir.path());
        assert!(!authority.server_is_due(&hosts(), at()));
        assert!(!authority.server_is_due(&hosts(), at().plus(SERVER_LIFETIME * 2 / 3)));
        assert!(authority.server_is_due(&hosts(), at().plus(SERVER_LIFETIME * 2 / 3 + 1)));
        assert!(authority.server_is_due(&hosts()[..1], at()));
        let before = authority.server(&vault).unwrap().0;
        authority.renew_server(&vault, &hosts(), at(), &mut OsRng).unwrap();
        let (after, key) = authority.server(&vault).unwrap();
        assert_ne!(before[0], after[0]);
        assert!(tls::ServerCertificate::new(after, key).is_ok());
    }

    #[test]
    fn a_certificate_of_another_authority_is_noticed() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (vault, _) = appliance(one.path());
        appliance(other.path());
        fs::copy(other.path().join("tls/ca.pem"), one.path().join("tls/ca.pem")).unwrap();
        assert!(matches!(Authority::open(one.path(), &vault), Err(PkiError::File { .. })));
    }
}
