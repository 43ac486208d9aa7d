//! The evidence of an election is taken away for the audit: by the commission or an auditor, and never unrecorded.
//!
//! An export begins with an entry in the appliance's journal. Then its files may be asked for, one by one, by the same official for some hours.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::evidence::{EvidenceExport, PAPERS_IN_FILE, REGISTRATIONS_IN_FILE};
use tachiai_schemas::refusal::Problem;
use tachiai_schemas::staff::Role;
use tachiai_schemas::{ElectionId, HashBytes, LeafIndex, Refusal, Timestamp};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::appliance::{History, Own, Registrar};
use super::trusted;
use crate::blobs::Blobs;
use crate::clock::Clock;
use crate::election::Elections;
use crate::http::{Official, PathOf, RawBody};
use crate::refused::Refused;

/// How long the files of an export may be asked for, in seconds.
const EXPORT: i64 = 6 * 3600;

/// Hands out evidence.
pub struct Desk {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Every election.
    pub elections: Arc<Elections>,
    /// The appliance's journal.
    pub registrar: Registrar,
    /// What was trusted of cards, as far as it is durable.
    pub history: Arc<RwLock<History>>,
    /// The files of it.
    pub archive: Blobs,
    /// Exports that have begun, by election and the official's key.
    pub exports: Mutex<HashMap<(ElectionId, Hash32), Export>>,
}

/// An export that has begun.
#[derive(Clone)]
pub struct Export {
    until: Timestamp,
    registrations: Arc<Vec<(LeafIndex, u64)>>,
    papers: Arc<Vec<(LeafIndex, u64)>>,
}

type App = State<Arc<Desk>>;

/// The routes of the staff port.
pub fn routes_staff(desk: Arc<Desk>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(begin))
        .routes(routes!(slots))
        .routes(routes!(registrations))
        .routes(routes!(papers))
        .routes(routes!(card))
        .with_state(desk)
}

impl Desk {
    fn export(&self, election: ElectionId, official: &Official) -> Result<Export, Refused> {
        official.require(&[Role::Commission, Role::Auditor])?;
        let now = self.clock.now();
        let exports = self.exports.lock().unwrap_or_else(PoisonError::into_inner);
        let export = exports.get(&(election, official.key)).filter(|export| now <= export.until).cloned();
        export.ok_or_else(|| Refused::about(Refusal::NotFound, "begin the export again"))
    }
}

async fn offload<T: Send + 'static>(work: impl FnOnce() -> Result<T, Refused> + Send + 'static) -> Result<T, Refused> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Refused::fault("working in the background", error))?
}

fn octets(bytes: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response()
}

/// Begins an export of the evidence, which the appliance's journal records.
#[utoipa::path(post, path = "/elections/{id}/evidence", tag = "audit", params(("id" = ElectionId, Path)), security(("certificate" = [])), responses((status = 200, body = EvidenceExport), (status = "4XX", body = Problem)))]
async fn begin(State(desk): App, official: Official, PathOf(election): PathOf<ElectionId>, _read: RawBody) -> Result<Json<EvidenceExport>, Refused> {
    official.require(&[Role::Commission, Role::Auditor])?;
    let live = desk.elections.get(election)?;
    let slots = u32::try_from(live.slots()?.len()).unwrap_or(u32::MAX);
    let at = desk.clock.now();
    desk.registrar.record(at, Own::EvidenceExported { election, by: official.name.clone() }).await?;
    tracing::info!(%election, by = official.name, "evidence is exported");
    let (registrations, papers) = offload(move || Ok((Arc::new(live.evidence()), Arc::new(live.paper_evidence())))).await?;
    let counts = (registrations.len() as u64, papers.len() as u64);
    {
        let mut exports = desk.exports.lock().unwrap_or_else(PoisonError::into_inner);
        exports.retain(|_, export| at <= export.until);
        exports.insert((election, official.key), Export { until: at.plus(EXPORT), registrations, papers });
    }
    let cards = trusted::exported(&desk.history.read().unwrap_or_else(PoisonError::into_inner), at);
    Ok(Json(EvidenceExport { election, at, slots, registrations: counts.0, papers: counts.1, cards }))
}

/// The openings of 1024 slots, sealed to the authority.
#[utoipa::path(get, path = "/elections/{id}/evidence/slots/{file}", tag = "audit", params(("id" = ElectionId, Path), ("file" = u32, Path)), security(("certificate" = [])), responses((status = 200, body = [u8], content_type = "application/octet-stream"), (status = "4XX", body = Problem)))]
async fn slots(State(desk): App, official: Official, PathOf((election, file)): PathOf<(ElectionId, u32)>) -> Result<Response, Refused> {
    desk.export(election, &official)?;
    let live = desk.elections.get(election)?;
    offload(move || live.sealed_slots(file)).await.map(octets)
}

/// The evidence of 256 registrations, as it was sealed to the authority.
#[utoipa::path(get, path = "/elections/{id}/evidence/registrations/{file}", tag = "audit", params(("id" = ElectionId, Path), ("file" = u64, Path)), security(("certificate" = [])), responses((status = 200, body = [u8], content_type = "application/octet-stream"), (status = "4XX", body = Problem)))]
async fn registrations(State(desk): App, official: Official, PathOf((election, file)): PathOf<(ElectionId, u64)>) -> Result<Response, Refused> {
    let Export { until: _, registrations, papers: _ } = desk.export(election, &official)?;
    part(&desk, election, registrations, REGISTRATIONS_IN_FILE, file).await
}

/// The evidence of 256 hand-outs of papers, as it was sealed to the authority.
#[utoipa::path(get, path = "/elections/{id}/evidence/papers/{file}", tag = "audit", params(("id" = ElectionId, Path), ("file" = u64, Path)), security(("certificate" = [])), responses((status = 200, body = [u8], content_type = "application/octet-stream"), (status = "4XX", body = Problem)))]
async fn papers(State(desk): App, official: Official, PathOf((election, file)): PathOf<(ElectionId, u64)>) -> Result<Response, Refused> {
    let Export { until: _, registrations: _, papers } = desk.export(election, &official)?;
    part(&desk, election, papers, PAPERS_IN_FILE, file).await
}

async fn part(desk: &Desk, election: ElectionId, entries: Arc<Vec<(LeafIndex, u64)>>, size: usize, file: u64) -> Result<Response, Refused> {
    let live = desk.elections.get(election)?;
    let file = usize::try_from(file).map_err(|_| Refused::from(Refusal::NotFound))?;
    offload(move || live.sealed_bundle(entries.chunks(size).nth(file).ok_or(Refusal::NotFound)?)).await.map(octets)
}

/// A certificate, key or revocation list that was trusted, by its SHA-256 in hexadecimal digits, as in the export.
#[utoipa::path(get, path = "/elections/{id}/evidence/cards/{hash}", tag = "audit", params(("id" = ElectionId, Path), ("hash" = String, Path)), security(("certificate" = [])), responses((status = 200, body = [u8], content_type = "application/octet-stream"), (status = "4XX", body = Problem)))]
async fn card(State(desk): App, official: Official, PathOf((election, hash)): PathOf<(ElectionId, String)>) -> Result<Response, Refused> {
    desk.export(election, &official)?;
    let hash: HashBytes = hash.parse::<Hash32>().map_err(|_| Refused::from(Refusal::NotFound))?.into();
    let named = {
        let history = desk.history.read().unwrap_or_else(PoisonError::into_inner);
        history.iter().any(|(_, files)| [&files.anchors, &files.text_anchors, &files.crls].iter().any(|hashes| hashes.contains(&hash)))
    };
    if !named {
        return Err(Refusal::NotFound.into());
    }
    let archive = desk.archive.clone();
    offload(move || archive.get(hash.hash()).map_err(|error| Refused::fault("reading what was trusted of cards", error))).await.map(octets)
}
