//! What a desk keeps while the link is cut: provisional papers (仮投票) that are to be entered, and hand-outs of which it is not known whether they were recorded.
//!
//! Each is a file of its own in the state folder, synced before anything is said. Names and birth dates are encrypted to the desk.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use rand_core::RngCore;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tachiai_schemas::paper::PaperIssue;
use tachiai_schemas::trustee::Signed;
use tachiai_schemas::{Blob, ElectionId, LeafIndex, Timestamp};

use super::key::DeskKey;
use crate::draft::{Draft, replace_json};
use crate::failure::Failure;

/// How many characters a desk's tag has.
const TAG: usize = 5;

/// The characters of tags: digits and capitals without I, L, O and U, which are misread by hand.
const TAG_CHARACTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Who took a provisional paper.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvisionalPerson {
    /// The name.
    pub name: String,
    /// The birth date, `YYYY-MM-DD`.
    pub birth: String,
}

/// A provisional paper that was handed out while the link was cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provisional {
    /// The tag of the desk that numbered the envelope.
    pub tag: String,
    /// The desk's number of the envelope, from 1.
    pub number: u32,
    /// The session.
    pub session: u16,
    /// When, by the desk's clock.
    pub at: Timestamp,
    /// Who, encrypted to the desk.
    pub sealed: Blob,
    /// The hand-out with which it was last handed in, from before it was sent: whether the board has it can be asked, whatever became of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Box<Signed<PaperIssue>>>,
    /// What became of it.
    pub fate: Fate,
}

impl Provisional {
    /// What is written on the envelope: the desk's tag and number, so that no other desk writes the same.
    #[must_use]
    pub fn envelope(&self) -> String {
        format!("{}-{}", self.tag, self.number)
    }
}

/// What became of a provisional paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fate", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Fate {
    /// It is still to be entered.
    Kept,
    /// The board has it.
    Entered {
        /// At this leaf.
        leaf: LeafIndex,
    },
    /// It could not be entered: the envelope is rejected at the count.
    Rejected {
        /// Why, in Japanese.
        ja: String,
        /// Why, in English.
        en: String,
    },
    /// Officers of the place set it aside, and the appliance keeps why: the envelope is rejected at the count.
    Aside,
}

/// What a queue holds that is not known to be on the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open {
    /// Provisional papers that are still to be entered.
    pub kept: usize,
    /// Hand-outs of which it is not known whether they were recorded.
    pub unanswered: usize,
}

/// The queue of one desk in one election.
pub struct Queue {
    folder: PathBuf,
}

impl Queue {
    /// The queue in a state folder; the folder is made.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn of(state: &Path, election: ElectionId) -> Result<Self, Failure> {
        let folder = state.join(format!("{election}.queue"));
        fs::create_dir_all(&folder).map_err(|e| Failure::file(&folder, &e))?;
        Ok(Self { folder })
    }

    /// The tag of this desk, drawn at random before its first envelope and kept: 5 characters that are not taken for one another, one of 33,554,432.
    fn tag(&self) -> Result<String, Failure> {
        let path = self.folder.join("tag.json");
        if !path.exists() {
            let drawn: String = (0..TAG).map(|_| char::from(TAG_CHARACTERS[(rand_core::OsRng.next_u32() % 32) as usize])).collect();
            Draft::begin(Some(&path))?.finish_json(&path, &drawn)?;
        }
        let bytes = fs::read(&path).map_err(|e| Failure::file(&path, &e))?;
        serde_json::from_slice(&bytes).map_err(|e| Failure::content(&path, &format!("{:?}", e.classify())))
    }

    /// Takes the queue for one `hand-in` alone, as long as what this gives is kept.
    ///
    /// # Errors
    /// [`Failure`]: 1 while another has it.
    pub fn alone(&self) -> Result<File, Failure> {
        let path = self.folder.join("lock");
        let file = File::create(&path).map_err(|e| Failure::file(&path, &e))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(Failure::refused(
                "この端末では、控えの記録（別の画面か tachiai poll hand-in）がすでに進んでいます。終わってから、もう一度行ってください。",
                "what was kept here is being handed in already: `tachiai poll hand-in`, or a screen, is at work. Wait until that has ended, and do it again.",
            )),
            Err(TryLockError::Error(e)) => Err(Failure::file(&path, &e)),
        }
    }

    fn read_all<T: DeserializeOwned>(&self, prefix: &str) -> Result<Vec<(PathBuf, T)>, Failure> {
        let failed = |e: &dyn std::fmt::Display| Failure::file(&self.folder, e);
        let mut paths = Vec::new();
        for file in fs::read_dir(&self.folder).map_err(|e| failed(&e))? {
            let path = file.map_err(|e| failed(&e))?.path();
            if path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(prefix) && name.ends_with(".json")) {
                paths.push(path);
            }
        }
        paths.sort();
        let read = |path: PathBuf| {
            let bytes = fs::read(&path).map_err(|e| Failure::file(&path, &e))?;
            let value = serde_json::from_slice(&bytes).map_err(|e| Failure::content(&path, &format!("{:?}", e.classify())))?;
            Ok((path, value))
        };
        paths.into_iter().map(read).collect()
    }

    fn provisional_path(&self, number: u32) -> PathBuf {
        self.folder.join(format!("provisional-{number:06}.json"))
    }

    /// Every provisional paper, by number.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn provisional(&self) -> Result<Vec<Provisional>, Failure> {
        Ok(self.read_all("provisional-")?.into_iter().map(|(_, value)| value).collect())
    }

    /// Notes a provisional paper under the next number; durable once it returns. Nobody gets two.
    ///
    /// # Errors
    /// [`Failure`]: 1 when the same person has one already.
    pub fn add(&self, key: &DeskKey, session: u16, at: Timestamp, person: &ProvisionalPerson) -> Result<Provisional, Failure> {
        let before = self.provisional()?;
        for kept in &before {
            if open(key, kept)? == *person {
                return Err(Failure::refused(
                    format!("この方にはすでに仮投票の用紙を交付しています（封筒番号 {}）。二重には交付できません。", kept.envelope()),
                    format!("this person was given a provisional paper already (envelope {}). Nobody gets two.", kept.envelope()),
                ));
            }
        }
        let number = before.last().map_or(1, |last| last.number + 1);
        let json = zeroize::Zeroizing::new(serde_json::to_vec(person).map_err(|e| Failure::file(&self.folder, &e))?);
        let kept = Provisional { tag: self.tag()?, number, session, at, sealed: key.seal(&json)?, sent: None, fate: Fate::Kept };
        let path = self.provisional_path(number);
        Draft::begin(Some(&path))?.finish_json(&path, &kept)?;
        Ok(kept)
    }

    /// Notes what became of one.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn settle(&self, kept: &Provisional, fate: Fate) -> Result<(), Failure> {
        replace_json(&self.provisional_path(kept.number), &Provisional { fate, ..kept.clone() })
    }

    /// Keeps with one the hand-out that is about to be sent for it; durable once it returns.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn handing_in(&self, kept: &mut Provisional, issue: &Signed<PaperIssue>) -> Result<(), Failure> {
        kept.sent = Some(Box::new(issue.clone()));
        replace_json(&self.provisional_path(kept.number), kept)
    }

    fn issue_path(&self, issue: &Signed<PaperIssue>) -> PathBuf {
        self.folder.join(format!("sent-{}.json", issue.body.evidence.hash()))
    }

    /// Keeps a hand-out before it is sent; durable once it returns.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn sending(&self, issue: &Signed<PaperIssue>) -> Result<(), Failure> {
        replace_json(&self.issue_path(issue), issue)
    }

    /// Forgets a hand-out whose outcome is known.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn answered(&self, issue: &Signed<PaperIssue>) -> Result<(), Failure> {
        let path = self.issue_path(issue);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Failure::file(&path, &error)),
            _ => File::open(&self.folder).and_then(|folder| folder.sync_all()).map_err(|e| Failure::file(&self.folder, &e)),
        }
    }

    /// The hand-outs of which it is not known whether they were recorded.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn unanswered(&self) -> Result<Vec<Signed<PaperIssue>>, Failure> {
        Ok(self.read_all("sent-")?.into_iter().map(|(_, value)| value).collect())
    }

    /// How much is still open.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn still_open(&self) -> Result<Open, Failure> {
        let kept = self.provisional()?.iter().filter(|kept| kept.fate == Fate::Kept).count();
        Ok(Open { kept, unanswered: self.unanswered()?.len() })
    }
}

/// Who took a provisional paper.
///
/// # Errors
/// [`Failure`] (2) when this desk's key did not seal it.
pub fn open(key: &DeskKey, kept: &Provisional) -> Result<ProvisionalPerson, Failure> {
    let plain = key.unseal(&kept.sealed)?;
    serde_json::from_slice(&plain).map_err(|e| Failure::incomplete(format!("{:?}", e.classify()), format!("{:?}", e.classify())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Exit;

    fn person(name: &str) -> ProvisionalPerson {
        ProvisionalPerson { name: name.to_owned(), birth: "1980-02-17".to_owned() }
    }

    #[test]
    fn provisional_papers_are_numbered_sealed_and_kept_and_nobody_gets_two() {
        let folder = tempfile::tempdir().unwrap();
        let key = DeskKey::create(&folder.path().join("desk.key")).unwrap();
        let election = "aaaaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap();
        let at = "2027-01-31T03:00:00Z".parse().unwrap();
        let queue = Queue::of(folder.path(), election).unwrap();
        let first = queue.add(&key, 0, at, &person("養父 花子")).unwrap();
        let second = queue.add(&key, 0, at, &person("八鹿 一郎")).unwrap();
        assert_eq!((first.number, second.number), (1, 2));
        assert_eq!((first.envelope(), second.envelope()), (format!("{}-1", first.tag), format!("{}-2", first.tag)));
        assert!(first.tag.len() == TAG && first.tag.bytes().all(|byte| TAG_CHARACTERS.contains(&byte)), "{}", first.tag);
        assert_eq!(queue.add(&key, 0, at, &person("養父 花子")).unwrap_err().exit, Exit::Refused);
        queue.settle(&first, Fate::Entered { leaf: LeafIndex(9) }).unwrap();
        // Another process finds the same, and the files name nobody.
        let again = Queue::of(folder.path(), election).unwrap().provisional().unwrap();
        assert_eq!(again, [Provisional { fate: Fate::Entered { leaf: LeafIndex(9) }, ..first }, second]);
        assert_eq!(open(&key, &again[1]).unwrap().name, "八鹿 一郎");
        // One `hand-in` at a time.
        let alone = queue.alone().unwrap();
        let failure = Queue::of(folder.path(), election).unwrap().alone().unwrap_err();
        assert!(failure.exit == Exit::Refused && failure.en.contains("at work"), "{failure}");
        drop(alone);
        queue.alone().unwrap();
        for file in fs::read_dir(folder.path().join(format!("{election}.queue"))).unwrap() {
            assert!(!fs::read_to_string(file.unwrap().path()).unwrap().contains("1980"));
        }
    }

    #[test]
    fn two_desks_of_a_place_never_write_the_same_number() {
        let folder = tempfile::tempdir().unwrap();
        let key = DeskKey::create(&folder.path().join("desk.key")).unwrap();
        let election = "aaaaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap();
        let first = |state: &str| {
            let queue = Queue::of(&folder.path().join(state), election).unwrap();
            queue.add(&key, 0, "2027-01-31T03:00:00Z".parse().unwrap(), &person("養父 花子")).unwrap()
        };
        let (left, right) = (first("left"), first("right"));
        assert_eq!((left.number, right.number), (1, 1));
        assert_ne!(left.envelope(), right.envelope());
    }
}
