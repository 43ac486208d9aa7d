//! A town for tests: an appliance that takes hand-ins and gives news, as far as a terminal sees it, without a daemon.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rand_core::OsRng;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{BoardSecretKey, Checkpoint, Frontier, Origin};
use tachiai_jpki::testing::TextAuthority;
use tachiai_schemas::election::Text;
use tachiai_schemas::roll::{Day, Protection};
use tachiai_schemas::roster::hand_in::{Aside, Copied, HandInAnswer, News, Openings, SetAside, SignedHandIn, StandIn};
use tachiai_schemas::roster::opening::Opening;
use tachiai_schemas::roster::pen::{Pen, Position, Written};
use tachiai_schemas::roster::person::{Relation, Sex};
use tachiai_schemas::roster::shelter::{Pets, Room};
use tachiai_schemas::roster::{self, Body, CardRule, Declared, EventId, EventKind, Hlc, OpenState, ShelterState, TerminalId, TerminalState, TerminalStatus};
use tachiai_schemas::shelter::questionnaire::Definition;
use tachiai_schemas::shelter::{Pack, Resident, anchors};
use tachiai_schemas::{Blob, Bytes, HashBytes, Timestamp};
use tachiai_verify::roster::{Roster, discharge};

use crate::shelter::clock::{Clocks, Stamp};
use crate::shelter::key::{Lock, seal_to};
use crate::shelter::record::About;
use crate::shelter::state::Reception;

/// The evening on which it began.
pub const BEGAN: i64 = 1_788_265_800;

pub const EVENT: EventId = EventId([7; 16]);

/// Clocks that a test sets.
#[derive(Clone)]
pub struct Wall {
    wall: Arc<AtomicU64>,
    since: Arc<AtomicU64>,
    boot: Arc<AtomicU64>,
}

impl Wall {
    pub fn at(millis: u64) -> Self {
        Self { wall: Arc::new(millis.into()), since: Arc::new(1000.into()), boot: Arc::new(1.into()) }
    }

    pub fn pass(&self, millis: u64) {
        self.wall.fetch_add(millis, Ordering::Relaxed);
        self.since.fetch_add(millis, Ordering::Relaxed);
    }

    pub fn set(&self, millis: u64) {
        self.wall.store(millis, Ordering::Relaxed);
    }

    pub fn reboot(&self) {
        self.boot.fetch_add(1, Ordering::Relaxed);
        self.since.store(500, Ordering::Relaxed);
    }

    pub fn clocks(&self) -> Clocks {
        let this = self.clone();
        Clocks::by(move || Stamp {
            wall: this.wall.load(Ordering::Relaxed),
            boot: this.boot.load(Ordering::Relaxed).to_string(),
            since: this.since.load(Ordering::Relaxed),
        })
    }
}

pub fn began() -> u64 {
    u64::try_from(BEGAN).unwrap() * 1000
}

/// The appliance.
pub struct Town {
    key: BoardSecretKey,
    identity: age::x25519::Identity,
    position: Position,
    pub roster: Roster,
    leaves: Vec<(Vec<u8>, Option<Opening>)>,
    pub now: u64,
    /// What the news say of codes.
    pub refused: Vec<HashBytes>,
    /// The entries that were set aside and taken over, with the appliance's.
    pub stand_ins: Vec<(Hash32, Hash32)>,
    /// The keys for cards' texts that the appliance trusts.
    pub text_anchors: Vec<Vec<u8>>,
    /// The name of the resident under protection, which no pack of the appliance has.
    pub protected_name: String,
}

impl Town {
    pub fn new() -> Self {
        let mut town = Self {
            key: BoardSecretKey::from_seed(&[3; 32]),
            identity: age::x25519::Identity::generate(),
            position: Position::START,
            roster: Roster::new(),
            leaves: Vec::new(),
            now: began() + 60_000,
            refused: Vec::new(),
            stand_ins: Vec::new(),
            text_anchors: vec![TextAuthority::with_published_keys().unwrap().anchor_bytes().unwrap()],
            protected_name: String::new(),
        };
        let text = |text: &str| Text { ja: text.to_owned(), en: text.to_owned() };
        let declared = Declared {
            kind: EventKind::Disaster,
            title: text("令和8年台風第15号"),
            municipality: "282227".to_owned(),
            began: Timestamp::from_unix(BEGAN).unwrap(),
            card: CardRule::WithoutPin,
            origin: format!("localhost/{EVENT}"),
            key: Bytes(town.key.public().to_bytes()),
            recipient: town.identity.to_public().to_string(),
            min_group: 10,
        };
        town.write(|pen, now| pen.write(Body::Declared(Box::new(declared)), now).unwrap());
        for shelter in ["gym", "hall"] {
            let state = ShelterState {
                shelter: shelter.parse().unwrap(),
                name: text(shelter),
                address: String::new(),
                district: String::new(),
                position: None,
                capacity: Some(100),
                rooms: if shelter == "hall" { vec![Room { name: "和室".to_owned(), capacity: None, whom: String::new() }] } else { Vec::new() },
                features: Vec::new(),
                pets: Pets::Unknown,
                state: OpenState::Open,
            };
            town.write(|pen, now| pen.write(Body::Shelter(Box::new(state)), now).unwrap());
        }
        town
    }

    /// Has the appliance write an entry of its own.
    pub fn write(&mut self, f: impl FnOnce(&mut Pen<'_>, u64) -> Written) {
        let latest = self.roster.latest().unwrap_or(Hlc::at_millis(0));
        let began = Day::of(Timestamp::from_unix(BEGAN).unwrap());
        let mut pen = Pen::new(EVENT, roster::APPLIANCE.parse().unwrap(), &self.key, began, self.position, latest);
        let written = f(&mut pen, self.now);
        self.position = pen.position();
        self.take(written.bytes, written.opening).unwrap();
    }

    fn take(&mut self, bytes: Vec<u8>, opening: Option<Opening>) -> Result<(), Aside> {
        let entry = roster::from_bytes(&bytes).map_err(|_| Aside::Rule)?;
        let owed = self.roster.check(&entry).map_err(|_| Aside::Rule)?;
        discharge(&[owed], &mut OsRng).remove(0).map_err(|_| Aside::Rule)?;
        self.roster.apply(roster::leaf_hash(&bytes), &entry);
        self.leaves.push((bytes, opening));
        Ok(())
    }

    /// Sets up and admits a terminal.
    pub fn admit(&mut self, folder: &Path, name: &str, shelter: &str, wall: &Wall) -> Reception {
        self.admit_under(&Lock::Unprotected, folder, name, shelter, wall)
    }

    /// The same with its keys kept like this.
    pub fn admit_under(&mut self, lock: &Lock, folder: &Path, name: &str, shelter: &str, wall: &Wall) -> Reception {
        let mut reception = self.set_up(lock, folder, name, shelter, wall);
        reception.keep_pack(self.pack(&reception)).unwrap();
        reception
    }

    /// The same without the list of residents.
    pub fn admit_unlisted(&mut self, folder: &Path, name: &str, shelter: &str, wall: &Wall) -> Reception {
        self.set_up(&Lock::Unprotected, folder, name, shelter, wall)
    }

    fn set_up(&mut self, lock: &Lock, folder: &Path, name: &str, shelter: &str, wall: &Wall) -> Reception {
        let about = About { format: 1, event: EVENT, terminal: name.parse().unwrap(), shelter: shelter.parse().unwrap() };
        let mut reception = Reception::create(folder, about, lock, wall.clocks()).unwrap();
        self.state(&reception, TerminalStatus::Admitted);
        self.inform(&mut reception);
        reception
    }

    pub fn state(&mut self, reception: &Reception, status: TerminalStatus) {
        let state = TerminalState {
            terminal: reception.about.terminal.clone(),
            key: reception.key.public(),
            recipient: reception.key.recipient(),
            shelter: reception.about.shelter.clone(),
            status,
        };
        self.write(|pen, now| pen.write(Body::Terminal(state), now).unwrap());
    }

    pub fn pack(&self, reception: &Reception) -> Vec<u8> {
        let resident = |number: &str, name: &str, kana: &str, birth: &str, household: &str, relation, protection| Resident {
            number: number.to_owned(),
            name: name.to_owned(),
            name_jis: None,
            kana: kana.to_owned(),
            birth: Some(Day::read(birth).unwrap()),
            sex: Sex::Female,
            address: if name.is_empty() { String::new() } else { "養父市八鹿町1".to_owned() },
            district: String::new(),
            household: household.to_owned(),
            relation,
            citizen: None,
            protection,
            support: None,
        };
        let residents = vec![
            resident("1", "養父　花子", "ヤブ　ハナコ", "1980-02-17", "a", Relation::Head, Protection::Open),
            resident("2", "養父　一郎", "ヤブ　イチロウ", "2010-05-05", "a", Relation::Member, Protection::Open),
            resident("3", "八鹿　髙子", "ヨウカ　タカコ", "1912-07-01", "b", Relation::Head, Protection::Open),
            resident("4", &self.protected_name, "", "1990-09-09", "c", Relation::Head, Protection::Protected),
        ];
        let questionnaires = vec![Definition::from_toml(include_str!("../../../../tests/data/shelter/questionnaire.toml")).unwrap()];
        let pack = Pack { event: EVENT, made: Hlc::at_millis(self.now), handle_key: Bytes([9; 32]), residents, questionnaires, text_anchors: self.anchors() };
        seal_to(&reception.key.recipient(), &serde_json::to_vec(&pack).unwrap()).unwrap().0
    }

    fn anchors(&self) -> Vec<Blob> {
        self.text_anchors.iter().cloned().map(Blob).collect()
    }

    /// News of the whole journal after what a terminal knows.
    pub fn news(&self, reception: &Reception) -> News {
        let from = reception.cursor();
        let rest = &self.leaves[usize::try_from(from).unwrap()..];
        let openings: Openings = rest.iter().map(|(_, opening)| opening.clone()).collect();
        let openings = seal_to(&reception.key.recipient(), &serde_json::to_vec(&openings).unwrap()).unwrap();
        let entries = rest.iter().map(|(bytes, _)| Blob(bytes.clone())).collect();
        let stand_ins = self.stand_ins.iter().map(|(absent, entry)| StandIn { entry: (*entry).into(), absent: (*absent).into() }).collect();
        let news = News {
            from,
            entries,
            openings,
            size: self.leaves.len() as u64,
            now: Hlc::at_millis(self.now),
            stand_ins,
            refused: self.refused.clone(),
            anchors: Some(anchors(&self.anchors())),
            signature: Bytes([0; 64]),
        };
        self.signed(news, &reception.about.terminal)
    }

    /// The same as for a terminal that may read none of the entries.
    pub fn unread_news(&self, reception: &Reception) -> News {
        let news = self.news(reception);
        let closed: Openings = news.entries.iter().map(|_| None).collect();
        let openings = seal_to(&reception.key.recipient(), &serde_json::to_vec(&closed).unwrap()).unwrap();
        self.signed(News { openings, ..news }, &reception.about.terminal)
    }

    /// News as the appliance signs them for a terminal.
    pub fn signed(&self, news: News, terminal: &TerminalId) -> News {
        news.sign(EVENT, terminal, &self.key).unwrap()
    }

    pub fn inform(&self, reception: &mut Reception) {
        let checkpoint = reception.declared().ok().map(|_| reception.checkpoint(&self.checkpoint()).unwrap());
        reception.learn(&[self.news(reception)], checkpoint.as_ref()).unwrap_or_else(|failure| panic!("{failure}"));
        reception.hear_clock(self.now).unwrap();
    }

    pub fn checkpoint(&self) -> String {
        let mut frontier = Frontier::new();
        self.leaves.iter().for_each(|(bytes, _)| frontier.push(roster::leaf_hash(bytes)));
        let origin = Origin::new(&format!("localhost/{EVENT}")).unwrap();
        self.key.sign(&Checkpoint { origin, size: frontier.len(), root: frontier.root() }).as_str().to_owned()
    }

    /// Opens what was sealed to the event's recipient.
    pub fn unseal(&self, sealed: &[u8]) -> Vec<u8> {
        let mut plain = Vec::new();
        let decryptor = age::Decryptor::new_buffered(sealed).unwrap();
        decryptor.decrypt(std::iter::once(&self.identity as &dyn age::Identity)).unwrap().read_to_end(&mut plain).unwrap();
        plain
    }

    /// Takes a hand-in as the daemon does; a stick's clock is of another day.
    pub fn hand_in(&mut self, file: &SignedHandIn, by_stick: bool) -> HandInAnswer {
        let openings: Openings = serde_json::from_slice(&self.unseal(&file.body.openings.0)).unwrap();
        let mut answer =
            HandInAnswer { taken: 0, known: 0, aside: Vec::new(), now: Hlc::at_millis(self.now), size: 0, copied: Copied::No, checkpoint: String::new() };
        let off = !by_stick && file.body.now.millis().abs_diff(self.now) > 300_000;
        for ((index, Blob(bytes)), opening) in (0..).zip(&file.body.entries).zip(openings) {
            let entry = roster::from_bytes(bytes).unwrap();
            let put = |reason| SetAside { index, reason, detail: String::new() };
            if self.roster.leaf(&roster::leaf_hash(bytes)).is_some() {
                answer.known += 1;
            } else if off || self.roster.has_dated_otherwise(&roster::leaf_hash(bytes), &entry.body) || entry.body.entered.millis() > self.now + 300_000 {
                answer.aside.push(put(Aside::Clock));
            } else if let Some(opening) = &opening
                && opening.check_fields(&entry.body).is_err()
            {
                answer.aside.push(put(Aside::Opening));
            } else {
                match self.take(bytes.clone(), opening) {
                    Ok(()) => answer.taken += 1,
                    Err(reason) => answer.aside.push(put(reason)),
                }
            }
        }
        answer.copied = if self.roster.terminals()[&file.body.terminal].is_copied() { Copied::Twice } else { Copied::No };
        (answer.size, answer.checkpoint) = (self.leaves.len() as u64, self.checkpoint());
        answer
    }

    pub fn hash(&self, leaf: usize) -> Hash32 {
        roster::leaf_hash(&self.leaves[leaf].0)
    }
}
