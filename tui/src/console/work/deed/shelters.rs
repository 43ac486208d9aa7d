//! What headquarters do about an event: it is declared, shelters open and change, contradictions are settled, two records become one person's, totals are stated.

use std::fmt;
use std::io::Cursor;
use std::path::PathBuf;

use tachiai_schemas::roster::{Act, EventId, OpenState, ShelterState};
use tachiai_schemas::shelter::merged::Protecting;
use tachiai_schemas::shelter::{EventAsked, EventSpec, EventView, LinkRequest, PersonAct, PersonDone, PersonView};
use tachiai_schemas::staff::Pending;
use tachiai_schemas::{HashBytes, Lang, Say};
use tachiai_verify::roster::statement::{StatementVerdict, ToldScope, verify};

use super::super::{Desk, Tell};
use super::{Deed as Any, Done};
use crate::card::printable;
use crate::client::Answer;
use crate::commands::approve::describe;
use crate::commands::roster::{Taken, take};
use crate::commands::shelter::event::{declare, set};
use crate::commands::shelter::person::settlement;
use crate::console::action::Place;
use crate::failure::Failure;

/// Something that is done.
///
/// Its `Debug` says nothing: it names people.
#[derive(Clone, PartialEq, Eq)]
pub enum Deed {
    /// An event is declared; a disaster by two officials.
    Declare(Box<EventSpec>),
    /// A shelter opens, or stands otherwise than before.
    Set(EventId, Box<ShelterState>, Option<OpenState>),
    /// A contradiction is settled.
    Settle(EventId, Box<Settle>),
    /// What was settled is taken back: what counted before counts again.
    Unsettle(EventId, Box<PersonAct>),
    /// Two handles are found to be of one person, or not, by two officials.
    Link(EventId, Box<LinkRequest>),
    /// Totals are stated, or a statement is taken, and written to a file.
    Statement(EventId, Option<u64>, PathBuf),
    /// A statement is checked by the auditor's library.
    Verify(EventId, u64),
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

/// A second official is awaited.
fn waits(pending: &Pending) -> Done {
    let text = |lang: Lang| super::waits(lang, &describe(lang, pending, None), pending);
    Done::window(text(Lang::Ja), text(Lang::En))
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
                let [ja, en] = [&spec.title.ja, &spec.title.en].map(|title| printable(title));
                let done = Done::notice(format!("開きました: {ja}"), format!("Declared: {en}"));
                Done { then: Some(Place::Event(event)), ..done }
            }
            EventAsked::Waiting { pending } => waits(&pending),
        }),
        Deed::Set(event, state, before) => {
            if let Some(before) = before {
                let view: EventView = client.get(&format!("/api/v1/shelter/events/{event}"), None)?;
                let now = view.shelters.iter().map(|view| &view.state).find(|now| now.shelter == state.shelter);
                still(now, *before)?;
            }
            let view = set(client, *event, state)?;
            let [ja, en] = [(Lang::Ja, &view.state.name.ja), (Lang::En, &view.state.name.en)]
                .map(|(lang, name)| format!("{}: {}", printable(name), view.state.state.say(lang)));
            let undo = before
                .map(|before| Any::Shelters(Deed::Set(*event, Box::new(ShelterState { state: before, ..ShelterState::clone(state) }), Some(state.state))));
            Ok(Done { undo, then: Some(Place::Event(*event)), ..Done::notice(ja, en) })
        }
        Deed::Settle(event, settle) => {
            let Settle { view, keep, fields, reason } = settle.as_ref();
            let act = settlement(view, *keep, fields, Protecting::Kept).ok_or_else(|| {
                Failure::refused(
                    "その記録の内容は開けません。もう一度一覧を開いて確かめてください。",
                    "what that record says cannot be opened. Open the list again and look.",
                )
            })?;
            let mut act = act;
            let said = format!("食い違いの解消: {reason}");
            act.person.note = if act.person.note.is_empty() { said } else { format!("{}／{said}", act.person.note) };
            let done: PersonDone = client.post(&format!("/api/v1/shelter/events/{event}/people"), None, &act)?;
            let undo = before(view, &done).map(|act| Any::Shelters(Deed::Unsettle(*event, Box::new(act))));
            let done = Done::notice(
                "食い違いを解消しました。どの記録も履歴に残ります。".to_owned(),
                "The contradiction is settled. All records stay in the history.".to_owned(),
            );
            Ok(Done { undo, then: Some(Place::Event(*event)), ..done })
        }
        Deed::Unsettle(event, act) => {
            let _: PersonDone = client.post(&format!("/api/v1/shelter/events/{event}/people"), None, act)?;
            Ok(Done::notice(
                "解消の前に数えていた記録に戻しました。訂正として履歴に残ります。".to_owned(),
                "What counted before holds again. It stays in the history as a correction.".to_owned(),
            ))
        }
        Deed::Link(event, request) => {
            let pending: Pending = match client.act(&format!("/api/v1/shelter/events/{event}/links"), request)? {
                Answer::Done(pending) => pending,
                Answer::Accepted(body) => serde_json::from_slice(&body).map_err(|error| Failure::incomplete(error.to_string(), error.to_string()))?,
            };
            Ok(Done { then: Some(Place::Event(*event)), ..waits(&pending) })
        }
        Deed::Statement(event, number, path) => {
            let Taken { number, size, fingerprint, out } = take(client, *event, *number, path)?;
            let out = out.display();
            Ok(Done::window(
                format!(
                    "第{number}号の集計を書き出しました。\n{out}（{size} バイト）\n災害・行事の指紋: {fingerprint}\n検証: tachiai-verify roster {out} --expect {fingerprint}"
                ),
                format!(
                    "Statement {number} is written.\n{out} ({size} bytes)\nfingerprint of the event: {fingerprint}\nto check it: tachiai-verify roster {out} --expect {fingerprint}"
                ),
            ))
        }
        Deed::Verify(event, number) => {
            let bytes = client.get_bytes(&format!("/api/v1/shelter/events/{event}/statements/{number}"))?;
            let verdict = verify(Cursor::new(bytes), &number.to_string(), None, None).map_err(|error| {
                Failure::refused(
                    format!("第{number}号の集計は検証に合格しません: {error}。公表せず、装置の管理者と監査に知らせてください。"),
                    format!("statement {number} does not hold: {error}. Do not publish it; tell the administrator and the auditors."),
                )
            })?;
            Ok(Done { tell: Tell::Window, ..verified(&verdict) })
        }
    }
}

/// Refuses to set a shelter that does not stand any more as whoever sets it saw it. Pure.
fn still(now: Option<&ShelterState>, seen: OpenState) -> Result<(), Failure> {
    match now.filter(|now| now.state != seen) {
        None => Ok(()),
        Some(now) => Err(Failure::refused(
            format!("この避難所は、その後「{}」になっています。変えていません。今の状況を確かめてください。", now.state.say(Lang::Ja)),
            format!("this shelter was set to \"{}\" meanwhile. Nothing was changed. See how it stands now.", now.state.say(Lang::En)),
        )),
    }
}

/// What counted before a contradiction was settled, to be entered once more after the record that settled it; nothing where it cannot be opened.
fn before(view: &PersonView, done: &PersonDone) -> Option<PersonAct> {
    let counts = &view.counts;
    let person = counts.person.clone()?;
    let act = if counts.act == Act::Out { Act::Out } else { Act::Moved };
    Some(PersonAct { chain: Some(done.chain), after: vec![done.entry], shelter: counts.shelter.clone(), act, time: None, person })
}

/// What the verifier found.
fn verified(verdict: &StatementVerdict) -> Done {
    let StatementVerdict { number, size, made, fingerprint, scopes, .. } = verdict;
    let scope = |lang: Lang, ToldScope { shelter, name, persons, .. }: &ToldScope| {
        let name = match (shelter, name) {
            (None, _) => lang.pick("全体", "all shelters").to_owned(),
            (Some(_), Some(name)) => printable(lang.pick(&name.ja, &name.en)),
            (Some(id), None) => id.to_string(),
        };
        format!("  {name}  {persons}{}", lang.pick("人", ""))
    };
    let list = |lang: Lang| scopes.iter().map(|of| scope(lang, of)).collect::<Vec<_>>().join("\n");
    Done::window(
        format!(
            "第{number}号は正しい集計です。公表された人数は、{} までの名簿（項目 {size} 件）の在所者ちょうどの和です。\n{}\n災害・行事の指紋: {fingerprint}\n公告の指紋と見比べてください。",
            made.timestamp().in_japan(Lang::Ja),
            list(Lang::Ja)
        ),
        format!(
            "Statement {number} holds: the totals are the sums over exactly those who count in the roster of {} ({size} entries).\n{}\nFingerprint of the event: {fingerprint}\nCompare it with the notice.",
            made.timestamp().in_japan(Lang::En),
            list(Lang::En)
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::tests::samples;

    #[test]
    fn a_shelter_that_was_set_by_somebody_else_meanwhile_stays_as_it_is() {
        let mut now = samples::event_view().shelters.remove(0).state;
        now.state = OpenState::Closed;
        let failure = still(Some(&now), OpenState::Full).unwrap_err();
        assert!(failure.en.contains("meanwhile") && failure.ja.contains("変えていません"), "{failure}");
        assert!(still(Some(&now), OpenState::Closed).is_ok() && still(None, OpenState::Closed).is_ok());
    }
}
