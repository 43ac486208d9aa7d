//! Terminals: admitted, revoked, and sent off with what they need to go on without a link.

use std::sync::Arc;

use tachiai_schemas::roll::Protection;
use tachiai_schemas::roster::hand_in::Copied;
use tachiai_schemas::roster::{Body, TerminalId, TerminalState, TerminalStatus};
use tachiai_schemas::shelter::{Pack, Resident, TerminalRequest, TerminalView};
use tachiai_schemas::{Blob, Bytes, CitizenId, Refusal};
use tachiai_verify::eligibility::seal;
use tachiai_verify::roster::Terminal;
use zeroize::Zeroizing;

use super::event::ClassifyOnly;
use super::kept::Kept;
use super::{Event, decide, offload};
use crate::refused::Refused;

/// A terminal as staff see it.
#[must_use]
pub fn view(terminal: &Terminal) -> TerminalView {
    let TerminalState { terminal: name, key: _, recipient: _, shelter, status } = &terminal.state;
    TerminalView {
        terminal: name.clone(),
        shelter: shelter.clone(),
        status: *status,
        entries: terminal.numbers.values().map(|hashes| hashes.len() as u64).sum(),
        missing: terminal.missing(),
        latest: terminal.latest,
        copied: copied(terminal),
    }
}

/// Whether two write under a terminal's name.
#[must_use]
pub fn copied(terminal: &Terminal) -> Copied {
    if terminal.is_copied() { Copied::Twice } else { Copied::No }
}

impl Event {
    /// A terminal that may write.
    ///
    /// # Errors
    /// [`Refusal::TerminalRefused`].
    pub(super) fn admitted(&self, terminal: &TerminalId) -> Result<TerminalState, Refused> {
        let published = self.published();
        let known = published.roster.terminals().get(terminal).map(|terminal| terminal.state.clone());
        known.filter(|state| state.status == TerminalStatus::Admitted).ok_or_else(|| Refusal::TerminalRefused.into())
    }

    /// Admits a terminal. The same again changes nothing; one that moved to another shelter is admitted there.
    ///
    /// # Errors
    /// [`Refusal::ShelterInvalid`], [`Refusal::TerminalTaken`], [`Refusal::EventClosed`].
    pub async fn admit(self: &Arc<Self>, by: &str, request: TerminalRequest) -> Result<TerminalView, Refused> {
        decide::check_terminal(&request)?;
        self.is_open()?;
        let TerminalRequest { terminal: name, key, recipient, shelter, event } = request;
        if event != self.id {
            return Err(Refused::about(Refusal::ShelterInvalid, "event: this terminal was set up for another one"));
        }
        if self.published().roster.shelter(&shelter).is_none() {
            return Err(Refused::about(Refusal::ShelterInvalid, "shelter: not opened in this event"));
        }
        let state = TerminalState { terminal: name.clone(), key, recipient, shelter, status: TerminalStatus::Admitted };
        let known = {
            let published = self.published();
            let terminals = published.roster.terminals();
            let other = terminals.values().any(|terminal| terminal.state.key == state.key && terminal.state.terminal != name);
            let taken = terminals.get(&name).is_some_and(|known| known.state.key != state.key || known.state.status == TerminalStatus::Revoked);
            if other || taken {
                return Err(Refusal::TerminalTaken.into());
            }
            terminals.get(&name).is_some_and(|known| known.state == state)
        };
        if !known {
            self.write_plain(vec![by.to_owned()], Body::Terminal(state)).await?;
        }
        self.asking.settle(&name, &key, self.services.clock.now());
        self.terminal(&name)
    }

    /// Revokes a terminal: whatever comes from it after this is set aside.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::EventClosed`].
    pub async fn revoke(self: &Arc<Self>, by: &str, name: &TerminalId) -> Result<TerminalView, Refused> {
        self.is_open()?;
        let known = self.published().roster.terminals().get(name).map(|terminal| terminal.state.clone());
        let state = known.ok_or(Refusal::NotFound)?;
        if state.status == TerminalStatus::Admitted {
            self.write_plain(vec![by.to_owned()], Body::Terminal(TerminalState { status: TerminalStatus::Revoked, ..state })).await?;
            tracing::info!(event = %self.id, terminal = %name, "a terminal was revoked");
        }
        self.terminal(name)
    }

    /// A terminal as staff see it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn terminal(&self, name: &TerminalId) -> Result<TerminalView, Refused> {
        self.published().roster.terminals().get(name).map(view).ok_or_else(|| Refusal::NotFound.into())
    }

    /// What a terminal needs to go on without a link, sealed to it. That it was taken is recorded.
    ///
    /// # Errors
    /// [`Refusal::TerminalRefused`], [`Refusal::EventClosed`].
    pub async fn pack(self: &Arc<Self>, by: &str, name: &TerminalId) -> Result<Vec<u8>, Refused> {
        self.is_open()?;
        let state = self.admitted(name)?;
        let (residents, questionnaires, made) = (self.register.residents(), self.register.definitions().to_vec(), self.now());
        let this = Arc::clone(self);
        let count = residents.all().len() as u64;
        let sealed = offload(move || {
            let code =
                |resident: &Resident| this.register.citizen_of_resident(resident).map(|code| this.services.codes.current(this.services.codes.whose(code)));
            let residents = residents.all().iter().map(|resident| as_packed(resident, code)).collect();
            let text_anchors = (this.services.text_anchors)().into_iter().map(Blob).collect();
            let pack = Pack { event: this.id, made, handle_key: Bytes(*this.keys.handles), residents, questionnaires, text_anchors };
            seal_to(&state.recipient, &pack)
        })
        .await?;
        self.private.note(vec![Kept::PackTaken { by: by.to_owned(), terminal: name.clone(), residents: count }]).await?;
        Ok(sealed)
    }
}

/// A resident as a terminal may have it: with the code that the person shows now, and of those under protection neither name nor address.
fn as_packed(resident: &Resident, code: impl FnOnce(&Resident) -> Option<CitizenId>) -> Resident {
    match resident.protection {
        Protection::Open => Resident { citizen: code(resident), ..resident.clone() },
        Protection::Protected => Resident {
            number: resident.number.clone(),
            name: String::new(),
            name_jis: None,
            kana: String::new(),
            birth: resident.birth,
            sex: resident.sex,
            address: String::new(),
            district: String::new(),
            household: resident.household.clone(),
            relation: resident.relation,
            citizen: None,
            protection: resident.protection,
            support: None,
        },
    }
}

/// An age file with a value as JSON.
pub(super) fn seal_to(recipient: &str, value: &impl serde::Serialize) -> Result<Vec<u8>, Refused> {
    let doing = "sealing to a terminal";
    let plain = Zeroizing::new(serde_json::to_vec(value).map_err(|error| Refused::fault(doing, error.classify_only()))?);
    seal(&plain, &[recipient]).map_err(|error| Refused::fault(doing, error))
}
