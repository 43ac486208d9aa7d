//! A desk with card readers: a PC/SC service of its own, cards in its readers, and the console that uses them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a story that cannot go on fails")]

use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::fs::OFlags;
use rustix::termios::{LocalModes, tcgetattr};
use serde_json::{Value, json};
use tachiai_jpki::{BirthDate, FourAttributes, Sex, Substitutes, UnixTime, Validity};
use tempfile::TempDir;

use crate::appliance::{Outcome, Programs, with_secret};
use crate::card::{Authorities, Content, KeyPool, Order};
use crate::pcscd::{Inserted, Pcscd};
use crate::story::until;

/// The desk.
pub struct Desk {
    /// The service.
    pub pcscd: Pcscd,
    /// The programs.
    pub programs: Programs,
    /// Where the cards' files lie.
    pub folder: TempDir,
}

/// Hanako, as her card tells her.
pub fn hanako() -> FourAttributes {
    let (name, address) = ("番号　花子".to_owned(), "兵庫県養父市八鹿町八鹿1675".to_owned());
    FourAttributes {
        name_substitutes: Substitutes::none_in(&name),
        address_substitutes: Substitutes::none_in(&address),
        birth_date: BirthDate::from_iso("1980-02-17").unwrap(),
        sex: Sex::Female,
        name,
        address,
    }
}

/// A time for cards that are always the same, to be judged at a time that is set.
pub fn set_validity() -> Validity {
    let time = |text| UnixTime::from_rfc3339(text).unwrap();
    Validity { not_before: time("2026-04-01T00:00:00Z"), not_after: time("2031-02-17T14:59:59Z") }
}

/// Hanako's card, which is valid now, and may be changed before it is made.
pub fn card_of_hanako(change: impl FnOnce(&mut Order)) -> Content {
    let now = crate::voters::now().unix().unsigned_abs();
    let year = 365 * 86_400;
    let validity = Validity { not_before: UnixTime::from_secs(now - year), not_after: UnixTime::from_secs(now + 3 * year) };
    let mut order = Order::usual(0, hanako(), validity);
    change(&mut order);
    order.issue(&Authorities::with_published_keys(validity).unwrap(), &KeyPool::shared()).unwrap()
}

impl Desk {
    /// A desk with so many empty readers.
    pub fn with(readers: usize) -> Desk {
        let pcscd = Pcscd::start(readers).unwrap_or_else(|trouble| panic!("{trouble}"));
        Desk { pcscd, programs: Programs::beside_this().unwrap(), folder: tempfile::tempdir().unwrap() }
    }

    /// Puts a card into a reader, which misbehaves in these ways (`--fault` of `tachiai-vcard`).
    pub fn insert(&self, reader: usize, card: &Content, faults: &[&str]) -> Inserted {
        let file = self.folder.path().join(format!("card-{reader}.json"));
        card.write(&file).unwrap();
        self.put_back(reader, faults)
    }

    /// Puts the card that was in a reader before into it again.
    pub fn put_back(&self, reader: usize, faults: &[&str]) -> Inserted {
        let file = self.folder.path().join(format!("card-{reader}.json"));
        let arguments: Vec<&str> = faults.iter().flat_map(|fault| ["--fault", fault]).collect();
        self.pcscd.insert(&self.programs, reader, &file, &arguments).unwrap_or_else(|trouble| panic!("{trouble}"))
    }

    /// Takes a card out.
    pub fn remove(&mut self, reader: usize, card: Inserted) {
        self.pcscd.remove(reader, card).unwrap_or_else(|trouble| panic!("{trouble}"));
    }

    /// Waits until a card is gone that a fault removes.
    pub fn gone(&mut self, reader: usize, card: Inserted) {
        self.pcscd.wait_for_removal(reader, card).unwrap_or_else(|trouble| panic!("{trouble}"));
    }

    /// The name of a reader.
    pub fn reader(&self, index: usize) -> String {
        self.pcscd.reader(index).unwrap().name.clone()
    }

    /// The console with these arguments, at this desk.
    pub fn console(&self, arguments: &[&str]) -> Command {
        let mut command = self.programs.command("tachiai").unwrap();
        self.pcscd.used_by(command.current_dir(self.folder.path()).args(arguments));
        command
    }

    /// Runs the console.
    pub fn run(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(self.console(arguments)).unwrap()
    }

    /// Runs the console with a secret on its standard input.
    pub fn run_with(&self, secret: &str, arguments: &[&str]) -> Outcome {
        with_secret(self.console(arguments), secret).unwrap()
    }

    /// Runs the console with a file of secrets as its standard input, which can be read from its beginning more than once.
    pub fn run_from_file(&self, secrets: &str, arguments: &[&str]) -> Outcome {
        let path = self.folder.path().join("secrets");
        fs::write(&path, secrets).unwrap();
        let mut console = self.console(arguments);
        console.stdin(fs::File::open(&path).unwrap());
        Outcome::of(console).unwrap()
    }

    /// Starts the console at a terminal.
    pub fn terminal(&self, arguments: &[&str]) -> Terminal {
        Terminal::start(self.console(arguments))
    }

    /// Starts the console, and waits until it has read what it can of the card in a reader and asks for a secret.
    pub fn start_until_it_asks(&self, reader: usize, arguments: &[&str]) -> Waiting {
        self.start_in_shell_until_it_asks(reader, "", arguments)
    }

    /// The same where no more than so many kB of memory may be locked, whoever runs it.
    pub fn start_limited_until_it_asks(&self, reader: usize, locked: u32, arguments: &[&str]) -> Waiting {
        let leave = if rustix::process::geteuid().is_root() { "setpriv --bounding-set=-ipc_lock" } else { "" };
        self.start_by_shell_until_it_asks(reader, &format!("ulimit -l {locked}; exec {leave} \"$0\" \"$@\""), arguments)
    }

    /// The same with redirections of the shell, such as `3<file`.
    pub fn start_in_shell_until_it_asks(&self, reader: usize, redirections: &str, arguments: &[&str]) -> Waiting {
        self.start_by_shell_until_it_asks(reader, &format!("exec \"$0\" \"$@\" {redirections}"), arguments)
    }

    fn start_by_shell_until_it_asks(&self, reader: usize, line: &str, arguments: &[&str]) -> Waiting {
        let console = self.console(arguments);
        let mut shell = Command::new("sh");
        shell.args(["-c", line]).arg(console.get_program()).args(console.get_args());
        self.pcscd.used_by(shell.current_dir(self.folder.path()).env("LC_ALL", "C.UTF-8"));
        let waiting = Waiting(Some(shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()));
        let taken = json!({ "name": self.reader(reader), "holds": "card-in-use" });
        until("a card is in use", || self.run(&["--json", "card", "readers"]).json::<Value>().unwrap()["readers"].as_array().unwrap().contains(&taken));
        until("the console waits for its secret", || waiting.is_quiet());
        waiting
    }
}

/// What a terminal showed, and the exit code.
#[derive(Debug)]
pub struct Conversation {
    /// All that stood on the screen.
    pub shown: String,
    /// The exit code.
    pub code: Option<i32>,
}

/// A program at a terminal of its own. Dropping it kills it.
pub struct Terminal {
    child: Child,
    keys: ChildStdin,
    screen: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
    seen: usize,
}

impl Terminal {
    /// Starts a command at a terminal.
    pub fn start(command: Command) -> Terminal {
        // The program `script` gives the terminal; it takes one line for the shell.
        let quoted = |word: &OsStr| format!("'{}'", word.to_str().unwrap());
        let line = std::iter::once(command.get_program()).chain(command.get_args()).map(quoted).collect::<Vec<_>>().join(" ");
        let mut script = Command::new("script");
        script.args(["--quiet", "--return", "--flush", "--command", &format!("exec {line}"), "/dev/null"]).env("TERM", "xterm").env("SHELL", "/bin/sh");
        script.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?)))).current_dir(command.get_current_dir().unwrap());
        let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let (keys, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let screen = Arc::new(Mutex::new(String::new()));
        let shown = screen.clone();
        let reader = thread::spawn(move || {
            let (mut bytes, mut chunk) = (Vec::new(), [0; 1024]);
            while let Ok(count @ 1..) = output.read(&mut chunk) {
                bytes.extend_from_slice(&chunk[..count]);
                *shown.lock().unwrap() = String::from_utf8_lossy(&bytes).into_owned();
            }
        });
        Terminal { child, keys, screen, reader: Some(reader), seen: 0 }
    }

    /// Waits until this stands on the screen, after what was waited for before.
    #[track_caller]
    pub fn expect(mut self, text: &str) -> Terminal {
        let start = Instant::now();
        loop {
            let screen = self.screen.lock().unwrap().clone();
            // The last character may have come in halves, so the screen may have become shorter.
            if let Some(at) = screen.get(self.seen..).and_then(|rest| rest.find(text)) {
                self.seen += at + text.len();
                return self;
            }
            assert!(start.elapsed() < Duration::from_secs(30), "this did not come: {text}\n{screen}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Types a line.
    pub fn say(mut self, line: &str) -> Terminal {
        self.keys.write_all(format!("{line}\n").as_bytes()).unwrap();
        self
    }

    /// Types a secret, as soon as the terminal does not show what is typed.
    #[track_caller]
    pub fn secret(self, line: &str) -> Terminal {
        until("the terminal hides what is typed", || !self.echoes());
        self.say(line)
    }

    /// How often the program gave way of itself so far, as a program does that waits; one that asks without a pause does it all the time.
    pub fn waits(&self) -> u64 {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.program())).unwrap();
        // A thread may have ended.
        let statuses = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("status")).ok());
        let of = |status: String| -> Option<u64> { status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?.trim().parse().ok() };
        statuses.filter_map(of).sum()
    }

    /// The program at the terminal: the only child of `script`.
    fn program(&self) -> u32 {
        let script = self.child.id();
        fs::read_to_string(format!("/proc/{script}/task/{script}/children")).unwrap().trim().parse().unwrap()
    }

    fn echoes(&self) -> bool {
        // Not even the user whose program it is may look at its open files. The seventh field is the terminal's device.
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.program())).unwrap();
        let device: u32 = stat.rsplit_once(") ").unwrap().1.split(' ').nth(4).unwrap().parse().unwrap();
        let number = ((device >> 8 & 0xFFF) - 136) * 256 + (device & 0xFF);
        let terminal = fs::File::options().read(true).write(true).custom_flags(OFlags::NOCTTY.bits().cast_signed()).open(format!("/dev/pts/{number}")).unwrap();
        tcgetattr(&terminal).unwrap().local_modes.contains(LocalModes::ECHO)
    }

    /// Waits for the end.
    pub fn end(mut self) -> Conversation {
        let code = self.child.wait().unwrap().code();
        self.reader.take().unwrap().join().unwrap();
        let shown = self.screen.lock().unwrap().clone();
        Conversation { shown, code }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The console while it waits for its standard input. Dropping it kills it.
pub struct Waiting(Option<Child>);

impl Waiting {
    /// Its process ID.
    pub fn id(&self) -> u32 {
        self.0.as_ref().unwrap().id()
    }

    /// Whether it did nothing at all for a while: it waits for a secret then, for a card is talked to without a pause.
    fn is_quiet(&self) -> bool {
        let switches = || {
            let status = fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
            status.lines().filter(|line| line.contains("ctxt_switches")).map(str::to_owned).collect::<Vec<_>>()
        };
        let before = switches();
        thread::sleep(Duration::from_millis(500));
        before == switches()
    }

    /// Gives it what it waits for, and waits until it has read that and waits for something else.
    pub fn takes(mut self, secret: &str) -> Waiting {
        self.0.as_mut().unwrap().stdin.take().unwrap().write_all(secret.as_bytes()).unwrap();
        until("the console waits again", || self.is_quiet());
        self
    }

    /// Gives it what it waits for, and waits for its end.
    pub fn goes_on(mut self, secret: &str) -> Outcome {
        if let Some(mut stdin) = self.0.as_mut().unwrap().stdin.take() {
            // It may have ended already.
            let _ = stdin.write_all(secret.as_bytes());
        }
        self.ends()
    }

    /// Waits for its end, giving it nothing.
    pub fn ends(mut self) -> Outcome {
        let mut child = self.0.take().unwrap();
        // Kept open, for the end of its input is something that it is given.
        let _stdin = child.stdin.take();
        let output = child.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Outcome { command: "tachiai".to_owned(), code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            // It may have ended.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
