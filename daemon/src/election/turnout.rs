//! The turnout (投票率): how many of whom voted, by channel, district, age on the polling day and sex.
//!
//! It is a function of the board's entries up to a time and of the slot book, so that the figures of any hour can be computed again later. What a ballot
//! holds is never looked at. A cell of few electors is not shown, nor is a second one by which it could be had as a difference.
//!
//! The total can be asked for at any second. By district, age and sex it is given as of full hours alone: of two moments with one voter between them the
//! difference would tell that voter's group.

use std::sync::Arc;

use tachiai_crypto::election::ballot::BallotHeader;
use tachiai_schemas::counting::{AgeBand, AgeRow, Turnout, TurnoutCell, TurnoutParts};
use tachiai_schemas::election::{Body, Manifest, Text};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::paper::{PlaceKind, RollChangeKind};
use tachiai_schemas::roll::Day;
use tachiai_schemas::{ElectionId, LeafIndex, Refusal, Slot, Timestamp};

use super::acts::offload;
use super::live::Live;
use super::slots::SlotBook;
use crate::refused::Refused;

/// The least number of electors entitled in a group that is shown: a district, an age, a sex, or an age in a district.
pub const SHOWN: u64 = 5;

/// The seconds of an hour. Full hours in Japan are full hours everywhere that counts in seconds.
const HOUR: i64 = 3_600;

/// How many seconds an hour must be over before its figures are given: what was recorded in its last second is on the board then.
const SETTLED: i64 = 60;

/// By what the turnout tells electors apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// The index of the district.
    pub district: u16,
    /// The age on the polling day.
    pub band: AgeBand,
    /// The sex as the roll has it.
    pub sex: SexOfRoll,
}

/// The sex as the roll has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SexOfRoll {
    /// 男.
    Male,
    /// 女.
    Female,
    /// 不明.
    Unknown,
}

/// By which channel somebody voted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Channel {
    Online,
    Paper(PlaceKind),
}

/// Where an elector stands.
struct Standing {
    group: Group,
    struck: bool,
    voted: Option<Channel>,
}

/// The turnout as far as the entries of a board were applied.
pub struct Fold {
    places: Vec<PlaceKind>,
    electors: Vec<Standing>,
}

impl Fold {
    /// Nobody has voted yet. `groups` are those of the slots of the roll, in order.
    #[must_use]
    pub fn new(manifest: &Manifest, groups: impl IntoIterator<Item = Group>) -> Self {
        let electors = groups.into_iter().map(|group| Standing { group, struck: false, voted: None }).collect();
        Self { places: manifest.places.iter().map(|place| place.kind).collect(), electors }
    }

    /// Takes the next entry of a board that was checked. `group` tells of a slot that was added to the roll, as far as it is known.
    pub fn apply(&mut self, entry: &Entry, group: impl FnOnce(Slot) -> Option<Group>) {
        match &entry.body {
            Body::Ballot(ballot) => {
                if let Ok(header) = BallotHeader::peek(&ballot.ballot.0) {
                    self.set(header.slot, Some(Channel::Online));
                }
            }
            // Only the ballot that counts can be challenged, and a slot that holds a paper has none.
            Body::Challenged(challenged) => self.set(challenged.slot, None),
            Body::PaperIssued(issued) => {
                let kind = self.places.get(usize::from(issued.body.place)).copied();
                self.set(issued.body.slot, kind.map(Channel::Paper));
            }
            Body::PaperUndone(undone) => self.set(undone.body.slot, None),
            Body::RollChanged(changed) => match (changed.change, changed.added) {
                (RollChangeKind::Added, Some(added)) => {
                    let known = group(changed.slot).map(|group| Group { district: added.district, ..group });
                    let group = known.unwrap_or(Group { district: added.district, band: AgeBand::Other, sex: SexOfRoll::Unknown });
                    self.electors.push(Standing { group, struck: false, voted: None });
                }
                (RollChangeKind::Struck, _) => self.strike(changed.slot, true),
                (RollChangeKind::Restored, _) => self.strike(changed.slot, false),
                (RollChangeKind::Added, None) => {}
            },
            Body::Manifest(_)
            | Body::Commit(_)
            | Body::Deal(_)
            | Body::Confirm(_)
            | Body::Complaint(_)
            | Body::Opened(_)
            | Body::Registration(_)
            | Body::DayClosed(_)
            | Body::CandidateOut(_)
            | Body::OnlineClosed(_)
            | Body::PollClosed(_)
            | Body::TallyStatement(_)
            | Body::Shares(_)
            | Body::PaperCount(_)
            | Body::Result(_)
            | Body::Lot(_)
            | Body::Published(_) => {}
        }
    }

    fn elector(&mut self, slot: Slot) -> Option<&mut Standing> {
        self.electors.get_mut(usize::try_from(slot.0).ok()?)
    }

    fn set(&mut self, slot: Slot, voted: Option<Channel>) {
        if let Some(elector) = self.elector(slot) {
            elector.voted = voted;
        }
    }

    fn strike(&mut self, slot: Slot, is: bool) {
        if let Some(elector) = self.elector(slot) {
            elector.struck = is;
        }
    }

    /// The figures of every cell, the small ones included.
    #[must_use]
    pub fn table(&self, districts: usize) -> Table {
        let mut table = Table { cells: vec![vec![TurnoutCell::default(); districts]; AgeBand::ALL.len()], sexes: [TurnoutCell::default(); 3] };
        for Standing { group: Group { district, band, sex }, struck, voted } in &self.electors {
            let mut one = TurnoutCell { entitled: u64::from(!struck), ..TurnoutCell::default() };
            match voted {
                None => {}
                Some(Channel::Online) => one.online = 1,
                Some(Channel::Paper(PlaceKind::Early)) => one.early = 1,
                Some(Channel::Paper(PlaceKind::Day)) => one.day = 1,
                Some(Channel::Paper(PlaceKind::Absentee)) => one.absentee = 1,
            }
            let row = AgeBand::ALL.iter().position(|(known, _, _)| known == band);
            if let Some(cell) = row.and_then(|row| table.cells.get_mut(row)).and_then(|row| row.get_mut(usize::from(*district))) {
                cell.add(&one);
            }
            let [male, female, unknown] = &mut table.sexes;
            match sex {
                SexOfRoll::Male => male,
                SexOfRoll::Female => female,
                SexOfRoll::Unknown => unknown,
            }
            .add(&one);
        }
        table
    }
}

/// Every figure, by age and district, and by sex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// By the order of [`AgeBand::ALL`], then by district.
    pub cells: Vec<Vec<TurnoutCell>>,
    /// Male, female, unknown.
    pub sexes: [TurnoutCell; 3],
}

fn sum<'a>(cells: impl IntoIterator<Item = &'a TurnoutCell>) -> TurnoutCell {
    cells.into_iter().fold(TurnoutCell::default(), |mut sum, cell| {
        sum.add(cell);
        sum
    })
}

impl Table {
    /// Everybody.
    #[must_use]
    pub fn all(&self) -> TurnoutCell {
        sum(self.cells.iter().flatten())
    }

    /// Each district.
    #[must_use]
    pub fn districts(&self) -> Vec<TurnoutCell> {
        let districts = self.cells.first().map_or(0, Vec::len);
        (0..districts).map(|district| sum(self.cells.iter().filter_map(|row| row.get(district)))).collect()
    }

    /// The districts as they are shown: small ones are hidden, and where only one would be, which the total gives away, the smallest other one, too.
    #[must_use]
    pub fn shown_districts(&self) -> Vec<Option<TurnoutCell>> {
        let column: Vec<Vec<TurnoutCell>> = self.districts().into_iter().map(|cell| vec![cell]).collect();
        without_small(&column).into_iter().map(|row| row.into_iter().next().flatten()).collect()
    }

    /// The rows by age as they are shown, each with its total. Small cells are hidden; where a row or column would be left with a single hidden one, which
    /// the others give away, the smallest other one is hidden, too.
    #[must_use]
    pub fn shown(&self) -> Vec<AgeRow> {
        let with_totals: Vec<Vec<TurnoutCell>> = self.cells.iter().map(|row| row.iter().copied().chain([sum(row)]).collect()).collect();
        let row = |(band, mut row): (AgeBand, Vec<Option<TurnoutCell>>)| AgeRow { band, all: row.pop().flatten(), districts: row };
        AgeBand::ALL.iter().map(|(band, _, _)| *band).zip(without_small(&with_totals)).map(row).collect()
    }

    /// The figures by sex as they are shown, likewise.
    #[must_use]
    pub fn shown_sexes(&self) -> [Option<TurnoutCell>; 3] {
        let column: Vec<Vec<TurnoutCell>> = self.sexes.iter().map(|cell| vec![*cell]).collect();
        let mut shown = without_small(&column).into_iter().map(|row| row.into_iter().next().flatten());
        std::array::from_fn(|_| shown.next().flatten())
    }
}

/// Whether a cell is of so few electors that it is not shown; there may be more who voted than who are entitled, since some were struck afterwards.
fn is_small(cell: &TurnoutCell) -> bool {
    (1..SHOWN).contains(&cell.entitled.max(cell.voted()))
}

/// The cells of a table whose lines add up to known totals, without the small ones and those that would give one away.
fn without_small(cells: &[Vec<TurnoutCell>]) -> Vec<Vec<Option<TurnoutCell>>> {
    let mut hidden: Vec<Vec<bool>> = cells.iter().map(|row| row.iter().map(is_small).collect()).collect();
    let (rows, columns) = (cells.len(), cells.first().map_or(0, Vec::len));
    // A row of a single column adds up to nothing.
    let across = (0..rows).filter(|_| columns > 1).map(|row| (0..columns).map(|column| (row, column)).collect());
    let lines: Vec<Vec<(usize, usize)>> = across.chain((0..columns).map(|column| (0..rows).map(|row| (row, column)).collect())).collect();
    loop {
        let mut changed = false;
        for line in &lines {
            let is = |&(row, column): &(usize, usize)| hidden.get(row).and_then(|row| row.get(column)).copied().unwrap_or_default();
            if line.iter().filter(|place| is(place)).count() != 1 {
                continue;
            }
            let size = |&(row, column): &(usize, usize)| cells.get(row).and_then(|row| row.get(column)).map_or(0, |cell| cell.entitled.max(cell.voted()));
            let smallest = line.iter().filter(|place| !is(place) && size(place) > 0).min_by_key(|place| size(place)).copied();
            if let Some(cell) = smallest.and_then(|(row, column)| hidden.get_mut(row).and_then(|row| row.get_mut(column))) {
                *cell = true;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    cells.iter().zip(&hidden).map(|(cells, hidden)| cells.iter().zip(hidden).map(|(cell, hidden)| (!hidden).then_some(*cell)).collect()).collect()
}

/// The last full hour in Japan that is not after a time.
#[must_use]
fn last_hour(at: Timestamp) -> Timestamp {
    at.plus(-at.unix().rem_euclid(HOUR))
}

/// The entries of a board on their way into a turnout: the total goes on, how it parts is what stood at the hour.
struct Run {
    fold: Fold,
    hour: Timestamp,
    districts: usize,
    size: u64,
    /// How it stood at the hour, and of how many entries, once an entry came after it.
    stood: Option<(Table, u64)>,
    /// When the poll was closed.
    closed: Option<Timestamp>,
}

impl Run {
    const fn new(fold: Fold, hour: Timestamp, districts: usize) -> Self {
        Self { fold, hour, districts, size: 0, stood: None, closed: None }
    }

    fn apply(&mut self, leaf: LeafIndex, entry: &Entry, group: impl FnOnce(Slot) -> Option<Group>) {
        if self.stood.is_none() && entry.at > self.hour {
            self.stood = Some((self.fold.table(self.districts), self.size));
        }
        self.fold.apply(entry, group);
        self.size = leaf.0 + 1;
        if matches!(entry.body, Body::PollClosed(_)) {
            self.closed = Some(entry.at);
        }
    }

    fn end(self, election: ElectionId, at: Timestamp, names: Vec<Text>) -> Turnout {
        let Self { fold, hour, districts, size, stood, closed } = self;
        let last = fold.table(districts);
        let all = last.all();
        let (parted, table, entries) = match (closed, stood) {
            // Nobody votes any more, so there is no difference to take.
            (Some(closed), _) => (closed, last, size),
            (None, Some((table, entries))) => (hour, table, entries),
            (None, None) => (hour, last, size),
        };
        let parts = TurnoutParts {
            at: parted,
            size: entries,
            all: table.all(),
            names,
            districts: table.shown_districts(),
            ages: table.shown(),
            sexes: table.shown_sexes(),
        };
        Turnout { election, at, size, all, parts }
    }
}

/// The group of an elector of the slot book.
fn group_of(book: &SlotBook, slot: Slot, poll_closes: Timestamp) -> Option<Group> {
    let elector = &book.record(slot)?.elector;
    let sex = match elector.sex.as_str() {
        "1" => SexOfRoll::Male,
        "2" => SexOfRoll::Female,
        _ => SexOfRoll::Unknown,
    };
    Some(Group { district: elector.district, band: age_on(&elector.birth, poll_closes).map_or(AgeBand::Other, AgeBand::of), sex })
}

/// The age in full years on the polling day in Japan: a year is full at the end of the day before the birthday (年齢計算ニ関する法律; Civil Code article 143).
/// Where month or day of birth are unknown it is the latest possible one, by which the right to vote was decided, too. `None` for no date, and for one that is
/// still to come.
#[must_use]
pub fn age_on(birth: &str, poll_closes: Timestamp) -> Option<u32> {
    let (birth, polling) = (birth.parse::<Day>().ok()?, Day::of(poll_closes));
    (0..=u16::MAX / 12).take_while(|years| birth.end_of_months(years * 12) <= polling).last().map(u32::from)
}

impl Live {
    /// The turnout up to a time, or until now; how it parts, as of the last full hour before.
    ///
    /// # Errors
    /// [`Refusal::NotOpenYet`].
    pub async fn turnout(self: &Arc<Self>, at: Option<Timestamp>) -> Result<Turnout, Refused> {
        let now = self.services.clock.now();
        let live = Arc::clone(self);
        offload(move || live.turnout_at(at.map_or(now, |at| at.min(now)), now)).await
    }

    fn turnout_at(&self, at: Timestamp, now: Timestamp) -> Result<Turnout, Refused> {
        let book = self.slots()?;
        let (manifest, end) = {
            let published = self.board();
            let manifest = published.state.board.manifest().cloned().ok_or(Refusal::NotOpenYet)?;
            (manifest, published.state.tree.len())
        };
        let slots = self.board().state.board.roll_len();
        let unknown = Group { district: 0, band: AgeBand::Other, sex: SexOfRoll::Unknown };
        let groups = (0..slots).map(|slot| group_of(&book, Slot(slot), manifest.poll_closes).unwrap_or(unknown));
        let mut run = Run::new(Fold::new(&manifest, groups), last_hour(at.min(now.plus(-SETTLED))), manifest.districts.len());
        for leaf in 0..end {
            let entry = self.entry(LeafIndex(leaf))?;
            if entry.at > at {
                break;
            }
            run.apply(LeafIndex(leaf), &entry, |slot| group_of(&book, slot, manifest.poll_closes));
        }
        let names = manifest.districts.iter().map(|district| district.name.clone()).collect();
        Ok(run.end(self.id, at, names))
    }
}

#[cfg(test)]
mod tests;
