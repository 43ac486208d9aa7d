//! Statements and disclosures without an appliance, on one core: made from the openings of a full night, and checked from nothing but their files.

use std::time::Duration;

use tachiai_crypto::roster::{ChainId, Need};
use tachiai_schemas::roster::Act;
use tachiai_schemas::roster::disclosure::DisclosureHead;
use tachiai_schemas::roster::statement::StatementHead;
use tachiai_verify::roster::file::{Entries, Lines};
use tachiai_verify::roster::{disclosure, statement};
use tachiai_verify::testing::night::{Night, person};

use super::report::{Report, Unit, median, middle, timed};
use crate::trouble::{Doing, Trouble};

/// The shelters.
const SHELTERS: usize = 20;

/// Those of whom one in so many needs care, and is disclosed.
const ONE_IN: usize = 10;

/// How often each measurement is repeated; the median counts.
const ROUNDS: usize = 7;

/// Statements of an event, one an hour for ten days.
const HOURS: usize = 240;

/// Those who come in the hour before each.
const AN_HOUR: usize = 100;

/// Measures a roster of so many entries about people, each a person of its own.
///
/// # Errors
/// [`Trouble`] if anything does not hold.
pub fn measure_statements(report: &mut Report, present: usize) -> Result<(), Trouble> {
    let mut night = Night::in_shelters((0..SHELTERS).map(|number| format!("s{number}")).collect());
    for number in 0..present {
        write(&mut night, number, Act::In)?;
    }
    let entry = night.written.last().doing("no entry")?.bytes.len();
    report.value("roster_entry_bytes", entry as f64, Unit::Bytes);

    report.time("statement_prove_ms", median(ROUNDS, || night.state(None).is_ok()), Unit::Milliseconds);
    let statement = night.state(None).doing("stating totals")?;
    let size = statement.size;
    let file = night.publish(statement);
    report.value("statement_bytes", first_line(&file) as f64, Unit::Bytes);
    let head = Lines::<StatementHead>::read(file.as_slice(), "the file", "a statement").doing("reading a statement")?.head;
    let mut held = true;
    let mut entries = || {
        timed(|| {
            let lines = Lines::<StatementHead>::read(file.as_slice(), "the file", "a statement");
            held &= lines.is_ok_and(|lines| Entries::check(&lines.entries, &head.checkpoint, size, &[], None).is_ok());
        })
    };
    let mut is_valid = true;
    let mut whole = || timed(|| is_valid &= statement::verify(file.as_slice(), "the file", None, None).is_ok());
    // There and back, so that neither gains by its place: the one that runs first of two is slower by some milliseconds.
    let rounds: Vec<[Duration; 2]> = (0..ROUNDS)
        .map(|_| {
            let (first, second) = (entries(), whole());
            [whole() + second, entries() + first]
        })
        .collect();
    if !(held && is_valid) {
        return Err(Trouble::new("verifying a statement", "it does not hold"));
    }
    report.time(&format!("entries_{present}_verify_ms"), middle(rounds.iter().map(|[_, entries]| *entries / 2).collect()), Unit::Milliseconds);
    // What the statement adds to its entries is the difference, which varies by more than it is.
    report.time("statement_file_verify_ms", middle(rounds.iter().map(|[whole, _]| *whole / 2).collect()), Unit::Milliseconds);

    let leaves = night.with(Need::Care);
    let terms = night.terms();
    let prove = median(ROUNDS, || night.disclose(terms.clone(), &leaves).is_ok());
    let people = leaves.len();
    report.time(&format!("disclosure_{people}_prove_ms"), prove, Unit::Milliseconds);
    let made = night.disclose(terms, &leaves).doing("disclosing")?;
    let file = night.hand_out(made);
    report.value(&format!("disclosure_{people}_bytes"), first_line(&file) as f64, Unit::Bytes);
    let head = Lines::<DisclosureHead>::read(file.as_slice(), "the file", "a disclosure").doing("reading a disclosure")?.head;
    report.value("disclosed_person_bytes", head.disclosure.body.people.first().map_or(0, person_bytes) as f64, Unit::Bytes);
    let mut held = true;
    let verify = median(ROUNDS, || held &= disclosure::verify(file.as_slice(), "the file", None).is_ok());
    report.time(&format!("disclosure_{people}_verify_whole_ms"), verify, Unit::Milliseconds);
    if !held {
        return Err(Trouble::new("verifying a disclosure", "it does not hold"));
    }
    measure_hours(report, &mut night, present)
}

/// Somebody comes or leaves.
fn write(night: &mut Night, number: usize, act: Act) -> Result<(), Trouble> {
    let mut handle = [0; 16];
    handle[..8].copy_from_slice(&(number as u64).to_be_bytes());
    let needs: &[Need] = if number.is_multiple_of(ONE_IN) { &[Need::Care] } else { &[] };
    let years = u8::try_from(number % 97).doing("an age")?;
    night.tell(number % SHELTERS, ChainId(handle), act, &person(years, needs));
    Ok(())
}

/// Measures the last statement of many, each of which is held against all before it.
fn measure_hours(report: &mut Report, night: &mut Night, present: usize) -> Result<(), Trouble> {
    let mut came = present;
    for hour in 1..HOURS {
        for number in came..came + AN_HOUR {
            write(night, number, Act::In)?;
            write(night, number - present, Act::Out)?;
        }
        came += AN_HOUR;
        if hour + 1 < HOURS {
            let statement = night.state(None).doing("stating totals")?;
            night.register(statement.stated().doing("registering a statement")?);
        }
    }
    let mut made = None;
    let prove = median(3, || {
        made = night.state(None).ok();
        made.is_some()
    });
    report.time(&format!("statement_{HOURS}_prove_ms"), prove, Unit::Milliseconds);
    let statement = made.doing("stating totals")?;
    let file = night.publish(statement);
    let mut is_valid = true;
    let verify = median(3, || is_valid &= statement::verify(file.as_slice(), "the file", None, None).is_ok());
    report.time(&format!("statement_{HOURS}_verify_whole_ms"), verify, Unit::Milliseconds);
    if is_valid { Ok(()) } else { Err(Trouble::new("verifying a statement", "it does not hold")) }
}

/// What is claimed, without the entries that it rests on.
fn first_line(file: &[u8]) -> usize {
    file.iter().position(|byte| *byte == b'\n').unwrap_or(file.len())
}

fn person_bytes(person: &tachiai_schemas::roster::disclosure::Disclosed) -> usize {
    serde_json::to_vec(person).map_or(0, |bytes| bytes.len())
}
