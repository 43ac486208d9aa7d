//! A challenge takes a recorded ballot out of the count, so that its opening may be shown (PROTOCOL §7.7; Benaloh, EVT 2006).

use rand_core::{CryptoRng, RngCore};

use crate::election::context::{Context, LeafIndex, Slot};
use crate::hash::{Hash32, tagged};
use crate::labels;
use crate::signature::{BadSignature, PublicKey, SecretKey, Signature};

/// What a challenge signs: H(`challenge`; CTX, slot u32, ballot hash, leaf u64).
#[must_use]
pub fn challenge_message(context: &Context, slot: Slot, ballot: Hash32, leaf: LeafIndex) -> Hash32 {
    tagged(labels::hash::CHALLENGE, &[context.as_bytes(), &slot.0.to_be_bytes(), ballot.as_bytes(), &leaf.0.to_be_bytes()])
}

/// Signs the challenge of a ballot with the key that cast it.
pub fn sign_challenge(context: &Context, slot: Slot, ballot: Hash32, leaf: LeafIndex, key: &SecretKey, rng: &mut (impl RngCore + CryptoRng)) -> Signature {
    key.sign(labels::purpose::CHALLENGE, challenge_message(context, slot, ballot, leaf).as_bytes(), rng)
}

/// Checks the signature of a challenge under the key of the ballot (R508).
///
/// # Errors
/// [`BadSignature`].
pub fn verify_challenge(context: &Context, slot: Slot, ballot: Hash32, leaf: LeafIndex, key: &PublicKey, signature: &Signature) -> Result<(), BadSignature> {
    key.verify(labels::purpose::CHALLENGE, challenge_message(context, slot, ballot, leaf).as_bytes(), signature)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    #[test]
    fn a_challenge_holds_for_its_election_slot_ballot_leaf_and_key_only() {
        let mut rng = ChaCha20Rng::from_seed([5; 32]);
        let (key, other_key) = (SecretKey::generate(&mut rng), SecretKey::generate(&mut rng).public());
        let public = key.public();
        let (context, other_context) = (Context::from_hash(Hash32::ZERO), Context::from_hash(Hash32::sha256(b"other")));
        let (slot, ballot, leaf) = (Slot(1), Hash32::sha256(b"ballot"), LeafIndex(9));
        let signature = sign_challenge(&context, slot, ballot, leaf, &key, &mut rng);
        let verify = |context, slot, ballot, leaf, key| verify_challenge(context, slot, ballot, leaf, key, &signature);
        assert_eq!(verify(&context, slot, ballot, leaf, &public), Ok(()));
        assert_eq!(verify(&other_context, slot, ballot, leaf, &public), Err(BadSignature));
        assert_eq!(verify(&context, Slot(2), ballot, leaf, &public), Err(BadSignature));
        assert_eq!(verify(&context, slot, Hash32::ZERO, leaf, &public), Err(BadSignature));
        assert_eq!(verify(&context, slot, ballot, LeafIndex(8), &public), Err(BadSignature));
        assert_eq!(verify(&context, slot, ballot, leaf, &other_key), Err(BadSignature));
    }
}
