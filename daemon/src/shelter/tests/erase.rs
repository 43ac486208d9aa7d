use std::path::Path;
use std::sync::Arc;

use tachiai_schemas::roll::Protection;
use tachiai_schemas::roster::{Act, ChainId, LinkVerdict, Person};
use tachiai_schemas::shelter::case::{AsideRequest, AsideVerdict, CaseNow, CaseOf, EraseDone, EraseGround, EraseRequest};
use tachiai_schemas::shelter::{LinkRequest, PersonAct};
use tachiai_schemas::staff::Matter;
use tachiai_schemas::{HashBytes, Refusal};
use tachiai_verify::roster::statement;

use super::super::kept::Kept;
use super::super::people::Sight;
use super::super::testing::{Hall, chain, person};

const NAME: &str = "御名前消太郎";

fn by() -> [String; 2] {
    ["西村".to_owned(), "田中".to_owned()]
}

fn request() -> EraseRequest {
    EraseRequest { ground: EraseGround::Request, reason: format!("{NAME}から書面で申出") }
}

async fn asked(hall: &Hall, chain: ChainId) -> HashBytes {
    let Matter::ErasePerson { commitment, .. } = hall.event.prepare_erase("西村", chain, request(), &[]).await.unwrap() else { unreachable!() };
    commitment
}

async fn act(hall: &Hall, of: &Person, act: Act, chain: Option<ChainId>) -> ChainId {
    let after = chain.map_or_else(Vec::new, |chain| {
        let published = hall.event.published();
        published.roster.person(chain).unwrap().heads.iter().map(|(_, step)| step.moment.hash.into()).collect()
    });
    let act = PersonAct { chain, after, shelter: "gym".parse().unwrap(), act, time: None, person: of.clone() };
    hall.event.write_person("西村", Sight::All, act).await.unwrap().chain
}

/// Twelve who stay, and one who came and left.
async fn hall() -> (Hall, ChainId) {
    let hall = Hall::new().await;
    for n in 0..12 {
        act(&hall, &person(&format!("朝来　{n}")), Act::In, None).await;
    }
    let gone = act(&hall, &person(NAME), Act::In, None).await;
    act(&hall, &person(NAME), Act::Out, Some(gone)).await;
    (hall, gone)
}

/// Whether any file below a folder has these bytes.
fn on_disk(folder: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .any(|path| if path.is_dir() { on_disk(&path, bytes) } else { std::fs::read(&path).unwrap().windows(bytes.len()).any(|window| window == bytes) })
}

#[tokio::test(flavor = "multi_thread")]
async fn who_left_is_erased_and_every_total_statement_and_proof_stays_as_it_was() {
    let (hall, gone) = hall().await;
    hall.event.state("西村").await.unwrap();
    let (view, statement) = (hall.view(), hall.event.statement_file(0).unwrap());
    let (root, table) = {
        let folder = hall.dir.path().join("vault");
        let table = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.extension().is_some_and(|end| end == "keys"));
        (hall.event.published().tree.root(), std::fs::read(table.unwrap()).unwrap())
    };
    // The sealed record of their key, as it lay on the disk.
    let place = table.windows(16).position(|window| window == gone.0).unwrap();
    let record = &table[place + 16..place + 88];
    assert!(on_disk(hall.dir.path(), record));

    let commitment = asked(&hall, gone).await;
    assert!(hall.event.person("西村", Sight::All, gone).await.unwrap().counts.person.is_some(), "nothing is erased before two officials agree");
    hall.event.ready_to_erase(&commitment).unwrap();
    let shown = hall.event.shown_erase(&commitment).unwrap();
    assert_eq!(shown.case.commitment(), commitment.hash());
    let (CaseOf::Erase { chain: of, request: asked }, CaseNow::Erase(now)) = (&shown.case.of, &shown.now) else { unreachable!() };
    assert!(*of == gone && *asked == request() && now.history.len() == 2);
    let done = hall.event.erase(&commitment, by()).await.unwrap();
    assert_eq!(done, EraseDone { event: hall.event.id, handles: vec![gone], entries: 2 });
    assert_eq!(hall.event.erase(&commitment, by()).await.unwrap(), done, "once");

    let check = async |hall: &Hall| {
        assert_eq!(hall.view(), view);
        assert_eq!((hall.event.published().tree.root(), hall.event.statement_file(0).unwrap() == statement), (root, true));
        let seen = hall.event.person("西村", Sight::All, gone).await.unwrap();
        assert!(seen.history.len() == 2 && seen.history.iter().all(|step| step.person.is_none()));
        assert!(hall.event.own_entry("西村", gone).await.is_err_and(|refused| refused.refusal == Refusal::NotFound));
        assert_eq!((hall.event.problems(), hall.event.openings_lost()), (Vec::new(), None));
        assert!(hall.event.shown_erase(&commitment).is_err_and(|refused| refused.refusal == Refusal::NotFound), "the reason went too");
    };
    check(&hall).await;
    let store = Arc::clone(&hall.store);
    let hall = hall.restarted(store).await.unwrap();
    check(&hall).await;
    assert_eq!(hall.event.erase(&commitment, by()).await.unwrap(), done, "once, also after a restart");
    assert!(statement::verify(&statement[..], "0.statement", None, None).is_ok(), "a statement made before verifies as before");
    for never in [NAME.as_bytes(), record] {
        assert!(!on_disk(hall.dir.path(), never));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_present_or_unsettled_is_not_erased_and_it_is_said_why() {
    let hall = Hall::new().await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    let at = hall.millis();
    let written = [gym.act(chain(1), Act::In, &person("西村　花子"), at)];
    hall.take(gym.hand_in(&hall, &written, at)).await.unwrap();
    let refused = async |chain| hall.event.prepare_erase("西村", chain, request(), &[]).await.err().unwrap();
    let present = refused(chain(1)).await;
    assert_eq!((present.refusal, present.detail.unwrap().contains("present")), (Refusal::EraseNotNow, true));
    assert_eq!(refused(chain(9)).await.refusal, Refusal::NotFound);
    // Out, and a hand-in of a revoked terminal with something about them waits.
    act(&hall, &person("西村　花子"), Act::Out, Some(chain(1))).await;
    let commitment = asked(&hall, chain(1)).await;
    hall.event.revoke("西村", &gym.name).await.unwrap();
    let late = [gym.act(chain(1), Act::Edit, &Person { protection: Protection::Protected, ..person("西村　花子") }, at + 1)];
    assert_eq!(hall.take(gym.hand_in(&hall, &late, at)).await.unwrap().aside.len(), 1);
    for waits in [hall.event.ready_to_erase(&commitment).err().unwrap(), hall.event.erase(&commitment, by()).await.err().unwrap()] {
        assert_eq!((waits.refusal, waits.detail.unwrap().contains("set aside")), (Refusal::EraseNotNow, true));
    }
    assert!(hall.event.person("西村", Sight::All, chain(1)).await.unwrap().counts.person.is_some());
    // Once it is dropped, the hand-in goes with the person: their opening lies in it.
    let file = hall.event.set_aside().unwrap()[0].file;
    let opened = hall.event.open_aside("西村", file).await.unwrap();
    let content = HashBytes::from(opened.content(&[0]).unwrap());
    let drop = AsideRequest { file, entries: vec![0], content, verdict: AsideVerdict::Drop, reason: "退所済み".to_owned() };
    let Matter::SettleAside { commitment: dropped, .. } = hall.event.prepare_aside("西村", drop, &[]).await.unwrap() else { unreachable!() };
    hall.event.settle_aside(&dropped, by()).await.unwrap();
    hall.event.erase(&commitment, by()).await.unwrap();
    assert_eq!((hall.event.set_aside().unwrap().len(), hall.event.orphans(), hall.event.problems()), (0, Vec::<String>::new(), Vec::new()));
    assert!(!hall.event.set_aside.path(file.hash()).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_again_has_a_new_key_and_what_was_before_stays_closed() {
    let (hall, gone) = hall().await;
    let commitment = asked(&hall, gone).await;
    hall.event.erase(&commitment, by()).await.unwrap();
    act(&hall, &person(NAME), Act::In, Some(gone)).await;
    let store = Arc::clone(&hall.store);
    let hall = hall.restarted(store).await.unwrap();
    let seen = hall.event.person("西村", Sight::All, gone).await.unwrap();
    assert_eq!(seen.history.iter().map(|step| step.person.is_some()).collect::<Vec<_>>(), [false, false, true]);
    assert_eq!((hall.event.summary().unwrap().present, hall.event.problems(), hall.event.openings_lost()), (13, Vec::new(), None));
    hall.event.state("西村").await.unwrap();
    // Nobody can tell any more whether it was somebody else.
    let link =
        LinkRequest { chain: gone, other: hall.event.published().roster.live().next().unwrap().0, verdict: LinkVerdict::Same, evidence: "同じ".to_owned() };
    assert_eq!(hall.event.prepare_link("西村", link, &[]).await.err().unwrap().refusal, Refusal::ShelterInvalid);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_was_interrupted_is_finished_at_the_next_start() {
    let (hall, gone) = hall().await;
    let commitment = asked(&hall, gone).await;
    let note = Kept::Erasing { by: by().into(), case: commitment, ground: EraseGround::Request, handles: vec![gone], files: vec![] };
    hall.event.private.note(vec![note]).await.unwrap();
    let store = Arc::clone(&hall.store);
    let hall = hall.restarted(store).await.unwrap();
    assert!(!hall.event.services.vault.has_key(gone));
    // Who came back before it was noted keeps the new key.
    act(&hall, &person(NAME), Act::In, Some(gone)).await;
    hall.event.erase(&commitment, by()).await.unwrap();
    let store = Arc::clone(&hall.store);
    let hall = hall.restarted(store).await.unwrap();
    let seen = hall.event.person("西村", Sight::All, gone).await.unwrap();
    assert_eq!(seen.history.iter().map(|step| step.person.is_some()).collect::<Vec<_>>(), [false, false, true]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_the_vault_fails_at_is_hidden_at_once_and_finished_when_it_is_tried_again() {
    let (hall, gone) = hall().await;
    let commitment = asked(&hall, gone).await;
    // The table of the next epoch cannot be written while a folder has its name.
    let blocked = hall.dir.path().join("vault/citizens-00000002.keys.new");
    std::fs::create_dir(&blocked).unwrap();
    for _ in 0..2 {
        assert_eq!(hall.event.erase(&commitment, by()).await.unwrap_err().refusal, Refusal::Fault);
        assert_eq!(hall.event.retry_erasures().await.unwrap_err().refusal, Refusal::Fault);
    }
    assert!(hall.event.services.vault.has_key(gone), "the fault is a real one");
    let view = hall.event.person("西村", Sight::All, gone).await.unwrap();
    assert!(view.history.iter().all(|step| step.person.is_none()), "nothing is shown of whom two decided to erase");
    let back = PersonAct {
        chain: Some(gone),
        after: view.heads.iter().map(|head| head.entry).collect(),
        shelter: "gym".parse().unwrap(),
        act: Act::In,
        time: None,
        person: person(NAME),
    };
    assert_eq!(hall.event.write_person("西村", Sight::All, back).await.unwrap_err().refusal, Refusal::Fault, "no new key beside one that is to go");
    std::fs::remove_dir(&blocked).unwrap();
    hall.event.retry_erasures().await.unwrap();
    assert!(!hall.event.services.vault.has_key(gone) && hall.event.private.state().erasing.is_empty());
    let done = hall.event.erase(&commitment, by()).await.unwrap();
    assert_eq!(done.handles, [gone]);
    let store = Arc::clone(&hall.store);
    let hall = hall.restarted(store).await.unwrap();
    assert!(!hall.event.services.vault.has_key(gone));
    assert_eq!(hall.event.erase(&commitment, by()).await.unwrap(), done);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_close_who_is_in_conflict_or_left_by_a_late_form_is_erased_all_the_same() {
    let hall = Hall::new().await;
    let (mut gym, mut school) = (hall.terminal("gym-1", "gym").await, hall.terminal("school-1", "school").await);
    let at = hall.millis() - 3_600_000;
    // One is present by one terminal and gone by another; the other left, and that comes late.
    let written = [gym.act(chain(1), Act::In, &person(NAME), at), gym.act(chain(2), Act::In, &person("西村　太郎"), at)];
    hall.take(gym.hand_in(&hall, &written, hall.millis())).await.unwrap();
    let gone = [school.act(chain(1), Act::In, &person(NAME), at + 1000), school.act(chain(1), Act::Out, &person(NAME), at + 2000)];
    hall.take(school.hand_in(&hall, &gone, hall.millis())).await.unwrap();
    let not_now = |chain| {
        let event = Arc::clone(&hall.event);
        async move { event.prepare_erase("西村", chain, request(), &[]).await.unwrap_err().detail.unwrap() }
    };
    assert!(not_now(chain(1)).await.contains("settle that first"), "as long as it can be settled");
    let late = gym.act(chain(2), Act::Out, &person("西村　太郎"), at + 3000);
    hall.event.close(by()).await.unwrap();
    assert!(not_now(chain(2)).await.contains("reception paper"), "it is said what can be done");
    let file = gym.hand_in(&hall, &[late], hall.millis());
    hall.take(file.clone()).await.unwrap();
    let hash = HashBytes::from(tachiai_crypto::hash::Hash32::sha256(&tachiai_schemas::canonical::to_bytes(&file).unwrap()));
    let content = HashBytes::from(hall.event.open_aside("西村", hash).await.unwrap().content(&[0]).unwrap());
    let take = AsideRequest { file: hash, entries: vec![0], content, verdict: AsideVerdict::Take, reason: "紙の受付票".to_owned() };
    let Matter::SettleAside { commitment, .. } = hall.event.prepare_aside("西村", take, &[]).await.unwrap() else { unreachable!() };
    hall.event.settle_aside(&commitment, by()).await.unwrap();
    for (n, entries) in [(1, 3), (2, 2)] {
        let commitment = asked(&hall, chain(n)).await;
        assert_eq!(hall.event.erase(&commitment, by()).await.unwrap().entries, entries);
    }
}
