//! What is still out in an event: entries that terminals numbered and nobody brought, terminals that fell silent or were copied, what was set aside, conflicts, people who
//! are present, shelters that are not closed.

use std::collections::BTreeSet;
use std::ops::Range;

use tachiai_schemas::roster::hand_in::Copied;
use tachiai_schemas::roster::{Hlc, OpenState, TerminalId, TerminalStatus};
use tachiai_schemas::shelter::case::{Outstanding, Silence, TerminalOut};
use tachiai_verify::roster::Terminal;

use super::{Event, terminals};
use crate::refused::Refused;

/// A terminal from which something may still come; none if nothing does. Numbers on which officials decided are not missed.
fn out(terminal: &Terminal, decided: Option<&BTreeSet<u64>>, now: Hlc) -> Option<TerminalOut> {
    let known = |gap: Range<u64>| decided.map_or(0, |decided| decided.range(gap).count() as u64);
    let missing = terminal.missing() - terminal.gaps().map(known).sum::<u64>();
    let is_old = terminal.latest.is_none_or(|latest| latest.millis().saturating_add(Outstanding::SILENT) < now.millis());
    let silence = match terminal.state.status {
        TerminalStatus::Admitted if is_old => Silence::Silent,
        TerminalStatus::Admitted | TerminalStatus::Revoked => Silence::No,
    };
    let (state, copied) = (&terminal.state, terminals::copied(terminal));
    let of = TerminalOut { terminal: state.terminal.clone(), shelter: state.shelter.clone(), missing, latest: terminal.latest, silence, copied };
    (missing > 0 || silence == Silence::Silent || copied == Copied::Twice).then_some(of)
}

impl Event {
    /// What is still out.
    ///
    /// # Errors
    /// [`tachiai_schemas::Refusal::Fault`] if what was set aside cannot be read.
    pub fn outstanding(&self) -> Result<Outstanding, Refused> {
        let asides = self.undecided()?.len() as u64;
        let (now, decided) = (self.now(), self.private.state().numbers.clone());
        let published = self.published();
        let of = |(name, terminal): (&TerminalId, &Terminal)| out(terminal, decided.get(name), now);
        let groups = published.roster.groups();
        let open = published.roster.shelters().filter(|shelter| shelter.state != OpenState::Closed);
        Ok(Outstanding {
            terminals: published.roster.terminals().iter().filter_map(of).collect(),
            asides,
            conflicts: groups.iter().filter(|group| group.conflict().is_some()).count() as u64,
            present: groups.iter().filter(|group| group.is_present()).count() as u64,
            shelters: open.map(|shelter| shelter.shelter.clone()).collect(),
        })
    }
}
