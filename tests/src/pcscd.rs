//! A PC/SC service of one's own: pcscd with virtual readers, beside whatever service the system runs and unseen by it.
//!
//! pcscd knows one place for its socket, `/run/pcscd`, and so this one runs in a mount namespace in which another folder
//! lies there. Programs outside reach it by the environment variable [`Pcscd::VARIABLE`], which the PC/SC library, and so
//! everything that uses cards, honours. No USB reader is touched: in the namespace the folder of drivers is empty, and
//! the virtual readers load theirs (vpcd) from copies, since one copy has two slots at most.
//!
//! vpcd listens on all interfaces of the machine, so this is for tests and demonstrations alone.

use std::env;
use std::ffi::OsString;
use std::fmt::Write;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;

use rustix::process::{Signal, geteuid};
use tempfile::TempDir;

use crate::appliance::{Process, Programs};
use crate::trouble::{Doing, Trouble};

/// The driver of Debian's `vsmartcard-vpcd`.
const DRIVER: &str = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
/// Where pcscd looks for the drivers of USB readers.
const USB_DRIVERS: &str = "/usr/lib/pcsc/drivers";
/// Slots of one loaded driver.
const SLOTS: usize = 2;
/// The most readers that pcscd has (`PCSCLITE_MAX_READERS_CONTEXTS`).
const MOST: usize = 16;
/// The most bytes that the path of a Unix socket has.
const LONGEST_PATH: usize = 107;
/// How long pcscd may take to start, and to see a card.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often other ports are tried when somebody was faster.
const ATTEMPTS: usize = 5;

/// What pcscd says when a card has come into a reader, and when it has left it, before the reader's name.
const INSERTED: &str = "Card inserted into";
const REMOVED: &str = "Card Removed From";

/// Runs in the namespace: `$1` is the folder, `$2` the program. The working folder stays reachable under the new `/run`.
const INSIDE: &str = r#"cd "$1"
mount --bind empty "$3"
mount -t tmpfs tmpfs /run
mkdir /run/pcscd
mount --bind run /run/pcscd
exec "$2" --foreground --info --config "$1/reader.conf""#;

/// One reader, with one slot for a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// Its name, as PC/SC says it.
    pub name: String,
    /// The port at which a card is put into it.
    pub port: u16,
}

/// A running pcscd with virtual readers. Dropping it ends it.
pub struct Pcscd {
    folder: TempDir,
    program: PathBuf,
    readers: Vec<Reader>,
    process: Option<Process>,
}

/// A card in a virtual reader: its process. Dropping it takes the card out.
pub struct Inserted {
    process: Process,
    removed_before: usize,
}

impl Pcscd {
    /// The environment variable that tells the PC/SC library where the service is.
    pub const VARIABLE: &str = "PCSCLITE_CSOCK_NAME";

    /// Starts the service with so many empty readers, at most 16; of an odd number there is one more, which nothing here uses.
    ///
    /// # Errors
    /// [`Trouble`] if pcscd or vpcd is not installed, if this system lets nobody make a namespace, or if it does not start.
    pub fn start(readers: usize) -> Result<Pcscd, Trouble> {
        let program = installed("pcscd")?;
        if !Path::new(DRIVER).exists() {
            return Err(missing(DRIVER));
        }
        if readers > MOST {
            return Err(Trouble::new("starting pcscd", format!("it can have {MOST} readers, not {readers}")));
        }
        let folder = tempfile::Builder::new().prefix("tachiai-pcscd-").tempdir().doing("a folder for pcscd")?;
        if folder.path().join("run/pcscd.comm").as_os_str().len() > LONGEST_PATH {
            return Err(Trouble::file(folder.path(), "this path is too long for a socket").hint("set TMPDIR to a shorter one, such as /tmp"));
        }
        let mut pcscd = Pcscd { folder, program, readers: Vec::new(), process: None };
        for name in ["run", "empty", "drivers"] {
            let path = pcscd.folder.path().join(name);
            fs::create_dir(&path).map_err(|error| Trouble::file(&path, error))?;
        }
        // Ports are free when they are looked for, and may not be when pcscd takes them.
        let mut last = None;
        for _ in 0..ATTEMPTS {
            pcscd.configure(readers)?;
            match pcscd.restart() {
                Ok(()) => return Ok(pcscd),
                Err(trouble) if pcscd.port_was_taken() => last = Some(trouble),
                Err(trouble) => return Err(trouble),
            }
        }
        Err(last.unwrap_or_else(|| Trouble::new("starting pcscd", "no ports")))
    }

    /// The service's socket, the value of [`Pcscd::VARIABLE`].
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("run/pcscd.comm")
    }

    /// Its readers.
    pub fn readers(&self) -> &[Reader] {
        &self.readers
    }

    /// One of its readers.
    ///
    /// # Errors
    /// [`Trouble`] if it has fewer.
    pub fn reader(&self, index: usize) -> Result<&Reader, Trouble> {
        self.readers.get(index).doing(format!("there is no reader {index}"))
    }

    /// Has a command use this service.
    pub fn used_by<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env(Pcscd::VARIABLE, self.socket())
    }

    /// Puts the card of this file into a reader, by a process of its own that may misbehave, and waits until the service
    /// has seen it.
    ///
    /// # Errors
    /// [`Trouble`] if there is no such reader, or the card is not seen.
    pub fn insert(&self, programs: &Programs, reader: usize, card: &Path, arguments: &[&str]) -> Result<Inserted, Trouble> {
        let Reader { name, port } = self.reader(reader)?;
        let service = self.process.as_ref().doing("pcscd does not run")?;
        let seen = |what: &str| service.said().matches(&format!("{what} {name}")).count();
        let (before, removed_before) = (seen(INSERTED), seen(REMOVED));
        let mut command = programs.command("tachiai-vcard")?;
        command.arg("--card").arg(card).args(["--vpcd", &port.to_string()]).args(arguments);
        let mut process = Process::start(command, &self.folder.path().join(format!("card-{port}.log")))?;
        process.wait_until(PATIENCE, |_| seen(INSERTED) > before)?;
        Ok(Inserted { process, removed_before })
    }

    /// Waits until the service has seen a card come into a reader since it was started.
    ///
    /// # Errors
    /// [`Trouble`] if it does not.
    pub fn wait_for_card(&mut self, reader: usize) -> Result<(), Trouble> {
        self.wait_until_seen(INSERTED, reader, 0)
    }

    /// Waits until the service has seen that a card, which a fault removed, has left its reader and its process ended.
    ///
    /// # Errors
    /// [`Trouble`] if either does not happen.
    pub fn wait_for_removal(&mut self, reader: usize, card: Inserted) -> Result<(), Trouble> {
        let Inserted { process, removed_before } = card;
        process.wait(PATIENCE)?;
        self.wait_until_seen(REMOVED, reader, removed_before)
    }

    /// Takes a card out, and waits until the service has seen that.
    ///
    /// # Errors
    /// [`Trouble`] if it does not.
    pub fn remove(&mut self, reader: usize, card: Inserted) -> Result<(), Trouble> {
        let Inserted { process, removed_before } = card;
        process.stop()?;
        self.wait_until_seen(REMOVED, reader, removed_before)
    }

    /// Waits until the service has said this of a reader more often than so many times.
    fn wait_until_seen(&mut self, what: &str, reader: usize, before: usize) -> Result<(), Trouble> {
        let line = format!("{what} {}", self.reader(reader)?.name);
        let service = self.process.as_mut().doing("pcscd does not run")?;
        service.wait_until(PATIENCE, |service| service.said().matches(&line).count() > before)
    }

    /// Kills the service (SIGKILL), as a crash would.
    ///
    /// # Errors
    /// [`Trouble`] if it does not run.
    pub fn kill(&mut self) -> Result<(), Trouble> {
        self.process.take().doing("pcscd does not run")?.kill()
    }

    /// Sends the service a signal, such as SIGSTOP, after which it answers nobody.
    ///
    /// # Errors
    /// [`Trouble`] if it does not run.
    pub fn signal(&self, signal: Signal) -> Result<(), Trouble> {
        self.process.as_ref().doing("pcscd does not run")?.signal(signal)
    }

    /// Takes every reader away: the service starts again and has none.
    ///
    /// # Errors
    /// [`Trouble`] if it does not start.
    pub fn unplug(&mut self) -> Result<(), Trouble> {
        self.kill()?;
        self.configure(0)?;
        self.restart()
    }

    /// Starts the service again, with the same readers at the same ports; ends it before, if it runs. Cards come back by
    /// themselves.
    ///
    /// # Errors
    /// [`Trouble`] if it does not start.
    pub fn restart(&mut self) -> Result<(), Trouble> {
        if let Some(process) = self.process.take() {
            process.stop()?;
        }
        // What a killed one left behind.
        for name in ["pcscd.comm", "pcscd.pid"] {
            let path = self.folder.path().join("run").join(name);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(Trouble::file(&path, error)),
                _ => {}
            }
        }
        let mut command = Command::new("unshare");
        command.args(if geteuid().is_root() { &["--mount"][..] } else { &["--user", "--map-root-user", "--mount"] });
        command.args(["sh", "-e", "-c", INSIDE, "sh"]).arg(self.folder.path()).arg(&self.program).arg(USB_DRIVERS);
        let process = self.process.insert(Process::start(command, &self.log())?);
        let socket = self.folder.path().join("run/pcscd.comm");
        let ready = |process: &Process| socket.exists() && process.said().contains("daemon ready");
        process.wait_until(PATIENCE, ready).map_err(|trouble| {
            trouble.hint("a private pcscd runs in a mount namespace (unshare), which root may make, and others where user namespaces are allowed")
        })?;
        let said = process.said();
        if let Some(Reader { port, .. }) = self.readers.iter().find(|reader| !said.contains(&waiting(reader.port))) {
            let trouble = Trouble::new("starting pcscd", format!("its reader at port {port} did not start\n{said}"));
            self.process = None;
            return Err(trouble);
        }
        Ok(())
    }

    /// Ends the service.
    ///
    /// # Errors
    /// [`Trouble`] if it does not end well.
    pub fn stop(mut self) -> Result<(), Trouble> {
        self.process.take().map_or(Ok(()), Process::stop)
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("pcscd.log")
    }

    fn port_was_taken(&self) -> bool {
        let said = fs::read_to_string(self.log()).unwrap_or_default();
        said.contains("Could not initialize connection to virtual ICC")
    }

    /// Chooses ports and writes `reader.conf`.
    fn configure(&mut self, readers: usize) -> Result<(), Trouble> {
        self.readers.clear();
        let mut text = String::new();
        for driver in 0..readers.div_ceil(SLOTS) {
            let path = self.folder.path().join(format!("drivers/vpcd-{driver}.so"));
            fs::copy(DRIVER, &path).map_err(|error| Trouble::file(&path, error))?;
            let (name, port) = (format!("Tachiai virtual reader {}", char::from(b'A'.saturating_add(driver as u8))), neighbours()?);
            let library = path.display();
            // Writing to a string does not fail.
            let _ = writeln!(text, "FRIENDLYNAME \"{name}\"\nDEVICENAME /dev/null:{port:#X}\nLIBPATH {library}\nCHANNELID {port:#X}\n");
            // pcscd numbers drivers' devices and slots, two hexadecimal digits each.
            self.readers.extend((0..SLOTS as u16).map(|slot| Reader { name: format!("{name} 00 {slot:02X}"), port: port + slot }));
        }
        self.readers.truncate(readers);
        let path = self.folder.path().join("reader.conf");
        fs::write(&path, text).map_err(|error| Trouble::file(&path, error))
    }
}

impl Inserted {
    /// Waits until its process has ended, which it does when a fault removed the card; the service may see it later.
    ///
    /// # Errors
    /// [`Trouble`] if it goes on.
    pub fn wait(self) -> Result<ExitStatus, Trouble> {
        self.process.wait(PATIENCE)
    }
}

fn waiting(port: u16) -> String {
    format!("Waiting for virtual ICC on port {port}\n")
}

/// The first of two ports that are free and lie side by side.
fn neighbours() -> Result<u16, Trouble> {
    for _ in 0..100 {
        let first = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).doing("looking for a free port")?;
        let port = first.local_addr().doing("looking for a free port")?.port();
        if port < u16::MAX && TcpListener::bind((Ipv4Addr::UNSPECIFIED, port + 1)).is_ok() {
            return Ok(port);
        }
    }
    Err(Trouble::new("looking for two free ports side by side", "there are none"))
}

/// Where a program is; daemons are not always in the path.
fn installed(program: &str) -> Result<PathBuf, Trouble> {
    let path = env::var_os("PATH").unwrap_or_else(|| OsString::from("/usr/bin:/bin"));
    let folders = env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join(program)).find(|path| path.is_file()).ok_or_else(|| missing(program))
}

fn missing(what: &str) -> Trouble {
    Trouble::new(what, "this is not installed, and virtual cards in real readers need it")
        .hint("as root: apt-get install -y --no-install-recommends pcscd vsmartcard-vpcd")
}
