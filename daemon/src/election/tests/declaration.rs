//! Declarations for early voting, in an appliance without a network.

use tachiai_crypto::journal::BoardSecretKey;
use tachiai_schemas::declaration::{DeclarationRequest, DeclarationState, EarlyReason, oath};
use tachiai_schemas::election::Text;
use tachiai_schemas::paper::{LinkPolicy, Officer, OfficerRole, Place, PlaceKind, Session};
use tachiai_schemas::{Lang, LeafIndex, Slot};

use super::*;
use crate::http::Holder;
use crate::refused::Refused;

/// The last moment of the early polling place.
const EARLY_CLOSES: &str = "2027-01-30T11:00:00Z";

fn places(spec: &mut tachiai_schemas::spec::ElectionSpec) {
    let mut seed = 40;
    let mut key = || {
        seed += 1;
        Bytes(BoardSecretKey::from_seed(&[seed; 32]).public().to_bytes())
    };
    let mut officers = || -> Vec<Officer> {
        let roles = [("管理者", OfficerRole::Manager), ("立会人一", OfficerRole::Witness), ("立会人二", OfficerRole::Witness)];
        roles.map(|(name, role)| Officer { name: name.to_owned(), role, key: key() }).into()
    };
    let (of_place, of_count) = (officers(), officers());
    spec.places = vec![Place {
        id: "city-hall".to_owned(),
        name: Text { ja: "市役所".to_owned(), en: "City hall".to_owned() },
        kind: PlaceKind::Early,
        key: key(),
        officers: of_place,
        sessions: vec![Session { opens: time(OPENS), closes: time(EARLY_CLOSES) }],
        offline: LinkPolicy::Stop,
    }];
    spec.count_officers = of_count;
}

async fn city() -> City {
    let mut city = City::draft_with("mock", 3, places).await;
    city.live().start_ceremony("official").await.unwrap();
    city.make_key().await;
    city.perform(Act::Open).await.unwrap();
    city.clock.set(time(OPENS));
    city
}

/// What the elector with this number sends: of the first, the birth date is the 1st of April 1980.
fn request(reason: u8) -> DeclarationRequest {
    DeclarationRequest { reason, birth: "1980-04-01".to_owned(), oath: oath(Lang::Ja).to_owned() }
}

fn slot(city: &City) -> Slot {
    city.live().slots().unwrap().find(&city.voters[0].holder.person).unwrap()
}

fn refusal<T>(result: Result<T, Refused>) -> Refusal {
    result.map(drop).unwrap_err().refusal
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declaration_is_replaced_and_withdrawn_until_a_paper_is_handed_out_on_it() {
    let mut city = city().await;
    let (holder, slot) = (city.voters[0].holder, slot(&city));
    let live = city.live();
    assert_eq!(refusal(live.own_declaration(&holder)), Refusal::NotFound);
    assert_eq!(live.declaration_of(slot).unwrap(), None);
    live.declaration_used(slot, LeafIndex(9)).await.unwrap();
    assert_eq!(live.declaration_of(slot).unwrap(), None);

    let filed = live.file_declaration(&holder, &request(1)).await.unwrap();
    assert_eq!((filed.reason, filed.polling.as_str(), filed.state), (EarlyReason::Duty, "2027-01-31", DeclarationState::Filed));
    let entries = live.private_reader.iter_from(0).count();
    assert_eq!(live.file_declaration(&holder, &request(1)).await.unwrap(), filed);
    assert_eq!(live.private_reader.iter_from(0).count(), entries, "the same was recorded twice");
    assert_eq!(live.file_declaration(&holder, &request(6)).await.unwrap().reason, EarlyReason::Weather);
    let shown = live.declaration_of(slot).unwrap().unwrap().declaration;
    assert_eq!((shown.name.as_str(), shown.address.as_str(), shown.reason), ("氏名　0", "養父市0番地", EarlyReason::Weather));

    assert_eq!(live.withdraw_declaration(&holder).await.unwrap().state, DeclarationState::Withdrawn);
    assert_eq!(live.withdraw_declaration(&holder).await.unwrap().state, DeclarationState::Withdrawn);
    assert_eq!(live.declaration_of(slot).unwrap(), None);
    live.file_declaration(&holder, &request(2)).await.unwrap();
    live.declaration_used(slot, LeafIndex(9)).await.unwrap();
    live.declaration_used(slot, LeafIndex(9)).await.unwrap();
    assert_eq!(refusal(live.file_declaration(&holder, &request(3)).await), Refusal::DeclarationUsed);
    assert_eq!(refusal(live.withdraw_declaration(&holder).await), Refusal::DeclarationUsed);

    city.restart(Arc::new(MemoryStore::new())).await;
    let live = city.live();
    let state = DeclarationState::Used { handout: LeafIndex(9) };
    assert_eq!(live.declaration_of(slot).unwrap().map(|declared| (declared.declaration.reason, declared.state)), Some((EarlyReason::Away, state)));
    assert_eq!(live.own_declaration(&holder).unwrap().state, state);
    let all: Vec<u8> = live.private_reader.iter_from(0).flat_map(|bytes| bytes.unwrap()).collect();
    assert!(!String::from_utf8_lossy(&all).contains("養父市0番地"), "an address stands in clear");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_declaration_is_refused_by_name_and_none_is_kept() {
    let city = city().await;
    let (live, holder) = (city.live(), city.voters[0].holder);
    for reason in [0, 7, 255] {
        assert_eq!(refusal(live.file_declaration(&holder, &request(reason)).await), Refusal::DeclarationReason);
    }
    for oath in ["", "はい", &oath(Lang::En).to_lowercase()] {
        assert_eq!(refusal(live.file_declaration(&holder, &DeclarationRequest { oath: oath.to_owned(), ..request(1) }).await), Refusal::OathMissing);
    }
    for birth in ["", "1980-04-02", "1980/4/1"] {
        let wrong = DeclarationRequest { birth: birth.to_owned(), ..request(1) };
        assert_eq!(refusal(live.file_declaration(&holder, &wrong).await), Refusal::DeclarationDiffers);
    }
    let stranger = Holder { person: Hash32::from_bytes([7; 32]), ..holder };
    assert_eq!(refusal(live.file_declaration(&stranger, &request(1)).await), Refusal::NotOnRoll);
    assert_eq!(refusal(live.own_declaration(&stranger)), Refusal::NotOnRoll);
    assert_eq!(refusal(live.withdraw_declaration(&holder).await), Refusal::NotFound);
    city.clock.set(time(EARLY_CLOSES));
    live.file_declaration(&holder, &request(1)).await.unwrap();
    city.clock.set(time(EARLY_CLOSES).plus(1));
    assert_eq!(refusal(live.file_declaration(&holder, &request(2)).await), Refusal::DeclarationLate);
    assert_eq!(live.own_declaration(&holder).unwrap().reason, EarlyReason::Duty);
    // What was filed in time may be taken back late.
    live.withdraw_declaration(&holder).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_early_polling_place_or_before_the_opening_nothing_is_filed() {
    let open = City::open(2).await;
    assert_eq!(refusal(open.live().file_declaration(&open.voters[0].holder, &request(1)).await), Refusal::DeclarationLate);
    let draft = City::ceremony(2).await;
    assert_eq!(refusal(draft.live().file_declaration(&draft.voters[0].holder, &request(1)).await), Refusal::NotOpenYet);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_cannot_fill_the_disk_with_declarations() {
    let city = city().await;
    let (live, holder) = (city.live(), city.voters[0].holder);
    for filing in 0..50 {
        live.file_declaration(&holder, &request(1 + filing % 2)).await.unwrap();
    }
    assert_eq!(refusal(live.file_declaration(&holder, &request(3)).await), Refusal::RateLimited);
}
