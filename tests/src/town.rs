//! A town with polling places: a story with desks, their two officials, and the authority's key. Shared by the stories of polling places.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a story that cannot go on fails")]

use std::fs;
use std::path::PathBuf;

use age::secrecy::ExposeSecret;
use serde_json::Value;
use tachiai_schemas::paper::{LinkPolicy, PlaceKind};
use tachiai_schemas::staff::{Pending, Role};
use tachiaid::election::private::{LookedBy, PrivateBody, PrivateEntry};
use tachiaid::journal::{Journal, JournalId, Options};

use crate::appliance::{Official, Outcome};
use crate::city::Plan;
use crate::copy::BoardCopy;
use crate::polling::{Counter, Line, Polling};
use crate::seat::Seat;
use crate::story::{Scene, Setting, Story};

/// The town.
pub struct Town {
    /// The election.
    pub story: Story,
    /// Its places.
    pub polling: Polling,
    /// The officials of the desks.
    pub desks: [Official; 2],
    /// The authority's age identity.
    pub authority: PathBuf,
    _folder: tempfile::TempDir,
}

/// The JSON that a command answered, which ended with this code.
#[track_caller]
pub fn ends(outcome: Outcome, code: i32) -> Value {
    outcome.expect(code).unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap()
}

/// The same for one that was refused with this code of the appliance.
#[track_caller]
pub fn refused(outcome: Outcome, exit: i32, code: &str) -> Value {
    let said = ends(outcome, exit);
    assert_eq!(said["code"], code, "{said}");
    said
}

impl Town {
    /// A town with so many electors and these places.
    pub fn of(electors: usize, places: &[(&str, PlaceKind, LinkPolicy)]) -> Town {
        Town::with_protected(electors, &[], places)
    }

    /// The same with some electors under protection.
    pub fn with_protected(electors: usize, protected: &[usize], places: &[(&str, PlaceKind, LinkPolicy)]) -> Town {
        let folder = tempfile::tempdir().unwrap();
        let polling = Polling::prepare(&folder.path().join("polling"), places);
        let listed = polling.plan();
        let identity = age::x25519::Identity::generate();
        let recipient = identity.to_public().to_string();
        let plan = Box::new(move |plan: &mut Plan| {
            listed(plan);
            plan.recipients = vec![recipient];
        });
        let mut scene = Scene::set(Setting { plan, ..Setting::of(electors) });
        let staff = scene.appoint();
        scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
        let holding = scene.create(staff);
        if !protected.is_empty() {
            let csv = fs::read_to_string(scene.folder.join("files/roll.csv")).unwrap();
            let mark = |(line, row): (usize, &str)| match line.checked_sub(1) {
                None => format!("{row},支援措置\r\n"),
                Some(elector) => format!("{row},{}\r\n", if protected.contains(&elector) { "あり" } else { "" }),
            };
            let file = scene.folder.join("protected.csv");
            fs::write(&file, csv.lines().enumerate().map(mark).collect::<String>()).unwrap();
            let import = ["--json", "election", "import-roll", file.to_str().unwrap(), "--yes"];
            holding.staff().first.tachiai(&import).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
        }
        holding.ceremony().unwrap_or_else(|trouble| panic!("{trouble}"));
        let story = Story::open(scene, holding);
        let authority = folder.path().join("authority.txt");
        fs::write(&authority, identity.to_string().expose_secret()).unwrap();
        let desks = ["poll-1", "poll-2"].map(|name| story.scene.appliance.staff(name, Role::Poll).unwrap());
        Town { story, polling, desks, authority, _folder: folder }
    }

    /// A desk of a place.
    pub fn counter<'a>(&'a self, place: &'a str) -> Counter<'a> {
        Counter { polling: &self.polling, place, official: &self.desks[0], fingerprint: self.story.holding.fingerprint() }
    }

    /// Checks the holder of a card in, with this PIN.
    pub fn check_in(&self, place: &str, seat: &Seat, pin: &str, arguments: &[&str]) -> Outcome {
        let socket = seat.socket();
        let card = ["--card", socket.to_str().unwrap(), "--pin-fd", "0", "--yes"];
        self.counter(place).run(&["check-in"], pin, &[&card, arguments].concat())
    }

    /// The words that name an elector.
    pub fn who(&self, elector: usize) -> [String; 2] {
        let elector = &self.story.scene.electors[elector];
        [format!("name={}", elector.name.replace('\u{3000}', " ")), format!("birth={}", elector.birth)]
    }

    /// A command about an elector who is named.
    pub fn with_who(&self, place: &str, command: &[&str], elector: usize, arguments: &[&str]) -> Outcome {
        let who = self.who(elector);
        let who: Vec<&str> = who.iter().map(String::as_str).collect();
        self.counter(place).run(command, "", &[&who[..], arguments].concat())
    }

    /// A command that officers sign.
    pub fn signed(&self, place: &str, command: &[&str], officers: &[&str], arguments: &[&str]) -> Outcome {
        let counter = self.counter(place);
        let (options, typed) = counter.signed_by(officers);
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        counter.run(command, &typed, &[arguments, &options[..]].concat())
    }

    /// Officers undo a hand-out.
    pub fn undo(&self, place: &str, elector: usize, reason: &str, officers: &[&str]) -> Outcome {
        let who = self.who(elector);
        let who: Vec<&str> = who.iter().map(String::as_str).collect();
        self.signed(place, &["undo"], officers, &[&who[..], &["--reason", reason]].concat())
    }

    /// A line to the appliance that can be cut, and the profile of the first desk's official over it.
    pub fn line(&self) -> (Line, PathBuf) {
        let line = Line::to(self.story.scene.appliance.staff_address());
        let profile = self.desks[0].profile().with_file_name("line.toml");
        let text = fs::read_to_string(self.desks[0].profile()).unwrap();
        let port = format!("https://localhost:{}", line.address.port());
        fs::write(&profile, text.replace(&self.story.scene.appliance.staff_url(), &port)).unwrap();
        (line, profile)
    }

    /// A colleague approves.
    pub fn approve(&self, pending: &Value) -> Outcome {
        let pending: Pending = serde_json::from_value(pending.clone()).unwrap();
        self.desks[1].tachiai(&["--json", "approve", &pending.id, "--yes"]).unwrap()
    }

    /// The board as it stands.
    pub fn copy(&self) -> BoardCopy {
        BoardCopy::fetch(&self.story.client(), self.story.election())
    }

    /// An elector who has enrolled a card.
    pub fn seat(&self, elector: usize) -> Seat {
        let seat = Seat::of(&self.story.scene, elector);
        seat.enrol().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
        seat
    }

    /// Everything that officials wrote down of looking people up; the daemon is stopped.
    pub fn looked_up(&self) -> Vec<(String, LookedBy, usize)> {
        let folder = self.story.scene.appliance.data().join("journal");
        let name = JournalId::new(&format!("{}-private", self.story.election())).unwrap();
        let (journal, _) = Journal::open(&folder, &name, Options::default()).unwrap();
        let bodies = journal.reader().iter_from(0).map(|bytes| PrivateEntry::from_bytes(&bytes.unwrap()).unwrap().body);
        let looked = bodies.filter_map(|body| match body {
            PrivateBody::LookedUp { by, how, slots } => Some((by, how, slots.len())),
            _ => None,
        });
        looked.collect()
    }
}
