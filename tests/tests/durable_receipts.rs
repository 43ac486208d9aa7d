//! A receipt is given only after the disk has the ballot: between the ballot's write to its segment and the answer on the network the system calls show an
//! `fdatasync` of that segment.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::Path;
use std::process::Command;

use tachiai_tests::story::{Scene, Setting, Story, until};

const CALLS: &str = "trace=write,writev,pwrite64,pwritev,pwritev2,fdatasync,fsync,send,sendto,sendmsg,io_uring_enter";

fn under_strace(command: &Command, trace: &Path) -> Command {
    let mut traced = Command::new("strace");
    // With -D the daemon stays the child of this test, and strace its silent grandchild.
    traced.args(["-D", "-f", "-tt", "-yy", "-s", "16", "-e", CALLS, "-o"]).arg(trace).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => traced.env(name, value),
            None => traced.env_remove(name),
        };
    }
    traced
}

/// One system call, in the order in which it began or ended.
#[derive(Debug, Clone, PartialEq)]
enum Event {
    Began { thread: String, name: String, file: String },
    Ended { thread: String, name: String, good: bool },
}

/// Reads the trace. A call that another one interrupted in the trace has two lines.
fn events(trace: &str) -> Vec<Event> {
    let mut found = Vec::new();
    for line in trace.lines() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let Some((_time, call)) = rest.trim_start().split_once(' ') else { continue };
        let thread = thread.to_owned();
        let good = !call.contains(" = -1 ");
        if let Some(resumed) = call.strip_prefix("<... ") {
            let name = resumed.split(' ').next().unwrap().to_owned();
            found.push(Event::Ended { thread, name, good });
        } else if let Some((name, arguments)) = call.split_once('(') {
            let file = arguments.split_once('<').map_or("", |(_, rest)| {
                rest.split_once(">,").or_else(|| rest.split_once(">)")).or_else(|| rest.split_once("> <")).map_or(rest, |(file, _)| file)
            });
            let name = name.to_owned();
            found.push(Event::Began { thread: thread.clone(), name: name.clone(), file: file.to_owned() });
            if !call.ends_with("<unfinished ...>") {
                found.push(Event::Ended { thread, name, good });
            }
        }
    }
    found
}

/// The place of the first event from `from` on that is so.
fn first(events: &[Event], from: usize, is: impl Fn(&Event) -> bool) -> Option<usize> {
    events.iter().skip(from).position(is).map(|at| from + at)
}

fn is_sync(name: &str) -> bool {
    name == "fdatasync" || name == "fsync"
}

#[test]
fn a_ballot_is_on_the_disk_before_its_receipt_is_given() {
    let strace = Command::new("strace").arg("-V").output();
    assert!(strace.is_ok_and(|output| output.status.success()), "this story needs strace: run `make test`, which installs it, or `apt-get install strace`");
    let mut scene = Scene::set(Setting::of(2));
    let trace = scene.folder.join("trace");
    let staff = scene.appoint();
    scene.appliance.start_as(|command| under_strace(&command, &trace)).unwrap_or_else(|trouble| panic!("{trouble}"));
    let holding = scene.create(staff);
    holding.ceremony().unwrap_or_else(|trouble| panic!("{trouble}"));
    let mut story = Story::open(scene, holding);
    let mut booth = story.booth(0);
    let segments = story.segments();
    let segments = segments.to_str().unwrap();
    let port = format!(":{}->", story.scene.appliance.public_address().port());

    for option in 0..4 {
        let before = fs::read_to_string(&trace).unwrap().len();
        story.vote(&mut booth, Some(option));
        // The trace is written by another process, a little later than the receipt comes here.
        let mut order = Err("nothing traced".to_owned());
        until("the trace shows the whole ballot", || {
            let text = fs::read_to_string(&trace).unwrap();
            let whole_lines = text.rfind('\n').map_or(0, |end| end + 1);
            order = look(&events(&text[before..whole_lines]), segments, &port);
            order.is_ok()
        });
        let (written, synced, answered) = order.unwrap();
        assert!(written < synced && synced < answered, "written {written}, synced {synced}, answered {answered}");
    }
    story.scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
}

/// Where the ballot was written to the segment, where the first sync of that segment that began afterwards had ended, and where the answer began.
fn look(events: &[Event], segments: &str, port: &str) -> Result<(usize, usize, usize), String> {
    let writes =
        |event: &Event| matches!(event, Event::Began { name, file, .. } if name.contains("write") && file.starts_with(segments) && file.ends_with(".seg"));
    let written = first(events, 0, writes).ok_or("no write to a segment")?;
    let answers = |event: &Event| matches!(event, Event::Began { file, .. } if file.contains("TCP") && file.contains(port));
    // What was answered before the ballot was written is not its receipt.
    let answered = first(events, written, answers).ok_or("no answer")?;
    let Event::Began { file: segment, .. } = &events[written] else { return Err("no beginning".to_owned()) };
    let began =
        first(events, written, |event| matches!(event, Event::Began { name, file, .. } if is_sync(name) && file == segment)).ok_or("no sync of the segment")?;
    let Event::Began { thread, .. } = &events[began] else { return Err("no beginning".to_owned()) };
    let ended = |event: &Event| matches!(event, Event::Ended { thread: of, name, good: true } if of == thread && is_sync(name));
    let synced = first(events, began, ended).ok_or("the sync did not end")?;
    Ok((written, synced, answered))
}
