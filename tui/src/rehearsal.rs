//! A rehearsal is a whole election on one machine with nothing in it that can be taken for real: invented people with test cards, a throw-away appliance on the
//! loopback, keys under passphrases that everybody knows, and *mock* as its authority.
//!
//! | file | is |
//! |---|---|
//! | [`plan`] | what a real specification and roll become |
//! | [`household`] | the folder of a rehearsal, and the programs that run in it |
//! | [`protocol`] | what was done, by whom on the real day, how long it took, and what did not work |
//! | [`run`] | the life of the election, step by step |
//!
//! It drives the programs that stand beside this one, as people do: `tachiaid`, `tachiai`, `tachiai-verify`, and `tachiai-vcard` for the cards, which
//! stands beside them where they were built.

pub mod household;
pub mod plan;
pub mod protocol;
pub mod run;
