//! Cards as a city issues them: keys of the pool, certificates of a test CA, PINs and the text for one person.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use tachiai_jpki::{
    FourAttributes, Purpose, Serial, Sex, UnixTime, Validity,
    crl::Revocation,
    testing::{CaKey, Holder, Municipality, RevocationList, TestCa, TestingError},
};

use super::{
    Codes, Content, Credential, FaceAuthority, Form, KeyPool, Next, PinState, PoolError, SoftKey, Text,
    applet::{attributes_file, my_number_file},
    face::{Printed, my_number},
    keys::POOL,
};

/// Why a card could not be issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The key pool.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// The test CA.
    #[error("test CA: {0}")]
    Ca(#[from] TestingError),
    /// A file of the CA's folder.
    #[error("test CA {path}: {cause}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The CA's folder does not say for how long its certificates are valid.
    #[error("test CA {0}: not two times, as 2026-01-01T00:00:00Z, one a line")]
    Validity(PathBuf),
}

/// All who sign something on a card.
pub struct Authorities {
    /// The two CAs of certificates.
    pub jpki: TestCa,
    /// Those of what is printed.
    pub face: FaceAuthority,
}

impl Authorities {
    /// With the keys that lie in the source tree for everybody to see.
    ///
    /// # Errors
    /// [`IssueError`].
    pub fn with_published_keys(validity: Validity) -> Result<Authorities, IssueError> {
        Ok(Authorities { jpki: TestCa::with_published_keys(validity)?, face: FaceAuthority::with_published_keys()? })
    }
}

impl Authorities {
    /// The name of the revocation list of a purpose in its folder.
    pub fn revocation_list_name(purpose: Purpose) -> &'static str {
        match purpose {
            Purpose::UserAuthentication => "authentication.crl",
            Purpose::DigitalSignature => "signature.crl",
        }
    }

    /// Writes both revocation lists of 養父市 into a folder, over those that lie there; all that are on them were revoked
    /// when the lists begin.
    ///
    /// # Errors
    /// [`IssueError`].
    pub fn write_revocation_lists(&self, folder: &Path, validity: Validity, revoked: &[(Purpose, Serial)]) -> Result<(), IssueError> {
        for purpose in [Purpose::UserAuthentication, Purpose::DigitalSignature] {
            let revoked = revoked.iter().filter(|(of, _)| *of == purpose);
            let revoked = revoked.map(|(_, serial)| (serial.clone(), validity.not_before, Revocation::Revoked)).collect();
            let list = RevocationList { validity, municipality: Some(Municipality::yabu()), revoked };
            let der = self.jpki.authority(purpose).revocation_list(&list)?;
            let path = folder.join(Authorities::revocation_list_name(purpose));
            fs::write(&path, der).map_err(|cause| IssueError::File { path, cause })?;
        }
        Ok(())
    }
}

/// An order for one card.
#[derive(Clone, Debug)]
pub struct Order {
    /// Number of the card, which no other card of the same CA has; it chooses keys and serial numbers.
    pub number: usize,
    /// Whose card.
    pub attributes: FourAttributes,
    /// Where the holder lives.
    pub municipality: Municipality,
    /// Validity of the certificates.
    pub validity: Validity,
    /// What it pretends to run on.
    pub form: Form,
    /// Four digits of the authentication key.
    pub pin: String,
    /// Password of the signing key; none issues no signing certificate.
    pub password: Option<String>,
    /// Four digits of the card's text.
    pub text_pin: String,
    /// A generation after today's, whose cards have keys on P-384.
    pub generation: Option<Next>,
}

impl Order {
    /// A plastic card with both certificates and the PINs 1234, YABU2026 and 5678, for somebody in 養父市.
    pub fn usual(number: usize, attributes: FourAttributes, validity: Validity) -> Order {
        Order {
            number,
            attributes,
            municipality: Municipality::yabu(),
            validity,
            form: Form::Card,
            pin: "1234".to_owned(),
            password: Some("YABU2026".to_owned()),
            text_pin: "5678".to_owned(),
            generation: None,
        }
    }

    /// Makes the card.
    ///
    /// # Errors
    /// [`IssueError`] if the pool has no key or the CA refuses.
    pub fn issue(&self, authorities: &Authorities, pool: &KeyPool) -> Result<Content, IssueError> {
        let Authorities { jpki: ca, face: faces } = authorities;
        let Order { number, attributes, municipality, validity, form, pin, password, text_pin, generation } = self;
        let holder =
            |key: &SoftKey| Holder { spki_der: key.spki().to_vec(), serial: *number as u64 + 1, validity: *validity, municipality: municipality.clone() };
        // Keys on P-384 are made at once, and need no pool.
        let next = |_: &Next| SoftKey::generate_p384().map(Arc::new);
        let key = generation.as_ref().map_or_else(|| pool.key(*number), next)?;
        let authentication = Credential {
            certificate: ca.authentication_certificate(&holder(&key))?,
            ca: ca.authority(Purpose::UserAuthentication).certificate().to_vec(),
            pin: PinState::digits(pin),
            key,
        };
        let signing = password.as_ref().map(|password| {
            // Not the key that the same card authenticates with.
            let key = generation.as_ref().map_or_else(|| pool.generated(number + POOL / 2), next)?;
            Ok::<_, IssueError>(Credential {
                certificate: ca.signing_certificate(&holder(&key), attributes)?,
                ca: ca.authority(Purpose::DigitalSignature).certificate().to_vec(),
                pin: PinState::password(password),
                key,
            })
        });
        let FourAttributes { name, name_substitutes: _, address, address_substitutes: _, birth_date, sex } = attributes;
        // Invented, and different for each card of a CA.
        let my_number = my_number((*number % 1_000_000) as u64);
        let security_code = format!("{:04}", (number * 7_919 + 2_285) % 10_000);
        let printed = Printed { attributes, my_number: &my_number, municipality, issued: validity.not_before, security_code: &security_code };
        let codes = Codes::of(&printed);
        let text = Text {
            name: name.clone(),
            address: address.clone(),
            // Without the era, which the card's text does not have.
            birth: birth_date.digits().get(1..).unwrap_or_default().to_owned(),
            sex: match sex {
                Sex::Male => "1",
                Sex::Female => "2",
                Sex::Unknown => "0",
            }
            .to_owned(),
            my_number: my_number.clone(),
            pin: PinState::digits(text_pin),
            code_a: codes.a.clone(),
            code_b: codes.b.clone(),
        };
        // Neither of the keys that have certificates, nor the same for both applications.
        let [text_key, face_key] = [pool.generated(number + POOL / 4)?, pool.generated(number + POOL / 4 + 1)?];
        let text_records = faces.text_records(&my_number_file(&my_number), &attributes_file(&text), text_key)?;
        let face = faces.face_records(&printed, face_key)?;
        Ok(Content { form: *form, authentication, signing: signing.transpose()?, text, text_records, face, codes, generation: generation.clone() })
    }
}

/// A folder with the keys of a test CA, which issues the same CA certificates whenever it is opened.
#[derive(Clone, Debug)]
pub struct CaFolder(PathBuf);

const AUTHENTICATION_KEY: &str = "authentication-ca.pkcs8.der";
const SIGNING_KEY: &str = "signature-ca.pkcs8.der";
const AUTHENTICATION_CERTIFICATE: &str = "authentication-ca.cer";
const SIGNING_CERTIFICATE: &str = "signature-ca.cer";
const VALIDITY: &str = "validity";

impl CaFolder {
    /// A CA that lies, or is to lie, in this folder.
    pub fn new(folder: impl Into<PathBuf>) -> CaFolder {
        CaFolder(folder.into())
    }

    /// Makes a CA with new keys and writes its certificates and public roots, the trust anchors of an appliance, beside them.
    ///
    /// # Errors
    /// [`IssueError`].
    pub fn create(&self, validity: Validity) -> Result<Authorities, IssueError> {
        fs::create_dir_all(&self.0).map_err(|cause| IssueError::File { path: self.0.clone(), cause })?;
        let [authentication, signing] = [SoftKey::generate()?, SoftKey::generate()?];
        self.write(AUTHENTICATION_KEY, authentication.pkcs8())?;
        self.write(SIGNING_KEY, signing.pkcs8())?;
        self.write(VALIDITY, format!("{}\n{}\n", validity.not_before, validity.not_after).as_bytes())?;
        FaceAuthority::create(&self.0)?;
        let authorities = self.open()?;
        let ca = &authorities.jpki;
        self.write(AUTHENTICATION_CERTIFICATE, ca.authority(Purpose::UserAuthentication).certificate())?;
        self.write(SIGNING_CERTIFICATE, ca.authority(Purpose::DigitalSignature).certificate())?;
        Ok(authorities)
    }

    /// Opens the CA.
    ///
    /// # Errors
    /// [`IssueError`].
    pub fn open(&self) -> Result<Authorities, IssueError> {
        let [authentication, signing] = [self.read(AUTHENTICATION_KEY)?, self.read(SIGNING_KEY)?];
        let jpki = TestCa::new(CaKey::from_pkcs8(&authentication)?, CaKey::from_pkcs8(&signing)?, self.validity()?)?;
        Ok(Authorities { jpki, face: FaceAuthority::open(&self.0)? })
    }

    /// For how long the CA is valid, and the cards that it issues may be.
    ///
    /// # Errors
    /// [`IssueError`].
    pub fn validity(&self) -> Result<Validity, IssueError> {
        let bytes = self.read(VALIDITY)?;
        let mut times = std::str::from_utf8(&bytes).unwrap_or_default().lines().map(UnixTime::from_rfc3339);
        match (times.next().flatten(), times.next().flatten(), times.next()) {
            (Some(not_before), Some(not_after), None) => Ok(Validity { not_before, not_after }),
            _ => Err(IssueError::Validity(self.0.join(VALIDITY))),
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, IssueError> {
        let path = self.0.join(name);
        fs::read(&path).map_err(|cause| IssueError::File { path, cause })
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), IssueError> {
        let path = self.0.join(name);
        fs::write(&path, bytes).map_err(|cause| IssueError::File { path, cause })
    }
}
