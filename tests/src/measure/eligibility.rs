//! The authority's audit of the election that was measured: roll, slots, and the evidence of every registration.

use crate::appliance::Appliance;
use crate::demo::Folder;
use crate::trouble::Trouble;

use super::records::watched;
use super::report::{Report, Unit};

/// Audits record and evidence in the folder of a bench.
///
/// # Errors
/// [`Trouble`] if the electors are not eligible.
pub(super) fn measure(appliance: &Appliance, folder: &Folder, fingerprint: &str, registrations: usize, report: &mut Report) -> Result<(), Trouble> {
    let mut command = appliance.programs().command("tachiai-verify")?;
    command.arg("eligibility").args(["record", "evidence", "files/roll.csv"].map(|name| folder.join(name)));
    command.arg("--identity").arg(folder.join("evidence-key.txt")).args(["--test-cards", "--expect", fingerprint]);
    let (took, peak) = watched(command, &folder.join("eligibility.log"))?;
    report.value("eligibility_per_s", registrations as f64 / took.as_secs_f64(), Unit::PerSecond);
    report.time("eligibility_s", took, Unit::Seconds);
    report.value("eligibility_peak_mb", peak as f64 / 1e6, Unit::Megabytes);
    Ok(())
}
