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

fn paper(lines: &[(&str, String)]) -> String {
    lines.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n")
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
    let rest = [
        (lang.pick("渡せる様式", "Forms that may be given"), listed(lang, &forms)),
        (lang.pick("提供許可", "Grants"), names(lang, &own, ["なし", "none"])),
        (lang.pick("証明書", "Certificate"), desk.with("share-certificate", &[("name", name.to_string())])),
    ];
    format!("{}\n{}", agency_lines(lang, agency), paper(&rest))
}

/// An agency as it is entered.
#[must_use]
pub fn agency_lines(lang: Lang, Agency { name, kind, recipient, contact }: &Agency) -> String {
    paper(&[
        (lang.pick("機関", "Agency"), with_id(lang, name.as_str(), &kind.say(lang))),
        (lang.pick("暗号化の宛先", "Encrypted to"), printable(recipient)),
        (lang.pick("連絡先", "Contact"), printable(contact)),
    ])
}

/// A grant as two officials decide on it.
#[must_use]
pub fn grant_paper(lang: Lang, grant: &Grant, names: &Names) -> String {
    paper(&grant_rows(lang, grant, names))
}

/// A disclosure that was made.
#[must_use]
pub fn disclosed_paper(lang: Lang, DisclosedAt { at, disclosed }: &DisclosedAt, known: &Names) -> String {
    let fields: Vec<String> = disclosed.fields.iter().map(|field| field_name(lang, field)).collect();
    let form =
        disclosed.form.as_ref().map_or_else(|| lang.pick("証明付きファイルのみ", "the file with its proof alone").to_owned(), |form| form.format.say(lang));
    paper(&[
        (lang.pick("時刻", "Time"), at.in_japan(lang)),
        (lang.pick("操作した職員・機関", "By"), printable(&disclosed.by)),
        (lang.pick("提供先", "To"), disclosed.agency.to_string()),
        (lang.pick("提供許可", "Grant"), disclosed.grant.to_string()),
        (lang.pick("目的", "Purpose"), printable(&disclosed.purpose)),
        (lang.pick("法的根拠", "Legal basis"), disclosed.basis.say(lang)),
        (lang.pick("災害・行事", "Event"), known.event_with_id(lang, disclosed.event)),
        (lang.pick("避難所", "Shelters"), known.shelters_with_ids(lang, disclosed.event, &disclosed.shelters)),
        (lang.pick("対象", "Who"), disclosed.of.say(lang)),
        (lang.pick("項目", "Fields"), fields.join(lang.pick("、", ", "))),
        (lang.pick("様式", "Form"), form),
        (lang.pick("渡した人数", "People"), disclosed.people.to_string()),
        (lang.pick("対象外", "Withheld"), withheld_text(lang, &disclosed.withheld)),
        (lang.pick("申請の番号", "Request"), disclosed.request.to_string()),
    ])
}
