//! The measurements: one JSON object a line on standard output, progress on standard error.

use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use tachiai_schemas::Lang;
use tachiai_tests::appliance::terminate_all;
use tachiai_tests::demo::{Folder, Screen};
use tachiai_tests::measure::{
    Load, Report, measure_appliance, measure_ballots, measure_console, measure_count, measure_desk, measure_records, measure_roll, measure_shelter,
    measure_statements,
};
use tachiai_tests::program;
use tachiai_tests::signals::on_end;
use tachiai_tests::trouble::Trouble;

/// Measures the arithmetic, the count and a whole appliance. Release builds only.
#[derive(Parser)]
#[command(name = "tachiai-load", version)]
struct Arguments {
    /// What to measure [default: everything]
    #[arg(value_enum)]
    what: Vec<What>,
    /// Ballots of the appliance under load
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    ballots: usize,
    /// Ballots of the records that are made and verified
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "20000,200000")]
    records: Vec<u32>,
    /// Electors on the roll of the polling desk
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    desk_roll: usize,
    /// Check-ins at the polling desk
    #[arg(long, value_name = "N", default_value_t = 500)]
    check_ins: usize,
    /// Residents in the register of the shelters
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    residents: usize,
    /// People whom terminals of the shelters hand in
    #[arg(long, value_name = "N", default_value_t = 5_000)]
    present: usize,
    /// Rows of the roll that is imported
    #[arg(long, value_name = "N", default_value_t = 200_000)]
    rows: usize,
    /// Connections that send them
    #[arg(long, value_name = "N", default_value_t = 64)]
    connections: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Proving and verifying ballots
    Ballots,
    /// Decryption shares and the tally
    Count,
    /// A console's frames, with 20,000 rows in a list
    Console,
    /// Reading, checking and comparing a roll
    Roll,
    /// Casting under load, and the verification of the record
    Appliance,
    /// Check-ins at a polling desk
    Desk,
    /// Statements and disclosures, made and checked on one core
    Statements,
    /// Hand-ins, arrivals, proofs, searches, statements and disclosures at the shelters
    Shelter,
    /// The verification of large records, in time and memory
    Records,
}

fn main() -> ExitCode {
    program::main("tachiai-load", perform)
}

fn perform(Arguments { what, ballots, records, desk_roll, check_ins, residents, present, rows, connections }: &Arguments) -> Result<(), Trouble> {
    on_end(|| {
        terminate_all();
        std::process::exit(130)
    })?;
    let mut report = Report;
    let wanted = |one| what.is_empty() || what.contains(&one);
    if wanted(What::Ballots) {
        measure_ballots(&mut report)?;
    }
    if wanted(What::Count) {
        measure_count(&mut report)?;
    }
    if wanted(What::Console) {
        measure_console(&mut report)?;
    }
    if wanted(What::Roll) {
        measure_roll(&mut report, *rows)?;
    }
    if wanted(What::Appliance) {
        let folder = Folder::fresh("bench")?;
        let load = Load { ballots: *ballots, connections: *connections };
        measure_appliance(&folder, load, &mut Screen::new(Lang::En), &mut report)
            .map_err(|trouble| trouble.hint(format!("the appliance's log is {}", folder.join("appliance/tachiaid.log").display())))?;
    }
    if wanted(What::Desk) {
        let folder = Folder::fresh("bench-desk")?;
        measure_desk(&folder, *desk_roll, *check_ins, &mut Screen::new(Lang::En), &mut report)?;
    }
    if wanted(What::Statements) {
        measure_statements(&mut report, *present)?;
    }
    if wanted(What::Shelter) {
        let folder = Folder::fresh("bench-shelter")?;
        measure_shelter(&folder, *residents, *present, *check_ins, &mut Screen::new(Lang::En), &mut report)
            .map_err(|trouble| trouble.hint(format!("the appliance's log is {}", folder.join("appliance/tachiaid.log").display())))?;
    }
    if wanted(What::Records) {
        let folder = Folder::fresh("bench-records")?;
        measure_records(&folder, records, &mut Screen::new(Lang::En), &mut report)?;
    }
    Ok(())
}
