//! The access log: which agency received or read what of a person, and which office of the municipality looked at them.
//!
//! A leaf of the log names nobody: each person in it stands there as a tag that only the person's own secret gives, another one in every leaf. A resident is given
//! the whole log, its signed checkpoint and the own secret, and so sees that no leaf with an own tag was left out.

use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::journal::{BoardKey, Checkpoint, Frontier, Origin, SignedCheckpoint, leaf_hash};
use tachiai_crypto::labels;

use super::Name;
use super::agency::AgencyKind;
use crate::canonical::{self, CanonicalError};
use crate::roster::disclosure::Basis;
use crate::roster::{ChainId, EventId};
use crate::staff::Role;
use crate::{Blob, Bytes, CitizenId, HashBytes, Timestamp};

/// The version of a leaf.
pub const VERSION: u32 = 1;

/// The most people of a leaf, so that it fits an entry.
pub const MAX_TAGS: usize = 1_000;

/// A leaf of the access log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessLeaf {
    /// [`VERSION`].
    pub v: u32,
    /// When.
    pub at: Timestamp,
    /// A random number, from which the tags are made.
    pub id: HashBytes,
    /// The commitment to what it was ([`Access::commitment`]).
    pub about: HashBytes,
    /// The people, each by [`tag`], ascending, at most [`MAX_TAGS`].
    pub tags: Vec<HashBytes>,
}

impl AccessLeaf {
    /// Reads a leaf: of the known version, in the one accepted form, everybody in it once.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let leaf: Self = canonical::from_bytes(bytes).ok()?;
        (leaf.v == VERSION && leaf.tags.len() <= MAX_TAGS && leaf.tags.is_sorted_by(|one, two| one < two)).then_some(leaf)
    }
}

/// How it was got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum How {
    /// In a disclosure.
    Disclosure,
    /// Shown to an official before a disclosure.
    Preview,
    /// By reading the questionnaire in an emergency.
    BreakGlass,
    /// The agency said why it has to read the questionnaire, and was told at most that the person stands in the roster.
    BreakGlassAsked,
    /// It was to be read in an emergency, and there was none.
    BreakGlassNone,
    /// Found by the beginning of a name, with what is known of the person.
    Search,
    /// Looked at with all entries.
    Record,
    /// Written to a file for the person to take along.
    OwnEntry,
    /// The questionnaire was read by staff.
    Questionnaire,
    /// Looked at as a citizen, with cards and codes.
    Citizen,
    /// Who received or read what of the person was looked at.
    History,
    /// By what a service knows the citizen was looked up.
    Pseudonym,
    /// Step counts came in, under the own consent.
    StepCounts,
}

/// Who got it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum By {
    /// An agency outside the municipality.
    Agency {
        /// The agency.
        agency: Name,
        /// What it is.
        kind: AgencyKind,
        /// The purpose.
        purpose: String,
        /// The legal basis.
        basis: Basis,
    },
    /// An official of the municipality, by the office: the appliance's journals say which one, for a supervisor.
    Office {
        /// The office.
        role: Role,
    },
    /// The appliance had it from the city's data platform.
    Platform {},
}

/// What was received or read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Access {
    /// How.
    pub how: How,
    /// By whom.
    pub by: By,
    /// The event; none for what is no event's.
    pub event: Option<EventId>,
    /// The fields; empty where it was the whole, or a questionnaire.
    pub fields: Vec<String>,
}

impl Access {
    /// What a leaf says of it: H(`access-about`; salt, JSON).
    ///
    /// # Errors
    /// [`CanonicalError`], never for this type.
    pub fn commitment(&self, salt: &Bytes<32>) -> Result<HashBytes, CanonicalError> {
        Ok(tagged(labels::hash::ACCESS_ABOUT, &[&salt.0, &canonical::to_bytes(self)?]).into())
    }
}

/// How a person stands in a leaf: H(`access-tag`; secret, id).
#[must_use]
pub fn tag(secret: &HashBytes, id: &HashBytes) -> HashBytes {
    tagged(labels::hash::ACCESS_TAG, &[&secret.0, &id.0]).into()
}

/// Whose secret it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Whose {
    /// Of one of the citizen's IDs.
    Citizen {},
    /// Of the citizen's handle in an event.
    Handle {
        /// The event.
        event: EventId,
        /// The handle.
        chain: ChainId,
    },
}

/// A secret that gives tags.
///
/// There is no `Debug`: whoever has it finds the person in the log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Secret {
    /// Whose.
    pub whose: Whose,
    /// The secret.
    pub secret: HashBytes,
}

/// What a leaf of one's own says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnAccess {
    /// The leaf.
    pub leaf: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub access: Access,
    /// What opens the leaf's commitment.
    pub salt: Bytes<32>,
}

/// What a resident gets after logging in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessList {
    /// The origin of the log.
    pub origin: String,
    /// The key that signs its checkpoints.
    pub key: Bytes<32>,
    /// The signed checkpoint.
    pub checkpoint: String,
    /// Every leaf of the log.
    pub leaves: Vec<Blob>,
    /// The own secrets.
    pub secrets: Vec<Secret>,
    /// What the own leaves say, ascending.
    pub own: Vec<OwnAccess>,
}

/// A part of it: some leaves of the log, with those of them that are about the resident.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessPage {
    /// The origin of the log.
    pub origin: String,
    /// The key that signs its checkpoints.
    pub key: Bytes<32>,
    /// The signed checkpoint over the whole log.
    pub checkpoint: String,
    /// The first leaf here.
    pub from: u64,
    /// The leaves from there on, as many as go into one answer; none behind the last.
    pub leaves: Vec<Blob>,
    /// The own secrets.
    pub secrets: Vec<Secret>,
    /// What the own leaves among them say, ascending.
    pub own: Vec<OwnAccess>,
}

/// So many accesses of a person are shown to an official at once.
pub const HISTORY: usize = 50;

/// What an official is shown of who received or read what of a person, the latest first: `GET sharing/citizens/{code}/access`. That it was looked at is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessHistory {
    /// The person's ID.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub citizen: CitizenId,
    /// How many there are in all.
    pub all: u64,
    /// Those before the asked one, at most [`HISTORY`].
    pub records: Vec<AccessRecord>,
    /// From where the next page goes on; none, where this is the last one.
    pub before: Option<u64>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessRecord {
    /// The leaf of the log.
    pub leaf: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub access: Access,
}

/// Why a list is not the whole one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// The checkpoint does not verify.
    #[error("the checkpoint is not signed by the log's key")]
    Checkpoint,
    /// The leaves are not those of the checkpoint.
    #[error("the leaves are not those of the checkpoint: the log was cut or changed")]
    Leaves,
    /// A leaf is none.
    #[error("leaf {0} is not in the one form of a leaf")]
    Leaf(u64),
    /// A leaf with an own tag is not told of.
    #[error("leaf {0} is about you and is not on the list")]
    LeftOut(u64),
    /// A leaf is told of that has no own tag, or is not there.
    #[error("leaf {0} is not about you, and is on the list")]
    NotYours(u64),
    /// Something else is told of a leaf than it holds.
    #[error("what is said of leaf {0} is not what the log holds")]
    NotInTheLog(u64),
    /// It does not go on from the earlier one.
    #[error("the log does not go on from the earlier list: keep both, they are evidence")]
    Fork,
}

/// How often a list is begun anew.
const ANEW: u32 = 3;

impl AccessList {
    /// Asks for page after page, each from the leaf after the one before, until the log has no more; checkpoint and secrets are those of the last. What is told along the way is
    /// held against it by [`AccessList::check`]. Where a page has other secrets than the one before, as when a handle became the resident's meanwhile, it begins anew, a few
    /// times at most: what the pages before told was by the other secrets.
    ///
    /// # Errors
    /// What `ask` says.
    pub fn gather<E>(mut ask: impl FnMut(u64) -> Result<AccessPage, E>) -> Result<Self, E> {
        let (mut leaves, mut own, mut known, mut anew) = (Vec::new(), Vec::new(), None, 0..ANEW);
        loop {
            let AccessPage { origin, key, checkpoint, from: _, leaves: more, secrets, own: also } = ask(leaves.len() as u64)?;
            let is_other = known.replace(secrets.clone()).is_some_and(|known| known != secrets);
            if is_other && anew.next().is_some() {
                leaves.clear();
                own.clear();
                continue;
            }
            own.extend(also);
            if more.is_empty() {
                return Ok(Self { origin, key, checkpoint, leaves, secrets, own });
            }
            leaves.extend(more);
        }
    }

    /// Checks that every leaf that is about the holder of the secrets is told of, and nothing else.
    ///
    /// # Errors
    /// [`AccessError`].
    pub fn check(&self) -> Result<(), AccessError> {
        let Self { origin: _, key: _, checkpoint: _, leaves, secrets, own } = self;
        let checkpoint = self.signed()?;
        if checkpoint.size != leaves.len() as u64 || root(leaves) != checkpoint.root {
            return Err(AccessError::Leaves);
        }
        let mut told = own.iter().peekable();
        for (number, bytes) in (0..).zip(leaves) {
            let leaf = AccessLeaf::read(&bytes.0).ok_or(AccessError::Leaf(number))?;
            let is_own = secrets.iter().any(|secret| leaf.tags.contains(&tag(&secret.secret, &leaf.id)));
            let said = told.next_if(|said| said.leaf == number);
            match (is_own, said) {
                (true, None) => return Err(AccessError::LeftOut(number)),
                (true, Some(OwnAccess { leaf: _, at, access, salt })) => {
                    let about = access.commitment(salt).map_err(|_| AccessError::NotInTheLog(number))?;
                    if *at != leaf.at || about != leaf.about {
                        return Err(AccessError::NotInTheLog(number));
                    }
                }
                (false, Some(_)) => return Err(AccessError::NotYours(number)),
                (false, None) => {}
            }
        }
        told.next().map_or(Ok(()), |said| Err(AccessError::NotYours(said.leaf)))
    }

    /// Checks that the log goes on from that of an earlier list, both checked before.
    ///
    /// # Errors
    /// [`AccessError`].
    pub fn follows(&self, earlier: &Self) -> Result<(), AccessError> {
        let before = earlier.signed()?;
        let prefix = usize::try_from(before.size).ok().and_then(|size| self.leaves.get(..size)).ok_or(AccessError::Fork)?;
        if self.origin != earlier.origin || self.key != earlier.key || root(prefix) != before.root { Err(AccessError::Fork) } else { Ok(()) }
    }

    fn signed(&self) -> Result<Checkpoint, AccessError> {
        let origin = Origin::new(&self.origin).map_err(|_| AccessError::Checkpoint)?;
        let key = BoardKey::from_bytes(&self.key.0).map_err(|_| AccessError::Checkpoint)?;
        let signed = SignedCheckpoint::parse_and_verify(&self.checkpoint, &origin, &key).map_err(|_| AccessError::Checkpoint)?;
        Ok(signed.checkpoint().clone())
    }
}

/// The root over the leaves of an access log.
#[must_use]
pub fn root(leaves: &[Blob]) -> Hash32 {
    let mut frontier = Frontier::new();
    for leaf in leaves {
        frontier.push(leaf_hash(&leaf.0));
    }
    frontier.root()
}

#[cfg(test)]
mod tests {
    use rand_core::OsRng;
    use tachiai_crypto::journal::BoardSecretKey;

    use super::*;

    const SEED: [u8; 32] = [7; 32];

    fn list(people: &[&[u8]]) -> AccessList {
        let at: Timestamp = "2026-09-01T06:00:00Z".parse().unwrap();
        let (mine, access) = (Bytes([1; 32]), access());
        let (mut leaves, mut own) = (Vec::new(), Vec::new());
        for (number, people) in (0_u8..).zip(people) {
            let (id, salt) = (Bytes([number; 32]), Bytes([number + 100; 32]));
            let mut tags: Vec<HashBytes> = people.iter().map(|person| tag(&Bytes([*person; 32]), &id)).collect();
            tags.sort_unstable();
            let leaf = AccessLeaf { v: VERSION, at, id, about: access.commitment(&salt).unwrap(), tags };
            leaves.push(Blob(canonical::to_bytes(&leaf).unwrap()));
            if people.contains(&1) {
                own.push(OwnAccess { leaf: number.into(), at, access: access.clone(), salt });
            }
        }
        let secrets = vec![Secret { whose: Whose::Citizen {}, secret: mine }];
        let key = Bytes(BoardSecretKey::from_seed(&SEED).public().to_bytes());
        let mut list = AccessList { origin: "yabu.example/access".to_owned(), key, checkpoint: String::new(), leaves, secrets, own };
        signed(&mut list);
        list
    }

    /// Has the log's key sign the leaves as they are.
    fn signed(list: &mut AccessList) {
        let origin = Origin::new(&list.origin).unwrap();
        let checkpoint = Checkpoint { origin, size: list.leaves.len() as u64, root: root(&list.leaves) };
        list.checkpoint = BoardSecretKey::from_seed(&SEED).sign(&checkpoint).as_str().to_owned();
    }

    fn access() -> Access {
        Access {
            how: How::Disclosure,
            by: By::Agency { agency: "fire".parse().unwrap(), kind: AgencyKind::Fire, purpose: "救急搬送".to_owned(), basis: Basis::VitalEmergency },
            event: Some(EventId::generate(&mut OsRng)),
            fields: vec!["name".to_owned()],
        }
    }

    #[test]
    fn a_list_that_leaves_an_access_out_or_changes_it_is_refused() {
        let whole = list(&[&[1, 2], &[3], &[1]]);
        assert_eq!(whole.check(), Ok(()));
        let mut left_out = whole.clone();
        left_out.own.pop();
        assert_eq!(left_out.check(), Err(AccessError::LeftOut(2)));
        let mut changed = whole.clone();
        changed.own[0].access.by = By::Office { role: Role::Headquarters };
        assert_eq!(changed.check(), Err(AccessError::NotInTheLog(0)));
        let mut cut = whole.clone();
        cut.leaves.pop();
        cut.own.pop();
        assert_eq!(cut.check(), Err(AccessError::Leaves));
        let mut unsigned = whole.clone();
        unsigned.checkpoint = unsigned.checkpoint.replace("\n3\n", "\n2\n");
        assert_eq!(unsigned.check(), Err(AccessError::Checkpoint));
        let mut more = whole;
        more.own.push(OwnAccess { leaf: 9, ..more.own[0].clone() });
        assert_eq!(more.check(), Err(AccessError::NotYours(9)));
    }

    #[test]
    fn a_leaf_of_another_version_or_with_people_out_of_order_twice_or_too_many_is_refused() {
        let whole = list(&[&[1]]);
        let honest = AccessLeaf::read(&whole.leaves[0].0).unwrap();
        let read = |change: &dyn Fn(&mut AccessLeaf)| {
            let mut leaf = honest.clone();
            change(&mut leaf);
            let mut list = whole.clone();
            list.leaves = vec![Blob(canonical::to_bytes(&leaf).unwrap())];
            signed(&mut list);
            list.check()
        };
        let own = honest.tags[0];
        let tags = |tags: Vec<HashBytes>| read(&|leaf| leaf.tags.clone_from(&tags));
        let many = |most: u16| (0..most).map(|n| Bytes([&[255; 30][..], &n.to_be_bytes()].concat().try_into().unwrap()));
        assert_eq!(read(&|_| ()), Ok(()));
        assert_eq!(tags([own].into_iter().chain(many(999)).collect()), Ok(()), "as many as may be");
        assert_eq!(read(&|leaf| leaf.v = 0), Err(AccessError::Leaf(0)));
        assert_eq!(read(&|leaf| leaf.v = 2), Err(AccessError::Leaf(0)));
        assert_eq!(tags(vec![own, Bytes([0; 32])]), Err(AccessError::Leaf(0)), "out of order");
        assert_eq!(tags(vec![own, own]), Err(AccessError::Leaf(0)), "twice");
        assert_eq!(tags([own].into_iter().chain(many(1_000)).collect()), Err(AccessError::Leaf(0)), "one too many");
    }

    #[test]
    fn a_list_is_gathered_page_by_page_and_a_page_that_is_left_out_is_found_out() {
        let whole = list(&[&[1, 2], &[3], &[1], &[2], &[1]]);
        let page = |from: u64, most: usize| -> AccessPage {
            let AccessList { origin, key, checkpoint, leaves, secrets, own } = whole.clone();
            let leaves: Vec<Blob> = leaves.into_iter().skip(usize::try_from(from).unwrap()).take(most).collect();
            let own = own.into_iter().filter(|own| (from..from + leaves.len() as u64).contains(&own.leaf)).collect();
            AccessPage { origin, key, checkpoint, from, leaves, secrets, own }
        };
        for most in 1..=6 {
            let gathered = AccessList::gather(|from| Ok::<_, AccessError>(page(from, most))).unwrap();
            assert!(gathered == whole && gathered.check() == Ok(()), "{most}");
        }
        // An appliance that ends too early, or says less of a page than it holds.
        let cut = AccessList::gather(|from| Ok::<_, AccessError>(page(if from >= 2 { 5 } else { from }, 2))).unwrap();
        assert_eq!(cut.check(), Err(AccessError::Leaves));
        let silent = AccessList::gather(|from| Ok::<_, AccessError>(AccessPage { own: Vec::new(), ..page(from, 2) })).unwrap();
        assert_eq!(silent.check(), Err(AccessError::LeftOut(0)));
        assert!(AccessList::gather(|_| Err::<AccessPage, _>(AccessError::Fork)).is_err());
    }

    #[test]
    fn a_list_is_begun_anew_when_a_handle_becomes_the_residents_meanwhile() {
        let whole = list(&[&[1], &[3], &[1], &[3], &[1]]);
        let handle = Secret { whose: Whose::Handle { event: EventId::generate(&mut OsRng), chain: ChainId([3; 16]) }, secret: Bytes([3; 32]) };
        let both = AccessList { secrets: vec![whole.secrets[0].clone(), handle], ..whole.clone() };
        let mut asked = 0;
        let gathered = AccessList::gather(|from| {
            asked += 1;
            let AccessList { origin, key, checkpoint, leaves, secrets, own } = if asked == 1 { whole.clone() } else { both.clone() };
            let leaves: Vec<Blob> = leaves.into_iter().skip(usize::try_from(from).unwrap()).take(2).collect();
            let is_own = |own: &OwnAccess| (from..from + leaves.len() as u64).contains(&own.leaf);
            let own = own.into_iter().filter(is_own).collect();
            Ok::<_, AccessError>(AccessPage { origin, key, checkpoint, from, leaves, secrets, own })
        });
        // One page by the old secrets, one by the new ones that was thrown away, and then all of them.
        assert_eq!((gathered.unwrap().secrets.len(), asked), (2, 6));
        let mut turn = 0;
        let never = AccessList::gather(|from| {
            turn += 1;
            let AccessList { origin, key, checkpoint, leaves, secrets, own: _ } = if turn % 2 == 0 { whole.clone() } else { both.clone() };
            let leaves = leaves.into_iter().skip(usize::try_from(from).unwrap()).take(2).collect();
            Ok::<_, AccessError>(AccessPage { origin, key, checkpoint, from, leaves, secrets, own: Vec::new() })
        });
        assert!(never.is_ok() && turn < 20);
    }

    #[test]
    fn a_log_that_does_not_go_on_from_an_earlier_one_is_a_fork() {
        let (earlier, other, later) = (list(&[&[1]]), list(&[&[2]]), list(&[&[1], &[2]]));
        // The events of the accesses are random, so that no two lists agree by themselves.
        let mut grown = earlier.clone();
        grown.leaves.extend(later.leaves[1..].iter().cloned());
        signed(&mut grown);
        assert_eq!((grown.check(), grown.follows(&earlier)), (Ok(()), Ok(())));
        assert_eq!(grown.follows(&other), Err(AccessError::Fork));
        assert_eq!(earlier.follows(&grown), Err(AccessError::Fork));
    }
}
