//! The file that headquarters write, by which a terminal is set up without a link.

use std::path::Path;

use tachiai_schemas::Lang;
use tachiai_schemas::roster::ShelterId;
use tachiai_schemas::shelter::{SetupFile, SetupShelter};

use super::args::read_short;
use crate::card::printable;
use crate::failure::{Exit, Failure};
use crate::shelter::place::Place;

/// The file by which a terminal is set up without a link.
///
/// # Errors
/// [`Failure`]: it cannot be read, or is none.
pub fn read_setup(path: &Path) -> Result<SetupFile, Failure> {
    let bytes = read_short(path)?;
    serde_json::from_slice(&bytes).map_err(|_| {
        Failure::refused(
            format!("{} は、災害対策本部が端末の設定用に書き出したファイルではありません。本部の画面の「端末」で書き出せます。", path.display()),
            format!("{} is not the file that headquarters write for setting terminals up. They write it on their screen of terminals.", path.display()),
        )
    })
}

/// What a terminal can be set up by, as headquarters wrote it.
#[must_use]
pub fn setup_text(lang: Lang, SetupFile { event, title, shelters }: &SetupFile) -> String {
    let shelter = |SetupShelter { shelter, name }: &SetupShelter| format!("  {shelter}  {}", printable(lang.pick(&name.ja, &name.en)));
    let head = format!("{event}  {}", printable(lang.pick(&title.ja, &title.en)));
    std::iter::once(head).chain(shelters.iter().map(shelter)).collect::<Vec<_>>().join("\n")
}

/// Where a terminal is to stand: in the shelter that was named, or the only one of the file, and what that and the event are called. Pure.
///
/// # Errors
/// [`Failure`] (64) that lists the shelters.
pub fn stand(lang: Lang, file: &SetupFile, wanted: Option<&ShelterId>) -> Result<(ShelterId, Place), Failure> {
    let mut fitting = file.shelters.iter().filter(|found| wanted.is_none_or(|wanted| *wanted == found.shelter));
    let (Some(SetupShelter { shelter, name }), None) = (fitting.next(), fitting.next()) else {
        let list = setup_text(lang, file);
        return Err(Failure::new(
            Exit::Usage,
            format!("端末を置く避難所を、ファイルにあるものから --shelter で指定してください。\n{list}"),
            format!("name the shelter in which the terminal stands with --shelter, one of the file's.\n{list}"),
        ));
    };
    Ok((shelter.clone(), Place { event: file.title.clone(), shelter: name.clone() }))
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::election::Text;
    use tachiai_schemas::roster::EventId;

    use super::*;

    #[test]
    fn a_terminal_stands_in_a_shelter_of_the_file_and_the_only_one_need_not_be_named() {
        let text = |text: &str| Text { ja: text.to_owned(), en: text.to_owned() };
        let place = |id: &str| SetupShelter { shelter: id.parse().unwrap(), name: text(id) };
        let mut file = SetupFile { event: EventId([1; 16]), title: text("台風"), shelters: vec![place("gym"), place("hall")] };
        let [hall, school] = ["hall", "school"].map(|id| id.parse::<ShelterId>().unwrap());
        let stands = stand(Lang::En, &file, Some(&hall)).unwrap();
        assert_eq!(stands, (hall, Place { event: text("台風"), shelter: text("hall") }));
        for wrong in [None, Some(&school)] {
            let failure = stand(Lang::En, &file, wrong).unwrap_err();
            assert!(failure.exit == Exit::Usage && failure.en.contains("gym") && failure.en.contains("hall"), "{failure}");
        }
        file.shelters.pop();
        assert_eq!(stand(Lang::En, &file, None).unwrap().0.as_str(), "gym");
    }
}
