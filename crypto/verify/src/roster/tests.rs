use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use tachiai_crypto::journal::BoardSecretKey;
use tachiai_schemas::election::Text;
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::pen::{Pen, Position, Stroke, Written};
use tachiai_schemas::roster::person::Identified;
use tachiai_schemas::roster::{CardRule, EventKind, Person, Stay};
use tachiai_schemas::{Bytes, Timestamp};

use super::groups::Conflict;
use super::*;

const BEGAN: i64 = 1_788_000_000;

fn event() -> EventId {
    EventId([7; 16])
}

fn began() -> Day {
    Day::of(Timestamp::from_unix(BEGAN).unwrap())
}

struct Hand {
    name: TerminalId,
    key: BoardSecretKey,
    position: Position,
    latest: Hlc,
    seen: BTreeMap<ChainId, Vec<(Hash32, u64)>>,
}

impl Hand {
    fn new(name: &str, seed: u8) -> Self {
        Self {
            name: name.parse().unwrap(),
            key: BoardSecretKey::from_seed(&[seed; 32]),
            position: Position::START,
            latest: Hlc::at_millis(0),
            seen: BTreeMap::new(),
        }
    }

    fn write(&mut self, f: impl FnOnce(&mut Pen<'_>) -> Written) -> Written {
        let mut pen = Pen::new(event(), self.name.clone(), &self.key, began(), self.position, self.latest);
        let written = f(&mut pen);
        self.position = pen.position();
        self.latest = self.latest.max(written.entry.body.entered);
        written
    }

    fn act(&mut self, chain: ChainId, shelter: &str, act: Act, millis: u64, rng: &mut ChaCha20Rng) -> Written {
        let after = self.seen.get(&chain).cloned().unwrap_or_default();
        let person = Person { name: format!("{chain}"), ..Person::unknown(Identified::Typed, Stay::Shelter) };
        let written = self.write(|pen| {
            let stroke = Stroke { chain, after: &after, shelter: shelter.parse().unwrap(), act, person: &person, time: None };
            pen.person(&stroke, millis, rng).unwrap()
        });
        let Body::Person(entry) = &written.entry.body.body else { unreachable!() };
        self.seen.insert(chain, vec![(written.hash, entry.seq)]);
        written
    }

    /// Learns of an entry of another terminal, as when the link is back.
    fn see(&mut self, written: &Written) {
        self.latest = self.latest.max(written.entry.body.entered);
        if let Body::Person(entry) = &written.entry.body.body {
            let heads = self.seen.entry(entry.chain).or_default();
            heads.retain(|(hash, _)| !entry.after.iter().any(|after| after.hash() == *hash));
            heads.push((written.hash, entry.seq));
        }
    }
}

fn start(terminals: &[&Hand]) -> (Roster, Hand, Vec<Written>) {
    let mut appliance = Hand::new(APPLIANCE, 255);
    let declared = Declared {
        kind: EventKind::Drill,
        title: Text { ja: "大雨".to_owned(), en: "heavy rain".to_owned() },
        municipality: "282227".to_owned(),
        began: Timestamp::from_unix(BEGAN).unwrap(),
        card: CardRule::WithoutPin,
        origin: "yabu.example/x".to_owned(),
        key: Bytes(appliance.key.public().to_bytes()),
        recipient: "age1".to_owned(),
        min_group: 10,
    };
    let at = u64::try_from(BEGAN).unwrap() * 1000;
    let mut written = vec![appliance.write(|pen| pen.write(Body::Declared(Box::new(declared)), at).unwrap())];
    for terminal in terminals {
        let state = TerminalState {
            terminal: terminal.name.clone(),
            key: Bytes(terminal.key.public().to_bytes()),
            recipient: "age1".to_owned(),
            shelter: "gym".parse().unwrap(),
            status: TerminalStatus::Admitted,
        };
        written.push(appliance.write(|pen| pen.write(Body::Terminal(state), at).unwrap()));
    }
    let mut roster = Roster::new();
    for written in &written {
        take(&mut roster, written).unwrap();
    }
    (roster, appliance, written)
}

fn take(roster: &mut Roster, written: &Written) -> Result<(), Broken> {
    let owed = roster.check(&written.entry)?;
    discharge(&[owed], &mut ChaCha20Rng::from_seed([1; 32])).into_iter().collect::<Result<(), _>>()?;
    roster.apply(written.hash, &written.entry);
    Ok(())
}

fn chain(n: u8) -> ChainId {
    ChainId([n; 16])
}

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
        let begin = u64::try_from(BEGAN).unwrap() * 1000;
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
    let at = u64::try_from(BEGAN).unwrap() * 1000;
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
    let at = u64::try_from(BEGAN).unwrap() * 1000;
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
fn what_a_terminal_may_not_is_refused_by_its_rule() {
    let rng = &mut ChaCha20Rng::from_seed([4; 32]);
    let (mut one, mut stranger) = (Hand::new("one", 1), Hand::new("stranger", 2));
    let (mut roster, mut appliance, entries) = start(&[&one]);
    let at = u64::try_from(BEGAN).unwrap() * 1000;
    let refused = |roster: &Roster, written: &Written| roster.check(&written.entry).map_err(|broken| broken.rule).err();
    assert_eq!(refused(&roster, &stranger.act(chain(1), "gym", Act::In, at, rng)), Some(Rule::R903));
    let mut impostor = Hand::new("one", 9);
    assert_eq!(refused(&roster, &impostor.act(chain(1), "gym", Act::In, at, rng)), Some(Rule::R903));
    assert_eq!(refused(&roster, &entries[0]), Some(Rule::R902), "declared twice");
    assert_eq!(refused(&roster, &one.write(|pen| pen.write(Body::Closed {}, at).unwrap())), Some(Rule::R902));
    let honest = one.act(chain(1), "gym", Act::In, at, rng);
    let changed = |change: &dyn Fn(&mut PersonEntry)| {
        let mut entry = honest.entry.clone();
        let Body::Person(person) = &mut entry.body.body else { unreachable!() };
        change(person);
        entry.signature = Bytes(one.key.sign_hash(&entry.body.signed_hash().unwrap()));
        Written { bytes: Vec::new(), hash: honest.hash, entry, opening: None }
    };
    assert_eq!(refused(&roster, &changed(&|person| person.seq = 1)), Some(Rule::R905));
    assert_eq!(refused(&roster, &changed(&|person| person.proof = None)), Some(Rule::R906));
    assert_eq!(refused(&roster, &changed(&|person| person.act = Act::Out)), Some(Rule::R906));
    // Re-signed, but the proof is of another shelter.
    assert_eq!(take(&mut roster, &changed(&|person| person.shelter = "hall".parse().unwrap())).map_err(|broken| broken.rule), Err(Rule::R906));
    take(&mut roster, &honest).unwrap();
    let Body::Terminal(mut state) = entries[1].entry.body.body.clone() else { unreachable!() };
    state.status = TerminalStatus::Revoked;
    take(&mut roster, &appliance.write(|pen| pen.write(Body::Terminal(state), at).unwrap())).unwrap();
    assert_eq!(refused(&roster, &one.act(chain(2), "gym", Act::In, at, rng)), Some(Rule::R903), "revoked");
    take(&mut roster, &appliance.write(|pen| pen.write(Body::Closed {}, at).unwrap())).unwrap();
    assert_eq!(refused(&roster, &appliance.write(|pen| pen.write(Body::Closed {}, at).unwrap())), Some(Rule::R902));
}

#[test]
fn two_terminals_that_write_under_one_name_are_seen() {
    let rng = &mut ChaCha20Rng::from_seed([5; 32]);
    let (mut one, mut copy) = (Hand::new("one", 1), Hand::new("one", 1));
    let (mut roster, ..) = start(&[&one]);
    let at = u64::try_from(BEGAN).unwrap() * 1000;
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
    let at = u64::try_from(BEGAN).unwrap() * 1000;
    let written = one.act(chain(1), "gym", Act::In, at, rng);
    let other = one.act(chain(2), "gym", Act::In, at, rng);
    let opening = written.opening.as_ref().unwrap();
    assert_eq!(opening.person(&written.entry.body, began()).unwrap().name, chain(1).to_string());
    assert!(opening.person(&other.entry.body, began()).is_err());
    let mut older = opening.clone();
    older.fields.iter_mut().find(|field| field.name == "birth").unwrap().value = "{\"years\":80}".to_owned();
    assert!(older.person(&written.entry.body, began()).is_err());
}
