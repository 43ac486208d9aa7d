//! An appliance of real processes: a fresh data folder, the daemon, its staff, and the authority of its residents' cards.
//!
//! Nothing here reaches into the daemon: it is made by `tachiaid init`, configured by its file, and spoken to over TLS by
//! the programs that people use. Whatever was started ends with the value that stands for it.
//!
//! | file | holds |
//! |---|---|
//! | `programs.rs` | [`Programs`]: where the programs lie, and [`Outcome`], how one ended |
//! | `process.rs` | [`Process`]: one that goes on until it is stopped |
//! | `residents.rs` | [`Residents`]: the test CA, its revocation lists, and the cards it issues |
//! | `official.rs` | [`Official`]: a member of staff with a profile, and what they ask for |
//! | `told.rs` | [`tell`]: what the console is told of a person, through a descriptor |

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tachiai_schemas::Lang;
use tachiai_schemas::staff::Role;

use crate::trouble::{Doing, Trouble};

mod official;
mod process;
mod programs;
mod residents;
mod told;

pub use official::Official;
pub use official::with_secret;
pub use process::{Process, terminate_all};
pub use programs::{Outcome, Programs};
pub use residents::Residents;
pub use told::{Told, tell};

/// The name under which everyone reaches the appliance; it stands in what cards sign.
pub const HOST: &str = "localhost";

/// How long the daemon may take until it listens: it replays its journals first.
const START: Duration = Duration::from_secs(120);

/// A fresh appliance and its daemon, if it runs.
pub struct Appliance {
    programs: Programs,
    folder: PathBuf,
    public: SocketAddr,
    staff: SocketAddr,
    daemon: Option<Process>,
}

impl Appliance {
    /// Makes an appliance in a folder that is empty or not there, trusting the residents' cards, on free ports of this
    /// machine. `adjust` may change the configuration. The daemon does not run yet.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn create(programs: Programs, folder: &Path, residents: &Residents, adjust: impl FnOnce(&mut toml::Table)) -> Result<Appliance, Trouble> {
        fs::create_dir_all(folder).map_err(|error| Trouble::file(folder, error))?;
        let folder = fs::canonicalize(folder).map_err(|error| Trouble::file(folder, error))?;
        let data = folder.join("data");
        let mut command = programs.command("tachiaid")?;
        command.arg("init").arg("--data").arg(&data).args(["--host", HOST, "--host", "127.0.0.1"]);
        Outcome::of(command)?.ok()?;
        // Fresh lists that name nobody.
        residents.publish_revocations(&[])?;
        let [public, staff] = free_ports()?;
        let appliance = Appliance { programs, folder, public, staff, daemon: None };
        appliance.configure(|table| {
            let addresses = [("public", public), ("staff", staff)].map(|(key, address)| (key.to_owned(), toml::Value::from(address.to_string())));
            table.insert("listen".to_owned(), toml::Value::Table(addresses.into_iter().collect()));
            table.insert("cards".to_owned(), toml::Value::Table(residents.configuration()));
            // A disk that is nearly full must not fail a test of something else.
            let disk = [("limit_percent".to_owned(), toml::Value::from(99)), ("ballast_mb".to_owned(), toml::Value::from(1))];
            table.insert("disk".to_owned(), toml::Value::Table(disk.into_iter().collect()));
            adjust(table);
        })?;
        Ok(appliance)
    }

    /// A copy of the whole appliance, keys included, in another folder and on ports of its own: what an operator can make who wants to show different
    /// people different boards. No daemon may run in it while it is copied.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn twin(&self, folder: &Path) -> Result<Appliance, Trouble> {
        copy_all(&self.data(), &folder.join("data"))?;
        let folder = fs::canonicalize(folder).map_err(|error| Trouble::file(folder, error))?;
        let config = folder.join("data/tachiaid.toml");
        let text = fs::read_to_string(&config).map_err(|error| Trouble::file(&config, error))?;
        let text = text.replace(&self.data().display().to_string(), &folder.join("data").display().to_string());
        fs::write(&config, text).map_err(|error| Trouble::file(&config, error))?;
        let [public, staff] = free_ports()?;
        let mut twin = Appliance { programs: self.programs.clone(), folder, public, staff, daemon: None };
        twin.listen_at(public, staff)?;
        Ok(twin)
    }

    /// Takes the place of another appliance whose daemon no longer runs.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn take_place_of(&mut self, other: &Appliance) -> Result<(), Trouble> {
        self.listen_at(other.public, other.staff)
    }

    fn listen_at(&mut self, public: SocketAddr, staff: SocketAddr) -> Result<(), Trouble> {
        (self.public, self.staff) = (public, staff);
        let addresses = [("public", public), ("staff", staff)].map(|(key, address)| (key.to_owned(), toml::Value::from(address.to_string())));
        self.configure(|table| drop(table.insert("listen".to_owned(), toml::Value::Table(addresses.into_iter().collect()))))
    }

    /// Changes the configuration; a daemon that runs keeps what it has read.
    ///
    /// # Errors
    /// [`Trouble`] if the file cannot be read or written.
    pub fn configure(&self, change: impl FnOnce(&mut toml::Table)) -> Result<(), Trouble> {
        let path = self.config();
        let text = fs::read_to_string(&path).map_err(|error| Trouble::file(&path, error))?;
        let mut table: toml::Table = text.parse().map_err(|error: toml::de::Error| Trouble::file(&path, error))?;
        change(&mut table);
        fs::write(&path, table.to_string()).map_err(|error| Trouble::file(&path, error))
    }

    /// The programs that it consists of.
    pub fn programs(&self) -> &Programs {
        &self.programs
    }

    /// The folder with everything of this appliance.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its data folder, the daemon's own.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Its configuration.
    pub fn config(&self) -> PathBuf {
        self.data().join("tachiaid.toml")
    }

    /// The certificate of its authority, which its clients trust.
    pub fn ca(&self) -> PathBuf {
        self.data().join("tls/ca.pem")
    }

    /// The daemon's log.
    pub fn log(&self) -> PathBuf {
        self.folder.join("tachiaid.log")
    }

    /// Where everyone reaches it.
    pub fn url(&self) -> String {
        format!("https://{HOST}:{}", self.public.port())
    }

    /// Where staff reaches it.
    pub fn staff_url(&self) -> String {
        format!("https://{HOST}:{}", self.staff.port())
    }

    /// The address of the staff port.
    pub fn staff_address(&self) -> SocketAddr {
        self.staff
    }

    /// The address of the public port.
    pub fn public_address(&self) -> SocketAddr {
        self.public
    }

    /// A client as a voter has one: the URL and the authority's certificate, nothing else.
    ///
    /// # Errors
    /// [`Trouble`] if the certificate cannot be read.
    pub fn client(&self) -> Result<tachiai::client::Client, Trouble> {
        tachiai::client::Client::new(&self.url(), &self.ca(), None, Lang::En).doing("a voter's client")
    }

    /// Runs a command of `tachiaid` to its end, with this configuration.
    ///
    /// # Errors
    /// [`Trouble`] if it cannot be started.
    pub fn tachiaid(&self, arguments: &[&str]) -> Result<Outcome, Trouble> {
        let mut command = self.programs.command("tachiaid")?;
        command.args(arguments).arg("--config").arg(self.config());
        Outcome::of(command)
    }

    /// Adds a member of staff.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn staff(&self, name: &str, role: Role) -> Result<Official, Trouble> {
        Official::add(self, name, role)
    }

    /// Starts the daemon and waits until it answers.
    ///
    /// # Errors
    /// [`Trouble`] with what the daemon said.
    pub fn start(&mut self) -> Result<(), Trouble> {
        self.start_as(|command| command)
    }

    /// Starts the daemon by a command made of the usual one, such as one under `strace`.
    ///
    /// # Errors
    /// As [`Appliance::start`].
    pub fn start_as(&mut self, wrap: impl FnOnce(std::process::Command) -> std::process::Command) -> Result<(), Trouble> {
        let mut command = self.programs.command("tachiaid")?;
        command.arg("run").arg("--config").arg(self.config());
        let mut daemon = Process::start(wrap(command), &self.log())?;
        let client = self.client()?;
        daemon
            .wait_until(START, |_| self.ports().iter().all(|address| TcpStream::connect(address).is_ok()) && client.get_bytes("/api/v1/elections").is_ok())?;
        self.daemon = Some(daemon);
        Ok(())
    }

    /// Stops the daemon (SIGTERM) and waits until it has ended.
    ///
    /// # Errors
    /// [`Trouble`] if it does not run or does not end well.
    pub fn stop(&mut self) -> Result<(), Trouble> {
        self.daemon.take().doing("the daemon does not run")?.stop()
    }

    /// Kills the daemon (SIGKILL).
    ///
    /// # Errors
    /// [`Trouble`] if it does not run.
    pub fn kill(&mut self) -> Result<(), Trouble> {
        self.daemon.take().doing("the daemon does not run")?.kill()
    }

    /// The daemon, if it runs.
    pub fn daemon(&self) -> Option<&Process> {
        self.daemon.as_ref()
    }

    fn ports(&self) -> [SocketAddr; 2] {
        [self.public, self.staff]
    }
}

pub(crate) fn copy_all(from: &Path, to: &Path) -> Result<(), Trouble> {
    fs::create_dir_all(to).map_err(|error| Trouble::file(to, error))?;
    for entry in fs::read_dir(from).map_err(|error| Trouble::file(from, error))?.flatten() {
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() { copy_all(&path, &copy)? } else { fs::copy(&path, &copy).map(drop).map_err(|error| Trouble::file(&path, error))? }
    }
    Ok(())
}

/// Two ports that nobody listens on now. The daemon is told them beforehand, so that it has the same ones after a
/// restart.
fn free_ports() -> Result<[SocketAddr; 2], Trouble> {
    let free = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr().map(|address| (listener, address)));
    let (first, second) = (free().doing("finding a free port")?, free().doing("finding a free port")?);
    Ok([first.1, second.1])
}
