//! The console of Tachiai and its commands, as a library.

pub mod card;
