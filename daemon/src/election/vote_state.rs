//! What stands for one elector in one contest, over all channels: the one place where online voting, papers and absentee voting meet.
//!
//! Pure: everything comes in with [`Facts`].

use tachiai_schemas::desk::{AbsenteeStands, VoteState};
use tachiai_schemas::paper::PlaceKind;
use tachiai_schemas::{LeafIndex, Timestamp};
use tachiai_verify::board::{DeskState, PaperState};

/// What is known of an elector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts {
    /// The ballot that counts online, with its time.
    pub ballot: Option<(LeafIndex, Timestamp)>,
    /// What stands at the desks.
    pub desk: DeskState,
    /// The kind of the place that handed out the paper.
    pub channel: Option<PlaceKind>,
    /// What the commission noted of absentee voting.
    pub absentee: Option<AbsenteeStands>,
}

/// The state in a contest of the elector's style. What was done stands: a paper goes before a ballot, which it overrides, and both go before a strike from the
/// roll, which undoes neither.
#[must_use]
pub fn vote_state(facts: &Facts, contest: u16) -> VoteState {
    let Facts { ballot, desk: DeskState { paper, struck }, channel, absentee } = facts;
    match (paper, ballot, struck, absentee) {
        (Some(PaperState { leaf, contests, .. }), ..) if !contests.contains(contest) => VoteState::LeftOut { leaf: *leaf },
        (Some(paper), ..) => on_paper(paper, channel.unwrap_or(PlaceKind::Day), absentee.as_ref()),
        (None, Some((leaf, at)), ..) => VoteState::Online { leaf: *leaf, at: *at },
        (None, None, Some(leaf), _) => VoteState::Struck { leaf: *leaf },
        (None, None, None, Some(stands)) => VoteState::Requested { at: stands.requested },
        (None, None, None, None) => VoteState::NotYet,
    }
}

fn on_paper(paper: &PaperState, channel: PlaceKind, absentee: Option<&AbsenteeStands>) -> VoteState {
    let leaf = paper.leaf;
    match (channel, absentee.and_then(|stands| stands.received)) {
        (PlaceKind::Early | PlaceKind::Day, _) => VoteState::Paper { leaf, channel, manner: paper.manner },
        // What came back of an earlier hand-out, which was undone, is not this one.
        (PlaceKind::Absentee, Some((of, at, reception))) if of == leaf => VoteState::Received { leaf, at, reception },
        (PlaceKind::Absentee, _) => VoteState::Sent { leaf },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tachiai_schemas::desk::{AbsenteeKind, Reception};
    use tachiai_schemas::paper::{Identified, Manner};

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_unix(1_800_000_000 + second).unwrap()
    }

    fn paper(leaf: u64, contests: &[u16]) -> PaperState {
        let contests = contests.iter().copied().collect();
        PaperState { leaf: LeafIndex(leaf), place: 0, session: 0, contests, manner: Manner::Proxy, identified: Identified::Card }
    }

    fn absentee(received: Option<(u64, Reception)>) -> AbsenteeStands {
        let received = received.map(|(leaf, reception)| (LeafIndex(leaf), at(9), reception));
        AbsenteeStands { kind: AbsenteeKind::Away, requested: at(1), received }
    }

    fn holding(paper: PaperState, channel: PlaceKind) -> Facts {
        Facts { desk: DeskState { paper: Some(paper), struck: None }, channel: Some(channel), ..Facts::default() }
    }

    #[test]
    fn an_elector_goes_from_not_yet_over_online_to_a_paper() {
        let facts = Facts::default();
        assert_eq!(vote_state(&facts, 0), VoteState::NotYet);
        let facts = Facts { ballot: Some((LeafIndex(7), at(2))), ..facts };
        assert_eq!(vote_state(&facts, 0), VoteState::Online { leaf: LeafIndex(7), at: at(2) });
        let facts = holding(paper(8, &[0]), PlaceKind::Early);
        assert_eq!(vote_state(&facts, 0), VoteState::Paper { leaf: LeafIndex(8), channel: PlaceKind::Early, manner: Manner::Proxy });
        assert_eq!(vote_state(&facts, 1), VoteState::LeftOut { leaf: LeafIndex(8) });
    }

    #[test]
    fn absentee_voting_is_requested_sent_and_received() {
        let facts = Facts { absentee: Some(absentee(None)), ..Facts::default() };
        assert_eq!(vote_state(&facts, 0), VoteState::Requested { at: at(1) });
        let facts = Facts { absentee: Some(absentee(None)), ..holding(paper(5, &[0]), PlaceKind::Absentee) };
        assert_eq!(vote_state(&facts, 0), VoteState::Sent { leaf: LeafIndex(5) });
        for reception in [Reception::Accepted, Reception::Rejected] {
            let facts = Facts { absentee: Some(absentee(Some((5, reception)))), ..facts };
            assert_eq!(vote_state(&facts, 0), VoteState::Received { leaf: LeafIndex(5), at: at(9), reception });
        }
        // The papers that came back were others.
        let facts = Facts { absentee: Some(absentee(Some((4, Reception::Accepted)))), ..facts };
        assert_eq!(vote_state(&facts, 0), VoteState::Sent { leaf: LeafIndex(5) });
    }

    #[test]
    fn a_strike_undoes_nothing_that_was_done() {
        let struck = |facts: Facts| Facts { desk: DeskState { struck: Some(LeafIndex(3)), ..facts.desk }, ..facts };
        assert_eq!(vote_state(&struck(Facts::default()), 0), VoteState::Struck { leaf: LeafIndex(3) });
        assert_eq!(vote_state(&struck(Facts { absentee: Some(absentee(None)), ..Facts::default() }), 0), VoteState::Struck { leaf: LeafIndex(3) });
        assert!(matches!(vote_state(&struck(Facts { ballot: Some((LeafIndex(1), at(0))), ..Facts::default() }), 0), VoteState::Online { .. }));
        assert!(matches!(vote_state(&struck(holding(paper(8, &[0]), PlaceKind::Day)), 0), VoteState::Paper { .. }));
    }

    proptest! {
        #[test]
        fn who_holds_a_paper_is_never_shown_as_one_who_votes_online(
            ballot in proptest::option::of(0u64..9), held in proptest::option::of(any::<bool>()), struck in any::<bool>(), asked in any::<bool>(),
            channel in 0usize..3, contest in 0u16..2,
        ) {
            let channel = [PlaceKind::Early, PlaceKind::Day, PlaceKind::Absentee][channel];
            let facts = Facts {
                ballot: ballot.map(|leaf| (LeafIndex(leaf), at(0))),
                desk: DeskState { paper: held.map(|both| paper(20, if both { &[0, 1] } else { &[0] })), struck: struck.then_some(LeafIndex(15)) },
                channel: Some(channel),
                absentee: asked.then(|| absentee(None)),
            };
            let took_part = matches!(
                vote_state(&facts, contest),
                VoteState::Online { .. } | VoteState::Paper { .. } | VoteState::LeftOut { .. } | VoteState::Sent { .. } | VoteState::Received { .. }
            );
            prop_assert_eq!(took_part, held.is_some() || ballot.is_some());
            if held.is_some() {
                let online = matches!(vote_state(&facts, contest), VoteState::Online { .. });
                prop_assert!(!online);
            }
        }
    }
}
