//! The rehearsal of an election at the console.

use std::path::PathBuf;

use clap::Args;
use tachiai_schemas::roll;
use tachiai_schemas::spec::ElectionSpec;

use super::election::read_spec;
use super::roll::failed;
use crate::cli::Global;
use crate::failure::{Exit, Failure};
use crate::rehearsal::household::Household;
use crate::rehearsal::plan;
use crate::rehearsal::run::{Quiet, Rehearsal};

/// Rehearse a whole election on this machine, with nothing in it that can be taken for real.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLE)]
pub struct Rehearse {
    /// SPEC.toml of the real election
    #[arg(long, value_name = "SPEC.toml", required_unless_present = "clean")]
    spec: Option<PathBuf>,
    /// The real roll: only how many electors each district has is taken from it
    #[arg(long, value_name = "ROLL.csv", required_unless_present = "clean")]
    roll: Option<PathBuf>,
    /// The new folder in which everything happens
    #[arg(long, value_name = "DIR", required_unless_present = "clean")]
    out: Option<PathBuf>,
    /// At most so many invented electors, spread over the districts as the roll is
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    electors: u32,
    /// End what still runs in the folder of an earlier rehearsal, and remove it
    #[arg(long, value_name = "DIR", conflicts_with_all = ["spec", "roll", "out"])]
    clean: Option<PathBuf>,
}

const EXAMPLE: &str = "\
Examples:
  tachiai election rehearse --spec SPEC.toml --roll ROLL.csv --out rehearsal
  tachiai election rehearse --clean rehearsal        # after it was looked at, or killed
Invented electors with test cards vote in an appliance of their own on this machine, under the authority \"mock\" and a title that says that it is a
rehearsal; officials, trustees and officers are played, too. Real cards, keys, names and times are not used. The programs tachiaid, tachiai-verify and
tachiai-vcard (test cards; only where the programs were built) have to stand beside this one. At the end rehearsal/protocol.md says what was done, by whom
it is done on the real day, how long it took here, and what did not work. Exit code 1: something did not work.";

impl Rehearse {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        if let Some(dir) = &self.clean {
            Household::clean(dir)?;
            super::say(global, &serde_json::json!({ "removed": dir }), || format!("{}: {}", global.pick("片付けました", "removed"), dir.display()));
            return Ok(Exit::Done);
        }
        let (Some(spec), Some(roll), Some(out)) = (&self.spec, &self.roll, &self.out) else {
            return Err(Failure::new(Exit::Usage, "--spec、--roll、--out を指定してください。", "--spec, --roll and --out are needed."));
        };
        let spec: ElectionSpec = read_spec(spec)?;
        let bytes = std::fs::read(roll).map_err(|e| Failure::file(roll, &e))?;
        let import = roll::import(&bytes, &spec.districts, spec.poll_closes);
        let Some(electors) = import.electors else {
            return failed(global, &import.report);
        };
        let people = plan::people(&electors, self.electors as usize);
        let quiet = if global.json { Quiet::Yes } else { Quiet::No };
        let protocol = Rehearsal::prepare(global.lang(), quiet, &spec, people, out)?.hold()?;
        super::say(global, &serde_json::json!(protocol), || protocol.markdown(global.lang()));
        Ok(if protocol.is_good() { Exit::Done } else { Exit::Refused })
    }
}
