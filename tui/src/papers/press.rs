//! The press sets a paper with Typst and gives it out as PDF/A-2b (ISO 19005-2).
//!
//! Typst sees nothing but the templates of this folder, the paper's texts as a JSON file, and the two fonts: no disk, no network, no packages, no clock. Texts reach the
//! page as values and are never read as markup.

use std::collections::BTreeSet;

use serde_json::Value;
use tachiai_schemas::time::JAPAN;
use tachiai_schemas::{Lang, Timestamp};
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Smart};
use typst::layout::PagedDocument;
use typst::syntax::{FileId, Source, VirtualPath};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use super::citizen::{self, CitizenCard};
use super::fonts::Fonts;
use super::shelter::Form;
use super::{Paper, PaperError};

/// Where the templates find the paper's texts.
const DATA: &str = "/paper.json";

/// The template of every page.
const FRAME: (&str, &str) = ("/frame.typ", include_str!("frame.typ"));

/// A press with its fonts. It can set any number of papers.
pub struct Press {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Fonts,
}

impl Press {
    /// Makes a press.
    #[must_use]
    pub fn new(fonts: Fonts) -> Self {
        let book = FontBook::from_fonts(fonts.all());
        Self { library: LazyHash::new(Library::default()), book: LazyHash::new(book), fonts }
    }

    /// Sets a paper in a language, as the bytes of a PDF/A file.
    ///
    /// # Errors
    /// [`PaperError`]: figures that contradict each other, a character that cannot be printed.
    pub fn print(&self, paper: &Paper, lang: Lang) -> Result<Vec<u8>, PaperError> {
        self.set(&paper.sheet(lang)?, template(paper), paper.file_stem(), paper.frame().made)
    }

    /// Sets a sheet of a shelter in a language, likewise. A character that cannot be printed becomes 〓: a list of people must come out of the printer.
    ///
    /// # Errors
    /// [`PaperError`], where the press itself fails.
    pub fn print_form(&self, form: &Form, lang: Lang) -> Result<Vec<u8>, PaperError> {
        let mut sheet = form.sheet(lang);
        self.replace_characters(&mut sheet);
        self.set(&sheet, ("/shelter.typ", include_str!("shelter.typ")), form.file_stem(), form.made())
    }

    /// Sets the card of a citizen's code, likewise.
    ///
    /// # Errors
    /// [`PaperError`]: a character of the name that cannot be printed.
    pub fn print_card(&self, card: &CitizenCard, lang: Lang) -> Result<Vec<u8>, PaperError> {
        self.set(&card.sheet(lang)?, ("/citizen.typ", include_str!("citizen.typ")), citizen::STEM, card.made)
    }

    fn set(&self, sheet: &Value, template: (&'static str, &'static str), ident: &str, made: Timestamp) -> Result<Vec<u8>, PaperError> {
        self.check_characters(sheet)?;
        let json = serde_json::to_vec(sheet).map_err(|error| PaperError::Press(error.to_string()))?;
        let world = Sheet { press: self, template, json: Bytes::new(json) };
        let compiled = typst::compile::<PagedDocument>(&world);
        let bytes = compiled.output.map_err(|errors| said(&errors)).and_then(|document| {
            let at = date(made).ok_or_else(|| PaperError::Press("no such date".to_owned()))?;
            let options = PdfOptions {
                ident: Smart::Custom(ident),
                timestamp: typst_pdf::Timestamp::new_local(at, (JAPAN / 60) as i32),
                standards: PdfStandards::new(&[PdfStandard::A_2b]).map_err(|error| PaperError::Press(error.to_string()))?,
                ..PdfOptions::default()
            };
            typst_pdf::pdf(&document, &options).map_err(|errors| said(&errors))
        });
        // What Typst remembers is of use for the same paper alone.
        typst::comemo::evict(0);
        bytes
    }

    fn cannot_print(&self, c: char) -> bool {
        is_hidden(c) || !(is_variation(c) || self.fonts.have(c))
    }

    /// Puts 〓 in the place of every character that cannot be printed.
    fn replace_characters(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = text.chars().map(|c| if self.cannot_print(c) { '〓' } else { c }).collect(),
            Value::Array(values) => values.iter_mut().for_each(|value| self.replace_characters(value)),
            Value::Object(values) => values.values_mut().for_each(|value| self.replace_characters(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Every character of every text has a shape and is to be seen, so that nobody reads another name than is printed.
    fn check_characters(&self, value: &Value) -> Result<(), PaperError> {
        match value {
            Value::String(text) => match text.chars().find(|c| self.cannot_print(*c)) {
                Some(character) => Err(PaperError::Character { character, text: text.clone() }),
                None => Ok(()),
            },
            Value::Array(values) => values.iter().try_for_each(|value| self.check_characters(value)),
            Value::Object(values) => values.values().try_for_each(|value| self.check_characters(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
        }
    }
}

/// Whether a character is not seen itself but changes how others are, or breaks a line.
pub(super) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether a character chooses the form of the one before it (異体字セレクタ), as names in the resident register may.
fn is_variation(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

const fn template(paper: &Paper) -> (&'static str, &'static str) {
    match paper {
        Paper::Turnout(_) => ("/turnout.typ", include_str!("turnout.typ")),
        Paper::QuickReport(_) => ("/quick.typ", include_str!("quick.typ")),
        Paper::EarlyVoting(_) => ("/early.typ", include_str!("early.typ")),
        Paper::PollRecord(_) => ("/poll.typ", include_str!("poll.typ")),
        Paper::CountRecord(_) => ("/count.typ", include_str!("count.typ")),
    }
}

/// The time in Japan, as Typst has it.
fn date(at: Timestamp) -> Option<Datetime> {
    let text = at.plus(JAPAN).to_string();
    // `YYYY-MM-DDTHH:MM:SSZ` by its definition.
    let part = |from: usize, to: usize| text.get(from..to)?.parse::<u8>().ok();
    Datetime::from_ymd_hms(text.get(..4)?.parse().ok()?, part(5, 7)?, part(8, 10)?, part(11, 13)?, part(14, 16)?, part(17, 19)?)
}

fn said(errors: &[SourceDiagnostic]) -> PaperError {
    let lines: BTreeSet<&str> = errors.iter().map(|error| error.message.as_str()).collect();
    PaperError::Press(lines.into_iter().collect::<Vec<_>>().join("; "))
}

/// What Typst sees of the world for one paper.
struct Sheet<'a> {
    press: &'a Press,
    template: (&'static str, &'static str),
    json: Bytes,
}

fn file(path: &str) -> FileId {
    FileId::new(None, VirtualPath::new(path))
}

impl World for Sheet<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.press.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.press.book
    }

    fn main(&self) -> FileId {
        file(self.template.0)
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let text = [self.template, FRAME].into_iter().find(|(path, _)| file(path) == id).map(|(_, text)| text);
        text.map(|text| Source::new(id, text.to_owned())).ok_or_else(|| missing(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if file(DATA) == id { Ok(self.json.clone()) } else { Err(missing(id)) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.press.fonts.all().nth(index).cloned()
    }

    fn today(&self, _offset: Option<i64>) -> Option<Datetime> {
        // A paper's days are its own, whenever it is printed.
        None
    }
}

fn missing(id: FileId) -> FileError {
    FileError::NotFound(id.vpath().as_rootless_path().to_owned())
}
