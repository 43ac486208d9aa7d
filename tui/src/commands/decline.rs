//! What was asked for is not to be done: whoever asked withdraws it, or another official declines it.

use clap::Args;
use tachiai_schemas::Lang;
use tachiai_schemas::staff::{Decline, Declined};

use crate::card::printable;
use crate::cli::Global;
use crate::client::Client;
use crate::commands::say;
use crate::failure::{Exit, Failure};

/// Withdraw what you asked for, or decline what another official asked for.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  tachiai decline k3v7q2xm\n  tachiai decline k3v7q2xm --reason \"the roll is not the newest\"")]
pub struct DeclineCommand {
    /// The ID that the first official's command printed
    id: String,
    /// Why; needed of whoever did not ask for it
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

impl DeclineCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        decline_of(&client, &self.id, self.reason.as_deref())?;
        say(global, &serde_json::json!({ "declined": self.id }), || done_text(global.lang(), &self.id, self.reason.is_some()));
        Ok(Exit::Done)
    }
}

/// Withdraws or declines it.
///
/// # Errors
/// [`Failure`].
pub fn decline_of(client: &Client, id: &str, reason: Option<&str>) -> Result<(), Failure> {
    client.post_nothing(&format!("/api/v1/approvals/{id}/decline"), &Decline { reason: reason.map(ToOwned::to_owned) })
}

/// What one asked for and was declined or withdrawn within a day.
///
/// # Errors
/// [`Failure`].
pub fn declined(client: &Client) -> Result<Vec<Declined>, Failure> {
    client.get("/api/v1/approvals/declined", None)
}

/// That it is done, in words.
#[must_use]
pub fn done_text(lang: Lang, id: &str, with_reason: bool) -> String {
    match (lang, with_reason) {
        (Lang::Ja, true) => format!("申請 {id} を却下しました。申請した職員の画面の「承認待ち」に、理由とともに出ます。"),
        (Lang::Ja, false) => format!("申請 {id} を取り下げました。"),
        (Lang::En, true) => format!("request {id} is declined. Whoever asked for it sees so, with the reason, under Approvals."),
        (Lang::En, false) => format!("request {id} is withdrawn."),
    }
}

/// One line about a request that was declined or withdrawn.
#[must_use]
pub fn declined_text(lang: Lang, declined: &Declined) -> String {
    let Declined { pending, by, at, reason } = declined;
    let (id, by, at) = (&pending.id, printable(by), at.in_japan(lang));
    match (lang, reason) {
        (Lang::Ja, Some(reason)) => format!("あなたの申請 {id} は、{by}さんが却下しました（{at}）。理由: {}", printable(reason)),
        (Lang::Ja, None) => format!("申請 {id} は取り下げました（{at}）。"),
        (Lang::En, Some(reason)) => format!("{by} declined your request {id} ({at}): {}", printable(reason)),
        (Lang::En, None) => format!("You withdrew request {id} ({at})."),
    }
}
