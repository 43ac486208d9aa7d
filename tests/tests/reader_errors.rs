//! What can go wrong with a reader, a card in it or the service between: each is made to happen with a real pcscd, and the
//! person is told what it was and what to do, in both languages, with exit code 5.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tachiai_tests::appliance::Outcome;
use tachiai_tests::desk::{Conversation, Desk, Terminal, card_of_hanako};
use tachiai_tests::pcscd::Pcscd;
use tachiai_tests::story::until;

fn japanese(text: &str) -> bool {
    text.chars().any(|c| ('ぁ'..='ん').contains(&c))
}

/// Makes the same thing happen for each language; both must end with exit code 5 and say these.
#[track_caller]
fn says(ja: &str, en: &str, mut happen: impl FnMut(&str) -> Outcome) {
    for (lang, expected) in [("ja", ja), ("en", en)] {
        let outcome = happen(lang);
        assert_eq!(outcome.code, Some(5), "{outcome:?}");
        assert!(outcome.stderr.contains(expected), "{expected}: {outcome:?}");
        assert_eq!(japanese(&outcome.stderr), lang == "ja", "{outcome:?}");
        assert!(outcome.stdout.is_empty(), "{outcome:?}");
    }
}

#[test]
fn without_the_service_it_is_said_how_to_start_or_install_it() {
    let desk = Desk::with(1);
    let elsewhere = |mut command: Command| {
        command.env(Pcscd::VARIABLE, desk.folder.path().join("nobody"));
        Outcome::of(command).unwrap()
    };
    for words in [&["card", "info"][..], &["card", "readers"]] {
        says("systemctl start pcscd.socket", "systemctl start pcscd.socket", |lang| elsewhere(desk.console(&[words, &["--lang", lang]].concat())));
        // On a machine on which pcscd is not installed.
        says("apt-get install pcscd", "apt-get install pcscd", |lang| {
            let console = desk.console(&[words, &["--lang", lang]].concat());
            let mut bare = Command::new("unshare");
            bare.args(if rustix::process::geteuid().is_root() { &["--mount"][..] } else { &["--user", "--map-root-user", "--mount"] });
            bare.args(["sh", "-ec", "mount --bind /dev/null /usr/sbin/pcscd; exec \"$@\"", "sh"]).arg(console.get_program()).args(console.get_args());
            bare.env("LC_ALL", "C.UTF-8");
            elsewhere(bare)
        });
    }
}

#[test]
fn without_a_reader_it_is_said_what_to_connect() {
    let desk = Desk::with(0);
    says("カードリーダーがつながっていません", "No card reader is connected", |lang| desk.run(&["--lang", lang, "card", "info"]));
    says("libccid", "libccid", |lang| desk.run(&["--lang", lang, "card", "info", "--reader", "Sony"]));
    says("libccid", "libccid", |lang| desk.run(&["--lang", lang, "card", "readers"]));
    let json: serde_json::Value = desk.run(&["--json", "card", "readers"]).ok().unwrap().json().unwrap();
    assert_eq!(json, serde_json::json!({ "readers": [] }));
}

#[test]
fn a_service_that_hangs_is_given_up_after_the_time_that_was_given() {
    let desk = Desk::with(1);
    desk.pcscd.signal(Signal::STOP).unwrap();
    let start = Instant::now();
    for words in [&["card", "info"][..], &["card", "readers"]] {
        says("pcscd）が1秒たっても応答しません", "(pcscd) has not answered for 1 seconds", |lang| {
            desk.run(&[words, &["--lang", lang, "--reader-timeout", "1"]].concat())
        });
    }
    // Whoever waits is told for what.
    says("（pcscd）の応答を待っています（最長1秒）", "Waiting for the card reader service (pcscd) to answer, up to 1 seconds", |lang| {
        desk.run(&["card", "info", "--lang", lang, "--reader-timeout", "1"])
    });
    assert!(start.elapsed() < Duration::from_secs(15));
    desk.pcscd.signal(Signal::CONT).unwrap();
    desk.run(&["card", "readers"]).ok().unwrap_or_else(|trouble| panic!("{trouble}"));
}

#[test]
fn an_empty_reader_is_said_at_once_to_a_script() {
    let desk = Desk::with(2);
    for named in [&[][..], &["--reader", "00 01"]] {
        let start = Instant::now();
        says("カードがありません", "There is no card", |lang| desk.run(&[&["--lang", lang, "card", "info"], named].concat()));
        assert!(start.elapsed() < Duration::from_secs(10));
    }
    // All that were looked at are listed.
    let said = desk.run(&["--lang", "en", "card", "info"]).stderr;
    assert!((0..2).all(|index| said.contains(&desk.reader(index))), "{said}");
}

#[test]
fn a_reader_that_is_not_there_or_not_the_only_one_is_said_with_the_list() {
    let desk = Desk::with(2);
    let both = |said: &str| (0..2).all(|index| said.contains(&desk.reader(index)));
    for (name, ja, en) in [("Sony", "「Sony」はありません", "no card reader “Sony”"), ("Tachiai", "複数あります", "fits several card readers")]
    {
        says(ja, en, |lang| desk.run(&["--lang", lang, "card", "info", "--reader", name]));
        assert!(both(&desk.run(&["--lang", "en", "card", "info", "--reader", name]).stderr));
    }
    let card = card_of_hanako(|_| ());
    let _cards = [desk.insert(0, &card, &[]), desk.insert(1, &card, &[])];
    says("カードのあるリーダーが複数あります", "Several readers hold a card", |lang| desk.run(&["--lang", lang, "card", "info"]));
    assert!(both(&desk.run(&["--lang", "en", "card", "info"]).stderr));
}

#[test]
fn a_card_that_another_program_uses_is_said() {
    let desk = Desk::with(1);
    let _card = desk.insert(0, &card_of_hanako(|_| ()), &[]);
    let holder = desk.start_until_it_asks(0, &["card", "info", "--four-attributes", "--pin-fd", "0"]);
    says("ほかのプログラムがカードを使っています", "Another program is using the card", |lang| desk.run(&["--lang", lang, "card", "info"]));
    // And the one that has it is not disturbed.
    holder.goes_on("5678").ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    desk.run(&["card", "info"]).ok().unwrap_or_else(|trouble| panic!("{trouble}"));
}

#[test]
fn a_card_pulled_under_a_command_or_between_two_is_said() {
    let mut desk = Desk::with(1);
    let card = card_of_hanako(|_| ());
    for commands in [0, 1, 5, 9] {
        says("途中でカードが離れました", "The card was taken away", |lang| {
            let inserted = desk.insert(0, &card, &[&format!("remove-after:{commands}")]);
            let outcome = desk.run(&["--lang", lang, "card", "info"]);
            desk.gone(0, inserted);
            outcome
        });
    }
    says("途中でカードが離れました", "The card was taken away", |lang| {
        let inserted = desk.insert(0, &card, &[]);
        let waiting = desk.start_until_it_asks(0, &["--lang", lang, "card", "info", "--four-attributes", "--pin-fd", "0"]);
        desk.remove(0, inserted);
        waiting.goes_on("5678")
    });
}

#[test]
fn a_hung_card_is_given_up_after_the_time_that_was_given() {
    let desk = Desk::with(2);
    let card = card_of_hanako(|_| ());
    // A reader whose card hangs stays so until the card is taken away.
    let cards = [desk.insert(0, &card, &["hang-after:4"]), desk.insert(1, &card, &["hang-after:0"])];
    let names = [desk.reader(0), desk.reader(1)];
    let mut readers = names.iter();
    let start = Instant::now();
    says("カードが1秒たっても応答しません", "The card has not answered for 1 seconds", |lang| {
        desk.run(&["--lang", lang, "card", "info", "--reader", readers.next().unwrap(), "--reader-timeout", "1"])
    });
    assert!(start.elapsed() < Duration::from_secs(10));
    drop(cards);
}

#[test]
fn what_is_no_my_number_card_is_said() {
    let desk = Desk::with(1);
    let _card = desk.insert(0, &card_of_hanako(|_| ()), &["foreign"]);
    says("マイナンバーカードではありません", "not a My Number Card", |lang| desk.run(&["--lang", lang, "card", "info"]));
}

#[test]
fn a_reader_that_hands_over_half_an_answer_is_said() {
    let desk = Desk::with(1);
    let card = desk.insert(0, &card_of_hanako(|_| ()), &["break-after:3"]);
    says("カードリーダーの異常", "card reader is at fault", |lang| desk.run(&["--lang", lang, "card", "info"]));
    drop(card);
    // What is left of a longer answer ends in bytes that are no status word.
    let _card = desk.insert(0, &card_of_hanako(|_| ()), &["truncate:2"]);
    says("受け付けませんでした（", "The card refused", |lang| desk.run(&["--lang", lang, "card", "info"]));
}

#[test]
fn the_first_command_after_power_up_may_fail_and_nobody_notices() {
    let desk = Desk::with(1);
    let _card = desk.insert(0, &card_of_hanako(|_| ()), &["first-6f00"]);
    desk.run(&["card", "info"]).ok().unwrap_or_else(|trouble| panic!("{trouble}"));
}

#[test]
fn a_service_that_dies_in_the_middle_is_said_and_after_its_return_the_next_command_works() {
    let mut desk = Desk::with(1);
    let _card = desk.insert(0, &card_of_hanako(|_| ()), &[]);
    fn attributes(lang: &str) -> [&str; 7] {
        ["--lang", lang, "card", "info", "--four-attributes", "--pin-fd", "0"]
    }
    says("（pcscd）が止まりました", "(pcscd) stopped in the middle", |lang| {
        let waiting = desk.start_until_it_asks(0, &attributes(lang));
        desk.pcscd.kill().unwrap();
        let outcome = waiting.goes_on("5678");
        desk.pcscd.restart().unwrap();
        desk.pcscd.wait_for_card(0).unwrap();
        outcome
    });
    says("（pcscd）が再起動されました", "(pcscd) was restarted in the middle", |lang| {
        let waiting = desk.start_until_it_asks(0, &attributes(lang));
        desk.pcscd.kill().unwrap();
        desk.pcscd.restart().unwrap();
        desk.pcscd.wait_for_card(0).unwrap();
        waiting.goes_on("5678")
    });
    desk.run_with("5678", &attributes("en")).ok().unwrap_or_else(|trouble| panic!("{trouble}"));
}

#[test]
fn a_service_that_is_restarted_between_two_commands_is_not_noticed() {
    let mut desk = Desk::with(1);
    let _card = desk.insert(0, &card_of_hanako(|_| ()), &[]);
    for _ in 0..2 {
        desk.run(&["card", "info"]).ok().unwrap_or_else(|trouble| panic!("{trouble}"));
        desk.pcscd.kill().unwrap();
        desk.pcscd.restart().unwrap();
        desk.pcscd.wait_for_card(0).unwrap();
    }
    desk.run(&["card", "info"]).ok().unwrap_or_else(|trouble| panic!("{trouble}"));
}

/// Something in a reader that answers as no card does: to the question for its answer to reset with `reset`, to all else with `answer`.
fn strange(port: u16, reset: &'static [u8], answer: &'static [u8]) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let kept = stream.try_clone().unwrap();
    std::thread::spawn(move || {
        let mut length = [0; 2];
        while stream.read_exact(&mut length).is_ok() {
            let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
            stream.read_exact(&mut message).unwrap();
            let said = match message[..] {
                [4] => reset,
                [_] => continue,
                _ => answer,
            };
            let frame = [&(said.len() as u16).to_be_bytes()[..], said].concat();
            if stream.write_all(&frame).is_err() {
                return;
            }
        }
    });
    kept
}

#[test]
fn what_does_not_answer_as_a_card_is_said() {
    let desk = Desk::with(1);
    let _strange = strange(desk.pcscd.reader(0).unwrap().port, &[0x00, 0x00], &[0x6D, 0x00]);
    until("it is seen", || desk.run(&["card", "readers"]).stdout.contains(": a card"));
    says("カードとして応答しません", "does not answer as a card", |lang| desk.run(&["--lang", lang, "card", "info"]));
}

#[test]
fn a_card_that_speaks_t0_is_spoken_to() {
    let desk = Desk::with(1);
    // It answers every command with 6D00; its answer to reset offers T=0 alone.
    let _strange = strange(desk.pcscd.reader(0).unwrap().port, &[0x3B, 0x00], &[0x6D, 0x00]);
    until("it is seen", || desk.run(&["card", "readers"]).stdout.contains(": a card"));
    says("マイナンバーカードではありません", "not a My Number Card", |lang| desk.run(&["--lang", lang, "card", "info"]));
}

#[test]
fn a_reader_that_is_unplugged_while_it_is_chosen_is_said() {
    for (lang, question, expected) in [("ja", "番号: ", "が外れました"), ("en", "Number: ", "was unplugged")] {
        let mut desk = Desk::with(2);
        let card = card_of_hanako(|_| ());
        let cards = [desk.insert(0, &card, &[]), desk.insert(1, &card, &[])];
        let conversation = desk.terminal(&["--lang", lang, "card", "info"]).expect(question);
        drop(cards);
        desk.pcscd.unplug().unwrap_or_else(|trouble| panic!("{trouble}"));
        let Conversation { shown, code } = conversation.say("1").end();
        assert_eq!(code, Some(5), "{shown}");
        assert!(shown.contains(expected), "{shown}");
    }
}

#[test]
fn which_reader_is_meant_is_asked_where_it_is_seen_though_the_output_goes_to_a_file() {
    let desk = Desk::with(2);
    let card = card_of_hanako(|_| ());
    let _cards = [desk.insert(0, &card, &[]), desk.insert(1, &card, &[])];
    for (lang, several, question) in [("ja", "複数あります", "番号: "), ("en", "Several readers hold a card", "Number: ")] {
        let mut shell = Command::new("sh");
        let console = desk.console(&["--lang", lang, "card", "info"]);
        shell.args(["-c", "exec \"$0\" \"$@\" > output"]).arg(console.get_program()).args(console.get_args());
        desk.pcscd.used_by(shell.current_dir(desk.folder.path()));
        let Conversation { shown, code } = Terminal::start(shell).expect(several).expect(&desk.reader(1)).expect(question).say("2").end();
        assert_eq!(code, Some(0), "{shown}");
        assert!(std::fs::read_to_string(desk.folder.path().join("output")).unwrap().contains("JPKIAPICCTOKEN2"));
    }
}

#[test]
fn at_a_terminal_a_card_is_waited_for_up_to_a_limit() {
    let mut desk = Desk::with(2);
    for (lang, put, none) in [("ja", "カードをリーダーに置いてください", "1秒待ちましたが"), ("en", "Put the card on the reader", "within 1 seconds")]
    {
        let Conversation { shown, code } = desk.terminal(&["--lang", lang, "card", "info", "--card-wait", "1"]).expect(put).end();
        assert_eq!(code, Some(5), "{shown}");
        assert!(shown.contains(none), "{shown}");
        // The one that was named, and any of them.
        for named in [&[][..], &["--reader", "00 01"]] {
            let conversation = desk.terminal(&[&["--lang", lang, "card", "info"], named].concat()).expect(put);
            let card = desk.insert(1, &card_of_hanako(|_| ()), &[]);
            let Conversation { shown, code } = conversation.end();
            assert_eq!(code, Some(0), "{shown}");
            assert!(shown.contains(&desk.reader(1)) && shown.contains("JPKIAPICCTOKEN2"), "{shown}");
            desk.remove(1, card);
        }
        // A card in another reader, as that of a clerk, is neither taken nor asked about all the time.
        let clerk = desk.insert(0, &card_of_hanako(|_| ()), &[]);
        let conversation = desk.terminal(&["--lang", lang, "card", "info", "--reader", "00 01"]).expect(put);
        let before = conversation.waits();
        std::thread::sleep(Duration::from_secs(2));
        let waits = conversation.waits() - before;
        assert!(waits < 300, "{waits} times in two seconds");
        let card = desk.insert(1, &card_of_hanako(|_| ()), &[]);
        let Conversation { shown, code } = conversation.end();
        assert_eq!(code, Some(0), "{shown}");
        assert!(shown.contains(&desk.reader(1)), "{shown}");
        desk.remove(1, card);
        desk.remove(0, clerk);
    }
    // Whoever wants no waiting gets none.
    let Conversation { shown, code } = desk.terminal(&["--lang", "en", "card", "info", "--card-wait", "0"]).end();
    assert_eq!(code, Some(5));
    assert!(shown.contains("There is no card"), "{shown}");
}
