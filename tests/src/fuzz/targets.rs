//! The readers, and what must hold of each.

use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tachiai_crypto::election::ballot::{Ballot, BallotHeader};
use tachiai_crypto::election::context::{BallotStyle, Choose, ContestShape};
use tachiai_crypto::election::roll::Roll;
use tachiai_crypto::journal::tiles::{Level, TileId, TileKind, entry_bundle, parse_entry_bundle, parse_hash_tile};
use tachiai_crypto::journal::{BoardKey, LogProof, Origin, SignedCheckpoint};
use tachiai_crypto::proof::equality::DecryptionShare;
use tachiai_jpki::{Anchor, Crl, Hash32, Statement, TrustStore, UnixTime, UnverifiedCertificate, Word};
use tachiai_schemas::Timestamp;
use tachiai_schemas::canonical;
use tachiai_schemas::election::{Body, TallyResult};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::receipt::{OpeningFile, ReceiptFile};
use tachiai_schemas::record::RecordIndex;
use tachiai_schemas::spec::ElectionSpec;
use tachiai_schemas::trustee::TrusteeFile;

use super::{Verdict, bodies, cards, corpus, evidence, proofs, records, witnesses};
use crate::city::City;
use crate::trouble::{Doing, Trouble};

pub(super) type Read = Box<dyn Fn(&[u8]) -> Result<Verdict, String> + Send + Sync>;

/// A reader of foreign bytes.
pub struct Target {
    /// Its name, and that of its corpus.
    pub name: &'static str,
    /// Well-formed inputs.
    pub corpus: Vec<Vec<u8>>,
    /// Reads an input; an error is a fault of the reader.
    pub read: Read,
}

/// Every reader, with its corpus.
///
/// # Errors
/// [`Trouble`] if a corpus cannot be read.
pub fn targets() -> Result<Vec<Target>, Trouble> {
    let mut all = vec![
        target("entry", |bytes| same(Entry::from_bytes(bytes), bytes, Entry::to_bytes))?,
        target("receipt", json::<ReceiptFile>)?,
        target("opening", json::<OpeningFile>)?,
        target("trustee-file", json::<TrusteeFile>)?,
        target("record-index", json::<RecordIndex>)?,
        target("result", json::<TallyResult>)?,
        target("log-proof", |bytes| text(bytes, |text| text.parse::<LogProof>(), |proof| proof.to_string()))?,
        target("roll-attachment", |bytes| same(Roll::parse(bytes), bytes, |roll| Ok::<_, String>(roll.to_bytes())))?,
        target("shares", shares)?,
        target("entry-bundle", bundle)?,
        target("hash-tile", tile)?,
        target("spec", spec)?,
        target("configuration", configuration)?,
        target("certificate", |bytes| Ok(decided(UnverifiedCertificate::from_der(bytes))))?,
        target("card-anchor", |bytes| Ok(decided(Anchor::from_der(bytes))))?,
        statements()?,
        generation()?,
        cards::answers()?,
    ];
    all.extend(cards::texts()?);
    all.extend(witnesses::targets()?);
    all.extend(bodies::all()?);
    all.extend(proofs::all()?);
    all.extend(evidence::targets()?);
    all.extend(records::all()?);
    all.push(ballot()?);
    all.push(checkpoint()?);
    all.push(revocations()?);
    all.push(roll()?);
    Ok(all)
}

fn target(name: &'static str, read: impl Fn(&[u8]) -> Result<Verdict, String> + Send + Sync + 'static) -> Result<Target, Trouble> {
    Ok(Target { name, corpus: corpus(name)?, read: Box::new(read) })
}

pub(super) fn decided<T, E>(result: Result<T, E>) -> Verdict {
    if result.is_ok() { Verdict::Accepted } else { Verdict::Refused }
}

/// What is accepted is written as the same bytes.
pub(super) fn same<T, E, F: Display>(read: Result<T, E>, bytes: &[u8], write: impl FnOnce(&T) -> Result<Vec<u8>, F>) -> Result<Verdict, String> {
    let Ok(value) = read else { return Ok(Verdict::Refused) };
    match write(&value) {
        Ok(again) if again == bytes => Ok(Verdict::Accepted),
        Ok(_) => Err("accepted, but written differently".to_owned()),
        Err(error) => Err(format!("accepted, but cannot be written: {error}")),
    }
}

pub(super) fn json<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<Verdict, String> {
    same(canonical::from_bytes::<T>(bytes), bytes, canonical::to_bytes)
}

pub(super) fn text<T, E>(bytes: &[u8], read: impl FnOnce(&str) -> Result<T, E>, write: impl FnOnce(&T) -> String) -> Result<Verdict, String> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Ok(Verdict::Refused) };
    same(read(text), bytes, |value| Ok::<_, String>(write(value).into_bytes()))
}

/// A shares file: one share after the other.
fn shares(bytes: &[u8]) -> Result<Verdict, String> {
    let (chunks, rest) = bytes.as_chunks::<{ DecryptionShare::LEN }>();
    if !rest.is_empty() {
        return Ok(Verdict::Refused);
    }
    let shares = chunks.iter().map(DecryptionShare::decode).collect::<Result<Vec<_>, _>>();
    same(shares, bytes, |shares| Ok::<_, String>(shares.iter().flat_map(DecryptionShare::to_bytes).collect()))
}

/// The width of the tiles in the corpus.
const WIDTH: u16 = 116;

fn bundle(bytes: &[u8]) -> Result<Verdict, String> {
    let id = TileId::new(TileKind::Entries, 0, WIDTH).map_err(|error| error.to_string())?;
    same(parse_entry_bundle(bytes, id), bytes, |entries| entry_bundle(entries))
}

fn tile(bytes: &[u8]) -> Result<Verdict, String> {
    let level = Level::new(0).map_err(|error| error.to_string())?;
    let id = TileId::new(TileKind::Hashes(level), 0, WIDTH).map_err(|error| error.to_string())?;
    same(parse_hash_tile(bytes, id), bytes, |hashes| Ok::<_, String>(hashes.iter().flat_map(|hash| hash.to_bytes()).collect()))
}

/// A specification is for people, so it has many forms; but what is valid says the same when written again.
fn spec(bytes: &[u8]) -> Result<Verdict, String> {
    let Some(spec) = std::str::from_utf8(bytes).ok().and_then(|text| ElectionSpec::from_toml(text).ok()) else { return Ok(Verdict::Refused) };
    if spec.validate().is_err() {
        return Ok(Verdict::Refused);
    }
    let again = toml::to_string(&spec).map_err(|error| format!("valid, but cannot be written: {error}"))?;
    match ElectionSpec::from_toml(&again) {
        Ok(same) if same == spec => Ok(Verdict::Accepted),
        _ => Err("valid, but says something else when written again".to_owned()),
    }
}

fn configuration(bytes: &[u8]) -> Result<Verdict, String> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Ok(Verdict::Refused) };
    match tachiaid::config::Config::parse(text, Path::new("/nowhere")) {
        Ok(_) => Ok(Verdict::Accepted),
        Err(problems) if problems.is_empty() => Err("refused without a problem".to_owned()),
        Err(_) => Ok(Verdict::Refused),
    }
}

fn ballot() -> Result<Target, Trouble> {
    let shape = ContestShape::new(4, Choose::UpTo(1)).doing("the corpus's contest")?;
    let style = Arc::new(BallotStyle::new(vec![(0, shape)]).doing("the corpus's style")?);
    target("ballot", move |bytes| {
        let header = BallotHeader::peek(bytes);
        match Ballot::parse(bytes, &style) {
            Ok(ballot) if ballot.bytes() == bytes && header.is_ok_and(|header| header.slot == ballot.slot()) => Ok(Verdict::Accepted),
            Ok(_) => Err("accepted, but written differently".to_owned()),
            Err(_) => Ok(Verdict::Refused),
        }
    })
}

fn checkpoint() -> Result<Target, Trouble> {
    let manifest = corpus("entry")?.into_iter().filter_map(|bytes| Entry::from_bytes(&bytes).ok()).find_map(|entry| match entry.body {
        Body::Manifest(manifest) => Some(manifest),
        _ => None,
    });
    let manifest = manifest.doing("no manifest in the corpus")?;
    let origin = Origin::new(&manifest.origin).doing("the corpus's origin")?;
    let key = BoardKey::from_bytes(&manifest.board_key.0).doing("the corpus's board key")?;
    target("checkpoint", move |bytes| text(bytes, |text| SignedCheckpoint::parse_and_verify(text, &origin, &key), |signed| signed.as_str().to_owned()))
}

fn revocations() -> Result<Target, Trouble> {
    let anchors = corpus("card-anchor")?.iter().map(|der| Anchor::from_der(der)).collect::<Result<Vec<_>, _>>().doing("the corpus's anchors")?;
    let store = TrustStore::new(anchors);
    target("crl", move |bytes| Ok(decided(Crl::from_der(bytes, &store))))
}

/// A roll has no error exactly when everyone in it is taken over.
fn roll() -> Result<Target, Trouble> {
    let districts = City::yabu().doing("the city")?.spec_districts();
    let held = Timestamp::from_unix(1_795_000_000).doing("a time")?;
    target("roll", move |bytes| {
        let import = tachiai_schemas::roll::import(bytes, &districts, held);
        let report = &import.report;
        match &import.electors {
            Some(electors) if report.errors.is_empty() && electors.len() as u64 == report.electors && report.rows == report.electors + report.unqualified => {
                Ok(Verdict::Accepted)
            }
            None if !report.errors.is_empty() && report.electors == 0 => Ok(Verdict::Refused),
            _ => Err("half imported".to_owned()),
        }
    })
}

/// A generation of cards that a file describes.
fn generation() -> Result<Target, Trouble> {
    let example = include_bytes!("../../data/card/next-generation.toml");
    let read = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => Ok(decided(tachiai::card::Generation::from_toml(text))),
        Err(_) => Ok(Verdict::Refused),
    };
    Ok(Target { name: "card-generation", corpus: vec![example.to_vec()], read: Box::new(read) })
}

/// Statements of each purpose.
fn statements() -> Result<Target, Trouble> {
    let word = |text: &str| Word::new(text).doing("a word");
    let (origin, nonce, hash) = (word("vote.example.jp")?, word(&"q".repeat(43))?, Hash32::from_bytes([7; 32]));
    let register = Statement::RegisterKey {
        origin: origin.clone(),
        nonce: nonce.clone(),
        election: word("bi4ersghi2kizrvn2nlkplwbbe")?,
        manifest: hash,
        opened: hash,
        slot: 7,
        slot_commitment: hash,
        voting_key: hash,
        seq: 1,
        previous: Some(hash),
        checkpoint_size: 19,
        checkpoint_root: hash,
    };
    let paper = Statement::PaperIssue {
        origin: origin.clone(),
        nonce: nonce.clone(),
        election: word("bi4ersghi2kizrvn2nlkplwbbe")?,
        opened: hash,
        place: word("city-hall")?,
        session: 0,
        slot: 7,
        slot_commitment: hash,
        contests: vec![0, 12],
    };
    let corpus = [
        Statement::Login { origin: origin.clone(), nonce: nonce.clone(), issued: UnixTime::from_secs(1_795_000_000) },
        Statement::Enrol { origin: origin.clone(), nonce: nonce.clone(), person: hash, auth_key: hash },
        Statement::EnrolCounter { origin, nonce, person: hash, auth_key: hash, reason: tachiai_jpki::FallbackReason::Expired },
        register,
        paper,
    ];
    let read = |bytes: &[u8]| same(Statement::parse(bytes), bytes, |statement| Ok::<_, String>(statement.to_bytes()));
    Ok(Target { name: "statement", corpus: corpus.iter().map(Statement::to_bytes).collect(), read: Box::new(read) })
}
