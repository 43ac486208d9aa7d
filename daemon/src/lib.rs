//! The appliance's daemon: everything the city must be able to prove is an entry in a journal, everything a screen
//! shows is a view of a journal, and this process is the one that writes them.
//!
//! | module | is |
//! |---|---|
//! | [`app`] | the composition: the only place that sees every room |
//! | [`cli`] | the commands of `tachiaid` |
//! | [`config`] | `tachiaid.toml` and every problem in it |
//! | [`http`] | TLS, limits, sessions, problems: what stands between the network and a room |
//! | [`pki`] | the appliance's own certification authority |
//! | [`vault`] | keys at rest |
//! | [`cards`] | the verdict on a card's statement |
//! | [`nonces`] | numbers that a statement may use once |
//! | [`clock`] | the time |
//! | [`refused`] | a refusal on its way to the client |
//!
//! Data flows one way: `http -> domain::decide -> journal -> domain::apply -> views`; reads go `http -> views`.

pub mod cards;
pub mod clock;
pub mod election;
pub mod http;
pub mod journal;
pub mod nonces;
pub mod refused;
pub mod staff;
pub mod store;
pub mod vault;
