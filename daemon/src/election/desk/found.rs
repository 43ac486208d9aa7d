//! Searching the roll: a number is found at once, names by reading the whole roll. Pure.

use tachiai_schemas::desk::Search;
use tachiai_schemas::roll::qualification::reaches_18;
use tachiai_schemas::roll::{Day, Protection};
use tachiai_schemas::{Refusal, Slot, Timestamp};

use crate::election::slots::SlotRecord;
use crate::refused::Refused;

/// The longest word of a search, in characters.
const MAX_WORD: usize = 200;

/// A search in the form that names are compared in.
pub struct Wanted {
    number: Option<String>,
    name: Option<String>,
    kana: Option<String>,
    birth: Option<String>,
    whom: Whom,
}

/// Who can be found at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whom {
    /// Nobody who is under protection (支援措置): one official looks.
    Open,
    /// Everybody: two officials agreed to look.
    Everybody,
}

/// Spaces do not count in names, nor does their width.
fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| !c.is_whitespace())
}

fn closed_up(text: &str) -> String {
    letters(text).collect()
}

/// Katakana, whichever of both kana was typed.
fn katakana_of(text: &str) -> impl Iterator<Item = char> {
    letters(text).map(|c| match c {
        'ぁ'..='ゖ' => char::from_u32(u32::from(c) + 0x60).unwrap_or(c),
        other => other,
    })
}

fn katakana(text: &str) -> String {
    katakana_of(text).collect()
}

fn begins(mut text: impl Iterator<Item = char>, wanted: &str) -> bool {
    wanted.chars().all(|c| text.next() == Some(c))
}

impl Wanted {
    /// Reads a search.
    ///
    /// # Errors
    /// [`Refusal::BadRequest`] if it names neither a number nor a name.
    pub fn new(search: &Search) -> Result<Self, Refused> {
        let word = |text: &Option<String>, form: fn(&str) -> String| text.as_deref().map(form).filter(|word| !word.is_empty());
        let Search { number, name, kana, birth } = search;
        let wanted =
            Self { number: word(number, closed_up), name: word(name, closed_up), kana: word(kana, katakana), birth: word(birth, closed_up), whom: Whom::Open };
        let words = [&wanted.number, &wanted.name, &wanted.kana, &wanted.birth];
        if words.iter().copied().flatten().any(|word| word.chars().count() > MAX_WORD) {
            return Err(Refused::about(Refusal::BadRequest, format!("a word of a search has at most {MAX_WORD} characters")));
        }
        if wanted.number.is_none() && wanted.name.is_none() && wanted.kana.is_none() {
            return Err(Refused::said(
                Refusal::BadRequest,
                "名簿番号か氏名（漢字またはカナ）を入力してください",
                "a search names a number, a name or a name in kana",
            ));
        }
        Ok(wanted)
    }

    /// The same search by two officials who agreed to it: it finds also who is under protection (支援措置).
    #[must_use]
    pub fn attended(self) -> Self {
        Self { whom: Whom::Everybody, ..self }
    }

    /// Whether it is for one person who is known: by the number, or by the whole name with the birth date, which is all that a desk knows of a provisional paper
    /// that it enters later. Nobody comes upon somebody under protection by a name alone, or by kana.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        let Self { number, name, kana, birth, whom: _ } = self;
        number.is_some() || (name.is_some() && birth.is_some() && kana.is_none())
    }

    /// Whether an elector is one of those. Who is under protection is none of them, unless two officials agreed to look.
    #[must_use]
    pub fn fits(&self, record: &SlotRecord) -> bool {
        let Self { number, name, kana, birth, whom } = self;
        let SlotRecord { salt: _, elector, protection } = record;
        if *whom == Whom::Open && *protection == Protection::Protected {
            return false;
        }
        number.as_ref().is_none_or(|wanted| elector.number == *wanted)
            && birth.as_ref().is_none_or(|wanted| elector.birth == *wanted)
            && name.as_ref().is_none_or(|wanted| letters(&elector.name).eq(wanted.chars()))
            && kana.as_ref().is_none_or(|wanted| begins(katakana_of(&elector.kana), wanted))
    }

    /// The slots of those, as far as `most`, and how many more there are.
    pub fn among<'a>(&self, roll: impl Iterator<Item = (Slot, &'a SlotRecord)>, most: usize) -> (Vec<Slot>, u64) {
        let (mut slots, mut more) = (Vec::new(), 0);
        for (slot, _) in roll.filter(|(_, record)| self.fits(record)) {
            if slots.len() < most { slots.push(slot) } else { more += 1 }
        }
        (slots, more)
    }
}

/// Whether somebody is 18 on this day in Japan. A date that is none of the calendar bars nobody here.
#[must_use]
pub fn is_eighteen(birth: &str, now: Timestamp) -> bool {
    Day::read(birth).map_or(true, |birth| reaches_18(birth) <= Day::of(now))
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::Bytes;
    use tachiai_schemas::roll::Elector;

    use super::*;

    fn elector(number: &str, name: &str, kana: &str, birth: &str) -> SlotRecord {
        let [number, name, kana, birth, sex, address] = [number, name, kana, birth, "1", "養父市"].map(str::to_owned);
        let elector = Elector { number, name, kana, birth, sex, address, district: 0 };
        SlotRecord { salt: Bytes([0; 32]), elector, protection: Protection::Open }
    }

    fn search(number: &str, name: &str, kana: &str, birth: &str) -> Search {
        let word = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Search { number: word(number), name: word(name), kana: word(kana), birth: word(birth) }
    }

    fn found(search: &Search, most: usize) -> (Vec<u32>, u64) {
        let roll = [
            elector("10", "養父　花子", "ヤブ　ハナコ", "1980-04-01"),
            elector("11", "養父　花子", "ヤブ　ハナコ", "1991-04-01"),
            elector("12", "八鹿　一郎", "ヨウカ　イチロウ", "1980-04-01"),
            SlotRecord { protection: Protection::Protected, ..elector("13", "養父　花子", "ヤブ　ハナコ", "1975-12-24") },
        ];
        let (slots, more) = Wanted::new(search).unwrap_or_else(|refused| panic!("{refused:?}")).among((0..).map(Slot).zip(&roll), most);
        (slots.iter().map(|slot| slot.0).collect(), more)
    }

    #[test]
    fn everything_that_is_given_must_fit_and_spaces_do_not_count() {
        assert_eq!(found(&search("12", "", "", ""), 9), (vec![2], 0));
        assert_eq!(found(&search("", "養父花子", "", ""), 9), (vec![0, 1], 0));
        assert_eq!(found(&search("", "養父 花子", "", "1991-04-01"), 9), (vec![1], 0));
        assert_eq!(found(&search("", "", "やぶ は", ""), 9), (vec![0, 1], 0));
        assert_eq!(found(&search("", "", "ヤブ", ""), 1), (vec![0], 1));
        assert_eq!(found(&search("10", "八鹿一郎", "", ""), 9), (vec![], 0));
    }

    #[test]
    fn who_is_under_protection_is_found_by_nothing_that_one_official_searches_for() {
        for words in [["13", "", "", ""], ["13", "養父花子", "", ""], ["", "養父花子", "ヤブ", "1975-12-24"], ["", "養父花子", "", "1975-12-24"]]
        {
            let [number, name, kana, birth] = words;
            assert_eq!(found(&search(number, name, kana, birth), 9), (vec![], 0), "{words:?}");
        }
        // Nor is it said that there is one more.
        assert_eq!(found(&search("", "", "ヤブ", ""), 9), (vec![0, 1], 0));
        assert_eq!(found(&search("", "養父花子", "", ""), 1), (vec![0], 1));
    }

    #[test]
    fn two_officials_who_agreed_find_the_one_whom_they_know_exactly() {
        let protected = || SlotRecord { protection: Protection::Protected, ..elector("13", "養父　花子", "ヤブ　ハナコ", "1975-12-24") };
        let wanted = |words: [&str; 4]| Wanted::new(&search(words[0], words[1], words[2], words[3])).unwrap();
        for words in [["13", "", "", ""], ["13", "養父花子", "", ""], ["", "養父花子", "", "1975-12-24"]] {
            assert!(wanted(words).is_certain() && wanted(words).attended().fits(&protected()), "{words:?}");
        }
        assert!(!wanted(["13", "八鹿一郎", "", ""]).attended().fits(&protected()));
        for words in [["", "", "ヤブ", ""], ["", "養父花子", "", ""], ["", "養父花子", "ヤブ", "1975-12-24"]] {
            assert!(!wanted(words).is_certain(), "{words:?}");
        }
    }

    #[test]
    fn nobody_searches_by_a_birth_date_alone() {
        for search in [search("", "", "", "1980-04-01"), search("", " 　", "", ""), search("", "", "", "")] {
            assert_eq!(Wanted::new(&search).map(drop).unwrap_err().refusal, Refusal::BadRequest);
        }
    }

    #[test]
    fn eighteen_is_reached_on_the_day_before_the_birthday_in_japan() {
        // 31 January 2027 in Japan, to its last second.
        for (now, day) in [("2027-01-30T15:00:00Z", true), ("2027-01-31T14:59:59Z", true), ("2027-01-30T14:59:59Z", false)] {
            assert_eq!(is_eighteen("2009-02-01", now.parse().unwrap()), day, "{now}");
        }
        let now = "2027-01-31T00:00:00Z".parse().unwrap();
        assert!(!is_eighteen("2009-02-02", now));
        assert!(is_eighteen("1931-00-00", now));
        assert!(is_eighteen("unknown", now));
        // Who was born on a leap day reaches the age with the end of 28 February.
        assert!(is_eighteen("2008-02-29", "2026-02-28T03:00:00Z".parse().unwrap()));
        assert!(!is_eighteen("2008-02-29", "2026-02-27T03:00:00Z".parse().unwrap()));
    }
}
