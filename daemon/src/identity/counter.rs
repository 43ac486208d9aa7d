//! Enrolment at a counter: the fallback for whoever has no usable certificate for digital signatures.
//!
//! An official reads the card's text, which J-LIS signed; the holder takes part by a signature of the authentication key,
//! with its PIN; a second official sees who is to be enrolled and why, and approves. Nothing is bound before that, and
//! everything is verified again then: certificates may have expired or been revoked. If another enrolment came in between, the
//! officials have not seen what it changed, and are asked anew.
//!
//! A card's text is a static copy that names no key of the card, and it opens without a PIN to whoever reads what is printed on
//! the card. So it may come from another card than the signature: the second official compares the fingerprint of the key
//! ([`card_fingerprint`]) with that of the card in hand, and both see with which cards the person is enrolled already.
//!
//! What the officials decide on is a commitment ([`CounterPerson::commitment`]); the person and the evidence are sealed
//! under the citizen's key, in an entry of their own that comes first. One that is never approved is an orphan, harmless and
//! erased with that key.
//!
//! [`card_fingerprint`]: tachiai_schemas::identity::card_fingerprint

use rand_core::{OsRng, RngCore};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::Hash32;
use tachiai_jpki::statement::StatementPurpose;
use tachiai_jpki::{CardText, FourAttributes, Statement};
use tachiai_schemas::identity::{Before, CounterEnrolment, CounterPerson, Enrolled, FallbackReason, ListedFallback};
use tachiai_schemas::staff::Matter;
use tachiai_schemas::{Bytes, CitizenId, HashBytes, Refusal, Timestamp};
use tachiai_verify::eligibility::{is_fifteen, person_hash};

use super::state::Index;
use super::{Card, Event, Identity, Keep, MayChange, Proof, Registered, random_citizen};
use crate::refused::Refused;
use crate::vault::Aad;

/// What is sealed until a second official decides.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    person: CounterPerson,
    evidence: CounterEnrolment,
}

/// What was known of a person before the card is bound.
#[derive(Default)]
struct Known {
    before: Option<Before>,
    other_cards: Vec<HashBytes>,
    /// The entry that bound a card last.
    latest: Option<u64>,
}

/// What a request says, verified.
struct Verified {
    text: CardText,
    card_key: Hash32,
    reason: FallbackReason,
}

impl Identity {
    /// Takes what was read at a counter; gives what two officials are to decide on, and what both are shown.
    ///
    /// # Errors
    /// What [`CardVerifier::accept`] and [`CardVerifier::text`] refuse; [`Refusal::CardSignature`] if the statement names another
    /// person or key; [`Refusal::ReasonContradicted`], [`Refusal::AlreadyEnrolled`], [`Refusal::CardTaken`].
    ///
    /// [`CardVerifier::accept`]: crate::cards::CardVerifier::accept
    /// [`CardVerifier::text`]: crate::cards::CardVerifier::text
    pub async fn read_at_counter(&self, enrolment: CounterEnrolment) -> Result<(Matter, CounterPerson), Refused> {
        let at = self.clock.now();
        self.cards.check(&enrolment.card, StatementPurpose::EnrolCounter, &self.origin, &self.nonces, at)?;
        let Verified { text, card_key, reason } = self.verify(&enrolment, at)?;
        let person = person_hash(text.attributes());
        let (card, index) = (self.indexer.card(&card_key), self.indexer.person(&person));
        let (holder, known, bound_as) = self.read(|state| (state.holder(&card), state.person(&index), state.bound_as(&card)));
        let (own_of_card, own) = self.read(|state| (state.whose_card(&card), state.whose_person(&index)));
        let citizen = match (holder, known) {
            (Some((holder, _)), Some(known)) if holder == known && bound_as == Some(index) => return Err(Refusal::AlreadyEnrolled.into()),
            (Some((holder, _)), Some(known)) if holder == known => own,
            (Some((_, latest)), None) if self.same_person(latest, text.attributes(), MayChange::NameAndAddress)? => own_of_card,
            (Some(_), _) => return Err(Refusal::CardTaken.into()),
            (None, _) => own,
        };
        let known = self.known(citizen, &card, text.attributes())?;
        let citizen = citizen.unwrap_or_else(random_citizen);
        self.vault.create_citizen(citizen, &mut OsRng).map_err(|error| Refused::fault("making a citizen's key", error))?;
        let person = shown(text.attributes(), reason, card_key, known);
        let commitment: HashBytes = person.commitment().into();
        let sealed = self.seal(citizen, &read_aad(citizen, &commitment), &Read { person: person.clone(), evidence: enrolment })?;
        self.register.keep(Keep { at, citizen, commitment, sealed }).await?;
        Ok((Matter::EnrolCounter { citizen, reason, commitment }, person))
    }

    /// Whether what was read at a counter is still here to be decided on.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn ready_at_counter(&self, commitment: &HashBytes) -> Result<(), Refused> {
        let known = self.read(|state| state.read_at_counter(commitment).is_some() || state.bound_at_counter(commitment).is_some());
        if known { Ok(()) } else { Err(Refusal::NotFound.into()) }
    }

    /// Whom it is about, for the second official.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Fault`].
    pub fn person_at_counter(&self, commitment: &HashBytes) -> Result<CounterPerson, Refused> {
        Ok(self.kept(commitment)?.1.person)
    }

    /// Binds the card, on behalf of the official who read it and the one who approved. Once it is bound, the same again changes
    /// nothing.
    ///
    /// # Errors
    /// As [`Self::read_at_counter`], except for the nonce: it was spent then; [`Refusal::ChangedSince`].
    pub async fn bind_at_counter(&self, commitment: HashBytes, by: [String; 2], at: Timestamp) -> Result<Enrolled, Refused> {
        if let Some(citizen) = self.read(|state| state.bound_at_counter(&commitment)) {
            return Ok(Enrolled { citizen });
        }
        let (citizen, Read { person: seen, evidence }) = self.kept(&commitment)?;
        let Verified { text, card_key, reason } = self.verify(&evidence, at)?;
        let attributes = text.attributes();
        let proof = Proof::Counter { reason, by, commitment };
        let bound =
            self.bind(&Card { attributes, person: person_hash(attributes), card_key, evidence: &evidence, proof, shown: Some((citizen, &seen)) }, at).await?;
        tracing::info!(%reason, "a card was bound at a counter");
        Ok(bound)
    }

    /// Every card that was bound at a counter.
    #[must_use]
    pub fn fallbacks(&self) -> Vec<ListedFallback> {
        self.read(super::State::fallbacks)
    }

    /// Verifies certificate, signature and text, and that the statement is about them; the nonce is the caller's to check.
    fn verify(&self, enrolment: &CounterEnrolment, at: Timestamp) -> Result<Verified, Refused> {
        let CounterEnrolment { card, text } = enrolment;
        let (certificate, statement) = self.cards.verify(card, StatementPurpose::EnrolCounter, at)?;
        let Statement::EnrolCounter { origin: _, nonce: _, person, auth_key, reason } = statement else {
            return Err(Refusal::WrongOrigin.into());
        };
        let text = self.cards.text(text)?;
        if person.as_bytes() != person_hash(text.attributes()).as_bytes() {
            return Err(Refused::about(Refusal::CardSignature, "the statement names another person than the card's text"));
        }
        if auth_key != certificate.spki_sha256() {
            return Err(Refused::about(Refusal::CardSignature, "the statement names another authentication key"));
        }
        let reason = reason_of(reason);
        if reason == FallbackReason::UnderFifteen && is_fifteen(text.attributes(), at) {
            return Err(Refused::about(Refusal::ReasonContradicted, "by the date of birth the person is 15 or older"));
        }
        Ok(Verified { text, card_key: Hash32::from_bytes(*auth_key.as_bytes()), reason })
    }

    /// The entry that bound a card to this citizen last, if what officials were shown is still all that is known.
    ///
    /// # Errors
    /// [`Refusal::ChangedSince`].
    pub(super) fn still(&self, shown: &CounterPerson, citizen: Option<CitizenId>, card: &Index, attributes: &FourAttributes) -> Result<Option<u64>, Refused> {
        let Known { before, other_cards, latest } = self.known(citizen, card, attributes)?;
        if before == shown.before && other_cards == shown.other_cards { Ok(latest) } else { Err(Refusal::ChangedSince.into()) }
    }

    fn known(&self, citizen: Option<CitizenId>, card: &Index, attributes: &FourAttributes) -> Result<Known, Refused> {
        let Some(citizen) = citizen else { return Ok(Known::default()) };
        let (known, cards) = self.read(|state| (state.citizen(citizen), state.cards_of(citizen)));
        let Some(latest) = known.map(|known| known.latest) else { return Ok(Known::default()) };
        let Registered { name, birth_date: _, sex: _, address } = self.bound::<IgnoredAny>(latest)?.attributes;
        let changed = name != attributes.name || address != attributes.address;
        let others = cards.into_iter().filter(|(index, _)| index != card);
        let mut other_cards = others.map(|(_, seq)| Ok(self.bound::<IgnoredAny>(seq)?.card_key)).collect::<Result<Vec<_>, Refused>>()?;
        other_cards.sort_by_key(|key| key.0);
        Ok(Known { before: changed.then_some(Before { name, address }), other_cards, latest: Some(latest) })
    }

    /// What is sealed, and for whom.
    fn kept(&self, commitment: &HashBytes) -> Result<(CitizenId, Read), Refused> {
        let super::state::Read { citizen, seq } = self.read(|state| state.read_at_counter(commitment)).ok_or_else(|| Refused::from(Refusal::NotFound))?;
        let Event::CounterRead { citizen: _, commitment: _, sealed } = self.register.event(seq)? else {
            return Err(Refused::fault("reading what was read at a counter", format!("entry {seq} is another")));
        };
        let read: Read = self.open(citizen, &read_aad(citizen, commitment), &sealed)?;
        if HashBytes::from(read.person.commitment()) != *commitment {
            return Err(Refused::fault("reading what was read at a counter", "it is not what was committed to"));
        }
        Ok((citizen, read))
    }
}

fn shown(attributes: &FourAttributes, reason: FallbackReason, card_key: Hash32, known: Known) -> CounterPerson {
    let FourAttributes { name, name_substitutes: _, address, address_substitutes: _, birth_date, sex } = attributes;
    let Known { before, other_cards, latest: _ } = known;
    let mut salt = [0; 32];
    OsRng.fill_bytes(&mut salt);
    CounterPerson {
        salt: Bytes(salt),
        name: name.clone(),
        birth_date: birth_date.iso().unwrap_or_else(|| birth_date.digits().to_owned()),
        sex: sex.digit().to_owned(),
        address: address.clone(),
        reason,
        card_key: card_key.into(),
        before,
        other_cards,
    }
}

fn reason_of(reason: tachiai_jpki::FallbackReason) -> FallbackReason {
    match reason {
        tachiai_jpki::FallbackReason::UnderFifteen => FallbackReason::UnderFifteen,
        tachiai_jpki::FallbackReason::NotIssued => FallbackReason::NotIssued,
        tachiai_jpki::FallbackReason::Expired => FallbackReason::Expired,
        tachiai_jpki::FallbackReason::PasswordBlocked => FallbackReason::PasswordBlocked,
    }
}

fn read_aad(citizen: CitizenId, commitment: &HashBytes) -> Aad {
    Aad::new(&["appliance", "counter-read", &format!("{citizen}/{commitment}")])
}

#[cfg(test)]
mod tests {
    use tachiai_jpki::{BirthDate, Sex, Substitutes};

    use super::*;

    #[test]
    fn the_two_lists_of_reasons_are_one() {
        assert_eq!(FallbackReason::ALL.len(), tachiai_jpki::FallbackReason::ALL.len());
        for reason in tachiai_jpki::FallbackReason::ALL {
            assert_eq!(reason_of(reason).name(), reason.as_str());
            assert_eq!(serde_json::to_value(reason_of(reason)).unwrap(), reason.as_str());
            assert_eq!(reason.as_str().parse(), Ok(reason_of(reason)));
        }
    }

    #[test]
    fn the_fifteenth_birthday_is_that_of_japan() {
        let born = |digits: &str| FourAttributes {
            name: String::new(),
            name_substitutes: Substitutes::default(),
            address: String::new(),
            address_substitutes: Substitutes::default(),
            birth_date: BirthDate::from_eight_digits(digits).unwrap(),
            sex: Sex::Unknown,
        };
        // 2026-11-24T15:00:00Z is midnight in Japan.
        let (before, after) = ("2026-11-24T14:59:59Z".parse().unwrap(), "2026-11-24T15:00:00Z".parse().unwrap());
        assert!(!is_fifteen(&born("20111125"), before));
        assert!(is_fifteen(&born("20111125"), after));
        assert!(!is_fifteen(&born("20111126"), after));
        assert!(is_fifteen(&born("19880630"), before));
        assert!(!is_fifteen(&born("00000000"), after));
        assert!(is_fifteen(&born("20120229"), "2027-03-01T00:00:00Z".parse().unwrap()));
    }
}
