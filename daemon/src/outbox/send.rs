//! One attempt to send a message: a POST with its key, judged by the answer.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig};

use super::Message;

/// The authorities of this machine, where none are given.
const SYSTEM_CA: &str = "/etc/ssl/certs/ca-certificates.crt";

/// The longest part of an answer that is read, in bytes.
const MAX_ANSWER: u64 = 64 << 10;

/// Where messages go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The URL to which each is posted.
    pub url: String,
    /// The authorities that are trusted for it; those of the machine if none.
    pub ca: Option<PathBuf>,
    /// A file with a bearer token, read anew for each attempt.
    pub token: Option<PathBuf>,
    /// The tenant at the broker (`NGSILD-Tenant`).
    pub tenant: Option<String>,
    /// The media type of messages.
    pub media_type: &'static str,
    /// How long an attempt may take.
    pub timeout: Duration,
}

/// The target cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SendSetupError {
    /// The authorities cannot be read.
    #[error("cannot read the authorities in {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// There are none in it.
    #[error("no certificate in PEM is in {}: put the authority of the data platform there", .0.display())]
    None(PathBuf),
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It arrived.
    Arrived,
    /// The target will never take it as it is.
    Refused(String),
    /// It may go well another time.
    Failed(String),
}

/// Sends to one target.
pub struct Sender {
    agent: ureq::Agent,
    target: Target,
}

impl Sender {
    /// Connects nothing yet.
    ///
    /// # Errors
    /// [`SendSetupError`].
    pub fn new(target: &Target) -> Result<Self, SendSetupError> {
        let roots = match (&target.ca, target.url.starts_with("https://")) {
            (Some(ca), _) => authorities(ca)?,
            (None, true) => authorities(Path::new(SYSTEM_CA))?,
            (None, false) => Vec::new(),
        };
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::from(roots))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let agent = ureq::Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .user_agent(concat!("tachiaid/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(target.timeout))
            .timeout_global(Some(target.timeout))
            .build()
            .new_agent();
        Ok(Self { agent, target: target.clone() })
    }

    /// Sends a message once.
    #[must_use]
    pub fn send(&self, message: &Message) -> Fate {
        let Target { url, ca: _, token, tenant, media_type, timeout: _ } = &self.target;
        let mut request = self.agent.post(url).header("content-type", *media_type).header("idempotency-key", format!("\"{}\"", message.key));
        if let Some(path) = token {
            match fs::read_to_string(path) {
                Ok(token) => request = request.header("authorization", format!("Bearer {}", token.trim())),
                Err(error) => return Fate::Failed(format!("cannot read the token {}: {error}", path.display())),
            }
        }
        if let Some(tenant) = tenant {
            request = request.header("ngsild-tenant", tenant);
        }
        match request.send(&message.body) {
            Err(error) => Fate::Failed(error.to_string()),
            Ok(answer) => {
                let status = answer.status().as_u16();
                // An answer that breaks off after its head has said enough if it said yes, and is repeated here if it said no.
                let body = answer.into_body().into_with_config().limit(MAX_ANSWER).read_to_vec().unwrap_or_default();
                judge(status, &String::from_utf8_lossy(&body))
            }
        }
    }
}

fn judge(status: u16, body: &str) -> Fate {
    let said = || {
        let line: String = body.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
        format!("status {status}: {}", line.trim())
    };
    match status {
        207 | 400 | 409 | 413 | 415 | 422 => Fate::Refused(said()),
        200..300 => Fate::Arrived,
        _ => Fate::Failed(said()),
    }
}

fn authorities(path: &Path) -> Result<Vec<Certificate<'static>>, SendSetupError> {
    let pem = fs::read(path).map_err(|source| SendSetupError::Read { path: path.to_owned(), source })?;
    let certificate = |item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    };
    let found: Vec<_> = ureq::tls::parse_pem(&pem).filter_map(certificate).collect();
    if found.is_empty() { Err(SendSetupError::None(path.to_owned())) } else { Ok(found) }
}
