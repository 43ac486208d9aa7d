//! The time at a terminal, as the appliance's clock would show it.
//!
//! Within one boot the boot clock runs on whatever happens to the clock on the wall; over a boot only the wall clock goes on. So each moment is kept as both
//! showed it ([`Stamp`]), and what it was by the appliance's clock can be told later, once that was heard ([`Measured`]).

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use std::{fmt, fs};

use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

/// By how much a clock may be off before what it dated is dated anew, in milliseconds: the appliance takes nothing that lies further in its future.
pub const TOLERATED: u64 = 5 * 60 * 1000;

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

impl Stamp {
    /// Whether the two were taken between one boot and the next.
    fn same_boot(&self, other: &Self) -> bool {
        !self.boot.is_empty() && self.boot == other.boot
    }
}

/// The moment of a stamp by the appliance's clock, in milliseconds since 1970; by the wall clock, where that was never heard.
#[must_use]
pub fn appliance_time(measured: Option<&Measured>, stamp: &Stamp) -> u64 {
    let Some(Measured { appliance, at }) = measured else { return stamp.wall };
    let (then, now) = if stamp.same_boot(at) { (at.since, stamp.since) } else { (at.wall, stamp.wall) };
    match now.checked_sub(then) {
        Some(later) => appliance.saturating_add(later),
        None => appliance.saturating_sub(then - now),
    }
}

/// How far the appliance's clock is ahead of the wall clock here, in milliseconds.
#[must_use]
pub fn offset(measured: Option<&Measured>, stamp: &Stamp) -> i64 {
    let ahead = i128::from(appliance_time(measured, stamp)) - i128::from(stamp.wall);
    i64::try_from(ahead).unwrap_or(if ahead < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(wall: u64, boot: &str, since: u64) -> Stamp {
        Stamp { wall, boot: boot.to_owned(), since }
    }

    #[test]
    fn within_a_boot_a_wall_clock_that_is_set_changes_nothing() {
        let measured = Measured { appliance: 1_000_000, at: stamp(50_000, "a", 700) };
        assert_eq!(appliance_time(Some(&measured), &stamp(9_999_999, "a", 1_700)), 1_001_000);
        // What was before the clock was heard is told too.
        assert_eq!(appliance_time(Some(&measured), &stamp(0, "a", 200)), 999_500);
    }

    #[test]
    fn over_a_boot_the_wall_clock_goes_on_with_its_offset() {
        let measured = Measured { appliance: 1_000_000, at: stamp(50_000, "a", 700) };
        assert_eq!(appliance_time(Some(&measured), &stamp(60_000, "b", 5)), 1_010_000);
        assert_eq!(offset(Some(&measured), &stamp(60_000, "b", 5)), 950_000);
        // A kernel that does not tell its boots gives none that is the same.
        assert_eq!(appliance_time(Some(&Measured { at: stamp(50_000, "", 700), ..measured }), &stamp(60_000, "", 5)), 1_010_000);
    }

    #[test]
    fn a_clock_that_heard_nothing_shows_the_wall_clock() {
        assert_eq!(appliance_time(None, &stamp(60_000, "b", 5)), 60_000);
    }

    #[test]
    fn the_clocks_of_this_machine_go_forward() {
        let clocks = Clocks::system();
        let (one, two) = (clocks.now(), clocks.now());
        assert!(two.since >= one.since && one.boot == two.boot && one.wall > 1_700_000_000_000);
    }
}
