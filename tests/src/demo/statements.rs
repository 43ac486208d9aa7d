//! What is told of the night: statements that anybody can verify from their files.

use std::path::{Path, PathBuf};

use tachiai_schemas::Lang;

use crate::appliance::{Outcome, Programs};
use crate::night::Headquarters;
use crate::trouble::Trouble;

/// Has the totals of now stated; none where too few people count, or too few came and left.
///
/// # Errors
/// [`Trouble`].
pub fn state(headquarters: &Headquarters, event: &str, folder: &Path, name: &str) -> Result<Option<PathBuf>, Trouble> {
    let path = folder.join(format!("{name}.statement"));
    let outcome = headquarters.first.tachiai(&["--json", "roster", "statement", "--event", event, "--out", &path.display().to_string()])?;
    if outcome.code == Some(1) && outcome.stdout.contains("statement-not-now") {
        return Ok(None);
    }
    outcome.ok().map(|_| Some(path))
}

/// Verifies a statement, and that it knows of an earlier one; what the verifier says.
///
/// # Errors
/// [`Trouble`] if it does not hold.
pub fn verify(programs: &Programs, file: &Path, since: Option<&Path>, lang: Lang) -> Result<String, Trouble> {
    let mut command = programs.command("tachiai-verify")?;
    command.arg("roster").arg(file).args(["--lang", lang.pick("ja", "en")]);
    if let Some(since) = since {
        command.arg("--since").arg(since);
    }
    Ok(Outcome::of(command)?.ok()?.stdout)
}
