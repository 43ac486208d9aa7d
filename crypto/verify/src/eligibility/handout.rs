//! The evidence of one hand-out of papers: the slot's elector took them, by the word of the elector's card or of two officials (R705, R706, R708, R709).

use tachiai_crypto::election::paper::{PaperFields, paper_text};
use tachiai_crypto::hash::Hash32;
use tachiai_jpki::{Purpose, Statement, verify_signature};
use tachiai_schemas::evidence::{Binding, ByName, NameReason, PaperEvidence};
use tachiai_schemas::identity::{CardStatement, Enrolment, Fallback};
use tachiai_schemas::paper::{Identified, PaperIssue};
use tachiai_schemas::{LeafIndex, Slot, Timestamp};

use super::registration::{Bound, Judge, broken, hash};
use crate::failure::Failure;
use crate::rule::{Breaks, Rule, Violation};

/// A hand-out on the board.
pub(super) struct HandoutClaim {
    pub(super) leaf: LeafIndex,
    /// When the board took it.
    pub(super) at: Timestamp,
    pub(super) issue: PaperIssue,
}

/// What the evidence of a hand-out showed.
pub(super) enum ShownHandout {
    /// A card signed for the papers.
    Card {
        /// SHA-256 of the card's authentication key.
        card: Hash32,
        /// The nonce that it signed.
        nonce: [u8; 32],
        /// If the card was bound at a counter.
        fallback: Option<Fallback>,
        /// Whether a later list dates the revocation of one of the certificates before its use.
        revoked_since: bool,
    },
    /// Two officials identified the elector.
    ByName(NameReason),
}

/// Checks the evidence of a hand-out; violations name its leaf.
pub(super) fn check(judge: &Judge<'_>, claim: &HandoutClaim, sealed: Option<&[u8]>) -> Result<ShownHandout, Failure> {
    check_evidence(judge, claim, sealed).map_err(|failure| match failure {
        Failure::Refuted(violation) => violation.at(claim.leaf).into(),
        incomplete @ Failure::Incomplete(_) => incomplete,
    })
}

/// How long after a card signed its papers are handed out at the latest, in seconds. A desk that is cut off hands out nothing by card, so no later entry of
/// one is dated back to when the card was still good.
const PROMPT: i64 = 3_600;

fn check_evidence(judge: &Judge<'_>, HandoutClaim { leaf: _, at, issue }: &HandoutClaim, sealed: Option<&[u8]>) -> Result<ShownHandout, Failure> {
    let evidence: PaperEvidence = judge.open(issue.evidence.hash(), sealed, Rule::R709, "hand-out")?;
    let PaperEvidence { card, elector, binding, bound, fallback, name } = &evidence;
    match (issue.identified, card, binding, bound, name) {
        (Identified::Card, Some(signed), Some(binding), Some(bound), None) => {
            let CardStatement { statement, signature, certificate } = signed;
            if *at > issue.issued_at.plus(PROMPT) {
                return Err(broken(Rule::R709, "a hand-out by card was recorded more than an hour after it"));
            }
            let nonce = nonce(judge, issue, &statement.0)?;
            let used = issue.issued_at;
            let card = judge.trusted.certificate(&certificate.0, Purpose::UserAuthentication, used)?;
            verify_signature(&card, &statement.0, &signature.0).breaks(Rule::R709)?;
            judge.holder(issue.slot, elector, &card, &Bound { binding, fallback: fallback.as_ref(), bound: *bound, used })?;
            let mut revoked_since = judge.trusted.revoked_since(&certificate.0, Purpose::UserAuthentication, used);
            if let Binding::Card(Enrolment { card, authentication: _, possession: _ }) = binding {
                revoked_since |= judge.trusted.revoked_since(&card.certificate.0, Purpose::DigitalSignature, *bound);
            }
            Ok(ShownHandout::Card { card: hash(&card.spki_sha256()), nonce, fallback: fallback.clone(), revoked_since })
        }
        (Identified::Name, None, None, None, Some(ByName { reason, by: [first, second] })) if fallback.is_none() => {
            judge.elector(issue.slot, elector, Rule::R709)?;
            if first == second || first.is_empty() || second.is_empty() {
                return Err(broken(Rule::R709, "an elector without a card was identified by fewer than two officials"));
            }
            Ok(ShownHandout::ByName(*reason))
        }
        (Identified::Card, ..) => {
            Err(broken(Rule::R709, "the entry says that a card signed, and the evidence has no card that was bound, or has officials, too"))
        }
        (Identified::Name, ..) => Err(broken(Rule::R709, "the entry says that no card signed, and the evidence has a card, or no two officials")),
    }
}

/// The nonce of the text that the card signed, which is that of this hand-out in all else (PROTOCOL §16.8).
fn nonce(judge: &Judge<'_>, issue: &PaperIssue, signed: &[u8]) -> Result<[u8; 32], Failure> {
    let PaperIssue { opened, place, session, slot, contests, manner: _, identified: _, issued_at: _, evidence: _ } = issue;
    let other = || broken(Rule::R709, "the card signed another text than that of this hand-out");
    let Ok(Statement::PaperIssue { nonce, .. }) = Statement::parse(signed) else { return Err(other()) };
    let nonce: tachiai_schemas::Bytes<32> = nonce.as_str().parse().map_err(|_| other())?;
    let expected = paper_text(&PaperFields {
        origin: judge.manifest.origin.clone(),
        nonce: nonce.0,
        election: judge.manifest.election,
        opened: opened.hash(),
        place: judge.manifest.places.get(usize::from(*place)).map(|place| place.id.clone()).unwrap_or_default(),
        session: *session,
        slot: *slot,
        slot_commitment: judge.board.commitment_of(*slot).ok_or_else(|| no_slot(*slot))?,
        contests: contests.clone(),
    });
    if signed == expected { Ok(nonce.0) } else { Err(other()) }
}

fn no_slot(slot: Slot) -> Violation {
    Violation::of_record(Rule::R802, format!("there is no slot {slot}"))
}
