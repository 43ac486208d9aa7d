//! What a shelter has on paper: the form that a household fills in at a reception without power (避難者受付票), who is there ([`present`], 避難者名簿), and the list of
//! shelters for the wall (避難所一覧).

use serde_json::{Value, json};
use tachiai_schemas::election::Text;
use tachiai_schemas::roster::{EventKind, Need, OpenState};
use tachiai_schemas::shelter::{EventView, ShelterView};
use tachiai_schemas::{Lang, Say, Timestamp};

use super::frame::chosen;
use super::{era, number, number_or_dash};

pub mod present;

use present::Present;

/// How many people of a household have a row on the form.
const ROWS: usize = 6;

/// What every sheet says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The event.
    pub event: Text,
    /// Its kind: the sheets of a drill say that it is one.
    pub kind: EventKind,
    /// When the sheet was made.
    pub made: Timestamp,
}

/// A sheet.
///
/// There is no `Debug`: it may name people.
#[derive(Clone, PartialEq, Eq)]
pub enum Form {
    /// 避難者受付票: blank, for one household, with the name of a shelter or a line for it.
    Reception {
        /// What every sheet says.
        head: Head,
        /// The shelter.
        shelter: Option<Text>,
    },
    /// 避難所一覧: which shelters are open, and how full they are.
    List {
        /// What every sheet says.
        head: Head,
        /// The shelters.
        shelters: Vec<ShelterView>,
    },
    /// 避難者名簿: who is in a shelter.
    Present {
        /// What every sheet says.
        head: Head,
        /// Who.
        present: Box<Present>,
    },
}

impl Head {
    /// The head of an event's sheets.
    #[must_use]
    pub fn of(view: &EventView, made: Timestamp) -> Self {
        let declared = &view.summary.declared;
        Self { event: declared.title.clone(), kind: declared.kind, made }
    }
}

impl Form {
    /// The name of its file, without an ending.
    #[must_use]
    pub const fn file_stem(&self) -> &'static str {
        match self {
            Self::Reception { .. } => "reception-form",
            Self::List { .. } => "shelter-list",
            Self::Present { .. } => "present",
        }
    }

    /// When it was made.
    #[must_use]
    pub const fn made(&self) -> Timestamp {
        match self {
            Self::Reception { head, shelter: _ } | Self::List { head, shelters: _ } | Self::Present { head, present: _ } => head.made,
        }
    }

    /// Everything that the template prints, as texts.
    pub(super) fn sheet(&self, lang: Lang) -> Value {
        let (head, title, body) = match self {
            Self::Reception { head, shelter } => {
                let needs = Need::ALL.map(|need| need.say(lang));
                let body = json!({ "shelter": shelter.as_ref().map(|name| chosen(lang, name)), "rows": ROWS, "needs": needs });
                (head, lang.pick("避難者受付票", "Reception form"), json!({ "form": body }))
            }
            Self::List { head, shelters } => {
                let open = shelters.iter().filter(|shelter| shelter.state.state != OpenState::Closed).count();
                let persons: u64 = shelters.iter().map(|shelter| shelter.totals.present).sum();
                let rows: Vec<Value> = shelters.iter().map(|shelter| row(lang, shelter)).collect();
                let body = json!({ "rows": rows, "open": number(open as u64), "persons": number(persons) });
                (head, lang.pick("避難所一覧", "Shelters"), json!({ "list": body }))
            }
            Self::Present { head, present } => (head, lang.pick("避難者名簿", "People in the shelter"), json!({ "present": present.sheet(lang) })),
        };
        let drill = head.kind == EventKind::Drill;
        json!({
            "lang": lang.pick("ja", "en"),
            "title": title,
            "event": chosen(lang, &head.event),
            "drill": drill,
            "made": era::written(head.made, lang),
            "body": body,
            // The page of other papers asks for these, and prints nothing here.
            "mock": false,
            "authority": "",
            "election": "",
        })
    }
}

fn row(lang: Lang, shelter: &ShelterView) -> Value {
    let ShelterView { state, totals, rooms: _ } = shelter;
    json!({
        "name": chosen(lang, &state.name),
        "address": state.address,
        "state": state.state.say(lang),
        "capacity": number_or_dash(state.capacity.map(u64::from)),
        "present": number(totals.present),
        "heads": number_or_dash(totals.heads.map(u64::from)),
    })
}

#[cfg(test)]
mod tests;
