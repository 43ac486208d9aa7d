//! What lies under a path on this machine: a file, or a folder with what is in it.

use std::path::Path;

use crate::failure::Failure;

/// The most names of a folder that are told.
const MOST: usize = 2_000;

/// What lies there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A file, or something else that is read like one.
    File,
    /// A folder, with the names in it in their order; those of folders end with `/`.
    Folder(Vec<String>),
}

/// Looks.
///
/// # Errors
/// [`Failure`] that names the path.
pub(in crate::console::work) fn look(path: &Path) -> Result<Found, Failure> {
    let failed = |error: std::io::Error| Failure::file(path, &error);
    if !std::fs::metadata(path).map_err(failed)?.is_dir() {
        return Ok(Found::File);
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(path).map_err(failed)?.take(MOST) {
        let entry = entry.map_err(failed)?;
        // What is no text, or would move the cursor, cannot be typed.
        let Some(name) = entry.file_name().to_str().filter(|name| !name.chars().any(char::is_control)).map(ToOwned::to_owned) else { continue };
        let is_folder = std::fs::metadata(entry.path()).is_ok_and(|found| found.is_dir());
        names.push(if is_folder { format!("{name}/") } else { name });
    }
    names.sort_unstable();
    Ok(Found::Folder(names))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_told_with_what_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("roll.csv"), "x").unwrap();
        std::fs::create_dir(folder.path().join("old")).unwrap();
        assert_eq!(look(folder.path()).unwrap(), Found::Folder(vec!["old/".to_owned(), "roll.csv".to_owned()]));
        assert_eq!(look(&folder.path().join("roll.csv")).unwrap(), Found::File);
        assert!(look(&folder.path().join("none.csv")).is_err());
    }
}
