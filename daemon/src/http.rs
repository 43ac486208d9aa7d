//! What stands between the network and a room: TLS, limits, sessions, and problems in the client's language.
//!
//! | file | is |
//! |---|---|
//! | [`tls`] | the TLS of the public and the staff port |
//! | [`card`] | the TLS of the card port, on which a browser shows a card's certificate |
//! | [`server`] | accepts connections and ends them |
//! | [`layers`] | what every request passes: request ID, time-out, headers, panics |
//! | [`limits`] | body limits and request rates |
//! | [`extract`] | bodies, paths and queries, read strictly |
//! | [`session`] | who a citizen is: [`Holder`] |
//! | [`official`] | who a member of staff is: [`Official`] |
//! | [`problem`] | refusals as `application/problem+json` |
//! | [`router`] | the routes of all rooms and the OpenAPI document |

pub mod card;
pub mod extract;
pub mod layers;
pub mod limits;
pub mod official;
pub mod problem;
pub mod router;
pub mod server;
pub mod session;
pub mod tls;

pub use card::PeerCertificate;
pub use extract::{JsonBody, PathOf, QueryOf, RawBody};
pub use official::{Official, Officials};
pub use session::{Holder, Sessions};

pub use crate::refused::Refused;
