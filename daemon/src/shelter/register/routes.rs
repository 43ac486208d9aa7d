//! The routes of imports and questionnaires' definitions, on the staff port.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use tachiai_schemas::HashBytes;
use tachiai_schemas::refusal::Problem;
use tachiai_schemas::shelter::import::{ImportAnswer, ImportKind, ImportMode, ImportOthers, ImportRows, Standing};
use tachiai_schemas::shelter::questionnaire::Definition;
use tachiai_schemas::staff::Role;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Register;
use super::imports::Order;
use crate::http::{Official, QueryOf, RawBody, limits};
use crate::refused::Refused;

/// The longest file in bytes: 400,000 residents.
const FILE_BODY: usize = 64 << 20;

type App = State<Arc<Register>>;
type Answer<T> = Result<Json<T>, Refused>;

/// The routes, relative to the base.
pub fn routes_staff(register: Arc<Register>) -> OpenApiRouter {
    let imports = OpenApiRouter::new()
        .routes(routes!(facilities, import_facilities))
        .routes(routes!(import_residents))
        .routes(routes!(import_support))
        .routes(routes!(define))
        .layer(limits::body(FILE_BODY));
    imports.with_state(register)
}

#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct How {
    /// Shown, unless it says that it is applied.
    #[serde(default)]
    #[param(inline)]
    mode: ImportMode,
    /// Whether the other rows are taken over where some cannot be.
    #[serde(default)]
    #[param(inline)]
    rows: ImportRows,
    /// What happens to facilities that are not in the file.
    #[serde(default)]
    #[param(inline)]
    others: ImportOthers,
    /// The import that was shown as the one which is replaced; absent if there was none.
    replaces: Option<HashBytes>,
    /// How many of those that are there go, as it was shown: needed where these are more than a tenth.
    removes: Option<u64>,
}

impl From<How> for Order {
    fn from(How { mode, rows, others, replaces, removes }: How) -> Self {
        Self { mode, rows, others, replaces, removes }
    }
}

fn headquarters(official: &Official) -> Result<(), Refused> {
    official.require(&[Role::Headquarters])
}

/// The places that can be opened, and the last imports.
#[utoipa::path(get, path = "/shelter/facilities", tag = "shelter", security(("certificate" = [])), responses((status = 200, body = Standing), (status = "4XX", body = Problem)))]
async fn facilities(State(register): App, official: Official) -> Answer<Standing> {
    official.require(&[Role::Headquarters, Role::Reception])?;
    Ok(Json(register.standing()))
}

/// Shows or applies a list of shelters or emergency sites (GeoJSON or CSV).
#[utoipa::path(post, path = "/shelter/facilities", tag = "shelter", params(How), security(("certificate" = [])), request_body(content = [u8], content_type = "application/octet-stream"), responses((status = 200, body = ImportAnswer), (status = "4XX", body = Problem)))]
async fn import_facilities(State(register): App, official: Official, QueryOf(how): QueryOf<How>, RawBody(file): RawBody) -> Answer<ImportAnswer> {
    headquarters(&official)?;
    register.import(&official.name, ImportKind::Facilities, file.to_vec(), how.into()).await.map(Json)
}

/// Shows or applies the register of residents (CSV).
#[utoipa::path(post, path = "/shelter/residents", tag = "shelter", params(How), security(("certificate" = [])), request_body(content = [u8], content_type = "application/octet-stream"), responses((status = 200, body = ImportAnswer), (status = "4XX", body = Problem)))]
async fn import_residents(State(register): App, official: Official, QueryOf(how): QueryOf<How>, RawBody(file): RawBody) -> Answer<ImportAnswer> {
    headquarters(&official)?;
    register.import(&official.name, ImportKind::Residents, file.to_vec(), how.into()).await.map(Json)
}

/// Shows or applies the action-support list (CSV).
#[utoipa::path(post, path = "/shelter/support-list", tag = "shelter", params(How), security(("certificate" = [])), request_body(content = [u8], content_type = "application/octet-stream"), responses((status = 200, body = ImportAnswer), (status = "4XX", body = Problem)))]
async fn import_support(State(register): App, official: Official, QueryOf(how): QueryOf<How>, RawBody(file): RawBody) -> Answer<ImportAnswer> {
    headquarters(&official)?;
    register.import(&official.name, ImportKind::SupportList, file.to_vec(), how.into()).await.map(Json)
}

/// Defines a questionnaire, or a new version of it (TOML).
#[utoipa::path(post, path = "/shelter/questionnaires", tag = "shelter", security(("certificate" = [])), request_body(content = [u8], content_type = "application/toml"), responses((status = 200, body = Definition), (status = "4XX", body = Problem)))]
async fn define(State(register): App, official: Official, RawBody(file): RawBody) -> Answer<Definition> {
    headquarters(&official)?;
    register.define(&official.name, &file).await.map(Json)
}
