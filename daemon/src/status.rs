//! What is going on now, for the first screen of a console: asked once, or followed.
//!
//! The room knows no other: the appliance looks into all of them for it ([`Looks`]).

use std::sync::Arc;

use tachiai_schemas::status::Status;
use tokio::sync::watch;

use crate::http::{Official, Officials};
use crate::refused::Refused;

pub mod glances;
pub mod routes;
pub mod streams;

/// Looks into every room.
pub trait Looks: Send + Sync {
    /// What is going on now, as far as this official's role may see it: but for the viewer, all that officials of one role are told is the same. It may look at the disk, so it is called away from the threads that serve the network.
    ///
    /// # Errors
    /// What a room refuses.
    fn look(&self, official: &Official) -> Result<Status, Refused>;
}

/// What the routes need.
#[derive(Clone)]
pub struct Watchtower {
    /// Who looks, and what was seen last.
    pub glances: Arc<glances::Glances>,
    /// The staff list: whoever is taken off it follows no longer.
    pub officials: Arc<dyn Officials>,
    /// True once the daemon is to stop: a stream that goes on would hold it up.
    pub stop: watch::Receiver<bool>,
    /// Who follows.
    pub streams: Arc<streams::Streams>,
}
