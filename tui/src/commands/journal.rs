//! The appliance's own journal: what happened, when, and by whom; looked through, and followed.

use std::thread;
use std::time::Duration;

use clap::Args;
use tachiai_schemas::journal::{JournalLine, JournalPage};
use tachiai_schemas::shelter::reading;
use tachiai_schemas::{ElectionId, Lang};

use crate::card::printable;
use crate::cli::Global;
use crate::client::Client;
use crate::failure::{Exit, Failure};

pub mod codes;

/// How often it is asked for what is new.
const PAUSE: Duration = Duration::from_secs(2);

/// The most entries that are asked for at once.
const PAGE: u64 = 500;

/// Read the appliance's journal.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  tachiai journal --search 西村
  tachiai journal --election ELECTION          # what officials did in an election
  tachiai --json journal --from 0 --follow     # a line for each entry")]
pub struct Journal {
    /// What officials did in this election, instead of the appliance's journal
    #[arg(long, value_name = "ELECTION")]
    election: Option<ElectionId>,
    /// The first entry [default: so many before the end]
    #[arg(long, value_name = "N")]
    from: Option<u64>,
    /// At most so many entries are read
    #[arg(long, value_name = "N", default_value_t = PAGE)]
    count: u64,
    /// Only entries that hold every one of these words; kana is found by romaji too
    #[arg(long, value_name = "WORDS")]
    search: Option<String>,
    /// Go on with what comes, until it is ended
    #[arg(long)]
    follow: bool,
}

/// The words that are looked for.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(reading::key).collect()
}

/// Whether a text holds every one of these words.
#[must_use]
pub fn holds(text: &str, words: &[String]) -> bool {
    let text = reading::key(text);
    words.iter().all(|word| text.contains(word.as_str()))
}

/// Whether an entry holds every one of these words: its codes, and what it is called.
fn fits(line: &JournalLine, words: &[String]) -> bool {
    let JournalLine { seq, at, kind, by, said } = line;
    let [ja, en] = [Lang::Ja, Lang::En].map(|lang| codes::word(codes::KINDS, kind, lang).unwrap_or_default());
    holds(&format!("{seq} {at} {kind} {ja} {en} {} {}", by.join(" "), said.join(" ")), words)
}

impl Journal {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let words = words(self.search.as_deref().unwrap_or_default());
        let tell = |line: &JournalLine| {
            if fits(line, &words) {
                if global.json { outln!("{}", serde_json::json!(line)) } else { outln!("{}", text(global, line)) }
            }
        };
        let page = self.page(&client, self.from, self.count)?;
        if global.json && !self.follow {
            let JournalPage { size, entries } = page;
            let entries = entries.into_iter().filter(|line| fits(line, &words)).collect();
            outln!("{}", serde_json::json!(JournalPage { size, entries }));
            return Ok(Exit::Done);
        }
        page.entries.iter().for_each(tell);
        let mut next = page.entries.last().map_or(page.size, |line| line.seq + 1);
        if !self.follow {
            return Ok(Exit::Done);
        }
        loop {
            thread::sleep(PAUSE);
            let page = self.page(&client, Some(next), PAGE)?;
            page.entries.iter().for_each(tell);
            next = page.entries.last().map_or(next, |line| line.seq + 1);
        }
    }

    fn page(&self, client: &Client, from: Option<u64>, count: u64) -> Result<JournalPage, Failure> {
        let from = from.map_or_else(String::new, |from| format!("&from={from}"));
        let of = self.election.map_or_else(|| "/api/v1/journal".to_owned(), |id| format!("/api/v1/elections/{id}/acts"));
        client.get(&format!("{of}?count={}{from}", count.min(PAGE)), None)
    }
}

fn text(global: &Global, line: &JournalLine) -> String {
    let JournalLine { seq, at, kind, by, said } = line;
    let by = if by.is_empty() { "-".to_owned() } else { by.join(", ") };
    let kind = codes::word(codes::KINDS, kind, global.lang()).unwrap_or(kind);
    format!("{seq}  {}  {kind}  {}  {}", at.in_japan(global.lang()), printable(&by), printable(&said.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_found_by_all_of_its_words_and_by_no_other() {
        let line = JournalLine {
            seq: 7,
            at: "2026-11-26T03:41:03Z".parse().unwrap(),
            kind: "agency-set".to_owned(),
            by: vec!["にしむら".to_owned()],
            said: vec!["name=fire".to_owned()],
        };
        assert!(fits(&line, &words("agency fire")) && fits(&line, &words("")));
        assert!(!fits(&line, &words("agency hospital")));
    }
}
