//! What a second official of the headquarters decides on: a disaster declared, an event closed, two records of one person, what was set aside.

use tachiai_schemas::roster::EventId;
use tachiai_schemas::shelter::case::{AsideDone, AsideVerdict, CaseNow, CaseOf, CaseShown, EraseDone, Outstanding};
use tachiai_schemas::shelter::{EventEnded, EventMade, LinkDone, LinkShown, PersonView};
use tachiai_schemas::staff::Matter;
use tachiai_schemas::{Lang, Say};

use super::words::{self, Look};
use super::{Names, matter};
use crate::card::printable;
use crate::client::Client;
use crate::commands::shelter::aside;
use crate::commands::shelter::event::{outstanding_text, to_publish};

/// Whether what is shown of a link is what its matter commits to.
pub fn is_shown(matter: &Matter, link: Option<&LinkShown>) -> bool {
    match (matter, link) {
        (Matter::LinkPeople { event, chain, other, verdict, commitment }, Some(LinkShown { case, people: _ })) => {
            let request = &case.request;
            (case.event, request.chain, request.other, request.verdict) == (*event, *chain, *other, *verdict) && case.commitment() == commitment.hash()
        }
        (Matter::LinkPeople { .. }, None) | (_, Some(_)) => false,
        (_, None) => true,
    }
}

/// Whether what is shown of a case is what its matter commits to, and what was looked at first.
pub fn is_case_shown(matter: &Matter, shown: Option<&CaseShown>) -> bool {
    match (matter, shown.map(|CaseShown { case, now }| (case, &case.of, now))) {
        (Matter::SettleAside { event, file, verdict, commitment }, Some((case, CaseOf::Aside(request), CaseNow::Aside(opened)))) => {
            let is_meant = (case.event, request.file, request.verdict, opened.view.file) == (*event, *file, *verdict, *file);
            is_meant && case.commitment() == commitment.hash() && opened.content(&request.entries) == Some(request.content.hash())
        }
        (Matter::ErasePerson { event, chain, ground, commitment }, Some((case, CaseOf::Erase { chain: of, request }, CaseNow::Erase(view)))) => {
            let is_meant = (case.event, *of, request.ground) == (*event, *chain, *ground) && view.handles.contains(chain);
            is_meant && case.commitment() == commitment.hash()
        }
        (Matter::CloseEvent { event, commitment: Some(commitment) }, Some((case, CaseOf::Close { .. }, CaseNow::Close(_)))) => {
            case.event == *event && case.commitment() == commitment.hash()
        }
        (Matter::SettleAside { .. } | Matter::ErasePerson { .. } | Matter::CloseEvent { event: _, commitment: Some(_) }, _) | (_, Some(_)) => false,
        (_, None) => true,
    }
}

/// The reason of a case, and what it is about as it stands now.
pub fn case_text(lang: Lang, shown: &CaseShown, names: &Names) -> String {
    let CaseShown { case, now } = shown;
    match (&case.of, now) {
        (CaseOf::Aside(request), CaseNow::Aside(opened)) => {
            let then = match request.verdict {
                AsideVerdict::Take => ("装置が自分の記録として書き直します。", "The appliance writes it again as its own."),
                AsideVerdict::Drop => {
                    ("名簿には入りません。引き渡しはそのまま保管されます。", "It does not come into the roster; the hand-in is kept as it is.")
                }
            };
            let duty = words::duty(lang, Look::Content, then);
            format!(
                "{}{}\n{duty}",
                words::reason(lang, &request.reason),
                aside::case_text(lang, request, opened, &|shelter| names.shelter_name(lang, case.event, shelter))
            )
        }
        (CaseOf::Close { reason, outstanding }, CaseNow::Close(now)) => {
            let text = |of: &Outstanding| outstanding_text(lang, of, &|shelter| names.shelter_name(lang, case.event, shelter));
            let then =
                if outstanding == now { String::new() } else { format!("\n  {}:\n{}", lang.pick("申請時", "when it was asked for"), text(outstanding)) };
            format!("{}  {}:\n{}{then}", words::reason(lang, reason), lang.pick("残っているもの", "still out"), text(now))
        }
        (CaseOf::Erase { chain: _, request }, CaseNow::Erase(view)) => {
            let then = (
                "この方の内容は二度と開けません。記録の件数と証明はそのまま残ります。",
                "What it says of the person is never opened again. Every count and proof stays.",
            );
            let duty = words::duty(lang, Look::Record, then);
            format!("{}{}{duty}", words::reason(lang, &request.reason), person_text(lang, case.event, view, names))
        }
        (CaseOf::Aside(_), CaseNow::Close(_) | CaseNow::Erase(_))
        | (CaseOf::Close { .. }, CaseNow::Aside(_) | CaseNow::Erase(_))
        | (CaseOf::Erase { .. }, CaseNow::Aside(_) | CaseNow::Close(_)) => String::new(),
    }
}

/// The evidence of a link, and the people as they stand.
pub fn link_text(lang: Lang, shown: &LinkShown, names: &Names) -> String {
    let LinkShown { case, people } = shown;
    let people: String = people.iter().map(|view| person_text(lang, case.event, view, names)).collect();
    let duty = words::duty(lang, Look::EvidenceAndRecords, ("どちらの履歴も残ります。", "Both histories stay."));
    format!("{}{people}{duty}", words::evidence(lang, &case.request.evidence))
}

fn person_text(lang: Lang, event: EventId, view: &PersonView, names: &Names) -> String {
    let steps = view.history.iter().map(|step| {
        let known = step.person.as_ref().map_or_else(
            || lang.pick("（内容は失われています）", "(what it said is lost)").to_owned(),
            |person| {
                let birth = match person.birth {
                    tachiai_schemas::roster::person::Birth::Day(day) => day.say(lang),
                    tachiai_schemas::roster::person::Birth::Years(years) => format!("{years}{}", lang.pick("歳", " years")),
                    tachiai_schemas::roster::person::Birth::Unknown => lang.pick("生年月日不明", "birth unknown").to_owned(),
                };
                format!("{}  {}  {birth}  {}", printable(&person.name), printable(&person.kana), printable(&person.address))
            },
        );
        format!("    {}  {}  {}  {known}\n", step.time.timestamp().in_japan(lang), names.shelter_name(lang, event, &step.shelter), step.act.say(lang))
    });
    let handles = view.handles.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    format!("  {handles}\n{}", steps.collect::<String>())
}

/// That an event is declared, and what the municipality publishes of it.
pub fn declared_text(lang: Lang, client: &Client, EventMade { event }: &EventMade) -> String {
    format!("{}\n{event}\n{}", lang.pick("災害・行事を開始しました。", "The event is declared."), to_publish(lang, client, *event))
}

/// That an event is closed.
pub fn closed_text(lang: Lang, EventEnded { event, size }: &EventEnded) -> String {
    match lang {
        Lang::Ja => format!("災害・行事 {event} を終了しました（記録 {size} 件）。"),
        Lang::En => format!("Event {event} is closed with {size} entries."),
    }
}

/// What became of what was set aside.
pub fn settled_text(lang: Lang, done: &AsideDone) -> String {
    let AsideDone { event: _, file: _, verdict, entries } = done;
    format!("{}: {}", matter::aside_name(lang, *verdict), entries.len())
}

/// What holds about two records.
pub fn linked_text(lang: Lang, done: &LinkDone) -> String {
    let LinkDone { event: _, chain, other, verdict, leaf: _ } = done;
    format!("{}: {chain} {other}", matter::people_name(lang, *verdict))
}

/// That somebody is erased.
pub fn erased_text(lang: Lang, done: &EraseDone) -> String {
    let EraseDone { event: _, handles: _, entries } = done;
    match lang {
        Lang::Ja => format!("消去しました。名簿の記録 {entries} 件は残り、その内容は開けません。"),
        Lang::En => format!("Erased. {entries} entries stay in the roster, and what they say of the person opens no more."),
    }
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::Bytes;
    use tachiai_schemas::roster::hand_in::{Aside, SetAside};
    use tachiai_schemas::roster::report::HowCounted;
    use tachiai_schemas::roster::report::ReportContent;
    use tachiai_schemas::roster::{ChainId, LinkVerdict};
    use tachiai_schemas::shelter::case::{AsideContent, AsideEntry, AsideOpened, AsideRequest, AsideSaid, AsideStanding, Case};
    use tachiai_schemas::shelter::{AsideView, LinkCase, LinkRequest, Way};

    use super::*;

    #[test]
    fn another_case_than_the_matter_commits_to_is_not_signed() {
        let (event, chain, other) = (EventId([1; 16]), ChainId([2; 16]), ChainId([3; 16]));
        let request = LinkRequest { chain, other, verdict: LinkVerdict::Same, evidence: "保険証".to_owned() };
        let case = LinkCase { salt: Bytes([4; 32]), event, request };
        let matter = |verdict| Matter::LinkPeople { event, chain, other, verdict, commitment: case.commitment().into() };
        let shown = |evidence: &str| {
            let mut case = case.clone();
            evidence.clone_into(&mut case.request.evidence);
            LinkShown { case, people: vec![] }
        };
        assert!(is_shown(&matter(LinkVerdict::Same), Some(&shown("保険証"))));
        assert!(!is_shown(&matter(LinkVerdict::Same), Some(&shown("診察券"))));
        assert!(!is_shown(&matter(LinkVerdict::Apart), Some(&shown("保険証"))));
        assert!(!is_shown(&matter(LinkVerdict::Same), None));
        assert!(!is_shown(&Matter::CloseEvent { event, commitment: None }, Some(&shown("保険証"))));
    }

    #[test]
    fn another_reason_or_content_than_the_first_official_looked_at_is_not_signed() {
        let event = EventId([1; 16]);
        let close = Case { salt: Bytes([4; 32]), event, of: CaseOf::Close { reason: "端末は流失".to_owned(), outstanding: Outstanding::default() } };
        let matter = Matter::CloseEvent { event, commitment: Some(close.commitment().into()) };
        let shown = |case: &Case, now| CaseShown { case: case.clone(), now };
        let out = || CaseNow::Close(Outstanding::default());
        assert!(is_case_shown(&matter, Some(&shown(&close, out()))));
        let renamed = Case { of: CaseOf::Close { reason: "別の理由".to_owned(), outstanding: Outstanding::default() }, ..close.clone() };
        assert!(!is_case_shown(&matter, Some(&shown(&renamed, out()))) && !is_case_shown(&matter, None));
        assert!(is_case_shown(&Matter::CloseEvent { event, commitment: None }, None), "with nothing out there is nothing to show");

        let heads = |persons| AsideEntry {
            content: AsideContent {
                aside: SetAside { index: 2, reason: Aside::Revoked, detail: String::new() },
                source: Bytes([5; 32]),
                time: None,
                entered: None,
                said: AsideSaid::Report { shelter: "gym".parse().unwrap(), content: ReportContent::Headcount { persons, how: HowCounted::About } },
            },
            standing: AsideStanding::Open {},
        };
        let view = AsideView {
            file: Bytes([9; 32]),
            at: tachiai_schemas::Timestamp::LAST,
            by: "受付".to_owned(),
            way: Way::Stick,
            terminal: "gym-1".parse().unwrap(),
            aside: Vec::new(),
            open: 1,
        };
        let opened = |persons| AsideOpened { view: view.clone(), entries: vec![heads(persons)] };
        let content = opened(30).content(&[2]).unwrap().into();
        let request = AsideRequest { file: view.file, entries: vec![2], content, verdict: AsideVerdict::Take, reason: "媒体".to_owned() };
        let case = Case { salt: Bytes([4; 32]), event, of: CaseOf::Aside(request) };
        let of = |verdict| Matter::SettleAside { event, file: view.file, verdict, commitment: case.commitment().into() };
        let take = of(AsideVerdict::Take);
        assert!(is_case_shown(&take, Some(&shown(&case, CaseNow::Aside(opened(30))))));
        assert!(!is_case_shown(&take, Some(&shown(&case, CaseNow::Aside(opened(31))))), "other content");
        assert!(!is_case_shown(&of(AsideVerdict::Drop), Some(&shown(&case, CaseNow::Aside(opened(30))))), "another verdict");
        assert!(!is_case_shown(&take, Some(&shown(&case, out()))) && !is_case_shown(&take, None));
        let text = case_text(Lang::En, &shown(&case, CaseNow::Aside(opened(30))), &Names::default());
        assert!(text.contains("媒体") && text.contains("heads: 30"), "{text}");
    }
}
