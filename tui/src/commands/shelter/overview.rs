//! What is seen over all shelters of an event: people by time, who of the action-support list is missing, meals, reports.

use std::num::NonZeroU16;

use clap::{Args, Subcommand};
use tachiai_schemas::roll::{Day, Protection};
use tachiai_schemas::roster::report::{CodeCount, Graded, HowCounted, ReportContent, ReportOpened};
use tachiai_schemas::roster::{Hlc, Report, ShelterId};
use tachiai_schemas::shelter::figures;
use tachiai_schemas::shelter::overview::{CurvePoint, Meals, Missing, MissingOfDistrict, MissingPerson, ReportRequest, ReportView, Urgent};
use tachiai_schemas::{Lang, Say, Timestamp};

use super::WhichEvent;
use super::person::view_text;
use crate::card::printable;
use crate::cli::Global;
use crate::commands::reports::{counts_text, graded, grades_text, meals_text};
use crate::commands::say;
use crate::commands::told::{WhoFd, Word};
use crate::failure::{Exit, Failure};

/// How many people there are and were.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  tachiai shelter overview
  tachiai shelter overview --shelter e2822200152111 --every 10 --json
One line for each interval in which anything changed: people in the records, the heads that shelters counted (概数), and a bar of whichever is more.")]
pub struct OverviewCommand {
    /// Only of this shelter
    #[arg(long, value_name = "ID")]
    shelter: Option<ShelterId>,
    /// The minutes of an interval
    #[arg(long, default_value = "60", value_name = "N")]
    every: NonZeroU16,
    #[command(flatten)]
    which: WhichEvent,
}

impl OverviewCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let shelter = self.shelter.as_ref().map_or_else(String::new, |shelter| format!("&shelter={shelter}"));
        let curve: Vec<CurvePoint> = client.get(&self.which.path(&client, &format!("/curve?every={}{shelter}", self.every))?, None)?;
        say(global, &serde_json::json!(curve), || match curve.is_empty() {
            true => global.pick("まだ誰もいません。", "There is nobody yet.").to_owned(),
            false => curve_text(global.lang(), &curve),
        });
        Ok(Exit::Done)
    }
}

/// The longest bar of a curve, in characters.
const BAR: u64 = 40;

fn curve_text(l: Lang, curve: &[CurvePoint]) -> String {
    let most = curve.iter().map(|point| point.present.max(point.heads)).max().unwrap_or(0).max(1);
    let line = |point: &CurvePoint| {
        let CurvePoint { time, present, heads, counted } = point;
        let length = usize::try_from((present.max(heads) * BAR).div_ceil(most)).unwrap_or(0);
        let counted = if *counted > 0 { format!("{heads} ({counted} {})", l.pick("か所", "shelters")) } else { "-".to_owned() };
        format!("{}  {}: {present}  {}: {counted}  {}", time.timestamp().in_japan(l), l.pick("名簿", "records"), l.pick("頭数", "heads"), "█".repeat(length))
    };
    curve.iter().map(line).collect::<Vec<_>>().join("\n")
}

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
    if districts.is_empty() {
        // Nobody on a list is something else than no list.
        lines.push(
            l.pick(
                "避難行動要支援者名簿に、該当する方がいません。名簿を取り込んでいないときは tachiai shelter import support で取り込みます。",
                "nobody of an action-support list is there. If none was imported yet: `tachiai shelter import support`.",
            )
            .to_owned(),
        );
    }
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
    let needs = support.needs.iter().map(|need| need.say(l)).collect::<Vec<_>>().join("・");
    let who = match protection {
        Protection::Open => format!("{}  {}  {}", printable(name), birth.map_or_else(|| "-".to_owned(), |day| day.to_string()), printable(address)),
        Protection::Protected => {
            l.pick("（支援措置: 住民システムで番号を確かめてください）", "(under protection: see the resident system by the number)").to_owned()
        }
    };
    format!("  {number}  {who}  {needs}  {}  {}  {}", printable(&support.reason), printable(&support.phone), printable(&support.helper))
}

/// Who has an urgency.
#[derive(Args, Debug)]
#[command(after_help = "Example: tachiai shelter triage
The worse counts of what the roster says and of a questionnaire that the same citizen filled in at home. That you looked is recorded.")]
pub struct TriageCommand {
    #[command(flatten)]
    which: WhichEvent,
}

impl TriageCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let l = global.lang();
        let urgent: Vec<Urgent> = client.get(&self.which.path(&client, "/urgency")?, None)?;
        say(global, &serde_json::json!(urgent), || match urgent.is_empty() {
            true => l.pick("トリアージのある方はいません。", "Nobody has an urgency.").to_owned(),
            false => urgent.iter().map(|Urgent { triage, person }| format!("{}  {}", triage.say(l), view_text(l, person))).collect::<Vec<_>>().join("\n"),
        });
        Ok(Exit::Done)
    }
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
    let content = match (report, opened) {
        (Report::Headcount { persons, how }, _) => Some(ReportContent::Headcount { persons: *persons, how: *how }),
        (Report::Supply { item, unit, stock, needed }, _) => {
            Some(ReportContent::Supply { item: item.clone(), unit: unit.clone(), stock: *stock, needed: *needed })
        }
        (Report::Assessment { grades }, _) => Some(ReportContent::Assessment { grades: grades.clone() }),
        (Report::Handover { .. }, Some(ReportOpened::Handover(note))) => Some(ReportContent::Handover { text: note.text.clone() }),
        (Report::Health { day, .. }, Some(ReportOpened::Health(counts))) => Some(ReportContent::Health { day: *day, counts: counts.counts.clone() }),
        (Report::Handover { .. } | Report::Health { .. } | Report::Questionnaire { .. }, _) => None,
    };
    let what = content.map_or_else(|| l.pick("（封をした報告）", "(sealed)").to_owned(), |content| content_text(l, &content));
    format!("{shelter}  {}  {terminal}  {what}", time.timestamp().in_japan(l))
}

/// What a report says, in a line.
pub(super) fn content_text(l: Lang, content: &ReportContent) -> String {
    match content {
        ReportContent::Headcount { persons, how } => format!("{}: {persons} ({})", l.pick("人数", "heads"), how.say(l)),
        ReportContent::Supply { item, unit, stock, needed } => {
            format!("{}: {stock}{}  {}: {needed}{}", printable(item), printable(unit), l.pick("必要", "needed"), printable(unit))
        }
        ReportContent::Assessment { grades } => format!("{}: {}", l.pick("環境", "site"), grades_text(l, grades)),
        ReportContent::Handover { text } => format!("{}: {}", l.pick("引継ぎ", "handover"), printable(text)),
        ReportContent::Health { day, counts } => format!("{} {day}: {}", l.pick("診療", "treatments"), counts_text(counts)),
    }
}

/// A report of a shelter that has no terminal.
#[derive(Subcommand, Debug)]
pub enum Write {
    /// How many people are there, named or not
    #[command(after_help = "Examples:
  tachiai shelter report headcount e2822200152111 120 --about
  tachiai shelter report headcount e2822200152111 120 --at 令和8年9月2日午前6時   # as a paper says; also 2026-09-02T06:00")]
    Headcount {
        /// The shelter
        shelter: ShelterId,
        /// Heads
        persons: u32,
        /// About so many (概数)
        #[arg(long)]
        about: bool,
        /// When it was so, in Japan [default: now]
        #[arg(long, value_name = "TIME", value_parser = moment)]
        at: Option<Timestamp>,
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
    /// A note for the next shift; it is asked for, or read from a file descriptor, and kept sealed
    #[command(after_help = "Example: tachiai shelter report handover e2822200152111 --who-fd 3 3<<< 'text=2階の方に朝8時の薬'")]
    Handover {
        /// The shelter
        shelter: ShelterId,
        /// The note
        #[command(flatten)]
        who: WhoFd,
        /// Which event
        #[command(flatten)]
        which: WhichEvent,
    },
    /// Treatments of a day by the codes of the medical teams' form (J-SPEED), kept sealed; they are asked for, or read from a file descriptor
    #[command(after_help = "Example: tachiai shelter report health e2822200152111 --day 2026-09-02 --who-fd 3 3<<< 'counts=16:3,58:1'")]
    Health {
        /// The shelter
        shelter: ShelterId,
        /// The day in Japan
        #[arg(long, value_name = "YYYY-MM-DD")]
        day: Day,
        /// The counts
        #[command(flatten)]
        who: WhoFd,
        /// Which event
        #[command(flatten)]
        which: WhichEvent,
    },
}

/// A note for the next shift.
const TEXT: Word = Word::new("text", "引継ぎ", "Note");
/// Treatments by code.
const COUNTS: Word = Word::new("counts", "番号:件数,…", "code:count,…");

/// A moment in Japan, as offices and programs write one.
fn moment(text: &str) -> Result<Timestamp, String> {
    let wrong = "write it like 2026-09-02T06:00 or 令和8年9月2日午前6時";
    figures::moment(text).or_else(|| text.parse().ok()).ok_or_else(|| wrong.to_owned())
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
        let mut time = None;
        let (shelter, which, content) = match self {
            Self::Headcount { shelter, persons, about, at, which } => {
                let how = if *about { HowCounted::About } else { HowCounted::Counted };
                time = at.map(Hlc::at);
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
            Self::Handover { shelter, who, which } => (shelter, which, ReportContent::Handover { text: who.tell(global, &[TEXT], |_, _| true)?.need(TEXT)? }),
            Self::Health { shelter, day, who, which } => {
                let given = who.tell(global, &[COUNTS], |_, _| true)?.need(COUNTS)?;
                let wrong = || Failure::new(Exit::Usage, "件数は 16:3,58:1 のように入力してください。", "write counts like 16:3,58:1.");
                let counts = counts(&given).ok_or_else(wrong)?;
                (shelter, which, ReportContent::Health { day: *day, counts })
            }
        };
        let request = ReportRequest { shelter: shelter.clone(), content, time };
        let view: ReportView = client.post(&which.path(&client, "/reports")?, None, &request)?;
        say(global, &serde_json::json!(view), || report_text(global.lang(), &view));
        Ok(Exit::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_has_a_bar_as_long_as_most_people_at_the_top() {
        let point = |hour: u64, present, heads, counted| CurvePoint { time: Hlc::at_millis(hour * 3_600_000), present, heads, counted };
        let text = curve_text(Lang::En, &[point(0, 5, 0, 0), point(1, 5, 20, 2), point(2, 0, 0, 0)]);
        let bars: Vec<usize> = text.lines().map(|line| line.matches('█').count()).collect();
        assert_eq!(bars, [10, 40, 0]);
        assert!(text.contains("heads: 20 (2 shelters)") && text.lines().next().unwrap().contains("heads: -"), "{text}");
    }

    #[test]
    fn a_moment_is_japans_or_says_its_zone() {
        assert_eq!(moment("令和6年1月9日午後6時"), moment("2024-01-09T18:00"));
        assert_eq!(moment("2024-01-09T09:00:00Z"), moment("2024-01-09T18:00"));
        assert!(moment("yesterday").is_err());
    }

    #[test]
    fn counts_are_read_as_the_form_has_them() {
        assert_eq!(counts("58:1, 16:3"), Some(vec![CodeCount { code: 16, count: 3 }, CodeCount { code: 58, count: 1 }]));
        assert_eq!(counts("16"), None);
    }
}
