//! The folder of a rehearsal, and the programs that run in it. Whatever was started ends with the rehearsal; what a killed one left behind is ended and removed
//! by `--clean`.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde::de::DeserializeOwned;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::failure::{Exit, Failure};

/// What marks a folder as that of a rehearsal.
const MARKER: &str = "REHEARSAL";

/// What the marker says.
const MARKED: &str = "This folder is a rehearsal of an election with invented people (tachiai election rehearse). Nothing in it is real.\n\
これは架空の有権者による選挙のリハーサルのフォルダーです。本物のものはありません。\n";

/// The processes that were started, one ID a line.
const PROCESSES: &str = "processes";

/// How often is looked whether a program is ready or has ended.
const GLANCE: Duration = Duration::from_millis(20);

/// How long the daemon has to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// A folder with the programs that run in it. Dropping it ends them.
pub struct Household {
    /// The folder, by its full name.
    pub dir: PathBuf,
    running: Arc<Mutex<Vec<Child>>>,
}

impl Household {
    /// Makes the folder, which nobody else may enter, and has everything end that runs in it when this program is told to end.
    ///
    /// # Errors
    /// [`Failure`] (1) when there is something of this name already.
    pub fn create(dir: &Path) -> Result<Self, Failure> {
        if dir.exists() {
            return Err(Failure::refused(
                format!(
                    "{0} はすでにあります。別の名前を指定するか、リハーサルのフォルダーなら tachiai election rehearse --clean {0} で片付けてください。",
                    dir.display()
                ),
                format!(
                    "{0} exists already. Name another folder, or remove it with `tachiai election rehearse --clean {0}` if it is an earlier rehearsal.",
                    dir.display()
                ),
            ));
        }
        let failed = |e: std::io::Error| Failure::file(dir, &e);
        if let Some(parent) = dir.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        DirBuilder::new().mode(0o700).create(dir).map_err(failed)?;
        let dir = dir.canonicalize().map_err(failed)?;
        fs::write(dir.join(MARKER), MARKED).map_err(failed)?;
        let running: Arc<Mutex<Vec<Child>>> = Arc::default();
        let ending = Arc::clone(&running);
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).map_err(failed)?;
        std::thread::spawn(move || {
            if signals.forever().next().is_some() {
                end(&ending);
                std::process::exit(130);
            }
        });
        Ok(Self { dir, running })
    }

    /// A path in the folder.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Makes a folder in the folder.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn folder(&self, name: &str) -> Result<PathBuf, Failure> {
        let path = self.path(name);
        fs::create_dir_all(&path).map_err(|e| Failure::file(&path, &e))?;
        Ok(path)
    }

    /// Writes a file in the folder, for this user alone.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn write(&self, name: &str, text: &str) -> Result<PathBuf, Failure> {
        let path = self.path(name);
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path);
        file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|e| Failure::file(&path, &e))?;
        Ok(path)
    }

    /// Starts a program that goes on until the rehearsal ends, and waits until it is ready; what it says goes into a file of the folder.
    ///
    /// # Errors
    /// [`Failure`] when it ends before it is ready, or is not ready in time.
    pub fn start(&self, mut command: Command, log: &str, limit: Duration, ready: impl Fn() -> bool) -> Result<u32, Failure> {
        let path = self.path(log);
        let file = OpenOptions::new().create(true).append(true).open(&path).map_err(|e| Failure::file(&path, &e))?;
        let both = file.try_clone().map_err(|e| Failure::file(&path, &e))?;
        let name = program(&command);
        let child = command.stdin(Stdio::null()).stdout(file).stderr(both).spawn().map_err(|e| not_started(&name, &e))?;
        let id = child.id();
        self.note(id)?;
        self.running.lock().unwrap_or_else(PoisonError::into_inner).push(child);
        let begun = Instant::now();
        while !ready() {
            let ended = {
                let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
                running.iter_mut().find(|child| child.id() == id).and_then(|child| child.try_wait().ok().flatten())
            };
            if ended.is_some() || begun.elapsed() > limit {
                let said = fs::read_to_string(&path).unwrap_or_default();
                let last: String = said.lines().rev().take(5).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n");
                return Err(Failure::incomplete(format!("{name} を開始できません:\n{last}"), format!("{name} does not come up:\n{last}")));
            }
            std::thread::sleep(GLANCE);
        }
        Ok(id)
    }

    /// Asks a program that was started to end, and waits until it has.
    ///
    /// # Errors
    /// [`Failure`] when it does not end well.
    pub fn stop(&self, id: u32) -> Result<(), Failure> {
        let child = {
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            running.iter().position(|child| child.id() == id).map(|place| running.swap_remove(place))
        };
        let Some(mut child) = child else { return Ok(()) };
        if let Some(pid) = Pid::from_raw(id.cast_signed()) {
            // It may have ended by itself; that is seen next.
            let _ = kill_process(pid, Signal::TERM);
        }
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if child.try_wait().ok().flatten().is_some() {
                return Ok(());
            }
            std::thread::sleep(GLANCE);
        }
        let _ = child.kill();
        let _ = child.wait();
        Err(Failure::incomplete("プログラムが終了しませんでした。", "a program did not end when it was asked to."))
    }

    fn note(&self, id: u32) -> Result<(), Failure> {
        let path = self.path(PROCESSES);
        let file = OpenOptions::new().create(true).append(true).open(&path);
        file.and_then(|mut file| writeln!(file, "{id}")).map_err(|e| Failure::file(&path, &e))
    }

    /// Removes the folder of an earlier rehearsal, after ending what still runs in it.
    ///
    /// # Errors
    /// [`Failure`] (1) for a folder that is none of a rehearsal.
    pub fn clean(dir: &Path) -> Result<(), Failure> {
        if fs::read_to_string(dir.join(MARKER)).ok().as_deref() != Some(MARKED) {
            return Err(Failure::refused(
                format!("{} はリハーサルのフォルダーではありません。何も削除していません。", dir.display()),
                format!("{} is not the folder of a rehearsal. Nothing was removed.", dir.display()),
            ));
        }
        let failed = |e: std::io::Error| Failure::file(dir, &e);
        let full = dir.canonicalize().map_err(failed)?;
        for id in fs::read_to_string(full.join(PROCESSES)).unwrap_or_default().lines().filter_map(|line| line.parse::<i32>().ok()) {
            if belongs(id, &full)
                && let Some(pid) = Pid::from_raw(id)
            {
                // It may just have ended.
                let _ = kill_process(pid, Signal::KILL);
                let begun = Instant::now();
                while belongs(id, &full) && begun.elapsed() < PATIENCE {
                    std::thread::sleep(GLANCE);
                }
            }
        }
        fs::remove_dir_all(&full).map_err(failed)
    }
}

impl Drop for Household {
    fn drop(&mut self) {
        end(&self.running);
    }
}

fn end(running: &Mutex<Vec<Child>>) {
    for mut child in running.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
        // It may have ended; there is nobody to tell about the rest.
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// Whether a process that runs now was started for this folder: the ID alone may be somebody else's by now.
fn belongs(id: i32, dir: &Path) -> bool {
    let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    let dir = dir.as_os_str().as_encoded_bytes();
    line.windows(dir.len()).any(|part| part == dir)
}

fn program(command: &Command) -> String {
    Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn not_started(name: &str, error: &std::io::Error) -> Failure {
    Failure::incomplete(format!("{name} を起動できません: {error}。"), format!("cannot start {name}: {error}."))
}

/// The programs that a rehearsal drives, beside this one.
pub struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// Finds them.
    ///
    /// # Errors
    /// [`Failure`] that names one that is not there.
    pub fn beside_this() -> Result<Self, Failure> {
        let this = std::env::current_exe().map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?;
        let folder = this.parent().unwrap_or(Path::new(".")).to_owned();
        for name in ["tachiaid", "tachiai", "tachiai-verify", "tachiai-vcard"] {
            if !folder.join(name).exists() {
                return Err(Failure::incomplete(
                    format!(
                        "{name} が {} にありません。リハーサルにはこれらのプログラムが同じフォルダーに必要です（tachiai-vcard は試験用カードで、ビルドしたフォルダーにあります）。",
                        folder.display()
                    ),
                    format!(
                        "{name} is not in {}. A rehearsal needs these programs beside each other (tachiai-vcard, the test cards, is where they were built).",
                        folder.display()
                    ),
                ));
            }
        }
        Ok(Self { folder })
    }

    /// A command of one of them.
    #[must_use]
    pub fn command(&self, name: &str) -> Command {
        Command::new(self.folder.join(name))
    }
}

/// Runs a command to its end, with a secret on its standard input; gives what it wrote if it ended with this exit code.
///
/// # Errors
/// [`Failure`] with what it said.
pub fn done(mut command: Command, secret: &str, code: Exit) -> Result<String, Failure> {
    let name = program(&command);
    let words = command.get_args().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(|e| not_started(&name, &e))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that fails before it reads the secret says so itself.
        let _ = stdin.write_all(secret.as_bytes());
    }
    let Output { status, stdout, stderr } = child.wait_with_output().map_err(|e| not_started(&name, &e))?;
    let [stdout, stderr] = [stdout, stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    if status.code() == Some(code as i32) {
        return Ok(stdout);
    }
    let said = format!("{stdout}{stderr}");
    let said = said.trim();
    Err(Failure::refused(format!("{name} {words}: {status}\n{said}"), format!("{name} {words}: {status}\n{said}")))
}

/// The same, for a command that answers in JSON.
///
/// # Errors
/// As [`done`].
pub fn answered<T: DeserializeOwned>(command: Command, secret: &str, code: Exit) -> Result<T, Failure> {
    let text = done(command, secret, code)?;
    serde_json::from_str(text.trim())
        .map_err(|e| Failure::incomplete(format!("応答を読めません: {e}\n{text}"), format!("the answer cannot be read: {e}\n{text}")))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::poll::key::DeskKey;
    use crate::poll::officer::OfficerKey;

    #[test]
    fn only_the_folder_of_a_rehearsal_is_removed() {
        let parent = tempfile::tempdir().unwrap();
        let other = parent.path().join("other");
        fs::create_dir(&other).unwrap();
        fs::write(other.join("file"), "mine").unwrap();
        assert_eq!(Household::clean(&other).unwrap_err().exit, Exit::Refused);
        fs::write(other.join(MARKER), "something else").unwrap();
        assert_eq!(Household::clean(&other).unwrap_err().exit, Exit::Refused);
        assert!(other.join("file").exists());
        fs::write(other.join(MARKER), MARKED).unwrap();
        Household::clean(&other).unwrap();
        assert!(!other.exists());
    }

    #[test]
    fn nobody_else_may_enter_the_folder_or_read_the_keys_in_it() {
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let parent = tempfile::tempdir().unwrap();
        let house = Household::create(&parent.path().join("new/rehearsal")).unwrap();
        assert_eq!(mode(&house.dir), 0o700);
        let identity = house.write("evidence-key.txt", "secret\n").unwrap();
        let desk = house.folder("desks").unwrap().join("hall.key");
        DeskKey::create(&desk).unwrap();
        let officer = house.folder("officers").unwrap().join("manager.key");
        OfficerKey::create(&officer, "manager", &"rehearsal".into()).unwrap();
        assert_eq!([&identity, &desk, &officer].map(|path| mode(path)), [0o600; 3]);
        assert_eq!(fs::read_to_string(&identity).unwrap(), "secret\n");
    }

    #[test]
    fn a_process_of_another_folder_is_left_alone() {
        let (own, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let file = own.path().join("followed");
        fs::write(&file, "").unwrap();
        let mut following = Command::new("tail").arg("-f").arg(&file).stdout(Stdio::null()).spawn().unwrap();
        let id = following.id().cast_signed();
        let begun = Instant::now();
        // It has its command line a moment after it was started.
        while !belongs(id, own.path()) {
            assert!(begun.elapsed() < PATIENCE);
            std::thread::sleep(GLANCE);
        }
        assert!(!belongs(id, other.path()));
        fs::write(own.path().join(MARKER), MARKED).unwrap();
        fs::write(own.path().join(PROCESSES), format!("{id}\n")).unwrap();
        // What was killed stays until whoever started it looks.
        let looking = std::thread::spawn(move || following.wait());
        Household::clean(own.path()).unwrap();
        assert!(!looking.join().unwrap().unwrap().success());
    }
}
