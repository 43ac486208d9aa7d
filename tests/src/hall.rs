//! An appliance's shelters within the process of a test, in a folder and with journals, vault and committers as the daemon has them, at a clock that the test sets; and
//! receptions at lines that the test cuts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::missing_panics_doc, reason = "a story that cannot go on fails")]

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use rand_core::OsRng;
use tachiai::failure::{Exit, Failure};
use tachiai::shelter::clock::{Clocks, Stamp};
use tachiai::shelter::key::Lock;
use tachiai::shelter::line::Line;
use tachiai::shelter::record::About;
use tachiai::shelter::state::Reception;
use tachiai_schemas::election::Text;
use tachiai_schemas::roster::hand_in::{HandInAnswer, News, SignedHandIn};
use tachiai_schemas::roster::shelter::Pets;
use tachiai_schemas::roster::{CardRule, EventId, EventKind, OpenState, ShelterState, TerminalId};
use tachiai_schemas::shelter::import::{ImportKind, ImportMode, ImportOthers, ImportRows};
use tachiai_schemas::shelter::{EventSpec, TerminalRequest, Way};
use tachiai_schemas::{InPlaceOf, Refusal, Timestamp};
use tachiaid::app::citizens::OfIdentity;
use tachiaid::clock::{Clock, SetClock};
use tachiaid::identity::Indexer;
use tachiaid::journal::{CommitterOptions, Options};
use tachiaid::looks::Late;
use tachiaid::refused::Refused;
use tachiaid::shelter::register::imports::Order;
use tachiaid::shelter::{Event, Services, Shelters};
use tachiaid::store::{MemoryStore, Store};
use tachiaid::vault::{MasterKey, Vault};
use tokio::runtime::Runtime;

use crate::appliance::copy_all;

/// Who does everything here.
const BY: &str = "西村";

/// The evening on which it began, in seconds since 1970.
const BEGAN: i64 = 1_788_265_800;

/// The appliance.
pub struct Hall {
    runtime: Runtime,
    folder: PathBuf,
    /// Its clock.
    pub clock: Arc<SetClock>,
    shelters: Arc<Shelters>,
    /// The event.
    pub event: EventId,
}

/// The clocks of a terminal.
#[derive(Clone)]
pub struct Watch {
    truth: Arc<SetClock>,
    ahead: Arc<AtomicI64>,
    boot: Arc<AtomicU64>,
    booted: Arc<AtomicI64>,
}

/// A line to the appliance that is cut after so many requests.
pub struct Cut<'a> {
    hall: &'a Hall,
    left: Cell<u32>,
    lost: Lost,
}

/// What a line that is cut loses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// The request.
    Request,
    /// The answer: what was handed in is there.
    Answer,
}

fn open(folder: &Path, clock: &Arc<SetClock>) -> Arc<Shelters> {
    let master = || MasterKey::from_bytes([7; 32]);
    let vault = folder.join("vault");
    let vault = if vault.join("check").exists() { Vault::open(&vault, master()) } else { Vault::create(&vault, master(), &mut OsRng) };
    let vault = Arc::new(vault.unwrap());
    let indexer = Arc::new(Indexer::open(&vault).unwrap());
    let services = Services {
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        store: Arc::new(MemoryStore::new()) as Arc<dyn Store>,
        vault,
        data: folder.to_owned(),
        host: "yabu.example".to_owned(),
        journal: Options::default(),
        committer: CommitterOptions::default(),
        text_anchors: Box::new(Vec::new),
        lane: tokio::sync::Semaphore::new(1),
        looks: Arc::new(Late::default()),
        codes: Arc::new(OfIdentity { state: Arc::default(), indexer }),
    };
    Arc::new(Shelters::open(services).unwrap_or_else(|error| panic!("{error}")))
}

impl Hall {
    /// A drill with these shelters, and the residents of a file.
    pub fn begin(folder: &Path, shelters: &[&str], residents: &str) -> Hall {
        let runtime = Runtime::new().unwrap();
        let clock = Arc::new(SetClock::new(Timestamp::from_unix(BEGAN + 3600).unwrap()));
        let opened = open(folder, &clock);
        let title = Text { ja: "水害訓練".to_owned(), en: "Flood drill".to_owned() };
        let began = Timestamp::from_unix(BEGAN).unwrap();
        let spec = EventSpec { kind: EventKind::Drill, title, municipality: "282227".to_owned(), began, card: CardRule::WithoutPin, min_group: 10 };
        let event = runtime.block_on(async {
            let order = Order { mode: ImportMode::Apply, rows: ImportRows::All, others: ImportOthers::Stay, replaces: None, removes: None };
            opened.register().import(BY, ImportKind::Residents, residents.as_bytes().to_vec(), order).await.unwrap();
            let event = opened.declare(vec![BY.to_owned()], spec).await.unwrap().event;
            for shelter in shelters {
                opened.get(event).unwrap().set_shelter(BY, InPlaceOf::nothing(state(shelter))).await.unwrap();
            }
            event
        });
        Hall { runtime, folder: folder.to_owned(), clock, shelters: opened, event }
    }

    /// The event.
    pub fn event(&self) -> Arc<Event> {
        self.shelters.get(self.event).unwrap()
    }

    /// Ends it, as a shutdown does, and copies its folder: a backup.
    pub fn backed_up(self, to: &Path) -> Hall {
        let Hall { runtime, folder, clock, shelters, event } = self;
        runtime.block_on(shelters.stop());
        drop(shelters);
        copy_all(&folder, to).unwrap();
        let shelters = open(&folder, &clock);
        Hall { runtime, folder, clock, shelters, event }
    }

    /// Ends it, and goes on from a backup.
    pub fn restored(self, from: &Path) -> Hall {
        let Hall { runtime, folder, clock, shelters, event } = self;
        runtime.block_on(shelters.stop());
        drop(shelters);
        std::fs::remove_dir_all(&folder).unwrap();
        copy_all(from, &folder).unwrap();
        let shelters = open(&folder, &clock);
        Hall { runtime, folder, clock, shelters, event }
    }

    /// Admits a terminal.
    pub fn admit(&self, reception: &Reception) {
        let request = TerminalRequest {
            terminal: reception.about.terminal.clone(),
            key: reception.key.public(),
            recipient: reception.key.recipient(),
            shelter: reception.about.shelter.clone(),
            event: reception.about.event,
        };
        self.runtime.block_on(self.event().admit(BY, request)).unwrap();
    }

    /// Revokes a terminal.
    pub fn revoke(&self, terminal: &TerminalId) {
        self.runtime.block_on(self.event().revoke(BY, terminal)).unwrap();
    }

    /// Sets a terminal up that is admitted, informed and has its pack.
    pub fn terminal(&self, folder: &Path, name: &str, shelter: &str, watch: &Watch) -> Reception {
        let about = About { format: 0, event: self.event, terminal: name.parse().unwrap(), shelter: shelter.parse().unwrap() };
        let mut reception = Reception::create(folder, about, &Lock::Unprotected, watch.clocks()).unwrap_or_else(|failure| panic!("{failure}"));
        self.admit(&reception);
        reception.sync(self).unwrap_or_else(|failure| panic!("{failure}"));
        let pack = self.runtime.block_on(self.event().pack(BY, &reception.about.terminal)).unwrap();
        reception.keep_pack(pack).unwrap_or_else(|failure| panic!("{failure}"));
        reception
    }

    /// The same appliance at a line that is cut after so many requests.
    pub const fn cut_after(&self, requests: u32, lost: Lost) -> Cut<'_> {
        Cut { hall: self, left: Cell::new(requests), lost }
    }

    /// What its clock shows, in milliseconds since 1970.
    pub fn millis(&self) -> u64 {
        millis(&self.clock)
    }
}

fn millis(clock: &SetClock) -> u64 {
    u64::try_from(clock.now().unix()).unwrap() * 1000
}

fn refused(refused: Refused) -> Failure {
    let exit = if refused.refusal == Refusal::Fault { Exit::Incomplete } else { Exit::Refused };
    Failure::new(exit, refused.refusal.to_string(), format!("{refused:?}"))
}

impl Line for Hall {
    fn hand_in(&self, file: &SignedHandIn, way: Way) -> Result<HandInAnswer, Failure> {
        self.runtime.block_on(self.event().hand_in(BY, way, file.clone())).map_err(refused)
    }

    fn news(&self, event: EventId, terminal: &TerminalId, from: u64, count: u64) -> Result<News, Failure> {
        assert_eq!(event, self.event);
        self.runtime.block_on(self.event().news(terminal, from, count)).map_err(refused)
    }
}

impl Cut<'_> {
    fn spend(&self) -> Result<(), Failure> {
        let left = self.left.get().checked_sub(1).ok_or_else(|| Failure::new(Exit::NoConnection, "回線", "no connection"))?;
        self.left.set(left);
        Ok(())
    }
}

impl Line for Cut<'_> {
    fn hand_in(&self, file: &SignedHandIn, way: Way) -> Result<HandInAnswer, Failure> {
        let cut = self.spend();
        match (self.lost, &cut) {
            (Lost::Request, Err(_)) => Err(cut.unwrap_err()),
            (Lost::Request | Lost::Answer, _) => {
                let answer = self.hall.hand_in(file, way);
                cut.and(answer)
            }
        }
    }

    fn news(&self, event: EventId, terminal: &TerminalId, from: u64, count: u64) -> Result<News, Failure> {
        self.spend().and_then(|()| self.hall.news(event, terminal, from, count))
    }
}

impl Watch {
    /// Clocks that are right.
    pub fn at(hall: &Hall) -> Watch {
        Self { truth: Arc::clone(&hall.clock), ahead: Arc::default(), boot: Arc::default(), booted: Arc::new(hall.clock.now().unix().into()) }
    }

    /// Starts the machine anew; its wall clock is so many milliseconds ahead from now on.
    pub fn reboot(&self, ahead: i64) {
        self.ahead.store(ahead, Ordering::Relaxed);
        self.boot.fetch_add(1, Ordering::Relaxed);
        self.booted.store(self.truth.now().unix(), Ordering::Relaxed);
    }

    /// The clocks.
    pub fn clocks(&self) -> Clocks {
        let this = self.clone();
        Clocks::by(move || Stamp {
            wall: millis(&this.truth).saturating_add_signed(this.ahead.load(Ordering::Relaxed)),
            boot: this.boot.load(Ordering::Relaxed).to_string(),
            since: u64::try_from(this.truth.now().unix() - this.booted.load(Ordering::Relaxed)).unwrap() * 1000,
        })
    }
}

fn state(shelter: &str) -> ShelterState {
    ShelterState {
        shelter: shelter.parse().unwrap(),
        name: Text { ja: shelter.to_owned(), en: shelter.to_owned() },
        address: String::new(),
        district: String::new(),
        position: None,
        capacity: None,
        rooms: Vec::new(),
        features: Vec::new(),
        pets: Pets::Unknown,
        state: OpenState::Open,
    }
}

/// A register of so many residents, numbered from 1, in households of two.
pub fn residents(count: usize) -> String {
    let word =
        |number: usize, digits: &str| number.to_string().chars().filter_map(|digit| digits.chars().nth(digit.to_digit(10)? as usize)).collect::<String>();
    let row = |number: usize| {
        let (name, kana) = (word(number, "零一二三四五六七八九"), word(number, "アイウエオカキクケコ"));
        let (year, day, household) = (1940 + number % 60, 1 + number % 28, number.div_ceil(2));
        format!("{number},養父　{name},ヤブ　{kana},{year}-04-{day:02},女,養父市八鹿町{number},八鹿,{household}\r\n")
    };
    let rows: String = (1..=count).map(row).collect();
    format!("宛名番号,氏名,氏名カナ,生年月日,性別,住所,行政区,世帯番号\r\n{rows}")
}
