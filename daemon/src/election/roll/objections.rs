//! Objections (異議の申出), and what the commission decided on them: Public Offices Election Act, articles 24 and 25.

use tachiai_schemas::roll::case::{DAYS_TO_DECIDE, Decision, DecisionView, Objection, ObjectionView};
use tachiai_schemas::{Lang, Refusal};

use super::log::ObjectionOnFile;
use super::{DECISION, OBJECTION, aad, text};
use crate::election::live::Live;
use crate::election::private::{PrivateBody, PrivateEntry};
use crate::refused::Refused;

impl Live {
    /// Receives an objection; gives its number.
    ///
    /// # Errors
    /// [`Refusal::BadRequest`], [`Refusal::WrongPhase`] once the poll is closed.
    pub async fn receive_objection(&self, by: &str, objection: Objection) -> Result<ObjectionView, Refused> {
        let _turn = self.acts.lock().await;
        let Objection { objector, about, complaint: _, grounds } = &objection;
        for (what, value) in [("objector", objector), ("about", about), ("grounds", grounds)] {
            text(what, value)?;
        }
        self.before_poll_closed()?;
        if self.private().roll.is_none() {
            return Err(Refused::said(Refusal::Incomplete, "名簿が取り込まれていません", "no roll is imported"));
        }
        // Its sealing makes the vault's key of this roll, if none was made: acts of one election run one after the other.
        let sealed = self.seal_inline(&aad(self, OBJECTION), &objection)?;
        self.note(PrivateBody::ObjectionReceived { by: by.to_owned(), sealed }).await?;
        let number = u32::try_from(self.private().roll_log.objections.len()).unwrap_or(u32::MAX);
        self.objection(number)
    }

    /// Records the commission's decision on an objection. The same again changes nothing.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::BadRequest`]; [`Refusal::ChangedSince`] if it was decided otherwise.
    pub async fn decide_objection(&self, by: &str, number: u32, decision: Decision) -> Result<ObjectionView, Refused> {
        let _turn = self.acts.lock().await;
        text("reason", &decision.reason)?;
        let before = self.objection(number)?;
        match before.decided {
            Some(DecisionView { decision: stands, .. }) if stands == decision => self.objection(number),
            Some(DecisionView { at, .. }) => Err(Refused::said(
                Refusal::ChangedSince,
                format!("異議{number}番は{}に決定されています", at.in_japan(Lang::Ja)),
                format!("objection {number} was decided at {at}"),
            )),
            None => {
                let sealed = self.seal_inline(&aad(self, DECISION), &decision)?;
                self.note(PrivateBody::ObjectionDecided { by: by.to_owned(), number, ruling: decision.ruling, sealed }).await?;
                self.objection(number)
            }
        }
    }

    /// An objection, and where it stands.
    pub(super) fn objection(&self, number: u32) -> Result<ObjectionView, Refused> {
        let on_file = self.private().roll_log.objection(number);
        let missing = || Refused::said(Refusal::NotFound, format!("異議{number}番はありません"), format!("there is no objection {number}"));
        let ObjectionOnFile { received, decided } = on_file.ok_or_else(missing)?;
        let other = || Refused::fault("reading an objection", "another entry");
        let PrivateEntry { at, body, .. } = self.private_entry(received)?;
        let PrivateBody::ObjectionReceived { by, sealed } = body else { return Err(other()) };
        let decided = match decided {
            None => None,
            Some((_, seq)) => {
                let PrivateEntry { at, body, .. } = self.private_entry(seq)?;
                let PrivateBody::ObjectionDecided { by, number: _, ruling: _, sealed } = body else { return Err(other()) };
                Some(DecisionView { decision: self.open_inline(&aad(self, DECISION), &sealed)?, at, by })
            }
        };
        let objection = self.open_inline(&aad(self, OBJECTION), &sealed)?;
        Ok(ObjectionView { number, objection, received: at, received_by: by, due: at.plus(DAYS_TO_DECIDE * 86_400), decided })
    }
}
