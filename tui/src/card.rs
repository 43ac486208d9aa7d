//! A My Number Card in a reader: the only thing that speaks for a resident.
//!
//! [`Card`] is the conversation with one card over any [`Transport`]: it selects the applications, reads the
//! certificates and the four attributes, checks PINs and asks for signatures. It never spends the last try of a
//! PIN unless the caller says so ([`LastTry`]), never reads the My Number itself, and leaves the card powered
//! off, because on real cards a checked PIN outlives the connection that gave it.
//!
//! | file | holds |
//! |---|---|
//! | `transport.rs` | the [`Transport`] trait, its errors, and [`Watched`], which gives up on a hung reader |
//! | `socket.rs` | [`SocketTransport`]: a card process behind a Unix socket |
//! | `pcsc.rs` | readers over PC/SC: which are there, which is meant, and the way to the card in one |
//! | `interrupt.rs` | a signal that ends the process switches the card off first |
//! | `apdu.rs` | commands and status words (ISO/IEC 7816-4 and the card's own) |
//! | `generation.rs` | [`Generation`]: where things are on a card and how it signs, as data |
//! | `secret.rs` | PIN and password, checked for their shape before a card sees them |
//! | `jpki.rs` | the conversation, and the JPKI application |
//! | `text.rs` | 券面事項入力補助: name, address, date of birth, sex |
//! | `date.rs` | times as their holders read them |
//! | `error.rs` | what can go wrong, said in both languages with what to do |

pub mod apdu;
mod date;
mod error;
pub mod generation;
pub(crate) mod interrupt;
mod jpki;
mod pcsc;
mod secret;
#[cfg(unix)]
mod socket;
mod text;
mod transport;

pub use date::minute;
pub use error::{CardError, Object};
pub use generation::{Generation, GenerationError};
pub use jpki::{Card, HeldPin, Issue, Key, Kind, PinName, Tries};
pub use pcsc::{Holds, Reader, choose_reader, connect_reader, readers, wait_for_card};
pub use secret::{LastTry, Password, Pin};
#[cfg(unix)]
pub use socket::SocketTransport;
pub use tachiai_schemas::lang::printable;
pub use text::{Attributes, Sex, SignedText};
pub use transport::{Power, Transport, TransportError, Watched, leave_all};
