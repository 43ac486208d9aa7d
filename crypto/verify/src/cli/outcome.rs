//! What the report says of votes: who took part and where, how many votes there are online and on paper, and who is elected.

use std::fmt::Write as _;

use tachiai_schemas::Lang;
use tachiai_schemas::paper::{OutReason, PlaceKind};
use tachiai_verify::Verdict;
use tachiai_verify::outcome::{Decided, Manner, Votes};
use tachiai_verify::verify::{ContestOutcome, SessionOutcome, TieOutcome, UncontestedOutcome};

use super::report::Report;

impl Report {
    /// Participation, places and changes; nothing where there was neither paper nor a change.
    pub(super) fn taking_part(self, verdict: &Verdict) -> String {
        let mut out = String::new();
        let mut line = |ja: String, en: String| {
            out.push_str(if self.lang == Lang::Ja { &ja } else { &en });
            out.push('\n');
        };
        let changes = verdict.roll_changes;
        if changes.added + changes.struck + changes.restored > 0 {
            line(
                format!("  開始後の名簿の異動: 追加 {} 名、抹消 {} 名、回復 {} 名", changes.added, changes.struck, changes.restored),
                format!("  the roll changed after the opening: {} added, {} struck, {} restored", changes.added, changes.struck, changes.restored),
            );
        }
        for out in &verdict.candidates_out {
            let reason = out_reason(out.reason, self.lang);
            line(
                format!("  候補者でなくなった方: {}（{reason}、葉 {}）", out.name.ja, out.leaf),
                format!("  out: {} ({reason}, leaf {})", out.name.en, out.leaf),
            );
        }
        if changes.added + changes.struck + changes.restored > 0 || !verdict.candidates_out.is_empty() {
            line(
                "  これらは選挙管理委員会の言葉です。告示と見比べてください。".to_owned(),
                "  these are the commission's word: compare them with its public notices".to_owned(),
            );
        }
        if verdict.places.is_empty() {
            return out;
        }
        if let Some(taking_part) = verdict.participation {
            let (online, paper, total, entitled) = (taking_part.online, taking_part.paper, taking_part.total, taking_part.entitled);
            line(
                format!("  投票者 {total} 名（オンライン {online} 名＋投票用紙 {paper} 名、どなたも一度だけ）、選挙人 {entitled} 名"),
                format!("  {total} electors took part ({online} online + {paper} on paper, nobody twice) of {entitled} who were entitled"),
            );
        }
        for place in &verdict.places {
            let kind = place_kind(place.kind, self.lang);
            line(format!("  {kind} {}", place.name.ja), format!("  {kind} {}", place.name.en));
            for session in place.sessions.iter().filter(|session| session.handouts > 0 || session.closed.is_some()) {
                let said = session_line(session, self.lang);
                line(format!("    {said}"), format!("    {said}"));
            }
        }
        out
    }

    /// The votes of a contest, and who is elected.
    pub(super) fn contest(self, contest: &ContestOutcome) -> String {
        let mut out = String::new();
        let (ballots, title) = (contest.ballots, self.text(&contest.title));
        // Writing to a string does not fail.
        let _ = match (&contest.papers, self.lang) {
            _ if contest.manner == Manner::Uncontested => writeln!(out, "{title}{}", self.lang.pick("（無投票）", " (without a poll)")),
            (None, Lang::Ja) => writeln!(out, "{title}（投票 {ballots} 件）"),
            (None, Lang::En) => writeln!(out, "{title} ({ballots} ballots)"),
            (Some(papers), Lang::Ja) => writeln!(
                out,
                "{title}（オンライン {ballots} 件、投票用紙 {} 枚: 有効 {}、白票 {}、その他の無効 {}）",
                papers.in_boxes, papers.valid, papers.blank, papers.invalid
            ),
            (Some(papers), Lang::En) => writeln!(
                out,
                "{title} ({ballots} ballots online, {} papers: {} valid, {} blank, {} otherwise invalid)",
                papers.in_boxes, papers.valid, papers.blank, papers.invalid
            ),
        };
        for option in &contest.options {
            let sum = match (&contest.papers, self.lang) {
                (None, _) => String::new(),
                (Some(_), Lang::Ja) => format!("（オンライン {}＋用紙 {}）", option.total, option.paper),
                (Some(_), Lang::En) => format!(" ({} online + {} on paper)", option.total, option.paper),
            };
            let standing = option.standing.name(self.lang);
            let _ = match self.lang {
                Lang::Ja => writeln!(out, "{:>12}  {}{sum} … {standing}", option.votes.to_string(), option.name.ja),
                Lang::En => writeln!(out, "{:>12}  {}{sum}: {standing}", option.votes.to_string(), option.name.en),
            };
        }
        if let Some(blanks) = contest.blanks {
            let _ = writeln!(out, "{blanks:>12}  {}", self.lang.pick("（オンラインの白票）", "(blank, online)"));
        }
        if let Some(needed) = &contest.thresholds {
            let (election, deposit) = (shown(&needed.election), shown(&needed.deposit));
            let _ = match self.lang {
                Lang::Ja => writeln!(out, "  有効投票 {}、法定得票数 {election}、供託物没収点 {deposit}", contest.totals.valid),
                Lang::En => writeln!(out, "  {} valid votes; needed for a seat {election}, for the deposit {deposit}", contest.totals.valid),
            };
        }
        if let Some(tie) = &contest.tie {
            let _ = writeln!(out, "  {}", self.tie(contest, tie));
        }
        out
    }

    /// A tie in words.
    pub(super) fn tie(self, contest: &ContestOutcome, tie: &TieOutcome) -> String {
        let TieOutcome { options, seats, decided, lot } = tie;
        let names: Vec<&str> = contest.options.iter().filter(|option| options.contains(&option.id)).map(|option| self.text(&option.name)).collect();
        let names = names.join(self.lang.pick("、", ", "));
        match (decided, lot, self.lang) {
            (Decided::ByLot, Some(leaf), Lang::Ja) => format!("得票同数: {names}。残る {seats} 議席はくじで決まりました（葉 {leaf}）。"),
            (Decided::ByLot, Some(leaf), Lang::En) => format!("Equal votes: {names}. A lot gave the {seats} seats that were left (leaf {leaf})."),
            (Decided::ByOrdinance, _, Lang::Ja) => format!("得票同数: {names}。条例の定めるところによります。"),
            (Decided::ByOrdinance, _, Lang::En) => format!("Equal votes: {names}. What follows is for the ordinance to say."),
            (Decided::Open | Decided::ByLot, _, Lang::Ja) => format!("得票同数: {names}。残る {seats} 議席のくじは、この記録にありません。"),
            (Decided::Open | Decided::ByLot, _, Lang::En) => format!("Equal votes: {names}. This record has no lot for the {seats} seats that are left."),
        }
    }

    pub(super) fn uncontested(self, contest: &UncontestedOutcome) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "{}{}", self.text(&contest.title), self.lang.pick("（無投票）", " (without a poll)"));
        for elected in &contest.elected {
            let _ = writeln!(out, "  {}  {}", self.lang.pick("無投票当選", "elected without a poll:"), self.text(&elected.name));
        }
        out
    }
}

/// A number of votes that is nobody's: with three places, the rest cut off.
pub(super) fn shown(votes: &Votes) -> String {
    votes.cut(3)
}

/// The figures of a day.
pub(super) fn session_line(session: &SessionOutcome, lang: Lang) -> String {
    let SessionOutcome { opens, closes: _, handouts, electors, with_card, replaced, closed, papers } = session;
    let day = opens.in_japan(lang);
    let boxes: u64 = papers.iter().map(|papers| u64::from(papers.in_box)).sum();
    match (closed, lang) {
        (Some(leaf), Lang::Ja) => {
            format!(
                "{day} から: 交付 {handouts} 件、投票者 {electors} 名（カード {with_card} 名）、オンライン投票の差し替え {replaced} 件、投函 {boxes} 枚（締め 葉 {leaf}）"
            )
        }
        (Some(leaf), Lang::En) => {
            format!(
                "from {day}: {handouts} hand-outs, {electors} electors ({with_card} by card), {replaced} ballots overridden, {boxes} papers in the box (closed, leaf {leaf})"
            )
        }
        (None, Lang::Ja) => {
            format!("{day} から: 交付 {handouts} 件、投票者 {electors} 名（カード {with_card} 名）、オンライン投票の差し替え {replaced} 件（未締め）")
        }
        (None, Lang::En) => {
            format!("from {day}: {handouts} hand-outs, {electors} electors ({with_card} by card), {replaced} ballots overridden (not closed)")
        }
    }
}

pub(super) const fn place_kind(kind: PlaceKind, lang: Lang) -> &'static str {
    match kind {
        PlaceKind::Early => lang.pick("期日前投票所", "early voting,"),
        PlaceKind::Day => lang.pick("投票所", "polling place"),
        PlaceKind::Absentee => lang.pick("不在者投票の窓口", "absentee desk"),
    }
}

pub(super) const fn out_reason(reason: OutReason, lang: Lang) -> &'static str {
    match reason {
        OutReason::Withdrawn => lang.pick("辞退", "withdrawn"),
        OutReason::Died => lang.pick("死亡", "died"),
        OutReason::Disqualified => lang.pick("被選挙権なし・届出却下", "disqualified"),
    }
}
