//! A story begins here: an appliance of its own with an election that is open, and everyone who takes part in it.
//!
//! Stories panic where something goes wrong that is not their subject.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a story that cannot go on fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tachiai::client::Client;
use tachiai::voter::{Booth, Pinned};
use tachiai_schemas::receipt::Receipt;
use tachiai_schemas::{ElectionId, Timestamp};
use tempfile::TempDir;

use crate::appliance::{Appliance, Programs, Residents};
use crate::card::Content;
use crate::city::{City, Day, Elector, Encoding, Plan};
use crate::holding::{Holding, Staff};
use crate::voters::Voter;

/// The seed of the stories' city.
const SEED: u64 = 2011;

/// What a story begins with.
pub struct Setting {
    /// How many electors there are.
    pub electors: usize,
    /// n and t.
    pub trustees: (u8, u8),
    /// Where everything lies; a folder of its own, removed at the end, if not said.
    pub folder: Option<PathBuf>,
    /// Changes the daemon's configuration.
    pub configure: Box<dyn FnOnce(&mut toml::Table)>,
    /// Changes the election.
    pub plan: Box<dyn FnOnce(&mut Plan)>,
}

impl Setting {
    /// So many electors, two trustees who must both act, and everything else as usual.
    pub fn of(electors: usize) -> Self {
        Self { electors, trustees: (2, 2), folder: None, configure: Box::new(|_| ()), plan: Box::new(|_| ()) }
    }
}

/// An appliance that has been made, with staff appointed, before its daemon runs.
pub struct Scene {
    /// Removed at the end.
    kept: Option<TempDir>,
    /// Where everything lies.
    pub folder: PathBuf,
    /// The appliance.
    pub appliance: Appliance,
    /// Who issues the cards.
    pub residents: Residents,
    /// The city.
    pub city: City,
    /// Its electors.
    pub electors: Vec<Elector>,
    /// What the election is to be.
    pub plan: Plan,
    trustees: u8,
}

/// A running appliance with an election that is open.
pub struct Story {
    /// What it began with.
    pub scene: Scene,
    /// The election.
    pub holding: Holding,
    /// The election as a voter's program sees it, checked against the fingerprint of the notice.
    pub pinned: Arc<Pinned>,
}

impl Scene {
    /// Sets the scene.
    pub fn set(setting: Setting) -> Scene {
        let Setting { electors, trustees: (n, t), folder, configure, plan: change } = setting;
        let (kept, folder) = match folder {
            Some(folder) => (None, folder),
            None => {
                let kept = tempfile::Builder::new().prefix("tachiai-").tempdir().unwrap();
                let folder = kept.path().to_owned();
                (Some(kept), folder)
            }
        };
        let residents = residents(&folder.join("cards"));
        let opens = now().plus(-3600);
        let mut plan = Plan { quorum: t, trustees: n, min_unit: 1, ..Plan::usual(opens, recipient()) };
        change(&mut plan);
        let city = City::yabu().unwrap();
        let electors = city.electors(SEED, electors, Day::of(opens));
        let appliance = Appliance::create(Programs::beside_this().unwrap(), &folder.join("appliance"), &residents, |table| {
            // A machine that tests on a nearly full disk tests something else than it thinks; the story of the full disk says so itself.
            let disk = [("limit_percent".to_owned(), toml::Value::from(99)), ("ballast_mb".to_owned(), toml::Value::from(0))];
            table.insert("disk".to_owned(), toml::Value::Table(disk.into_iter().collect()));
            configure(table);
        });
        let appliance = appliance.unwrap_or_else(|trouble| panic!("{trouble}"));
        Scene { kept, folder, appliance, residents, city, electors, plan, trustees: n }
    }

    /// Appoints officials and trustees. The daemon must not run yet.
    pub fn appoint(&self) -> Staff {
        Staff::appoint(&self.appliance, &self.folder.join("people"), self.trustees).unwrap_or_else(|trouble| panic!("{trouble}"))
    }

    /// Creates the election and imports the roll; the daemon must run.
    pub fn create(&self, staff: Staff) -> Holding {
        Holding::create(staff, &self.plan, &self.city, &self.electors, Encoding::Utf8, &self.folder.join("files")).unwrap_or_else(|trouble| panic!("{trouble}"))
    }

    /// The card of an elector.
    pub fn card(&self, elector: usize) -> Content {
        self.residents.card_of(&self.electors[elector]).unwrap_or_else(|trouble| panic!("{trouble}"))
    }

    /// Keeps the folder, to be looked at after a failure.
    pub fn keep(&mut self) {
        if let Some(kept) = self.kept.take() {
            eprintln!("kept: {}", kept.keep().display());
        }
    }
}

impl Story {
    /// The usual beginning with so many electors.
    pub fn new(electors: usize) -> Story {
        Story::begin(Setting::of(electors))
    }

    /// A beginning up to the open election.
    pub fn begin(setting: Setting) -> Story {
        let mut scene = Scene::set(setting);
        let staff = scene.appoint();
        scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
        let holding = scene.create(staff);
        holding.ceremony().unwrap_or_else(|trouble| panic!("{trouble}"));
        Story::open(scene, holding)
    }

    /// Opens an election whose ceremony is over.
    pub fn open(scene: Scene, mut holding: Holding) -> Story {
        holding.open().unwrap_or_else(|trouble| panic!("{trouble}"));
        let pinned = pinned(&scene, &holding);
        Story { scene, holding, pinned }
    }

    /// The election's ID.
    pub fn election(&self) -> ElectionId {
        self.holding.election
    }

    /// The path of something of this election in the API.
    pub fn path(&self, rest: &str) -> String {
        format!("/api/v1/elections/{}{rest}", self.holding.election)
    }

    /// A voter's client.
    pub fn client(&self) -> Client {
        self.scene.appliance.client().unwrap_or_else(|trouble| panic!("{trouble}"))
    }

    /// Where the segments of the board lie.
    pub fn segments(&self) -> PathBuf {
        self.scene.appliance.data().join("journal").join(self.holding.election.to_string())
    }

    /// An elector with a card, who has enrolled.
    pub fn voter(&self, elector: usize) -> Voter {
        let mut voter = Voter::new(self.scene.card(elector)).unwrap_or_else(|trouble| panic!("{trouble}"));
        voter.enrol(&self.client()).unwrap_or_else(|trouble| panic!("{trouble}"));
        voter
    }

    /// An elector who has enrolled, logged in and registered a voting key.
    pub fn booth(&self, elector: usize) -> Booth {
        self.voter(elector).enter(&self.client(), &self.pinned).unwrap_or_else(|trouble| panic!("{trouble}"))
    }

    /// An elector votes for an option of the only contest; no option is blank.
    pub fn vote(&self, booth: &mut Booth, option: Option<usize>) -> Receipt {
        booth.cast(&[option.into_iter().collect()]).unwrap_or_else(|failure| panic!("{failure}")).receipt
    }

    /// Fetches the election anew, after a restart.
    pub fn pin_again(&mut self) {
        self.pinned = pinned(&self.scene, &self.holding);
    }
}

fn pinned(scene: &Scene, holding: &Holding) -> Arc<Pinned> {
    let client = scene.appliance.client().unwrap_or_else(|trouble| panic!("{trouble}"));
    Pinned::fetch(&client, holding.election, Some(&holding.fingerprint().parse().unwrap()), None).unwrap_or_else(|failure| panic!("{failure}"))
}

/// Asks again and again until something is so.
///
/// # Panics
/// If it is not so within half a minute.
pub fn until(what: &str, mut is: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is() {
        assert!(start.elapsed() < Duration::from_secs(30), "this did not come to be: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The time of the clock.
pub fn now() -> Timestamp {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_unix(now.as_secs().cast_signed()).unwrap()
}

/// Somebody who can read evidence, and whom no story needs.
fn recipient() -> String {
    age::x25519::Identity::generate().to_public().to_string()
}

/// The residents of one story. Their authority is the same in all of them, since making one takes long; the revocation lists are the story's own.
fn residents(folder: &Path) -> Residents {
    let this = std::env::current_exe().unwrap();
    // A build folder may hold one of an older form, which could not be opened.
    let shared = this.ancestors().nth(3).unwrap().join("story-cards-2");
    Residents::in_folder(&shared).unwrap_or_else(|trouble| panic!("{trouble}"));
    fs::create_dir_all(folder).unwrap();
    for file in fs::read_dir(&shared).unwrap().map(Result::unwrap) {
        let name = file.file_name().into_string().unwrap();
        if !name.ends_with(".crl") {
            fs::copy(file.path(), folder.join(name)).unwrap();
        }
    }
    Residents::in_folder(folder).unwrap_or_else(|trouble| panic!("{trouble}"))
}
