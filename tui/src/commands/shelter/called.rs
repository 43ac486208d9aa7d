//! What a shelter is called among the others of its event: two schools of the same name never look alike.

use tachiai_schemas::Lang;
use tachiai_schemas::election::Text;
use tachiai_schemas::roster::ShelterId;
use tachiai_schemas::shelter::ShelterView;
use tachiai_schemas::status::ShelterNow;

use crate::card::printable;
use crate::commands::approve::with_id;

/// So many letters of an ID stand beside a name, where they tell one shelter from another.
const END: usize = 4;

/// What tells shelters apart.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The ID.
    pub shelter: &'a ShelterId,
    /// The name.
    pub name: &'a Text,
    /// The district; may be empty.
    pub district: &'a str,
}

impl<'a> From<&'a ShelterView> for Known<'a> {
    fn from(view: &'a ShelterView) -> Self {
        Self { shelter: &view.state.shelter, name: &view.state.name, district: &view.state.district }
    }
}

impl<'a> From<&'a ShelterNow> for Known<'a> {
    fn from(now: &'a ShelterNow) -> Self {
        Self { shelter: &now.shelter, name: &now.name, district: &now.district }
    }
}

fn end(shelter: &ShelterId) -> &str {
    let text = shelter.as_str();
    text.char_indices().rev().nth(END - 1).and_then(|(at, _)| text.get(at..)).unwrap_or(text)
}

/// A shelter by its name; where another one has the same, with its district, or with the end of its ID where that is the same too. One that is not among them is
/// called by its ID.
pub fn called<'a>(lang: Lang, shelter: &ShelterId, all: impl IntoIterator<Item = impl Into<Known<'a>>>) -> String {
    let (own, others): (Vec<Known<'_>>, Vec<Known<'_>>) = all.into_iter().map(Into::into).partition(|known| known.shelter == shelter);
    let Some(Known { name, district, .. }) = own.first() else { return shelter.to_string() };
    let named = |text: &'a Text| lang.pick(&text.ja, &text.en);
    let alike: Vec<&Known<'_>> = others.iter().filter(|other| named(other.name) == named(name)).collect();
    let name = printable(named(name));
    if alike.is_empty() {
        name
    } else if !district.is_empty() && alike.iter().all(|other| other.district != *district) {
        with_id(lang, &name, &printable(district))
    } else if alike.iter().all(|other| end(other.shelter) != end(shelter)) {
        with_id(lang, &name, &format!("…{}", end(shelter)))
    } else {
        with_id(lang, &name, shelter.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Text {
        Text { ja: text.to_owned(), en: text.to_owned() }
    }

    #[test]
    fn shelters_of_one_name_are_told_apart_by_district_then_by_the_end_of_the_id_then_by_all_of_it() {
        let of = |id: &str, name: &str, district: &'static str| (id.parse::<ShelterId>().unwrap(), text(name), district);
        let all = [
            of("e2822200152111", "中央小学校", "八鹿"),
            of("e2822200152112", "中央小学校", "養父"),
            of("e2822200152113", "公民館", "大屋"),
            of("e2822200152114", "公民館", "大屋"),
            of("name-a-xyzw", "集会所", ""),
            of("name-b-xyzw", "集会所", ""),
            of("gym", "体育館", "八鹿"),
        ];
        let said = |id: &str| called(Lang::Ja, &id.parse().unwrap(), all.iter().map(|(shelter, name, district)| Known { shelter, name, district }));
        assert_eq!([said("e2822200152111"), said("e2822200152112")], ["中央小学校（八鹿）", "中央小学校（養父）"]);
        assert_eq!([said("e2822200152113"), said("e2822200152114")], ["公民館（…2113）", "公民館（…2114）"]);
        assert_eq!(said("name-a-xyzw"), "集会所（name-a-xyzw）");
        assert_eq!([said("gym"), said("hall")], ["体育館", "hall"]);
    }
}
