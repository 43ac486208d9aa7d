//! The roll of an election: the draft until the opening, and how it changes after it.
//!
//! | file | is |
//! |---|---|
//! | [`log`] | what the private journal says of the roll since its import |
//! | [`cases`] | what a change comes to, and whether it can be made |
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
use tachiai_schemas::roll::case::{
    ChangeView, DAYS_TO_DECIDE, Decision, DecisionView, Judged, MAX_FOUND, Objection, ObjectionView, RollFound, RollOrder, RollOverview, RollPreview,
    RollSearch, Struck,
};
use tachiai_schemas::roll::difference::{PersonDifference, WITHHELD, fields};
use tachiai_schemas::roll::{self, Day, Elector, Listed, Protection, RollCase, RollDone, RollRequest, difference};
use tachiai_schemas::staff::{Matter, RollReport};
use tachiai_schemas::{Bytes, ElectionId, HashBytes, Refusal, Slot, Timestamp};

use self::cases::{Ground, Grounds};
use self::log::{Changed, ObjectionOnFile, RollRef};
use super::Elections;
use super::acts::offload;
use super::decide::{Command, decide};
use super::live::{Live, private_name};
use super::private::{LookedBy, PrivateBody, PrivateEntry};
use super::slots::{SlotBook, SlotRecord};
use crate::refused::Refused;
use crate::vault::Aad;

pub mod cases;
pub mod log;
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
        return Err(Refused::about(Refusal::BadRequest, format!("{what}: say why")));
    }
    if text.chars().count() > MAX_TEXT || text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(Refused::about(Refusal::BadRequest, format!("{what}: at most {MAX_TEXT} characters, without control characters")));
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
            return Err(Refused::about(Refusal::WrongPhase, "the poll is closed"));
        }
        Ok(())
    }

    fn is_draft(&self) -> bool {
        self.board().state.board.phase() <= Phase::Ceremony
    }

    /// What an import would change; nothing is imported.
    ///
    /// # Errors
    /// [`Refusal::WrongPhase`] once the election is open.
    pub async fn preview_roll(self: &Arc<Self>, csv: Vec<u8>) -> Result<RollPreview, Refused> {
        let _turn = self.acts.lock().await;
        if !self.is_draft() {
            return Err(Refused::about(Refusal::WrongPhase, "the roll is committed on the board"));
        }
        let about = self.about()?;
        let live = Arc::clone(self);
        offload(move || {
            let import = roll::import(&csv, &about.districts, about.held);
            let replaces = live.private().roll.map(|roll| HashBytes::from(roll.version));
            let found = match import.electors {
                Some(_) => Some(difference(&live.draft_roll()?, &import.listed)),
                None => None,
            };
            Ok(RollPreview { report: import.report, difference: found, replaces, districts: about.districts })
        })
        .await
    }

    /// Imports a roll; it replaces an earlier one with its corrections. Nothing is imported if the report has an error.
    ///
    /// # Errors
    /// [`Refusal::WrongPhase`] once the election is open.
    pub async fn import_roll(self: &Arc<Self>, by: &str, csv: Vec<u8>) -> Result<RollReport, Refused> {
        self.replace_roll(by, csv, None).await
    }

    /// Imports a roll in the place of the one that a preview named.
    ///
    /// # Errors
    /// As [`Self::import_roll`]; [`Refusal::ChangedSince`] if another roll is here than `replaces` names.
    pub async fn replace_roll(self: &Arc<Self>, by: &str, csv: Vec<u8>, replaces: Option<Hash32>) -> Result<RollReport, Refused> {
        let _turn = self.acts.lock().await;
        if !self.is_draft() {
            return Err(Refused::about(Refusal::WrongPhase, "the roll is committed on the board"));
        }
        if replaces.is_some() && replaces != self.private().roll.map(|roll| roll.version) {
            return Err(Refused::about(Refusal::ChangedSince, "the roll was imported again or corrected since the preview"));
        }
        let about = self.about()?;
        let live = Arc::clone(self);
        let (report, payload) = offload(move || {
            let import = roll::import(&csv, &about.districts, about.held);
            let payload = import.electors.map(|_| live.seal_roll(&import.listed)).transpose()?;
            Ok((import.report, payload))
        })
        .await?;
        if let Some(payload) = payload {
            let (electors, unqualified) = (report.electors, report.unqualified);
            self.note(PrivateBody::RollImported { by: by.to_owned(), payload: payload.into(), electors, unqualified }).await?;
        }
        tracing::info!(election = %self.id, rows = report.rows, electors = report.electors, errors = report.errors.len(), "roll read");
        Ok(report)
    }

    /// The draft roll: the last import with the corrections since. It takes long.
    ///
    /// # Errors
    /// [`Refusal::Fault`].
    pub fn draft_roll(&self) -> Result<Vec<Listed>, Refused> {
        let (roll, corrections) = {
            let private = self.private();
            (private.roll, private.roll_log.corrections.clone())
        };
        let Some(RollRef { payload, .. }) = roll else { return Ok(Vec::new()) };
        let mut draft = self.open_roll(payload)?;
        for seq in corrections {
            match self.private_entry(seq)?.body {
                PrivateBody::RollCorrected { sealed, .. } => cases::apply(&mut draft, self.open_inline(&aad(self, CASE), &sealed)?),
                _ => return Err(Refused::fault("reading a correction", format!("entry {seq} is another"))),
            }
        }
        Ok(draft)
    }

    /// Those of the draft roll who may vote on the polling date: they get a slot.
    ///
    /// # Errors
    /// [`Refusal::Fault`].
    pub fn qualified(&self) -> Result<Vec<Listed>, Refused> {
        let polling = self.about()?.polling();
        let draft = self.draft_roll()?;
        Ok(draft.into_iter().filter(|person| person.qualify(polling).is_qualified()).collect())
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
            return Err(Refused::about(Refusal::Incomplete, format!("objection {} was not upheld", objection.unwrap_or_default())));
        }
        self.before_poll_closed()?;
        let about = self.about()?;
        let grounds = Grounds { reason, note, objection };
        let is_draft = self.is_draft();
        if is_draft && self.private().roll.is_none() {
            return Err(Refused::about(Refusal::Incomplete, "no roll is imported"));
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
            _ => Err(Refused::about(Refusal::ChangedSince, "this was asked for before the opening")),
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

    /// How many electors there are: of the draft, or of the board with what was changed since.
    #[must_use]
    pub fn electors(&self) -> u64 {
        if self.is_draft() { self.private().roll.map_or(0, |roll| roll.electors) } else { self.board().state.board.entitled() }
    }

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
            return Err(Refused::about(Refusal::Incomplete, "no roll is imported"));
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
            Some(DecisionView { at, .. }) => Err(Refused::about(Refusal::ChangedSince, format!("objection {number} was decided at {at}"))),
            None => {
                let sealed = self.seal_inline(&aad(self, DECISION), &decision)?;
                self.note(PrivateBody::ObjectionDecided { by: by.to_owned(), number, ruling: decision.ruling, sealed }).await?;
                self.objection(number)
            }
        }
    }

    /// An objection, and where it stands.
    fn objection(&self, number: u32) -> Result<ObjectionView, Refused> {
        let on_file = self.private().roll_log.objection(number);
        let missing = || Refused::about(Refusal::NotFound, format!("there is no objection {number}"));
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

    /// The roll at a glance as [`Self::roll_overview`] gives it; who looked and who was shown is durable before it is told.
    ///
    /// # Errors
    /// As [`Self::roll_overview`].
    pub async fn read_overview(self: &Arc<Self>, by: &str) -> Result<RollOverview, Refused> {
        let live = Arc::clone(self);
        let overview = offload(move || live.roll_overview()).await?;
        let slots: Vec<Slot> = overview.changes.iter().filter_map(|change| change.slot).collect();
        let without_slot = (overview.barred.len() + overview.changes.len() - slots.len()) as u64;
        let how = LookedBy::RollOverview { without_slot, objections: overview.objections.len() as u64 };
        self.note(PrivateBody::LookedUp { by: by.to_owned(), how, slots }).await?;
        Ok(overview)
    }

    /// The roll at a glance: how many, who may not vote and why, the objections, the changes. It takes long.
    ///
    /// # Errors
    /// [`Refusal::Fault`].
    pub(super) fn roll_overview(&self) -> Result<RollOverview, Refused> {
        let polling = self.about()?.polling();
        let (declarations, objections) = {
            let private = self.private();
            (private.declarations.on_file(), private.roll_log.objections.len())
        };
        let (mut barred, mut unqualified) = (Vec::new(), 0);
        let book = self.slots().ok();
        for person in self.draft_roll()? {
            let bars = person.qualify(polling).bars;
            if !bars.is_empty() && !is_added(book.as_deref(), &person.elector) {
                unqualified += 1;
                barred.push(Judged { person: shown(person), bars, slot: None, struck: Struck::No });
            }
        }
        barred.sort_by(|one, other| one.person.elector.number.cmp(&other.person.elector.number));
        barred.truncate(MAX_LISTED);
        let objections = (1..=u32::try_from(objections).unwrap_or(u32::MAX)).map(|number| self.objection(number)).collect::<Result<_, _>>()?;
        Ok(RollOverview { electors: self.electors(), unqualified, barred, declarations: declarations as u64, objections, changes: self.changes()? })
    }

    /// The last changes of the roll: corrections of the draft, then what came to the board.
    fn changes(&self) -> Result<Vec<ChangeView>, Refused> {
        let (corrections, changed) = {
            let private = self.private();
            (private.roll_log.corrections.clone(), private.roll_log.changed.clone())
        };
        let mut views = Vec::new();
        for seq in corrections {
            let PrivateEntry { at, body, .. } = self.private_entry(seq)?;
            if let PrivateBody::RollCorrected { by, sealed, .. } = body {
                views.push(change_view(at, by, &self.open_inline(&aad(self, CASE), &sealed)?, None));
            }
        }
        for Changed { case, slot, seq, .. } in changed {
            let PrivateEntry { at, body, .. } = self.private_entry(seq)?;
            if let (true, PrivateBody::RollChanged { by, .. }) = (self.change_done(&case), body) {
                views.push(change_view(at, by, &self.roll_case(&case.into())?, Some(slot)));
            }
        }
        Ok(views.split_off(views.len().saturating_sub(MAX_LISTED)))
    }

    /// Looks for people as [`Self::find_on_roll`] does; who looked and who was shown is durable before it is told.
    ///
    /// # Errors
    /// As [`Self::find_on_roll`].
    pub async fn search_roll(self: &Arc<Self>, by: &str, search: RollSearch) -> Result<RollFound, Refused> {
        let live = Arc::clone(self);
        let found = offload(move || live.find_on_roll(&search)).await?;
        let slots: Vec<Slot> = found.people.iter().filter_map(|judged| judged.slot).collect();
        let how = LookedBy::RollSearch { without_slot: (found.people.len() - slots.len()) as u64 };
        self.note(PrivateBody::LookedUp { by: by.to_owned(), how, slots }).await?;
        Ok(found)
    }

    /// The roll as CSV as [`Self::roll_csv`] gives it; who takes it away is durable before it is told.
    ///
    /// # Errors
    /// As [`Self::roll_csv`].
    pub async fn export_roll(self: &Arc<Self>, by: &str) -> Result<Vec<u8>, Refused> {
        let live = Arc::clone(self);
        let csv = offload(move || live.roll_csv()).await?;
        self.note(PrivateBody::RollExported { by: by.to_owned() }).await?;
        Ok(csv)
    }

    /// Looks for people: on the draft roll, or in the slot book with those who got no slot. Who is under protection is found by the number alone, and without
    /// the address. It takes long.
    ///
    /// # Errors
    /// [`Refusal::BadRequest`] if nothing is asked for.
    pub(super) fn find_on_roll(&self, search: &RollSearch) -> Result<RollFound, Refused> {
        let RollSearch { number, name, kana, birth } = search;
        let given = [number, name, kana, birth];
        if given.iter().all(|field| field.as_deref().is_none_or(|text| text.trim().is_empty())) {
            return Err(Refused::about(Refusal::BadRequest, "say whom to look for: a number, a name, kana or a birth date"));
        }
        let birth = birth.as_deref().map(Day::read).transpose().map_err(|error| Refused::about(Refusal::BadRequest, format!("birth: {error}")))?;
        let closed = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let (name, kana) = (name.as_deref().map(closed), kana.as_deref().map(closed));
        let fits = |person: &Listed| {
            let Elector { number: of, name: called, kana: read, birth: born, .. } = &person.elector;
            let by_number = number.as_ref().map(|number| number.trim() == of);
            (by_number == Some(true) || person.standing.protection == Protection::Open)
                && by_number != Some(false)
                && name.as_ref().is_none_or(|name| closed(called).contains(name.as_str()))
                && kana.as_ref().is_none_or(|kana| closed(read).contains(kana.as_str()))
                && birth.is_none_or(|birth| birth.to_string() == *born)
        };
        let about = self.about()?;
        let polling = about.polling();
        let book = self.slots().ok();
        let mut everybody = self.draft_roll()?;
        if let Some(book) = &book {
            // Who was barred and added since is shown as added.
            everybody.retain(|person| !is_added(Some(book.as_ref()), &person.elector));
            let added = book.records().filter(|(slot, _)| book.is_added(*slot));
            everybody.extend(added.map(|(_, record)| record.listed()));
        }
        let slots: std::collections::HashMap<&str, Slot> =
            book.iter().flat_map(|book| book.electors()).map(|(slot, elector)| (elector.number.as_str(), slot)).collect();
        let published = self.board();
        let (mut people, mut more) = (Vec::new(), 0);
        for person in everybody.into_iter().filter(fits) {
            if people.len() >= MAX_FOUND {
                more += 1;
                continue;
            }
            let slot = slots.get(person.elector.number.as_str()).copied();
            let struck = slot.is_some_and(|slot| published.state.board.desk(slot).struck.is_some());
            let bars = person.qualify(polling).bars;
            people.push(Judged { person: shown(person), bars, slot, struck: if struck { Struck::Yes } else { Struck::No } });
        }
        Ok(RollFound { people, more, districts: about.districts })
    }

    /// The draft roll as CSV, for the authority's audit: with every correction, as it was or will be opened. It takes long.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if no roll is here.
    pub(super) fn roll_csv(&self) -> Result<Vec<u8>, Refused> {
        if self.private().roll.is_none() {
            return Err(Refused::about(Refusal::NotFound, "no roll is imported"));
        }
        Ok(roll::to_csv(&self.draft_roll()?, &self.about()?.districts).into_bytes())
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

/// A person as officials are shown one: without an address that is kept from others.
fn shown(mut person: Listed) -> Listed {
    if person.standing.protection == Protection::Protected {
        WITHHELD.clone_into(&mut person.elector.address);
    }
    person
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
