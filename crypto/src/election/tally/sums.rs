//! Sums of ciphertexts: first for each contest and district while ballots stream by, then for the columns of units (PROTOCOL §8.2).

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::traits::Identity;

use super::{TallyError, Unit, units};
use crate::election::context::ContestShape;
use crate::elgamal::Ciphertext;
use crate::group::Element;
use crate::proof::equality::Column;

/// The sums over the ballots added so far, by contest and district. Ballots are only ever added: whoever streams decides first which ones count.
/// Threads sum parts of the ballots each and merge.
#[derive(Debug, Clone)]
pub struct Accumulator {
    shapes: Vec<ContestShape>,
    cells: BTreeMap<(u16, u16), Cell>,
}

#[derive(Debug, Clone)]
struct Cell {
    ballots: u64,
    sums: Vec<Pair>,
}

#[derive(Debug, Clone, Copy)]
struct Pair {
    a: RistrettoPoint,
    b: RistrettoPoint,
}

impl Pair {
    fn zero() -> Self {
        Self { a: RistrettoPoint::identity(), b: RistrettoPoint::identity() }
    }

    fn add(&mut self, Self { a, b }: &Self) {
        self.a += a;
        self.b += b;
    }
}

impl Accumulator {
    /// Nothing counted yet, for contests of these shapes in manifest order.
    #[must_use]
    pub const fn new(shapes: Vec<ContestShape>) -> Self {
        Self { shapes, cells: BTreeMap::new() }
    }

    /// Adds one counted ballot's part in one contest: the ciphertext of each position.
    ///
    /// # Errors
    /// [`TallyError::UnknownContest`], [`TallyError::Positions`]; nothing is added then.
    pub fn add(&mut self, contest: u16, district: u16, ciphertexts: &[Ciphertext]) -> Result<(), TallyError> {
        let expected = self.shape(contest)?.positions();
        if ciphertexts.len() != expected {
            return Err(TallyError::Positions { contest, expected, found: ciphertexts.len() });
        }
        let cell = self.cells.entry((contest, district)).or_insert_with(|| Cell { ballots: 0, sums: vec![Pair::zero(); expected] });
        cell.ballots += 1;
        for (sum, ciphertext) in cell.sums.iter_mut().zip(ciphertexts) {
            sum.a += ciphertext.a().point();
            sum.b += ciphertext.b().point();
        }
        Ok(())
    }

    /// Adds what another accumulator of the same contests has summed over other ballots.
    ///
    /// # Errors
    /// [`TallyError::OtherContests`]; nothing is added then.
    pub fn merge(&mut self, other: Self) -> Result<(), TallyError> {
        let Self { shapes, cells } = other;
        if shapes != self.shapes {
            return Err(TallyError::OtherContests);
        }
        for (key, theirs) in cells {
            match self.cells.entry(key) {
                Entry::Vacant(place) => {
                    place.insert(theirs);
                }
                Entry::Occupied(mut place) => {
                    let ours = place.get_mut();
                    ours.ballots += theirs.ballots;
                    for (sum, more) in ours.sums.iter_mut().zip(&theirs.sums) {
                        sum.add(more);
                    }
                }
            }
        }
        Ok(())
    }

    /// The ballots added for a contest and district.
    #[must_use]
    pub fn ballots(&self, contest: u16, district: u16) -> u64 {
        self.cells.get(&(contest, district)).map_or(0, |cell| cell.ballots)
    }

    /// The units of a contest that is held in `districts`, given in manifest order (PROTOCOL §8.1).
    #[must_use]
    pub fn units(&self, contest: u16, min_unit: u32, districts: &[u16]) -> Vec<Unit> {
        units(min_unit, &districts.iter().map(|district| (*district, self.ballots(contest, *district))).collect::<Vec<_>>())
    }

    /// The columns of every unit of a contest, unit by unit, the blanks of an *up to m* contest summed into the last one (PROTOCOL §8.2).
    ///
    /// # Errors
    /// [`TallyError::UnknownContest`]; [`TallyError::UnitBallots`] and [`TallyError::NotAPartition`] unless the units hold every ballot of the contest
    /// once and say so.
    pub fn columns(&self, contest: u16, units: &[Unit]) -> Result<Vec<Column>, TallyError> {
        let shape = self.shape(contest)?;
        let of_contest = self.cells.range((contest, 0)..=(contest, u16::MAX));
        if units.iter().map(|unit| u128::from(unit.ballots)).sum::<u128>() != of_contest.map(|(_, cell)| u128::from(cell.ballots)).sum() {
            return Err(TallyError::NotAPartition(contest));
        }
        let mut seen = BTreeSet::new();
        let each_once = units.iter().flat_map(|unit| &unit.districts).all(|district| seen.insert(*district));
        if !each_once || units.iter().any(|unit| unit.districts.is_empty()) {
            return Err(TallyError::NotAPartition(contest));
        }
        let mut columns = Vec::with_capacity(units.len() * shape.columns());
        for (index, unit) in (0..=u16::MAX).zip(units) {
            let mut sums = vec![Pair::zero(); shape.columns()];
            let mut ballots = 0;
            for cell in unit.districts.iter().filter_map(|district| self.cells.get(&(contest, *district))) {
                ballots += cell.ballots;
                for (position, sum) in cell.sums.iter().enumerate() {
                    // Every position after the options is a blank, and the blanks share the last column.
                    if let Some(column) = sums.get_mut(position.min(shape.named())) {
                        column.add(sum);
                    }
                }
            }
            if ballots != unit.ballots {
                return Err(TallyError::UnitBallots { contest, unit: index });
            }
            let of_unit = (0..=u16::MAX).zip(sums);
            columns.extend(of_unit.map(|(column, Pair { a, b })| Column { contest, unit: index, column, sum_a: Element::new(a), sum_b: Element::new(b) }));
        }
        Ok(columns)
    }

    fn shape(&self, contest: u16) -> Result<ContestShape, TallyError> {
        self.shapes.get(usize::from(contest)).copied().ok_or(TallyError::UnknownContest(contest))
    }
}
