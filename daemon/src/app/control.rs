//! The control socket `DIR/control.sock`: how `tachiaid staff` reaches a daemon that runs. Only the daemon's own user may
//! connect (mode 0600, in a folder of mode 0700). One request and one answer a connection, each a line of JSON.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tachiai_schemas::staff::Role;
use tachiai_schemas::{HashBytes, Lang, Say, Timestamp};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;

use super::StartError;
use crate::staff::{Staff, StaffError};

/// The longest request in bytes.
const MAX_REQUEST: u64 = 4096;

/// How long one conversation may take, so that a stuck client does not keep the next one waiting.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    /// Issue a certificate.
    Add {
        /// To whom.
        name: String,
        /// With which role.
        role: Role,
    },
    /// Who is on the list?
    List,
    /// Take someone off the list.
    Revoke {
        /// Whom.
        name: String,
    },
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// A certificate was issued.
    Issued(Credentials),
    /// The list.
    Staff(Vec<Listed>),
    /// It is so.
    Done,
    /// The list says no.
    Refused {
        /// Why, in Japanese.
        ja: String,
        /// Why, in English.
        en: String,
    },
    /// The appliance failed.
    Fault(String),
}

/// A certificate with its key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// The certificate, PEM.
    pub certificate: String,
    /// Its key, PEM.
    pub key: String,
    /// The authority's certificate, PEM.
    pub ca: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(<SECRET>)")
    }
}

/// Someone on the staff list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The name.
    pub name: String,
    /// The role.
    pub role: Role,
    /// The hash of the certificate's key.
    pub key: HashBytes,
    /// Since when.
    pub since: Timestamp,
}

/// Does what is asked, whether it came by the socket or from a command that has the folder to itself.
pub async fn answer(staff: &Staff, request: Request) -> Answer {
    let result = match request {
        Request::Add { name, role } => staff.add(&name, role).await.map(|issued| {
            Answer::Issued(Credentials { certificate: issued.certificate, key: issued.key.as_str().to_owned(), ca: staff.authority.pem().to_owned() })
        }),
        Request::List => {
            Ok(Answer::Staff(staff.list().into_iter().map(|(name, member)| Listed { name, role: member.role, key: member.key, since: member.since }).collect()))
        }
        Request::Revoke { name } => staff.revoke(&name).await.map(|()| Answer::Done),
    };
    result.unwrap_or_else(|error| match error {
        StaffError::NotDone(not) => Answer::Refused { ja: not.say(Lang::Ja), en: not.say(Lang::En) },
        StaffError::Refused(refused) => Answer::Refused { ja: refused.refusal.say(Lang::Ja), en: refused.refusal.say(Lang::En) },
        StaffError::Pki(error) => Answer::Fault(error.to_string()),
    })
}

/// The daemon's end.
pub struct Socket {
    listener: UnixListener,
    path: PathBuf,
}

impl Socket {
    /// Where the socket of a data folder is.
    #[must_use]
    pub fn path(data: &Path) -> PathBuf {
        data.join("control.sock")
    }

    /// Makes the socket. Who calls holds the folder's lock, so a socket that is there already is a dead one.
    ///
    /// # Errors
    /// [`StartError::Control`].
    pub fn bind(data: &Path) -> Result<Self, StartError> {
        let path = Self::path(data);
        let bind = || {
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let listener = UnixListener::bind(&path)?;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
            Ok(listener)
        };
        let listener = bind().map_err(|source| StartError::Control { path: path.clone(), source })?;
        Ok(Self { listener, path })
    }

    /// Answers until `stop` becomes true.
    pub async fn serve(self, staff: Arc<Staff>, mut stop: watch::Receiver<bool>) {
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                _ = stop.wait_for(|stop| *stop) => break,
            };
            let Ok((stream, _)) = accepted else { continue };
            match tokio::time::timeout(PATIENCE, converse(stream, &staff)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::debug!(%error, "a conversation on the control socket broke off"),
                Err(_) => tracing::debug!("a conversation on the control socket took too long"),
            }
        }
        // A dead socket would be removed by the next start as well.
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn converse(mut stream: UnixStream, staff: &Staff) -> std::io::Result<()> {
    let (reader, mut writer) = stream.split();
    let mut line = String::new();
    tokio::io::BufReader::new(reader.take(MAX_REQUEST)).read_line(&mut line).await?;
    let answer = match serde_json::from_str(&line) {
        Ok(request) => answer(staff, request).await,
        Err(error) => Answer::Fault(format!("not a request: {error}")),
    };
    let mut line = serde_json::to_vec(&answer)?;
    line.push(b'\n');
    writer.write_all(&line).await?;
    writer.shutdown().await
}

/// Asks the daemon of a data folder.
///
/// # Errors
/// What the system says, for one if no daemon listens.
pub fn ask(data: &Path, request: &Request) -> std::io::Result<Answer> {
    let mut stream = std::os::unix::net::UnixStream::connect(Socket::path(data))?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer)?;
    Ok(serde_json::from_str(&answer)?)
}
