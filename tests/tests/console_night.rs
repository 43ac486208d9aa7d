//! A night at the reception of a shelter, worked from the console: people are entered by the keyboard while the link is there, while the appliance is away, and while
//! the machine has no network at all; the console is killed in the middle; and in the morning headquarters count whom the reception counted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

use tachiai_schemas::roster::CardRule;
use tachiai_schemas::shelter::{TerminalRequest, TerminalView};
use tachiai_tests::appliance::Programs;
use tachiai_tests::link::Link;
use tachiai_tests::reception::{Drill, SHIFT, Terminal, client};
use tachiai_tests::relay::Relay;

#[allow(dead_code, reason = "each story uses some of it")]
#[path = "console/screen.rs"]
mod screen;

use screen::Screen;

const SIZE: (u16, u16) = (80, 24);

/// A list of residents is longer than this, and everything else that a reception asks for shorter.
const LONG: usize = 24 * 1024;

/// A machine with a reception terminal in its usual place.
struct Machine {
    home: PathBuf,
    profile: PathBuf,
    program: PathBuf,
}

impl Machine {
    fn set_up(drill: &Drill) -> Machine {
        Machine::of(drill, &drill.terminal("gym-1", "gym"))
    }

    fn of(drill: &Drill, terminal: &Terminal) -> Machine {
        let home = drill.scene.folder.join("gym-1-home");
        let place = home.join(".local/share/tachiai");
        fs::create_dir_all(&place).unwrap();
        fs::rename(&terminal.folder, place.join("reception")).unwrap();
        Machine { home, profile: drill.desk.profile().to_owned(), program: Programs::beside_this().unwrap().path("tachiai").unwrap() }
    }

    /// The console, with or without a network.
    fn console(&self, link: Link) -> Screen {
        let arguments = ["--profile", self.profile.to_str().unwrap(), "--lang", "ja"];
        match link {
            Link::Up => Screen::open(&self.program, &arguments, SIZE, &self.home),
            Link::Cut => {
                let mut alone = if rustix::process::geteuid().is_root() { Vec::new() } else { vec!["--user", "--map-root-user"] };
                alone.extend(["--net", self.program.to_str().unwrap()]);
                Screen::open(Path::new("unshare"), &[&alone[..], &arguments].concat(), SIZE, &self.home)
            }
        }
    }

    /// The console with the reception opened, as at the start of a shift.
    fn reception(&self, link: Link) -> Screen {
        let mut screen = self.console(link);
        screen.until(if link == Link::Up { "最新" } else { "接続できません" });
        screen.press("6");
        screen.until("パスフレーズ:");
        screen.press(SHIFT);
        screen.press("\r");
        screen.until("次の方:");
        screen
    }
}

fn kill(mut screen: Screen) {
    let pid = rustix::process::Pid::from_raw(screen.id().cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    screen.end();
}

/// Whoever stands at the desk is found by the reading of the name and entered; with everybody of the household, or alone.
fn enter(screen: &mut Screen, kana: &str, with: Option<usize>, present: usize) {
    screen.press(kana);
    screen.press("\r");
    screen.until("一覧に記載");
    screen.press("\r");
    screen.until("この方を登録しますか");
    if with.is_some() {
        screen.press(" ");
        screen.until("[x]");
    }
    screen.press("\r");
    screen.until(&format!("在所 {present}人"));
}

#[test]
fn who_came_in_a_night_with_a_cut_link_and_a_killed_console_is_whom_headquarters_count() {
    let mut drill = Drill::begin(8, CardRule::WithoutPin);
    let questions = concat!(env!("CARGO_MANIFEST_DIR"), "/data/shelter/questionnaire.toml");
    let defined = drill.headquarters.tachiai(&["shelter", "questionnaire", "define", questions]).unwrap();
    defined.ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    let machine = Machine::set_up(&drill);
    let kana: Vec<String> = drill.scene.electors.iter().map(|elector| elector.kana.clone()).collect();
    let mut headquarters =
        Screen::open(&machine.program, &["--profile", drill.headquarters.profile().to_str().unwrap(), "--lang", "ja"], SIZE, &drill.scene.folder);
    headquarters.until("水害訓練");
    headquarters.press("4");
    headquarters.until("種別");
    headquarters.press("\r");
    headquarters.until("体育館");

    // A wrong passphrase opens nothing; the right one does. A couple comes, and their neighbour.
    let mut screen = machine.console(Link::Up);
    screen.until("最新");
    screen.press("6");
    screen.until("パスフレーズ:");
    screen.press("himitsu\r");
    screen.until_so("the passphrase to be refused", |text| text.replace(['\n', ' '], "").contains("パスフレーズを確かめてください"));
    screen.press(SHIFT);
    screen.press("\r");
    screen.until("次の方:");
    enter(&mut screen, &kana[0], Some(1), 2);
    enter(&mut screen, &kana[2], None, 3);
    screen.until("すべて送信済み");
    headquarters.until("在所 3人");

    // The appliance is away: nobody at the desk waits for it, and what is entered goes in once it is back.
    drill.scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
    let text = screen.until("回線なし");
    assert!(text.contains("受付はそのまま続けられます"), "{text}");
    enter(&mut screen, &kana[4], None, 4);
    let text = screen.until("未送信 1件");
    assert!(text.contains("入所") && text.contains("未送信"), "{text}");
    drill.scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    screen.until("すべて送信済み");
    headquarters.until("在所 4人");

    // The console is killed, and begun again in a network with nobody in it.
    kill(screen);
    let mut screen = machine.reception(Link::Cut);
    let text = screen.until("在所 4人");
    assert!(text.contains("回線なし") && text.contains("未送信はありません"), "{text}");
    enter(&mut screen, &kana[6], Some(1), 6);
    // A visitor from abroad, on no list: F2, the name, and the form is read.
    screen.press("\x1bOQ");
    screen.until("新しい方の入力");
    screen.press("Maria Cruz\x13");
    screen.until("この方を登録しますか");
    screen.press("\r");
    screen.until("在所 7人");
    // She has a fever, and is asked by the questionnaire: F11. A question that needs an answer is not passed over.
    screen.press("\x1b[23~");
    screen.until("避難所 問診票");
    screen.press("39.4\x13");
    screen.until("この質問には答えが要ります");
    screen.press("\x1b[C");
    screen.until("< いらない >");
    screen.press("\x13");
    let text = screen.until("すぐに係の人に知らせてください");
    assert!(text.contains("Maria Cruz"), "{text}");
    screen.press("\r");
    screen.until_so("the window to close", |text| text.contains("次の方:") && !text.contains("すぐに係の人"));
    // Entered by mistake and taken back: F8, and y once it is read who that is.
    enter(&mut screen, &kana[5], None, 8);
    screen.press("\x1b[19~");
    screen.until("最後の登録の取り消し");
    screen.press("y");
    screen.until("在所 7人");

    // Killed once more in the middle of the next name: what was said to be entered is there.
    screen.press(&kana[3]);
    kill(screen);
    let mut screen = machine.reception(Link::Cut);
    let text = screen.until("在所 7人");
    assert!(text.contains("Maria Cruz") && text.contains("未送信 7件"), "{text}");
    assert!(headquarters.text().contains("在所 4人"), "nothing reached headquarters");
    screen.press("\x03");
    let (status, is_restored) = screen.end();
    assert!(status.success() && is_restored, "{status:?}");

    // The link is back: it goes in by itself, and both count the same.
    let screen = machine.reception(Link::Up);
    let text = screen.until("すべて送信済み");
    assert!(text.contains("在所 7人"), "{text}");
    headquarters.until("在所 7人");
    let view = drill.view();
    assert_eq!((view.totals.present, view.aside, view.summary.conflicts), (7, 0, 0));
    // What was answered without a link is read at headquarters, by whoever asks for it.
    headquarters.press("/");
    headquarters.until("氏名の初めを入力して");
    headquarters.press("Maria\r");
    headquarters.until_so("the visitor to be at hand", |text| text.lines().any(|line| line.starts_with('>') && line.contains("Maria Cruz")));
    headquarters.press("\r");
    let text = headquarters.until("問診票: 赤");
    assert!(!text.contains("39.4"), "{text}");
    headquarters.press("\r");
    headquarters.until("今の体温は何度ですか。: 39.4");
    // No name stands in a file of the terminal.
    for file in fs::read_dir(machine.home.join(".local/share/tachiai/reception")).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(5).any(|five| five == b"Maria"));
    }
}

#[test]
fn the_desk_goes_on_and_hands_in_while_the_list_of_residents_hangs_in_the_middle() {
    let drill = Drill::begin(240, CardRule::WithoutPin);
    // Set up without a link: the list comes once headquarters have admitted it.
    let terminal = drill.unadmitted("gym-1");
    let event = drill.event.to_string();
    terminal
        .run(Link::Cut, "", &["init", "--event", &event, "--shelter", "gym", "--terminal", "gym-1"])
        .expect(4)
        .unwrap_or_else(|trouble| panic!("{trouble}"));
    let request: TerminalRequest = serde_json::from_slice(&fs::read(terminal.folder.join("request.json")).unwrap()).unwrap();
    let _: TerminalView =
        client(&drill.headquarters).post(&format!("/api/v1/shelter/events/{event}/terminals"), None, &request).unwrap_or_else(|failure| panic!("{failure}"));
    let relay = Relay::begin(drill.scene.appliance.staff_address(), LONG);
    let mut machine = Machine::of(&drill, &terminal);
    let profile = fs::read_to_string(&machine.profile).unwrap();
    let slow = machine.profile.with_file_name("slow.toml");
    fs::write(&slow, profile.replace(&drill.scene.appliance.staff_url(), &format!("https://localhost:{}", relay.port()))).unwrap();
    machine.profile = slow;

    let mut screen = machine.reception(Link::Up);
    while relay.hanging() == 0 {
        assert!(!screen.text().contains("予期せず"), "{}", screen.text());
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    // Whoever comes is typed, as the list is not there; it is entered and handed in all the same.
    for (name, present) in [("Maria Cruz", 1), ("Anna Cruz", 2)] {
        screen.press("\x1bOQ");
        screen.until("新しい方の入力");
        screen.press(name);
        screen.press("\x13");
        screen.until("この方を登録しますか");
        screen.press("\r");
        screen.until(&format!("在所 {present}人"));
    }
    screen.until("すべて送信済み");
    assert_eq!(drill.view().totals.present, 2);
    assert_eq!(relay.hanging(), 1, "the list is still waited for");
}
