//! Candidates who are out, as a voter's program learns of them: the server names the leaves, and the board's entries bear them out.

use tachiai_schemas::LeafIndex;
use tachiai_schemas::counting::OutNotice;
use tachiai_schemas::election::{Body, Contest, ContestKind, Manifest};
use tachiai_schemas::entry::Entry;

use super::Pinned;
use super::chain::distrust;
use crate::client::Client;
use crate::failure::Failure;

/// The server gives at most this many proofs at once.
const PROOFS: usize = 32;

/// The candidates who are out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outs(Vec<OutNotice>);

impl Outs {
    /// Whether an option of a contest is out.
    #[must_use]
    pub fn is_out(&self, contest: u16, option: usize) -> bool {
        self.0.iter().any(|out| out.contest == contest && usize::from(out.option) == option)
    }

    /// The notice of an option that is out.
    #[must_use]
    pub fn notice(&self, contest: u16, option: usize) -> Option<&OutNotice> {
        self.0.iter().find(|out| out.contest == contest && usize::from(out.option) == option)
    }

    /// How many options of a contest are left.
    #[must_use]
    pub fn left(&self, index: u16, contest: &Contest) -> usize {
        (0..contest.options.len()).filter(|option| !self.is_out(index, *option)).count()
    }

    /// Whether no poll is held of a contest any more: no more candidates are left than seats (無投票, Public Offices Election Act article 100).
    #[must_use]
    pub fn without_poll(&self, index: u16, contest: &Contest) -> bool {
        contest.kind != ContestKind::Referendum && self.left(index, contest) <= usize::from(contest.seats)
    }

    /// Those of whom the board says so after a leaf.
    pub fn since(&self, leaf: LeafIndex) -> impl Iterator<Item = &OutNotice> {
        self.0.iter().filter(move |out| out.leaf > leaf)
    }

    /// Every one.
    #[must_use]
    pub fn all(&self) -> &[OutNotice] {
        &self.0
    }
}

impl Pinned {
    /// Asks who is out, and checks each answer against the board. That nobody else is, is the server's word.
    ///
    /// # Errors
    /// [`Failure`] (1) when an entry does not say so.
    pub fn outs(&self, client: &Client) -> Result<Outs, Failure> {
        let told: Vec<OutNotice> = client.get(&format!("/api/v1/elections/{}/candidates-out", self.election), None)?;
        for part in told.chunks(PROOFS) {
            let leaves: Vec<LeafIndex> = part.iter().map(|out| out.leaf).collect();
            let proven = self.proven(client, &leaves)?;
            let checkpoint = self.included(&leaves, &proven)?;
            self.newest(client, &[&checkpoint])?;
            for (out, proven) in part.iter().zip(&proven) {
                if !says(&self.manifest, out, &proven.entry.0) {
                    return Err(distrust(
                        "候補者でなくなったという通知が掲示板の記録と一致しません",
                        "what the server says of a candidate who is out is not what the board holds",
                    ));
                }
            }
        }
        Ok(Outs(told))
    }
}

/// Whether an entry says that somebody of the manifest is out.
fn says(manifest: &Manifest, out: &OutNotice, entry: &[u8]) -> bool {
    let OutNotice { contest, option, reason, leaf: _ } = out;
    let listed = manifest.contests.get(usize::from(*contest)).is_some_and(|contest| usize::from(*option) < contest.options.len());
    let entry = Entry::from_bytes(entry).ok();
    let body = entry.and_then(|entry| if let Body::CandidateOut(body) = entry.body { Some(body) } else { None });
    listed && body.is_some_and(|body| (body.contest, body.option, body.reason) == (*contest, *option, *reason))
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::election::{Choice, ContestOption, Text};
    use tachiai_schemas::paper::OutReason;

    use super::*;

    fn contest(seats: u16, options: usize) -> Contest {
        let text = |text: &str| Text { ja: text.to_owned(), en: text.to_owned() };
        let options = (0..options).map(|option| ContestOption { id: format!("o{option}"), name: text("name") }).collect();
        let kind = if seats == 1 { ContestKind::Mayor } else { ContestKind::Council };
        Contest { id: "c".to_owned(), title: text("title"), kind, seats, choose: Choice::UpTo(1), options, districts: None }
    }

    fn out(option: u16, leaf: u64) -> OutNotice {
        OutNotice { contest: 0, option, reason: OutReason::Withdrawn, leaf: LeafIndex(leaf) }
    }

    #[test]
    fn a_contest_is_without_a_poll_when_no_more_are_left_than_seats() {
        let (mayor, council) = (contest(1, 3), contest(2, 3));
        assert!(!Outs(vec![out(0, 7)]).without_poll(0, &mayor));
        assert!(Outs(vec![out(0, 7), out(2, 9)]).without_poll(0, &mayor));
        assert!(Outs(vec![out(1, 7)]).without_poll(0, &council));
        assert!(!Outs(vec![out(1, 7)]).without_poll(1, &council));
    }

    #[test]
    fn only_those_who_are_out_since_a_leaf_are_told() {
        let outs = Outs(vec![out(0, 7), out(2, 9)]);
        assert_eq!(outs.since(LeafIndex(7)).map(|out| out.option).collect::<Vec<_>>(), [2]);
        assert!(outs.is_out(0, 2) && !outs.is_out(0, 1) && !outs.is_out(1, 2));
    }
}
