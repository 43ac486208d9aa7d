//! Boots with different clocks, heard or not.

use proptest::prelude::*;
use tachiai_schemas::roster::report::HowCounted;

use super::reopen;
use super::town::{Town, Wall, began};
use crate::shelter::clock::TOLERATED;
use crate::shelter::state::Own;

const HOUR: i64 = 3_600_000;

/// A boot: how far ahead its wall clock is, when the appliance's is heard within it, and the pauses before its entries in milliseconds.
#[derive(Debug, Clone)]
struct Boot {
    ahead: i64,
    heard: Option<Heard>,
    pauses: Vec<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    First,
    Last,
}

fn boot() -> impl Strategy<Value = Boot> {
    let ahead = prop_oneof![Just(0), Just(24 * HOUR), Just(-24 * HOUR), Just(HOUR), Just(-HOUR), -20_000..20_000_i64];
    let heard = prop_oneof![2 => Just(None), 1 => Just(Some(Heard::First)), 1 => Just(Some(Heard::Last))];
    (ahead, heard, prop::collection::vec(1..2 * HOUR.unsigned_abs(), 0..4)).prop_map(|(ahead, heard, pauses)| Boot { ahead, heard, pauses })
}

/// An entry with the moment at which it was really made, and whether the clock was heard within its boot.
struct Made {
    truth: u64,
    heard: bool,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_entered_in_a_boot_that_heard_the_clock_comes_out_right_and_nothing_lies_in_the_future(boots in prop::collection::vec(boot(), 1..6)) {
        let folder = tempfile::tempdir().unwrap();
        let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
        let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
        let mut made: Vec<Made> = Vec::new();
        let mut now = town.now;
        let last = Boot { ahead: 0, heard: Some(Heard::First), pauses: Vec::new() };
        for Boot { ahead, heard, pauses } in boots.into_iter().chain([last]) {
            now += 60_000;
            wall.reboot();
            wall.set(now.saturating_add_signed(ahead));
            gym = reopen(gym, &wall);
            if heard == Some(Heard::First) {
                gym.hear_clock(now).unwrap();
            }
            for pause in pauses {
                (now, town.now) = (now + pause, now + pause);
                wall.pass(pause);
                gym.headcount(1, HowCounted::Counted).unwrap();
                made.push(Made { truth: now, heard: heard.is_some() });
            }
            if heard == Some(Heard::Last) {
                gym.hear_clock(now).unwrap();
            }
        }
        let before: Vec<u64> = gym.own().iter().map(|own| own.entry.body.entered.millis()).collect();
        let redated = gym.redate().unwrap();
        prop_assert_eq!(gym.redate().unwrap(), 0, "once is enough");
        let gym = reopen(gym, &wall);
        let entered = |own: &Own| own.entry.body.entered;
        prop_assert!(gym.own().len() == made.len() && gym.own().is_sorted_by(|one, two| entered(one) < entered(two) && one.entry.body.number < two.entry.body.number));
        let off = if redated > 0 { 1_000 } else { TOLERATED };
        for (number, (own, made_at)) in gym.own().iter().zip(&made).enumerate() {
            let millis = entered(own).millis();
            // A time that was left within what is tolerated may be a little ahead.
            prop_assert!(millis <= now + if redated > 0 { 0 } else { TOLERATED }, "entry {} lies in the future", number);
            if made_at.heard {
                prop_assert!(millis.abs_diff(made_at.truth) <= off, "entry {}: {} and really {}", number, millis, made_at.truth);
            } else if redated > 0 {
                let end = made[number..].iter().filter(|made| made.heard).map(|made| made.truth).min().unwrap_or(now).min(now);
                let begin = number.checked_sub(1).map_or(0, |before| entered(&gym.own()[before]).millis());
                let stays = (begin + 1..=end).contains(&before[number]);
                prop_assert!(!stays || millis == before[number], "entry {} could have stayed", number);
            }
        }
    }
}
