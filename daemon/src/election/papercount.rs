//! The count of the papers: two officials count apart, without seeing each other's figures; what both have is what the officers of the count sign.

use std::collections::BTreeMap;
use std::sync::Arc;

use tachiai_crypto::hash::Hash32;
use tachiai_schemas::counting::{PaperCountSigned, PaperCountView, PaperFigures, PaperLine, Signing};
use tachiai_schemas::election::Body;
use tachiai_schemas::paper::PaperCount;
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::trustee::SignedKind;
use tachiai_schemas::{LeafIndex, Refusal};
use tachiai_verify::board::Board;

use super::decide::{Command, refusal_of};
use super::live::Live;
use super::officers;
use super::private::PrivateBody;
use crate::refused::Refused;

/// How far two officials are with the papers of one contest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entered {
    /// What the first of them counted, and who that is.
    first: Option<(String, PaperFigures)>,
    /// The lines in which the last two counts differ, until a first count is entered anew.
    differing: Vec<PaperLine>,
    /// How often two counts differed.
    rounds: u32,
    /// What two officials agreed on.
    agreed: Option<PaperFigures>,
}

/// The counts of all contests, as the private journal gives them.
pub type Counts = BTreeMap<u16, Entered>;

impl Entered {
    /// Takes what an official counted. A second time from the same official, it replaces what that one entered; once two agreed, it begins anew.
    pub fn enter(&mut self, by: &str, figures: &PaperFigures) {
        match self.first.take() {
            Some((first, counted)) if first != by => {
                self.differing = counted.differing(figures);
                if self.differing.is_empty() {
                    self.agreed = Some(figures.clone());
                } else {
                    self.rounds += 1;
                }
            }
            Some(_) | None => {
                self.agreed = None;
                self.first = Some((by.to_owned(), figures.clone()));
            }
        }
    }

    /// What two officials agreed on.
    #[must_use]
    pub const fn agreed(&self) -> Option<&PaperFigures> {
        self.agreed.as_ref()
    }

    /// Who entered a count that waits for the other official's.
    #[must_use]
    pub fn entered_by(&self) -> Option<&str> {
        self.first.as_ref().map(|(by, _)| by.as_str())
    }
}

/// What is signed and goes to the board, for figures of this election.
#[must_use]
pub fn body(opened: Hash32, figures: &PaperFigures) -> PaperCount {
    let PaperFigures { contest, thousandths, valid, blank, invalid } = figures.clone();
    PaperCount { opened: opened.into(), contest, thousandths, valid, blank, invalid }
}

/// Whether figures could be those of the boxes.
///
/// # Errors
/// [`Refusal::WrongPhase`]; [`Refusal::CountFigures`] with what does not fit.
pub fn fits(board: &Board, figures: &PaperFigures) -> Result<PaperCount, Refused> {
    let opened = board.opened().map(|opened| opened.leaf_hash()).ok_or(Refusal::NotOpenYet)?;
    if !matches!(board.phase(), Phase::PollClosed | Phase::Tallying | Phase::Tallied) {
        return Err(Refused::said(
            Refusal::WrongPhase,
            "用紙を数えるのは、投票の締切の後、結果の公表の前です",
            "papers are counted after the poll is closed and before the result is published",
        ));
    }
    let count = body(opened, figures);
    board.check_paper_figures(&count).map_err(|violation| refusal_of(&violation))?;
    Ok(count)
}

impl Live {
    /// How far the papers of every contest are counted, for those that have a paper in a box.
    #[must_use]
    pub fn paper_counts(&self) -> Vec<PaperCountView> {
        let published = self.board();
        let board = &published.state.board;
        let contests = board.manifest().map(|manifest| manifest.contests.clone()).unwrap_or_default();
        let indexed = (0..=u16::MAX).zip(&contests);
        let counted = indexed.filter(|(index, contest)| board.is_contested(*index, contest) && board.in_boxes(*index) > 0);
        counted.map(|(index, contest)| self.paper_count_view(board, index, &contest.id)).collect()
    }

    /// How often a count of papers or a lot was entered, was to be dropped, or was signed: whoever looks at the counts looks again when it changes. It only grows.
    #[must_use]
    pub fn paper_steps(&self) -> u64 {
        self.private().count_steps
    }

    fn paper_count_view(&self, board: &Board, contest: u16, id: &str) -> PaperCountView {
        let entered = self.private().paper_counts.get(&contest).cloned().unwrap_or_default();
        let opened = board.opened().map(|opened| opened.leaf_hash());
        let agreed = opened.zip(entered.agreed()).map(|(opened, figures)| body(opened, figures));
        let signed = agreed.as_ref().and_then(|count| count.signed_hash().ok()).map(|hash| self.signed_by(&hash)).unwrap_or_default();
        PaperCountView {
            contest,
            id: id.to_owned(),
            in_boxes: board.in_boxes(contest),
            rounds: entered.rounds,
            entered_by: entered.entered_by().map(ToOwned::to_owned),
            differing: entered.differing.clone(),
            agreed,
            signed,
            recorded: board.paper_count(contest).map(|(leaf, _)| leaf),
        }
    }

    /// Takes what an official counted.
    ///
    /// # Errors
    /// [`Refusal::CountFigures`] if it cannot be what is in the boxes, or is on the board already.
    pub async fn enter_paper_count(&self, by: &str, figures: PaperFigures) -> Result<PaperCountView, Refused> {
        let _turn = self.acts.lock().await;
        let (contest, id) = {
            let published = self.board();
            let board = &published.state.board;
            fits(board, &figures)?;
            let id = board.manifest().and_then(|manifest| manifest.contests.get(usize::from(figures.contest))).map(|contest| contest.id.clone());
            (figures.contest, id.unwrap_or_default())
        };
        self.note(PrivateBody::PaperCounted { by: by.to_owned(), figures }).await?;
        tracing::info!(election = %self.id, contest = id, "an official entered a count of papers");
        let published = self.board();
        Ok(self.paper_count_view(&published.state.board, contest, &id))
    }

    /// Takes officers' signatures of a count; as soon as there are enough, it goes to the board.
    ///
    /// # Errors
    /// [`Refusal::CountDiffers`] if two officials did not agree on it, [`Refusal::OfficerSignatures`].
    pub async fn sign_paper_count(self: &Arc<Self>, signed: PaperCountSigned) -> Result<Signing, Refused> {
        let _turn = self.acts.lock().await;
        let PaperCountSigned { body: count, signatures } = signed;
        let recorded = self.board().state.board.paper_count(count.contest).map(|(leaf, known)| (leaf, *known == count));
        if let Some((leaf, same)) = recorded {
            return if same { Ok(self.signing_of(&count, Some(leaf))?) } else { Err(other_figures()) };
        }
        let agreed = {
            let published = self.board();
            let opened = published.state.board.opened().map(|opened| opened.leaf_hash());
            let private = self.private();
            opened.zip(private.paper_counts.get(&count.contest).and_then(Entered::agreed)).map(|(opened, figures)| body(opened, figures))
        };
        if agreed.as_ref() != Some(&count) {
            return Err(other_figures());
        }
        let (mut signing, attested) = self.attest(count, signatures).await?;
        if let Some(attested) = attested {
            signing.recorded = Some(self.submit(Command::Record(Box::new(Body::PaperCount(attested)))).await?.leaf);
        }
        Ok(signing)
    }

    fn signing_of(&self, count: &PaperCount, leaf: Option<LeafIndex>) -> Result<Signing, Refused> {
        let hash = count.signed_hash().map_err(|error| Refused::fault("hashing what officers sign", error))?;
        Ok(officers::signing(&self.count_officers(), &self.signed_by(&hash), leaf))
    }
}

fn other_figures() -> Refused {
    Refusal::CountDiffers.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(first: u64) -> PaperFigures {
        PaperFigures { contest: 0, thousandths: vec![first * 1_000, 0], valid: first, blank: 0, invalid: 0 }
    }

    #[test]
    fn one_official_alone_agrees_with_nobody() {
        let mut entered = Entered::default();
        entered.enter("a", &figures(3));
        entered.enter("a", &figures(3));
        assert_eq!((entered.agreed(), entered.entered_by()), (None, Some("a")));
    }

    #[test]
    fn two_officials_agree_on_equal_figures() {
        let mut entered = Entered::default();
        entered.enter("a", &figures(2));
        entered.enter("a", &figures(3));
        entered.enter("b", &figures(3));
        assert_eq!((entered.agreed(), entered.entered_by(), entered.rounds), (Some(&figures(3)), None, 0));
    }

    #[test]
    fn after_unequal_figures_both_enter_again() {
        let mut entered = Entered::default();
        entered.enter("a", &figures(2));
        entered.enter("b", &figures(3));
        assert_eq!(entered.differing, [PaperLine::Option(0), PaperLine::Valid]);
        // Neither count is left that one of them could now copy.
        entered.enter("a", &figures(3));
        assert_eq!((entered.agreed(), entered.rounds), (None, 1));
        entered.enter("b", &figures(3));
        assert_eq!(entered.agreed(), Some(&figures(3)));
        assert!(entered.differing.is_empty());
    }

    #[test]
    fn a_count_that_was_agreed_on_can_be_entered_anew_by_two() {
        let mut entered = Entered::default();
        for by in ["a", "b"] {
            entered.enter(by, &figures(3));
        }
        entered.enter("b", &figures(4));
        assert_eq!(entered.agreed(), None);
        entered.enter("a", &figures(4));
        assert_eq!(entered.agreed(), Some(&figures(4)));
    }
}
