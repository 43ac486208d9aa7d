//! The routes of the status on the staff port.

use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use http_body_util::channel::{Channel, Sender};
use tachiai_schemas::refusal::Problem;
use tachiai_schemas::status::Status;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Watchtower;
use super::glances::GOOD;
use super::streams::Seat;
use crate::http::Official;
use crate::refused::Refused;

/// How often it is said that nothing changed.
const SAME: Duration = Duration::from_secs(5);

/// How long one stream goes on; who follows comes again. A connection that nobody reads any more does not outlive it.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// How long whoever follows may leave a status unread before the stream ends: it would be held for nobody.
const PATIENCE: Duration = Duration::from_secs(15);

/// The routes, relative to the base.
pub fn routes_staff(tower: Watchtower) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(status)).routes(routes!(stream)).with_state(tower)
}

/// What is going on, as far as the role of whoever asks may see it
#[utoipa::path(get, path = "/status", tag = "staff", security(("certificate" = [])), responses((status = 200, body = Status), (status = "4XX", body = Problem)))]
async fn status(State(tower): State<Watchtower>, official: Official) -> Result<Json<Status>, Refused> {
    tower.glances.look(&official).await.map(Json)
}

/// The same, live: server-sent events. `status` carries it whole, at first and after each change; `same` carries the appliance's time every few seconds in which
/// nothing changed. The stream ends after some minutes, and when the official is taken off the staff list; of an
/// official's streams the oldest ends where a fifth begins
#[utoipa::path(get, path = "/status/stream", tag = "staff", security(("certificate" = [])), responses((status = 200, body = String, content_type = "text/event-stream"), (status = "4XX", body = Problem)))]
async fn stream(State(tower): State<Watchtower>, official: Official) -> Result<Response, Refused> {
    let seat = tower.streams.sit(official.key)?;
    let first = tower.glances.look(&official).await?;
    let (sender, body) = Channel::<Bytes, std::io::Error>::new(4);
    tokio::spawn(follow(tower, official, first, sender, seat));
    Ok(([(header::CONTENT_TYPE, "text/event-stream")], Body::new(body)).into_response())
}

/// Tells what changes, until whoever follows goes away, may no longer, reads no longer, or the time is over.
async fn follow(mut tower: Watchtower, official: Official, first: Status, mut sender: Sender<Bytes, std::io::Error>, mut seat: Seat) {
    let began = Instant::now();
    let mut glances = tokio::time::interval(GOOD);
    glances.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let Some(event) = changed(&first) else { return };
    if !tell(&mut sender, &mut tower.stop, event).await {
        return;
    }
    let (mut told, mut spoke) = (first, Instant::now());
    while began.elapsed() < LONGEST {
        tokio::select! {
            _ = glances.tick() => {}
            _ = tower.stop.wait_for(|stop| *stop) => return,
            () = seat.taken() => return,
        }
        if tower.officials.official(&official.key).as_ref() != Some(&official) {
            return;
        }
        // What could not be looked at once may be the next time; meanwhile the silence tells.
        let Ok(now) = tower.glances.glance(&official, Instant::now().into_std()).await else { continue };
        let event = if !now.says_the_same(&told) {
            changed(&now)
        } else if spoke.elapsed() >= SAME {
            Some(Bytes::from(format!("event: same\ndata: {}\n\n", now.at)))
        } else {
            continue;
        };
        (told, spoke) = (now, Instant::now());
        let Some(event) = event else { return };
        if !tell(&mut sender, &mut tower.stop, event).await {
            return;
        }
    }
}

/// Tells an event; says whether the stream goes on. A reader that reads nothing holds up neither the stream's end nor the daemon's.
async fn tell(sender: &mut Sender<Bytes, std::io::Error>, stop: &mut watch::Receiver<bool>, event: Bytes) -> bool {
    tokio::select! {
        sent = tokio::time::timeout(PATIENCE, sender.send_data(event)) => matches!(sent, Ok(Ok(()))),
        _ = stop.wait_for(|stop| *stop) => false,
    }
}

/// The event that tells a status. JSON has no line breaks of its own, so it is one line of data.
fn changed(status: &Status) -> Option<Bytes> {
    let json = serde_json::to_string(status).map_err(|error| tracing::error!(%error, "a status has no JSON form")).ok()?;
    Some(Bytes::from(format!("event: status\ndata: {json}\n\n")))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use tachiai_crypto::hash::Hash32;
    use tachiai_schemas::Timestamp;
    use tachiai_schemas::staff::Role;
    use tachiai_schemas::status::Viewer;

    use super::*;
    use crate::http::Officials;
    use crate::status::Looks;
    use crate::status::glances::Glances;

    /// An appliance in which something changes all the time.
    #[derive(Default)]
    struct Restless(AtomicU64);

    impl Looks for Restless {
        fn look(&self, official: &Official) -> Result<Status, Refused> {
            let name = self.0.fetch_add(1, Ordering::SeqCst).to_string();
            let viewer = Viewer { name, role: official.role };
            Ok(Status { at: Timestamp::LAST, viewer, elections: Vec::new(), events: None, waiting: None, alerts: None, warnings: None, appliance: None })
        }
    }

    struct Everybody(Official);

    impl Officials for Everybody {
        fn official(&self, _key: &Hash32) -> Option<Official> {
            Some(self.0.clone())
        }
    }

    #[tokio::test]
    async fn a_reader_that_reads_nothing_holds_up_neither_the_stop_nor_a_place() {
        let official = Official { name: "x".to_owned(), role: Role::Auditor, key: Hash32::from([1; 32]) };
        let (stops, stop) = watch::channel(false);
        let glances = Arc::new(Glances::new(Arc::new(Restless::default())));
        let tower = Watchtower { glances: glances.clone(), officials: Arc::new(Everybody(official.clone())), stop, streams: Arc::default() };
        let begin = |first: Status| {
            let (sender, body) = Channel::<Bytes, std::io::Error>::new(1);
            let seat = tower.streams.sit(official.key).unwrap();
            (tokio::spawn(follow(tower.clone(), official.clone(), first, sender, seat)), body)
        };
        let first = glances.look(&official).await.unwrap();
        let (mut left, _unread) = begin(first.clone());
        // One is told, and then there is no room.
        assert!(tokio::time::timeout(GOOD * 3, &mut left).await.is_err());
        tokio::time::timeout(PATIENCE + GOOD * 3, left).await.expect("it is given up").unwrap();
        let (mut stopped, _unread) = begin(first);
        assert!(tokio::time::timeout(GOOD * 3, &mut stopped).await.is_err());
        stops.send(true).unwrap();
        tokio::time::timeout(GOOD, stopped).await.expect("it ends at once").unwrap();
    }
}
