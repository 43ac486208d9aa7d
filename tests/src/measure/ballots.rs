//! Proving and verifying ballots, on one core.

use std::time::Duration;

use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use rand_core::OsRng;
use tachiai_crypto::election::ballot::{Ballot, Statement};
use tachiai_crypto::proof::batch::{BatchItem, verify_batch};
use tachiai_crypto::signature::SecretKey;

use super::election::{Keys, ballot, ballot_by};
use super::report::{Report, Unit, median, middle, timed};
use crate::trouble::{Doing, Trouble};

/// Ballots in a batch.
const BATCH: u32 = 512;

/// How often each measurement is repeated; the median counts.
const ROUNDS: usize = 7;

/// How many decompressions of points the verification of a ballot may cost, at five options.
const DECOMPRESSIONS: f64 = 32.0;

/// Measures one decompression, then ballots of 2, 5, 20 and 82 options.
///
/// # Errors
/// [`Trouble`] if a ballot cannot be made or does not hold.
pub fn measure_ballots(report: &mut Report) -> Result<(), Trouble> {
    let points: Vec<CompressedRistretto> = (0..4096).map(|_| RistrettoPoint::random(&mut OsRng).compress()).collect();
    let decompress = || timed(|| points.iter().filter_map(CompressedRistretto::decompress).count()) / 4096;
    let keys = Keys::of(5, 3)?;
    for options in [5, 2, 20, 82] {
        let statement = keys.statement(options)?;
        let key = SecretKey::generate(&mut OsRng);
        let prove = median(101, || ballot_by(&key, &statement, 0, 1));
        let bytes: Vec<Vec<u8>> = (0..BATCH).map(|slot| ballot(&statement, slot, slot as usize % usize::from(options))).collect::<Result<_, _>>()?;
        // One that fails would be bisected, which takes longer.
        batch(&bytes, &statement)?;
        // Both in turn, so that a machine that becomes slower in between slows both.
        let rounds: Vec<(Duration, Duration)> = (0..ROUNDS).map(|_| (decompress(), timed(|| batch(&bytes, &statement)) / BATCH)).collect();
        let suffix = if options == 5 { String::new() } else { format!("_{options}_options") };
        if options == 5 {
            report.time("decompress_us", middle(rounds.iter().map(|round| round.0).collect()), Unit::Microseconds);
            report.value("verify_ballot_ratio", middle(rounds.iter().map(|(decompress, verify)| ratio(*verify, *decompress)).collect()), Unit::Ratio);
            let one = bytes.first().doing("no ballot")?;
            let single = median(101, || Ballot::parse(one, &statement.style).map(|ballot| ballot.verify(&statement).is_ok()));
            report.time("verify_single_us", single, Unit::Microseconds);
        }
        report.time(&format!("verify_ballot_us_per_core{suffix}"), middle(rounds.iter().map(|round| round.1).collect()), Unit::Microseconds);
        report.time(&format!("prove_ballot_us{suffix}"), prove, Unit::Microseconds);
        report.value(&format!("ballot_bytes{suffix}"), bytes.first().map_or(0, Vec::len) as f64, Unit::Bytes);
    }
    Ok(())
}

/// Reads and checks a batch, signatures included.
fn batch(bytes: &[Vec<u8>], statement: &Statement) -> Result<(), Trouble> {
    let ballots = bytes.iter().map(|bytes| Ballot::parse(bytes, &statement.style)).collect::<Result<Vec<_>, _>>().doing("reading a ballot")?;
    let items: Vec<BatchItem<'_>> = ballots.iter().map(|ballot| BatchItem { ballot, statement }).collect();
    verify_batch(&items, &mut OsRng).into_iter().collect::<Result<(), _>>().doing("verifying a ballot")
}

fn ratio(verify: Duration, decompress: Duration) -> f64 {
    verify.as_secs_f64() / (DECOMPRESSIONS * decompress.as_secs_f64())
}
