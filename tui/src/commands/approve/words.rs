//! What is said beside a case: its words in a line each, and what the second official is to look at before signing.

use tachiai_schemas::Lang;

use crate::card::printable;

/// What the second official looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// What was set aside.
    Content,
    /// The record of a person.
    Record,
    /// The evidence.
    Evidence,
    /// The evidence, and the records of two people.
    EvidenceAndRecords,
}

/// The reason, in a line.
pub fn reason(lang: Lang, words: &str) -> String {
    line(lang.pick("理由", "reason"), words)
}

/// The evidence, in a line.
pub fn evidence(lang: Lang, words: &str) -> String {
    line(lang.pick("根拠", "evidence"), words)
}

fn line(name: &str, words: &str) -> String {
    format!("  {name}: {}\n", printable(words))
}

/// The duty of the second official, and what the approval brings about in both languages.
pub fn duty(lang: Lang, look: Look, (ja, en): (&str, &str)) -> String {
    match lang {
        Lang::Ja => {
            let what = match look {
                Look::Content => "内容",
                Look::Record => "記録",
                Look::Evidence => "根拠",
                Look::EvidenceAndRecords => "根拠と二つの記録",
            };
            format!("{what}を自分で確かめてください。{ja}")
        }
        Lang::En => {
            let what = match look {
                Look::Content => "the content",
                Look::Record => "the record",
                Look::Evidence => "the evidence",
                Look::EvidenceAndRecords => "the evidence and at both records",
            };
            format!("Look at {what} yourself. {en}")
        }
    }
}
