//! A policy says whose cosignatures somebody demands of a checkpoint: which witnesses, and how many of which (C2SP `tlog-policy`).
//!
//! ```text
//! log <vkey> [url]
//! witness <name> <vkey> [url]
//! group <name> <k>|any|all <member>…
//! quorum <name>|none
//! ```

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use tachiai_crypto::journal::cosignature::parse_log_key;
use tachiai_crypto::journal::{BoardKey, Checkpoint, Cosignature, NoteKeyError, Origin, WitnessKey};

/// The longest policy that is read, in bytes.
pub const MAX_POLICY: usize = 256 << 10;

/// The most lines that define something.
const MAX_LINES: usize = 1024;

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<(Origin, BoardKey)>,
    witnesses: Vec<WitnessKey>,
    quorum: Quorum,
}

/// Whose cosignatures suffice.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Quorum {
    None,
    /// An index of the witnesses.
    Witness(usize),
    /// So many of the members.
    Group(usize, Vec<Quorum>),
}

/// Why a text is not a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct PolicyError {
    /// The line, the first being 1.
    pub line: usize,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong in a line of a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The file.
    #[error("longer than any policy")]
    Long,
    /// A byte that no policy holds.
    #[error("a control character other than tab and newline")]
    Control,
    /// The first word.
    #[error("a line begins with log, witness, group or quorum")]
    Unknown,
    /// The number of words.
    #[error("words are missing or too many")]
    Words,
    /// A key.
    #[error(transparent)]
    Key(#[from] NoteKeyError),
    /// A key or a name twice.
    #[error("this key or name was given before")]
    Twice,
    /// A name that no earlier line defines, or a member of two groups.
    #[error("this name is not defined by an earlier line, or is in a group already")]
    Name,
    /// k.
    #[error("k is a decimal number from 1 to the number of members, or any, or all")]
    Threshold,
    /// No quorum, or two.
    #[error("a policy has one quorum line")]
    Quorum,
}

/// A policy while its lines are read.
#[derive(Default)]
struct Reader<'a> {
    logs: Vec<(Origin, BoardKey)>,
    witnesses: Vec<WitnessKey>,
    /// What is named and no member of a group yet.
    named: BTreeMap<&'a [u8], Quorum>,
    names: BTreeSet<&'a [u8]>,
    quorum: Option<Quorum>,
}

impl Policy {
    /// Reads a policy; names are bytes.
    ///
    /// # Errors
    /// [`PolicyError`] with the first wrong line.
    pub fn parse(bytes: &[u8]) -> Result<Self, PolicyError> {
        let at = |line, problem| PolicyError { line, problem };
        if bytes.len() > MAX_POLICY {
            return Err(at(1, Problem::Long));
        }
        let mut reader = Reader::default();
        let mut last = 1;
        for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
            last = number;
            if line.iter().any(|byte| (*byte < 0x20 && *byte != b'\t') || *byte == 0x7f) {
                return Err(at(number, Problem::Control));
            }
            let words: Vec<&[u8]> = line.split(|byte| *byte == b' ' || *byte == b'\t').filter(|word| !word.is_empty()).collect();
            if words.first().is_none_or(|word| word.starts_with(b"#")) {
                continue;
            }
            reader.line(&words).map_err(|problem| at(number, problem))?;
        }
        let Reader { logs, witnesses, quorum, .. } = reader;
        Ok(Self { logs, witnesses, quorum: quorum.ok_or_else(|| at(last, Problem::Quorum))? })
    }

    /// Whether a log of this origin and key is accepted: any is, where the policy lists none.
    #[must_use]
    pub fn accepts(&self, origin: &Origin, key: &BoardKey) -> bool {
        self.logs.is_empty() || self.logs.iter().any(|(known, of)| known == origin && of == key)
    }

    /// What these cosignatures are worth under this policy. Lines of others and lines that do not verify are worth nothing.
    #[must_use]
    pub fn judge(&self, checkpoint: &Checkpoint, lines: &[Cosignature]) -> PolicyOutcome {
        let text = checkpoint.to_note_text();
        let good: Vec<bool> = self.witnesses.iter().map(|key| lines.iter().any(|line| line.is_by(key) && key.verify(&text, line).is_ok())).collect();
        let names = |want: bool| self.witnesses.iter().zip(&good).filter(|(_, is)| **is == want).map(|(key, _)| key.name().to_string()).collect();
        PolicyOutcome { holds: self.quorum.holds(&good), cosigned: names(true), missing: names(false) }
    }
}

/// What cosignatures are worth under a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PolicyOutcome {
    /// Whether the quorum cosigned.
    pub holds: bool,
    /// The policy's witnesses that cosigned.
    pub cosigned: Vec<String>,
    /// Those that did not.
    pub missing: Vec<String>,
}

impl Quorum {
    fn holds(&self, good: &[bool]) -> bool {
        match self {
            Self::None => true,
            Self::Witness(index) => good.get(*index).copied().unwrap_or(false),
            Self::Group(threshold, members) => members.iter().filter(|member| member.holds(good)).count() >= *threshold,
        }
    }
}

impl<'a> Reader<'a> {
    fn line(&mut self, words: &[&'a [u8]]) -> Result<(), Problem> {
        if self.logs.len() + self.names.len() >= MAX_LINES {
            return Err(Problem::Long);
        }
        match words {
            [b"log", key] | [b"log", key, _] => {
                let (origin, key) = parse_log_key(text(key)?)?;
                if self.logs.iter().any(|(_, known)| *known == key) {
                    return Err(Problem::Twice);
                }
                self.logs.push((origin, key));
            }
            [b"witness", name, key] | [b"witness", name, key, _] => {
                let key: WitnessKey = text(key)?.parse()?;
                if self.witnesses.iter().any(|known| known.to_bytes() == key.to_bytes()) {
                    return Err(Problem::Twice);
                }
                self.define(name, Quorum::Witness(self.witnesses.len()))?;
                self.witnesses.push(key);
            }
            [b"group", name, threshold, members @ ..] if !members.is_empty() => {
                let threshold = match *threshold {
                    b"any" => 1,
                    b"all" => members.len(),
                    number => decimal(number).filter(|k| (1..=members.len()).contains(k)).ok_or(Problem::Threshold)?,
                };
                // A name is a member once, and then no more to be had: each witness contributes in one way only.
                let members = members.iter().map(|member| self.named.remove(member).ok_or(Problem::Name)).collect::<Result<_, _>>()?;
                self.define(name, Quorum::Group(threshold, members))?;
            }
            [b"quorum", name] => {
                let quorum = if *name == b"none" { Quorum::None } else { self.named.get(name).cloned().ok_or(Problem::Name)? };
                if self.quorum.replace(quorum).is_some() {
                    return Err(Problem::Quorum);
                }
            }
            [b"log" | b"witness" | b"group" | b"quorum", ..] => return Err(Problem::Words),
            _ => return Err(Problem::Unknown),
        }
        Ok(())
    }

    fn define(&mut self, name: &'a [u8], quorum: Quorum) -> Result<(), Problem> {
        if name == b"none" || !self.names.insert(name) {
            return Err(Problem::Twice);
        }
        self.named.insert(name, quorum);
        Ok(())
    }
}

fn text(word: &[u8]) -> Result<&str, NoteKeyError> {
    std::str::from_utf8(word).map_err(|_| NoteKeyError::Form)
}

fn decimal(word: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(word).ok()?;
    let plain = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use tachiai_crypto::hash::Hash32;
    use tachiai_crypto::journal::{BoardSecretKey, WitnessSecretKey};

    use super::*;

    fn witness(n: u8) -> WitnessSecretKey {
        WitnessSecretKey::from_seed(Origin::new(&format!("w.example/{n}")).unwrap(), &[n; 32])
    }

    fn vkey(n: u8) -> String {
        witness(n).public().unwrap().to_string()
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint { origin: Origin::new("board.example/1").unwrap(), size: 9, root: Hash32::sha256(b"r") }
    }

    /// The policy of the specification's example, with two more witnesses than it needs.
    fn example() -> String {
        let log = BoardSecretKey::from_seed(&[9; 32]).public().to_note_key(&checkpoint().origin);
        let [x1, x2, x3, y1, y2, y3] = [1, 2, 3, 4, 5, 6].map(vkey);
        format!(
            "# whom I believe\nlog {log}\n\nwitness X1 {x1}\nwitness X2 {x2} https://x2.example/\n\twitness X3   {x3}\t\ngroup X-witnesses 2 X1 X2 X3\n\
             witness Y1 {y1}\nwitness Y2 {y2}\nwitness Y3 {y3}\ngroup Y-witnesses any Y1 Y2 Y3\ngroup X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"
        )
    }

    fn holds(policy: &str, cosigners: &[u8]) -> bool {
        let lines: Vec<_> = cosigners.iter().map(|n| witness(*n).cosign(&checkpoint().to_note_text(), 1)).collect();
        Policy::parse(policy.as_bytes()).unwrap().judge(&checkpoint(), &lines).holds
    }

    fn problem(policy: &str) -> (usize, Problem) {
        let PolicyError { line, problem } = Policy::parse(policy.as_bytes()).unwrap_err();
        (line, problem)
    }

    #[test]
    fn groups_of_groups_are_counted_as_they_say() {
        assert!(holds(&example(), &[1, 3, 5]));
        assert!(!holds(&example(), &[1, 2, 3]), "no Y");
        assert!(!holds(&example(), &[1, 4, 5, 6]), "one X");
        assert!(!holds(&example(), &[]));
        assert!(holds("quorum none", &[]));
        assert!(holds(&format!("witness A {}\nquorum A", vkey(1)), &[1]));
        assert!(!holds(&format!("witness A {}\nquorum A", vkey(1)), &[2]));
    }

    #[test]
    fn a_cosignature_of_another_checkpoint_or_repeated_is_worth_nothing_more() {
        let policy = format!("witness A {}\nwitness B {}\ngroup G 2 A B\nquorum G", vkey(1), vkey(2));
        let policy = Policy::parse(policy.as_bytes()).unwrap();
        let (text, other) = (checkpoint().to_note_text(), Checkpoint { size: 10, ..checkpoint() }.to_note_text());
        let outcome = policy.judge(&checkpoint(), &[witness(1).cosign(&text, 1), witness(1).cosign(&text, 2), witness(2).cosign(&other, 1)]);
        assert_eq!((outcome.holds, outcome.missing), (false, vec!["w.example/2".to_owned()]));
    }

    #[test]
    fn a_policy_that_lists_logs_accepts_these_only() {
        let policy = Policy::parse(example().as_bytes()).unwrap();
        let key = BoardSecretKey::from_seed(&[9; 32]).public();
        assert!(policy.accepts(&checkpoint().origin, &key));
        assert!(!policy.accepts(&checkpoint().origin, &BoardSecretKey::from_seed(&[8; 32]).public()));
        assert!(!policy.accepts(&Origin::new("board.example/2").unwrap(), &key));
        assert!(Policy::parse(b"quorum none").unwrap().accepts(&checkpoint().origin, &key));
    }

    #[test]
    fn every_line_that_the_format_forbids_is_named() {
        let (a, b) = (format!("witness A {}\n", vkey(1)), format!("witness B {}\n", vkey(2)));
        assert_eq!(problem(""), (1, Problem::Quorum));
        assert_eq!(problem("quorum none\nquorum none"), (2, Problem::Quorum));
        assert_eq!(problem("witnesses A"), (1, Problem::Unknown));
        assert_eq!(problem("quorum"), (1, Problem::Words));
        assert_eq!(problem("quorum none\r\n"), (1, Problem::Control));
        assert_eq!(problem("quorum A"), (1, Problem::Name));
        assert_eq!(problem(&format!("{a}{a}")), (2, Problem::Twice));
        assert_eq!(problem(&format!("{a}{}", a.replace('A', "C").replacen("BC", "BA", 1))).0, 2);
        assert_eq!(problem(&format!("witness none {}", vkey(1))), (1, Problem::Twice));
        assert_eq!(problem(&format!("{a}group G 0 A")), (2, Problem::Threshold));
        assert_eq!(problem(&format!("{a}group G 2 A")), (2, Problem::Threshold));
        assert_eq!(problem(&format!("{a}group G 01 A")), (2, Problem::Threshold));
        assert_eq!(problem(&format!("{a}group G any")), (2, Problem::Words));
        assert_eq!(problem(&format!("{a}group G any A A")), (2, Problem::Name));
        assert_eq!(problem(&format!("{a}{b}group G any A B\ngroup H any A")), (4, Problem::Name));
        assert_eq!(problem(&format!("{a}group G any A G")), (2, Problem::Name));
        assert!(matches!(problem("witness A x"), (1, Problem::Key(_))));
        assert_eq!(problem(&format!("log {}", vkey(1))), (1, Problem::Key(NoteKeyError::Kind { found: 4, expected: 1 })));
    }
}
