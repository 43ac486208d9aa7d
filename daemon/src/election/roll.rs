//! The roll of an election: the draft until the opening, and how it changes after it.
//!
//! | file | is |
//! |---|---|
//! | [`log`] | what the private journal says of the roll since its import |
//! | [`cases`] | what a change comes to, and whether it can be made |
//! | [`draft`] | the draft: imports, and the corrections since |
//! | [`objections`] | objections, and what was decided on them |
//! | [`looks`] | looks at the roll, each recorded before it is answered |
//! | [`routes`] | the routes of the staff port |
//!
//! Until the opening the roll is the last import with the corrections since; who may not vote on the polling date stays on it and gets no slot. After it the
//! board has `roll-changed` (PROTOCOL §16.5), and the slot book grows by who is added. **Order**: the elector of a slot that is added is durable in the private
//! journal before the board's entry commits to it.

use std::sync::Arc;

use rand_core::{OsRng, RngCore};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::election::{Body, District};
use tachiai_schemas::paper::{AddedSlot, RollChangeKind, RollChanged};
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::roll::case::{ChangeView, RollOrder};
use tachiai_schemas::roll::difference::{PersonDifference, fields};
use tachiai_schemas::roll::{Day, Elector, Listed, RollCase, RollDone, RollRequest};
use tachiai_schemas::staff::Matter;
use tachiai_schemas::{Bytes, ElectionId, HashBytes, Refusal, Slot, Timestamp};

use self::cases::{Ground, Grounds};
use self::log::{Changed, RollRef};
use super::Elections;
use super::acts::offload;
use super::decide::{Command, decide};
use super::live::{Live, private_name};
use super::private::{PrivateBody, PrivateEntry};
use super::slots::{SlotBook, SlotRecord};
use crate::refused::Refused;
use crate::vault::Aad;

pub mod cases;
pub mod draft;
pub mod log;
pub mod looks;
pub mod objections;
pub mod routes;

/// The most entries of a list in one answer.
const MAX_LISTED: usize = 1_000;

/// The longest reason or grounds, in characters.
const MAX_TEXT: usize = 2_000;

/// What became of an order.
pub enum Ordered {
    /// One official was enough.
    Done(ChangeView),
    /// Two are to decide on it.
    Asked(Matter, Box<RollCase>),
}

fn text(what: &str, text: &str) -> Result<(), Refused> {
    if text.trim().is_empty() {
        return Err(Refused::said(Refusal::BadRequest, "理由を入力してください", format!("{what}: say why")));
    }
    if text.chars().count() > MAX_TEXT || text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(Refused::said(
            Refusal::BadRequest,
            format!("{MAX_TEXT}文字までで、制御文字は使えません"),
            format!("{what}: at most {MAX_TEXT} characters, without control characters"),
        ));
    }
    Ok(())
}

/// Where the rest of the sealed texts of a roll belongs.
fn aad(live: &Live, kind: &str) -> Aad {
    Aad::new(&[&private_name(live.id), kind])
}

const CASE: &str = "roll-case";
const ADDED: &str = "roll-added";
const OBJECTION: &str = "roll-objection";
const DECISION: &str = "roll-decision";

/// What decisions on the roll need to know.
struct About {
    districts: Vec<District>,
    held: Timestamp,
}

impl About {
    fn ground(&self) -> Ground<'_> {
        let mut salt = [0; 32];
        OsRng.fill_bytes(&mut salt);
        Ground { districts: &self.districts, held: self.held, salt }
    }

    fn polling(&self) -> Day {
        Day::of(self.held)
    }
}

/// Who is added after the opening: the record, the book with it, and what the board gets.
struct Newcomer {
    record: SlotRecord,
    grown: SlotBook,
    added: AddedSlot,
}

impl Live {
    fn about(&self) -> Result<About, Refused> {
        let private = self.private();
        let spec = private.spec.as_ref().ok_or(Refusal::NotFound)?;
        Ok(About { districts: spec.districts.clone(), held: spec.poll_closes })
    }

    fn before_poll_closed(&self) -> Result<(), Refused> {
        if self.board().state.board.phase() > Phase::OnlineClosed {
            return Err(Refused::said(Refusal::WrongPhase, "投票は締め切られています", "the poll is closed"));
        }
        Ok(())
    }

    fn is_draft(&self) -> bool {
        self.board().state.board.phase() <= Phase::Ceremony
    }

    /// Takes an order of an official: what one official may correct is corrected at once; otherwise two are to decide ([`RollCase::needs_two`]).
    ///
    /// # Errors
    /// [`Refusal::BadRequest`], [`Refusal::NotFound`], [`Refusal::RollInvalid`], [`Refusal::RollChange`], [`Refusal::WrongPhase`]; [`Refusal::Incomplete`] if the
    /// objection that it is to grant was not upheld.
    pub async fn order_change(self: &Arc<Self>, by: &str, request: RollRequest) -> Result<Ordered, Refused> {
        let _turn = self.acts.lock().await;
        let RollRequest { order, reason, note, objection } = request;
        text("note", &note)?;
        if !self.private().roll_log.is_granted(objection) {
            return Err(Refused::said(
                Refusal::Incomplete,
                format!("異議{}番は認められていません", objection.unwrap_or_default()),
                format!("objection {} was not upheld", objection.unwrap_or_default()),
            ));
        }
        self.before_poll_closed()?;
        let about = self.about()?;
        let grounds = Grounds { reason, note, objection };
        let is_draft = self.is_draft();
        if is_draft && self.private().roll.is_none() {
            return Err(Refused::said(Refusal::Incomplete, "名簿が取り込まれていません", "no roll is imported"));
        }
        let live = Arc::clone(self);
        let case = offload(move || {
            if is_draft {
                return cases::before_opening(&about.ground(), &live.draft_roll()?, &order, grounds);
            }
            // Only of somebody who is added does the roll that was opened say more than the slots.
            let draft = if matches!(order, RollOrder::Add { .. }) { live.draft_roll()? } else { Vec::new() };
            let book = live.slots()?;
            let published = live.board();
            cases::after_opening(&about.ground(), &draft, &book, &published.state.board, &order, grounds)
        })
        .await?;
        if !case.needs_two() {
            return self.correct(vec![by.to_owned()], case, None).await.map(Ordered::Done);
        }
        let commitment: HashBytes = case.commitment().into();
        self.may_change(&case)?;
        let sealed = self.seal_inline(&aad(self, CASE), &case)?;
        self.note(PrivateBody::RollCaseMade { by: by.to_owned(), commitment, sealed }).await?;
        Ok(Ordered::Asked(Matter::RollChange { election: self.id, change: case.change, reason, commitment }, Box::new(case)))
    }

    /// The case that two officials decide on.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Fault`].
    pub fn roll_case(&self, commitment: &HashBytes) -> Result<RollCase, Refused> {
        let seq = self.private().roll_log.cases.get(&commitment.hash()).copied().ok_or(Refusal::NotFound)?;
        match self.private_entry(seq)?.body {
            PrivateBody::RollCaseMade { by: _, commitment: _, sealed } => self.open_inline(&aad(self, CASE), &sealed),
            _ => Err(Refused::fault("reading a case", format!("entry {seq} is another"))),
        }
    }

    /// Whether a case could be done now, as far as can be told without reading the whole draft. One that is done stays so.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::ChangedSince`], [`Refusal::WrongPhase`], [`Refusal::RollChange`].
    pub fn ready_to_change(&self, commitment: &HashBytes) -> Result<(), Refused> {
        let case = self.roll_case(commitment)?;
        if self.change_done(&commitment.hash()) { Ok(()) } else { self.may_change(&case) }
    }

    fn may_change(&self, case: &RollCase) -> Result<(), Refused> {
        if self.is_draft() {
            return Ok(());
        }
        self.before_poll_closed()?;
        let (slot, added) = self.slot_to_change(case, [0; 32])?;
        let body = Body::RollChanged(changed(case, slot, added)?);
        decide(&self.board().state, self.services.clock.now(), &Command::Record(Box::new(body))).map(drop)
    }

    /// The slot that a case is about, and what the board gets of one who is added.
    fn slot_to_change(&self, case: &RollCase, salt: [u8; 32]) -> Result<(Slot, Option<Newcomer>), Refused> {
        match (case.change, case.slot, &case.after) {
            (Some(RollChangeKind::Added), None, Some(Listed { elector, standing })) => {
                let book = self.slots()?;
                cases::may_add(&book, elector)?;
                let slot = Slot(u32::try_from(book.len()).map_err(|_| Refused::from(Refusal::TooLarge))?);
                let record = SlotRecord { salt: Bytes(salt), elector: elector.clone(), protection: standing.protection };
                let grown = book.grown(&self.id, &self.about()?.districts, record.clone())?;
                let public = grown.public(slot).ok_or_else(|| Refused::fault("adding a slot", "it is not in the book"))?;
                let added = AddedSlot { district: public.district, commitment: public.commitment.into() };
                Ok((slot, Some(Newcomer { record, grown, added })))
            }
            (Some(RollChangeKind::Struck | RollChangeKind::Restored), Some(slot), _) => Ok((slot, None)),
            _ => Err(Refused::said(Refusal::ChangedSince, "投票の開始前の申請です", "this was asked for before the opening")),
        }
    }

    /// Whether a case is done: in the draft, or on the board.
    fn change_done(&self, case: &Hash32) -> bool {
        let (published, private) = (self.board(), self.private());
        let came = |noted: &Changed| published.state.roll_changes.iter().any(|(leaf, entry)| noted.is(*leaf, entry));
        private.roll_log.drafted.contains_key(case) || private.roll_log.changed.iter().any(|noted| noted.case == *case && came(noted))
    }

    /// Does what two officials decided on. The same again changes nothing.
    ///
    /// # Errors
    /// As [`Self::ready_to_change`].
    pub async fn change_roll(self: &Arc<Self>, commitment: &HashBytes, by: [String; 2]) -> Result<RollDone, Refused> {
        let _turn = self.acts.lock().await;
        let case = self.roll_case(commitment)?;
        let change = case.change;
        if !self.change_done(&commitment.hash()) {
            if self.is_draft() {
                let live = Arc::clone(self);
                let case = offload(move || if cases::still_stands(&live.draft_roll()?, &case) { Ok(case) } else { Err(Refusal::ChangedSince.into()) }).await?;
                self.correct(by.to_vec(), case, Some(*commitment)).await?;
            } else {
                self.may_change(&case)?;
                let case = self.not_barred(case).await?;
                self.change_board(&case, *commitment, by).await?;
            }
            tracing::info!(election = %self.id, ?change, "the roll was changed");
        }
        let slot = self.private().roll_log.changed.iter().rfind(|changed| changed.case == commitment.hash()).map(|changed| changed.slot);
        Ok(RollDone { election: self.id, change, slot, electors: self.electors() })
    }

    /// The case again, unless it adds somebody of whom the roll that was opened says that they may not vote, and no objection was upheld: one made before the
    /// opening was not held against it.
    async fn not_barred(self: &Arc<Self>, case: RollCase) -> Result<RollCase, Refused> {
        if case.change != Some(RollChangeKind::Added) || case.objection.is_some() {
            return Ok(case);
        }
        let (live, held) = (Arc::clone(self), self.about()?.held);
        offload(move || {
            let draft = live.draft_roll()?;
            let barred = case.after.as_ref().and_then(|person| cases::barred(&draft, &person.elector, held)).map(|(_, refused)| refused);
            barred.map_or(Ok(case), Err)
        })
        .await
    }

    async fn change_board(&self, case: &RollCase, commitment: HashBytes, by: [String; 2]) -> Result<(), Refused> {
        let mut salt = [0; 32];
        OsRng.fill_bytes(&mut salt);
        let (slot, added) = self.slot_to_change(case, salt)?;
        let sealed = added.as_ref().map(|newcomer| self.seal_inline(&aad(self, ADDED), &newcomer.record)).transpose()?;
        let (grown, public) = added.map(|newcomer| (newcomer.grown, newcomer.added)).unzip();
        let change = case.change.ok_or(Refusal::NotFound)?;
        let (from, added) = (self.board().state.next_leaf(), public.as_ref().map(|public| public.commitment));
        let noted = PrivateBody::RollChanged { by: by.to_vec(), case: commitment, change, slot, from, commitment: added, sealed };
        let body = Body::RollChanged(RollChanged { change, slot, added: public, reason: case.reason });
        self.note(noted).await?;
        self.submit(Command::Record(Box::new(body))).await?;
        if let Some(grown) = grown {
            self.set_slots(Arc::new(grown));
        }
        Ok(())
    }

    /// Puts a case into the draft.
    async fn correct(self: &Arc<Self>, by: Vec<String>, case: RollCase, decided: Option<HashBytes>) -> Result<ChangeView, Refused> {
        let polling = self.about()?.polling();
        let RollRef { electors, unqualified, .. } = self.private().roll.ok_or(Refusal::Incomplete)?;
        let qualified = |person: &Option<Listed>| person.as_ref().map(|person| person.qualify(polling).is_qualified());
        let (mut electors, mut unqualified) = (electors, unqualified);
        match qualified(&case.before) {
            Some(true) => electors = electors.saturating_sub(1),
            Some(false) => unqualified = unqualified.saturating_sub(1),
            None => {}
        }
        match qualified(&case.after) {
            Some(true) => electors += 1,
            Some(false) => unqualified += 1,
            None => {}
        }
        let sealed = self.seal_inline(&aad(self, CASE), &case)?;
        self.note(PrivateBody::RollCorrected { by: by.clone(), electors, unqualified, case: decided, sealed }).await?;
        Ok(change_view(self.services.clock.now(), by, &case, None))
    }

    /// An entry of the private journal.
    ///
    /// # Errors
    /// [`Refusal::Fault`].
    pub(in crate::election) fn private_entry(&self, seq: u64) -> Result<PrivateEntry, Refused> {
        let doing = "reading the private journal";
        let bytes = self.private_reader.read(seq).map_err(|error| Refused::fault(doing, error))?;
        PrivateEntry::from_bytes(&bytes).map_err(|error| Refused::fault(doing, error))
    }

    /// The elector of a slot that was added, from the entry with this number.
    pub(super) fn open_added(&self, seq: u64) -> Result<SlotRecord, Refused> {
        match self.private_entry(seq)?.body {
            PrivateBody::RollChanged { sealed: Some(sealed), .. } => self.open_inline(&aad(self, ADDED), &sealed),
            _ => Err(Refused::fault("reading an added elector", format!("entry {seq} is another"))),
        }
    }
}

/// Whether somebody stands in the slot book as one who was added after the opening, by number.
fn is_added(book: Option<&SlotBook>, elector: &Elector) -> bool {
    book.is_some_and(|book| book.by_number(&elector.number).is_some_and(|slot| book.is_added(slot)))
}

/// The board's entry of a case.
fn changed(case: &RollCase, slot: Slot, added: Option<Newcomer>) -> Result<RollChanged, Refused> {
    Ok(RollChanged { change: case.change.ok_or(Refusal::NotFound)?, slot, added: added.map(|newcomer| newcomer.added), reason: case.reason })
}

fn change_view(at: Timestamp, by: Vec<String>, case: &RollCase, slot: Option<Slot>) -> ChangeView {
    let named = |person: &Listed| (person.elector.number.clone(), person.elector.name.clone());
    let difference = match (&case.before, &case.after) {
        (Some(before), Some(after)) => {
            let (number, name) = named(before);
            Some(PersonDifference::Changed { number, name, fields: fields(before, after) })
        }
        (Some(person), None) => {
            let (number, name) = named(person);
            Some(PersonDifference::Removed { number, name })
        }
        (None, Some(person)) => {
            let (number, name) = named(person);
            Some(PersonDifference::Added { number, name })
        }
        (None, None) => None,
    };
    let number = case.person().map(|person| person.elector.number.clone()).unwrap_or_default();
    let RollCase { salt: _, change, reason, note, objection, slot: _, before: _, after: _ } = case;
    ChangeView { at, by, change: *change, reason: *reason, note: note.clone(), objection: *objection, slot, number, difference }
}

impl Elections {
    /// Whether a change of the roll could be made now.
    ///
    /// # Errors
    /// As [`Live::ready_to_change`].
    pub fn ready_to_change(&self, election: ElectionId, commitment: &HashBytes) -> Result<(), Refused> {
        self.get(election)?.ready_to_change(commitment)
    }

    /// Whom a change is about, for the official who is to approve it.
    ///
    /// # Errors
    /// As [`Live::roll_case`].
    pub fn roll_case(&self, election: ElectionId, commitment: &HashBytes) -> Result<RollCase, Refused> {
        self.get(election)?.roll_case(commitment)
    }

    /// Changes the roll as two officials decided.
    ///
    /// # Errors
    /// As [`Live::change_roll`].
    pub async fn change_roll(&self, election: ElectionId, commitment: &HashBytes, by: [String; 2]) -> Result<RollDone, Refused> {
        self.get(election)?.change_roll(commitment, by).await
    }
}
