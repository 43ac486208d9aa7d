//! What a domain does when two officials agreed: the port between the staff's room and the room that acts, so that
//! neither knows the other.

use tachiai_schemas::staff::{Act, Done};
use tachiai_schemas::{ElectionId, Refusal, Timestamp};

use crate::refused::{Answering, Refused};

/// A domain whose acts need two officials. Both calls may be repeated after a crash: `perform` on an election where the
/// act is done already refuses it as out of phase and changes nothing.
pub trait Acts: Send + Sync {
    /// Whether the act could be done now, so that nobody is asked to approve what cannot be.
    ///
    /// # Errors
    /// Why not.
    fn ready(&self, election: ElectionId, act: Act) -> Result<(), Refused>;

    /// Does it, on behalf of the official who asked and the one who approved. Durable once it is ready.
    ///
    /// # Errors
    /// Why not; then nothing was done.
    fn perform(&self, election: ElectionId, act: Act, by: [String; 2], at: Timestamp) -> Answering<'_, Done>;
}

/// Nothing to act on: for a command that changes the staff list and nothing else.
pub struct NoElections;

impl Acts for NoElections {
    fn ready(&self, _election: ElectionId, _act: Act) -> Result<(), Refused> {
        Err(Refusal::NotFound.into())
    }

    fn perform(&self, _election: ElectionId, _act: Act, _by: [String; 2], _at: Timestamp) -> Answering<'_, Done> {
        Box::pin(async { Err(Refusal::NotFound.into()) })
    }
}
