//! The first three voters use the programs that everybody uses: a card process behind a socket, `tachiai` as a process.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tachiai_schemas::receipt::BallotStatus;

use super::{Folder, Stage, votes};
use crate::appliance::{Appliance, Outcome, Process, Programs, with_secret};
use crate::trouble::{Doing, Trouble};

/// How many voters go by hand.
pub const BY_HAND: usize = 3;

/// How long a card process may take until it listens.
const START: Duration = Duration::from_secs(20);

/// The usual PIN and password of simulated cards.
pub const PIN: &str = "1234";
/// The usual password of the signing key.
pub const PASSWORD: &str = "YABU2026";

/// The candidates, as `--choice` names them.
const CHOICES: [&str; 5] = ["mayor=m1", "mayor=m2", "mayor=m3", "mayor=m4", "mayor="];

/// A voter at a terminal: a card in a process of its own, and the console's commands.
pub struct Terminal {
    programs: Programs,
    /// Where the card listens.
    pub socket: PathBuf,
    /// The device's memory.
    pub state: PathBuf,
    url: String,
    ca: PathBuf,
    _card: Process,
}

impl Terminal {
    /// Voter `number` sits down: the card is written to a file and served at a socket in `sockets`.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn of(stage: &Stage, number: usize, folder: &Folder, sockets: &Path) -> Result<Terminal, Trouble> {
        let programs = stage.appliance.programs().clone();
        let content = stage.cards.get(number).doing(format!("there is no voter {number}"))?;
        let file = folder.join("cards").join(format!("card-{number}.json"));
        content.write(&file).doing("writing a card's file")?;
        // A socket's path may have 108 bytes, so it does not lie in the build folder, which may be deep.
        let socket = sockets.join(format!("card-{number}"));
        let mut command = programs.command("tachiai-vcard")?;
        command.arg("--card").arg(&file).arg("--socket").arg(&socket);
        let mut card = Process::start(command, &folder.join("cards").join("vcard.log"))?;
        card.wait_until(START, |_| socket.exists())?;
        let state = folder.make(&format!("people/voter-{number}"))?;
        let appliance: &Appliance = &stage.appliance;
        Ok(Terminal { programs, socket, state, url: appliance.url(), ca: appliance.ca(), _card: card })
    }

    /// The options that say where the appliance and the card are.
    fn line(&self) -> Vec<String> {
        let Terminal { programs: _, socket, state, url, ca, _card: _ } = self;
        let pairs =
            [("--server", url.clone()), ("--ca", ca.display().to_string()), ("--card", socket.display().to_string()), ("--state", state.display().to_string())];
        pairs.into_iter().flat_map(|(option, value)| [option.to_owned(), value]).collect()
    }

    /// Runs a command that reads a secret from its standard input.
    ///
    /// # Errors
    /// [`Trouble`] if it cannot be started.
    pub fn run(&self, command: &str, secret: &str, arguments: &[&str]) -> Result<Outcome, Trouble> {
        let mut process = self.programs.command("tachiai")?;
        process.current_dir(&self.state).args(["--lang", "en"]).args(command.split(' ')).args(self.line()).args(arguments);
        with_secret(process, secret)
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
        let arguments = ["--election", &election, "--manifest", stage.holding.fingerprint(), "--choice", choice, "--pin-fd", "0", "--yes", "--receipt", &file];
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
pub struct ByHand {
    terminals: Vec<Terminal>,
    counted: Vec<PathBuf>,
    superseded: PathBuf,
    challenged: PathBuf,
}

/// The three enrol and vote: the first once, the second after a challenged ballot, the third twice.
///
/// # Errors
/// [`Trouble`].
pub fn vote(stage: &Stage, folder: &Folder, sockets: &Path, step: impl Fn()) -> Result<ByHand, Trouble> {
    let terminals = (0..BY_HAND).map(|number| Terminal::of(stage, number, folder, sockets)).collect::<Result<Vec<_>, _>>()?;
    for terminal in &terminals {
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

impl ByHand {
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

    /// How many receipts there are.
    pub fn receipts(&self) -> usize {
        self.counted.len() + 2
    }

    /// The receipts of ballots that count.
    pub fn counted(&self) -> &[PathBuf] {
        &self.counted
    }
}
