//! A profile says which server an official works with and who they are: `server, ca, cert, key`.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use tachiai_schemas::Lang;
use tachiai_schemas::system::in_words;

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

/// What the file is called in the folder that is made for somebody.
pub const FILE: &str = "profile.toml";

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
        let path = in_folder(path)?;
        let text = std::fs::read_to_string(&path).map_err(|e| {
            let [ja, en] = in_words(&e);
            Failure::new(
                Exit::Usage,
                format!("プロファイル {} を読めません: {ja}。--profile で指定してください（tachiaid staff add が作成します）。", path.display()),
                format!("cannot read the profile {}: {en}. Name one with --profile (`tachiaid staff add` makes it).", path.display()),
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

/// The profile in a folder, where one is named.
fn in_folder(path: PathBuf) -> Result<PathBuf, Failure> {
    if !path.is_dir() {
        return Ok(path);
    }
    let inside = path.join(FILE);
    if inside.is_file() {
        return Ok(inside);
    }
    Err(Failure::new(
        Exit::Usage,
        format!(
            "フォルダー {} に profile.toml がありません。tachiaid staff add が作ったフォルダーか、その中の profile.toml を指定してください。",
            path.display()
        ),
        format!("there is no profile.toml in the folder {}. Name the folder that `tachiaid staff add` made, or the profile.toml in it.", path.display()),
    ))
}

fn none() -> Failure {
    Failure::new(Exit::Usage, "プロファイルがありません。--profile で指定してください。", "there is no profile. Name one with --profile.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_stands_for_the_profile_in_it_and_what_it_lacks_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let failure = Profile::read(Some(folder.path())).unwrap_err();
        assert!(failure.ja.contains("profile.toml がありません") && failure.en.contains("no profile.toml"), "{failure}");
        std::fs::write(folder.path().join("profile.toml"), "server = \"https://h:1\"\nca = \"ca.pem\"\ncert = \"c.pem\"\nkey = \"k.pem\"\n").unwrap();
        assert_eq!(Profile::read(Some(folder.path())).unwrap().ca, folder.path().join("ca.pem"));
    }
}
