//! The routes of what is seen over all shelters, on the staff port.

use std::num::NonZeroU16;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use tachiai_schemas::refusal::Problem;
use tachiai_schemas::roster::{EventId, ShelterId};
use tachiai_schemas::shelter::overview::{CurvePoint, Meals, Missing, PresentPeople, ReportRequest, ReportView};
use tachiai_schemas::staff::Role;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Sealed;
use crate::http::{JsonBody, Official, PathOf, QueryOf, limits};
use crate::refused::Refused;
use crate::shelter::{Shelters, offload};

/// The longest report in bytes.
const REPORT_BODY: usize = 64 << 10;

type App = State<Arc<Shelters>>;
type Answer<T> = Result<Json<T>, Refused>;

/// The routes, relative to the base.
pub fn routes_staff(shelters: Arc<Shelters>) -> OpenApiRouter {
    let reports = OpenApiRouter::new().routes(routes!(reports, write_report)).layer(limits::body(REPORT_BODY));
    let lists = OpenApiRouter::new().routes(routes!(missing)).routes(routes!(meals)).routes(routes!(curve)).routes(routes!(present));
    lists.merge(reports).with_state(shelters)
}

fn shelter_staff(official: &Official) -> Result<(), Refused> {
    official.require(&[Role::Headquarters, Role::Reception])
}

/// Who of the action-support list has not arrived, by district.
#[utoipa::path(get, path = "/shelter/events/{event}/missing", tag = "shelter", params(("event" = EventId, Path)), security(("certificate" = [])), responses((status = 200, body = Missing), (status = "4XX", body = Problem)))]
async fn missing(State(shelters): App, official: Official, PathOf(id): PathOf<EventId>) -> Answer<Missing> {
    official.require(&[Role::Headquarters])?;
    shelters.get(id)?.missing(&official.name).await.map(Json)
}

/// Who is present in a shelter.
#[utoipa::path(get, path = "/shelter/events/{event}/shelters/{shelter}/people", tag = "shelter", params(("event" = EventId, Path), ("shelter" = ShelterId, Path)), security(("certificate" = [])), responses((status = 200, body = PresentPeople), (status = "4XX", body = Problem)))]
async fn present(State(shelters): App, official: Official, PathOf((id, shelter)): PathOf<(EventId, ShelterId)>) -> Answer<PresentPeople> {
    official.require(&[Role::Headquarters])?;
    shelters.get(id)?.present(&official.name, shelter).await.map(Json)
}

/// Meals by shelter and allergy.
#[utoipa::path(get, path = "/shelter/events/{event}/meals", tag = "shelter", params(("event" = EventId, Path)), security(("certificate" = [])), responses((status = 200, body = Vec<Meals>), (status = "4XX", body = Problem)))]
async fn meals(State(shelters): App, official: Official, PathOf(id): PathOf<EventId>) -> Answer<Vec<Meals>> {
    shelter_staff(&official)?;
    let event = shelters.get(id)?;
    offload(move || Ok(event.meals())).await.map(Json)
}

#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Of {
    /// The minutes of an interval; 60 if absent.
    #[serde(default = "hour")]
    #[param(value_type = Option<u16>)]
    every: NonZeroU16,
    /// Only of this shelter.
    #[param(inline)]
    shelter: Option<ShelterId>,
}

const fn hour() -> NonZeroU16 {
    match NonZeroU16::new(60) {
        Some(minutes) => minutes,
        None => NonZeroU16::MIN,
    }
}

/// How many people there were, by time: registered, and counted by shelters.
#[utoipa::path(get, path = "/shelter/events/{event}/curve", tag = "shelter", params(("event" = EventId, Path), Of), security(("certificate" = [])), responses((status = 200, body = Vec<CurvePoint>), (status = "4XX", body = Problem)))]
async fn curve(State(shelters): App, official: Official, PathOf(id): PathOf<EventId>, QueryOf(Of { every, shelter }): QueryOf<Of>) -> Answer<Vec<CurvePoint>> {
    shelter_staff(&official)?;
    let event = shelters.get(id)?;
    offload(move || Ok(event.curve(every, shelter.as_ref()))).await.map(Json)
}

/// What shelters report of themselves. A reception is shown neither the notes of handovers nor the counts of treatments: which shelter it is of is not known here.
#[utoipa::path(get, path = "/shelter/events/{event}/reports", tag = "shelter", params(("event" = EventId, Path)), security(("certificate" = [])), responses((status = 200, body = Vec<ReportView>), (status = "4XX", body = Problem)))]
async fn reports(State(shelters): App, official: Official, PathOf(id): PathOf<EventId>) -> Answer<Vec<ReportView>> {
    shelter_staff(&official)?;
    let sealed = if official.role == Role::Headquarters { Sealed::Opened } else { Sealed::Closed };
    let event = shelters.get(id)?;
    offload(move || event.reports(sealed)).await.map(Json)
}

/// Writes a report without a terminal.
#[utoipa::path(post, path = "/shelter/events/{event}/reports", tag = "shelter", params(("event" = EventId, Path)), security(("certificate" = [])), request_body = ReportRequest, responses((status = 200, body = ReportView), (status = "4XX", body = Problem)))]
async fn write_report(
    State(shelters): App,
    official: Official,
    PathOf(id): PathOf<EventId>,
    JsonBody { value, .. }: JsonBody<ReportRequest>,
) -> Answer<ReportView> {
    shelter_staff(&official)?;
    shelters.get(id)?.write_report(&official.name, value).await.map(Json)
}
