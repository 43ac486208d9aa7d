//! What headquarters do about an event: it is declared, shelters open and change, contradictions are settled, two records become one person's, totals are stated.

use std::fmt;
use std::path::PathBuf;

use tachiai_schemas::roster::{EventId, OpenState, ShelterId, ShelterState, TerminalId};
use tachiai_schemas::shelter::case::{AsideRequest, CloseRequest};
use tachiai_schemas::shelter::import::ImportAnswer;
use tachiai_schemas::shelter::merged::Protecting;
use tachiai_schemas::shelter::{EventAsked, EventSpec, EventView, LinkRequest, PersonAct, PersonView, ShelterView, TerminalRequest};
use tachiai_schemas::{HashBytes, InPlaceOf, Lang, Say};

use super::super::Desk;
use super::super::question::elections::bytes_of;
use super::{Deed as Any, Done, pending_of, refused, waits};
use crate::card::printable;
use crate::client::Client;
use crate::commands::roster::{Taken, check, take, verdict_text};
use crate::commands::shelter::event::{close, declare, set as shelter_set};
use crate::commands::shelter::import::{Source, answer_text};
use crate::commands::shelter::settle::{settlement, unsettled, write};
use crate::commands::shelter::terminal::{admit, revoke, write_setup_file};
use crate::console::action::Place;
use crate::console::i18n::{Words, both};
use crate::failure::Failure;

mod open;

/// Something that is done.
///
/// Its `Debug` says nothing: it names people.
#[derive(Clone, PartialEq, Eq)]
pub enum Deed {
    /// An event is declared; a disaster by two officials.
    Declare(Box<EventSpec>),
    /// An event is closed for good, by two officials.
    Close(EventId, Box<CloseRequest>),
    /// A shelter opens with what was said of it, in the place of what was seen.
    Open(EventId, Box<InPlaceOf<ShelterState>>),
    /// A shelter stands otherwise than before.
    Set(EventId, Set),
    /// A terminal is admitted whose fingerprint was compared.
    Admit(Box<TerminalRequest>),
    /// A terminal is revoked.
    Revoke(EventId, TerminalId),
    /// What a terminal is set up by without a link is written to a file.
    SetupFile(EventId, PathBuf),
    /// A contradiction is settled.
    Settle(EventId, Box<Settle>),
    /// What was settled is taken back: what counted before counts again.
    Unsettle(EventId, Box<PersonAct>),
    /// Two handles are found to be of one person, or not, by two officials.
    Link(EventId, Box<LinkRequest>),
    /// What was set aside is taken over or dropped, by two officials.
    Aside(EventId, Box<AsideRequest>),
    /// Totals are stated, or a statement is taken, and written to a file.
    Statement(EventId, Option<u64>, PathBuf),
    /// A statement is checked by the auditor's library.
    Verify(EventId, u64),
    /// A file is taken over as it was shown, by which so many of what is there go.
    Import(Source, PathBuf, Box<ImportAnswer>, Option<u64>),
}

/// How a shelter stands from now on. What else is said of it stays as it is then, and not as it was when somebody looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// The shelter.
    pub shelter: ShelterId,
    /// How it stood when somebody looked.
    pub from: OpenState,
    /// How it stands from now on.
    pub to: OpenState,
}

/// How a contradiction is settled.
#[derive(Clone, PartialEq, Eq)]
pub struct Settle {
    /// What was on the screen.
    pub view: PersonView,
    /// The record that holds.
    pub keep: HashBytes,
    /// Fields in which another one is right.
    pub fields: Vec<(String, HashBytes)>,
    /// Why.
    pub reason: String,
}

impl fmt::Debug for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Deed(..)")
    }
}

/// Does it.
///
/// # Errors
/// [`Failure`].
pub(super) fn perform(desk: &Desk, deed: &Deed) -> Result<Done, Failure> {
    let client = &desk.client;
    match deed {
        Deed::Declare(spec) => Ok(match declare(client, spec)? {
            EventAsked::Declared { event } => {
                let title = |words: &Words| printable(words.lang().pick(&spec.title.ja, &spec.title.en));
                let [ja, en] = both(|words| words.with("event-declared", &[("title", title(words))]));
                Done { then: Some(Place::Event(event)), ..Done::notice(ja, en) }
            }
            EventAsked::Waiting { pending } => waits(client, *pending),
        }),
        Deed::Close(event, request) => Ok(waits(client, close(client, *event, request)?)),
        Deed::Open(event, asked) => open::open(client, *event, asked),
        Deed::Set(event, set) => {
            let before = shelter_now(client, *event, &set.shelter)?;
            let now = after(before.clone(), set)?;
            let Set { shelter, from, to } = set.clone();
            let undo = Any::Shelters(Deed::Set(*event, Set { shelter, from: to, to: from }));
            Ok(Done { undo: Some(undo), ..stands(*event, &shelter_set(client, *event, &InPlaceOf { before, now })?) })
        }
        Deed::Admit(request) => {
            let view = admit(client, request.event, request)?;
            Ok(Done::noticed("terminal-admitted", &[("terminal", view.terminal.to_string())]))
        }
        Deed::Revoke(event, terminal) => {
            let view = revoke(client, *event, terminal)?;
            Ok(Done::told(|words| words.with("terminal-revoked", &[("terminal", view.terminal.to_string())])))
        }
        Deed::SetupFile(event, path) => {
            let out = write_setup_file(client, *event, path)?;
            Ok(Done::told(|words| words.with("terminal-setup-written", &[("path", out.display().to_string())])))
        }
        Deed::Settle(event, settle) => {
            let Settle { view, keep, fields, reason } = settle.as_ref();
            let act = settlement(view, *keep, fields, Protecting::Kept, reason).ok_or_else(|| refused("settle-unopened-record", &[]))?;
            let name = printable(&act.person.name);
            let done = write(client, *event, &act)?;
            let undo = unsettled(&view.counts, done.chain, done.entry).map(|act| Any::Shelters(Deed::Unsettle(*event, Box::new(act))));
            Ok(Done { undo, then: Some(Place::Event(*event)), ..Done::noticed("settle-done", &[("name", name)]) })
        }
        Deed::Unsettle(event, act) => {
            write(client, *event, act)?;
            Ok(Done::noticed("settle-undone", &[]))
        }
        Deed::Link(event, request) => {
            let pending = pending_of(client.act(&format!("/api/v1/shelter/events/{event}/links"), request)?)?;
            Ok(Done { then: Some(Place::Event(*event)), ..waits(client, pending) })
        }
        Deed::Aside(event, request) => {
            let pending = pending_of(client.act(&format!("/api/v1/shelter/events/{event}/aside"), request)?)?;
            Ok(Done { then: Some(Place::Asides(*event)), ..waits(client, pending) })
        }
        Deed::Statement(event, number, path) => {
            let Taken { number, size, fingerprint, out } = take(client, *event, *number, path)?;
            let values =
                [("number", number.to_string()), ("out", out.display().to_string()), ("size", size.to_string()), ("fingerprint", fingerprint.to_string())];
            Ok(Done::told(|words| words.with("statement-written", &values)))
        }
        Deed::Import(source, path, shown, removes) => {
            let (bytes, sha256) = bytes_of(path)?;
            if shown.file != HashBytes::from(sha256) {
                return Err(refused("file-changed", &[("path", path.display().to_string())]));
            }
            let done = source.apply(client, &bytes, shown, *removes)?;
            Ok(Done::told(|words| format!("{}\n\n{}", words.say("import-done"), answer_text(words.lang(), &done))))
        }
        Deed::Verify(event, number) => {
            let verdict = check(client, *event, *number)?;
            Ok(Done::told(|words| verdict_text(words.lang(), &verdict)))
        }
    }
}

/// A shelter as it stands now; none that was not opened yet.
fn shelter_now(client: &Client, event: EventId, shelter: &ShelterId) -> Result<Option<ShelterState>, Failure> {
    let view: EventView = client.get(&format!("/api/v1/shelter/events/{event}"), None)?;
    Ok(view.shelters.into_iter().map(|view| view.state).find(|now| now.shelter == *shelter))
}

/// A shelter as it stands then. One that does not stand any more as whoever sets it saw it stays as it is. Pure.
fn after(now: Option<ShelterState>, Set { shelter: _, from, to }: &Set) -> Result<ShelterState, Failure> {
    let now = now.ok_or_else(|| refused("shelter-not-opened", &[]))?;
    if now.state != *from {
        let [ja, en] = both(|words| words.with("shelter-overtaken", &[("state", now.state.say(words.lang()))]));
        return Err(Failure::refused(ja, en));
    }
    Ok(ShelterState { state: *to, ..now })
}

/// How a shelter stands now, in words.
fn stands(event: EventId, view: &ShelterView) -> Done {
    let [ja, en] =
        [(Lang::Ja, &view.state.name.ja), (Lang::En, &view.state.name.en)].map(|(lang, name)| format!("{}: {}", printable(name), view.state.state.say(lang)));
    Done { then: Some(Place::Event(event)), ..Done::notice(ja, en) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::tests::samples;

    #[test]
    fn a_shelter_that_was_set_by_somebody_else_meanwhile_stays_as_it_is() {
        let now = ShelterState { state: OpenState::Closed, ..samples::event_view().shelters.remove(0).state };
        let set = |from| Set { shelter: now.shelter.clone(), from, to: OpenState::Open };
        let failure = after(Some(now.clone()), &set(OpenState::Full)).unwrap_err();
        assert!(failure.en.contains("meanwhile") && failure.ja.contains("変えていません"), "{failure}");
        assert!(after(Some(now.clone()), &set(OpenState::Closed)).is_ok() && after(None, &set(OpenState::Closed)).is_err());
    }

    #[test]
    fn who_sets_how_a_shelter_stands_changes_nothing_else_of_it() {
        let now = ShelterState { state: OpenState::Open, capacity: Some(12), ..samples::event_view().shelters.remove(0).state };
        let set = Set { shelter: now.shelter.clone(), from: OpenState::Open, to: OpenState::Full };
        assert_eq!(after(Some(now.clone()), &set).unwrap(), ShelterState { state: OpenState::Full, ..now });
    }
}
