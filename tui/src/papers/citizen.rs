//! A card of paper with a citizen's code (養父市民ID): a QR code and the same in characters, with the name or without it.

use qrcode::{Color, EcLevel, QrCode};
use serde_json::{Value, json};
use tachiai_schemas::{CitizenId, Lang, Timestamp};

use super::{PaperError, era};

/// The name of the file in the document's own words.
pub(super) const STEM: &str = "citizen-card";

/// A card.
#[derive(Clone, PartialEq, Eq)]
pub struct CitizenCard {
    /// The code, with its check character.
    pub code: CitizenId,
    /// The name, where the official chose to print it.
    pub name: Option<String>,
    /// When it was made.
    pub made: Timestamp,
}

/// A code in groups of four, as people read it aloud.
#[must_use]
pub fn grouped(code: &CitizenId) -> String {
    let code: Vec<char> = code.to_string().chars().collect();
    code.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

impl CitizenCard {
    /// Everything that the template prints.
    pub(super) fn sheet(&self, lang: Lang) -> Result<Value, PaperError> {
        let Self { code, name, made } = self;
        let press = |error: qrcode::types::QrError| PaperError::Press(error.to_string());
        // Capital letters and digits alone take the denser form; a reader takes either.
        let qr = QrCode::with_error_correction_level(code.to_string().to_ascii_uppercase(), EcLevel::Q).map_err(press)?;
        let rows: Vec<String> =
            qr.to_colors().chunks(qr.width()).map(|row| row.iter().map(|color| if *color == Color::Dark { '1' } else { '0' }).collect()).collect();
        Ok(json!({
            "lang": lang.pick("ja", "en"),
            "title": lang.pick("養父市民ID", "Yabu citizen ID"),
            "code": grouped(code),
            "name": name,
            "made": era::written(*made, lang),
            "rows": rows,
            // The frame of other papers asks for these, and prints nothing here.
            "mock": false,
            "authority": "",
            "election": "",
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::papers::fonts::Fonts;
    use crate::papers::press::Press;

    fn card(name: Option<&str>) -> CitizenCard {
        CitizenCard { code: CitizenId([7; 16]), name: name.map(str::to_owned), made: "2026-09-01T12:00:00Z".parse().unwrap() }
    }

    #[test]
    fn a_card_without_a_name_has_none_and_the_code_reads_back() {
        let sheet = card(None).sheet(Lang::Ja).unwrap();
        assert!(sheet["name"].is_null());
        let code = sheet["code"].as_str().unwrap().replace(' ', "");
        assert_eq!(code.parse::<CitizenId>().unwrap(), CitizenId([7; 16]));
    }

    #[test]
    fn a_card_is_set_the_same_way_each_time_in_both_languages() {
        let Ok(fonts) = Fonts::of_the_system() else { return };
        let press = Press::new(fonts);
        for lang in [Lang::Ja, Lang::En] {
            for card in [card(None), card(Some("西村　花子"))] {
                let pdf = press.print_card(&card, lang).unwrap();
                assert!(pdf.starts_with(b"%PDF-") && pdf == press.print_card(&card, lang).unwrap());
            }
        }
    }
}
