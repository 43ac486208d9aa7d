use std::collections::BTreeMap;

use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use tachiai_schemas::roster::pen::{Stroke, Written};
use tachiai_schemas::roster::person::Identified;
use tachiai_schemas::roster::{LAST_NUMBER, Person, Stay};

use super::groups::Conflict;
use super::*;
use crate::testing::roster::{BEGIN, Hand, began, chain, start, take};

/// What screens show of a person: everything but the leaves, which tell in which order entries came.
type Shown = (Vec<ChainId>, ChainId, Moment, Option<Conflict>, Vec<Hash32>);

fn shown(roster: &Roster) -> Vec<Shown> {
    let of = |group: groups::Group<'_>| {
        let heads = group.heads.iter().map(|(_, step)| step.moment.hash).collect();
        (group.handles.clone(), group.chain, group.latest.moment.clone(), group.conflict(), heads)
    };
    roster.groups().into_iter().map(of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Twenty terminals write, hear of each other or not, and hand in late, twice, in any order: the roster is the same.
    #[test]
    fn any_order_and_repetition_of_hand_ins_gives_the_same_roster(
        acts in proptest::collection::vec((0..20_usize, 0..12_u8, 0..4_u8, 0..3_u8, 0..120_000_u64), 1..60),
        heard in proptest::collection::vec((0..20_usize, 0..60_usize), 0..40),
        order in proptest::collection::vec(any::<u32>(), 60),
        twice in proptest::collection::vec(0..60_usize, 0..20),
        links in proptest::collection::vec((0..12_u8, 0..12_u8, any::<bool>()), 0..6),
        seed: [u8; 32],
    ) {
        let rng = &mut ChaCha20Rng::from_seed(seed);
        let mut hands: Vec<Hand> = (0..20).map(|n| Hand::new(&format!("t{n}"), n)).collect();
        let (roster, mut appliance, _) = start(&hands.iter().collect::<Vec<_>>());
        let begin = BEGIN;
        let mut written: Vec<Written> = Vec::new();
        for (n, (hand, person, act, shelter, millis)) in acts.iter().enumerate() {
            for (hearer, _) in heard.iter().filter(|(_, at)| *at == n) {
                for entry in &written {
                    hands[*hearer].see(entry);
                }
            }
            let act = [Act::In, Act::Moved, Act::Edit, Act::Out][usize::from(*act)];
            // Clocks of terminals are apart by up to two minutes.
            written.push(hands[*hand].act(chain(*person), &format!("s{shelter}"), act, begin + millis, rng));
        }
        for (one, two, same) in links {
            if one != two {
                let verdict = if same { LinkVerdict::Same } else { LinkVerdict::Apart };
                let grounds = BTreeMap::from([("why", "x")]);
                written.push(appliance.write(|pen| pen.link((chain(one), chain(two)), verdict, &grounds, begin, rng).unwrap()));
            }
        }
        let mut straight = roster.clone();
        for entry in &written {
            take(&mut straight, entry).unwrap();
        }
        let mut shuffled: Vec<&Written> = written.iter().chain(twice.iter().filter_map(|n| written.get(*n))).collect();
        let mut keys = order.iter().cycle();
        shuffled.sort_by_cached_key(|_| *keys.next().unwrap());
        let mut other = roster;
        for entry in shuffled {
            take(&mut other, entry).unwrap();
        }
        prop_assert_eq!(shown(&straight), shown(&other));
        prop_assert_eq!(straight.len(), other.len());
        // Everybody has a head, whatever was linked and found to be two again.
        prop_assert!(straight.groups().iter().all(|group| !group.heads.is_empty()));
        // Everybody is counted once, at the latest event.
        let people: BTreeSet<ChainId> = straight.groups().iter().flat_map(|group| group.handles.clone()).collect();
        prop_assert_eq!(people.len(), straight.handles().count());
    }
}

#[test]
fn a_person_who_is_present_in_two_places_is_a_conflict_and_counts_once_at_the_latest() {
    let rng = &mut ChaCha20Rng::from_seed([2; 32]);
    let (mut one, mut two) = (Hand::new("one", 1), Hand::new("two", 2));
    let (mut roster, ..) = start(&[&one, &two]);
    let at = BEGIN;
    let first = one.act(chain(1), "gym", Act::In, at + 1000, rng);
    let second = two.act(chain(1), "hall", Act::In, at + 500, rng);
    take(&mut roster, &first).unwrap();
    take(&mut roster, &second).unwrap();
    let group = roster.person(chain(1)).unwrap();
    assert_eq!(group.conflict(), Some(Conflict::TwoPlaces));
    assert_eq!(group.latest.moment.hash, first.hash);
    assert_eq!(roster.live().count(), 1);
    // Whoever has seen both settles it.
    one.see(&second);
    let settled = one.act(chain(1), "hall", Act::Edit, at + 2000, rng);
    take(&mut roster, &settled).unwrap();
    let group = roster.person(chain(1)).unwrap();
    assert_eq!((group.conflict(), group.latest.moment.hash), (None, settled.hash));
}

#[test]
fn handles_of_one_person_count_once_and_apart_again_when_they_are_found_to_be_two() {
    let rng = &mut ChaCha20Rng::from_seed([3; 32]);
    let mut one = Hand::new("one", 1);
    let (mut roster, mut appliance, _) = start(&[&one]);
    let at = BEGIN;
    for n in [1, 2, 3] {
        take(&mut roster, &one.act(chain(n), "gym", Act::In, at + u64::from(n), rng)).unwrap();
    }
    let grounds = BTreeMap::from([("why", "one card")]);
    for (a, b) in [(1, 2), (2, 3)] {
        take(&mut roster, &appliance.write(|pen| pen.link((chain(a), chain(b)), LinkVerdict::Same, &grounds, at, rng).unwrap())).unwrap();
    }
    assert_eq!(roster.live().count(), 1);
    take(&mut roster, &appliance.write(|pen| pen.link((chain(3), chain(2)), LinkVerdict::Apart, &grounds, at, rng).unwrap())).unwrap();
    assert_eq!(roster.live().count(), 2);
    assert_eq!(roster.groups().iter().flat_map(|group| group.handles.clone()).count(), 3);
}

#[test]
fn an_entry_of_a_stranger_hides_no_head_and_an_undone_link_leaves_everybody_with_one() {
    let rng = &mut ChaCha20Rng::from_seed([4; 32]);
    let (mut one, mut two) = (Hand::new("one", 1), Hand::new("two", 2));
    let (mut roster, mut appliance, _) = start(&[&one, &two]);
    let at = BEGIN;
    let first = one.act(chain(1), "gym", Act::In, at, rng);
    let second = two.act(chain(1), "hall", Act::In, at + 1, rng);
    for written in [&first, &second] {
        take(&mut roster, written).unwrap();
    }
    // An entry of another handle names both as what it follows.
    let mut after = vec![(first.hash, 0), (second.hash, 0)];
    after.sort();
    let person = Person { name: "x".to_owned(), ..Person::unknown(Identified::Typed, Stay::Shelter) };
    let stroke = Stroke { chain: chain(2), after: &after, shelter: "gym".parse().unwrap(), act: Act::In, person: &person, time: None };
    let stranger = one.write(|pen| pen.person(&stroke, at + 2, rng).unwrap());
    take(&mut roster, &stranger).unwrap();
    let heads = |roster: &Roster, n| roster.person(chain(n)).unwrap().heads.iter().map(|(_, step)| step.moment.hash).collect::<Vec<_>>();
    assert_eq!((heads(&roster, 1), roster.person(chain(1)).unwrap().conflict()), (vec![first.hash, second.hash], Some(Conflict::TwoPlaces)));
    // Of one person it follows both; found to be of two, it does not.
    let grounds = BTreeMap::from([("why", "one card")]);
    take(&mut roster, &appliance.write(|pen| pen.link((chain(1), chain(2)), LinkVerdict::Same, &grounds, at + 3, rng).unwrap())).unwrap();
    assert_eq!(heads(&roster, 1), [stranger.hash]);
    take(&mut roster, &appliance.write(|pen| pen.link((chain(1), chain(2)), LinkVerdict::Apart, &grounds, at + 4, rng).unwrap())).unwrap();
    assert_eq!((heads(&roster, 1), heads(&roster, 2)), (vec![first.hash, second.hash], vec![stranger.hash]));
}

#[test]
fn two_terminals_that_write_under_one_name_are_seen() {
    let rng = &mut ChaCha20Rng::from_seed([5; 32]);
    let (mut one, mut copy) = (Hand::new("one", 1), Hand::new("one", 1));
    let (mut roster, ..) = start(&[&one]);
    let at = BEGIN;
    take(&mut roster, &one.act(chain(1), "gym", Act::In, at, rng)).unwrap();
    assert!(!roster.terminals()[&one.name].is_copied());
    take(&mut roster, &copy.act(chain(2), "gym", Act::In, at, rng)).unwrap();
    assert!(roster.terminals()[&one.name].is_copied());
    assert_eq!(roster.live().count(), 2, "nobody is lost for it");
}

#[test]
fn an_opening_gives_the_person_and_no_other() {
    let rng = &mut ChaCha20Rng::from_seed([6; 32]);
    let mut one = Hand::new("one", 1);
    let at = BEGIN;
    let written = one.act(chain(1), "gym", Act::In, at, rng);
    let other = one.act(chain(2), "gym", Act::In, at, rng);
    let opening = written.opening.as_ref().unwrap();
    assert_eq!(opening.person(&written.entry.body, began()).unwrap().name, chain(1).to_string());
    assert!(opening.person(&other.entry.body, began()).is_err());
    let mut older = opening.clone();
    older.fields.iter_mut().find(|field| field.name == "birth").unwrap().value = "{\"years\":80}".to_owned();
    assert!(older.person(&written.entry.body, began()).is_err());
}

#[test]
fn gaps_in_the_numbers_of_a_terminal_are_counted_whatever_number_it_claims() {
    let rng = &mut ChaCha20Rng::from_seed([6; 32]);
    let mut one = Hand::new("one", 1);
    let (mut roster, ..) = start(&[&one]);
    let written: Vec<Written> = (0..5).map(|n| one.act(chain(n), "gym", Act::In, BEGIN + u64::from(n), rng)).collect();
    for n in [1, 2, 4] {
        take(&mut roster, &written[n]).unwrap();
    }
    let of = |roster: &Roster| {
        let terminal = &roster.terminals()[&one.name];
        (terminal.missing(), terminal.gaps().collect::<Vec<_>>())
    };
    assert_eq!(of(&roster), (2, vec![0..1, 3..4]));
    let mut far = written[3].entry.clone();
    far.body.number = LAST_NUMBER;
    roster.apply(Hash32::sha256(b"far"), &far);
    assert_eq!(of(&roster), (LAST_NUMBER - 3, vec![0..1, 3..4, 5..LAST_NUMBER]));
}

#[test]
fn whoever_follows_the_last_number_of_a_chain_writes_an_entry_that_is_taken() {
    let rng = &mut ChaCha20Rng::from_seed([7; 32]);
    let mut one = Hand::new("one", 1);
    let (mut roster, ..) = start(&[&one]);
    for (seq, of) in [(LAST_NUMBER, LAST_NUMBER), (u64::MAX, LAST_NUMBER), (3, 4)] {
        let person = Person { name: "x".to_owned(), ..Person::unknown(Identified::Typed, Stay::Shelter) };
        let after = [(Hash32::sha256(b"before"), seq)];
        let stroke = Stroke { chain: chain(1), after: &after, shelter: "gym".parse().unwrap(), act: Act::In, person: &person, time: None };
        let written = one.write(|pen| pen.person(&stroke, BEGIN, rng).unwrap());
        take(&mut roster, &written).unwrap();
        assert!(matches!(&written.entry.body.body, Body::Person(entry) if entry.seq == of));
    }
}

#[test]
fn after_the_close_the_appliance_alone_writes_what_came_late() {
    let rng = &mut ChaCha20Rng::from_seed([5; 32]);
    let mut hand = Hand::new("t1", 1);
    let (mut roster, mut appliance, _) = start(&[&hand]);
    take(&mut roster, &appliance.write(|pen| pen.write(Body::Closed {}, BEGIN).unwrap())).unwrap();
    let late = hand.act(chain(1), "s0", Act::In, BEGIN, rng);
    assert_eq!(take(&mut roster, &late).unwrap_err().rule, Rule::R902);
    let person = Person::unknown(Identified::Typed, Stay::Shelter);
    let stroke = Stroke { chain: chain(1), after: &[], shelter: "s0".parse().unwrap(), act: Act::In, person: &person, time: None };
    take(&mut roster, &appliance.write(|pen| pen.person(&stroke, BEGIN, rng).unwrap())).unwrap();
    assert_eq!((roster.live().count(), roster.ended().map(|ended| ended.after)), (1, Some(1)));
    let pair = (chain(1), chain(2));
    take(&mut roster, &appliance.write(|pen| pen.link(pair, LinkVerdict::Same, &BTreeMap::<&str, &str>::new(), BEGIN, rng).unwrap())).unwrap();
    let again = appliance.write(|pen| pen.write(Body::Closed {}, BEGIN).unwrap());
    assert_eq!(take(&mut roster, &again).unwrap_err().rule, Rule::R902);
}

#[test]
fn an_entry_that_stands_in_the_journal_counts_whatever_stands_in_for_it() {
    let rng = &mut ChaCha20Rng::from_seed([6; 32]);
    let mut hand = Hand::new("t1", 1);
    let (mut roster, mut appliance, _) = start(&[&hand]);
    let own = hand.act(chain(1), "s0", Act::Out, BEGIN + 5_000, rng);
    let person = Person::unknown(Identified::Typed, Stay::Shelter);
    let stroke = Stroke { chain: chain(1), after: &[], shelter: "s0".parse().unwrap(), act: Act::In, person: &person, time: None };
    let again = appliance.write(|pen| pen.person(&stroke, BEGIN, rng).unwrap());
    take(&mut roster, &again).unwrap();
    roster.stand_in(own.hash, again.hash);
    assert_eq!((roster.stood_in(&own.hash), roster.stood_in(&again.hash)), (roster.leaf(&again.hash), None));
    take(&mut roster, &own).unwrap();
    let group = roster.person(chain(1)).unwrap();
    assert_eq!((group.latest.moment.hash, roster.stood_in(&own.hash)), (own.hash, None));
}
