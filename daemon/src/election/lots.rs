//! Lots that officers are signing: of each contest there is one, and whoever signs signs that one. Two officials together drop one that was entered wrongly.

use std::collections::BTreeMap;
use std::sync::Arc;

use tachiai_crypto::hash::Hash32;
use tachiai_schemas::counting::{LotDrop, LotSigned, LotView, Signing};
use tachiai_schemas::election::{Body, Contest};
use tachiai_schemas::paper::Lot;
use tachiai_schemas::trustee::SignedKind;
use tachiai_schemas::{Lang, LeafIndex, Refusal};

use super::decide::Command;
use super::live::Live;
use super::officers;
use super::private::PrivateBody;
use crate::refused::Refused;

/// The longest reason for which a lot is dropped, in characters.
const REASON: usize = 200;

/// A lot that officers are signing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entered {
    /// What was drawn.
    pub lot: Lot,
    /// Who entered it.
    pub by: String,
    /// Who asks for it to be dropped, and why.
    pub drop: Option<(String, String)>,
}

/// The lots of all contests that are not dropped, as the private journal gives them.
pub type Lots = BTreeMap<u16, Entered>;

/// Takes it that an official wants a lot dropped. With a second one it is, and given back.
pub fn drop_asked(lots: &mut Lots, contest: u16, by: &str, reason: &str) -> Option<Lot> {
    let entered = lots.get_mut(&contest)?;
    match &entered.drop {
        Some((first, _)) if first != by => lots.remove(&contest).map(|entered| entered.lot),
        _ => {
            entered.drop = Some((by.to_owned(), reason.to_owned()));
            None
        }
    }
}

/// The names of candidates.
fn names(contest: Option<&Contest>, options: &[u16], lang: Lang) -> String {
    let named = options.iter().filter_map(|option| contest?.options.get(usize::from(*option))).map(|option| lang.pick(&option.name.ja, &option.name.en));
    named.collect::<Vec<_>>().join(lang.pick("、", ", "))
}

fn hash_of(lot: &Lot) -> Result<Hash32, Refused> {
    lot.signed_hash().map_err(|error| Refused::fault("hashing what officers sign", error))
}

impl Live {
    /// The lots that officers are signing, and those on the board.
    #[must_use]
    pub fn lots(&self) -> Vec<LotView> {
        let published = self.board();
        let board = &published.state.board;
        let contests = board.manifest().map(|manifest| manifest.contests.as_slice()).unwrap_or_default();
        let view = |(contest, listed): (u16, &Contest)| {
            let recorded = board.lot(contest);
            let entered = self.private().lots.get(&contest).cloned();
            let lot = recorded.map(|(_, lot)| lot.clone()).or_else(|| entered.as_ref().map(|entered| entered.lot.clone()))?;
            let signed = lot.signed_hash().map(|hash| self.signed_by(&hash)).unwrap_or_default();
            let (by, drop) = entered.map(|Entered { lot: _, by, drop }| (by, drop)).unwrap_or_default();
            Some(LotView {
                contest,
                id: listed.id.clone(),
                lot,
                entered_by: by,
                signed,
                drop_asked: drop.filter(|_| recorded.is_none()).map(|(by, _)| by),
                recorded: recorded.map(|(leaf, _)| leaf),
            })
        };
        (0..=u16::MAX).zip(contests).filter_map(view).collect()
    }

    /// Takes officers' signatures of a lot; as soon as there are enough, it goes to the board.
    ///
    /// # Errors
    /// [`Refusal::LotNotNeeded`] if it is not the lot that the votes ask for, [`Refusal::LotDiffers`] if others signed another one, [`Refusal::Incomplete`] while
    /// papers are not counted, [`Refusal::OfficerSignatures`].
    pub async fn sign_lot(self: &Arc<Self>, by: &str, signed: LotSigned) -> Result<Signing, Refused> {
        let _turn = self.acts.lock().await;
        let LotSigned { body: lot, signatures } = signed;
        let recorded: Option<(LeafIndex, Lot)> = self.board().state.board.lot(lot.contest).map(|(leaf, known)| (leaf, known.clone()));
        match recorded {
            Some((leaf, known)) if known == lot => return Ok(officers::signing(&self.count_officers(), &self.signed_by(&hash_of(&lot)?), Some(leaf))),
            Some((_, known)) => return Err(self.another_lot(&known, &lot)),
            None => {}
        }
        self.check_lot(&lot)?;
        let entered = self.private().lots.get(&lot.contest).map(|entered| entered.lot.clone());
        match entered {
            Some(known) if known != lot => return Err(self.another_lot(&known, &lot)),
            Some(_) => {}
            // Nothing is entered that nobody signed.
            None if signatures.is_empty() => return Err(Refusal::OfficerSignatures.into()),
            None => {
                officers::check(&self.count_officers(), &hash_of(&lot)?, &signatures)?;
                self.note(PrivateBody::LotEntered { by: by.to_owned(), lot: lot.clone() }).await?;
            }
        }
        let (mut signing, attested) = self.attest(lot, signatures).await?;
        if let Some(attested) = attested {
            signing.recorded = Some(self.submit(Command::Record(Box::new(Body::Lot(attested)))).await?.leaf);
        }
        Ok(signing)
    }

    /// Takes it that an official wants a lot dropped that was entered wrongly. With a second one it is, with its signatures.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if there is none, [`Refusal::LotDiffers`] if it is another one, [`Refusal::WrongPhase`] if it is on the board.
    pub async fn drop_lot(&self, by: &str, dropped: LotDrop) -> Result<Vec<LotView>, Refused> {
        let _turn = self.acts.lock().await;
        let LotDrop { lot, reason } = dropped;
        if reason.trim().is_empty() || reason.chars().count() > REASON {
            return Err(Refused::said(Refusal::BadRequest, format!("理由は1〜{REASON}文字です"), format!("reason: 1 to {REASON} characters")));
        }
        if self.board().state.board.lot(lot.contest).is_some() {
            return Err(Refused::said(Refusal::WrongPhase, "くじはすでに掲示板に記録されています", "the lot is on the board already"));
        }
        let entered = self.private().lots.get(&lot.contest).cloned().ok_or(Refusal::NotFound)?;
        if entered.lot != lot {
            return Err(self.another_lot(&entered.lot, &lot));
        }
        if entered.drop.is_none_or(|(first, _)| first != by) {
            self.note(PrivateBody::LotDropAsked { by: by.to_owned(), contest: lot.contest, reason }).await?;
        }
        Ok(self.lots())
    }

    /// That others signed another lot, or that another one is on the board.
    fn another_lot(&self, known: &Lot, sent: &Lot) -> Refused {
        let published = self.board();
        let contest = published.state.board.manifest().and_then(|manifest| manifest.contests.get(usize::from(known.contest)));
        let [known, sent] = [known, sent].map(|lot| [Lang::Ja, Lang::En].map(|lang| names(contest, &lot.chosen, lang)));
        Refused::said(
            Refusal::LotDiffers,
            format!("署名済みのくじの当選人: {}／送られたくじの当選人: {}", known[0], sent[0]),
            format!("chosen by the lot that others signed: {}; by the one that was sent: {}", known[1], sent[1]),
        )
    }
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::Bytes;

    use super::*;

    #[test]
    fn a_lot_is_dropped_by_two_officials_and_not_by_one_twice() {
        let lot = Lot { opened: Bytes([1; 32]), contest: 0, tied: vec![0, 1], chosen: vec![1] };
        let mut lots = Lots::from([(0, Entered { lot: lot.clone(), by: "sato".to_owned(), drop: None })]);
        assert_eq!(drop_asked(&mut lots, 1, "sato", "typo"), None);
        assert_eq!(drop_asked(&mut lots, 0, "sato", "typo"), None);
        assert_eq!(drop_asked(&mut lots, 0, "sato", "typo"), None);
        assert_eq!(drop_asked(&mut lots, 0, "tanaka", "so it is"), Some(lot));
        assert!(lots.is_empty());
    }
}
