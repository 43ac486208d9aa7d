//! What the end-to-end tests and the demonstration are built of.
//!
//! | module | is |
//! |---|---|
//! | [`card`] | software cards |
//! | [`city`] | the simulated city and its election |
//! | [`appliance`] | a daemon and consoles as real processes |
//! | [`trustees`] | trustees with media of their own, between which only files pass |
//! | [`holding`] | the commission's and the trustees' steps of an election |
//! | [`voters`] | voters by the thousand |
//! | [`demo`] | the demonstration |
//! | [`measure`] | the benchmarks |
//! | [`signals`] | what a program does when it is told to end |
//! | [`story`] | a whole appliance with an open election, in a few seconds, for tests |
//! | [`trouble`] | what goes wrong, said with what to do |

pub mod appliance;
pub mod card;
pub mod city;
pub mod demo;
pub mod holding;
pub mod measure;
pub mod signals;
pub mod story;
pub mod trouble;
pub mod trustees;
pub mod voters;
