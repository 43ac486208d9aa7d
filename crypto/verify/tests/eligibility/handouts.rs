//! Class 40: hand-outs of papers without evidence that the elector came, and electors who were added and are none.

use tachiai_crypto::hash::tagged;
use tachiai_crypto::labels;
use tachiai_jpki::Purpose;
use tachiai_schemas::election::Body;
use tachiai_schemas::evidence::{ByName, NameReason, Opening, PaperEvidence, SealedEvidence};
use tachiai_schemas::identity::FallbackReason;
use tachiai_schemas::paper::{Identified, PaperIssue};
use tachiai_schemas::{Blob, Bytes, LeafIndex, Slot, canonical};
use tachiai_verify::eligibility::testing::{TestCard, Town, at, days, revocations, signed};
use tachiai_verify::eligibility::{Audited, FlaggedHandout, seal};
use tachiai_verify::testing::{Places, Play};
use tachiai_verify::{Failure, Rule};

/// The early session of the first place.
const TODAY: (u16, u16) = (0, 0);

/// Counts to the end, and audits.
#[track_caller]
fn audited(play: &mut Play, town: &Town, places: &Places) -> Result<Audited, Failure> {
    places.close_all(play);
    places.count(play);
    let folder = tempfile::tempdir().unwrap();
    town.write(play, folder.path());
    // The public can find nothing.
    tachiai_verify::verify_record(&folder.path().join("record"), &tachiai_verify::Options::default()).unwrap_or_else(|failure| panic!("{failure}"));
    town.audit(folder.path())
}

#[track_caller]
fn refuted(play: &mut Play, town: &Town, places: &Places, rule: Rule, leaf: impl Into<Option<LeafIndex>>) {
    match audited(play, town, places) {
        Err(Failure::Refuted(violation)) => assert_eq!((violation.rule, violation.leaf), (rule, leaf.into()), "{violation}"),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("the audit holds"),
    }
}

/// A hand-out to slot 0 with its elector's card, of which entry and evidence are changed.
#[track_caller]
fn changed(rule: Rule, change: impl FnOnce(&mut PaperIssue, &mut PaperEvidence)) {
    let (mut play, mut town, places) = Town::with_places(40);
    let card = town.card(Slot(0));
    let (mut issue, mut evidence) = town.handout(&mut play, &places, TODAY, Slot(0), &card);
    change(&mut issue, &mut evidence);
    let leaf = town.push_handout(&mut play, &places, issue, &evidence);
    refuted(&mut play, &town, &places, rule, leaf);
}

#[test]
fn every_hand_out_of_an_honest_election_has_its_evidence() {
    let (mut play, mut town, places) = Town::with_places(39);
    town.register(&mut play, Slot(0));
    play.vote(Slot(0));
    // With a card, of which one was bound at a counter; by name; to somebody who was added; and to one whose first paper came back.
    let card = town.card(Slot(0));
    let (issue, evidence) = town.handout(&mut play, &places, TODAY, Slot(0), &card);
    let first = town.push_handout(&mut play, &places, issue, &evidence);
    let old = town.card(Slot(1));
    let (issue, mut evidence) = town.handout(&mut play, &places, (1, 0), Slot(1), &old);
    let officials = Town::officials(&play, FallbackReason::Expired);
    evidence.binding = Some(town.counter(&old, &old.attributes, FallbackReason::Expired));
    (evidence.fallback, evidence.bound) = (Some(officials.clone()), Some(officials.at));
    let second = town.push_handout(&mut play, &places, issue, &evidence);
    let newcomer = town.add_elector(&mut play, Town::newcomer(1));
    let (issue, evidence) = town.handout_by_name(&play, &places, TODAY, newcomer);
    let third = town.push_handout(&mut play, &places, issue, &evidence);
    let undo = places.attest(places.undo(&play, Slot(0)));
    play.push(Body::PaperUndone(undo));
    let (issue, evidence) = town.handout(&mut play, &places, TODAY, Slot(0), &card);
    town.push_handout(&mut play, &places, issue, &evidence);
    let Audited { verdict, people } = audited(&mut play, &town, &places).unwrap_or_else(|failure| panic!("{failure}"));
    let papers = &verdict.papers;
    assert_eq!((papers.handouts, papers.with_card, verdict.registrations, verdict.cards), (4, 3, 1, 1));
    assert_eq!(papers.by_name, [FlaggedHandout { leaf: third, slot: newcomer, reason: NameReason::NoCard }]);
    assert_eq!((papers.fallbacks.len(), papers.fallbacks[0].leaf, papers.fallbacks[0].fallback.as_ref()), (1, second, Some(&officials)));
    assert_eq!((verdict.added.as_slice(), people.added_name(newcomer)), (&[newcomer][..], Some("朝来　1子")));
    assert!(verdict.has_fallbacks() && !serde_json::to_string(&verdict).unwrap().contains("朝来") && first < second);
}

#[test]
fn a_card_that_only_a_later_list_revokes_took_its_papers_and_is_listed() {
    let (mut play, mut town, places) = Town::with_places(38);
    let card = town.card(Slot(0));
    let (issue, evidence) = town.handout(&mut play, &places, TODAY, Slot(0), &card);
    let leaf = town.push_handout(&mut play, &places, issue, &evidence);
    let revoked = [(card.serial, tachiai_jpki::UnixTime::from_secs(at(0).unix() as u64))];
    let later = [Purpose::UserAuthentication, Purpose::DigitalSignature].map(|purpose| revocations(&town.ca, purpose, days(1, 60), &revoked));
    town.lists.push((at(90_000), later.into()));
    let verdict = audited(&mut play, &town, &places).unwrap_or_else(|failure| panic!("{failure}")).verdict;
    assert_eq!((verdict.papers.revoked_since.len(), verdict.papers.revoked_since[0].leaf), (1, leaf));
}

#[test]
fn forged_40_a_paper_to_somebody_who_never_came() {
    // The desk has no card's signature, and no evidence at all.
    let (mut play, town, places) = Town::with_places(40);
    let leaf = places.push_issue(&mut play, 0, 0, Slot(0));
    refuted(&mut play, &town, &places, Rule::R709, leaf);
    // It says that officials identified the elector, and that a card did.
    let (mut play, mut town, places) = Town::with_places(40);
    let (issue, evidence) = town.handout_by_name(&play, &places, TODAY, Slot(0));
    let leaf = town.push_handout(&mut play, &places, PaperIssue { identified: Identified::Card, ..issue }, &evidence);
    refuted(&mut play, &town, &places, Rule::R709, leaf);
    changed(Rule::R709, |issue, _| issue.identified = Identified::Name);
}

#[test]
fn forged_40_a_card_s_hand_out_that_is_dated_back() {
    // Within the session, but longer ago than a desk with a connection needs: perhaps the card was still good then.
    for (late, refused) in [(3_600, false), (3_601, true)] {
        let (mut play, mut town, places) = Town::with_places(40);
        let card = town.card(Slot(0));
        let (issue, evidence) = town.handout(&mut play, &places, TODAY, Slot(0), &card);
        // The entry comes a second after this.
        play.now = issue.issued_at.plus(late - 1);
        let leaf = town.push_handout(&mut play, &places, issue, &evidence);
        if refused {
            refuted(&mut play, &town, &places, Rule::R709, leaf);
        } else {
            audited(&mut play, &town, &places).unwrap_or_else(|failure| panic!("{failure}"));
        }
    }
}

#[test]
fn forged_40_evidence_that_the_entry_does_not_commit_to_or_that_nobody_opens() {
    let (mut play, mut town, places) = Town::with_places(41);
    let leaves: Vec<LeafIndex> = (0..2)
        .map(|slot| {
            let (issue, evidence) = town.handout_by_name(&play, &places, TODAY, Slot(slot));
            town.push_handout(&mut play, &places, issue, &evidence)
        })
        .collect();
    town.papers.insert(leaves[0], town.papers[&leaves[1]].clone());
    refuted(&mut play, &town, &places, Rule::R709, leaves[0]);
    let stranger = age::x25519::Identity::generate().to_public().to_string();
    town.papers.insert(leaves[0], seal(b"nobody reads this", &[stranger]).unwrap());
    let folder = tempfile::tempdir().unwrap();
    town.write(&play, folder.path());
    assert!(matches!(town.audit(folder.path()), Err(Failure::Refuted(violation)) if violation.rule == Rule::R709 && violation.leaf == Some(leaves[0])));
}

#[test]
fn forged_40_evidence_in_another_form_or_where_nothing_was_handed_out() {
    let (mut play, mut town, places) = Town::with_places(42);
    let (mut issue, evidence) = town.handout_by_name(&play, &places, TODAY, Slot(0));
    let text = String::from_utf8(canonical::to_bytes(&evidence).unwrap()).unwrap();
    let evidence = text.replacen("{\"elector\"", "{\"card\":null,\"elector\"", 1).into_bytes();
    issue.evidence = tagged(labels::hash::EVIDENCE, &[&[9; 32], &evidence]).into();
    let leaf = play.push(Body::PaperIssued(Box::new(places.sign(issue))));
    let sealed = canonical::to_bytes(&SealedEvidence { salt: Bytes([9; 32]), evidence: Blob(evidence) }).unwrap();
    town.papers.insert(leaf, seal(&sealed, &play.manifest.authority_recipients).unwrap());
    refuted(&mut play, &town, &places, Rule::R709, leaf);
    let (mut play, mut town, places) = Town::with_places(42);
    let (issue, evidence) = town.handout_by_name(&play, &places, TODAY, Slot(0));
    let leaf = town.push_handout(&mut play, &places, issue, &evidence);
    let undo = places.attest(places.undo(&play, Slot(0)));
    let undone = play.push(Body::PaperUndone(undo));
    town.papers.insert(undone, town.papers[&leaf].clone());
    refuted(&mut play, &town, &places, Rule::R709, undone);
}

#[test]
fn forged_40_a_card_signed_for_other_papers() {
    // Each is the elector's own signature, for something else: another slot, place, session, contest, opening, or purpose.
    type Forge = fn(&Play, &mut PaperIssue) -> Vec<u8>;
    let forgeries: [Forge; 6] = [
        |play, issue| Town::paper_text(play, &PaperIssue { slot: Slot(2), ..issue.clone() }, [1; 32]),
        |play, issue| Town::paper_text(play, &PaperIssue { place: 1, ..issue.clone() }, [1; 32]),
        |play, issue| Town::paper_text(play, &PaperIssue { session: 1, ..issue.clone() }, [1; 32]),
        |play, issue| Town::paper_text(play, &PaperIssue { contests: vec![0, 1], ..issue.clone() }, [1; 32]),
        |play, issue| Town::paper_text(play, &PaperIssue { opened: tachiai_crypto::hash::Hash32::ZERO.into(), ..issue.clone() }, [1; 32]),
        |play, issue| {
            let text = String::from_utf8(Town::paper_text(play, issue, [1; 32])).unwrap();
            let origin = &play.manifest.origin;
            text.replacen(&format!("{}:{origin}", origin.len()), "15:elsewhere.test/", 1).replacen("15:elsewhere.test/", "15:elsewhere.tests", 1).into_bytes()
        },
    ];
    for (index, forge) in forgeries.into_iter().enumerate() {
        println!("forgery {index}");
        let (mut play, mut town, places) = Town::with_places(43);
        let card = town.card(Slot(0));
        let (mut issue, mut evidence) = town.handout(&mut play, &places, TODAY, Slot(0), &card);
        let text = forge(&play, &mut issue);
        evidence.card = Some(signed(&text, &card.key, &card.certificate));
        let leaf = town.push_handout(&mut play, &places, issue, &evidence);
        refuted(&mut play, &town, &places, Rule::R709, leaf);
    }
    let (mut play, mut town, places) = Town::with_places(43);
    let card = town.card(Slot(0));
    let (registration, key) = play.registration(Slot(0));
    let statement = play.registration_text(&registration, &key);
    let (issue, mut evidence) = town.handout(&mut play, &places, TODAY, Slot(0), &card);
    evidence.card = Some(signed(&statement, &card.key, &card.certificate));
    let leaf = town.push_handout(&mut play, &places, issue, &evidence);
    refuted(&mut play, &town, &places, Rule::R709, leaf);
    // And nobody's signature.
    changed(Rule::R709, |_, evidence| evidence.card.as_mut().unwrap().signature.0[20] ^= 1);
}

#[test]
fn forged_40_a_signature_for_papers_that_came_back_serves_once_more() {
    let (mut play, mut town, places) = Town::with_places(44);
    let card = town.card(Slot(0));
    let (issue, evidence) = town.handout(&mut play, &places, TODAY, Slot(0), &card);
    town.push_handout(&mut play, &places, issue.clone(), &evidence);
    let undo = places.attest(places.undo(&play, Slot(0)));
    play.push(Body::PaperUndone(undo));
    let leaf = town.push_handout(&mut play, &places, issue, &evidence);
    refuted(&mut play, &town, &places, Rule::R709, leaf);
}

#[test]
fn forged_40_the_card_of_somebody_else() {
    // Bound to its own holder; bound by its own keys to the elector; and with the evidence of that holder's slot.
    let (mut play, mut town, places) = Town::with_places(45);
    let other = town.card(Slot(1));
    let (issue, evidence) = town.handout(&mut play, &places, TODAY, Slot(0), &other);
    let leaf = town.push_handout(&mut play, &places, issue, &evidence);
    refuted(&mut play, &town, &places, Rule::R706, leaf);
    let (mut play, mut town, places) = Town::with_places(45);
    let (other, elector) = (town.card(Slot(1)), town.slots[1].elector.clone());
    let (issue, mut evidence) = town.handout(&mut play, &places, TODAY, Slot(0), &other);
    evidence.elector = elector;
    let leaf = town.push_handout(&mut play, &places, issue, &evidence);
    refuted(&mut play, &town, &places, Rule::R706, leaf);
    changed(Rule::R706, |issue, evidence| evidence.bound = Some(issue.issued_at.plus(1)));
}

#[test]
fn forged_40_one_card_takes_papers_for_two_or_registers_for_another() {
    for registers in [true, false] {
        let (mut play, mut town, places) = Town::with_places(46);
        let card = town.card(Slot(0));
        if registers {
            town.register_with(&mut play, Slot(0), &card, |_| {});
        } else {
            let (issue, evidence) = town.handout(&mut play, &places, TODAY, Slot(0), &card);
            town.push_handout(&mut play, &places, issue, &evidence);
        }
        // An accomplice has the own signing key bind the other one's card.
        let accomplice = town.card(Slot(1));
        let borrowed =
            TestCard { signing_key: accomplice.signing_key, signing_certificate: accomplice.signing_certificate, attributes: accomplice.attributes, ..card };
        let (issue, evidence) = town.handout(&mut play, &places, (1, 0), Slot(1), &borrowed);
        let leaf = town.push_handout(&mut play, &places, issue, &evidence);
        refuted(&mut play, &town, &places, Rule::R707, leaf);
    }
}

#[test]
fn forged_40_a_card_that_was_revoked_or_was_bound_at_a_counter_by_nobody() {
    let (mut play, mut town, places) = Town::with_places(47);
    let card = town.card(Slot(0));
    let revoked = [(card.serial, tachiai_jpki::UnixTime::from_secs(at(0).unix() as u64))];
    let lists = [Purpose::UserAuthentication, Purpose::DigitalSignature].map(|purpose| revocations(&town.ca, purpose, days(-1, 60), &revoked));
    town.lists.push((at(0), lists.into()));
    let (issue, evidence) = town.handout(&mut play, &places, TODAY, Slot(0), &card);
    let leaf = town.push_handout(&mut play, &places, issue, &evidence);
    refuted(&mut play, &town, &places, Rule::R705, leaf);
    let (mut play, mut town, places) = Town::with_places(47);
    let card = town.card(Slot(0));
    let (issue, mut evidence) = town.handout(&mut play, &places, TODAY, Slot(0), &card);
    evidence.binding = Some(town.counter(&card, &card.attributes, FallbackReason::NotIssued));
    let leaf = town.push_handout(&mut play, &places, issue, &evidence);
    refuted(&mut play, &town, &places, Rule::R708, leaf);
}

#[test]
fn forged_40_an_elector_without_a_card_whom_one_official_knew() {
    let by = |first: &str, second: &str| Some(ByName { reason: NameReason::CardFailed, by: [first.to_owned(), second.to_owned()] });
    let forgeries: [fn(&mut PaperEvidence, Option<ByName>); 3] =
        [|evidence, same| evidence.name = same, |evidence, _| evidence.name.as_mut().unwrap().by[1].clear(), |evidence, _| evidence.name = None];
    for forge in forgeries {
        let (mut play, mut town, places) = Town::with_places(48);
        let (issue, mut evidence) = town.handout_by_name(&play, &places, TODAY, Slot(0));
        forge(&mut evidence, by("nishimura", "nishimura"));
        let leaf = town.push_handout(&mut play, &places, issue, &evidence);
        refuted(&mut play, &town, &places, Rule::R709, leaf);
    }
    // The officials say whom they saw, and it is another one's slot.
    let (mut play, mut town, places) = Town::with_places(48);
    let (issue, mut evidence) = town.handout_by_name(&play, &places, TODAY, Slot(0));
    evidence.elector = town.slots[1].elector.clone();
    let leaf = town.push_handout(&mut play, &places, issue, &evidence);
    refuted(&mut play, &town, &places, Rule::R709, leaf);
    changed(Rule::R709, |_, evidence| evidence.name = Some(ByName { reason: NameReason::NoCard, by: ["a".to_owned(), "b".to_owned()] }));
}

/// The same person under another salt.
fn salted(elector: &Opening, salt: u8) -> Opening {
    let mut other = elector.clone();
    other.salt = Bytes([salt; 32]);
    other
}

/// An elector is added, and what opens the slot is changed afterwards.
#[track_caller]
fn added(elector: Opening, change: impl FnOnce(&mut Town)) {
    let (mut play, mut town, places) = Town::with_places(49);
    town.add_elector(&mut play, elector);
    change(&mut town);
    refuted(&mut play, &town, &places, Rule::R710, None);
}

#[test]
fn forged_40_an_elector_is_added_who_has_a_slot_or_is_somebody_else() {
    let (_, town, _) = Town::with_places(49);
    // On the roll, with another salt; twice; another than was committed to; in another district.
    added(salted(&town.slots[3].elector, 1), |_| {});
    added(Town::newcomer(1), |town| town.added[0].elector.name = "別　人".to_owned());
    added(Town::newcomer(1), |town| town.added[0].elector.district = "d0".to_owned());
    added(Town::newcomer(1), |town| town.added[0].slot = Slot(9));
    let (mut play, mut town, places) = Town::with_places(49);
    town.add_elector(&mut play, Town::newcomer(1));
    town.add_elector(&mut play, salted(&Town::newcomer(1), 2));
    refuted(&mut play, &town, &places, Rule::R710, None);
    // Nor is one left out, or one more opened than was added.
    let (mut play, mut town, places) = Town::with_places(49);
    town.add_elector(&mut play, Town::newcomer(1));
    town.added.clear();
    refuted(&mut play, &town, &places, Rule::R701, None);
    let (mut play, mut town, places) = Town::with_places(49);
    town.added.push(tachiai_schemas::evidence::SlotOpening { slot: Slot(8), elector: Town::newcomer(1) });
    refuted(&mut play, &town, &places, Rule::R701, None);
}
