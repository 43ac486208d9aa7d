//! Terminals and the shelters of an appliance: sticks with wrong times, an appliance that was restored from a backup, and twenty terminals for two days.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

use tachiai::failure::{Exit, Failure};
use tachiai::shelter::desk::{Draft, Follow, Here, Subject};
use tachiai::shelter::line::Line;
use tachiai::shelter::state::{Fate, Reception};
use tachiai::shelter::stick::{Delivered, Which, deliver};
use tachiai::shelter::sync::sync;
use tachiai_schemas::roster::hand_in::{Aside, Copied, HandInAnswer, News, SignedHandIn};
use tachiai_schemas::roster::person::Identified;
use tachiai_schemas::roster::{Act, ChainId, EventId, TerminalId};
use tachiai_schemas::shelter::Way;
use tachiai_tests::hall::{Hall, Lost, Watch, residents};

#[path = "terminals/twenty.rs"]
mod twenty;

const DAY: i64 = 86_400_000;

fn reopen(reception: Reception, watch: &Watch) -> Reception {
    let folder = reception.folder().to_owned();
    drop(reception);
    Reception::open(&folder, || panic!("unprotected"), watch.clocks()).unwrap_or_else(|failure| panic!("{failure}"))
}

fn arrive(reception: &mut Reception, number: &str) -> ChainId {
    let resident = reception.residents().unwrap().by_number(number).unwrap().clone();
    let Subject { chain, person, here } = reception.resident(&resident, Identified::List);
    let act = if here == Here::Elsewhere { Act::Moved } else { Act::In };
    let shelter = reception.shelter().clone();
    reception.enter(&[Draft { chain, shelter, act, person, at: None, follow: Follow::Latest }]).unwrap_or_else(|failure| panic!("{failure}")).remove(0).chain
}

fn files(paths: &[PathBuf]) -> Vec<SignedHandIn> {
    paths.iter().map(|path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap()).collect()
}

fn carry(hall: &Hall, paths: &[PathBuf], to: &Path) -> Delivered {
    let delivered = deliver(hall, &files(paths), 0).unwrap_or_else(|failure| panic!("{failure}")).unwrap();
    fs::write(to, serde_json::to_vec(&delivered.reply).unwrap()).unwrap();
    delivered
}

/// How many are present, how many entries about people there are, and how many of these contradict each other.
fn counted(hall: &Hall) -> (usize, usize, usize) {
    let event = hall.event();
    let published = event.published();
    let groups = published.roster.groups();
    let steps = groups.iter().map(|group| group.handles.iter().map(|handle| published.roster.steps(handle).count()).sum::<usize>()).sum();
    (groups.iter().filter(|group| group.is_present()).count(), steps, groups.iter().filter(|group| group.conflict().is_some()).count())
}

/// What happens with a stick, after it was written and before the line is back or after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stick {
    First,
    Last,
    FirstWithoutAnswer,
}

#[test]
fn what_lies_on_a_stick_with_a_wrong_time_doubles_nobody_whichever_arrives_first() {
    for ahead in [DAY, -DAY] {
        for stick in [Stick::First, Stick::Last, Stick::FirstWithoutAnswer] {
            let folder = tempfile::tempdir().unwrap();
            let hall = Hall::begin(&folder.path().join("appliance"), &["gym", "hall"], &residents(6));
            let watch = Watch::at(&hall);
            let mut gym = hall.terminal(&folder.path().join("gym-1"), "gym-1", "gym", &watch);
            watch.reboot(ahead);
            gym = reopen(gym, &watch);
            let one = arrive(&mut gym, "1");
            hall.clock.advance(600);
            arrive(&mut gym, "2");
            let (file, answer) = (folder.path().join("stick.json"), folder.path().join("answer.json"));
            let written = gym.export(&file, Which::Waiting).unwrap();
            assert_eq!((written.entries, gym.redate().unwrap()), (2, 0));
            hall.clock.advance(600);
            arrive(&mut gym, "3");
            if stick != Stick::Last {
                let Delivered { taken, reply, .. } = carry(&hall, &written.files, &answer);
                // Nothing of the future is taken, and what was made in the past may come days later.
                assert_eq!((taken, reply.answer.aside.len()), if ahead > 0 { (0, 2) } else { (2, 0) });
                if stick == Stick::First {
                    let confirmed = gym.confirm(&answer).unwrap();
                    assert_eq!((confirmed.taken, confirmed.aside.len()), if ahead > 0 { (0, 2) } else { (2, 0) });
                }
            }
            hall.clock.advance(600);
            let synced = gym.sync(&hall).unwrap_or_else(|failure| panic!("{failure}"));
            assert!(synced.aside.is_empty() && gym.waiting().count() == 0, "{ahead} {stick:?}: {synced:?}");
            // The stick arrives once more, when its times are no longer of the future.
            hall.clock.advance(2 * DAY / 1000);
            let delivered = carry(&hall, &written.files, &answer);
            assert_eq!(delivered.taken, 0, "{ahead} {stick:?}");
            gym.sync(&hall).unwrap();
            gym.confirm(&answer).unwrap();
            assert_eq!(counted(&hall), (3, 3, 0), "{ahead} {stick:?}");
            assert_eq!((gym.present().len(), gym.conflicts().len(), gym.copied(), gym.own().len()), (3, 0, Copied::No, 3));
            let mut gym = reopen(gym, &watch);
            assert_eq!((gym.present().len(), gym.waiting().count(), gym.own().len()), (3, 0, 3));
            if ahead > 0 {
                let began = hall.millis() - u64::try_from(2 * DAY).unwrap() - 1_800_000;
                let time = gym.roster().person(one).unwrap().latest.moment.time.millis();
                assert!(time.abs_diff(began) < 1_000, "{time} and {began}");
            }
            arrive(&mut gym, "4");
            assert_eq!(gym.own().last().unwrap().entry.body.number, 3);
        }
    }
}

#[test]
fn an_entry_that_was_dated_anew_and_that_a_stick_brought_before_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let hall = Hall::begin(&folder.path().join("appliance"), &["gym"], &residents(6));
    let watch = Watch::at(&hall);
    let mut gym = hall.terminal(&folder.path().join("gym-1"), "gym-1", "gym", &watch);
    watch.reboot(DAY);
    gym = reopen(gym, &watch);
    let hanako = arrive(&mut gym, "1");
    let written = gym.export(&folder.path().join("stick.json"), Which::Waiting).unwrap();
    // The line is back until the entry is dated anew, and no longer.
    let failure = gym.sync(&hall.cut_after(2, Lost::Request)).unwrap_err();
    assert_eq!((failure.exit, gym.waiting().count()), (Exit::NoConnection, 1));
    hall.clock.advance(2 * DAY / 1000);
    assert_eq!(carry(&hall, &written.files, &folder.path().join("answer.json")).taken, 1);
    gym.sync(&hall).unwrap();
    for gym in [gym].map(|gym| reopen(gym, &watch)) {
        assert_eq!((gym.own().len(), gym.waiting().count(), gym.copied(), gym.roster().steps(&hanako).count()), (1, 0, Copied::No, 1));
    }
    assert_eq!(counted(&hall), (1, 1, 0));
}

#[test]
fn an_appliance_that_was_restored_from_a_backup_gets_everything_back_that_terminals_have() {
    for grown in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let (data, backup) = (folder.path().join("appliance"), folder.path().join("backup"));
        let mut hall = Hall::begin(&data, &["gym", "hall"], &residents(40));
        let watch = Watch::at(&hall);
        let terminal = |hall: &Hall, name: &str, shelter: &str| hall.terminal(&folder.path().join(name), name, shelter, &watch);
        let (mut one, mut two, mut other) = (terminal(&hall, "gym-1", "gym"), terminal(&hall, "gym-2", "gym"), terminal(&hall, "hall-1", "hall"));
        arrive(&mut one, "1");
        one.sync(&hall).unwrap();
        hall = hall.backed_up(&backup);
        // After the backup: three terminals go on, and the first hears of the second, which is lost with its machine.
        arrive(&mut one, "2");
        arrive(&mut two, "3");
        arrive(&mut two, "4");
        two.hand_over("medicine at six").unwrap();
        arrive(&mut other, "5");
        for terminal in [&mut two, &mut other, &mut one] {
            terminal.sync(&hall).unwrap();
        }
        drop(two);
        let known = one.cursor();
        assert_eq!(counted(&hall), (5, 5, 0));
        hall = hall.restored(&backup);
        assert_eq!(counted(&hall), (1, 1, 0));
        if grown {
            // The restored journal grows beyond the one that the terminals know, with other leaves.
            let mut new = hall.terminal(&folder.path().join("gym-3"), "gym-3", "gym", &watch);
            for number in 10..30 {
                arrive(&mut new, &number.to_string());
            }
            new.sync(&hall).unwrap();
            assert!(hall.event().published().roster.len() > known);
        }
        let more = if grown { 20 } else { 0 };
        arrive(&mut one, "6");
        let synced = one.sync(&hall).unwrap_or_else(|failure| panic!("{failure}"));
        let restored = synced.restored.unwrap();
        // Of the other shelter's person only that there is one was heard, so that shelter brings it back.
        assert_eq!((restored.carried, restored.lost > 0, &synced.aside[..]), (3, true, &[][..]), "grown: {grown}");
        assert_eq!(counted(&hall), (5 + more, 5 + more, 0), "grown: {grown}");
        assert_eq!((one.waiting().count(), one.carried().count(), one.cursor()), (0, 0, hall.event().published().roster.len()));
        assert_eq!((one.notes().len(), one.own().iter().all(|own| own.fate == Fate::Taken)), (1, true));
        assert!(other.sync(&hall).unwrap().restored.is_some());
        assert_eq!(counted(&hall), (6 + more, 6 + more, 0), "grown: {grown}");
        // Both go on as before, also after their programs end.
        let (mut one, mut other) = (reopen(one, &watch), reopen(other, &watch));
        for terminal in [&mut one, &mut other] {
            arrive(terminal, if terminal.shelter().as_str() == "gym" { "7" } else { "8" });
            let synced = terminal.sync(&hall).unwrap();
            assert_eq!((synced.restored, synced.handed_in, terminal.copied()), (None, 1, Copied::No));
        }
        one.sync(&hall).unwrap();
        assert_eq!((counted(&hall).0, one.roster().live().count()), (8 + more, 8 + more));
        assert_eq!(hall.event().problems(), Vec::<String>::new());
    }
}

#[test]
fn a_stick_tells_too_that_the_appliance_was_restored_and_an_older_answer_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup");
    let mut hall = Hall::begin(&folder.path().join("appliance"), &["gym"], &residents(6));
    let watch = Watch::at(&hall);
    let mut gym = hall.terminal(&folder.path().join("gym-1"), "gym-1", "gym", &watch);
    hall = hall.backed_up(&backup);
    let (file, before, after) = (folder.path().join("stick.json"), folder.path().join("before.json"), folder.path().join("after.json"));
    arrive(&mut gym, "1");
    let written = gym.export(&file, Which::Waiting).unwrap();
    carry(&hall, &written.files, &before);
    assert_eq!(gym.confirm(&before).unwrap().taken, 1);
    hall.clock.advance(60);
    hall = hall.restored(&backup);
    arrive(&mut gym, "2");
    let written = gym.export(&file, Which::Waiting).unwrap();
    carry(&hall, &written.files, &after);
    let confirmed = gym.confirm(&after).unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!((confirmed.restored.is_some(), gym.waiting().count()), (true, 1), "what arrived before the restoration waits again");
    let failure = gym.confirm(&before).unwrap_err();
    assert!(failure.exit == Exit::Refused && failure.en.contains("before the appliance was restored"), "{failure}");
    let written = gym.export(&file, Which::Waiting).unwrap();
    carry(&hall, &written.files, &after);
    assert_eq!((gym.confirm(&after).unwrap().restored, gym.waiting().count()), (None, 0));
    assert_eq!(counted(&hall), (2, 2, 0));
}

/// What happens while an answer is on its way.
type Meanwhile<'a> = Box<dyn FnOnce(Hall, &mut Reception) -> Hall + 'a>;

/// Which answer is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answering {
    HandIn,
    News,
}

/// A line on which something happens, at the terminal and at the appliance, while an answer is on its way.
struct Slow<'a, 'b> {
    hall: RefCell<Option<Hall>>,
    held: &'a RefCell<&'b mut Reception>,
    answering: Answering,
    meanwhile: RefCell<Option<Meanwhile<'a>>>,
}

impl Slow<'_, '_> {
    fn answered<T>(&self, which: Answering, ask: impl FnOnce(&Hall) -> T) -> T {
        let hall = self.hall.take().unwrap();
        let answer = ask(&hall);
        let meanwhile = if which == self.answering { self.meanwhile.take() } else { None };
        let hall = match meanwhile {
            Some(happens) => happens(hall, *self.held.borrow_mut()),
            None => hall,
        };
        self.hall.replace(Some(hall));
        answer
    }
}

impl Line for Slow<'_, '_> {
    fn hand_in(&self, file: &SignedHandIn, way: Way) -> Result<HandInAnswer, Failure> {
        self.answered(Answering::HandIn, |hall| hall.hand_in(file, way))
    }

    fn news(&self, event: EventId, terminal: &TerminalId, from: u64, count: u64) -> Result<News, Failure> {
        self.answered(Answering::News, |hall| hall.news(event, terminal, from, count))
    }
}

/// The appliance is restored from a backup while an answer of the one before is on its way to a terminal, which a stick tells of that first.
fn overtaken(answering: Answering) {
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup");
    let mut hall = Hall::begin(&folder.path().join("appliance"), &["gym"], &residents(6));
    let watch = Watch::at(&hall);
    let mut gym = hall.terminal(&folder.path().join("gym-1"), "gym-1", "gym", &watch);
    hall = hall.backed_up(&backup);
    arrive(&mut gym, "1");
    gym.sync(&hall).unwrap_or_else(|failure| panic!("{failure}"));
    let (file, answer) = (folder.path().join("stick.json"), folder.path().join("answer.json"));
    let written = gym.export(&file, Which::All).unwrap();
    arrive(&mut gym, "2");
    hall.clock.advance(60);
    let meanwhile: Meanwhile<'_> = Box::new(|hall, gym| {
        let hall = hall.restored(&backup);
        // It goes on with something else than what the terminal knows of the one before.
        hall.terminal(&folder.path().join("gym-2"), "gym-2", "gym", &watch);
        carry(&hall, &written.files, &answer);
        let confirmed = gym.confirm(&answer).unwrap_or_else(|failure| panic!("{failure}"));
        assert_eq!((confirmed.restored.is_some(), gym.waiting().count()), (true, 1), "{answering:?}");
        hall
    });
    let hall = {
        let held = RefCell::new(&mut gym);
        let line = Slow { hall: RefCell::new(Some(hall)), held: &held, answering, meanwhile: RefCell::new(Some(meanwhile)) };
        sync(&held, &line).unwrap_or_else(|failure| panic!("{answering:?}: {failure}"));
        assert!(line.meanwhile.take().is_none(), "it happened");
        line.hall.take().unwrap()
    };
    // Whoever the appliance of before had taken was handed in to the one that lost them, and nothing was taken for altered.
    assert_eq!((counted(&hall), gym.waiting().count(), gym.cursor()), ((2, 2, 0), 0, hall.event().published().roster.len()));
    let gym = reopen(gym, &watch);
    assert_eq!((gym.present().len(), gym.waiting().count()), (2, 0));
    assert_eq!(hall.event().problems(), Vec::<String>::new());
}

#[test]
fn an_answer_to_a_hand_in_that_a_stick_overtook_marks_nothing_that_the_restored_appliance_lost() {
    overtaken(Answering::HandIn);
}

#[test]
fn news_that_a_stick_overtook_are_asked_for_anew_and_are_not_taken_for_altered() {
    overtaken(Answering::News);
}

#[test]
fn a_stick_brings_a_revoked_terminal_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let hall = Hall::begin(&folder.path().join("appliance"), &["gym"], &residents(6));
    let watch = Watch::at(&hall);
    let mut gym = hall.terminal(&folder.path().join("gym-1"), "gym-1", "gym", &watch);
    arrive(&mut gym, "1");
    hall.revoke(&gym.about.terminal);
    let (file, answer) = (folder.path().join("stick.json"), folder.path().join("answer.json"));
    let written = gym.export(&file, Which::Waiting).unwrap();
    let delivered = carry(&hall, &written.files, &answer);
    assert_eq!((delivered.taken, delivered.reply.news.len()), (0, 0));
    let confirmed = gym.confirm(&answer).unwrap();
    assert_eq!((confirmed.taken, &confirmed.aside[..]), (0, &[Aside::Revoked][..]));
    assert_eq!(counted(&hall), (0, 0, 0));
}
