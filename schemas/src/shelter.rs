//! What staff and terminals ask of the appliance about shelters, and what it answers.
//!
//! Paths are under `/api/v1/shelter` on the staff port.

pub mod case;
pub mod facility;
pub mod figures;
pub mod import;
#[cfg(feature = "search")]
pub mod index;
pub mod jis;
#[cfg(feature = "search")]
pub mod likeness;
pub mod merged;
pub mod overview;
pub mod questionnaire;
#[cfg(feature = "search")]
pub mod reading;
#[cfg(feature = "search")]
pub mod residents;
mod said;
#[cfg(feature = "search")]
pub mod support;
pub mod table;
pub mod telling;

pub use telling::StatementMade;

use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::roster::{ChainId, EventId};

use self::merged::Difference;
use crate::election::Text;
use crate::roll::{Day, Protection};
use crate::roster::person::{Person, Sex, Triage};
use crate::roster::shelter::Room;
use crate::roster::{Act, CardRule, Declared, EventKind, Hlc, ShelterId, ShelterState, TerminalId, TerminalStatus};
use crate::staff::Pending;
use crate::{Blob, Bytes, CitizenId, HashBytes, Lang, Say, Timestamp};

/// What is asked for when an event is declared: `POST events`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventSpec {
    /// The kind.
    pub kind: EventKind,
    /// The title.
    pub title: Text,
    /// The municipality's code, six digits.
    pub municipality: String,
    /// When it began.
    pub began: Timestamp,
    /// How cards are used.
    pub card: CardRule,
    /// Totals are stated over at least so many people (2 to 1,000; 10 by default).
    pub min_group: u16,
}

/// What came of asking for an event. A disaster is declared by two officials, everything else by one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum EventAsked {
    /// It is declared.
    Declared {
        /// Its ID.
        event: EventId,
    },
    /// It waits for a second official.
    Waiting {
        /// The request.
        pending: Box<Pending>,
    },
}

/// An event in the list: `GET events`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventSummary {
    /// Its ID.
    pub event: EventId,
    /// What it is.
    pub declared: Declared,
    /// When it was closed.
    pub closed: Option<Hlc>,
    /// Shelters that are not closed.
    pub open_shelters: u32,
    /// People who count.
    pub present: u64,
    /// Conflicts that nobody has settled.
    pub conflicts: u64,
}

/// Asks that a terminal be admitted: `POST events/{event}/terminals`. Its key was made on it and never leaves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TerminalRequest {
    /// Its name.
    pub terminal: TerminalId,
    /// Its Ed25519 key.
    pub key: Bytes<32>,
    /// Its age recipient.
    pub recipient: String,
    /// Where it stands.
    pub shelter: ShelterId,
    /// The event that it was set up for, and is admitted to alone.
    pub event: EventId,
}

/// How a terminal stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TerminalView {
    /// Its name.
    pub terminal: TerminalId,
    /// Where it stands.
    pub shelter: ShelterId,
    /// Whether it may write.
    pub status: TerminalStatus,
    /// How many entries of it are here.
    pub entries: u64,
    /// How many of its numbers have not come yet.
    pub missing: u64,
    /// When it wrote last.
    pub latest: Option<Hlc>,
    /// Whether two write under its name.
    pub copied: crate::roster::hand_in::Copied,
}

/// A resident, as the register was imported. It lies sealed, and goes sealed to terminals.
///
/// There is no `Debug`: a register must not reach a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Resident {
    /// The resident system's number.
    pub number: String,
    /// The name as written.
    pub name: String,
    /// The name with 外字 replaced, where that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_jis: Option<String>,
    /// The name in full-width katakana; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kana: String,
    /// The birth date; month and day may be unknown; none if nothing is.
    pub birth: Option<Day>,
    /// The sex.
    pub sex: Sex,
    /// The address.
    pub address: String,
    /// The district (行政区).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub district: String,
    /// The number of the household; residents with one are of one household.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub household: String,
    /// Whether the resident is the head of it.
    #[serde(default)]
    pub relation: crate::roster::person::Relation,
    /// The citizen ID, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub citizen: Option<CitizenId>,
    /// Whether the address is kept from others (支援措置): found by no search, only by the own card.
    #[serde(default)]
    pub protection: Protection,
    /// On the action-support list (避難行動要支援者名簿): why support is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support: Option<Support>,
}

/// An entry of the action-support list (Disaster Countermeasures Basic Act 49-10).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Support {
    /// Special needs that it says.
    pub needs: Vec<crate::roster::Need>,
    /// The reason in words.
    pub reason: String,
    /// The telephone number.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
    /// Who helps (避難支援等関係者); may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub helper: String,
}

/// What a terminal needs to go on without a link: `GET events/{event}/terminals/{terminal}/pack`, an age file for the terminal's recipient.
///
/// There is no `Debug`: a register must not reach a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Pack {
    /// The event.
    pub event: EventId,
    /// When it was made.
    pub made: Hlc,
    /// The key of handles (PROTOCOL §17.2).
    pub handle_key: Bytes<32>,
    /// Residents. Of those under protection only number, household, birth, sex and protection: name and address come from the own card.
    pub residents: Vec<Resident>,
    /// The questionnaires that are asked at a desk.
    pub questionnaires: Vec<questionnaire::Definition>,
    /// The keys that certify those which sign cards' texts, as the appliance trusts them. Without any no card identifies its holder.
    #[serde(default)]
    pub text_anchors: Vec<Blob>,
}

/// What tells keys for cards' texts from others: `H("text-anchors"; each, ascending)`.
#[must_use]
pub fn anchors(keys: &[Blob]) -> HashBytes {
    let keys: std::collections::BTreeSet<&[u8]> = keys.iter().map(|Blob(key)| key.as_slice()).collect();
    tagged("text-anchors", &keys.into_iter().collect::<Vec<_>>()).into()
}

/// How a name within a kind gives a handle (PROTOCOL §17.2): residents by number, others with a card by the hash of the card's person.
pub mod handle {
    /// A resident, by the resident system's number.
    pub const RESIDENT: &str = "resident";
    /// A citizen, by the 16 bytes of the citizen ID.
    pub const CITIZEN: &str = "citizen";
    /// A card's holder who is no resident, by the 32 bytes of the hash of the person (PROTOCOL §5.1).
    pub const PERSON: &str = "person";
}

/// Writes an entry about a person at the appliance itself, without a terminal: `POST events/{event}/people`.
///
/// There is no `Debug`: a roster must not reach a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonAct {
    /// The handle; none for somebody new, for whom the appliance derives it from the resident's number or the citizen ID, or draws it.
    pub chain: Option<ChainId>,
    /// The entries that were on the screen as the person's latest: where others are the latest by now, it is refused, and nothing is lost.
    pub after: Vec<HashBytes>,
    /// The shelter.
    pub shelter: ShelterId,
    /// What happens.
    pub act: Act,
    /// When, if not now.
    pub time: Option<Hlc>,
    /// All that is known.
    pub person: Person,
}

/// An entry about a person is durable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonDone {
    /// The handle.
    pub chain: ChainId,
    /// The leaf hash.
    pub entry: HashBytes,
    /// The leaf.
    pub leaf: u64,
}

/// One entry of a person, as staff see it.
///
/// There is no `Debug`: a roster must not reach a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StepView {
    /// The handle.
    pub chain: ChainId,
    /// The leaf hash.
    pub entry: HashBytes,
    /// When it happened.
    pub time: Hlc,
    /// When it was entered.
    pub entered: Hlc,
    /// The terminal.
    pub terminal: TerminalId,
    /// The shelter.
    pub shelter: ShelterId,
    /// What happened.
    pub act: Act,
    /// All that was known then; none where the key was destroyed or the opening is not here.
    pub person: Option<Person>,
}

/// How entries of one person contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ConflictKind {
    /// Present in two places.
    TwoPlaces,
    /// Present by one entry, gone by another.
    PresentAndGone,
    /// Edited on both sides.
    Edited,
}

/// A person as staff see it: `GET events/{event}/people/{chain}`, and in searches (`POST events/{event}/search`).
///
/// There is no `Debug`: a roster must not reach a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonView {
    /// The handles of the person.
    pub handles: Vec<ChainId>,
    /// The entries that no other follows; more than one is a conflict, all of them shown.
    pub heads: Vec<StepView>,
    /// The index in `heads` or, where a follower lies earlier in time, of the entry that counts.
    pub counts: StepView,
    /// The conflict, if there is one.
    pub conflict: Option<ConflictKind>,
    /// The fields in which the heads differ, side by side; an entry that follows all heads settles them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<Difference>,
    /// All entries, by their moments: empty in searches.
    pub history: Vec<StepView>,
    /// The questionnaire: only where one person is looked at, and in the list by urgency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub questionnaire: Option<QuestionnaireSeen>,
}

impl PersonView {
    /// The same without what the entries say of the person: who it is stays untold, that there is somebody and where does not.
    #[must_use]
    pub fn without_names(self) -> Self {
        let nameless = |step: StepView| StepView { person: None, ..step };
        let of = |steps: Vec<StepView>| steps.into_iter().map(nameless).collect();
        Self { heads: of(self.heads), counts: nameless(self.counts), differs: Vec::new(), history: of(self.history), ..self }
    }
}

/// How a person of a roster and a questionnaire go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "link", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum QuestionnaireSeen {
    /// The roster names it.
    Named {
        /// Which.
        kept: questionnaire::Kept,
    },
    /// The appliance found it: of the same citizen, whom a card or the register identified, or filled in at a desk for this record.
    Linked {
        /// Which.
        kept: questionnaire::Kept,
        /// The worst urgency of the latest answers to each questionnaire.
        worst: Triage,
    },
    /// A resident of the same name and birth date filled one in, and nothing but words says that it is this person: staff decide.
    Suggested {},
}

/// Looks people up: `POST events/{event}/search`. Whoever is under protection is not found.
///
/// There is no `Debug`: it names people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PeopleSearch {
    /// The beginning of the name, in kana (of either kind, half or full width), romaji or as written; at least one character.
    pub name: String,
    /// Only in this shelter.
    pub shelter: Option<ShelterId>,
    /// How many at most (1 to 100).
    pub limit: u16,
}

/// Whether everything is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Extent {
    /// This is all.
    All,
    /// There are more.
    More,
}

/// What is found.
///
/// There is no `Debug`: it names people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PeopleFound {
    /// People of the roster.
    pub people: Vec<PersonView>,
    /// Residents who are in no shelter.
    pub residents: Vec<Resident>,
    /// Whether this is all.
    pub extent: Extent,
}

/// Totals of a shelter, or of all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Totals {
    /// People who count.
    pub present: u64,
    /// By age band, in its order: under 1, 1–5, 6–14, 15–64, 65–74, 75 and more, unknown.
    pub ages: [u64; 7],
    /// By stay: in the shelter, at home, in a vehicle.
    pub stays: [u64; 3],
    /// By need, in its order: care, disability, medical, pregnant, foreign, food, support.
    pub needs: [u64; 7],
    /// Heads that were counted (概数), if the shelter said so.
    pub heads: Option<u32>,
    /// People whose attributes nobody can open any more.
    pub erased: u64,
}

/// Whether a room takes more people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RoomFill {
    /// It does, or nobody said how many it takes.
    Free,
    /// As many are in it as it takes, or more.
    Full,
}

/// A room of a shelter with who is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoomView {
    /// The room.
    pub room: Room,
    /// People who count and have this room in their record.
    pub present: u64,
    /// Whether it takes more.
    pub fill: RoomFill,
}

/// The rooms of a shelter with who is in them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rooms {
    /// In the order in which the shelter names them.
    pub rooms: Vec<RoomView>,
    /// People who count, stay in the shelter, and have none of these rooms in their record.
    pub without: u64,
}

/// A shelter with its totals: `GET events/{event}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShelterView {
    /// The shelter.
    pub state: ShelterState,
    /// Its totals.
    pub totals: Totals,
    /// Its rooms; none if it names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rooms: Option<Rooms>,
}

/// An event with its shelters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventView {
    /// As in the list.
    pub summary: EventSummary,
    /// Shelters.
    pub shelters: Vec<ShelterView>,
    /// Terminals.
    pub terminals: Vec<TerminalView>,
    /// Totals over all.
    pub totals: Totals,
    /// Hand-ins with something set aside on which nobody has decided.
    pub aside: u64,
    /// How many of those who count may be others who count, under another handle: told to the headquarters alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubles: Option<u64>,
    /// The fingerprint for the public notice: that of the first entry, by which statements, disclosures and own entries are checked.
    pub fingerprint: String,
    /// The signed checkpoint.
    pub checkpoint: String,
}

/// Two handles may be of one person, or were thought to be: `POST events/{event}/links`. Two officials decide.
///
/// There is no `Debug`: the evidence may name people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkRequest {
    /// The handle that is kept in sight.
    pub chain: ChainId,
    /// The other.
    pub other: ChainId,
    /// Which.
    pub verdict: crate::roster::LinkVerdict,
    /// What shows it, in words (1 to 500 characters).
    pub evidence: String,
}

/// A link with everything that two officials decide on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkCase {
    /// Random, so that nobody finds the evidence by trying.
    pub salt: Bytes<32>,
    /// The event.
    pub event: EventId,
    /// What is asked for.
    pub request: LinkRequest,
}

impl LinkCase {
    /// What the matter carries of this: `H("link-case"; JSON of this)`. The salt is part of it.
    #[must_use]
    pub fn commitment(&self) -> Hash32 {
        #[expect(clippy::expect_used, reason = "a struct of texts always has a JSON form")]
        let json = serde_json::to_vec(self).expect("JSON");
        tagged("link-case", &[&json])
    }
}

/// What the second official is shown of a link.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkShown {
    /// The case.
    pub case: LinkCase,
    /// The people of the two handles as they stand now; one where they are linked already.
    pub people: Vec<PersonView>,
}

impl std::fmt::Debug for LinkShown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LinkShown(<withheld>)")
    }
}

/// What an approved link brought about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkDone {
    /// The event.
    pub event: EventId,
    /// The handle that is kept in sight.
    pub chain: ChainId,
    /// The other.
    pub other: ChainId,
    /// Which.
    pub verdict: crate::roster::LinkVerdict,
    /// The leaf of the entry.
    pub leaf: u64,
}

/// The ID of a new event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventMade {
    /// The event.
    pub event: EventId,
}

/// An event that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventEnded {
    /// The event.
    pub event: EventId,
    /// How many entries it has for good.
    pub size: u64,
}

/// How a hand-in comes: `POST events/{event}/hand-ins?way=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Way {
    /// Over the network: what it says of the terminal's clock is of now.
    #[default]
    Network,
    /// On a stick, some time after it was written.
    Stick,
}

/// A hand-in of which something was set aside: `GET events/{event}/aside`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AsideView {
    /// SHA-256 of the file in which it is kept whole.
    pub file: HashBytes,
    /// When it was set aside.
    pub at: Timestamp,
    /// Who handed it in.
    pub by: String,
    /// How.
    pub way: Way,
    /// The terminal that signed it.
    pub terminal: TerminalId,
    /// Which entries, and why.
    pub aside: Vec<crate::roster::hand_in::SetAside>,
    /// On how many of them nobody has decided.
    pub open: u32,
}

/// Why two people of a roster may be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Alike {
    /// Alike in any way, and one of them at least is under protection: no terminal sees that.
    Protected,
    /// The same name, born on the same day.
    NameAndBirth,
    /// The same reading and address, born on the same day.
    ReadingBirthAndAddress,
    /// The same name, and as far as the birth is known an age within a year.
    NameAndAge,
    /// The same reading, and as far as the birth is known an age within a year.
    ReadingAndAge,
    /// The same name, and nothing is known of the birth of one.
    Name,
}

/// People of different handles who may be one: `GET events/{event}/duplicates`.
///
/// There is no `Debug`: it names people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Duplicates {
    /// Why.
    pub alike: Alike,
    /// Who: 50 at most.
    pub people: Vec<PersonView>,
    /// How many more there are.
    #[serde(default)]
    pub more: u64,
}

/// A relative asks after somebody (安否照会): `POST events/{event}/inquiries`. Name and birth date or address must be given and be right.
///
/// There is no `Debug`: it names people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Inquiry {
    /// The name or its reading, whole.
    pub name: String,
    /// The birth date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth: Option<Day>,
    /// The address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Who asks: name, address and relation (Disaster Countermeasures Basic Act, Enforcement Regulations 8-3), as shown at the counter (1 to 500 characters).
    pub asker: String,
}

/// What a relative is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum InquiryAnswer {
    /// Nothing can be told: nobody like that is here, or may be told of. Which of them is not said.
    Nothing,
    /// Safe.
    Safe,
    /// Safe, and here.
    Place {
        /// The shelter.
        shelter: ShelterId,
        /// Its name.
        name: Text,
        /// Its address.
        address: String,
    },
}

impl Say for InquiryAnswer {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Nothing, Lang::Ja) => "お知らせできる情報はありません。".to_owned(),
            (Self::Nothing, Lang::En) => "There is nothing that can be told.".to_owned(),
            (Self::Safe, Lang::Ja) => "ご無事です。".to_owned(),
            (Self::Safe, Lang::En) => "Safe.".to_owned(),
            (Self::Place { shelter: _, name, address }, Lang::Ja) => format!("ご無事です。{}（{address}）におられます。", name.ja),
            (Self::Place { shelter: _, name, address }, Lang::En) => format!("Safe, at {} ({address}).", name.en),
        }
    }
}
