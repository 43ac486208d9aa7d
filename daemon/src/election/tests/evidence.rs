//! The evidence as it is handed out for the audit.

use std::sync::Arc;

use tachiai_crypto::election::roll::{Person, RollEntry, slot_commitment};
use tachiai_schemas::evidence::{Evidence, SealedEvidence, SlotOpening, parse_bundle};
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

    let bundle = live.sealed_registrations(&found).unwrap();
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
