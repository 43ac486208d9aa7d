//! The routes of staff on the staff port.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tachiai_schemas::ElectionId;
use tachiai_schemas::staff::{Act, Approval, Done, Pending, Role};
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
    OpenApiRouter::new().routes(routes!(request)).routes(routes!(pending)).routes(routes!(approve)).with_state(staff)
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
    Ok((StatusCode::ACCEPTED, Json(staff.request(&official, election, body.value.act).await?)))
}

/// What waits for a second official
#[utoipa::path(get, path = "/approvals", tag = "staff", security(("certificate" = [])), responses(
    (status = 200, body = Vec<Pending>)))]
async fn pending(State(staff): State<Arc<Staff>>, official: Official) -> Result<Json<Vec<Pending>>, Refused> {
    official.require(&[Role::Commission, Role::Auditor])?;
    Ok(Json(staff.pending()))
}

/// Approve an act and have it done
#[utoipa::path(post, path = "/approvals/{id}", tag = "staff", request_body = Approval, params(("id" = String, Path)),
    security(("certificate" = [])), responses((status = 200, body = Done)))]
async fn approve(State(staff): State<Arc<Staff>>, official: Official, PathOf(id): PathOf<String>, body: JsonBody<Approval>) -> Result<Json<Done>, Refused> {
    official.require(&[Role::Commission])?;
    Ok(Json(staff.approve(&official, &id, body.value).await?))
}
