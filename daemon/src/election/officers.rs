//! Officers' signatures of a count or a lot: each signs on their own, and what they signed goes to the board as soon as enough have.

use std::collections::BTreeMap;

use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::BoardKey;
use tachiai_schemas::counting::Signing;
use tachiai_schemas::paper::{Attested, Officer, OfficerSignature};
use tachiai_schemas::trustee::SignedKind;
use tachiai_schemas::{LeafIndex, Refusal};
use tachiai_verify::board::{Missing, WITNESSES, missing};

use super::live::Live;
use super::private::PrivateBody;
use crate::refused::Refused;

/// What officers signed, by the hash of what it was and their places in the manifest.
pub type Signatures = BTreeMap<(Hash32, u8), OfficerSignature>;

/// Which signatures of a body there are, and which are missing.
#[must_use]
pub fn signing(officers: &[Officer], signed: &[u8], recorded: Option<LeafIndex>) -> Signing {
    let has = |place: usize| u8::try_from(place).is_ok_and(|place| signed.contains(&place));
    let Missing { managers, witnesses, needed: _ } = missing(officers, signed, WITNESSES);
    Signing {
        signed: signed.to_vec(),
        missing: officers.iter().enumerate().filter(|(place, _)| !has(*place)).map(|(_, officer)| officer.name.clone()).collect(),
        witnesses_needed: u8::try_from(witnesses).unwrap_or(u8::MAX),
        manager_needed: managers > 0,
        recorded,
    }
}

/// Whether nobody's signature is missing.
#[must_use]
pub const fn enough(signing: &Signing) -> bool {
    signing.witnesses_needed == 0 && !signing.manager_needed
}

/// Checks signatures of a body, one by one.
///
/// # Errors
/// [`Refusal::OfficerSignatures`] that names whose does not hold.
pub fn check(officers: &[Officer], hash: &Hash32, signatures: &[OfficerSignature]) -> Result<(), Refused> {
    let wrong = |what: String| Refused::about(Refusal::OfficerSignatures, what);
    for OfficerSignature { officer, signature } in signatures {
        let listed = officers.get(usize::from(*officer)).ok_or_else(|| wrong(format!("the manifest lists no officer {officer} of the count")))?;
        let key = BoardKey::from_bytes(&listed.key.0).map_err(|error| Refused::fault("reading an officer's key", error))?;
        key.verify_hash(hash, &signature.0).map_err(|_| wrong(format!("{} did not sign this", listed.name)))?;
    }
    Ok(())
}

impl Live {
    /// The officers of the count, as the manifest lists them.
    pub(super) fn count_officers(&self) -> Vec<Officer> {
        self.board().state.board.manifest().map(|manifest| manifest.count_officers.clone()).unwrap_or_default()
    }

    /// Which officers of the count signed a body.
    pub(super) fn signed_by(&self, hash: &Hash32) -> Vec<u8> {
        self.private().officer_signatures.range((*hash, 0)..=(*hash, u8::MAX)).map(|((_, officer), _)| *officer).collect()
    }

    /// Keeps signatures of a body; gives it with all that there are, once there are enough.
    ///
    /// # Errors
    /// [`Refusal::OfficerSignatures`]; then none is kept.
    pub(super) async fn attest<T: SignedKind>(&self, body: T, signatures: Vec<OfficerSignature>) -> Result<(Signing, Option<Attested<T>>), Refused> {
        let officers = self.count_officers();
        let hash = body.signed_hash().map_err(|error| Refused::fault("hashing what officers sign", error))?;
        check(&officers, &hash, &signatures)?;
        for signature in signatures {
            // The same officer's signature of the same is the same, so it is kept once.
            if !self.private().officer_signatures.contains_key(&(hash, signature.officer)) {
                self.note(PrivateBody::OfficerSigned { body: hash.into(), signature }).await?;
            }
        }
        let kept: Vec<OfficerSignature> =
            self.private().officer_signatures.range((hash, 0)..=(hash, u8::MAX)).map(|(_, signature)| signature.clone()).collect();
        let signing = signing(&officers, &kept.iter().map(|signature| signature.officer).collect::<Vec<_>>(), None);
        let attested = enough(&signing).then_some(Attested { body, signatures: kept });
        Ok((signing, attested))
    }
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::Bytes;
    use tachiai_schemas::paper::OfficerRole;

    use super::*;

    fn officers(roles: &[OfficerRole]) -> Vec<Officer> {
        roles.iter().enumerate().map(|(place, role)| Officer { name: format!("officer {place}"), role: *role, key: Bytes([place as u8; 32]) }).collect()
    }

    #[test]
    fn a_manager_and_two_witnesses_are_enough_and_fewer_are_not() {
        use OfficerRole::{Manager, Witness};
        let listed = officers(&[Manager, Witness, Witness, Witness]);
        for (signed, is) in [(vec![0, 1, 2], true), (vec![0, 2, 3], true), (vec![0, 1], false), (vec![1, 2, 3], false), (vec![], false)] {
            assert_eq!(enough(&signing(&listed, &signed, None)), is, "{signed:?}");
        }
        let few = officers(&[Manager, Witness]);
        assert!(enough(&signing(&few, &[0, 1], None)));
        let asked = signing(&few, &[1], None);
        assert!(asked.manager_needed && asked.witnesses_needed == 0 && asked.missing == ["officer 0"]);
    }
}
