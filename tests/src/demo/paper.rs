//! Those who vote on paper: three electors at the town hall, the close of the day, the count of the box by two officials apart, and a lot.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use tachiai_schemas::paper::{LinkPolicy, PlaceKind};
use tachiai_schemas::staff::{Pending, Role};

use super::hands::{BY_HAND, PIN};
use super::votes::{Box as PaperBox, PAPERS};
use super::{Folder, Readers, Stage};
use crate::appliance::{Official, Outcome, tell, with_secret};
use crate::polling::{PASSPHRASE, Polling};
use crate::trouble::{Doing, Trouble};

/// The places of the demonstration: ID, kind, and what a desk does while the link is cut.
pub const PLACES: [(&str, PlaceKind, LinkPolicy); 2] = [("town-hall", PlaceKind::Early, LinkPolicy::Provisional), ("school", PlaceKind::Day, LinkPolicy::Stop)];

/// Where papers are handed out.
pub const PLACE: &str = "town-hall";

/// The officers who sign, the manager first.
pub const OFFICERS: [&str; 3] = ["manager", "witness-1", "witness-2"];

/// The desk of the town hall: a reader, two officials, and the keys of the place and its officers.
pub struct TownHall<'a> {
    stage: &'a Stage,
    readers: &'a Readers,
    folder: PathBuf,
    log: PathBuf,
}

impl<'a> TownHall<'a> {
    /// Opens the desk.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn open(stage: &'a Stage, folder: &Folder, readers: &'a Readers) -> Result<TownHall<'a>, Trouble> {
        Ok(TownHall { stage, readers, folder: folder.join("cards"), log: folder.join("cards/desk-vcard.log") })
    }

    fn console(&self, official: &Official, command: &[&str]) -> Result<Command, Trouble> {
        let mut process = self.stage.appliance.programs().command("tachiai")?;
        self.readers.used_by(&mut process);
        process.arg("--profile").arg(official.profile()).args(["--lang", "en", "--json"]).args(command);
        Ok(process)
    }

    fn poll(&self, command: &[&str], secret: &str, arguments: &[&str]) -> Result<Outcome, Trouble> {
        let polling = &self.stage.polling;
        let mut process = self.console(&self.stage.desk[0], &[&["poll"], command].concat())?;
        process.arg("--desk").arg(polling.desk_key(PLACE)).arg("--state").arg(polling.state(PLACE));
        process.args(["--manifest", self.stage.holding.fingerprint()]);
        let _told = tell(&mut process, arguments)?;
        with_secret(process, secret)
    }

    /// Runs a command with an elector's card in the desk's reader.
    fn with_card(&self, number: usize, run: impl FnOnce(&[&str]) -> Result<Outcome, Trouble>) -> Result<Outcome, Trouble> {
        let card = self.stage.cards.get(number).doing(format!("there is no card {number}"))?;
        let file = self.folder.join(format!("card-{number}.json"));
        card.write(&file).doing("writing a card's file")?;
        let held = self.readers.insert(self.stage.appliance.programs(), BY_HAND, &file, &self.log)?;
        let options = self.readers.options(BY_HAND)?;
        let outcome = run(&options.each_ref().map(String::as_str));
        drop(held);
        outcome
    }

    /// An elector files the declaration for early voting from home.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn declare(&self, number: usize) -> Result<(), Trouble> {
        let (election, birth) = (self.stage.holding.election.to_string(), self.stage.electors.get(number).doing("no elector")?.birth.to_string());
        let outcome = self.with_card(number, |card| {
            let mut process = self.stage.appliance.programs().command("tachiai")?;
            self.readers.used_by(&mut process);
            process.args(["--lang", "en", "--json", "declare", "--server", &self.stage.appliance.url(), "--ca"]).arg(self.stage.appliance.ca());
            process.args(["--election", &election, "--reason", "1", "--oath", "--pin-fd", "0"]).args(card);
            let _told = tell(&mut process, [format!("birth={birth}")])?;
            with_secret(process, PIN)
        })?;
        outcome.ok().map(drop)
    }

    /// An elector comes with a card; returns what the desk says.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn check_in(&self, number: usize) -> Result<Value, Trouble> {
        self.with_card(number, |card| self.poll(&["check-in"], PIN, &[card, &["--pin-fd", "0", "--yes"]].concat()))?.ok()?.json()
    }

    /// An elector comes without a card: a colleague approves.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn check_in_by_name(&self, number: usize) -> Result<Value, Trouble> {
        let who = self.who(number)?;
        let arguments = [who.as_str(), "--by-name", "no-card", "--yes"];
        let pending: Pending = self.poll(&["check-in"], "", &arguments)?.expect(3)?.json()?;
        let _: Value = self.stage.desk[1].ask(&["approve", &pending.id, "--yes"])?;
        self.poll(&["check-in"], "", &arguments)?.ok()?.json()
    }

    /// The papers of an elector came back.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn undo(&self, number: usize) -> Result<(), Trouble> {
        let who = self.who(number)?;
        self.signed(&["undo"], &[&who, "--reason", "spoiled"])
    }

    /// Closes the day with everything in the box.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn close(&self) -> Result<(), Trouble> {
        let papers = self.stage.votes.in_box();
        let figures: Vec<String> = papers.iter().map(|PaperBox { contest, votes, blank }| format!("{contest}={}", votes.iter().sum::<u64>() + blank)).collect();
        let arguments: Vec<&str> = figures.iter().flat_map(|figure| ["--in-box", figure]).collect();
        self.signed(&["day-close"], &arguments)
    }

    fn who(&self, number: usize) -> Result<String, Trouble> {
        Ok(format!("number={}", self.stage.electors.get(number).doing("no elector")?.resident_number()))
    }

    fn signed(&self, command: &[&str], arguments: &[&str]) -> Result<(), Trouble> {
        let files = OFFICERS.map(|officer| self.stage.polling.officer(officer).display().to_string());
        let officers: Vec<&str> = files.iter().flat_map(|file| ["--officer", file]).chain(["--passphrase-fd", "0", "--yes"]).collect();
        self.poll(command, &format!("{PASSPHRASE}\n").repeat(OFFICERS.len()), &[arguments, &officers].concat())?.ok().map(drop)
    }

    fn count_signed(&self, command: &[&str], arguments: &[&str]) -> Result<(), Trouble> {
        let files = OFFICERS.map(|officer| self.stage.polling.officer(officer).display().to_string());
        let keys: Vec<&str> = files.iter().flat_map(|file| ["--key", file]).chain(["--passphrase-fd", "0", "--yes"]).collect();
        let election = self.stage.holding.election.to_string();
        let mut process = self.console(&self.stage.holding.staff().first, &[&["election"], command].concat())?;
        process.args(["--election", &election, "--manifest", self.stage.holding.fingerprint()]).args(arguments).args(keys);
        with_secret(process, &format!("{PASSPHRASE}\n").repeat(OFFICERS.len()))?.ok().map(drop)
    }

    /// Two officials count the papers of each contest apart, and the officers of the count sign.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn count(&self) -> Result<(), Trouble> {
        let (staff, election) = (self.stage.holding.staff(), self.stage.holding.election.to_string());
        for PaperBox { contest, votes, blank } in self.stage.votes.in_box() {
            let options = self.stage.spec.contests.iter().find(|spec| spec.id == contest).doing("no such contest")?.options.iter();
            let votes: Vec<(String, u64)> = options.zip(votes).map(|(option, votes)| (option.id.clone(), votes)).collect();
            let valid: u64 = votes.iter().map(|(_, votes)| votes).sum();
            let (valid, blank) = (valid.to_string(), blank.to_string());
            let lines: Vec<String> = votes.iter().map(|(option, votes)| format!("{option}={votes}")).collect();
            let mut enter = vec!["--json", "election", "paper-count", "enter", "--election", &election, "--contest", contest];
            enter.extend(["--valid", &valid, "--blank", &blank, "--invalid", "0"]);
            enter.extend(lines.iter().flat_map(|line| ["--vote", line]));
            staff.first.tachiai(&enter)?.expect(3)?;
            staff.second.tachiai(&enter)?.ok()?;
            self.count_signed(&["paper-count", "sign", "--contest", contest], &[])?;
        }
        Ok(())
    }

    /// Nobody can publish while two have equally many votes: the lot decides, and is signed.
    ///
    /// # Errors
    /// [`Trouble`], also if a publication without the lot is not refused.
    pub fn draw(&self) -> Result<(), Trouble> {
        let election = self.stage.holding.election.to_string();
        let refused: Value = self.stage.holding.staff().first.tachiai(&["--json", "election", "publish", "--election", &election])?.expect(1)?.json()?;
        let why = refused.get("error").and_then(Value::as_str).unwrap_or_default();
        if !why.contains("lot") {
            return Err(Trouble::new("publishing without the lot", format!("it was refused for another reason: {why}")));
        }
        self.count_signed(&["lot", "--contest", "ward", "--chosen", "w2"], &[])
    }
}

/// Makes the keys of places and officers.
pub fn prepare(folder: &Folder) -> Polling {
    Polling::prepare(&folder.join("people/polling"), &PLACES)
}

/// The two officials of the desk.
///
/// # Errors
/// [`Trouble`].
pub fn officials(appliance: &crate::appliance::Appliance) -> Result<[Official; 2], Trouble> {
    Ok([appliance.staff("desk-1", Role::Poll)?, appliance.staff("desk-2", Role::Poll)?])
}

/// What the three do: the first voted online and comes nevertheless; the second filed a declaration; the third has no card, spoils a paper and gets another.
///
/// # Errors
/// [`Trouble`], also if the first one's paper did not take the place of the ballot.
pub fn day(hall: &TownHall<'_>, step: impl Fn()) -> Result<(), Trouble> {
    let [first, second, third] = hall.stage.votes.papers();
    hall.declare(second)?;
    let handed = hall.check_in(first)?;
    if handed.get("replaced") != Some(&Value::Bool(true)) {
        return Err(Trouble::new("the paper of somebody who voted online", format!("it took no ballot out of the count: {handed}")));
    }
    step();
    hall.check_in(second)?;
    step();
    hall.check_in_by_name(third)?;
    hall.undo(third)?;
    hall.check_in_by_name(third)?;
    step();
    hall.close()
}

/// How many electors vote on paper.
pub const VOTERS: usize = PAPERS;
