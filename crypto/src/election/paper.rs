//! A card's word that its holder took ballot papers at a polling place (PROTOCOL §16.8).
//!
//! Here is the text. What the card signs is checked where certificates are.

use data_encoding::BASE64URL_NOPAD;

use crate::election::context::{ElectionId, Slot};
use crate::election::statement::statement;
use crate::hash::Hash32;

/// What the holder of a card signs who takes papers, in the order of its text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PaperFields {
    /// The origin of the service, as the manifest writes it.
    pub origin: String,
    /// The server's challenge, used once.
    pub nonce: [u8; 32],
    /// The election.
    pub election: ElectionId,
    /// O, the leaf hash of `opened`.
    pub opened: Hash32,
    /// The ID of the place.
    pub place: String,
    /// The index of the session of that place.
    pub session: u16,
    /// The slot.
    pub slot: Slot,
    /// The commitment of the slot.
    pub slot_commitment: Hash32,
    /// The indices of the contests whose papers are handed out, ascending.
    pub contests: Vec<u16>,
}

/// The purpose of such a text.
const PURPOSE: &str = "paper-issue";

/// The text: netstrings of the head, the purpose, and the name and value of each field (PROTOCOL §16.8).
#[must_use]
pub fn paper_text(fields: &PaperFields) -> Vec<u8> {
    let PaperFields { origin, nonce, election, opened, place, session, slot, slot_commitment, contests } = fields;
    statement(
        PURPOSE,
        [
            ("origin", origin.clone()),
            ("nonce", BASE64URL_NOPAD.encode(nonce)),
            ("election", election.to_string()),
            ("opened", opened.to_string()),
            ("place", place.clone()),
            ("session", session.to_string()),
            ("slot", slot.to_string()),
            ("slot_commitment", slot_commitment.to_string()),
            ("contests", contests.iter().map(u16::to_string).collect::<Vec<_>>().join(",")),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_netstrings_of_names_and_values() {
        let fields = PaperFields {
            origin: "vote.example.jp/e".to_owned(),
            nonce: [255; 32],
            election: ElectionId::from_bytes([0; 16]),
            opened: Hash32::from_bytes([2; 32]),
            place: "city-hall".to_owned(),
            session: 3,
            slot: Slot(7),
            slot_commitment: Hash32::from_bytes([3; 32]),
            contests: vec![0, 12],
        };
        let hex = |byte: &str| format!("64:{},", byte.repeat(32));
        let expected = [
            "20:tachiai/v1/statement,11:paper-issue,6:origin,17:vote.example.jp/e,".to_owned(),
            format!("5:nonce,43:{}8,8:election,26:{},6:opened,{}", "_".repeat(42), "a".repeat(26), hex("02")),
            format!("5:place,9:city-hall,7:session,1:3,4:slot,1:7,15:slot_commitment,{}8:contests,4:0,12,", hex("03")),
        ];
        assert_eq!(String::from_utf8(paper_text(&fields)).unwrap(), expected.concat());
    }
}
