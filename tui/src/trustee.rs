//! A trustee (開票立会人) holds one share of an election's key, on a medium of their own.
//!
//! `medium` is that medium, `secrets` what lies on it, `held` the part of one election (`first_format` how it was written before), `exchange` how
//! files reach and leave it, `stick` what lies on one, `ceremony` the rounds that make the key, `decrypt` its one use, `step` each step as it is done.

pub mod ceremony;
pub mod decrypt;
pub mod exchange;
mod first_format;
pub mod held;
pub mod medium;
pub mod secrets;
pub mod step;
pub mod stick;
