//! `reception export`, `confirm`, `carry`: handing in by a stick.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use tachiai_schemas::roster::hand_in::{Aside, SignedHandIn};
use tachiai_schemas::{Lang, Say};

use super::setup;
use crate::cli::Global;
use crate::commands::say;
use crate::draft::replace_json;
use crate::failure::{Exit, Failure};
use crate::shelter::state::Reception;
use crate::shelter::stick::{Brought, Confirmed, Delivered, Which, deliver};

/// The longest hand-in that is read, in bytes.
const LONGEST: u64 = 64 << 20;

/// Writes hand-ins.
#[derive(Args, Debug)]
pub struct Export {
    /// Where to write; more than 500 entries go on in FILE.2, FILE.3, …
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// All entries of this terminal, also those that arrived
    #[arg(long)]
    all: bool,
}

/// Reads an answer.
#[derive(Args, Debug)]
pub struct Confirm {
    /// The answer
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Hands in what a stick brings.
#[derive(Args, Debug)]
pub struct Carry {
    /// The files of one terminal, in any order
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Where to write the answer for the stick
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The first leaf that the terminal does not know (`tachiai reception status` shows it); from the first without it
    #[arg(long, value_name = "LEAF", default_value_t = 0)]
    from: u64,
}

impl Export {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global, reception: &mut Reception) -> Result<Exit, Failure> {
        let Brought { files, entries } = reception.export(&self.file, if self.all { Which::All } else { Which::Waiting })?;
        say(global, &json!({ "files": files, "entries": entries, "known": reception.cursor() }), || match (files.as_slice(), global.lang()) {
            ([], Lang::Ja) => "未送信の登録はありません。何も書いていません。".to_owned(),
            ([], Lang::En) => "nothing waits to be handed in; nothing was written.".to_owned(),
            (files, lang) => {
                let list = files.iter().map(|file| format!("\n  {}", file.display())).collect::<String>();
                match lang {
                    Lang::Ja => format!("{entries}件を書き出しました。取り外してから、回線のある場所で tachiai reception carry を実行してください。{list}"),
                    Lang::En => {
                        format!("{entries} entries were written. Take the stick to a machine with a link, and run `tachiai reception carry` there.{list}")
                    }
                }
            }
        });
        Ok(Exit::Done)
    }
}

impl Confirm {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global, reception: &mut Reception) -> Result<Exit, Failure> {
        let confirmed = reception.confirm(&self.file)?;
        let waiting = reception.waiting().count();
        let Confirmed { taken, learned, size, aside, restored } = &confirmed;
        let value =
            json!({ "taken": taken, "learned": learned, "size": size, "aside": aside.len(), "reasons": aside, "waiting": waiting, "restored": restored });
        say(global, &value, || confirmed_text(global.lang(), &confirmed, waiting));
        Ok(Exit::Done)
    }
}

/// What an answer told, and how many entries are not confirmed.
#[must_use]
pub fn confirmed_text(lang: Lang, confirmed: &Confirmed, waiting: usize) -> String {
    let Confirmed { taken, learned, size: _, aside, restored } = confirmed;
    let counts = match lang {
        Lang::Ja => format!("到着を確かめた登録 {taken}件、受信 {learned}件、未確認 {waiting}件、保留の知らせ {}件", aside.len()),
        Lang::En => format!("{taken} entries arrived for sure, {learned} learned, {waiting} not confirmed, {} said to be set aside", aside.len()),
    };
    let again = restored.map(|restored| setup::restored_text(lang, &restored)).into_iter();
    let reasons = aside.iter().map(|reason| format!("  ✗ {}", reason.say(lang))).collect::<BTreeSet<_>>();
    let revoked = aside.contains(&Aside::Revoked).then(|| setup::revoked_text(lang).to_owned()).into_iter();
    again.chain([counts]).chain(reasons).chain(revoked).collect::<Vec<_>>().join("\n")
}

impl Carry {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`]: files of several terminals (64), a damaged file (2), a refusal, no connection (4). What was handed in before that stays.
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let files = self.files.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let Some(first) = files.first() else { return Ok(Exit::Usage) };
        let (event, terminal) = (first.body.event, first.body.terminal.clone());
        if files.iter().any(|file| (file.body.event, &file.body.terminal) != (event, &terminal)) {
            return Err(Failure::new(Exit::Usage, "1台の端末のファイルだけを指定してください。", "name the files of one terminal only."));
        }
        let Some(Delivered { taken, known, reply }) = deliver(&global.staff()?, &files, self.from)? else { return Ok(Exit::Usage) };
        let aside = reply.answer.aside.len();
        replace_json(&self.out, &reply)?;
        say(global, &json!({ "terminal": terminal, "taken": taken, "known": known, "aside": aside, "out": self.out }), || match global.lang() {
            Lang::Ja => format!("端末 {terminal}: 新規 {taken}件、受付済み {known}件、保留 {aside}件。回答: {}", self.out.display()),
            Lang::En => format!("terminal {terminal}: {taken} new, {known} known, {aside} set aside. The answer: {}", self.out.display()),
        });
        Ok(if aside == 0 { Exit::Done } else { Exit::Refused })
    }
}

fn read(path: &PathBuf) -> Result<SignedHandIn, Failure> {
    let failed = |e: &dyn std::fmt::Display| {
        Failure::incomplete(
            format!(
                "{} は引き渡しファイルとして読めません: {e}。途中で切れていないか確かめ、端末で書き出し直してください。端末の登録は失われていません。",
                path.display()
            ),
            format!("{} is no hand-in: {e}. It may be cut off; write it again on the terminal, where nothing is lost.", path.display()),
        )
    };
    if fs::metadata(path).map_err(|e| Failure::file(path, &e))?.len() > LONGEST {
        return Err(failed(&"too long"));
    }
    let bytes = fs::read(path).map_err(|e| Failure::file(path, &e))?;
    serde_json::from_slice(&bytes).map_err(|e| failed(&format!("JSON, {}:{}", e.line(), e.column())))
}
