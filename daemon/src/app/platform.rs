//! The city's data platform, as the room that shares asks it, and when it is asked.

use std::sync::Arc;
use std::time::Duration;

use rand_core::{OsRng, RngCore};
use tachiai_schemas::Refusal;
use tachiai_schemas::roll::Day;
use tachiai_schemas::sharing::ngsi::warnings;

use super::{App, Base, StartError};
use crate::config::Broker;
use crate::outbox::OutboxError;
use crate::outbox::backoff::Backoff;
use crate::outbox::fetch::Fetcher;
use crate::refused::Refused;
use crate::sharing::Platform;

/// The most pages of somebody's step counts.
const STEPS: usize = 50;

/// The most pages of warnings.
const WARNINGS: usize = 10;

/// The platform behind a broker.
struct OfBroker(Fetcher);

impl Platform for OfBroker {
    fn steps(&self, pseudonym: &str, from: Day) -> Result<Vec<Vec<u8>>, String> {
        // refCitizen=="urn:ngsi-ld:Citizen:…";dateObserved>="…"
        let query = format!("refCitizen%3D%3D%22urn:ngsi-ld:Citizen:{pseudonym}%22%3BdateObserved%3E%3D%22{from}%22");
        let mut pages = Vec::new();
        self.0.each("StepCount", &query, STEPS, |page| {
            pages.push(page);
            Ok(())
        })?;
        Ok(pages)
    }

    fn warnings(&self, take: &mut dyn FnMut(Vec<u8>) -> Result<(), String>) -> Result<(), String> {
        self.0.each(warnings::TYPE, warnings::QUERY, WARNINGS, take)
    }
}

/// The platform to be asked, if one is configured.
pub(super) fn platform(base: &Base) -> Result<Option<Arc<dyn Platform>>, StartError> {
    let Some(Broker { url, ca, token, tenant, context, warnings_seconds: _ }) = base.config.broker.clone() else { return Ok(None) };
    Ok(Some(Arc::new(OfBroker(Fetcher::new(&url, ca, token, tenant, context.as_deref()).map_err(OutboxError::from)?))))
}

/// Asks every hour for the step counts of those who consent, and sooner where it did not tell.
pub(super) async fn fetch_steps(app: Arc<App>) {
    const HOUR: Duration = Duration::from_secs(3600);
    const AGAIN: Backoff = Backoff { first: Duration::from_secs(60), most: HOUR };
    if app.base.config.broker.is_none() {
        return;
    }
    let mut failures = 0_u32;
    loop {
        tokio::time::sleep(if failures == 0 { HOUR } else { AGAIN.delay(failures, OsRng.next_u32()) }).await;
        failures = match app.sharing.fetch_steps().await {
            Ok(round) if round.failed == 0 => 0,
            // Somebody asks just now.
            Err(Refused { refusal: Refusal::Busy, .. }) => 0,
            Ok(_) => failures.saturating_add(1),
            Err(error) => {
                tracing::error!(%error, "step counts were not fetched");
                failures.saturating_add(1)
            }
        };
    }
}

/// Asks for warnings and hazards, at once and then as often as is configured, and sooner where it did not tell.
pub(super) async fn fetch_warnings(app: Arc<App>) {
    let Some(every) = app.base.config.broker.as_ref().map(|broker| u64::from(broker.warnings_seconds)).filter(|every| *every > 0) else { return };
    let every = Duration::from_secs(every);
    let again = Backoff { first: Duration::from_secs(30).min(every), most: every };
    let mut failures = 0_u32;
    loop {
        failures = match app.sharing.fetch_warnings().await {
            Ok(warnings) if warnings.silent.is_none() => 0,
            Err(Refused { refusal: Refusal::Busy, .. }) => 0,
            Ok(_) => failures.saturating_add(1),
            Err(error) => {
                tracing::error!(%error, "warnings were not fetched");
                failures.saturating_add(1)
            }
        };
        tokio::time::sleep(if failures == 0 { every } else { again.delay(failures, OsRng.next_u32()) }).await;
    }
}
