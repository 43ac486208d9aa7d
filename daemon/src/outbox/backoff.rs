//! How long to wait after a failure: twice as long after each, up to a limit, and between half and all of that by chance, so that many that failed together do not
//! come back together.

use std::time::Duration;

/// The waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// After the first failure.
    pub first: Duration,
    /// At most.
    pub most: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: Duration::from_secs(2), most: Duration::from_secs(300) }
    }
}

impl Backoff {
    /// The wait after so many failures, by a random number.
    #[must_use]
    pub fn delay(self, failures: u32, chance: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(30);
        let whole = self.first.saturating_mul(1 << doublings).min(self.most);
        let half = whole / 2;
        // At most half a wait, so it fits.
        let more = half.as_nanos().saturating_mul(u128::from(chance)) / u128::from(u32::MAX);
        half + Duration::from_nanos(u64::try_from(more).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_wait_doubles_up_to_the_limit() {
        let backoff = Backoff { first: Duration::from_secs(2), most: Duration::from_secs(300) };
        let longest: Vec<u64> = (1..=10).map(|failures| backoff.delay(failures, u32::MAX).as_secs()).collect();
        assert_eq!(longest, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        assert_eq!(backoff.delay(u32::MAX, 0), Duration::from_secs(150));
    }

    proptest! {
        #[test]
        fn a_wait_is_between_half_and_all_of_it(failures: u32, chance: u32) {
            let backoff = Backoff::default();
            let all = backoff.delay(failures, u32::MAX);
            let wait = backoff.delay(failures, chance);
            prop_assert!(all / 2 <= wait && wait <= all);
        }
    }
}
