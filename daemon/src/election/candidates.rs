//! Candidates who are out: withdrawn (辞退), died (死亡), or not eligible (却下). Two officials say so, and from then on the board does.

use std::sync::Arc;

use tachiai_schemas::counting::{OutNotice, Recorded};
use tachiai_schemas::election::{Body, Text};
use tachiai_schemas::paper::CandidateOut;
use tachiai_schemas::staff::OutCandidate;
use tachiai_verify::board::Board;

use super::decide::{Command, Decision, decide};
use super::live::Live;
use crate::refused::Refused;

/// Every candidate who is out, by contest and option.
#[must_use]
pub fn outs(board: &Board) -> Vec<OutNotice> {
    let contests = board.manifest().map_or(0, |manifest| manifest.contests.len());
    let of = |contest: u16| board.outs(contest).map(move |(option, reason, leaf)| OutNotice { contest, option, reason, leaf });
    (0..=u16::MAX).take(contests).flat_map(of).collect()
}

/// The same with the names.
#[must_use]
pub fn named(board: &Board) -> Vec<OutCandidate> {
    let Some(manifest) = board.manifest() else { return Vec::new() };
    let named = |notice: OutNotice| {
        let contest = manifest.contests.get(usize::from(notice.contest))?;
        let option = contest.options.get(usize::from(notice.option))?;
        Some(OutCandidate { contest: contest.title.clone(), name: option.name.clone(), notice })
    };
    outs(board).into_iter().filter_map(named).collect()
}

/// The titles of the contests that are held without a poll: those that the manifest lists, and those that became so.
#[must_use]
pub fn without_poll(board: &Board) -> Vec<Text> {
    let Some(manifest) = board.manifest() else { return Vec::new() };
    let became = (0..=u16::MAX).zip(&manifest.contests).filter(|(index, contest)| !board.is_contested(*index, contest)).map(|(_, contest)| &contest.title);
    manifest.uncontested.iter().map(|contest| &contest.title).chain(became).cloned().collect()
}

impl Live {
    /// Every candidate who is out, as the board says.
    #[must_use]
    pub fn outs(&self) -> Vec<OutNotice> {
        outs(&self.board().state.board)
    }

    /// Whether a candidate could be out now.
    ///
    /// # Errors
    /// [`tachiai_schemas::Refusal::CandidateOut`] and what else the rules of the board say.
    pub fn ready_out(&self, out: &CandidateOut) -> Result<(), Refused> {
        decide(&self.board().state, self.services.clock.now(), &Command::Record(Box::new(Body::CandidateOut(*out)))).map(|_: Decision| ())
    }

    /// Puts on the board that a candidate is out. If it says so already, for the same reason, nothing is added.
    ///
    /// # Errors
    /// As [`Self::ready_out`].
    pub async fn take_out(self: &Arc<Self>, out: CandidateOut) -> Result<Recorded, Refused> {
        let _turn = self.acts.lock().await;
        let known = self.board().state.board.outs(out.contest).find(|(option, reason, _)| *option == out.option && *reason == out.reason);
        let leaf = match known {
            Some((_, _, leaf)) => leaf,
            None => self.submit(Command::Record(Box::new(Body::CandidateOut(out)))).await?.leaf,
        };
        tracing::info!(election = %self.id, contest = out.contest, option = out.option, reason = ?out.reason, "a candidate is out");
        Ok(Recorded { election: self.id, leaf })
    }
}
