//! The city's data platform, as the room that shares asks it.

use tachiai_schemas::roll::Day;

use crate::outbox::fetch::Fetcher;
use crate::sharing::Platform;

/// The platform behind a broker.
pub struct OfBroker(pub Fetcher);

impl Platform for OfBroker {
    fn steps(&self, pseudonym: &str, from: Day) -> Result<Vec<Vec<u8>>, String> {
        // refCitizen=="urn:ngsi-ld:Citizen:…";dateObserved>="…"
        let query = format!("refCitizen%3D%3D%22urn:ngsi-ld:Citizen:{pseudonym}%22%3BdateObserved%3E%3D%22{from}%22");
        self.0.pages("StepCount", &query)
    }
}
