//! The count as its entries show it: the statement recomputed, whose shares came, and the end (PROTOCOL §8).

use tachiai_crypto::election::tally::{counted_digest, statement_hash, units};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::election::{ContestUnits, Manifest, Published, ResultEntry, SignedTallyStatement, TallyStatement, TreeHead, Unit};
use tachiai_schemas::trustee::{SharesFile, Signed, SignedKind, TallySignature};
use tachiai_schemas::{LeafIndex, TrusteeIndex, canonical};

use super::voting::is_held;
use super::{Board, Roots, Stage};
use crate::obligation::Obligation;
use crate::rule::{Breaks, Rule, Violation, require};

/// The tally statement of the board.
pub(super) struct Declared {
    pub(super) leaf: LeafIndex,
    pub(super) statement: TallyStatement,
    pub(super) hash: Hash32,
}

/// The result of the board.
pub(super) struct ResultState {
    pub(super) leaf: LeafIndex,
    pub(super) entry: ResultEntry,
}

/// A trustee's decryption shares, as their entry names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SharesState {
    /// The leaf.
    pub leaf: LeafIndex,
    /// SHA-256 of the attachment.
    pub file: Hash32,
}

impl Board {
    /// The tally statement that this board gives, once `poll-closed` stands; `roots` are those of the tree of its leaves so far (PROTOCOL §8.3).
    #[must_use]
    pub fn tally_statement(&self, roots: &dyn Roots) -> Option<TallyStatement> {
        let manifest = self.manifest()?;
        let poll_closed = self.poll_closed?;
        let size = poll_closed.0 + 1;
        let root = roots.root_at(size)?;
        let ballots = self.counted_by_district()?;
        Some(TallyStatement {
            origin: manifest.origin.clone(),
            board: TreeHead { size, root: root.into() },
            poll_closed,
            counted: self.counted,
            digest: counted_digest(self.counted()).into(),
            contests: self.units_of(manifest, &ballots),
        })
    }

    /// The statement that stands on the board, with its hash TS.
    #[must_use]
    pub fn declared_statement(&self) -> Option<(&TallyStatement, Hash32)> {
        self.tally.as_ref().map(|declared| (&declared.statement, declared.hash))
    }

    /// The leaf of the tally statement.
    #[must_use]
    pub fn tally_leaf(&self) -> Option<LeafIndex> {
        self.tally.as_ref().map(|declared| declared.leaf)
    }

    /// The trustees whose shares are on the board, ascending.
    pub fn shares(&self) -> impl Iterator<Item = (TrusteeIndex, &SharesState)> {
        self.shares.iter().map(|(index, state)| (*index, state))
    }

    /// The leaf and the entry of the result.
    #[must_use]
    pub fn result(&self) -> Option<(LeafIndex, &ResultEntry)> {
        self.result.as_ref().map(|result| (result.leaf, &result.entry))
    }

    /// Checks a trustee's signature under a statement, as the daemon does when it comes in.
    ///
    /// # Errors
    /// A [`Violation`] of R601.
    pub fn check_tally_signature(&self, statement: &TallyStatement, signature: &TallySignature) -> Result<(), Violation> {
        let json = canonical::to_bytes(statement).breaks(Rule::R601)?;
        self.fixed()?.verify_trustee(signature.trustee, TallyStatement::KIND, &json, &signature.signature.0, Rule::R601)
    }

    /// Counted ballots of each district.
    fn counted_by_district(&self) -> Option<Vec<u64>> {
        let mut ballots = vec![0_u64; self.manifest()?.districts.len()];
        for (slot, _) in self.counted() {
            let district = self.roll_slot(slot)?.district;
            *ballots.get_mut(usize::from(district))? += 1;
        }
        Some(ballots)
    }

    /// The units of every contest, from the counted ballots of each district (PROTOCOL §8.1). One without a poll has none: its ballots are not opened.
    fn units_of(&self, manifest: &Manifest, ballots: &[u64]) -> Vec<ContestUnits> {
        let contests = (0..=u16::MAX).zip(&manifest.contests);
        contests
            .map(|(index, contest)| {
                let held = (0..=u16::MAX).zip(ballots.iter().copied()).filter(|(district, _)| is_held(contest, *district));
                let districts: Vec<(u16, u64)> = held.filter(|_| self.is_contested(index, contest)).collect();
                let units = units(manifest.min_unit, &districts).into_iter();
                ContestUnits { contest: index, units: units.map(|unit| Unit { districts: unit.districts, ballots: unit.ballots }).collect() }
            })
            .collect()
    }

    pub(super) fn check_tally_statement(&self, signed: &SignedTallyStatement, roots: &dyn Roots) -> Result<Obligation, Violation> {
        let SignedTallyStatement { statement, signatures } = signed;
        require!(self.stage < Stage::Tallying, R601, "there is a tally statement already");
        require!(self.stage == Stage::PollClosed, R105, "`tally-statement` comes after `poll-closed`");
        let fixed = self.fixed()?;
        let expected = self.tally_statement(roots).ok_or_else(|| Violation::of_record(Rule::R601, "the board gives no tally statement"))?;
        require!(*statement == expected, R601, "the statement differs from what the board gives in {}", difference(statement, &expected));
        require!(signatures.is_sorted_by(|a, b| a.trustee < b.trustee), R601, "the signatures are not by ascending, distinct trustees");
        let needed = fixed.quorum.statement_quorum();
        require!(signatures.len() >= usize::from(needed), R601, "{} signatures where {needed} are needed", signatures.len());
        let json = canonical::to_bytes(statement).breaks(Rule::R601)?;
        for TallySignature { trustee, signature } in signatures {
            fixed.verify_trustee(*trustee, TallyStatement::KIND, &json, &signature.0, Rule::R601)?;
        }
        Ok(Obligation::Nothing)
    }

    pub(super) fn apply_tally_statement(&mut self, leaf: LeafIndex, signed: &SignedTallyStatement) {
        if let Ok(json) = canonical::to_bytes(&signed.statement) {
            self.tally = Some(Declared { leaf, statement: signed.statement.clone(), hash: statement_hash(&json) });
            self.stage = Stage::Tallying;
        }
    }

    pub(super) fn check_shares(&self, signed: &Signed<SharesFile>) -> Result<Obligation, Violation> {
        let SharesFile { statement, trustee, file: _ } = &signed.body;
        let declared = self.tally.as_ref().filter(|_| self.stage == Stage::Tallying);
        let declared = declared.ok_or_else(|| Violation::of_record(Rule::R105, "`decryption-shares` come between `tally-statement` and `result`"))?;
        require!(statement.hash() == declared.hash, R602, "they are for another tally statement");
        self.fixed()?.verify_signed(*trustee, signed, Rule::R602)?;
        require!(!self.shares.contains_key(trustee), R602, "trustee {trustee} sent shares twice");
        Ok(Obligation::Nothing)
    }

    pub(super) fn apply_shares(&mut self, leaf: LeafIndex, shares: &SharesFile) {
        self.shares.insert(shares.trustee, SharesState { leaf, file: shares.file.hash() });
    }

    pub(super) fn check_result(&self, result: &ResultEntry) -> Result<Obligation, Violation> {
        let declared = self.tally.as_ref().filter(|_| self.stage == Stage::Tallying);
        let declared = declared.ok_or_else(|| Violation::of_record(Rule::R105, "`result` comes once, after `tally-statement`"))?;
        require!(result.statement.hash() == declared.hash, R605, "it is for another tally statement");
        let needed = self.fixed()?.quorum.threshold();
        require!(self.shares.len() >= usize::from(needed), R603, "{} trustees sent shares where {needed} are needed", self.shares.len());
        Ok(Obligation::Nothing)
    }

    pub(super) fn apply_result(&mut self, leaf: LeafIndex, entry: &ResultEntry) {
        self.result = Some(ResultState { leaf, entry: entry.clone() });
        self.stage = Stage::Tallied;
    }

    pub(super) fn check_published(&self, published: &Published) -> Result<Obligation, Violation> {
        let result = self.result.as_ref().ok_or_else(|| Violation::of_record(Rule::R105, "`published` comes after `result`"))?;
        self.check_papers_counted()?;
        require!(published.result == result.leaf, R605, "the result is at leaf {}, not {}", result.leaf, published.result);
        Ok(Obligation::Nothing)
    }
}

/// The fields in which two statements differ.
fn difference(found: &TallyStatement, expected: &TallyStatement) -> String {
    let TallyStatement { origin, board, poll_closed, counted, digest, contests } = found;
    let fields = [
        ("origin", *origin != expected.origin),
        ("board", *board != expected.board),
        ("poll_closed", *poll_closed != expected.poll_closed),
        ("counted", *counted != expected.counted),
        ("digest", *digest != expected.digest),
        ("contests", *contests != expected.contests),
    ];
    fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect::<Vec<_>>().join(", ")
}
