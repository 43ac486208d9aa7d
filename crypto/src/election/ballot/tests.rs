use super::*;
use crate::election::context::{Choose, ContestShape};
use crate::proof::batch::{BatchItem, verify_batch};
use crate::signature::SecretKey;
use curve25519_dalek::ristretto::RistrettoPoint;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

pub(crate) fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

pub(crate) fn statement(contests: &[(u16, u16, Choose)]) -> Statement {
    let shapes = contests.iter().map(|(index, named, choose)| (*index, ContestShape::new(*named, *choose).unwrap()));
    Statement {
        context: Context::from_hash(Hash32::sha256(b"context")),
        joint_key: Element::new(RistrettoPoint::mul_base(&Scalar::from(4711_u64))),
        registration: Hash32::sha256(b"registration"),
        style: Arc::new(BallotStyle::new(shapes.collect()).unwrap()),
    }
}

#[test]
fn a_cast_ballot_parses_and_verifies() {
    let statement = statement(&[(0, 5, Choose::Exactly(1)), (3, 4, Choose::UpTo(3))]);
    let key = SecretKey::generate(&mut rng(1));
    let (ballot, _) = cast(&[vec![2], vec![3, 0]], &statement, Slot(1), LeafIndex(2), Counter(3), &key, &mut rng(2)).unwrap();
    let parsed = Ballot::parse(ballot.bytes(), &statement.style).unwrap();
    assert_eq!(parsed.hash(), ballot.hash());
    assert_eq!(parsed.check(&statement), Ok(()));
    let item = BatchItem { ballot: &parsed, statement: &statement };
    assert_eq!(verify_batch(&[item, item, item], &mut rng(3)), [Ok(()); 3]);
}
