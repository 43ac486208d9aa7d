//! The time at a terminal, as the appliance's clock would show it.
//!
//! Within one boot the boot clock runs on whatever happens to the clock on the wall; over a boot only the wall clock goes on. So each moment is kept as both
//! showed it ([`Stamp`]), and what it was by the appliance's clock can be told later, once that was heard within the same boot ([`Heard`]).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use std::{fmt, fs};

use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

/// By how much a clock may be off before what it dated is dated anew, in milliseconds: the appliance takes nothing that lies further in its future.
pub const TOLERATED: u64 = 5 * 60 * 1000;

/// What the line may make of a difference between clocks, in milliseconds.
const NOISE: u64 = 1000;

/// A moment, as the clocks of the terminal showed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stamp {
    /// The wall clock: milliseconds since 1970.
    pub wall: u64,
    /// Which boot it was.
    pub boot: String,
    /// Milliseconds since that boot, sleep included.
    pub since: u64,
}

impl Stamp {
    /// How far the middle may be from where the answer was given, in milliseconds: half of what lies between.
    #[must_use]
    pub fn half(&self, later: &Self) -> u64 {
        if later.boot == self.boot { later.since.saturating_sub(self.since) / 2 } else { 0 }
    }

    /// The middle between this moment and a later one: where an answer to a question of this moment was given, as far as the line is as fast both ways. The wall clock may
    /// have been set in between, or the machine started anew: then the later moment is all that is known.
    #[must_use]
    pub fn middle(&self, later: Self) -> Self {
        let Self { wall: _, boot, since } = self;
        match later.since.checked_sub(*since) {
            Some(between) if later.boot == *boot => {
                let half = between / 2;
                Self { wall: later.wall.saturating_sub(half), since: later.since - half, boot: later.boot }
            }
            _ => later,
        }
    }
}

/// The appliance's clock, as it was heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// Milliseconds since 1970 by the appliance's clock.
    pub appliance: u64,
    /// The clocks of the terminal at that moment.
    pub at: Stamp,
}

/// Where a terminal reads its clocks.
#[derive(Clone)]
pub struct Clocks(Arc<dyn Fn() -> Stamp + Send + Sync>);

impl fmt::Debug for Clocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clocks(..)")
    }
}

impl Clocks {
    /// Those of this machine.
    #[must_use]
    pub fn system() -> Self {
        // It does not change while this program runs.
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").map_or_else(|_| String::new(), |text| text.trim().to_owned());
        Self::by(move || {
            let since = clock_gettime(ClockId::Boottime);
            let millis = |seconds: i64, nanos: i64| u64::try_from(seconds).unwrap_or(0) * 1000 + u64::try_from(nanos).unwrap_or(0) / 1_000_000;
            let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX));
            Stamp { wall, boot: boot.clone(), since: millis(since.tv_sec, since.tv_nsec) }
        })
    }

    /// Clocks that another program gives.
    #[must_use]
    pub fn by(now: impl Fn() -> Stamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// What they show now.
    #[must_use]
    pub fn now(&self) -> Stamp {
        (self.0)()
    }
}

/// What was heard of the appliance's clock: the latest within each boot, and the last of all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heard {
    boots: BTreeMap<String, Measured>,
    last: Option<Measured>,
}

impl Heard {
    /// Takes what was heard.
    pub fn take(&mut self, measured: Measured) {
        // A kernel that does not tell its boots gives none that is the same.
        if !measured.at.boot.is_empty() {
            self.boots.insert(measured.at.boot.clone(), measured.clone());
        }
        self.last = Some(measured);
    }

    /// What was heard last.
    #[must_use]
    pub const fn last(&self) -> Option<&Measured> {
        self.last.as_ref()
    }

    /// The moment of a stamp by the appliance's clock, in milliseconds since 1970, if that was heard within the same boot, before or after.
    #[must_use]
    pub fn known(&self, stamp: &Stamp) -> Option<u64> {
        self.boots.get(&stamp.boot).map(|Measured { appliance, at }| shifted(*appliance, at.since, stamp.since))
    }

    /// The best that can be said of a stamp's moment: as [`Heard::known`]; else by the wall clock with the offset that it had when the appliance's was heard last; else
    /// by the wall clock.
    #[must_use]
    pub fn time(&self, stamp: &Stamp) -> u64 {
        self.known(stamp).unwrap_or_else(|| self.last.as_ref().map_or(stamp.wall, |Measured { appliance, at }| shifted(*appliance, at.wall, stamp.wall)))
    }

    /// Whether it is worth a record that the appliance's clock shows this now: a difference that is within the noise of the line is not, nor one that is within what the
    /// answer leaves open, unless nothing was heard since the boot. A large hand-in over a slow line is answered at its end and not in the middle, so that it tells the
    /// clock no better than to half the time that it took.
    #[must_use]
    pub fn is_new(&self, Measured { appliance, at }: &Measured, open: u64) -> bool {
        let shown = if at.boot.is_empty() { self.last.as_ref().map(|_| self.time(at)) } else { self.known(at) };
        shown.is_none_or(|shown| shown.abs_diff(*appliance) >= NOISE.saturating_add(open))
    }

    /// How far the appliance's clock is ahead of the wall clock here, in milliseconds.
    #[must_use]
    pub fn offset(&self, stamp: &Stamp) -> i64 {
        let ahead = i128::from(self.time(stamp)) - i128::from(stamp.wall);
        i64::try_from(ahead).unwrap_or(if ahead < 0 { i64::MIN } else { i64::MAX })
    }
}

/// A moment that lies as far from another as one reading of a clock from another.
const fn shifted(moment: u64, then: u64, now: u64) -> u64 {
    match now.checked_sub(then) {
        Some(later) => moment.saturating_add(later),
        None => moment.saturating_sub(then - now),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(wall: u64, boot: &str, since: u64) -> Stamp {
        Stamp { wall, boot: boot.to_owned(), since }
    }

    fn heard(measured: &[(u64, Stamp)]) -> Heard {
        let mut heard = Heard::default();
        measured.iter().for_each(|(appliance, at)| heard.take(Measured { appliance: *appliance, at: at.clone() }));
        heard
    }

    #[test]
    fn within_a_boot_a_wall_clock_that_is_set_changes_nothing() {
        let heard = heard(&[(1_000_000, stamp(50_000, "a", 700))]);
        assert_eq!(heard.known(&stamp(9_999_999, "a", 1_700)), Some(1_001_000));
        // What was before the clock was heard is told too.
        assert_eq!(heard.known(&stamp(0, "a", 200)), Some(999_500));
    }

    #[test]
    fn each_boot_is_told_by_what_was_heard_within_it() {
        let heard = heard(&[(1_000_000, stamp(50_000, "a", 700)), (2_000_000, stamp(7, "b", 100)), (2_000_500, stamp(9, "b", 200))]);
        assert_eq!(heard.known(&stamp(0, "a", 200)), Some(999_500));
        assert_eq!((heard.known(&stamp(8, "b", 150)), heard.last().unwrap().appliance), (Some(2_000_450), 2_000_500));
        assert_eq!(heard.known(&stamp(8, "c", 150)), None);
    }

    #[test]
    fn over_a_boot_the_wall_clock_goes_on_with_its_offset() {
        let other = heard(&[(1_000_000, stamp(50_000, "a", 700))]);
        assert_eq!(other.time(&stamp(60_000, "b", 5)), 1_010_000);
        assert_eq!(other.offset(&stamp(60_000, "b", 5)), 950_000);
        // A kernel that does not tell its boots gives none that is the same.
        let nameless = heard(&[(1_000_000, stamp(50_000, "", 700))]);
        assert_eq!((nameless.time(&stamp(60_000, "", 5)), nameless.known(&stamp(60_000, "", 5))), (1_010_000, None));
    }

    #[test]
    fn the_clock_is_noted_once_in_each_boot_and_whenever_it_is_another() {
        let is_new = |heard: &Heard, appliance, at: Stamp| heard.is_new(&Measured { appliance, at }, 0);
        let one = heard(&[(1_000_000, stamp(50_000, "a", 700))]);
        assert!(!is_new(&one, 1_000_900, stamp(50_000, "a", 700)) && is_new(&one, 1_001_000, stamp(50_000, "a", 700)));
        assert!(is_new(&one, 1_000_000, stamp(50_000, "b", 700)), "by the wall clock it is the same, but this boot has no word of its own yet");
        let nameless = heard(&[(1_000_000, stamp(50_000, "", 700))]);
        assert!(!is_new(&nameless, 1_000_900, stamp(50_000, "", 700)) && is_new(&Heard::default(), 50_000, stamp(50_000, "", 700)));
    }

    #[test]
    fn an_exchange_that_took_long_does_not_put_a_clock_off_that_is_known_better() {
        let one = heard(&[(1_000_000, stamp(50_000, "a", 700))]);
        // Forty seconds of uploading, answered at the end: the middle is twenty seconds off, and that is what it leaves open.
        let (asked, later) = (stamp(60_000, "a", 10_700), stamp(100_000, "a", 50_700));
        let measured = |appliance| Measured { appliance, at: asked.middle(later.clone()) };
        let open = asked.half(&later);
        assert_eq!((open, one.known(&later)), (20_000, Some(1_050_000)));
        assert!(!one.is_new(&measured(1_050_000), open) && !one.is_new(&measured(1_010_000), open), "wherever in between it was answered");
        assert!(one.is_new(&measured(1_060_000), open), "what lies outside is another clock");
        assert!(Heard::default().is_new(&measured(1_050_000), open), "it is better than nothing");
    }

    #[test]
    fn an_answer_was_given_in_the_middle_between_asking_and_hearing() {
        assert_eq!(stamp(50_000, "a", 700).middle(stamp(51_000, "a", 1_700)), stamp(50_500, "a", 1_200));
        // A wall clock that was set while the answer was on its way counts from when it was heard.
        assert_eq!(stamp(50_000, "a", 700).middle(stamp(9_000_000, "a", 1_700)), stamp(8_999_500, "a", 1_200));
        assert_eq!(stamp(50_000, "a", 700).middle(stamp(60_000, "b", 100)), stamp(60_000, "b", 100));
    }

    #[test]
    fn a_clock_that_heard_nothing_shows_the_wall_clock() {
        assert_eq!(Heard::default().time(&stamp(60_000, "b", 5)), 60_000);
    }

    #[test]
    fn the_clocks_of_this_machine_go_forward() {
        let clocks = Clocks::system();
        let (one, two) = (clocks.now(), clocks.now());
        assert!(two.since >= one.since && one.boot == two.boot && one.wall > 1_700_000_000_000);
    }
}
