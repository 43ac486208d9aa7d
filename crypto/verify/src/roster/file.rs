//! The file of a statement or disclosure: a first line that says what is claimed, and the entries of the roster from leaf 0 on, a line each (PROTOCOL §18.5).
//! Everything is checked from scratch.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, Read as _};

use rand_core::OsRng;
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use tachiai_crypto::election::context::Fingerprint;
use tachiai_crypto::group::Element;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::together::{SignedHash, verify_hashes};
use tachiai_crypto::journal::{BoardKey, Checkpoint, Frontier, MAX_ENTRY_LEN, Origin, SignedCheckpoint};
use tachiai_crypto::roster::shown;
use tachiai_schemas::LeafIndex;
use tachiai_schemas::canonical;
use tachiai_schemas::roster::{self, Body, Declared, SignedEntry, TerminalId};
use tachiai_schemas::trustee::{Signed, SignedKind};

use super::live::Live;
use super::{Broken, Owed, Roster, discharge, not_signed};
use crate::failure::Incomplete;
use crate::rule::{Breaks, Rule, Violation, require};

/// The longest first line, in bytes: a disclosure of all fields of 20,000 people.
const MAX_HEAD: u64 = 256 << 20;

/// How a file begins that is encrypted with age.
const ENCRYPTED: &[u8] = b"age-encryption.org/";

/// The most entries of a file.
const MAX_ENTRIES: usize = 4 << 20;

/// Entries whose signatures and proofs are checked together.
const BATCH: usize = 4096;

/// A file as it was read, nothing checked.
pub struct Lines<H> {
    /// The first line.
    pub head: H,
    /// The other lines.
    pub entries: Vec<Vec<u8>>,
}

impl<H: Serialize + DeserializeOwned> Lines<H> {
    /// Reads a file.
    ///
    /// # Errors
    /// [`Incomplete`]: it cannot be read, or is not `what`.
    pub fn read(mut from: impl BufRead, path: &str, what: &'static str) -> Result<Self, Incomplete> {
        let unreadable = |error| Incomplete::Unreadable { path: path.to_owned(), error };
        let not = |reason: String| Incomplete::NotA { path: path.to_owned(), what, reason };
        let mut line = Vec::new();
        from.by_ref().take(MAX_HEAD).read_until(b'\n', &mut line).map_err(unreadable)?;
        if line.last() != Some(&b'\n') {
            return Err(match line.as_slice() {
                [] => not("it is empty".to_owned()),
                // Whole JSON is another file; one that was cut off is none.
                _ if serde_json::from_slice::<IgnoredAny>(&line).is_ok() => not("it is a file of another kind".to_owned()),
                _ => Incomplete::Truncated { path: path.to_owned() },
            });
        }
        line.pop();
        if line.starts_with(ENCRYPTED) {
            return Err(not("it is still encrypted: open it first, with age --decrypt -i KEY".to_owned()));
        }
        let head = canonical::from_bytes(&line).map_err(|error| not(error.to_string()))?;
        let mut entries = Vec::new();
        loop {
            let mut line = Vec::new();
            from.by_ref().take(MAX_ENTRY_LEN as u64 + 2).read_until(b'\n', &mut line).map_err(unreadable)?;
            match line.pop() {
                None => return Ok(Self { head, entries }),
                Some(b'\n') if entries.len() < MAX_ENTRIES => entries.push(line),
                Some(b'\n') => return Err(not("it has too many lines".to_owned())),
                Some(_) => return Err(Incomplete::Truncated { path: path.to_owned() }),
            }
        }
    }
}

/// The entries of a file, checked, and what they say at the moments that matter.
pub struct Entries {
    /// The roster with all of them.
    pub roster: Roster,
    /// What the event is.
    pub declared: Declared,
    /// The appliance's key.
    pub key: BoardKey,
    /// The signed size and root.
    pub checkpoint: Checkpoint,
    /// The fingerprint of the event: that of leaf 0.
    pub fingerprint: Fingerprint,
    entries: Vec<SignedEntry>,
    /// The commitments of the entries that have one, by their leaves.
    commitments: BTreeMap<u64, Element>,
    moments: BTreeMap<u64, Moment>,
}

/// The entries below some leaf.
struct Moment {
    root: Hash32,
    live: Live,
}

impl Entries {
    /// Checks the entries of a file against the rules and its checkpoint. Who counted can be asked afterwards for `size`, for the size of every registered statement,
    /// and for the sizes in `also`.
    ///
    /// # Errors
    /// [`Violation`] of R302, R901 to R906, R911, R912.
    pub fn check(lines: &[Vec<u8>], checkpoint: &str, size: u64, also: &[u64], expect: Option<&Fingerprint>) -> Result<Self, Violation> {
        let fingerprint = Fingerprint::of(&lines.first().map_or_else(|| Hash32::sha256(&[]), |line| roster::leaf_hash(line)));
        if let Some(expected) = expect {
            require!(fingerprint.matches(expected), R302, "the event's fingerprint is {fingerprint}");
        }
        let mut entries: Vec<SignedEntry> = Vec::with_capacity(lines.len());
        for (leaf, line) in (0..).zip(lines) {
            entries.push(roster::from_bytes(line).breaks(Rule::R901).map_err(|violation| violation.at(LeafIndex(leaf)))?);
        }
        let Some(Body::Declared(declared)) = entries.first().map(|entry| &entry.body.body) else {
            return Err(Violation::of_record(Rule::R902, "the first entry does not declare an event").at(LeafIndex(0)));
        };
        let declared = Declared::clone(declared);
        let key = BoardKey::from_bytes(&declared.key.0).breaks(Rule::R902)?;
        let origin = Origin::new(&declared.origin).breaks(Rule::R902)?;
        let checkpoint = SignedCheckpoint::parse_and_verify(checkpoint, &origin, &key).breaks(Rule::R912)?.checkpoint().clone();
        let registered = entries.iter().filter_map(|entry| if let Body::Stated(stated) = &entry.body.body { Some(stated.size) } else { None });
        let wanted: BTreeSet<u64> = registered.chain([size]).chain(also.iter().copied()).collect();

        let (mut roster, mut frontier, mut moments): (_, _, BTreeMap<u64, Moment>) = (Roster::new(), Frontier::new(), BTreeMap::new());
        let (mut unsettled, mut commitments) = (Unsettled::default(), BTreeMap::new());
        for (leaf, (line, entry)) in (0..).zip(lines.iter().zip(&entries)) {
            if wanted.contains(&leaf) {
                let live = match moments.last_key_value() {
                    Some((_, Moment { root: _, live })) => Live::of(&roster).sharing(live),
                    None => Live::of(&roster),
                };
                moments.insert(leaf, Moment { root: frontier.root(), live });
            }
            let hash = roster::leaf_hash(line);
            require!(roster.leaf(&hash).is_none(), R912, "leaf {leaf} is there twice");
            match roster.check_unsigned(entry) {
                Ok((signed, owed)) => unsettled.0.push(Debt { leaf, terminal: &entry.body.terminal, signed, owed }),
                Err(broken) => {
                    // What an earlier entry owes is named first.
                    unsettled.settle()?;
                    return Err(violation(leaf, broken));
                }
            }
            roster.apply(hash, entry);
            frontier.push(hash);
            if unsettled.0.len() == BATCH {
                commitments.extend(unsettled.settle()?);
            }
        }
        commitments.extend(unsettled.settle()?);
        let all = lines.len() as u64;
        if wanted.contains(&all) {
            moments.insert(all, Moment { root: frontier.root(), live: Live::of(&roster) });
        }
        require!(checkpoint.size == all, R912, "the checkpoint is over {} entries, the file has {all}", checkpoint.size);
        require!(checkpoint.root == frontier.root(), R912, "the entries do not give the root of the checkpoint");
        Ok(Self { roster, declared, key, checkpoint, fingerprint, entries, commitments, moments })
    }

    /// Checks what the appliance signed about the entries below a leaf: the signature, the root, and that nothing of another event is claimed.
    ///
    /// # Errors
    /// [`Violation`] of R912.
    pub fn signed<T: SignedKind>(&self, signed: &Signed<T>, of: roster::EventId, size: u64, root: Hash32) -> Result<&Live, Violation> {
        let hash = signed.body.signed_hash().breaks(Rule::R912)?;
        self.key.verify_hash(&hash, &signed.signature.0).map_err(|_| Violation::of_record(Rule::R912, "the appliance of this event did not sign it"))?;
        require!(self.roster.event() == Some(of), R912, "it is of another event");
        let moment = self.moments.get(&size).ok_or_else(|| Violation::of_record(Rule::R912, format!("it is about {size} entries, the file has fewer")))?;
        require!(moment.root == root, R912, "the first {size} entries do not give its root");
        Ok(&moment.live)
    }

    /// Who counted by the entries below a leaf that was asked for.
    #[must_use]
    pub fn live(&self, size: u64) -> Option<&Live> {
        self.moments.get(&size).map(|moment| &moment.live)
    }

    /// The root over the entries below a leaf that was asked for.
    #[must_use]
    pub fn root(&self, size: u64) -> Option<Hash32> {
        self.moments.get(&size).map(|moment| moment.root)
    }

    /// The commitment of an entry that has one.
    #[must_use]
    pub fn commitment(&self, leaf: u64) -> Option<&Element> {
        self.commitments.get(&leaf)
    }

    /// The sum of the commitments of people who counted; `None` for people of another roster.
    #[must_use]
    pub fn sum(&self, live: &Live) -> Option<Element> {
        live.iter().map(|(leaf, _)| self.commitment(leaf)).collect::<Option<Vec<_>>>().map(shown::sum)
    }

    /// An entry.
    #[must_use]
    pub fn entry(&self, leaf: u64) -> Option<&SignedEntry> {
        usize::try_from(leaf).ok().and_then(|leaf| self.entries.get(leaf))
    }
}

/// What an entry owes.
struct Debt<'a> {
    leaf: u64,
    terminal: &'a TerminalId,
    signed: SignedHash,
    owed: Owed,
}

/// What entries owe, ascending by leaf.
#[derive(Default)]
struct Unsettled<'a>(Vec<Debt<'a>>);

impl Unsettled<'_> {
    /// Checks what is owed, and gives the commitments by leaf; of several entries that break a rule the first is named.
    fn settle(&mut self) -> Result<Vec<(u64, Element)>, Violation> {
        let debts = std::mem::take(&mut self.0);
        let signatures = verify_hashes(&debts.iter().map(|debt| debt.signed).collect::<Vec<_>>(), &mut OsRng);
        let (authors, owed): (Vec<(u64, &TerminalId)>, Vec<Owed>) = debts.into_iter().map(|debt| ((debt.leaf, debt.terminal), debt.owed)).unzip();
        for (((leaf, terminal), signature), proof) in authors.iter().zip(signatures).zip(discharge(&owed, &mut OsRng)) {
            signature.map_err(|_| not_signed(terminal)).and(proof).map_err(|broken| violation(*leaf, broken))?;
        }
        Ok(authors.into_iter().zip(owed).filter_map(|((leaf, _), owed)| Some((leaf, owed?.1.commitment))).collect())
    }
}

fn violation(leaf: u64, Broken { rule, detail }: Broken) -> Violation {
    Violation::of_record(rule, detail).at(LeafIndex(leaf))
}

/// Writes a file.
///
/// # Errors
/// What the writer says.
pub fn write(to: &mut impl std::io::Write, head: &impl Serialize, entries: impl IntoIterator<Item = impl AsRef<[u8]>>) -> std::io::Result<()> {
    serde_json::to_writer(&mut *to, head)?;
    to.write_all(b"\n")?;
    for entry in entries {
        to.write_all(entry.as_ref())?;
        to.write_all(b"\n")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(file: &[u8]) -> String {
        Lines::<Two>::read(file, "a file", "a statement").map(drop).unwrap_err().to_string()
    }

    /// A first line of two numbers.
    #[derive(Serialize, serde::Deserialize)]
    struct Two(u8, u8);

    #[test]
    fn a_file_of_another_kind_is_not_said_to_be_cut_off() {
        assert_eq!(told(br#"{"own":"entry"}"#), "a file is not a statement: it is a file of another kind");
        assert_eq!(told(br#"{"own":"ent"#), "a file ends early: the download was not finished");
        assert_eq!(told(b""), "a file is not a statement: it is empty");
    }

    #[test]
    fn a_bundle_that_is_still_encrypted_is_named_as_such() {
        assert!(told(b"age-encryption.org/v1\n-> X25519 abc\n").contains("still encrypted"));
    }
}
