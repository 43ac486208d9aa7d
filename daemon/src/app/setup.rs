//! A new appliance: a data folder with vault, master key, certification authority, server certificate and configuration.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use rand_core::{CryptoRng, RngCore};
use tachiai_schemas::Timestamp;
use tachiai_schemas::election::CrlRequirement;

use crate::cards::{CardPolicy, CardVerifier, CardsError, Trust};
use crate::config::is_host;
use crate::pki::{Authority, PkiError};
use crate::vault::{self, MasterKey, Vault, VaultError};

/// What a new appliance is to be.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The data folder; made if it is not there, and else empty.
    pub data: PathBuf,
    /// The names under which clients reach it, the first one being its origin.
    pub hosts: Vec<String>,
    /// Where the master key is to be; `master.key` in the data folder by default.
    pub master_key: Option<PathBuf>,
    /// The mirror; `mirror` in the data folder by default.
    pub mirror: Option<PathBuf>,
    /// The public port.
    pub public: SocketAddr,
    /// The staff port.
    pub staff: SocketAddr,
    /// Certificates of the card's certification authorities; they are copied.
    pub anchors: Vec<PathBuf>,
    /// Keys that certify those which sign cards' texts; they are copied.
    pub text_anchors: Vec<PathBuf>,
    /// Revocation lists; they are copied.
    pub crls: Vec<PathBuf>,
    /// Whether a fresh list is required.
    pub crl: CrlRequirement,
    /// Whose cards.
    pub policy: CardPolicy,
}

/// Why there is no new appliance.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The folder holds something.
    #[error("{} is not empty: choose another folder, or empty this one if you know that nothing in it is needed", .0.display())]
    NotEmpty(PathBuf),
    /// Not a host name.
    #[error("{0} is not a host name: small letters, digits, hyphens and dots, or an IP address, without a port")]
    Host(String),
    /// No host name.
    #[error("an appliance needs at least one host name")]
    NoHost,
    /// An anchor or a list cannot be used.
    #[error(transparent)]
    Cards(#[from] CardsError),
    /// The vault or a file cannot be made.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The certification authority cannot be made.
    #[error(transparent)]
    Pki(#[from] PkiError),
}

/// Makes the appliance; gives the path of its configuration. If it fails half-way, what was made stays and says so by not
/// being empty.
///
/// # Errors
/// [`SetupError`].
pub fn create(setup: &Setup, at: Timestamp, rng: &mut (impl RngCore + CryptoRng)) -> Result<PathBuf, SetupError> {
    let Setup { data, hosts, master_key, mirror, public, staff, anchors, text_anchors, crls, crl, policy } = setup;
    if hosts.is_empty() {
        return Err(SetupError::NoHost);
    }
    if let Some(host) = hosts.iter().find(|host| !is_host(host)) {
        return Err(SetupError::Host(host.clone()));
    }
    if fs::read_dir(data).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(SetupError::NotEmpty(data.clone()));
    }
    CardVerifier::load(&Trust { anchors: anchors.clone(), text_anchors: text_anchors.clone(), crls: crls.clone(), crl: *crl, policy: *policy })?;

    vault::private_dir(data)?;
    // The folder may have been there with another mode.
    fs::set_permissions(data, std::os::unix::fs::PermissionsExt::from_mode(0o700)).map_err(VaultError::io("set the mode of", data))?;
    let key_path = master_key.clone().unwrap_or_else(|| data.join("master.key"));
    let master = MasterKey::create(&key_path, rng)?;
    let vault = Vault::create(&data.join("vault"), master, rng)?;
    Authority::create(data, &vault, hosts, at, rng)?;
    copy(anchors, &data.join("anchors"))?;
    copy(text_anchors, &data.join("text-anchors"))?;
    copy(crls, &data.join("crls"))?;

    let crl = match crl {
        CrlRequirement::Required => "required",
        CrlRequirement::NotRequired => "not-required",
    };
    let policy = match policy {
        CardPolicy::Production => "production",
        CardPolicy::Test => "test",
    };
    let text = |path: &Path| toml::Value::String(path.display().to_string()).to_string();
    let listed: Vec<_> = hosts.iter().map(|host| format!("\"{host}\"")).collect();
    let config = format!(
        "# The configuration of this appliance. `tachiaid check-config` names every problem in it.\n\
         # Relative paths are relative to the folder of this file.\n\n\
         # The first name stands in what cards sign and in every checkpoint.\nhosts = [{}]\n\
         # Keep a copy of this file in a safe place: without it nothing in the vault can be opened.\nmaster_key = {}\n\
         # The public journals as static files; use another disk in production.\nmirror = {}\n\n\
         [listen]\npublic = \"{public}\"\nstaff = \"{staff}\"\n\
         # A third port, for logging in from a browser with the card (TLS client authentication).\n# card = \"0.0.0.0:8444\"\n\n\
         [cards]\n# Files or folders, DER or PEM. Read again on SIGHUP.\nanchors = [\"anchors\"]\ncrls = [\"crls\"]\n\
         # The keys under which J-LIS signs cards' texts: without them nobody is enrolled at a counter.\ntext_anchors = [\"text-anchors\"]\n\
         # \"required\", or \"not-required\": then revocation is not checked, and every screen and manifest says so.\ncrl = \"{crl}\"\n\
         # \"production\" for cards of residents, \"test\" for test cards only.\npolicy = \"{policy}\"\n",
        listed.join(", "),
        text(master_key.as_deref().unwrap_or(Path::new("master.key"))),
        text(mirror.as_deref().unwrap_or(Path::new("mirror"))),
    );
    let path = data.join("tachiaid.toml");
    vault::write(&path, config.as_bytes())?;
    Ok(path)
}

/// Copies files into a folder, under numbers before their names so that two of one name both fit.
fn copy(files: &[PathBuf], folder: &Path) -> Result<(), VaultError> {
    vault::private_dir(folder)?;
    for (number, file) in files.iter().enumerate() {
        let bytes = fs::read(file).map_err(VaultError::io("read", file))?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        vault::write(&folder.join(format!("{number:02}-{name}")), &bytes)?;
    }
    Ok(())
}
