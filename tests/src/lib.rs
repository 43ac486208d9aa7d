//! What the end-to-end tests and the demonstration are built of.

pub mod card;
pub mod city;
