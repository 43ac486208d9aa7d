//! What a command is told of a person: asked on the terminal, or read from a file descriptor.
//!
//! A number, a name or a birth date is never an argument, because every process of a machine can read the arguments of the others. Neither are reasons in
//! words, which may name somebody.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{IsTerminal, Read};
use std::path::PathBuf;

use clap::Args;
use tachiai_schemas::roll::Day;
use zeroize::Zeroizing;

use super::ask::ask;
use crate::cli::Global;
use crate::failure::{Exit, Failure};

/// The most bytes that are read from a file descriptor: a few texts of the longest kind.
const MOST: u64 = 64 << 10;

/// Where the words about a person come from.
#[derive(Args, Debug)]
pub struct WhoFd {
    /// Read whom this is about, and what is said of them, from this file descriptor instead of the terminal: one KEY=VALUE a line
    #[arg(long, value_name = "N")]
    who_fd: Option<i32>,
}

/// One word: its key on a descriptor, and what it is called where it is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Word {
    key: &'static str,
    ja: &'static str,
    en: &'static str,
}

impl Word {
    /// A word with this key.
    #[must_use]
    pub const fn new(key: &'static str, ja: &'static str, en: &'static str) -> Self {
        Self { key, ja, en }
    }

    /// The key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        self.key
    }
}

/// The resident system's number.
pub const NUMBER: Word = Word::new("number", "宛名番号", "Number (宛名番号)");
/// The name.
pub const NAME: Word = Word::new("name", "氏名", "Name");
/// The name in kana.
pub const KANA: Word = Word::new("kana", "氏名カナ", "Name in kana");
/// The birth date.
pub const BIRTH: Word = Word::new("birth", "生年月日", "Birth date");

/// What was told, by the keys of the words; there is no `Debug`, so that nothing of it reaches a log.
#[derive(Default, Clone)]
pub struct Told(BTreeMap<&'static str, String>);

impl Told {
    /// What was told of a word; nothing, if it was left empty.
    #[must_use]
    pub fn get(&self, word: Word) -> Option<&str> {
        self.0.get(word.key).map(String::as_str)
    }

    /// Whether nothing was told of a word.
    #[must_use]
    pub fn lacks(&self, word: Word) -> bool {
        !self.0.contains_key(word.key)
    }

    /// The same, as a text of its own.
    #[must_use]
    pub fn text(&self, word: Word) -> Option<String> {
        self.get(word).map(ToOwned::to_owned)
    }

    /// The birth date that was told, in any of the ways in which offices write one, as `YYYY-MM-DD`.
    ///
    /// # Errors
    /// [`Failure`] (64) for what is no date.
    pub fn birth(&self) -> Result<Option<String>, Failure> {
        self.get(BIRTH).map(birth).transpose()
    }

    /// What was told of a word that cannot be left out.
    ///
    /// # Errors
    /// [`Failure`] (64).
    pub fn need(&self, word: Word) -> Result<String, Failure> {
        let Word { key, ja, en } = word;
        self.text(word).ok_or_else(|| Failure::new(Exit::Usage, format!("{ja}（{key}）がありません。"), format!("{en} ({key}) is missing.")))
    }

    fn put(&mut self, word: Word, value: &str) {
        let value = value.trim();
        if !value.is_empty() {
            self.0.insert(word.key, value.to_owned());
        }
    }
}

/// A birth date in any of the ways in which offices write one, as `YYYY-MM-DD`.
///
/// # Errors
/// [`Failure`] (64) for what is no date; the words are not said again, since they are somebody's.
pub fn birth(text: &str) -> Result<String, Failure> {
    Day::read(text).map(|day| day.to_string()).map_err(|_| {
        Failure::new(
            Exit::Usage,
            "生年月日（birth）が日付として正しくありません。1980-04-01、昭和55年4月1日、S55.4.1 のように入力してください。",
            "the birth date (birth) is not a date: write it like 1980-04-01 or S55.4.1.",
        )
    })
}

impl WhoFd {
    /// Whether a descriptor was named.
    #[must_use]
    pub const fn is_given(&self) -> bool {
        self.who_fd.is_some()
    }

    /// The words of a descriptor; or those that are asked for on the terminal one after the other, as far as `wanted` says of each that it is still to be
    /// asked for.
    ///
    /// # Errors
    /// [`Failure`]: 64 where nobody can be asked, and for lines that are none of these words; 2 when the descriptor cannot be read.
    pub fn tell(&self, global: &Global, words: &[Word], wanted: impl Fn(&Told, Word) -> bool) -> Result<Told, Failure> {
        let Some(fd) = self.who_fd else { return asked(global, words, wanted) };
        // The descriptor was opened by the parent process, so it is reached through the process's own folder of descriptors.
        let path = PathBuf::from(format!("/proc/self/fd/{fd}"));
        let mut text = Zeroizing::new(String::new());
        File::open(&path).and_then(|file| file.take(MOST).read_to_string(&mut text)).map_err(|e| Failure::file(&path, &e))?;
        read(&text, words)
    }
}

fn asked(global: &Global, words: &[Word], wanted: impl Fn(&Told, Word) -> bool) -> Result<Told, Failure> {
    if !std::io::stdin().is_terminal() {
        let keys = keys(words);
        return Err(Failure::new(
            Exit::Usage,
            format!("端末ではないため尋ねられません。--who-fd N で、1行に1つの KEY=VALUE（{keys}）を渡してください。"),
            format!("this is no terminal, so nobody can be asked. Give one KEY=VALUE a line ({keys}) through --who-fd N."),
        ));
    }
    let mut told = Told::default();
    for word in words {
        if wanted(&told, *word) {
            told.put(*word, &ask(&format!("{}: ", global.pick(word.ja, word.en)))?);
        }
    }
    Ok(told)
}

fn keys(words: &[Word]) -> String {
    words.iter().map(|word| word.key).collect::<Vec<_>>().join(", ")
}

/// The words of a text of lines. What is wrong with a line is said without the line, which may name somebody. Pure.
fn read(text: &str, words: &[Word]) -> Result<Told, Failure> {
    let mut told = Told::default();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |ja: &str, en: &str| {
            let keys = keys(words);
            Failure::new(
                Exit::Usage,
                format!("--who-fd の{number}行目: {ja}（使えるキー: {keys}）。"),
                format!("--who-fd, line {number}: {en} (keys: {keys})."),
            )
        };
        let (key, value) = line.split_once('=').ok_or_else(|| wrong("KEY=VALUE の形ではありません", "it is no KEY=VALUE"))?;
        let word = words.iter().find(|word| word.key == key.trim()).ok_or_else(|| wrong("知らないキーです", "the key is unknown"))?;
        if !told.lacks(*word) {
            return Err(wrong("同じキーが2回あります", "the key is there twice"));
        }
        told.put(*word, value);
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_one_word_and_an_empty_one_says_nothing() {
        let told = read("name=養父　花子\r\n\nbirth = 1980-02-17\nkana=\nnumber=a=b\n", &[NUMBER, NAME, KANA, BIRTH]).unwrap();
        let words = [NAME, BIRTH, KANA, NUMBER].map(|word| told.get(word));
        assert_eq!(words, [Some("養父　花子"), Some("1980-02-17"), None, Some("a=b")]);
        assert!(told.lacks(KANA) && told.need(KANA).unwrap_err().en.contains("kana"));
    }

    #[test]
    fn a_birth_date_is_one_in_every_way_of_writing_or_is_refused() {
        for good in ["2002-11-21", "2002/11/21", "20021121", "H14.11.21", "平成14年11月21日"] {
            let told = read(&format!("birth={good}"), &[BIRTH]).unwrap();
            assert_eq!(told.birth().unwrap().as_deref(), Some("2002-11-21"), "{good}");
        }
        for bad in ["1980-99-99", "2002-13-21", "2001-02-29", "yesterday"] {
            let failure = read(&format!("birth={bad}"), &[BIRTH]).unwrap().birth().unwrap_err();
            assert!(failure.exit == Exit::Usage && failure.en.contains("not a date") && !failure.en.contains(bad), "{failure}");
        }
        assert_eq!(Told::default().birth().unwrap(), None);
    }

    #[test]
    fn what_is_wrong_with_a_line_is_said_without_telling_whom_it_names() {
        for text in ["name=花子\nname=太郎", "name=花子\n太郎", "name=花子\n太郎=1"] {
            let failure = read(text, &[NAME]).map(drop).unwrap_err();
            assert!(failure.exit == Exit::Usage && failure.en.contains("line 2"), "{failure}");
            assert!(!failure.en.contains("太郎") && !failure.ja.contains("太郎"), "{failure}");
        }
    }
}
