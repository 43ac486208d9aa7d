//! A registration gives a slot its voting key: the card and the key sign the same text (PROTOCOL §6).
//!
//! Here are that text and the key's signature over it. What the card signs is checked where certificates are.

use data_encoding::BASE64URL_NOPAD;
use rand_core::{CryptoRng, RngCore};

use crate::election::context::{ElectionId, Slot};
use crate::election::statement::statement;
use crate::hash::Hash32;
use crate::labels;
use crate::signature::{BadSignature, PublicKey, SecretKey, Signature};

/// What a registration says, in the order of its text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RegistrationFields {
    /// The origin of the service, as the manifest writes it.
    pub origin: String,
    /// The server's challenge.
    pub nonce: [u8; 32],
    /// The election.
    pub election: ElectionId,
    /// M, the leaf hash of the manifest.
    pub manifest: Hash32,
    /// O, the leaf hash of `opened`.
    pub opened: Hash32,
    /// The slot.
    pub slot: Slot,
    /// The commitment of the slot.
    pub slot_commitment: Hash32,
    /// The voting key.
    pub voting_key: PublicKey,
    /// 0 for the first registration of the slot, else the previous one's number + 1.
    pub seq: u32,
    /// The leaf hash of the slot's previous registration.
    pub previous: Option<Hash32>,
    /// The size of the board that the device saw.
    pub checkpoint_size: u64,
    /// Its root.
    pub checkpoint_root: Hash32,
}

/// The purpose of a registration among such texts.
const PURPOSE: &str = "register-key";

/// The text of a registration: netstrings of the head, the purpose, and the name and value of each field (PROTOCOL §6).
#[must_use]
pub fn registration_text(fields: &RegistrationFields) -> Vec<u8> {
    let RegistrationFields { origin, nonce, election, manifest, opened, slot, slot_commitment, voting_key, seq, previous, checkpoint_size, checkpoint_root } =
        fields;
    statement(
        PURPOSE,
        [
            ("origin", origin.clone()),
            ("nonce", BASE64URL_NOPAD.encode(nonce)),
            ("election", election.to_string()),
            ("manifest", manifest.to_string()),
            ("opened", opened.to_string()),
            ("slot", slot.to_string()),
            ("slot_commitment", slot_commitment.to_string()),
            ("voting_key", Hash32::from_bytes(*voting_key.as_bytes()).to_string()),
            ("seq", seq.to_string()),
            ("previous", previous.map_or_else(|| "none".to_owned(), |hash| hash.to_string())),
            ("checkpoint_size", checkpoint_size.to_string()),
            ("checkpoint_root", checkpoint_root.to_string()),
        ],
    )
}

/// Proves possession of the voting key over the text of its registration.
pub fn sign_registration(text: &[u8], key: &SecretKey, rng: &mut (impl RngCore + CryptoRng)) -> Signature {
    key.sign(labels::purpose::REGISTRATION, text, rng)
}

/// Checks the possession of the voting key (R404).
///
/// # Errors
/// [`BadSignature`].
pub fn verify_registration(text: &[u8], key: &PublicKey, signature: &Signature) -> Result<(), BadSignature> {
    key.verify(labels::purpose::REGISTRATION, text, signature)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    fn fields() -> RegistrationFields {
        RegistrationFields {
            origin: "https://vote.example.jp".to_owned(),
            nonce: [255; 32],
            election: ElectionId::from_bytes([0; 16]),
            manifest: Hash32::from_bytes([1; 32]),
            opened: Hash32::from_bytes([2; 32]),
            slot: Slot(7),
            slot_commitment: Hash32::from_bytes([3; 32]),
            voting_key: SecretKey::generate(&mut ChaCha20Rng::from_seed([6; 32])).public(),
            seq: 0,
            previous: None,
            checkpoint_size: 12,
            checkpoint_root: Hash32::from_bytes([4; 32]),
        }
    }

    #[test]
    fn the_text_is_netstrings_of_names_and_values() {
        let fields = fields();
        let key = data_encoding::HEXLOWER.encode(fields.voting_key.as_bytes());
        let hex = |byte: &str| format!("64:{},", byte.repeat(32));
        let expected = [
            "20:tachiai/v1/statement,12:register-key,6:origin,23:https://vote.example.jp,".to_owned(),
            format!("5:nonce,43:{}8,", "_".repeat(42)),
            format!("8:election,26:{},8:manifest,{}6:opened,{}", "a".repeat(26), hex("01"), hex("02")),
            format!("4:slot,1:7,15:slot_commitment,{}10:voting_key,64:{key},", hex("03")),
            format!("3:seq,1:0,8:previous,4:none,15:checkpoint_size,2:12,15:checkpoint_root,{}", hex("04")),
        ];
        assert_eq!(String::from_utf8(registration_text(&fields)).unwrap(), expected.concat());
    }

    #[test]
    fn a_previous_registration_is_named_by_its_hash() {
        let text = registration_text(&RegistrationFields { previous: Some(Hash32::from_bytes([5; 32])), ..fields() });
        assert!(String::from_utf8(text).unwrap().contains(&format!("8:previous,64:{},", "05".repeat(32))));
    }

    #[test]
    fn possession_holds_for_its_text_and_key_only() {
        let mut rng = ChaCha20Rng::from_seed([7; 32]);
        let (key, other) = (SecretKey::generate(&mut rng), SecretKey::generate(&mut rng));
        let text = registration_text(&fields());
        let signature = sign_registration(&text, &key, &mut rng);
        assert_eq!(verify_registration(&text, &key.public(), &signature), Ok(()));
        assert_eq!(verify_registration(&text, &other.public(), &signature), Err(BadSignature));
        assert_eq!(verify_registration(&registration_text(&RegistrationFields { seq: 1, ..fields() }), &key.public(), &signature), Err(BadSignature));
    }
}
