//! Certificates of the Japanese Individual Number Card (マイナンバーカード), issued by the public individual
//! authentication service (公的個人認証サービス, JPKI), and the statements that such a card signs.
//!
//! Trust anchors, revocation lists and a time go in, a verdict comes out. Nothing here reads a clock, a file or the
//! network.
//!
//! | file | what it is |
//! |---|---|
//! | [`certificate`] | the verdict on one certificate of a holder |
//! | [`anchor`] | the CA certificates that are trusted, chosen by key and signature |
//! | [`policy`] | the two purposes of certificates and the policy identifiers that name them |
//! | [`crl`] | certificate revocation lists |
//! | [`holder`] | what a verified certificate says, and the check of its holder's signatures |
//! | [`attributes`] | name, address, birth date and sex in a signing certificate (基本4情報) |
//! | [`card_text`] | the same four attributes in the card's text (券面事項入力補助), signed by J-LIS |
//! | [`key`] | verification keys and signature algorithms as data |
//! | [`statement`] | the closed list of texts that a card signs |
//! | [`error`] | why a certificate was not accepted, and what to do, in Japanese and English |
//!
//! # Example
//! ```
//! use tachiai_jpki::{
//!     Anchor, CrlPolicy, CrlSet, JpkiError, PolicySet, Purpose, TrustStore, UnixTime, verify_certificate,
//! };
//!
//! fn holder_of(certificate: &[u8], ca: &[u8], at: UnixTime) -> Result<String, JpkiError> {
//!     let store = TrustStore::new(vec![Anchor::from_der(ca)?]);
//!     let holder = verify_certificate(
//!         certificate,
//!         Purpose::UserAuthentication,
//!         &store,
//!         &PolicySet::production(),
//!         &CrlSet::default(),
//!         CrlPolicy::NotRequired,
//!         at,
//!     )?;
//!     Ok(holder.serial().to_string())
//! }
//! ```
#![forbid(unsafe_code)]

pub mod anchor;
pub mod attributes;
pub mod card_text;
pub mod certificate;
pub mod crl;
pub mod error;
pub mod hash;
pub mod holder;
pub mod key;
pub mod lang;
pub mod policy;
pub mod serial;
pub mod statement;
#[cfg(feature = "testing")]
pub mod testing;
pub mod time;

mod extensions;
mod netstring;
mod signed;

pub use anchor::{Anchor, TrustStore};
pub use attributes::{BirthDate, FourAttributes, Sex, Substitutes};
pub use card_text::{CardText, TextAnchor, TextAnchors, TextError, TextFiles, verify_presence, verify_text};
pub use certificate::{UnverifiedCertificate, unverified_key, verify_certificate};
pub use crl::{Crl, CrlPolicy, CrlSet};
pub use error::{Blame, JpkiError};
pub use hash::Hash32;
pub use holder::{HolderCertificate, verify_signature};
pub use key::{CardKey, SignatureAlgorithm};
pub use lang::Lang;
pub use policy::{Oid, PolicySet, Purpose};
pub use serial::Serial;
pub use statement::{FallbackReason, Statement, StatementError, StatementPurpose, Word};
pub use time::{UnixTime, Validity};
