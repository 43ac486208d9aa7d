//! The demonstration: one mock election of the simulated city, from the roll to a verdict that needs no network.
//!
//! It knows every vote that it casts, so it also knows what the count must say.
//!
//! | file | holds |
//! |---|---|
//! | `screen.rs` | [`Screen`]: progress, and the table of phases |
//! | `flood.rs` | [`night`]: shelters in the night of a flood, after the election |
//! | `agencies.rs` | who gets what of those in the shelters, opened with the agency's own key: [`open_bundle`] |
//! | `forged.rs` | what the operator could forge with the event's key |
//! | `folder.rs` | [`Folder`]: where a demonstration lies, and how an older one is removed |
//! | `stage.rs` | [`Stage`]: city, cards, appliance and staff, up to an open election |
//! | `votes.rs` | who votes for whom: [`Votes`], [`Ledger`] |
//! | `hands.rs` | the first three voters, who use the real programs |
//! | `paper.rs` | those who vote on paper: the desk, the day-close, the count of the box, the lot |
//! | `readers.rs` | [`Readers`]: where their cards lie |
//! | `run.rs` | [`run`]: the whole election; [`enough`]: how many electors it takes |
//! | `serve.rs` | [`serve`]: an open election to try by hand |

mod agencies;
mod flood;
mod folder;
mod forged;
mod hands;
mod paper;
mod readers;
mod run;
mod screen;
mod serve;
mod stage;
mod statements;
mod votes;

pub use agencies::open_bundle;
pub use flood::night;
pub use folder::{Folder, target};
pub use readers::Readers;
pub use run::{enough, run};
pub use screen::{Progress, Screen};
pub use serve::serve;
pub use stage::{Extent, Stage};
pub use votes::{Ledger, Votes};
