//! Whether the board's entries bear out what the server says about a ballot.

use tachiai_crypto::election::ballot::BallotHeader;
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::journal::leaf_hash;
use tachiai_crypto::labels;
use tachiai_schemas::election::{Body, Challenged};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::receipt::{BallotStatus, Receipt};
use tachiai_schemas::{HashBytes, LeafIndex};

use super::chain::distrust;
use crate::failure::Failure;

/// The ballot that is asked about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    /// Where it stands.
    pub(super) leaf: LeafIndex,
    /// Its entry's leaf hash.
    pub(super) leaf_hash: Hash32,
    /// Its hash.
    pub(super) ballot: Option<HashBytes>,
}

impl Asked {
    /// The ballot of a receipt.
    pub(super) fn of_receipt(receipt: &Receipt) -> Self {
        Self { leaf: receipt.leaf, leaf_hash: receipt.leaf_hash.hash(), ballot: receipt.ballot }
    }

    /// The ballot of an entry that was proved to stand at this leaf; none if it is no ballot.
    pub(super) fn of_entry(leaf: LeafIndex, entry: &[u8]) -> Option<Self> {
        let Body::Ballot(body) = Entry::from_bytes(entry).ok()?.body else { return None };
        let ballot = tagged(labels::hash::BALLOT, &[&body.ballot.0]);
        Some(Self { leaf, leaf_hash: leaf_hash(entry), ballot: Some(ballot.into()) })
    }
}

/// The leaves that must be looked at: the ballot's own, and that of the entry after which it does not count.
pub(super) fn leaves(status: &BallotStatus) -> Vec<LeafIndex> {
    match *status {
        BallotStatus::Counted { leaf } => vec![leaf],
        BallotStatus::Superseded { leaf, by } | BallotStatus::Challenged { leaf, by } | BallotStatus::Overridden { leaf, by } => vec![leaf, by],
    }
}

/// Checks a status against the entries at [`leaves`], whose inclusion was proved. That nothing followed a ballot that counts is not shown by any
/// entry: only the whole record shows it.
///
/// # Errors
/// [`Failure`] (1) when the entries say something else.
pub(super) fn check(asked: &Asked, status: &BallotStatus, entries: &[&[u8]]) -> Result<(), Failure> {
    let wrong = || distrust("投票の状態が掲示板の記録と一致しません", "what the server says about the ballot is not what the board holds");
    let (own, by) = match (status, entries) {
        (BallotStatus::Counted { leaf }, [own]) => ((*leaf, *own), None),
        (BallotStatus::Superseded { leaf, by } | BallotStatus::Challenged { leaf, by } | BallotStatus::Overridden { leaf, by }, [own, entry]) => {
            ((*leaf, *own), Some((*by, *entry)))
        }
        _ => return Err(wrong()),
    };
    if own.0 != asked.leaf || leaf_hash(own.1) != asked.leaf_hash {
        return Err(wrong());
    }
    let Some((by, entry)) = by else { return Ok(()) };
    let (own, entry) = (Entry::from_bytes(own.1).map_err(|_| wrong())?, Entry::from_bytes(entry).map_err(|_| wrong())?);
    let Body::Ballot(own) = own.body else { return Err(wrong()) };
    let own = BallotHeader::peek(&own.ballot.0).map_err(|_| wrong())?;
    let holds = match (status, entry.body) {
        (BallotStatus::Superseded { .. }, Body::Ballot(later)) => BallotHeader::peek(&later.ballot.0).is_ok_and(|later| later.slot == own.slot),
        (BallotStatus::Challenged { .. }, Body::Challenged(Challenged { slot, ballot, leaf, signature: _ })) => {
            slot == own.slot && Some(ballot) == asked.ballot && leaf == asked.leaf
        }
        (BallotStatus::Overridden { .. }, Body::PaperIssued(issued)) => issued.body.slot == own.slot,
        _ => false,
    };
    if holds && by > asked.leaf { Ok(()) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::election::BallotEntry;
    use tachiai_schemas::{Blob, Bytes, HashBytes, Slot};

    use super::*;

    /// An entry with a ballot of a slot: of its bytes only the header is looked at.
    fn ballot(slot: u32, counter: u32) -> Vec<u8> {
        let mut bytes = vec![1];
        bytes.extend(slot.to_be_bytes());
        bytes.extend(3_u64.to_be_bytes());
        bytes.extend(counter.to_be_bytes());
        bytes.extend([9; 100]);
        entry(Body::Ballot(BallotEntry { ballot: Blob(bytes) }))
    }

    fn entry(body: Body) -> Vec<u8> {
        Entry { at: "2026-11-22T09:00:00Z".parse().unwrap(), body }.to_bytes().unwrap()
    }

    fn challenged(slot: u32, ballot: HashBytes, leaf: u64) -> Vec<u8> {
        entry(Body::Challenged(Challenged { slot: Slot(slot), ballot, leaf: LeafIndex(leaf), signature: Bytes([0; 64]) }))
    }

    fn receipt(own: &[u8]) -> Asked {
        Asked::of_receipt(&Receipt {
            election: "aaaaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap(),
            at: "2026-11-22T09:00:00Z".parse().unwrap(),
            leaf: LeafIndex(10),
            leaf_hash: leaf_hash(own).into(),
            ballot: Some(Bytes([4; 32])),
            proof: String::new(),
        })
    }

    #[test]
    fn the_ballot_after_one_is_asked_about_by_its_own_hash() {
        let later = ballot(5, 2);
        let Body::Ballot(body) = Entry::from_bytes(&later).unwrap().body else { panic!("a ballot") };
        let asked = Asked::of_entry(LeafIndex(11), &later).unwrap();
        assert_eq!(asked.ballot, Some(tagged(labels::hash::BALLOT, &[&body.ballot.0]).into()));
        let status = BallotStatus::Challenged { leaf: LeafIndex(11), by: LeafIndex(12) };
        check(&asked, &status, &[&later, &challenged(5, asked.ballot.unwrap(), 11)]).unwrap();
        assert!(Asked::of_entry(LeafIndex(12), &challenged(5, Bytes([4; 32]), 10)).is_none());
    }

    #[test]
    fn a_ballot_is_superseded_only_by_a_later_one_of_its_slot() {
        let own = ballot(5, 1);
        let receipt = receipt(&own);
        let superseded = |by| BallotStatus::Superseded { leaf: LeafIndex(10), by: LeafIndex(by) };
        check(&receipt, &superseded(11), &[&own, &ballot(5, 2)]).unwrap();
        check(&receipt, &superseded(11), &[&own, &ballot(6, 2)]).unwrap_err();
        check(&receipt, &superseded(9), &[&own, &ballot(5, 2)]).unwrap_err();
        check(&receipt, &superseded(11), &[&own, &challenged(5, Bytes([4; 32]), 10)]).unwrap_err();
        check(&receipt, &superseded(11), &[&own]).unwrap_err();
    }

    #[test]
    fn a_ballot_is_challenged_only_by_an_entry_that_names_it() {
        let own = ballot(5, 1);
        let receipt = receipt(&own);
        let status = BallotStatus::Challenged { leaf: LeafIndex(10), by: LeafIndex(11) };
        check(&receipt, &status, &[&own, &challenged(5, Bytes([4; 32]), 10)]).unwrap();
        for other in [challenged(6, Bytes([4; 32]), 10), challenged(5, Bytes([5; 32]), 10), challenged(5, Bytes([4; 32]), 7), ballot(5, 2)] {
            check(&receipt, &status, &[&own, &other]).unwrap_err();
        }
    }

    #[test]
    fn a_status_of_another_entry_is_refused() {
        let own = ballot(5, 1);
        let receipt = receipt(&own);
        check(&receipt, &BallotStatus::Counted { leaf: LeafIndex(10) }, &[&own]).unwrap();
        check(&receipt, &BallotStatus::Counted { leaf: LeafIndex(11) }, &[&own]).unwrap_err();
        check(&receipt, &BallotStatus::Counted { leaf: LeafIndex(10) }, &[&ballot(5, 2)]).unwrap_err();
    }
}
