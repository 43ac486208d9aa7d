//! How the reception stands: everything that its screen shows beside the people at the desk.

use std::path::PathBuf;

use tachiai_crypto::hash::Hash32;
use tachiai_schemas::election::Text;
use tachiai_schemas::roll::Protection;
use tachiai_schemas::roster::{Body, CardRule, ChainId, OpenState, Report, ReportEntry, ShelterId};
use tachiai_schemas::shelter::Totals;
use tachiai_schemas::shelter::questionnaire::Definition;
use tachiai_schemas::{Lang, Say};

use super::Line;
use crate::card::printable;
use crate::commands::reception::setup::Admission;
use crate::failure::Failure;
use crate::shelter::key::{Protection as Keys, protection};
use crate::shelter::record::How;
use crate::shelter::said;
use crate::shelter::state::{Fate as Became, Own, Reception};

/// So many of the last entries are shown.
const RECENT: usize = 30;

/// What became of an entry of this terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is here alone.
    Waiting,
    /// The appliance has it.
    Taken,
    /// The appliance keeps it aside.
    Aside,
}

/// An entry of this terminal.
#[derive(Clone)]
pub struct Recent {
    /// When, in milliseconds since 1970.
    pub time: u64,
    /// What, in Japanese and English.
    pub said: [String; 2],
    /// What became of it.
    pub fate: Fate,
}

/// A room.
#[derive(Clone)]
pub struct RoomNow {
    /// Its name.
    pub name: String,
    /// How many people are in it.
    pub present: u64,
    /// How many it takes.
    pub capacity: Option<u32>,
}

/// How everything stands.
#[derive(Clone)]
pub struct Now {
    /// The event, as far as it is known.
    pub title: Option<Text>,
    /// The shelter, in Japanese and English.
    pub shelter: [String; 2],
    /// How it stands.
    pub state: Option<OpenState>,
    /// How many people it takes.
    pub capacity: Option<u32>,
    /// Its rooms.
    pub rooms: Vec<RoomNow>,
    /// The other shelters of the event.
    pub others: Vec<(ShelterId, [String; 2])>,
    /// The terminal.
    pub terminal: String,
    /// Who is here, in figures.
    pub totals: Totals,
    /// So many entries are here alone.
    pub waiting: usize,
    /// Since when the oldest of them waits, in milliseconds since 1970.
    pub oldest: Option<u64>,
    /// So many were set aside.
    pub aside: usize,
    /// So many people are contradicted.
    pub conflicts: usize,
    /// Whether the terminal was revoked.
    pub revoked: Revoked,
    /// The list of residents.
    pub list: List,
    /// The questionnaires that are asked at the desk.
    pub questionnaires: Vec<Definition>,
    /// Who was entered last and is still here, with their names in Japanese and English: they can answer a questionnaire.
    pub received: Vec<(ChainId, [String; 2])>,
    /// How cards are opened.
    pub card: Option<CardRule>,
    /// The last entries, the latest first.
    pub recent: Vec<Recent>,
    /// What would be taken back.
    pub undo: Option<[String; 2]>,
    /// Whether the appliance is reached.
    pub line: Line,
    /// Why the last synchronisation failed.
    pub trouble: Option<Failure>,
    /// What headquarters have to do first.
    pub unadmitted: Option<Unadmitted>,
    /// How the keys are kept from others.
    pub protection: Keys,
}

/// A terminal that headquarters have not admitted yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unadmitted {
    /// What is compared aloud.
    pub fingerprint: String,
    /// Whether headquarters see that it asks.
    pub asked: Option<Admission>,
    /// What is carried to them without a link.
    pub request: PathBuf,
}

/// How the list of residents stands at a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// It is here.
    Here,
    /// It is being fetched: so many bytes of it are here, and so many are all of it, as far as that is known.
    Comes(u64, Option<u64>),
    /// It is not here.
    Not,
}

/// What is known beside an open reception of how it stands.
pub struct Beside<'a> {
    /// Whether the appliance is reached.
    pub line: Line,
    /// Why the last synchronisation failed.
    pub trouble: Option<Failure>,
    /// What would be taken back.
    pub undo: Option<[String; 2]>,
    /// Whether headquarters see that the terminal asks to be admitted.
    pub asked: Option<Admission>,
    /// How much of the list of residents is fetched, and of how much, while it is.
    pub fetched: Option<(u64, Option<u64>)>,
    /// Who was entered last.
    pub received: &'a [ChainId],
}

/// Whether a terminal was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revoked {
    /// It was.
    Yes,
    /// It was not, as far as it heard.
    No,
}

fn totals(reception: &Reception) -> Totals {
    reception.people().totals(reception.roster()).remove(reception.shelter()).unwrap_or_default()
}

/// The last entries, the latest first.
fn last(reception: &Reception) -> impl Iterator<Item = &Own> {
    reception.own().iter().rev().take(RECENT)
}

/// Notes that whoever opens the reception sees who was entered last.
///
/// # Errors
/// [`Failure`]: it cannot be noted, and nobody may be shown.
pub fn note_recent(reception: &mut Reception) -> Result<(), Failure> {
    let handles: Vec<_> = last(reception).filter_map(|own| if let Body::Person(person) = &own.entry.body.body { Some(person.chain) } else { None }).collect();
    if handles.is_empty() { Ok(()) } else { reception.looked(How::List, handles, 0) }
}

fn both(text: &Text) -> [String; 2] {
    [Lang::Ja, Lang::En].map(|lang| printable(lang.pick(&text.ja, &text.en)))
}

impl Now {
    /// Of an open reception.
    pub fn of(reception: &Reception, beside: Beside<'_>) -> Self {
        let Beside { line, trouble, undo, asked, fetched, received } = beside;
        let own = reception.shelter();
        let shelter = reception.roster().shelter(own);
        let declared = reception.roster().declared();
        let groups = reception.roster().groups();
        let in_room = |name: &str| {
            let is_there = |person: &tachiai_schemas::roster::Person| person.room == name;
            let here = groups.iter().filter(|group| group.is_present() && group.latest.shelter == *own);
            here.filter(|group| reception.people().person(&group.latest.moment.hash).is_some_and(|person| is_there(person))).count() as u64
        };
        let rooms = reception.rooms(own).iter();
        let others = reception.roster().shelters().filter(|state| state.shelter != *own && state.state != OpenState::Closed);
        Self {
            title: reception.title().cloned(),
            shelter: [Lang::Ja, Lang::En].map(|lang| reception.known_shelter_name(lang, own).unwrap_or_else(|| unnamed(lang, own))),
            state: shelter.map(|shelter| shelter.state),
            capacity: shelter.and_then(|shelter| shelter.capacity),
            rooms: rooms.map(|room| RoomNow { name: room.name.clone(), present: in_room(&room.name), capacity: room.capacity }).collect(),
            others: others.map(|state| (state.shelter.clone(), both(&state.name))).collect(),
            terminal: reception.about.terminal.to_string(),
            totals: totals(reception),
            waiting: reception.waiting().count(),
            oldest: reception.waiting().map(|own| own.entry.body.entered.millis()).min(),
            aside: reception.own().iter().filter(|own| matches!(own.fate, Became::Aside { .. })).count(),
            conflicts: reception.conflicts().len(),
            revoked: if reception.is_revoked() { Revoked::Yes } else { Revoked::No },
            list: match (reception.residents(), fetched) {
                (Some(_), _) => List::Here,
                (None, Some((done, of))) => List::Comes(done, of),
                (None, None) => List::Not,
            },
            questionnaires: reception.questionnaires().to_vec(),
            received: received.iter().filter_map(|chain| still_here(reception, *chain)).collect(),
            card: declared.map(|declared| declared.card),
            recent: last(reception).map(|own| recent(reception, own)).collect(),
            undo,
            line,
            trouble,
            unadmitted: reception.admitted().is_none().then(|| Unadmitted {
                fingerprint: reception.request().fingerprint(),
                asked,
                request: reception.folder().join("request.json"),
            }),
            // Where it cannot be told, whoever sits here is asked in vain rather than not at all.
            protection: protection(&reception.folder().join("key")).unwrap_or(Keys::Passphrase),
        }
    }
}

/// So many characters of an identifier tell shelters apart where nobody knows their names.
const SHORT: usize = 8;

/// A shelter whose name was not heard yet.
fn unnamed(lang: Lang, shelter: &ShelterId) -> String {
    let id = shelter.as_str();
    let short = id.get(..SHORT).filter(|short| *short != id).map_or_else(|| id.to_owned(), |short| format!("{short}…"));
    match lang {
        Lang::Ja => format!("避難所（名称は未受信、ID {short}）"),
        Lang::En => format!("shelter (name not known yet, ID {short})"),
    }
}

/// What an entry of somebody says the name is, unless it is shown to nobody.
fn name_in(reception: &Reception, chain: ChainId, entry: &Hash32, lang: Lang) -> String {
    let person = reception.people().person(entry);
    let is_hidden = person.is_none_or(|person| person.protection == Protection::Protected)
        || reception.roster().person(chain).is_some_and(|group| reception.is_protected(&group));
    match person {
        Some(person) if !is_hidden => said::name(lang, person),
        _ => lang.pick("（氏名を表示しない方）", "(whose name is not shown)").to_owned(),
    }
}

/// The name of somebody of the roster, unless it is shown to nobody.
pub fn name(reception: &Reception, chain: ChainId, lang: Lang) -> String {
    reception.roster().person(chain).map_or_else(String::new, |group| name_in(reception, chain, &group.latest.moment.hash, lang))
}

/// Somebody who was entered, with the name, while still here.
fn still_here(reception: &Reception, chain: ChainId) -> Option<(ChainId, [String; 2])> {
    let group = reception.roster().person(chain).filter(|group| group.is_present() && group.latest.shelter == *reception.shelter())?;
    Some((group.chain, [Lang::Ja, Lang::En].map(|lang| name(reception, chain, lang))))
}

fn recent(reception: &Reception, own: &Own) -> Recent {
    let said = [Lang::Ja, Lang::En].map(|lang| match &own.entry.body.body {
        Body::Person(entry) => format!(
            "{}  {}",
            said::act(lang, entry.act, reception.people().person(&own.hash).map(|person| &**person)),
            name_in(reception, entry.chain, &own.hash, lang)
        ),
        Body::Shelter(state) => format!("{}  {}", lang.pick("避難所の状態", "state of the shelter"), state.state.say(lang)),
        Body::Report(ReportEntry { report: Report::Questionnaire { .. }, .. }) => lang.pick("問診票の回答", "answers to a questionnaire").to_owned(),
        Body::Report(_) => lang.pick("避難所からの報告", "a report of the shelter").to_owned(),
        Body::Declared(_) | Body::Terminal(_) | Body::Link(_) | Body::Stated(_) | Body::Closed {} => String::new(),
    });
    let fate = match own.fate {
        Became::Waiting => Fate::Waiting,
        Became::Taken => Fate::Taken,
        Became::Aside { .. } => Fate::Aside,
    };
    Recent { time: own.entry.body.time.millis(), said, fate }
}
