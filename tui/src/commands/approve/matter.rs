//! What two officials decide on, in words: one text for whoever asks for it, for whoever approves it, and for the commands.

use tachiai_schemas::desk::{Papers, manner_name};
use tachiai_schemas::election::Manifest;
use tachiai_schemas::paper::{CandidateOut, RollChangeKind};
use tachiai_schemas::roster::{EventId, LinkVerdict};
use tachiai_schemas::sharing::agency::Grant;
use tachiai_schemas::shelter::EventSpec;
use tachiai_schemas::shelter::case::AsideVerdict;
use tachiai_schemas::staff::{Act, Matter, RollToOpen};
use tachiai_schemas::{ElectionId, HashBytes, Lang, Say};

use super::names::{Names, with_id};
use crate::card::printable;
use crate::commands::given::{field_name, listed, names as named};
use crate::commands::{by_name, count, counter, election, roll};

/// A line: what it is about, and what is said of that.
type Row = (&'static str, String);

/// The matter in a few words, as it stands in a list.
#[must_use]
pub fn head(lang: Lang, matter: &Matter, names: &Names) -> String {
    let of = |what: &str, whose: String| format!("{what}: {whose}");
    match matter {
        Matter::Election { election, act, roll: _ } => of(election::act_name(lang, *act), names.election_name(lang, *election)),
        Matter::CandidateOut { election, out: _ } => of(lang.pick("候補者でなくなったことの記録", "a candidate is out"), names.election_name(lang, *election)),
        Matter::EnrolCounter { citizen: _, reason, commitment: _ } => {
            of(lang.pick("窓口での利用登録", "enrolment at a counter"), counter::reason_text(lang, *reason).to_owned())
        }
        Matter::RollChange { election, change, reason: _, commitment: _ } => of(roll::change_name(lang, *change), names.election_name(lang, *election)),
        Matter::AttendedLook { election, commitment: _ } => {
            of(lang.pick("2人で行う名簿の確認（支援措置）", "a look-up by two officials (protection)"), names.election_name(lang, *election))
        }
        Matter::PapersByName { election, .. } => of(lang.pick("カードによらない投票用紙の交付", "papers by name"), names.election_name(lang, *election)),
        Matter::DeclareEvent { spec } => of(lang.pick("災害・行事の開始", "declare an event"), printable(lang.pick(&spec.title.ja, &spec.title.en))),
        Matter::CloseEvent { event, commitment: _ } => of(lang.pick("災害・行事の終了", "close an event"), names.event_name(lang, *event)),
        Matter::SettleAside { event, verdict, .. } => of(aside_name(lang, *verdict), names.event_name(lang, *event)),
        Matter::LinkPeople { event, verdict, .. } => of(people_name(lang, *verdict), names.event_name(lang, *event)),
        Matter::ErasePerson { event, .. } => of(lang.pick("避難者の記録の消去", "erase a person"), names.event_name(lang, *event)),
        Matter::Grant { grant } => {
            of(lang.pick("提供許可", "grant"), format!("{} → {}", grant.name, with_id(lang, grant.agency.as_str(), &grant.kind.say(lang))))
        }
        Matter::LinkCitizens { citizen, verdict, .. } => of(citizens_name(lang, *verdict), citizen.to_string()),
        Matter::EraseCitizen { citizen, .. } => of(lang.pick("市民の記録の消去", "erase a citizen"), citizen.to_string()),
    }
}

/// All that is decided on, a line each, and whether it can be taken back. What a commitment stands for is shown beside it.
#[must_use]
pub fn text(lang: Lang, matter: &Matter, names: &Names) -> String {
    let rows = rows(lang, matter, names);
    let back = [(lang.pick("取消し", "taking it back"), back(lang, matter).to_owned())];
    let rows = rows.into_iter().chain(back).map(|(name, value)| format!("  {name}: {value}"));
    std::iter::once(head(lang, matter, names)).chain(rows).collect::<Vec<_>>().join("\n")
}

fn rows(lang: Lang, matter: &Matter, names: &Names) -> Vec<Row> {
    match matter {
        Matter::Election { election, act: _, roll } => {
            std::iter::once(election_row(lang, *election, names)).chain(roll.iter().flat_map(|roll| roll_rows(lang, roll))).collect()
        }
        Matter::CandidateOut { election, out } => {
            std::iter::once(election_row(lang, *election, names)).chain(out_rows(lang, out, names.manifest(*election))).collect()
        }
        Matter::EnrolCounter { citizen, reason, commitment: _ } => vec![
            (lang.pick("市民ID", "citizen ID"), citizen.to_string()),
            (lang.pick("窓口で行う理由", "why at a counter"), counter::reason_text(lang, *reason).to_owned()),
        ],
        Matter::RollChange { election, change, reason, commitment: _ } => vec![
            election_row(lang, *election, names),
            (lang.pick("内容", "what"), roll::change_name(lang, *change).to_owned()),
            (lang.pick("理由", "why"), roll::reason_name(lang, *reason).to_owned()),
        ],
        Matter::AttendedLook { election, commitment: _ } => vec![election_row(lang, *election, names)],
        Matter::PapersByName { election, papers, slot_commitment, reason } => {
            let mut rows = vec![election_row(lang, *election, names)];
            rows.extend(papers_rows(lang, papers, names.manifest(*election)));
            rows.push((lang.pick("枠の確約", "slot's commitment"), short(slot_commitment)));
            rows.push((lang.pick("カードによらない理由", "why without a card"), by_name::reason_text(lang, *reason).to_owned()));
            rows
        }
        Matter::DeclareEvent { spec } => declared_rows(lang, spec),
        Matter::CloseEvent { event, commitment: _ } => vec![
            event_row(lang, *event, names),
            (
                lang.pick("終えた後", "after it"),
                lang.pick("2人の承認で引き継いだものだけが記録されます", "only what two officials take over is recorded").to_owned(),
            ),
        ],
        Matter::SettleAside { event, file, verdict, commitment: _ } => vec![
            event_row(lang, *event, names),
            (lang.pick("内容", "what"), aside_name(lang, *verdict).to_owned()),
            (lang.pick("引き渡されたファイル", "file that was handed in"), short(file)),
        ],
        Matter::LinkPeople { event, chain, other, verdict, commitment: _ } => vec![
            event_row(lang, *event, names),
            (lang.pick("判断", "verdict"), people_name(lang, *verdict).to_owned()),
            (lang.pick("表示に残る記録", "record that stays in sight"), chain.to_string()),
            (lang.pick("もう一つの記録", "other record"), other.to_string()),
        ],
        Matter::ErasePerson { event, chain, ground, commitment: _ } => {
            vec![event_row(lang, *event, names), (lang.pick("記録", "record"), chain.to_string()), (lang.pick("消去の根拠", "ground"), ground.say(lang))]
        }
        Matter::Grant { grant } => grant_rows(lang, grant, names),
        Matter::LinkCitizens { citizen, other, verdict, commitment: _ } => vec![
            (lang.pick("判断", "verdict"), citizens_name(lang, *verdict).to_owned()),
            (lang.pick("続く市民ID", "citizen ID that goes on"), citizen.to_string()),
            (lang.pick("もう一つの市民ID", "other citizen ID"), other.to_string()),
        ],
        Matter::EraseCitizen { citizen, ground, commitment: _ } => {
            vec![(lang.pick("市民ID", "citizen ID"), citizen.to_string()), (lang.pick("消去の根拠", "ground"), ground.say(lang))]
        }
    }
}

/// Whether and how it is taken back once it is approved.
const fn back(lang: Lang, matter: &Matter) -> &'static str {
    let (ja, en) = match matter {
        Matter::Election { election: _, act, roll: _ } => match act {
            Act::Open => {
                ("できません。開始した選挙は、名簿と定義を変えられません", "not possible: an election that was opened keeps its roll and its manifest")
            }
            Act::CloseOnline | Act::ClosePoll => ("できません。締め切った投票は再開できません", "not possible: what was closed does not open again"),
            Act::Count | Act::Publish => ("できません", "not possible"),
        },
        Matter::CandidateOut { .. } => ("できません。掲示板の記録は消せません", "not possible: an entry of the board stays"),
        Matter::EnrolCounter { .. } => ("できません。登録したことは記録に残ります", "not possible: that the card was bound stays on record"),
        Matter::RollChange { election: _, change, .. } => match change {
            Some(RollChangeKind::Added | RollChangeKind::Restored) => {
                ("抹消として2人で申請・承認します。記録は残ります", "by two officials, as a removal; both stay on record")
            }
            Some(RollChangeKind::Struck) => ("回復として2人で申請・承認します。記録は残ります", "by two officials, as a restoration; both stay on record"),
            None => ("もう一度の訂正として行います。記録は残ります", "by another correction; both stay on record"),
        },
        Matter::AttendedLook { .. } => ("できません。見たことは記録に残ります", "not possible: that it was looked at stays on record"),
        Matter::PapersByName { .. } => (
            "交付の前なら1時間で失効します。交付した後は、全部の用紙が使われずに戻ったときだけ、管理者と立会人1人で取り消せます",
            "before the hand-out it lapses after an hour; after it the manager and a witness undo it only if every paper came back unused",
        ),
        Matter::DeclareEvent { .. } => ("できません。終了はできます", "not possible; the event can be closed"),
        Matter::CloseEvent { .. } => ("できません。終えた災害・行事は再び開けません", "not possible: an event that was closed does not open again"),
        Matter::SettleAside { verdict, .. } => match verdict {
            AsideVerdict::Take => ("できません。引き継いだ記録は、訂正で改めます", "not possible: what was taken over is corrected by another entry"),
            AsideVerdict::Drop => ("できません。引き渡されたファイルは保管されます", "not possible; the file that was handed in is kept"),
        },
        Matter::LinkPeople { .. } | Matter::LinkCitizens { .. } => {
            ("反対の判断を、同じように2人で申請・承認します。どちらの履歴も残ります", "by the opposite verdict of two officials; both histories stay")
        }
        Matter::ErasePerson { .. } | Matter::EraseCitizen { .. } => {
            ("できません。消去した内容は元に戻せません", "not possible: what was erased never opens again")
        }
        Matter::Grant { .. } => (
            "災害対策本部の職員が、いつでも取り下げられます。それまでに渡したものは戻りません",
            "an official of the headquarters withdraws it at any time; what was given before does not come back",
        ),
    };
    lang.pick(ja, en)
}

fn election_row(lang: Lang, election: ElectionId, names: &Names) -> Row {
    (lang.pick("選挙", "election"), with_id(lang, &names.election_name(lang, election), &election.to_string()))
}

fn event_row(lang: Lang, event: EventId, names: &Names) -> Row {
    (lang.pick("災害・行事", "event"), names.event_with_id(lang, event))
}

/// The beginning of a hash, as imports and the status show it.
fn short(hash: &HashBytes) -> String {
    hash.hash().to_string().chars().take(16).collect()
}

/// What would be opened: the officials compare it with what the import and the status of the election said.
fn roll_rows(lang: Lang, roll: &RollToOpen) -> [Row; 3] {
    let RollToOpen { manifest, import, electors } = roll;
    [
        (lang.pick("有権者数", "electors"), electors.to_string()),
        (lang.pick("取り込んだ名簿の指紋", "fingerprint of the imported roll"), short(import)),
        (lang.pick("選挙の定義の指紋", "fingerprint of the manifest"), short(manifest)),
    ]
}

fn out_rows(lang: Lang, out: &CandidateOut, manifest: Option<&Manifest>) -> [Row; 3] {
    let CandidateOut { contest, option, reason } = out;
    let held = manifest.and_then(|manifest| manifest.contests.get(usize::from(*contest)));
    let candidate = held.and_then(|held| held.options.get(usize::from(*option)));
    let named = |name: Option<String>, place: u16| name.unwrap_or_else(|| format!("No. {place}"));
    [
        (lang.pick("対象の選挙", "contest"), named(held.map(|held| printable(lang.pick(&held.title.ja, &held.title.en))), *contest)),
        (lang.pick("候補者", "candidate"), named(candidate.map(|of| printable(lang.pick(&of.name.ja, &of.name.en))), *option)),
        (lang.pick("理由", "why"), count::reason_text(lang, *reason).to_owned()),
    ]
}

fn papers_rows(lang: Lang, papers: &Papers, manifest: Option<&Manifest>) -> [Row; 5] {
    let Papers { place, session, slot, contests, manner } = papers;
    let held = manifest.and_then(|manifest| manifest.places.get(usize::from(*place)));
    let time = held.and_then(|held| held.sessions.get(usize::from(*session)));
    let contest = |at: &u16| {
        let held = manifest.and_then(|manifest| manifest.contests.get(usize::from(*at)));
        held.map_or_else(|| format!("No. {at}"), |held| printable(lang.pick(&held.title.ja, &held.title.en)))
    };
    [
        (lang.pick("投票所", "place"), held.map_or_else(|| format!("No. {place}"), |held| printable(lang.pick(&held.name.ja, &held.name.en)))),
        (
            lang.pick("期間", "session"),
            time.map_or_else(|| format!("No. {session}"), |time| format!("{} – {}", time.opens.in_japan(lang), time.closes.in_japan(lang))),
        ),
        (lang.pick("枠", "slot"), slot.to_string()),
        (lang.pick("投票用紙", "papers of"), contests.iter().map(contest).collect::<Vec<_>>().join(lang.pick("、", ", "))),
        (lang.pick("投票の方法", "manner"), manner_name(*manner, lang).to_owned()),
    ]
}

fn declared_rows(lang: Lang, spec: &EventSpec) -> Vec<Row> {
    let EventSpec { kind, title, municipality, began, card, min_group } = spec;
    let group = match lang {
        Lang::Ja => format!("{min_group}人（これより少ない人数は公表されません）"),
        Lang::En => format!("{min_group} people (smaller numbers are not stated)"),
    };
    vec![
        (lang.pick("種類", "kind"), kind.say(lang)),
        (lang.pick("名称", "title"), printable(&title.ja)),
        (lang.pick("英語の名称", "title in English"), printable(&title.en)),
        (lang.pick("市区町村コード", "municipality code"), municipality.clone()),
        (lang.pick("始まり", "began"), began.in_japan(lang)),
        (lang.pick("カードの受付", "cards at the reception"), card.say(lang)),
        (lang.pick("公表の最少人数", "smallest group in totals"), group),
    ]
}

/// A grant as two officials decide on it.
pub fn grant_rows(lang: Lang, grant: &Grant, names: &Names) -> Vec<Row> {
    let Grant { name, agency, kind, recipient, purpose, basis, event, shelters, of, fields, formats, from, until } = grant;
    let fields: Vec<String> = fields.iter().map(|field| field_name(lang, field)).collect();
    let between = lang.pick("、", ", ");
    let all = lang.pick("すべて", "all");
    let shelters = event.map_or_else(|| named(lang, shelters, [all; 2]), |event| names.shelters_with_ids(lang, event, shelters));
    let proof = lang.pick("証明付きファイルのみ", "the file with its proof alone");
    let every = lang.pick("すべての災害・行事", "every event");
    vec![
        (lang.pick("提供許可", "grant"), name.to_string()),
        (lang.pick("提供先", "to"), with_id(lang, agency.as_str(), &kind.say(lang))),
        (lang.pick("暗号化の宛先", "encrypted to"), printable(recipient)),
        (lang.pick("目的", "purpose"), printable(purpose)),
        (lang.pick("法的根拠", "legal basis"), basis.say(lang)),
        event.map_or_else(|| (lang.pick("災害・行事", "event"), every.to_owned()), |event| event_row(lang, event, names)),
        (lang.pick("避難所", "shelters"), shelters),
        (lang.pick("対象", "who"), listed(lang, of)),
        (lang.pick("項目", "fields"), fields.join(between)),
        (lang.pick("様式", "forms"), if formats.is_empty() { proof.to_owned() } else { listed(lang, formats) }),
        (lang.pick("期間", "time"), format!("{} – {}", from.in_japan(lang), until.in_japan(lang))),
    ]
}

/// What is said of two records of an event.
#[must_use]
pub const fn people_name(lang: Lang, verdict: LinkVerdict) -> &'static str {
    match verdict {
        LinkVerdict::Same => lang.pick("二つの記録は同じ方のもの", "two records are of one person"),
        LinkVerdict::Apart => lang.pick("二つの記録は別の方のもの", "two records are of two people"),
    }
}

/// What becomes of what was set aside.
#[must_use]
pub const fn aside_name(lang: Lang, verdict: AsideVerdict) -> &'static str {
    match verdict {
        AsideVerdict::Take => lang.pick("保留になった記録の引継ぎ", "take over what was set aside"),
        AsideVerdict::Drop => lang.pick("保留になった記録の破棄", "drop what was set aside"),
    }
}

/// What is said of two citizen IDs.
#[must_use]
pub const fn citizens_name(lang: Lang, verdict: LinkVerdict) -> &'static str {
    match verdict {
        LinkVerdict::Same => lang.pick("二つの市民IDは同じ方のもの", "two citizen IDs are of one person"),
        LinkVerdict::Apart => lang.pick("二つの市民IDは別の方のもの", "two citizen IDs are of two people"),
    }
}
