//! A polling place at the console: the key of its desks, the keys of its officers, and what a desk knows without the appliance.
//!
//! | file | is |
//! |---|---|
//! | [`officer`] | the key of a manager or witness, under a passphrase |

pub mod officer;
