//! A trustee (開票立会人) holds one share of the election's key, on a medium of their own.
//!
//! `medium` is that medium, `exchange` how files reach and leave it, `ceremony` the rounds that make the key, `decrypt` its one use.

pub mod ceremony;
pub mod decrypt;
pub mod exchange;
pub mod medium;
