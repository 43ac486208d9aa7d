//! The options that say which terminal and which person are meant, and how a person's fields come in.

use std::fs::File;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use age::secrecy::SecretString;
use clap::Args;
use tachiai_crypto::roster::ChainId;
use tachiai_schemas::roster::hand_in::Copied;
use tachiai_schemas::shelter::handle;
use zeroize::Zeroizing;

use crate::cli::Global;
use crate::failure::{Exit, Failure};
use crate::secret_input;
use crate::shelter::clock::Clocks;
use crate::shelter::desk::unknown;
use crate::shelter::input::{self, Fields};
use crate::shelter::key::{Protection, protection};
use crate::shelter::state::Reception;

/// The most that is read of standard input, or of a file that has to be short, in bytes.
const LONGEST: u64 = 4 << 20;

/// A file that was carried here and has to be short; what is longer is cut, and so is nothing whole.
///
/// # Errors
/// [`Failure`] (2).
pub fn read_short(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(LONGEST).read_to_end(&mut bytes)).map_err(|e| Failure::file(path, &e))?;
    Ok(bytes)
}

/// How often the passphrase of a shift is asked for at a terminal.
const TRIES: u32 = 3;

/// The fewest letters of a handle that name it.
const FEWEST: usize = 4;

/// Which terminal.
#[derive(Args, Debug)]
pub struct TerminalArgs {
    /// The terminal's folder [default: ~/.local/share/tachiai/reception]
    #[arg(long, global = true, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Read the passphrase of the shift from this file descriptor instead of the terminal
    #[arg(long, global = true, value_name = "N")]
    passphrase_fd: Option<i32>,
}

impl TerminalArgs {
    /// The folder.
    ///
    /// # Errors
    /// [`Failure`] (64) where there is no home.
    pub fn folder(&self) -> Result<PathBuf, Failure> {
        self.dir.clone().or_else(usual_folder).ok_or_else(|| Failure::new(Exit::Usage, "--dir を指定してください。", "name --dir."))
    }

    /// A passphrase for new keys.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn new_passphrase(&self, global: &Global) -> Result<SecretString, Failure> {
        let prompt = global.pick("この端末のパスフレーズ（勤務の始めに入力）", "passphrase of this terminal (typed at the start of a shift)");
        secret_input::read_new_passphrase(self.passphrase_fd, global, prompt)
    }

    /// Opens the terminal, and says what somebody who uses it must know.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn open(&self, global: &Global) -> Result<Reception, Failure> {
        let folder = self.folder()?;
        let prompt = global.pick("この端末のパスフレーズ", "passphrase of this terminal");
        // A descriptor says the same each time.
        let tries = if self.passphrase_fd.is_none() && std::io::stdin().is_terminal() { TRIES } else { 1 };
        let ask = |wrong: Option<&Failure>| {
            if let Some(wrong) = wrong {
                eprintln!("✗ {}", global.pick(&wrong.ja, &wrong.en));
            }
            secret_input::read(self.passphrase_fd, prompt)
        };
        let reception = Reception::open_in_tries(&folder, tries, ask, Clocks::system())?;
        if protection(&folder.join("key"))? == Protection::Unprotected {
            note(global, "この端末の鍵はパスフレーズで守られていません（訓練用）。", "this terminal's keys are under no passphrase: for drills only.");
        }
        if let Some(torn) = &reception.torn {
            let (bytes, kept) = (torn.bytes, torn.kept.display());
            note(
                global,
                &format!("前回、書き込みの途中で終わっていました。途中の{bytes}バイトを {kept} に移しました。完了と表示された登録は失われていません。"),
                &format!("the program ended in the middle of a write: {bytes} bytes were put aside into {kept}. Nothing that was said to be entered is lost."),
            );
        }
        if reception.is_revoked() {
            note(
                global,
                "この端末は失効しています。登録は続けられますが、災害対策本部では保留として別に保管されます。災害対策本部に連絡してください。",
                "this terminal was revoked. You can go on; the appliance keeps what comes from it aside. Call headquarters.",
            );
        }
        if reception.copied() == Copied::Twice {
            note(
                global,
                "この端末の名前で、別の端末（または古い状態から戻した端末）も登録しています。災害対策本部に連絡してください。登録は失われません。",
                "another terminal, or an older state of this one, writes under this name. Call headquarters. No entry is lost for it.",
            );
        }
        Ok(reception)
    }
}

/// The folder of a machine's terminal, unless another is named; none where there is no home.
#[must_use]
pub fn usual_folder() -> Option<PathBuf> {
    let base = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from);
    Some(base.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/share")))?.join("tachiai/reception"))
}

/// Says something on the side.
pub fn note(global: &Global, ja: &str, en: &str) {
    eprintln!("{}: {}", global.pick("注意", "note"), global.pick(ja, en));
}

/// Which person.
#[derive(Args, Debug)]
pub struct Whom {
    /// The person's handle, or its first letters (`tachiai reception list` shows it)
    #[arg(long, value_name = "HANDLE", required_unless_present = "number")]
    handle: Option<String>,
    /// The resident's number (宛名番号)
    #[arg(long, value_name = "NUMBER", conflicts_with = "handle")]
    number: Option<String>,
}

impl Whom {
    /// The handle.
    ///
    /// # Errors
    /// [`Failure`] (1): nobody or several.
    pub fn find(&self, reception: &Reception) -> Result<ChainId, Failure> {
        let Self { handle: text, number } = self;
        match (text, number) {
            (Some(text), _) => by_handle(reception, text),
            (None, Some(number)) => {
                let key = reception.handle_of(handle::RESIDENT, number.as_bytes()).ok_or_else(unknown)?;
                reception.roster().person(key).map(|group| group.chain).ok_or_else(unknown)
            }
            (None, None) => Err(unknown()),
        }
    }
}

/// The only handle that begins so.
///
/// # Errors
/// [`Failure`] (1).
pub fn by_handle(reception: &Reception, text: &str) -> Result<ChainId, Failure> {
    let text = tachiai_schemas::shelter::figures::narrow(text).to_lowercase();
    if text.chars().count() < FEWEST {
        return Err(Failure::new(
            Exit::Usage,
            format!("番号（英数字）の先頭{FEWEST}文字以上を書いてください。tachiai reception list で確かめられます。"),
            format!("give at least the first {FEWEST} letters of the handle; `tachiai reception list` shows them."),
        ));
    }
    let mut fitting = reception.roster().handles().filter(|handle| handle.to_string().starts_with(&text));
    match (fitting.next(), fitting.next()) {
        (Some(one), None) => Ok(*one),
        (None, _) => Err(unknown()),
        (Some(_), Some(_)) => {
            Err(Failure::refused("その文字で始まる方が複数います。もっと長く指定してください。", "several handles begin so. Give more letters."))
        }
    }
}

/// How the fields of persons come in.
#[derive(Args, Debug, Default)]
pub struct Input {
    /// Read the person's fields from this file descriptor [default: standard input, or questions at a terminal]
    #[arg(long, value_name = "N")]
    fd: Option<i32>,
}

impl Input {
    /// Whether a descriptor was named.
    #[must_use]
    pub const fn is_named(&self) -> bool {
        self.fd.is_some()
    }

    /// The text, from the descriptor or standard input; nothing where a person sits at the terminal.
    ///
    /// # Errors
    /// [`Failure`] (2).
    pub fn text(&self) -> Result<Option<Zeroizing<String>>, Failure> {
        let path = match self.fd {
            Some(fd) => PathBuf::from(format!("/proc/self/fd/{fd}")),
            None if std::io::stdin().is_terminal() => return Ok(None),
            None => PathBuf::from("/proc/self/fd/0"),
        };
        let mut text = Zeroizing::new(String::new());
        File::open(&path).and_then(|file| file.take(LONGEST).read_to_string(&mut text)).map_err(|e| Failure::file(&path, &e))?;
        Ok(Some(text))
    }

    /// The persons of it.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn persons(&self) -> Result<Option<Vec<Fields>>, Failure> {
        self.text()?.map(|text| input::read(&text)).transpose()
    }

    /// The only person of it.
    ///
    /// # Errors
    /// [`Failure`] (64) for several.
    pub fn person(&self) -> Result<Option<Fields>, Failure> {
        let Some(mut persons) = self.persons()? else { return Ok(None) };
        if persons.len() > 1 {
            return Err(Failure::new(Exit::Usage, "ここでは1人ずつ入力してください。", "one person at a time here."));
        }
        Ok(Some(persons.pop().unwrap_or_default()))
    }
}
