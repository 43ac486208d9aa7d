//! The roll: reading and checking a file of the resident system, and comparing it with the roll that is here, on one core.

use tachiai_schemas::Timestamp;
use tachiai_schemas::roll::{RollDifference, difference, import};

use super::report::{Report, Unit, timed};
use crate::city::{City, Day, Encoding, Plan, roll_csv};
use crate::trouble::{Doing, Trouble};

/// One row in so many is different in the second file.
const CHANGED: usize = 100;

/// Measures a roll of so many rows, of which one in a hundred is different from the roll before.
///
/// # Errors
/// [`Trouble`] if a roll that is well formed is not taken.
pub fn measure_roll(report: &mut Report, rows: usize) -> Result<(), Trouble> {
    let opens: Timestamp = "2026-11-22T00:00:00Z".parse().doing("reading a time")?;
    let city = City::yabu().doing("the places of the city")?;
    let mut electors = city.electors(11, rows, Day::of(opens));
    let spec = Plan::usual(opens, String::new()).spec(&city);
    let (districts, held) = (spec.districts, spec.poll_closes);
    let old = import(&roll_csv(&city, &electors, Encoding::ShiftJis), &districts, held).listed;
    for elector in electors.iter_mut().step_by(CHANGED) {
        elector.address.push('上');
    }
    let csv = roll_csv(&city, &electors, Encoding::ShiftJis);
    let mut found = None;
    let took = timed(|| {
        let import = import(&csv, &districts, held);
        found = Some((import.report.electors, difference(&old, &import.listed)));
    });
    let (read, RollDifference { changed, unchanged, .. }) = found.doing("comparing two rolls")?;
    if (read, changed, changed + unchanged) != (rows as u64, rows.div_ceil(CHANGED) as u64, rows as u64) {
        return Err(Trouble::new("comparing two rolls", format!("{read} of {rows} electors read, {changed} changed, {unchanged} unchanged")));
    }
    report.value("roll_import_rows_per_s", rows as f64 / took.as_secs_f64(), Unit::PerSecond);
    Ok(())
}
