//! The desk in one process: who may have papers, who may not, and what is recorded once.

use std::sync::Arc;

use rand_core::OsRng;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::BoardSecretKey;
use tachiai_jpki::Statement;
use tachiai_jpki::statement::Word;
use tachiai_schemas::desk::envelope::{AsideWords, EnvelopeAside, SetAside};
use tachiai_schemas::desk::{
    AbsenteeKind, AbsenteeReceived, AbsenteeRequest, Bar, LookFor, Papers, Prepare, Prepared, PreparedBy, Reception, Search, VoteState,
};
use tachiai_schemas::election::{Body, Text};
use tachiai_schemas::evidence::{NameReason, PaperEvidence, SealedEvidence, parse_bundle};
use tachiai_schemas::identity::CardStatement;
use tachiai_schemas::paper::{
    Attested, LinkPolicy, Manner, Officer, OfficerRole, OfficerSignature, PaperIssue, PaperUndo, Place, PlaceKind, RollChangeKind, RollChangeReason,
    RollChanged, Session, UndoReason,
};
use tachiai_schemas::roll::Protection;
use tachiai_schemas::roll::case::{RollOrder, RollRequest};
use tachiai_schemas::roll::difference::WITHHELD;
use tachiai_schemas::staff::{Act, Matter};
use tachiai_schemas::trustee::{Signed, SignedKind};
use tachiai_schemas::{Blob, Bytes, HashBytes, Lang, LeafIndex, Refusal, Slot, canonical};

use super::attended::Looking;
use super::prepare::{GOOD_FOR, Preparing};
use crate::election::decide::Command;
use crate::election::roll::Ordered;
use crate::election::testing::*;
use crate::nonces::word;
use crate::refused::Refused;
use crate::store::MemoryStore;

mod declared;

/// The end of the days of each place.
const DAY_CLOSES: &str = "2027-01-28T11:00:00Z";

/// A city with an early place and an absentee desk, open, within the hours of both.
struct Town {
    city: City,
    desk: BoardSecretKey,
    officers: [BoardSecretKey; 3],
}

fn officer(index: usize, key: &BoardSecretKey) -> Officer {
    let role = if index == 0 { OfficerRole::Manager } else { OfficerRole::Witness };
    Officer { name: format!("officer {index}"), role, key: Bytes(key.public().to_bytes()) }
}

impl Town {
    async fn open(electors: usize) -> Town {
        Town::with(electors, LinkPolicy::Stop, "").await
    }

    /// The same where both places do this while their link is cut, and with another roll of as many electors, if there is one.
    async fn with(electors: usize, offline: LinkPolicy, rows: &str) -> Town {
        let desk = BoardSecretKey::generate(&mut OsRng);
        let officers = [(); 3].map(|()| BoardSecretKey::generate(&mut OsRng));
        let listed: Vec<Officer> = officers.iter().enumerate().map(|(index, key)| officer(index, key)).collect();
        let absentee = BoardSecretKey::from_seed(&[9; 32]);
        let place = |id: &str, kind, key: &BoardSecretKey| Place {
            id: id.to_owned(),
            name: Text { ja: format!("投票所 {id}"), en: format!("Place {id}") },
            kind,
            key: Bytes(key.public().to_bytes()),
            officers: listed.clone(),
            sessions: vec![Session { opens: time(OPENS), closes: time(DAY_CLOSES) }],
            offline,
        };
        let places = vec![place("hall", PlaceKind::Early, &desk), place("post", PlaceKind::Absentee, &absentee)];
        let mut city = City::draft_with("mock", electors, |spec| (spec.places, spec.count_officers) = (places, listed.clone())).await;
        if !rows.is_empty() {
            city.live().import_roll("official", rows.as_bytes().to_vec()).await.unwrap();
        }
        city.live().start_ceremony("official").await.unwrap();
        city.make_key().await;
        city.perform(Act::Open).await.unwrap();
        city.clock.set(time(OPENS).plus(60));
        Town { city, desk, officers }
    }

    fn papers(&self, voter: usize) -> Papers {
        Papers { place: 0, session: 0, slot: self.city.slot(voter), contests: vec![0], manner: Manner::Own }
    }

    /// What a card signs for papers; `change` spoils it.
    fn card(&self, voter: usize, papers: &Papers, change: impl FnOnce(&mut Papers, &mut Word)) -> CardStatement {
        let live = self.city.live();
        let published = live.board();
        let board = &published.state.board;
        let hash = |hash: Hash32| tachiai_jpki::Hash32::from_bytes(hash.to_bytes());
        let (mut papers, mut origin) = (papers.clone(), Word::new(board.manifest().unwrap().origin.clone()).unwrap());
        let commitment = board.commitment_of(papers.slot).unwrap();
        change(&mut papers, &mut origin);
        let statement = Statement::PaperIssue {
            origin,
            nonce: Word::new(word(&self.city.nonces.issue(&mut OsRng, crate::clock::Clock::now(self.city.clock.as_ref())))).unwrap(),
            election: Word::new(self.city.id.to_string()).unwrap(),
            opened: hash(board.opened().unwrap().leaf_hash()),
            place: Word::new(if papers.place == 0 { "hall" } else { "post" }).unwrap(),
            session: papers.session.into(),
            slot: papers.slot.0.into(),
            slot_commitment: hash(commitment),
            contests: papers.contests,
        };
        let text = statement.to_bytes();
        let voter = &self.city.voters[voter];
        CardStatement { signature: Blob(voter.card.sign(&text).unwrap()), statement: Blob(text), certificate: Blob(voter.certificate.clone()) }
    }

    async fn by_card(&self, papers: &Papers, card: CardStatement) -> Result<Prepared, Refused> {
        match self.city.live().prepare("at the desk", Prepare { papers: papers.clone(), by: PreparedBy::Card(Box::new(card)) }).await? {
            Preparing::Ready(prepared) => Ok(prepared),
            Preparing::Ask(_) => panic!("a card needs no second official"),
        }
    }

    async fn by_name(&self, papers: &Papers) -> Result<Preparing, Refused> {
        self.city.live().prepare("at the desk", Prepare { papers: papers.clone(), by: PreparedBy::Name(NameReason::NoCard) }).await
    }

    fn sign(&self, issue: PaperIssue) -> Signed<PaperIssue> {
        let key = if issue.place == 0 { &self.desk } else { &BoardSecretKey::from_seed(&[9; 32]) };
        let signature = Bytes(key.sign_bytes("file/paper-issued", &canonical::to_bytes(&issue).unwrap()));
        Signed { body: issue, signature }
    }

    /// Checks a voter in by card.
    async fn check_in(&self, voter: usize) -> LeafIndex {
        let papers = self.papers(voter);
        let prepared = self.by_card(&papers, self.card(voter, &papers, |_, _| {})).await.unwrap();
        self.city.live().hand_out(self.sign(prepared.issue)).await.unwrap().leaf
    }

    fn attest<T: SignedKind + serde::Serialize>(&self, body: T, officers: &[u8]) -> Attested<T> {
        let json = canonical::to_bytes(&body).unwrap();
        let sign = |officer: &u8| {
            let key = &self.officers[usize::from(*officer)];
            OfficerSignature { officer: *officer, signature: Bytes(key.sign_bytes(&format!("file/{}", T::KIND), &json)) }
        };
        Attested { signatures: officers.iter().map(sign).collect(), body }
    }

    fn undo(&self, slot: Slot, leaf: LeafIndex) -> Attested<PaperUndo> {
        let opened = HashBytes::from(self.city.live().board().state.board.opened().unwrap().leaf_hash());
        self.attest(PaperUndo { opened, slot, leaf, reason: UndoReason::Declined }, &[0, 1])
    }

    /// Hands absentee papers out, on which two officials agreed.
    async fn send(&self, voter: usize) -> Result<LeafIndex, Refused> {
        let papers = Papers { place: 1, ..self.papers(voter) };
        let Preparing::Ask(Matter::PapersByName { slot_commitment, .. }) = self.by_name(&papers).await? else { panic!("by name") };
        let by = ["a".to_owned(), "b".to_owned()];
        let prepared = self.city.live().prepare_by_name(&papers, NameReason::NoCard, &slot_commitment, by).await?;
        Ok(self.city.live().hand_out(self.sign(prepared.issue)).await?.leaf)
    }

    /// An elector who asked for absentee papers and was sent them.
    async fn sent(&self, voter: usize) -> (Slot, LeafIndex) {
        let slot = self.city.slot(voter);
        self.city.live().request_absentee("clerk", AbsenteeRequest { slot, kind: AbsenteeKind::Mail }).await.unwrap();
        (slot, self.send(voter).await.unwrap())
    }

    async fn change_roll(&self, slot: Slot, change: RollChangeKind) {
        let changed = RollChanged { change, slot, added: None, reason: RollChangeReason::Correction };
        self.city.live().submit(Command::Record(Box::new(Body::RollChanged(changed)))).await.unwrap();
    }

    fn size(&self) -> u64 {
        self.city.live().board().state.tree.len()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_looked_up_and_gets_papers_once() {
    let mut town = Town::open(3).await;
    town.city.register(0).await;
    let ballot = town.city.vote(0, Some(1)).await;
    let live = town.city.live();
    let look = LookFor::Card(Blob(town.city.voters[0].certificate.clone()));
    let looked = live.look("clerk", &look).await.unwrap();
    let [elector] = looked.found.as_slice() else { panic!("one") };
    assert!(elector.bars.is_empty() && elector.slot == town.city.slot(0) && elector.name == "氏名　0");
    assert!(matches!(elector.contests[0].state, VoteState::Online { leaf, .. } if leaf == ballot.leaf));
    let leaf = town.check_in(0).await;
    let elector = live.look("clerk", &look).await.unwrap().found.remove(0);
    assert_eq!(elector.bars, [Bar::HoldsPaper { leaf }]);
    assert_eq!(elector.contests[0].state, VoteState::Paper { leaf, channel: PlaceKind::Early, manner: Manner::Own });
    let papers = town.papers(0);
    let again = town.by_card(&papers, town.card(0, &papers, |_, _| {})).await.unwrap_err();
    assert_eq!(again.refusal, Refusal::PaperHeld);
    assert_eq!(town.by_name(&papers).await.err().unwrap().refusal, Refusal::PaperHeld);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_card_did_not_sign_is_not_prepared() {
    let town = Town::open(3).await;
    let papers = town.papers(0);
    // Somebody else's slot, another session, other contests, another site.
    let of = |card| town.by_card(&papers, card);
    let other = town.city.slot(1);
    assert_eq!(of(town.card(0, &papers, |papers, _| papers.slot = other)).await.unwrap_err().refusal, Refusal::RegistrationMismatch);
    assert_eq!(of(town.card(0, &papers, |papers, _| papers.session = 1)).await.unwrap_err().refusal, Refusal::RegistrationMismatch);
    assert_eq!(of(town.card(0, &papers, |papers, _| papers.contests = vec![0, 1])).await.unwrap_err().refusal, Refusal::RegistrationMismatch);
    assert_eq!(of(town.card(0, &papers, |papers, _| papers.place = 1)).await.unwrap_err().refusal, Refusal::RegistrationMismatch);
    let foreign = town.card(0, &papers, |_, origin| *origin = Word::new("evil.example/e").unwrap());
    assert_eq!(of(foreign).await.unwrap_err().refusal, Refusal::WrongOrigin);
    // A colleague's card signs for an elector.
    assert_eq!(of(town.card(1, &papers, |_, _| {})).await.unwrap_err().refusal, Refusal::RegistrationMismatch);
    let mut spoilt = town.card(0, &papers, |_, _| {});
    spoilt.signature.0[8] ^= 1;
    assert_eq!(of(spoilt).await.unwrap_err().refusal, Refusal::CardSignature);
    // One statement prepares one hand-out.
    let card = town.card(0, &papers, |_, _| {});
    of(card.clone()).await.unwrap();
    assert_eq!(of(card).await.unwrap_err().refusal, Refusal::NonceSpent);
    // Papers that there are not.
    for contests in [vec![], vec![1], vec![0, 0]] {
        let wrong = Papers { contests, ..papers.clone() };
        assert_eq!(town.by_name(&wrong).await.err().unwrap().refusal, Refusal::BadRequest);
    }
    for wrong in [Papers { place: 7, ..papers.clone() }, Papers { session: 7, ..papers.clone() }] {
        assert_eq!(town.by_name(&wrong).await.err().unwrap().refusal, Refusal::PaperPlace);
    }
    assert_eq!(town.by_name(&Papers { slot: Slot(99), ..papers }).await.err().unwrap().refusal, Refusal::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hand_out_without_its_own_fresh_evidence_is_refused_and_the_same_again_gets_the_same_receipt() {
    let mut town = Town::open(3).await;
    let papers = town.papers(0);
    let prepared = town.by_card(&papers, town.card(0, &papers, |_, _| {})).await.unwrap().issue;
    let live = town.city.live();
    let unprepared = |issue: PaperIssue| {
        let (live, issue) = (Arc::clone(&live), town.sign(issue));
        async move { live.hand_out(issue).await.unwrap_err().refusal }
    };
    assert_eq!(unprepared(PaperIssue { evidence: Bytes([7; 32]), ..prepared.clone() }).await, Refusal::PaperUnprepared);
    assert_eq!(unprepared(PaperIssue { slot: town.city.slot(1), ..prepared.clone() }).await, Refusal::PaperUnprepared);
    assert_eq!(unprepared(PaperIssue { manner: Manner::Proxy, ..prepared.clone() }).await, Refusal::PaperUnprepared);
    let stranger = Signed { body: prepared.clone(), signature: Bytes([1; 64]) };
    assert_eq!(live.hand_out(stranger).await.unwrap_err().refusal, Refusal::PaperPlace);
    let issue = town.sign(prepared.clone());
    let receipt = live.hand_out(issue.clone()).await.unwrap();
    let size = town.size();
    assert_eq!(live.hand_out(issue.clone()).await.unwrap().leaf, receipt.leaf);
    assert_eq!(live.hand_out_with(&prepared.evidence).unwrap().leaf, receipt.leaf);
    // Its undo frees the elector, and revives neither the ballot nor the hand-out.
    live.undo_paper(town.undo(papers.slot, receipt.leaf)).await.unwrap();
    assert_eq!(live.hand_out(issue.clone()).await.unwrap().leaf, receipt.leaf);
    assert_eq!(live.board().state.board.desk(papers.slot).paper, None);
    assert_eq!(town.size(), size + 1);
    // A restart forgets nothing of it, and evidence grows old.
    let later = town.by_card(&papers, town.card(0, &papers, |_, _| {})).await.unwrap().issue;
    town.city.restart(Arc::new(MemoryStore::new())).await;
    let live = town.city.live();
    assert_eq!(live.hand_out(issue).await.unwrap().leaf, receipt.leaf);
    town.city.clock.set(time(OPENS).plus(60 + GOOD_FOR + 1));
    assert_eq!(live.hand_out(town.sign(later)).await.unwrap_err().refusal, Refusal::PaperUnprepared);
    assert_eq!(town.city.elections.orphaned_evidence().len(), 1);
    assert_eq!(live.evidence_lost(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_officials_prepare_papers_by_name_and_the_evidence_opens_for_the_authority() {
    let town = Town::open(3).await;
    let papers = town.papers(2);
    let live = town.city.live();
    let Preparing::Ask(matter) = town.by_name(&papers).await.unwrap() else { panic!("a second official is needed") };
    let Matter::PapersByName { election: _, papers: asked, slot_commitment, reason } = &matter else { panic!("papers") };
    assert_eq!((asked, *reason), (&papers, NameReason::NoCard));
    assert_eq!(live.paper_person(asked).unwrap().name, "氏名　2");
    town.city.elections.ready_by_name(&matter).unwrap();
    let by = || ["a".to_owned(), "b".to_owned()];
    let other = live.prepare_by_name(&papers, NameReason::NoCard, &Bytes([1; 32]), by()).await.unwrap_err();
    assert_eq!(other.refusal, Refusal::ChangedSince);
    let prepared = live.prepare_by_name(&papers, NameReason::NoCard, slot_commitment, by()).await.unwrap();
    // After a crash the same is done again, and nothing more is kept.
    let again = live.prepare_by_name(&papers, NameReason::NoCard, slot_commitment, by()).await.unwrap();
    assert_eq!(again.issue.evidence, prepared.issue.evidence);
    let Preparing::Ready(ready) = town.by_name(&papers).await.unwrap() else { panic!("both agreed") };
    assert_eq!(ready.issue.evidence, prepared.issue.evidence);
    // Another's evidence is no evidence, and what a card signed is none by name.
    assert!(matches!(town.by_name(&Papers { slot: town.city.slot(1), ..papers.clone() }).await.unwrap(), Preparing::Ask(_)));
    town.by_card(&town.papers(1), town.card(1, &town.papers(1), |_, _| {})).await.unwrap();
    assert_eq!(live.private().by_name.keys().copied().collect::<Vec<_>>(), [papers.slot]);
    // Another manner is another hand-out.
    assert!(matches!(town.by_name(&Papers { manner: Manner::Proxy, ..papers.clone() }).await.unwrap(), Preparing::Ask(_)));
    let leaf = live.hand_out(town.sign(ready.issue)).await.unwrap().leaf;
    town.check_in(0).await;
    let found = live.paper_evidence();
    assert_eq!(found.iter().map(|(leaf, _)| *leaf).collect::<Vec<_>>(), [leaf, LeafIndex(leaf.0 + 1)]);
    let bundle = live.sealed_bundle(&found).unwrap();
    let items: Vec<PaperEvidence> = parse_bundle(&bundle)
        .unwrap()
        .iter()
        .map(|(_, sealed)| {
            let opened: SealedEvidence = canonical::from_bytes(&decrypt(sealed, &town.city.authority)).unwrap();
            canonical::from_bytes(&opened.evidence.0).unwrap()
        })
        .collect();
    assert_eq!(items[0].name.as_ref().map(|name| (name.reason, name.by.clone())), Some((NameReason::NoCard, by())));
    assert!(items[0].card.is_none() && items[0].elector.name == "氏名　2");
    assert!(items[1].card.is_some() && items[1].binding.is_some() && items[1].name.is_none());
    // The undo of a hand-out by name needs both again: its evidence is used up.
    live.undo_paper(town.undo(papers.slot, leaf)).await.unwrap();
    assert!(matches!(town.by_name(&papers).await.unwrap(), Preparing::Ask(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_struck_gets_nothing_until_restored_and_keeps_what_was_done() {
    let mut town = Town::open(3).await;
    let (live, papers) = (town.city.live(), town.papers(0));
    town.change_roll(papers.slot, RollChangeKind::Struck).await;
    let seen = live.look("clerk", &LookFor::Search(Search { number: Some("0".to_owned()), ..Search::default() })).await.unwrap().found.remove(0);
    assert!(matches!(seen.bars.as_slice(), [Bar::Struck { .. }]) && matches!(seen.contests[0].state, VoteState::Struck { .. }));
    assert_eq!(town.by_card(&papers, town.card(0, &papers, |_, _| {})).await.unwrap_err().refusal, Refusal::Struck);
    let request = AbsenteeRequest { slot: papers.slot, kind: AbsenteeKind::Away };
    assert_eq!(live.request_absentee("clerk", request).await.unwrap_err().refusal, Refusal::Struck);
    town.change_roll(papers.slot, RollChangeKind::Restored).await;
    town.check_in(0).await;
    // Prepared, and struck before the hand-out.
    let papers = town.papers(1);
    let prepared = town.by_card(&papers, town.card(1, &papers, |_, _| {})).await.unwrap();
    town.change_roll(papers.slot, RollChangeKind::Struck).await;
    assert_eq!(live.hand_out(town.sign(prepared.issue)).await.unwrap_err().refusal, Refusal::Struck);
    town.city.restart(Arc::new(MemoryStore::new())).await;
    assert!(matches!(town.city.live().desk_elector(papers.slot, time(OPENS)).unwrap().bars.as_slice(), [Bar::Struck { .. }]));
}

#[tokio::test(flavor = "multi_thread")]
async fn absentee_papers_are_asked_for_sent_and_received_in_this_order_and_decide_the_day_close() {
    let mut town = Town::open(4).await;
    let live = town.city.live();
    assert_eq!(town.send(0).await.unwrap_err().refusal, Refusal::AbsenteeStep);
    let slots = [0, 1, 2].map(|voter| town.city.slot(voter));
    let wrong = live.request_absentee("clerk", AbsenteeRequest { slot: slots[0], kind: AbsenteeKind::NotYetEighteen }).await.unwrap_err();
    assert_eq!(wrong.refusal, Refusal::NotEntitled);
    let mut leaves = Vec::new();
    for (voter, slot) in slots.into_iter().enumerate() {
        let request = AbsenteeRequest { slot, kind: AbsenteeKind::Mail };
        let asked = live.request_absentee("clerk", request).await.unwrap();
        assert_eq!(live.request_absentee("clerk", request).await.unwrap(), asked);
        assert!(matches!(live.desk_elector(slot, time(OPENS)).unwrap().contests[0].state, VoteState::Requested { .. }));
        leaves.push(town.send(voter).await.unwrap());
    }
    let received = |slot: Slot, leaf, reception| AbsenteeReceived { slot, leaf, reception };
    // Not sent, another's papers, received with another verdict.
    for (slot, leaf) in [(town.city.slot(3), leaves[0]), (slots[0], leaves[1]), (slots[0], LeafIndex(0))] {
        let wrong = live.receive_absentee("clerk", received(slot, leaf, Reception::Accepted)).await.unwrap_err();
        assert_eq!(wrong.refusal, Refusal::AbsenteeStep);
    }
    live.receive_absentee("clerk", received(slots[0], leaves[0], Reception::Accepted)).await.unwrap();
    live.receive_absentee("clerk", received(slots[0], leaves[0], Reception::Accepted)).await.unwrap();
    let other = live.receive_absentee("clerk", received(slots[0], leaves[0], Reception::Rejected)).await.unwrap_err();
    assert_eq!(other.refusal, Refusal::AbsenteeStep);
    live.receive_absentee("clerk", received(slots[1], leaves[1], Reception::Rejected)).await.unwrap();
    town.city.restart(Arc::new(MemoryStore::new())).await;
    let live = town.city.live();
    assert!(matches!(live.desk_elector(slots[1], time(OPENS)).unwrap().contests[0].state, VoteState::Received { reception: Reception::Rejected, .. }));
    assert_eq!(live.list_absentee("clerk").await.unwrap().iter().filter(|listed| listed.sent.is_some()).count(), 3);
    // One in the box; one was rejected, and one never came back.
    let draft = live.day_view(1, 0).unwrap().draft;
    assert_eq!((draft.papers[0].issued, draft.papers[0].in_box, draft.papers[0].taken_home), (3, 1, 2));
    let close = town.attest(draft, &[0, 1, 2]);
    let leaf = live.close_day(close.clone()).await.unwrap().leaf;
    assert_eq!(live.close_day(close).await.unwrap().leaf, leaf);
    let late = live.receive_absentee("clerk", received(slots[2], leaves[2], Reception::Accepted)).await.unwrap_err();
    assert_eq!(late.refusal, Refusal::DayClosed);
}

#[tokio::test(flavor = "multi_thread")]
async fn absentee_papers_that_were_received_are_not_undone() {
    let mut town = Town::open(3).await;
    let live = town.city.live();
    for (voter, reception) in [(0, Reception::Accepted), (1, Reception::Rejected)] {
        let (slot, leaf) = town.sent(voter).await;
        live.receive_absentee("clerk", AbsenteeReceived { slot, leaf, reception }).await.unwrap();
        let refused = live.undo_paper(town.undo(slot, leaf)).await.unwrap_err();
        assert!(refused.refusal == Refusal::AbsenteeStep && refused.detail.as_deref().is_some_and(|why| why.contains("were received")), "{refused:?}");
        assert_eq!(live.board().state.board.desk(slot).paper.map(|paper| paper.leaf), Some(leaf));
    }
    // What did not come back is undone, once, and then is not received.
    let (slot, leaf) = town.sent(2).await;
    let undone = live.undo_paper(town.undo(slot, leaf)).await.unwrap().leaf;
    assert_eq!(live.undo_paper(town.undo(slot, leaf)).await.unwrap().leaf, undone);
    let late = live.receive_absentee("clerk", AbsenteeReceived { slot, leaf, reception: Reception::Accepted }).await.unwrap_err();
    assert_eq!(late.refusal, Refusal::AbsenteeStep);
    // A restart forgets nothing of it.
    town.city.restart(Arc::new(MemoryStore::new())).await;
    let held = town.city.slot(0);
    let leaf = town.city.live().board().state.board.desk(held).paper.unwrap().leaf;
    assert_eq!(town.city.live().undo_paper(town.undo(held, leaf)).await.unwrap_err().refusal, Refusal::AbsenteeStep);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_undo_and_a_reception_at_the_same_time_one_is_done() {
    let town = Town::open(8).await;
    for voter in 0..8 {
        let (live, (slot, leaf)) = (town.city.live(), town.sent(voter).await);
        let received = AbsenteeReceived { slot, leaf, reception: Reception::Accepted };
        let (undone, received) = tokio::join!(live.undo_paper(town.undo(slot, leaf)), live.receive_absentee("clerk", received));
        assert_ne!(undone.is_ok(), received.is_ok(), "{undone:?} {received:?}");
        assert_eq!(live.board().state.board.desk(slot).paper.is_some(), received.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reception_after_the_figures_were_read_spoils_the_close_of_an_absentee_day() {
    let town = Town::open(2).await;
    let live = town.city.live();
    let (slot, leaf) = town.sent(0).await;
    let stale = town.attest(live.day_view(1, 0).unwrap().draft, &[0, 1, 2]);
    live.receive_absentee("clerk", AbsenteeReceived { slot, leaf, reception: Reception::Accepted }).await.unwrap();
    let refused = live.close_day(stale.clone()).await.unwrap_err();
    assert!(refused.refusal == Refusal::PaperFigures && refused.detail.as_deref().is_some_and(|why| why.contains("1 in the box, 0 taken home")), "{refused:?}");
    let close = town.attest(live.day_view(1, 0).unwrap().draft, &[0, 1, 2]);
    let closed = live.close_day(close.clone()).await.unwrap().leaf;
    assert_eq!(live.close_day(close).await.unwrap().leaf, closed);
    assert_eq!(live.close_day(stale).await.unwrap_err().refusal, Refusal::DayClosed);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_poll_closes_after_every_day_of_a_place_that_hands_out_provisional_papers() {
    let town = Town::with(2, LinkPolicy::Provisional, "").await;
    let live = town.city.live();
    let open = |now: &str| super::day::all_closed(&live.board().state.board, time(now));
    // Before its hours nobody was there.
    open("2027-01-23T23:59:59Z").unwrap();
    let refused = open(OPENS).unwrap_err();
    let said = refused.detail.clone().unwrap_or_default();
    assert!(refused.refusal == Refusal::DaysOpen && said.contains("hall") && said.contains("post") && said.contains("provisional papers"), "{said}");
    live.close_day(town.attest(live.day_view(0, 0).unwrap().draft, &[0, 1, 2])).await.unwrap();
    let refused = live.ready(Act::ClosePoll, None, time(POLL_CLOSES)).unwrap_err();
    assert!(refused.refusal == Refusal::DaysOpen && !refused.detail.as_deref().unwrap_or_default().contains("hall"), "{refused:?}");
    live.close_day(town.attest(live.day_view(1, 0).unwrap().draft, &[0, 1, 2])).await.unwrap();
    open(POLL_CLOSES).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_is_closed_with_the_boards_figures_and_then_hands_nothing_out() {
    let town = Town::open(3).await;
    let live = town.city.live();
    town.check_in(0).await;
    let draft = live.day_view(0, 0).unwrap().draft;
    let mut wrong = draft.clone();
    wrong.papers[0].issued += 1;
    wrong.papers[0].in_box += 1;
    assert_eq!(live.close_day(town.attest(wrong, &[0, 1, 2])).await.unwrap_err().refusal, Refusal::PaperFigures);
    for officers in [&[0, 1][..], &[1, 2], &[]] {
        assert_eq!(live.close_day(town.attest(draft.clone(), officers)).await.unwrap_err().refusal, Refusal::OfficerSignatures);
    }
    let open = live.ready(Act::ClosePoll, None, time(POLL_CLOSES)).unwrap_err();
    assert!(open.refusal == Refusal::DaysOpen && open.ja.as_deref().is_some_and(|days| days.contains("投票所 hall") && !days.contains("post")), "{open:?}");
    live.close_day(town.attest(draft, &[0, 1, 2])).await.unwrap();
    let papers = town.papers(1);
    assert_eq!(town.by_card(&papers, town.card(1, &papers, |_, _| {})).await.unwrap_err().refusal, Refusal::DayClosed);
    // Outside of its hours a place prepares nothing, but what was handed out while the link was cut.
    town.city.clock.set(time(DAY_CLOSES).plus(1));
    assert_eq!(live.may_hand_out(&Papers { place: 1, ..papers.clone() }, None, time(DAY_CLOSES).plus(1)).unwrap_err().refusal, Refusal::PaperPlace);
    let cut = live.may_hand_out(&Papers { place: 1, ..papers }, Some(NameReason::LinkCut), time(DAY_CLOSES).plus(1)).unwrap_err();
    assert_eq!(cut.refusal, Refusal::AbsenteeStep);
}

/// A town with somebody under protection on its roll, and a second one who was added after the opening.
async fn protected_town() -> Town {
    let header = "宛名番号,氏名,氏名カナ,生年月日,性別,住所,投票区,支援措置\n";
    let roll = format!("{header}0,氏名　0,シメイ　ゼロ,1980-04-01,1,養父市0番地,1,あり\n1,氏名　1,シメイ　イチ,1980-04-02,1,養父市1番地,2,\n");
    let town = Town::with(2, LinkPolicy::Stop, &roll).await;
    let order = RollOrder::Add { csv: format!("{header}9,氏名　9,シメイ　キュウ,1980-05-05,1,養父市9番地,1,あり\n") };
    let request = RollRequest { order, reason: RollChangeReason::Correction, note: "届出による".to_owned(), objection: None };
    let Ordered::Asked(_, case) = town.city.live().order_change("a", request).await.unwrap() else { panic!("two officials") };
    town.city.live().change_roll(&case.commitment().into(), ["a".to_owned(), "b".to_owned()]).await.unwrap();
    town
}

fn whole(name: &str, birth: &str) -> Search {
    Search { name: Some(name.to_owned()), birth: Some(birth.to_owned()), ..Search::default() }
}

fn numbered(number: &str) -> Search {
    Search { number: Some(number.to_owned()), ..Search::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_under_protection_is_found_at_a_desk_by_card_alone_and_without_address_and_district() {
    let mut town = protected_town().await;
    for restart in [false, true] {
        if restart {
            town.city.restart(Arc::new(MemoryStore::new())).await;
        }
        let live = town.city.live();
        let seen = async |look: LookFor| {
            let found = live.look("clerk", &look).await.unwrap().found;
            found.into_iter().map(|elector| [elector.number, elector.address, elector.district.ja]).collect::<Vec<_>>()
        };
        let kana = LookFor::Search(Search { kana: Some("シメイ".to_owned()), ..Search::default() });
        assert_eq!(seen(kana).await.iter().map(|[number, address, _]| (number.as_str(), address.as_str())).collect::<Vec<_>>(), [("1", "養父市1番地")]);
        for search in [numbered("0"), numbered("9"), whole("氏名0", "1980-04-01"), whole("氏名9", "1980-05-05")] {
            assert_eq!(seen(LookFor::Search(search)).await, [[""; 3]; 0]);
        }
        assert_eq!(seen(LookFor::Card(Blob(town.city.voters[0].certificate.clone()))).await, [["0", WITHHELD, WITHHELD]]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_card_two_officials_look_and_neither_is_shown_the_address() {
    let mut town = protected_town().await;
    let live = town.city.live();
    let asked = async |by: &str, search: &Search| match town.city.live().look_attended(by, search).await.unwrap() {
        Looking::Ask(Matter::AttendedLook { election: _, commitment }) => commitment,
        Looking::Ask(_) => panic!("another matter"),
        Looking::Found(_) => panic!("nobody agreed"),
    };
    // Whether somebody is there makes no difference, and the same is asked for once.
    let (search, nobody) = (whole("氏名0", "1980-04-01"), whole("番号花子", "1980-04-01"));
    let commitment = asked("clerk", &search).await;
    assert_eq!(asked("clerk", &search).await, commitment);
    assert_ne!(asked("clerk", &nobody).await, commitment);
    let vague = Search { kana: Some("シメイ".to_owned()), ..Search::default() };
    assert_eq!(live.look_attended("clerk", &vague).await.map(drop).unwrap_err().refusal, Refusal::BadRequest);
    let shown = live.attended_search(&commitment).unwrap();
    assert!(shown.search == search && HashBytes::from(shown.commitment()) == commitment);

    // Before they agreed no slot of such a person can be tried, and after it the other official has found nobody.
    let (slot, pair) = (town.city.slot(0), || ["clerk".to_owned(), "colleague".to_owned()]);
    let papers = Papers { place: 0, session: 0, slot, contests: vec![0], manner: Manner::Own };
    let named = async |by: &str| town.city.live().prepare(by, Prepare { papers: papers.clone(), by: PreparedBy::Name(NameReason::NoCard) }).await;
    assert_eq!(named("clerk").await.err().unwrap().refusal, Refusal::Protected);
    live.ready_to_look(&commitment).unwrap();
    live.approve_look(&commitment, pair()).await.unwrap();
    live.approve_look(&commitment, pair()).await.unwrap();
    assert!(matches!(live.look_attended("colleague", &search).await.unwrap(), Looking::Ask(_)));
    assert_eq!(named("colleague").await.err().unwrap().refusal, Refusal::Protected);
    drop(live);
    town.city.restart(Arc::new(MemoryStore::new())).await;
    let live = town.city.live();
    let Looking::Found(looked) = live.look_attended("clerk", &search).await.unwrap() else { panic!("they agreed") };
    let [elector] = looked.found.as_slice() else { panic!("one") };
    assert_eq!((elector.slot, elector.address.as_str(), elector.district.ja.as_str()), (slot, WITHHELD, WITHHELD));

    // The papers still take the two, and the second one is shown neither the address nor what it could be found by.
    let prepare = Prepare { papers: papers.clone(), by: PreparedBy::Name(NameReason::NoCard) };
    let Preparing::Ask(_) = live.prepare("clerk", prepare).await.unwrap() else { panic!("two officials") };
    let person = live.paper_person(&papers).unwrap();
    assert_eq!((person.name.as_str(), person.address.as_str(), person.district.as_str()), ("氏名　0", WITHHELD, WITHHELD));
    assert_eq!((person.salt, person.protection), (Bytes([0; 32]), Protection::Protected));

    // An agreement is good for an hour.
    town.city.clock.set(time(OPENS).plus(60 + GOOD_FOR + 1));
    assert!(matches!(live.look_attended("clerk", &search).await.unwrap(), Looking::Ask(_)));
    assert_eq!(live.ready_to_look(&HashBytes::from(Hash32::ZERO)).unwrap_err().refusal, Refusal::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_is_set_aside_once_by_its_officers_and_with_the_words_that_they_signed() {
    let mut town = Town::with(2, LinkPolicy::Provisional, "").await;
    let live = town.city.live();
    let opened = HashBytes::from(live.board().state.board.opened().unwrap().leaf_hash());
    let words = |reason: &str| AsideWords {
        salt: Bytes([4; 32]),
        name: "番号　花子".to_owned(),
        birth: "1901-01-01".to_owned(),
        reason: reason.to_owned(),
        refused: "nobody fits".to_owned(),
    };
    let body = |reason: &str| EnvelopeAside {
        opened,
        place: 0,
        session: 0,
        envelope: "K7Q2M-3".to_owned(),
        handed_out: time(OPENS),
        words: words(reason).commitment().into(),
    };
    let handed = |body: EnvelopeAside, officers: &[u8], reason: &str| SetAside { aside: town.attest(body, officers), words: words(reason) };
    let refused = async |set_aside: SetAside| town.city.live().set_aside("clerk", set_aside).await.unwrap_err().refusal;
    assert_eq!(refused(handed(body("a"), &[0], "a")).await, Refusal::OfficerSignatures);
    assert_eq!(refused(handed(body("a"), &[1, 2], "a")).await, Refusal::OfficerSignatures);
    assert_eq!(refused(handed(body("a"), &[0, 1], "b")).await, Refusal::BadRequest);
    assert_eq!(refused(handed(body(" "), &[0, 1], " ")).await, Refusal::BadRequest);
    for wrong in [EnvelopeAside { place: 7, ..body("a") }, EnvelopeAside { session: 7, ..body("a") }, EnvelopeAside { opened: Bytes([1; 32]), ..body("a") }] {
        assert_eq!(refused(handed(wrong, &[0, 1], "a")).await, Refusal::PaperPlace);
    }
    let spaced = EnvelopeAside { envelope: "K7 3".to_owned(), ..body("a") };
    assert_eq!(refused(handed(spaced, &[0, 1], "a")).await, Refusal::BadRequest);
    // The same again changes nothing, and a second reason does not replace the first.
    live.set_aside("clerk", handed(body("a"), &[0, 1], "a")).await.unwrap();
    live.set_aside("clerk", handed(body("a"), &[0, 2], "a")).await.unwrap();
    assert_eq!(refused(handed(body("b"), &[0, 1], "b")).await, Refusal::ChangedSince);
    drop(live);
    town.city.restart(Arc::new(MemoryStore::new())).await;
    let live = town.city.live();
    assert_eq!((live.day_view(0, 0).unwrap().aside, live.day_view(1, 0).unwrap().aside), (vec!["K7Q2M-3".to_owned()], Vec::new()));
    let listed = live.list_aside("西村").await.unwrap();
    let [one] = listed.as_slice() else { panic!("one") };
    assert_eq!((one.words.reason.as_str(), one.by.as_str(), one.officers.as_slice()), ("a", "clerk", &["officer 0".to_owned(), "officer 1".to_owned()][..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_shows_no_more_than_it_notes() {
    let town = Town::open(25).await;
    let live = town.city.live();
    let search = |kana: &str| LookFor::Search(Search { kana: Some(kana.to_owned()), ..Search::default() });
    assert_eq!(live.look("clerk", &search(" ")).await.map(drop).unwrap_err().refusal, Refusal::BadRequest);
    assert_eq!(live.look("clerk", &search("ソンザイシナイ")).await.unwrap().found.len(), 0);
    let named = LookFor::Search(Search { name: Some("氏名7".to_owned()), ..Search::default() });
    assert_eq!(live.look("clerk", &named).await.unwrap().found.iter().map(|elector| elector.number.as_str()).collect::<Vec<_>>(), ["7"]);
    // A card that is bound to nobody, and one whose holder is not on the roll.
    let stranger = City::draft(1).await;
    let certificate = Blob(stranger.voters[0].certificate.clone());
    assert!(live.look("clerk", &LookFor::Card(certificate)).await.is_err());
}
