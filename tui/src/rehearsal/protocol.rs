//! The protocol of a rehearsal: each step with who does it on the real day, how long it took, and what did not work.

use std::fmt::Write as _;
use std::time::Duration;

use serde::Serialize;
use tachiai_schemas::election::Text;
use tachiai_schemas::{Lang, Timestamp};

/// One step.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// What was done.
    pub what: Text,
    /// Who does it on the real day.
    pub who: Text,
    /// How long it took here, in milliseconds.
    pub ms: u64,
    /// What went wrong, if anything did.
    pub failed: Option<Text>,
}

/// The whole protocol.
#[derive(Debug, Clone, Serialize)]
pub struct Protocol {
    /// That this is a rehearsal, for every reader of the file.
    pub rehearsal: Text,
    /// The title of the election.
    pub title: Text,
    /// When it began.
    pub began: Timestamp,
    /// How many electors there were.
    pub electors: usize,
    /// The steps, in their order.
    pub steps: Vec<Step>,
    /// The fingerprint of the rehearsed election.
    pub fingerprint: Option<String>,
    /// What the verifier said of the record.
    pub verdict: Option<String>,
    /// What a rehearsal leaves out.
    pub not_rehearsed: Vec<Text>,
}

/// A text in both languages.
#[must_use]
pub fn text(ja: impl Into<String>, en: impl Into<String>) -> Text {
    Text { ja: ja.into(), en: en.into() }
}

impl Protocol {
    /// A protocol without steps.
    #[must_use]
    pub fn new(title: Text, began: Timestamp, electors: usize, not_rehearsed: Vec<Text>) -> Self {
        let rehearsal = text(
            "これはリハーサルです。架空の有権者と試験用カードによる模擬選挙で、法的な効力はありません。",
            "This is a rehearsal: a mock election with invented people and test cards, without legal effect.",
        );
        Self { rehearsal, title, began, electors, steps: Vec::new(), fingerprint: None, verdict: None, not_rehearsed }
    }

    /// Adds a step.
    pub fn add(&mut self, what: Text, who: Text, took: Duration, failed: Option<Text>) {
        self.steps.push(Step { what, who, ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX), failed });
    }

    /// Whether every step worked.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.steps.iter().all(|step| step.failed.is_none())
    }

    /// The protocol for people.
    #[must_use]
    pub fn markdown(&self, lang: Lang) -> String {
        let pick = |text: &Text| lang.pick(&text.ja, &text.en).replace('|', "\\|").replace('\n', " ");
        let Self { rehearsal, title, began, electors, steps, fingerprint, verdict, not_rehearsed } = self;
        let mut out = format!("# {}\n\n**{}**\n\n", pick(title), pick(rehearsal));
        // Writing to a string does not fail.
        let _ = writeln!(out, "- {}: {}\n- {}: {electors}", lang.pick("開始", "began"), began.in_japan(lang), lang.pick("架空の有権者", "invented electors"));
        if let Some(fingerprint) = fingerprint {
            let _ = writeln!(out, "- {}: `{fingerprint}`", lang.pick("指紋", "fingerprint"));
        }
        let result = if self.is_good() {
            lang.pick("すべての手順が終わりました", "every step worked")
        } else {
            lang.pick("うまくいかなかった手順があります", "something did not work")
        };
        let _ = writeln!(out, "- {}: {result}\n", lang.pick("結果", "result"));
        let _ = writeln!(out, "| # | {} | {} | s | |", lang.pick("手順", "step"), lang.pick("本番での担当", "who on the real day"));
        out += "|---|---|---|---|---|\n";
        for (number, Step { what, who, ms, failed }) in (1..).zip(steps) {
            let mark = failed.as_ref().map_or_else(|| "○".to_owned(), |failed| format!("× {}", pick(failed)));
            let _ = writeln!(out, "| {number} | {} | {} | {}.{} | {mark} |", pick(what), pick(who), ms / 1_000, ms % 1_000 / 100);
        }
        let _ = writeln!(out, "\n{}\n", lang.pick("## 行わなかったこと", "## What was not rehearsed"));
        for what in not_rehearsed {
            let _ = writeln!(out, "- {}", pick(what));
        }
        if let Some(verdict) = verdict {
            let _ = writeln!(out, "\n{}\n\n```\n{}\n```", lang.pick("## 記録の検証", "## The record, verified"), verdict.trim_end());
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_protocol_says_in_both_languages_that_it_is_a_rehearsal_and_what_failed() {
        let began = Timestamp::from_unix(1_800_000_000).unwrap();
        let mut protocol = Protocol::new(text("【リハーサル】市長", "REHEARSAL: mayor"), began, 40, vec![text("証人", "witnesses")]);
        protocol.add(text("開始", "opened"), text("職員2人", "two officials"), Duration::from_millis(1_250), None);
        assert!(protocol.is_good());
        protocol.add(text("締切", "closed"), text("職員2人", "two officials"), Duration::from_millis(20), Some(text("失敗|理由", "failed|why")));
        assert!(!protocol.is_good());
        let (ja, en) = (protocol.markdown(Lang::Ja), protocol.markdown(Lang::En));
        assert!(ja.contains("リハーサルです") && ja.contains("× 失敗\\|理由") && ja.contains("うまくいかなかった"), "{ja}");
        assert!(en.contains("This is a rehearsal") && en.contains("| 1 | opened | two officials | 1.2 | ○ |"), "{en}");
    }
}
