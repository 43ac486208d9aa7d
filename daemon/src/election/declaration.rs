//! Declarations for early voting (期日前投票宣誓書): filed online by electors who are logged in, shown at the desks of early polling places, used when a
//! paper is handed out.
//!
//! A declaration is sealed with the vault and kept in the private journal under the slot; no board knows of it. The desk calls [`Live::declaration_of`] for
//! its screen and [`Live::declaration_used`] once the hand-out is on the board. Where that note is missing, because the appliance stopped in between, the board
//! says it: whoever holds a paper of an early place has used the declaration that is on file.
//!
//! Sources: Public Offices Election Act (公職選挙法) article 48-2 (1); its Enforcement Order article 49-8.

use std::collections::BTreeMap;

use tachiai_schemas::declaration::{Declaration, DeclarationRequest, DeclarationState, DeclarationView, EarlyReason, is_oath};
use tachiai_schemas::election::Manifest;
use tachiai_schemas::paper::PlaceKind;
use tachiai_schemas::roll::{Day, Elector};
use tachiai_schemas::{Lang, LeafIndex, Refusal, Slot, Timestamp};
use tachiai_verify::board::DeskState;

use super::desk::look::place_kind;
use super::live::{Live, private_name};
use super::private::{PrivateBody, PrivateEntry};
use super::slots::SlotRecord;
use crate::http::Holder;
use crate::refused::Refused;
use crate::vault::Aad;

mod list;
pub mod routes;

pub use list::Naming;

/// How often a slot may file: nobody changes a reason so often, and nobody fills the disk with declarations.
const MAX_FILINGS: u32 = 50;

/// The declaration of a slot that counts, by the private journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnFile {
    /// The entry that holds it.
    pub seq: u64,
    /// How often this slot has filed.
    pub filings: u32,
    /// What became of it.
    pub state: DeclarationState,
}

/// Every declaration of an election: the newest of each slot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declarations(BTreeMap<Slot, OnFile>);

impl Declarations {
    /// The declaration of a slot, whatever became of it.
    #[must_use]
    pub fn get(&self, slot: Slot) -> Option<OnFile> {
        self.0.get(&slot).copied()
    }

    /// How many are on file now, neither withdrawn nor used.
    #[must_use]
    pub fn on_file(&self) -> usize {
        self.0.values().filter(|on_file| on_file.state == DeclarationState::Filed).count()
    }

    /// A declaration is filed; one that was used stays.
    pub(super) fn file(&mut self, slot: Slot, seq: u64) {
        let before = self.get(slot);
        if !matches!(before, Some(OnFile { state: DeclarationState::Used { .. }, .. })) {
            let filings = before.map_or(0, |before| before.filings).saturating_add(1);
            self.0.insert(slot, OnFile { seq, filings, state: DeclarationState::Filed });
        }
    }

    /// A declaration that was not used is taken back.
    pub(super) fn withdraw(&mut self, slot: Slot) {
        if let Some(on_file) = self.0.get_mut(&slot).filter(|on_file| on_file.state == DeclarationState::Filed) {
            on_file.state = DeclarationState::Withdrawn;
        }
    }

    /// A paper was handed out on it; of several hand-outs, the last one stays.
    pub(super) fn mark_used(&mut self, slot: Slot, handout: LeafIndex) {
        if let Some(on_file) = self.0.get_mut(&slot).filter(|on_file| on_file.state != DeclarationState::Withdrawn) {
            on_file.state = DeclarationState::Used { handout };
        }
    }
}

/// A declaration with what became of it, for the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// The declaration.
    pub declaration: Declaration,
    /// What became of it: one that was withdrawn is never given out.
    pub state: DeclarationState,
}

/// Whether a declaration could be filed for this slot now.
fn may_file(manifest: &Manifest, desk: DeskState, before: Option<OnFile>, now: Timestamp) -> Result<(), Refused> {
    if desk.struck.is_some() {
        return Err(Refusal::Struck.into());
    }
    let used = matches!(before, Some(OnFile { state: DeclarationState::Used { .. }, .. }));
    if used || desk.paper.is_some() {
        return Err(Refusal::DeclarationUsed.into());
    }
    match last_early_moment(manifest) {
        Some(last) if now <= last => {}
        Some(last) => {
            return Err(Refused::said(
                Refusal::DeclarationLate,
                format!("最後の期日前投票所は{}に閉じました", last.in_japan(Lang::Ja)),
                format!("the last early polling place closed at {last}"),
            ));
        }
        None => return Err(Refused::said(Refusal::DeclarationLate, "この選挙に期日前投票所はありません", "this election has no early polling place")),
    }
    if before.is_some_and(|before| before.filings >= MAX_FILINGS) {
        return Err(Refused::about(Refusal::RateLimited, format!("{MAX_FILINGS} declarations of this elector; go to the polling place")));
    }
    Ok(())
}

/// The moment after which nobody votes ahead of the day.
fn last_early_moment(manifest: &Manifest) -> Option<Timestamp> {
    let early = manifest.places.iter().filter(|place| place.kind == PlaceKind::Early);
    early.flat_map(|place| &place.sessions).map(|session| session.closes).max()
}

/// What the elector says, against the roll.
fn check_request(request: &DeclarationRequest, elector: &Elector) -> Result<EarlyReason, Refused> {
    let DeclarationRequest { reason, birth, oath } = request;
    let reason = EarlyReason::try_from(*reason).map_err(|error| Refused::about(Refusal::DeclarationReason, error))?;
    if !is_oath(oath) {
        return Err(Refusal::OathMissing.into());
    }
    if *birth != elector.birth {
        return Err(Refused::about(Refusal::DeclarationDiffers, "birth"));
    }
    Ok(reason)
}

impl Live {
    /// What is on file for a slot, by the private journal and the board: a declaration that is not taken back is used by a paper of an early place.
    fn on_file(&self, slot: Slot) -> Option<OnFile> {
        let on_file = self.private().declarations.get(slot)?;
        if on_file.state != DeclarationState::Filed {
            return Some(on_file);
        }
        let published = self.board();
        let board = &published.state.board;
        let early = |place| board.manifest().and_then(|manifest| place_kind(manifest, place)) == Some(PlaceKind::Early);
        let state = match board.desk(slot).paper.filter(|paper| early(paper.place)) {
            Some(paper) => DeclarationState::Used { handout: paper.leaf },
            None => on_file.state,
        };
        Some(OnFile { state, ..on_file })
    }

    /// The declaration of a slot, for the screen of a desk; nothing if there is none, or if it was withdrawn.
    ///
    /// # Errors
    /// [`Refusal::Fault`].
    pub fn declaration_of(&self, slot: Slot) -> Result<Option<Declared>, Refused> {
        let on_file = self.on_file(slot).filter(|on_file| on_file.state != DeclarationState::Withdrawn);
        on_file.map(|on_file| Ok(Declared { declaration: self.open_declaration(slot, on_file.seq)?, state: on_file.state })).transpose()
    }

    /// Notes that a paper was handed out on the slot's declaration; nothing happens where none is on file (the elector signed one on paper), or if it was
    /// noted already. To be called once the hand-out is on the board, at an early polling place.
    ///
    /// # Errors
    /// [`Refusal::Busy`], [`Refusal::ReadOnly`]: the same may be called again.
    pub async fn declaration_used(&self, slot: Slot, handout: LeafIndex) -> Result<(), Refused> {
        let state = self.private().declarations.get(slot).map(|on_file| on_file.state);
        match state {
            None | Some(DeclarationState::Withdrawn) => Ok(()),
            Some(DeclarationState::Used { handout: noted }) if noted == handout => Ok(()),
            Some(DeclarationState::Used { .. } | DeclarationState::Filed) => self.note(PrivateBody::DeclarationUsed { slot, handout }).await,
        }
    }

    /// Files the declaration of the elector who is logged in; it replaces one that was not used. The same again changes nothing.
    ///
    /// # Errors
    /// [`Refusal::NotOpenYet`], [`Refusal::NotOnRoll`], [`Refusal::Struck`], [`Refusal::DeclarationReason`], [`Refusal::OathMissing`],
    /// [`Refusal::DeclarationDiffers`], [`Refusal::DeclarationUsed`], [`Refusal::DeclarationLate`].
    pub async fn file_declaration(&self, holder: &Holder, request: &DeclarationRequest) -> Result<DeclarationView, Refused> {
        let (slot, elector) = self.own_slot(holder)?;
        let _turn = self.turn_of(slot).await;
        let now = self.services.clock.now();
        let before = self.on_file(slot);
        let polling = {
            let published = self.board();
            let board = &published.state.board;
            let manifest = board.manifest().ok_or(Refusal::NotOpenYet)?;
            may_file(manifest, board.desk(slot), before, now)?;
            Day::of(manifest.poll_closes).to_string()
        };
        let reason = check_request(request, &elector)?;
        if let Some(OnFile { seq, filings: _, state: DeclarationState::Filed }) = before {
            let standing = self.open_declaration(slot, seq)?;
            if (standing.reason, standing.oath.as_str()) == (reason, request.oath.as_str()) {
                return Ok(view(&standing, DeclarationState::Filed));
            }
        }
        let Elector { number: _, name, kana: _, birth, sex: _, address, district: _ } = elector;
        let declaration = Declaration { reason, polling, name, birth, address, oath: request.oath.clone(), card: holder.card_key.into(), filed: now };
        let sealed = self.seal_inline(&declaration_aad(self, slot), &declaration)?;
        self.note(PrivateBody::DeclarationFiled { slot, sealed }).await?;
        self.settled(slot)
    }

    /// Takes back the declaration of the elector who is logged in; one that was taken back already stays so.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if there is none, [`Refusal::DeclarationUsed`]; [`Refusal::NotOpenYet`], [`Refusal::NotOnRoll`].
    pub async fn withdraw_declaration(&self, holder: &Holder) -> Result<DeclarationView, Refused> {
        let (slot, _) = self.own_slot(holder)?;
        let _turn = self.turn_of(slot).await;
        let state = self.on_file(slot).map(|on_file| on_file.state);
        match state {
            None => Err(Refused::said(Refusal::NotFound, "宣誓書はありません", "no declaration is on file")),
            Some(DeclarationState::Used { .. }) => Err(Refusal::DeclarationUsed.into()),
            Some(DeclarationState::Withdrawn) => self.settled(slot),
            Some(DeclarationState::Filed) => {
                self.note(PrivateBody::DeclarationWithdrawn { slot }).await?;
                self.settled(slot)
            }
        }
    }

    /// The declaration of the elector who is logged in.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if there is none; [`Refusal::NotOpenYet`], [`Refusal::NotOnRoll`].
    pub fn own_declaration(&self, holder: &Holder) -> Result<DeclarationView, Refused> {
        let (slot, _) = self.own_slot(holder)?;
        self.settled(slot)
    }

    /// Slot and elector of the person who is logged in.
    fn own_slot(&self, holder: &Holder) -> Result<(Slot, Elector), Refused> {
        let book = self.slots()?;
        let slot = book.find(&holder.person).ok_or(Refusal::NotOnRoll)?;
        let SlotRecord { salt: _, elector, protection: _ } =
            book.record(slot).ok_or_else(|| Refused::fault("looking up a slot", "the slot book is shorter than its index"))?;
        Ok((slot, elector.clone()))
    }

    fn settled(&self, slot: Slot) -> Result<DeclarationView, Refused> {
        let on_file = self.on_file(slot);
        let OnFile { seq, filings: _, state } = on_file.ok_or_else(|| Refused::said(Refusal::NotFound, "宣誓書はありません", "no declaration is on file"))?;
        Ok(view(&self.open_declaration(slot, seq)?, state))
    }

    fn open_declaration(&self, slot: Slot, seq: u64) -> Result<Declaration, Refused> {
        let doing = "reading a declaration";
        let bytes = self.private_reader.read(seq).map_err(|error| Refused::fault(doing, error))?;
        match PrivateEntry::from_bytes(&bytes).map_err(|error| Refused::fault(doing, error))?.body {
            PrivateBody::DeclarationFiled { slot: _, sealed } => self.open_inline(&declaration_aad(self, slot), &sealed),
            _ => Err(Refused::fault(doing, format!("entry {seq} is another"))),
        }
    }
}

fn view(declaration: &Declaration, state: DeclarationState) -> DeclarationView {
    DeclarationView { reason: declaration.reason, polling: declaration.polling.clone(), filed: declaration.filed, state }
}

fn declaration_aad(live: &Live, slot: Slot) -> Aad {
    Aad::new(&[&private_name(live.id), "declaration", &slot.to_string()])
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOT: Slot = Slot(3);

    fn state(declarations: &Declarations) -> Option<DeclarationState> {
        declarations.get(SLOT).map(|on_file| on_file.state)
    }

    #[test]
    fn filing_again_replaces_until_it_is_used() {
        let mut declarations = Declarations::default();
        declarations.file(SLOT, 4);
        declarations.file(SLOT, 7);
        assert_eq!(declarations.get(SLOT), Some(OnFile { seq: 7, filings: 2, state: DeclarationState::Filed }));
        declarations.mark_used(SLOT, LeafIndex(20));
        declarations.file(SLOT, 9);
        declarations.withdraw(SLOT);
        assert_eq!(declarations.get(SLOT), Some(OnFile { seq: 7, filings: 2, state: DeclarationState::Used { handout: LeafIndex(20) } }));
        assert_eq!(declarations.on_file(), 0);
    }

    #[test]
    fn what_was_withdrawn_is_not_used_and_can_be_filed_anew() {
        let mut declarations = Declarations::default();
        declarations.withdraw(SLOT);
        assert_eq!(state(&declarations), None);
        declarations.file(SLOT, 1);
        declarations.withdraw(SLOT);
        declarations.mark_used(SLOT, LeafIndex(5));
        assert_eq!(state(&declarations), Some(DeclarationState::Withdrawn));
        declarations.file(SLOT, 2);
        assert_eq!((state(&declarations), declarations.on_file()), (Some(DeclarationState::Filed), 1));
    }
}
