//! Who on the roll may vote on the polling date: of age, Japanese, three months in the register, with the right, and still here.
//!
//! A pure decision: qualified, or every reason why not. What the file does not say is not held against anybody: who made the roll vouches for it.
//!
//! Sources: Public Offices Election Act (公職選挙法) articles 9 (2) (Japanese, 18, residence), 21 (1) (three months in the register), 11 and 252 (loss and
//! suspension of the right), 27 and 28 (moving away); 年齢計算ニ関する法律 and Civil Code (民法) articles 140 and 143 (how an age and a period of months are
//! counted).

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use super::date::Day;
use crate::{Lang, Say};

/// The age at which one votes, in months.
const AGE: u16 = 18 * 12;

/// How long one must have been in the register, in months.
const RESIDENCE: u16 = 3;

/// Whether a person is Japanese.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Nationality {
    /// The file does not say.
    #[default]
    NotSaid,
    /// A Japanese national.
    Japanese,
    /// Of another nationality.
    Other,
}

/// Whether a person's address is kept from others (支援措置): it is never shown to anyone who searches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Protection {
    /// No.
    #[default]
    Open,
    /// Yes.
    Protected,
}

impl Protection {
    /// Whether the address is kept from nobody; then it is not written.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Open)
    }
}

/// What the resident system says of a person besides who it is: what decides on the right to vote.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = RollStanding))]
pub struct Standing {
    /// Since when in the register of this municipality: the day of the entry, or of the notice of moving in (住民となった年月日).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Day>,
    /// The nationality.
    #[serde(default, skip_serializing_if = "is_default")]
    pub nationality: Nationality,
    /// Why the right is lost or suspended, if it is (失権・停止).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended: Option<String>,
    /// When the person moved away, or will (転出年月日).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<Day>,
    /// Whether the address is kept from others.
    #[serde(default, skip_serializing_if = "is_default")]
    pub protection: Protection,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Zeroize for Standing {
    fn zeroize(&mut self) {
        let Self { since, nationality, suspended, left, protection } = self;
        (*since, *left, *nationality, *protection) = (None, None, Nationality::NotSaid, Protection::Open);
        suspended.zeroize();
    }
}

/// A reason why somebody may not vote on the polling date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = RollBar))]
pub enum Bar {
    /// Not 18 yet.
    Underage {
        /// The day on which the age of 18 is reached: the one before the birthday.
        reaches: Day,
        /// Whether day or month of birth is unknown: then the latest possible one was taken.
        known: BirthKnown,
    },
    /// Not a Japanese national.
    NotJapanese,
    /// Not three months in the register yet.
    TooShort {
        /// Since when.
        since: Day,
        /// The day on which the three months end.
        until: Day,
    },
    /// The right is lost or suspended.
    Suspended {
        /// Why, as the file says.
        reason: String,
    },
    /// Moved away on the polling date or before.
    Left {
        /// When.
        on: Day,
    },
}

/// Whether the whole birth date is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum BirthKnown {
    /// It is.
    Whole,
    /// Month or day is not; the latest possible day decided.
    Latest,
}

/// The verdict: no bar means qualified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qualification {
    /// Every reason why not.
    pub bars: Vec<Bar>,
    /// Whether the birth date was taken as the latest possible one.
    pub birth: BirthKnown,
}

impl Qualification {
    /// Whether the person may vote.
    #[must_use]
    pub fn is_qualified(&self) -> bool {
        self.bars.is_empty()
    }
}

/// The day on which a person born on this day reaches 18: a period of years that begins with the day of birth ends on the day before the corresponding one,
/// and the whole of that day counts (年齢計算ニ関する法律). Where the day is unknown, that of the latest possible birth.
#[must_use]
pub const fn reaches_18(birth: Day) -> Day {
    birth.latest().end_of_months(AGE)
}

/// The day on which somebody who came into the register on this day has been there for three months: the day itself does not count (民法 140).
#[must_use]
pub const fn three_months(since: Day) -> Day {
    since.latest().next().end_of_months(RESIDENCE)
}

/// Whether a person may vote on the polling date.
#[must_use]
pub fn qualify(birth: Day, standing: &Standing, polling: Day) -> Qualification {
    let Standing { since, nationality, suspended, left, protection: _ } = standing;
    let known = if birth.is_known() { BirthKnown::Whole } else { BirthKnown::Latest };
    let mut bars = Vec::new();
    let reaches = reaches_18(birth);
    if reaches > polling {
        bars.push(Bar::Underage { reaches, known });
    }
    if *nationality == Nationality::Other {
        bars.push(Bar::NotJapanese);
    }
    if let Some(since) = *since
        && three_months(since) > polling
    {
        bars.push(Bar::TooShort { since, until: three_months(since) });
    }
    if let Some(reason) = suspended {
        bars.push(Bar::Suspended { reason: reason.clone() });
    }
    if let Some(on) = *left
        && on.earliest() <= polling
    {
        bars.push(Bar::Left { on });
    }
    Qualification { bars, birth: known }
}

impl Say for Bar {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Underage { reaches, known }, Lang::Ja) => {
                let latest = match known {
                    BirthKnown::Whole => "",
                    BirthKnown::Latest => "。生まれた月日が不明のため、最も遅い日で計算",
                };
                format!("18歳に達するのは{reaches}です（公職選挙法第9条第2項、年齢計算ニ関する法律{latest}）")
            }
            (Self::Underage { reaches, known }, Lang::En) => {
                let latest = match known {
                    BirthKnown::Whole => "",
                    BirthKnown::Latest => "; month or day of birth is unknown, so the latest possible day was taken",
                };
                format!("reaches the age of 18 on {reaches} (Act article 9 (2), Act on calculation of ages{latest})")
            }
            (Self::NotJapanese, Lang::Ja) => "日本国民ではありません（公職選挙法第9条第2項）".to_owned(),
            (Self::NotJapanese, Lang::En) => "not a Japanese national (Act article 9 (2))".to_owned(),
            (Self::TooShort { since, until }, Lang::Ja) => {
                format!("{since}から引き続き3か月となるのは{until}です（公職選挙法第21条第1項、民法第140条・第143条）")
            }
            (Self::TooShort { since, until }, Lang::En) => {
                format!("in the register since {since}: three months end on {until} (Act article 21 (1), Civil Code articles 140 and 143)")
            }
            (Self::Suspended { reason }, Lang::Ja) => format!("選挙権を有しません（公職選挙法第11条・第252条）: {reason}"),
            (Self::Suspended { reason }, Lang::En) => format!("the right to vote is lost or suspended (Act articles 11 and 252): {reason}"),
            (Self::Left { on }, Lang::Ja) => format!("{on}に転出しています（公職選挙法第9条第2項・第27条第1項）"),
            (Self::Left { on }, Lang::En) => format!("moved away on {on} (Act articles 9 (2) and 27 (1))"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const POLLING: &str = "2027-01-31";

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn bars(birth: &str, standing: &Standing, polling: &str) -> Vec<Bar> {
        qualify(day(birth), standing, day(polling)).bars
    }

    fn of_age(birth: &str, polling: &str) -> bool {
        bars(birth, &Standing::default(), polling).is_empty()
    }

    fn since(text: &str) -> Standing {
        Standing { since: Some(day(text)), ..Standing::default() }
    }

    #[test]
    fn an_18th_birthday_on_the_day_after_the_poll_qualifies_and_one_day_later_does_not() {
        assert!(of_age("2009-01-31", POLLING));
        assert!(of_age("2009-02-01", POLLING));
        assert!(!of_age("2009-02-02", POLLING));
        assert_eq!(reaches_18(day("2009-02-01")), day(POLLING));
    }

    #[test]
    fn who_was_born_on_a_leap_day_reaches_18_with_the_end_of_february() {
        assert!(!of_age("2008-02-29", "2026-02-27"));
        assert!(of_age("2008-02-29", "2026-02-28"));
        // As does who was born the day after.
        assert!(!of_age("2008-03-01", "2026-02-27"));
        assert!(of_age("2008-03-01", "2026-02-28"));
        assert!(!of_age("2008-03-02", "2026-02-28"));
        // In a leap year: born in 2010, 18 in 2028.
        assert!(of_age("2010-03-01", "2028-02-29"));
        assert!(!of_age("2010-03-01", "2028-02-28"));
    }

    #[test]
    fn three_months_are_counted_from_the_day_after_the_notice() {
        // Notice on the 31st of October: November, December and January are over with the polling date.
        assert_eq!(bars("1980-04-01", &since("2026-10-31"), POLLING), []);
        let late = Bar::TooShort { since: day("2026-11-01"), until: day("2027-02-01") };
        assert_eq!(bars("1980-04-01", &since("2026-11-01"), POLLING), [late]);
        assert_eq!(three_months(day("2025-04-02")), day("2025-07-02"));
        for (since, until) in [("2026-11-27", "2027-02-27"), ("2026-11-28", "2027-02-28"), ("2026-11-30", "2027-02-28"), ("2027-02-28", "2027-05-31")] {
            assert_eq!(three_months(day(since)), day(until), "since {since}");
        }
    }

    #[test]
    fn who_moved_away_on_the_polling_date_or_before_may_not_vote_and_who_moves_later_may() {
        let left = |text: &str| Standing { left: Some(day(text)), ..Standing::default() };
        assert_eq!(bars("1980-04-01", &left("2027-01-30"), POLLING), [Bar::Left { on: day("2027-01-30") }]);
        assert_eq!(bars("1980-04-01", &left(POLLING), POLLING), [Bar::Left { on: day(POLLING) }]);
        assert_eq!(bars("1980-04-01", &left("2027-02-01"), POLLING), []);
    }

    #[test]
    fn every_reason_is_given_at_once_with_its_article_in_both_languages() {
        let standing = Standing {
            since: Some(day("2027-01-01")),
            nationality: Nationality::Other,
            suspended: Some("刑の執行中".to_owned()),
            left: Some(day("2027-01-20")),
            protection: Protection::Protected,
        };
        let bars = bars("2012-05-05", &standing, POLLING);
        assert_eq!(bars.len(), 5);
        for (bar, article) in bars.iter().zip(["9", "9", "21", "11", "27"]) {
            assert!(bar.say(Lang::Ja).contains(&format!("第{article}条")), "{}", bar.say(Lang::Ja));
            assert!(bar.say(Lang::En).contains(article) && bar.say(Lang::En).contains("article"), "{}", bar.say(Lang::En));
        }
    }

    #[test]
    fn what_the_file_does_not_say_is_held_against_nobody() {
        assert_eq!(qualify(day("1980-04-01"), &Standing::default(), day(POLLING)), Qualification { bars: vec![], birth: BirthKnown::Whole });
    }

    #[test]
    fn an_unknown_day_of_birth_is_taken_as_the_latest_possible_one_and_that_is_said() {
        // February 2009 ends on the 28th, whose age is reached on the 27th of February 2027.
        let young = qualify(day("2009-02-00"), &Standing::default(), day(POLLING));
        assert_eq!(young.bars, [Bar::Underage { reaches: day("2027-02-27"), known: BirthKnown::Latest }]);
        assert!(young.bars[0].say(Lang::Ja).contains("不明") && young.bars[0].say(Lang::En).contains("unknown"));
        assert_eq!(qualify(day("2009-01-00"), &Standing::default(), day(POLLING)), Qualification { bars: vec![], birth: BirthKnown::Latest });
        assert!(!qualify(day("2009-00-00"), &Standing::default(), day(POLLING)).is_qualified());
        assert!(qualify(day("2008-00-00"), &Standing::default(), day(POLLING)).is_qualified());
    }

    #[test]
    fn a_standing_has_one_form_and_the_empty_one_is_empty() {
        assert_eq!(serde_json::to_string(&Standing::default()).unwrap(), "{}");
        let whole = Standing { nationality: Nationality::Japanese, left: Some(day("2027-01-20")), ..since("2020-04-01") };
        let json = serde_json::to_string(&whole).unwrap();
        assert!(serde_json::from_str::<Standing>(&json).unwrap() == whole);
    }

    proptest! {
        #[test]
        fn who_qualifies_by_age_and_time_qualifies_on_every_later_day(
            year in 1930u16..2010, month in 1u8..=12, number in 1u8..=28, came in 2000u16..2027, polled in 2027u16..2040,
        ) {
            let birth = Day::new(year, month, number).unwrap();
            let standing = Standing { since: Some(Day::new(came, month, number).unwrap()), ..Standing::default() };
            let polling = Day::new(polled, 6, 15).unwrap();
            if qualify(birth, &standing, polling).is_qualified() {
                prop_assert!(qualify(birth, &standing, polling.next()).is_qualified());
            }
            // Nobody is of age before the eve of the birthday, and everybody is on it.
            let eve = Day::new(year + 18, month, number).unwrap().before();
            prop_assert!(!qualify(birth, &Standing::default(), eve.before()).is_qualified());
            prop_assert!(qualify(birth, &Standing::default(), eve).is_qualified());
        }
    }
}
