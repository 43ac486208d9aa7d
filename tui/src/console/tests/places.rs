//! Every place, with nothing in it and with long names: so that no screen is without a picture.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::*;
use crate::console::desk::Kept;
use crate::console::screens;
use crate::console::work::question::elections::{Answer as OfElections, Counting};
use crate::console::work::sharing_question::Answer as OfSharing;
use crate::console::work::shelters::Answer as OfShelters;

/// What stands behind every name and every text.
const BEHIND: [&str; 2] =
    ["とても長い名前の方や所のために、どの欄の幅よりも長くした文字列", "and so on, with more words than any column of any screen has room for"];

/// What there is to be seen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Empty,
    Long,
}

/// The place after another one. A new one has no picture until it stands here.
fn next(place: Option<Place>) -> Option<Place> {
    let (election, event, code) = (samples::election(), samples::event_id(), samples::sharing::code());
    Some(match place {
        None => Place::Connection,
        Some(Place::Connection) => Place::Home,
        Some(Place::Home) => Place::Approvals,
        Some(Place::Approvals) => Place::Elections,
        Some(Place::Elections) => Place::Election(election),
        Some(Place::Election(_)) => Place::Events,
        Some(Place::Events) => Place::Event(event),
        Some(Place::Event(_)) => Place::Close(event),
        Some(Place::Close(_)) => Place::People(event),
        Some(Place::People(_)) => Place::Person(event, samples::contradicted().counts.chain),
        Some(Place::Person(..)) => Place::Conflicts(event),
        Some(Place::Conflicts(_)) => Place::Journal,
        Some(Place::Journal) => Place::Sharing,
        Some(Place::Sharing) => Place::Disclose,
        Some(Place::Disclose) => Place::Alerts,
        Some(Place::Alerts) => Place::Warnings,
        Some(Place::Warnings) => Place::Citizens,
        Some(Place::Citizens) => Place::Citizen(code),
        Some(Place::Citizen(_)) => Place::Access(code),
        Some(Place::Access(_)) => Place::Facilities(event),
        Some(Place::Facilities(_)) => Place::Import,
        Some(Place::Import) => Place::Terminals(event),
        Some(Place::Terminals(_)) => Place::Missing(event),
        Some(Place::Missing(_)) => Place::Duplicates(event),
        Some(Place::Duplicates(_)) => Place::Statements(event),
        Some(Place::Statements(_)) => Place::Asides(event),
        Some(Place::Asides(_)) => Place::Aside(event, samples::shelters::aside_file()),
        Some(Place::Aside(..)) => Place::Reception,
        Some(Place::Reception) => Place::RollCall,
        Some(Place::RollCall) => Place::Poll,
        Some(Place::Poll) => Place::Trustee,
        Some(Place::Trustee) => Place::Create,
        Some(Place::Create) => Place::RollFile(election),
        Some(Place::RollFile(_)) => Place::TrusteeFile(election),
        Some(Place::TrusteeFile(_)) => Place::RollPractice(election),
        Some(Place::RollPractice(_)) => Place::Declarations(election),
        Some(Place::Declarations(_)) => Place::Counting(election),
        Some(Place::Counting(_)) => Place::Board(election),
        Some(Place::Board(_)) => return None,
    })
}

/// What a place is called in its pictures.
fn name(place: Place) -> String {
    let debug = format!("{place:?}");
    let name = debug.split(['(', ' ']).next().unwrap_or_default();
    let words = name.chars().enumerate().flat_map(|(n, c)| (n > 0 && c.is_uppercase()).then_some('-').into_iter().chain(c.to_lowercase()));
    words.collect()
}

/// A value without what is listed in it, or with long names and texts.
fn so<T: Serialize + DeserializeOwned>(how: How, value: T) -> T {
    let mut json = serde_json::to_value(value).unwrap();
    change(how, &mut json);
    serde_json::from_value(json).unwrap()
}

fn change(how: How, value: &mut Value) {
    match (value, how) {
        (Value::Array(list), How::Empty) if list.first().is_some_and(Value::is_object) => list.clear(),
        (Value::Array(list), _) => list.iter_mut().for_each(|one| change(how, one)),
        (Value::Object(fields), _) => fields.values_mut().for_each(|one| change(how, one)),
        // Names and texts alone have spaces or other letters than ASCII.
        (Value::String(text), How::Long) if !text.is_ascii() => *text = format!("{text}{}", BEHIND[0]),
        (Value::String(text), How::Long) if text.contains(' ') => *text = format!("{text} {}", BEHIND[1]),
        _ => {}
    }
}

fn waiting(how: How) -> Vec<Waiting> {
    match how {
        How::Empty => Vec::new(),
        How::Long => {
            let longer =
                |waiting: Waiting| Waiting { text: waiting.text.map(|text| text.lines().map(|line| format!("{line}  {}\n", BEHIND[0])).collect()), ..waiting };
            samples::waiting().into_iter().map(longer).collect()
        }
    }
}

fn counting(how: How) -> Counting {
    let OfElections::Counting(counting) = elections::answer(&crate::console::work::question::elections::Question::Counting(samples::election())) else {
        panic!()
    };
    let Counting { views, manifest, outs, lots } = *counting;
    Counting { views: so(how, views), manifest: so(how, manifest), outs: so(how, outs), lots: so(how, lots) }
}

fn answer(how: How, question: &Question) -> Answer {
    let phase = if how == How::Empty { Phase::Draft } else { Phase::Open };
    match question {
        Question::Election(_) => Answer::Election(Box::new(so(how, samples::election_status(phase)))),
        Question::Turnout(_, hour) => Answer::Turnout(Box::new(so(how, samples::turnout(hour.unwrap_or_else(now))))),
        Question::Outcome(_) => Answer::Outcome(Box::new(so(how, samples::outcome()))),
        Question::Roll(_) => Answer::Roll(Box::new(so(how, elections::overview()))),
        Question::Approvals => Answer::Approvals(waiting(how)),
        Question::Event(_) => Answer::Event(Box::new(so(how, samples::event_view()))),
        Question::People(..) => Answer::People(Box::new(so(how, samples::people()))),
        Question::Person(..) => Answer::Person(Box::new(so(How::Long, samples::contradicted()))),
        Question::Conflicts(_) => Answer::Conflicts(so(how, vec![samples::contradicted()])),
        Question::Journal(from) => Answer::Journal(Box::new(so(how, samples::journal(*from)))),
        Question::Path(path) => Answer::Path(samples::found(path)),
        Question::Acts(_, from) => Answer::Journal(Box::new(so(how, samples::journal(*from)))),
        Question::Declined => Answer::Declined(Vec::new()),
        Question::Elections(question) => Answer::Elections(match elections::answer(question) {
            OfElections::Board(leaves) => OfElections::Board(if how == How::Empty { Vec::new() } else { leaves }),
            OfElections::Counting(_) => OfElections::Counting(Box::new(counting(how))),
            OfElections::RollPeople(found) => OfElections::RollPeople(Box::new(so(how, *found))),
            OfElections::Declarations(list) => OfElections::Declarations(Box::new(so(how, *list))),
            OfElections::SpecFile(spec) => OfElections::SpecFile(Box::new(so(how, *spec))),
            other @ (OfElections::RollFile(_) | OfElections::TrusteeFile(_) | OfElections::RollRow(_)) => other,
        }),
        Question::Sharing(question) => Answer::Sharing(match samples::sharing::answer(question) {
            OfSharing::Agencies(list) => OfSharing::Agencies(so(how, list)),
            OfSharing::Grants(list) => OfSharing::Grants(so(how, list)),
            OfSharing::Disclosures(list) => OfSharing::Disclosures(so(how, list)),
            OfSharing::Alerts(list) => OfSharing::Alerts(so(how, list)),
            OfSharing::Warnings(told) => OfSharing::Warnings(Box::new(so(how, *told))),
            OfSharing::Preview(preview) => OfSharing::Preview(Box::new(so(how, *preview))),
            OfSharing::Citizen(view) => OfSharing::Citizen(Box::new(so(how, *view))),
            OfSharing::Access(page) => OfSharing::Access(Box::new(so(how, *page))),
        }),
        Question::Shelters(question) => Answer::Shelters(match samples::shelters::answer(question) {
            OfShelters::Facilities(standing) => OfShelters::Facilities(Box::new(so(how, *standing))),
            OfShelters::Duplicates(groups) => OfShelters::Duplicates(so(how, groups)),
            OfShelters::Missing(seen) => OfShelters::Missing(Box::new(so(how, *seen))),
            OfShelters::Statements(list) => OfShelters::Statements(so(how, list)),
            OfShelters::Outstanding(out) => OfShelters::Outstanding(Box::new(so(how, *out))),
            OfShelters::Asides(views) => OfShelters::Asides(so(how, views)),
            OfShelters::Aside(opened) => OfShelters::Aside(Box::new(so(how, *opened))),
            OfShelters::Events(events) => OfShelters::Events(so(how, events)),
            other @ (OfShelters::Import(_) | OfShelters::Request(_) | OfShelters::Questionnaire(_)) => other,
        }),
    }
}

/// Who sees a place, and what is going on then.
fn status(how: How, place: Place) -> Status {
    let role = match place {
        Place::Journal => Role::Auditor,
        Place::Home
        | Place::Approvals
        | Place::Elections
        | Place::Election(_)
        | Place::Create
        | Place::RollFile(_)
        | Place::TrusteeFile(_)
        | Place::RollPractice(_)
        | Place::Declarations(_)
        | Place::Counting(_)
        | Place::Board(_) => Role::Commission,
        _ => Role::Headquarters,
    };
    match (how, role) {
        (How::Empty, role) => samples::empty(role),
        (How::Long, Role::Headquarters) => so(how, samples::headquarters()),
        (How::Long, role) => so(how, Status { viewer: tachiai_schemas::status::Viewer { name: "西村".to_owned(), role }, ..samples::commission() }),
    }
}

/// A place as somebody comes to it, with everything answered.
fn come(lang: Lang, how: How, place: Place) -> State {
    let mut state = connected(lang, status(how, place));
    state.screens.push(screens::at(place));
    match place {
        Place::People(_) => {
            state.update(Event::Paste("nishi".to_owned()));
            state.update(Event::Key(Key::Enter));
        }
        Place::Import | Place::RollFile(_) | Place::TrusteeFile(_) if how == How::Long => {
            state.update(Event::Paste(format!("/media/usb/{}/{}.csv", BEHIND[0], BEHIND[1])));
            state.update(Event::Key(Key::Enter));
        }
        _ => {}
    }
    // One answer may be what another question follows from.
    for _ in 0..3 {
        let questions = state.screens.last().map(|screen| screen.questions(&state.desk)).unwrap_or_default();
        for question in questions {
            let kept = Kept { answer: Some((answer(how, &question), now())), ..Kept::default() };
            state.desk.answers.insert(question, kept);
        }
        if let Some(screen) = state.screens.last_mut() {
            screen.refreshed(&state.desk);
        }
    }
    state
}

#[test]
fn every_place_is_drawn_with_nothing_in_it_and_with_long_names() {
    let places: Vec<Place> = std::iter::successors(next(None), |place| next(Some(*place))).collect();
    for place in places {
        for (how, suffix) in [(How::Empty, "empty"), (How::Long, "long")] {
            picture(&format!("place-{}-{suffix}", name(place)), |lang| come(lang, how, place));
        }
    }
}
