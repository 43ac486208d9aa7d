//! The routes of the count: papers, lots, candidates who are out, the outcome, and the turnout.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use tachiai_schemas::counting::{LotDrop, LotSigned, LotsView, OutNotice, OutcomeView, PaperCountSigned, PaperCountView, PaperFigures, Signing, Turnout};
use tachiai_schemas::journal::JournalPage;
use tachiai_schemas::refusal::Problem;
use tachiai_schemas::staff::Role;
use tachiai_schemas::{ElectionId, Timestamp};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Answer, App, commission};
use crate::election::Elections;
use crate::election::acts::offload;
use crate::election::journal::check_count;
use crate::http::{JsonBody, Official, PathOf, QueryOf};
use crate::refused::Refused;

/// The routes of staff.
pub(super) fn routes_staff() -> OpenApiRouter<std::sync::Arc<Elections>> {
    OpenApiRouter::new()
        .routes(routes!(paper_counts, enter_paper_count))
        .routes(routes!(sign_paper_count))
        .routes(routes!(lots, sign_lot))
        .routes(routes!(drop_lot))
        .routes(routes!(outcome))
        .routes(routes!(turnout))
        .routes(routes!(acts))
}

fn look(official: &Official) -> Result<(), Refused> {
    official.require(&[Role::Commission, Role::Trustee, Role::Auditor])
}

/// The candidates who are out, each with the leaf of the board that says so.
#[utoipa::path(get, path = "/elections/{id}/candidates-out", tag = "board", params(("id" = ElectionId, Path)), responses((status = 200, body = Vec<OutNotice>), (status = 404, body = Problem)))]
pub(super) async fn candidates_out(State(elections): App, PathOf(id): PathOf<ElectionId>) -> Answer<Vec<OutNotice>> {
    Ok(Json(elections.get(id)?.outs()))
}

/// How far the papers of every contest are counted.
#[utoipa::path(get, path = "/elections/{id}/paper-counts", tag = "commission", params(("id" = ElectionId, Path)), security(("certificate" = [])), responses((status = 200, body = Vec<PaperCountView>), (status = "4XX", body = Problem)))]
async fn paper_counts(State(elections): App, official: Official, PathOf(id): PathOf<ElectionId>) -> Answer<Vec<PaperCountView>> {
    look(&official)?;
    Ok(Json(elections.get(id)?.paper_counts()))
}

/// Takes what an official counted of the papers of a contest; another official enters the same, apart.
#[utoipa::path(post, path = "/elections/{id}/paper-counts", tag = "commission", params(("id" = ElectionId, Path)), security(("certificate" = [])), request_body = PaperFigures, responses((status = 200, body = PaperCountView), (status = "4XX", body = Problem)))]
async fn enter_paper_count(
    State(elections): App,
    official: Official,
    PathOf(id): PathOf<ElectionId>,
    JsonBody { value, .. }: JsonBody<PaperFigures>,
) -> Answer<PaperCountView> {
    commission(&official)?;
    elections.get(id)?.enter_paper_count(&official.name, value).await.map(Json)
}

/// Takes officers' signatures of a count on which two officials agreed; with enough of them it goes to the board.
#[utoipa::path(post, path = "/elections/{id}/paper-counts/signatures", tag = "commission", params(("id" = ElectionId, Path)), security(("certificate" = [])), request_body = PaperCountSigned, responses((status = 200, body = Signing), (status = "4XX", body = Problem)))]
async fn sign_paper_count(
    State(elections): App,
    official: Official,
    PathOf(id): PathOf<ElectionId>,
    JsonBody { value, .. }: JsonBody<PaperCountSigned>,
) -> Answer<Signing> {
    commission(&official)?;
    elections.get(id)?.sign_paper_count(value).await.map(Json)
}

/// Takes officers' signatures of a lot; with enough of them it goes to the board.
#[utoipa::path(post, path = "/elections/{id}/lots", tag = "commission", params(("id" = ElectionId, Path)), security(("certificate" = [])), request_body = LotSigned, responses((status = 200, body = Signing), (status = "4XX", body = Problem)))]
async fn sign_lot(State(elections): App, official: Official, PathOf(id): PathOf<ElectionId>, JsonBody { value, .. }: JsonBody<LotSigned>) -> Answer<Signing> {
    commission(&official)?;
    elections.get(id)?.sign_lot(&official.name, value).await.map(Json)
}

/// The lots that officers are signing, those on the board, and those that were dropped.
#[utoipa::path(get, path = "/elections/{id}/lots", tag = "commission", params(("id" = ElectionId, Path)), security(("certificate" = [])), responses((status = 200, body = LotsView), (status = "4XX", body = Problem)))]
async fn lots(State(elections): App, official: Official, PathOf(id): PathOf<ElectionId>) -> Answer<LotsView> {
    look(&official)?;
    Ok(Json(elections.get(id)?.lots()))
}

/// Asks for a lot to be dropped that was entered wrongly; when a second official asks too, it is, with its signatures.
#[utoipa::path(post, path = "/elections/{id}/lots/drop", tag = "commission", params(("id" = ElectionId, Path)), security(("certificate" = [])), request_body = LotDrop, responses((status = 200, body = LotsView), (status = "4XX", body = Problem)))]
async fn drop_lot(State(elections): App, official: Official, PathOf(id): PathOf<ElectionId>, JsonBody { value, .. }: JsonBody<LotDrop>) -> Answer<LotsView> {
    commission(&official)?;
    elections.get(id)?.drop_lot(&official.name, value).await.map(Json)
}

/// What became of every contest, once the online ballots are counted.
#[utoipa::path(get, path = "/elections/{id}/outcome", tag = "commission", params(("id" = ElectionId, Path)), security(("certificate" = [])), responses((status = 200, body = OutcomeView), (status = "4XX", body = Problem)))]
async fn outcome(State(elections): App, official: Official, PathOf(id): PathOf<ElectionId>) -> Answer<OutcomeView> {
    look(&official)?;
    let live = elections.get(id)?;
    offload(move || live.outcome()).await.map(Json)
}

#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct UpTo {
    /// Entries of the board up to this time; until now if absent.
    at: Option<Timestamp>,
}

/// The turnout up to a time.
#[utoipa::path(get, path = "/elections/{id}/turnout", tag = "commission", params(("id" = ElectionId, Path), UpTo), security(("certificate" = [])), responses((status = 200, body = Turnout), (status = "4XX", body = Problem)))]
async fn turnout(State(elections): App, official: Official, PathOf(id): PathOf<ElectionId>, QueryOf(UpTo { at }): QueryOf<UpTo>) -> Answer<Turnout> {
    official.require(&[Role::Commission, Role::Auditor])?;
    elections.get(id)?.turnout(at).await.map(Json)
}

#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Part {
    /// The first line; the last ones if absent.
    from: Option<u64>,
    /// How many, at most 500.
    count: u64,
}

/// What officials did in an election, in the order of time, for auditors
#[utoipa::path(get, path = "/elections/{id}/acts", tag = "staff", params(("id" = ElectionId, Path), Part), security(("certificate" = [])), responses((status = 200, body = JournalPage), (status = "4XX", body = Problem)))]
async fn acts(State(elections): App, official: Official, PathOf(id): PathOf<ElectionId>, QueryOf(Part { from, count }): QueryOf<Part>) -> Answer<JournalPage> {
    official.require(&[Role::Auditor])?;
    check_count(count)?;
    let live = elections.get(id)?;
    offload(move || live.acts_page(from, count)).await.map(Json)
}
