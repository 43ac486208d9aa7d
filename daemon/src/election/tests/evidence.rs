//! The evidence as it is handed out for the audit.

use std::sync::Arc;

use rand_core::OsRng;
use tachiai_crypto::election::roll::{Person, RollEntry, slot_commitment};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::signature::SecretKey;
use tachiai_jpki::Purpose;
use tachiai_jpki::testing::{Holder, Municipality, RevocationList, TestCa};
use tachiai_schemas::election::CrlRequirement;
use tachiai_schemas::evidence::{Evidence, SealedEvidence, SlotOpening, parse_bundle};
use tachiai_schemas::staff::Act;
use tachiai_schemas::{LeafIndex, Refusal, Slot, canonical};

use super::super::testing::*;
use crate::store::MemoryStore;

#[tokio::test(flavor = "multi_thread")]
async fn the_evidence_that_is_handed_out_is_in_the_order_of_the_board_and_opens_for_the_authority() {
    let mut city = City::open(3).await;
    assert_eq!(city.live().evidence(), []);
    // One of them twice, one not at all; and a restart forgets nothing.
    let mut leaves: Vec<LeafIndex> = Vec::new();
    for voter in [2, 0] {
        leaves.push(city.register(voter).await.leaf);
        city.vote(voter, None).await;
    }
    city.restart(Arc::new(MemoryStore::new())).await;
    leaves.push(city.register(2).await.leaf);
    let live = city.live();
    let found = live.evidence();
    assert_eq!(found.iter().map(|(leaf, _)| *leaf).collect::<Vec<_>>(), leaves);

    let bundle = live.sealed_bundle(&found).unwrap();
    let items = parse_bundle(&bundle).unwrap();
    assert_eq!(items.iter().map(|(leaf, _)| *leaf).collect::<Vec<_>>(), leaves);
    for ((_, sealed), voter) in items.iter().zip([2, 0, 2]) {
        let SealedEvidence { salt: _, evidence } = canonical::from_bytes(&decrypt(sealed, &city.authority)).unwrap();
        let evidence: Evidence = canonical::from_bytes(&evidence.0).unwrap();
        assert_eq!(evidence.elector.name, city.view(voter).name);
    }

    // Every slot opens, also that of who did not register.
    let opened = decrypt(&live.sealed_slots(0).unwrap(), &city.authority);
    let lines: Vec<SlotOpening> =
        opened.split_inclusive(|byte| *byte == b'\n').map(|line| canonical::from_bytes(line.strip_suffix(b"\n").unwrap()).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    for (number, SlotOpening { slot, elector }) in (0..).zip(&lines) {
        assert_eq!(*slot, Slot(number));
        let person =
            Person { name: elector.name.clone(), birth: elector.birth.parse().unwrap(), sex: elector.sex.parse().unwrap(), address: elector.address.clone() };
        let commitment = slot_commitment(&city.id, *slot, &elector.salt.0, &RollEntry { person, district: elector.district.clone() });
        assert_eq!(live.slots().unwrap().public(*slot).unwrap().commitment, commitment);
    }
    assert_eq!(live.sealed_slots(1).unwrap_err().refusal, Refusal::NotFound);
    assert_eq!(live.sealed_slots(u32::MAX).unwrap_err().refusal, Refusal::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_opening_there_is_nothing_to_hand_out() {
    let city = City::ceremony(2).await;
    assert_eq!(city.live().sealed_slots(0).unwrap_err().refusal, Refusal::NotOpenYet);
    assert_eq!(city.live().evidence(), []);
}

/// What a registration with the first voter's card gives.
async fn registered(city: &City) -> Result<(), Refusal> {
    let request = city.registration(&city.voters[0], &SecretKey::generate(&mut OsRng), |_| {});
    city.live().register(&city.voters[0].holder, request, Hash32::ZERO).await.map(drop).map_err(|refused| refused.refusal)
}

fn certified(city: &City) -> Holder {
    Holder { spki_der: city.voters[0].card.spki_der(), serial: 7, validity: validity(), municipality: Municipality::yabu() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_a_certificate_of_an_authority_outside_the_manifest_bound_registers_nothing_until_it_is_bound_again() {
    let mut city = City::open(2).await;
    // The authority's next generation is trusted after the manifest was fixed, and issued the signing certificate anew.
    let next = TestCa::new(p384(), p384(), validity()).unwrap();
    trust(city.dir.path(), "next", &next);
    city.restart(Arc::new(MemoryStore::new())).await;
    let (card_key, holder) = (city.voters[0].holder.card_key, certified(&city));
    let authentication = city.voters[0].certificate.clone();
    city.bind(&card_key, next.signing_certificate(&holder, &attributes(0)).unwrap(), authentication.clone());
    assert_eq!(registered(&city).await, Err(Refusal::NotEnrolled));
    city.bind(&card_key, city.ca.signing_certificate(&holder, &attributes(0)).unwrap(), next.authentication_certificate(&holder).unwrap());
    assert_eq!(registered(&city).await, Err(Refusal::NotEnrolled));
    assert_eq!(city.live().evidence(), []);
    city.bind(&card_key, city.ca.signing_certificate(&holder, &attributes(0)).unwrap(), authentication);
    assert_eq!(registered(&city).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_of_an_authority_outside_the_manifest_registers_nothing() {
    let mut city = City::open(2).await;
    let next = TestCa::new(p384(), p384(), validity()).unwrap();
    trust(city.dir.path(), "next", &next);
    city.restart(Arc::new(MemoryStore::new())).await;
    city.voters[0].certificate = next.authentication_certificate(&certified(&city)).unwrap();
    assert_eq!(registered(&city).await, Err(Refusal::CardCertificate));
}

/// An open election whose manifest requires revocation lists.
async fn with_lists() -> City {
    let mut city = City::draft_under(CrlRequirement::Required, "mock", 2, |spec| spec.crl = CrlRequirement::Required).await;
    city.live().start_ceremony("official").await.unwrap();
    city.make_key().await;
    city.perform(Act::Open).await.unwrap();
    city.clock.set(time(OPENS));
    city.bound_with_lists(true);
    city
}

fn publish_lists(city: &City) {
    for purpose in [Purpose::UserAuthentication, Purpose::DigitalSignature] {
        let list = RevocationList { validity: validity(), municipality: None, revoked: Vec::new() };
        std::fs::write(city.dir.path().join(format!("crls/{purpose:?}")), city.ca.authority(purpose).revocation_list(&list).unwrap()).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_that_requires_revocation_lists_is_held_to_though_the_configuration_no_longer_does() {
    let mut city = with_lists().await;
    city.crl = CrlRequirement::NotRequired;
    city.restart(Arc::new(MemoryStore::new())).await;
    assert_eq!(registered(&city).await, Err(Refusal::CrlStale));
    publish_lists(&city);
    city.restart(Arc::new(MemoryStore::new())).await;
    assert_eq!(registered(&city).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_was_bound_without_revocation_lists_registers_nothing_where_the_manifest_requires_them() {
    let mut city = with_lists().await;
    publish_lists(&city);
    city.restart(Arc::new(MemoryStore::new())).await;
    city.bound_with_lists(false);
    assert_eq!(registered(&city).await, Err(Refusal::NotEnrolled));
    city.bound_with_lists(true);
    assert_eq!(registered(&city).await, Ok(()));
}
