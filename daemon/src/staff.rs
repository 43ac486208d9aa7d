//! Staff: who may do what, and the acts that need two officials.
//!
//! | file | is |
//! |---|---|
//! | [`acts`] | what another domain does when two officials agreed |

pub mod acts;

pub use acts::Acts;
