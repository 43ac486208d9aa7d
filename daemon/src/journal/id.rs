//! A journal's id names its folder, its keys in the store and its mirror: small letters, digits and hyphens.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use super::JournalError;

/// The name of a journal: 1 to 64 of `a-z`, `0-9` and `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JournalId(String);

impl JournalId {
    /// The greatest length in bytes.
    pub const MAX_LEN: usize = 64;

    /// Checks a name.
    ///
    /// # Errors
    /// [`JournalError::Id`] if it has other characters or another length.
    pub fn new(name: &str) -> Result<Self, JournalError> {
        let good = (1..=Self::MAX_LEN).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        good.then(|| Self(name.to_owned())).ok_or(JournalError::Id)
    }

    /// What lies in the folder of all journals under names that `named` knows, sorted; nothing before there is such a folder.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn list<T: Ord>(folder: &Path, named: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, JournalError> {
        let failed = |source| JournalError::io("list", folder)(source);
        let names = match std::fs::read_dir(folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(failed)?,
        };
        let mut found = Vec::new();
        for entry in names {
            let name = entry.map_err(failed)?.file_name();
            found.extend(name.to_str().and_then(&named));
        }
        found.sort();
        Ok(found)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JournalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for JournalId {
    type Err = JournalError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::new(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_could_leave_the_folder_is_refused() {
        let long = "x".repeat(65);
        for name in ["", "..", "a/b", "A", "a_b", "a b", "ä", "a\0", long.as_str()] {
            assert!(matches!(JournalId::new(name), Err(JournalError::Id)), "{name:?}");
        }
    }

    #[test]
    fn the_folder_of_all_journals_is_listed_by_the_names_that_are_meant() {
        let dir = tempfile::tempdir().unwrap();
        let number = |name: &str| name.strip_prefix("n-")?.parse::<u32>().ok();
        assert_eq!(JournalId::list(&dir.path().join("none"), number).unwrap(), Vec::<u32>::new());
        for name in ["n-10", "n-2", "n-x", "other"] {
            std::fs::create_dir(dir.path().join(name)).unwrap();
        }
        assert_eq!(JournalId::list(dir.path(), number).unwrap(), [2, 10]);
    }

    #[test]
    fn an_ordinary_name_is_accepted() {
        assert_eq!(JournalId::new("mayor-2027").unwrap().as_str(), "mayor-2027");
    }
}
