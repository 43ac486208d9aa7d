//! A questionnaire (問診票) is data: a definition with a version, whose questions say what may be answered and which answers are urgent. Answers are held against
//! it, and give the urgency (トリアージ); they lie sealed, and the roster names them by their hash.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::Hash32;

use crate::canonical::{self, CanonicalError};
use crate::election::Text;
use crate::roster::ShelterId;
use crate::roster::person::Triage;
use crate::{Bytes, HashBytes, Timestamp};

/// The most questions of a questionnaire.
const MAX_QUESTIONS: usize = 100;

/// The most characters of an answer in words.
const MAX_TEXT: usize = 1_000;

/// The most decimals of a number.
const MAX_DECIMALS: u8 = 3;

/// A name of a questionnaire, question or option, written like a shelter's.
pub type Name = ShelterId;

/// A questionnaire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Questionnaire))]
pub struct Definition {
    /// Its name.
    pub id: Name,
    /// The version: a later one takes the place of an earlier one, whose answers stay.
    pub version: u32,
    /// The title.
    pub title: Text,
    /// What is said before the first question: who reads the answers and what for.
    pub notice: Text,
    /// The questions, in their order.
    pub questions: Vec<Question>,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Question {
    /// Its name.
    pub id: Name,
    /// What is asked.
    pub text: Text,
    /// Whether it must be answered.
    #[serde(default)]
    pub demand: Demand,
    /// What may be answered.
    pub kind: QuestionKind,
    /// Which answers are urgent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triage: Vec<TriageRule>,
}

/// Whether a question must be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Demand {
    /// It may be left out.
    #[default]
    Optional,
    /// It must be answered.
    Required,
}

/// What may be answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum QuestionKind {
    /// Yes or no.
    YesNo,
    /// A decimal number.
    Number {
        /// The least.
        min: String,
        /// The greatest.
        max: String,
        /// How many decimals at most.
        #[serde(default)]
        decimals: u8,
        /// The unit.
        unit: Text,
    },
    /// Words.
    Text,
    /// One of several.
    One {
        /// Which.
        options: Vec<Choice>,
    },
    /// Any of several.
    Many {
        /// Which.
        options: Vec<Choice>,
    },
}

/// An answer to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = QuestionOption))]
pub struct Choice {
    /// Its name.
    pub id: Name,
    /// What it says.
    pub text: Text,
}

/// An answer that is urgent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TriageRule {
    /// Which answer.
    pub when: Condition,
    /// How urgent.
    pub mark: Triage,
}

/// Which answer it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = TriageCondition))]
pub enum Condition {
    /// This one of yes and no.
    Is(YesNo),
    /// This option, alone or among others.
    Chosen(Name),
    /// A number that is at least so great.
    AtLeast(String),
    /// A number that is at most so great.
    AtMost(String),
}

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum YesNo {
    /// Yes.
    Yes,
    /// No.
    No,
}

/// An answer.
///
/// There is no `Debug`: answers tell of a person's health.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Answer {
    /// Yes or no.
    YesNo(YesNo),
    /// A decimal number, such as `37.5`.
    Number(String),
    /// Words.
    Text(String),
    /// Options, ascending; one where one is asked for.
    Chosen(Vec<Name>),
}

/// Answers to a questionnaire: what is sent.
///
/// There is no `Debug`: answers tell of a person's health.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = QuestionnaireAnswers))]
pub struct Answers {
    /// The questionnaire.
    pub questionnaire: Name,
    /// Its version.
    pub version: u32,
    /// Answers by question.
    pub answers: BTreeMap<String, Answer>,
}

/// Who filled a questionnaire in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = QuestionnaireFilledBy))]
pub enum FilledBy {
    /// The person, after showing the card.
    Person,
    /// Staff, at a desk.
    Desk,
}

/// A questionnaire as it was filled in.
///
/// There is no `Debug`: answers tell of a person's health.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = QuestionnaireFilled))]
pub struct Filled {
    /// 32 random bytes, so that the hash tells nothing of answers that can be guessed.
    pub salt: Bytes<32>,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: FilledBy,
    /// The answers.
    pub answers: Answers,
    /// The urgency, by the rules of the questionnaire.
    pub triage: Triage,
    /// The questions whose answers made it so.
    pub because: Vec<Name>,
}

impl Filled {
    /// The hash by which the roster names it.
    ///
    /// # Errors
    /// [`CanonicalError`], never for this type.
    pub fn hash(&self) -> Result<HashBytes, CanonicalError> {
        Ok(HashBytes::from(Hash32::sha256(&canonical::to_bytes(self)?)))
    }
}

/// What a person gets back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = QuestionnaireKept))]
pub struct Kept {
    /// The hash by which the roster names the answers.
    pub hash: HashBytes,
    /// When.
    pub at: Timestamp,
    /// The urgency.
    pub triage: Triage,
}

/// What is wrong with a definition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DefinitionError {
    /// Not TOML of this form.
    #[error("{0}")]
    Form(String),
    /// There is no question, or there are too many.
    #[error("1 to {MAX_QUESTIONS} questions belong here, not {0}")]
    Questions(usize),
    /// A question or option is there twice.
    #[error("{0} stands there twice")]
    Twice(Name),
    /// A question to choose has fewer than two options.
    #[error("question {0}: two options at least belong here")]
    Options(Name),
    /// A text is empty or too long.
    #[error("{0}: a text is empty or longer than {MAX_TEXT} characters")]
    Text(Name),
    /// The bounds of a number are none.
    #[error("question {0}: min and max are numbers with at most the stated decimals (0 to {MAX_DECIMALS}), min not above max")]
    Bounds(Name),
    /// A rule does not fit its question.
    #[error("question {0}: a rule of urgency does not fit what may be answered")]
    Rule(Name),
}

/// What is wrong with answers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// They are for another questionnaire or version.
    #[error("the answers are for version {found} of {questionnaire}, not for version {expected}")]
    Version {
        /// The questionnaire that was asked.
        questionnaire: Name,
        /// Its version.
        expected: u32,
        /// The version of the answers.
        found: u32,
    },
    /// A question must be answered.
    #[error("question {0} must be answered")]
    Missing(Name),
    /// There is no such question.
    #[error("there is no such question: {0}")]
    Unknown(String),
    /// The answer is not of the kind that is asked for, or out of its bounds.
    #[error("the answer to {0} is not one that may be given")]
    Kind(Name),
}

/// A decimal number as an integer of its last decimal.
fn scaled(text: &str, decimals: u8) -> Option<i64> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let trailing = text.contains('.') && fraction.is_empty();
    if whole.is_empty() || whole.len() > 9 || trailing || fraction.len() > usize::from(decimals) || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let zeros = usize::from(decimals) - fraction.len();
    format!("{whole}{fraction}{}", "0".repeat(zeros)).parse::<i64>().ok().map(|number| sign * number)
}

impl Definition {
    /// Reads a definition and holds it against the rules.
    ///
    /// # Errors
    /// [`DefinitionError`].
    pub fn from_toml(text: &str) -> Result<Self, DefinitionError> {
        let definition: Self = toml::from_str(text).map_err(|error| DefinitionError::Form(error.to_string()))?;
        definition.check()?;
        Ok(definition)
    }

    /// Holds a definition against the rules.
    ///
    /// # Errors
    /// [`DefinitionError`].
    pub fn check(&self) -> Result<(), DefinitionError> {
        let Self { id, version: _, title, notice, questions } = self;
        if questions.is_empty() || questions.len() > MAX_QUESTIONS {
            return Err(DefinitionError::Questions(questions.len()));
        }
        texts(id, [title, notice])?;
        let mut names = BTreeSet::new();
        for question in questions {
            if !names.insert(&question.id) {
                return Err(DefinitionError::Twice(question.id.clone()));
            }
            question.check()?;
        }
        Ok(())
    }

    /// The hash of the definition in the one accepted form.
    ///
    /// # Errors
    /// [`CanonicalError`], never for this type.
    pub fn hash(&self) -> Result<HashBytes, CanonicalError> {
        Ok(HashBytes::from(Hash32::sha256(&canonical::to_bytes(self)?)))
    }

    /// Holds answers against the questions and gives the urgency, with the questions that made it so; green if none did.
    ///
    /// # Errors
    /// [`AnswerError`] for the first question whose answer cannot be taken.
    pub fn judge(&self, given: &Answers) -> Result<(Triage, Vec<Name>), AnswerError> {
        let Answers { questionnaire, version, answers } = given;
        if *questionnaire != self.id || *version != self.version {
            return Err(AnswerError::Version { questionnaire: self.id.clone(), expected: self.version, found: *version });
        }
        if let Some(unknown) = answers.keys().find(|name| !self.questions.iter().any(|question| question.id.as_str() == name.as_str())) {
            return Err(AnswerError::Unknown(unknown.clone()));
        }
        let mut marks: Vec<(Triage, &Name)> = Vec::new();
        for question in &self.questions {
            match answers.get(question.id.as_str()) {
                None if question.demand == Demand::Required => return Err(AnswerError::Missing(question.id.clone())),
                None => {}
                Some(answer) if !question.takes(answer) => return Err(AnswerError::Kind(question.id.clone())),
                Some(answer) => marks.extend(question.marks(answer).map(|mark| (mark, &question.id))),
            }
        }
        let triage = marks.iter().map(|(mark, _)| *mark).max().unwrap_or(Triage::Green);
        let mut because: Vec<Name> = marks.into_iter().filter(|(mark, _)| *mark == triage && triage != Triage::Green).map(|(_, id)| id.clone()).collect();
        because.dedup();
        Ok((triage, because))
    }
}

fn texts<'a>(id: &Name, texts: impl IntoIterator<Item = &'a Text>) -> Result<(), DefinitionError> {
    let fits = |text: &str| !text.trim().is_empty() && text.chars().count() <= MAX_TEXT;
    if texts.into_iter().all(|Text { ja, en }| fits(ja) && fits(en)) { Ok(()) } else { Err(DefinitionError::Text(id.clone())) }
}

impl Question {
    fn check(&self) -> Result<(), DefinitionError> {
        let Self { id, text, demand: _, kind, triage } = self;
        texts(id, [text])?;
        match kind {
            QuestionKind::YesNo | QuestionKind::Text => {}
            QuestionKind::Number { min, max, decimals, unit: _ } => {
                let bounds = (*decimals <= MAX_DECIMALS).then(|| Some((scaled(min, *decimals)?, scaled(max, *decimals)?))).flatten();
                if bounds.is_none_or(|(min, max)| min > max) {
                    return Err(DefinitionError::Bounds(id.clone()));
                }
            }
            QuestionKind::One { options } | QuestionKind::Many { options } => {
                if options.len() < 2 {
                    return Err(DefinitionError::Options(id.clone()));
                }
                texts(id, options.iter().map(|option| &option.text))?;
                let mut names = BTreeSet::new();
                if let Some(twice) = options.iter().find(|option| !names.insert(&option.id)) {
                    return Err(DefinitionError::Twice(twice.id.clone()));
                }
            }
        }
        if triage.iter().all(|rule| self.fits(&rule.when)) { Ok(()) } else { Err(DefinitionError::Rule(id.clone())) }
    }

    /// Whether a condition is about what may be answered.
    fn fits(&self, condition: &Condition) -> bool {
        match (&self.kind, condition) {
            (QuestionKind::YesNo, Condition::Is(_)) => true,
            (QuestionKind::One { options } | QuestionKind::Many { options }, Condition::Chosen(name)) => options.iter().any(|option| option.id == *name),
            (QuestionKind::Number { decimals, .. }, Condition::AtLeast(bound) | Condition::AtMost(bound)) => scaled(bound, *decimals).is_some(),
            _ => false,
        }
    }

    /// Whether an answer may be given.
    #[must_use]
    pub fn takes(&self, answer: &Answer) -> bool {
        match (&self.kind, answer) {
            (QuestionKind::YesNo, Answer::YesNo(_)) => true,
            (QuestionKind::Number { min, max, decimals, unit: _ }, Answer::Number(text)) => {
                let scaled = |text: &str| scaled(text, *decimals);
                matches!((scaled(text), scaled(min), scaled(max)), (Some(number), Some(min), Some(max)) if (min..=max).contains(&number))
            }
            (QuestionKind::Text, Answer::Text(text)) => {
                !text.trim().is_empty() && text.chars().count() <= MAX_TEXT && !text.chars().any(|c| c.is_control() && c != '\n')
            }
            (QuestionKind::One { options }, Answer::Chosen(chosen)) => matches!(chosen.as_slice(), [name] if options.iter().any(|option| option.id == *name)),
            (QuestionKind::Many { options }, Answer::Chosen(chosen)) => {
                chosen.is_sorted_by(|one, two| one < two) && chosen.iter().all(|name| options.iter().any(|option| option.id == *name))
            }
            _ => false,
        }
    }

    fn marks<'a>(&'a self, answer: &'a Answer) -> impl Iterator<Item = Triage> + 'a {
        self.triage.iter().filter(|rule| self.holds(&rule.when, answer)).map(|rule| rule.mark)
    }

    fn holds(&self, condition: &Condition, answer: &Answer) -> bool {
        let number = |text: &str| match &self.kind {
            QuestionKind::Number { decimals, .. } => scaled(text, *decimals),
            QuestionKind::YesNo | QuestionKind::Text | QuestionKind::One { .. } | QuestionKind::Many { .. } => None,
        };
        match (condition, answer) {
            (Condition::Is(expected), Answer::YesNo(given)) => expected == given,
            (Condition::Chosen(name), Answer::Chosen(chosen)) => chosen.contains(name),
            (Condition::AtLeast(bound), Answer::Number(text)) => number(bound).zip(number(text)).is_some_and(|(bound, given)| given >= bound),
            (Condition::AtMost(bound), Answer::Number(text)) => number(bound).zip(number(text)).is_some_and(|(bound, given)| given <= bound),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
