//! A small HTTP client: an appliance's public port, and other witnesses.

use std::path::Path;
use std::time::Duration;

use serde::de::DeserializeOwned;
use tachiai_agent::{Agent, Answer, Broken, Manner, TrustError};
use tachiai_schemas::refusal::Problem;
use tachiai_schemas::{Lang, Refusal, Say};

use crate::failure::{Exit, Failure};

/// The longest answer that is read, in bytes: a page of entries, or a tile.
const MAX_BODY: u64 = 32 << 20;

/// How a witness asks.
const MANNER: Manner = Manner {
    user_agent: concat!("tachiai-witness/", env!("CARGO_PKG_VERSION")),
    connect: Duration::from_secs(10),
    whole: Duration::from_secs(120),
    longest: MAX_BODY,
};

/// In which language a server says why not; what it says is told with its code.
const LANGUAGE: (&str, &str) = ("accept-language", "en");

/// A client of one server.
pub struct Client {
    agent: Agent,
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
        if !["https://", "http://"].iter().any(|scheme| base.starts_with(scheme)) {
            return Err(Failure::new(
                Exit::Usage,
                format!("URLは https:// または http:// で始まります: {url}"),
                format!("a URL begins with https:// or http://: {url}"),
            ));
        }
        // Over http nothing is trusted, whatever is given.
        let ca = ca.filter(|_| base.starts_with("https://"));
        let agent = Agent::new(base, ca, MANNER).map_err(|error| match error {
            TrustError::Read { path, source } => Failure::file(&path, source),
            TrustError::None(path) => Failure::file(&path, "no certificate in it"),
        })?;
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
        let reply = self.read(self.agent.get(&url, &[LANGUAGE]))?;
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
        self.read(self.agent.post(&url, &[("content-type", "text/plain; charset=utf-8"), LANGUAGE], body.as_bytes()))
    }

    fn read(&self, answer: Result<Answer, Broken>) -> Result<Reply, Failure> {
        let Answer { status, body } = answer.map_err(|error| self.no_connection(&error))?;
        Ok(Reply { status, body: body.map_err(|error| self.no_connection(&error))? })
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
