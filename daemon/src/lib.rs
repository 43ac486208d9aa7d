//! The appliance's daemon: everything the city must be able to prove is an entry in a journal, everything a screen
//! shows is a view of a journal, and this process is the one that writes them.
//!
//! | module | is |
//! |---|---|
//! | [`app`] | the composition: the only place that sees every room |
//! | [`cli`] | the commands of `tachiaid` |
//! | [`config`] | `tachiaid.toml` and every problem in it |
//! | [`election`], [`identity`], [`sharing`], [`shelter`], [`staff`] | the rooms: what is decided, and what was |
//! | [`status`] | what is going on in all of them, for the first screen of a console |
//! | [`journal`], [`store`] | the truth on disk, and the views of it |
//! | [`outbox`] | what is to reach another system, and does |
//! | [`http`] | TLS, limits, sessions, problems: what stands between the network and a room |
//! | [`pki`] | the appliance's own certification authority |
//! | [`vault`] | keys at rest |
//! | [`blobs`] | files named by their hash |
//! | [`cards`] | the verdict on a card's statement |
//! | [`nonces`] | numbers that a statement may use once |
//! | [`acts`] | what needs two officials: the port between staff and the room that acts |
//! | [`clock`] | the time |
//! | [`refused`] | a refusal on its way to the client |
//!
//! Data flows one way: `http -> domain::decide -> journal -> domain::apply -> views`; reads go `http -> views`.

pub mod acts;
pub mod app;
mod bindings;
pub mod blobs;
pub mod cards;
pub mod cli;
pub mod clock;
pub mod config;
pub mod election;
pub mod http;
pub mod identity;
pub mod journal;
pub mod nonces;
pub mod outbox;
pub mod pki;
pub mod refused;
pub mod sharing;
pub mod shelter;
pub mod staff;
pub mod status;
pub mod store;
pub mod vault;
