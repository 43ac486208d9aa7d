//! How home says how far the logs are signed.

use tachiai_schemas::Lang;
use tachiai_schemas::staff::Role;
use tachiai_schemas::status::{ApplianceNow, CheckpointNow, Log};

use super::*;

/// What the commission sees where the logs are signed so far.
fn signed(lang: Lang, checkpoints: Vec<CheckpointNow>) -> State {
    let status = samples::commission();
    let appliance = status.appliance.map(|appliance| ApplianceNow { checkpoints, ..appliance });
    connected(lang, Status { appliance, waiting: Some(Vec::new()), ..status })
}

#[test]
fn the_log_that_is_late_is_named_with_what_to_do_and_the_others_are_not() {
    picture("home-late", |lang| {
        let board = CheckpointNow {
            cosigned: 1,
            quorum: 2,
            witnessed: Some(now().plus(-7_300)),
            ..samples::checkpoint(Log::Election { election: samples::election() }, 12_481)
        };
        let roster = CheckpointNow { waiting: 3, ..samples::checkpoint(Log::Event { event: samples::event_id() }, 1_530) };
        signed(lang, vec![board, roster, samples::checkpoint(Log::Access {}, 214)])
    });
}

#[test]
fn the_access_log_that_waits_for_whoever_asks_for_it_is_nothing_late() {
    let access = CheckpointNow { waiting: 12, ..samples::checkpoint(Log::Access {}, 202) };
    let text = seen(&signed(Lang::En, vec![samples::checkpoint(Log::Event { event: samples::event_id() }, 9), access]), (120, 40));
    assert!(text.contains("logs signed: all 1") && text.contains("12 more are") && !text.contains("Restart"), "{text}");
    let never = CheckpointNow { signed: None, size: 0, waiting: 12, ..samples::checkpoint(Log::Access {}, 0) };
    let text = seen(&signed(Lang::En, vec![never]), (120, 40));
    assert!(text.contains("12 are signed when") && !text.contains("logs signed"), "{text}");
}
