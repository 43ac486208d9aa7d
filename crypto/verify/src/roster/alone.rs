//! What an entry must be by itself, whatever else stands in the roster: an own entry that somebody took along is held against it as well.

use tachiai_crypto::roster::entry::{Committed, Statement};
use tachiai_schemas::roster::{Body, Entry, LAST_NUMBER, PersonEntry};

use super::{Broken, Owed, broken};
use crate::rule::Rule;

/// The most entries that one entry may follow.
pub const MAX_AFTER: usize = 64;

/// What its times and numbers must be (R901).
pub(super) fn numbers(body: &Entry) -> Result<(), Broken> {
    if body.time > body.entered {
        return Err(broken(Rule::R901, "it happened after it was entered"));
    }
    let seq = if let Body::Person(person) = &body.body { person.seq } else { 0 };
    if body.number.max(seq) > LAST_NUMBER {
        return Err(broken(Rule::R901, "its number, or that in its chain, is not below 2^53"));
    }
    Ok(())
}

/// What an entry of a person must follow and have (R905, R906). Its proof is owed.
pub(super) fn person(person: &PersonEntry, statement: Option<Statement>) -> Result<Owed, Broken> {
    let PersonEntry { chain: _, seq, after, shelter: _, act, fields: _, proof } = person;
    if (*seq == 0) != after.is_empty() {
        return Err(broken(Rule::R905, "only the first entry of a person follows none"));
    }
    if after.len() > MAX_AFTER || !after.is_sorted_by(|one, two| one < two) {
        return Err(broken(Rule::R905, format!("an entry follows at most {MAX_AFTER} others, in ascending order")));
    }
    match (act.is_present(), proof, statement) {
        (true, Some(proof), Some(statement)) => {
            let committed = Committed::decode(&proof.0).map_err(|error| broken(Rule::R906, error.to_string()))?;
            Ok(Some(Box::new((statement, committed))))
        }
        (false, None, _) => Ok(None),
        (true, ..) => Err(broken(Rule::R906, "a person who is present has a commitment")),
        (false, ..) => Err(broken(Rule::R906, "a person who leaves has none")),
    }
}
