//! `reception supplies`, `meals`: what the shelter has, lacks and eats.

use clap::Args;
use serde_json::json;

use crate::card::printable;
use crate::cli::Global;
use crate::commands::reports::meals_text;
use crate::commands::say;
use crate::failure::{Exit, Failure};
use crate::shelter::report::{Moved, Supply};
use crate::shelter::said;
use crate::shelter::state::Reception;

/// What the shelter has and lacks.
#[derive(Args, Debug)]
pub struct Supplies {
    /// What, such as 毛布; without it everything that was reported is listed
    item: Option<String>,
    /// In what it is counted, such as 枚: once for each thing
    #[arg(long, value_name = "UNIT", requires = "item")]
    unit: Option<String>,
    /// So many arrived
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true, requires = "item")]
    arrived: u32,
    /// So many were handed out
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true, requires = "item")]
    handed_out: u32,
    /// So many are there, newly counted
    #[arg(long, value_name = "N", requires = "item", conflicts_with_all = ["arrived", "handed_out"])]
    stock: Option<u32>,
    /// So many more are needed [default: what was needed, less what arrived]
    #[arg(long, value_name = "N", requires = "item")]
    needed: Option<u32>,
}

impl Supplies {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global, reception: &mut Reception) -> Result<Exit, Failure> {
        let Self { item, unit, arrived, handed_out, stock, needed } = self;
        let Some(item) = item else {
            list(global, reception);
            return Ok(Exit::Done);
        };
        if stock.is_none() && needed.is_none() && *arrived == 0 && *handed_out == 0 {
            return Err(Failure::new(
                Exit::Usage,
                "--arrived（届いた数）、--handed-out（配った数）、--stock（数えた数）、--needed（あと必要な数）のどれかを指定してください。",
                "say what happened: --arrived, --handed-out, --stock or --needed.",
            ));
        }
        let moved = stock.map_or(Moved::By { arrived: *arrived, handed_out: *handed_out }, Moved::Counted);
        let supply = reception.supply(item, unit.as_deref(), moved, *needed)?;
        say(global, &json!(supply), || format!("✓ {}", line(global, &supply)));
        Ok(Exit::Done)
    }
}

fn line(global: &Global, supply: &Supply) -> String {
    let Supply { item, unit, stock, needed, time } = supply;
    let (item, unit) = (printable(item), printable(unit));
    let (there, lacking) = (global.pick("現在", "there"), global.pick("あと必要", "needed"));
    format!("{item}  {there}: {stock}{unit}  {lacking}: {needed}{unit}  ({})", said::moment(global.lang(), time.millis()))
}

/// Lists what was reported.
pub fn list(global: &Global, reception: &Reception) {
    let supplies = reception.supplies();
    if global.json {
        outln!("{}", json!({ "shelter": reception.shelter(), "supplies": supplies }));
        return;
    }
    for supply in &supplies {
        outln!("{}", line(global, supply));
    }
    if supplies.is_empty() {
        outln!("{}", global.pick("物資の報告はまだありません。", "no supplies were reported yet."));
    }
}

/// Shows the meals of this shelter.
///
/// # Errors
/// [`Failure`] (1): the shelter is not open in the event yet.
pub fn meals(global: &Global, reception: &Reception) -> Result<Exit, Failure> {
    let meals = reception.meals().ok_or_else(|| {
        Failure::refused("この避難所はまだ開設されておらず、受付もありません。", "this shelter is not open in the event yet, and nobody is registered here.")
    })?;
    say(global, &json!(meals), || meals_text(global.lang(), &meals));
    Ok(Exit::Done)
}
