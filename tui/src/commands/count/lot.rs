//! A lot (くじ) between candidates with equally many votes, as it was drawn.

use clap::Args;
use tachiai_schemas::counting::{LotDrop, LotSigned, LotView, OutcomeView, Signing, TieView};
use tachiai_schemas::election::{Contest, Manifest};
use tachiai_schemas::paper::{Lot, OfficerSignature};
use tachiai_schemas::{ElectionId, Lang};

use super::keys::{Keys, only_once, print_signing, signed_text};
use super::{contest_of, option_of};
use crate::card::printable;
use crate::cli::{Global, WhichElection};
use crate::client::Client;
use crate::commands::say;
use crate::failure::{Exit, Failure};

/// A lot that was drawn.
#[derive(Args, Debug)]
#[command(
    after_help = "Example: tachiai election lot --contest council --chosen sato --key manager.key --key witness-1.key --key witness-2.key\nThe lot is drawn on the table, by the manager before the witnesses (Public Offices Election Act, article 95 (2)); this records it. Exit code 3: more\nofficers have to sign."
)]
pub struct DrawnLot {
    /// The contest
    #[arg(long, value_name = "ID")]
    contest: String,
    /// Who got a seat by the lot, separated by commas
    #[arg(long, value_name = "ID[,ID…]", value_delimiter = ',', required = true)]
    chosen: Vec<String>,
    #[command(flatten)]
    keys: Keys,
    /// Which election
    #[command(flatten)]
    which: WhichElection,
}

impl DrawnLot {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let id = self.which.find(&client)?;
        let pinned = self.keys.pinned(&client, id)?;
        let (index, contest) = contest_of(&pinned.manifest, &self.contest)?;
        let tie = tie(&client, id, index)?;
        let mut chosen = self.chosen.iter().map(|option| option_of(contest, option)).collect::<Result<Vec<_>, _>>()?;
        chosen.sort_unstable();
        chosen.dedup();
        let names = |options: &[u16]| {
            let named = options.iter().filter_map(|option| contest.options.get(usize::from(*option)));
            named.map(|option| global.pick(&option.name.ja, &option.name.en)).collect::<Vec<_>>().join("、")
        };
        self.keys.agreed(
            global,
            &format!(
                "{}\n{}: {}\n{} {}: {}",
                global.pick(&contest.title.ja, &contest.title.en),
                global.pick("得票数が同じ候補者", "tied"),
                names(&tie.options),
                global.pick("くじによる当選人 議席", "chosen by lot for seats:"),
                tie.seats,
                names(&chosen)
            ),
        )?;
        let lot = Lot { opened: pinned.opened_hash().into(), contest: index, tied: tie.options, chosen };
        let signatures = self.keys.sign(global, &pinned, &lot)?;
        let signed = lots(&client, id)?.into_iter().find(|view| view.lot == lot && view.recorded.is_none()).map(|view| view.signed).unwrap_or_default();
        only_once(&pinned.manifest.count_officers, &signed, &signatures)?;
        let signing = hand_in_lot(&client, id, lot, signatures)?;
        Ok(print_signing(global, &signing))
    }
}

/// Who is tied in a contest, for how many seats.
///
/// # Errors
/// [`Failure`] if nobody is.
pub fn tie(client: &Client, id: ElectionId, contest: u16) -> Result<TieView, Failure> {
    let outcome: OutcomeView = client.get(&format!("/api/v1/elections/{id}/outcome"), None)?;
    let tie = outcome.contests.into_iter().find(|outcome| outcome.contest == Some(contest)).and_then(|outcome| outcome.tie);
    tie.filter(|tie| !tie.decided).ok_or_else(|| {
        Failure::refused("この投票にくじは必要ありません（tachiai election result）。", "no lot is needed for this contest (tachiai election result).")
    })
}

/// Drops a lot that was entered wrongly.
#[derive(Args, Debug)]
#[command(
    after_help = "Example: tachiai election lot-drop --contest council --reason \"wrong name\"\nExit code 3: a second official has to drop it too. What is on the board is not dropped."
)]
pub struct LotDropped {
    /// The contest
    #[arg(long, value_name = "ID")]
    contest: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Which election
    #[command(flatten)]
    which: WhichElection,
}

impl LotDropped {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let id = self.which.find(&client)?;
        let manifest = crate::voter::manifest(&client, id)?;
        let (index, _) = contest_of(&manifest, &self.contest)?;
        let known = lots(&client, id)?
            .into_iter()
            .find(|view| view.contest == index)
            .ok_or_else(|| Failure::refused("この投票に、署名を始めたくじはありません。", "officers have begun to sign no lot of this contest."))?;
        let left = drop_of(&client, id, &LotDrop { lot: known.lot, reason: self.reason.clone() })?;
        let view = left.iter().find(|view| view.contest == index);
        say(global, &serde_json::json!(left), || drop_text(global.lang(), view));
        Ok(if view.is_some() { Exit::Waiting } else { Exit::Done })
    }
}

/// The lots that officers are signing, and those on the board.
///
/// # Errors
/// [`Failure`].
pub fn lots(client: &Client, id: ElectionId) -> Result<Vec<LotView>, Failure> {
    client.get(&format!("/api/v1/elections/{id}/lots"), None)
}

/// Asks for a lot to be dropped; gives those that are left.
///
/// # Errors
/// [`Failure`].
pub fn drop_of(client: &Client, id: ElectionId, dropped: &LotDrop) -> Result<Vec<LotView>, Failure> {
    client.post(&format!("/api/v1/elections/{id}/lots/drop"), None, dropped)
}

/// What became of a lot that was to be dropped: it is still there until a second official drops it.
#[must_use]
pub fn drop_text(lang: Lang, left: Option<&LotView>) -> String {
    let said = match left {
        Some(_) => lang.pick(
            "くじの取消しを受け付けました。もう一人の職員が自分の画面で取り消すと、くじと署名が取り消されます。",
            "Your wish to drop the lot is recorded. It is dropped, with its signatures, when another official drops it on their own screen.",
        ),
        None => lang.pick(
            "くじとその署名を取り消しました。正しい結果を、初めから署名し直してください。",
            "The lot and its signatures are dropped. Have the right one signed anew, from the beginning.",
        ),
    };
    said.to_owned()
}

/// A lot in words: who was tied, who was drawn, who entered it and who signed.
#[must_use]
pub fn lot_text(lang: Lang, manifest: &Manifest, view: &LotView) -> String {
    let contest: Option<&Contest> = manifest.contests.get(usize::from(view.contest));
    let names = |options: &[u16]| {
        let named =
            options.iter().filter_map(|option| contest?.options.get(usize::from(*option))).map(|option| printable(lang.pick(&option.name.ja, &option.name.en)));
        named.collect::<Vec<_>>().join(lang.pick("、", ", "))
    };
    let (tied, chosen) = (names(&view.lot.tied), names(&view.lot.chosen));
    let head = match lang {
        Lang::Ja => format!("得票数が同じ候補者: {tied}\nくじによる当選人: {chosen}"),
        Lang::En => format!("tied: {tied}\nchosen by lot: {chosen}"),
    };
    let by = if view.entered_by.is_empty() {
        String::new()
    } else {
        format!("\n{}: {}", lang.pick("入力した職員", "entered by"), printable(&view.entered_by))
    };
    format!("{head}{by}\n{}", signed_text(lang, &manifest.count_officers, &view.signed))
}

/// Hands in officers' signatures of a lot.
///
/// # Errors
/// [`Failure`].
pub fn hand_in_lot(client: &Client, id: ElectionId, lot: Lot, signatures: Vec<OfficerSignature>) -> Result<Signing, Failure> {
    client.post(&format!("/api/v1/elections/{id}/lots"), None, &LotSigned { body: lot, signatures })
}
