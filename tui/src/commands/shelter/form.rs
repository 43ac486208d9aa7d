//! Questionnaires at the headquarters: one is defined, a person's is shown, and the roster is had to name it.

use std::path::PathBuf;

use clap::Subcommand;
use tachiai_schemas::Say;
use tachiai_schemas::shelter::PersonDone;
use tachiai_schemas::shelter::overview::QuestionnaireOf;
use tachiai_schemas::shelter::questionnaire::{Answers, Definition};

use super::{BASE, WhichEvent};
use crate::cli::Global;
use crate::client::Client;
use crate::commands::questionnaire::{answer_form, filled_text};
use crate::commands::say;
use crate::failure::{Exit, Failure};

/// Questionnaires.
#[derive(Subcommand, Debug)]
pub enum Form {
    /// Define a questionnaire, or a new version of it
    #[command(after_help = "Example: tachiai shelter questionnaire define questionnaire.toml")]
    Define {
        /// The definition, TOML
        file: PathBuf,
    },
    /// Show what somebody in the roster filled in last, at a desk or at home; that it was shown is recorded
    #[command(after_help = "Example: tachiai shelter questionnaire show HANDLE")]
    Show {
        /// The handle, or its first letters
        handle: String,
        /// Which event
        #[command(flatten)]
        which: WhichEvent,
    },
    /// Fill a questionnaire in for somebody in the roster; the answers are asked for, or read from standard input as JSON
    #[command(after_help = "Example: tachiai shelter questionnaire fill HANDLE shelter-medical")]
    Fill {
        /// The handle, or its first letters
        handle: String,
        /// The questionnaire
        questionnaire: String,
        /// Which event
        #[command(flatten)]
        which: WhichEvent,
    },
    /// Have the roster name what somebody filled in, with its urgency
    #[command(after_help = "Example: tachiai shelter questionnaire link HANDLE")]
    Link {
        /// The handle, or its first letters
        handle: String,
        /// Which event
        #[command(flatten)]
        which: WhichEvent,
    },
}

fn definitions(client: &Client) -> Result<Vec<Definition>, Failure> {
    client.get("/api/v1/questionnaires", None)
}

/// What somebody filled in last, under the path of the person's questionnaire, with the questions as they were asked where they still stand so. That it was read is recorded.
///
/// # Errors
/// [`Failure`].
pub(crate) fn read(client: &Client, path: &str) -> Result<(QuestionnaireOf, Option<Definition>), Failure> {
    let found: QuestionnaireOf = client.get(path, None)?;
    let Answers { questionnaire, version, answers: _ } = &found.filled.answers;
    // Of another version a question may ask something else by the same name.
    let definition = definitions(client)?.into_iter().find(|one| (&one.id, &one.version) == (questionnaire, version));
    Ok((found, definition))
}

impl Form {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let l = global.lang();
        let of = |which: &WhichEvent, handle: &str, rest: &str| {
            let handle = which.handle(&client, handle)?;
            which.path(&client, &format!("/people/{handle}/questionnaire{rest}"))
        };
        match self {
            Self::Define { file } => {
                let bytes = std::fs::read(file).map_err(|e| Failure::file(file, &e))?;
                let defined: Definition =
                    client.post_bytes(&format!("{BASE}/questionnaires"), "application/toml", &bytes).map_err(|refused| match refused {
                        Ok(_) => Failure::incomplete("サーバーの応答を読み取れません。", "the server's answer cannot be read."),
                        Err(failure) => failure,
                    })?;
                say(global, &serde_json::json!(defined), || format!("{} {}  {}", defined.id, defined.version, l.pick(&defined.title.ja, &defined.title.en)));
            }
            Self::Show { handle, which } => {
                let (found, definition) = read(&client, &of(which, handle, "")?)?;
                say(global, &serde_json::json!(found), || filled_text(l, definition.as_ref(), &found.filled));
            }
            Self::Fill { handle, questionnaire, which } => {
                let all = definitions(&client)?;
                let unknown = || Failure::refused("その問診票はありません。", "there is no such questionnaire.");
                let definition = all.iter().find(|one| one.id.as_str() == questionnaire).ok_or_else(unknown)?;
                let answers: Answers = answer_form(global, definition)?;
                let kept: tachiai_schemas::shelter::questionnaire::Kept = client.post(&of(which, handle, "")?, None, &answers)?;
                say(global, &serde_json::json!(kept), || format!("{}  {}: {}", kept.hash, l.pick("トリアージ", "triage"), kept.triage.say(l)));
            }
            Self::Link { handle, which } => {
                let done: PersonDone = client.post(&of(which, handle, "/link")?, None, &serde_json::json!({}))?;
                say(global, &serde_json::json!(done), || format!("{}: {}", l.pick("名簿に記録しました", "the roster names it"), done.entry));
            }
        }
        Ok(Exit::Done)
    }
}
