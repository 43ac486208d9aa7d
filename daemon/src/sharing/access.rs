//! The access log: a view of the appliance's journal with a tree and a signed checkpoint of its own.

use rand_core::{OsRng, RngCore};
use tachiai_crypto::hash::tagged;
use tachiai_crypto::journal::{Checkpoint, Origin};
use tachiai_schemas::roster::EventId;
use tachiai_schemas::sharing::access::{self, Access, AccessLeaf, AccessList, OwnAccess, Secret, VERSION, Whose};
use tachiai_schemas::{Blob, Bytes, CitizenId, HashBytes};

use super::state::Leaf;
use super::{Event, Sharing, Told};
use crate::refused::Refused;

/// The most people of a leaf, so that it fits an entry.
const PEOPLE: usize = 1_000;

impl Sharing {
    /// The entries that say that something of these people went to an agency.
    pub(super) fn accessed(&self, access: &Access, event: EventId, people: &[Told]) -> Result<Vec<Event>, Refused> {
        let at = self.now();
        let entries = people.chunks(PEOPLE).map(|people| {
            let (id, salt) = (random(), random());
            let mut tags: Vec<HashBytes> = people.iter().map(|told| access::tag(&self.secret_of(event, *told).secret, &id)).collect();
            tags.sort_unstable();
            let about = access.commitment(&salt).map_err(|error| Refused::fault("recording an access", error))?;
            Ok(Event::Accessed { leaf: AccessLeaf { v: VERSION, at, id, about, tags }, access: access.clone(), salt })
        });
        entries.collect()
    }

    /// The secret under which somebody stands in the log: the citizen's, where one is known.
    fn secret_of(&self, event: EventId, told: Told) -> Secret {
        match told.citizen {
            Some(citizen) => self.secret_of_citizen(citizen),
            None => {
                let parts: [&[u8]; 4] = [self.tags.as_slice(), b"handle", &event.0, &told.chain.0];
                Secret { whose: Whose::Handle { event, chain: told.chain }, secret: tagged("access-person", &parts).into() }
            }
        }
    }

    fn secret_of_citizen(&self, citizen: CitizenId) -> Secret {
        Secret { whose: Whose::Citizen {}, secret: tagged("access-person", &[self.tags.as_slice(), b"citizen", &citizen.0]).into() }
    }

    /// The whole log, with what concerns a citizen.
    ///
    /// # Errors
    /// [`Refusal::Fault`](tachiai_schemas::Refusal::Fault).
    pub fn access_of(&self, citizen: CitizenId) -> Result<AccessList, Refused> {
        let doing = "listing accesses";
        let handles = self.services.rosters.handles(citizen).into_iter();
        let by_handle = handles.map(|(event, chain)| self.secret_of(event, Told { chain, citizen: None }));
        let secrets: Vec<Secret> = std::iter::once(self.secret_of_citizen(citizen)).chain(by_handle).collect();
        let leaves = self.state().leaves.clone();
        let is_own = |leaf: &AccessLeaf| secrets.iter().any(|secret| leaf.tags.binary_search(&access::tag(&secret.secret, &leaf.id)).is_ok());
        let own = (0..).zip(&leaves).filter(|(_, leaf)| is_own(&leaf.leaf)).map(|(number, leaf)| {
            let Leaf { bytes: _, leaf, access, salt } = leaf.as_ref();
            OwnAccess { leaf: number, at: leaf.at, access: access.clone(), salt: *salt }
        });
        let own = own.collect();
        let leaves: Vec<Blob> = leaves.iter().map(|leaf| Blob(leaf.bytes.clone())).collect();
        let origin = Origin::new(&format!("{}/access", self.services.host)).map_err(|error| Refused::fault(doing, error))?;
        let checkpoint = Checkpoint { origin: origin.clone(), size: leaves.len() as u64, root: access::root(&leaves) };
        let checkpoint = self.sign.sign(&checkpoint).as_str().to_owned();
        Ok(AccessList { origin: origin.to_string(), key: Bytes(self.sign.public().to_bytes()), checkpoint, leaves, secrets, own })
    }

    /// A keyed hash of somebody, of which no tag can be made.
    pub(super) fn pseudonym(&self, parts: &[&[u8]]) -> HashBytes {
        let parts: Vec<&[u8]> = std::iter::once(self.tags.as_slice()).chain(parts.iter().copied()).collect();
        tagged("consent-person", &parts).into()
    }
}

pub(super) fn random<const N: usize>() -> Bytes<N> {
    let mut bytes = [0; N];
    OsRng.fill_bytes(&mut bytes);
    Bytes(bytes)
}
