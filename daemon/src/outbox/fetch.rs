//! Entities from the broker, asked for by a query, page after page.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::de::IgnoredAny;
use tachiai_agent::{Answer, TrustError};

use super::line::Line;

/// The entities of one page.
const PAGE: usize = 100;

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
    /// The header that says by which context names are meant.
    context: Option<String>,
}

impl Fetcher {
    /// Connects nothing yet; `url` is the base of the broker's interface, and `context` that by which it means the names, where that is not the core context.
    ///
    /// # Errors
    /// [`TrustError`].
    pub fn new(url: &str, ca: Option<PathBuf>, token: Option<PathBuf>, tenant: Option<String>, context: Option<&str>) -> Result<Self, TrustError> {
        let context = context.map(|context| format!("<{context}>; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\""));
        Ok(Self { line: Line::new(url, ca.as_deref(), token, tenant, PATIENCE, LONGEST)?, url: url.to_owned(), context })
    }

    /// Gives the pages of the entities of a type that a query finds, each an array, one after the other; the query is written as in a URL.
    ///
    /// # Errors
    /// Why they did not come whole, or were not taken: nothing of them is to be used.
    pub fn each(&self, kind: &str, query: &str, most: usize, mut take: impl FnMut(Vec<u8>) -> Result<(), String>) -> Result<(), String> {
        let began = Instant::now();
        let link = self.context.as_deref().map(|context| ("link", context));
        let headers: Vec<(&str, &str)> = [("accept", "application/ld+json")].into_iter().chain(link).collect();
        for page in 0..most {
            let offset = page * PAGE;
            let url = format!("{}/entities?type={kind}&q={query}&limit={PAGE}&offset={offset}", self.url);
            let Answer { status, body } = self.line.get(&url, &headers)?;
            let body = body.map_err(|error| error.to_string())?;
            if status != 200 {
                // What the broker says may quote the query, which names a person.
                return Err(format!("status {status}"));
            }
            let entities = serde_json::from_slice::<Vec<IgnoredAny>>(&body).map_err(|_| "the answer is no array of entities".to_owned())?.len();
            if entities > PAGE {
                return Err(format!("a page of {entities} entities came where {PAGE} were asked for"));
            }
            take(body)?;
            if entities < PAGE {
                return Ok(());
            }
            if began.elapsed() > WHOLE {
                return Err(format!("it took longer than {} seconds", WHOLE.as_secs()));
            }
        }
        Err(format!("more than {} entities were found", most * PAGE))
    }
}
