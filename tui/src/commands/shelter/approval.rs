//! What a second official sees of acts about shelters.

use tachiai_schemas::Lang;
use tachiai_schemas::roster::LinkVerdict;
use tachiai_schemas::shelter::{LinkCase, LinkRequest, LinkShown};
use tachiai_schemas::staff::{Matter, Settled};

use super::person::view_text;
use super::words::said;
use crate::card::printable;
use crate::cli::Global;
use crate::commands::say;
use crate::failure::Failure;

/// What waits, in a line.
pub fn matter_text(l: Lang, matter: &Matter) -> String {
    match matter {
        Matter::DeclareEvent { spec } => {
            let title = printable(l.pick(&spec.title.ja, &spec.title.en));
            format!("{}  {}  {title}  {}  {}", l.pick("開設の宣言", "declaration of an event"), said(l, &spec.kind), spec.municipality, spec.began.in_japan(l))
        }
        Matter::CloseEvent { event } => format!("{}  {event}", l.pick("イベントの終了", "closing of an event")),
        Matter::LinkPeople { event, chain, other, verdict, commitment: _ } => format!("{}  {event}  {chain} {other}", verdict_text(l, *verdict)),
        // Others are told by their own rooms.
        _ => String::new(),
    }
}

const fn verdict_text(l: Lang, verdict: LinkVerdict) -> &'static str {
    match verdict {
        LinkVerdict::Same => l.pick("同一人として結び付ける", "two handles are of one person"),
        LinkVerdict::Apart => l.pick("同一人ではないとする", "two handles are not of one person"),
    }
}

/// Whether what is signed about a link is what is shown.
///
/// # Errors
/// [`Failure`] if it is not, or if it is not shown to this official.
pub fn is_shown(matter: &Matter, link: Option<&LinkShown>) -> Result<(), Failure> {
    let shown = match (matter, link) {
        (Matter::LinkPeople { event, chain, other, verdict, commitment }, Some(LinkShown { case, people: _ })) => {
            let LinkCase { salt: _, event: case_event, request } = case;
            let LinkRequest { chain: case_chain, other: case_other, verdict: case_verdict, evidence: _ } = request;
            (case_event, case_chain, case_other, case_verdict) == (event, chain, other, verdict) && case.commitment() == commitment.hash()
        }
        (Matter::LinkPeople { .. }, None) => {
            return Err(Failure::refused(
                "誰についての申請かが、この証明書の役割には表示されません。災害対策本部の職員が承認してください。",
                "whom this is about is not shown to the role of this certificate. An official of the headquarters must approve it.",
            ));
        }
        (_, None) => true,
        (_, Some(_)) => false,
    };
    if shown {
        return Ok(());
    }
    Err(Failure::refused(
        "サーバーが求める署名は、表示された内容のものではありません。署名していません。",
        "the server asks for the signature of something else than what it shows. Nothing was signed.",
    ))
}

/// What a link is about.
pub fn link_text(l: Lang, link: &LinkShown) -> String {
    let LinkShown { case, people } = link;
    let people = people.iter().map(|view| view_text(l, view)).collect::<Vec<_>>().join("\n");
    format!("  {}: {}\n{people}", l.pick("根拠", "evidence"), printable(&case.request.evidence))
}

/// Says what was approved.
pub fn print_settled(global: &Global, settled: &Settled) {
    let l = global.lang();
    say(global, &serde_json::json!(settled), || match settled {
        Settled::DeclareEvent(made) => format!("{}: {}", l.pick("開きました", "declared"), made.event),
        Settled::CloseEvent(ended) => format!("{}: {} ({})", l.pick("終了しました", "closed"), ended.event, ended.size),
        Settled::LinkPeople(done) => format!("{}: {} {}", verdict_text(l, done.verdict), done.chain, done.other),
        // Others are told by their own rooms.
        _ => String::new(),
    });
}
