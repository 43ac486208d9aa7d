//! A voter's seat: a card in a process of its own behind a socket, and the console's commands as processes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a story that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use tachiai_schemas::receipt::BallotStatus;
use tempfile::TempDir;

use crate::appliance::{Outcome, Process, Programs, tell, with_secret};
use crate::card::Content;
use crate::story::{Scene, Story};

/// How long a card process may take until it listens.
const START: Duration = Duration::from_secs(20);

/// The seat.
pub struct Seat {
    programs: Programs,
    url: String,
    ca: PathBuf,
    /// Whatever the voter keeps; a socket's path is short here.
    pub folder: TempDir,
    card: Option<Process>,
    /// The file that tells the console of the card's generation, if it is one after today's.
    pub generation: Option<PathBuf>,
}

impl Seat {
    /// An elector sits down with the usual card.
    pub fn of(scene: &Scene, elector: usize) -> Seat {
        Seat::with(scene, &scene.card(elector), &[])
    }

    /// Somebody sits down with this card, in a reader that misbehaves in these ways (`--fault` of `tachiai-vcard`).
    pub fn with(scene: &Scene, content: &Content, faults: &[&str]) -> Seat {
        let folder = tempfile::Builder::new().prefix("seat-").tempdir().unwrap();
        content.write(&folder.path().join("card.json")).unwrap();
        let appliance = &scene.appliance;
        let mut seat = Seat { programs: appliance.programs().clone(), url: appliance.url(), ca: appliance.ca(), folder, card: None, generation: None };
        seat.insert(faults);
        seat
    }

    /// Puts the card into a reader anew.
    pub fn insert(&mut self, faults: &[&str]) {
        self.card = None;
        let socket = self.socket();
        let mut command = self.programs.command("tachiai-vcard").unwrap();
        command.arg("--card").arg(self.folder.path().join("card.json")).arg("--socket").arg(&socket);
        command.args(faults.iter().flat_map(|fault| ["--fault", fault]));
        let mut card = Process::start(command, &self.folder.path().join("card.log")).unwrap();
        let listening = |_: &Process| std::os::unix::net::UnixStream::connect(&socket).is_ok();
        card.wait_until(START, listening).unwrap_or_else(|trouble| panic!("{trouble}"));
        self.card = Some(card);
    }

    /// From here on the voter's program is led to another server.
    pub fn turn_to(&mut self, appliance: &crate::appliance::Appliance) {
        (self.url, self.ca) = (appliance.url(), appliance.ca());
    }

    /// The socket of the card.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("card")
    }

    /// A file of the voter's.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a command of the console that uses the card (its words parted by a space), with a secret on its standard input.
    pub fn run(&self, global: &[&str], command: &str, secret: &str, arguments: &[&str]) -> Outcome {
        let mut process = self.programs.command("tachiai").unwrap();
        process.current_dir(self.folder.path()).args(global).args(command.split(' '));
        process.args(["--server", &self.url]).arg("--ca").arg(&self.ca).arg("--card").arg(self.socket()).arg("--state").arg(self.file("state"));
        process.args(self.generation.iter().flat_map(|file| ["--card-generation".as_ref(), file.as_os_str()]));
        let _told = tell(&mut process, arguments).unwrap();
        with_secret(process, secret).unwrap()
    }

    /// Enrols with the usual password and PIN.
    pub fn enrol(&self) -> Outcome {
        self.run(&["--lang", "en"], "card enrol", "YABU2026\n1234", &["--password-fd", "0", "--pin-fd", "0"])
    }

    /// `vote` or `challenge` with a PIN, for a choice such as `mayor=m1`; the receipt goes into a file of this name.
    pub fn booth(&self, story: &Story, command: &str, pin: &str, choice: &str, receipt: &str) -> Outcome {
        self.booth_in("en", story, command, pin, choice, receipt)
    }

    /// The same in a language.
    pub fn booth_in(&self, lang: &str, story: &Story, command: &str, pin: &str, choice: &str, receipt: &str) -> Outcome {
        let (election, file) = (story.election().to_string(), self.file(receipt));
        let arguments = ["--election", &election, "--manifest", story.holding.fingerprint(), "--choice", choice, "--pin-fd", "0", "--yes", "--receipt"];
        self.run(&["--lang", lang], command, pin, &[&arguments[..], &[file.to_str().unwrap()]].concat())
    }

    /// Votes, which must succeed; gives the receipt's file.
    #[track_caller]
    pub fn vote(&self, story: &Story, choice: &str, receipt: &str) -> PathBuf {
        self.booth(story, "vote", "1234", choice, receipt).ok().unwrap_or_else(|trouble| panic!("{trouble}"));
        self.file(receipt)
    }

    /// Challenges, which must succeed; gives the files of receipt and opening.
    #[track_caller]
    pub fn challenge(&self, story: &Story, choice: &str, receipt: &str) -> (PathBuf, PathBuf) {
        self.booth(story, "challenge", "1234", choice, receipt).ok().unwrap_or_else(|trouble| panic!("{trouble}"));
        let file = self.file(receipt);
        (file.clone(), file.with_extension("opening.json"))
    }

    /// Votes with the usual PIN, and keeps what opens the ballot under the same word as passphrase.
    pub fn keep(&self, story: &Story, choice: &str, receipt: &str, kept: &str) -> Outcome {
        let (election, receipt, kept) = (story.election().to_string(), self.file(receipt), self.file(kept));
        let mut process = self.line("vote", "1234");
        process.arg("--card").arg(self.socket()).args(["--election", &election, "--manifest", story.holding.fingerprint(), "--choice", choice]);
        process.args(["--pin-fd", "0", "--yes", "--receipt"]).arg(receipt).arg("--keep-opening").arg(kept).args(["--opening-passphrase-fd", "0"]);
        Outcome::of(process).unwrap()
    }

    /// Challenges a ballot that was kept.
    pub fn challenge_kept(&self, story: &Story, passphrase: &str, kept: &str, receipt: &str) -> Outcome {
        let mut process = self.line("challenge", passphrase);
        process.args(["--manifest", story.holding.fingerprint(), "--kept"]).arg(self.file(kept)).args(["--opening-passphrase-fd", "0"]);
        process.arg("--yes").arg("--receipt").arg(self.file(receipt));
        Outcome::of(process).unwrap()
    }

    /// A command in this seat whose standard input is a file, so that a secret can be read from it more than once.
    fn line(&self, command: &str, secret: &str) -> std::process::Command {
        let file = self.file("secret");
        std::fs::write(&file, secret).unwrap();
        let mut process = self.programs.command("tachiai").unwrap();
        process.stdin(std::fs::File::open(&file).unwrap()).current_dir(self.folder.path()).args(["--lang", "en", command]);
        process.args(["--server", &self.url]).arg("--ca").arg(&self.ca).arg("--state").arg(self.file("state"));
        process
    }

    /// `receipt check`.
    #[track_caller]
    pub fn check(&self, story: &Story, receipt: &Path) -> BallotStatus {
        let mut process = self.programs.command("tachiai").unwrap();
        process.args(["--json", "receipt", "check"]).arg(receipt).args(["--server", &self.url, "--ca"]).arg(&self.ca);
        process.args(["--manifest", story.holding.fingerprint()]);
        Outcome::of(process).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap()
    }
}
