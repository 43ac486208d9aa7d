//! The evidence of one registration: the slot's elector had this card bound, and this card registered the key (R703–R706, R708).

use serde::Serialize;
use serde::de::DeserializeOwned;
use tachiai_crypto::election::registration::{RegistrationFields, registration_text};
use tachiai_crypto::election::roll::{self, RollEntry, hash_of_card, slot_commitment};
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::labels;
use tachiai_crypto::signature::PublicKey;
use tachiai_jpki::{FourAttributes, HolderCertificate, Purpose, Sex, Statement, verify_signature, verify_text};
use tachiai_schemas::election::{Manifest, Registration};
use tachiai_schemas::evidence::{Binding, Evidence, MAX_SEALED, Opening, SealedEvidence};
use tachiai_schemas::identity::{CardStatement, CounterEnrolment, Enrolment, Fallback, FallbackReason, TextFiles};
use tachiai_schemas::{LeafIndex, Slot, Timestamp};

use super::keys::Identities;
use super::people::roll_entry;
use super::read_secret;
use super::trusted::Trusted;
use crate::board::Board;
use crate::failure::Failure;
use crate::rule::{Breaks, Rule, Violation};

/// A registration on the board.
pub(super) struct Claim {
    pub(super) leaf: LeafIndex,
    pub(super) at: Timestamp,
    pub(super) registration: Registration,
}

/// What evidence is held against.
pub(super) struct Judge<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) manifest_hash: Hash32,
    pub(super) opened: Hash32,
    pub(super) board: &'a Board,
    pub(super) identities: &'a Identities,
    pub(super) trusted: &'a Trusted,
}

/// How a card was bound to its holder, and when it was used.
pub(super) struct Bound<'a> {
    pub(super) binding: &'a Binding,
    pub(super) fallback: Option<&'a Fallback>,
    pub(super) bound: Timestamp,
    pub(super) used: Timestamp,
}

/// What the evidence of a registration showed.
pub(super) struct Shown {
    /// SHA-256 of the card's authentication key.
    pub(super) card: Hash32,
    /// If the card was bound at a counter.
    pub(super) fallback: Option<Fallback>,
    /// Whether a later list dates the revocation of one of the certificates before its use.
    pub(super) revoked_since: bool,
}

/// The hash by which a roll is searched for a person (PROTOCOL §5.1, §10.8).
///
/// A date of birth that no roll can write goes into a hash of its own: the person is found in no roll, and at the counter.
#[must_use]
pub fn person_hash(person: &FourAttributes) -> Hash32 {
    let FourAttributes { name, name_substitutes: _, address, address_substitutes: _, birth_date, sex } = person;
    let sex = match sex {
        Sex::Male => roll::Sex::Male,
        Sex::Female => roll::Sex::Female,
        Sex::Unknown => roll::Sex::Unknown,
    };
    // Without the era, which a card's text does not have.
    hash_of_card(name, birth_date.digits().get(1..).unwrap_or_default(), sex, address)
}

pub(super) fn hash(hash: &tachiai_jpki::Hash32) -> Hash32 {
    Hash32::from_bytes(*hash.as_bytes())
}

/// Checks the evidence of a registration; violations name its leaf.
pub(super) fn check(judge: &Judge<'_>, claim: &Claim, sealed: Option<&[u8]>) -> Result<Shown, Failure> {
    judge.check(claim, sealed).map_err(|failure| match failure {
        Failure::Refuted(violation) => violation.at(claim.leaf).into(),
        incomplete @ Failure::Incomplete(_) => incomplete,
    })
}

impl Judge<'_> {
    fn check(&self, claim: &Claim, sealed: Option<&[u8]>) -> Result<Shown, Failure> {
        let Claim { leaf: _, at, registration } = claim;
        let evidence: Evidence = self.open(registration.evidence.hash(), sealed, Rule::R703, "registration")?;
        let Evidence { certificate, signature, statement, elector, binding, bound, fallback } = &evidence;

        if statement.0 != self.text(registration)? {
            return Err(broken(Rule::R704, "the card signed another text than that of this registration"));
        }
        let card = self.trusted.certificate(&certificate.0, Purpose::UserAuthentication, *at)?;
        verify_signature(&card, &statement.0, &signature.0).breaks(Rule::R704)?;

        self.holder(registration.slot, elector, &card, &Bound { binding, fallback: fallback.as_ref(), bound: *bound, used: *at })?;
        let mut revoked_since = self.trusted.revoked_since(&certificate.0, Purpose::UserAuthentication, *at);
        if let Binding::Card(Enrolment { card, authentication: _, possession: _ }) = binding {
            revoked_since |= self.trusted.revoked_since(&card.certificate.0, Purpose::DigitalSignature, *bound);
        }
        Ok(Shown { card: hash(&card.spki_sha256()), fallback: fallback.clone(), revoked_since })
    }

    /// R706 and R708: the card that signed was bound, before it was used, to the elector of a slot.
    pub(super) fn holder(&self, slot: Slot, elector: &Opening, card: &HolderCertificate, how: &Bound<'_>) -> Result<(), Failure> {
        let Bound { binding, fallback, bound, used } = how;
        let entry = self.elector(slot, elector, Rule::R706)?;
        if bound > used {
            return Err(broken(Rule::R706, "the card was bound after it was used"));
        }
        let (person, auth_key) = match (binding, fallback) {
            (Binding::Card(enrolment), None) => self.enrolment(enrolment, *bound)?,
            (Binding::Counter(enrolment), Some(fallback)) => self.counter(enrolment, fallback, *bound)?,
            (Binding::Card(_), Some(_)) => return Err(broken(Rule::R708, "the card's signing key bound it, and yet officials are named")),
            (Binding::Counter(_), None) => return Err(broken(Rule::R708, "the card was bound at a counter, and no officials are named")),
        };
        if person != entry.person.hash() {
            return Err(broken(Rule::R706, format!("the card was bound to another person than the elector of slot {slot}")));
        }
        if auth_key != hash(&card.spki_sha256()) {
            return Err(broken(Rule::R706, "another card was bound than the one that signed"));
        }
        Ok(())
    }

    /// The elector of a slot, whom the evidence shows.
    pub(super) fn elector(&self, slot: Slot, elector: &Opening, rule: Rule) -> Result<RollEntry, Failure> {
        let entry = roll_entry(elector).map_err(|violation| Violation { rule, ..violation })?;
        let commitment = slot_commitment(&self.manifest.election, slot, &elector.salt.0, &entry);
        if self.board.commitment_of(slot) == Some(commitment) {
            return Ok(entry);
        }
        Err(broken(rule, format!("the elector of the evidence does not open slot {slot}")))
    }

    /// Opens evidence of a registration (R703) or a hand-out (R709), to which its entry commits.
    pub(super) fn open<T: Serialize + DeserializeOwned>(&self, commitment: Hash32, sealed: Option<&[u8]>, rule: Rule, of: &str) -> Result<T, Failure> {
        let sealed = sealed.ok_or_else(|| broken(rule, format!("there is no evidence of this {of}")))?;
        let plain = self.identities.open(sealed, MAX_SEALED).ok_or_else(|| broken(rule, "the evidence is not sealed to the authority"))?;
        let form = || broken(rule, "the evidence is not in its one form");
        let SealedEvidence { salt, evidence } = read_secret(&plain).ok_or_else(form)?;
        let evidence = zeroize::Zeroizing::new(evidence.0);
        if tagged(labels::hash::EVIDENCE, &[&salt.0, &evidence]) != commitment {
            return Err(broken(rule, "the evidence is not what the entry commits to"));
        }
        read_secret(&evidence).ok_or_else(form)
    }

    /// The text that the card must have signed (PROTOCOL §6).
    fn text(&self, registration: &Registration) -> Result<Vec<u8>, Failure> {
        let Registration { slot, slot_commitment, voting_key, seq, previous, checkpoint, nonce, origin, possession: _, evidence: _ } = registration;
        Ok(registration_text(&RegistrationFields {
            origin: origin.clone(),
            nonce: nonce.0,
            election: self.manifest.election,
            manifest: self.manifest_hash,
            opened: self.opened,
            slot: *slot,
            slot_commitment: slot_commitment.hash(),
            voting_key: PublicKey::decode(&voting_key.0).breaks(Rule::R403)?,
            seq: *seq,
            previous: previous.map(|hash| hash.hash()),
            checkpoint_size: checkpoint.size,
            checkpoint_root: checkpoint.root.hash(),
        }))
    }

    /// A card that its signing key bound: the person and the authentication key.
    fn enrolment(&self, enrolment: &Enrolment, bound: Timestamp) -> Result<(Hash32, Hash32), Failure> {
        let Enrolment { card, authentication, possession } = enrolment;
        let signer = self.signed(card, Purpose::DigitalSignature, bound)?;
        let Ok(Statement::Enrol { origin: _, nonce: _, person, auth_key }) = Statement::parse(&card.statement.0) else {
            return Err(broken(Rule::R706, "the binding is no enrolment"));
        };
        let holder = self.trusted.certificate(&authentication.0, Purpose::UserAuthentication, bound)?;
        verify_signature(&holder, &card.statement.0, &possession.0).breaks(Rule::R706)?;
        if auth_key != holder.spki_sha256() {
            return Err(broken(Rule::R706, "the enrolment names another authentication key than its certificate"));
        }
        let named = signer.attributes().map(person_hash);
        if named != Some(hash(&person)) {
            return Err(broken(Rule::R706, "the enrolment names another person than the signing certificate"));
        }
        Ok((hash(&person), hash(&auth_key)))
    }

    /// A card that was bound at a counter: the person and the authentication key.
    fn counter(&self, enrolment: &CounterEnrolment, fallback: &Fallback, bound: Timestamp) -> Result<(Hash32, Hash32), Failure> {
        let CounterEnrolment { card, text } = enrolment;
        let Fallback { reason, by: [first, second], at } = fallback;
        let holder = self.signed(card, Purpose::UserAuthentication, bound)?;
        let Ok(Statement::EnrolCounter { origin: _, nonce: _, person, auth_key, reason: stated }) = Statement::parse(&card.statement.0) else {
            return Err(broken(Rule::R706, "the binding is no enrolment at a counter"));
        };
        if auth_key != holder.spki_sha256() {
            return Err(broken(Rule::R706, "the enrolment names another authentication key than its certificate"));
        }
        let TextFiles { attributes, digests, certificate } = text;
        let files = tachiai_jpki::TextFiles { attributes: &attributes.0, digests: &digests.0, certificate: &certificate.0 };
        let text = verify_text(&files, &self.trusted.text).map_err(|error| broken(Rule::R708, format!("the card's text: {error}")))?;
        if hash(&person) != person_hash(text.attributes()) {
            return Err(broken(Rule::R706, "the enrolment names another person than the card's text"));
        }
        if first == second || first.is_empty() || second.is_empty() {
            return Err(broken(Rule::R708, "a card was bound at a counter by fewer than two officials"));
        }
        if reason.name() != stated.as_str() {
            return Err(broken(Rule::R708, "the officials' reason is not the one that the card signed"));
        }
        if *at != bound {
            return Err(broken(Rule::R708, "the officials bound the card at another time"));
        }
        if *reason == FallbackReason::UnderFifteen && is_fifteen(text.attributes(), bound) {
            return Err(broken(Rule::R708, "the reason is under-15, and the person was not"));
        }
        Ok((hash(&person), hash(&auth_key)))
    }

    /// A statement whose signature holds under a certificate that was good then.
    fn signed(&self, card: &CardStatement, purpose: Purpose, at: Timestamp) -> Result<HolderCertificate, Failure> {
        let holder = self.trusted.certificate(&card.certificate.0, purpose, at)?;
        verify_signature(&holder, &card.statement.0, &card.signature.0).breaks(Rule::R706)?;
        Ok(holder)
    }
}

/// Whether somebody has had the fifteenth birthday, on the day that it is in Japan; not if the date is unknown.
#[must_use]
pub fn is_fifteen(attributes: &FourAttributes, at: Timestamp) -> bool {
    let today = at.plus(tachiai_schemas::time::JAPAN).to_string();
    let fifteenth = |iso: String| Some(format!("{:04}{}", iso.get(..4)?.parse::<u16>().ok()? + 15, iso.get(4..)?));
    // Dates of this form are in the order of time.
    attributes.birth_date.iso().and_then(fifteenth).is_some_and(|birthday| today.as_str() >= birthday.as_str())
}

pub(super) fn broken(rule: Rule, detail: impl std::fmt::Display) -> Failure {
    Violation::of_record(rule, detail).into()
}
