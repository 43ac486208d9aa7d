//! A municipality in a flood for tests: an appliance in a folder, and terminals with keys of their own.
//!
//! Nothing here is in the product. Terminals write with the same pen as the real ones; only their screens and the network are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::sync::{Arc, Mutex};

use rand_core::OsRng;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::BoardSecretKey;
use tachiai_schemas::election::Text;
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::hand_in::{HandIn, HandInAnswer, News, Openings, SignedHandIn};
use tachiai_schemas::roster::opening::Opening;
use tachiai_schemas::roster::pen::{Pen, Position, Stroke, Written};
use tachiai_schemas::roster::person::{Birth, Disclosure, Identified};
use tachiai_schemas::roster::shelter::Pets;
use tachiai_schemas::roster::{Act, Body, CardRule, ChainId, EventId, EventKind, Hlc, OpenState, Person, ShelterState, Stay, TerminalId};
use tachiai_schemas::sharing::access::How;
use tachiai_schemas::shelter::{EventSpec, Resident, ShelterView, TerminalRequest, Way};
use tachiai_schemas::trustee::{Signed, SignedKind};
use tachiai_schemas::{Blob, Bytes, CitizenId, HashBytes, InPlaceOf, Timestamp};

use super::{Codes, Event, OpenError, Services, Shelters};
use crate::clock::{Clock, SetClock};
use crate::journal::{CommitterOptions, Options};
use crate::looks::{Looks, Told};
use crate::refused::{Answering, Refused};
use crate::store::{MemoryStore, Store};
use crate::vault::{MasterKey, Vault};

pub const BEGAN: &str = "2026-09-01T06:00:00Z";
pub const NOW: &str = "2026-09-01T12:00:00Z";

/// A key for cards' texts that the appliance trusts; what it is only terminals ask.
pub const TEXT_ANCHOR: &[u8] = b"a key for texts";

pub fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

impl Event {
    /// Says how a shelter is, whatever it was.
    pub async fn stands(self: &Arc<Self>, state: ShelterState) -> Result<ShelterView, Refused> {
        let before = self.published().roster.shelter(&state.shelter).cloned();
        self.set_shelter("西村", InPlaceOf { before, now: state }).await
    }
}

/// The appliance.
pub struct Hall {
    pub dir: tempfile::TempDir,
    pub clock: Arc<SetClock>,
    pub store: Arc<dyn Store>,
    pub shelters: Arc<Shelters>,
    pub event: Arc<Event>,
}

pub fn spec(kind: EventKind) -> EventSpec {
    EventSpec {
        kind,
        title: Text { ja: "令和8年台風第15号".to_owned(), en: "Typhoon 15 of 2026".to_owned() },
        municipality: "282227".to_owned(),
        began: time(BEGAN),
        card: CardRule::WithoutPin,
        min_group: 10,
    }
}

pub fn shelter(id: &str) -> ShelterState {
    ShelterState {
        shelter: id.parse().unwrap(),
        name: Text { ja: format!("{id}体育館"), en: format!("{id} hall") },
        address: "養父市八鹿町1".to_owned(),
        district: "八鹿".to_owned(),
        position: None,
        capacity: Some(200),
        rooms: vec![],
        features: vec![],
        pets: Pets::Unknown,
        state: OpenState::Open,
    }
}

pub fn person(name: &str) -> Person {
    Person {
        name: name.to_owned(),
        kana: "ニシムラ　ハナコ".to_owned(),
        birth: Birth::Day("1950-04-01".parse().unwrap()),
        address: "養父市八鹿町八鹿1".to_owned(),
        disclosure: Disclosure::Place,
        ..Person::unknown(Identified::Typed, Stay::Shelter)
    }
}

fn open(dir: &tempfile::TempDir, clock: &Arc<SetClock>, store: &Arc<dyn Store>, journal: Options) -> Result<Arc<Shelters>, OpenError> {
    let master = || MasterKey::from_bytes([7; 32]);
    let vault = dir.path().join("vault");
    let vault = if vault.join("check").exists() { Vault::open(&vault, master()).unwrap() } else { Vault::create(&vault, master(), &mut OsRng).unwrap() };
    let services = Services {
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        store: Arc::clone(store),
        vault: Arc::new(vault),
        data: dir.path().to_owned(),
        host: "yabu.example".to_owned(),
        journal,
        committer: CommitterOptions::default(),
        text_anchors: Box::new(|| vec![TEXT_ANCHOR.to_vec()]),
        lane: tokio::sync::Semaphore::new(1),
        looks: Arc::new(NoLog),
        codes: Arc::new(OneLost),
    };
    Shelters::open(services).map(Arc::new)
}

impl Hall {
    /// With a drill that is declared and two shelters.
    pub async fn new() -> Self {
        Self::with(Options::default()).await
    }

    pub async fn with(journal: Options) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(SetClock::new(time(NOW)));
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let shelters = open(&dir, &clock, &store, journal).unwrap();
        let made = shelters.declare(vec!["西村".to_owned()], spec(EventKind::Drill)).await.unwrap();
        let event = shelters.get(made.event).unwrap();
        for id in ["gym", "school"] {
            event.stands(shelter(id)).await.unwrap();
        }
        Self { dir, clock, store, shelters, event }
    }

    /// After a restart; with new views if `store` is new.
    pub async fn restarted(self, store: Arc<dyn Store>) -> Result<Self, OpenError> {
        let Self { dir, clock, store: _, shelters, event } = self;
        let id = event.id;
        drop(event);
        shelters.stop().await;
        drop(shelters);
        let shelters = open(&dir, &clock, &store, Options::default())?;
        let event = shelters.get(id).unwrap();
        Ok(Self { dir, clock, store, shelters, event })
    }

    /// A terminal that was admitted.
    pub async fn terminal(&self, name: &str, shelter: &str) -> Terminal {
        let terminal = Terminal::new(self.event.id, name, shelter);
        self.event.admit("西村", terminal.request()).await.unwrap();
        terminal
    }

    /// What everybody sees, as JSON.
    pub fn view(&self) -> serde_json::Value {
        serde_json::to_value(self.event.view().unwrap()).unwrap()
    }

    pub fn millis(&self) -> u64 {
        u64::try_from(self.clock.now().unix()).unwrap() * 1000
    }

    pub async fn take(&self, file: SignedHandIn) -> Result<HandInAnswer, Refused> {
        self.event.hand_in("受付", Way::Network, file).await
    }
}

/// A terminal.
pub struct Terminal {
    pub event: EventId,
    pub name: TerminalId,
    pub shelter: String,
    pub key: BoardSecretKey,
    pub identity: age::x25519::Identity,
    pub position: Position,
    pub latest: Hlc,
    pub heads: BTreeMap<ChainId, Vec<(Hash32, u64)>>,
}

impl Terminal {
    pub fn new(event: EventId, name: &str, shelter: &str) -> Self {
        Self {
            event,
            name: name.parse().unwrap(),
            shelter: shelter.to_owned(),
            key: BoardSecretKey::generate(&mut OsRng),
            identity: age::x25519::Identity::generate(),
            position: Position::START,
            latest: Hlc::at_millis(0),
            heads: BTreeMap::new(),
        }
    }

    pub fn request(&self) -> TerminalRequest {
        TerminalRequest {
            terminal: self.name.clone(),
            key: Bytes(self.key.public().to_bytes()),
            recipient: self.identity.to_public().to_string(),
            shelter: self.shelter.parse().unwrap(),
            event: self.event,
        }
    }

    pub fn write(&mut self, f: impl FnOnce(&mut Pen<'_>) -> Written) -> Written {
        let began = Day::of(time(BEGAN));
        let mut pen = Pen::new(self.event, self.name.clone(), &self.key, began, self.position, self.latest);
        let written = f(&mut pen);
        self.position = pen.position();
        self.latest = written.entry.body.entered;
        written
    }

    pub fn act(&mut self, chain: ChainId, act: Act, person: &Person, millis: u64) -> Written {
        let after = self.heads.get(&chain).cloned().unwrap_or_default();
        let shelter = self.shelter.parse().unwrap();
        let written = self.write(|pen| pen.person(&Stroke { chain, after: &after, shelter, act, person, time: None }, millis, &mut OsRng).unwrap());
        let Body::Person(entry) = &written.entry.body.body else { unreachable!() };
        self.heads.insert(chain, vec![(written.hash, entry.seq)]);
        written
    }

    /// A hand-in of what was written, signed and sealed for the appliance.
    pub fn hand_in(&self, hall: &Hall, written: &[Written], now: u64) -> SignedHandIn {
        let openings: Openings = written.iter().map(|written| written.opening.clone()).collect();
        self.hand_in_with(hall, written.iter().map(|written| written.bytes.clone()).collect(), &openings, now)
    }

    pub fn hand_in_with(&self, hall: &Hall, entries: Vec<Vec<u8>>, openings: &Openings, now: u64) -> SignedHandIn {
        let recipient = hall.event.declared().unwrap().recipient;
        let body = HandIn {
            event: self.event,
            terminal: self.name.clone(),
            now: Hlc::at_millis(now),
            entries: entries.into_iter().map(Blob).collect(),
            openings: Blob(seal(&recipient, &serde_json::to_vec(openings).unwrap())),
        };
        let signature = Bytes(self.key.sign_hash(&body.signed_hash().unwrap()));
        Signed { body, signature }
    }

    /// The openings of news.
    pub fn open(&self, news: &News) -> Vec<Option<Opening>> {
        let mut reader = age::Decryptor::new(&news.openings.0[..]).unwrap().decrypt(std::iter::once(&self.identity as &dyn age::Identity)).unwrap();
        let mut plain = Vec::new();
        reader.read_to_end(&mut plain).unwrap();
        serde_json::from_slice(&plain).unwrap()
    }
}

pub fn seal(recipient: &str, plain: &[u8]) -> Vec<u8> {
    tachiai_verify::eligibility::seal(plain, &[recipient]).unwrap()
}

/// Nobody is told who looked.
struct NoLog;

impl Looks for NoLog {
    fn looked(&self, _by: &str, _how: How, _event: Option<EventId>, _people: Vec<Told>) -> Answering<'_, ()> {
        Box::pin(async { Ok(()) })
    }
}

/// The code that was lost.
pub const LOST: CitizenId = CitizenId([0x10; 16]);

/// The one that took its place.
pub const REPLACEMENT: CitizenId = CitizenId([0x12; 16]);

/// The ID of the one resident who was given one since the register was imported.
pub const HELD: CitizenId = CitizenId([0x14; 16]);

/// Whose it is.
pub const HELD_BY: &str = "西村　所持";

/// By what somebody is found: here by the name alone.
fn named(name: &str) -> HashBytes {
    HashBytes::from(tachiai_crypto::hash::tagged(tachiai_crypto::labels::hash::PERSON, &[name.as_bytes()]))
}

/// A city in which one code was lost and one resident has an ID that the register does not know.
struct OneLost;

impl Codes for OneLost {
    fn refused(&self) -> Vec<CitizenId> {
        vec![LOST]
    }

    fn is_refused(&self, code: CitizenId) -> bool {
        code == LOST
    }

    fn ids(&self, code: CitizenId) -> Vec<CitizenId> {
        vec![self.whose(code)]
    }

    fn whose(&self, code: CitizenId) -> CitizenId {
        if code == REPLACEMENT { LOST } else { code }
    }

    fn current(&self, citizen: CitizenId) -> CitizenId {
        if citizen == LOST { REPLACEMENT } else { citizen }
    }

    fn of(&self, citizen: CitizenId) -> BTreeSet<CitizenId> {
        BTreeSet::from([citizen, self.current(citizen)])
    }

    fn person(&self, resident: &Resident) -> Option<HashBytes> {
        Some(named(&resident.name))
    }

    fn of_person(&self, person: &HashBytes) -> Option<CitizenId> {
        (*person == named(HELD_BY)).then_some(HELD)
    }

    fn person_of(&self, citizen: CitizenId) -> Option<HashBytes> {
        (citizen == HELD).then(|| named(HELD_BY))
    }
}

pub fn chain(n: u8) -> ChainId {
    ChainId([n; 16])
}

/// A log that a test reads.
#[derive(Clone, Default)]
pub struct Log(pub Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
