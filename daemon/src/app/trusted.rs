//! What is trusted of cards, kept for auditors: who audits an election must be able to see that a certificate was on none of the lists that were in
//! force when it was used (PROTOCOL §10.11).
//!
//! Every certificate, key and revocation list is a file under its SHA-256; the appliance's journal says what was trusted from when on. Nothing is
//! relied on before both are durable.

use std::collections::BTreeSet;
use std::path::Path;

use tachiai_crypto::hash::Hash32;
use tachiai_schemas::election::CrlRequirement;
use tachiai_schemas::evidence::{CardsTrusted, ListsInForce};
use tachiai_schemas::{HashBytes, Timestamp};

use super::appliance::{History, TrustedFiles};
use crate::blobs::{BlobError, Blobs};
use crate::cards::CardFiles;

/// The folder of these files in a data folder.
#[must_use]
pub fn archive(data: &Path) -> Blobs {
    Blobs::new(data.join("trusted"))
}

/// Writes the files that are not there yet; they are durable when this returns.
///
/// # Errors
/// [`BlobError`].
pub fn keep(archive: &Blobs, files: &CardFiles, crl: CrlRequirement) -> Result<TrustedFiles, BlobError> {
    let CardFiles { anchors, text_anchors, crls } = files;
    let keep = |files: &[Vec<u8>]| -> Result<Vec<HashBytes>, BlobError> {
        let mut hashes = BTreeSet::new();
        for bytes in files {
            let hash = Hash32::sha256(bytes);
            if archive.get(hash).is_err() {
                archive.put(bytes)?;
            }
            hashes.insert(HashBytes::from(hash));
        }
        Ok(hashes.into_iter().collect())
    };
    let lists_required = crl == CrlRequirement::Required;
    Ok(TrustedFiles { anchors: keep(anchors)?, text_anchors: keep(text_anchors)?, crls: keep(crls)?, lists_required })
}

/// Whether no card was accepted at a time without a fresh revocation list. Where that changed within the second, it is not known.
#[must_use]
pub fn lists_required(history: &History, at: Timestamp) -> bool {
    let (before, until) = (history.partition_point(|(since, _)| *since < at), history.partition_point(|(since, _)| *since <= at));
    let then = history.get(before.saturating_sub(1)..until).unwrap_or_default();
    !then.is_empty() && then.iter().all(|(_, files)| files.lists_required)
}

/// What an export of evidence says of cards, up to a time.
#[must_use]
pub fn exported(history: &History, until: Timestamp) -> CardsTrusted {
    let history = || history.iter().filter(|(since, _)| *since <= until);
    let all = |of: fn(&TrustedFiles) -> &Vec<HashBytes>| -> Vec<HashBytes> {
        history().flat_map(|(_, files)| of(files)).copied().collect::<BTreeSet<_>>().into_iter().collect()
    };
    CardsTrusted {
        anchors: all(|files| &files.anchors),
        text_anchors: all(|files| &files.text_anchors),
        lists: history().map(|(since, files)| ListsInForce { since: *since, crls: files.crls.clone() }).collect(),
    }
}

/// Every file that the history names and that is lost or damaged, in words for an operator.
#[must_use]
pub fn lost(archive: &Blobs, history: &History) -> Vec<String> {
    let named: BTreeSet<HashBytes> = history
        .iter()
        .flat_map(|(_, TrustedFiles { anchors, text_anchors, crls, lists_required: _ })| anchors.iter().chain(text_anchors).chain(crls))
        .copied()
        .collect();
    named.iter().filter_map(|hash| archive.get(hash.hash()).err()).map(|error| format!("trusted of cards: {error}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_kept_once_under_its_hash_and_a_lost_one_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let archive = archive(dir.path());
        let files = CardFiles { anchors: vec![b"b".to_vec(), b"a".to_vec()], text_anchors: vec![], crls: vec![b"list".to_vec(), b"list".to_vec()] };
        let kept = keep(&archive, &files, CrlRequirement::Required).unwrap();
        assert_eq!((kept.anchors.len(), kept.crls.len(), archive.list().unwrap().len()), (2, 1, 3));
        assert!(kept.anchors.is_sorted());
        assert_eq!(keep(&archive, &files, CrlRequirement::Required).unwrap(), kept);
        let at = |seconds| Timestamp::from_unix(seconds).unwrap();
        let newer = TrustedFiles { crls: vec![], ..kept.clone() };
        let history = vec![(at(10), kept.clone()), (at(20), newer)];
        assert_eq!(lost(&archive, &history), Vec::<String>::new());
        std::fs::remove_file(archive.path(kept.crls[0].hash())).unwrap();
        assert_eq!(lost(&archive, &history).len(), 1);
        // An export knows nothing of what came after it.
        let exported = [at(5), at(10), at(25)].map(|until| exported(&history, until).lists.len());
        assert_eq!(exported, [0, 1, 2]);
    }

    #[test]
    fn lists_were_required_where_every_configuration_of_that_second_required_them() {
        let at = |seconds| Timestamp::from_unix(seconds).unwrap();
        let files = |lists_required| TrustedFiles { lists_required, ..TrustedFiles::default() };
        let history = vec![(at(10), files(true)), (at(20), files(false)), (at(30), files(true))];
        let required = [5, 10, 19, 20, 21, 29, 30, 31].map(|seconds| lists_required(&history, at(seconds)));
        assert_eq!(required, [false, true, true, false, false, false, false, true]);
        // An entry from before this was recorded has the form that it had.
        assert_eq!(serde_json::to_string(&files(false)).unwrap(), r#"{"anchors":[],"text_anchors":[],"crls":[]}"#);
        assert_eq!(serde_json::from_str::<TrustedFiles>(r#"{"anchors":[],"text_anchors":[],"crls":[]}"#).unwrap(), files(false));
    }
}
