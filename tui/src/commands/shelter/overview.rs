//! What is seen over all shelters of an event: who of the action-support list is missing, meals, reports.

use clap::{Args, Subcommand};
use tachiai_schemas::Lang;
use tachiai_schemas::roll::{Day, Protection};
use tachiai_schemas::roster::report::{CodeCount, Graded, HowCounted, ReportContent, ReportOpened};
use tachiai_schemas::roster::{Report, ShelterId};
use tachiai_schemas::shelter::overview::{Meals, Missing, MissingOfDistrict, MissingPerson, ReportRequest, ReportView};

use super::words::said;
use super::{WhichEvent, told, value};
use crate::card::printable;
use crate::cli::Global;
use crate::commands::reports::{counts_text, graded, grades_text, meals_text};
use crate::commands::say;
use crate::failure::{Exit, Failure};

/// Who has not arrived.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  tachiai shelter missing
  tachiai shelter missing --district 八鹿 --json")]
pub struct MissingCommand {
    /// Only of this district
    #[arg(long)]
    district: Option<String>,
    #[command(flatten)]
    which: WhichEvent,
}

impl MissingCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let mut missing: Missing = client.get(&self.which.path(&client, "/missing")?, None)?;
        missing.districts.retain(|of| self.district.as_ref().is_none_or(|district| of.district == *district));
        say(global, &serde_json::json!(missing), || missing_text(global.lang(), &missing));
        Ok(Exit::Done)
    }
}

fn missing_text(l: Lang, missing: &Missing) -> String {
    let Missing { districts, unopened } = missing;
    let mut lines = Vec::new();
    for MissingOfDistrict { district, listed, arrived, missing } in districts {
        let district = if district.is_empty() { l.pick("（地区不明）", "(no district)") } else { district };
        let (of, not) = (l.pick("名簿", "listed"), l.pick("未着", "not arrived"));
        lines.push(format!("{district}  {of}: {listed}  {}: {arrived}  {not}: {}", l.pick("到着", "arrived"), missing.len()));
        lines.extend(missing.iter().map(|person| missing_person(l, person)));
    }
    if *unopened > 0 {
        lines.push(format!(
            "{}: {unopened}",
            l.pick("内容を開けない避難者（この中にいるかもしれません）", "people in the roster who cannot be opened, and may be among them")
        ));
    }
    lines.join("\n")
}

fn missing_person(l: Lang, person: &MissingPerson) -> String {
    let MissingPerson { number, name, kana: _, birth, address, support, protection } = person;
    let needs = support.needs.iter().map(|need| said(l, need)).collect::<Vec<_>>().join("・");
    let who = match protection {
        Protection::Open => format!("{}  {}  {}", printable(name), birth.map_or_else(|| "-".to_owned(), |day| day.to_string()), printable(address)),
        Protection::Protected => {
            l.pick("（支援措置: 住民システムで番号を確かめてください）", "(under protection: see the resident system by the number)").to_owned()
        }
    };
    format!("  {number}  {who}  {needs}  {}  {}  {}", printable(&support.reason), printable(&support.phone), printable(&support.helper))
}

/// Meals.
#[derive(Args, Debug)]
#[command(after_help = "Example: tachiai shelter meals")]
pub struct MealsCommand {
    #[command(flatten)]
    which: WhichEvent,
}

impl MealsCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let meals: Vec<Meals> = client.get(&self.which.path(&client, "/meals")?, None)?;
        say(global, &serde_json::json!(meals), || meals.iter().map(|meals| meals_text(global.lang(), meals)).collect::<Vec<_>>().join("\n"));
        Ok(Exit::Done)
    }
}

/// Reports.
#[derive(Args, Debug)]
#[command(after_help = "Example: tachiai shelter reports --shelter e2822200152111")]
pub struct Reports {
    /// Only of this shelter
    #[arg(long, value_name = "ID")]
    shelter: Option<ShelterId>,
    #[command(flatten)]
    which: WhichEvent,
}

impl Reports {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let mut reports: Vec<ReportView> = client.get(&self.which.path(&client, "/reports")?, None)?;
        reports.retain(|report| self.shelter.as_ref().is_none_or(|shelter| report.shelter == *shelter));
        say(global, &serde_json::json!(reports), || match reports.is_empty() {
            true => global.pick("報告はありません。", "There are no reports.").to_owned(),
            false => reports.iter().map(|report| report_text(global.lang(), report)).collect::<Vec<_>>().join("\n"),
        });
        Ok(Exit::Done)
    }
}

fn report_text(l: Lang, view: &ReportView) -> String {
    let ReportView { shelter, time, terminal, report, opened } = view;
    let what = match (report, opened) {
        (Report::Headcount { persons, how }, _) => format!("{}: {persons} ({})", l.pick("人数", "heads"), said(l, how)),
        (Report::Supply { item, unit, stock, needed }, _) => format!("{}: {stock}{unit}  {}: {needed}{unit}", printable(item), l.pick("必要", "needed")),
        (Report::Assessment { grades }, _) => format!("{}: {}", l.pick("環境", "site"), grades_text(l, grades)),
        (Report::Handover { .. }, Some(ReportOpened::Handover(note))) => format!("{}: {}", l.pick("引継ぎ", "handover"), printable(&note.text)),
        (Report::Health { day, .. }, Some(ReportOpened::Health(counts))) => {
            format!("{} {day}: {}", l.pick("診療", "treatments"), counts_text(&counts.counts))
        }
        (Report::Handover { .. } | Report::Health { .. } | Report::Questionnaire { .. }, _) => l.pick("（封をした報告）", "(sealed)").to_owned(),
    };
    format!("{shelter}  {}  {terminal}  {what}", time.timestamp().in_japan(l))
}

/// A report of a shelter that has no terminal.
#[derive(Subcommand, Debug)]
pub enum Write {
    /// How many people are there, named or not
    #[command(after_help = "Example: tachiai shelter report headcount e2822200152111 120 --about")]
    Headcount {
        /// The shelter
        shelter: ShelterId,
        /// Heads
        persons: u32,
        /// About so many (概数)
        #[arg(long)]
        about: bool,
        /// Which event
        #[command(flatten)]
        which: WhichEvent,
    },
    /// A thing that the shelter has or lacks
    #[command(after_help = "Example: tachiai shelter report supply e2822200152111 毛布 --unit 枚 --stock 40 --needed 80")]
    Supply {
        /// The shelter
        shelter: ShelterId,
        /// What
        item: String,
        /// In what it is counted
        #[arg(long)]
        unit: String,
        /// How many are there
        #[arg(long)]
        stock: u32,
        /// How many more are needed
        #[arg(long, default_value_t = 0)]
        needed: u32,
        /// Which event
        #[command(flatten)]
        which: WhichEvent,
    },
    /// How the site stands, in nine aspects from A (good) to D (help is needed at once)
    #[command(after_help = "Example: tachiai shelter report assessment e2822200152111 drinking-water=B meals=C toilets=D
Aspects: drinking-water, meals, power, water, toilets, hygiene, bedding, temperature, communication.")]
    Assessment {
        /// The shelter
        shelter: ShelterId,
        /// Aspects with their grades
        #[arg(required = true, value_name = "ASPECT=GRADE", value_parser = graded)]
        grades: Vec<Graded>,
        /// Which event
        #[command(flatten)]
        which: WhichEvent,
    },
    /// A note for the next shift; it is asked for, or read from standard input, and kept sealed
    #[command(after_help = "Example: echo 'text=2階の方に朝8時の薬' | tachiai shelter report handover e2822200152111")]
    Handover {
        /// The shelter
        shelter: ShelterId,
        /// Which event
        #[command(flatten)]
        which: WhichEvent,
    },
    /// Treatments of a day by the codes of the medical teams' form (J-SPEED), kept sealed; they are read from standard input
    #[command(after_help = "Example: echo 'counts=16:3,58:1' | tachiai shelter report health e2822200152111 --day 2026-09-02")]
    Health {
        /// The shelter
        shelter: ShelterId,
        /// The day in Japan
        #[arg(long, value_name = "YYYY-MM-DD")]
        day: Day,
        /// Which event
        #[command(flatten)]
        which: WhichEvent,
    },
}

fn counts(text: &str) -> Option<Vec<CodeCount>> {
    let mut counts = Vec::new();
    for part in text.split(',') {
        let (code, count) = part.trim().split_once(':')?;
        counts.push(CodeCount { code: code.trim().parse().ok()?, count: count.trim().parse().ok()? });
    }
    counts.sort_by_key(|count| count.code);
    Some(counts)
}

impl Write {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let lacks = |key: &str| Failure::new(Exit::Usage, format!("「{key}=…」を標準入力で与えてください。"), format!("give {key}=… on standard input."));
        let (shelter, which, content) = match self {
            Self::Headcount { shelter, persons, about, which } => {
                let how = if *about { HowCounted::About } else { HowCounted::Counted };
                (shelter, which, ReportContent::Headcount { persons: *persons, how })
            }
            Self::Supply { shelter, item, unit, stock, needed, which } => {
                (shelter, which, ReportContent::Supply { item: item.clone(), unit: unit.clone(), stock: *stock, needed: *needed })
            }
            Self::Assessment { shelter, grades, which } => {
                let mut grades = grades.clone();
                grades.sort_by_key(|graded| graded.aspect);
                (shelter, which, ReportContent::Assessment { grades })
            }
            Self::Handover { shelter, which } => {
                let given = told(global, &[("text", "引継ぎ", "note")])?;
                (shelter, which, ReportContent::Handover { text: value(&given, "text").ok_or_else(|| lacks("text"))? })
            }
            Self::Health { shelter, day, which } => {
                let given = told(global, &[("counts", "番号:件数,…", "code:count,…")])?;
                let counts = value(&given, "counts").as_deref().and_then(counts).ok_or_else(|| lacks("counts"))?;
                (shelter, which, ReportContent::Health { day: *day, counts })
            }
        };
        let request = ReportRequest { shelter: shelter.clone(), content };
        let view: ReportView = client.post(&which.path(&client, "/reports")?, None, &request)?;
        say(global, &serde_json::json!(view), || report_text(global.lang(), &view));
        Ok(Exit::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_as_the_form_has_them() {
        assert_eq!(counts("58:1, 16:3"), Some(vec![CodeCount { code: 16, count: 3 }, CodeCount { code: 58, count: 1 }]));
        assert_eq!(counts("16"), None);
    }
}
