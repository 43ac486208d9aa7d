//! The evening of the count: papers, candidates who are out, lots, and what is published.

use tachiai_crypto::hash::Hash32;
use tachiai_schemas::counting::{LotSigned, PaperCountSigned, PaperFigures, PaperLine, TurnoutCell};
use tachiai_schemas::election::{Body, Text};
use tachiai_schemas::paper::{Attested, CandidateOut, Identified, LinkPolicy, Lot, Manner, OutReason, PaperIssue, Place, PlaceKind, Session};
use tachiai_schemas::staff::{Act, NextDeed};
use tachiai_schemas::trustee::{Signed, SignedKind};
use tachiai_schemas::{Bytes, Refusal, canonical};
use tachiai_verify::testing::Places;
use tachiai_verify::verify::{Options, verify_record};

use super::super::decide::Command;
use super::*;

/// A city with one place for early voting, and officers.
pub(super) async fn city(electors: usize) -> (City, Places) {
    let places = Places::default();
    let mut city = City::draft_with("mock", electors, |spec| {
        spec.count_officers = places.listed();
        let name = Text { ja: "市役所".to_owned(), en: "City hall".to_owned() };
        spec.places = vec![Place {
            id: "city-hall".to_owned(),
            name,
            kind: PlaceKind::Early,
            key: Bytes(places.desks[0].public().to_bytes()),
            officers: places.listed(),
            sessions: vec![Session { opens: spec.opens, closes: spec.poll_closes }],
            offline: LinkPolicy::Stop,
        }];
    })
    .await;
    city.live().start_ceremony("official").await.unwrap();
    city.make_key().await;
    city.perform(Act::Open).await.unwrap();
    city.clock.set(time(OPENS));
    (city, places)
}

pub(super) fn opened(city: &City) -> Hash32 {
    city.live().board().state.board.opened().unwrap().leaf_hash()
}

/// Hands a paper to a voter.
async fn hand_out(city: &City, places: &Places, voter: usize) {
    let body = PaperIssue {
        opened: opened(city).into(),
        place: 0,
        session: 0,
        slot: city.slot(voter),
        contests: vec![0],
        manner: Manner::Own,
        identified: Identified::Card,
        issued_at: time(OPENS),
        // Evidence is of one hand-out.
        evidence: Hash32::sha256(&[voter as u8]).into(),
    };
    let json = canonical::to_bytes(&body).unwrap();
    let signature = Bytes(places.desks[0].sign_bytes(&format!("file/{}", PaperIssue::KIND), &json));
    city.live().submit(Command::Record(Box::new(Body::PaperIssued(Box::new(Signed { body, signature }))))).await.unwrap();
}

/// Closes the day with everything in the box, and the poll, and counts the online ballots.
pub(super) async fn to_the_result(city: &City, places: &Places) {
    let close = city.live().board().state.board.day(0, 0).unwrap().close(opened(city), 0, 0, &Default::default());
    if close.electors > 0 {
        let close: Attested<_> = places.attest(close);
        city.live().submit(Command::Record(Box::new(Body::DayClosed(close)))).await.unwrap();
    }
    city.to_the_count().await;
    city.perform(Act::Count).await.unwrap();
}

fn figures(a: u64, b: u64, blank: u64) -> PaperFigures {
    PaperFigures { contest: 0, thousandths: vec![a * 1_000, b * 1_000], valid: a + b, blank, invalid: 0 }
}

pub(super) fn refused<T>(result: Result<T, crate::refused::Refused>) -> Refusal {
    result.err().unwrap().refusal
}

#[tokio::test(flavor = "multi_thread")]
async fn papers_that_two_officials_count_apart_and_a_lot_come_before_the_result_is_published() {
    let (mut city, places) = city(6).await;
    for (voter, option) in [(0, Some(0)), (1, Some(1))] {
        city.register(voter).await;
        city.vote(voter, option).await;
    }
    for voter in [2, 3, 4] {
        hand_out(&city, &places, voter).await;
    }
    to_the_result(&city, &places).await;
    let live = city.live();
    assert_eq!(refused(city.perform(Act::Publish).await), Refusal::Incomplete);
    let status = live.status(Vec::new()).unwrap();
    assert!(status.next_en.ends_with("sign: mayor") && status.next_deed == Some(NextDeed::CountPapers), "{status:?}");
    assert!(live.outcome().unwrap().contests[0].papers_missing);

    // Figures that cannot be those of the three papers.
    for wrong in
        [figures(2, 2, 0), figures(1, 1, 0), PaperFigures { thousandths: vec![3_000], ..figures(2, 1, 0) }, PaperFigures { contest: 1, ..figures(2, 1, 0) }]
    {
        assert_eq!(refused(live.enter_paper_count("sato", wrong).await), Refusal::CountFigures);
    }
    // The first count is shown to nobody; the second differs in two lines; then both enter it again.
    let before = live.paper_steps();
    let first = live.enter_paper_count("sato", figures(2, 1, 0)).await.unwrap();
    assert_eq!(live.paper_steps(), before + 1, "whoever looks at the counts is told to look again");
    assert_eq!((first.entered_by.as_deref(), first.agreed, first.in_boxes), (Some("sato"), None, 3));
    let second = live.enter_paper_count("tanaka", figures(1, 1, 1)).await.unwrap();
    assert_eq!(second.differing, [PaperLine::Option(0), PaperLine::Valid, PaperLine::Blank]);
    assert_eq!((second.agreed, second.rounds), (None, 1));
    live.enter_paper_count("tanaka", figures(1, 1, 1)).await.unwrap();
    let agreed = live.enter_paper_count("sato", figures(1, 1, 1)).await.unwrap().agreed.unwrap();

    // Only what was agreed on is signed, and only by the officers of the count.
    let signed = |officers: &[u8]| PaperCountSigned { signatures: places.attest_by(agreed.clone(), officers).signatures, body: agreed.clone() };
    let mut other = signed(&[0, 1, 2]);
    other.body.blank = 0;
    assert_eq!(refused(live.sign_paper_count(other).await), Refusal::CountDiffers);
    let mut forged = signed(&[0, 1]);
    forged.signatures[1].officer = 2;
    assert_eq!(refused(live.sign_paper_count(forged).await), Refusal::OfficerSignatures);
    let some = live.sign_paper_count(signed(&[0, 1])).await.unwrap();
    assert_eq!((some.signed, some.witnesses_needed, some.manager_needed, some.recorded), (vec![0, 1], 1, false, None));
    // A restart forgets nothing of it.
    let before = live.private().clone();
    drop(live);
    let store = Arc::clone(&city.store);
    city.restart(store).await;
    let live = city.live();
    assert_eq!(*live.private(), before);
    let recorded = live.sign_paper_count(signed(&[2])).await.unwrap().recorded.unwrap();
    assert_eq!(live.sign_paper_count(signed(&[2])).await.unwrap().recorded, Some(recorded));
    assert!(matches!(city.body(recorded), Body::PaperCount(_)));
    assert_eq!(refused(live.enter_paper_count("sato", figures(1, 1, 1)).await), Refusal::CountFigures);

    // Two votes for each: a lot has to be drawn.
    assert_eq!(refused(city.perform(Act::Publish).await), Refusal::LotNeeded);
    let lot = Lot { opened: opened(&city).into(), contest: 0, tied: vec![0, 1], chosen: vec![1] };
    let drawn = |lot: &Lot, officers: &[u8]| LotSigned { signatures: places.attest_by(lot.clone(), officers).signatures, body: lot.clone(), seen: 0 };
    for wrong in [
        Lot { chosen: vec![0, 1], ..lot.clone() },
        Lot { tied: vec![1], ..lot.clone() },
        Lot { contest: 1, ..lot.clone() },
        Lot { opened: Bytes([0; 32]), ..lot.clone() },
    ] {
        assert_eq!(refused(live.sign_lot("sato", drawn(&wrong, &[0, 1, 2])).await), Refusal::LotNotNeeded, "{wrong:?}");
    }
    assert_eq!(live.sign_lot("sato", drawn(&lot, &[1, 2])).await.unwrap().recorded, None);
    let lots = live.lots().lots;
    assert_eq!((&lots[0].lot, lots[0].signed.as_slice(), lots[0].recorded), (&lot, &[1, 2][..], None));
    assert!(live.sign_lot("sato", drawn(&lot, &[0])).await.unwrap().recorded.is_some());
    assert_eq!(refused(live.sign_lot("sato", drawn(&Lot { chosen: vec![0], ..lot.clone() }, &[0, 1, 2])).await), Refusal::LotDiffers);
    let outcome = live.outcome().unwrap();
    let mayor = &outcome.contests[0];
    assert_eq!(mayor.options.iter().map(|option| option.standing.as_str()).collect::<Vec<_>>(), ["lost-lot", "elected-by-lot"]);
    assert_eq!((mayor.valid.as_str(), mayor.blank, mayor.minimum.as_deref(), mayor.forfeiture.as_deref()), ("4", 1, Some("1"), Some("0.4")));
    assert_eq!((mayor.options[0].online, mayor.options[0].paper.as_str(), mayor.options[0].votes.as_str()), (1, "1", "2"));
    city.perform(Act::Publish).await.unwrap();

    let all = live.turnout(None).await.unwrap().all;
    assert_eq!(all, TurnoutCell { entitled: 6, online: 2, early: 3, day: 0, absentee: 0 });
    let before = live.turnout(Some(time(OPENS).plus(-1))).await.unwrap();
    assert_eq!((before.all.voted(), before.all.entitled), (0, 6));
    // The same figures at the hour of the hand-outs as at the end, for nothing was voted since.
    assert_eq!(live.turnout(Some(time(OPENS))).await.unwrap().all, all);
    let folder = export(&live);
    let verified = verify_record(folder.path(), &Options { expect: live.board().state.board.fingerprint(), ..Options::default() }).unwrap();
    assert_eq!(verified.board.participation(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_candidate_who_is_out_leaves_a_contest_without_a_poll() {
    let (mut city, places) = city(4).await;
    for voter in 0..2 {
        city.register(voter).await;
        city.vote(voter, Some(0)).await;
    }
    hand_out(&city, &places, 3).await;
    let live = city.live();
    let out = CandidateOut { contest: 0, option: 1, reason: OutReason::Died };
    live.ready_out(&out).unwrap();
    assert_eq!(refused(live.ready_out(&CandidateOut { option: 2, ..out })), Refusal::CandidateOut);
    let first = live.take_out(out).await.unwrap();
    // Done twice, as after an interruption, it is on the board once; another reason is another entry, which is refused.
    assert_eq!(live.take_out(out).await.unwrap(), first);
    assert_eq!(refused(live.take_out(CandidateOut { reason: OutReason::Withdrawn, ..out }).await), Refusal::CandidateOut);
    assert_eq!(live.outs().iter().map(|out| (out.contest, out.option, out.leaf)).collect::<Vec<_>>(), [(0, 1, first.leaf)]);
    let status = live.status(Vec::new()).unwrap();
    assert_eq!((status.out[0].name.ja.as_str(), status.without_poll[0].ja.as_str()), ("乙", "市長"));

    to_the_result(&city, &places).await;
    assert_eq!(refused(live.enter_paper_count("sato", figures(1, 0, 0)).await), Refusal::CountFigures);
    assert!(live.paper_counts().is_empty());
    let outcome = live.outcome().unwrap();
    let mayor = &outcome.contests[0];
    assert!(mayor.without_poll && mayor.units.is_empty() && mayor.minimum.is_none());
    assert_eq!(mayor.options.iter().map(|option| option.standing.as_str()).collect::<Vec<_>>(), ["elected", "out"]);
    city.perform(Act::Publish).await.unwrap();
    let folder = export(&live);
    verify_record(folder.path(), &Options { expect: live.board().state.board.fingerprint(), ..Options::default() }).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vote_that_needs_no_lot_gets_none() {
    let (mut city, places) = city(3).await;
    for (voter, option) in [(0, Some(0)), (1, None)] {
        city.register(voter).await;
        city.vote(voter, option).await;
    }
    let live = city.live();
    assert_eq!(refused(live.outcome()), Refusal::WrongPhase);
    to_the_result(&city, &places).await;
    let lot = Lot { opened: opened(&city).into(), contest: 0, tied: vec![0, 1], chosen: vec![1] };
    let signatures = places.attest_by(lot.clone(), &[0, 1, 2]).signatures;
    assert_eq!(refused(live.sign_lot("sato", LotSigned { body: lot, signatures, seen: 0 }).await), Refusal::LotNotNeeded);
    let mayor = live.outcome().unwrap().contests.remove(0);
    assert_eq!((mayor.options[0].online, mayor.units.iter().map(|unit| unit.votes[0]).sum::<u64>()), (1, 1));
    assert_eq!((mayor.blank, mayor.units.iter().map(|unit| unit.blank).sum::<u64>()), (1, 1));
    city.perform(Act::Publish).await.unwrap();
}
