//! A voter's program: what it checks before it trusts a board, and how it registers, votes and challenges (PROTOCOL §6, §7).
//!
//! [`Pinned`] is an election whose manifest, ceremony and opening were checked against the printed fingerprint; [`Booth`] is one voter in it.
//! The voting key and the randomness of a ballot live in memory only.

mod booth;
mod chain;
mod declaration;
mod evidence;
mod included;
mod kept;
mod login;
mod outs;
mod pinned;
mod respondent;
mod status;

pub use booth::{Booth, Cast, Holder, Registration, Sealed};
pub use declaration::Declarer;
pub use included::{Included, Leaf, included, leaves};
pub use kept::Kept;
pub use login::{Login, card_name, enrol, person_of};
pub use outs::Outs;
pub use pinned::{Pinned, manifest};
pub use respondent::Respondent;

use login::login;
use pinned::consistency;
