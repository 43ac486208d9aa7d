//! A transcript is the public record of one proof, from which its challenges are derived (PROTOCOL §1.4).

use std::sync::OnceLock;

use curve25519_dalek::scalar::Scalar;
use rand_core::{CryptoRng, RngCore};

use crate::labels;

/// A Merlin transcript with this protocol's label.
#[derive(Clone)]
pub struct Transcript(merlin::Transcript);

impl Transcript {
    /// Starts the transcript of one protocol of [`labels::transcript`].
    #[must_use]
    pub fn new(protocol: &'static str) -> Self {
        // The first steps are the same for all, so they are done once and copied.
        static START: OnceLock<merlin::Transcript> = OnceLock::new();
        let mut inner = START.get_or_init(|| merlin::Transcript::new(labels::ROOT.as_bytes())).clone();
        inner.append_message(b"protocol", protocol.as_bytes());
        Self(inner)
    }

    /// Binds named bytes.
    pub fn append(&mut self, name: &'static str, bytes: &[u8]) {
        self.0.append_message(name.as_bytes(), bytes);
    }

    /// Binds a named integer.
    pub fn append_u64(&mut self, name: &'static str, value: u64) {
        self.0.append_u64(name.as_bytes(), value);
    }

    /// Draws a challenge that depends on everything bound so far.
    #[must_use]
    pub fn challenge(&mut self, name: &'static str) -> Scalar {
        let mut bytes = [0; 64];
        self.0.challenge_bytes(name.as_bytes(), &mut bytes);
        Scalar::from_bytes_mod_order_wide(&bytes)
    }

    /// The transcript itself, for a proof of another library that goes on from here.
    pub(crate) const fn merlin(&mut self) -> &mut merlin::Transcript {
        &mut self.0
    }

    /// A generator for secret nonces, keyed with the transcript, the secret and fresh randomness, so that a weak source of randomness alone
    /// gives no two proofs the same nonce.
    pub fn witness_rng<R: RngCore + CryptoRng>(&self, secret: &[u8], rng: &mut R) -> impl RngCore + CryptoRng + use<R> {
        self.0.build_rng().rekey_with_witness_bytes(b"secret", secret).finalize(rng)
    }
}
