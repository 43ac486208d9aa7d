//! Statements that must be refused, each proved, signed and registered anew by the appliance that lies (PROTOCOL §18).

use tachiai_crypto::roster::shown::{Claim, FlagSet, Sum};
use tachiai_crypto::roster::{Flag, Need, Stay};
use tachiai_schemas::roster::statement::{Scope, Statement, StatementHead, VERSION, gather};
use tachiai_schemas::roster::{Act, Body, EventId, Stated};
use tachiai_schemas::{Blob, Bytes};
use tachiai_verify::roster::live::Live;
use tachiai_verify::roster::statement::{NotNow, StatementVerdict, verify};
use tachiai_verify::testing::night::{LEAST, Night, person};
use tachiai_verify::testing::roster::chain;
use tachiai_verify::{Failure, Rule};

fn verdict(file: &[u8]) -> Result<StatementVerdict, Rule> {
    since(file, None)
}

fn since(file: &[u8], earlier: Option<&[u8]>) -> Result<StatementVerdict, Rule> {
    let mut earlier = earlier;
    let earlier = earlier.as_mut().map(|file| (file as &mut dyn std::io::BufRead, "earlier"));
    verify(file, "now", earlier, None).map_err(|failure| match failure {
        Failure::Refuted(violation) => violation.rule,
        Failure::Incomplete(incomplete) => panic!("{incomplete}"),
    })
}

/// A statement with a change, registered and signed as it then is.
fn changed(night: &mut Night, change: impl FnOnce(&mut Statement)) -> Result<StatementVerdict, Rule> {
    let mut statement = night.state(None).unwrap();
    change(&mut statement);
    verdict(&night.publish(statement))
}

/// Proves a scope over other people than it should be about, for the shelters' own sum.
fn prove_over(night: &mut Night, statement: &mut Statement, scope: usize, live: &Live) {
    let mut sum = Sum::default();
    for (leaf, present) in live.iter() {
        sum.add(&tachiai_crypto::group::Element::decode(&present.commitment).unwrap(), night.commitment(leaf));
    }
    let mut of = statement.scopes[scope].clone();
    of.persons = live.len();
    of.live = live.digest().into();
    of.totals = gather(of.shown, sum.totals());
    let claim = statement.claim(&of).unwrap();
    of.proof = Blob(claim.prove(&sum, &mut night.rng).unwrap().to_bytes());
    statement.scopes[scope] = of;
}

#[test]
fn an_honest_statement_holds_and_tells_sums_but_of_few() {
    let mut night = Night::usual();
    let statement = night.state(None).unwrap();
    assert_eq!(statement.scopes.len(), 4);
    let verdict = verdict(&night.publish(statement)).unwrap();
    assert_eq!((verdict.scopes[0].persons, verdict.number, verdict.since), (84, 0, None));
    let told = |scope: usize, flag: Flag| verdict.scopes[scope].totals.iter().find(|(index, _)| *index == flag.index()).unwrap().1;
    let care = [0, 1, 2, 3].map(|scope| told(scope, Flag::Need(Need::Care)));
    assert_eq!(care[1], Some(14), "14 of 40 in the gymnasium");
    assert_eq!(care[3], None, "5 of 14 in the school");
    assert!(care[0].is_none() || care[2].is_none(), "or those of the school would follow");
}

#[test]
fn a_limit_of_a_total_that_is_not_told_holds() {
    let mut night = Night::new();
    for number in 0..30 {
        let stay = if number < 26 { Stay::Shelter } else { Stay::Vehicle };
        night.tell(0, chain(number), Act::In, &tachiai_schemas::roster::Person { stay, ..person(40, &[]) });
    }
    let statement = night.state(Some(26)).unwrap();
    assert!(statement.scopes.iter().all(|scope| scope.cap.is_some()), "four in vehicles are not told, so the others are not");
    let honest = verdict(&night.publish(statement)).unwrap();
    assert_eq!(honest.scopes[0].cap.unwrap().at_most, 26);
    assert!(night.state(Some(25)).unwrap().scopes.iter().all(|scope| scope.cap.is_none()), "26 are not at most 25");
}

#[test]
fn forged_31_somebody_is_left_out_or_counted_twice_or_the_live_set_is_an_older_one() {
    let mut night = Night::usual();
    let live = night.live();
    let first = live.iter().next().unwrap().0;
    let fewer = live.only(|leaf, _| leaf != first);
    for scope in [0, 1] {
        let mut statement = night.state(None).unwrap();
        let shelter = statement.scopes[scope].shelter.clone();
        prove_over(&mut night, &mut statement, scope, &fewer.at(shelter.as_ref()));
        let file = night.publish(statement);
        assert_eq!(verdict(&file).err(), Some(Rule::R913), "one is left out");
    }
    // Somebody moves: those who count are others, with the older entry nobody is missing.
    let mut night = Night::usual();
    let old = night.live();
    night.tell(1, chain(0), Act::Moved, &person(0, &[Need::Care]));
    let mut statement = night.state(None).unwrap();
    prove_over(&mut night, &mut statement, 0, &old);
    assert_eq!(verdict(&night.publish(statement)).err(), Some(Rule::R913), "the older entry counts");
    // An entry twice in the file.
    let mut night = Night::usual();
    let statement = night.state(None).unwrap();
    let file = night.publish(statement);
    let mut lines: Vec<&[u8]> = file.split_inclusive(|byte| *byte == b'\n').collect();
    lines.insert(20, lines[20]);
    assert_eq!(verdict(&lines.concat()).err(), Some(Rule::R912));
}

#[test]
fn forged_32_totals_that_the_sum_does_not_give_are_refused() {
    // Proved as well as it goes: all responses are those of the false totals.
    let mut night = Night::usual();
    let mut statement = night.state(None).unwrap();
    let scope = statement.scopes[1].clone();
    let flag = scope.shown.iter().position(|flag| flag == Flag::Need(Need::Care)).unwrap();
    let without = scope.shown.iter().position(|flag| flag == Flag::WithoutNeed(Need::Care)).unwrap();
    let mut forged = scope.clone();
    forged.totals[flag] -= 1;
    forged.totals[without] += 1;
    let mut sum = Sum::default();
    for (leaf, present) in night.live().at(scope.shelter.as_ref()).iter() {
        sum.add(&tachiai_crypto::group::Element::decode(&present.commitment).unwrap(), night.commitment(leaf));
    }
    let claim: Claim = statement.claim(&forged).unwrap();
    forged.proof = Blob(claim.prove(&sum, &mut night.rng).unwrap().to_bytes());
    statement.scopes[1] = forged;
    assert_eq!(verdict(&night.publish(statement)).err(), Some(Rule::R915));
    // A proof of another scope, a spoilt one, and one with trailing bytes.
    for spoil in [
        |statement: &mut Statement| statement.scopes[0].proof = statement.scopes[1].proof.clone(),
        |statement: &mut Statement| statement.scopes[0].proof.0[40] ^= 1,
        |statement: &mut Statement| statement.scopes[0].proof.0.push(0),
    ] {
        assert_eq!(changed(&mut Night::usual(), spoil).err(), Some(Rule::R915));
    }
}

#[test]
fn forged_33_a_statement_of_other_entries_event_or_signer_is_refused() {
    let other_root = |statement: &mut Statement| statement.root = Bytes([1; 32]);
    assert_eq!(changed(&mut Night::usual(), other_root).err(), Some(Rule::R912));
    let older = |statement: &mut Statement| statement.size -= 1;
    assert_eq!(changed(&mut Night::usual(), older).err(), Some(Rule::R912), "the root is not that of fewer entries");
    let other_event = |statement: &mut Statement| statement.event = EventId([8; 16]);
    assert_eq!(changed(&mut Night::usual(), other_event).err(), Some(Rule::R912));
    let later_version = |statement: &mut Statement| statement.v = 2;
    assert_eq!(changed(&mut Night::usual(), later_version).err(), Some(Rule::R912));
    // Signed by a terminal.
    let mut night = Night::usual();
    let statement = night.state(None).unwrap();
    night.register(statement.stated().unwrap());
    let statement = Night::sign(&night.hands[0].key, statement);
    let file = night.file(&StatementHead { statement, checkpoint: night.checkpoint() });
    assert_eq!(verdict(&file).err(), Some(Rule::R912));
    // Not registered, or registered as another.
    let mut night = Night::usual();
    let statement = night.state(None).unwrap();
    let signed = Night::sign(&night.appliance.key, statement.clone());
    let unregistered = night.file(&StatementHead { statement: signed.clone(), checkpoint: night.checkpoint() });
    assert_eq!(verdict(&unregistered).err(), Some(Rule::R912));
    let mut stated = statement.stated().unwrap();
    stated.scopes[0].shown = FlagSet::NONE;
    stated.scopes[0].totals.clear();
    night.register(stated);
    let disguised = night.file(&StatementHead { statement: signed, checkpoint: night.checkpoint() });
    assert_eq!(verdict(&disguised).err(), Some(Rule::R912), "what it tells is not what was registered");
    // The checkpoint of fewer entries.
    let mut night = Night::usual();
    let old = night.checkpoint();
    let statement = night.state(None).unwrap();
    night.register(statement.stated().unwrap());
    let statement = Night::sign(&night.appliance.key, statement);
    assert_eq!(verdict(&night.file(&StatementHead { statement, checkpoint: old })).err(), Some(Rule::R912));
}

#[test]
fn forged_33_a_limit_that_is_not_linked_or_not_proved_is_refused() {
    let crowded = || {
        let mut night = Night::new();
        for number in 0..30 {
            let stay = if number < 26 { Stay::Shelter } else { Stay::Vehicle };
            night.tell(0, chain(number), Act::In, &tachiai_schemas::roster::Person { stay, ..person(40, &[]) });
        }
        night
    };
    let spoilt = |at: usize| {
        let mut night = crowded();
        let mut statement = night.state(Some(26)).unwrap();
        let proof = &mut statement.scopes[0].proof.0;
        let start = proof.len() - 544 - 96;
        proof[start + at..][..32].copy_from_slice(&tachiai_crypto::group::Element::new(tachiai_crypto::group::G).as_bytes()[..]);
        verdict(&night.publish(statement)).err()
    };
    assert_eq!(spoilt(0), Some(Rule::R915), "V is in the challenge");
    assert_eq!(spoilt(96), Some(Rule::R916), "the range proof");
    let mut night = crowded();
    let mut statement = night.state(Some(28)).unwrap();
    statement.scopes[0].cap.as_mut().unwrap().at_most = 27;
    assert_eq!(verdict(&night.publish(statement)).err(), Some(Rule::R915), "another limit than was proved");
    let mut night = crowded();
    let (one, two) = (night.state(Some(28)).unwrap(), night.state(Some(28)).unwrap());
    let mut statement = one;
    let (mine, other) = (&mut statement.scopes[0].proof.0, &two.scopes[0].proof.0);
    let start = mine.len() - 544;
    mine[start..].copy_from_slice(&other[start..]);
    assert_eq!(verdict(&night.publish(statement)).err(), Some(Rule::R916), "a range proof of another commitment");
}

#[test]
fn forged_35_totals_of_few_people_are_refused() {
    let tell_all = |night: &mut Night, statement: &mut Statement, scope: usize| {
        statement.scopes[scope].shown = FlagSet::ALL;
        let live = night.live().at(statement.scopes[scope].shelter.as_ref());
        prove_over(night, statement, scope, &live);
    };
    for scope in 0..4 {
        let mut night = Night::usual();
        let mut statement = night.state(None).unwrap();
        tell_all(&mut night, &mut statement, scope);
        assert_eq!(verdict(&night.publish(statement)).err(), Some(Rule::R914), "scope {scope}");
    }
    // One total too few, which is registered as one that is told.
    let mut night = Night::usual();
    let statement = night.state(None).unwrap();
    night.register(statement.stated().unwrap());
    let mut fewer = statement;
    fewer.scopes[0].totals.pop();
    let statement = Night::sign(&night.appliance.key, fewer);
    assert_eq!(verdict(&night.file(&StatementHead { statement, checkpoint: night.checkpoint() })).err(), Some(Rule::R912));
    // A shelter of three.
    let mut night = Night::usual();
    for number in 0..11 {
        night.tell(2, chain(120 + number), Act::Out, &person(5, &[]));
    }
    let mut statement = night.state(None).unwrap();
    assert_eq!(statement.scopes.len(), 3);
    let mut three = statement.scopes[2].clone();
    three.shelter = Some(Night::shelter(2));
    three.shown = [Flag::Present].into_iter().collect();
    statement.scopes.push(three);
    let live = night.live().at(Some(&Night::shelter(2)));
    prove_over(&mut night, &mut statement, 3, &live);
    assert_eq!(verdict(&night.publish(statement)).err(), Some(Rule::R914));
}

#[test]
fn forged_35_a_statement_too_close_to_an_earlier_one_or_that_hides_it_is_refused() {
    let mut night = Night::usual();
    let statement = night.state(None).unwrap();
    let first = night.publish(statement.clone());
    // Nothing changed: the same is told again.
    let again = night.state(None).unwrap();
    let second = night.publish(again);
    assert_eq!(since(&second, Some(&first)).unwrap().since, Some(0));
    // One leaves: the appliance makes none, and one that is made anyway is refused.
    night.tell(0, chain(1), Act::Out, &person(3, &[]));
    assert!(matches!(night.state(None), Err(NotNow::Still { number: 0, people: 1, .. })));
    let place = night.place();
    let live = night.live();
    let mut close = Statement { number: 2, size: place.size, root: place.root.into(), made: place.made, ..statement.clone() };
    close.scopes.truncate(1);
    close.scopes[0].shown = [Flag::Present].into_iter().collect();
    prove_over(&mut night, &mut close, 0, &live);
    let file = night.publish(close.clone());
    assert_eq!(verdict(&file).err(), Some(Rule::R917));
    // The same without the others in the journal: a second board. It is seen beside the earlier statement.
    let mut night = Night::usual();
    night.tell(0, chain(1), Act::Out, &person(3, &[]));
    let statement = night.state(None).unwrap();
    let hiding = night.publish(statement);
    assert_eq!(verdict(&hiding).err(), None);
    assert_eq!(since(&hiding, Some(&first)).err(), Some(Rule::R918));
    // Enough change: both hold.
    let mut night = Night::usual();
    let statement = night.state(None).unwrap();
    let first = night.publish(statement);
    for number in 0..LEAST as u8 {
        night.tell(0, chain(number), Act::Out, &person(3, &[]));
    }
    let statement = night.state(None).unwrap();
    let second = night.publish(statement);
    assert_eq!(since(&second, Some(&first)).unwrap().number, 1);
    assert_eq!(since(&first, Some(&second)).err(), Some(Rule::R918), "the later as the earlier");
    let mut later: &[u8] = &second;
    let told = verify(first.as_slice(), "now", Some((&mut later as &mut dyn std::io::BufRead, "earlier")), None).map(drop).unwrap_err().to_string();
    assert!(told.contains("the later statement") && !told.contains("two rosters"), "{told}");
}

/// Three shelters with twenty people who need care and twenty who do not.
fn even() -> Night {
    let mut night = Night::new();
    for (shelter, first) in [(0, 0), (1, 60), (2, 120)] {
        for number in 0..40 {
            let needs: &[Need] = if number < 20 { &[Need::Care] } else { &[] };
            night.tell(shelter, chain(first + number), Act::In, &person(40, needs));
        }
    }
    night
}

#[test]
fn forged_35_what_two_statements_leave_to_shelters_that_are_not_told_is_refused() {
    let mut night = even();
    let statement = night.state(None).unwrap();
    assert_eq!(statement.scopes.len(), 4);
    night.publish(statement);
    for number in 40..60 {
        night.tell(0, chain(number), Act::In, &person(40, &[]));
    }
    night.tell(1, chain(100), Act::In, &person(40, &[Need::Care]));
    night.tell(2, chain(160), Act::In, &person(40, &[]));
    // The appliance leaves the two shelters out, and with them what would follow about them.
    let honest = night.state(None).unwrap();
    assert_eq!(honest.scopes.iter().map(|scope| scope.shelter.clone()).collect::<Vec<_>>(), [None, Some(Night::shelter(0))]);
    assert!(!honest.scopes[0].shown.contains(Flag::Need(Need::Care)) && honest.scopes[1].shown.contains(Flag::Need(Need::Care)));
    let mut forged = honest.clone();
    let live = night.live();
    for scope in &mut forged.scopes {
        scope.shown = [Flag::Present, Flag::Need(Need::Care), Flag::WithoutNeed(Need::Care)].into_iter().collect();
    }
    prove_over(&mut night, &mut forged, 0, &live);
    prove_over(&mut night, &mut forged, 1, &live.at(Some(&Night::shelter(0))));
    assert_eq!(verdict(&night.publish(forged)).err(), Some(Rule::R917));
    let mut night = even();
    let statement = night.state(None).unwrap();
    night.publish(statement);
    for number in 40..60 {
        night.tell(0, chain(number), Act::In, &person(40, &[]));
    }
    night.tell(1, chain(100), Act::In, &person(40, &[Need::Care]));
    night.tell(2, chain(160), Act::In, &person(40, &[]));
    let honest = night.state(None).unwrap();
    assert_eq!(verdict(&night.publish(honest)).err(), None);
}

#[test]
fn forged_35_corrections_do_not_hide_somebody_who_came() {
    let mut night = even();
    let first = night.state(None).unwrap();
    night.publish(first.clone());
    for number in 0..LEAST as u8 {
        night.tell(0, chain(number), Act::Edit, &tachiai_schemas::roster::Person { phone: "079".to_owned(), ..person(40, &[Need::Care]) });
    }
    night.tell(0, chain(41), Act::In, &person(40, &[Need::Care]));
    assert!(matches!(night.state(None), Err(NotNow::Still { number: 0, people: 1, .. })));
    let (place, live) = (night.place(), night.live());
    let mut forged = Statement { number: 1, size: place.size, root: place.root.into(), made: place.made, ..first };
    forged.scopes.truncate(1);
    forged.scopes[0].shown = [Flag::Present, Flag::Need(Need::Care), Flag::WithoutNeed(Need::Care)].into_iter().collect();
    prove_over(&mut night, &mut forged, 0, &live);
    assert_eq!(verdict(&night.publish(forged)).err(), Some(Rule::R917));
}

#[test]
fn forged_35_the_numbers_of_statements_have_no_gap_and_do_not_go_back() {
    let mut night = Night::usual();
    let statement = night.state(None).unwrap();
    let honest = statement.stated().unwrap();
    let refused = |stated: Stated, night: &mut Night| {
        let written = night.appliance.write(|pen| pen.write(Body::Stated(stated), tachiai_verify::testing::roster::BEGIN + 900_000).unwrap());
        tachiai_verify::testing::roster::take(&mut night.roster.clone(), &written).err().map(|broken| broken.rule)
    };
    assert_eq!(refused(Stated { number: 1, ..honest.clone() }, &mut night), Some(Rule::R911));
    assert_eq!(refused(Stated { size: honest.size + 1, ..honest.clone() }, &mut night), Some(Rule::R911));
    let mut twice = honest.clone();
    twice.scopes[1].shelter = None;
    assert_eq!(refused(twice, &mut night), Some(Rule::R911));
    let mut fewer = honest.clone();
    fewer.scopes[0].totals.pop();
    assert_eq!(refused(fewer, &mut night), Some(Rule::R911), "a total for each that is told");
    night.register(honest.clone());
    assert_eq!(refused(Stated { number: 1, size: honest.size - 1, ..honest }, &mut night), Some(Rule::R911));
}

/// A statement that tells of these scopes how many people and, where it is said so, how many need care.
fn tells(night: &mut Night, scopes: &[(Option<&str>, bool)]) -> Statement {
    let place = night.place();
    let live = night.live();
    let mut statement =
        Statement { v: VERSION, event: place.event, number: place.number, size: place.size, root: place.root.into(), made: place.made, scopes: Vec::new() };
    for (shelter, with_care) in scopes {
        let shelter = shelter.map(|id| id.parse().unwrap());
        let there = live.at(shelter.as_ref());
        let care = [Flag::Need(Need::Care), Flag::WithoutNeed(Need::Care)];
        let shown = std::iter::once(Flag::Present).chain(care.into_iter().filter(|_| *with_care)).collect();
        let digest = there.digest().into();
        statement.scopes.push(Scope { shelter, persons: there.len(), live: digest, shown, totals: Vec::new(), cap: None, proof: Blob(Vec::new()) });
        let scope = statement.scopes.len() - 1;
        prove_over(night, &mut statement, scope, &there);
    }
    statement
}

/// The usual night an hour later: somebody's entry in the hall was corrected, and ten who need care came to the gymnasium.
fn an_hour_later(night: &mut Night) {
    night.tell(1, chain(61), Act::Edit, &person(4, &[]));
    for number in 200..210 {
        night.tell(0, chain(number), Act::In, &person(40, &[Need::Care]));
    }
}

#[test]
fn forged_35_a_total_that_follows_with_what_was_told_of_a_shelter_that_is_left_out_is_refused() {
    let mut night = Night::usual();
    let first = tells(&mut night, &[(None, false), (Some("hall"), true)]);
    verdict(&night.publish(first)).unwrap();
    an_hour_later(&mut night);
    // By themselves 15 of hall and school are left, and no total was told twice; but ten of them are known to be in the hall.
    let second = tells(&mut night, &[(None, true), (Some("gym"), true)]);
    let honest = night.state(None).unwrap();
    assert_eq!(verdict(&night.publish(second)).err(), Some(Rule::R917));
    let care = |of: &Statement, shelter: Option<&str>| {
        of.scopes.iter().any(|scope| scope.shelter.as_ref().map(|id| id.as_str()) == shelter && scope.shown.contains(Flag::Need(Need::Care)))
    };
    assert!(!(care(&honest, None) && care(&honest, Some("gym"))), "what an honest appliance tells");
}

#[test]
fn forged_35_a_total_from_which_follows_what_an_earlier_statement_hid_is_refused() {
    let mut night = Night::usual();
    let first = tells(&mut night, &[(None, true), (Some("gym"), true)]);
    verdict(&night.publish(first)).unwrap();
    an_hour_later(&mut night);
    // Of the hall nothing was told before, and it has enough; but what it leaves of the first statement is the five of the school.
    let second = tells(&mut night, &[(None, false), (Some("hall"), true)]);
    let honest = night.state(None).unwrap();
    assert_eq!(verdict(&night.publish(second)).err(), Some(Rule::R917));
    let of_hall = honest.scopes.iter().find(|scope| scope.shelter.as_ref().is_some_and(|id| id.as_str() == "hall"));
    assert!(of_hall.is_none_or(|scope| !scope.shown.contains(Flag::Need(Need::Care))), "what an honest appliance tells");
}

#[test]
fn what_an_honest_appliance_states_over_many_hours_holds_each_time() {
    let mut night = Night::usual();
    let (mut told, mut free) = (0, (134..=255).chain(90..120).chain(40..60));
    for hour in 0..12u8 {
        let statement = night.state(None);
        if let Ok(statement) = statement {
            told += 1;
            verdict(&night.publish(statement)).unwrap();
        }
        for number in 0..8 + hour % 5 {
            let shelter = usize::from((hour + number) % 3);
            let needs: &[Need] = if number % 2 == 0 { &[Need::Care] } else { &[] };
            night.tell(shelter, chain(free.next().unwrap()), Act::In, &person(number * 9, needs));
        }
        night.tell(usize::from(hour % 3), chain(60 * (hour % 3)), Act::Edit, &person(30, &[]));
    }
    assert!(told > 6, "{told} of 12");
}

/// People at a shelter, the first of whom need care.
fn settle(night: &mut Night, shelter: usize, first: u8, people: u8, with_care: u8) {
    for number in 0..people {
        let needs: &[Need] = if number < with_care { &[Need::Care] } else { &[] };
        night.tell(shelter, chain(first + number), Act::In, &person(40, needs));
    }
}

/// What becomes of a second statement after a first one that holds; an honest appliance tells something else, or nothing.
fn second(night: &mut Night, first: &[(Option<&str>, bool)], then: impl FnOnce(&mut Night), second: &[(Option<&str>, bool)]) -> Option<Rule> {
    let first = tells(night, first);
    verdict(&night.publish(first)).unwrap();
    then(night);
    // Whatever an honest appliance states, it does not tell all of this.
    let honest = night.state(None).map(|honest| honest.scopes).unwrap_or_default();
    let care = Flag::Need(Need::Care);
    let is_told = |of: &str| honest.iter().any(|scope| scope.shelter.as_ref().map_or("", |id| id.as_str()) == of && scope.shown.contains(care));
    assert!(!second.iter().filter(|(_, with_care)| *with_care).all(|(shelter, _)| is_told(shelter.unwrap_or_default())));
    let second = tells(night, second);
    verdict(&night.publish(second)).err()
}

#[test]
fn forged_35_the_one_who_came_where_every_other_shelter_is_told_or_known_is_not_told_about() {
    let mut night = Night::new();
    (0..3).for_each(|shelter| settle(&mut night, shelter, 40 * u8::try_from(shelter).unwrap(), 20, 10));
    let one_and_ten = |night: &mut Night| {
        settle(night, 1, 200, 1, 1);
        settle(night, 2, 210, 10, 0);
    };
    let refused = second(&mut night, &[(None, false), (Some("gym"), true), (Some("hall"), true)], one_and_ten, &[(None, true), (Some("school"), true)]);
    assert_eq!(refused, Some(Rule::R917));
}

#[test]
fn forged_35_who_was_in_a_shelter_before_it_was_told_of_does_not_follow_from_the_events_totals() {
    let mut night = Night::new();
    settle(&mut night, 0, 0, 20, 10);
    settle(&mut night, 1, 40, 10, 0);
    settle(&mut night, 2, 80, 1, 1);
    let refused = second(&mut night, &[(None, true)], |night| settle(night, 2, 200, 20, 10), &[(None, true), (Some("school"), true)]);
    assert_eq!(refused, Some(Rule::R917));
}

#[test]
fn forged_35_who_did_not_move_with_the_others_does_not_follow_from_the_totals_of_two_shelters() {
    let mut night = Night::new();
    settle(&mut night, 0, 0, 30, 15);
    settle(&mut night, 2, 80, 20, 10);
    let moved = |night: &mut Night| {
        for number in 1..30 {
            let needs: &[Need] = if number < 15 { &[Need::Care] } else { &[] };
            night.tell(1, chain(number), Act::Moved, &person(40, needs));
        }
        night.tell(0, chain(0), Act::Out, &person(40, &[Need::Care]));
        settle(night, 2, 200, 10, 0);
    };
    let refused = second(&mut night, &[(None, false), (Some("gym"), true)], moved, &[(None, false), (Some("hall"), true)]);
    assert_eq!(refused, Some(Rule::R917));
}
