//! Papers as the board sees them: who holds one, what each day of a place gave, how the roll changed, and the count of the boxes (PROTOCOL §16).

use std::collections::BTreeMap;

use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::journal::BoardKey;
use tachiai_crypto::labels;
use tachiai_schemas::election::{Authority, Choice, Contest, ContestKind, Manifest};
use tachiai_schemas::paper::{
    AddedSlot, Attested, CandidateOut, DayClose, DayPapers, Identified, Lot, Manner, Officer, OfficerRole, OutReason, PaperCount, PaperIssue, PaperUndo, Place,
    RollChangeKind, RollChanged,
};
use tachiai_schemas::receipt::BallotStatus;
use tachiai_schemas::trustee::{Signed, SignedKind};
use tachiai_schemas::{HashBytes, LeafIndex, Slot, Timestamp, canonical};

use super::slots::{ContestSet, DeskState, PaperState};
use super::{Board, Fixed, OpenedState, Stage};
use crate::obligation::Obligation;
use crate::rule::{Breaks, Rule, Violation, require};

/// How many witnesses sign a day-close, a count and a lot, where there are as many.
pub const WITNESSES: usize = 2;

/// What was handed out of one contest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Handed {
    issued: u32,
    returned: u32,
}

/// A day of a place, as far as its entries go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayState {
    handed: BTreeMap<u16, Handed>,
    handouts: u32,
    electors: u32,
    with_card: u32,
    replaced: u32,
    manners: [u32; Manner::ALL.len()],
    digest: Hash32,
    closed: Option<(LeafIndex, DayClose)>,
}

impl DayState {
    fn new(opened: Hash32, place: u16, session: u16) -> Self {
        let digest = tagged(labels::hash::PAPER_DAY, &[opened.as_bytes(), &place.to_be_bytes(), &session.to_be_bytes()]);
        Self { handed: BTreeMap::new(), handouts: 0, electors: 0, with_card: 0, replaced: 0, manners: [0; Manner::ALL.len()], digest, closed: None }
    }

    fn chain(&mut self, leaf: LeafIndex, leaf_hash: Hash32) {
        self.digest = tagged(labels::hash::PAPER_DAY, &[self.digest.as_bytes(), &leaf.0.to_be_bytes(), leaf_hash.as_bytes()]);
    }

    /// How often papers were handed out, undone or not.
    #[must_use]
    pub const fn handouts(&self) -> u32 {
        self.handouts
    }

    /// Electors with a paper that did not come back.
    #[must_use]
    pub const fn electors(&self) -> u32 {
        self.electors
    }

    /// How many of them were identified by card.
    #[must_use]
    pub const fn with_card(&self) -> u32 {
        self.with_card
    }

    /// How many hand-outs took an online ballot out of the count.
    #[must_use]
    pub const fn replaced(&self) -> u32 {
        self.replaced
    }

    /// How many of the electors mark their paper in this manner.
    #[must_use]
    pub fn in_manner(&self, manner: Manner) -> u32 {
        Manner::ALL.iter().zip(self.manners).find(|((known, _), _)| *known == manner).map_or(0, |(_, number)| number)
    }

    /// Leaf and figures of the day-close, once it is there.
    #[must_use]
    pub const fn closed(&self) -> Option<&(LeafIndex, DayClose)> {
        self.closed.as_ref()
    }

    /// The day-close that the entries so far give, where all papers but `taken_home` (by contest) are in the box.
    #[must_use]
    pub fn close(&self, opened: Hash32, place: u16, session: u16, taken_home: &BTreeMap<u16, u32>) -> DayClose {
        let papers = self.handed.iter().map(|(contest, Handed { issued, returned })| {
            let out = issued.saturating_sub(*returned);
            let taken_home = taken_home.get(contest).copied().unwrap_or_default().min(out);
            DayPapers { contest: *contest, issued: *issued, returned: *returned, taken_home, in_box: out - taken_home }
        });
        DayClose {
            opened: opened.into(),
            place,
            session,
            papers: papers.collect(),
            electors: self.electors,
            with_card: self.with_card,
            replaced: self.replaced,
            digest: self.digest.into(),
        }
    }
}

/// How often the roll changed after the opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct RollChanges {
    /// Electors added, who vote on paper.
    pub added: u64,
    /// Slots struck.
    pub struck: u64,
    /// Slots entitled again after they were struck.
    pub restored: u64,
}

/// What stands on paper.
#[derive(Default)]
pub(super) struct Papers {
    days: Vec<Vec<DayState>>,
    added: Vec<(AddedSlot, DeskState)>,
    changes: RollChanges,
    outs: BTreeMap<(u16, u16), (OutReason, LeafIndex)>,
    counts: BTreeMap<u16, (LeafIndex, PaperCount)>,
    lots: BTreeMap<u16, (LeafIndex, Lot)>,
}

impl Papers {
    pub(super) fn new(manifest: &Manifest, opened: Hash32) -> Self {
        let days = |(place, listed): (u16, &Place)| (0..=u16::MAX).zip(&listed.sessions).map(|(session, _)| DayState::new(opened, place, session)).collect();
        Self { days: (0..=u16::MAX).zip(&manifest.places).map(days).collect(), ..Self::default() }
    }

    fn day(&self, place: u16, session: u16) -> Option<&DayState> {
        self.days.get(usize::from(place))?.get(usize::from(session))
    }

    fn day_mut(&mut self, place: u16, session: u16) -> Option<&mut DayState> {
        self.days.get_mut(usize::from(place))?.get_mut(usize::from(session))
    }
}

impl Board {
    fn on_paper(&self) -> Result<(&Fixed, &OpenedState), Violation> {
        let opened = self.opened.as_ref().filter(|_| matches!(self.stage, Stage::Open | Stage::OnlineClosed));
        let opened = opened.ok_or_else(|| Violation::of_record(Rule::R806, "this comes between `opened` and `poll-closed`"))?;
        Ok((self.fixed()?, opened))
    }

    /// The district of a slot, those added after the opening included.
    #[must_use]
    pub fn district_of(&self, slot: Slot) -> Option<u16> {
        match slot.0.checked_sub(self.roll_len()) {
            None => self.roll_slot(slot).map(|listed| listed.district),
            Some(place) => self.papers.added.get(place as usize).map(|(added, _)| added.district),
        }
    }

    /// The commitment of a slot to its elector (PROTOCOL §5.1), those added after the opening included.
    #[must_use]
    pub fn commitment_of(&self, slot: Slot) -> Option<Hash32> {
        match slot.0.checked_sub(self.roll_len()) {
            None => self.roll_slot(slot).map(|listed| listed.commitment),
            Some(place) => self.papers.added.get(place as usize).map(|(added, _)| added.commitment.hash()),
        }
    }

    /// What stands for a slot at the desks.
    #[must_use]
    pub fn desk(&self, slot: Slot) -> DeskState {
        match slot.0.checked_sub(self.roll_len()) {
            None => self.roll.as_ref().map(|roll| roll.slots.desk(slot)).unwrap_or_default(),
            Some(place) => self.papers.added.get(place as usize).map(|(_, desk)| *desk).unwrap_or_default(),
        }
    }

    fn set_desk(&mut self, slot: Slot, state: DeskState) {
        match slot.0.checked_sub(self.roll_len()) {
            None => {
                if let Some(roll) = &mut self.roll {
                    roll.slots.set_desk(slot, state);
                }
            }
            Some(place) => {
                if let Some((_, desk)) = self.papers.added.get_mut(place as usize) {
                    *desk = state;
                }
            }
        }
    }

    /// The slots that were added after the opening, in order; the first has the number of [`Self::roll_len`].
    pub fn added_slots(&self) -> impl Iterator<Item = &AddedSlot> {
        self.papers.added.iter().map(|(added, _)| added)
    }

    /// How many electors there are: the slots of the roll and those added, without those struck.
    #[must_use]
    pub fn entitled(&self) -> u64 {
        let RollChanges { added, struck, restored } = self.papers.changes;
        (u64::from(self.roll_len()) + added + restored).saturating_sub(struck)
    }

    /// How often the roll changed after the opening.
    #[must_use]
    pub const fn roll_changes(&self) -> RollChanges {
        self.papers.changes
    }

    /// The days of every place, by place and session.
    #[must_use]
    pub fn days(&self) -> &[Vec<DayState>] {
        &self.papers.days
    }

    /// A day of a place.
    #[must_use]
    pub fn day(&self, place: u16, session: u16) -> Option<&DayState> {
        self.papers.day(place, session)
    }

    /// Electors with a paper that did not come back.
    #[must_use]
    pub fn paper_electors(&self) -> u64 {
        self.papers.days.iter().flatten().map(|day| u64::from(day.electors)).sum()
    }

    /// How many electors took part: whose ballot counts, and who got a paper (PROTOCOL §16.6).
    #[must_use]
    pub fn participation(&self) -> u64 {
        self.counted_ballots() + self.paper_electors()
    }

    /// The options of a contest that are out, ascending, with the reason and the leaf that says so.
    pub fn outs(&self, contest: u16) -> impl Iterator<Item = (u16, OutReason, LeafIndex)> {
        self.papers.outs.range((contest, 0)..=(contest, u16::MAX)).map(|((_, option), (reason, leaf))| (*option, *reason, *leaf))
    }

    /// Whether more candidates are left than there are seats; if not, all of them are elected without a count (Act article 100).
    #[must_use]
    pub fn is_contested(&self, index: u16, contest: &Contest) -> bool {
        let left = contest.options.len().saturating_sub(self.outs(index).count());
        contest.kind == ContestKind::Referendum || left > usize::from(contest.seats)
    }

    /// The count of the papers of a contest.
    #[must_use]
    pub fn paper_count(&self, contest: u16) -> Option<(LeafIndex, &PaperCount)> {
        self.papers.counts.get(&contest).map(|(leaf, count)| (*leaf, count))
    }

    /// Whether papers of a contest lie in boxes that are to be counted and were not.
    #[must_use]
    pub fn papers_missing(&self, index: u16, contest: &Contest) -> bool {
        self.is_contested(index, contest) && self.in_boxes(index) > 0 && self.paper_count(index).is_none()
    }

    /// The lot that was drawn for a contest.
    #[must_use]
    pub fn lot(&self, contest: u16) -> Option<(LeafIndex, &Lot)> {
        self.papers.lots.get(&contest).map(|(leaf, lot)| (*leaf, lot))
    }

    /// How many papers of a contest are in the boxes, by the day-closes.
    #[must_use]
    pub fn in_boxes(&self, contest: u16) -> u64 {
        let closes = self.papers.days.iter().flatten().filter_map(DayState::closed);
        closes.flat_map(|(_, close)| &close.papers).filter(|papers| papers.contest == contest).map(|papers| u64::from(papers.in_box)).sum()
    }

    pub(super) fn check_paper_issued(&self, at: Timestamp, signed: &Signed<PaperIssue>) -> Result<Obligation, Violation> {
        let (fixed, state) = self.on_paper()?;
        let PaperIssue { opened, place, session, slot, contests, manner: _, identified: _, issued_at, evidence: _ } = &signed.body;
        require!(opened.hash() == state.leaf_hash(), R801, "it is of another election");
        let listed = place_of(fixed, *place, Rule::R801)?;
        let hours =
            listed.sessions.get(usize::from(*session)).ok_or_else(|| Violation::of_record(Rule::R801, format!("the place has no session {session}")))?;
        require!((hours.opens..=hours.closes).contains(issued_at), R801, "{issued_at} is not within {} and {}", hours.opens, hours.closes);
        require!(*issued_at <= at, R801, "it was recorded at {at}, before it was handed out at {issued_at}");
        verify_key(&listed.key.0, signed, "the place", Rule::R801)?;
        let day = self.papers.day(*place, *session);
        require!(day.is_some_and(|day| day.closed.is_none()), R803, "this day of the place is closed");
        let district = self.district_of(*slot).ok_or_else(|| Violation::of_record(Rule::R802, format!("there is no slot {slot}")))?;
        let desk = self.desk(*slot);
        require!(desk.struck.is_none(), R802, "slot {slot} was struck from the roll");
        require!(desk.paper.is_none(), R802, "slot {slot} holds a paper already");
        require!(!contests.is_empty() && contests.is_sorted_by(|a, b| a < b), R802, "the contests do not ascend, or there is none");
        let style = fixed.styles.get(usize::from(district));
        let held = |contest: &u16| style.is_some_and(|style| style.style().contests().iter().any(|(index, _)| index == contest));
        require!(contests.iter().all(held), R802, "not all of the contests are held in the district of slot {slot}");
        Ok(Obligation::Nothing)
    }

    pub(super) fn apply_paper_issued(&mut self, leaf: LeafIndex, leaf_hash: Hash32, issue: &PaperIssue) {
        let PaperIssue { opened: _, place, session, slot, contests, manner, identified, issued_at: _, evidence: _ } = issue;
        let replaced = self.slot(*slot).and_then(|mut state| {
            let old = state.ballot.take()?;
            self.set_slot(*slot, state);
            self.counted -= 1;
            self.mark(old.hash, BallotStatus::Overridden { leaf: old.leaf, by: leaf });
            Some(old)
        });
        let set: ContestSet = contests.iter().copied().collect();
        let paper = PaperState { leaf, place: *place, session: *session, contests: set, manner: *manner, identified: *identified };
        self.set_desk(*slot, DeskState { paper: Some(paper), ..self.desk(*slot) });
        let Some(day) = self.papers.day_mut(*place, *session) else { return };
        day.handouts += 1;
        day.replaced += u32::from(replaced.is_some());
        count_elector(day, &paper, |number| *number += 1);
        set.iter().for_each(|contest| day.handed.entry(contest).or_default().issued += 1);
        day.chain(leaf, leaf_hash);
    }

    pub(super) fn check_paper_undone(&self, undone: &Attested<PaperUndo>) -> Result<Obligation, Violation> {
        let (fixed, state) = self.on_paper()?;
        let PaperUndo { opened, slot, leaf, reason: _ } = &undone.body;
        require!(opened.hash() == state.leaf_hash(), R804, "it is of another election");
        let paper = self.desk(*slot).paper.filter(|paper| paper.leaf == *leaf);
        let paper = paper.ok_or_else(|| Violation::of_record(Rule::R804, format!("slot {slot} holds no paper of leaf {leaf}")))?;
        let closed = self.papers.day(paper.place, paper.session).is_none_or(|day| day.closed.is_some());
        require!(!closed, R803, "this day of the place is closed");
        attested(&place_of(fixed, paper.place, Rule::R804)?.officers, undone, 1, Rule::R804)?;
        Ok(Obligation::Nothing)
    }

    pub(super) fn apply_paper_undone(&mut self, leaf: LeafIndex, leaf_hash: Hash32, undo: &PaperUndo) {
        let desk = self.desk(undo.slot);
        let Some(paper) = desk.paper else { return };
        self.set_desk(undo.slot, DeskState { paper: None, ..desk });
        let Some(day) = self.papers.day_mut(paper.place, paper.session) else { return };
        count_elector(day, &paper, |number| *number = number.saturating_sub(1));
        paper.contests.iter().for_each(|contest| day.handed.entry(contest).or_default().returned += 1);
        day.chain(leaf, leaf_hash);
    }

    pub(super) fn check_day_closed(&self, at: Timestamp, closed: &Attested<DayClose>) -> Result<Obligation, Violation> {
        let (fixed, state) = self.on_paper()?;
        let close = &closed.body;
        require!(close.opened.hash() == state.leaf_hash(), R805, "it is of another election");
        let listed = place_of(fixed, close.place, Rule::R805)?;
        let hours = listed.sessions.get(usize::from(close.session));
        let (Some(hours), Some(day)) = (hours, self.papers.day(close.place, close.session)) else {
            return Err(Violation::of_record(Rule::R805, format!("the place has no session {}", close.session)));
        };
        require!(day.closed.is_none(), R803, "this day of the place is closed");
        let early = fixed.manifest.authority == Authority::Mock;
        require!(early || at >= hours.closes, R805, "it is closed at {at}, before {}", hours.closes);
        let taken_home = close.papers.iter().map(|papers| (papers.contest, papers.taken_home)).collect();
        let expected = day.close(state.leaf_hash(), close.place, close.session, &taken_home);
        require!(*close == expected, R805, "the record gives {}", figures(&expected));
        attested(&listed.officers, closed, WITNESSES, Rule::R805)?;
        Ok(Obligation::Nothing)
    }

    pub(super) fn apply_day_closed(&mut self, leaf: LeafIndex, close: &DayClose) {
        if let Some(day) = self.papers.day_mut(close.place, close.session) {
            day.closed = Some((leaf, close.clone()));
        }
    }

    /// R806 for `poll-closed`.
    pub(super) fn check_days_closed(&self) -> Result<(), Violation> {
        let open = self.papers.days.iter().enumerate().find_map(|(place, days)| {
            let session = days.iter().position(|day| day.handouts > 0 && day.closed.is_none())?;
            Some((place, session))
        });
        match open {
            Some((place, session)) => Err(Violation::of_record(Rule::R806, format!("session {session} of place {place} is not closed"))),
            None => Ok(()),
        }
    }

    pub(super) fn check_roll_changed(&self, changed: &RollChanged) -> Result<Obligation, Violation> {
        let (fixed, _) = self.on_paper()?;
        let RollChanged { change, slot, added, reason: _ } = changed;
        let struck = self.desk(*slot).struck.is_some();
        let exists = self.district_of(*slot).is_some();
        match (change, added) {
            (RollChangeKind::Added, Some(AddedSlot { district, commitment: _ })) => {
                let next = u64::from(self.roll_len()) + self.papers.added.len() as u64;
                require!(u64::from(slot.0) == next, R811, "slot {slot} is added where {next} is the next");
                require!(usize::from(*district) < fixed.manifest.districts.len(), R811, "there is no district {district}");
            }
            (RollChangeKind::Struck, None) => require!(exists && !struck, R811, "slot {slot} is not on the roll"),
            (RollChangeKind::Restored, None) => require!(exists && struck, R811, "slot {slot} was not struck"),
            (RollChangeKind::Added, None) | (RollChangeKind::Struck | RollChangeKind::Restored, Some(_)) => {
                return Err(Violation::of_record(Rule::R811, "only who is added has a district and a commitment"));
            }
        }
        Ok(Obligation::Nothing)
    }

    pub(super) fn apply_roll_changed(&mut self, leaf: LeafIndex, changed: &RollChanged) {
        let RollChanged { change, slot, added, reason: _ } = changed;
        let desk = self.desk(*slot);
        match (change, added) {
            (RollChangeKind::Added, Some(added)) => {
                self.papers.added.push((*added, DeskState::default()));
                self.papers.changes.added += 1;
            }
            (RollChangeKind::Struck, _) => {
                self.set_desk(*slot, DeskState { struck: Some(leaf), ..desk });
                self.papers.changes.struck += 1;
            }
            (RollChangeKind::Restored, _) => {
                self.set_desk(*slot, DeskState { struck: None, ..desk });
                self.papers.changes.restored += 1;
            }
            (RollChangeKind::Added, None) => {}
        }
    }

    /// R807: who holds a paper, or was struck, does not vote online.
    pub(super) fn check_online(&self, slot: Slot) -> Result<(), Violation> {
        let DeskState { paper, struck } = self.desk(slot);
        require!(paper.is_none(), R807, "slot {slot} holds a paper");
        require!(struck.is_none(), R807, "slot {slot} was struck from the roll");
        Ok(())
    }

    pub(super) fn check_candidate_out(&self, out: &CandidateOut) -> Result<Obligation, Violation> {
        let CandidateOut { contest, option, reason: _ } = out;
        require!(matches!(self.stage, Stage::Open | Stage::OnlineClosed), R812, "this comes between `opened` and `poll-closed`");
        let listed = contest_of(self.fixed()?, *contest, Rule::R812)?;
        require!(listed.kind != ContestKind::Referendum, R812, "a referendum has no candidates");
        require!(usize::from(*option) < listed.options.len(), R812, "there is no option {option}");
        require!(!self.papers.outs.contains_key(&(*contest, *option)), R812, "the candidate is out already");
        Ok(Obligation::Nothing)
    }

    pub(super) fn apply_candidate_out(&mut self, leaf: LeafIndex, out: &CandidateOut) {
        let CandidateOut { contest, option, reason } = out;
        self.papers.outs.insert((*contest, *option), (*reason, leaf));
    }

    pub(super) fn check_paper_count(&self, counted: &Attested<PaperCount>) -> Result<Obligation, Violation> {
        let counting = matches!(self.stage, Stage::PollClosed | Stage::Tallying | Stage::Tallied);
        require!(counting, R105, "`paper-count` comes between `poll-closed` and `published`");
        self.check_paper_figures(&counted.body)?;
        attested(&self.fixed()?.manifest.count_officers, counted, WITNESSES, Rule::R808)?;
        Ok(Obligation::Nothing)
    }

    /// R808 but for the signatures: whether this can be the count of the papers in the boxes, before anybody signs it.
    ///
    /// # Errors
    /// The [`Violation`].
    pub fn check_paper_figures(&self, count: &PaperCount) -> Result<(), Violation> {
        let (fixed, state) = (self.fixed()?, self.opened.as_ref());
        let PaperCount { opened, contest, thousandths, valid, blank, invalid } = count;
        require!(state.is_some_and(|state| state.leaf_hash() == opened.hash()), R808, "it is of another election");
        let listed = contest_of(fixed, *contest, Rule::R808)?;
        require!(self.is_contested(*contest, listed), R808, "the contest is held without a poll");
        require!(!self.papers.counts.contains_key(contest), R808, "its papers were counted already");
        let in_boxes = self.in_boxes(*contest);
        let all = valid.checked_add(*blank).and_then(|sum| sum.checked_add(*invalid));
        require!(all == Some(in_boxes) && in_boxes > 0, R808, "valid, blank and invalid are not the {in_boxes} papers in the boxes");
        require!(thousandths.len() == listed.options.len(), R808, "{} numbers for {} options", thousandths.len(), listed.options.len());
        let out = self.outs(*contest).find(|(option, _, _)| thousandths.get(usize::from(*option)).is_some_and(|votes| *votes > 0));
        require!(out.is_none(), R808, "votes for a candidate who is out are invalid");
        // Shares of a shared name are cut after the third digit, so each option may lack less than a thousandth.
        let (most, least) = match listed.choose {
            Choice::Exactly(number) => (u128::from(number), u128::from(number)),
            Choice::UpTo(number) => (u128::from(number), 1),
        };
        let (sum, valid) = (thousandths.iter().copied().map(u128::from).sum::<u128>(), u128::from(*valid) * 1_000);
        let fits = sum <= valid * most && sum + listed.options.len() as u128 >= valid * least;
        require!(fits, R808, "the votes do not add up to the valid papers");
        Ok(())
    }

    pub(super) fn apply_paper_count(&mut self, leaf: LeafIndex, count: &PaperCount) {
        self.papers.counts.insert(count.contest, (leaf, count.clone()));
    }

    pub(super) fn check_lot(&self, drawn: &Attested<Lot>) -> Result<Obligation, Violation> {
        require!(self.stage == Stage::Tallied, R105, "`lot` comes between `result` and `published`");
        let (fixed, state) = (self.fixed()?, self.opened.as_ref());
        let Lot { opened, contest, tied, chosen } = &drawn.body;
        require!(state.is_some_and(|state| state.leaf_hash() == opened.hash()), R809, "it is of another election");
        let listed = contest_of(fixed, *contest, Rule::R809)?;
        require!(!self.papers.lots.contains_key(contest), R809, "a lot was drawn for this contest already");
        let ascend = tied.is_sorted_by(|a, b| a < b) && chosen.is_sorted_by(|a, b| a < b);
        let among = tied.iter().all(|option| usize::from(*option) < listed.options.len()) && chosen.iter().all(|option| tied.binary_search(option).is_ok());
        require!(ascend && among && !chosen.is_empty() && chosen.len() < tied.len(), R809, "the chosen are not some of the tied");
        attested(&fixed.manifest.count_officers, drawn, WITNESSES, Rule::R809)?;
        Ok(Obligation::Nothing)
    }

    pub(super) fn apply_lot(&mut self, leaf: LeafIndex, lot: &Lot) {
        self.papers.lots.insert(lot.contest, (leaf, lot.clone()));
    }

    /// R810, as far as entries show it: every box was counted.
    pub(super) fn check_papers_counted(&self) -> Result<(), Violation> {
        for (index, contest) in (0..=u16::MAX).zip(&self.fixed()?.manifest.contests) {
            require!(!self.papers_missing(index, contest), R810, "the papers of contest {} are not counted", contest.id);
        }
        Ok(())
    }
}

fn count_elector(day: &mut DayState, paper: &PaperState, mut change: impl FnMut(&mut u32)) {
    change(&mut day.electors);
    if paper.identified == Identified::Card {
        change(&mut day.with_card);
    }
    for ((manner, _), number) in Manner::ALL.iter().zip(&mut day.manners) {
        if *manner == paper.manner {
            change(number);
        }
    }
}

fn place_of(fixed: &Fixed, place: u16, rule: Rule) -> Result<&Place, Violation> {
    fixed.manifest.places.get(usize::from(place)).ok_or_else(|| Violation::of_record(rule, format!("the manifest lists no place {place}")))
}

fn contest_of(fixed: &Fixed, contest: u16, rule: Rule) -> Result<&Contest, Violation> {
    fixed.manifest.contests.get(usize::from(contest)).ok_or_else(|| Violation::of_record(rule, format!("there is no contest {contest}")))
}

fn verify_key<T: SignedKind>(key: &[u8; 32], Signed { body, signature }: &Signed<T>, who: &str, rule: Rule) -> Result<(), Violation> {
    let json = canonical::to_bytes(body).breaks(rule)?;
    let key = BoardKey::from_bytes(key).breaks(rule)?;
    key.verify_bytes(&format!("file/{}", T::KIND), &json, &signature.0).map_err(|_| Violation::of_record(rule, format!("{who} did not sign this")))
}

/// The manager and at least `witnesses` of the witnesses signed, or all witnesses where there are fewer.
fn attested<T: SignedKind>(officers: &[Officer], Attested { body, signatures }: &Attested<T>, witnesses: usize, rule: Rule) -> Result<(), Violation> {
    let json = canonical::to_bytes(body).breaks(rule)?;
    let signed: Vec<u8> = signatures.iter().map(|signature| signature.officer).collect();
    if !signed.is_sorted_by(|one, next| one < next) {
        return Err(Violation::of_record(rule, "the signatures are not by ascending, distinct officers"));
    }
    for signature in signatures {
        let officer = signature.officer;
        let listed = officers.get(usize::from(officer)).ok_or_else(|| Violation::of_record(rule, format!("the manifest lists no officer {officer}")))?;
        let key = BoardKey::from_bytes(&listed.key.0).breaks(rule)?;
        let signed = key.verify_bytes(&format!("file/{}", T::KIND), &json, &signature.signature.0);
        signed.map_err(|_| Violation::of_record(rule, format!("{} did not sign this", listed.name)))?;
    }
    let Missing { managers, witnesses, needed } = missing(officers, &signed, witnesses);
    if managers > 0 || witnesses > 0 {
        return Err(Violation::of_record(rule, format!("the manager and {needed} witnesses have to sign it")));
    }
    Ok(())
}

/// How many signatures of officers are still missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// Of the manager: 1 or 0.
    pub managers: usize,
    /// Of witnesses.
    pub witnesses: usize,
    /// How many witnesses have to sign at all.
    pub needed: usize,
}

impl Missing {
    /// Whether there are enough.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.managers == 0 && self.witnesses == 0
    }
}

/// Whose signatures are missing: the manager's, and those of `witnesses` of the witnesses, or of all of them where there are fewer. `signed` are places in the
/// list; none counts twice.
#[must_use]
pub fn missing(officers: &[Officer], signed: &[u8], witnesses: usize) -> Missing {
    let has = |place: usize| u8::try_from(place).is_ok_and(|place| signed.contains(&place));
    let of = |role: OfficerRole| officers.iter().enumerate().filter(move |(_, officer)| officer.role == role);
    let needed = of(OfficerRole::Witness).count().min(witnesses);
    let have = of(OfficerRole::Witness).filter(|(place, _)| has(*place)).count();
    let manager = of(OfficerRole::Manager).any(|(place, _)| has(place));
    Missing { managers: usize::from(!manager), witnesses: needed.saturating_sub(have), needed }
}

fn figures(close: &DayClose) -> String {
    let DayClose { opened: _, place: _, session: _, papers, electors, with_card, replaced, digest } = close;
    let papers: Vec<String> = papers
        .iter()
        .map(|DayPapers { contest, issued, returned, taken_home, in_box }| {
            format!("contest {contest}: {issued} = {in_box} in the box + {taken_home} taken home + {returned} returned")
        })
        .collect();
    let digest: &HashBytes = digest;
    format!("{}; {electors} electors, {with_card} with card, {replaced} replaced, digest {}", papers.join("; "), digest.hash())
}
