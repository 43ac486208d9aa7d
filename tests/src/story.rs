//! A story: a whole appliance with an election, set up in a few seconds, for a test to tell what happens in it.
//!
//! ```no_run
//! use tachiai_tests::story::Story;
//!
//! fn told() -> Result<(), tachiai_tests::trouble::Trouble> {
//!     let story = Story::new(12)?;
//!     story.vote(0, Some(2))?;
//!     story.vote(0, None)?; // thinks better of it: a blank vote
//!     let record = story.publish()?;
//!     story.verify(&record)?.ok()?;
//!     Ok(())
//! }
//! ```

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tachiai::client::Client;
use tachiai::voter::{Booth, Cast, Pinned};
use tempfile::TempDir;

use crate::appliance::{Appliance, Outcome, Programs, Residents};
use crate::city::{City, Day, Elector, Encoding, Plan};
use crate::demo::target;
use crate::holding::{Holding, Staff, Travel};
use crate::trouble::{Doing, Trouble};
use crate::voters::{Voter, now};

/// The seed of the stories' city.
const SEED: u64 = 7;

/// What a story begins with.
pub struct Setting {
    /// How many electors.
    pub electors: usize,
    /// How many trustees.
    pub trustees: u8,
    /// How many of them decrypt.
    pub quorum: u8,
    /// How their files travel.
    pub travel: Travel,
    /// The roll's encoding.
    pub encoding: Encoding,
    /// Changes what is asked for.
    pub plan: fn(Plan) -> Plan,
    /// Changes the daemon's configuration.
    pub configuration: fn(&mut toml::Table),
}

impl Setting {
    /// So many electors, 2 of 2 trustees over the network, a mock election of the mayor.
    pub fn of(electors: usize) -> Setting {
        Setting { electors, trustees: 2, quorum: 2, travel: Travel::Network, encoding: Encoding::Utf8, plan: |plan| plan, configuration: |_| () }
    }
}

/// A running appliance in a temporary folder, with an open mock election.
pub struct Story {
    /// The appliance.
    pub appliance: Appliance,
    /// The election.
    pub holding: Holding,
    /// Its electors.
    pub electors: Vec<Elector>,
    /// Who issues their cards.
    pub residents: Residents,
    quorum: u8,
    // Last, so that the daemon has ended before its folder goes.
    folder: TempDir,
}

impl Story {
    /// An open election of so many electors.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn new(electors: usize) -> Result<Story, Trouble> {
        Story::set(&Setting::of(electors))
    }

    /// An open election in this setting.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn set(setting: &Setting) -> Result<Story, Trouble> {
        let mut story = Story::draft(setting)?;
        story.holding.ceremony()?;
        story.holding.open()?;
        Ok(story)
    }

    /// An election with its roll, before the ceremony.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn draft(setting: &Setting) -> Result<Story, Trouble> {
        let Setting { electors, trustees, quorum, travel, encoding, plan, configuration } = setting;
        let folder = tempfile::tempdir().doing("a folder for the story")?;
        let residents = residents(folder.path())?;
        let mut appliance = Appliance::create(Programs::beside_this()?, &folder.path().join("appliance"), &residents, configuration)?;
        let staff = Staff::appoint(&appliance, &folder.path().join("people"), *trustees, *travel)?;
        appliance.start()?;
        let city = City::yabu().doing("the city")?;
        let opens = now().plus(-3600);
        let electors = city.electors(SEED, *electors, Day::of(opens));
        let recipient = age::x25519::Identity::generate().to_public().to_string();
        let plan = plan(Plan { quorum: *quorum, trustees: *trustees, ..Plan::usual(opens, recipient) });
        let holding = Holding::create(staff, &plan, &city, &electors, *encoding, &folder.path().join("files"))?;
        Ok(Story { appliance, holding, electors, residents, quorum: *quorum, folder })
    }

    /// The story's own folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A voter's client: the URL and the authority's certificate.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn client(&self) -> Result<Client, Trouble> {
        self.appliance.client()
    }

    /// The election as a voter's program sees it, checked against the printed fingerprint.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn pinned(&self) -> Result<Arc<Pinned>, Trouble> {
        let notice = self.holding.fingerprint().parse().doing("the fingerprint")?;
        Pinned::fetch(&self.client()?, self.holding.election, Some(&notice), None).doing("reading the board")
    }

    /// Elector `number` with a card, not enrolled yet.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn voter(&self, number: usize) -> Result<Voter, Trouble> {
        let elector = self.electors.get(number).doing(format!("there is no elector {number}"))?;
        Voter::new(self.residents.card_of(elector)?)
    }

    /// Elector `number`, enrolled and with a fresh voting key registered.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn booth(&self, number: usize) -> Result<Booth, Trouble> {
        let (client, mut voter) = (self.client()?, self.voter(number)?);
        voter.enrol(&client)?;
        voter.enter(&client, &self.pinned()?)
    }

    /// Elector `number` votes for a candidate for mayor, or blank, with a fresh voting key.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn vote(&self, number: usize, option: Option<usize>) -> Result<Cast, Trouble> {
        self.booth(number)?.cast(&[option.into_iter().collect()]).doing("voting")
    }

    /// Closes, counts, publishes; returns the exported record.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn publish(&self) -> Result<PathBuf, Trouble> {
        self.holding.act("close-online")?;
        self.holding.act("close-poll")?;
        self.holding.decrypt(usize::from(self.quorum))?;
        self.holding.act("count")?;
        self.holding.act("publish")?;
        self.export()
    }

    /// Exports the record as it is now.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn export(&self) -> Result<PathBuf, Trouble> {
        let record = self.folder().join("record");
        self.holding.export(&record)?;
        Ok(record)
    }

    /// Runs the verifier on a record, expecting the printed fingerprint.
    ///
    /// # Errors
    /// [`Trouble`] if it cannot be started; its exit code is the caller's to judge.
    pub fn verify(&self, record: &Path) -> Result<Outcome, Trouble> {
        let mut command = self.appliance.programs().command("tachiai-verify")?;
        command.arg(record).args(["--expect", self.holding.fingerprint()]);
        Outcome::of(command)
    }
}

/// The CA that all stories share, since its keys take long to make, with revocation lists of the story's own.
fn residents(folder: &Path) -> Result<Residents, Trouble> {
    let shared = target().join("story-ca");
    Residents::in_folder(&shared)?.with_lists_in(&folder.join("cards"))
}
