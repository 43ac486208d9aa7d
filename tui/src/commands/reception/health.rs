//! `reception health`, `questionnaire`: treatments of a day in numbers, and what somebody answers at the desk.

use clap::Args;
use serde_json::json;
use tachiai_schemas::Lang;
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::report::ReportContent;
use tachiai_schemas::shelter::questionnaire::{Definition, Name};

use super::args::{Input, Whom};
use crate::cli::Global;
use crate::commands::ask::ask;
use crate::commands::questionnaire::{answer_form, kept_text};
use crate::commands::reports::counts_text;
use crate::commands::say;
use crate::failure::{Exit, Failure};
use crate::shelter::report::{Counted, counted};
use crate::shelter::state::Reception;

/// Treatments of a day.
#[derive(Args, Debug)]
pub struct Health {
    /// The day in Japan [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    day: Option<Day>,
    /// Show what was reported of the day
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    input: Input,
}

/// What somebody answers at the desk.
#[derive(Args, Debug)]
pub struct Questionnaire {
    /// Which questionnaire [default: the only one]
    #[arg(long, value_name = "NAME")]
    questionnaire: Option<Name>,
    #[command(flatten)]
    whom: Whom,
}

fn wrong() -> Failure {
    Failure::new(
        Exit::Usage,
        "「項目番号:件数」をコンマで区切って書いてください（例 16:3,58:1）。番号は1から99です。件数に + を付けると足します（58:+1）。",
        "write CODE:COUNT with commas between, like 16:3,58:1; codes go from 1 to 99. A count with + is added to the day's (58:+1).",
    )
}

/// Reads counts by code.
fn counts(text: &str) -> Result<Vec<(u8, Counted)>, Failure> {
    let narrow = tachiai_schemas::shelter::figures::narrow(text);
    let said = narrow.trim().strip_prefix("counts=").unwrap_or(narrow.trim());
    let one = |part: &str| {
        let (code, count) = part.trim().split_once(':')?;
        let code = code.trim().parse().ok().filter(|code| (1..=99).contains(code))?;
        let counted = match count.trim().strip_prefix('+') {
            Some(more) => Counted::More(more.parse().ok()?),
            None => Counted::Are(count.trim().parse().ok()?),
        };
        Some((code, counted))
    };
    said.split([',', '、']).map(|part| one(part).ok_or_else(wrong)).collect()
}

impl Health {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global, reception: &mut Reception) -> Result<Exit, Failure> {
        let today = reception.today();
        let day = self.day.unwrap_or(today);
        if day.earliest() > today {
            return Err(Failure::new(Exit::Usage, "--day: 日付が未来です。", "--day: this day lies in the future."));
        }
        if !self.list {
            let text = match self.input.text()? {
                Some(text) => text,
                None => ask(global.pick("項目番号:件数（コンマ区切り）: ", "CODE:COUNT, with commas: "))?.into(),
            };
            let counts = counted(reception.treatments(day), &counts(&text)?);
            reception.report(ReportContent::Health { day, counts })?;
        }
        let counts = reception.treatments(day);
        say(global, &json!({ "shelter": reception.shelter(), "day": day, "counts": counts }), || match (counts, global.lang()) {
            ([], Lang::Ja) => format!("{day}: 診療の報告はありません。"),
            ([], Lang::En) => format!("{day}: no treatments were reported."),
            (counts, lang) => format!("{day}  {}: {}", lang.pick("診療（番号:件数）", "treatments (code:count)"), counts_text(counts)),
        });
        Ok(Exit::Done)
    }
}

impl Questionnaire {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global, reception: &mut Reception) -> Result<Exit, Failure> {
        let chain = self.whom.find(reception)?;
        let definition = self.definition(reception)?;
        let answers = answer_form(global, &definition)?;
        let kept = reception.fill(chain, &definition, answers)?;
        say(global, &json!(kept), || kept_text(global.lang(), &kept));
        Ok(Exit::Done)
    }

    fn definition(&self, reception: &Reception) -> Result<Definition, Failure> {
        let known = reception.questionnaires();
        let found = match (&self.questionnaire, known) {
            (Some(name), known) => known.iter().find(|definition| definition.id == *name),
            (None, [one]) => Some(one),
            (None, _) => None,
        };
        found.cloned().ok_or_else(|| match known {
            [] => Failure::refused(
                "この端末に問診票がありません。回線のあるときに tachiai reception sync --pack を実行してください。",
                "this terminal has no questionnaire. Run `tachiai reception sync --pack` while there is a link.",
            ),
            known => {
                let names = known.iter().map(|definition| definition.id.to_string()).collect::<Vec<_>>().join(", ");
                Failure::new(Exit::Usage, format!("--questionnaire で指定してください: {names}"), format!("name one with --questionnaire: {names}"))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_set_or_added_and_slips_are_refused() {
        assert_eq!(counts("counts=16:3，58:＋1\n").unwrap(), [(16, Counted::Are(3)), (58, Counted::More(1))]);
        for slip in ["", "16", "0:1", "100:1", "16:-1", "16:x", "16:3,"] {
            assert_eq!(counts(slip).unwrap_err().exit, Exit::Usage, "{slip}");
        }
    }
}
