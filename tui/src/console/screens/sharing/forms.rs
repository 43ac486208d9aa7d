//! The windows by which an agency is entered, a grant is asked for, and a grant is ended.

use tachiai_schemas::roster::disclosure::{Basis, Selection};
use tachiai_schemas::roster::{EventId, Need, ShelterId};
use tachiai_schemas::sharing::Name;
use tachiai_schemas::sharing::agency::{Agency, AgencyKind, Format, Grant};
use tachiai_schemas::shelter::{ShelterView, figures};
use tachiai_schemas::staff::Matter;
use tachiai_schemas::{InPlaceOf, Lang, Say, Timestamp};

use super::agencies;
use super::words::{agency_lines, grant_paper};
use crate::card::printable;
use crate::commands::agency::ascending;
use crate::commands::approve::{matter, with_id};
use crate::commands::given::field_called;
use crate::commands::shelter::called::called;
use crate::commands::shelter::words::word;
use crate::console::desk::Desk;
use crate::console::i18n::both;
use crate::console::popups::ask::Ask;
use crate::console::popups::confirm::Sure;
use crate::console::popups::{Popup, Turn};
use crate::console::screens::home;
use crate::console::widgets::form::{Entry, Form, Problem};
use crate::console::widgets::several::Item;
use crate::console::work::sharing_deed::Deed;
use crate::console::work::{Answer as Known, Deed as Done, Question as Asked};

/// The legal bases, as they are chosen.
const BASES: [Basis; 4] = [Basis::AffectedLedger, Basis::ActionSupport, Basis::Consent, Basis::VitalEmergency];

/// The forms beside the proof, as they are chosen.
const FORMS: [&[Format]; 4] = [&[], &[Format::Fhir], &[Format::Csv], &[Format::Fhir, Format::Csv]];

/// What is wrong with a line.
pub(in crate::console::screens) fn problem(desk: &Desk, label: &'static str, said: &str) -> Problem {
    Problem { label, said: desk.say(said) }
}

fn kinds(lang: Lang) -> Vec<String> {
    AgencyKind::ALL.iter().map(|(kind, _)| kind.say(lang)).collect()
}

/// The form of an agency, empty or as it stands.
pub(super) fn agency(desk: &Desk, before: Option<&Agency>) -> Popup {
    let lang = desk.lang();
    let form = match before {
        None => Form::new(vec![
            Entry::text("share-name").hint("share-name-hint"),
            Entry::choice("share-kind", kinds(lang), 0),
            Entry::text("share-recipient").hint("share-recipient-hint"),
            Entry::text("share-contact"),
        ]),
        Some(Agency { name, kind, recipient, contact }) => Form::new(vec![
            Entry::filled("share-name", name.as_str()),
            Entry::choice("share-kind", kinds(lang), AgencyKind::ALL.iter().position(|(of, _)| of == kind).unwrap_or(0)),
            Entry::filled("share-recipient", recipient).hint("share-recipient-hint"),
            Entry::filled("share-contact", contact),
        ]),
    };
    let before = before.cloned();
    Popup::ask(Ask::new("share-agency-title", String::new(), form, move |desk, form| read_agency(desk, form, before.as_ref())))
}

fn read_agency(desk: &Desk, form: &Form, before: Option<&Agency>) -> Result<Turn, Vec<Problem>> {
    let mut problems = Vec::new();
    let name = form.text("share-name").parse::<Name>().map_err(|_| problems.push(problem(desk, "share-name", "wrong-name")));
    let recipient = form.text("share-recipient");
    if !recipient.starts_with("age1") {
        problems.push(problem(desk, "share-recipient", "wrong-recipient"));
    }
    let contact = form.text("share-contact");
    if contact.is_empty() {
        problems.push(problem(desk, "share-contact", "wrong-empty"));
    }
    let kind = AgencyKind::ALL.get(form.chosen("share-kind")).map(|(kind, _)| *kind);
    let (Ok(name), Some(kind), true) = (name, kind, problems.is_empty()) else { return Err(problems) };
    let agency = Agency { name, kind, recipient, contact };
    let text = both(|words| format!("{}\n\n{}", agency_lines(words, &agency), words.say("share-agency-note")));
    // Under another name it is another agency.
    let before = before.filter(|before| before.name == agency.name).cloned();
    let deed = Done::Sharing(Deed::SetAgency(Box::new(InPlaceOf { before, now: agency })));
    Ok(Turn::Open(Box::new(Popup::sure(Sure { title: "share-agency-sure", text, word: None, deed }))))
}

/// The events that a grant may name: every one, and those that are open.
fn events(desk: &Desk) -> Vec<(String, Option<EventId>)> {
    let open = desk.status.iter().filter_map(|status| status.events.as_ref()).flatten();
    let open = open.map(|event| (home::title(desk, &event.summary.declared.title), Some(event.summary.event)));
    std::iter::once((desk.say("share-every-event"), None)).chain(open).collect()
}

/// A shelter that can be chosen, with its event.
pub(in crate::console::screens) type Shelter = (EventId, ShelterId, Item);

/// The shelters of the open events, or of one of them, as far as they are here; where there are several events, with the title of theirs.
pub(in crate::console::screens) fn shelters(desk: &Desk, of: Option<EventId>) -> Vec<Shelter> {
    let open: Vec<EventId> = events(desk).into_iter().filter_map(|(_, event)| event).filter(|event| of.is_none_or(|of| of == *event)).collect();
    let is_alone = open.len() < 2;
    let view = |event: &EventId| if let Some(Known::Event(view)) = desk.answer(&Asked::Event(*event)) { Some(view) } else { None };
    let mut all = Vec::new();
    for view in open.iter().filter_map(view) {
        let event = view.summary.event;
        let behind = |name: String| if is_alone { name } else { with_id(desk.lang(), &name, &home::title(desk, &view.summary.declared.title)) };
        all.extend(view.shelters.iter().map(|ShelterView { state, .. }| {
            let item = Item {
                name: behind(called(desk.lang(), &state.shelter, &view.shelters)),
                readings: vec![printable(&state.name.ja), printable(&state.name.en)],
            };
            (event, state.shelter.clone(), item)
        }));
    }
    all
}

/// What is chosen from.
pub(in crate::console::screens) fn items(shelters: &[Shelter]) -> Vec<Item> {
    shelters.iter().map(|(_, _, item)| item.clone()).collect()
}

/// The shelters that are marked in a form; nothing where one is of another event than the chosen one.
pub(in crate::console::screens) fn chosen_shelters(form: &Form, shelters: &[Shelter], event: Option<EventId>) -> Option<Vec<ShelterId>> {
    let marked = form.several("share-shelters").into_iter().filter_map(|place| shelters.get(place));
    marked.map(|(of, shelter, _)| (Some(*of) == event).then(|| shelter.clone())).collect()
}

/// The form of a grant.
pub(super) fn grant(desk: &Desk) -> Popup {
    let lang = desk.lang();
    let names = agencies(desk).iter().map(|agency| with_id(lang, agency.name.as_str(), &agency.kind.say(lang))).collect();
    let forms = FORMS.map(|formats| {
        let formats: Vec<&str> = formats.iter().map(|format| if *format == Format::Fhir { "FHIR" } else { "CSV" }).collect();
        if formats.is_empty() { desk.say("share-proof") } else { formats.join(" + ") }
    });
    let form = Form::new(vec![
        Entry::text("share-grant").hint("share-grant-hint"),
        Entry::choice("share-agency", names, 0),
        Entry::text("share-purpose"),
        Entry::choice("share-basis", BASES.iter().map(|basis| basis.say(lang)).collect(), 0),
        Entry::choice("share-event", events(desk).into_iter().map(|(name, _)| name).collect(), 0),
        Entry::several("share-shelters", items(&shelters(desk, None))).hint("share-shelters-hint"),
        Entry::text("share-of").hint("share-of-hint"),
        Entry::text("share-fields").hint("share-fields-hint"),
        Entry::choice("share-forms", forms.into(), 0),
        Entry::text("share-from").hint("share-from-hint"),
        Entry::text("share-until").hint("share-until-hint"),
    ]);
    let shelters = shelters(desk, None);
    Popup::ask(Ask::new("share-grant-title", String::new(), form, move |desk, form| read_grant(desk, form, &shelters)))
}

/// The words of a line, by spaces and commas of both kinds.
pub(in crate::console::screens) fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '、')).filter(|word| !word.is_empty())
}

/// Who is meant by a word: the code, or what it is called.
fn selection(text: &str) -> Option<Selection> {
    let needs = [Need::Care, Need::Disability, Need::Medical, Need::Pregnant, Need::Foreign, Need::Food, Need::Support];
    let called = |of: &Selection| [Lang::Ja, Lang::En].iter().any(|lang| of.say(*lang) == text);
    let all = needs.into_iter().map(|need| Selection::Need { need }).chain([Selection::Everybody {}, Selection::Persons {}]);
    match text {
        "everybody" => Some(Selection::Everybody {}),
        "persons" | "個人" => Some(Selection::Persons {}),
        text => word::<Need>(text).ok().map(|need| Selection::Need { need }).or_else(|| all.into_iter().find(called)),
    }
}

/// A moment as it is typed: of Japan, with or without the time of day.
pub(in crate::console::screens) fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim().replace('/', "-");
    figures::moment(&text).or_else(|| figures::moment(&format!("{text} 23:59"))).or_else(|| text.parse().ok())
}

fn read_grant(desk: &Desk, form: &Form, all: &[Shelter]) -> Result<Turn, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut wrong = |label: &'static str, said: &str| problems.push(problem(desk, label, said));
    let name = form.text("share-grant").parse::<Name>().map_err(|_| wrong("share-grant", "wrong-name"));
    let purpose = form.text("share-purpose");
    if purpose.is_empty() {
        wrong("share-purpose", "wrong-empty");
    }
    let event = events(desk).into_iter().nth(form.chosen("share-event")).and_then(|(_, event)| event);
    let shelters = chosen_shelters(form, all, event);
    if shelters.is_none() {
        wrong("share-shelters", "wrong-shelters-event");
    }
    let shelters = shelters.unwrap_or_default();
    let of: Option<Vec<Selection>> = split(&form.text("share-of")).map(selection).collect();
    let of = of.unwrap_or_default();
    if of.is_empty() {
        wrong("share-of", "wrong-of");
    }
    let fields: Option<Vec<&str>> = split(&form.text("share-fields")).map(field_called).collect();
    let fields: Vec<String> = fields.unwrap_or_default().into_iter().map(str::to_owned).collect();
    if fields.is_empty() {
        wrong("share-fields", "wrong-fields");
    }
    let from = match form.text("share-from") {
        text if text.is_empty() => Some(desk.now.plus(desk.ahead)),
        text => moment(&text),
    };
    let until = moment(&form.text("share-until"));
    if from.is_none() {
        wrong("share-from", "wrong-time");
    }
    match (from, until) {
        (_, None) => wrong("share-until", "wrong-time"),
        (Some(from), Some(until)) if until <= from => wrong("share-until", "wrong-until"),
        _ => {}
    }
    let agency = agencies(desk).get(form.chosen("share-agency"));
    let formats = FORMS.get(form.chosen("share-forms")).copied().unwrap_or_default();
    if agency.is_some_and(|agency| formats.iter().any(|format| !format.is_for(agency.kind))) {
        wrong("share-forms", "wrong-forms");
    }
    let (Ok(name), Some(agency), Some(from), Some(until), true) = (name, agency.cloned(), from, until, problems.is_empty()) else { return Err(problems) };
    let Agency { name: agency, kind, recipient, contact: _ } = agency;
    let basis = BASES.get(form.chosen("share-basis")).copied().unwrap_or(Basis::AffectedLedger);
    let (shelters, fields, formats) = (ascending(&shelters), ascending(&fields), ascending(formats));
    let grant = Grant { name, agency, kind, recipient, purpose, basis, event, shelters, of, fields, formats, from, until };
    let (matter, names) = (Matter::Grant { grant: Box::new(grant.clone()) }, desk.names());
    let text = both(|words| format!("{}\n\n{}", matter::text(words.lang(), &matter, &names), words.say("share-grant-note")));
    Ok(Turn::Open(Box::new(Popup::sure(Sure { title: "share-grant-sure", text, word: None, deed: Done::Sharing(Deed::Grant(Box::new(grant))) }))))
}

/// Whether a grant is to be ended.
pub(super) fn withdraw(desk: &Desk, grant: &Grant) -> Popup {
    let names = desk.names();
    let text = both(|words| format!("{}\n\n{}", grant_paper(words.lang(), grant, &names), words.say("share-end-note")));
    let deed = Done::Sharing(Deed::Withdraw(grant.name.clone()));
    Popup::sure(Sure { title: "share-end-sure", text, word: Some(grant.name.to_string()), deed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_and_when_are_taken_as_people_write_them() {
        assert_eq!(selection("care"), Some(Selection::Need { need: Need::Care }));
        assert_eq!(selection("要介護・要支援"), Some(Selection::Need { need: Need::Care }));
        assert_eq!([selection("全員"), selection("個人"), selection("誰でも")], [Some(Selection::Everybody {}), Some(Selection::Persons {}), None]);
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(moment("2026-12-01 17:00"), Some(at("2026-12-01T08:00:00Z")));
        assert_eq!(moment("2026/12/01"), Some(at("2026-12-01T14:59:00Z")));
        assert_eq!(moment("あした"), None);
        assert_eq!(split("氏名、生年月日 needs,kana").collect::<Vec<_>>(), ["氏名", "生年月日", "needs", "kana"]);
    }
}
