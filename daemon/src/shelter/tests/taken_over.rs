use std::sync::Arc;

use rand_core::OsRng;
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::roster::hand_in::SignedHandIn;
use tachiai_schemas::roster::pen::Pen;
use tachiai_schemas::roster::report::{HowCounted, ReportContent, SealedAnswers};
use tachiai_schemas::roster::{Act, Body, ChainId, Hlc, LinkVerdict, OpenState, Report, ShelterState};
use tachiai_schemas::shelter::case::{AsideDone, AsideOpened, AsideRequest, AsideStanding, AsideVerdict};
use tachiai_schemas::shelter::overview::ReportRequest;
use tachiai_schemas::shelter::{LinkRequest, PersonAct, Way};
use tachiai_schemas::staff::Matter;
use tachiai_schemas::trustee::{Signed, SignedKind};
use tachiai_schemas::{Blob, Bytes, HashBytes, Refusal};

use super::super::ledger::{Candidate, Fate};
use super::super::people::Sight;
use super::super::reports::Sealed;
use super::super::testing::{Hall, Terminal, chain, person, shelter};
use crate::refused::Refused;

const HOUR: u64 = 3_600_000;
const YEAR: u64 = 365 * 24 * HOUR;

fn by() -> [String; 2] {
    ["西村".to_owned(), "田中".to_owned()]
}

async fn opened(hall: &Hall, file: &SignedHandIn) -> AsideOpened {
    let hash = HashBytes::from(Hash32::sha256(&tachiai_schemas::canonical::to_bytes(file).unwrap()));
    hall.event.open_aside("西村", hash).await.unwrap()
}

async fn asked(hall: &Hall, opened: &AsideOpened, entries: &[u32], verdict: AsideVerdict) -> Result<HashBytes, Refused> {
    let content = HashBytes::from(opened.content(entries).unwrap());
    let request = AsideRequest { file: opened.view.file, entries: entries.to_vec(), content, verdict, reason: "端末の紛失".to_owned() };
    match hall.event.prepare_aside("西村", request, &[]).await? {
        Matter::SettleAside { commitment, .. } => Ok(commitment),
        _ => unreachable!(),
    }
}

async fn settled(hall: &Hall, opened: &AsideOpened, entries: &[u32], verdict: AsideVerdict) -> AsideDone {
    let commitment = asked(hall, opened, entries, verdict).await.unwrap();
    hall.event.settle_aside(&commitment, by()).await.unwrap()
}

/// The same entries once more in another hand-in, as when a stick is written again.
fn again(terminal: &Terminal, file: &SignedHandIn) -> SignedHandIn {
    let mut body = file.body.clone();
    body.now = Hlc::at_millis(body.now.millis() + 1000);
    let signature = Bytes(terminal.key.sign_hash(&body.signed_hash().unwrap()));
    Signed { body, signature }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_after_the_close_two_officials_take_over_and_nothing_else_is_written() {
    let hall = Hall::new().await;
    let (mut gym, school) = (hall.terminal("gym-1", "gym").await, hall.terminal("school-1", "school").await);
    let at = hall.millis() - HOUR;
    let report = |pen: &mut Pen<'_>, persons| {
        let content = ReportContent::Headcount { persons, how: HowCounted::Counted };
        pen.report("gym".parse().unwrap(), content, at, &mut OsRng).unwrap()
    };
    let full = ShelterState { state: OpenState::Full, ..shelter("gym") };
    let written = [
        gym.act(chain(1), Act::In, &person("西村　花子"), at),
        gym.write(|pen| report(pen, 40)),
        // The headquarters opened it at noon; it is full a minute later.
        gym.write(|pen| pen.write(Body::Shelter(Box::new(full)), hall.millis() + 60_000).unwrap()),
    ];
    hall.clock.advance(120);
    hall.event.close(by()).await.unwrap();
    let file = gym.hand_in(&hall, &written, hall.millis());
    assert_eq!(hall.take(file.clone()).await.unwrap().aside.len(), 3);
    let anew = PersonAct { chain: Some(chain(2)), after: vec![], shelter: "gym".parse().unwrap(), act: Act::In, time: None, person: person("田中　一") };
    assert_eq!(hall.event.write_person("西村", Sight::All, anew).await.unwrap_err().refusal, Refusal::EventClosed);
    let shown = opened(&hall, &file).await;
    let done = settled(&hall, &shown, &[0, 1, 2], AsideVerdict::Take).await;
    assert!(done.entries.len() == 3 && done.entries.iter().all(|place| matches!(place.standing, AsideStanding::TakenOver { .. })));
    let reports = hall.event.reports(Sealed::Closed).unwrap();
    assert!(reports.len() == 1 && matches!(reports[0].report, Report::Headcount { persons: 40, .. }));
    assert_eq!(hall.event.published().roster.shelter(&"gym".parse().unwrap()).unwrap().state, OpenState::Full);
    let anew = ReportRequest { shelter: "gym".parse().unwrap(), content: ReportContent::Headcount { persons: 1, how: HowCounted::About }, time: None };
    assert_eq!(hall.event.write_report("西村", anew).await.err().unwrap().refusal, Refusal::EventClosed);
    let before = hall.view();
    assert_eq!((hall.event.summary().unwrap().present, hall.event.summary().unwrap().closed.is_some()), (1, true));
    // Terminals learn of it, and that it stands in for the one that was set aside.
    let news = hall.event.news(&school.name, 0, 500).await.unwrap();
    let sources: Vec<_> = shown.entries.iter().map(|entry| entry.content.source).collect();
    assert_eq!(news.stand_ins.iter().map(|one| one.absent).collect::<Vec<_>>(), sources);
    assert_eq!(hall.take(file).await.unwrap().known, 3);
    let store = Arc::clone(&hall.store);
    let hall = hall.restarted(store).await.unwrap();
    assert!(hall.view() == before && hall.event.problems().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_aside_in_two_hand_ins_is_taken_over_once_and_dropped_once() {
    let hall = Hall::new().await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    hall.event.revoke("西村", &gym.name).await.unwrap();
    let at = hall.millis() - HOUR;
    let written: Vec<_> = (1..=4).map(|n| gym.act(chain(n), Act::In, &person("西村　花子"), at)).collect();
    let one = gym.hand_in(&hall, &written, hall.millis());
    let two = again(&gym, &one);
    for file in [&one, &two] {
        assert_eq!(hall.take(file.clone()).await.unwrap().aside.len(), 4);
    }
    assert_eq!(hall.event.outstanding().unwrap().asides, 4, "an entry that lies twice is one entry");
    // Both are asked for before either is decided on, and both are decided at once.
    let (first, second) = (opened(&hall, &one).await, opened(&hall, &two).await);
    let (one_asked, two_asked) =
        (asked(&hall, &first, &[0, 1], AsideVerdict::Take).await.unwrap(), asked(&hall, &second, &[0, 1], AsideVerdict::Take).await.unwrap());
    let size = hall.event.published().roster.len();
    let (done, same) = tokio::join!(hall.event.settle_aside(&one_asked, by()), hall.event.settle_aside(&two_asked, by()));
    let standings = |done: AsideDone| done.entries.iter().map(|place| place.standing).collect::<Vec<_>>();
    let (done, same) = (standings(done.unwrap()), standings(same.unwrap()));
    assert!(done == same && done.iter().all(|standing| matches!(standing, AsideStanding::TakenOver { .. })), "{done:?} {same:?}");
    assert_eq!((hall.event.published().roster.len(), hall.event.summary().unwrap().present), (size + 2, 2));
    assert_eq!(hall.event.person("西村", Sight::All, chain(1)).await.unwrap().history.len(), 1);
    // What was dropped where it lies first is not taken over where it lies again.
    let late = asked(&hall, &second, &[2, 3], AsideVerdict::Take).await.unwrap();
    settled(&hall, &first, &[2, 3], AsideVerdict::Drop).await;
    assert_eq!(hall.event.ready_to_settle(&late).unwrap_err().refusal, Refusal::AsideSettled);
    assert!(standings(hall.event.settle_aside(&late, by()).await.unwrap()).iter().all(|standing| *standing == AsideStanding::Dropped {}));
    assert_eq!((hall.event.published().roster.len(), hall.event.outstanding().unwrap().asides), (size + 2, 0));
    let hall = {
        let store = Arc::clone(&hall.store);
        hall.restarted(store).await.unwrap()
    };
    assert!(hall.event.set_aside().unwrap().iter().all(|view| view.open == 0), "and after a restart");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_terminal_brought_is_missed_no_more_where_it_was_decided_on() {
    let hall = Hall::new().await;
    let (mut gym, school) = (hall.terminal("gym-1", "gym").await, hall.terminal("school-1", "school").await);
    let at = hall.millis();
    let (early, late) = (gym.act(chain(1), Act::In, &person("西村　花子"), at), gym.act(chain(2), Act::In, &person("西村　太郎"), at));
    hall.take(gym.hand_in(&hall, &[late], at)).await.unwrap();
    hall.event.revoke("西村", &gym.name).await.unwrap();
    let file = school.hand_in(&hall, &[early], at);
    hall.take(file.clone()).await.unwrap();
    assert_eq!(hall.event.terminal(&gym.name).unwrap().missing, 1);
    settled(&hall, &opened(&hall, &file).await, &[0], AsideVerdict::Take).await;
    assert!(hall.event.outstanding().unwrap().terminals.iter().all(|out| out.terminal != gym.name));
}

/// Whether somebody counts, and all entries about them by their moments.
async fn stands(hall: &Hall, chain: ChainId) -> (bool, Vec<(Act, u64)>) {
    let view = hall.event.person("西村", Sight::All, chain).await.unwrap();
    (view.counts.act.is_present(), view.history.iter().map(|step| (step.act, step.time.millis())).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_dated_anew_and_came_is_not_taken_over_once_more() {
    let hall = Hall::new().await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    let at = hall.millis();
    let early = gym_in(&mut gym, at + YEAR);
    let wrong = gym.hand_in(&hall, &[early], at + YEAR);
    assert_eq!(hall.take(wrong.clone()).await.unwrap().aside.len(), 1);
    // The terminal finds its clock wrong and writes the same again under the same number; then the person leaves.
    (gym.position, gym.latest) = (tachiai_schemas::roster::pen::Position::START, Hlc::at_millis(0));
    gym.heads.clear();
    let right = [gym_in(&mut gym, at - HOUR), gym.act(chain(1), Act::Out, &person("西村　花子"), at - HOUR / 2)];
    assert_eq!(hall.take(gym.hand_in(&hall, &right, at)).await.unwrap().taken, 2);
    let opened = opened(&hall, &wrong).await;
    assert_eq!((opened.view.open, opened.entries[0].standing, hall.event.outstanding().unwrap().asides), (0, AsideStanding::Known {}, 0));
    assert_eq!(asked(&hall, &opened, &[0], AsideVerdict::Take).await.unwrap_err().refusal, Refusal::AsideSettled);
    assert!(!stands(&hall, chain(1)).await.0);
}

fn gym_in(gym: &mut Terminal, millis: u64) -> tachiai_schemas::roster::pen::Written {
    gym.act(chain(1), Act::In, &person("西村　花子"), millis)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_from_the_future_is_taken_over_at_the_time_that_it_really_was() {
    let hall = Hall::new().await;
    let (mut gym, mut school) = (hall.terminal("gym-1", "gym").await, hall.terminal("school-1", "school").await);
    let at = hall.millis();
    // An hour ago the person came to the gym, whose terminal is a year ahead; later to the school, and left from there.
    let came = gym_in(&mut gym, at + YEAR - HOUR);
    let left = [school.act(chain(1), Act::In, &person("西村　花子"), at - HOUR / 2), school.act(chain(1), Act::Out, &person("西村　花子"), at - HOUR / 4)];
    assert_eq!(hall.take(school.hand_in(&hall, &left, at)).await.unwrap().taken, 2);
    let file = gym.hand_in(&hall, &[came], at + YEAR);
    assert_eq!(hall.take(file.clone()).await.unwrap().aside.len(), 1);
    settled(&hall, &opened(&hall, &file).await, &[0], AsideVerdict::Take).await;
    assert_eq!(stands(&hall, chain(1)).await, (false, vec![(Act::In, at - HOUR), (Act::In, at - HOUR / 2), (Act::Out, at - HOUR / 4)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_taken_over_after_what_it_follows_and_not_at_a_time_that_nobody_knows() {
    let hall = Hall::new().await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    let at = hall.millis();
    // The clock is an hour ahead. What it wrote first lies in the past all the same and is taken; the leaving lies in the future.
    let written = [gym_in(&mut gym, at - HOUR / 4), gym.act(chain(1), Act::Out, &person("西村　花子"), at + HOUR / 2)];
    let file = gym.hand_in(&hall, &written, at + HOUR);
    let answer = hall.event.hand_in("受付", Way::Stick, file.clone()).await.unwrap();
    assert_eq!((answer.taken, answer.aside.len()), (1, 1));
    settled(&hall, &opened(&hall, &file).await, &[1], AsideVerdict::Take).await;
    assert_eq!(stands(&hall, chain(1)).await, (false, vec![(Act::In, at - HOUR / 4), (Act::Out, at - HOUR / 4)]));
    // The clock was set right before the hand-in: by how much it was wrong before, nobody knows.
    let ahead = gym.act(chain(2), Act::In, &person("西村　太郎"), at + YEAR);
    let file = gym.hand_in(&hall, &[ahead], at);
    hall.take(file.clone()).await.unwrap();
    let refused = asked(&hall, &opened(&hall, &file).await, &[0], AsideVerdict::Take).await.unwrap_err();
    assert!(refused.refusal == Refusal::AsideUntakable && refused.detail.as_ref().is_some_and(|why| why.contains("later than its hand-in")), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_to_a_questionnaire_are_said_to_be_asked_again() {
    let hall = Hall::new().await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    hall.event.revoke("西村", &gym.name).await.unwrap();
    let sealed = SealedAnswers { sealed: Blob(vec![1; 100]) };
    let written = [gym.write(|pen| pen.answers("gym".parse().unwrap(), chain(1), &sealed, hall.millis(), &mut OsRng).unwrap())];
    let file = gym.hand_in(&hall, &written, hall.millis());
    hall.take(file.clone()).await.unwrap();
    let opened = opened(&hall, &file).await;
    let refused = asked(&hall, &opened, &[0], AsideVerdict::Take).await.unwrap_err();
    assert_eq!((refused.refusal, refused.detail.as_deref()), (Refusal::AsideUntakable, Some("entry 0: answers cannot be taken over; ask again")));
    settled(&hall, &opened, &[0], AsideVerdict::Drop).await;
    assert_eq!(hall.event.outstanding().unwrap().asides, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_follows_an_entry_that_was_taken_over_follows_the_one_in_its_place() {
    let hall = Hall::new().await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    let at = hall.millis() - HOUR;
    // The first is at a shelter that nobody opened yet and is set aside, the one that follows it is taken.
    gym.shelter = "annex".to_owned();
    let first = gym_in(&mut gym, at);
    gym.shelter = "gym".to_owned();
    let second = gym.act(chain(1), Act::Moved, &person("西村　花子"), at + 1000);
    let file = gym.hand_in(&hall, &[first, second], at + HOUR);
    assert_eq!(hall.take(file.clone()).await.unwrap().aside.len(), 1);
    hall.event.stands(shelter("annex")).await.unwrap();
    settled(&hall, &opened(&hall, &file).await, &[0], AsideVerdict::Take).await;
    let store = Arc::clone(&hall.store);
    let of = |hall: &Hall| (hall.event.summary().unwrap().conflicts, hall.event.outstanding().unwrap().conflicts);
    assert_eq!(of(&hall), (0, 0));
    let hall = hall.restarted(store).await.unwrap();
    assert_eq!(of(&hall), (0, 0), "and after a restart");
    let view = hall.event.person("西村", Sight::All, chain(1)).await.unwrap();
    assert_eq!((view.counts.shelter.as_str(), view.history.len(), view.heads.len()), ("gym", 2, 1));
    // Whoever goes on from there is not told that others changed it.
    let left = PersonAct {
        chain: Some(chain(1)),
        after: vec![view.counts.entry],
        shelter: "gym".parse().unwrap(),
        act: Act::Out,
        time: None,
        person: person("西村　花子"),
    };
    hall.event.write_person("西村", Sight::All, left).await.unwrap();
    assert_eq!(hall.event.summary().unwrap().present, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_over_while_its_terminal_hands_it_in_again_is_known_and_stands_once() {
    let hall = Hall::new().await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    let at = hall.millis();
    gym.shelter = "annex".to_owned();
    let written = gym_in(&mut gym, at - HOUR);
    let file = gym.hand_in(&hall, std::slice::from_ref(&written), at);
    assert_eq!(hall.take(file.clone()).await.unwrap().aside.len(), 1);
    hall.event.stands(shelter("annex")).await.unwrap();
    settled(&hall, &opened(&hall, &file).await, &[0], AsideVerdict::Take).await;
    // It was looked at before the appliance's entry stood, and comes to the committer after it.
    let size = hall.event.published().roster.len();
    let candidate = Candidate { bytes: written.bytes, hash: written.hash, entry: written.entry, person: None, in_place_of: None };
    let fates = hall.event.take(vec![candidate]).await.unwrap().fates;
    assert_eq!((fates, hall.event.published().roster.len()), (vec![Fate::Known(size - 1)], size));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_close_nothing_is_taken_over_that_happened_later_or_elsewhere_and_two_may_be_found_to_be_one() {
    let hall = Hall::new().await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    let known = gym_in(&mut gym, hall.millis() - HOUR);
    hall.take(gym.hand_in(&hall, &[known], hall.millis())).await.unwrap();
    gym.shelter = "annex".to_owned();
    let nowhere = gym.act(chain(4), Act::In, &person("田中　二"), hall.millis() - HOUR / 4);
    gym.shelter = "gym".to_owned();
    hall.event.close(by()).await.unwrap();
    // A minute after the close, by a clock that may be off by more.
    let late = gym.act(chain(2), Act::In, &person("西村　華子"), hall.millis() + 60_000);
    hall.clock.advance(3600);
    let after = gym.act(chain(3), Act::In, &person("田中　一"), hall.millis() - HOUR / 4);
    let file = gym.hand_in(&hall, &[late, after, nowhere], hall.millis());
    assert_eq!(hall.take(file.clone()).await.unwrap().aside.len(), 3);
    let shown = opened(&hall, &file).await;
    for (entry, why) in [(1, "after the event was closed"), (2, "not opened in this event")] {
        let refused = asked(&hall, &shown, &[entry], AsideVerdict::Take).await.unwrap_err();
        let detail = refused.detail.unwrap_or_default();
        assert!(refused.refusal == Refusal::AsideUntakable && detail.contains(why) && !detail.contains("open it first"), "{detail}");
    }
    settled(&hall, &shown, &[0], AsideVerdict::Take).await;
    settled(&hall, &shown, &[1, 2], AsideVerdict::Drop).await;
    assert_eq!(hall.event.summary().unwrap().present, 2);
    let request = LinkRequest { chain: chain(1), other: chain(2), verdict: LinkVerdict::Same, evidence: "保険証で同じ生年月日".to_owned() };
    let Matter::LinkPeople { commitment, .. } = hall.event.prepare_link("西村", request, &[]).await.unwrap() else { unreachable!() };
    hall.event.link(&commitment, by()).await.unwrap();
    assert_eq!(hall.event.summary().unwrap().present, 1);
    let store = Arc::clone(&hall.store);
    let hall = hall.restarted(store).await.unwrap();
    assert!(hall.event.summary().unwrap().present == 1 && hall.event.problems().is_empty());
}
