//! Papers of an invented election.

use tachiai_schemas::election::{Authority, ContestKind, Text};
use tachiai_schemas::paper::OfficerRole;
use tachiai_schemas::{Bytes, Timestamp};
use tachiai_verify::outcome::{Out, Standing};

use crate::papers::Paper;
use crate::papers::count::{
    Ballots, CandidateCount, ContestCount, CountRecord, Deposit, Lot, OfficerMark, PapersCounted, Signature, SignedThing, Thresholds, TrusteeAct, TrusteeMark,
};
use crate::papers::early::{ContestPapers, EarlyDay, EarlyPlace, EarlyVoting, Papers};
use crate::papers::exact::Exact;
use crate::papers::frame::{BoardMark, Compared, Frame};
use crate::papers::poll::{EventKind, KeyMark, Kinds, Leaves, Officer, PlaceKind, PollEvent, PollRecord};
use crate::papers::quick::{CandidateVotes, ContestProgress, Held, QuickReport, Unit};
use crate::papers::turnout::{Channels, DistrictTurnout, HourTurnout, People, Sexes, Stage, Turnout};

/// Who lost the lot.
pub const TIED: &str = "藤原 桜";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn both(text: &str) -> Text {
    Text { ja: text.to_owned(), en: text.to_owned() }
}

fn text(ja: &str, en: &str) -> Text {
    Text { ja: ja.to_owned(), en: en.to_owned() }
}

pub fn votes(name: &str, votes: u64) -> CandidateVotes {
    CandidateVotes { name: both(name), party: None, votes: votes.into() }
}

fn frame(authority: Authority) -> Frame {
    let mut root = [0; 32];
    (0_u8..).zip(&mut root).for_each(|(n, byte)| *byte = n.wrapping_mul(151).wrapping_add(89));
    Frame {
        election: text("養父市長選挙・養父市議会議員選挙", "Mayor and council of Yabu City"),
        authority,
        issuer: Some(text("養父市選挙管理委員会", "Election commission of Yabu City")),
        board: BoardMark {
            origin: "vote.yabu.example.jp/mtdfgjt2ysbqzqkm4pn3x7a5ce".to_owned(),
            size: 48_213,
            root: Bytes(root),
            fingerprint: "k7q2-m5xw-ht3c-9zre-p4vd".to_owned(),
            compared: Compared::Notice,
        },
        made: at("2026-11-29T13:10:00Z"),
    }
}

fn sexes(men: u64, women: u64) -> Sexes {
    Sexes { men, women }
}

pub fn turnout() -> Turnout {
    let district = |ja: &str, en: &str, electors: (u64, u64), (online, early, day, absentee): (u64, u64, u64, u64), men: u64| DistrictTurnout {
        name: text(ja, en),
        electors: People::BySex(sexes(electors.0, electors.1)),
        struck_voters: 0,
        votes: Channels { online, early, day, absentee },
        voters: Some(sexes(men, online + early + day + absentee - men)),
    };
    // All: 17,847 men and 17,943 women; 10,780 men of 21,985 have voted.
    let districts = vec![
        district("第1投票区（八鹿）", "District 1 (Yoka)", (8_000, 8_100), (2_433, 2_500, 5_000, 20), 4_900),
        district("第2投票区（養父）", "District 2 (Yabu)", (6_000, 6_000), (1_800, 1_900, 3_606, 16), 3_600),
        district("第3投票区（大屋）", "District 3 (Oya)", (2_847, 2_843), (800, 733, 1_967, 10), 1_700),
        district("第4投票区（関宮）", "District 4 (Sekinomiya)", (1_000, 1_000), (400, 300, 500, 0), 580),
    ];
    let hour = |text: &str, votes: u64| HourTurnout { at: at(text), votes };
    Turnout {
        frame: frame(Authority::Mock),
        as_of: at("2026-11-29T11:00:00Z"),
        stage: Stage::Final,
        districts,
        hours: vec![
            hour("2026-11-29T00:00:00Z", 2_856),
            hour("2026-11-29T02:00:00Z", 7_855),
            hour("2026-11-29T04:00:00Z", 10_736),
            hour("2026-11-29T09:00:00Z", 20_004),
        ],
    }
}

pub fn quick() -> QuickReport {
    let candidate = |name: &str, party: Option<&str>, votes: &str| CandidateVotes { name: both(name), party: party.map(both), votes: votes.parse().unwrap() };
    QuickReport {
        frame: frame(Authority::Statutory),
        as_of: at("2026-11-29T13:30:00Z"),
        stage: Stage::Interim,
        contests: vec![
            ContestProgress {
                title: text("養父市議会議員選挙", "City council"),
                seats: 16,
                held: Held::Poll,
                votes: 21_985,
                unit: Unit::Ballot,
                // 11,990.756 are counted of 21,985: 54.5406… per cent.
                candidates: vec![
                    candidate("髙橋 﨑太郎", Some("無所属"), "9617.756"),
                    candidate("山田 花子", Some("養父の明日をひらく市民の会"), "1200.5"),
                    candidate("さとう ゆうき", None, "999"),
                ],
                out: vec![both("北尾 学")],
                blank: 100,
                invalid: 73,
                nobodys: "0.5".parse().unwrap(),
            },
            ContestProgress {
                title: text("庁舎の位置に関する住民投票", "Referendum on the city hall"),
                seats: 0,
                held: Held::Poll,
                votes: 1_000,
                unit: Unit::Ballot,
                candidates: vec![votes("賛成", 400), votes("反対", 350)],
                out: vec![],
                blank: 0,
                invalid: 0,
                nobodys: Exact::ZERO,
            },
        ],
    }
}

/// Handed out, in the box, taken home, returned, with and without card, replaced online.
fn papers([handed_out, in_box, taken_home, returned, with_card, without_card, replaced_online]: [u64; 7]) -> Papers {
    let title = text("養父市長選挙", "Mayor");
    let contests = vec![ContestPapers { title, handed_out, in_box, taken_home, returned }];
    Papers { handed_out, returned, with_card, without_card, replaced_online, contests }
}

pub fn early() -> EarlyVoting {
    let day = |day: &str, papers_of: [u64; 7], manager: &str| EarlyDay {
        day: day.parse().unwrap(),
        opened: at(&format!("{day}T00:30:00Z")).plus(-3600),
        closed: Some(at(&format!("{day}T11:00:00Z"))),
        papers: papers(papers_of),
        managers: vec![manager.to_owned()],
        witnesses: vec!["田中 実".to_owned(), "中村 由美".to_owned()],
    };
    EarlyVoting {
        frame: frame(Authority::SpecialZone),
        day: "2026-11-25".parse().unwrap(),
        places: vec![
            EarlyPlace {
                name: text("養父市役所 本庁舎", "City hall"),
                days: vec![day("2026-11-24", [388, 387, 1, 0, 300, 88, 26], "朝倉 花子"), day("2026-11-25", [412, 411, 0, 1, 330, 82, 31], "朝倉 花子")],
            },
            EarlyPlace { name: text("大屋地域局", "Oya office"), days: vec![day("2026-11-25", [95, 94, 1, 0, 70, 25, 4], "太田垣 一郎")] },
            EarlyPlace { name: text("関宮地域局", "Sekinomiya office"), days: vec![] },
        ],
    }
}

pub fn poll() -> PollRecord {
    let officer = |name: &str| Officer { name: name.to_owned(), from: None, until: None };
    let event = |time: &str, kind: EventKind, text: &str| PollEvent { at: at(time), kind, text: both(text) };
    PollRecord {
        frame: frame(Authority::Mock),
        kind: PlaceKind::Polling,
        place: text("第1投票所（八鹿公民館）", "Polling place 1 (Yoka community hall)"),
        address: Some(text("兵庫県養父市八鹿町八鹿1675", "1675 Yoka, Yabu City, Hyogo")),
        districts: vec![text("第1投票区（八鹿）", "District 1 (Yoka)")],
        day: "2026-11-29".parse().unwrap(),
        opened: at("2026-11-28T22:00:00Z"),
        closed: at("2026-11-29T11:00:00Z"),
        manager: officer("田村 正"),
        deputy: Some(officer("藤本 さくら")),
        witnesses: vec![
            officer("西谷 修"),
            Officer { name: "米田 久美子".to_owned(), from: None, until: Some(at("2026-11-29T04:00:00Z")) },
            Officer { name: "谷垣 良".to_owned(), from: Some(at("2026-11-29T04:00:00Z")), until: None },
        ],
        papers: papers([1_023, 1_020, 1, 2, 801, 222, 17]),
        kinds: Kinds { proxy: 2, braille: 1, provisional: 1 },
        events: vec![
            event("2026-11-28T22:00:00Z", EventKind::Other, "最初の選挙人の面前で投票箱を開き、空であることを示した。"),
            event("2026-11-29T01:12:00Z", EventKind::Proxy, "本人の申請により、補助者2名（西谷、米田）が代理投票を行った。"),
            event(
                "2026-11-29T02:40:00Z",
                EventKind::Undone,
                "交付の記録を取り消した。理由：番号札を取り違えて別の選挙人に記録したため。職員2名で確認のうえ、正しい選挙人に記録し直した。",
            ),
            event("2026-11-29T05:20:00Z", EventKind::Provisional, "投票立会人の意見により、本人と確認できない者に仮投票をさせた。"),
            event("2026-11-29T06:05:00Z", EventKind::Trouble, "回線が8分間途絶え、その間は紙の名簿で受け付けた。"),
        ],
        leaves: Some(Leaves { first: 14_201, last: 22_877, closed: 22_901, closed_at: at("2026-11-29T11:20:00Z"), digest: Bytes([0xa5; 32]) }),
        keys: vec![
            KeyMark { holder: both("受付端末 1"), fingerprint: "7f3k q2mz 5xwh t3c9".to_owned() },
            KeyMark { holder: both("田村 正（投票管理者）"), fingerprint: "zre4 p4vd k7q2 m5xw".to_owned() },
        ],
    }
}

pub fn count() -> CountRecord {
    let candidate = |name: &str, party: Option<&str>, votes: u64, standing: Standing| CandidateCount {
        name: both(name),
        party: party.map(both),
        votes: votes.into(),
        online: votes,
        paper: Exact::ZERO,
        standing,
        deposit: Some(if votes > 1_500 { Deposit::Returned } else { Deposit::Forfeited }),
    };
    let trustee = |index: u8, name: &str, act: TrusteeAct| TrusteeMark { index, name: name.to_owned(), key: format!("{index}f3k q2mz 5xwh t3c9"), act };
    CountRecord {
        frame: frame(Authority::Mock),
        place: Some(text("養父市役所 大会議室", "City hall, great hall")),
        began: at("2026-11-29T12:00:00Z"),
        ended: at("2026-11-29T13:01:00Z"),
        manager: None,
        officers: vec![OfficerMark {
            name: "朝倉 花子".to_owned(),
            role: OfficerRole::Manager,
            key: "zre4 p4vd k7q2 m5xw".to_owned(),
            signed: vec![SignedThing { what: Signature::Papers, contest: text("養父市議会議員選挙", "City council"), leaf: 48_199 }],
        }],
        trustees: vec![
            trustee(1, "足立 健", TrusteeAct::Decrypted),
            trustee(2, "井上 真理", TrusteeAct::Decrypted),
            trustee(3, "上垣 浩", TrusteeAct::Discarded),
            trustee(4, "栃尾 恵", TrusteeAct::Decrypted),
            trustee(5, "和田 誠", TrusteeAct::Absent),
        ],
        signers: 4,
        quorum: 3,
        ballots: Ballots { electors: 18_700, struck: 2, recorded: 13_400, challenged: 120, counted: 12_400, paper: None },
        contests: vec![
            ContestCount {
                title: text("養父市長選挙", "Mayor"),
                kind: ContestKind::Mayor,
                seats: 1,
                held: Held::Poll,
                unit: Unit::Ballot,
                votes: 12_400,
                taken_home: None,
                candidates: vec![
                    candidate("髙橋 﨑太郎", Some("無所属"), 6_345, Standing::Elected),
                    candidate("山田 花子", Some("養父の明日をひらく市民の会"), 4_000, Standing::NotElected),
                    candidate("さとう ゆうき", Some("無所属"), 1_000, Standing::BelowMinimum),
                    candidate("李 ジョン・スミス", None, 1_000, Standing::BelowMinimum),
                ],
                nobodys: Exact::ZERO,
                blank: 55,
                invalid: 0,
                thresholds: Some(Thresholds { needed: "12345/4".parse().unwrap(), deposit: "12345/10".parse().unwrap() }),
                papers: None,
                lot: None,
                empty: None,
            },
            ContestCount {
                title: text("養父市議会議員選挙", "City council"),
                kind: ContestKind::Council,
                seats: 3,
                held: Held::Poll,
                unit: Unit::Ballot,
                votes: 12_400,
                taken_home: Some(3),
                candidates: vec![
                    candidate("正垣 明", None, 4_999, Standing::Elected),
                    CandidateCount {
                        votes: "3000.5".parse().unwrap(), paper: "0.5".parse().unwrap(), ..candidate("西村 進", None, 3_000, Standing::Elected)
                    },
                    candidate("田路 恵子", None, 2_000, Standing::ElectedByLot),
                    candidate(TIED, None, 2_000, Standing::LostLot),
                    candidate("北尾 学", None, 200, Standing::Out(Out::Withdrawn)),
                ],
                nobodys: "0.5".parse().unwrap(),
                blank: 100,
                invalid: 100,
                thresholds: Some(Thresholds { needed: "12000/12".parse().unwrap(), deposit: "12000/30".parse().unwrap() }),
                empty: None,
                papers: Some(PapersCounted { in_boxes: 6_002, valid: 5_900, blank: 2, invalid: 100, leaf: 48_199 }),
                lot: Some(Lot {
                    at: at("2026-11-29T13:05:00Z"),
                    place: Some(text("養父市役所 大会議室", "City hall, great hall")),
                    drawn_by: Some("選挙長 足立 茂".to_owned()),
                    leaf: None,
                    between: vec![both("田路 恵子"), both(TIED)],
                    chosen: vec![both("田路 恵子")],
                    witnesses: vec!["田中 実".to_owned(), "中村 由美".to_owned(), "村上 博".to_owned()],
                }),
            },
        ],
        statement: Bytes([0x5a; 32]),
        remarks: vec!["開票の参観人は23名であった。".to_owned()],
    }
}

/// Each paper with a name.
pub fn all() -> Vec<(&'static str, Paper)> {
    vec![
        ("turnout", Paper::Turnout(turnout())),
        ("quick", Paper::QuickReport(quick())),
        ("early", Paper::EarlyVoting(early())),
        ("poll", Paper::PollRecord(Box::new(poll()))),
        ("count", Paper::CountRecord(Box::new(count()))),
    ]
}
