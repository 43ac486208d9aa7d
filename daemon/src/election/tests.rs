use std::sync::Arc;

use tachiai_crypto::election::roll::Person;
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::journal::{BoardKey, LogProof, Origin};
use tachiai_crypto::labels;
use tachiai_schemas::election::{Body, TallyResult};
use tachiai_schemas::receipt::{BallotStatus, Phase, Receipt};
use tachiai_schemas::staff::Act;
use tachiai_schemas::trustee::TrusteeFile;
use tachiai_schemas::{Blob, Bytes, Refusal, canonical};
use tachiai_verify::verify::{self, verify_record};

use super::live::Live;
use super::private::{PrivateBody, PrivateEntry};
use super::testing::*;
use crate::journal::{Journal, JournalId, Options};
use crate::store::{Kind, MemoryStore, Scan, Store};

mod cosigned;
mod count;
mod declaration;
mod evidence;
mod hostile;
mod roll;
mod routes;
mod trustees;

/// The receipt as a voter checks it: with the manifest's key alone.
fn check(city: &City, receipt: &Receipt) {
    let live = city.live();
    let manifest = live.board().state.board.manifest().unwrap().clone();
    let (origin, key) = (Origin::new(&manifest.origin).unwrap(), BoardKey::from_bytes(&manifest.board_key.0).unwrap());
    let proof: LogProof = receipt.proof.parse().unwrap();
    assert_eq!(proof.index, receipt.leaf.0);
    proof.verify(receipt.leaf_hash.hash(), &origin, &key).unwrap();
    assert_eq!(tachiai_crypto::journal::leaf_hash(&live.entry_bytes(receipt.leaf).unwrap()), receipt.leaf_hash.hash());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_election_goes_from_draft_to_published_and_counts_every_last_vote() {
    let mut city = City::open(6).await;
    for voter in 0..5 {
        let receipt = city.register(voter).await;
        check(&city, &receipt);
    }
    for (voter, option) in [(0, Some(0)), (1, Some(0)), (2, Some(1)), (3, None), (4, Some(1))] {
        let receipt = city.vote(voter, option).await;
        check(&city, &receipt);
    }
    // The second voter votes again, the third challenges and votes again, the fifth challenges and does not.
    city.vote(1, Some(1)).await;
    for voter in [2, 4] {
        let receipt = city.vote(voter, Some(0)).await;
        let challenged = city.live().challenge(city.challenge(voter, &receipt), Hash32::ZERO).await.unwrap();
        check(&city, &challenged);
    }
    city.vote(2, Some(1)).await;
    city.to_the_count().await;
    assert_eq!(city.perform(Act::Count).await.unwrap().phase, Phase::Tallied);
    assert_eq!(city.perform(Act::Publish).await.unwrap().phase, Phase::Published);

    let live = city.live();
    let (_, entry) = live.board().state.board.result().map(|(leaf, entry)| (leaf, entry.clone())).unwrap();
    let result: TallyResult = canonical::from_bytes(&live.attachments.get(entry.file.hash()).unwrap()).unwrap();
    assert_eq!((result.contests[0].ballots, result.contests[0].totals.as_slice()), (4, [1, 2, 1].as_slice()));
    let kinds = city.kinds();
    assert_eq!((kinds["registration"], kinds["ballot"], kinds["challenged"], kinds["decryption-shares"], kinds["published"]), (5, 9, 2, 2, 1));

    // The verifier, which sees nothing but the files, comes to the same.
    let folder = export(&live);
    let fingerprint = live.board().state.board.fingerprint();
    let verified = verify_record(folder.path(), &verify::Options { expect: fingerprint, ..verify::Options::default() }).unwrap();
    assert_eq!(verified.board.counted_ballots(), 4);
}

/// The record as a client takes it away.
fn export(live: &Live) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let index = live.record_index().unwrap();
    for file in &index.files {
        let path = folder.path().join(&file.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, live.record_file(&file.path, Some(index.size)).unwrap()).unwrap();
    }
    std::fs::write(folder.path().join("record.json"), canonical::to_bytes(&index).unwrap()).unwrap();
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn what_trustees_export_before_they_sign_passes_the_verifier_and_spoilt_it_does_not() {
    let mut city = City::open(3).await;
    city.register(0).await;
    city.vote(0, Some(0)).await;
    city.to_the_count().await;
    let folder = export(&city.live());
    let options = || verify::Options { extent: verify::Extent::Partial, ..verify::Options::default() };
    verify_record(folder.path(), &options()).unwrap();
    assert!(verify_record(folder.path(), &verify::Options::default()).is_err());
    let roll = city.live().attachments.list().unwrap()[0];
    let path = folder.path().join("attachments").join(roll.to_string());
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[0] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert!(verify_record(folder.path(), &options()).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_everything_is_as_before_and_rebuilt_views_equal_the_live_ones() {
    let mut city = City::open(4).await;
    city.register(0).await;
    let first = city.vote(0, Some(0)).await;
    city.vote(0, Some(1)).await;
    city.register(1).await;
    let challenged = city.vote(1, Some(1)).await;
    city.live().challenge(city.challenge(1, &challenged), Hash32::ZERO).await.unwrap();

    let views = |city: &City| {
        let journal = JournalId::new(&city.id.to_string()).unwrap();
        let all = |kind: Kind| city.store.range(&journal, &Scan::all(kind.all())).unwrap();
        (all(Kind::BALLOT), all(Kind::SLOT), city.store.high_water(&journal).unwrap())
    };
    let live_views = views(&city);
    assert_eq!((live_views.0.len(), live_views.1.len()), (3, 2));
    let (checkpoint, private) = (city.live().board().checkpoint.clone().unwrap(), city.live().private().clone());
    let slot = city.view(2);
    city.restart(Arc::new(MemoryStore::new())).await;
    assert_eq!(views(&city), live_views);
    assert_eq!(city.live().board().checkpoint.as_ref().unwrap().as_str(), checkpoint.as_str());
    assert_eq!(*city.live().private(), private);
    assert_eq!(city.view(2), slot);
    let hash = first.ballot.unwrap().hash();
    assert!(matches!(city.live().ballot_status(hash), Ok(BallotStatus::Superseded { leaf, .. }) if leaf == first.leaf));
    // The counter and the key go on where they were.
    check(&city, &city.live().receipt_at(first.leaf, Some(hash)).unwrap());
    city.vote(0, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_lost_its_newest_batches_is_replayed() {
    let mut city = City::open(2).await;
    city.register(0).await;
    let journal = JournalId::new(&city.id.to_string()).unwrap();
    let lost: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let all = city.store.range(&journal, &Scan::all(Kind::SLOT.all())).unwrap();
    let mut batch = crate::store::Batch::new(journal.clone(), 0..city.store.high_water(&journal).unwrap());
    for (key, value) in all {
        batch.put(key, value);
    }
    lost.apply(&batch).unwrap();
    let receipt = city.vote(0, Some(0)).await;
    city.restart(lost).await;
    assert!(city.live().ballot_status(receipt.ballot.unwrap().hash()).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_ballot_again_gets_the_same_leaf_also_after_the_close() {
    let mut city = City::open(2).await;
    city.register(0).await;
    let ballot = city.ballot(0, Some(1));
    let first = city.live().cast(ballot.clone(), Hash32::ZERO).await.unwrap();
    let again = city.live().cast(ballot.clone(), Hash32::ZERO).await.unwrap();
    assert_eq!((again.leaf, again.leaf_hash, again.at), (first.leaf, first.leaf_hash, first.at));
    city.clock.set(time(CLOSES));
    let late = city.live().cast(ballot, Hash32::ZERO).await.unwrap();
    check(&city, &late);
    assert_eq!(city.kinds()["ballot"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_ballot_at_the_same_moment_is_recorded_once() {
    let mut city = City::open(2).await;
    city.register(0).await;
    let ballot = city.ballot(0, Some(1));
    let live = city.live();
    let casts: Vec<_> = (0..16)
        .map(|_| {
            let (live, ballot) = (Arc::clone(&live), ballot.clone());
            tokio::spawn(async move { live.cast(ballot, Hash32::ZERO).await })
        })
        .collect();
    for cast in casts {
        let receipt = cast.await.unwrap().unwrap();
        check(&city, &receipt);
    }
    assert_eq!(city.kinds()["ballot"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_registration_again_gets_the_same_receipt() {
    let mut city = City::open(2).await;
    let key = tachiai_crypto::signature::SecretKey::generate(&mut rand_core::OsRng);
    let request = city.registration(&city.voters[0], &key, |_| {});
    let live = city.live();
    let first = live.register(&city.voters[0].holder, request.clone(), Hash32::ZERO).await.unwrap();
    let again = live.register(&city.voters[0].holder, request, Hash32::ZERO).await.unwrap();
    assert_eq!((first.leaf, first.at), (again.leaf, again.at));
    city.voters[0].key = Some(key);
    assert_eq!(city.kinds()["registration"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_challenge_again_gets_the_same_receipt() {
    let mut city = City::open(2).await;
    city.register(0).await;
    let receipt = city.vote(0, Some(1)).await;
    let challenge = city.challenge(0, &receipt);
    let first = city.live().challenge(challenge.clone(), Hash32::ZERO).await.unwrap();
    let again = city.live().challenge(challenge, Hash32::ZERO).await.unwrap();
    assert_eq!(first.leaf, again.leaf);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_voters_at_once_all_get_receipts_that_hold() {
    let mut city = City::open(30).await;
    let mut ballots = Vec::new();
    for voter in 0..30 {
        city.register(voter).await;
        ballots.push(city.ballot(voter, Some(voter % 2)));
    }
    let live = city.live();
    let casts: Vec<_> = ballots
        .into_iter()
        .map(|ballot| {
            let live = Arc::clone(&live);
            tokio::spawn(async move { live.cast(ballot, Hash32::ZERO).await })
        })
        .collect();
    for cast in casts {
        check(&city, &cast.await.unwrap().unwrap());
    }
    assert_eq!(live.board().state.board.counted_ballots(), 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_opens_for_the_authority_only_and_is_what_the_board_commits_to() {
    let mut city = City::open(2).await;
    let evidence = evidence_of_a_registration(&mut city, 1).await;
    assert!(evidence.starts_with(r#"{"certificate":""#));
    assert!(!evidence.contains("fallback"), "{evidence}");
    // What the authority needs to find the elector: the slot's opening, and what bound the card to that person.
    let evidence: serde_json::Value = serde_json::from_str(&evidence).unwrap();
    assert_eq!(evidence["binding"]["card"]["statement"], Bytes(*city.voters[1].holder.card_key.as_bytes()).to_string());
    assert_eq!(evidence["bound"], "2026-11-22T09:00:00Z");
    let text = |key: &str| evidence["elector"][key].as_str().unwrap().to_owned();
    let person = Person { name: text("name"), birth: text("birth").parse().unwrap(), sex: text("sex").parse().unwrap(), address: text("address") };
    assert_eq!(person.hash(), city.voters[1].holder.person);
    let (slot, salt): (_, Bytes<32>) = (city.slot(1), text("salt").parse().unwrap());
    let entry = tachiai_crypto::election::roll::RollEntry { person, district: text("district") };
    let commitment = tachiai_crypto::election::roll::slot_commitment(&city.id, slot, &salt.0, &entry);
    assert_eq!(commitment, city.live().slot_of(&city.voters[1].holder).unwrap().commitment.hash());
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_says_that_the_card_was_bound_at_a_counter() {
    let mut city = City::open(2).await;
    let evidence = evidence_of_a_registration(&mut city, 0).await;
    let fallback = r#","fallback":{"reason":"under-15","by":["西村","田中"],"at":"2026-11-22T09:00:00Z"}}"#;
    assert!(evidence.starts_with(r#"{"certificate":""#) && evidence.ends_with(fallback), "{evidence}");
}

/// Registers a voter, and opens the evidence as the authority does.
async fn evidence_of_a_registration(city: &mut City, voter: usize) -> String {
    let receipt = city.register(voter).await;
    let Body::Registration(registration) = city.body(receipt.leaf) else { panic!("no registration") };
    city.elections.stop().await;
    let name = JournalId::new(&super::live::private_name(city.id)).unwrap();
    let (journal, _) = Journal::open(&city.dir.path().join("journal"), &name, Options::default()).unwrap();
    let entries: Vec<_> = journal.reader().iter_from(0).map(|bytes| PrivateEntry::from_bytes(&bytes.unwrap()).unwrap()).collect();
    let Some(PrivateBody::Evidence { slot, hash, sealed }) =
        entries.into_iter().map(|entry| entry.body).find(|body| matches!(body, PrivateBody::Evidence { .. }))
    else {
        panic!("no evidence")
    };
    assert_eq!((slot, hash), (registration.slot, registration.evidence));
    #[derive(serde::Deserialize)]
    struct Opened {
        salt: Bytes<32>,
        evidence: Blob,
    }
    let opened: Opened = serde_json::from_slice(&decrypt(&sealed.0, &city.authority)).unwrap();
    assert_eq!(tagged(labels::hash::EVIDENCE, &[&opened.salt.0, &opened.evidence.0]), hash.hash());
    String::from_utf8(opened.evidence.0).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_that_was_lost_with_the_private_journal_is_said_and_an_orphan_is_listed() {
    use crate::http::router::Health;
    let mut city = City::open(2).await;
    city.register(0).await;
    city.elections.stop().await;
    let name = super::live::private_name(city.id);
    let (journals, backup) = (city.dir.path().join("journal"), city.dir.path().join("backup"));
    let copy = |from: &std::path::Path, to: &std::path::Path| {
        let _ = std::fs::remove_dir_all(to);
        assert!(std::process::Command::new("cp").arg("-r").arg(from).arg(to).status().unwrap().success());
    };
    copy(&journals.join(&name), &backup);
    city.restart(Arc::new(MemoryStore::new())).await;
    assert_eq!(city.elections.lost_evidence(), Vec::<String>::new());
    city.register(1).await;
    city.live().note(PrivateBody::Evidence { slot: tachiai_schemas::Slot(1), hash: Bytes([9; 32]), sealed: Blob::default() }).await.unwrap();
    assert_eq!(city.elections.orphaned_evidence(), [(city.id, Hash32::from_bytes([9; 32]))]);
    city.elections.stop().await;
    copy(&backup, &journals.join(&name));
    city.restart(Arc::new(MemoryStore::new())).await;
    assert!(city.elections.lost_evidence()[0].contains("1 registrations"));
    let broken: Vec<String> = city.elections.condition().broken.iter().map(|what| tachiai_schemas::Say::say(what, tachiai_schemas::Lang::En)).collect();
    assert_eq!(broken, city.elections.lost_evidence());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_name_or_address_stands_in_clear_in_any_file() {
    let mut city = City::open(3).await;
    city.register(0).await;
    city.vote(0, Some(0)).await;
    city.elections.stop().await;
    let mut folders = vec![city.dir.path().to_owned()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let bytes = std::fs::read(&path).unwrap();
            for needle in ["氏名　", "番地"] {
                assert!(!bytes.windows(needle.len()).any(|window| window == needle.as_bytes()), "{}", path.display());
            }
        }
    }
    assert!(files > 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_lists_files_that_are_there_also_after_the_board_grew() {
    let mut city = City::open(3).await;
    let index = city.live().record_index().unwrap();
    city.register(0).await;
    let live = city.live();
    assert!(index.files.iter().any(|file| file.path.starts_with("attachments/")));
    for file in &index.files {
        let bytes = live.record_file(&file.path, Some(index.size)).unwrap();
        assert_eq!((bytes.len() as u64, Hash32::sha256(&bytes)), (file.bytes, file.sha256.hash()), "{}", file.path);
    }
    for path in ["../vault/check", "attachments/../../vault", "tile/0/999", "record.json", "attachments/00"] {
        assert_eq!(live.record_file(path, None).unwrap_err().refusal, Refusal::NotFound, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mirror_has_the_record_when_the_appliance_ends() {
    let mut city = City::open(3).await;
    city.register(0).await;
    let live = city.live();
    let index = live.record_index().unwrap();
    city.elections.stop().await;
    for file in index.files.iter().filter(|file| !file.path.starts_with("attachments/")) {
        let bytes = std::fs::read(live.mirror_dir().join(&file.path)).unwrap();
        assert_eq!(Hash32::sha256(&bytes), file.sha256.hash(), "{}", file.path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_roll_replaces_the_first_until_the_election_opens() {
    let mut city = City::ceremony(3).await;
    let live = city.live();
    live.import_roll("official", roll_csv(5)).await.unwrap();
    assert_eq!(live.status(Vec::new()).unwrap().electors, 5);
    let report = live.import_roll("official", b"x\n".to_vec()).await.unwrap();
    assert!(!report.errors.is_empty());
    assert_eq!(live.status(Vec::new()).unwrap().electors, 5);
    city.make_key().await;
    city.perform(Act::Open).await.unwrap();
    assert_eq!(live.board().state.board.opened().unwrap().entry().roll.slots, 5);
    assert_eq!(live.import_roll("official", roll_csv(3)).await.unwrap_err().refusal, Refusal::WrongPhase);
}

#[tokio::test(flavor = "multi_thread")]
async fn orphans_of_interrupted_commands_are_listed_and_harmless() {
    let mut city = City::ceremony(3).await;
    city.live().attachments.put(b"orphan").unwrap();
    let replaced = city.live().private().roll.unwrap().payload;
    city.live().import_roll("official", roll_csv(4)).await.unwrap();
    let orphans = city.elections.orphans().unwrap();
    assert_eq!(orphans.len(), 2);
    assert!(orphans.iter().any(|(_, path)| path.ends_with(replaced.to_string())));
    city.restart(Arc::new(MemoryStore::new())).await;
    assert_eq!(city.live().status(Vec::new()).unwrap().electors, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_ended_between_the_two_journals_is_simply_repeated() {
    let mut city = City::ceremony(3).await;
    for place in 0..3 {
        let file = city.commit(place);
        city.live().take_file(file).await.unwrap();
    }
    // The power fails after the private entry and before the board's: of a deal, and of the opening.
    let TrusteeFile::TrusteeDeal { deal, shares } = city.deal(0) else { panic!("no deal") };
    city.live().note(PrivateBody::ShareFiles { run: 1, from: deal.body.trustee, shares: shares.clone() }).await.unwrap();
    city.restart(Arc::new(MemoryStore::new())).await;
    city.live().take_file(TrusteeFile::TrusteeDeal { deal, shares }).await.unwrap();
    for place in 1..3 {
        city.live().take_file(city.deal(place)).await.unwrap();
    }
    for place in 0..3 {
        let file = city.confirm(place);
        city.live().take_file(file).await.unwrap();
    }
    let payload = city.live().seal_slots(&[]).unwrap();
    city.live().note(PrivateBody::Slots { payload: payload.into(), root: Bytes([7; 32]) }).await.unwrap();
    city.restart(Arc::new(MemoryStore::new())).await;
    city.perform(Act::Open).await.unwrap();
    city.clock.set(time(OPENS));
    city.restart(Arc::new(MemoryStore::new())).await;
    city.register(0).await;
    city.vote(0, Some(0)).await;

    // And of the last tally signature that is needed: all three sign here, so nobody else could make up for it.
    city.clock.set(time(CLOSES));
    city.perform(Act::CloseOnline).await.unwrap();
    city.clock.set(time(POLL_CLOSES));
    city.perform(Act::ClosePoll).await.unwrap();
    for place in 0..2 {
        city.live().take_file(city.tally_signature(place)).await.unwrap();
    }
    let TrusteeFile::TallySignature { statement, signature } = city.tally_signature(2) else { panic!("no signature") };
    let hash = tachiai_crypto::election::tally::statement_hash(&canonical::to_bytes(&statement).unwrap());
    city.live().note(PrivateBody::TallySigned { statement: hash.into(), signature }).await.unwrap();
    city.restart(Arc::new(MemoryStore::new())).await;
    assert_eq!(city.live().status(Vec::new()).unwrap().summary.phase, Phase::PollClosed);
    city.live().take_file(city.tally_signature(2)).await.unwrap();
    assert_eq!(city.live().status(Vec::new()).unwrap().summary.phase, Phase::Tallying);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_election_whose_creation_was_interrupted_is_left_aside() {
    let mut city = City::draft(2).await;
    let id = tachiai_schemas::ElectionId::generate(&mut rand_core::OsRng);
    let name = JournalId::new(&super::live::private_name(id)).unwrap();
    drop(Journal::open(&city.dir.path().join("journal"), &name, Options::default()).unwrap());
    city.restart(Arc::new(MemoryStore::new())).await;
    assert_eq!(city.elections.all().len(), 1);
    assert_eq!(city.elections.get(id).err().unwrap().refusal, Refusal::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_without_its_key_does_not_open() {
    let city = City::ceremony(2).await;
    city.elections.stop().await;
    let key = city.dir.path().join("vault/secrets").join(format!("board-{}", city.id));
    std::fs::remove_file(key).unwrap();
    let opened = city.reopen();
    assert!(matches!(opened, Err(super::OpenError::BoardKey(id)) if id == city.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roll_attachment_that_is_lost_or_changed_stops_the_start() {
    let city = City::open(2).await;
    city.elections.stop().await;
    let roll = city.live().attachments.list().unwrap()[0];
    std::fs::write(city.live().attachments.path(roll), b"other").unwrap();
    assert!(matches!(city.reopen(), Err(super::OpenError::Board { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roll_that_was_imported_after_the_request_is_not_opened() {
    let mut city = City::ceremony(2).await;
    city.make_key().await;
    let asked = city.live().to_open(Act::Open);
    city.live().import_roll("official", roll_csv(3)).await.unwrap();
    let refused = city.live().perform(Act::Open, asked).await.unwrap_err();
    assert_eq!(refused.refusal, Refusal::ChangedSince);
    assert_eq!(city.live().to_open(Act::Open).unwrap().electors, 3);
    assert_eq!(city.live().perform(Act::Open, None).await.unwrap_err().refusal, Refusal::ChangedSince);
    city.perform(Act::Open).await.unwrap();
}
