use std::sync::Arc;

use tachiai_schemas::roster::hand_in::SignedHandIn;
use tachiai_schemas::roster::report::HowCounted;
use tachiai_schemas::roster::{Act, Body, Need, OpenState, Person, Report, ReportEntry, ShelterState};
use tachiai_schemas::shelter::case::{AsideOpened, AsideRequest, AsideSaid, AsideStanding, AsideVerdict, CaseNow, CaseOf, CloseRequest, Silence};
use tachiai_schemas::shelter::{PersonAct, Way};
use tachiai_schemas::staff::Matter;
use tachiai_schemas::{HashBytes, Refusal};

use super::super::kept::{AsideOutcome, Kept, LookedBy};
use super::super::people::Sight;
use super::super::testing::{BEGAN, Hall, Terminal, chain, person, shelter, time};

const HOUR: u64 = 3_600_000;

fn by() -> [String; 2] {
    ["西村".to_owned(), "田中".to_owned()]
}

/// A hall to which a revoked terminal handed in what it had written: two arrivals, a change, a count.
async fn with_aside() -> (Hall, Terminal, SignedHandIn, AsideOpened) {
    let hall = Hall::new().await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    let at = hall.millis() - HOUR;
    let first = [gym.act(chain(1), Act::In, &person("西村　花子"), at)];
    hall.take(gym.hand_in(&hall, &first, hall.millis())).await.unwrap();
    hall.event.revoke("西村", &gym.name).await.unwrap();
    let body = Body::Report(ReportEntry { shelter: "gym".parse().unwrap(), report: Report::Headcount { persons: 30, how: HowCounted::About } });
    let written = [
        gym.act(chain(2), Act::In, &person("朝来　太郎"), at + 1),
        gym.act(chain(2), Act::Edit, &Person { needs: vec![Need::Support, Need::Care], ..person("朝来　太郎") }, at + 2),
        gym.act(chain(1), Act::Out, &person("西村　花子"), at + 3),
        gym.write(|pen| pen.write(body, at + 4).unwrap()),
    ];
    let file = gym.hand_in(&hall, &written, hall.millis());
    assert_eq!(hall.take(file.clone()).await.unwrap().aside.len(), 4);
    let view = hall.event.set_aside().unwrap().remove(0);
    let opened = hall.event.open_aside("西村", view.file).await.unwrap();
    (hall, gym, file, opened)
}

fn request(opened: &AsideOpened, entries: &[u32], verdict: AsideVerdict) -> AsideRequest {
    let content = HashBytes::from(opened.content(entries).unwrap());
    AsideRequest { file: opened.view.file, entries: entries.to_vec(), content, verdict, reason: "端末の紛失後に媒体が見つかった".to_owned() }
}

async fn asked(hall: &Hall, request: AsideRequest) -> HashBytes {
    let Matter::SettleAside { commitment, .. } = hall.event.prepare_aside("西村", request, &[]).await.unwrap() else { unreachable!() };
    commitment
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reason_of_a_case_about_something_set_aside_goes_with_each_of_whom_its_entries_are() {
    for gone in [chain(1), chain(2)] {
        let (hall, _, _, opened) = with_aside().await;
        let commitment = asked(&hall, request(&opened, &[0, 2], AsideVerdict::Drop)).await;
        assert!(hall.event.shown_case(&commitment).is_ok());
        hall.event.services.vault.erase(&[gone.into()], &mut rand_core::OsRng).unwrap();
        assert!(hall.event.shown_case(&commitment).is_err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_officials_take_over_what_was_set_aside_so_that_nobody_is_lost() {
    let (hall, _, file, opened) = with_aside().await;
    let looked = hall.event.private.entries().map(|entry| entry.unwrap().1);
    assert!(looked.into_iter().any(|kept| matches!(kept, Kept::LookedUp { how: LookedBy::Aside, handles, .. } if handles.contains(&chain(2)))));
    assert_eq!((opened.view.open, hall.event.outstanding().unwrap().asides), (4, 4));
    assert!(matches!(&opened.entries[0].content.said, AsideSaid::Person { person, .. } if person.name == "朝来　太郎"));
    let commitment = asked(&hall, request(&opened, &[0, 1, 2, 3], AsideVerdict::Take)).await;
    assert_eq!(hall.event.summary().unwrap().present, 1, "nothing is written before two officials agree");
    let shown = hall.event.shown_case(&commitment).unwrap();
    assert_eq!(shown.case.commitment(), commitment.hash());
    let (CaseOf::Aside(asked_for), CaseNow::Aside(now)) = (&shown.case.of, &shown.now) else { unreachable!() };
    assert!(now.content(&asked_for.entries) == Some(asked_for.content.hash()), "the second official sees what the first saw");
    hall.event.ready_to_settle(&commitment).unwrap();
    let done = hall.event.settle_aside(&commitment, by()).await.unwrap();
    assert!(done.entries.iter().all(|place| matches!(place.standing, AsideStanding::TakenOver { .. })), "{done:?}");
    // The one who left is gone, the one who came is there once, with both entries and their times; the count holds.
    let view = hall.event.view().unwrap();
    assert_eq!((view.summary.present, view.summary.conflicts, view.aside, view.totals.heads), (1, 0, 0, Some(30)));
    let taro = hall.event.person("西村", Sight::All, chain(2)).await.unwrap();
    let times: Vec<_> = opened.entries[..2].iter().map(|entry| entry.content.time).collect();
    assert_eq!(taro.history.iter().map(|step| Some(step.time)).collect::<Vec<_>>(), times);
    assert_eq!((taro.counts.terminal.as_str(), taro.counts.person.as_ref().unwrap().needs.clone()), ("appliance", vec![Need::Care, Need::Support]));
    assert_eq!(hall.event.problems(), Vec::<String>::new(), "commitments and proofs are the appliance's own");
    // The private journal names both and what was set aside as the source.
    let settled: Vec<_> = hall
        .event
        .private
        .entries()
        .filter_map(|entry| match entry.unwrap().1 {
            Kept::AsideSettled { by, source, outcome: AsideOutcome::TakenOver { .. }, .. } => Some((by, source)),
            _ => None,
        })
        .collect();
    assert_eq!(settled.iter().map(|(_, source)| *source).collect::<Vec<_>>(), opened.entries.iter().map(|entry| entry.content.source).collect::<Vec<_>>());
    assert!(settled.iter().all(|(two, _)| *two == by()));
    // After a restart, once more: nothing changes, and whoever asks again is told.
    let size = hall.event.published().roster.len();
    let store = Arc::clone(&hall.store);
    let hall = hall.restarted(store).await.unwrap();
    assert_eq!(hall.event.settle_aside(&commitment, by()).await.unwrap(), done);
    assert_eq!(hall.event.ready_to_settle(&commitment).unwrap_err().refusal, Refusal::AsideSettled);
    let again = hall.event.prepare_aside("西村", request(&opened, &[0], AsideVerdict::Drop), &[]).await.unwrap_err();
    assert_eq!((again.refusal, again.detail.as_deref()), (Refusal::AsideSettled, Some("entry 0")));
    let answer = hall.event.hand_in("受付", Way::Stick, file).await.unwrap();
    assert_eq!((answer.known, answer.aside.len(), hall.event.published().roster.len()), (4, 0, size));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_dropped_stays_out_of_the_roster_and_is_missed_no_more() {
    let (hall, gym, _, opened) = with_aside().await;
    let commitment = asked(&hall, request(&opened, &[0, 1, 2], AsideVerdict::Drop)).await;
    let done = hall.event.settle_aside(&commitment, by()).await.unwrap();
    assert!(done.entries.iter().all(|place| place.standing == AsideStanding::Dropped {}));
    let out = hall.event.outstanding().unwrap();
    assert_eq!((hall.event.summary().unwrap().present, out.asides, out.terminals.len()), (1, 1, 0));
    assert_eq!(hall.event.private.state().numbers[&gym.name].iter().copied().collect::<Vec<_>>(), [1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_looked_at_or_nobody_can_read_is_not_taken_over() {
    let hall = Hall::new().await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    let at = hall.millis();
    let written = gym.act(chain(1), Act::In, &person("西村　花子"), at);
    gym.shelter = "annex".to_owned();
    let annex = gym.act(chain(2), Act::In, &person("朝来　太郎"), at);
    let bytes = vec![written.bytes, b"{}".to_vec(), annex.bytes];
    hall.take(gym.hand_in_with(&hall, bytes, &vec![None, None, annex.opening], at)).await.unwrap();
    let file = hall.event.set_aside().unwrap()[0].file;
    let opened = hall.event.open_aside("西村", file).await.unwrap();
    let refused = async |request| hall.event.prepare_aside("西村", request, &[]).await.map(drop).unwrap_err();
    for (entry, why) in [(0, "its content is missing"), (1, "it is nothing that a terminal writes, or cannot be read"), (2, "shelter annex is not opened")] {
        let refused = refused(request(&opened, &[entry], AsideVerdict::Take)).await;
        assert!(refused.refusal == Refusal::AsideUntakable && refused.detail.as_deref().is_some_and(|detail| detail.contains(why)), "{refused:?}");
    }
    let good = request(&opened, &[0, 1], AsideVerdict::Drop);
    let other = HashBytes::from(opened.content(&[0]).unwrap());
    assert_eq!(refused(AsideRequest { content: other, ..good.clone() }).await.refusal, Refusal::ChangedSince);
    assert_eq!(refused(AsideRequest { reason: " ".to_owned(), ..good.clone() }).await.refusal, Refusal::ShelterInvalid);
    assert_eq!(refused(AsideRequest { entries: vec![1, 0], ..good.clone() }).await.refusal, Refusal::ShelterInvalid);
    assert_eq!(refused(AsideRequest { file: tachiai_schemas::Bytes([9; 32]), ..good }).await.refusal, Refusal::NotFound);
    // Once the shelter is open, what is readable can be taken.
    hall.event.stands(shelter("annex")).await.unwrap();
    let commitment = asked(&hall, request(&opened, &[2], AsideVerdict::Take)).await;
    hall.event.settle_aside(&commitment, by()).await.unwrap();
    assert_eq!(hall.event.summary().unwrap().present, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_entered_anew_meanwhile_counts_once_and_shows_as_a_conflict() {
    let (hall, _, _, opened) = with_aside().await;
    let anew =
        PersonAct { chain: Some(chain(2)), after: vec![], shelter: "school".parse().unwrap(), act: Act::In, time: None, person: person("朝来　太郎") };
    hall.event.write_person("西村", Sight::All, anew).await.unwrap();
    let commitment = asked(&hall, request(&opened, &[0, 1], AsideVerdict::Take)).await;
    hall.event.settle_aside(&commitment, by()).await.unwrap();
    let summary = hall.event.summary().unwrap();
    assert_eq!((summary.present, summary.conflicts), (2, 1));
    let taro = hall.event.person("西村", Sight::All, chain(2)).await.unwrap();
    assert_eq!(taro.counts.shelter.as_str(), "school", "the later entry counts");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_with_something_still_out_is_closed_with_a_reason_only() {
    let hall = Hall::new().await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    let silent = hall.terminal("school-1", "school").await;
    let at = hall.millis();
    let written: Vec<_> = (1..=3).map(|n| gym.act(chain(n), Act::In, &person("西村　花子"), at)).collect();
    let [first, _, last] = <[_; 3]>::try_from(written).unwrap_or_else(|_| unreachable!());
    hall.take(gym.hand_in(&hall, &[first, last], at)).await.unwrap();
    let out = hall.event.outstanding().unwrap();
    let named: Vec<_> = out.terminals.iter().map(|out| (out.terminal.as_str(), out.missing, out.silence)).collect();
    assert_eq!(named, [("gym-1", 1, Silence::No), ("school-1", 0, Silence::Silent)]);
    assert_eq!((out.present, out.shelters.iter().map(|shelter| shelter.as_str()).collect::<Vec<_>>()), (2, vec!["gym", "school"]));
    let refused = hall.event.prepare_close("西村", CloseRequest::default(), &[]).await.unwrap_err();
    assert_eq!(refused.refusal, Refusal::EventOutstanding);
    assert!(refused.detail.unwrap().contains("terminal gym-1: 1 numbers missing"));
    assert_eq!(hall.event.ready_to_close(None).unwrap_err().refusal, Refusal::EventOutstanding);
    let request = CloseRequest { anyway: Some("端末は流失".to_owned()) };
    let Matter::CloseEvent { commitment: Some(commitment), .. } = hall.event.prepare_close("西村", request.clone(), &[]).await.unwrap() else {
        unreachable!()
    };
    // Asked again, as after a lost line, it is what waits already; for another reason it is something else.
    let waiting = [Matter::CloseEvent { event: hall.event.id, commitment: Some(commitment) }];
    assert_eq!(hall.event.prepare_close("西村", request, &waiting).await.unwrap(), waiting[0]);
    let other = CloseRequest { anyway: Some("端末は水没".to_owned()) };
    assert_ne!(hall.event.prepare_close("西村", other, &waiting).await.unwrap(), waiting[0]);
    let shown = hall.event.shown_case(&commitment).unwrap();
    assert!(matches!(&shown.case.of, CaseOf::Close { reason, outstanding } if reason == "端末は流失" && *outstanding == out));
    hall.event.ready_to_close(Some(&commitment)).unwrap();
    // What is brought, and revoked, is not out any more; half a day later a terminal that is not revoked is silent.
    hall.event.revoke("西村", &silent.name).await.unwrap();
    hall.clock.set(time(BEGAN));
    assert_eq!(hall.event.outstanding().unwrap().terminals.len(), 1);
    hall.clock.set(time("2026-09-02T12:00:00Z"));
    assert_eq!(hall.event.outstanding().unwrap().terminals[0].silence, Silence::Silent);
    // Where nobody is there any more, and every shelter is closed, nothing is out.
    let calm = Hall::new().await;
    assert_eq!(calm.event.prepare_close("西村", CloseRequest::default(), &[]).await.unwrap_err().refusal, Refusal::EventOutstanding);
    for id in ["gym", "school"] {
        calm.event.stands(ShelterState { state: OpenState::Closed, ..shelter(id) }).await.unwrap();
    }
    assert!(matches!(calm.event.prepare_close("西村", CloseRequest::default(), &[]).await.unwrap(), Matter::CloseEvent { commitment: None, .. }));
}
