//! A lot (くじ) between candidates with equally many votes, as it was drawn.

use clap::Args;
use tachiai_schemas::counting::{DroppedLot, LotDrop, LotSigned, LotView, LotWish, LotsView, OutcomeView, Signing, TieView};
use tachiai_schemas::election::{Contest, Manifest};
use tachiai_schemas::paper::Lot;
use tachiai_schemas::{ElectionId, Lang};

use super::keys::{Keys, only_once, print_signing, signed_text};
use super::{contest_of, option_of};
use crate::card::printable;
use crate::cli::{Global, WhichElection};
use crate::client::Client;
use crate::commands::ask::ask_yes;
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
        let standing = lots(&client, id)?;
        let l = global.lang();
        let names = |options: &[u16]| named(l, Some(contest), options);
        let known =
            standing.of(index).map(|view| format!("\n\n{}\n{}", l.pick("署名中のくじ", "the lot that is being signed"), lot_text(l, &pinned.manifest, view)));
        let dropped = standing.dropped_of(index).map(|dropped| format!("\n\n{}", dropped_text(l, &pinned.manifest, dropped)));
        self.keys.agreed(
            global,
            &format!(
                "{}\n{}: {}\n{} {}: {}{}{}",
                global.pick(&contest.title.ja, &contest.title.en),
                global.pick("得票数が同じ候補者", "tied"),
                names(&tie.options),
                global.pick("くじによる当選人 議席", "chosen by lot for seats:"),
                tie.seats,
                names(&chosen),
                known.unwrap_or_default(),
                dropped.unwrap_or_default()
            ),
        )?;
        let lot = Lot { opened: pinned.opened_hash().into(), contest: index, tied: tie.options, chosen };
        let signatures = self.keys.sign(global, &pinned, &lot)?;
        let signed = standing.of(index).filter(|view| view.lot == lot && view.recorded.is_none()).map(|view| view.signed.as_slice()).unwrap_or_default();
        only_once(&pinned.manifest.count_officers, signed, &signatures)?;
        let signing = hand_in_lot(&client, id, &LotSigned { body: lot, signatures, seen: standing.number(index) })?;
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
    after_help = "Example: tachiai election lot-drop --contest council --reason \"wrong name\"\nThe lot is shown with who signed it and, to the second official, why the first one wants it dropped. Exit code 3: a second official has to drop it too. What is\non the board is not dropped."
)]
pub struct LotDropped {
    /// The contest
    #[arg(long, value_name = "ID")]
    contest: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Do not ask for confirmation; the lot is shown nevertheless
    #[arg(long)]
    yes: bool,
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
        let (index, contest) = contest_of(&manifest, &self.contest)?;
        let standing = lots(&client, id)?;
        let known = standing
            .of(index)
            .ok_or_else(|| Failure::refused("この投票に、署名を始めたくじはありません。", "officers have begun to sign no lot of this contest."))?;
        let text = format!("{}\n{}", global.pick(&contest.title.ja, &contest.title.en), lot_text(global.lang(), &manifest, known));
        if global.json {
            eprintln!("{text}")
        } else {
            outln!("{text}")
        }
        let question = global.pick("このくじを取り消しますか？ [y/N] ", "Drop this lot? [y/N] ");
        if !self.yes && !ask_yes(question)? {
            return Err(Failure::refused("取り消しませんでした。", "it was not dropped."));
        }
        let left = drop_of(&client, id, &LotDrop { contest: index, number: known.number, reason: self.reason.clone() })?;
        let view = left.of(index);
        say(global, &serde_json::json!(left), || drop_text(global.lang(), view));
        Ok(if view.is_some() { Exit::Waiting } else { Exit::Done })
    }
}

/// The lots that officers are signing, those on the board, and those that were dropped.
///
/// # Errors
/// [`Failure`].
pub fn lots(client: &Client, id: ElectionId) -> Result<LotsView, Failure> {
    client.get(&format!("/api/v1/elections/{id}/lots"), None)
}

/// Asks for a lot to be dropped; gives those that are left.
///
/// # Errors
/// [`Failure`].
pub fn drop_of(client: &Client, id: ElectionId, dropped: &LotDrop) -> Result<LotsView, Failure> {
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

fn named(lang: Lang, contest: Option<&Contest>, options: &[u16]) -> String {
    let named =
        options.iter().filter_map(|option| contest?.options.get(usize::from(*option))).map(|option| printable(lang.pick(&option.name.ja, &option.name.en)));
    named.collect::<Vec<_>>().join(lang.pick("、", ", "))
}

fn wish_text(lang: Lang, LotWish { by, reason }: &LotWish) -> String {
    let (by, reason) = (printable(by), printable(reason));
    match lang {
        Lang::Ja => format!("{by}（理由: {reason}）"),
        Lang::En => format!("{by} (why: {reason})"),
    }
}

/// A lot in words: who was tied, who was drawn, who entered it, who signed, and who wants it dropped and why.
#[must_use]
pub fn lot_text(lang: Lang, manifest: &Manifest, view: &LotView) -> String {
    let contest = manifest.contests.get(usize::from(view.contest));
    let (tied, chosen) = (named(lang, contest, &view.lot.tied), named(lang, contest, &view.lot.chosen));
    let head = match lang {
        Lang::Ja => format!("得票数が同じ候補者: {tied}\nくじによる当選人: {chosen}"),
        Lang::En => format!("tied: {tied}\nchosen by lot: {chosen}"),
    };
    let by = if view.entered_by.is_empty() {
        String::new()
    } else {
        format!("\n{}: {}", lang.pick("入力した職員", "entered by"), printable(&view.entered_by))
    };
    let wish = view.drop_asked.as_ref().map(|wish| format!("\n{}: {}", lang.pick("取消しを求めた職員", "wants it dropped"), wish_text(lang, wish)));
    format!("{head}{by}\n{}{}", signed_text(lang, &manifest.count_officers, &view.signed), wish.unwrap_or_default())
}

/// A lot that was dropped, in words: who had been drawn, and who dropped it and why.
#[must_use]
pub fn dropped_text(lang: Lang, manifest: &Manifest, DroppedLot { lot, number: _, wishes }: &DroppedLot) -> String {
    let chosen = named(lang, manifest.contests.get(usize::from(lot.contest)), &lot.chosen);
    let [one, other] = wishes.each_ref().map(|wish| wish_text(lang, wish));
    match lang {
        Lang::Ja => format!("取り消したくじ（当選人: {chosen}）\n取り消した職員: {one}、{other}"),
        Lang::En => format!("a lot was dropped (chosen: {chosen})\ndropped by: {one}, {other}"),
    }
}

/// Hands in officers' signatures of a lot.
///
/// # Errors
/// [`Failure`].
pub fn hand_in_lot(client: &Client, id: ElectionId, signed: &LotSigned) -> Result<Signing, Failure> {
    client.post(&format!("/api/v1/elections/{id}/lots"), None, signed)
}
