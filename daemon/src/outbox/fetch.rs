//! Entities from the broker, asked for by a query, page after page.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::de::IgnoredAny;
use tachiai_agent::{Answer, TrustError};

use super::line::Line;

/// The entities of one page.
const PAGE: usize = 100;

/// The most pages of one query.
const PAGES: usize = 50;

/// The longest page, in bytes.
const LONGEST: u64 = 4 << 20;

/// How long a page may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// After how long no further page is asked for.
const WHOLE: Duration = Duration::from_secs(60);

/// Asks one broker.
pub struct Fetcher {
    line: Line,
    url: String,
}

impl Fetcher {
    /// Connects nothing yet; `url` is the base of the broker's interface.
    ///
    /// # Errors
    /// [`TrustError`].
    pub fn new(url: &str, ca: Option<PathBuf>, token: Option<PathBuf>, tenant: Option<String>) -> Result<Self, TrustError> {
        Ok(Self { line: Line::new(url, ca.as_deref(), token, tenant, PATIENCE, LONGEST)?, url: url.to_owned() })
    }

    /// The pages of the entities of a type that a query finds, each an array; the query is written as in a URL.
    ///
    /// # Errors
    /// Why they did not come whole: nothing of them is to be used.
    pub fn pages(&self, kind: &str, query: &str) -> Result<Vec<Vec<u8>>, String> {
        let mut pages = Vec::new();
        let began = Instant::now();
        while pages.len() < PAGES {
            let offset = pages.len() * PAGE;
            let url = format!("{}/entities?type={kind}&q={query}&limit={PAGE}&offset={offset}", self.url);
            let Answer { status, body } = self.line.get(&url, &[("accept", "application/ld+json")])?;
            let body = body.map_err(|error| error.to_string())?;
            if status != 200 {
                // What the broker says may quote the query, which names a person.
                return Err(format!("status {status}"));
            }
            let entities = serde_json::from_slice::<Vec<IgnoredAny>>(&body).map_err(|_| "the answer is no array of entities".to_owned())?.len();
            pages.push(body);
            if entities < PAGE {
                return Ok(pages);
            }
            if began.elapsed() > WHOLE {
                return Err(format!("it took longer than {} seconds", WHOLE.as_secs()));
            }
        }
        Err(format!("more than {} entities were found", PAGES * PAGE))
    }
}
