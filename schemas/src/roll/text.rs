//! Bytes of a file as text: which encoding it has, and why it is not read.

use encoding_rs::{Encoding, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE};

use super::COLUMNS;

/// The text of a file with the name of its encoding.
pub(crate) struct Decoded {
    pub(crate) name: &'static str,
    pub(crate) text: String,
    /// Why it is not read.
    pub(crate) damage: Option<Damage>,
}

/// Why the text of a file is not read.
pub(crate) enum Damage {
    /// It is UTF-8 up to here.
    Cut {
        /// The first byte that is part of no character, from 0.
        at: usize,
        /// The line in which it stands.
        line: u64,
    },
    /// It is UTF-16, which spreadsheets call "Unicode text".
    Utf16,
    /// It is no text: a workbook, a PDF, a picture.
    NoText,
}

impl Damage {
    /// The line in which it is found.
    pub(crate) const fn line(&self) -> u64 {
        match self {
            Self::Cut { line, .. } => *line,
            Self::Utf16 | Self::NoText => 1,
        }
    }

    /// In words, Japanese and English.
    pub(crate) fn said(&self) -> [String; 2] {
        match self {
            Self::Cut { at, .. } => [
                format!("UTF-8のファイルですが、{at}バイト目から文字として読み取れません。途中で切れているか、壊れています。もう一度書き出してください。"),
                format!("this is UTF-8, but no character at byte {at}: the file is cut off or damaged. Export it again"),
            ],
            Self::NoText => [
                "CSVなどの文字のファイルではありません（Excelのブック、PDF、画像など）。Excelで開き、「名前を付けて保存」でファイルの種類を「CSV UTF-8（コンマ区切り）」にして保存したものを指定してください。".to_owned(),
                "this is no text such as CSV, but a workbook, a PDF, a picture or the like. Open it in Excel, and by “Save As” with the type “CSV UTF-8 (Comma delimited)” make the file that you name here".to_owned(),
            ],
            Self::Utf16 => [
                "文字コードがUTF-16です。UTF-8で保存し直してください。Excelでは「名前を付けて保存」でファイルの種類を「CSV UTF-8（コンマ区切り）」に、メモ帳では文字コードを「UTF-8」にします。".to_owned(),
                "this is UTF-16. Save it as UTF-8: in Excel by “Save As” with the type “CSV UTF-8 (Comma delimited)”, in Notepad with the encoding “UTF-8”".to_owned(),
            ],
        }
    }
}

/// Bytes that are valid UTF-8 are UTF-8: a Shift_JIS text of any length is not. Nor is a text Shift_JIS that begins with a byte order mark, or with columns of
/// a roll in UTF-8: where such a one cannot be read on, it is damaged.
pub(crate) fn decode(bytes: &[u8]) -> Decoded {
    if is_no_text(bytes) {
        return Decoded { name: "binary", text: String::new(), damage: Some(Damage::NoText) };
    }
    if let Some(encoding) = utf_16(bytes) {
        return Decoded { name: "utf-16", text: encoding.decode(bytes).0.into_owned(), damage: Some(Damage::Utf16) };
    }
    let marked = matches!(Encoding::for_bom(bytes), Some((found, _)) if found == UTF_8);
    let damage = std::str::from_utf8(bytes).err().filter(|error| marked || names_columns(bytes.get(..error.valid_up_to()).unwrap_or_default()));
    let damage = damage.map(|error| {
        let at = error.valid_up_to();
        Damage::Cut { at, line: 1 + bytes.iter().take(at).filter(|byte| **byte == b'\n').count() as u64 }
    });
    let encoding: &'static Encoding = if damage.is_some() || std::str::from_utf8(bytes).is_ok() { UTF_8 } else { SHIFT_JIS };
    let (text, _) = if encoding == UTF_8 { encoding.decode_with_bom_removal(bytes) } else { encoding.decode_without_bom_handling(bytes) };
    Decoded { name: if encoding == UTF_8 { "utf-8" } else { "shift_jis" }, text: text.into_owned(), damage }
}

/// How files begin that offices have beside their CSV, and that are no text.
const NO_TEXTS: [&[u8]; 8] = [b"PK\x03\x04", b"%PDF-", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"SQLite format 3\0"];

/// Whether a file is no text: by how it begins, or because zeros stand in it that no encoding of a text has.
fn is_no_text(bytes: &[u8]) -> bool {
    let is_marked = matches!(Encoding::for_bom(bytes), Some((found, _)) if found != UTF_8);
    let is_garbled = |encoding: &'static Encoding| {
        let (text, _) = encoding.decode_without_bom_handling(bytes.get(..4096).unwrap_or(bytes));
        text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\r' | '\n'))
    };
    NO_TEXTS.iter().any(|begins| bytes.starts_with(begins)) || (!is_marked && utf_16(bytes).is_some_and(is_garbled))
}

/// Which UTF-16 a text is, by its byte order mark or by the zeros that stand beside every comma and line feed: no other text has any.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let marked = Encoding::for_bom(bytes).map(|(found, _)| found).filter(|found| *found != UTF_8);
    let zero = || bytes.iter().take(4096).position(|byte| *byte == 0).map(|at| if at % 2 == 0 { UTF_16BE } else { UTF_16LE });
    marked.or_else(zero)
}

/// Whether a text in UTF-8 has two columns of a roll's header in its lines.
fn names_columns(text: &[u8]) -> bool {
    let text = std::str::from_utf8(text).unwrap_or_default();
    COLUMNS.iter().filter(|column| text.contains(**column)).count() >= 2
}

/// Lines that begin with `#` before the header are for people; after it none is, so that no row is lost.
pub(crate) fn skip_comments(mut text: &str) -> (u64, &str) {
    let mut lines = 0;
    while text.starts_with('#') {
        text = text.split_once('\n').map_or("", |(_, rest)| rest);
        lines += 1;
    }
    (lines, text)
}
