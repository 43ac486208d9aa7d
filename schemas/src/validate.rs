//! Validation gives the path of the wrong field, and what is wrong with it, for every problem at once.

use std::collections::BTreeSet;

use crate::election::{Choice, Text};
use crate::spec::ElectionSpec;

/// One wrong field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct FieldError {
    /// The path, such as `contests[1].options[0].id`.
    pub path: String,
    /// What is wrong and what belongs there.
    pub problem: String,
}
