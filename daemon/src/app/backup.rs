//! The mark that a backup was made: whatever makes it says so when it is done, and officials see on their first screen how long ago that was.

use std::io;
use std::path::Path;

use tachiai_schemas::Timestamp;

/// The file of the mark in the data folder.
const MARK: &str = "backed-up";

/// Says that a backup was made.
///
/// # Errors
/// If the mark cannot be written.
pub fn mark(data: &Path, at: Timestamp) -> io::Result<()> {
    let new = data.join(format!("{MARK}.new"));
    std::fs::write(&new, format!("{at}\n"))?;
    std::fs::rename(new, data.join(MARK))
}

/// When that was said last; never, where there is no mark, or none that can be read.
#[must_use]
pub fn last(data: &Path) -> Option<Timestamp> {
    std::fs::read_to_string(data.join(MARK)).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_mark_holds_and_without_one_nothing_is_said() {
        let data = tempfile::tempdir().unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(last(data.path()), None);
        for time in ["2026-11-25T17:00:00Z", "2026-11-26T17:00:00Z"] {
            mark(data.path(), at(time)).unwrap();
            assert_eq!(last(data.path()), Some(at(time)));
        }
        std::fs::write(data.path().join(MARK), "yesterday").unwrap();
        assert_eq!(last(data.path()), None);
    }
}
