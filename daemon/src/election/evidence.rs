//! The evidence for the authority: sealed at each registration, and handed out for the audit (PROTOCOL §6, §10.11).
//!
//! What is sealed to the authority's recipients cannot be read here again. The openings of all slots are sealed when they are handed out, since
//! the slot book, which is sealed to this appliance, holds them.

use rand_core::{OsRng, RngCore};
use serde::Serialize;
use tachiai_crypto::hash::tagged;
use tachiai_crypto::labels;
use tachiai_jpki::Purpose;
use tachiai_schemas::election::CrlRequirement;
use tachiai_schemas::evidence::{Evidence, Opening, SLOTS_IN_FILE, SealedEvidence, SlotOpening, bundle};
use tachiai_schemas::identity::CardStatement;
use tachiai_schemas::roll::Elector;
use tachiai_schemas::{Blob, Bytes, HashBytes, LeafIndex, Refusal, Slot, Timestamp, canonical};
use tachiai_verify::eligibility::{openings, seal};
use zeroize::Zeroizing;

use super::Services;
use super::live::Live;
use super::private::{PrivateBody, PrivateEntry};
use super::slots::SlotRecord;
use crate::bindings::Binding;
use crate::http::Holder;
use crate::refused::Refused;

impl Live {
    /// The evidence that the slot's elector registered this key, encrypted to the authority, and the hash that commits to it (PROTOCOL §6).
    pub(super) fn seal_evidence(&self, card: &CardStatement, holder: &Holder, slot: Slot, at: Timestamp) -> Result<(HashBytes, Blob), Refused> {
        let binding = self.services.bindings.binding(&holder.card_key, &holder.person)?;
        self.will_hold(card, &binding, at)?;
        let Binding { evidence: binding, bound, fallback } = binding;
        let elector = self.opening(slot)?;
        let CardStatement { statement, signature, certificate } = card.clone();
        let evidence = Evidence { certificate, signature, statement, elector, binding, bound, fallback };
        self.seal_secret(&evidence)
    }

    /// Encrypts evidence to the authority, with a salt, and gives the hash that commits to both.
    pub(super) fn seal_secret(&self, evidence: &impl Serialize) -> Result<(HashBytes, Blob), Refused> {
        let doing = "sealing evidence";
        let evidence = canonical::to_bytes(evidence).map_err(|error| Refused::fault(doing, error))?;
        let mut salt = [0; 32];
        OsRng.fill_bytes(&mut salt);
        let hash = tagged(labels::hash::EVIDENCE, &[&salt, &evidence]);
        let plain = canonical::to_bytes(&SealedEvidence { salt: Bytes(salt), evidence: Blob(evidence) }).map_err(|error| Refused::fault(doing, error))?;
        Ok((hash.into(), Blob(self.seal_to_authority(&Zeroizing::new(plain))?)))
    }

    /// Whether the certificates of a registration and of the card's binding hold for auditors (PROTOCOL §14, R705): they know the manifest alone, which
    /// cannot change any more, while the configuration of this appliance can, and may have been another one when the card was bound.
    pub(super) fn will_hold(&self, card: &CardStatement, binding: &Binding, at: Timestamp) -> Result<(), Refused> {
        let published = self.board();
        let manifest = published.state.board.manifest().ok_or(Refusal::NotOpenYet)?;
        let Services { cards, lists_required, .. } = &*self.services;
        cards.certificate_for(manifest, &card.certificate.0, Purpose::UserAuthentication, at)?;
        if let Err(error) = cards.binding_for(manifest, &binding.evidence, binding.bound) {
            let detail = format!("the certificate that bound this card does not count in this election ({error}): enrol it again, or at the city's counter");
            return Err(Refused::about(Refusal::NotEnrolled, detail));
        }
        if manifest.crl == CrlRequirement::Required && !lists_required(binding.bound) {
            return Err(Refused::said(
                Refusal::NotEnrolled,
                "失効の確認なしに登録されたカードです。もう一度登録してください",
                "this election requires revocation lists, and this card was bound without them: enrol it again",
            ));
        }
        Ok(())
    }

    /// What opens the commitment of a slot.
    pub(super) fn opening(&self, slot: Slot) -> Result<Opening, Refused> {
        let book = self.slots()?;
        let SlotRecord { salt, elector, protection: _ } =
            book.record(slot).ok_or_else(|| Refused::fault("opening a slot", "the slot book has no such slot"))?;
        let Elector { number: _, name, kana: _, birth, sex, address, district } = elector.clone();
        let published = self.board();
        let manifest = published.state.board.manifest().ok_or(Refusal::NotOpenYet)?;
        let district = manifest.districts.get(usize::from(district)).map_or_else(String::new, |district| district.id.clone());
        Ok(Opening { salt: *salt, name, birth, sex, address, district })
    }

    fn seal_to_authority(&self, plain: &[u8]) -> Result<Vec<u8>, Refused> {
        let published = self.board();
        let manifest = published.state.board.manifest().ok_or(Refusal::NotOpenYet)?;
        seal(plain, &manifest.authority_recipients).map_err(|error| Refused::fault("sealing to the authority", error))
    }

    /// The registrations whose evidence is here, by ascending leaf, each with its entry in the private journal.
    #[must_use]
    pub fn evidence(&self) -> Vec<(LeafIndex, u64)> {
        let (published, private) = (self.board(), self.private());
        let mut found: Vec<_> = published.state.evidence.iter().filter_map(|(hash, leaf)| Some((*leaf, *private.evidence.get(hash)?))).collect();
        found.sort();
        found
    }

    /// The hand-outs whose evidence is here, likewise.
    #[must_use]
    pub fn paper_evidence(&self) -> Vec<(LeafIndex, u64)> {
        let (published, private) = (self.board(), self.private());
        let mut found: Vec<_> = published.state.papers.iter().filter_map(|(hash, taken)| Some((taken.leaf, private.papers.get(hash)?.seq))).collect();
        found.sort();
        found
    }

    /// A file with the openings of slots, sealed to the authority.
    ///
    /// # Errors
    /// [`Refusal::NotOpenYet`], [`Refusal::NotFound`].
    pub fn sealed_slots(&self, file: u32) -> Result<Vec<u8>, Refused> {
        let slots = u32::try_from(self.slots()?.len()).unwrap_or(u32::MAX);
        let first = file.checked_mul(SLOTS_IN_FILE).filter(|first| *first < slots).ok_or(Refusal::NotFound)?;
        let slots = (first..slots.min(first + SLOTS_IN_FILE)).map(Slot);
        let slots = slots.map(|slot| Ok(SlotOpening { slot, elector: self.opening(slot)? })).collect::<Result<Vec<_>, Refused>>()?;
        self.seal_to_authority(&openings(&slots))
    }

    /// A bundle with the evidence of these registrations or hand-outs, as it was sealed.
    ///
    /// # Errors
    /// [`Refusal::Fault`].
    pub fn sealed_bundle(&self, entries: &[(LeafIndex, u64)]) -> Result<Vec<u8>, Refused> {
        let doing = "reading evidence";
        let read = |(leaf, seq): &(LeafIndex, u64)| {
            let bytes = self.private_reader.read(*seq).map_err(|error| Refused::fault(doing, error))?;
            match PrivateEntry::from_bytes(&bytes).map_err(|error| Refused::fault(doing, error))?.body {
                PrivateBody::Evidence { slot: _, hash: _, sealed } | PrivateBody::PaperEvidence { prepared: _, sealed } => Ok((*leaf, sealed.0)),
                _ => Err(Refused::fault(doing, format!("entry {seq} is another"))),
            }
        };
        let sealed = entries.iter().map(read).collect::<Result<Vec<_>, Refused>>()?;
        bundle(sealed.iter().map(|(leaf, sealed)| (*leaf, sealed.as_slice()))).map_err(|error| Refused::fault(doing, error))
    }
}
