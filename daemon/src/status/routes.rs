//! The routes of the status on the staff port.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use http_body_util::channel::{Channel, Sender};
use tachiai_schemas::refusal::Problem;
use tachiai_schemas::status::Status;
use tokio::time::{Instant, MissedTickBehavior};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Looks, Watchtower};
use crate::http::Official;
use crate::refused::Refused;

/// How often somebody looks for whoever follows.
const GLANCE: Duration = Duration::from_secs(1);

/// How often it is said that nothing changed.
const SAME: Duration = Duration::from_secs(5);

/// How long one stream goes on; who follows comes again. A connection that nobody reads any more does not outlive it.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// The routes, relative to the base.
pub fn routes_staff(tower: Watchtower) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(status)).routes(routes!(stream)).with_state(tower)
}

/// What is going on, as far as the role of whoever asks may see it
#[utoipa::path(get, path = "/status", tag = "staff", security(("certificate" = [])), responses((status = 200, body = Status), (status = "4XX", body = Problem)))]
async fn status(State(tower): State<Watchtower>, official: Official) -> Result<Json<Status>, Refused> {
    look(&tower.looks, official).await.map(Json)
}

/// The same, live: server-sent events. `status` carries it whole, at first and after each change; `same` carries the appliance's time every few seconds in which
/// nothing changed. The stream ends after some minutes, and when the official is taken off the staff list
#[utoipa::path(get, path = "/status/stream", tag = "staff", security(("certificate" = [])), responses((status = 200, body = String, content_type = "text/event-stream"), (status = "4XX", body = Problem)))]
async fn stream(State(tower): State<Watchtower>, official: Official) -> Result<Response, Refused> {
    let first = look(&tower.looks, official.clone()).await?;
    let (sender, body) = Channel::<Bytes, std::io::Error>::new(4);
    tokio::spawn(follow(tower, official, first, sender));
    Ok(([(header::CONTENT_TYPE, "text/event-stream")], Body::new(body)).into_response())
}

async fn look(looks: &Arc<dyn Looks>, official: Official) -> Result<Status, Refused> {
    let looks = looks.clone();
    tokio::task::spawn_blocking(move || looks.look(&official)).await.map_err(|error| Refused::fault("looking what is going on", error))?
}

/// Tells what changes, until whoever follows goes away, may no longer, or the time is over.
async fn follow(mut tower: Watchtower, official: Official, first: Status, mut sender: Sender<Bytes, std::io::Error>) {
    let began = Instant::now();
    let mut glances = tokio::time::interval(GLANCE);
    glances.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let Some(event) = changed(&first) else { return };
    if sender.send_data(event).await.is_err() {
        return;
    }
    let (mut told, mut spoke) = (first, Instant::now());
    while began.elapsed() < LONGEST {
        tokio::select! {
            _ = glances.tick() => {}
            _ = tower.stop.wait_for(|stop| *stop) => return,
        }
        if tower.officials.official(&official.key).as_ref() != Some(&official) {
            return;
        }
        // What could not be looked at once may be the next time; meanwhile the silence tells.
        let Ok(now) = look(&tower.looks, official.clone()).await else { continue };
        let event = if !now.says_the_same(&told) {
            changed(&now)
        } else if spoke.elapsed() >= SAME {
            Some(Bytes::from(format!("event: same\ndata: {}\n\n", now.at)))
        } else {
            continue;
        };
        (told, spoke) = (now, Instant::now());
        let Some(event) = event else { return };
        if sender.send_data(event).await.is_err() {
            return;
        }
    }
}

/// The event that tells a status. JSON has no line breaks of its own, so it is one line of data.
fn changed(status: &Status) -> Option<Bytes> {
    let json = serde_json::to_string(status).map_err(|error| tracing::error!(%error, "a status has no JSON form")).ok()?;
    Some(Bytes::from(format!("event: status\ndata: {json}\n\n")))
}
