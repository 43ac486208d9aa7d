//! One attempt to send a message: a POST with its key, judged by the answer.

use std::path::PathBuf;
use std::time::Duration;

use tachiai_agent::{Answer, TrustError};

use super::Message;
use super::line::Line;

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
    line: Line,
    url: String,
    media_type: &'static str,
}

impl Sender {
    /// Connects nothing yet.
    ///
    /// # Errors
    /// [`TrustError`].
    pub fn new(target: &Target) -> Result<Self, TrustError> {
        let Target { url, ca, token, tenant, media_type, timeout } = target.clone();
        Ok(Self { line: Line::new(&url, ca.as_deref(), token, tenant, timeout, MAX_ANSWER)?, url, media_type })
    }

    /// Sends a message once.
    #[must_use]
    pub fn send(&self, message: &Message) -> Fate {
        let key = format!("\"{}\"", message.key);
        match self.line.post(&self.url, &[("content-type", self.media_type), ("idempotency-key", &key)], &message.body) {
            Err(what) => Fate::Failed(what),
            // An answer that breaks off after its head has said enough if it said yes, and is repeated here if it said no.
            Ok(Answer { status, body }) => judge(status, &String::from_utf8_lossy(&body.unwrap_or_default())),
        }
    }
}

fn judge(status: u16, body: &str) -> Fate {
    let said = || said(status, body);
    match status {
        207 | 400 | 409 | 413 | 415 | 422 => Fate::Refused(said()),
        200..300 => Fate::Arrived,
        _ => Fate::Failed(said()),
    }
}

/// A status with the beginning of what was said, in a line.
fn said(status: u16, body: &str) -> String {
    let line: String = body.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
    format!("status {status}: {}", line.trim())
}
