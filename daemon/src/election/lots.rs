//! Lots that officers are signing: of each contest there is one, and whoever signs signs that one. Two officials together drop one that was entered wrongly.

use std::collections::BTreeMap;
use std::sync::Arc;

use tachiai_crypto::hash::Hash32;
use tachiai_schemas::counting::{DroppedLot, LotDrop, LotSigned, LotView, LotWish, LotsView, Signing};
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
    /// The entry of the private journal that entered it.
    pub number: u64,
    /// The number of the contest before that: who saw that one and drew the same means this lot.
    upon: u64,
    /// Who asks for it to be dropped, and why.
    pub drop: Option<LotWish>,
}

/// The lots of all contests, as the private journal gives them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lots {
    entered: BTreeMap<u16, Entered>,
    dropped: Vec<DroppedLot>,
}

impl Lots {
    /// The lot of a contest that is not dropped.
    #[must_use]
    pub fn of(&self, contest: u16) -> Option<&Entered> {
        self.entered.get(&contest)
    }

    /// The last one of a contest that was dropped.
    fn last_dropped(&self, contest: u16) -> Option<&DroppedLot> {
        self.dropped.iter().rfind(|dropped| dropped.lot.contest == contest)
    }

    /// The entry of the private journal that last entered or dropped a lot of a contest; 0 if none did.
    fn number(&self, contest: u16) -> u64 {
        self.of(contest).map(|entered| entered.number).or_else(|| self.last_dropped(contest).map(|dropped| dropped.number)).unwrap_or_default()
    }

    /// Takes a lot that an entry enters.
    pub fn enter(&mut self, number: u64, by: &str, lot: &Lot) {
        let upon = self.number(lot.contest);
        self.entered.insert(lot.contest, Entered { lot: lot.clone(), by: by.to_owned(), number, upon, drop: None });
    }

    /// Takes it that an official wants a lot dropped, by this entry. With a second one it is, and given back.
    pub fn drop_asked(&mut self, number: u64, contest: u16, by: &str, reason: &str) -> Option<Lot> {
        let entered = self.entered.get_mut(&contest)?;
        let wish = LotWish { by: by.to_owned(), reason: reason.to_owned() };
        match entered.drop.take() {
            Some(first) if first.by != by => {
                let Entered { lot, .. } = self.entered.remove(&contest)?;
                self.dropped.push(DroppedLot { lot: lot.clone(), number, wishes: [first, wish] });
                Some(lot)
            }
            _ => {
                entered.drop = Some(wish);
                None
            }
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
    /// The lots that officers are signing, those on the board, and those that were dropped.
    #[must_use]
    pub fn lots(&self) -> LotsView {
        let published = self.board();
        let board = &published.state.board;
        let contests = board.manifest().map(|manifest| manifest.contests.as_slice()).unwrap_or_default();
        let view = |(contest, listed): (u16, &Contest)| {
            let recorded = board.lot(contest);
            let entered = self.private().lots.of(contest).cloned();
            let lot = recorded.map(|(_, lot)| lot.clone()).or_else(|| entered.as_ref().map(|entered| entered.lot.clone()))?;
            let signed = lot.signed_hash().map(|hash| self.signed_by(&hash)).unwrap_or_default();
            let (by, number, drop) = entered.map(|Entered { lot: _, by, number, upon: _, drop }| (by, number, drop)).unwrap_or_default();
            Some(LotView {
                contest,
                id: listed.id.clone(),
                lot,
                number,
                entered_by: by,
                signed,
                drop_asked: drop.filter(|_| recorded.is_none()),
                recorded: recorded.map(|(leaf, _)| leaf),
            })
        };
        LotsView { lots: (0..=u16::MAX).zip(contests).filter_map(view).collect(), dropped: self.private().lots.dropped.clone() }
    }

    /// Takes officers' signatures of a lot; as soon as there are enough, it goes to the board.
    ///
    /// # Errors
    /// [`Refusal::LotNotNeeded`] if it is not the lot that the votes ask for, [`Refusal::LotDiffers`] if others signed another one, [`Refusal::Overtaken`] if one was
    /// entered or dropped since the signer looked, [`Refusal::Incomplete`] while papers are not counted, [`Refusal::OfficerSignatures`].
    pub async fn sign_lot(self: &Arc<Self>, by: &str, signed: LotSigned) -> Result<Signing, Refused> {
        let _turn = self.acts.lock().await;
        let LotSigned { body: lot, signatures, seen } = signed;
        let recorded: Option<(LeafIndex, Lot)> = self.board().state.board.lot(lot.contest).map(|(leaf, known)| (leaf, known.clone()));
        match recorded {
            Some((leaf, known)) if known == lot => return Ok(officers::signing(&self.count_officers(), &self.signed_by(&hash_of(&lot)?), Some(leaf))),
            Some((_, known)) => return Err(self.another_lot(&known, &lot)),
            None => {}
        }
        self.check_lot(&lot)?;
        let (entered, number) = {
            let private = self.private();
            (private.lots.of(lot.contest).cloned(), private.lots.number(lot.contest))
        };
        match entered {
            // Two who draw up the same at once, and one whose answer was lost, saw what was before it.
            Some(Entered { number, upon, .. }) if seen != number && seen != upon => return Err(self.overtaken(lot.contest)),
            None if seen != number => return Err(self.overtaken(lot.contest)),
            Some(known) if known.lot != lot => return Err(self.another_lot(&known.lot, &lot)),
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
    /// [`Refusal::Overtaken`] if it is not there any more, or another one is; [`Refusal::WrongPhase`] if it is on the board.
    pub async fn drop_lot(&self, by: &str, dropped: LotDrop) -> Result<LotsView, Refused> {
        let _turn = self.acts.lock().await;
        let LotDrop { contest, number, reason } = dropped;
        if reason.trim().is_empty() || reason.chars().count() > REASON {
            return Err(Refused::said(Refusal::BadRequest, format!("理由は1〜{REASON}文字です"), format!("reason: 1 to {REASON} characters")));
        }
        if self.board().state.board.lot(contest).is_some() {
            return Err(Refused::said(Refusal::WrongPhase, "くじはすでに掲示板に記録されています", "the lot is on the board already"));
        }
        let entered = self.private().lots.of(contest).cloned();
        let Some(entered) = entered.filter(|entered| entered.number == number) else { return Err(self.overtaken(contest)) };
        if entered.drop.is_none_or(|first| first.by != by) {
            self.note(PrivateBody::LotDropAsked { by: by.to_owned(), contest, reason }).await?;
        }
        Ok(self.lots())
    }

    /// That a lot of a contest was entered or dropped since somebody looked, and how it stands now.
    fn overtaken(&self, contest: u16) -> Refused {
        let published = self.board();
        let listed = published.state.board.manifest().and_then(|manifest| manifest.contests.get(usize::from(contest)));
        let chosen = |lot: &Lot| [Lang::Ja, Lang::En].map(|lang| names(listed, &lot.chosen, lang));
        let private = self.private();
        let [dropped_ja, dropped_en] = private.lots.last_dropped(contest).map_or_else(Default::default, |DroppedLot { lot, number: _, wishes }| {
            let [ja, en] = chosen(lot);
            let by = wishes.each_ref().map(|LotWish { by, reason }| (by, reason));
            let [(one, why), (two, too)] = by;
            [
                format!("当選人を{ja}とするくじは、{one}（理由: {why}）と{two}（理由: {too}）が取り消しました。"),
                format!("the lot that chose {en} was dropped by {one} ({why}) and {two} ({too}); "),
            ]
        });
        let [now_ja, now_en] = match private.lots.of(contest) {
            Some(Entered { lot, by, .. }) => {
                let [ja, en] = chosen(lot);
                [format!("今は{by}が入力したくじ（当選人: {ja}）に署名しています。"), format!("now the one that {by} entered is signed: {en}")]
            }
            None => ["今、署名しているくじはありません。".to_owned(), "no lot is being signed now".to_owned()],
        };
        Refused::said(Refusal::Overtaken, format!("{dropped_ja}{now_ja}"), format!("{dropped_en}{now_en}"))
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

    fn lot() -> Lot {
        Lot { opened: Bytes([1; 32]), contest: 0, tied: vec![0, 1], chosen: vec![1] }
    }

    #[test]
    fn a_lot_is_dropped_by_two_officials_and_not_by_one_twice() {
        let mut lots = Lots::default();
        lots.enter(7, "sato", &lot());
        assert_eq!(lots.drop_asked(8, 1, "sato", "typo"), None);
        assert_eq!(lots.drop_asked(8, 0, "sato", "typo"), None);
        assert_eq!(lots.drop_asked(9, 0, "sato", "typo"), None);
        assert_eq!(lots.drop_asked(10, 0, "tanaka", "so it is"), Some(lot()));
        assert!(lots.of(0).is_none());
        let dropped = lots.last_dropped(0).unwrap();
        assert_eq!(dropped.wishes.each_ref().map(|wish| (wish.by.as_str(), wish.reason.as_str())), [("sato", "typo"), ("tanaka", "so it is")]);
    }

    #[test]
    fn the_same_lot_entered_again_has_another_number() {
        let mut lots = Lots::default();
        assert_eq!(lots.number(0), 0);
        lots.enter(7, "sato", &lot());
        let first = lots.number(0);
        lots.drop_asked(8, 0, "sato", "typo");
        assert_eq!(lots.number(0), first, "nothing is dropped yet");
        lots.drop_asked(9, 0, "tanaka", "typo");
        let dropped = lots.number(0);
        lots.enter(12, "sato", &lot());
        assert_eq!((first, dropped, lots.number(0), lots.number(1)), (7, 9, 12, 0));
    }
}
