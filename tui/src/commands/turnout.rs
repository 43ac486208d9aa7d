//! The turnout (投票率) at the console.

use clap::Args;
use tachiai_schemas::counting::{AgeBand, Turnout, TurnoutCell, TurnoutParts};
use tachiai_schemas::receipt::ElectionSummary;
use tachiai_schemas::time::JAPAN;
use tachiai_schemas::{Lang, Timestamp};

use super::say;
use crate::cli::{Global, WhichElection};
use crate::failure::{Exit, Failure};

/// Who voted, in numbers.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  tachiai election turnout\n  tachiai election turnout --at 11:00            # at eleven in Japan on the polling day\n  tachiai election turnout --at '2027-01-30 17:00' --csv\nThe figures of an hour follow from the board and the roll, so they can be computed again later. By district, age and sex they are those of the last full hour, and after the close of the poll the last ones. Groups of fewer than 5 electors are not shown, nor one more where one alone would follow from a total."
)]
pub struct TurnoutCommand {
    /// Up to this time in Japan: HH:MM of the polling day, or YYYY-MM-DD HH:MM; until now if absent
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// As comma-separated values
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// Which election
    #[command(flatten)]
    which: WhichElection,
}

impl TurnoutCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let id = self.which.find(&client)?;
        let mut path = format!("/api/v1/elections/{id}/turnout");
        if let Some(text) = &self.at {
            let summary: ElectionSummary = client.get(&format!("/api/v1/elections/{id}"), None)?;
            path += &format!("?at={}", time(text, summary.poll_closes)?);
        }
        let turnout: Turnout = client.get(&path, None)?;
        if self.csv {
            outln!("{}", csv(global.lang(), &turnout));
        } else {
            say(global, &serde_json::json!(turnout), || turnout_text(global.lang(), &turnout));
        }
        Ok(Exit::Done)
    }
}

/// A time in Japan: an hour of the polling day, or of another.
pub(super) fn time(text: &str, poll_closes: Timestamp) -> Result<Timestamp, Failure> {
    let wrong =
        || Failure::new(Exit::Usage, format!("時刻は HH:MM または YYYY-MM-DD HH:MM です: {text}"), format!("a time is HH:MM or YYYY-MM-DD HH:MM: {text}"));
    let polled = poll_closes.plus(JAPAN).to_string();
    let (date, hour) = text.split_once(' ').unwrap_or((polled.get(..10).unwrap_or_default(), text));
    let local: Timestamp = format!("{date}T{hour}:00Z").parse().map_err(|_| wrong())?;
    Ok(local.plus(-JAPAN))
}

fn percent(cell: &TurnoutCell) -> String {
    cell.basis_points().map_or_else(|| "-".to_owned(), |points| format!("{}.{:02}%", points / 100, points % 100))
}

fn cell_text(cell: &TurnoutCell) -> String {
    let TurnoutCell { entitled, online, early, day, absentee } = cell;
    format!("{entitled:>8} {:>8} {:>8}   {online:>7} {early:>7} {day:>7} {absentee:>7}", cell.voted(), percent(cell))
}

fn band_name(lang: Lang, band: AgeBand) -> &'static str {
    AgeBand::ALL.iter().find(|(known, _, _)| *known == band).map_or("", |(_, ja, en)| lang.pick(ja, en))
}

fn sexes(lang: Lang) -> [&'static str; 3] {
    [lang.pick("男", "male"), lang.pick("女", "female"), lang.pick("不明", "unknown")]
}

fn turnout_text(lang: Lang, turnout: &Turnout) -> String {
    let head = lang.pick("有権者   投票者   投票率    オンライン 期日前   当日  不在者", "entitled    voted  turnout    online   early     day absentee");
    let Turnout { election: _, at, size, all, parts } = turnout;
    let TurnoutParts { at: hour, size: entries, all: then, names, districts, ages, sexes: by_sex } = parts;
    let of = |at: &Timestamp, size: u64| format!("{}  ({}: {size})", at.in_japan(lang), lang.pick("掲示板の項目数", "entries of the board"));
    let total = lang.pick("合計", "all");
    let mut lines = vec![of(at, *size), format!("  {head}"), format!("  {}  {total}", cell_text(all))];
    if at != hour {
        lines.push(format!(
            "{}: {}",
            lang.pick("投票区・性別・年齢別（直近の正時、または投票の締切）", "By district, sex and age, as of the last full hour or the close of the poll"),
            of(hour, *entries)
        ));
        lines.push(format!("  {}  {total}", cell_text(then)));
    }
    let few = lang.pick("（人数が少ないため表示しません）", "(too few electors to be shown)");
    let line = |cell: &Option<TurnoutCell>, name: &str| match cell {
        Some(cell) => format!("{}  {name}", cell_text(cell)),
        None => format!("{few}  {name}"),
    };
    // Of a group that has nobody there is nothing to say.
    let nobody = Some(TurnoutCell::default());
    let of_districts = names.iter().zip(districts).filter(|(_, cell)| **cell != nobody);
    lines.extend(of_districts.map(|(name, cell)| format!("  {}", line(cell, lang.pick(&name.ja, &name.en)))));
    lines.extend(sexes(lang).iter().zip(by_sex).filter(|(_, cell)| **cell != nobody).map(|(name, cell)| format!("  {}", line(cell, name))));
    for row in ages.iter().filter(|row| row.all != nobody) {
        let band = band_name(lang, row.band);
        lines.push(format!("  {}", line(&row.all, band)));
        let districts = names.iter().zip(&row.districts).filter(|(_, cell)| **cell != nobody);
        lines.extend(districts.map(|(name, cell)| format!("    {}", line(cell, &format!("{band} {}", lang.pick(&name.ja, &name.en))))));
    }
    lines.join("\n")
}

/// One row for each group that has anybody, with the time of its figures; one that is not shown has no numbers.
fn csv(lang: Lang, turnout: &Turnout) -> String {
    let Turnout { election: _, at, size: _, all, parts } = turnout;
    let TurnoutParts { at: hour, size: _, all: then, names, districts, ages, sexes: by_sex } = parts;
    let row = |at: &Timestamp, kind: &str, name: &str, district: &str, cell: Option<&TurnoutCell>| {
        let numbers = cell.map_or_else(
            || ",,,,,".to_owned(),
            |cell| {
                let TurnoutCell { entitled, online, early, day, absentee } = cell;
                format!("{entitled},{},{online},{early},{day},{absentee}", cell.voted())
            },
        );
        format!("{},{},{},{numbers},{at}", quoted(kind), quoted(name), quoted(district))
    };
    let mut lines = vec!["kind,group,district,entitled,voted,online,early,day,absentee,at".to_owned(), row(at, "all", "", "", Some(all))];
    let row = |kind: &str, name: &str, district: &str, cell: Option<&TurnoutCell>| row(hour, kind, name, district, cell);
    lines.push(row("all", "", "", Some(then)));
    let nobody = Some(TurnoutCell::default());
    let of_districts = |kind: &str, band: &str, cells: &[Option<TurnoutCell>]| {
        let cells = names.iter().zip(cells).filter(|(_, cell)| **cell != nobody);
        cells.map(|(name, cell)| row(kind, band, lang.pick(&name.ja, &name.en), cell.as_ref())).collect::<Vec<_>>()
    };
    lines.extend(of_districts("district", "", districts));
    lines.extend(sexes(lang).iter().zip(by_sex).filter(|(_, cell)| **cell != nobody).map(|(name, cell)| row("sex", name, "", cell.as_ref())));
    for age in ages.iter().filter(|age| age.all != nobody) {
        let band = band_name(lang, age.band);
        lines.push(row("age", band, "", age.all.as_ref()));
        lines.extend(of_districts("age-district", band, &age.districts));
    }
    lines.join("\n")
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_one_of_the_polling_day_in_japan() {
        let closes: Timestamp = "2027-01-31T11:00:00Z".parse().unwrap();
        assert_eq!(time("11:00", closes).unwrap().to_string(), "2027-01-31T02:00:00Z");
        assert_eq!(time("2027-01-30 17:30", closes).unwrap().to_string(), "2027-01-30T08:30:00Z");
        // In Japan the polling day has begun although it is the day before in UTC.
        let early: Timestamp = "2027-01-30T16:00:00Z".parse().unwrap();
        assert_eq!(time("00:30", early).unwrap().to_string(), "2027-01-30T15:30:00Z");
        for wrong in ["", "25:00", "11", "11:00:00", "31 11:00", "2027-02-30 11:00"] {
            assert_eq!(time(wrong, closes).unwrap_err().exit, Exit::Usage, "{wrong}");
        }
    }

    #[test]
    fn a_name_with_a_comma_stays_one_field() {
        assert_eq!([quoted("八鹿"), quoted("a,b"), quoted("a\"b")], ["八鹿", "\"a,b\"", "\"a\"\"b\""]);
    }
}
