//! What a shelter has on paper: the form that a household fills in at a reception without power (避難者受付票), and the list of shelters for the wall (避難所一覧).

use serde_json::{Value, json};
use tachiai_schemas::election::Text;
use tachiai_schemas::roster::{EventKind, Need, OpenState};
use tachiai_schemas::shelter::{EventView, ShelterView};
use tachiai_schemas::{Lang, Timestamp};

use super::frame::chosen;
use super::{era, number, number_or_dash};
use crate::shelter::said;

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
#[derive(Debug, Clone, PartialEq, Eq)]
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
        }
    }

    /// When it was made.
    #[must_use]
    pub const fn made(&self) -> Timestamp {
        match self {
            Self::Reception { head, shelter: _ } | Self::List { head, shelters: _ } => head.made,
        }
    }

    /// Everything that the template prints, as texts.
    pub(super) fn sheet(&self, lang: Lang) -> Value {
        let (head, title, body) = match self {
            Self::Reception { head, shelter } => {
                let needs = Need::ALL.map(|need| said::need(lang, need));
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
        "state": said::state(lang, state.state),
        "capacity": number_or_dash(state.capacity.map(u64::from)),
        "present": number(totals.present),
        "heads": number_or_dash(totals.heads.map(u64::from)),
    })
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::roster::ShelterState;
    use tachiai_schemas::roster::shelter::Pets;
    use tachiai_schemas::shelter::Totals;

    use super::*;
    use crate::papers::fonts::Fonts;
    use crate::papers::press::Press;

    fn text(words: &str) -> Text {
        Text { ja: words.to_owned(), en: words.to_owned() }
    }

    fn head(kind: EventKind) -> Head {
        Head { event: text("令和8年台風第15号"), kind, made: "2026-09-01T12:00:00Z".parse().unwrap() }
    }

    fn list() -> Form {
        let state = ShelterState {
            shelter: "gym".parse().unwrap(),
            name: text("八鹿体育館"),
            address: "養父市八鹿町八鹿1".to_owned(),
            district: String::new(),
            position: None,
            capacity: Some(200),
            rooms: Vec::new(),
            features: Vec::new(),
            pets: Pets::Unknown,
            state: OpenState::Crowded,
        };
        let totals = Totals { present: 1_180, heads: Some(1_200), ..Totals::default() };
        Form::List { head: head(EventKind::Disaster), shelters: vec![ShelterView { state, totals, rooms: None }] }
    }

    #[test]
    fn a_list_has_every_shelter_with_its_figures_in_the_language() {
        let sheet = list().sheet(Lang::Ja);
        assert_eq!(sheet["body"]["list"]["rows"][0]["state"], "混雑");
        assert_eq!(sheet["body"]["list"]["rows"][0]["present"], "1,180");
        assert_eq!(list().sheet(Lang::En)["body"]["list"]["rows"][0]["state"], "crowded");
    }

    #[test]
    fn the_sheets_of_a_drill_say_so() {
        let form = |kind| Form::Reception { head: head(kind), shelter: None }.sheet(Lang::Ja);
        assert_eq!((&form(EventKind::Drill)["drill"], &form(EventKind::Disaster)["drill"]), (&json!(true), &json!(false)));
    }

    #[test]
    fn both_sheets_are_set_the_same_way_each_time() {
        let Ok(fonts) = Fonts::of_the_system() else { return };
        let press = Press::new(fonts);
        for form in [list(), Form::Reception { head: head(EventKind::Drill), shelter: Some(text("八鹿体育館")) }] {
            for lang in [Lang::Ja, Lang::En] {
                let pdf = press.print_form(&form, lang).unwrap_or_else(|error| panic!("{error}"));
                assert!(pdf.starts_with(b"%PDF-") && pdf == press.print_form(&form, lang).unwrap());
            }
        }
    }
}
