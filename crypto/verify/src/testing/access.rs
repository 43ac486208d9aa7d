//! An access log in memory, and the list of it that a resident is given, honest or not.

use tachiai_crypto::hash::tagged;
use tachiai_crypto::journal::{BoardSecretKey, Checkpoint, Origin};
use tachiai_crypto::labels;
use tachiai_schemas::roster::disclosure::Basis;
use tachiai_schemas::sharing::access::{Access, AccessLeaf, AccessList, By, How, OwnAccess, Secret, VERSION, Whose, root, tag};
use tachiai_schemas::sharing::agency::AgencyKind;
use tachiai_schemas::staff::Role;
use tachiai_schemas::{Blob, Bytes, HashBytes, Timestamp, canonical};

use super::roster::{chain, event};

/// The seed of the log's key.
pub const SEED: [u8; 32] = [19; 32];

/// The seed of another key.
pub const OTHER: [u8; 32] = [20; 32];

/// When the first access was, in seconds since 1970.
const FIRST: i64 = 1_788_000_000;

/// The secret of whoever has this key.
#[must_use]
pub fn secret(key: &[u8; 32]) -> HashBytes {
    tagged(labels::hash::ACCESS_PERSON, &[key]).into()
}

/// What the fire service got.
#[must_use]
pub fn disclosed() -> Access {
    let by = By::Agency { agency: "yabu-fire".parse().unwrap(), kind: AgencyKind::Fire, purpose: "救急搬送".to_owned(), basis: Basis::VitalEmergency };
    Access { how: How::Disclosure, by, event: Some(event()), fields: vec!["name".to_owned(), "needs".to_owned()] }
}

/// What the headquarters looked at.
#[must_use]
pub fn looked() -> Access {
    Access { how: How::Record, by: By::Office { role: Role::Headquarters }, event: Some(event()), fields: Vec::new() }
}

/// The list that person 1 is given of a log, who is also handle 2 of the event: leaf by leaf what was got, and of whom.
#[must_use]
pub fn list(leaves: &[(Access, &[u8])]) -> AccessList {
    let secrets = vec![
        Secret { whose: Whose::Citizen {}, secret: secret(&[1; 32]) },
        Secret { whose: Whose::Handle { event: event(), chain: chain(2) }, secret: secret(&[2; 32]) },
    ];
    let (mut all, mut own) = (Vec::new(), Vec::new());
    for (number, (access, people)) in (0_u8..).zip(leaves) {
        let (id, salt) = (Bytes([number; 32]), Bytes([255 - number; 32]));
        let at = Timestamp::from_unix(FIRST + i64::from(number)).unwrap();
        let mut tags: Vec<HashBytes> = people.iter().map(|person| tag(&secret(&[*person; 32]), &id)).collect();
        tags.sort_unstable();
        let leaf = AccessLeaf { v: VERSION, at, id, about: access.commitment(&salt).unwrap(), tags };
        all.push(Blob(canonical::to_bytes(&leaf).unwrap()));
        if people.iter().any(|person| [1, 2].contains(person)) {
            own.push(OwnAccess { leaf: number.into(), at, access: access.clone(), salt });
        }
    }
    let mut list = AccessList { origin: "yabu.example/access".to_owned(), key: Bytes([0; 32]), checkpoint: String::new(), leaves: all, secrets, own };
    sign(&mut list, &SEED);
    list
}

/// Has a key sign a list as it is.
pub fn sign(list: &mut AccessList, seed: &[u8; 32]) {
    let key = BoardSecretKey::from_seed(seed);
    list.key = Bytes(key.public().to_bytes());
    let checkpoint = Checkpoint { origin: Origin::new(&list.origin).unwrap(), size: list.leaves.len() as u64, root: root(&list.leaves) };
    list.checkpoint = key.sign(&checkpoint).as_str().to_owned();
}

/// Changes a leaf, and signs the log anew.
pub fn change(list: &mut AccessList, leaf: usize, change: impl FnOnce(&mut AccessLeaf)) {
    let mut changed = AccessLeaf::read(&list.leaves[leaf].0).unwrap();
    change(&mut changed);
    list.leaves[leaf] = Blob(canonical::to_bytes(&changed).unwrap());
    sign(list, &SEED);
}

/// Tags of so many people, ascending, none of them the holder.
#[must_use]
pub fn tags_of(people: u16) -> Vec<HashBytes> {
    let tag = |number: u16| {
        let mut tag = [255; 32];
        tag[30..].copy_from_slice(&number.to_be_bytes());
        Bytes(tag)
    };
    (0..people).map(tag).collect()
}
