//! What a second official of the headquarters decides on: a disaster declared, an event closed, two records of one person.

use tachiai_schemas::Lang;
use tachiai_schemas::roster::{EventKind, LinkVerdict};
use tachiai_schemas::shelter::{EventEnded, EventMade, EventSpec, LinkDone, LinkShown, PersonView};
use tachiai_schemas::staff::Matter;

use crate::card::printable;
use crate::cli::Global;

/// The kind of an event.
const fn kind_name(lang: Lang, kind: EventKind) -> &'static str {
    match kind {
        EventKind::Disaster => lang.pick("災害", "disaster"),
        EventKind::Drill => lang.pick("訓練", "drill"),
        EventKind::OpenSchool => lang.pick("オープンスクール", "open school day"),
        EventKind::Lecture => lang.pick("講演会", "lecture"),
        EventKind::RollCall => lang.pick("点呼", "roll call"),
    }
}

const fn verdict_name(lang: Lang, verdict: LinkVerdict) -> &'static str {
    match verdict {
        LinkVerdict::Same => lang.pick("二つの記録は同じ方のもの", "two records are of one person"),
        LinkVerdict::Apart => lang.pick("二つの記録は別の方のもの", "two records are of two people"),
    }
}

/// The matter in a line; nothing for those of other rooms.
pub fn matter_text(lang: Lang, matter: &Matter) -> String {
    match matter {
        Matter::DeclareEvent { spec } => {
            let EventSpec { kind, title, municipality, began, card: _, min_group: _ } = &**spec;
            let title = printable(lang.pick(&title.ja, &title.en));
            format!("{}  {}  {title}  {municipality}  {}", lang.pick("イベントの開始", "declare an event"), kind_name(lang, *kind), began.in_japan(lang))
        }
        Matter::CloseEvent { event } => {
            format!("{}  {event}", lang.pick("イベントの終了（以後は記録できません）", "close an event (nothing is recorded after it)"))
        }
        Matter::LinkPeople { event, chain, other, verdict, commitment: _ } => format!("{}  {event}  {chain}  {other}", verdict_name(lang, *verdict)),
        Matter::Election { .. }
        | Matter::CandidateOut { .. }
        | Matter::EnrolCounter { .. }
        | Matter::RollChange { .. }
        | Matter::AttendedLook { .. }
        | Matter::PapersByName { .. } => String::new(),
    }
}

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

/// The evidence of a link, and the people as they stand.
pub fn link_text(lang: Lang, shown: &LinkShown) -> String {
    let LinkShown { case, people } = shown;
    let people: String = people.iter().map(|view| person_text(lang, view)).collect();
    let duty = lang
        .pick("根拠と二つの記録を自分で確かめてください。どちらの履歴も残ります。", "Look at the evidence and at both records yourself. Both histories stay.");
    format!("  {}: {}\n{people}{duty}", lang.pick("根拠", "evidence"), printable(&case.request.evidence))
}

fn person_text(lang: Lang, view: &PersonView) -> String {
    let steps = view.history.iter().map(|step| {
        let known = step.person.as_ref().map_or_else(
            || lang.pick("（内容は失われています）", "(what it said is lost)").to_owned(),
            |person| {
                let birth = match person.birth {
                    tachiai_schemas::roster::person::Birth::Day(day) => day.to_string(),
                    tachiai_schemas::roster::person::Birth::Years(years) => format!("{years}{}", lang.pick("歳", " years")),
                    tachiai_schemas::roster::person::Birth::Unknown => lang.pick("生年月日不明", "birth unknown").to_owned(),
                };
                format!("{}  {}  {birth}  {}", printable(&person.name), printable(&person.kana), printable(&person.address))
            },
        );
        format!("    {}  {}  {}  {known}\n", step.time.timestamp().in_japan(lang), step.shelter, step.act.name())
    });
    let handles = view.handles.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    format!("  {handles}\n{}", steps.collect::<String>())
}

/// Says that an event is declared.
pub fn print_declared(global: &Global, made: &EventMade) {
    let EventMade { event } = made;
    if global.json {
        outln!("{}", serde_json::json!({ "event": event }));
    } else {
        outln!("{}", global.pick("イベントを開始しました。", "The event is declared."));
        outln!("{event}");
    }
}

/// Says that an event is closed.
pub fn print_closed(global: &Global, ended: &EventEnded) {
    let EventEnded { event, size } = ended;
    if global.json {
        outln!("{}", serde_json::json!({ "event": event, "size": size }));
    } else {
        outln!("{}", global.pick(&format!("イベント {event} を終了しました（記録 {size} 件）。"), &format!("Event {event} is closed with {size} entries.")));
    }
}

/// Says what holds about two records.
pub fn print_linked(global: &Global, done: &LinkDone) {
    let LinkDone { event, chain, other, verdict, leaf } = done;
    if global.json {
        outln!("{}", serde_json::json!({ "event": event, "chain": chain, "other": other, "verdict": verdict, "leaf": leaf }));
    } else {
        outln!("{}: {chain} {other}", verdict_name(global.lang(), *verdict));
    }
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::Bytes;
    use tachiai_schemas::roster::{ChainId, EventId};
    use tachiai_schemas::shelter::{LinkCase, LinkRequest};

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
        assert!(!is_shown(&Matter::CloseEvent { event }, Some(&shown("保険証"))));
    }
}
