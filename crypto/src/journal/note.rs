//! A checkpoint of any C2SP log, as a witness reads it: extension lines and signature lines of others are allowed, and only the log's own signature counts.
//!
//! This program's own boards have one form and no such lines, see [`super::checkpoint`].

use data_encoding::BASE64;

use super::checkpoint::{BoardKey, Checkpoint, Origin, SignedCheckpoint, parse_base64_hash, parse_decimal};
use super::cosignature::MAX_COSIGNATURES;

/// The longest note that is looked at, in bytes.
pub const MAX_NOTE: usize = 32 << 10;

/// A checkpoint that a log signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogCheckpoint {
    checkpoint: Checkpoint,
    text: String,
    line: String,
}

impl LogCheckpoint {
    /// The origin that a note names, before anything is verified.
    #[must_use]
    pub fn origin_of(note: &str) -> Option<Origin> {
        Origin::new(note.split('\n').next()?).ok()
    }

    /// Parses a note and verifies the log's signature, strictly; other signature lines need to have the form of one and are dropped.
    ///
    /// # Errors
    /// [`NoteError`].
    pub fn parse_and_verify(note: &str, origin: &Origin, key: &BoardKey) -> Result<Self, NoteError> {
        if note.len() > MAX_NOTE {
            return Err(NoteError::Malformed("longer than any checkpoint"));
        }
        let (body, lines) = note.rsplit_once("\n\n").ok_or(NoteError::Malformed("no blank line before the signatures"))?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Malformed("no newline at the end"))?;
        if note.chars().any(|c| c != '\n' && c.is_control()) {
            return Err(NoteError::Malformed("a control character"));
        }
        let checkpoint = read(body)?;
        if checkpoint.origin != *origin {
            return Err(NoteError::OtherOrigin(checkpoint.origin));
        }
        let text = format!("{body}\n");
        let id = key.note_id(origin);
        let mut own = None;
        for (place, line) in lines.split('\n').enumerate() {
            if place >= MAX_COSIGNATURES {
                return Err(NoteError::Malformed("too many signature lines"));
            }
            let (name, bytes) = signature_line(line).ok_or(NoteError::Malformed("not a signature line"))?;
            let signature = bytes.strip_prefix(&id).and_then(|rest| <[u8; 64]>::try_from(rest).ok()).filter(|_| name == origin.as_str());
            if let Some(signature) = signature
                && key.verify_text(text.as_bytes(), &signature).is_ok()
            {
                own = Some(line.to_owned());
            }
        }
        Ok(Self { checkpoint, text, line: own.ok_or(NoteError::Unsigned)? })
    }

    /// Origin, size and root.
    #[must_use]
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// What was signed: the three lines and the extension lines, if there are any.
    #[must_use]
    pub fn note_text(&self) -> &str {
        &self.text
    }
}

/// The note with the log's own line alone.
impl std::fmt::Display for LogCheckpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}\n{}", self.text, self.line)
    }
}

impl From<&SignedCheckpoint> for LogCheckpoint {
    fn from(signed: &SignedCheckpoint) -> Self {
        let line = signed.as_str().lines().last().unwrap_or_default().to_owned();
        Self { checkpoint: signed.checkpoint().clone(), text: signed.checkpoint().to_note_text(), line }
    }
}

fn read(body: &str) -> Result<Checkpoint, NoteError> {
    let mut lines = body.split('\n');
    let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
        return Err(NoteError::Malformed("a checkpoint has three lines"));
    };
    if lines.any(str::is_empty) {
        return Err(NoteError::Malformed("an extension line is empty"));
    }
    Ok(Checkpoint {
        origin: Origin::new(origin).map_err(|_| NoteError::Malformed("not an origin"))?,
        size: parse_decimal(size).ok_or(NoteError::Malformed("the size is not a plain decimal number"))?,
        root: parse_base64_hash(root).ok_or(NoteError::Malformed("the root is not 32 bytes in base64"))?,
    })
}

/// Name and bytes of any signature line: a key id of four bytes, and something after it.
fn signature_line(line: &str) -> Option<(&str, Vec<u8>)> {
    let (name, encoded) = line.strip_prefix("— ")?.split_once(' ')?;
    Origin::new(name).ok()?;
    BASE64.decode(encoded.as_bytes()).ok().filter(|bytes| bytes.len() > 4).map(|bytes| (name, bytes))
}

/// Why a note is not a checkpoint that the log signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not a checkpoint in a signed note.
    #[error("not a signed checkpoint: {0}")]
    Malformed(&'static str),
    /// Another log's.
    #[error("the checkpoint is of the log {0}")]
    OtherOrigin(Origin),
    /// No line by the log's key that verifies.
    #[error("the log's key did not sign this checkpoint")]
    Unsigned,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::Hash32;
    use crate::journal::{BoardSecretKey, WitnessSecretKey};

    fn key() -> BoardSecretKey {
        BoardSecretKey::from_seed(&[3; 32])
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint { origin: Origin::new("log.example/1").unwrap(), size: 5, root: Hash32::sha256(b"r") }
    }

    fn parse(note: &str) -> Result<LogCheckpoint, NoteError> {
        LogCheckpoint::parse_and_verify(note, &checkpoint().origin, &key().public())
    }

    fn line_over(text: &str) -> String {
        let mut bytes = key().public().note_id(&checkpoint().origin).to_vec();
        bytes.extend_from_slice(&key().sign_text_for_tests(text));
        format!("— log.example/1 {}", BASE64.encode(&bytes))
    }

    #[test]
    fn a_boards_own_checkpoint_is_one_of_a_log() {
        let signed = key().sign(&checkpoint());
        let read = parse(signed.as_str()).unwrap();
        assert_eq!((read.checkpoint(), read.to_string().as_str(), &LogCheckpoint::from(&signed)), (&checkpoint(), signed.as_str(), &read));
    }

    #[test]
    fn extension_lines_are_signed_with_the_rest_and_lines_of_others_are_passed_over() {
        let text = format!("{}extension one\nextension two\n", checkpoint().to_note_text());
        let witness = WitnessSecretKey::from_seed(Origin::new("w.example").unwrap(), &[4; 32]).cosign(&text, 1);
        for lines in [format!("{}\n{witness}\n", line_over(&text)), format!("{witness}\n— other.example AAAAAAA=\n{}\n", line_over(&text))] {
            let read = parse(&format!("{text}\n{lines}")).unwrap();
            assert_eq!((read.note_text(), read.checkpoint()), (text.as_str(), &checkpoint()));
            assert_eq!(parse(&read.to_string()).unwrap(), read);
        }
        let bare = checkpoint().to_note_text();
        assert_eq!(parse(&format!("{text}\n{}\n", line_over(&bare))), Err(NoteError::Unsigned));
    }

    #[test]
    fn what_is_malformed_unsigned_or_of_another_log_is_told_apart() {
        let signed = key().sign(&checkpoint()).as_str().to_owned();
        let malformed = |note: &str| matches!(parse(note), Err(NoteError::Malformed(_)));
        for note in ["", "\n\n", "a\n1\n", signed.trim_end(), &signed.replace("— ", "- "), &format!("{signed}x\n"), &signed.replacen("\n5\n", "\n05\n", 1)] {
            assert!(malformed(note), "{note}");
        }
        assert!(malformed(&signed.replacen("\n5\n", "\n5\t\n", 1)));
        assert_eq!(parse(&signed.replacen("\n5\n", "\n6\n", 1)), Err(NoteError::Unsigned));
        assert_eq!(parse(BoardSecretKey::from_seed(&[9; 32]).sign(&checkpoint()).as_str()), Err(NoteError::Unsigned));
        let other = Origin::new("log.example/2").unwrap();
        let of_other = key().sign(&Checkpoint { origin: other.clone(), ..checkpoint() });
        assert_eq!(parse(of_other.as_str()), Err(NoteError::OtherOrigin(other)));
    }
}
