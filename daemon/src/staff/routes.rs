//! The routes of staff on the staff port.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tachiai_schemas::ElectionId;
use tachiai_schemas::paper::CandidateOut;
use tachiai_schemas::staff::{Act, Approval, Decline, Declined, Matter, Pending, Role, Settled, Shown};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Staff;
use crate::http::{JsonBody, Official, PathOf, Refused};

/// Which act is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActRequest {
    /// The act.
    pub act: Act,
}

/// The routes, relative to the base.
#[must_use]
pub fn routes(staff: Arc<Staff>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(request))
        .routes(routes!(candidate_out))
        .routes(routes!(pending))
        .routes(routes!(waiting, approve))
        .routes(routes!(declined))
        .routes(routes!(decline))
        .with_state(staff)
}

/// Ask for an act that needs two officials
#[utoipa::path(post, path = "/elections/{id}/acts", tag = "staff", request_body = ActRequest, params(("id" = ElectionId, Path)),
    security(("certificate" = [])), responses((status = 202, body = Pending)))]
async fn request(
    State(staff): State<Arc<Staff>>,
    official: Official,
    PathOf(election): PathOf<ElectionId>,
    body: JsonBody<ActRequest>,
) -> Result<(StatusCode, Json<Pending>), Refused> {
    official.require(&[Role::Commission])?;
    let ActRequest { act } = body.value;
    Ok((StatusCode::ACCEPTED, Json(staff.request(&official.name, Matter::Election { election, act, roll: None }).await?)))
}

/// Ask that a candidate be out: withdrawn, died, or not eligible
#[utoipa::path(post, path = "/elections/{id}/candidates-out", tag = "staff", request_body = CandidateOut, params(("id" = ElectionId, Path)),
    security(("certificate" = [])), responses((status = 202, body = Pending)))]
async fn candidate_out(
    State(staff): State<Arc<Staff>>,
    official: Official,
    PathOf(election): PathOf<ElectionId>,
    body: JsonBody<CandidateOut>,
) -> Result<(StatusCode, Json<Pending>), Refused> {
    official.require(&[Role::Commission])?;
    Ok((StatusCode::ACCEPTED, Json(staff.request(&official.name, Matter::CandidateOut { election, out: body.value }).await?)))
}

/// What waits for a second official; to whom an enrolment is shown, who may approve it
#[utoipa::path(get, path = "/approvals", tag = "staff", security(("certificate" = [])), responses(
    (status = 200, body = Vec<Shown>)))]
async fn pending(State(staff): State<Arc<Staff>>, official: Official) -> Result<Json<Vec<Shown>>, Refused> {
    official.require(&[Role::Commission, Role::Auditor, Role::Poll, Role::Headquarters])?;
    staff.shown_to(&official).await.map(Json)
}

/// One of what waits for a second official, as both see it
#[utoipa::path(get, path = "/approvals/{id}", tag = "staff", params(("id" = String, Path)), security(("certificate" = [])), responses(
    (status = 200, body = Shown)))]
async fn waiting(State(staff): State<Arc<Staff>>, official: Official, PathOf(id): PathOf<String>) -> Result<Json<Shown>, Refused> {
    official.require(&[Role::Commission, Role::Auditor, Role::Poll, Role::Headquarters])?;
    staff.shown_one(&official, &id).await.map(Json)
}

/// Approve what another official asked for, and have it done
#[utoipa::path(post, path = "/approvals/{id}", tag = "staff", request_body = Approval, params(("id" = String, Path)),
    security(("certificate" = [])), responses((status = 200, body = Settled)))]
async fn approve(State(staff): State<Arc<Staff>>, official: Official, PathOf(id): PathOf<String>, body: JsonBody<Approval>) -> Result<Json<Settled>, Refused> {
    official.require(&[Role::Commission, Role::Poll, Role::Headquarters])?;
    Ok(Json(staff.approve(&official, &id, body.value).await?))
}

/// What one asked for and another official declined, or one withdrew, within a day
#[utoipa::path(get, path = "/approvals/declined", tag = "staff", security(("certificate" = [])), responses((status = 200, body = Vec<Declined>)))]
async fn declined(State(staff): State<Arc<Staff>>, official: Official) -> Result<Json<Vec<Declined>>, Refused> {
    official.require(&[Role::Commission, Role::Poll, Role::Headquarters])?;
    Ok(Json(staff.declined(&official)))
}

/// Withdraw what one asked for, or decline what another official asked for, with a reason
#[utoipa::path(post, path = "/approvals/{id}/decline", tag = "staff", request_body = Decline, params(("id" = String, Path)),
    security(("certificate" = [])), responses((status = 204)))]
async fn decline(State(staff): State<Arc<Staff>>, official: Official, PathOf(id): PathOf<String>, body: JsonBody<Decline>) -> Result<StatusCode, Refused> {
    official.require(&[Role::Commission, Role::Poll, Role::Headquarters])?;
    let Decline { reason } = body.value;
    staff.decline(&official, &id, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
