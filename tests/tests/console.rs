//! The console in a terminal against an appliance: it opens, is live, approves, survives what terminals and links do, and leaves the terminal as it was.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;
use tachiai_schemas::roster::CardRule;
use tachiai_schemas::staff::{Pending, Role};
use tachiai_tests::appliance::{Official, Programs};
use tachiai_tests::reception::{Drill, client};
use tachiai_tests::story::{Scene, Setting};

#[path = "console/screen.rs"]
#[expect(dead_code, reason = "another story asks more of a terminal")]
mod screen;

use screen::Screen;

const SMALL: (u16, u16) = (80, 24);
/// For so long nobody types, so that a tick of the processor's time weighs little.
const REST: Duration = Duration::from_secs(12);

const LARGE: (u16, u16) = (120, 40);

fn console(official: &Official, lang: &str, size: (u16, u16), home: &Path) -> Screen {
    let program = Programs::beside_this().unwrap().path("tachiai").unwrap();
    Screen::open(&program, &["--profile", official.profile().to_str().unwrap(), "--lang", lang], size, home)
}

/// The line with what is signed, without what stands before it.
fn signed(text: &str) -> String {
    let line = text.lines().find(|line| line.contains("照合する値") || line.contains("Value to compare")).unwrap_or_else(|| panic!("{text}"));
    line.split_once(": ").unwrap().1.trim().to_owned()
}

fn hang_up(screen: &Screen, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_raw(screen.id().cast_signed()).unwrap();
    rustix::process::kill_process(pid, signal).unwrap();
}

#[test]
fn two_officials_see_what_happens_live_and_approve_the_same_text() {
    let mut scene = Scene::set(Setting::of(2));
    let staff = scene.appoint();
    scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    let holding = scene.create(staff);
    holding.ceremony().unwrap_or_else(|trouble| panic!("{trouble}"));
    let (first, second) = (holding.staff().first.clone(), holding.staff().second.clone());
    let home = scene.folder.clone();
    let id = holding.election.to_string();

    let began = Instant::now();
    let mut left = console(&first, "ja", SMALL, &home);
    left.until("立会");
    let drawn = began.elapsed();
    left.until("鍵の作成");
    let shown = began.elapsed();
    eprintln!("first frame after {} ms, home after {} ms", drawn.as_millis(), shown.as_millis());
    let text = left.until("最新");
    assert!(text.contains("選挙管理委員会  nishimura") && text.contains("承認待ちはありません"), "{text}");
    let mut right = console(&second, "en", LARGE, &home);
    right.until("up to date");
    right.press("2");
    right.until("Nothing waits for approval");

    // What one official asks for is seen by both, without anybody asking again.
    let outcome = first.tachiai(&["--json", "election", "open", "--election", &id]).unwrap();
    let pending: Pending = outcome.expect(3).unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap();
    left.until(&pending.id);
    let text = left.until("別の職員の承認待ち");
    assert!(text.contains("nishimuraさんの申請"), "{text}");
    right.until("Value to compare");
    left.press("2");
    left.until("照合する値");
    assert_eq!(signed(&left.text()), signed(&right.text()));
    let message = pending.message.hash().to_string();
    assert_eq!(signed(&left.text()).replace(' ', ""), message[..32]);

    // Who asked does not approve; the other one does, by typing.
    left.press("a");
    left.until("自分の申請は自分では承認できません");
    right.press("a");
    right.until("type ");
    // An Esc and an Enter that come in one piece go back: nothing is approved.
    right.press(&pending.id);
    right.until(&format!("> {}", pending.id));
    right.press("\u{1b}\r");
    right.until_so("the window to close", |text| !text.contains("To approve, type"));
    right.press("a");
    right.until("To approve, type");
    let is_in_box = |text: &str| right.cursor().is_some_and(|(row, _)| text.lines().nth(row.into()).is_some_and(|line| line.contains("> ")));
    right.until_so("the cursor where one types, which an input method follows", is_in_box);
    let (row, column) = right.cursor().expect("an input method follows the cursor");
    right.press("x");
    let typed = |text: &str| text.lines().nth(row.into()).is_some_and(|line| line.contains("> x"));
    right.until_so("the letter, and the cursor behind it", |text| right.cursor() == Some((row, column + 1)) && typed(text));
    right.press("\u{7f}");
    right.press(&pending.id);
    right.press("\r");
    let text = right.until("is approved");
    assert!(text.contains(&holding.status().unwrap().fingerprint.unwrap()), "{text}");
    left.press("1");
    left.until("投票受付中");

    // Another size, and back.
    left.resize(LARGE);
    left.until_so("two columns", |text| text.lines().any(|line| line.contains("── 承認待ち") && line.contains("── 装置")));
    left.resize(SMALL);
    left.until_so("one column", |text| text.lines().all(|line| !line.contains("── 承認待ち") || !line.contains("── 装置")) && text.contains("── 承認待ち"));

    // Nobody types: it draws once a second, and takes less than one part in a hundred of the processor, in a build that is not optimised.
    let before = left.processor_time();
    std::thread::sleep(REST);
    let used = left.processor_time() - before;
    eprintln!("idle for {} s: {} ms of the processor", REST.as_secs(), used.as_millis());
    assert!(used < REST / 100, "{used:?}");

    // The appliance goes away and comes back.
    scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
    left.until("切断中");
    left.until("投票受付中");
    scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    left.until("最新");

    // Whoever is taken off the list is shown nothing more.
    right.press("\u{1b}");
    right.until_so("the window to close", |text| !text.contains("is approved"));
    scene.appliance.tachiaid(&["staff", "revoke", "tanaka"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    right.until("No connection");

    // Left by a key or by a signal, the terminal is as it was.
    right.press("q");
    let (status, is_restored) = right.end();
    assert!(status.success() && is_restored, "{status:?}");
    hang_up(&left, rustix::process::Signal::HUP);
    let (status, is_restored) = left.end();
    assert!(status.success() && is_restored, "{status:?}");
}

#[test]
fn without_a_profile_it_says_what_to_do_and_takes_one() {
    let mut scene = Scene::set(Setting::of(2));
    let auditor = scene.appliance.staff("auditor", Role::Auditor).unwrap();
    scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    let program = Programs::beside_this().unwrap().path("tachiai").unwrap();
    let mut screen = Screen::open(&program, &["--lang", "ja", "--ascii"], SMALL, &scene.folder);
    let text = screen.until("接続できません");
    assert!(text.contains("--profile") && text.contains("tachiaid staff add"), "{text}");
    screen.press("p");
    screen.until("プロファイルを選ぶ");
    screen.press("\u{15}");
    screen.press(&format!("\u{1b}[200~{}\u{1b}[201~", auditor.profile().display()));
    screen.press("\r");
    let text = screen.until("最新");
    assert!(text.contains("監査  auditor"), "{text}");

    // Stopped by a shell it gives the terminal back, and takes it again when it goes on.
    hang_up(&screen, rustix::process::Signal::TSTP);
    screen.until_so("the terminal to be given back", |_| screen.is_stopped() && screen.is_given_back());
    hang_up(&screen, rustix::process::Signal::CONT);
    screen.until_so("the screen to be drawn again", |text| !screen.is_given_back() && text.contains("監査  auditor"));
    for signal in [rustix::process::Signal::TERM, rustix::process::Signal::INT] {
        let mut other = console(&auditor, "en", SMALL, &scene.folder);
        other.until("up to date");
        hang_up(&other, signal);
        let (status, is_restored) = other.end();
        assert!(status.success() && is_restored, "{status:?}");
    }
    screen.press("q");
    assert!(screen.end().1);
}

#[test]
fn the_headquarters_watch_a_shelter_fill_and_find_who_came() {
    let drill = Drill::begin(2, CardRule::WithoutPin);
    let mut screen = console(&drill.headquarters, "ja", SMALL, &drill.scene.folder);
    screen.until("水害訓練");
    screen.press("4");
    screen.until("種別");
    screen.press("\r");
    screen.until("体育館");

    // Somebody arrives, and nobody asks again.
    let person = json!({ "name": "印西　花子", "kana": "インザイ　ハナコ", "phone": "", "identified": "typed", "stay": "shelter" });
    let act = json!({ "chain": null, "after": [], "shelter": "gym", "act": "in", "time": null, "person": person });
    let path = format!("/api/v1/shelter/events/{}/people", drill.event);
    let _: serde_json::Value = client(&drill.headquarters).post(&path, None, &act).unwrap_or_else(|failure| panic!("{failure}"));
    screen.until("在所 1人");

    // Found by romaji, kana of half width, and kanji; and opened.
    for (name, seen) in [("inzai", "inzai"), ("ｲﾝｻﾞｲ", "インザイ"), ("印西", "印西")] {
        screen.press("/");
        screen.until("氏名の初めを入力して");
        screen.press(name);
        screen.until(&format!("ローマ字）: {seen}"));
        screen.press("\r");
        screen.until_so("the person to be found", |text| text.contains("印西　花子") && text.contains("体育館"));
        screen.press("\u{1b}");
        screen.until("収容率");
    }
    screen.press("/");
    screen.until("氏名の初めを入力して");
    screen.press("inzai\r");
    screen.until("印西　花子");
    screen.press("\r");
    screen.until("すべての記録 1件");
    screen.press("\u{3}");
    let (status, is_restored) = screen.end();
    assert!(status.success() && is_restored, "{status:?}");
}
