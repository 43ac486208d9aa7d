//! The appliance as home shows it: its disk, its journals and how far they are signed, the backup, the clock.

use ratatui::text::Line;
use tachiai_schemas::status::{ApplianceNow, CheckpointNow, DiskNow, Late, Log};
use tachiai_schemas::{Say, Timestamp};

use super::{clock, title};
use crate::card::printable;
use crate::console::desk::Desk;
use crate::console::i18n::grouped;
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;

/// A backup that is older than so many seconds is looked at: one is made each day.
const BACKUP: i64 = 36 * 3_600;

/// So many seconds two clocks may be apart before it is said.
const APART: i64 = 5;

/// Everything of it, in lines of so many cells.
pub(super) fn lines_of(desk: &Desk, appliance: &ApplianceNow, at: Timestamp, cells: usize) -> Vec<Line<'static>> {
    let ApplianceNow { version, disk, journals, checkpoints, broken, warnings, backup } = appliance;
    let look = desk.look;
    let mut text = Vec::new();
    let mut say = |said: String, tone: Tone| {
        text.extend(lines(&said, cells.saturating_sub(4)).into_iter().map(|line| Line::styled(format!("  {line}"), look.style(tone))));
    };
    let is_late = checkpoints.iter().any(|checkpoint| checkpoint.late(at).is_some());
    match (broken.is_empty(), warnings.is_empty() && !is_late) {
        (true, true) => say(desk.say("home-appliance-ok"), Tone::Good),
        (true, false) => {}
        (false, _) => say(desk.say("home-broken"), Tone::Bad),
    }
    for line in warnings {
        say(format!("{}: {}", desk.say("home-appliance-warning"), printable(&line.say(desk.lang()))), Tone::Warn);
    }
    if let Some(DiskNow { used_percent, limit_percent, free_mb }) = disk {
        let values = [("used", used_percent.to_string()), ("limit", limit_percent.to_string()), ("free", tenths(*free_mb))];
        let is_near = u16::from(*used_percent) + 10 >= u16::from(*limit_percent);
        say(desk.with("home-disk", &values), if is_near { Tone::Warn } else { Tone::Plain });
    }
    let bytes: u64 = journals.iter().map(|journal| journal.bytes).sum();
    let mut said = desk.with("home-journals", &[("n", journals.len().to_string()), ("size", size(bytes))]);
    if let Some(largest) = journals.iter().max_by_key(|journal| journal.bytes) {
        let name = title_of(desk, &largest.name).unwrap_or_else(|| printable(&largest.name));
        said = format!("{said}  {}", desk.with("home-journal-largest", &[("name", name), ("size", size(largest.bytes))]));
    }
    say(said, Tone::Plain);
    for (said, tone) in signed(desk, checkpoints, at) {
        say(said, tone);
    }
    match backup {
        Some(then) => {
            let is_old = at.unix().saturating_sub(then.unix()) > BACKUP;
            say(desk.with("home-backup", &[("age", desk.age_there(*then))]), if is_old { Tone::Warn } else { Tone::Plain });
        }
        None => say(desk.say("home-backup-none"), Tone::Warn),
    }
    let mut said = desk.with("home-clock", &[("time", clock(at))]);
    let is_apart = desk.ahead.abs() >= APART;
    if is_apart {
        said = format!("{said}  {}", desk.with("home-clock-off", &[("n", desk.ahead.abs().to_string())]));
    }
    said = format!("{said}  {}", desk.with("home-version", &[("version", version.clone())]));
    say(said, if is_apart { Tone::Warn } else { Tone::Plain });
    text
}

/// How far the logs are signed: in one line where all is well, else each that is late with what to do.
fn signed(desk: &Desk, checkpoints: &[CheckpointNow], at: Timestamp) -> Vec<(String, Tone)> {
    let late = checkpoints.iter().filter_map(|checkpoint| Some((checkpoint, checkpoint.late(at)?)));
    let mut said: Vec<(String, Tone)> = late.map(|(checkpoint, late)| (late_line(desk, checkpoint, late), Tone::Warn)).collect();
    let whole: Vec<&CheckpointNow> = checkpoints.iter().filter(|checkpoint| checkpoint.waiting == 0).collect();
    if let (true, Some(newest)) = (said.is_empty(), whole.iter().filter_map(|checkpoint| checkpoint.signed).max()) {
        let mut line = desk.with("home-signed", &[("n", whole.len().to_string()), ("age", desk.age_there(newest))]);
        if whole.iter().any(|checkpoint| checkpoint.quorum > 0) {
            line = format!("{line}  {}", desk.say("home-cosigned"));
        }
        said.push((line, Tone::Plain));
    }
    // It is signed when somebody asks for it: that something of it waits is as it should be.
    let access = checkpoints.iter().find(|checkpoint| checkpoint.log == (Log::Access {}) && checkpoint.waiting > 0);
    said.extend(access.map(|CheckpointNow { signed, size, waiting, .. }| {
        let n = ("n", grouped(*waiting));
        let line = match signed {
            Some(at) => desk.with("home-access-signed", &[("size", grouped(*size)), ("age", desk.age_there(*at)), n]),
            None => desk.with("home-access-unsigned", &[n]),
        };
        (line, Tone::Dim)
    }));
    said
}

/// What is late about a log, and what to do.
fn late_line(desk: &Desk, checkpoint: &CheckpointNow, late: Late) -> String {
    let CheckpointNow { log, signed, size: _, waiting, cosigned, quorum, witnessed } = checkpoint;
    let title = match log {
        Log::Election { election } => title_of(desk, &election.to_string()),
        Log::Event { event } => title_of(desk, &event.to_string()),
        Log::Access {} => None,
    };
    let of = title.unwrap_or_else(|| log.say(desk.lang()));
    let (key, n, last) = match late {
        Late::Unsigned => ("home-unsigned", grouped(*waiting), signed),
        Late::Unwitnessed => ("home-unwitnessed", cosigned.to_string(), witnessed),
    };
    let last = last.map_or_else(|| desk.say("home-never"), |at| desk.with("home-ago", &[("age", desk.age_there(at))]));
    desk.with(key, &[("of", of), ("n", n), ("quorum", quorum.to_string()), ("last", last)])
}

/// The title of the election or the event whose ID is in the name of a journal.
fn title_of(desk: &Desk, name: &str) -> Option<String> {
    let status = desk.status.as_ref();
    let elections = status.iter().flat_map(|status| &status.elections).map(|now| (now.summary.election.to_string(), &now.summary.title));
    let events = status.iter().flat_map(|status| status.events.iter().flatten()).map(|now| (now.summary.event.to_string(), &now.summary.declared.title));
    elections.chain(events).find(|(id, _)| name.contains(id.as_str())).map(|(_, of)| title(desk, of))
}

/// Megabytes as gigabytes with one decimal place.
fn tenths(mb: u64) -> String {
    format!("{}.{}", grouped(mb / 1_000), mb % 1_000 / 100)
}

/// Bytes in the unit in which they are read easily.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        1_000_000..1_000_000_000 => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
        _ => format!("{} GB", tenths(bytes / 1_000_000)),
    }
}
