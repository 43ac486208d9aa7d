//! The one decision of a witness: whether a checkpoint extends what it has cosigned; then it is written down, and only then cosigned.

use tachiai_crypto::journal::{ConsistencyProof, Cosignature, LogCheckpoint, empty_root, verify_consistency};

use crate::failure::Failure;
use crate::state::Held;

/// Why nothing is cosigned.
#[derive(Debug)]
pub enum Refusal {
    /// The checkpoint is smaller than the one that was cosigned, or the proof begins at another size: that size.
    Size(u64),
    /// It has the size of the one that was cosigned and another root: the log signed two.
    OtherRoot(Box<LogCheckpoint>),
    /// The proof does not show that it extends the one that was cosigned.
    Proof(Option<Box<LogCheckpoint>>),
    /// The state cannot be read or written.
    Fault(Failure),
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Fault(failure)
    }
}

/// Decides on a checkpoint that the log signed, with a proof that it extends the one of size `old`, and cosigns it.
///
/// # Errors
/// [`Refusal`]; nothing has changed then, except that after a fault of the disk the new checkpoint may be written down, which harms nobody.
pub fn advance(held: &Held<'_>, new: &LogCheckpoint, old: u64, proof: &ConsistencyProof, time: u64) -> Result<Cosignature, Refusal> {
    adopt(held, new, old, proof)?;
    Ok(held.cosign(new, time))
}

/// The same without the cosignature: what is cosigned from here on extends this checkpoint.
///
/// # Errors
/// As [`advance`].
pub fn adopt(held: &Held<'_>, new: &LogCheckpoint, old: u64, proof: &ConsistencyProof) -> Result<(), Refusal> {
    let newest = held.newest()?;
    let (size, root) = newest.as_ref().map_or_else(|| (0, empty_root()), |newest| (newest.checkpoint().size, newest.checkpoint().root));
    let head = new.checkpoint();
    if old != size || head.size < size {
        return Err(Refusal::Size(size));
    }
    if head.size == size && head.root != root {
        return Err(newest.map_or(Refusal::Proof(None), |newest| Refusal::OtherRoot(Box::new(newest))));
    }
    if verify_consistency(size, root, head.size, head.root, proof).is_err() {
        return Err(Refusal::Proof(newest.map(Box::new)));
    }
    // Also if it is the one that is there already: who wrote it may have been stopped before its name was synced.
    held.persist(new)?;
    Ok(())
}

/// The seconds since 1970, as this machine's clock has them.
#[must_use]
pub fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
