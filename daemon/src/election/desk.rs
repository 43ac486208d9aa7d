//! The polling desk: who stands before it, and the papers that it hands out (PROTOCOL §16).
//!
//! | file | is |
//! |---|---|
//! | [`found`] | searching the roll |
//! | [`look`] | an elector as a desk sees them; every look-up leaves a line in the private journal |
//! | [`attended`] | a look-up on which two officials agree, also of somebody under protection |
//! | [`prepare`] | the evidence of a hand-out, by card or by name with a second official |
//! | [`hand_out`] | hand-outs, undos and day-closes on their way to the board |
//! | [`again`] | what was recorded before is recognised, and recorded once |
//! | [`envelopes`] | envelopes that officers set aside, because the board refuses their hand-out |
//! | [`day`] | what a day of a place stands at |
//! | [`absentee`] | absentee voting: requested, sent, received |
//! | [`routes`] | the routes of the staff port |
//!
//! **Order**: the evidence of a hand-out is durable in the private journal before the board takes the hand-out that commits to it. A desk that asks again,
//! after whatever broke off, gets what it would have got.

pub mod absentee;
pub mod again;
pub mod attended;
pub mod day;
pub mod envelopes;
pub mod found;
pub mod hand_out;
pub mod look;
pub mod prepare;
pub mod routes;

#[cfg(test)]
mod tests;
