//! Somebody before a terminal: a pseudo terminal with the console in it, and what is seen on its screen.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// How long something may take until it is seen.
const PATIENCE: Duration = Duration::from_secs(30);

/// Bits of a terminal's local flags: lines are edited by the terminal, and what is typed is shown.
const COOKED: u32 = 0o2 | 0o10;

/// What came from the program: the screen, and every byte.
struct Came {
    screen: vt100::Parser,
    bytes: Vec<u8>,
}

/// The terminal.
pub struct Screen {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    writer: Option<Box<dyn Write + Send>>,
    came: Arc<Mutex<Came>>,
}

fn size((columns, rows): (u16, u16)) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

impl Screen {
    /// Starts a program in a terminal of this size.
    pub fn open(program: &Path, arguments: &[&str], of: (u16, u16), home: &Path) -> Screen {
        let pair = native_pty_system().openpty(size(of)).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env("TERM", "xterm-256color");
        command.env("HOME", home);
        command.env_remove("XDG_CONFIG_HOME");
        command.cwd(home);
        let child = pair.slave.spawn_command(command).unwrap();
        // The terminal ends with the last program in it.
        drop(pair.slave);
        let came = Arc::new(Mutex::new(Came { screen: vt100::Parser::new(of.1, of.0, 0), bytes: Vec::new() }));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let comes = came.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                let mut came = comes.lock().unwrap();
                came.screen.process(&buffer[..count]);
                came.bytes.extend_from_slice(&buffer[..count]);
            }
        });
        let writer = Some(pair.master.take_writer().unwrap());
        Screen { master: pair.master, child, writer, came }
    }

    /// What is seen.
    pub fn text(&self) -> String {
        self.came.lock().unwrap().screen.screen().contents()
    }

    /// Where the cursor is seen, as row and column; nothing where it is hidden.
    pub fn cursor(&self) -> Option<(u16, u16)> {
        let came = self.came.lock().unwrap();
        let screen = came.screen.screen();
        (!screen.hide_cursor()).then(|| screen.cursor_position())
    }

    /// Whether the program has the mouse.
    pub fn has_mouse(&self) -> bool {
        self.came.lock().unwrap().screen.screen().mouse_protocol_mode() != vt100::MouseProtocolMode::None
    }

    /// Types.
    pub fn press(&mut self, keys: &str) {
        let writer = self.writer.as_mut().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    /// Waits until something is seen; gives the screen.
    #[track_caller]
    pub fn until(&self, what: &str) -> String {
        self.until_so(&format!("{what:?} to be seen"), |text| text.contains(what))
    }

    /// Waits until the screen is so; gives it.
    #[track_caller]
    pub fn until_so(&self, what: &str, is: impl Fn(&str) -> bool) -> String {
        let began = Instant::now();
        loop {
            let text = self.text();
            if is(&text) {
                return text;
            }
            assert!(began.elapsed() < PATIENCE, "waited for {what}:\n{text}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Makes the window another size.
    pub fn resize(&self, to: (u16, u16)) {
        self.came.lock().unwrap().screen.screen_mut().set_size(to.1, to.0);
        self.master.resize(size(to)).unwrap();
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Waits for its end; says how it ended, and whether the terminal is as it was before: the other screen left, the cursor shown, lines edited.
    pub fn end(&mut self) -> (ExitStatus, bool) {
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(began.elapsed() < PATIENCE, "it goes on:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(10));
        };
        // The last bytes may still be on their way.
        std::thread::sleep(Duration::from_millis(100));
        (status, self.is_given_back())
    }

    /// Whether the terminal is as it was before: the other screen left, the cursor shown, lines edited.
    pub fn is_given_back(&self) -> bool {
        let is_cooked = self.master.get_termios().is_some_and(|termios| termios.local_flags.bits() & COOKED == COOKED);
        let came = self.came.lock().unwrap();
        let screen = came.screen.screen();
        is_cooked && !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
    }

    /// Whether the program stands still.
    pub fn is_stopped(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id())).unwrap();
        stat.rsplit(')').next().unwrap().trim_start().starts_with('T')
    }

    /// The time of the processor that the program took so far.
    pub fn processor_time(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id())).unwrap();
        // After the name in brackets: the 12th and 13th fields are user and system time in hundredths of a second.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        Duration::from_millis(10 * (fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
