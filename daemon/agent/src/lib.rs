//! How programs that run unattended ask other servers over HTTP: the appliance its city's data platform, a witness an appliance.
//!
//! An agent trusts the authorities that it is given, or those of this machine, and nothing else; it follows no redirect, takes no proxy from its surroundings, and waits no
//! longer than it is told. What a status means is the caller's to judge.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig};

/// The authorities of this machine, where none are given.
const SYSTEM_CA: &str = "/etc/ssl/certs/ca-certificates.crt";

/// The authorities cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// They cannot be read.
    #[error("cannot read the authorities in {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// There are none in the file.
    #[error("no certificate in PEM is in {}: put the authority of the other server there", .0.display())]
    None(PathBuf),
}

/// No answer, or one that broke off.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Broken(#[from] ureq::Error);

/// How an agent asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    /// Who asks, as the other server's log has it.
    pub user_agent: &'static str,
    /// How long connecting may take.
    pub connect: Duration,
    /// How long all of it may take.
    pub whole: Duration,
    /// The longest body that is read, in bytes.
    pub longest: u64,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body; or why it did not come whole.
    pub body: Result<Vec<u8>, Broken>,
}

/// Asks servers.
pub struct Agent {
    agent: ureq::Agent,
    longest: u64,
}

impl Agent {
    /// Connects nothing yet. For a URL with `https` the authorities in `ca` are trusted, or this machine's; over `http` there are none to be trusted.
    ///
    /// # Errors
    /// [`TrustError`].
    pub fn new(url: &str, ca: Option<&Path>, manner: Manner) -> Result<Self, TrustError> {
        let Manner { user_agent, connect, whole, longest } = manner;
        let roots = match (ca, url.starts_with("https://")) {
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
            .user_agent(user_agent)
            .timeout_connect(Some(connect))
            .timeout_global(Some(whole))
            .build()
            .new_agent();
        Ok(Self { agent, longest })
    }

    /// Gets a URL.
    ///
    /// # Errors
    /// [`Broken`] if there was no answer.
    pub fn get(&self, url: &str, headers: &[(&str, &str)]) -> Result<Answer, Broken> {
        let request = headers.iter().fold(self.agent.get(url), |request, (name, value)| request.header(*name, *value));
        Ok(self.answer(request.call()?))
    }

    /// Posts a body to a URL.
    ///
    /// # Errors
    /// [`Broken`] if there was no answer.
    pub fn post(&self, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Answer, Broken> {
        let request = headers.iter().fold(self.agent.post(url), |request, (name, value)| request.header(*name, *value));
        Ok(self.answer(request.send(body)?))
    }

    fn answer(&self, response: ureq::http::Response<ureq::Body>) -> Answer {
        let status = response.status().as_u16();
        let body = response.into_body().into_with_config().limit(self.longest).read_to_vec().map_err(Broken);
        Answer { status, body }
    }
}

fn authorities(path: &Path) -> Result<Vec<Certificate<'static>>, TrustError> {
    let pem = std::fs::read(path).map_err(|source| TrustError::Read { path: path.to_owned(), source })?;
    let certificate = |item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    };
    let found: Vec<_> = ureq::tls::parse_pem(&pem).filter_map(certificate).collect();
    if found.is_empty() { Err(TrustError::None(path.to_owned())) } else { Ok(found) }
}
