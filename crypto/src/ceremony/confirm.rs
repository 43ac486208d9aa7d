//! A confirmation is a trustee's word that the ceremony gave this joint key, these share keys and this hash (PROTOCOL §4.3).
//!
//! [`derive`] computes the three from what is public, so that a verifier needs nobody's word for them; [`combine`] makes the trustee's secret.

use curve25519_dalek::scalar::Scalar;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{CeremonyError, CeremonyId, DealPublic, Quorum, SecretShare, TrusteeIndex};
use crate::group::{Element, decode_scalar};
use crate::hash::{Hash32, tagged};
use crate::labels;
use crate::signature::SecretKey;

/// What a ceremony gives; no key in it is the identity (R205).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CeremonyResult {
    /// H = Σ_i C_i0, under which ballots are encrypted.
    pub joint_key: Element,
    /// X_j = Σ_i Σ_l j^l C_il for j = 1…n.
    pub share_keys: Vec<Element>,
    /// CH, the ceremony hash.
    pub hash: Hash32,
}

/// Derives the joint key, the share keys and the ceremony hash from the deals of all n trustees, in whatever order they came, after checking
/// each of them (PROTOCOL §4.3, R202–R205).
///
/// # Errors
/// Those of [`DealPublic::verify`]; [`CeremonyError::DealtTwice`], [`CeremonyError::DealMissing`]; [`CeremonyError::IdentityJointKey`],
/// [`CeremonyError::IdentityShareKey`].
pub fn derive(ceremony: &CeremonyId, quorum: Quorum, deals: &[DealPublic]) -> Result<CeremonyResult, CeremonyError> {
    let deals = in_order(quorum, deals)?;
    for deal in &deals {
        deal.verify(ceremony, quorum)?;
    }
    let joint_key = Element::new(deals.iter().filter_map(|deal| deal.commitments.elements().first()).map(Element::point).sum());
    if joint_key.is_identity() {
        return Err(CeremonyError::IdentityJointKey);
    }
    let mut share_keys = Vec::with_capacity(deals.len());
    for index in quorum.indices() {
        let key = Element::new(deals.iter().map(|deal| deal.commitments.evaluate(index)).sum());
        if key.is_identity() {
            return Err(CeremonyError::IdentityShareKey(index));
        }
        share_keys.push(key);
    }
    Ok(CeremonyResult { joint_key, share_keys, hash: ceremony_hash(ceremony, &deals) })
}

/// The deals by index, each exactly once.
fn in_order(quorum: Quorum, deals: &[DealPublic]) -> Result<Vec<&DealPublic>, CeremonyError> {
    let mut places = vec![None; usize::from(quorum.trustees())];
    for deal in deals {
        let place = places.get_mut(deal.index.position()).ok_or(CeremonyError::Stranger { index: deal.index, trustees: quorum.trustees() })?;
        if place.replace(deal).is_some() {
            return Err(CeremonyError::DealtTwice(deal.index));
        }
    }
    quorum.indices().zip(places).map(|(index, place)| place.ok_or(CeremonyError::DealMissing(index))).collect()
}

/// CH over the deals in the order of their indices (PROTOCOL §4.3).
fn ceremony_hash(ceremony: &CeremonyId, deals: &[&DealPublic]) -> Hash32 {
    let CeremonyId { manifest, run, trustees } = ceremony;
    let mut parts = vec![manifest.as_bytes().to_vec(), run.to_be_bytes().to_vec(), trustees.as_bytes().to_vec()];
    for deal in deals {
        // The index is bound by the place, and inside the commit hash.
        let DealPublic { index: _, commit, commitments, possession, share_hashes } = deal;
        parts.push(commit.as_bytes().to_vec());
        parts.push(commitments.encodings().as_flattened().to_vec());
        parts.push(possession.to_bytes().to_vec());
        parts.extend(share_hashes.iter().map(|(_, hash)| hash.as_bytes().to_vec()));
    }
    tagged(labels::hash::CEREMONY, &parts.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

impl CeremonyResult {
    /// X_j of one trustee.
    ///
    /// # Errors
    /// [`CeremonyError::Stranger`].
    pub fn share_key(&self, index: TrusteeIndex) -> Result<&Element, CeremonyError> {
        // A result has at most nine share keys.
        let trustees = u8::try_from(self.share_keys.len()).unwrap_or(Quorum::MAX_TRUSTEES);
        self.share_keys.get(index.position()).ok_or(CeremonyError::Stranger { index, trustees })
    }

    /// Checks that a confirmation, or `opened`, declares exactly this derived result (R205, R206).
    ///
    /// # Errors
    /// [`CeremonyError::JointKeyDiffers`], [`CeremonyError::ShareKeyCount`], [`CeremonyError::ShareKeyDiffers`],
    /// [`CeremonyError::CeremonyHashDiffers`].
    pub fn check_declared(&self, joint_key: &[u8; 32], share_keys: &[[u8; 32]], hash: Hash32) -> Result<(), CeremonyError> {
        let Self { joint_key: derived_joint_key, share_keys: derived_share_keys, hash: derived_hash } = self;
        if derived_joint_key.as_bytes() != joint_key {
            return Err(CeremonyError::JointKeyDiffers);
        }
        if derived_share_keys.len() != share_keys.len() {
            return Err(CeremonyError::ShareKeyCount { expected: derived_share_keys.len(), found: share_keys.len() });
        }
        for ((derived, declared), index) in derived_share_keys.iter().zip(share_keys).zip(1..) {
            if derived.as_bytes() != declared {
                return Err(CeremonyError::ShareKeyDiffers(TrusteeIndex::new(index)?));
            }
        }
        if *derived_hash != hash {
            return Err(CeremonyError::CeremonyHashDiffers);
        }
        Ok(())
    }
}

/// A trustee's secret x_j = Σ_i f_i(j), with which it makes decryption shares; never zero.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct DecryptionKey {
    #[zeroize(skip)]
    index: TrusteeIndex,
    secret: SecretKey,
}

/// Adds up the checked shares of all n trustees for `own`, the own one included, and holds the sum against X_own (PROTOCOL §4.3).
///
/// # Errors
/// [`CeremonyError::Stranger`], [`CeremonyError::ShareRecipient`], [`CeremonyError::ShareTwice`], [`CeremonyError::ShareMissing`] when the shares
/// are not one from each trustee for `own`; [`CeremonyError::KeyDiffers`] when they do not add up.
pub fn combine(result: &CeremonyResult, own: TrusteeIndex, shares: &[SecretShare]) -> Result<DecryptionKey, CeremonyError> {
    let share_key = result.share_key(own)?;
    let mut seen = vec![false; result.share_keys.len()];
    let mut sum = Zeroizing::new(Scalar::ZERO);
    for share in shares {
        if share.to() != own {
            return Err(CeremonyError::ShareRecipient { expected: own, found: share.to().get() });
        }
        result.share_key(share.from())?;
        if let Some(seen) = seen.get_mut(share.from().position())
            && std::mem::replace(seen, true)
        {
            return Err(CeremonyError::ShareTwice(share.from()));
        }
        *sum += share.expose();
    }
    for (seen, index) in seen.into_iter().zip(1..) {
        if !seen {
            return Err(CeremonyError::ShareMissing(TrusteeIndex::new(index)?));
        }
    }
    let secret = SecretKey::from_scalar(*sum).ok_or(CeremonyError::KeyDiffers(own))?;
    let key = DecryptionKey { index: own, secret };
    if key.share_key() == *share_key { Ok(key) } else { Err(CeremonyError::KeyDiffers(own)) }
}

impl DecryptionKey {
    /// The trustee whose key this is.
    #[must_use]
    pub const fn index(&self) -> TrusteeIndex {
        self.index
    }

    /// X_j = x_j G.
    #[must_use]
    pub fn share_key(&self) -> Element {
        *self.secret.public().element()
    }

    /// The 32 bytes of the scalar, for the trustee's own encrypted state.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.secret.expose().to_bytes())
    }

    /// Takes back what [`Self::to_bytes`] gave, and holds it against the trustee's share key.
    ///
    /// # Errors
    /// [`CeremonyError::StoredSecret`] unless the bytes are a scalar; [`CeremonyError::KeyDiffers`] when it is another key's.
    pub fn from_bytes(index: TrusteeIndex, bytes: &[u8; 32], share_key: &Element) -> Result<Self, CeremonyError> {
        let scalar = Zeroizing::new(decode_scalar(bytes).map_err(|_| CeremonyError::StoredSecret)?);
        let secret = SecretKey::from_scalar(*scalar).ok_or(CeremonyError::StoredSecret)?;
        let key = Self { index, secret };
        if key.share_key() == *share_key { Ok(key) } else { Err(CeremonyError::KeyDiffers(index)) }
    }

    /// The secret scalar, for a decryption share.
    pub(crate) const fn expose(&self) -> &Scalar {
        self.secret.expose()
    }
}
