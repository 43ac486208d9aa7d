//! The seats of the console in a terminal: the desk of a polling place with a card in a real reader, trustees with a stick between them, and a terminal that is given
//! back whatever hangs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::net::TcpListener;
use std::path::Path;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use tachiai_schemas::paper::{LinkPolicy, PlaceKind};
use tachiai_schemas::receipt::Phase;
use tachiai_tests::appliance::Programs;
use tachiai_tests::desk::Desk;
use tachiai_tests::holding::Holding;
use tachiai_tests::pcscd::Pcscd;
use tachiai_tests::story::{Scene, Setting, Story, until};
use tachiai_tests::town::Town;
use tachiai_tests::trustees::PASSPHRASE;

#[allow(dead_code, reason = "the helper of another story too")]
#[path = "console/screen.rs"]
mod screen;

use screen::Screen;

const SIZE: (u16, u16) = (80, 24);

fn program() -> std::path::PathBuf {
    Programs::beside_this().unwrap().path("tachiai").unwrap()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn signal(process: u32, signal: Signal) {
    kill_process(Pid::from_raw(process.cast_signed()).unwrap(), signal).unwrap();
}

/// A text without the spaces, line ends and borders that the width of a window puts into it.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '│').collect()
}

/// Waits until something is seen, wherever its line is broken; gives the screen, squeezed.
#[track_caller]
fn sees(screen: &Screen, what: &str) -> String {
    let what = squeezed(what);
    squeezed(&screen.until_so(&format!("{what:?} to be seen"), |text| squeezed(text).contains(&what)))
}

/// Fills the lines of a form, which is in sight; each is emptied first.
fn fill(screen: &mut Screen, lines: &[&str]) {
    for line in lines {
        screen.press(&format!("\u{5}\u{15}{line}\r"));
    }
}

/// Opens the console of an official at the desk of a place.
fn at_desk(town: &Town, profile: &Path, place: &str, reader: &str, service: Option<&Pcscd>) -> Screen {
    let service = service.map(|pcscd| format!("{}={}", Pcscd::VARIABLE, pcscd.socket().display()));
    let program = program();
    let words: Vec<&str> = service.iter().map(String::as_str).chain([path(&program), "--profile", path(profile), "--lang", "ja"]).collect();
    let mut screen = Screen::open(Path::new("/usr/bin/env"), &words, SIZE, &town.story.scene.folder);
    sees(&screen, "最新");
    screen.press("8");
    sees(&screen, "端末の鍵");
    let (key, state) = (town.polling.desk_key(place), town.polling.state(place));
    fill(&mut screen, &[path(&key), path(&state), town.story.holding.fingerprint(), reader]);
    screen
}

/// A colleague approves what has the ID that stands after these words.
fn approve(town: &Town, text: &str, after: &str) {
    let rest = text.split(after).nth(1).unwrap_or_else(|| panic!("{text}"));
    let id = rest.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| !word.is_empty()).unwrap_or_else(|| panic!("{text}"));
    town.desks[1].tachiai(&["approve", id, "--yes"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
}

#[test]
fn an_elector_is_checked_in_by_a_card_in_a_reader_and_one_without_a_card_by_name() {
    let town = Town::of(3, &[("hall", PlaceKind::Early, LinkPolicy::Stop)]);
    let mut desk = Desk::with(1);
    // The card is enrolled, and then lies in the reader.
    drop(town.seat(0));
    let hanako = squeezed(&town.story.scene.electors[0].name);
    let mut screen = at_desk(&town, town.desks[0].profile(), "hall", "", Some(&desk.pcscd));
    let text = sees(&screen, "カードをリーダーに置いて");
    assert!(text.contains("投票所hall") && text.contains("期日前投票"), "{text}");

    let card = desk.insert(0, &town.story.scene.card(0), &[]);
    let text = sees(&screen, "あと3回");
    assert!(text.contains(&hanako) && text.contains('█') && text.contains("未投票"), "{text}");
    // A wrong PIN hands nothing out, and says how many tries are left.
    screen.press("\r");
    sees(&screen, "ご本人が暗証番号");
    screen.press("4321\r");
    let text = sees(&screen, "あと2回");
    assert!(!text.contains("4321"), "{text}");
    assert_eq!(town.copy().board.paper_electors(), 0);
    screen.press("\r");
    sees(&screen, "ご本人が暗証番号");
    screen.press("1234\r");
    let text = sees(&screen, "用紙を渡してください");
    assert!(text.contains(&hanako) && text.contains("受付番号"), "{text}");
    assert_eq!(town.copy().board.paper_electors(), 1);

    // Without the card nothing of its holder stays.
    desk.remove(0, card);
    screen.until_so("the person to be gone", |text| !squeezed(text).contains(&hanako) && text.contains("用紙を渡してください"));
    let card = desk.put_back(0, &[]);
    let text = sees(&screen, "すでに交付されています");
    assert!(text.contains(&hanako), "{text}");
    desk.remove(0, card);
    sees(&screen, "カードをリーダーに置いて");

    // A card that is not enrolled: the elector is looked for by name, and a colleague agrees.
    let card = desk.insert(0, &town.story.scene.card(1), &[]);
    sees(&screen, "カードが登録されていなくても");
    screen.press("f");
    sees(&screen, "カードのない方を探す");
    let who = town.who(1).map(|word| word.split_once('=').unwrap().1.to_owned());
    fill(&mut screen, &["", "", &who[0], "", &who[1], ""]);
    sees(&screen, "別の職員の承認が必要です");
    screen.press("\r");
    let text = sees(&screen, "まだ交付していません");
    approve(&town, &text, "承認待ち」で");
    screen.press("\r");
    sees(&screen, "用紙を渡してください");
    assert_eq!(town.copy().board.paper_electors(), 2);
    desk.remove(0, card);

    // An open desk is not left by one key.
    screen.press("q");
    screen.press("\u{3}");
    sees(&screen, "受付を終えますか");
    screen.press("y");
    let (status, is_restored) = screen.end();
    assert!(status.success() && is_restored, "{status:?}");
}

#[test]
fn a_desk_whose_link_is_cut_hands_out_an_envelope_and_enters_it_later() {
    let town = Town::of(2, &[("hall", PlaceKind::Early, LinkPolicy::Provisional)]);
    let (line, profile) = town.line();
    let seat = town.seat(0);
    let socket = seat.socket();
    let mut screen = at_desk(&town, &profile, "hall", path(&socket), None);
    sees(&screen, "あと3回");
    // The card is done with, and the link is cut before the next one comes.
    screen.press("n");
    sees(&screen, "カードをリーダーに置いて");
    line.cut(true);
    screen.press("f");
    sees(&screen, "カードのない方を探す");
    let who = town.who(1).map(|word| word.split_once('=').unwrap().1.to_owned());
    fill(&mut screen, &["", "", &who[0], "", &who[1], ""]);
    sees(&screen, "仮投票とします");
    screen.press("\r");
    sees(&screen, "回線が戻ってから");
    fill(&mut screen, &[&who[0], &who[1]]);
    let text = sees(&screen, "封筒に番号");
    assert!(text.contains("未記録の仮投票1件"), "{text}");
    assert_eq!(town.copy().board.paper_electors(), 0);

    // It is entered once the link is back and a colleague agrees.
    line.cut(false);
    screen.press("h");
    let text = sees(&screen, "承認する必要があります");
    approve(&town, &text, "tachiaiapprove");
    screen.press("\r");
    sees(&screen, "封筒に番号");
    screen.press("h");
    sees(&screen, "記録しました");
    assert_eq!(town.copy().board.paper_electors(), 1);
    screen.press("\r");
    screen.until_so("nothing to be kept any more", |text| !text.contains("未記録の仮投票"));
}

/// Three trustees at their own consoles, without a profile.
struct Trustees {
    screens: Vec<Screen>,
}

impl Trustees {
    fn sit(scene: &Scene, stick: &Path, folders: &[String]) -> Trustees {
        let open = |folder: &String| {
            let mut screen = Screen::open(&program(), &["--lang", "ja"], SIZE, &scene.folder);
            sees(&screen, "接続できません");
            screen.press("t");
            sees(&screen, "委員会の媒体");
            fill(&mut screen, &[folder, path(stick), PASSPHRASE]);
            screen
        };
        Trustees { screens: folders.iter().map(open).collect() }
    }

    #[track_caller]
    fn see(&self, what: &str) {
        for screen in &self.screens {
            let text = sees(screen, what);
            assert!(text.contains("鍵の指紋") && !text.contains(PASSPHRASE), "{text}");
        }
    }

    /// Everybody does the step at hand, and sees that.
    #[track_caller]
    fn step(&mut self, done: &str) {
        self.screens.iter_mut().for_each(|screen| screen.press("\r"));
        self.see(done);
    }

    /// The stick went to the commission and came back.
    #[track_caller]
    fn carried(&mut self, holding: &Holding, next: &str) {
        holding.carry().unwrap_or_else(|trouble| panic!("{trouble}"));
        self.screens.iter_mut().for_each(|screen| screen.press("r"));
        self.see(next);
    }

    /// Everybody types the fingerprint of the notice.
    #[track_caller]
    fn expect(&mut self, fingerprint: &str, done: &str) {
        for screen in &mut self.screens {
            screen.press("\r");
            sees(screen, "公告を見て入力");
            fill(screen, &[fingerprint]);
            sees(screen, "公告の指紋と一致しました");
            screen.press("\r");
        }
        self.see(done);
    }
}

#[test]
fn heavy_three_trustees_make_the_key_and_decrypt_with_a_stick_at_their_screens() {
    let mut scene = Scene::set(Setting { trustees: (3, 2), ..Setting::of(2) });
    let staff = scene.appoint();
    scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    let holding = scene.create(staff);
    holding.begin_ceremony().unwrap_or_else(|trouble| panic!("{trouble}"));
    holding.carry().unwrap_or_else(|trouble| panic!("{trouble}"));
    let stick = scene.folder.canonicalize().unwrap().join("people/stick");
    let folders: Vec<String> = holding.staff().trustees.iter().map(|trustee| path(trustee.folder()).to_owned()).collect();

    let mut trustees = Trustees::sit(&scene, &stick, &folders);
    trustees.see("次にすること: 確約します");
    trustees.step("次にすること: 媒体を委員会に渡し、ほかの立会人の確約");
    trustees.carried(&holding, "次にすること: 分散鍵を配ります");
    trustees.step("次にすること: 媒体を委員会に渡し、ほかの立会人の分散鍵");
    trustees.carried(&holding, "次にすること: 届いた分散鍵を検査し");
    for screen in &mut trustees.screens {
        screen.press("\r");
        sees(screen, "照合済み（または");
        screen.press("照合済み\r");
    }
    trustees.see("次にすること: 媒体を委員会に渡し、ほかの立会人の確認");
    holding.carry().unwrap_or_else(|trouble| panic!("{trouble}"));
    let story = Story::open(scene, holding);
    trustees.carried(&story.holding, "次にすること: 選挙は始まっています");
    trustees.see("鍵生成に使った秘密を媒体から消しました");

    let mut booth = story.booth(0);
    story.vote(&mut booth, Some(1));
    for (act, phase) in [("close-online", Phase::OnlineClosed), ("close-poll", Phase::PollClosed)] {
        assert_eq!(story.holding.act(act).unwrap_or_else(|trouble| panic!("{trouble}")).phase, phase);
    }
    trustees.carried(&story.holding, "次にすること: 集計宣言に署名します");
    let fingerprint = story.holding.fingerprint().to_owned();
    trustees.expect(&fingerprint, "次にすること: 署名しました");
    trustees.carried(&story.holding, "次にすること: 復号分を出します");
    trustees.expect(&fingerprint, "次にすること: 復号分を出しました");
    story.holding.carry().unwrap_or_else(|trouble| panic!("{trouble}"));
    for (act, phase) in [("count", Phase::Tallied), ("publish", Phase::Published)] {
        assert_eq!(story.holding.act(act).unwrap_or_else(|trouble| panic!("{trouble}")).phase, phase);
    }
    for screen in &mut trustees.screens {
        // The stick was not looked at since: whether it was handed over is asked.
        screen.press("q");
        sees(screen, "媒体を渡す前に離れますか");
        screen.press("y");
        let (status, is_restored) = screen.end();
        assert!(status.success() && is_restored, "{status:?}");
    }
}

#[test]
fn a_trustee_makes_new_keys_at_the_screen_and_a_wrong_passphrase_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let medium = folder.path().join("mine");
    let mut screen = Screen::open(&program(), &["--lang", "en"], SIZE, folder.path());
    sees(&screen, "No connection");
    screen.press("t");
    sees(&screen, "Commission's stick");
    screen.press("\u{e}");
    sees(&screen, "This makes new keys");
    fill(&mut screen, &[path(&medium), "", "Tachiai Ichiro", "short", "short"]);
    sees(&screen, "the passphrase is too short");
    screen.press("\r");
    // From the last line to the first one.
    screen.press("\t");
    fill(&mut screen, &[path(&medium), "", "Tachiai Ichiro", PASSPHRASE, PASSPHRASE]);
    let text = sees(&screen, "Your key");
    assert!(text.contains("card.json") && medium.join("card.json").exists() && medium.join("trustee.age").exists(), "{text}");
    screen.press("o");
    sees(&screen, "Commission's stick");
    fill(&mut screen, &[path(&medium), "", "something else"]);
    sees(&screen, "cannot open");
    screen.press("\r");
    screen.press("\u{3}");
    assert!(screen.end().1);
}

#[test]
fn the_mouse_is_taken_where_that_is_asked_for_and_left_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let mut screen = Screen::open(&program(), &["--lang", "en", "--mouse"], SIZE, folder.path());
    let text = screen.until("? more");
    assert!(screen.has_mouse());
    let (row, line) = text.lines().enumerate().find(|(_, line)| line.contains("? more")).unwrap();
    let column = line.split("? more").next().unwrap().chars().count();
    screen.press(&format!("\u{1b}[<0;{};{}M", column + 1, row + 1));
    sees(&screen, "Help");
    screen.press("\u{3}");
    assert!(screen.end().1 && !screen.has_mouse());
    let screen = Screen::open(&program(), &["--lang", "en"], SIZE, folder.path());
    sees(&screen, "? more");
    assert!(!screen.has_mouse());
}

#[test]
fn an_end_signal_gives_the_terminal_back_while_a_worker_hangs() {
    let scene = Scene::set(Setting::of(2));
    let official = scene.appliance.staff("auditor", tachiai_schemas::staff::Role::Auditor).unwrap();
    // Whoever connects here is never answered.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let text = std::fs::read_to_string(official.profile()).unwrap();
    let profile = official.profile().with_file_name("silent.toml");
    std::fs::write(&profile, text.replace(&scene.appliance.staff_url(), &format!("https://localhost:{}", silent.local_addr().unwrap().port()))).unwrap();
    let mut screen = Screen::open(&program(), &["--lang", "en", "--profile", path(&profile)], SIZE, &scene.folder);
    let (_held, _) = silent.accept().unwrap();
    sees(&screen, "Connecting");
    signal(screen.id(), Signal::TERM);
    let (status, is_restored) = screen.end();
    assert!(status.success() && is_restored, "{status:?}");
}

#[test]
fn a_second_end_signal_ends_a_console_whose_terminal_takes_nothing_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let pair = native_pty_system().openpty(PtySize { rows: 60, cols: 200, pixel_width: 0, pixel_height: 0 }).unwrap();
    let mut command = CommandBuilder::new(program());
    command.args(["--lang", "ja"]);
    command.env("TERM", "xterm-256color");
    command.env("HOME", folder.path());
    command.env_remove("XDG_CONFIG_HOME");
    let mut child = pair.slave.spawn_command(command).unwrap();
    let mut writer = pair.master.take_writer().unwrap();
    let cooked = || pair.master.get_termios().is_some_and(|termios| termios.local_flags.bits() & 0o12 == 0o12);
    until("the console to take the terminal", || !cooked());
    // Nobody reads what it draws: it is drawn again and again, until nothing more goes out and it takes no time of the processor.
    let process = child.process_id().unwrap();
    let worked = || {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        [fields[11], fields[12]].map(|field| field.parse::<u64>().unwrap())
    };
    let (mut before, mut still) = (worked(), 0);
    until("the console to hang in its output", || {
        std::io::Write::write_all(&mut writer, b"LT?\x0c\x1b").unwrap();
        let now = worked();
        still = if now == before { still + 1 } else { 0 };
        before = now;
        still > 25
    });
    until("its end", || {
        if child.try_wait().unwrap().is_some() {
            return true;
        }
        signal(process, Signal::TERM);
        false
    });
    assert!(cooked(), "lines are edited by the terminal again");
}
