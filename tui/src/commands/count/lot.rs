//! A lot (くじ) between candidates with equally many votes, as it was drawn.

use clap::Args;
use tachiai_schemas::ElectionId;
use tachiai_schemas::counting::{LotSigned, OutcomeView, Signing, TieView};
use tachiai_schemas::paper::{Lot, OfficerSignature};

use super::keys::{Keys, print_signing};
use super::{contest_of, option_of};
use crate::cli::{Global, WhichElection};
use crate::client::Client;
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

/// Hands in officers' signatures of a lot.
///
/// # Errors
/// [`Failure`].
pub fn hand_in_lot(client: &Client, id: ElectionId, lot: Lot, signatures: Vec<OfficerSignature>) -> Result<Signing, Failure> {
    client.post(&format!("/api/v1/elections/{id}/lots"), None, &LotSigned { body: lot, signatures })
}
