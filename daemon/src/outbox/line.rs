//! The line to the broker of the city's data platform: its token, read anew each time, and its tenant go along.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tachiai_agent::{Agent, Answer, Manner, TrustError};

/// A line to one broker.
pub struct Line {
    agent: Agent,
    token: Option<PathBuf>,
    tenant: Option<String>,
}

impl Line {
    /// Connects nothing yet.
    ///
    /// # Errors
    /// [`TrustError`].
    pub fn new(url: &str, ca: Option<&Path>, token: Option<PathBuf>, tenant: Option<String>, timeout: Duration, longest: u64) -> Result<Self, TrustError> {
        let manner = Manner { user_agent: concat!("tachiaid/", env!("CARGO_PKG_VERSION")), connect: timeout, whole: timeout, longest };
        Ok(Self { agent: Agent::new(url, ca, manner)?, token, tenant })
    }

    /// Posts a body.
    ///
    /// # Errors
    /// Why there was no answer.
    pub fn post(&self, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Answer, String> {
        self.with(headers, |headers| self.agent.post(url, headers, body).map_err(|error| error.to_string()))
    }

    /// Gets a URL.
    ///
    /// # Errors
    /// Why there was no answer.
    pub fn get(&self, url: &str, headers: &[(&str, &str)]) -> Result<Answer, String> {
        self.with(headers, |headers| self.agent.get(url, headers).map_err(|error| error.to_string()))
    }

    fn with<T>(&self, headers: &[(&str, &str)], ask: impl FnOnce(&[(&str, &str)]) -> Result<T, String>) -> Result<T, String> {
        let token = match &self.token {
            None => None,
            Some(path) => match fs::read_to_string(path) {
                Ok(token) => Some(format!("Bearer {}", token.trim())),
                Err(error) => {
                    // Receptions are told why, and where secrets lie is none of their business.
                    tracing::error!(%error, path = %path.display(), "the broker's token cannot be read");
                    return Err("the appliance cannot read its token for the broker".to_owned());
                }
            },
        };
        let mut headers = headers.to_vec();
        headers.extend(token.as_deref().map(|token| ("authorization", token)));
        headers.extend(self.tenant.as_deref().map(|tenant| ("ngsild-tenant", tenant)));
        ask(&headers)
    }
}
