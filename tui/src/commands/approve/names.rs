//! What things are called of which a matter has only the IDs.

use std::collections::BTreeMap;

use tachiai_schemas::counting::OutcomeView;
use tachiai_schemas::election::{Manifest, Text};
pub use tachiai_schemas::lang::with_id;
use tachiai_schemas::roster::{EventId, ShelterId};
use tachiai_schemas::shelter::EventView;
use tachiai_schemas::staff::{Act, Matter};
use tachiai_schemas::{ElectionId, Lang};

use crate::card::printable;
use crate::client::Client;
use crate::commands::count;
use crate::commands::shelter::called::{Known, called};
use crate::voter;

/// The names that are known here. What is not among them is called by its ID.
#[derive(Debug, Clone, Default)]
pub struct Names {
    elections: BTreeMap<ElectionId, Text>,
    manifests: BTreeMap<ElectionId, Manifest>,
    outcomes: BTreeMap<ElectionId, OutcomeView>,
    events: BTreeMap<EventId, Text>,
    /// Each with its name and district.
    shelters: BTreeMap<(EventId, ShelterId), (Text, String)>,
}

impl Names {
    /// The names for these matters, as the appliance has them.
    #[must_use]
    pub fn of<'a>(client: &Client, matters: impl IntoIterator<Item = &'a Matter>) -> Self {
        let mut names = Self::default();
        for matter in matters {
            let granted = if let Matter::Grant { grant } = matter { grant.event } else { None };
            names.ask_event(client, matter.event().or(granted));
            if let Some(election) = election_of(matter)
                && !names.manifests.contains_key(&election)
                && let Ok(manifest) = voter::manifest(client, election)
            {
                names.manifests.insert(election, manifest);
            }
            if let Matter::Election { election, act: Act::Publish, roll: _ } = matter
                && let Ok(outcome) = count::outcome_of(client, *election)
            {
                names.outcomes.insert(*election, outcome);
            }
        }
        names
    }

    /// The names in a manifest.
    #[must_use]
    pub fn of_manifest(manifest: Manifest) -> Self {
        Self { manifests: BTreeMap::from([(manifest.election, manifest)]), ..Self::default() }
    }

    /// The names for what is of these events, as the appliance has them.
    #[must_use]
    pub fn of_events(client: &Client, events: impl IntoIterator<Item = EventId>) -> Self {
        let mut names = Self::default();
        for event in events {
            names.ask_event(client, Some(event));
        }
        names
    }

    fn ask_event(&mut self, client: &Client, event: Option<EventId>) {
        if let Some(event) = event
            && !self.events.contains_key(&event)
            && let Ok(view) = client.get::<EventView>(&format!("/api/v1/shelter/events/{event}"), None)
        {
            self.event(event, &view.summary.declared.title, &view.shelters);
        }
    }

    /// An event is called so, and its shelters so.
    pub fn event<'a>(&mut self, event: EventId, title: &Text, shelters: impl IntoIterator<Item = impl Into<Known<'a>>>) {
        self.events.insert(event, title.clone());
        let known = shelters.into_iter().map(Into::into);
        self.shelters.extend(known.map(|Known { shelter, name, district }| ((event, shelter.clone()), (name.clone(), district.to_owned()))));
    }

    /// An election is called so.
    pub fn election(&mut self, election: ElectionId, title: &Text) {
        self.elections.insert(election, title.clone());
    }

    /// What an election says of itself, where that is known.
    #[must_use]
    pub fn manifest(&self, election: ElectionId) -> Option<&Manifest> {
        self.manifests.get(&election)
    }

    /// What an election came to, where it is to be published.
    #[must_use]
    pub fn outcome(&self, election: ElectionId) -> Option<&OutcomeView> {
        self.outcomes.get(&election)
    }

    /// An election by its title.
    #[must_use]
    pub fn election_name(&self, lang: Lang, election: ElectionId) -> String {
        let title = self.manifests.get(&election).map(|manifest| &manifest.title).or_else(|| self.elections.get(&election));
        title.map_or_else(|| election.to_string(), |title| said(lang, title))
    }

    /// An event by its title.
    #[must_use]
    pub fn event_name(&self, lang: Lang, event: EventId) -> String {
        self.events.get(&event).map_or_else(|| event.to_string(), |title| said(lang, title))
    }

    /// An event by its title, with its ID.
    #[must_use]
    pub fn event_with_id(&self, lang: Lang, event: EventId) -> String {
        with_id(lang, &self.event_name(lang, event), &event.to_string())
    }

    /// Shelters of an event by their names, with their IDs.
    #[must_use]
    pub fn shelters_with_ids(&self, lang: Lang, event: EventId, shelters: &[ShelterId]) -> String {
        if shelters.is_empty() {
            return lang.pick("すべて", "all").to_owned();
        }
        let named = shelters.iter().map(|shelter| with_id(lang, &self.shelter_name(lang, event, shelter), &shelter.to_string()));
        named.collect::<Vec<_>>().join(lang.pick("、", ", "))
    }

    /// A shelter of an event by its name, told apart from others of the same name.
    #[must_use]
    pub fn shelter_name(&self, lang: Lang, event: EventId, shelter: &ShelterId) -> String {
        let all = self.shelters.iter().filter(|((of, _), _)| *of == event);
        called(lang, shelter, all.map(|((_, shelter), (name, district))| Known { shelter, name, district }))
    }
}

fn said(lang: Lang, text: &Text) -> String {
    printable(lang.pick(&text.ja, &text.en))
}

/// The election that a matter names, whether or not it is an act of it.
const fn election_of(matter: &Matter) -> Option<ElectionId> {
    match matter {
        Matter::AttendedLook { election, commitment: _ } | Matter::PapersByName { election, .. } => Some(*election),
        _ => matter.election(),
    }
}
