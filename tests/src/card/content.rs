//! What a software card is personalised with, and the file that keeps it.

use std::{
    collections::BTreeMap,
    fs, io,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use tachiai::card::{Generation, GenerationError};

use super::{Codes, Records, SoftKey};

/// First word of every card file.
const FORMAT: &str = "tachiai-software-card/2";

/// What the card pretends to run on; its token label tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// The plastic card.
    #[default]
    Card,
    /// An Android phone.
    Android,
    /// An iPhone.
    IPhone,
}

/// A PIN and what is left of its tries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinState {
    /// The PIN itself.
    pub value: String,
    /// Tries left; 0 is blocked.
    pub left: u8,
    /// Tries after a right PIN, 1 to 15.
    pub most: u8,
}

impl PinState {
    /// A four-digit PIN with 3 tries.
    pub fn digits(value: &str) -> PinState {
        PinState { value: value.to_owned(), left: 3, most: 3 }
    }

    /// A password of the signing key with 5 tries.
    pub fn password(value: &str) -> PinState {
        PinState { value: value.to_owned(), left: 5, most: 5 }
    }
}

/// A key, its certificate, and the PIN that opens it.
#[derive(Clone)]
pub struct Credential {
    /// The key.
    pub key: Arc<SoftKey>,
    /// DER of its certificate.
    pub certificate: Vec<u8>,
    /// DER of the issuer's certificate.
    pub ca: Vec<u8>,
    /// Its PIN.
    pub pin: PinState,
}

/// The card's text (券面事項入力補助).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Family and given name, parted by U+3000.
    pub name: String,
    /// Address.
    pub address: String,
    /// YYYYMMDD.
    pub birth: String,
    /// One digit of ISO/IEC 5218: 1 male, 2 female, 9 not applicable, 0 unknown.
    pub sex: String,
    /// Twelve digits, made up.
    pub my_number: String,
    /// Its PIN.
    pub pin: PinState,
    /// 照合番号A, which opens the My Number.
    pub code_a: PinState,
    /// 照合番号B, which opens the rest.
    pub code_b: PinState,
}

/// All that makes one card differ from another.
#[derive(Clone)]
pub struct Content {
    /// What it pretends to run on.
    pub form: Form,
    /// 利用者証明用.
    pub authentication: Credential,
    /// 署名用; none for anyone under 15.
    pub signing: Option<Credential>,
    /// 券面事項入力補助.
    pub text: Text,
    /// What was signed of it.
    pub text_records: Records,
    /// 券面事項確認: what was signed of the card's face.
    pub face: Records,
    /// What opens that.
    pub codes: Codes,
    /// A generation after today's, if the card is of one.
    pub generation: Option<Next>,
}

/// A generation of cards after today's, with the text that describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    toml: String,
    generation: Generation,
}

impl Next {
    /// Reads a generation from TOML.
    ///
    /// # Errors
    /// [`GenerationError`].
    pub fn from_toml(text: &str) -> Result<Next, GenerationError> {
        Ok(Next { toml: text.to_owned(), generation: Generation::from_toml(text)? })
    }

    /// The generation.
    pub fn generation(&self) -> &Generation {
        &self.generation
    }
}

/// Why a card file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CardFileError {
    /// The system said no.
    #[error("card file {path}: {cause}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// It is no card file.
    #[error("card file {path} cannot be understood: {cause}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredCard {
    format: String,
    form: Form,
    authentication: StoredCredential,
    signing: Option<StoredCredential>,
    text: Text,
    text_records: StoredRecords,
    face: StoredRecords,
    codes: Codes,
    /// As TOML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    generation: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredRecords {
    key: String,
    /// By the EF in four hexadecimal digits.
    files: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredCredential {
    key: String,
    certificate: String,
    ca: String,
    pin: PinState,
}

impl Content {
    /// Reads a card file.
    ///
    /// # Errors
    /// [`CardFileError`] if it is not there or no card file.
    pub fn read(path: &Path) -> Result<Content, CardFileError> {
        let bytes = fs::read(path).map_err(|cause| CardFileError::File { path: path.to_owned(), cause })?;
        Content::parse(&bytes).map_err(|cause| CardFileError::Malformed { path: path.to_owned(), cause })
    }

    /// Writes the card file whole or not at all.
    ///
    /// # Errors
    /// [`CardFileError::File`] if the system refuses.
    pub fn write(&self, path: &Path) -> Result<(), CardFileError> {
        let failed = |cause| CardFileError::File { path: path.to_owned(), cause };
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let json = serde_json::to_vec_pretty(&self.stored()).map_err(|e| failed(e.into()))?;
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        file.write_all(&json).map_err(failed)?;
        file.as_file().sync_data().map_err(failed)?;
        file.persist(path).map_err(|e| failed(e.error))?;
        Ok(())
    }

    fn stored(&self) -> StoredCard {
        let Content { form, authentication, signing, text, text_records, face, codes, generation } = self;
        let store = |credential: &Credential| {
            let Credential { key, certificate, ca, pin } = credential;
            StoredCredential { key: BASE64.encode(key.pkcs8()), certificate: BASE64.encode(certificate), ca: BASE64.encode(ca), pin: pin.clone() }
        };
        let store_records = |records: &Records| {
            let Records { files, key } = records;
            let files = files.iter().map(|(file, content)| (format!("{file:04X}"), BASE64.encode(content))).collect();
            StoredRecords { key: BASE64.encode(key.pkcs8()), files }
        };
        StoredCard {
            format: FORMAT.to_owned(),
            form: *form,
            authentication: store(authentication),
            signing: signing.as_ref().map(store),
            text: text.clone(),
            text_records: store_records(text_records),
            face: store_records(face),
            codes: codes.clone(),
            generation: generation.as_ref().map(|next| next.toml.clone()),
        }
    }

    fn parse(json: &[u8]) -> Result<Content, String> {
        let StoredCard { format, form, authentication, signing, text, text_records, face, codes, generation } =
            serde_json::from_slice(json).map_err(|e| e.to_string())?;
        if format != FORMAT {
            return Err(format!("its format is `{format}`, not `{FORMAT}`"));
        }
        let bytes = |text: &str| BASE64.decode(text.as_bytes()).map_err(|e| e.to_string());
        let key = |text: &str| SoftKey::from_pkcs8(&bytes(text)?).map(Arc::new).map_err(|e| e.to_string());
        let restore = |stored: StoredCredential| {
            let StoredCredential { key: stored_key, certificate, ca, pin } = stored;
            Ok::<_, String>(Credential { key: key(&stored_key)?, certificate: bytes(&certificate)?, ca: bytes(&ca)?, pin })
        };
        let restore_records = |stored: StoredRecords| {
            let StoredRecords { key: stored_key, files } = stored;
            let file = |(file, content): (String, String)| Ok((u16::from_str_radix(&file, 16).map_err(|e| e.to_string())?, bytes(&content)?));
            Ok::<_, String>(Records { files: files.into_iter().map(file).collect::<Result<_, String>>()?, key: key(&stored_key)? })
        };
        Ok(Content {
            form,
            authentication: restore(authentication)?,
            signing: signing.map(restore).transpose()?,
            text,
            text_records: restore_records(text_records)?,
            face: restore_records(face)?,
            codes,
            generation: generation.map(|text| Next::from_toml(&text).map_err(|e| e.to_string())).transpose()?,
        })
    }
}
