//! What a shelter reports of itself, without naming anybody.

use serde::{Deserialize, Serialize};
use tachiai_crypto::roster::ChainId;

use crate::roll::Day;
use crate::{Blob, HashBytes};

/// Whether heads were counted or guessed (概数).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum HowCounted {
    /// Counted.
    Counted,
    /// About so many.
    About,
}

/// What is assessed of a site: nine aspects of its lifelines and its hygiene, each from A to D, after the rapid assessment of facilities and shelters
/// (施設・避難所等ラピッドアセスメントシート) with the measures of the Sphere handbook.
///
/// **What was checked:** that the sheet has nine such aspects with grades A to D, and of them drinking water and meals with their measures, as far as a public page about
/// the sheet tells (`plaza.umin.ac.jp/kokoronokamae`). The other seven aspects and their order were written from memory and not held against the sheet: compare
/// them before reports go to another system by this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Aspect {
    /// Drinking water (飲料水): A is 3 litres and more a day for each person besides meals, B 2, C 1, D about 1 litre with the meals.
    DrinkingWater,
    /// Meals (食事): A is a staple for everybody three times a day and a side dish at least once, B three times, C once or twice, D what people brought along.
    Meals,
    /// Power (電気).
    Power,
    /// Water for washing and flushing (生活用水).
    Water,
    /// Toilets that work (使用可能トイレ).
    Toilets,
    /// Cleanness of toilets and rooms, waste (衛生環境).
    Hygiene,
    /// Beds and bedding (寝具).
    Bedding,
    /// Warmth and coolness (冷暖房).
    Temperature,
    /// Telephone and network (通信).
    Communication,
}

impl Aspect {
    /// Every aspect, in the order of the sheet.
    pub const ALL: [Self; 9] =
        [Self::DrinkingWater, Self::Meals, Self::Power, Self::Water, Self::Toilets, Self::Hygiene, Self::Bedding, Self::Temperature, Self::Communication];
}

/// How an aspect stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Grade {
    /// Good.
    A,
    /// Enough.
    B,
    /// Not enough.
    C,
    /// Bad: help is needed at once.
    D,
}

/// One aspect with its grade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Graded {
    /// The aspect.
    pub aspect: Aspect,
    /// The grade.
    pub grade: Grade,
}

/// A report; the latest of its kind (and item, where there is one) holds for a shelter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Report {
    /// How many people are here, named or not (概数).
    Headcount {
        /// Heads.
        persons: u32,
        /// How.
        how: HowCounted,
    },
    /// A note for the next shift (引継ぎ): what it says travels sealed, as it may name people.
    Handover {
        /// A fresh handle.
        handle: ChainId,
        /// The root over its salted fields: a [`Note`].
        fields: HashBytes,
    },
    /// A thing that the shelter has or lacks (物資).
    Supply {
        /// What, such as 毛布 (1 to 60 characters).
        item: String,
        /// In what it is counted, such as 枚 (1 to 20 characters).
        unit: String,
        /// How many are there.
        stock: u32,
        /// How many more are needed.
        needed: u32,
    },
    /// How the site stands: what was looked at, each aspect at most once, in the order of [`Aspect::ALL`].
    Assessment {
        /// The grades.
        grades: Vec<Graded>,
    },
    /// Who was treated for what, in numbers, on one day. It travels sealed: a small number tells of a person.
    Health {
        /// The day in Japan.
        day: Day,
        /// A fresh handle.
        handle: ChainId,
        /// The root over its salted fields: [`HealthCounts`].
        fields: HashBytes,
    },
    /// What somebody answered to a questionnaire at a desk without a link. Only the appliance opens it.
    Questionnaire {
        /// The handle of the person.
        handle: ChainId,
        /// The root over its salted fields: [`SealedAnswers`].
        fields: HashBytes,
    },
}

/// What a report says, before it is written: the same at a terminal and at the headquarters.
///
/// There is no `Debug`: it may name people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ReportContent {
    /// How many people are here.
    Headcount {
        /// Heads.
        persons: u32,
        /// How they were counted.
        how: HowCounted,
    },
    /// A thing that the shelter has or lacks.
    Supply {
        /// What.
        item: String,
        /// In what it is counted.
        unit: String,
        /// How many are there.
        stock: u32,
        /// How many more are needed.
        needed: u32,
    },
    /// How the site stands.
    Assessment {
        /// The grades.
        grades: Vec<Graded>,
    },
    /// A note for the next shift.
    Handover {
        /// What it says.
        text: String,
    },
    /// Treatments of a day.
    Health {
        /// The day.
        day: Day,
        /// Counts by code.
        counts: Vec<CodeCount>,
    },
}

/// What a sealed report says, where it can be opened and may be seen.
///
/// There is no `Debug`: it may name people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ReportOpened {
    /// A note for the next shift.
    Handover(Note),
    /// Treatments.
    Health(HealthCounts),
}

/// Answers to a questionnaire as a terminal keeps and hands them in: it cannot read them again.
///
/// There is no `Debug`: it tells of a person's health.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SealedAnswers {
    /// An age file for the event's recipient: a [`Filled`](crate::shelter::questionnaire::Filled) as JSON.
    pub sealed: Blob,
}

/// A note for the next shift.
///
/// There is no `Debug`: it may name people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = HandoverNote))]
pub struct Note {
    /// What the next shift must know (1 to 4,000 characters).
    pub text: String,
}

/// Treatments of one day by code, as the daily report of medical teams counts them (J-SPEED): treatments, not persons.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HealthCounts {
    /// Counts, ascending by code, each at most once.
    pub counts: Vec<CodeCount>,
}

/// How many treatments of one code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CodeCount {
    /// The number of the item on the form (1 to 99); those that headquarters adds to it, too.
    pub code: u8,
    /// How many.
    pub count: u32,
}

/// Why something is no report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// A text is empty, too long or holds a control character.
    #[error("{what}: 1 to {most} characters without control characters belong here")]
    Text {
        /// Which.
        what: &'static str,
        /// The most characters.
        most: usize,
    },
    /// Aspects or codes are not ascending, or there is none.
    #[error("{0}: each at most once, in their order, and at least one")]
    Order(&'static str),
    /// A code is not on the form.
    #[error("a code is a number from 1 to 99")]
    Code,
}

fn text(what: &'static str, text: &str, most: usize) -> Result<(), ReportError> {
    let fits = !text.trim().is_empty() && text.chars().count() <= most && !text.chars().any(|c| c.is_control() && c != '\n');
    if fits { Ok(()) } else { Err(ReportError::Text { what, most }) }
}

fn ascending<T: Ord + Copy>(what: &'static str, mut items: impl Iterator<Item = T>) -> Result<(), ReportError> {
    let mut last = items.next().ok_or(ReportError::Order(what))?;
    for item in items {
        if item <= last {
            return Err(ReportError::Order(what));
        }
        last = item;
    }
    Ok(())
}

impl Note {
    /// Holds the note against its form.
    ///
    /// # Errors
    /// [`ReportError`].
    pub fn check(&self) -> Result<(), ReportError> {
        text("text", &self.text, 4_000)
    }
}

impl HealthCounts {
    /// Holds the counts against their form.
    ///
    /// # Errors
    /// [`ReportError`].
    pub fn check(&self) -> Result<(), ReportError> {
        ascending("counts", self.counts.iter().map(|count| count.code))?;
        if self.counts.iter().all(|count| (1..=99).contains(&count.code)) { Ok(()) } else { Err(ReportError::Code) }
    }
}

impl ReportContent {
    /// Holds a report against its form.
    ///
    /// # Errors
    /// [`ReportError`].
    pub fn check(&self) -> Result<(), ReportError> {
        match self {
            Self::Headcount { persons: _, how: _ } => Ok(()),
            Self::Supply { item, unit, stock: _, needed: _ } => text("item", item, 60).and_then(|()| text("unit", unit, 20)),
            Self::Assessment { grades } => ascending("grades", grades.iter().map(|graded| graded.aspect)),
            Self::Handover { text } => Note { text: text.clone() }.check(),
            Self::Health { day: _, counts } => HealthCounts { counts: counts.clone() }.check(),
        }
    }

    /// What of it is sealed, if anything is.
    #[must_use]
    pub fn sealed(&self) -> Option<ReportOpened> {
        match self {
            Self::Headcount { persons: _, how: _ } | Self::Supply { item: _, unit: _, stock: _, needed: _ } | Self::Assessment { grades: _ } => None,
            Self::Handover { text } => Some(ReportOpened::Handover(Note { text: text.clone() })),
            Self::Health { day: _, counts } => Some(ReportOpened::Health(HealthCounts { counts: counts.clone() })),
        }
    }
}

impl Report {
    /// Holds what a report says in clear against its form.
    ///
    /// # Errors
    /// [`ReportError`].
    pub fn check(&self) -> Result<(), ReportError> {
        match self {
            Self::Headcount { persons: _, how: _ }
            | Self::Handover { handle: _, fields: _ }
            | Self::Health { day: _, handle: _, fields: _ }
            | Self::Questionnaire { handle: _, fields: _ } => Ok(()),
            Self::Supply { item, unit, stock: _, needed: _ } => text("item", item, 60).and_then(|()| text("unit", unit, 20)),
            Self::Assessment { grades } => ascending("grades", grades.iter().map(|graded| graded.aspect)),
        }
    }

    /// What tells reports of a shelter apart: of those with one key the latest holds.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Headcount { persons: _, how: _ } => "headcount".to_owned(),
            // Every note stays.
            Self::Handover { handle, fields: _ } => format!("handover/{handle}"),
            Self::Supply { item, unit: _, stock: _, needed: _ } => format!("supply/{item}"),
            Self::Assessment { grades: _ } => "assessment".to_owned(),
            Self::Health { day, handle: _, fields: _ } => format!("health/{day}"),
            // All that somebody answered stays.
            Self::Questionnaire { handle: _, fields } => format!("questionnaire/{fields}"),
        }
    }

    /// The handle and root of what is sealed in it, if anything is.
    #[must_use]
    pub const fn sealed(&self) -> Option<(ChainId, HashBytes)> {
        match self {
            Self::Handover { handle, fields } | Self::Health { day: _, handle, fields } | Self::Questionnaire { handle, fields } => Some((*handle, *fields)),
            Self::Headcount { persons: _, how: _ } | Self::Supply { item: _, unit: _, stock: _, needed: _ } | Self::Assessment { grades: _ } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graded(aspects: &[Aspect]) -> Report {
        Report::Assessment { grades: aspects.iter().map(|aspect| Graded { aspect: *aspect, grade: Grade::C }).collect() }
    }

    fn supply(item: &str, unit: &str) -> Report {
        Report::Supply { item: item.to_owned(), unit: unit.to_owned(), stock: 3, needed: 20 }
    }

    #[test]
    fn an_assessment_names_each_aspect_once_in_the_order_of_the_sheet() {
        assert_eq!(graded(&Aspect::ALL).check(), Ok(()));
        assert_eq!(graded(&[Aspect::Meals, Aspect::Toilets]).check(), Ok(()));
        for wrong in [&[][..], &[Aspect::Meals, Aspect::Meals], &[Aspect::Toilets, Aspect::Meals]] {
            assert_eq!(graded(wrong).check(), Err(ReportError::Order("grades")));
        }
    }

    #[test]
    fn supplies_are_told_apart_by_their_item() {
        assert_eq!(supply("毛布", "枚").check(), Ok(()));
        assert_ne!(supply("毛布", "枚").key(), supply("飲料水", "本").key());
        assert_eq!(supply("毛布", "枚").key(), supply("毛布", "箱").key());
        for (item, unit) in [("", "枚"), ("毛布", " "), ("毛\u{7}布", "枚"), (&"あ".repeat(61), "枚")] {
            assert!(supply(item, unit).check().is_err(), "{item}");
        }
    }

    #[test]
    fn counts_of_a_day_are_by_ascending_codes() {
        let counts = |codes: &[u8]| HealthCounts { counts: codes.iter().map(|code| CodeCount { code: *code, count: 1 }).collect() };
        assert_eq!(counts(&[16, 58, 60]).check(), Ok(()));
        assert_eq!(counts(&[16, 16]).check(), Err(ReportError::Order("counts")));
        assert_eq!(counts(&[0]).check(), Err(ReportError::Code));
        assert_eq!(counts(&[]).check(), Err(ReportError::Order("counts")));
    }
}
