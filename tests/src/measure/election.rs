//! An election's keys and ballots, made by the library alone.

use std::sync::Arc;

use rand_core::OsRng;
use tachiai_crypto::ceremony::{CeremonyId, CeremonyResult, DealPublic, DecryptionKey, Polynomial, Quorum, combine, derive};
use tachiai_crypto::election::ballot::{Statement, cast};
use tachiai_crypto::election::context::{BallotStyle, Choose, ContestShape, Context, Counter, ElectionId, LeafIndex, Slot};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::signature::SecretKey;

use crate::trouble::{Doing, Trouble};

/// Keys of a finished ceremony.
pub(super) struct Keys {
    pub(super) quorum: Quorum,
    pub(super) result: CeremonyResult,
    pub(super) trustees: Vec<DecryptionKey>,
    pub(super) context: Context,
}

impl Keys {
    /// The ceremony of t of n trustees, all played here.
    pub(super) fn of(n: u8, t: u8) -> Result<Keys, Trouble> {
        let quorum = Quorum::new(n, t).doing("a quorum")?;
        let ceremony = CeremonyId { manifest: Hash32::sha256(b"manifest"), run: 1, trustees: Hash32::sha256(b"trustees") };
        let polynomials: Vec<_> = quorum.indices().map(|index| (index, Polynomial::generate(quorum, &mut OsRng))).collect();
        let deals: Vec<DealPublic> = polynomials
            .iter()
            .map(|(index, polynomial)| DealPublic {
                index: *index,
                commit: polynomial.commit(&ceremony, *index),
                commitments: polynomial.commitments(),
                possession: polynomial.possession(&ceremony, *index, &mut OsRng),
                share_hashes: quorum.others(*index).map(|to| (to, Hash32::sha256(&[to.get()]))).collect(),
            })
            .collect();
        let result = derive(&ceremony, quorum, &deals).doing("the ceremony")?;
        let key = |own| {
            let shares = polynomials.iter().zip(&deals).map(|((from, polynomial), deal)| {
                if *from == own {
                    Ok(polynomial.own_share(own))
                } else {
                    polynomial.share_for(&ceremony, *from, own).check(&ceremony, *from, own, &deal.commitments)
                }
            });
            combine(&result, own, &shares.collect::<Result<Vec<_>, _>>()?)
        };
        let trustees = quorum.indices().map(key).collect::<Result<Vec<_>, _>>().doing("the ceremony")?;
        let hash = Hash32::sha256(b"opened");
        let context = Context::new(&ElectionId::generate(&mut OsRng), ceremony.manifest, hash, &result.joint_key, result.hash, hash);
        Ok(Keys { quorum, result, trustees, context })
    }

    /// What ballots of one contest of `options`, exactly one of which is chosen, are checked against.
    pub(super) fn statement(&self, options: u16) -> Result<Statement, Trouble> {
        let style = BallotStyle::new(vec![(0, shape(options)?)]).doing("a ballot style")?;
        Ok(Statement { context: self.context, joint_key: self.result.joint_key, registration: Hash32::sha256(b"registration"), style: Arc::new(style) })
    }
}

/// A contest of which exactly one option is chosen.
pub(super) fn shape(options: u16) -> Result<ContestShape, Trouble> {
    ContestShape::new(options, Choose::Exactly(1)).doing("a contest")
}

/// The bytes of one ballot, by a voting key of its own.
pub(super) fn ballot(statement: &Statement, slot: u32, option: usize) -> Result<Vec<u8>, Trouble> {
    ballot_by(&SecretKey::generate(&mut OsRng), statement, slot, option)
}

/// The bytes of one ballot by this voting key.
pub(super) fn ballot_by(key: &SecretKey, statement: &Statement, slot: u32, option: usize) -> Result<Vec<u8>, Trouble> {
    let (ballot, _) = cast(&[vec![option]], statement, Slot(slot), LeafIndex(7), Counter(1), key, &mut OsRng).doing("casting")?;
    Ok(ballot.bytes().to_vec())
}
