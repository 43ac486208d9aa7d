//! The private journal of an election (`<election>-private`): what the board only commits to.
//!
//! An entry names no person in clear. The roll and the salts of the slots are sealed with the vault and lie in files of
//! their own, each named by its SHA-256 and synced before the entry that names it; the evidence behind a registration is
//! encrypted to the authority, so that not even this appliance can read it again. Encrypted shares are the trustees'.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::canonical::{self, CanonicalError};
use tachiai_schemas::counting::PaperFigures;
use tachiai_schemas::desk::envelope::EnvelopeAside;
use tachiai_schemas::desk::{AbsenteeKind, AbsenteeStands, Reception};
use tachiai_schemas::paper::{Attested, Lot, OfficerSignature, RollChangeKind};
use tachiai_schemas::roll::case::Ruling;
use tachiai_schemas::spec::ElectionSpec;
use tachiai_schemas::trustee::{EncryptedShare, SignedKind, TallySignature, TrusteeCard};
use tachiai_schemas::{Blob, Bytes, HashBytes, LeafIndex, Slot, Timestamp, TrusteeIndex};

use super::declaration::Declarations;
use super::desk::attended::AttendedLook;
use super::desk::prepare::{KeptPaper, PaperPrepared};
use super::roll::log::{Changed, ObjectionOnFile, RollLog, RollRef};

use super::lots::Lots;
use super::officers::Signatures;
use super::papercount::Counts;

/// The version of these entries.
const VERSION: u32 = 1;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrivateEntry {
    v: u32,
    /// When.
    pub at: Timestamp,
    /// What.
    pub body: PrivateBody,
}

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum PrivateBody {
    /// The election was created.
    Created {
        /// Who did it.
        by: String,
        /// As validated.
        spec: Box<ElectionSpec>,
    },
    /// A trustee's keys were taken over.
    TrusteeAdded {
        /// Who did it.
        by: String,
        /// The keys.
        trustee: TrusteeCard,
    },
    /// A roll was imported; it replaces every earlier one.
    RollImported {
        /// Who did it.
        by: String,
        /// The sealed roll.
        payload: HashBytes,
        /// How many electors: who may vote on the polling date.
        electors: u64,
        /// How many people are on it who may not.
        #[serde(default, skip_serializing_if = "is_zero")]
        unqualified: u64,
    },
    /// The roll was corrected before the opening.
    RollCorrected {
        /// Who did it: two where somebody was added or struck.
        by: Vec<String>,
        /// How many electors there are now.
        electors: u64,
        /// How many people are on it who may not vote.
        unqualified: u64,
        /// The case that two officials decided on.
        case: Option<HashBytes>,
        /// The sealed case.
        sealed: Blob,
    },
    /// Two officials are asked to add somebody to the roll, or to strike or restore somebody.
    RollCaseMade {
        /// Who asks.
        by: String,
        /// The commitment that they decide on.
        commitment: HashBytes,
        /// The sealed case.
        sealed: Blob,
    },
    /// The roll is to change after the opening; the board's entry follows.
    RollChanged {
        /// The two who decided.
        by: Vec<String>,
        /// The case.
        case: HashBytes,
        /// What it comes to.
        change: RollChangeKind,
        /// The slot.
        slot: Slot,
        /// The first leaf that the board's entry can stand on.
        from: LeafIndex,
        /// For a slot that is added, its commitment, by which the board's entry finds this.
        commitment: Option<HashBytes>,
        /// For a slot that is added, the sealed elector with the salt.
        sealed: Option<Blob>,
    },
    /// An objection was received; they are numbered from 1.
    ObjectionReceived {
        /// By whom.
        by: String,
        /// The sealed objection.
        sealed: Blob,
    },
    /// An objection was decided.
    ObjectionDecided {
        /// Who recorded it.
        by: String,
        /// Its number.
        number: u32,
        /// How.
        ruling: Ruling,
        /// The sealed decision.
        sealed: Blob,
    },
    /// The board's key was made; it lies in the vault.
    BoardKey {
        /// Who started the ceremony.
        by: String,
        /// The public half.
        key: Bytes<32>,
    },
    /// The slots were shuffled.
    Slots {
        /// The sealed order and salts.
        payload: HashBytes,
        /// The roll root that they give: `opened` says which of several was used.
        root: HashBytes,
    },
    /// The encrypted shares of a deal.
    ShareFiles {
        /// The run.
        run: u32,
        /// The dealer.
        from: TrusteeIndex,
        /// The age files.
        shares: Vec<EncryptedShare>,
    },
    /// The evidence behind a registration.
    Evidence {
        /// The slot.
        slot: Slot,
        /// What the board's entry holds.
        hash: HashBytes,
        /// Salt and evidence, encrypted to the authority's recipients.
        sealed: Blob,
    },
    /// Somebody looked people up, at a desk or on the roll.
    LookedUp {
        /// Who.
        by: String,
        /// How.
        how: LookedBy,
        /// Everybody who was shown.
        slots: Vec<Slot>,
    },
    /// A desk wants to look for somebody who may be under protection: two officials are to agree.
    AttendedLookAsked {
        /// Who asks.
        by: String,
        /// The commitment that they decide on.
        commitment: HashBytes,
        /// The sealed search.
        sealed: Blob,
    },
    /// They agreed.
    AttendedLookApproved {
        /// The two.
        by: Vec<String>,
        /// The commitment.
        commitment: HashBytes,
    },
    /// Officers of a place set an envelope aside whose hand-out the board refuses.
    EnvelopeAside {
        /// Whose desk handed it in.
        by: String,
        /// What they signed.
        aside: Box<Attested<EnvelopeAside>>,
        /// Whose it is, and why, sealed.
        sealed: Blob,
    },
    /// Somebody took the whole roll away.
    RollExported {
        /// Who.
        by: String,
    },
    /// The evidence behind a hand-out of papers.
    PaperEvidence {
        /// What it is for.
        prepared: PaperPrepared,
        /// Salt and evidence, encrypted to the authority's recipients.
        sealed: Blob,
    },
    /// Somebody asked for absentee papers (請求).
    AbsenteeRequested {
        /// Who noted it.
        by: String,
        /// Whose.
        slot: Slot,
        /// How they vote.
        absentee: AbsenteeKind,
    },
    /// Absentee papers came back.
    AbsenteeReceived {
        /// Who noted it.
        by: String,
        /// Whose.
        slot: Slot,
        /// The hand-out.
        leaf: LeafIndex,
        /// Whether they go into the box.
        reception: Reception,
    },
    /// An elector filed a declaration for early voting; it replaces an earlier one that was not used.
    DeclarationFiled {
        /// The elector's slot.
        slot: Slot,
        /// The sealed declaration.
        sealed: Blob,
    },
    /// An elector took the declaration back.
    DeclarationWithdrawn {
        /// The elector's slot.
        slot: Slot,
    },
    /// A paper was handed out on the declaration.
    DeclarationUsed {
        /// The elector's slot.
        slot: Slot,
        /// The leaf of the hand-out.
        handout: LeafIndex,
    },
    /// A trustee signed a tally statement.
    TallySigned {
        /// The statement's hash.
        statement: HashBytes,
        /// The signature.
        signature: TallySignature,
    },
    /// An official counted the papers of a contest.
    PaperCounted {
        /// Who.
        by: String,
        /// What.
        figures: PaperFigures,
    },
    /// The first signature of a lot came in: from now on this one is signed, and no other of its contest.
    LotEntered {
        /// Who entered it.
        by: String,
        /// What was drawn.
        lot: Lot,
    },
    /// An official wants the lot of a contest dropped that is being signed; with a second one it is, with its signatures.
    LotDropAsked {
        /// Who.
        by: String,
        /// The contest.
        contest: u16,
        /// Why.
        reason: String,
    },
    /// An officer of the count signed a paper count or a lot.
    OfficerSigned {
        /// The hash of what was signed.
        body: HashBytes,
        /// The signature.
        signature: OfficerSignature,
    },
}

/// An older entry does not say it, and it is not written where it says nothing.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives references")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// How people were looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LookedBy {
    /// By a card in the reader.
    Card,
    /// By a search.
    Search,
    /// By a search on which two officials agreed.
    Attended,
    /// By reading the list of absentee voters.
    AbsenteeList,
    /// By reading the list of declarations for early voting.
    DeclarationList,
    /// By reading the list of envelopes that were set aside.
    EnvelopeList {
        /// How many were shown.
        envelopes: u64,
    },
    /// By a search of the roll.
    RollSearch {
        /// How many were shown who have no slot: everybody before the opening, after it those who may not vote.
        without_slot: u64,
    },
    /// By reading the roll at a glance, which names those who may not vote, those whom a change is about, and in objections others.
    RollOverview {
        /// How many were shown who have no slot: those who may not vote, and those whom a change before the opening is about.
        without_slot: u64,
        /// How many objections were shown.
        objections: u64,
    },
}

/// Why bytes are not a private entry.
#[derive(Debug, thiserror::Error)]
pub enum PrivateError {
    /// Not the one accepted form.
    #[error(transparent)]
    Form(#[from] CanonicalError),
    /// An unknown version.
    #[error("version {0} is unknown, this program knows {VERSION}")]
    Version(u32),
}

impl PrivateEntry {
    /// An entry of the version written now.
    #[must_use]
    pub const fn new(at: Timestamp, body: PrivateBody) -> Self {
        Self { v: VERSION, at, body }
    }

    /// Writes it.
    ///
    /// # Errors
    /// [`CanonicalError`], never for these types.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical::to_bytes(self)
    }

    /// Reads it.
    ///
    /// # Errors
    /// [`PrivateError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PrivateError> {
        let entry: Self = canonical::from_bytes(bytes)?;
        if entry.v == VERSION { Ok(entry) } else { Err(PrivateError::Version(entry.v)) }
    }
}

/// The fold of a private journal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrivateState {
    /// As created.
    pub spec: Option<ElectionSpec>,
    /// Index 1 first.
    pub trustees: Vec<TrusteeCard>,
    /// The last import, with what was corrected since.
    pub roll: Option<RollRef>,
    /// What happened to the roll besides.
    pub roll_log: RollLog,
    /// The board's public key, once the ceremony was started.
    pub board_key: Option<[u8; 32]>,
    /// Sealed slots by the roll root that they give.
    pub slots: BTreeMap<Hash32, Hash32>,
    /// Age files by run, dealer and receiver.
    pub shares: BTreeMap<(u32, TrusteeIndex, TrusteeIndex), Blob>,
    /// Signatures by statement and trustee.
    pub tally_signatures: BTreeMap<(Hash32, TrusteeIndex), TallySignature>,
    /// The entries with the evidence that is here, by its hash.
    pub evidence: BTreeMap<Hash32, u64>,
    /// How far two officials are with the papers of each contest.
    pub paper_counts: Counts,
    /// How many entries there are about counts of papers and lots.
    pub count_steps: u64,
    /// The lots that are being signed or were recorded, and those that were dropped.
    pub lots: Lots,
    /// What officers of the count signed.
    pub officer_signatures: Signatures,
    /// The evidence of hand-outs that is here, by its hash.
    pub papers: BTreeMap<Hash32, KeptPaper>,
    /// Of that, what was sealed without a card, by slot.
    pub by_name: BTreeMap<Slot, Vec<Hash32>>,
    /// Absentee voting, by slot.
    pub absentee: BTreeMap<Slot, AbsenteeStands>,
    /// The declarations for early voting.
    pub declarations: Declarations,
    /// The look-ups that two officials were asked to agree on, by their commitments.
    pub attended: BTreeMap<Hash32, AttendedLook>,
    /// The entries of envelopes that were set aside, by place and number.
    pub aside: BTreeMap<(u16, String), u64>,
    /// The entries with acts of officials that an auditor is told of.
    pub acts: Vec<u64>,
}

impl PrivateState {
    /// Takes the entry of this number over.
    pub fn apply(&mut self, seq: u64, entry: &PrivateEntry) {
        if entry.body.is_act() {
            self.acts.push(seq);
        }
        let is_of_counts = matches!(
            entry.body,
            PrivateBody::PaperCounted { .. } | PrivateBody::LotEntered { .. } | PrivateBody::LotDropAsked { .. } | PrivateBody::OfficerSigned { .. }
        );
        self.count_steps += u64::from(is_of_counts);
        match &entry.body {
            PrivateBody::Created { by: _, spec } => self.spec = Some(ElectionSpec::clone(spec)),
            PrivateBody::TrusteeAdded { by: _, trustee } => self.trustees.push(trustee.clone()),
            PrivateBody::RollImported { by: _, payload, electors, unqualified } => {
                let payload = payload.hash();
                self.roll = Some(RollRef { payload, electors: *electors, unqualified: *unqualified, version: payload });
                self.roll_log.imported();
            }
            PrivateBody::RollCorrected { by: _, electors, unqualified, case, sealed } => {
                if let Some(roll) = &mut self.roll {
                    let version = Hash32::sha256(&[&roll.version.as_bytes()[..], &sealed.0].concat());
                    *roll = RollRef { payload: roll.payload, electors: *electors, unqualified: *unqualified, version };
                }
                self.roll_log.corrections.push(seq);
                if let Some(case) = case {
                    self.roll_log.drafted.insert(case.hash(), seq);
                }
            }
            PrivateBody::RollCaseMade { by: _, commitment, sealed: _ } => {
                self.roll_log.cases.insert(commitment.hash(), seq);
            }
            PrivateBody::RollChanged { by: _, case, change, slot, from, commitment, sealed: _ } => {
                let commitment = commitment.map(|commitment| commitment.hash());
                self.roll_log.changed.push(Changed { case: case.hash(), change: *change, slot: *slot, from: *from, commitment, seq });
            }
            PrivateBody::ObjectionReceived { .. } => self.roll_log.objections.push(ObjectionOnFile { received: seq, decided: None }),
            PrivateBody::ObjectionDecided { by: _, number, ruling, sealed: _ } => self.roll_log.decide(*number, *ruling, seq),
            PrivateBody::BoardKey { by: _, key } => self.board_key = Some(key.0),
            PrivateBody::Slots { payload, root } => {
                self.slots.insert(root.hash(), payload.hash());
            }
            PrivateBody::ShareFiles { run, from, shares } => {
                for share in shares {
                    self.shares.insert((*run, *from, share.to), share.age.clone());
                }
            }
            PrivateBody::Evidence { slot: _, hash, sealed: _ } => {
                self.evidence.insert(hash.hash(), seq);
            }
            // Nothing is decided by who looked whom up.
            PrivateBody::LookedUp { by: _, how: _, slots: _ } | PrivateBody::RollExported { by: _ } => {}
            PrivateBody::AttendedLookAsked { by, commitment, sealed: _ } => {
                self.attended.insert(commitment.hash(), AttendedLook { seq, by: by.clone(), at: entry.at, approved: None });
            }
            PrivateBody::EnvelopeAside { by: _, aside, sealed: _ } => {
                self.aside.entry((aside.body.place, aside.body.envelope.clone())).or_insert(seq);
            }
            PrivateBody::AttendedLookApproved { by: _, commitment } => {
                if let Some(look) = self.attended.get_mut(&commitment.hash()) {
                    look.approved.get_or_insert(entry.at);
                }
            }
            PrivateBody::PaperEvidence { prepared, sealed: _ } => {
                if prepared.reason.is_some() {
                    self.by_name.entry(prepared.papers.slot).or_default().push(prepared.evidence.hash());
                }
                self.papers.insert(prepared.evidence.hash(), KeptPaper { seq, at: entry.at, prepared: prepared.clone() });
            }
            PrivateBody::AbsenteeRequested { by: _, slot, absentee } => {
                self.absentee.insert(*slot, AbsenteeStands { kind: *absentee, requested: entry.at, received: None });
            }
            PrivateBody::AbsenteeReceived { by: _, slot, leaf, reception } => {
                if let Some(stands) = self.absentee.get_mut(slot) {
                    stands.received = Some((*leaf, entry.at, *reception));
                }
            }
            PrivateBody::DeclarationFiled { slot, sealed: _ } => self.declarations.file(*slot, seq),
            PrivateBody::DeclarationWithdrawn { slot } => self.declarations.withdraw(*slot),
            PrivateBody::DeclarationUsed { slot, handout } => self.declarations.mark_used(*slot, *handout),
            PrivateBody::TallySigned { statement, signature } => {
                self.tally_signatures.insert((statement.hash(), signature.trustee), signature.clone());
            }
            PrivateBody::PaperCounted { by, figures } => self.paper_counts.entry(figures.contest).or_default().enter(by, figures),
            PrivateBody::LotEntered { by, lot } => self.lots.enter(seq, by, lot),
            PrivateBody::LotDropAsked { by, contest, reason } => {
                let dropped = self.lots.drop_asked(seq, *contest, by, reason).and_then(|lot| lot.signed_hash().ok());
                self.officer_signatures.retain(|(body, _), _| dropped.is_none_or(|dropped| *body != dropped));
            }
            PrivateBody::OfficerSigned { body, signature } => {
                self.officer_signatures.insert((body.hash(), signature.officer), signature.clone());
            }
        }
    }

    /// The payload files that entries name: every other one is an orphan of an interrupted command.
    #[must_use]
    pub fn payloads(&self) -> BTreeSet<Hash32> {
        self.roll.iter().map(|roll| roll.payload).chain(self.slots.values().copied()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(body: PrivateBody) -> PrivateEntry {
        PrivateEntry::new(Timestamp::from_unix(1_800_000_000).unwrap(), body)
    }

    fn import(payload: u8, electors: u64) -> PrivateEntry {
        entry(PrivateBody::RollImported { by: "a".to_owned(), payload: Bytes([payload; 32]), electors, unqualified: 0 })
    }

    #[test]
    fn an_entry_survives_its_bytes() {
        let entry = import(1, 2);
        let bytes = entry.to_bytes().unwrap();
        assert_eq!(PrivateEntry::from_bytes(&bytes).unwrap(), entry);
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.starts_with(r#"{"v":1,"at":"2027-01-15T08:00:00Z","body":{"kind":"roll-imported","#), "{text}");
    }

    #[test]
    fn an_entry_of_a_later_version_is_refused() {
        let bytes = String::from_utf8(import(1, 2).to_bytes().unwrap()).unwrap().replace(r#""v":1"#, r#""v":2"#);
        assert!(matches!(PrivateEntry::from_bytes(bytes.as_bytes()), Err(PrivateError::Version(2))));
    }

    #[test]
    fn a_later_roll_replaces_the_earlier_one() {
        let mut state = PrivateState::default();
        state.apply(0, &import(1, 2));
        state.apply(1, &import(3, 4));
        let payload = Hash32::from_bytes([3; 32]);
        assert_eq!(state.roll, Some(RollRef { payload, electors: 4, unqualified: 0, version: payload }));
        assert_eq!(state.payloads().len(), 1);
    }

    #[test]
    fn a_correction_gives_the_roll_another_version_and_a_new_import_forgets_it() {
        let mut state = PrivateState::default();
        state.apply(0, &import(1, 2));
        let imported = state.roll.unwrap();
        let correction =
            |byte| entry(PrivateBody::RollCorrected { by: vec!["a".to_owned()], electors: 3, unqualified: 1, case: None, sealed: Blob(vec![byte]) });
        let mut other = state.clone();
        state.apply(1, &correction(1));
        other.apply(1, &correction(2));
        let (one, two) = (state.roll.unwrap(), other.roll.unwrap());
        assert_eq!((one.payload, one.electors, one.unqualified), (imported.payload, 3, 1));
        assert!(one.version != imported.version && one.version != two.version);
        assert_eq!(state.roll_log.corrections, [1]);
        state.apply(2, &import(4, 5));
        assert!(state.roll_log.corrections.is_empty() && state.roll.unwrap().version == Hash32::from_bytes([4; 32]));
    }
}
