//! The text that a voting key signs is, byte for byte, the statement that the card signs: one crate writes it without knowing cards, the other without knowing elections.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use data_encoding::BASE64URL_NOPAD;
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use tachiai_crypto::election::registration::{RegistrationFields, registration_text};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::signature::SecretKey;
use tachiai_jpki::{Statement, Word};
use tachiai_schemas::{ElectionId, Slot};

fn of_card(fields: &RegistrationFields) -> Statement {
    let hash = |hash: &Hash32| tachiai_jpki::Hash32::from_hex(hash.to_string().as_bytes()).unwrap();
    let RegistrationFields { origin, nonce, election, manifest, opened, slot, slot_commitment, voting_key, seq, previous, checkpoint_size, checkpoint_root } =
        fields;
    Statement::RegisterKey {
        origin: Word::new(origin.as_str()).unwrap(),
        nonce: Word::new(BASE64URL_NOPAD.encode(nonce)).unwrap(),
        election: Word::new(election.to_string()).unwrap(),
        manifest: hash(manifest),
        opened: hash(opened),
        slot: u64::from(slot.0),
        slot_commitment: hash(slot_commitment),
        voting_key: hash(&Hash32::from_bytes(*voting_key.as_bytes())),
        seq: u64::from(*seq),
        previous: previous.as_ref().map(hash),
        checkpoint_size: *checkpoint_size,
        checkpoint_root: hash(checkpoint_root),
    }
}

prop_compose! {
    fn registrations()(
        seed: [u8; 32],
        hashes in proptest::collection::vec(any::<[u8; 32]>(), 6),
        origin in "[a-z0-9.]{1,60}/[a-z0-9]{1,40}",
        slot: u32,
        seq: u32,
        again: bool,
        checkpoint_size: u64,
    ) -> RegistrationFields {
        let hash = |index: usize| Hash32::from_bytes(hashes[index]);
        let mut rng = ChaCha20Rng::from_seed(seed);
        RegistrationFields {
            origin,
            nonce: hashes[0],
            election: ElectionId::generate(&mut rng),
            manifest: hash(1),
            opened: hash(2),
            slot: Slot(slot),
            slot_commitment: hash(3),
            voting_key: SecretKey::generate(&mut rng).public(),
            seq,
            previous: again.then(|| hash(4)),
            checkpoint_size,
            checkpoint_root: hash(5),
        }
    }
}

proptest! {
    #[test]
    fn voting_key_and_card_sign_the_same_bytes(fields in registrations()) {
        prop_assert_eq!(registration_text(&fields), of_card(&fields).to_bytes());
    }

    #[test]
    fn the_card_reads_the_text_of_the_voting_key(fields in registrations()) {
        prop_assert_eq!(Statement::parse(&registration_text(&fields)).unwrap(), of_card(&fields));
    }
}
