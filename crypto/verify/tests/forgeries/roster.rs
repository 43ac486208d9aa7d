//! Entries of a roster that must not be taken, each consistent in all other respects and signed anew by its terminal (PROTOCOL §17).

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use tachiai_schemas::Bytes;
use tachiai_schemas::roster::pen::Written;
use tachiai_schemas::roster::{self, Act, Body, EventId, Hlc, Link, LinkVerdict, PersonEntry, SignedEntry, TerminalStatus};
use tachiai_schemas::trustee::SignedKind;
use tachiai_verify::Rule;
use tachiai_verify::roster::Roster;
use tachiai_verify::testing::roster::{BEGIN, Hand, chain, start, take};

fn refused(roster: &Roster, written: &Written) -> Option<Rule> {
    take(&mut roster.clone(), written).err().map(|broken| broken.rule)
}

/// The same entry with a change, signed anew.
fn signed_anew(hand: &Hand, honest: &Written, change: impl FnOnce(&mut SignedEntry)) -> Written {
    let mut entry = honest.entry.clone();
    change(&mut entry);
    entry.signature = Bytes(hand.key.sign_hash(&entry.body.signed_hash().unwrap()));
    let bytes = roster::to_bytes(&entry).unwrap();
    Written { hash: roster::leaf_hash(&bytes), bytes, entry, opening: None }
}

fn of_person(entry: &mut SignedEntry) -> &mut PersonEntry {
    match &mut entry.body.body {
        Body::Person(person) => person,
        _ => panic!("an entry about a person"),
    }
}

struct Stage {
    roster: Roster,
    appliance: Hand,
    one: Hand,
    declared: Vec<Written>,
    rng: ChaCha20Rng,
}

fn stage() -> Stage {
    let one = Hand::new("one", 1);
    let (roster, appliance, declared) = start(&[&one]);
    Stage { roster, appliance, one, declared, rng: ChaCha20Rng::from_seed([4; 32]) }
}

#[test]
fn an_entry_of_another_event_or_before_its_own_time_is_refused() {
    let Stage { roster, mut one, mut rng, .. } = stage();
    let honest = one.act(chain(1), "gym", Act::In, BEGIN, &mut rng);
    assert_eq!(refused(&roster, &honest), None);
    assert_eq!(refused(&roster, &signed_anew(&one, &honest, |entry| entry.body.event = EventId([8; 16]))), Some(Rule::R901));
    let later = signed_anew(&one, &honest, |entry| entry.body.time = Hlc::at_millis(BEGIN + 60_000));
    assert_eq!(refused(&roster, &later), Some(Rule::R901));
}

#[test]
fn bytes_that_are_not_the_one_accepted_form_are_no_entry() {
    let Stage { mut one, mut rng, .. } = stage();
    let honest = one.act(chain(1), "gym", Act::In, BEGIN, &mut rng);
    assert!(roster::from_bytes(&honest.bytes).is_ok());
    let text = String::from_utf8(honest.bytes.clone()).unwrap();
    for (name, wrong) in [
        ("white space", text.replacen(':', ": ", 1)),
        ("another version", text.replacen("\"v\":1", "\"v\":2", 1)),
        ("an unknown key", text.replacen("{\"v\"", "{\"x\":0,\"v\"", 1)),
        ("a key twice", text.replacen("\"v\":1", "\"v\":1,\"v\":1", 1)),
        ("another spelling of a time", text.replacen("Z/0", "Z/00", 1)),
        ("cut off", text[..text.len() - 1].to_owned()),
    ] {
        assert!(roster::from_bytes(wrong.as_bytes()).is_err(), "{name}");
    }
}

#[test]
fn what_only_the_appliance_may_is_refused_of_a_terminal_and_after_the_close() {
    let Stage { mut roster, mut appliance, mut one, declared, mut rng } = stage();
    assert_eq!(refused(&Roster::new(), &declared[1]), Some(Rule::R902), "before the declaration");
    assert_eq!(refused(&roster, &declared[0]), Some(Rule::R902), "declared twice");
    let as_terminal = |body: Body, one: &mut Hand| one.write(|pen| pen.write(body, BEGIN).unwrap());
    assert_eq!(refused(&roster, &as_terminal(Body::Closed {}, &mut one)), Some(Rule::R902));
    assert_eq!(refused(&roster, &as_terminal(declared[1].entry.body.body.clone(), &mut one)), Some(Rule::R902));
    let link = Link { chain: chain(1), other: chain(2), verdict: LinkVerdict::Same, fields: Bytes([0; 32]) };
    assert_eq!(refused(&roster, &as_terminal(Body::Link(link), &mut one)), Some(Rule::R902));
    let late = one.act(chain(1), "gym", Act::In, BEGIN, &mut rng);
    take(&mut roster, &appliance.write(|pen| pen.write(Body::Closed {}, BEGIN).unwrap())).unwrap();
    assert_eq!(refused(&roster, &late), Some(Rule::R902), "after the close");
}

#[test]
fn an_entry_of_a_stranger_an_impostor_or_a_revoked_terminal_is_refused() {
    let Stage { mut roster, mut appliance, mut one, declared, mut rng } = stage();
    let (mut stranger, mut impostor) = (Hand::new("stranger", 2), Hand::new("one", 9));
    assert_eq!(refused(&roster, &stranger.act(chain(1), "gym", Act::In, BEGIN, &mut rng)), Some(Rule::R903));
    assert_eq!(refused(&roster, &impostor.act(chain(1), "gym", Act::In, BEGIN, &mut rng)), Some(Rule::R903));
    let honest = one.act(chain(1), "gym", Act::In, BEGIN, &mut rng);
    let mut moved = Written { bytes: honest.bytes.clone(), hash: honest.hash, entry: honest.entry.clone(), opening: None };
    moved.entry.body.number = 7;
    assert_eq!(refused(&roster, &moved), Some(Rule::R903), "changed after it was signed");
    let Body::Terminal(mut state) = declared[1].entry.body.body.clone() else { panic!("a terminal") };
    let mut other_key = state.clone();
    other_key.key = Bytes(impostor.key.public().to_bytes());
    assert_eq!(
        refused(&roster, &appliance.write(|pen| pen.write(Body::Terminal(other_key), BEGIN).unwrap())),
        Some(Rule::R903),
        "another key under a known name"
    );
    state.status = TerminalStatus::Revoked;
    take(&mut roster, &appliance.write(|pen| pen.write(Body::Terminal(state.clone()), BEGIN).unwrap())).unwrap();
    assert_eq!(refused(&roster, &honest), Some(Rule::R903), "revoked");
    state.status = TerminalStatus::Admitted;
    assert_eq!(refused(&roster, &appliance.write(|pen| pen.write(Body::Terminal(state), BEGIN).unwrap())), Some(Rule::R903), "admitted again");
}

#[test]
fn numbers_and_followers_that_do_not_fit_are_refused() {
    let Stage { roster, mut appliance, mut one, mut rng, .. } = stage();
    let honest = one.act(chain(1), "gym", Act::In, BEGIN, &mut rng);
    assert_eq!(refused(&roster, &signed_anew(&one, &honest, |entry| entry.body.number = 1)), Some(Rule::R904));
    let (before, after) = (Some(Bytes([1; 32])), vec![Bytes([1; 32])]);
    for (number, expected) in [(1 << 53, Some(Rule::R901)), (u64::MAX, Some(Rule::R901)), ((1 << 53) - 1, None)] {
        let far = signed_anew(&one, &honest, |entry| (entry.body.number, entry.body.before) = (number, before));
        assert_eq!(refused(&roster, &far), expected, "number {number}");
        let mut gone = one.act(chain(1), "gym", Act::Out, BEGIN + 1, &mut rng);
        gone = signed_anew(&one, &gone, |entry| (of_person(entry).seq, of_person(entry).after) = (number, after.clone()));
        assert_eq!(refused(&roster, &gone), expected, "seq {number}");
    }
    assert_eq!(refused(&roster, &signed_anew(&one, &honest, |entry| entry.body.before = Some(Bytes([1; 32])))), Some(Rule::R904));
    assert_eq!(refused(&roster, &signed_anew(&one, &honest, |entry| of_person(entry).seq = 1)), Some(Rule::R905));
    let two = [Bytes([2; 32]), Bytes([1; 32])];
    let descending = signed_anew(&one, &honest, |entry| {
        of_person(entry).seq = 1;
        of_person(entry).after = two.to_vec();
    });
    assert_eq!(refused(&roster, &descending), Some(Rule::R905));
    let many = signed_anew(&one, &honest, |entry| {
        of_person(entry).seq = 1;
        of_person(entry).after = (0..65).map(|n| Bytes([n; 32])).collect();
    });
    assert_eq!(refused(&roster, &many), Some(Rule::R905));
    let itself = Link { chain: chain(1), other: chain(1), verdict: LinkVerdict::Same, fields: Bytes([0; 32]) };
    assert_eq!(refused(&roster, &appliance.write(|pen| pen.write(Body::Link(itself), BEGIN).unwrap())), Some(Rule::R905));
}

#[test]
fn forged_35_an_event_whose_least_group_would_tell_of_one_person_is_refused() {
    let Stage { appliance, declared, .. } = stage();
    let of = |least: u16| {
        signed_anew(&appliance, &declared[0], |entry| match &mut entry.body.body {
            Body::Declared(declared) => declared.min_group = least,
            _ => panic!("a declaration"),
        })
    };
    for (least, expected) in [(0, Some(Rule::R902)), (1, Some(Rule::R902)), (2, None), (1_000, None), (1_001, Some(Rule::R902)), (u16::MAX, Some(Rule::R902))] {
        assert_eq!(refused(&Roster::new(), &of(least)), expected, "{least}");
    }
}

#[test]
fn forged_32_an_entry_whose_proof_is_missing_spoilt_or_of_another_entry_is_refused() {
    let Stage { roster, mut one, mut rng, .. } = stage();
    let honest = one.act(chain(1), "gym", Act::In, BEGIN, &mut rng);
    let other = one.act(chain(2), "gym", Act::In, BEGIN, &mut rng);
    let changed = |change: &dyn Fn(&mut PersonEntry)| signed_anew(&one, &honest, |entry| change(of_person(entry)));
    let of_other = of_person(&mut other.entry.clone()).proof.clone();
    for (name, written) in [
        ("no proof", changed(&|person| person.proof = None)),
        ("a proof of somebody who leaves", changed(&|person| person.act = Act::Out)),
        ("another shelter", changed(&|person| person.shelter = "hall".parse().unwrap())),
        ("another act", changed(&|person| person.act = Act::Edit)),
        ("another person", changed(&|person| person.chain = chain(3))),
        ("another root", changed(&|person| person.fields = Bytes([9; 32]))),
        ("another's proof", changed(&|person| person.proof.clone_from(&of_other))),
        ("a byte too many", changed(&|person| person.proof.as_mut().unwrap().0.push(0))),
        ("a byte too few", changed(&|person| person.proof.as_mut().unwrap().0.truncate(671))),
        ("zeros", changed(&|person| person.proof.as_mut().unwrap().0.fill(0))),
        ("no canonical point", changed(&|person| person.proof.as_mut().unwrap().0[..32].fill(255))),
        ("no canonical scalar", changed(&|person| person.proof.as_mut().unwrap().0[640..].fill(255))),
    ] {
        assert_eq!(refused(&roster, &written), Some(Rule::R906), "{name}");
    }
}
