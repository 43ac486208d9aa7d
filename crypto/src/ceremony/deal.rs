//! A deal is what one trustee gives to all others: commitments to a secret polynomial and one point of it for each (PROTOCOL §4.1, §4.2).

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::VartimeMultiscalarMul;
use rand_core::{CryptoRng, RngCore};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{CeremonyError, CeremonyId, Quorum, TrusteeIndex};
use crate::group::{DecodeError, Element, decode_scalar};
use crate::hash::{Hash32, tagged};
use crate::labels;
use crate::signature::{PublicKey, SecretKey, Signature};

/// The secret polynomial f of one trustee in one run, of degree t − 1 (PROTOCOL §4.1). Its constant term is not zero.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Polynomial {
    constant: SecretKey,
    rest: Vec<Scalar>,
}

impl Polynomial {
    /// Draws the coefficients of a fresh polynomial.
    pub fn generate(quorum: Quorum, rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let constant = SecretKey::generate(rng);
        Self { constant, rest: (1..quorum.threshold()).map(|_| Scalar::random(rng)).collect() }
    }

    /// The coefficients from the constant term up, 32 bytes each, for the trustee's own encrypted state.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let Self { constant, rest } = self;
        let mut out = Zeroizing::new(Vec::with_capacity(32 * (1 + rest.len())));
        out.extend_from_slice(constant.expose().as_bytes());
        for coefficient in rest {
            out.extend_from_slice(coefficient.as_bytes());
        }
        out
    }

    /// Takes back what [`Self::to_bytes`] gave for the same quorum.
    ///
    /// # Errors
    /// [`CeremonyError::StoredSecret`] unless the bytes are t canonical scalars of which the first is not zero.
    pub fn from_bytes(bytes: &[u8], quorum: Quorum) -> Result<Self, CeremonyError> {
        let (chunks, rest) = bytes.as_chunks::<32>();
        if !rest.is_empty() || chunks.len() != usize::from(quorum.threshold()) {
            return Err(CeremonyError::StoredSecret);
        }
        let scalar = |chunk: &[u8; 32]| decode_scalar(chunk).map_err(|_| CeremonyError::StoredSecret);
        let (first, others) = chunks.split_first().ok_or(CeremonyError::StoredSecret)?;
        let constant = SecretKey::from_scalar(scalar(first)?).ok_or(CeremonyError::StoredSecret)?;
        // The room is reserved at once, because growing would leave copies of coefficients behind.
        let mut polynomial = Self { constant, rest: Vec::with_capacity(others.len()) };
        for chunk in others {
            polynomial.rest.push(scalar(chunk)?);
        }
        Ok(polynomial)
    }

    /// C_l = a_l G for every coefficient.
    #[must_use]
    pub fn commitments(&self) -> Commitments {
        let mut elements = vec![*self.constant.public().element()];
        elements.extend(self.rest.iter().map(|coefficient| Element::new(RistrettoPoint::mul_base(coefficient))));
        Commitments(elements)
    }

    /// The hash by which the trustee binds itself before it sees what the others chose (PROTOCOL §4.1).
    #[must_use]
    pub fn commit(&self, ceremony: &CeremonyId, index: TrusteeIndex) -> Hash32 {
        self.commitments().commit(ceremony, index)
    }

    /// The possession proof: a signature by the constant term (PROTOCOL §4.2).
    pub fn possession(&self, ceremony: &CeremonyId, index: TrusteeIndex, rng: &mut (impl RngCore + CryptoRng)) -> Signature {
        let message = self.commitments().possession_message(ceremony, index);
        self.constant.sign(labels::purpose::TRUSTEE_POSSESSION, message.as_bytes(), rng)
    }

    /// The plaintext of the share f(to) that trustee `from`, whose polynomial this is, sends to trustee `to` (PROTOCOL §4.2).
    #[must_use]
    pub fn share_for(&self, ceremony: &CeremonyId, from: TrusteeIndex, to: TrusteeIndex) -> SharePlaintext {
        let CeremonyId { manifest, run, trustees: _ /* the possession proof binds the list */ } = ceremony;
        let mut bytes = [0; SharePlaintext::LEN];
        bytes[..16].copy_from_slice(SharePlaintext::MAGIC);
        bytes[16..20].copy_from_slice(&run.to_be_bytes());
        bytes[20] = from.get();
        bytes[21] = to.get();
        bytes[22..38].copy_from_slice(&manifest.as_bytes()[..16]);
        bytes[38..].copy_from_slice(self.evaluate(to).as_bytes());
        let share = SharePlaintext(bytes);
        bytes.zeroize();
        share
    }

    /// The share f(own) that a trustee keeps for itself.
    #[must_use]
    pub fn own_share(&self, own: TrusteeIndex) -> SecretShare {
        SecretShare { from: own, to: own, value: *self.evaluate(own) }
    }

    fn evaluate(&self, at: TrusteeIndex) -> Zeroizing<Scalar> {
        let at = Scalar::from(at.get());
        let mut sum = Zeroizing::new(Scalar::ZERO);
        for coefficient in self.rest.iter().rev() {
            *sum = (*sum + coefficient) * at;
        }
        *sum += self.constant.expose();
        sum
    }
}

/// Feldman's commitments C_0 … C_{t−1} to the coefficients of one polynomial; C_0 is not the identity (PROTOCOL §4.1, R202).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commitments(Vec<Element>);

impl Commitments {
    /// Decodes exactly t commitments.
    ///
    /// # Errors
    /// [`CeremonyError::CommitmentCount`], [`CeremonyError::Commitment`], [`CeremonyError::IdentityConstant`].
    pub fn decode(encodings: &[[u8; 32]], quorum: Quorum) -> Result<Self, CeremonyError> {
        let expected = quorum.threshold();
        if encodings.len() != usize::from(expected) {
            return Err(CeremonyError::CommitmentCount { expected, found: encodings.len() });
        }
        let mut elements = Vec::with_capacity(encodings.len());
        for (position, bytes) in encodings.iter().enumerate() {
            let decoded = if position == 0 { Element::decode_non_identity(bytes) } else { Element::decode(bytes) };
            elements.push(decoded.map_err(|source| match source {
                DecodeError::Identity => CeremonyError::IdentityConstant,
                source => CeremonyError::Commitment { position, source },
            })?);
        }
        Ok(Self(elements))
    }

    /// C_0 … C_{t−1}.
    #[must_use]
    pub fn elements(&self) -> &[Element] {
        &self.0
    }

    /// The canonical encodings of C_0 … C_{t−1}.
    #[must_use]
    pub fn encodings(&self) -> Vec<[u8; 32]> {
        self.0.iter().map(|element| *element.as_bytes()).collect()
    }

    /// The hash that belongs into `trustee-commit` (PROTOCOL §4.1).
    #[must_use]
    pub fn commit(&self, ceremony: &CeremonyId, index: TrusteeIndex) -> Hash32 {
        let CeremonyId { manifest, run, trustees: _ /* not yet: the possession proof binds it */ } = ceremony;
        tagged(labels::hash::TRUSTEE_COMMIT, &[manifest.as_ref(), &run.to_be_bytes(), &[index.get()], self.encodings().as_flattened()])
    }

    /// What the possession proof signs (PROTOCOL §4.2).
    fn possession_message(&self, ceremony: &CeremonyId, index: TrusteeIndex) -> Hash32 {
        let CeremonyId { manifest, run, trustees } = ceremony;
        let encodings = self.encodings();
        let parts: [&[u8]; 5] = [manifest.as_ref(), &run.to_be_bytes(), &[index.get()], trustees.as_ref(), encodings.as_flattened()];
        tagged(labels::hash::POSSESSION, &parts)
    }

    /// C_0 as the key under which possession is proved.
    fn constant(&self) -> Result<PublicKey, CeremonyError> {
        let first = self.0.first().ok_or(CeremonyError::IdentityConstant)?;
        PublicKey::decode(first.as_bytes()).map_err(|_| CeremonyError::IdentityConstant)
    }

    /// f(at) G = Σ_l at^l C_l, from public values only.
    pub(super) fn evaluate(&self, at: TrusteeIndex) -> RistrettoPoint {
        let at = Scalar::from(at.get());
        let powers: Vec<Scalar> = std::iter::successors(Some(Scalar::ONE), |power| Some(power * at)).take(self.0.len()).collect();
        RistrettoPoint::vartime_multiscalar_mul(powers, self.0.iter().map(Element::point))
    }
}

/// Checks one deal without its share hashes: exactly t commitments that hash to the trustee's commit, and possession (R202, R203).
///
/// # Errors
/// [`CeremonyError::Stranger`], [`CeremonyError::CommitmentCount`], [`CeremonyError::NotCommitted`], [`CeremonyError::Possession`].
pub fn verify_deal(
    ceremony: &CeremonyId,
    quorum: Quorum,
    index: TrusteeIndex,
    commit: Hash32,
    commitments: &Commitments,
    possession: &Signature,
) -> Result<(), CeremonyError> {
    quorum.admit(index)?;
    let expected = quorum.threshold();
    if commitments.0.len() != usize::from(expected) {
        return Err(CeremonyError::CommitmentCount { expected, found: commitments.0.len() });
    }
    if commitments.commit(ceremony, index) != commit {
        return Err(CeremonyError::NotCommitted(index));
    }
    let message = commitments.possession_message(ceremony, index);
    commitments.constant()?.verify(labels::purpose::TRUSTEE_POSSESSION, message.as_bytes(), possession).map_err(|_| CeremonyError::Possession(index))
}

/// Everything public that one trustee contributed before the confirmations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DealPublic {
    /// Whose deal this is.
    pub index: TrusteeIndex,
    /// The hash of its entry `trustee-commit`.
    pub commit: Hash32,
    /// The commitments of its entry `trustee-deal`.
    pub commitments: Commitments,
    /// The possession proof.
    pub possession: Signature,
    /// The SHA-256 of the age file for each other trustee, ascending.
    pub share_hashes: Vec<(TrusteeIndex, Hash32)>,
}

impl DealPublic {
    /// Checks R202, R203 and R204.
    ///
    /// # Errors
    /// Those of [`verify_deal`], and [`CeremonyError::ShareHashes`].
    pub fn verify(&self, ceremony: &CeremonyId, quorum: Quorum) -> Result<(), CeremonyError> {
        let Self { index, commit, commitments, possession, share_hashes } = self;
        verify_deal(ceremony, quorum, *index, *commit, commitments, possession)?;
        if !share_hashes.iter().map(|(to, _)| *to).eq(quorum.others(*index)) {
            return Err(CeremonyError::ShareHashes(*index));
        }
        Ok(())
    }
}

/// The 70 bytes that are sealed for one trustee (PROTOCOL §4.2).
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SharePlaintext([u8; Self::LEN]);

impl SharePlaintext {
    /// The length in bytes.
    pub const LEN: usize = 70;

    /// How version 1 begins: a name and a zero byte.
    const MAGIC: &[u8; 16] = b"tachiai-share/1\0";

    /// Takes opened bytes, of which nothing but length and version is checked yet.
    ///
    /// # Errors
    /// [`CeremonyError::ShareLength`], [`CeremonyError::ShareVersion`].
    pub fn parse(bytes: &[u8]) -> Result<Self, CeremonyError> {
        let share = Self(bytes.try_into().map_err(|_| CeremonyError::ShareLength { found: bytes.len() })?);
        if share.0.starts_with(Self::MAGIC) { Ok(share) } else { Err(CeremonyError::ShareVersion) }
    }

    /// The bytes to seal.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// Checks that this is the share of `from` for `to` in this ceremony, and Feldman's equation f(to) G = Σ_l to^l C_l (PROTOCOL §4.3).
    ///
    /// # Errors
    /// [`CeremonyError::ShareRun`], [`CeremonyError::ShareManifest`], [`CeremonyError::ShareSender`], [`CeremonyError::ShareRecipient`] for a share
    /// that went astray; [`CeremonyError::ShareValue`] and [`CeremonyError::ShareContradicts`] for one that is wrong.
    pub fn check(&self, ceremony: &CeremonyId, from: TrusteeIndex, to: TrusteeIndex, commitments: &Commitments) -> Result<SecretShare, CeremonyError> {
        let CeremonyId { manifest, run, trustees: _ /* not in a share: the possession proof binds the list */ } = ceremony;
        let found = u32::from_be_bytes([self.0[16], self.0[17], self.0[18], self.0[19]]);
        if self.0[22..38] != manifest.as_bytes()[..16] {
            return Err(CeremonyError::ShareManifest);
        }
        if found != *run {
            return Err(CeremonyError::ShareRun { expected: *run, found });
        }
        if self.0[20] != from.get() {
            return Err(CeremonyError::ShareSender { expected: from, found: self.0[20] });
        }
        if self.0[21] != to.get() {
            return Err(CeremonyError::ShareRecipient { expected: to, found: self.0[21] });
        }
        let mut bytes = Zeroizing::new([0; 32]);
        bytes.copy_from_slice(&self.0[38..]);
        let share = SecretShare { from, to, value: decode_scalar(&bytes).map_err(|_| CeremonyError::ShareValue)? };
        if RistrettoPoint::mul_base(&share.value) != commitments.evaluate(to) {
            return Err(CeremonyError::ShareContradicts(from));
        }
        Ok(share)
    }
}

/// A share f_from(to) that agrees with the commitments of its sender.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SecretShare {
    #[zeroize(skip)]
    from: TrusteeIndex,
    #[zeroize(skip)]
    to: TrusteeIndex,
    value: Scalar,
}

impl SecretShare {
    /// Whose polynomial it lies on.
    #[must_use]
    pub const fn from(&self) -> TrusteeIndex {
        self.from
    }

    /// For whom it is.
    #[must_use]
    pub const fn to(&self) -> TrusteeIndex {
        self.to
    }

    /// The secret value.
    pub(super) const fn expose(&self) -> &Scalar {
        &self.value
    }
}
