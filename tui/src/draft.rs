//! A file that is begun before the act that it tells of, so that nothing is done for which there is no place.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use tachiai_schemas::canonical;
use tempfile::NamedTempFile;

use crate::failure::{Exit, Failure};

/// A file under a passing name in the folder where it will stand, readable by its owner alone. It is gone when it is dropped.
pub struct Draft {
    file: NamedTempFile,
    wanted: Option<PathBuf>,
}

impl Draft {
    /// Begins a file: at `wanted`, or in the current folder under a name that is found later.
    ///
    /// # Errors
    /// [`Failure`] when the folder cannot be written or the file is there already.
    pub fn begin(wanted: Option<&Path>) -> Result<Self, Failure> {
        if let Some(path) = wanted.filter(|path| path.exists()) {
            return Err(Failure::new(
                Exit::Incomplete,
                format!("{} はすでにあります。別の名前を指定してください。", path.display()),
                format!("{} is there already. Name another file.", path.display()),
            ));
        }
        let folder = folder(wanted.unwrap_or(Path::new(".")));
        if !folder.exists() {
            return Err(Failure::new(
                Exit::Incomplete,
                format!("書き込み先のフォルダー {} がありません。作るか、別の場所を指定してください。", folder.display()),
                format!("there is no folder {} to write to. Make it, or name another place.", folder.display()),
            ));
        }
        let file = NamedTempFile::new_in(folder).map_err(|e| Failure::file(wanted.unwrap_or(folder), &e))?;
        Ok(Self { file, wanted: wanted.map(Path::to_owned) })
    }

    /// Writes the file, durable once this returns, and gives its path; `name` is used where none was wanted. Nothing is overwritten.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn finish(self, name: impl Into<PathBuf>, bytes: &[u8]) -> Result<PathBuf, Failure> {
        let Self { mut file, wanted } = self;
        let path = wanted.unwrap_or_else(|| name.into());
        write(&mut file, bytes).map_err(|e| Failure::file(&path, &e))?;
        file.persist_noclobber(&path).map_err(|e| Failure::file(&path, &e.error))?;
        sync(&path)?;
        Ok(path)
    }

    /// [`Draft::finish`] with the JSON of a value.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn finish_json<T: serde::Serialize>(self, name: impl Into<PathBuf>, value: &T) -> Result<PathBuf, Failure> {
        let name = name.into();
        let bytes = canonical::to_bytes(value).map_err(|e| Failure::file(&name, &e))?;
        self.finish(name, &bytes)
    }
}

/// Puts the JSON of another value in the place of a file that this program wrote.
///
/// # Errors
/// [`Failure`]; the old file is then still there.
pub fn replace_json<T: serde::Serialize>(path: &Path, value: &T) -> Result<(), Failure> {
    let bytes = canonical::to_bytes(value).map_err(|e| Failure::file(path, &e))?;
    replace(path, &bytes)
}

/// Puts other bytes in the place of a file that this program wrote.
///
/// # Errors
/// [`Failure`]; the old file is then still there.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |e: &dyn std::fmt::Display| Failure::file(path, e);
    let mut file = NamedTempFile::new_in(folder(path)).map_err(|e| failed(&e))?;
    write(&mut file, bytes).map_err(|e| failed(&e))?;
    file.persist(path).map_err(|e| failed(&e.error))?;
    sync(path)
}

fn write(file: &mut NamedTempFile, bytes: &[u8]) -> std::io::Result<()> {
    file.write_all(bytes)?;
    file.as_file().sync_all()
}

fn sync(path: &Path) -> Result<(), Failure> {
    File::open(folder(path)).and_then(|d| d.sync_all()).map_err(|e| Failure::file(path, &e))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_that_is_there_is_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("receipt.json");
        let draft = Draft::begin(Some(&path)).unwrap();
        std::fs::write(&path, "another").unwrap();
        draft.finish("unused", b"own").unwrap_err();
        assert_eq!(std::fs::read(&path).unwrap(), b"another");
        assert!(Draft::begin(Some(&path)).is_err());
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_known_before_anything_is_done() {
        let dir = tempfile::tempdir().unwrap();
        let Err(failure) = Draft::begin(Some(&dir.path().join("missing").join("receipt.json"))) else { panic!("a draft was begun in no folder") };
        assert!(failure.ja.contains("missing がありません") && failure.en.contains("there is no folder"), "{failure:?}");
        // A file where the folder would be: what the system says, in words, and without the passing name.
        std::fs::write(dir.path().join("file"), "").unwrap();
        let Err(failure) = Draft::begin(Some(&dir.path().join("file").join("receipt.json"))) else { panic!("a draft was begun in a file") };
        assert!(
            failure.ja.contains("フォルダーでないものがあります") && failure.ja.matches("receipt.json").count() == 1 && !failure.en.contains("os error"),
            "{failure:?}"
        );
    }

    #[test]
    fn only_its_owner_can_read_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = Draft::begin(Some(&dir.path().join("receipt.json"))).unwrap().finish("unused", b"own").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        replace_json(&path, &1).unwrap();
        assert_eq!((std::fs::read(&path).unwrap(), std::fs::metadata(&path).unwrap().permissions().mode() & 0o777), (b"1".to_vec(), 0o600));
    }
}
