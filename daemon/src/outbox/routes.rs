//! The route by which staff see what waits, on the staff port.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use tachiai_schemas::Refusal;
use tachiai_schemas::refusal::Problem;
use tachiai_schemas::sharing::outbox::OutboxView;
use tachiai_schemas::staff::Role;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Outbox;
use crate::http::Official;
use crate::refused::Refused;

type App = State<Option<Arc<Outbox>>>;

/// The routes, relative to the base. Without a data platform there is nothing to see.
pub fn routes_staff(outbox: Option<Arc<Outbox>>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(outbox_view)).with_state(outbox)
}

/// What waits to be sent to the city's data platform; 404 where none is configured.
#[utoipa::path(get, path = "/outbox", operation_id = "outbox", tag = "sharing", security(("certificate" = [])), responses((status = 200, body = OutboxView), (status = "4XX", body = Problem)))]
async fn outbox_view(State(outbox): App, official: Official) -> Result<Json<OutboxView>, Refused> {
    official.require(&[Role::Headquarters])?;
    outbox.map(|outbox| Json(outbox.view())).ok_or_else(|| Refusal::NotFound.into())
}
