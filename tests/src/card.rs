//! A software My Number Card: the applets of the national card as an engine, without plastic.
//!
//! It answers the same APDUs with the same status words as a real card, as far as they are known, and like a real
//! card it signs nothing without the PIN. It is for tests and demonstrations: its keys are made of a shared pool and
//! lie unprotected in its file.
//!
//! | file | holds |
//! |---|---|
//! | `applet.rs` | [`SoftwareCard`]: commands in, answers out, PINs and tries |
//! | `content.rs` | [`Content`]: what a card is personalised with, and its file |
//! | `keys.rs` | [`KeyPool`]: RSA keys made of a pool that is generated once |
//! | `face.rs` | [`FaceAuthority`]: who signs what is printed on a card, and the records of that |
//! | `picture.rs` | the pictures on a card's face |
//! | `issue.rs` | [`Order`]: a card ordered from a test CA, and [`CaFolder`], where such a CA lies |
//! | `slot.rs` | [`Slot`]: a card in a reader, which may misbehave on request ([`Fault`]) |
//! | `serve.rs` | [`serve`]: the slot behind a Unix socket; [`insert`]: the card in a reader of vpcd, and so of pcscd |
//!
//! A card of a generation after today's ([`Next`]) is described by the same file that tells the console of it: it has
//! keys on P-384 and two applications, and what they are called is in that file.
//!
//! Left out: the applications 共通カード and 住基, and secure messaging.

mod applet;
mod content;
mod face;
mod issue;
mod keys;
mod picture;
mod serve;
mod slot;

pub use applet::SoftwareCard;
pub use content::{CardFileError, Content, Credential, Form, Next, PinState, Text};
pub use face::{Codes, FaceAuthority, Records};
pub use issue::{Authorities, CaFolder, IssueError, Order};
pub use keys::{DISTINCT, KeyPool, POOL, PoolError, SoftKey};
pub use serve::{insert, serve};
pub use slot::{Exchange, Fault, Slot, UnknownFault};
