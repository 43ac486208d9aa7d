//! The first three voters use the programs that everybody uses: a card in a reader, `tachiai` as a process.

use std::path::{Path, PathBuf};
use std::process::Command;

use tachiai_schemas::Lang;
use tachiai_schemas::receipt::BallotStatus;

use super::readers::Held;
use super::stage::Extent;
use super::{Folder, Readers, Stage, votes};
use crate::appliance::{Appliance, Outcome, Programs, with_secret};
use crate::trouble::{Doing, Trouble};

/// How many voters go by hand.
pub const BY_HAND: usize = 3;

/// The usual PIN and password of simulated cards.
pub const PIN: &str = "1234";
/// The usual password of the signing key.
pub const PASSWORD: &str = "YABU2026";

/// The candidates, as `--choice` names them.
const CHOICES: [&str; 5] = ["mayor=m1", "mayor=m2", "mayor=m3", "mayor=m4", "mayor="];

/// A voter at a terminal: a card, and the console's commands.
pub struct Terminal<'a> {
    programs: Programs,
    readers: &'a Readers,
    number: usize,
    /// The file of the card.
    pub file: PathBuf,
    /// The device's memory.
    pub state: PathBuf,
    log: PathBuf,
    url: String,
    ca: PathBuf,
    card: Option<Held>,
}

impl<'a> Terminal<'a> {
    /// Voter `number` sits down; the card is written to a file and not in its reader yet.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn of(stage: &Stage, number: usize, folder: &Folder, readers: &'a Readers) -> Result<Terminal<'a>, Trouble> {
        let programs = stage.appliance.programs().clone();
        let content = stage.cards.get(number).doing(format!("there is no voter {number}"))?;
        let file = folder.join("cards").join(format!("card-{number}.json"));
        content.write(&file).doing("writing a card's file")?;
        let (state, log) = (folder.make(&format!("people/voter-{number}"))?, folder.join("cards/vcard.log"));
        let appliance: &Appliance = &stage.appliance;
        Ok(Terminal { programs, readers, number, file, state, log, url: appliance.url(), ca: appliance.ca(), card: None })
    }

    /// The voter puts the card into the reader.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn insert(&mut self) -> Result<(), Trouble> {
        self.card = Some(self.readers.insert(&self.programs, self.number, &self.file, &self.log)?);
        Ok(())
    }

    /// The options that say where the card is and what the device remembers.
    ///
    /// # Errors
    /// [`Trouble`] if there is no place for the card.
    pub fn card_options(&self) -> Result<Vec<String>, Trouble> {
        let mut options = self.readers.options(self.number)?.to_vec();
        options.extend(["--state".to_owned(), self.state.display().to_string()]);
        Ok(options)
    }

    fn console(&self, lang: Lang, command: &str) -> Result<Command, Trouble> {
        let mut process = self.programs.command("tachiai")?;
        self.readers.used_by(&mut process);
        process
            .current_dir(&self.state)
            .args(["--lang", lang.pick("ja", "en")])
            .args(command.split(' '))
            .args(["--server", &self.url])
            .arg("--ca")
            .arg(&self.ca);
        process.args(self.card_options()?);
        Ok(process)
    }

    /// Runs a command that reads a secret from its standard input.
    ///
    /// # Errors
    /// [`Trouble`] if it cannot be started.
    pub fn run(&self, command: &str, secret: &str, arguments: &[&str]) -> Result<Outcome, Trouble> {
        let mut process = self.console(Lang::En, command)?;
        process.args(arguments);
        with_secret(process, secret)
    }

    /// Does something after a login with the card's PIN, and gives what the console says.
    ///
    /// # Errors
    /// [`Trouble`] unless it is done.
    pub fn by_card(&self, command: &str, lang: Lang, arguments: &[&str]) -> Result<String, Trouble> {
        let mut process = self.console(lang, command)?;
        process.args(["--pin-fd", "0"]).args(arguments);
        Ok(with_secret(process, PIN)?.ok()?.stdout)
    }

    /// Binds the card to its holder.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn enrol(&self) -> Result<(), Trouble> {
        self.run("card enrol", &format!("{PASSWORD}\n{PIN}"), &["--password-fd", "0", "--pin-fd", "0"])?.ok().map(drop)
    }

    fn vote(&self, stage: &Stage, column: usize, receipt: &str) -> Result<PathBuf, Trouble> {
        self.booth("vote", stage, column, receipt)
    }

    fn booth(&self, command: &str, stage: &Stage, column: usize, receipt: &str) -> Result<PathBuf, Trouble> {
        let choice = CHOICES.get(column).copied().unwrap_or("mayor=");
        let path = self.state.join(receipt);
        let file = path.display().to_string();
        let election = stage.holding.election.to_string();
        let mut arguments = vec!["--election", &election, "--manifest", stage.holding.fingerprint(), "--choice", choice];
        if stage.extent == Extent::WithPaper && stage.votes.in_ward(self.number) {
            arguments.extend(["--choice", "ward="]);
        }
        arguments.extend(["--pin-fd", "0", "--yes", "--receipt", &file]);
        self.run(command, PIN, &arguments)?.ok()?;
        Ok(path)
    }

    /// Asks what became of a ballot.
    fn status(&self, receipt: &Path, stage: &Stage) -> Result<BallotStatus, Trouble> {
        let mut process = self.programs.command("tachiai")?;
        process.args(["--json", "receipt", "check"]).arg(receipt).args(["--server", &self.url, "--ca"]).arg(&self.ca);
        process.args(["--manifest", stage.holding.fingerprint()]);
        Outcome::of(process)?.ok()?.json()
    }
}

/// What the three did: receipts, and what must become of them.
pub struct ByHand<'a> {
    terminals: Vec<Terminal<'a>>,
    counted: Vec<PathBuf>,
    superseded: PathBuf,
    challenged: PathBuf,
}

/// The three enrol and vote: the first once, the second after a challenged ballot, the third twice.
///
/// # Errors
/// [`Trouble`].
pub fn vote<'a>(stage: &Stage, folder: &Folder, readers: &'a Readers, step: impl Fn()) -> Result<ByHand<'a>, Trouble> {
    let mut terminals = (0..BY_HAND).map(|number| Terminal::of(stage, number, folder, readers)).collect::<Result<Vec<_>, _>>()?;
    for terminal in &mut terminals {
        terminal.insert()?;
        terminal.enrol()?;
    }
    let [first, second, third] = terminals.as_slice() else { return Err(Trouble::new("voting by hand", "three voters are needed")) };
    let mut counted = vec![first.vote(stage, votes::choice(0), "receipt.json")?];
    step();
    let challenged = second.booth("challenge", stage, votes::first_choice(1), "challenged.json")?;
    second_device(&second.programs, &challenged)?;
    counted.push(second.vote(stage, votes::choice(1), "receipt.json")?);
    step();
    let superseded = third.vote(stage, votes::first_choice(2), "first.json")?;
    counted.push(third.vote(stage, votes::choice(2), "second.json")?);
    step();
    Ok(ByHand { terminals, counted, superseded, challenged })
}

/// Checks the opened ballot as on another device, from the receipt's file and the opening alone.
fn second_device(programs: &Programs, receipt: &Path) -> Result<(), Trouble> {
    let mut command = programs.command("tachiai-verify")?;
    command.arg("ballot").arg(receipt).arg(receipt.with_extension("opening.json"));
    Outcome::of(command)?.ok().map(drop)
}

impl ByHand<'_> {
    /// Checks every receipt against the appliance.
    ///
    /// # Errors
    /// [`Trouble`] if a ballot has another fate than it must have.
    pub fn check(&self, stage: &Stage) -> Result<(), Trouble> {
        let ByHand { terminals, counted, superseded, challenged } = self;
        let terminal = terminals.first().doing("no terminal")?;
        let wrong = |receipt: &Path, status: BallotStatus| Err(Trouble::new(receipt.display(), format!("an unexpected fate: {status:?}")));
        for receipt in counted {
            match terminal.status(receipt, stage)? {
                BallotStatus::Counted { .. } => {}
                status => return wrong(receipt, status),
            }
        }
        match terminal.status(superseded, stage)? {
            BallotStatus::Superseded { .. } => {}
            status => return wrong(superseded, status),
        }
        match terminal.status(challenged, stage)? {
            BallotStatus::Challenged { .. } => Ok(()),
            status => wrong(challenged, status),
        }
    }

    /// The first of them, at the terminal.
    pub fn first(&self) -> Option<&Terminal<'_>> {
        self.terminals.first()
    }

    /// How many receipts there are.
    pub fn receipts(&self) -> usize {
        self.counted.len() + 2
    }

    /// The receipts of ballots that count.
    pub fn counted(&self) -> &[PathBuf] {
        &self.counted
    }
}
