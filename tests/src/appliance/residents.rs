//! The residents' side of an appliance: the test CA that issues their cards, and its revocation lists.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tachiai::card::Card;
use tachiai_jpki::testing::TestCa;
use tachiai_jpki::{Purpose, UnixTime, Validity};

use crate::card::{Authorities, CaFolder, Content, KeyPool, Slot, SoftwareCard};
use crate::city::Elector;
use crate::trouble::{Doing, Trouble};

/// How long the CA and its cards are good.
const YEARS_TEN: Duration = Duration::from_secs(10 * 365 * 86_400);

/// How long a revocation list is fresh.
const LIST: u64 = 30 * 86_400;

/// The test CA of the residents' cards.
pub struct Residents {
    authorities: Authorities,
    validity: Validity,
    pool: KeyPool,
    folder: PathBuf,
    lists: PathBuf,
}

impl Residents {
    /// A CA in this folder, made now if it is not there.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn in_folder(folder: &Path) -> Result<Residents, Trouble> {
        let pool = KeyPool::shared();
        let ca_folder = CaFolder::new(folder);
        if !folder.join("validity").exists() {
            make_at_once(folder)?;
        }
        Ok(Residents {
            authorities: ca_folder.open().doing("opening the test CA")?,
            validity: ca_folder.validity().doing("opening the test CA")?,
            pool,
            folder: fs::canonicalize(folder).map_err(|error| Trouble::file(folder, error))?,
            lists: fs::canonicalize(folder).map_err(|error| Trouble::file(folder, error))?,
        })
    }

    /// The same CA, with revocation lists of this folder: several appliances may trust one CA, and not share its lists.
    ///
    /// # Errors
    /// [`Trouble`] if the folder cannot be made.
    pub fn with_lists_in(mut self, lists: &Path) -> Result<Residents, Trouble> {
        fs::create_dir_all(lists).map_err(|error| Trouble::file(lists, error))?;
        self.lists = fs::canonicalize(lists).map_err(|error| Trouble::file(lists, error))?;
        Ok(self)
    }

    /// The CA.
    pub fn ca(&self) -> &TestCa {
        &self.authorities.jpki
    }

    /// All who sign something on the cards.
    pub fn authorities(&self) -> &Authorities {
        &self.authorities
    }

    /// The public key that certifies the signers of cards' texts: identifier and key, a file that a verifier is handed.
    pub fn text_root(&self) -> PathBuf {
        self.folder.join("text-root.bin")
    }

    /// The pool that the cards' keys are of.
    pub fn pool(&self) -> &KeyPool {
        &self.pool
    }

    /// For how long the cards are valid.
    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// Where the revocation list of a purpose lies.
    pub fn revocation_list(&self, purpose: Purpose) -> PathBuf {
        self.lists.join(Authorities::revocation_list_name(purpose))
    }

    /// Writes both revocation lists anew, revoking these serial numbers of authentication certificates; a daemon reads
    /// them when it starts or is told to (SIGHUP).
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn publish_revocations(&self, revoked: &[tachiai_jpki::Serial]) -> Result<(), Trouble> {
        let now = now();
        // An hour early, for certificates and lists are compared with clocks.
        let validity = Validity { not_before: UnixTime::from_secs(now - 3600), not_after: UnixTime::from_secs(now + LIST) };
        let revoked: Vec<_> = revoked.iter().map(|serial| (Purpose::UserAuthentication, serial.clone())).collect();
        self.authorities.write_revocation_lists(&self.lists, validity, &revoked).doing("issuing revocation lists")
    }

    /// The section `[cards]` of the daemon's configuration.
    pub(super) fn configuration(&self) -> toml::Table {
        let paths = |names: [PathBuf; 2]| toml::Value::Array(names.into_iter().map(|path| toml::Value::from(path.display().to_string())).collect());
        let anchors = ["authentication-ca.cer", "signature-ca.cer"].map(|name| self.folder.join(name));
        let lists = [Purpose::UserAuthentication, Purpose::DigitalSignature].map(|purpose| self.revocation_list(purpose));
        [
            ("anchors".to_owned(), paths(anchors)),
            ("text_anchors".to_owned(), toml::Value::Array(vec![toml::Value::from(self.folder.join("text-root.bin").display().to_string())])),
            ("crls".to_owned(), paths(lists)),
            ("crl".to_owned(), toml::Value::from("required")),
            ("policy".to_owned(), toml::Value::from("test")),
        ]
        .into_iter()
        .collect()
    }

    /// Issues an elector's card.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn card_of(&self, elector: &Elector) -> Result<Content, Trouble> {
        elector.order(self.validity).issue(&self.authorities, &self.pool).doing("issuing a card")
    }

    /// Issues an elector's card and puts it into a reader of this process.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn card_in_reader(&self, elector: &Elector) -> Result<Card<Slot>, Trouble> {
        let card = SoftwareCard::new(self.card_of(elector)?);
        Card::open(Slot::new(format!("card {}", elector.number), card)).doing("opening a card")
    }
}

/// Makes the CA beside its folder first, so that whoever else wants it at the same time never sees half of it.
fn make_at_once(folder: &Path) -> Result<(), Trouble> {
    let parent = folder.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(|error| Trouble::file(parent, error))?;
    let draft = tempfile::tempdir_in(parent).map_err(|error| Trouble::file(parent, error))?;
    let now = now();
    let validity = Validity { not_before: UnixTime::from_secs(now - 3600), not_after: UnixTime::from_secs(now + YEARS_TEN.as_secs()) };
    CaFolder::new(draft.path()).create(validity).doing("making a test CA")?;
    match fs::rename(draft.path(), folder) {
        Ok(()) => Ok(()),
        // Another process was faster.
        Err(_) if folder.join("validity").exists() => Ok(()),
        Err(error) => Err(Trouble::file(folder, error)),
    }
}

fn now() -> u64 {
    crate::voters::now().unix().unsigned_abs()
}
