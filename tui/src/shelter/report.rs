//! What a shelter reports of itself from its terminal: heads, supplies, the state of the site, treatments, notes; and what its people eat and answered.

use rand_core::{OsRng, RngCore};
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::pen::Stroke;
use tachiai_schemas::roster::report::{CodeCount, Graded, HowCounted, Note, ReportContent, ReportOpened, SealedAnswers};
use tachiai_schemas::roster::{Act, ChainId, Hlc, Person, Report};
use tachiai_schemas::shelter::overview::Meals;
use tachiai_schemas::shelter::questionnaire::{Answers, Definition, Filled, FilledBy, Kept};
use tachiai_schemas::{Bytes, Timestamp};
use tachiai_verify::roster::Moment;
use zeroize::Zeroizing;

use super::desk::{nothing, unknown};
use super::key::seal_to;
use super::state::Reception;
use crate::failure::{Exit, Failure};

/// The longest sealed answers, in bytes: as text within their opening they still fit into what the appliance takes.
const LONGEST_ANSWERS: usize = 24_000;

/// A note for the next shift, with when it was written.
pub struct LeftNote<'a> {
    /// When.
    pub time: Hlc,
    /// It.
    pub note: &'a Note,
}

/// A thing that the shelter has or lacks, as it was reported last.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Supply {
    /// What.
    pub item: String,
    /// In what it is counted.
    pub unit: String,
    /// How many are there.
    pub stock: u32,
    /// How many more are needed.
    pub needed: u32,
    /// When that was reported.
    pub time: Hlc,
}

/// What happened to a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// It was counted: so many are there.
    Counted(u32),
    /// So many arrived, and so many were handed out.
    By {
        /// Arrived.
        arrived: u32,
        /// Handed out.
        handed_out: u32,
    },
}

impl Reception {
    /// Reports something of this shelter.
    ///
    /// # Errors
    /// [`Failure`] (64) if it is no report; as [`Reception::enter`].
    pub fn report(&mut self, content: ReportContent) -> Result<Hlc, Failure> {
        content
            .check()
            .map_err(|error| Failure::new(Exit::Usage, format!("報告の内容が正しくありません: {error}"), format!("this cannot be reported: {error}")))?;
        let shelter = self.shelter().clone();
        let done = self.with_pen(None, |pen, _, millis| Ok(vec![(pen.report(shelter, content, millis, &mut OsRng)?, ())]))?;
        done.first().map(|(written, ())| written.entry.body.time).ok_or_else(nothing)
    }

    /// Reports how many heads are here.
    ///
    /// # Errors
    /// As [`Reception::report`].
    pub fn headcount(&mut self, persons: u32, how: HowCounted) -> Result<Hlc, Failure> {
        self.report(ReportContent::Headcount { persons, how })
    }

    /// Leaves a note for the next shift; what it says travels sealed.
    ///
    /// # Errors
    /// As [`Reception::report`].
    pub fn hand_over(&mut self, text: &str) -> Result<Hlc, Failure> {
        self.report(ReportContent::Handover { text: text.to_owned() })
    }

    /// The reports of this shelter that hold.
    fn reported(&self) -> impl Iterator<Item = (&Moment, &Report)> {
        self.roster().reports().filter(|(shelter, ..)| *shelter == self.shelter()).map(|(_, moment, report)| (moment, report))
    }

    /// Notes for the next shift, by their times.
    #[must_use]
    pub fn notes(&self) -> Vec<LeftNote<'_>> {
        let opened = |(moment, _): (&Moment, _)| match self.opened(&moment.hash) {
            Some(ReportOpened::Handover(note)) => Some(LeftNote { time: moment.time, note }),
            Some(ReportOpened::Health(_)) | None => None,
        };
        let mut notes: Vec<LeftNote<'_>> = self.reported().filter_map(opened).collect();
        notes.sort_by_key(|note| note.time);
        notes
    }

    /// What the shelter has or lacks, by name.
    #[must_use]
    pub fn supplies(&self) -> Vec<Supply> {
        let supply = |(moment, report): (&Moment, &Report)| match report {
            Report::Supply { item, unit, stock, needed } => {
                Some(Supply { item: item.clone(), unit: unit.clone(), stock: *stock, needed: *needed, time: moment.time })
            }
            Report::Headcount { .. } | Report::Handover { .. } | Report::Assessment { .. } | Report::Health { .. } | Report::Questionnaire { .. } => None,
        };
        self.reported().filter_map(supply).collect()
    }

    /// Reports a thing anew, from what was reported last and what happened since. What arrives lowers what is needed, unless that is said.
    ///
    /// # Errors
    /// [`Failure`]: 64 for a new thing without a unit, 1 where more was handed out than there is; as [`Reception::report`].
    pub fn supply(&mut self, item: &str, unit: Option<&str>, moved: Moved, needed: Option<u32>) -> Result<Supply, Failure> {
        let item = item.trim();
        let last = self.supplies().into_iter().find(|supply| supply.item == item);
        let unit = unit.map(|unit| unit.trim().to_owned()).or_else(|| last.as_ref().map(|last| last.unit.clone())).ok_or_else(|| {
            Failure::new(
                Exit::Usage,
                format!("「{item}」は初めての物資です。--unit で単位（枚・本・箱など）を指定してください。"),
                format!("{item} was not reported before. Say with --unit in what it is counted."),
            )
        })?;
        if let Some(last) =
            last.as_ref().filter(|last| last.unit != unit && (last.stock, last.needed) != (0, 0) && !(matches!(moved, Moved::Counted(_)) && needed.is_some()))
        {
            return Err(Failure::new(
                Exit::Usage,
                format!("「{item}」は{}で数えています。単位を変えるときは、数え直した数（--stock）と不足数（--needed）を一緒に報告してください。", last.unit),
                format!("{item} is counted in {}. To change that, report the new count (--stock) and what is needed (--needed) together.", last.unit),
            ));
        }
        let (stock_before, needed_before) = last.map_or((0, 0), |last| (last.stock, last.needed));
        let (stock, arrived) = match moved {
            Moved::Counted(stock) => (stock, stock.saturating_sub(stock_before)),
            Moved::By { arrived, handed_out } => {
                let there = stock_before.saturating_add(arrived);
                let stock = there.checked_sub(handed_out).ok_or_else(|| {
                    Failure::refused(
                        format!("「{item}」は{there}{unit}しかない記録です。数え直して --stock で報告してください。"),
                        format!("by the record there are only {there} {unit} of {item}. Count again, and report it with --stock."),
                    )
                })?;
                (stock, arrived)
            }
        };
        let needed = needed.unwrap_or_else(|| needed_before.saturating_sub(arrived));
        let time = self.report(ReportContent::Supply { item: item.to_owned(), unit: unit.clone(), stock, needed })?;
        Ok(Supply { item: item.to_owned(), unit, stock, needed, time })
    }

    /// How the site stood last, and when that was reported.
    #[must_use]
    pub fn grades(&self) -> Option<(Hlc, &[Graded])> {
        self.reported().find_map(|(moment, report)| if let Report::Assessment { grades } = report { Some((moment.time, grades.as_slice())) } else { None })
    }

    /// Reports how the site stands. What is not looked at now stands as it was reported last.
    ///
    /// # Errors
    /// As [`Reception::report`].
    pub fn assess(&mut self, looked: &[Graded]) -> Result<Vec<Graded>, Failure> {
        let is_new = |graded: &&Graded| !looked.iter().any(|other| other.aspect == graded.aspect);
        let kept = self.grades().map_or_else(Vec::new, |(_, grades)| grades.iter().filter(is_new).copied().collect());
        let mut grades = [looked, &kept].concat();
        grades.sort_by_key(|graded| graded.aspect);
        self.report(ReportContent::Assessment { grades: grades.clone() })?;
        Ok(grades)
    }

    /// The treatments of a day, as they were reported last.
    #[must_use]
    pub fn treatments(&self, day: Day) -> &[CodeCount] {
        let of = |(moment, report): (&Moment, &Report)| match (report, self.opened(&moment.hash)) {
            (Report::Health { day: other, .. }, Some(ReportOpened::Health(counts))) if *other == day => Some(counts.counts.as_slice()),
            _ => None,
        };
        self.reported().find_map(of).unwrap_or_default()
    }

    /// The meals of this shelter, by what its people may not eat.
    #[must_use]
    pub fn meals(&self) -> Option<Meals> {
        self.people().meals(self.roster()).into_iter().find(|meals| meals.shelter == *self.shelter())
    }

    /// Keeps what somebody answered at the desk. The answers are sealed to the appliance and cannot be read here again; the entry of the person names them, with the
    /// urgency, which is never lowered by it.
    ///
    /// # Errors
    /// [`Failure`]: 1 when the person is not present or not known here; 64 for answers that cannot be taken; as [`Reception::enter`].
    pub fn fill(&mut self, chain: ChainId, definition: &Definition, answers: Answers) -> Result<Kept, Failure> {
        let (triage, because) = definition
            .judge(&answers)
            .map_err(|error| Failure::new(Exit::Usage, format!("回答を受け付けられません: {error}"), format!("the answers cannot be taken: {error}")))?;
        let (chain, shelter, after, person) = {
            let group = self.roster().person(chain).filter(|group| group.is_present()).ok_or_else(unknown)?;
            let step = self.followed(&group).ok_or_else(unknown)?;
            let person = self.people().person(&step.moment.hash).map(|person| Person::clone(person)).ok_or_else(unknown)?;
            (group.chain, step.shelter.clone(), (step.moment.hash, step.seq), person)
        };
        let mut salt = [0; 32];
        OsRng.fill_bytes(&mut salt);
        let at = Timestamp::from_unix(i64::try_from(self.now() / 1000).unwrap_or(0)).unwrap_or(Timestamp::LAST);
        let filled = Filled { salt: Bytes(salt), at, by: FilledBy::Desk, answers, triage, because };
        let failed =
            |error: &dyn std::fmt::Display| Failure::incomplete(format!("回答を保管できません: {error}"), format!("the answers cannot be kept: {error}"));
        let hash = filled.hash().map_err(|error| failed(&error))?;
        let plain = Zeroizing::new(serde_json::to_vec(&filled).map_err(|error| failed(&format!("{:?}", error.classify())))?);
        let sealed = SealedAnswers { sealed: seal_to(&self.declared()?.recipient, &plain)? };
        if sealed.sealed.0.len() > LONGEST_ANSWERS {
            return Err(Failure::new(Exit::Usage, "回答の文章が長すぎます。短くしてください。", "the answers in words are too long. Shorten them."));
        }
        let person = Person { questionnaire: Some(hash), triage: person.triage.max(Some(triage)), ..person };
        let own = self.shelter().clone();
        self.with_pen(None, |pen, _, millis| {
            let answered = pen.answers(own, chain, &sealed, millis, &mut OsRng)?;
            let stroke = Stroke { chain, after: &[after], shelter, act: Act::Edit, person: &person, time: None };
            Ok(vec![(answered, ()), (pen.person(&stroke, millis, &mut OsRng)?, ())])
        })?;
        Ok(Kept { hash, at, triage })
    }
}

/// The day's counts with some of them set, or added to; what comes to none is left out.
#[must_use]
pub fn counted(before: &[CodeCount], said: &[(u8, Counted)]) -> Vec<CodeCount> {
    let mut counts: std::collections::BTreeMap<u8, u32> = before.iter().map(|count| (count.code, count.count)).collect();
    for (code, counted) in said {
        let count = counts.entry(*code).or_default();
        *count = match counted {
            Counted::Are(now) => *now,
            Counted::More(more) => count.saturating_add(*more),
        };
    }
    counts.into_iter().filter(|(_, count)| *count > 0).map(|(code, count)| CodeCount { code, count }).collect()
}

/// How a count is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// So many on this day.
    Are(u32),
    /// So many more than was said.
    More(u32),
}
