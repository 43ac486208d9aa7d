//! Shelters in a night: terminals as processes with folders of their own, headquarters, and a city of residents. What everybody did is written down here, so that
//! the roster can be held against it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;
use tachiai::profile::Profile;
use tachiai_schemas::roster::report::HowCounted;
use tachiai_schemas::roster::report::ReportContent;
use tachiai_schemas::roster::{Hlc, OpenState, ShelterId, ShelterState};
use tachiai_schemas::shelter::facility::{self, Facilities};
use tachiai_schemas::shelter::overview::{CurvePoint, ReportRequest};
use tachiai_schemas::staff::{Pending, Role};
use tachiai_schemas::{InPlaceOf, Lang, Timestamp};

use crate::appliance::{Appliance, Official, Outcome, Programs, with_secret};
use crate::city::{Resident, residents_csv, support_csv};
use crate::link::Link;
use crate::trouble::{Doing, Trouble};

/// The headquarters: two officials.
pub struct Headquarters {
    /// Who asks.
    pub first: Official,
    /// Who approves.
    pub second: Official,
}

impl Headquarters {
    /// Appoints them.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn appoint(appliance: &Appliance) -> Result<Self, Trouble> {
        Ok(Self { first: appliance.staff("hq-1", Role::Headquarters)?, second: appliance.staff("hq-2", Role::Headquarters)? })
    }

    /// Imports the facilities of real files, and the residents with their action-support list; what the import says, as JSON.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn import(&self, folder: &Path, facilities: &[&Path], residents: &[Resident]) -> Result<Vec<Value>, Trouble> {
        let mut said = Vec::new();
        for file in facilities {
            said.push(self.shelter(&["import", "facilities", &file.display().to_string(), "--yes"])?);
        }
        for (what, name, text) in [("residents", "residents.csv", residents_csv(residents)), ("support", "support.csv", support_csv(residents))] {
            let path = folder.join(name);
            std::fs::write(&path, text).map_err(|error| Trouble::file(&path, error))?;
            said.push(self.shelter(&["import", what, &path.display().to_string(), "--yes"])?);
        }
        Ok(said)
    }

    /// Declares a disaster, by both; its ID.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn declare(&self, title: &str, english: &str) -> Result<String, Trouble> {
        let arguments =
            ["event", "declare", "--kind", "disaster", "--title", title, "--title-en", english, "--municipality", "282227", "--card", "without-pin"];
        let waiting: Value = self.first.tachiai(&[&["--json", "shelter"], &arguments[..]].concat())?.expect(3)?.json()?;
        let pending: Pending = serde_json::from_value(waiting.get("pending").unwrap_or(&waiting).clone()).doing("reading the request")?;
        let _: Value = self.second.ask(&["approve", &pending.id, "--yes"])?;
        let events: Value = self.shelter(&["event", "list"])?;
        let open = events.as_array().and_then(|events| events.iter().find(|event| event["closed"].is_null())).doing("no event is open")?;
        Ok(open["event"].as_str().doing("an event without ID")?.to_owned())
    }

    /// Runs `tachiai shelter …` and takes its answer.
    ///
    /// # Errors
    /// [`Trouble`] unless it is done.
    pub fn shelter(&self, arguments: &[&str]) -> Result<Value, Trouble> {
        self.first.ask(&[&["shelter"], arguments].concat())
    }
}

impl Headquarters {
    /// Reports to the appliance who was in which shelter in other days, as published tables say: each shelter opens with the first table that names it, and closes
    /// with the first that does not. Gives the event, and the heads at the time of each table.
    ///
    /// # Errors
    /// [`Trouble`], also if the appliance tells other totals by time than the tables.
    pub fn replay(&self, title: [&str; 2], tables: &[PathBuf], step: impl Fn()) -> Result<(String, Vec<u64>), Trouble> {
        let mut snapshots: BTreeMap<Timestamp, Vec<(ShelterState, u32)>> = BTreeMap::new();
        for path in tables {
            let bytes = std::fs::read(path).map_err(|error| Trouble::file(path, error))?;
            let Facilities { report: _, facilities, occupancy } = facility::read(&bytes);
            for (place, row) in facilities.iter().zip(&occupancy) {
                let (time, persons) = row.time.zip(row.persons).doing("a table without times or heads")?;
                snapshots.entry(time).or_default().push((place.open(), persons));
            }
        }
        let client = Profile::read(Some(self.first.profile())).and_then(|profile| profile.client(Lang::En)).doing("a client of headquarters")?;
        let declare = ["event", "declare", "--kind", "drill", "--title", title[0], "--title-en", title[1], "--municipality", "282227"];
        let declared: Value = self.shelter(&declare)?;
        let event = declared["event"].as_str().doing("an event without ID")?.to_owned();
        let base = format!("/api/v1/shelter/events/{event}");
        let mut known: BTreeMap<ShelterId, ShelterState> = BTreeMap::new();
        let mut set = |state: &ShelterState| -> Result<(), Trouble> {
            let set = InPlaceOf { before: known.insert(state.shelter.clone(), state.clone()), now: state.clone() };
            client.post::<_, Value>(&format!("{base}/shelters"), None, &set).map(drop).doing("a shelter")
        };
        let mut open: BTreeMap<ShelterId, ShelterState> = BTreeMap::new();
        for (time, rows) in &snapshots {
            let now: BTreeMap<ShelterId, ShelterState> = rows.iter().map(|(state, _)| (state.shelter.clone(), state.clone())).collect();
            for (id, state) in open.iter().filter(|(id, _)| !now.contains_key(*id)) {
                // The close is entered today, so that the heads that are nobody's any more are told at their own time.
                let none = ReportRequest { shelter: id.clone(), content: heads(0), time: Some(Hlc::at(*time)) };
                let _: Value = client.post(&format!("{base}/reports"), None, &none).doing("a report")?;
                set(&ShelterState { state: OpenState::Closed, ..state.clone() })?;
            }
            for state in now.values().filter(|state| !open.contains_key(&state.shelter)) {
                set(state)?;
            }
            for (state, persons) in rows {
                let report = ReportRequest { shelter: state.shelter.clone(), content: heads(*persons), time: Some(Hlc::at(*time)) };
                let _: Value = client.post(&format!("{base}/reports"), None, &report).doing("a report")?;
            }
            open = now;
            step();
        }
        let sums: Vec<u64> = snapshots.values().map(|rows| rows.iter().map(|(_, persons)| u64::from(*persons)).sum()).collect();
        let curve: Vec<CurvePoint> = self.first.ask(&["shelter", "overview", "--event", &event])?;
        let told: Vec<(Timestamp, u64)> = curve.iter().map(|point| (point.time.timestamp(), point.heads)).take(sums.len()).collect();
        if told == snapshots.keys().copied().zip(sums.iter().copied()).collect::<Vec<_>>() {
            Ok((event, sums))
        } else {
            Err(Trouble::new("the replay", format!("the appliance tells {told:?}, the tables {sums:?}")))
        }
    }
}

/// Heads that were counted about.
const fn heads(persons: u32) -> ReportContent {
    ReportContent::Headcount { persons, how: HowCounted::About }
}

/// A terminal in a shelter.
pub struct Terminal {
    /// Its name.
    pub name: String,
    /// Its shelter.
    pub shelter: String,
    /// Whether it has its link.
    pub link: Link,
    programs: Programs,
    profile: PathBuf,
    folder: PathBuf,
}

impl Terminal {
    /// Sets a terminal up, with the link. Its keys are under no passphrase, since hundreds of commands would each ask for it.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn set_up(appliance: &Appliance, headquarters: &Headquarters, folder: &Path, event: &str, [name, shelter]: [&str; 2]) -> Result<Self, Trouble> {
        let staff = appliance.staff(name, Role::Reception)?;
        let terminal = Self {
            name: name.to_owned(),
            shelter: shelter.to_owned(),
            link: Link::Up,
            programs: appliance.programs().clone(),
            profile: staff.profile().to_owned(),
            folder: folder.join(name),
        };
        // The keys are made on the terminal; headquarters admits them.
        terminal.run(&["init", "--event", event, "--shelter", shelter, "--terminal", name, "--unprotected"], "")?.expect(3)?;
        let request = terminal.folder.join("request.json");
        headquarters.shelter(&["terminal", "admit", &request.display().to_string(), "--event", event])?;
        terminal.ask(&["sync", "--pack"], "")?;
        Ok(terminal)
    }

    /// Runs `tachiai reception …` with this on its standard input; its exit code is the caller's to judge.
    ///
    /// # Errors
    /// [`Trouble`] if it cannot be started.
    pub fn run(&self, arguments: &[&str], input: &str) -> Result<Outcome, Trouble> {
        let mut command = self.link.console(&self.programs)?;
        command.arg("--profile").arg(&self.profile).args(["--lang", "en", "--json", "reception", "--dir"]).arg(&self.folder).args(arguments);
        with_secret(command, input)
    }

    /// The same, of what must be done.
    ///
    /// # Errors
    /// [`Trouble`] unless it ends with exit code 0 and JSON.
    pub fn ask(&self, arguments: &[&str], input: &str) -> Result<Value, Trouble> {
        self.run(arguments, input)?.ok()?.json()
    }
}

/// Where everybody is, by what was done: residents by number, others by a name of their own.
#[derive(Default)]
pub struct Ledger {
    present: BTreeMap<String, String>,
}

impl Ledger {
    /// Somebody came to a shelter, wherever they were before.
    pub fn arrive(&mut self, who: &str, shelter: &str) {
        self.present.insert(who.to_owned(), shelter.to_owned());
    }

    /// Somebody left.
    pub fn leave(&mut self, who: &str) {
        self.present.remove(who);
    }

    /// How many are there.
    pub fn len(&self) -> usize {
        self.present.len()
    }

    /// Whether nobody is.
    pub fn is_empty(&self) -> bool {
        self.present.is_empty()
    }

    /// Compares it with what an event shows: the total, and each shelter.
    ///
    /// # Errors
    /// [`Trouble`] with the first difference.
    pub fn compare(&self, shown: &Value) -> Result<(), Trouble> {
        let differs = |what: &str, shown: u64, expected: usize| {
            if shown == expected as u64 { Ok(()) } else { Err(Trouble::new(what, format!("the roster shows {shown} people, and {expected} are there"))) }
        };
        differs("the event", shown["totals"]["present"].as_u64().unwrap_or_default(), self.present.len())?;
        for view in shown["shelters"].as_array().into_iter().flatten() {
            let shelter = view["state"]["shelter"].as_str().unwrap_or_default();
            let expected = self.present.values().filter(|place| *place == shelter).count();
            differs(shelter, view["totals"]["present"].as_u64().unwrap_or_default(), expected)?;
        }
        Ok(())
    }
}

/// A household of the city.
pub struct Household<'a> {
    /// Its members.
    pub members: Vec<&'a Resident>,
}

/// The residents by households, in the order of the register.
pub fn households(residents: &[Resident]) -> Vec<Household<'_>> {
    let mut seen = BTreeSet::new();
    let mut households: Vec<Household<'_>> = Vec::new();
    for resident in residents {
        if seen.insert(&resident.household) {
            households.push(Household { members: Vec::new() });
        }
        // Whole households stand together in the register.
        if let Some(last) = households.last_mut() {
            last.members.push(resident);
        }
    }
    households
}
