//! Files that their owner alone may read: keys without a passphrase of their own lie in them.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use zeroize::Zeroizing;

use crate::failure::Failure;

/// Reads the file of a key, whole or up to `longest` bytes.
///
/// # Errors
/// [`Failure`] (2) when it cannot be read, or others may read it.
pub fn read(path: &Path, longest: u64) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let file = File::open(path).map_err(|e| Failure::file(path, &e))?;
    // Of the file that is open, so that no other is put in its place in between.
    let found = file.metadata().map_err(|e| Failure::file(path, &e))?;
    if found.is_dir() {
        return Err(Failure::incomplete(
            format!("{} はフォルダーです。端末の鍵のファイルを指定してください。", path.display()),
            format!("{} is a folder. Name the file of the key.", path.display()),
        ));
    }
    let mode = found.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(Failure::incomplete(
            format!(
                "{} はほかの利用者も読めます。端末の鍵のファイルか確かめてください。鍵なら chmod 600 で直し、別のファイル（名簿など）なら鍵のファイルを指定し直してください。",
                path.display()
            ),
            format!(
                "others may read {}. See whether it is the file of a key: set it right with chmod 600 if it is, and name the key's file if it is not.",
                path.display()
            ),
        ));
    }
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(longest).read_to_end(&mut bytes).map_err(|e| Failure::file(path, &e))?;
    Ok(bytes)
}
