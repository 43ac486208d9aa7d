//! The folder of a demonstration.

use std::fs;
use std::path::{Path, PathBuf};

use crate::trouble::Trouble;

/// The file by which such a folder is recognised.
const MARKER: &str = ".tachiai-demo";

/// A folder that belongs to a demonstration alone.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// `name` under the build folder, emptied if an older demonstration made it.
    ///
    /// # Errors
    /// [`Trouble`] if something else lies there.
    pub fn fresh(name: &str) -> Result<Folder, Trouble> {
        Folder::fresh_at(&target().join(name))
    }

    /// This folder, emptied if an older demonstration made it.
    ///
    /// # Errors
    /// [`Trouble`] if something else lies there.
    pub fn fresh_at(path: &Path) -> Result<Folder, Trouble> {
        let file = |error| Trouble::file(path, error);
        if path.exists() {
            if !path.join(MARKER).exists() {
                return Err(Trouble::file(path, "this was not made by the demonstration, so it is not removed").hint("move it away and try again"));
            }
            fs::remove_dir_all(path).map_err(file)?;
        }
        fs::create_dir_all(path).map_err(file)?;
        let path = fs::canonicalize(path).map_err(file)?;
        let marker = path.join(MARKER);
        fs::write(&marker, "Made by tachiai-demo, which may remove this folder.\n").map_err(|error| Trouble::file(&marker, error))?;
        Ok(Folder(path))
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A path in it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// A folder in it, made now.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn make(&self, name: &str) -> Result<PathBuf, Trouble> {
        let path = self.join(name);
        fs::create_dir_all(&path).map_err(|error| Trouble::file(&path, error))?;
        Ok(path)
    }
}

/// The build folder: `CARGO_TARGET_DIR`, or `target` where the command was given.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(target) if !target.is_empty() => PathBuf::from(target),
        _ => PathBuf::from("target"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_somebody_else_is_not_removed() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("demo");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("thesis.txt"), "years of work").unwrap();
        assert!(Folder::fresh_at(&path).is_err());
        assert!(path.join("thesis.txt").exists());
    }

    #[test]
    fn an_older_demonstration_is_removed() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("demo");
        Folder::fresh_at(&path).unwrap();
        fs::write(path.join("old"), "").unwrap();
        Folder::fresh_at(&path).unwrap();
        assert!(!path.join("old").exists());
    }
}
