//! What is told of the night: statements that anybody can verify from their files, and an altered one that is refused. (Statements that the appliance itself forges,
//! proved and signed anew, are refused in the verifier's tests.)

use std::fs;
use std::path::{Path, PathBuf};

use tachiai_schemas::Lang;

use crate::appliance::{Outcome, Programs};
use crate::night::Headquarters;
use crate::trouble::{Doing, Trouble};

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

/// Alters a total of a statement, and gives how the verifier refuses it.
///
/// # Errors
/// [`Trouble`] if it is not refused.
pub fn altered(programs: &Programs, file: &Path, to: &Path, lang: Lang) -> Result<String, Trouble> {
    let text = fs::read_to_string(file).map_err(|error| Trouble::file(file, error))?;
    let (before, after) = text.split_once("\"persons\":").doing("a statement without totals")?;
    fs::write(to, format!("{before}\"persons\":1{after}")).map_err(|error| Trouble::file(to, error))?;
    let mut command = programs.command("tachiai-verify")?;
    command.arg("roster").arg(to).args(["--lang", lang.pick("ja", "en")]);
    let refused = Outcome::of(command)?.expect(1)?;
    Ok(refused.stdout.lines().next().unwrap_or_default().to_owned())
}
