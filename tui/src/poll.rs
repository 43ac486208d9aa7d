//! A polling place at the console: the key of its desks, the keys of its officers, and what a desk knows without the appliance.
//!
//! | file | is |
//! |---|---|
//! | [`officer`] | the key of a manager or witness, under a passphrase |
//! | [`key`] | the key of a desk |
//! | [`known`] | the election as the desk knows it, checked and kept |
//! | [`desk`] | a desk at work: who stands there, and the papers that are handed out |
//! | [`check_in`] | whether papers may be handed out, and how they are |
//! | [`queue`] | what the desk keeps while the link is cut |

pub mod check_in;
pub mod desk;
pub mod key;
pub mod known;
pub mod officer;
pub mod queue;
