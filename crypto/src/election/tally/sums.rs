//! Sums of ciphertexts: first for each contest and district while ballots stream by, then for the columns of units (PROTOCOL §8.2).

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};

use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;

use super::{TallyError, Unit, units};
use crate::election::context::ContestShape;
use crate::elgamal::Ciphertexts;
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
    /// Σρ.
    rho: Scalar,
    /// The sums of all columns but the last, which follows from ρ and these.
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

    fn subtract(&mut self, Self { a, b }: &Self) {
        self.a -= a;
        self.b -= b;
    }
}

/// The next bytes.
fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*head)
}

impl Accumulator {
    /// Nothing counted yet, for contests of these shapes in manifest order.
    #[must_use]
    pub const fn new(shapes: Vec<ContestShape>) -> Self {
        Self { shapes, cells: BTreeMap::new() }
    }

    /// Adds one counted ballot's part in one contest.
    ///
    /// # Errors
    /// [`TallyError::UnknownContest`], [`TallyError::Ciphertexts`]; nothing is added then.
    pub fn add(&mut self, contest: u16, district: u16, ciphertexts: &Ciphertexts) -> Result<(), TallyError> {
        let shape = self.shape(contest)?;
        let (expected, found) = (shape.sent(), ciphertexts.sent().len());
        if found != expected {
            return Err(TallyError::Ciphertexts { contest, expected, found });
        }
        let empty = || Cell { ballots: 0, rho: Scalar::ZERO, sums: vec![Pair::zero(); shape.columns() - 1] };
        let cell = self.cells.entry((contest, district)).or_insert_with(empty);
        cell.ballots += 1;
        cell.rho += ciphertexts.rho();
        // Blanks that are sent belong to the last column and are left out.
        for (sum, ciphertext) in cell.sums.iter_mut().zip(ciphertexts.sent()) {
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
                    ours.rho += theirs.rho;
                    for (sum, more) in ours.sums.iter_mut().zip(&theirs.sums) {
                        sum.add(more);
                    }
                }
            }
        }
        Ok(())
    }

    /// The sums as bytes, for a file of the program that made them: for each contest and district u16 ‖ u16 ‖ ballots u64 ‖ Σρ ‖ the pairs of sums.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for ((contest, district), Cell { ballots, rho, sums }) in &self.cells {
            out.extend_from_slice(&contest.to_be_bytes());
            out.extend_from_slice(&district.to_be_bytes());
            out.extend_from_slice(&ballots.to_be_bytes());
            out.extend_from_slice(rho.as_bytes());
            for Pair { a, b } in sums {
                out.extend_from_slice(a.compress().as_bytes());
                out.extend_from_slice(b.compress().as_bytes());
            }
        }
        out
    }

    /// Reads what [`Self::to_bytes`] wrote of sums for contests of these shapes; `None` for anything else.
    #[must_use]
    pub fn from_bytes(shapes: Vec<ContestShape>, mut bytes: &[u8]) -> Option<Self> {
        let mut read = Self::new(shapes);
        let point = |bytes: &mut &[u8]| CompressedRistretto(take(bytes)?).decompress();
        while !bytes.is_empty() {
            let key = (u16::from_be_bytes(take(&mut bytes)?), u16::from_be_bytes(take(&mut bytes)?));
            let ballots = u64::from_be_bytes(take(&mut bytes)?);
            let rho = Option::from(Scalar::from_canonical_bytes(take(&mut bytes)?))?;
            let columns = read.shape(key.0).ok()?.columns() - 1;
            let sums = (0..columns).map(|_| Some(Pair { a: point(&mut bytes)?, b: point(&mut bytes)? })).collect::<Option<_>>()?;
            if read.cells.last_key_value().is_some_and(|(last, _)| *last >= key) {
                return None;
            }
            read.cells.insert(key, Cell { ballots, rho, sums });
        }
        Some(read)
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

    /// The columns of every unit of a contest, unit by unit, the blanks of an *up to m* contest summed into the last one (PROTOCOL §8.2). The last column
    /// is what the others lack to an encryption, under the joint key and with randomness Σρ, of all selections.
    ///
    /// # Errors
    /// [`TallyError::UnknownContest`]; [`TallyError::UnitBallots`] and [`TallyError::NotAPartition`] unless the units hold every ballot of the contest
    /// once and say so.
    pub fn columns(&self, contest: u16, units: &[Unit], joint_key: &Element) -> Result<Vec<Column>, TallyError> {
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
            let mut sums = vec![Pair::zero(); shape.columns() - 1];
            let (mut ballots, mut rho) = (0, Scalar::ZERO);
            for cell in unit.districts.iter().filter_map(|district| self.cells.get(&(contest, *district))) {
                ballots += cell.ballots;
                rho += cell.rho;
                sums.iter_mut().zip(&cell.sums).for_each(|(column, sum)| column.add(sum));
            }
            if ballots != unit.ballots {
                return Err(TallyError::UnitBallots { contest, unit: index });
            }
            let selections = Scalar::from(shape.selections()) * Scalar::from(ballots);
            let b = RistrettoPoint::vartime_double_scalar_mul_basepoint(&rho, joint_key.point(), &selections);
            let mut last = Pair { a: RistrettoPoint::mul_base(&rho), b };
            sums.iter().for_each(|sum| last.subtract(sum));
            sums.push(last);
            let of_unit = (0..=u16::MAX).zip(sums);
            columns.extend(of_unit.map(|(column, Pair { a, b })| Column { contest, unit: index, column, sum_a: Element::new(a), sum_b: Element::new(b) }));
        }
        Ok(columns)
    }

    fn shape(&self, contest: u16) -> Result<ContestShape, TallyError> {
        self.shapes.get(usize::from(contest)).copied().ok_or(TallyError::UnknownContest(contest))
    }
}
