//! Trustee files: the rounds of the ceremony and of the count as they travel by network or stick (PROTOCOL §4, §8).

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::labels;

use crate::canonical::{self, CanonicalError};
use crate::{Blob, Bytes, HashBytes, TrusteeIndex};

/// A body with the trustee's Ed25519 signature over `H("file/<kind>"; JSON of the body)` (PROTOCOL §2.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Signed<T> {
    /// What is signed.
    pub body: T,
    /// The signature.
    pub signature: Bytes<64>,
}

/// What a trustee signs, and under which kind.
pub trait SignedKind: Serialize + DeserializeOwned {
    /// The kind, as in the entry's `kind` and the file's `kind`.
    const KIND: &'static str;

    /// The hash that the signature covers.
    ///
    /// # Errors
    /// [`CanonicalError`], never for the types of this module.
    fn signed_hash(&self) -> Result<Hash32, CanonicalError> {
        Ok(tachiai_crypto::hash::tagged(&format!("file/{}", Self::KIND), &[&canonical::to_bytes(self)?]))
    }
}

/// A trustee's keys, handed to the commission before the ceremony; the fingerprint is compared in person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrusteeCard {
    /// The name.
    pub name: String,
    /// Signing key.
    pub signing_key: Bytes<32>,
    /// age recipient.
    pub recipient: String,
}

/// Round 0 (PROTOCOL §4.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Commit {
    /// Leaf hash of the manifest.
    pub manifest: HashBytes,
    /// The ceremony's run, from 1.
    pub run: u32,
    /// Who.
    pub trustee: TrusteeIndex,
    /// The hash of the commitments.
    pub commitment: HashBytes,
}

/// The hash of one encrypted share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShareHash {
    /// For whom.
    pub to: TrusteeIndex,
    /// SHA-256 of the age file.
    pub sha256: HashBytes,
}

/// Rounds 1 and 2 (PROTOCOL §4.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Deal {
    /// Leaf hash of the manifest.
    pub manifest: HashBytes,
    /// The run.
    pub run: u32,
    /// Who.
    pub trustee: TrusteeIndex,
    /// C_i0 … C_i,t−1.
    pub commitments: Vec<Bytes<32>>,
    /// Proof of possession of the constant term.
    pub possession: Bytes<64>,
    /// The encrypted shares' hashes, ascending.
    pub shares: Vec<ShareHash>,
}

/// One encrypted share; it travels beside the signed deal and is not in the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EncryptedShare {
    /// For whom.
    pub to: TrusteeIndex,
    /// The age file.
    pub age: Blob,
}

/// Round 3 (PROTOCOL §4.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Confirm {
    /// Leaf hash of the manifest.
    pub manifest: HashBytes,
    /// The run.
    pub run: u32,
    /// Who.
    pub trustee: TrusteeIndex,
    /// The joint key H.
    pub joint_key: Bytes<32>,
    /// X_1…X_n.
    pub share_keys: Vec<Bytes<32>>,
    /// The ceremony hash CH.
    pub ceremony: HashBytes,
}

/// Why a trustee ends a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ComplaintReason {
    /// The age file cannot be opened or holds something else.
    ShareUnreadable,
    /// The share does not fit the commitments.
    ShareWrong,
    /// The deal does not fit the commit, or its proof is invalid.
    DealInvalid,
}

/// A complaint (PROTOCOL §4.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Complaint {
    /// Leaf hash of the manifest.
    pub manifest: HashBytes,
    /// The run that ends.
    pub run: u32,
    /// Who complains.
    pub trustee: TrusteeIndex,
    /// About whom.
    pub against: TrusteeIndex,
    /// Why.
    pub reason: ComplaintReason,
}

/// One signature under a tally statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TallySignature {
    /// Who.
    pub trustee: TrusteeIndex,
    /// Ed25519 over `H("file/tally-statement"; JSON of the statement)`.
    pub signature: Bytes<64>,
}

/// Names the attachment with a trustee's decryption shares (PROTOCOL §8.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SharesFile {
    /// The tally statement's hash.
    pub statement: HashBytes,
    /// Who.
    pub trustee: TrusteeIndex,
    /// SHA-256 of the attachment.
    pub file: HashBytes,
}

impl SignedKind for TrusteeCard {
    const KIND: &'static str = labels::file::TRUSTEE_CARD;
}
impl SignedKind for Commit {
    const KIND: &'static str = labels::file::TRUSTEE_COMMIT;
}
impl SignedKind for Deal {
    const KIND: &'static str = labels::file::TRUSTEE_DEAL;
}
impl SignedKind for Confirm {
    const KIND: &'static str = labels::file::TRUSTEE_CONFIRM;
}
impl SignedKind for Complaint {
    const KIND: &'static str = labels::file::TRUSTEE_COMPLAINT;
}
impl SignedKind for SharesFile {
    const KIND: &'static str = labels::file::DECRYPTION_SHARES;
}
impl SignedKind for crate::election::TallyStatement {
    const KIND: &'static str = labels::file::TALLY_STATEMENT;
}

/// A trustee's file on a stick or in a request: what goes on the board and what travels beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TrusteeFile {
    /// Keys of a new trustee, signed by themselves.
    TrusteeCard(Signed<TrusteeCard>),
    /// Round 0.
    TrusteeCommit(Signed<Commit>),
    /// Rounds 1 and 2, with the encrypted shares.
    TrusteeDeal {
        /// What goes on the board.
        deal: Signed<Deal>,
        /// The age files.
        shares: Vec<EncryptedShare>,
    },
    /// Round 3.
    TrusteeConfirm(Signed<Confirm>),
    /// The end of a run.
    TrusteeComplaint(Signed<Complaint>),
    /// A signature under the tally statement, with the statement.
    TallySignature {
        /// The statement.
        statement: crate::election::TallyStatement,
        /// The signature.
        signature: TallySignature,
    },
    /// Decryption shares, with the attachment.
    DecryptionShares {
        /// What goes on the board.
        shares: Signed<SharesFile>,
        /// The attachment.
        file: Blob,
    },
}
