//! What is proved and signed: that nothing spoilt holds, and that many proofs together say what each says alone.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use rand_chacha::ChaCha20Rng;
use rand_core::{OsRng, SeedableRng};
use serde_json::Value;
use tachiai_crypto::election::ballot::{Ballot, Statement, cast};
use tachiai_crypto::election::context::{BallotStyle, Choose, ContestShape, Context, Counter, ElectionId, Fingerprint, LeafIndex, Slot};
use tachiai_crypto::group::Element;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::tiles::TileId;
use tachiai_crypto::journal::{Tree, leaf_hash};
use tachiai_crypto::labels::purpose;
use tachiai_crypto::proof::batch::{BatchItem, verify_batch};
use tachiai_crypto::signature::SecretKey;
use tachiai_schemas::canonical;
use tachiai_schemas::election::{Body, SignedTallyStatement};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::receipt::{OpeningFile, ReceiptFile};
use tachiai_verify::obligation::discharge;
use tachiai_verify::receipt::{check_opening, check_receipt};
use tachiai_verify::{Board, Lookup};

use super::{Target, Verdict};
use crate::trouble::{Doing, Trouble};

/// Every reader that checks proofs.
pub(super) fn all() -> Result<Vec<Target>, Trouble> {
    Ok(vec![batch()?, board()?, receipt()?, opening()?, identifier(), tile_path()])
}

/// How many ballots stand in an input of the batch.
const BALLOTS: usize = 4;

/// A byte whose lowest bits say which ballots are signed again, and then the ballots: together they have the verdicts that each has alone.
fn batch() -> Result<Target, Trouble> {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let shape = ContestShape::new(3, Choose::Exactly(1)).doing("a contest")?;
    let style = Arc::new(BallotStyle::new(vec![(0, shape)]).doing("a style")?);
    let statement = Statement {
        context: Context::from_hash(Hash32::sha256(b"context")),
        joint_key: Element::new(RistrettoPoint::mul_base(&Scalar::from(4711_u64))),
        registration: Hash32::sha256(b"registration"),
        style,
    };
    let keys: Vec<SecretKey> = (0..BALLOTS).map(|_| SecretKey::generate(&mut rng)).collect();
    let mut inputs = Vec::new();
    for signed in [0_u8, 15, 5] {
        let mut input = vec![signed];
        for (slot, key) in (0_u32..).zip(&keys) {
            let (ballot, _) = cast(&[vec![slot as usize % 3]], &statement, Slot(slot), LeafIndex(20), Counter(0), key, &mut rng).doing("a ballot")?;
            input.extend_from_slice(ballot.bytes());
        }
        inputs.push(input);
    }
    let read = move |bytes: &[u8]| {
        let Some((signed, rest)) = bytes.split_first() else { return Ok(Verdict::Refused) };
        let mut ballots = Vec::new();
        for (place, (bytes, key)) in rest.chunks(statement.style.ballot_len()).zip(&keys).enumerate() {
            let mut bytes = bytes.to_vec();
            if signed >> place & 1 == 1
                && let Some(split) = bytes.len().checked_sub(64)
            {
                let message = [statement.context.as_bytes(), statement.registration.as_bytes().as_slice(), bytes.get(..split).unwrap_or_default()].concat();
                bytes.truncate(split);
                bytes.extend_from_slice(&key.sign(purpose::BALLOT, &message, &mut OsRng).to_bytes());
            }
            ballots.extend(Ballot::parse(&bytes, &statement.style).ok());
        }
        let items: Vec<BatchItem<'_>> = ballots.iter().map(|ballot| BatchItem { ballot, statement: &statement }).collect();
        let together = verify_batch(&items, &mut OsRng);
        let alone: Vec<_> = ballots.iter().map(|ballot| ballot.clone().verify(&statement).map(|_| ())).collect();
        if together != alone {
            return Err(format!("together {together:?}, alone {alone:?}"));
        }
        let all = alone.len() == BALLOTS && alone.iter().all(Result::is_ok);
        Ok(if all { Verdict::Accepted } else { Verdict::Refused })
    };
    Ok(Target { name: "ballot-batch", corpus: inputs, read: Box::new(read) })
}

/// A file of the committed test vectors.
fn vectors(name: &str) -> Result<Value, Trouble> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crypto/vectors").join(name);
    let text = std::fs::read(&path).map_err(|error| Trouble::file(&path, error))?;
    serde_json::from_slice(&text).doing(name)
}

/// The entries of a board, and its roll.
fn entries_and_roll() -> Result<(Vec<Vec<u8>>, Vec<u8>), Trouble> {
    let file = vectors("board.json")?;
    let entries = file.get("entries").and_then(Value::as_array).doing("the entries of board.json")?;
    let entries = entries.iter().map(|entry| Ok(entry.as_str().doing("an entry of board.json")?.as_bytes().to_vec())).collect::<Result<_, Trouble>>()?;
    let roll = file.get("roll").and_then(Value::as_str).doing("the roll of board.json")?;
    Ok((entries, data_encoding::HEXLOWER.decode(roll.as_bytes()).doing("the roll of board.json")?))
}

/// Receipt files, and an opening file of the last of them.
fn receipts() -> Result<(Vec<ReceiptFile>, OpeningFile), Trouble> {
    let mut file = vectors("receipt.json")?;
    let opening = file.get("cases").and_then(Value::as_array).and_then(|cases| {
        let valid = cases.iter().find(|case| case.get("verdict") == Some(&"valid".into()) && case.get("opening").is_some());
        valid?.get("opening").cloned()
    });
    let receipts = file.get_mut("receipts").map(Value::take).doing("the receipts of receipt.json")?;
    let receipts = serde_json::from_value(receipts).doing("the receipts of receipt.json")?;
    Ok((receipts, serde_json::from_value(opening.doing("an opening of receipt.json")?).doing("an opening of receipt.json")?))
}

/// What of an entry somebody other than the board key signed or proved; nothing of it may change.
fn proved(body: &Body) -> Option<Body> {
    match body {
        // The evidence is committed to, and shown to the authority alone.
        Body::Registration(registration) => {
            let mut signed = registration.clone();
            signed.evidence = Hash32::ZERO.into();
            Some(Body::Registration(signed))
        }
        Body::TallyStatement(signed) => {
            Some(Body::TallyStatement(Box::new(SignedTallyStatement { statement: signed.statement.clone(), signatures: Vec::new() })))
        }
        Body::Commit(_) | Body::Deal(_) | Body::Confirm(_) | Body::Complaint(_) | Body::Ballot(_) | Body::Challenged(_) | Body::Shares(_) => Some(body.clone()),
        Body::PaperIssued(_) | Body::PaperUndone(_) | Body::DayClosed(_) | Body::PaperCount(_) | Body::Lot(_) => Some(body.clone()),
        Body::Manifest(_)
        | Body::Opened(_)
        | Body::RollChanged(_)
        | Body::CandidateOut(_)
        | Body::OnlineClosed(_)
        | Body::PollClosed(_)
        | Body::Result(_)
        | Body::Published(_) => None,
    }
}

/// An entry in the place of the first of its kind: whatever is accepted there is what the trustee or voter signed.
fn board() -> Result<Target, Trouble> {
    let (entries, roll) = entries_and_roll()?;
    // The board before the first entry of each kind, with all that was signed.
    let mut places: BTreeMap<&'static str, (Board, Tree)> = BTreeMap::new();
    let mut signed = Vec::new();
    let mut first = Vec::new();
    for (count, bytes) in entries.iter().enumerate() {
        let entry = Entry::from_bytes(bytes).doing("an entry of board.json")?;
        signed.extend(proved(&entry.body));
        if !places.contains_key(entry.kind()) {
            let (mut board, mut tree) = (Board::new(Lookup::None), Tree::new());
            for bytes in entries.iter().take(count) {
                let entry = Entry::from_bytes(bytes).doing("an entry of board.json")?;
                board.apply(LeafIndex(tree.len()), leaf_hash(bytes), &entry);
                if tree.is_empty() {
                    board.attach_roll(&roll).doing("the roll of board.json")?;
                }
                tree.push(leaf_hash(bytes));
            }
            places.insert(entry.kind(), (board, tree));
            first.push(bytes.clone());
        }
    }
    let read = move |bytes: &[u8]| {
        let Ok(entry) = Entry::from_bytes(bytes) else { return Ok(Verdict::Refused) };
        let Some((board, tree)) = places.get(entry.kind()) else { return Ok(Verdict::Refused) };
        let owed = board.check(LeafIndex(tree.len()), leaf_hash(bytes), &entry, tree);
        if owed.and_then(|owed| discharge(&[owed], &mut OsRng).into_iter().collect::<Result<(), _>>()).is_err() {
            return Ok(Verdict::Refused);
        }
        match proved(&entry.body) {
            Some(body) if !signed.contains(&body) => Err("accepted, but nobody signed this".to_owned()),
            _ => Ok(Verdict::Accepted),
        }
    };
    Ok(Target { name: "board-entry", corpus: first, read: Box::new(read) })
}

/// A receipt file, checked: what holds is a receipt that was given.
fn receipt() -> Result<Target, Trouble> {
    let (given, _) = receipts()?;
    let inputs = given.iter().map(canonical::to_bytes).collect::<Result<_, _>>().doing("the receipts of receipt.json")?;
    let read = move |bytes: &[u8]| {
        let Ok(file) = serde_json::from_slice::<ReceiptFile>(bytes) else { return Ok(Verdict::Refused) };
        match check_receipt(&file, None) {
            Err(_) => Ok(Verdict::Refused),
            Ok(_) if given.contains(&file) => Ok(Verdict::Accepted),
            Ok(_) => Err("it holds, but was never given".to_owned()),
        }
    };
    Ok(Target { name: "receipt-check", corpus: inputs, read: Box::new(read) })
}

/// An opening file, checked against the challenged ballot that it is of.
fn opening() -> Result<Target, Trouble> {
    let (receipts, given) = receipts()?;
    let of = check_receipt(receipts.last().doing("a receipt of receipt.json")?, None).doing("a receipt of receipt.json")?;
    let inputs = vec![canonical::to_bytes(&given).doing("an opening of receipt.json")?];
    let read = move |bytes: &[u8]| {
        let Ok(file) = serde_json::from_slice::<OpeningFile>(bytes) else { return Ok(Verdict::Refused) };
        match check_opening(&of, &file) {
            Err(_) => Ok(Verdict::Refused),
            Ok(_) if file == given => Ok(Verdict::Accepted),
            Ok(_) => Err("it holds, but is another".to_owned()),
        }
    };
    Ok(Target { name: "opening-check", corpus: inputs, read: Box::new(read) })
}

/// Election IDs and fingerprints, as people and programs write them.
fn identifier() -> Target {
    let inputs = ["aeaqcaibaeaqcaibaeaqcaibae", "abcd-efgh-ijkl-mnop-qrst", "ABCDEFGHIJKLMNOPQRST"];
    let read = |bytes: &[u8]| {
        let Ok(text) = std::str::from_utf8(bytes) else { return Ok(Verdict::Refused) };
        let election = text.parse::<ElectionId>().map(|id| id.to_string());
        let print = text.parse::<Fingerprint>().map(|print| print.to_string());
        match (election, print) {
            (Ok(again), Err(_)) if again == text => Ok(Verdict::Accepted),
            (Err(_), Ok(again)) if again == text.to_ascii_lowercase() || again.replace('-', "") == text.to_ascii_lowercase() => Ok(Verdict::Accepted),
            (Err(_), Err(_)) => Ok(Verdict::Refused),
            _ => Err("accepted, but written differently".to_owned()),
        }
    };
    Target { name: "identifier", corpus: inputs.map(|text| text.as_bytes().to_vec()).to_vec(), read: Box::new(read) }
}

/// Paths of tiles, which have one spelling.
fn tile_path() -> Target {
    let inputs = ["tile/0/000.p/116", "tile/1/x001/x234/067", "tile/entries/x001/234"];
    let read = |bytes: &[u8]| {
        let Ok(text) = std::str::from_utf8(bytes) else { return Ok(Verdict::Refused) };
        match text.parse::<TileId>() {
            Ok(tile) if tile.to_string() == text => Ok(Verdict::Accepted),
            Ok(_) => Err("accepted, but written differently".to_owned()),
            Err(_) => Ok(Verdict::Refused),
        }
    };
    Target { name: "tile-path", corpus: inputs.map(|text| text.as_bytes().to_vec()).to_vec(), read: Box::new(read) }
}
