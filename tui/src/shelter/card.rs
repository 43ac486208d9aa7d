//! Persons as their cards tell them: name, address, birth and sex, read by the PIN of the card's text or, where the event's rule allows it, by the number on the
//! card's face.
//!
//! What a card says is believed as far as the keys that the appliance trusts have signed it. A terminal without such keys takes it for a word; a card with another
//! signature is refused. A copy of a card's text cannot be told from the card.

use rand_core::OsRng;
use tachiai_crypto::election::roll::hash_of_card;
use tachiai_jpki::{TextFiles, verify_text};
use tachiai_schemas::roll::{Day, Protection};
use tachiai_schemas::roster::person::{Birth, Identified, Sex};
use tachiai_schemas::roster::{CardRule, ChainId, Person, Stay};
use tachiai_schemas::shelter::Resident;

use super::desk::{Here, Subject};
use super::state::Reception;
use crate::card::{self, Attributes, Card, CardError, LastTry, Pin, PinName, SignedText, Transport};
use crate::failure::Failure;

/// Whether the register knows the holder of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A resident.
    Resident,
    /// Nobody of the register: from elsewhere, or moved, or registered under another name.
    Other,
    /// Perhaps a resident under protection, whose name the register does not tell here: entered as one.
    PerhapsProtected,
}

/// Why nothing more than its word is known of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unchecked {
    /// This terminal has no key to check it by.
    NoKey,
    /// Cards of its generation have nothing signed.
    Unsigned,
}

/// A card's text as it was read.
///
/// There is no `Debug`: it names people.
pub enum Text {
    /// With what was signed of it.
    Signed(SignedText),
    /// Alone: there was nothing to check it by.
    Unsigned(Attributes),
}

impl Text {
    /// Name, address, birth and sex.
    #[must_use]
    pub const fn attributes(&self) -> &Attributes {
        match self {
            Self::Signed(text) => &text.attributes,
            Self::Unsigned(attributes) => attributes,
        }
    }
}

/// How a card was opened, as the roster has it where the card's signature holds.
#[must_use]
pub const fn identified(by: PinName) -> Identified {
    match by {
        PinName::Face => Identified::Card,
        PinName::Text | PinName::Authentication | PinName::Signing => Identified::CardPin,
    }
}

/// What opens cards at this event, unless somebody says otherwise.
#[must_use]
pub const fn usual(rule: CardRule) -> PinName {
    match rule {
        CardRule::Pin => PinName::Text,
        CardRule::WithoutPin => PinName::Face,
    }
}

/// Whether a card may be opened so.
///
/// # Errors
/// [`Failure`] (1): the event asks for the PIN.
pub fn allowed(rule: CardRule, by: PinName) -> Result<(), Failure> {
    match (rule, by) {
        (CardRule::Pin, PinName::Face) => Err(Failure::refused(
            "この災害・行事では、カードの受付に暗証番号が必要です。暗証番号が分からない方は、氏名の入力か住民の検索で受け付けてください。",
            "this event asks for the PIN of the card. Register whoever does not know it by typing or by a search among residents.",
        )),
        _ => Ok(()),
    }
}

/// The birth on a card: eight digits, zeros where the register does not know.
fn birth(digits: &str) -> Birth {
    let parts = (|| Some((digits.get(..4)?.parse().ok()?, digits.get(4..6)?.parse().ok()?, digits.get(6..)?.parse().ok()?)))();
    match parts.map(|(year, month, day)| Day::new(year, month, day)) {
        Some(Ok(day)) => Birth::Day(day),
        _ => Birth::Unknown,
    }
}

const fn sex(sex: card::Sex) -> Sex {
    match sex {
        card::Sex::Male => Sex::Male,
        card::Sex::Female => Sex::Female,
        card::Sex::Unknown | card::Sex::NotApplicable => Sex::Unknown,
    }
}

/// Reads a card's text, with what was signed of it unless cards of this generation have nothing signed.
fn signed<T: Transport>(card: &mut Card<T>, by: PinName, pin: &Pin, last: LastTry) -> Result<Text, CardError> {
    let read = if by == PinName::Face { card.signed_text_by_face(pin, last) } else { card.signed_text(pin, last) };
    match read {
        Err(CardError::TextUnsigned) => unsigned(card, by, pin, last),
        read => read.map(Text::Signed),
    }
}

fn unsigned<T: Transport>(card: &mut Card<T>, by: PinName, pin: &Pin, last: LastTry) -> Result<Text, CardError> {
    let read = if by == PinName::Face { card.attributes_by_face(pin, last) } else { card.attributes(pin, last) };
    read.map(Text::Unsigned)
}

impl Reception {
    /// Reads a card's text by a PIN or number; what was signed of it only where this terminal could check it.
    ///
    /// # Errors
    /// [`CardError`].
    pub fn read_card<T: Transport>(&self, card: &mut Card<T>, by: PinName, pin: &Pin, last: LastTry) -> Result<Text, CardError> {
        if self.text_anchors().is_some() { signed(card, by, pin, last) } else { unsigned(card, by, pin, last) }
    }

    /// How a card that was opened by this identifies its holder.
    ///
    /// # Errors
    /// [`Failure`] (1): the text is signed otherwise than under a key that the appliance trusts.
    pub fn identified_by(&self, by: PinName, text: &Text) -> Result<Identified, Failure> {
        let (Text::Signed(SignedText { attributes: _, attributes_file, digests, certificate }), Some(anchors)) = (text, self.text_anchors()) else {
            return Ok(Identified::CardUnchecked);
        };
        match verify_text(&TextFiles { attributes: attributes_file, digests, certificate }, anchors) {
            Ok(_) => Ok(identified(by)),
            Err(error) => Err(Failure::refused(error.say(tachiai_jpki::Lang::Ja), error.say(tachiai_jpki::Lang::En)).and(
                "このカードでは受付できません。登録していません。住民の検索か氏名の入力で受け付けてください。",
                "Nobody is registered by this card, and nothing was entered. Search among residents, or type the name.",
            )),
        }
    }

    /// Why a card was not checked.
    #[must_use]
    pub fn unchecked(&self) -> Unchecked {
        if self.text_anchors().is_some() { Unchecked::Unsigned } else { Unchecked::NoKey }
    }

    /// The holder of a card.
    #[must_use]
    pub fn of_card(&self, attributes: &Attributes, identified: Identified) -> (Subject, Holder) {
        let Attributes { name, address, birth: digits, sex: card_sex } = attributes;
        let (birth, sex) = (birth(digits), sex(*card_sex));
        let person = Person { name: name.clone(), address: address.clone(), birth, sex, ..Person::unknown(identified, Stay::Shelter) };
        if identified == Identified::CardUnchecked {
            return self.of_words(person);
        }
        if let Some(resident) = self.resident_like(&person) {
            let Subject { chain, person: known, here } = self.resident(resident, identified);
            // The card was written by the municipality too, and is what lies on the table.
            let Person { name, address, birth, sex, .. } = person;
            return (Subject { chain, person: Person { name, address, birth, sex, ..known }, here }, Holder::Resident);
        }
        let hash = hash_of_card(name, digits, (*card_sex).into(), address);
        let (person, holder) = self.perhaps_protected(person);
        (self.holder(&hash, person), holder)
    }

    /// Somebody of no name that the register tells: perhaps a resident under protection, where birth and sex are those of one.
    fn perhaps_protected(&self, person: Person) -> (Person, Holder) {
        let is_one = |resident: &Resident| {
            resident.protection == Protection::Protected && resident.birth.map(Birth::Day) == Some(person.birth) && resident.sex == person.sex
        };
        if self.residents().is_some_and(|residents| residents.all().iter().any(is_one)) {
            (Person { protection: Protection::Protected, ..person }, Holder::PerhapsProtected)
        } else {
            (person, Holder::Other)
        }
    }

    /// The holder of a card of which only its word is known: whoever is under protection is told by no word. Who is no resident has a fresh handle, as whoever is typed:
    /// what anybody may write on a card moves nobody who came with one that was checked.
    fn of_words(&self, person: Person) -> (Subject, Holder) {
        let Some(resident) = self.resident_like(&person) else {
            let (person, holder) = self.perhaps_protected(person);
            return (Subject { chain: ChainId::generate(&mut OsRng), person, here: Here::New }, holder);
        };
        match self.hidden_resident(resident) {
            Some(group) => (Subject { chain: group.chain, person, here: Here::Hidden }, Holder::Resident),
            None => (self.resident(resident, person.identified), Holder::Resident),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_birth_on_a_card_keeps_what_is_unknown() {
        for (digits, day) in [("19800217", "1980-02-17"), ("19120701", "1912-07-01"), ("19800200", "1980-02-00"), ("19800000", "1980-00-00")] {
            assert_eq!(birth(digits), Birth::Day(Day::read(day).unwrap()));
        }
        for digits in ["00000000", "19801301", "1980"] {
            assert_eq!(birth(digits), Birth::Unknown);
        }
    }

    #[test]
    fn a_card_is_opened_without_its_pin_only_where_the_event_says_so() {
        allowed(CardRule::Pin, PinName::Text).unwrap();
        allowed(CardRule::WithoutPin, PinName::Text).unwrap();
        allowed(CardRule::WithoutPin, usual(CardRule::WithoutPin)).unwrap();
        allowed(CardRule::Pin, PinName::Face).unwrap_err();
        assert_eq!((identified(PinName::Face), identified(PinName::Text)), (Identified::Card, Identified::CardPin));
    }
}
