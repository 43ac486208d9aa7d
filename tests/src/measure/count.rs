//! The count: a trustee's shares, their verification, and the tally.

use rand_core::OsRng;
use tachiai_crypto::ceremony::TrusteeIndex;
use tachiai_crypto::election::ballot::Ballot;
use tachiai_crypto::election::tally::{Accumulator, LogTable, check_sum, combine_shares};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::proof::equality::{Column, DecryptionShare, ShareContext};

use super::election::{Keys, ballot, shape};
use super::report::{Report, Unit, median};
use crate::trouble::{Doing, Trouble};
use crate::voters::{in_parallel, usual_threads};

/// Options of the contest.
const OPTIONS: u16 = 5;

/// Polling districts, each a unit of its own.
const DISTRICTS: u16 = 26;

/// The least number of ballots in a unit.
const MIN_UNIT: u32 = 10;

/// Ballots of the smaller and of the larger count.
const SIZES: [u32; 2] = [1_000, 20_000];

const ROUNDS: usize = 5;

/// Measures the count of 1,000 and of 20,000 ballots in 26 units; a trustee's work is the same for both.
///
/// # Errors
/// [`Trouble`] if the count comes out wrong.
pub fn measure_count(report: &mut Report) -> Result<(), Trouble> {
    let keys = Keys::of(5, 3)?;
    for size in SIZES {
        let (columns, units) = columns(&keys, size)?;
        let shares_of = |position: usize| shares(&keys, position, &columns);
        let decrypt = median(ROUNDS, || shares_of(0));
        report.time(&format!("trustee_decrypt_ms_{size}"), decrypt, Unit::Milliseconds);
        let given = (0..usize::from(keys.quorum.threshold())).map(shares_of).collect::<Result<Vec<_>, _>>()?;
        verify(&keys, &given, &columns)?;
        let tally_of = || tally(&keys, &given, &columns, &units);
        tally_of()?;
        if size == SIZES[1] {
            report.time("trustee_verify_ms", median(ROUNDS, || verify(&keys, given.get(..1).unwrap_or_default(), &columns)), Unit::Milliseconds);
            report.time("tally_ms", median(ROUNDS, tally_of), Unit::Milliseconds);
        }
    }
    Ok(())
}

type Units = Vec<tachiai_crypto::election::tally::Unit>;

/// The sums of so many ballots, spread over the districts.
fn columns(keys: &Keys, size: u32) -> Result<(Vec<Column>, Units), Trouble> {
    let statement = keys.statement(OPTIONS)?;
    let slots: Vec<u32> = (0..size).collect();
    let ballots = in_parallel(
        &slots,
        usual_threads(),
        || Ok(()),
        |(), _, slot| Ballot::parse(&ballot(&statement, *slot, *slot as usize % usize::from(OPTIONS))?, &statement.style).doing("reading a ballot"),
        || (),
    )?;
    let mut sums = Accumulator::new(vec![shape(OPTIONS)?]);
    for (slot, ballot) in slots.iter().zip(&ballots) {
        for contest in ballot.ciphertexts() {
            sums.add(0, (slot % u32::from(DISTRICTS)) as u16, contest).doing("adding a ballot")?;
        }
    }
    let units = sums.units(0, MIN_UNIT, &(0..DISTRICTS).collect::<Vec<_>>());
    Ok((sums.columns(0, &units, &keys.result.joint_key).doing("the columns")?, units))
}

fn context(keys: &Keys, trustee: TrusteeIndex) -> Result<ShareContext, Trouble> {
    let share_key = *keys.result.share_key(trustee).doing("a share key")?;
    Ok(ShareContext { context: keys.context, statement: Hash32::sha256(b"statement"), trustee, share_key })
}

type Shares = (TrusteeIndex, Vec<DecryptionShare>);

/// What one trustee releases.
fn shares(keys: &Keys, position: usize, columns: &[Column]) -> Result<Shares, Trouble> {
    let key = keys.trustees.get(position).doing("no such trustee")?;
    let context = context(keys, key.index())?;
    let shares = columns.iter().map(|column| DecryptionShare::prove(key, &context, column, &mut OsRng)).collect::<Result<_, _>>();
    Ok((key.index(), shares.doing("a share")?))
}

fn verify(keys: &Keys, given: &[Shares], columns: &[Column]) -> Result<(), Trouble> {
    for (trustee, shares) in given {
        let context = context(keys, *trustee)?;
        shares.iter().zip(columns).try_for_each(|(share, column)| share.verify(&context, column)).doing("a share")?;
    }
    Ok(())
}

/// Combines the shares, finds the totals and checks that they add up.
fn tally(keys: &Keys, given: &[Shares], columns: &[Column], units: &Units) -> Result<Vec<u64>, Trouble> {
    let shape = shape(OPTIONS)?;
    let largest = units.iter().map(|unit| unit.ballots).max().unwrap_or(0);
    let table = LogTable::new(largest);
    let mut totals = Vec::with_capacity(columns.len());
    for (index, column) in columns.iter().enumerate() {
        let shares: Vec<_> = given.iter().filter_map(|(trustee, shares)| Some((*trustee, *shares.get(index)?))).collect();
        let element = combine_shares(keys.quorum, column, &shares).doing("combining shares")?;
        totals.push(table.log(&element).doing("a total that is no number of votes")?);
    }
    for (unit, totals) in units.iter().zip(totals.chunks(shape.columns())) {
        check_sum(&shape, unit, totals).doing("the totals")?;
    }
    Ok(totals)
}
