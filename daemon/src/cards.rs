//! The verdict on a card's statement: who signed what, under a certificate that was good at that time.
//!
//! Trust anchors, revocation lists and accepted policies come from the configuration; the lists are read again when
//! the operator sends a signal. Nonce and origin are the caller's to check, between [`CardVerifier::read`], which is
//! cheap, and [`CardVerifier::verify`], which is not.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use tachiai_crypto::hash::Hash32;
use tachiai_jpki::statement::StatementPurpose;
use tachiai_jpki::{
    Anchor, Blame, CardText, Crl, CrlPolicy, CrlSet, HolderCertificate, JpkiError, PolicySet, Purpose, Statement, TextAnchor, TextAnchors, TextError,
    TrustStore, UnixTime, verify_certificate, verify_signature, verify_text,
};
use tachiai_schemas::election::{CrlRequirement, Manifest};
use tachiai_schemas::evidence::Binding;
use tachiai_schemas::identity::{CardStatement, CounterEnrolment, Enrolment, TextFiles};
use tachiai_schemas::{Refusal, Timestamp};

use crate::nonces::Nonces;
use crate::refused::Refused;

/// Whose cards are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CardPolicy {
    /// Individual Number Cards of residents.
    Production,
    /// Test cards only; never together with real ones.
    Test,
}

/// What the verifier trusts: files in DER, or in PEM with any number of objects, and folders of such files.
#[derive(Debug, Clone)]
pub struct Trust {
    /// Certificates of the card's certification authorities.
    pub anchors: Vec<PathBuf>,
    /// Keys that certify those which sign cards' texts: in the card's own encoding, or in PEM. Without one nobody is enrolled
    /// at a counter.
    pub text_anchors: Vec<PathBuf>,
    /// Revocation lists.
    pub crls: Vec<PathBuf>,
    /// Whether a fresh list is required.
    pub crl: CrlRequirement,
    /// Whose cards.
    pub policy: CardPolicy,
}

/// Why the verifier cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum CardsError {
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file holds something else than it should.
    #[error("{} cannot be used: {source}", path.display())]
    Jpki {
        /// The file.
        path: PathBuf,
        /// Why.
        source: JpkiError,
    },
    /// A file holds no key that certifies those which sign cards' texts.
    #[error("{} cannot be used: {source}", path.display())]
    Text {
        /// The file.
        path: PathBuf,
        /// Why.
        source: TextError,
    },
    /// A file in PEM holds nothing of the kind, or is broken.
    #[error("{} is neither DER nor PEM with a {wanted}", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What belongs there.
        wanted: &'static str,
    },
}

/// How much is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trusted {
    /// Certification authorities.
    pub anchors: usize,
    /// Keys for cards' texts.
    pub text_anchors: usize,
    /// Revocation lists.
    pub crls: usize,
}

/// What is trusted, byte for byte, to be kept for auditors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CardFiles {
    /// Certificates of certification authorities.
    pub anchors: Vec<Vec<u8>>,
    /// Keys that certify those which sign cards' texts.
    pub text_anchors: Vec<Vec<u8>>,
    /// Revocation lists.
    pub crls: Vec<Vec<u8>>,
}

/// What was read and is not in force yet.
pub struct Prepared(Arc<Material>);

impl Prepared {
    /// The files that it was read from.
    #[must_use]
    pub fn files(&self) -> &CardFiles {
        &self.0.files
    }
}

struct Material {
    files: CardFiles,
    store: TrustStore,
    text_anchors: TextAnchors,
    policies: PolicySet,
    crls: CrlSet,
    crl: CrlRequirement,
}

impl Material {
    fn held_against(
        &self,
        manifest: &Manifest,
        der: &[u8],
        purpose: Purpose,
        at: Timestamp,
        crls: &CrlSet,
        crl: CrlRequirement,
    ) -> Result<HolderCertificate, JpkiError> {
        let named = |anchor: &&Anchor| manifest.card_anchors.iter().any(|hash| hash.0 == *anchor.fingerprint().as_bytes());
        let store = TrustStore::new(self.store.anchors().iter().filter(named).cloned().collect());
        verify_certificate(der, purpose, &store, &self.policies, crls, policy(crl), unix(at))
    }
}

const fn policy(crl: CrlRequirement) -> CrlPolicy {
    match crl {
        CrlRequirement::Required => CrlPolicy::Required,
        CrlRequirement::NotRequired => CrlPolicy::NotRequired,
    }
}

fn unix(at: Timestamp) -> UnixTime {
    UnixTime::from_secs(u64::try_from(at.unix()).unwrap_or(0))
}

/// Verifies certificates and statements of cards.
pub struct CardVerifier {
    material: RwLock<Arc<Material>>,
    held: AtomicBool,
}

impl CardVerifier {
    /// Reads what is trusted and puts it in force.
    ///
    /// # Errors
    /// [`CardsError`], for the first file that cannot be used.
    pub fn load(trust: &Trust) -> Result<Self, CardsError> {
        Ok(Self { material: RwLock::new(Arc::new(material(trust)?)), held: AtomicBool::new(false) })
    }

    /// Reads what is to be trusted, which is not in force yet: first it is kept for auditors.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn prepare(trust: &Trust) -> Result<Prepared, CardsError> {
        Ok(Prepared(Arc::new(material(trust)?)))
    }

    /// Puts in force what was prepared.
    pub fn put_in_force(&self, Prepared(new): Prepared) {
        *self.material.write().unwrap_or_else(PoisonError::into_inner) = new;
        self.held.store(false, Ordering::Release);
    }

    /// What is in force, as it was prepared.
    #[must_use]
    pub fn in_force(&self) -> Prepared {
        Prepared(self.material())
    }

    /// Accepts no card until something is put in force: what auditors could not be shown must not be relied on.
    pub fn hold(&self) {
        self.held.store(true, Ordering::Release);
    }

    /// Whether no card is accepted.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.held.load(Ordering::Acquire)
    }

    /// How much is trusted now.
    #[must_use]
    pub fn trusted(&self) -> Trusted {
        let material = self.material();
        Trusted { anchors: material.store.anchors().len(), text_anchors: material.text_anchors.anchors().len(), crls: material.crls.crls().len() }
    }

    /// Whether a fresh revocation list is required; every screen and each manifest says so.
    #[must_use]
    pub fn crl_requirement(&self) -> CrlRequirement {
        self.material().crl
    }

    /// SHA-256 of each trusted certification authority's certificate, ascending: a manifest lists them.
    #[must_use]
    pub fn anchors(&self) -> Vec<Hash32> {
        let mut anchors: Vec<Hash32> = self.material().store.anchors().iter().map(|anchor| Hash32::from_bytes(*anchor.fingerprint().as_bytes())).collect();
        anchors.sort();
        anchors.dedup();
        anchors
    }

    /// The names of the certification authorities whose certificates a browser is to offer for a login, in DER: all but those
    /// that by their name issue certificates for signing documents.
    #[must_use]
    pub fn login_hints(&self) -> Vec<Vec<u8>> {
        let material = self.material();
        let names = material.store.anchors().iter().filter(|anchor| anchor.named_purpose() != Some(Purpose::DigitalSignature)).map(Anchor::subject_der);
        names.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Verifies a card's text.
    ///
    /// # Errors
    /// [`Refusal::CardText`].
    pub fn text(&self, files: &TextFiles) -> Result<CardText, Refused> {
        let TextFiles { attributes, digests, certificate } = files;
        let files = tachiai_jpki::TextFiles { attributes: &attributes.0, digests: &digests.0, certificate: &certificate.0 };
        let material = self.material();
        verify_text(&files, &material.text_anchors).map_err(|error| {
            if material.text_anchors.anchors().is_empty() {
                tracing::error!("no key for cards' texts is trusted (cards.text_anchors), so nobody can be enrolled at a counter");
            }
            Refused::about(Refusal::CardText, error)
        })
    }

    /// Reads a statement without believing it.
    ///
    /// # Errors
    /// [`Refusal::BadRequest`] if it is none, [`Refusal::WrongOrigin`] if it is for another purpose.
    pub fn read(&self, card: &CardStatement, purpose: StatementPurpose) -> Result<Statement, Refused> {
        let statement = Statement::parse(&card.statement.0).map_err(|error| Refused::about(Refusal::BadRequest, format!("statement: {error}")))?;
        if statement.purpose() == purpose { Ok(statement) } else { Err(Refused::about(Refusal::WrongOrigin, "another purpose")) }
    }

    /// Verifies certificate and signature of a statement.
    ///
    /// A login and the registration of a key are signed with the authentication key (利用者証明用), an enrolment with
    /// the signing key (署名用).
    ///
    /// # Errors
    /// [`Refusal::CardCertificate`], [`Refusal::CardSignature`], [`Refusal::CrlStale`], and what [`Self::read`] refuses.
    pub fn verify(&self, card: &CardStatement, purpose: StatementPurpose, at: Timestamp) -> Result<(HolderCertificate, Statement), Refused> {
        let statement = self.read(card, purpose)?;
        let key = match purpose {
            StatementPurpose::Login | StatementPurpose::RegisterKey | StatementPurpose::EnrolCounter | StatementPurpose::PaperIssue => {
                Purpose::UserAuthentication
            }
            StatementPurpose::Enrol => Purpose::DigitalSignature,
        };
        let holder = self.certificate(&card.certificate.0, key, at)?;
        verify_signature(&holder, &card.statement.0, &card.signature.0).map_err(|_| Refused::from(Refusal::CardSignature))?;
        Ok((holder, statement))
    }

    /// The cheap checks: that the statement was made for `origin`, and that its nonce is unspent (it is spent by this).
    ///
    /// # Errors
    /// As [`Self::read`]; [`Refusal::WrongOrigin`], [`Refusal::NonceSpent`].
    pub fn check(&self, card: &CardStatement, purpose: StatementPurpose, origin: &str, nonces: &Nonces, at: Timestamp) -> Result<(), Refused> {
        let statement = self.read(card, purpose)?;
        if statement.origin().as_str() != origin {
            return Err(Refused::about(Refusal::WrongOrigin, format!("made for {}, this is {origin}", statement.origin())));
        }
        nonces.spend(statement.nonce().as_str(), at)
    }

    /// [`Self::verify`] after [`Self::check`].
    ///
    /// # Errors
    /// As both.
    pub fn accept(
        &self,
        card: &CardStatement,
        purpose: StatementPurpose,
        origin: &str,
        nonces: &Nonces,
        at: Timestamp,
    ) -> Result<(HolderCertificate, Statement), Refused> {
        self.check(card, purpose, origin, nonces, at)?;
        self.verify(card, purpose, at)
    }

    /// Verifies a certificate alone. It proves only that it was issued: it can be read from a card without a PIN.
    ///
    /// # Errors
    /// [`Refusal::CardCertificate`], [`Refusal::CrlStale`]; [`Refusal::ReadOnly`] while the verifier is held.
    pub fn certificate(&self, der: &[u8], purpose: Purpose, at: Timestamp) -> Result<HolderCertificate, Refused> {
        if self.is_held() {
            tracing::error!("no card is accepted before what is trusted of cards is recorded for auditors");
            return Err(Refusal::ReadOnly.into());
        }
        let material = self.material();
        let Material { files: _, store, text_anchors: _, policies, crls, crl } = &*material;
        verify_certificate(der, purpose, store, policies, crls, policy(*crl), unix(at)).map_err(|error| refused(&error))
    }

    /// Verifies a certificate that [`Self::certificate`] accepts also as the auditors of an election will (PROTOCOL §14): under the anchors of its manifest
    /// alone, and with a fresh list if the manifest requires one, whatever the configuration says.
    ///
    /// # Errors
    /// As [`Self::certificate`].
    pub fn certificate_for(&self, manifest: &Manifest, der: &[u8], purpose: Purpose, at: Timestamp) -> Result<HolderCertificate, Refused> {
        let material = self.material();
        material.held_against(manifest, der, purpose, at, &material.crls, manifest.crl).map_err(|error| refused(&error))
    }

    /// Whether the certificates of a binding were good when the card was bound, as far as lists do not decide it: at that time they were looked at.
    ///
    /// # Errors
    /// [`JpkiError`].
    pub fn binding_for(&self, manifest: &Manifest, binding: &Binding, bound: Timestamp) -> Result<(), JpkiError> {
        let material = self.material();
        let certificates = match binding {
            Binding::Card(Enrolment { card, authentication, possession: _ }) => {
                vec![(&card.certificate, Purpose::DigitalSignature), (authentication, Purpose::UserAuthentication)]
            }
            Binding::Counter(CounterEnrolment { card, text: _ }) => vec![(&card.certificate, Purpose::UserAuthentication)],
        };
        for (certificate, purpose) in certificates {
            material.held_against(manifest, &certificate.0, purpose, bound, &CrlSet::default(), CrlRequirement::NotRequired)?;
        }
        Ok(())
    }

    fn material(&self) -> Arc<Material> {
        self.material.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What a client learns of a certificate that is not accepted; a missing list or anchor is our fault and is logged.
fn refused(error: &JpkiError) -> Refused {
    match (error.blame(), error) {
        (Blame::Fault, JpkiError::NoCrl { .. } | JpkiError::StaleCrl { .. } | JpkiError::CrlNotYetValid { .. }) => {
            tracing::error!(%error, "no fresh revocation list");
            Refusal::CrlStale.into()
        }
        (Blame::Fault, _) => {
            tracing::error!(%error, "a card's certificate could not be checked");
            Refusal::CardCertificate.into()
        }
        (Blame::Refused | Blame::Malformed, _) => Refused::about(Refusal::CardCertificate, error),
    }
}

fn material(trust: &Trust) -> Result<Material, CardsError> {
    let Trust { anchors, text_anchors, crls, crl, policy } = trust;
    let mut kept = CardFiles::default();
    let mut trusted = Vec::new();
    for path in &files(anchors) {
        for der in objects(path, "CERTIFICATE")? {
            trusted.push(Anchor::from_der(&der).map_err(|source| CardsError::Jpki { path: path.clone(), source })?);
            kept.anchors.push(der);
        }
    }
    let store = TrustStore::new(trusted);
    let mut text_keys = Vec::new();
    for path in &files(text_anchors) {
        for bytes in text_objects(path)? {
            text_keys.push(TextAnchor::from_bytes(&bytes).map_err(|source| CardsError::Text { path: path.clone(), source })?);
            kept.text_anchors.push(bytes);
        }
    }
    let mut lists = CrlSet::default();
    for path in &files(crls) {
        for der in objects(path, "X509 CRL")? {
            lists.insert(Crl::from_der(&der, &store).map_err(|source| CardsError::Jpki { path: path.clone(), source })?);
            kept.crls.push(der);
        }
    }
    let policies = match policy {
        CardPolicy::Production => PolicySet::production(),
        CardPolicy::Test => PolicySet::test(),
    };
    Ok(Material { files: kept, store, text_anchors: TextAnchors::new(text_keys), policies, crls: lists, crl: *crl })
}

/// The files in each folder in the order of their names; a file stands for itself. Looked up at each reading, so that a
/// list that was put into a folder is found.
fn files(listed: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in listed {
        match std::fs::read_dir(path) {
            Ok(entries) => found.extend(entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect::<BTreeSet<_>>()),
            Err(_) => found.push(path.clone()),
        }
    }
    found
}

/// The objects in a file: the file itself if it is DER, else every PEM block with this label.
fn objects(path: &PathBuf, label: &'static str) -> Result<Vec<Vec<u8>>, CardsError> {
    let bytes = std::fs::read(path).map_err(|source| CardsError::Io { path: path.clone(), source })?;
    // A DER certificate or list is a SEQUENCE; PEM is text.
    if bytes.first() == Some(&0x30) {
        return Ok(vec![bytes]);
    }
    pem(path, bytes, label)
}

/// The keys in a file: the file itself, which begins with a digit, unless it is PEM.
fn text_objects(path: &PathBuf) -> Result<Vec<Vec<u8>>, CardsError> {
    let bytes = std::fs::read(path).map_err(|source| CardsError::Io { path: path.clone(), source })?;
    if bytes.first().is_some_and(u8::is_ascii_digit) { Ok(vec![bytes]) } else { pem(path, bytes, "CARD TEXT ANCHOR") }
}

fn pem(path: &Path, bytes: Vec<u8>, label: &'static str) -> Result<Vec<Vec<u8>>, CardsError> {
    let none = || CardsError::Pem { path: path.to_owned(), wanted: label };
    let text = String::from_utf8(bytes).map_err(|_| none())?;
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let mut found = Vec::new();
    for block in text.split(&begin).skip(1) {
        let base64: String = block.split(&end).next().filter(|body| body.len() < block.len()).ok_or_else(none)?.split_whitespace().collect();
        found.push(data_encoding::BASE64.decode(base64.as_bytes()).map_err(|_| none())?);
    }
    if found.is_empty() { Err(none()) } else { Ok(found) }
}
