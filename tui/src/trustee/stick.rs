//! What is on a stick: whose files, of what, from when, and whether each is in order. Nothing of it is used before the step that needs it checks it again.

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use tachiai_crypto::journal::BoardKey;
use tachiai_schemas::election::TallyStatement;
use tachiai_schemas::trustee::{Signed, SignedKind, TrusteeFile};
use tachiai_schemas::{Bytes, HashBytes, Lang, Say, Timestamp, TrusteeIndex, canonical};

use super::ceremony::View;
use super::exchange::trustee_files;
use crate::commands::election::read_trustee_file;
use crate::failure::Failure;

/// A file on a stick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its folder on the stick, and its name.
    pub name: String,
    /// What it is, if it can be read.
    pub what: Option<What>,
    /// Whose it is.
    pub whose: Option<TrusteeIndex>,
    /// When it was written, by the stick.
    pub at: Option<Timestamp>,
    /// Whether it is in order.
    pub order: Result<(), Wrong>,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Keys for the commission.
    Card,
    /// Round 0.
    Commit,
    /// Rounds 1 and 2.
    Deal,
    /// Round 3.
    Confirm,
    /// The end of a run.
    Complaint,
    /// A signature under the tally statement.
    Signature,
    /// Decryption shares.
    Shares,
}

/// Why a file is not in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// It cannot be read.
    Unreadable([String; 2]),
    /// It is of another election.
    Other,
    /// It is of a run of the ceremony that is over.
    Over(u32),
    /// Nobody of that number is a trustee here.
    Stranger,
    /// The signature is not the trustee's.
    Forged,
}

impl Say for What {
    fn say(&self, lang: Lang) -> String {
        let (ja, en) = match self {
            Self::Card => ("届出", "keys for the commission"),
            Self::Commit => ("確約", "commit"),
            Self::Deal => ("分散鍵", "deal"),
            Self::Confirm => ("確認", "confirmation"),
            Self::Complaint => ("異議", "complaint"),
            Self::Signature => ("集計宣言の署名", "signature of the tally"),
            Self::Shares => ("復号分", "decryption shares"),
        };
        lang.pick(ja, en).to_owned()
    }
}

impl Say for Wrong {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Unreadable([ja, en]), lang) => lang.pick(ja, en).to_owned(),
            (Self::Other, Lang::Ja) => "別の選挙のファイル".to_owned(),
            (Self::Other, Lang::En) => "of another election".to_owned(),
            (Self::Over(run), Lang::Ja) => format!("終わった回（第{run}回）のファイル"),
            (Self::Over(run), Lang::En) => format!("of run {run}, which is over"),
            (Self::Stranger, Lang::Ja) => "この選挙の立会人ではない".to_owned(),
            (Self::Stranger, Lang::En) => "of no trustee of this election".to_owned(),
            (Self::Forged, Lang::Ja) => "署名が本人のものではない".to_owned(),
            (Self::Forged, Lang::En) => "not signed by that trustee".to_owned(),
        }
    }
}

/// Looks at what trustee `view.own` needs, and at what trustees handed in.
///
/// # Errors
/// [`Failure`] when a folder cannot be read.
pub fn look(stick: &Path, view: &View) -> Result<Vec<Found>, Failure> {
    let mut found = Vec::new();
    for folder in [format!("for-{}", view.own), "files".to_owned()] {
        for path in trustee_files(&stick.join(&folder))? {
            let name = format!("{folder}/{}", path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default());
            let at = fs::metadata(&path).and_then(|file| file.modified()).ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
            let at = at.and_then(|at| i64::try_from(at.as_secs()).ok()).and_then(|at| Timestamp::from_unix(at).ok());
            found.push(match read_trustee_file(&path) {
                Ok(file) => {
                    let (what, whose) = (what(&file), whose(&file, view));
                    Found { name, what: Some(what), whose, at, order: checked(&file, view) }
                }
                Err(failure) => Found { name, what: None, whose: None, at, order: Err(Wrong::Unreadable([failure.ja, failure.en])) },
            });
        }
    }
    Ok(found)
}

/// What a file is.
#[must_use]
pub const fn what(file: &TrusteeFile) -> What {
    match file {
        TrusteeFile::TrusteeCard(_) => What::Card,
        TrusteeFile::TrusteeCommit(_) => What::Commit,
        TrusteeFile::TrusteeDeal { .. } => What::Deal,
        TrusteeFile::TrusteeConfirm(_) => What::Confirm,
        TrusteeFile::TrusteeComplaint(_) => What::Complaint,
        TrusteeFile::TallySignature { .. } => What::Signature,
        TrusteeFile::DecryptionShares { .. } => What::Shares,
    }
}

fn whose(file: &TrusteeFile, view: &View) -> Option<TrusteeIndex> {
    match file {
        TrusteeFile::TrusteeCard(card) => {
            let at = view.manifest.trustees.iter().position(|trustee| trustee.signing_key == card.body.signing_key)?;
            u8::try_from(at + 1).ok().and_then(|index| TrusteeIndex::new(index).ok())
        }
        TrusteeFile::TrusteeCommit(f) => Some(f.body.trustee),
        TrusteeFile::TrusteeDeal { deal, shares: _ } => Some(deal.body.trustee),
        TrusteeFile::TrusteeConfirm(f) => Some(f.body.trustee),
        TrusteeFile::TrusteeComplaint(f) => Some(f.body.trustee),
        TrusteeFile::TallySignature { statement: _, signature } => Some(signature.trustee),
        TrusteeFile::DecryptionShares { shares, file: _ } => Some(shares.body.trustee),
    }
}

/// Whether a file is of this election, of the run under way, and signed by whose it is.
fn checked(file: &TrusteeFile, view: &View) -> Result<(), Wrong> {
    let round = |manifest: &HashBytes, run: u32| match run {
        _ if manifest.hash() != view.manifest_hash => Err(Wrong::Other),
        run if run < view.run => Err(Wrong::Over(run)),
        _ => Ok(()),
    };
    match file {
        TrusteeFile::TrusteeCard(card) => by(card, &card.body.signing_key),
        TrusteeFile::TrusteeCommit(f) => round(&f.body.manifest, f.body.run).and_then(|()| signed(f, f.body.trustee, view)),
        TrusteeFile::TrusteeDeal { deal, shares: _ } => round(&deal.body.manifest, deal.body.run).and_then(|()| signed(deal, deal.body.trustee, view)),
        TrusteeFile::TrusteeConfirm(f) => round(&f.body.manifest, f.body.run).and_then(|()| signed(f, f.body.trustee, view)),
        TrusteeFile::TrusteeComplaint(f) => round(&f.body.manifest, f.body.run).and_then(|()| signed(f, f.body.trustee, view)),
        TrusteeFile::TallySignature { statement, signature } => {
            let statement: Signed<TallyStatement> = Signed { body: statement.clone(), signature: signature.signature };
            signed(&statement, signature.trustee, view)
        }
        TrusteeFile::DecryptionShares { shares, file: _ } => signed(shares, shares.body.trustee, view),
    }
}

fn signed<T: SignedKind>(file: &Signed<T>, trustee: TrusteeIndex, view: &View) -> Result<(), Wrong> {
    let entry = view.manifest.trustees.get(usize::from(trustee.get()) - 1).ok_or(Wrong::Stranger)?;
    by(file, &entry.signing_key)
}

fn by<T: SignedKind>(file: &Signed<T>, key: &Bytes<32>) -> Result<(), Wrong> {
    let holds = || {
        let json = canonical::to_bytes(&file.body).ok()?;
        BoardKey::from_bytes(&key.0).ok()?.verify_bytes(&format!("file/{}", T::KIND), &json, &file.signature.0).ok()
    };
    holds().ok_or(Wrong::Forged)
}
