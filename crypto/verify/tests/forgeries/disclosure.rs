//! Disclosures and own entries that must be refused, each proved and signed anew by the appliance that lies (PROTOCOL §18).

use tachiai_crypto::group::Element;
use tachiai_crypto::journal::Tree;
use tachiai_crypto::roster::entry::Opening as Commitment;
use tachiai_crypto::roster::shown::Sum;
use tachiai_crypto::roster::{Flag, Need};
use tachiai_schemas::roster::disclosure::{Disclosure, Ground, Selection, Terms, Withheld, claim_of_rest, context};
use tachiai_schemas::roster::opening::{self, Opening};
use tachiai_schemas::roster::own::OwnEntry;
use tachiai_schemas::roster::{Act, Body, Entry, EventId, Hlc, LAST_NUMBER, PersonEntry, leaf_hash};
use tachiai_schemas::trustee::SignedKind;
use tachiai_schemas::{Blob, Bytes, HashBytes, canonical};
use tachiai_verify::roster::disclosure::{CannotDisclose, DisclosureVerdict, flags_of, verify};
use tachiai_verify::testing::night::{Night, person};
use tachiai_verify::testing::roster::chain;
use tachiai_verify::{Failure, Rule};

fn verdict(night: &Night, disclosure: Disclosure) -> Result<DisclosureVerdict, Rule> {
    verify(night.hand_out(disclosure).as_slice(), "file", None).map(|held| held.verdict).map_err(|failure| match failure {
        Failure::Refuted(violation) => violation.rule,
        Failure::Incomplete(incomplete) => panic!("{incomplete}"),
    })
}

/// The honest one with a change; what depends on the terms and people alone is proved anew.
fn changed(change: impl FnOnce(&mut Night, &mut Terms, &mut Vec<u64>)) -> Result<DisclosureVerdict, Rule> {
    let mut night = Night::usual();
    let (mut terms, mut leaves) = (night.terms(), night.with(Need::Care));
    change(&mut night, &mut terms, &mut leaves);
    let disclosure = night.disclose(terms, &leaves).unwrap();
    verdict(&night, disclosure)
}

fn spoilt(change: impl FnOnce(&mut Disclosure)) -> Option<Rule> {
    let mut night = Night::usual();
    let (terms, leaves) = (night.terms(), night.with(Need::Care));
    let mut disclosure = night.disclose(terms, &leaves).unwrap();
    change(&mut disclosure);
    verdict(&night, disclosure).err()
}

/// Proves of the others whatever is claimed of them.
fn prove_rest(night: &mut Night, disclosure: &mut Disclosure, need: Need, withheld: u64) {
    let there = night.live();
    let mut sum = Sum::default();
    let others = there.only(|leaf, _| disclosure.people.iter().all(|person| person.leaf != leaf));
    for (leaf, present) in others.iter() {
        sum.add(&Element::decode(&present.commitment).unwrap(), night.commitment(leaf));
    }
    let context = context(&disclosure.terms, &disclosure.people).unwrap();
    let claim = claim_of_rest(context, need, others.len(), withheld).unwrap();
    disclosure.rest = Some(Blob(claim.prove(&sum, &mut night.rng).unwrap().to_bytes()));
}

#[test]
fn an_honest_disclosure_holds_for_a_need_for_everybody_and_for_some() {
    let honest = changed(|_, _, _| ()).unwrap();
    assert_eq!((honest.people, honest.others, honest.complete), (14 + 10 + 5, 55, true));
    let withheld = changed(|_, terms, leaves| {
        leaves.truncate(27);
        terms.withheld = vec![Withheld { ground: Ground::Protected, persons: 2 }];
    })
    .unwrap();
    assert_eq!((withheld.people, withheld.others), (27, 57));
    let everybody = changed(|night, terms, leaves| {
        terms.of = Selection::Everybody {};
        terms.shelters = vec![Night::shelter(1)];
        let there = night.live().at(Some(&Night::shelter(1)));
        (terms.persons, terms.live) = (there.len(), there.digest().into());
        *leaves = there.iter().map(|(leaf, _)| leaf).collect();
    })
    .unwrap();
    assert_eq!((everybody.people, everybody.others), (30, 0));
    let one = changed(|_, terms, leaves| {
        terms.of = Selection::Persons {};
        leaves.truncate(1);
    })
    .unwrap();
    assert_eq!((one.people, one.complete), (1, false));
}

#[test]
fn the_appliance_makes_none_that_leaves_somebody_out() {
    let mut night = Night::usual();
    let (terms, mut leaves) = (night.terms(), night.with(Need::Care));
    leaves.pop();
    assert!(matches!(night.disclose(terms, &leaves), Err(CannotDisclose::Unaccounted { have: 1, withheld: 0 })));
    // Somebody who left: the older entry does not count.
    night.tell(0, chain(0), Act::Out, &person(0, &[]));
    let mut terms = night.terms();
    terms.of = Selection::Persons {};
    let gone = night.roster.steps(&chain(0)).next().unwrap().leaf;
    assert!(matches!(night.disclose(terms, &[gone]), Err(CannotDisclose::NotThere(leaf)) if leaf == gone));
}

#[test]
fn forged_31_somebody_who_does_not_count_or_is_there_twice_is_refused() {
    let twice = spoilt(|disclosure| {
        let first = disclosure.people[0].clone();
        disclosure.people.insert(0, first);
        let proof = disclosure.proofs[0].clone();
        disclosure.proofs.insert(0, proof);
    });
    assert_eq!(twice, Some(Rule::R922));
    assert_eq!(spoilt(|disclosure| disclosure.people.swap(0, 1)), Some(Rule::R922));
    assert_eq!(spoilt(|disclosure| disclosure.people[0].chain = chain(250)), Some(Rule::R922));
    assert_eq!(spoilt(|disclosure| disclosure.people[0].leaf = 0), Some(Rule::R922), "the entry of an event");
    assert_eq!(spoilt(|disclosure| disclosure.terms.persons += 1), Some(Rule::R922));
    assert_eq!(spoilt(|disclosure| disclosure.terms.live = Bytes([1; 32])), Some(Rule::R922));
    // Of other shelters than were asked for.
    assert_eq!(spoilt(|disclosure| disclosure.terms.shelters = vec![Night::shelter(0)]), Some(Rule::R922));
    // Without the need that was asked for.
    let mut night = Night::usual();
    let (mut terms, leaves) = (night.terms(), night.with(Need::Care));
    terms.of = Selection::Persons {};
    let without = night.live().iter().map(|(leaf, _)| leaf).find(|leaf| !leaves.contains(leaf)).unwrap();
    let mut disclosure = night.disclose(terms, &[without]).unwrap();
    disclosure.terms.of = Selection::Need { need: Need::Care };
    assert_eq!(verdict(&night, disclosure).err(), Some(Rule::R922));
}

#[test]
fn forged_32_flags_that_a_commitment_does_not_have_are_refused() {
    let more = spoilt(|disclosure| disclosure.people[0].set = disclosure.people[0].set.with(Flag::Need(Need::Medical)));
    assert_eq!(more, Some(Rule::R923));
    let beyond = spoilt(|disclosure| disclosure.people[0].set = disclosure.people[0].set.with(Flag::WithoutNeed(Need::Food)));
    assert_eq!(beyond, Some(Rule::R923));
    assert_eq!(spoilt(|disclosure| disclosure.proofs[0].0[3] ^= 1), Some(Rule::R923));
    assert_eq!(spoilt(|disclosure| disclosure.proofs.swap(0, 1)), Some(Rule::R923));
    assert_eq!(spoilt(|disclosure| drop(disclosure.proofs.pop())), Some(Rule::R923));
    // For another agency or purpose: the proofs are not about it.
    assert_eq!(spoilt(|disclosure| disclosure.terms.agency = "press".to_owned()), Some(Rule::R923));
    assert_eq!(spoilt(|disclosure| disclosure.terms.purpose = "取材".to_owned()), Some(Rule::R923));
}

#[test]
fn forged_33_a_disclosure_of_other_entries_or_another_event_is_refused() {
    assert_eq!(spoilt(|disclosure| disclosure.terms.size -= 1), Some(Rule::R912));
    assert_eq!(spoilt(|disclosure| disclosure.terms.size += 1), Some(Rule::R912));
    assert_eq!(spoilt(|disclosure| disclosure.terms.root = Bytes([2; 32])), Some(Rule::R912));
    assert_eq!(spoilt(|disclosure| disclosure.terms.event = EventId([9; 16])), Some(Rule::R912));
    assert_eq!(spoilt(|disclosure| disclosure.terms.v = 0), Some(Rule::R912));
}

#[test]
fn forged_34_a_need_that_is_withheld_and_not_stated_is_refused() {
    let mut night = Night::usual();
    let (mut terms, mut leaves) = (night.terms(), night.with(Need::Care));
    terms.of = Selection::Persons {};
    leaves.pop();
    let mut disclosure = night.disclose(terms, &leaves).unwrap();
    disclosure.terms.of = Selection::Need { need: Need::Care };
    let context = context(&disclosure.terms, &disclosure.people).unwrap();
    for (person, proof) in disclosure.people.iter().zip(&mut disclosure.proofs) {
        let commitment: &Commitment = night.commitment(person.leaf);
        let mut sum = Sum::default();
        let present = night.live().get(person.leaf).unwrap().clone();
        sum.add(&Element::decode(&present.commitment).unwrap(), commitment);
        let claim = tachiai_crypto::roster::shown::Claim::of(context, &sum, disclosure.terms.flags, None);
        *proof = Blob(claim.prove(&sum, &mut night.rng).unwrap().to_bytes());
    }
    let missing = verdict(&night, disclosure.clone());
    assert_eq!(missing.err(), Some(Rule::R925), "no proof about the others");
    prove_rest(&mut night, &mut disclosure, Need::Care, 0);
    assert_eq!(verdict(&night, disclosure.clone()).err(), Some(Rule::R925), "one of them has it");
    prove_rest(&mut night, &mut disclosure, Need::Care, 1);
    assert_eq!(verdict(&night, disclosure.clone()).err(), Some(Rule::R925), "and that is not stated");
    prove_rest(&mut night, &mut disclosure, Need::Food, 0);
    assert_eq!(verdict(&night, disclosure).err(), Some(Rule::R925), "another need");
}

#[test]
fn forged_34_everybody_is_accounted_for_and_terms_are_well_formed() {
    let everybody = |withheld: Vec<Withheld>| {
        changed(|night, terms, leaves| {
            terms.of = Selection::Everybody {};
            terms.withheld = withheld;
            *leaves = night.live().iter().map(|(leaf, _)| leaf).skip(1).collect();
        })
        .err()
    };
    assert_eq!(everybody(vec![]), Some(Rule::R922));
    assert_eq!(everybody(Night::withheld(Ground::NoConsent, 1)), None);
    assert_eq!(everybody(Night::withheld(Ground::NoConsent, 2)), Some(Rule::R922));
    assert_eq!(everybody(vec![Withheld { ground: Ground::Protected, persons: 1 }, Withheld { ground: Ground::Conflict, persons: 0 }]), Some(Rule::R921));
    let terms = |change: &dyn Fn(&mut Terms)| changed(|_, terms, _| change(terms)).err();
    assert_eq!(terms(&|terms| terms.purpose = String::new()), Some(Rule::R921));
    assert_eq!(terms(&|terms| terms.fields.swap(0, 1)), Some(Rule::R921));
    assert_eq!(terms(&|terms| terms.shelters = vec![Night::shelter(2), Night::shelter(1), Night::shelter(0)]), Some(Rule::R921));
    assert_eq!(terms(&|terms| terms.flags = flags_of(&["birth".to_owned()])), Some(Rule::R921), "the need is not opened");
    let persons = changed(|_, terms, leaves| {
        terms.of = Selection::Persons {};
        terms.withheld = Night::withheld(Ground::Protected, 1);
        leaves.truncate(3);
    });
    assert_eq!(persons.err(), Some(Rule::R921));
    assert_eq!(spoilt(|disclosure| disclosure.terms.of = Selection::Persons {}), Some(Rule::R923), "the proofs are about a need");
}

#[test]
fn forged_34_a_field_that_is_not_the_entrys_or_not_permitted_is_refused() {
    // What is proved of people binds the fields, so these are proved anew.
    let field = |change: &dyn Fn(&mut tachiai_schemas::roster::disclosure::ShownField)| {
        let mut night = Night::usual();
        let (mut terms, leaves) = (night.terms(), night.with(Need::Care));
        terms.of = Selection::Persons {};
        let mut disclosure = night.disclose(terms, &leaves[..1]).unwrap();
        change(&mut disclosure.people[0].fields[1]);
        let context = context(&disclosure.terms, &disclosure.people).unwrap();
        let leaf = disclosure.people[0].leaf;
        let mut sum = Sum::default();
        sum.add(&Element::decode(&night.live().get(leaf).unwrap().commitment).unwrap(), night.commitment(leaf));
        let claim = tachiai_crypto::roster::shown::Claim::of(context, &sum, disclosure.terms.flags, None);
        disclosure.proofs[0] = Blob(claim.prove(&sum, &mut night.rng).unwrap().to_bytes());
        verdict(&night, disclosure).err()
    };
    assert_eq!(field(&|_| ()), None);
    assert_eq!(field(&|field| field.value = "\"誰か\"".to_owned()), Some(Rule::R924));
    assert_eq!(field(&|field| field.salt = Bytes([0; 32])), Some(Rule::R924));
    assert_eq!(field(&|field| field.index += 1), Some(Rule::R924));
    assert_eq!(field(&|field| field.name = "needs_note".to_owned()), Some(Rule::R924), "not permitted, and not in order");
    assert_eq!(field(&|field| field.proof[0] = Bytes([0; 32])), Some(Rule::R924));
}

#[test]
fn who_goes_out_and_in_around_a_disclosure_is_listed() {
    let mut night = Night::usual();
    night.tell(0, chain(0), Act::Out, &person(0, &[Need::Care]));
    let (terms, leaves) = (night.terms(), night.with(Need::Care));
    let disclosure = night.disclose(terms, &leaves).unwrap();
    let before = verdict(&night, disclosure.clone()).unwrap();
    assert_eq!((before.people, before.flapping), (28, vec![chain(0)]));
    night.tell(0, chain(0), Act::In, &person(0, &[Need::Care]));
    assert_eq!(verdict(&night, disclosure).unwrap().flapping, [chain(0)]);
}

/// The own entry of a leaf.
fn own_of(night: &Night, leaf: usize) -> OwnEntry {
    let tree = night.written.iter().fold(Tree::new(), |mut tree, written| {
        tree.push(written.hash);
        tree
    });
    let size = night.written.len() as u64;
    let hashes = |leaf: u64| tree.inclusion(leaf, size).unwrap().hashes().iter().map(|hash| HashBytes::from(*hash)).collect::<Vec<_>>();
    OwnEntry {
        declared: Blob(night.written[0].bytes.clone()),
        declared_proof: hashes(0),
        leaf: leaf as u64,
        entry: Blob(night.written[leaf].bytes.clone()),
        entry_proof: hashes(leaf as u64),
        opening: night.written[leaf].opening.clone().unwrap(),
        checkpoint: night.checkpoint(),
    }
}

fn refused(own: &OwnEntry) -> Option<Rule> {
    tachiai_verify::roster::own::verify(own, None).err().map(|violation| violation.rule)
}

/// What is said of an own entry that the appliance took although it breaks a rule: changed and signed anew before it went into the journal.
fn own_taken(change: impl FnOnce(&mut Entry, &mut Opening)) -> Option<Rule> {
    let mut night = Night::usual();
    let mut last = night.written.pop().unwrap();
    change(&mut last.entry.body, last.opening.as_mut().unwrap());
    last.entry.signature = Bytes(night.hands[2].key.sign_hash(&last.entry.body.signed_hash().unwrap()));
    last.bytes = canonical::to_bytes(&last.entry).unwrap();
    last.hash = leaf_hash(&last.bytes);
    night.written.push(last);
    refused(&own_of(&night, night.written.len() - 1))
}

fn of_person(entry: &mut Entry) -> &mut PersonEntry {
    let Body::Person(person) = &mut entry.body else { panic!("an entry about a person") };
    person
}

#[test]
fn forged_32_an_own_entry_of_somebody_present_without_a_proof_is_refused() {
    assert_eq!(own_taken(|_, _| ()), None);
    let without = own_taken(|entry, opening| {
        of_person(entry).proof = None;
        opening.blinding = None;
    });
    assert_eq!(without, Some(Rule::R906));
    assert_eq!(own_taken(|entry, _| of_person(entry).proof.as_mut().unwrap().0[640..].fill(0)), Some(Rule::R906), "another proof");
}

#[test]
fn an_own_entry_keeps_the_rules_that_ask_for_nothing_but_the_entry() {
    assert_eq!(own_taken(|entry, _| entry.number = LAST_NUMBER), None);
    assert_eq!(own_taken(|entry, _| entry.number = LAST_NUMBER + 1), Some(Rule::R901));
    assert_eq!(own_taken(|entry, _| entry.time = Hlc::at_millis(entry.entered.millis() + 1)), Some(Rule::R901));
    let gone = |seq: u64, after: Vec<HashBytes>| {
        own_taken(|entry, opening| {
            let person = of_person(entry);
            (person.seq, person.after, person.act, person.proof) = (seq, after, Act::Out, None);
            opening.blinding = None;
            let (place, _) = opening::place(entry).unwrap();
            of_person(entry).fields = opening::root(&place, &opening.fields).into();
        })
    };
    assert_eq!(gone(LAST_NUMBER, vec![Bytes([1; 32])]), None);
    assert_eq!(gone(LAST_NUMBER + 1, vec![Bytes([1; 32])]), Some(Rule::R901));
    assert_eq!(gone(1, vec![Bytes([2; 32]), Bytes([1; 32])]), Some(Rule::R905));
}

#[test]
fn an_own_entry_is_what_stands_in_the_roster() {
    let night = Night::usual();
    let own = |leaf: usize| own_of(&night, leaf);
    let honest = own(10);
    let verdict = tachiai_verify::roster::own::verify(&honest, None).unwrap();
    assert!(verdict.fields.iter().any(|(name, value)| name == "name" && value.contains("歳の人")));
    let expected = verdict.fingerprint.parse().unwrap();
    assert!(tachiai_verify::roster::own::verify(&honest, Some(&expected)).unwrap().compared);
    let other = "aaaa-aaaa-aaaa-aaaa-aaaa".parse().unwrap();
    assert_eq!(tachiai_verify::roster::own::verify(&honest, Some(&other)).err().map(|violation| violation.rule), Some(Rule::R302));
    let swapped = |change: &dyn Fn(&mut OwnEntry)| {
        let mut own = honest.clone();
        change(&mut own);
        refused(&own)
    };
    assert_eq!(swapped(&|of| of.opening = own(11).opening), Some(Rule::R926), "somebody else's opening");
    assert_eq!(swapped(&|of| of.entry = own(11).entry), Some(Rule::R926), "somebody else's entry");
    assert_eq!(swapped(&|of| of.leaf = 11), Some(Rule::R926));
    assert_eq!(swapped(&|of| of.declared = own(11).entry), Some(Rule::R902));
    assert_eq!(swapped(&|of| of.declared_proof.clear()), Some(Rule::R926));
    assert_eq!(swapped(&|of| of.checkpoint = of.checkpoint.replacen("yabu", "yaba", 1)), Some(Rule::R926));
}
