//! The entries of journals in words. What has no words here is shown as it stands in the journal.

use tachiai_schemas::journal::JournalLine;
use tachiai_schemas::staff::Role;
use tachiai_schemas::{Lang, Refusal, Say};

use crate::card::printable;
use crate::console::desk::Desk;
use crate::console::screens::home::title;

/// What kinds of entries are called.
const KINDS: &[(&str, &str, &str)] = &[
    ("staff-added", "職員の登録", "official listed"),
    ("staff-revoked", "職員の失効", "official revoked"),
    ("act-requested", "申請", "request"),
    ("act-approved", "承認", "approval"),
    ("act-declined", "却下", "declined"),
    ("act-withdrawn", "取下げ", "withdrawn"),
    ("act-finished", "申請の結果", "outcome of a request"),
    ("citizen-registered", "利用登録", "citizen registered"),
    ("card-bound", "カードの登録", "card bound"),
    ("citizen-issued", "市民IDの発行", "citizen ID issued"),
    ("code-replaced", "コードの再発行", "code replaced"),
    ("citizen-looked-at", "市民IDの照会", "citizen ID looked at"),
    ("counter-read", "窓口登録の読取り", "read at a counter"),
    ("card-bound-at-counter", "窓口でのカード登録", "card bound at a counter"),
    ("citizen-case-asked", "市民IDの申請", "case about citizen IDs"),
    ("citizens-linked", "市民IDの名寄せ", "citizen IDs linked"),
    ("citizen-erasing", "市民の消去の開始", "citizen being erased"),
    ("citizen-erased", "市民の消去", "citizen erased"),
    ("agency-set", "機関の登録", "agency entered"),
    ("granted", "提供許可", "grant"),
    ("grant-withdrawn", "提供許可の取下げ", "grant withdrawn"),
    ("previewed", "提供前の確認", "preview of a disclosure"),
    ("history-read", "開示履歴の照会", "accesses looked up"),
    ("disclosed", "情報の提供", "disclosure"),
    ("accessed", "開示記録", "access"),
    ("alerted", "緊急閲覧の申出", "emergency access"),
    ("alert-read", "緊急閲覧", "emergency reading"),
    ("consented", "同意", "consent"),
    ("steps-consented", "歩数の同意", "consent to step counts"),
    ("steps-taken", "歩数の受取り", "step counts taken"),
    ("warning-told", "気象警報の受信", "warning received"),
    ("warning-gone", "気象警報の終了", "warning over"),
    ("warnings-silent", "警報の受信が途絶", "warnings fell silent"),
    ("warnings-heard", "警報の受信が再開", "warnings heard again"),
    ("election-created", "選挙の作成", "election created"),
    ("trustee-added", "開票立会人の登録", "trustee listed"),
    ("roll-imported", "名簿の取込み", "roll imported"),
    ("roll-corrected", "名簿の訂正", "roll corrected"),
    ("roll-changed", "名簿の異動", "roll changed"),
    ("roll-exported", "名簿の持出し", "roll taken away"),
    ("objection-received", "異議の受付", "objection received"),
    ("objection-decided", "異議の決定", "objection decided"),
    ("ceremony-begun", "鍵の作成の開始", "ceremony begun"),
    ("tally-signed", "集計文の署名", "tally statement signed"),
    ("paper-counted", "用紙の計数の入力", "papers counted"),
    ("paper-count-recorded", "用紙の計数の確定", "paper count recorded"),
    ("officer-signed", "開票管理者・立会人の署名", "officer of the count signed"),
    ("lot-entered", "くじの入力", "lot entered"),
    ("lot-drop-asked", "くじの取消しの申出", "lot to be dropped"),
    ("lot-recorded", "くじの確定", "lot recorded"),
    ("day-closed", "投票所の一日の締め", "day of a place closed"),
];

/// What the parts of an entry are called.
const NAMES: &[(&str, &str, &str)] = &[
    ("id", "申請ID", "request"),
    ("name", "名前", "name"),
    ("role", "役割", "role"),
    ("kind", "種類", "kind"),
    ("act", "行為", "act"),
    ("election", "選挙", "election"),
    ("event", "イベント", "event"),
    ("title", "件名", "title"),
    ("ja", "名称", "name"),
    ("agency", "機関", "agency"),
    ("grant", "提供許可", "grant"),
    ("purpose", "目的", "purpose"),
    ("basis", "根拠", "basis"),
    ("reason", "理由", "reason"),
    ("verdict", "判断", "verdict"),
    ("refusal", "結果", "outcome"),
    ("version", "版", "version"),
    ("what", "内容", "what"),
    ("severity", "警戒の度合い", "severity"),
    ("area", "地域", "area"),
    ("description", "説明", "description"),
    ("electors", "選挙人", "electors"),
    ("unqualified", "投票できない方", "who may not vote"),
    ("contest", "選挙", "contest"),
    ("chosen", "くじの当選人", "chosen by lot"),
    ("trustee", "開票立会人", "trustee"),
    ("place", "投票所", "place"),
    ("number", "番号", "number"),
    ("ruling", "決定", "ruling"),
    ("change", "異動", "change"),
    ("leaf", "掲示板の番号", "leaf"),
];

/// What fixed values are called.
const VALUES: &[(&str, &str, &str)] = &[
    ("open", "投票の開始", "opening"),
    ("close-online", "オンライン投票の締切", "close of online voting"),
    ("close-poll", "投票の締切", "close of the poll"),
    ("count", "開票", "count"),
    ("publish", "結果の公表", "publication"),
    ("election", "選挙の手続き", "act of an election"),
    ("candidate-out", "候補者でなくなったことの記録", "candidate out"),
    ("enrol-counter", "窓口での利用登録", "enrolment at a counter"),
    ("roll-change", "名簿の異動", "change of the roll"),
    ("attended-look", "2人での名簿の確認", "look-up by two"),
    ("papers-by-name", "カードなしの用紙の交付", "papers by name"),
    ("declare-event", "災害の宣言", "declaration of a disaster"),
    ("close-event", "イベントの終了", "close of an event"),
    ("settle-aside", "取り置きの処理", "what was set aside"),
    ("link-people", "名寄せ", "link of two records"),
    ("erase-person", "記録の消去", "erasing a person"),
    ("link-citizens", "市民IDの名寄せ", "link of citizen IDs"),
    ("erase-citizen", "市民の消去", "erasing a citizen"),
    ("withdrawn", "辞退", "withdrawn"),
    ("died", "死亡", "died"),
    ("disqualified", "被選挙権なし・届出却下", "disqualified"),
    ("upheld", "異議を認める", "upheld"),
    ("dismissed", "異議を認めない", "dismissed"),
    ("same", "同じ人", "the same person"),
    ("apart", "別の人", "two people"),
];

fn word(of: &[(&'static str, &'static str, &'static str)], code: &str, lang: Lang) -> Option<&'static str> {
    of.iter().find(|(known, _, _)| *known == code).map(|(_, ja, en)| lang.pick(*ja, *en))
}

/// What kind of entry it is.
#[must_use]
pub fn kind(lang: Lang, line: &JournalLine) -> String {
    word(KINDS, &line.kind, lang).map_or_else(|| printable(&line.kind), ToOwned::to_owned)
}

/// What an entry says, part by part: what the part is called, and what it is.
#[must_use]
pub fn parts(desk: &Desk, line: &JournalLine) -> Vec<[String; 2]> {
    let lang = desk.lang();
    let part = |text: &String| {
        let (name, value) = text.split_once('=').unwrap_or(("", text));
        let label = word(NAMES, name, lang).map_or_else(|| printable(name), ToOwned::to_owned);
        [label, said(desk, name, value)]
    };
    line.said.iter().map(part).collect()
}

fn said(desk: &Desk, name: &str, value: &str) -> String {
    let lang = desk.lang();
    let elections = || desk.status.iter().flat_map(|status| &status.elections).map(|election| &election.summary);
    let known = match name {
        "election" => elections().find(|summary| summary.election.to_string() == value).map(|summary| title(desk, &summary.title)),
        "role" => value.parse::<Role>().ok().map(|role| desk.role_name(role)),
        "refusal" => Refusal::ALL.iter().find(|refusal| refusal.code() == value).map(|refusal| refusal.say(lang)),
        "kind" | "act" | "reason" | "verdict" | "ruling" => word(VALUES, value, lang).map(ToOwned::to_owned),
        _ => None,
    };
    known.unwrap_or_else(|| printable(value))
}

/// What an entry says, in a line. An approval and what came of it say what was asked for, where that is among the other entries.
#[must_use]
pub fn line(desk: &Desk, line: &JournalLine, others: &[JournalLine]) -> String {
    let own = joined(desk, line);
    match asked_for(line, others) {
        Some(request) => joined(desk, request),
        None => own,
    }
}

fn joined(desk: &Desk, line: &JournalLine) -> String {
    // A long list is read from its end: the number of a request says the least.
    let (ids, parts): (Vec<_>, Vec<_>) = line.said.iter().zip(parts(desk, line)).partition(|(said, _)| said.starts_with("id="));
    parts.into_iter().chain(ids).map(|(_, [label, value])| format!("{label}: {value}")).collect::<Vec<_>>().join("  ")
}

/// The request about which an entry is.
#[must_use]
pub fn asked_for<'a>(line: &JournalLine, others: &'a [JournalLine]) -> Option<&'a JournalLine> {
    if !matches!(line.kind.as_str(), "act-approved" | "act-finished" | "act-declined" | "act-withdrawn")
        || line.said.iter().any(|said| said.starts_with("refusal="))
    {
        return None;
    }
    let id = line.said.iter().find(|said| said.starts_with("id="))?;
    others.iter().rev().find(|other| other.kind == "act-requested" && other.said.contains(id))
}

/// All of an entry, a line for each part.
#[must_use]
pub fn whole(desk: &Desk, line: &JournalLine, others: &[JournalLine]) -> String {
    let lang = desk.lang();
    let JournalLine { seq, at, kind: code, by, said: _ } = line;
    let mut text = vec![format!("{}: {seq}", desk.say("journal-seq")), format!("{}: {}", desk.say("journal-at"), at.in_japan(lang))];
    text.push(format!("{}: {}  ({})", desk.say("journal-kind"), kind(lang, line), printable(code)));
    if !by.is_empty() {
        text.push(format!("{}: {}", desk.say("journal-by"), printable(&by.join(" + "))));
    }
    text.extend(parts(desk, line).into_iter().map(|[label, value]| format!("{label}: {value}")));
    if let Some(request) = asked_for(line, others) {
        text.push(String::new());
        text.push(format!("{}: {}  {}", desk.say("journal-asked"), printable(&request.by.join(" + ")), request.at.in_japan(lang)));
        text.extend(parts(desk, request).into_iter().map(|[label, value]| format!("{label}: {value}")));
    }
    text.join("\n")
}

/// Everything of an entry by which it is found: words and codes.
#[must_use]
pub fn searched(desk: &Desk, entry: &JournalLine, others: &[JournalLine]) -> String {
    let JournalLine { seq, at, kind: code, by, said } = entry;
    format!("{seq} {at} {code} {} {} {} {}", by.join(" "), said.join(" "), kind(desk.lang(), entry), line(desk, entry, others))
}
