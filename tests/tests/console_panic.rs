//! A panic under the console: the terminal is as it was, and what happened is said in plain words.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

#[path = "console/screen.rs"]
#[expect(dead_code, reason = "other stories ask more of a terminal")]
mod screen;

use screen::Screen;

#[test]
fn after_a_panic_of_any_thread_the_terminal_is_given_back_and_it_is_said_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_tachiai-panics"));
    for thread in ["drawing", "working"] {
        for (lang, says) in [("ja", "もう一度開き"), ("en", "open tachiai again")] {
            let mut screen = Screen::open(program, &[thread, "--lang", lang], (80, 24), home.path());
            screen.until("taken over");
            assert!(!screen.is_given_back() && screen.has_mouse());
            screen.press("x");
            let (status, is_given_back) = screen.end();
            let text = screen.text().replace('\n', "");
            assert!(is_given_back && !screen.has_mouse(), "{thread} {lang}\n{text}");
            assert_eq!(status.exit_code(), 2, "{thread} {lang}");
            assert!(text.contains(says) && text.contains("tests/src/bin/tachiai-panics.rs:"), "{thread} {lang}\n{text}");
            for hidden in ["taken over", "panicked", "backtrace", "西垣", "it went on"] {
                assert!(!text.contains(hidden), "{thread} {lang}: {hidden}\n{text}");
            }
        }
    }
}
