//! Every paper is set, and read again by another program.
//!
//! They need the fonts of `fonts-noto-cjk` and the programs of `poppler-utils`; without them a test says so and fails. With `TACHIAI_PAPERS` set to a folder the papers are left there.

mod samples;

use std::process::Command;
use std::sync::LazyLock;

use tachiai_schemas::election::{Authority, ContestKind};
use tachiai_verify::outcome::{Out, Standing};

use super::count::{CandidateCount, EmptySeats};
use super::exact::Exact;
use super::fonts::Fonts;
use super::press::Press;
use super::quick::Unit;
use super::turnout::{Channels, Stage};
use super::*;
use samples::both;

/// Fonts are large, so they are read once.
fn press() -> &'static Press {
    static PRESS: LazyLock<Press> = LazyLock::new(|| Press::new(Fonts::of_the_system().unwrap_or_else(|error| panic!("{}", error.say(Lang::En)))));
    &PRESS
}

/// The text that another program finds in a paper, or its facts.
fn poppler(program: &str, arguments: &[&str], pdf: &[u8]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("paper.pdf");
    std::fs::write(&path, pdf).unwrap();
    let mut command = Command::new(program);
    command.args(arguments).arg(&path);
    if program == "pdftotext" {
        command.arg("-");
    }
    let output = command.output().unwrap_or_else(|error| panic!("{program}: {error}; apt-get install poppler-utils"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

pub(super) fn text_of(pdf: &[u8]) -> String {
    poppler("pdftotext", &["-raw"], pdf)
}

/// The pages, each with its text.
fn pages_of(pdf: &[u8]) -> Vec<String> {
    text_of(pdf).split_terminator('\u{c}').map(str::to_owned).collect()
}

pub(super) fn printed(name: &str, paper: &Paper, lang: Lang) -> Vec<u8> {
    let pdf = press().print(paper, lang).unwrap_or_else(|error| panic!("{name}: {}", error.say(Lang::En)));
    if let Some(folder) = std::env::var_os("TACHIAI_PAPERS") {
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}.pdf")), &pdf).unwrap();
    }
    pdf
}

/// The text without spaces, which a reader of a page puts where it likes.
pub(super) fn packed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[test]
fn every_paper_is_pdf_a_with_the_board_and_the_authority_on_every_page() {
    for (name, paper) in samples::all() {
        for (lang, language) in [(Lang::Ja, "ja"), (Lang::En, "en")] {
            let pdf = printed(&format!("{name}-{language}"), &paper, lang);
            let metadata = poppler("pdfinfo", &["-meta"], &pdf);
            assert!(metadata.contains("<pdfaid:part>2</pdfaid:part>") && metadata.contains("<pdfaid:conformance>B</pdfaid:conformance>"), "{metadata}");
            assert!(poppler("pdfinfo", &[], &pdf).contains("A4"));
            let frame = paper.frame();
            let authority = packed(crate::commands::vote::authority_notice(lang, frame.authority));
            let pages = pages_of(&pdf);
            for (number, page) in pages.iter().enumerate() {
                let page = packed(page);
                for wanted in [
                    frame.board.root.hash().to_string(),
                    separated(frame.board.size.into()),
                    packed(&frame.board.fingerprint),
                    authority.clone(),
                    packed(frame::chosen(lang, &frame.election)),
                    format!("{}/{}", number + 1, pages.len()),
                ] {
                    assert!(page.contains(&wanted), "{name}, page {}: no {wanted} in\n{page}", number + 1);
                }
                assert_eq!(page.contains("模擬MOCK"), frame.authority == Authority::Mock, "{name}, page {}", number + 1);
            }
            assert!(pages.first().is_some_and(|first| packed(first).contains(&packed(paper.name(lang)))), "{name}");
        }
    }
}

#[test]
fn every_font_is_embedded() {
    for (name, paper) in samples::all() {
        let fonts = poppler("pdffonts", &[], &printed(name, &paper, Lang::Ja));
        let lines: Vec<&str> = fonts.lines().skip(2).collect();
        assert!(!lines.is_empty());
        for line in lines {
            let columns: Vec<&str> = line.split_whitespace().rev().collect();
            assert_eq!((columns[4], columns[2]), ("yes", "yes"), "embedded, and with its characters: {line}");
        }
    }
}

#[test]
fn the_same_paper_has_the_same_bytes() {
    for (name, paper) in samples::all() {
        let again: Paper = serde_json::from_str(&serde_json::to_string(&paper).unwrap()).unwrap();
        assert_eq!(again, paper);
        assert!(press().print(&paper, Lang::Ja).unwrap() == press().print(&again, Lang::Ja).unwrap(), "{name}");
    }
}

#[test]
fn markup_in_a_name_is_a_name() {
    let hostile = [
        "#panic(\"x\")",
        "*_$`太郎`$_*",
        "#import \"/frame.typ\": *",
        "\\ <label> @ref [x] = 見出し",
        "#{while true {}}",
        "// 註 /* */",
        "https://example.jp/",
        "#read(\"/etc/passwd\")",
        "${name} %s {{x}}",
        "\"quoted\", 'single'",
    ];
    let mut paper = samples::quick();
    paper.contests.truncate(1);
    paper.contests[0].candidates = hostile.iter().map(|name| samples::votes(name, 1)).collect();
    (paper.contests[0].votes, paper.contests[0].blank, paper.contests[0].invalid, paper.contests[0].nobodys) = (10, 0, 0, Exact::ZERO);
    paper.frame.election = both("#emph[選挙] *A* $x$");
    paper.frame.issuer = Some(both("#panic() _委員会_"));
    let text = packed(&text_of(&printed("hostile", &Paper::QuickReport(paper), Lang::Ja)));
    for name in hostile.iter().chain(&["#emph[選挙] *A* $x$", "#panic() _委員会_"]) {
        assert!(text.contains(&packed(name)), "{name} is not in {text}");
    }
}

#[test]
fn characters_of_names_are_printed_and_those_that_cannot_be_are_named() {
    let mut paper = samples::quick();
    let name = "髙橋﨑𠮷德彅槗渚\u{fa46}葛\u{e0100}城";
    paper.contests[0].candidates[0].name = both(name);
    paper.contests[0].candidates[1].name = both("Łukasz Şahin 김민수 Nguyễn");
    let text = packed(&text_of(&printed("names", &Paper::QuickReport(paper.clone()), Lang::Ja)));
    for character in "髙橋﨑𠮷德彅槗葛城ŁukaszŞahin김민수Nguyễn".chars() {
        assert!(text.contains(character), "{character}");
    }
    // A private character (外字) has no shape, and a change of direction is not seen.
    for (bad, code) in [("\u{e000}田", "U+E000"), ("山\u{202e}田", "U+202E"), ("山\n田", "U+000A"), ("山\u{200b}田", "U+200B"), ("\u{3ffff}", "U+3FFFF")]
    {
        paper.contests[0].candidates[0].name = both(bad);
        let error = press().print(&Paper::QuickReport(paper.clone()), Lang::Ja).unwrap_err();
        assert!(matches!(&error, PaperError::Character { .. }), "{error}");
        let said = error.say(Lang::Ja);
        assert!(said.contains(code) && (code == "U+E000" || code == "U+3FFFF" || !said.contains(bad)), "{said}");
    }
}

#[test]
fn a_hundred_candidates_flow_over_pages_under_a_repeated_header() {
    let of = |n: u64| if n < 20 { 2_000 - n } else { 100 - n };
    let mut paper = samples::count();
    paper.contests.truncate(1);
    let contest = &mut paper.contests[0];
    contest.kind = ContestKind::Council;
    contest.seats = 20;
    contest.candidates = (0..100_u64)
        .map(|n| CandidateCount {
            name: both(&format!("候補者{n:03} とても長い通称名を使う人のための氏名の欄に入る文字列が折り返されるかを見る")),
            party: Some(both("無所属")),
            votes: Exact::whole(of(n)),
            online: of(n),
            paper: Exact::ZERO,
            standing: if n < 20 { Standing::Elected } else { Standing::NotElected },
            deposit: None,
        })
        .collect();
    (contest.blank, contest.invalid, contest.nobodys, contest.lot) = (0, 0, Exact::ZERO, None);
    contest.thresholds = None;
    contest.votes = (0..100).map(of).sum();
    let pages = pages_of(&printed("hundred", &Paper::CountRecord(Box::new(paper)), Lang::Ja));
    let with_candidates: Vec<&String> = pages.iter().filter(|page| page.matches("候補者").count() >= 5 && page.contains("無所属")).collect();
    assert!(with_candidates.len() >= 3, "{} pages", with_candidates.len());
    for page in with_candidates {
        assert!(packed(page).contains("候補者等") && packed(page).contains("得票数"), "{page}");
    }
    let all = packed(&pages.concat());
    for n in [0, 50, 99] {
        assert!(all.contains(&format!("候補者{n:03}")), "{n}");
    }
}

#[test]
fn a_turnout_report_gives_every_district_and_exact_percentages() {
    let text = packed(&text_of(&printed("turnout-figures", &Paper::Turnout(samples::turnout()), Lang::Ja)));
    // 8 + 3 + 5 of 35,790 … worked by hand: 21,985 / 35,790 = 61.4277…
    for wanted in ["八鹿", "35,790", "21,985", "61.43", "令和8年11月29日（日）20時00分", "確定", "棄権者数:13,805"] {
        assert!(text.contains(wanted), "{wanted} in {text}");
    }
    let mut wrong = samples::turnout();
    wrong.districts[0].votes.day = 1_000_000;
    refused(&Paper::Turnout(wrong), "投票者数と有権者数");
    let mut wrong = samples::turnout();
    wrong.districts[0].voters.as_mut().unwrap().men += 1;
    refused(&Paper::Turnout(wrong), "男女別");
    let mut wrong = samples::turnout();
    wrong.hours.reverse();
    refused(&Paper::Turnout(wrong), "時刻");
    // A public record knows no sexes, and a roll may be empty.
    let mut empty = samples::turnout();
    empty.hours.clear();
    for district in &mut empty.districts {
        (district.electors, district.votes, district.voters) = (turnout::People::Total(0), Channels { online: 0, early: 0, day: 0, absentee: 0 }, None);
    }
    let text = text_of(&printed("turnout-empty", &Paper::Turnout(empty), Lang::Ja));
    assert!(text.contains('—') && !text.contains("0.00"), "nothing of nothing is no percentage: {text}");
}

#[test]
fn a_quick_report_says_how_much_is_counted_and_a_final_one_has_all() {
    let mut paper = samples::quick();
    let text = packed(&text_of(&printed("quick-figures", &Paper::QuickReport(paper.clone()), Lang::Ja)));
    for wanted in ["【中間】", "9,617.756", "開票率54.54%"] {
        assert!(text.contains(wanted), "{wanted} in {text}");
    }
    paper.stage = Stage::Final;
    refused(&Paper::QuickReport(paper.clone()), "有効・無効の計と投票総数");
    paper.contests[0].votes = 1;
    paper.stage = Stage::Interim;
    refused(&Paper::QuickReport(paper), "開票した票数と投票総数");
}

#[test]
fn an_early_voting_report_adds_days_and_places_and_loses_no_paper() {
    let text = text_of(&printed("early-figures", &Paper::EarlyVoting(samples::early()), Lang::Ja));
    let lines: Vec<String> = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    // Two places on the day: 412 + 95; so far 412 + 388 + 95. Of the papers of the one contest 411 + 94 are in the box.
    assert!(lines.iter().any(|line| line == "計 養父市長選挙 507 505 1 1"), "{text}");
    assert!(lines.iter().any(|line| line == "計 507 1 506 400 107 35"), "{text}");
    assert!(lines.iter().any(|line| line == "計 895 1 894 700 195 61"), "{text}");
    let mut wrong = samples::early();
    wrong.places[0].days[0].papers.contests[0].in_box -= 1;
    refused(&Paper::EarlyVoting(wrong), "投函・持帰り・返還の計と交付数");
    let mut wrong = samples::early();
    wrong.places[0].days.reverse();
    refused(&Paper::EarlyVoting(wrong), "日付の順");
    let mut wrong = samples::early();
    wrong.day = "2026-11-24".parse().unwrap();
    refused(&Paper::EarlyVoting(wrong), "日付の順");
}

#[test]
fn a_poll_record_has_a_line_for_everybody_who_signs() {
    let paper = samples::poll();
    let text = packed(&text_of(&printed("poll-figures", &Paper::PollRecord(Box::new(paper.clone())), Lang::Ja)));
    let people = paper.witnesses.iter().chain([&paper.manager]);
    for person in people {
        assert!(text.matches(&packed(&person.name)).count() >= 2, "named and asked to sign: {}", person.name);
    }
    for event in &paper.events {
        assert!(text.contains(&packed(&event.text.ja)), "{}", event.text.ja);
    }
    let mut wrong = paper.clone();
    std::mem::swap(&mut wrong.opened, &mut wrong.closed);
    refused(&Paper::PollRecord(Box::new(wrong)), "開所と閉所の時刻");
    let mut wrong = paper;
    wrong.kinds.proxy = wrong.papers.handed_out + 1;
    refused(&Paper::PollRecord(Box::new(wrong)), "代理・点字・仮投票");
}

#[test]
fn a_count_record_has_exact_thresholds_the_elected_and_the_lot() {
    let text = packed(&text_of(&printed("count-figures", &Paper::CountRecord(Box::new(samples::count())), Lang::Ja)));
    for wanted in [
        "3,0861/4票",
        "（3,086.250）",
        "1,2341/2票",
        "当選（くじ）",
        "供託物没収に相当",
        "うち按分切捨て等",
        "12,403",
        "公職選挙法第95条第2項",
        "開票管理者",
        "くじを引いた者",
        "養父市議会議員選挙：投票用紙の開票（受付番号48,199）",
        "候補者でない（辞退）",
    ] {
        assert!(text.contains(wanted), "{wanted} in {text}");
    }
    // Somebody who copies the hash from the paper gets the hash.
    assert!(text.contains(&"5a".repeat(32)), "{text}");
}

#[test]
fn a_count_record_that_its_figures_contradict_is_not_printed() {
    let change = |change: fn(&mut CountRecord)| {
        let mut paper = samples::count();
        change(&mut paper);
        Paper::CountRecord(Box::new(paper))
    };
    refused(&change(|paper| paper.contests[0].votes += 1), "有効・無効の計と投票総数");
    refused(&change(|paper| paper.contests[0].seats = 0), "当選人と空席の数と定数");
    refused(&change(|paper| paper.contests[0].candidates[3].standing = Standing::Elected), "当選人と空席の数と定数");
    refused(&change(|paper| paper.contests[0].empty = Some(EmptySeats { seats: 1, sequel: None })), "当選人と空席の数と定数");
    refused(&change(|paper| paper.ballots.counted = paper.ballots.electors + paper.ballots.struck + 1), "集計された投票と有権者数");
    refused(
        &change(|paper| {
            for candidate in &mut paper.contests[0].candidates {
                candidate.standing = Standing::NotElected;
            }
            paper.contests[0].candidates[3].standing = Standing::Elected;
        }),
        "法定得票数",
    );
    // Out, so that these votes are invalid: the sum still holds, but nobody is elected by them.
    press().print(&change(|paper| paper.contests[0].candidates[0].standing = Standing::Out(Out::Died)), Lang::Ja).unwrap();
}

#[test]
fn votes_that_are_marks_have_no_thresholds() {
    let mut paper = samples::count();
    paper.contests.truncate(1);
    let contest = &mut paper.contests[0];
    (contest.unit, contest.thresholds) = (Unit::Mark, None);
    contest.candidates.iter_mut().for_each(|candidate| candidate.standing = Standing::Fewer);
    let text = packed(&text_of(&printed("marks", &Paper::CountRecord(Box::new(paper)), Lang::Ja)));
    assert!(!text.contains("法定得票数") && text.contains("選択の数"), "{text}");
}

#[test]
fn a_tie_without_a_lot_is_said() {
    let mut paper = samples::count();
    let contest = &mut paper.contests[1];
    contest.lot = None;
    for candidate in &mut contest.candidates {
        if matches!(candidate.standing, Standing::ElectedByLot | Standing::LostLot) {
            candidate.standing = Standing::Tied;
        }
    }
    let text = packed(&text_of(&printed("tie", &Paper::CountRecord(Box::new(paper)), Lang::Ja)));
    assert!(text.contains("選挙長のくじを要する者") && text.contains("得票同数（くじ未了）"), "{text}");
}

fn refused(paper: &Paper, what: &str) {
    let error = press().print(paper, Lang::Ja).map(|_| ()).unwrap_err();
    assert!(matches!(&error, PaperError::Contradiction { what_ja, .. } if what_ja.contains(what)), "{error}");
    assert!(error.say(Lang::Ja).contains("印刷していません") && error.say(Lang::En).contains("Nothing was printed"));
}
