//! Events of the shelters: two officials of the headquarters, and a folder that is checked and rebuilt.

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use tachiai_schemas::election::Text;
use tachiai_schemas::roster::person::{Birth, Identified};
use tachiai_schemas::roster::shelter::Pets;
use tachiai_schemas::roster::{Act, CardRule, EventId, EventKind, LinkVerdict, OpenState, Person, ShelterState, Stay};
use tachiai_schemas::shelter::case::CaseOf;
use tachiai_schemas::shelter::{EventAsked, EventMade, EventSpec, EventSummary, EventView, LinkRequest, PersonAct, PersonDone};
use tachiai_schemas::staff::{Approval, Pending, Role, Settled, Shown};
use tachiai_schemas::{Blob, InPlaceOf};
use tachiaid::app::audit;
use tachiaid::clock::Clock;

use crate::appliance::{Appliance, Client, Credentials, config};

/// An official at a terminal.
struct Clerk {
    client: Client,
    key: EcdsaKeyPair,
}

impl Clerk {
    async fn new(appliance: &Appliance, credentials: &Credentials) -> Self {
        let key = PrivatePkcs8KeyDer::from_pem_slice(&credentials.key).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key.secret_pkcs8_der(), &SystemRandom::new()).unwrap();
        Self { client: appliance.staff_client(credentials).await.unwrap(), key }
    }

    async fn hired(appliance: &Appliance, name: &str, role: Role) -> Self {
        Self::new(appliance, &appliance.hire(name, role).await).await
    }

    async fn shown(&mut self) -> Vec<Shown> {
        self.client.get("/api/v1/approvals").await.json()
    }

    async fn approve(&mut self, pending: &Pending) -> Result<Settled, String> {
        let message = pending.message_hash().into();
        let signature = Blob(self.key.sign(&SystemRandom::new(), &pending.message_hash().to_bytes()).unwrap().as_ref().to_vec());
        let answered = self.client.post(&format!("/api/v1/approvals/{}", pending.id), &Approval { message, signature }).await;
        if answered.status == 200 { Ok(answered.json()) } else { Err(answered.problem()) }
    }

    async fn arrive(&mut self, event: EventId, name: &str) -> PersonDone {
        let person = Person { name: name.to_owned(), birth: Birth::Years(70), ..Person::unknown(Identified::Typed, Stay::Shelter) };
        let act = PersonAct { chain: None, after: vec![], shelter: "gym".parse().unwrap(), act: Act::In, time: None, person };
        self.client.post(&format!("/api/v1/shelter/events/{event}/people"), &act).await.json()
    }
}

fn disaster(appliance: &Appliance) -> EventSpec {
    EventSpec {
        kind: EventKind::Disaster,
        title: Text { ja: "大雨".to_owned(), en: "Heavy rain".to_owned() },
        municipality: "282227".to_owned(),
        began: appliance.clock.now(),
        card: CardRule::WithoutPin,
        min_group: 10,
    }
}

async fn declared(appliance: &Appliance, first: &mut Clerk, second: &mut Clerk) -> EventId {
    let answered = first.client.post("/api/v1/shelter/events", &disaster(appliance)).await;
    assert_eq!(answered.status, 202);
    let EventAsked::Waiting { pending } = answered.json() else { panic!("nobody is asked") };
    assert!(first.client.get("/api/v1/shelter/events").await.json::<Vec<EventSummary>>().is_empty());
    assert_eq!(first.approve(&pending).await.unwrap_err(), "same-official");
    match second.approve(&pending).await.unwrap() {
        Settled::DeclareEvent(EventMade { event }) => event,
        other => panic!("{other:?}"),
    }
}

async fn open_gym(clerk: &mut Clerk, event: EventId) {
    let gym = ShelterState {
        shelter: "gym".parse().unwrap(),
        name: Text { ja: "体育館".to_owned(), en: "Gymnasium".to_owned() },
        address: "養父市".to_owned(),
        district: String::new(),
        position: None,
        capacity: Some(100),
        rooms: vec![],
        features: vec![],
        pets: Pets::Inside,
        state: OpenState::Open,
    };
    assert_eq!(clerk.client.post(&format!("/api/v1/shelter/events/{event}/shelters"), &InPlaceOf::nothing(gym)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_officials_declare_a_disaster_link_two_records_and_close_it() {
    let appliance = Appliance::start().await;
    let (mut first, mut second) = (Clerk::hired(&appliance, "西村", Role::Headquarters).await, Clerk::hired(&appliance, "田中", Role::Headquarters).await);
    let mut commission = Clerk::hired(&appliance, "選管", Role::Commission).await;
    let event = declared(&appliance, &mut first, &mut second).await;
    assert_eq!(first.client.post("/api/v1/shelter/events", &disaster(&appliance)).await.problem(), "event-declared");
    open_gym(&mut first, event).await;
    let (one, other) = (first.arrive(event, "西村　花子").await, second.arrive(event, "西村　華子").await);

    let request = LinkRequest { chain: one.chain, other: other.chain, verdict: LinkVerdict::Same, evidence: "同じ保険証".to_owned() };
    let pending: Pending = first.client.post(&format!("/api/v1/shelter/events/{event}/links"), &request).await.json();
    let seen = second.shown().await.remove(0).link.unwrap();
    assert_eq!((seen.case.request.evidence.as_str(), seen.people.len()), ("同じ保険証", 2));
    // The commission sees that something waits, not whom it is about, and does not decide it.
    assert!(commission.shown().await.iter().all(|shown| shown.link.is_none()));
    assert_eq!(commission.approve(&pending).await.unwrap_err(), "forbidden");
    assert!(matches!(second.approve(&pending).await.unwrap(), Settled::LinkPeople(_)));
    let view: EventView = first.client.get(&format!("/api/v1/shelter/events/{event}")).await.json();
    assert_eq!(view.summary.present, 1);

    // The two linked records contradict each other: that is named, and closing needs a reason that the second official is shown.
    let close = format!("/api/v1/shelter/events/{event}/close");
    assert_eq!(first.client.post(&close, &serde_json::json!({})).await.problem(), "event-outstanding");
    let pending: Pending = first.client.post(&close, &serde_json::json!({ "anyway": "記録は紙で保管" })).await.json();
    let seen = second.shown().await.remove(0).case.unwrap();
    assert!(matches!(&seen.case.of, CaseOf::Close { reason, outstanding } if reason == "記録は紙で保管" && outstanding.conflicts == 1));
    assert!(matches!(second.approve(&pending).await.unwrap(), Settled::CloseEvent(_)));
    assert_eq!(first.client.post(&format!("/api/v1/shelter/events/{event}/close"), &serde_json::json!({})).await.problem(), "event-closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_with_an_event_is_checked_rebuilt_and_served_as_before() {
    let appliance = Appliance::start().await;
    let first = appliance.hire("西村", Role::Headquarters).await;
    let mut second = Clerk::hired(&appliance, "田中", Role::Headquarters).await;
    let mut clerk = Clerk::new(&appliance, &first).await;
    let event = declared(&appliance, &mut clerk, &mut second).await;
    open_gym(&mut clerk, event).await;
    clerk.arrive(event, "西村　花子").await;
    let path = format!("/api/v1/shelter/events/{event}");
    let before: EventView = clerk.client.get(&path).await.json();
    drop((clerk, second));
    let (folder, cards, clock) = appliance.stop().await;

    let report = audit::check(config(folder.path()), clock.clone()).await.unwrap();
    assert!(report.is_good(), "{report:?}");
    let entries = |name: &str| report.journals.iter().find(|journal| journal.id == name).map(|journal| journal.entries);
    assert_eq!(entries(&format!("roster-{event}")), Some(3));
    audit::rebuild(config(folder.path()), clock.clone()).await.unwrap();
    let appliance = Appliance::serve(folder, cards, clock, |_| ()).await;
    let mut clerk = Clerk::new(&appliance, &first).await;
    assert_eq!(clerk.client.get(&path).await.json::<EventView>(), before);
}
