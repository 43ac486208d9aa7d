//! The key pool: RSA keys that software cards are made of, generated once per build folder.
//!
//! An RSA key takes a good part of a second to make, and a simulated city has up to 20,000 cards, each of which must
//! have an authentication key of its own, since an appliance knows a card by it. So [`POOL`] keys are generated, and the
//! keys after them are put together of one prime of one and one prime of another: [`DISTINCT`] keys in all. Keys that share a
//! prime protect nothing, which is why they are for simulated people alone.

use std::{
    fs, io,
    io::Write,
    num::NonZero,
    path::{Path, PathBuf},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use rand_core::OsRng;
use rsa::{
    RsaPrivateKey,
    pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey},
    traits::{PrivateKeyParts, PublicKeyParts},
};

/// Number of keys that are generated.
pub const POOL: usize = 128;

/// Number of different keys: the generated ones, and four for each pair of them.
pub const DISTINCT: usize = POOL + 4 * (POOL * (POOL - 1) / 2);

/// Size of the keys in bits: that of the national card's keys of today.
const BITS: usize = 2048;

/// Why a pool key could not be had.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    /// Reading or writing the key's file.
    #[error("key pool {path}: {cause}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The bytes are no key in PKCS #8.
    #[error("not a key in PKCS #8: {0}")]
    Key(rsa::pkcs8::Error),
    /// The key could not be made or encoded.
    #[error("making a key: {0}")]
    Making(String),
}

/// A key of a software card, with its two encodings.
pub struct SoftKey {
    private: Private,
    pkcs8: Vec<u8>,
    spki: Vec<u8>,
}

/// RSA for the cards of today, P-384 for those after them.
enum Private {
    Rsa(Box<RsaPrivateKey>),
    P384(Box<p384::SecretKey>),
}

impl SoftKey {
    /// Makes a new RSA key.
    ///
    /// # Errors
    /// [`PoolError::Making`] if the generator fails.
    pub fn generate() -> Result<SoftKey, PoolError> {
        let private = RsaPrivateKey::new(&mut OsRng, BITS).map_err(|e| PoolError::Making(e.to_string()))?;
        SoftKey::of(private)
    }

    /// Makes a new key on P-384.
    ///
    /// # Errors
    /// [`PoolError::Making`] if it cannot be encoded.
    pub fn generate_p384() -> Result<SoftKey, PoolError> {
        SoftKey::of_p384(p384::SecretKey::random(&mut OsRng))
    }

    /// Makes another key of the same kind.
    pub(super) fn another(&self) -> Result<SoftKey, PoolError> {
        match self.private {
            Private::Rsa(_) => SoftKey::generate(),
            Private::P384(_) => SoftKey::generate_p384(),
        }
    }

    /// The key of one prime of each of two others.
    fn mixed(first: &SoftKey, prime_of_first: usize, second: &SoftKey, prime_of_second: usize) -> Result<SoftKey, PoolError> {
        let making = |cause: &str| PoolError::Making(cause.to_owned());
        let prime = |key: &SoftKey, index: usize| key.rsa().and_then(|key| key.primes().get(index).cloned()).ok_or_else(|| making("a key of one prime"));
        let (p, q) = (prime(first, prime_of_first)?, prime(second, prime_of_second)?);
        let private = RsaPrivateKey::from_p_q(p, q, first.rsa().ok_or_else(|| making("no RSA key"))?.e().clone()).map_err(|e| making(&e.to_string()))?;
        SoftKey::of(private)
    }

    fn of(private: RsaPrivateKey) -> Result<SoftKey, PoolError> {
        let pkcs8 = private.to_pkcs8_der().map_err(PoolError::Key)?.as_bytes().to_vec();
        let spki = private.to_public_key().to_public_key_der().map_err(|e| PoolError::Making(e.to_string()))?.into_vec();
        Ok(SoftKey { private: Private::Rsa(Box::new(private)), pkcs8, spki })
    }

    fn of_p384(private: p384::SecretKey) -> Result<SoftKey, PoolError> {
        let pkcs8 = private.to_pkcs8_der().map_err(PoolError::Key)?.as_bytes().to_vec();
        let spki = private.public_key().to_public_key_der().map_err(|e| PoolError::Making(e.to_string()))?.into_vec();
        Ok(SoftKey { private: Private::P384(Box::new(private)), pkcs8, spki })
    }

    /// Reads a key.
    ///
    /// # Errors
    /// [`PoolError::Key`] if it is none.
    pub fn from_pkcs8(der: &[u8]) -> Result<SoftKey, PoolError> {
        match p384::SecretKey::from_pkcs8_der(der) {
            Ok(private) => SoftKey::of_p384(private),
            Err(_) => SoftKey::of(RsaPrivateKey::from_pkcs8_der(der).map_err(PoolError::Key)?),
        }
    }

    /// The private key as PKCS #8 DER.
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// The public key as SubjectPublicKeyInfo DER, for a certificate.
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    pub(super) fn rsa(&self) -> Option<&RsaPrivateKey> {
        match &self.private {
            Private::Rsa(private) => Some(private),
            Private::P384(_) => None,
        }
    }

    pub(super) fn p384(&self) -> Option<p384::ecdsa::SigningKey> {
        match &self.private {
            Private::Rsa(_) => None,
            Private::P384(private) => Some(private.as_ref().into()),
        }
    }
}

/// The keys, in memory as far as they were asked for and on disk as far as they were ever made.
pub struct KeyPool {
    folder: PathBuf,
    keys: [OnceLock<Arc<SoftKey>>; POOL],
}

impl KeyPool {
    /// The pool in the build folder: `card-keys` under `CARGO_TARGET_DIR`, or under the workspace's `target`.
    pub fn shared() -> KeyPool {
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(target) if !target.is_empty() => PathBuf::from(target),
            _ => Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"),
        };
        KeyPool::in_folder(target.join("card-keys"))
    }

    /// A pool in a folder of its own, which need not exist yet.
    pub fn in_folder(folder: PathBuf) -> KeyPool {
        KeyPool { folder, keys: [const { OnceLock::new() }; POOL] }
    }

    /// The key of card `index`: different for each of [`DISTINCT`] cards, repeated after them.
    ///
    /// # Errors
    /// [`PoolError`] if a key of the pool cannot be made, read or written.
    pub fn key(&self, index: usize) -> Result<Arc<SoftKey>, PoolError> {
        let index = index % DISTINCT;
        let Some(mixed) = index.checked_sub(POOL) else {
            return self.generated(index);
        };
        // The pairs in the order 1-0, 2-0, 2-1, 3-0, …
        let (mut second, mut first) = (1, mixed / 4);
        while first >= second {
            first -= second;
            second += 1;
        }
        let (first, second) = (self.generated(first)?, self.generated(second)?);
        SoftKey::mixed(&first, mixed % 2, &second, mixed / 2 % 2).map(Arc::new)
    }

    /// Key `index` mod [`POOL`], as it was generated; made now if it never was.
    ///
    /// # Errors
    /// As [`KeyPool::key`].
    pub fn generated(&self, index: usize) -> Result<Arc<SoftKey>, PoolError> {
        let number = index % POOL;
        let Some(place) = self.keys.get(number) else {
            return Err(PoolError::Making(format!("no key {number}")));
        };
        if let Some(key) = place.get() {
            return Ok(Arc::clone(key));
        }
        let key = Arc::new(self.load_or_make(number)?);
        Ok(Arc::clone(place.get_or_init(|| key)))
    }

    /// Makes all the keys that are missing, on all processors. `progress` is told how many of [`POOL`] are there.
    ///
    /// # Errors
    /// The first [`PoolError`] of any key.
    pub fn prepare(&self, progress: impl Fn(usize) + Sync) -> Result<(), PoolError> {
        let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let work = || {
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= POOL {
                    return Ok(());
                }
                self.generated(index)?;
                progress(done.fetch_add(1, Ordering::Relaxed) + 1);
            }
        };
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            workers.into_iter().try_for_each(|worker| match worker.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            })
        })
    }

    fn load_or_make(&self, number: usize) -> Result<SoftKey, PoolError> {
        let path = self.folder.join(format!("{number:03}.der"));
        let failed = |cause| PoolError::File { path: path.clone(), cause };
        match fs::read(&path) {
            Ok(der) => return SoftKey::from_pkcs8(&der),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        let key = SoftKey::generate()?;
        fs::create_dir_all(&self.folder).map_err(failed)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder).map_err(failed)?;
        file.write_all(key.pkcs8()).map_err(failed)?;
        match file.persist_noclobber(&path) {
            Ok(_) => Ok(key),
            // Another process was faster, and its key is the pool's.
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => SoftKey::from_pkcs8(&fs::read(&path).map_err(failed)?),
            Err(error) => Err(failed(error.error)),
        }
    }
}
