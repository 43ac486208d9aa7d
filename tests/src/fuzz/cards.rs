//! What comes from a card: its answers to commands, and the text that J-LIS signed.

use std::collections::VecDeque;
use std::fs;
use std::path::Path;

use tachiai::card::{Attributes, Card, CardError, LastTry, Pin, PinName, Power, Transport, TransportError};
use tachiai_jpki::{TextAnchor, TextAnchors, TextFiles, verify_text};

use super::targets::decided;
use super::{Target, Verdict};
use crate::card::{Slot, SoftwareCard};
use crate::desk::card_of_hanako;
use crate::trouble::{Doing, Trouble};

/// The files of a real J-LIS test card, and the key that certified the signer of its text.
const REAL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/jpki/jlis-test-card");

/// The name of a virtual reader.
const READER: &str = "fuzz";

/// Keeps a card's answers.
struct Recorder {
    slot: Slot,
    answers: Vec<Vec<u8>>,
}

impl Transport for &mut Recorder {
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, TransportError> {
        let answer = self.slot.transmit(apdu)?;
        self.answers.push(answer.clone());
        Ok(answer)
    }

    fn power(&mut self, power: Power) -> Result<(), TransportError> {
        self.slot.power(power)
    }

    fn name(&self) -> &str {
        READER
    }
}

/// Gives answers as they were written down, whatever is asked; then the card is gone.
struct Player(VecDeque<Vec<u8>>);

impl Transport for Player {
    fn transmit(&mut self, _apdu: &[u8]) -> Result<Vec<u8>, TransportError> {
        let answer = self.0.pop_front().ok_or(TransportError::Removed)?;
        if answer.len() < 2 { Err(TransportError::Broken(answer.len())) } else { Ok(answer) }
    }

    fn power(&mut self, _power: Power) -> Result<(), TransportError> {
        Ok(())
    }

    fn name(&self) -> &str {
        READER
    }
}

/// What the console asks of a card: what it is, its certificate, its PINs, and who the holder is.
fn conversation(transport: impl Transport) -> Result<Attributes, CardError> {
    let mut card = Card::open(transport)?;
    card.authentication_certificate()?;
    for pin in [PinName::Authentication, PinName::Signing] {
        card.tries(pin)?;
    }
    card.attributes(&Pin::new(&"5678".into())?, LastTry::Keep)
}

/// The answers of a card, each after its length in two bytes.
pub(super) fn answers() -> Result<Target, Trouble> {
    let content = card_of_hanako(|_| ());
    let mut recorder = Recorder { slot: Slot::new(READER, SoftwareCard::new(content)), answers: Vec::new() };
    conversation(&mut recorder).doing("reading a card")?;
    let session = recorder.answers.iter().flat_map(|answer| {
        let length = u16::try_from(answer.len()).unwrap_or_default();
        [&length.to_be_bytes()[..], answer].concat()
    });
    let read = |bytes: &[u8]| {
        let mut rest = bytes;
        let mut answers = VecDeque::new();
        while let Some((length, after)) = rest.split_first_chunk::<2>() {
            let Some((answer, after)) = after.split_at_checked(usize::from(u16::from_be_bytes(*length))) else { return Ok(Verdict::Refused) };
            answers.push_back(answer.to_vec());
            rest = after;
        }
        Ok(decided(conversation(Player(answers))))
    };
    Ok(Target { name: "card-answers", corpus: vec![session.collect()], read: Box::new(read) })
}

/// Each file of a card's signed text, beside the two others as they are. No other bytes than the real ones are accepted.
pub(super) fn texts() -> Result<Vec<Target>, Trouble> {
    let read = |name: &str| {
        let path = Path::new(REAL).join(name);
        fs::read(&path).map_err(|error| Trouble::file(&path, error))
    };
    let files = [read("text-0002.bin")?, read("text-0003.bin")?, read("text-0004.bin")?];
    let root = read("text-root-6000033.bin")?;
    let anchor = TextAnchor::from_bytes(&root).doing("the real root")?;
    let target = |place: usize, name: &'static str| {
        let (files, anchors) = (files.clone(), TextAnchors::new(vec![anchor.clone()]));
        let corpus = files.get(place).cloned().into_iter().collect();
        let read = move |bytes: &[u8]| {
            let mut used: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
            let real = used.get(place).is_some_and(|real| *real == bytes);
            if let Some(file) = used.get_mut(place) {
                *file = bytes;
            }
            let [attributes, digests, certificate] = used[..] else { return Err("not three files".to_owned()) };
            match verify_text(&TextFiles { attributes, digests, certificate }, &anchors) {
                Ok(_) if real => Ok(Verdict::Accepted),
                Ok(_) => Err("accepted, but not what was signed".to_owned()),
                Err(_) => Ok(Verdict::Refused),
            }
        };
        Target { name, corpus, read: Box::new(read) }
    };
    let anchor_read = |bytes: &[u8]| Ok(decided(TextAnchor::from_bytes(bytes)));
    Ok(vec![
        target(0, "card-text-attributes"),
        target(1, "card-text-digests"),
        target(2, "card-text-certificate"),
        Target { name: "card-text-anchor", corpus: vec![root], read: Box::new(anchor_read) },
    ])
}
