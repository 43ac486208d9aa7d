//! Whatever electors, desks and the office do, and in whatever order, nobody takes part twice: the board is held against a small model of the law that knows
//! neither leaves nor hashes.
#![allow(clippy::unwrap_used, reason = "a failing test panics")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::election::{BallotEntry, Body, CloseReason, Closed};
use tachiai_schemas::paper::{AddedSlot, Identified, Manner, PaperIssue, RollChangeKind, RollChangeReason, RollChanged};
use tachiai_schemas::{Blob, HashBytes, Slot};
use tachiai_verify::testing::{Places, Play, Voter};
use tachiai_verify::verify::{Audit, Options, audit_record, verify_record};

/// What somebody tries.
#[derive(Debug, Clone)]
enum Try {
    Register(u32),
    Vote(u32),
    Challenge(u32),
    HandOut { place: u16, slot: u32, identified: Identified, manner: Manner, contests: Vec<u16> },
    Undo(u32),
    CloseDay(u16),
    Strike(u32),
    Restore(u32),
    Add(u16),
    NextDay,
}

const ROLL: u32 = 8;

fn attempt() -> impl Strategy<Value = Try> {
    // Few slots, so that much happens to each; two beyond the roll.
    let slot = || 0..ROLL + 2;
    let hand_out = (0..2_u16, slot(), any::<bool>(), 0..Manner::ALL.len(), 1..4_u8).prop_map(|(place, slot, card, manner, contests)| Try::HandOut {
        place,
        slot,
        identified: if card { Identified::Card } else { Identified::Name },
        manner: Manner::ALL[manner].0,
        contests: (0..2).filter(|contest| contests >> contest & 1 == 1).collect(),
    });
    prop_oneof![
        3 => slot().prop_map(Try::Register),
        8 => slot().prop_map(Try::Vote),
        2 => slot().prop_map(Try::Challenge),
        8 => hand_out,
        4 => slot().prop_map(Try::Undo),
        1 => (0..2_u16).prop_map(Try::CloseDay),
        1 => slot().prop_map(Try::Strike),
        1 => slot().prop_map(Try::Restore),
        1 => (0..3_u16).prop_map(Try::Add),
        1 => Just(Try::NextDay),
    ]
}

#[derive(Default, Clone)]
struct Elector {
    registered: bool,
    ballot: bool,
    struck: bool,
    paper: Option<(u16, u16, Identified, Manner, Vec<u16>)>,
}

#[derive(Default, Clone)]
struct Day {
    /// For each contest: handed out and come back.
    papers: BTreeMap<u16, (u32, u32)>,
    handouts: u32,
    replaced: u32,
    closed: bool,
}

/// The law, as far as it is about who takes part.
struct Model {
    electors: Vec<Elector>,
    days: BTreeMap<(u16, u16), Day>,
    session: u16,
}

impl Model {
    fn new() -> Self {
        Self { electors: vec![Elector::default(); ROLL as usize], days: BTreeMap::new(), session: 0 }
    }

    fn elector(&mut self, slot: u32) -> Option<&mut Elector> {
        self.electors.get_mut(slot as usize)
    }

    /// Does it, if it is allowed.
    fn attempt(&mut self, attempt: &Try) -> bool {
        let (online, session) = (self.session == 0, self.session);
        match attempt {
            Try::Register(slot) => {
                let Some(elector) = self.elector(*slot).filter(|elector| online && *slot < ROLL && !elector.struck && elector.paper.is_none()) else {
                    return false;
                };
                elector.registered = true;
            }
            Try::Vote(slot) => {
                let allowed = |elector: &&mut Elector| online && elector.registered && !elector.struck && elector.paper.is_none();
                let Some(elector) = self.elector(*slot).filter(allowed) else { return false };
                elector.ballot = true;
            }
            Try::Challenge(slot) => match self.elector(*slot) {
                Some(elector) if online && elector.ballot => elector.ballot = false,
                _ => return false,
            },
            Try::HandOut { place, slot, identified, manner, contests } => {
                if self.days.entry((*place, session)).or_default().closed {
                    return false;
                }
                let Some(elector) = self.elector(*slot).filter(|elector| !elector.struck && elector.paper.is_none()) else { return false };
                let replaced = std::mem::take(&mut elector.ballot);
                elector.paper = Some((*place, session, *identified, *manner, contests.clone()));
                let day = self.days.entry((*place, session)).or_default();
                day.handouts += 1;
                day.replaced += u32::from(replaced);
                contests.iter().for_each(|contest| day.papers.entry(*contest).or_default().0 += 1);
            }
            Try::Undo(slot) => {
                let paper = self.elector(*slot).and_then(|elector| elector.paper.clone());
                let Some((place, session, _, _, contests)) = paper else { return false };
                let day = self.days.entry((place, session)).or_default();
                if day.closed {
                    return false;
                }
                contests.iter().for_each(|contest| day.papers.entry(*contest).or_default().1 += 1);
                self.electors[*slot as usize].paper = None;
            }
            Try::CloseDay(place) => {
                let day = self.days.entry((*place, session)).or_default();
                if std::mem::replace(&mut day.closed, true) {
                    return false;
                }
            }
            Try::Strike(slot) => match self.elector(*slot) {
                Some(elector) if !elector.struck => elector.struck = true,
                _ => return false,
            },
            Try::Restore(slot) => match self.elector(*slot) {
                Some(elector) if elector.struck => elector.struck = false,
                _ => return false,
            },
            Try::Add(district) => {
                if *district >= 2 {
                    return false;
                }
                self.electors.push(Elector::default());
            }
            Try::NextDay => {
                if !online {
                    return false;
                }
                self.session = 1;
            }
        }
        true
    }

    fn holders(&self, day: (u16, u16)) -> impl Iterator<Item = &(u16, u16, Identified, Manner, Vec<u16>)> {
        self.electors.iter().filter_map(|elector| elector.paper.as_ref()).filter(move |paper| (paper.0, paper.1) == day)
    }
}

/// The entry by which it is tried; `None` where a device or desk cannot even make one.
fn entry(play: &mut Play, places: &Places, attempt: &Try, session: u16) -> Option<Body> {
    let changed = |change, slot, added| RollChanged { change, slot: Slot(slot), added, reason: RollChangeReason::Correction };
    Some(match attempt {
        Try::Register(slot) => Body::Registration(Box::new(play.registration(Slot(*slot)).0)),
        Try::Vote(slot) => {
            play.voters.get(&Slot(*slot))?;
            let (ballot, _) = play.ballot(Slot(*slot));
            Body::Ballot(BallotEntry { ballot: Blob(ballot.bytes().to_vec()) })
        }
        Try::Challenge(slot) => {
            play.board.slot(Slot(*slot))?.ballot()?;
            Body::Challenged(play.challenged(Slot(*slot)))
        }
        Try::HandOut { place, slot, identified, manner, contests } => {
            let issue = places.issue(play, *place, session, Slot(*slot));
            Body::PaperIssued(Box::new(places.sign(PaperIssue { identified: *identified, manner: *manner, contests: contests.clone(), ..issue })))
        }
        Try::Undo(slot) => Body::PaperUndone(places.attest(places.undo(play, Slot(*slot)))),
        Try::CloseDay(place) => Body::DayClosed(places.attest(places.close(play, *place, session))),
        Try::Strike(slot) => Body::RollChanged(changed(RollChangeKind::Struck, *slot, None)),
        Try::Restore(slot) => Body::RollChanged(changed(RollChangeKind::Restored, *slot, None)),
        Try::Add(district) => {
            let next = ROLL + play.board.added_slots().count() as u32;
            let commitment = HashBytes::from(Hash32::sha256(&next.to_be_bytes()));
            Body::RollChanged(changed(RollChangeKind::Added, next, Some(AddedSlot { district: *district, commitment })))
        }
        Try::NextDay => {
            play.now = play.now.max(play.manifest.online_closes);
            Body::OnlineClosed(Closed { reason: CloseReason::Scheduled })
        }
    })
}

/// What the board says is what the model says.
fn compare(play: &Play, model: &Model) -> Result<(), TestCaseError> {
    let board = &play.board;
    let electors = || model.electors.iter();
    let online: Vec<Slot> = (0..).map(Slot).zip(electors()).filter(|(_, elector)| elector.ballot).map(|(slot, _)| slot).collect();
    let on_paper = electors().filter(|elector| elector.paper.is_some()).count() as u64;
    prop_assert_eq!(board.counted().map(|(slot, _)| slot).collect::<Vec<_>>(), online.clone());
    prop_assert_eq!((board.counted_ballots(), board.paper_electors()), (online.len() as u64, on_paper));
    prop_assert_eq!(board.participation(), online.len() as u64 + on_paper);
    // Nobody twice, and nobody who is not there.
    prop_assert!(electors().all(|elector| !(elector.ballot && elector.paper.is_some())));
    prop_assert!(board.participation() <= u64::from(ROLL) + board.roll_changes().added);
    prop_assert_eq!(board.entitled(), electors().filter(|elector| !elector.struck).count() as u64);
    for (place, session) in (0..2).flat_map(|place| (0..2).map(move |session| (place, session))) {
        let (found, expected) = (board.day(place, session).unwrap(), model.days.get(&(place, session)).cloned().unwrap_or_default());
        let holders = || model.holders((place, session));
        let with_card = holders().filter(|paper| paper.2 == Identified::Card).count() as u32;
        prop_assert_eq!((found.handouts(), found.electors(), found.with_card()), (expected.handouts, holders().count() as u32, with_card));
        prop_assert_eq!((found.replaced(), found.closed().is_some()), (expected.replaced, expected.closed));
        for (manner, _) in Manner::ALL {
            prop_assert_eq!(found.in_manner(*manner), holders().filter(|paper| paper.3 == *manner).count() as u32);
        }
        let close = found.close(board.opened().unwrap().leaf_hash(), place, session, &BTreeMap::new());
        let papers: BTreeMap<u16, (u32, u32)> = close.papers.iter().map(|papers| (papers.contest, (papers.issued, papers.returned))).collect();
        prop_assert_eq!(&papers, &expected.papers);
        for papers in close.papers {
            let out = holders().filter(|paper| paper.4.contains(&papers.contest)).count() as u32;
            prop_assert_eq!((papers.in_box, papers.issued), (out, papers.returned + papers.taken_home + papers.in_box));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn nobody_takes_part_twice_and_both_verifiers_see_it(attempts in proptest::collection::vec(attempt(), 0..60)) {
        let (mut play, places) = Play::with_places(7);
        play.ceremony();
        play.open();
        let mut model = Model::new();
        for attempt in &attempts {
            let session = model.session;
            let Some(body) = entry(&mut play, &places, attempt, session) else {
                prop_assert!(!model.attempt(attempt), "{attempt:?} is allowed and cannot be made");
                continue;
            };
            let verdict = play.check(body.clone());
            let allowed = model.attempt(attempt);
            prop_assert_eq!(verdict.is_ok(), allowed, "{:?}: {:?}", attempt, verdict);
            if allowed {
                if let (Try::Register(slot), Body::Registration(_)) = (attempt, &body) {
                    // The device keeps the key of the registration that was taken.
                    let (registration, key) = play.registration(Slot(*slot));
                    play.voters.insert(Slot(*slot), Voter { key, counter: 0 });
                    play.push(Body::Registration(Box::new(registration)));
                } else {
                    play.push(body);
                }
            }
            if matches!((attempt, allowed), (Try::NextDay, true)) {
                // The second session begins a second later.
                play.now = play.now.plus(1);
            }
            compare(&play, &model)?;
        }
        places.close_all(&mut play);
        places.count(&mut play);
        let folder = tempfile::tempdir().unwrap();
        play.write(folder.path());
        let kept = verify_record(folder.path(), &Options::default()).unwrap();
        let audited = audit_record(folder.path(), &Options::default(), &Audit::default()).unwrap();
        prop_assert_eq!(&kept.verdict, &audited.verdict);
        prop_assert_eq!(kept.board.participation(), play.board.participation());
    }
}
