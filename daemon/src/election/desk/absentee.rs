//! Absentee voting (不在者投票): the request and the reception are the commission's own notes, the sending is a hand-out of the absentee desk on the board.

use tachiai_schemas::desk::{AbsenteeKind, AbsenteeListed, AbsenteeReceived, AbsenteeRequest, AbsenteeStands};
use tachiai_schemas::paper::PlaceKind;
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::{LeafIndex, Refusal, Slot};
use tachiai_verify::board::{Board, PaperState};

use super::found::is_eighteen;
use super::look::place_kind;
use crate::election::live::Live;
use crate::election::private::{LookedBy, PrivateBody};
use crate::election::slots::SlotRecord;
use crate::refused::Refused;

/// The hand-out of an absentee desk that a slot holds.
fn sent(board: &Board, slot: Slot) -> Option<PaperState> {
    let paper = board.desk(slot).paper?;
    (place_kind(board.manifest()?, paper.place) == Some(PlaceKind::Absentee)).then_some(paper)
}

impl Live {
    /// Notes that somebody asked for absentee papers. The same again changes nothing.
    ///
    /// # Errors
    /// [`Refusal::Struck`], [`Refusal::PaperHeld`], [`Refusal::NotEntitled`], [`Refusal::WrongPhase`], [`Refusal::NotFound`].
    pub async fn request_absentee(&self, by: &str, request: AbsenteeRequest) -> Result<AbsenteeStands, Refused> {
        // A request forgets what was received before it, and must not come after a hand-out that it did not see received.
        let _turn = self.acts.lock().await;
        let AbsenteeRequest { slot, kind } = request;
        let now = self.services.clock.now();
        let SlotRecord { salt: _, elector, protection: _ } = self.elector_of(slot)?;
        {
            let published = self.board();
            let board = &published.state.board;
            if !matches!(board.phase(), Phase::Open | Phase::OnlineClosed) {
                return Err(Refusal::WrongPhase.into());
            }
            let desk = board.desk(slot);
            if let Some(leaf) = desk.struck {
                return Err(Refused::about(Refusal::Struck, format!("leaf {leaf}")));
            }
            if let Some(paper) = desk.paper {
                return Err(Refused::about(Refusal::PaperHeld, format!("leaf {}", paper.leaf)));
            }
        }
        if kind == AbsenteeKind::NotYetEighteen && is_eighteen(&elector.birth, now) {
            return Err(Refused::said(Refusal::NotEntitled, "満18歳以上の方です。期日前投票所で投票します", "18 already: this elector votes early"));
        }
        let before = self.private().absentee.get(&slot).copied();
        if let Some(stands) = before.filter(|stands| stands.kind == kind && stands.received.is_none()) {
            return Ok(stands);
        }
        self.note(PrivateBody::AbsenteeRequested { by: by.to_owned(), slot, absentee: kind }).await?;
        self.stands(slot)
    }

    /// Notes that absentee papers came back. The same again changes nothing.
    ///
    /// # Errors
    /// [`Refusal::AbsenteeStep`], [`Refusal::DayClosed`].
    pub async fn receive_absentee(&self, by: &str, received: AbsenteeReceived) -> Result<AbsenteeStands, Refused> {
        // Neither an undo nor the close of the day comes between.
        let _turn = self.acts.lock().await;
        let AbsenteeReceived { slot, leaf, reception } = received;
        let before = self.private().absentee.get(&slot).copied();
        let before =
            before.ok_or_else(|| Refused::said(Refusal::AbsenteeStep, "この方の投票用紙は請求されていません", "nobody asked for papers of this slot"))?;
        {
            let published = self.board();
            let board = &published.state.board;
            let paper = sent(board, slot).filter(|paper| paper.leaf == leaf);
            let paper = paper.ok_or_else(|| Refused::about(Refusal::AbsenteeStep, format!("the hand-out at leaf {leaf} is not outstanding")))?;
            if board.day(paper.place, paper.session).is_none_or(|day| day.closed().is_some()) {
                return Err(Refusal::DayClosed.into());
            }
        }
        match before.received {
            Some((of, _, known)) if of == leaf && known == reception => return Ok(before),
            Some((of, _, _)) if of == leaf => {
                return Err(Refused::said(
                    Refusal::AbsenteeStep,
                    "この投票用紙は、別の判断ですでに受理の記録があります",
                    "these papers were received already, with the other verdict",
                ));
            }
            _ => {}
        }
        self.note(PrivateBody::AbsenteeReceived { by: by.to_owned(), slot, leaf, reception }).await?;
        self.stands(slot)
    }

    fn stands(&self, slot: Slot) -> Result<AbsenteeStands, Refused> {
        self.private().absentee.get(&slot).copied().ok_or_else(|| Refused::fault("noting absentee voting", "it is not there"))
    }

    /// Everybody who asked for absentee papers; that it was read is noted.
    ///
    /// # Errors
    /// [`Refusal::NotOpenYet`].
    pub async fn list_absentee(&self, by: &str) -> Result<Vec<AbsenteeListed>, Refused> {
        let all: Vec<(Slot, AbsenteeStands)> = self.private().absentee.iter().map(|(slot, stands)| (*slot, *stands)).collect();
        let slots = all.iter().map(|(slot, _)| *slot).collect();
        self.note(PrivateBody::LookedUp { by: by.to_owned(), how: LookedBy::AbsenteeList, slots }).await?;
        let listed = |(slot, stands): (Slot, AbsenteeStands)| {
            let SlotRecord { salt: _, elector, protection: _ } = self.elector_of(slot)?;
            let sent: Option<LeafIndex> = sent(&self.board().state.board, slot).map(|paper| paper.leaf);
            Ok(AbsenteeListed { slot, number: elector.number.clone(), name: elector.name.clone(), stands, sent })
        };
        all.into_iter().map(listed).collect()
    }
}
