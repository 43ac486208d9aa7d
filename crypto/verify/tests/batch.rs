//! What many proofs say together is what each says alone, however they are spoilt and however many they are.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::num::NonZeroUsize;

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_COMPRESSED;
use curve25519_dalek::scalar::Scalar;
use proptest::prelude::*;
use rand_core::{OsRng, SeedableRng};
use tachiai_crypto::election::ballot::{Ballot, ProofError, Statement};
use tachiai_crypto::journal::leaf_hash;
use tachiai_crypto::labels::purpose;
use tachiai_crypto::proof::batch::{BatchItem, verify_batch, verify_signatures};
use tachiai_crypto::signature::{self, PublicKey, SecretKey, Signature};
use tachiai_schemas::election::{BallotEntry, Body, Challenged, Choice, Registration};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::{Blob, Bytes, LeafIndex, Slot};
use tachiai_verify::obligation::{Obligation, discharge};
use tachiai_verify::testing::{Play, contest};
use tachiai_verify::{Extent, Failure, Options, Violation, verify_record};

/// A ballot that was properly cast, with what signs it and what it is checked against.
struct Cast {
    bytes: Vec<u8>,
    statement: Statement,
    play: usize,
    slot: Slot,
}

/// Eight ballots in each of two elections of different styles.
fn cast() -> (Vec<Play>, Vec<Cast>) {
    let contests = vec![contest("one", 2, Choice::Exactly(1)), contest("two", 3, Choice::UpTo(2))];
    let mut plays = vec![Play::new(110), Play::with(111, (2, 2), contests, 2, 8, |_| {})];
    let mut all = Vec::new();
    for (place, play) in plays.iter_mut().enumerate() {
        play.ceremony();
        play.open();
        for slot in (0..8).map(Slot) {
            play.register(slot);
            let (ballot, _) = play.ballot(slot);
            all.push(Cast { bytes: ballot.bytes().to_vec(), statement: play.board.statement_for(slot).unwrap(), play: place, slot });
        }
    }
    (plays, all)
}

/// How one or two ballots of a batch are spoilt. Places count 32-byte fields after the header, and wrap around.
#[derive(Debug, Clone, Copy)]
enum Spoil {
    /// Nothing.
    Not,
    /// A bit, anywhere.
    Bit { at: usize },
    /// A field becomes another field of another ballot.
    Swap { field: usize, with: usize, of: usize },
    /// A field becomes something hostile.
    Replace { field: usize, by: u8 },
    /// A field that is a scalar becomes one greater or less.
    Off { field: usize, up: bool },
    /// A field that is a scalar becomes greater by an amount, and the same field of the next ballot less.
    Cancel { field: usize, by: u64 },
    /// Two fields of one ballot, both scalars, become greater and less by an amount.
    CancelWithin { field: usize, with: usize, by: u64 },
    /// The ballot is a copy of another one.
    Copy { of: usize },
}

fn spoil() -> impl Strategy<Value = Spoil> {
    let any_field = 0..200_usize;
    prop_oneof![
        2 => Just(Spoil::Not),
        2 => any::<usize>().prop_map(|at| Spoil::Bit { at }),
        2 => (any_field.clone(), any_field.clone(), any::<usize>()).prop_map(|(field, with, of)| Spoil::Swap { field, with, of }),
        2 => (any_field.clone(), 0..5_u8).prop_map(|(field, by)| Spoil::Replace { field, by }),
        2 => (any_field.clone(), any::<bool>()).prop_map(|(field, up)| Spoil::Off { field, up }),
        3 => (any_field.clone(), 1..u64::MAX).prop_map(|(field, by)| Spoil::Cancel { field, by }),
        2 => (any_field.clone(), any_field, 1..u64::MAX).prop_map(|(field, with, by)| Spoil::CancelWithin { field, with, by }),
        1 => any::<usize>().prop_map(|of| Spoil::Copy { of }),
    ]
}

/// Where a field starts, counted from the end of the header.
fn field(bytes: &[u8], place: usize) -> usize {
    49 + 32 * (place % ((bytes.len() - 49) / 32))
}

fn add(bytes: &mut [u8], at: usize, more: Scalar) {
    let old: [u8; 32] = bytes[at..at + 32].try_into().unwrap();
    // A point is seldom a scalar as well, and then it may become another one.
    if let Some(old) = Option::<Scalar>::from(Scalar::from_canonical_bytes(old)) {
        bytes[at..at + 32].copy_from_slice((old + more).as_bytes());
    }
}

fn apply(ballots: &mut [Vec<u8>], place: usize, spoil: Spoil) {
    let (count, next) = (ballots.len(), (place + 1) % ballots.len());
    let other = |of: usize| of % count;
    match spoil {
        Spoil::Not => {}
        Spoil::Bit { at } => {
            let at = at % (8 * ballots[place].len());
            ballots[place][at / 8] ^= 1 << (at % 8);
        }
        Spoil::Swap { field: own, with, of } => {
            let from = field(&ballots[other(of)], with);
            let taken = ballots[other(of)][from..from + 32].to_vec();
            let to = field(&ballots[place], own);
            ballots[place][to..to + 32].copy_from_slice(&taken);
        }
        Spoil::Replace { field: own, by } => {
            let mut negative = RISTRETTO_BASEPOINT_COMPRESSED.to_bytes();
            negative[0] ^= 1;
            let mut torsion = [0xff; 32];
            (torsion[0], torsion[31]) = (0xec, 0x7f);
            let hostile = [[0; 32], [0xff; 32], negative, torsion, RISTRETTO_BASEPOINT_COMPRESSED.to_bytes()][usize::from(by)];
            let to = field(&ballots[place], own);
            ballots[place][to..to + 32].copy_from_slice(&hostile);
        }
        Spoil::Off { field: own, up } => {
            let at = field(&ballots[place], own);
            add(&mut ballots[place], at, if up { Scalar::ONE } else { -Scalar::ONE });
        }
        Spoil::Cancel { field: own, by } => {
            let by = Scalar::from(by);
            let at = field(&ballots[place], own);
            add(&mut ballots[place], at, by);
            if ballots[next].len() == ballots[place].len() && next != place {
                add(&mut ballots[next], at, -by);
            }
        }
        Spoil::CancelWithin { field: own, with, by } => {
            let (first, second) = (field(&ballots[place], own), field(&ballots[place], with));
            add(&mut ballots[place], first, Scalar::from(by));
            add(&mut ballots[place], second, -Scalar::from(by));
        }
        Spoil::Copy { of } => ballots[place] = ballots[other(of)].clone(),
    }
}

/// Whether a spoilt ballot is signed again by its voter, so that its proofs alone are wrong.
fn sign(plays: &mut [Play], Cast { statement, play, slot, .. }: &Cast, bytes: &mut [u8]) {
    let split = bytes.len() - 64;
    let message = [statement.context.as_bytes(), statement.registration.as_bytes().as_slice(), &bytes[..split]].concat();
    let Play { voters, rng, .. } = &mut plays[*play];
    bytes[split..].copy_from_slice(&voters[slot].key.sign(purpose::BALLOT, &message, rng).to_bytes());
}

/// Compares all at once with one at a time.
fn compare(items: &[(Ballot, &Statement)]) -> Result<Vec<Result<(), ProofError>>, TestCaseError> {
    let alone: Vec<Result<(), ProofError>> = items.iter().map(|(ballot, statement)| ballot.clone().verify(statement).map(|_| ())).collect();
    let batch: Vec<BatchItem<'_>> = items.iter().map(|(ballot, statement)| BatchItem { ballot, statement }).collect();
    prop_assert_eq!(verify_batch(&batch, &mut OsRng), alone.clone());
    // The signatures, of which a single check speaks only if the proofs hold.
    for (of_signature, alone) in verify_signatures(&batch, &mut OsRng).into_iter().zip(&alone) {
        match alone {
            Ok(()) => prop_assert_eq!(of_signature, Ok(())),
            Err(ProofError::Signature) => prop_assert_eq!(of_signature, Err(ProofError::Signature)),
            Err(_) => {}
        }
    }
    Ok(alone)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn spoilt_ballots_have_the_verdict_together_that_each_has_alone(spoils in prop::collection::vec((spoil(), any::<bool>()), 16), first in 0..16_usize, count in 1..=16_usize) {
        let (mut plays, all) = cast();
        let mut ballots: Vec<Vec<u8>> = all.iter().map(|cast| cast.bytes.clone()).collect();
        for (place, (spoil, again)) in spoils.iter().enumerate() {
            apply(&mut ballots, place, *spoil);
            if *again {
                sign(&mut plays, &all[place], &mut ballots[place]);
            }
        }
        let chosen = (0..16).cycle().skip(first).take(count);
        let items: Vec<(Ballot, &Statement)> = chosen
            .filter_map(|place| Some((Ballot::parse(&ballots[place], &all[place].statement.style).ok()?, &all[place].statement)))
            .collect();
        compare(&items)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn a_few_spoilt_ballots_are_found_in_batches_about_the_size_of_a_chunk(spoils in prop::collection::vec((spoil(), 0..513_usize), 0..5)) {
        let (_, all) = cast();
        for size in [1, 2, 511, 512, 513] {
            let mut ballots: Vec<Vec<u8>> = all.iter().cycle().take(size).map(|cast| cast.bytes.clone()).collect();
            spoils.iter().for_each(|(spoil, place)| apply(&mut ballots, place % size, *spoil));
            let items: Vec<(Ballot, &Statement)> = ballots
                .iter()
                .zip(all.iter().cycle())
                .filter_map(|(bytes, cast)| Some((Ballot::parse(bytes, &cast.statement.style).ok()?, &cast.statement)))
                .collect();
            compare(&items)?;
        }
    }

    #[test]
    fn spoilt_signatures_have_the_verdict_together_that_each_has_alone(
        spoils in prop::collection::vec((0..513_usize, 0..8_u8, 0..512_usize), 0..12),
        seed: u64,
    ) {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(seed);
        let keys: Vec<SecretKey> = (0..5).map(|_| SecretKey::generate(&mut rng)).collect();
        let made: Vec<(PublicKey, &'static str, Vec<u8>, Signature)> = (0..513_usize)
            .map(|place| {
                let (key, purpose) = (&keys[place % 5], purpose::ALL[place % 4]);
                let message = vec![place as u8; place % 70];
                (key.public(), purpose, message.clone(), key.sign(purpose, &message, &mut rng))
            })
            .collect();
        for size in [1, 2, 3, 511, 512, 513] {
            let mut spoilt = made[..size].to_vec();
            for (place, how, at) in &spoils {
                let (place, next) = (place % size, (place + 1) % size);
                let mut bytes = spoilt[place].3.to_bytes();
                match how {
                    0 => bytes[at / 8] ^= 1 << (at % 8),
                    1 => add(&mut bytes, 32, Scalar::ONE),
                    2 => spoilt[place].0 = spoilt[next].0,
                    3 => spoilt[place].1 = spoilt[next].1,
                    4 => spoilt[place].2.push(0),
                    5 => bytes = spoilt[next].3.to_bytes(),
                    _ => {
                        add(&mut bytes, 32, Scalar::from(7_u64));
                        let mut others = spoilt[next].3.to_bytes();
                        add(&mut others, 32, -Scalar::from(7_u64));
                        if next != place {
                            spoilt[next].3 = Signature::decode(&others).unwrap();
                        }
                    }
                }
                if let Ok(signature) = Signature::decode(&bytes) {
                    spoilt[place].3 = signature;
                }
            }
            let alone: Vec<_> = spoilt.iter().map(|(key, purpose, message, signature)| key.verify(purpose, message, signature)).collect();
            let items: Vec<_> = spoilt.iter().map(|(key, purpose, message, signature)| signature::BatchItem { key, purpose, message, signature }).collect();
            prop_assert_eq!(signature::verify_batch(&items, &mut OsRng), alone);
        }
    }
}

/// Verdicts without their words, in which nothing random is.
fn places(verdicts: &[Result<(), Violation>]) -> Vec<Option<(tachiai_verify::Rule, Option<LeafIndex>)>> {
    verdicts.iter().map(|verdict| verdict.as_ref().err().map(|violation| (violation.rule, violation.leaf))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_entries_owe_is_discharged_together_as_alone(spoils in prop::collection::vec((spoil(), any::<bool>()), 24)) {
        let mut play = Play::new(112);
        play.ceremony();
        play.open();
        (0..4).map(Slot).for_each(|slot| { play.vote(slot); });
        let mut owed: Vec<Obligation> = Vec::new();
        let mut signatures = Vec::new();
        let mut ballots = Vec::new();
        for slot in (0..4).map(Slot) {
            let challenged = play.challenged(slot);
            signatures.push(challenged.signature.0.to_vec());
            let (registration, _) = play.registration(Slot(slot.0 + 4));
            signatures.push(registration.possession.0.to_vec());
            let (ballot, _) = play.ballot(slot);
            ballots.push((challenged, registration, ballot.bytes().to_vec()));
        }
        let mut bytes: Vec<Vec<u8>> = ballots.iter().map(|(_, _, ballot)| ballot.clone()).collect();
        for (place, (spoil, of_signature)) in spoils.iter().enumerate() {
            if *of_signature {
                // A field of a signature is one half of it.
                let mut padded: Vec<Vec<u8>> = signatures.iter().map(|signature| [vec![0; 49], signature.clone()].concat()).collect();
                apply(&mut padded, place % signatures.len(), *spoil);
                signatures = padded.into_iter().map(|padded| padded[49..].to_vec()).collect();
            } else {
                apply(&mut bytes, place % ballots.len(), *spoil);
            }
        }
        for (place, (challenged, registration, _)) in ballots.iter().enumerate() {
            let signature = |of: usize| Bytes(signatures[2 * place + of][..64].try_into().unwrap());
            for body in [
                Body::Challenged(Challenged { signature: signature(0), ..challenged.clone() }),
                Body::Registration(Box::new(Registration { possession: signature(1), ..registration.clone() })),
                Body::Ballot(BallotEntry { ballot: Blob(bytes[place].clone()) }),
            ] {
                let entry = Entry { at: play.now.plus(1), body };
                let text = entry.to_bytes().unwrap();
                owed.extend(play.board.check(LeafIndex(play.tree.len()), leaf_hash(&text), &entry, &play.tree));
            }
        }
        let together = places(&discharge(&owed, &mut OsRng));
        let alone: Vec<_> = owed.iter().flat_map(|one| places(&discharge(std::slice::from_ref(one), &mut OsRng))).collect();
        prop_assert_eq!(together, alone);
    }
}

/// How a record is spoilt: what happens to the entry at a place.
#[derive(Debug, Clone, Copy)]
enum Damage {
    Ballot { place: usize, spoil: Spoil },
    Possession { place: usize },
    Drop { place: usize },
    Twice { place: usize },
    Exchange { place: usize, with: usize },
    Byte { place: usize, at: usize },
}

fn damage() -> impl Strategy<Value = Damage> {
    let place = any::<usize>;
    prop_oneof![
        6 => (place(), spoil()).prop_map(|(place, spoil)| Damage::Ballot { place, spoil }),
        2 => place().prop_map(|place| Damage::Possession { place }),
        1 => place().prop_map(|place| Damage::Drop { place }),
        1 => place().prop_map(|place| Damage::Twice { place }),
        1 => (place(), place()).prop_map(|(place, with)| Damage::Exchange { place, with }),
        1 => (place(), place()).prop_map(|(place, at)| Damage::Byte { place, at }),
    ]
}

/// The places of the entries of a kind.
fn of_kind(entries: &[Vec<u8>], kind: &str) -> Vec<usize> {
    let start = format!("{{\"v\":1,\"kind\":\"{kind}\"");
    (0..entries.len()).filter(|place| entries[*place].starts_with(start.as_bytes())).collect()
}

fn damaged(entries: &mut Vec<Vec<u8>>, damage: Damage) {
    let count = entries.len();
    match damage {
        Damage::Ballot { place, spoil } => {
            let of_ballots = of_kind(entries, "ballot");
            let parsed: Vec<Option<Entry>> = of_ballots.iter().map(|place| Entry::from_bytes(&entries[*place]).ok()).collect();
            let mut ballots: Vec<Vec<u8>> = parsed
                .iter()
                .map(|entry| match entry {
                    Some(Entry { body: Body::Ballot(ballot), .. }) => ballot.ballot.0.clone(),
                    _ => vec![0; 721],
                })
                .collect();
            apply(&mut ballots, place % of_ballots.len(), spoil);
            for ((place, entry), bytes) in of_ballots.iter().zip(parsed).zip(ballots) {
                if let Some(entry) = entry {
                    entries[*place] = Entry { body: Body::Ballot(BallotEntry { ballot: Blob(bytes) }), ..entry }.to_bytes().unwrap();
                }
            }
        }
        Damage::Possession { place } => {
            let of = of_kind(entries, "registration");
            let place = of[place % of.len()];
            if let Ok(Entry { at, body: Body::Registration(mut registration) }) = Entry::from_bytes(&entries[place]) {
                registration.possession.0[40] ^= 1;
                entries[place] = Entry { at, body: Body::Registration(registration) }.to_bytes().unwrap();
            }
        }
        Damage::Drop { place } => drop(entries.remove(place % count)),
        Damage::Twice { place } => entries.insert(place % count, entries[place % count].clone()),
        Damage::Exchange { place, with } => entries.swap(place % count, with % count),
        Damage::Byte { place, at } => {
            let entry = &mut entries[place % count];
            let at = at % (8 * entry.len());
            entry[at / 8] ^= 1 << (at % 8);
        }
    }
}

/// What the verifier says with so many workers.
fn said(folder: &std::path::Path, jobs: usize) -> String {
    match verify_record(folder, &Options { jobs: NonZeroUsize::new(jobs), extent: Extent::Partial, ..Options::default() }) {
        Ok(verified) => format!("{:?}", verified.verdict),
        Err(Failure::Refuted(Violation { rule, leaf, .. })) => format!("{rule} at {leaf:?}"),
        Err(failure) => format!("{failure}"),
    }
}

/// A board of more than three chunks of proofs: 800 registrations, then 800 ballots.
fn long() -> Play {
    let mut play = Play::with(113, (3, 2), vec![contest("c", 2, Choice::Exactly(1))], 2, 800, |_| {});
    play.ceremony();
    play.open();
    (0..800).map(Slot).for_each(|slot| {
        play.register(slot);
    });
    (0..800).map(Slot).for_each(|slot| {
        play.vote(slot);
    });
    play
}

#[test]
fn a_spoilt_record_has_one_verdict_with_one_worker_two_or_three() {
    let mut play = long();
    let honest = play.entries.clone();
    let folder = tempfile::tempdir().unwrap();
    play.write(folder.path());
    assert_eq!(said(folder.path(), 1), said(folder.path(), 3));
    assert!(said(folder.path(), 2).contains("counted: 800"));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(12) });
    let strategy = prop::collection::vec(damage(), 1..4);
    let play = std::cell::RefCell::new(&mut play);
    let outcome = runner.run(&strategy, |damages| {
        let mut play = play.borrow_mut();
        play.entries.clone_from(&honest);
        damages.into_iter().for_each(|damage| damaged(&mut play.entries, damage));
        let folder = tempfile::tempdir().unwrap();
        play.write(folder.path());
        let one = said(folder.path(), 1);
        prop_assert_eq!(&said(folder.path(), 2), &one);
        prop_assert_eq!(&said(folder.path(), 3), &one);
        Ok(())
    });
    outcome.unwrap();
}
