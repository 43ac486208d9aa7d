//! Secrets come from a terminal without echo or from a file descriptor, never from an argument list.

use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Read};
use std::path::PathBuf;

use age::secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use tachiai_schemas::Lang;
use tachiai_schemas::system::in_words;
use zeroize::Zeroizing;

use crate::cli::Global;
use crate::failure::{Exit, Failure};
use crate::protect;

/// The longest secret in bytes.
const LONGEST: u64 = 1024;

/// Reads one line from file descriptor `fd`, or asks on the terminal.
///
/// # Errors
/// [`Failure`] when the descriptor cannot be read, or nobody can be asked.
pub fn read(fd: Option<i32>, prompt: &str) -> Result<SecretString, Failure> {
    let Some(fd) = fd else {
        if !io::stdin().is_terminal() {
            return Err(Failure::new(
                Exit::Usage,
                format!("端末ではないため「{prompt}」を尋ねられません。ファイル記述子（…-fd N）で渡してください。"),
                format!("this is no terminal, so the {prompt} cannot be asked for. Give it through a file descriptor (…-fd N)."),
            ));
        }
        protect::keep_from_swap();
        let typed = rpassword::prompt_password(format!("{prompt}: ")).map_err(|e| unasked(&e))?;
        // Copied once and wiped, because a string may leave a copy behind when it is cut to its length.
        return Ok(kept(Zeroizing::new(typed).as_str()));
    };
    let [secret] = read_lines(fd)?;
    Ok(secret)
}

/// The secret in memory that is kept from swap.
fn kept(secret: &str) -> SecretString {
    let secret = SecretString::from(secret);
    protect::keep(secret.expose_secret().as_bytes());
    secret
}

fn unasked(error: &io::Error) -> Failure {
    match error.kind() {
        ErrorKind::Interrupted => Failure::new(Exit::Incomplete, "中止しました。", "Stopped."),
        _ => {
            let [ja, en] = in_words(error);
            Failure::incomplete(format!("入力を読めません: {ja}。"), format!("what was typed cannot be read: {en}."))
        }
    }
}

/// Reads a new secret: from file descriptor `fd`, or on the terminal, where it is asked for twice because nobody sees what was typed.
///
/// # Errors
/// As [`read`], and [`Failure`] (64) when the two differ.
pub fn read_new(fd: Option<i32>, prompt: &str, again: &str) -> Result<SecretString, Failure> {
    let first = read(fd, prompt)?;
    match fd {
        Some(_) => Ok(first),
        None => same(first, &read(None, again)?),
    }
}

/// The fewest characters of a new passphrase for a key, unless it has [`WORDS`] words.
const CHARACTERS: usize = 12;

/// The fewest words of a new passphrase for a key, unless it has [`CHARACTERS`].
const WORDS: usize = 5;

/// Reads the passphrase under which a new key is kept for good: as [`read_new`], but a short one is not taken. What is taken is said before anything is typed.
///
/// # Errors
/// As [`read_new`], and [`Failure`] (64) for a short one.
pub fn read_new_passphrase(fd: Option<i32>, global: &Global, prompt: &str) -> Result<SecretString, Failure> {
    if fd.is_none() && io::stdin().is_terminal() {
        eprintln!(
            "{}",
            match global.lang() {
                Lang::Ja => format!("パスフレーズは、{CHARACTERS}文字以上、または空白で区切った{WORDS}語以上にしてください。忘れると、鍵は二度と開けません。"),
                Lang::En => {
                    format!("The passphrase has at least {CHARACTERS} characters, or {WORDS} words. Without it the key can never be opened again.")
                }
            }
        );
    }
    let passphrase = read_new(fd, prompt, global.pick("もう一度", "again"))?;
    long_enough(&passphrase)?;
    Ok(passphrase)
}

/// Whether a new passphrase for a key is long enough.
///
/// # Errors
/// [`Failure`] (64) for a short one.
pub(crate) fn long_enough(passphrase: &SecretString) -> Result<(), Failure> {
    let text = passphrase.expose_secret();
    if text.chars().count() >= CHARACTERS || text.split_whitespace().count() >= WORDS {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Usage,
        format!("パスフレーズが短すぎます。{CHARACTERS}文字以上、または空白で区切った{WORDS}語以上にしてください。鍵は作っていません。"),
        format!("the passphrase is too short: take at least {CHARACTERS} characters, or {WORDS} words. No key was made."),
    ))
}

fn same(first: SecretString, second: &SecretString) -> Result<SecretString, Failure> {
    if bool::from(first.expose_secret().as_bytes().ct_eq(second.expose_secret().as_bytes())) {
        return Ok(first);
    }
    Err(Failure::new(Exit::Usage, "パスフレーズが一致しません。", "the two passphrases differ."))
}

/// Reads the first lines from file descriptor `fd`, each a secret; lines that are missing are empty.
///
/// # Errors
/// [`Failure`] when the descriptor cannot be read.
pub fn read_lines<const N: usize>(fd: i32) -> Result<[SecretString; N], Failure> {
    // The descriptor was opened by the parent process, so it is reached through the process's own folder of descriptors.
    let path = PathBuf::from(format!("/proc/self/fd/{fd}"));
    protect::keep_from_swap();
    // The capacity is enough, so that no copy is left behind by a reallocation.
    let mut text = Zeroizing::new("\0".repeat(2 * LONGEST as usize));
    protect::keep(text.as_bytes());
    text.clear();
    File::open(&path).and_then(|f| f.take(LONGEST).read_to_string(&mut text)).map_err(|e| Failure::file(&path, &e))?;
    let mut lines = text.lines();
    Ok(std::array::from_fn(|_| kept(lines.next().unwrap_or_default())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_is_kept_under_twelve_characters_or_five_words() {
        for good in ["twelve chars", "開票立会人の長い合言葉です", "a b c d e"] {
            long_enough(&good.into()).unwrap();
        }
        for short in ["", "1234", "eleven char", "a b c d", "    "] {
            assert_eq!(long_enough(&short.into()).unwrap_err().exit, Exit::Usage, "{short}");
        }
    }

    #[test]
    fn a_new_secret_is_taken_only_if_it_was_typed_twice() {
        assert_eq!(same("secret".into(), &"secret".into()).unwrap().expose_secret(), "secret");
        for other in ["", "secreT", "secret ", "secre"] {
            assert_eq!(same("secret".into(), &other.into()).unwrap_err().exit, Exit::Usage, "{other}");
        }
    }
}
