//! Where an election stands, in words: for lists, for staff, for trustees.

use std::collections::{BTreeMap, BTreeSet};

use tachiai_schemas::receipt::{ElectionSummary, Phase};
use tachiai_schemas::staff::{Act, ElectionStatus, NextDeed, Pending, TrusteeStatus};
use tachiai_schemas::{Lang, Refusal, TrusteeIndex};
use tachiai_verify::board::Board;

use super::live::Live;
use super::private::PrivateState;
use super::state::BoardState;
use crate::refused::Refused;

impl Live {
    /// The election in a list.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for an election whose creation was interrupted.
    pub fn summary(&self) -> Result<ElectionSummary, Refused> {
        let published = self.board();
        let private = self.private();
        let board = &published.state.board;
        let spec = private.spec.as_ref().ok_or(Refusal::NotFound)?;
        Ok(ElectionSummary {
            election: self.id,
            title: spec.title.clone(),
            authority: spec.authority,
            phase: board.phase(),
            opens: spec.opens,
            online_closes: spec.online_closes,
            poll_closes: spec.poll_closes,
            opened: board.opened().map(|opened| opened.leaf()),
            size: published.state.tree.len(),
        })
    }

    /// Where it stands, for staff and trustees; `pending` are the acts that wait for a second official.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for an election whose creation was interrupted.
    pub fn status(&self, pending: Vec<Pending>) -> Result<ElectionStatus, Refused> {
        let summary = self.summary()?;
        // Before the board is held, since it is looked at there as well.
        let witnesses = self.witness_status();
        let published = self.board();
        let private = self.private();
        let state = &published.state;
        let board = &state.board;
        let trustees = trustees(state, &private);
        let ([next_ja, next_en], next_deed) = next(state, &private, &trustees, &pending);
        let mut status = ElectionStatus {
            summary,
            electors: private.roll.map_or(0, |roll| roll.electors),
            manifest: board.manifest_hash().map(Into::into),
            fingerprint: board.fingerprint().map(|fingerprint| fingerprint.to_string()),
            trustees_wanted: private.spec.as_ref().map_or(0, |spec| spec.trustees),
            quorum: private.spec.as_ref().map_or(0, |spec| spec.quorum),
            trustees,
            run: board.run().number(),
            witness_quorum: board.manifest().map_or(0, |manifest| manifest.witnesses.quorum),
            witnesses,
            registrations: board.registrations(),
            ballots: board.ballots(),
            counted: board.counted_ballots(),
            out: super::candidates::named(board),
            without_poll: super::candidates::without_poll(board),
            pending,
            next_ja,
            next_en,
            next_deed,
        };
        let missing = status.witnesses_missing();
        if board.phase() == Phase::Published && !missing.is_empty() {
            let (names, quorum) = (missing.join(", "), status.witness_quorum);
            status.next_ja = format!("公表した記録に証人 {quorum} 名の連署が揃うのを待ってください(未了:{names})。揃うまで記録は検証で「不完全」になります。");
            status.next_en =
                format!("Wait for the witnesses to cosign the published record ({quorum} must; not yet: {names}). Until then it verifies as incomplete.");
        }
        Ok(status)
    }
}

fn trustees(state: &BoardState, private: &PrivateState) -> Vec<TrusteeStatus> {
    let rounds = &state.rounds;
    let signed: Vec<TrusteeIndex> = match state.board.phase() {
        Phase::PollClosed | Phase::Tallying | Phase::Tallied | Phase::Published => private.tally_signatures.keys().map(|(_, trustee)| *trustee).collect(),
        _ => Vec::new(),
    };
    let indices = (1..).map_while(|index| TrusteeIndex::new(index).ok());
    indices
        .zip(&private.trustees)
        .map(|(trustee, card)| {
            let rounds: [(&str, bool); 5] = [
                ("commit", rounds.commits.contains_key(&trustee)),
                ("deal", rounds.deals.contains_key(&trustee)),
                ("confirm", rounds.confirms.contains_key(&trustee)),
                ("tally-signature", signed.contains(&trustee)),
                ("shares", rounds.shares.contains_key(&trustee)),
            ];
            let received = rounds.into_iter().filter(|(_, here)| *here).map(|(name, _)| name.to_owned()).collect();
            TrusteeStatus { trustee, name: card.name.clone(), signing_key: card.signing_key, received }
        })
        .collect()
}

/// How many trustees have signed a tally statement that is not on the board yet, and how many have to.
#[must_use]
pub fn signed(board: &Board, private: &PrivateState) -> (usize, u8) {
    let signed: BTreeSet<TrusteeIndex> = private.tally_signatures.keys().map(|(_, trustee)| *trustee).collect();
    (signed.len(), board.quorum().map_or(0, |quorum| quorum.statement_quorum()))
}

/// The names of the trustees of whom a file is missing.
fn waiting(trustees: &[TrusteeStatus], file: &str) -> Option<String> {
    let names: Vec<&str> = trustees.iter().filter(|trustee| !trustee.received.iter().any(|name| name == file)).map(|trustee| trustee.name.as_str()).collect();
    (!names.is_empty()).then(|| names.join("、"))
}

fn next(state: &BoardState, private: &PrivateState, trustees: &[TrusteeStatus], pending: &[Pending]) -> ([String; 2], Option<NextDeed>) {
    let board = &state.board;
    // Something else of the election may wait as well, such as a correction of the roll: it holds up no step.
    let at_hand = Act::after(board.phase());
    if let Some(act) = pending.iter().find(|pending| at_hand.is_some() && pending.matter.act() == at_hand) {
        let (id, by) = (&act.id, &act.requested_by);
        let said = [format!("{by}さんの申請 {id} を、別の職員が承認してください。"), format!("Another official must approve {id}, which {by} asked for.")];
        return (said, Some(NextDeed::Approve));
    }
    match board.phase() {
        Phase::Draft => draft(private),
        Phase::Ceremony => ceremony(private, trustees),
        Phase::Open => {
            let closes = |lang| board.manifest().map(|manifest| manifest.online_closes.in_japan(lang)).unwrap_or_default();
            let said = [
                format!("オンライン投票の受付は{}までです。その後、職員2人で締め切ってください。", closes(Lang::Ja)),
                format!("Online voting goes on until {}. Then two officials close it.", closes(Lang::En)),
            ];
            (said, Some(NextDeed::CloseOnline))
        }
        Phase::OnlineClosed => {
            let closes = |lang| board.manifest().map(|manifest| manifest.poll_closes.in_japan(lang)).unwrap_or_default();
            let said = [
                format!("投票所の投票は{}までです。その後、職員2人で投票を締め切ってください。", closes(Lang::Ja)),
                format!("The poll goes on until {}. Then two officials close it.", closes(Lang::En)),
            ];
            (said, Some(NextDeed::ClosePoll))
        }
        Phase::PollClosed => {
            let names = waiting(trustees, "tally-signature").unwrap_or_default();
            let (have, need) = signed(board, private);
            let all = trustees.len();
            let said = [
                format!("立会人は記録を検証し、集計宣言に署名してください({need}人以上の署名が要ります。{all}人のうち{have}人が署名済み。未提出:{names})。"),
                format!("The trustees verify the record and sign the tally statement ({need} have to; {have} of {all} signed; not yet: {names})."),
            ];
            (said, None)
        }
        Phase::Tallying => {
            let (have, need) = (state.rounds.shares.len(), board.quorum().map_or(0, |quorum| usize::from(quorum.threshold())));
            if have < need {
                let (names, all) = (waiting(trustees, "shares").unwrap_or_default(), trustees.len());
                let said = [
                    format!("立会人は復号分を提出してください({need}人以上の提出が要ります。{all}人のうち{have}人が提出済み。未提出:{names})。"),
                    format!("The trustees release their decryption shares ({need} have to; {have} of {all} did; not yet: {names})."),
                ];
                (said, None)
            } else {
                (["職員2人で開票してください。", "Two officials count."].map(str::to_owned), Some(NextDeed::Count))
            }
        }
        Phase::Tallied => match super::outcome::papers_to_count(board).join(", ") {
            none if none.is_empty() => {
                let said = [
                    "開票結果を確かめ、得票同数でくじが必要ならくじを記録し、職員2人で結果を公表してください。",
                    "Look at the result, record a lot where equal votes ask for one, then two officials publish.",
                ];
                (said.map(str::to_owned), Some(NextDeed::Publish))
            }
            contests => {
                let said = [
                    format!("投票用紙を職員2人が別々に数えて入力し、開票管理者と開票立会人が署名してください:{contests}"),
                    format!("Two officials count the papers apart, and the officers of the count sign: {contests}"),
                ];
                (said, Some(NextDeed::CountPapers))
            }
        },
        Phase::Published => {
            let said = ["終了しました。記録はだれでも tachiai-verify で検証できます。", "Finished. Anyone can verify the record with tachiai-verify."];
            (said.map(str::to_owned), None)
        }
    }
}

fn draft(private: &PrivateState) -> ([String; 2], Option<NextDeed>) {
    let (have, want) = (private.trustees.len(), private.spec.as_ref().map_or(0, |spec| usize::from(spec.trustees)));
    if have < want {
        let said = [format!("立会人を登録してください({have}/{want})。"), format!("List the trustees ({have} of {want}).")];
        return (said, Some(NextDeed::ListTrustees));
    }
    if private.roll.is_none() {
        let said = ["選挙人名簿を取り込み、鍵の作成を始めてください。", "Import the roll, then start the ceremony."];
        return (said.map(str::to_owned), Some(NextDeed::ImportRoll));
    }
    (["鍵の作成を始めてください。", "Start the ceremony."].map(str::to_owned), Some(NextDeed::StartCeremony))
}

fn ceremony(private: &PrivateState, trustees: &[TrusteeStatus]) -> ([String; 2], Option<NextDeed>) {
    let steps = BTreeMap::from([(0, ("commit", "確約")), (1, ("deal", "分散鍵")), (2, ("confirm", "確認"))]);
    for (file, ja) in steps.values() {
        if let Some(names) = waiting(trustees, file) {
            let said =
                [format!("立会人の{ja}のファイルを待っています:{names}"), format!("Waiting for the trustees' {file} files: {}", names.replace('、', ", "))];
            return (said, None);
        }
    }
    if private.roll.is_none() {
        return (["選挙人名簿を取り込んでください。", "Import the roll."].map(str::to_owned), Some(NextDeed::ImportRoll));
    }
    (["職員2人で投票を開始してください。", "Two officials open the election."].map(str::to_owned), Some(NextDeed::Open))
}
