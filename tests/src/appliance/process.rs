//! A process that goes on until it is stopped, and never outlives whoever started it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::programs::{describe, ended, indented};
use crate::trouble::{Doing, Trouble};

/// How often a process is looked at that is to end or to become ready.
const GLANCE: Duration = Duration::from_millis(10);

/// How long a process may take to end after it was asked to.
const PATIENCE: Duration = Duration::from_secs(30);

/// The processes that run now, for whoever must end them all.
static RUNNING: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// Ends every process that is running; for a program that is itself told to end.
pub fn terminate_all() {
    let running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for pid in running.into_iter().filter_map(Pid::from_raw) {
        // It may just have ended by itself.
        let _ = kill_process(pid, Signal::TERM);
    }
}

/// A running process. Dropping it kills it.
pub struct Process {
    child: Child,
    command: String,
    log: PathBuf,
    written_before: u64,
}

impl Process {
    /// Starts a command; what it says on both channels is added to a file.
    ///
    /// # Errors
    /// [`Trouble`] if the command or the file cannot be had.
    pub fn start(mut command: Command, log: &Path) -> Result<Process, Trouble> {
        let text = describe(&command);
        let file = File::options().create(true).append(true).open(log).map_err(|error| Trouble::file(log, error))?;
        let written_before = file.metadata().map_or(0, |metadata| metadata.len());
        let both = file.try_clone().map_err(|error| Trouble::file(log, error))?;
        let child = command.stdin(Stdio::null()).stdout(file).stderr(both).spawn().doing(&text)?;
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).insert(child.id().cast_signed());
        Ok(Process { child, command: text, log: log.to_owned(), written_before })
    }

    /// Its process ID.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has said since it was started.
    pub fn said(&self) -> String {
        let bytes = fs::read(&self.log).unwrap_or_default();
        let from = usize::try_from(self.written_before).unwrap_or(usize::MAX).min(bytes.len());
        String::from_utf8_lossy(bytes.get(from..).unwrap_or_default()).into_owned()
    }

    /// Waits until `ready` is true.
    ///
    /// # Errors
    /// [`Trouble`] if the process ends before, or time runs out.
    pub fn wait_until(&mut self, limit: Duration, mut ready: impl FnMut(&Process) -> bool) -> Result<(), Trouble> {
        let start = Instant::now();
        while !ready(self) {
            if let Some(status) = self.child.try_wait().doing(&self.command)? {
                return Err(Trouble::new(&self.command, format!("ended too early with {}\n{}", ended(status), indented(&self.said()))));
            }
            if start.elapsed() > limit {
                return Err(Trouble::new(&self.command, format!("not ready after {} s\n{}", limit.as_secs(), indented(&self.said()))));
            }
            thread::sleep(GLANCE);
        }
        Ok(())
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// [`Trouble`] if it goes on longer than `limit`; it is killed then.
    pub fn wait(mut self, limit: Duration) -> Result<ExitStatus, Trouble> {
        self.end(limit)
    }

    /// Waits for its end, looking at something meanwhile; returns how long it ran since `start`.
    ///
    /// # Errors
    /// As [`Process::wait`].
    pub fn wait_watching(mut self, limit: Duration, mut look: impl FnMut(), start: Instant) -> Result<(ExitStatus, Duration), Trouble> {
        loop {
            if let Some(status) = self.child.try_wait().doing(&self.command)? {
                return Ok((status, start.elapsed()));
            }
            if start.elapsed() > limit {
                return Err(Trouble::new(&self.command, format!("did not end within {} s", limit.as_secs())));
            }
            look();
            thread::sleep(GLANCE);
        }
    }

    /// Asks it to end (SIGTERM) and waits until it has.
    ///
    /// # Errors
    /// [`Trouble`] if it does not end with exit code 0.
    pub fn stop(mut self) -> Result<(), Trouble> {
        self.signal(Signal::TERM)?;
        let status = self.end(PATIENCE)?;
        if status.success() { Ok(()) } else { Err(Trouble::new(&self.command, format!("ended with {}\n{}", ended(status), indented(&self.said())))) }
    }

    /// Kills it (SIGKILL) and waits until it is gone.
    ///
    /// # Errors
    /// [`Trouble`] if the system refuses.
    pub fn kill(mut self) -> Result<(), Trouble> {
        self.signal(Signal::KILL)?;
        self.end(PATIENCE).map(drop)
    }

    /// Sends it a signal.
    ///
    /// # Errors
    /// [`Trouble`] if the system refuses.
    pub fn signal(&self, signal: Signal) -> Result<(), Trouble> {
        let pid = Pid::from_raw(self.child.id().cast_signed()).doing("no process ID")?;
        kill_process(pid, signal).doing(&self.command)
    }

    fn end(&mut self, limit: Duration) -> Result<ExitStatus, Trouble> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().doing(&self.command)? {
                return Ok(status);
            }
            if start.elapsed() > limit {
                return Err(Trouble::new(&self.command, format!("did not end within {} s", limit.as_secs())));
            }
            thread::sleep(GLANCE);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended; there is nobody left to tell about the rest.
        let _ = self.child.kill();
        let _ = self.child.wait();
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.child.id().cast_signed());
    }
}
