//! Where elections stand, in words.

use tachiai_schemas::receipt::{ElectionSummary, Phase};
use tachiai_schemas::staff::ElectionStatus;
use tachiai_schemas::{ElectionId, Lang, Refusal};

use super::acts::fingerprint_label;
use crate::cli::Global;
use crate::client::Client;
use crate::commands::approve::{Names, line};
use crate::commands::count::out_line;
use crate::commands::say;
use crate::commands::vote::authority_notice;
use crate::failure::{Exit, Failure};

pub(super) fn list(global: &Global) -> Result<Exit, Failure> {
    let list: Vec<ElectionSummary> = global.staff()?.get("/api/v1/elections", None)?;
    say(global, &serde_json::json!({ "elections": list }), || {
        list.iter()
            .map(|e| format!("{}  {}  {}", e.election, phase_name(global.lang(), e.phase), global.pick(&e.title.ja, &e.title.en)))
            .collect::<Vec<_>>()
            .join("\n")
    });
    Ok(Exit::Done)
}

/// Adds to a refusal that comes from the order of things where the election stands, and what comes first.
pub fn where_it_stands(client: &Client, id: ElectionId, failure: Failure) -> Failure {
    if !matches!(failure.code, Some(Refusal::WrongPhase | Refusal::Incomplete | Refusal::TooEarly | Refusal::DaysOpen)) {
        return failure;
    }
    let Ok(status) = client.get::<ElectionStatus>(&format!("/api/v1/elections/{id}/status"), None) else { return failure };
    let phase = |lang| phase_name(lang, status.summary.phase);
    failure.and(
        format!("今の段階: {}。先にすること: {}", phase(Lang::Ja), status.next_ja),
        format!("The phase is: {}. What comes first: {}", phase(Lang::En), status.next_en),
    )
}

/// What to do next, with the command that does it.
pub(super) fn next_line(l: Lang, s: &ElectionStatus) -> String {
    let command = s.next_deed.map(|deed| format!("  ({})", deed.commands())).unwrap_or_default();
    format!("{}: {}{command}", l.pick("次にすること", "next"), l.pick(&s.next_ja, &s.next_en))
}

pub(super) fn print_status(global: &Global, s: &ElectionStatus) {
    say(global, &serde_json::json!(s), || {
        let l = global.lang();
        let mut lines = vec![
            format!("{}  {}", s.summary.election, l.pick(&s.summary.title.ja, &s.summary.title.en)),
            format!("{}: {}  {}", l.pick("段階", "phase"), phase_name(l, s.summary.phase), authority_notice(l, s.summary.authority)),
            format!(
                "{}: {} – {} – {}",
                l.pick("開始・オンライン締切・投票締切", "opens, online closes, poll closes"),
                s.summary.opens.in_japan(l),
                s.summary.online_closes.in_japan(l),
                s.summary.poll_closes.in_japan(l)
            ),
            format!(
                "{}: {}  {}: {}  {}: {}  {}: {}",
                l.pick("選挙人", "electors"),
                s.electors,
                l.pick("鍵の登録（延べ）", "keys registered"),
                s.registrations,
                l.pick("投票記録", "ballots"),
                s.ballots,
                l.pick("有効な投票", "counted now"),
                s.counted
            ),
        ];
        for t in &s.trustees {
            lines.push(format!(
                "{} {} {} [{}] {}",
                l.pick("立会人", "trustee"),
                t.trustee,
                t.name,
                t.received.join(", "),
                crate::commands::trustee::key_fingerprint(&t.signing_key.0)
            ));
        }
        for w in &s.witnesses {
            let size = w.size.map_or_else(|| "-".to_owned(), |size| size.to_string());
            let at = w.at.map_or_else(String::new, |at| at.in_japan(l));
            lines.push(format!("{} {}  {} {size} / {}  {at}", l.pick("証人", "witness"), w.name, l.pick("連署した項目数", "cosigned up to"), s.summary.size));
        }
        lines.extend(few_witnesses(l, usize::from(s.witness_quorum), s.witnesses.len()));
        if let Some(fingerprint) = &s.fingerprint {
            lines.push(format!("{}: {fingerprint}", fingerprint_label(l)));
        }
        lines.extend(s.out.iter().map(|out| out_line(l, out)));
        for title in &s.without_poll {
            lines.push(format!(
                "{}: {}",
                l.pick("無投票（投票は行われず、候補者全員が当選）", "without a poll; all candidates are elected"),
                l.pick(&title.ja, &title.en)
            ));
        }
        let mut names = Names::default();
        names.election(s.summary.election, &s.summary.title);
        for p in &s.pending {
            lines.push(format!("{}: {}", l.pick("承認待ち", "waits for approval"), line(l, p, &names)));
        }
        lines.push(next_line(l, s));
        lines.join("\n")
    });
}

/// A warning where k of n witnesses keep nobody from showing two boards (PROTOCOL §12.8): two sets of k need not have one in common.
fn few_witnesses(l: Lang, quorum: usize, all: usize) -> Option<String> {
    (all > 0 && 2 * quorum <= all).then(|| match l {
        Lang::Ja => {
            format!("注意: 証人 {all} 名中 {quorum} 名の連署では、相手によって異なる掲示板を見せることを防げません。必要な数は半数を超える必要があります（[witnesses] quorum）。")
        }
        Lang::En => format!(
            "careful: {quorum} of {all} witnesses do not prevent two faces of the board: more than half of them must be needed ([witnesses] quorum)."
        ),
    })
}

/// The witnesses whose cosignatures a published election still lacks.
#[must_use]
pub fn witnesses_missing(status: &ElectionStatus) -> Vec<&str> {
    if status.summary.phase == Phase::Published { status.witnesses_missing() } else { Vec::new() }
}

/// The name of a phase.
#[must_use]
pub fn phase_name(lang: Lang, phase: Phase) -> &'static str {
    match phase {
        Phase::Draft => lang.pick("準備", "draft"),
        Phase::Ceremony => lang.pick("鍵生成", "ceremony"),
        Phase::Open => lang.pick("投票受付中", "open"),
        Phase::OnlineClosed => lang.pick("オンライン締切", "online closed"),
        Phase::PollClosed => lang.pick("投票締切", "poll closed"),
        Phase::Tallying => lang.pick("開票中", "tallying"),
        Phase::Tallied => lang.pick("開票済み", "tallied"),
        Phase::Published => lang.pick("公表済み", "published"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quorum_of_witnesses_that_prevents_nothing_is_warned_of() {
        for (quorum, all) in [(1, 2), (1, 3), (2, 4), (8, 16)] {
            let said = few_witnesses(Lang::En, quorum, all).unwrap();
            assert!(said.contains("do not prevent two faces") && few_witnesses(Lang::Ja, quorum, all).unwrap().contains("防げません"), "{said}");
        }
        for (quorum, all) in [(0, 0), (1, 1), (2, 3), (3, 4), (9, 16)] {
            assert_eq!(few_witnesses(Lang::Ja, quorum, all), None, "{quorum} of {all}");
        }
    }
}
