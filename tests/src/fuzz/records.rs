//! Whole records in front of the verifier, as one file.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::Path;

use tachiai_verify::testing::Play;
use tachiai_verify::{Audit, Options, audit_record};

use super::Verdict;
use super::targets::{Target, decided};
use crate::trouble::{Doing, Trouble};

/// The readers.
///
/// # Errors
/// [`Trouble`] if there is no room for temporary files.
pub(super) fn all() -> Result<Vec<Target>, Trouble> {
    Ok(vec![archive()?])
}

fn audit(record: &Path) -> Verdict {
    let options = Options { jobs: NonZeroUsize::new(1), ..Options::default() };
    decided(audit_record(record, &options, &Audit::default()))
}

/// Nobody without the keys of the election can make another archive that holds.
fn archive() -> Result<Target, Trouble> {
    let folder = tempfile::tempdir().doing("a temporary folder")?;
    let path = folder.path().join("record.tar");
    let archive = |play: &Play| {
        play.write_archive(&path);
        std::fs::read(&path).map_err(|error| Trouble::file(&path, error))
    };
    let honest = [archive(&Play::whole(1))?, archive(&Play::whole_with_papers(1))?];
    let corpus = honest.to_vec();
    let read = move |bytes: &[u8]| {
        let mut file = tempfile::NamedTempFile::new_in(folder.path()).map_err(|error| error.to_string())?;
        file.write_all(bytes).map_err(|error| error.to_string())?;
        match audit(file.path()) {
            Verdict::Accepted if honest.iter().all(|honest| bytes != honest) => Err("another archive than the honest one holds".to_owned()),
            verdict => Ok(verdict),
        }
    };
    Ok(Target { name: "record-archive", corpus, read: Box::new(read) })
}
