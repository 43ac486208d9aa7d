//! A disclosure: people of a roster for an agency, as a grant allows.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use rand_core::{OsRng, RngCore};
use tachiai_schemas::roster::disclosure::Selection;
use tachiai_schemas::roster::{ChainId, Need, ShelterId};
use tachiai_schemas::sharing::Name;
use tachiai_schemas::sharing::agency::Format;
use tachiai_schemas::sharing::disclosed::{DisclosedAt, DisclosureRequest, RequestId};
use tachiai_schemas::sharing::preview::Preview;
use tachiai_schemas::{Bytes, HashBytes, Lang};

use super::agency::{BASE, ascending, disclosed_text, grants};
use super::approve::Names;
use super::given::{preview_text, with_seen};
use super::shelter::WhichEvent;
use super::shelter::words::word;
use crate::cli::Global;
use crate::client::Client;
use crate::commands::say;
use crate::draft::Draft;
use crate::failure::{Exit, Failure};

/// Give an agency people of a roster.
#[derive(Args, Debug)]
#[command(group(ArgGroup::new("of").required(true).args(["need", "everybody", "person"])))]
#[command(after_help = "Examples:
  tachiai disclose --grant fire-care --need care --preview
  tachiai disclose --grant fire-care --need care --out fire.age
  tachiai disclose --grant hospital --person HANDLE --field name --field birth --out one.age
The agency opens it with age, and checks it: age --decrypt -i key.txt -o fire.disclosure fire.age; tachiai-verify disclosure --people fire.disclosure
With --format it is an archive of two files: age --decrypt -i key.txt fire.age | tar x; then people.disclosure is the proof, and people.fhir.json or people.csv are the same people.
An agency runs the same command with its own profile. A command that was interrupted is repeated with --request, and gets the same file.")]
pub struct Disclose {
    /// The grant
    #[arg(long)]
    grant: Name,
    /// The purpose [default: that of the grant]
    #[arg(long)]
    purpose: Option<String>,
    /// Everybody with this need; the file proves that no one else has it
    #[arg(long, value_parser = word::<Need>)]
    need: Option<Need>,
    /// Everybody who counts
    #[arg(long)]
    everybody: bool,
    /// This person, by the handle, again for more
    #[arg(long, value_name = "HANDLE", allow_hyphen_values = true)]
    person: Vec<ChainId>,
    /// Only of this shelter, again for more
    #[arg(long, value_name = "ID")]
    shelter: Vec<ShelterId>,
    /// Only this field, again for more [default: all of the grant]
    #[arg(long)]
    field: Vec<String>,
    /// Also in this form, beside the proof: fhir or csv, where the grant gives it
    #[arg(long)]
    format: Option<Format>,
    /// The ID of a request that is repeated
    #[arg(long, value_name = "REQUEST", allow_hyphen_values = true)]
    request: Option<RequestId>,
    /// Only show what would leave, every person with every field; that it was looked at is recorded
    #[arg(long, conflicts_with_all = ["out", "seen", "request"])]
    preview: bool,
    /// Give nothing if something else would leave than what a preview showed
    #[arg(long, value_name = "SEEN", allow_hyphen_values = true)]
    seen: Option<HashBytes>,
    /// Where to write the file
    #[arg(long, value_name = "FILE", required_unless_present = "preview")]
    out: Option<PathBuf>,
    #[command(flatten)]
    which: WhichEvent,
}

impl Disclose {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let Self { grant, purpose, need, everybody: _, person, shelter, field, format, request, preview: _, seen, out, which } = self;
        let client = global.staff()?;
        let grants = grants(&client)?;
        let granted = grants.into_iter().map(|made| made.grant).find(|granted| granted.name == *grant);
        let granted = granted.ok_or_else(|| {
            Failure::refused(
                format!("提供許可 {grant} はありません（tachiai agency grants）。"),
                format!("there is no grant {grant} (see `tachiai agency grants`)."),
            )
        })?;
        let event = match granted.event {
            Some(event) if !which.is_named() => event,
            _ => which.find_to_share(&client)?,
        };
        let asked = DisclosureRequest {
            request: request.unwrap_or_else(random),
            grant: grant.clone(),
            agency: granted.agency,
            purpose: purpose.clone().unwrap_or(granted.purpose),
            event,
            shelters: ascending(shelter),
            of: match (need, person.is_empty()) {
                (Some(need), _) => Selection::Need { need: *need },
                (None, false) => Selection::Persons {},
                (None, true) => Selection::Everybody {},
            },
            persons: ascending(person),
            fields: ascending(field),
            format: *format,
            seen: *seen,
        };
        match out {
            None => {
                let shown = preview(&client, &asked)?;
                let seen = seen_of(&shown)?;
                say(global, &with_seen(&shown, &seen), || {
                    format!("{}\n--seen {seen}", preview_text(global.lang(), &shown, &Names::of_events(&client, [shown.event])))
                });
            }
            Some(out) => {
                let made = make(&client, &asked, out)?;
                say(global, &serde_json::json!(made), || made_text(global.lang(), &made, out));
            }
        }
        Ok(Exit::Done)
    }
}

/// What a request would give now.
///
/// # Errors
/// [`Failure`].
pub fn preview(client: &Client, asked: &DisclosureRequest) -> Result<Preview, Failure> {
    client.post(&format!("{BASE}/disclosures/preview"), None, asked)
}

/// What was seen of it.
///
/// # Errors
/// [`Failure`], never for what a preview says.
pub fn seen_of(preview: &Preview) -> Result<HashBytes, Failure> {
    preview.seen().map_err(|error| Failure::incomplete(error.to_string(), error.to_string()))
}

/// Makes a disclosure, and writes its bundle to a new file.
///
/// # Errors
/// [`Failure`].
pub fn make(client: &Client, asked: &DisclosureRequest, out: &Path) -> Result<DisclosedAt, Failure> {
    // Nothing is disclosed that cannot be written.
    let draft = Draft::begin(Some(out))?;
    let made: DisclosedAt = client.post(&format!("{BASE}/disclosures"), None, asked)?;
    draft.finish(out, &client.get_bytes(&format!("{BASE}/disclosures/{}/bundle", made.disclosed.request))?)?;
    Ok(made)
}

/// What was made, and where it lies.
#[must_use]
pub fn made_text(lang: Lang, made: &DisclosedAt, out: &Path) -> String {
    format!("{}\n{}", disclosed_text(lang, made), out.display())
}

/// The ID of a new request.
#[must_use]
pub fn random() -> RequestId {
    let mut bytes = [0; 16];
    OsRng.fill_bytes(&mut bytes);
    Bytes(bytes)
}
