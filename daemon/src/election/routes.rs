//! The routes of elections: reads for everybody, writes for voters, commands for staff and trustees.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tachiai_schemas::election::Challenged;
use tachiai_schemas::receipt::{BallotStatus, CastRequest, Consistency, ElectionSummary, Entries, ProvenEntry, Receipt, RegistrationRequest, SlotView};
use tachiai_schemas::record::RecordIndex;
use tachiai_schemas::refusal::Problem;
use tachiai_schemas::spec::ElectionSpec;
use tachiai_schemas::staff::{Created, ElectionStatus, Role, TrusteeStatus};
use tachiai_schemas::trustee::TrusteeFile;
use tachiai_schemas::{Blob, ElectionId, HashBytes, LeafIndex, Refusal, TrusteeIndex};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Elections;
use super::acts::offload;
use super::live::Live;
use crate::http::limits;
use crate::http::{Holder, JsonBody, Official, PathOf, QueryOf, RawBody};
use crate::refused::Refused;

mod count;

/// The most entries in one answer.
const MAX_ENTRIES: u64 = 256;

/// The most proofs in one answer.
const MAX_PROOFS: usize = 32;

/// The longest body of a trustee's file in bytes: decryption shares of many contests and units.
const TRUSTEE_BODY: usize = 8 << 20;

/// The longest specification in bytes.
const SPEC_BODY: usize = 1 << 20;

type App = State<Arc<Elections>>;
type Answer<T> = Result<Json<T>, Refused>;

/// Reads, and the writes of voters.
pub fn routes_public(elections: Arc<Elections>) -> OpenApiRouter {
    let cast = OpenApiRouter::new().routes(routes!(cast)).layer(limits::body(limits::CAST_BODY));
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(summary))
        .routes(routes!(checkpoint))
        .routes(routes!(tile))
        .routes(routes!(entries))
        .routes(routes!(proofs))
        .routes(routes!(consistency))
        .routes(routes!(ballot))
        .routes(routes!(cosign))
        .routes(routes!(cosigned))
        .routes(routes!(record))
        .routes(routes!(record_file))
        .routes(routes!(record_archive))
        .routes(routes!(count::candidates_out))
        .routes(routes!(slot))
        .routes(routes!(register))
        .routes(routes!(challenge))
        .merge(cast)
        .with_state(Arc::clone(&elections))
        .merge(super::declaration::routes::routes_public(elections))
}

/// Commands of the commission, and the trustees' exchange.
pub fn routes_staff(elections: Arc<Elections>) -> OpenApiRouter {
    let files = OpenApiRouter::new().routes(routes!(take_file, files_for)).layer(limits::body(TRUSTEE_BODY));
    let create = OpenApiRouter::new().routes(routes!(create)).layer(limits::body(SPEC_BODY));
    OpenApiRouter::new()
        .routes(routes!(add_trustee))
        .routes(routes!(ceremony))
        .routes(routes!(status))
        .merge(count::routes_staff())
        .merge(super::declaration::routes::routes_staff())
        .merge(files)
        .merge(create)
        .with_state(elections)
}

fn commission(official: &Official) -> Result<(), Refused> {
    official.require(&[Role::Commission])
}

/// Whose file it is is in the file and its signature; the commission hands in what trustees bring on a stick.
fn exchange(official: &Official) -> Result<(), Refused> {
    official.require(&[Role::Commission, Role::Trustee])
}

#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Range {
    /// The first leaf.
    from: u64,
    /// How many, at most 256.
    count: u64,
}

#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct From {
    /// The older size.
    from: u64,
}

#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Size {
    /// The size of an index that was asked for before; the newest if absent.
    size: Option<u64>,
}

#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct OfSize {
    /// The size of the checkpoint; the newest if absent.
    size: Option<u64>,
}

#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct For {
    /// The index of the trustee.
    #[serde(rename = "for")]
    #[param(rename = "for")]
    trustee: u8,
}

/// Every election.
#[utoipa::path(get, path = "/elections", tag = "board", responses((status = 200, body = Vec<ElectionSummary>)))]
async fn list(State(elections): App) -> Answer<Vec<ElectionSummary>> {
    Ok(Json(elections.all().iter().map(|live| live.summary()).collect::<Result<_, _>>()?))
}

/// One election.
#[utoipa::path(get, path = "/elections/{id}", tag = "board", params(("id" = ElectionId, Path)), responses((status = 200, body = ElectionSummary), (status = 404, body = Problem)))]
async fn summary(State(elections): App, PathOf(id): PathOf<ElectionId>) -> Answer<ElectionSummary> {
    elections.get(id)?.summary().map(Json)
}

/// The newest signed checkpoint.
#[utoipa::path(get, path = "/elections/{id}/checkpoint", tag = "board", params(("id" = ElectionId, Path)), responses((status = 200, body = String, content_type = "text/plain"), (status = 404, body = Problem)))]
async fn checkpoint(State(elections): App, PathOf(id): PathOf<ElectionId>) -> Result<String, Refused> {
    let live = elections.get(id)?;
    let checkpoint = live.board().checkpoint.clone().ok_or(Refusal::NotFound)?;
    Ok(checkpoint.as_str().to_owned())
}

/// A tile or bundle of the newest board (C2SP tlog-tiles).
#[utoipa::path(get, path = "/elections/{id}/tile/{*path}", tag = "board", params(("id" = ElectionId, Path), ("path" = String, Path)), responses((status = 200, body = [u8], content_type = "application/octet-stream"), (status = 404, body = Problem)))]
async fn tile(State(elections): App, PathOf((id, path)): PathOf<(ElectionId, String)>) -> Result<Response, Refused> {
    let live = elections.get(id)?;
    offload(move || live.newest_tile(&path)).await.map(octets)
}

/// Entries without proofs.
#[utoipa::path(get, path = "/elections/{id}/entries", tag = "board", params(("id" = ElectionId, Path), Range), responses((status = 200, body = Entries), (status = 404, body = Problem)))]
async fn entries(State(elections): App, PathOf(id): PathOf<ElectionId>, QueryOf(range): QueryOf<Range>) -> Answer<Entries> {
    let live = elections.get(id)?;
    if range.count > MAX_ENTRIES {
        return Err(Refused::about(Refusal::BadRequest, format!("count: at most {MAX_ENTRIES}")));
    }
    offload(move || {
        // Only what a signed checkpoint covers is told.
        let size = live.board().checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.checkpoint().size);
        let end = range.from.saturating_add(range.count).min(size);
        let entries = (range.from..end).map(|leaf| live.entry_bytes(LeafIndex(leaf)).map(Blob)).collect::<Result<_, _>>()?;
        Ok(Json(Entries { from: LeafIndex(range.from), entries }))
    })
    .await
}

/// Which leaves: numbers separated by commas.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[into_params(parameter_in = Query)]
struct Leaves {
    leaves: String,
}

/// Entries with their proofs, all against one checkpoint: the newest.
#[utoipa::path(get, path = "/elections/{id}/proofs", tag = "board", params(("id" = ElectionId, Path), Leaves), responses((status = 200, body = Vec<ProvenEntry>), (status = 404, body = Problem)))]
async fn proofs(State(elections): App, PathOf(id): PathOf<ElectionId>, QueryOf(Leaves { leaves }): QueryOf<Leaves>) -> Answer<Vec<ProvenEntry>> {
    let live = elections.get(id)?;
    let leaves: Vec<u64> =
        leaves.split(',').map(str::parse).collect::<Result<_, _>>().map_err(|e| Refused::about(Refusal::BadRequest, format!("leaves: {e}")))?;
    if leaves.len() > MAX_PROOFS {
        return Err(Refused::about(Refusal::BadRequest, format!("leaves: at most {MAX_PROOFS}")));
    }
    offload(move || {
        let entries = leaves.iter().map(|leaf| live.entry_bytes(LeafIndex(*leaf))).collect::<Result<Vec<_>, _>>()?;
        let published = live.board();
        let checkpoint = published.checkpoint.as_ref().ok_or(Refusal::NotFound)?;
        let proven = leaves.into_iter().zip(entries).map(|(leaf, entry)| {
            let proof = published.state.tree.inclusion(leaf, checkpoint.checkpoint().size).map_err(|_| Refused::from(Refusal::NotFound))?;
            let hashes = proof.into_hashes().into_iter().map(Into::into).collect();
            Ok(ProvenEntry { index: LeafIndex(leaf), entry: Blob(entry), hashes, checkpoint: checkpoint.as_str().to_owned() })
        });
        proven.collect::<Result<_, Refused>>().map(Json)
    })
    .await
}

/// The proof that the newest board extends an older one.
#[utoipa::path(get, path = "/elections/{id}/consistency", tag = "board", params(("id" = ElectionId, Path), From), responses((status = 200, body = Consistency), (status = 404, body = Problem)))]
async fn consistency(State(elections): App, PathOf(id): PathOf<ElectionId>, QueryOf(From { from }): QueryOf<From>) -> Answer<Consistency> {
    let live = elections.get(id)?;
    let published = live.board();
    let checkpoint = published.checkpoint.as_ref().ok_or(Refusal::NotFound)?;
    let proof = published
        .state
        .tree
        .consistency(from, checkpoint.checkpoint().size)
        .map_err(|_| Refused::about(Refusal::BadRequest, "from: not a size that this board had"))?;
    let hashes = proof.into_hashes().into_iter().map(Into::into).collect();
    Ok(Json(Consistency { from, hashes, checkpoint: checkpoint.as_str().to_owned() }))
}

/// Takes cosignatures of a checkpoint of this board: the checkpoint as the board signed it, with lines of witnesses that the manifest lists (C2SP
/// tlog-cosignature). They are on disk before the answer; the same again changes nothing.
#[utoipa::path(post, path = "/elections/{id}/cosignatures", tag = "board", params(("id" = ElectionId, Path)), request_body(content = String, content_type = "text/plain"), responses((status = 204), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn cosign(State(elections): App, PathOf(id): PathOf<ElectionId>, RawBody(note): RawBody) -> Result<StatusCode, Refused> {
    let live = elections.get(id)?;
    offload(move || live.cosign(&note)).await.map(|()| StatusCode::NO_CONTENT)
}

/// The newest checkpoint that witnesses cosigned, with their lines.
#[utoipa::path(get, path = "/elections/{id}/cosigned", tag = "board", params(("id" = ElectionId, Path), OfSize), responses((status = 200, body = String, content_type = "text/plain"), (status = 404, body = Problem)))]
async fn cosigned(State(elections): App, PathOf(id): PathOf<ElectionId>, QueryOf(OfSize { size }): QueryOf<OfSize>) -> Result<String, Refused> {
    elections.get(id)?.cosigned_note(size)
}

/// What became of a ballot.
#[utoipa::path(get, path = "/elections/{id}/ballots/{hash}", tag = "board", params(("id" = ElectionId, Path), ("hash" = HashBytes, Path)), responses((status = 200, body = BallotStatus), (status = 404, body = Problem)))]
async fn ballot(State(elections): App, PathOf((id, hash)): PathOf<(ElectionId, HashBytes)>) -> Answer<BallotStatus> {
    elections.get(id)?.ballot_status(hash.hash()).map(Json)
}

/// The index of the record at the newest checkpoint.
#[utoipa::path(get, path = "/elections/{id}/record", tag = "record", params(("id" = ElectionId, Path)), responses((status = 200, body = RecordIndex), (status = 404, body = Problem)))]
async fn record(State(elections): App, PathOf(id): PathOf<ElectionId>) -> Answer<RecordIndex> {
    let live = elections.get(id)?;
    offload(move || live.record_index()).await.map(Json)
}

/// One file of the record.
#[utoipa::path(get, path = "/elections/{id}/record/{*path}", tag = "record", params(("id" = ElectionId, Path), ("path" = String, Path), Size), responses((status = 200, body = [u8], content_type = "application/octet-stream"), (status = 404, body = Problem)))]
async fn record_file(
    State(elections): App,
    PathOf((id, path)): PathOf<(ElectionId, String)>,
    QueryOf(Size { size }): QueryOf<Size>,
) -> Result<Response, Refused> {
    let live = elections.get(id)?;
    offload(move || live.record_file(&path, size)).await.map(octets)
}

/// The record at the newest checkpoint as one file, a tar archive.
#[utoipa::path(get, path = "/elections/{id}/record.tar", tag = "record", params(("id" = ElectionId, Path)), responses((status = 200, body = [u8], content_type = "application/x-tar"), (status = 404, body = Problem), (status = 503, body = Problem)))]
async fn record_archive(State(elections): App, PathOf(id): PathOf<ElectionId>) -> Result<Response, Refused> {
    let live = elections.get(id)?;
    let download = offload(move || live.record_archive()).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/x-tar".to_owned()),
        (header::CONTENT_LENGTH, download.length.to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"record-{id}.tar\"")),
    ];
    Ok((headers, axum::body::Body::new(download.start())).into_response())
}

fn octets(bytes: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response()
}

/// The slot of the citizen who is logged in.
#[utoipa::path(get, path = "/elections/{id}/slot", tag = "vote", params(("id" = ElectionId, Path)), security(("session" = [])), responses((status = 200, body = SlotView), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn slot(State(elections): App, PathOf(id): PathOf<ElectionId>, holder: Holder) -> Answer<SlotView> {
    elections.get(id)?.slot_of(&holder).map(Json)
}

/// Registers a voting key for the slot of the citizen who is logged in.
#[utoipa::path(post, path = "/elections/{id}/registrations", tag = "vote", params(("id" = ElectionId, Path)), security(("session" = [])), request_body = RegistrationRequest, responses((status = 200, body = Receipt), (status = "4XX", body = Problem)))]
async fn register(
    State(elections): App,
    PathOf(id): PathOf<ElectionId>,
    holder: Holder,
    JsonBody { value, sha256 }: JsonBody<RegistrationRequest>,
) -> Answer<Receipt> {
    elections.get(id)?.register(&holder, value, sha256).await.map(Json)
}

/// Casts a ballot. The same bytes again get the same receipt.
#[utoipa::path(post, path = "/elections/{id}/ballots", tag = "vote", params(("id" = ElectionId, Path)), request_body = CastRequest, responses((status = 200, body = Receipt), (status = "4XX", body = Problem)))]
async fn cast(State(elections): App, PathOf(id): PathOf<ElectionId>, JsonBody { value, sha256 }: JsonBody<CastRequest>) -> Answer<Receipt> {
    elections.get(id)?.cast(value.ballot.0, sha256).await.map(Json)
}

/// Challenges a ballot: it no longer counts and may be opened.
#[utoipa::path(post, path = "/elections/{id}/challenges", tag = "vote", params(("id" = ElectionId, Path)), request_body = Challenged, responses((status = 200, body = Receipt), (status = "4XX", body = Problem)))]
async fn challenge(State(elections): App, PathOf(id): PathOf<ElectionId>, JsonBody { value, sha256 }: JsonBody<Challenged>) -> Answer<Receipt> {
    elections.get(id)?.challenge(value, sha256).await.map(Json)
}

/// Creates an election.
#[utoipa::path(post, path = "/elections", tag = "commission", security(("certificate" = [])), request_body = ElectionSpec, responses((status = 200, body = Created), (status = 422, body = Problem)))]
async fn create(State(elections): App, official: Official, JsonBody { value, .. }: JsonBody<ElectionSpec>) -> Answer<Created> {
    commission(&official)?;
    elections.create(&official.name, value).await.map(Json)
}

/// Lists a trustee.
#[utoipa::path(post, path = "/elections/{id}/trustees", tag = "commission", params(("id" = ElectionId, Path)), security(("certificate" = [])), request_body = TrusteeFile, responses((status = 200, body = TrusteeStatus), (status = "4XX", body = Problem)))]
async fn add_trustee(
    State(elections): App,
    official: Official,
    PathOf(id): PathOf<ElectionId>,
    JsonBody { value, .. }: JsonBody<TrusteeFile>,
) -> Answer<TrusteeStatus> {
    commission(&official)?;
    elections.get(id)?.add_trustee(&official.name, value).await.map(Json)
}

/// Writes the manifest and begins the ceremony.
#[utoipa::path(post, path = "/elections/{id}/ceremony", tag = "commission", params(("id" = ElectionId, Path)), security(("certificate" = [])), responses((status = 200, body = ElectionStatus), (status = "4XX", body = Problem)))]
async fn ceremony(State(elections): App, official: Official, PathOf(id): PathOf<ElectionId>, _read: RawBody) -> Answer<ElectionStatus> {
    commission(&official)?;
    let live = elections.get(id)?;
    live.start_ceremony(&official.name).await?;
    told(&elections, &live)
}

/// Where the election stands.
#[utoipa::path(get, path = "/elections/{id}/status", tag = "commission", params(("id" = ElectionId, Path)), security(("certificate" = [])), responses((status = 200, body = ElectionStatus), (status = "4XX", body = Problem)))]
async fn status(State(elections): App, official: Official, PathOf(id): PathOf<ElectionId>) -> Answer<ElectionStatus> {
    official.require(&[Role::Commission, Role::Trustee, Role::Auditor])?;
    let live = elections.get(id)?;
    told(&elections, &live)
}

fn told(elections: &Elections, live: &Live) -> Answer<ElectionStatus> {
    live.status(elections.pending(live.id)).map(Json)
}

/// Hands in a trustee's file. The same file again gets the same answer.
#[utoipa::path(post, path = "/elections/{id}/trustee-files", tag = "trustee", params(("id" = ElectionId, Path)), security(("certificate" = [])), request_body = TrusteeFile, responses((status = 200, body = ElectionStatus), (status = "4XX", body = Problem)))]
async fn take_file(
    State(elections): App,
    official: Official,
    PathOf(id): PathOf<ElectionId>,
    JsonBody { value, .. }: JsonBody<TrusteeFile>,
) -> Answer<ElectionStatus> {
    exchange(&official)?;
    let live = elections.get(id)?;
    live.take_file(value).await?;
    told(&elections, &live)
}

/// The files that a trustee needs from the others.
#[utoipa::path(get, path = "/elections/{id}/trustee-files", tag = "trustee", params(("id" = ElectionId, Path), For), security(("certificate" = [])), responses((status = 200, body = Vec<TrusteeFile>), (status = "4XX", body = Problem)))]
async fn files_for(
    State(elections): App,
    official: Official,
    PathOf(id): PathOf<ElectionId>,
    QueryOf(For { trustee }): QueryOf<For>,
) -> Answer<Vec<TrusteeFile>> {
    exchange(&official)?;
    let trustee = TrusteeIndex::new(trustee).map_err(|error| Refused::about(Refusal::BadRequest, format!("for: {error}")))?;
    let live = elections.get(id)?;
    let files = super::files::files_for(&live.board().state, &live.private(), trustee)?;
    Ok(Json(files))
}
