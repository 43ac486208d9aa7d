//! The forms of a desk: which one it is, who comes without a card, and what officers sign.

use std::collections::BTreeMap;
use std::path::PathBuf;

use tachiai_schemas::Say;
use tachiai_schemas::desk::{AbsenteeKind, DayView, DeskElector, Reception, Search};
use tachiai_schemas::election::Text;
use tachiai_schemas::evidence::NameReason;
use tachiai_schemas::paper::{DayPapers, PlaceKind, UndoReason};
use tachiai_schemas::roll::Day;

use super::said::who;
use crate::card::printable;
use crate::commands::by_name::reason_text;
use crate::commands::poll::absentee::kind_text;
use crate::commands::told;
use crate::console::desk::Desk;
use crate::console::popups::ask::Ask;
use crate::console::popups::confirm::Sure;
use crate::console::popups::{Popup, Turn};
use crate::console::screens::home::title;
use crate::console::widgets::form::{Entry, Form, Problem};
use crate::console::widgets::path::typed_as;
use crate::console::work::Deed;
use crate::console::work::seat;
use crate::console::work::seat::poll::{Act, Kept, Officer, Order, Source, Whom, Words};
use crate::poll::desk::default_state;
use crate::poll::queue::Fate;

/// The lines of officers: the file of each key, and its passphrase.
const OFFICERS: [[&str; 2]; 3] = [["poll-officer-1", "poll-passphrase-1"], ["poll-officer-2", "poll-passphrase-2"], ["poll-officer-3", "poll-passphrase-3"]];

/// The lines of contests: papers in the box, and papers taken home.
const CONTESTS: [[&str; 2]; 6] = [
    ["poll-box-1", "poll-home-1"],
    ["poll-box-2", "poll-home-2"],
    ["poll-box-3", "poll-home-3"],
    ["poll-box-4", "poll-home-4"],
    ["poll-box-5", "poll-home-5"],
    ["poll-box-6", "poll-home-6"],
];

/// Which desk, and where cards come from.
pub(super) fn form() -> Form {
    let state = default_state().unwrap_or_default();
    Form::new(vec![
        Entry::path("poll-key").hint("poll-key-hint"),
        Entry::path_of("poll-state", &typed_as(&state)).hint("poll-state-hint"),
        Entry::text("poll-manifest").hint("poll-manifest-hint"),
        Entry::path("poll-reader").hint("poll-reader-hint"),
    ])
}

/// Makes of the filled form what opens the desk.
pub(super) fn sit(desk: &Desk, form: &Form) -> Result<Order, Vec<Problem>> {
    let problem = |label: &'static str, said: String| Problem { label, said };
    let mut problems = Vec::new();
    for label in ["poll-key", "poll-state"] {
        if form.raw(label).is_empty() {
            problems.push(problem(label, desk.say("poll-needed")));
        }
    }
    let manifest = form.text("poll-manifest");
    let manifest = match manifest.parse() {
        _ if manifest.is_empty() => None,
        Ok(manifest) => Some(manifest),
        Err(_) => {
            problems.push(problem("poll-manifest", desk.say("poll-manifest-wrong")));
            None
        }
    };
    if !problems.is_empty() {
        return Err(problems);
    }
    let reader = form.raw("poll-reader");
    let source = match reader.as_str() {
        "" => Source::Reader(None),
        path if path.starts_with('/') => Source::Socket(PathBuf::from(path)),
        name => Source::Reader(Some(name.to_owned())),
    };
    Ok(Order::Sit { key: PathBuf::from(form.raw("poll-key")), state: PathBuf::from(form.raw("poll-state")), manifest, source })
}

/// The reasons for which papers are handed out by name at a place.
const fn reasons(kind: PlaceKind) -> &'static [NameReason] {
    match kind {
        PlaceKind::Absentee => &[NameReason::ByPost],
        PlaceKind::Early | PlaceKind::Day => &[NameReason::NoCard, NameReason::CardFailed, NameReason::PinBlocked],
    }
}

/// Whom to look for.
pub(super) fn by_name(desk: &Desk, turn: u64, kind: PlaceKind) -> Popup {
    let lang = desk.lang();
    let reasons = reasons(kind);
    let form = Form::new(vec![
        Entry::choice("poll-reason", reasons.iter().map(|reason| reason_text(lang, *reason).to_owned()).collect(), 0),
        Entry::text("poll-number").hint("poll-number-hint"),
        Entry::text("field-name"),
        Entry::text("field-kana").hint("poll-kana-hint"),
        Entry::text("field-birth").hint("poll-birth-hint"),
        Entry::choice("poll-attended", ["poll-alone", "poll-with-colleague"].map(|key| desk.say(key)).into(), 0).hint("poll-attended-hint"),
    ]);
    Popup::ask(Ask::new("poll-by-name-title", String::new(), form, move |desk, form| {
        let some = |label: &str| Some(form.text(label)).filter(|text| !text.is_empty());
        let birth = birth(desk, form)?;
        let search = Search { number: some("poll-number"), name: some("field-name"), kana: some("field-kana"), birth };
        if search.number.is_none() && search.name.is_none() && search.kana.is_none() {
            return Err(vec![Problem { label: "poll-number", said: desk.say("poll-nobody-named") }]);
        }
        let reason = reasons.get(form.chosen("poll-reason")).copied().unwrap_or(NameReason::NoCard);
        let find = Order::Find { turn, whom: Whom(search), attended: form.chosen("poll-attended") == 1, reason };
        Ok(Turn::Do(Box::new(Deed::Seat(seat::Order::Poll(find)))))
    }))
}

/// The birth date of a form, in any way of writing; none where none was typed.
fn birth(desk: &Desk, form: &Form) -> Result<Option<String>, Vec<Problem>> {
    let text = form.text("field-birth");
    if text.is_empty() {
        return Ok(None);
    }
    told::birth(&text).map(Some).map_err(|failure| vec![Problem { label: "field-birth", said: failure.say(desk.lang()) }])
}

/// Who takes a provisional paper.
pub(super) fn envelope(desk: &Desk) -> Popup {
    let form = Form::new(vec![Entry::text("field-name"), Entry::text("field-birth").hint("poll-birth-hint")]);
    Popup::ask(Ask::new("poll-envelope-title", desk.say("poll-envelope-ask"), form, |desk, form| {
        let name = form.text("field-name");
        let missing = |label: &'static str| vec![Problem { label, said: desk.say("poll-needed") }];
        if name.is_empty() {
            return Err(missing("field-name"));
        }
        let birth = birth(desk, form)?.ok_or_else(|| missing("field-birth"))?;
        let whom = Whom(Search { name: Some(name), birth: Some(birth), ..Search::default() });
        Ok(Turn::Do(Box::new(Deed::Seat(seat::Order::Poll(Order::Envelope(whom))))))
    }))
}

/// The lines of so many officers.
fn officer_lines(count: usize) -> Vec<Entry> {
    OFFICERS.iter().take(count).flat_map(|[file, passphrase]| [Entry::path(file).hint("poll-officer-hint"), Entry::secret(passphrase)]).collect()
}

/// Who signs: those whose file is named.
fn officers(desk: &Desk, form: &Form) -> Result<Vec<Officer>, Vec<Problem>> {
    let named = OFFICERS.iter().filter(|[file, _]| !form.raw(file).is_empty());
    let officers: Vec<Officer> = named.map(|[file, passphrase]| (PathBuf::from(form.raw(file)), form.secret(passphrase))).collect();
    if officers.is_empty() {
        return Err(vec![Problem { label: "poll-officer-1", said: desk.say("poll-needed") }]);
    }
    Ok(officers)
}

/// Whose keys sign, in a line.
fn signers(desk: &Desk, officers: &[Officer]) -> String {
    let files = officers.iter().map(|(file, _)| printable(&file.display().to_string())).collect::<Vec<_>>().join(", ");
    desk.with("poll-signers", &[("files", files)])
}

/// All of it is read once more, and a word of it typed, before officers sign it.
fn sure(title: &'static str, text: String, word: String, order: Order) -> Turn {
    let deed = Deed::Seat(seat::Order::Poll(order));
    Turn::Open(Box::new(Popup::sure(Sure { title, text: [text.clone(), text], word: Some(word), deed })))
}

fn does(order: Order) -> Turn {
    Turn::Do(Box::new(Deed::Seat(seat::Order::Poll(order))))
}

/// What was counted of a day, and who signs it. Of more contests than there are lines for, the command closes the day.
pub(super) fn close(desk: &Desk, session: u16, day: &DayView, titles: &[Text]) -> Popup {
    let contests: Vec<u16> = day.draft.papers.iter().map(|papers| papers.contest).collect();
    if contests.len() > CONTESTS.len() {
        return Popup::message("failed-title", desk.say("poll-close-by-command"));
    }
    let entries = CONTESTS.iter().take(contests.len()).flat_map(|[in_box, home]| [Entry::text(in_box), Entry::filled(home, "0")]);
    let form = Form::new(entries.chain(officer_lines(3)).collect());
    let (draft, shown, word) = (day.draft.clone(), figures(desk, day, titles), Day::of(day.hours.opens).to_string());
    let titles = titles.to_vec();
    Popup::ask(Ask::new("poll-close-title", shown.clone(), form, move |desk, form| {
        let mut problems = Vec::new();
        let mut number = |label: &'static str| {
            form.text(label).parse::<u32>().unwrap_or_else(|_| {
                problems.push(Problem { label, said: desk.say("poll-number-needed") });
                0
            })
        };
        let counted: BTreeMap<u16, [u32; 2]> =
            contests.iter().zip(CONTESTS).map(|(contest, [in_box, home])| (*contest, [number(in_box), number(home)])).collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        let officers = officers(desk, form)?;
        let counts = (1..)
            .zip(counted.values())
            .map(|(n, [in_box, home])| desk.with("poll-close-counted", &[("n", n.to_string()), ("box", in_box.to_string()), ("home", home.to_string())]));
        // More or fewer than were handed out is said before anybody signs; the appliance takes only what adds up.
        let differing = draft.papers.iter().filter_map(|papers| {
            let out = papers.issued.saturating_sub(papers.returned);
            let [in_box, home] = counted.get(&papers.contest).copied()?;
            let name = titles.get(usize::from(papers.contest)).map(|text| title(desk, text)).unwrap_or_default();
            let values = [("title", name), ("out", out.to_string()), ("counted", in_box.saturating_add(home).to_string())];
            (in_box.checked_add(home) != Some(out)).then(|| desk.with("poll-close-differs", &values))
        });
        let text = std::iter::once(shown.clone()).chain(counts).chain(differing).chain([signers(desk, &officers), String::new(), desk.say("poll-close-sure")]);
        let act = Act::Close { session, shown: Box::new(draft.clone()), counted: counted.clone() };
        Ok(sure("poll-close-title", text.collect::<Vec<_>>().join("\n"), word.clone(), Order::Sign(act, officers)))
    }))
}

/// What was handed out of each contest, numbered as the lines of the form are.
pub(super) fn figures(desk: &Desk, day: &DayView, titles: &[Text]) -> String {
    let line = |(number, papers): (usize, &DayPapers)| {
        let name = titles.get(usize::from(papers.contest)).map(|text| title(desk, text)).unwrap_or_default();
        let out = papers.issued.saturating_sub(papers.returned);
        let values = [
            ("n", number.to_string()),
            ("title", name),
            ("issued", papers.issued.to_string()),
            ("returned", papers.returned.to_string()),
            ("out", out.to_string()),
        ];
        desk.with("poll-figures", &values)
    };
    (1..).zip(&day.draft.papers).map(line).collect::<Vec<_>>().join("\n")
}

/// Whom a window is about, who stands here under a number.
fn whom(desk: &Desk, elector: &DeskElector) -> String {
    format!(
        "{}  {}",
        who(desk.lang(), elector),
        desk.with("poll-roll", &[("number", printable(&elector.number)), ("district", title(desk, &elector.district))])
    )
}

/// Why the hand-out to this elector is undone, and who signs that.
pub(super) fn undo(desk: &Desk, turn: u64, elector: &DeskElector) -> Popup {
    let reasons = ["poll-undo-mistake", "poll-undo-declined", "poll-undo-spoiled"].map(|key| desk.say(key));
    let form = Form::new(std::iter::once(Entry::choice("poll-undo-reason", reasons.into(), 0)).chain(officer_lines(2)).collect());
    let (whom, number) = (whom(desk, elector), elector.number.clone());
    let said = format!("{whom}\n{}", desk.say("poll-undo-ask"));
    Popup::ask(Ask::new("poll-undo-title", said, form, move |desk, form| {
        let reason = match form.chosen("poll-undo-reason") {
            0 => UndoReason::Mistake,
            1 => UndoReason::Declined,
            _ => UndoReason::Spoiled,
        };
        let officers = officers(desk, form)?;
        let text = format!(
            "{whom}\n{}\n{}\n\n{}",
            form.entries().first().map(Entry::chosen_name).unwrap_or_default(),
            signers(desk, &officers),
            desk.say("poll-undo-sure")
        );
        Ok(sure("poll-undo-title", text, number.clone(), Order::Sign(Act::Undo { turn, reason }, officers)))
    }))
}

/// Which envelope is set aside, why, and who signs that.
pub(super) fn aside(desk: &Desk, kept: &Kept) -> Popup {
    let envelopes: Vec<String> = kept.envelopes.iter().filter(|(_, fate)| *fate == Fate::Kept).map(|(number, _)| number.clone()).collect();
    let first = [Entry::choice("poll-envelope-number", envelopes.clone(), 0), Entry::text("poll-aside-reason")];
    let form = Form::new(first.into_iter().chain(officer_lines(2)).collect());
    Popup::ask(Ask::new("poll-aside-title", desk.say("poll-aside-ask"), form, move |desk, form| {
        let reason = form.text("poll-aside-reason");
        let envelope = envelopes.get(form.chosen("poll-envelope-number")).cloned().unwrap_or_default();
        if reason.is_empty() {
            return Err(vec![Problem { label: "poll-aside-reason", said: desk.say("poll-needed") }]);
        }
        let officers = officers(desk, form)?;
        let text = format!("{envelope}\n{}\n{}\n\n{}", printable(&reason), signers(desk, &officers), desk.say("poll-aside-ask"));
        let act = Act::Aside { envelope: envelope.clone(), reason: Words(reason) };
        Ok(sure("poll-aside-title", text, envelope, Order::Sign(act, officers)))
    }))
}

/// How this elector votes as an absentee.
pub(super) fn request(desk: &Desk, turn: u64, elector: &DeskElector) -> Popup {
    let kinds = AbsenteeKind::ALL.iter().map(|(kind, _)| kind_text(desk.lang(), *kind).to_owned()).collect();
    let form = Form::new(vec![Entry::choice("poll-kind", kinds, 0)]);
    Popup::ask(Ask::new("poll-request-title", whom(desk, elector), form, move |_, form| {
        let kind = AbsenteeKind::ALL.get(form.chosen("poll-kind")).map_or(AbsenteeKind::Away, |(kind, _)| *kind);
        Ok(does(Order::Requested(turn, kind)))
    }))
}

/// Whether this elector's absentee papers that came back go into the box.
pub(super) fn receive(desk: &Desk, turn: u64, elector: &DeskElector) -> Popup {
    let form = Form::new(vec![Entry::choice("poll-reception", ["poll-accepted", "poll-rejected"].map(|key| desk.say(key)).into(), 0)]);
    Popup::ask(Ask::new("poll-receive-title", whom(desk, elector), form, move |_, form| {
        let reception = if form.chosen("poll-reception") == 0 { Reception::Accepted } else { Reception::Rejected };
        Ok(does(Order::Received(turn, reception)))
    }))
}
