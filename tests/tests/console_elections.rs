//! An election held from two consoles: created in a form, prepared, opened, closed, counted and published by two officials who type nothing but keys, and its board
//! verified.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use tachiai_schemas::counting::OutcomeView;
use tachiai_schemas::paper::{LinkPolicy, PlaceKind};
use tachiai_schemas::receipt::{ElectionSummary, Phase};
use tachiai_tests::appliance::{Official, Programs};
use tachiai_tests::city::{Encoding, roll_csv};
use tachiai_tests::holding::Holding;
use tachiai_tests::story::{Scene, Setting, Story, now};
use tachiai_tests::town::{Town, ends};
use tachiai_tests::trustees::{Step, Trustee};

#[path = "console/screen.rs"]
#[expect(dead_code, reason = "another story asks more of a terminal")]
mod screen;

use screen::Screen;

const LARGE: (u16, u16) = (120, 40);

const PAGE_DOWN: &str = "\u{1b}[6~";

/// Empties a line before something else is typed.
const CLEAR: &str = "\u{15}";

/// The line before.
const UP: &str = "\u{1b}[A";

const CHECK: &str = "\u{13}";

const ADD: &str = "\u{e}";

fn console(official: &Official, lang: &str, home: &Path) -> Screen {
    let program = Programs::beside_this().unwrap().path("tachiai").unwrap();
    Screen::open(&program, &["--profile", official.profile().to_str().unwrap(), "--lang", lang], LARGE, home)
}

/// A time as it is typed, in Japan, so many seconds from now.
fn typed_time(seconds: i64) -> String {
    now().plus(seconds + 9 * 3_600).to_string()[..16].replace('T', " ")
}

/// Types lines of a form, each with Enter behind it.
fn fill(screen: &mut Screen, lines: &[&str]) {
    for line in lines {
        screen.press(line);
        screen.press("\r");
    }
}

/// Reads what is to be confirmed to its end, and confirms it.
fn confirm(screen: &mut Screen, title: &str) {
    screen.until(title);
    for _ in 0..3 {
        screen.press(PAGE_DOWN);
    }
    screen.press("y");
}

/// What became of something.
#[derive(Clone, Copy)]
enum Came {
    Done,
    Attention,
    Refused,
}

/// Closes a window that says what became of something, with this in it: what was refused comes back as it was filled in, with the reason.
#[track_caller]
fn told(screen: &mut Screen, came: Came, said: &str) {
    let (title, close): (&[&str], &[&str]) = match came {
        Came::Done => (&["┌ 完了しました", "┌ Done", "┌ 申請しました", "┌ Asked for"], &["\r"]),
        Came::Attention => (&["┌ 確認が必要です", "┌ This needs attention"], &["\r"]),
        // What was filled in is dropped, which is asked once.
        Came::Refused => (&["受け付けられませんでした", "It was not taken"], &["\u{1b}", "y"]),
    };
    let is_open = |text: &str| title.iter().any(|title| text.contains(title));
    screen.until_so(&format!("a window with {said:?}"), |text| is_open(text) && text.contains(said));
    for (key, asked) in close.iter().zip([None, Some(["入力を捨てますか", "Leave what you filled in"])]) {
        if let Some(asked) = asked {
            screen.until_so("whether it is dropped", |text| asked.iter().any(|asked| text.contains(asked)));
        }
        screen.press(key);
    }
    screen.until_so("the window to close", |text| !is_open(text));
}

/// The first official asks for the next step, and the second approves it.
fn next(first: &mut Screen, second: &mut Screen, holding: &Holding, act: &str) {
    first.until(&format!("職員2人で行います: {act}"));
    first.press("n");
    confirm(first, "次の段階を申請しますか");
    told(first, Came::Done, "もう一人の職員が");
    let id = holding.status().unwrap().pending[0].id.clone();
    second.until(&id);
    second.until("Value to compare");
    second.press("a");
    second.until("type ");
    second.press(&id);
    second.press("\r");
    told(second, Came::Done, "is approved");
}

/// The first official carries the stick to and from the appliance.
fn carry(screen: &mut Screen, stick: &Path) {
    screen.press("y");
    screen.until("媒体のフォルダー");
    // The folder that was typed last stands there.
    screen.press(CLEAR);
    screen.press(stick.to_str().unwrap());
    screen.press("\r");
    told(screen, Came::Done, "装置へ渡した立会人ファイル");
}

/// Trustees do a step, and the first official carries the stick before and after.
fn round(screen: &mut Screen, holding: &Holding, trustees: &[Trustee], step: Step<'_>) {
    carry(screen, holding.staff().stick());
    for trustee in trustees {
        trustee.step(step).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    }
    carry(screen, holding.staff().stick());
}

/// Creates the election in the form, with the districts in which the electors live.
fn create(screen: &mut Screen, scene: &Scene) {
    screen.until("最新");
    screen.press("3");
    screen.until("選挙はまだありません");
    screen.press("n");
    screen.until("名称（日本語）");
    screen.press(CHECK);
    screen.until("直すところが");
    screen.until("1〜200字で入力してください");
    let [opens, online, poll] = [-3_600, 7 * 86_400, 7 * 86_400 + 3_600].map(typed_time);
    let (three, two, one) = (format!("{CLEAR}3"), format!("{CLEAR}2"), format!("{CLEAR}1"));
    let recipient = scene.plan.recipients[0].as_str();
    fill(screen, &["養父市長選挙（模擬）", "Mayor of Yabu (mock)", "", &opens, &online, &poll, &three, &two, &one, "", recipient, "", ""]);
    let districts: BTreeSet<usize> = scene.electors.iter().map(|elector| elector.district).collect();
    let districts: Vec<String> = districts.into_iter().map(|district| scene.city.districts()[district].id.clone()).collect();
    for (place, id) in districts.iter().enumerate() {
        // The lines at hand are those of which something was said to be wrong.
        screen.press(if place == 0 { UP } else { ADD });
        fill(screen, &[&format!("{CLEAR}{id}"), &format!("第{id}投票区")]);
        screen.press(&format!("District {id}"));
    }
    screen.press("\r");
    screen.press(UP);
    fill(screen, &[&format!("{CLEAR}mayor"), "養父市長", "Mayor of Yabu", "", "", "", "", ""]);
    screen.press(UP);
    fill(screen, &[&format!("{CLEAR}m1"), "八木　花子", "Yagi Hanako"]);
    screen.press(UP);
    fill(screen, &[&format!("{CLEAR}m2"), "但馬　一郎"]);
    screen.press("Tajima Ichiro");
    screen.press(CHECK);
    screen.until("投票者に見える票");
    screen.until_so("the whole ballot", |text| ["八木　花子", "模擬選挙", "選ばなければ白票"].iter().all(|part| text.contains(part)));
    screen.press("\t");
    screen.until("Tajima Ichiro");
    screen.press("\r");
    confirm(screen, "この選挙を作りますか");
    told(screen, Came::Done, "選挙を作成しました");
    screen.until("i で取り込みます");
}

/// Imports the roll, after a path that leads nowhere.
fn import(screen: &mut Screen, roll: &Path, electors: usize) {
    screen.press("i");
    screen.until("CSVの場所を入力して");
    screen.press("/nowhere.csv\r");
    screen.until("扱えません");
    screen.press(CLEAR);
    screen.press(roll.to_str().unwrap());
    screen.press("\r");
    screen.until("読み取れました");
    screen.press("\r");
    confirm(screen, "名簿を取り込みますか");
    told(screen, Came::Done, &format!("選挙人: {electors}"));
    screen.until("t で登録します");
}

/// Lists the trustees, after a file that is none of theirs.
fn list(screen: &mut Screen, trustees: &[Trustee], wrong: &Path) {
    for (place, trustee) in trustees.iter().enumerate() {
        screen.press("t");
        screen.until("立会人のファイル");
        if place == 0 {
            screen.press(wrong.to_str().unwrap());
            screen.press("\r");
            screen.until("読み取れません");
            screen.press(CLEAR);
        }
        screen.press(trustee.card().to_str().unwrap());
        screen.press("\r");
        screen.until("鍵の指紋");
        screen.press("\r");
        screen.until("この鍵を登録しますか");
        screen.press("照合済み\r");
        told(screen, Came::Done, &format!("立会人 {}:", place + 1));
    }
    screen.until("s で鍵の作成を始めます");
}

#[test]
fn heavy_two_officials_hold_an_election_from_their_consoles() {
    let mut setting = Setting::of(3);
    setting.trustees = (3, 2);
    let mut scene = Scene::set(setting);
    let staff = scene.appoint();
    scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    let (home, roll) = (scene.folder.clone(), scene.folder.join("roll.csv"));
    fs::write(&roll, roll_csv(&scene.city, &scene.electors, Encoding::Utf8)).unwrap();
    let mut first = console(&staff.first, "ja", &home);
    let mut second = console(&staff.second, "en", &home);
    second.until("up to date");
    second.press("2");
    second.until("Nothing waits for approval");

    create(&mut first, &scene);
    let elections: Vec<ElectionSummary> =
        serde_json::from_value(staff.first.ask::<serde_json::Value>(&["election", "list"]).unwrap()["elections"].clone()).unwrap();
    let holding = Holding::of(staff, elections[0].election, 2);
    import(&mut first, &roll, scene.electors.len());
    list(&mut first, &holding.staff().trustees, &roll);

    // The ceremony cannot be taken back: another word than the one that is asked for begins nothing.
    first.press("s");
    first.until("鍵の作成を始めますか");
    first.press("x\r");
    first.until("開始（または start） と違います");
    first.press("\u{7f}");
    first.press("開始\r");
    told(&mut first, Came::Done, "鍵の作成を始めました");
    first.until("確約が未提出");
    first.press("y");
    first.until("媒体のフォルダー");
    first.press("/nowhere\r");
    told(&mut first, Came::Refused, "がありません");
    for step in [Step::Commit, Step::Deal, Step::Confirm] {
        round(&mut first, &holding, &holding.staff().trustees, step);
    }

    next(&mut first, &mut second, &holding, "投票の開始");
    first.until("職員2人で行います: オンライン投票の締切");
    let fingerprint = holding.status().unwrap().fingerprint.unwrap();
    let story = Story::opened(scene, holding.announced(fingerprint.clone()));
    for (elector, option) in [(0, 0), (1, 0), (2, 1)] {
        let mut booth = story.booth(elector);
        story.vote(&mut booth, Some(option));
    }
    let holding = &story.holding;
    next(&mut first, &mut second, holding, "オンライン投票の締切");
    next(&mut first, &mut second, holding, "投票の締切");
    first.until("集計署名: ");
    let trustees = &holding.staff().trustees;
    round(&mut first, holding, trustees, holding.decrypting());
    round(&mut first, holding, &trustees[..2], holding.decrypting());
    next(&mut first, &mut second, holding, "開票");
    next(&mut first, &mut second, holding, "結果の公表");
    first.until("公表済み");
    assert_eq!(holding.status().unwrap().summary.phase, Phase::Published);

    // Any entry is verified, and all of them are.
    first.press("b");
    first.until("告示（選挙の定義）");
    first.press("v");
    first.until("署名された掲示板");
    told(&mut first, Came::Done, &fingerprint);
    // The fingerprint is that of the notice.
    first.press("V");
    first.until("掲示板全体の検証");
    first.press(&fingerprint);
    first.press("\r");
    first.until("すべて検証しました");
    told(&mut first, Came::Done, "開票の結果は、投票の合計と一致します");
    first.press("\u{1b}");
    first.until("手順");

    let id = holding.election.to_string();
    let commission = &holding.staff().first;
    let checked: serde_json::Value = commission.ask(&["election", "board", "check", "0", "--election", &id]).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert_eq!((checked["fingerprint"].as_str(), checked["entry"]["kind"].as_str()), (Some(fingerprint.as_str()), Some("manifest")));
    let listed: serde_json::Value = commission.ask(&["election", "board", "list", "--election", &id]).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert_eq!(listed["entries"].as_array().unwrap().last().unwrap()["kind"], "published");

    // The record goes to a new place, and never over one that is there.
    let record = home.join("record");
    for (came, said) in [(Came::Done, "記録のファイル数"), (Came::Refused, "すでにあります")] {
        first.press("e");
        first.until("新しいフォルダー");
        first.press(record.to_str().unwrap());
        first.press("\r");
        if matches!(came, Came::Done) {
            // How it is checked is said with it, as it is typed.
            first.until("tachiai-verify");
        }
        told(&mut first, came, said);
    }
    assert!(record.join("record.json").exists());
    first.press("q");
    assert!(first.end().1);
}

/// An official enters what was counted of the papers for the mayor: the votes of the four candidates, valid, blank and otherwise invalid papers.
fn enter(screen: &mut Screen, figures: [&str; 7], titles: [&str; 2]) {
    let [form, sure] = titles;
    screen.press("e");
    screen.until(form);
    fill(screen, &figures);
    screen.until(sure);
    screen.press(PAGE_DOWN);
    screen.press("y");
}

#[test]
fn heavy_two_officials_enter_what_they_counted_from_their_consoles_are_told_where_it_differs_and_agree() {
    let town = Town::of(4, &[("hall", PlaceKind::Early, LinkPolicy::Stop)]);
    let (story, holding) = (&town.story, &town.story.holding);
    for elector in [0, 1] {
        ends(town.check_in("hall", &town.seat(elector), "1234", &[]), 0);
    }
    for (act, close) in [("close-online", true), ("close-poll", false)] {
        holding.act(act).unwrap_or_else(|trouble| panic!("{trouble}"));
        if close {
            let counted = ["--in-box", "mayor=2", "--taken-home", "mayor=0", "--session", "0"];
            ends(town.signed("hall", &["day-close"], &["manager", "witness-1", "witness-2"], &counted), 0);
        }
    }
    holding.decrypt(2).unwrap_or_else(|trouble| panic!("{trouble}"));
    holding.act("count").unwrap_or_else(|trouble| panic!("{trouble}"));

    let home = story.scene.folder.clone();
    let mut first = console(&holding.staff().first, "ja", &home);
    let mut second = console(&holding.staff().second, "en", &home);
    for (screen, ready, missing, counting) in [
        (&mut first, "最新", "投票用紙の計数が済んでいません", "投票箱の用紙 2枚"),
        (&mut second, "up to date", "Papers are not counted", "2 papers in the boxes"),
    ] {
        screen.until(ready);
        screen.press("3");
        screen.press("\r");
        // Its keys are those of the step at hand, once that is known.
        screen.until(missing);
        screen.press("p");
        screen.until(counting);
    }
    let (ja, en) = (["数えた票", "この数を入力しますか"], ["What you counted", "Enter these figures?"]);

    // The first one's figures are nobody's to see before the second one's are there.
    enter(&mut first, ["2", "0", "0", "0", "2", "0", "0"], ja);
    told(&mut first, Came::Done, "入力");
    second.press("r");
    let shown = second.until("has entered a count");
    assert!(!shown.contains("2.000"), "{shown}");
    enter(&mut second, ["1", "0", "0", "0", "1", "1", "0"], en);
    told(&mut second, Came::Attention, "the two counts differ in");
    first.press("r");
    first.until("2人の数が違います");
    second.until("The two counts differ");

    // Counted again, they agree, and the officers of the count sign.
    enter(&mut second, ["1", "0", "0", "0", "1", "1", "0"], en);
    told(&mut second, Came::Done, "entered");
    enter(&mut first, ["1", "0", "0", "0", "1", "1", "0"], ja);
    told(&mut first, Came::Done, "一致");
    first.until("2人の数が一致しました");
    first.until("必要な署名: 開票管理者と開票立会人2名");
    for (place, officer) in ["manager", "witness-1", "witness-2"].into_iter().enumerate() {
        first.press("s");
        first.until("計数に署名");
        fill(&mut first, &[town.polling.officer(officer).to_str().unwrap(), tachiai_tests::polling::PASSPHRASE]);
        first.until("この数に署名しますか");
        first.press(PAGE_DOWN);
        first.press("y");
        told(&mut first, Came::Done, if place < 2 { "署名" } else { "記録" });
    }
    first.until("確定し、掲示板");
    // Whoever asked withdraws; what another one asked for is declined with a reason, and whoever asked is told.
    let staff = holding.staff();
    for (asked, is_own) in [(&staff.second, false), (&staff.first, true)] {
        let asks = asked.tachiai(&["--json", "election", "publish", "--election", &holding.election.to_string()]).unwrap();
        assert_eq!(asks.code, Some(3), "{asks:?}");
        let waiting = holding.status().unwrap().pending[0].id.clone();
        first.press("2");
        first.until(&waiting);
        first.press("x");
        if is_own {
            first.until("この申請を取り下げますか");
        } else {
            first.until("却下の理由");
            fill(&mut first, &["計数を確かめたい"]);
            first.until("この申請を却下しますか");
        }
        first.press(PAGE_DOWN);
        first.press("y");
        told(&mut first, Came::Done, &waiting);
        assert!(holding.status().unwrap().pending.is_empty());
    }
    let listed = holding.staff().second.tachiai(&["approvals"]).unwrap();
    assert!(listed.stdout.contains("計数を確かめたい"), "{listed:?}");
    let outcome: OutcomeView = holding.staff().first.ask(&["election", "result", "--election", &holding.election.to_string()]).unwrap();
    let mayor = &outcome.contests[0];
    assert_eq!((mayor.options[0].paper.as_str(), mayor.blank, mayor.papers_missing), ("1", 1, false));
    for screen in [&mut first, &mut second] {
        screen.press("q");
        assert!(screen.end().1);
    }
}
