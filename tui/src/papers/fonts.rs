//! The fonts of the papers: Noto Serif CJK JP and Noto Sans CJK JP, from the system; and for letters that they lack, as in Łukasz, DejaVu Sans where it is there.
//!
//! They have the shapes of JIS X 0213 and of many more characters in names (髙, 﨑, 𠮷), in the form in which they are written in Japan, and are in Debian's `fonts-noto-cjk`. They are
//! too large to be carried by this program.

use std::path::{Path, PathBuf};

use tachiai_schemas::{Lang, Say};
use typst::foundations::Bytes;
use typst::text::Font;

/// The Debian package that has them.
pub const PACKAGE: &str = "fonts-noto-cjk";

/// The family of running text, and its file: a collection of which one is the Japanese one.
pub(super) const SERIF: (&str, &str) = ("Noto Serif CJK JP", "NotoSerifCJK-Regular.ttc");
/// The family of headings, bold, and its file.
pub(super) const SANS: (&str, &str) = ("Noto Sans CJK JP", "NotoSansCJK-Bold.ttc");

/// The family for letters that those lack, and its file (Debian: `fonts-dejavu-core`).
pub(super) const WIDE: (&str, &str) = ("DejaVu Sans", "DejaVuSans.ttf");

/// The fonts, read.
#[derive(Debug, Clone)]
pub struct Fonts {
    serif: Font,
    sans: Font,
    wide: Option<Font>,
}

/// Why there are no fonts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FontsError {
    /// A file is in none of the folders.
    #[error("the font {file} is not below {}", folders.join(", "))]
    Missing {
        /// The file.
        file: &'static str,
        /// Where it was looked for.
        folders: Vec<String>,
    },
    /// A file cannot be read, or is no such font.
    #[error("the font {path} cannot be used: {why}")]
    Unusable {
        /// The file.
        path: String,
        /// Why.
        why: String,
    },
}

impl Say for FontsError {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Missing { file, folders }, Lang::Ja) => {
                format!("日本語のフォント {file} が {} にありません。管理者として次を実行してください:  apt-get install -y {PACKAGE}", folders.join("、"))
            }
            (Self::Missing { file, folders }, Lang::En) => {
                format!("the Japanese font {file} is not below {}. Run as root:  apt-get install -y {PACKAGE}", folders.join(", "))
            }
            (Self::Unusable { path, why }, Lang::Ja) => format!("フォント {path} を使えません: {why}。{PACKAGE} を入れ直してください。"),
            (Self::Unusable { path, why }, Lang::En) => format!("the font {path} cannot be used: {why}. Install {PACKAGE} again."),
        }
    }
}

impl Fonts {
    /// Reads the fonts from the system's folders and the user's own.
    ///
    /// # Errors
    /// [`FontsError`].
    pub fn of_the_system() -> Result<Self, FontsError> {
        let own = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/share")));
        let folders = [PathBuf::from("/usr/share/fonts"), PathBuf::from("/usr/local/share/fonts")].into_iter().chain(own.map(|own| own.join("fonts")));
        Self::below(&folders.collect::<Vec<_>>())
    }

    /// Reads the fonts from folders and the folders in them.
    ///
    /// # Errors
    /// [`FontsError`].
    pub fn below(folders: &[PathBuf]) -> Result<Self, FontsError> {
        let wide = match read(WIDE, folders) {
            Ok(font) => Some(font),
            Err(FontsError::Missing { .. }) => None,
            Err(unusable) => return Err(unusable),
        };
        Ok(Self { serif: read(SERIF, folders)?, sans: read(SANS, folders)?, wide })
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &Font> {
        [&self.serif, &self.sans].into_iter().chain(&self.wide)
    }

    /// Whether a character has a shape, in serif and sans. A private one (外字) has none: another font would show it as something else.
    pub(super) fn have(&self, character: char) -> bool {
        let has = |font: &Font| font.info().coverage.contains(u32::from(character));
        let private = matches!(character, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..);
        !private && ((has(&self.serif) && has(&self.sans)) || self.wide.as_ref().is_some_and(has))
    }
}

fn read((family, file): (&'static str, &'static str), folders: &[PathBuf]) -> Result<Font, FontsError> {
    let path = folders
        .iter()
        .find_map(|folder| find(folder, file, 8))
        .ok_or_else(|| FontsError::Missing { file, folders: folders.iter().map(|folder| folder.display().to_string()).collect() })?;
    let unusable = |why: String| FontsError::Unusable { path: path.display().to_string(), why };
    let bytes = Bytes::new(std::fs::read(&path).map_err(|error| unusable(error.to_string()))?);
    Font::iter(bytes).find(|font| font.info().family == family).ok_or_else(|| unusable(format!("it does not hold {family}")))
}

/// The file below a folder, not more than `depth` folders down.
fn find(folder: &Path, file: &str, depth: u8) -> Option<PathBuf> {
    let here = folder.join(file);
    if here.is_file() {
        return Some(here);
    }
    let mut folders: Vec<PathBuf> = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders.iter().find_map(|folder| find(folder, file, depth.checked_sub(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_font_says_which_package_to_install() {
        let empty = tempfile::tempdir().unwrap();
        let error = Fonts::below(&[empty.path().to_owned()]).unwrap_err();
        for lang in [Lang::Ja, Lang::En] {
            let said = error.say(lang);
            assert!(said.contains("apt-get install -y fonts-noto-cjk") && said.contains(&empty.path().display().to_string()), "{said}");
        }
    }

    #[test]
    fn a_file_that_is_no_font_is_not_taken_for_one() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("deeper")).unwrap();
        std::fs::write(dir.path().join("deeper").join(SERIF.1), "no font").unwrap();
        assert!(matches!(Fonts::below(&[dir.path().to_owned()]), Err(FontsError::Unusable { .. })));
    }
}
