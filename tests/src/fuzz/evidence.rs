//! The files of the evidence for the authority, and what is sealed in them.

use tachiai_crypto::hash::Hash32;
use tachiai_schemas::evidence::{
    Binding, ByName, CardsTrusted, EVIDENCE_FORMAT, Evidence, EvidenceIndex, ListsInForce, NameReason, Opening, PaperEvidence, SealedEvidence, SlotOpening,
    bundle, parse_bundle, slots_path,
};
use tachiai_schemas::identity::{CardStatement, CounterEnrolment, Enrolment, Fallback, FallbackReason, TextFiles};
use tachiai_schemas::record::RecordFile;
use tachiai_schemas::{Blob, Bytes, ElectionId, HashBytes, LeafIndex, Slot, Timestamp, canonical};

use super::targets::{Target, json, same};
use crate::trouble::{Doing, Trouble};

/// The readers.
pub(super) fn targets() -> Result<Vec<Target>, Trouble> {
    let at = Timestamp::from_unix(1_795_000_000).doing("a time")?;
    let (election, hash) = (ElectionId::from_bytes([3; 16]), |byte| HashBytes::from(Hash32::from_bytes([byte; 32])));
    let blob = |byte: u8| Blob(vec![byte; 40]);
    let signed = |byte| CardStatement { statement: blob(byte), signature: blob(byte + 1), certificate: blob(byte + 2) };
    let (name, address) = ("養父　花子".to_owned(), "養父市八鹿町１番地".to_owned());
    let elector = Opening { salt: Bytes([5; 32]), name, birth: "1980-02-29".to_owned(), sex: "2".to_owned(), address, district: "1".to_owned() };
    let card = Binding::Card(Enrolment { card: signed(1), authentication: blob(4), possession: blob(5) });
    let text = TextFiles { attributes: blob(6), digests: blob(7), certificate: blob(8) };
    let counter = Binding::Counter(CounterEnrolment { card: signed(9), text });
    let fallback = Fallback { reason: FallbackReason::NotIssued, by: ["a".to_owned(), "b".to_owned()], at };
    let evidence =
        |binding, fallback| Evidence { certificate: blob(1), signature: blob(2), statement: blob(3), elector: elector.clone(), binding, bound: at, fallback };
    let by_name = |name| PaperEvidence { card: None, elector: elector.clone(), binding: None, bound: None, fallback: None, name };
    let with_card =
        |binding: &Binding, fallback| PaperEvidence { card: Some(signed(1)), binding: Some(binding.clone()), bound: Some(at), fallback, ..by_name(None) };
    let name = ByName { reason: NameReason::ByPost, by: ["a".to_owned(), "b".to_owned()] };
    let handouts = [with_card(&card, None), with_card(&counter, Some(fallback.clone())), by_name(Some(name))];
    let both = [evidence(card, None), evidence(counter, Some(fallback))];
    let file = RecordFile { path: slots_path(0), bytes: 7, sha256: hash(1) };
    let index = EvidenceIndex { format: EVIDENCE_FORMAT.to_owned(), election, at, files: vec![file] };
    let lists = vec![ListsInForce { since: at, crls: vec![hash(1), hash(2)] }, ListsInForce { since: at.plus(60), crls: vec![] }];
    let cards = CardsTrusted { anchors: vec![hash(3)], text_anchors: vec![hash(4)], lists };
    let sealed = SealedEvidence { salt: Bytes([6; 32]), evidence: blob(1) };
    let bundles = [bundle([(LeafIndex(18), &[1_u8; 30][..]), (LeafIndex(20), &[2; 5])]), bundle([(LeafIndex(300), &[][..])])];
    let bundles = bundles.into_iter().collect::<Result<Vec<_>, _>>().doing("a bundle")?;
    let again = |bytes: &[u8]| same(parse_bundle(bytes), bytes, |items| bundle(items.iter().copied()));
    Ok(vec![
        Target { name: "evidence", corpus: forms(&both)?, read: Box::new(json::<Evidence>) },
        Target { name: "paper-evidence", corpus: forms(&handouts)?, read: Box::new(json::<PaperEvidence>) },
        Target { name: "sealed-evidence", corpus: forms(&[sealed])?, read: Box::new(json::<SealedEvidence>) },
        Target { name: "slot-opening", corpus: forms(&[SlotOpening { slot: Slot(7), elector }])?, read: Box::new(json::<SlotOpening>) },
        Target { name: "evidence-index", corpus: forms(&[index])?, read: Box::new(json::<EvidenceIndex>) },
        Target { name: "cards-trusted", corpus: forms(&[cards])?, read: Box::new(json::<CardsTrusted>) },
        Target { name: "evidence-bundle", corpus: bundles, read: Box::new(again) },
    ])
}

fn forms<T: serde::Serialize>(values: &[T]) -> Result<Vec<Vec<u8>>, Trouble> {
    values.iter().map(canonical::to_bytes).collect::<Result<_, _>>().doing("a form")
}
