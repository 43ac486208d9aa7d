//! What voters and their devices must not get through, each by name.

use rand_core::OsRng;
use tachiai_crypto::election::context::Counter;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::BoardKey;
use tachiai_crypto::signature::SecretKey;
use tachiai_schemas::receipt::Receipt;
use tachiai_schemas::staff::Act;
use tachiai_schemas::{Bytes, LeafIndex, Refusal};

use crate::election::testing::*;
use crate::http::Holder;
use crate::refused::Refused;

fn refusal<T>(result: Result<T, Refused>) -> Refusal {
    result.err().expect("it was not refused").refusal
}

/// The key of a registration by which it is spoiled.
async fn spoiled(city: &City, change: impl FnOnce(&mut Fields)) -> Refusal {
    let key = SecretKey::generate(&mut OsRng);
    let request = city.registration(&city.voters[0], &key, change);
    refusal(city.live().register(&city.voters[0].holder, request, Hash32::ZERO).await)
}

async fn cast(city: &City, ballot: Vec<u8>) -> Result<Receipt, Refused> {
    city.live().cast(ballot, Hash32::ZERO).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vote_before_the_opening_or_at_the_close_is_refused() {
    let mut city = City::open(2).await;
    city.register(0).await;
    let ballot = city.ballot(0, Some(0));
    city.clock.set(time(CLOSES));
    assert_eq!(refusal(cast(&city, ballot.clone()).await), Refusal::Late);
    city.clock.set(time("2027-01-30T10:59:59Z"));
    cast(&city, ballot).await.unwrap();

    let mut early = City::ceremony(2).await;
    early.make_key().await;
    early.perform(Act::Open).await.unwrap();
    assert_eq!(spoiled(&early, |_| {}).await, Refusal::NotOpenYet);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vote_after_the_early_close_of_a_mock_election_is_late() {
    let mut city = City::open(2).await;
    city.register(0).await;
    let ballot = city.ballot(0, Some(0));
    city.perform(Act::CloseOnline).await.unwrap();
    assert_eq!(refusal(cast(&city, ballot).await), Refusal::Late);
    assert_eq!(spoiled(&city, |_| {}).await, Refusal::Late);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_goes_back_does_not_open_the_vote_again() {
    let mut city = City::open(2).await;
    city.register(0).await;
    let ballot = city.ballot(0, Some(0));
    city.clock.set(time(CLOSES));
    city.perform(Act::CloseOnline).await.unwrap();
    city.clock.set(time(OPENS));
    assert_eq!(refusal(cast(&city, ballot).await), Refusal::Late);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_election_with_legal_effect_is_not_closed_early() {
    let mut city = City::draft_of("ordinance", 2).await;
    city.live().start_ceremony("official").await.unwrap();
    city.make_key().await;
    city.perform(Act::Open).await.unwrap();
    city.clock.set(time(OPENS));
    assert_eq!(refusal(city.perform(Act::CloseOnline).await), Refusal::TooEarly);
    city.clock.set(time(CLOSES));
    city.perform(Act::CloseOnline).await.unwrap();
    assert_eq!(refusal(city.perform(Act::ClosePoll).await), Refusal::TooEarly);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_for_another_server_election_or_slot_is_refused() {
    let city = City::open(3).await;
    assert_eq!(spoiled(&city, |fields| fields.origin = "evil.example/x".to_owned()).await, Refusal::WrongOrigin);
    assert_eq!(spoiled(&city, |fields| fields.election = "a".repeat(26)).await, Refusal::RegistrationMismatch);
    let other = city.slot(1);
    assert_eq!(spoiled(&city, |fields| fields.slot = other).await, Refusal::RegistrationMismatch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_on_a_fork_or_from_before_the_opening_is_refused() {
    let city = City::open(2).await;
    assert_eq!(spoiled(&city, |fields| fields.root = Hash32::sha256(b"fork")).await, Refusal::RegistrationMismatch);
    assert_eq!(spoiled(&city, |fields| fields.size += 1).await, Refusal::RegistrationMismatch);
    assert_eq!(spoiled(&city, |fields| fields.size = 1).await, Refusal::RegistrationMismatch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_or_skipping_registration_is_refused() {
    let mut city = City::open(2).await;
    assert_eq!(spoiled(&city, |fields| fields.seq = 1).await, Refusal::RegistrationSequence);
    let stale = {
        let key = SecretKey::generate(&mut OsRng);
        city.registration(&city.voters[0], &key, |_| {})
    };
    city.register(0).await;
    assert_eq!(refusal(city.live().register(&city.voters[0].holder, stale, Hash32::ZERO).await), Refusal::RegistrationSequence);
    assert_eq!(spoiled(&city, |fields| fields.previous = Some(Hash32::ZERO)).await, Refusal::RegistrationSequence);
    assert_eq!(spoiled(&city, |fields| fields.previous = None).await, Refusal::RegistrationSequence);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_is_good_for_one_registration() {
    let mut city = City::open(2).await;
    let nonce = crate::nonces::word(&city.nonces.issue(&mut OsRng, time(OPENS)));
    let key = SecretKey::generate(&mut OsRng);
    let first = city.registration(&city.voters[0], &key, |fields| fields.nonce = nonce.clone());
    city.live().register(&city.voters[0].holder, first, Hash32::ZERO).await.unwrap();
    assert_eq!(spoiled(&city, |fields| fields.nonce = nonce).await, Refusal::NonceSpent);
    city.clock.advance(400);
    city.register(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_voting_key_serves_one_slot_once() {
    let mut city = City::open(2).await;
    city.register(0).await;
    let key = city.voters[0].key.take().unwrap();
    let other = city.registration(&city.voters[1], &key, |_| {});
    assert_eq!(refusal(city.live().register(&city.voters[1].holder, other, Hash32::ZERO).await), Refusal::KeyReused);
    let again = city.registration(&city.voters[0], &key, |_| {});
    assert_eq!(refusal(city.live().register(&city.voters[0].holder, again, Hash32::ZERO).await), Refusal::KeyReused);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_without_possession_or_by_another_card_is_refused() {
    let city = City::open(2).await;
    let key = SecretKey::generate(&mut OsRng);
    let mut request = city.registration(&city.voters[0], &key, |_| {});
    request.possession = {
        let other = SecretKey::generate(&mut OsRng);
        city.registration(&city.voters[0], &other, |_| {}).possession
    };
    assert_eq!(refusal(city.live().register(&city.voters[0].holder, request, Hash32::ZERO).await), Refusal::Possession);

    let request = city.registration(&city.voters[0], &key, |_| {});
    let holder = Holder { card_key: Hash32::sha256(b"other card"), ..city.voters[0].holder };
    assert_eq!(refusal(city.live().register(&holder, request, Hash32::ZERO).await), Refusal::CardCertificate);

    let mut request = city.registration(&city.voters[0], &key, |_| {});
    request.card.signature.0[20] ^= 1;
    assert_eq!(refusal(city.live().register(&city.voters[0].holder, request, Hash32::ZERO).await), Refusal::CardSignature);
    assert!(!city.kinds().contains_key("registration"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_on_the_roll_means_no_slot() {
    let city = City::open(2).await;
    let stranger = Holder { person: Hash32::sha256(b"stranger"), ..city.voters[0].holder };
    assert_eq!(refusal(city.live().slot_of(&stranger)), Refusal::NotOnRoll);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ballot_of_another_election_is_refused() {
    let (mut here, mut there) = (City::open(2).await, City::open(2).await);
    here.register(0).await;
    there.register(0).await;
    // Slot, leaf and counter may be equal; key and context are not.
    let foreign = there.ballot(0, Some(0));
    assert_eq!(refusal(cast(&here, foreign.clone()).await), Refusal::KeyNotCurrent);
    let mut relabelled = foreign;
    let own = here.ballot(0, Some(0));
    relabelled[..49].copy_from_slice(&own[..49]);
    assert_eq!(refusal(cast(&here, relabelled).await), Refusal::BallotSignature);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ballot_copied_to_another_slot_is_refused() {
    let mut city = City::open(2).await;
    city.register(0).await;
    city.register(1).await;
    let first = city.ballot(0, Some(0));
    cast(&city, first.clone()).await.unwrap();
    let mut copy = city.ballot(1, Some(1));
    copy[49..].copy_from_slice(&first[49..]);
    // The signature binds the slot, so the copy fails before the repetition is even looked at.
    assert_eq!(refusal(cast(&city, copy).await), Refusal::BallotSignature);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_ciphertexts_under_a_new_counter_are_refused() {
    let mut city = City::open(2).await;
    city.register(0).await;
    let first = city.ballot(0, Some(0));
    cast(&city, first.clone()).await.unwrap();
    let mut again = first;
    again[13..17].copy_from_slice(&9u32.to_be_bytes());
    assert_eq!(refusal(cast(&city, again).await), Refusal::BallotSignature);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counter_that_goes_back_or_stands_still_is_refused() {
    let mut city = City::open(2).await;
    city.register(0).await;
    let (older, newer) = (city.ballot(0, Some(0)), city.ballot(0, Some(1)));
    city.voters[0].counter = 1;
    let equal = city.ballot(0, Some(0));
    cast(&city, newer).await.unwrap();
    assert_eq!(refusal(cast(&city, older).await), Refusal::CounterTooLow);
    assert_eq!(refusal(cast(&city, equal).await), Refusal::CounterTooLow);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ballot_under_a_replaced_key_is_refused_and_the_counted_one_stays() {
    let mut city = City::open(2).await;
    city.register(0).await;
    let recorded = city.vote(0, Some(0)).await;
    let old = city.ballot(0, Some(1));
    city.register(0).await;
    assert_eq!(refusal(cast(&city, old).await), Refusal::KeyNotCurrent);
    assert!(matches!(city.live().ballot_status(recorded.ballot.unwrap().hash()), Ok(tachiai_schemas::receipt::BallotStatus::Counted { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ballot_of_a_slot_without_registration_is_refused() {
    let mut city = City::open(2).await;
    city.register(0).await;
    let mut ballot = city.ballot(0, Some(0));
    ballot[1..5].copy_from_slice(&city.slot(1).0.to_be_bytes());
    assert_eq!(refusal(cast(&city, ballot.clone()).await), Refusal::KeyNotCurrent);
    ballot[1..5].copy_from_slice(&u32::MAX.to_be_bytes());
    assert_eq!(refusal(cast(&city, ballot).await), Refusal::KeyNotCurrent);
}

#[tokio::test(flavor = "multi_thread")]
async fn ballots_with_a_flipped_bit_are_refused_one_and_all_and_good_ones_beside_them_are_not() {
    let mut city = City::open(3).await;
    for voter in 0..2 {
        city.register(voter).await;
    }
    let (good, spoilt) = (city.ballot(1, Some(0)), city.ballot(0, Some(0)));
    let live = city.live();
    let mut casts = Vec::new();
    for at in (49..spoilt.len()).step_by(31) {
        let (live, mut ballot) = (std::sync::Arc::clone(&live), spoilt.clone());
        ballot[at] ^= 4;
        casts.push(tokio::spawn(async move { live.cast(ballot, Hash32::ZERO).await }));
    }
    cast(&city, good).await.unwrap();
    for cast in casts {
        let refused = refusal(cast.await.unwrap());
        assert!(matches!(refused, Refusal::BallotMalformed | Refusal::BallotProof | Refusal::BallotSignature), "{refused:?}");
    }
    assert_eq!(city.kinds()["ballot"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_ballot_are_refused() {
    let mut city = City::open(2).await;
    city.register(0).await;
    let ballot = city.ballot(0, Some(0));
    let with = |change: fn(&mut Vec<u8>)| {
        let mut ballot = ballot.clone();
        change(&mut ballot);
        ballot
    };
    for hostile in [Vec::new(), vec![1; 49], with(|b| b.push(0)), with(|b| b.truncate(b.len() - 1)), with(|b| b[0] = 2), vec![0; 60_000]] {
        let refused = refusal(cast(&city, hostile).await);
        assert!(matches!(refused, Refusal::BallotMalformed | Refusal::KeyNotCurrent), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_of_anything_but_the_own_current_ballot_is_refused() {
    let mut city = City::open(3).await;
    city.register(0).await;
    city.register(1).await;
    let (first, second) = (city.vote(0, Some(0)).await, city.vote(0, Some(1)).await);
    let other = city.vote(1, Some(0)).await;
    assert_eq!(refusal(city.live().challenge(city.challenge(0, &first), Hash32::ZERO).await), Refusal::NotCurrentBallot);
    assert_eq!(refusal(city.live().challenge(city.challenge(0, &other), Hash32::ZERO).await), Refusal::NotCurrentBallot);
    let mut stolen = city.challenge(0, &other);
    stolen.slot = city.slot(1);
    assert_eq!(refusal(city.live().challenge(stolen, Hash32::ZERO).await), Refusal::NotCurrentBallot);
    let mut elsewhere = city.challenge(0, &second);
    elsewhere.leaf = LeafIndex(elsewhere.leaf.0 + 1);
    assert_eq!(refusal(city.live().challenge(elsewhere, Hash32::ZERO).await), Refusal::NotCurrentBallot);
    let mut unknown = city.challenge(0, &second);
    unknown.ballot = Bytes([9; 32]);
    assert_eq!(refusal(city.live().challenge(unknown, Hash32::ZERO).await), Refusal::NotCurrentBallot);
    city.live().challenge(city.challenge(0, &second), Hash32::ZERO).await.unwrap();
    // It does not come back: neither by its own bytes nor by the ballot before it.
    city.voters[0].counter = 0;
    let revived = city.ballot(0, Some(0));
    assert_eq!(refusal(cast(&city, revived).await), Refusal::CounterTooLow);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_to_a_voter_is_signed_by_the_board_over_the_request() {
    let city = City::open(2).await;
    let request = Hash32::sha256(b"request");
    let refused = city.live().cast(vec![9; 100], request).await.unwrap_err();
    let signed = refused.signed.unwrap();
    assert_eq!((signed.election, signed.request.hash(), signed.code.as_str()), (city.id, request, refused.refusal.code()));
    let key = city.live().board().state.board.manifest().unwrap().board_key;
    BoardKey::from_bytes(&key.0).unwrap().verify_hash(&signed.hash(), &signed.signature.0).unwrap();
    let mut other = *signed;
    other.code = "late".to_owned();
    assert!(BoardKey::from_bytes(&key.0).unwrap().verify_hash(&other.hash(), &other.signature.0).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_ballots_with_one_counter_at_the_same_moment_leave_one() {
    let mut city = City::open(2).await;
    city.register(0).await;
    let mut casts = Vec::new();
    for option in [0, 1, 0, 1] {
        city.voters[0].counter = 0;
        let (live, ballot) = (city.live(), city.ballot(0, Some(option)));
        assert_eq!(tachiai_crypto::election::ballot::BallotHeader::peek(&ballot).unwrap().counter, Counter(1));
        casts.push(tokio::spawn(async move { live.cast(ballot, Hash32::ZERO).await }));
    }
    let mut recorded = 0;
    for cast in casts {
        match cast.await.unwrap() {
            Ok(_) => recorded += 1,
            Err(refused) => assert_eq!(refused.refusal, Refusal::CounterTooLow),
        }
    }
    assert_eq!((recorded, city.kinds()["ballot"]), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_casts_without_end_is_slowed_down_and_a_stranger_cannot_use_up_its_allowance() {
    let mut city = City::open(2).await;
    city.register(0).await;
    let most = crate::election::live::CASTS.get();
    for _ in 0..2 * most {
        let mut forged = city.ballot(0, Some(0));
        let last = forged.len() - 1;
        forged[last - 32] ^= 1;
        assert!(cast(&city, forged).await.is_err());
    }
    for _ in 0..most {
        city.vote(0, Some(0)).await;
    }
    let ballot = city.ballot(0, Some(1));
    assert_eq!(refusal(cast(&city, ballot).await), Refusal::RateLimited);
    // What was refused now may be sent again later, and others are not concerned.
    city.register(1).await;
    city.vote(1, Some(0)).await;
}
