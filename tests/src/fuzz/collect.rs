//! Corpora made anew from a demonstration: a few inputs of each reader, as the election left them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use data_encoding::BASE64;
use tachiai_crypto::proof::equality::DecryptionShare;
use tachiai_schemas::canonical;
use tachiai_schemas::election::Body;
use tachiai_schemas::entry::Entry;
use tachiai_schemas::receipt::ReceiptFile;
use tachiai_schemas::record::RecordIndex;

use crate::trouble::{Doing, Trouble};

/// Ballots that are kept.
const BALLOTS: usize = 2;

/// Lines of the roll that are kept, the header included.
const LINES: usize = 8;

/// Writes the corpora from the folder of a demonstration of fewer than 256 entries (`make demo N=40`).
///
/// # Errors
/// [`Trouble`] if something of it is not there or cannot be read.
pub fn collect(demo: &Path, corpora: &Path) -> Result<(), Trouble> {
    let put = |reader: &str, name: &str, bytes: &[u8]| {
        let folder = corpora.join(reader);
        fs::create_dir_all(&folder).and_then(|()| fs::write(folder.join(name), bytes)).map_err(|error| Trouble::file(&folder, error))
    };
    let record = demo.join("record");
    let index = read(&record.join("record.json"))?;
    put("record-index", "record.json", &index)?;
    put("checkpoint", "checkpoint.txt", &read(&record.join("checkpoint"))?)?;
    let index: RecordIndex = canonical::from_bytes(&index).doing("record.json")?;
    for file in &index.files {
        let bytes = read(&record.join(&file.path))?;
        match file.path.split('/').collect::<Vec<_>>()[..] {
            ["tile", "entries", ..] => {
                put("entry-bundle", "partial.bin", &bytes)?;
                entries(&bytes, &put)?;
            }
            ["tile", "0", ..] => put("hash-tile", "partial.bin", &bytes)?,
            ["attachments", _] if bytes.starts_with(b"{") => put("result", "result.json", &bytes)?,
            ["attachments", _] if bytes.len().is_multiple_of(DecryptionShare::LEN) => put("shares", "shares.bin", &bytes)?,
            ["attachments", _] => put("roll-attachment", "roll.bin", &bytes)?,
            _ => {}
        }
    }
    let people = demo.join("people");
    for (reader, name, path) in [
        ("receipt", "counted.json", "voter-0/receipt.json"),
        ("receipt", "challenged.json", "voter-1/challenged.json"),
        ("opening", "opening.json", "voter-1/challenged.opening.json"),
        ("trustee-file", "card.json", "trustee-1/card.json"),
        ("trustee-file", "commit.json", "stick/files/run1-1-commit-1.json"),
        ("trustee-file", "deal.json", "stick/files/run1-2-deal-1.json"),
        ("trustee-file", "confirm.json", "stick/files/run1-3-confirm-1.json"),
        ("trustee-file", "statement.json", "stick/files/tally-1-statement-2.json"),
        ("trustee-file", "shares.json", "stick/files/tally-2-shares-1.json"),
    ] {
        put(reader, name, &read(&people.join(path))?)?;
    }
    let receipt: ReceiptFile = canonical::from_bytes(&read(&people.join("voter-0/receipt.json"))?).doing("a receipt")?;
    put("log-proof", "proof.txt", receipt.receipt.proof.as_bytes())?;
    put("spec", "SPEC.toml", &read(&demo.join("files/SPEC.toml"))?)?;
    let roll: Vec<u8> = read(&demo.join("files/roll.csv"))?.split_inclusive(|byte| *byte == b'\n').take(LINES).flatten().copied().collect();
    put("roll", "utf-8.csv", encoding_rs::SHIFT_JIS.decode(&roll).0.as_bytes())?;
    put("roll", "shift_jis.csv", &roll)?;
    let cards = demo.join("cards");
    for (reader, name) in
        [("crl", "authentication.crl"), ("crl", "signature.crl"), ("card-anchor", "authentication-ca.cer"), ("card-anchor", "signature-ca.cer")]
    {
        put(reader, name, &read(&cards.join(name))?)?;
    }
    let card: serde_json::Value = serde_json::from_slice(&read(&cards.join("card-0.json"))?).doing("a card")?;
    for (name, pointer) in [("authentication.der", "/authentication/certificate"), ("signature.der", "/signing/certificate")] {
        let text = card.pointer(pointer).and_then(serde_json::Value::as_str).doing("a card without a certificate")?;
        put("certificate", name, &BASE64.decode(text.as_bytes()).doing("a certificate")?)?;
    }
    Ok(())
}

/// One entry of each kind, and some ballots.
fn entries(bundle: &[u8], put: &impl Fn(&str, &str, &[u8]) -> Result<(), Trouble>) -> Result<(), Trouble> {
    let mut kinds: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut rest = bundle;
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let (bytes, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length))).doing("a bundle that ends in an entry")?;
        rest = after;
        let entry = Entry::from_bytes(bytes).doing("an entry")?;
        let kind = entry.kind();
        let seen = kinds.entry(kind).or_default();
        *seen += 1;
        if *seen == 1 {
            put("entry", &format!("{kind}.json"), bytes)?;
        }
        match &entry.body {
            Body::Ballot(ballot) if *seen <= BALLOTS => put("ballot", &format!("{seen}.bin"), &ballot.ballot.0)?,
            _ => {}
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, Trouble> {
    fs::read(path).map_err(|error| Trouble::file(path, error).hint("collect from a demonstration of `make demo N=40` that ran to its end"))
}
