//! The list of who received or saw what of a resident, as the resident kept it (PROTOCOL §19.4).

use serde::Serialize;
use tachiai_schemas::sharing::access::{AccessError, AccessList, OwnAccess};
use tachiai_schemas::{Bytes, LeafIndex};

use crate::rule::{Rule, Violation};

/// What a list that holds says.
#[derive(Debug, Clone, Serialize)]
pub struct AccessVerdict {
    /// Always `holds`.
    pub verdict: &'static str,
    /// The origin of the log.
    pub origin: String,
    /// The key that signs it.
    pub key: Bytes<32>,
    /// How many leaves it has.
    pub leaves: u64,
    /// How many leaves the earlier list has, from which it goes on.
    pub since: Option<u64>,
    /// What concerns the holder.
    pub own: Vec<OwnAccess>,
}

/// Checks a list, and that its log goes on from that of an earlier one, which is checked first.
///
/// # Errors
/// [`Violation`] of R931 to R935.
pub fn verify(list: &AccessList, since: Option<&AccessList>) -> Result<AccessVerdict, Violation> {
    if let Some(since) = since {
        since.check().map_err(|error| Violation { detail: format!("the earlier list: {error}"), ..broken(&error) })?;
    }
    list.check().map_err(|error| broken(&error))?;
    if let Some(since) = since {
        list.follows(since).map_err(|error| broken(&error))?;
    }
    let AccessList { origin, key, checkpoint: _, leaves, secrets: _, own } = list;
    let since = since.map(|since| since.leaves.len() as u64);
    Ok(AccessVerdict { verdict: "holds", origin: origin.clone(), key: *key, leaves: leaves.len() as u64, since, own: own.clone() })
}

fn broken(error: &AccessError) -> Violation {
    let (rule, leaf) = match error {
        AccessError::Checkpoint | AccessError::Leaves => (Rule::R931, None),
        AccessError::Leaf(leaf) => (Rule::R932, Some(*leaf)),
        AccessError::LeftOut(leaf) | AccessError::NotYours(leaf) => (Rule::R933, Some(*leaf)),
        AccessError::NotInTheLog(leaf) => (Rule::R934, Some(*leaf)),
        AccessError::Fork => (Rule::R935, None),
    };
    Violation { rule, leaf: leaf.map(LeafIndex), detail: error.to_string() }
}
