//! Everything that a trustee keeps secret, and what must not be forgotten.
//!
//! One signing key is the trustee's own and the same everywhere; the age keys of a ceremony serve one election each and are destroyed afterwards.

use age::secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::BoardSecretKey;
use tachiai_schemas::{Bytes, HashBytes};
use zeroize::Zeroize;

use super::first_format;
use super::held::{About, Held};
use crate::failure::Failure;

/// The format of what is written. The first one had no number.
const FORMAT: u32 = 2;

/// Everything that a trustee keeps secret, and what must not be forgotten.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    format: u32,
    /// The trustee's name.
    pub name: String,
    signing_seed: Bytes<32>,
    /// The age keys that were made and not used up, the newest last.
    receivers: Vec<Receiver>,
    /// What it holds, by election, the oldest first.
    pub(super) elections: Vec<Held>,
    /// The elections of which the trustee has destroyed everything.
    destroyed: Vec<Destroyed>,
}

/// What is left of an election that was destroyed: enough to say so.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Destroyed {
    manifest: HashBytes,
    recipient: String,
}

/// The age keys by which the shares of a ceremony are received.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Receiver {
    recipient: String,
    identity: String,
}

impl Receiver {
    fn generate() -> Self {
        let identity = age::x25519::Identity::generate();
        Self { recipient: identity.to_public().to_string(), identity: identity.to_string().expose_secret().to_owned() }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.identity.zeroize();
    }
}

impl Drop for Secrets {
    fn drop(&mut self) {
        self.signing_seed.0.zeroize();
    }
}

/// Why a medium's content cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    #[error("format {0}, this program knows {FORMAT}; use the program that wrote it, or a newer one")]
    Format(u32),
}

#[derive(Deserialize)]
struct Numbered {
    format: Option<u32>,
}

impl Secrets {
    /// Makes a new trustee's keys.
    #[must_use]
    pub fn generate(name: String) -> Self {
        let signing = BoardSecretKey::generate(&mut rand_core::OsRng);
        let mut secrets = Self::with(name, Bytes(*signing.to_seed()));
        secrets.receive_anew();
        secrets
    }

    pub(super) fn with(name: String, signing_seed: Bytes<32>) -> Self {
        Self { format: FORMAT, name, signing_seed, receivers: Vec::new(), elections: Vec::new(), destroyed: Vec::new() }
    }

    /// Reads what a medium holds, in this format or the first one.
    pub(super) fn from_json(json: &[u8]) -> Result<Self, Unreadable> {
        match serde_json::from_slice::<Numbered>(json)?.format {
            None => Ok(serde_json::from_slice::<first_format::Secrets>(json)?.into()),
            Some(FORMAT) => Ok(serde_json::from_slice(json)?),
            Some(other) => Err(Unreadable::Format(other)),
        }
    }

    /// The key that signs the trustee's files.
    #[must_use]
    pub fn signing_key(&self) -> BoardSecretKey {
        BoardSecretKey::from_seed(&self.signing_seed.0)
    }

    /// The age recipient for the next election, if the last one made is not used up.
    #[must_use]
    pub fn recipient(&self) -> Option<&str> {
        self.receivers.last().map(|receiver| receiver.recipient.as_str())
    }

    /// Makes age keys for another election.
    pub fn receive_anew(&mut self) {
        self.receivers.push(Receiver::generate());
    }

    pub(super) fn receives_with(&mut self, recipient: String, identity: String) {
        self.receivers.push(Receiver { recipient, identity });
    }

    /// What it holds, by election, the oldest first.
    #[must_use]
    pub fn elections(&self) -> &[Held] {
        &self.elections
    }

    /// What it holds of the election with this manifest.
    #[must_use]
    pub fn held(&self, manifest: Hash32) -> Option<&Held> {
        self.elections.iter().find(|held| held.is_of(manifest))
    }

    /// The same, to be changed.
    pub(super) fn held_mut(&mut self, manifest: Hash32) -> Option<&mut Held> {
        self.elections.iter_mut().find(|held| held.is_of(manifest))
    }

    /// Whether this medium can receive shares under the recipient that a manifest lists for it.
    ///
    /// # Errors
    /// [`Failure`] (1): an election that was destroyed here, a recipient that is not this medium's, or that another election has used up.
    pub(super) fn may_receive(&self, manifest: Hash32, recipient: &str) -> Result<(), Failure> {
        if self.destroyed.iter().any(|destroyed| destroyed.manifest.hash() == manifest) {
            return Err(Failure::refused(
                "この選挙についてこの媒体が持っていたものは、もう破棄されています（tachiai trustee destroy）。",
                "what this medium held of this election was destroyed with `tachiai trustee destroy`.",
            ));
        }
        let mut known = self.receivers.iter().map(|receiver| receiver.recipient.as_str());
        if self.held(manifest).is_some_and(|held| held.recipient == recipient) || known.any(|known| known == recipient) {
            return Ok(());
        }
        let mut used = self.elections.iter().map(|held| &held.recipient).chain(self.destroyed.iter().map(|destroyed| &destroyed.recipient));
        if used.any(|used| used == recipient) {
            return Err(Failure::refused(
                "この選挙に登録された受信鍵は、別の選挙の鍵生成に使われて破棄されています。新しい届出ファイルを作り（画面では n、コマンドでは tachiai trustee card）、選挙管理委員会に選挙の設定をやり直してもらってください。",
                "the recipient key that the manifest lists was used in the ceremony of another election and destroyed. Make a new file (n on the screen, `tachiai trustee card` as a command); \
                 the commission has to set the election up again with it.",
            ));
        }
        Err(Failure::refused(
            "この選挙に登録された受信鍵が自分のものと違います。選挙管理委員会に知らせてください。",
            "the manifest lists another recipient key for this trustee. Tell the commission.",
        ))
    }

    /// What it holds of an election, from now on if it did not.
    ///
    /// # Errors
    /// As [`Secrets::may_receive`].
    pub(super) fn begin(&mut self, manifest: Hash32, about: About, recipient: &str) -> Result<&mut Held, Failure> {
        self.may_receive(manifest, recipient)?;
        let at = self.elections.iter().position(|held| held.is_of(manifest)).unwrap_or_else(|| {
            // A copy: a ceremony that ends must not take the keys of another that was begun with the same file.
            let identity = self.receivers.iter().find(|receiver| receiver.recipient == recipient).map(|receiver| receiver.identity.clone());
            let held = Held { manifest: manifest.into(), about: None, recipient: recipient.to_owned(), identity, runs: Vec::new(), statement: None };
            self.elections.push(held);
            self.elections.len() - 1
        });
        let held = &mut self.elections[at];
        held.about = Some(about);
        Ok(held)
    }

    /// Destroys what only the ceremony of an election needed; says whether there was any. Of other elections nothing is touched.
    pub(super) fn forget(&mut self, manifest: Hash32) -> bool {
        let Some(held) = self.held_mut(manifest) else { return false };
        let had = held.forget();
        let recipient = held.recipient.clone();
        let receivers = self.receivers.len();
        self.receivers.retain(|receiver| receiver.recipient != recipient);
        had || self.receivers.len() < receivers
    }

    /// Destroys everything of one election; says whether there was any.
    pub fn destroy(&mut self, manifest: Hash32) -> bool {
        let Some(at) = self.elections.iter().position(|held| held.is_of(manifest)) else { return false };
        let held = self.elections.remove(at);
        self.destroyed.push(Destroyed { manifest: held.manifest, recipient: held.recipient.clone() });
        true
    }
}
