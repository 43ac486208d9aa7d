//! A command that failed: the exit code, and what happened and what to do in both languages.

use std::process::ExitCode;

use tachiai_schemas::system::in_words;
use tachiai_schemas::{Lang, Say};

use crate::app::StartError;
use crate::election::{OpenError, Witness};
use crate::journal::{JournalError, LockError};

/// How a program of the appliance ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// Refused by policy, or refuted by a check.
    Refused,
    /// Incomplete or unreadable.
    Incomplete,
    /// No connection to the daemon.
    NoConnection,
    /// Wrong usage.
    Usage,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Refused => 1,
            Exit::Incomplete => 2,
            Exit::NoConnection => 4,
            Exit::Usage => 64,
        })
    }
}

/// What happened and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    ja: String,
    en: String,
}

impl Failure {
    /// A failure in both languages.
    #[must_use]
    pub fn new(exit: Exit, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { exit, ja: ja.into(), en: en.into() }
    }

    /// A file that cannot be read or written.
    #[must_use]
    pub fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        let path = path.display();
        let [ja, en] = in_words(error);
        Self::new(Exit::Incomplete, format!("{path} を読み書きできません: {ja}"), format!("cannot read or write {path}: {en}"))
    }
}

impl Say for Failure {
    fn say(&self, lang: Lang) -> String {
        lang.pick(&self.ja, &self.en).to_owned()
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        let en = error.to_string();
        let ja = match &error {
            StartError::NoAppliance(dir) => format!("{} に装置のデータがありません。tachiaid init で作成してください。", dir.display()),
            StartError::Lock(LockError::Held { path, pid }) => {
                let pid = pid.map(|pid| format!("（プロセス {pid}）")).unwrap_or_default();
                format!("別の tachiaid{pid} がこのフォルダーを使っています（{}）。先に停止してください。", path.display())
            }
            StartError::Vault(crate::vault::VaultError::WrongMasterKey { path }) => {
                format!("マスターキーが {} を作ったときのものと違います。設定の master_key に正しいファイルを指定してください。", path.display())
            }
            StartError::Vault(crate::vault::VaultError::Mode { path, mode }) => {
                format!("{} のモードが {mode:o} です。chmod 600 にしてください。他の人が読めた場合は、鍵が知られたものとして扱ってください。", path.display())
            }
            StartError::Listen { address, source } => {
                format!("{address} で待ち受けできません: {source}。ほかのプログラムが使っていないか、設定の [listen] を確かめてください。")
            }
            StartError::Journal(error) | StartError::Elections(OpenError::Journal(error)) => journal_ja(error),
            StartError::Elections(OpenError::Lost { folder, entries, seen, witness, .. }) => {
                let witness = match witness {
                    Witness::Views => "画面用のデータ",
                    Witness::Mirror => "ミラー",
                };
                format!(
                    "記録（ジャーナル）の {} には {entries} 件しかありませんが、{witness}には {seen} 件あります。受け付けた記録が失われています。バックアップまたは .torn ファイルから復元するまで開始できません。",
                    folder.display()
                )
            }
            StartError::Elections(OpenError::Forked { journal, mirror, size }) => format!(
                "ミラー {} の署名済みチェックポイント（{size} 件）と記録（ジャーナル）{journal} の内容が違います。記録をバックアップから復元するまで開始できません。",
                mirror.display()
            ),
            StartError::Replay(_) => format!("記録（ジャーナル）を開けません。何も変更していません: {en}"),
            _ => format!("開始できません: {en}"),
        };
        let exit = if matches!(error, StartError::Lock(LockError::Held { .. })) { Exit::Refused } else { Exit::Incomplete };
        Self::new(exit, ja, en)
    }
}

/// What is wrong with a journal and what to do, in Japanese.
fn journal_ja(error: &JournalError) -> String {
    match error {
        JournalError::Corrupt { path, offset, what: _ } => format!(
            "記録（ジャーナル）の {} の {offset} バイト目が壊れています。何も変更していません。このファイルをバックアップから戻すか、フォルダーごと別の場所に移して全体を復元してください。",
            path.display()
        ),
        JournalError::Gap { path, expected } => format!(
            "記録（ジャーナル）の {} は続きではありません（次は {expected} 番のはずです）。何も変更していません。欠けているファイルをバックアップから戻すか、紛れ込んだファイルを別の場所に移してください。",
            path.display()
        ),
        JournalError::Io { path, source, .. } => {
            format!("記録（ジャーナル）の {} を読み書きできません: {source}。何も変更していません。ディスクの空きと権限を確かめてください。", path.display())
        }
        other => format!("記録（ジャーナル）を開けません。何も変更していません: {other}"),
    }
}
