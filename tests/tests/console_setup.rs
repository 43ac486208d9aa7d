//! The console for shelters, from nothing to the first person: headquarters import facilities and residents, declare a disaster, open a shelter; a machine becomes a
//! terminal on its own screen, and is admitted once its fingerprint was compared; and a card that is laid down registers its holder.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

use tachiai_schemas::roster::{CardRule, TerminalStatus};
use tachiai_schemas::shelter::import::Standing;
use tachiai_schemas::shelter::{EventSummary, EventView};
use tachiai_schemas::staff::{Role, Shown};
use tachiai_tests::appliance::{Official, Programs};
use tachiai_tests::desk::Desk;
use tachiai_tests::pcscd::Pcscd;
use tachiai_tests::reception::{Drill, SHIFT, client, register};
use tachiai_tests::story::{Scene, Setting};

#[allow(dead_code, reason = "each story uses some of it")]
#[path = "console/screen.rs"]
mod screen;

use screen::Screen;

const SMALL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (120, 40);
const F3: &str = "\u{1b}[13~";
const F4: &str = "\u{1b}[14~";

fn console(official: &Official, size: (u16, u16), home: &Path) -> Screen {
    let program = Programs::beside_this().unwrap().path("tachiai").unwrap();
    let screen = Screen::open(&program, &["--profile", official.profile().to_str().unwrap(), "--lang", "ja"], size, home);
    screen.until("最新");
    screen
}

/// A text without the spaces, line ends and borders that the width of a window puts into it.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '│').collect()
}

/// Waits until something is seen, wherever its line is broken; gives the screen.
#[track_caller]
fn sees(screen: &Screen, what: &str) -> String {
    let what = squeezed(what);
    screen.until_so(&format!("{what:?} to be seen"), |text| squeezed(text).contains(&what))
}

/// Waits until all of this is seen: a screen comes line by line. Gives it.
#[track_caller]
fn sees_all(screen: &Screen, all: &[&str]) -> String {
    let all: Vec<String> = all.iter().map(|what| squeezed(what)).collect();
    screen.until_so(&format!("{all:?} to be seen"), |text| all.iter().all(|what| squeezed(text).contains(what)))
}

/// Pastes a text, as a person drags a file into a terminal.
fn paste(screen: &mut Screen, text: &str) {
    screen.press(&format!("\u{1b}[200~{text}\u{1b}[201~"));
}

/// Reads a file on the import's screen.
fn read(screen: &mut Screen, file: &str, seen: &str) -> String {
    paste(screen, file);
    screen.press("\r");
    sees(screen, seen)
}

/// Reads a file on the import's screen and takes it over: the question is read to its end, and answered by a word where one is asked for.
fn import(screen: &mut Screen, file: &Path, seen: &str, word: &str) {
    read(screen, file.to_str().unwrap(), seen);
    screen.press("\r");
    // The foot is drawn last.
    screen.until_so("all of the window", |text| text.contains("取り込みますか") && ["Esc やめる", "Esc いいえ"].iter().any(|no| text.contains(no)));
    // Page by page, until of the text nothing is left to be read.
    loop {
        let before = screen.text();
        if !before.contains("続きを読みます") {
            break;
        }
        screen.press("\u{1b}[6~");
        screen.until_so("the next page", |text| text != before);
    }
    screen.press(word);
    screen.press(if word.is_empty() { "y" } else { "\r" });
}

/// The 16 letters after the word for a fingerprint.
fn fingerprint(text: &str) -> String {
    let rest = text.split("指紋:").nth(1).unwrap_or_else(|| panic!("{text}"));
    rest.chars().filter(|c| c.is_ascii_alphanumeric()).take(16).collect()
}

#[test]
fn headquarters_begin_a_disaster_at_the_console_and_admit_a_terminal_that_was_set_up_at_its_own() {
    let mut scene = Scene::set(Setting::of(8));
    let [first, second] = ["headquarters-1", "headquarters-2"].map(|name| scene.appliance.staff(name, Role::Headquarters).unwrap());
    let desk = scene.appliance.staff("reception-1", Role::Reception).unwrap();
    scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    let (hq, home) = (client(&first), scene.folder.clone());
    let csv = register(&scene.electors);
    let residents = home.join("residents.csv");
    fs::write(&residents, &csv).unwrap();
    let part = home.join("ward.csv");
    fs::write(&part, csv.lines().take(3).collect::<Vec<_>>().join("\n")).unwrap();
    let facilities = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/shelter/yabu-evacuation.geojson");

    // Facilities and residents; the screen stays with what was taken over and what comes next.
    let mut screen = console(&first, SMALL, &home);
    screen.press("4");
    screen.press("f");
    sees_all(&screen, &["まだ取り込んでいません", "必要な列: 施設・場所名"]);
    import(&mut screen, &facilities, "追加: 53", "");
    sees_all(&screen, &["取り込みました", "次に: F4 で「住民」に替えて"]);
    screen.press(F4);
    sees_all(&screen, &["まだ取り込んでいません", "必要な列: 宛名番号"]);
    import(&mut screen, &residents, "追加: 8", "");
    sees_all(&screen, &["取り込みました", "次に: F4 で「要支援者名簿」に替えて"]);
    // A ward's part of the register would remove the others: with another number than theirs nothing happens.
    import(&mut screen, &part, "8 件のうち 6 件", "5");
    sees(&screen, "取り込みますか");
    screen.press("\u{1b}");
    screen.until_so("the window to close", |text| !text.contains("取り込みますか"));
    screen.press("\u{1b}");
    sees(&screen, "開いている災害・訓練はありません");
    let standing: Standing = hq.get("/api/v1/shelter/facilities", None).unwrap();
    assert_eq!((standing.facilities.len(), standing.imports.iter().map(|import| import.count).collect::<Vec<_>>()), (53, vec![53, 8]));

    // A disaster, which the other official approves.
    screen.press("n");
    sees(&screen, "災害・行事を開く");
    screen.press("\r");
    paste(&mut screen, "令和8年台風第15号");
    screen.press("\r\r282227\u{13}");
    sees(&screen, "もう一人の職員が承認したときに開きます");
    screen.press("y");
    sees(&screen, "承認待ち");
    let waiting: Vec<Shown> = client(&second).get("/api/v1/approvals", None).unwrap();
    screen.press("\r");
    let mut other = console(&second, LARGE, &home);
    other.press("2");
    sees(&other, "令和8年台風第15号");
    other.press("a");
    sees_all(&other, &[&waiting[0].pending.id, "承認するには", "Esc やめる"]);
    other.press(&format!("{}\r", waiting[0].pending.id));
    sees(&other, "承認しました");
    let events: Vec<EventSummary> = hq.get("/api/v1/shelter/events", None).unwrap();
    let event = events[0].event;
    let view = || -> EventView { hq.get(&format!("/api/v1/shelter/events/{event}"), None).unwrap() };

    // A shelter.
    sees(&screen, "令和8年台風第15号");
    screen.press("\r");
    sees(&screen, &format!("災害・行事のID: {event}"));
    screen.press("o");
    sees(&screen, "施設名・地区・住所");
    paste(&mut screen, "広谷小学校");
    screen.until_so("the school to be at hand", |text| text.lines().any(|line| line.starts_with('>') && line.contains("広谷小学校")));
    screen.press("\r");
    sees(&screen, "┌");
    screen.press("\u{15}120\r");
    screen.until_so("the shelter to be open", |text| text.contains("広谷小学校") && text.contains("開設") && text.contains("120"));
    assert_eq!(view().shelters[0].state.capacity, Some(120));

    // A machine becomes a terminal there.
    let machine = home.join("machine");
    fs::create_dir_all(&machine).unwrap();
    let mut reception = console(&desk, SMALL, &machine);
    reception.press("6");
    sees(&reception, "まだ受付に設定されていません");
    sees(&reception, "広谷小学校");
    reception.press("\r");
    sees(&reception, "端末の名前");
    reception.press(&format!("school-1\r\r{SHIFT}\r{SHIFT}\r"));
    let print = fingerprint(&sees_all(&reception, &["災害対策本部に登録を申請しました", "指紋:", "次の方:"]));

    // Headquarters see the same fingerprint, and admit it.
    sees(&screen, "端末が登録待ち");
    screen.press("e");
    let text = sees_all(&screen, &["school-1", "指紋:", "同じときだけ Enter で登録します"]);
    assert_eq!(fingerprint(&text), print);
    screen.press("\r");
    sees(&screen, "この端末を登録しますか");
    screen.press("y");
    sees(&reception, "すべて送信済み");
    let terminals = view().terminals;
    assert_eq!((terminals.len(), terminals[0].status), (1, TerminalStatus::Admitted));
    assert!(terminals[0].terminal.as_str().starts_with("school-1-"), "{:?}", terminals[0].terminal);

    // It knows the residents, and whoever comes is with headquarters at once.
    // The list of residents comes a little after what was handed in.
    for _ in 0..100 {
        reception.press("\u{15}");
        reception.press(&scene.electors[0].kana);
        reception.press("\r");
        std::thread::sleep(std::time::Duration::from_millis(500));
        if reception.text().contains("一覧に記載") {
            break;
        }
    }
    sees(&reception, "一覧に記載");
    reception.press("\r");
    sees(&reception, "この方を登録しますか");
    reception.press("\r");
    sees(&reception, "在所 1人");
    screen.press("\u{1b}");
    sees(&screen, "在所 1人");

    // Left alone for a moment, nobody is to be seen until the passphrase is typed.
    reception.press("\u{1b}[24~");
    let name = squeezed(&scene.electors[0].name);
    reception.until_so("nobody to be seen", |text| text.contains("パスフレーズ:") && !squeezed(text).contains(&name));
    reception.press(&format!("{SHIFT}\r"));
    sees(&reception, "在所 1人");

    // A place that people opened themselves, and is on no list.
    screen.press("o");
    sees(&screen, "施設名・地区・住所");
    paste(&mut screen, "寄合い処");
    sees(&screen, "該当する施設はありません");
    screen.press(F3);
    sees_all(&screen, &["届出のない避難所", "Esc やめる"]);
    screen.press("\u{13}");
    sees_all(&screen, &["この場所を開設しますか", "名称: 寄合い処", "Esc いいえ"]);
    screen.press("y");
    sees_all(&screen, &["災害・行事のID", "寄合い処"]);
    assert_eq!(view().shelters.iter().filter(|shelter| shelter.state.name.ja == "寄合い処").count(), 1);

    // The event is closed although somebody is present: for a reason, which the other official reads too.
    screen.press("x");
    sees_all(&screen, &["決まっていないものがあります", "在所者: 1", "閉鎖していない避難所"]);
    screen.press("\r");
    sees_all(&screen, &["例: 体育館の端末は流失", "Esc やめる"]);
    paste(&mut screen, "最後の方は家族が迎えに来た");
    screen.press("\u{13}");
    sees_all(&screen, &["終了を申請しますか", "最後の方は家族が迎えに来た", "Esc いいえ"]);
    screen.press("\u{1b}[6~y");
    sees(&screen, "承認待ち");
    let waiting: Vec<Shown> = client(&second).get("/api/v1/approvals", None).unwrap();
    other.press("\r");
    sees(&other, &waiting[0].pending.id);
    other.press("a");
    sees_all(&other, &[&waiting[0].pending.id, "最後の方は家族が迎えに来た", "承認するには", "Esc やめる"]);
    other.press(&format!("{}\r", waiting[0].pending.id));
    sees(&other, "承認しました");
    assert!(view().summary.closed.is_some());
    for screen in [&mut screen, &mut other, &mut reception] {
        screen.press("\u{3}");
        let (status, is_restored) = screen.end();
        assert!(status.success() && is_restored, "{status:?}");
    }
}

#[test]
fn a_card_that_is_laid_down_at_the_console_shows_its_holder_and_enter_registers_them() {
    let drill = Drill::begin(4, CardRule::WithoutPin);
    let terminal = drill.terminal("gym-1", "gym");
    let home: PathBuf = drill.scene.folder.join("gym-1-home");
    let place = home.join(".local/share/tachiai");
    fs::create_dir_all(&place).unwrap();
    fs::rename(&terminal.folder, place.join("reception")).unwrap();
    let mut desk = Desk::with(1);
    let (name, number) = (squeezed(&drill.scene.electors[0].name), drill.scene.card(0).text.code_b.value);
    let program = Programs::beside_this().unwrap().path("tachiai").unwrap();
    let service = format!("{}={}", Pcscd::VARIABLE, desk.pcscd.socket().display());
    let words = [&service, program.to_str().unwrap(), "--profile", drill.desk.profile().to_str().unwrap(), "--lang", "ja"];
    let mut screen = Screen::open(Path::new("/usr/bin/env"), &words, SMALL, &home);
    screen.until("最新");
    screen.press("6");
    screen.until("パスフレーズ:");
    screen.press(&format!("{SHIFT}\r"));
    screen.until("次の方:");
    sees(&screen, "すべて送信済み");

    // Nobody touches a key before the card's own number.
    let card = desk.insert(0, &drill.scene.card(0), &[]);
    sees(&screen, "照合番号Bを入力してください");
    screen.press(&number);
    let text = screen.text();
    assert!(!text.contains(&number), "what opens the card is not shown: {text}");
    screen.press("\r");
    sees_all(&screen, &["この方を登録しますか", &name]);
    screen.press("\r");
    sees_all(&screen, &["在所 1人", "すべて送信済み", &name]);
    assert_eq!(drill.view().totals.present, 1);

    // Laid down once more, the holder is known to be here.
    desk.remove(0, card);
    let _card = desk.put_back(0, &[]);
    sees(&screen, "照合番号Bを入力してください");
    screen.press(&format!("{number}\r"));
    sees(&screen, "ここで受付済みです");
    assert_eq!(drill.view().totals.present, 1);
    screen.press("\u{3}");
    let (status, is_restored) = screen.end();
    assert!(status.success() && is_restored, "{status:?}");
}
