//! A profile says which server an official works with and who they are: `server, ca, cert, key`.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use tachiai_schemas::Lang;

use crate::client::{Client, Identity};
use crate::failure::{Exit, Failure};

/// `profile.toml`; relative paths are relative to the profile's folder.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// `https://host:port` of the staff port.
    pub server: String,
    /// The appliance's certificate authority, PEM.
    pub ca: PathBuf,
    /// The client certificate, PEM.
    pub cert: PathBuf,
    /// Its key, PEM.
    pub key: PathBuf,
}

impl Profile {
    /// Where the profile is looked for when none is named.
    #[must_use]
    pub fn default_path() -> Option<PathBuf> {
        let config = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".config")))?;
        Some(config.join("tachiai/profile.toml"))
    }

    /// Reads a profile.
    ///
    /// # Errors
    /// [`Failure`] when there is none or a field is wrong.
    pub fn read(path: Option<&Path>) -> Result<Self, Failure> {
        let path = path.map(Path::to_owned).or_else(Self::default_path).ok_or_else(none)?;
        let text = std::fs::read_to_string(&path).map_err(|e| {
            Failure::new(
                Exit::Usage,
                format!("プロファイル {} を読めません: {e}。--profile で指定してください（tachiaid staff add が作成します）。", path.display()),
                format!("cannot read the profile {}: {e}. Name one with --profile (`tachiaid staff add` makes it).", path.display()),
            )
        })?;
        let mut profile: Self = toml::from_str(&text).map_err(|e| Failure::content(&path, &e))?;
        let folder = path.parent().unwrap_or(Path::new(".")).to_owned();
        for file in [&mut profile.ca, &mut profile.cert, &mut profile.key] {
            *file = folder.join(&*file);
        }
        Ok(profile)
    }

    /// The client certificate and key.
    ///
    /// # Errors
    /// [`Failure`] when a file cannot be read.
    pub fn identity(&self) -> Result<Identity, Failure> {
        let read = |path: &Path| std::fs::read(path).map_err(|e| Failure::file(path, &e));
        Ok(Identity { certificate: read(&self.cert)?, key: read(&self.key)? })
    }

    /// A client with this identity.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn client(&self, lang: Lang) -> Result<Client, Failure> {
        Client::new(&self.server, &self.ca, Some(&self.identity()?), lang)
    }
}

fn none() -> Failure {
    Failure::new(Exit::Usage, "プロファイルがありません。--profile で指定してください。", "there is no profile. Name one with --profile.")
}
