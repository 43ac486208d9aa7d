//! An elector as a desk sees them: who it is, whether they may vote here now, and what stands for them in every contest.
//!
//! Everybody whom somebody looks up leaves a line in the private journal before the answer goes out.

use std::sync::Arc;

use rand_core::OsRng;
use tachiai_crypto::hash::Hash32;
use tachiai_jpki::Purpose;
use tachiai_schemas::declaration::{Declaration, DeclarationState};
use tachiai_schemas::desk::{Bar, DeskContest, DeskDeclaration, DeskElector, HeldPaper, LookFor, Looked, MOST_FOUND};
use tachiai_schemas::election::{Body, Manifest, Text};
use tachiai_schemas::paper::{PaperIssue, PlaceKind};
use tachiai_schemas::roll::Protection;
use tachiai_schemas::roll::difference::WITHHELD;
use tachiai_schemas::{Lang, LeafIndex, Refusal, Say, Slot, Timestamp};
use tachiai_verify::board::{Board, PaperState};

use super::found::{Wanted, is_eighteen};
use crate::election::acts::offload;
use crate::election::declaration::Declared;
use crate::election::live::Live;
use crate::election::private::{LookedBy, PrivateBody};
use crate::election::slots::SlotRecord;
use crate::election::vote_state::{Facts, vote_state};
use crate::refused::Refused;

impl Live {
    /// Looks somebody up for an official. Who is under protection (支援措置) is found by card alone (else [`Self::look_attended`]), and shown without address and
    /// district.
    ///
    /// # Errors
    /// [`Refusal::NotOpenYet`]; for a card what [`CardVerifier::certificate`] refuses, [`Refusal::NotEnrolled`] and [`Refusal::NotOnRoll`];
    /// [`Refusal::BadRequest`] for a search that names nobody.
    ///
    /// [`CardVerifier::certificate`]: crate::cards::CardVerifier::certificate
    pub async fn look(self: &Arc<Self>, by: &str, look: &LookFor) -> Result<Looked, Refused> {
        let now = self.services.clock.now();
        let book = self.slots()?;
        let (how, slots, more) = match look {
            LookFor::Card(certificate) => {
                let certificate = self.services.cards.certificate(&certificate.0, Purpose::UserAuthentication, now)?;
                let person = self.services.bindings.holder(&Hash32::from_bytes(*certificate.spki_sha256().as_bytes()))?;
                let slot = book.find(&person);
                (LookedBy::Card, slot.into_iter().collect(), 0)
            }
            LookFor::Search(search) => {
                let wanted = Wanted::new(search)?;
                let (slots, more) = offload(move || Ok(wanted.among(book.records(), MOST_FOUND))).await?;
                (LookedBy::Search, slots, more)
            }
        };
        self.show(by, how, slots, more, now).await
    }

    /// Shows electors to an official, once it is durable that they were looked up.
    ///
    /// # Errors
    /// [`Refusal::NotOnRoll`] for a card of which nobody was found.
    pub(super) async fn show(&self, by: &str, how: LookedBy, slots: Vec<Slot>, more: u64, now: Timestamp) -> Result<Looked, Refused> {
        self.note(PrivateBody::LookedUp { by: by.to_owned(), how, slots: slots.clone() }).await?;
        if slots.is_empty() && how == LookedBy::Card {
            return Err(Refusal::NotOnRoll.into());
        }
        let found = slots.iter().map(|slot| self.desk_elector(*slot, now)).collect::<Result<_, _>>()?;
        let nonce = self.services.nonces.issue(&mut OsRng, now);
        Ok(Looked { now, nonce, found, more })
    }

    /// An elector as a desk sees them.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if there is no such slot, [`Refusal::Fault`].
    pub fn desk_elector(&self, slot: Slot, now: Timestamp) -> Result<DeskElector, Refused> {
        let SlotRecord { salt: _, elector, protection } = self.elector_of(slot)?;
        let facts = self.facts(slot)?;
        let declaration = self.declared(slot)?;
        let held = facts.desk.paper.map(|paper| self.held(&paper)).transpose()?;
        let published = self.board();
        let board = &published.state.board;
        let manifest = board.manifest().ok_or(Refusal::NotOpenYet)?;
        let district = board.district_of(slot).ok_or(Refusal::NotFound)?;
        let listed = manifest.districts.get(usize::from(district)).map(|district| district.name.clone());
        let contests = contests_of(board, district).into_iter().filter_map(|index| {
            let contest = manifest.contests.get(usize::from(index))?;
            Some(DeskContest { index, id: contest.id.clone(), title: contest.title.clone(), state: vote_state(&facts, index) })
        });
        let mut bars = Vec::new();
        bars.extend(facts.desk.struck.map(|leaf| Bar::Struck { leaf }));
        bars.extend(facts.desk.paper.map(|paper| Bar::HoldsPaper { leaf: paper.leaf }));
        if !is_eighteen(&elector.birth, now) {
            bars.push(Bar::NotYetEighteen);
        }
        Ok(DeskElector {
            slot,
            slot_commitment: board.commitment_of(slot).ok_or(Refusal::NotFound)?.into(),
            number: elector.number.clone(),
            name: elector.name.clone(),
            kana: elector.kana.clone(),
            birth: elector.birth.clone(),
            sex: elector.sex.clone(),
            address: if protection == Protection::Protected { WITHHELD.to_owned() } else { elector.address.clone() },
            // The district says where to look for the address.
            district: if protection == Protection::Protected {
                Text { ja: WITHHELD.to_owned(), en: WITHHELD.to_owned() }
            } else {
                listed.unwrap_or_else(|| Text { ja: String::new(), en: String::new() })
            },
            bars,
            contests: contests.collect(),
            paper: held,
            absentee: facts.absentee,
            declaration,
        })
    }

    /// The declaration that is on file for a slot.
    fn declared(&self, slot: Slot) -> Result<Option<DeskDeclaration>, Refused> {
        let filed = self.declaration_of(slot)?.filter(|declared| declared.state == DeclarationState::Filed);
        Ok(filed.map(|Declared { declaration: Declaration { reason, filed, .. }, state: _ }| DeskDeclaration {
            reason: Text { ja: reason.say(Lang::Ja), en: reason.say(Lang::En) },
            filed,
        }))
    }

    /// Who votes under a slot.
    ///
    /// # Errors
    /// [`Refusal::NotOpenYet`], [`Refusal::NotFound`].
    pub(in crate::election) fn elector_of(&self, slot: Slot) -> Result<SlotRecord, Refused> {
        self.slots()?.record(slot).cloned().ok_or_else(|| Refusal::NotFound.into())
    }

    /// Everything that is known of how an elector votes.
    ///
    /// # Errors
    /// [`Refusal::Fault`].
    pub fn facts(&self, slot: Slot) -> Result<Facts, Refused> {
        let absentee = self.private().absentee.get(&slot).copied();
        let (ballot, desk, channel) = {
            let published = self.board();
            let board = &published.state.board;
            let desk = board.desk(slot);
            let channel = desk.paper.and_then(|paper| place_kind(board.manifest()?, paper.place));
            (board.slot(slot).and_then(|state| state.ballot()).map(|ballot| ballot.leaf), desk, channel)
        };
        let ballot = ballot.map(|leaf| Ok::<_, Refused>((leaf, self.entry(leaf)?.at))).transpose()?;
        Ok(Facts { ballot, desk, channel, absentee })
    }

    fn held(&self, paper: &PaperState) -> Result<HeldPaper, Refused> {
        let PaperState { leaf, place, session, contests: _, manner, identified } = paper;
        let at = self.entry(*leaf)?.at;
        let published = self.board();
        let listed = published.state.board.manifest().and_then(|manifest| manifest.places.get(usize::from(*place)));
        let place_name = listed.map_or_else(|| Text { ja: String::new(), en: String::new() }, |place| place.name.clone());
        Ok(HeldPaper { leaf: *leaf, at, place: *place, session: *session, place_name, manner: *manner, identified: *identified })
    }

    /// The hand-out at a leaf.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Fault`].
    pub fn hand_out_at(&self, leaf: LeafIndex) -> Result<PaperIssue, Refused> {
        match self.entry(leaf)?.body {
            Body::PaperIssued(issue) => Ok(issue.body),
            _ => Err(Refusal::NotFound.into()),
        }
    }
}

/// The kind of a place.
pub(in crate::election) fn place_kind(manifest: &Manifest, place: u16) -> Option<PlaceKind> {
    manifest.places.get(usize::from(place)).map(|place| place.kind)
}

/// The contests in which a district votes, ascending.
pub(super) fn contests_of(board: &Board, district: u16) -> Vec<u16> {
    board.style_of(district).map(|style| style.style().contests().iter().map(|(index, _)| *index).collect()).unwrap_or_default()
}
