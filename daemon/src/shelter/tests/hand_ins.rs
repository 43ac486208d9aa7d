use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use rand_core::OsRng;
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::hand_in::{Aside, Copied};
use tachiai_schemas::roster::report::ReportContent;
use tachiai_schemas::roster::{Act, Body, Need, Person, Report, ReportEntry};
use tachiai_schemas::shelter::Way;
use tachiai_schemas::{Bytes, Refusal};

use super::super::testing::{Hall, NOW, Terminal, chain, person, shelter, time};
use crate::journal::{Options, Syncer};

const DAY: u64 = 86_400_000;

fn reasons(answer: &tachiai_schemas::roster::hand_in::HandInAnswer) -> Vec<Aside> {
    answer.aside.iter().map(|aside| aside.reason).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hand_in_is_in_the_roster_and_the_same_again_changes_nothing() {
    let hall = Hall::new().await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    let at = hall.millis();
    let written: Vec<_> = (1..=40).map(|n| gym.act(chain(n), Act::In, &person("西村　花子"), at)).collect();
    let file = gym.hand_in(&hall, &written, at);
    let answer = hall.take(file.clone()).await.unwrap();
    assert_eq!((answer.taken, answer.known, answer.aside.len(), answer.copied), (40, 0, 0, Copied::No));
    assert_eq!(hall.event.summary().unwrap().present, 40);
    let before = hall.view();
    let again = hall.take(file).await.unwrap();
    assert_eq!((again.taken, again.known, again.size, again.checkpoint), (0, 40, answer.size, answer.checkpoint));
    assert_eq!(hall.view(), before);
    assert_eq!(hall.event.problems(), Vec::<String>::new());
    assert_eq!(hall.event.orphans(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn openings_are_durable_before_entries_and_both_before_the_answer() {
    let log: Arc<Mutex<Vec<String>>> = Arc::default();
    let theirs = Arc::clone(&log);
    let sync = Syncer::by(move |file| {
        let path = std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd()))?;
        file.sync_data()?;
        theirs.lock().unwrap().push(path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned());
        Ok(())
    });
    let hall = Hall::with(Options { sync, ..Options::default() }).await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    let file = gym.hand_in(&hall, &[], hall.millis());
    assert_eq!(hall.take(file).await.unwrap().taken, 0);
    let written = [gym.act(chain(1), Act::In, &person("西村　花子"), hall.millis())];
    log.lock().unwrap().clear();
    hall.take(gym.hand_in(&hall, &written, hall.millis())).await.unwrap();
    let (roster, private) = (format!("roster-{}", hall.event.id), format!("roster-{}-private", hall.event.id));
    assert_eq!(*log.lock().unwrap(), [private, roster]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hand_in_that_could_not_be_synced_is_not_answered_and_may_be_repeated() {
    let broken = Arc::new(AtomicBool::new(false));
    let theirs = Arc::clone(&broken);
    let sync = Syncer::by(move |file| {
        let path = std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd()))?;
        let is_roster = !path.parent().unwrap().to_string_lossy().ends_with("-private");
        if is_roster && theirs.load(Ordering::SeqCst) { Err(std::io::Error::other("no")) } else { file.sync_data() }
    });
    let hall = Hall::with(Options { sync, ..Options::default() }).await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    let written = [gym.act(chain(1), Act::In, &person("西村　花子"), hall.millis())];
    let file = gym.hand_in(&hall, &written, hall.millis());
    broken.store(true, Ordering::SeqCst);
    assert_eq!(hall.take(file.clone()).await.unwrap_err().refusal, Refusal::Fault);
    assert_eq!(hall.event.summary().unwrap().present, 0);
    // The committer tells who waits first, and then that it writes no more.
    while hall.event.not_writing().is_none() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let store = Arc::clone(&hall.store);
    let hall = hall.restarted(store).await.unwrap();
    let answer = hall.take(file).await.unwrap();
    assert_eq!(answer.taken + answer.known, 1);
    assert_eq!(hall.event.summary().unwrap().present, 1);
    assert_eq!(hall.event.problems(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_altered_or_truncated_hand_in_is_refused_and_leaves_nothing() {
    let hall = Hall::new().await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    let at = hall.millis();
    let written = [gym.act(chain(1), Act::In, &person("西村　花子"), at), gym.act(chain(2), Act::In, &person("西村　太郎"), at)];
    let file = gym.hand_in(&hall, &written, at);
    let mut truncated = file.clone();
    truncated.body.entries.pop();
    let mut altered = file.clone();
    altered.body.entries[0].0[100] ^= 1;
    let mut sealed = file.clone();
    sealed.body.openings.0.pop();
    let mut stranger = Terminal::new(hall.event.id, "stranger", "gym");
    let foreign = [stranger.act(chain(3), Act::In, &person("西村　三郎"), at)];
    let mut other = file;
    other.body.event = tachiai_schemas::roster::EventId([1; 16]);
    for (file, refusal) in [
        (truncated, Refusal::HandIn),
        (altered, Refusal::HandIn),
        (sealed, Refusal::HandIn),
        (other, Refusal::HandIn),
        (stranger.hand_in(&hall, &foreign, at), Refusal::TerminalRefused),
    ] {
        assert_eq!(hall.take(file).await.unwrap_err().refusal, refusal);
    }
    assert_eq!((hall.event.summary().unwrap().present, hall.event.view().unwrap().aside), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_a_rule_or_has_no_opening_is_kept_aside_and_the_rest_is_taken() {
    let hall = Hall::new().await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    let at = hall.millis();
    let written: Vec<_> = (1..=4).map(|n| gym.act(chain(n), Act::In, &person("西村　花子"), at)).collect();
    let mut bytes: Vec<Vec<u8>> = written.iter().map(|written| written.bytes.clone()).collect();
    // Its proof is of another shelter, and so is its signature: signed anew, the proof is what is wrong.
    let mut entry = written[3].entry.clone();
    let Body::Person(moved) = &mut entry.body.body else { unreachable!() };
    moved.shelter = "school".parse().unwrap();
    entry.signature = Bytes(gym.key.sign_hash(&tachiai_schemas::trustee::SignedKind::signed_hash(&entry.body).unwrap()));
    bytes[3] = tachiai_schemas::roster::to_bytes(&entry).unwrap();
    bytes.push(b"{}".to_vec());
    let mut openings: Vec<_> = written.iter().map(|written| written.opening.clone()).collect();
    openings[1] = openings[0].clone();
    openings[2] = None;
    openings.push(None);
    let file = gym.hand_in_with(&hall, bytes, &openings, at);
    let answer = hall.take(file.clone()).await.unwrap();
    assert_eq!((answer.taken, reasons(&answer)), (1, vec![Aside::Opening, Aside::Opening, Aside::Rule, Aside::Rule]));
    let kept = hall.event.set_aside().unwrap();
    assert_eq!((kept.len(), kept[0].aside.len(), kept[0].by.as_str()), (1, 4, "受付"));
    let whole = hall.event.set_aside.get(kept[0].file.hash()).unwrap();
    assert_eq!(whole, tachiai_schemas::canonical::to_bytes(&file).unwrap());
    // With its own openings the same entries are taken.
    let answer = hall.take(gym.hand_in(&hall, &written, at)).await.unwrap();
    assert_eq!((answer.taken, answer.known, reasons(&answer)), (3, 1, vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_revoked_terminal_hands_in_is_set_aside_and_kept() {
    let hall = Hall::new().await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    let at = hall.millis();
    let first = [gym.act(chain(1), Act::In, &person("西村　花子"), at)];
    hall.take(gym.hand_in(&hall, &first, at)).await.unwrap();
    hall.event.revoke("西村", &gym.name).await.unwrap();
    let both: Vec<_> = first.into_iter().chain([gym.act(chain(2), Act::In, &person("西村　太郎"), at)]).collect();
    let file = gym.hand_in(&hall, &both, at);
    let answer = hall.take(file.clone()).await.unwrap();
    assert_eq!((answer.taken, answer.known, reasons(&answer)), (0, 1, vec![Aside::Revoked]));
    // Another terminal that brings them changes nothing about it.
    let school = hall.terminal("school-1", "school").await;
    let answer = hall.take(school.hand_in(&hall, &both, at)).await.unwrap();
    assert_eq!((answer.taken, reasons(&answer)), (0, vec![Aside::Revoked]));
    assert_eq!((hall.event.summary().unwrap().present, hall.event.view().unwrap().aside), (1, 2));
    let store = Arc::clone(&hall.store);
    let hall = hall.restarted(store).await.unwrap();
    let kept = hall.event.set_aside().unwrap();
    let file = tachiai_schemas::canonical::to_bytes(&file).unwrap();
    assert!(kept.iter().any(|kept| hall.event.set_aside.get(kept.file.hash()).unwrap() == file));
    assert_eq!(hall.event.news(&gym.name, 0, 10).await.unwrap_err().refusal, Refusal::TerminalRefused);
    assert_eq!(hall.event.pack("受付", &gym.name).await.unwrap_err().refusal, Refusal::TerminalRefused);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_recorded_from_a_terminal_whose_clock_is_a_day_off() {
    let hall = Hall::new().await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    for wrong in [hall.millis() + DAY, hall.millis() - DAY] {
        let written = [gym.act(chain(1), Act::In, &person("西村　花子"), wrong)];
        let answer = hall.take(gym.hand_in(&hall, &written, wrong)).await.unwrap();
        assert_eq!((answer.taken, reasons(&answer), answer.now.millis()), (0, vec![Aside::Clock], hall.millis()));
    }
    assert_eq!(hall.event.summary().unwrap().present, 0);
    // Dated anew with what the answer said, they are taken.
    gym.latest = tachiai_schemas::roster::Hlc::at_millis(0);
    gym.heads.clear();
    let written = [gym.act(chain(1), Act::In, &person("西村　花子"), hall.millis())];
    assert_eq!(hall.take(gym.hand_in(&hall, &written, hall.millis())).await.unwrap().taken, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stick_may_come_days_later_but_not_from_the_future() {
    let hall = Hall::new().await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    let (before, after) = (hall.millis() - DAY, hall.millis() + DAY);
    let written = [gym.act(chain(1), Act::In, &person("西村　花子"), before), gym.act(chain(2), Act::In, &person("西村　太郎"), after)];
    let answer = hall.event.hand_in("受付", Way::Stick, gym.hand_in(&hall, &written, before)).await.unwrap();
    assert_eq!((answer.taken, reasons(&answer)), (1, vec![Aside::Clock]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_was_dated_anew_is_taken_once_whichever_comes_first() {
    let hall = Hall::new().await;
    let at = hall.millis();
    for (n, (one, two)) in (0_u8..).zip([(at, at - DAY), (at - DAY, at)]) {
        let mut gym = hall.terminal(&format!("gym-{n}"), "gym").await;
        let first = [gym.act(chain(n), Act::In, &person("西村　花子"), one)];
        // The same again under the same number, with another time.
        (gym.position, gym.latest) = (tachiai_schemas::roster::pen::Position::START, tachiai_schemas::roster::Hlc::at_millis(0));
        gym.heads.clear();
        let anew = [gym.act(chain(n), Act::In, &person("西村　花子"), two)];
        assert_eq!(hall.take(gym.hand_in(&hall, &first, at)).await.unwrap().taken, 1);
        let answer = hall.take(gym.hand_in(&hall, &anew, at)).await.unwrap();
        assert_eq!((answer.taken, reasons(&answer), answer.copied), (0, vec![Aside::Clock], Copied::No));
        assert!(answer.aside[0].detail.contains("another time"), "{}", answer.aside[0].detail);
    }
    assert_eq!((hall.event.summary().unwrap().present, hall.event.summary().unwrap().conflicts), (2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_terminals_of_one_identity_are_taken_and_flagged() {
    let hall = Hall::new().await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    let mut copy = Terminal { key: tachiai_crypto::journal::BoardSecretKey::from_seed(&gym.key.to_seed()), ..Terminal::new(hall.event.id, "gym-1", "gym") };
    let at = hall.millis();
    let one = [gym.act(chain(1), Act::In, &person("西村　花子"), at)];
    let two = [copy.act(chain(2), Act::In, &person("西村　太郎"), at)];
    assert_eq!(hall.take(gym.hand_in(&hall, &one, at)).await.unwrap().copied, Copied::No);
    let answer = hall.take(copy.hand_in(&hall, &two, at)).await.unwrap();
    assert_eq!((answer.taken, answer.copied), (1, Copied::Twice));
    assert_eq!(hall.event.view().unwrap().terminals[0].copied, Copied::Twice);
    assert_eq!(hall.event.summary().unwrap().present, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_close_hand_ins_are_set_aside() {
    let hall = Hall::new().await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    let at = hall.millis();
    let ended = hall.event.close(["西村".to_owned(), "田中".to_owned()]).await.unwrap();
    assert_eq!(hall.event.close(["西村".to_owned(), "田中".to_owned()]).await.unwrap(), ended, "once");
    let written = [gym.act(chain(1), Act::In, &person("西村　花子"), at)];
    assert_eq!(reasons(&hall.take(gym.hand_in(&hall, &written, at)).await.unwrap()), [Aside::Closed]);
    assert_eq!(hall.event.stands(shelter("hall")).await.unwrap_err().refusal, Refusal::EventClosed);
}

#[tokio::test(flavor = "multi_thread")]
async fn hand_ins_at_once_are_all_taken_once() {
    let hall = Arc::new(Hall::new().await);
    let at = hall.millis();
    let mut files = Vec::new();
    for n in 0..6_u8 {
        let mut terminal = hall.terminal(&format!("t-{n}"), "gym").await;
        let written: Vec<_> = (0..20).map(|m| terminal.act(chain(n * 20 + m), Act::In, &person("西村　花子"), at)).collect();
        files.push(terminal.hand_in(&hall, &written, at));
    }
    let twice: Vec<_> = files.iter().chain(&files).cloned().collect();
    let tasks: Vec<_> = twice
        .into_iter()
        .map(|file| {
            let event = Arc::clone(&hall.event);
            tokio::spawn(async move { event.hand_in("受付", Way::Network, file).await.unwrap() })
        })
        .collect();
    let (mut taken, mut known) = (0, 0);
    for task in tasks {
        let answer = task.await.unwrap();
        taken += answer.taken;
        known += answer.known;
    }
    assert_eq!((taken, known, hall.event.summary().unwrap().present), (120, 120, 120));
    assert_eq!(hall.event.problems(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_body_of_a_full_hand_in_is_within_the_limit() {
    let hall = Hall::new().await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    let talkative = Person { note: "車いすを使う。".repeat(50), ..person("西村　花子") };
    let written: Vec<_> = (0..20).map(|n| gym.act(chain(n), Act::In, &talkative, hall.millis())).collect();
    let body = serde_json::to_vec(&gym.hand_in(&hall, &written, hall.millis())).unwrap();
    let full = body.len() * tachiai_schemas::roster::hand_in::MAX_ENTRIES / written.len();
    assert!(full < super::super::hand_in::BODY, "{full}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_screen_would_write_is_set_aside_with_words() {
    let hall = Hall::new().await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    let at = hall.millis();
    let mut written = vec![
        gym.act(chain(1), Act::In, &Person { needs: vec![Need::Support, Need::Care], ..person("西村　花子") }, at),
        gym.act(chain(2), Act::In, &Person { needs: vec![Need::Care, Need::Care], ..person("西村　花子") }, at),
        gym.act(chain(3), Act::In, &person(&"あ".repeat(201)), at),
        gym.act(chain(4), Act::Edit, &person("西村　花子"), at),
    ];
    written.push(gym.write(|pen| pen.write(Body::Shelter(Box::new(shelter("school"))), at).unwrap()));
    written.push(gym.write(|pen| pen.write(Body::Shelter(Box::new(shelter("gym"))), at).unwrap()));
    // A terminal moves people to any shelter that is opened.
    for (n, to) in [(5, "nowhere"), (6, "school")] {
        gym.shelter = to.to_owned();
        written.push(gym.act(chain(n), Act::In, &person("西村　花子"), at));
    }
    let answer = hall.take(gym.hand_in(&hall, &written, at)).await.unwrap();
    let aside: Vec<_> = answer.aside.iter().map(|aside| (aside.index, aside.reason, aside.detail.split(':').next().unwrap())).collect();
    let rule = |index, field| (index, Aside::Rule, field);
    assert_eq!(aside, [rule(0, "needs"), rule(1, "needs"), rule(2, "name"), rule(3, "act"), rule(4, "shelter"), rule(6, "shelter")]);
    assert_eq!(answer.taken, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_report_that_reads_as_something_else_is_set_aside() {
    let hall = Hall::new().await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    let at = hall.millis();
    let mut written = vec![gym.act(chain(1), Act::In, &person("西村　花子"), at)];
    let opening = written[0].opening.clone();
    let (handle, fields, day) = (chain(9), Bytes([0; 32]), Day::of(time(NOW)));
    for report in [Report::Handover { handle, fields }, Report::Health { day, handle, fields }] {
        let entry = ReportEntry { shelter: "gym".parse().unwrap(), report };
        written.push(gym.write(|pen| pen.report_again(&entry, opening.as_ref(), at, &mut OsRng).unwrap()));
    }
    let note = ReportContent::Handover { text: "朝の配食は8時".to_owned() };
    written.push(gym.write(|pen| pen.report("gym".parse().unwrap(), note, at, &mut OsRng).unwrap()));
    let answer = hall.take(gym.hand_in(&hall, &written, at)).await.unwrap();
    assert_eq!((answer.taken, reasons(&answer)), (2, vec![Aside::Opening, Aside::Opening]));
    assert!(answer.aside[0].detail.contains("note"), "{}", answer.aside[0].detail);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_far_ahead_is_counted_and_stops_nothing() {
    let hall = Hall::new().await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    let at = hall.millis();
    let mut written = vec![gym.act(chain(1), Act::In, &person("西村　花子"), at)];
    for (n, number) in [(2, 1 << 52), (3, u64::MAX)] {
        gym.position.number = number;
        written.push(gym.act(chain(n), Act::In, &person("西村　花子"), at));
    }
    let answer = hall.take(gym.hand_in(&hall, &written, at)).await.unwrap();
    assert_eq!((answer.taken, reasons(&answer)), (2, vec![Aside::Rule]), "no number is 2^53 or more");
    assert_eq!(hall.event.view().unwrap().terminals[0].missing, (1 << 52) - 1);
    assert_eq!(hall.event.outstanding().unwrap().terminals[0].missing, (1 << 52) - 1);
}
