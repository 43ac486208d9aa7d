//! People of a roster as staff see, look for, enter and link them.

use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::labels;
use tachiai_crypto::roster::{ChainId, EventId};

use super::merged::Difference;
use super::{Resident, questionnaire};
use crate::roster::person::{Person, Triage};
use crate::roster::{Act, Hlc, ShelterId, TerminalId};
use crate::{Bytes, HashBytes};

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
    /// The beginning of the name, in kana (of either kind, half or full width), romaji or as written. At least one character, or none for all people of a
    /// shelter, which only the headquarters ask for.
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
        tagged(labels::hash::LINK_CASE, &[&json])
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
