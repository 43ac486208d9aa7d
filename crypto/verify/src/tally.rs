//! The count: sums of the ballots that count, the trustees' shares of them, and the totals that come out (PROTOCOL §8).
//!
//! Sums are only ever added to: who streams a board decides first which ballots count. Parts are summed on several threads and merged.

use tachiai_crypto::ceremony::{DecryptionKey, Quorum, TrusteeIndex};
use tachiai_crypto::election::ballot::{Ballot, BallotHeader};
use tachiai_crypto::election::context::{ContestShape, Context};
use tachiai_crypto::election::tally::{Accumulator, LogTable, Unit, check_sum, check_total, combine_shares};
use tachiai_crypto::group::Element;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::proof::equality::{Column, DecryptionShare, ShareContext, ShareError};
use tachiai_schemas::election::{ContestResult, Manifest, TallyResult};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::{LeafIndex, canonical, election::Body};

use rand_core::{CryptoRng, RngCore};

use crate::board::{Board, shape_of};
use crate::rule::{Breaks, Rule, Violation, require};

/// Sums of counted ballots, by contest and district.
#[derive(Clone)]
pub struct Sums(Accumulator);

impl Sums {
    /// Nothing counted yet.
    ///
    /// # Errors
    /// A [`Violation`] of R108 for a manifest that is not valid.
    pub fn new(manifest: &Manifest) -> Result<Self, Violation> {
        let shapes = manifest.contests.iter().map(shape_of).collect::<Result<_, _>>()?;
        Ok(Self(Accumulator::new(shapes)))
    }

    /// The sums as bytes, for [`Self::from_bytes`].
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.to_bytes()
    }

    /// Reads sums that [`Self::to_bytes`] wrote; `None` if they are not of this manifest.
    #[must_use]
    pub fn from_bytes(manifest: &Manifest, bytes: &[u8]) -> Option<Self> {
        let shapes = manifest.contests.iter().map(shape_of).collect::<Result<_, _>>().ok()?;
        Accumulator::from_bytes(shapes, bytes).map(Self)
    }

    /// Adds a ballot that counts, of a slot in `district`.
    ///
    /// # Errors
    /// A [`Violation`] of R501 for a ballot of another election's style; the sums are of no use then.
    pub fn add<State>(&mut self, district: u16, ballot: &Ballot<State>) -> Result<(), Violation> {
        for ((contest, _), ciphertexts) in ballot.style().contests().iter().zip(ballot.ciphertexts()) {
            self.0.add(*contest, district, ciphertexts).breaks(Rule::R501)?;
        }
        Ok(())
    }

    /// Adds the sums of other ballots.
    ///
    /// # Errors
    /// A [`Violation`] of R108 for sums of another election.
    pub fn merge(&mut self, other: Self) -> Result<(), Violation> {
        self.0.merge(other.0).breaks(Rule::R108)
    }

    /// Sums the counted ballots of a board whose proofs were checked before, such as a daemon's own: `entry` gives the entry at a leaf.
    ///
    /// # Errors
    /// Those of `entry`, and a [`Violation`] of R501 if it gives something else than the board's ballots.
    pub fn of_board<E: From<Violation>>(board: &Board, mut entry: impl FnMut(LeafIndex) -> Result<Entry, E>) -> Result<Self, E> {
        let missing = || Violation::of_record(Rule::R601, "the election was not opened");
        let mut sums = Self::new(board.manifest().ok_or_else(missing)?)?;
        for (slot, leaf) in board.counted() {
            let no_ballot = || Violation::of_record(Rule::R501, "no ballot of this board").at(leaf);
            let Body::Ballot(ballot) = entry(leaf)?.body else { return Err(no_ballot().into()) };
            let bytes = &ballot.ballot.0;
            let district = board.roll_slot(slot).ok_or_else(no_ballot)?.district;
            let style = board.style_of(district).ok_or_else(no_ballot)?;
            let header = BallotHeader::peek(bytes).breaks(Rule::R501)?;
            if header.slot != slot {
                return Err(no_ballot().into());
            }
            let ballot = Ballot::parse(bytes, style.style()).breaks(Rule::R501).map_err(|violation| violation.at(leaf))?;
            sums.add(district, &ballot)?;
        }
        Ok(sums)
    }
}

/// The fewest proofs of shares for which a thread is started: they take some two milliseconds.
const LEAST_PROOFS: usize = 16;

/// What is decrypted: the columns of the tally statement that stands on a board.
pub struct Count {
    context: Context,
    statement: Hash32,
    quorum: Quorum,
    share_keys: Vec<Element>,
    contests: Vec<CountedContest>,
}

struct CountedContest {
    shape: ContestShape,
    units: Vec<CountedUnit>,
}

struct CountedUnit {
    unit: Unit,
    columns: Vec<Column>,
}

/// A share file whose shape is right.
pub enum Shares {
    /// Every proof holds.
    Valid(Vec<DecryptionShare>),
    /// A proof does not hold, so that the file is discarded (R603).
    Invalid(ShareError),
}

impl Count {
    /// Makes the columns of the statement on the board from the sums of its counted ballots.
    ///
    /// # Errors
    /// A [`Violation`] of R601 if there is no statement, or the sums are not those of its ballots.
    pub fn new(board: &Board, sums: &Sums) -> Result<Self, Violation> {
        let missing = || Violation::of_record(Rule::R601, "there is no tally statement");
        let (statement, hash) = board.declared_statement().ok_or_else(missing)?;
        let (opened, manifest, quorum) = (board.opened().ok_or_else(missing)?, board.manifest().ok_or_else(missing)?, board.quorum().ok_or_else(missing)?);
        let mut contests = Vec::with_capacity(manifest.contests.len());
        for (declared, contest) in statement.contests.iter().zip(&manifest.contests) {
            let shape = shape_of(contest)?;
            let units: Vec<Unit> = declared.units.iter().map(|unit| Unit { districts: unit.districts.clone(), ballots: unit.ballots }).collect();
            // Of a contest without a poll nothing is opened (PROTOCOL §16.7).
            let mut columns = match board.is_contested(declared.contest, contest) {
                true => sums.0.columns(declared.contest, &units, opened.joint_key()).breaks(Rule::R601)?,
                false => Vec::new(),
            };
            let mut counted = Vec::with_capacity(units.len());
            for unit in units {
                let rest = columns.split_off(shape.columns().min(columns.len()));
                counted.push(CountedUnit { unit, columns: std::mem::replace(&mut columns, rest) });
            }
            contests.push(CountedContest { shape, units: counted });
        }
        Ok(Self { context: *opened.context(), statement: hash, quorum, share_keys: opened.share_keys().to_vec(), contests })
    }

    /// TS, the hash of the statement.
    #[must_use]
    pub const fn statement(&self) -> Hash32 {
        self.statement
    }

    /// The columns that need shares, in the order of a share file (PROTOCOL §8.4).
    pub fn columns(&self) -> impl Iterator<Item = &Column> {
        self.all_columns().filter(|column| column.needs_shares())
    }

    fn all_columns(&self) -> impl Iterator<Item = &Column> {
        self.contests.iter().flat_map(|contest| &contest.units).flat_map(|unit| &unit.columns)
    }

    /// The length of every share file in bytes.
    #[must_use]
    pub fn shares_len(&self) -> usize {
        self.columns().count() * DecryptionShare::LEN
    }

    /// The most bytes that the attachment `result` of these contests, units and columns can have: no total has more than 20 digits.
    #[must_use]
    pub fn result_most(&self) -> u64 {
        const NUMBER: u64 = 21;
        const CONTEST: u64 = 128;
        let of_contest = |contest: &CountedContest| {
            let columns = contest.shape.columns() as u64 * NUMBER;
            CONTEST + columns + contest.units.len() as u64 * (3 + columns)
        };
        CONTEST + self.contests.iter().map(of_contest).sum::<u64>()
    }

    fn share_context(&self, trustee: TrusteeIndex) -> Result<ShareContext, Violation> {
        let key = usize::from(trustee.get()).checked_sub(1).and_then(|position| self.share_keys.get(position));
        let share_key = *key.ok_or_else(|| Violation::of_record(Rule::R602, format!("there is no trustee {trustee}")))?;
        Ok(ShareContext { context: self.context, statement: self.statement, trustee, share_key })
    }

    /// Makes the share file of a trustee, the attachment of its `decryption-shares`.
    ///
    /// # Errors
    /// A [`Violation`] of R602 if the key is not that of a trustee of this election.
    pub fn prove(&self, key: &DecryptionKey, rng: &mut (impl RngCore + CryptoRng)) -> Result<Vec<u8>, Violation> {
        let context = self.share_context(key.index())?;
        let mut file = Vec::with_capacity(self.shares_len());
        for column in self.columns() {
            file.extend_from_slice(&DecryptionShare::prove(key, &context, column, rng).breaks(Rule::R602)?.to_bytes());
        }
        Ok(file)
    }

    /// Checks the share file of a trustee under its derived share key.
    ///
    /// # Errors
    /// A [`Violation`] of R602 unless it has exactly the columns, in canonical encodings.
    pub fn check_shares(&self, trustee: TrusteeIndex, file: &[u8]) -> Result<Shares, Violation> {
        self.check_shares_on(1, trustee, file)
    }

    /// As [`Self::check_shares`], on so many threads.
    ///
    /// # Errors
    /// As [`Self::check_shares`].
    pub(crate) fn check_shares_on(&self, jobs: usize, trustee: TrusteeIndex, file: &[u8]) -> Result<Shares, Violation> {
        let context = self.share_context(trustee)?;
        let (chunks, rest) = file.as_chunks::<{ DecryptionShare::LEN }>();
        let expected = self.shares_len();
        require!(rest.is_empty() && file.len() == expected, R602, "the share file of trustee {trustee} has {} bytes, not {expected}", file.len());
        // Form first, so that the verdict on a file with a bad encoding does not depend on which of its proofs hold.
        let shares = chunks.iter().map(DecryptionShare::decode).collect::<Result<Vec<_>, _>>().breaks(Rule::R602)?;
        let proofs: Vec<(&Column, &DecryptionShare)> = self.columns().zip(&shares).collect();
        let first_error = |proofs: &[(&Column, &DecryptionShare)]| proofs.iter().find_map(|(column, share)| share.verify(&context, column).err());
        let part = proofs.len().div_ceil(jobs.max(1)).max(LEAST_PROOFS);
        let mut errors: Vec<Option<ShareError>> = vec![None; proofs.len().div_ceil(part)];
        match errors.as_mut_slice() {
            [] => {}
            [error] => *error = first_error(&proofs),
            errors => std::thread::scope(|scope| {
                for (proofs, error) in proofs.chunks(part).zip(errors) {
                    scope.spawn(move || *error = first_error(proofs));
                }
            }),
        }
        Ok(errors.into_iter().flatten().next().map_or(Shares::Valid(shares), Shares::Invalid))
    }

    /// The totals that valid share files give.
    ///
    /// # Errors
    /// A [`Violation`] of R603 with fewer than t files or if a total is no number of ballots, of R604 if totals do not add up.
    pub fn result(&self, shares: &[(TrusteeIndex, Vec<DecryptionShare>)]) -> Result<TallyResult, Violation> {
        let most = self.contests.iter().flat_map(|contest| &contest.units).map(|counted| counted.unit.ballots).max().unwrap_or_default();
        let most = self.contests.iter().map(|contest| u64::from(contest.shape.selections())).max().unwrap_or_default().saturating_mul(most);
        let table = LogTable::new(most);
        self.totals(shares, |_, element| table.log(element).ok_or_else(|| Violation::of_record(Rule::R603, "a total is no number of ballots")))
    }

    /// Checks the attachment `result` against valid share files, and gives it back parsed.
    ///
    /// # Errors
    /// A [`Violation`] of R605 for another form, of R603 for another total, of R604 for totals that do not add up.
    pub fn check_result(&self, shares: &[(TrusteeIndex, Vec<DecryptionShare>)], file: &[u8]) -> Result<TallyResult, Violation> {
        let declared: TallyResult = canonical::from_bytes(file).breaks(Rule::R605)?;
        self.check_shape(&declared)?;
        let found = self.totals(shares, |column, element| {
            let units = declared.contests.get(usize::from(column.contest)).map(|contest| &contest.units);
            let total = units.and_then(|units| units.get(usize::from(column.unit))?.get(usize::from(column.column)).copied());
            let total = total.ok_or_else(|| Violation::of_record(Rule::R605, "a column is missing"))?;
            let place = || format!("contest {}, unit {}, column {}", column.contest, column.unit, column.column);
            check_total(element, total).map_err(|error| Violation::of_record(Rule::R603, format!("{}: {error}", place())))?;
            Ok(total)
        })?;
        require!(found == declared, R604, "the totals of a contest are not the sums of its units");
        Ok(declared)
    }

    fn check_shape(&self, declared: &TallyResult) -> Result<(), Violation> {
        require!(declared.contests.len() == self.contests.len(), R605, "the result has {} contests", declared.contests.len());
        for ((result, contest), index) in declared.contests.iter().zip(&self.contests).zip(0_u16..) {
            let ContestResult { contest: named, ballots: _, totals: _, units } = result;
            let same = units.len() == contest.units.len() && units.iter().zip(&contest.units).all(|(totals, unit)| totals.len() == unit.columns.len());
            require!(*named == index && same, R605, "the result of contest {index} has other units or columns");
        }
        Ok(())
    }

    /// Combines the shares of every column and lets `total` say what the outcome is the total of.
    fn totals(
        &self,
        shares: &[(TrusteeIndex, Vec<DecryptionShare>)],
        total: impl Fn(&Column, &Element) -> Result<u64, Violation>,
    ) -> Result<TallyResult, Violation> {
        let needed = self.quorum.threshold();
        require!(shares.len() >= usize::from(needed), R603, "{} valid share files where {needed} are needed", shares.len());
        let mut place = 0;
        let mut contests = Vec::with_capacity(self.contests.len());
        for (contest, index) in self.contests.iter().zip(0_u16..) {
            let mut units: Vec<Vec<u64>> = Vec::with_capacity(contest.units.len());
            for (CountedUnit { unit, columns }, at) in contest.units.iter().zip(0_u16..) {
                let mut totals = Vec::with_capacity(columns.len());
                for column in columns {
                    let of_column: Vec<_> = if column.needs_shares() {
                        let chosen = shares.iter().filter_map(|(trustee, shares)| Some((*trustee, *shares.get(place)?))).collect();
                        place += 1;
                        chosen
                    } else {
                        Vec::new()
                    };
                    totals.push(total(column, &combine_shares(self.quorum, column, &of_column).breaks(Rule::R603)?)?);
                }
                check_sum(&contest.shape, unit, &totals).map_err(|error| Violation::of_record(Rule::R604, format!("contest {index}, unit {at}: {error}")))?;
                units.push(totals);
            }
            let columns = units.first().map_or(0, Vec::len);
            // Each total is at most the selections of all ballots, whose sum was checked, so nothing overflows.
            let totals = (0..columns).map(|column| units.iter().filter_map(|unit| unit.get(column)).fold(0_u64, |sum, total| sum.saturating_add(*total)));
            let ballots = contest.units.iter().fold(0_u64, |sum, counted| sum.saturating_add(counted.unit.ballots));
            contests.push(ContestResult { contest: index, ballots, totals: totals.collect(), units });
        }
        Ok(TallyResult { contests })
    }
}
