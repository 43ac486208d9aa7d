//! The entries of journals in words. What has no words here is shown as it stands in the journal.

use tachiai_schemas::journal::JournalLine;
use tachiai_schemas::staff::Role;
use tachiai_schemas::{Lang, Refusal, Say};

use crate::card::printable;
use crate::commands::journal::codes::{KINDS, NAMES, VALUES, word};
use crate::console::desk::Desk;
use crate::console::screens::home::title;

/// What kind of entry it is.
#[must_use]
pub fn kind(lang: Lang, line: &JournalLine) -> String {
    word(KINDS, &line.kind, lang).map_or_else(|| printable(&line.kind), ToOwned::to_owned)
}

/// What an entry says, part by part: what the part is called, and what it is.
#[must_use]
pub fn parts(desk: &Desk, line: &JournalLine) -> Vec<[String; 2]> {
    let lang = desk.lang();
    let part = |text: &String| {
        let (name, value) = text.split_once('=').unwrap_or(("", text));
        let label = word(NAMES, name, lang).map_or_else(|| printable(name), ToOwned::to_owned);
        [label, said(desk, name, value)]
    };
    line.said.iter().map(part).collect()
}

fn said(desk: &Desk, name: &str, value: &str) -> String {
    let lang = desk.lang();
    let elections = || desk.status.iter().flat_map(|status| &status.elections).map(|election| &election.summary);
    let known = match name {
        "election" => elections().find(|summary| summary.election.to_string() == value).map(|summary| title(desk, &summary.title)),
        "role" => value.parse::<Role>().ok().map(|role| desk.role_name(role)),
        "refusal" => Refusal::ALL.iter().find(|refusal| refusal.code() == value).map(|refusal| refusal.say(lang)),
        "kind" | "act" | "reason" | "verdict" | "ruling" => word(VALUES, value, lang).map(ToOwned::to_owned),
        _ => None,
    };
    known.unwrap_or_else(|| printable(value))
}

/// What an entry says, in a line. An approval and what came of it say what was asked for, where that is among the other entries.
#[must_use]
pub fn line(desk: &Desk, line: &JournalLine, others: &[JournalLine]) -> String {
    let own = joined(desk, line);
    match asked_for(line, others) {
        Some(request) => joined(desk, request),
        None => own,
    }
}

fn joined(desk: &Desk, line: &JournalLine) -> String {
    // What it is about is said first and needs no label; the number of a request says the least, and comes last.
    let name = |said: &str| said.split_once('=').map(|(name, _)| name.to_owned()).unwrap_or_default();
    let is_act = line.said.iter().any(|said| name(said) == "act");
    let rank = |name: &str| match name {
        "act" => 0,
        "election" | "title" | "contest" | "trustee" | "place" => 1,
        "id" => 3,
        _ => 2,
    };
    let mut parts: Vec<(u8, String)> = line
        .said
        .iter()
        .zip(parts(desk, line))
        .filter(|(said, _)| !(is_act && name(said) == "kind"))
        .map(|(said, [label, value])| {
            let rank = rank(&name(said));
            (rank, if rank < 2 { value } else { format!("{label}: {value}") })
        })
        .collect();
    parts.sort_by_key(|(rank, _)| *rank);
    parts.into_iter().map(|(_, part)| part).collect::<Vec<_>>().join("  ")
}

/// The request about which an entry is.
#[must_use]
pub fn asked_for<'a>(line: &JournalLine, others: &'a [JournalLine]) -> Option<&'a JournalLine> {
    if !matches!(line.kind.as_str(), "act-approved" | "act-finished" | "act-declined" | "act-withdrawn")
        || line.said.iter().any(|said| said.starts_with("refusal="))
    {
        return None;
    }
    let id = line.said.iter().find(|said| said.starts_with("id="))?;
    others.iter().rev().find(|other| other.kind == "act-requested" && other.said.contains(id))
}

/// All of an entry, a line for each part.
#[must_use]
pub fn whole(desk: &Desk, line: &JournalLine, others: &[JournalLine]) -> String {
    let lang = desk.lang();
    let JournalLine { seq, at, kind: code, by, said: _ } = line;
    let mut text = vec![format!("{}: {seq}", desk.say("journal-seq")), format!("{}: {}", desk.say("journal-at"), at.in_japan(lang))];
    text.push(format!("{}: {}  ({})", desk.say("journal-kind"), kind(lang, line), printable(code)));
    if !by.is_empty() {
        text.push(format!("{}: {}", desk.say("journal-by"), printable(&by.join(" + "))));
    }
    text.extend(parts(desk, line).into_iter().map(|[label, value]| format!("{label}: {value}")));
    if let Some(request) = asked_for(line, others) {
        text.push(String::new());
        text.push(format!("{}: {}  {}", desk.say("journal-asked"), printable(&request.by.join(" + ")), request.at.in_japan(lang)));
        text.extend(parts(desk, request).into_iter().map(|[label, value]| format!("{label}: {value}")));
    }
    text.join("\n")
}

/// Everything of an entry by which it is found: words and codes.
#[must_use]
pub fn searched(desk: &Desk, entry: &JournalLine, others: &[JournalLine]) -> String {
    let JournalLine { seq, at, kind: code, by, said } = entry;
    format!("{seq} {at} {code} {} {} {} {}", by.join(" "), said.join(" "), kind(desk.lang(), entry), line(desk, entry, others))
}
