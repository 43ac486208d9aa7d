//! The body of `add-checkpoint` (C2SP `tlog-witness`): the size that the proof begins at, the proof, and the signed checkpoint.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::ConsistencyProof;

/// The longest body in bytes.
pub const MAX_BODY: usize = 64 << 10;

/// The most lines of a proof.
const MAX_PROOF: usize = 63;

/// A request, of which the note was not looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size at which the proof begins.
    pub old: u64,
    /// The proof.
    pub proof: ConsistencyProof,
    /// The signed checkpoint.
    pub note: String,
}

/// The body is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body is not `old <size>`, at most 63 hashes in base64, an empty line and a checkpoint")]
pub struct MalformedRequest;

impl FromStr for AddCheckpoint {
    type Err = MalformedRequest;

    fn from_str(body: &str) -> Result<Self, Self::Err> {
        let (head, note) = body.split_once("\n\n").ok_or(MalformedRequest)?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).ok_or(MalformedRequest)?;
        let plain = old.bytes().all(|byte| byte.is_ascii_digit()) && (old == "0" || !old.starts_with('0'));
        let old = old.parse().ok().filter(|_| plain).ok_or(MalformedRequest)?;
        let hashes = lines.map(|line| Hash32::try_from(BASE64.decode(line.as_bytes()).ok()?.as_slice()).ok()).collect::<Option<Vec<_>>>();
        let hashes = hashes.filter(|hashes| hashes.len() <= MAX_PROOF).ok_or(MalformedRequest)?;
        Ok(Self { old, proof: ConsistencyProof::from_hashes(hashes), note: note.to_owned() })
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { old, proof, note } = self;
        writeln!(f, "old {old}")?;
        for hash in proof.hashes() {
            writeln!(f, "{}", BASE64.encode(hash.as_bytes()))?;
        }
        write!(f, "\n{note}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of C2SP tlog-witness.
    const EXAMPLE: &str = "old 20852014\n\
        PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n\
        jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n\
        5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n\
        /6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\n\
        example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
        — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
        — example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=\n";

    #[test]
    fn the_example_of_the_specification_is_read_and_written_alike() {
        let request: AddCheckpoint = EXAMPLE.parse().unwrap();
        assert_eq!((request.old, request.proof.hashes().len()), (20_852_014, 4));
        assert!(request.note.starts_with("example.com/behind-the-sofa\n20852163\n"));
        assert_eq!(request.to_string(), EXAMPLE);
        let first = "old 0\n\nnote\n";
        assert_eq!(first.parse::<AddCheckpoint>().unwrap().to_string(), first);
    }

    #[test]
    fn every_other_form_is_refused() {
        let many = format!("old 1\n{}\nnote", "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n".repeat(64));
        for body in ["", "old 1", "old 1\n", "old 01\n\nx", "old +1\n\nx", "old  1\n\nx", "Old 1\n\nx", "old 1\nx\n\nx", "old 1\r\n\r\nx", "old -1\n\nx", &many]
        {
            assert_eq!(body.parse::<AddCheckpoint>(), Err(MalformedRequest), "{body}");
        }
        assert!("old 18446744073709551616\n\nx".parse::<AddCheckpoint>().is_err());
    }
}
