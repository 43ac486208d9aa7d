//! Forms and lists of shelters as PDF files: written whole or not at all, and never over a file that is there.

/// Says where a list of people went, and that it is to be kept like the roster.
#[cfg(feature = "pdf")]
pub fn listed(global: &crate::cli::Global, path: &std::path::Path, rows: usize) {
    super::say(global, &serde_json::json!({ "file": path, "people": rows }), || {
        format!(
            "{}\n{}",
            path.display(),
            global.pick(
                "この名簿には個人の情報があります。刷った紙は受付で保管し、要らなくなったら裁断してください。ファイルも消してください。",
                "This list names people. Keep the paper at the reception, shred it when it is done with, and delete the file."
            )
        )
    });
}

#[cfg(not(feature = "pdf"))]
mod without {
    use crate::failure::{Exit, Failure};

    /// This program was built without papers.
    #[must_use]
    pub fn no_papers() -> Failure {
        Failure::new(
            Exit::Usage,
            "この tachiai は帳票の印刷なしで作られています。cargo build --release -p tachiai --features pdf で作り直してください。",
            "this tachiai was built without papers. Build it again: cargo build --release -p tachiai --features pdf",
        )
    }
}

#[cfg(not(feature = "pdf"))]
pub use without::no_papers;

#[cfg(feature = "pdf")]
mod printing {
    use std::fs::OpenOptions;
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    use std::path::{Path, PathBuf};

    use tachiai_schemas::{Lang, Timestamp};

    use crate::failure::{Exit, Failure};
    use crate::papers::PaperError;
    use crate::papers::citizen::CitizenCard;
    use crate::papers::fonts::Fonts;
    use crate::papers::press::Press;
    use crate::papers::shelter::Form;

    /// The time of this machine's clock.
    #[must_use]
    pub fn now() -> Timestamp {
        let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_unix(seconds).ok()).unwrap_or(Timestamp::LAST)
    }

    /// Sets the sheets and writes each into its file, for the owner's eyes alone.
    ///
    /// # Errors
    /// [`Failure`]: the fonts are missing, a file is there already or cannot be written. A file that could not be written whole is removed.
    pub fn print(sheets: &[(PathBuf, Form)], lang: Lang) -> Result<(), Failure> {
        let press = Press::new(Fonts::of_the_system().map_err(PaperError::from)?);
        sheets.iter().try_for_each(|(path, form)| write_new(path, &press.print_form(form, lang)?))
    }

    /// Sets the card of a citizen's code and writes it, likewise.
    ///
    /// # Errors
    /// [`Failure`], likewise.
    pub fn print_card(path: &Path, card: &CitizenCard, lang: Lang) -> Result<(), Failure> {
        let press = Press::new(Fonts::of_the_system().map_err(PaperError::from)?);
        write_new(path, &press.print_card(card, lang)?)
    }

    fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(|e| match e.kind() {
            std::io::ErrorKind::AlreadyExists => Failure::new(
                Exit::Usage,
                format!("{} はすでにあります。別の名前を指定するか、消してから実行してください。", path.display()),
                format!("{} is there already. Name another file, or remove it first.", path.display()),
            ),
            _ => Failure::file(path, &e),
        })?;
        if let Err(e) = file.write_all(bytes) {
            let _ = std::fs::remove_file(path);
            return Err(Failure::file(path, &e));
        }
        Ok(())
    }
}

#[cfg(feature = "pdf")]
pub use printing::{now, print, print_card};
