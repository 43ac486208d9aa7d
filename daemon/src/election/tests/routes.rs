//! The routes as a client sees them, with all layers but TLS.

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use rand_core::OsRng;
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::receipt::{CastRequest, Consistency, ElectionSummary, Entries, ProvenEntry, Receipt, SlotView};
use tachiai_schemas::record::RecordIndex;
use tachiai_schemas::refusal::Problem;
use tachiai_schemas::staff::{ElectionStatus, Matter, Pending, Role, RollReport};
use tachiai_schemas::trustee::TrusteeFile;
use tachiai_schemas::{Blob, Refusal};
use tower::ServiceExt;

use crate::acts::{Requests, Waiting};
use crate::election::routes::{routes_public, routes_staff};
use crate::election::testing::*;
use crate::http::limits::{Rate, Rates};
use crate::http::official::PeerKey;
use crate::http::router::{Ports, Routes, Surroundings, assemble};
use crate::http::{Official, Officials, Sessions};
use crate::refused::Answering;

mod lots;

struct Staff;

impl Officials for Staff {
    /// The first byte of a key says the role, the second one which of its officials.
    fn official(&self, key: &Hash32) -> Option<Official> {
        let [place, which, ..] = *key.as_bytes();
        let (role, name) = Role::ALL.get(usize::from(place))?;
        Some(Official { name: format!("{name}-{which}"), role: *role, key: *key })
    }
}

/// There is no second official to be asked.
struct Nobody;

impl Requests for Nobody {
    fn ask(&self, _by: String, _matter: Matter) -> Answering<'_, Pending> {
        Box::pin(async { Err(Refusal::NotFound.into()) })
    }

    fn waiting(&self) -> Answering<'_, Waiting> {
        Box::pin(async { Ok(Waiting::default()) })
    }
}

pub(super) struct Site {
    ports: Ports,
    sessions: Arc<Sessions>,
}

pub(super) fn site(city: &City) -> Site {
    let many = NonZeroU32::new(1_000_000).unwrap();
    let rate = Rate { per_second: many, burst: many };
    let sessions = Arc::new(Sessions::new(city.clock.clone(), 100));
    let around = Surroundings {
        sessions: Arc::clone(&sessions),
        officials: Arc::new(Staff),
        rates: Arc::new(Rates::new(rate, rate, rate)),
        health: Arc::clone(&city.elections) as Arc<dyn crate::http::router::Health>,
    };
    let (public, staff) = (routes_public(Arc::clone(&city.elections)), routes_staff(Arc::clone(&city.elections)));
    let staff = staff.merge(crate::election::roll::routes::routes_staff(Arc::clone(&city.elections), Arc::new(Nobody)));
    Site { ports: assemble(Routes { public, staff, ..Routes::default() }, &around), sessions }
}

fn key(role: Role, which: u8) -> PeerKey {
    let place = Role::ALL.iter().position(|(known, _)| *known == role).unwrap();
    let mut bytes = [0; 32];
    bytes[..2].copy_from_slice(&[u8::try_from(place).unwrap(), which]);
    PeerKey(Hash32::from_bytes(bytes))
}

impl Site {
    async fn ask(&self, mut request: Request<Body>) -> (StatusCode, Vec<u8>) {
        request.headers_mut().insert("content-type", axum::http::HeaderValue::from_static("application/json"));
        let router = if request.extensions().get::<PeerKey>().is_some() { &self.ports.staff } else { &self.ports.public };
        let response = router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        (status, response.into_body().collect().await.unwrap().to_bytes().to_vec())
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, path: &str) -> T {
        let (status, body) = self.ask(Request::get(format!("/api/v1{path}")).body(Body::empty()).unwrap()).await;
        assert_eq!(status, StatusCode::OK, "{path}: {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap()
    }

    async fn as_staff(&self, role: Role, method: &str, path: &str, body: Vec<u8>) -> (StatusCode, Vec<u8>) {
        self.as_one(role, 0, method, path, body).await
    }

    /// The same as one of several officials of a role.
    pub(super) async fn as_one(&self, role: Role, which: u8, method: &str, path: &str, body: Vec<u8>) -> (StatusCode, Vec<u8>) {
        let request = Request::builder().method(method).uri(format!("/api/v1{path}")).extension(key(role, which)).body(Body::from(body)).unwrap();
        self.ask(request).await
    }
}

fn code(body: &[u8]) -> String {
    serde_json::from_slice::<Problem>(body).unwrap().code
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voter_casts_and_everybody_reads_over_the_public_port() {
    let mut city = City::open(3).await;
    city.register(0).await;
    let ballot = city.ballot(0, Some(1));
    let site = site(&city);
    let base = format!("/elections/{}", city.id);

    let body = serde_json::to_vec(&CastRequest { ballot: Blob(ballot) }).unwrap();
    let (status, body) = site.ask(Request::post(format!("/api/v1{base}/ballots")).body(Body::from(body)).unwrap()).await;
    assert_eq!(status, StatusCode::OK);
    let receipt: Receipt = serde_json::from_slice(&body).unwrap();

    let list: Vec<ElectionSummary> = site.get("/elections").await;
    assert_eq!((list.len(), list[0].election), (1, city.id));
    let proven: Vec<ProvenEntry> = site.get(&format!("{base}/proofs?leaves=0,{}", receipt.leaf)).await;
    assert_eq!(tachiai_crypto::journal::leaf_hash(&proven[1].entry.0), receipt.leaf_hash.hash());
    assert_eq!(proven[0].checkpoint, proven[1].checkpoint);
    let entries: Entries = site.get(&format!("{base}/entries?from=2&count=256")).await;
    assert_eq!(entries.entries.len() as u64, list[0].size - 2);
    let consistency: Consistency = site.get(&format!("{base}/consistency?from=3")).await;
    assert!(!consistency.hashes.is_empty());
    let _: tachiai_schemas::receipt::BallotStatus = site.get(&format!("{base}/ballots/{}", receipt.ballot.unwrap())).await;
    let record: RecordIndex = site.get(&format!("{base}/record")).await;
    for file in &record.files {
        let path = format!("/api/v1{base}/record/{}?size={}", file.path, record.size);
        let (status, bytes) = site.ask(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!((status, Hash32::sha256(&bytes)), (StatusCode::OK, file.sha256.hash()), "{}", file.path);
    }
    let (status, note) = site.ask(Request::get(format!("/api/v1{base}/checkpoint")).body(Body::empty()).unwrap()).await;
    assert!(status == StatusCode::OK && String::from_utf8(note).unwrap().starts_with(&format!("{HOST}/{}\n", city.id)));
    let (status, _) = site.ask(Request::get(format!("/api/v1{base}/tile/entries/000.p/4")).body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_is_shown_in_the_session_of_its_elector_only() {
    let city = City::open(3).await;
    let site = site(&city);
    let path = format!("/api/v1/elections/{}/slot", city.id);
    let (status, body) = site.ask(Request::get(&path).body(Body::empty()).unwrap()).await;
    assert_eq!((status, code(&body).as_str()), (StatusCode::UNAUTHORIZED, Refusal::LoginRequired.code()));
    let session = site.sessions.begin(city.voters[1].holder, &mut OsRng).unwrap();
    let request = Request::get(&path).header(header::AUTHORIZATION, format!("Bearer {}", session.token)).body(Body::empty()).unwrap();
    let (status, body) = site.ask(request).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(serde_json::from_slice::<SlotView>(&body).unwrap(), city.view(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_are_as_long_as_their_route_allows() {
    let city = City::open(2).await;
    let site = site(&city);
    let cast = |bytes: usize| {
        let body = serde_json::to_vec(&CastRequest { ballot: Blob(vec![1; bytes]) }).unwrap();
        site.ask(Request::post(format!("/api/v1/elections/{}/ballots", city.id)).body(Body::from(body)).unwrap())
    };
    assert_eq!(cast(30_000).await.0, StatusCode::CONFLICT);
    let (status, body) = cast(60_000).await;
    assert_eq!((status, code(&body).as_str()), (StatusCode::PAYLOAD_TOO_LARGE, Refusal::TooLarge.code()));
    let draft = City::draft(2).await;
    let site = self::site(&draft);
    let (status, body) = site.as_staff(Role::Commission, "POST", &format!("/elections/{}/roll", draft.id), roll_csv(20_000)).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(serde_json::from_slice::<RollReport>(&body).unwrap().electors, 20_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roll_with_errors_answers_422_with_the_report() {
    let city = City::draft(2).await;
    let site = site(&city);
    let (status, body) = site.as_staff(Role::Commission, "POST", &format!("/elections/{}/roll", city.id), b"x,y\n1,2\n".to_vec()).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!serde_json::from_slice::<RollReport>(&body).unwrap().errors.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_does_its_own_work_and_no_other() {
    let mut city = City::ceremony(2).await;
    let commit = serde_json::to_vec(&city.commit(0)).unwrap();
    let site = site(&city);
    let base = format!("/elections/{}", city.id);
    for role in [Role::Trustee, Role::Auditor, Role::Poll] {
        for path in ["/ceremony", "/roll"] {
            let (status, _) = site.as_staff(role, "POST", &format!("{base}{path}"), Vec::new()).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{role} {path}");
        }
    }
    for role in [Role::Auditor, Role::Poll] {
        let (status, _) = site.as_staff(role, "POST", &format!("{base}/trustee-files"), commit.clone()).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
    }
    let (status, body) = site.as_staff(Role::Trustee, "POST", &format!("{base}/trustee-files"), commit).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(serde_json::from_slice::<ElectionStatus>(&body).unwrap().trustees[0].received, ["commit"]);
    let (status, body) = site.as_staff(Role::Trustee, "GET", &format!("{base}/trustee-files?for=2"), Vec::new()).await;
    assert_eq!((status, serde_json::from_slice::<Vec<TrusteeFile>>(&body).unwrap().len()), (StatusCode::OK, 1));
    let (status, _) = site.as_staff(Role::Auditor, "GET", &format!("{base}/status"), Vec::new()).await;
    assert_eq!(status, StatusCode::OK);
    let (status, _) = site.ask(Request::get(format!("/api/v1{base}/status")).body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_not_found() {
    let city = City::open(2).await;
    let site = site(&city);
    let base = format!("/elections/{}", city.id);
    for path in [
        format!("/elections/{}", "a".repeat(26)),
        format!("{base}/proofs?leaves=0,999"),
        format!("{base}/ballots/{}", tachiai_schemas::Bytes([1; 32])),
        format!("{base}/record/record.json"),
        format!("{base}/record/checkpoint?size=1"),
        format!("{base}/tile/9/000"),
    ] {
        let (status, body) = site.ask(Request::get(format!("/api/v1{path}")).body(Body::empty()).unwrap()).await;
        assert_eq!((status, code(&body).as_str()), (StatusCode::NOT_FOUND, Refusal::NotFound.code()), "{path}");
    }
    for path in [
        "/elections/x".to_owned(),
        format!("{base}/consistency?from=999"),
        format!("{base}/entries?from=0&count=257"),
        format!("{base}/entries?from=-1&count=1"),
    ] {
        let (status, _) = site.ask(Request::get(format!("/api/v1{path}")).body(Body::empty()).unwrap()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}");
    }
}
