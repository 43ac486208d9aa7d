//! Everything that must be there before anybody can vote.

use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::Arc;

use age::secrecy::ExposeSecret;
use tachiai::voter::Pinned;
use tachiai_schemas::spec::{ElectionSpec, WitnessesSpec};

use super::hands::BY_HAND;
use super::{Folder, Screen, Votes, paper};
use crate::appliance::{Appliance, Official, Programs, Residents};
use crate::card::Content;
use crate::card::POOL;
use crate::city::{City, Day, Elector, Encoding, Plan, Polls};
use crate::holding::{Holding, Staff};
use crate::onlooker::Onlooker;
use crate::polling::Polling;
use crate::trouble::{Doing, Trouble};
use crate::voters::{in_parallel, now, usual_threads};

/// The seed of the demonstration's city.
const SEED: u64 = 282_227;

/// What the election has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The mayor and a small contest, online and on paper.
    WithPaper,
    /// The mayor, online and on paper.
    WithPlaces,
    /// The mayor, online alone.
    Online,
}

/// A running appliance with an open election, and everyone's card.
pub struct Stage {
    /// The appliance.
    pub appliance: Appliance,
    /// The election.
    pub holding: Holding,
    /// What was asked for.
    pub spec: ElectionSpec,
    /// Its electors.
    pub electors: Vec<Elector>,
    /// Their cards.
    pub cards: Vec<Content>,
    /// Who issued them.
    pub residents: Residents,
    /// Who follows the board and cosigns it.
    pub witness: Onlooker,
    /// What the election has.
    pub extent: Extent,
    /// Who votes how.
    pub votes: Votes,
    /// The polling places, and the keys of desks and officers.
    pub polling: Polling,
    /// The officials of the desk of the town hall.
    pub desk: [Official; 2],
}

impl Stage {
    /// Sets it up: `count` electors, three of five trustees.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn set(folder: &Folder, count: usize, extent: Extent, screen: &mut Screen) -> Result<Stage, Trouble> {
        let programs = Programs::beside_this()?;
        let city = City::yabu().doing("the city")?;
        // An hour ago: open as soon as the officials say so.
        let opens = now().plus(-3600);
        let electors = city.electors(SEED, count, Day::of(opens));
        let votes = Votes::plan(&electors.iter().map(|elector| elector.district).collect::<Vec<_>>(), BY_HAND)?;
        let residents = Residents::in_folder(&folder.join("cards"))?;
        screen.phase("カードの鍵", "keys for the cards", POOL, |progress| residents.pool().prepare(|_| progress.step()).doing("making RSA keys"))?;
        let cards = screen.phase("カードの発行", "cards issued", count, |progress| {
            in_parallel(&electors, usual_threads(), || Ok(()), |(), _, elector| residents.card_of(elector), || progress.step())
        })?;
        let polling = screen.phase("投票所の鍵", "keys of places and officers", 2, |_| Ok(paper::prepare(folder)))?;
        let (appliance, staff, desk) = screen.phase("装置の準備", "appliance made and started", 0, |_| {
            let mut appliance = Appliance::create(programs, &folder.join("appliance"), &residents, |_| ())?;
            let staff = Staff::appoint(&appliance, &folder.join("people"), 5)?;
            let desk = paper::officials(&appliance)?;
            appliance.start()?;
            Ok((appliance, staff, desk))
        })?;
        let witness = Onlooker::new(appliance.programs(), "kansa.example.jp/demo", &folder.join("witness"))?;
        let witnesses = WitnessesSpec { quorum: 1, keys: vec![witness.key.clone()] };
        let ward = city.districts().iter().enumerate().filter(|(index, _)| votes.ward_districts().contains(index)).map(|(_, district)| district.id.clone());
        let mut plan = Plan { witnesses, ..Plan::usual(opens, recipient(folder)?) };
        match extent {
            Extent::WithPaper => {
                plan.polls = Polls::MayorAndWard(ward.collect());
                polling.plan()(&mut plan);
            }
            Extent::WithPlaces => polling.plan()(&mut plan),
            Extent::Online => {}
        }
        let mut holding = screen.phase("選挙の作成・名簿", "election created, roll imported", count, |_| {
            Holding::create(staff, &plan, &city, &electors, Encoding::ShiftJis, &folder.join("files"))
        })?;
        screen.phase("鍵の儀式（5人中3人）", "key ceremony, 3 of 5 trustees", 5, |_| holding.ceremony())?;
        screen.phase("投票の開始", "opened by two officials", 0, |_| holding.open().map(drop))?;
        screen.say(format!("  {}: {}", screen.pick("公告する選挙の指紋", "fingerprint for the public notice"), holding.fingerprint()));
        screen.phase("証人が監視を開始", "a witness begins to follow", 1, |_| {
            witness.watch(&appliance, &holding.election.to_string(), Some(holding.fingerprint()))?.ok()?;
            witness.look()?.ok().map(drop)
        })?;
        Ok(Stage { appliance, holding, spec: plan.spec(&city), electors, cards, residents, witness, extent, votes, polling, desk })
    }

    /// The election as a voter's program sees it, checked against the fingerprint of the notice.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn pinned(&self) -> Result<Arc<Pinned>, Trouble> {
        let notice = self.holding.fingerprint().parse().doing("the fingerprint")?;
        Pinned::fetch(&self.appliance.client()?, self.holding.election, Some(&notice), None).doing("reading the board")
    }
}

/// Makes the key that opens the evidence behind registrations, and returns its recipient.
fn recipient(folder: &Folder) -> Result<String, Trouble> {
    let identity = age::x25519::Identity::generate();
    let path = folder.join("evidence-key.txt");
    let text = format!("{}\n", identity.to_string().expose_secret());
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes()))
        .map_err(|error| Trouble::file(&path, error))?;
    Ok(identity.to_public().to_string())
}
