//! An exchange moves the same files by stick or by network.
//!
//! On a stick: `record/` is the board so far, `for-N/` what trustee N needs, `files/` what trustees hand in.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tachiai_schemas::election::TallyStatement;
use tachiai_schemas::staff::ElectionStatus;
use tachiai_schemas::trustee::TrusteeFile;
use tachiai_schemas::{ElectionId, TrusteeIndex, canonical};

use crate::client::Client;
use crate::commands::election::{export_record, read_trustee_file};
use crate::failure::Failure;

/// Where files come from and go to.
pub enum Exchange {
    /// A folder that `tachiai election carry` filled.
    Stick(PathBuf),
    /// The appliance.
    Server(Client, ElectionId),
}

impl Exchange {
    /// The board so far, as a record folder. From a server it is downloaded into `scratch`.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn record(&self, scratch: &Path) -> Result<PathBuf, Failure> {
        match self {
            Self::Stick(dir) => {
                let record = dir.join("record");
                if record.is_dir() {
                    return Ok(record);
                }
                Err(Failure::incomplete(
                    format!(
                        "{} がありません。選挙管理委員会に、媒体との受け渡し（画面では y、コマンドでは tachiai election carry）で用意してもらってください。",
                        record.display()
                    ),
                    format!("{} is missing. Ask the commission to fill the stick (y on its screen, `tachiai election carry` as a command).", record.display()),
                ))
            }
            Self::Server(client, election) => {
                let record = scratch.join("record");
                export_record(client, *election, &record)?;
                Ok(record)
            }
        }
    }

    /// The files that trustee `index` needs.
    ///
    /// # Errors
    /// [`Failure`] that names a file that cannot be read.
    pub fn files_for(&self, index: TrusteeIndex) -> Result<Vec<TrusteeFile>, Failure> {
        match self {
            Self::Stick(dir) => trustee_files(&dir.join(format!("for-{index}")))?.iter().map(|path| read_trustee_file(path)).collect(),
            Self::Server(client, election) => client.get(&format!("/api/v1/elections/{election}/trustee-files?for={index}"), None),
        }
    }

    /// How many trustees have signed this tally statement, as far as can be seen from here. What cannot be read counts for nothing: the own file is
    /// delivered by then.
    #[must_use]
    pub fn signed(&self, statement: &TallyStatement) -> Signed {
        match self {
            Self::Stick(dir) => {
                let paths = trustee_files(&dir.join("files")).unwrap_or_default();
                let signers = paths.iter().filter_map(|path| match read_trustee_file(path).ok()? {
                    TrusteeFile::TallySignature { statement: of, signature } if of == *statement => Some(signature.trustee),
                    _ => None,
                });
                Signed::OnStick(signers.collect::<BTreeSet<_>>().len())
            }
            Self::Server(client, election) => match client.get::<ElectionStatus>(&format!("/api/v1/elections/{election}/status"), None) {
                Ok(status) => Signed::Handed(status.trustees.iter().filter(|trustee| trustee.received.iter().any(|file| file == "tally-signature")).count()),
                Err(_) => Signed::Unknown,
            },
        }
    }

    /// What is said of a file that was delivered: on a stick it is not handed in yet.
    #[must_use]
    pub const fn delivered(&self) -> [&'static str; 2] {
        match self {
            Self::Stick(_) => [
                "媒体に書き出しました。選挙管理委員会に渡してください（まだ装置には届いていません）",
                "written to the stick: give it to the commission, since the appliance does not have it yet",
            ],
            Self::Server(..) => ["提出しました", "handed in"],
        }
    }

    /// Hands a file in; returns where it is.
    ///
    /// # Errors
    /// [`Failure`], such as the server's refusal.
    pub fn deliver(&self, file: &TrusteeFile) -> Result<String, Failure> {
        match self {
            Self::Stick(dir) => write_for(&dir.join("files"), file).map(|path| path.display().to_string()),
            Self::Server(client, election) => {
                let _: ElectionStatus = client.post(&format!("/api/v1/elections/{election}/trustee-files"), None, file)?;
                Ok(client.authority().to_owned())
            }
        }
    }
}

/// How many trustees are known to have signed a tally statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    /// Signatures on the stick; others may travel on other sticks.
    OnStick(usize),
    /// Signatures that the appliance has.
    Handed(usize),
    /// The appliance does not say.
    Unknown,
}

/// The `.json` files of a folder, by name; none if the folder is not there.
///
/// # Errors
/// [`Failure`] when the folder cannot be read.
pub fn trustee_files(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !dir.exists() {
        return Ok(Vec::new());
    }
    let mut paths =
        fs::read_dir(dir).and_then(|entries| entries.map(|e| e.map(|e| e.path())).collect::<Result<Vec<_>, _>>()).map_err(|e| Failure::file(dir, &e))?;
    paths.retain(|p| p.extension().is_some_and(|e| e == "json"));
    paths.sort();
    Ok(paths)
}

/// Writes a trustee's file under its usual name.
///
/// # Errors
/// [`Failure`] when the folder cannot be written.
pub fn write_for(dir: &Path, file: &TrusteeFile) -> Result<PathBuf, Failure> {
    fs::create_dir_all(dir).map_err(|e| Failure::file(dir, &e))?;
    let path = dir.join(name(file));
    let bytes = canonical::to_bytes(file).map_err(|e| Failure::file(&path, &e))?;
    fs::write(&path, bytes).map_err(|e| Failure::file(&path, &e))?;
    Ok(path)
}

fn name(file: &TrusteeFile) -> String {
    match file {
        TrusteeFile::TrusteeCard(card) => format!("card-{}.json", crate::commands::trustee::key_fingerprint(&card.body.signing_key.0).replace(' ', "")),
        TrusteeFile::TrusteeCommit(f) => format!("run{}-1-commit-{}.json", f.body.run, f.body.trustee),
        TrusteeFile::TrusteeDeal { deal, shares: _ } => format!("run{}-2-deal-{}.json", deal.body.run, deal.body.trustee),
        TrusteeFile::TrusteeConfirm(f) => format!("run{}-3-confirm-{}.json", f.body.run, f.body.trustee),
        TrusteeFile::TrusteeComplaint(f) => format!("run{}-complaint-{}.json", f.body.run, f.body.trustee),
        TrusteeFile::TallySignature { statement: _, signature } => format!("tally-1-statement-{}.json", signature.trustee),
        TrusteeFile::DecryptionShares { shares, file: _ } => format!("tally-2-shares-{}.json", shares.body.trustee),
    }
}
