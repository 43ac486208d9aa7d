//! A witness writes down what it cosigns before anybody gets the cosignature: shown by its system calls, by killing it in between, and on a full disk.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tachiai_crypto::journal::{BoardSecretKey, Checkpoint, ConsistencyProof, Origin, Tree, leaf_hash};
use tachiai_tests::appliance::{Outcome, Process, Programs};
use tachiai_tests::onlooker::Onlooker;
use tachiai_tests::story::until;
use tachiai_witness::client::{Client, Reply};
use tachiai_witness::failure::Failure;
use tachiai_witness::request::AddCheckpoint;

/// A log of numbers, of which a twin has other ones from some leaf on.
struct Twin {
    key: BoardSecretKey,
    tree: Tree,
}

impl Twin {
    fn new(turn: u8) -> Self {
        Self { key: BoardSecretKey::from_seed(&[5; 32]), tree: (0..100_u8).map(|n| leaf_hash(&[n, u8::from(n >= turn)])).collect() }
    }

    fn request(&self, old: u64, size: u64) -> String {
        let proof = if old == 0 { ConsistencyProof::from_hashes(Vec::new()) } else { self.tree.consistency(old, size).unwrap() };
        let note = self.key.sign(&Checkpoint { origin: origin(), size, root: self.tree.root_at(size).unwrap() }).to_string();
        AddCheckpoint { old, proof, note }.to_string()
    }
}

fn origin() -> Origin {
    Origin::new("log.example/numbers").unwrap()
}

/// A witness that watches the log.
fn onlooker(state: &Path) -> Onlooker {
    let onlooker = Onlooker::new(&Programs::beside_this().unwrap(), "witness.example/1", state).unwrap_or_else(|trouble| panic!("{trouble}"));
    let mut watch = onlooker.command("watch").unwrap();
    watch.args(["--log", &Twin::new(100).key.public().to_note_key(&origin())]);
    Outcome::of(watch).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    onlooker
}

fn serve(onlooker: &Onlooker, wrap: impl FnOnce(Command) -> Command) -> (Process, Client) {
    let (process, url) = onlooker.serve(wrap).unwrap_or_else(|trouble| panic!("{trouble}"));
    (process, Client::new(&url, None).unwrap())
}

fn ask(client: &Client, request: &str) -> Result<Reply, Failure> {
    client.post("/add-checkpoint", request)
}

fn status(client: &Client, request: &str) -> u16 {
    ask(client, request).unwrap_or_else(|failure| panic!("{failure}")).status
}

/// The size up to which the witness says that it has cosigned.
fn size(client: &Client) -> u64 {
    let reply = ask(client, &Twin::new(100).request(0, 100)).unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(reply.status, 409);
    String::from_utf8(reply.body).unwrap().trim_end().parse().unwrap()
}

fn traced(command: &Command, trace: &Path, options: &[&str]) -> Command {
    let mut traced = Command::new("strace");
    // With -D the witness stays the child of this test, and strace its silent grandchild.
    traced.args(["-D", "-f", "-yy", "-s", "16", "-o"]).arg(trace).args(options).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => traced.env(name, value),
            None => traced.env_remove(name),
        };
    }
    traced
}

/// The line at which the last part of a call that begins at `from` ends.
fn end(lines: &[&str], from: usize) -> usize {
    if !lines[from].contains("<unfinished ...>") {
        return from;
    }
    let (thread, call) = lines[from].split_once(' ').unwrap();
    let resumed = format!("<... {} resumed>", call.trim_start().split('(').next().unwrap());
    from + lines[from..].iter().position(|line| line.starts_with(thread) && line.contains(&resumed)).expect("a call that does not end")
}

fn first(lines: &[&str], from: usize, is: impl Fn(&str) -> bool) -> Option<usize> {
    lines.iter().skip(from).position(|line| is(line)).map(|at| from + at)
}

/// What the witness does from line `from` on, which has to be: sync the file, name it, sync its folder, answer. Gives the line of the answer.
fn durable_answer(lines: &[&str], from: usize) -> usize {
    let file = first(lines, from, |line| line.contains("fsync(") && line.contains("checkpoint.new")).expect("the file is not synced");
    let file = end(lines, file);
    let named = end(lines, first(lines, file, |line| line.contains("rename") && line.contains("checkpoint.new")).expect("the file gets no name"));
    let folder_synced = first(lines, named, |line| line.contains("fsync(") && line.contains("/logs/")).expect("the folder is not synced");
    let synced = end(lines, folder_synced);
    let answered = first(lines, from, is_answer).expect("no answer");
    assert!(file < named && named < synced && synced < answered, "{file} {named} {synced} {answered}\n{}", lines.join("\n"));
    answered
}

fn is_answer(line: &str) -> bool {
    line.contains("TCP") && ["write", "sendto", "sendmsg"].iter().any(|call| line.contains(call))
}

/// Traced system calls of a witness that is asked for the same checkpoint so many times.
fn asked_for_the_same(times: usize) -> String {
    let folder = tempfile::tempdir().unwrap();
    let (onlooker, trace) = (onlooker(&folder.path().join("state")), folder.path().join("trace"));
    let calls = ["-e", "trace=write,writev,pwrite64,fsync,fdatasync,rename,renameat,renameat2,sendto,sendmsg"];
    let (serving, client) = serve(&onlooker, |command| traced(&command, &trace, &calls));
    let log = Twin::new(100);
    assert_eq!(status(&client, &log.request(0, 10)), 200);
    for _ in 1..times {
        assert_eq!(status(&client, &log.request(10, 10)), 200);
    }
    let mut seen = String::new();
    until("the trace shows the answers", || {
        seen = fs::read_to_string(&trace).unwrap();
        seen.lines().filter(|line| is_answer(line)).count() >= times
    });
    drop(serving);
    seen
}

#[test]
fn what_is_cosigned_is_on_the_disk_before_the_answer_is_sent() {
    let seen = asked_for_the_same(1);
    durable_answer(&seen.lines().collect::<Vec<_>>(), 0);
}

/// The one before may have been stopped between the file's name and the sync of its folder.
#[test]
fn what_is_cosigned_again_is_synced_again_before_the_answer_is_sent() {
    let seen = asked_for_the_same(2);
    let lines: Vec<&str> = seen.lines().collect();
    let answered = durable_answer(&lines, 0);
    durable_answer(&lines, answered + 1);
}

/// The calls by which an answer is sent.
const SENDS: &str = "sendto,sendmsg,writev";

#[test]
fn a_witness_that_is_killed_at_any_moment_has_cosigned_nothing_that_it_does_not_know() {
    // At the write, the sync and the name of the new checkpoint, at the sync of its folder, and when it is signed and not yet sent.
    for (call, when) in [("fsync", 1), ("rename", 1), ("fsync", 2), (SENDS, 1)] {
        let folder = tempfile::tempdir().unwrap();
        let onlooker = onlooker(&folder.path().join("state"));
        let (log, twin) = (Twin::new(100), Twin::new(15));
        let (serving, client) = serve(&onlooker, |command| command);
        assert_eq!(status(&client, &log.request(0, 10)), 200);
        serving.kill().unwrap();

        let inject = format!("inject={call}:signal=SIGKILL:when={when}");
        let (serving, client) = serve(&onlooker, |command| traced(&command, &folder.path().join("trace"), &["-e", &format!("trace={call}"), "-e", &inject]));
        assert!(ask(&client, &log.request(10, 20)).is_err(), "{call} {when}: an answer came");
        assert!(!serving.wait(Duration::from_secs(20)).unwrap().success());

        let (serving, client) = serve(&onlooker, |command| command);
        let known = size(&client);
        assert!(known == 10 || known == 20, "{call} {when}: {known}");
        if call == SENDS {
            assert_eq!(known, 20, "it was signed before it was written down");
        }
        if known == 20 {
            // The cosignature might have been sent: nothing else may be cosigned from here on.
            assert_eq!(status(&client, &twin.request(20, 20)), 409);
            assert_eq!(status(&client, &twin.request(20, 30)), 422);
        }
        assert_eq!(status(&client, &log.request(known, 30)), 200, "{call} {when}");
        assert_eq!(status(&client, &twin.request(30, 40)), 422);
        serving.kill().unwrap();
    }
}

/// Tells the test that it is in the namespace.
const INSIDE: &str = "TACHIAI_STORY_IN_NAMESPACE";

const NAME: &str = "a_witness_on_a_full_disk_signs_nothing_and_goes_on_when_there_is_room";

#[test]
fn a_witness_on_a_full_disk_signs_nothing_and_goes_on_when_there_is_room() {
    if std::env::var_os(INSIDE).is_some() {
        return fill_up();
    }
    let mut command = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command.arg("--mount").arg(std::env::current_exe().unwrap()).args(["--exact", NAME, "--nocapture"]).env(INSIDE, "1");
    let output = command.output().expect("`unshare` (Debian: util-linux) is needed to mount a small disk");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the story in its namespace failed; it needs root or user namespaces:\n{said}");
    assert!(said.contains("1 passed"), "{said}");
}

fn checkpoint(state: &Path) -> PathBuf {
    let log = fs::read_dir(state.join("logs")).unwrap().next().unwrap().unwrap();
    log.path().join("checkpoint")
}

fn fill_up() {
    let folder = tempfile::tempdir().unwrap();
    let disk = folder.path().join("disk");
    fs::create_dir_all(&disk).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=256k,mode=0700", "tmpfs"]).arg(&disk).status().unwrap();
    assert!(mounted.success(), "no disk in memory can be mounted");
    let onlooker = onlooker(&disk.join("state"));
    let log = Twin::new(100);
    let (serving, client) = serve_logged(&onlooker, folder.path());
    assert_eq!(status(&client, &log.request(0, 10)), 200);
    let before = fs::read(checkpoint(&onlooker.state)).unwrap();
    let filler = disk.join("something-else");
    let mut blocks = vec![0x55; 512 << 10];
    while fs::write(&filler, &blocks).is_err() && blocks.len() > 512 {
        // What fitted stays; a disk in memory gives whole pages only.
        blocks.truncate(blocks.len() / 2);
    }
    let mut more = 0;
    while fs::write(disk.join(format!("more-{more}")), [0x55; 4096]).is_ok() {
        more += 1;
    }
    let refused = ask(&client, &log.request(10, 20)).unwrap();
    assert_eq!(refused.status, 500, "{}", String::from_utf8_lossy(&refused.body));
    assert!(!String::from_utf8_lossy(&refused.body).contains("— "), "a line of a witness");
    assert_eq!(fs::read(checkpoint(&onlooker.state)).unwrap(), before);
    assert!(serving.said().contains("Check its place, its permissions and the space on the disk"), "{}", serving.said());
    fs::remove_file(&filler).unwrap();
    assert_eq!(status(&client, &log.request(10, 20)), 200);
    drop(serving);
}

/// The log of the process lies outside the small disk.
fn serve_logged(onlooker: &Onlooker, folder: &Path) -> (Process, Client) {
    let mut command = onlooker.command("serve").unwrap();
    command.args(["--listen", "127.0.0.1:0"]);
    let mut process = Process::start(command, &folder.join("log")).unwrap();
    let address = |process: &Process| process.said().lines().find_map(|line| line.strip_prefix("listening at ").map(str::to_owned));
    process.wait_until(Duration::from_secs(20), |process| address(process).is_some()).unwrap_or_else(|trouble| panic!("{trouble}"));
    let url = address(&process).unwrap();
    (process, Client::new(&url, None).unwrap())
}
