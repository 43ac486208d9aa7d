//! The people at polling places and at the count, and the keys they sign with.

pub mod officer;
