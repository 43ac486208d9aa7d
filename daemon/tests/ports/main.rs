//! The two ports of a daemon in this process, over real sockets and TLS, as clients meet them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod appliance;
mod card_login;
mod counter;
mod folder;
mod identity;
mod problems;
mod shelter;
mod staff;
mod status;
mod tls;
mod trusted;
