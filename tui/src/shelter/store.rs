//! The journal of a terminal's folder: records one after another, each sealed under the terminal's key, each bound to all before it.
//!
//! A record is `length (u32) ‖ CRC-32C of the body (u32) ‖ body`; the body is a nonce of 24 bytes and the record under XChaCha20-Poly1305. What is authenticated
//! with it is the chain: the SHA-256 of the chain before and the body before. So a record that is changed, left out or moved does not open.
//!
//! Beside it a mark tells up to where records were told to be done; it is sealed under the same key. What is damaged before it was altered, and the terminal stops;
//! what is not whole behind it is a tail that was torn by a power failure or a kill: it is put aside, not destroyed, and the person hears of it. A journal with records
//! and no mark was altered too: else whoever removes the mark could cut the end off.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand_core::{OsRng, RngCore};
use tachiai_crypto::hash::Hash32;
use zeroize::Zeroizing;

use crate::failure::Failure;

/// How the file begins.
const HEAD: &[u8] = b"tachiai-reception/1\n";

/// Length and checksum before each record.
const FRAME: usize = 8;

/// The length of a nonce.
const NONCE: usize = 24;

/// The longest record, in bytes.
const LONGEST: usize = 256 << 20;

/// More than a mark has, in bytes.
const LONGEST_MARK: u64 = 256;

/// What is authenticated with the mark.
const MARK: &[u8] = b"tachiai-reception-mark/1";

/// The journal, opened for this program alone.
pub struct Store {
    /// Held as long as this is: a second program would write records with the same numbers.
    _alone: File,
    file: File,
    path: PathBuf,
    mark: File,
    length: u64,
    chain: Hash32,
    cipher: XChaCha20Poly1305,
    state: Health,
}

/// Whether the end of the file is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Health {
    Sound,
    /// A write failed and could not be taken back.
    Broken,
}

/// What a torn tail left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Torn {
    /// How many bytes.
    pub bytes: u64,
    /// Where they are kept.
    pub kept: PathBuf,
}

/// Records, and what was put aside.
type Contents = (Vec<Zeroizing<Vec<u8>>>, Option<Torn>);

/// A journal that was opened.
pub struct Opened {
    /// The journal, ready to be written.
    pub store: Store,
    /// Its records.
    pub records: Vec<Zeroizing<Vec<u8>>>,
    /// What was put aside.
    pub torn: Option<Torn>,
}

fn altered(path: &Path, record: usize) -> Failure {
    Failure::incomplete(
        format!(
            "端末の記録 {} の{}件目が壊れているか、書き換えられています。何も消していません。フォルダごと災害対策本部に渡し、新しい端末名で受付を続けてください（tachiai reception init）。",
            path.display(),
            record + 1
        ),
        format!(
            "record {} of the terminal's journal {} is damaged or was altered. Nothing was removed. Hand the whole folder to headquarters, and go on under a new terminal name (`tachiai reception init`).",
            record + 1,
            path.display()
        ),
    )
}

fn unmarked(path: &Path) -> Failure {
    let (file, folder) = (path.display(), path.parent().unwrap_or(path).display());
    Failure::incomplete(
        format!(
            "{file} がないか、書き換えられています。これがないと、端末の記録の末尾が切り取られていないことを確かめられません。何も消していません。フォルダ {folder} から外した mark があれば戻してください。なければ、フォルダごと災害対策本部に渡し、新しい端末名で受付を続けてください（tachiai reception init）。"
        ),
        format!(
            "{file} is missing or was altered. Without it nobody can tell that the end of the terminal's journal was not cut off. Nothing was removed. If the file was moved away from {folder}, put it back; else hand the whole folder to headquarters, and go on under a new terminal name (`tachiai reception init`)."
        ),
    )
}

/// How much room a shift needs, in megabytes: an entry takes some 8 kB, and a hand-in or export once more as much.
const SHIFT: u32 = 50;

fn full(path: &Path, bytes: usize) -> Failure {
    let kilobytes = bytes.div_ceil(1024);
    Failure::incomplete(
        format!(
            "ディスクがいっぱいで {} に書けません。この登録には {kilobytes} kB、勤務を続けるには {SHIFT} MB ほどの空きが要ります。不要なファイルを消してから、もう一度登録してください。これまでの登録は失われていません。一覧・検索は記録が残せないため使えませんが、tachiai reception status は使えます。紙の受付票でも続けられます。",
            path.display()
        ),
        format!(
            "the disk is full, so {} cannot be written: this needs {kilobytes} kB, and a shift some {SHIFT} MB. Remove files that nobody needs and enter it again. Nothing that was entered before is lost. Lists and searches do not work, as nothing could be noted of them; `tachiai reception status` does. Paper forms do, too.",
            path.display()
        ),
    )
}

impl Store {
    /// Opens the journal of a folder, or begins it. `key` is the terminal's.
    ///
    /// # Errors
    /// [`Failure`]: 1 while another program has it, 2 when it cannot be read, was altered, or is another terminal's.
    pub fn open(folder: &Path, key: &[u8; 32]) -> Result<Opened, Failure> {
        let alone = alone(folder)?;
        let path = folder.join("journal");
        let failed = |e: &dyn std::fmt::Display| Failure::file(&path, e);
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path).map_err(|e| failed(&e))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|e| failed(&e))?;
        let cipher = XChaCha20Poly1305::new(key.into());
        let mark_path = folder.join("mark");
        let marked = |e: &dyn std::fmt::Display| Failure::file(&mark_path, e);
        let mut mark = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&mark_path).map_err(|e| marked(&e))?;
        let mut sealed = Vec::new();
        (&mut mark).take(LONGEST_MARK).read_to_end(&mut sealed).map_err(|e| marked(&e))?;
        if !bytes.starts_with(HEAD) {
            // Only a head that was torn off at its making is made anew.
            if !HEAD.starts_with(&bytes) {
                return Err(failed(&"no terminal's journal"));
            }
            file.seek(SeekFrom::Start(0)).and_then(|_| file.write_all(HEAD)).and_then(|()| file.sync_all()).map_err(|e| failed(&e))?;
            bytes = HEAD.to_vec();
        }
        let told = match read_mark(&cipher, &sealed) {
            Some(told) => told,
            // Both are made before the first record.
            None if bytes == HEAD => {
                let sealed = seal_mark(&cipher, HEAD.len() as u64).ok_or_else(|| marked(&"it cannot be sealed"))?;
                mark.seek(SeekFrom::Start(0)).and_then(|_| mark.write_all(&sealed)).and_then(|()| mark.sync_all()).map_err(|e| marked(&e))?;
                File::open(folder).and_then(|folder| folder.sync_all()).map_err(|e| failed(&e))?;
                HEAD.len() as u64
            }
            None => return Err(unmarked(&mark_path)),
        };
        let mut store = Self { _alone: alone, file, path, mark, length: HEAD.len() as u64, chain: Hash32::sha256(HEAD), cipher, state: Health::Sound };
        let whole = bytes.len() as u64;
        let (records, torn) = store.read(bytes.get(HEAD.len()..).unwrap_or_default(), told)?;
        if whole < told {
            return Err(altered(&store.path, records.len()));
        }
        store.set_mark();
        Ok(Opened { store, records, torn })
    }

    /// Reads the records from the first one on.
    fn read(&mut self, mut rest: &[u8], told: u64) -> Result<Contents, Failure> {
        let mut records = Vec::new();
        let mut torn = None;
        (self.length, self.chain) = (HEAD.len() as u64, Hash32::sha256(HEAD));
        while !rest.is_empty() {
            match framed(rest) {
                Framed::Whole { body, rest: behind } => {
                    records.push(self.unseal(body).ok_or_else(|| altered(&self.path, records.len()))?);
                    self.passed(body);
                    rest = behind;
                }
                Framed::Torn if self.length >= told => {
                    torn = Some(self.put_aside(rest)?);
                    rest = &[];
                }
                // Pages of one write may reach the disk in any order, so behind the mark this is a torn tail as well.
                Framed::Altered if self.length >= told => {
                    torn = Some(self.put_aside(rest)?);
                    rest = &[];
                }
                Framed::Torn | Framed::Altered => return Err(altered(&self.path, records.len())),
            }
        }
        Ok((records, torn))
    }

    /// Reads every record again.
    ///
    /// # Errors
    /// [`Failure`] (2) when the file was changed meanwhile.
    pub fn read_again(&mut self) -> Result<Vec<Zeroizing<Vec<u8>>>, Failure> {
        let (length, mut bytes) = (self.length, Vec::new());
        self.file.seek(SeekFrom::Start(HEAD.len() as u64)).and_then(|_| self.file.read_to_end(&mut bytes)).map_err(|e| Failure::file(&self.path, &e))?;
        let (records, _) = self.read(&bytes, length)?;
        if self.length == length { Ok(records) } else { Err(altered(&self.path, records.len())) }
    }

    /// Adds records, all or none; durable once it returns.
    ///
    /// # Errors
    /// [`Failure`] (2): nothing was added.
    pub fn append(&mut self, records: &[Zeroizing<Vec<u8>>]) -> Result<(), Failure> {
        if self.state == Health::Broken {
            return Err(Failure::file(&self.path, &"an earlier write failed; end the program and start it again"));
        }
        let (length, chain) = (self.length, self.chain);
        let mut frames = Vec::new();
        for record in records {
            let body = self.seal(record)?;
            frames.extend_from_slice(&u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes());
            frames.extend_from_slice(&crc32c::crc32c(&body).to_be_bytes());
            frames.extend_from_slice(&body);
            self.passed(&body);
        }
        let written = self.file.seek(SeekFrom::Start(length)).and_then(|_| self.file.write_all(&frames)).and_then(|()| self.file.sync_data());
        written.map(|()| self.set_mark()).map_err(|error| {
            (self.length, self.chain) = (length, chain);
            // Whether synced or not, what stands behind the last record that was told would be read as told.
            if self.file.set_len(length).and_then(|()| self.file.sync_data()).is_err() {
                self.state = Health::Broken;
            }
            let failure = if error.kind() == ErrorKind::StorageFull { full(&self.path, frames.len()) } else { Failure::file(&self.path, &error) };
            failure.and("登録していません。", "Nothing was entered.")
        })
    }

    /// Notes up to where records were told to be done. It is not synced: a mark that is too low costs nothing but a warning.
    fn set_mark(&mut self) {
        let Some(sealed) = seal_mark(&self.cipher, self.length) else { return };
        let _ = self.mark.seek(SeekFrom::Start(0)).and_then(|_| self.mark.write_all(&sealed));
    }

    fn passed(&mut self, body: &[u8]) {
        self.length += (FRAME + body.len()) as u64;
        self.chain = Hash32::sha256(&[self.chain.as_bytes().as_slice(), body].concat());
    }

    fn seal(&self, record: &[u8]) -> Result<Vec<u8>, Failure> {
        let mut nonce = [0; NONCE];
        OsRng.fill_bytes(&mut nonce);
        let payload = Payload { msg: record, aad: self.chain.as_bytes() };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|e| Failure::file(&self.path, &e))?;
        if sealed.len() + NONCE > LONGEST {
            return Err(Failure::file(&self.path, &"the record is too long"));
        }
        Ok([nonce.as_slice(), &sealed].concat())
    }

    fn unseal(&self, body: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = body.split_first_chunk::<NONCE>()?;
        self.cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: self.chain.as_bytes() }).ok().map(Zeroizing::new)
    }

    /// Moves a torn tail into a file of its own.
    fn put_aside(&mut self, tail: &[u8]) -> Result<Torn, Failure> {
        let failed = |e: &dyn std::fmt::Display| Failure::file(&self.path, e);
        let named = |number: u32| self.path.with_extension(format!("torn-{number}"));
        let kept = (1..).map(named).find(|path| !path.exists()).ok_or_else(|| failed(&"no name for the torn tail"))?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&kept).map_err(|e| failed(&e))?;
        file.write_all(tail).and_then(|()| file.sync_all()).map_err(|e| failed(&e))?;
        self.file.set_len(self.length).and_then(|()| self.file.sync_all()).map_err(|e| failed(&e))?;
        Ok(Torn { bytes: tail.len() as u64, kept })
    }
}

/// A nonce and the sealed length, always as long, so that it is written over in place.
fn seal_mark(cipher: &XChaCha20Poly1305, length: u64) -> Option<Vec<u8>> {
    let mut nonce = [0; NONCE];
    OsRng.fill_bytes(&mut nonce);
    let sealed = cipher.encrypt(&XNonce::from(nonce), Payload { msg: &length.to_be_bytes(), aad: MARK }).ok()?;
    Some([nonce.as_slice(), &sealed].concat())
}

fn read_mark(cipher: &XChaCha20Poly1305, mark: &[u8]) -> Option<u64> {
    let (nonce, sealed) = mark.split_first_chunk::<NONCE>()?;
    let length = cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: MARK }).ok()?;
    Some(u64::from_be_bytes(length.try_into().ok()?))
}

enum Framed<'a> {
    Whole {
        body: &'a [u8],
        rest: &'a [u8],
    },
    /// It goes to the end of the file and is not whole: the power failed.
    Torn,
    /// Something follows it, and yet it is not what was written.
    Altered,
}

fn framed(bytes: &[u8]) -> Framed<'_> {
    // A file system may have made room that was never written.
    if bytes.iter().all(|byte| *byte == 0) {
        return Framed::Torn;
    }
    let Some((head, rest)) = bytes.split_first_chunk::<FRAME>() else { return Framed::Torn };
    let [a, b, c, d, e, f, g, h] = *head;
    let (length, sum) = (u32::from_be_bytes([a, b, c, d]) as usize, u32::from_be_bytes([e, f, g, h]));
    if length <= NONCE || length > LONGEST {
        return Framed::Altered;
    }
    match rest.split_at_checked(length) {
        None => Framed::Torn,
        Some((body, rest)) if crc32c::crc32c(body) == sum => Framed::Whole { body, rest },
        Some((_, [])) => Framed::Torn,
        Some(_) => Framed::Altered,
    }
}

/// Takes the folder for this program alone.
fn alone(folder: &Path) -> Result<File, Failure> {
    let path = folder.join("lock");
    fs::create_dir_all(folder).map_err(|e| Failure::file(folder, &e))?;
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path).map_err(|e| Failure::file(&path, &e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Failure::refused(
            format!("{} は別の tachiai reception が使用中です。1台の端末では1つだけ動かせます。終わってからもう一度実行してください。", folder.display()),
            format!("another `tachiai reception` is at work on {}. A terminal runs one at a time; wait until it has ended, and try again.", folder.display()),
        )),
        Err(TryLockError::Error(e)) => Err(Failure::file(&path, &e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Exit;

    const KEY: [u8; 32] = [7; 32];

    fn record(text: &str) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(text.as_bytes().to_vec())
    }

    fn texts(opened: &Opened) -> Vec<&str> {
        opened.records.iter().map(|record| std::str::from_utf8(record).unwrap()).collect()
    }

    fn mark_of(length: usize) -> Vec<u8> {
        seal_mark(&XChaCha20Poly1305::new(&KEY.into()), length as u64).unwrap()
    }

    fn filled(folder: &Path) -> PathBuf {
        let mut opened = Store::open(folder, &KEY).unwrap();
        opened.store.append(&[record("one"), record("two")]).unwrap();
        opened.store.append(&[record("three")]).unwrap();
        folder.join("journal")
    }

    #[test]
    fn what_was_added_is_there_again_and_can_be_read_by_nobody_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = filled(folder.path());
        assert_eq!(texts(&Store::open(folder.path(), &KEY).unwrap()), ["one", "two", "three"]);
        assert!(!fs::read(&path).unwrap().windows(5).any(|five| five == b"three"));
        assert_eq!(Store::open(folder.path(), &[8; 32]).err().unwrap().exit, Exit::Incomplete);
    }

    #[test]
    fn a_tail_that_is_torn_anywhere_is_put_aside_and_everything_before_it_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = filled(folder.path());
        let whole = fs::read(&path).unwrap();
        let second = {
            let frame = |at: usize| at + FRAME + u32::from_be_bytes(whole[at..at + 4].try_into().unwrap()) as usize;
            frame(frame(HEAD.len()))
        };
        let before = mark_of(second);
        for end in second + 1..whole.len() {
            fs::write(&path, &whole[..end]).unwrap();
            fs::write(folder.path().join("mark"), &before).unwrap();
            let mut opened = Store::open(folder.path(), &KEY).unwrap();
            assert_eq!(texts(&opened), ["one", "two"], "cut at {end}");
            let torn = opened.torn.clone().unwrap();
            assert_eq!((torn.bytes, fs::read(&torn.kept).unwrap()), ((end - second) as u64, whole[second..end].to_vec()));
            opened.store.append(&[record("four")]).unwrap();
            drop(opened);
            let again = Store::open(folder.path(), &KEY).unwrap();
            assert_eq!((texts(&again), &again.torn), (vec!["one", "two", "four"], &None));
            fs::remove_file(torn.kept).unwrap();
        }
        // Room that was never written is a torn tail too.
        fs::write(&path, [&whole[..second], &[0; 50]].concat()).unwrap();
        fs::write(folder.path().join("mark"), &before).unwrap();
        assert_eq!(texts(&Store::open(folder.path(), &KEY).unwrap()), ["one", "two"]);
    }

    #[test]
    fn a_record_that_is_changed_left_out_or_moved_is_found_and_nothing_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = filled(folder.path());
        let whole = fs::read(&path).unwrap();
        let length = |at: usize| FRAME + u32::from_be_bytes(whole[at..at + 4].try_into().unwrap()) as usize;
        let (one, two) = (HEAD.len(), HEAD.len() + length(HEAD.len()));
        let three = two + length(two);
        let mut flipped = whole.clone();
        flipped[one + FRAME + 30] ^= 1;
        let left_out = [&whole[..one], &whole[two..]].concat();
        let moved = [&whole[..one], &whole[two..three], &whole[one..two], &whole[three..]].concat();
        let mut resummed = whole.clone();
        resummed[one + FRAME + 30] ^= 1;
        let sum = crc32c::crc32c(&resummed[one + FRAME..two]).to_be_bytes();
        resummed[one + 4..one + 8].copy_from_slice(&sum);
        let mut length_changed = whole.clone();
        length_changed[one + 1] ^= 1;
        let (mut last, shortened) = (whole.clone(), whole[..three].to_vec());
        *last.last_mut().unwrap() ^= 1;
        let altered = [(flipped, 1), (left_out, 1), (moved, 1), (resummed, 1), (length_changed, 1), (last, 3), (shortened, 3)];
        for (altered, record) in altered {
            fs::write(&path, &altered).unwrap();
            let failure = Store::open(folder.path(), &KEY).err().unwrap();
            assert!(failure.exit == Exit::Incomplete && failure.en.contains(&format!("record {record} ")), "{failure}");
            assert_eq!(fs::read(&path).unwrap(), altered);
        }
    }

    #[test]
    fn a_journal_whose_mark_is_missing_or_not_its_own_is_not_opened_and_nothing_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = filled(folder.path());
        let (whole, mark) = (fs::read(&path).unwrap(), folder.path().join("mark"));
        let own = fs::read(&mark).unwrap();
        let head = mark_of(HEAD.len());
        let of_another = seal_mark(&XChaCha20Poly1305::new(&[8; 32].into()), HEAD.len() as u64).unwrap();
        let plain = format!("{:020}", HEAD.len()).into_bytes();
        for other in [None, Some(Vec::new()), Some(plain), Some(of_another), Some(own[..own.len() - 1].to_vec())] {
            // The end is cut off, which the mark would tell.
            fs::write(&path, &whole[..whole.len() - 3]).unwrap();
            let _ = fs::remove_file(&mark);
            other.iter().for_each(|other| fs::write(&mark, other).unwrap());
            let failure = Store::open(folder.path(), &KEY).err().unwrap();
            assert!(failure.exit == Exit::Incomplete && failure.en.contains("put it back") && failure.ja.contains("mark"), "{failure}");
            assert_eq!(fs::read(&path).unwrap().len(), whole.len() - 3);
        }
        fs::write(&path, &whole).unwrap();
        fs::write(&mark, &own).unwrap();
        assert_eq!(texts(&Store::open(folder.path(), &KEY).unwrap()), ["one", "two", "three"]);
        // A journal that was emptied is found by the mark; one that was never begun has none.
        fs::write(&path, HEAD).unwrap();
        assert_eq!(Store::open(folder.path(), &KEY).err().unwrap().exit, Exit::Incomplete);
        fs::write(&mark, head).unwrap();
        assert!(Store::open(folder.path(), &KEY).unwrap().records.is_empty());
    }

    #[test]
    fn two_programs_do_not_write_one_journal_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let opened = Store::open(folder.path(), &KEY).unwrap();
        let failure = Store::open(folder.path(), &KEY).err().unwrap();
        assert!(failure.exit == Exit::Refused && failure.en.contains("at work"), "{failure}");
        drop(opened);
        Store::open(folder.path(), &KEY).unwrap();
    }

    #[test]
    fn a_write_that_fails_adds_nothing_and_no_later_one_hides_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = filled(folder.path());
        let whole = fs::read(&path).unwrap();
        let mut opened = Store::open(folder.path(), &KEY).unwrap();
        // A disk that takes nothing more.
        opened.store.file = File::open(&path).unwrap();
        for _ in 0..2 {
            let failure = opened.store.append(&[record("lost")]).unwrap_err();
            assert_eq!(failure.exit, Exit::Incomplete);
        }
        assert!(opened.store.append(&[record("lost")]).unwrap_err().en.contains("start it again"));
        drop(opened);
        assert_eq!(fs::read(&path).unwrap(), whole);
        assert_eq!(texts(&Store::open(folder.path(), &KEY).unwrap()), ["one", "two", "three"]);
    }
}
