//! Witnesses hand in cosignatures, and what is kept of them.

use std::fs;
use std::sync::Arc;

use rand_core::OsRng;
use tachiai_crypto::journal::{BoardSecretKey, Checkpoint, Cosignature, CosignedCheckpoint, Origin, SignedCheckpoint, WitnessSecretKey};
use tachiai_schemas::Refusal;
use tachiai_schemas::spec::WitnessesSpec;
use tachiai_schemas::staff::Act;
use tachiai_verify::{Options, verify_record};

use crate::election::testing::*;
use crate::store::MemoryStore;

fn witness(n: u8) -> WitnessSecretKey {
    WitnessSecretKey::from_seed(Origin::new(&format!("witness.example/{n}")).unwrap(), &[50 + n; 32])
}

/// An open election with two witnesses, one of whom must cosign.
async fn watched() -> City {
    let keys = [1, 2].map(|n| witness(n).public().unwrap().to_string()).to_vec();
    let mut city = City::draft_with("mock", 2, |spec| spec.witnesses = WitnessesSpec { quorum: 1, keys }).await;
    city.live().start_ceremony("official").await.unwrap();
    city.make_key().await;
    city.perform(Act::Open).await.unwrap();
    city.clock.set(time(OPENS));
    city
}

fn newest(city: &City) -> SignedCheckpoint {
    city.live().board().checkpoint.as_ref().unwrap().as_ref().clone()
}

fn now(city: &City) -> u64 {
    u64::try_from(city.elections.services().clock.now().unix()).unwrap()
}

fn note(signed: &SignedCheckpoint, lines: &[Cosignature]) -> Vec<u8> {
    CosignedCheckpoint::new(signed.clone(), lines.to_vec()).to_string().into_bytes()
}

/// The cosignature of a witness under the newest checkpoint, and the note with it.
fn cosigned(city: &City, n: u8) -> (Cosignature, Vec<u8>) {
    let signed = newest(city);
    let line = witness(n).cosign(&signed.checkpoint().to_note_text(), now(city));
    let note = note(&signed, std::slice::from_ref(&line));
    (line, note)
}

fn refusal(city: &City, note: &[u8]) -> Refusal {
    city.live().cosign(note).unwrap_err().refusal
}

fn sizes(city: &City) -> Vec<u64> {
    city.live().record_index().unwrap().files.iter().filter_map(|file| file.path.strip_prefix("cosigned/")?.parse().ok()).collect()
}

#[tokio::test]
async fn a_cosignature_is_kept_over_a_restart_with_other_views_and_given_to_everyone() {
    let mut city = watched().await;
    let (_, note) = cosigned(&city, 2);
    assert_eq!(city.live().cosigned_note(None).unwrap_err().refusal, Refusal::NotFound);
    city.live().cosign(&note).unwrap();
    city.live().cosign(&note).unwrap();
    let size = newest(&city).checkpoint().size;
    for _ in 0..2 {
        assert_eq!(city.live().cosigned_note(None).unwrap().as_bytes(), note);
        assert_eq!(city.live().cosigned_note(Some(size)).unwrap().as_bytes(), note);
        assert_eq!(city.live().record_file(&format!("cosigned/{size}"), Some(size)).unwrap(), note);
        let status = city.live().status(vec![]).unwrap();
        assert_eq!(status.witnesses.iter().map(|witness| witness.size).collect::<Vec<_>>(), [None, Some(size)]);
        city.restart(Arc::new(MemoryStore::new())).await;
    }
}

#[tokio::test]
async fn lines_of_two_witnesses_come_together_in_the_manifests_order_and_of_one_the_earliest_stays() {
    let city = watched().await;
    let (second, note_of_second) = cosigned(&city, 2);
    city.live().cosign(&note_of_second).unwrap();
    let (first, note_of_first) = cosigned(&city, 1);
    city.live().cosign(&note_of_first).unwrap();
    let both = note(&newest(&city), &[first, second]);
    assert_eq!(city.live().cosigned_note(None).unwrap().as_bytes(), both);
    city.clock.set(time(OPENS).plus(100));
    city.live().cosign(&cosigned(&city, 1).1).unwrap();
    assert_eq!(city.live().cosigned_note(None).unwrap().as_bytes(), both);
}

#[tokio::test]
async fn what_is_no_cosignature_of_this_board_by_its_witnesses_is_refused_with_the_reason() {
    let city = watched().await;
    let (signed, good) = (newest(&city), cosigned(&city, 1).1);
    let (text, at) = (signed.checkpoint().to_note_text(), now(&city));
    let lines = |lines: &[Cosignature]| note(&signed, lines);
    for (what, wrong) in [
        ("nothing", Vec::new()),
        ("no text", vec![0xff; 100]),
        ("no line of a witness", signed.as_str().as_bytes().to_vec()),
        ("a line more than there are witnesses", lines(&[witness(1).cosign(&text, at), witness(2).cosign(&text, at), witness(1).cosign(&text, at)])),
        ("a stranger", lines(&[witness(3).cosign(&text, at)])),
        ("a stranger beside a witness", lines(&[witness(1).cosign(&text, at), witness(3).cosign(&text, at)])),
        ("another text", lines(&[witness(1).cosign(&text.replace('\n', "\n\n"), at)])),
        ("a clock that is behind", lines(&[witness(1).cosign(&text, at - 10 * 86_400)])),
        ("a clock that is ahead", lines(&[witness(1).cosign(&text, at + 301)])),
        ("another board key", {
            let other = BoardSecretKey::generate(&mut OsRng).sign(signed.checkpoint());
            note(&other, &[witness(1).cosign(&text, at)])
        }),
        ("cut off", good[..good.len() - 1].to_vec()),
    ] {
        assert_eq!(refusal(&city, &wrong), Refusal::Cosignature, "{what}");
    }
    assert!(city.live().cosigned_note(None).is_err());
    city.live().cosign(&good).unwrap();
}

/// The board key signs another board only in the hands of somebody who runs a second one.
#[tokio::test]
async fn a_checkpoint_of_another_board_under_the_same_key_is_refused_as_such() {
    let city = watched().await;
    let signed = newest(&city);
    let seed = city.elections.services().vault.get_secret(&format!("board-{}", city.id)).unwrap().unwrap();
    let key = BoardSecretKey::from_seed(seed.as_slice().try_into().unwrap());
    for other in [
        Checkpoint { root: tachiai_crypto::hash::Hash32::ZERO, ..signed.checkpoint().clone() },
        Checkpoint { size: signed.checkpoint().size + 1, ..signed.checkpoint().clone() },
    ] {
        let line = witness(1).cosign(&other.to_note_text(), now(&city));
        assert_eq!(refusal(&city, &note(&key.sign(&other), &[line])), Refusal::OtherBoard);
    }
}

#[tokio::test]
async fn few_files_are_kept_however_often_a_witness_comes_and_the_record_holds_with_them() {
    let mut city = watched().await;
    city.live().cosign(&cosigned(&city, 1).1).unwrap();
    let opened = newest(&city).checkpoint().size;
    city.register(0).await;
    for round in 0..6 {
        city.vote(0, Some(round % 2)).await;
        city.live().cosign(&cosigned(&city, 1).1).unwrap();
    }
    let last = newest(&city).checkpoint().size;
    assert_eq!(sizes(&city), [opened, last]);
    city.vote(0, Some(0)).await;
    city.clock.set(time(CLOSES));
    city.perform(Act::CloseOnline).await.unwrap();
    let closed = newest(&city).checkpoint().size;
    city.live().cosign(&cosigned(&city, 1).1).unwrap();
    city.clock.set(time(POLL_CLOSES));
    city.perform(Act::ClosePoll).await.unwrap();
    city.live().cosign(&cosigned(&city, 2).1).unwrap();
    let poll_closed = newest(&city).checkpoint().size;
    city.release().await;
    city.perform(Act::Count).await.unwrap();
    city.perform(Act::Publish).await.unwrap();
    let status = city.live().status(vec![]).unwrap();
    assert!(status.next_en.contains("witness.example/1, witness.example/2"), "{}", status.next_en);
    city.live().cosign(&cosigned(&city, 2).1).unwrap();
    let end = newest(&city).checkpoint().size;
    let mut kept = sizes(&city);
    kept.sort_unstable();
    assert_eq!(kept, [opened, closed, poll_closed, end]);
    let on_disk = fs::read_dir(city.dir.path().join(format!("journal/{}/cosigned", city.id))).unwrap().count();
    assert_eq!(on_disk, kept.len());
    let status = city.live().status(vec![]).unwrap();
    assert_eq!(status.witnesses_missing(), Vec::<&str>::new());

    let folder = super::export(&city.live());
    let verdict = verify_record(folder.path(), &Options::default()).unwrap_or_else(|failure| panic!("{failure}")).verdict;
    let bounds: Vec<_> = verdict.witnesses.bounds.iter().map(|bound| (bound.milestone, bound.by.to_string())).collect();
    let expected = [("opened", OPENS), ("online-closed", CLOSES), ("poll-closed", POLL_CLOSES), ("published", POLL_CLOSES)];
    assert_eq!(bounds, expected.map(|(milestone, at)| (milestone, at.to_owned())));
}
