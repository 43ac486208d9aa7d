//! Records of many ballots in front of the verifier: how fast, and how much memory it takes, which must not grow with them.
//!
//! Every elector registers and then votes, in one visit, in one contest of five options. The records are made by the library; a service plays no part in them.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rand_core::OsRng;
use tachiai_crypto::election::ballot::cast;
use tachiai_crypto::election::context::Counter;
use tachiai_schemas::Slot;
use tachiai_schemas::election::Choice;
use tachiai_verify::testing::{Play, contest};

use super::report::{Report, Unit};
use crate::appliance::{Process, Programs};
use crate::demo::{Folder, Screen};
use crate::trouble::{Doing, Trouble};
use crate::voters::{in_parallel, usual_threads};

/// How long a verification may take.
const VERIFICATION: Duration = Duration::from_secs(1_800);

/// Options of the contest.
const OPTIONS: usize = 5;

/// How many electors come at a time: they register, then they vote.
const BATCH: u32 = 256;

/// Measures the verification of records of so many ballots, from one file each.
///
/// # Errors
/// [`Trouble`]; a record that does not hold is one.
pub fn measure_records(folder: &Folder, sizes: &[u32], screen: &mut Screen, report: &mut Report) -> Result<(), Trouble> {
    let programs = Programs::beside_this()?;
    for size in sizes {
        let path = folder.join(&format!("record-{size}.tar"));
        screen.phase("記録の作成", "record made", *size as usize, |progress| make(*size, &path, || progress.step()))?;
        // What is still to be written must not take the disk from who reads.
        let file = fs::File::open(&path).map_err(|error| Trouble::file(&path, error))?;
        file.sync_all().map_err(|error| Trouble::file(&path, error))?;
        let bytes = file.metadata().map_err(|error| Trouble::file(&path, error))?.len();
        let (took, peak) = screen.phase("記録の検証", "record verified", *size as usize, |_| verify(&programs, &path, &[]))?;
        report.value(&format!("verify_record_{size}_ballots_per_s"), f64::from(*size) / took.as_secs_f64(), Unit::PerSecond);
        report.time(&format!("verify_record_{size}_s"), took, Unit::Seconds);
        report.value(&format!("verify_record_{size}_peak_mb"), peak as f64 / 1e6, Unit::Megabytes);
        report.value(&format!("record_{size}_mb"), bytes as f64 / 1e6, Unit::Megabytes);
        fs::remove_file(&path).map_err(|error| Trouble::file(&path, error))?;
    }
    Ok(())
}

/// Writes the record of a whole election.
fn make(slots: u32, path: &Path, done: impl Fn() + Sync) -> Result<(), Trouble> {
    let mut play = Play::with(1, (5, 3), vec![contest("mayor", OPTIONS, Choice::Exactly(1))], 26, slots, |manifest| {
        manifest.online_closes = manifest.opens.plus(100_000_000);
        manifest.poll_closes = manifest.online_closes;
    });
    play.ceremony();
    play.open();
    for start in (0..slots).step_by(BATCH as usize) {
        let batch: Vec<Slot> = (start..slots.min(start.saturating_add(BATCH))).map(Slot).collect();
        for slot in &batch {
            play.register(*slot);
        }
        let ballots = in_parallel(
            &batch,
            usual_threads(),
            || Ok(()),
            |(), _, slot| {
                let missing = || Trouble::new("a ballot", "the slot is not registered");
                let statement = play.board.statement_for(*slot).ok_or_else(missing)?;
                let registration = play.board.slot(*slot).ok_or_else(missing)?.registration();
                let key = &play.voters.get(slot).ok_or_else(missing)?.key;
                let choice = vec![vec![slot.0 as usize % OPTIONS]];
                let (ballot, _) = cast(&choice, &statement, *slot, registration, Counter(0), key, &mut OsRng).doing("casting")?;
                Ok(ballot.bytes().to_vec())
            },
            &done,
        )?;
        for ballot in &ballots {
            play.push_ballot(ballot);
        }
    }
    play.close();
    play.count();
    play.write_archive(path);
    Ok(())
}

/// Runs the verifier; returns how long it took and the most memory that it had (VmHWM), in bytes.
pub(super) fn verify(programs: &Programs, record: &Path, arguments: &[&str]) -> Result<(Duration, u64), Trouble> {
    let mut command = programs.command("tachiai-verify")?;
    command.arg(record).args(arguments);
    watched(command, &record.with_extension("verify.log"))
}

/// Runs a program that must succeed; returns how long it took and the most memory that it had (VmHWM), in bytes.
pub(super) fn watched(command: Command, log: &Path) -> Result<(Duration, u64), Trouble> {
    let start = Instant::now();
    let process = Process::start(command, log)?;
    let mut peak = 0;
    let mut status = fs::File::open(format!("/proc/{}/status", process.id())).doing("the verifier's memory")?;
    let (ended, took) = process.wait_watching(VERIFICATION, || peak = peak.max(memory(&mut status)), start)?;
    if ended.success() { Ok((took, peak)) } else { Err(Trouble::new("tachiai-verify", format!("{ended}; see {}", log.display()))) }
}

/// VmHWM in bytes; 0 once the process has ended.
fn memory(status: &mut fs::File) -> u64 {
    use std::io::{Read, Seek};
    let mut text = String::new();
    // A process that has just ended has no memory any more.
    if status.rewind().and_then(|()| status.read_to_string(&mut text)).is_err() {
        return 0;
    }
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()).unwrap_or(0) * 1024
}
