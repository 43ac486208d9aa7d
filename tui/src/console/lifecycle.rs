//! The life of an election as steps: which are done, which one is at hand, and what is missing for it. Pure.

use tachiai_crypto::ceremony::Quorum;
use tachiai_schemas::Timestamp;
use tachiai_schemas::counting::OutcomeView;
use tachiai_schemas::election::{Authority, Text};
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::staff::{Act, ElectionStatus};

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Roll and trustees are listed, and the manifest is fixed.
    Prepare,
    /// The trustees make the key.
    Ceremony,
    /// Voting opens.
    Open,
    /// Online voting closes.
    CloseOnline,
    /// The poll closes.
    ClosePoll,
    /// The trustees sign what is to be decrypted.
    Statement,
    /// The ballots are decrypted in sums and counted.
    Count,
    /// Papers and lots are in, and the result is published.
    Publish,
    /// The witnesses cosign what was published; the record is taken away, and the papers are printed.
    Keep,
}

impl Step {
    /// In their order.
    pub const ALL: [Self; 9] =
        [Self::Prepare, Self::Ceremony, Self::Open, Self::CloseOnline, Self::ClosePoll, Self::Statement, Self::Count, Self::Publish, Self::Keep];
}

/// How a step stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is behind.
    Done,
    /// It is at hand, and this is missing.
    Now(Vec<Missing>),
    /// Others come first.
    Later,
}

/// Something that is missing for a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// The roll.
    Roll,
    /// The cards of trustees: so many are listed of so many.
    Trustees(usize, u8),
    /// A file of these trustees.
    Files(File, Vec<String>),
    /// A file of some of the trustees: as many as have to have not handed it in.
    Enough {
        /// Which.
        file: File,
        /// How many handed it in.
        have: usize,
        /// How many have to.
        need: u8,
        /// Who has not.
        names: Vec<String>,
    },
    /// It is too early until then.
    Early(Timestamp),
    /// A second official for what was asked for under this ID.
    Second(String),
    /// Two officials for this act.
    Officials(Act),
    /// The counts of the papers of these contests.
    Papers(Vec<Text>),
    /// Lots in these contests.
    Lots(Vec<Text>),
    /// Nobody has started the ceremony.
    Start,
    /// Nothing that the appliance knows of: the record and the papers are taken away.
    Record,
    /// The cosignatures of enough witnesses; these are behind.
    Witnesses(Vec<String>),
}

/// What a trustee hands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum File {
    /// The first round of the ceremony.
    Commit,
    /// The second.
    Deal,
    /// The third.
    Confirm,
    /// The signature of the tally statement.
    Signature,
    /// The shares of the decryption.
    Shares,
}

impl File {
    /// In their order.
    pub const ALL: [Self; 5] = [Self::Commit, Self::Deal, Self::Confirm, Self::Signature, Self::Shares];

    /// The name that the appliance uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Deal => "deal",
            Self::Confirm => "confirm",
            Self::Signature => "tally-signature",
            Self::Shares => "shares",
        }
    }
}

/// Every step with its standing.
#[must_use]
pub fn steps(status: &ElectionStatus, outcome: Option<&OutcomeView>, now: Timestamp) -> Vec<(Step, Standing)> {
    let at_hand = at_hand(status);
    let place = Step::ALL.iter().position(|step| *step == at_hand).unwrap_or(Step::ALL.len());
    let standing = |here: usize, step: Step| match here.cmp(&place) {
        std::cmp::Ordering::Less => Standing::Done,
        std::cmp::Ordering::Equal => Standing::Now(missing(status, step, outcome, now)),
        std::cmp::Ordering::Greater => Standing::Later,
    };
    Step::ALL.into_iter().enumerate().map(|(here, step)| (step, standing(here, step))).collect()
}

/// What is still missing of an election that is published, besides any step.
#[must_use]
pub fn afterwards(status: &ElectionStatus) -> Option<Missing> {
    let missing: Vec<String> = status.witnesses_missing().into_iter().map(str::to_owned).collect();
    (status.summary.phase == Phase::Published && !missing.is_empty()).then_some(Missing::Witnesses(missing))
}

/// The step that is at hand.
fn at_hand(status: &ElectionStatus) -> Step {
    match status.summary.phase {
        Phase::Draft => Step::Prepare,
        Phase::Ceremony if without(status, File::Confirm).is_empty() => Step::Open,
        Phase::Ceremony => Step::Ceremony,
        Phase::Open => Step::CloseOnline,
        Phase::OnlineClosed => Step::ClosePoll,
        Phase::PollClosed => Step::Statement,
        Phase::Tallying => Step::Count,
        Phase::Tallied => Step::Publish,
        Phase::Published => Step::Keep,
    }
}

/// The names of the trustees of whom a file is not here.
fn without(status: &ElectionStatus, file: File) -> Vec<String> {
    let lacks = status.trustees.iter().filter(|trustee| trustee.received.iter().all(|name| name != file.name()));
    lacks.map(|trustee| trustee.name.clone()).collect()
}

fn missing(status: &ElectionStatus, step: Step, outcome: Option<&OutcomeView>, now: Timestamp) -> Vec<Missing> {
    let summary = &status.summary;
    let roll = (status.electors == 0).then_some(Missing::Roll);
    // Only mock elections may close before their time.
    let early = |at: Timestamp| (summary.authority != Authority::Mock && now < at).then_some(Missing::Early(at));
    let files = |file: File| Some(without(status, file)).filter(|names| !names.is_empty()).map(|names| Missing::Files(file, names));
    let enough = |file: File, need: u8| {
        let names = without(status, file);
        let have = status.trustees.len().saturating_sub(names.len());
        (have < usize::from(need)).then_some(Missing::Enough { file, have, need, names })
    };
    // A correction of the roll may wait as well: it is none of the steps.
    let act = |act: Act| match status.pending.iter().find(|pending| pending.matter.act() == Some(act)) {
        Some(pending) => Missing::Second(pending.id.clone()),
        None => Missing::Officials(act),
    };
    let (before, last) = match step {
        Step::Prepare => {
            let trustees = (status.trustees_missing() > 0).then_some(Missing::Trustees(status.trustees.len(), status.trustees_wanted));
            let start = (status.electors > 0 && status.trustees_missing() == 0).then_some(Missing::Start);
            (vec![roll, trustees, start], None)
        }
        Step::Ceremony => {
            let round = [File::Commit, File::Deal, File::Confirm].into_iter().find_map(files);
            (vec![round, roll], None)
        }
        Step::Open => (vec![roll], Some(act(Act::Open))),
        Step::CloseOnline => (vec![early(summary.online_closes)], Some(act(Act::CloseOnline))),
        Step::ClosePoll => (vec![early(summary.poll_closes)], Some(act(Act::ClosePoll))),
        Step::Statement => {
            let quorum = Quorum::new(status.trustees_wanted, status.quorum).map(Quorum::statement_quorum).unwrap_or(status.trustees_wanted);
            (vec![enough(File::Signature, quorum)], None)
        }
        Step::Count => match enough(File::Shares, status.quorum) {
            Some(missing) => (vec![Some(missing)], None),
            None => (Vec::new(), Some(act(Act::Count))),
        },
        Step::Keep => (vec![afterwards(status)], Some(Missing::Record)),
        Step::Publish => {
            let of = |which: &dyn Fn(&tachiai_schemas::counting::ContestOutcome) -> bool| -> Vec<Text> {
                outcome.into_iter().flat_map(|outcome| &outcome.contests).filter(|contest| which(contest)).map(|contest| contest.title.clone()).collect()
            };
            let papers = of(&|contest| contest.papers_missing);
            let lots = of(&|contest| contest.tie.as_ref().is_some_and(|tie| !tie.decided));
            let some = |texts: Vec<Text>, kind: fn(Vec<Text>) -> Missing| (!texts.is_empty()).then(|| kind(texts));
            (vec![some(papers, Missing::Papers), some(lots, Missing::Lots)], Some(act(Act::Publish)))
        }
    };
    before.into_iter().flatten().chain(last).collect()
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::staff::Pending;

    use super::*;
    use crate::console::tests::samples;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn now_of(status: &ElectionStatus, time: &str) -> (Step, Vec<Missing>) {
        let steps = steps(status, None, at(time));
        let mut current = steps.into_iter().filter_map(|(step, standing)| if let Standing::Now(missing) = standing { Some((step, missing)) } else { None });
        let found = current.next().unwrap();
        assert!(current.next().is_none(), "one step is at hand");
        found
    }

    #[test]
    fn a_draft_needs_roll_and_trustees_and_then_to_be_started() {
        let mut status = samples::election_status(Phase::Draft);
        (status.electors, status.trustees) = (0, Vec::new());
        assert_eq!(now_of(&status, "2026-11-01T00:00:00Z"), (Step::Prepare, vec![Missing::Roll, Missing::Trustees(0, 5)]));
        let status = samples::election_status(Phase::Draft);
        assert_eq!(now_of(&status, "2026-11-01T00:00:00Z"), (Step::Prepare, vec![Missing::Start]));
    }

    #[test]
    fn a_ceremony_waits_for_its_round_and_names_whose_file_is_missing() {
        let mut status = samples::election_status(Phase::Ceremony);
        for (trustee, received) in status.trustees.iter_mut().zip([&["commit", "deal"][..], &["commit"]]) {
            trustee.received = received.iter().map(|name| (*name).to_owned()).collect();
        }
        status.trustees.truncate(2);
        let names = vec![status.trustees[1].name.clone()];
        assert_eq!(now_of(&status, "2026-11-01T00:00:00Z"), (Step::Ceremony, vec![Missing::Files(File::Deal, names)]));
        for trustee in &mut status.trustees {
            trustee.received.push("confirm".to_owned());
        }
        assert_eq!(now_of(&status, "2026-11-01T00:00:00Z"), (Step::Open, vec![Missing::Officials(Act::Open)]));
    }

    #[test]
    fn an_election_by_law_closes_at_its_time_and_a_mock_election_before_it_too() {
        let mut status = samples::election_status(Phase::Open);
        status.summary.authority = Authority::Statutory;
        let closes = status.summary.online_closes;
        assert_eq!(now_of(&status, "2026-11-26T00:00:00Z").1, [Missing::Early(closes), Missing::Officials(Act::CloseOnline)]);
        assert_eq!(now_of(&status, &closes.to_string()).1, [Missing::Officials(Act::CloseOnline)]);
        status.summary.authority = Authority::Mock;
        assert_eq!(now_of(&status, "2026-11-26T00:00:00Z").1, [Missing::Officials(Act::CloseOnline)]);
    }

    #[test]
    fn what_was_asked_for_waits_for_its_second_official() {
        let mut status = samples::election_status(Phase::Open);
        status.pending = vec![samples::waiting()[0].shown.pending.clone()];
        assert_eq!(now_of(&status, "2026-11-26T00:00:00Z").1, [Missing::Second("k3v7q2xm".to_owned())]);
    }

    #[test]
    fn what_waits_besides_the_step_holds_no_step_up() {
        let mut status = samples::election_status(Phase::Open);
        let other = samples::long_change().shown.pending;
        status.pending = vec![other, Pending { id: "closes".to_owned(), ..samples::waiting()[0].shown.pending.clone() }];
        assert_eq!(now_of(&status, "2026-11-26T00:00:00Z").1, [Missing::Second("closes".to_owned())]);
        status.pending.truncate(1);
        let (_, missing) = now_of(&status, "2026-11-30T00:00:00Z");
        assert!(matches!(missing.last(), Some(Missing::Officials(Act::CloseOnline))), "{missing:?}");
    }

    #[test]
    fn it_is_counted_as_soon_as_enough_trustees_shared_and_not_before() {
        let mut status = samples::election_status(Phase::Tallying);
        let all = status.trustees.len();
        let missing =
            Missing::Enough { file: File::Shares, have: 0, need: status.quorum, names: status.trustees.iter().map(|trustee| trustee.name.clone()).collect() };
        assert_eq!(now_of(&status, "2026-12-01T00:00:00Z").1, [missing]);
        let need = usize::from(status.quorum);
        assert!(need < all);
        for trustee in status.trustees.iter_mut().take(need) {
            trustee.received.push("shares".to_owned());
        }
        assert_eq!(now_of(&status, "2026-12-01T00:00:00Z").1, [Missing::Officials(Act::Count)]);
    }

    #[test]
    fn what_was_published_is_kept_and_may_lack_witnesses() {
        let mut status = samples::election_status(Phase::Published);
        assert_eq!(now_of(&status, "2026-12-01T00:00:00Z"), (Step::Keep, vec![Missing::Record]));
        assert_eq!(afterwards(&status), None);
        for witness in &mut status.witnesses {
            witness.size = Some(1);
        }
        assert!(matches!(afterwards(&status), Some(Missing::Witnesses(names)) if names.len() == 3));
        status.summary.phase = Phase::Tallied;
        assert_eq!(afterwards(&status), None);
    }
}
