//! The simulated city: people who never lived, in places of Yabu City that exist.
//!
//! Everything about them follows from a seed, so that a test can speak of "elector 17". What a card says about its
//! holder is what the roll says about them.
//!
//! | file | holds |
//! |---|---|
//! | `places.rs` | [`City`]: places and polling districts |
//! | `people.rs` | [`Elector`], and how they come to be |
//! | `names.rs` | family and given names with their readings |
//! | `residents.rs` | [`Resident`]: everybody, by households, and the action-support list |
//! | `roll.rs` | the roll as the resident system exports it, [`Encoding`] |
//! | `contests.rs` | [`Plan`]: the election that the city holds, as `SPEC.toml` describes it |

mod contests;
mod names;
mod people;
mod places;
mod residents;
mod roll;

pub use contests::{Plan, Polls};
pub use people::{Day, Elector};
pub use places::{City, CityError, PollingDistrict};
pub use residents::{Resident, residents_csv, support_csv};
pub use roll::{Encoding, roll_csv};
