//! A case of the headquarters: what two officials decide on with a reason in words, which may name somebody and is sealed. The matter carries its commitment.
//!
//! Two records of one person are a case of their own ([`LinkCase`](super::LinkCase)); here are what was set aside of hand-ins, and the close of an event with
//! something still out.

use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::labels;
use tachiai_crypto::roster::{ChainId, EventId};

use super::{AsideView, PersonView};
use crate::roster::hand_in::{Copied, SetAside};
use crate::roster::report::ReportContent;
use crate::roster::{Act, Hlc, Person, ShelterId, ShelterState, TerminalId};
use crate::{Bytes, HashBytes};

/// What an entry that was set aside says, as far as its hand-in opens.
///
/// There is no `Debug`: it may name people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AsideSaid {
    /// Something happens to a person.
    Person {
        /// The handle.
        chain: ChainId,
        /// The shelter.
        shelter: ShelterId,
        /// What happens.
        act: Act,
        /// All that was known.
        person: Box<Person>,
    },
    /// A report of a shelter.
    Report {
        /// The shelter.
        shelter: ShelterId,
        /// What it reports.
        content: ReportContent,
    },
    /// A shelter's state.
    Shelter {
        /// All of it.
        state: Box<ShelterState>,
    },
    /// It is about a person or is a sealed report, and its opening is missing or is none: nobody can write it again.
    Unopened {
        /// The handle.
        chain: ChainId,
    },
    /// Answers to a questionnaire. They are sealed once more, and nobody can write them again: they are asked again.
    Answers {
        /// The handle.
        chain: ChainId,
    },
    /// Nothing that a terminal writes, or bytes that are no entry of this version.
    Nothing {},
}

/// An entry that was set aside, with what it says. It never changes.
///
/// There is no `Debug`: it may name people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AsideContent {
    /// Its place, and why it was set aside.
    pub aside: SetAside,
    /// The leaf hash of its bytes: the source that is named where it is taken over.
    pub source: HashBytes,
    /// When it happened, as its terminal states.
    pub time: Option<Hlc>,
    /// When it was entered, as its terminal states.
    pub entered: Option<Hlc>,
    /// What it says.
    pub said: AsideSaid,
}

/// What became of an entry that was set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AsideStanding {
    /// Nobody has decided.
    Open {},
    /// It stands in the roster after all: another hand-in brought it.
    Known {},
    /// Two officials had the appliance write it again.
    TakenOver {
        /// The leaf hash of the appliance's entry.
        entry: HashBytes,
    },
    /// Two officials dropped it, with a reason.
    Dropped {},
}

/// An entry that was set aside: its content, and how it stands now.
///
/// There is no `Debug`: it may name people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AsideEntry {
    /// What does not change.
    pub content: AsideContent,
    /// What became of it.
    pub standing: AsideStanding,
}

/// A hand-in with something set aside, opened: `GET events/{event}/aside/{file}`. That it was looked at is recorded.
///
/// There is no `Debug`: it may name people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AsideOpened {
    /// The hand-in.
    pub view: AsideView,
    /// What was set aside of it.
    pub entries: Vec<AsideEntry>,
}

impl AsideOpened {
    /// What both officials look at: `H("aside-content"; JSON of the contents at these places, in this order)`. `None` if one of them was not set aside.
    #[must_use]
    pub fn content(&self, places: &[u32]) -> Option<Hash32> {
        let of = |place: &u32| self.entries.iter().find(|entry| entry.content.aside.index == *place).map(|entry| &entry.content);
        let contents: Vec<&AsideContent> = places.iter().map(of).collect::<Option<_>>()?;
        let json = serde_json::to_vec(&contents).ok()?;
        Some(tagged(labels::hash::ASIDE_CONTENT, &[&json]))
    }
}

/// What is to become of entries that were set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AsideVerdict {
    /// The appliance writes them again, as its own.
    Take,
    /// They stay where they are.
    Drop,
}

/// Asks what is to become of entries that were set aside: `POST events/{event}/aside`. A second official decides.
///
/// There is no `Debug`: the reason may name people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AsideRequest {
    /// The hand-in, by the SHA-256 of its file.
    pub file: HashBytes,
    /// Which entries, by their places, ascending.
    pub entries: Vec<u32>,
    /// What was looked at: [`AsideOpened::content`] of these places.
    pub content: HashBytes,
    /// What is to become of them.
    pub verdict: AsideVerdict,
    /// Why (1 to 500 characters).
    pub reason: String,
}

/// A terminal from which something may still come, or under whose name two write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TerminalOut {
    /// Its name.
    pub terminal: TerminalId,
    /// Where it stands.
    pub shelter: ShelterId,
    /// How many of its numbers never came, those left out that were taken over or dropped.
    pub missing: u64,
    /// When it wrote last; none if nothing came from it.
    pub latest: Option<Hlc>,
    /// Whether it may write, and nothing came from it for [`Outstanding::SILENT`].
    pub silence: Silence,
    /// Whether another terminal writes under its name.
    #[serde(default, skip_serializing_if = "is_no_copy")]
    pub copied: Copied,
}

// What came to be told after cases had been asked for is left out where it says nothing: a case of before still has its commitment.

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_no_copy(copied: &Copied) -> bool {
    *copied == Copied::No
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_nobody(persons: &u64) -> bool {
    *persons == 0
}

/// Whether a terminal fell silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Silence {
    /// It wrote lately, or is revoked.
    No,
    /// It is admitted, and its last entry is old, or there is none.
    Silent,
}

/// What is still out in an event: `GET events/{event}/outstanding`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Outstanding {
    /// Terminals with gaps in their numbers, that fell silent, or that were copied.
    pub terminals: Vec<TerminalOut>,
    /// Entries that were set aside and on which nobody decided.
    pub asides: u64,
    /// Conflicts that nobody has settled.
    pub conflicts: u64,
    /// People who are present still.
    #[serde(default, skip_serializing_if = "is_nobody")]
    pub present: u64,
    /// Shelters that are not closed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shelters: Vec<ShelterId>,
}

impl Outstanding {
    /// After so many milliseconds without an entry a terminal has fallen silent.
    pub const SILENT: u64 = 12 * 60 * 60 * 1000;

    /// Whether nothing is.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        let Self { terminals, asides, conflicts, present, shelters } = self;
        terminals.is_empty() && *asides == 0 && *conflicts == 0 && *present == 0 && shelters.is_empty()
    }
}

/// Asks that an event be closed: `POST events/{event}/close`. A second official decides.
///
/// There is no `Debug`: the reason may name people.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CloseRequest {
    /// Why it is closed although something is still out (1 to 500 characters).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anyway: Option<String>,
}

/// On what ground somebody is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum EraseGround {
    /// The person asks for it.
    Request,
    /// The period for which the record is kept has ended.
    Retention,
    /// The record should never have been made.
    Mistake,
}

/// Asks that somebody who left be erased: `POST events/{event}/people/{chain}/erase`. A second official decides.
///
/// There is no `Debug`: the reason may name people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EraseRequest {
    /// On what ground.
    pub ground: EraseGround,
    /// Why (1 to 500 characters). It goes with the person.
    pub reason: String,
}

/// Somebody is erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EraseDone {
    /// The event.
    pub event: EventId,
    /// The handles of the person.
    pub handles: Vec<ChainId>,
    /// How many entries of theirs stand in the roster and open no more.
    pub entries: u64,
}

/// What a case is about.
///
/// There is no `Debug`: the reason may name people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CaseOf {
    /// What is to become of entries that were set aside.
    Aside(AsideRequest),
    /// An event is closed with something still out.
    Close {
        /// Why.
        reason: String,
        /// What was out when it was asked for.
        outstanding: Outstanding,
    },
    /// Somebody is erased.
    Erase {
        /// A handle of the person.
        chain: ChainId,
        /// What was asked.
        request: EraseRequest,
    },
}

/// A case with everything that two officials decide on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Case {
    /// Random, so that nobody finds the reason by trying.
    pub salt: Bytes<32>,
    /// The event.
    pub event: EventId,
    /// What it is about.
    pub of: CaseOf,
}

impl Case {
    /// What the matter carries of this: `H("headquarters-case"; JSON of this)`. The salt is part of it.
    #[must_use]
    pub fn commitment(&self) -> Hash32 {
        #[expect(clippy::expect_used, reason = "a struct of texts always has a JSON form")]
        let json = serde_json::to_vec(self).expect("JSON");
        tagged(labels::hash::HEADQUARTERS_CASE, &[&json])
    }
}

/// How what a case is about stands now.
///
/// There is no `Debug`: it may name people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CaseNow {
    /// The hand-in.
    Aside(AsideOpened),
    /// What is out.
    Close(Outstanding),
    /// The person.
    Erase(Box<PersonView>),
}

/// What the second official is shown of a case.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CaseShown {
    /// The case.
    pub case: Case,
    /// What it is about, as it stands now.
    pub now: CaseNow,
}

impl std::fmt::Debug for CaseShown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CaseShown(<withheld>)")
    }
}

/// What became of entries that were set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AsideDone {
    /// The event.
    pub event: EventId,
    /// The hand-in.
    pub file: HashBytes,
    /// What was decided.
    pub verdict: AsideVerdict,
    /// The entries by their places, with how they stand now.
    pub entries: Vec<AsidePlace>,
}

/// One place of a hand-in with how it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AsidePlace {
    /// The place.
    pub index: u32,
    /// What became of it.
    pub standing: AsideStanding,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_that_was_asked_for_before_copies_people_and_shelters_were_told_still_has_its_commitment() {
        let salt = "A".repeat(43);
        let terminal = r#"{"terminal":"gym-1","shelter":"gym","missing":2,"latest":null,"silence":"silent"}"#;
        let of = format!(r#"{{"kind":"close","body":{{"reason":"flood","outstanding":{{"terminals":[{terminal}],"asides":1,"conflicts":0}}}}}}"#);
        let event = serde_json::to_string(&EventId([7; 16])).unwrap();
        let kept = format!(r#"{{"salt":"{salt}","event":{event},"of":{of}}}"#);
        let case: Case = serde_json::from_str(&kept).unwrap();
        assert_eq!(case.commitment(), tagged("headquarters-case", &[kept.as_bytes()]));
    }
}
