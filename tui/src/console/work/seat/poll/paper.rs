//! Papers handed out at the desk: by the card, by name, or in an envelope while the link is cut.

use tachiai_schemas::desk::{DeskElector, Papers, Search, VoteState};
use tachiai_schemas::evidence::NameReason;
use tachiai_schemas::paper::{Identified, Manner, PaperIssue};
use tachiai_schemas::trustee::Signed;

use super::order::Order;
use super::seen::{By, Handed, Here, Stand, Waits};
use super::{Table, gone, not_open};
use crate::card::{LastTry, PinName};
use crate::commands::card::holder::check_pin;
use crate::console::widgets::secret::Typed;
use crate::console::work::Done;
use crate::failure::Failure;
use crate::poll::check_in::{send, session};
use crate::poll::desk::{ByName, is_cut, local_time};
use crate::poll::queue::ProvisionalPerson;

impl Table<'_> {
    pub(super) fn hand_out(&mut self, pin: Option<&Typed>, manner: Manner, contests: Vec<u16>) -> Result<Done, Failure> {
        let here = match &self.seen.stand {
            Stand::Here(here) => Some(here),
            Stand::Waits(waits) => waits.here.as_ref(),
            _ => None,
        };
        let mut here = here.ok_or_else(gone)?.clone();
        here.wrong = None;
        let by = here.by;
        let signed = match by {
            By::Name(reason) => self.signed_by_name(&here, reason, manner, contests),
            By::Card(_) | By::Checked => self.signed_by_card(&here.elector, pin, manner, contests).map(Ok),
        };
        match signed {
            Ok(Ok(issue)) => {
                // Nothing more is wanted of the card.
                self.let_go();
                let stand = self.issue(here.elector, &issue);
                // What came of it stays until it was seen: nothing that was meant for before takes it away.
                self.stands(stand);
            }
            Ok(Err(waits)) => self.seen.stand = Stand::Waits(Box::new(waits)),
            Err(failure) if is_cut(&failure) => self.seen.stand = self.failed(failure),
            Err(failure) if self.held.is_none() && matches!(by, By::Card(_) | By::Checked) => self.seen.stand = Stand::Refused(failure),
            Err(failure) => {
                here.wrong = Some(failure);
                if let (By::Card(tries), Some(held)) = (&mut here.by, &mut self.held) {
                    *tries = held.card.tries(PinName::Authentication).unwrap_or(*tries);
                }
                self.seen.stand = Stand::Here(here);
            }
        }
        Ok(Done::seen())
    }

    /// Everything up to the signed hand-out, by the card.
    fn signed_by_card(&mut self, elector: &DeskElector, pin: Option<&Typed>, manner: Manner, contests: Vec<u16>) -> Result<Signed<PaperIssue>, Failure> {
        let Some((desk, _, _)) = &self.open else { return Err(not_open()) };
        let held = self.held.as_mut().ok_or_else(gone)?;
        let (Some(certificate), Some((looked, carried))) = (&held.certificate, &held.looked) else { return Err(gone()) };
        let papers: Papers = desk.papers(elector, session(desk, looked.now)?, contests, manner);
        let statement = desk.statement(&papers, &elector.slot_commitment, &looked.nonce)?;
        let signed = (|| {
            if let Some(pin) = pin {
                check_pin(&mut held.card, pin.secret(), LastTry::Keep)?;
            }
            desk.sign_by_card(&mut held.card, &statement, certificate)
        })();
        let signed = signed.map_err(|failure| failure.and("交付していません。", "Nothing was handed out."))?;
        let prepared = desk.prepare_by_card(&papers, signed)?;
        desk.sign(&prepared, &papers, Identified::Card, carried.now())
    }

    /// The same by name; until a second official has approved it, what is awaited.
    fn signed_by_name(&self, here: &Here, reason: NameReason, manner: Manner, contests: Vec<u16>) -> Result<Result<Signed<PaperIssue>, Waits>, Failure> {
        let Some((desk, _, _)) = &self.open else { return Err(not_open()) };
        let papers = desk.papers(&here.elector, session(desk, local_time()?)?, contests.clone(), manner);
        match desk.prepare_by_name(&papers, reason)? {
            ByName::Ready(prepared) => desk.sign(&prepared, &papers, Identified::Name, prepared.issue.issued_at).map(Ok),
            ByName::Waiting(pending) => {
                let again = Order::HandOut { turn: self.seen.turn, pin: None, manner, contests };
                Ok(Err(Waits { id: pending.id, again, here: Some(Box::new(here.clone())) }))
            }
        }
    }

    /// Sends a signed hand-out.
    fn issue(&self, elector: DeskElector, issue: &Signed<PaperIssue>) -> Stand {
        let Some((desk, queue, _)) = &self.open else { return Stand::Refused(not_open()) };
        match send(desk, queue, issue) {
            Ok(receipt) => {
                let handed = elector.contests.iter().filter(|contest| issue.body.contests.contains(&contest.index));
                let replaced = elector.contests.iter().any(|contest| matches!(contest.state, VoteState::Online { .. }));
                let titles = handed.map(|contest| contest.title.clone()).collect();
                Stand::Handed(Box::new(Handed { titles, leaf: receipt.leaf, at: receipt.at, replaced, elector: Some(elector) }))
            }
            Err(failure) if failure.code.is_none() => Stand::Unknown(failure),
            Err(failure) => Stand::Refused(failure),
        }
    }

    pub(super) fn envelope(&mut self, search: Search) -> Result<Done, Failure> {
        let Some((desk, queue, _)) = &self.open else { return Err(not_open()) };
        let (Some(name), Some(birth)) = (search.name, search.birth) else { return Err(gone()) };
        let kept = queue.add(&desk.key, session(desk, local_time()?)?, local_time()?, &ProvisionalPerson { name, birth })?;
        let number = kept.envelope();
        self.let_go();
        self.stands(Stand::Envelope(number));
        Ok(Done::seen())
    }
}
