//! What headquarters do about an event: it is declared, shelters open and change, contradictions are settled, two records become one person's, totals are stated.

use std::fmt;
use std::io::Cursor;
use std::path::PathBuf;

use tachiai_schemas::roster::{Act, EventId, OpenState, ShelterId, ShelterState, TerminalId};
use tachiai_schemas::shelter::case::{AsideRequest, CloseRequest};
use tachiai_schemas::shelter::import::ImportAnswer;
use tachiai_schemas::shelter::merged::Protecting;
use tachiai_schemas::shelter::{EventAsked, EventSpec, EventView, LinkRequest, PersonAct, PersonDone, PersonView, ShelterView, TerminalRequest};
use tachiai_schemas::{HashBytes, InPlaceOf, Lang, Say};
use tachiai_verify::roster::statement::{StatementVerdict, ToldScope, verify};

use super::super::question::elections::bytes_of;
use super::super::{Desk, Tell};
use super::{Deed as Any, Done, pending_of, waits};
use crate::card::printable;
use crate::client::Client;
use crate::commands::roster::{Taken, take};
use crate::commands::shelter::event::{close, declare, set as shelter_set};
use crate::commands::shelter::import::{Source, answer_text};
use crate::commands::shelter::person::settlement;
use crate::commands::shelter::terminal::{admit, revoke, write_setup_file};
use crate::console::action::Place;
use crate::failure::Failure;

/// Something that is done.
mod open;

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
    /// Totals are stated, or a statement is taken, and written to a file.
    Statement(EventId, Option<u64>, PathBuf),
    /// A statement is checked by the auditor's library.
    /// What was set aside is taken over or dropped, by two officials.
    Aside(EventId, Box<AsideRequest>),
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
                let [ja, en] = [&spec.title.ja, &spec.title.en].map(|title| printable(title));
                let done = Done::notice(format!("開きました: {ja}"), format!("Declared: {en}"));
                Done { then: Some(Place::Event(event)), ..done }
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
            Ok(Done::notice(format!("端末 {} を登録しました。", view.terminal), format!("Terminal {} is admitted.", view.terminal)))
        }
        Deed::Revoke(event, terminal) => {
            let view = revoke(client, *event, terminal)?;
            Ok(Done::window(
                format!("端末 {} を失効させました。これから届く登録は保留になり、2人の承認で引き継ぎます。", view.terminal),
                format!("Terminal {} is revoked. What comes from it now is set aside; two officials take it over.", view.terminal),
            ))
        }
        Deed::SetupFile(event, path) => {
            let out = write_setup_file(client, *event, path)?;
            Ok(Done::window(
                format!("{} を書き出しました。媒体で端末へ運び、受付の画面の「ファイルから」で読み込んでください。", out.display()),
                format!("{} is written. Carry it to the terminal, and read it there on the reception's screen, from a file.", out.display()),
            ))
        }
        Deed::Settle(event, settle) => {
            let Settle { view, keep, fields, reason } = settle.as_ref();
            let act = settlement(view, *keep, fields, Protecting::Kept).ok_or_else(|| {
                Failure::refused(
                    "その記録の内容は開けません。もう一度一覧を開いて確かめてください。",
                    "what that record says cannot be opened. Open the list again and look.",
                )
        Deed::Aside(event, request) => {
            let pending = pending_of(client.act(&format!("/api/v1/shelter/events/{event}/aside"), request)?)?;
            Ok(Done { then: Some(Place::Asides(*event)), ..waits(client, pending) })
        }
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
            let pending = pending_of(client.act(&format!("/api/v1/shelter/events/{event}/links"), request)?)?;
            Ok(Done { then: Some(Place::Event(*event)), ..waits(client, pending) })
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
        Deed::Import(source, path, shown, removes) => {
            let (bytes, sha256) = bytes_of(path)?;
            if shown.file != HashBytes::from(sha256) {
                return Err(Failure::refused(
                    format!("{} は、内容を確かめた後に変わっています。取り込んでいません。もう一度読んで確かめてください。", path.display()),
                    format!("{} has changed since it was read. Nothing was imported. Read it again.", path.display()),
                ));
            }
            let done = source.apply(client, &bytes, shown, *removes)?;
            let [ja, en] = [Lang::Ja, Lang::En].map(|lang| answer_text(lang, &done));
            Ok(Done::window(format!("取り込みました。\n\n{ja}"), format!("Imported.\n\n{en}")))
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

/// A shelter as it stands now; none that was not opened yet.
fn shelter_now(client: &Client, event: EventId, shelter: &ShelterId) -> Result<Option<ShelterState>, Failure> {
    let view: EventView = client.get(&format!("/api/v1/shelter/events/{event}"), None)?;
    Ok(view.shelters.into_iter().map(|view| view.state).find(|now| now.shelter == *shelter))
}

/// A shelter as it stands then. One that does not stand any more as whoever sets it saw it stays as it is. Pure.
fn after(now: Option<ShelterState>, Set { shelter: _, from, to }: &Set) -> Result<ShelterState, Failure> {
    let now = now.ok_or_else(|| Failure::refused("この避難所は、この災害・行事で開設されていません。", "this shelter was not opened in this event."))?;
    if now.state != *from {
        return Err(Failure::refused(
            format!("この避難所は、その後「{}」になっています。変えていません。今の状況を確かめてください。", now.state.say(Lang::Ja)),
            format!("this shelter was set to \"{}\" meanwhile. Nothing was changed. See how it stands now.", now.state.say(Lang::En)),
        ));
    }
    Ok(ShelterState { state: *to, ..now })
}

/// How a shelter stands now, in words.
fn stands(event: EventId, view: &ShelterView) -> Done {
    let [ja, en] =
        [(Lang::Ja, &view.state.name.ja), (Lang::En, &view.state.name.en)].map(|(lang, name)| format!("{}: {}", printable(name), view.state.state.say(lang)));
    Done { then: Some(Place::Event(event)), ..Done::notice(ja, en) }
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
