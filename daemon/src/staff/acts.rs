//! What a domain does when two officials agreed: the port between the staff's room and the room that acts.

use std::future::Future;
use std::pin::Pin;

use tachiai_schemas::staff::{Act, Done};
use tachiai_schemas::{ElectionId, Timestamp};

use crate::refused::Refused;

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
    fn perform(&self, election: ElectionId, act: Act, by: [String; 2], at: Timestamp) -> Pin<Box<dyn Future<Output = Result<Done, Refused>> + Send + '_>>;
}
