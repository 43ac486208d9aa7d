//! What is known of agencies, grants and disclosures, in lines.

use tachiai_schemas::sharing::agency::{Agency, Format, Grant, GrantMade};
use tachiai_schemas::sharing::disclosed::DisclosedAt;
use tachiai_schemas::{Lang, Say};

use super::grants;
use crate::card::printable;
use crate::commands::approve::matter::grant_rows;
use crate::commands::approve::{Names, with_id};
use crate::commands::given::{field_name, listed, names, withheld_text};
use crate::console::desk::Desk;
use crate::console::i18n::Words;
use crate::console::screens::home::title;

/// Whether a grant gives something now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Yes.
    Now,
    /// Not yet.
    Later,
    /// No more: its time is over.
    Over,
    /// No more: it was withdrawn.
    Withdrawn,
}

impl Holds {
    /// The message that says so.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Now => "share-holds",
            Self::Later => "share-later",
            Self::Over => "share-over",
            Self::Withdrawn => "share-ended",
        }
    }
}

/// Whether a grant gives something now, by the appliance's clock.
#[must_use]
pub fn holds(desk: &Desk, made: &GrantMade) -> Holds {
    let there = desk.now.plus(desk.ahead);
    match &made.grant {
        _ if made.withdrawn.is_some() => Holds::Withdrawn,
        grant if there < grant.from => Holds::Later,
        grant if there >= grant.until => Holds::Over,
        _ => Holds::Now,
    }
}

/// A text in which open events stand with their titles.
#[must_use]
pub fn with_titles(desk: &Desk, text: &str) -> String {
    let open = desk.status.iter().filter_map(|status| status.events.as_ref()).flatten();
    open.fold(text.to_owned(), |text, event| {
        let id = event.summary.event.to_string();
        text.replace(&id, &format!("{}（{id}）", title(desk, &event.summary.declared.title)))
    })
}

fn paper(words: &Words, lines: &[(&str, String)]) -> String {
    lines.iter().map(|(key, value)| format!("{}: {value}", words.say(key))).collect::<Vec<_>>().join("\n")
}

/// An agency with its grants.
#[must_use]
pub fn agency_paper(desk: &Desk, agency: &Agency) -> String {
    let Agency { name, kind, recipient: _, contact: _ } = agency;
    let lang = desk.lang();
    let forms: Vec<Format> = Format::ALL.into_iter().map(|(format, _)| format).filter(|format| format.is_for(*kind)).collect();
    let own: Vec<String> = grants(desk)
        .iter()
        .filter(|made| made.grant.agency == *name)
        .map(|made| {
            let state = desk.say(holds(desk, made).name());
            // Nothing is given on a grant for another recipient.
            let other = if made.grant.recipient == agency.recipient && made.grant.kind == *kind { String::new() } else { desk.say("share-other-recipient") };
            format!("{}{other}", with_id(lang, made.grant.name.as_str(), &state))
        })
        .collect();
    let none = desk.say("share-none");
    let rest = [
        ("share-forms-given", listed(lang, &forms)),
        ("share-grants-of", names(lang, &own, [&none, &none])),
        ("share-certificate-of", desk.with("share-certificate", &[("name", name.to_string())])),
    ];
    format!("{}\n{}", agency_lines(&desk.words, agency), paper(&desk.words, &rest))
}

/// An agency as it is entered.
#[must_use]
pub fn agency_lines(words: &Words, Agency { name, kind, recipient, contact }: &Agency) -> String {
    let lines = [
        ("share-agency", with_id(words.lang(), name.as_str(), &kind.say(words.lang()))),
        ("share-recipient", printable(recipient)),
        ("share-contact", printable(contact)),
    ];
    paper(words, &lines)
}

/// A grant as two officials decide on it.
#[must_use]
pub fn grant_paper(lang: Lang, grant: &Grant, names: &Names) -> String {
    grant_rows(lang, grant, names).iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n")
}

/// A disclosure that was made.
#[must_use]
pub fn disclosed_paper(words: &Words, DisclosedAt { at, disclosed }: &DisclosedAt, known: &Names) -> String {
    let lang = words.lang();
    let fields: Vec<String> = disclosed.fields.iter().map(|field| field_name(lang, field)).collect();
    let form = disclosed.form.as_ref().map_or_else(|| words.say("share-proof"), |form| form.format.say(lang));
    let lines = [
        ("share-time", at.in_japan(lang)),
        ("share-done-by", printable(&disclosed.by)),
        ("share-to", disclosed.agency.to_string()),
        ("share-grant", disclosed.grant.to_string()),
        ("share-purpose", printable(&disclosed.purpose)),
        ("share-basis", disclosed.basis.say(lang)),
        ("share-event", known.event_with_id(lang, disclosed.event)),
        ("share-shelters", known.shelters_with_ids(lang, disclosed.event, &disclosed.shelters)),
        ("share-of", disclosed.of.say(lang)),
        ("share-fields", fields.join(lang.pick("、", ", "))),
        ("share-form", form),
        ("share-given-to", disclosed.people.to_string()),
        ("share-withheld", withheld_text(lang, &disclosed.withheld)),
        ("share-request", disclosed.request.to_string()),
    ];
    paper(words, &lines)
}
