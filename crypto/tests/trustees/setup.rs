//! A whole ceremony, run by all its trustees, for tests to use or to spoil.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use tachiai_crypto::ceremony::{CeremonyId, CeremonyResult, DealPublic, DecryptionKey, Polynomial, Quorum, TrusteeIndex, combine, derive, trustee_list_hash};
use tachiai_crypto::hash::Hash32;

pub fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

pub fn index(i: u8) -> TrusteeIndex {
    TrusteeIndex::new(i).unwrap()
}

/// The trustees of the tests: signing keys and recipients that are names only, because the ceremony merely hashes them.
pub fn trustees(quorum: Quorum) -> Vec<([u8; 32], String)> {
    quorum.indices().map(|i| ([i.get(); 32], format!("age1trustee{i}"))).collect()
}

pub fn ceremony_id(quorum: Quorum) -> CeremonyId {
    let list = trustees(quorum);
    CeremonyId {
        manifest: Hash32::sha256(b"manifest"),
        run: 1,
        trustees: trustee_list_hash(list.iter().map(|(signing_key, recipient)| (signing_key, recipient.as_str()))),
    }
}

/// Stands for the SHA-256 of the age file from one trustee to another.
pub fn share_hash(from: TrusteeIndex, to: TrusteeIndex) -> Hash32 {
    Hash32::sha256(&[from.get(), to.get()])
}

pub fn deal(id: &CeremonyId, quorum: Quorum, index: TrusteeIndex, polynomial: &Polynomial, rng: &mut ChaCha20Rng) -> DealPublic {
    DealPublic {
        index,
        commit: polynomial.commit(id, index),
        commitments: polynomial.commitments(),
        possession: polynomial.possession(id, index, rng),
        share_hashes: quorum.others(index).map(|to| (to, share_hash(index, to))).collect(),
    }
}

/// Everything that a ceremony leaves, secrets included.
pub struct Ceremony {
    pub id: CeremonyId,
    pub quorum: Quorum,
    pub polynomials: Vec<Polynomial>,
    pub deals: Vec<DealPublic>,
    pub result: CeremonyResult,
    pub keys: Vec<DecryptionKey>,
}

impl Ceremony {
    pub fn run(n: u8, t: u8, rng: &mut ChaCha20Rng) -> Self {
        let quorum = Quorum::new(n, t).unwrap();
        let id = ceremony_id(quorum);
        let polynomials: Vec<_> = quorum.indices().map(|_| Polynomial::generate(quorum, rng)).collect();
        let deals: Vec<_> = quorum.indices().zip(&polynomials).map(|(i, polynomial)| deal(&id, quorum, i, polynomial, rng)).collect();
        let result = derive(&id, quorum, &deals).unwrap();
        let keys = quorum
            .indices()
            .map(|to| {
                let mut shares = vec![polynomials[usize::from(to.get()) - 1].own_share(to)];
                for from in quorum.others(to) {
                    let position = usize::from(from.get()) - 1;
                    let plaintext = polynomials[position].share_for(&id, from, to);
                    shares.push(plaintext.check(&id, from, to, &deals[position].commitments).unwrap());
                }
                combine(&result, to, &shares).unwrap()
            })
            .collect();
        Self { id, quorum, polynomials, deals, result, keys }
    }
}
