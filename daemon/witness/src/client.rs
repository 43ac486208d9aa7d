//! A small HTTP client: an appliance's public port, and other witnesses.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use tachiai_schemas::refusal::Problem;
use tachiai_schemas::{Lang, Refusal, Say};
use ureq::tls::{PemItem, RootCerts, TlsConfig};

use crate::failure::{Exit, Failure};

/// The longest answer that is read, in bytes: a page of entries, or a tile.
const MAX_BODY: u64 = 32 << 20;

/// The authorities of this machine, where none are given.
const SYSTEM_CA: &str = "/etc/ssl/certs/ca-certificates.crt";

/// A client of one server.
pub struct Client {
    agent: ureq::Agent,
    base: String,
}

/// An answer.
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body, which is text in all that is asked for here but tiles.
    pub body: Vec<u8>,
}

impl Client {
    /// Connects nothing yet. Over `https` the authorities in `ca` are trusted, or this machine's; over `http` nothing is secret or trusted, and every
    /// signature is verified all the same.
    ///
    /// # Errors
    /// [`Failure`] for another URL or authorities that cannot be read.
    pub fn new(url: &str, ca: Option<&Path>) -> Result<Self, Failure> {
        let base = url.trim_end_matches('/');
        let roots = if base.starts_with("https://") {
            authorities(ca.unwrap_or(Path::new(SYSTEM_CA)))?
        } else if base.starts_with("http://") {
            Vec::new()
        } else {
            return Err(Failure::new(
                Exit::Usage,
                format!("URLは https:// または http:// で始まります: {url}"),
                format!("a URL begins with https:// or http://: {url}"),
            ));
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
            .user_agent(concat!("tachiai-witness/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_global(Some(Duration::from_secs(120)))
            .build()
            .new_agent();
        Ok(Self { agent, base: base.to_owned() })
    }

    /// The server's address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.base
    }

    /// The host of the server, without scheme and port.
    #[must_use]
    pub fn host(&self) -> &str {
        let authority = self.base.split_once("://").map_or(self.base.as_str(), |(_, rest)| rest);
        let authority = authority.split('/').next().unwrap_or(authority);
        authority.rsplit_once(':').map_or(authority, |(host, _)| host)
    }

    /// Gets bytes.
    ///
    /// # Errors
    /// [`Failure`]: no connection, or another status than success.
    pub fn get(&self, path: &str) -> Result<Vec<u8>, Failure> {
        let url = format!("{}{path}", self.base);
        let reply = self.read(self.agent.get(&url).header("accept-language", "en").call())?;
        if (200..300).contains(&reply.status) { Ok(reply.body) } else { Err(self.refusal(&reply)) }
    }

    /// Gets text.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn text(&self, path: &str) -> Result<String, Failure> {
        String::from_utf8(self.get(path)?).map_err(|error| self.unreadable(&error))
    }

    /// Gets JSON.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn json<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        serde_json::from_slice(&self.get(path)?).map_err(|error| self.unreadable(&error))
    }

    /// Posts text; the status is the caller's to judge.
    ///
    /// # Errors
    /// [`Failure`] if there is no connection.
    pub fn post(&self, path: &str, body: &str) -> Result<Reply, Failure> {
        let url = format!("{}{path}", self.base);
        self.read(self.agent.post(&url).header("content-type", "text/plain; charset=utf-8").header("accept-language", "en").send(body))
    }

    fn read(&self, response: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Reply, Failure> {
        let response = response.map_err(|error| self.no_connection(&error))?;
        let status = response.status().as_u16();
        let body = response.into_body().into_with_config().limit(MAX_BODY).read_to_vec().map_err(|error| self.no_connection(&error))?;
        Ok(Reply { status, body })
    }

    fn no_connection(&self, cause: &dyn std::fmt::Display) -> Failure {
        Failure::new(
            Exit::NoConnection,
            format!("{} に接続できません: {cause}。URL・認証局・ネットワークを確かめてください。", self.base),
            format!("no connection to {}: {cause}. Check the URL, the authority and the network.", self.base),
        )
    }

    fn unreadable(&self, cause: &dyn std::fmt::Display) -> Failure {
        Failure::new(Exit::Incomplete, format!("{} の応答を読み取れません: {cause}", self.base), format!("the answer of {} cannot be read: {cause}", self.base))
    }

    /// What a server's error says.
    #[must_use]
    pub fn refusal(&self, reply: &Reply) -> Failure {
        let Reply { status, body } = reply;
        let problem: Option<Problem> = serde_json::from_slice(body).ok();
        let code = problem.as_ref().and_then(|problem| Refusal::ALL.iter().find(|refusal| refusal.code() == problem.code));
        let said = |lang| match (&problem, code) {
            (Some(problem), Some(code)) => format!("{} ({})", code.say(lang), problem.detail.as_deref().unwrap_or(code.code())),
            (Some(problem), None) => problem.title.clone(),
            (None, _) => String::from_utf8_lossy(body).lines().next().unwrap_or_default().to_owned(),
        };
        let exit = if *status >= 500 || *status == 429 { Exit::NoConnection } else { Exit::Refused };
        Failure::new(
            exit,
            format!("{} が状態 {status} を返しました: {}", self.base, said(Lang::Ja)),
            format!("{} answered with status {status}: {}", self.base, said(Lang::En)),
        )
    }
}

fn authorities(path: &Path) -> Result<Vec<ureq::tls::Certificate<'static>>, Failure> {
    let pem = std::fs::read(path).map_err(|error| Failure::file(path, error))?;
    let found: Vec<_> = ureq::tls::parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if found.is_empty() { Err(Failure::file(path, "no certificate in it")) } else { Ok(found) }
}
