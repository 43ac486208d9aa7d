//! Declaring an event, and closing it.

use std::sync::{Arc, PoisonError};

use rand_core::OsRng;
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::{Body, Declared, EventId};
use tachiai_schemas::shelter::{EventEnded, EventMade, EventSpec};
use tachiai_schemas::{Bytes, Refusal};

use super::event::Keys;
use super::{Event, Shelters, decide, offload};
use crate::refused::Refused;

/// Whether an event is what was asked for.
fn is_same(spec: &EventSpec, declared: &Declared) -> bool {
    let EventSpec { kind, title, municipality, began, card, min_group } = spec;
    (kind, title, municipality, began, card, min_group)
        == (&declared.kind, &declared.title, &declared.municipality, &declared.began, &declared.card, &declared.min_group)
}

impl Shelters {
    /// The event that is as was asked for and not closed, if there is one.
    fn declared_as(&self, spec: &EventSpec) -> Option<EventId> {
        let open = |event: &&Arc<Event>| {
            let published = event.published();
            published.roster.closed().is_none() && published.roster.declared().is_some_and(|declared| is_same(spec, declared))
        };
        self.all().iter().find(open).map(|event| event.id)
    }

    /// Whether an event could be declared now.
    ///
    /// # Errors
    /// [`Refusal::ShelterInvalid`], [`Refusal::EventDeclared`].
    pub fn ready_to_declare(&self, spec: &EventSpec) -> Result<(), Refused> {
        decide::check_spec(spec, self.services.clock.now())?;
        if self.declared_as(spec).is_some() { Err(Refusal::EventDeclared.into()) } else { Ok(()) }
    }

    /// Declares an event on behalf of these officials. One that is declared already, as before a restart, stays the one.
    ///
    /// # Errors
    /// [`Refusal::ShelterInvalid`].
    pub async fn declare(&self, by: Vec<String>, spec: EventSpec) -> Result<EventMade, Refused> {
        let _turn = self.declaring.lock().await;
        decide::check_spec(&spec, self.services.clock.now())?;
        if let Some(event) = self.declared_as(&spec) {
            return Ok(EventMade { event });
        }
        let id = EventId::generate(&mut OsRng);
        let (services, register) = (Arc::clone(&self.services), Arc::clone(&self.register));
        let event = offload(move || {
            Keys::create(&services, id).map_err(|error| Refused::fault("making the keys of an event", error))?;
            Event::open(services, register, id).map_err(|error| Refused::fault("beginning the journals of an event", error))
        })
        .await?;
        let EventSpec { kind, title, municipality, began, card, min_group } = spec;
        let declared = Declared {
            kind,
            title,
            municipality,
            began,
            card,
            origin: format!("{}/{id}", self.services.host),
            key: Bytes(event.keys.sign.public().to_bytes()),
            recipient: event.keys.open.to_public().to_string(),
            min_group,
        };
        let body = Body::Declared(Box::new(declared));
        event.write(by, Day::of(began), None, move |pen, millis| pen.write(body, millis)).await?;
        self.events.write().unwrap_or_else(PoisonError::into_inner).insert(id, event);
        tracing::info!(event = %id, ?kind, "declared");
        Ok(EventMade { event: id })
    }
}

impl Event {
    /// The day of the event in Japan, by which ages are reckoned.
    pub(super) fn began(&self) -> Result<Day, Refused> {
        Ok(Day::of(self.declared()?.began))
    }

    /// Has the appliance write an entry without fields.
    pub(super) async fn write_plain(self: &Arc<Self>, by: Vec<String>, body: Body) -> Result<u64, Refused> {
        let began = self.began()?;
        self.write(by, began, None, move |pen, millis| pen.write(body, millis)).await.map(|(_, _, leaf)| leaf)
    }

    /// Closes the event on behalf of two officials. One that is closed stays so.
    ///
    /// # Errors
    /// As for every entry.
    pub async fn close(self: &Arc<Self>, by: [String; 2]) -> Result<EventEnded, Refused> {
        if self.is_open().is_ok() {
            self.write_plain(by.into(), Body::Closed {}).await?;
            tracing::info!(event = %self.id, "closed");
        }
        Ok(EventEnded { event: self.id, size: self.published().roster.len() })
    }
}
