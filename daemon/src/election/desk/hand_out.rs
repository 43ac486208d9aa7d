//! What a desk signed goes to the board: hand-outs, undos, day-closes. Each may come again, and is recorded once.

use tachiai_schemas::desk::{DayView, Papers};
use tachiai_schemas::election::Body;
use tachiai_schemas::paper::{Attested, DayClose, PaperIssue, PaperUndo, PlaceKind};
use tachiai_schemas::receipt::Receipt;
use tachiai_schemas::trustee::Signed;
use tachiai_schemas::{HashBytes, Lang, LeafIndex, Refusal};

use super::again::again;
use super::look::place_kind;
use super::prepare::GOOD_FOR;
use crate::election::decide::Command;
use crate::election::live::Live;
use crate::refused::Refused;

impl Live {
    /// Records a hand-out.
    ///
    /// # Errors
    /// [`Refusal::PaperUnprepared`] without its own evidence; what the board's rules refuse.
    pub async fn hand_out(&self, issue: Signed<PaperIssue>) -> Result<Receipt, Refused> {
        let _turn = self.turn_of(issue.body.slot).await;
        let body = Body::PaperIssued(Box::new(issue.clone()));
        if self.recorded_before(&body)?.is_none() {
            self.has_evidence(&issue.body)?;
        }
        let receipt = self.record_once(body).await?;
        let early = self.board().state.board.manifest().and_then(|manifest| place_kind(manifest, issue.body.place)) == Some(PlaceKind::Early);
        if early && let Err(error) = self.declaration_used(issue.body.slot, receipt.leaf).await {
            // The papers are handed out whatever becomes of this note; the same hand-out again makes up for it.
            tracing::error!(%error, election = %self.id, "that a declaration was used could not be noted");
        }
        Ok(receipt)
    }

    /// Whether the evidence was sealed for exactly this hand-out, not long ago.
    fn has_evidence(&self, issue: &PaperIssue) -> Result<(), Refused> {
        let unprepared = |why: &str| Refused::about(Refusal::PaperUnprepared, why);
        let private = self.private();
        let kept = private.papers.get(&issue.evidence.hash()).ok_or_else(|| unprepared("there is none"))?;
        if kept.prepared.papers != Papers::of(issue) || kept.prepared.identified != issue.identified {
            return Err(unprepared("it is of other papers"));
        }
        if self.services.clock.now().unix() > kept.at.unix() + GOOD_FOR {
            return Err(unprepared("it is too old"));
        }
        Ok(())
    }

    /// The receipt of the hand-out with this evidence.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn hand_out_with(&self, evidence: &HashBytes) -> Result<Receipt, Refused> {
        let leaf = self.board().state.papers.get(&evidence.hash()).map(|recorded| recorded.leaf);
        self.receipt_at(leaf.ok_or(Refusal::NotFound)?, None)
    }

    /// Undoes a hand-out: its papers came back unused. Absentee papers that were received are not unused, whichever way the reception decided.
    ///
    /// # Errors
    /// [`Refusal::AbsenteeStep`] for papers that were received; [`Refusal::NotHeld`], [`Refusal::DayClosed`], [`Refusal::OfficerSignatures`].
    pub async fn undo_paper(&self, undo: Attested<PaperUndo>) -> Result<Receipt, Refused> {
        // No reception comes between this look and the board's entry.
        let _turn = self.acts.lock().await;
        let PaperUndo { opened: _, slot, leaf, reason: _ } = &undo.body;
        let received = self.private().absentee.get(slot).and_then(|stands| stands.received).filter(|(of, _, _)| of == leaf);
        let body = Body::PaperUndone(undo);
        if let Some((leaf, at, _)) = received
            && self.recorded_before(&body)?.is_none()
        {
            return Err(Refused::said(
                Refusal::AbsenteeStep,
                format!("掲示板 {leaf}番の用紙は戻り、{}に受理されています。取り消せません", at.in_japan(Lang::Ja)),
                format!("the papers of leaf {leaf} came back and were received at {at}: they are not undone"),
            ));
        }
        self.record_once(body).await
    }

    /// Closes a day of a place; of an absentee desk, with what was received until now.
    ///
    /// # Errors
    /// [`Refusal::PaperFigures`] with the board's own figures, or with those of the receptions; [`Refusal::TooEarly`], [`Refusal::DayClosed`],
    /// [`Refusal::OfficerSignatures`].
    pub async fn close_day(&self, close: Attested<DayClose>) -> Result<Receipt, Refused> {
        let DayClose { place, session, .. } = close.body;
        if self.board().state.board.manifest().and_then(|manifest| place_kind(manifest, place)) != Some(PlaceKind::Absentee) {
            return self.record_once(Body::DayClosed(close)).await;
        }
        // No reception comes between this look and the board's entry.
        let _turn = self.acts.lock().await;
        let DayView { closed, draft, .. } = self.day_view(place, session)?;
        if closed.is_none() && close.body.papers != draft.papers {
            let said = draft.papers.iter().map(|papers| format!("contest {}: {} in the box, {} taken home", papers.contest, papers.in_box, papers.taken_home));
            let said = said.collect::<Vec<_>>().join("; ");
            return Err(Refused::about(Refusal::PaperFigures, format!("what was sent and received gives {said}")));
        }
        self.record_once(Body::DayClosed(close)).await
    }

    /// Records an entry, or gives the receipt of the one that is there.
    async fn record_once(&self, body: Body) -> Result<Receipt, Refused> {
        if let Some(leaf) = self.recorded_before(&body)? {
            return self.receipt_at(leaf, None);
        }
        let accepted = self.submit(Command::Record(Box::new(body))).await?;
        self.receipt(accepted, None)
    }

    fn recorded_before(&self, body: &Body) -> Result<Option<LeafIndex>, Refused> {
        again(&self.board().state, body)
    }
}
