//! What voters ask for: a slot, a registration, a ballot, a challenge.
//!
//! The checks come in the order of their cost: what is cheap to refuse is refused before anything dear is computed.

use std::str::FromStr;

use rand_core::OsRng;
use tachiai_crypto::election::ballot::BallotHeader;
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::labels;
use tachiai_jpki::Statement;
use tachiai_jpki::statement::StatementPurpose;
use tachiai_schemas::election::{Body, Challenged, Registration, TreeHead};
use tachiai_schemas::receipt::{BallotStatus, CurrentRegistration, Receipt, RegistrationRequest, SlotView};
use tachiai_schemas::{Bytes, HashBytes, Refusal, Slot};
use tachiai_verify::board::Board;
use tachiai_verify::obligation::discharge;

use super::acts::offload;
use super::decide::{Command, Decision, decide, leaf_of, refusal_of, voting};
use super::live::Live;
use super::private::PrivateBody;
use super::views;
use crate::http::Holder;
use crate::refused::Refused;

impl Live {
    /// The slot of a citizen, with what opens and proves its commitment.
    ///
    /// # Errors
    /// [`Refusal::NotOpenYet`], [`Refusal::NotOnRoll`].
    pub fn slot_of(&self, holder: &Holder) -> Result<SlotView, Refused> {
        let book = self.slots()?;
        let slot = book.find(&holder.person).ok_or(Refusal::NotOnRoll)?;
        if book.is_added(slot) {
            return Err(Refusal::PaperOnly.into());
        }
        let missing = || Refused::fault("looking up a slot", "the slot book is shorter than its index");
        let (record, public, hashes) = (book.record(slot).ok_or_else(missing)?, book.public(slot).ok_or_else(missing)?, book.proof(slot).ok_or_else(missing)?);
        let registration = self.board().state.board.slot(slot).map(|state| CurrentRegistration {
            leaf: state.registration(),
            leaf_hash: state.registration_hash().into(),
            seq: state.seq(),
            voting_key: Bytes(*state.voting_key()),
        });
        let elector = &record.elector;
        Ok(SlotView {
            slot,
            district: public.district,
            salt: record.salt,
            name: elector.name.clone(),
            birth: elector.birth.clone(),
            sex: elector.sex.clone(),
            address: elector.address.clone(),
            commitment: public.commitment.into(),
            hashes,
            registration,
        })
    }

    /// Records a voting key for the holder's slot.
    ///
    /// # Errors
    /// [`Refusal`] signed by the board; `request` is the hash of the request's body.
    pub async fn register(&self, holder: &Holder, request: RegistrationRequest, hash: Hash32) -> Result<Receipt, Refused> {
        self.register_unsigned(holder, request).await.map_err(|refused| self.sign_refusal(refused, hash))
    }

    async fn register_unsigned(&self, holder: &Holder, request: RegistrationRequest) -> Result<Receipt, Refused> {
        let RegistrationRequest { card, possession } = request;
        let statement = self.services.cards.read(&card, StatementPurpose::RegisterKey)?;
        let mut registration = self.compare(&self.board().state.board, holder, &statement, possession)?;
        if let Some(receipt) = self.registered_before(&registration)? {
            return Ok(receipt);
        }
        let now = self.services.clock.now();
        voting(&self.board().state.board, now)?;
        let (certificate, _) = self.services.cards.accept(&card, StatementPurpose::RegisterKey, &registration.origin, &self.services.nonces, now)?;
        if certificate.spki_sha256().as_bytes() != holder.card_key.as_bytes() {
            return Err(Refused::about(Refusal::CardCertificate, "another card than the one of this session"));
        }
        let (evidence, sealed) = self.seal_evidence(&card, holder, registration.slot, now)?;
        registration.evidence = evidence;
        let body = Body::Registration(Box::new(registration.clone()));
        self.check_signature(&body).await?;
        self.note(PrivateBody::Evidence { slot: registration.slot, hash: evidence, sealed }).await?;
        let accepted = self.submit(Command::Record(Box::new(body))).await?;
        self.receipt(accepted, None)
    }

    /// Compares every field of the statement with what stands here; the evidence is still to be filled in.
    fn compare(&self, board: &Board, holder: &Holder, statement: &Statement, possession: Bytes<64>) -> Result<Registration, Refused> {
        let Statement::RegisterKey {
            origin,
            nonce,
            election,
            manifest,
            opened,
            slot,
            slot_commitment,
            voting_key,
            seq,
            previous,
            checkpoint_size,
            checkpoint_root,
        } = statement
        else {
            return Err(Refused::about(Refusal::WrongOrigin, "another purpose"));
        };
        let mismatch = |field: &str| Refused::about(Refusal::RegistrationMismatch, field);
        let here = board.manifest().ok_or(Refusal::NotOpenYet)?;
        if origin.as_str() != here.origin {
            return Err(Refused::about(Refusal::WrongOrigin, format!("made for {origin}, this is {}", here.origin)));
        }
        let book = self.slots()?;
        let own = book.find(&holder.person).ok_or(Refusal::NotOnRoll)?;
        if book.is_added(own) {
            return Err(Refusal::PaperOnly.into());
        }
        let named = u32::try_from(*slot).map(Slot).map_err(|_| mismatch("slot"))?;
        let same = |ours: Option<Hash32>, theirs: &tachiai_jpki::Hash32| ours.is_some_and(|hash| hash.as_bytes() == theirs.as_bytes());
        let commitment = book.public(own).map(|public| public.commitment);
        for (field, equal) in [
            ("election", election.as_str() == self.id.to_string()),
            ("manifest", same(board.manifest_hash(), manifest)),
            ("opened", same(board.opened().map(|opened| opened.leaf_hash()), opened)),
            ("slot", named == own),
            ("slot_commitment", same(commitment, slot_commitment)),
        ] {
            if !equal {
                return Err(mismatch(field));
            }
        }
        let hash = |hash: &tachiai_jpki::Hash32| -> HashBytes { Bytes(*hash.as_bytes()) };
        Ok(Registration {
            slot: own,
            slot_commitment: hash(slot_commitment),
            voting_key: hash(voting_key),
            seq: u32::try_from(*seq).map_err(|_| Refused::from(Refusal::RegistrationSequence))?,
            previous: previous.as_ref().map(hash),
            checkpoint: TreeHead { size: *checkpoint_size, root: hash(checkpoint_root) },
            nonce: Bytes::from_str(nonce.as_str()).map_err(|_| Refused::from(Refusal::NonceSpent))?,
            origin: here.origin.clone(),
            possession,
            evidence: Bytes([0; 32]),
        })
    }

    /// The receipt of the slot's current registration, if this is a repetition of it.
    fn registered_before(&self, registration: &Registration) -> Result<Option<Receipt>, Refused> {
        let current =
            self.board().state.board.slot(registration.slot).filter(|state| *state.voting_key() == registration.voting_key.0).map(|state| state.registration());
        let Some(leaf) = current else { return Ok(None) };
        let Body::Registration(before) = self.entry(leaf)?.body else { return Ok(None) };
        let same = Registration { evidence: before.evidence, ..registration.clone() } == *before;
        if same { self.receipt_at(leaf, None).map(Some) } else { Ok(None) }
    }

    /// Records a ballot.
    ///
    /// # Errors
    /// [`Refusal`] signed by the board; `request` is the hash of the request's body.
    pub async fn cast(&self, ballot: Vec<u8>, request: Hash32) -> Result<Receipt, Refused> {
        self.cast_unsigned(ballot).await.map_err(|refused| self.sign_refusal(refused, request))
    }

    async fn cast_unsigned(&self, ballot: Vec<u8>) -> Result<Receipt, Refused> {
        let header = BallotHeader::peek(&ballot).map_err(|error| Refused::about(Refusal::BallotMalformed, error))?;
        let hash = tagged(labels::hash::BALLOT, &[&ballot]);
        // Where the views cannot be asked, the committer still finds a repetition.
        if let Ok(Some(status)) = self.known_ballot(hash) {
            return self.receipt_at(leaf_of(status), Some(hash));
        }
        let statement = {
            let published = self.board();
            let board = &published.state.board;
            voting(board, self.services.clock.now())?;
            look_at_header(board, &header, ballot.len())?;
            board.statement_for(header.slot).ok_or(Refusal::KeyNotCurrent)?
        };
        let checked = self.pool.verify(ballot, statement).await?;
        // Only what the slot's own key signed is counted: a stranger who knows slot and key must not use up the voter's allowance.
        if self.casts.check_key(&header.slot).is_err() {
            return Err(Refused::about(Refusal::RateLimited, format!("too many ballots of slot {}", header.slot)));
        }
        let accepted = self.submit(Command::Cast(Box::new(checked))).await?;
        self.receipt(accepted, Some(hash))
    }

    fn known_ballot(&self, hash: Hash32) -> Result<Option<BallotStatus>, Refused> {
        let size = self.board().state.tree.len();
        match views::ballot_status(self.services.store.as_ref(), &self.journal, size, hash) {
            Ok(status) => Ok(Some(status)),
            Err(refused) if refused.refusal == Refusal::NotFound => Ok(None),
            Err(refused) => Err(refused),
        }
    }

    /// What became of a ballot.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn ballot_status(&self, hash: Hash32) -> Result<BallotStatus, Refused> {
        self.known_ballot(hash)?.ok_or_else(|| Refusal::NotFound.into())
    }

    /// Takes a ballot out of the count, so that it may be opened.
    ///
    /// # Errors
    /// [`Refusal`] signed by the board; `request` is the hash of the request's body.
    pub async fn challenge(&self, challenged: Challenged, request: Hash32) -> Result<Receipt, Refused> {
        self.challenge_unsigned(challenged).await.map_err(|refused| self.sign_refusal(refused, request))
    }

    async fn challenge_unsigned(&self, challenged: Challenged) -> Result<Receipt, Refused> {
        match self.known_ballot(challenged.ballot.hash())? {
            Some(BallotStatus::Challenged { by, .. }) => {
                let same = matches!(self.entry(by)?.body, Body::Challenged(before) if before == challenged);
                if same { self.receipt_at(by, None) } else { Err(Refused::about(Refusal::NotCurrentBallot, "it was challenged before")) }
            }
            None => Err(Refused::about(Refusal::NotCurrentBallot, "no such ballot is on the board")),
            Some(BallotStatus::Counted { .. } | BallotStatus::Superseded { .. } | BallotStatus::Overridden { .. }) => {
                let body = Body::Challenged(challenged);
                self.check_signature(&body).await?;
                let accepted = self.submit(Command::Record(Box::new(body))).await?;
                self.receipt(accepted, None)
            }
        }
    }
}

impl Live {
    /// Checks the signature that an entry would owe now, off the committer's thread: that one waits for nobody, so what
    /// strangers sent does not get there. It decides again, on the board as it is then.
    async fn check_signature(&self, body: &Body) -> Result<(), Refused> {
        let command = Command::Record(Box::new(body.clone()));
        let decision = decide(&self.board().state, self.services.clock.now(), &command);
        // Anything else that is wrong costs the committer nothing to refuse.
        let Ok(Decision::Append(append)) = decision else { return Ok(()) };
        let owes = append.owes;
        offload(move || discharge(&[owes], &mut OsRng).into_iter().collect::<Result<(), _>>().map_err(|violation| refusal_of(&violation))).await
    }
}

/// What can be refused for the header alone, before any arithmetic.
fn look_at_header(board: &Board, header: &BallotHeader, length: usize) -> Result<(), Refused> {
    let BallotHeader { slot, registration, counter, voting_key } = header;
    let state = board.slot(*slot).ok_or_else(|| Refused::about(Refusal::KeyNotCurrent, format!("slot {slot} has no registration")))?;
    if state.registration() != *registration || state.voting_key() != voting_key {
        return Err(Refused::about(Refusal::KeyNotCurrent, format!("the current registration of slot {slot} is at leaf {}", state.registration())));
    }
    if state.counter().is_some_and(|last| last >= *counter) {
        return Err(Refused::about(Refusal::CounterTooLow, format!("counter {counter} is not greater than the one before")));
    }
    let style = board.roll_slot(*slot).and_then(|listed| board.style_of(listed.district)).ok_or(Refusal::BallotMalformed)?;
    let expected = style.ballot_len();
    if length != expected {
        return Err(Refused::about(Refusal::BallotMalformed, format!("{length} bytes where the style of slot {slot} has {expected}")));
    }
    Ok(())
}
