//! A hand-out is prepared: whoever stands at the desk is identified, and the evidence of it is sealed to the authority and kept (PROTOCOL §16.8).
//!
//! By card, the card signs exactly these papers for exactly this slot. By name, two officials agree, and the second one sees whom it is about.

use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::Hash32;
use tachiai_jpki::Statement;
use tachiai_jpki::statement::StatementPurpose;
use tachiai_schemas::desk::{PaperPerson, Papers, Prepare, Prepared, PreparedBy};
use tachiai_schemas::election::Text;
use tachiai_schemas::evidence::{ByName, NameReason, PaperEvidence};
use tachiai_schemas::identity::CardStatement;
use tachiai_schemas::paper::{Identified, PaperIssue, PlaceKind};
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::roll::Protection;
use tachiai_schemas::roll::difference::WITHHELD;
use tachiai_schemas::staff::Matter;
use tachiai_schemas::{Bytes, HashBytes, Lang, Refusal, Timestamp};

use super::found::is_eighteen;
use super::look::contests_of;
use crate::bindings::Binding;
use crate::election::Elections;
use crate::election::live::Live;
use crate::election::private::PrivateBody;
use crate::election::slots::SlotRecord;
use crate::refused::Refused;

/// For how many seconds evidence may be used that no hand-out has used: the elector stands there.
pub const GOOD_FOR: i64 = 3600;

/// A hand-out for which evidence was sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaperPrepared {
    /// What the board's entry holds.
    pub evidence: HashBytes,
    /// The papers.
    pub papers: Papers,
    /// How the elector was identified.
    pub identified: Identified,
    /// Why no card signed; absent where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<NameReason>,
    /// The official at the desk, and by name the one who approved.
    pub by: Vec<String>,
}

/// Evidence of a hand-out that is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPaper {
    /// The entry of the private journal that holds it.
    pub seq: u64,
    /// When it was sealed.
    pub at: Timestamp,
    /// What it is for.
    pub prepared: PaperPrepared,
}

/// What came of a request.
pub enum Preparing {
    /// The evidence is kept.
    Ready(Prepared),
    /// A second official is needed for this.
    Ask(Matter),
}

impl Live {
    /// Prepares a hand-out for an official.
    ///
    /// # Errors
    /// What [`Self::may_hand_out`] refuses, and for a card what [`CardVerifier::accept`] does; [`Refusal::RegistrationMismatch`] if the card signed something else;
    /// [`Refusal::Protected`] by name.
    ///
    /// [`CardVerifier::accept`]: crate::cards::CardVerifier::accept
    pub async fn prepare(&self, by: &str, request: Prepare) -> Result<Preparing, Refused> {
        let Prepare { papers, by: how } = request;
        match how {
            PreparedBy::Card(card) => self.prepare_by_card(by, papers, &card).await.map(Preparing::Ready),
            PreparedBy::Name(reason) => {
                self.may_name(by, papers.slot)?;
                let slot_commitment = self.ready_by_name(&papers, reason, None)?;
                match self.prepared_before(&papers, reason, None) {
                    Some(evidence) => self.to_sign(&papers, Identified::Name, evidence).map(Preparing::Ready),
                    None => Ok(Preparing::Ask(Matter::PapersByName { election: self.id, papers, slot_commitment, reason })),
                }
            }
        }
    }

    async fn prepare_by_card(&self, by: &str, papers: Papers, card: &CardStatement) -> Result<Prepared, Refused> {
        let now = self.services.clock.now();
        self.may_hand_out(&papers, None, now)?;
        let statement = self.services.cards.read(card, StatementPurpose::PaperIssue)?;
        let origin = self.compare_papers(&papers, &statement)?;
        let (certificate, _) = self.services.cards.accept(card, StatementPurpose::PaperIssue, &origin, &self.services.nonces, now)?;
        let card_key = Hash32::from_bytes(*certificate.spki_sha256().as_bytes());
        let person = self.services.bindings.holder(&card_key)?;
        if self.slots()?.find(&person) != Some(papers.slot) {
            return Err(Refused::about(Refusal::RegistrationMismatch, "slot: it is not that of this card's holder"));
        }
        let binding = self.services.bindings.binding(&card_key, &person)?;
        self.will_hold(card, &binding, now)?;
        let Binding { evidence: binding, bound, fallback } = binding;
        let elector = self.opening(papers.slot)?;
        let evidence = PaperEvidence { card: Some(card.clone()), elector, binding: Some(binding), bound: Some(bound), fallback, name: None };
        let prepared = |evidence| PaperPrepared { evidence, papers: papers.clone(), identified: Identified::Card, reason: None, by: vec![by.to_owned()] };
        let evidence = self.keep_evidence(&evidence, prepared).await?;
        self.to_sign(&papers, Identified::Card, evidence)
    }

    /// Seals evidence and notes it, durably.
    async fn keep_evidence(&self, evidence: &PaperEvidence, prepared: impl FnOnce(HashBytes) -> PaperPrepared) -> Result<HashBytes, Refused> {
        let (hash, sealed) = self.seal_secret(evidence)?;
        self.note(PrivateBody::PaperEvidence { prepared: prepared(hash), sealed }).await?;
        Ok(hash)
    }

    /// Compares every field of what the card signed with what stands here, and gives the origin.
    fn compare_papers(&self, papers: &Papers, statement: &Statement) -> Result<String, Refused> {
        let Statement::PaperIssue { origin, nonce: _, election, opened, place, session, slot, slot_commitment, contests } = statement else {
            return Err(Refused::about(Refusal::WrongOrigin, "another purpose"));
        };
        let published = self.board();
        let board = &published.state.board;
        let here = board.manifest().ok_or(Refusal::NotOpenYet)?;
        if origin.as_str() != here.origin {
            return Err(Refused::about(Refusal::WrongOrigin, format!("made for {origin}, this is {}", here.origin)));
        }
        let same = |ours: Option<Hash32>, theirs: &tachiai_jpki::Hash32| ours.is_some_and(|hash| hash.as_bytes() == theirs.as_bytes());
        for (field, equal) in [
            ("election", election.as_str() == self.id.to_string()),
            ("opened", same(board.opened().map(|opened| opened.leaf_hash()), opened)),
            ("place", here.places.get(usize::from(papers.place)).is_some_and(|listed| listed.id == place.as_str())),
            ("session", *session == u64::from(papers.session)),
            ("slot", *slot == u64::from(papers.slot.0)),
            ("slot_commitment", same(board.commitment_of(papers.slot), slot_commitment)),
            ("contests", *contests == papers.contests),
        ] {
            if !equal {
                return Err(Refused::about(Refusal::RegistrationMismatch, field));
            }
        }
        Ok(here.origin.clone())
    }

    /// Whether these papers could be handed out now. Papers of a desk that was cut off are entered after its hours, too.
    ///
    /// # Errors
    /// [`Refusal::WrongPhase`], [`Refusal::PaperPlace`], [`Refusal::DayClosed`], [`Refusal::NotFound`], [`Refusal::Struck`], [`Refusal::PaperHeld`],
    /// [`Refusal::BadRequest`], [`Refusal::NotEntitled`], [`Refusal::AbsenteeStep`].
    pub fn may_hand_out(&self, papers: &Papers, reason: Option<NameReason>, now: Timestamp) -> Result<(), Refused> {
        let Papers { place, session, slot, contests, manner: _ } = papers;
        let SlotRecord { salt: _, elector, protection: _ } = self.elector_of(*slot)?;
        let absentee = self.private().absentee.get(slot).copied();
        let published = self.board();
        let board = &published.state.board;
        if !matches!(board.phase(), Phase::Open | Phase::OnlineClosed) {
            return Err(Refused::said(
                Refusal::WrongPhase,
                "用紙の交付は、投票の開始から締切までです",
                "papers are handed out between the opening and the close of the poll",
            ));
        }
        let manifest = board.manifest().ok_or(Refusal::NotOpenYet)?;
        let listed = manifest.places.get(usize::from(*place)).ok_or_else(|| Refused::about(Refusal::PaperPlace, format!("there is no place {place}")))?;
        let hours = listed.sessions.get(usize::from(*session));
        let hours = hours.ok_or_else(|| Refused::about(Refusal::PaperPlace, format!("{} has no session {session}", listed.id)))?;
        let over = now > hours.closes && reason != Some(NameReason::LinkCut);
        if now < hours.opens || over {
            return Err(Refused::said(
                Refusal::PaperPlace,
                format!(
                    "今は{}です。{}の開設は{}から{}までです",
                    now.in_japan(Lang::Ja),
                    listed.name.ja,
                    hours.opens.in_japan(Lang::Ja),
                    hours.closes.in_japan(Lang::Ja)
                ),
                format!("it is {now}, and {} is open from {} to {}", listed.id, hours.opens, hours.closes),
            ));
        }
        if board.day(*place, *session).is_none_or(|day| day.closed().is_some()) {
            return Err(Refusal::DayClosed.into());
        }
        let district = board.district_of(*slot).ok_or(Refusal::NotFound)?;
        let desk = board.desk(*slot);
        if let Some(leaf) = desk.struck {
            return Err(Refused::said(Refusal::Struck, format!("掲示板 {leaf}番"), format!("leaf {leaf}")));
        }
        if let Some(paper) = desk.paper {
            return Err(Refused::said(Refusal::PaperHeld, format!("掲示板 {}番", paper.leaf), format!("leaf {}", paper.leaf)));
        }
        let held = contests_of(board, district);
        if contests.is_empty() || !contests.is_sorted_by(|a, b| a < b) || !contests.iter().all(|contest| held.contains(contest)) {
            return Err(Refused::about(Refusal::BadRequest, "contests: some of those of the elector's district, ascending"));
        }
        match (listed.kind, absentee) {
            (PlaceKind::Absentee, None) => {
                Err(Refused::said(Refusal::AbsenteeStep, "この投票用紙は請求されていません", "nobody asked for these papers (poll absentee request)"))
            }
            (PlaceKind::Early | PlaceKind::Day, _) if !is_eighteen(&elector.birth, now) => {
                Err(Refused::said(Refusal::NotEntitled, "まだ満18歳ではありません", "not yet 18"))
            }
            _ => Ok(()),
        }
    }

    /// What the desk signs.
    fn to_sign(&self, papers: &Papers, identified: Identified, evidence: HashBytes) -> Result<Prepared, Refused> {
        let Papers { place, session, slot, contests, manner } = papers.clone();
        let opened = self.board().state.board.opened().map(|opened| opened.leaf_hash()).ok_or(Refusal::NotOpenYet)?.into();
        let issued_at = self.services.clock.now();
        Ok(Prepared { issue: PaperIssue { opened, place, session, slot, contests, manner, identified, issued_at, evidence } })
    }

    /// Evidence by name that these officials, or any, had sealed for these papers and that no hand-out has used.
    fn prepared_before(&self, papers: &Papers, reason: NameReason, by: Option<&[String; 2]>) -> Option<HashBytes> {
        let now = self.services.clock.now();
        let fits = |kept: &KeptPaper| {
            let PaperPrepared { evidence: _, papers: own, identified: _, reason: why, by: whom } = &kept.prepared;
            now.unix() <= kept.at.unix() + GOOD_FOR && own == papers && *why == Some(reason) && by.is_none_or(|by| whom == by)
        };
        let (published, private) = (self.board(), self.private());
        let unused = |hash: &Hash32| !published.state.papers.contains_key(hash);
        let of_slot = private.by_name.get(&papers.slot).into_iter().flatten().filter(|hash| unused(hash));
        of_slot.filter_map(|hash| private.papers.get(hash)).find(|kept| fits(kept)).map(|kept| kept.prepared.evidence)
    }

    /// Whether papers could be prepared by name now; gives the slot's commitment.
    ///
    /// # Errors
    /// What [`Self::may_hand_out`] refuses; [`Refusal::ChangedSince`] if the slot's commitment is another than `expected`.
    pub fn ready_by_name(&self, papers: &Papers, reason: NameReason, expected: Option<&HashBytes>) -> Result<HashBytes, Refused> {
        self.may_hand_out(papers, Some(reason), self.services.clock.now())?;
        let commitment = self.board().state.board.commitment_of(papers.slot).ok_or(Refusal::NotFound)?.into();
        if expected.is_none_or(|expected| *expected == commitment) { Ok(commitment) } else { Err(Refusal::ChangedSince.into()) }
    }

    /// Whom papers by name are for, for the official who is to approve.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn paper_person(&self, papers: &Papers) -> Result<PaperPerson, Refused> {
        let SlotRecord { salt, elector, protection } = self.elector_of(papers.slot)?;
        let hidden = |text: &str| if protection == Protection::Protected { WITHHELD.to_owned() } else { text.to_owned() };
        let opening = self.opening(papers.slot)?;
        let published = self.board();
        let listed = published.state.board.manifest().and_then(|manifest| manifest.places.get(usize::from(papers.place)));
        let place = listed.map_or_else(|| Text { ja: String::new(), en: String::new() }, |place| place.name.clone());
        Ok(PaperPerson {
            // With the salt the address could be found by trying.
            salt: if protection == Protection::Protected { Bytes([0; 32]) } else { salt },
            number: elector.number.clone(),
            name: elector.name.clone(),
            birth: elector.birth.clone(),
            sex: elector.sex.clone(),
            address: hidden(&elector.address),
            district: hidden(&opening.district),
            place,
            protection,
        })
    }

    /// Seals the evidence of a hand-out on which two officials agreed. The same again, before a hand-out used it, gives the same.
    ///
    /// # Errors
    /// As [`Self::ready_by_name`].
    pub async fn prepare_by_name(&self, papers: &Papers, reason: NameReason, commitment: &HashBytes, by: [String; 2]) -> Result<Prepared, Refused> {
        self.ready_by_name(papers, reason, Some(commitment))?;
        if let Some(evidence) = self.prepared_before(papers, reason, Some(&by)) {
            return self.to_sign(papers, Identified::Name, evidence);
        }
        let name = Some(ByName { reason, by: by.clone() });
        let evidence = PaperEvidence { card: None, elector: self.opening(papers.slot)?, binding: None, bound: None, fallback: None, name };
        let prepared = |evidence| PaperPrepared { evidence, papers: papers.clone(), identified: Identified::Name, reason: Some(reason), by: by.to_vec() };
        let evidence = self.keep_evidence(&evidence, prepared).await?;
        self.to_sign(papers, Identified::Name, evidence)
    }
}

impl Elections {
    /// [`Live::ready_by_name`] of an election.
    ///
    /// # Errors
    /// As there; [`Refusal::NotFound`].
    pub fn ready_by_name(&self, matter: &Matter) -> Result<(), Refused> {
        let Matter::PapersByName { election, papers, slot_commitment, reason } = matter else { return Err(Refusal::NotFound.into()) };
        self.get(*election)?.ready_by_name(papers, *reason, Some(slot_commitment)).map(drop)
    }
}
